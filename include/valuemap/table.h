#ifndef VALUEMAP_TABLE_H
#define VALUEMAP_TABLE_H

#include <stddef.h>

#include "valuemap/error.h"

/* A column table whose cells are a value or the reason why there is none.
 *
 * Storage is columnar and compact: one byte for a code in a column whose codes are all between -100 and 127, two in
 * others, nine for a number, four for a text.
 * Columns and rows count from 0. Fill a table row by row: push one cell to every column, then
 * vmap_table_end_row(). Reading accessors do not check their indices, take constant time (vmap_table_find() looks at all
 * names) and may be called by several threads as long as nobody fills the table.
 *
 * What readers return (valuemap/read.h) is such a table. Values are never changed into each other: a code that stands for
 * "don't know" is a missing cell with that reason, not a number, so that no mean can take it up.
 *
 *     vmap_table *t = vmap_table_new(&err);
 *     vmap_table_add(t, "Q46", VMAP_CODES, &q46, &err);
 *     vmap_table_push_number(t, q46, 2, &err);
 *     vmap_table_end_row(t, 2, &err);
 *     vmap_table_push_missing(t, q46, VMAP_DONT_KNOW, &err);
 *     vmap_table_end_row(t, 3, &err);
 */

/* Why a cell has no value. The order is part of the output: ledgers list reasons in it. */
typedef enum vmap_reason {
    VMAP_PRESENT = 0,    /* there is a value */
    VMAP_DONT_KNOW,      /* "don't know" */
    VMAP_NO_ANSWER,      /* asked, not answered */
    VMAP_NOT_APPLICABLE, /* the question does not apply to this respondent */
    VMAP_NOT_ASKED,      /* the question was not asked in this survey */
    VMAP_OTHER_MISSING,  /* a missing code without a nearer reason */
    VMAP_REFUSED,        /* a model or person declined to answer */
    VMAP_BLANK,          /* empty cell, NA, NaN or "." */
    VMAP_OUT_OF_RANGE,   /* a number that is no code of the item: counted, never clamped */
    VMAP_UNPARSABLE,     /* text where a number must be */
    VMAP_PART_MISSING,   /* an item made from others, one of which is missing */
    VMAP_NO_COLUMN,      /* the file has no column for it */
    VMAP_REASONS         /* number of reasons */
} vmap_reason;

/* The word for a reason in tables and codebooks ("dont-know"); "present" for VMAP_PRESENT. */
const char *vmap_reason_name(vmap_reason reason);
/* The reason with this name; VMAP_ENOENT when there is none ("present" is none either): *reason is untouched. */
vmap_status vmap_reason_find(const char *name, vmap_reason *reason, vmap_error *err);

/* What a column holds; it stays what it is but for one case: */
typedef enum vmap_kind {
    VMAP_CODES,   /* whole numbers -32000 .. 32767; turns into VMAP_NUMBERS when one does not fit */
    VMAP_NUMBERS, /* double precision */
    VMAP_TEXTS    /* UTF-8 strings, each distinct one stored once */
} vmap_kind;

typedef struct vmap_table vmap_table;

/* A table without columns; NULL with err set when memory is short. vmap_table_free(NULL) does nothing. All functions that
 * fill return VMAP_ENOMEM besides what is said; the table is to be freed then, its last row is not whole. */
vmap_table *vmap_table_new(vmap_error *err);
void vmap_table_free(vmap_table *table);

/* Add a column before the first row; `name` is copied, `column` (NULL allowed) receives its index.
 * VMAP_EINVAL when the name is taken or rows exist. */
vmap_status vmap_table_add(vmap_table *table, const char *name, vmap_kind kind, size_t *column,
                           vmap_error *err);

/* Push the next cell of a column of kind VMAP_CODES or VMAP_NUMBERS; VMAP_EINVAL when `value` is not
 * finite. */
vmap_status vmap_table_push_number(vmap_table *table, size_t column, double value, vmap_error *err);
/* Push the next cell of a VMAP_TEXTS column: n bytes, copied when new; VMAP_EINVAL when one is 0. */
vmap_status vmap_table_push_text(vmap_table *table, size_t column, const char *text, size_t n,
                                 vmap_error *err);
/* Push a cell without a value to a column of any kind; `reason` is not VMAP_PRESENT. */
vmap_status vmap_table_push_missing(vmap_table *table, size_t column, vmap_reason reason,
                                    vmap_error *err);
/* Close the row and note the line of the file that it came from (0: none). VMAP_EINVAL when a
 * column did not get exactly one cell since the last row. */
vmap_status vmap_table_end_row(vmap_table *table, size_t line, vmap_error *err);

/* Closed rows; columns; name (as long as the table lives) and kind of a column. */
size_t vmap_table_rows(const vmap_table *table);
size_t vmap_table_columns(const vmap_table *table);
const char *vmap_table_name(const vmap_table *table, size_t column);
vmap_kind vmap_table_kind(const vmap_table *table, size_t column);
/* Index of the column of that name, or vmap_table_columns() when there is none. */
size_t vmap_table_find(const vmap_table *table, const char *name);
/* Line of the file that the row came from, from 1; 0 when unknown. */
size_t vmap_table_line(const vmap_table *table, size_t row);

/* Value of a numeric cell; NaN when it is missing or the column holds texts. */
double vmap_table_value(const vmap_table *table, size_t column, size_t row);
/* VMAP_PRESENT or the reason why the cell has no value. */
vmap_reason vmap_table_reason(const vmap_table *table, size_t column, size_t row);
/* Text of a cell of a VMAP_TEXTS column; "" when missing. Lives as long as the table. */
const char *vmap_table_text(const vmap_table *table, size_t column, size_t row);
/* Distinct texts of a VMAP_TEXTS column, in order of first appearance: their number, the text of
 * level 0 .. number-1, and the level of a cell (the number of levels when the cell is missing). */
size_t vmap_table_levels(const vmap_table *table, size_t column);
const char *vmap_table_level_text(const vmap_table *table, size_t column, size_t level);
size_t vmap_table_level(const vmap_table *table, size_t column, size_t row);

#endif
