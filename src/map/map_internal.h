#ifndef MAP_MAP_INTERNAL_H
#define MAP_MAP_INTERNAL_H

#include "valuemap/map.h"

/* Shared by the files of src/map; not exported. */

/* Respondents with all labels, sorted by group, in the order of the file within one; group g is rows[start[g]] .. rows[start[g+1] - 1]. */
typedef struct group_order {
    size_t *rows, n;
    size_t *start, count;
} group_order;

vmap_status group_order_new(const vmap_answers *answers, group_order *order, vmap_error *err);
void group_order_free(group_order *order);

/* Copy the rows of group g whose positions count to `used` (room for all); returns how many. */
size_t group_order_used(const group_order *order, size_t g, const vmap_answers *answers,
                        const vmap_projection *projection, vmap_incomplete rule, size_t *used);

/* Has the row a label in every grouping column? */
bool group_has_labels(const vmap_table *table, size_t row);

/* Which items the group's mean answers have: those that item_n (p) respondents answered, at least two of
 * several, one of one. `answered` has p elements. */
void group_answered(size_t n, const size_t *item_n, size_t p, bool *answered);

/* Position on an axis of a country as the items that the group answered give it: the group's mean
 * operator applied to the country's item means. False when the country lacks one of them, and when no
 * item counts in the group's mean answers. */
bool reference_from_items(const vmap_group *group, const vmap_reference *country, size_t axis,
                          double *at);
/* Euclidean distance of the group to that position; NaN when it is not known. */
double distance_same_items(const vmap_group *group, const vmap_reference *country);

#endif
