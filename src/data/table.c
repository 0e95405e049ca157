#include <config.h>
#include "valuemap/table.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/hash.h"
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
        free(c->byte);
        free(c->code);
        free(c->number);
        free(c->reason);
        free(c->level);
        free(c->text);
        free(c->hash);
        free(c->slot);
    }
    free(table->columns);
    free(table->line);
    free(table);
}

vmap_status table_add_new(vmap_table *table, const char *name, vmap_kind kind, vmap_error *err)
{
    table_column *c;
    vmap_status status = memory_grow(&table->columns, &table->room, table->count + 1, sizeof(table_column), err);

    if (status)
        return status;
    c = &table->columns[table->count];
    memset(c, 0, sizeof *c);
    c->kind = kind;
    c->name = text_copy(name, strlen(name));
    if (!c->name)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a column name");
    table->count++;
    return VMAP_SUCCESS;
}

vmap_status vmap_table_add(vmap_table *table, const char *name, vmap_kind kind, size_t *index,
                           vmap_error *err)
{
    vmap_status status;

    if (table->rows)
        return vmap_error_set(err, VMAP_EINVAL, "a column cannot be added after the first row");
    if (vmap_table_find(table, name) < table->count)
        return vmap_error_set(err, VMAP_EINVAL, "there are two columns named '%s'", name);
    status = table_add_new(table, name, kind, err);
    if (!status && index)
        *index = table->count - 1;
    return status;
}

/* What code cell `row` would be in `code`. */
static int16_t code_at(const table_column *c, size_t row)
{
    int cell = c->code ? c->code[row] : c->byte[row];

    return (int16_t)(c->code || cell >= BYTE_LEAST ? cell : cell - BYTE_MISSING + CODE_MISSING);
}

/* The byte that stands for a cell of `code`; false when there is none. */
static bool as_byte(int16_t code, int8_t *byte)
{
    if (code < CODE_LEAST)
        *byte = (int8_t)(code - CODE_MISSING + BYTE_MISSING);
    else if (code >= BYTE_LEAST && code <= INT8_MAX)
        *byte = (int8_t)code;
    else
        return false;
    return true;
}

/* A column of small codes meets one that is not: give each two bytes. */
static vmap_status deepen(table_column *c, vmap_error *err)
{
    int16_t *code;

    if (c->code)
        return VMAP_SUCCESS;
    code = memory_new(c->room, sizeof *code, err);
    if (!code)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < c->cells; i++)
        code[i] = code_at(c, i);
    free(c->byte);
    c->byte = NULL;
    c->code = code;
    return VMAP_SUCCESS;
}

/* Push a cell of a column of codes, as it would be in `code`. */
static vmap_status push_code_cell(table_column *c, int16_t cell, vmap_error *err)
{
    int8_t byte = 0;
    vmap_status status = c->code || as_byte(cell, &byte) ? VMAP_SUCCESS : deepen(c, err);

    if (!status && c->code)
        status = memory_grow(&c->code, &c->room, c->cells + 1, sizeof *c->code, err);
    else if (!status)
        status = memory_grow(&c->byte, &c->room, c->cells + 1, sizeof *c->byte, err);
    if (status)
        return status;
    if (c->code)
        c->code[c->cells++] = cell;
    else
        c->byte[c->cells++] = byte;
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
        int16_t code = code_at(c, i);

        number[i] = code < CODE_LEAST ? NAN : code;
        reason[i] = (uint8_t)(code < CODE_LEAST ? code - CODE_MISSING : VMAP_PRESENT);
    }
    free(c->byte);
    free(c->code);
    c->byte = NULL;
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
    return push_code_cell(c, (int16_t)value, err);
}

/* The place of a text in the hash table: its own, or an empty one. Levels are numbered as they appear, so that no result depends
 * on it. */
static size_t find_slot(const table_column *c, const char *text, size_t n, uint32_t h)
{
    size_t i = h & (c->slots - 1);

    while (c->slot[i]) {
        uint32_t level = c->slot[i] - 1;

        if (c->hash[level] == h && strncmp(c->text[level], text, n) == 0 && c->text[level][n] == '\0')
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
    for (size_t level = 0; level < c->texts; level++) {
        size_t i = c->hash[level] & (slots - 1);

        while (fresh[i])
            i = (i + 1) & (slots - 1);
        fresh[i] = (uint32_t)level + 1;
    }
    free(c->slot);
    c->slot = fresh;
    c->slots = slots;
    return VMAP_SUCCESS;
}

/* The level of a text with hash h, a new one when it is new. */
static vmap_status find_level(table_column *c, const char *text, size_t n, uint32_t h, uint32_t *level, vmap_error *err)
{
    vmap_status status = grow_slots(c, err);
    size_t at;

    if (status)
        return status;
    at = find_slot(c, text, n, h);
    if (!c->slot[at]) {
        status = memory_grow(&c->text, &c->text_room, c->texts + 1, sizeof(char *), err);
        if (!status)
            status = memory_grow(&c->hash, &c->hash_room, c->texts + 1, sizeof *c->hash, err);
        if (status)
            return status;
        c->text[c->texts] = text_copy(text, n);
        if (!c->text[c->texts])
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for a text of %zu bytes", n);
        c->hash[c->texts] = h;
        c->slot[at] = (uint32_t)++c->texts;
    }
    *level = c->slot[at] - 1;
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
    uint32_t level;
    vmap_status status;

    if (c->kind != VMAP_TEXTS)
        return vmap_error_set(err, VMAP_EINVAL, "column %s holds no texts", c->name);
    if (n && memchr(text, '\0', n))
        return vmap_error_set(err, VMAP_EINVAL, "column %s: a text holds a NUL byte", c->name);
    status = find_level(c, text, n, hash_text(text, n), &level, err);
    return status ? status : push_level(c, level, err);
}

vmap_status vmap_table_push_missing(vmap_table *table, size_t index, vmap_reason reason,
                                    vmap_error *err)
{
    table_column *c = &table->columns[index];

    if (c->kind == VMAP_NUMBERS)
        return push_number_cell(c, NAN, reason, err);
    if (c->kind == VMAP_TEXTS)
        return push_level(c, LEVEL_MISSING - (uint32_t)reason, err);
    return push_code_cell(c, (int16_t)(CODE_MISSING + (int)reason), err);
}

vmap_status table_push_bytes(vmap_table *table, size_t column, const int8_t *cell, size_t count, size_t stride,
                             vmap_error *err)
{
    table_column *c = &table->columns[column];
    vmap_status status = VMAP_SUCCESS;
    int8_t *to;

    if (c->kind == VMAP_CODES && !c->code) {
        status = memory_grow(&c->byte, &c->room, c->cells + count, sizeof *c->byte, err);
        if (status)
            return status;
        to = c->byte + c->cells;
        if (stride == 1)
            memcpy(to, cell, count);
        for (size_t i = 0; stride != 1 && i < count; i++)
            to[i] = cell[i * stride];
        c->cells += count;
        return VMAP_SUCCESS;
    }
    for (size_t i = 0; !status && i < count; i++) {
        int8_t code = cell[i * stride];

        status = code < BYTE_LEAST ? vmap_table_push_missing(table, column, (vmap_reason)(code - BYTE_MISSING), err)
                                   : vmap_table_push_number(table, column, code, err);
    }
    return status;
}

vmap_status table_push_level(vmap_table *table, size_t column, uint32_t level, vmap_error *err)
{
    return push_level(&table->columns[column], level, err);
}

vmap_status table_level(vmap_table *table, size_t column, const char *text, size_t n, uint32_t *level, vmap_error *err)
{
    return find_level(&table->columns[column], text, n, hash_text(text, n), level, err);
}

static vmap_status move_text(const table_column *from, size_t row, vmap_table *to, size_t column, size_t at, vmap_error *err)
{
    table_column *c = &to->columns[column];
    uint32_t level = from->level[row];
    vmap_status status = VMAP_SUCCESS;

    if (level < from->texts)
        status = find_level(c, from->text[level], strlen(from->text[level]), from->hash[level], &level, err);
    if (!status)
        c->level[at] = level;
    return status;
}

static vmap_status set_code(table_column *c, size_t at, int16_t cell, vmap_error *err)
{
    int8_t byte = 0;
    vmap_status status = c->code || as_byte(cell, &byte) ? VMAP_SUCCESS : deepen(c, err);

    if (status)
        return status;
    if (c->code)
        c->code[at] = cell;
    else
        c->byte[at] = byte;
    return VMAP_SUCCESS;
}

vmap_status table_move_cell(vmap_table *from, size_t column, vmap_table *to, size_t at, vmap_error *err)
{
    table_column *source = &from->columns[column], *c = &to->columns[column];
    size_t row = --source->cells;
    vmap_status status = VMAP_SUCCESS;

    if (c->kind == VMAP_TEXTS)
        return move_text(source, row, to, column, at, err);
    if (c->kind == VMAP_CODES && source->kind == VMAP_CODES)
        return set_code(c, at, code_at(source, row), err);
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

/* ---- appending ---- */

/* Room for `expected` cells, or for `need` when those are more and then in steps that double. */
static vmap_status reserve(void *array, size_t *room, size_t need, size_t expected, size_t size, vmap_error *err)
{
    void *p;

    if (need <= *room)
        return VMAP_SUCCESS;
    if (expected < need)
        return memory_grow(array, room, need, size, err);
    memcpy(&p, array, sizeof p);
    p = reallocarray(p, expected, size);
    if (!p)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu rows", expected);
    memcpy(array, &p, sizeof p);
    *room = expected;
    return VMAP_SUCCESS;
}

static vmap_status append_codes(const table_column *from, table_column *to, size_t expected, vmap_error *err)
{
    size_t need = to->cells + from->cells;
    vmap_status status = from->code ? deepen(to, err) : VMAP_SUCCESS;

    if (!status && to->code)
        status = reserve(&to->code, &to->room, need, expected, sizeof *to->code, err);
    else if (!status)
        status = reserve(&to->byte, &to->room, need, expected, sizeof *to->byte, err);
    if (status)
        return status;
    if (to->code && from->code)
        memcpy(to->code + to->cells, from->code, from->cells * sizeof *to->code);
    else if (!to->code)
        memcpy(to->byte + to->cells, from->byte, from->cells);
    for (size_t i = 0; to->code && !from->code && i < from->cells; i++)
        to->code[to->cells + i] = code_at(from, i);
    to->cells = need;
    return VMAP_SUCCESS;
}

static vmap_status append_numbers(const table_column *from, table_column *to, size_t expected, vmap_error *err)
{
    size_t need = to->cells + from->cells;
    vmap_status status = reserve(&to->number, &to->room, need, expected, sizeof *to->number, err);

    if (!status)
        status = reserve(&to->reason, &to->reason_room, need, expected, sizeof *to->reason, err);
    if (status)
        return status;
    if (from->kind == VMAP_NUMBERS) {
        memcpy(to->number + to->cells, from->number, from->cells * sizeof *to->number);
        memcpy(to->reason + to->cells, from->reason, from->cells);
        to->cells = need;
        return VMAP_SUCCESS;
    }
    for (size_t i = 0; i < from->cells; i++) {
        int16_t code = code_at(from, i);

        to->number[to->cells] = code < CODE_LEAST ? NAN : code;
        to->reason[to->cells++] = (uint8_t)(code < CODE_LEAST ? code - CODE_MISSING : VMAP_PRESENT);
    }
    return VMAP_SUCCESS;
}

static vmap_status append_texts(const table_column *from, table_column *to, size_t expected, vmap_error *err)
{
    uint32_t *level = memory_new(from->texts, sizeof *level, err);
    vmap_status status = level ? reserve(&to->level, &to->room, to->cells + from->cells, expected, sizeof *to->level, err)
                               : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < from->texts; i++)
        status = find_level(to, from->text[i], strlen(from->text[i]), from->hash[i], &level[i], err);
    for (size_t i = 0; !status && i < from->cells; i++)
        to->level[to->cells++] = from->level[i] < from->texts ? level[from->level[i]] : from->level[i];
    free(level);
    return status;
}

typedef struct {
    const vmap_table *from;
    vmap_table *to;
    size_t expected;
    vmap_status *status; /* per column */
    vmap_error *err;     /* likewise */
} appending;

static void append_column(void *context, size_t column)
{
    appending *a = context;
    const table_column *from = &a->from->columns[column];
    table_column *to = &a->to->columns[column];
    vmap_error *err = &a->err[column];
    vmap_status status = VMAP_SUCCESS;

    if (from->cells == 0)
        return;
    if (to->kind == VMAP_CODES && from->kind == VMAP_NUMBERS)
        status = widen(to, err);
    if (!status && to->kind == VMAP_TEXTS)
        status = append_texts(from, to, a->expected, err);
    else if (!status)
        status = (to->kind == VMAP_CODES ? append_codes : append_numbers)(from, to, a->expected, err);
    a->status[column] = status;
}

vmap_status table_append(vmap_table *to, const vmap_table *from, size_t expected, unsigned threads, vmap_error *err)
{
    appending a = {.from = from, .to = to, .expected = expected};
    bool small = from->rows * from->count < 1 << 18; /* cells: starting threads takes longer */
    vmap_status status = reserve(&to->line, &to->line_room, to->rows + from->rows, expected, sizeof *to->line, err);

    if (status || from->rows == 0)
        return status;
    a.status = memory_new(from->count, sizeof *a.status, err);
    a.err = memory_new(from->count, sizeof *a.err, err);
    if (a.status && a.err)
        parallel_for(from->count, small ? 1 : threads, append_column, &a);
    else
        status = VMAP_ENOMEM;
    for (size_t k = 0; !status && k < from->count; k++) {
        status = a.status[k];
        if (status && err)
            *err = a.err[k];
    }
    free(a.status);
    free(a.err);
    memcpy(to->line + to->rows, from->line, from->rows * sizeof *to->line);
    to->rows += from->rows;
    return status;
}

void table_clear(vmap_table *table)
{
    table->rows = 0;
    for (size_t j = 0; j < table->count; j++) {
        table_column *c = &table->columns[j];

        for (size_t i = 0; i < c->texts; i++)
            free(c->text[i]);
        if (c->slot)
            memset(c->slot, 0, c->slots * sizeof *c->slot);
        c->cells = c->texts = 0;
    }
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

    if (c->kind == VMAP_CODES && c->byte)
        return c->byte[row] < BYTE_LEAST ? NAN : c->byte[row];
    if (c->kind == VMAP_CODES)
        return c->code[row] < CODE_LEAST ? NAN : c->code[row];
    return c->kind == VMAP_NUMBERS ? c->number[row] : NAN;
}

vmap_reason vmap_table_reason(const vmap_table *table, size_t index, size_t row)
{
    const table_column *c = &table->columns[index];

    switch (c->kind) {
    case VMAP_CODES:
        return code_at(c, row) < CODE_LEAST ? (vmap_reason)(code_at(c, row) - CODE_MISSING) : VMAP_PRESENT;
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
