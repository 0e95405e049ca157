#ifndef VALUEMAP_RELIABILITY_H
#define VALUEMAP_RELIABILITY_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>

#include "valuemap/error.h"

/* How reliable a scale is: Cronbach's alpha, Guttman's lambdas, McDonald's omegas; how far raters,
 * or repeated runs of a model, agree: the intraclass correlations.
 *
 * A number that is not defined is NaN, never a guess. Items are not reversed here: an item that
 * runs against the others shows by its negative `item_rest`.
 */

/* Covariances of p items over the rows that are listed, each pair over its own rows and around its
 * own means (the weighted ones with weights), divisor S w (n - 1) / n, which is n - 1 without
 * weights.
 *   values   `stride` numbers per row, NaN = missing; not modified
 *   rows     indices of n rows; NULL: the first n
 *   columns  indices of the p columns; NULL: the first p
 *   weights  per row of the whole data, NULL: all 1; rows of weight 0 count nowhere
 *   cov      p x p; NaN for a pair of fewer than two rows
 * Returns the smallest number of rows behind an element. Cost O(n p^2). */
size_t vmap_reliability_covariance(const double *values, size_t stride, const size_t *rows,
                                   size_t n, const size_t *columns, size_t p,
                                   const double *weights, gsl_matrix *cov);

typedef struct vmap_reliability {
    size_t items;     /* given */
    size_t used;      /* of these, with a variance; the others are left out, as psych does */
    double n;         /* respondents that the intervals count on */
    double level;     /* of the intervals */
    double alpha;     /* Cronbach (1951), Psychometrika 16, 297-334, eq. 2 */
    double low, high; /* interval of Feldt (1965), Psychometrika 30, 357-370 */
    double se; /* van Zyl, Neudecker & Nel (2000), Psychometrika 65, 271-280, as in Duhachek &
                  Iacobucci (2004), J. Appl. Psychol. 89, 792-808, eq. 1 */
    double normal_low, normal_high; /* alpha +- z se, the interval of Duhachek & Iacobucci */
    double alpha_standard;          /* of standardised items */
    double mean_r;                  /* mean correlation of two items */
    double lambda[6];          /* Guttman (1945), Psychometrika 10, 255-282, of the sum of the raw
                                  items: lambda 1 .. 6; lambda 3 is alpha, 4 the best split into two
                                  halves of any size, 6 needs covariances that can be inverted */
    double lambda_standard[6]; /* of the sum of standardised items (psych::guttman; its G6) */
    bool lambda4_exact;        /* false with more than 20 items: the best split that exchanges of
                                  items reached, a lower bound */
    double omega; /* McDonald's total omega with one factor: (S l)^2 + cross terms over the sum of
                     the correlations, 1 - S u^2 / S r (McDonald 1999, Test Theory, p. 89, on
                     standardised items); one factor by least squares over the off-diagonal
                     correlations */
    bool heywood; /* a uniqueness of that factor is zero */
    double *item_rest;  /* `items`: correlation with the sum of the others; NaN without variance */
    double *if_dropped; /* `items`: alpha without the item; NaN without variance */
    double *loading;    /* `items`: on the factor; NaN without variance */
} vmap_reliability;

/* Reliability of a scale of p items; every number that is not defined is NaN: all with fewer than
 * two items that vary or with a covariance that is missing, omega with fewer than three, intervals
 * with n < 2.
 *   cov    p x p, not modified; an item's variance may be 0
 *   n      respondents; with weights Kish's effective number
 *   level  of the intervals, 0 < level < 1
 * Errors: VMAP_EINVAL (level, shape), VMAP_ENOMEM. Cost O(p^3), and O(p 2^p) for lambda 4 up to 20
 * items. */
vmap_status vmap_reliability_new(const gsl_matrix *cov, double n, double level,
                                 vmap_reliability **result, vmap_error *err);
void vmap_reliability_free(vmap_reliability *reliability);

/* Omega of several correlated factors after Schmid & Leiman (1957), Psychometrika 22, 53-61. */
typedef struct vmap_omega {
    double hierarchical; /* (S general)^2 / S r: the share of the sum's variance that is due to the
                            general factor */
    double total;        /* 1 - S uniqueness / S r */
    double asymptotic;   /* hierarchical / total */
    double ecv;          /* general part of all common variance */
    bool heywood;        /* a factor is the general factor itself: its loading on it reached 1 */
    gsl_vector *general; /* p: loadings on the general factor, P g */
    gsl_matrix *group;   /* p x k: on what is left of each factor, P sqrt(1 - g^2) */
    gsl_vector *second;  /* k: g, loadings of the factors on the general factor */
} vmap_omega;

/* From correlations and an oblique solution.
 *   r        p x p, not modified
 *   pattern  p x k, k >= 2
 *   phi      k x k correlations of the factors
 * Factors are turned so that their sums of loadings are positive. The general factor is fitted to phi by least
 * squares over its off-diagonal elements; two factors leave it undetermined and get equal loadings
 * sqrt(phi12), as psych::omega does.
 * Errors: VMAP_EINVAL (shapes, one factor), VMAP_EDATA (two factors that correlate negatively: there
 * is no general factor; a sum of correlations that is not positive), VMAP_ENOMEM. */
vmap_status vmap_omega_new(const gsl_matrix *r, const gsl_matrix *pattern, const gsl_matrix *phi,
                           vmap_omega **result, vmap_error *err);
void vmap_omega_free(vmap_omega *omega);

/* ---- agreement of raters ---- */

typedef struct vmap_icc {
    double value, low, high;
    double f, df1, df2; /* test against no agreement */
    double p;
} vmap_icc;

/* The six forms of Shrout & Fleiss (1979), Psychol. Bull. 86, 420-428. */
typedef enum vmap_icc_form {
    VMAP_ICC_1_1, /* each target has its own raters; one rating */
    VMAP_ICC_2_1, /* raters are a sample; agreement of one rating */
    VMAP_ICC_3_1, /* these raters; consistency of one rating */
    VMAP_ICC_1_K, /* the same for the mean of k raters */
    VMAP_ICC_2_K,
    VMAP_ICC_3_K,
    VMAP_ICC_FORMS
} vmap_icc_form;
extern const char *const vmap_icc_names[VMAP_ICC_FORMS]; /* "ICC(1,1)" .. */

/* Intraclass correlations of n targets (rows) rated by k raters (columns), complete.
 *   weights  n sampling weights of the targets, not modified; NULL: all 1. Targets of weight 0 count nowhere
 *   count    how many targets the weights stand for, in mean squares, tests and intervals: the sum of weights that
 *            are numbers of copies; NaN: Kish's effective number (S w)^2 / S w^2, which is n without weights. The
 *            weights are scaled to it, so that their unit does not matter
 *   level    of the intervals
 *   result   VMAP_ICC_FORMS values
 * Intervals: Shrout & Fleiss (1979), pp. 424-425; those of ICC(2,.) by Satterthwaite's degrees of
 * freedom (McGraw & Wong 1996, Psychol. Methods 1, 30-46, table 7). Perfect agreement has F = Inf.
 * Errors: VMAP_EINVAL (fewer than two targets or raters, count, level, a weight that is negative or not
 * finite), VMAP_EDATA (a number that is missing; all ratings alike; fewer than two targets of positive
 * weight). Cost O(n k). */
vmap_status vmap_icc_find(const gsl_matrix *ratings, const double *weights, double count, double level,
                          vmap_icc *result, vmap_error *err);

#endif
