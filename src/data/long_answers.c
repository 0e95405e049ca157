#include <config.h>
#include "data/long_internal.h"

#include <stdio.h>
#include <string.h>

#include "core/buffer.h"
#include "core/hash.h"
#include "core/memory.h"
#include "core/text.h"
#include "data/reader_internal.h"
#include "data/table_internal.h"

/* Answers of a long file become rows of respondents, who are found by their keys. */

enum { LINES_MOST = 1 << 20 }; /* answers whose lines are remembered, for the message about one given twice */

/* ---- the hash table of respondents ---- */

static uint64_t key_hash(const long_pivot *v, size_t row)
{
    uint64_t h = 0;

    for (size_t k = 0; k < v->s->roles.keys; k++)
        h = hash_mix(h, long_level_at(v, k, row));
    return h;
}

static uint64_t known_hash(const long_pivot *v, size_t respondent)
{
    uint64_t h = 0;

    for (size_t k = 0; k < v->s->roles.keys; k++)
        h = hash_mix(h, v->known->columns[k].level[respondent]);
    return h;
}

static bool same_key(const long_pivot *v, size_t respondent, size_t row)
{
    for (size_t k = 0; k < v->s->roles.keys; k++) {
        if (v->known->columns[k].level[respondent] != long_level_at(v, k, row))
            return false;
    }
    return true;
}

static vmap_status grow_table(long_pivot *v)
{
    size_t slots = v->slots ? 2 * v->slots : 1024;
    uint32_t *table;

    if (2 * (v->known->rows + 1) <= v->slots)
        return VMAP_SUCCESS;
    table = memory_new(slots, sizeof *table, v->err);
    if (!table)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < v->known->rows; i++) {
        size_t at = known_hash(v, i) & (slots - 1);

        while (table[at])
            at = (at + 1) & (slots - 1);
        table[at] = (uint32_t)i + 1;
    }
    free(v->table);
    v->table = table;
    v->slots = slots;
    return VMAP_SUCCESS;
}

/* ---- faults ---- */

/* "model gpt, persona p1" */
static void name_key(const long_pivot *v, size_t row, buffer *to)
{
    for (size_t k = 0; k < v->s->roles.keys; k++)
        buffer_format(to, "%s%s %s", k ? ", " : "", v->s->inner->names[v->s->roles.key[k]],
                      vmap_table_text(v->from, v->key[k], row));
}

/* `before`: the line of the first; 0: not remembered. */
static vmap_status refuse_twice(long_pivot *v, size_t row, size_t before, const char *name, const char *what)
{
    buffer key = {0};
    char line[32] = "an earlier line";

    if (before)
        snprintf(line, sizeof line, "line %zu", before);
    name_key(v, row, &key);
    vmap_error_set(v->err, VMAP_EDATA, "%s%s%s here and in %s; %s", key.text ? key.text : "", key.n ? ": " : "", what, line,
                   "repeated answers are kept apart by a column 'rep', and --key names what tells respondents apart");
    vmap_error_place(v->err, v->reader->path, vmap_table_line(v->from, row), 0, name);
    buffer_free(&key);
    return problems_add(&v->reader->problems, v->err, v->reader->options.max_errors) ? VMAP_SUCCESS : VMAP_EDATA;
}

/* ---- answers ---- */

static const char *text_at(const long_pivot *v, size_t place, size_t row)
{
    return place == LONG_NONE ? "" : vmap_table_text(v->from, place, row);
}

/* Does the file itself say why there is no answer: by a tag (.a), or because it declares or labels the number missing? */
static vmap_reason told_missing(const long_pivot *v, const wish *w, size_t place, size_t column, size_t row)
{
    const vmap_reader *inner = v->s->inner;
    vmap_reason why = place == LONG_NONE ? VMAP_PRESENT : vmap_table_reason(v->from, place, row);
    const char *text = text_at(v, place, row);
    double number;

    if (why != VMAP_PRESENT || !inner->values || place == LONG_NONE)
        return why == VMAP_BLANK ? VMAP_PRESENT : why;
    return !inner->values[column].texts && text_number(text, strlen(text), '.', &number) &&
                   stat_is_missing(w, &inner->values[column], number, &why)
               ? why
               : VMAP_PRESENT;
}

/* The answer that row `row` gives. */
static vmap_status put_answer(long_pivot *v, size_t i, size_t row)
{
    const char *value = text_at(v, v->value, row), *answer = text_at(v, v->answer, row);
    vmap_reason why;
    double number;
    char what[160];

    if (!long_reason(text_at(v, v->why, row), &why)) {
        snprintf(what, sizeof what, "'%.60s' is no reason for a missing value; 'valuemap list reasons' names them",
                 text_at(v, v->why, row));
        return long_may_go_on(v, long_fail_at(v, row, v->s->roles.why, what), i);
    }
    if (why == VMAP_PRESENT && *text_at(v, v->refusal, row))
        why = VMAP_REFUSED;
    if (why == VMAP_PRESENT && !*value && !*answer && *text_at(v, v->error, row))
        why = VMAP_OTHER_MISSING; /* the request failed */
    if (why == VMAP_PRESENT)
        why = told_missing(v, &v->reader->wishes[i], v->value, v->s->roles.value, row);
    if (why == VMAP_PRESENT && !*value)
        why = told_missing(v, &v->reader->wishes[i], v->answer, v->s->roles.answer, row);
    if (why == VMAP_OUT_OF_RANGE && text_number(answer, strlen(answer), '.', &number) &&
        v->reader->wishes[i].kind != VMAP_TEXTS) /* the codebook says so itself, with the number */
        return vmap_table_push_number(v->into, i, number, v->err);
    if (why != VMAP_PRESENT)
        return vmap_table_push_missing(v->into, i, why, v->err);
    return long_put_text(v, i, *value || v->answer == LONG_NONE ? value : answer, row);
}

/* ---- respondents ---- */

/* A respondent who appears: all items are blank until they are answered. */
static vmap_status add_respondent(long_pivot *v, size_t row)
{
    size_t keys = v->s->roles.keys, line = vmap_table_line(v->from, row);
    size_t bits = (v->known->rows + 1) * v->wanted, bytes = v->answered_room, cells = v->line_room;
    vmap_status status = memory_grow(&v->answered, &v->answered_room, bits / 8 + 1, 1, v->err);

    if (!status && v->answered_room > bytes)
        memset(v->answered + bytes, 0, v->answered_room - bytes);
    if (!status && bits <= LINES_MOST)
        status = memory_grow(&v->line, &v->line_room, bits, sizeof *v->line, v->err);
    if (!status && v->line_room > cells)
        memset(v->line + cells, 0, (v->line_room - cells) * sizeof *v->line);
    v->into = v->to;
    for (size_t k = 0; !status && k < keys + v->carries; k++)
        status = table_push_level(v->known, k, long_level_at(v, k, row), v->err);
    for (size_t i = 0; !status && i < v->reader->wish_count; i++)
        status = v->carried[i] == LONG_NONE ? vmap_table_push_missing(v->to, i, VMAP_BLANK, v->err)
                                            : long_put_text(v, i, vmap_table_text(v->from, v->carried[i], row), row);
    if (!status)
        status = table_close_row(v->known, line, v->err);
    return status ? status : table_close_row(v->to, line, v->err);
}

/* A column that is not part of the key must say the same in all rows of a respondent. */
static vmap_status check_carried(long_pivot *v, size_t respondent, size_t row)
{
    size_t keys = v->s->roles.keys;
    vmap_status status = VMAP_SUCCESS;

    for (size_t k = 0; !status && k < v->carries; k++) {
        size_t i = v->carry[k];

        if (v->refused[i] || v->known->columns[keys + k].level[respondent] == long_level_at(v, keys + k, row))
            continue;
        v->refused[i] = true;
        status = refuse_twice(v, row, vmap_table_line(v->known, respondent), v->reader->names[v->reader->wishes[i].field],
                              "the column says different things");
    }
    return status;
}

/* Which respondent a row is of. */
static vmap_status find_respondent(long_pivot *v, size_t row, size_t *respondent)
{
    vmap_status status = grow_table(v);
    size_t at;

    if (status)
        return status;
    at = key_hash(v, row) & (v->slots - 1);
    while (v->table[at] && !same_key(v, v->table[at] - 1, row))
        at = (at + 1) & (v->slots - 1);
    if (v->table[at]) {
        *respondent = v->table[at] - 1;
        return check_carried(v, *respondent, row);
    }
    *respondent = v->known->rows;
    v->table[at] = (uint32_t)v->known->rows + 1;
    return add_respondent(v, row);
}

vmap_status long_take_answer(long_pivot *v, size_t row)
{
    size_t respondent = 0, item = long_item_at(v, row), at;
    vmap_status status;

    if (item == LEVEL_MISSING)
        return long_fail_at(v, row, v->s->roles.item, "the row names no item");
    status = find_respondent(v, row, &respondent);
    if (status || v->slot[item] == LONG_NONE)
        return status;
    at = respondent * v->wanted + v->slot[item];
    if (v->answered[at / 8] >> at % 8 & 1)
        return refuse_twice(v, row, at < v->line_room ? v->line[at] : 0, vmap_table_text(v->from, v->item, row),
                            "the item is answered");
    v->answered[at / 8] |= (unsigned char)(1 << at % 8);
    if (at < v->line_room)
        v->line[at] = (uint32_t)vmap_table_line(v->from, row);
    v->into = v->cell;
    for (size_t i = v->first[item]; !status && i != LONG_NONE; i = v->next[i]) {
        status = put_answer(v, i, row);
        if (!status)
            status = table_move_cell(v->cell, i, v->to, respondent, v->err);
    }
    return status;
}

/* ---- blocks ---- */

/* The row of `known` that goes on, in a table of its own. */
static vmap_status know_last(long_pivot *v, size_t last)
{
    vmap_table *old = v->known;
    vmap_status status = long_open_known(v);

    for (size_t k = 0; !status && k < old->count; k++) {
        bool known = old->columns[k].level[last] != LEVEL_MISSING;
        const char *text = known ? vmap_table_text(old, k, last) : "";

        status = known ? vmap_table_push_text(v->known, k, text, strlen(text), v->err)
                       : table_push_level(v->known, k, LEVEL_MISSING, v->err);
    }
    if (!status)
        status = table_close_row(v->known, vmap_table_line(old, last), v->err);
    vmap_table_free(old);
    return status;
}

vmap_status long_part_last(long_pivot *v, vmap_table **rest)
{
    size_t last = v->to->rows - 1, line = vmap_table_line(v->to, last);
    vmap_status status = (*rest = reader_part(v->reader, v->err)) ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < v->reader->wish_count; i++) {
        status = vmap_table_push_missing(*rest, i, VMAP_BLANK, v->err);
        if (!status)
            status = table_move_cell(v->to, i, *rest, 0, v->err);
    }
    if (!status)
        status = table_close_row(*rest, line, v->err);
    if (!status)
        status = know_last(v, last);
    if (status)
        return status;
    v->to->rows = last;
    for (size_t i = 0; i < v->wanted; i++) { /* upwards: what is moved lies behind where it goes */
        size_t from = last * v->wanted + i;
        bool answered = v->answered[from / 8] >> from % 8 & 1;

        v->answered[i / 8] = (unsigned char)((v->answered[i / 8] & ~(1u << i % 8)) | (unsigned)answered << i % 8);
        if (from < v->line_room)
            v->line[i] = v->line[from];
    }
    for (size_t i = v->wanted; i < (last + 1) * v->wanted; i++)
        v->answered[i / 8] &= (unsigned char)~(1u << i % 8);
    memset(v->table, 0, v->slots * sizeof *v->table);
    v->table[known_hash(v, 0) & (v->slots - 1)] = 1;
    return VMAP_SUCCESS;
}
