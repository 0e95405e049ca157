#include <config.h>
#include "valuemap/mapping.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_cdf.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "mapping/mapping_internal.h"

/* An axis below this share of the first has no length. */
static const double EMPTY = 1e-7;

/* Correlations of centred columns of the one with centred columns of the other. */
static void correlate(const gsl_matrix *x, const gsl_matrix *scores, gsl_matrix *r)
{
    for (size_t j = 0; j < x->size2; j++) {
        gsl_vector_const_view a = gsl_matrix_const_column(x, j);

        for (size_t q = 0; q < scores->size2; q++) {
            gsl_vector_const_view b = gsl_matrix_const_column(scores, q);
            double product, size = gsl_blas_dnrm2(&a.vector) * gsl_blas_dnrm2(&b.vector);

            gsl_blas_ddot(&a.vector, &b.vector, &product);
            gsl_matrix_set(r, j, q, size > 0 ? product / size : 0);
        }
    }
}

/* ---- redundancy analysis ---- */

void vmap_redundancy_free(vmap_redundancy *r)
{
    if (!r)
        return;
    gsl_vector_free(r->eigenvalue);
    gsl_matrix_free(r->outcomes);
    gsl_matrix_free(r->sites);
    gsl_matrix_free(r->weighted);
    gsl_matrix_free(r->predictors);
    free(r);
}

static vmap_redundancy *allocate_redundancy(size_t n, size_t p, size_t k, vmap_error *err)
{
    vmap_redundancy *r = memory_new(1, sizeof *r, err);
    size_t q = p < k ? p : k;

    if (!r)
        return NULL;
    r->axes = q;
    r->eigenvalue = gsl_vector_calloc(q);
    r->outcomes = memory_matrix(k, q, err);
    r->sites = memory_matrix(n, q, err);
    r->weighted = memory_matrix(n, q, err);
    r->predictors = memory_matrix(p, q, err);
    if (r->eigenvalue && r->outcomes && r->sites && r->weighted && r->predictors)
        return r;
    vmap_redundancy_free(r);
    vmap_error_set(err, VMAP_ENOMEM, "no memory for a redundancy analysis of %zu rows", n);
    return NULL;
}

static double variance(const gsl_matrix *centred)
{
    double squares = 0;

    for (size_t i = 0; i < centred->size1; i++) {
        gsl_vector_const_view row = gsl_matrix_const_row(centred, i);

        squares += pow(gsl_blas_dnrm2(&row.vector), 2);
    }
    return squares / (double)(centred->size1 - 1);
}

/* Principal components of the fitted values Q along, along = Q'y (p x k). */
static vmap_status put_axes(const mapping_basis *basis, const gsl_matrix *y, vmap_redundancy *r, vmap_error *err)
{
    size_t p = basis->q->size2, k = y->size2, n = y->size1;
    gsl_matrix *along = memory_matrix(p, k, err), *u = memory_matrix(p, r->axes, err);
    vmap_status status = along && u ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        numeric_multiply(1, 1, basis->q, 0, y, along);
        status = numeric_svd(along, u, r->eigenvalue, r->outcomes, err);
    }
    if (!status) {
        gsl_matrix *const signs[] = {r->outcomes, r->sites, r->weighted};
        double first = gsl_vector_get(r->eigenvalue, 0);

        numeric_multiply(1, 0, basis->q, 0, u, r->sites);
        numeric_multiply(1, 0, y, 0, r->outcomes, r->weighted);
        for (size_t a = 0; a < r->axes; a++) {
            gsl_vector_view w = gsl_matrix_column(r->weighted, a);
            double d = gsl_vector_get(r->eigenvalue, a);

            gsl_vector_scale(&w.vector, d > EMPTY * first ? 1 / d : 0);
            gsl_vector_set(r->eigenvalue, a, d > EMPTY * first ? d * d / (double)(n - 1) : 0);
            r->constrained += gsl_vector_get(r->eigenvalue, a);
            mapping_orient(signs, 3, a);
        }
    }
    gsl_matrix_free(along);
    gsl_matrix_free(u);
    return status;
}

vmap_status vmap_redundancy_new(const gsl_matrix *x, const gsl_matrix *y, vmap_redundancy **redundancy, vmap_error *err)
{
    double n = (double)x->size1, p = (double)x->size2;
    mapping_basis basis = {NULL, NULL};
    gsl_matrix *cx = NULL, *cy = NULL;
    vmap_redundancy *r = NULL;
    vmap_status status = mapping_check(x, y, x->size2 + 2, err);

    if (!status && (!(cx = mapping_centred(x, true, NULL, NULL, err)) || !(cy = mapping_centred(y, false, NULL, NULL, err)) ||
                    !(r = allocate_redundancy(x->size1, x->size2, y->size2, err))))
        status = VMAP_ENOMEM;
    if (!status)
        status = mapping_basis_new(cx, false, &basis, err);
    if (!status)
        status = put_axes(&basis, cy, r, err);
    if (!status) {
        correlate(cx, r->sites, r->predictors);
        r->total = variance(cy);
        r->r2 = r->constrained / r->total;
        r->adjusted = 1 - (1 - r->r2) * (n - 1) / (n - p - 1);
        r->f = r->constrained / p / ((r->total - r->constrained) / (n - p - 1));
        *redundancy = r;
    } else {
        vmap_redundancy_free(r);
    }
    mapping_basis_free(&basis);
    gsl_matrix_free(cx);
    gsl_matrix_free(cy);
    return status;
}

/* ---- canonical correlation ---- */

void vmap_canonical_free(vmap_canonical *c)
{
    if (!c)
        return;
    gsl_vector *const vectors[] = {c->correlation, c->wilks, c->chi2, c->df, c->pvalue, c->x_redundancy, c->y_redundancy};
    gsl_matrix *const matrices[] = {c->x_weights, c->y_weights, c->x_structure, c->y_structure};

    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        gsl_vector_free(vectors[i]);
    for (size_t i = 0; i < sizeof matrices / sizeof *matrices; i++)
        gsl_matrix_free(matrices[i]);
    free(c);
}

static vmap_canonical *allocate_canonical(size_t p, size_t k, vmap_error *err)
{
    vmap_canonical *c = memory_new(1, sizeof *c, err);
    size_t q = p < k ? p : k;
    bool all = true;

    if (!c)
        return NULL;
    c->axes = q;
    gsl_vector **const vectors[] = {&c->correlation, &c->wilks, &c->chi2, &c->df, &c->pvalue, &c->x_redundancy,
                                    &c->y_redundancy};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        all &= (*vectors[i] = gsl_vector_calloc(q)) != NULL;
    c->x_weights = memory_matrix(p, q, err);
    c->x_structure = memory_matrix(p, q, err);
    c->y_weights = memory_matrix(k, q, err);
    c->y_structure = memory_matrix(k, q, err);
    if (all && c->x_weights && c->x_structure && c->y_weights && c->y_structure)
        return c;
    vmap_canonical_free(c);
    vmap_error_set(err, VMAP_ENOMEM, "no memory for canonical correlations");
    return NULL;
}

/* Weights of one side, and how its (standardised) variables go with their scores. */
static vmap_status put_side(const gsl_matrix *centred, const gsl_vector *sd, const mapping_basis *basis, const gsl_matrix *u,
                            const gsl_vector *correlation, gsl_matrix *weights, gsl_matrix *structure,
                            gsl_vector *redundancy, vmap_error *err)
{
    gsl_matrix *scores = memory_matrix(centred->size1, u->size2, err);

    if (!scores)
        return VMAP_ENOMEM;
    numeric_multiply(1, 0, basis->inverse, 0, u, weights);
    numeric_multiply(1, 0, centred, 0, weights, scores);
    correlate(centred, scores, structure);
    for (size_t a = 0; a < u->size2; a++) {
        double squares = 0;

        for (size_t j = 0; j < weights->size1; j++) {
            gsl_matrix_set(weights, j, a, gsl_matrix_get(weights, j, a) / gsl_vector_get(sd, j));
            squares += pow(gsl_matrix_get(structure, j, a), 2);
        }
        gsl_vector_set(redundancy, a, squares / (double)weights->size1 * pow(gsl_vector_get(correlation, a), 2));
    }
    gsl_matrix_free(scores);
    return VMAP_SUCCESS;
}

static void put_tests(vmap_canonical *c, double n, double p, double k)
{
    double wilks = 1;

    for (size_t a = c->axes; a-- > 0;) {
        double r = fmin(1, gsl_vector_get(c->correlation, a)), df = (p - (double)a) * (k - (double)a), chi2;

        wilks *= 1 - r * r;
        chi2 = -(n - 1 - (p + k + 1) / 2) * log(wilks);
        gsl_vector_set(c->correlation, a, r);
        gsl_vector_set(c->wilks, a, wilks);
        gsl_vector_set(c->chi2, a, chi2);
        gsl_vector_set(c->df, a, df);
        gsl_vector_set(c->pvalue, a, isfinite(chi2) ? gsl_cdf_chisq_Q(chi2, df) : 0);
    }
}

/* The two sides: standardised data and their bases. */
typedef struct {
    gsl_matrix *x, *y, *cross, *u, *v;
    gsl_vector *sd_x, *sd_y;
    mapping_basis bx, by;
} sides;

static void free_sides(sides *s)
{
    gsl_matrix_free(s->x);
    gsl_matrix_free(s->y);
    gsl_matrix_free(s->cross);
    gsl_matrix_free(s->u);
    gsl_matrix_free(s->v);
    gsl_vector_free(s->sd_x);
    gsl_vector_free(s->sd_y);
    mapping_basis_free(&s->bx);
    mapping_basis_free(&s->by);
}

static vmap_status new_sides(const gsl_matrix *x, const gsl_matrix *y, sides *s, vmap_error *err)
{
    size_t p = x->size2, k = y->size2, q = p < k ? p : k;
    vmap_status status;

    s->sd_x = gsl_vector_calloc(p);
    s->sd_y = gsl_vector_calloc(k);
    if (!s->sd_x || !s->sd_y || !(s->x = mapping_centred(x, true, NULL, s->sd_x, err)) ||
        !(s->y = mapping_centred(y, true, NULL, s->sd_y, err)) || !(s->cross = memory_matrix(p, k, err)) ||
        !(s->u = memory_matrix(p, q, err)) || !(s->v = memory_matrix(k, q, err)))
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for canonical correlations");
    status = mapping_basis_new(s->x, false, &s->bx, err);
    if (status)
        return status;
    status = mapping_basis_new(s->y, false, &s->by, NULL);
    if (status == VMAP_ESINGULAR)
        return vmap_error_set(err, status, "one outcome is determined by the others");
    return status;
}

vmap_status vmap_canonical_new(const gsl_matrix *x, const gsl_matrix *y, vmap_canonical **canonical, vmap_error *err)
{
    sides s = {0};
    vmap_canonical *c = NULL;
    vmap_status status = mapping_check(x, y, x->size2 + y->size2 + 1, err);

    if (!status)
        status = new_sides(x, y, &s, err);
    if (!status && !(c = allocate_canonical(x->size2, y->size2, err)))
        status = VMAP_ENOMEM;
    if (!status) {
        numeric_multiply(1, 1, s.bx.q, 0, s.by.q, s.cross);
        status = numeric_svd(s.cross, s.u, c->correlation, s.v, err);
    }
    if (!status)
        status = put_side(s.x, s.sd_x, &s.bx, s.u, c->correlation, c->x_weights, c->x_structure, c->x_redundancy, err);
    if (!status)
        status = put_side(s.y, s.sd_y, &s.by, s.v, c->correlation, c->y_weights, c->y_structure, c->y_redundancy, err);
    if (!status) {
        gsl_matrix *const signs[] = {c->y_structure, c->y_weights, c->x_structure, c->x_weights};

        for (size_t a = 0; a < c->axes; a++)
            mapping_orient(signs, 4, a);
        put_tests(c, (double)x->size1, (double)x->size2, (double)y->size2);
        *canonical = c;
    } else {
        vmap_canonical_free(c);
    }
    free_sides(&s);
    return status;
}
