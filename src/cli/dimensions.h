#ifndef CLI_DIMENSIONS_H
#define CLI_DIMENSIONS_H

#include "cli/analysis.h"
#include "cli/command.h"
#include "valuemap.h"

/* What `valuemap dimensions` works on and finds. Tables are made from this struct and change nothing in it. */

typedef struct dimensions_settings {
    study_settings study; /* the first member */
    char *model, *table, *align;
    int factors, sets, permutations;
    double limit;
} dimensions_settings;

/* A group's own solution beside what all groups have in common. */
typedef struct dimensions_group {
    size_t label; /* level of the first grouping column */
    size_t n;
    gsl_matrix *loadings; /* p x k; NULL: the group has no solution */
    size_t place;         /* in the consensus */
} dimensions_group;

typedef struct dimensions {
    const dimensions_settings *settings;
    study *study;
    analysis *read;
    const vmap_answers *answers; /* of read */
    size_t k;                    /* factors that are kept; 0: none */
    bool chosen;                 /* by the user */
    double n;                    /* respondents that tests count on */
    vmap_moments *moments;
    vmap_retention *retention;
    gsl_matrix *loadings; /* p x k components after varimax; NULL with k = 0 */
    vmap_factor_bootstrap *bootstrap;
    vmap_factor_jackknife *without_item, *without_group;
    size_t *group, groups; /* n; NULL without a grouping column */
    vmap_levels *levels;
    gsl_matrix *level_loadings[3]; /* within, between, Muthen; NULL where there is none */
    vmap_congruence *level[3];     /* with those of all respondents */
    dimensions_group *own;
    size_t owns, solved;
    vmap_consensus *consensus;
} dimensions;

vmap_status dimensions_find(dimensions *d, vmap_error *err);
void dimensions_free(dimensions *d);

/* docs/tables.md describes every column. */
void table_stability(vmap_report *r, const dimensions *d);
void table_levels(vmap_report *r, const dimensions *d);
void table_level_items(vmap_report *r, const dimensions *d);
void table_shared(vmap_report *r, const dimensions *d);

#endif
