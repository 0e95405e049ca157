#include <config.h>
#include "valuemap/read.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "data/reader_internal.h"
#include "data/table_internal.h"

/* A reader: the columns of its file, which of them are wanted, and reading those. */

/* ---- columns ---- */

void reader_trim(const char **s, size_t *n)
{
    while (*n && (**s == ' ' || **s == '\t'))
        ++*s, --*n;
    while (*n && ((*s)[*n - 1] == ' ' || (*s)[*n - 1] == '\t'))
        --*n;
}

/* The part of `CODE: label` before the colon when it is an identifier, else everything. */
static size_t name_length(const char *name, size_t n)
{
    size_t i = 0;

    while (i < n && (name[i] == '_' || (name[i] >= '0' && name[i] <= '9') ||
                     (name[i] >= 'A' && name[i] <= 'Z') || (name[i] >= 'a' && name[i] <= 'z')))
        i++;
    return i > 0 && i + 1 < n && name[i] == ':' && name[i + 1] == ' ' ? i : n;
}

vmap_status reader_add_column(vmap_reader *r, const char *name, size_t n, const char *label, size_t m,
                              vmap_error *err)
{
    vmap_status status = memory_grow(&r->names, &r->names_room, r->count + 1, sizeof(char *), err);

    if (!status)
        status = memory_grow(&r->labels, &r->labels_room, r->count + 1, sizeof(char *), err);
    if (status)
        return status;
    r->names[r->count] = text_copy(n ? name : "", n);
    r->labels[r->count] = text_copy(label ? label : "", label ? m : 0);
    if (r->names[r->count] && r->labels[r->count]) {
        r->count++;
        return VMAP_SUCCESS;
    }
    free(r->names[r->count]);
    free(r->labels[r->count]);
    return vmap_error_set(err, VMAP_ENOMEM, "no memory for a column name");
}

vmap_status reader_add_name(vmap_reader *r, const char *name, size_t n, vmap_error *err)
{
    const char *label;
    size_t length, m;

    reader_trim(&name, &n);
    length = n ? name_length(name, n) : 0;
    label = name + length;
    m = n - length;
    if (m) {
        label++, m--; /* the colon */
        reader_trim(&label, &m);
    }
    return reader_add_column(r, name, length, label, m, err);
}

void reader_describe(vmap_reader *r, const char *format, ...)
{
    size_t used = strlen(r->described);
    va_list args;

    va_start(args, format);
    if (used && used + 3 < sizeof r->described)
        memcpy(r->described + used, ", ", 3), used += 2;
    vsnprintf(r->described + used, sizeof r->described - used, format, args);
    va_end(args);
}

/* ---- what is known of the file ---- */

size_t vmap_reader_columns(const vmap_reader *r)
{
    return r->count;
}

const char *const *vmap_reader_names(const vmap_reader *r)
{
    return (const char *const *)r->names;
}

const char *vmap_reader_label(const vmap_reader *r, size_t column)
{
    return r->labels[column];
}

const char *vmap_reader_format(const vmap_reader *r)
{
    return r->format->name;
}

const vmap_value_label *vmap_reader_value_labels(const vmap_reader *r, size_t column, size_t *count)
{
    *count = r->values ? r->values[column].labels_count : 0;
    return r->values ? r->values[column].labels : NULL;
}

const vmap_range *vmap_reader_missing(const vmap_reader *r, size_t column, size_t *count)
{
    *count = r->values ? r->values[column].missing_count : 0;
    return r->values ? r->values[column].missing : NULL;
}

bool vmap_reader_is_text(const vmap_reader *r, size_t column)
{
    return r->values && r->values[column].texts;
}

const vmap_error *vmap_reader_problems(const vmap_reader *r, size_t *count)
{
    *count = r->problems.count;
    return r->problems.list;
}

size_t vmap_reader_header_line(const vmap_reader *r)
{
    return r->header_line;
}

const char *vmap_reader_dialect(const vmap_reader *r)
{
    return r->described;
}

/* ---- wishes ---- */

static int by_name(const void *a, const void *b, void *context)
{
    const char *const *names = context;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;
    int order = strcmp(names[i], names[j]);

    return order ? order : i < j ? -1 : i > j;
}

/* Of each name the first other place where it stands, its own where there is none. NULL when memory is short. */
static size_t *find_twins(char **names, size_t count, vmap_error *err)
{
    size_t *order = memory_new(count, sizeof *order, err), *twin = memory_new(count, sizeof *twin, err);

    for (size_t i = 0; order && i < count; i++)
        order[i] = i;
    if (order && twin)
        qsort_r(order, count, sizeof *order, by_name, names);
    for (size_t from = 0, to; order && twin && from < count; from = to) {
        for (to = from + 1; to < count && strcmp(names[order[from]], names[order[to]]) == 0; to++)
            twin[order[to]] = order[from];
        twin[order[from]] = order[to > from + 1 ? from + 1 : from];
    }
    if (!order) {
        free(twin);
        twin = NULL;
    }
    free(order);
    return twin;
}

static vmap_status check_name(vmap_reader *r, size_t field, vmap_error *err)
{
    size_t twin;

    if (!r->twin && !(r->twin = find_twins(r->names, r->count, err)))
        return VMAP_ENOMEM;
    twin = r->twin[field];
    if (twin == field)
        return VMAP_SUCCESS;
    vmap_error_set(err, VMAP_EDATA, "the file has two columns of this name (%zu and %zu)",
                   (twin < field ? twin : field) + 1, (twin < field ? field : twin) + 1);
    vmap_error_place(err, r->path, r->header_line, 0, r->names[field]);
    return VMAP_EDATA;
}

vmap_status vmap_reader_want(vmap_reader *r, size_t field, vmap_kind kind, const char *as,
                             const char *allowed, vmap_error *err)
{
    vmap_status status = check_name(r, field, err);
    wish *w;

    if (!status)
        status = memory_grow(&r->wishes, &r->wish_room, r->wish_count + 1, sizeof(wish), err);
    if (status)
        return status;
    w = &r->wishes[r->wish_count];
    memset(w, 0, sizeof *w);
    w->field = field;
    w->kind = kind;
    w->as = text_copy(as, strlen(as));
    w->allowed = allowed ? text_copy(allowed, strlen(allowed)) : NULL;
    r->wish_count++;
    return w->as && (w->allowed || !allowed)
               ? VMAP_SUCCESS
               : vmap_error_set(err, VMAP_ENOMEM, "no memory for a column name");
}

vmap_status reader_wish_words(wish *w, const vmap_word *words, size_t count, vmap_error *err)
{
    w->words = memory_new(count, sizeof *w->words, err);
    if (!w->words)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        known_word *word = &w->words[w->words_count];
        size_t n = strlen(words[i].text);

        word->text = text_copy(words[i].text, n);
        word->folded = text_fold(words[i].text, n);
        word->value = words[i].value;
        word->why = words[i].why;
        if (!word->text || !word->folded) {
            free(word->text);
            free(word->folded);
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for the label '%s'", words[i].text);
        }
        w->words_count++;
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_reader_words(vmap_reader *r, const vmap_word *words, size_t count, vmap_error *err)
{
    return reader_wish_words(&r->wishes[r->wish_count - 1], words, count, err);
}

void vmap_reader_judge(vmap_reader *r, vmap_judge judge, void *context)
{
    r->wishes[r->wish_count - 1].judge = judge;
    r->wishes[r->wish_count - 1].judge_context = context;
}

vmap_table *reader_part(const vmap_reader *r, vmap_error *err)
{
    vmap_table *table = vmap_table_new(err);

    for (size_t i = 0; table && i < r->wish_count; i++) {
        if (table_add_new(table, r->wishes[i].as, r->wishes[i].kind, err)) {
            vmap_table_free(table);
            return NULL;
        }
    }
    return table;
}

/* Has every wish a name of its own? */
static vmap_status check_wishes(const vmap_reader *r, vmap_error *err)
{
    char **names = memory_new(r->wish_count, sizeof *names, err);
    size_t *twin = NULL;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; names && i < r->wish_count; i++)
        names[i] = r->wishes[i].as;
    if (names)
        twin = find_twins(names, r->wish_count, err);
    for (size_t i = 0; twin && !status && i < r->wish_count; i++) {
        if (twin[i] != i)
            status = vmap_error_set(err, VMAP_EINVAL, "there are two columns named '%s'", names[i]);
    }
    if (!twin)
        status = VMAP_ENOMEM;
    free(twin);
    free(names);
    return status;
}

static int by_field(const void *a, const void *b, void *context)
{
    const wish *wishes = context;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;

    if (wishes[i].field != wishes[j].field)
        return wishes[i].field < wishes[j].field ? -1 : 1;
    return i < j ? -1 : i > j;
}

size_t *reader_order(const vmap_reader *r, vmap_error *err)
{
    size_t *order = memory_new(r->wish_count, sizeof *order, err);

    for (size_t i = 0; order && i < r->wish_count; i++)
        order[i] = i;
    if (order)
        qsort_r(order, r->wish_count, sizeof *order, by_field, r->wishes);
    return order;
}

vmap_table *reader_table(const vmap_reader *r, vmap_error *err)
{
    return check_wishes(r, err) ? NULL : reader_part(r, err);
}

/* ---- reading ---- */

bool problems_add(problems *list, const vmap_error *err, size_t most)
{
    vmap_error *more;

    if (err->status != VMAP_EDATA && err->status != VMAP_EPARSE)
        return false;
    more = reallocarray(list->list, list->count + 1, sizeof *more);
    if (!more)
        return false;
    list->list = more;
    more[list->count++] = *err;
    return list->count < most;
}

/* What came of reading `rows` rows. */
static vmap_status conclude(const vmap_reader *r, vmap_status status, size_t rows, vmap_error *err)
{
    vmap_status changed = reader_unchanged(r, err); /* explains whatever else was wrong */

    if (changed)
        return changed;
    if (r->problems.count) {
        status = r->problems.list[0].status;
        if (err)
            *err = r->problems.list[0];
    } else if (!status && rows == 0) {
        status = vmap_error_set(err, VMAP_EDATA, "the file has a header but no rows");
        vmap_error_place(err, r->path, 0, 0, NULL);
    }
    return status;
}

typedef struct {
    reader_block block;
    void *context;
    size_t rows;
} stream;

static vmap_status count_block(void *context, vmap_table *block, vmap_error *err)
{
    stream *s = context;

    s->rows += vmap_table_rows(block);
    return s->block(s->context, block, err);
}

vmap_status reader_stream(vmap_reader *r, reader_block block, void *context, vmap_error *err)
{
    stream s = {block, context, 0};
    vmap_table *all = NULL;
    vmap_status status;

    if (r->format->stream) {
        r->share = 0;
        status = r->format->stream(r, count_block, &s, err);
        return conclude(r, status, s.rows, err);
    }
    status = vmap_reader_read(r, &all, err);
    if (!status)
        status = block(context, all, err);
    vmap_table_free(all);
    return status;
}

bool reader_streams(const vmap_reader *r)
{
    return r->format->stream != NULL;
}

vmap_status reader_glance(vmap_reader *r, bool (*chosen)(const void *context, const char *as), reader_block block, void *context,
                          bool *readable, vmap_error *err)
{
    wish *all = r->wishes, *some = memory_new(r->wish_count, sizeof *some, err);
    size_t count = r->wish_count, few = 0;
    vmap_status status = some ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; some && i < count; i++) {
        if (chosen(context, all[i].as))
            some[few++] = all[i];
    }
    *readable = true;
    if (few) {
        r->wishes = some;
        r->wish_count = few;
        status = reader_stream(r, block, context, NULL);
        r->wishes = all;
        r->wish_count = count;
        r->problems.count = 0;
        *readable = !status;
        status = VMAP_SUCCESS;
    }
    free(some);
    return status;
}

typedef struct {
    vmap_reader *reader;
    vmap_table *table;
} collection;

/* How many rows the file has is told by the share of it that has been read, so that room is made once. */
static vmap_status collect(void *context, vmap_table *block, vmap_error *err)
{
    const collection *c = context;
    size_t rows = vmap_table_rows(c->table) + vmap_table_rows(block);
    double share = c->reader->share;
    size_t expected = share > 0 && share < 1 ? (size_t)((double)rows / share * 1.02) + 64 : rows;

    return table_append(c->table, block, expected, c->reader->options.threads, err);
}

static vmap_status read_blocks(vmap_reader *r, vmap_table **table, vmap_error *err)
{
    collection c = {.reader = r, .table = reader_table(r, err)};
    vmap_status status = c.table ? reader_stream(r, collect, &c, err) : VMAP_ENOMEM;

    if (status)
        vmap_table_free(c.table);
    else
        *table = c.table;
    return status;
}

vmap_status vmap_reader_read(vmap_reader *reader, vmap_table **table, vmap_error *err)
{
    vmap_table *read = NULL;
    vmap_status status;

    if (!reader->format->read)
        return read_blocks(reader, table, err);
    status = reader->format->read(reader, &read, err);
    status = conclude(reader, status, status ? 0 : vmap_table_rows(read), err);
    if (status)
        vmap_table_free(read);
    else
        *table = read;
    return status;
}

vmap_status vmap_reader_refuse(vmap_reader *reader, vmap_error *err)
{
    vmap_error broken = {0}, refusal = *err;
    vmap_table *table = NULL;

    if (vmap_reader_read(reader, &table, &broken) == VMAP_EPARSE) {
        *err = broken;
        return broken.status;
    }
    vmap_table_free(table);
    for (size_t c = 0; c < reader->count; c++) {
        if (!strchr(reader->names[c], '\n'))
            continue;
        vmap_error_set(err, refusal.status, "%s; the name of column %zu runs over several lines: is its quote closed?",
                       refusal.message, c + 1);
        vmap_error_place(err, refusal.file, refusal.line, refusal.position, refusal.column);
        break;
    }
    return refusal.status;
}
