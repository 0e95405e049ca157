#include <config.h>

#include <limits.h>
#include <string.h>

#include <csv.h>

#include "core/memory.h"
#include "data/csv_internal.h"
#include "data/table_internal.h"
#include "data/transpose.h"

/* One part of a CSV file, read the fast way by one thread. */

enum {
    GUESS = 1 << 14,      /* bytes that tell where the first record of a part may begin */
    RECORD_MAX = 1 << 30, /* longest record */
    PADDING = 64          /* readable bytes that the scan needs after the text */
};

/* ---- cells ---- */

/* Nearly every cell of a survey is empty or has one or two bytes, and what it says can be looked up by them and by the
 * separator that follows the first. Such cells wait, row by row, until some rows go to the columns together: a byte to
 * each of hundreds of columns for every row would miss the cache each time. */

/* The column of the only wish for wanted field k while it is one of small codes; NULL when there is none such. */
static table_column *code_column_of(const csv_part *p, size_t k)
{
    const csv_plan *plan = p->plan;
    size_t i = plan->begin[k];
    table_column *c = &p->table->columns[plan->order[i]];

    return plan->begin[k + 1] == i + 1 && c->kind == VMAP_CODES ? c : NULL;
}

/* Tell the table of the codes of wanted field k that were sent to its column ... */
static void close_codes(csv_part *p, size_t k)
{
    if (p->codes[k].next)
        table_close_bytes(code_column_of(p, k), &p->codes[k]);
}

/* ... and find out where the next ones go. */
static void open_codes(csv_part *p, size_t k)
{
    const table_column *c = code_column_of(p, k);

    p->codes[k] = c ? table_open_bytes(c) : (table_bytes){NULL, NULL};
}

/* Push cells of wanted field k, `stride` bytes apart, for every wish for it; its codes are closed. */
static void push_cells(csv_part *p, size_t k, const int8_t *cell, size_t count, size_t stride)
{
    const csv_plan *plan = p->plan;

    for (size_t i = plan->begin[k]; count && i < plan->begin[k + 1] && !p->status; i++)
        p->status = table_push_bytes(p->table, plan->order[i], cell, count, stride, &p->err);
}

/* Send all cells that wait to their columns. */
static void send_rows(csv_part *p)
{
    transpose_bytes(p->waiting, p->plan->distinct, p->turned);
    for (size_t k = 0; k < p->plan->distinct; k++) {
        const int8_t *cell = p->turned + k * TRANSPOSE_ROWS + p->sent[k];
        size_t count = p->rows - p->sent[k];
        table_bytes *codes = &p->codes[k];

        p->sent[k] = 0;
        if (count == TRANSPOSE_ROWS && codes->end - codes->next >= TRANSPOSE_ROWS) {
            memcpy(codes->next, cell, TRANSPOSE_ROWS);
            codes->next += TRANSPOSE_ROWS;
        } else if (count) {
            close_codes(p, k);
            push_cells(p, k, cell, count, 1);
            open_codes(p, k);
        }
    }
    p->rows = 0;
}

/* Give wanted field k to every wish for it. */
static void put_field(csv_part *p, size_t k, const char *text, size_t n)
{
    const csv_plan *plan = p->plan;
    size_t distinct = plan->distinct, waiting = p->rows - p->sent[k];

    close_codes(p, k);
    push_cells(p, k, p->waiting + p->sent[k] * distinct + k, waiting, distinct);
    for (size_t i = plan->begin[k]; i < plan->begin[k + 1] && !p->status; i++) {
        p->status = reader_put_cell(plan->reader, p->table, plan->order[i], text, n, p->line, &p->err);
        if (p->status && problems_add(&p->problems, &p->err, plan->reader->options.max_errors))
            p->status = vmap_table_push_missing(p->table, plan->order[i], VMAP_UNPARSABLE, &p->err);
    }
    p->sent[k] = (uint16_t)(p->rows + 1);
    open_codes(p, k);
}

static void take_quoted(void *bytes, size_t n, void *data)
{
    csv_part *p = data;

    put_field(p, p->quoted, bytes ? bytes : "", n);
}

static void put_quoted(csv_part *p, size_t k, const char *text, size_t n)
{
    p->quoted = k;
    if ((csv_parse(&p->parser, text, n, take_quoted, NULL, p) != n ||
         csv_parse(&p->parser, "\n", 1, take_quoted, NULL, p) != 1) &&
        !p->status) {
        p->status = VMAP_EPARSE;
        csv_fail_quote(p->plan->reader, p->plan->wanted[k], p->line, &p->err);
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

/* The first two bytes of a cell, which may be those of the separator behind it. */
static uint16_t key_of(const char *text)
{
    uint16_t key;

    memcpy(&key, text, sizeof key);
    return key;
}

enum { NO_CODE = BYTE_MISSING };

/* Has a wish its own idea of what an empty cell says? */
static bool empty_is_word(const vmap_reader *r)
{
    for (size_t i = 0; i < r->wish_count; i++) {
        for (size_t j = 0; j < r->wishes[i].words_count; j++) {
            if (!*r->wishes[i].words[j].text)
                return true;
        }
    }
    return false;
}

static void fill_short_codes(int8_t *codes, char delimiter, bool blanks)
{
    const char ends[] = {'\n', '\r', delimiter};

    memset(codes, NO_CODE, UINT16_MAX + 1);
    if (delimiter == '-' || (delimiter >= '0' && delimiter <= '9'))
        return; /* an empty cell would look like a code */
    for (size_t i = 0; i < sizeof ends; i++) {
        for (int second = 0; blanks && second <= UCHAR_MAX; second++)
            codes[key_of((const char[]){ends[i], (char)second})] = BYTE_MISSING + VMAP_BLANK;
        for (char first = '0'; first <= '9'; first++)
            codes[key_of((const char[]){first, ends[i]})] = (int8_t)(first - '0');
    }
    for (char first = '0'; first <= '9'; first++) {
        codes[key_of((const char[]){'-', first})] = (int8_t)('0' - first);
        for (char second = '0'; second <= '9'; second++)
            codes[key_of((const char[]){first, second})] = (int8_t)(10 * (first - '0') + second - '0');
    }
}

vmap_status csv_short_codes(csv_plan *plan, vmap_error *err)
{
    const vmap_reader *r = plan->reader;

    plan->short_code = memory_new(UINT16_MAX + 1, sizeof *plan->short_code, err);
    plan->short_most = memory_new(plan->distinct, sizeof *plan->short_most, err);
    if (!plan->short_code || !plan->short_most)
        return VMAP_ENOMEM;
    fill_short_codes(plan->short_code, plan->state->dialect.delimiter, !empty_is_word(r));
    for (size_t k = 0; k < plan->distinct; k++) {
        plan->short_most[k] = 2;
        for (size_t i = plan->begin[k]; i < plan->begin[k + 1]; i++) {
            if (r->wishes[plan->order[i]].kind == VMAP_TEXTS)
                plan->short_most[k] = 0;
        }
    }
    return VMAP_SUCCESS;
}

static void put_long_way(csv_part *p, size_t k, const char *text, size_t n)
{
    if (n && text[0] == '"')
        put_quoted(p, k, text, n);
    else
        put_field(p, k, text, n);
}

static void put_fields(csv_part *p, const csv_record *record)
{
    const size_t distinct = p->plan->distinct;
    const int8_t *short_code = p->plan->short_code;
    const uint8_t *most = p->plan->short_most;
    const char *window = p->window;
    const csv_field *field = record->wanted;
    int8_t *cell = p->waiting + p->rows * distinct;

    for (size_t k = 0; k < distinct; k++) {
        const char *text = window + field[k].from;
        size_t n = field[k].to - field[k].from;
        int8_t code = short_code[key_of(text)];

        cell[k] = code;
        if (code == NO_CODE || n > most[k]) {
            put_long_way(p, k, text, n);
            if (p->status)
                return;
        }
    }
    if (++p->rows == TRANSPOSE_ROWS)
        send_rows(p);
}

static bool take_record(void *context, const csv_record *record)
{
    csv_part *p = context;
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
        csv_fail_count(r, record->fields, p->line, &p->err);
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

/* ---- where the first record of a part begins ---- */

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
static bool looks_right(const csv_part *p, const char *text, size_t n, size_t from)
{
    trial t = {.columns = p->plan->reader->count, .text = text + from, .regular = true};
    size_t done, lines;

    return csv_scan(text + from, n - from, p->plan->state->dialect.delimiter, NULL, 0, NULL, try_record,
                    &t, &done, &lines) != CSV_IRREGULAR && t.regular;
}

/* Assume a place for the first record of the part: `n` bytes of `text` begin one byte before it. */
static void guess_first(csv_part *p, const char *text, size_t n)
{
    size_t unquoted = first_end(text, n, false), quoted;

    p->first = p->from - 1 + (off_t)unquoted;
    if (!memchr(text, '"', n) || looks_right(p, text, n, unquoted))
        return;
    quoted = first_end(text, n, true);
    if (looks_right(p, text, n, quoted))
        p->first = p->from - 1 + (off_t)quoted;
}

/* ---- the records of a part ---- */

/* Where a part gets bytes from: a window that moves over the file. */
typedef struct {
    char *text;
    size_t room, kept;
    off_t at; /* of the bytes after the kept ones */
    bool last;
} csv_window;

/* Fill the window up; the last line of the file gets its newline. Returns the number of bytes, or -1. */
static ssize_t fill(csv_part *p, csv_window *w)
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
static bool slide(csv_part *p, csv_window *w, size_t n, size_t done)
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

static void scan_part(csv_part *p, csv_window *w)
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

void csv_clear_part(csv_part *p)
{
    vmap_table_free(p->table);
    free(p->problems.list);
    p->table = NULL;
    p->problems = (problems){0};
}

static vmap_status begin_part(csv_part *p, csv_window *w)
{
    const csv_plan *plan = p->plan;

    if (p->read)
        csv_clear_part(p); /* what was read from a wrong place may have left its mark on columns */
    if (!p->table)
        p->table = reader_part(plan->reader, &p->err);
    p->fields = memory_new(plan->distinct, sizeof *p->fields, &p->err);
    p->waiting = memory_new(plan->distinct * TRANSPOSE_ROWS, sizeof *p->waiting, &p->err);
    p->turned = memory_new(plan->distinct * TRANSPOSE_ROWS, sizeof *p->turned, &p->err);
    p->codes = memory_new(plan->distinct, sizeof *p->codes, &p->err);
    p->sent = memory_new(plan->distinct, sizeof *p->sent, &p->err);
    w->room = CSV_WINDOW;
    w->text = malloc(w->room + PADDING + 1);
    if (!p->table || !p->fields || !p->waiting || !p->turned || !p->codes || !p->sent || !w->text)
        return vmap_error_set(&p->err, VMAP_ENOMEM, "no memory for reading the file");
    p->status = VMAP_SUCCESS;
    p->result = CSV_SCANNED;
    p->window_line = p->lines = 0;
    p->rows = 0;
    for (size_t k = 0; k < plan->distinct; k++)
        open_codes(p, k);
    return VMAP_SUCCESS;
}

void csv_read_part(csv_part *p)
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
            w.room = CSV_WINDOW;
            if (n >= 0)
                guess_first(p, w.text, (size_t)n);
        }
        if (!p->status)
            scan_part(p, &w);
        csv_free(&p->parser);
    }
    if (!p->status)
        send_rows(p);
    for (size_t k = 0; p->table && p->codes && k < p->plan->distinct; k++)
        close_codes(p, k);
    free(w.text);
    free(p->fields);
    free(p->waiting);
    free(p->turned);
    free(p->codes);
    free(p->sent);
    p->fields = NULL;
    p->waiting = p->turned = NULL;
    p->codes = NULL;
    p->sent = NULL;
}
