#ifndef STRUCTURE_PAIRS_H
#define STRUCTURE_PAIRS_H

#include <stddef.h>

#include "valuemap/error.h"

/* Two columns of numbers that belong together; not exported. */

/* The pairs of which both numbers are there. Start with whatever; free in any case. */
typedef struct pairs {
    size_t n;
    double *x, *y;
    size_t *at; /* index of each pair in the columns */
} pairs;

vmap_status pairs_new(pairs *p, const double *x, const double *y, size_t n, vmap_error *err);
void pairs_free(pairs *p);

/* Means, variances and covariance, divisor n - 1, in two passes. */
void pairs_moments(const double *x, const double *y, size_t n, double *mx, double *my, double *vx,
                   double *vy, double *cov);

/* Pearson's r; NaN when one column does not vary. */
double pairs_correlation(const double *x, const double *y, size_t n);

/* Spearman's: Pearson's of the ranks, ties by mean ranks; NaN when one column does not vary or
 * memory is short. */
double pairs_spearman(const pairs *p);

/* Kendall's tau-b (Kendall 1945, Biometrika 33, 239-251); NaN when one column does not vary.
 * Cost O(n^2). */
double pairs_kendall(const double *x, const double *y, size_t n);

/* Mean ranks from 1 of n numbers; what sort_order() calls the same, by their greatest size, are ties, as in Spearman's and
 * Kendall's. Cost O(n^2). */
void pairs_rank(const double *x, size_t n, double *rank);

#endif
