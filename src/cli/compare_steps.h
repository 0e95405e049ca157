#ifndef CLI_COMPARE_STEPS_H
#define CLI_COMPARE_STEPS_H

#include "cli/compare_analysis.h"

/* The steps of compare_read(), in their order; each fills the members of compare_work that it is named after. */

/* compare_study.c: columns of series and personas join the study's groups; inputs are hashed from here on. */
vmap_status compare_prepare_study(compare_work *w, vmap_error *err);

/* compare_count.c: `counted`, when no table that is asked for needs more than counts; else the ledger says why not. */
vmap_status compare_choose_counting(compare_work *w, vmap_error *err);
/* Make `set` count its answers as they are read; `items` are the names of all that are read. */
vmap_status compare_open_tally(compare_work *w, bool people, const char *const *items, size_t count, vmap_error *err);

/* compare_items.c: codebooks; both sides are read; the items that both have. */
vmap_status compare_choose_books(compare_work *w, vmap_error *err);
vmap_status compare_read_sides(compare_work *w, vmap_error *err);
vmap_status compare_match_items(compare_work *w, vmap_error *err);

/* compare_cells.c: combinations of labels that both sides have; series and clusters of the personas. */
vmap_status compare_match_cells(compare_work *w, vmap_error *err);
vmap_status compare_find_series(compare_work *w, vmap_error *err);
vmap_status compare_find_clusters(compare_work *w, vmap_error *err);

/* compare_rows.c: human_order and persona_order. */
vmap_status compare_order_rows(compare_work *w, vmap_error *err);

/* compare_count.c: answers by cell, and from them the distributions of every level. */
vmap_status compare_gather(compare_work *w, vmap_error *err);
vmap_status compare_make_levels(compare_work *w, vmap_error *err);

/* Order of labels: numbers by size before texts by their bytes. */
int compare_labels(const char *a, const char *b);
/* Is the name in the list, or the list empty? */
bool compare_is_wanted(const word_list *names, const char *name);

#endif
