#ifndef CLI_COLUMNS_H
#define CLI_COLUMNS_H

#include "valuemap/report.h"

/* A table with its columns, several columns, or several cells in one call. */

/* Columns of one kind with the same decimals, one for each of n names. */
void columns_add(vmap_report_table *t, vmap_cell_kind kind, int decimals, const char *const *names, size_t n);

/* Columns of numbers that cannot exceed 1 in size, three decimals. */
void columns_add_bounded(vmap_report_table *t, const char *const *names, size_t n);

/* The next n cells, all numbers; NaN is a missing one. */
void columns_put(vmap_report_table *t, const double *values, size_t n);

/* A new table of a report with its columns. */
typedef struct column_spec {
    const char *name;
    vmap_cell_kind kind;
    int decimals; /* in texts and reports */
} column_spec;
vmap_report_table *columns_table(vmap_report *r, const char *name, const char *title, const column_spec *columns, size_t count);

/* The next cell, a number of order 1 such as a correlation, an eigenvalue or a residual: what rounding leaves of 0, less
 * than 1e-12 in size, is written as 0. Not for p, which may be as small. */
void columns_put_one(vmap_report_table *t, double value);

#endif
