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

/* ---- how sure they are ---- */

#define FILE_NAME "likeness.tsv"
enum { MOST = 60, ITEMS = 3 };

/* One side of the made-up answers; 0 is a missing one. */
typedef struct {
    double value[MOST * ITEMS], weight[MOST];
    unsigned char reason[MOST * ITEMS];
    size_t cell[MOST], cluster[MOST];
    vmap_responses *responses;
    vmap_distributions *distributions;
} answers;

static void get_whole(const char *quantity, size_t *to)
{
    gsl_matrix *x = read_reference(FILE_NAME, quantity);

    for (size_t i = 0; i < x->size1; i++)
        to[i] = (size_t)gsl_matrix_get(x, i, 0);
    gsl_matrix_free(x);
}

static void make_side(answers *a, const char *quantity, const char *cell, bool people, const vmap_points *points, const double *factor)
{
    static const size_t item[ITEMS] = {0, 1, 2}, group[2] = {0, 0};
    gsl_matrix *x = read_reference(FILE_NAME, quantity), *w = read_reference(FILE_NAME, "weight");
    vmap_error err;

    for (size_t i = 0; i < x->size1; i++) {
        for (size_t j = 0; j < ITEMS; j++) {
            double v = gsl_matrix_get(x, i, j);

            a->value[i * ITEMS + j] = v > 0 ? v : NAN;
            a->reason[i * ITEMS + j] = v > 0 ? VMAP_PRESENT : VMAP_NO_ANSWER;
        }
        a->weight[i] = people ? gsl_matrix_get(w, i, 0) : 1;
    }
    get_whole(cell, a->cell);
    if (!people)
        get_whole("person", a->cluster);
    CHECK_OK(vmap_responses_new(&(vmap_responses_source){x->size1, ITEMS, a->value, a->reason, a->weight, ITEMS, item, points, 2, a->cell,
                                                        people ? NULL : a->cluster}, &a->responses, &err), &err);
    CHECK_OK(vmap_distributions_new(a->responses, points, group, 1, factor, &a->distributions, &err), &err);
    gsl_matrix_free(x);
    gsl_matrix_free(w);
}

static double get_number(void *numbers, size_t row, size_t col)
{
    (void)col;
    return ((double *)numbers)[row];
}

static void dependence_of_items_is_that_of_respondents(void)
{
    static double five[] = {1, 2, 3, 4, 5};
    const vmap_points points[ITEMS] = {{5, five, true}, {4, five, true}, {3, five, false}};
    const double factor[] = {1, 2};
    const size_t group[] = {0, 0}, column[] = {0, 1, 2};
    answers side[2] = {{.value = {0}}, {.value = {0}}};
    vmap_likeness_item item[ITEMS];
    double found[2];
    vmap_error err;

    make_side(&side[0], "human", "cell", true, points, factor);
    make_side(&side[1], "persona", "persona_cell", false, points, NULL);
    for (size_t j = 0; j < ITEMS; j++) {
        const vmap_distributions *h = side[0].distributions, *m = side[1].distributions;

        item[j] = (vmap_likeness_item){{points[j].count, h->share + h->offset[j], m->share + m->offset[j], five, h->n_eff[j], m->n_eff[j], 2, .5},
                                       points[j].ordered, 0};
    }
    CHECK_OK(vmap_likeness_dependence(&(vmap_likeness_group){side[0].responses, side[1].responses, group, 0, factor}, item, column, ITEMS,
                                      found, &err), &err);
    check_reference(FILE_NAME, "dependence_w1", 1, get_number, &found[0]);
    check_reference(FILE_NAME, "dependence_js", 1, get_number, &found[1]);
    for (size_t k = 0; k < 2; k++) {
        vmap_responses_free(side[k].responses);
        vmap_distributions_free(side[k].distributions);
    }
}

static const double much[2][4] = {{.4, .3, .2, .1}, {.1, .2, .3, .4}}, other[2][4] = {{.1, .2, .3, .4}, {.3, .4, .2, .1}};

static void far_from_zero_intervals_are_those_of_the_delta_method(void)
{
    vmap_likeness_item item[2];
    vmap_likeness_draws o = {2000, .95, 1, 1, {1, 1}};
    vmap_likeness_range r;
    vmap_error err;

    for (size_t j = 0; j < 2; j++)
        item[j] = (vmap_likeness_item){{4, much[j], other[j], code, 4000, 2000, 2, .5}, true, 0};
    for (int twice = 0; twice < 2; twice++) {
        double js[2];

        o.inflation[0] = o.inflation[1] = twice ? 4 : 1;
        CHECK_OK(vmap_likeness_ranges(item, 2, &o, &r, NULL, NULL, &err), &err);
        js[0] = 1 - r.similarity_2[1];
        js[1] = 1 - r.similarity_2[0];
        check_reference(FILE_NAME, twice ? "dependent_w1" : "large_w1", 2, get_number, r.distance);
        check_reference(FILE_NAME, twice ? "dependent_js" : "large_js", 2, get_number, js);
        CHECK_NEAR(r.representativeness[0], 1 - r.distance[1], 1e-15);
        CHECK_NEAR(r.similarity_e[0], 1 - sqrt(M_LN2) * js[1], 1e-15);
    }
}

/* Two samples of one population, as far apart as chance makes them: the true distance may be 0. */
static void alike_is_not_excluded_where_chance_explains_the_distance(void)
{
    static const double one[] = {.25, .25, .25, .25}, two[] = {.3, .22, .26, .22};
    vmap_likeness_item item[] = {{{4, one, two, code, 200, 50, 2, .5}, true, 0}, {{4, one, two, code, 200, 50, 2, .5}, false, 0},
                                 {{4, one, one, code, 200, 50, 2, .5}, true, 0}};
    const vmap_likeness_draws o = {250, .95, 1, 1, {1, 1}};
    vmap_likeness_range r, again;
    double low[3], high[3];
    vmap_error err;

    CHECK_OK(vmap_likeness_ranges(item, 3, &o, &r, low, high, &err), &err);
    CHECK_NEAR(r.distance[0], 0, 0);
    CHECK_NEAR(r.representativeness[1], 1, 0);
    CHECK_NEAR(r.similarity_2[1], 1, 0);
    CHECK(r.distance[1] > 0 && r.distance[1] < .2);
    CHECK_NEAR(low[0], 0, 0);
    CHECK(high[0] > 0 && isnan(low[1]) && isnan(high[1]) && high[2] > 0);
    CHECK_OK(vmap_likeness_ranges(item, 3, &o, &again, NULL, NULL, &err), &err);
    CHECK_NEAR(again.distance[1], r.distance[1], 0);
}

static void nobody_doubts_what_does_not_vary(void)
{
    static const double low[] = {1, 0, 0, 0}, high[] = {0, 0, 0, 1};
    vmap_likeness_item item = item_of(low, high, code, true);
    vmap_likeness_draws o = {19, .95, 1, 1, {1, 1}};
    vmap_likeness_range r;
    vmap_error err;

    CHECK_OK(vmap_likeness_ranges(&item, 1, &o, &r, NULL, NULL, &err), &err);
    CHECK_NEAR(r.distance[1], 1, 0);
    CHECK(r.distance[0] > .5);
    item.ordered = false;
    CHECK_OK(vmap_likeness_ranges(&item, 1, &o, &r, NULL, NULL, &err), &err);
    CHECK(isnan(r.distance[0]) && isnan(r.representativeness[1]) && r.similarity_2[0] < .1);
    o.replicates = 18;
    CHECK_FAILS(vmap_likeness_ranges(&item, 1, &o, &r, NULL, NULL, &err), VMAP_EINVAL, &err, "18 replicates");
    o.replicates = 19;
    o.inflation[1] = NAN;
    CHECK_FAILS(vmap_likeness_ranges(&item, 1, &o, &r, NULL, NULL, &err), VMAP_EINVAL, &err, "inflation");
}

static const test_case cases[] = {
    TEST(scores_of_one_item_by_their_definitions),
    TEST(items_count_equally_and_those_without_order_in_the_similarities_only),
    TEST(the_same_people_and_opposite_ones),
    TEST(nothing_and_nonsense),
    TEST(dependence_of_items_is_that_of_respondents),
    TEST(far_from_zero_intervals_are_those_of_the_delta_method),
    TEST(alike_is_not_excluded_where_chance_explains_the_distance),
    TEST(nobody_doubts_what_does_not_vary),
};
SUITE(compare_likeness_suite, cases);
