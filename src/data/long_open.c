#include <config.h>
#include "data/long_internal.h"

#include <stdio.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/text.h"
#include "data/reader_internal.h"
#include "data/table_internal.h"

/* Opening a file in long layout: the reader moves inside one that has a column per item. */

/* Move what has been opened into a reader of its own; this one keeps its path and options. */
static vmap_status move_inside(vmap_reader *r, long_state *s, vmap_error *err)
{
    char *path = text_copy(r->path, strlen(r->path));

    s->inner = memory_new(1, sizeof *s->inner, err);
    if (!s->inner || !path) {
        free(path);
        free(s->inner);
        s->inner = NULL;
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a reader");
    }
    *s->inner = *r;
    r->path = path;
    r->fd = -1;
    r->state = NULL;
    r->format = NULL;
    r->names = r->labels = NULL;
    r->values = NULL;
    r->count = r->names_room = r->labels_room = 0;
    return VMAP_SUCCESS;
}

/* Read the wanted columns of the inner reader; more reading may follow. */
vmap_status long_stream_inside(vmap_reader *inner, reader_block block, void *context, vmap_error *err)
{
    vmap_status status = reader_stream(inner, block, context, err);

    for (size_t i = 0; i < inner->wish_count; i++)
        free(inner->wishes[i].as);
    inner->wish_count = 0;
    return status;
}

vmap_status long_want_inside(vmap_reader *inner, size_t column, vmap_kind kind, vmap_error *err)
{
    char as[32];

    if (column == LONG_NONE)
        return VMAP_SUCCESS;
    snprintf(as, sizeof as, "%zu", column);
    return vmap_reader_want(inner, column, kind, as, NULL, err);
}

size_t long_place_inside(const vmap_table *table, size_t column)
{
    char as[32];

    snprintf(as, sizeof as, "%zu", column);
    return column == LONG_NONE ? LONG_NONE : vmap_table_find(table, as);
}

/* What the first reading finds out, of all rows, a block at a time. */
typedef struct {
    long_state *s;
    size_t item, *key; /* places in the blocks */
    bool placed;
    long_runs runs;
} first_look;

static vmap_status place_columns(first_look *look, const vmap_table *block, vmap_error *err)
{
    const long_roles *roles = &look->s->roles;

    look->item = long_place_inside(block, roles->item);
    look->key = memory_new(roles->keys, sizeof *look->key, err);
    for (size_t k = 0; look->key && k < roles->keys; k++)
        look->key[k] = long_place_inside(block, roles->key[k]);
    look->placed = true;
    return look->key ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static vmap_status take_look(void *context, vmap_table *block, vmap_error *err)
{
    first_look *look = context;
    vmap_status status = look->placed ? VMAP_SUCCESS : place_columns(look, block, err);

    for (size_t i = 0; !status && i < vmap_table_levels(block, look->item); i++) {
        const char *name = vmap_table_level_text(block, look->item, i);
        uint32_t level;

        status = table_level(look->s->names, 0, name, strlen(name), &level, err);
    }
    if (status || look->s->distribution)
        return status;
    return long_runs_follow(&look->runs, block, look->key, look->s->roles.keys, err);
}

/* The first reading: the names of the items, and whether respondents stand together. */
static vmap_status look_through(long_state *s, vmap_error *err)
{
    first_look look = {.s = s};
    vmap_status status;

    s->names = vmap_table_new(err);
    status = s->names ? vmap_table_add(s->names, "item", VMAP_TEXTS, NULL, err) : VMAP_ENOMEM;
    if (!status)
        status = long_want_inside(s->inner, s->roles.item, VMAP_TEXTS, err);
    for (size_t k = 0; !status && !s->distribution && k < s->roles.keys; k++) {
        if (s->roles.key[k] != s->roles.item)
            status = long_want_inside(s->inner, s->roles.key[k], VMAP_TEXTS, err);
    }
    if (!status)
        status = long_stream_inside(s->inner, take_look, &look, err);
    s->together = !look.runs.broken;
    long_runs_clear(&look.runs);
    free(look.key);
    return status;
}

static vmap_status add_items(vmap_reader *r, long_state *s, vmap_error *err)
{
    vmap_status status = look_through(s, err);

    s->items = r->count;
    for (size_t i = 0; !status && i < vmap_table_levels(s->names, 0); i++) {
        const char *name = vmap_table_level_text(s->names, 0, i);

        status = reader_add_column(r, name, strlen(name), NULL, 0, err);
    }
    s->items_count = r->count - s->items;
    return status;
}

static vmap_status add_columns(vmap_reader *r, long_state *s, vmap_error *err)
{
    const vmap_reader *in = s->inner;
    vmap_status status = VMAP_SUCCESS;

    s->origin = memory_new(in->count, sizeof *s->origin, err);
    if (!s->origin)
        return VMAP_ENOMEM;
    for (size_t i = 0; !status && i < in->count; i++) {
        if (long_is_role(&s->roles, i))
            continue;
        s->origin[r->count] = i;
        status = reader_add_column(r, in->names[i], strlen(in->names[i]), in->labels[i], strlen(in->labels[i]), err);
    }
    if (!status)
        status = add_items(r, s, err);
    if (!status && s->distribution)
        status = reader_add_column(r, "weight", 6, NULL, 0, err);
    return status;
}

static void describe(vmap_reader *r, const long_state *s)
{
    buffer keys = {0};

    for (size_t k = 0; k < s->roles.keys; k++)
        buffer_format(&keys, "%s%s", k ? " " : "", s->inner->names[s->roles.key[k]]);
    reader_describe(r, "%s, %zu items, key %s", s->distribution ? "distributions" : "long layout", s->items_count,
                    keys.text ? keys.text : "none");
    buffer_free(&keys);
}

static void close_state(vmap_reader *r)
{
    long_state *s = r->state;

    vmap_reader_free(s->inner);
    vmap_table_free(s->names);
    long_forget(&s->roles);
    free(s->origin);
    free(s);
}

/* Of the same name as what is inside. */
static const reader_format *find_format(const long_state *s)
{
    static const char *const names[] = {"CSV", "JSON Lines"};
    static const reader_format formats[][2] = {
        {{"CSV", long_read_rows, close_state, NULL}, {"CSV", NULL, close_state, long_stream_rows}},
        {{"JSON Lines", long_read_rows, close_state, NULL}, {"JSON Lines", NULL, close_state, long_stream_rows}},
        {{"long", long_read_rows, close_state, NULL}, {"long", NULL, close_state, long_stream_rows}}};
    size_t i = 0;

    while (i < 2 && strcmp(s->inner->format->name, names[i]) != 0)
        i++;
    return &formats[i][s->together];
}

vmap_status long_open(vmap_reader *r, bool forced, vmap_error *err)
{
    long_state *s = memory_new(1, sizeof *s, err);
    vmap_status status = VMAP_ENOMEM;

    if (!s || !long_tell(r, forced, &s->roles, &status, err)) {
        if (s)
            long_forget(&s->roles);
        free(s);
        if (!status && forced)
            status = vmap_error_set(err, VMAP_EDATA,
                                    "no long layout: the file needs a column 'item' and one of answer, raw, response, "
                                    "value, score, or option and count");
        return status;
    }
    s->distribution = s->roles.count != LONG_NONE || s->roles.options_count;
    status = move_inside(r, s, err);
    if (status) {
        long_forget(&s->roles);
        free(s);
        return status;
    }
    r->state = s;
    r->format = find_format(s);
    status = add_columns(r, s, err);
    r->format = find_format(s);
    if (!status)
        describe(r, s);
    return status;
}

const char *vmap_reader_weight(const vmap_reader *r)
{
    const long_state *s = r->state;

    return r->format->close == close_state && s->distribution ? r->names[r->count - 1] : NULL;
}
