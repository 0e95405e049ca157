#ifndef VALUEMAP_SUBSET_H
#define VALUEMAP_SUBSET_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/error.h"

/* Which respondents count, and bands of their properties: conditions and recodes, written as short texts.
 *
 * Both look at cells of the file as texts, and at codes of numbers as numbers. A cell may be missing: an
 * empty one, or a missing code. docs/checking.md explains the two notations for users.
 */

/* ---- conditions ---- */

/* A condition such as `Q262 >= 18 and B_COUNTRY_ALPHA in (SWE, JPN) and Q275 in 3..5`.
 *
 *   CONDITION  = CONDITION and CONDITION | CONDITION or CONDITION | not CONDITION | ( CONDITION )
 *              | COLUMN = VALUE | != | < | <= | > | >=       (also == and <>)
 *              | COLUMN [not] in ( VALUE or RANGE, ... ) | COLUMN [not] in RANGE
 *              | COLUMN is [not] missing
 *   RANGE      = NUMBER .. NUMBER, both ends included
 *   VALUE      = NUMBER | WORD | 'any text'                  ('' inside stands for ')
 *   COLUMN     = WORD | "any name"
 *
 * `and` binds stronger than `or`, `not` stronger than both; the words are written in small or capital letters.
 * A number is compared with the number in the cell ("5" equals "5.0"), a text with the text, exactly. What is
 * unknown stays unknown: a comparison with a missing cell is neither true nor false, nor is its negation
 * (Kleene's three truth values, as in SQL); < and > with a cell that is no number are unknown too. */
typedef struct vmap_where vmap_where;

typedef enum vmap_truth { VMAP_FALSE, VMAP_TRUE, VMAP_UNKNOWN } vmap_truth;

/* Parse a condition. VMAP_EINVAL with the character at which the text stops making sense and what would be
 * allowed there; VMAP_ENOMEM. */
vmap_status vmap_where_parse(const char *text, vmap_where **where, vmap_error *err);
void vmap_where_free(vmap_where *where);

/* The columns that the condition names, each once. */
size_t vmap_where_columns(const vmap_where *where);
const char *vmap_where_column(const vmap_where *where, size_t i);
/* The text that it was parsed from. */
const char *vmap_where_text(const vmap_where *where);

/* Text of the cell in column i of the condition, or NULL when it is missing; must live until
 * vmap_where_judge() returns. */
typedef const char *(*vmap_cell)(void *context, size_t i);

/* Judge a row. Rows count when the answer is VMAP_TRUE. */
vmap_truth vmap_where_judge(const vmap_where *where, vmap_cell cell, void *context);

/* ---- recodes ---- */

/* A new column made from bands of another one: `age=Q262:18-29,30-49,50+`.
 *
 *   RECODE = NAME = COLUMN : BAND , ...
 *   BAND   = [LABEL =] PART / ...        without a label the band is called as it is written
 *   PART   = NUMBER | NUMBER - NUMBER | NUMBER .. NUMBER | NUMBER + (and more) | < NUMBER | TEXT | else
 *
 * Both ends of a band count; bands must not overlap. A number in no band has none: ages of 29.5 lie between
 * 18-29 and 30-49. `else` takes every cell that is there and in no other band. */
typedef struct vmap_recode vmap_recode;

/* VMAP_EINVAL: what is wrong with the notation, bands that overlap, two bands of one label; VMAP_ENOMEM. */
vmap_status vmap_recode_parse(const char *text, vmap_recode **recode, vmap_error *err);
void vmap_recode_free(vmap_recode *recode);

const char *vmap_recode_name(const vmap_recode *recode);   /* of the new column */
const char *vmap_recode_column(const vmap_recode *recode); /* of the file */
size_t vmap_recode_bands(const vmap_recode *recode);
const char *vmap_recode_label(const vmap_recode *recode, size_t band);

/* The band of a cell's text (NULL: missing), or vmap_recode_bands() when it has none. */
size_t vmap_recode_find(const vmap_recode *recode, const char *text);

#endif
