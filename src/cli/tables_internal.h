#ifndef CLI_TABLES_INTERNAL_H
#define CLI_TABLES_INTERNAL_H

#include <gsl/gsl_matrix.h>

#include "cli/analysis.h"
#include "valuemap/report.h"

/* What the tables of an analysis share. */

/* A column for each axis, named by the axis and an ending: "survself_se". */
void table_axis_columns(vmap_report_table *t, const vmap_space *s, const char *ending,
                        int decimals);
void table_put_vector(vmap_report_table *t, const gsl_vector *v);
void table_put_row(vmap_report_table *t, const gsl_matrix *m, size_t i);

/* The grouping columns, and a group's labels in them. */
void table_group_columns(vmap_report_table *t, const vmap_groups *g);
/* What a table with a row for each axis of a series begins with: the grouping columns but that of the country meant, the
 * axis, the number of groups. */
void table_series_columns(vmap_report_table *t, const analysis *a);
void table_put_labels(vmap_report_table *t, const vmap_groups *g, size_t i);

#endif
