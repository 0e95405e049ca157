#ifndef CLI_MORALITY_DRAWING_H
#define CLI_MORALITY_DRAWING_H

#include "cli/morality.h"
#include "valuemap/chart.h"

/* What the figures of `valuemap morality` share. */

enum { MORALITY_PROVENANCE = 8 };

typedef struct morality_drawing {
    const morality *m;
    outcome *o;
    const char *provenance[MORALITY_PROVENANCE];
    size_t provenance_count;
    char **group_name; /* labels of each group, joined */
    double reach; /* the largest difference of all series, so that their colours mean the same */
} morality_drawing;

/* What all charts have, at the width of a page. */
vmap_chart morality_chart(const morality_drawing *d, const char *name, const char *title, const char *subtitle);
/* STEM_NUMBER_SERIES with other characters than letters, digits, _ and - made _; fresh memory or NULL. */
char *morality_file_name(const char *stem, size_t number, const char *series);

/* Style (colour and marker) of a series, the same in all figures: people (SIZE_MAX) have the first where there are any. */
size_t morality_style(const morality *m, size_t series);

/* Has the series a mean beside one of people? Series without any are not in a legend. */
bool morality_has_pairs(const morality *m, size_t series);
/* Nations as people's means and as those of the series, by scale. */
vmap_status morality_draw_calibration(const morality_drawing *d, vmap_error *err);
/* Distributions of scores by scale and series. */
vmap_status morality_draw_scores(const morality_drawing *d, vmap_error *err);
/* Profiles as dots beside people, and what --figures asks for. */
vmap_status morality_draw_profiles(const morality_drawing *d, vmap_error *err);
/* Likeness of factors with the key, and the loadings of every series that has a structure. */
vmap_status morality_draw_structure(const morality_drawing *d, vmap_error *err);
/* The figures of morality on culture. */
vmap_status morality_draw_mapping(const morality_drawing *d, vmap_error *err);

#endif
