#ifndef PAIR_TABLES_H
#define PAIR_TABLES_H

#include <stdint.h>

#include "moments/moments_internal.h"

/* Tables of the sums of weights by the levels of two items, for all pairs of items; not exported.
 *
 * Items go in couples, and the respondents are counted in one table of the joint levels of two
 * couples: its margins are the tables of four pairs of items, for a fourth of the respondents'
 * visits. Where the joint table would have more cells than it saves visits, each pair is counted by
 * itself. */

typedef struct pair_tables {
    const coded_items *coded;
    size_t couples;  /* items 2 c and 2 c + 1 are couple c; the last one may be alone */
    uint16_t *level; /* couples x n: joint level of the two items of a couple */
    size_t *
        levels; /* couples: how many joint levels; 0 when an item has too many levels for a table */
    size_t *inner; /* couples: levels of the second item, one more when it has missing answers */
} pair_tables;

vmap_status pair_tables_new(const coded_items *coded, unsigned threads, pair_tables *tables,
                            vmap_error *err);
void pair_tables_clear(pair_tables *tables);

/* Two couples at a time. */
typedef struct pair_room {
    bool joint; /* whether there is a joint table of the couples last counted */
    double
        *sums[2]; /* of weights and of their squares (or NULL), joint levels of the two couples */
    double *half[2]; /* the same for one item of the first couple */
    double
        *table[2]; /* MOMENTS_CATEGORIES^2 each: the result; without squares the second is NULL */
} pair_room;

/* Begin with the pairs of couples a and b; clear the room even on failure. */
vmap_status pair_tables_count(const pair_tables *tables, size_t a, size_t b, bool squares,
                              pair_room *room, vmap_error *err);
void pair_room_clear(pair_room *room);
/* Fill room->table of item i of couple a and item j < i of couple b, levels of i x levels of j,
 * over those who answered both. Both have at most MOMENTS_CATEGORIES levels. */
void pair_tables_take(const pair_tables *tables, size_t i, size_t j, pair_room *room);

#endif
