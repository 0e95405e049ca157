#ifndef CORE_BINORMAL_H
#define CORE_BINORMAL_H

#include <stddef.h>

/* Probabilities of two standard normal variables X and Y with correlation r, -1 <= r <= 1; not
 * exported. Limits may be infinite. A NaN among the arguments, or r outside -1..1, gives NaN. */

/* P(X > h, Y > k), absolute error below 1e-14.
 * Source: Genz (2004), Statistics and Computing 14, 251-260, section 2: Plackett's integral over
 * the correlation in the form of Drezner & Wesolowsky (1990), J. Statist. Comput. Simul. 35,
 * 101-107, for |r| < .925; beyond that the integral from |r| to 1, less the first terms of its
 * expansion, whose integral is known. Cost: 6, 12 or 20 exponentials, according to |r|. */
double binormal_upper(double h, double k, double r);

/* P(h0 < X <= h1, k0 < Y <= k1) for h0 <= h1 and k0 <= k1: one cell of the table of two cut
 * variables. Taken in the corner of the plane where the four orthants are smallest, so that what
 * cancels is small; never negative. Absolute error below 4e-14. */
double binormal_rectangle(double h0, double h1, double k0, double k1, double r);

/* P(X <= h[i], Y <= k[j]) for all pairs of finite limits, row after row into `out` (m x n), -1 < r < 1:
 * the same to rounding as one call for each, but the nodes are laid out once. */
void binormal_grid(const double *h, size_t m, const double *k, size_t n, double r, double *out);

#endif
