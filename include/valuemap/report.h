#ifndef VALUEMAP_REPORT_H
#define VALUEMAP_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/error.h"

/* Results as titled tables, and the formats that tables are written in: every result becomes tables
 * once, every format is written once.
 *
 * Fill a table by naming its columns and then putting cells row by row, from left to right. Putting
 * cells never fails by itself: a shortage of memory is remembered and reported by the writer, so that code
 * that fills tables has no branches for it. A row that is not full when a table is written is not written.
 *
 * Everything that is given is copied; what accessors return lives as long as the report. Encoding is UTF-8 everywhere,
 * lines end in \n, numbers have a point and no thousands separators, whatever the locale. One report is filled by one
 * thread; several may read it. The same report gives the same bytes.
 *
 *     vmap_report *r = vmap_report_new(&err);
 *     vmap_report_table *t = vmap_report_add(r, "means", "Means of the items");
 *     vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
 *     vmap_report_column(t, "mean", VMAP_CELL_NUMBER, 2);
 *     vmap_report_text(t, "F120");
 *     vmap_report_number(t, 4.25);
 *     vmap_report_write(r, t, "tsv", NULL, &text, &n, &err);
 */

typedef enum vmap_cell_kind {
    VMAP_CELL_TEXT,  /* UTF-8; empty is not missing */
    VMAP_CELL_COUNT, /* whole number */
    VMAP_CELL_NUMBER /* with the column's number of decimals where people read it, with 15
                        significant digits where programs do */
} vmap_cell_kind;

typedef struct vmap_report_table vmap_report_table; /* belongs to its report and is freed with it */
typedef struct vmap_report vmap_report;

/* A report without tables; NULL with err set when memory is short. Free also frees tables; NULL is allowed. */
vmap_report *vmap_report_new(vmap_error *err);
void vmap_report_free(vmap_report *report);

/* Lines that say where the report comes from (program, files with their SHA-256, settings, seed); they open every TSV file
 * and close the HTML page. Printf-style; line breaks and other control characters become spaces. Count from 0. */
void vmap_report_provenance(vmap_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
size_t vmap_report_provenance_count(const vmap_report *report);
const char *vmap_report_provenance_line(const vmap_report *report, size_t i);

/* Add a table. `name` is the stem of its file (letters, digits, _), `title` a phrase for people;
 * both are copied. NULL only when memory is short. */
vmap_report_table *vmap_report_add(vmap_report *report, const char *name, const char *title);
/* Tables in the order in which they were added, i = 0 .. vmap_report_tables() - 1 (not checked); by name; what they are
 * called; full rows. */
size_t vmap_report_tables(const vmap_report *report);
vmap_report_table *vmap_report_get(const vmap_report *report, size_t i);
vmap_report_table *vmap_report_find(const vmap_report *report, const char *name); /* or NULL */
const char *vmap_report_name(const vmap_report_table *table);
const char *vmap_report_title(const vmap_report_table *table);
size_t vmap_report_rows(const vmap_report_table *table);

/* Add a column before the first cell: its name as programs see it, decimals for people. */
void vmap_report_column(vmap_report_table *table, const char *name, vmap_cell_kind kind,
                        int decimals);
/* Of the column that was added last: its numbers cannot exceed 1 in size, as correlations and probabilities. Where a
 * table goes into a paper (md, latex, html) they have no zero before the point (Publication Manual of the APA, 7th ed.,
 * section 6.36). */
void vmap_report_bounded(vmap_report_table *table);
/* Of the column that was added last: numbers smaller in size than `cut` are left blank in md, latex, html and text.
 * Programs (tsv, csv, json) get all of them. */
void vmap_report_blank(vmap_report_table *table, double cut);
/* Of the column that was added last: numbers of this size and more are bold in md, latex and html. */
void vmap_report_strong(vmap_report_table *table, double cut);
/* Of the column that was added last: where people read the table (md, latex, html, text) it is left out when all its cells
 * are empty or missing. Programs always get it. */
void vmap_report_optional(vmap_report_table *table);
/* Of the column that was added last: its heading in a paper (md, latex), where the name that programs use reads badly. */
void vmap_report_heading(vmap_report_table *table, const char *heading);
/* Add a text column that the user's data name, such as a grouping column. Where the table has a
 * column of its own of that name, before or after, this one is called group_NAME. */
void vmap_report_key(vmap_report_table *table, const char *name);
/* Add a sentence under the table, printf-style: what a column means, what was left out and why. It goes with the table into
 * every format but csv. */
void vmap_report_note(vmap_report_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Put the next cell; the kind must fit the column. Texts are cleaned of control characters. NaN is
 * written as NA (null in JSON). */
void vmap_report_text(vmap_report_table *table, const char *text);
void vmap_report_count(vmap_report_table *table, size_t count);
void vmap_report_number(vmap_report_table *table, double number);
void vmap_report_missing(vmap_report_table *table);
/* A probability: four decimals for people, and one that is smaller is not shown as 0 but as <.0001. */
void vmap_report_probability(vmap_report_table *table, double p);
/* Of the number that was put last: its decimals for people, and whether it cannot exceed 1 in size, instead of the
 * column's. For columns whose rows are different measures. 0 <= decimals <= 15. */
void vmap_report_form(vmap_report_table *table, int decimals, bool bounded);

/* ---- formats ---- */

/* tsv, csv, json, md, latex, html, text: the name that vmap_report_write() takes, and what it is good for. Programs (tsv, csv,
 * json) get numbers with 15 significant digits and all rows, people rounded ones. */
typedef struct vmap_format {
    const char *name, *help;
} vmap_format;
extern const vmap_format vmap_formats[];
extern const size_t vmap_formats_count;

typedef struct vmap_write_options {
    bool comments;      /* TSV: provenance and notes as lines that begin with "# " [true] */
    bool formula_guard; /* TSV and CSV: a text that a spreadsheet would run as a formula (it begins
                           with = or @, or with + or - and is no number, or with one of these in its
                           full-width form) gets a ' in front, names of columns too [true] */
    size_t max_rows;    /* md, latex, text, html: rows shown, the rest is counted [0: all] */
} vmap_write_options;
void vmap_write_defaults(vmap_write_options *options);

/* One table in the format of that name, in fresh memory (free() it), closed by a NUL that n does not count.
 *   options  NULL: vmap_write_defaults()
 * VMAP_ENOENT for an unknown format (the message names all), VMAP_ENOMEM also for what was short while the table was filled;
 * text and n are untouched then. */
vmap_status vmap_report_write(const vmap_report *report, const vmap_report_table *table,
                              const char *format, const vmap_write_options *options, char **text,
                              size_t *n, vmap_error *err);

/* ---- the page ---- */

/* Texts of a page are escaped; only the drawings, which gnuplot wrote, go in as they are, with ids of their own. */
typedef struct vmap_page_figure {
    const char *svg;  /* text of an SVG document; NULL: only the caption and the file are named */
    const char *file; /* base name of the script */
    const char *caption; /* what it shows, for those who see it and those who do not */
} vmap_page_figure;

typedef struct vmap_page {
    const char *title;
    const char *lead; /* a paragraph under the title; NULL: none */
    const vmap_page_figure *figures;
    size_t figures_count;
    const char *const *warnings; /* what the reader must know before the numbers */
    size_t warnings_count;
    const char *const *notes; /* what happened to the data; folded away */
    size_t notes_count;
    const char *const *references; /* works that data and methods come from; a list at the end */
    size_t references_count;
    size_t max_rows; /* rows shown of each table [40] */
} vmap_page;

/* One HTML file that needs nothing else: figures inline, no script, no network. Figures and tables are numbered in the
 * order in which they come; with two tables or more a list of contents, folded away and not printed, leads to them. Links
 * go to files of the results folder alone: tables/NAME.tsv of tables that are cut, figures/NAME of scripts.
 * Errors: VMAP_ENOMEM. */
vmap_status vmap_report_page(const vmap_report *report, const vmap_page *page, char **text,
                             size_t *n, vmap_error *err);

#endif
