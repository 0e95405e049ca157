#ifndef VALUEMAP_MAPPING_COMPARE_H
#define VALUEMAP_MAPPING_COMPARE_H

#include <gsl/gsl_matrix.h>

#include "valuemap/error.h"
#include "valuemap/mapping.h"
#include "valuemap/structure.h"

/* Does a model map culture on morality as people do? The same n nations, p predictors and k outcomes
 * for both; symbols and errors as in valuemap/mapping.h.
 *
 * Since nations are the same, the coefficients of the model minus those of people are the coefficients of
 * the differences (model - people) on the predictors, and errors of the one that are robust against
 * clusters of the two rows of a nation are those of the other. All tests of equality are made on the
 * differences.
 */

/* Two sets of coefficients, standardised predictors, outcomes in their own units. */
typedef struct vmap_mapping_likeness {
    double angle;  /* between them, in degrees: 0 the same direction, 90 unrelated, 180 opposite. With one
                      predictor and one outcome it is 0 or 180 */
    double angle_p; /* of an angle as small as this one when the model's nations are shuffled; NaN for
                       single outcomes */
    double length, length_low, length_high; /* length of the model's over that of people's: above 1 the
                      model exaggerates, below 1 it plays down. Interval: jackknife over nations of its
                      logarithm, t with n - 1 degrees of freedom */
    double human_r2, model_r2; /* of all outcomes: share of the sum of their variances */
    double ratio, ratio_low, ratio_high; /* model_r2 / human_r2: above 1 culture decides more in the model
                      than in people: stereotyping. Interval as for length; note that sampling noise in
                      either's means lowers its r2 */
    /* The same without what noise does. Residuals of few nations turn and lengthen coefficients: of two mappings with
     * the same direction the angle is some 35 degrees with 17 nations. From the sums of squares and products
     * of the coefficients their expected noise (the covariance of the options, with CR2 unbiased) is taken off; R2 are
     * adjusted. NaN where nothing is left of one side, and an interval where that happens without some nation. Intervals:
     * jackknife over nations of the cosine and of the logarithms; in simulation they covered .92 to 1 (percentile
     * bootstrap over nations: 0 to .97). */
    double angle_true, angle_low, angle_high; /* 0 when more than that is left: the cosine can pass 1 */
    double length_true, length_true_low, length_true_high;
    double ratio_true, ratio_true_low, ratio_true_high;
} vmap_mapping_likeness;

typedef struct vmap_mapping_comparison {
    size_t n, p, k;
    vmap_mapping *human, *model; /* separately */
    vmap_mapping *difference;    /* of model - people; its rows above 0 are differences of coefficients */
    vmap_mapping_wald all;       /* all p k differences of coefficients are 0; f and p are NaN when there are
                                    too many for so few nations or their covariance is singular */
    vmap_mapping_wald *outcome;  /* k: the p of one outcome */
    vmap_mapping_wald *predictor; /* p: the k of one predictor */
    double flipped;              /* p of `all`, by flipping the signs of the nations' differences: the one to read.
                                    vmap_mapping_flip() says why */
    double *outcome_flipped, *predictor_flipped; /* k, p: likewise */
    double permuted;             /* p of `all`, by permuting the differences over nations; with unequal variances
                                    it is far too small */
    double *outcome_permuted, *predictor_permuted; /* k, p: likewise, Freedman & Lane for single predictors */
    vmap_mapping_likeness alike;          /* all outcomes */
    vmap_mapping_likeness *outcome_alike; /* k */
} vmap_mapping_comparison;

/*   x             n x p
 *   human, model  n x k, in the same units
 *   options       errors and level; clusters over nations allowed, weights not (NULL: defaults)
 *   permutation   NULL: defaults
 * VMAP_EDATA, too, when the differences of an outcome are the same in all nations.
 * Cost: permutations as vmap_mapping_permute(), and n fits. */
vmap_status vmap_mapping_compare(const gsl_matrix *x, const gsl_matrix *human, const gsl_matrix *model,
                                 const vmap_mapping_options *options, const vmap_permutation_options *permutation,
                                 vmap_mapping_comparison **comparison, vmap_error *err);
void vmap_mapping_comparison_free(vmap_mapping_comparison *comparison);

#endif
