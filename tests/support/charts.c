#include <config.h>
#include "support/charts.h"

#include <math.h>
#include <stdlib.h>

static const char *const caption[] = {
    "Made-up numbers: they show what the chart looks like, and nothing else. n = 1,204 answers, weighted."};

static vmap_chart head(const char *name, const char *title, vmap_figure_width width)
{
    return (vmap_chart){.name = name, .title = title, .subtitle = "Dots: means. Lines: 95 % intervals.",
                        .caption = caption, .caption_count = 1, .provenance = caption,
                        .provenance_count = 1, .width = width};
}

static const char *const models[] = {"gemma3-12b", "llama2-13b", "phi4-14b"};
static const char *const foundations[] = {"Care", "Equality", "Proportionality", "Loyalty", "Authority", "Purity"};
static const char *const zones[] = {"African-Islamic", "Confucian", "Latin America", "Protestant Europe"};

static vmap_status dots(vmap_figure_width width, const char *text, char **script, vmap_figure_info *info,
                        vmap_error *err)
{
    const char *rows[] = {"Japan", "United Arab Emirates", text, "Nigeria", "Argentina", "New Zealand"};
    const char *headings[] = {"Asia", NULL, NULL, "Elsewhere", NULL, NULL};
    vmap_chart_dot dot[6][18];
    vmap_chart_dots_panel panel[6];
    vmap_chart_dots chart = {.chart = head("dots", text, width), .rows = rows, .rows_count = 6,
                             .headings = headings, .series = models, .series_count = 3, .panels = panel,
                             .panels_count = 6, .x = {.name = "model minus people"}, .reference = 0};

    for (int k = 0; k < 6; k++) {
        for (int i = 0; i < 18; i++) {
            double at = .7 * sin(1.3 * i + k) + .2 * (i % 3);

            dot[k][i] = (vmap_chart_dot){(size_t)i / 3, (size_t)i % 3, at, at - .2, at + .25};
        }
        dot[k][4].at = NAN;
        panel[k] = (vmap_chart_dots_panel){foundations[k], dot[k], 18};
    }
    return vmap_chart_draw_dots(&chart, script, info, err);
}

static vmap_status lollipops(vmap_figure_width width, const char *text, char **script, vmap_figure_info *info,
                             vmap_error *err)
{
    const char *rows[12];
    vmap_chart_dot dot[12];
    vmap_chart_dots_panel panel = {NULL, dot, 12};
    vmap_chart_dots chart = {.chart = head("lollipops", text, width), .rows = rows, .rows_count = 12,
                             .series = models, .series_count = 1, .panels = &panel, .panels_count = 1,
                             .x = {.name = "variance of personas over that of people", .from = 0, .to = 1.4},
                             .reference = 1, .stems = true};

    for (int i = 0; i < 12; i++) {
        rows[i] = i == 3 ? text : foundations[i % 6];
        dot[i] = (vmap_chart_dot){(size_t)i, 0, .1 + .11 * i, NAN, NAN};
    }
    return vmap_chart_draw_dots(&chart, script, info, err);
}

static vmap_status lines(vmap_figure_width width, const char *text, char **script, vmap_figure_info *info,
                         vmap_error *err)
{
    const char *series[] = {"observed", text};
    double x[12], y[2][12], low[12], high[12];
    vmap_chart_line line[2] = {{.series = 0, .n = 12, .x = x, .y = y[0], .points = true},
                               {.series = 1, .n = 12, .x = x, .y = y[1], .low = low, .high = high}};
    vmap_chart_lines_panel panel = {NULL, line, 2};
    const vmap_chart_rule rules[] = {{true, 3, "retained: 3"}, {false, 1, "Kaiser"}};
    vmap_chart_lines chart = {.chart = head("lines", text, width), .series = series, .series_count = 2,
                              .panels = &panel, .panels_count = 1, .x = {.name = "component"},
                              .y = {.name = "eigenvalue"}, .whole_x = true, .rules = rules, .rules_count = 2};

    for (int i = 0; i < 12; i++) {
        x[i] = i + 1;
        y[0][i] = 4 * exp(-.5 * i) + .3;
        y[1][i] = 1.4 - .08 * i;
        low[i] = y[1][i] - .1, high[i] = y[1][i] + .1;
    }
    return vmap_chart_draw_lines(&chart, script, info, err);
}

static vmap_status steps(vmap_figure_width width, const char *text, char **script, vmap_figure_info *info,
                         vmap_error *err)
{
    double x[40], y[3][40];
    vmap_chart_line line[4][3];
    vmap_chart_lines_panel panel[4];
    vmap_chart_lines chart = {.chart = head("steps", text, width), .series = models, .series_count = 3,
                              .panels = panel, .panels_count = 4, .x = {.name = "distance t", .from = 0, .to = 1},
                              .y = {.name = "share of items with distance up to t", .from = 0, .to = 1}};

    for (int s = 0; s < 3; s++) {
        for (int i = 0; i < 40; i++) {
            x[i] = i / 39.;
            y[s][i] = 1 - exp(-(3. + 2 * s) * x[i]);
        }
    }
    for (int k = 0; k < 4; k++) {
        for (size_t s = 0; s < 3; s++)
            line[k][s] = (vmap_chart_line){.series = s, .n = 40, .x = x, .y = y[s], .steps = true};
        panel[k] = (vmap_chart_lines_panel){k ? zones[k] : text, line[k], 3};
    }
    return vmap_chart_draw_lines(&chart, script, info, err);
}

static vmap_status bars(vmap_figure_width width, const char *text, char **script, vmap_figure_info *info,
                        vmap_error *err)
{
    static const char *const four[] = {"very", "rather", "not very", "not at all"};
    static const char *const ten[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"};
    const char *series[] = {"people", "gemma3-12b", "llama2-13b"};
    double share[7][30];
    vmap_chart_bars_panel panel[7];
    vmap_chart_bars chart = {.chart = head("bars", text, width), .series = series, .series_count = 3,
                             .panels = panel, .panels_count = 7, .unit = "share"};

    for (int k = 0; k < 7; k++) {
        size_t n = k % 2 ? 4 : 10;

        for (size_t s = 0; s < 3; s++) {
            double sum = 0;

            for (size_t j = 0; j < n; j++)
                sum += share[k][s * n + j] = 1 + sin(.9 * (double)j + k + 2 * (double)s) + (s == 1 && j == 2 ? 4 : 0);
            for (size_t j = 0; j < n; j++)
                share[k][s * n + j] /= sum;
        }
        panel[k] = (vmap_chart_bars_panel){k == 2 ? text : "Importance of God", "W1 .12, n 1,204", n == 4 ? four : ten, n,
                                           share[k]};
    }
    return vmap_chart_draw_bars(&chart, script, info, err);
}

/* A tree of n leaves in which neighbours join first. */
static vmap_tree *chain(size_t n, size_t (*merge)[2], double *height, size_t *order)
{
    static vmap_tree tree[2];
    vmap_tree *t = order[0] ? &tree[1] : &tree[0];

    for (size_t m = 0; m + 1 < n; m++) {
        merge[m][0] = m == 0 ? order[0] : n + m - 1;
        merge[m][1] = order[m + 1];
        height[m] = .4 + .1 * (double)m;
    }
    *t = (vmap_tree){n, merge, height, order};
    return t;
}

static vmap_status heat(vmap_figure_width width, const char *text, char **script, vmap_figure_info *info,
                        vmap_error *err)
{
    const char *rows[] = {"Japan", text, "Nigeria", "Argentina", "New Zealand", "United Arab Emirates"};
    const size_t group[] = {1, 0, 0, 2, 3, VMAP_FIGURE_NONE};
    double values[36], height[5];
    size_t merge[5][2], order[6] = {0, 2, 1, 3, 5, 4};
    vmap_chart_heat chart = {.chart = head("heat", text, width), .rows = rows, .columns = foundations,
                             .rows_count = 6, .columns_count = 6, .values = values, .diverging = true,
                             .numbers = true, .decimals = 2, .drop_zero = true, .legend = "model minus people",
                             .row_group = group, .groups = zones, .groups_count = 4};

    for (int i = 0; i < 36; i++)
        values[i] = sin(.7 * i) * .9;
    values[8] = NAN;
    chart.row_tree = chain(6, merge, height, order);
    return vmap_chart_draw_heat(&chart, script, info, err);
}

static vmap_status tree(vmap_figure_width width, const char *text, char **script, vmap_figure_info *info,
                        vmap_error *err)
{
    const char *labels[] = {"Japan", text, "Nigeria", "Argentina", "New Zealand", "United Arab Emirates"};
    const size_t group[] = {1, 0, 0, 2, 3, 0};
    double height[2][5];
    size_t merge[2][5][2], order[2][6] = {{0, 2, 1, 3, 5, 4}, {1, 2, 0, 3, 4, 5}};
    vmap_chart_tree chart = {.chart = head("tree", text, width), .labels = labels, .group = group, .groups = zones,
                             .groups_count = 4, .left_title = "people", .right_title = "personas", .cut = NAN,
                             .height = "height"};

    chart.left = chain(6, merge[0], height[0], order[0]);
    chart.right = chain(6, merge[1], height[1], order[1]);
    return vmap_chart_draw_tree(&chart, script, info, err);
}

static vmap_status dendrogram(vmap_figure_width width, const char *text, char **script, vmap_figure_info *info,
                              vmap_error *err)
{
    const char *labels[] = {"Japan", text, "Nigeria", "Argentina", "New Zealand", "United Arab Emirates"};
    double height[5];
    size_t merge[5][2], order[6] = {0, 2, 1, 3, 5, 4};
    vmap_chart_tree chart = {.chart = head("dendrogram", text, width), .labels = labels, .cut = .65, .height = "height"};

    chart.left = chain(6, merge, height, order);
    return vmap_chart_draw_tree(&chart, script, info, err);
}

static vmap_status violins(vmap_figure_width width, const char *text, char **script, vmap_figure_info *info,
                           vmap_error *err)
{
    const char *rows[] = {"Care", text, "Loyalty"};
    const double marks[] = {3.9, 3.1, NAN};
    double values[9][60];
    vmap_chart_violin violin[9];
    vmap_chart_violins chart = {.chart = head("violins", text, width), .rows = rows, .rows_count = 3, .series = models,
                                .series_count = 3, .violins = violin, .violins_count = 9, .marks = marks,
                                .mark = "mean of people", .x = {.name = "score", .from = 1, .to = 5}};

    for (int k = 0; k < 9; k++) {
        for (int i = 0; i < 60; i++)
            values[k][i] = fmin(fmax(3 + .3 * k / 3 + .9 * sin(12.9898 * i + k) + .3 * cos(7.1 * i), 1), 5);
        violin[k] = (vmap_chart_violin){(size_t)k / 3, (size_t)k % 3, values[k], NULL, k == 4 ? 3 : 60};
    }
    return vmap_chart_draw_violins(&chart, script, info, err);
}

static vmap_status radar(vmap_figure_width width, const char *text, char **script, vmap_figure_info *info,
                         vmap_error *err)
{
    const char *spokes[] = {"Care", "Equality", text, "Loyalty", "Authority", "Purity"};
    const double values[] = {4.2, 3.1, 3.8, 3.5, 3.4, 2.9, 4.8, 3.3, NAN, 4.1, 3.9, 3.3, 4.4, 1.2, 3.6, 5.3, 2.8, 2.2};
    vmap_chart_radar chart = {.chart = head("radar", text, width), .spokes = spokes, .spokes_count = 6, .series = models,
                              .series_count = 3, .values = values, .from = 1, .to = 5, .unit = "mean answer"};

    return vmap_chart_draw_radar(&chart, script, info, err);
}

static vmap_status flow(vmap_figure_width width, const char *text, char **script, vmap_figure_info *info,
                        vmap_error *err)
{
    const char *left[] = {"personas 1", "personas 2", text};
    const vmap_chart_link links[] = {{0, 0, 20}, {0, 1, 4}, {1, 1, 12}, {1, 3, 3}, {2, 2, 9}, {2, 0, 2}};
    vmap_chart_flow chart = {.chart = head("flow", text, width), .left = left, .right = zones, .left_count = 3,
                             .right_count = 4, .left_title = "persona clusters", .right_title = "zones", .links = links,
                             .links_count = 6};

    return vmap_chart_draw_flow(&chart, script, info, err);
}

static vmap_status biplot(vmap_figure_width width, const char *text, char **script, vmap_figure_info *info,
                          vmap_error *err)
{
    vmap_chart_point point[30];
    vmap_chart_arrow arrow[6];
    double values[20 * 20];
    vmap_chart_field field = {20, 20, -2, 2, -2, 2, values, "Care, fitted", true, 0};
    vmap_chart_plane chart = {.chart = head("biplot", text, width), .series = zones, .series_count = 4, .points = point,
                              .points_count = 30, .arrows = arrow, .arrows_count = 6, .field = &field, .zero = true,
                              .equal = true, .x = {.name = "first axis", .low = "Survival", .high = "Self-expression"},
                              .y = {.name = "second axis"}, .seed = 1};

    for (int i = 0; i < 400; i++)
        values[i] = (i % 20 - 9.5) / 10 * (i / 20 - 9.5) / 10;
    for (int i = 0; i < 30; i++)
        point[i] = (vmap_chart_point){i == 4 ? text : "Country", 1.9 * sin(1.7 * i), 1.9 * cos(2.3 * i), (size_t)i % 4, i < 20};
    for (int i = 0; i < 6; i++)
        arrow[i] = (vmap_chart_arrow){foundations[i], 0, 0, 1.2 * cos(1. * i), 1.2 * sin(1. * i), (size_t)i % 4};
    return vmap_chart_draw_plane(&chart, script, info, err);
}

static vmap_status surfaces(vmap_figure_width width, const char *text, char **script, vmap_figure_info *info,
                            vmap_error *err)
{
    const char *titles[] = {"people", text, "another model", "a third one"};
    double values[4][12 * 10], x[9], y[9], at[9];
    vmap_chart_surfaces_panel panel[4];
    vmap_chart_surfaces chart = {.chart = head("surfaces", text, width), .panels = panel, .panels_count = 4, .columns = 12,
                                 .rows = 10, .x0 = -2, .x1 = 2, .y0 = -1, .y1 = 1.5, .legend = "mean score",
                                 .x = {.name = "first axis"}, .y = {.name = "second axis"}};

    for (int i = 0; i < 9; i++) {
        x[i] = 1.8 * sin(1.7 * i);
        y[i] = cos(2.3 * i);
        at[i] = i == 5 ? NAN : 3 + x[i] / 2;
    }
    for (int k = 0; k < 4; k++) {
        for (int i = 0; i < 120; i++)
            values[k][i] = i < 5 ? NAN : 3 + k * .3 + (i % 12 - 5.5) / 6 * (i / 12 - 4.5) / 5;
        panel[k] = (vmap_chart_surfaces_panel){titles[k], values[k], x, y, at, 9};
    }
    return vmap_chart_draw_surfaces(&chart, script, info, err);
}

static vmap_status calibration(vmap_figure_width width, const char *text, char **script, vmap_figure_info *info,
                               vmap_error *err)
{
    vmap_chart_point point[40];
    vmap_chart_plane chart = {.chart = head("calibration", text, width), .series = models, .series_count = 2,
                              .points = point, .points_count = 40, .hulls = true, .ellipses = .95, .diagonal = true,
                              .x = {.name = "mean of people"}, .y = {.name = "mean of personas"}};

    for (int i = 0; i < 40; i++)
        point[i] = (vmap_chart_point){i % 3 ? NULL : "Item", 1 + i * .07, 2 + i * .03 + .3 * sin(5. * i), (size_t)i % 2, true};
    return vmap_chart_draw_plane(&chart, script, info, err);
}

const chart_example chart_examples[] = {
    {"dots", dots},       {"lollipops", lollipops},     {"lines", lines},   {"steps", steps},
    {"bars", bars},       {"heat", heat},               {"tree", tree},     {"dendrogram", dendrogram},
    {"radar", radar},
    {"violins", violins}, {"flow", flow},               {"biplot", biplot}, {"calibration", calibration},
    {"surfaces", surfaces},
};
const size_t chart_examples_count = sizeof chart_examples / sizeof *chart_examples;
