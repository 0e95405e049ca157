#include <config.h>
#include "valuemap/morality.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "core/memory.h"
#include "structure/pairs.h"

static void put_shape(vmap_agreement *a, const double *m, const double *h, size_t n)
{
    double mm = 0, mh = 0, vm = 0, vh = 0, cov = 0;

    for (size_t i = 0; i < n; i++) {
        mm += m[i] / (double)n;
        mh += h[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        vm += (m[i] - mm) * (m[i] - mm) / (double)n;
        vh += (h[i] - mh) * (h[i] - mh) / (double)n;
        cov += (m[i] - mm) * (h[i] - mh) / (double)n;
    }
    a->elevation = (mm - mh) * (mm - mh);
    a->scatter = (sqrt(vm) - sqrt(vh)) * (sqrt(vm) - sqrt(vh));
    a->shape = fmax(0, 2 * (sqrt(vm) * sqrt(vh) - cov));
}

vmap_status vmap_agreement_find(const double *model, const double *human, size_t n,
                                vmap_agreement *agreement, vmap_error *err)
{
    vmap_agreement a = {.scales = 0};
    double squares = 0;
    pairs p;
    vmap_status status = pairs_new(&p, model, human, n, err);

    if (!status && p.n == 0)
        status = vmap_error_set(err, VMAP_EDATA, "the two profiles have no scale in common");
    if (status) {
        pairs_free(&p);
        return status;
    }
    a.scales = p.n;
    for (size_t i = 0; i < p.n; i++) {
        double d = p.x[i] - p.y[i];

        a.error += d / (double)p.n;
        a.absolute += fabs(d) / (double)p.n;
        squares += d * d;
    }
    a.distance = sqrt(squares);
    a.rms = sqrt(squares / (double)p.n);
    put_shape(&a, p.x, p.y, p.n);
    a.correlation = p.n < 3 ? NAN : pairs_correlation(p.x, p.y, p.n);
    a.rank = p.n < 3 ? NAN : pairs_spearman(&p);
    a.kendall = p.n < 3 ? NAN : pairs_kendall(p.x, p.y, p.n);
    *agreement = a;
    pairs_free(&p);
    return VMAP_SUCCESS;
}

/* ---- calibration ---- */

/* Mean squared standard error of the pairs' means; NaN when one is unknown. */
static double mean_noise(const double *se, const pairs *p)
{
    double sum = 0;

    for (size_t i = 0; i < p->n; i++)
        sum += se ? se[p->at[i]] * se[p->at[i]] / (double)p->n : NAN;
    return sum;
}

static void put_bias(vmap_calibration *c, const pairs *p, double level)
{
    double n = (double)p->n, squares = 0, around = 0,
           t = gsl_cdf_tdist_Qinv((1 - level) / 2, n - 1);

    for (size_t i = 0; i < p->n; i++) {
        double d = p->x[i] - p->y[i];

        c->bias += d / n;
        c->absolute += fabs(d) / n;
        squares += d * d;
    }
    for (size_t i = 0; i < p->n; i++)
        around += pow(p->x[i] - p->y[i] - c->bias, 2);
    c->rms = sqrt(squares / n);
    c->bias_se = sqrt(around / (n - 1) / n);
    c->bias_low = c->bias - t * c->bias_se;
    c->bias_high = c->bias + t * c->bias_se;
}

static void put_r_interval(vmap_calibration *c, double n, double level)
{
    double z = atanh(c->r), half = gsl_cdf_ugaussian_Qinv((1 - level) / 2) / sqrt(n - 3);

    c->r_low = c->r_high = NAN;
    if (n > 3 && fabs(c->r) < 1) {
        c->r_low = tanh(z - half);
        c->r_high = tanh(z + half);
    }
}

/* vm, vh: variances of the model's and the human means, divisor n - 1; cov likewise. */
static void put_slope(vmap_calibration *c, double n, double vm, double vh, double cov, double level)
{
    double rest = fmax(0, vm - (vh > 0 ? cov * cov / vh : 0)), t;

    c->slope = c->slope_se = c->slope_low = c->slope_high = c->spread = NAN;
    if (!(vh > 0))
        return;
    t = gsl_cdf_tdist_Qinv((1 - level) / 2, n - 2);
    c->slope = cov / vh;
    c->slope_se = sqrt(rest / vh / (n - 2));
    c->slope_low = c->slope - t * c->slope_se;
    c->slope_high = c->slope + t * c->slope_se;
    c->spread = sqrt(vm / vh);
}

static void put_noise(vmap_calibration *c, double vm, double vh)
{
    double human = isnan(c->human_noise) ? vh : fmax(0, vh - c->human_noise), human_rel;

    c->true_spread = c->reliability = c->human_reliability = c->r_true = NAN;
    if (!isnan(c->human_noise) && vh > 0)
        c->human_reliability = human / vh;
    if (isnan(c->noise))
        return;
    c->reliability = vm > 0 ? fmax(0, 1 - c->noise / vm) : NAN;
    if (human > 0)
        c->true_spread = sqrt(fmax(0, vm - c->noise) / human);
    human_rel = isnan(c->human_reliability) ? 1 : c->human_reliability;
    if (c->reliability > 0 && human_rel > 0)
        c->r_true = c->r / sqrt(c->reliability * human_rel);
}

vmap_status vmap_calibration_find(const double *model, const double *model_se, const double *human,
                                  const double *human_se, size_t n, double level,
                                  vmap_calibration *calibration, vmap_error *err)
{
    vmap_calibration c = {.groups = 0};
    double mm, mh, vm, vh, cov, count;
    pairs p;
    vmap_status status;

    if (!(level > 0 && level < 1))
        return vmap_error_set(err, VMAP_EINVAL, "level %g is outside (0, 1)", level);
    status = pairs_new(&p, model, human, n, err);
    if (!status && p.n < 3)
        status = vmap_error_set(err, VMAP_EDATA,
                                "%zu groups have both means; a calibration needs three", p.n);
    if (!status) {
        count = (double)p.n;
        c.groups = p.n;
        pairs_moments(p.x, p.y, p.n, &mm, &mh, &vm, &vh, &cov);
        put_bias(&c, &p, level);
        c.r = pairs_correlation(p.x, p.y, p.n);
        c.rank = pairs_spearman(&p);
        c.kendall = pairs_kendall(p.x, p.y, p.n);
        put_r_interval(&c, count, level);
        put_slope(&c, count, vm, vh, cov, level);
        c.ccc = 2 * cov * (count - 1) / ((vm + vh) * (count - 1) + count * (mm - mh) * (mm - mh));
        c.noise = mean_noise(model_se, &p);
        c.human_noise = mean_noise(human_se, &p);
        put_noise(&c, vm, vh);
        *calibration = c;
    }
    pairs_free(&p);
    return status;
}
