#ifndef VALUEMAP_RETENTION_H
#define VALUEMAP_RETENTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"
#include "valuemap/moments.h"

/* How many factors? Many criteria side by side, none of them the truth, and what they agree on, which may
 * be none at all: 0 is an answer.
 *
 * Everything rests on one p x p correlation matrix and the number of respondents that tests may count on
 * (vmap_moments_test_n()).
 */

/* ---- parallel analysis ---- */

typedef enum vmap_parallel_model {
    VMAP_PARALLEL_NORMAL,   /* independent normal items: correlation matrices are drawn directly from the
                               Wishart distribution (Bartlett 1933, Proc. R. Soc. Edinb. 53, 260-283; Odell &
                               Feiveson 1966, JASA 61, 199-203), whatever n */
    VMAP_PARALLEL_PERMUTED, /* every column of the data in a random order of its own (Buja & Eyuboglu 1992,
                               Multivar. Behav. Res. 27, 509-540); missing values move too */
    VMAP_PARALLEL_ORDINAL   /* independent items with the weighted margins of the data, n rows */
} vmap_parallel_model;
const char *vmap_parallel_model_name(vmap_parallel_model model);
vmap_status vmap_parallel_model_find(const char *name, vmap_parallel_model *model, vmap_error *err);

/* Which eigenvalues are compared. */
typedef enum vmap_parallel_kind {
    VMAP_PARALLEL_PC,  /* of the correlation matrix (Horn 1965, Psychometrika 30, 179-185) */
    VMAP_PARALLEL_SMC, /* with squared multiple correlations in the diagonal (Humphreys & Montanelli 1975,
                          Multivar. Behav. Res. 10, 193-205); none when the matrix is singular */
    VMAP_PARALLEL_EFA, /* with the communalities of one factor by least squares (psych::fa.parallel) */
    VMAP_PARALLEL_KINDS
} vmap_parallel_kind;

/* Data behind the matrix, for the models that need them. */
typedef struct vmap_parallel_data {
    const double *values; /* n x p, NaN = missing, not modified */
    size_t n;
    const double *weights; /* n; NULL: all 1 */
    const vmap_association_options *association; /* how the matrix was made; NULL: the defaults */
} vmap_parallel_data;

typedef struct vmap_parallel_options {
    vmap_parallel_model model; /* [VMAP_PARALLEL_NORMAL] */
    size_t sets;               /* random matrices [1000] */
    double quantile;           /* [.95] (Glorfeld 1995, Educ. Psychol. Meas. 55, 377-393) */
    uint64_t seed;             /* [20230217] */
    unsigned threads;          /* 0: one per processor; the result does not depend on it [0] */
    size_t comparison;         /* samples of comparison data, which vmap_parallel_new() does not make; 0: none [0] */
} vmap_parallel_options;
void vmap_parallel_defaults(vmap_parallel_options *options);

typedef struct vmap_parallel {
    size_t p, sets;
    gsl_vector *observed[VMAP_PARALLEL_KINDS]; /* p, descending; NaN when not defined */
    gsl_vector *mean[VMAP_PARALLEL_KINDS];     /* p: of the random matrices */
    gsl_vector *quantile[VMAP_PARALLEL_KINDS]; /* p, type 7 of R */
    size_t usable[VMAP_PARALLEL_KINDS];        /* sets that gave eigenvalues */
} vmap_parallel;

/* Compare the eigenvalues of r with those of matrices without factors.
 *   r     p x p, unit diagonal, not modified
 *   n     respondents behind it, more than 2; it may be a fraction (effective number)
 *   data  NULL is allowed for VMAP_PARALLEL_NORMAL
 * Every set has its own stream of random numbers. Cost per set O(p^3) for the normal model with n > p, else
 * O(n p^2); memory O(sets p).
 * Errors: VMAP_EINVAL (shape, n, options, data missing), VMAP_EDATA (r), VMAP_ENOMEM. */
vmap_status vmap_parallel_new(const gsl_matrix *r, double n, const vmap_parallel_data *data,
                              const vmap_parallel_options *options, vmap_parallel **result,
                              vmap_error *err);
void vmap_parallel_free(vmap_parallel *parallel);

/* Leading eigenvalues above what chance gives (its quantile, or its mean); SIZE_MAX when not defined. */
size_t vmap_parallel_count(const vmap_parallel *parallel, vmap_parallel_kind kind, bool mean);

/* ---- comparison data ---- */

typedef struct vmap_comparison_options {
    size_t population; /* simulated respondents behind the samples, at least 100 [10000] */
    size_t samples;    /* of each number of factors, at least 20 [500] */
    double alpha;      /* one more factor must reproduce the eigenvalues better at this level [.30] */
    size_t most;       /* factors; 0: as many as have degrees of freedom, at most 12 [0] */
    uint64_t seed;     /* [20230217] */
    unsigned threads;  /* 0: one per processor; the result does not depend on it [0] */
} vmap_comparison_options;
void vmap_comparison_defaults(vmap_comparison_options *options);

typedef struct vmap_comparison {
    size_t most;
    size_t factors;      /* to keep */
    gsl_vector *misfit;  /* most + 1: of the eigenvalues of samples with k factors from those of the data, root of the
                            mean square, mean over samples; NaN: not asked, the search has ended */
    gsl_vector *p_value; /* most + 1: that k factors reproduce them no better than k - 1; NaN for k = 0 */
    gsl_vector *away;    /* most + 1: of the correlations of the population with k factors from those of the data, root
                            of the mean square over pairs */
} vmap_comparison;

/* Comparison data (Ruscio & Roche 2012, Psychol. Assess. 24, 282-292): populations with k = 0, 1, 2 ... factors whose items
 * have the margins of the answers and, as nearly as k factors allow, their correlations; samples of n respondents are
 * drawn from each, and one more factor is kept as long as its samples have eigenvalues nearer to those of the data.
 * A population: normal common and unique parts with the loadings of k factors by least squares, every item's values by
 * rank replaced by the quantiles of its weighted margin; the correlations that the loadings come from are moved by what
 * is missing, with half the step after each failure, until five fail (Ruscio & Kaczetow 2008, Multivar. Behav. Res. 43,
 * 355-381). Unlike the source 0 factors is an answer, and margins are quantiles, not draws.
 *   r     p x p correlations, made as data->association says; not modified
 *   n     respondents that tests count on; a sample has as many, rounded
 *   data  the answers
 * Memory 16 population p bytes and as much again per thread; cost for each k: samples min(n, population) p^2 and some 20
 * sorts of p columns; for other associations than Pearson's samples times that of vmap_moments_associate().
 * Errors: VMAP_EINVAL (shape, n below 3, options, no answers), VMAP_EDATA (a constant item), VMAP_ENOMEM. */
vmap_status vmap_comparison_new(const gsl_matrix *r, double n, const vmap_parallel_data *data,
                                const vmap_comparison_options *options, vmap_comparison **result, vmap_error *err);
void vmap_comparison_free(vmap_comparison *comparison);

/* ---- all criteria ---- */

/* What is known of a solution in k factors, for the criteria that look at solutions. */
typedef struct vmap_retention_fit {
    const gsl_matrix *loadings; /* p x k of uncorrelated factors; NULL for k = 0 and where none was found */
    double chi2, df;            /* of the maximum likelihood fit; NaN where there is none */
} vmap_retention_fit;

typedef enum vmap_criterion {
    VMAP_CRITERION_KAISER,
    VMAP_CRITERION_PARALLEL_PC,
    VMAP_CRITERION_PARALLEL_PC_MEAN,
    VMAP_CRITERION_PARALLEL_SMC,
    VMAP_CRITERION_PARALLEL_EFA,
    VMAP_CRITERION_MAP,
    VMAP_CRITERION_MAP4,
    VMAP_CRITERION_EKC,
    VMAP_CRITERION_HULL_CAF,
    VMAP_CRITERION_HULL_CFI,
    VMAP_CRITERION_HULL_RMSEA,
    VMAP_CRITERION_NEST,
    VMAP_CRITERION_COMPARISON,
    VMAP_CRITERION_CHI2,
    VMAP_CRITERION_RMSEA,
    VMAP_CRITERION_BIC,
    VMAP_CRITERIA
} vmap_criterion;

/* One row per criterion, in the order of the enumeration. */
typedef struct vmap_criterion_row {
    const char *name, *help, *source;
    bool votes; /* has a say in the consensus: one of each kind of reasoning, chosen for their record in
                   simulations (Auerswald & Moshagen 2019, Psychol. Methods 24, 468-491) */
    bool fits;  /* needs solutions */
} vmap_criterion_row;
extern const vmap_criterion_row vmap_criteria[VMAP_CRITERIA];

typedef struct vmap_retention {
    size_t p, most;       /* solutions that were given: 0 .. most factors; 0 without */
    double n;
    vmap_parallel *parallel;
    gsl_vector *ekc;      /* p: reference values of the empirical Kaiser criterion */
    gsl_vector *map;      /* p - 1: mean squared partial correlation after m = 0 .. p - 2 components; NaN from
                             where an item has nothing left */
    gsl_vector *map4;     /* the same with fourth powers */
    gsl_vector *caf, *cfi, *rmsea, *rmsea_low, *p_value, *bic; /* most + 1: of k = 0 .. most; NaN where not
                                                                  defined; NULL without solutions */
    gsl_vector *nest;     /* most + 1: quantile of eigenvalue k + 1 under k factors */
    vmap_comparison *comparison; /* NULL: comparison data were not asked for */
    size_t count[VMAP_CRITERIA]; /* factors to keep; SIZE_MAX: the criterion gives no answer */
    size_t consensus;     /* the number that most voters give; of equals the one that more of all criteria but Kaiser's
                             give, then the smaller */
    size_t votes, voters; /* for it, and in all */
    size_t least, largest; /* answers of the voters */
    bool clear;           /* more than half of the voters, and at least two, agree */
} vmap_retention;

/* Ask all criteria.
 *   r, n, data, options  as for vmap_parallel_new()
 *   fits                 solutions of k = 0 .. most factors, or NULL: criteria that need them give no answer.
 *                        fits[0] holds chi-square and degrees of freedom of the model without factors
 * Kaiser (1960): eigenvalues above 1. MAP: Velicer (1976), Psychometrika 41, 321-327; fourth powers Velicer,
 * Eaton & Fava (2000). EKC: Braeken & van Assen (2017), Psychol. Methods 22, 450-466, eq. 2. Hull: Lorenzo-Seva,
 * Timmerman & Kiers (2011), Multivar. Behav. Res. 46, 340-364, with CAF = 1 - KMO of the residual
 * correlations. NEST: Achim (2017), Quant. Methods Psychol. 13, 64-74: the first k under which eigenvalue
 * k + 1 is no surprise at the quantile of the options. CHI2: first k with p > .05; RMSEA: first k whose 90 %
 * interval begins below .05; BIC = chi2 - df ln n: least. COMPARISON: vmap_comparison_new(), only where options->comparison
 * asks for it and there are answers.
 * Errors: those of vmap_parallel_new(). */
vmap_status vmap_retention_new(const gsl_matrix *r, double n, const vmap_parallel_data *data,
                               const vmap_retention_fit *fits, size_t most,
                               const vmap_parallel_options *options, vmap_retention **result,
                               vmap_error *err);
void vmap_retention_free(vmap_retention *retention);

/* The corner of a hull: where goodness of fit stops to rise steeply.
 *   fit, df  of k = 0 .. most factors, fit larger is better; NaN where there is none
 * Returns the number of factors with the largest ratio of slopes, SIZE_MAX when the hull has no corner. */
size_t vmap_retention_hull(const double *fit, const double *df, size_t most);

#endif
