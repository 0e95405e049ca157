#ifndef CLI_DIMENSIONS_H
#define CLI_DIMENSIONS_H

#include "cli/analysis.h"
#include "cli/command.h"
#include "cli/shared_factors.h"
#include "valuemap.h"

/* What `valuemap dimensions` works on and finds. Tables are made from this struct and change nothing in it. */

typedef struct dimensions_settings {
    study_settings study; /* the first member */
    char *model, *table, *align;
    int factors, sets, comparison, permutations;
    double limit;
} dimensions_settings;

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
    shared_factors shared; /* its groups are the strata of the bootstrap */
} dimensions;

vmap_status dimensions_find(dimensions *d, vmap_error *err);
void dimensions_free(dimensions *d);

#endif
