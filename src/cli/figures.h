#ifndef CLI_FIGURES_H
#define CLI_FIGURES_H

#include "cli/analysis.h"
#include "cli/folder.h"
#include "valuemap/report.h"

/* The figures of an analysis. */

enum { FIGURES_MAX = 4 };

typedef struct figure {
    char *svg;     /* NULL when it could not be drawn here */
    char *file;    /* base name of the script */
    char *caption;
} figure;

/* Write the scripts of all figures to the folder, draw them when gnuplot is there, and describe them in
 * `figures` (room for FIGURES_MAX). The provenance is that of the report. */
vmap_status figures_make(folder *f, const analysis *a, const vmap_report *report,
                         const char *caution, figure *figures, size_t *count, vmap_error *err);
void figures_free(figure *figures, size_t count);

/* The script of the map alone, in fresh memory. */
vmap_status figures_script(const analysis *a, const vmap_report *report, const char *caution,
                           char **text, size_t *n, vmap_error *err);

#endif
