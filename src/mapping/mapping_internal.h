#ifndef MAPPING_INTERNAL_H
#define MAPPING_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"

/* What the linear models share; not exported. */

/* An orthonormal basis of columns: W^(1/2) design = q r, and the inverse of r. With an intercept the design is
 * (1, x); without weights the first column of q is then constant. */
typedef struct mapping_basis {
    gsl_matrix *q, *inverse;
} mapping_basis;

/* Free it in any case. VMAP_ESINGULAR names the first column that those before it determine. `weights` is one
 * number per row, not negative; NULL: all 1. */
vmap_status mapping_basis_weighted(const gsl_matrix *x, const double *weights, bool intercept, mapping_basis *basis,
                                   vmap_error *err);
/* The same without weights. */
vmap_status mapping_basis_new(const gsl_matrix *x, bool intercept, mapping_basis *basis,
                              vmap_error *err);
void mapping_basis_free(mapping_basis *basis);

/* Rows of both are the same in number and above `least`, all numbers are finite, no column is constant.
 * `y` may be NULL. */
vmap_status mapping_check(const gsl_matrix *x, const gsl_matrix *y, size_t least, vmap_error *err);

/* Clusters below n (NULL: every row its own) sorted: rows of cluster g are row[start[g]] ..
 * row[start[g + 1] - 1]. Clusters without rows are left out. Free it in any case. */
typedef struct mapping_clusters {
    size_t count, *row, *start;
} mapping_clusters;

vmap_status mapping_clusters_new(const size_t *cluster, size_t n, mapping_clusters *clusters,
                                 vmap_error *err);
void mapping_clusters_free(mapping_clusters *clusters);

/* A copy with centred columns, divided by their standard deviations (divisor n - 1) when `scale`; mean and
 * sd (columns, NULL allowed) are outputs. NULL when memory is short. */
gsl_matrix *mapping_centred(const gsl_matrix *x, bool scale, gsl_vector *mean, gsl_vector *sd,
                            vmap_error *err);

/* W^(1/2) (x - weighted mean) with columns of length 1; `weights` as above, NULL: all 1. NULL when memory is short. */
gsl_matrix *mapping_weighted(const gsl_matrix *x, const double *weights, vmap_error *err);

/* VMAP_EINVAL for one of n weights that is no number above 0; NULL: there are none. */
vmap_status mapping_check_weights(const double *weights, size_t n, vmap_error *err);

/* Slopes of standardised predictors and outcomes (beta, p x k) in the units of the data: b, (p + 1) x k
 * with the intercept first. */
void mapping_unscale(const gsl_matrix *beta, const gsl_vector *mean_x, const gsl_vector *sd_x,
                     const gsl_vector *mean_y, const gsl_vector *sd_y, gsl_matrix *b);

/* Turn the signs of column j of each of the matrices when the sum of column j of the first is negative. */
void mapping_orient(gsl_matrix *const *matrix, size_t count, size_t column);

/* The weighted basis of the model with predictor j last: the others, and what is left of j. Free it in any case. */
vmap_status mapping_basis_last(const gsl_matrix *x, size_t j, const double *weights, mapping_basis *basis, vmap_error *err);

/* What the columns of q leave of y; NULL when memory is short. */
gsl_matrix *mapping_rest(const gsl_matrix *q, const gsl_matrix *y, vmap_error *err);

/* Room for p of k + 1 wholes and (p + 1) x (k + 1) coefficients, each of which may be NULL. */
vmap_status mapping_check_p(const gsl_matrix *x, const gsl_matrix *y, const gsl_vector *whole, const gsl_matrix *coefficient,
                            vmap_error *err);

/* From (p + 1) x (k + 1) numbers, the wholes in the first row, to the two, each of which may be NULL; the coefficients' row 0
 * becomes NaN. */
void mapping_put_p(const double *found, gsl_vector *whole, gsl_matrix *coefficient);

#endif
