#ifndef COMPARE_LINE_H
#define COMPARE_LINE_H

#include <stddef.h>

#include "valuemap/metrics.h"

/* Populations along the line through two observed distributions, and curves over it; not exported.
 *
 * p(t) = m + t (p - m), q(t) = m + t (q - m), m what the two have in common (pooled by effective numbers); t = 0: one population,
 * t = 1: what was observed. Shares below 0 become 0, the rest is scaled to 1. */

/* Points on the line: 0, .35, .7, 1, and four more in equal ratios, the last of them `reach` times what was observed or what
 * chance makes, whichever is more. */
enum { LINE = 8, OBSERVED = 3 };

/* The directions of p and q (k numbers each), and the points. When the two sides are the same there is no direction: one side
 * then moves to the first scale point, the other to the last. */
void line_set(const vmap_metric_pair *pair, double *a, double *b, double t[LINE]);

/* The two populations at t. */
void line_move(const vmap_metric_pair *pair, const double *a, const double *b, double t, double *u, double *v);

/* A sum of 1. */
void line_scale(double *x, size_t k);

/* The t at which a curve of n points, taken as ascending, reaches y: 0 when it begins there or above, the last one when it never
 * does. */
double line_reach(const double *t, const double *curve, size_t n, double y);

/* The largest t at which the curve is no more than y; 0 when there is none. */
double line_leave(const double *t, const double *curve, size_t n, double y);

/* The curve at `at`, between points (and beyond the last) on a straight line. */
double line_along(const double *t, const double *curve, size_t n, double at);

#endif
