#include <config.h>
#include "compare/studentized_range.h"

#include <math.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_roots.h>
#include <gsl/gsl_sf_gamma.h>

#include "core/quantile.h"

/* Gauss-Legendre points of a panel: nodes and weights of order 16 on -1..1 (Abramowitz and Stegun
 * 1964, table 25.4). */
enum { HALF = 8 };
static const double node[HALF] = {.0950125098376374402, .2816035507792589132, .4580167776572273863,
                                  .6178762444026437484, .7554044083550030339, .8656312023878317439,
                                  .9445750230732325761, .9894009349916499326};
static const double weight[HALF] = {
    .1894506104550684963, .1826034150449235888, .1691565193950025382, .1495959888165767321,
    .1246289712555338720, .0951585116824927848, .0622535239386478929, .0271524594117540949};

typedef struct {
    double q, power, df, scale;
} parameters;

static double integrate(double (*f)(double, const parameters *), const parameters *p, double from,
                        double to, int panels)
{
    double half = (to - from) / panels / 2, sum = 0;

    for (int i = 0; i < panels; i++) {
        double middle = from + (2 * i + 1) * half;

        for (int j = 0; j < HALF; j++)
            sum += weight[j] * (f(middle - half * node[j], p) + f(middle + half * node[j], p));
    }
    return sum * half;
}

/* The largest is at z and the other k - 1 are within q below it. */
static double largest_at(double z, const parameters *p)
{
    double within = (erfc(-z * M_SQRT1_2) - erfc((p->q - z) * M_SQRT1_2)) / 2;

    return within > 0 ? gsl_ran_ugaussian_pdf(z) * pow(within, p->power) : 0;
}

static double range_lower(double q, size_t k)
{
    parameters p = {.q = q, .power = (double)k - 1};

    return q > 0 ? fmin(1, (double)k * integrate(largest_at, &p, -9, 9, 12)) : 0;
}

/* Density of t = ln s, where s^2 df is chi-square, times the chance that the range exceeds q s. */
static double at_scale(double t, const parameters *p)
{
    double s2 = exp(2 * t), log_density = p->scale + p->df * t - p->df * s2 / 2;

    return exp(log_density) * (1 - range_lower(p->q * exp(t), (size_t)p->power + 1));
}

double studentized_range_upper(double q, size_t k, double df)
{
    parameters p = {.q = q, .power = (double)k - 1, .df = df};
    double from, to;

    if (q <= 0)
        return 1;
    if (isinf(df))
        return 1 - range_lower(q, k);
    p.scale = M_LN2 + df / 2 * log(df / 2) - gsl_sf_lngamma(df / 2);
    from = log(quantile_chi_square_below(1e-14, df) / df) / 2;
    to = log(quantile_chi_square_above(1e-14, df) / df) / 2;
    return fmin(1, fmax(0, integrate(at_scale, &p, from, to, 8 + (int)(to - from))));
}

typedef struct {
    double p, df;
    size_t k;
} target;

static double excess(double q, void *context)
{
    const target *t = context;

    return studentized_range_upper(q, t->k, t->df) - t->p;
}

double studentized_range_quantile(double p, size_t k, double df)
{
    target t = {p, df, k};
    gsl_function f = {excess, &t};
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    double lo = 0, hi = 4;

    if (!solver)
        return NAN;
    while (excess(hi, &t) > 0)
        hi *= 2;
    gsl_root_fsolver_set(solver, &f, lo, hi);
    do {
        gsl_root_fsolver_iterate(solver);
        lo = gsl_root_fsolver_x_lower(solver);
        hi = gsl_root_fsolver_x_upper(solver);
    } while (gsl_root_test_interval(lo, hi, 0, 1e-12) == GSL_CONTINUE);
    hi = gsl_root_fsolver_root(solver);
    gsl_root_fsolver_free(solver);
    return hi;
}
