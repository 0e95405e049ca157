#ifndef MAP_MAP_INTERNAL_H
#define MAP_MAP_INTERNAL_H

#include "valuemap/map.h"

/* Shared by the files of src/map; not exported. */

/* Respondents with all labels, sorted by group; group g is rows[start[g]] .. rows[start[g+1] - 1]. */
typedef struct group_order {
    size_t *rows, n;
    size_t *start, count;
} group_order;

vmap_status group_order_new(const vmap_answers *answers, const vmap_projection *projection,
                            group_order *order, vmap_error *err);
void group_order_free(group_order *order);

/* Copy the rows of group g whose positions count to `used` (room for all); returns how many. */
size_t group_order_used(const group_order *order, size_t g, const vmap_answers *answers,
                        const vmap_projection *projection, vmap_incomplete rule, size_t *used);

#endif
