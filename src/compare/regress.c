#include <config.h>
#include "valuemap/pattern.h"

#include <math.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_cdf.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "structure/pairs.h"

/* ---- dummies ---- */

static vmap_status check_levels(const size_t *level, const size_t *levels, const size_t *reference,
                                size_t attributes, size_t n, vmap_error *err)
{
    for (size_t a = 0; a < attributes; a++) {
        if (levels[a] < 2 || reference[a] >= levels[a])
            return vmap_error_set(err, VMAP_EINVAL,
                                  "attribute %zu has %zu levels and reference %zu; two levels are "
                                  "needed, the reference one of them",
                                  a + 1, levels[a], reference[a]);
        for (size_t i = 0; i < n; i++) {
            if (level[a * n + i] >= levels[a])
                return vmap_error_set(err, VMAP_EINVAL, "level %zu of respondent %zu, of %zu levels",
                                      level[a * n + i], i + 1, levels[a]);
        }
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_pattern_dummies(const size_t *level, const size_t *levels, const size_t *reference,
                                 size_t attributes, size_t n, gsl_matrix **x, vmap_error *err)
{
    size_t columns = 1, first = 1;
    gsl_matrix *d;
    vmap_status status = check_levels(level, levels, reference, attributes, n, err);

    if (status)
        return status;
    for (size_t a = 0; a < attributes; a++)
        columns += levels[a] - 1;
    d = memory_matrix(n, columns, err);
    if (!d)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < n; i++)
        gsl_matrix_set(d, i, 0, 1);
    for (size_t a = 0; a < attributes; a++) {
        for (size_t i = 0; i < n; i++) {
            size_t l = level[a * n + i];

            if (l != reference[a])
                gsl_matrix_set(d, i, first + l - (l > reference[a]), 1);
        }
        first += levels[a] - 1;
    }
    *x = d;
    return VMAP_SUCCESS;
}

/* ---- weighted least squares ---- */

/* The rows that count, those of a cluster together. */
typedef struct {
    size_t row, cluster;
} member;

typedef struct {
    const double *y, *weights;
    size_t stride, n;
    const gsl_matrix *x;
    member *rows; /* n */
    double total; /* sum of weights */
} sample;

static int by_cluster(const void *a, const void *b)
{
    const member *x = a, *y = b;

    if (x->cluster != y->cluster)
        return x->cluster < y->cluster ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static double weight_of(const sample *s, size_t i)
{
    return s->weights ? s->weights[s->rows[i].row] : 1;
}

static double answer_of(const sample *s, size_t i)
{
    return s->y[s->rows[i].row * s->stride];
}

static vmap_status choose_rows(sample *s, const size_t *cluster, vmap_error *err)
{
    for (size_t i = 0; i < s->x->size1; i++) {
        double w = s->weights ? s->weights[i] : 1;

        if (!(w >= 0) || isinf(w))
            return vmap_error_set(err, VMAP_EINVAL, "weight %zu is %g; weights are numbers from 0 up",
                                  i + 1, w);
        if (w == 0 || isnan(s->y[i * s->stride]))
            continue;
        s->rows[s->n++] = (member){i, cluster ? cluster[i] : i};
        s->total += w;
    }
    qsort(s->rows, s->n, sizeof *s->rows, by_cluster);
    return VMAP_SUCCESS;
}

/* X'WX and X'Wy of weights of mean 1. */
static void cross_products(const sample *s, gsl_matrix *xx, gsl_vector *xy)
{
    gsl_matrix_set_zero(xx);
    gsl_vector_set_zero(xy);
    for (size_t i = 0; i < s->n; i++) {
        gsl_vector_const_view x = gsl_matrix_const_row(s->x, s->rows[i].row);
        double w = weight_of(s, i) * (double)s->n / s->total;

        gsl_blas_dsyr(CblasLower, w, &x.vector, xx);
        gsl_blas_daxpy(w * answer_of(s, i), &x.vector, xy);
    }
    for (size_t a = 0; a < xx->size1; a++) {
        for (size_t b = 0; b < a; b++)
            gsl_matrix_set(xx, b, a, gsl_matrix_get(xx, a, b));
    }
}

/* Sum over clusters of the squares of their summed scores w e x; and the R2. */
static void put_scores(const sample *s, vmap_regression *r, gsl_matrix *meat, gsl_vector *score)
{
    double mean = 0, left = 0, all = 0, seen = 0;

    gsl_matrix_set_zero(meat);
    for (size_t i = 0; i < s->n; i++) {
        gsl_vector_const_view x = gsl_matrix_const_row(s->x, s->rows[i].row);
        double w = weight_of(s, i) * (double)s->n / s->total, y = answer_of(s, i), fitted, delta;

        if (i == 0 || s->rows[i].cluster != s->rows[i - 1].cluster) {
            gsl_vector_set_zero(score);
            r->clusters++;
        }
        gsl_blas_ddot(&x.vector, r->b, &fitted);
        gsl_blas_daxpy(w * (y - fitted), &x.vector, score);
        if (i + 1 == s->n || s->rows[i + 1].cluster != s->rows[i].cluster)
            gsl_blas_dsyr(CblasLower, 1, score, meat);
        seen += w;
        delta = y - mean;
        mean += w / seen * delta;
        all += w * delta * (y - mean);
        left += w * pow(y - fitted, 2);
    }
    for (size_t a = 0; a < meat->size1; a++) {
        for (size_t b = 0; b < a; b++)
            gsl_matrix_set(meat, b, a, gsl_matrix_get(meat, a, b));
    }
    r->r2 = all > 1e-24 * (1 + mean * mean) * seen ? 1 - left / all : NAN;
}

/* inverse x meat x inverse, times the correction for few clusters. */
static void put_covariance(const sample *s, bool clustered, const gsl_matrix *inverse,
                           const gsl_matrix *meat, gsl_matrix *half, vmap_regression *r)
{
    double n = (double)s->n, k = (double)r->k, g = (double)r->clusters;

    numeric_multiply(1, 0, inverse, 0, meat, half);
    numeric_multiply(clustered ? g / (g - 1) * (n - 1) / (n - k) : n / (n - k), 0, half, 0, inverse,
                     r->cov);
}

static vmap_status regress(const sample *s, bool clustered, vmap_regression *r, vmap_error *err)
{
    size_t k = r->k;
    gsl_matrix *xx = memory_matrix(k, k, err), *inverse = memory_matrix(k, k, err);
    gsl_vector *xy = gsl_vector_calloc(k);
    vmap_status status = xx && inverse && xy ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        cross_products(s, xx, xy);
        status = numeric_invert(xx, inverse, err);
        if (status == VMAP_ESINGULAR)
            vmap_error_set(err, status, "columns of a regression depend on one another");
    }
    if (!status) {
        gsl_blas_dgemv(CblasNoTrans, 1, inverse, xy, 0, r->b);
        put_scores(s, r, xx, xy);
        if (r->clusters <= (clustered ? 1 : k))
            status = vmap_error_set(err, VMAP_EDATA, "%zu clusters; robust errors need two",
                                    r->clusters);
    }
    if (!status) {
        gsl_matrix *half = memory_matrix(k, k, err);

        status = half ? VMAP_SUCCESS : VMAP_ENOMEM;
        if (half)
            put_covariance(s, clustered, inverse, xx, half, r);
        gsl_matrix_free(half);
    }
    gsl_matrix_free(xx);
    gsl_matrix_free(inverse);
    gsl_vector_free(xy);
    return status;
}

void vmap_regression_free(vmap_regression *r)
{
    if (!r)
        return;
    gsl_vector_free(r->b);
    gsl_matrix_free(r->cov);
    free(r);
}

static vmap_regression *new_regression(size_t n, size_t k, vmap_error *err)
{
    vmap_regression *r = memory_new(1, sizeof *r, err);

    if (!r)
        return NULL;
    r->n = n;
    r->k = k;
    r->b = gsl_vector_calloc(k);
    r->cov = memory_matrix(k, k, err);
    if (r->b && r->cov)
        return r;
    vmap_regression_free(r);
    return NULL;
}

vmap_status vmap_pattern_regress(const double *y, size_t stride, const gsl_matrix *x,
                                 const double *weights, const size_t *cluster,
                                 vmap_regression **regression, vmap_error *err)
{
    sample s = {.y = y, .weights = weights, .stride = stride, .x = x};
    vmap_regression *r = NULL;
    vmap_status status;

    s.rows = memory_new(x->size1, sizeof *s.rows, err);
    status = s.rows ? choose_rows(&s, cluster, err) : VMAP_ENOMEM;
    if (!status && s.n <= x->size2)
        status = vmap_error_set(err, VMAP_EDATA, "%zu answers for a regression of %zu coefficients",
                                s.n, x->size2);
    if (!status)
        status = (r = new_regression(s.n, x->size2, err)) ? regress(&s, cluster != NULL, r, err)
                                                          : VMAP_ENOMEM;
    free(s.rows);
    if (status)
        vmap_regression_free(r);
    else
        *regression = r;
    return status;
}

/* ---- two regressions ---- */

void vmap_fidelity_free(vmap_fidelity *f)
{
    if (!f)
        return;
    free(f->coefficient);
    free(f);
}

static double error_of(const vmap_regression *r, size_t j)
{
    return sqrt(fmax(0, gsl_matrix_get(r->cov, j, j)));
}

static void put_coefficient(const vmap_regression *human, const vmap_regression *persona, size_t j,
                            double limit, vmap_coefficient *c)
{
    /* what rounding leaves of 0, on the scale of the answers */
    const double none = 1e-10 * (1 + fabs(gsl_vector_get(human->b, 0)));

    c->human = gsl_vector_get(human->b, j);
    c->persona = gsl_vector_get(persona->b, j);
    c->human_se = error_of(human, j);
    c->persona_se = error_of(persona, j);
    c->difference = c->persona - c->human;
    c->se = hypot(c->human_se, c->persona_se);
    c->z = c->se > none ? c->difference / c->se : NAN;
    c->p = isnan(c->z) ? NAN : 2 * gsl_cdf_ugaussian_Q(fabs(c->z));
    c->flip = c->human * c->persona < 0 && fabs(c->human) > none && fabs(c->persona) > none;
    c->clear = c->flip && fabs(c->human) >= limit * c->human_se &&
               fabs(c->persona) >= limit * c->persona_se;
}

/* d' (V_human + V_persona)^-1 d over all but the constant. */
static vmap_status put_wald(const vmap_regression *human, const vmap_regression *persona,
                            vmap_fidelity *f, vmap_error *err)
{
    size_t k = f->count;
    gsl_matrix *v = memory_matrix(k, k, err), *inverse = memory_matrix(k, k, err);
    vmap_status status = v && inverse ? VMAP_SUCCESS : VMAP_ENOMEM;

    f->df = (double)k;
    f->wald = f->p = NAN;
    for (size_t a = 0; !status && a < k; a++) {
        for (size_t b = 0; b < k; b++)
            gsl_matrix_set(v, a, b,
                           gsl_matrix_get(human->cov, a + 1, b + 1) +
                               gsl_matrix_get(persona->cov, a + 1, b + 1));
    }
    if (!status && numeric_invert(v, inverse, NULL) == VMAP_SUCCESS) {
        f->wald = 0;
        for (size_t a = 0; a < k; a++) {
            for (size_t b = 0; b < k; b++)
                f->wald += f->coefficient[a].difference * gsl_matrix_get(inverse, a, b) *
                           f->coefficient[b].difference;
        }
        f->p = gsl_cdf_chisq_Q(f->wald, f->df);
    }
    gsl_matrix_free(v);
    gsl_matrix_free(inverse);
    return status;
}

static vmap_status put_agreement(vmap_fidelity *f, vmap_error *err)
{
    double *b = memory_new(2 * f->count, sizeof *b, err), hh = 0, hp = 0;

    if (!b)
        return VMAP_ENOMEM;
    for (size_t j = 0; j < f->count; j++) {
        b[j] = f->coefficient[j].human;
        b[f->count + j] = f->coefficient[j].persona;
        hh += b[j] * b[j];
        hp += b[j] * b[f->count + j];
    }
    f->slope = hh > 0 ? hp / hh : NAN;
    f->correlation = f->count < 3 ? NAN : pairs_correlation(b, b + f->count, f->count);
    free(b);
    return VMAP_SUCCESS;
}

static vmap_status compare(const vmap_regression *human, const vmap_regression *persona, double level,
                           vmap_fidelity *f, vmap_error *err)
{
    vmap_status status;

    for (size_t j = 0; j < f->count; j++) {
        vmap_coefficient *c = f->coefficient + j;

        put_coefficient(human, persona, j + 1, gsl_cdf_ugaussian_Pinv((1 + level) / 2), c);
        f->flips += c->flip;
        f->clear_flips += c->clear;
        f->different += c->p <= 1 - level;
    }
    status = put_wald(human, persona, f, err);
    return status ? status : put_agreement(f, err);
}

vmap_status vmap_pattern_fidelity(const vmap_regression *human, const vmap_regression *persona,
                                  double level, vmap_fidelity **fidelity, vmap_error *err)
{
    vmap_fidelity *f;
    vmap_status status;

    if (human->k != persona->k)
        return vmap_error_set(err, VMAP_EINVAL, "%zu coefficients of people, %zu of personas",
                              human->k, persona->k);
    if (!(level > 0 && level < 1))
        return vmap_error_set(err, VMAP_EINVAL, "level %g is outside (0, 1)", level);
    if (human->k < 2)
        return vmap_error_set(err, VMAP_EDATA, "a regression on a constant alone has no pattern");
    f = memory_new(1, sizeof *f, err);
    if (!f)
        return VMAP_ENOMEM;
    f->count = human->k - 1;
    f->coefficient = memory_new(f->count, sizeof *f->coefficient, err);
    status = f->coefficient ? compare(human, persona, level, f, err) : VMAP_ENOMEM;
    if (status)
        vmap_fidelity_free(f);
    else
        *fidelity = f;
    return status;
}
