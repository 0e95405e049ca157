#include <config.h>
#include "cli/morality_drawing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"

/* Figures of profiles: dots with intervals beside people, distributions of scores, and, on request, a radar. */

enum { ROWS_MOST = 40, SERIES_MOST = 6, VIOLINS_MOST = 60 };

static bool is_asked(const morality *m, const char *figure)
{
    for (size_t i = 0; i < m->settings->figures.count; i++) {
        if (strcmp(m->settings->figures.words[i], figure) == 0)
            return true;
    }
    return false;
}

vmap_status morality_figures_check(const morality *m, vmap_error *err)
{
    const word_list *f = &m->settings->figures;

    for (size_t i = 0; i < f->count; i++) {
        if (strcmp(f->words[i], "radar") != 0 && strcmp(f->words[i], "violins") != 0)
            return vmap_error_set(err, VMAP_EINVAL, "figures: '%s' is neither radar nor violins; all others are drawn unasked",
                                  f->words[i]);
    }
    if (is_asked(m, "radar") && m->profiles->count > VMAP_RADAR_MOST)
        return vmap_error_set(err, VMAP_EINVAL, "figures: a radar of %zu groups cannot be read; it is for %d at most: choose them with "
                              "--where, or look at the dots", m->profiles->count, VMAP_RADAR_MOST);
    if (is_asked(m, "radar") && m->profiles->k < 3)
        return vmap_error_set(err, VMAP_EINVAL, "figures: a radar of %zu scales has no area; it needs three", m->profiles->k);
    if (is_asked(m, "violins") && m->profiles->count > VIOLINS_MOST)
        return vmap_error_set(err, VMAP_EINVAL, "figures: %zu groups are too many violins for a figure; there can be %d: choose groups "
                              "with --where", m->profiles->count, VIOLINS_MOST);
    return VMAP_SUCCESS;
}

/* What people say of a scale in the nation of a group, with an interval when their sheets are known. */
static vmap_chart_dot people_dot(const morality *m, size_t g, size_t c, size_t row)
{
    vmap_chart_dot dot = {row, 1, m->human[g * m->columns + c], NAN, NAN};

    if (m->people.profiles && m->human_of[g] != SIZE_MAX && !isnan(dot.at)) {
        dot.low = m->people.profiles->group[m->human_of[g]].score[c].low;
        dot.high = m->people.profiles->group[m->human_of[g]].score[c].high;
    }
    return dot;
}

/* ---- dots ---- */

/* Groups of a series (SIZE_MAX: all) in rows, their labels in `row`; returns how many. */
static size_t list_rows(const morality_drawing *d, size_t series, const char **row, size_t *group)
{
    const morality *m = d->m;
    size_t rows = 0;

    for (size_t g = 0; g < m->profiles->count; g++) {
        if (series != SIZE_MAX && m->series_of[g] != series)
            continue;
        row[rows] = series == SIZE_MAX ? d->group_name[g] : m->profiles->group[g].labels[m->nation];
        group[rows++] = g;
    }
    return rows;
}

/* Dots of one scale: groups, and people beside them. Returns how many. */
static size_t fill_dots(const morality *m, const size_t *group, size_t rows, size_t c, vmap_chart_dot *dot)
{
    size_t at = 0;

    for (size_t i = 0; i < rows; i++) {
        const vmap_profile_score *s = &m->profiles->group[group[i]].score[c];

        if (!isnan(morality_mean(m, group[i], c)))
            dot[at++] = (vmap_chart_dot){i, 0, s->mean, s->low, s->high};
        if (m->human)
            dot[at++] = people_dot(m, group[i], c, i);
    }
    return at;
}

static char *dots_caption(const morality *m, const char *name)
{
    return m->human ? text_format("%s in the role of people of each nation, beside these people: means of the scales, with 95 %% intervals "
                                  "over %s.", name, m->people.profiles ? "sheets" : "sheets of the model; of people only means are known")
                    : text_format("Moral profiles: means with 95 %% intervals over sheets, by scale.");
}

/* Groups of a series (SIZE_MAX: all) in rows, scales in panels; people beside them. */
static vmap_status draw_dots(const morality_drawing *d, const char *name, const char *title, size_t series, vmap_error *err)
{
    const morality *m = d->m;
    size_t n = m->profiles->count, k = m->profiles->k, at = 0, *group = memory_new(n, sizeof *group, err);
    const size_t styles[] = {series == SIZE_MAX ? 0 : morality_style(m, series), morality_style(m, SIZE_MAX)};
    const char **row = memory_new(n, sizeof *row, err), *const names[] = {series == SIZE_MAX ? "groups" : m->series[series], "people"};
    vmap_chart_dot *dot = memory_new(2 * n * k, sizeof *dot, err);
    vmap_chart_dots_panel *panel = memory_new(k, sizeof *panel, err);
    vmap_chart_dots chart = {.chart = morality_chart(d, name, title, m->people.profiles ? "Means with 95 % intervals over sheets, of both."
                                                                                        : "Means with 95 % intervals over sheets."),
                             .rows = row, .series = names, .series_count = m->human ? 2 : 1, .panels = panel, .panels_count = k,
                             .reference = NAN, .x = {.name = "mean score"}};
    char *script = NULL, *caption = dots_caption(m, names[0]);
    vmap_status status = row && group && dot && panel && caption ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        chart.chart.styles = styles;
        chart.rows_count = list_rows(d, series, row, group);
        for (size_t c = 0; c < k; c++) {
            panel[c] = (vmap_chart_dots_panel){m->profiles->titles[c], dot + at, fill_dots(m, group, chart.rows_count, c, dot + at)};
            at += panel[c].dots_count;
        }
        status = vmap_chart_draw_dots(&chart, &script, NULL, err);
    }
    if (!status)
        status = outcome_add_figure(d->o, name, script, caption, err);
    free(caption);
    free(panel);
    free(dot);
    free(group);
    free(row);
    return status;
}

static vmap_status draw_profiles(const morality_drawing *d, vmap_error *err)
{
    const morality *m = d->m;
    vmap_status status = VMAP_SUCCESS;

    if (!m->human)
        return m->profiles->count <= ROWS_MOST ? draw_dots(d, "profiles_groups", "Moral profiles", SIZE_MAX, err) : VMAP_SUCCESS;
    for (size_t s = 0; !status && s < m->series_count && s < SERIES_MOST; s++) {
        char *name = morality_file_name("profiles", s + 1, m->series[s]);
        char *title = text_format("%s beside people", m->series[s]);
        size_t rows = 0;

        for (size_t g = 0; g < m->profiles->count; g++)
            rows += m->series_of[g] == s;
        status = name && title ? VMAP_SUCCESS : VMAP_ENOMEM;
        if (!status && rows <= ROWS_MOST && morality_has_pairs(m, s))
            status = draw_dots(d, name, title, s, err);
        free(name);
        free(title);
    }
    return status;
}

/* ---- violins ---- */

/* Scores of a scale on the sheets of a unit (unit NULL: of a group), in fresh memory; weights in step. */
typedef struct {
    double *value, *weight;
    size_t n;
} scores;

static vmap_status take_scores(const morality_side *side, const size_t *rows, size_t n, size_t c, scores *out, vmap_error *err)
{
    *out = (scores){memory_new(n, sizeof *out->value, err), memory_new(n, sizeof *out->weight, err), 0};
    if (!out->value || !out->weight)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        double x = side->scores->score[rows[i] * side->scores->k + c];

        if (isnan(x))
            continue;
        out->value[out->n] = x;
        out->weight[out->n++] = side->answers->weights ? side->answers->weights[rows[i]] : 1;
    }
    return VMAP_SUCCESS;
}

static void free_scores(scores *s, size_t n)
{
    for (size_t i = 0; s && i < n; i++) {
        free(s[i].value);
        free(s[i].weight);
    }
    free(s);
}

/* The scores of a unit in every scale, as violins of series `shown`; scales with too few sheets are empty. *most: scores in
 * the fullest scale. */
static vmap_status take_unit(const morality *m, const morality_unit *u, size_t shown, scores *taken, vmap_chart_violin *violin,
                             size_t *most, vmap_error *err)
{
    size_t least = (size_t)m->settings->min_sheets;
    vmap_status status = VMAP_SUCCESS;

    *most = 0;
    for (size_t c = 0; !status && c < m->profiles->k; c++) {
        status = take_scores(u->side, u->rows, u->n, c, &taken[c], err);
        *most = taken[c].n > *most ? taken[c].n : *most;
        violin[c] = (vmap_chart_violin){c, shown, taken[c].value, taken[c].weight, taken[c].n < least ? 0 : taken[c].n};
    }
    return status;
}

/* Scales in rows and series, people first, in colours: all nations together. */
vmap_status morality_draw_scores(const morality_drawing *d, vmap_error *err)
{
    const morality *m = d->m;
    size_t k = m->profiles->k, shown = 0, style[SERIES_MOST];
    const char *name[SERIES_MOST];
    scores *taken = memory_new(m->units * k, sizeof *taken, err);
    vmap_chart_violin *violin = memory_new(SERIES_MOST * k, sizeof *violin, err);
    char *script = NULL;
    vmap_status status = taken && violin ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0, most; !status && i < m->units && shown < SERIES_MOST; i++) {
        status = take_unit(m, &m->unit[i], shown, taken + i * k, violin + shown * k, &most, err);
        if (status || most < (size_t)m->settings->min_sheets)
            continue; /* too few to be shown */
        style[shown] = m->unit[i].side == &m->people ? morality_style(m, SIZE_MAX) : morality_style(m, i - (m->people.profiles != NULL));
        name[shown++] = m->unit[i].name;
    }
    if (!status && shown) {
        vmap_chart_violins chart = {.chart = morality_chart(d, "scores", "How scores are distributed",
                                                            "Densities of the scores of single sheets, with median and quartiles; "
                                                            "none for fewer sheets than a comparison needs."),
                                    .rows = (const char *const *)m->profiles->titles, .rows_count = k, .series = name,
                                    .series_count = shown, .violins = violin, .violins_count = shown * k,
                                    .x = {.name = "score", .from = m->profiles->low, .to = m->profiles->high}};

        chart.chart.styles = style;
        status = vmap_chart_draw_violins(&chart, &script, NULL, err);
        if (!status)
            status = outcome_add_figure(d->o, "scores", script, "Distribution of the scores of single sheets, by scale and series, all "
                                        "nations together: density, median and quartiles.", err);
    }
    free_scores(taken, m->units * k);
    free(violin);
    return status;
}

static bool names_nations(const morality *m)
{
    return m->human || m->settings->nation;
}

/* Nations (or groups) in rows: index of the row of a group, which is added when it is the first one. */
static size_t row_of(const morality_drawing *d, size_t g, size_t c, const char **row, double *mark, size_t *rows)
{
    const morality *m = d->m;
    const char *label = names_nations(m) ? m->profiles->group[g].labels[m->nation] : d->group_name[g];
    size_t at = 0;

    while (at < *rows && strcmp(row[at], label) != 0)
        at++;
    if (at == *rows) {
        row[at] = label;
        mark[(*rows)++] = m->human ? m->human[g * m->columns + c] : NAN;
    }
    return at;
}

/* A violin of scale c for each group; `sheet` has room for as many as there are. */
static vmap_status fill_violins(const morality_drawing *d, const size_t *group_of_row, size_t c, size_t *sheet, vmap_chart_violins *chart,
                                const char **row, double *mark, scores *taken, vmap_chart_violin *violin, vmap_error *err)
{
    const morality *m = d->m;
    vmap_status status = VMAP_SUCCESS;

    for (size_t g = 0; !status && g < m->profiles->count; g++) {
        size_t count = 0, at = row_of(d, g, c, row, mark, &chart->rows_count);

        for (size_t i = 0; i < m->answers->n; i++) {
            if (group_of_row[i] == g)
                sheet[count++] = i;
        }
        status = take_scores(&m->own, sheet, count, c, &taken[g], err);
        violin[g] = (vmap_chart_violin){at, names_nations(m) ? m->series_of[g] : 0, taken[g].value, taken[g].weight, taken[g].n};
    }
    return status;
}

/* Nations (or groups) in rows and series in colours, one scale; people's mean is a mark. */
static vmap_status draw_nations(const morality_drawing *d, const size_t *group_of_row, const size_t *style, size_t c, vmap_error *err)
{
    const morality *m = d->m;
    size_t n = m->profiles->count, *sheet = memory_new(m->answers->n, sizeof *sheet, err);
    const char **row = memory_new(n, sizeof *row, err);
    double *mark = memory_new(n, sizeof *mark, err);
    scores *taken = memory_new(n, sizeof *taken, err);
    vmap_chart_violin *violin = memory_new(n, sizeof *violin, err);
    char *script = NULL, *name = morality_file_name("scores", c + 1, m->profiles->scales[c]);
    char *title = text_format("%s: how scores are distributed", m->profiles->titles[c]);
    vmap_chart_violins chart = {.chart = morality_chart(d, name, title, "Densities of the scores of single sheets, with median and "
                                                                        "quartiles."),
                                .rows = row, .series = (const char *const *)m->series, .series_count = names_nations(m) ? m->series_count : 1,
                                .violins = violin, .violins_count = n, .marks = m->human ? mark : NULL, .mark = "mean of people",
                                .x = {.name = "score", .from = m->profiles->low, .to = m->profiles->high}};
    vmap_status status = sheet && row && mark && taken && violin && name && title ? VMAP_SUCCESS : VMAP_ENOMEM;

    chart.chart.styles = style;
    if (!status)
        status = fill_violins(d, group_of_row, c, sheet, &chart, row, mark, taken, violin, err);
    if (!status)
        status = vmap_chart_draw_violins(&chart, &script, NULL, err);
    if (!status)
        status = outcome_add_figure(d->o, name, script, title, err);
    free_scores(taken, n);
    free(violin);
    free(mark);
    free(row);
    free(sheet);
    free(title);
    free(name);
    return status;
}

static vmap_status draw_violins(const morality_drawing *d, vmap_error *err)
{
    const morality *m = d->m;
    size_t *group = NULL, *style = memory_new(m->series_count + 1, sizeof *style, err);
    vmap_status status = style ? vmap_profiles_of_rows(m->profiles, m->answers, &group, err) : VMAP_ENOMEM;

    for (size_t s = 0; style && s < m->series_count; s++)
        style[s] = morality_style(m, s);
    for (size_t c = 0; !status && c < m->profiles->k; c++)
        status = draw_nations(d, group, style, c, err);
    free(group);
    free(style);
    return status;
}

/* ---- radar ---- */

static vmap_status draw_radar(const morality_drawing *d, vmap_error *err)
{
    const morality *m = d->m;
    size_t n = m->profiles->count, k = m->profiles->k;
    double *value = memory_new(n * k, sizeof *value, err);
    char *script = NULL;
    vmap_status status = value ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t g = 0; !status && g < n; g++) {
        for (size_t c = 0; c < k; c++)
            value[g * k + c] = morality_mean(m, g, c);
    }
    if (!status) {
        vmap_chart_radar chart = {.chart = morality_chart(d, "radar", "Moral profiles", "Mean scores; the shape depends on the order of "
                                                          "the scales. None for fewer sheets than a comparison needs."),
                                  .spokes = (const char *const *)m->profiles->titles, .spokes_count = k,
                                  .series = (const char *const *)d->group_name, .series_count = n, .values = value,
                                  .from = m->profiles->low, .to = m->profiles->high, .unit = "mean score"};

        chart.chart.width = VMAP_FIGURE_COLUMN;
        status = vmap_chart_draw_radar(&chart, &script, NULL, err);
    }
    if (!status)
        status = outcome_add_figure(d->o, "radar", script, "Moral profiles of a few groups as a radar: mean scores by scale.", err);
    free(value);
    return status;
}

vmap_status morality_draw_profiles(const morality_drawing *d, vmap_error *err)
{
    vmap_status status = draw_profiles(d, err);

    if (!status && is_asked(d->m, "violins"))
        status = draw_violins(d, err);
    if (!status && is_asked(d->m, "radar"))
        status = draw_radar(d, err);
    return status;
}
