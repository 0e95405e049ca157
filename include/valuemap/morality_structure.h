#ifndef VALUEMAP_MORALITY_STRUCTURE_H
#define VALUEMAP_MORALITY_STRUCTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/answers.h"
#include "valuemap/congruence.h"
#include "valuemap/error.h"
#include "valuemap/factor_analysis.h"
#include "valuemap/questionnaire.h"

/* Do the items of a questionnaire hang together as its key says? Item statistics of a scale, and a factor
 * analysis with as many factors as the key has scales, turned towards the key and turned freely.
 *
 * n sheets are those that are listed and count (`used_sheet`); p are the items that some scale has, scale
 * after scale, each once; k scales. Reversed items are turned round, so that all should load positively.
 */

/* ---- items ---- */

/* One item within its scale; the number of an item of the scale is that of `items` in the key. */
typedef struct vmap_item_statistics {
    size_t item;       /* of the questionnaire, from 0 */
    size_t asked, n;   /* sheets that count; those with an answer */
    double mean, sd;   /* weighted; sd with the divisor of vmap_profile_score; NaN without answers (sd: fewer than
                          two) */
    double floor, ceiling; /* weighted share of answers at the lowest and the highest code */
    double item_rest;  /* correlation with the sum of the other items, from pairwise covariances; NaN without
                          variance */
    double if_dropped; /* alpha of the other items; NaN with fewer than three items that vary */
    double loading;    /* on one factor of the scale's items; NaN with fewer than three that vary */
} vmap_item_statistics;

/* Statistics of the items of one scale (as psych::alpha), from answers as they are scored.
 *   foundation  index of the scale
 *   rows        n sheets; those that do not count are passed over
 *   items       one for each item of the scale, to be filled
 * Errors: VMAP_ENOMEM. Cost O(n i^2) for i items. */
vmap_status vmap_item_statistics_find(const vmap_questionnaire *questionnaire, const vmap_answers *answers,
                                      const vmap_scores *scores, size_t foundation, const size_t *rows, size_t n,
                                      vmap_item_statistics *items, vmap_error *err);

/* ---- factors ---- */

typedef struct vmap_structure_options {
    const size_t *centre;  /* n, by row of `rows`: groups on whose means the items are centred, so that only
                              differences within groups count; NULL: not centred [NULL] */
    size_t groups;         /* of `centre` */
    bool retention;        /* ask the criteria of how many factors [true] */
    size_t sets;           /* random matrices of parallel analysis [200] */
    size_t permutations;   /* of the floor of congruence [999] */
    size_t replicates;     /* bootstrap, for vmap_structure_interval(): n - 1 of the n sheets of each stratum are drawn; 0:
                              none [0] */
    const size_t *stratum; /* n, by row of `rows`: nations, within which sheets are drawn; NULL: all are one [NULL] */
    size_t strata;         /* numbers of `stratum` lie below it */
    uint64_t seed;         /* [20230217] */
    unsigned threads;      /* 0: one per processor; the result does not depend on it [0] */
} vmap_structure_options;
void vmap_structure_defaults(vmap_structure_options *options);

/* One of the two rotations. Columns are in the order of the key, with positive sums of their own items. */
typedef struct vmap_structure_turn {
    gsl_matrix *pattern;    /* p x k */
    gsl_matrix *phi;        /* k x k correlations of factors */
    gsl_vector *congruence; /* k: Tucker's phi of a column with the key's column of ones and zeros */
    size_t *largest;        /* p: factor on which the item loads highest by size */
    double share;           /* of items that load highest, and positively, on a scale that has them */
    gsl_vector *own_share;  /* k: the same among the items of each scale */
    bool converged;
} vmap_structure_turn;

typedef struct vmap_structure {
    size_t p, k;
    size_t n;             /* sheets */
    size_t least_pair;    /* sheets behind the thinnest correlation */
    size_t *item;         /* p: item of the questionnaire, from 0 */
    size_t *own;          /* p: scale (the first that has the item) */
    gsl_matrix *key;      /* p x k: 1 where the scale has the item, else 0 */
    vmap_factor_analysis *analysis; /* unweighted least squares of Pearson correlations, pairs of items over their own
                                       sheets; retention NULL when not asked for */
    vmap_structure_turn target; /* oblique, to the partially specified target: items of other scales load 0, own
                                   ones are free (Browne 2001, Multivar. Behav. Res. 36, 111-150) */
    vmap_structure_turn free;   /* oblimin (quartimin); its columns are then matched with the key's by the largest
                                   sum of |congruence| */
    vmap_congruence *rigid;     /* the unrotated factors rotated rigidly to the key: congruence with the floor that
                                   chance reaches when the items change places (vmap_congruence_new()); rotation to a
                                   target finds some likeness in noise too */
    double *replicate;    /* usable x p x k: unrotated factors of the replicates, in whatever rotation; NULL: none */
    size_t usable;
} vmap_structure;

/* Analyse.
 *   answers, scores  of the same sheets; not modified
 *   rows             n sheets, those that do not count are passed over
 * Refused with VMAP_EDATA, in words that name the items: items with the same answer on every sheet (also within
 * groups, when centred) or without any; a pair of items with fewer than max(50, 2 p) sheets; correlations that are
 * not those of any complete data; fewer items than k factors can have. Not converging and Heywood cases are results.
 * Others: VMAP_EINVAL (fewer than two scales), VMAP_ENOMEM.
 * Cost: O(n p^2), parallel analysis O(sets p^3), permutations O(p k^2) each. */
vmap_status vmap_structure_new(const vmap_questionnaire *questionnaire, const vmap_answers *answers,
                               const vmap_scores *scores, const size_t *rows, size_t n,
                               const vmap_structure_options *options, vmap_structure **structure,
                               vmap_error *err);
void vmap_structure_free(vmap_structure *structure);

/* Likeness of two structures of the same key: the factors of b, rotated rigidly to those of a, which are rotated
 * rigidly to the key; vmap_congruence_new(). VMAP_EINVAL when they differ in items or factors. */
vmap_status vmap_structure_compare(const vmap_structure *a, const vmap_structure *b,
                                   const vmap_structure_options *options, vmap_congruence **result,
                                   vmap_error *err);

/* Intervals of the rigid congruence of b with the key (a NULL), or with a, from the replicates of both, corrected for bias as
 * vmap_congruence_interval() says. They are of other sheets of the same strata (nations), and of populations in which sheets
 * are independent.
 *   low, high  k + 1 each: the scales, all together; NaN with fewer than 50 replicates on a side
 * VMAP_EINVAL when they differ in items or factors, or level is not in (0, 1). Cost O(replicates p k^2). */
vmap_status vmap_structure_interval(const vmap_structure *a, const vmap_structure *b, double level, double *low, double *high,
                                    vmap_error *err);

#endif
