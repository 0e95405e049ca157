#include <config.h>
#include "cli/check_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

double check_weight(const vmap_answers *a, size_t r)
{
    return a->weights ? a->weights[r] : 1;
}

double check_percent(double part, double whole)
{
    return whole > 0 ? 100 * part / whole : NAN;
}

/* ---- findings ---- */

void check_find(vmap_report_table *t, check_work *w, bool warning, const char *item, size_t count, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    vmap_report_text(t, warning ? "warning" : "note");
    vmap_report_text(t, item);
    vmap_report_count(t, count);
    vmap_report_text(t, text);
    w->warnings += warning;
}

static vmap_report_table *new_findings(vmap_report *r)
{
    static const column_spec columns[] = {{"kind", VMAP_CELL_TEXT, 0}, {"item", VMAP_CELL_TEXT, 0},
                                          {"count", VMAP_CELL_COUNT, 0}, {"finding", VMAP_CELL_TEXT, 0}};

    return columns_table(r, "findings", "What was found", columns, sizeof columns / sizeof *columns);
}

/* Rows that are not among the respondents, or count nothing. */
static void find_rows(vmap_report_table *t, check_work *w)
{
    const vmap_ledger *ledger = w->sheet.ledger;

    for (size_t i = 0; i < ledger->count; i++) {
        const vmap_ledger_entry *e = &ledger->entries[i];

        if (strcmp(e->step, "where") == 0 && e->count)
            check_find(t, w, false, "", e->count, "rows for which the condition is not true are left out");
        else if (strcmp(e->step, "weight") == 0)
            check_find(t, w, strcmp(e->reason, "weight missing") == 0, "", e->count, "%s",
                       strcmp(e->reason, "weight missing") == 0 ? "rows without a weight are left out"
                                                                : "respondents with weight 0 count nothing");
    }
}

/* ---- columns ---- */

static void table_columns(vmap_report *r, vmap_report_table *found, check_work *w)
{
    static const column_spec columns[] = {{"column", VMAP_CELL_TEXT, 0}, {"used", VMAP_CELL_TEXT, 0}};
    vmap_report_table *t = columns_table(r, "columns", "Columns of the first file", columns, sizeof columns / sizeof *columns);
    size_t unknown = 0;

    for (size_t c = 0; c < w->sheet.columns_count; c++) {
        vmap_report_text(t, w->sheet.columns[c]);
        vmap_report_text(t, w->sheet.used[c] ? "yes" : "no");
        unknown += !w->sheet.used[c];
    }
    vmap_report_note(t, "used: it holds an item of codebook %s, or was named by an option.", w->sheet.codebook->name);
    if (unknown)
        check_find(found, w, false, "", unknown, "columns belong to no item of codebook %s", w->sheet.codebook->name);
}

vmap_status check_tables(vmap_report *r, check_work *w, vmap_error *err)
{
    vmap_report_table *found = new_findings(r);
    const vmap_answers *a = w->sheet.answers;
    vmap_status status;

    check_find(found, w, false, "", w->sheet.columns_count, "columns: %s", w->sheet.dialect);
    check_find(found, w, false, "", a->n, "respondents of %zu file%s, read with codebook %s", a->files_count,
         a->files_count == 1 ? "" : "s", w->sheet.codebook->name);
    find_rows(found, w);
    check_items(r, found, w);
    status = check_labels(found, w, err);
    if (!status)
        status = check_codes(r, w, err);
    if (!status)
        check_reasons(r, w);
    if (!status)
        status = check_out_of_range(r, w, err);
    if (!status)
        status = check_duplicates(r, found, w, err);
    if (!status)
        status = check_batteries(r, found, w, err);
    if (!status)
        status = check_groups(r, found, w, err);
    if (!status)
        table_columns(r, found, w);
    return status;
}
