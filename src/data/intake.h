#ifndef DATA_INTAKE_H
#define DATA_INTAKE_H

#include <stddef.h>

#include "data/codebook_internal.h"
#include "data/column_rules.h"
#include "valuemap/answers.h"

/* One file on its way into a set of answers; not exported. intake_columns.c says which columns are read and as what,
 * answers.c takes the rows, intake_notes.c writes down what happened to them. */

/* A column that is read as texts. */
typedef struct source {
    const char *name;
    const char *constant; /* its value for the whole file, or NULL */
    size_t at;            /* in the raw table */
    const vmap_item *item; /* that has the column under its own codes; NULL: none */
} source;

/* Columns of the raw table that hold what is copied row by row. */
typedef struct places {
    size_t weight, *official;
    size_t passed_over, unweighted; /* rows, so far */
} places;

typedef struct intake {
    vmap_answers *answers;
    const vmap_answers_options *options;
    const char *path, *name; /* as given, base name */
    const vmap_constant *constants;
    size_t constants_count;
    vmap_ledger *ledger;
    vmap_error *err;
    vmap_reader *reader;
    const vmap_codebook *codebook;
    vmap_binding *binding;
    vmap_table *raw; /* the block at hand, or the whole file */
    size_t rows;     /* of the file, so far */
    places at;
    codebook_work *work;
    double *values; /* ROWS_AT_ONCE x all analysed items of the codebook */
    unsigned char *reasons;
    vmap_item_count *counts;
    size_t *item; /* p: analysed item of the codebook that is item i of the set */
    column_rules *rules; /* one per item of the codebook */
    source *sources;    /* columns read as texts, each once: for groups, conditions, recodes, weights */
    size_t sources_count;
    size_t row;                /* of `raw`, that a condition looks at */
    size_t condition;          /* that is looked at */
} intake;

/* Choose the codebook of the file and ask its reader for all columns that the set needs.
 * VMAP_EDATA: fewer than two items are found, or the weights of distributions are not used; VMAP_ENOENT: a column that
 * the caller named is not there. */
vmap_status intake_want(intake *in);

/* Write the counts of the file to the ledger and to the set, and name what is odd about its items. */
vmap_status intake_record(intake *in, size_t rows, const places *at);

/* A column of this ending says why the cells of the column without it are empty. */
#define INTAKE_WHY "__why"

/* Index of a column of the file; the number of columns when there is none. */
size_t intake_column(const vmap_reader *reader, const char *name);

/* Value of a column that is the same for the whole file, or NULL. */
const char *intake_constant(const intake *in, const char *column);

/* Grouping columns may also be items: their texts go by another name in the raw table. In fresh memory, or NULL. */
char *intake_text_name(const char *column);

/* The rule by which a column is made from another, or NULL. */
const vmap_recode *intake_recode(const vmap_answers_options *o, const char *name);

/* The source of a column, made from another one or not; sources_count when there is none. */
size_t intake_source(const intake *in, const char *name);

#endif
