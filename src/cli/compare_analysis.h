#ifndef CLI_COMPARE_ANALYSIS_H
#define CLI_COMPARE_ANALYSIS_H

#include "cli/analysis.h"
#include "cli/command.h"
#include "cli/inputs.h"
#include "cli/outcome.h"
#include "valuemap.h"

/* What `valuemap compare` works on: the answers of people and of personas on the same items, in cells that
 * both sides have, and their distributions at every level of pooling. Tables and figures are made from this
 * struct and change nothing in it. */

typedef struct compare_settings {
    study_settings study; /* the first member; its subset is that of people */
    subset_settings persona_subset;
    char *persona_codebook, *persona_weight, *persona, *series, *base, *composition, *floor, *adjust, *table, *variant, *valid;
    word_list by, persona_by, items, metrics, levels, names;
    int min_n, replicates, factors;
    char *margin; /* "D", "METRIC=D,..." or both */
    double smoothing;
} compare_settings;

/* The personas of one series: one model. */
typedef struct compare_series {
    char *name;                /* "personas" when there is only one and it has no name */
    vmap_responses *responses; /* cells as in compare_work; NULL when answers are only counted */
} compare_series;

/* Answers of one side that are counted while they are read: each row of its vmap_answers is a combination of labels. */
typedef struct compare_tally {
    vmap_tally *tally;
    vmap_points *points; /* of every item that is read; a count of 0 for one without scale points */
    size_t p;
} compare_tally;

/* One level of pooling: all cells together, by one column, or each cell by itself. */
typedef struct compare_level {
    char *name;                /* "all", the name of a column, "cell" */
    size_t groups;
    bool pooled;               /* false: every cell by itself */
    size_t *group;             /* cells: group of each cell, `groups` for cells that are left out */
    const char **label;        /* groups x columns: "" where the level pools over the column */
    vmap_distributions *people;
    vmap_distributions **personas; /* series */
} compare_level;

/* A combination of labels that only one side has. */
typedef struct compare_alone {
    bool people;
    const char **label; /* columns */
    size_t rows;
} compare_alone;

/* An item that is not compared in any group, although it was asked for or one side has it. */
typedef struct compare_left_out {
    const char *item;
    char *why;
} compare_left_out;

typedef struct compare_place {
    size_t level, series, group, item;
} compare_place;

/* What chance does to the distances: pairs in the order of the rows of table distances. */
typedef struct compare_noise {
    size_t pairs;
    compare_place *pair;
    vmap_noise *found;  /* pairs x metrics */
    double *p_adjusted; /* pairs x metrics */
} compare_noise;

/* How much one side of a group says the same; the columns of table collapse from `unique` on. */
enum { COMPARE_UNIQUE, COMPARE_RAREFIED, COMPARE_LARGEST, COMPARE_MODE, COMPARE_ENTROPY, COMPARE_UNLIKE, COMPARE_DISTANCE, COMPARE_SD,
       COMPARE_RANK, COMPARE_PARTICIPATION, COMPARE_FIRST, COMPARE_COVERAGE, COMPARE_COVERAGE_PEOPLE, COMPARE_DENSITY,
       COMPARE_DENSITY_PEOPLE, COMPARE_PRECISION, COMPARE_RECALL, COMPARE_ICC, COMPARE_MEASURES };
typedef struct compare_collapse_row {
    size_t level, group, set; /* set 0: people, then the series */
    size_t n, complete;
    double value[COMPARE_MEASURES];
} compare_collapse_row;
typedef struct compare_collapse {
    size_t items, rows;
    compare_collapse_row *row;
} compare_collapse;

typedef struct compare_work {
    const compare_settings *settings;
    inputs in;
    study *study;
    analysis *a;                  /* reading and its ledger; a->human.answers and a->persona.answers hold the
                                     answers of both sides, with the same items in the same order */
    vmap_codebook **books;
    size_t books_count;

    size_t p;                     /* items that both sides have, with scale points */
    size_t *item;                 /* p: index into answers->items (the same on both sides) */
    const vmap_item **define;     /* p: their definitions in the codebook */
    vmap_points *points;          /* p */

    compare_left_out *left_out;
    size_t left_out_count;

    size_t columns;               /* grouping columns (--by) */
    const char **column;          /* their names on the side of people */
    size_t cells;                 /* combinations of labels that both sides have, sorted */
    const char **label;           /* cells x columns */
    size_t *human_cell;           /* a->human.answers->n: cell of each row, `cells` for none; a row is a respondent or,
                                     counted, a combination of labels */
    size_t *persona_cell;         /* a->persona.answers->n likewise */
    size_t *persona_series;       /* a->persona.answers->n; `series_count` for none */
    size_t *persona_cluster;      /* a->persona.answers->n: the same number for rows of the same persona; NULL when
                                     every row is its own */

    size_t *human_order, *persona_order; /* rows in an order that does not depend on that of the files, for random draws;
                                     NULL when counted */

    bool counted;                 /* no table needs answers that stay together: they are counted while they are read */
    compare_tally tally[2];       /* counted: people, personas */
    vmap_responses *people;       /* NULL when counted */
    compare_series *series;
    size_t series_count;
    const char *series_by;        /* column of the personas that names their series; NULL: none, or by file */
    compare_level *level;
    size_t levels;
    compare_alone *alone;
    size_t alone_count;

    const vmap_metric **metric;
    size_t metrics;
    double *margin;               /* metrics: of equivalence; NaN: no test */
    double base;
    double *factor;               /* cells: what the weights of people are multiplied by in pooled groups; NULL: 1 */
    const vmap_adjustment *adjustment;
    compare_noise *noise;         /* NULL: no replicates */
    compare_collapse *collapse;   /* NULL: not asked for */
} compare_work;

/* A study from the options; it belongs to the caller, also on failure (NULL when memory is short). */
vmap_status compare_make_study(const compare_settings *settings, const word_list *operands, study **st, vmap_error *err);
/* Carry out the comparison of a study file. */
vmap_status compare_study(study *s, const output_settings *out, int threads, vmap_error *err);

/* Read both sides of a study, find cells and series, make the distributions. Columns of series and personas are added to
 * the study's groups. *work is there even on failure and must be freed. */
vmap_status compare_read(const compare_settings *settings, study *st, compare_work *work, vmap_error *err);
void compare_free(compare_work *work);

/* Tables that `--table` can name, and what each needs. */
typedef struct compare_table {
    const char *name;
    enum { COMPARE_DISTANCES, COMPARE_PATTERN, COMPARE_STRUCTURE, COMPARE_COLLAPSE, COMPARE_MODELS, COMPARE_STEADINESS } made_with;
    bool answers, noise, intervals; /* answers that stay together; what chance does to distances; such answers for intervals only */
} compare_table;
extern const compare_table compare_table_list[];
extern const size_t compare_table_count;
/* The row of a name; NULL: there is none. */
const compare_table *compare_find_table(const char *name);

/* Distributions of groups of cells, of the personas of a series or of people (COMPARE_PEOPLE). */
#define COMPARE_PEOPLE SIZE_MAX
vmap_status compare_distribute(const compare_work *w, size_t series, const size_t *group, size_t groups, const double *factor,
                               vmap_distributions **distributions, vmap_error *err);

/* The pair of distributions of an item in a group of a level, for a series; false when one side has fewer than
 * the least number of answers. */
bool compare_pair(const compare_work *w, const compare_level *level, size_t series, size_t group, size_t item,
                  vmap_metric_pair *pair);

/* Columns `level`, `series` and the grouping columns, and their cells for a group. */
void compare_put_columns(vmap_report_table *t, const compare_work *w);
void compare_put_group(vmap_report_table *t, const compare_work *w, const compare_level *level, size_t series,
                       size_t group);

/* The label of a group of a level for people: "SWE / Female", "all". Fresh memory; NULL when memory is short. */
char *compare_group_label(const compare_work *w, const compare_level *level, size_t group);

vmap_status compare_collapse_new(const compare_work *w, compare_collapse **collapse, vmap_error *err);
void compare_collapse_free(compare_collapse *collapse);

vmap_status compare_noise_new(const compare_work *w, compare_noise **noise, vmap_error *err);
void compare_noise_free(compare_noise *noise);
void compare_table_noise(vmap_report *r, const compare_work *w);
void compare_note_noise(vmap_report_table *t, const compare_work *w);

/* Items of a group as scores take them, to `item` (p); *n of them. */
vmap_status compare_likeness_items(const compare_work *w, const compare_level *l, size_t s, size_t g, vmap_likeness_item *item,
                                    size_t *n, vmap_error *err);
/* Share of the ordered items whose distance is at most the threshold: personas (0), uniform (1), majority (2). */
double compare_share_within(const vmap_likeness_item *item, size_t n, int which, double threshold);
enum { COMPARE_THRESHOLDS = 20 }; /* steps from 0 to .5 */
vmap_status compare_table_scores(vmap_report *r, const compare_work *w, vmap_error *err);
vmap_status compare_draw(const compare_work *w, const vmap_report *r, outcome *o, vmap_error *err);
/* A figure whose caption is "WHAT: PEOPLE and PERSONAS, MORE", with the names of both sides. */
vmap_status compare_add_figure(const compare_work *w, outcome *o, const char *name, char *script, const char *what, const char *more,
                               vmap_error *err);

/* What texts call the two sides: "people" and "personas", or the words of --names. */
const char *compare_people(const compare_work *w);
const char *compare_personas(const compare_work *w);

/* Tables; docs/tables.md describes every column. */
vmap_status compare_tables(vmap_report *r, const compare_work *w, vmap_error *err);

#endif
