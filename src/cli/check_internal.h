#ifndef CLI_CHECK_INTERNAL_H
#define CLI_CHECK_INTERNAL_H

#include "cli/check.h"
#include "cli/columns.h"

/* What the files of `check` share. */

double check_weight(const vmap_answers *a, size_t r);

/* NaN of nothing. */
double check_percent(double part, double whole);

/* One line of the first table; a warning counts for --strict. */
void check_find(vmap_report_table *t, check_work *w, bool warning, const char *item, size_t count, const char *format,
                ...) __attribute__((format(printf, 6, 7)));

/* Open a file once more and find the items' columns; both are to be freed, also after a failure. */
vmap_status check_open(const check_work *w, const char *path, vmap_reader **reader, vmap_binding **binding, vmap_error *err);

/* Add the tables `item_summary`, `codes`, `reasons` (check_items.c), `out_of_range`, `duplicates`, `batteries`
 * (check_rows.c), and, group by group, `weighting` and `not_asked` (check_groups.c). */
void check_items(vmap_report *r, vmap_report_table *found, check_work *w);
vmap_status check_codes(vmap_report *r, const check_work *w, vmap_error *err);
void check_reasons(vmap_report *r, const check_work *w);
/* What the file's own labels of values say against the codebook (check_labels.c). */
vmap_status check_labels(vmap_report_table *found, check_work *w, vmap_error *err);
vmap_status check_out_of_range(vmap_report *r, const check_work *w, vmap_error *err);
vmap_status check_duplicates(vmap_report *r, vmap_report_table *found, check_work *w, vmap_error *err);
vmap_status check_batteries(vmap_report *r, vmap_report_table *found, check_work *w, vmap_error *err);
vmap_status check_groups(vmap_report *r, vmap_report_table *found, check_work *w, vmap_error *err);

#endif
