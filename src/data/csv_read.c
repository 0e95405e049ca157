#include <config.h>

#include <string.h>
#include <sys/stat.h>

#include "core/memory.h"
#include "data/csv_internal.h"

/* Reading CSV files.
 *
 * The fast way (csv_parts.c) divides the file into parts of equal size, which threads take one after another
 * (csv_part.c). A vectorised scan finds the records and the wanted fields of a part; an unquoted field is a cell as it
 * stands, a quoted one is shown to libcsv. A part owns the records that begin in it. Whether a newline
 * inside it ends a record cannot be known without reading everything before it, so the scan assumes
 * what makes its first records regular, and afterwards each part must begin exactly where the one
 * before it ended: a part that does not is read again from there. The first part begins at the header,
 * so by induction all begin where they should.
 *
 * The plain way (csv_plain.c) shows every byte to libcsv, on one thread; it is for files whose quotes or line ends
 * the scan does not understand. */

void csv_fail_count(const vmap_reader *r, size_t fields, size_t line, vmap_error *err)
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
void csv_fail_quote(const vmap_reader *r, size_t field, size_t line, vmap_error *err)
{
    vmap_error_set(err, VMAP_EPARSE,
                   "a quote is not closed, or stands inside an unquoted field; in CSV a quote inside "
                   "a quoted field is written twice");
    vmap_error_place(err, r->path, line, 0, field < r->count ? r->names[field] : NULL);
}

static vmap_status make_plan(csv_plan *plan, vmap_error *err)
{
    const vmap_reader *r = plan->reader;
    struct stat info;

    plan->order = reader_order(r, err);
    plan->wanted = memory_new(r->wish_count, sizeof *plan->wanted, err);
    plan->begin = memory_new(r->wish_count + 1, sizeof *plan->begin, err);
    if (!plan->order || !plan->wanted || !plan->begin)
        return VMAP_ENOMEM;
    if (fstat(r->fd, &info))
        return reader_fail_io(r->path, "read the file", err);
    plan->size = info.st_size;
    for (size_t i = 0; i < r->wish_count; i++) {
        size_t field = r->wishes[plan->order[i]].field;

        if (plan->distinct == 0 || plan->wanted[plan->distinct - 1] != field) {
            plan->begin[plan->distinct] = i;
            plan->wanted[plan->distinct++] = field;
        }
    }
    plan->begin[plan->distinct] = r->wish_count;
    return csv_short_codes(plan, err);
}

static void forget_plan(csv_plan *plan)
{
    free(plan->order);
    free(plan->wanted);
    free(plan->begin);
    free(plan->short_code);
    free(plan->short_most);
}

static vmap_status stream_rows(vmap_reader *r, reader_block block, void *context, vmap_error *err)
{
    csv_plan plan = {.reader = r, .state = r->state};
    csv_scan_result result = CSV_SCANNED;
    off_t start = 0;
    size_t line = 0;
    vmap_status status = make_plan(&plan, err);

    if (!status)
        status = csv_stream_parts(r, &plan, block, context, &start, &line, &result, err);
    if (!status && result == CSV_IRREGULAR)
        status = csv_read_plain(r, &plan, start, line, block, context, err);
    forget_plan(&plan);
    return status;
}

static void close_state(vmap_reader *r)
{
    free(r->state);
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

static const reader_format csv_format = {"CSV", NULL, close_state, stream_rows};

vmap_status csv_open(vmap_reader *r, vmap_error *err)
{
    csv_state *s = memory_new(1, sizeof *s, err);
    vmap_status status;

    if (!s)
        return VMAP_ENOMEM;
    r->state = s;
    r->format = &csv_format;
    status = csv_read_header(r, s, err);
    if (status)
        return status;
    r->decimal = s->dialect.decimal;
    describe(r, &s->dialect);
    return VMAP_SUCCESS;
}
