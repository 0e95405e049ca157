#ifndef TESTS_MADE_UP_H
#define TESTS_MADE_UP_H

#include <stddef.h>

#include "valuemap/answers.h"
#include "valuemap/map.h"
#include "valuemap/simulate.h"
#include "valuemap/space.h"

/* Spaces and answers for tests, made without files. Everything returned is the caller's. */

/* A space of four items (codes 1..10, 1..4, 1..3 and -2..2) and two axes, with numbers that are
 * easy to write down again: tests/reference/map_groups.R has the same. */
enum { MADE_UP_ITEMS = 4, MADE_UP_AXES = 2 };
vmap_space *made_up_space(void);

/* Answers of n respondents to p items named "I1", "I2" ...
 *   values   n x p, row after row, NaN = missing
 *   weights  n, or NULL
 *   labels   n x columns texts, row after row; NULL or "" = no label; columns are named "G1", "G2"
 * ... */
vmap_answers *made_up_answers(size_t n, size_t p, const double *values, const double *weights,
                              size_t columns, const char *const *labels);

/* The same respondents in another order: row i of the result is row order[i]. */
vmap_answers *reordered_answers(const vmap_answers *answers, const size_t *order);

/* Fill `order` (n) with 0 .. n-1 shuffled. */
void shuffle_order(size_t n, size_t *order);

/* A simulation of src/simulate with the codebook of the source tree; options->codebook is set here.
 */
vmap_simulation *made_up_simulation(vmap_simulate_options *options);
/* A drawn sample as answers with the grouping columns `model` (personas only) and `country`;
 * answers of the items whose letter in `without` (p letters, or NULL) is '-' are missing. Frees the
 * sample. */
vmap_answers *sample_answers(const vmap_simulation *simulation, vmap_sample *sample,
                             const vmap_simulated_group *groups, const char *without);

/* Project the answers and form groups: *projection and the groups returned are the caller's. */
vmap_groups *made_up_groups(const vmap_space *space, const vmap_answers *answers,
                            vmap_incomplete rule, vmap_projection **projection);

#endif
