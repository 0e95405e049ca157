#include <config.h>

#include <math.h>

#include "figure/layout.h"
#include "support/check.h"

/* (m - centre)' cov^-1 (m - centre), by the inverse of a 2 x 2 matrix. */
static double form(point m, point centre, const double cov[3])
{
    double dx = m.x - centre.x, dy = m.y - centre.y, det = cov[0] * cov[2] - cov[1] * cov[1];

    return (cov[2] * dx * dx - 2 * cov[1] * dx * dy + cov[0] * dy * dy) / det;
}

/* ---- known values ---- */

/* Source: R 4.2.2, qchisq(c(.95, .5, .99), 2), printed with 15 digits. */
static void the_quantile_with_two_degrees_of_freedom(void)
{
    CHECK_NEAR(ellipse_square(.95), 5.99146454710798, 1e-13);
    CHECK_NEAR(ellipse_square(.5), 1.38629436111989, 1e-14);
    CHECK_NEAR(ellipse_square(.99), 9.21034037197618, 1e-13);
}

/* Source: by hand. Half-axes are 2 sqrt(q) and 1 sqrt(q); the first point is the end of the long
 * axis, the point after a quarter the end of the short one. */
static void axes_of_a_diagonal_covariance(void)
{
    outline e = {.at = NULL};
    vmap_error err;

    CHECK_OK(ellipse_outline((point){10, 20}, (const double[]){4, 0, 1}, 9, 8, &e, &err), &err);
    CHECK_COUNT(e.n, 8);
    CHECK_NEAR(e.at[0].x, 16, 1e-12);
    CHECK_NEAR(e.at[0].y, 20, 1e-12);
    CHECK_NEAR(e.at[2].x, 10, 1e-12);
    CHECK_NEAR(e.at[2].y, 23, 1e-12);
    outline_free(&e);
}

/* Source: by hand. (2.5, 1.5, 2.5) has the eigenvalues 4 and 1 along (1, 1) and (-1, 1). */
static void axes_of_a_turned_covariance(void)
{
    outline e = {.at = NULL};
    vmap_error err;

    CHECK_OK(ellipse_outline((point){0, 0}, (const double[]){2.5, 1.5, 2.5}, 1, 4, &e, &err), &err);
    CHECK_NEAR(e.at[0].x, 2 / sqrt(2), 1e-12);
    CHECK_NEAR(e.at[0].y, 2 / sqrt(2), 1e-12);
    CHECK_NEAR(e.at[1].x, -1 / sqrt(2), 1e-12);
    CHECK_NEAR(e.at[1].y, 1 / sqrt(2), 1e-12);
    outline_free(&e);
}

/* Source: R 4.2.2, colMeans() and var() of cbind(c(1, 2, 4, 7), c(3, 1, 2, 6)). */
static void moments_are_those_of_r(void)
{
    const point at[] = {{1, 3}, {2, 1}, {4, 2}, {7, 6}};
    point mean;
    double cov[3];

    CHECK(ellipse_moments(at, 4, &mean, cov));
    CHECK_NEAR(mean.x, 3.5, 1e-15);
    CHECK_NEAR(mean.y, 3, 1e-15);
    CHECK_NEAR(cov[0], 7, 1e-14);
    CHECK_NEAR(cov[1], 13. / 3, 1e-14);
    CHECK_NEAR(cov[2], 14. / 3, 1e-14);
}

static void few_points_and_points_on_a_line_have_no_ellipse(void)
{
    const point line[] = {{0, 0}, {1, 2}, {2, 4}, {3, 6}}, same[] = {{1, 1}, {1, 1}, {1, 1}};
    point mean;
    double cov[3];

    CHECK(!ellipse_moments(line, 4, &mean, cov));
    CHECK(!ellipse_moments(line, 2, &mean, cov));
    CHECK(!ellipse_moments(same, 3, &mean, cov));
    CHECK(!ellipse_moments(line, 0, &mean, cov));
}

/* ---- properties ---- */

static void every_point_has_the_same_mahalanobis_distance(void)
{
    const double covs[][3] = {
        {3, -1, .5}, {.002, .0001, .3}, {1, .999, 1}, {2, 0, 2}, {.1, -.2, 5}};
    const point centre = {-1.5, 2};
    outline e = {.at = NULL};

    for (size_t c = 0; c < sizeof covs / sizeof *covs; c++) {
        CHECK_OK(ellipse_outline(centre, covs[c], 5.991, 60, &e, NULL), NULL);
        CHECK_COUNT(e.n, 60);
        for (size_t i = 0; i < e.n; i++)
            CHECK_NEAR(form(e.at[i], centre, covs[c]), 5.991, 1e-9);
    }
    outline_free(&e);
}

/* ---- refusals ---- */

static void what_is_no_covariance_is_refused(void)
{
    const double bad[][3] = {{1, 2, 1},   {-1, 0, 1},  {1, 0, -1},
                             {NAN, 0, 1}, {1, NAN, 1}, {INFINITY, 0, 1}};
    outline e = {.at = NULL};
    vmap_error err;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_FAILS(ellipse_outline((point){0, 0}, bad[i], 1, 8, &e, &err), VMAP_EDATA, &err,
                    "not positive semi-definite");
    CHECK_COUNT(e.n, 0);
    outline_free(&e);
}

/* ---- edges ---- */

/* (4, 2, 1) has rank 1 along (2, 1): half-axis sqrt(5 q). */
static void a_degenerate_covariance_gives_a_segment_or_a_point(void)
{
    outline e = {.at = NULL};

    CHECK_OK(ellipse_outline((point){0, 0}, (const double[]){4, 2, 1}, 1, 60, &e, NULL), NULL);
    CHECK_COUNT(e.n, 2);
    CHECK_NEAR(e.at[0].x, 2, 1e-12);
    CHECK_NEAR(e.at[0].y, 1, 1e-12);
    CHECK_NEAR(e.at[1].x, -2, 1e-12);
    CHECK_NEAR(e.at[1].y, -1, 1e-12);
    CHECK_OK(ellipse_outline((point){7, 8}, (const double[]){0, 0, 0}, 1, 60, &e, NULL), NULL);
    CHECK_COUNT(e.n, 1);
    CHECK_NEAR(e.at[0].x, 7, 0);
    outline_free(&e);
}

static const test_case cases[] = {
    TEST(the_quantile_with_two_degrees_of_freedom),
    TEST(axes_of_a_diagonal_covariance),
    TEST(axes_of_a_turned_covariance),
    TEST(few_points_and_points_on_a_line_have_no_ellipse),
    TEST(moments_are_those_of_r),
    TEST(every_point_has_the_same_mahalanobis_distance),
    TEST(what_is_no_covariance_is_refused),
    TEST(a_degenerate_covariance_gives_a_segment_or_a_point),
};
SUITE(figure_ellipse_suite, cases);
