#ifndef SUPPORT_SOLVER_H
#define SUPPORT_SOLVER_H

#include "valuemap/factor_bootstrap.h"

/* A `solve` of vmap_factor_resample_options: unweighted least squares from one start, as many factors as `loadings` has columns,
 * turned as `context`, a const vmap_rotate_options *, says. `variance` is not looked at. */
vmap_status solve_uls(const gsl_matrix *r, const gsl_matrix *variance, const void *context, gsl_matrix *loadings,
                      gsl_matrix *phi, vmap_error *err);

#endif
