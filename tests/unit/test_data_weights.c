#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_matrix.h>

#include "support/check.h"
#include "valuemap/weights.h"

/* By hand: sum 10, sum of squares 30: 100 / 30 and 4 * 30 / 100 = 1 + cv^2 = 1 + .2. */
static void effect_is_kish_s(void)
{
    const double w[] = {1, 2, 3, 4};
    vmap_weight_effect e = vmap_weight_effect_of(w, 4);

    CHECK_COUNT(e.n, 4);
    CHECK_NEAR(e.sum, 10, 0);
    CHECK_NEAR(e.effective, 10.0 / 3, 1e-12);
    CHECK_NEAR(e.design, 1.2, 1e-12);
}

static void effect_does_not_depend_on_the_unit_and_zeros_do_not_count(void)
{
    const double w[] = {1, 2, 3, 4, 0}, v[] = {250, 500, 750, 1000};
    vmap_weight_effect e = vmap_weight_effect_of(w, 5), f = vmap_weight_effect_of(v, 4);

    CHECK_COUNT(e.n, 4);
    CHECK_NEAR(e.design, f.design, 1e-12);
    CHECK_NEAR(vmap_weight_effect_of(NULL, 7).effective, 7, 0);
    CHECK_NEAR(vmap_weight_effect_of(NULL, 7).design, 1, 0);
    CHECK(isnan(vmap_weight_effect_of(w, 0).design));
    CHECK_NEAR(vmap_weight_effect_of(w + 4, 1).effective, 0, 0);
}

/* By hand: mean 2, so 5 is cut to 4: 1 of 8 is cut off; then all times 8 / 7. */
static void trimming_cuts_and_keeps_the_sum_of_the_group(void)
{
    double w[] = {1, 1, 1, 5};
    vmap_trimming t;
    vmap_error err;

    CHECK_OK(vmap_weights_adjust(w, 4, NULL, 1, VMAP_WEIGHTS_GIVEN, NULL, 2, &t, &err), &err);
    CHECK_COUNT(t.rows, 1);
    CHECK_NEAR(t.share, .125, 1e-12);
    CHECK_NEAR(w[0], 8.0 / 7, 1e-12);
    CHECK_NEAR(w[3], 32.0 / 7, 1e-12);
}

static const size_t group[] = {0, 0, 0, 1, 1, 2};

/* Groups of 3, 2 and 1 respondents; sums of the weights 6, 10 and 1. */
static void check_sums(vmap_weight_rule rule, const double *population, double a, double b, double c)
{
    double w[] = {1, 2, 3, 4, 6, 1};
    vmap_error err;

    CHECK_OK(vmap_weights_adjust(w, 6, group, 3, rule, population, 0, NULL, &err), &err);
    CHECK_NEAR(w[0] + w[1] + w[2], a, 1e-12);
    CHECK_NEAR(w[3] + w[4], b, 1e-12);
    CHECK_NEAR(w[5], c, 1e-12);
    CHECK_NEAR(w[1] / w[0], 2, 1e-12); /* inside a group nothing changes */
    CHECK_NEAR(w[4] / w[3], 1.5, 1e-12);
}

static void rules_give_each_group_its_sum(void)
{
    const double population[] = {10, 30, 20};

    check_sums(VMAP_WEIGHTS_GIVEN, NULL, 6, 10, 1);
    check_sums(VMAP_WEIGHTS_MEAN_ONE, NULL, 3, 2, 1);
    check_sums(VMAP_WEIGHTS_EQUAL, NULL, 2, 2, 2);
    check_sums(VMAP_WEIGHTS_POPULATION, population, 1, 3, 2);
}

static void respondents_of_no_group_and_groups_without_weight_count_nothing(void)
{
    double w[] = {1, 3, 0, 0, 5};
    const size_t of[] = {0, 0, 1, 1, 2}; /* 2: no group */
    vmap_error err;

    CHECK_OK(vmap_weights_adjust(w, 5, of, 2, VMAP_WEIGHTS_EQUAL, NULL, 0, NULL, &err), &err);
    CHECK_NEAR(w[0], .5, 1e-12);
    CHECK_NEAR(w[1], 1.5, 1e-12);
    CHECK_NEAR(w[2] + w[3] + w[4], 0, 0);
}

/* ---- against R (weights.R) ---- */

static double at(void *context, size_t row, size_t col)
{
    (void)col;
    return ((const double *)context)[row];
}

/* Weights of 60 made-up respondents in four groups, trimmed at `cap`, rescaled by a rule, and what they cost then. */
static void check_rule(vmap_weight_rule rule, double cap, const double *given, const size_t *of, const double *population)
{
    double w[60], cost[2];
    char quantity[64];
    vmap_weight_effect e;
    vmap_error err;

    memcpy(w, given, sizeof w);
    CHECK_OK(vmap_weights_adjust(w, 60, of, 4, rule, population, cap, NULL, &err), &err);
    snprintf(quantity, sizeof quantity, "%s_%g", vmap_weight_rule_name(rule), cap);
    check_reference("weights.tsv", quantity, 60, at, w);
    e = vmap_weight_effect_of(w, 60);
    cost[0] = e.effective;
    cost[1] = e.design;
    snprintf(quantity, sizeof quantity, "kish_%s_%g", vmap_weight_rule_name(rule), cap);
    check_reference("weights.tsv", quantity, 2, at, cost);
}

static void trimming_and_rules_agree_with_r(void)
{
    static const double caps[] = {0, 3, 1.5};
    gsl_matrix *w = read_reference("weights.tsv", "w"), *group_number = read_reference("weights.tsv", "group"),
               *people = read_reference("weights.tsv", "population");
    size_t of[60];

    for (size_t i = 0; i < 60; i++)
        of[i] = (size_t)gsl_matrix_get(group_number, i, 0) - 1;
    for (int rule = VMAP_WEIGHTS_GIVEN; rule <= VMAP_WEIGHTS_POPULATION; rule++) {
        for (size_t k = 0; k < 3; k++)
            check_rule((vmap_weight_rule)rule, caps[k], w->data, of, people->data);
    }
    gsl_matrix_free(w);
    gsl_matrix_free(group_number);
    gsl_matrix_free(people);
}

static void nonsense_is_refused_and_leaves_the_weights(void)
{
    double w[] = {1, 3};
    const double population[] = {0};
    vmap_weight_rule rule;
    vmap_error err;

    CHECK_FAILS(vmap_weights_adjust(w, 2, NULL, 1, VMAP_WEIGHTS_GIVEN, NULL, .5, NULL, &err), VMAP_EINVAL, &err, "1 or more");
    CHECK_FAILS(vmap_weights_adjust(w, 2, NULL, 1, VMAP_WEIGHTS_POPULATION, population, 0, NULL, &err), VMAP_EINVAL,
                &err, "not above 0");
    CHECK_FAILS(vmap_weight_rule_find("equal", &rule, &err), VMAP_ENOENT, &err, "equal-country");
    CHECK_NEAR(w[0], 1, 0);
    for (int i = VMAP_WEIGHTS_GIVEN; i <= VMAP_WEIGHTS_POPULATION; i++) {
        CHECK_OK(vmap_weight_rule_find(vmap_weight_rule_name((vmap_weight_rule)i), &rule, &err), &err);
        CHECK(rule == (vmap_weight_rule)i);
    }
}

static const test_case cases[] = {
    TEST(effect_is_kish_s),
    TEST(effect_does_not_depend_on_the_unit_and_zeros_do_not_count),
    TEST(trimming_cuts_and_keeps_the_sum_of_the_group),
    TEST(rules_give_each_group_its_sum),
    TEST(respondents_of_no_group_and_groups_without_weight_count_nothing),
    TEST(trimming_and_rules_agree_with_r),
    TEST(nonsense_is_refused_and_leaves_the_weights),
};
SUITE(data_weights_suite, cases);
