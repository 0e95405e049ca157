#include <config.h>
#include "valuemap/table.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/text.h"
#include "data/table_internal.h"

static const char *const reason_names[VMAP_REASONS] = {
    "present", "dont-know",    "no-answer",  "not-applicable", "not-asked", "missing",
    "refused", "blank",        "out-of-range", "unparsable",   "part-missing", "no-column",
};

const char *vmap_reason_name(vmap_reason reason)
{
    return reason < VMAP_REASONS ? reason_names[reason] : "unknown";
}

vmap_status vmap_reason_find(const char *name, vmap_reason *reason, vmap_error *err)
{
    for (int i = 1; i < VMAP_REASONS; i++) {
        if (strcmp(name, reason_names[i]) == 0) {
            *reason = (vmap_reason)i;
            return VMAP_SUCCESS;
        }
    }
    return vmap_error_set(err, VMAP_ENOENT,
                          "'%s' is no reason for a missing value; use dont-know, no-answer, "
                          "not-applicable, not-asked, missing or refused",
                          name);
}

vmap_table *vmap_table_new(vmap_error *err)
{
    return memory_new(1, sizeof(vmap_table), err);
}

void vmap_table_free(vmap_table *table)
{
    if (!table)
        return;
    for (size_t j = 0; j < table->count; j++) {
        table_column *c = &table->columns[j];

        for (size_t i = 0; i < c->texts; i++)
            free(c->text[i]);
        free(c->name);
        free(c->code);
        free(c->number);
        free(c->reason);
        free(c->level);
        free(c->text);
        free(c->slot);
    }
    free(table->columns);
    free(table->line);
    free(table);
}

vmap_status vmap_table_add(vmap_table *table, const char *name, vmap_kind kind, size_t *index,
                           vmap_error *err)
{
    table_column *c;
    vmap_status status;

    if (table->rows)
        return vmap_error_set(err, VMAP_EINVAL, "a column cannot be added after the first row");
    if (vmap_table_find(table, name) < table->count)
        return vmap_error_set(err, VMAP_EINVAL, "there are two columns named '%s'", name);
    status = memory_grow(&table->columns, &table->room, table->count + 1, sizeof(table_column), err);
    if (status)
        return status;
    c = &table->columns[table->count];
    memset(c, 0, sizeof *c);
    c->kind = kind;
    c->name = text_copy(name, strlen(name));
    if (!c->name)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a column name");
    if (index)
        *index = table->count;
    table->count++;
    return VMAP_SUCCESS;
}

/* A code column meets a value that is no small whole number: make it a number column. */
static vmap_status widen(table_column *c, vmap_error *err)
{
    double *number = memory_new(c->room, sizeof *number, err);
    uint8_t *reason = memory_new(c->room, sizeof *reason, err);

    if (!number || !reason) {
        free(number);
        free(reason);
        return VMAP_ENOMEM;
    }
    for (size_t i = 0; i < c->cells; i++) {
        if (c->code[i] < CODE_LEAST) {
            number[i] = NAN;
            reason[i] = (uint8_t)(c->code[i] - CODE_MISSING);
        } else {
            number[i] = c->code[i];
        }
    }
    free(c->code);
    c->code = NULL;
    c->number = number;
    c->reason = reason;
    c->reason_room = c->room;
    c->kind = VMAP_NUMBERS;
    return VMAP_SUCCESS;
}

static vmap_status push_number_cell(table_column *c, double value, vmap_reason reason, vmap_error *err)
{
    vmap_status status = memory_grow(&c->number, &c->room, c->cells + 1, sizeof(double), err);

    if (!status)
        status = memory_grow(&c->reason, &c->reason_room, c->cells + 1, sizeof(uint8_t), err);
    if (status)
        return status;
    c->number[c->cells] = value;
    c->reason[c->cells++] = (uint8_t)reason;
    return VMAP_SUCCESS;
}

vmap_status vmap_table_push_number(vmap_table *table, size_t index, double value, vmap_error *err)
{
    table_column *c = &table->columns[index];
    vmap_status status;

    if (!isfinite(value))
        return vmap_error_set(err, VMAP_EINVAL, "column %s: %g is not a finite number", c->name,
                              value);
    value += 0; /* -0 is 0, whether or not the column was one of codes when it came */
    if (c->kind == VMAP_CODES && (!(value >= CODE_LEAST && value <= INT16_MAX) ||
                                  value != (double)(int16_t)value)) {
        status = widen(c, err);
        if (status)
            return status;
    }
    if (c->kind == VMAP_NUMBERS)
        return push_number_cell(c, value, VMAP_PRESENT, err);
    if (c->kind == VMAP_TEXTS)
        return vmap_error_set(err, VMAP_EINVAL, "column %s holds texts", c->name);
    status = memory_grow(&c->code, &c->room, c->cells + 1, sizeof(int16_t), err);
    if (!status)
        c->code[c->cells++] = (int16_t)value;
    return status;
}

/* FNV-1a. */
static uint64_t hash(const char *text, size_t n)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);

    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)text[i]) * UINT64_C(0x100000001B3);
    return h;
}

static size_t find_slot(const table_column *c, const char *text, size_t n)
{
    size_t i = hash(text, n) & (c->slots - 1);

    while (c->slot[i]) {
        const char *known = c->text[c->slot[i] - 1];

        if (strncmp(known, text, n) == 0 && known[n] == '\0')
            break;
        i = (i + 1) & (c->slots - 1);
    }
    return i;
}

static vmap_status grow_slots(table_column *c, vmap_error *err)
{
    size_t slots = c->slots ? c->slots * 2 : 64;
    uint32_t *fresh;

    if (2 * (c->texts + 1) <= c->slots)
        return VMAP_SUCCESS;
    fresh = memory_new(slots, sizeof *fresh, err);
    if (!fresh)
        return VMAP_ENOMEM;
    free(c->slot);
    c->slot = fresh;
    c->slots = slots;
    for (size_t i = 0; i < c->texts; i++)
        c->slot[find_slot(c, c->text[i], strlen(c->text[i]))] = (uint32_t)i + 1;
    return VMAP_SUCCESS;
}

static vmap_status push_level(table_column *c, uint32_t level, vmap_error *err)
{
    vmap_status status = memory_grow(&c->level, &c->room, c->cells + 1, sizeof(uint32_t), err);

    if (!status)
        c->level[c->cells++] = level;
    return status;
}

vmap_status vmap_table_push_text(vmap_table *table, size_t index, const char *text, size_t n,
                                 vmap_error *err)
{
    table_column *c = &table->columns[index];
    vmap_status status;
    size_t at;

    if (c->kind != VMAP_TEXTS)
        return vmap_error_set(err, VMAP_EINVAL, "column %s holds no texts", c->name);
    if (n && memchr(text, '\0', n))
        return vmap_error_set(err, VMAP_EINVAL, "column %s: a text holds a NUL byte", c->name);
    status = grow_slots(c, err);
    if (status)
        return status;
    at = find_slot(c, text, n);
    if (!c->slot[at]) {
        status = memory_grow(&c->text, &c->text_room, c->texts + 1, sizeof(char *), err);
        if (status)
            return status;
        c->text[c->texts] = text_copy(text, n);
        if (!c->text[c->texts])
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for a text of %zu bytes", n);
        c->slot[at] = (uint32_t)++c->texts;
    }
    return push_level(c, c->slot[at] - 1, err);
}

vmap_status vmap_table_push_missing(vmap_table *table, size_t index, vmap_reason reason,
                                    vmap_error *err)
{
    table_column *c = &table->columns[index];
    vmap_status status;

    if (c->kind == VMAP_NUMBERS)
        return push_number_cell(c, NAN, reason, err);
    if (c->kind == VMAP_TEXTS)
        return push_level(c, LEVEL_MISSING - (uint32_t)reason, err);
    status = memory_grow(&c->code, &c->room, c->cells + 1, sizeof(int16_t), err);
    if (!status)
        c->code[c->cells++] = (int16_t)(CODE_MISSING + (int)reason);
    return status;
}

vmap_status table_push_level(vmap_table *table, size_t column, uint32_t level, vmap_error *err)
{
    return push_level(&table->columns[column], level, err);
}

vmap_status table_level(vmap_table *table, size_t column, const char *text, size_t n, uint32_t *level, vmap_error *err)
{
    table_column *c = &table->columns[column];
    vmap_status status = vmap_table_push_text(table, column, text, n, err);

    if (!status)
        *level = c->level[--c->cells];
    return status;
}

static vmap_status move_text(const table_column *from, size_t row, vmap_table *to, size_t column, size_t at, vmap_error *err)
{
    uint32_t level = from->level[row];
    vmap_status status = VMAP_SUCCESS;

    if (level < from->texts)
        status = table_level(to, column, from->text[level], strlen(from->text[level]), &level, err);
    if (!status)
        to->columns[column].level[at] = level;
    return status;
}

vmap_status table_move_cell(vmap_table *from, size_t column, vmap_table *to, size_t at, vmap_error *err)
{
    table_column *source = &from->columns[column], *c = &to->columns[column];
    size_t row = --source->cells;
    vmap_status status = VMAP_SUCCESS;

    if (c->kind == VMAP_TEXTS)
        return move_text(source, row, to, column, at, err);
    if (c->kind == VMAP_CODES && source->kind == VMAP_CODES) {
        c->code[at] = source->code[row];
        return VMAP_SUCCESS;
    }
    if (c->kind == VMAP_CODES)
        status = widen(c, err);
    if (status)
        return status;
    c->number[at] = vmap_table_value(from, column, row);
    c->reason[at] = (uint8_t)vmap_table_reason(from, column, row);
    return VMAP_SUCCESS;
}

vmap_status table_close_row(vmap_table *table, size_t line, vmap_error *err)
{
    vmap_status status =
        memory_grow(&table->line, &table->line_room, table->rows + 1, sizeof(uint32_t), err);

    if (!status)
        table->line[table->rows++] = line > UINT32_MAX ? 0 : (uint32_t)line;
    return status;
}

vmap_status vmap_table_end_row(vmap_table *table, size_t line, vmap_error *err)
{
    for (size_t j = 0; j < table->count; j++) {
        if (table->columns[j].cells != table->rows + 1)
            return vmap_error_set(err, VMAP_EINVAL, "column %s has %zu cells in row %zu",
                                  table->columns[j].name, table->columns[j].cells, table->rows + 1);
    }
    return table_close_row(table, line, err);
}

/* ---- joining tables ---- */

typedef struct {
    vmap_table *const *part;
    size_t parts, rows;
    vmap_table *to;
    vmap_status *status; /* per column */
    vmap_error *err;     /* likewise */
} joining;

static bool is_widened(const joining *j, size_t column)
{
    for (size_t i = 0; i < j->parts; i++) {
        if (j->part[i]->columns[column].kind == VMAP_NUMBERS)
            return true;
    }
    return false;
}

static vmap_status join_texts(const table_column *from, vmap_table *table, size_t column,
                              vmap_error *err)
{
    table_column *to = &table->columns[column];
    uint32_t *level = memory_new(from->texts, sizeof *level, err);
    vmap_status status = level ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < from->texts; i++) {
        status = vmap_table_push_text(table, column, from->text[i], strlen(from->text[i]), err);
        if (!status)
            level[i] = to->level[--to->cells];
    }
    for (size_t i = 0; !status && i < from->cells; i++)
        to->level[to->cells++] =
            from->level[i] < from->texts ? level[from->level[i]] : from->level[i];
    free(level);
    return status;
}

static void join_codes(const table_column *from, table_column *to)
{
    if (from->cells)
        memcpy(to->code + to->cells, from->code, from->cells * sizeof *to->code);
    to->cells += from->cells;
}

static vmap_status join_numbers(table_column *from, table_column *to, vmap_error *err)
{
    vmap_status status = from->kind == VMAP_CODES ? widen(from, err) : VMAP_SUCCESS;

    if (!status && from->cells) {
        memcpy(to->number + to->cells, from->number, from->cells * sizeof *to->number);
        memcpy(to->reason + to->cells, from->reason, from->cells);
        to->cells += from->cells;
    }
    return status;
}

static void drop_cells(table_column *c)
{
    for (size_t i = 0; i < c->texts; i++)
        free(c->text[i]);
    free(c->code);
    free(c->number);
    free(c->reason);
    free(c->level);
    free(c->text);
    free(c->slot);
    c->code = NULL;
    c->number = NULL;
    c->reason = NULL;
    c->level = NULL;
    c->text = NULL;
    c->slot = NULL;
    c->cells = c->room = c->reason_room = c->texts = c->text_room = c->slots = 0;
}

/* Room for all rows of a column, exactly. */
static vmap_status make_room(table_column *c, size_t rows, vmap_error *err)
{
    c->room = c->reason_room = rows;
    if (c->kind == VMAP_TEXTS)
        c->level = memory_new(rows + 1, sizeof *c->level, err); /* one more for pushing levels */
    else if (c->kind == VMAP_CODES)
        c->code = memory_new(rows, sizeof *c->code, err);
    else if ((c->number = memory_new(rows, sizeof *c->number, err)) != NULL)
        c->reason = memory_new(rows, 1, err);
    c->room += c->kind == VMAP_TEXTS;
    return c->level || c->code || c->reason ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static void join_column(void *context, size_t column)
{
    joining *j = context;
    table_column *to = &j->to->columns[column];
    vmap_error *err = &j->err[column];
    vmap_status status;

    if (to->kind == VMAP_CODES && is_widened(j, column))
        to->kind = VMAP_NUMBERS;
    status = make_room(to, j->rows, err);
    for (size_t i = 0; !status && i < j->parts; i++) {
        table_column *from = &j->part[i]->columns[column];

        if (to->kind == VMAP_TEXTS)
            status = join_texts(from, j->to, column, err);
        else if (to->kind == VMAP_CODES)
            join_codes(from, to);
        else
            status = join_numbers(from, to, err);
        drop_cells(from);
    }
    j->status[column] = status;
}

static vmap_status join_lines(joining *j, const size_t *lines, vmap_error *err)
{
    vmap_table *to = j->to;

    to->line = memory_new(j->rows, sizeof *to->line, err);
    if (!to->line)
        return VMAP_ENOMEM;
    to->line_room = j->rows;
    for (size_t i = 0; i < j->parts; i++) {
        const vmap_table *from = j->part[i];

        for (size_t r = 0; r < from->rows; r++) {
            size_t line = lines[i] + from->line[r];

            to->line[to->rows++] = line > UINT32_MAX ? 0 : (uint32_t)line;
        }
    }
    return VMAP_SUCCESS;
}

vmap_status table_join(vmap_table *const *part, const size_t *lines, size_t parts, unsigned threads,
                       vmap_table **joined, vmap_error *err)
{
    size_t columns = part[0]->count;
    joining j = {.part = part, .parts = parts, .to = vmap_table_new(err)};
    vmap_status status = VMAP_ENOMEM;

    j.status = memory_new(columns, sizeof *j.status, err);
    j.err = memory_new(columns, sizeof *j.err, err);
    if (j.to && j.status && j.err)
        status = VMAP_SUCCESS;
    for (size_t k = 0; !status && k < columns; k++)
        status = vmap_table_add(j.to, part[0]->columns[k].name,
                                part[0]->columns[k].kind == VMAP_TEXTS ? VMAP_TEXTS : VMAP_CODES,
                                NULL, err);
    for (size_t i = 0; i < parts; i++)
        j.rows += part[i]->rows;
    if (!status)
        status = join_lines(&j, lines, err);
    if (!status)
        parallel_for(columns, threads, join_column, &j);
    for (size_t k = 0; !status && k < columns; k++) {
        status = j.status[k];
        if (status && err)
            *err = j.err[k];
    }
    free(j.status);
    free(j.err);
    if (status)
        vmap_table_free(j.to);
    else
        *joined = j.to;
    return status;
}

size_t vmap_table_rows(const vmap_table *table)
{
    return table->rows;
}

size_t vmap_table_columns(const vmap_table *table)
{
    return table->count;
}

const char *vmap_table_name(const vmap_table *table, size_t index)
{
    return table->columns[index].name;
}

vmap_kind vmap_table_kind(const vmap_table *table, size_t index)
{
    return table->columns[index].kind;
}

size_t vmap_table_find(const vmap_table *table, const char *name)
{
    size_t j = 0;

    while (j < table->count && strcmp(table->columns[j].name, name) != 0)
        j++;
    return j;
}

size_t vmap_table_line(const vmap_table *table, size_t row)
{
    return table->line[row];
}

double vmap_table_value(const vmap_table *table, size_t index, size_t row)
{
    const table_column *c = &table->columns[index];

    if (c->kind == VMAP_CODES)
        return c->code[row] < CODE_LEAST ? NAN : c->code[row];
    return c->kind == VMAP_NUMBERS ? c->number[row] : NAN;
}

vmap_reason vmap_table_reason(const vmap_table *table, size_t index, size_t row)
{
    const table_column *c = &table->columns[index];

    switch (c->kind) {
    case VMAP_CODES:
        return c->code[row] < CODE_LEAST ? (vmap_reason)(c->code[row] - CODE_MISSING)
                                         : VMAP_PRESENT;
    case VMAP_NUMBERS:
        return (vmap_reason)c->reason[row];
    case VMAP_TEXTS:
        break;
    }
    return c->level[row] < c->texts ? VMAP_PRESENT : (vmap_reason)(LEVEL_MISSING - c->level[row]);
}

const char *vmap_table_text(const vmap_table *table, size_t index, size_t row)
{
    const table_column *c = &table->columns[index];

    return c->level[row] < c->texts ? c->text[c->level[row]] : "";
}

size_t vmap_table_levels(const vmap_table *table, size_t index)
{
    return table->columns[index].texts;
}

const char *vmap_table_level_text(const vmap_table *table, size_t index, size_t level)
{
    return table->columns[index].text[level];
}

size_t vmap_table_level(const vmap_table *table, size_t index, size_t row)
{
    const table_column *c = &table->columns[index];

    return c->level[row] < c->texts ? c->level[row] : c->texts;
}
