#include <config.h>
#include "data/long_internal.h"

#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "data/reader_internal.h"
#include "data/table_internal.h"

/* The long layout: a row per answer. The file is read twice by a reader of its own, first for the names of the
 * items (long_open.c), then for what is wanted, block by block, and becomes a row per respondent: an answer takes the
 * bytes of its cell and one bit (long_answers.c). Where the answers of each respondent stand together (long_together.c),
 * rows are handed on as soon as they are complete, and memory is that of some blocks. Distributions become weighted rows: one for every option that somebody
 * chose (long_options.c). */

/* ---- what is wanted, and where it stands ---- */

static vmap_status want_columns(long_pivot *v)
{
    const vmap_reader *r = v->reader;
    const long_roles *roles = &v->s->roles;
    const size_t texts[] = {roles->item, roles->answer, roles->value, roles->why, roles->refusal, roles->error};
    vmap_reader *in = v->s->inner;
    bool *asked = memory_new(in->count, sizeof *asked, v->err);
    vmap_status status = asked ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; asked && i < sizeof texts / sizeof *texts; i++) {
        if (texts[i] != LONG_NONE && (!v->s->distribution || i == 0))
            asked[texts[i]] = true;
    }
    for (size_t k = 0; asked && k < roles->keys; k++)
        asked[roles->key[k]] = true;
    for (size_t i = 0; asked && i < r->wish_count; i++) {
        size_t field = r->wishes[i].field;

        if (field < v->s->items)
            asked[v->s->origin[field]] = true;
    }
    if (asked && v->s->distribution && roles->count != LONG_NONE)
        asked[roles->option] = true;
    for (size_t i = 0; !status && i < in->count; i++) {
        if (asked[i])
            status = long_want_inside(in, i, VMAP_TEXTS, v->err);
    }
    free(asked);
    if (v->s->distribution) {
        if (!status)
            status = long_want_inside(in, roles->count, VMAP_NUMBERS, v->err);
        if (!status && roles->n != roles->count)
            status = long_want_inside(in, roles->n, VMAP_NUMBERS, v->err);
        for (size_t k = 0; !status && k < roles->options_count; k++)
            status = long_want_inside(in, roles->options[k], VMAP_NUMBERS, v->err);
    }
    return status;
}

/* What `known` holds of each respondent: the keys, then what is carried. */
vmap_status long_open_known(long_pivot *v)
{
    vmap_status status;

    v->known = vmap_table_new(v->err);
    status = v->known ? VMAP_SUCCESS : VMAP_ENOMEM;
    for (size_t k = 0; !status && k < v->s->roles.keys + v->carries; k++)
        status = table_add_new(v->known, "", VMAP_TEXTS, v->err);
    return status;
}

static vmap_status make_room(long_pivot *v)
{
    const long_roles *roles = &v->s->roles;
    size_t wishes = v->reader->wish_count;

    v->key = memory_new(roles->keys, sizeof *v->key, v->err);
    v->options = memory_new(roles->options_count, sizeof *v->options, v->err);
    v->carried = memory_new(wishes, sizeof *v->carried, v->err);
    v->carry = memory_new(wishes, sizeof *v->carry, v->err);
    v->refused = memory_new(wishes, sizeof *v->refused, v->err);
    v->next = memory_new(wishes, sizeof *v->next, v->err);
    v->slot = memory_new(v->s->items_count, sizeof *v->slot, v->err);
    v->first = memory_new(v->s->items_count, sizeof *v->first, v->err);
    v->level = memory_new(roles->keys + wishes + 1, sizeof(uint32_t *), v->err);
    v->room = memory_new(roles->keys + wishes + 1, sizeof *v->room, v->err);
    return v->key && v->options && v->carried && v->carry && v->refused && v->next && v->slot && v->first && v->level &&
                   v->room
               ? VMAP_SUCCESS
               : VMAP_ENOMEM;
}

/* Where the columns of the roles stand in the block. */
static void place_roles(long_pivot *v)
{
    const long_roles *roles = &v->s->roles;
    bool counts = v->s->distribution;

    v->item = long_place_inside(v->from, roles->item);
    v->answer = counts ? LONG_NONE : long_place_inside(v->from, roles->answer);
    v->value = counts ? LONG_NONE : long_place_inside(v->from, roles->value);
    v->why = counts ? LONG_NONE : long_place_inside(v->from, roles->why);
    v->refusal = counts ? LONG_NONE : long_place_inside(v->from, roles->refusal);
    v->error = counts ? LONG_NONE : long_place_inside(v->from, roles->error);
    v->option = counts ? long_place_inside(v->from, roles->option) : LONG_NONE;
    v->count = counts ? long_place_inside(v->from, roles->count) : LONG_NONE;
    v->n = counts ? long_place_inside(v->from, roles->n) : LONG_NONE;
    for (size_t k = 0; k < roles->keys; k++)
        v->key[k] = long_place_inside(v->from, roles->key[k]);
    for (size_t k = 0; k < roles->options_count; k++)
        v->options[k] = long_place_inside(v->from, roles->options[k]);
}

/* Which wishes are carried, and which are for which item. */
static void place_wishes(long_pivot *v)
{
    const vmap_reader *r = v->reader;
    size_t items = v->s->items, count = v->s->items_count;

    for (size_t i = 0; i < count; i++)
        v->slot[i] = v->first[i] = LONG_NONE;
    for (size_t i = r->wish_count; i-- > 0;) {
        size_t field = r->wishes[i].field, item = field - items;

        v->carried[i] = field < items ? long_place_inside(v->from, v->s->origin[field]) : LONG_NONE;
        if (field < items || item >= count)
            continue;
        v->next[i] = v->first[item];
        v->first[item] = i;
        if (v->slot[item] == LONG_NONE)
            v->slot[item] = v->wanted++;
    }
    for (size_t i = 0; i < r->wish_count; i++) {
        if (v->carried[i] != LONG_NONE)
            v->carry[v->carries++] = i;
    }
}

static vmap_status find_places(long_pivot *v)
{
    if (make_room(v))
        return VMAP_ENOMEM;
    place_roles(v);
    place_wishes(v);
    v->placed = true;
    return long_open_known(v);
}

/* ---- for all kinds of rows ---- */

vmap_status long_fail_at(long_pivot *v, size_t row, size_t column, const char *what)
{
    vmap_error_set(v->err, VMAP_EDATA, "%s", what);
    vmap_error_place(v->err, v->reader->path, vmap_table_line(v->from, row), 0,
                     column == LONG_NONE ? NULL : v->s->inner->names[column]);
    return VMAP_EDATA;
}

/* Place in the block of column k of `known`: of a key, of what is carried, or, after them, of the item. */
static size_t place_of(const long_pivot *v, size_t k)
{
    size_t keys = v->s->roles.keys;

    return k < keys ? v->key[k] : k < keys + v->carries ? v->carried[v->carry[k - keys]] : v->item;
}

/* What the texts of the block are in the whole file. */
static vmap_status find_levels(long_pivot *v)
{
    size_t columns = v->s->roles.keys + v->carries;
    vmap_status status = VMAP_SUCCESS;

    for (size_t k = 0; !status && k <= columns; k++) {
        size_t place = place_of(v, k), texts = place == LONG_NONE ? 0 : vmap_table_levels(v->from, place);

        if (v->s->distribution && k < columns)
            continue;
        status = memory_grow(&v->level[k], &v->room[k], texts, sizeof(uint32_t), v->err);
        for (size_t i = 0; !status && i < texts; i++) {
            const char *text = vmap_table_level_text(v->from, place, i);

            status = table_level(k < columns ? v->known : v->s->names, k < columns ? k : 0, text, strlen(text),
                                 &v->level[k][i], v->err);
        }
    }
    return status;
}

/* The level, in the whole file, of column k of `known` in a row of the block. */
uint32_t long_level_at(const long_pivot *v, size_t k, size_t row)
{
    size_t place = place_of(v, k), level = vmap_table_level(v->from, place, row);

    return level < vmap_table_levels(v->from, place) ? v->level[k][level] : LEVEL_MISSING;
}

uint32_t long_item_at(const long_pivot *v, size_t row)
{
    return long_level_at(v, v->s->roles.keys + v->carries, row);
}

vmap_status long_may_go_on(long_pivot *v, vmap_status status, size_t wish_number)
{
    if (status && problems_add(&v->reader->problems, v->err, v->reader->options.max_errors))
        return vmap_table_push_missing(v->into, wish_number, VMAP_UNPARSABLE, v->err);
    return status;
}

vmap_status long_put_text(long_pivot *v, size_t i, const char *text, size_t row)
{
    vmap_status status = reader_put_cell(v->reader, v->into, i, text, strlen(text), vmap_table_line(v->from, row), v->err);

    return long_may_go_on(v, status, i);
}

/* ---- reading ---- */

/* Hand on what is complete; the last respondent may not be, but at the end of the file. */
static vmap_status hand_on(long_pivot *v, bool end)
{
    vmap_table *rest = NULL;
    bool part = !v->s->distribution && !end;
    vmap_status status = VMAP_SUCCESS;

    if (!v->block || v->to->rows <= part)
        return VMAP_SUCCESS;
    if (part)
        status = long_part_last(v, &rest);
    v->reader->share = v->s->inner->share;
    if (!status)
        status = v->block(v->context, v->to, v->err);
    if (rest) {
        vmap_table_free(v->to);
        v->to = rest;
    } else {
        table_clear(v->to);
    }
    return status;
}

static vmap_status take_block(void *context, vmap_table *block, vmap_error *err)
{
    long_pivot *v = context;
    vmap_status status = VMAP_SUCCESS;

    (void)err; /* v->err is never NULL */
    v->from = block;
    if (!v->placed)
        status = find_places(v);
    if (!status)
        status = find_levels(v);
    for (size_t row = 0; !status && row < vmap_table_rows(block); row++)
        status = v->s->distribution ? long_take_options(v, row) : long_take_answer(v, row);
    v->from = NULL;
    return status ? status : hand_on(v, false);
}

static void close_pivot(long_pivot *v)
{
    for (size_t k = 0; v->level && k <= v->s->roles.keys + v->carries; k++)
        free(v->level[k]);
    vmap_table_free(v->cell);
    vmap_table_free(v->known);
    free(v->key);
    free(v->options);
    free(v->carried);
    free(v->carry);
    free(v->refused);
    free(v->slot);
    free(v->first);
    free(v->next);
    free(v->level);
    free(v->room);
    free(v->table);
    free(v->answered);
    free(v->line);
}

static vmap_status read_all(long_pivot *v)
{
    vmap_status status = want_columns(v);

    v->s->inner->part = v->reader->part;
    if (!status && (!(v->to = reader_table(v->reader, v->err)) || !(v->cell = reader_table(v->reader, v->err))))
        status = VMAP_ENOMEM;
    if (!status)
        status = long_stream_inside(v->s->inner, take_block, v, v->err);
    return status ? status : hand_on(v, true);
}

vmap_status long_read_rows(vmap_reader *r, vmap_table **table, vmap_error *err)
{
    vmap_error own;
    long_pivot v = {.reader = r, .s = r->state, .err = err ? err : &own};
    vmap_status status = read_all(&v);

    close_pivot(&v);
    if (status)
        vmap_table_free(v.to);
    else
        *table = v.to;
    return status;
}

vmap_status long_stream_rows(vmap_reader *r, reader_block block, void *context, vmap_error *err)
{
    vmap_error own;
    long_pivot v = {.reader = r, .s = r->state, .block = block, .context = context, .err = err ? err : &own};
    vmap_status status = read_all(&v);

    close_pivot(&v);
    vmap_table_free(v.to);
    return status;
}
