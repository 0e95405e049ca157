#ifndef DATA_TABLE_INTERNAL_H
#define DATA_TABLE_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "valuemap/table.h"

/* How a table lies in memory, for the code that fills millions of cells; not exported. */

/* A code cell without a value holds CODE_MISSING + reason, below every code that is stored. */
enum { CODE_MISSING = INT16_MIN, CODE_LEAST = -32000 };
/* A text cell without a value holds LEVEL_MISSING - reason, above every level. */
#define LEVEL_MISSING UINT32_MAX

typedef struct {
    char *name;
    vmap_kind kind;
    size_t cells;
    size_t room, reason_room; /* capacity of the arrays in use */
    int16_t *code;            /* VMAP_CODES */
    double *number;           /* VMAP_NUMBERS */
    uint8_t *reason;          /* VMAP_NUMBERS */
    uint32_t *level;          /* VMAP_TEXTS */
    char **text;              /* VMAP_TEXTS: text of each level */
    size_t texts, text_room;
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

    if (c->kind != VMAP_CODES || c->cells == c->room)
        return vmap_table_push_number(table, column, code, err);
    c->code[c->cells++] = (int16_t)code;
    return VMAP_SUCCESS;
}

/* vmap_table_end_row() for callers that have pushed one cell to every column. */
vmap_status table_close_row(vmap_table *table, size_t line, vmap_error *err);

/* The level of a text in a column of texts, a new one when it is new; no cell is pushed. */
vmap_status table_level(vmap_table *table, size_t column, const char *text, size_t n, uint32_t *level, vmap_error *err);

/* Push a cell with a level of the column, or one without a value: LEVEL_MISSING - reason. */
vmap_status table_push_level(vmap_table *table, size_t column, uint32_t level, vmap_error *err);

/* Make cell `at` of a column of `to` what the last pushed cell of the same column of `from` is, and take that back. */
vmap_status table_move_cell(vmap_table *from, size_t column, vmap_table *to, size_t at, vmap_error *err);

/* Take back the last row. Texts that only it had stay levels. */
static inline void table_drop_row(vmap_table *table)
{
    table->rows--;
    for (size_t i = 0; i < table->count; i++)
        table->columns[i].cells--;
}

/* Add lines that come before to the line of every row. */
static inline void table_shift_lines(vmap_table *table, size_t by)
{
    for (size_t r = 0; r < table->rows; r++)
        table->line[r] = by + table->line[r] > UINT32_MAX ? 0 : (uint32_t)(by + table->line[r]);
}

/* Join tables of the same columns, one below the other, on up to `threads` threads; lines[i] is added
 * to the lines of table i. The parts lose their cells and are still to be freed. The result is the same
 * as if all rows had been pushed to one table. */
vmap_status table_join(vmap_table *const *part, const size_t *lines, size_t parts, unsigned threads,
                       vmap_table **joined, vmap_error *err);

#endif
