#include <config.h>
#include "valuemap/reliability.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "core/quantile.h"

const char *const vmap_icc_names[VMAP_ICC_FORMS] = {"ICC(1,1)", "ICC(2,1)", "ICC(3,1)",
                                                    "ICC(1,k)", "ICC(2,k)", "ICC(3,k)"};

/* Mean squares of targets, raters, what is left of both, and within targets. */
typedef struct {
    double n, k, target, rater, rest, within;
} mean_squares;

/* Weights of targets, scaled to the number that counts. */
typedef struct {
    const double *weight; /* NULL: all 1 */
    double scale, n;
} targets;

static double weight_of(const targets *t, size_t i)
{
    return t->weight ? t->weight[i] * t->scale : t->scale;
}

/* Weighted mean of rater j. */
static double rater_mean(const gsl_matrix *x, const targets *t, size_t j)
{
    double mean = 0;

    for (size_t i = 0; i < x->size1; i++)
        mean += weight_of(t, i) * gsl_matrix_get(x, i, j) / t->n;
    return mean;
}

static mean_squares find_squares(const gsl_matrix *x, const targets *t)
{
    mean_squares m = {.n = t->n, .k = (double)x->size2};
    double all = 0, total = 0, within = 0;

    for (size_t j = 0; j < x->size2; j++)
        all += rater_mean(x, t, j) / m.k;
    for (size_t j = 0; j < x->size2; j++) {
        double d = rater_mean(x, t, j) - all;

        m.rater += m.n * d * d;
    }
    for (size_t i = 0; i < x->size1; i++) {
        double mean = 0, w = weight_of(t, i);

        for (size_t j = 0; j < x->size2; j++)
            mean += gsl_matrix_get(x, i, j) / m.k;
        m.target += w * m.k * (mean - all) * (mean - all);
        for (size_t j = 0; j < x->size2; j++) {
            double y = gsl_matrix_get(x, i, j);

            within += w * (y - mean) * (y - mean);
            total += w * (y - all) * (y - all);
        }
    }
    m.rest = fmax(0, within - m.rater) / ((m.n - 1) * (m.k - 1));
    m.rest = m.rest > 1e-14 * total ? m.rest : 0; /* rounding is no disagreement */
    m.within = within / (m.n * (m.k - 1));
    m.target /= m.n - 1;
    m.rater /= m.k - 1;
    return m;
}

/* (f - 1) / (f + c), 1 for an infinite f. */
static double share(double f, double c)
{
    return isinf(f) ? 1 : (f - 1) / (f + c);
}

static void put_ratio(vmap_icc *one, vmap_icc *mean, double target, double error, double df2,
                      double n, double k, double tail)
{
    double f = error > 0 ? target / error : INFINITY, df1 = n - 1;
    double low = f / quantile_f_above(tail, df1, df2), high = f * quantile_f_above(tail, df2, df1);

    *one = (vmap_icc){share(f, k - 1), share(low, k - 1), share(high, k - 1), f, df1, df2,
                      isinf(f) ? 0 : gsl_cdf_fdist_Q(f, df1, df2)};
    *mean = *one;
    mean->value = share(f, 0);
    mean->low = share(low, 0);
    mean->high = share(high, 0);
    if (isinf(f))
        return;
    mean->value = 1 - 1 / f;
    mean->low = 1 - 1 / low;
    mean->high = 1 - 1 / high;
}

/* Raters as a sample: McGraw & Wong (1996), table 7. */
static void put_agreement(vmap_icc *one, vmap_icc *mean, const mean_squares *m, double tail)
{
    double n = m->n, k = m->k, r, fj, v, lower, upper;

    r = (m->target - m->rest) / (m->target + (k - 1) * m->rest + k * (m->rater - m->rest) / n);
    *one = (vmap_icc){r, NAN, NAN, m->rest > 0 ? m->target / m->rest : INFINITY, n - 1,
                      (n - 1) * (k - 1), 0};
    one->p = isinf(one->f) ? 0 : gsl_cdf_fdist_Q(one->f, one->df1, one->df2);
    *mean = *one;
    mean->value = (m->target - m->rest) / (m->target + (m->rater - m->rest) / n);
    if (!(m->rest > 0))
        return;
    fj = m->rater / m->rest;
    v = k * r * fj + n * (1 + (k - 1) * r) - k * r;
    v = (k - 1) * (n - 1) * v * v /
        ((n - 1) * k * k * r * r * fj * fj + pow(n * (1 + (k - 1) * r) - k * r, 2));
    lower = quantile_f_above(tail, n - 1, v);
    upper = quantile_f_above(tail, v, n - 1);
    one->low = n * (m->target - lower * m->rest) /
               (lower * (k * m->rater + (k * n - k - n) * m->rest) + n * m->target);
    one->high = n * (upper * m->target - m->rest) /
                (k * m->rater + (k * n - k - n) * m->rest + n * upper * m->target);
    mean->low = k * one->low / (1 + (k - 1) * one->low);
    mean->high = k * one->high / (1 + (k - 1) * one->high);
}

/* First target of positive weight. */
static size_t first_target(const gsl_matrix *x, const double *weights)
{
    size_t i = 0;

    while (weights && i + 1 < x->size1 && !(weights[i] > 0))
        i++;
    return i;
}

static bool all_alike(const gsl_matrix *x, const double *weights)
{
    double first = gsl_matrix_get(x, first_target(x, weights), 0);

    for (size_t i = 0; i < x->size1; i++) {
        for (size_t j = 0; j < x->size2; j++) {
            if (gsl_matrix_get(x, i, j) != first && !(weights && weights[i] == 0))
                return false;
        }
    }
    return true;
}

static vmap_status weigh(const gsl_matrix *x, const double *weights, double count, targets *t, vmap_error *err)
{
    double sum = 0, squares = 0;
    size_t used = 0;

    for (size_t i = 0; i < x->size1; i++) {
        double w = weights ? weights[i] : 1;

        if (!(w >= 0 && isfinite(w)))
            return vmap_error_set(err, VMAP_EINVAL, "weight %g of target %zu; weights are finite and not negative", w, i + 1);
        sum += w;
        squares += w * w;
        used += w > 0;
    }
    if (used < 2)
        return vmap_error_set(err, VMAP_EDATA, "%zu targets have a positive weight; an intraclass correlation needs two", used);
    if (isnan(count))
        count = weights ? sum * sum / squares : (double)x->size1;
    if (!(count > 1 && isfinite(count)))
        return vmap_error_set(err, VMAP_EINVAL, "%g targets; an intraclass correlation needs more than one", count);
    *t = (targets){weights, count / sum, count};
    return VMAP_SUCCESS;
}

static vmap_status check(const gsl_matrix *ratings, const double *weights, double level, vmap_error *err)
{
    if (ratings->size1 < 2 || ratings->size2 < 2)
        return vmap_error_set(err, VMAP_EINVAL,
                              "%zu targets and %zu raters; an intraclass correlation needs two of "
                              "each",
                              ratings->size1, ratings->size2);
    if (!(level > 0 && level < 1))
        return vmap_error_set(err, VMAP_EINVAL, "level %g of an interval; it lies between 0 and 1",
                              level);
    for (size_t i = 0; i < ratings->size1; i++) {
        for (size_t j = 0; j < ratings->size2; j++) {
            if (!isfinite(gsl_matrix_get(ratings, i, j)))
                return vmap_error_set(err, VMAP_EDATA,
                                      "rating %zu of target %zu is missing; every rater must rate "
                                      "every target",
                                      j + 1, i + 1);
        }
    }
    if (all_alike(ratings, weights))
        return vmap_error_set(err, VMAP_EDATA, "all ratings are the same");
    return VMAP_SUCCESS;
}

vmap_status vmap_icc_find(const gsl_matrix *ratings, const double *weights, double count, double level,
                          vmap_icc *result, vmap_error *err)
{
    double tail = (1 - level) / 2;
    targets t = {weights, 1, 0};
    mean_squares m;
    vmap_status status = check(ratings, weights, level, err);

    if (!status)
        status = weigh(ratings, weights, count, &t, err);
    if (status)
        return status;
    m = find_squares(ratings, &t);
    put_ratio(&result[VMAP_ICC_1_1], &result[VMAP_ICC_1_K], m.target, m.within,
              m.n * (m.k - 1), m.n, m.k, tail);
    put_ratio(&result[VMAP_ICC_3_1], &result[VMAP_ICC_3_K], m.target, m.rest,
              (m.n - 1) * (m.k - 1), m.n, m.k, tail);
    put_agreement(&result[VMAP_ICC_2_1], &result[VMAP_ICC_2_K], &m, tail);
    return VMAP_SUCCESS;
}
