#ifndef SUPPORT_CHARTS_H
#define SUPPORT_CHARTS_H

#include "valuemap/chart.h"

/* One example of every kind of chart, with made-up numbers. */

typedef struct chart_example {
    const char *name;
    /* Draw it in a width with this text in the place of its title and of one label. */
    vmap_status (*draw)(vmap_figure_width width, const char *text, char **script,
                        vmap_figure_info *info, vmap_error *err);

} chart_example;

extern const chart_example chart_examples[];
extern const size_t chart_examples_count;

#endif
