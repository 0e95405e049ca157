#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/scene.h"
#include "valuemap/figure.h"

static const vmap_figure_width widths[] = {VMAP_FIGURE_COLUMN, VMAP_FIGURE_PAGE, VMAP_FIGURE_SLIDE};

static size_t occurrences(const char *text, const char *of)
{
    size_t count = 0;

    for (const char *at = strstr(text, of); at; at = strstr(at + 1, of))
        count++;
    return count;
}

/* The script, which the caller frees; NULL with a failed check on error. */
static char *draw(const vmap_figure_scene *scene, bool panels, vmap_figure_info *info)
{
    char *script = NULL;
    vmap_error err;

    if (panels)
        CHECK_OK(vmap_figure_map_panels(scene, &script, info, &err), &err);
    else
        CHECK_OK(vmap_figure_map(scene, &script, info, &err), &err);
    return script;
}

/* ---- known values ---- */

/* 85 mm, 180 mm and 13 1/3 x 7.5 inch at 72 points an inch. */
static void the_widths_are_those_of_journals_and_slides(void)
{
    static const double points[] = {85 / 25.4 * 72, 180 / 25.4 * 72, 960};
    vmap_figure_scene *scene = scene_countries();
    vmap_figure_info info;

    for (int i = 0; i < 3; i++) {
        scene->width = widths[i];
        free(draw(scene, false, &info));
        CHECK_NEAR(info.width, points[i], .01);
        CHECK(info.height > .5 * info.width && info.height < 1.5 * info.width);
    }
    CHECK_NEAR(info.height, 540, 0);
}

static void the_real_map_has_every_label_and_no_overlap(void)
{
    vmap_figure_scene *scene = scene_countries();
    vmap_figure_info info;
    char *script = draw(scene, false, &info);

    CHECK_COUNT(scene->zones_count, 8);
    CHECK_COUNT(info.overlaps, 0);
    CHECK_COUNT(info.left_out, 0);
    CHECK_COUNT(info.shortened, 0);
    CHECK_COUNT(info.outside, 0);
    CHECK_COUNT(info.unusual, 0);
    CHECK(script && !strstr(script, "need a font"));
    CHECK_COUNT(info.labels, scene->countries_count + scene->zones_count);
    for (size_t i = 0; script && i < scene->countries_count; i++) {
        char want[128];

        snprintf(want, sizeof want, "set label \"%s\" at ", scene->countries[i].label);
        check_true(strstr(script, want) != NULL, want, __FILE__, __LINE__);
    }
    free(script);
}

static void twelve_labelled_groups_fit_as_well(void)
{
    vmap_figure_scene *scene = scene_countries();
    vmap_figure_info info;
    char *script;

    scene_personas(scene, 3, 4, true, 1);
    script = draw(scene, false, &info);
    CHECK_COUNT(info.overlaps, 0);
    CHECK_COUNT(info.left_out, 0);
    CHECK_COUNT(info.labels, scene->countries_count + 8 + 12);
    CHECK(script && strstr(script, "95 \\045 region of the mean"));
    CHECK(script && strstr(script, "$region3 << EOD") && strstr(script, "$wide1 << EOD") &&
          strstr(script, "$head2 << EOD"));
    free(script);
}

/* ---- properties ---- */

static void the_same_scene_gives_the_same_script(void)
{
    vmap_figure_scene *scene = scene_countries();
    char *a, *b;

    scene_personas(scene, 2, 3, true, 4);
    a = draw(scene, false, NULL);
    b = draw(scene, false, NULL);
    CHECK(a && b && strcmp(a, b) == 0);
    free(b);
    scene->seed = 2;
    b = draw(scene, false, NULL);
    CHECK(a && b && strcmp(a, b) != 0);
    free(a);
    free(b);
}

/* The ellipse in the script is the region around the mean: read its points back. */
static void the_ellipse_in_the_script_has_the_stated_square(void)
{
    const double cov[3] = {.04, .012, .01};
    const vmap_figure_group group = {"g", .3, .4, cov, NULL, VMAP_FIGURE_NONE, false};
    const vmap_figure_series series = {"s", &group, 1};
    vmap_figure_scene *scene = scene_countries();
    char *script, *at;
    size_t count = 0;

    scene->series = &series;
    scene->series_count = 1;
    scene->level = .8;
    script = draw(scene, false, NULL);
    at = script ? strstr(script, "$region1 << EOD\n") : NULL;
    CHECK(at != NULL);
    for (at = at ? strchr(at, '\n') + 1 : NULL; at && *at != 'E'; at = strchr(at, '\n') + 1) {
        double x = 0, y = 0, det = cov[0] * cov[2] - cov[1] * cov[1];

        CHECK(sscanf(at, "%lf %lf", &x, &y) == 2);
        x -= .3, y -= .4;
        CHECK_NEAR((cov[2] * x * x - 2 * cov[1] * x * y + cov[0] * y * y) / det, -2 * log(.2),
                   1e-3);
        count++;
    }
    CHECK_COUNT(count, 61);
    free(script);
}

/* Between datablock and EOD there are only numbers and blanks, whatever the names. */
static void datablocks_hold_only_numbers(void)
{
    vmap_figure_scene *scene = scene_countries();
    char *script, *line, *rest = NULL;
    bool inside = false;

    scene_personas(scene, 3, 4, true, 1);
    scene_hostile(scene, 0, false);
    for (int panels = 0; panels < 2; panels++) {
        script = draw(scene, panels, NULL);
        for (line = strtok_r(script, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
            if (inside && strcmp(line, "EOD") != 0)
                CHECK(line[strspn(line, "0123456789.e+- ")] == '\0');
            if (*line == '$')
                inside = true;
            else if (strcmp(line, "EOD") == 0)
                inside = false;
        }
        CHECK(!inside);
        free(script);
    }
}

static void every_text_is_noenhanced(void)
{
    vmap_figure_scene *scene = scene_countries();
    char *script;

    scene_personas(scene, 3, 4, true, 1);
    script = draw(scene, false, NULL);
    CHECK(script &&
          occurrences(script, "\nset label ") == occurrences(script, " noenhanced front\n"));
    CHECK(script && occurrences(script, "enhanced") - occurrences(script, "noenhanced") == 0);
    free(script);
}

static void many_groups_are_small_and_have_neither_ellipse_nor_arrow(void)
{
    vmap_figure_scene *scene = scene_countries();
    vmap_figure_info info;
    char *script;

    scene_personas(scene, 3, 66, false, 1);
    scene->arrows = false;
    script = draw(scene, false, &info);
    CHECK_COUNT(info.overlaps, 0);
    CHECK(script && !strstr(script, "$region1 using") && !strstr(script, "$head1 using") &&
          !strstr(script, "$eye1 using") && strstr(script, "$group3 using"));
    free(script);
}

static void panels_have_the_same_axes_and_one_heading_each(void)
{
    vmap_figure_scene *scene = scene_countries();
    vmap_figure_info info;
    char *script;

    scene_personas(scene, 3, 66, false, 1);
    for (int i = 0; i < 3; i++) {
        scene->width = widths[i];
        script = draw(scene, true, &info);
        CHECK_COUNT(info.overlaps, 0);
        CHECK_COUNT(occurrences(script, "set xrange "), 3);
        CHECK_COUNT(occurrences(script, "\nplot "), 3);
        CHECK_COUNT(occurrences(script, "\"model "), 3);
        CHECK(script && strstr(script, "set multiplot\n") && strstr(script, "unset multiplot\n"));
        free(script);
    }
}

/* One unit is as long on both axes, unless the scene says otherwise. */
static void equal_scales_are_equal(void)
{
    vmap_figure_scene *scene = scene_countries();

    for (int i = 0; i < 3; i++) {
        double side[4] = {0}, x[2] = {0}, y[2] = {0};
        static const char *const names[] = {"lmargin", "rmargin", "tmargin", "bmargin"};
        char *script;

        scene->width = widths[i];
        script = draw(scene, false, NULL);
        for (int k = 0; script && k < 4; k++) {
            const char *at = strstr(script, names[k]);

            CHECK(at && sscanf(strchr(at, '('), "(%lf)", &side[k]) == 1);
        }
        CHECK(script &&
              sscanf(strstr(script, "set xrange"), "set xrange [%lf:%lf]", &x[0], &x[1]) == 2);
        CHECK(script &&
              sscanf(strstr(script, "set yrange"), "set yrange [%lf:%lf]", &y[0], &y[1]) == 2);
        CHECK_NEAR((side[1] - side[0]) / (x[1] - x[0]) / ((side[3] - side[2]) / (y[1] - y[0])), 1,
                   1e-4);
        free(script);
    }
}

/* ---- refusals ---- */

static void refuse(const vmap_figure_scene *scene, vmap_status status, const char *words)
{
    char *script = (char *)"untouched";
    vmap_error err;

    CHECK_FAILS(vmap_figure_map(scene, &script, NULL, &err), status, &err, words);
    CHECK_FAILS(vmap_figure_map_panels(scene, &script, NULL, &err), status, &err, words);
    CHECK_TEXT(script, "untouched");
}

static void scenes_that_cannot_be_drawn_are_refused(void)
{
    const double bad[3] = {1, 2, 1};
    vmap_figure_country country = {"Chad\n", 0, 0, VMAP_FIGURE_NONE, true};
    vmap_figure_group group = {"g", 0, 0, NULL, NULL, VMAP_FIGURE_NONE, false};
    const vmap_figure_series series = {"s", &group, 1};
    vmap_figure_scene scene;

    vmap_figure_scene_defaults(&scene);
    refuse(&scene, VMAP_EINVAL, "no countries and no groups");
    scene.countries = &country;
    scene.countries_count = 1;
    scene.series = &series;
    scene.series_count = 1;
    country.x = NAN;
    refuse(&scene, VMAP_EDATA, "country \"Chad \" has a coordinate");
    country.x = 2e9;
    refuse(&scene, VMAP_EDATA, "within +-1e9");
    country.x = 0;
    country.zone = 0;
    refuse(&scene, VMAP_EINVAL, "zone that is not in the list");
    country.zone = VMAP_FIGURE_NONE;
    group.y = INFINITY;
    refuse(&scene, VMAP_EDATA, "group \"g\"");
    group.y = 0;
    group.target = 1;
    refuse(&scene, VMAP_EINVAL, "target that is not in the list");
    group.target = 0;
    group.cov = bad;
    refuse(&scene, VMAP_EDATA, "not positive semi-definite");
    group.cov = NULL;
    group.wide = bad;
    refuse(&scene, VMAP_EDATA, "not positive semi-definite");
    group.wide = NULL;
    scene.level = 1;
    refuse(&scene, VMAP_EINVAL, "level 1");
    scene.level = NAN;
    refuse(&scene, VMAP_EINVAL, "level");
    scene.level = .95;
    scene.name = "a'b";
    refuse(&scene, VMAP_EINVAL, "A-Z a-z 0-9 _ . -");
    scene.name = "map";
    scene.x = (vmap_figure_axis){NULL, NULL, NULL, 2, 1};
    refuse(&scene, VMAP_EINVAL, "range 2 to 1");
    scene.x.from = NAN;
    refuse(&scene, VMAP_EINVAL, "x axis");
}

static void panels_without_series_are_refused(void)
{
    char *script = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_figure_map_panels(scene_countries(), &script, NULL, &err), VMAP_EINVAL, &err,
                "at least one series");
}

/* ---- edges ---- */

static void small_and_odd_scenes_are_drawn(void)
{
    const vmap_figure_country one = {"Chad", 3, 4, VMAP_FIGURE_NONE, true};
    const vmap_figure_group group = {NULL, -1, 2, NULL, NULL, VMAP_FIGURE_NONE, true};
    const vmap_figure_series series = {NULL, &group, 1};
    vmap_figure_scene scene;
    vmap_figure_info info;

    vmap_figure_scene_defaults(&scene);
    scene.countries = &one;
    scene.countries_count = 1;
    for (int i = 0; i < 3; i++) {
        scene.width = widths[i];
        scene.series_count = 0;
        free(draw(&scene, false, &info));
        CHECK_COUNT(info.labels, 1);
        scene.series = &series;
        scene.series_count = 1;
        free(draw(&scene, false, &info));
        free(draw(&scene, true, &info));
        scene.countries_count = 0;
        free(draw(&scene, false, &info));
        CHECK_COUNT(info.labels, 0);
        free(draw(&scene, true, &info));
        scene.countries_count = 1;
    }
}

static void a_given_range_leaves_points_outside(void)
{
    vmap_figure_scene *scene = scene_countries();
    vmap_figure_info info;
    size_t outside = 0;

    scene_personas(scene, 2, 5, true, 1);
    scene->x.from = -1, scene->x.to = 1;
    scene->y.from = -1, scene->y.to = 1;
    for (size_t i = 0; i < scene->countries_count; i++)
        outside += fabs(scene->countries[i].x) > 1 || fabs(scene->countries[i].y) > 1;
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < 5; i++)
            outside +=
                fabs(scene->series[k].groups[i].x) > 1 || fabs(scene->series[k].groups[i].y) > 1;
    }
    free(draw(scene, false, &info));
    CHECK_COUNT(info.outside, outside);
    free(draw(scene, true, &info));
    CHECK_COUNT(info.outside, outside);
}

static void scales_and_positions_of_any_size_are_drawn(void)
{
    static const double sizes[] = {1e-6, 1, 1e6};
    vmap_figure_country country[3] = {
        {"a", 0, 0, 0, true}, {"b", 0, 0, 0, true}, {"c", 0, 0, 0, true}};
    const char *const zones[] = {"z"};
    vmap_figure_scene scene;
    vmap_figure_info info;

    vmap_figure_scene_defaults(&scene);
    scene.countries = country;
    scene.countries_count = 3;
    scene.zones = zones;
    scene.zones_count = 1;
    for (int i = 0; i < 3; i++) {
        for (int equal = 0; equal < 2; equal++) {
            scene.free_scales = !equal;
            country[1].x = sizes[i];
            country[2].y = 100 * sizes[i];
            free(draw(&scene, false, &info));
            CHECK_COUNT(info.labels, 4);
            CHECK_COUNT(info.overlaps, 0);
        }
    }
}

static void names_in_other_scripts_are_drawn_and_counted(void)
{
    vmap_figure_scene *scene = scene_countries();
    vmap_figure_info info;
    char *script;

    ((vmap_figure_country *)scene->countries)[0].label = "\xE6\x97\xA5\xE6\x9C\xAC";
    script = draw(scene, false, &info);
    CHECK_COUNT(info.unusual, 1);
    CHECK(script && strstr(script, "set label \"\\346\\227\\245\\346\\234\\254\" at "));
    CHECK(script && strstr(script, "# 1 texts need a font"));
    free(script);
}

static void long_names_are_shortened_and_counted(void)
{
    vmap_figure_scene *scene = scene_countries();
    vmap_figure_info info;
    char name[300];

    memset(name, 'M', 299);
    name[299] = '\0';
    ((vmap_figure_country *)scene->countries)[0].label = name;
    ((const char **)scene->zones)[0] = name;
    scene->title = name;
    free(draw(scene, false, &info));
    CHECK_COUNT(info.shortened, 4); /* country, zone on the map, zone in the legend, title */
}

static const test_case cases[] = {
    TEST(the_widths_are_those_of_journals_and_slides),
    TEST(the_real_map_has_every_label_and_no_overlap),
    TEST(twelve_labelled_groups_fit_as_well),
    TEST(the_same_scene_gives_the_same_script),
    TEST(the_ellipse_in_the_script_has_the_stated_square),
    TEST(datablocks_hold_only_numbers),
    TEST(every_text_is_noenhanced),
    TEST(many_groups_are_small_and_have_neither_ellipse_nor_arrow),
    TEST(panels_have_the_same_axes_and_one_heading_each),
    TEST(equal_scales_are_equal),
    TEST(scenes_that_cannot_be_drawn_are_refused),
    TEST(panels_without_series_are_refused),
    TEST(small_and_odd_scenes_are_drawn),
    TEST(a_given_range_leaves_points_outside),
    TEST(scales_and_positions_of_any_size_are_drawn),
    TEST(names_in_other_scripts_are_drawn_and_counted),
    TEST(long_names_are_shortened_and_counted),
};
SUITE(figure_map_suite, cases);
