#ifndef CLI_SHARED_FACTORS_H
#define CLI_SHARED_FACTORS_H

#include "valuemap.h"
#include "valuemap/report.h"

/* Do groups share the factors of all? What `dimensions` and `factor` ask alike: people within groups, group means, each
 * group's own solution, what they have in common, the solution without one group or item; and whether groups of other
 * files, such as the answers of models, have the factors of people. */

/* A group's own solution. */
typedef struct shared_group {
    const char *set;      /* name of the file for groups of other files; "" for groups of the analysed ones */
    const char *label;    /* belongs to the answers */
    size_t n;
    gsl_matrix *loadings; /* p x k; NULL: the group has no solution ... */
    vmap_error why;       /* ... and why; its column is an item */
    size_t place;         /* in the consensus */
    vmap_congruence *match; /* with the solution of all; NULL: none, or not asked for */
    double *low, *high;   /* k: bootstrap interval of its phi; NULL: none */
} shared_group;

typedef struct shared_factors {
    /* what is asked; it belongs to the caller */
    const vmap_answers *answers;
    size_t *group, groups;      /* n numbers, `groups` for no group; NULL: no groups */
    size_t column;              /* of answers->groups, which has the labels */
    const gsl_matrix *r;        /* p x p correlations of all, made as resample.association says */
    const gsl_matrix *variance; /* p x p sampling variances of r; NULL: none */
    const gsl_matrix *loadings; /* p x k of all; NULL with k = 0 */
    size_t k;
    vmap_factor_resample_options resample; /* with the solver; replicates 0: no intervals of groups */
    vmap_congruence_options congruence;
    bool compare;               /* each group's own solution with that of all, item by item */
    vmap_ledger *ledger;
    /* what is found */
    vmap_factor_jackknife *without_item, *without_group;
    vmap_levels *levels;
    gsl_matrix *level_loadings[3]; /* within, between, Muthen; NULL where there is none */
    vmap_congruence *level[3];     /* with those of all respondents */
    shared_group *own;
    size_t owns, solved;
    vmap_consensus *consensus;
    shared_group *other;           /* groups of other files */
    size_t others;
} shared_factors;

/* Numbers of the groups of a column of answers->groups; fresh memory. */
vmap_status shared_factors_groups(const vmap_answers *answers, size_t column, size_t **group, size_t *groups,
                                  vmap_error *err);
/* Find everything that was asked; what cannot be had is said in the ledger. */
vmap_status shared_factors_find(shared_factors *s, vmap_error *err);
/* Compare groups of other answers with the solution of all; their items are the same in the same order. `column` of
 * their groups, or SIZE_MAX: all are one group, which has the name of the set. */
vmap_status shared_factors_add(shared_factors *s, const vmap_answers *answers, size_t column, const char *set,
                               vmap_error *err);
void shared_factors_free(shared_factors *s);
/* In words: whose variances and covariances people within groups and group means divide, "the codes, pairwise". Ranks
 * and complete respondents are as the association has them; the other associations have no variances to divide. */
const char *shared_factors_split(const vmap_association_options *association);

/* docs/tables.md describes every column. */
void table_stability(vmap_report *r, const shared_factors *s);
void table_levels(vmap_report *r, const shared_factors *s);
void table_level_items(vmap_report *r, const shared_factors *s);
void table_level_pairs(vmap_report *r, const shared_factors *s);
void table_shared(vmap_report *r, const shared_factors *s);
void table_group_congruence(vmap_report *r, const shared_factors *s);
void table_group_items(vmap_report *r, const shared_factors *s, char *const *label);

#endif
