#ifndef COMPARE_LANES_H
#define COMPARE_LANES_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/metrics.h"

/* Metrics of LANES pairs at a time; not exported.
 *
 * Everything that metrics share (cumulative shares, logarithms, roots, moments) is found once, a loop over lanes at a
 * time, in vector registers. The values are those of vmap_metric.of() up to rounding and the same bytes on every
 * computer: no operation is fused or reordered, and logarithms are computed here. */

enum { LANES = 8 };
typedef double lanes[LANES];

/* What has to be found for some metrics. */
typedef struct lane_plan {
    const vmap_metric *const *metrics;
    size_t count;
    bool smoothed, js, roots, entropy, moments, cumulated, w2, chi2;
    unsigned char *kind; /* count; owned */
} lane_plan;

/* One side of LANES pairs on k scale points, each array k x LANES; what follows from it is found by lanes_prepare(). */
typedef struct lane_side {
    size_t k;
    lanes *share;             /* given */
    lanes n;                  /* given: effective numbers */
    lanes *smooth, *log_smooth, *log_share, *root, *below; /* below: cumulative shares, of i all up to and with i */
    lanes entropy, mean, variance, most;
    lanes squares; /* S n p (x - mean)^2 */
    void *memory;
} lane_side;

/* Both sides of LANES pairs. */
typedef struct lane_room {
    lane_side p, q;
} lane_room;

/* VMAP_ENOMEM. A metric that is none of vmap_metrics is refused with VMAP_EINVAL. */
vmap_status lanes_plan(const vmap_metric *const *metrics, size_t count, lane_plan *plan, vmap_error *err);
void lanes_forget(lane_plan *plan);

/* Memory for sides on k points; false when it is short. To be closed in any case. */
bool lanes_open_side(lane_side *side, size_t k);
void lanes_close_side(lane_side *side);
bool lanes_open(lane_room *room, size_t k);
void lanes_close(lane_room *room);

/* What follows from the shares of a side alone. `setting` gives codes, base and smoothing; its shares are not looked at. */
void lanes_prepare(const lane_plan *plan, lane_side *side, const vmap_metric_pair *setting);

/* Values of all metrics of p and q, which are prepared: LANES of metric i to value + i * stride on. */
void lanes_measure(const lane_plan *plan, const lane_side *p, const lane_side *q, const vmap_metric_pair *setting, double *value,
                   size_t stride);

/* Natural logarithms of count x LANES positive normal numbers, to less than one unit in the last place; 0 for 0 and below. */
void lanes_ln(const lanes *restrict x, size_t count, lanes *restrict to);

#endif
