#ifndef DATA_CSV_SNIFF_H
#define DATA_CSV_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/error.h"

/* The dialect of a CSV file, told from its first bytes; not exported. */

typedef struct csv_dialect {
    char delimiter, decimal;
    bool mark;         /* starts with a UTF-8 byte order mark */
    bool crlf;         /* lines end in CR LF */
    size_t header;     /* bytes of the header record with its line end, after the mark */
    size_t header_lines; /* newlines in it */
} csv_dialect;

/* Tell the dialect from a sample: the first n bytes, `whole` when they are the whole file.
 * delimiter and decimal: 0 or the one that is forced. Errors: VMAP_EPARSE, VMAP_EDATA as for
 * vmap_reader_open(). */
vmap_status csv_sniff(const char *sample, size_t n, bool whole, char delimiter, char decimal,
                      csv_dialect *dialect, vmap_error *err);

#endif
