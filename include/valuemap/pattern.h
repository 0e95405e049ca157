#ifndef VALUEMAP_PATTERN_H
#define VALUEMAP_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"
#include "valuemap/least_squares.h"
#include "valuemap/structure.h"

/* Does the pattern between groups of people survive in their personas?
 *
 * Distances of distributions say how far each group is off. The pattern asks what a social scientist
 * asks of the data: do the same groups lie high and low, how much does an attribute (country, sex, age)
 * explain, which group is a persona group most like, what does a regression on demographics say.
 * How group means of one item follow one another (correlation, slope, rank agreement, spread) is
 * vmap_calibration_find() of valuemap/morality.h.
 *
 * `human` are people, `persona` those of one series (a model). What is not defined is NaN.
 */

/* ---- what an attribute explains ---- */

/* One item split by one attribute. Sums of squares are weighted and rescaled to the effective number
 * of respondents n_eff = (S w)^2 / S w^2, so that scaling all weights changes nothing; without weights
 * this is the usual analysis of variance. */
typedef struct vmap_explained {
    size_t n;         /* respondents with an answer, a group and a positive weight */
    size_t groups;    /* groups that have one */
    double n_eff;
    double mean;
    double variance;  /* of all, divisor S w */
    double within;    /* pooled within groups, divisor S w: variance (1 - eta2) */
    double eta2;      /* S_between / S_total (Pearson 1905); 0 .. 1. Of unrelated attributes it is
                         (groups - 1)/(n_eff - 1) on average, not 0 */
    double epsilon2;  /* 1 - (1 - eta2)(n_eff - 1)/(n_eff - groups), without that bias (Kelley 1935,
                         Proc. Natl. Acad. Sci. 21, 554-559); can be below 0 */
    double f, df1, df2, p; /* test of no difference; df2 is n_eff - groups. F is infinite when answers do
                              not differ within groups */
    double size;      /* c, the mean size of groups as ICC takes it: (N - S N_g^2 / N)/(groups - 1) of
                         effective respondents (Donner 1986, Int. Stat. Rev. 54, 67-82) */
    double icc;       /* (MSB - MSW)/(MSB + (c - 1) MSW), ICC(1,1) of Shrout & Fleiss (1979): how alike
                         two answers of one group are; can be below 0 */
} vmap_explained;

/*   values   one number per respondent, `stride` apart; NaN = missing
 *   weights  n, not negative; NULL: all 1
 *   group    n numbers; `groups` and above leave the respondent out
 * VMAP_EDATA with fewer than two groups, or no respondent to spare within them. An item that everybody
 * answers alike has a variance of 0 and eta2, epsilon2, f, p and icc NaN. Cost O(n + groups);
 * VMAP_EINVAL (weights), VMAP_ENOMEM. */
/* Sums of one group, for the same from counts or replicates. */
typedef struct vmap_group_sums {
    size_t n;
    double w, w2;   /* S w, S w^2 */
    double mean;    /* weighted; any number without weight */
    double squares; /* S w (x - mean)^2 */
} vmap_group_sums;
vmap_status vmap_pattern_explain_sums(const vmap_group_sums *group, size_t groups, vmap_explained *explained, vmap_error *err);

vmap_status vmap_pattern_explain(const double *values, size_t stride, const double *weights, size_t n,
                                 const size_t *group, size_t groups, vmap_explained *explained,
                                 vmap_error *err);

/* ---- are groups made alike ---- */

typedef struct vmap_homogenisation {
    size_t groups, pairs;   /* pairs with a distance on both sides */
    double human, persona;  /* mean distance of two groups */
    double ratio;           /* persona / human: below 1 the personas of different groups are more alike
                               than the people are */
    double low, high;       /* interval of the ratio: ln ratio, jackknife over groups, t with groups - 1
                               degrees of freedom (Efron & Tibshirani 1993, An Introduction to the
                               Bootstrap, section 11.2); NaN with fewer than four groups */
    double nearer;          /* share of pairs that lie nearer in the personas; ties count half */
    double correlation;     /* of the two sides' distances: do the same groups lie apart (Mantel's r) */
} vmap_homogenisation;

/* Mean distance between groups, of personas against people.
 *   human, persona  n x n distances, the same groups in the same order; the lower triangles are read,
 *                   NaN = not known; not modified
 * Distances of samples are longer than true ones, the more the smaller the samples: groups of very
 * different size on the two sides make the ratio misleading.
 * VMAP_EDATA with fewer than three groups or pairs, VMAP_EINVAL (shapes, level). Cost O(n^2). */
vmap_status vmap_pattern_homogenise(const gsl_matrix *human, const gsl_matrix *persona, double level,
                                    vmap_homogenisation *homogenisation, vmap_error *err);

/* ---- which group is a persona group most like ---- */

enum { VMAP_HITS = 3 };
extern const size_t vmap_hits[VMAP_HITS]; /* 1, 3, 5 */

typedef struct vmap_identification {
    size_t n, groups;       /* persona groups given; of these with a known distance to their own group */
    size_t candidates;      /* human groups */
    double *rank;           /* n: place of the own group among the candidates by distance, 1 the nearest;
                               ties take the mean of their places (distances that
                               only rounding sets apart are ties); NaN without own group */
    size_t *nearest;        /* n: the nearest candidate (of ties the first); `candidates` when none */
    double hit[VMAP_HITS];  /* share with rank <= vmap_hits[i] */
    double hit_chance[VMAP_HITS], hit_p[VMAP_HITS];
    double hit_low[VMAP_HITS], hit_high[VMAP_HITS]; /* 95 % interval over other groups like these with as many
                               answers: Wilson (1927, JASA 22, 209-212), groups taken as independent */
    double mrr;             /* mean of 1 / rank (Voorhees 1999, TREC-8, 77-82) */
    double mrr_chance, mrr_p;
    double mrr_low, mrr_high; /* 95 %, likewise, with the largest variance that a mean of numbers in 0..1 can have */
    double mean_rank;       /* 1 .. candidates */
    double mean_rank_p;
} vmap_identification;

/* Is a persona group nearest to its own human group?
 *   distance  persona groups x human groups, NaN = not known (such a candidate comes last); not modified
 *   target    n: the own group's column; the number of columns or more: it has none
 * p: own groups change places among the persona groups (NULL: the defaults); `stratum` has n entries
 * and may keep changes within (regions, say). The chance is what such an exchange gives on average when
 * there are no strata: the mean over all pairs of a persona group with an own group of another.
 * VMAP_EDATA with fewer than two persona groups or candidates. Cost O(n candidates^2 + permutations n). */
vmap_status vmap_pattern_identify(const gsl_matrix *distance, const size_t *target,
                                  const vmap_permutation_options *options,
                                  vmap_identification **identification, vmap_error *err);
void vmap_identification_free(vmap_identification *identification);

/* ---- does a regression on demographics say the same ---- */

/* Dummies of attributes, the predictors of vmap_least_squares_new(): for every attribute one column for each
 * level but its reference. The constant is not among them.
 *   level      attributes x n: level[a * n + i] is the level of respondent i, below levels[a]
 *   levels     attributes: numbers of levels, two or more each
 *   reference  attributes: level that has no column
 *   x          n x S (levels - 1), to be freed by the caller
 * VMAP_EINVAL, VMAP_ENOMEM. */
vmap_status vmap_pattern_dummies(const size_t *level, const size_t *levels, const size_t *reference,
                                 size_t attributes, size_t n, gsl_matrix **x, vmap_error *err);

typedef struct vmap_coefficient {
    double human, human_se, persona, persona_se;
    double difference, se; /* persona minus human */
    double z, p;           /* of no difference, two-sided normal; NaN when neither side has an error */
    bool flip;             /* the signs differ; what rounding leaves of 0 has none */
    bool clear;            /* and both coefficients differ from 0 at 1 - level */
} vmap_coefficient;

typedef struct vmap_fidelity {
    size_t count;            /* coefficients without the constant */
    vmap_coefficient *coefficient; /* count */
    size_t flips, clear_flips;
    size_t different;        /* with p <= 1 - level */
    double correlation;      /* of the coefficients of the two sides; NaN with fewer than three */
    double slope;            /* through the origin, personas on people: S h p / S h^2 */
    double wald, df, p;      /* chi-square of no difference at all, all coefficients but the constant;
                                NaN when the sum of covariances is singular (fewer clusters than
                                coefficients) */
} vmap_fidelity;

/* Two regressions of one outcome on the same dummies. The two sides are independent samples (Clogg, Petkova & Haritou
 * 1995, Am. J. Sociol. 100, 1261-1293, eq. 4).
 *   level  of confidence, such as .95
 * VMAP_EINVAL (different columns, more than one outcome, level), VMAP_EDATA (a constant alone), VMAP_ENOMEM. */
vmap_status vmap_pattern_fidelity(const vmap_least_squares *human, const vmap_least_squares *persona,
                                  double level, vmap_fidelity **fidelity, vmap_error *err);
void vmap_fidelity_free(vmap_fidelity *fidelity);

/* ---- intervals: respondents drawn anew ---- */

/* The rows of one side. */
typedef struct vmap_pattern_side {
    size_t n;
    const double *weights; /* n, not negative; NULL: all 1 */
    const size_t *group;   /* n; the number of groups or more: the row does not count */
    const size_t *cluster; /* n numbers below n, the same for rows of one persona, which come and go together;
                              its group is that of its first row. NULL: every row is its own */
} vmap_pattern_side;

typedef struct vmap_pattern_draws {
    size_t replicates; /* at least 19 [500] */
    uint64_t seed;     /* [20230217] */
    unsigned threads;  /* 0: one per processor; the result does not depend on it [0] */
} vmap_pattern_draws;

/* Statistics of both sides with these weights (human->n, persona->n numbers), to `value`; NaN where not
 * defined. Called from several threads at once; false when memory is short. */
typedef bool (*vmap_pattern_statistic)(const void *context, const double *human, const double *persona, double *value);

/* Bootstrap of any statistic of two sides: of the m respondents (or clusters) of every group m - 1 are drawn with
 * replacement, their weights times m/(m - 1) (Rao & Wu 1988, JASA 83, 231-241), so that variances are not too
 * small in small groups. A group of one keeps it: its noise is not seen.
 *   groups      on both sides
 *   statistics  numbers that `statistic` finds
 *   replicate   replicates x statistics, output
 * VMAP_EINVAL (weights, replicates, clusters), VMAP_ENOMEM. Cost: replicates x (rows + statistic). */
vmap_status vmap_pattern_bootstrap(const vmap_pattern_side *human, const vmap_pattern_side *persona, size_t groups,
                                   vmap_pattern_statistic statistic, const void *context, size_t statistics,
                                   const vmap_pattern_draws *draws, double *replicate, vmap_error *err);

/* Bias-corrected percentiles (Efron 1987, JASA 82, 171-185, without acceleration): quantiles (type 7 of R) of the
 * replicates at Phi(2 z0 -+ z), z0 = Phi^-1 of the share of replicates below the observed value, ties half. For statistics that
 * noise moves little: of lengths vmap_pattern_true_ratio(); ranks of distances have no such interval (docs/methods.md).
 *   replicate  n, `stride` apart; NaN is left out; more than a tenth of them: low and high are NaN
 * NaN for an observed value of NaN. VMAP_EINVAL (level), VMAP_ENOMEM. */
vmap_status vmap_pattern_interval(double observed, const double *replicate, size_t n, size_t stride, double level,
                                  double *low, double *high, vmap_error *err);

/* A ratio of two lengths, personas over people, without the noise that makes both longer: distances of groups, spread of group
 * means. */
typedef struct vmap_true_ratio {
    double ratio;     /* NaN when people's length is not longer than noise makes it; 0 when that of personas is not */
    double low, high; /* interval; high is infinite when people's length may be 0 */
} vmap_true_ratio;

/* Noise adds to squares, in a bootstrap once more: the true square is 2 L^2 - mean L*^2, its interval the square -+ z sd of L*^2, from
 * 0 up. Both sides are independent; that of the ratio follows from theirs by MOVER (Donner & Zou 2012, Stat. Methods Med. Res. 21,
 * 347-359, eq. 9) and ends in its root.
 *   human, persona    observed lengths
 *   human_replicate, persona_replicate  n, `stride` apart; NaN is left out; more than a tenth of them: all is NaN
 * VMAP_EINVAL (level). */
vmap_status vmap_pattern_true_ratio(double human, double persona, const double *human_replicate, const double *persona_replicate,
                                    size_t n, size_t stride, double level, vmap_true_ratio *ratio, vmap_error *err);

#endif
