#include <config.h>
#include "cli/compare_shape.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

/* Do the series (models) differ in their distance to people? One number per series and item, pooled
 * over all groups, or per series and cell, the mean over items. Only items and cells count in which
 * every series has a number, so that every test sees the same ones. */

typedef struct {
    const compare_work *w;
    const char *over;
    const vmap_metric *metric;
    size_t blocks, left_out, series;
    double *y;                    /* blocks x series */
    size_t *of_block, *of_series; /* blocks x series: levels of the two factors */
} design;

typedef struct {
    vmap_report_table *tests, *pairs, *means;
} tables;

/* ---- the numbers ---- */

static void design_free(design *d)
{
    free(d->y);
    free(d->of_block);
}

static vmap_status design_new(design *d, const compare_work *w, const char *over, size_t blocks,
                              const vmap_metric *metric, vmap_error *err)
{
    size_t n = blocks * w->series_count;

    *d = (design){.w = w, .over = over, .metric = metric, .series = w->series_count};
    d->y = memory_new(n, sizeof(*d->y), err);
    d->of_block = memory_new(2 * n, sizeof(*d->of_block), err);
    if (!d->y || !d->of_block) {
        design_free(d);
        return VMAP_ENOMEM;
    }
    d->of_series = d->of_block + n;
    for (size_t i = 0; i < n; i++) {
        d->of_block[i] = i / d->series;
        d->of_series[i] = i % d->series;
    }
    return VMAP_SUCCESS;
}

static double distance(const design *d, const compare_level *level, size_t series, size_t group,
                       size_t item)
{
    vmap_metric_pair pair;

    if ((d->metric->ordered && !d->w->points[item].ordered) ||
        !compare_pair(d->w, level, series, group, item, &pair))
        return NAN;
    return d->metric->of(&pair);
}

/* The distances of all series on one item in one group, to `row` (series); false when one has none. */
static bool fill_row(const design *d, const compare_level *level, size_t group, size_t item,
                     double *row)
{
    bool complete = true;

    for (size_t s = 0; s < d->series; s++) {
        row[s] = distance(d, level, s, group, item);
        complete &= !isnan(row[s]);
    }
    return complete;
}

static void fill_items(design *d, const compare_level *all)
{
    for (size_t i = 0; i < d->w->p; i++) {
        if (fill_row(d, all, 0, i, d->y + d->blocks * d->series))
            d->blocks++;
        else
            d->left_out++;
    }
}

/* Means over the items on which all series have a distance; the row behind the last one is room. */
static void fill_cells(design *d, const compare_level *cells)
{
    double *room = d->y + cells->groups * d->series;

    for (size_t g = 0; g < cells->groups; g++) {
        double *row = d->y + d->blocks * d->series;
        size_t n = 0;

        for (size_t s = 0; s < d->series; s++)
            row[s] = 0;
        for (size_t i = 0; i < d->w->p; i++) {
            if (!fill_row(d, cells, g, i, room))
                continue;
            n++;
            for (size_t s = 0; s < d->series; s++)
                row[s] += room[s];
        }
        for (size_t s = 0; n && s < d->series; s++)
            row[s] /= (double)n;
        if (n)
            d->blocks++;
        else
            d->left_out++;
    }
}

/* ---- the tests ---- */

static void put_test(const tables *t, const design *d, const char *test, const char *term,
                     const char *statistic, const vmap_anova_row *row, const char *effect)
{
    vmap_report_text(t->tests, d->over);
    vmap_report_text(t->tests, d->metric->name);
    vmap_report_text(t->tests, test);
    vmap_report_text(t->tests, term);
    vmap_report_count(t->tests, d->blocks);
    vmap_report_number(t->tests, row->sum);
    vmap_report_count(t->tests, row->df);
    vmap_report_text(t->tests, statistic);
    vmap_report_number(t->tests, row->f);
    vmap_report_number(t->tests, row->p);
    vmap_report_text(t->tests, effect);
    vmap_report_number(t->tests, row->partial_omega2);
}

static void put_pairs(const tables *t, const design *d, const char *test,
                      const vmap_group_pair *pairs)
{
    for (size_t i = 0; i < vmap_group_pairs(d->series); i++) {
        vmap_report_text(t->pairs, d->over);
        vmap_report_text(t->pairs, d->metric->name);
        vmap_report_text(t->pairs, test);
        vmap_report_text(t->pairs, d->w->series[pairs[i].i].name);
        vmap_report_text(t->pairs, d->w->series[pairs[i].j].name);
        vmap_report_number(t->pairs, pairs[i].difference);
        vmap_report_number(t->pairs, pairs[i].lo);
        vmap_report_number(t->pairs, pairs[i].hi);
        vmap_report_number(t->pairs, pairs[i].statistic);
        vmap_report_number(t->pairs, pairs[i].p);
        vmap_report_number(t->pairs, pairs[i].p_adjusted);
    }
}

static vmap_status test_means(const tables *t, const design *d, vmap_group_pair *pairs,
                              vmap_error *err)
{
    vmap_anova *a = NULL;
    vmap_status status = vmap_anova_new(d->y, d->of_series, d->of_block, d->blocks * d->series,
                                        d->series, d->blocks, &vmap_anova_defaults, &a, err);

    if (status)
        return status;
    put_test(t, d, "anova", "series", "F", &a->first, "partial omega^2");
    put_test(t, d, "anova", d->over, "F", &a->second, "partial omega^2");
    put_test(t, d, "anova", "error", "", &a->error, "");
    status = vmap_tukey(a, &a->of_first, .95, pairs, err);
    if (!status)
        put_pairs(t, d, "tukey", pairs);
    vmap_anova_free(a);
    return status;
}

static vmap_status test_groups(const tables *t, const design *d,
                               vmap_group_pair *pairs, vmap_error *err)
{
    vmap_rank_test *test = NULL;
    vmap_status status =
        vmap_kruskal_new(d->y, d->of_series, d->blocks * d->series, d->series, &test, err);

    if (status)
        return status;
    put_test(t, d, "kruskal", "series", "H",
             &(vmap_anova_row){.sum = NAN,
                               .df = test->df,
                               .f = test->statistic,
                               .p = test->p,
                               .partial_omega2 = test->effect},
             "epsilon^2");
    status = vmap_dunn(test, d->w->adjustment, pairs, err);
    if (!status)
        put_pairs(t, d, "dunn", pairs);
    vmap_rank_test_free(test);
    return status;
}

static void put_means(const tables *t, const design *d, const vmap_rank_test *test)
{
    for (size_t s = 0; s < d->series; s++) {
        double sum = 0;

        for (size_t b = 0; b < d->blocks; b++)
            sum += d->y[b * d->series + s];
        vmap_report_text(t->means, d->over);
        vmap_report_text(t->means, d->metric->name);
        vmap_report_text(t->means, d->w->series[s].name);
        vmap_report_count(t->means, d->blocks);
        vmap_report_count(t->means, d->left_out);
        vmap_report_number(t->means, sum / (double)d->blocks);
        vmap_report_number(t->means, test->mean_rank[s]);
    }
}

static vmap_status test_blocks(const tables *t, const design *d, vmap_group_pair *pairs,
                               vmap_error *err)
{
    vmap_rank_test *test = NULL;
    double critical;
    vmap_status status = vmap_friedman_new(d->y, d->blocks, d->series, &test, err);

    if (status)
        return status;
    put_means(t, d, test);
    put_test(t, d, "friedman", "series", "chi^2",
             &(vmap_anova_row){.sum = NAN,
                               .df = test->df,
                               .f = test->statistic,
                               .p = test->p,
                               .partial_omega2 = test->effect},
             "Kendall's W");
    put_test(t, d, "iman_davenport", "series", "F",
             &(vmap_anova_row){.sum = NAN,
                               .df = test->df,
                               .f = test->f,
                               .p = test->p_f,
                               .partial_omega2 = test->effect},
             "Kendall's W");
    status = vmap_nemenyi(test, .95, pairs, &critical, err);
    if (!status)
        put_pairs(t, d, "nemenyi", pairs);
    vmap_rank_test_free(test);
    return status;
}

static vmap_status test_all(const tables *t, const design *d,
                            vmap_error *err)
{
    vmap_group_pair *pairs;
    vmap_status status;

    if (d->blocks < 2) {
        vmap_report_note(t->tests,
                         "No tests over %s by %s: all series have a number in %zu of them, "
                         "and two are needed.",
                         d->over, d->metric->name, d->blocks);
        return vmap_ledger_say(d->w->a->ledger, err, "model_tests, model_pairs: no tests over %s by %s, because all series have a "
                               "number in %zu of them, and two are needed", d->over, d->metric->name, d->blocks);
    }
    pairs = memory_new(vmap_group_pairs(d->series), sizeof(*pairs), err);
    if (!pairs)
        return VMAP_ENOMEM;
    status = test_means(t, d, pairs, err);
    if (!status)
        status = test_groups(t, d, pairs, err);
    if (!status)
        status = test_blocks(t, d, pairs, err);
    free(pairs);
    return status;
}

/* ---- the tables ---- */

static void name_keys(vmap_report_table *t)
{
    vmap_report_column(t, "over", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "metric", VMAP_CELL_TEXT, 0);
}

static tables add_tables(vmap_report *r)
{
    tables t = {
        vmap_report_add(r, "model_tests", "Do the models differ in their distance to people?"),
        vmap_report_add(r, "model_pairs", "Which models differ"),
        vmap_report_add(r, "model_means", "Mean distance and mean rank of each model")};

    name_keys(t.tests);
    vmap_report_column(t.tests, "test", VMAP_CELL_TEXT, 0);
    vmap_report_column(t.tests, "term", VMAP_CELL_TEXT, 0);
    vmap_report_column(t.tests, "n", VMAP_CELL_COUNT, 0);
    vmap_report_column(t.tests, "sum_of_squares", VMAP_CELL_NUMBER, 4);
    vmap_report_column(t.tests, "df", VMAP_CELL_COUNT, 0);
    vmap_report_column(t.tests, "statistic", VMAP_CELL_TEXT, 0);
    vmap_report_column(t.tests, "value", VMAP_CELL_NUMBER, 2);
    vmap_report_column(t.tests, "p", VMAP_CELL_NUMBER, 4);
    vmap_report_column(t.tests, "effect", VMAP_CELL_TEXT, 0);
    vmap_report_column(t.tests, "effect_size", VMAP_CELL_NUMBER, 3);
    name_keys(t.pairs);
    vmap_report_column(t.pairs, "test", VMAP_CELL_TEXT, 0);
    vmap_report_column(t.pairs, "series_1", VMAP_CELL_TEXT, 0);
    vmap_report_column(t.pairs, "series_2", VMAP_CELL_TEXT, 0);
    vmap_report_column(t.pairs, "difference", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t.pairs, "lo", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t.pairs, "hi", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t.pairs, "statistic", VMAP_CELL_NUMBER, 2);
    vmap_report_column(t.pairs, "p", VMAP_CELL_NUMBER, 4);
    vmap_report_column(t.pairs, "p_adj", VMAP_CELL_NUMBER, 4);
    name_keys(t.means);
    vmap_report_column(t.means, "series", VMAP_CELL_TEXT, 0);
    vmap_report_column(t.means, "n", VMAP_CELL_COUNT, 0);
    vmap_report_column(t.means, "left_out", VMAP_CELL_COUNT, 0);
    vmap_report_column(t.means, "mean", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t.means, "mean_rank", VMAP_CELL_NUMBER, 2);
    return t;
}

static void add_notes(const tables *t, const vmap_adjustment *adjustment)
{
    vmap_report_note(
        t->tests,
        "n: items, or cells, in which every series has a distance. One number per series and item "
        "(all groups pooled) or per series and cell (mean over items); they stand for the items "
        "and "
        "cells that were compared, not for new respondents.");
    vmap_report_note(t->tests, "anova: additive model of series and items, or series and cells. "
                               "Iman and Davenport's F keeps its level better than "
                               "Friedman's chi-square.");
    vmap_report_note(
        t->pairs,
        "tukey: difference of means, nemenyi: of mean ranks within items or cells, both with "
        "simultaneous 95 %% intervals and p for all pairs together; dunn: of mean ranks over all, "
        "p_adj "
        "by %s.",
        adjustment->name);
    vmap_report_note(t->means, "mean_rank: 1 is nearest to people.");
}

/* The groups of a single column are its cells. */
static const compare_level *find_level(const compare_work *w, bool pooled)
{
    const char *name = pooled ? "all" : w->columns == 1 ? w->column[0] : "cell";

    for (size_t l = 0; l < w->levels; l++) {
        if (w->level[l].pooled == (pooled || w->columns == 1) && strcmp(w->level[l].name, name) == 0)
            return &w->level[l];
    }
    return NULL;
}

static vmap_status add_design(const tables *t, const compare_work *w, const vmap_metric *metric, bool pooled, vmap_error *err)
{
    const compare_level *level = find_level(w, pooled);
    design d;
    vmap_status status;

    if (!level)
        return VMAP_SUCCESS;
    status = design_new(&d, w, pooled ? "items" : "cells", (pooled ? w->p : level->groups) + 1,
                        metric, err);
    if (status)
        return status;
    if (pooled)
        fill_items(&d, level);
    else
        fill_cells(&d, level);
    status = test_all(t, &d, err);
    design_free(&d);
    return status;
}

vmap_status compare_models(vmap_report *r, const compare_work *w,
                           vmap_error *err)
{
    tables t;
    vmap_status status = VMAP_SUCCESS;

    if (w->series_count < 2)
        return vmap_ledger_say(w->a->ledger, err, "model_tests, model_pairs, model_means: there is one series; two can be compared");
    t = add_tables(r);
    for (size_t m = 0; !status && m < w->metrics; m++) {
        if (w->metric[m]->kind != VMAP_METRIC_DISTANCE)
            continue;
        status = add_design(&t, w, w->metric[m], true, err);
        if (!status)
            status = add_design(&t, w, w->metric[m], false, err);
    }
    add_notes(&t, w->adjustment);
    return status;
}
