#include <config.h>
#include "cli/clusters.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* Given partitions from a file: the first column names units, every other column is a partition of them. */

static vmap_status read_partitions(const char *file, vmap_table **table, vmap_error *err)
{
    vmap_reader *reader = NULL;
    vmap_read_options o;
    vmap_status status;

    vmap_read_defaults(&o);
    status = vmap_reader_open(file, &o, &reader, err);
    if (!status && vmap_reader_columns(reader) < 2) {
        status = vmap_error_set(err, VMAP_EDATA,
                                "the file has one column; the first column names units, the others their groups");
        vmap_error_place(err, file, 0, 0, NULL);
    }
    for (size_t c = 0; !status && c < vmap_reader_columns(reader); c++)
        status = vmap_reader_want(reader, c, VMAP_TEXTS, vmap_reader_names(reader)[c], NULL, err);
    if (!status)
        status = vmap_reader_read(reader, table, err);
    vmap_reader_free(reader);
    return status;
}

static vmap_status check_unique(const char *file, const vmap_table *t, vmap_error *err)
{
    for (size_t r = 0; r < vmap_table_rows(t); r++) {
        for (size_t q = 0; q < r; q++) {
            vmap_status status;

            if (strcmp(vmap_table_text(t, 0, q), vmap_table_text(t, 0, r)) != 0)
                continue;
            status = vmap_error_set(err, VMAP_EDATA, "unit '%s' stands in line %zu already", vmap_table_text(t, 0, r),
                                    vmap_table_line(t, q));
            vmap_error_place(err, file, vmap_table_line(t, r), 0, NULL);
            return status;
        }
    }
    return VMAP_SUCCESS;
}

static size_t find_row(const vmap_table *t, const char *label)
{
    size_t r = 0;

    while (r < vmap_table_rows(t) && strcmp(vmap_table_text(t, 0, r), label) != 0)
        r++;
    return r;
}

/* The row of a unit: by its label, or that of the country meant; the number of rows when there is none. */
static size_t row_of(const cluster_work *w, const cluster_set *s, size_t i, const vmap_table *t)
{
    size_t row = find_row(t, s->label[i]);

    if (row == vmap_table_rows(t) && s->target && s->target[i] < w->set[0].n && s != &w->set[0])
        row = find_row(t, w->set[0].label[s->target[i]]);
    return row;
}

static vmap_status add_to_set(cluster_work *w, cluster_set *s, const vmap_table *t, size_t *matched, vmap_error *err)
{
    const char **text = memory_new(s->n, sizeof *text, err);
    size_t *row = memory_new(s->n, sizeof *row, err);
    vmap_status status = text && row ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < s->n; i++) {
        row[i] = row_of(w, s, i, t);
        *matched += row[i] < vmap_table_rows(t);
    }
    for (size_t c = 1; !status && c < vmap_table_columns(t); c++) {
        for (size_t i = 0; i < s->n; i++)
            text[i] = row[i] < vmap_table_rows(t) ? vmap_table_text(t, c, row[i]) : "";
        status = clusters_given(s, vmap_table_name(t, c))
                     ? vmap_error_set(err, VMAP_EDATA, "units have a partition '%s' already; name the column otherwise",
                                      vmap_table_name(t, c))
                     : clusters_add_given(s, vmap_table_name(t, c), text, err);
    }
    free(text);
    free(row);
    return status;
}

vmap_status clusters_read_partitions(cluster_work *w, vmap_error *err)
{
    const char *file = w->settings->partition;
    vmap_table *t = NULL;
    size_t matched = 0, units = 0;
    vmap_status status = read_partitions(file, &t, err);

    if (!status)
        status = check_unique(file, t, err);
    for (size_t i = 0; !status && i < w->sets; i++) {
        status = add_to_set(w, &w->set[i], t, &matched, err);
        units += w->set[i].n;
        if (status)
            vmap_error_place(err, file, 0, 0, NULL);
    }
    if (!status && matched == 0) {
        status = vmap_error_set(err, VMAP_EDATA, "no unit is named in the first column; units are named as '%s'",
                                w->set[0].n ? w->set[0].label[0] : "");
        vmap_error_place(err, file, 0, 0, NULL);
    }
    if (!status && matched < units)
        status = vmap_ledger_warn(w->ledger, err, "%zu of %zu units are not in %s: they belong to none of its groups",
                                  units - matched, units, file);
    vmap_table_free(t);
    return status;
}
