#include <config.h>
#include "valuemap/structure.h"

#include <math.h>

#include <gsl/gsl_linalg.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "structure/pairs.h"
#include "structure/permute.h"

/* ---- shared ---- */

static vmap_status check_finite(const gsl_matrix *a, bool diagonal, vmap_error *err)
{
    for (size_t i = 0; i < a->size1; i++) {
        for (size_t j = 0; j < a->size2; j++) {
            if ((diagonal || i != j) && !isfinite(gsl_matrix_get(a, i, j)))
                return vmap_error_set(err, VMAP_EDATA, "row %zu, column %zu is not a finite number",
                                      i + 1, j + 1);
        }
    }
    return VMAP_SUCCESS;
}

static vmap_status check_units(size_t a, size_t b, vmap_error *err)
{
    if (a != b)
        return vmap_error_set(err, VMAP_EINVAL,
                              "%zu units in the one arrangement, %zu in the other", a, b);
    if (a < 4)
        return vmap_error_set(err, VMAP_EDATA,
                              "%zu units; arrangements are compared over at least four", a);
    return VMAP_SUCCESS;
}

vmap_status vmap_structure_distances(const gsl_matrix *x, gsl_matrix *d, vmap_error *err)
{
    vmap_status status = check_finite(x, true, err);

    if (status)
        return status;
    if (d->size1 != x->size1 || d->size2 != x->size1)
        return vmap_error_set(err, VMAP_EINVAL, "%zu x %zu distances of %zu units", d->size1,
                              d->size2, x->size1);
    for (size_t i = 0; i < x->size1; i++) {
        gsl_matrix_set(d, i, i, 0);
        for (size_t j = 0; j < i; j++) {
            double squares = 0;

            for (size_t k = 0; k < x->size2; k++)
                squares += pow(gsl_matrix_get(x, i, k) - gsl_matrix_get(x, j, k), 2);
            gsl_matrix_set(d, i, j, sqrt(squares));
            gsl_matrix_set(d, j, i, sqrt(squares));
        }
    }
    return VMAP_SUCCESS;
}

/* Two symmetric matrices; the statistic is the sum of products of their elements, with or without
 * the diagonal. */
typedef struct {
    gsl_matrix *a, *b;
    bool diagonal;
} crossing;

static void cross(const void *context, const size_t *order, double *scratch, double *value)
{
    const crossing *c = context;
    double sum = 0;

    (void)scratch;
    for (size_t i = 0; i < c->a->size1; i++) {
        for (size_t j = 0; j < i; j++)
            sum += 2 * gsl_matrix_get(c->a, i, j) * gsl_matrix_get(c->b, order[i], order[j]);
        if (c->diagonal)
            sum += gsl_matrix_get(c->a, i, i) * gsl_matrix_get(c->b, order[i], order[i]);
    }
    *value = sum;
}

/* The statistic of the arrangement as it is, and its p. */
static vmap_status test_crossing(const crossing *c, const vmap_permutation_options *options,
                                 vmap_structure_test *test, vmap_error *err)
{
    const vmap_permutation_options o = permute_options(options);
    const permute_test t = {c->a->size1, 1, 0, c, cross};
    size_t *order = memory_new(t.n, sizeof *order, err);
    vmap_status status;

    if (!order)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < t.n; i++)
        order[i] = i;
    cross(c, order, NULL, &test->value);
    status = permute_p(&t, &o, &test->value, &test->p, err);
    free(order);
    return status;
}

/* ---- Mantel ---- */

/* Distances below the diagonal, one after another. */
static void unfold(const gsl_matrix *d, double *to)
{
    for (size_t i = 0; i < d->size1; i++) {
        for (size_t j = 0; j < i; j++)
            *to++ = gsl_matrix_get(d, i, j);
    }
}

/* Centre and bring to length 1/sqrt(2), so that crossing both triangles gives the correlation. */
static bool standardise(double *v, size_t n)
{
    double mean = 0, squares = 0, largest = 0;

    for (size_t i = 0; i < n; i++) {
        mean += v[i] / (double)n;
        largest = fmax(largest, fabs(v[i]));
    }
    for (size_t i = 0; i < n; i++) {
        v[i] -= mean;
        squares += v[i] * v[i];
    }
    for (size_t i = 0; i < n; i++)
        v[i] /= sqrt(2 * squares);
    return squares > (double)n * pow(1e-12 * largest, 2);
}

/* A standardised copy of the distances as a full matrix with diagonal 0. */
static vmap_status prepare(const gsl_matrix *d, bool rank, gsl_matrix **out, vmap_error *err)
{
    size_t n = d->size1, half = n * (n - 1) / 2;
    double *v = memory_new(2 * half, sizeof *v, err), *at = v;
    vmap_status status = v && (*out = memory_matrix(n, n, err)) ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        unfold(d, v);
        if (rank) {
            pairs_rank(v, half, v + half);
            at = v + half;
        }
        if (!standardise(at, half))
            status = vmap_error_set(err, VMAP_EDATA, "all distances of one arrangement are equal");
    }
    for (size_t i = 0; !status && i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            gsl_matrix_set(*out, i, j, *at);
            gsl_matrix_set(*out, j, i, *at++);
        }
    }
    free(v);
    return status;
}

vmap_status vmap_structure_mantel(const gsl_matrix *a, const gsl_matrix *b, bool rank,
                                  const vmap_permutation_options *options,
                                  vmap_structure_test *test, vmap_error *err)
{
    crossing c = {NULL, NULL, false};
    vmap_structure_test found;
    vmap_status status = check_units(a->size1, b->size1, err);

    if (!status && (a->size1 != a->size2 || b->size1 != b->size2))
        status = vmap_error_set(err, VMAP_EINVAL, "distances form a square matrix");
    if (!status)
        status = check_finite(a, false, err);
    if (!status)
        status = check_finite(b, false, err);
    if (!status)
        status = prepare(a, rank, &c.a, err);
    if (!status)
        status = prepare(b, rank, &c.b, err);
    if (!status)
        status = test_crossing(&c, options, &found, err);
    if (!status)
        *test = found;
    gsl_matrix_free(c.a);
    gsl_matrix_free(c.b);
    return status;
}

/* ---- RV ---- */

/* Centred columns, divided by the root of their sum of squares; NULL on failure. */
static gsl_matrix *centre(const gsl_matrix *x, double *size, vmap_error *err)
{
    gsl_matrix *c = memory_matrix(x->size1, x->size2, err);
    double squares = 0, largest = 0;

    for (size_t j = 0; c && j < x->size2; j++) {
        double mean = 0;

        for (size_t i = 0; i < x->size1; i++)
            mean += (gsl_matrix_get(x, i, j) - mean) / (double)(i + 1);
        for (size_t i = 0; i < x->size1; i++) {
            gsl_matrix_set(c, i, j, gsl_matrix_get(x, i, j) - mean);
            squares += pow(gsl_matrix_get(c, i, j), 2);
            largest = fmax(largest, fabs(gsl_matrix_get(x, i, j)));
        }
    }
    *size = sqrt(squares);
    if (c && !(*size > 1e-12 * largest)) {
        vmap_error_set(err, VMAP_EDATA, "all units of one arrangement are alike");
        gsl_matrix_free(c);
        return NULL;
    }
    if (c)
        gsl_matrix_scale(c, 1 / *size);
    return c;
}

/* The two configurations, centred and of size one. */
typedef struct {
    gsl_matrix *x, *y;
    double x_size, y_size;
} configurations;

static void free_configurations(configurations *c)
{
    gsl_matrix_free(c->x);
    gsl_matrix_free(c->y);
}

static vmap_status new_configurations(const gsl_matrix *x, const gsl_matrix *y, configurations *c,
                                      vmap_error *err)
{
    vmap_status status = check_units(x->size1, y->size1, err);
    vmap_error own = {.status = VMAP_SUCCESS};

    *c = (configurations){0};
    if (!status)
        status = check_finite(x, true, err);
    if (!status)
        status = check_finite(y, true, err);
    if (status)
        return status;
    c->x = centre(x, &c->x_size, &own);
    c->y = c->x ? centre(y, &c->y_size, &own) : NULL;
    if (c->y)
        return VMAP_SUCCESS;
    if (err)
        *err = own;
    return own.status;
}

/* XX', divided by the root of its sum of squares. */
static gsl_matrix *products(const gsl_matrix *x, vmap_error *err)
{
    gsl_matrix *w = memory_matrix(x->size1, x->size1, err);
    double squares = 0;

    if (!w)
        return NULL;
    numeric_multiply(1, 0, x, 1, x, w);
    for (size_t i = 0; i < w->size1; i++) {
        for (size_t j = 0; j < w->size1; j++)
            squares += pow(gsl_matrix_get(w, i, j), 2);
    }
    gsl_matrix_scale(w, 1 / sqrt(squares));
    return w;
}

vmap_status vmap_structure_rv(const gsl_matrix *x, const gsl_matrix *y,
                              const vmap_permutation_options *options, vmap_structure_test *test,
                              vmap_error *err)
{
    configurations both;
    crossing c = {NULL, NULL, true};
    vmap_structure_test found;
    vmap_status status = new_configurations(x, y, &both, err);

    if (!status) {
        c.a = products(both.x, err);
        c.b = products(both.y, err);
        status = c.a && c.b ? test_crossing(&c, options, &found, err) : VMAP_ENOMEM;
    }
    if (!status)
        *test = found;
    gsl_matrix_free(c.a);
    gsl_matrix_free(c.b);
    free_configurations(&both);
    return status;
}

/* ---- Procrustes ---- */

void vmap_procrustes_free(vmap_procrustes *p)
{
    if (!p)
        return;
    gsl_matrix_free(p->rotation);
    gsl_vector_free(p->residual);
    free(p);
}

/* The singular value decomposition of the cross products of the taller side with the flatter one
 * (by columns) lies in these pieces of the scratch memory. */
typedef struct {
    bool turned;          /* x has fewer columns than y */
    gsl_matrix_view u, v; /* rows x columns, columns x columns */
    gsl_vector_view d;
} decomposition;

static size_t room_of(const configurations *c)
{
    size_t flat = c->x->size2 < c->y->size2 ? c->x->size2 : c->y->size2;

    return c->x->size2 * c->y->size2 + flat * flat + flat;
}

/* Sum of the singular values of X'Y with the units of Y in this order. */
static double decompose(const configurations *c, const size_t *order, double *scratch,
                        decomposition *s)
{
    bool turned = c->x->size2 < c->y->size2;
    size_t rows = turned ? c->y->size2 : c->x->size2, columns = turned ? c->x->size2 : c->y->size2;
    double sum = 0;

    s->turned = turned;
    s->u = gsl_matrix_view_array(scratch, rows, columns);
    s->v = gsl_matrix_view_array(scratch + rows * columns, columns, columns);
    s->d = gsl_vector_view_array(scratch + (rows + columns) * columns, columns);
    gsl_matrix_set_zero(&s->u.matrix);
    for (size_t i = 0; i < c->x->size1; i++) {
        for (size_t a = 0; a < c->x->size2; a++) {
            for (size_t b = 0; b < c->y->size2; b++)
                *gsl_matrix_ptr(&s->u.matrix, turned ? b : a, turned ? a : b) +=
                    gsl_matrix_get(c->x, i, a) * gsl_matrix_get(c->y, order[i], b);
        }
    }
    gsl_linalg_SV_decomp_jacobi(&s->u.matrix, &s->v.matrix, &s->d.vector);
    for (size_t i = 0; i < columns; i++)
        sum += gsl_vector_get(&s->d.vector, i);
    return sum;
}

static void lay_over(const void *context, const size_t *order, double *scratch, double *value)
{
    decomposition s;

    *value = decompose(context, order, scratch, &s);
}

/* Rotation V U' of y, and what each unit is away after it. */
static void put_fit(const configurations *c, const decomposition *s, vmap_procrustes *p)
{
    double scale = p->correlation.value;

    numeric_multiply(1, 0, s->turned ? &s->u.matrix : &s->v.matrix, 1,
                     s->turned ? &s->v.matrix : &s->u.matrix, p->rotation);
    for (size_t i = 0; i < c->x->size1; i++) {
        double xx = 0, yy = 0, xy = 0;

        for (size_t a = 0; a < c->x->size2; a++) {
            double turned = 0;

            for (size_t b = 0; b < c->y->size2; b++)
                turned += gsl_matrix_get(c->y, i, b) * gsl_matrix_get(p->rotation, b, a);
            xx += pow(gsl_matrix_get(c->x, i, a), 2);
            xy += gsl_matrix_get(c->x, i, a) * turned;
        }
        for (size_t b = 0; b < c->y->size2; b++)
            yy += pow(gsl_matrix_get(c->y, i, b), 2);
        gsl_vector_set(p->residual, i, sqrt(fmax(0, xx - 2 * scale * xy + scale * scale * yy)));
    }
}

static vmap_status fit(const configurations *c, const vmap_permutation_options *options,
                       vmap_procrustes *p, vmap_error *err)
{
    const vmap_permutation_options o = permute_options(options);
    const permute_test t = {c->x->size1, 1, room_of(c), c, lay_over};
    size_t *order = memory_new(t.n, sizeof *order, err);
    double *scratch = memory_new(t.room, sizeof *scratch, err);
    decomposition s;
    vmap_status status = order && scratch ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < t.n; i++)
        order[i] = i;
    if (!status) {
        p->correlation.value = fmin(1, decompose(c, order, scratch, &s));
        p->m2 = 1 - p->correlation.value * p->correlation.value;
        p->scale = p->correlation.value * c->x_size / c->y_size;
        put_fit(c, &s, p);
        status = permute_p(&t, &o, &p->correlation.value, &p->correlation.p, err);
    }
    free(order);
    free(scratch);
    return status;
}

vmap_status vmap_structure_procrustes(const gsl_matrix *x, const gsl_matrix *y,
                                      const vmap_permutation_options *options,
                                      vmap_procrustes **procrustes, vmap_error *err)
{
    configurations c;
    vmap_procrustes *p = NULL;
    vmap_status status = new_configurations(x, y, &c, err);

    if (!status) {
        p = memory_new(1, sizeof *p, err);
        status = p && (p->rotation = memory_matrix(y->size2, x->size2, err)) &&
                         (p->residual = gsl_vector_calloc(x->size1))
                     ? fit(&c, options, p, err)
                     : VMAP_ENOMEM;
    }
    free_configurations(&c);
    if (status)
        vmap_procrustes_free(p);
    else
        *procrustes = p;
    return status;
}
