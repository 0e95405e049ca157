#include <config.h>

#include <math.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/sandbox.h"
#include "core/text.h"
#include "data/stat_internal.h"
#include "data/stat_reader.h"
#include "data/table_internal.h"

/* The values of a file of a statistical package, which come from the sandbox row by row, become a table. */

enum { ROWS_AT_ONCE = 1024 };

/* A wanted column of the file, and the wishes for it. */
typedef struct {
    size_t field, first, count; /* places in `order` */
    const column_values *values;
    size_t to;  /* its column of the table */
} source;

/* The short way of the codes of a column for which there is one wish: where the next one goes, and which go the long
 * way, those between the least and the largest code that the file declares missing or labels so. */
typedef struct {
    table_bytes bytes;
    int16_t low, high;
} short_way;

typedef struct {
    vmap_reader *reader;
    vmap_table *table;
    size_t *order;
    source *sources;
    short_way *codes; /* of each source */
    size_t count;
    unsigned char *wanted; /* by column of the file */
    buffer text;
    size_t row;
    reader_block block; /* takes every ROWS_AT_ONCE rows; NULL: all stay in the table */
    void *context;
    vmap_error *err;
} filling;

static vmap_status make_sources(filling *f)
{
    vmap_reader *r = f->reader;

    f->order = reader_order(r, f->err);
    f->sources = memory_new(r->wish_count + 1, sizeof *f->sources, f->err);
    f->codes = memory_new(r->wish_count + 1, sizeof *f->codes, f->err);
    f->wanted = memory_new(r->count, 1, f->err);
    if (!f->order || !f->sources || !f->codes || !f->wanted)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < r->wish_count; i++) {
        const wish *w = &r->wishes[f->order[i]];
        source *s = f->count ? &f->sources[f->count - 1] : NULL;

        if (!s || s->field != w->field) {
            s = &f->sources[f->count++];
            *s = (source){.field = w->field, .first = i, .values = &r->values[w->field]};
        }
        s->count++;
        s->to = f->order[i];
        f->wanted[w->field] = 1;
    }
    if (f->count == 0) { /* the rows are counted by some column */
        f->wanted[0] = 1;
        f->sources[f->count++] = (source){.values = &r->values[0]};
    }
    return VMAP_SUCCESS;
}

static vmap_reason label_reason(const column_values *v, double value, char tag)
{
    for (size_t i = 0; i < v->labels_count; i++) {
        if (tag ? v->labels[i].tag == tag : v->labels[i].value == value)
            return v->why[i];
    }
    return VMAP_PRESENT;
}

static bool is_declared_missing(const column_values *v, double value)
{
    for (size_t i = 0; i < v->missing_count; i++) {
        if (value >= v->missing[i].low && value <= v->missing[i].high)
            return true;
    }
    return false;
}

bool stat_is_missing(const wish *w, const column_values *v, double value, vmap_reason *why)
{
    vmap_reason judged = w->judge ? w->judge(w->judge_context, value) : VMAP_PRESENT, label = label_reason(v, value, 0);

    *why = judged != VMAP_PRESENT && judged != VMAP_OUT_OF_RANGE ? judged : label != VMAP_PRESENT ? label : VMAP_OTHER_MISSING;
    return is_declared_missing(v, value) || (judged == VMAP_OUT_OF_RANGE && label != VMAP_PRESENT);
}

static vmap_status put_number(filling *f, const source *s, double value)
{
    vmap_status status = VMAP_SUCCESS;
    vmap_reason why;
    char text[32];

    for (size_t i = 0; !status && i < s->count; i++) {
        size_t to = f->order[s->first + i];
        const wish *w = &f->reader->wishes[to];

        if (!isfinite(value)) {
            status = vmap_error_set(f->err, VMAP_EDATA, "a value is infinite");
            vmap_error_place(f->err, f->reader->path, f->row, 0, f->reader->names[s->field]);
        } else if (w->kind == VMAP_TEXTS) {
            number_text(text, value, 0);
            status = vmap_table_push_text(f->table, to, text, strlen(text), f->err);
        } else if (stat_is_missing(w, s->values, value, &why)) {
            status = vmap_table_push_missing(f->table, to, why, f->err);
        } else {
            status = vmap_table_push_number(f->table, to, value, f->err);
        }
    }
    return status;
}

static vmap_status put_missing(filling *f, const source *s, char tag)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < s->count; i++) {
        size_t to = f->order[s->first + i];
        vmap_reason why = tag ? label_reason(s->values, NAN, tag) : VMAP_BLANK;

        if (why == VMAP_PRESENT)
            why = VMAP_OTHER_MISSING;
        status = vmap_table_push_missing(f->table, to, why, f->err);
    }
    return status;
}

static vmap_status put_text(filling *f, sandbox *box, const source *s)
{
    vmap_reader *r = f->reader;
    size_t n = 0, m;
    char *raw = sandbox_text(box, STAT_TEXT_MAX, &n);
    const char *text = raw ? stat_decode(r->state, raw, n, &f->text, &m) : NULL;
    vmap_status status = text ? VMAP_SUCCESS : VMAP_EPARSE;

    for (size_t i = 0; !status && i < s->count; i++) {
        size_t to = f->order[s->first + i];

        status = reader_put_cell(r, f->table, to, text, m, f->row, f->err);
        if (status && problems_add(&r->problems, f->err, r->options.max_errors))
            status = vmap_table_push_missing(f->table, to, VMAP_UNPARSABLE, f->err);
    }
    free(raw);
    return status;
}

static vmap_status put_cell(filling *f, sandbox *box, const source *s, int16_t cell)
{
    double number;

    if (cell >= STAT_LEAST)
        return put_number(f, s, cell);
    if (cell == STAT_MISSING)
        return put_missing(f, s, 0);
    if (cell == STAT_TEXT)
        return put_text(f, box, s);
    if (cell == STAT_NUMBER)
        return sandbox_read(box, &number, sizeof number) ? put_number(f, s, number) : VMAP_EPARSE;
    return cell < STAT_NUMBER ? put_missing(f, s, (char)(cell - STAT_TAG)) : VMAP_EPARSE;
}

static inline bool next_cell(sandbox *box, int16_t *cell)
{
    if (box->n - box->at < sizeof *cell)
        return sandbox_read(box, cell, sizeof *cell);
    memcpy(cell, box->block + box->at, sizeof *cell);
    box->at += sizeof *cell;
    return true;
}

/* Tell the table of the codes that went the short way to source k ... */
static void close_codes(filling *f, size_t k)
{
    if (f->codes[k].bytes.next) /* there may be no columns yet */
        table_close_bytes(&f->table->columns[f->sources[k].to], &f->codes[k].bytes);
}

/* ... and find out whether, and where, the next ones may go. */
static void open_codes(filling *f, size_t k)
{
    const source *s = &f->sources[k];

    f->codes[k].bytes = s->count == 1 ? table_open_bytes(&f->table->columns[s->to]) : (table_bytes){NULL, NULL};
}

/* The codes that the file declares missing, or labels so, lie from `low` to `high`; from 1 to 0 when there are none. */
static void bound_missing(short_way *way, const column_values *v)
{
    double low = INT16_MAX, high = INT16_MIN;

    for (size_t i = 0; i < v->missing_count; i++) {
        low = fmin(low, ceil(v->missing[i].low));
        high = fmax(high, floor(v->missing[i].high));
    }
    for (size_t i = 0; i < v->labels_count; i++) {
        if (v->why[i] == VMAP_PRESENT || !(fabs(v->labels[i].value) <= INT16_MAX))
            continue;
        low = fmin(low, v->labels[i].value);
        high = fmax(high, v->labels[i].value);
    }
    way->low = low > high ? 1 : (int16_t)fmax(floor(low), INT16_MIN);
    way->high = low > high ? 0 : (int16_t)fmin(ceil(high), INT16_MAX);
}

static vmap_status put_long_way(filling *f, sandbox *box, size_t k, int16_t cell)
{
    vmap_status status;

    close_codes(f, k);
    status = put_cell(f, box, &f->sources[k], cell);
    open_codes(f, k);
    return status;
}

/* A new table once the one at hand is full and somebody takes it. */
static vmap_status hand_on(filling *f)
{
    vmap_status status;

    for (size_t k = 0; k < f->count; k++) {
        close_codes(f, k);
        f->codes[k].bytes = (table_bytes){NULL, NULL};
    }
    status = f->block(f->context, f->table, f->err);
    vmap_table_free(f->table);
    f->table = reader_table(f->reader, f->err);
    return status ? status : f->table ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static vmap_status fill_rows(filling *f, sandbox *box)
{
    vmap_status status = VMAP_SUCCESS;
    size_t k = 0;
    int16_t cell;

    for (size_t i = 0; i < f->count; i++)
        bound_missing(&f->codes[i], f->sources[i].values);
    f->row = 1;
    while (!status && next_cell(box, &cell)) {
        short_way *way = &f->codes[k];

        if (cell == STAT_LAST)
            return k == 0 ? VMAP_SUCCESS : VMAP_EPARSE;
        if (cell >= BYTE_LEAST && cell <= INT8_MAX && way->bytes.next != way->bytes.end &&
            (cell < way->low || cell > way->high))
            *way->bytes.next++ = (int8_t)cell;
        else
            status = put_long_way(f, box, k, cell);
        if (++k == f->count && !status) {
            status = table_close_row(f->table, f->row++, f->err);
            k = 0;
            if (!status && f->block && vmap_table_rows(f->table) == ROWS_AT_ONCE)
                status = hand_on(f);
        }
    }
    return status ? status : VMAP_EPARSE;
}

static vmap_status check_rows(const filling *f)
{
    const stat_state *s = f->reader->state;
    size_t rows = f->row - 1;

    if (s->rows < 0 || (uint64_t)s->rows == rows)
        return VMAP_SUCCESS;
    return vmap_error_set(f->err, VMAP_EPARSE, "the file says that it has %lld rows, but %zu are there; is it cut "
                          "off?", (long long)s->rows, rows);
}

/* All rows to *table, or to `block`. */
static vmap_status fill(vmap_reader *r, reader_block block, void *context, vmap_table **table, vmap_error *err)
{
    vmap_error own;
    filling f = {.reader = r, .table = reader_table(r, err), .block = block, .context = context, .err = err ? err : &own};
    stat_state *s = r->state;
    sandbox_limits limits = stat_limits(r);
    const int keep[2] = {r->fd, -1};
    sandbox box;
    vmap_status status = f.table ? make_sources(&f) : VMAP_ENOMEM;
    stat_task task = {.kind = s->kind, .fd = r->fd, .wanted = f.wanted, .variables = r->count};

    if (!status)
        status = sandbox_start(&box, &limits, keep, stat_parse, &task, err);
    if (!status) {
        size_t faults = r->problems.count;

        status = fill_rows(&f, &box);
        for (size_t k = 0; k < f.count; k++)
            close_codes(&f, k);
        if (status == VMAP_EPARSE && r->problems.count > faults)
            sandbox_end(&box, "", &(int){0}, NULL);
        else
            status = stat_child_end(r, &box, status, err);
        if (status == VMAP_EPARSE)
            vmap_error_place(err, r->path, 0, 0, NULL);
    }
    if (!status && (status = check_rows(&f)))
        vmap_error_place(err, r->path, 0, 0, NULL);
    if (!status && block && vmap_table_rows(f.table))
        status = block(context, f.table, f.err);
    free(f.order);
    free(f.sources);
    free(f.codes);
    free(f.wanted);
    buffer_free(&f.text);
    if (status || block)
        vmap_table_free(f.table);
    else
        *table = f.table;
    return status;
}

vmap_status stat_read_values(vmap_reader *r, vmap_table **table, vmap_error *err)
{
    return fill(r, NULL, NULL, table, err);
}

vmap_status stat_stream_values(vmap_reader *r, reader_block block, void *context, vmap_error *err)
{
    return fill(r, block, context, NULL, err);
}
