#ifndef VALUEMAP_FACTOR_SCORES_H
#define VALUEMAP_FACTOR_SCORES_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"
#include "valuemap/factor_extract.h"

/* Scores of respondents on factors: scores = z W for standardised answers z and p x k weights W.
 *
 * P is the pattern, S = P phi the structure. The correlations R of the data are used, not those that the model
 * implies (as Stata, SPSS and psych do).
 */

typedef enum vmap_score_method {
    VMAP_SCORE_REGRESSION,     /* R^-1 S: the best guess; shrunken, sd below 1 */
    VMAP_SCORE_BARTLETT,       /* Psi^-1 P (P' Psi^-1 P)^-1: conditionally unbiased, sd above 1 */
    VMAP_SCORE_ANDERSON_RUBIN, /* Psi^-1 P (P' Psi^-1 R Psi^-1 P)^-1/2: uncorrelated, sd 1, also for correlated
                                  factors */
    VMAP_SCORE_TEN_BERGE,      /* as correlated as the factors, sd 1 */
    VMAP_SCORE_COMPONENTS,     /* P (P'P)^-1: component scores; of factors Harman's idealised variables */
    VMAP_SCORE_UNIT,           /* mean of the items that load at least the cut, signs as of their loadings */
    VMAP_SCORE_METHODS
} vmap_score_method;

/* One row per method, in the order of the enumeration. */
typedef struct vmap_score_row {
    const char *name, *help, *source;
    bool unique;  /* divides by uniquenesses: not for components and Heywood cases */
    bool inverts; /* needs a positive definite R */
} vmap_score_row;
extern const vmap_score_row vmap_score_methods[VMAP_SCORE_METHODS];

/* The method of that name; VMAP_ENOENT names the others. */
vmap_status vmap_score_method_find(const char *name, vmap_score_method *method, vmap_error *err);

typedef struct vmap_score_weights {
    vmap_score_method method;
    size_t p, k;
    gsl_matrix *weights;      /* p x k */
    gsl_matrix *correlation;  /* k x k of the scores of complete respondents, W'RW scaled */
    gsl_vector *sd;           /* k: of these scores */
    gsl_matrix *validity;     /* k x k: correlation of score (row) with factor (column); the diagonal is the
                                 determinacy rho of the score */
    gsl_vector *least;        /* k: least possible correlation of two equally good sets of regression scores,
                                 2 rho^2 - 1 with the rho of regression scores; NaN without R^-1. Not positive: the
                                 factor is not determined by the items */
} vmap_score_weights;

/* Find weights and judge them.
 *   r         p x p correlations of the data, not modified
 *   solution  rotated or not
 *   cut       VMAP_SCORE_UNIT: least |loading| of an item that counts
 * Sources: Thurstone (1935); Bartlett (1937); Anderson & Rubin (1956); ten Berge et al. (1999), Linear Algebra
 * Appl. 289, 311-318, eq. 8; Harman (1976), section 16.6; validity Grice (2001), Psychol. Methods 6, 430-450, eq. 4-7;
 * least correlation Guttman (1955).
 * Errors: VMAP_ESINGULAR (R or the factors), VMAP_EDATA (a uniqueness that is not positive: the item is named by
 * err->column, its number from 1; no item loads as much as the cut), VMAP_EINVAL, VMAP_ENOMEM. */
vmap_status vmap_score_weights_new(const gsl_matrix *r, const vmap_factor_solution *solution,
                                   vmap_score_method method, double cut, vmap_score_weights **weights,
                                   vmap_error *err);
void vmap_score_weights_free(vmap_score_weights *weights);

/* Score respondents; who has not answered every item has the score that is expected given what he or she
 * answered.
 *   values    n x p raw answers, NaN = missing, not modified
 *   mean, sd  p: those of the model
 *   scores    n x k, to be filled; NaN for respondents without any answer
 *   error     n x k, to be filled, or NULL: posterior standard deviation of the factor given the answers,
 *             sqrt of the diagonal of phi - S_o' R_oo^-1 S_o; for components, which are functions of the answers,
 *             that of the score, 0 for complete respondents
 *   answered  n, to be filled, or NULL: items answered
 * Missing z are replaced by R_mo R_oo^-1 z_o, which for regression scores is the regression on what is there.
 * Each pattern of missing items costs O(p^3), each respondent O(p k).
 * Errors: VMAP_ESINGULAR (items that respondents answered repeat one another), VMAP_EINVAL (sd not positive,
 * shapes), VMAP_ENOMEM. */
vmap_status vmap_factor_scores(const double *values, size_t n, size_t p, const gsl_vector *mean,
                               const gsl_vector *sd, const gsl_matrix *r, const vmap_factor_solution *solution,
                               const vmap_score_weights *weights, double *scores, double *error, size_t *answered,
                               vmap_error *err);

#endif
