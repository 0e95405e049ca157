#ifndef VALUEMAP_WEIGHTS_H
#define VALUEMAP_WEIGHTS_H

#include <stddef.h>

#include "valuemap/error.h"

/* Weights of respondents: what they cost in precision, and what groups count with them. */

/* Sum of weights and Kish's effective number (sum w)^2 / sum w^2 of n weights (NULL: all 1); 0 for
 * an empty sum. Kish (1965), Survey Sampling, section 11.7. */
double vmap_weight_sum(const double *weights, size_t n);
double vmap_weight_n_eff(const double *weights, size_t n);

/* How much n weighted respondents tell. */
typedef struct vmap_weight_effect {
    size_t n;         /* respondents with a weight above 0 */
    double sum;       /* of the weights */
    double effective; /* as many equally weighted ones tell as much about a mean; 0 when n is 0 */
    double design;    /* n / effective, the design effect of unequal weights, 1 + cv^2; NaN when n is 0 */
} vmap_weight_effect;

/* Of w[0..n); w NULL: all weigh 1. Weights are numbers from 0 up. Clusters and strata of the sample are not
 * known here, so the design effect of the whole sample may be larger. */
vmap_weight_effect vmap_weight_effect_of(const double *w, size_t n);

/* What the groups of a set count, all their respondents taken together. */
typedef enum vmap_weight_rule {
    VMAP_WEIGHTS_GIVEN,     /* as the weights say */
    VMAP_WEIGHTS_MEAN_ONE,  /* mean 1 within each group: a group counts as many respondents as it has */
    VMAP_WEIGHTS_EQUAL,     /* every group the same */
    VMAP_WEIGHTS_POPULATION /* as its share of the population */
} vmap_weight_rule;

/* Name of a rule in options and study files: given, mean-one, equal-country, population. VMAP_ENOENT. */
vmap_status vmap_weight_rule_find(const char *name, vmap_weight_rule *rule, vmap_error *err);
const char *vmap_weight_rule_name(vmap_weight_rule rule);

/* What trimming did. */
typedef struct vmap_trimming {
    double cap;    /* in units of the mean weight of the group; 0: not trimmed */
    size_t rows;   /* weights that were cut */
    double share;  /* of the sum of all weights that was cut off and given to all others of the group */
} vmap_trimming;

/* Change weights in place.
 *   w          n weights, numbers from 0 up
 *   group      n: index of the group, or `groups` for a respondent of none, whose weight becomes 0 unless the
 *              rule is VMAP_WEIGHTS_GIVEN; NULL: all are one group
 *   population groups: of each, for VMAP_WEIGHTS_POPULATION; else NULL
 *   cap        0, or at least 1: a weight above cap times the mean positive weight of its group is cut to that
 *              (Potter 1990); the group's weights are then multiplied so that their sum is what it was
 *   trimming   NULL, or what was cut
 * Then the groups are rescaled by the rule; the sum of all weights becomes the number of respondents with a
 * positive one, except with VMAP_WEIGHTS_GIVEN, which leaves all sums. Groups without a positive weight stay
 * so and do not count. VMAP_EINVAL: cap below 1, a population that is not positive. */
vmap_status vmap_weights_adjust(double *w, size_t n, const size_t *group, size_t groups, vmap_weight_rule rule,
                                const double *population, double cap, vmap_trimming *trimming,
                                vmap_error *err);

#endif
