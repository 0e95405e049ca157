#ifndef COMPARE_UPPER_H
#define COMPARE_UPPER_H

#include "valuemap/metrics.h"

/* How far apart two populations may be at most, seen along what an ordered distance reacts to most; not exported.
 *
 * The Wasserstein-1 distance is the largest difference of means of any function whose steps do not exceed those of the
 * codes (Kantorovich & Rubinstein 1958), among them the K functions |x - x_c|: the mean (c the first point) and the
 * spread around every other point. The difference of means of each of them is nearly normal with a known standard
 * error even where the distance itself is near its floor, so that its upper limit bounds the distance from above when
 * the populations differ in that way. Of other ordered metrics the value is taken at the populations that differ in that
 * way by that much: p (1 - u (h - mean h)) and q (1 + u (h - mean h)), tilted from what the two have in common.
 *
 * `room` has 3 K places and is written to. */

/* The largest value of the metric, over the K functions, when each differs by z standard errors more than observed. */
double upper_limit(const vmap_metric *metric, const vmap_metric_pair *pair, double z, double *room);

/* The largest p, over the K functions, of "they differ by as much as makes the metric `margin`"; 0 when none can. */
double upper_p(const vmap_metric *metric, const vmap_metric_pair *pair, double margin, double *room);

#endif
