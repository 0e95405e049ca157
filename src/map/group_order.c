#include <config.h>
#include "map/map_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* Which respondents form which group: a stable counting sort by the ranks of the labels, last column
 * first. */

typedef struct {
    const char *text;
    size_t level;
} level_text;

static int compare_texts(const void *a, const void *b)
{
    return strcmp(((const level_text *)a)->text, ((const level_text *)b)->text);
}

/* Rank of each level of a column in the alphabetical order of its texts; NULL when memory is short. */
static size_t *rank_levels(const vmap_table *table, size_t column, vmap_error *err)
{
    size_t levels = vmap_table_levels(table, column);
    level_text *sorted = memory_new(levels, sizeof *sorted, err);
    size_t *rank = memory_new(levels, sizeof *rank, err);

    for (size_t i = 0; sorted && rank && i < levels; i++)
        sorted[i] = (level_text){vmap_table_level_text(table, column, i), i};
    if (sorted && rank) {
        qsort(sorted, levels, sizeof *sorted, compare_texts);
        for (size_t i = 0; i < levels; i++)
            rank[sorted[i].level] = i;
    } else {
        free(rank);
        rank = NULL;
    }
    free(sorted);
    return rank;
}

/* Sort o->rows by one column; rows with equal labels keep their order. */
static vmap_status sort_by_column(const vmap_table *table, size_t column, group_order *o,
                                  vmap_error *err)
{
    size_t levels = vmap_table_levels(table, column);
    size_t *rank = rank_levels(table, column, err);
    size_t *start = memory_new(levels + 1, sizeof *start, err);
    size_t *sorted = memory_new(o->n, sizeof *sorted, err);
    vmap_status status = rank && start && sorted ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        for (size_t i = 0; i < o->n; i++)
            start[rank[vmap_table_level(table, column, o->rows[i])] + 1]++;
        for (size_t l = 0; l < levels; l++)
            start[l + 1] += start[l];
        for (size_t i = 0; i < o->n; i++)
            sorted[start[rank[vmap_table_level(table, column, o->rows[i])]]++] = o->rows[i];
        memcpy(o->rows, sorted, o->n * sizeof *sorted);
    }
    free(rank);
    free(start);
    free(sorted);
    return status;
}

bool group_has_labels(const vmap_table *table, size_t row)
{
    for (size_t g = 0; g < vmap_table_columns(table); g++) {
        if (vmap_table_reason(table, g, row) != VMAP_PRESENT)
            return false;
    }
    return true;
}

static bool same_labels(const vmap_table *table, size_t a, size_t b)
{
    for (size_t g = 0; g < vmap_table_columns(table); g++) {
        if (vmap_table_level(table, g, a) != vmap_table_level(table, g, b))
            return false;
    }
    return true;
}

void group_order_free(group_order *o)
{
    free(o->rows);
    free(o->start);
}

vmap_status group_order_new(const vmap_answers *a, group_order *o, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    memset(o, 0, sizeof *o);
    o->rows = memory_new(a->n, sizeof *o->rows, err);
    o->start = memory_new(a->n + 1, sizeof *o->start, err);
    if (!o->rows || !o->start)
        return VMAP_ENOMEM;
    for (size_t r = 0; r < a->n; r++) {
        if (group_has_labels(a->groups, r))
            o->rows[o->n++] = r;
    }
    for (size_t g = vmap_table_columns(a->groups); !status && g > 0; g--)
        status = sort_by_column(a->groups, g - 1, o, err);
    for (size_t i = 0; !status && i < o->n; i++) {
        if (i == 0 || !same_labels(a->groups, o->rows[i - 1], o->rows[i]))
            o->start[o->count++] = i;
    }
    o->start[o->count] = o->n;
    return status;
}

static bool is_used(const vmap_answers *a, const vmap_projection *pr, vmap_incomplete rule, size_t r)
{
    return !isnan(pr->at[r * pr->k]) && (!a->weights || a->weights[r] > 0) &&
           (rule != VMAP_INCOMPLETE_DROP || pr->used[r] == pr->p);
}

size_t group_order_used(const group_order *o, size_t g, const vmap_answers *a,
                        const vmap_projection *pr, vmap_incomplete rule, size_t *used)
{
    size_t n = 0;

    for (size_t i = o->start[g]; i < o->start[g + 1]; i++) {
        if (is_used(a, pr, rule, o->rows[i]))
            used[n++] = o->rows[i];
    }
    return n;
}
