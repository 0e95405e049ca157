#include <config.h>
#include "cli/compare_shape.h"
#include "cli/compare_steps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/memory.h"

/* Rows of a side in an order that depends on what stands in them and not on their place in the file, so that random draws,
 * which take "the 17th respondent", are the same when a file is sorted in another way. Rows that are alike in everything can
 * change places. */

typedef struct {
    uint64_t key;
    size_t row;
} keyed;

static int compare_keys(const void *pa, const void *pb)
{
    const keyed *a = pa, *b = pb;

    return a->key != b->key ? (a->key < b->key ? -1 : 1) : a->row < b->row ? -1 : a->row > b->row;
}

static uint64_t mix_text(uint64_t h, const char *text)
{
    for (; *text; text++)
        h = hash_mix(h, (unsigned char)*text);
    return hash_mix(h, 256);
}

static uint64_t mix_number(uint64_t h, double x)
{
    uint64_t bits;

    x += 0.; /* -0 is 0 */
    memcpy(&bits, &x, sizeof bits);
    return hash_mix(h, bits);
}

/* Answers, reasons of missing ones, weight and labels. Adjusted weights differ in last digits with the order of rows: they are
 * taken as floats. */
static uint64_t key_of(const vmap_answers *a, size_t row, size_t columns)
{
    uint64_t h = a->weights ? mix_number(0, (double)(float)a->weights[row]) : 0;

    for (size_t j = 0; j < a->p; j++) {
        double x = a->values[row * a->p + j];

        h = isnan(x) ? hash_mix(h, 1000u + a->reasons[row * a->p + j]) : mix_number(h, x);
    }
    for (size_t c = 0; c < columns; c++) {
        size_t level = vmap_table_level(a->groups, c, row);

        h = mix_text(h, level < vmap_table_levels(a->groups, c) ? vmap_table_level_text(a->groups, c, level) : "");
    }
    return h;
}

static vmap_status order_rows(const vmap_answers *a, size_t columns, const size_t *series, size_t **order, vmap_error *err)
{
    keyed *list = memory_new(a->n, sizeof *list, err);

    *order = memory_new(a->n, sizeof **order, err);
    if (!list || !*order) {
        free(list);
        return VMAP_ENOMEM;
    }
    for (size_t i = 0; i < a->n; i++)
        list[i] = (keyed){hash_mix(key_of(a, i, columns), series ? series[i] : 0), i};
    qsort(list, a->n, sizeof *list, compare_keys);
    for (size_t i = 0; i < a->n; i++)
        (*order)[i] = list[i].row;
    free(list);
    return VMAP_SUCCESS;
}

vmap_status compare_order_rows(compare_work *w, vmap_error *err)
{
    size_t own = (w->series_by != NULL) + (w->settings->persona != NULL) + (w->settings->variant != NULL);
    vmap_status status;

    if (w->counted)
        return VMAP_SUCCESS;
    status = order_rows(w->a->human.answers, w->columns, NULL, &w->human_order, err);
    return status ? status : order_rows(w->a->persona.answers, w->columns + own, w->persona_series, &w->persona_order, err);
}

double *compare_weights(const compare_work *w, const compare_level *l, bool people, vmap_error *err)
{
    const vmap_answers *a = people ? w->a->human.answers : w->a->persona.answers;
    double *weight = memory_new(a->n, sizeof *weight, err);

    for (size_t i = 0; weight && i < a->n; i++) {
        weight[i] = a->weights ? a->weights[i] : 1;
        if (people && w->factor && l->pooled && w->human_cell[i] < w->cells)
            weight[i] *= w->factor[w->human_cell[i]];
    }
    return weight;
}
