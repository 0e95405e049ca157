#include <config.h>
#include "cli/calibration.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/columns.h"
#include "cli/tables_internal.h"
#include "core/memory.h"
#include "core/text.h"
#include "valuemap/chart.h"

enum { SERIES_MOST = 6, PROVENANCE = 24 };

/* Places of one series: those of its groups and of their countries on every axis, NaN for a group without either. */
struct calibration_series {
    size_t first, n;             /* first group; groups that have a country with a position */
    size_t style;                /* of its points: as on the map, which counts the series that have a position */
    gsl_matrix *group, *country; /* axes x groups of all series; the first n columns count */
    double *share;               /* axes: mean */
};

typedef struct calibration_series series;

static bool has_target(const analysis *a)
{
    const vmap_groups *g = a->persona.groups;

    return g && a->persona.target_column < g->columns && a->references && a->references->countries;
}

/* Groups of one series share all labels but the target's. */
static bool together(const analysis *a, size_t i, size_t j)
{
    const vmap_groups *g = a->persona.groups;

    for (size_t c = 0; c < g->columns; c++) {
        if (c != a->persona.target_column && strcmp(g->group[i].labels[c], g->group[j].labels[c]) != 0)
            return false;
    }
    return true;
}

static bool is_first(const analysis *a, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (together(a, i, j))
            return false;
    }
    return true;
}

static bool has_position(const analysis *a, size_t group)
{
    return isfinite(gsl_vector_get(a->persona.groups->group[group].mean, 0));
}

/* Fill a series; `any`: has one of its groups a position, with a country or without? */
static vmap_status fill(const analysis *a, size_t first, series *s, bool *any, vmap_error *err)
{
    const vmap_groups *g = a->persona.groups;
    size_t k = a->space->k;

    *s = (series){.first = first, .group = memory_matrix(k, g->count, err), .country = memory_matrix(k, g->count, err),
                  .share = memory_new(k, sizeof *s->share, err)};
    if (!s->group || !s->country || !s->share)
        return VMAP_ENOMEM;
    for (size_t i = first; i < g->count; i++) {
        size_t target = a->persona.target[i];

        if (!together(a, first, i) || !has_position(a, i))
            continue;
        *any = true;
        if (target >= a->references->countries)
            continue;
        for (size_t j = 0; j < k; j++) {
            gsl_matrix_set(s->group, j, s->n, gsl_vector_get(g->group[i].mean, j));
            gsl_matrix_set(s->country, j, s->n, gsl_vector_get(a->references->country[target].at, j));
            s->share[j] += (gsl_vector_get(g->group[i].share, j) - s->share[j]) / (double)(s->n + 1);
        }
        s->n++;
    }
    return VMAP_SUCCESS;
}

vmap_status calibration_find(const analysis *a, calibration *c, vmap_error *err)
{
    size_t groups = has_target(a) ? a->persona.groups->count : 0, style = 0;
    vmap_status status = VMAP_SUCCESS;

    *c = (calibration){.series = groups ? memory_new(groups, sizeof *c->series, err) : NULL};
    if (groups && !c->series)
        return VMAP_ENOMEM;
    for (size_t i = 0; !status && i < groups; i++) {
        bool any = false;

        if (!is_first(a, i))
            continue;
        status = fill(a, i, &c->series[c->count++], &any, err);
        c->series[c->count - 1].style = style;
        style += any;
    }
    return status;
}

void calibration_clear(calibration *c)
{
    for (size_t i = 0; i < c->count; i++) {
        gsl_matrix_free(c->series[i].group);
        gsl_matrix_free(c->series[i].country);
        free(c->series[i].share);
    }
    free(c->series);
    *c = (calibration){0};
}

/* ---- table ---- */

static void columns(vmap_report_table *t, const analysis *a)
{
    static const char *const numbers[] = {"bias", "bias_low", "bias_high", "r", "r_low", "r_high", "spearman", "slope", "slope_low",
                                          "slope_high", "share"};

    table_series_columns(t, a);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, sizeof numbers / sizeof *numbers);
    vmap_report_note(t, "Positions of the countries against those of the groups that are meant to be them. bias: mean of groups - countries; r, "
                     "spearman: do the same countries lie high; slope of countries on groups: 1 when a step between groups stands for as long a "
                     "step between countries, below 1 when groups are set too far apart, above 1 when they are drawn together; 95 %% intervals "
                     "over countries.");
    vmap_report_note(t, "share: mean part of the score's variance that the answered items explain. Positions from some of the items are "
                     "expectations: they lie nearer to the middle by themselves, which lowers r but not this slope as long as items go "
                     "together among countries as among persons.");
}

static void put_series(vmap_report_table *t, const analysis *a, const series *s)
{
    const vmap_groups *g = a->persona.groups;

    for (size_t j = 0; j < a->space->k; j++) {
        vmap_calibration c;

        if (vmap_calibration_find(gsl_matrix_const_ptr(s->country, j, 0), NULL, gsl_matrix_const_ptr(s->group, j, 0), NULL, s->n, .95, &c,
                                  NULL))
            continue;
        for (size_t k = 0; k < g->columns; k++) {
            if (k != a->persona.target_column)
                vmap_report_text(t, g->group[s->first].labels[k]);
        }
        vmap_report_text(t, a->space->axes[j].name);
        vmap_report_count(t, c.groups);
        const double value[] = {-c.bias, -c.bias_high, -c.bias_low, c.r, c.r_low, c.r_high, c.rank, c.slope, c.slope_low, c.slope_high,
                                s->share[j]};
        columns_put(t, value, sizeof value / sizeof *value);
    }
}

void calibration_table(vmap_report *r, const analysis *a, const calibration *c)
{
    if (!has_target(a))
        return;
    columns(vmap_report_add(r, "calibration", "Where the groups lie, against the countries that they are meant to be"), a);
    for (size_t i = 0; i < c->count; i++)
        put_series(vmap_report_get(r, vmap_report_tables(r) - 1), a, &c->series[i]);
}

/* ---- figure ---- */

/* Labels of a series without the target's; "personas" when there are none. Fresh memory. */
static char *name_of(const analysis *a, size_t first)
{
    const vmap_groups *g = a->persona.groups;
    char *name = NULL;

    for (size_t c = 0; c < g->columns; c++) {
        char *longer;

        if (c == a->persona.target_column)
            continue;
        longer = name ? text_format("%s / %s", name, g->group[first].labels[c]) : text_format("%s", g->group[first].labels[c]);
        free(name);
        name = longer;
    }
    return name ? name : text_format("personas");
}

/* The panels: one for each axis, a line of points for each series. */
static void fill_panels(const analysis *a, const series *const *s, size_t count, vmap_chart_line *line, vmap_chart_lines_panel *panel)
{
    for (size_t j = 0; j < a->space->k; j++) {
        for (size_t i = 0; i < count; i++)
            line[j * count + i] = (vmap_chart_line){.series = i, .n = s[i]->n, .x = gsl_matrix_const_ptr(s[i]->group, j, 0),
                                                    .y = gsl_matrix_const_ptr(s[i]->country, j, 0), .points = true, .no_line = true};
        panel[j] = (vmap_chart_lines_panel){.title = a->space->axes[j].name, .lines = line + j * count, .lines_count = count};
    }
}

static vmap_status draw(outcome *o, const analysis *a, const series *const *s, char *const *name, const size_t *style, size_t count,
                        vmap_error *err)
{
    static const char *const mark[] = {"SIMULATED DATA: says nothing about people or models"};
    size_t k = a->space->k;
    const char *provenance[PROVENANCE];
    vmap_chart_line *line = memory_new(k * count, sizeof *line, err);
    vmap_chart_lines_panel *panel = memory_new(k, sizeof *panel, err);
    vmap_chart_lines chart = {.chart = {.name = "calibration", .title = "Groups and the countries that they are meant to be",
                                        .subtitle = "A point is a country: across, where its personas lie; upwards, where it lies itself. On the "
                                                    "line both are the same.",
                                        .caption = mark, .caption_count = a->simulated, .provenance = provenance, .width = VMAP_FIGURE_PAGE,
                                        .styles = style},
                              .series = (const char *const *)name, .series_count = count, .panels = panel, .panels_count = k,
                              .x = {.name = "personas"}, .y = {.name = "official position"}, .diagonal = true};
    char *script = NULL;
    vmap_status status = line && panel ? VMAP_SUCCESS : VMAP_ENOMEM;

    chart.chart.provenance_count = outcome_chart_provenance(o->report, provenance, PROVENANCE);
    if (!status) {
        fill_panels(a, s, count, line, panel);
        status = vmap_chart_draw_lines(&chart, &script, NULL, err);
    }
    if (!status)
        status = outcome_add_figure(o, "calibration", script, "Positions of countries against those of the groups that are meant to be them, a "
                                    "panel for each axis", err);
    free(line);
    free(panel);
    return status;
}

vmap_status calibration_figure(outcome *o, const analysis *a, const calibration *c, vmap_error *err)
{
    const series *shown[SERIES_MOST];
    char *name[SERIES_MOST] = {NULL};
    size_t count = 0, style[SERIES_MOST];
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < c->count && count < SERIES_MOST; i++) {
        if (c->series[i].n < 3)
            continue;
        shown[count] = &c->series[i];
        style[count] = c->series[i].style;
        name[count] = name_of(a, c->series[i].first);
        if (!name[count++])
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a name");
    }
    if (!status && count)
        status = draw(o, a, shown, name, style, count, err);
    for (size_t i = 0; i < count; i++)
        free(name[i]);
    return status;
}
