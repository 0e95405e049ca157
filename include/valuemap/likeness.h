#ifndef VALUEMAP_LIKENESS_H
#define VALUEMAP_LIKENESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "valuemap/distributions.h"
#include "valuemap/error.h"
#include "valuemap/metrics.h"

/* Scores over items under the names that papers use, so that results can be set beside theirs.
 *
 * They are means over items of metrics of valuemap/metrics.h, each item with the same weight; refusals are not
 * part of the distributions. Items without order count in the two similarities only.
 */

/* One item: its two distributions, and what the baselines answer. */
typedef struct vmap_likeness_item {
    vmap_metric_pair pair;
    bool ordered;
    size_t majority; /* index of the scale point that most people chose, in the whole data set */
} vmap_likeness_item;

/* Means over items; NaN where no item counts. */
typedef struct vmap_likeness {
    size_t items, ordered;     /* all, and those with order */
    double representativeness; /* OpinionQA: mean of 1 - W1 / (x_K - x_1); Santurkar et al. (2023), ICML, eq. 1-2. 0..1 */
    double similarity_e;       /* GlobalOpinionQA: mean of 1 - Jensen-Shannon distance, natural logarithms as SciPy has
                                  them; Durmus et al. (2023), arXiv:2306.16388, section 2.3. .167..1 */
    double similarity_2;       /* the same in base 2. 0..1 */
    double distance;           /* WorldValuesBench: mean Wasserstein-1 of answers scaled to 0..1; Zhao et al. (2024),
                                  LREC-COLING, 17696-17706. 0..1; = 1 - representativeness */
    double uniform;            /* the same distance for personas that choose every scale point equally often ... */
    double majority;           /* ... and for personas that all give the majority's answer */
} vmap_likeness;

/* Scores of `count` items. VMAP_EINVAL for a pair that vmap_metric_check() refuses or a majority that is no
 * scale point. Cost O(sum of K). */
vmap_status vmap_likeness_find(const vmap_likeness_item *items, size_t count, vmap_likeness *result, vmap_error *err);

/* WorldValuesBench's distance of one ordered item for the personas, and for the two baselines: to[0..2]. */
void vmap_likeness_distances(const vmap_likeness_item *item, double to[3]);

/* ---- how sure they are ---- */

/* Scores are means of distances, and distances of samples are too long: a bootstrap of them never comes near the truth when the
 * two sides are alike. Intervals are therefore inverted tests as in valuemap/noise.h: populations are moved, counts are
 * drawn from them, and those populations stay whose scores make the observed one likely. Which items carry a mean distance
 * is not known, and decides how much of it is noise; so the interval takes the worst on either side:
 *   low   all noise is where it can be: items within the 90 % floor of their own do not differ, the others differ as much as makes
 *         their observed distance the mean of samples; all distances grow or shrink together
 *   high  no noise is hidden: every item differs alike (Wasserstein: every cumulated share by as many standard errors; Jensen-
 *         Shannon: every item by the same distance on its own line)
 * Answers of one respondent to several items are not independent, which makes a mean over items wander more (or less) than
 * single items say; draws are widened by that factor, vmap_likeness_dependence(). Coverage in simulation: docs/methods.md. */

/* Whose answers belong together. */
typedef struct vmap_likeness_group {
    const vmap_responses *people, *personas;
    const size_t *group; /* cells: group of each cell */
    size_t at;           /* the group that the distributions are of */
    const double *factor; /* cells, of people: what weights are multiplied by; NULL: 1 */
} vmap_likeness_group;

/* Variance of the mean over items, of the Wasserstein distance (to[0], ordered items) and of the Jensen-Shannon distance
 * (to[1]), over what it would be if answers to different items were independent: linearised (the infinitesimal jackknife,
 * Efron 1982, The Jackknife, the Bootstrap and Other Resampling Plans, section 6; for weights Woodruff 1971, JASA 66, 411-414),
 * with respondents, and personas with all their answers, as units. 1 where nothing varies.
 *   items   count, their pairs with the distributions of this group
 *   column  count: the item's column in the responses
 * VMAP_ENOMEM. Cost O(rows of the group x count). */
vmap_status vmap_likeness_dependence(const vmap_likeness_group *source, const vmap_likeness_item *items, const size_t *column,
                                     size_t count, double to[2], vmap_error *err);

typedef struct vmap_likeness_draws {
    size_t replicates;    /* at each population, at least 19 */
    double level;         /* of confidence, as .95 */
    uint64_t seed, stream; /* another stream for each group */
    double inflation[2];  /* of the variance of means, as vmap_likeness_dependence() finds it; 1: items are independent */
} vmap_likeness_draws;

/* Low and high of the scores of the same name. */
typedef struct vmap_likeness_range {
    double representativeness[2], similarity_e[2], similarity_2[2], distance[2];
} vmap_likeness_range;

/* Intervals of the scores of `count` items; NaN where no item counts.
 *   low, high  count: intervals of the items' own distances (Wasserstein, 0..1), NaN for items without order: how many items
 *              surely, and how many perhaps, lie within a distance; NULL: not wanted
 * Effective numbers of the pairs count, rounded to whole ones. VMAP_EINVAL (pairs, replicates, level, inflation), VMAP_ENOMEM.
 * Cost O(replicates x sum of K) times some thirty. */
vmap_status vmap_likeness_ranges(const vmap_likeness_item *items, size_t count, const vmap_likeness_draws *draws,
                                 vmap_likeness_range *range, double *low, double *high, vmap_error *err);

#endif
