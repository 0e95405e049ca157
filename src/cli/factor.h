#ifndef CLI_FACTOR_H
#define CLI_FACTOR_H

#include "cli/analysis.h"
#include "cli/command.h"
#include "cli/shared_factors.h"
#include "valuemap.h"
#include "valuemap/report.h"

/* What `valuemap factor` works on and finds. The analysis itself is vmap_factor_analysis; here names join again.
 * Tables and figures are made from this struct and change nothing in it. */

typedef struct factor_settings {
    study_settings study; /* the first member */
    word_list items, against, scores;
    char *matrix, *n, *valid, *correlation, *smooth, *factors, *extraction, *communalities, *rotation, *target, *normalize,
        *sort, *model, *align, *strata, *by,
        *against_by, *procrustes, *table, *like;
    double gamma, kappa, delta, power, cut, blank, categories, misfit;
    int starts, iterations, sets, comparison, permutations;
    bool why, explain;
} factor_settings;

/* Extraction and rotation as in the options, for replicates; a solution that did not converge is none. */
typedef struct factor_solver {
    vmap_factor_options options;
    const gsl_matrix *target;
} factor_solver;
/* Another file whose groups are compared. */
typedef struct factor_other {
    study *study;
    analysis *read;
} factor_other;

typedef struct factor_work {
    const factor_settings *settings;
    vmap_ledger *ledger;         /* that of `read`, or for a matrix its own */
    study *study;
    analysis *read;              /* NULL for a matrix */
    const vmap_answers *answers; /* of read; NULL for a matrix */
    size_t p;
    char **item, **label;        /* p; a label is "" where the codebook or file has none of its own */
    gsl_matrix *r;               /* p x p correlations that were read; NULL for answers */
    gsl_matrix *counts;          /* p x p respondents behind each element of r; NULL: one number for all, or answers */
    gsl_vector *sd;              /* p, where a covariance matrix was read; else NULL */
    gsl_matrix *target;          /* p x k, NaN: free; NULL: none */
    vmap_factor_data data;
    vmap_factor_options options; /* what settings (and presets) come to */
    vmap_factor_analysis *analysis;
    vmap_factor_bootstrap *bootstrap; /* NULL: not asked for */
    vmap_factor_why *why;        /* NULL: not asked for, or no factor */
    shared_factors shared;       /* of groups and other files */
    factor_solver solver;        /* of shared */
    factor_other *other;
    size_t others;
    size_t *order;               /* p: items as tables show them */
    vmap_score_method score[VMAP_SCORE_METHODS]; /* of the tables of weights and scores, in the order that was asked for */
    size_t scores;               /* how many of them, at least 1 */
    bool simulated;
} factor_work;

/* ---- factor_read.c ---- */

/* Read what is analysed: files of answers, or with --matrix a matrix; and the target of a rotation. */
vmap_status factor_read(factor_work *w, const word_list *files, vmap_error *err);
void factor_free(factor_work *w);

/* ---- factor_run.c ---- */

/* Are the words of the settings known? VMAP_EINVAL; before any work. The options are filled in. */
vmap_status factor_options(factor_work *w, vmap_error *err);
/* All three steps of the analysis, and what must be said about them in the ledger. */
vmap_status factor_find(factor_work *w, vmap_error *err);
/* The steps alone, with other options: factor_work.analysis stays, *result is the caller's. */
vmap_status factor_analyse(const factor_work *w, const vmap_factor_options *options, bool retain,
                           vmap_factor_analysis **result, vmap_error *err);
/* Put the name of the item into an error whose column is an item's number; returns its status. */
vmap_status factor_name_item(const factor_work *w, vmap_error *err);
/* A sentence that every reader of the solution must see (it did not converge, a Heywood case), in fresh memory; NULL
 * when there is none. */
char *factor_caution(const vmap_factor_analysis *a, char *const *item);

/* ---- factor_resample.c ---- */

/* vmap_factor_solver: dwls without sampling variances (people within groups, whose correlations are those of the codes)
 * becomes uls. */
vmap_status factor_solve(const gsl_matrix *r, const gsl_matrix *variance, const void *solver, gsl_matrix *loadings,
                         gsl_matrix *phi, vmap_error *err);
factor_solver factor_solver_of(const factor_work *w);

/* Options of resampling as the settings say. */
vmap_factor_resample_options factor_resample_options(const factor_work *w, const factor_solver *solver);
/* Bootstrap the solution, with --replicates. */
vmap_status factor_resample(factor_work *w, vmap_error *err);
void table_factor_intervals(vmap_report *r, const factor_work *w);

/* ---- factor_groups.c ---- */

/* Compare the groups of --by, and the files of --against, with the solution. */
vmap_status factor_share(factor_work *w, vmap_error *err);
void factor_free_others(factor_work *w);

/* ---- tables; docs/tables.md describes every column ---- */

void table_factor_items(vmap_report *r, const factor_work *w);
void table_factor_matrix(vmap_report *r, const factor_work *w);
void table_factor_pairs(vmap_report *r, const factor_work *w);
void table_factor_screening(vmap_report *r, const factor_work *w);
void table_factor_suitability(vmap_report *r, const factor_work *w);

void table_factor_unrotated(vmap_report *r, const factor_work *w);
void table_factor_loadings(vmap_report *r, const factor_work *w);
void table_factor_structure(vmap_report *r, const factor_work *w);
void table_factor_phi(vmap_report *r, const factor_work *w);
void table_factor_rotation(vmap_report *r, const factor_work *w);
void table_factor_variance(vmap_report *r, const factor_work *w);
void table_factor_communalities(vmap_report *r, const factor_work *w);
void table_factor_total_variance(vmap_report *r, const factor_work *w);
void table_factor_residuals(vmap_report *r, const factor_work *w);
void table_factor_fit(vmap_report *r, const factor_work *w);
void table_factor_run(vmap_report *r, const factor_work *w);

void table_factor_weights(vmap_report *r, const factor_work *w);
void table_factor_determinacy(vmap_report *r, const factor_work *w);
void table_factor_scores(vmap_report *r, const factor_work *w);
void table_factor_reliability(vmap_report *r, const factor_work *w);
void table_factor_omega(vmap_report *r, const factor_work *w);

/* ---- factor_preset.c ---- */

/* With --why: which switch of the other program moves which loading. */
vmap_status factor_find_why(factor_work *w, vmap_error *err);
void table_factor_why(vmap_report *r, const factor_work *w);
void table_factor_like(vmap_report *r, const factor_work *w);

/* ---- factor_explain.c ---- */

struct buffer;
/* Add the analysis in plain words, with its own numbers. */
vmap_status factor_explain(const factor_work *w, struct buffer *text, vmap_error *err);

/* ---- factor_figures.c ---- */

struct outcome;
/* Add the figures to what is delivered. */
vmap_status factor_draw(const factor_work *w, const vmap_report *r, struct outcome *o, vmap_error *err);

/* Name of factor f as tables show it, "F1"; `name` holds 16 bytes. */
const char *factor_name(size_t f, char name[16]);

#endif
