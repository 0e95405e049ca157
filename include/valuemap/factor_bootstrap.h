#ifndef VALUEMAP_FACTOR_BOOTSTRAP_H
#define VALUEMAP_FACTOR_BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_matrix.h>

#include "valuemap/congruence.h"
#include "valuemap/error.h"
#include "valuemap/moments.h"

/* How sure a factor solution is: the whole analysis repeated on resampled respondents, or with one part of
 * the data left out after the other.
 */

/* From correlations to a solution: whatever extraction and rotation the caller wants.
 *   r         p x p, not modified
 *   variance  p x p sampling variances of r, for weighted least squares; NULL unless the association has them
 *   loadings  p x k pattern, to be filled
 *   phi       k x k correlations of the factors, to be filled
 * A failure makes the replicate unusable. It is called from several threads at once. */
typedef vmap_status (*vmap_factor_solver)(const gsl_matrix *r, const gsl_matrix *variance, const void *context,
                                          gsl_matrix *loadings, gsl_matrix *phi, vmap_error *err);

/* Principal components turned by varimax with Kaiser normalisation, by size; variance and context are not used. */
vmap_status vmap_factor_solve_components(const gsl_matrix *r, const gsl_matrix *variance, const void *context,
                                         gsl_matrix *loadings, gsl_matrix *phi, vmap_error *err);

typedef struct vmap_factor_resample_options {
    size_t replicates;          /* [1000] */
    uint64_t seed;              /* [20230217] */
    unsigned threads;           /* 0: one per processor; the result does not depend on it [0] */
    vmap_association_options association; /* how the matrix of each replicate or part is made: as that of the solution.
                                   Its threads are not used [Pearson, pairwise] */
    double level;               /* of the intervals [.95] */
    vmap_alignment alignment;   /* of replicates with the solution: VMAP_ALIGN_ORTHOGONAL lets them turn as
                                   a whole, VMAP_ALIGN_COLUMNS only changes order and signs, and the
                                   uncertainty of the rotation counts. Oblique solutions need the latter
                                   [VMAP_ALIGN_ORTHOGONAL] */
    vmap_factor_solver solve;   /* [vmap_factor_solve_components] */
    const void *context;        /* of `solve` [NULL] */
} vmap_factor_resample_options;
void vmap_factor_resample_defaults(vmap_factor_resample_options *options);

/* An estimate and what resampling says about it. */
typedef struct vmap_interval {
    double estimate, se;
    double low, high;         /* percentiles, type 7 of R */
    double bca_low, bca_high; /* bias-corrected and accelerated (Efron 1987, JASA 82, 171-185), acceleration
                                 from 63 parts of the respondents left out in turn (Frangos & Schucany 1990,
                                 Comput. Stat. Data Anal. 9, 271-281); NaN where all replicates lie on one
                                 side of the estimate */
} vmap_interval;

typedef struct vmap_factor_bootstrap {
    size_t p, k, replicates;
    size_t usable;              /* replicates that have a solution */
    vmap_interval *loading;     /* p x k, row after row */
    vmap_interval *communality; /* p: diagonal of L phi L' */
    vmap_interval *phi;         /* k x k */
    vmap_interval *eigenvalue;  /* p of the correlation matrix, descending */
    double *replicate;          /* usable x p x k: aligned loadings */
} vmap_factor_bootstrap;

/* Bootstrap a factor solution: n - 1 of the n respondents of each stratum are drawn with replacement (Rao &
 * Wu 1988, JASA 83, 231-241), correlations, extraction and rotation are computed anew, and each replicate is
 * aligned with the solution of all respondents.
 *   values, weights  as for vmap_moments_associate()
 *   stratum, strata  n numbers; `strata` for respondents of no group, a stratum of their own; NULL, 0: one
 *   k                factors
 * With VMAP_MIXED the kinds of the items are those of all respondents in every replicate.
 * The result is the same for any number of threads and any order of the rows. Cost: Pearson without EM
 * O(replicates n p^2 / 2) in matrix products, memory O(64 n) per thread; every other association as often as there
 * are replicates, and 63 times more for the acceleration, memory O(n p) per thread.
 * Errors: VMAP_EINVAL (k, replicates, level, oblique alignment), VMAP_EDATA when the respondents or more than
 * half of the replicates have no solution, VMAP_ENOMEM. */
vmap_status vmap_factor_bootstrap_new(const double *values, size_t n, size_t p, const double *weights,
                                      const size_t *stratum, size_t strata, size_t k,
                                      const vmap_factor_resample_options *options,
                                      vmap_factor_bootstrap **result, vmap_error *err);
void vmap_factor_bootstrap_free(vmap_factor_bootstrap *bootstrap);

/* ---- one part left out after the other ---- */

typedef struct vmap_factor_jackknife {
    size_t p, k, parts;
    size_t usable;
    gsl_matrix *se;      /* p x k: sqrt((G - 1) / G  S (l_-g - mean)^2) of the aligned loadings (Tukey 1958) */
    gsl_vector *phi;     /* parts: least congruence of a factor without the part; NaN without a solution */
    gsl_vector *largest; /* parts: largest change of a loading */
} vmap_factor_jackknife;

/* Leave out each of the parts (countries, waves) in turn.
 *   part    n numbers below `parts`, or `parts` for respondents who are always in
 *   target  p x k: the solution of all
 * With VMAP_MIXED and no kinds in the options they are those of all respondents.
 * Errors: VMAP_EINVAL (fewer than two parts, shapes), VMAP_EDATA (no part has a solution), VMAP_ENOMEM.
 * Cost: the association as often as there are parts. */
vmap_status vmap_factor_jackknife_parts(const double *values, size_t n, size_t p, const double *weights,
                                        const size_t *part, size_t parts, const gsl_matrix *target,
                                        const vmap_factor_resample_options *options,
                                        vmap_factor_jackknife **result, vmap_error *err);
/* Leave out each item of the correlations r in turn: `parts` is p, the standard error of an item comes from
 * the p - 1 solutions that have it. `variance` as of vmap_factor_solver, or NULL. */
vmap_status vmap_factor_jackknife_items(const gsl_matrix *r, const gsl_matrix *variance, const gsl_matrix *target,
                                        const vmap_factor_resample_options *options,
                                        vmap_factor_jackknife **result, vmap_error *err);
void vmap_factor_jackknife_free(vmap_factor_jackknife *jackknife);

#endif
