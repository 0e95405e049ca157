#include <config.h>
#include "cli/compare_shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "valuemap/chart.h"

enum { PANELS = 12, SERIES = 6, PROVENANCE = 8, ROWS = 80, GROUPS = 30 };

typedef struct drawing {
    const compare_work *w;
    outcome *o;
    const char *provenance[PROVENANCE];
    size_t provenance_count;
    const compare_level *level; /* the first by groups, or NULL */
    size_t *item, count;        /* ordered items */
    size_t series;
    const char *name[SERIES];
    const char *caption[1]; /* the mark of simulated data, or nothing */
} drawing;

static vmap_chart chart_of(const drawing *d, const char *name, const char *title, const char *subtitle)
{
    return (vmap_chart){.name = name, .title = title, .subtitle = subtitle, .caption = d->caption,
                        .caption_count = d->caption[0] != NULL, .provenance = d->provenance,
                        .provenance_count = d->provenance_count, .width = VMAP_FIGURE_PAGE};
}

/* ---- calibration ---- */

/* Means of the groups on both sides, of one item of one series. */
static size_t fill_line(const drawing *d, size_t s, size_t item, double *x, double *y)
{
    vmap_metric_pair pair;
    size_t n = 0;

    for (size_t g = 0; g < d->level->groups; g++) {
        if (!compare_pair(d->w, d->level, s, g, item, &pair))
            continue;
        x[n] = (compare_mean(d->w, d->level->people, g, item, NULL) - pair.code[0]) / compare_range(d->w, item);
        y[n++] = (compare_mean(d->w, d->level->personas[s], g, item, NULL) - pair.code[0]) / compare_range(d->w, item);
    }
    return n;
}

static vmap_status draw_calibration(const drawing *d, vmap_error *err)
{
    size_t panels = d->count < PANELS ? d->count : PANELS, groups = d->level->groups;
    double *x = memory_new(2 * panels * d->series * groups, sizeof *x, err), *at = x;
    vmap_chart_line *line = memory_new(panels * d->series, sizeof *line, err);
    vmap_chart_lines_panel *panel = memory_new(panels, sizeof *panel, err);
    char *title = text_format("Group means: %s and %s", compare_people(d->w), compare_personas(d->w));
    vmap_chart_lines chart = {.chart = chart_of(d, "calibration", title, "A point is a group; 0 and 1 are the ends of the scale; on the line "
                                                "both sides say the same."),
                              .series = d->name, .series_count = d->series, .panels = panel, .panels_count = panels,
                              .x = {.name = compare_people(d->w)}, .y = {.name = compare_personas(d->w)}, .diagonal = true};
    char *script = NULL;
    vmap_status status = title && x && line && panel ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t j = 0; !status && j < panels; j++) {
        for (size_t s = 0; s < d->series; s++, at += 2 * groups)
            line[j * d->series + s] = (vmap_chart_line){.series = s, .n = fill_line(d, s, d->item[j], at, at + groups), .x = at,
                                                        .y = at + groups, .points = true, .no_line = true};
        panel[j] = (vmap_chart_lines_panel){d->w->define[d->item[j]]->name, line + j * d->series, d->series};
    }
    if (!status)
        status = vmap_chart_draw_lines(&chart, &script, NULL, err);
    if (!status)
        status = compare_add_figure(d->w, d->o, "calibration", script, "Means of groups against each other", "one panel for each item", err);
    free(title);
    free(panel);
    free(line);
    free(x);
    return status;
}

/* ---- spread between groups ---- */

static double spread_of(const drawing *d, size_t s, size_t item, double *x, double *y)
{
    size_t n = fill_line(d, s, item, x, y);
    vmap_calibration c;

    if (vmap_calibration_find(y, NULL, x, NULL, n, .95, &c, NULL))
        return NAN;
    return c.spread;
}

/* Ratios above this are drawn at it: they tell no more. */
static const double FAR = 4;

static vmap_status draw_spread(const drawing *d, vmap_error *err)
{
    size_t rows = d->count < ROWS ? d->count : ROWS, dots = 0;
    const char **row = memory_new(rows, sizeof *row, err);
    double *x = memory_new(2 * d->level->groups, sizeof *x, err);
    vmap_chart_dot *dot = memory_new(rows * d->series, sizeof *dot, err);
    vmap_chart_dots_panel *panel = memory_new(d->series, sizeof *panel, err);
    char *title = text_format("Spread of group means, %s / %s", compare_personas(d->w), compare_people(d->w));
    vmap_chart_dots chart = {.chart = chart_of(d, "shrinkage", title, "Below 1 groups are made alike, above 1 they are set apart; 4 stands "
                                               "for 4 and more."),
                             .rows = row, .rows_count = rows, .series = d->name, .series_count = 1, .panels = panel,
                             .panels_count = d->series, .x = {.name = "ratio of standard deviations"}, .reference = 1, .stems = true};
    char *script = NULL;
    vmap_status status = title && row && x && dot && panel ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t s = 0; !status && s < d->series; s++) {
        panel[s] = (vmap_chart_dots_panel){d->name[s], dot + s * rows, rows};
        for (size_t j = 0; j < rows; j++) {
            double at = spread_of(d, s, d->item[j], x, x + d->level->groups);

            row[j] = d->w->define[d->item[j]]->name;
            dot[s * rows + j] = (vmap_chart_dot){j, 0, isnan(at) ? NAN : fmin(at, FAR), NAN, NAN};
            dots += !isnan(at);
        }
    }
    if (!status && dots)
        status = vmap_chart_draw_dots(&chart, &script, NULL, err);
    if (!status && dots)
        status = compare_add_figure(d->w, d->o, "shrinkage", script, "Spread of group means, of the second relative to the first", "by item", err);
    free(title);
    free(panel);
    free(dot);
    free(x);
    free(row);
    return status;
}

/* ---- entropy ---- */

/* Entropy of every item, people and personas. */
static vmap_status draw_entropy(const drawing *d, vmap_error *err)
{
    const compare_level *l = &d->w->level[0];
    size_t rows = d->count < ROWS ? d->count : ROWS, n = 0;
    const char **row = memory_new(rows, sizeof *row, err), *series[SERIES + 1] = {compare_people(d->w)};
    vmap_chart_dot *dot = memory_new(rows * (d->series + 1), sizeof *dot, err);
    vmap_chart_dots_panel panel = {NULL, dot, 0};
    char *title = text_format("How much answers differ: %s and %s", compare_people(d->w), compare_personas(d->w));
    vmap_chart_dots chart = {.chart = chart_of(d, "entropy", title,
                                               "Entropy of the answers, 1 when every scale point is chosen equally often, 0 when all say the "
                                               "same."),
                             .rows = row, .rows_count = rows, .series = series, .series_count = d->series + 1, .panels = &panel,
                             .panels_count = 1, .x = {.name = "entropy / log K"}, .reference = NAN};
    char *script = NULL;
    vmap_status status = row && dot && title ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t j = 0; !status && j < rows; j++) {
        row[j] = d->w->define[d->item[j]]->name;
        for (size_t s = 0; s <= d->series; s++) {
            const vmap_distributions *q = s ? l->personas[s - 1] : l->people;
            size_t item = d->item[j];
            vmap_spread v;

            if (q->n[item] && vmap_collapse_spread(q->share + q->offset[item], d->w->points[item].code, d->w->points[item].count,
                                                   q->n_eff[item], &v, NULL) == VMAP_SUCCESS)
                dot[n++] = (vmap_chart_dot){j, s, v.entropy, NAN, NAN};
        }
    }
    for (size_t s = 0; s < d->series; s++)
        series[s + 1] = d->name[s];
    panel.dots_count = n;
    if (!status && n)
        status = vmap_chart_draw_dots(&chart, &script, NULL, err);
    if (!status && n)
        status = compare_add_figure(d->w, d->o, "entropy", script, "Entropy of answers", "by item", err);
    free(title);
    free(dot);
    free(row);
    return status;
}

/* ---- collapse ---- */

typedef struct {
    const char *title;
    int measure, people; /* of the personas; of people: the same, or that of one half against the other */
} measure;

static const measure measures[] = {{"unique vectors", COMPARE_RAREFIED, COMPARE_RAREFIED},
                                   {"effective rank / items", COMPARE_RANK, COMPARE_RANK},
                                   {"entropy", COMPARE_ENTROPY, COMPARE_ENTROPY},
                                   {"ICC of groups", COMPARE_ICC, COMPARE_ICC},
                                   {"coverage", COMPARE_COVERAGE, COMPARE_COVERAGE_PEOPLE},
                                   {"density", COMPARE_DENSITY, COMPARE_DENSITY_PEOPLE}};
enum { MEASURES = sizeof measures / sizeof *measures };

/* Densities above this are drawn at it. */
static const double DENSE = 1.5;

/* Row of the figure: everybody, then the groups of one level; SIZE_MAX for none. */
static size_t row_of(const drawing *d, const compare_collapse_row *at, const compare_level *shown)
{
    const compare_level *l = &d->w->level[at->level];

    if (strcmp(l->name, "all") == 0)
        return 0;
    return l == shown ? 1 + at->group : SIZE_MAX;
}

/* The first level of so many groups that a page shows them; NULL: none. */
static const compare_level *level_to_show(const compare_work *w)
{
    for (size_t l = 0; l < w->levels; l++) {
        if (w->level[l].groups > 1 && w->level[l].groups <= GROUPS)
            return &w->level[l];
    }
    return NULL;
}

static vmap_status name_rows(const drawing *d, const compare_level *shown, size_t rows, char **row, vmap_error *err)
{
    row[0] = text_copy("all", 3);
    for (size_t g = 0; g + 1 < rows; g++)
        row[g + 1] = compare_group_label(d->w, shown, g);
    for (size_t k = 0; k < rows; k++) {
        if (!row[k])
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for labels");
    }
    return VMAP_SUCCESS;
}

/* Dots of one measure; how many. */
static size_t put_dots(const drawing *d, const measure *m, const compare_level *shown, vmap_chart_dot *dot)
{
    const compare_collapse *c = d->w->collapse;
    size_t n = 0;

    for (size_t i = 0; i < c->rows; i++) {
        const compare_collapse_row *at = &c->row[i];
        double x = at->value[at->set ? m->measure : m->people] / (m->measure == COMPARE_RANK ? (double)c->items : 1);
        size_t row = row_of(d, at, shown);

        if (row != SIZE_MAX && at->set <= d->series && !isnan(x))
            dot[n++] = (vmap_chart_dot){row, at->set, fmin(x, DENSE), NAN, NAN};
    }
    return n;
}

static vmap_status draw_collapse(const drawing *d, vmap_error *err)
{
    const compare_level *level = level_to_show(d->w);
    size_t rows = 1 + (level ? level->groups : 0), room = rows * (d->series + 1), shown = 0;
    char **row = memory_new(rows, sizeof *row, err), *script = NULL;
    const char *series[SERIES + 1] = {compare_people(d->w)};
    vmap_chart_dot *dot = memory_new(MEASURES * room, sizeof *dot, err);
    vmap_chart_dots_panel panel[MEASURES];
    char *title = text_format("Do they all say the same? %s and %s", compare_people(d->w), compare_personas(d->w));
    char *subtitle = text_format("Share of different answer vectors among equally many; of %s, coverage and density are those of one half in "
                                 "the other; 1.5 stands for 1.5 and more.%s%s%s", compare_people(d->w), level ? " Below all: groups by " : "",
                                 level ? level->name : "", level ? "." : "");
    vmap_chart_dots chart = {.chart = chart_of(d, "collapse", title, subtitle),
                             .rows = (const char *const *)row, .rows_count = rows, .series = series, .series_count = d->series + 1,
                             .panels = panel, .x = {.name = "value"}, .reference = NAN};
    vmap_status status = row && dot && title && subtitle ? name_rows(d, level, rows, row, err) : VMAP_ENOMEM;

    for (size_t s = 0; s < d->series; s++)
        series[s + 1] = d->name[s];
    for (size_t m = 0; !status && m < MEASURES; m++) {
        size_t n = put_dots(d, &measures[m], level, dot + m * room);

        if (n)
            panel[shown++] = (vmap_chart_dots_panel){measures[m].title, dot + m * room, n};
    }
    chart.panels_count = shown;
    if (!status && shown)
        status = vmap_chart_draw_dots(&chart, &script, NULL, err);
    if (!status && shown)
        status = compare_add_figure(d->w, d->o, "collapse", script,
                                    "Different answer vectors, effective rank, entropy, ICC, coverage and density", "over all and by group", err);
    free(title);
    free(subtitle);
    for (size_t k = 0; row && k < rows; k++)
        free(row[k]);
    free(row);
    free(dot);
    return status;
}

vmap_status compare_shape_figures(const compare_work *w, const vmap_report *r, outcome *o, vmap_error *err)
{
    drawing d = {.w = w, .o = o, .caption = {w->a->simulated ? "SIMULATED DATA: says nothing about people or models" : NULL}};
    vmap_status status;

    d.item = compare_ordered(w, &d.count, err);
    status = d.item ? VMAP_SUCCESS : VMAP_ENOMEM;
    d.provenance_count = outcome_chart_provenance(r, d.provenance, PROVENANCE);
    for (size_t l = 0; l < w->levels && !d.level; l++)
        d.level = w->level[l].groups >= 3 ? &w->level[l] : NULL;
    for (; d.series < SERIES - 1 && d.series < w->series_count; d.series++)
        d.name[d.series] = w->series[d.series].name;
    if (!status && d.count && d.level)
        status = draw_calibration(&d, err);
    if (!status && d.count && d.level)
        status = draw_spread(&d, err);
    if (!status && d.count && w->level[0].groups == 1)
        status = draw_entropy(&d, err);
    if (!status && d.count && w->collapse)
        status = draw_collapse(&d, err);
    free(d.item);
    return status;
}
