#ifndef CLI_OUTCOME_H
#define CLI_OUTCOME_H

#include "cli/command.h"
#include "cli/folder.h"
#include "cli/inputs.h"
#include "valuemap/ledger.h"
#include "valuemap/report.h"

/* What a command found out, and the one way in which every command delivers it: a table on standard
 * output, or a folder with tables/NAME.tsv, figures/NAME.gp (.svg and .pdf too when gnuplot is there),
 * report.html and run.json. */

typedef struct outcome_figure {
    char *name;    /* of its files: letters, digits, _ and - */
    char *script;  /* text of the gnuplot script */
    char *caption; /* what it shows, for those who see it and those who do not */
} outcome_figure;

enum { OUTCOME_FIGURES_MAX = 64 };

/* Texts and pointers belong to the caller; only `figures` is freed by outcome_free_figures(). */
typedef struct outcome {
    const char *command;       /* "fit" */
    const char *title, *note;  /* of the report; note NULL: none */
    const vmap_report *report; /* its provenance opens with what outcome_provenance() adds */
    const vmap_ledger *ledger; /* notes and warnings for report.html and run.json */
    const inputs *in;
    bool simulated;
    const char *const *references; /* for the end of report.html */
    size_t references_count;
    const char *caution;       /* a sentence that every reader must see; NULL: none */
    outcome_figure figures[OUTCOME_FIGURES_MAX];
    size_t figures_count;
    const char *options;       /* the settings as a JSON object, for run.json */
    /* Writes what only this command writes (space.json); NULL: nothing. */
    vmap_status (*extra)(folder *f, const void *context, vmap_error *err);
    const void *context;
} outcome;

/* The lines that every report begins with: program, command, the mark of simulated data. The lines of
 * the command itself come next, then outcome_provenance_inputs(). */
void outcome_provenance(vmap_report *r, const char *command_name, bool simulated);
void outcome_provenance_inputs(vmap_report *r, const inputs *in);

/* Point `line` at the report's lines of provenance, as charts take them; returns how many, at most `most`. */
size_t outcome_chart_provenance(const vmap_report *r, const char **line, size_t most);

/* Take over a figure: the script is handed over even on failure, name and caption are copied. */
vmap_status outcome_add_figure(outcome *o, const char *name, char *script, const char *caption,
                               vmap_error *err);
void outcome_free_figures(outcome *o);

/* Write the folder out->output, whole or not at all, and say so on standard error. */
vmap_status outcome_write(const outcome *o, const output_settings *out, vmap_error *err);

/* Notes and warnings on standard error, unless quiet. */
void outcome_print_notes(const vmap_ledger *ledger, const output_settings *out);

/* Steps of a long work on standard error: shown only on a terminal, and only once the work has taken a
 * second. An empty step ends the line. */
void outcome_progress(const char *step);

#endif
