#include <config.h>
#include "structure/correlations.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "structure/permute.h"
#include "valuemap/moments.h"

enum { STATISTICS = 5 };

/* Both samples, one below the other; z is standardised, 0 where missing. Rows of weight 0 are not there. */
typedef struct {
    size_t n, p, few;    /* rows; items; rows of the smaller sample, which are drawn */
    bool first;          /* the smaller sample is the first */
    double n1, n2;
    gsl_matrix *left;    /* n x 3p: (1, z, z^2) times the weight, 0 where missing */
    gsl_matrix *right;   /* n x 2p: (1, z), 0 where missing */
    gsl_matrix *total;   /* 3p x 2p: left'right of all rows */
} pool;

/* Views of the scratch memory of one arrangement. */
typedef struct {
    gsl_matrix_view left, right, sums, r1, r2;
} room;

static size_t room_size(const pool *q)
{
    return q->few * 5 * q->p + 6 * q->p * q->p + 2 * q->p * q->p;
}

static room divide(const pool *q, double *scratch)
{
    size_t p = q->p;
    room r;

    r.left = gsl_matrix_view_array(scratch, q->few, 3 * p);
    scratch += q->few * 3 * p;
    r.right = gsl_matrix_view_array(scratch, q->few, 2 * p);
    scratch += q->few * 2 * p;
    r.sums = gsl_matrix_view_array(scratch, 3 * p, 2 * p);
    scratch += 6 * p * p;
    r.r1 = gsl_matrix_view_array(scratch, p, p);
    r.r2 = gsl_matrix_view_array(scratch + p * p, p, p);
    return r;
}

/* Element of the sums of the rows drawn, or (rest) of all others. */
static double sum_at(const pool *q, const gsl_matrix *drawn, bool rest, size_t row, size_t col)
{
    double own = gsl_matrix_get(drawn, row, col);

    return rest ? gsl_matrix_get(q->total, row, col) - own : own;
}

/* Correlations over the rows of every pair; NaN where one is not defined. False when there is such a one. */
static bool correlate(const pool *q, const gsl_matrix *drawn, bool rest, gsl_matrix *r)
{
    size_t p = q->p;
    bool all = true;

    for (size_t i = 0; i < p; i++) {
        gsl_matrix_set(r, i, i, 1);
        for (size_t j = 0; j < i; j++) {
            double w = sum_at(q, drawn, rest, i, j);
            double x = sum_at(q, drawn, rest, p + i, j), y = sum_at(q, drawn, rest, p + j, i);
            double xx = sum_at(q, drawn, rest, 2 * p + i, j) - x * x / w, yy = sum_at(q, drawn, rest, 2 * p + j, i) - y * y / w;
            double xy = sum_at(q, drawn, rest, p + i, p + j) - x * y / w;
            bool defined = w > 0 && xx > 1e-12 * w && yy > 1e-12 * w;
            double value = defined ? fmax(-1, fmin(1, xy / sqrt(xx * yy))) : NAN;

            gsl_matrix_set(r, i, j, value);
            gsl_matrix_set(r, j, i, value);
            all &= defined;
        }
    }
    return all;
}

static void statistics(const void *context, const size_t *order, double *scratch, double *value)
{
    const pool *q = context;
    room r = divide(q, scratch);
    vmap_correlations c = {.p = q->p, .pairs = q->p * (q->p - 1) / 2, .df = 1};
    bool defined;

    for (size_t i = 0; i < q->few; i++) {
        gsl_vector_const_view a = gsl_matrix_const_row(q->left, order[i]), b = gsl_matrix_const_row(q->right, order[i]);

        gsl_matrix_set_row(&r.left.matrix, i, &a.vector);
        gsl_matrix_set_row(&r.right.matrix, i, &b.vector);
    }
    numeric_multiply(1, 1, &r.left.matrix, 0, &r.right.matrix, &r.sums.matrix);
    defined = correlate(q, &r.sums.matrix, !q->first, &r.r1.matrix);
    defined &= correlate(q, &r.sums.matrix, q->first, &r.r2.matrix);
    if (defined && !correlations_differences(&c, &r.r1.matrix, q->n1, &r.r2.matrix, q->n2, NULL)) {
        const double found[STATISTICS] = {c.frobenius, c.distance, fabs(c.first2 - c.first1), c.jennrich, c.steiger};

        for (size_t k = 0; k < STATISTICS; k++)
            value[k] = isnan(found[k]) ? INFINITY : found[k];
    } else {
        for (size_t k = 0; k < STATISTICS; k++)
            value[k] = INFINITY;
    }
}

/* ---- the pool ---- */

static void clear(pool *q)
{
    gsl_matrix_free(q->left);
    gsl_matrix_free(q->right);
    gsl_matrix_free(q->total);
}

/* Put the rows of a sample that weigh something behind those that are there. Weights are scaled to a mean of 1, so
 * that one sample does not outweigh the other when rows change sides. */
static void append(pool *q, const vmap_structure_sample *s, const vmap_moments *m)
{
    double total = 0, count = 0;

    for (size_t i = 0; i < s->n; i++) {
        total += s->weights ? s->weights[i] : 1;
        count += !s->weights || s->weights[i] > 0;
    }
    for (size_t i = 0; i < s->n; i++) {
        double w = (s->weights ? s->weights[i] : 1) * count / total;

        if (!(w > 0))
            continue;
        for (size_t j = 0; j < q->p; j++) {
            double z = (s->values[i * q->p + j] - gsl_vector_get(m->mean, j)) / gsl_vector_get(m->sd, j);
            bool there = !isnan(z);

            gsl_matrix_set(q->left, q->n, j, there ? w : 0);
            gsl_matrix_set(q->left, q->n, q->p + j, there ? w * z : 0);
            gsl_matrix_set(q->left, q->n, 2 * q->p + j, there ? w * z * z : 0);
            gsl_matrix_set(q->right, q->n, j, there);
            gsl_matrix_set(q->right, q->n, q->p + j, there ? z : 0);
        }
        q->n++;
    }
}

static size_t rows_of(const vmap_structure_sample *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++)
        n += !s->weights || s->weights[i] > 0;
    return n;
}

static vmap_status fill(pool *q, const vmap_structure_sample *one, const vmap_structure_sample *two, vmap_error *err)
{
    size_t n1 = rows_of(one), n2 = rows_of(two), p = q->p;
    vmap_moments *m[2] = {NULL, NULL};
    vmap_status status = vmap_moments_correlate(one->values, one->n, p, one->weights, VMAP_PAIRWISE, &m[0], err);

    if (!status)
        status = vmap_moments_correlate(two->values, two->n, p, two->weights, VMAP_PAIRWISE, &m[1], err);
    q->first = n1 <= n2;
    q->few = q->first ? n1 : n2;
    q->n1 = one->respondents;
    q->n2 = two->respondents;
    if (!status && (!(q->left = memory_matrix(n1 + n2, 3 * p, err)) || !(q->right = memory_matrix(n1 + n2, 2 * p, err)) ||
                    !(q->total = memory_matrix(3 * p, 2 * p, err))))
        status = VMAP_ENOMEM;
    if (!status) {
        append(q, q->first ? one : two, m[q->first ? 0 : 1]); /* the smaller first: rows 0 .. few - 1 are as observed */
        append(q, q->first ? two : one, m[q->first ? 1 : 0]);
        numeric_multiply(1, 1, q->left, 0, q->right, q->total);
    }
    vmap_moments_free(m[0]);
    vmap_moments_free(m[1]);
    return status;
}

vmap_status vmap_structure_exchange(const vmap_structure_sample *one, const vmap_structure_sample *two, size_t p,
                                    const vmap_permutation_options *options, vmap_exchange *exchange, vmap_error *err)
{
    vmap_permutation_options o = permute_options(options);
    pool q = {.p = p};
    double observed[STATISTICS], found[STATISTICS], *scratch = NULL;
    size_t *order = NULL;
    vmap_status status = fill(&q, one, two, err);

    o.stratum = NULL;
    if (!status && (!(scratch = memory_new(room_size(&q), sizeof *scratch, err)) || !(order = memory_new(q.n, sizeof *order, err))))
        status = VMAP_ENOMEM;
    if (!status) {
        const permute_test test = {q.n, STATISTICS, room_size(&q), &q, statistics};

        for (size_t i = 0; i < q.n; i++)
            order[i] = i;
        statistics(&q, order, scratch, observed);
        for (size_t k = 0; k < STATISTICS; k++)
            observed[k] = isinf(observed[k]) ? NAN : observed[k];
        status = permute_p(&test, &o, observed, found, err);
    }
    if (!status)
        *exchange = (vmap_exchange){found[0], found[1], found[2], found[3], found[4]};
    free(scratch);
    free(order);
    clear(&q);
    return status;
}
