#ifndef VALUEMAP_FACTOR_H
#define VALUEMAP_FACTOR_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"

/* Factor analysis of a p x p correlation matrix R in k factors.
 *
 * Loadings are p x k, items in rows. Nothing here knows names: labels join again in tables.
 */

/* Principal components: loadings = V_k sqrt(lambda_k), each column with a positive sum.
 *   r            p x p correlation matrix, not modified
 *   eigenvalues  p, descending (all of them)
 *   loadings     p x k, 1 <= k <= p
 * Errors: VMAP_EINVAL (shapes), VMAP_EDATA (NaN in r; fewer than k positive eigenvalues),
 * VMAP_ENOMEM. Cost O(p^3). Source: Hotelling (1933), J. Educ. Psychol. 24, 417-441. */
vmap_status vmap_factor_components(const gsl_matrix *r, gsl_vector *eigenvalues,
                                   gsl_matrix *loadings, vmap_error *err);

typedef struct vmap_rotation_info {
    double criterion; /* raw varimax criterion of the (normalised) rotated loadings:
                         S_j [ S_i l^4 - (S_i l^2)^2 / p ], larger is simpler */
    size_t sweeps;    /* passes over all pairs of factors; 0 for k = 1, 1 for the closed form k = 2 */
    bool converged;   /* the last sweep turned no pair by more than 1e-14 radian */
} vmap_rotation_info;

/* Rotate loadings to the varimax criterion.
 *   loadings  p x k, not modified
 *   kaiser    true: Kaiser normalisation, rows scaled to unit length for the criterion only
 *   rotated   p x k
 *   rotation  k x k orthogonal T with loadings T = rotated (exactly: same order, same signs)
 *   info      may be NULL; not converging is not an error
 * Method: planar rotations by the angle that is optimal in closed form for each pair of columns
 * (Kaiser 1958, Psychometrika 23, 187-200, eq. 8 and p. 193); for k = 2 that is the global optimum.
 * Rows of zero communality stay zero. Cost O(p k^2) per sweep.
 * Errors: VMAP_EINVAL (shapes), VMAP_ENOMEM. */
vmap_status vmap_factor_varimax(const gsl_matrix *loadings, bool kaiser, gsl_matrix *rotated,
                                gsl_matrix *rotation, vmap_rotation_info *info, vmap_error *err);

/* One turn on the way to varimax: columns a and b become a cos + b sin and b cos - a sin. */
typedef struct vmap_varimax_step {
    size_t sweep; /* from 1 */
    size_t a, b;
    double angle; /* radian */
} vmap_varimax_step;

/* The turns that vmap_factor_varimax() makes, in their order, for those who want to see the way.
 *   step   room for `most` of them, the first ones
 *   count  how many there are in all
 * Errors: VMAP_ENOMEM. */
vmap_status vmap_factor_varimax_steps(const gsl_matrix *loadings, bool kaiser, vmap_varimax_step *step,
                                      size_t most, size_t *count, vmap_error *err);

/* Put columns in another order and turn their signs, in loadings (p x k) and rotation (k x k) alike,
 * so that `unrotated x rotation = loadings` stays true.
 *   order  k distinct indices: new column j is old column order[j]
 *   sign   k values, 1 or -1: new column j is multiplied by sign[j] */
void vmap_factor_arrange(gsl_matrix *loadings, gsl_matrix *rotation, const size_t *order,
                         const int *sign);

/* The canonical order where no content says more: sums of squared loadings descending, column sums
 * positive. */
void vmap_factor_arrange_by_size(gsl_matrix *loadings, gsl_matrix *rotation);

/* Score weights of (orthogonally rotated) principal components: W = R^-1 L, the regression weights,
 * which give scores of unit variance because L' R^-1 L = I.
 *   r         p x p positive definite, not modified
 *   loadings  p x k, not modified
 *   weights   p x k: scores = z W for standardised answers z
 * Errors: VMAP_ESINGULAR (the message gives the smallest eigenvalue), VMAP_EINVAL, VMAP_ENOMEM.
 * Source: Thurstone (1935), The Vectors of Mind, ch. IX. */
vmap_status vmap_factor_component_weights(const gsl_matrix *r, const gsl_matrix *loadings,
                                          gsl_matrix *weights, vmap_error *err);

#endif
