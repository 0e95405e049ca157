#ifndef CLI_SUBSET_H
#define CLI_SUBSET_H

#include "cli/study.h"
#include "valuemap/answers.h"

/* Which respondents of a set count, and what: its conditions, recodes and weights, made ready for reading. */

typedef struct subset {
    vmap_where **where;
    vmap_recode **recodes;
    size_t where_count, recodes_count;
    vmap_weight_rule weighting;
    double trim;
    const char *weight_by; /* belongs to the study */
    vmap_table *population; /* of a file: group, population; NULL: none */
    const char **population_groups;
    double *population_of;
} subset;

/* Parse what the set says; the file of a population is relative to `folder`.
 * VMAP_EINVAL with the notation's own message; VMAP_ENOENT and what reading gives for the file. */
vmap_status subset_open(const study_set *set, const char *folder, subset *s, vmap_error *err);
/* Put it into the options of a set; the subset must outlive them. */
void subset_apply(const subset *s, vmap_answers_options *options);
void subset_free(subset *s);

#endif
