#include <config.h>
#include "cli/columns.h"

#include <math.h>

void columns_add(vmap_report_table *t, vmap_cell_kind kind, int decimals, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        vmap_report_column(t, names[i], kind, decimals);
}

void columns_add_bounded(vmap_report_table *t, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        vmap_report_column(t, names[i], VMAP_CELL_NUMBER, 3);
        vmap_report_bounded(t);
    }
}

void columns_put(vmap_report_table *t, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        vmap_report_number(t, values[i]);
}

vmap_report_table *columns_table(vmap_report *r, const char *name, const char *title, const column_spec *columns,
                                 size_t count)
{
    vmap_report_table *t = vmap_report_add(r, name, title);

    for (size_t i = 0; i < count; i++)
        vmap_report_column(t, columns[i].name, columns[i].kind, columns[i].decimals);
    return t;
}

void columns_put_one(vmap_report_table *t, double value)
{
    vmap_report_number(t, fabs(value) < 1e-12 ? 0 : value);
}
