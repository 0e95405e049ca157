#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "cli/sheet.h"
#include "valuemap/report.h"

/* What `valuemap check` finds, as tables. */

typedef struct check_settings {
    study_settings study; /* the first member */
    char *table;
    bool strict, failed; /* failed: strict, and there are warnings */
} check_settings;

typedef struct check_work {
    sheet sheet;
    size_t warnings;
} check_work;

/* Add all tables; findings first. Counts the warnings. */
vmap_status check_tables(vmap_report *r, check_work *w, vmap_error *err);

#endif
