#include <config.h>

#include <math.h>
#include <stdint.h>

#include <gsl/gsl_cdf.h>

#include "moments/moments_internal.h"

typedef struct {
    const double *x, *weights;
    const size_t *level;
    size_t n;
    double mean, sd;
    double threshold[MOMENTS_CATEGORIES + 1]; /* below and above each level */
} fit;

static double density(double x)
{
    return isinf(x) ? 0 : exp(-x * x / 2) / sqrt(2 * M_PI);
}

/* P(lower < Z <= upper) without loss in either tail. */
static double between(double lower, double upper)
{
    return lower > 0 ? gsl_cdf_ugaussian_Q(lower) - gsl_cdf_ugaussian_Q(upper)
                     : gsl_cdf_ugaussian_P(upper) - gsl_cdf_ugaussian_P(lower);
}

/* The normal deviate at a threshold given z, and in *slope its density times its derivative by
 * rho. */
static double deviate(double threshold, double z, double rho, double rest, double *slope)
{
    double u = (threshold - rho * z) / rest;

    *slope = isinf(threshold) ? 0 : density(u) * (rho * threshold - z) / (rest * rest * rest);
    return u;
}

static double score_of_values(void *context, double rho, double *information)
{
    const fit *f = context;
    double rest = sqrt((1 - rho) * (1 + rho)), score = 0;

    *information = 0;
    for (size_t r = 0; r < f->n; r++) {
        double w = f->weights ? f->weights[r] : 1, z = (f->x[r] - f->mean) / f->sd, above, beneath;
        double lower = deviate(f->threshold[f->level[r]], z, rho, rest, &beneath);
        double upper = deviate(f->threshold[f->level[r] + 1], z, rho, rest, &above);
        double s = (above - beneath) / fmax(between(lower, upper), 1e-300);

        score += w * s;
        *information += w * s * s;
    }
    return score;
}

/* Mean and standard deviation of x, thresholds of y; the correlation with the level's number in
 * *start. */
static vmap_status prepare(fit *f, size_t levels, double *start, vmap_error *err)
{
    double share[MOMENTS_CATEGORIES] = {0}, w = 0, my = 0, yy = 0, xy = 0, xx = 0, sum = 0;
    size_t used = 0;

    for (size_t r = 0; r < f->n; r++) {
        double v = f->weights ? f->weights[r] : 1;

        w += v;
        share[f->level[r]] += v;
        if (v > 0) {
            f->mean += v / w * (f->x[r] - f->mean);
            my += v / w * ((double)f->level[r] - my);
        }
    }
    for (size_t r = 0; r < f->n; r++) {
        double v = (f->weights ? f->weights[r] : 1) / w, x = f->x[r] - f->mean;
        double y = (double)f->level[r] - my;

        xx += v * x * x;
        yy += v * y * y;
        xy += v * x * y;
    }
    f->sd = sqrt(xx);
    *start = xy / sqrt(xx * yy);
    f->threshold[0] = -INFINITY;
    for (size_t i = 0; i < levels; i++) {
        sum += share[i];
        used += share[i] > 0;
        f->threshold[i + 1] = sum < w ? gsl_cdf_ugaussian_Pinv(sum / w) : INFINITY;
    }
    f->threshold[levels] = INFINITY;
    if (used < 2)
        return vmap_error_set(err, VMAP_EDATA, "only one category is used");
    if (!(xx > 1e-28 * f->mean * f->mean))
        return vmap_error_set(err, VMAP_EDATA, "the continuous item is constant");
    return VMAP_SUCCESS;
}

vmap_status vmap_moments_polyserial(const double *x, const size_t *level, size_t n, size_t levels,
                                    const double *weights, double *rho, vmap_error *err)
{
    fit f = {.x = x, .weights = weights, .level = level, .n = n};
    double start = 0;
    bool boundary;
    vmap_status status;

    if (levels < 2 || levels > MOMENTS_CATEGORIES)
        return vmap_error_set(err, VMAP_EINVAL, "%zu categories; 2..%d are possible", levels,
                              MOMENTS_CATEGORIES);
    status = prepare(&f, levels, &start, err);
    if (!status)
        *rho = moments_climb(score_of_values, &f, start, &boundary);
    return status;
}
