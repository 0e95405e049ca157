#include <config.h>
#include "valuemap/morality_structure.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "valuemap/reliability.h"

/* Weighted shares and mean of one item; `n` answers of `asked` sheets. */
static void count(const vmap_questionnaire *q, const vmap_answers *a, const vmap_scores *s, const size_t *rows, size_t n,
                  vmap_item_statistics *x)
{
    double sum = 0, weight = 0, floor = 0, ceiling = 0;

    for (size_t i = 0; i < n; i++) {
        double value = s->item[rows[i] * s->p + x->item], w = a->weights ? a->weights[rows[i]] : 1;

        if (isnan(value) || !(w > 0))
            continue;
        x->n++;
        weight += w;
        sum += w * value;
        floor += value == q->scale[0].low ? w : 0;
        ceiling += value == q->scale[0].high ? w : 0;
    }
    x->mean = sum / weight; /* NaN without answers */
    x->floor = floor / weight;
    x->ceiling = ceiling / weight;
}

/* Sheets that count, in fresh memory. */
static size_t *select_sheets(const vmap_answers *a, const vmap_scores *s, const size_t *rows, size_t n, size_t *kept,
                      vmap_error *err)
{
    size_t *used = memory_new(n, sizeof *used, err);

    *kept = 0;
    for (size_t i = 0; used && i < n; i++) {
        if (s->used_sheet[rows[i]] && (!a->weights || a->weights[rows[i]] > 0))
            used[(*kept)++] = rows[i];
    }
    return used;
}

vmap_status vmap_item_statistics_find(const vmap_questionnaire *q, const vmap_answers *a, const vmap_scores *s,
                                      size_t foundation, const size_t *rows, size_t n,
                                      vmap_item_statistics *items, vmap_error *err)
{
    const vmap_foundation *f = &q->foundations[foundation];
    size_t kept = 0, *used = select_sheets(a, s, rows, n, &kept, err);
    size_t *column = memory_new(f->items_count, sizeof *column, err);
    gsl_matrix *cov = memory_matrix(f->items_count, f->items_count, err);
    vmap_reliability *r = NULL;
    vmap_status status = used && column && cov ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (unsigned i = 0; !status && i < f->items_count; i++)
        column[i] = (size_t)f->items[i] - 1;
    if (!status) {
        size_t behind = vmap_reliability_covariance(s->item, s->p, used, kept, column, f->items_count, a->weights, cov);

        status = vmap_reliability_new(cov, (double)behind, .95, &r, err);
    }
    for (unsigned i = 0; !status && i < f->items_count; i++) {
        items[i] = (vmap_item_statistics){.item = column[i], .asked = kept};
        count(q, a, s, used, kept, &items[i]);
        items[i].sd = sqrt(gsl_matrix_get(cov, i, i));
        items[i].item_rest = r->item_rest[i];
        items[i].if_dropped = r->if_dropped[i];
        items[i].loading = r->loading[i];
    }
    vmap_reliability_free(r);
    gsl_matrix_free(cov);
    free(column);
    free(used);
    return status;
}
