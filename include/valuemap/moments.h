#ifndef VALUEMAP_MOMENTS_H
#define VALUEMAP_MOMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"
#include "valuemap/weights.h"

/* Weighted means, variances and correlations of n respondents on p items, with missing values.
 *
 * Data are n x p, row after row, NaN where a value is missing. Weights are sampling (probability)
 * weights: they say whom a respondent stands for, not how many respondents there are; a respondent
 * of weight 0 counts nowhere. Scaling all weights changes nothing.
 */

typedef enum vmap_missing_rule {
    VMAP_PAIRWISE, /* each pair of items: all respondents who answered both */
    VMAP_LISTWISE  /* respondents who answered every item */
} vmap_missing_rule;

/* Name of a rule ("pairwise"), and the rule of a name (VMAP_ENOENT when there is none). */
const char *vmap_missing_rule_name(vmap_missing_rule rule);
vmap_status vmap_missing_rule_find(const char *name, vmap_missing_rule *rule, vmap_error *err);

typedef struct vmap_moments {
    size_t p;
    size_t rows;       /* respondents with positive weight who enter any statistic */
    gsl_vector *mean;  /* p: weighted mean over everyone (of the rule) who answered the item */
    gsl_vector *sd;    /* p: the same for the standard deviation, divisor sum of weights */
    gsl_matrix *r;     /* p x p correlation; unit diagonal */
    gsl_matrix *n;     /* p x p number of respondents behind each element */
    gsl_matrix *n_eff; /* p x p Kish's effective number, (sum w)^2 / sum w^2 */
} vmap_moments;

/* Has a respondent answered all p items? The rule of VMAP_LISTWISE; NaN is no answer. */
bool vmap_moments_complete(const double *answers, size_t p);

/* Weighted correlations. Every pair has its own respondents, and over exactly these its own weights,
 * means and variances:  r = S v (x - mx)(y - my) / sqrt(S v (x - mx)^2  S v (y - my)^2),  v = w/S w,
 * sums over the respondents of the pair. (Taking means or normalising weights over other respondents
 * biases r as soon as values are missing.)
 *   values   n x p, NaN = missing, not modified
 *   weights  n, not negative; NULL: all 1
 *   moments  the result, to be freed with vmap_moments_free()
 * Errors: VMAP_EDATA for an item nobody answered, a constant item, a pair that fewer than three
 * respondents answered together or in which an item is constant (err->column names the item by its
 * number, from 1; the caller knows its name); VMAP_EINVAL for p < 2 or a bad weight.
 * Runs on all processors from 64 items on; their number does not change a bit, but several OpenBLAS threads may.
 * Cost: O(n p^2), half of it in matrix products, the other half in as many additions as there are missing values;
 * memory O(p^2) and 8 n bytes. */
vmap_status vmap_moments_correlate(const double *values, size_t n, size_t p, const double *weights,
                                   vmap_missing_rule rule, vmap_moments **moments, vmap_error *err);
void vmap_moments_free(vmap_moments *moments);

/* ---- other measures of association ---- */

typedef enum vmap_association_type {
    VMAP_PEARSON,
    VMAP_SPEARMAN,
    VMAP_KENDALL,
    VMAP_TETRACHORIC,
    VMAP_POLYCHORIC,
    VMAP_MIXED
} vmap_association_type;

/* One row per type, in the order of the enumeration. */
typedef struct vmap_association_kind {
    const char *name, *help, *source;
    bool ordinal; /* rests on an underlying normal distribution: tests of fit made for Pearson's r do
                     not hold */
} vmap_association_kind;
extern const vmap_association_kind vmap_association_kinds[];
extern const size_t vmap_association_kinds_count;

/* The type of that name; VMAP_ENOENT names the others. */
vmap_status vmap_association_find(const char *name, vmap_association_type *type, vmap_error *err);

typedef struct vmap_association_options {
    vmap_association_type type; /* [VMAP_PEARSON] */
    vmap_missing_rule missing;  /* [VMAP_PAIRWISE] */
    bool em;                    /* VMAP_PEARSON alone: means and covariances of the saturated normal
                                   model by maximum likelihood, instead of `missing` [false] */
    size_t most_categories;     /* more distinct values than this make no categories, 2..64 [12] */
    const bool *continuous;     /* p, for VMAP_MIXED: items that are no categories; NULL: those with
                                   fractions or more than `most_categories` values [NULL] */
    bool variances;             /* asymptotic variances of polychoric correlations too [false] */
    unsigned threads;           /* 0: one per processor; the result does not depend on it [0] */
} vmap_association_options;
void vmap_association_defaults(vmap_association_options *options);

/* A pair whose categories are too thin for its correlation to mean much. */
typedef struct vmap_pair_problem {
    size_t i, j;   /* items, i > j */
    size_t empty;  /* empty cells of the table of the two items (categories that nobody among the
                      respondents of the pair chose are no cells) */
    size_t cells;
    bool boundary; /* the likelihood rises up to a perfect correlation: +-.9999 stands for it */
} vmap_pair_problem;

typedef struct vmap_association {
    vmap_association_type type;
    vmap_moments *moments;       /* its r is the association; mean and sd are those of the codes */
    gsl_matrix *variance;        /* p x p, sampling variance of each polychoric; or NULL */
    vmap_pair_problem *problems; /* polychoric and tetrachoric pairs with empty cells */
    size_t problems_count;
    bool *continuous;            /* p: how VMAP_MIXED took the items; else NULL */
    size_t iterations;           /* of EM; else 0 */
    bool converged;              /* false: EM gave up */
} vmap_association;

/* Association of every pair of items: Pearson, Spearman, Kendall's tau-b, tetrachoric, polychoric, or
 * by the kind of item (polychoric, polyserial, Pearson). Each pair has its own respondents, ranks,
 * margins and weights.
 *   values, weights  as for vmap_moments_correlate()
 * A respondent of weight 2 is exactly as two of weight 1 in every one of them.
 * Polychoric correlations are estimated in two steps from the margins of the pair; no cell is
 * corrected. For polychoric types the values must be whole numbers.
 * Errors: those of vmap_moments_correlate(); VMAP_EDATA (err->column: number of the item) for an item
 * with fractions or too many categories, or (tetrachoric) with more than two; VMAP_EINVAL for em with
 * another type than VMAP_PEARSON.
 * Cost: Spearman O(n p^2), Kendall O(n p^2) for up to 64 categories, else O(n log(n) p^2);
 * polychoric O(n p^2 / 4) for the tables and some 0.05 ms for each pair. Memory: 5 n p bytes. */
vmap_status vmap_moments_associate(const double *values, size_t n, size_t p, const double *weights,
                                   const vmap_association_options *options,
                                   vmap_association **association, vmap_error *err);
void vmap_association_free(vmap_association *association);

/* Mid-ranks of each item's values among all who answered it; with weights a respondent of weight 2 is as two. They
 * count from 0: the rank of a value is the weight of smaller ones and half the weight of those like it. Pearson's
 * correlation of them is Spearman's where both items were answered by the same respondents.
 *   values, weights  as for vmap_moments_correlate()
 *   ranks            n x p, to be filled; NaN where there is no answer or no weight
 * Errors: VMAP_EINVAL (weights), VMAP_ENOMEM. Cost O(n p log n). */
vmap_status vmap_moments_ranks(const double *values, size_t n, size_t p, const double *weights, double *ranks,
                               vmap_error *err);

/* The number of respondents that tests about a correlation matrix may count on: the harmonic mean of
 * Kish's effective number over all pairs of items. */
double vmap_moments_test_n(const vmap_moments *moments);

/* Polychoric correlation of one table.
 *   table    rows x columns sums of weights, row after row, not negative; not modified
 *   squares  the same for squared weights, for the variance; NULL: all weights are 1
 *   result   rho is within +-.9999; variance as of Olsson's two steps, NaN at the boundary
 * Two-step estimate: thresholds from the margins, rho by maximum likelihood (Olsson 1979,
 * Psychometrika 44, 443-460, section 4), to about 1e-12. Empty rows and columns are left out. The
 * variance counts the uncertainty of the thresholds, with information matrices as means of products of
 * scores (Muthen 1984, Psychometrika 49, 115-132, eq. 22-24; as lavaan).
 * Errors: VMAP_EDATA when fewer than two rows or columns are used; VMAP_EINVAL (shape beyond 64,
 * negative number). */
typedef struct vmap_polychoric {
    double rho, variance;
    size_t empty, cells;
    bool boundary;
} vmap_polychoric;
vmap_status vmap_moments_polychoric(const double *table, const double *squares, size_t rows,
                                    size_t columns, vmap_polychoric *result, vmap_error *err);

/* Polyserial correlation of a continuous x with an ordered y (n each, no NaN): two steps as above,
 * with mean and variance of x and the thresholds of y from the margins (Olsson, Drasgow & Dorans 1982,
 * Psychometrika 47, 337-347, section 3). `level` holds 0 .. levels-1, levels <= 64.
 * Errors: VMAP_EDATA when fewer than two levels are used or x is constant. */
vmap_status vmap_moments_polyserial(const double *x, const size_t *level, size_t n, size_t levels,
                                    const double *weights, double *rho, vmap_error *err);

/* Means and covariances of the normal distribution that is most likely to have given the incomplete
 * values (EM; Little & Rubin 2002, Statistical Analysis with Missing Data, section 11.2), each
 * respondent's log-likelihood times the weight. Right under missingness at random.
 *   moments     mean, sd, r as estimated; n and n_eff as of the pairs
 *   iterations  NULL allowed; how many were needed, and whether the last changed no standardised
 *   converged   parameter by more than 1e-9 (10000 is the end); NULL allowed
 * Errors: those of vmap_moments_correlate() for items; VMAP_ESINGULAR when an item is determined by
 * others. Cost per iteration O(patterns p^3) with a pattern for each set of missing items, at most
 * O(n p^2). */
vmap_status vmap_moments_em(const double *values, size_t n, size_t p, const double *weights,
                            vmap_moments **moments, size_t *iterations, bool *converged,
                            vmap_error *err);

/* ---- repair ---- */

typedef enum vmap_smoothing {
    VMAP_SMOOTH_NONE,
    VMAP_SMOOTH_EIGEN,  /* eigenvalues below 1e-12 become 1e-10; rescaled to a unit diagonal */
    VMAP_SMOOTH_HIGHAM, /* nearest correlation matrix in the Frobenius norm, then eigenvalues of at
                           least 1e-8 times the largest */
    VMAP_SMOOTH_SHRINK  /* all correlations times the largest number that leaves no eigenvalue below
                           .0001 */
} vmap_smoothing;
const char *vmap_smoothing_name(vmap_smoothing smoothing);
vmap_status vmap_smoothing_find(const char *name, vmap_smoothing *smoothing, vmap_error *err);

typedef struct vmap_smoothing_info {
    double smallest;     /* eigenvalue before */
    double smallest_now; /* and after */
    double change;       /* largest |difference| of a correlation */
    double norm;         /* Frobenius norm of the difference */
    size_t i, j;         /* the pair that changed most, i > j */
} vmap_smoothing_info;

/* Make a p x p correlation matrix positive definite, in place, when its smallest eigenvalue is below
 * 1e-12; otherwise it stays. `info` may be NULL and is filled also for VMAP_SMOOTH_NONE.
 * Sources: eigen as psych's cor.smooth; Higham (2002), IMA J. Numer. Anal. 22, 329-343, algorithm 3.3.
 * Errors: VMAP_EDATA (NaN), VMAP_ENOMEM. */
vmap_status vmap_moments_smooth(gsl_matrix *r, vmap_smoothing smoothing, vmap_smoothing_info *info,
                                vmap_error *err);

/* ---- a look at the items first ---- */

typedef struct vmap_item_summary {
    size_t n;              /* respondents of positive weight who answered */
    size_t missing;        /* and who did not */
    double mean, sd;       /* weighted, divisor sum of weights; NaN when n = 0 */
    double skew, kurtosis; /* weighted moments g1, g2 (0 for the normal); NaN when sd = 0 */
    double least, most;
    size_t values;         /* distinct values, counted up to 1000 */
    double largest_share;  /* weighted share of the commonest of them */
    double smallest_share; /* and of the rarest */
    bool whole;            /* all values are whole numbers */
} vmap_item_summary;

typedef struct vmap_screening {
    size_t p, rows;           /* respondents of positive weight */
    size_t complete;          /* of these, without missing values */
    size_t empty;             /* without any value */
    size_t straight;          /* with at least five answers, all the same, though the items' answers
                                 of everybody are not */
    vmap_item_summary *items; /* p */
    size_t *twin;             /* p: smallest item j < i with the same values for every respondent who
                                 answered either, up to a linear change of scale; else p */
} vmap_screening;

/* Describe items and find those that spoil a correlation matrix.
 * Cost O(n p log n + twins). Errors: VMAP_EINVAL (weights), VMAP_ENOMEM. */
vmap_status vmap_moments_screen(const double *values, size_t n, size_t p, const double *weights,
                                vmap_screening **screening, vmap_error *err);
void vmap_screening_free(vmap_screening *screening);

/* ---- people and countries ---- */

/* Correlations on the levels of a grouping: everybody, people within groups, group means. */
typedef struct vmap_levels {
    size_t p, groups;        /* groups with at least one respondent */
    double n;                /* respondents */
    size_t *size;            /* groups_all: respondents of each group as numbered by the caller */
    size_t groups_all;
    gsl_matrix *means;       /* groups x p, weighted, in the order of the caller's numbers without the
                                empty ones; NaN where nobody answered */
    gsl_matrix *total, *within;  /* p x p correlations */
    gsl_matrix *between;     /* p x p of the group means, each group counting once */
    gsl_matrix *muthen;      /* p x p of Muthen's estimate; NaN where a variance of the pair is not positive */
    bool muthen_whole;       /* nowhere NaN */
    gsl_vector *icc1, *icc2; /* p: share of variance between groups, reliability of group means */
    gsl_vector *f, *df_between, *df_within; /* p: the F test of no difference between groups */
    gsl_vector *muthen_variance; /* p */
} vmap_levels;

/* Split the covariances of the items by groups.
 *   group    n group numbers, `groups` for respondents of no group, who are left out
 *   weights  within a group sampling weights say whom a respondent stands for; they are rescaled to
 *            mean 1, so that n counts respondents; NULL: all 1
 * For every pair of items the respondents who answered both. S_pw = sum over groups of W_g S_g /
 * (W - G), S_b = sum W_g (m_g - m)(m_g - m)' / (G - 1), Muthen's (1994, Sociol. Methods Res. 22,
 * 376-398, eq. 8) estimate (S_b - S_pw) / c, c = (W^2 - sum W_g^2) / (W (G - 1)); ICC(1) and ICC(2)
 * from the mean squares with that c (Bliese 2000, in Klein & Kozlowski, pp. 349-381).
 * Errors: VMAP_EDATA (fewer than three groups with answers to an item, an item constant within all
 * groups or in all group means; err->column is its number), VMAP_EINVAL (weights), VMAP_ENOMEM.
 * Cost O(n p^2). */
vmap_status vmap_moments_levels(const double *values, size_t n, size_t p, const double *weights,
                                const size_t *group, size_t groups, vmap_levels **levels,
                                vmap_error *err);
void vmap_levels_free(vmap_levels *levels);

#endif
