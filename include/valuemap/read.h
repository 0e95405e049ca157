#ifndef VALUEMAP_READ_H
#define VALUEMAP_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/error.h"
#include "valuemap/table.h"

/* Reading survey files column by column: open, look at the column names, say which are wanted, read.
 *
 * Columns that nobody wants are never converted. The dialect of a CSV file (delimiter, decimal mark,
 * byte order mark, line ends) is detected once per file and can be described and forced.
 */

typedef struct vmap_read_options {
    char delimiter;       /* 0: detect among comma, semicolon, tab and |; no quote, no line end */
    char decimal;         /* 0: detect '.' or ',' */
    bool text_is_missing; /* text in a numeric cell: false (default) is an error, true counts it as
                             VMAP_UNPARSABLE */
    unsigned threads;     /* 0: one per processor; table and errors do not depend on it [0] */
} vmap_read_options;

void vmap_read_defaults(vmap_read_options *options);

typedef struct vmap_reader vmap_reader;

/* Open a file ("-": standard input) and read its header. Column names are trimmed; of a header like
 * `Q260: Sex` the name is `Q260`.
 * A column may lack a name (R writes row names so).
 * Errors: VMAP_EINVAL for options outside their domain; VMAP_ENOENT, VMAP_EIO; VMAP_EPARSE for an empty
 * file, a header with an unterminated quote or without columns, UTF-16 text, a binary file; VMAP_EDATA
 * when the decimal mark cannot be told. */
vmap_status vmap_reader_open(const char *path, const vmap_read_options *options,
                             vmap_reader **reader, vmap_error *err);
void vmap_reader_free(vmap_reader *reader);

/* Number and names of the columns; the names live as long as the reader. */
size_t vmap_reader_columns(const vmap_reader *reader);
const char *const *vmap_reader_names(const vmap_reader *reader);

/* What was detected, as words: "delimiter ';', decimal ',', UTF-8 byte order mark, CRLF". */
const char *vmap_reader_dialect(const vmap_reader *reader);

/* Ask for a column.
 *   column   index into the names
 *   as       name of the column in the table, copied
 *   allowed  what a number may be, for messages ("1..10"); copied; NULL: any number
 * VMAP_EDATA when the file has two columns of that name. */
vmap_status vmap_reader_want(vmap_reader *reader, size_t column, vmap_kind kind, const char *as,
                             const char *allowed, vmap_error *err);

/* Read the wanted columns into a new table, whose columns stand in the order of the wishes.
 * In a numeric column empty cells, NA, N/A, NaN, NULL and "." are VMAP_BLANK, in a text column only
 * empty cells are. Blank lines are skipped.
 * Errors, each with file and line: VMAP_EPARSE (unterminated quote, text around a quoted field,
 * wrong number of fields, a NUL byte), VMAP_EDATA (text where a number must be; no rows), VMAP_EIO.
 * Cost: one pass over the bytes; memory for the wanted cells only. Call it once per reader. */
vmap_status vmap_reader_read(vmap_reader *reader, vmap_table **table, vmap_error *err);

#endif
