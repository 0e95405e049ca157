#include <config.h>
#include "cli/compare_analysis.h"

#include <math.h>
#include <stdlib.h>

#include "cli/columns.h"
#include "core/memory.h"

/* The scale point of each item that most people chose, over all cells. */
static vmap_status find_majorities(const compare_work *w, size_t *majority, vmap_error *err)
{
    size_t *together = memory_new(w->cells, sizeof *together, err);
    vmap_distributions *d = NULL;
    vmap_status status = together ? compare_distribute(w, COMPARE_PEOPLE, together, 1, NULL, &d, err) : VMAP_ENOMEM;

    for (size_t j = 0; !status && j < w->p; j++) {
        const double *share = d->share + d->offset[j];

        majority[j] = 0;
        for (size_t k = 1; k < w->points[j].count; k++)
            majority[j] = share[k] > share[majority[j]] ? k : majority[j];
    }
    vmap_distributions_free(d);
    free(together);
    return status;
}

static size_t gather_items(const compare_work *w, const compare_level *l, size_t s, size_t g, const size_t *majority,
                           vmap_likeness_item *item)
{
    size_t n = 0;

    for (size_t j = 0; j < w->p; j++) {
        if (!compare_pair(w, l, s, g, j, &item[n].pair))
            continue;
        item[n].ordered = w->points[j].ordered;
        item[n++].majority = majority[j];
    }
    return n;
}

static void put_scores(vmap_report_table *t, const vmap_likeness *a)
{
    const double value[] = {a->representativeness, a->similarity_e, a->similarity_2, a->distance, a->uniform, a->majority};

    vmap_report_count(t, a->items);
    vmap_report_count(t, a->ordered);
    for (size_t i = 0; i < sizeof value / sizeof *value; i++)
        vmap_report_number(t, value[i]);
}

double compare_share_within(const vmap_likeness_item *item, size_t n, int which, double threshold)
{
    size_t ordered = 0, within = 0;

    for (size_t j = 0; j < n; j++) {
        double d[3];

        if (!item[j].ordered)
            continue;
        vmap_likeness_distances(&item[j], d);
        ordered++;
        within += d[which] <= threshold + 1e-12;
    }
    return ordered ? (double)within / (double)ordered : NAN;
}

static void put_curve(vmap_report_table *t, const compare_work *w, const compare_level *l, size_t s, size_t g,
                      const vmap_likeness_item *item, size_t n)
{
    for (int i = 0; i <= COMPARE_THRESHOLDS; i++) {
        double threshold = i / (2. * COMPARE_THRESHOLDS);

        compare_put_group(t, w, l, s, g);
        vmap_report_number(t, threshold);
        for (int which = 0; which < 3; which++)
            vmap_report_number(t, compare_share_within(item, n, which, threshold));
    }
}

static void add_scores(vmap_report_table *t, vmap_report_table *curve, const compare_work *w)
{
    static const char *const names[] = {"representativeness", "similarity_e", "similarity_2", "distance", "uniform", "majority"};
    static const char *const shares[] = {"threshold", "share", "uniform", "majority"};

    compare_put_columns(t, w);
    vmap_report_column(t, "items", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "ordered_items", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, names, sizeof names / sizeof *names);
    compare_put_columns(curve, w);
    columns_add(curve, VMAP_CELL_NUMBER, 3, shares, sizeof shares / sizeof *shares);
    vmap_report_note(t, "representativeness: OpinionQA, mean of 1 - W1 / range; similarity_e, similarity_2: GlobalOpinionQA, mean of "
                     "1 - Jensen-Shannon distance in base e (.167..1) and 2 (0..1); distance: WorldValuesBench, mean W1 of answers "
                     "scaled to 0..1; uniform, majority: the same distance for personas that choose every scale point equally often, "
                     "or all the answer of most people.");
    vmap_report_note(curve, "share of the ordered items whose WorldValuesBench distance is at most the threshold; uniform, majority: for "
                     "the baselines.");
}

/* Call to[0..n-1] the items of a group; for figures too. */
vmap_status compare_likeness_items(const compare_work *w, const compare_level *l, size_t s, size_t g, vmap_likeness_item *item,
                                    size_t *n, vmap_error *err)
{
    size_t *majority = memory_new(w->p, sizeof *majority, err);
    vmap_status status = majority ? find_majorities(w, majority, err) : VMAP_ENOMEM;

    *n = status ? 0 : gather_items(w, l, s, g, majority, item);
    free(majority);
    return status;
}

vmap_status compare_table_scores(vmap_report *r, const compare_work *w, vmap_error *err)
{
    vmap_report_table *t = vmap_report_add(r, "scores", "Scores under the names of papers"),
                      *curve = vmap_report_add(r, "thresholds", "How many items are within a distance");
    size_t *majority = memory_new(w->p, sizeof *majority, err);
    vmap_likeness_item *item = memory_new(w->p, sizeof *item, err);
    vmap_status status = majority && item ? find_majorities(w, majority, err) : VMAP_ENOMEM;

    add_scores(t, curve, w);
    for (size_t l = 0; !status && l < w->levels; l++) {
        for (size_t s = 0; !status && s < w->series_count; s++) {
            for (size_t g = 0; !status && g < w->level[l].groups; g++) {
                size_t n = gather_items(w, &w->level[l], s, g, majority, item);
                vmap_likeness a;

                if (n == 0)
                    continue; /* table unmatched says why */
                status = vmap_likeness_find(item, n, &a, err);
                if (status)
                    break;
                compare_put_group(t, w, &w->level[l], s, g);
                put_scores(t, &a);
                put_curve(curve, w, &w->level[l], s, g, item, n);
            }
        }
    }
    free(majority);
    free(item);
    return status;
}
