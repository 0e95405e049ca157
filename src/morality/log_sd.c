#include <config.h>
#include "valuemap/morality.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>

#include "core/memory.h"

static double weight_of(const double *weights, size_t i)
{
    return weights ? weights[i] : 1;
}

/* Mean of sorted values without `cut` of the weight at each end. */
static double trimmed_mean(const double *x, const double *weights, const size_t *order, size_t n, double total, double cut)
{
    double below = 0, sum = 0;

    for (size_t i = 0; i < n; i++) {
        double w = weight_of(weights, order[i]), low = fmax(below, cut), high = fmin(below + w, total - cut);

        sum += high > low ? (high - low) * x[order[i]] : 0;
        below += w;
    }
    return sum / (total - 2 * cut);
}

vmap_status vmap_log_sd_error(const double *x, const double *weights, size_t n, double *se, vmap_error *err)
{
    double total = 0, mean = 0, m2 = 0, fourth = 0, cross = 0, squares = 0, centre, size = (double)n, variance;
    double trim = n > 4 ? floor(size / (2 * sqrt(size - 4))) : 0; /* values at each end */
    size_t *order = memory_new(n, sizeof *order, err);

    if (!order)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        total += weight_of(weights, i);
        mean += (x[i] - mean) * weight_of(weights, i) / total;
    }
    gsl_sort_index(order, x, 1, n);
    centre = trimmed_mean(x, weights, order, n, total, trim * total / size);
    free(order);
    for (size_t i = 0; i < n; i++)
        m2 += weight_of(weights, i) * pow(x[i] - mean, 2) / total;
    for (size_t i = 0; i < n; i++) {
        double w = weight_of(weights, i) / total;

        fourth += w * w * pow(x[i] - centre, 4);
        cross += w * w * pow(x[i] - mean, 2);
        squares += w * w;
    }
    variance = (fourth / (m2 * m2) - 2 * cross / m2 + squares + 3 / size * squares) * size / (4 * (size - 1));
    *se = n > 2 && m2 > 1e-20 * (1 + mean * mean) ? sqrt(variance) : NAN;
    return VMAP_SUCCESS;
}
