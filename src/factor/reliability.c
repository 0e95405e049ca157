#include <config.h>
#include "valuemap/reliability.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "core/quantile.h"
#include "factor/factor_internal.h"

enum { SWEEPS = 20000 };

/* ---- covariances ---- */

static double pair(const double *values, size_t stride, const size_t *rows, size_t n, size_t i,
                   size_t j, const double *weights, size_t *count)
{
    double w = 0, mi = 0, mj = 0, product = 0;

    *count = 0;
    for (size_t r = 0; r < n; r++) {
        size_t row = rows ? rows[r] : r;
        double x = values[row * stride + i], y = values[row * stride + j];
        double weight = weights ? weights[row] : 1, d = x - mi;

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

size_t vmap_reliability_covariance(const double *values, size_t stride, const size_t *rows,
                                   size_t n, const size_t *columns, size_t p,
                                   const double *weights, gsl_matrix *cov)
{
    size_t least = n;

    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j <= i; j++) {
            size_t count;
            double c = pair(values, stride, rows, n, columns ? columns[i] : i,
                            columns ? columns[j] : j, weights, &count);

            gsl_matrix_set(cov, i, j, c);
            gsl_matrix_set(cov, j, i, c);
            least = count < least ? count : least;
        }
    }
    return least;
}

/* ---- one factor ---- */

bool factor_fit_one(const gsl_matrix *r, double tolerance, int sweeps, double *loading)
{
    size_t p = r->size1;
    bool bound = false;

    for (size_t i = 0; i < p; i++) { /* from the centroid */
        loading[i] = 0;
        for (size_t j = 0; j < p; j++)
            loading[i] += gsl_matrix_get(r, i, j) / (double)p;
    }
    for (int sweep = 0; sweep < sweeps; sweep++) {
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
        if (change < tolerance)
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

static void put_alpha(vmap_reliability *r, const gsl_matrix *c, double level)
{
    double p = (double)c->size1, n = r->n, tail = (1 - level) / 2;

    r->alpha = alpha_from(p, trace_of(c), sum_of(c));
    if (!(n >= 2))
        return;
    r->se = sqrt(fmax(0, alpha_variance(c)) / n);
    r->normal_low = r->alpha - gsl_cdf_ugaussian_Qinv(tail) * r->se;
    r->normal_high = r->alpha + gsl_cdf_ugaussian_Qinv(tail) * r->se;
    r->low = 1 - (1 - r->alpha) * quantile_f_above(tail, n - 1, (n - 1) * (p - 1));
    r->high = 1 - (1 - r->alpha) * quantile_f_below(tail, n - 1, (n - 1) * (p - 1));
}

/* `at`: where the items of c stand among all items. */
static void put_items(vmap_reliability *r, const gsl_matrix *c, const size_t *at)
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

/* ---- Guttman's lambdas ---- */

/* Twice the covariance of two halves: the sum over all pairs of items that the halves part. */
static double between_halves(const gsl_matrix *c, const bool *first)
{
    double sum = 0;

    for (size_t i = 0; i < c->size1; i++) {
        for (size_t j = 0; j < i; j++)
            sum += first[i] != first[j] ? 2 * gsl_matrix_get(c, i, j) : 0;
    }
    return sum;
}

/* How much that sum grows when item i changes sides. */
static double gain(const gsl_matrix *c, const bool *first, size_t i)
{
    double sum = 0;

    for (size_t j = 0; j < c->size1; j++) {
        if (j != i)
            sum += (first[i] == first[j] ? 2 : -2) * gsl_matrix_get(c, i, j);
    }
    return sum;
}

/* All splits in the order of a Gray code: one item changes sides at a time; the last one never. */
static double best_split(const gsl_matrix *c, bool *first)
{
    double now = between_halves(c, first), best = now;

    for (size_t code = 1; code < (size_t)1 << (c->size1 - 1); code++) {
        size_t i = (size_t)__builtin_ctzl(code);

        now += gain(c, first, i);
        first[i] = !first[i];
        best = fmax(best, now);
    }
    return best;
}

/* Items change sides, one at a time, as long as that helps. */
static double good_split(const gsl_matrix *c, bool *first)
{
    bool changed = true;

    for (size_t i = 0; i < c->size1; i++)
        first[i] = i % 2;
    while (changed) {
        changed = false;
        for (size_t i = 0; i < c->size1; i++) {
            if (gain(c, first, i) > 1e-12 * gsl_matrix_get(c, i, i)) {
                first[i] = !first[i];
                changed = true;
            }
        }
    }
    return between_halves(c, first);
}

enum { SPLIT_ALL = 20 }; /* items of which all splits are tried */

/* Sum of the items' variances that the others do not explain; NaN when c cannot be inverted. */
static vmap_status unexplained(const gsl_matrix *c, double *sum, vmap_error *err)
{
    gsl_matrix *inverse = memory_matrix(c->size1, c->size1, err);
    vmap_status status = inverse ? numeric_invert(c, inverse, NULL) : VMAP_ENOMEM;

    *sum = status ? NAN : 0;
    for (size_t i = 0; !status && i < c->size1; i++)
        *sum += 1 / gsl_matrix_get(inverse, i, i);
    gsl_matrix_free(inverse);
    return status == VMAP_ESINGULAR ? VMAP_SUCCESS : status;
}

static vmap_status find_lambdas(const gsl_matrix *c, double lambda[6], bool *exact, vmap_error *err)
{
    size_t p = c->size1;
    double total = sum_of(c), trace = trace_of(c), squares = 0, most = 0, left;
    bool *first = memory_new(p, sizeof *first, err);
    vmap_status status = first ? unexplained(c, &left, err) : VMAP_ENOMEM;

    *exact = p <= SPLIT_ALL;
    if (!status && total > 0) {
        for (size_t j = 0; j < p; j++) {
            double column = 0;

            for (size_t i = 0; i < p; i++)
                column += i == j ? 0 : gsl_matrix_get(c, i, j) * gsl_matrix_get(c, i, j);
            squares += column;
            most = fmax(most, column);
        }
        lambda[0] = 1 - trace / total;
        lambda[1] = lambda[0] + sqrt((double)p / (double)(p - 1) * squares) / total;
        lambda[2] = alpha_from((double)p, trace, total);
        lambda[3] = 2 * (*exact ? best_split(c, first) : good_split(c, first)) / total;
        lambda[4] = lambda[0] + 2 * sqrt(most) / total;
        lambda[5] = 1 - left / total;
    }
    free(first);
    return status;
}

/* ---- standardised items ---- */

static gsl_matrix *correlations_of(const gsl_matrix *c, vmap_error *err)
{
    gsl_matrix *cor = memory_matrix(c->size1, c->size1, err);

    if (cor) {
        gsl_matrix_memcpy(cor, c);
        numeric_standardise(cor);
    }
    return cor;
}

static vmap_status put_standardised(vmap_reliability *r, const gsl_matrix *c, const size_t *at,
                                    vmap_error *err)
{
    size_t p = c->size1;
    gsl_matrix *cor = correlations_of(c, err);
    double *loading = memory_new(p, sizeof *loading, err), unique = 0, total;
    vmap_status status = cor && loading ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status)
        status = find_lambdas(cor, r->lambda_standard, &r->lambda4_exact, err);
    if (!status) {
        total = sum_of(cor);
        r->mean_r = (total - (double)p) / (double)(p * (p - 1));
        r->alpha_standard = alpha_from((double)p, (double)p, total);
        if (p >= 3) {
            r->heywood = factor_fit_one(cor, 1e-14, SWEEPS, loading);
            for (size_t i = 0; i < p; i++) {
                unique += 1 - loading[i] * loading[i];
                r->loading[at[i]] = loading[i];
            }
            r->omega = total > 0 ? 1 - unique / total : NAN;
        }
    }
    gsl_matrix_free(cor);
    free(loading);
    return status;
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

static vmap_reliability *alloc(size_t p, double n, double level, vmap_error *err)
{
    vmap_reliability *r = memory_new(1, sizeof *r, err);

    if (!r)
        return NULL;
    *r = (vmap_reliability){.items = p, .n = n, .level = level, .alpha = NAN, .low = NAN,
                            .high = NAN, .se = NAN, .normal_low = NAN, .normal_high = NAN,
                            .alpha_standard = NAN, .mean_r = NAN, .omega = NAN};
    for (size_t i = 0; i < 6; i++)
        r->lambda[i] = r->lambda_standard[i] = NAN;
    r->item_rest = memory_new(p, sizeof *r->item_rest, err);
    r->if_dropped = memory_new(p, sizeof *r->if_dropped, err);
    r->loading = memory_new(p, sizeof *r->loading, err);
    if (!r->item_rest || !r->if_dropped || !r->loading) {
        vmap_reliability_free(r);
        return NULL;
    }
    for (size_t i = 0; i < p; i++)
        r->item_rest[i] = r->if_dropped[i] = r->loading[i] = NAN;
    return r;
}

static vmap_status judge(vmap_reliability *r, const gsl_matrix *cov, const size_t *at,
                         vmap_error *err)
{
    gsl_matrix *c = memory_matrix(r->used, r->used, err);
    vmap_status status;

    if (!c)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < r->used; i++) {
        for (size_t j = 0; j < r->used; j++)
            gsl_matrix_set(c, i, j, gsl_matrix_get(cov, at[i], at[j]));
    }
    put_alpha(r, c, r->level);
    put_items(r, c, at);
    status = find_lambdas(c, r->lambda, &r->lambda4_exact, err);
    if (!status)
        status = put_standardised(r, c, at, err);
    gsl_matrix_free(c);
    return status;
}

vmap_status vmap_reliability_new(const gsl_matrix *cov, double n, double level,
                                 vmap_reliability **result, vmap_error *err)
{
    vmap_reliability *r;
    size_t *at;
    vmap_status status = VMAP_SUCCESS;

    if (cov->size1 != cov->size2)
        return vmap_error_set(err, VMAP_EINVAL, "the covariances are %zu x %zu, not square",
                              cov->size1, cov->size2);
    if (!(level > 0 && level < 1))
        return vmap_error_set(err, VMAP_EINVAL, "level %g of an interval; it lies between 0 and 1",
                              level);
    at = memory_new(cov->size1, sizeof *at, err);
    r = at ? alloc(cov->size1, n, level, err) : NULL;
    if (!r)
        status = VMAP_ENOMEM;
    else if (choose_items(cov, at, &r->used) && r->used >= 2)
        status = judge(r, cov, at, err);
    free(at);
    if (status)
        vmap_reliability_free(r);
    else
        *result = r;
    return status;
}

void vmap_reliability_free(vmap_reliability *r)
{
    if (!r)
        return;
    free(r->item_rest);
    free(r->if_dropped);
    free(r->loading);
    free(r);
}

/* ---- several factors ---- */

/* Loadings of the factors on one general factor. */
static vmap_status fit_general(const gsl_matrix *phi, vmap_omega *o, vmap_error *err)
{
    double between = gsl_matrix_get(phi, 0, 1);

    if (phi->size1 > 2) {
        o->heywood = factor_fit_one(phi, 1e-14, SWEEPS, o->second->data);
        return VMAP_SUCCESS;
    }
    if (between < 0)
        return vmap_error_set(err, VMAP_EDATA,
                              "the two factors correlate by %.3f: negative, so that they have no "
                              "general factor",
                              between);
    gsl_vector_set_all(o->second, sqrt(between));
    return VMAP_SUCCESS;
}

/* Factors turned so that the sums of their loadings are positive. */
static void turn_factors(const gsl_matrix *pattern, const gsl_matrix *phi, gsl_matrix *turned,
                         gsl_matrix *turned_phi)
{
    gsl_matrix_memcpy(turned, pattern);
    gsl_matrix_memcpy(turned_phi, phi);
    for (size_t j = 0; j < pattern->size2; j++) {
        gsl_vector_view column = gsl_matrix_column(turned, j), phi_column, phi_row;
        double sum = 0;

        for (size_t i = 0; i < pattern->size1; i++)
            sum += gsl_matrix_get(pattern, i, j);
        if (sum >= 0)
            continue;
        phi_column = gsl_matrix_column(turned_phi, j);
        phi_row = gsl_matrix_row(turned_phi, j);
        gsl_vector_scale(&column.vector, -1);
        gsl_vector_scale(&phi_column.vector, -1);
        gsl_vector_scale(&phi_row.vector, -1);
    }
}

static void put_omega(const gsl_matrix *r, const gsl_matrix *pattern, vmap_omega *o)
{
    double total = sum_of(r), general = 0, general_squares = 0, common = 0;

    for (size_t i = 0; i < pattern->size1; i++) {
        double g = 0;

        for (size_t j = 0; j < pattern->size2; j++) {
            double l = gsl_matrix_get(pattern, i, j), second = gsl_vector_get(o->second, j);
            double rest = l * sqrt(fmax(0, 1 - second * second));

            g += l * second;
            gsl_matrix_set(o->group, i, j, rest);
            common += rest * rest;
        }
        gsl_vector_set(o->general, i, g);
        general += g;
        general_squares += g * g;
    }
    common += general_squares;
    o->hierarchical = general * general / total;
    o->total = 1 - ((double)pattern->size1 - common) / total;
    o->asymptotic = o->hierarchical / o->total;
    o->ecv = general_squares / common;
}

static vmap_status check_omega(const gsl_matrix *r, const gsl_matrix *pattern,
                               const gsl_matrix *phi, vmap_error *err)
{
    if (r->size1 != r->size2 || pattern->size1 != r->size1 || phi->size1 != phi->size2 ||
        phi->size1 != pattern->size2)
        return vmap_error_set(err, VMAP_EINVAL,
                              "correlations, pattern and factor correlations do not fit together");
    if (pattern->size2 < 2)
        return vmap_error_set(err, VMAP_EINVAL,
                              "a hierarchical omega needs at least two factors, not %zu",
                              pattern->size2);
    if (!(sum_of(r) > 0))
        return vmap_error_set(err, VMAP_EDATA,
                              "the correlations sum to %.3g: the sum of the items has no variance, "
                              "some items must be reversed first",
                              sum_of(r));
    return VMAP_SUCCESS;
}

vmap_status vmap_omega_new(const gsl_matrix *r, const gsl_matrix *pattern, const gsl_matrix *phi,
                           vmap_omega **result, vmap_error *err)
{
    size_t p = pattern->size1, k = pattern->size2;
    vmap_omega *o = NULL;
    gsl_matrix *turned = NULL, *turned_phi = NULL;
    vmap_status status = check_omega(r, pattern, phi, err);

    if (status)
        return status;
    o = memory_new(1, sizeof *o, err);
    turned = memory_matrix(p, k, err);
    turned_phi = memory_matrix(k, k, err);
    if (o) {
        o->general = gsl_vector_calloc(p);
        o->second = gsl_vector_calloc(k);
        o->group = memory_matrix(p, k, err);
    }
    if (!o || !turned || !turned_phi || !o->general || !o->second || !o->group) {
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu factors", k);
    } else {
        turn_factors(pattern, phi, turned, turned_phi);
        status = fit_general(turned_phi, o, err);
        if (!status)
            put_omega(r, turned, o);
    }
    gsl_matrix_free(turned);
    gsl_matrix_free(turned_phi);
    if (status)
        vmap_omega_free(o);
    else
        *result = o;
    return status;
}

void vmap_omega_free(vmap_omega *o)
{
    if (!o)
        return;
    gsl_vector_free(o->general);
    gsl_vector_free(o->second);
    gsl_matrix_free(o->group);
    free(o);
}
