#ifndef CLI_CHECK_INTERNAL_H
#define CLI_CHECK_INTERNAL_H

#include "cli/check.h"

/* What the files of `check` share. */

double check_weight(const vmap_answers *a, size_t r);

/* One line of the first table; a warning counts for --strict. */
void check_find(vmap_report_table *t, check_work *w, bool warning, const char *item, size_t count, const char *format,
                ...) __attribute__((format(printf, 6, 7)));

/* Add the tables `weighting` and `not_asked`, group by group. */
vmap_status check_groups(vmap_report *r, vmap_report_table *found, check_work *w, vmap_error *err);

#endif
