#include <config.h>
#include "morality/reliability.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "core/memory.h"
#include "core/numeric.h"

/* ---- covariances ---- */

static double pair(const double *values, size_t stride, const size_t *rows, size_t n, size_t i,
                   size_t j, const double *weights, size_t *count)
{
    double w = 0, mi = 0, mj = 0, product = 0;

    *count = 0;
    for (size_t r = 0; r < n; r++) {
        double x = values[rows[r] * stride + i], y = values[rows[r] * stride + j];
        double weight = weights ? weights[rows[r]] : 1, d = x - mi;

        if (isnan(x) || isnan(y) || !(weight > 0))
            continue;
        w += weight;
        mi += weight / w * d;
        product += weight * d * (y - mj) * (1 - weight / w);
        mj += weight / w * (y - mj);
        ++*count;
    }
    return *count < 2 ? NAN : product / w * (double)*count / (double)(*count - 1);
}

size_t pair_covariance(const double *values, size_t stride, const size_t *rows, size_t n,
                       const size_t *columns, size_t p, const double *weights, gsl_matrix *cov)
{
    size_t least = n;

    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j <= i; j++) {
            size_t count;
            double c = pair(values, stride, rows, n, columns[i], columns[j], weights, &count);

            gsl_matrix_set(cov, i, j, c);
            gsl_matrix_set(cov, j, i, c);
            least = count < least ? count : least;
        }
    }
    return least;
}

/* ---- one factor ---- */

/* Loadings of one factor that minimise the squared off-diagonal residuals of r: every loading in
 * turn has its optimum given the others in closed form, held within -1..1 (Harman & Jones 1966,
 * Psychometrika 31, 351-368; Harman & Fukuda 1966 for the bound). Returns whether one is at its
 * bound. */
static bool fit_factor(const gsl_matrix *r, double *loading)
{
    size_t p = r->size1;
    bool bound = false;

    for (size_t i = 0; i < p; i++) { /* from the centroid */
        loading[i] = 0;
        for (size_t j = 0; j < p; j++)
            loading[i] += gsl_matrix_get(r, i, j) / (double)p;
    }
    for (int sweep = 0; sweep < 20000; sweep++) {
        double change = 0;

        bound = false;
        for (size_t i = 0; i < p; i++) {
            double top = 0, bottom = 0, l;

            for (size_t j = 0; j < p; j++) {
                if (j != i) {
                    top += gsl_matrix_get(r, i, j) * loading[j];
                    bottom += loading[j] * loading[j];
                }
            }
            l = bottom > 0 ? fmax(-1, fmin(1, top / bottom)) : 0;
            bound |= fabs(l) >= 1;
            change = fmax(change, fabs(l - loading[i]));
            loading[i] = l;
        }
        if (change < 1e-14)
            break;
    }
    return bound;
}

/* ---- alpha and its kin ---- */

static double sum_of(const gsl_matrix *m)
{
    double sum = 0;

    for (size_t i = 0; i < m->size1; i++) {
        for (size_t j = 0; j < m->size2; j++)
            sum += gsl_matrix_get(m, i, j);
    }
    return sum;
}

static double trace_of(const gsl_matrix *m)
{
    double sum = 0;

    for (size_t i = 0; i < m->size1; i++)
        sum += gsl_matrix_get(m, i, i);
    return sum;
}

static double alpha_from(double p, double trace, double total)
{
    return p < 2 || !(total > 0) ? NAN : p / (p - 1) * (1 - trace / total);
}

/* Variance of sqrt(n) alpha, after Duhachek & Iacobucci (2004), eq. 2. */
static double alpha_variance(const gsl_matrix *c)
{
    double p = (double)c->size1, total = sum_of(c), trace = trace_of(c), square_trace = 0,
           square_sum = 0;

    for (size_t i = 0; i < c->size1; i++) {
        double row = 0;

        for (size_t j = 0; j < c->size1; j++) {
            row += gsl_matrix_get(c, i, j);
            square_trace += gsl_matrix_get(c, i, j) * gsl_matrix_get(c, i, j);
        }
        square_sum += row * row; /* 1'CC1 */
    }
    return 2 * p * p / ((p - 1) * (p - 1) * total * total * total) *
           (total * (square_trace + trace * trace) - 2 * trace * square_sum);
}

static void put_alpha(reliability *r, const gsl_matrix *c, double level)
{
    double p = (double)c->size1, n = (double)r->n, tail = (1 - level) / 2;

    r->alpha = alpha_from(p, trace_of(c), sum_of(c));
    if (r->n < 2)
        return;
    r->se = sqrt(fmax(0, alpha_variance(c)) / n);
    r->low = 1 - (1 - r->alpha) * gsl_cdf_fdist_Qinv(tail, n - 1, (n - 1) * (p - 1));
    r->high = 1 - (1 - r->alpha) * gsl_cdf_fdist_Pinv(tail, n - 1, (n - 1) * (p - 1));
}

/* `at`: where the items of c stand among all items. */
static void put_items(reliability *r, const gsl_matrix *c, const size_t *at)
{
    double total = sum_of(c), trace = trace_of(c);

    for (size_t i = 0; i < c->size1; i++) {
        double row = 0, own = gsl_matrix_get(c, i, i), rest;

        for (size_t j = 0; j < c->size1; j++)
            row += gsl_matrix_get(c, i, j);
        rest = total - 2 * row + own;
        r->item_rest[at[i]] = rest > 0 ? (row - own) / sqrt(own * rest) : NAN;
        r->if_dropped[at[i]] = alpha_from((double)c->size1 - 1, trace - own, rest);
    }
}

static vmap_status put_factor(reliability *r, const gsl_matrix *c, const size_t *at,
                              vmap_error *err)
{
    size_t p = c->size1;
    gsl_matrix *cor = memory_matrix(p, p, err);
    double *loading = memory_new(p, sizeof *loading, err), unique = 0, total;

    if (!cor || !loading) {
        gsl_matrix_free(cor);
        free(loading);
        return VMAP_ENOMEM;
    }
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < p; j++)
            gsl_matrix_set(cor, i, j,
                           i == j ? 1
                                  : gsl_matrix_get(c, i, j) /
                                        sqrt(gsl_matrix_get(c, i, i) * gsl_matrix_get(c, j, j)));
    }
    total = sum_of(cor);
    r->mean_r = (total - (double)p) / (double)(p * (p - 1));
    r->alpha_standard = alpha_from((double)p, (double)p, total);
    if (p >= 3) {
        r->heywood = fit_factor(cor, loading);
        for (size_t i = 0; i < p; i++) {
            unique += 1 - loading[i] * loading[i];
            r->loading[at[i]] = loading[i];
        }
        r->omega = total > 0 ? 1 - unique / total : NAN;
    }
    gsl_matrix_free(cor);
    free(loading);
    return VMAP_SUCCESS;
}

/* The items that vary: their indices in `at`. False when a covariance among them is missing. */
static bool choose_items(const gsl_matrix *cov, size_t *at, size_t *used)
{
    *used = 0;
    for (size_t i = 0; i < cov->size1; i++) {
        if (gsl_matrix_get(cov, i, i) > 0)
            at[(*used)++] = i;
    }
    for (size_t i = 0; i < *used; i++) {
        for (size_t j = 0; j < i; j++) {
            if (isnan(gsl_matrix_get(cov, at[i], at[j])))
                return false;
        }
    }
    return true;
}

static vmap_status alloc(reliability *r, size_t p, vmap_error *err)
{
    r->item_rest = memory_new(p, sizeof *r->item_rest, err);
    r->if_dropped = memory_new(p, sizeof *r->if_dropped, err);
    r->loading = memory_new(p, sizeof *r->loading, err);
    if (!r->item_rest || !r->if_dropped || !r->loading)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < p; i++)
        r->item_rest[i] = r->if_dropped[i] = r->loading[i] = NAN;
    return VMAP_SUCCESS;
}

vmap_status reliability_find(const gsl_matrix *cov, size_t n, double level, reliability *result,
                             vmap_error *err)
{
    reliability r = {.items = cov->size1,
                     .n = n,
                     .alpha = NAN,
                     .low = NAN,
                     .high = NAN,
                     .se = NAN,
                     .alpha_standard = NAN,
                     .mean_r = NAN,
                     .omega = NAN};
    size_t *at = memory_new(cov->size1, sizeof *at, err);
    gsl_matrix *c = NULL;
    vmap_status status = at ? alloc(&r, cov->size1, err) : VMAP_ENOMEM;
    bool complete = !status && choose_items(cov, at, &r.used);

    if (complete && r.used >= 2) {
        c = memory_matrix(r.used, r.used, err);
        if (!c)
            status = VMAP_ENOMEM;
        for (size_t i = 0; !status && i < r.used; i++) {
            for (size_t j = 0; j < r.used; j++)
                gsl_matrix_set(c, i, j, gsl_matrix_get(cov, at[i], at[j]));
        }
        if (!status) {
            put_alpha(&r, c, level);
            put_items(&r, c, at);
            status = put_factor(&r, c, at, err);
        }
    }
    gsl_matrix_free(c);
    free(at);
    if (status)
        reliability_clear(&r);
    else
        *result = r;
    return status;
}

void reliability_clear(reliability *r)
{
    free(r->item_rest);
    free(r->if_dropped);
    free(r->loading);
    r->item_rest = r->if_dropped = r->loading = NULL;
}
