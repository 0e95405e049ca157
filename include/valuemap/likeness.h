#ifndef VALUEMAP_LIKENESS_H
#define VALUEMAP_LIKENESS_H

#include <stdbool.h>
#include <stddef.h>

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

#endif
