#ifndef CORE_QUANTILE_H
#define CORE_QUANTILE_H

#include <stdbool.h>
#include <stddef.h>

/* Are the replicates that are defined enough for percentiles: nine in ten of them? What is not defined would have been somewhere;
 * with more of it the tails of the rest say nothing. */
static inline bool quantile_enough(size_t defined, size_t replicates)
{
    return defined > 0 && 10 * defined >= 9 * replicates;
}

/* Quantiles of the F and chi-square distributions for any degrees of freedom; not exported.
 *
 * GSL 2.7's own inverses give NaN here and there from some thousand degrees of freedom on:
 * gsl_cdf_fdist_Qinv(.025, 2781, 11124), gsl_cdf_chisq_Pinv(.99, 97000). Its distribution functions are good to 1e-9
 * there; these are inverted by bisection, some 60 calls. (R's qf() takes chi-square for F with more than 4e5
 * degrees below: 1.0041 for qf(.975, 449999, 449999), where pf() says 1.0059.) Those of t and the normal distribution
 * are right in GSL.
 *
 *   tail  probability below or above the result, 0 < tail < 1
 *   df    degrees of freedom, more than 0, not necessarily whole
 * NaN for other arguments. */
double quantile_f_below(double tail, double df1, double df2);
double quantile_f_above(double tail, double df1, double df2);
double quantile_chi_square_below(double tail, double df);
double quantile_chi_square_above(double tail, double df);

#endif
