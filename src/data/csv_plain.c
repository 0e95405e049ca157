#include <config.h>

#include <string.h>

#include <csv.h>

#include "data/csv_internal.h"
#include "data/table_internal.h"

/* The plain way to read a CSV file: show every byte to libcsv. */

enum { PLAIN_ROWS = 1 << 14 }; /* rows of a block */

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
        csv_fail_count(j->plan->reader, fields, j->line, &j->err);
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
            csv_fail_quote(j->plan->reader, j->field, j->field_line, &j->err);
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
    char *window = malloc(CSV_WINDOW);
    off_t offset = j->start;
    ssize_t got = 0;

    while (window && !j->status && (got = reader_bytes(r, window, CSV_WINDOW, offset)) > 0) {
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
        csv_fail_quote(r, j->field, j->field_line, &j->err);
        problems_add(&j->reader->problems, &j->err, 0);
    }
    free(window);
}

/* From the record at `start`, which begins on `line`. */
vmap_status csv_read_plain(vmap_reader *r, const csv_plan *plan, off_t start, size_t line, reader_block block,
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
