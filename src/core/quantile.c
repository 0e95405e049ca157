#include <config.h>
#include "core/quantile.h"

#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_cdf.h>

/* df2 = 0: chi-square. */
typedef struct {
    double tail, df1, df2;
    bool upper;
} distribution;

/* Does the quantile lie above x? */
static bool lies_above(const distribution *d, double x)
{
    if (d->upper)
        return (d->df2 > 0 ? gsl_cdf_fdist_Q(x, d->df1, d->df2) : gsl_cdf_chisq_Q(x, d->df1)) > d->tail;
    return (d->df2 > 0 ? gsl_cdf_fdist_P(x, d->df1, d->df2) : gsl_cdf_chisq_P(x, d->df1)) < d->tail;
}

/* `start`: a positive number in the middle of the distribution. */
static double invert(const distribution *d, double start)
{
    double low = start, high = start;

    if (!(d->tail > 0 && d->tail < 1 && d->df1 > 0 && d->df2 >= 0))
        return NAN;
    while (low > 0 && !lies_above(d, low))
        low /= 2;
    while (isfinite(high) && lies_above(d, high))
        high *= 2;
    for (;;) {
        double middle = low + (high - low) / 2;

        if (!(middle > low && middle < high))
            return middle;
        if (lies_above(d, middle))
            low = middle;
        else
            high = middle;
    }
}

double quantile_f_below(double tail, double df1, double df2)
{
    return df2 > 0 ? invert(&(distribution){tail, df1, df2, false}, 1) : NAN;
}

double quantile_f_above(double tail, double df1, double df2)
{
    return df2 > 0 ? invert(&(distribution){tail, df1, df2, true}, 1) : NAN;
}

double quantile_chi_square_below(double tail, double df)
{
    return invert(&(distribution){tail, df, 0, false}, df);
}

double quantile_chi_square_above(double tail, double df)
{
    return invert(&(distribution){tail, df, 0, true}, df);
}
