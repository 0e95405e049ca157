#ifndef STRUCTURE_CORRELATIONS_H
#define STRUCTURE_CORRELATIONS_H

#include "valuemap/structure.h"

/* The measures of vmap_structure_correlations() that a permutation test repeats: frobenius, distance, first1,
 * first2, jennrich, steiger and their p; not exported. `p`, `pairs` and `df` of c are set. The matrices are
 * finite. */
vmap_status correlations_differences(vmap_correlations *c, const gsl_matrix *r1, double n1, const gsl_matrix *r2, double n2,
                                     vmap_error *err);

#endif
