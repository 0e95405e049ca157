#include <config.h>

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/text.h"
#include "data/jsonl_scan.h"
#include "data/reader_internal.h"
#include "data/table_internal.h"

/* Reading JSON Lines: an object a line. A line break cannot stand inside a JSON string, so that the file is
 * divided at line breaks and threads take the parts. The names of the columns of flat objects are found by a plain
 * scan of the keys. A line that is a plain flat object is read where it stands (jsonl_scan.h); every other line, and
 * every line of a file with paths, goes to jansson. */

enum {
    WINDOW = 1 << 18,
    COLUMNS_MAX = 20000, /* different keys of flat objects */
    STEPS_MAX = 32,
    PIECES_MAX = 32
};

/* One step of a path: a key, the index of an element, or each element. */
typedef struct {
    char *key;    /* NULL: an element */
    size_t index; /* EACH: all of them */
} step;

#define EACH SIZE_MAX

/* Where a column comes from. */
typedef struct {
    step *steps;
    size_t count;
    size_t piece; /* of the text there, WHOLE: all of it */
    const char *otherwise; /* what stands for a value that is not there; NULL: it is blank */
} rule;

#define WHOLE SIZE_MAX

typedef struct {
    off_t start, size;
    rule *rules; /* of each column */
    size_t rules_room;
    char *separators[PIECES_MAX]; /* of the pieces of an id: what stands after piece i; the last is NULL */
    size_t pieces;
    size_t each; /* steps before [] in the paths that have it; 0: none has */
    const rule *array; /* one of them */
    bool plain; /* every column is a key of the object itself */
} json_state;

/* ---- paths ---- */

static bool add_step(rule *to, const char *key, size_t n, vmap_error *err)
{
    step *s = &to->steps[to->count];
    char *end;

    if (to->count == STEPS_MAX)
        return vmap_error_set(err, VMAP_EINVAL, "a path has at most %d steps", STEPS_MAX), false;
    s->key = text_copy(key, n);
    if (!s->key)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a path"), false;
    if (n && strspn(s->key, "0123456789") == n && n < 9) {
        s->index = strtoul(s->key, &end, 10);
        free(s->key);
        s->key = NULL;
    }
    to->count++;
    return true;
}

/* "response.body.choices[].message.content" */
static vmap_status parse_path(rule *to, const char *path, vmap_error *err)
{
    to->piece = WHOLE;
    to->steps = memory_new(STEPS_MAX, sizeof *to->steps, err);
    if (!to->steps)
        return VMAP_ENOMEM;
    while (*path) {
        size_t n = strcspn(path, ".[");

        if (n && !add_step(to, path, n, err))
            return err ? err->status : VMAP_EINVAL;
        if (n == 0 && *path != '[')
            break;
        path += n;
        if (strncmp(path, "[]", 2) == 0 && to->count < STEPS_MAX) {
            to->steps[to->count++].index = EACH;
            path += 2;
        } else if (*path == '[') {
            break;
        }
        if (*path == '.' && path[1])
            path++;
        else if (*path)
            break;
    }
    if (*path || to->count == 0)
        return vmap_error_set(err, VMAP_EINVAL,
                              "'%s' is no path; it is keys and numbers with dots between them, and [] for every "
                              "element: response.body.choices[].message.content",
                              path);
    return VMAP_SUCCESS;
}

static const json_t *follow(const json_t *at, const step *steps, size_t count, size_t element)
{
    for (size_t i = 0; at && i < count; i++) {
        if (steps[i].key)
            at = json_object_get(at, steps[i].key);
        else if (json_is_object(at)) { /* a key of digits */
            char key[16];

            snprintf(key, sizeof key, "%zu", steps[i].index);
            at = json_object_get(at, key);
        } else {
            at = json_array_get(at, steps[i].index == EACH ? element : steps[i].index);
        }
    }
    return at;
}

/* ---- columns ---- */

static vmap_status add_rule(vmap_reader *r, const char *name, size_t n, rule **added, vmap_error *err)
{
    json_state *s = r->state;
    vmap_status status = memory_grow(&s->rules, &s->rules_room, r->count + 1, sizeof *s->rules, err);

    if (status)
        return status;
    *added = &s->rules[r->count];
    memset(*added, 0, sizeof **added);
    (*added)->piece = WHOLE;
    return reader_add_column(r, name, n, NULL, 0, err);
}

static vmap_status add_key(vmap_reader *r, const char *key, size_t n, vmap_error *err)
{
    rule *to = NULL;
    vmap_status status = add_rule(r, key, n, &to, err);

    if (status)
        return status;
    to->steps = memory_new(1, sizeof *to->steps, err);
    if (!to->steps)
        return VMAP_ENOMEM;
    to->steps[0].key = text_copy(key, n);
    to->count = 1;
    return to->steps[0].key ? VMAP_SUCCESS : vmap_error_set(err, VMAP_ENOMEM, "no memory for a column name");
}

static bool has_column(const vmap_reader *r, const char *name, size_t n)
{
    for (size_t i = 0; i < r->count; i++) {
        if (strlen(r->names[i]) == n && memcmp(r->names[i], name, n) == 0)
            return true;
    }
    return false;
}

/* "COLUMN=path" */
static vmap_status add_mapping(vmap_reader *r, const char *text, vmap_error *err)
{
    const char *equals = strchr(text, '=');
    rule *to = NULL;
    vmap_status status;

    if (!equals || equals == text || !equals[1])
        return vmap_error_set(err, VMAP_EINVAL, "'%s' maps nothing; write COLUMN=path.to.field", text);
    if (has_column(r, text, (size_t)(equals - text)))
        return VMAP_SUCCESS; /* the first one counts: a piece of the id, what the user says */
    status = add_rule(r, text, (size_t)(equals - text), &to, err);
    return status ? status : parse_path(to, equals + 1, err);
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* "custom_id=model|persona|item|rep" */
static vmap_status add_pieces(vmap_reader *r, const char *text, vmap_error *err)
{
    json_state *s = r->state;
    const char *at = strchr(text, '=');
    char *path = at ? text_copy(text, (size_t)(at - text)) : NULL;
    vmap_status status = VMAP_SUCCESS;

    while (path && !status && at && *at && s->pieces < PIECES_MAX) {
        size_t n = 0, gap = 0;
        rule *to = NULL;

        at++;
        while (is_word(at[n]))
            n++;
        while (at[n + gap] && !is_word(at[n + gap]))
            gap++;
        if (n == 0)
            break;
        status = add_rule(r, at, n, &to, err);
        if (!status)
            status = parse_path(to, path, err);
        if (!status)
            to->piece = s->pieces;
        at += n + gap - 1;
        s->separators[s->pieces++] = at[1] ? text_copy(at - gap + 1, gap) : NULL;
        if (!at[1])
            at = NULL;
    }
    free(path);
    if (!status && (!path || at || s->pieces < 2))
        status = vmap_error_set(err, VMAP_EINVAL,
                                "'%s' divides nothing; write COLUMN=NAME|NAME|NAME with the separators that the file "
                                "has",
                                text);
    return status;
}

/* All paths with [] must lead through the same array. */
static vmap_status find_array(vmap_reader *r, vmap_error *err)
{
    json_state *s = r->state;

    for (size_t i = 0; i < r->count; i++) {
        for (size_t k = 0; k < s->rules[i].count; k++) {
            if (s->rules[i].steps[k].key || s->rules[i].steps[k].index != EACH)
                continue;
            for (size_t m = 0; s->array && m < k; m++) {
                const char *one = s->array->steps[m].key, *other = s->rules[i].steps[m].key;

                if (s->each != k || !one != !other || (one && strcmp(one, other) != 0))
                    return vmap_error_set(err, VMAP_EINVAL, "the paths go through two different arrays with []");
            }
            if (s->array && s->each != k)
                return vmap_error_set(err, VMAP_EINVAL, "the paths go through two different arrays with []");
            s->each = k;
            s->array = &s->rules[i];
        }
    }
    return VMAP_SUCCESS;
}

/* ---- lines ---- */

/* The last field of a column, and the line that it stands in, from 1; 0: none yet. */
typedef struct {
    jsonl_field field;
    size_t line;
} found_field;

typedef struct json_part json_part;
typedef vmap_status line_function(json_part *p, const char *text, size_t n);

struct json_part {
    vmap_reader *reader;
    const json_state *state;
    line_function *each;
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
    found_field *fields; /* of each column */
    size_t next;         /* the column whose key is expected */
};

static bool is_blank_line(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strchr(" \t\r", text[i]) || !text[i])
            return false;
    }
    return true;
}

/* The bytes at hand, and where they lie in the file. */
typedef struct {
    char *text;
    size_t room, n;
    off_t at; /* of the first of them */
    bool last; /* the file ends with them */
} json_window;

/* Fill the window up; false with the status of the part set when that fails. */
static bool fill(json_part *p, json_window *w)
{
    ssize_t got;

    if (w->n == w->room) {
        char *more = realloc(w->text, w->room *= 2);

        if (!more) {
            p->status = vmap_error_set(&p->err, VMAP_ENOMEM, "no memory for a line");
            return false;
        }
        w->text = more;
    }
    got = reader_bytes(p->reader, w->text + w->n, w->room - w->n, w->at + (off_t)w->n);
    if (got < 0) {
        p->status = reader_fail_io(p->reader->path, "read the file", &p->err);
        return false;
    }
    w->n += (size_t)got;
    w->last = w->n < w->room;
    return true;
}

/* Show the lines of the window to the function of the part, but for the first `skip` of them; false when the next one is
 * another part's, or fails. What is left of the window moves to its front. */
static bool take_window(json_part *p, json_window *w, size_t *skip)
{
    size_t done = 0;
    bool mine = true;

    while (done < w->n && !p->status) {
        const char *end = memchr(w->text + done, '\n', w->n - done);
        size_t length = end ? (size_t)(end - w->text) - done : w->n - done;

        if (!end && !w->last)
            break;
        mine = *skip || w->at + (off_t)done < p->to;
        if (!mine)
            break;
        if (*skip)
            --*skip;
        else {
            if (!is_blank_line(w->text + done, length))
                p->status = p->each(p, w->text + done, length);
            p->line++;
        }
        done += length + (end != NULL);
    }
    w->n -= done;
    w->at += (off_t)done;
    memmove(w->text, w->text + done, w->n);
    return mine && !p->status;
}

/* Show every line of the part to its function. A part other than the first begins after the line in which its first byte
 * lies, or the newline before that. */
static void read_part(json_part *p)
{
    size_t skip = p->from > p->state->start;
    json_window w = {.room = WINDOW, .at = p->from - (off_t)skip};

    w.text = malloc(w.room);
    if (!w.text)
        p->status = vmap_error_set(&p->err, VMAP_ENOMEM, "no memory for a line");
    while (w.text && !w.last && fill(p, &w)) {
        if (!take_window(p, &w, &skip))
            break;
    }
    p->lines = p->line;
    free(w.text);
}

static void read_task(void *context, size_t i)
{
    json_part *p = (json_part *)context + i;

    read_part(p);
    free(p->fields);
    p->fields = NULL;
}

static json_part *make_parts(vmap_reader *r, line_function *each, size_t *count, vmap_error *err)
{
    const json_state *s = r->state;
    json_part *parts;

    *count = (size_t)(s->size - s->start) / r->part + 1;
    parts = memory_new(*count, sizeof *parts, err);
    for (size_t i = 0; parts && i < *count; i++) {
        parts[i] = (json_part){.reader = r, .state = s, .each = each};
        parts[i].from = s->start + (off_t)(i * r->part);
        parts[i].to = i + 1 == *count ? s->size : parts[i].from + (off_t)r->part;
    }
    return parts;
}

/* Free what a part has found. */
static void clear_part(json_part *p)
{
    for (size_t k = 0; k < p->names_count; k++)
        free(p->names[k]);
    free(p->names);
    free(p->hashes);
    free(p->problems.list);
    vmap_table_free(p->table);
    *p = (json_part){.reader = p->reader, .state = p->state};
}

static void free_parts(json_part *parts, size_t count)
{
    for (size_t i = 0; parts && i < count; i++)
        clear_part(&parts[i]);
    free(parts);
}

/* ---- the keys of flat objects ---- */

static uint32_t hash(const char *text, size_t n)
{
    uint32_t h = 2166136261U;

    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)text[i]) * 16777619U;
    return h;
}

static vmap_status note_key(json_part *p, const char *key, size_t n)
{
    uint32_t h = hash(key, n);
    vmap_status status;

    for (size_t k = 0; k < p->names_count; k++) {
        size_t i = p->hint + k < p->names_count ? p->hint + k : p->hint + k - p->names_count;

        if (p->hashes[i] == h && strncmp(p->names[i], key, n) == 0 && p->names[i][n] == '\0') {
            p->hint = i + 1 < p->names_count ? i + 1 : 0;
            return VMAP_SUCCESS;
        }
    }
    if (p->names_count == COLUMNS_MAX)
        return vmap_error_set(&p->err, VMAP_EDATA,
                              "the objects have more than %d different keys; this is no table", COLUMNS_MAX);
    status = memory_grow(&p->names, &p->names_room, p->names_count + 1, sizeof *p->names, &p->err);
    if (!status)
        status = memory_grow(&p->hashes, &p->hashes_room, p->names_count + 1, sizeof *p->hashes, &p->err);
    if (status)
        return status;
    p->hashes[p->names_count] = h;
    p->names[p->names_count] = text_copy(key, n);
    return p->names[p->names_count++] ? VMAP_SUCCESS
                                      : vmap_error_set(&p->err, VMAP_ENOMEM, "no memory for a column name");
}

/* Keys with escapes are jansson's work; what is no object fails when it is read. */
static vmap_status note_keys_plainly(json_part *p, const char *text, size_t n)
{
    json_t *object = json_loadb(text, n, 0, NULL), *value;
    const char *key;
    vmap_status status = VMAP_SUCCESS;

    json_object_foreach(object, key, value) {
        if (!status)
            status = note_key(p, key, strlen(key));
    }
    json_decref(object);
    return status;
}

/* The place after the string that begins at s[i]; n when it does not end. */
static size_t after_string(const char *s, size_t n, size_t i, bool *escapes)
{
    for (i++; i < n && s[i] != '"'; i++) {
        if (s[i] == '\\') {
            *escapes = true;
            i++;
        }
    }
    return i < n ? i + 1 : n;
}

static vmap_status note_keys(json_part *p, const char *s, size_t n)
{
    int depth = 0;
    bool key = true, escapes = false;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; i < n && !status;) {
        size_t from = i + 1;

        switch (s[i]) {
        case '"':
            escapes = false;
            i = after_string(s, n, i, &escapes);
            if (depth == 1 && key && i - from >= 1) {
                if (escapes)
                    return note_keys_plainly(p, s, n);
                status = note_key(p, s + from, i - 1 - from);
                key = false;
            }
            continue;
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            depth--;
            break;
        case ',':
            key = key || depth == 1;
            break;
        default:
            break;
        }
        i++;
    }
    return status;
}

static vmap_status find_keys(vmap_reader *r, vmap_error *err)
{
    size_t count = 0;
    json_part *parts = make_parts(r, note_keys, &count, err);
    json_part all = {.reader = r};
    vmap_status status = parts ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (parts)
        parallel_for(count, r->options.threads, read_task, parts);
    for (size_t i = 0; !status && i < count; i++) {
        status = parts[i].status;
        if (status && err)
            *err = parts[i].err;
        for (size_t k = 0; !status && k < parts[i].names_count; k++) {
            status = note_key(&all, parts[i].names[k], strlen(parts[i].names[k]));
            if (status && err)
                *err = all.err;
        }
    }
    for (size_t k = 0; k < all.names_count; k++) {
        if (!status && !has_column(r, all.names[k], strlen(all.names[k])))
            status = add_key(r, all.names[k], strlen(all.names[k]), err);
        free(all.names[k]);
    }
    free(all.names);
    free(all.hashes);
    free_parts(parts, count);
    return status;
}

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

static vmap_status put_string(json_part *p, size_t i, const rule *of, const char *text, size_t n)
{
    if (of->piece != WHOLE && !cut_piece(p->state, of->piece, &text, &n))
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

static vmap_status put_value(json_part *p, size_t i, const rule *of, const json_t *value)
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

static bool may_go_on(json_part *p)
{
    return problems_add(&p->problems, &p->err, p->reader->options.max_errors);
}

static vmap_status put_row(json_part *p, const json_t *object, size_t element)
{
    const vmap_reader *r = p->reader;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < r->wish_count; i++) {
        const rule *of = &p->state->rules[r->wishes[i].field];

        status = put_value(p, i, of, follow(object, of->steps, of->count, element));
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
        p->fields[i] = (found_field){*field, p->line + 1};
        p->next = i + 1 < count ? i + 1 : 0;
        return true;
    }
    return false;
}

static vmap_status put_field(json_part *p, size_t i, const rule *of, const found_field *found)
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
        const json_t *array = follow(object, s->array->steps, s->each, 0);

        rows = json_array_size(array) ? json_array_size(array) : 1;
    }
    for (size_t i = 0; !status && i < rows; i++)
        status = put_row(p, object, i);
    json_decref(object);
    return status;
}

static vmap_status take_line(json_part *p, const char *text, size_t n)
{
    if (p->state->plain && !p->fields) {
        p->fields = memory_new(p->reader->count, sizeof *p->fields, &p->err);
        if (!p->fields)
            return VMAP_ENOMEM;
    }
    return p->state->plain && jsonl_scan(text, n, note_field, p) ? put_fields(p) : take_any_line(p, text, n);
}

/* ---- all lines ---- */

/* Is every column a key of the object itself, with all of its text? */
static bool is_plain(const vmap_reader *r)
{
    const json_state *s = r->state;

    for (size_t i = 0; i < r->count; i++) {
        const rule *of = &s->rules[i];

        if (of->count != 1 || !of->steps[0].key || of->piece != WHOLE || of->otherwise)
            return false;
    }
    return true;
}

/* Take over what was wrong in a part, whose first line is `line`, counted from 0. */
static vmap_status check_part(vmap_reader *r, json_part *p, size_t line, vmap_error *err)
{
    for (size_t k = 0; k < p->problems.count; k++) {
        p->problems.list[k].line += line;
        if (!problems_add(&r->problems, &p->problems.list[k], r->options.max_errors))
            return p->problems.list[k].status;
    }
    if (p->status && err)
        *err = p->err;
    return p->status;
}

/* Hand on the rows of a part, unless something was wrong in it, and take what it holds away. */
static vmap_status hand_on(vmap_reader *r, json_part *p, size_t *line, reader_block block, void *context, vmap_error *err)
{
    vmap_status status = check_part(r, p, *line, err);
    vmap_table *t = p->table;

    for (size_t i = 0; !status && i < t->rows; i++)
        t->line[i] = *line + t->line[i] > UINT32_MAX ? 0 : (uint32_t)(*line + t->line[i]);
    *line += p->lines;
    r->share = (double)p->to / (double)p->state->size;
    if (!status && t->rows)
        status = block(context, t, err);
    clear_part(p);
    return status;
}

static vmap_status stream_lines(vmap_reader *r, reader_block block, void *context, vmap_error *err)
{
    unsigned threads = r->options.threads ? r->options.threads : parallel_processors();
    size_t count = 0, to, at_once = threads > 1 ? 2 * threads : 1, line = 0;
    json_part *parts;
    vmap_status status;

    ((json_state *)r->state)->plain = is_plain(r);
    parts = make_parts(r, take_line, &count, err);
    status = parts ? VMAP_SUCCESS : VMAP_ENOMEM;
    for (size_t from = 0; !status && from < count; from = to) {
        to = from + at_once < count ? from + at_once : count;
        for (size_t i = from; !status && i < to; i++) {
            parts[i].table = reader_part(r, err);
            status = parts[i].table ? VMAP_SUCCESS : VMAP_ENOMEM;
        }
        if (!status)
            parallel_for(to - from, threads, read_task, parts + from);
        for (size_t i = from; !status && i < to; i++)
            status = hand_on(r, &parts[i], &line, block, context, err);
    }
    free_parts(parts, count);
    return status;
}

static void close_state(vmap_reader *r)
{
    json_state *s = r->state;

    for (size_t i = 0; i < r->count; i++) {
        for (size_t k = 0; k < s->rules[i].count; k++)
            free(s->rules[i].steps[k].key);
        free(s->rules[i].steps);
    }
    for (size_t i = 0; i < s->pieces; i++)
        free(s->separators[i]);
    free(s->rules);
    free(s);
}

/* ---- opening ---- */

static const reader_format jsonl_format = {"JSON Lines", NULL, close_state, stream_lines};

bool jsonl_knows(const char *head, size_t n)
{
    size_t i = n >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;

    while (i < n && (head[i] == ' ' || head[i] == '\t' || head[i] == '\r' || head[i] == '\n'))
        i++;
    return i < n && head[i] == '{';
}

/* Do the lines come from a batch of requests to a language model? */
static bool is_batch(const vmap_reader *r)
{
    return has_column(r, "custom_id", 9) && has_column(r, "response", 8);
}

/* The output of a batch of the OpenAI API: response.body is a chat completion. */
static const char *const batch[] = {"custom_id=custom_id",
                                    "model=response.body.model",
                                    "choice=response.body.choices[].index",
                                    "raw=response.body.choices[].message.content",
                                    "refusal=response.body.choices[].message.refusal",
                                    "status=response.status_code",
                                    "error=error.message"};

static void forget_columns(vmap_reader *r, size_t kept)
{
    json_state *s = r->state;

    while (r->count > kept) {
        r->count--;
        free(r->names[r->count]);
        free(r->labels[r->count]);
        for (size_t k = 0; k < s->rules[r->count].count; k++)
            free(s->rules[r->count].steps[k].key);
        free(s->rules[r->count].steps);
    }
}

static vmap_status find_columns(vmap_reader *r, vmap_error *err)
{
    const vmap_read_options *o = &r->options;
    size_t kept;
    vmap_status status = o->id ? add_pieces(r, o->id, err) : VMAP_SUCCESS;

    kept = r->count;
    for (size_t i = 0; !status && i < o->map_count; i++)
        status = add_mapping(r, o->map[i], err);
    if (status || o->map_count)
        return status;
    status = find_keys(r, err);
    if (status || !is_batch(r))
        return status;
    forget_columns(r, kept);
    reader_describe(r, "OpenAI batch output");
    r->options.text_answers = true; /* a message is never anything else */
    for (size_t i = 0; !status && i < sizeof batch / sizeof *batch; i++) {
        status = add_mapping(r, batch[i], err);
        if (!status && strncmp(batch[i], "choice=", 7) == 0) /* a request that failed has none */
            ((json_state *)r->state)->rules[r->count - 1].otherwise = "0";
    }
    return status;
}

vmap_status jsonl_open(vmap_reader *r, vmap_error *err)
{
    json_state *s = memory_new(1, sizeof *s, err);
    char mark[3];
    struct stat info;
    vmap_status status;

    if (!s)
        return VMAP_ENOMEM;
    r->state = s;
    r->format = &jsonl_format;
    if (fstat(r->fd, &info))
        return reader_fail_io(r->path, "read the file", err);
    s->size = info.st_size;
    s->start = reader_bytes(r, mark, 3, 0) == 3 && memcmp(mark, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    status = find_columns(r, err);
    if (!status)
        status = find_array(r, err);
    if (!status && r->count == 0)
        status = vmap_error_set(err, VMAP_EPARSE, "the objects have no keys");
    if (status)
        vmap_error_place(err, r->path, 0, 0, NULL);
    else
        reader_describe(r, "%zu columns", r->count);
    return status;
}
