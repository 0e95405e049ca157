#ifndef VALUEMAP_LEAST_SQUARES_H
#define VALUEMAP_LEAST_SQUARES_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"

/* Weighted least squares of one or several outcomes on the same predictors, with covariances that allow for
 * unequal variances and for rows that belong together. What regressions on demographics
 * (valuemap/pattern.h) and mappings (valuemap/mapping.h) share. */

/* What the covariance allows for. Every row is a cluster of its own when none are given; CR0 to CR3 are then
 * HC0 to HC3 (White 1980, Econometrica 48, 817-838; MacKinnon & White 1985, J. Econometrics 29, 305-325). G
 * clusters, n rows, q = p + 1 coefficients. */
typedef enum vmap_robust_errors {
    VMAP_ERRORS_CR2,     /* residuals adjusted by (I - H_gg)^(-1/2) (Bell & McCaffrey 2002, Survey Methodology
                            28, 169-181), and as many degrees of freedom as they show for the coefficient,
                            which are few when few clusters matter. The one to take with few clusters.
                            sandwich::vcovCL(type = "HC2") */
    VMAP_ERRORS_CR1,     /* residuals as they are, times G/(G - 1) (n - 1)/(n - q): Stata's vce(cluster);
                            without clusters n/(n - q). sandwich::vcovCL(type = "HC1"); G - 1 degrees of freedom */
    VMAP_ERRORS_CR0,     /* not adjusted (Liang & Zeger 1986, Biometrika 73, 13-22):
                            sandwich::vcovCL(type = "HC0", cadjust = FALSE); G - 1 */
    VMAP_ERRORS_CLASSIC, /* equal variances (of weights: variances that go with 1 / weight), independent rows:
                            lm(); n - q. Ignores clusters */
    VMAP_ERRORS_CR3      /* residuals adjusted by (I - H_gg)^(-1), nearly the jackknife over clusters: cautious.
                            sandwich::vcovCL(type = "HC3"); G - 1 */
} vmap_robust_errors;

typedef struct vmap_least_squares_options {
    vmap_robust_errors errors; /* [VMAP_ERRORS_CR2] */
    const size_t *cluster;     /* [NULL]: n numbers below n, any of which may be unused */
    const double *weights;     /* [NULL]: n, not negative; their scale does not matter. Sampling weights, or
                                  reciprocal variances: then CR2 and CR3 are right when these are */
} vmap_least_squares_options;

/* Row 0 of b is the intercept, row j predictor j. */
typedef struct vmap_least_squares {
    size_t n;                  /* rows that count */
    size_t p, k, clusters;     /* predictors, outcomes, clusters with rows that count (n with classic errors) */
    gsl_matrix *b;             /* (p + 1) x k */
    gsl_matrix *covariance;    /* (p + 1) k square: of vec(b), outcome after outcome, also between outcomes */
    gsl_vector *df;            /* p + 1: degrees of freedom of a coefficient, fractional with CR2 */
    gsl_matrix *fitted;        /* rows x k: also of rows that do not count */
    gsl_matrix *residual;      /* rows x k: y - fitted; NaN where rows do not count */
    gsl_vector *leverage;      /* rows: diagonal of the hat matrix; 0 where rows do not count */
    gsl_matrix *along, *size;  /* private: G q x q each, what joint tests need of CR2's clusters; NULL with other errors */
    gsl_vector *r2;            /* k: share of the weighted variance around the weighted mean; NaN for an outcome that
                                  does not vary */
} vmap_least_squares;

/*   x  rows x p predictors; an intercept is always there
 *   y  rows x k; a row with a NaN in any outcome does not count, and neither does one of weight 0
 * Least squares by an orthonormal basis of W^(1/2)(1, x); leverages and H_gg are those of W^(1/2)(1, x), so
 * that weights of 2 and 1 are the same as 1 and 1/2. Where a row or cluster alone determines a coefficient,
 * CR2 and CR3 take the generalised inverse.
 * VMAP_EINVAL (shapes, weights, clusters not below n), VMAP_EDATA (no more rows that count than coefficients,
 * fewer than two clusters, numbers that are not finite), VMAP_ESINGULAR for a predictor that those before
 * it determine (less than 1e-10 of its variance is its own; a dummy that nobody has), named in the message,
 * counted from 1; VMAP_ENOMEM. Outputs are untouched on error.
 * Cost O(n p (p + k)) and with clusters G p^2 (p + k^2); CR2 needs G p^2 numbers and O(G^2 p^2) time for its
 * degrees of freedom, so it is for hundreds of clusters, not for ten thousand. */
vmap_status vmap_least_squares_new(const gsl_matrix *x, const gsl_matrix *y, const vmap_least_squares_options *options,
                                   vmap_least_squares **fit, vmap_error *err);
void vmap_least_squares_free(vmap_least_squares *fit);

#endif
