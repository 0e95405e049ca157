#include <config.h>
#include "cli/compare_shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/columns.h"
#include "core/memory.h"
#include "core/parallel.h"

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
                           vmap_likeness_item *item, size_t *column)
{
    size_t n = 0;

    for (size_t j = 0; j < w->p; j++) {
        if (!compare_pair(w, l, s, g, j, &item[n].pair))
            continue;
        if (column)
            column[n] = j;
        item[n].ordered = w->points[j].ordered;
        item[n++].majority = majority[j];
    }
    return n;
}

/* One row of table scores: a group of a level, for a series. */
typedef struct {
    compare_place place;
    size_t n;
    vmap_likeness_item *item; /* n */
    size_t *column;           /* n: below w->p */
    double *low, *high;       /* n: intervals of the items' distances */
    vmap_likeness scores;
    vmap_likeness_range range;
    vmap_error why;
} score_row;

typedef struct {
    const compare_work *w;
    const size_t *majority;
    score_row *row;
    size_t rows;
} score_table;

static void put_scores(vmap_report_table *t, const score_row *r)
{
    const vmap_likeness *a = &r->scores;
    const vmap_likeness_range *b = &r->range;
    const double value[] = {a->representativeness, a->similarity_e, a->similarity_2, a->distance, a->uniform, a->majority};

    vmap_report_count(t, a->items);
    vmap_report_count(t, a->ordered);
    columns_put(t, value, sizeof value / sizeof *value);
    columns_put(t, b->representativeness, 2);
    columns_put(t, b->similarity_e, 2);
    columns_put(t, b->similarity_2, 2);
    columns_put(t, b->distance, 2);
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

/* Share of the ordered items whose end of the interval is at most the threshold. */
static double share_of_ends(const score_row *r, const double *end, double threshold)
{
    size_t ordered = 0, within = 0;

    for (size_t j = 0; j < r->n; j++) {
        if (isnan(end[j]))
            continue;
        ordered++;
        within += end[j] <= threshold + 1e-12;
    }
    return ordered ? (double)within / (double)ordered : NAN;
}

static void put_curve(vmap_report_table *t, const compare_work *w, const score_row *r)
{
    for (int i = 0; i <= COMPARE_THRESHOLDS; i++) {
        double threshold = i / (2. * COMPARE_THRESHOLDS);

        compare_put_group(t, w, &w->level[r->place.level], r->place.series, r->place.group);
        vmap_report_number(t, threshold);
        for (int which = 0; which < 3; which++)
            vmap_report_number(t, compare_share_within(r->item, r->n, which, threshold));
        vmap_report_number(t, share_of_ends(r, r->high, threshold));
        vmap_report_number(t, share_of_ends(r, r->low, threshold));
    }
}

static void add_scores(vmap_report_table *t, vmap_report_table *curve, const compare_work *w)
{
    static const char *const names[] = {"representativeness", "similarity_e", "similarity_2", "distance", "uniform", "majority",
                                        "representativeness_lo", "representativeness_hi", "similarity_e_lo", "similarity_e_hi",
                                        "similarity_2_lo", "similarity_2_hi", "distance_lo", "distance_hi"};
    static const char *const shares[] = {"threshold", "share", "uniform", "majority", "share_lo", "share_hi"};

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
    vmap_report_note(t, "_lo, _hi: 95 %% intervals by inverted tests, with respondents, and personas with all their answers, as units: true means "
                     "that make the observed one likely, whose distances are too long by the noise of samples. Between them is the most and the least "
                     "noise that the items can hide; where people and personas are alike, the observed score may lie outside.");
    vmap_report_note(curve, "share of the ordered items whose WorldValuesBench distance is at most the threshold; uniform, majority: for "
                     "the baselines. share_lo, share_hi: of the items whose own 95 %% interval lies within, and reaches within, it (one end in forty "
                     "is wrong by chance).");
}

/* Call to[0..n-1] the items of a group; for figures too. */
vmap_status compare_likeness_items(const compare_work *w, const compare_level *l, size_t s, size_t g, vmap_likeness_item *item,
                                    size_t *n, vmap_error *err)
{
    size_t *majority = memory_new(w->p, sizeof *majority, err);
    vmap_status status = majority ? find_majorities(w, majority, err) : VMAP_ENOMEM;

    *n = status ? 0 : gather_items(w, l, s, g, majority, item, NULL);
    free(majority);
    return status;
}

/* Intervals need answers that stay together, and are looked for when one of the two tables will be seen. */
static bool wants_ranges(const compare_work *w)
{
    const char *table = w->settings->table;

    return w->settings->replicates && !w->counted &&
           (w->settings->study.out.output || (table && (strcmp(table, "scores") == 0 || strcmp(table, "thresholds") == 0)));
}

static vmap_status find_range(const compare_work *w, score_row *r, uint64_t stream)
{
    const compare_level *l = &w->level[r->place.level];
    const vmap_likeness_group source = {w->people, w->series[r->place.series].responses, l->group, r->place.group, l->pooled ? w->factor : NULL};
    size_t few = (size_t)w->settings->replicates / 4; /* at each of some thirty populations */
    vmap_likeness_draws o = {few < 19 ? 19 : few, .95, compare_seed(w), stream, {1, 1}};
    vmap_status status = vmap_likeness_dependence(&source, r->item, r->column, r->n, o.inflation, &r->why);

    return status ? status : vmap_likeness_ranges(r->item, r->n, &o, &r->range, r->low, r->high, &r->why);
}

/* Items, scores and their intervals of one row. */
static void find_row(void *context, size_t i)
{
    const score_table *t = context;
    const compare_work *w = t->w;
    score_row *r = &t->row[i];

    r->item = memory_new(w->p, sizeof *r->item, &r->why);
    r->column = memory_new(w->p, sizeof *r->column, &r->why);
    r->low = memory_new(2 * w->p, sizeof *r->low, &r->why);
    r->range = (vmap_likeness_range){{NAN, NAN}, {NAN, NAN}, {NAN, NAN}, {NAN, NAN}};
    if (!r->item || !r->column || !r->low)
        return;
    r->high = r->low + w->p;
    for (size_t j = 0; j < 2 * w->p; j++)
        r->low[j] = NAN;
    r->n = gather_items(w, &w->level[r->place.level], r->place.series, r->place.group, t->majority, r->item, r->column);
    if (r->n && !vmap_likeness_find(r->item, r->n, &r->scores, &r->why) && wants_ranges(w))
        find_range(w, r, i);
}

static void list_rows(score_table *t)
{
    const compare_work *w = t->w;

    for (size_t l = 0; l < w->levels; l++) {
        for (size_t s = 0; s < w->series_count; s++) {
            for (size_t g = 0; g < w->level[l].groups; g++)
                t->row[t->rows++].place = (compare_place){l, s, g, 0};
        }
    }
}

static void free_rows(score_table *t, size_t rows)
{
    for (size_t i = 0; t->row && i < rows; i++) {
        free(t->row[i].item);
        free(t->row[i].column);
        free(t->row[i].low);
    }
    free(t->row);
}

static vmap_status put_row(vmap_report_table *t, vmap_report_table *curve, const compare_work *w, const score_row *r, vmap_error *err)
{
    if (r->why.status) {
        if (err)
            *err = r->why;
        return r->why.status;
    }
    if (r->n == 0)
        return VMAP_SUCCESS; /* table unmatched says why */
    compare_put_group(t, w, &w->level[r->place.level], r->place.series, r->place.group);
    put_scores(t, r);
    put_curve(curve, w, r);
    return VMAP_SUCCESS;
}

vmap_status compare_table_scores(vmap_report *r, const compare_work *w, vmap_error *err)
{
    vmap_report_table *t = vmap_report_add(r, "scores", "Scores under the names of papers"),
                      *curve = vmap_report_add(r, "thresholds", "How many items are within a distance");
    size_t *majority = memory_new(w->p, sizeof *majority, err), rows = 0;
    score_table all = {.w = w, .majority = majority};
    vmap_status status = majority ? find_majorities(w, majority, err) : VMAP_ENOMEM;

    add_scores(t, curve, w);
    for (size_t l = 0; l < w->levels; l++)
        rows += w->level[l].groups * w->series_count;
    if (!status && !(all.row = memory_new(rows, sizeof *all.row, err)))
        status = VMAP_ENOMEM;
    if (!status) {
        list_rows(&all);
        parallel_for(rows, (unsigned)w->settings->study.threads, find_row, &all);
    }
    for (size_t i = 0; !status && i < rows; i++)
        status = put_row(t, curve, w, &all.row[i], err);
    free_rows(&all, rows);
    free(majority);
    return status;
}
