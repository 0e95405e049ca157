#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_statistics_double.h>

#include "support/check.h"
#include "support/made_up.h"

/* People of four simulated countries: weights, a tenth of the answers missing. */
static vmap_answers *people(size_t respondents, vmap_space **space)
{
    vmap_simulate_options o;
    vmap_simulation *s;
    vmap_sample *sample = NULL;
    vmap_answers *a;
    vmap_error err;

    vmap_simulate_defaults(&o);
    o.countries = 4;
    o.respondents = respondents;
    o.missing = 0.1;
    o.models_count = 0;
    s = made_up_simulation(&o);
    CHECK_OK(vmap_simulation_draw_humans(s, &sample, &err), &err);
    a = sample_answers(s, sample, s->humans, NULL);
    *space = s->space;
    s->space = NULL;
    vmap_simulation_free(s);
    return a;
}

/* Groups with a bootstrap; the projection is freed. */
static vmap_groups *bootstrapped(const vmap_space *space, const vmap_answers *a,
                                 vmap_incomplete rule, size_t replicates, unsigned threads)
{
    vmap_projection *pr = NULL;
    vmap_groups *groups = made_up_groups(space, a, rule, &pr);
    vmap_error err;

    CHECK_OK(vmap_groups_bootstrap(groups, a, pr, rule, replicates, 5, threads, &err), &err);
    vmap_projection_free(pr);
    return groups;
}

static bool same_bytes(const vmap_groups *a, const vmap_groups *b)
{
    bool same = a->count == b->count;

    for (size_t i = 0; same && i < a->count; i++) {
        const gsl_matrix *x = a->group[i].replicates, *y = b->group[i].replicates;

        same = (x == NULL) == (y == NULL) &&
               (!x || (x->size1 == y->size1 &&
                       memcmp(x->data, y->data, x->size1 * x->size2 * sizeof(double)) == 0));
    }
    return same;
}

/* ---- known values ---- */

/* By hand: of two respondents one is drawn (n - 1), so that a replicate is one of the two
 * positions, and the variance is (a - b)^2 / 4, which is the unbiased variance of a mean of two.
 * Positions of (1 1 1 -2) and (10 4 2 2) on the first axis are -1.3 and 1.7 in
 * tests/support/made_up.c. */
static void one_of_two_is_drawn(void)
{
    static const double x[] = {1, 1, 1, -2, 10, 4, 2, 2};
    static const char *const labels[] = {"a", "a"};
    vmap_space *s = made_up_space();
    vmap_answers *a = made_up_answers(2, 4, x, NULL, 1, labels);

    for (int rule = 0; rule < 3; rule++) {
        vmap_groups *groups = bootstrapped(s, a, (vmap_incomplete)rule, 4000, 1);
        const gsl_matrix *r = groups->group[0].replicates;
        size_t low = 0;

        for (size_t i = 0; i < 4000; i++) {
            double at = gsl_matrix_get(r, i, 0);

            CHECK(fabs(at + 1.3) < 1e-14 || fabs(at - 1.7) < 1e-14);
            low += at < 0;
        }
        CHECK_NEAR((double)low / 4000, 0.5, 0.032); /* 4 sd of a share of 4000 */
        CHECK_NEAR(gsl_matrix_get(groups->group[0].boot_cov, 0, 0), 9.0 / 4, 9.0 / 4 * 0.005);
        vmap_groups_free(groups);
    }
    vmap_answers_free(a);
    vmap_space_free(s);
}

/* Linearised and bootstrap standard errors of 400 respondents, of whom a third misses something.
 * 4,000 replicates know a standard deviation to 1 / sqrt(2 x 4000) = 1.1 %; 4 of these and half a
 * percent for the terms of order 1 / n that linearising leaves out. */
static void bootstrap_and_linearised_errors_agree(void)
{
    vmap_space *s = NULL;
    vmap_answers *a = people(400, &s);

    for (int rule = 0; rule < 3; rule++) {
        vmap_groups *groups = bootstrapped(s, a, (vmap_incomplete)rule, 4000, 0);

        for (size_t i = 0; i < groups->count; i++) {
            const vmap_group *g = &groups->group[i];

            for (size_t j = 0; j < 2; j++) {
                double se = gsl_vector_get(g->se, j), sum = 0;

                CHECK_NEAR(sqrt(gsl_matrix_get(g->boot_cov, j, j)) / se, 1, 0.05);
                for (size_t r = 0; r < 4000; r++)
                    sum += gsl_matrix_get(g->replicates, r, j) / 4000;
                CHECK_NEAR(sum, gsl_vector_get(g->mean, j), 4 * se / sqrt(4000) + 0.05 * se);
            }
            for (size_t c = 0; c < 4; c++)
                CHECK_NEAR(g->boot_cov->data[c],
                           gsl_stats_covariance(g->replicates->data + c / 2, 2,
                                                g->replicates->data + c % 2, 2, 4000),
                           1e-12 * fabs(g->boot_cov->data[c]));
        }
        vmap_groups_free(groups);
    }
    vmap_answers_free(a);
    vmap_space_free(s);
}

/* ---- properties ---- */

static void threads_and_the_order_of_rows_change_no_byte(void)
{
    static const unsigned threads[] = {2, 3, 8};
    vmap_space *s = NULL;
    vmap_answers *a = people(60, &s), *b;
    size_t order[240];

    shuffle_order(a->n, order);
    b = reordered_answers(a, order);
    for (int rule = 0; rule < 3; rule++) {
        vmap_groups *one = bootstrapped(s, a, (vmap_incomplete)rule, 100, 1), *other;

        for (size_t t = 0; t < 3; t++) {
            other = bootstrapped(s, a, (vmap_incomplete)rule, 100, threads[t]);
            CHECK(same_bytes(one, other));
            vmap_groups_free(other);
        }
        other = bootstrapped(s, b, (vmap_incomplete)rule, 100, 2);
        CHECK(same_bytes(one, other));
        vmap_groups_free(other);
        vmap_groups_free(one);
    }
    vmap_answers_free(a);
    vmap_answers_free(b);
    vmap_space_free(s);
}

/* The bytes above must not be the same because nothing is drawn at all. */
static void seeds_and_groups_have_streams_of_their_own(void)
{
    static const double x[] = {1, 1, 1, -2, 10, 4, 2, 2, 5, 2, 2, 1,
                               1, 1, 1, -2, 10, 4, 2, 2, 5, 2, 2, 1};
    static const char *const labels[] = {"a", "a", "a", "b", "b", "b"};
    vmap_space *s = made_up_space();
    vmap_answers *a = made_up_answers(6, 4, x, NULL, 1, labels);
    vmap_projection *pr = NULL;
    vmap_groups *one = bootstrapped(s, a, VMAP_INCOMPLETE_MEANS, 50, 1);
    vmap_groups *other = made_up_groups(s, a, VMAP_INCOMPLETE_MEANS, &pr);
    vmap_error err;

    CHECK_OK(vmap_groups_bootstrap(other, a, pr, VMAP_INCOMPLETE_MEANS, 50, 6, 1, &err), &err);
    CHECK(!same_bytes(one, other));
    CHECK_OK(vmap_groups_bootstrap(other, a, pr, VMAP_INCOMPLETE_MEANS, 50, 5, 1, &err), &err);
    CHECK(same_bytes(one, other)); /* a second bootstrap takes the place of the first */
    CHECK(memcmp(one->group[0].replicates->data, one->group[1].replicates->data,
                 100 * sizeof(double)) != 0);
    vmap_groups_free(one);
    vmap_groups_free(other);
    vmap_projection_free(pr);
    vmap_answers_free(a);
    vmap_space_free(s);
}

/* A heavier respondent pulls replicates as much as means: with weights 1 and 3 of two respondents
 * drawn twice out of three, replicates are weighted means of what was drawn. */
static void weights_enter_the_replicates(void)
{
    static const double x[] = {1, 1, 1, -2, 10, 4, 2, 2, 10, 4, 2, 2}, w[] = {1, 3, 3};
    static const char *const labels[] = {"a", "a", "a"};
    vmap_space *s = made_up_space();
    vmap_answers *a = made_up_answers(3, 4, x, w, 1, labels);

    for (int rule = 0; rule < 3; rule++) {
        vmap_groups *groups = bootstrapped(s, a, (vmap_incomplete)rule, 900, 1);
        size_t times[3] = {0};

        for (size_t i = 0; i < 900; i++) {
            double at = gsl_matrix_get(groups->group[0].replicates, i, 0);

            times[0] += fabs(at + 1.3) < 1e-14;                 /* the light one twice: 1/9 */
            times[1] += fabs(at - (3 * 1.7 - 1.3) / 4) < 1e-14; /* one of each: 4/9 */
            times[2] += fabs(at - 1.7) < 1e-14;                 /* heavy ones: 4/9 */
        }
        CHECK_COUNT(times[0] + times[1] + times[2], 900);
        CHECK_NEAR((double)times[0] / 900, 1.0 / 9, 0.042); /* 4 sd */
        CHECK_NEAR((double)times[1] / 900, 4.0 / 9, 0.067);
        vmap_groups_free(groups);
    }
    vmap_answers_free(a);
    vmap_space_free(s);
}

/* ---- refusals ---- */

static void one_replicate_is_refused(void)
{
    static const double x[] = {1, 1, 1, -2, 10, 4, 2, 2};
    static const char *const labels[] = {"a", "a"};
    vmap_space *s = made_up_space();
    vmap_answers *a = made_up_answers(2, 4, x, NULL, 1, labels);
    vmap_projection *pr = NULL;
    vmap_groups *groups = made_up_groups(s, a, VMAP_INCOMPLETE_MEANS, &pr);
    vmap_error err;

    CHECK_FAILS(vmap_groups_bootstrap(groups, a, pr, VMAP_INCOMPLETE_MEANS, 1, 5, 1, &err),
                VMAP_EINVAL, &err, "1 bootstrap replicates; at least 2");
    CHECK(groups->group[0].replicates == NULL);
    vmap_groups_free(groups);
    vmap_projection_free(pr);
    vmap_answers_free(a);
    vmap_space_free(s);
}

/* ---- edges ---- */

static void fewer_than_two_respondents_have_no_replicates(void)
{
    static const double x[] = {1, 1, 1, -2, 10, 4, 2, 2, 5, NAN, NAN, NAN};
    static const double w[] = {1, 0, 1};
    static const char *const labels[] = {"one", "nobody", "few answers"};
    vmap_space *s = made_up_space();
    vmap_answers *a = made_up_answers(3, 4, x, w, 1, labels);

    for (int rule = 0; rule < 3; rule++) {
        vmap_groups *groups = bootstrapped(s, a, (vmap_incomplete)rule, 10, 2);

        CHECK_COUNT(groups->count, 3);
        for (size_t i = 0; i < 3; i++)
            CHECK(groups->group[i].replicates == NULL && groups->group[i].boot_cov == NULL);
        vmap_groups_free(groups);
    }
    vmap_answers_free(a);
    vmap_space_free(s);
}

/* Two of three answered the third item: a replicate may draw nobody who did, and then keeps the
 * group's mean of it (2) instead of a NaN. Positions on the first axis with I3 = 2. */
static void an_item_that_nobody_drawn_answered_keeps_its_mean(void)
{
    static const double x[] = {1, 1, NAN, -2, 1, 1, 3, -2, 1, 1, 1, -2};
    static const char *const labels[] = {"a", "a", "a"};
    vmap_space *s = made_up_space();
    vmap_answers *a = made_up_answers(3, 4, x, NULL, 1, labels);
    vmap_groups *groups = bootstrapped(s, a, VMAP_INCOMPLETE_MEANS, 200, 1);
    size_t kept = 0;

    for (size_t i = 0; i < 200; i++) {
        double at = gsl_matrix_get(groups->group[0].replicates, i, 0);

        CHECK(isfinite(at));
        kept += fabs(at - (-1 + 0.1 + 0.5 - 0.8 - 0.5)) < 1e-14;
    }
    CHECK(kept > 30); /* twice the first (1/9), or one of each of the others (2/9) */
    vmap_groups_free(groups);
    vmap_answers_free(a);
    vmap_space_free(s);
}

static void identical_respondents_give_identical_replicates(void)
{
    static const double x[] = {7, 3, 2, 1, 7, 3, 2, 1, 7, 3, 2, 1};
    static const char *const labels[] = {"a", "a", "a"};
    vmap_space *s = made_up_space();
    vmap_answers *a = made_up_answers(3, 4, x, NULL, 1, labels);

    for (int rule = 0; rule < 3; rule++) {
        vmap_groups *groups = bootstrapped(s, a, (vmap_incomplete)rule, 50, 1);

        for (size_t i = 0; i < 50; i++)
            CHECK_NEAR(gsl_matrix_get(groups->group[0].replicates, i, 0), 0.65, 1e-15);
        CHECK_NEAR(gsl_matrix_get(groups->group[0].boot_cov, 0, 0), 0, 1e-30);
        vmap_groups_free(groups);
    }
    vmap_answers_free(a);
    vmap_space_free(s);
}

static const test_case cases[] = {
    TEST(one_of_two_is_drawn),
    TEST(bootstrap_and_linearised_errors_agree),
    TEST(threads_and_the_order_of_rows_change_no_byte),
    TEST(seeds_and_groups_have_streams_of_their_own),
    TEST(weights_enter_the_replicates),
    TEST(one_replicate_is_refused),
    TEST(fewer_than_two_respondents_have_no_replicates),
    TEST(an_item_that_nobody_drawn_answered_keeps_its_mean),
    TEST(identical_respondents_give_identical_replicates),
};
SUITE(map_bootstrap_suite, cases);
