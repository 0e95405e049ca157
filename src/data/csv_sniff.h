#ifndef DATA_CSV_SNIFF_H
#define DATA_CSV_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/error.h"
#include "valuemap/read.h"

/* The dialect of a CSV file, told from its first bytes; not exported. */

typedef struct csv_dialect {
    char delimiter, decimal;
    bool mark;         /* starts with a UTF-8 byte order mark */
    bool crlf;         /* lines end in CR LF */
    bool row_names; /* the first record has a field more than the header; not sniffed, csv_header.c looks */
    size_t preamble;   /* bytes before the header, after the mark: blank lines, a title */
    size_t header;     /* bytes of the header record with its line end */
    size_t preamble_lines, header_lines; /* newlines in them */
} csv_dialect;

/* Tell the dialect from a sample: the first n bytes, `whole` when they are the whole file. What the
 * options force is taken as it is. Errors: VMAP_EPARSE, VMAP_EDATA as for
 * vmap_reader_open(). */
vmap_status csv_sniff(const char *sample, size_t n, bool whole, const vmap_read_options *options,
                      csv_dialect *dialect, vmap_error *err);

#endif
