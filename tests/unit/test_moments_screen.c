#include <config.h>

#include <math.h>

#include "support/check.h"
#include "valuemap/moments.h"

/* Seven respondents, five items: the fourth is 10 - 2 x the first, the fifth the constant 3. */
static const double N_A = NAN;

static void items_are_described(void)
{
    double x[] = {1, 2,   5.5, 8, 3, 2, 2, 1, 6, 3, 3, N_A, 2, 4, 3, 1, 2, 2.5, 8, 3,
                  3, 2,   7,   4, 3, 2, 1, 2, 6, 3, 5, 5,   5, 0, 3};
    double w[] = {1, 1, 2, 1, 1, 1, 0};
    vmap_screening *s = NULL;
    vmap_error err;

    CHECK_OK(vmap_moments_screen(x, 7, 5, w, &s, &err), &err);
    if (!s)
        return;
    CHECK_COUNT(s->rows, 6);
    CHECK_COUNT(s->complete, 5);
    CHECK_COUNT(s->empty, 0);
    /* by hand, item 1: values 1 2 3 1 3 2 with weights 1 1 2 1 1 1: mean 15/7, variance
     * (2 + 2 + 3)(...) = sum w x^2 / 7 - (15/7)^2 = 37/7 - 225/49 = 34/49 */
    CHECK_COUNT(s->items[0].n, 6);
    CHECK_NEAR(s->items[0].mean, 15. / 7, 1e-15);
    CHECK_NEAR(s->items[0].sd, sqrt(34.) / 7, 1e-15);
    CHECK_COUNT(s->items[0].values, 3);
    CHECK_NEAR(s->items[0].largest_share, 3. / 7, 1e-15);
    CHECK_NEAR(s->items[0].smallest_share, 2. / 7, 1e-15);
    CHECK_NEAR(s->items[0].least, 1, 0);
    CHECK_NEAR(s->items[0].most, 3, 0);
    CHECK(s->items[0].whole && !s->items[2].whole);
    CHECK_COUNT(s->items[1].missing, 1);
    CHECK_NEAR(s->items[4].sd, 0, 0);
    CHECK(isnan(s->items[4].skew));
    CHECK_COUNT(s->twin[3], 0);
    CHECK_COUNT(s->twin[0], 5);
    CHECK_COUNT(s->twin[4], 5);
    vmap_screening_free(s);
}

/* Moments of 1 1 1 1 5: mean 1.8, m2 = 2.56, m3 = 6.144, m4 = 21.2992 (by hand). */
static void skew_and_kurtosis_by_hand(void)
{
    double x[] = {1, 1, 1, 1, 5};
    vmap_screening *s = NULL;
    vmap_error err;

    CHECK_OK(vmap_moments_screen(x, 5, 1, NULL, &s, &err), &err);
    if (s) {
        CHECK_NEAR(s->items[0].skew, 6.144 / pow(2.56, 1.5), 1e-14);
        CHECK_NEAR(s->items[0].kurtosis, 21.2992 / (2.56 * 2.56) - 3, 1e-14);
    }
    vmap_screening_free(s);
}

static void straight_lines_and_empty_rows_are_counted(void)
{
    double x[] = {3, 3, 3, 3, 3, 1, 2, 3, 4, 5, 4, 4, 4, 4, N_A, N_A, N_A, N_A, N_A, N_A,
                  2, 2, 2, 2, 2, 5, 4, 3, 2, 1};
    vmap_screening *s = NULL;
    vmap_error err;

    CHECK_OK(vmap_moments_screen(x, 6, 5, NULL, &s, &err), &err);
    if (s) {
        CHECK_COUNT(s->straight, 2); /* four answers are too few to tell */
        CHECK_COUNT(s->empty, 1);
        CHECK_COUNT(s->complete, 4);
        CHECK_COUNT(s->twin[4], 5);
    }
    vmap_screening_free(s);
}

/* Reversed items are twins, too; other missing answers or another spacing make none. */
static void twins_are_found_up_to_scale(void)
{
    double x[] = {1, 3, 1, 1, 2, 2, 2, 3, 3, 1, 3, 9, 2, 2, 2, 3, 1, 3, N_A, 1};
    vmap_screening *s = NULL;
    vmap_error err;

    CHECK_OK(vmap_moments_screen(x, 5, 4, NULL, &s, &err), &err);
    if (s) {
        CHECK_COUNT(s->twin[1], 0);
        CHECK_COUNT(s->twin[2], 4);
        CHECK_COUNT(s->twin[3], 4);
    }
    vmap_screening_free(s);
}

static void an_item_without_answers_has_no_moments(void)
{
    double x[] = {1, N_A, 2, N_A}, w[] = {1, -1};
    vmap_screening *s = NULL;
    vmap_error err;

    CHECK_OK(vmap_moments_screen(x, 2, 2, NULL, &s, &err), &err);
    if (s) {
        CHECK_COUNT(s->items[1].n, 0);
        CHECK(isnan(s->items[1].mean) && isnan(s->items[1].sd));
    }
    vmap_screening_free(s);
    s = NULL;
    CHECK_FAILS(vmap_moments_screen(x, 2, 2, w, &s, &err), VMAP_EINVAL, &err, "weight 2 is -1");
    CHECK(s == NULL);
}

static const test_case cases[] = {
    TEST(items_are_described),
    TEST(skew_and_kurtosis_by_hand),
    TEST(straight_lines_and_empty_rows_are_counted),
    TEST(twins_are_found_up_to_scale),
    TEST(an_item_without_answers_has_no_moments),
};
SUITE(moments_screen_suite, cases);
