#include <config.h>

#include <math.h>
#include <string.h>

#include "space/space_internal.h"
#include "support/check.h"
#include "valuemap/space.h"

/* The projection of the official map of 2023, ten raw answers to official coordinates. Source: the
 * regression of sixteen official country-year positions (World Values Survey Association 2023) on
 * the weighted item means of the same samples, datasets/map2023/projection.csv: survself, tradrat.
 */
static const struct {
    const char *item;
    double survself, tradrat, low, high;
} official[] = {
    {"F063", -0.0379245586, -0.1475429890, 1, 10}, {"Y003", 0.1297243496, 0.3199545930, -2, 2},
    {"F120", 0.1142519206, 0.1011418750, 1, 10},   {"G006", -0.4844437756, 0.8738539920, 1, 4},
    {"E018", -0.1131723680, 0.5720091175, 1, 3},   {"Y002", 0.7991478869, -0.2273809084, 1, 3},
    {"A008", -0.9843572071, 0.8662533504, 1, 4},   {"F118", 0.1707907706, 0.0312552964, 1, 10},
    {"E025", -0.6685152716, 0.0545710262, 1, 3},   {"A165", -1.0181626396, 0.2795812523, 1, 2},
};
static const double official_intercept[2] = {3.7869819344, -3.7257539685};

static char *copy(const char *text)
{
    return strdup(text);
}

static vmap_space *official_space(void)
{
    vmap_space *s = space_new(10, 2, NULL);

    s->axes[0].name = copy("survself");
    s->axes[1].name = copy("tradrat");
    s->affine[0] = '\0';
    strcpy(s->affine, "wvs"); /* four bytes, as "none" takes five */
    gsl_vector_set(s->scale, 0, 1.81);
    gsl_vector_set(s->scale, 1, 1.61);
    gsl_vector_set(s->shift, 0, .038);
    gsl_vector_set(s->shift, 1, -.1);
    gsl_matrix_set_identity(s->r);
    for (size_t i = 0; i < 10; i++) {
        s->items[i] = copy(official[i].item);
        gsl_vector_set(s->low, i, official[i].low);
        gsl_vector_set(s->high, i, official[i].high);
        gsl_vector_set(s->sd, i, 1);
        gsl_matrix_set(s->weights, i, 0, official[i].survself);
        gsl_matrix_set(s->weights, i, 1, official[i].tradrat);
    }
    gsl_vector_set(s->intercept, 0, official_intercept[0]);
    gsl_vector_set(s->intercept, 1, official_intercept[1]);
    return s;
}

static void check_position(const vmap_space *s, const double *x, double survself, double tradrat)
{
    vmap_projection *pr = NULL;
    vmap_error err;

    if (CHECK_OK(vmap_space_project(s, x, 1, 10, &pr, &err), &err)) {
        CHECK_NEAR(pr->at[0], survself, 1e-13);
        CHECK_NEAR(pr->at[1], tradrat, 1e-13);
    }
    vmap_projection_free(pr);
}

/* By hand, in exact decimal arithmetic: intercept + sum of weight x answer. */
static const double secular[] = {1, 2, 10, 4, 3, 3, 1, 10, 1, 1};
static const double pious[] = {10, -2, 1, 1, 1, 1, 4, 1, 3, 2};
static const double middling[] = {6, 0, 4, 2, 2, 2, 2, 5, 3, 2};

static void respondents_lie_where_the_official_projection_puts_them(void)
{
    vmap_space *s = official_space();

    check_position(s, secular, 4.3080493230, 3.8202901667);
    check_position(s, pious, -4.3444378387, -0.3023246872);
    check_position(s, middling, -0.7371259034, 0.8421787657);
    vmap_space_free(s);
}

/* The one who answers the middle of every scale lies above every country. */
static void the_midpoint_of_every_scale_looks_secular(void)
{
    vmap_space *s = official_space();
    gsl_vector *at = gsl_vector_alloc(2);

    vmap_space_midpoint(s, at);
    CHECK_NEAR(gsl_vector_get(at, 0), -0.01819425785, 1e-13);
    CHECK_NEAR(gsl_vector_get(at, 1), 1.75898273975, 1e-13);
    gsl_vector_free(at);
    vmap_space_free(s);
}

/* The space that comes with the program is this projection. */
static void the_shipped_space_is_the_official_projection(void)
{
    vmap_space *s = NULL;
    vmap_error err;

    if (!CHECK_OK(vmap_space_read(source_path("spaces/iw2023.json"), &s, &err), &err))
        return;
    CHECK_COUNT(s->p, 10);
    CHECK_COUNT(s->k, 2);
    CHECK_TEXT(s->axes[0].name, "survself");
    CHECK_TEXT(s->affine, "wvs");
    for (size_t i = 0; i < 10 && i < s->p; i++) {
        CHECK_TEXT(s->items[i], official[i].item);
        CHECK_NEAR(gsl_matrix_get(s->weights, i, 0), official[i].survself, 0);
        CHECK_NEAR(gsl_matrix_get(s->weights, i, 1), official[i].tradrat, 0);
        CHECK_NEAR(gsl_vector_get(s->low, i), official[i].low, 0);
        CHECK_NEAR(gsl_vector_get(s->high, i), official[i].high, 0);
    }
    check_position(s, secular, 4.3080493230, 3.8202901667);
    check_position(s, pious, -4.3444378387, -0.3023246872);
    vmap_space_free(s);
}

/* By hand: score = (official - shift) / scale. */
static void conventions_turn_into_one_another(void)
{
    vmap_space *s = official_space();
    vmap_error err;

    CHECK_OK(vmap_space_set_affine(s, "none", &err), &err);
    check_position(s, secular, (4.3080493230 - .038) / 1.81, (3.8202901667 + .1) / 1.61);
    CHECK_OK(vmap_space_set_affine(s, "tao2024", &err), &err);
    check_position(s, secular, 4.3080493230 + .342, 3.8202901667 + .09);
    CHECK_TEXT(s->affine, "tao2024");
    CHECK_NEAR(gsl_vector_get(s->scale, 0), 1.81, 0);
    CHECK_NEAR(gsl_vector_get(s->shift, 1), -.01, 0);
    vmap_space_free(s);
}

/* Positions, their standard errors and the spread within groups follow; item means do not. */
static void everything_in_map_units_follows(void)
{
    vmap_space *s = official_space();
    gsl_vector *at = gsl_vector_alloc(2), *se = gsl_vector_alloc(2), *items = gsl_vector_calloc(10);
    vmap_error err;

    gsl_vector_set(at, 0, 1.848);
    gsl_vector_set(at, 1, -1.71);
    gsl_vector_set(se, 0, .181);
    gsl_vector_set(se, 1, .0161);
    gsl_vector_set(items, 3, 2.5);
    CHECK_OK(vmap_space_add_position(s, "JPN", 2019, 1353, 1300.5, at, se, items, &err), &err);
    CHECK_OK(vmap_space_add_position(s, "USA", 0, 0, NAN, at, NULL, NULL, &err), &err);
    s->within = gsl_matrix_alloc(2, 2);
    gsl_matrix_set(s->within, 0, 0, 1.81 * 1.81);
    gsl_matrix_set(s->within, 0, 1, 1.81 * 1.61 * .25);
    gsl_matrix_set(s->within, 1, 0, 1.81 * 1.61 * .25);
    gsl_matrix_set(s->within, 1, 1, 1.61 * 1.61 * 4);
    CHECK_OK(vmap_space_set_affine(s, "none", &err), &err);
    for (size_t i = 0; i < 2; i++) {
        CHECK_NEAR(gsl_vector_get(s->positions[i].at, 0), 1, 1e-15);
        CHECK_NEAR(gsl_vector_get(s->positions[i].at, 1), -1, 1e-15);
    }
    CHECK_NEAR(gsl_vector_get(s->positions[0].se, 0), .1, 1e-15);
    CHECK_NEAR(gsl_vector_get(s->positions[0].se, 1), .01, 1e-15);
    CHECK_NEAR(gsl_vector_get(s->positions[0].items, 3), 2.5, 0);
    CHECK(s->positions[1].se == NULL);
    CHECK_NEAR(gsl_matrix_get(s->within, 0, 0), 1, 1e-15);
    CHECK_NEAR(gsl_matrix_get(s->within, 0, 1), .25, 1e-15);
    CHECK_NEAR(gsl_matrix_get(s->within, 1, 0), .25, 1e-15);
    CHECK_NEAR(gsl_matrix_get(s->within, 1, 1), 4, 1e-15);
    gsl_vector_free(at);
    gsl_vector_free(se);
    gsl_vector_free(items);
    vmap_space_free(s);
}

static void a_round_trip_through_all_conventions_changes_nothing(void)
{
    static const char *const way[] = {"none", "tao2024", "none", "wvs", "tao2024", "wvs"};
    vmap_space *s = official_space();
    vmap_error err;

    for (size_t i = 0; i < sizeof way / sizeof *way; i++)
        CHECK_OK(vmap_space_set_affine(s, way[i], &err), &err);
    for (size_t i = 0; i < 10; i++) {
        CHECK_NEAR(gsl_matrix_get(s->weights, i, 0), official[i].survself, 1e-15);
        CHECK_NEAR(gsl_matrix_get(s->weights, i, 1), official[i].tradrat, 1e-15);
    }
    CHECK_NEAR(gsl_vector_get(s->intercept, 0), official_intercept[0], 1e-14);
    CHECK_NEAR(gsl_vector_get(s->intercept, 1), official_intercept[1], 1e-14);
    vmap_space_free(s);
}

static void conventions_that_do_not_fit_are_refused(void)
{
    vmap_space *s = official_space(), *other = space_new(2, 1, NULL);
    vmap_error err;

    CHECK_FAILS(vmap_space_set_affine(s, "wvs2023", &err), VMAP_ENOENT, &err,
                "it is one of wvs, tao2024, none");
    other->axes[0].name = copy("component1");
    CHECK_FAILS(vmap_space_set_affine(other, "wvs", &err), VMAP_EINVAL, &err,
                "needs the axes survself and tradrat; this space has component1");
    CHECK_OK(vmap_space_set_affine(other, "none", &err), &err);
    CHECK_TEXT(s->affine, "wvs");
    CHECK_NEAR(gsl_matrix_get(s->weights, 0, 0), official[0].survself, 0);
    vmap_space_free(s);
    vmap_space_free(other);
    for (size_t i = 0; i < vmap_affines_count; i++)
        CHECK(vmap_affines[i].help[0] != '\0');
}

static const test_case cases[] = {
    TEST(respondents_lie_where_the_official_projection_puts_them),
    TEST(the_midpoint_of_every_scale_looks_secular),
    TEST(the_shipped_space_is_the_official_projection),
    TEST(conventions_turn_into_one_another),
    TEST(everything_in_map_units_follows),
    TEST(a_round_trip_through_all_conventions_changes_nothing),
    TEST(conventions_that_do_not_fit_are_refused),
};
SUITE(space_inglehart_welzel_suite, cases);
