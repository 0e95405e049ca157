#ifndef VALUEMAP_MAPPING_H
#define VALUEMAP_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"
#include "valuemap/least_squares.h"
#include "valuemap/structure.h"

/* How outcomes (moral foundations) go with predictors (places on a cultural map, value items,
 * attributes of personas): linear models with one set of predictors for several outcomes.
 *
 * x is n x p, y is n x k, both without NaN; rows are nations, or sheets with their nation as
 * cluster. An intercept is always there. `cluster` is n numbers below n, any of which may be
 * unused; NULL: every row is a cluster of its own. G clusters. Predictors count from 1 in messages.
 *
 * Errors of all functions, unless said otherwise: VMAP_EINVAL for shapes that do not fit and
 * clusters that are not below n, VMAP_EDATA for a number that is not finite, an outcome or
 * predictor that does not vary, or too few rows; VMAP_ESINGULAR for a predictor that others
 * determine (less than 1e-10 of its variance is its own). Outputs are untouched on error.
 */

/* Variance inflation 1 / (1 - R2) of each predictor by the others (car::vif); INFINITY for those
 * that others determine, so that they can be named.
 *   weights  n, positive, their scale does not matter: R2 of weighted least squares; NULL: all 1
 *   vif      p, output
 * One predictor has 1. Does not fail with VMAP_ESINGULAR; VMAP_EINVAL for a weight that is not positive.
 * Cost O(n p^3). */
vmap_status vmap_mapping_inflation(const gsl_matrix *x, const double *weights, gsl_vector *vif, vmap_error *err);

/* Condition number of the standardised predictors: root of the largest over the least eigenvalue of their
 * correlations (R: sqrt(kappa(cor(x), exact = TRUE))). 1: uncorrelated; above 30 coefficients depend on the
 * last digits of the data (Belsley, Kuh & Welsch 1980). INFINITY when predictors determine one another.
 *   condition  output
 * Does not fail with VMAP_ESINGULAR. Cost O(n p^2 + p^3). */
vmap_status vmap_mapping_condition(const gsl_matrix *x, double *condition, vmap_error *err);

/* Coefficients that hang on a row or cluster which the model fits exactly, whatever it says (the only nation of
 * a zone): its residuals are 0 by construction, so that no robust error, and no test that moves residuals, can tell how
 * uncertain such a coefficient is. What they give is too small and must not be shown.
 *   cluster  as above
 *   alone    p + 1, intercept first, output
 * Cost O(n p^2 + G p^3). */
vmap_status vmap_mapping_alone(const gsl_matrix *x, const size_t *cluster, bool *alone, vmap_error *err);

/* ---- least squares ---- */

typedef struct vmap_mapping_options {
    vmap_robust_errors errors; /* [VMAP_ERRORS_CR2] */
    const size_t *cluster;     /* [NULL] */
    double level;              /* of the intervals, 0 < level < 1 [.95] */
    const double *weights;     /* [NULL]: n, positive; see valuemap/least_squares.h */
} vmap_mapping_options;

void vmap_mapping_defaults(vmap_mapping_options *options);

/* Multivariate least squares (valuemap/least_squares.h) with tests and intervals. Row 0 of the (p + 1) x k matrices is the intercept, row j predictor
 * j. */
typedef struct vmap_mapping {
    size_t n, p, k, clusters;
    gsl_matrix *b, *se, *t;
    gsl_matrix *df;              /* degrees of freedom of t; fractional with CR2 */
    gsl_matrix *pvalue;          /* two-sided */
    gsl_matrix *low, *high;      /* b -+ t quantile x se */
    gsl_matrix *beta;            /* p x k: b x sd of x / sd of y. Its interval is that of b, times the same */
    gsl_vector *sd_x, *sd_y;     /* p, k; divisor n - 1; weighted, weights of mean 1 */
    gsl_matrix *covariance;      /* (p + 1) k square: of vec(b), outcome after outcome, also between
                                    outcomes */
    gsl_matrix *fitted, *residual; /* n x k */
    gsl_vector *r2, *adjusted;   /* k; adjusted = 1 - (1 - r2)(n - 1)/(n - p - 1) */
    gsl_vector *leverage;        /* n: diagonal of the hat matrix */
    gsl_matrix *along, *size;    /* private, of vmap_mapping_test() */
} vmap_mapping;

/* Needs n > p + 1 and, but for VMAP_ERRORS_CLASSIC, G > p + 1. A weight of 0 is refused: leave
 * the row out. Cost: that of vmap_least_squares_new(). */
vmap_status vmap_mapping_new(const gsl_matrix *x, const gsl_matrix *y,
                             const vmap_mapping_options *options, vmap_mapping **mapping,
                             vmap_error *err);
void vmap_mapping_free(vmap_mapping *mapping);

/* A test that several coefficients are all 0. */
typedef struct vmap_mapping_wald {
    double chi2; /* b' V^-1 b */
    size_t df;   /* coefficients */
    double f, df2, p;
} vmap_mapping_wald;

/* Wald's test with the covariance of the mapping. A covariance of r coefficients from few clusters is too small in
 * some direction, so chi2 is read as Hotelling's T2 with v degrees of freedom: F = (v - r + 1)/(v r) chi2 on r and
 * v - r + 1. With CR2 v is that of Zhang as Pustejovsky and Tipton have it (2018, J. Bus. Econ. Stat. 36, 672-683:
 * "HTZ"): r (r + 1) over the sum of the variances of all elements of the covariance in units of the true one, for errors
 * that are independent of one another, in all rows and outcomes alike. Outcomes may then be correlated where each
 * has the same coefficients in the test, as the test does not change when outcomes are mixed. With classic errors
 * v = n - p - 1, exact for one coefficient of each outcome and normal residuals; with CR0, CR1 and CR3 it is the least of
 * clusters - p - 1 and the degrees of freedom of the coefficients. f, df2 and p are NaN where v - r + 1 is below 1: so
 * many coefficients cannot be tested together. tests/bench/level shows level and power.
 *   coefficient  count positions in vec(b): outcome x (p + 1) + row, each once
 * VMAP_EDATA when count > clusters - p - 1: their covariance cannot be told from so few.
 * VMAP_ESINGULAR when it has no inverse. */
vmap_status vmap_mapping_test(const vmap_mapping *mapping, const size_t *coefficient, size_t count,
                              vmap_mapping_wald *wald, vmap_error *err);

/* ---- ridge ---- */

typedef struct vmap_ridge {
    gsl_matrix *b;       /* (p + 1) x k, intercept first */
    gsl_matrix *beta;    /* p x k: b x sd of x / sd of y */
    gsl_vector *lambda;  /* k: of each outcome */
    gsl_vector *df;      /* k: effective number of predictors, sum d^2 / (d^2 + lambda) */
    gsl_vector *gcv;     /* k: criterion at lambda */
} vmap_ridge;

/* Ridge regression of each outcome (Hoerl & Kennard 1970, Technometrics 12, 55-67) in the convention
 * of MASS::lm.ridge(): predictors are centred and divided by their standard deviation with divisor
 * n, the penalty is lambda x the sum of squared coefficients of these. Works with n <= p and with
 * predictors that others determine.
 *   lambda  the penalty, >= 0; NaN: that of 0 and of 10^-4 .. 10^5 (181 values, evenly by their logarithm)
 *           with the least generalised cross-validation RSS / (n - df)^2 (Golub, Heath & Wahba 1979,
 *           Technometrics 21, 215-223), for each outcome. 0 is not tried with n <= p + 1
 * Cost O(n p min(n, p) + k p tries). */
vmap_status vmap_ridge_new(const gsl_matrix *x, const gsl_matrix *y, double lambda,
                           vmap_ridge **ridge, vmap_error *err);
void vmap_ridge_free(vmap_ridge *ridge);

/* ---- partial least squares ---- */

typedef struct vmap_pls {
    size_t components;
    gsl_matrix *b;       /* (p + 1) x k with all components, intercept first, in units of x and y */
    gsl_matrix *beta;    /* p x k: b x sd of x / sd of y */
    gsl_matrix *weights; /* p x components: scores are standardised x times these */
    gsl_matrix *scores;  /* n x components: orthogonal, of length 1 */
    gsl_matrix *x_loadings, *y_loadings; /* p, k x components */
    gsl_vector *x_share, *y_share; /* components: share of the variance of the standardised predictors,
                                      outcomes */
} vmap_pls;

/* Partial least squares for all outcomes at once by SIMPLS (de Jong 1993, Chemom. Intell. Lab. Syst.
 * 18, 251-263); pls::simpls.fit() of standardised predictors and outcomes. Signs: a component goes
 * up with the sum of the standardised outcomes.
 *   components  1 .. min(n - 1, p); VMAP_EINVAL else, VMAP_ESINGULAR where nothing is left for one */
vmap_status vmap_pls_new(const gsl_matrix *x, const gsl_matrix *y, size_t components, vmap_pls **pls,
                         vmap_error *err);
void vmap_pls_free(vmap_pls *pls);

/* ---- redundancy analysis ---- */

/* q = min(p, k) axes; numerically empty ones have eigenvalue 0. */
typedef struct vmap_redundancy {
    size_t axes;
    double total, constrained; /* variance of the outcomes, and what the predictors explain of it */
    double r2, adjusted;       /* their ratio; 1 - (1 - r2)(n - 1)/(n - p - 1) */
    double f;                  /* pseudo-F: (constrained / p) / (rest / (n - p - 1)) */
    gsl_vector *eigenvalue;    /* q: their sum is `constrained` */
    gsl_matrix *outcomes;      /* k x q: unit length; vegan's CCA$v */
    gsl_matrix *sites;         /* n x q: linear combinations of predictors, unit length; CCA$u */
    gsl_matrix *weighted;      /* n x q: outcomes of the rows in the same space; CCA$wa */
    gsl_matrix *predictors;    /* p x q: correlations with `sites`; CCA$biplot */
} vmap_redundancy;

/* Redundancy analysis (Rao 1964; van den Wollenberg 1977, Psychometrika 42, 207-219): principal
 * components of what the predictors explain; vegan::rda(). Outcomes are centred, not scaled: scale
 * them before when their units differ. Needs n > p + 1. The test of its F is
 * vmap_mapping_permute(). Signs: the sum of an axis' outcomes is not negative. */
vmap_status vmap_redundancy_new(const gsl_matrix *x, const gsl_matrix *y,
                                vmap_redundancy **redundancy, vmap_error *err);
void vmap_redundancy_free(vmap_redundancy *redundancy);

/* ---- canonical correlation ---- */

typedef struct vmap_canonical {
    size_t axes;               /* min(p, k) */
    gsl_vector *correlation;   /* descending */
    gsl_vector *wilks;         /* of this and all further axes: product of 1 - r^2 */
    gsl_vector *chi2, *df, *pvalue; /* Bartlett's: -(n - 1 - (p + k + 1)/2) log(wilks), (p - i)(k - i) */
    gsl_matrix *x_weights, *y_weights; /* p, k x axes: scores of centred data times these have length 1
                                          (cancor's xcoef and ycoef) */
    gsl_matrix *x_structure, *y_structure; /* correlations of the variables with their own scores */
    gsl_vector *x_redundancy, *y_redundancy; /* share of the variance of the standardised x (y) that
                                                the other side's score explains (Stewart & Love 1968) */
} vmap_canonical;

/* Canonical correlation analysis (Hotelling 1936; stats::cancor()). Needs n > p + k. With few rows
 * the correlations are far above zero by chance: read their p. Signs: outcomes' structure
 * coefficients have no negative sum. */
vmap_status vmap_canonical_new(const gsl_matrix *x, const gsl_matrix *y, vmap_canonical **canonical,
                               vmap_error *err);
void vmap_canonical_free(vmap_canonical *canonical);

/* ---- random intercepts ---- */

typedef struct vmap_mixed {
    size_t n, groups;
    gsl_vector *b, *se;   /* p + 1, intercept first */
    double between, within; /* variances of the groups' intercepts and of rows (of mean weight) within them */
    double icc;           /* between / (between + within) */
    double deviance;      /* -2 log likelihood; of the residuals with REML */
    bool boundary;        /* between is 0: the likelihood is largest there */
} vmap_mixed;

/* One outcome with a random intercept for every group (nation): y = (1, x) b + u_group + e, by maximum
 * likelihood or restricted maximum likelihood (Patterson & Thompson 1971, Biometrika 58, 545-554);
 * lme4::lmer(y ~ x + (1 | group)). It is the model for sheets when predictors are the same for all
 * sheets of a nation: their number is then that of nations, not of sheets.
 *   y        n
 *   group    n numbers below n
 *   weights  n, positive; NULL: all 1. They are scaled to a mean of 1, for their scale would decide how much of the
 *            differences between groups is noise of their rows; e then has the variance within / weight:
 *            lme4::lmer(weights = w / mean(w)). For sampling weights this is a pseudo-likelihood (Pfeffermann et al.
 *            1998, J. R. Stat. Soc. B 60, 23-40): b and between are to be read, se is that of the model
 * VMAP_EDATA with fewer than p + 2 groups, or when every group has one row; VMAP_EINVAL for a weight that is not
 * positive. Cost O(n p^2 + groups p^2 iterations). */
vmap_status vmap_mixed_new(const gsl_matrix *x, const gsl_vector *y, const size_t *group, const double *weights, bool reml,
                           vmap_mixed **mixed, vmap_error *err);
void vmap_mixed_free(vmap_mixed *mixed);

/* ---- prediction of what was left out ---- */

typedef enum vmap_mapping_method {
    VMAP_MAPPING_LEAST_SQUARES,
    VMAP_MAPPING_RIDGE, /* lambda chosen anew without the cluster */
    VMAP_MAPPING_PLS
} vmap_mapping_method;

/* Predict the outcomes of every cluster from a model of the others, and
 *   Q2 = 1 - sum of squared errors / sum of squared errors of the mean of the others.
 * 1: perfect; 0: no better than the mean; below 0: worse. Unlike R2 it does not grow by adding
 * predictors.
 *   components  of VMAP_MAPPING_PLS; not looked at else
 *   predicted   n x k, output; NULL allowed
 *   q2          k, output
 *   all         of all outcomes, each divided by its standard deviation; NULL allowed
 * VMAP_EDATA or VMAP_ESINGULAR when the rest without some cluster does not do. Cost: G fits; least
 * squares O(n p^2) in all. */
vmap_status vmap_mapping_left_out(const gsl_matrix *x, const gsl_matrix *y, const size_t *cluster,
                                  vmap_mapping_method method, size_t components,
                                  gsl_matrix *predicted, gsl_vector *q2, double *all,
                                  vmap_error *err);

/* ---- permutation tests ---- */

/* p of R2 and of coefficients, by permuting residuals of the model without what is tested (Freedman &
 * Lane 1983, J. Bus. Econ. Stat. 1, 292-298); with the options' strata residuals change places among
 * neighbours only. Two-sided for coefficients (by t^2), and as valuemap/structure.h says.
 *   whole        k + 1: R2 of each outcome; last: of all outcomes, each standardised. NULL allowed
 *   coefficient  (p + 1) x (k + 1): row 0 is NaN; last column: of the predictor in all outcomes, by
 *                its share of their standardised variance. NULL allowed
 * Rows must be exchangeable: nations, not sheets. NaN with no permutations.
 * Cost O(permutations n p^2 k). */
vmap_status vmap_mapping_permute(const gsl_matrix *x, const gsl_matrix *y,
                                 const vmap_permutation_options *options, gsl_vector *whole,
                                 gsl_matrix *coefficient, vmap_error *err);

/* As vmap_mapping_permute(), but instead of changing places the residuals of a cluster change their sign
 * together, in all outcomes (wild cluster bootstrap with the tested coefficients set to 0: Wu 1986, Ann. Stat. 14,
 * 1261-1295; Cameron, Gelbach & Miller 2008, Rev. Econ. Stat. 90, 414-427). Variances stay where they are, so that the
 * level is kept when they are unequal, which permutation of places does not do; what is assumed is that errors are
 * as likely above as below 0, and that clusters are independent. tests/bench/level shows both. With so few clusters
 * that all 2^(G - 1) patterns of signs are no more than permutations + 1, each is taken once and p is exact; it is then
 * not below 2^-(G - 1): with five clusters .0625.
 *   rows         clusters (none: every row is one of its own) and weights (signs are those of weighted residuals, the fit
 *                is weighted least squares) are looked at; NULL: neither
 *   studentised  coefficients are compared by t^2 with errors robust against clusters (the wild cluster
 *                bootstrap-t), the thing for clusters of many rows; else, and for R2, by the ratio of what is
 *                explained to the rest. `coefficient`'s last column then is of the sum of t^2
 * Strata of the options (cultural zones): every stratum has an intercept of its own, which is not tested, so that what
 * strata share in predictors and outcomes is no evidence (Galton's problem). A row alone in its stratum then says
 * nothing. R2 is of what differs within strata.
 * VMAP_EDATA with fewer than p + 2 clusters, or, within strata, when the clusters less the strata are fewer than p + 1;
 * VMAP_ESINGULAR for a predictor that is the same within all strata.
 * Cost O(n p^2 k + permutations G p k), studentised O(permutations G p^2 k); p with the number of strata. */
vmap_status vmap_mapping_flip(const gsl_matrix *x, const gsl_matrix *y, const vmap_mapping_options *rows, bool studentised,
                              const vmap_permutation_options *options, gsl_vector *whole, gsl_matrix *coefficient,
                              vmap_error *err);

/* Moran's I (1950, Biometrika 37, 17-23) of the residuals of each outcome: are nations that are near
 * each other also alike in what the predictors do not explain? Then there are fewer independent
 * nations than rows, and errors that take them as independent are too small (Galton's problem).
 * I = n / sum(w) x e'We / e'e; its p permutes the residuals and takes from them again what the
 * predictors explain, one-sided: neighbours are alike.
 *   x         predictors; NULL: the outcomes themselves, centred
 *   nearness  n x n weights >= 0, symmetric or not; the diagonal is not looked at
 *   test      k, output */
vmap_status vmap_mapping_moran(const gsl_matrix *x, const gsl_matrix *y, const gsl_matrix *nearness,
                               const vmap_permutation_options *options, vmap_structure_test *test,
                               vmap_error *err);

/* ---- surfaces ---- */

/* One outcome over two or more predictors without a model: the kernel-weighted mean of the rows around a
 * place (Nadaraya 1964; Watson 1964), weights exp(-d^2 / (2 h^2)) of the distance d of standardised
 * predictors.
 *   x, y   n x p, n
 *   at     m x p places, in units of x
 *   h      bandwidth; NaN: that of .2, .3 .. 2 which predicts best the rows left out one by one
 *   value  m, output; NaN where the weights sum to less than .1: no row is near
 *   used   the bandwidth; NULL allowed
 * Cost O(m n p), and 19 n^2 p for a bandwidth. */
vmap_status vmap_mapping_surface(const gsl_matrix *x, const gsl_vector *y, const gsl_matrix *at, double h,
                                 gsl_vector *value, double *used, vmap_error *err);

#endif
