#include <config.h>
#include "cli/compare_analysis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "valuemap/chart.h"

/* The figures of `valuemap compare`: distributions by item, ranking of items, groups by series, threshold curve. */

enum { SERIES_MOST = 5, ITEMS_MOST = 24, ROWS_MOST = 80, PROVENANCE = 8 };

typedef struct drawing {
    const compare_work *w;
    outcome *o;
    const char *provenance[PROVENANCE];
    size_t provenance_count;
    size_t metric;             /* the one that is drawn: the first */
    size_t series;             /* as many as can be told apart */
    const char **names;        /* people, then the series */
    size_t *rank;              /* items that are drawn, the farthest first */
    size_t ranked;
} drawing;

static const char *const simulated[] = {"SIMULATED DATA: made up by a program; they say nothing about people or models."};

static vmap_chart chart_of(const drawing *d, const char *name, const char *title, const char *subtitle)
{
    return (vmap_chart){.name = name, .title = title, .subtitle = subtitle, .provenance = d->provenance,
                        .provenance_count = d->provenance_count, .width = VMAP_FIGURE_PAGE, .caption = simulated,
                        .caption_count = d->w->a->simulated};
}

static const compare_level *level_of_all(const compare_work *w)
{
    for (size_t l = 0; l < w->levels; l++) {
        if (strcmp(w->level[l].name, "all") == 0)
            return &w->level[l];
    }
    return NULL;
}

/* The drawn metric of an item; NaN where it is not compared. */
static double value_of(const drawing *d, const compare_level *l, size_t s, size_t g, size_t j)
{
    const compare_work *w = d->w;
    vmap_metric_pair pair;

    if (!compare_pair(w, l, s, g, j, &pair) || (w->metric[d->metric]->ordered && !w->points[j].ordered))
        return NAN;
    return w->metric[d->metric]->of(&pair);
}

static double mean_over_series(const drawing *d, const compare_level *l, size_t j)
{
    double sum = 0;
    size_t n = 0;

    for (size_t s = 0; s < d->series; s++) {
        double x = value_of(d, l, s, 0, j);

        sum += isfinite(x) ? x : 0;
        n += isfinite(x) != 0;
    }
    return n ? sum / (double)n : NAN;
}

/* Items by their mean distance over series, the farthest first. */
static vmap_status rank_items(drawing *d, const compare_level *l, vmap_error *err)
{
    double *mean = memory_new(d->w->p, sizeof *mean, err);

    d->rank = memory_new(d->w->p, sizeof *d->rank, err);
    if (!mean || !d->rank) {
        free(mean);
        return VMAP_ENOMEM;
    }
    for (size_t j = 0; j < d->w->p; j++) {
        size_t at;

        mean[j] = mean_over_series(d, l, j);
        if (isnan(mean[j]))
            continue;
        for (at = d->ranked++; at > 0 && mean[d->rank[at - 1]] < mean[j]; at--)
            d->rank[at] = d->rank[at - 1];
        d->rank[at] = j;
    }
    free(mean);
    return VMAP_SUCCESS;
}

static char *item_title(const compare_work *w, size_t j)
{
    const char *name = w->define[j]->name, *label = w->define[j]->label;

    return !label || strcmp(name, label) == 0 ? text_format("%s", name) : text_format("%s %s", name, label);
}

static void free_texts(char **text, size_t n)
{
    for (size_t i = 0; text && i < n; i++)
        free(text[i]);
    free(text);
}

/* ---- distributions: one small panel per item ---- */

/* Names of the scale points, their codes, of all items side by side; `text` holds them. */
static void name_points(const vmap_points *points, char (*text)[16], const char **name)
{
    for (size_t k = 0; k < points->count; k++) {
        snprintf(text[k], sizeof text[k], "%g", points->code[k]);
        name[k] = text[k];
    }
}

static void put_shares(const drawing *d, const compare_level *l, size_t j, double *share)
{
    const compare_work *w = d->w;

    for (size_t s = 0; s <= d->series; s++) {
        const vmap_distributions *x = s ? l->personas[s - 1] : l->people;

        for (size_t k = 0; k < w->points[j].count; k++)
            *share++ = x->n[j] >= (size_t)w->settings->min_n ? x->share[x->offset[j] + k] : NAN;
    }
}

static vmap_status draw_distributions(const drawing *d, const compare_level *l, vmap_error *err)
{
    const compare_work *w = d->w;
    size_t n = d->ranked < ITEMS_MOST ? d->ranked : ITEMS_MOST, used = 0, all = w->points ? l->people->offset[w->p] : 0;
    vmap_chart_bars_panel *panel = memory_new(n, sizeof *panel, err);
    char **title = memory_new(n, sizeof *title, err), (*text)[16] = memory_new(all, sizeof *text, err), *script = NULL;
    const char **name = memory_new(all, sizeof *name, err);
    double *share = memory_new(all * (d->series + 1), sizeof *share, err);
    char *heading = text_format("Answers of %s and of %s", compare_people(w), compare_personas(w));
    vmap_chart_bars chart = {.chart = chart_of(d, "distributions", heading,
                                               "Shares of valid answers on the scale points (codes); the items that are farthest apart "
                                               "come first."),
                             .series = d->names, .series_count = d->series + 1, .panels = panel, .panels_count = n,
                             .unit = "share"};
    vmap_status status = heading && panel && title && text && name && share ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < n; i++) {
        size_t j = d->rank[i], k = w->points[j].count;

        title[i] = item_title(w, j);
        name_points(&w->points[j], text + used, name + used);
        put_shares(d, l, j, share + used * (d->series + 1));
        panel[i] = (vmap_chart_bars_panel){.title = title[i], .categories = name + used, .k = k,
                                           .share = share + used * (d->series + 1)};
        used += k;
    }
    if (!status)
        status = vmap_chart_draw_bars(&chart, &script, NULL, err);
    if (!status)
        status = compare_add_figure(w, d->o, "distributions", script, "Distributions of answers", "a panel for each item", err);
    free_texts(title, n);
    free(heading);
    free(panel);
    free(text);
    free(name);
    free(share);
    return status;
}

/* ---- items ranked, with intervals ---- */

static const vmap_noise *noise_at(const compare_work *w, size_t level, size_t s, size_t j, size_t metric)
{
    for (size_t i = 0; w->noise && i < w->noise->pairs; i++) {
        const compare_place *at = &w->noise->pair[i];

        if (at->level == level && at->series == s && at->item == j)
            return &w->noise->found[i * w->metrics + metric];
    }
    return NULL;
}

vmap_status compare_add_figure(const compare_work *w, outcome *o, const char *name, char *script, const char *what, const char *more,
                               vmap_error *err)
{
    char *caption = text_format("%s: %s and %s, %s", what, compare_people(w), compare_personas(w), more);
    vmap_status status = caption ? outcome_add_figure(o, name, script, caption, err) : vmap_error_set(err, VMAP_ENOMEM, "no memory for a caption");

    if (!caption)
        free(script);
    free(caption);
    return status;
}

static vmap_status draw_ranking(const drawing *d, const compare_level *l, vmap_error *err)
{
    const compare_work *w = d->w;
    size_t n = d->ranked < ROWS_MOST ? d->ranked : ROWS_MOST, count = 0;
    vmap_chart_dot *dot = memory_new(n * d->series, sizeof *dot, err);
    char **title = memory_new(n, sizeof *title, err), *script = NULL, *heading = text_format("Items by their distance from %s", compare_people(w));
    vmap_chart_dots_panel panel = {NULL, dot, 0};
    vmap_chart_dots chart = {.chart = chart_of(d, "items", heading,
                                               w->noise ? "Lines: 95 % intervals. The items that are farthest apart come first."
                                                        : "The items that are farthest apart come first."),
                             .rows = (const char *const *)title, .rows_count = n, .series = d->names + 1, .series_count = d->series,
                             .panels = &panel, .panels_count = 1, .x = {.name = w->metric[d->metric]->name}, .reference = 0};
    vmap_status status = dot && title && heading ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < n; i++) {
        title[i] = item_title(w, d->rank[i]);
        for (size_t s = 0; s < d->series; s++) {
            const vmap_noise *x = noise_at(w, (size_t)(l - w->level), s, d->rank[i], d->metric);
            double at = value_of(d, l, s, 0, d->rank[i]);

            if (isfinite(at))
                dot[count++] = (vmap_chart_dot){i, s, at, x ? x->low : NAN, x ? x->high : NAN};
        }
    }
    panel.dots_count = count;
    if (!status)
        status = vmap_chart_draw_dots(&chart, &script, NULL, err);
    if (!status)
        status = compare_add_figure(w, d->o, "items", script, "Distance of each item", "by series, with 95 % intervals", err);
    free_texts(title, n);
    free(heading);
    free(dot);
    return status;
}

/* ---- groups by series ---- */

static double mean_over_items(const drawing *d, const compare_level *l, size_t s, size_t g)
{
    double sum = 0;
    size_t n = 0;

    for (size_t j = 0; j < d->w->p; j++) {
        double x = value_of(d, l, s, g, j);

        sum += isfinite(x) ? x : 0;
        n += isfinite(x) != 0;
    }
    return n ? sum / (double)n : NAN;
}

static double row_mean(const double *value, size_t columns)
{
    double sum = 0;
    size_t n = 0;

    for (size_t c = 0; c < columns; c++) {
        sum += isnan(value[c]) ? 0 : value[c];
        n += !isnan(value[c]);
    }
    return n ? sum / (double)n : -INFINITY;
}

/* Mean absolute difference of two rows over the columns that both know; NaN without any. */
static double apart(const double *a, const double *b, size_t columns, size_t step)
{
    double sum = 0;
    size_t n = 0;

    for (size_t c = 0; c < columns; c++) {
        double d = fabs(a[c * step] - b[c * step]);

        sum += isnan(d) ? 0 : d;
        n += !isnan(d);
    }
    return n ? sum / (double)n : NAN;
}

/* Tree of rows (or columns) of a matrix, its leaves in the best order; NULL where rows have nothing in common. */
static vmap_status cluster_rows(const double *value, size_t rows, size_t columns, size_t row_step, size_t column_step,
                                vmap_tree **tree, vmap_error *err)
{
    gsl_matrix *d = memory_matrix(rows, rows, err);
    const vmap_units units = {NULL, d, NULL};
    bool known = true;
    vmap_status status = d ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; d && i < rows; i++) {
        for (size_t j = 0; j < i; j++) {
            double x = apart(value + i * row_step, value + j * row_step, columns, column_step);

            gsl_matrix_set(d, i, j, x);
            gsl_matrix_set(d, j, i, x);
            known &= !isnan(x);
        }
    }
    if (!status && known && rows > 2) {
        status = vmap_cluster_tree(&units, VMAP_AVERAGE, 1, tree, err);
        if (!status)
            status = vmap_tree_arrange(*tree, &units, err);
    }
    gsl_matrix_free(d);
    return status;
}

static vmap_status draw_groups(const drawing *d, size_t level, vmap_error *err)
{
    const compare_level *l = &d->w->level[level];
    size_t rows = l->groups, columns = d->w->series_count;
    double *value = memory_new(rows * columns, sizeof *value, err);
    char **label = memory_new(rows, sizeof *label, err), *script = NULL;
    size_t *order = memory_new(rows, sizeof *order, err);
    vmap_tree *tree = NULL, *across = NULL;
    const char **names = memory_new(columns, sizeof *names, err);
    char *file = text_format("groups_%zu", level), *title = text_format("Distance from %s by %s", compare_people(d->w), l->name);
    vmap_chart_heat chart = {.chart = chart_of(d, file, title, NULL),
                             .rows = (const char *const *)label, .rows_count = rows, .columns = names, .columns_count = columns,
                             .values = value, .numbers = true, .decimals = 2, .drop_zero = true,
                             .legend = d->w->metric[d->metric]->name, .row_order = order};
    vmap_status status = value && label && order && names && file && title ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t s = 0; !status && s < columns; s++)
        names[s] = d->w->series[s].name;
    for (size_t g = 0; !status && g < rows; g++) {
        size_t at = g;

        label[g] = compare_group_label(d->w, l, g);
        for (size_t s = 0; s < columns; s++)
            value[g * columns + s] = mean_over_items(d, l, s, g);
        for (; at > 0 && row_mean(value + order[at - 1] * columns, columns) < row_mean(value + g * columns, columns); at--)
            order[at] = order[at - 1];
        order[at] = g;
    }
    if (!status && columns > 1)
        status = cluster_rows(value, rows, columns, columns, 1, &tree, err);
    if (!status && columns > 2)
        status = cluster_rows(value, columns, rows, 1, columns, &across, err);
    chart.row_tree = tree;
    chart.row_order = tree ? NULL : order;
    chart.column_order = across ? across->order : NULL;
    chart.chart.subtitle = tree ? "Mean over items. Groups that are alike over all series stand together (average linkage). A cross: not compared."
                                : "Mean over items; the groups that are farthest come first. A cross: not compared.";
    if (!status)
        status = vmap_chart_draw_heat(&chart, &script, NULL, err);
    if (!status)
        status = outcome_add_figure(d->o, file, script, title, err);
    free_texts(label, rows);
    vmap_tree_free(tree);
    vmap_tree_free(across);
    free(value);
    free(order);
    free(names);
    free(file);
    free(title);
    return status;
}

/* ---- threshold curve ---- */

static vmap_status draw_thresholds(const drawing *d, const compare_level *l, vmap_error *err)
{
    const compare_work *w = d->w;
    size_t curves = d->series + 2, points = COMPARE_THRESHOLDS + 1;
    double *x = memory_new(points * (curves + 1), sizeof *x, err);
    vmap_likeness_item *item = memory_new(w->p, sizeof *item, err);
    vmap_chart_line *line = memory_new(curves, sizeof *line, err);
    const char **names = memory_new(curves, sizeof *names, err);
    vmap_chart_lines_panel panel = {NULL, line, 0};
    char *title = text_format("How many items are within a distance from %s", compare_people(w));
    char *subtitle = text_format("Uniform: every scale point equally often; majority: all give the commonest answer of %s.", compare_people(w));
    vmap_chart_lines chart = {.chart = chart_of(d, "thresholds", title, subtitle),
                              .series = names, .panels = &panel, .panels_count = 1,
                              .x = {.name = "Wasserstein-1 on the scale from 0 to 1"}, .y = {.name = "share of items"}};
    char *script = NULL;
    vmap_status status = x && item && line && names && title && subtitle ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t c = 0; !status && c < curves; c++) {
        size_t n, s = c < d->series ? c : 0;
        double *y = x + points * (c + 1);

        status = compare_likeness_items(w, l, s, 0, item, &n, err);
        names[c] = c < d->series ? w->series[c].name : c == d->series ? "uniform" : "majority";
        for (size_t i = 0; !status && i < points; i++) {
            x[i] = (double)i / (2. * COMPARE_THRESHOLDS);
            y[i] = compare_share_within(item, n, c < d->series ? 0 : c == d->series ? 1 : 2, x[i]);
        }
        line[c] = (vmap_chart_line){.series = c, .n = points, .x = x, .y = y};
    }
    panel.lines_count = chart.series_count = curves;
    if (!status && !isnan(x[points]))
        status = vmap_chart_draw_lines(&chart, &script, NULL, err);
    if (!status && script)
        status = compare_add_figure(w, d->o, "thresholds", script, "Share of items whose distance is at most a threshold",
                                    "by series and for two baselines", err);
    free(title);
    free(subtitle);
    free(x);
    free(item);
    free(line);
    free(names);
    return status;
}

static vmap_status name_all(drawing *d, vmap_error *err)
{
    d->names = memory_new(d->series + 1, sizeof *d->names, err);
    if (!d->names)
        return VMAP_ENOMEM;
    d->names[0] = compare_people(d->w);
    for (size_t s = 0; s < d->series; s++)
        d->names[s + 1] = d->w->series[s].name;
    return VMAP_SUCCESS;
}

vmap_status compare_draw(const compare_work *w, const vmap_report *r, outcome *o, vmap_error *err)
{
    const compare_level *all = level_of_all(w);
    drawing d = {.w = w, .o = o, .series = w->series_count < SERIES_MOST ? w->series_count : SERIES_MOST};
    vmap_status status = name_all(&d, err);

    d.provenance_count = outcome_chart_provenance(r, d.provenance, PROVENANCE);
    if (!status && all)
        status = rank_items(&d, all, err);
    if (!status && all && d.ranked) {
        status = draw_distributions(&d, all, err);
        if (!status)
            status = draw_ranking(&d, all, err);
        if (!status)
            status = draw_thresholds(&d, all, err);
    }
    for (size_t l = 0; !status && l < w->levels; l++) {
        if (w->level[l].pooled && w->level[l].groups > 1 && w->level[l].groups <= ROWS_MOST)
            status = draw_groups(&d, l, err);
    }
    if (!status && w->series_count > SERIES_MOST)
        status = vmap_ledger_say(w->a->ledger, err, "figures of items show the first %d of %zu series", SERIES_MOST, w->series_count);
    free(d.rank);
    free(d.names);
    return status;
}
