#ifndef COMPARE_SPREAD_H
#define COMPARE_SPREAD_H

#include <stddef.h>

#include "valuemap/noise.h"

/* Mean, standard deviation and quantiles of replicates; not exported. */

/* Fills all of `to` but the value from n replicates, of which the quantiles at `tail` and 1 - tail are taken (linear between
 * order statistics, R's type 7); NaN when some are not finite. x is rearranged; `room` is as long as x twice. A few
 * nanoseconds a replicate: a sample of them says about where the tails begin, one pass takes those apart, and only they are
 * ordered. The result is exact whatever the sample says. */
void spread_find(double *x, size_t n, double tail, double *room, vmap_noise_spread *to);

/* VMAP_EINVAL for replicates, level and power outside their range. */
vmap_status spread_check(const vmap_noise_options *options, vmap_error *err);

#endif
