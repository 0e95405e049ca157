#include <config.h>

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/text.h"
#include "data/jsonl_internal.h"
#include "data/jsonl_scan.h"
#include "data/table_internal.h"

/* Lines of JSON become rows. */

/* ---- cells ---- */

/* Piece of an id; false when it has not as many. */
static bool cut_piece(const json_state *s, size_t piece, const char **text, size_t *n)
{
    const char *from = *text, *end = from + *n;

    for (size_t i = 0; i < s->pieces; i++) {
        const char *gap = s->separators[i];
        const char *to = gap ? memmem(from, (size_t)(end - from), gap, strlen(gap)) : end;

        if (!to)
            return false;
        if (i == piece) {
            *text = from;
            *n = (size_t)(to - from);
        }
        from = to + (gap ? strlen(gap) : 0);
    }
    return true;
}

static vmap_status refuse_cell(json_part *p, size_t column, const char *what)
{
    vmap_error_set(&p->err, VMAP_EDATA, "%s", what);
    vmap_error_place(&p->err, p->reader->path, p->line + 1, 0, p->reader->names[column]);
    return VMAP_EDATA;
}

static vmap_status put_string(json_part *p, size_t i, const json_rule *of, const char *text, size_t n)
{
    if (of->piece != JSON_WHOLE && !cut_piece(p->state, of->piece, &text, &n))
        return refuse_cell(p, p->reader->wishes[i].field, "the id has not as many pieces as --id names");
    return reader_put_cell(p->reader, p->table, i, text, n, p->line + 1, &p->err);
}

static vmap_status put_number(json_part *p, size_t i, double x)
{
    char text[32];

    if (p->reader->wishes[i].kind != VMAP_TEXTS)
        return vmap_table_push_number(p->table, i, x, &p->err);
    number_text(text, x, 0);
    return vmap_table_push_text(p->table, i, text, strlen(text), &p->err);
}

static vmap_status put_boolean(json_part *p, size_t i, bool yes)
{
    return reader_put_cell(p->reader, p->table, i, yes ? "true" : "false", yes ? 4 : 5, p->line + 1, &p->err);
}

static vmap_status put_compound(json_part *p, size_t i, const json_t *value)
{
    char *text;
    vmap_status status;

    if (p->reader->wishes[i].kind != VMAP_TEXTS)
        return refuse_cell(p, p->reader->wishes[i].field,
                           "an object or array stands where a number must be; name a field in it with --map");
    text = json_dumps(value, JSON_COMPACT);
    if (!text)
        return vmap_error_set(&p->err, VMAP_ENOMEM, "no memory for a text");
    status = vmap_table_push_text(p->table, i, text, strlen(text), &p->err);
    free(text);
    return status;
}

static vmap_status put_value(json_part *p, size_t i, const json_rule *of, const json_t *value)
{
    if ((!value || json_is_null(value)) && of->otherwise)
        return reader_put_cell(p->reader, p->table, i, of->otherwise, strlen(of->otherwise), p->line + 1, &p->err);
    if (!value || json_is_null(value))
        return vmap_table_push_missing(p->table, i, VMAP_BLANK, &p->err);
    if (json_is_string(value))
        return put_string(p, i, of, json_string_value(value), json_string_length(value));
    if (json_is_number(value))
        return put_number(p, i, json_number_value(value));
    if (json_is_boolean(value))
        return put_boolean(p, i, json_is_true(value));
    return put_compound(p, i, value);
}

/* The value to which the path of a column leads, or the next of its paths. */
static vmap_status put_found(json_part *p, size_t i, const json_rule *of, const json_t *object, size_t element)
{
    const json_t *value = NULL;
    json_t *text = NULL;
    vmap_status status;

    for (const json_rule *at = of; at && (!value || json_is_null(value)); at = at->next)
        value = jsonl_filter(at, jsonl_follow(object, at->steps, at->count, element), &text);
    status = put_value(p, i, of, value);
    json_decref(text);
    return status;
}

static bool may_go_on(json_part *p)
{
    return problems_add(&p->problems, &p->err, p->reader->options.max_errors);
}

static vmap_status put_row(json_part *p, const json_t *object, size_t element)
{
    const vmap_reader *r = p->reader;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < r->wish_count; i++) {
        const json_rule *of = &p->state->rules[r->wishes[i].field];

        status = put_found(p, i, of, object, element);
        if (status && may_go_on(p))
            status = vmap_table_push_missing(p->table, i, VMAP_UNPARSABLE, &p->err);
    }
    return status ? status : table_close_row(p->table, p->line + 1, &p->err);
}

static vmap_status refuse_line(json_part *p, const char *what, int position)
{
    vmap_error_set(&p->err, VMAP_EPARSE, "%s", what);
    vmap_error_place(&p->err, p->reader->path, p->line + 1, position > 0 ? (size_t)position : 1, NULL);
    return may_go_on(p) ? VMAP_SUCCESS : VMAP_EPARSE;
}

/* ---- plain flat objects ---- */

/* False: the key is no column, or stands twice. */
static bool note_field(void *context, const jsonl_field *field)
{
    json_part *p = context;
    size_t count = p->reader->count;

    for (size_t k = 0; k < count; k++) {
        size_t i = p->next + k < count ? p->next + k : p->next + k - count;
        const char *key = p->state->rules[i].steps[0].key;

        if (strncmp(key, field->key, field->key_length) != 0 || key[field->key_length])
            continue;
        if (p->fields[i].line == p->line + 1)
            return false;
        p->fields[i] = (json_found){*field, p->line + 1};
        p->next = i + 1 < count ? i + 1 : 0;
        return true;
    }
    return false;
}

static vmap_status put_field(json_part *p, size_t i, const json_rule *of, const json_found *found)
{
    const jsonl_field *f = &found->field;

    if (found->line != p->line + 1 || f->kind == JSONL_NULL)
        return vmap_table_push_missing(p->table, i, VMAP_BLANK, &p->err);
    if (f->kind == JSONL_STRING)
        return put_string(p, i, of, f->text, f->length);
    return f->kind == JSONL_NUMBER ? put_number(p, i, f->number) : put_boolean(p, i, f->kind == JSONL_TRUE);
}

static vmap_status put_fields(json_part *p)
{
    const vmap_reader *r = p->reader;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < r->wish_count; i++) {
        size_t column = r->wishes[i].field;

        status = put_field(p, i, &p->state->rules[column], &p->fields[column]);
        if (status && may_go_on(p))
            status = vmap_table_push_missing(p->table, i, VMAP_UNPARSABLE, &p->err);
    }
    return status ? status : table_close_row(p->table, p->line + 1, &p->err);
}

static vmap_status take_any_line(json_part *p, const char *text, size_t n)
{
    const json_state *s = p->state;
    json_error_t error;
    json_t *object = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
    size_t rows = 1;
    vmap_status status = VMAP_SUCCESS;

    if (!object)
        return refuse_line(p, error.text, error.position);
    if (!json_is_object(object)) {
        json_decref(object);
        return refuse_line(p, "the line is no JSON object", 1);
    }
    if (s->array) {
        const json_t *array = jsonl_follow(object, s->array->steps, s->each, 0);

        rows = json_array_size(array) ? json_array_size(array) : 1;
    }
    for (size_t i = 0; !status && i < rows; i++)
        status = put_row(p, object, i);
    json_decref(object);
    return status;
}

vmap_status jsonl_take_line(json_part *p, const char *text, size_t n)
{
    if (p->state->plain && !p->fields) {
        p->fields = memory_new(p->reader->count, sizeof *p->fields, &p->err);
        if (!p->fields)
            return VMAP_ENOMEM;
    }
    return p->state->plain && jsonl_scan(text, n, note_field, p) ? put_fields(p) : take_any_line(p, text, n);
}
