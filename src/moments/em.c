#include <config.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "moments/moments_internal.h"

enum { ITERATIONS_MAX = 10000 };
static const double CHANGE_DONE = 1e-9;

/* Respondents who answered the same items. Where they are many, the sums of their answers and products
 * are all that EM needs of them; where they are few, the products are made anew, which takes less
 * memory. */
typedef struct {
    size_t *observed, *missing; /* items */
    size_t o, m;
    size_t from, to; /* places in the order of the respondents */
    double weight;
    double *sum;     /* o: sum of w x */
    double *product; /* o x o: sum of w x x'; NULL for few respondents */
} pattern;

typedef struct {
    size_t n, p;
    const double *values, *weights;
    double *centre, *scale; /* p: values are standardised once, so that one tolerance fits all */
    size_t *order;          /* respondents that count, sorted by pattern */
    pattern *patterns;
    size_t count, room;
    double weight;
    gsl_vector *mean; /* of the standardised values */
    gsl_matrix *cov;
    gsl_vector *sum;  /* expected sums of one pass */
    gsl_matrix *product;
} job;

/* ---- patterns ---- */

static int compare_rows(const void *pa, const void *pb, void *data)
{
    const job *q = data;
    const double *a = q->values + *(const size_t *)pa * q->p;
    const double *b = q->values + *(const size_t *)pb * q->p;

    for (size_t j = 0; j < q->p; j++) {
        int order = (isnan(a[j]) != 0) - (isnan(b[j]) != 0);

        if (order)
            return order;
    }
    return 0;
}

static double weight_of(const job *q, size_t row)
{
    return q->weights ? q->weights[row] : 1;
}

static double value_of(const job *q, size_t row, size_t item)
{
    return (q->values[row * q->p + item] - q->centre[item]) / q->scale[item];
}

/* Sums of products around `at` (o, or NULL: around 0), below the diagonal. */
static void sum_products(const job *q, const pattern *t, const double *at, double *product)
{
    for (size_t k = t->from; k < t->to; k++) {
        double w = weight_of(q, q->order[k]);

        for (size_t a = 0; a < t->o; a++) {
            double x = w * (value_of(q, q->order[k], t->observed[a]) - (at ? at[a] : 0));

            for (size_t b = 0; b <= a; b++)
                product[a * t->o + b] +=
                    x * (value_of(q, q->order[k], t->observed[b]) - (at ? at[b] : 0));
        }
    }
}

static vmap_status new_pattern(job *q, size_t from, size_t to, vmap_error *err)
{
    const double *row = q->values + q->order[from] * q->p;
    pattern *t;

    if (memory_grow(&q->patterns, &q->room, q->count + 1, sizeof *q->patterns, err))
        return VMAP_ENOMEM;
    t = &q->patterns[q->count++];
    *t = (pattern){.from = from, .to = to};
    t->observed = memory_new(q->p, sizeof *t->observed, err);
    t->missing = memory_new(q->p, sizeof *t->missing, err);
    if (!t->observed || !t->missing)
        return VMAP_ENOMEM;
    for (size_t j = 0; j < q->p; j++) {
        if (isnan(row[j]))
            t->missing[t->m++] = j;
        else
            t->observed[t->o++] = j;
    }
    t->sum = memory_new(t->o, sizeof *t->sum, err);
    if (to - from >= t->o)
        t->product = memory_new(t->o * t->o, sizeof *t->product, err);
    if (!t->sum || (to - from >= t->o && !t->product))
        return VMAP_ENOMEM;
    for (size_t k = from; k < to; k++) {
        t->weight += weight_of(q, q->order[k]);
        for (size_t a = 0; a < t->o; a++)
            t->sum[a] += weight_of(q, q->order[k]) * value_of(q, q->order[k], t->observed[a]);
    }
    if (t->product)
        sum_products(q, t, NULL, t->product);
    q->weight += t->weight;
    return VMAP_SUCCESS;
}

static vmap_status find_patterns(job *q, vmap_error *err)
{
    size_t count = 0;
    vmap_status status = VMAP_SUCCESS;

    q->order = memory_new(q->n, sizeof *q->order, err);
    if (!q->order)
        return VMAP_ENOMEM;
    for (size_t r = 0; r < q->n; r++) {
        bool any = false;

        for (size_t j = 0; j < q->p; j++)
            any |= !isnan(q->values[r * q->p + j]);
        if (any && weight_of(q, r) > 0)
            q->order[count++] = r;
    }
    qsort_r(q->order, count, sizeof *q->order, compare_rows, q);
    for (size_t from = 0, to; !status && from < count; from = to) {
        for (to = from + 1; to < count && compare_rows(&q->order[from], &q->order[to], q) == 0; to++)
            ;
        status = new_pattern(q, from, to, err);
    }
    return status;
}

/* ---- one pass ---- */

static gsl_matrix *block(const gsl_matrix *m, const size_t *rows, size_t n, const size_t *columns,
                         size_t k, vmap_error *err)
{
    gsl_matrix *b = memory_matrix(n ? n : 1, k ? k : 1, err);

    for (size_t i = 0; b && i < n; i++) {
        for (size_t j = 0; j < k; j++)
            gsl_matrix_set(b, i, j, gsl_matrix_get(m, rows[i], columns[j]));
    }
    return b;
}

static void add_at(gsl_matrix *m, size_t i, size_t j, double x)
{
    *gsl_matrix_ptr(m, i, j) += x;
}

/* Sums and products around the current means, of what was observed. `at` has room for o means. */
static void centre_products(const job *q, const pattern *t, gsl_matrix *s, gsl_vector *d, double *at)
{
    for (size_t a = 0; a < t->o; a++) {
        at[a] = gsl_vector_get(q->mean, t->observed[a]);
        gsl_vector_set(d, a, t->sum[a] - t->weight * at[a]);
    }
    if (!t->product)
        sum_products(q, t, at, s->data);
    for (size_t a = 0; a < t->o; a++) {
        for (size_t b = 0; b <= a; b++) {
            double x = t->product ? t->product[a * t->o + b] - at[a] * t->sum[b] -
                                        at[b] * t->sum[a] + t->weight * at[a] * at[b]
                                  : gsl_matrix_get(s, a, b);

            gsl_matrix_set(s, a, b, x);
            gsl_matrix_set(s, b, a, x);
        }
    }
}

static void add_observed(job *q, const pattern *t, const gsl_matrix *s, const gsl_vector *d)
{
    for (size_t a = 0; a < t->o; a++) {
        *gsl_vector_ptr(q->sum, t->observed[a]) += gsl_vector_get(d, a);
        for (size_t b = 0; b < t->o; b++)
            add_at(q->product, t->observed[a], t->observed[b], gsl_matrix_get(s, a, b));
    }
}

/* Expected products with what is missing: beta = S_mo S_oo^-1, E[x_m x_o'] = beta s,
 * E[x_m x_m'] = beta s beta' + w (S_mm - beta S_om). */
static vmap_status add_missing(job *q, const pattern *t, const gsl_matrix *s, const gsl_vector *d,
                               vmap_error *err)
{
    gsl_matrix *oo = block(q->cov, t->observed, t->o, t->observed, t->o, err);
    gsl_matrix *mo = block(q->cov, t->missing, t->m, t->observed, t->o, err);
    gsl_matrix *mm = block(q->cov, t->missing, t->m, t->missing, t->m, err);
    gsl_matrix *beta = memory_matrix(t->m, t->o, err), *cross = memory_matrix(t->m, t->o, err);
    vmap_status status = oo && mo && mm && beta && cross ? numeric_invert(oo, oo, err) : VMAP_ENOMEM;

    if (!status) {
        numeric_multiply(1, 0, mo, 0, oo, beta);
        numeric_multiply(1, 0, beta, 0, s, cross);
        gsl_blas_dgemm(CblasNoTrans, CblasTrans, -t->weight, beta, mo, t->weight, mm);
        gsl_blas_dgemm(CblasNoTrans, CblasTrans, 1, cross, beta, 1, mm);
    }
    for (size_t a = 0; !status && a < t->m; a++) {
        gsl_vector_view row = gsl_matrix_row(beta, a);
        double expected;

        gsl_blas_ddot(&row.vector, d, &expected);
        *gsl_vector_ptr(q->sum, t->missing[a]) += expected;
        for (size_t b = 0; b < t->o; b++) {
            add_at(q->product, t->missing[a], t->observed[b], gsl_matrix_get(cross, a, b));
            add_at(q->product, t->observed[b], t->missing[a], gsl_matrix_get(cross, a, b));
        }
        for (size_t b = 0; b < t->m; b++)
            add_at(q->product, t->missing[a], t->missing[b], gsl_matrix_get(mm, a, b));
    }
    gsl_matrix_free(oo);
    gsl_matrix_free(mo);
    gsl_matrix_free(mm);
    gsl_matrix_free(beta);
    gsl_matrix_free(cross);
    return status;
}

static vmap_status add_pattern(job *q, const pattern *t, vmap_error *err)
{
    gsl_matrix *s = memory_matrix(t->o, t->o, err);
    gsl_vector *d = gsl_vector_calloc(t->o);
    double *at = memory_new(t->o, sizeof *at, err);
    vmap_status status = s && d && at ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        centre_products(q, t, s, d, at);
        add_observed(q, t, s, d);
        if (t->m)
            status = add_missing(q, t, s, d, err);
    }
    gsl_matrix_free(s);
    gsl_vector_free(d);
    free(at);
    return status;
}

/* New means and covariances from the expected sums; returns the largest change, in standard
 * deviations and correlations. */
static double take_step(job *q)
{
    double largest = 0;

    gsl_vector_scale(q->sum, 1 / q->weight); /* the step of the means */
    for (size_t i = 0; i < q->p; i++) {
        double di = gsl_vector_get(q->sum, i), vi = gsl_matrix_get(q->cov, i, i);

        largest = fmax(largest, fabs(di) / sqrt(vi));
        for (size_t j = 0; j < q->p; j++) {
            double dj = gsl_vector_get(q->sum, j);
            double now = gsl_matrix_get(q->product, i, j) / q->weight - di * dj;
            double vj = gsl_matrix_get(q->cov, j, j);

            /* in a matrix of its own until all old variances have been used */
            gsl_matrix_set(q->product, i, j, now);
            largest = fmax(largest, fabs(now - gsl_matrix_get(q->cov, i, j)) / sqrt(vi * vj));
        }
    }
    gsl_vector_add(q->mean, q->sum);
    gsl_matrix_memcpy(q->cov, q->product);
    return largest;
}

static vmap_status iterate(job *q, size_t *iterations, bool *converged, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;
    double change = INFINITY;
    size_t done = 0;

    while (!status && change > CHANGE_DONE && done < ITERATIONS_MAX) {
        gsl_vector_set_zero(q->sum);
        gsl_matrix_set_zero(q->product);
        for (size_t k = 0; !status && k < q->count; k++)
            status = add_pattern(q, &q->patterns[k], err);
        if (!status)
            change = take_step(q);
        done++;
    }
    if (status == VMAP_ESINGULAR)
        vmap_error_set(err, status, "EM found an item that the others determine (items repeat one "
                                    "another, or too few respondents answered them together); leave "
                                    "one out, or use pairwise correlations");
    *iterations = done;
    *converged = change <= CHANGE_DONE;
    return status;
}

/* ---- all of it ---- */

static void free_job(job *q)
{
    for (size_t k = 0; k < q->count; k++) {
        free(q->patterns[k].observed);
        free(q->patterns[k].missing);
        free(q->patterns[k].sum);
        free(q->patterns[k].product);
    }
    free(q->patterns);
    free(q->order);
    free(q->centre);
    free(q->scale);
    gsl_vector_free(q->mean);
    gsl_vector_free(q->sum);
    gsl_matrix_free(q->cov);
    gsl_matrix_free(q->product);
}

static vmap_status prepare(job *q, const vmap_moments *start, vmap_error *err)
{
    q->centre = memory_new(q->p, sizeof *q->centre, err);
    q->scale = memory_new(q->p, sizeof *q->scale, err);
    q->mean = gsl_vector_calloc(q->p);
    q->sum = gsl_vector_calloc(q->p);
    q->cov = memory_matrix(q->p, q->p, err);
    q->product = memory_matrix(q->p, q->p, err);
    if (!q->centre || !q->scale || !q->mean || !q->sum || !q->cov || !q->product)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for EM of %zu items", q->p);
    for (size_t j = 0; j < q->p; j++) {
        q->centre[j] = gsl_vector_get(start->mean, j);
        q->scale[j] = gsl_vector_get(start->sd, j);
    }
    gsl_matrix_set_identity(q->cov); /* without correlations: positive definite in any case */
    return find_patterns(q, err);
}

static void finish(const job *q, vmap_moments *m)
{
    for (size_t i = 0; i < q->p; i++) {
        double vi = gsl_matrix_get(q->cov, i, i);

        gsl_vector_set(m->mean, i, q->centre[i] + q->scale[i] * gsl_vector_get(q->mean, i));
        gsl_vector_set(m->sd, i, q->scale[i] * sqrt(vi));
        for (size_t j = 0; j < i; j++) {
            double r = gsl_matrix_get(q->cov, i, j) / sqrt(vi * gsl_matrix_get(q->cov, j, j));

            gsl_matrix_set(m->r, i, j, r);
            gsl_matrix_set(m->r, j, i, r);
        }
    }
}

vmap_status vmap_moments_em(const double *values, size_t n, size_t p, const double *weights,
                            vmap_moments **moments, size_t *iterations, bool *converged,
                            vmap_error *err)
{
    job q = {.n = n, .p = p, .values = values, .weights = weights};
    vmap_moments *m = NULL;
    size_t done = 0;
    bool good = false;
    vmap_status status =
        vmap_moments_correlate(values, n, p, weights, VMAP_PAIRWISE, &m, err);

    if (!status)
        status = prepare(&q, m, err);
    if (!status)
        status = iterate(&q, &done, &good, err);
    if (!status) {
        finish(&q, m);
        *moments = m;
        m = NULL;
        if (iterations)
            *iterations = done;
        if (converged)
            *converged = good;
    }
    free_job(&q);
    vmap_moments_free(m);
    return status;
}
