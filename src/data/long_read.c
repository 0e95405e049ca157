#include <config.h>
#include "data/long_internal.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/text.h"
#include "data/reader_internal.h"
#include "data/table_internal.h"

/* The long layout: a row per answer. The file is read twice by a reader of its own, first for the names of the
 * items, then for what is wanted, block by block, and becomes a row per respondent: an answer takes the bytes of its
 * cell and one bit. Distributions become weighted rows: one for every option that somebody chose. */

typedef struct {
    vmap_reader *inner;
    long_roles roles;
    size_t *origin; /* of each column: the inner column, or LONG_NONE for an item and the weight */
    size_t items;   /* first column that is an item */
    size_t items_count;
    vmap_table *names; /* a column of texts without cells: level i is item i */
    bool distribution;
} long_state;

/* ---- roles ---- */

static size_t find(const vmap_reader *r, const char *const *words)
{
    for (; *words; words++) {
        for (size_t i = 0; i < r->count; i++) {
            if (strcasecmp(r->names[i], *words) == 0)
                return i;
        }
    }
    return LONG_NONE;
}

/* What tells respondents apart where a file has it. */
static bool is_key(const char *name)
{
    static const char *const words[] = {"source",     "model",          "persona",     "variant",    "rep",
                                        "lang",       "language",       "choice",      "respondent", "respondent_id",
                                        "participant", "participant_id", "subject",    "subject_id", "person",
                                        "person_id",  "persona_id",     "series"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(name, words[i]) == 0)
            return true;
    }
    return false;
}

const char *long_option(const char *name)
{
    static const char *const starts[] = {"pmf_", "share_", "count_", "option_", "prob_"};

    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        const char *end = name + strlen(starts[i]);
        vmap_reason why;
        double code;

        if (strncasecmp(name, starts[i], strlen(starts[i])) == 0 && *end &&
            (text_number(end, strlen(end), '.', &code) || long_reason(end, &why)))
            return end;
    }
    return NULL;
}

bool long_reason(const char *text, vmap_reason *why)
{
    *why = VMAP_PRESENT;
    return !*text || strcmp(text, "present") == 0 || vmap_reason_find(text, why, NULL) == VMAP_SUCCESS;
}

static void find_roles(const vmap_reader *r, bool forced, long_roles *to)
{
    static const char *const items[] = {"item", "question_id", NULL};
    static const char *const more_items[] = {"item", "question_id", "question", "variable", "item_id", NULL};
    static const char *const answers[] = {"raw", "answer", "response", NULL};
    static const char *const values[] = {"value", "score", NULL};
    static const char *const whys[] = {"why", NULL}, *const refusals[] = {"refusal", NULL};
    static const char *const errors[] = {"error", NULL}, *const options[] = {"option", "code", NULL};
    static const char *const counts[] = {"count", "share", "proportion", "probability", "frequency", NULL};
    static const char *const ns[] = {"n_respondents", "respondents", "n", NULL};

    to->item = find(r, forced ? more_items : items);
    to->answer = find(r, answers);
    to->value = find(r, values);
    to->why = find(r, whys);
    to->refusal = find(r, refusals);
    to->error = find(r, errors);
    to->option = find(r, options);
    to->count = find(r, counts);
    to->n = find(r, ns);
    if (to->option == LONG_NONE && to->count != LONG_NONE)
        to->option = to->value != LONG_NONE ? to->value : to->answer;
    if (to->option == LONG_NONE || to->count == LONG_NONE)
        to->option = to->count = LONG_NONE;
}

static bool is_role(const long_roles *roles, size_t i)
{
    const size_t fixed[] = {roles->item,    roles->answer, roles->value, roles->why,
                            roles->refusal, roles->error,  roles->option, roles->count};
    bool distribution = roles->count != LONG_NONE || roles->options_count;

    for (size_t k = 0; k < sizeof fixed / sizeof *fixed; k++) {
        if (fixed[k] == i)
            return true;
    }
    for (size_t k = 0; k < roles->options_count; k++) {
        if (roles->options[k] == i)
            return true;
    }
    return distribution && roles->n == i;
}

static vmap_status find_keys(const vmap_reader *r, long_roles *roles, vmap_error *err)
{
    const vmap_read_options *o = &r->options;

    for (size_t k = 0; k < o->key_count; k++) {
        size_t i = 0;

        while (i < r->count && strcmp(r->names[i], o->key[k]) != 0)
            i++;
        if (i == r->count) {
            const char *nearest = text_nearest(o->key[k], (const char *const *)r->names, r->count);

            return vmap_error_set(err, VMAP_ENOENT, "the file has no key column '%s'%s%s%s", o->key[k],
                                  nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
        }
        roles->key[roles->keys++] = i;
    }
    for (size_t i = 0; !o->key_count && i < r->count; i++) {
        if (is_key(r->names[i]) && !is_role(roles, i))
            roles->key[roles->keys++] = i;
    }
    if (roles->keys)
        return VMAP_SUCCESS;
    for (size_t i = 0; i < r->count; i++) { /* no known names: every column that has no other role */
        if (!is_role(roles, i))
            roles->key[roles->keys++] = i;
    }
    return VMAP_SUCCESS;
}

bool long_tell(const vmap_reader *r, bool forced, long_roles *roles, vmap_status *status, vmap_error *err)
{
    memset(roles, 0, sizeof *roles);
    find_roles(r, forced, roles);
    *status = VMAP_SUCCESS;
    if (roles->item == LONG_NONE)
        return false;
    roles->key = memory_new(r->count, sizeof *roles->key, err);
    roles->options = memory_new(r->count, sizeof *roles->options, err);
    if (!roles->key || !roles->options) {
        *status = VMAP_ENOMEM;
        return false;
    }
    for (size_t i = 0; i < r->count; i++) {
        if (long_option(r->names[i]))
            roles->options[roles->options_count++] = i;
    }
    if (roles->options_count < 2 || roles->count != LONG_NONE)
        roles->options_count = 0;
    if (roles->answer == LONG_NONE && roles->value == LONG_NONE && roles->count == LONG_NONE && !roles->options_count)
        return false;
    *status = find_keys(r, roles, err);
    return !*status;
}

void long_forget(long_roles *roles)
{
    free(roles->key);
    free(roles->options);
    memset(roles, 0, sizeof *roles);
}

/* ---- opening ---- */

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
static vmap_status stream_inside(vmap_reader *inner, reader_block block, void *context, vmap_error *err)
{
    vmap_status status = reader_stream(inner, block, context, err);

    for (size_t i = 0; i < inner->wish_count; i++)
        free(inner->wishes[i].as);
    inner->wish_count = 0;
    return status;
}

static vmap_status want_inside(vmap_reader *inner, size_t column, vmap_kind kind, vmap_error *err)
{
    char as[32];

    if (column == LONG_NONE)
        return VMAP_SUCCESS;
    snprintf(as, sizeof as, "%zu", column);
    return vmap_reader_want(inner, column, kind, as, NULL, err);
}

static size_t place_inside(const vmap_table *table, size_t column)
{
    char as[32];

    snprintf(as, sizeof as, "%zu", column);
    return column == LONG_NONE ? LONG_NONE : vmap_table_find(table, as);
}

static vmap_status take_names(void *context, vmap_table *block, vmap_error *err)
{
    vmap_table *names = context;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < vmap_table_levels(block, 0); i++) {
        const char *name = vmap_table_level_text(block, 0, i);
        uint32_t level;

        status = table_level(names, 0, name, strlen(name), &level, err);
    }
    return status;
}

static vmap_status add_items(vmap_reader *r, long_state *s, vmap_error *err)
{
    vmap_status status;

    s->names = vmap_table_new(err);
    status = s->names ? vmap_table_add(s->names, "item", VMAP_TEXTS, NULL, err) : VMAP_ENOMEM;
    if (!status)
        status = want_inside(s->inner, s->roles.item, VMAP_TEXTS, err);
    if (!status)
        status = stream_inside(s->inner, take_names, s->names, err);
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
        if (is_role(&s->roles, i))
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

static vmap_status read_rows(vmap_reader *r, vmap_table **table, vmap_error *err);

static void close_state(vmap_reader *r)
{
    long_state *s = r->state;

    vmap_reader_free(s->inner);
    vmap_table_free(s->names);
    long_forget(&s->roles);
    free(s->origin);
    free(s);
}

vmap_status long_open(vmap_reader *r, bool forced, vmap_error *err)
{
    static const reader_format formats[] = {{"CSV", read_rows, close_state, NULL},
                                            {"JSON Lines", read_rows, close_state, NULL},
                                            {"long", read_rows, close_state, NULL}};
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
    r->format = &formats[strcmp(s->inner->format->name, "CSV") == 0          ? 0
                         : strcmp(s->inner->format->name, "JSON Lines") == 0 ? 1
                                                                             : 2];
    status = add_columns(r, s, err);
    if (!status)
        describe(r, s);
    return status;
}

/* ---- reading ---- */

enum { LINES_MOST = 1 << 20 }; /* answers whose lines are remembered, for the message about one given twice */

/* The answers on their way to rows. */
typedef struct {
    vmap_reader *reader;
    const long_state *s;
    vmap_table *from; /* the block at hand */
    vmap_table *to;   /* a row per respondent, or per option */
    vmap_table *into; /* where cells are pushed: `to`, or `cell` */
    vmap_table *cell; /* columns as `to`, for the answer at hand */
    vmap_table *known; /* a row per respondent: keys, then the carried columns, as texts */
    bool placed;      /* the places below are known */
    size_t item, answer, value, why, refusal, error, option, count, n; /* places in `from` */
    size_t *key;      /* likewise */
    size_t *carried;  /* of each wish: its place, LONG_NONE for items and the weight */
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
    vmap_error *err;
} pivot;

static vmap_status want_columns(pivot *v)
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
            status = want_inside(in, i, VMAP_TEXTS, v->err);
    }
    free(asked);
    if (v->s->distribution) {
        if (!status)
            status = want_inside(in, roles->count, VMAP_NUMBERS, v->err);
        if (!status && roles->n != roles->count)
            status = want_inside(in, roles->n, VMAP_NUMBERS, v->err);
        for (size_t k = 0; !status && k < roles->options_count; k++)
            status = want_inside(in, roles->options[k], VMAP_NUMBERS, v->err);
    }
    return status;
}

static vmap_status open_known(pivot *v)
{
    vmap_status status;
    char name[32];

    v->known = vmap_table_new(v->err);
    status = v->known ? VMAP_SUCCESS : VMAP_ENOMEM;
    for (size_t k = 0; !status && k < v->s->roles.keys + v->reader->wish_count; k++) {
        snprintf(name, sizeof name, "%zu", k);
        status = vmap_table_add(v->known, name, VMAP_TEXTS, NULL, v->err);
    }
    return status;
}

static vmap_status find_places(pivot *v)
{
    const vmap_reader *r = v->reader;
    const long_roles *roles = &v->s->roles;

    v->item = place_inside(v->from, roles->item);
    v->answer = v->s->distribution ? LONG_NONE : place_inside(v->from, roles->answer);
    v->value = v->s->distribution ? LONG_NONE : place_inside(v->from, roles->value);
    v->why = v->s->distribution ? LONG_NONE : place_inside(v->from, roles->why);
    v->refusal = v->s->distribution ? LONG_NONE : place_inside(v->from, roles->refusal);
    v->error = v->s->distribution ? LONG_NONE : place_inside(v->from, roles->error);
    v->option = v->s->distribution ? place_inside(v->from, roles->option) : LONG_NONE;
    v->count = v->s->distribution ? place_inside(v->from, roles->count) : LONG_NONE;
    v->n = v->s->distribution ? place_inside(v->from, roles->n) : LONG_NONE;
    v->key = memory_new(roles->keys, sizeof *v->key, v->err);
    v->options = memory_new(roles->options_count, sizeof *v->options, v->err);
    v->carried = memory_new(r->wish_count, sizeof *v->carried, v->err);
    v->refused = memory_new(r->wish_count, sizeof *v->refused, v->err);
    v->next = memory_new(r->wish_count, sizeof *v->next, v->err);
    v->slot = memory_new(v->s->items_count, sizeof *v->slot, v->err);
    v->first = memory_new(v->s->items_count, sizeof *v->first, v->err);
    v->level = memory_new(roles->keys + r->wish_count + 1, sizeof(uint32_t *), v->err);
    v->room = memory_new(roles->keys + r->wish_count + 1, sizeof *v->room, v->err);
    if (!v->key || !v->options || !v->carried || !v->refused || !v->next || !v->slot || !v->first || !v->level || !v->room)
        return VMAP_ENOMEM;
    for (size_t k = 0; k < roles->keys; k++)
        v->key[k] = place_inside(v->from, roles->key[k]);
    for (size_t k = 0; k < roles->options_count; k++)
        v->options[k] = place_inside(v->from, roles->options[k]);
    for (size_t i = 0; i < v->s->items_count; i++)
        v->slot[i] = v->first[i] = LONG_NONE;
    for (size_t i = r->wish_count; i-- > 0;) {
        size_t field = r->wishes[i].field, item = field - v->s->items;

        v->carried[i] = field < v->s->items ? place_inside(v->from, v->s->origin[field]) : LONG_NONE;
        if (field < v->s->items || item >= v->s->items_count)
            continue;
        v->next[i] = v->first[item];
        v->first[item] = i;
        if (v->slot[item] == LONG_NONE)
            v->slot[item] = v->wanted++;
    }
    v->placed = true;
    return open_known(v);
}

static vmap_status fail_at(pivot *v, size_t row, size_t column, const char *what)
{
    vmap_error_set(v->err, VMAP_EDATA, "%s", what);
    vmap_error_place(v->err, v->reader->path, vmap_table_line(v->from, row), 0,
                     column == LONG_NONE ? NULL : v->s->inner->names[column]);
    return VMAP_EDATA;
}

/* Place in the block of column k of `known`: of a key, of what a wish carries, or, after them, of the item. */
static size_t place_of(const pivot *v, size_t k)
{
    size_t keys = v->s->roles.keys;

    return k < keys ? v->key[k] : k < keys + v->reader->wish_count ? v->carried[k - keys] : v->item;
}

/* What the texts of the block are in the whole file. */
static vmap_status find_levels(pivot *v)
{
    size_t columns = v->s->roles.keys + v->reader->wish_count;
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
static uint32_t level_at(const pivot *v, size_t k, size_t row)
{
    size_t place = place_of(v, k), level = vmap_table_level(v->from, place, row);

    return level < vmap_table_levels(v->from, place) ? v->level[k][level] : LEVEL_MISSING;
}

static uint64_t mix(uint64_t h, uint32_t level)
{
    return (h ^ level) * UINT64_C(0x9E3779B97F4A7C15) ^ h >> 29;
}

static uint64_t key_hash(const pivot *v, size_t row)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);

    for (size_t k = 0; k < v->s->roles.keys; k++)
        h = mix(h, level_at(v, k, row));
    return h ^ h >> 32;
}

static uint64_t known_hash(const pivot *v, size_t respondent)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);

    for (size_t k = 0; k < v->s->roles.keys; k++)
        h = mix(h, v->known->columns[k].level[respondent]);
    return h ^ h >> 32;
}

static bool same_key(const pivot *v, size_t respondent, size_t row)
{
    for (size_t k = 0; k < v->s->roles.keys; k++) {
        if (v->known->columns[k].level[respondent] != level_at(v, k, row))
            return false;
    }
    return true;
}

static vmap_status grow_table(pivot *v)
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

/* "model gpt, persona p1" */
static void name_key(const pivot *v, size_t row, buffer *to)
{
    for (size_t k = 0; k < v->s->roles.keys; k++)
        buffer_format(to, "%s%s %s", k ? ", " : "", v->s->inner->names[v->s->roles.key[k]],
                      vmap_table_text(v->from, v->key[k], row));
}

/* `before`: the line of the first; 0: not remembered. */
static vmap_status refuse_twice(pivot *v, size_t row, size_t before, const char *name, const char *what)
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

static const char *text_at(const pivot *v, size_t place, size_t row)
{
    return place == LONG_NONE ? "" : vmap_table_text(v->from, place, row);
}

static vmap_status may_go_on(pivot *v, vmap_status status, size_t wish_number)
{
    if (status && problems_add(&v->reader->problems, v->err, v->reader->options.max_errors))
        return vmap_table_push_missing(v->into, wish_number, VMAP_UNPARSABLE, v->err);
    return status;
}

static vmap_status put_text(pivot *v, size_t i, const char *text, size_t row)
{
    vmap_status status = reader_put_cell(v->reader, v->into, i, text, strlen(text), vmap_table_line(v->from, row), v->err);

    return may_go_on(v, status, i);
}

/* The answer that row `row` gives. */
static vmap_status put_answer(pivot *v, size_t i, size_t row)
{
    const char *value = text_at(v, v->value, row), *answer = text_at(v, v->answer, row);
    vmap_reason why;
    double number;

    if (!long_reason(text_at(v, v->why, row), &why))
        return may_go_on(v, fail_at(v, row, v->s->roles.why, "this is no reason for a missing value; 'valuemap list "
                                    "reasons' names them"), i);
    if (why == VMAP_PRESENT && *text_at(v, v->refusal, row))
        why = VMAP_REFUSED;
    if (why == VMAP_PRESENT && !*value && !*answer && *text_at(v, v->error, row))
        why = VMAP_OTHER_MISSING; /* the request failed */
    if (why == VMAP_OUT_OF_RANGE && text_number(answer, strlen(answer), '.', &number) &&
        v->reader->wishes[i].kind != VMAP_TEXTS) /* the codebook says so itself, with the number */
        return vmap_table_push_number(v->into, i, number, v->err);
    if (why != VMAP_PRESENT)
        return vmap_table_push_missing(v->into, i, why, v->err);
    return put_text(v, i, *value || v->answer == LONG_NONE ? value : answer, row);
}

/* ---- a row per respondent ---- */

/* A respondent who appears: all items are blank until they are answered. */
static vmap_status add_respondent(pivot *v, size_t row)
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
    for (size_t k = 0; !status && k < keys; k++)
        status = table_push_level(v->known, k, level_at(v, k, row), v->err);
    for (size_t i = 0; !status && i < v->reader->wish_count; i++) {
        bool carried = v->carried[i] != LONG_NONE;

        status = table_push_level(v->known, keys + i, carried ? level_at(v, keys + i, row) : LEVEL_MISSING, v->err);
        if (!status)
            status = carried ? put_text(v, i, vmap_table_text(v->from, v->carried[i], row), row)
                             : vmap_table_push_missing(v->to, i, VMAP_BLANK, v->err);
    }
    if (!status)
        status = table_close_row(v->known, line, v->err);
    return status ? status : table_close_row(v->to, line, v->err);
}

/* A column that is not part of the key must say the same in all rows of a respondent. */
static vmap_status check_carried(pivot *v, size_t respondent, size_t row)
{
    size_t keys = v->s->roles.keys;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < v->reader->wish_count; i++) {
        if (v->carried[i] == LONG_NONE || v->refused[i] ||
            v->known->columns[keys + i].level[respondent] == level_at(v, keys + i, row))
            continue;
        v->refused[i] = true;
        status = refuse_twice(v, row, vmap_table_line(v->known, respondent), v->reader->names[v->reader->wishes[i].field],
                              "the column says different things");
    }
    return status;
}

/* Which respondent a row is of. */
static vmap_status find_respondent(pivot *v, size_t row, size_t *respondent)
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

static vmap_status take_answer(pivot *v, size_t row)
{
    size_t respondent = 0, item = level_at(v, v->s->roles.keys + v->reader->wish_count, row), at;
    vmap_status status;

    if (item == LEVEL_MISSING)
        return fail_at(v, row, v->s->roles.item, "the row names no item");
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

/* ---- a weighted row per option ---- */

static vmap_status put_option(pivot *v, size_t row, const char *option, double weight)
{
    const vmap_reader *r = v->reader;
    size_t item = level_at(v, v->s->roles.keys + r->wish_count, row);
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < r->wish_count; i++) {
        size_t field = r->wishes[i].field;
        vmap_reason why = VMAP_PRESENT;

        if (v->carried[i] != LONG_NONE)
            status = put_text(v, i, vmap_table_text(v->from, v->carried[i], row), row);
        else if (field == v->s->items + v->s->items_count && r->wishes[i].kind != VMAP_TEXTS)
            status = vmap_table_push_number(v->to, i, weight, v->err);
        else if (field != v->s->items + item)
            status = vmap_table_push_missing(v->to, i, VMAP_NOT_ASKED, v->err);
        else if (*option && long_reason(option, &why) && why != VMAP_PRESENT)
            status = vmap_table_push_missing(v->to, i, why, v->err);
        else
            status = put_text(v, i, option, row);
    }
    return status ? status : table_close_row(v->to, vmap_table_line(v->from, row), v->err);
}

/* How many chose an option: the count or share, times n where the file has that. */
static vmap_status take_weight(pivot *v, size_t row, size_t place, size_t column, double *weight)
{
    double n = v->n == LONG_NONE ? 1 : vmap_table_value(v->from, v->n, row);

    *weight = vmap_table_value(v->from, place, row);
    if (v->count == LONG_NONE && isnan(*weight))
        *weight = 0; /* an option that the item does not have */
    if (!(*weight >= 0))
        return fail_at(v, row, column, "a count or share is a number from 0 up");
    if (!(n >= 0))
        return fail_at(v, row, v->s->roles.n, "the number of respondents is a number from 0 up");
    *weight *= n;
    return VMAP_SUCCESS;
}

static vmap_status take_options(pivot *v, size_t row)
{
    const long_roles *roles = &v->s->roles;
    size_t levels = vmap_table_levels(v->from, v->item), each = roles->options_count ? roles->options_count : 1;
    vmap_status status = VMAP_SUCCESS;

    if (vmap_table_level(v->from, v->item, row) == levels)
        return fail_at(v, row, roles->item, "the row names no item");
    v->into = v->to;
    for (size_t k = 0; !status && k < each; k++) {
        size_t column = roles->options_count ? roles->options[k] : roles->count;
        double weight = 0;

        status = take_weight(v, row, roles->options_count ? v->options[k] : v->count, column, &weight);
        if (!status && weight > 0)
            status = put_option(v, row, roles->options_count ? long_option(v->s->inner->names[column])
                                                             : vmap_table_text(v->from, v->option, row), weight);
    }
    return status;
}

static vmap_status take_block(void *context, vmap_table *block, vmap_error *err)
{
    pivot *v = context;
    vmap_status status = VMAP_SUCCESS;

    (void)err; /* v->err is never NULL */
    v->from = block;
    if (!v->placed)
        status = find_places(v);
    if (!status)
        status = find_levels(v);
    for (size_t row = 0; !status && row < vmap_table_rows(block); row++)
        status = v->s->distribution ? take_options(v, row) : take_answer(v, row);
    v->from = NULL;
    return status;
}

static void close_pivot(pivot *v)
{
    for (size_t k = 0; v->level && k <= v->s->roles.keys + v->reader->wish_count; k++)
        free(v->level[k]);
    vmap_table_free(v->cell);
    vmap_table_free(v->known);
    free(v->key);
    free(v->options);
    free(v->carried);
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

static vmap_status read_rows(vmap_reader *r, vmap_table **table, vmap_error *err)
{
    vmap_error own;
    pivot v = {.reader = r, .s = r->state, .err = err ? err : &own};
    vmap_status status = want_columns(&v);

    v.s->inner->part = r->part;
    if (!status && (!(v.to = reader_table(r, v.err)) || !(v.cell = reader_table(r, v.err))))
        status = VMAP_ENOMEM;
    if (!status)
        status = stream_inside(v.s->inner, take_block, &v, v.err);
    close_pivot(&v);
    if (status)
        vmap_table_free(v.to);
    else
        *table = v.to;
    return status;
}

const char *vmap_reader_weight(const vmap_reader *r)
{
    const long_state *s = r->state;

    return r->format->read == read_rows && s->distribution ? r->names[r->count - 1] : NULL;
}
