#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "figure/canvas.h"
#include "figure/palette.h"
#include "figure/script.h"
#include "support/charts.h"
#include "support/check.h"
#include "support/hostile.h"

static const vmap_figure_width widths[] = {VMAP_FIGURE_COLUMN, VMAP_FIGURE_PAGE, VMAP_FIGURE_SLIDE};

/* ---- known values ---- */

static void every_chart_has_the_width_of_its_preset(void)
{
    static const double points[] = {85 / 25.4 * 72, 180 / 25.4 * 72, 960};
    vmap_figure_info info;
    vmap_error err;

    for (size_t k = 0; k < chart_examples_count; k++) {
        for (int i = 0; i < 3; i++) {
            char *script = NULL;

            CHECK_OK(chart_examples[k].draw(widths[i], "South Korea", &script, &info, &err), &err);
            CHECK_NEAR(info.width, points[i], .01);
            CHECK(i == 2 ? info.height == 540 : info.height > 60 && info.height < 4 * info.width);
            free(script);
        }
    }
}

/* Hand calculation: a plot of 100 x 50 points at (10, 20) that shows 0..10 and 0..5. */
static void places_in_a_plot_are_counted_from_the_upper_left_corner(void)
{
    const plane p = {10, 20, 100, 50, 0, 10, 0, 5};
    point at = canvas_at(&p, 2, 1);

    CHECK_NEAR(at.x, 30, 1e-12);
    CHECK_NEAR(at.y, 60, 1e-12);
}

/* Hand calculation: the line y = x through a plot that shows 0..10 and 0..5. */
static void segments_are_cut_at_the_frame(void)
{
    const plane p = {0, 0, 1, 1, 0, 10, 0, 5};
    double x0 = -1, y0 = -1, x1 = 20, y1 = 20;

    CHECK(canvas_clip(&p, &x0, &y0, &x1, &y1));
    CHECK_NEAR(x0, 0, 1e-12);
    CHECK_NEAR(y0, 0, 1e-12);
    CHECK_NEAR(x1, 5, 1e-12);
    CHECK_NEAR(y1, 5, 1e-12);
    x0 = 11, y0 = 0, x1 = 12, y1 = 5;
    CHECK(!canvas_clip(&p, &x0, &y0, &x1, &y1));
}

static void colours_have_their_ends_and_middle_where_they_belong(void)
{
    CHECK_COUNT(palette_level(0, 0, 10, false, 0), 0);
    CHECK_COUNT(palette_level(10, 0, 10, false, 0), PALETTE_STEPS);
    CHECK_COUNT(palette_level(2, -1, 10, true, 2), PALETTE_STEPS / 2);
    CHECK_COUNT(palette_level(99, -1, 10, true, 2), PALETTE_STEPS);
    CHECK_COUNT(palette_colour(PALETTE_STEPS / 2, true), 0xfafafa);
    CHECK(palette_is_dark(PALETTE_STEPS, false) && !palette_is_dark(0, false));
}

/* In grey print the sequential colours must still be in order. */
static void more_is_darker(void)
{
    double before = 256;

    for (int level = 0; level <= PALETTE_STEPS; level++) {
        unsigned c = palette_colour(level, false);
        double grey = .299 * (c >> 16) + .587 * (c >> 8 & 255u) + .114 * (c & 255u);

        CHECK(grey < before);
        before = grey;
    }
}

/* ---- properties ---- */

static void texts_of_a_chart_are_in_its_script(void)
{
    vmap_error err;

    for (size_t k = 0; k < chart_examples_count; k++) {
        char *script = NULL;

        CHECK_OK(chart_examples[k].draw(VMAP_FIGURE_PAGE, "South Korea", &script, NULL, &err), &err);
        CHECK(script && strstr(script, "\"South Korea\"") != NULL);
        CHECK(script && strstr(script, "Made-up numbers") != NULL);
        free(script);
    }
}

static void the_same_input_gives_the_same_script(void)
{
    vmap_error err;

    for (size_t k = 0; k < chart_examples_count; k++) {
        char *a = NULL, *b = NULL;

        CHECK_OK(chart_examples[k].draw(VMAP_FIGURE_PAGE, "x", &a, NULL, &err), &err);
        CHECK_OK(chart_examples[k].draw(VMAP_FIGURE_PAGE, "x", &b, NULL, &err), &err);
        CHECK(a && b && strcmp(a, b) == 0);
        free(a);
        free(b);
    }
}

/* Every line of a datablock is two numbers or empty, whatever texts say; see also tests/figures. */
static void hostile_texts_stay_out_of_datablocks(void)
{
    vmap_error err;

    for (size_t k = 0; k < chart_examples_count; k++) {
        char *script = NULL, *rest, *line;
        bool inside = false;

        CHECK_OK(chart_examples[k].draw(VMAP_FIGURE_COLUMN, hostile_strings[k % hostile_count], &script, NULL, &err), &err);
        for (line = strtok_r(script, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
            if (inside && strcmp(line, "EOD") != 0)
                CHECK(strspn(line, "0123456789.-+e ") == strlen(line));
            inside = inside ? strcmp(line, "EOD") != 0 : line[0] == '$' && strstr(line, "<< EOD") != NULL;
        }
        CHECK(!inside);
        free(script);
    }
}

/* A series that keeps its style in a chart that shows fewer series; colours of MC count from 1. */
static void a_series_has_the_style_that_is_asked_for(void)
{
    const char *const names[] = {"a", "b"};
    const size_t styles[] = {3, 9};
    const double x[] = {1, 2};
    vmap_chart_line lines[] = {{.series = 0, .n = 2, .x = x, .y = x}, {.series = 1, .n = 2, .x = x, .y = x}};
    vmap_chart_lines_panel panel = {NULL, lines, 2};
    vmap_chart_lines chart = {.chart = {.name = "x", .styles = styles}, .series = names, .series_count = 2, .panels = &panel,
                              .panels_count = 1};
    char *script = NULL;
    vmap_error err;

    CHECK_OK(vmap_chart_draw_lines(&chart, &script, NULL, &err), &err);
    CHECK(script && strstr(script, "MC[4]") && strstr(script, "MC[2]") && !strstr(script, "MC[1]")); /* eight, then again */
    free(script);
    chart.chart.styles = NULL;
    CHECK_OK(vmap_chart_draw_lines(&chart, &script, NULL, &err), &err);
    CHECK(script && strstr(script, "MC[1]") && strstr(script, "MC[2]") && !strstr(script, "MC[4]"));
    free(script);
}

/* ---- refusals ---- */

static void charts_without_content_and_bad_indices_are_refused(void)
{
    const char *row = "a";
    vmap_chart_dot dot = {.row = 1, .at = 1, .low = NAN, .high = NAN};
    vmap_chart_dots_panel panel = {NULL, &dot, 1};
    vmap_chart_dots dots = {.chart = {.name = "x"}, .rows = &row, .rows_count = 1, .series = &row, .series_count = 1,
                            .panels = &panel, .panels_count = 1, .reference = NAN};
    vmap_chart_heat heat = {.chart = {.name = "x"}};
    char *script = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_chart_draw_dots(&dots, &script, NULL, &err), VMAP_EINVAL, &err, "row or series");
    dot = (vmap_chart_dot){.at = INFINITY, .low = NAN, .high = NAN};
    CHECK_FAILS(vmap_chart_draw_dots(&dots, &script, NULL, &err), VMAP_EDATA, &err, "1e9");
    dot.at = 1;
    dots.x = (vmap_figure_axis){.from = 1, .to = 0};
    CHECK_FAILS(vmap_chart_draw_dots(&dots, &script, NULL, &err), VMAP_EINVAL, &err, "ascend");
    dots.chart.name = "a/b";
    CHECK_FAILS(vmap_chart_draw_dots(&dots, &script, NULL, &err), VMAP_EINVAL, &err, "a/b");
    CHECK_FAILS(vmap_chart_draw_heat(&heat, &script, NULL, &err), VMAP_EINVAL, &err, "no rows");
    CHECK(script == NULL);
}

static void a_radar_of_many_groups_or_two_spokes_is_refused(void)
{
    const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};
    const double values[21] = {1, 2, 3};
    vmap_chart_radar radar = {.chart = {.name = "x"}, .spokes = names, .spokes_count = 3, .series = names, .series_count = 7,
                              .values = values, .from = 0, .to = 3};
    vmap_figure_info info;
    char *script = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_chart_draw_radar(&radar, &script, NULL, &err), VMAP_EINVAL, &err, "7 groups");
    radar.series_count = 1;
    radar.spokes_count = 2;
    CHECK_FAILS(vmap_chart_draw_radar(&radar, &script, NULL, &err), VMAP_EINVAL, &err, "2 spokes");
    radar.spokes_count = 3;
    radar.to = 0;
    CHECK_FAILS(vmap_chart_draw_radar(&radar, &script, NULL, &err), VMAP_EINVAL, &err, "ascend");
    CHECK(script == NULL);
    radar.to = 2;
    CHECK_OK(vmap_chart_draw_radar(&radar, &script, &info, &err), &err);
    CHECK_COUNT(info.outside, 1); /* the 3 */
    free(script);
}

/* ---- edges ---- */

static void missing_and_constant_values_are_drawn(void)
{
    const char *row = "a";
    double value = NAN;
    vmap_chart_dot dot = {.at = NAN, .low = NAN, .high = NAN};
    vmap_chart_dots_panel panel = {NULL, &dot, 1};
    vmap_chart_dots dots = {.chart = {.name = "x"}, .rows = &row, .rows_count = 1, .series = &row, .series_count = 1,
                            .panels = &panel, .panels_count = 1, .reference = NAN};
    vmap_chart_heat heat = {.chart = {.name = "x"}, .rows = &row, .columns = &row, .rows_count = 1, .columns_count = 1,
                            .values = &value};
    char *script = NULL;
    vmap_error err;

    CHECK_OK(vmap_chart_draw_dots(&dots, &script, NULL, &err), &err);
    free(script);
    dot.at = 3;
    CHECK_OK(vmap_chart_draw_dots(&dots, &script, NULL, &err), &err);
    CHECK(script && !strstr(script, "nan") && !strstr(script, "inf"));
    free(script);
    CHECK_OK(vmap_chart_draw_heat(&heat, &script, NULL, &err), &err);
    CHECK(script && !strstr(script, "nan") && !strstr(script, "inf"));
    free(script);
}

/* Labels of columns stand side by side only with a gap between them: 40 of "q07" touch on a page of 510 points, 10 do not. */
static void labels_of_columns_that_would_touch_are_turned(void)
{
    enum { MOST = 40 };
    const char *name[MOST];
    double value[MOST];

    for (size_t j = 0; j < MOST; j++) {
        name[j] = "q07";
        value[j] = (double)j;
    }
    for (size_t n = 10; n <= MOST; n += 30) {
        vmap_chart_heat heat = {.chart = {.name = "x", .width = VMAP_FIGURE_PAGE}, .rows = name, .columns = name, .rows_count = 1,
                                .columns_count = n, .values = value};
        char *script = NULL;
        vmap_error err;

        CHECK_OK(vmap_chart_draw_heat(&heat, &script, NULL, &err), &err);
        CHECK(script && (strstr(script, "rotate by 90") != NULL) == (n == MOST));
        free(script);
    }
}

static const test_case cases[] = {
    TEST(every_chart_has_the_width_of_its_preset),
    TEST(places_in_a_plot_are_counted_from_the_upper_left_corner),
    TEST(segments_are_cut_at_the_frame),
    TEST(colours_have_their_ends_and_middle_where_they_belong),
    TEST(more_is_darker),
    TEST(texts_of_a_chart_are_in_its_script),
    TEST(the_same_input_gives_the_same_script),
    TEST(hostile_texts_stay_out_of_datablocks),
    TEST(a_series_has_the_style_that_is_asked_for),
    TEST(charts_without_content_and_bad_indices_are_refused),
    TEST(a_radar_of_many_groups_or_two_spokes_is_refused),
    TEST(missing_and_constant_values_are_drawn),
    TEST(labels_of_columns_that_would_touch_are_turned),
};
SUITE(figure_chart_suite, cases);
