#ifndef CLI_COMPARE_SHAPE_H
#define CLI_COMPARE_SHAPE_H

#include "cli/compare_analysis.h"
#include "cli/outcome.h"

/* What `valuemap compare` says beyond distances: the pattern between groups, the structure of the items,
 * collapse and steadiness. Each adds its tables to the report; what is not possible with these data is said in
 * the ledger, and its table is not there. */

vmap_status compare_pattern_tables(vmap_report *r, const compare_work *w, vmap_error *err);
/* Parts of it: own_group and nearest_groups; coefficients of `count` ordered items. */
vmap_status compare_own_tables(vmap_report *r, const compare_work *w, vmap_error *err);
vmap_status compare_coefficients_table(vmap_report *r, const compare_work *w, const size_t *item, size_t count, vmap_error *err);
vmap_status compare_structure_table(vmap_report *r, const compare_work *w, vmap_error *err);
vmap_status compare_collapse_table(vmap_report *r, const compare_work *w, vmap_error *err);
vmap_status compare_steadiness_tables(vmap_report *r, const compare_work *w, vmap_error *err);

/* Tables model_tests, model_pairs and model_means: do the series differ in their distance to people? None when
 * there is only one. p of Dunn's comparisons are adjusted by the method of --adjust. */
vmap_status compare_models(vmap_report *r, const compare_work *w, vmap_error *err);

/* Figures: calibration of group means, spread, collapse. */
vmap_status compare_shape_figures(const compare_work *w, const vmap_report *r, outcome *o, vmap_error *err);

/* ---- intervals ---- */

/* What is found anew in every replicate, of one item or of all. */
enum { COMPARE_SPREAD_HUMAN, COMPARE_SPREAD_PERSONA, COMPARE_STEREOTYPING, COMPARE_VARIANCE_RATIO, COMPARE_WITHIN_RATIO, COMPARE_RATIOS };
enum { COMPARE_DISTANCE_HUMAN, COMPARE_DISTANCE_PERSONA, COMPARE_OWN };

/* Replicates (--replicates rows; fresh memory, NULL with none) for table pattern at a level: those of series s and item j begin at
 * (s x count + j) x COMPARE_RATIOS. */
vmap_status compare_draw_ratios(const compare_work *w, const compare_level *l, const size_t *item, size_t count, double **replicate,
                                vmap_error *err);
/* The same for table own_group: mean distances of two groups; those of series s begin at s x COMPARE_OWN; use: series x items that
 * count. */
vmap_status compare_draw_own(const compare_work *w, const compare_level *l, const bool *const *use, double **replicate,
                             vmap_error *err);
/* The 95 % interval of a value with its replicates, `stride` apart; NaN for NULL. */
vmap_status compare_find_interval(const compare_work *w, double observed, const double *replicate, size_t stride, double *low,
                                  double *high, vmap_error *err);
/* A ratio of two lengths without noise; the replicates of people's stand before those of personas'. NaN for NULL. */
vmap_status compare_find_true_ratio(const compare_work *w, double human, double persona, const double *replicate, size_t stride,
                                    vmap_true_ratio *ratio, vmap_error *err);

/* ---- shared ---- */

/* Group of every row of a side at a level (`groups` for none): people, or the personas of a series. Fresh
 * memory; NULL with err set. */
size_t *compare_groups_of(const compare_work *w, const compare_level *l, bool people, size_t series, vmap_error *err);

/* Weight of every row of a side at a level: those of people multiplied as --composition says, where cells are pooled. Fresh
 * memory; NULL with err set. */
double *compare_weights(const compare_work *w, const compare_level *l, bool people, vmap_error *err);

/* Mean of the scale points of an item in a group, and its standard error (NULL: not wanted); NaN without
 * answers. `d` has the groups of the level. */
double compare_mean(const compare_work *w, const vmap_distributions *d, size_t group, size_t item, double *se);

/* The seed that the user gave, or the default of the library. */
uint64_t compare_seed(const compare_work *w);

/* Greatest minus least scale point. */
double compare_range(const compare_work *w, size_t item);

/* The items with ordered scale points, as indices below w->p; fresh memory. */
size_t *compare_ordered(const compare_work *w, size_t *count, vmap_error *err);

/* Rows of a side that belong to a group of a level (or to any, `groups` as group), n of them: their codes of the
 * `count` items, divided by the range when `scaled`; and their weights (those of compare_weights(), none of them 0). They
 * come in an order that does not depend on that of the files. Fresh memory. */
typedef struct compare_sheets {
    size_t n, p;
    double *value, *weight;
    size_t *row;
} compare_sheets;
vmap_status compare_sheets_new(const compare_work *w, const compare_level *l, bool people, size_t series, size_t group,
                               const size_t *item, size_t count, bool scaled, compare_sheets *sheets, vmap_error *err);
void compare_sheets_clear(compare_sheets *sheets);

#endif
