#include <config.h>
#include "valuemap/cluster.h"

#include <math.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"
#include "core/registry.h"

/* ---- the metrics ---- */

static double euclidean(const double *a, const double *b, const double *scale, size_t p)
{
    double sum = 0;

    (void)scale;
    for (size_t j = 0; j < p; j++)
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sqrt(sum);
}

static double manhattan(const double *a, const double *b, const double *scale, size_t p)
{
    double sum = 0;

    (void)scale;
    for (size_t j = 0; j < p; j++)
        sum += fabs(a[j] - b[j]);
    return sum;
}

static double maximum(const double *a, const double *b, const double *scale, size_t p)
{
    double most = 0;

    (void)scale;
    for (size_t j = 0; j < p; j++)
        most = fmax(most, fabs(a[j] - b[j]));
    return most;
}

static double mean_of(const double *x, size_t p)
{
    double sum = 0;

    for (size_t j = 0; j < p; j++)
        sum += x[j];
    return sum / (double)p;
}

/* 1 - Pearson's r of the two profiles; NaN when one of them is constant. */
static double correlation(const double *a, const double *b, const double *scale, size_t p)
{
    double ma = mean_of(a, p), mb = mean_of(b, p), aa = 0, bb = 0, ab = 0;

    (void)scale;
    for (size_t j = 0; j < p; j++) {
        aa += (a[j] - ma) * (a[j] - ma);
        bb += (b[j] - mb) * (b[j] - mb);
        ab += (a[j] - ma) * (b[j] - mb);
    }
    if (!(aa > 1e-24 * (ma * ma)) || !(bb > 1e-24 * (mb * mb)))
        return NAN;
    return fmax(0, 1 - ab / (sqrt(aa) * sqrt(bb)));
}

/* Mean over the values that both have of |a - b| / range; a constant value counts as equal. */
static double gower(const double *a, const double *b, const double *scale, size_t p)
{
    double sum = 0;
    size_t both = 0;

    for (size_t j = 0; j < p; j++) {
        if (isnan(a[j]) || isnan(b[j]))
            continue;
        sum += scale[j] > 0 ? fabs(a[j] - b[j]) / scale[j] : 0;
        both++;
    }
    return both ? sum / (double)both : NAN;
}

/* Euclidean over the values that both have, scaled up to all p as R's dist() does. */
static double available(const double *a, const double *b, const double *scale, size_t p)
{
    double sum = 0;
    size_t both = 0;

    (void)scale;
    for (size_t j = 0; j < p; j++) {
        if (isnan(a[j]) || isnan(b[j]))
            continue;
        sum += (a[j] - b[j]) * (a[j] - b[j]);
        both++;
    }
    return both ? sqrt(sum * (double)p / (double)both) : NAN;
}

const vmap_cluster_metric vmap_cluster_metrics[] = {
    {"euclidean", "straight-line distance", "", false, euclidean},
    {"manhattan", "sum of absolute differences", "", false, manhattan},
    {"maximum", "largest absolute difference", "", false, maximum},
    {"correlation", "1 - Pearson's r of the profiles: shape without level and spread", "", false,
     correlation},
    {"available", "straight-line distance over the values that both units have, scaled up to all of "
                  "them; not a metric where values are missing",
     "R Core Team, dist()", true, available},
    {"gower", "mean of |difference| / range over the values that both units have, 0..1",
     "Gower (1971), Biometrics 27, 857-871", true, gower},
};
const size_t vmap_cluster_metrics_count =
    sizeof vmap_cluster_metrics / sizeof *vmap_cluster_metrics;

/* ---- filling the matrix ---- */

static const vmap_cluster_metric *find_metric(const char *name, vmap_error *err)
{
    size_t i = REGISTRY_FIND(vmap_cluster_metrics, vmap_cluster_metrics_count, "metric", name, err);

    return i < vmap_cluster_metrics_count ? &vmap_cluster_metrics[i] : NULL;
}

static void find_ranges(const gsl_matrix *points, double *range)
{
    for (size_t j = 0; j < points->size2; j++) {
        double low = INFINITY, high = -INFINITY;

        for (size_t i = 0; i < points->size1; i++) {
            double x = gsl_matrix_get(points, i, j);

            if (!isnan(x)) {
                low = fmin(low, x);
                high = fmax(high, x);
            }
        }
        range[j] = high > low ? high - low : 0;
    }
}

static vmap_status check_values(const gsl_matrix *points, const vmap_cluster_metric *metric,
                                vmap_error *err)
{
    for (size_t i = 0; i < points->size1; i++) {
        for (size_t j = 0; j < points->size2; j++) {
            double x = gsl_matrix_get(points, i, j);

            if (isinf(x) || (isnan(x) && !metric->skips_missing))
                return vmap_error_set(err, VMAP_EDATA,
                                      "unit %zu has the value %g on axis %zu, which metric %s cannot "
                                      "take%s",
                                      i + 1, x, j + 1, metric->name,
                                      isnan(x) ? "; gower and available skip missing values" : "");
        }
    }
    return VMAP_SUCCESS;
}

static vmap_status fill(const gsl_matrix *points, const vmap_cluster_metric *metric,
                        const double *range, gsl_matrix *d, vmap_error *err)
{
    size_t n = points->size1, p = points->size2;

    for (size_t i = 0; i < n; i++) {
        gsl_matrix_set(d, i, i, 0);
        for (size_t j = 0; j < i; j++) {
            double x = metric->distance(gsl_matrix_const_ptr(points, i, 0),
                                        gsl_matrix_const_ptr(points, j, 0), range, p);

            if (isnan(x))
                return vmap_error_set(err, VMAP_EDATA, "units %zu and %zu %s: they have no %s "
                                                       "dissimilarity",
                                      j + 1, i + 1,
                                      metric->skips_missing ? "have no value in common"
                                                            : "include a constant profile",
                                      metric->name);
            gsl_matrix_set(d, i, j, x);
            gsl_matrix_set(d, j, i, x);
        }
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_cluster_dissimilarity(const gsl_matrix *points, const char *metric, gsl_matrix *d,
                                       vmap_error *err)
{
    const vmap_cluster_metric *found = find_metric(metric, err);
    gsl_matrix *result;
    double *range;
    vmap_status status;

    if (!found)
        return VMAP_ENOENT;
    if (d->size1 != points->size1 || d->size2 != points->size1)
        return vmap_error_set(err, VMAP_EINVAL, "the matrix is %zu x %zu for %zu units", d->size1,
                              d->size2, points->size1);
    status = check_values(points, found, err);
    if (status)
        return status;
    range = memory_new(points->size2, sizeof *range, err);
    result = memory_matrix(points->size1, points->size1, err);
    status = range && result ? VMAP_SUCCESS : VMAP_ENOMEM;
    if (!status) {
        find_ranges(points, range);
        status = fill(points, found, range, result, err);
    }
    if (!status)
        gsl_matrix_memcpy(d, result);
    free(range);
    gsl_matrix_free(result);
    return status;
}
