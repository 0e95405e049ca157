#include <config.h>
#include "valuemap/report.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "report/report_internal.h"

vmap_report *vmap_report_new(vmap_error *err)
{
    return memory_new(1, sizeof(vmap_report), err);
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

static void free_table(vmap_report_table *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->columns_count; i++) {
        free(t->columns[i].name);
        free(t->columns[i].heading);
    }
    for (size_t i = 0; i < t->cells_count; i++)
        free(t->cells[i].text);
    free_texts(t->notes, t->notes_count);
    free(t->columns);
    free(t->cells);
    free(t->name);
    free(t->title);
    free(t);
}

void vmap_report_free(vmap_report *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->tables_count; i++)
        free_table(r->tables[i]);
    free_texts(r->provenance, r->provenance_count);
    free(r->tables);
    free(r);
}

/* A cleaned copy of a text of any length; NULL when memory is short. */
static char *clean_copy(const char *text)
{
    size_t room = 3 * strlen(text) + 8; /* a bad byte becomes three */
    char *copy = malloc(room);

    if (copy)
        text_clean(copy, room, text);
    return copy;
}

/* Format, clean and append a sentence to a list. */
__attribute__((format(printf, 4, 0))) static bool
add_sentence(char ***list, size_t *count, size_t *room, const char *format, va_list args)
{
    char *raw = NULL, *clean = NULL;

    if (vasprintf(&raw, format, args) < 0)
        return false;
    clean = clean_copy(raw);
    free(raw);
    if (!clean || memory_grow(list, room, *count + 1, sizeof **list, NULL)) {
        free(clean);
        return false;
    }
    (*list)[(*count)++] = clean;
    return true;
}

void vmap_report_provenance(vmap_report *r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    r->failed |=
        !add_sentence(&r->provenance, &r->provenance_count, &r->provenance_room, format, args);
    va_end(args);
}

size_t vmap_report_provenance_count(const vmap_report *r)
{
    return r->provenance_count;
}

const char *vmap_report_provenance_line(const vmap_report *r, size_t i)
{
    return r->provenance[i];
}

vmap_report_table *vmap_report_add(vmap_report *r, const char *name, const char *title)
{
    vmap_report_table *t = calloc(1, sizeof *t);

    if (t) {
        t->name = text_copy(name, strlen(name));
        t->title = clean_copy(title);
    }
    if (!t || !t->name || !t->title ||
        memory_grow(&r->tables, &r->tables_room, r->tables_count + 1, sizeof *r->tables, NULL)) {
        free_table(t);
        r->failed = true;
        return NULL;
    }
    r->tables[r->tables_count++] = t;
    return t;
}

size_t vmap_report_tables(const vmap_report *r)
{
    return r->tables_count;
}

vmap_report_table *vmap_report_get(const vmap_report *r, size_t i)
{
    return r->tables[i];
}

vmap_report_table *vmap_report_find(const vmap_report *r, const char *name)
{
    for (size_t i = 0; i < r->tables_count; i++) {
        if (strcmp(r->tables[i]->name, name) == 0)
            return r->tables[i];
    }
    return NULL;
}

const char *vmap_report_name(const vmap_report_table *t)
{
    return t->name;
}

const char *vmap_report_title(const vmap_report_table *t)
{
    return t->title;
}

size_t vmap_report_rows(const vmap_report_table *t)
{
    return t->columns_count ? t->cells_count / t->columns_count : 0;
}

/* A key gives way to a column of the table's own: `country` becomes `group_country`. */
static void rename_key(vmap_report_table *t, report_column *key)
{
    char *name = text_format("group_%s", key->name);

    if (name) {
        free(key->name);
        key->name = name;
    } else {
        t->failed = true;
    }
}

static void add_column(vmap_report_table *t, const char *name, vmap_cell_kind kind, int decimals,
                       bool key)
{
    report_column c = {.kind = kind, .decimals = decimals, .key = key};

    if (!t)
        return;
    c.name = clean_copy(name);
    if (!c.name || memory_grow(&t->columns, &t->columns_room, t->columns_count + 1,
                               sizeof *t->columns, NULL)) {
        free(c.name);
        t->failed = true;
        return;
    }
    for (size_t i = 0; i < t->columns_count; i++) {
        if (strcmp(t->columns[i].name, c.name) == 0 && t->columns[i].key != key)
            rename_key(t, key ? &c : &t->columns[i]);
    }
    t->columns[t->columns_count++] = c;
}

void vmap_report_column(vmap_report_table *t, const char *name, vmap_cell_kind kind, int decimals)
{
    add_column(t, name, kind, decimals, false);
}

void vmap_report_key(vmap_report_table *t, const char *name)
{
    add_column(t, name, VMAP_CELL_TEXT, 0, true);
}

void vmap_report_bounded(vmap_report_table *t)
{
    if (t && t->columns_count)
        t->columns[t->columns_count - 1].bounded = true;
}

void vmap_report_blank(vmap_report_table *t, double cut)
{
    if (t && t->columns_count)
        t->columns[t->columns_count - 1].blank = cut;
}

void vmap_report_strong(vmap_report_table *t, double cut)
{
    if (t && t->columns_count)
        t->columns[t->columns_count - 1].strong = cut;
}

void vmap_report_optional(vmap_report_table *t)
{
    if (t && t->columns_count)
        t->columns[t->columns_count - 1].optional = true;
}

void vmap_report_heading(vmap_report_table *t, const char *heading)
{
    char **at;

    if (!t || !t->columns_count)
        return;
    at = &t->columns[t->columns_count - 1].heading;
    free(*at);
    *at = clean_copy(heading);
    t->failed |= !*at;
}

void vmap_report_note(vmap_report_table *t, const char *format, ...)
{
    va_list args;

    if (!t)
        return;
    va_start(args, format);
    t->failed |= !add_sentence(&t->notes, &t->notes_count, &t->notes_room, format, args);
    va_end(args);
}

/* A cell of another kind than its column would shift or change meaning: that is a failure too. */
static void put(vmap_report_table *t, cell c, bool text)
{
    const report_column *column;

    if (!t || t->columns_count == 0)
        return;
    column = &t->columns[t->cells_count % t->columns_count];
    if (!c.missing && (column->kind == VMAP_CELL_TEXT) != text)
        t->failed = true;
    if (t->failed ||
        memory_grow(&t->cells, &t->cells_room, t->cells_count + 1, sizeof *t->cells, NULL)) {
        free(c.text);
        t->failed = true;
        return;
    }
    t->cells[t->cells_count++] = c;
}

void vmap_report_text(vmap_report_table *t, const char *text)
{
    cell c = {.text = clean_copy(text)};

    if (t && !c.text)
        t->failed = true;
    else if (t)
        put(t, c, true);
    else
        free(c.text);
}

void vmap_report_count(vmap_report_table *t, size_t count)
{
    put(t, (cell){.number = (double)count}, false);
}

void vmap_report_number(vmap_report_table *t, double number)
{
    put(t, (cell){.number = number, .missing = !isfinite(number)}, false);
}

void vmap_report_missing(vmap_report_table *t)
{
    put(t, (cell){.missing = true}, false);
}

void vmap_report_form(vmap_report_table *t, int decimals, bool bounded)
{
    cell *last = t && t->cells_count ? &t->cells[t->cells_count - 1] : NULL;

    if (!last || last->text)
        return;
    last->formed = true;
    last->decimals = (unsigned char)(decimals < 0 ? 0 : decimals > 15 ? 15 : decimals);
    last->bounded = bounded;
}

void vmap_report_probability(vmap_report_table *t, double p)
{
    put(t, (cell){.number = p, .missing = !isfinite(p), .formed = true, .bounded = true, .probability = true, .decimals = 4}, false);
}

/* Has an optional column anything? */
static bool is_shown(const vmap_report_table *t, size_t column)
{
    size_t rows = vmap_report_rows(t);

    for (size_t i = 0; t->columns[column].optional && i < rows; i++) {
        const cell *c = report_cell(t, i, column);

        if (!c->missing && (!c->text || *c->text))
            return true;
    }
    return !t->columns[column].optional;
}

size_t *report_shown_columns(const vmap_report_table *t, size_t *count)
{
    size_t *shown = memory_new(t->columns_count + 1, sizeof *shown, NULL);

    *count = 0;
    for (size_t j = 0; shown && j < t->columns_count; j++) {
        if (is_shown(t, j))
            shown[(*count)++] = j;
    }
    return shown;
}

/* ".3", as a paper has a number that cannot exceed 1. */
static void put_cut(buffer *b, double cut)
{
    char text[32];

    snprintf(text, sizeof text, "%g", cut);
    buffer_put(b, *text == '0' && text[1] == '.' ? text + 1 : text);
}

void report_marks(buffer *b, const vmap_report_table *t, bool paper)
{
    double blank = 0, strong = 0;

    for (size_t j = 0; j < t->columns_count; j++) {
        blank = fmax(blank, t->columns[j].blank);
        strong = fmax(strong, t->columns[j].strong);
    }
    if (blank > 0) {
        buffer_put(b, "Blank: below ");
        put_cut(b, blank);
        buffer_put(b, " in size.");
    }
    if (paper && strong > 0) {
        buffer_put(b, blank > 0 ? " Bold: from " : "Bold: from ");
        put_cut(b, strong);
        buffer_put(b, " in size.");
    }
}

const char *report_heading(const report_column *column)
{
    return column->heading ? column->heading : column->name;
}

bool report_is_strong(const report_column *column, const cell *c)
{
    return column->strong > 0 && !c->missing && fabs(c->number) >= column->strong;
}

const cell *report_cell(const vmap_report_table *t, size_t row, size_t column)
{
    return &t->cells[row * t->columns_count + column];
}

void report_number(char out[32], const report_column *column, const cell *c, bool people)
{
    if (c->missing) {
        strcpy(out, "NA");
    } else if (column->kind == VMAP_CELL_COUNT) {
        snprintf(out, 32, "%.0f", c->number);
    } else if (people && c->probability && c->number < .00005) {
        strcpy(out, "<0.0001");
    } else if (people && fabs(c->number) < 1e9) {
        snprintf(out, 32, "%.*f", c->formed ? c->decimals : column->decimals, c->number);
        if (strspn(out, "-0.,") == strlen(out) && *out == '-')
            memmove(out, out + 1, strlen(out)); /* no negative zero */
        for (char *mark = out; (mark = strchr(mark, ',')); *mark = '.')
            ;
    } else {
        number_text(out, c->number, people ? 6 : 15);
    }
}

void report_shown(char out[32], const report_column *column, const cell *c, bool paper)
{
    char *zero;

    report_number(out, column, c, true);
    if (!c->missing && fabs(c->number) < column->blank)
        *out = '\0';
    zero = *out == '-' || *out == '<' ? out + 1 : out;
    if (paper && (c->formed ? c->bounded : column->bounded) && zero[0] == '0' && zero[1] == '.')
        memmove(zero, zero + 1, strlen(zero));
}
