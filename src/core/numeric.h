#ifndef CORE_NUMERIC_H
#define CORE_NUMERIC_H

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"

/* Linear algebra and sums that every module uses in the same way; not exported.
 * Pointers are not modified unless they are named as outputs; shapes must agree. */

/* Eigen-decomposition of a symmetric p x p matrix: values (length p) in descending order, vectors
 * (p x p) in columns, each of unit length with a positive sum of elements (the element of largest
 * size decides when the sum is zero to rounding). VMAP_EDATA when the matrix holds a NaN. */
vmap_status numeric_eigen(const gsl_matrix *a, gsl_vector *values, gsl_matrix *vectors,
                          vmap_error *err);

/* The k largest eigenvalues (descending) and their vectors (p x k), with the same signs; 1 <= k <= p. `values` has k
 * elements, or p: then all eigenvalues. Cheaper than all vectors when k is small beside p. */
vmap_status numeric_eigen_largest(const gsl_matrix *a, gsl_vector *values, gsl_matrix *vectors,
                                  vmap_error *err);

/* All p eigenvalues alone, descending. */
vmap_status numeric_eigenvalues(const gsl_matrix *a, gsl_vector *values, vmap_error *err);

/* Singular values of an m x n matrix: a = u diag(values) v', q = min(m, n); u is m x q, v n x q, values
 * (q) descend. VMAP_EDATA when the matrix holds a NaN. */
vmap_status numeric_svd(const gsl_matrix *a, gsl_matrix *u, gsl_vector *values, gsl_matrix *v,
                        vmap_error *err);

/* Inverse of a symmetric positive definite matrix by Cholesky. VMAP_ESINGULAR when the matrix is
 * not positive definite to working precision: smallest pivot^2 < 1e-12 x the diagonal element. */
vmap_status numeric_invert(const gsl_matrix *a, gsl_matrix *inverse, vmap_error *err);

/* Natural logarithm of the determinant of a symmetric positive definite matrix, and VMAP_ESINGULAR as
 * above. The determinant itself of some hundred items is no double. */
vmap_status numeric_log_determinant(const gsl_matrix *a, double *log_determinant, vmap_error *err);

/* The diagonal of the inverse and the logarithm of the determinant at once, cheaper than either above. */
vmap_status numeric_precisions(const gsl_matrix *a, gsl_vector *diagonal, double *log_determinant, vmap_error *err);

/* Make covariances correlations, in place: the lower triangle is read, both are written, the diagonal is 1. NaN where a
 * variance is 0. */
void numeric_standardise(gsl_matrix *s);

/* out = alpha op(a) op(b), where ta and tb say whether a and b are transposed. */
void numeric_multiply(double alpha, int ta, const gsl_matrix *a, int tb, const gsl_matrix *b,
                      gsl_matrix *out);

/* Compensated (Neumaier) running sum: start with {0}; the total is sum + rest. */
typedef struct {
    double sum, rest;
} numeric_sum;
void numeric_add(numeric_sum *s, double x);

#endif
