#include <config.h>
#include "cli/factor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/outcome.h"
#include "core/memory.h"
#include "core/text.h"
#include "valuemap/chart.h"

/* The figures of `valuemap factor`. One with too many items to be read is not drawn. */

enum { CELLS_MOST = 60, ROWS_MOST = 80, EIGENVALUES_MOST = 40, PROVENANCE = 24, FACTORS_MOST = 12 };

/* What every chart of one run has. */
typedef struct {
    const factor_work *w;
    outcome *o;
    const char *provenance[PROVENANCE];
    size_t provenance_count;
    const char *caption[2]; /* cautions below every figure */
    size_t caption_count;
    char **row;             /* p: labels of the items in the order of the tables */
    char (*factor)[16];
    const char **factors;   /* k names */
} drawing;

static vmap_chart chart_of(const drawing *d, const char *name, const char *title, const char *subtitle)
{
    return (vmap_chart){.name = name,
                        .title = title,
                        .subtitle = subtitle,
                        .caption = d->caption,
                        .caption_count = d->caption_count,
                        .provenance = d->provenance,
                        .provenance_count = d->provenance_count,
                        .width = VMAP_FIGURE_PAGE};
}

/* Take over a script that was drawn; a chart that cannot be drawn is left out, a shortage of memory is not. */
static vmap_status keep(drawing *d, vmap_status drawn, char **script, const char *name, const char *caption,
                        vmap_error *err)
{
    if (drawn == VMAP_ENOMEM)
        return drawn;
    return drawn ? VMAP_SUCCESS : outcome_add_figure(d->o, name, *script, caption, err);
}

/* ---- how many ---- */

static vmap_status draw_scree(drawing *d, vmap_error *err)
{
    static const char *const series[] = {"eigenvalues", "chance (.95 quantile)", "chance (mean)"};
    const vmap_retention *t = d->w->analysis->retention;
    double x[EIGENVALUES_MOST];
    vmap_chart_line line[3];
    vmap_chart_lines_panel panel = {.lines = line, .lines_count = 3};
    char kept[48];
    vmap_chart_rule rule[] = {{.at = 1, .label = "1"}, {.vertical = true, .at = (double)d->w->analysis->k + .5, .label = kept}};
    vmap_chart_lines c = {.series = series, .series_count = 3, .panels = &panel, .panels_count = 1, .whole_x = true,
                          .rules = rule, .rules_count = d->w->analysis->k && d->w->analysis->k < d->w->p ? 2 : 1};
    size_t n = d->w->p < EIGENVALUES_MOST ? d->w->p : EIGENVALUES_MOST;
    char *script = NULL;

    if (!t)
        return VMAP_SUCCESS;
    for (size_t i = 0; i < n; i++)
        x[i] = (double)i + 1;
    line[0] = (vmap_chart_line){.series = 0, .n = n, .x = x, .y = t->parallel->observed[VMAP_PARALLEL_PC]->data,
                                .points = true};
    line[1] = (vmap_chart_line){.series = 1, .n = n, .x = x, .y = t->parallel->quantile[VMAP_PARALLEL_PC]->data};
    line[2] = (vmap_chart_line){.series = 2, .n = n, .x = x, .y = t->parallel->mean[VMAP_PARALLEL_PC]->data};
    snprintf(kept, sizeof kept, "%zu kept", d->w->analysis->k);
    c.chart = chart_of(d, "scree", "Eigenvalues and those of chance", NULL);
    c.chart.width = VMAP_FIGURE_COLUMN;
    c.x.name = "number";
    c.y.name = "eigenvalue";
    return keep(d, vmap_chart_draw_lines(&c, &script, NULL, err), &script, "scree",
                "Scree plot: eigenvalues of the correlations from the largest, with the mean and the .95 quantile of those of "
                "random matrices. Eigenvalues above the line of chance speak for a factor; the upright line parts those that are kept "
                "from the others.",
                err);
}

/* ---- loadings ---- */

static vmap_status draw_loadings(drawing *d, vmap_error *err)
{
    const vmap_factor_solution *s = d->w->analysis->solution;
    gsl_matrix *m = memory_matrix(s->p, s->k, err);
    vmap_chart_heat c = {.rows = (const char *const *)d->row, .columns = d->factors, .rows_count = s->p,
                         .columns_count = s->k, .diverging = true, .from = -1, .to = 1, .numbers = true, .decimals = 2,
                         .drop_zero = true, .legend = "loading"};
    char *script = NULL;
    vmap_status status = VMAP_ENOMEM;

    if (m) {
        for (size_t i = 0; i < s->p; i++) {
            for (size_t f = 0; f < s->k; f++)
                gsl_matrix_set(m, i, f, gsl_matrix_get(s->pattern, d->w->order[i], f));
        }
        c.chart = chart_of(d, "loadings", s->oblique ? "Loadings (pattern)" : "Loadings", NULL);
        c.values = m->data;
        status = keep(d, vmap_chart_draw_heat(&c, &script, NULL, err), &script, "loadings",
                      "Heat map of the loadings: items in rows, by the factor on which they load most, factors in columns.",
                      err);
    }
    gsl_matrix_free(m);
    return status;
}

/* One panel per factor, items in rows, a stem from 0 to the loading. */
static vmap_status draw_stems(drawing *d, vmap_error *err)
{
    const vmap_factor_solution *s = d->w->analysis->solution;
    const vmap_factor_bootstrap *b = d->w->bootstrap;
    vmap_chart_dot *dot = memory_new(s->p * s->k, sizeof *dot, err);
    vmap_chart_dots_panel *panel = memory_new(s->k, sizeof *panel, err);
    static const char *const series[] = {"loading"};
    vmap_chart_dots c = {.rows = (const char *const *)d->row, .rows_count = s->p, .series = series, .series_count = 1,
                         .panels = panel, .panels_count = s->k, .reference = 0, .stems = true};
    char *script = NULL;
    vmap_status status = VMAP_ENOMEM;

    if (dot && panel) {
        for (size_t f = 0; f < s->k; f++) {
            for (size_t i = 0; i < s->p; i++) {
                size_t item = d->w->order[i];

                dot[f * s->p + i] = (vmap_chart_dot){.row = i, .at = gsl_matrix_get(s->pattern, item, f),
                                                     .low = b ? b->loading[item * s->k + f].low : NAN,
                                                     .high = b ? b->loading[item * s->k + f].high : NAN};
            }
            panel[f] = (vmap_chart_dots_panel){.title = d->factors[f], .dots = dot + f * s->p, .dots_count = s->p};
        }
        c.chart = chart_of(d, "loading_stems", s->oblique ? "Loadings (pattern)" : "Loadings",
                           b ? "with 95 % bootstrap intervals" : NULL);
        c.x.name = "loading";
        status = keep(d, vmap_chart_draw_dots(&c, &script, NULL, err), &script, "loading_stems",
                      "Loadings as stems from 0, a panel for each factor, items by the factor on which they load most.", err);
    }
    free(dot);
    free(panel);
    return status;
}

static vmap_status draw_plane(drawing *d, vmap_error *err)
{
    const vmap_factor_solution *s = d->w->analysis->solution;
    vmap_chart_point *point = memory_new(s->p, sizeof *point, err);
    static const char *const series[] = {"item"};
    vmap_chart_plane c = {.series = series, .series_count = 1, .points = point, .points_count = s->p, .zero = true,
                          .equal = true, .seed = 1};
    char *script = NULL, subtitle[64] = "";
    vmap_status status = VMAP_ENOMEM;

    if (point) {
        for (size_t i = 0; i < s->p; i++)
            point[i] = (vmap_chart_point){.label = d->w->item[i], .x = gsl_matrix_get(s->pattern, i, 0),
                                          .y = gsl_matrix_get(s->pattern, i, 1), .wanted = true};
        if (s->oblique)
            snprintf(subtitle, sizeof subtitle, "the factors correlate by %.2f", gsl_matrix_get(s->phi, 0, 1));
        c.chart = chart_of(d, "loading_plane", "Items in the plane of the first two factors", *subtitle ? subtitle : NULL);
        c.x.name = d->factors[0];
        c.y.name = d->factors[1];
        status = keep(d, vmap_chart_draw_plane(&c, &script, NULL, err), &script, "loading_plane",
                      "Items as points in the plane of their loadings on the first two factors. Items near an axis belong to its "
                      "factor alone.",
                      err);
    }
    free(point);
    return status;
}

/* ---- matrices ---- */

/* A p x p matrix with the items in the order of the tables; its diagonal is left out. */
static vmap_status draw_matrix(drawing *d, const gsl_matrix *from, const char *name, const char *title,
                               const char *legend, double reach, const char *caption, vmap_error *err)
{
    size_t p = d->w->p;
    gsl_matrix *m = memory_matrix(p, p, err);
    const char **column = memory_new(p, sizeof *column, err);
    vmap_chart_heat c = {.rows = (const char *const *)d->row, .columns = column, .rows_count = p, .columns_count = p,
                         .diverging = true, .from = -reach, .to = reach, .numbers = p <= 14, .decimals = 2,
                         .drop_zero = true, .legend = legend};
    char *script = NULL;
    vmap_status status = VMAP_ENOMEM;

    if (m && column) {
        for (size_t i = 0; i < p; i++) {
            column[i] = d->w->item[d->w->order[i]];
            for (size_t j = 0; j < p; j++)
                gsl_matrix_set(m, i, j, i == j ? NAN : gsl_matrix_get(from, d->w->order[i], d->w->order[j]));
        }
        c.chart = chart_of(d, name, title, NULL);
        c.values = m->data;
        status = keep(d, vmap_chart_draw_heat(&c, &script, NULL, err), &script, name, caption, err);
    }
    gsl_matrix_free(m);
    free(column);
    return status;
}

static vmap_status draw_matrices(drawing *d, vmap_error *err)
{
    const vmap_factor_analysis *a = d->w->analysis;
    vmap_status status = draw_matrix(d, a->r, "correlations", "Correlations of the items", "correlation", 1,
                                     "Heat map of the correlations, items in the order of the loadings: factors show as blocks "
                                     "on the diagonal.",
                                     err);

    if (!status && a->fit)
        status = draw_matrix(d, a->fit->residual, "residuals", "What the factors leave of the correlations", "residual",
                             fmax(.1, fabs(a->fit->largest)),
                             "Heat map of the residual correlations, items in the order of the loadings. A block that stays "
                             "speaks for another factor, a single dark cell for two items that share wording.",
                             err);
    return status;
}

/* ---- groups ---- */

/* Rows of the figure: groups with a solution, first those of the analysed answers. */
static const shared_group **shown_groups(const shared_factors *s, size_t *count)
{
    const shared_group **g = memory_new(s->owns + s->others + 1, sizeof *g, NULL);

    *count = 0;
    for (size_t i = 0; g && i < s->owns; i++) {
        if (s->own[i].match)
            g[(*count)++] = &s->own[i];
    }
    for (size_t i = 0; g && i < s->others; i++) {
        if (s->other[i].match)
            g[(*count)++] = &s->other[i];
    }
    return g;
}

/* Congruence of each group with the solution, a panel per factor; the mark of chance as another series. */
static vmap_status draw_congruence(drawing *d, vmap_error *err)
{
    static const char *const series[] = {"congruence", "chance (.95 quantile)"};
    const shared_factors *s = &d->w->shared;
    size_t n = 0;
    const shared_group **g = shown_groups(s, &n);
    const char **row = memory_new(n + 1, sizeof *row, err);
    vmap_chart_dot *dot = memory_new(2 * n * s->k + 1, sizeof *dot, err);
    vmap_chart_dots_panel *panel = memory_new(s->k + 1, sizeof *panel, err);
    vmap_chart_dots c = {.rows = row, .rows_count = n, .series = series, .series_count = 2, .panels = panel,
                         .panels_count = s->k, .reference = .95};
    char *script = NULL;
    vmap_status status = g && row && dot && panel ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t f = 0; !status && f < s->k; f++) {
        vmap_chart_dot *at = dot + 2 * n * f;

        for (size_t i = 0; i < n; i++) {
            row[i] = g[i]->label;
            at[2 * i] = (vmap_chart_dot){.row = i, .at = gsl_vector_get(g[i]->match->phi, f),
                                         .low = g[i]->low ? g[i]->low[f] : NAN, .high = g[i]->high ? g[i]->high[f] : NAN};
            at[2 * i + 1] = (vmap_chart_dot){.row = i, .series = 1, .at = gsl_vector_get(g[i]->match->floor, f), .low = NAN,
                                             .high = NAN};
        }
        panel[f] = (vmap_chart_dots_panel){.title = d->factors[f], .dots = at, .dots_count = 2 * n};
    }
    if (!status && n && n <= ROWS_MOST) {
        c.chart = chart_of(d, "congruence", "Has each group the factors of all?",
                           "Tucker's phi with 95 % bootstrap intervals where they were asked for; the line: .95, equal");
        c.x.name = "phi";
        status = keep(d, vmap_chart_draw_dots(&c, &script, NULL, err), &script, "congruence",
                      "Tucker's congruence of each group's own factors with those of all respondents, a panel for each factor, with "
                      "what chance reaches. From .95 factors count as equal, from .85 as fairly similar.",
                      err);
    }
    free(g);
    free(row);
    free(dot);
    free(panel);
    return status;
}

/* ---- all of them ---- */

static vmap_status name_all(drawing *d, vmap_error *err)
{
    const factor_work *w = d->w;
    size_t k = w->analysis->k;

    d->row = memory_new(w->p, sizeof *d->row, err);
    d->factor = memory_new(k + 1, sizeof *d->factor, err);
    d->factors = memory_new(k + 1, sizeof *d->factors, err);
    if (!d->row || !d->factor || !d->factors)
        return VMAP_ENOMEM;
    for (size_t f = 0; f < k; f++)
        d->factors[f] = factor_name(f, d->factor[f]);
    for (size_t i = 0; i < w->p; i++) {
        const char *label = w->label[w->order[i]];

        d->row[i] = text_format("%s%s%s", w->item[w->order[i]], *label ? "  " : "", label);
        if (!d->row[i])
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for labels");
    }
    return VMAP_SUCCESS;
}

vmap_status factor_draw(const factor_work *w, const vmap_report *r, outcome *o, vmap_error *err)
{
    drawing d = {.w = w, .o = o};
    size_t k = w->analysis->k;
    vmap_status status = name_all(&d, err);

    d.provenance_count = outcome_chart_provenance(r, d.provenance, PROVENANCE);
    if (w->simulated)
        d.caption[d.caption_count++] = "SIMULATED DATA";
    if (o->caution)
        d.caption[d.caption_count++] = o->caution;
    if (!status)
        status = draw_scree(&d, err);
    if (!status && k && k <= FACTORS_MOST && w->p <= ROWS_MOST)
        status = draw_loadings(&d, err);
    if (!status && k && k <= FACTORS_MOST && w->p <= ROWS_MOST)
        status = draw_stems(&d, err);
    if (!status && k >= 2 && w->p <= ROWS_MOST)
        status = draw_plane(&d, err);
    if (!status && w->p <= CELLS_MOST)
        status = draw_matrices(&d, err);
    if (!status && w->shared.k && w->shared.k <= FACTORS_MOST)
        status = draw_congruence(&d, err);
    for (size_t i = 0; d.row && i < w->p; i++)
        free(d.row[i]);
    free(d.row);
    free(d.factor);
    free(d.factors);
    return status;
}
