#ifndef ROTATE_INTERNAL_H
#define ROTATE_INTERNAL_H

#include "valuemap/factor_rotate.h"

/* Criteria of rotation, all to be minimised; not exported.
 *   l       p x k rotated loadings
 *   g       p x k: derivatives of the criterion
 *   o       parameter and target; parameter is set, never NaN
 * Returns the criterion. */
typedef double (*rotate_criterion)(const gsl_matrix *l, const vmap_rotate_options *o,
                                   gsl_matrix *g);

/* The criterion of a method; NULL for those that are not found by gradients (none, promax). */
rotate_criterion rotate_criterion_of(vmap_rotation method);

#endif
