#include <config.h>

#include <math.h>

#include <gsl/gsl_rng.h>

#include "figure/layout.h"
#include "support/check.h"
#include "valuemap/rng.h"

static double area(const outline *o)
{
    double sum = 0;

    for (size_t i = 0; i < o->n; i++) {
        point a = o->at[i], b = o->at[(i + 1) % o->n];

        sum += a.x * b.y - b.x * a.y;
    }
    return sum / 2;
}

/* ---- known values ---- */

/* Source: by hand. */
static void the_hull_of_a_square_with_points_inside_is_the_square(void)
{
    const point at[] = {{1, 1}, {0, 0}, {2, 0}, {1, 0}, {2, 2}, {.5, 1.5}, {0, 2}, {2, 2}};
    outline hull = {.at = NULL};
    vmap_error err;

    CHECK_OK(hull_convex(at, 8, &hull, &err), &err);
    CHECK_COUNT(hull.n, 4);
    CHECK_NEAR(area(&hull), 4, 0);
    CHECK_NEAR(hull.at[0].x, 0, 0);
    CHECK_NEAR(hull.at[0].y, 0, 0);
    CHECK_NEAR(hull.at[1].x, 2, 0);
    CHECK_NEAR(hull.at[1].y, 0, 0);
    outline_free(&hull);
}

/* A disc of radius r has area pi r^2; the polygon of 20 points cut twice lies inside it and keeps
 * 95 % of it. */
static void a_single_country_gets_a_circle(void)
{
    const point at[] = {{3, -2}};
    outline hull = {.at = NULL};
    vmap_error err;

    CHECK_OK(hull_rounded(at, 1, 10, &hull, &err), &err);
    CHECK(area(&hull) > .95 * M_PI * 100);
    CHECK(area(&hull) < M_PI * 100);
    for (size_t i = 0; i < hull.n; i++)
        CHECK_NEAR(hypot(hull.at[i].x - 3, hull.at[i].y + 2), 9.8, .21);
    outline_free(&hull);
}

/* ---- properties ---- */

static void every_point_lies_in_the_hull_with_room_around_it(void)
{
    gsl_rng *rng = vmap_rng_new(1, 0);
    outline hull = {.at = NULL};
    point at[40];

    for (int trial = 0; trial < 50; trial++) {
        size_t n = 1 + vmap_rng_below(rng, 40);

        for (size_t i = 0; i < n; i++)
            at[i] = (point){300 * gsl_rng_uniform(rng), 200 * gsl_rng_uniform(rng)};
        CHECK_OK(hull_rounded(at, n, 8, &hull, NULL), NULL);
        for (size_t i = 0; i < n; i++) {
            for (int k = 0; k < 16; k++) {
                double turned = 2 * M_PI * k / 16;

                CHECK(outline_holds(
                    hull.at, hull.n,
                    (point){at[i].x + 7.2 * cos(turned), at[i].y + 7.2 * sin(turned)}));
            }
        }
    }
    outline_free(&hull);
    gsl_rng_free(rng);
}

static void the_hull_is_convex_and_counter_clockwise(void)
{
    gsl_rng *rng = vmap_rng_new(2, 0);
    outline hull = {.at = NULL};
    point at[60];

    for (size_t i = 0; i < 60; i++)
        at[i] = (point){(double)vmap_rng_below(rng, 20), (double)vmap_rng_below(rng, 20)};
    CHECK_OK(hull_convex(at, 60, &hull, NULL), NULL);
    for (size_t i = 0; i < hull.n; i++)
        CHECK(point_turn(hull.at[i], hull.at[(i + 1) % hull.n], hull.at[(i + 2) % hull.n]) > 0);
    CHECK_OK(hull_rounded(at, 60, 3, &hull, NULL), NULL);
    for (size_t i = 0; i < hull.n; i++)
        CHECK(point_turn(hull.at[i], hull.at[(i + 1) % hull.n], hull.at[(i + 2) % hull.n]) > -1e-9);
    outline_free(&hull);
    gsl_rng_free(rng);
}

/* ---- edges ---- */

static void points_on_a_line_give_its_ends_and_equal_points_one(void)
{
    const point line[] = {{1, 1}, {3, 3}, {0, 0}, {2, 2}};
    const point same[] = {{4, 5}, {4, 5}, {4, 5}};
    outline hull = {.at = NULL};

    CHECK_OK(hull_convex(line, 4, &hull, NULL), NULL);
    CHECK_COUNT(hull.n, 2);
    CHECK_NEAR(hull.at[0].x, 0, 0);
    CHECK_NEAR(hull.at[1].x, 3, 0);
    CHECK_OK(hull_convex(same, 3, &hull, NULL), NULL);
    CHECK_COUNT(hull.n, 1);
    CHECK_OK(hull_convex(same, 1, &hull, NULL), NULL);
    CHECK_COUNT(hull.n, 1);
    CHECK_OK(hull_rounded(line, 4, 2, &hull, NULL), NULL);
    CHECK(outline_holds(hull.at, hull.n, (point){1.5, 1.5}));
    CHECK(!outline_holds(hull.at, hull.n, (point){3, 0}));
    outline_free(&hull);
}

static const test_case cases[] = {
    TEST(the_hull_of_a_square_with_points_inside_is_the_square),
    TEST(a_single_country_gets_a_circle),
    TEST(every_point_lies_in_the_hull_with_room_around_it),
    TEST(the_hull_is_convex_and_counter_clockwise),
    TEST(points_on_a_line_give_its_ends_and_equal_points_one),
};
SUITE(figure_hull_suite, cases);
