#ifndef COMPARE_STUDENTIZED_RANGE_H
#define COMPARE_STUDENTIZED_RANGE_H

#include <stddef.h>

/* The range of k independent standard normal numbers, divided by an independent estimate of sigma with
 * df degrees of freedom (INFINITY: sigma is known); not exported.
 * Source: Tukey (1953); Copenhaver and Holland (1988), J. Stat. Comput. Simul. 30, 1-15. */

/* P(Q > q), k >= 2, df > 0; absolute error below 1e-11. */
double studentized_range_upper(double q, size_t k, double df);

/* The q that is exceeded with probability p, 0 < p < 1. */
double studentized_range_quantile(double p, size_t k, double df);

#endif
