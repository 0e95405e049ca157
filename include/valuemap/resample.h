#ifndef VALUEMAP_RESAMPLE_H
#define VALUEMAP_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"
#include "valuemap/space.h"

/* How much of a fitted map is sampling: the whole fit repeated on resampled respondents. */

typedef struct vmap_map_options {
    size_t replicates;   /* [1000] */
    uint64_t seed;       /* [20230217] */
    unsigned threads;    /* 0: one per processor; the result does not depend on it [0] */
    vmap_missing_rule missing; /* of the correlations, as in the fit [VMAP_PAIRWISE] */
} vmap_map_options;

void vmap_map_defaults(vmap_map_options *options);

typedef struct vmap_map_bootstrap {
    size_t replicates;       /* asked for */
    size_t usable;           /* those that have a solution */
    gsl_matrix *loadings_se; /* p x k */
    gsl_matrix *position_se; /* g x k, in map units: standard error of the mean position of complete
                                answers, the uncertainty of the map itself included; NaN for a group
                                with fewer than two complete answers, and for one with so few among
                                many respondents that some replicate drew none */
    gsl_vector *congruence;  /* k: mean Tucker congruence of the replicates' loadings with the fit's */
} vmap_map_bootstrap;

/* Bootstrap a fit: respondents are drawn with replacement within their group (n - 1 of n, Rao & Wu
 * 1988, JASA 83, 231-241), correlations, components, varimax, score weights and group means are
 * computed anew, and each replicate's axes are matched to the fit's by order and sign.
 *   space    the fit, for its k axes, its loadings and its affine convention; not modified
 *   values   n x p raw codes in the order of the space's items, NaN = missing, not modified
 *   weights  n, or NULL
 *   group    n group numbers, `groups` for none (such respondents form a stratum of their own)
 * Correlations as in vmap_moments_correlate(). The result is the same for any number of
 * threads and any order of the rows.
 * Method: respondents are sorted by their pattern of missing answers, so that the sums behind all
 * pairs of items of 64 replicates are one matrix product per pattern. Cost O(replicates n p^2 / 2).
 * Errors: VMAP_EINVAL (a space without loadings, fewer than two replicates), VMAP_EDATA when no
 * replicate has a solution, VMAP_ENOMEM. */
vmap_status vmap_resample_map(const vmap_space *space, const double *values, size_t n,
                              const double *weights, const size_t *group, size_t groups,
                              const vmap_map_options *options, vmap_map_bootstrap **result,
                              vmap_error *err);
void vmap_map_bootstrap_free(vmap_map_bootstrap *bootstrap);

#endif
