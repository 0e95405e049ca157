#include <config.h>

#include <math.h>
#include <string.h>

#include <csv.h>

#include "core/text.h"
#include "data/csv_internal.h"

/* The header of a CSV file: names of the columns, and what it tells of the dialect. */

enum {
    SAMPLE = 1 << 18,    /* bytes that tell the dialect */
    SAMPLE_MAX = 1 << 24 /* longest header */
};

typedef struct {
    vmap_reader *reader;
    vmap_error *err;
    vmap_status status;
} header_state;

static void take_name(void *bytes, size_t n, void *data)
{
    header_state *h = data;

    if (!h->status)
        h->status = reader_add_name(h->reader, bytes, n, h->err);
}

typedef struct {
    size_t fields, records;
} record_count;

static void count_field(void *bytes, size_t n, void *data)
{
    record_count *c = data;

    (void)bytes;
    (void)n;
    c->fields += c->records == 0;
}

static void count_record(int end, void *data)
{
    (void)end;
    ((record_count *)data)->records++;
}

/* Fields of the first record in n bytes. */
static size_t first_fields(const char *bytes, size_t n, char delimiter)
{
    enum { STEP = 4096 }; /* the sample is much longer than a record */
    struct csv_parser parser;
    record_count c = {0};

    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI))
        return 0;
    csv_set_delim(&parser, (unsigned char)delimiter);
    for (size_t at = 0; at < n && c.records == 0; at += STEP)
        csv_parse(&parser, bytes + at, n - at < STEP ? n - at : STEP, count_field, count_record, &c);
    csv_fini(&parser, count_field, count_record, &c);
    csv_free(&parser);
    return c.fields;
}

/* Is the first line a record of numbers? Names that are numbers, such as years, increase; where rows have names, there is
 * one for their column, which is no number. A symmetric matrix without names would else pass for one of a row less. */
static bool lacks_names(const vmap_reader *r, char mark)
{
    double last = -INFINITY, x;
    bool increasing = true;

    for (size_t i = 0; i < r->count; i++) {
        if (!text_number(r->names[i], strlen(r->names[i]), mark, &x))
            return false;
        increasing &= x > last;
        last = x;
    }
    return !increasing || r->options.row_names;
}

/* Names of the columns; `header` begins n bytes of the file. */
static vmap_status parse_header(vmap_reader *r, csv_dialect *d, const char *header, size_t n,
                                vmap_error *err)
{
    struct csv_parser parser;
    header_state h = {.reader = r, .err = err};

    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI))
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for the CSV parser");
    csv_set_delim(&parser, (unsigned char)d->delimiter);
    d->row_names = first_fields(header + d->header, n - d->header, d->delimiter) ==
                   first_fields(header, d->header, d->delimiter) + 1;
    if (d->row_names && r->options.row_names)
        take_name("", 0, &h);
    if (csv_parse(&parser, header, d->header, take_name, NULL, &h) != d->header ||
        csv_fini(&parser, take_name, NULL, &h)) {
        if (!h.status)
            h.status = vmap_error_set(err, VMAP_EPARSE,
                                      "the header has a quote that is not closed or stands inside "
                                      "an unquoted name");
        vmap_error_place(err, NULL, 1 + d->preamble_lines, 0, NULL);
    }
    csv_free(&parser);
    if (!h.status && r->count == 0)
        h.status = vmap_error_set(err, VMAP_EPARSE, "the header has no column names");
    if (!h.status && lacks_names(r, d->decimal)) {
        h.status = vmap_error_set(err, VMAP_EPARSE, "the first line holds only numbers, where the names of the columns must "
                                                    "stand");
        vmap_error_place(err, NULL, 1 + d->preamble_lines, 0, NULL);
    }
    return h.status;
}

/* Read a growing sample until it holds the whole header. */
vmap_status csv_read_header(vmap_reader *r, csv_state *s, vmap_error *err)
{
    vmap_status status = VMAP_EPARSE;
    char *sample = NULL;

    for (size_t size = SAMPLE; status == VMAP_EPARSE && size <= SAMPLE_MAX; size *= 8) {
        char *more = realloc(sample, size);
        ssize_t n;

        if (!more) {
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu bytes", size);
            break;
        }
        sample = more;
        n = reader_bytes(r, sample, size, 0);
        if (n < 0) {
            free(sample);
            return reader_fail_io(r->path, "read the file", err);
        }
        status = csv_sniff(sample, (size_t)n, (size_t)n < size, &r->options, &s->dialect, err);
        if (!status) {
            size_t at = (s->dialect.mark ? 3 : 0) + s->dialect.preamble;

            s->start = (off_t)(at + s->dialect.header);
            s->line = 1 + s->dialect.preamble_lines + s->dialect.header_lines;
            r->header_line = 1 + s->dialect.preamble_lines;
            status = parse_header(r, &s->dialect, sample + at, (size_t)n - at, err);
            break;
        }
        if ((size_t)n < size)
            break;
    }
    free(sample);
    if (status)
        vmap_error_place(err, r->path, 0, 0, NULL);
    return status;
}
