#include <config.h>
#include "cli/morality_drawing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "core/memory.h"
#include "core/text.h"

/* The figures of morality on culture: profiles, coefficients, triplots, surfaces. */

enum { SERIES_MOST = 8, SURFACES_MOST = 6, GRID = 36 };

/* Mappings that have nations (or coefficients), people first, and their styles (NULL: not wanted); returns how many, at most
 * SERIES_MOST. */
static size_t list_mappings(const morality *m, const morality_mapping **list, const char **names, size_t *styles, bool linear)
{
    size_t count = 0;

    for (size_t s = 0; s < m->mappings && count < SERIES_MOST; s++) {
        if (linear ? m->mapping[s].linear != NULL : m->mapping[s].n > 1) {
            names[count] = m->mapping[s].name;
            if (styles)
                styles[count] = s; /* as morality_style() says: people are the first mapping, where there are any */
            list[count++] = &m->mapping[s];
        }
    }
    return count;
}

/* ---- dots ---- */

/* Mean of one scale over nations with its interval. */
static void put_profile(const morality_mapping *f, size_t o, vmap_chart_dot *dot)
{
    double n = (double)f->n, mean = 0, squares = 0, reach;

    for (size_t i = 0; i < f->n; i++)
        mean += gsl_matrix_get(f->y, i, o) / n;
    for (size_t i = 0; i < f->n; i++)
        squares += pow(gsl_matrix_get(f->y, i, o) - mean, 2);
    reach = gsl_cdf_tdist_Pinv(.975, n - 1) * sqrt(squares / (n - 1) / n);
    dot->at = mean;
    dot->low = mean - reach;
    dot->high = mean + reach;
}

static void put_coefficient(const morality_mapping *f, size_t o, size_t j, vmap_chart_dot *dot)
{
    dot->at = gsl_matrix_get(f->linear->b, j + 1, o);
    dot->low = f->alone[j + 1] ? NAN : gsl_matrix_get(f->linear->low, j + 1, o);
    dot->high = f->alone[j + 1] ? NAN : gsl_matrix_get(f->linear->high, j + 1, o);
}

/* The dots of one panel: predictor j of the coefficients, or means. Returns how many. */
static size_t fill_dots(const morality_mapping *const *list, size_t count, bool coefficients, size_t j, vmap_chart_dot *dot)
{
    size_t used = 0;

    for (size_t s = 0; s < count; s++) {
        for (size_t o = 0; o < list[s]->k; o++) {
            dot[used] = (vmap_chart_dot){.row = list[s]->scale[o], .series = s};
            if (coefficients)
                put_coefficient(list[s], o, j, &dot[used++]);
            else
                put_profile(list[s], o, &dot[used++]);
        }
    }
    return used;
}

static const char profiles_caption[] =
    "Mean profiles of people and models: means over the nations that are mapped, with 95 % intervals over nations. Where an interval of a "
    "model lies beside that of people, the model answers higher or lower than people as a whole; this says nothing about "
    "differences between nations.";
static const char coefficients_caption[] =
    "Morality on culture: by how many points of the answers a scale changes with one unit of the predictor, people and models, with 95 % "
    "intervals (CR2). An interval that includes 0: it cannot be told whether the scale goes with culture. A model whose "
    "coefficient lies farther from 0 than that of people exaggerates, one nearer to 0 plays down; whether that could be chance is in "
    "the table mapping_compare.";

/* Scales in rows, people and models as series: their means in one panel, or coefficients in a panel for each
 * predictor. */
static vmap_status draw_dots(const morality_drawing *d, bool coefficients, vmap_error *err)
{
    const morality *m = d->m;
    const morality_mapping *list[SERIES_MOST];
    const char *names[SERIES_MOST], *name = coefficients ? "coefficients" : "profiles";
    size_t panels = coefficients ? m->culture->p : 1, k = m->profiles->k, used = 0, styles[SERIES_MOST];
    size_t count = list_mappings(m, list, names, styles, coefficients);
    vmap_chart_dot *dot = memory_new(panels * k * SERIES_MOST, sizeof *dot, err);
    vmap_chart_dots_panel *panel = memory_new(panels, sizeof *panel, err);
    vmap_chart_dots c = {.rows = (const char *const *)m->profiles->titles, .rows_count = k, .series = names,
                         .series_count = count, .panels = panel, .panels_count = panels,
                         .x = {.name = coefficients ? "points of the answers per unit of the predictor" : "mean score"},
                         .reference = coefficients ? 0 : NAN};
    char *script = NULL;
    vmap_status status = dot && panel ? VMAP_SUCCESS : VMAP_ENOMEM;

    c.chart = morality_chart(d, name, coefficients ? "Morality on culture" : "Moral profiles",
                             coefficients ? "Least squares over nations with 95 % intervals (CR2)."
                                          : "Means over nations with 95 % intervals; every nation counts the same. No mark: the same in all nations.");
    c.chart.styles = styles;
    for (size_t j = 0; !status && j < panels; j++) {
        size_t own = fill_dots(list, count, coefficients, j, dot + used);

        panel[j] = (vmap_chart_dots_panel){coefficients ? m->culture->title[j] : NULL, dot + used, own};
        used += own;
    }
    if (!status && used)
        status = vmap_chart_draw_dots(&c, &script, NULL, err);
    if (!status && used)
        status = outcome_add_figure(d->o, name, script, coefficients ? coefficients_caption : profiles_caption, err);
    free(dot);
    free(panel);
    return status;
}

/* ---- triplot ---- */

#define TRIPLOT_CAPTION \
    "%s: nations where culture puts them, moral scales and culture in one plane (redundancy analysis, which " \
    "explains %.0f %% of the scales' variance). Scales whose arrows point the way of an arrow of culture rise " \
    "with it, those at a right angle do not go with it; a short arrow is hardly explained. With few nations " \
    "some of this is chance (table mapping_fit, scale all)."

/* How far the nations of the first two axes lie from the middle, in standard deviations. */
static double reach_of(const vmap_redundancy *r)
{
    double reach = 0;

    for (size_t i = 0; i < r->sites->size1; i++) {
        for (size_t a = 0; a < 2; a++)
            reach = fmax(reach, fabs(gsl_matrix_get(r->sites, i, a)));
    }
    return reach * sqrt((double)(r->sites->size1 - 1));
}

static void fill_nations(const morality *m, const morality_mapping *f, vmap_chart_point *point)
{
    double sd = sqrt((double)(f->n - 1));

    for (size_t i = 0; i < f->n; i++)
        point[i] = (vmap_chart_point){m->culture->nation[f->nation[i]], sd * gsl_matrix_get(f->redundancy->sites, i, 0),
                                      sd * gsl_matrix_get(f->redundancy->sites, i, 1), 0, true};
}

/* Scales, then predictors, as long as their correlations with the axes. */
static void fill_arrows(const morality *m, const morality_mapping *f, vmap_chart_arrow *arrow)
{
    const vmap_redundancy *r = f->redundancy;
    double reach = reach_of(r);

    for (size_t o = 0; o < f->k; o++)
        *arrow++ = (vmap_chart_arrow){m->profiles->titles[f->scale[o]], 0, 0,
                                      reach * gsl_matrix_get(r->outcomes, o, 0) * sqrt(gsl_vector_get(r->eigenvalue, 0)),
                                      reach * gsl_matrix_get(r->outcomes, o, 1) * sqrt(gsl_vector_get(r->eigenvalue, 1)), 1};
    for (size_t j = 0; j < m->culture->p; j++)
        *arrow++ = (vmap_chart_arrow){m->culture->title[j], 0, 0, reach * gsl_matrix_get(r->predictors, j, 0),
                                      reach * gsl_matrix_get(r->predictors, j, 1), 2};
}

static vmap_status draw_triplot(const morality_drawing *d, size_t s, vmap_error *err)
{
    static const char *const series[] = {"nations", "moral scales", "culture"};
    const morality *m = d->m;
    const morality_mapping *f = &m->mapping[s];
    const vmap_redundancy *r = f->redundancy;
    vmap_chart_point *point = memory_new(f->n, sizeof *point, err);
    vmap_chart_arrow *arrow = memory_new(f->k + m->culture->p, sizeof *arrow, err);
    char *name = morality_file_name("triplot", s, f->name), *script = NULL;
    char *title = text_format("Morality and culture: %s", f->name);
    char *first = text_format("first axis (%.0f %% of the scales' variance)", 100 * gsl_vector_get(r->eigenvalue, 0) / r->total);
    char *second = text_format("second axis (%.0f %%)", 100 * gsl_vector_get(r->eigenvalue, 1) / r->total);
    char *caption = text_format(TRIPLOT_CAPTION, f->name, 100 * r->r2);
    vmap_chart_plane c = {.series = series, .series_count = 3, .points = point, .points_count = f->n, .arrows = arrow,
                          .arrows_count = f->k + m->culture->p, .zero = true, .equal = true, .x = {.name = first},
                          .y = {.name = second}, .seed = 1};
    vmap_status status = point && arrow && name && title && first && second && caption ? VMAP_SUCCESS : VMAP_ENOMEM;

    c.chart = morality_chart(d, name, title, "Redundancy analysis of standardised scales; nations where culture puts them; an arrow is as "
                                             "long as the correlation with the axes.");
    if (!status) {
        fill_nations(m, f, point);
        fill_arrows(m, f, arrow);
        status = vmap_chart_draw_plane(&c, &script, NULL, err);
    }
    if (!status)
        status = outcome_add_figure(d->o, name, script, caption, err);
    free(point);
    free(arrow);
    free(name);
    free(title);
    free(first);
    free(second);
    free(caption);
    return status;
}

/* ---- surfaces ---- */

/* The range of a column of x and a little more. */
static void find_range(const gsl_matrix *x, size_t column, double *from, double *to)
{
    double room;

    gsl_vector_const_view v = gsl_matrix_const_column(x, column);
    gsl_vector_minmax(&v.vector, from, to);
    room = .06 * (*to - *from);
    *from -= room;
    *to += room;
}

static vmap_status fill_field(const morality_mapping *f, size_t o, const double *range, double *values, vmap_error *err)
{
    gsl_matrix *places = memory_matrix((size_t)GRID * GRID, 2, err);
    gsl_vector *y = gsl_vector_calloc(f->n), *value = gsl_vector_calloc((size_t)GRID * GRID);
    vmap_status status = places && y && value ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < (size_t)GRID * GRID; i++) {
        gsl_matrix_set(places, i, 0, range[0] + (range[1] - range[0]) * (double)(i % GRID) / (GRID - 1));
        gsl_matrix_set(places, i, 1, range[2] + (range[3] - range[2]) * (double)(i / GRID) / (GRID - 1));
    }
    if (!status) {
        gsl_matrix_get_col(y, f->y, o);
        status = vmap_mapping_surface(f->x, y, places, NAN, value, NULL, err);
    }
    for (size_t i = 0; !status && i < (size_t)GRID * GRID; i++)
        values[i] = gsl_vector_get(value, i);
    gsl_matrix_free(places);
    gsl_vector_free(y);
    gsl_vector_free(value);
    return status;
}

/* What the surfaces of all series lie on: the nations of any of them. */
static void find_map(const morality *m, double *range)
{
    find_range(m->culture->place, 0, &range[0], &range[1]);
    find_range(m->culture->place, 1, &range[2], &range[3]);
}

/* Position of scale o among those of a mapping; f->k when it is not mapped. */
static size_t find_scale(const morality_mapping *f, size_t o)
{
    size_t i = 0;

    while (i < f->k && f->scale[i] != o)
        i++;
    return i;
}

/* Panels of one scale: people and series; room for SERIES_MOST fields and 3 numbers of every nation of each. */
static vmap_status fill_panels(const morality *m, size_t o, const double *range, double *values, double *points,
                               vmap_chart_surfaces_panel *panel, size_t *count, vmap_error *err)
{
    const morality_mapping *list[SERIES_MOST];
    const char *names[SERIES_MOST];
    size_t all = list_mappings(m, list, names, NULL, true);
    vmap_status status = VMAP_SUCCESS;

    *count = 0;
    for (size_t s = 0; !status && s < all; s++) {
        const morality_mapping *f = list[s];
        size_t at = find_scale(f, o);
        double *field = values + *count * GRID * GRID, *x = points + *count * 3 * m->culture->nations,
               *y = x + m->culture->nations, *own = y + m->culture->nations;

        if (at == f->k)
            continue;
        for (size_t i = 0; i < f->n; i++) {
            x[i] = gsl_matrix_get(f->x, i, 0);
            y[i] = gsl_matrix_get(f->x, i, 1);
            own[i] = gsl_matrix_get(f->y, i, at);
        }
        status = fill_field(f, at, range, field, err);
        panel[(*count)++] = (vmap_chart_surfaces_panel){names[s], field, x, y, own, f->n};
    }
    return status;
}

/* One scale over the map, people and models beside each other. */
static vmap_status draw_surfaces(const morality_drawing *d, size_t o, vmap_error *err)
{
    const morality *m = d->m;
    size_t nations = m->culture->nations;
    double range[4], *values = memory_new((size_t)SERIES_MOST * GRID * GRID, sizeof *values, err),
                     *points = memory_new(SERIES_MOST * 3 * nations, sizeof *points, err);
    vmap_chart_surfaces_panel panel[SERIES_MOST];
    char *name = morality_file_name("surfaces", o + 1, m->profiles->scales[o]), *script = NULL;
    char *title = text_format("%s over the cultural map", m->profiles->titles[o]);
    char *caption = text_format("%s over the cultural map, people and models, smoothed over neighbouring nations; colours mean the same in "
                                "all panels. The same slope of colours in a model as in people: it knows where on the map the scale is "
                                "high. A panel of one colour: it tells nations hardly apart.", m->profiles->titles[o]);
    vmap_chart_surfaces c = {.panels = panel, .columns = GRID, .rows = GRID, .legend = "mean score",
                             .x = {.name = m->culture->title[0]}, .y = {.name = m->culture->title[1]}};
    vmap_status status = values && points && name && title && caption ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        find_map(m, range);
        c.x0 = range[0], c.x1 = range[1], c.y0 = range[2], c.y1 = range[3];
        status = fill_panels(m, o, range, values, points, panel, &c.panels_count, err);
    }
    c.chart = morality_chart(d, name, title, "Kernel-weighted mean of the nations around, bandwidth by leaving nations out; a point "
                                             "has the colour of the nation's own mean.");
    if (!status && c.panels_count)
        status = vmap_chart_draw_surfaces(&c, &script, NULL, err);
    if (!status && c.panels_count)
        status = outcome_add_figure(d->o, name, script, caption, err);
    free(values);
    free(points);
    free(name);
    free(title);
    free(caption);
    return status;
}

/* ---- residuals ---- */

enum { NATIONS_MOST = 80 };

/* Root mean square over the scales of the studentised residuals of a nation of the culture; NaN for one that is not in
 * the mapping or that it fits exactly. */
static double misfit(const morality_mapping *f, size_t nation)
{
    size_t i = 0;
    double squares = 0;

    while (i < f->n && f->nation[i] != nation)
        i++;
    for (size_t o = 0; i < f->n && o < f->k; o++)
        squares += pow(morality_studentised(f, i, o), 2);
    return i < f->n ? sqrt(squares / (double)f->k) : NAN;
}

/* The rows of nations that some mapping has; returns how many. */
static size_t fill_misfits(const morality *m, const morality_mapping *const *list, size_t count, const char **rows, double *value)
{
    size_t used = 0;

    for (size_t i = 0; i < m->culture->nations; i++) {
        bool any = false;

        for (size_t s = 0; s < count; s++) {
            value[used * count + s] = misfit(list[s], i);
            any |= !isnan(value[used * count + s]);
        }
        rows[used] = m->culture->nation[i];
        used += any;
    }
    return used;
}

/* Which nations culture does not explain: nations in rows, people and models in columns. */
static vmap_status draw_residuals(const morality_drawing *d, vmap_error *err)
{
    const morality *m = d->m;
    const morality_mapping *list[SERIES_MOST];
    const char *names[SERIES_MOST], **rows = memory_new(m->culture->nations, sizeof *rows, err);
    size_t count = list_mappings(m, list, names, NULL, true);
    double *value = memory_new(m->culture->nations * SERIES_MOST, sizeof *value, err);
    vmap_chart_heat chart = {.rows = rows, .columns = names, .columns_count = count, .values = value, .numbers = true,
                             .decimals = 1, .legend = "studentised residual"};
    char *script = NULL;
    vmap_status status = rows && value ? VMAP_SUCCESS : VMAP_ENOMEM;

    chart.chart = morality_chart(d, "residuals", "Nations that culture does not explain",
                                 "Studentised residual, root mean square over the scales; about 1 is to be expected. A cross: not "
                                 "mapped.");
    if (!status && count)
        chart.rows_count = fill_misfits(m, list, count, rows, value);
    if (!status && chart.rows_count && chart.rows_count <= NATIONS_MOST) {
        status = vmap_chart_draw_heat(&chart, &script, NULL, err);
        if (!status)
            status = outcome_add_figure(d->o, "residuals", script,
                                        "How far each nation lies from what culture says of it, people and models, over all scales; about 1 is to be "
                                        "expected. Values of 2 and more are nations whose morality culture does not explain; where people's is "
                                        "large and a model's small, the model follows the map more closely than people do.", err);
    }
    free(rows);
    free(value);
    return status;
}

vmap_status morality_draw_mapping(const morality_drawing *d, vmap_error *err)
{
    const morality *m = d->m;
    vmap_status status = draw_dots(d, false, err);

    if (!status)
        status = draw_dots(d, true, err);
    for (size_t s = 0; !status && s < m->mappings && s < SERIES_MOST; s++) {
        if (m->mapping[s].redundancy && m->mapping[s].redundancy->axes > 1)
            status = draw_triplot(d, s, err);
    }
    if (!status)
        status = draw_residuals(d, err);
    for (size_t o = 0; !status && m->culture->p == 2 && o < m->profiles->k && o < SURFACES_MOST; o++)
        status = draw_surfaces(d, o, err);
    return status;
}
