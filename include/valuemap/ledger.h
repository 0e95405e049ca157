#ifndef VALUEMAP_LEDGER_H
#define VALUEMAP_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/error.h"

/* What happened to the data on its way: nothing is dropped in silence.
 *
 * Every step that reads, chooses or uses rows adds entries: how many rows or cells it kept or lost, and why. The
 * entries of one step about one item add up to the cells that it saw: those with a value ("present") and one entry
 * per reason of the others. The table `ledger` of a report shows them one below the other (docs/tables.md).
 * Notes are sentences that a person may want to read (what was detected, which of two columns was taken); warnings
 * are those without which a number would be misunderstood (an anchor that was replaced, a country without weight).
 *
 * Everything keeps the order in which it was added. A ledger belongs to one run and is filled by one thread; what
 * threads count is added when they are done, so that its text does not depend on their number.
 * There is no default: an empty ledger says that nothing happened, not that nothing was lost.
 */

/* One count. All texts are the ledger's own copies, UTF-8 as in the file; they may hold anything that a file holds
 * and must be quoted by who prints them. */
typedef struct vmap_ledger_entry {
    char *set;    /* "human", "persona" or another name of the data set */
    char *file;   /* base name of the file; "" when the step is about the whole set */
    char *step;   /* "read", "weight", "item", "group", "project" ... */
    char *item;   /* "" when the step is about whole rows */
    char *reason; /* what happened: "rows read", a reason of missingness ... */
    const char *unit; /* "rows" or "cells" */
    size_t count;     /* of that unit, never weighted */
} vmap_ledger_entry;

/* A sentence without full stop at the end, without control characters. */
typedef struct vmap_ledger_note {
    char *text;   /* the ledger's own copy, at most 2,047 bytes */
    bool warning; /* false: a note */
} vmap_ledger_note;

/* To be read, not written: entries and notes are added by the functions below. */
typedef struct vmap_ledger {
    vmap_ledger_entry *entries; /* `count` of them, with room for `room` */
    size_t count, room;
    vmap_ledger_note *notes; /* `notes_count` of them, with room for `notes_room` */
    size_t notes_count, notes_room;
} vmap_ledger;

/* An empty ledger; NULL with err set (VMAP_ENOMEM) when memory is short. */
vmap_ledger *vmap_ledger_new(vmap_error *err);

/* Free a ledger with all its texts; NULL is allowed. Entries and notes that were looked at are gone. */
void vmap_ledger_free(vmap_ledger *ledger);

/* Add an entry. Texts are copied and may be freed; none is NULL ("" where a step has no file, item or reason).
 *   unit   "rows" or "cells": a string that outlives the ledger, not copied
 *   count  0 is added as well: who looks for a reason finds that it did not occur
 * Nothing is merged: the same entry twice is two lines. VMAP_ENOMEM leaves the ledger as it was.
 * Cost: constant, on average. */
vmap_status vmap_ledger_add(vmap_ledger *ledger, const char *set, const char *file,
                            const char *step, const char *item, const char *reason,
                            const char *unit, size_t count, vmap_error *err);

/* Add a note or a warning: a sentence, printf-style. Control characters are replaced, because names from a file may
 * stand in it; what is longer than 2,047 bytes is cut. A sentence that is there already, as a note or a warning, is
 * not added again: what is true of every file is said once. VMAP_ENOMEM leaves the ledger as it was.
 * Cost: proportional to the number of notes. */
vmap_status vmap_ledger_say(vmap_ledger *ledger, vmap_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
vmap_status vmap_ledger_warn(vmap_ledger *ledger, vmap_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
