#include <config.h>
#include "valuemap/likeness.h"

#include <math.h>

#include "support/check.h"

static const double p[] = {.1, .4, .5, 0}, q[] = {.3, .3, .3, .1}, code[] = {1, 2, 3, 4}, uneven[] = {1, 1.5, 2, 5};

static vmap_likeness_item item_of(const double *people, const double *personas, const double *codes, bool ordered)
{
    return (vmap_likeness_item){{4, people, personas, codes, 100, 200, 2, .5}, ordered, 2};
}

/* W1 = .4 steps of 3; Jensen-Shannon distance .2775554354 nat, .3333780532 base 2 (scipy 1.10). Uniform: |F - U| = .15,
 * 0, .25; majority, third point: .1, .5, 0. */
static void scores_of_one_item_by_their_definitions(void)
{
    vmap_likeness_item item = item_of(p, q, code, true);
    vmap_likeness a;
    vmap_error err;

    CHECK_OK(vmap_likeness_find(&item, 1, &a, &err), &err);
    CHECK_NEAR(a.representativeness, 1 - .4 / 3, 1e-12);
    CHECK_NEAR(a.similarity_e, 1 - .2775554354, 1e-10);
    CHECK_NEAR(a.similarity_2, 1 - .3333780532, 1e-10);
    CHECK_NEAR(a.distance, .4 / 3, 1e-12);
    CHECK_NEAR(a.uniform, .4 / 3, 1e-12);
    CHECK_NEAR(a.majority, .6 / 3, 1e-12);
}

/* Positions of the options need not be equally far apart, as in the OpinionQA code: |F - G| = .2, .1, .1 times .5, .5, 3, of
 * a range of 4. */
static void items_count_equally_and_those_without_order_in_the_similarities_only(void)
{
    vmap_likeness_item items[] = {item_of(p, q, code, true), item_of(p, q, uneven, true), item_of(p, p, code, false)};
    vmap_likeness a;
    vmap_error err;

    CHECK_OK(vmap_likeness_find(items, 3, &a, &err), &err);
    CHECK_COUNT(a.items, 3);
    CHECK_COUNT(a.ordered, 2);
    CHECK_NEAR(a.distance, (.4 / 3 + .45 / 4) / 2, 1e-12);
    CHECK_NEAR(a.similarity_2, (2 * (1 - .3333780532) + 1) / 3, 1e-10);
}

static void the_same_people_and_opposite_ones(void)
{
    static const double low[] = {1, 0, 0, 0}, high[] = {0, 0, 0, 1};
    vmap_likeness_item same = item_of(p, p, code, true), opposite = item_of(low, high, code, true);
    vmap_likeness a;
    vmap_error err;

    CHECK_OK(vmap_likeness_find(&same, 1, &a, &err), &err);
    CHECK_NEAR(a.representativeness, 1, 0);
    CHECK_NEAR(a.similarity_e, 1, 0);
    CHECK_OK(vmap_likeness_find(&opposite, 1, &a, &err), &err);
    CHECK_NEAR(a.representativeness, 0, 0);
    CHECK_NEAR(a.similarity_2, 0, 1e-15);
    CHECK_NEAR(a.similarity_e, 1 - sqrt(M_LN2), 1e-15);
}

static void nothing_and_nonsense(void)
{
    vmap_likeness_item item = item_of(p, q, code, true);
    vmap_likeness a;
    vmap_error err;

    CHECK_OK(vmap_likeness_find(NULL, 0, &a, &err), &err);
    CHECK(isnan(a.representativeness) && isnan(a.similarity_e) && isnan(a.majority));
    item.majority = 4;
    CHECK_FAILS(vmap_likeness_find(&item, 1, &a, &err), VMAP_EINVAL, &err, "majority 4");
}

static const test_case cases[] = {
    TEST(scores_of_one_item_by_their_definitions),
    TEST(items_count_equally_and_those_without_order_in_the_similarities_only),
    TEST(the_same_people_and_opposite_ones),
    TEST(nothing_and_nonsense),
};
SUITE(compare_likeness_suite, cases);
