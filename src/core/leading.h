#ifndef CORE_LEADING_H
#define CORE_LEADING_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"

/* The k largest eigenvalues of one matrix after the other, each begun from the vectors of the one before; not exported.
 *
 * For matrices that differ little this takes some products of the matrix with k vectors, where a decomposition takes
 * p^3 operations: block Krylov spaces with restarts (Saad 2011, Numerical Methods for Large Eigenvalue Problems, ch. 6),
 * orthogonalised twice. A subspace cannot tell that nothing larger lies outside of it: whoever needs certainty asks
 * leading_complete() in the end. */
typedef struct leading leading;

/* For p x p matrices; NULL without memory. Worth its while where leading_pays(). */
leading *leading_new(size_t p, size_t k, vmap_error *err);
void leading_free(leading *l);
bool leading_pays(size_t p, size_t k);

/* Vectors to begin from: the first leading_room() columns of `vectors` (p x that many, orthonormal). */
size_t leading_room(const leading *l);
void leading_begin(leading *l, const gsl_matrix *vectors);

/* Of S R S - M with S = diag(scale), M = diag(minus), either NULL: that of scale is the identity, that of minus 0.
 *   r          p x p, symmetric
 *   tolerance  of the residuals, in largest values: values are then right to its square, vectors to itself (both times
 *              largest value over gap between the k-th and the next); not below LEADING_FINEST
 *   values     k, descending; vectors: p x k, orthonormal, signs as they come
 * False when that was not reached soon or does not look like it; outputs are then undefined, and the next call begins
 * from what was found. */
#define LEADING_FINEST 1e-13
bool leading_find(leading *l, const gsl_matrix *r, const gsl_vector *scale, const gsl_vector *minus, double tolerance,
                  gsl_vector *values, gsl_matrix *vectors);

/* Are all eigenvalues of a symmetric p x p matrix (lower triangle; overwritten) below a number? By the inertia of
 * Cholesky's factors (Sylvester). */
bool leading_complete(gsl_matrix *rest, double most);

#endif
