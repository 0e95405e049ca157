#include <config.h>
#include "cli/morality_drawing.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/text.h"

/* Figures of the structure of a questionnaire: how like the key the factors of every series are, and their loadings. */

enum { LOADINGS_MOST = 8, ITEMS_MOST = 80 };

/* Series in rows, scales in columns: congruence of the factor that was turned towards the key. */
static vmap_status draw_congruence(const morality_drawing *d, vmap_error *err)
{
    const morality *m = d->m;
    size_t k = m->profiles->k, rows = 0;
    const char **row = memory_new(m->units, sizeof *row, err);
    double *value = memory_new(m->units * k, sizeof *value, err);
    char *script = NULL;
    vmap_status status = row && value ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < m->units; i++) {
        const vmap_structure *s = m->unit[i].structure;

        for (size_t f = 0; f < k; f++)
            value[rows * k + f] = s ? gsl_vector_get(s->target.congruence, f) : NAN;
        row[rows++] = m->unit[i].name;
    }
    if (!status) {
        vmap_chart_heat chart = {.chart = morality_chart(d, "structure", "Do the scales appear as factors?",
                                                         "Tucker's phi of each factor with its scale of the key, after target "
                                                         "rotation; from .85 fair, from .95 equal. A cross: no factor analysis."),
                                 .rows = row, .rows_count = rows, .columns = (const char *const *)m->profiles->titles,
                                 .columns_count = k, .values = value, .from = 0, .to = 1, .numbers = true, .decimals = 2,
                                 .drop_zero = true, .legend = "congruence with the key"};

        status = vmap_chart_draw_heat(&chart, &script, NULL, err);
    }
    if (!status)
        status = outcome_add_figure(d->o, "structure", script, "Likeness of the factors of every series with the key of the "
                                    "questionnaire: Tucker's phi after oblique target rotation, by scale. Series without a factor "
                                    "analysis have crosses.", err);
    free(value);
    free(row);
    return status;
}

/* Items in rows, scale after scale, and the factors in columns. */
static vmap_status draw_loadings(const morality_drawing *d, size_t number, const morality_unit *u, vmap_error *err)
{
    const morality *m = d->m;
    const vmap_structure *s = u->structure;
    const char **row = memory_new(s->p, sizeof *row, err);
    double *value = memory_new(s->p * s->k, sizeof *value, err);
    char *script = NULL, *name = morality_file_name("loadings", number, u->name);
    char *title = text_format("%s: loadings of the items", u->name);
    char *caption = text_format("%s: loadings of the items, scale after scale, on as many factors as there are scales, turned "
                                "towards the key. %.0f %% of the items load highest on the factor of their own scale.", u->name,
                                100 * s->target.share);
    vmap_status status = row && value && name && title && caption ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t j = 0; !status && j < s->p; j++) {
        row[j] = u->side->answers->items[s->item[j]];
        for (size_t f = 0; f < s->k; f++)
            value[j * s->k + f] = gsl_matrix_get(s->target.pattern, j, f);
    }
    if (!status) {
        vmap_chart_heat chart = {.chart = morality_chart(d, name, title, "Turned towards the key; bars: the items' own scales."),
                                 .rows = row, .rows_count = s->p, .columns = (const char *const *)m->profiles->titles,
                                 .columns_count = s->k, .values = value, .from = -1, .to = 1, .diverging = true, .numbers = true,
                                 .decimals = 2, .drop_zero = true, .legend = "loading", .row_group = s->own,
                                 .groups = (const char *const *)m->profiles->titles, .groups_count = s->k};

        chart.chart.width = VMAP_FIGURE_COLUMN;
        status = vmap_chart_draw_heat(&chart, &script, NULL, err);
        if (!status)
            status = outcome_add_figure(d->o, name, script, caption, err);
    }
    free(caption);
    free(title);
    free(name);
    free(value);
    free(row);
    return status;
}

vmap_status morality_draw_structure(const morality_drawing *d, vmap_error *err)
{
    const morality *m = d->m;
    vmap_status status = VMAP_SUCCESS;
    size_t drawn = 0;

    for (size_t i = 0; i < m->units; i++)
        drawn += m->unit[i].structure != NULL;
    if (!drawn)
        return VMAP_SUCCESS;
    if (m->units <= ITEMS_MOST)
        status = draw_congruence(d, err);
    drawn = 0;
    for (size_t i = 0; !status && i < m->units && drawn < LOADINGS_MOST; i++) {
        if (m->unit[i].structure && m->unit[i].structure->p <= ITEMS_MOST)
            status = draw_loadings(d, ++drawn, &m->unit[i], err);
    }
    return status;
}
