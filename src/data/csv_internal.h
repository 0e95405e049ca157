#ifndef DATA_CSV_INTERNAL_H
#define DATA_CSV_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <csv.h>

#include "data/csv_scan.h"
#include "data/csv_sniff.h"
#include "data/reader_internal.h"
#include "data/table_internal.h"

/* What the files that read CSV share; csv_read.c says how they work together. Not exported. */

enum { CSV_WINDOW = 1 << 18 }; /* bytes read at a time */

/* What is kept between opening and reading. */
typedef struct csv_state {
    csv_dialect dialect;
    off_t start; /* of the first record after the header */
    size_t line; /* on which it stands, from 1 */
} csv_state;

/* What all parts have in common. */
typedef struct csv_plan {
    const vmap_reader *reader;
    const csv_state *state;
    size_t *order;  /* wishes sorted by field */
    size_t *wanted; /* distinct wanted fields, increasing */
    size_t *begin;  /* distinct + 1: where the wishes for each of them begin in `order` */
    size_t distinct;
    off_t size; /* of the file */
    int8_t *short_code;  /* of the first two bytes of a short cell: what it is in a column of bytes */
    uint8_t *short_most; /* of each wanted field: how many bytes a cell may have for that; texts are never short */
    size_t parts, at_once; /* how many there are, and are read before they are handed on */
    atomic_size_t failed; /* the first part that met an error: later ones need not be read */
} csv_plan;

/* One part: what it is of the file, and what came of reading it. */
typedef struct csv_part {
    csv_plan *plan;
    off_t from, to;    /* the records that begin here belong to the part */
    off_t first, next; /* where the first of them begins, and the first record of the next part */
    bool sure;         /* `first` is given and right */
    bool read;
    csv_scan_result result;
    vmap_status status;
    vmap_error err; /* lines count from 0 at `first` until the parts are joined */
    problems problems; /* that reading went on after */
    vmap_table *table;
    size_t lines; /* from `first` to `next` */
    /* while it is read: */
    struct csv_parser parser;
    csv_field *fields;
    int8_t *waiting; /* short cells, by row and wanted field, on their way to the columns */
    int8_t *turned;  /* the same by wanted field and row */
    table_bytes *codes; /* of each wanted field: where they go */
    uint16_t *sent;  /* of each wanted field: how many of these rows need not go there any more */
    size_t rows;     /* that wait, without the one at hand */
    const char *window;
    off_t window_at;
    size_t window_line, line;
    size_t quoted; /* the wanted field that libcsv is shown */
} csv_part;

/* Names of the columns and dialect of the file, from a sample that grows until it holds the whole header. Errors as
 * for vmap_reader_open(), with the path. */
vmap_status csv_read_header(vmap_reader *r, csv_state *s, vmap_error *err);

/* Fill short_code and short_most of a plan. */
vmap_status csv_short_codes(csv_plan *plan, vmap_error *err);

/* Read the part, which may have been read from another place before: rows go to p->table, lines from 0; what went wrong
 * is in p->status and p->problems. p->result is CSV_IRREGULAR when only libcsv can read it. Unless p->sure, the place
 * of the first record is guessed. */
void csv_read_part(csv_part *p);
void csv_clear_part(csv_part *p);

/* Read the file in parts and hand on their rows in its order. Where a part is irregular *result becomes
 * CSV_IRREGULAR, and *start and *line are where the rows begin that have not been handed on. */
vmap_status csv_stream_parts(vmap_reader *r, csv_plan *plan, reader_block block, void *context, off_t *start,
                             size_t *line, csv_scan_result *result, vmap_error *err);

/* Read from the record at `start`, which begins on `line`, to the end of the file with libcsv alone. */
vmap_status csv_read_plain(vmap_reader *r, const csv_plan *plan, off_t start, size_t line, reader_block block,
                           void *context, vmap_error *err);

/* A record on `line` has not as many fields as the header. */
void csv_fail_count(const vmap_reader *r, size_t fields, size_t line, vmap_error *err);

/* Field number `field` of a record on `line` has a quote where none may be. */
void csv_fail_quote(const vmap_reader *r, size_t field, size_t line, vmap_error *err);

#endif
