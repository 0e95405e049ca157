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
typedef struct {
    size_t first, n;             /* first group; groups that have a country with a position */
    gsl_matrix *group, *country; /* axes x groups of all series; the first n columns count */
    double *share;               /* axes: mean */
} series;

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

static void clear(series *s)
{
    gsl_matrix_free(s->group);
    gsl_matrix_free(s->country);
    free(s->share);
}

static vmap_status fill(const analysis *a, size_t first, series *s, vmap_error *err)
{
    const vmap_groups *g = a->persona.groups;
    size_t k = a->space->k;

    *s = (series){first, 0, memory_matrix(k, g->count, err), memory_matrix(k, g->count, err), memory_new(k, sizeof *s->share, err)};
    if (!s->group || !s->country || !s->share)
        return VMAP_ENOMEM;
    for (size_t i = first; i < g->count; i++) {
        size_t target = a->persona.target[i];

        if (!together(a, first, i) || target >= a->references->countries || !isfinite(gsl_vector_get(g->group[i].mean, 0)))
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

void table_calibration(vmap_report *r, const analysis *a)
{
    vmap_report_table *t;

    if (!has_target(a))
        return;
    t = vmap_report_add(r, "calibration", "Where the groups lie, against the countries that they are meant to be");
    columns(t, a);
    for (size_t i = 0; i < a->persona.groups->count; i++) {
        series s = {.n = 0};

        if (is_first(a, i) && fill(a, i, &s, NULL) == VMAP_SUCCESS)
            put_series(t, a, &s);
        clear(&s);
    }
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

static vmap_status draw(outcome *o, const analysis *a, const series *s, char *const *name, size_t count, vmap_error *err)
{
    static const char *const mark[] = {"SIMULATED DATA: says nothing about people or models"};
    size_t k = a->space->k;
    const char *provenance[PROVENANCE];
    vmap_chart_line *line = memory_new(k * count, sizeof *line, err);
    vmap_chart_lines_panel *panel = memory_new(k, sizeof *panel, err);
    vmap_chart_lines chart = {.chart = {.name = "calibration", .title = "Groups and the countries that they are meant to be",
                                        .subtitle = "A point is a country: across, where its personas lie; upwards, where it lies itself. On the "
                                                    "line both are the same.",
                                        .caption = mark, .caption_count = a->simulated, .provenance = provenance, .width = VMAP_FIGURE_PAGE},
                              .series = (const char *const *)name, .series_count = count, .panels = panel, .panels_count = k,
                              .x = {.name = "personas"}, .y = {.name = "official position"}, .diagonal = true};
    char *script = NULL;
    vmap_status status = line && panel ? VMAP_SUCCESS : VMAP_ENOMEM;

    chart.chart.provenance_count = outcome_chart_provenance(o->report, provenance, PROVENANCE);
    for (size_t j = 0; !status && j < k; j++) {
        for (size_t i = 0; i < count; i++)
            line[j * count + i] = (vmap_chart_line){.series = i, .n = s[i].n, .x = gsl_matrix_const_ptr(s[i].group, j, 0),
                                                    .y = gsl_matrix_const_ptr(s[i].country, j, 0), .points = true, .no_line = true};
        panel[j] = (vmap_chart_lines_panel){.title = a->space->axes[j].name, .lines = line + j * count, .lines_count = count};
    }
    if (!status)
        status = vmap_chart_draw_lines(&chart, &script, NULL, err);
    if (!status)
        status = outcome_add_figure(o, "calibration", script, "Positions of countries against those of the groups that are meant to be them, a "
                                    "panel for each axis", err);
    free(line);
    free(panel);
    return status;
}

vmap_status figure_calibration(outcome *o, const analysis *a, vmap_error *err)
{
    series s[SERIES_MOST] = {{.n = 0}};
    char *name[SERIES_MOST] = {NULL};
    size_t count = 0;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && has_target(a) && i < a->persona.groups->count && count < SERIES_MOST; i++) {
        if (!is_first(a, i))
            continue;
        status = fill(a, i, &s[count], err);
        if (!status && s[count].n < 3) {
            clear(&s[count]);
            s[count] = (series){.n = 0};
            continue;
        }
        name[count] = status ? NULL : name_of(a, i);
        if (!status && !name[count])
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a name");
        count++;
    }
    if (!status && count)
        status = draw(o, a, s, name, count, err);
    for (size_t i = 0; i < SERIES_MOST; i++) {
        clear(&s[i]);
        free(name[i]);
    }
    return status;
}
