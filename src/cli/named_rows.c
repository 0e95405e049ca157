#include <config.h>
#include "cli/named_rows.h"

#include <string.h>

vmap_status named_rows_read(const char *file, const vmap_read_options *options, const char *corner, const char *allowed,
                            vmap_table **table, vmap_error *err)
{
    vmap_read_options o = *options;
    vmap_reader *reader = NULL;
    vmap_status status;

    o.row_names = true;
    status = vmap_reader_open(file, &o, &reader, err);
    for (size_t c = 0; !status && c < vmap_reader_columns(reader); c++) {
        const char *name = vmap_reader_names(reader)[c];

        status = vmap_reader_want(reader, c, c ? VMAP_NUMBERS : VMAP_TEXTS, c || *name ? name : corner, c ? allowed : NULL, err);
    }
    if (!status)
        status = vmap_reader_read(reader, table, err);
    vmap_reader_free(reader);
    return status;
}

vmap_status named_rows_check(const vmap_table *table, const char *what, vmap_error *err)
{
    for (size_t i = 0; i < vmap_table_rows(table); i++) {
        const char *row = vmap_table_text(table, 0, i), *column = vmap_table_name(table, i + 1);

        if (strcmp(row, column) == 0)
            continue;
        vmap_error_set(err, VMAP_EDATA, "row %zu is named '%s' and column %zu '%s'; rows and columns are the same %s in the same order",
                       i + 1, row, i + 1, column, what);
        vmap_error_place(err, NULL, vmap_table_line(table, i), 0, NULL);
        return VMAP_EDATA;
    }
    return VMAP_SUCCESS;
}
