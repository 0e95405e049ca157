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

/* Least-squares regression u (k x k) of the target q on the loadings l (both p x k), its columns scaled so
 * that factors of the pattern l u have unit variance: u = (l'l)^-1 l'q diag((u'u)^-1)^(1/2). The step that
 * all forms of promax share (Hendrickson and White 1964). VMAP_ESINGULAR when two factors coincide. */
vmap_status rotate_to_target(const gsl_matrix *l, const gsl_matrix *q, gsl_matrix *u, vmap_error *err);

#endif
