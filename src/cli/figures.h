#ifndef CLI_FIGURES_H
#define CLI_FIGURES_H

#include "cli/analysis.h"
#include "cli/outcome.h"

/* The figures of an analysis in two axes. */

/* Add all figures to the outcome: the map, and with several groups per series one panel per series. */
vmap_status figures_make(outcome *o, const analysis *a, const char *caution, vmap_error *err);

/* The script of the map alone, in fresh memory; VMAP_EINVAL when the space has not two axes. */
vmap_status figures_script(const analysis *a, const vmap_report *report, const char *caution,
                           char **text, vmap_error *err);

#endif
