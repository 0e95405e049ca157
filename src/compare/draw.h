#ifndef COMPARE_DRAW_H
#define COMPARE_DRAW_H

#include <stddef.h>

#include <gsl/gsl_rng.h>

/* Random counts on scale points; not exported. */

/* Successes in n trials with probability p, 0 < p < 1. Exact up to rounding; cost does not grow with n. */
unsigned draw_binomial(gsl_rng *rng, double p, unsigned n);

/* n draws from K shares that add up to 1: counts to x. */
void draw_multinomial(gsl_rng *rng, size_t k, unsigned n, const double *share, unsigned *x);

/* n of the balls of K colours, `count` of each, without putting back; n is at most their number. */
void draw_hypergeometric(gsl_rng *rng, size_t k, const unsigned *count, unsigned n, unsigned *x);

/* How many of `n` balls drawn without putting back from `white` and `black` ones are white. Exact inversion from the
 * mode outwards: cost proportional to the standard deviation. */
unsigned draw_white(gsl_rng *rng, unsigned white, unsigned black, unsigned n);

/* Whole counts that add up to n and are nearest to n x share: largest remainders, the first of equal ones. */
void draw_whole_counts(size_t k, const double *share, unsigned n, unsigned *count);

/* An effective number of answers as a whole one, from 1 to 10^9. */
unsigned draw_whole(double n);

#endif
