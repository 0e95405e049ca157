#ifndef STRUCTURE_PERMUTE_H
#define STRUCTURE_PERMUTE_H

#include <stddef.h>

#include "valuemap/structure.h"

/* Permutation tests: what they share; not exported. */

typedef struct permute_test {
    size_t n;          /* units */
    size_t statistics; /* values of one arrangement */
    size_t room;       /* numbers of scratch memory that statistic() wants */
    const void *context;
    /* The statistics when unit order[i] takes the place of unit i. */
    void (*statistic)(const void *context, const size_t *order, double *scratch, double *value);
} permute_test;

/* p value of every statistic, large values being extreme; NaN for an observed NaN or with no
 * permutations. Permutation r draws from stream r of the seed.
 * VMAP_EINVAL for a stratum that is not below n, VMAP_ENOMEM. */
vmap_status permute_p(const permute_test *test, const vmap_permutation_options *options,
                      const double *observed, double *p, vmap_error *err);

/* The same when units change their signs instead of their places: order[i] is 1 for a unit that does and 0 for
 * another. Strata are not looked at. Statistics must not change when all units change their signs: when the
 * patterns are then no more than `permutations` + 1, each is taken once and p is exact. */
vmap_status permute_signs(const permute_test *test, const vmap_permutation_options *options,
                          const double *observed, double *p, vmap_error *err);

/* The options, or the defaults for NULL. */
vmap_permutation_options permute_options(const vmap_permutation_options *options);

#endif
