#ifndef DATA_TABLE_INTERNAL_H
#define DATA_TABLE_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "valuemap/table.h"

/* How a table lies in memory, for the code that fills millions of cells; not exported. */

/* A code cell without a value holds CODE_MISSING + reason, below every code that is stored. While all codes of a column
 * are between BYTE_LEAST and INT8_MAX a cell is one byte, where BYTE_MISSING + reason stands for it. */
enum { CODE_MISSING = INT16_MIN, CODE_LEAST = -32000, BYTE_MISSING = INT8_MIN, BYTE_LEAST = -100 };
/* A text cell without a value holds LEVEL_MISSING - reason, above every level. */
#define LEVEL_MISSING UINT32_MAX

typedef struct {
    char *name;
    vmap_kind kind;
    size_t cells;
    size_t room, reason_room; /* capacity of the arrays in use */
    int8_t *byte;             /* VMAP_CODES while they are small */
    int16_t *code;            /* VMAP_CODES when they are not: `byte` is NULL */
    double *number;           /* VMAP_NUMBERS */
    uint8_t *reason;          /* VMAP_NUMBERS */
    uint32_t *level;          /* VMAP_TEXTS */
    char **text;              /* VMAP_TEXTS: text of each level */
    uint32_t *hash;           /* VMAP_TEXTS: of each text */
    size_t texts, text_room, hash_room;
    uint32_t *slot; /* hash table of levels + 1, a power of two long */
    size_t slots;
} table_column;

struct vmap_table {
    table_column *columns;
    size_t count, room;
    size_t rows, line_room;
    uint32_t *line;
};

/* Push a whole number in CODE_LEAST .. INT16_MAX to a column that may have become one of numbers. */
static inline vmap_status table_push_code(vmap_table *table, size_t column, int code, vmap_error *err)
{
    table_column *c = &table->columns[column];

    if (c->kind != VMAP_CODES || c->cells == c->room || (c->byte && (code < BYTE_LEAST || code > INT8_MAX)))
        return vmap_table_push_number(table, column, code, err);
    if (c->byte)
        c->byte[c->cells++] = (int8_t)code;
    else
        c->code[c->cells++] = (int16_t)code;
    return VMAP_SUCCESS;
}

/* vmap_table_add() for callers that know that the name is new: it need not be looked for. */
vmap_status table_add_new(vmap_table *table, const char *name, vmap_kind kind, vmap_error *err);

/* vmap_table_end_row() for callers that have pushed one cell to every column. */
vmap_status table_close_row(vmap_table *table, size_t line, vmap_error *err);

/* The level of a text in a column of texts, a new one when it is new; no cell is pushed. */
vmap_status table_level(vmap_table *table, size_t column, const char *text, size_t n, uint32_t *level, vmap_error *err);

/* Push a cell with a level of the column, or one without a value: LEVEL_MISSING - reason. */
vmap_status table_push_level(vmap_table *table, size_t column, uint32_t level, vmap_error *err);

/* Make cell `at` of a column of `to` what the last pushed cell of the same column of `from` is, and take that back. */
vmap_status table_move_cell(vmap_table *from, size_t column, vmap_table *to, size_t at, vmap_error *err);

/* Say why a cell of codes or numbers that has no value has none. */
static inline void table_set_reason(vmap_table *table, size_t column, size_t row, vmap_reason why)
{
    table_column *c = &table->columns[column];

    if (c->kind == VMAP_NUMBERS)
        c->reason[row] = (uint8_t)why;
    else if (c->byte)
        c->byte[row] = (int8_t)(BYTE_MISSING + (int)why);
    else
        c->code[row] = (int16_t)(CODE_MISSING + (int)why);
}

/* Take back the last row. Texts that only it had stay levels. */
static inline void table_drop_row(vmap_table *table)
{
    table->rows--;
    for (size_t i = 0; i < table->count; i++)
        table->columns[i].cells--;
}

/* Where the next small codes of a column go: nearly every cell of a survey is one, and a table of hundreds of columns is
 * filled fast only when what is touched for each cell is small. */
typedef struct {
    int8_t *next, *end; /* equal: the cell takes the long way, pushing */
} table_bytes;

static inline table_bytes table_open_bytes(const table_column *c)
{
    return c->kind == VMAP_CODES && c->byte ? (table_bytes){c->byte + c->cells, c->byte + c->room}
                                            : (table_bytes){NULL, NULL};
}

/* Tell the column of what went there; before anything is pushed to it, and at the end. */
static inline void table_close_bytes(table_column *c, const table_bytes *bytes)
{
    if (bytes->next)
        c->cells = (size_t)(bytes->next - c->byte);
}

/* Push `count` cells, `stride` bytes apart, each as it would be in a column of bytes: a small code, or BYTE_MISSING + reason.
 * A column of texts takes only the latter. */
vmap_status table_push_bytes(vmap_table *table, size_t column, const int8_t *cell, size_t count, size_t stride,
                             vmap_error *err);

/* Append the rows of `from`, which has the same columns, on up to `threads` threads: as if they had been pushed. Room is
 * made for `expected` rows in all, or what is needed. After a failure `to` is only to be freed. */
vmap_status table_append(vmap_table *to, const vmap_table *from, size_t expected, unsigned threads, vmap_error *err);

/* Take all rows away; the room for small codes is kept, and a column that has become one of numbers stays one. */
void table_clear(vmap_table *table);

#endif
