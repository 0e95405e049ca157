#ifndef DATA_JSONL_INTERNAL_H
#define DATA_JSONL_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

#include "data/jsonl_scan.h"
#include "data/reader_internal.h"

/* What the files that read JSON Lines share; jsonl_read.c says how they work together. Not exported. */

enum { JSON_STEPS_MAX = 32, JSON_PIECES_MAX = 32 };

/* One step of a path: a key, the index of an element, or each element. */
typedef struct json_step {
    char *key;    /* NULL: an element */
    size_t index; /* JSON_EACH: all of them */
} json_step;

#define JSON_EACH SIZE_MAX

/* What of a value counts: all of it; of the blocks of a message the texts or the refusals; a value only when it is `word`, or
 * unless it is. */
typedef enum json_filter { JSON_ALL, JSON_TEXTS, JSON_REFUSALS, JSON_ONLY, JSON_UNLESS } json_filter;

/* Where a column comes from. */
typedef struct json_rule {
    json_step *steps;
    size_t count;
    size_t piece; /* of the text there, JSON_WHOLE: all of it */
    const char *otherwise; /* what stands for a value that is not there; NULL: it is blank */
    json_filter filter;
    const char *word;
    struct json_rule *next; /* where to look when nothing is there; NULL: nowhere */
} json_rule;

#define JSON_WHOLE SIZE_MAX

/* What is kept between opening and reading. */
typedef struct json_state {
    off_t start, size;
    json_rule *rules; /* of each column */
    size_t rules_room;
    char *separators[JSON_PIECES_MAX]; /* of the pieces of an id: what stands after piece i; the last is NULL */
    size_t pieces;
    size_t each; /* steps before [] in the paths that have it; 0: none has */
    const json_rule *array; /* one of them */
    bool plain; /* every column is a key of the object itself */
} json_state;

/* The last field of a column, and the line that it stands in, from 1; 0: none yet. */
typedef struct json_found {
    jsonl_field field;
    size_t line;
} json_found;

/* One part of the file, what is done with each of its lines, and what came of that. */
typedef struct json_part json_part;
typedef vmap_status json_line(json_part *p, const char *text, size_t n);

struct json_part {
    vmap_reader *reader;
    const json_state *state;
    json_line *each;
    off_t from, to; /* lines that begin here belong to the part */
    size_t line;    /* at hand, from 0 at the first of the part */
    size_t lines;
    vmap_status status;
    vmap_error err;
    problems problems;
    vmap_table *table;
    char **names; /* keys in order of first appearance */
    uint32_t *hashes; /* of them */
    size_t names_count, names_room, hashes_room, hint;
    json_found *fields; /* of each column */
    size_t next;         /* the column whose key is expected */
};

/* ---- columns: jsonl_paths.c ---- */

/* Add the columns that "COLUMN=path" or "custom_id=model|persona|item" names, or one for a key of the objects.
 * VMAP_EINVAL when a text says nothing of the kind. A mapping for a column that is there is passed over. */
vmap_status jsonl_add_mapping(vmap_reader *r, const char *text, vmap_error *err);
vmap_status jsonl_add_pieces(vmap_reader *r, const char *text, vmap_error *err);
vmap_status jsonl_add_key(vmap_reader *r, const char *key, size_t n, vmap_error *err);
bool jsonl_has_column(const vmap_reader *r, const char *name, size_t n);

/* Look for the values of a column at a further path, where those before lead to nothing. */
vmap_status jsonl_add_path(json_rule *to, const char *path, json_rule **added, vmap_error *err);
void jsonl_free_rule(json_rule *of);

/* Take the columns from number `kept` on away. */
void jsonl_forget_columns(vmap_reader *r, size_t kept);

/* Find the array whose elements become rows; VMAP_EINVAL when the paths lead through two. */
vmap_status jsonl_find_array(vmap_reader *r, vmap_error *err);

/* Is every column a key of the object itself, with all of its text? */
bool jsonl_is_plain(const vmap_reader *r);

/* The value to which `count` steps lead from a value, by element `element` of the array; NULL when there is none. */
const json_t *jsonl_follow(const json_t *at, const json_step *steps, size_t count, size_t element);

/* ---- output of batches: jsonl_batch.c ---- */

/* If the columns are those of the output of a batch of requests to a language model: put those that matter from number
 * `kept` on, and say so in the description. */
vmap_status jsonl_know_batch(vmap_reader *r, size_t kept, vmap_error *err);

/* What counts of a value (json_filter); `text` keeps it until the next call. NULL: nothing. */
const json_t *jsonl_filter(const json_rule *of, const json_t *value, json_t **text);

/* ---- parts and lines: jsonl_parts.c ---- */

/* Divide the file into parts whose lines go to `each`. */
json_part *jsonl_make_parts(vmap_reader *r, json_line *each, size_t *count, vmap_error *err);
void jsonl_free_parts(json_part *parts, size_t count);

/* Free what a part has found. */
void jsonl_clear_part(json_part *p);

/* Show the lines of part i of an array to its function, for parallel_for(). */
void jsonl_read_task(void *parts, size_t i);

/* ---- what is done with lines ---- */

/* Add a column for every key that some object of the file has (jsonl_keys.c). */
vmap_status jsonl_find_keys(vmap_reader *r, vmap_error *err);

/* Turn a line into rows of p->table (jsonl_rows.c). */
vmap_status jsonl_take_line(json_part *p, const char *text, size_t n);

#endif
