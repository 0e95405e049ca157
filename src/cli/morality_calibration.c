#include <config.h>
#include "cli/morality_drawing.h"

#include <math.h>
#include <stdlib.h>

#include "cli/columns.h"
#include "core/memory.h"

/* Do nations differ in a series as people's do? Table and figure `calibration` of `valuemap morality`. */

enum { SERIES_MOST = 8 };

/* A scale in the nations of a series: its mean there and people's, NaN where one is not known. */
typedef struct pairs {
    double *own, *people;   /* room for as many as there are groups */
    double *se, *people_se; /* standard errors; NULL: not wanted */
    size_t n;
} pairs;

static void take_pairs(const morality *m, size_t series, size_t scale, pairs *p)
{
    p->n = 0;
    for (size_t g = 0; g < m->profiles->count; g++) {
        if (m->series_of[g] != series)
            continue;
        p->own[p->n] = morality_mean(m, g, scale);
        p->people[p->n] = m->human[g * m->columns + scale];
        if (p->se)
            p->se[p->n] = morality_se(m, g, scale);
        if (p->people_se)
            p->people_se[p->n] = m->human_se[g * m->columns + scale];
        p->n++;
    }
}

bool morality_has_pairs(const morality *m, size_t series)
{
    for (size_t g = 0; g < m->profiles->count; g++) {
        for (size_t c = 0; m->series_of[g] == series && c < m->profiles->k; c++) {
            if (!isnan(m->human[g * m->columns + c]) && !isnan(morality_mean(m, g, c)))
                return true;
        }
    }
    return false;
}

/* ---- table ---- */

static const char *const numbers[] = {"bias", "bias_low", "bias_high", "absolute", "rms", "r", "r_low", "r_high", "rank",
                                      "ccc", "slope", "slope_low", "slope_high", "spread", "true_spread", "reliability",
                                      "r_true", "human_reliability"};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static void put_row(vmap_report_table *t, const morality *m, size_t series, size_t scale, const pairs *p)
{
    vmap_calibration x;

    if (vmap_calibration_find(p->own, p->se, p->people, p->people_se, p->n, .95, &x, NULL)) {
        vmap_report_note(t, "%s, %s: fewer than three nations with both means.", m->series[series], m->profiles->scales[scale]);
        return;
    }
    const double value[NUMBERS] = {x.bias, x.bias_low, x.bias_high, x.absolute, x.rms, x.r, x.r_low, x.r_high, x.rank,
                                   x.ccc, x.slope, x.slope_low, x.slope_high, x.spread, x.true_spread, x.reliability,
                                   x.r_true, x.human_reliability};
    vmap_report_text(t, m->series[series]);
    vmap_report_text(t, m->profiles->scales[scale]);
    vmap_report_count(t, x.groups);
    columns_put(t, value, NUMBERS);
}

vmap_status morality_calibration_table(vmap_report *r, const morality *m, vmap_error *err)
{
    static const column_spec keys[] = {{"series", VMAP_CELL_TEXT, 0}, {"scale", VMAP_CELL_TEXT, 0}, {"nations", VMAP_CELL_COUNT, 0}};
    vmap_report_table *t = columns_table(r, "calibration", "Do nations differ as people's do?", keys, 3);
    size_t n = m->profiles->count;
    double *room = memory_new(4 * n, sizeof *room, err);
    pairs p = {.own = room};

    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, NUMBERS);
    if (!room)
        return VMAP_ENOMEM;
    p.people = room + n, p.se = room + 2 * n, p.people_se = room + 3 * n;
    for (size_t s = 0; s < m->series_count; s++) {
        for (size_t c = 0; c < m->columns; c++) {
            take_pairs(m, s, c, &p);
            put_row(t, m, s, c, &p);
        }
    }
    vmap_report_note(t, "spread: standard deviation over nations of the series' means over that of people: above 1 the series "
                     "sets nations farther apart than people do, below 1 it makes them alike; true_spread: without the noise "
                     "of its means%s. slope: of the series on people.%s", m->people.profiles ? " and of people's" : "",
                     m->people.profiles ? "" : " The means of people came without errors: human_reliability is not known "
                                               "and counts as 1.");
    free(room);
    return VMAP_SUCCESS;
}

/* ---- figure ---- */

static const char caption[] =
    "Do nations differ as people's do? A point is a nation: its people's mean (x) and the mean of the model in the role of these people (y), "
    "by scale. On the line a model says what people say; a flat cloud says that the model tells nations less apart.";

/* Series that can be drawn, their names and styles; returns how many. */
static size_t list_series(const morality *m, size_t *of, const char **name, size_t *style)
{
    size_t shown = 0;

    for (size_t s = 0; s < m->series_count; s++) {
        if (!morality_has_pairs(m, s))
            continue;
        of[shown] = s;
        style[shown] = morality_style(m, s);
        name[shown++] = m->series[s];
    }
    return shown;
}

/* A panel for each scale, a line of points in it for each series; `xy` has room for two numbers of each group in each scale. */
static void fill_panels(const morality *m, const size_t *of, size_t shown, double *xy, vmap_chart_line *line,
                        vmap_chart_lines_panel *panel)
{
    for (size_t c = 0; c < m->profiles->k; c++) {
        panel[c] = (vmap_chart_lines_panel){m->profiles->titles[c], line, shown};
        for (size_t i = 0; i < shown; i++) {
            pairs p = {.people = xy, .own = xy + m->profiles->count};

            take_pairs(m, of[i], c, &p);
            *line++ = (vmap_chart_line){.series = i, .n = p.n, .x = p.people, .y = p.own, .points = true, .no_line = true};
            xy += 2 * m->profiles->count;
        }
    }
}

vmap_status morality_draw_calibration(const morality_drawing *d, vmap_error *err)
{
    const morality *m = d->m;
    const char *name[SERIES_MOST];
    size_t k = m->profiles->k, of[SERIES_MOST], style[SERIES_MOST];
    size_t shown = m->series_count <= SERIES_MOST ? list_series(m, of, name, style) : 0;
    double *xy = memory_new(2 * m->profiles->count * k * shown, sizeof *xy, err);
    vmap_chart_line *line = memory_new(shown * k, sizeof *line, err);
    vmap_chart_lines_panel *panel = memory_new(k, sizeof *panel, err);
    vmap_chart_lines chart = {.chart = morality_chart(d, "calibration", "Nations as people's means and as models' means",
                                                      "A point is a nation; on the line a model says what people say."),
                              .series = name, .series_count = shown, .panels = panel, .panels_count = k, .x = {.name = "people"},
                              .y = {.name = "model"}, .diagonal = true};
    char *script = NULL;
    vmap_status status = xy && line && panel ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status && shown) {
        chart.chart.styles = style;
        fill_panels(m, of, shown, xy, line, panel);
        status = vmap_chart_draw_lines(&chart, &script, NULL, err);
        if (!status)
            status = outcome_add_figure(d->o, "calibration", script, caption, err);
    }
    free(panel);
    free(line);
    free(xy);
    return status;
}
