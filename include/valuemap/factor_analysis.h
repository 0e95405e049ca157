#ifndef VALUEMAP_FACTOR_ANALYSIS_H
#define VALUEMAP_FACTOR_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>

#include "valuemap/error.h"
#include "valuemap/factor_extract.h"
#include "valuemap/factor_fit.h"
#include "valuemap/factor_preset.h"
#include "valuemap/factor_rotate.h"
#include "valuemap/factor_scores.h"
#include "valuemap/factor_suitability.h"
#include "valuemap/moments.h"
#include "valuemap/retention.h"

/* A whole exploratory factor analysis, from answers (or a correlation matrix) to score weights, in three steps
 * that rest on one and the same matrix:
 *
 *     vmap_factor_analysis_new()     association, repair, is the matrix fit for it?
 *     vmap_factor_analysis_retain()  how many factors?
 *     vmap_factor_analysis_solve()   extraction, rotation, fit, score weights
 *
 * The steps are those of the modules that are included above; here is only what joins them. Settings, data and
 * result are separate, so that the same data can be analysed twice with other settings and the results compared.
 * Nothing here knows names: items are numbers.
 */

typedef struct vmap_factor_data {
    size_t p;              /* items */
    const double *values;  /* n x p answers, NaN = missing, not modified; NULL: only the matrix is known */
    size_t n;              /* respondents */
    const double *weights; /* n sampling weights; NULL: all 1 */
    const gsl_matrix *r;   /* p x p correlations, instead of values */
    double respondents;    /* behind r; NaN: not known, then no test and no retention */
} vmap_factor_data;

typedef struct vmap_factor_options {
    vmap_association_options association; /* [Pearson, pairwise] */
    vmap_smoothing smoothing;       /* repair of a matrix that is not positive definite [VMAP_SMOOTH_NONE] */
    vmap_parallel_options parallel; /* of retention */
    size_t most;                    /* solutions of 0 .. most factors are asked for retention; 0: two more than
                                       eigenvalues above 1, at most 12 and as many as have degrees of freedom [0] */
    vmap_criterion criterion;       /* that decides when `factors` is 0; VMAP_CRITERIA: the consensus
                                       [VMAP_CRITERIA] */
    size_t factors;                 /* 0: what retention found [0] */
    vmap_extract_options extract;   /* its factors and variances are filled in */
    vmap_rotate_options rotate;     /* [varimax] */
    const vmap_factor_switches *like; /* rotation as another program does it; extraction is what `extract` says, see
                                       vmap_switch_extraction(); NULL: ours [NULL] */
    double cut;                     /* least |loading| of an item that counts in unit-weight scores [.3] */
} vmap_factor_options;
void vmap_factor_options_defaults(vmap_factor_options *options);

typedef struct vmap_factor_analysis {
    /* ---- vmap_factor_analysis_new() ---- */
    size_t p;
    double n;                       /* respondents that tests count on (vmap_moments_test_n()); NaN: not known */
    bool ordinal;                   /* the association rests on an underlying normal: tests of fit do not hold */
    vmap_screening *screening;      /* NULL for a matrix */
    vmap_association *association;  /* likewise: mean, sd, n, n_eff, problem pairs */
    gsl_matrix *r;                  /* p x p, the matrix that is analysed */
    vmap_smoothing_info smoothing;  /* what repair did; `smallest` is the smallest eigenvalue in any case */
    vmap_suitability *suitability;  /* of r */

    /* ---- vmap_factor_analysis_retain(): NULL before, and where n is not known ---- */
    vmap_retention *retention;

    /* ---- vmap_factor_analysis_solve() ---- */
    size_t k;                       /* factors; 0 is a result: then nothing of the following is there */
    bool chosen;                    /* by options.factors */
    vmap_factor_solution *solution; /* unrotated and rotated; NULL with k = 0 */
    vmap_rotate_info rotation;      /* of the rotation; all 0 when there is nothing to rotate */
    bool rotated;                   /* more than one factor and a method of rotation */
    vmap_factor_fit *fit;
    vmap_score_weights *scores[VMAP_SCORE_METHODS]; /* NULL where not defined ... */
    vmap_error refusal[VMAP_SCORE_METHODS];         /* ... and why */
} vmap_factor_analysis;

/* Association of all pairs of items, repair if asked for, suitability.
 *   data      must live as long as the result is worked on
 *   analysis  to be freed with vmap_factor_analysis_free()
 * A matrix that is given must be symmetric with a unit diagonal. One with an eigenvalue below -1e-8, which no data can
 * have, is an error unless it is to be repaired; a singular one is a result.
 * Errors: those of vmap_moments_associate() (err->column is the number of an item, from 1); VMAP_EDATA for p < 3,
 * fewer than three respondents and the matrix; VMAP_EINVAL for fewer than three respondents behind a matrix; VMAP_ENOMEM. */
vmap_status vmap_factor_analysis_new(const vmap_factor_data *data, const vmap_factor_options *options,
                                     vmap_factor_analysis **analysis, vmap_error *err);
void vmap_factor_analysis_free(vmap_factor_analysis *analysis);

/* Ask all criteria, with maximum likelihood solutions of 0, 1, ... factors where the matrix allows them. Does nothing
 * when the number of respondents is not known. Errors: those of vmap_retention_new(). */
vmap_status vmap_factor_analysis_retain(vmap_factor_analysis *analysis, const vmap_factor_data *data,
                                        const vmap_factor_options *options, vmap_error *err);

/* Extract, rotate, judge, weigh. It may be called again with other options: the earlier solution is freed.
 * k is options.factors, else the answer of options.criterion; 0 is an answer.
 * Errors: VMAP_EINVAL for k with negative degrees of freedom (components: k > p), for no k at all (no retention, or a
 * criterion without an answer); VMAP_ESINGULAR when the method needs a regular matrix; those of vmap_factor_extract()
 * and vmap_factor_rotate(). What scores cannot be had is not an error: those that divide by uniquenesses are refused
 * for components and in Heywood cases. */
vmap_status vmap_factor_analysis_solve(vmap_factor_analysis *analysis, const vmap_factor_options *options,
                                       vmap_error *err);

/* Largest k of p items whose degrees of freedom are not negative. */
size_t vmap_factor_most(size_t p);

#endif
