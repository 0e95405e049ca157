#ifndef VALUEMAP_LEDGER_H
#define VALUEMAP_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/error.h"

/* What happened to the data on its way: nothing is dropped in silence.
 *
 * Entries say how many rows or cells a step kept or lost and why; notes are sentences that a person may
 * want to read, warnings are those without which a number would be misunderstood. All keep their order.
 */

typedef struct vmap_ledger_entry {
    char *set;    /* "human", "persona" or another name of the data set */
    char *file;   /* base name of the file; "" when the step is about the whole set */
    char *step;   /* "read", "weight", "item", "group", "project" ... */
    char *item;   /* "" when the step is about whole rows */
    char *reason; /* what happened: "rows read", a reason of missingness ... */
    const char *unit; /* "rows" or "cells" */
    size_t count;
} vmap_ledger_entry;

typedef struct vmap_ledger_note {
    char *text;
    bool warning;
} vmap_ledger_note;

typedef struct vmap_ledger {
    vmap_ledger_entry *entries;
    size_t count, room;
    vmap_ledger_note *notes;
    size_t notes_count, notes_room;
} vmap_ledger;

vmap_ledger *vmap_ledger_new(vmap_error *err);
void vmap_ledger_free(vmap_ledger *ledger);

/* Add an entry; texts are copied, `unit` is "rows" or "cells". */
vmap_status vmap_ledger_add(vmap_ledger *ledger, const char *set, const char *file,
                            const char *step, const char *item, const char *reason,
                            const char *unit, size_t count, vmap_error *err);

/* Add a note or a warning: a sentence, printf-style; control characters are replaced. A sentence that is
 * there already is not added again. */
vmap_status vmap_ledger_say(vmap_ledger *ledger, vmap_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
vmap_status vmap_ledger_warn(vmap_ledger *ledger, vmap_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
