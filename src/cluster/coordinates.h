#ifndef CLUSTER_COORDINATES_H
#define CLUSTER_COORDINATES_H

#include <gsl/gsl_matrix.h>

#include "valuemap/error.h"

/* Points whose Euclidean distances are the given ones, as far as there are such points (principal coordinates: Gower 1966,
 * Biometrika 53, 325-338); not exported.
 *   dissimilarity  n x n, symmetric, 0 on the diagonal
 *   points         fresh, n x d: d is the number of positive eigenvalues (1 with a column of 0 where all distances are 0); the
 *                  mean of every column is 0. What negative eigenvalues stand for is left out
 * Cost: n^3. VMAP_ENOMEM; VMAP_EDATA for a NaN. */
vmap_status coordinates_find(const gsl_matrix *dissimilarity, gsl_matrix **points, vmap_error *err);

#endif
