#ifndef REPORT_REPORT_INTERNAL_H
#define REPORT_REPORT_INTERNAL_H

#include "core/buffer.h"
#include "valuemap/report.h"

/* The insides of a report, for its writers; not exported. */

typedef struct cell {
    bool missing;
    bool formed, bounded;   /* formed: these two instead of the column's */
    bool probability; /* formed, too: what rounds to 0 is shown as less than the last decimal */
    unsigned char decimals;
    char *text;    /* VMAP_CELL_TEXT */
    double number; /* the others */
} cell;

typedef struct report_column {
    char *name;
    vmap_cell_kind kind;
    int decimals;
    bool bounded; /* within -1..1 */
    double blank; /* smaller numbers are not shown to people */
    double strong; /* numbers of this size and more are bold; 0: none */
    bool optional; /* not shown to people when all its cells are empty */
    char *heading; /* in a paper; NULL: the name */
    bool key; /* named by the user's data: gives way to a column of the table's own name */
} report_column;

struct vmap_report_table {
    char *name, *title;
    report_column *columns;
    size_t columns_count, columns_room;
    cell *cells; /* row after row */
    size_t cells_count, cells_room;
    char **notes;
    size_t notes_count, notes_room;
    bool failed;
};

struct vmap_report {
    vmap_report_table **tables;
    size_t tables_count, tables_room;
    char **provenance;
    size_t provenance_count, provenance_room;
    bool failed;
};

/* Cell of a row and column. */
const cell *report_cell(const vmap_report_table *table, size_t row, size_t column);

/* The columns that people are shown, in fresh memory, and how many: without optional ones that have nothing. NULL: no
 * memory. */
size_t *report_shown_columns(const vmap_report_table *table, size_t *count);

/* What is bold and what blank, as sentences that close the notes of a table: bold only in a paper. */
void report_marks(buffer *b, const vmap_report_table *table, bool paper);

/* Heading of a column in a paper. */
const char *report_heading(const report_column *column);

/* Is the number to be bold in a paper? */
bool report_is_strong(const report_column *column, const cell *c);

/* A numeric cell for people (fixed decimals) or for programs; "NA" when missing. */
void report_number(char out[32], const report_column *column, const cell *c, bool people);

/* The same for a paper, and for a terminal (paper false): numbers below the column's cut are "", bounded ones of a paper
 * have no zero before the point. */
void report_shown(char out[32], const report_column *column, const cell *c, bool paper);

/* HTML: `text` with & < > " ' escaped. */
void html_text(buffer *b, const char *text);
/* HTML: a table element with caption and notes. number: put before the caption ("Table 3. "), 0: none. */
void html_table(buffer *b, const vmap_report_table *table, size_t number, size_t max_rows);

#endif
