#ifndef PAIR_SUMS_H
#define PAIR_SUMS_H

#include <stddef.h>

#include "valuemap/moments.h"

/* Weighted sums over the respondents of every pair of items; not exported.
 *
 * A row of `stride` numbers belongs to item j and holds, for every item i, the sum over those who answered both.
 * x is centred at `centre`, a number near the mean with few binary digits: products of whole answers are then whole
 * and their sums, without weights, exact. */
typedef struct pair_sums {
    size_t p, stride;
    double *centre; /* p */
    double *n;      /* p x stride: respondents */
    double *w, *w2; /* weights and their squares; without weights both are n itself */
    double *wx;     /* w x_i */
    double *wxx;    /* w x_i^2 */
    double *wxy;    /* w x_i x_j, for i <= j alone */
} pair_sums;

/* Sum over the rows of positive weight (with VMAP_LISTWISE the complete ones).
 *   rows     how many have a value at all
 *   threads  0: one per processor; the sums do not depend on it
 * Clear it even on failure. Cost: n p^2 / 2 products of values in matrix products; for the other sums, n p additions
 * for every item that a respondent leaves out (or answers, when that is less). Memory: O(p^2), and 8 n bytes. */
vmap_status pair_sums_new(const double *values, size_t n, size_t p, const double *weights, vmap_missing_rule rule,
                          unsigned threads, pair_sums *sums, size_t *rows, vmap_error *err);
void pair_sums_clear(pair_sums *sums);

#endif
