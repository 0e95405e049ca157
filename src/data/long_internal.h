#ifndef DATA_LONG_INTERNAL_H
#define DATA_LONG_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/reader_internal.h"
#include "data/table_internal.h"
#include "valuemap/read.h"

/* What the files that read the long layout share; long_read.c says how they work together. Not exported. */

/* ---- the columns by what they are for: long_roles.c ---- */

#define LONG_NONE SIZE_MAX

typedef struct long_roles {
    size_t item, answer, value, why, refusal, error; /* indices, or LONG_NONE */
    size_t option, count, n; /* of distributions: the option, how many chose it, of how many */
    size_t *key, keys;       /* what tells respondents apart */
    size_t *options, options_count; /* of distributions with a column per option */
} long_roles;

/* Tell the roles from the names. `forced`: also by names that mean something else in many files. Returns false
 * when the file is not long: roles->item, or all of the others that hold answers, are LONG_NONE. Free with
 * long_forget(). VMAP_ENOMEM, VMAP_ENOENT (a key that is no column) in *status. */
bool long_tell(const vmap_reader *r, bool forced, long_roles *roles, vmap_status *status, vmap_error *err);
void long_forget(long_roles *roles);

/* Is a cell of the column `why` empty or "present"; else its reason. False when it is no reason. */
bool long_reason(const char *text, vmap_reason *why);

/* The part of "pmf_7" or "share_refused" that names the option; NULL when it is no such name. */
const char *long_option(const char *name);

/* Has inner column i a role of its own, so that it is not handed on? */
bool long_is_role(const long_roles *roles, size_t i);

/* ---- opening: long_open.c ---- */

/* What is kept between opening and reading. */
typedef struct long_state {
    vmap_reader *inner;
    long_roles roles;
    size_t *origin; /* of each column: the inner column, or LONG_NONE for an item and the weight */
    size_t items;   /* first column that is an item */
    size_t items_count;
    vmap_table *names; /* a column of texts without cells: level i is item i */
    bool distribution;
    bool together; /* the answers of each respondent stand one after the other */
} long_state;

/* Turn a reader of a long file into one that has a column per item. */
vmap_status long_open(vmap_reader *r, bool forced, vmap_error *err);

/* Ask the inner reader for a column, or for nothing when it is LONG_NONE; read what was asked for, after which more may be
 * asked; and where a column stands in what was read. */
vmap_status long_want_inside(vmap_reader *inner, size_t column, vmap_kind kind, vmap_error *err);
vmap_status long_stream_inside(vmap_reader *inner, reader_block block, void *context, vmap_error *err);
size_t long_place_inside(const vmap_table *table, size_t column);

/* ---- whether the answers of respondents stand together: long_together.c ---- */

typedef struct long_runs {
    uint64_t *seen; /* a set of numbers: the keys of those who began; 0: none */
    size_t slots, count;
    uint64_t last;
    bool broken; /* one began again, or two keys have the same number */
} long_runs;

/* Follow the rows of the next block, whose columns `key` are texts. */
vmap_status long_runs_follow(long_runs *runs, const vmap_table *block, const size_t *key, size_t keys, vmap_error *err);
void long_runs_clear(long_runs *runs);

/* ---- reading: long_read.c ---- */

/* The answers on their way to rows. */
typedef struct long_pivot {
    vmap_reader *reader;
    const long_state *s;
    vmap_table *from; /* the block at hand */
    vmap_table *to;   /* a row per respondent, or per option */
    vmap_table *into; /* where cells are pushed: `to`, or `cell` */
    vmap_table *cell; /* columns as `to`, for the answer at hand */
    vmap_table *known; /* a row per respondent: keys, then what is carried, as texts */
    bool placed;      /* the places below are known */
    size_t item, answer, value, why, refusal, error, option, count, n; /* places in `from` */
    size_t *key;      /* likewise */
    size_t *carried;  /* of each wish: its place, LONG_NONE for items and the weight */
    size_t *carry, carries; /* the wishes that are no items: columns of `known` behind the keys */
    bool *refused;    /* of each wish: its column was found to say different things */
    size_t *slot;     /* of each item: its place among the wanted ones, LONG_NONE when nobody wants it */
    size_t *first, *next; /* of each item and each wish: the next wish for the item; LONG_NONE: none */
    size_t wanted;    /* items */
    size_t *options;  /* places of the columns of options */
    uint32_t **level; /* of each column of `known`, then of the item: its level for each level of the block */
    size_t *room;     /* likewise: capacity */
    uint32_t *table;  /* hash table of respondents + 1 */
    size_t slots;
    unsigned char *answered; /* respondents x wanted bits */
    size_t answered_room;
    uint32_t *line;   /* respondents x wanted; NULL when there are too many */
    size_t line_room;
    reader_block block; /* takes rows that are complete; NULL: all of them stay in `to` */
    void *context;
    vmap_error *err;
} long_pivot;

/* The wanted columns as a table, or row after row as soon as they are complete: of distributions, and of respondents whose
 * answers stand together. */
vmap_status long_read_rows(vmap_reader *r, vmap_table **table, vmap_error *err);
vmap_status long_stream_rows(vmap_reader *r, reader_block block, void *context, vmap_error *err);

/* Take the last respondent, who may go on in the next block, out of v->to, and forget those before him. He stands in
 * *rest, a row of its own, then. */
vmap_status long_part_last(long_pivot *v, vmap_table **rest);

/* An empty table of what is known of respondents, to v->known. */
vmap_status long_open_known(long_pivot *v);

/* Turn one row of the block at hand into an answer of a respondent (long_answers.c), or into rows of options
 * (long_options.c). */
vmap_status long_take_answer(long_pivot *v, size_t row);
vmap_status long_take_options(long_pivot *v, size_t row);

/* The level, in the whole file, of column k of `known` in a row of the block; LEVEL_MISSING when it is empty. */
uint32_t long_level_at(const long_pivot *v, size_t k, size_t row);

/* The item of a row of the block; LEVEL_MISSING when it names none. */
uint32_t long_item_at(const long_pivot *v, size_t row);

/* Push a text to the column of wish i of v->into. */
vmap_status long_put_text(long_pivot *v, size_t i, const char *text, size_t row);

/* VMAP_EDATA with the line of a row and the name of an inner column (LONG_NONE: none). */
vmap_status long_fail_at(long_pivot *v, size_t row, size_t column, const char *what);

/* Note a fault and push a missing cell for it, when more of them are collected. */
vmap_status long_may_go_on(long_pivot *v, vmap_status status, size_t wish_number);

#endif
