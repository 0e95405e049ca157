#ifndef COMPARE_COUNT_H
#define COMPARE_COUNT_H

#include <stdbool.h>

#include "valuemap/distributions.h"

/* What the counting of answers shares; not exported. */

/* The value of vmap_responses.point that stands for a code (NaN: missing for a reason). */
unsigned char count_point(const vmap_points *points, double value, unsigned char reason);

/* Which place of vmap_distributions.reason a value of vmap_responses.point counts in. */
static inline size_t count_reason(unsigned char point)
{
    return point < VMAP_POINTS_MAX         ? VMAP_PRESENT
           : point == VMAP_POINT_BETWEEN ? VMAP_REASONS
                                         : (size_t)(point - VMAP_POINT_REASON);
}

/* A sum to about 106 bits: what a double cannot hold is kept in `rest` (Knuth 1998, TAOCP 2, section 4.2.2). */
typedef struct {
    double sum, rest;
} exact;

static inline void exact_add(exact *to, double x)
{
    double sum = to->sum + x, part = sum - to->sum;

    to->rest += (to->sum - (sum - part)) + (x - part);
    to->sum = sum;
}

static inline double exact_value(const exact *of)
{
    return of->sum + of->rest;
}

/* Count a respondent in a row of a tally by his points (p values of vmap_responses.point); weight above 0. */
vmap_status count_add(vmap_tally *tally, size_t row, const unsigned char *point, double weight, vmap_error *err);

/* Add the weight of a row of a tally. */
void count_weight(const vmap_tally *tally, size_t row, exact *to);

/* Distributions without any answer, to be filled with sums; NULL with err set when memory is short. */
vmap_distributions *count_new(size_t groups, size_t p, const vmap_points *points, vmap_error *err);

/* Turn sums of weights into shares and rates, and `square` (groups x p: sums of squared weights) into effective
 * numbers; `total` (groups) is the weight of all rows. */
void count_finish(vmap_distributions *d, const double *square, const double *total);

#endif
