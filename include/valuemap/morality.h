#ifndef VALUEMAP_MORALITY_H
#define VALUEMAP_MORALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_matrix.h>

#include "valuemap/answers.h"
#include "valuemap/error.h"
#include "valuemap/questionnaire.h"

/* Moral profiles of groups of sheets, and how they compare with those of people.
 *
 * k scales ("foundations") and c contrasts of a questionnaire; g groups; B bootstrap replicates.
 * What is said of a scale holds for a contrast as well: profiles have k + c columns, scales first.
 */

/* One scale in one group. */
typedef struct vmap_profile_score {
    size_t n;    /* sheets with a score */
    double mean; /* weighted mean of the sheets' scores; this and what follows is NaN when n = 0 */
    double sd;   /* of the scores: sqrt( n/(n-1) S w (x - m)^2 / S w ); NaN when n < 2 */
    double se;   /* linearised: sqrt( n/(n-1) S (w (x - m) / S w)^2 ); sd / sqrt(n) without weights.
                    It is what other runs of the same prompt would change, nothing else. NaN when n <
                    2 */
    double low, high; /* mean -+ t quantile with n - 1 degrees of freedom x se */
    double log_sd_se; /* of the logarithm of sd, vmap_log_sd_error(); NaN when n < 3 or all scores are alike */
    /* of the single answers, reversed ones turned round, pooled over items and sheets (NaN and 0
     * for contrasts): */
    size_t asked, answered;    /* cells of sheets that count; those with an answer */
    double cell_mean, cell_sd; /* weighted; divisor as above with `answered` for n */
    double floor, ceiling;     /* weighted share of answers at the lowest and highest code */
} vmap_profile_score;

/* One group of sheets. */
typedef struct vmap_profile {
    char **labels;             /* one per grouping column */
    size_t sheets;             /* all */
    size_t empty;              /* without any answer to a scored item */
    size_t unscored;           /* with answers, but in no scale enough of them for a score */
    size_t partial;            /* with a score in some scales only */
    size_t complete;           /* with a score in every scale */
    size_t failed;             /* that fail a check (whether dropped or not) */
    size_t dropped;            /* left out for that; not counted in the four above */
    size_t straight;           /* straight-lined, see vmap_scores */
    size_t asked, answered;    /* scored cells */
    size_t out_of_range;       /* of `asked`: numbers that are no code of the scale */
    double run;                /* mean longest run of equal answers, sheets with answers */
    double spread;             /* mean standard deviation of the answers within a sheet */
    vmap_profile_score *score; /* k + c */
    gsl_matrix
        *replicates; /* B x (k + c) means, NaN where a replicate drew no score; NULL before
                        vmap_profiles_bootstrap() and for groups with fewer than two sheets */
} vmap_profile;

typedef struct vmap_profiles {
    size_t columns;      /* grouping columns */
    char **names;        /* of the grouping columns */
    vmap_profile *group; /* sorted by labels, column by column */
    size_t count;        /* g */
    size_t k, c;
    char **scales;     /* k + c names */
    char **titles;     /* k + c labels for people */
    double low, high;  /* least and largest answer */
    size_t unlabelled; /* sheets left out because a label is missing */
} vmap_profiles;

/* Profiles of the groups that the answers' grouping columns define (all sheets as one group when
 * there are none). Sheets of weight 0 count in `sheets` only. answers, scores  of the same sheets;
 * not modified level            of the intervals, 0 < level < 1 Cost O(n (p + log n)). */
vmap_status vmap_profiles_new(const vmap_questionnaire *questionnaire, const vmap_answers *answers,
                              const vmap_scores *scores, double level, vmap_profiles **profiles,
                              vmap_error *err);
void vmap_profiles_free(vmap_profiles *profiles);

/* The group of every sheet: n indices in fresh memory (free() it), profiles->count for those
 * without labels. */
vmap_status vmap_profiles_of_rows(const vmap_profiles *profiles, const vmap_answers *answers,
                                  size_t **group, vmap_error *err);

/* Bootstrap the mean scores of every group: n - 1 sheets drawn with replacement from its n sheets
 * with a score (Rao & Wu 1988, JASA 83, 231-241), so that a sheet's scales stay together. The same
 * seed gives the same replicates for any number of threads. Cost O(B n (k + c)). */
vmap_status vmap_profiles_bootstrap(vmap_profiles *profiles, const vmap_answers *answers,
                                    const vmap_scores *scores, size_t replicates, uint64_t seed,
                                    unsigned threads, vmap_error *err);

/* ---- one profile against another ---- */

/* How far a profile is from the one it should be. Scales that one of the two has not count nowhere.
 */
typedef struct vmap_agreement {
    size_t scales;   /* that both have */
    double error;    /* mean signed difference: model minus human */
    double absolute; /* mean absolute difference */
    double rms;      /* root of the mean squared difference */
    double distance; /* Euclidean: rms x sqrt(scales) */
    /* Shares of the mean squared difference (Cronbach & Gleser 1953, Psychol. Bull. 50, 456-473):
     * rms^2 = elevation + scatter + shape, each in squared units of the answers. */
    double elevation;   /* (mean of model - mean of human)^2 */
    double scatter;     /* (sd of model - sd of human)^2, divisor number of scales */
    double shape;       /* 2 sd sd (1 - correlation) */
    double correlation; /* Pearson over the scales; NaN with fewer than three or without variance */
    double rank;        /* Spearman, ties by mean ranks; likewise */
    double kendall;     /* tau-b; likewise */
} vmap_agreement;

/*   model, human  n scales each, NaN = missing
 * VMAP_EDATA when they have no scale in common. */
vmap_status vmap_agreement_find(const double *model, const double *human, size_t n,
                                vmap_agreement *agreement, vmap_error *err);

/* Standard error of the logarithm of a standard deviation, for any distribution: from the fourth moment about a trimmed
 * mean (Bonett 2006, Comput. Stat. Data Anal. 50, 775-782),
 *     se^2 = (kurtosis - (n - 3)/n) / (4 (n - 1)),  kurtosis = n S (x - T)^4 / (S (x - m)^2)^2,
 * T the mean without n / (2 sqrt(n - 4)) values at each end (rounded down). With weights w of sum W, m2 = S w (x - m)^2 / W, it is
 * linearised: n / (4 (n - 1)) S w^2 ((x - T)^4 / m2^2 - 2 (x - m)^2 / m2 + 1 + 3/n) / W^2, and as much of the weight is cut
 * off for T. Scores near an end of their scale have heavy tails: the chi-square interval for normal scores covers .8 there,
 * this one .94 (tests/bench/level).
 *   x, weights  n; weights positive, NULL: all 1
 *   se          output; NaN with fewer than three values or when all are alike
 * VMAP_ENOMEM. Cost O(n log n). */
vmap_status vmap_log_sd_error(const double *x, const double *weights, size_t n, double *se, vmap_error *err);

/* ---- one scale of one group against people ---- */

/* How far the mean of a group is from that of people, with the sampling errors of both. */
typedef struct vmap_difference {
    double error;     /* mean of the group minus mean of people */
    double se;        /* sqrt(se^2 + human se^2); that of the group alone when people's is unknown */
    double df;        /* Welch (1947), Biometrika 34, 28-35: se^4 / (se1^4 / (n1 - 1) + se2^4 / (n2 - 1));
                         n - 1 of the group when people's error is unknown */
    double low, high; /* error -+ t quantile x se */
    double d;         /* error in standard deviations of people (Glass 1976, Educ. Res. 5, 3-8) */
    double sd_ratio;  /* sd of the group / sd of people: how much more alike its sheets are */
    double sd_low, sd_high; /* its interval: exp(ln sd_ratio -+ t quantile x sqrt(sum of both log_sd_se^2)), degrees of freedom
                               of Welch with these errors; NaN when one of them is not known */
} vmap_difference;

/*   group, human  the same scale; of people's the mean may be all that is known: n = 0, se and sd NaN
 *   level         of the interval
 * NaN where something needed is unknown: error without both means; se, df and interval without the
 * group's se; d and sd_ratio without an sd of people above 0; df and interval when neither varies. */
void vmap_difference_find(const vmap_profile_score *group, const vmap_profile_score *human,
                          double level, vmap_difference *difference);

/* ---- reliability of what is correlated ---- */

/* Correlation without the error of measurement of both sides, r / sqrt(rx ry) (Spearman 1904, Am. J.
 * Psychol. 15, 72-101). It is an estimate, not a correlation: it may pass 1 and is not cut. NaN where a
 * reliability is NaN, 0 or negative: there is nothing reliable to correct for. A slope of y on x loses its
 * attenuation by the error of x alone: slope / rx. */
double vmap_disattenuate(double r, double x_reliability, double y_reliability);

/* Reliability of a profile: how far the differences between the means of scales would repeat with other items of the
 * same scales. One-way analysis of variance of item means between scales, 1 - MS within / MS between (Hoyt 1941,
 * Psychometrika 6, 153-160); it is 0 or negative when items of a scale differ as much as scales do.
 *   item   n means of items, NaN = missing
 *   scale  n: scale of each, below `scales`
 * NaN with fewer than two scales, without a second item in any of them, or without differences between them. */
double vmap_profile_reliability(const double *item, const size_t *scale, size_t n, size_t scales);

/* ---- one scale over many groups ---- */

/* How the groups' means follow those of people: one scale, n groups (nations). */
typedef struct vmap_calibration {
    size_t groups;                             /* that have both means */
    double bias, bias_se, bias_low, bias_high; /* mean of model - human; t interval over groups */
    double absolute, rms;                      /* mean absolute and root mean squared difference */
    double r, r_low, r_high;                   /* Pearson; Fisher's z, from four groups on */
    double rank, kendall;                      /* Spearman, Kendall's tau-b */
    double ccc; /* Lin's concordance (1989, Biometrics 45, 255-268): divisor n */
    double slope, slope_se, slope_low, slope_high; /* least squares of model on human */
    double spread;      /* sd of the model's means / sd of the human ones: below 1 the model makes
                           nations      alike, above 1 it sets them apart */
    double noise;       /* mean squared standard error of the model's means */
    double human_noise; /* the same of the human ones; NaN when unknown */
    double true_spread; /* the ratio with the noise taken out of both variances (out of the model's
                           only when that of people is unknown); 0 when the noise is all there is */
    double reliability; /* of the model's means: 1 - noise / variance; not below 0 */
    double human_reliability; /* likewise; NaN when unknown */
    double r_true; /* r / sqrt(reliabilities), a human one that is unknown counts as 1 (Spearman
                      1904): not a correlation, it can pass 1; NaN where a reliability is 0 */
} vmap_calibration;

/*   model, human     n means each, NaN = missing
 *   model_se, human_se  their standard errors, NaN = unknown; each may be NULL
 * All that is not defined is NaN. VMAP_EDATA with fewer than three groups that have both. */
vmap_status vmap_calibration_find(const double *model, const double *model_se, const double *human,
                                  const double *human_se, size_t n, double level,
                                  vmap_calibration *calibration, vmap_error *err);

#endif
