#include <config.h>
#include "cli/morality_drawing.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"

/* The figures of `valuemap morality`: what they share, and errors by nation and scale. */

enum { SERIES_MOST = 8, NATIONS_MOST = 80 };

vmap_chart morality_chart(const morality_drawing *d, const char *name, const char *title, const char *subtitle)
{
    return (vmap_chart){.name = name, .title = title, .subtitle = subtitle, .provenance = d->provenance,
                        .provenance_count = d->provenance_count, .width = VMAP_FIGURE_PAGE};
}

size_t morality_style(const morality *m, size_t series)
{
    return series == SIZE_MAX ? 0 : series + (m->human ? 1 : 0);
}

char *morality_file_name(const char *stem, size_t number, const char *series)
{
    char *name = text_format("%s_%zu_%.40s", stem, number, series);

    for (char *c = name; c && *c; c++) {
        if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
            *c = '_';
    }
    return name;
}

/* The largest difference from people of any scale of any group; 0 without one. */
static double largest_difference(const morality *m)
{
    double most = 0;

    for (size_t g = 0; g < m->profiles->count; g++) {
        for (size_t c = 0; c < m->profiles->k; c++)
            most = fmax(most, fabs(morality_mean(m, g, c) - m->human[g * m->columns + c])); /* passes over NaN */
    }
    return most;
}

/* Group minus people, nations in rows and scales in columns, for one series. */
static vmap_status draw_errors(const morality_drawing *d, size_t s, vmap_error *err)
{
    const morality *m = d->m;
    size_t n = m->profiles->count, k = m->profiles->k, rows = 0;
    const char **row = memory_new(n, sizeof *row, err);
    double *value = memory_new(n * k, sizeof *value, err);
    char *script = NULL, *name = morality_file_name("errors", s + 1, m->series[s]);
    char *title = text_format("%s minus people", m->series[s]);
    char *caption = text_format("%s minus people of the same nation, by scale: orange means that the model scores higher. Colours "
                                "mean the same in all figures of this kind.", m->series[s]);
    vmap_status status = row && value && name && title && caption ? VMAP_SUCCESS : VMAP_ENOMEM;
    bool any = false;

    for (size_t g = 0; !status && g < n; g++) {
        if (m->series_of[g] != s)
            continue;
        for (size_t c = 0; c < k; c++) {
            value[rows * k + c] = morality_mean(m, g, c) - m->human[g * m->columns + c];
            any |= !isnan(value[rows * k + c]);
        }
        row[rows++] = m->profiles->columns ? m->profiles->group[g].labels[m->nation] : "all";
    }
    if (!status && any && rows <= NATIONS_MOST) {
        vmap_chart_heat chart = {.chart = morality_chart(d, name, title, "Difference of means in units of the answers; a cross: not "
                                                   "compared (no people, or too few sheets)."),
                                 .rows = row, .rows_count = rows, .columns = (const char *const *)m->profiles->titles,
                                 .columns_count = k, .values = value, .from = -d->reach, .to = d->reach, .diverging = true, .numbers = true,
                                 .decimals = 2, .legend = "model minus people"};

        status = vmap_chart_draw_heat(&chart, &script, NULL, err);
        if (!status)
            status = outcome_add_figure(d->o, name, script, caption, err);
    }
    free(title);
    free(caption);
    free(name);
    free(value);
    free(row);
    return status;
}

static vmap_status draw_all(const morality_drawing *d, vmap_error *err)
{
    const morality *m = d->m;
    vmap_status status = morality_draw_scores(d, err);

    if (!status && m->human)
        status = morality_draw_calibration(d, err);
    for (size_t s = 0; !status && m->human && s < m->series_count && s < SERIES_MOST; s++)
        status = draw_errors(d, s, err);
    if (!status)
        status = morality_draw_profiles(d, err);
    if (!status)
        status = morality_draw_structure(d, err);
    return status || !m->culture ? status : morality_draw_mapping(d, err);
}

vmap_status morality_draw(const morality *m, const vmap_report *r, outcome *o, vmap_error *err)
{
    size_t n = m->profiles->count;
    morality_drawing d = {.m = m, .o = o, .group_name = memory_new(n, sizeof *d.group_name, err)};
    vmap_status status = d.group_name ? VMAP_SUCCESS : VMAP_ENOMEM;

    d.provenance_count = outcome_chart_provenance(r, d.provenance, MORALITY_PROVENANCE);
    for (size_t g = 0; !status && g < n; g++) {
        if (!(d.group_name[g] = morality_group_name(m->profiles, g)))
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a label");
    }
    if (m->human)
        d.reach = largest_difference(m);
    if (!status)
        status = draw_all(&d, err);
    for (size_t g = 0; d.group_name && g < n; g++)
        free(d.group_name[g]);
    free(d.group_name);
    return status;
}
