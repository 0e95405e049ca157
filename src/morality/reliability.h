#ifndef MORALITY_RELIABILITY_H
#define MORALITY_RELIABILITY_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>

#include "valuemap/error.h"

/* Reliability of one scale from the covariances of its items; not exported. */

/* Covariances of p items over the rows that are listed, each pair over its own rows and around its
 * own means (the weighted ones with weights), divisor S w (n - 1) / n, which is n - 1 without
 * weights. values   p columns among `stride` per row, NaN = missing rows     indices of n rows
 *   columns  indices of the p columns
 *   weights  per row of the whole data, NULL: all 1; rows of weight 0 count nowhere
 *   cov      p x p; NaN for a pair of fewer than two rows
 * Returns the smallest number of rows behind an element. */
size_t pair_covariance(const double *values, size_t stride, const size_t *rows, size_t n,
                       const size_t *columns, size_t p, const double *weights, gsl_matrix *cov);

typedef struct reliability {
    size_t items;     /* given */
    size_t used;      /* of these, with a variance; the others are left out, as psych does */
    size_t n;         /* sheets that the intervals count on */
    double alpha;     /* Cronbach (1951), Psychometrika 16, 297-334, eq. 2 */
    double low, high; /* interval of Feldt (1965), Psychometrika 30, 357-370 */
    double se; /* van Zyl, Neudecker & Nel (2000), Psychometrika 65, 271-280, as in Duhachek &
                  Iacobucci (2004), J. Appl. Psychol. 89, 792-808, eq. 1 */
    double alpha_standard; /* of standardised items */
    double mean_r;         /* mean correlation of two items */
    double
        omega; /* McDonald's total omega with one factor: (S l)^2 + cross terms over the sum of the
                  correlations, 1 - S u^2 / S r (McDonald 1999, Test Theory, p. 89, on standardised
                  items); one factor by least squares over the off-diagonal correlations */
    bool heywood;       /* a uniqueness of that factor is zero */
    double *item_rest;  /* `items`: correlation with the sum of the others; NaN without variance */
    double *if_dropped; /* `items`: alpha without the item; NaN without variance */
    double *loading;    /* `items`: on the factor; NaN without variance */
} reliability;

/* Reliability of a scale of p items; every number that is not defined is NaN: all with fewer than
 * two items that vary or with a covariance that is missing, omega with fewer than three, intervals
 * with n < 2. cov    p x p, not modified; an item's variance may be 0 level  of the intervals, 0 <
 * level < 1 VMAP_ENOMEM only. Free with reliability_clear(). */
vmap_status reliability_find(const gsl_matrix *cov, size_t n, double level, reliability *result,
                             vmap_error *err);
void reliability_clear(reliability *r);

#endif
