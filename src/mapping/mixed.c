#include <config.h>
#include "valuemap/mapping.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_math.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "mapping/mapping_internal.h"

/* One random intercept. With ratio = between / within the covariance of a group of m rows is within x
 * (I + ratio 11'), its inverse I - ratio / (1 + m ratio) 11': sums over groups are all that is needed. With weights I
 * becomes W^-1 in the one and W in the other, 1 becomes w, m the sum of w, and Q the basis of W^(1/2) (1, x).
 * Predictors are replaced by an orthonormal basis, so that nothing is ill-conditioned at ratio 0. */

/* Ratios looked at first: 0 and 10^-8 .. 10^8. */
enum { TRIES = 97 };

void vmap_mixed_free(vmap_mixed *m)
{
    if (!m)
        return;
    gsl_vector_free(m->b);
    gsl_vector_free(m->se);
    free(m);
}

typedef struct {
    size_t n, q, groups;
    bool reml;
    double mean;             /* of the outcome, taken off */
    double squares;          /* y'Wy */
    double log_weights;      /* sum of log weights */
    double root;             /* log determinant of the triangular factor of the design */
    gsl_vector *size;        /* groups: sums of weights */
    gsl_matrix *sum;         /* groups x (q + 1): weighted sums of the basis and of y */
    gsl_vector *product;     /* q: Q'W^(1/2) y */
    /* at the ratio looked at last: */
    gsl_matrix *information, *inverse; /* q x q: Q'V^-1 Q */
    gsl_vector *along;       /* q: Q'V^-1 y */
    gsl_vector *c;           /* q: coefficients of the basis */
    double rss, deviance, slope; /* slope: derivative of the deviance by the ratio */
} likelihood;

static void free_likelihood(likelihood *l)
{
    gsl_vector_free(l->size);
    gsl_matrix_free(l->sum);
    gsl_vector_free(l->product);
    gsl_matrix_free(l->information);
    gsl_matrix_free(l->inverse);
    gsl_vector_free(l->along);
    gsl_vector_free(l->c);
}

static vmap_status new_likelihood(const mapping_basis *basis, const gsl_vector *y, const double *weights,
                                  const mapping_clusters *g, bool reml, likelihood *l, vmap_error *err)
{
    size_t n = y->size, q = basis->q->size2;
    double total = 0;

    *l = (likelihood){.n = n, .q = q, .groups = g->count, .reml = reml};
    l->size = gsl_vector_calloc(g->count);
    l->product = gsl_vector_calloc(q);
    l->along = gsl_vector_calloc(q);
    l->c = gsl_vector_calloc(q);
    if (!l->size || !l->product || !l->along || !l->c || !(l->sum = memory_matrix(g->count, q + 1, err)) ||
        !(l->information = memory_matrix(q, q, err)) || !(l->inverse = memory_matrix(q, q, err)))
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a model of %zu rows", n);
    for (size_t i = 0; i < n; i++) {
        double w = weights ? weights[i] : 1;

        total += w;
        l->mean += (gsl_vector_get(y, i) - l->mean) * w / total;
        l->log_weights += log(w);
    }
    for (size_t s = 0; s < g->count; s++) {
        for (size_t at = g->start[s]; at < g->start[s + 1]; at++) {
            size_t i = g->row[at];
            double v = gsl_vector_get(y, i) - l->mean, w = weights ? weights[i] : 1;

            *gsl_vector_ptr(l->size, s) += w;
            *gsl_matrix_ptr(l->sum, s, q) += w * v;
            l->squares += w * v * v;
            for (size_t a = 0; a < q; a++) {
                *gsl_matrix_ptr(l->sum, s, a) += sqrt(w) * gsl_matrix_get(basis->q, i, a);
                *gsl_vector_ptr(l->product, a) += sqrt(w) * gsl_matrix_get(basis->q, i, a) * v;
            }
        }
    }
    for (size_t a = 0; a < q; a++)
        l->root -= log(fabs(gsl_matrix_get(basis->inverse, a, a)));
    return VMAP_SUCCESS;
}

/* Q'V^-1 Q and Q'V^-1 y; returns y'V^-1 y. */
static double weigh(likelihood *l, double ratio)
{
    double squares = l->squares;

    gsl_matrix_set_identity(l->information);
    gsl_vector_memcpy(l->along, l->product);
    for (size_t s = 0; s < l->groups; s++) {
        double f = ratio / (1 + gsl_vector_get(l->size, s) * ratio), y = gsl_matrix_get(l->sum, s, l->q);

        squares -= f * y * y;
        for (size_t a = 0; a < l->q; a++) {
            double own = f * gsl_matrix_get(l->sum, s, a);

            *gsl_vector_ptr(l->along, a) -= own * y;
            for (size_t b = 0; b < l->q; b++)
                *gsl_matrix_ptr(l->information, a, b) -= own * gsl_matrix_get(l->sum, s, b);
        }
    }
    return squares;
}

/* Everything at this ratio. */
static vmap_status look_at(likelihood *l, double ratio, vmap_error *err)
{
    double squares = weigh(l, ratio), n = (double)l->n, rest = l->reml ? n - (double)l->q : n, explained;
    double log_v = 0, slope_v = 0, slope_rss = 0, slope_x = 0, log_x = 0;
    vmap_status status = numeric_invert(l->information, l->inverse, err);

    if (!status)
        status = numeric_log_determinant(l->information, &log_x, err);
    if (status)
        return status;
    gsl_blas_dgemv(CblasNoTrans, 1, l->inverse, l->along, 0, l->c);
    gsl_blas_ddot(l->along, l->c, &explained);
    l->rss = squares - explained;
    for (size_t s = 0; s < l->groups; s++) {
        double m = gsl_vector_get(l->size, s), inside = 1 + m * ratio, e = gsl_matrix_get(l->sum, s, l->q);

        for (size_t a = 0; a < l->q; a++) {
            e -= gsl_matrix_get(l->sum, s, a) * gsl_vector_get(l->c, a);
            for (size_t b = 0; b < l->q; b++)
                slope_x -= gsl_matrix_get(l->inverse, a, b) * gsl_matrix_get(l->sum, s, a) *
                           gsl_matrix_get(l->sum, s, b) / (inside * inside);
        }
        log_v += log(inside);
        slope_v += m / inside;
        slope_rss -= e * e / (inside * inside);
    }
    l->deviance = log_v - l->log_weights + rest * (1 + log(2 * M_PI * l->rss / rest)) + (l->reml ? log_x + 2 * l->root : 0);
    l->slope = slope_v + rest * slope_rss / l->rss + (l->reml ? slope_x : 0);
    return VMAP_SUCCESS;
}

static double try_at(int i)
{
    return i < 0 ? 0 : pow(10, -8 + 16. * i / (TRIES - 1));
}

/* The ratio with the least deviance: the best of those tried, then the zero of the slope beside it. */
static vmap_status find_ratio(likelihood *l, double *ratio, vmap_error *err)
{
    double least = INFINITY, low, high;
    vmap_status status = VMAP_SUCCESS;
    int best = -1;

    for (int i = -1; !status && i < TRIES; i++) {
        status = look_at(l, try_at(i), err);
        if (!status && l->deviance < least) {
            least = l->deviance;
            best = i;
        }
    }
    if (status)
        return status;
    if (best == TRIES - 1)
        return vmap_error_set(err, VMAP_EDATA, "rows of a group do not differ; there is nothing within groups to estimate");
    low = best >= 0 ? try_at(best - 1) : 0;
    high = try_at(best + 1);
    status = look_at(l, low, err);
    if (!status && low == 0 && l->slope >= 0) {
        *ratio = 0;
        return look_at(l, 0, err);
    }
    for (int i = 0; !status && i < 200 && high - low > 1e-15 * high; i++) {
        double middle = (low + high) / 2;

        status = look_at(l, middle, err);
        if (l->slope < 0)
            low = middle;
        else
            high = middle;
    }
    *ratio = (low + high) / 2;
    return status ? status : look_at(l, *ratio, err);
}

/* Back from the basis to the predictors. */
static void put_result(const likelihood *l, const mapping_basis *basis, double ratio, vmap_mixed *m)
{
    double rest = (double)l->n - (l->reml ? (double)l->q : 0);

    m->n = l->n;
    m->groups = l->groups;
    m->within = l->rss / rest;
    m->between = ratio * m->within;
    m->icc = ratio / (1 + ratio);
    m->deviance = l->deviance;
    m->boundary = ratio == 0;
    gsl_blas_dgemv(CblasNoTrans, 1, basis->inverse, l->c, 0, m->b);
    for (size_t a = 0; a < l->q; a++) {
        double variance = 0;

        for (size_t b = 0; b < l->q; b++) {
            for (size_t c = 0; c < l->q; c++)
                variance += gsl_matrix_get(basis->inverse, a, b) * gsl_matrix_get(l->inverse, b, c) *
                            gsl_matrix_get(basis->inverse, a, c);
        }
        gsl_vector_set(m->se, a, sqrt(m->within * variance));
    }
    *gsl_vector_ptr(m->b, 0) += l->mean;
}

static vmap_status check_groups(const mapping_clusters *g, size_t n, size_t p, vmap_error *err)
{
    if (g->count < p + 2)
        return vmap_error_set(err, VMAP_EDATA, "%zu groups for %zu predictors; at least %zu are needed", g->count, p, p + 2);
    if (g->count == n)
        return vmap_error_set(err, VMAP_EDATA, "every group has one row; there is nothing within groups to estimate");
    return VMAP_SUCCESS;
}

/* Weights of mean 1 in fresh memory; NULL when there are none, or memory is short. */
static double *scale_weights(const double *weights, size_t n, vmap_error *err)
{
    double *scaled = weights ? memory_new(n, sizeof *scaled, err) : NULL, sum = 0;

    for (size_t i = 0; scaled && i < n; i++)
        sum += weights[i];
    for (size_t i = 0; scaled && i < n; i++)
        scaled[i] = weights[i] * (double)n / sum;
    return scaled;
}

vmap_status vmap_mixed_new(const gsl_matrix *x, const gsl_vector *y, const size_t *group, const double *weights, bool reml,
                           vmap_mixed **mixed, vmap_error *err)
{
    gsl_matrix *outcome = memory_matrix(y->size, 1, err);
    mapping_clusters g = {0};
    mapping_basis basis = {NULL, NULL};
    likelihood l = {0};
    vmap_mixed *m = NULL;
    double ratio = 0, *scaled = NULL;
    vmap_status status = outcome ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        gsl_matrix_set_col(outcome, 0, y);
        status = mapping_check(x, outcome, x->size2 + 2, err);
    }
    if (!status)
        status = mapping_check_weights(weights, x->size1, err);
    if (!status && weights && !(scaled = scale_weights(weights, x->size1, err)))
        status = VMAP_ENOMEM;
    if (!status)
        status = mapping_clusters_new(group, x->size1, &g, err);
    if (!status)
        status = check_groups(&g, x->size1, x->size2, err);
    if (!status)
        status = mapping_basis_weighted(x, scaled, true, &basis, err);
    if (!status)
        status = new_likelihood(&basis, y, scaled, &g, reml, &l, err);
    if (!status)
        status = find_ratio(&l, &ratio, err);
    if (!status) {
        m = memory_new(1, sizeof *m, err);
        status = m && (m->b = gsl_vector_calloc(l.q)) && (m->se = gsl_vector_calloc(l.q)) ? VMAP_SUCCESS : VMAP_ENOMEM;
    }
    if (!status) {
        put_result(&l, &basis, ratio, m);
        *mixed = m;
    } else {
        vmap_mixed_free(m);
    }
    free_likelihood(&l);
    mapping_basis_free(&basis);
    mapping_clusters_free(&g);
    gsl_matrix_free(outcome);
    free(scaled);
    return status;
}
