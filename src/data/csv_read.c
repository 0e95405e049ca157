#include <config.h>

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <csv.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/text.h"
#include "data/csv_scan.h"
#include "data/csv_sniff.h"
#include "data/reader_internal.h"
#include "data/table_internal.h"

/* Reading CSV files.
 *
 * The fast way divides the file into parts of equal size, which threads take one after another. A
 * vectorised scan finds the records and the wanted fields of a part; an unquoted field is a cell as it
 * stands, a quoted one is shown to libcsv. A part owns the records that begin in it. Whether a newline
 * inside it ends a record cannot be known without reading everything before it, so the scan assumes
 * what makes its first records regular, and afterwards each part must begin exactly where the one
 * before it ended: a part that does not is read again from there. The first part begins at the header,
 * so by induction all begin where they should.
 *
 * The plain way shows every byte to libcsv, on one thread; it is for files whose quotes or line ends
 * the scan does not understand. */

enum {
    SAMPLE = 1 << 18,     /* bytes that tell the dialect */
    SAMPLE_MAX = 1 << 24, /* longest header */
    WINDOW = 1 << 18,     /* bytes read at a time */
    GUESS = 1 << 14,      /* bytes that tell where the first record of a part may begin */
    PLAIN_ROWS = 1 << 14, /* rows of a block that libcsv reads */
    RECORD_MAX = 1 << 30, /* longest record */
    PADDING = 64          /* readable bytes that the scan needs after the text */
};

typedef struct {
    csv_dialect dialect;
    off_t start; /* of the first record after the header */
    size_t line; /* on which it stands, from 1 */
} csv_state;

/* ---- the header ---- */

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

static void describe(vmap_reader *r, const csv_dialect *d)
{
    reader_describe(r, "delimiter %s%c%s, decimal '%c'", d->delimiter == '\t' ? "" : "'",
                    d->delimiter == '\t' ? 'T' : d->delimiter, d->delimiter == '\t' ? "AB" : "'",
                    d->decimal);
    if (d->mark)
        reader_describe(r, "byte order mark");
    if (d->crlf)
        reader_describe(r, "CRLF");
    if (d->preamble_lines)
        reader_describe(r, "%zu line%s before the header", d->preamble_lines,
                        d->preamble_lines == 1 ? "" : "s");
}

/* Read a growing sample until it holds the whole header. */
static vmap_status read_header(vmap_reader *r, csv_state *s, vmap_error *err)
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

/* ---- the fast way: one part of the file ---- */

/* What all parts have in common. */
typedef struct {
    const vmap_reader *reader;
    const csv_state *state;
    size_t *order;  /* wishes sorted by field */
    size_t *wanted; /* distinct wanted fields, increasing */
    size_t *begin;  /* distinct + 1: where the wishes for each of them begin in `order` */
    size_t distinct;
    off_t size; /* of the file */
    int8_t *short_code; /* of the first two bytes of a cell that has one or two */
    size_t parts, at_once; /* how many there are, and are read before they are handed on */
    atomic_size_t failed; /* the first part that met an error: later ones need not be read */
} csv_plan;

typedef struct {
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
    table_bytes *codes; /* of each wanted field */
    const char *window;
    off_t window_at;
    size_t window_line, line;
    size_t quoted; /* the wanted field that libcsv is shown */
} part;

static void fail_count(const vmap_reader *r, size_t fields, size_t line, vmap_error *err)
{
    const csv_state *s = r->state;

    vmap_error_set(err, VMAP_EPARSE, "%zu field%s, but the header names %zu columns%s", fields,
                   fields == 1 ? "" : "s", r->count,
                   fields == r->count + 1 && s->dialect.row_names
                       ? "; write.table() of R puts row names in a column without a name: use row.names = FALSE, or col.names = NA"
                       : "");
    vmap_error_place(err, r->path, line, 0, NULL);
}

/* Field number `field` of a record has a quote where none may be. */
static void fail_quote(const vmap_reader *r, size_t field, size_t line, vmap_error *err)
{
    vmap_error_set(err, VMAP_EPARSE,
                   "a quote is not closed, or stands inside an unquoted field; in CSV a quote inside "
                   "a quoted field is written twice");
    vmap_error_place(err, r->path, line, 0, field < r->count ? r->names[field] : NULL);
}

/* The column of the only wish for wanted field k while it is one of codes; NULL when it takes the long way. */
static table_column *code_column_of(const part *p, size_t k)
{
    const csv_plan *plan = p->plan;
    size_t i = plan->begin[k];
    table_column *c = &p->table->columns[plan->order[i]];

    return plan->begin[k + 1] == i + 1 && c->kind == VMAP_CODES ? c : NULL;
}

/* Tell the table of the codes of wanted field k ... */
static void close_codes(part *p, size_t k)
{
    if (p->codes[k].next)
        table_close_bytes(code_column_of(p, k), &p->codes[k]);
}

/* ... and find out where the next ones go. */
static void open_codes(part *p, size_t k)
{
    const table_column *c = code_column_of(p, k);

    p->codes[k] = c ? table_open_bytes(c) : (table_bytes){NULL, NULL};
}

/* Give wanted field k to every wish for it. */
static void put_field(part *p, size_t k, const char *text, size_t n)
{
    const csv_plan *plan = p->plan;

    close_codes(p, k);
    for (size_t i = plan->begin[k]; i < plan->begin[k + 1] && !p->status; i++) {
        p->status = reader_put_cell(plan->reader, p->table, plan->order[i], text, n, p->line, &p->err);
        if (p->status && problems_add(&p->problems, &p->err, plan->reader->options.max_errors))
            p->status = vmap_table_push_missing(p->table, plan->order[i], VMAP_UNPARSABLE, &p->err);
    }
    open_codes(p, k);
}

static void take_quoted(void *bytes, size_t n, void *data)
{
    part *p = data;

    put_field(p, p->quoted, bytes ? bytes : "", n);
}

static void put_quoted(part *p, size_t k, const char *text, size_t n)
{
    p->quoted = k;
    if ((csv_parse(&p->parser, text, n, take_quoted, NULL, p) != n ||
         csv_parse(&p->parser, "\n", 1, take_quoted, NULL, p) != 1) &&
        !p->status) {
        p->status = VMAP_EPARSE;
        fail_quote(p->plan->reader, p->plan->wanted[k], p->line, &p->err);
        problems_add(&p->problems, &p->err, 0);
    }
}

static bool is_blank_record(const char *text, const csv_record *record)
{
    size_t i = record->from;

    while (i < record->to && (text[i] == ' ' || text[i] == '\t'))
        i++;
    return record->fields == 1 && i == record->to;
}

/* Nearly every cell of a survey has one or two bytes, and which code it is can be looked up by them and by the separator
 * that follows a single one. */
static uint16_t key_of(const char *text)
{
    uint16_t key;

    memcpy(&key, text, sizeof key);
    return key;
}

enum { NO_CODE = BYTE_MISSING };

static vmap_status make_short_codes(csv_plan *plan, vmap_error *err)
{
    const char ends[] = {'\n', '\r', plan->state->dialect.delimiter};
    int8_t *codes = memory_new(UINT16_MAX + 1, sizeof *codes, err);

    plan->short_code = codes;
    for (size_t i = 0; codes && i <= UINT16_MAX; i++)
        codes[i] = NO_CODE;
    for (char first = '0'; codes && first <= '9'; first++) {
        codes[key_of((const char[]){'-', first})] = (int8_t)('0' - first);
        for (char second = '0'; second <= '9'; second++)
            codes[key_of((const char[]){first, second})] = (int8_t)(10 * (first - '0') + second - '0');
        for (size_t i = 0; i < sizeof ends; i++)
            codes[key_of((const char[]){first, ends[i]})] = (int8_t)(first - '0');
    }
    return codes ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static void put_fields(part *p, const csv_record *record)
{
    const int8_t *short_code = p->plan->short_code;

    for (size_t k = 0; k < p->plan->distinct && !p->status; k++) {
        const char *text = p->window + record->wanted[k].from;
        size_t n = record->wanted[k].to - record->wanted[k].from;
        table_bytes *codes = &p->codes[k];
        int8_t code = short_code[key_of(text)];

        if (n - 1 < 2 && code != NO_CODE && codes->next != codes->end)
            *codes->next++ = code;
        else if (n && text[0] == '"')
            put_quoted(p, k, text, n);
        else
            put_field(p, k, text, n);
    }
}

static bool take_record(void *context, const csv_record *record)
{
    part *p = context;
    const vmap_reader *r = p->plan->reader;
    off_t at = p->window_at + (off_t)record->from;

    if (at >= p->to) { /* the next part's */
        p->next = at;
        p->lines = p->window_line + record->line;
        return false;
    }
    p->line = p->window_line + record->line;
    if (is_blank_record(p->window, record))
        return true;
    if (record->fields != r->count) {
        fail_count(r, record->fields, p->line, &p->err);
        if (problems_add(&p->problems, &p->err, r->options.max_errors))
            return true;
        p->status = VMAP_EPARSE;
        return false;
    }
    put_fields(p, record);
    if (!p->status)
        p->status = table_close_row(p->table, p->line, &p->err);
    return !p->status;
}

/* -- where the first record of a part begins -- */

typedef struct {
    size_t columns, records;
    const char *text;
    bool regular;
} trial;

static bool try_record(void *context, const csv_record *record)
{
    trial *t = context;

    t->regular = record->fields == t->columns || is_blank_record(t->text, record);
    return t->regular && ++t->records < 3;
}

/* The end of the first line that does not end inside quotes, given whether text[0] stands in some; n
 * when there is none. */
static size_t first_end(const char *text, size_t n, bool in_quotes)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"')
            in_quotes = !in_quotes;
        else if (text[i] == '\n' && !in_quotes)
            return i + 1;
    }
    return n;
}

/* Do the records after `from` look as they should? */
static bool looks_right(const part *p, const char *text, size_t n, size_t from)
{
    trial t = {.columns = p->plan->reader->count, .text = text + from, .regular = true};
    size_t done, lines;

    return csv_scan(text + from, n - from, p->plan->state->dialect.delimiter, NULL, 0, NULL, try_record,
                    &t, &done, &lines) != CSV_IRREGULAR && t.regular;
}

/* Assume a place for the first record of the part: `n` bytes of `text` begin one byte before it. */
static void guess_first(part *p, const char *text, size_t n)
{
    size_t unquoted = first_end(text, n, false), quoted;

    p->first = p->from - 1 + (off_t)unquoted;
    if (!memchr(text, '"', n) || looks_right(p, text, n, unquoted))
        return;
    quoted = first_end(text, n, true);
    if (looks_right(p, text, n, quoted))
        p->first = p->from - 1 + (off_t)quoted;
}

/* -- the records of a part -- */

/* Where a part gets bytes from: a window that moves over the file. */
typedef struct {
    char *text;
    size_t room, kept;
    off_t at; /* of the bytes after the kept ones */
    bool last;
} csv_window;

/* Fill the window up; the last line of the file gets its newline. Returns the number of bytes, or -1. */
static ssize_t fill(part *p, csv_window *w)
{
    ssize_t got = reader_bytes(p->plan->reader, w->text + w->kept, w->room - w->kept, w->at);
    size_t n = w->kept + (size_t)(got > 0 ? got : 0);

    if (got < 0) {
        p->status = reader_fail_io(p->plan->reader->path, "read the file", &p->err);
        return -1;
    }
    w->at += got;
    w->last = n < w->room;
    if (w->last && n && w->text[n - 1] != '\n')
        w->text[n++] = '\n';
    memset(w->text + n, 0, PADDING);
    return (ssize_t)n;
}

/* What the scan has not taken moves to the front; a record that fills the window doubles it. */
static bool slide(part *p, csv_window *w, size_t n, size_t done)
{
    char *more;

    w->kept = n - done;
    memmove(w->text, w->text + done, w->kept);
    if (w->kept < w->room)
        return true;
    if (w->room > RECORD_MAX / 2) {
        p->status = vmap_error_set(&p->err, VMAP_EPARSE, "a record is longer than %d MB; is a quote not closed?",
                                   RECORD_MAX >> 20);
        vmap_error_place(&p->err, p->plan->reader->path, p->window_line, 0, NULL);
        problems_add(&p->problems, &p->err, 0);
        return false;
    }
    more = realloc(w->text, 2 * w->room + PADDING + 1);
    if (!more) {
        p->status = vmap_error_set(&p->err, VMAP_ENOMEM, "no memory for a record of %zu bytes",
                                   w->room);
        return false;
    }
    w->text = more;
    w->room *= 2;
    return true;
}

static void scan_part(part *p, csv_window *w)
{
    const csv_plan *plan = p->plan;

    w->at = p->first;
    w->kept = 0;
    w->last = false;
    p->next = plan->size;
    p->window_at = p->first;
    while (!w->last) {
        size_t done, lines;
        ssize_t n = fill(p, w);

        if (n < 0)
            return;
        p->window = w->text;
        p->result = csv_scan(w->text, (size_t)n, plan->state->dialect.delimiter, plan->wanted,
                             plan->distinct, p->fields, take_record, p, &done, &lines);
        if (p->result != CSV_SCANNED)
            return;
        p->window_line += lines;
        p->window_at += (off_t)done;
        p->lines = p->window_line;
        if (w->last && done < (size_t)n)
            p->result = CSV_IRREGULAR; /* a quote is open at the end: libcsv says where */
        else if (!w->last && !slide(p, w, (size_t)n, done))
            return;
    }
}

static void clear_part(part *p)
{
    vmap_table_free(p->table);
    free(p->problems.list);
    p->table = NULL;
    p->problems = (problems){0};
}

static vmap_status begin_part(part *p, csv_window *w)
{
    const csv_plan *plan = p->plan;

    if (p->read)
        clear_part(p); /* what was read from a wrong place may have left its mark on columns */
    if (!p->table)
        p->table = reader_part(plan->reader, &p->err);
    p->fields = memory_new(plan->distinct, sizeof *p->fields, &p->err);
    p->codes = memory_new(plan->distinct, sizeof *p->codes, &p->err);
    w->room = WINDOW;
    w->text = malloc(w->room + PADDING + 1);
    if (!p->table || !p->fields || !p->codes || !w->text)
        return vmap_error_set(&p->err, VMAP_ENOMEM, "no memory for reading the file");
    p->status = VMAP_SUCCESS;
    p->result = CSV_SCANNED;
    p->window_line = p->lines = 0;
    for (size_t k = 0; k < plan->distinct; k++)
        open_codes(p, k);
    return VMAP_SUCCESS;
}

static void read_part(part *p)
{
    csv_window w = {0};

    p->status = begin_part(p, &w);
    p->read = true;
    if (p->status || csv_init(&p->parser, CSV_STRICT | CSV_STRICT_FINI)) {
        p->status = VMAP_ENOMEM;
    } else {
        csv_set_delim(&p->parser, (unsigned char)p->plan->state->dialect.delimiter);
        csv_set_blk_size(&p->parser, 4096);
        if (!p->sure) {
            ssize_t n;

            w.at = p->from - 1;
            w.room = GUESS;
            n = fill(p, &w);
            w.room = WINDOW;
            if (n >= 0)
                guess_first(p, w.text, (size_t)n);
        }
        if (!p->status)
            scan_part(p, &w);
        csv_free(&p->parser);
    }
    for (size_t k = 0; p->table && p->codes && k < p->plan->distinct; k++)
        close_codes(p, k);
    free(w.text);
    free(p->fields);
    free(p->codes);
    p->fields = NULL;
    p->codes = NULL;
}

static void read_task(void *context, size_t i)
{
    part *p = (part *)context + i;
    size_t failed = atomic_load(&p->plan->failed);

    if (i > failed)
        return;
    read_part(p);
    while ((p->status || p->result == CSV_IRREGULAR) && i < failed &&
           !atomic_compare_exchange_weak(&p->plan->failed, &failed, i))
        continue;
}

/* ---- the parts together ---- */

/* Take over what was wrong in a part, now that its lines are known. */
static vmap_status take_problems(vmap_reader *r, part *p, size_t line)
{
    for (size_t i = 0; i < p->problems.count; i++) {
        vmap_error *e = &p->problems.list[i];

        e->line += line;
        if (!problems_add(&r->problems, e, r->options.max_errors))
            return e->status;
    }
    return VMAP_SUCCESS;
}

/* Of parts from..to - 1 every one must begin where the one before it ended; then the first failure counts. `line` is that
 * of the first part. */
static vmap_status check_parts(vmap_reader *r, part *parts, size_t from, size_t to, size_t line, csv_scan_result *result,
                               vmap_error *err)
{
    vmap_status status;

    for (size_t i = from; i < to; i++) {
        part *p = &parts[i];

        if (i > 0 && (!p->read || p->first != parts[i - 1].next)) {
            p->first = parts[i - 1].next;
            p->sure = true;
            read_part(p);
        }
        if (p->result == CSV_IRREGULAR && !p->status) {
            *result = CSV_IRREGULAR;
            return VMAP_SUCCESS;
        }
        status = take_problems(r, p, line);
        if (!status && p->status) { /* no fault of the data */
            if (err)
                *err = p->err;
            return p->status;
        }
        if (status)
            return status;
        line += p->lines;
    }
    return VMAP_SUCCESS;
}

static part *plan_parts(const vmap_reader *r, csv_plan *plan, vmap_error *err)
{
    off_t start = plan->state->start, length = plan->size > start ? plan->size - start : 0;
    unsigned threads = r->options.threads ? r->options.threads : parallel_processors();
    part *parts;

    plan->at_once = threads > 1 ? 2 * threads : 1;
    plan->parts = (size_t)length / r->part + 1;
    parts = memory_new(plan->parts, sizeof *parts, err);
    for (size_t i = 0; parts && i < plan->parts; i++) {
        parts[i].plan = plan;
        parts[i].from = parts[i].first = start + (off_t)(i * r->part);
        parts[i].to = parts[i].from + (off_t)r->part;
    }
    return parts;
}

/* Hand on the rows of parts from..to - 1, which have been checked, and their tables to the parts that come `at_once` later;
 * returns the line after them in *line. */
static vmap_status hand_on(vmap_reader *reader, part *parts, size_t from, size_t to, size_t *line, reader_block block,
                           void *context, vmap_error *err)
{
    const csv_plan *plan = parts[from].plan;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = from; !status && i < to; i++) {
        vmap_table *t = parts[i].table;

        for (size_t r = 0; r < t->rows; r++)
            t->line[r] = *line + t->line[r] > UINT32_MAX ? 0 : (uint32_t)(*line + t->line[r]);
        *line += parts[i].lines;
        reader->share = (double)parts[i].next / (double)plan->size;
        status = t->rows ? block(context, t, err) : VMAP_SUCCESS;
        if (i + plan->at_once < plan->parts) {
            table_clear(t);
            parts[i + plan->at_once].table = t;
            parts[i].table = NULL;
        }
        clear_part(&parts[i]);
    }
    return status;
}

/* Some parts at a time. *start and *line are where the rows begin that could not be read this way. */
static vmap_status stream_parts(vmap_reader *r, csv_plan *plan, reader_block block, void *context, off_t *start,
                                size_t *line, csv_scan_result *result, vmap_error *err)
{
    size_t to;
    part *parts = plan_parts(r, plan, err);
    vmap_status status = parts ? VMAP_SUCCESS : VMAP_ENOMEM;

    *start = plan->state->start;
    *line = plan->state->line;
    for (size_t from = 0; !status && from < plan->parts && *result != CSV_IRREGULAR; from = to) {
        size_t before = r->problems.count;

        to = from + plan->at_once < plan->parts ? from + plan->at_once : plan->parts;
        parts[from].first = *start;
        parts[from].sure = true;
        atomic_store(&plan->failed, to - from);
        parallel_for(to - from, r->options.threads, read_task, parts + from);
        status = check_parts(r, parts, from, to, *line, result, err);
        if (*result == CSV_IRREGULAR)
            r->problems.count = before; /* those of these parts come again */
        else if (!status)
            status = hand_on(r, parts, from, to, line, block, context, err);
        if (!status && *result != CSV_IRREGULAR)
            *start = parts[to - 1].next;
    }
    for (size_t i = 0; parts && i < plan->parts; i++)
        clear_part(&parts[i]);
    free(parts);
    return status;
}

/* ---- the plain way: show every byte to libcsv ---- */

typedef struct {
    vmap_reader *reader;
    const csv_plan *plan;
    vmap_table *table;
    vmap_error err;
    vmap_status status;
    struct csv_parser parser;
    size_t line;                  /* on which the record at hand began, from 1 */
    off_t start;                  /* where to begin */
    reader_block block;           /* takes the rows */
    void *context;
    size_t field_line, next_line; /* of the field at hand and of the next byte */
    size_t field, wanted;         /* number of the field at hand, and of the next wanted one */
} plain;

static bool may_go_on(plain *j)
{
    return problems_add(&j->reader->problems, &j->err, j->reader->options.max_errors);
}

/* Take back the cells of a row that is left out. */
static void drop_cells(vmap_table *t)
{
    for (size_t i = 0; i < t->count; i++)
        t->columns[i].cells = t->rows;
}

static void whole_field(void *bytes, size_t n, void *data)
{
    plain *j = data;
    const csv_plan *plan = j->plan;

    if (!j->status && j->wanted < plan->distinct && plan->wanted[j->wanted] == j->field) {
        for (size_t i = plan->begin[j->wanted]; i < plan->begin[j->wanted + 1] && !j->status; i++) {
            j->status = reader_put_cell(j->reader, j->table, plan->order[i], bytes ? bytes : "", n,
                                        j->line, &j->err);
            if (j->status && may_go_on(j))
                j->status = vmap_table_push_missing(j->table, plan->order[i], VMAP_UNPARSABLE, &j->err);
        }
        j->wanted++;
    }
    j->field++;
    j->field_line = j->next_line;
}

static void whole_row(int end, void *data)
{
    plain *j = data;
    size_t fields = j->field;

    (void)end;
    j->field = j->wanted = 0;
    if (j->status)
        return;
    if (fields != j->plan->reader->count) {
        fail_count(j->plan->reader, fields, j->line, &j->err);
        j->status = may_go_on(j) ? VMAP_SUCCESS : VMAP_EPARSE;
        drop_cells(j->table);
    } else {
        j->status = table_close_row(j->table, j->line, &j->err);
    }
    if (!j->status && j->table->rows == PLAIN_ROWS) {
        j->status = j->block(j->context, j->table, &j->err);
        table_clear(j->table);
    }
}

/* libcsv knows no lines: feed it line by line and count them. A record that spans lines keeps the
 * line on which it began, and a field the one on which the field before it ended: there an
 * unterminated quote opens. */
static void feed_lines(plain *j, const char *text, size_t n)
{
    while (n && !j->status) {
        const char *end = memchr(text, '\n', n);
        size_t length = end ? (size_t)(end - text) + 1 : n;

        if (j->field == 0 && j->parser.entry_pos == 0)
            j->line = j->field_line = j->next_line;
        if (csv_parse(&j->parser, text, length, whole_field, whole_row, j) != length && !j->status) {
            j->status = VMAP_EPARSE;
            fail_quote(j->plan->reader, j->field, j->field_line, &j->err);
            problems_add(&j->reader->problems, &j->err, 0);
        }
        j->next_line += end != NULL;
        text += length;
        n -= length;
    }
}

static void feed_file(plain *j)
{
    const vmap_reader *r = j->plan->reader;
    char *window = malloc(WINDOW);
    off_t offset = j->start;
    ssize_t got = 0;

    while (window && !j->status && (got = reader_bytes(r, window, WINDOW, offset)) > 0) {
        offset += got;
        j->reader->share = (double)offset / (double)j->plan->size;
        feed_lines(j, window, (size_t)got);
    }
    if (!window) {
        j->status = vmap_error_set(&j->err, VMAP_ENOMEM, "no memory for a window of the file");
    } else if (got < 0) {
        j->status = reader_fail_io(r->path, "read the file", &j->err);
    } else if (!j->status && csv_fini(&j->parser, whole_field, whole_row, j) && !j->status) {
        j->status = VMAP_EPARSE;
        fail_quote(r, j->field, j->field_line, &j->err);
        problems_add(&j->reader->problems, &j->err, 0);
    }
    free(window);
}

/* From the record at `start`, which begins on `line`. */
static vmap_status read_plain(vmap_reader *r, const csv_plan *plan, off_t start, size_t line, reader_block block,
                              void *context, vmap_error *err)
{
    plain j = {.reader = r,
               .plan = plan,
               .table = reader_part(r, err),
               .start = start,
               .next_line = line,
               .block = block,
               .context = context};

    if (!j.table)
        return VMAP_ENOMEM;
    if (csv_init(&j.parser, CSV_STRICT | CSV_STRICT_FINI)) {
        j.status = vmap_error_set(&j.err, VMAP_ENOMEM, "no memory for the CSV parser");
    } else {
        csv_set_delim(&j.parser, (unsigned char)plan->state->dialect.delimiter);
        csv_set_blk_size(&j.parser, 4096);
        feed_file(&j);
        csv_free(&j.parser);
    }
    if (!j.status && j.table->rows)
        j.status = block(context, j.table, &j.err);
    if (j.status && err)
        *err = j.err;
    vmap_table_free(j.table);
    return j.status;
}

/* ---- both ---- */

static int by_field(const void *a, const void *b, void *context)
{
    const wish *wishes = context;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;

    if (wishes[i].field != wishes[j].field)
        return wishes[i].field < wishes[j].field ? -1 : 1;
    return i < j ? -1 : i > j;
}

static vmap_status make_plan(csv_plan *plan, vmap_error *err)
{
    const vmap_reader *r = plan->reader;
    struct stat info;

    plan->order = memory_new(r->wish_count, sizeof *plan->order, err);
    plan->wanted = memory_new(r->wish_count, sizeof *plan->wanted, err);
    plan->begin = memory_new(r->wish_count + 1, sizeof *plan->begin, err);
    if (!plan->order || !plan->wanted || !plan->begin)
        return VMAP_ENOMEM;
    if (fstat(r->fd, &info))
        return reader_fail_io(r->path, "read the file", err);
    plan->size = info.st_size;
    for (size_t i = 0; i < r->wish_count; i++)
        plan->order[i] = i;
    qsort_r(plan->order, r->wish_count, sizeof *plan->order, by_field, r->wishes);
    for (size_t i = 0; i < r->wish_count; i++) {
        size_t field = r->wishes[plan->order[i]].field;

        if (plan->distinct == 0 || plan->wanted[plan->distinct - 1] != field) {
            plan->begin[plan->distinct] = i;
            plan->wanted[plan->distinct++] = field;
        }
    }
    plan->begin[plan->distinct] = r->wish_count;
    return make_short_codes(plan, err);
}

static void forget_plan(csv_plan *plan)
{
    free(plan->order);
    free(plan->wanted);
    free(plan->begin);
    free(plan->short_code);
}

static vmap_status stream_rows(vmap_reader *r, reader_block block, void *context, vmap_error *err)
{
    csv_plan plan = {.reader = r, .state = r->state};
    csv_scan_result result = CSV_SCANNED;
    off_t start = 0;
    size_t line = 0;
    vmap_status status = make_plan(&plan, err);

    if (!status)
        status = stream_parts(r, &plan, block, context, &start, &line, &result, err);
    if (!status && result == CSV_IRREGULAR)
        status = read_plain(r, &plan, start, line, block, context, err);
    forget_plan(&plan);
    return status;
}

static void close_state(vmap_reader *r)
{
    free(r->state);
}

static const reader_format csv_format = {"CSV", NULL, close_state, stream_rows};

vmap_status csv_open(vmap_reader *r, vmap_error *err)
{
    csv_state *s = memory_new(1, sizeof *s, err);
    vmap_status status;

    if (!s)
        return VMAP_ENOMEM;
    r->state = s;
    r->format = &csv_format;
    status = read_header(r, s, err);
    if (status)
        return status;
    r->decimal = s->dialect.decimal;
    describe(r, &s->dialect);
    return VMAP_SUCCESS;
}
