#ifndef VALUEMAP_ANSWERS_H
#define VALUEMAP_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "valuemap/codebook.h"
#include "valuemap/error.h"
#include "valuemap/ledger.h"
#include "valuemap/read.h"
#include "valuemap/subset.h"
#include "valuemap/table.h"
#include "valuemap/weights.h"

/* The answers of one set of respondents (people or personas), read from one or more files and brought
 * into the codes of one list of items.
 *
 * Each file is matched with the codebooks by its column names, on its own: one file may have the
 * standard and the next the inverted variant of a survey.
 */

/* Takes the answers of one respondent, which are forgotten afterwards.
 *   row      of vmap_answers.groups: the combination of labels that the respondent belongs to
 *   values   p codes, NaN = missing; reasons: p vmap_reason
 *   weight   of the respondent, 1 without a weight column */
typedef vmap_status (*vmap_answers_sink)(void *context, size_t row, const double *values,
                                         const unsigned char *reasons, double weight, vmap_error *err);

typedef struct vmap_answers_options {
    const char *set;                       /* name of the set in ledgers and tables */
    const vmap_codebook *const *codebooks; /* each defines every item; the one that finds the most
                                              items in a file reads it, the first on a tie */
    size_t codebooks_count;
    const char *const *items; /* p names of the items to read */
    size_t items_count;
    size_t least_items; /* a file in which fewer of them are found is refused [0: 2, as every fit needs] */
    const char *const *official; /* columns of official scores to read along where a file has them */
    size_t official_count;
    const char *weight;       /* name of the weight column; NULL: all weigh 1 */
    const char *const *groups; /* names of the grouping columns, of the file or made by recodes */
    size_t groups_count;
    const vmap_where *const *where; /* only rows for which all of them are true are read. A cell is missing when
                                       it is empty or a missing code: of the item that has the column, else of
                                       the codebook */
    size_t where_count;
    const vmap_recode *const *recodes; /* columns made from bands of others, for groups and conditions */
    size_t recodes_count;
    vmap_weight_rule weighting; /* [VMAP_WEIGHTS_GIVEN] applied by vmap_answers_finish() to all files together,
                                   with weight 1 for all when there is no weight column */
    double trim;                /* weights above `trim` times their group's mean are cut; 0: none */
    const char *weight_by;      /* grouping, recoded or other column whose values are the groups of the
                                   weighting; NULL: all are one group; needed with VMAP_WEIGHTS_EQUAL and
                                   _POPULATION */
    const char *const *population_groups; /* with VMAP_WEIGHTS_POPULATION: the values of that column ... */
    const double *population;             /* ... and their population; in any unit, above 0 */
    size_t population_count;
    vmap_answers_sink sink; /* [NULL] takes the answers instead of the set, which then keeps one row for every
                               combination of file and labels of the grouping columns, with `stands` respondents;
                               values, reasons, weights, rows, lines and official are NULL. Not with a weighting
                               or trimming, which need all weights at once: VMAP_EINVAL */
    void *sink_context;
    vmap_read_options read;
} vmap_answers_options;

/* A column that a file lacks but whose value is known for all of it, such as the model. */
typedef struct vmap_constant {
    const char *column, *value;
} vmap_constant;

typedef struct vmap_answers {
    char *set;
    size_t n;               /* respondents; with a sink: combinations */
    size_t *stands;         /* with a sink, n: respondents of each combination; else NULL */
    size_t p;               /* items */
    char **items;           /* p names */
    double *values;         /* n x p, row after row; NaN = missing */
    unsigned char *reasons; /* n x p vmap_reason */
    double *weights;        /* n; NULL without a weight column or a rule for weights */
    size_t *file;           /* n: index into `files` */
    size_t *rows;           /* n: row of the file, from 1, the header not counted */
    size_t *lines;          /* n: line of the file */
    vmap_table *groups;     /* one VMAP_TEXTS column per grouping column */
    double *official;       /* n x official_count, NaN where a file has none; NULL with official_count
                               0 if none has any, once vmap_answers_finish() has looked */
    size_t official_count;
    vmap_item_count *counts; /* p: `reason` counts the cells of the n rows that are in the set */
    bool *present;           /* p: some file has the item */
    char **columns;          /* p: the columns that it came from, for people ("Q8P, Q14P") */
    char **files;            /* base names of the files */
    size_t files_count;
    bool simulated;          /* some file says so by a column named SIMULATED */
    vmap_weight_effect effect; /* of the weights of all respondents, once vmap_answers_finish() was called */
    vmap_trimming trimming;    /* likewise */
    /* private: */
    const vmap_answers_options *options;
    vmap_table *weight_by; /* NULL, or the groups of the weighting */
    size_t room[4];
    uint32_t *slot; /* with a sink: hash table of combinations + 1 */
    size_t slots, zero_weights;
} vmap_answers;

/* An empty set; NULL with err set when memory is short. The options, and all that they point to, must live
 * until vmap_answers_finish(). */
vmap_answers *vmap_answers_new(const vmap_answers_options *options, vmap_error *err);
void vmap_answers_free(vmap_answers *answers);

/* Read a file into the set. Rows for which a condition is not true and rows without a weight are left out and
 * counted; the ledger receives rows in and rows used, cells by reason, the dialect and everything that was odd.
 * Errors: those of vmap_reader_open() and vmap_reader_read(); VMAP_ENOENT for a weight or grouping
 * column, or one of a condition or recode, that the file does not have (with the nearest name); VMAP_EDATA for a negative weight, and
 * for a file in which fewer than two items are found. On failure the set is not usable. */
vmap_status vmap_answers_read(vmap_answers *answers, const vmap_answers_options *options,
                              const char *path, const vmap_constant *constants,
                              size_t constants_count, vmap_ledger *ledger, vmap_error *err);

/* Weight and check the whole set when all files are in; the counts of items go into the ledger.
 * VMAP_EDATA when no row is left or no weight is positive, or a group has no population. */
vmap_status vmap_answers_finish(vmap_answers *answers, vmap_ledger *ledger, vmap_error *err);

/* Keep only these items (indices into the set's items, strictly increasing); the others are forgotten. */
void vmap_answers_keep(vmap_answers *answers, const size_t *item, size_t count);

#endif
