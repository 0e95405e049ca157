#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>

#include "support/check.h"
#include "valuemap/factor_bootstrap.h"
#include "valuemap/rng.h"

static size_t *numbers_of(const gsl_matrix *m)
{
    size_t *numbers = calloc(m->size1, sizeof *numbers);

    for (size_t i = 0; i < m->size1; i++)
        numbers[i] = (size_t)gsl_matrix_get(m, i, 0);
    return numbers;
}

/* The attitude data in two strata, whose numbers are 0 and 1. */
static vmap_factor_bootstrap *attitude(size_t replicates, unsigned threads, vmap_alignment alignment)
{
    gsl_matrix *x = read_reference("resample_factor.tsv", "x");
    gsl_matrix *g = read_reference("resample_factor.tsv", "stratum");
    size_t *stratum = numbers_of(g);
    vmap_factor_resample_options options;
    vmap_factor_bootstrap *b = NULL;
    vmap_error err;

    vmap_factor_resample_defaults(&options);
    options.replicates = replicates;
    options.level = .9;
    options.threads = threads;
    options.alignment = alignment;
    CHECK_OK(vmap_factor_bootstrap_new(x->data, 30, 7, NULL, stratum, 2, 2, &options, &b, &err), &err);
    free(stratum);
    gsl_matrix_free(x);
    gsl_matrix_free(g);
    return b;
}

/* ---- known values ---- */

static double get_se(void *v, size_t row, size_t col)
{
    (void)col;
    return ((vmap_interval *)v)[row].se;
}

static double get_low(void *v, size_t row, size_t col)
{
    (void)col;
    return ((vmap_interval *)v)[row].low;
}

static double get_high(void *v, size_t row, size_t col)
{
    (void)col;
    return ((vmap_interval *)v)[row].high;
}

static void errors_and_intervals_are_those_of_a_slow_bootstrap(void)
{
    static const struct {
        const char *name;
        double (*get)(void *, size_t, size_t);
    } what[] = {{"se", get_se}, {"low", get_low}, {"high", get_high}};
    vmap_factor_bootstrap *b = attitude(3000, 0, VMAP_ALIGN_ORTHOGONAL);

    for (size_t i = 0; b && i < sizeof what / sizeof *what; i++) {
        char name[64];

        snprintf(name, sizeof name, "%s_loading", what[i].name);
        check_reference("resample_factor.tsv", name, 14, what[i].get, b->loading);
        snprintf(name, sizeof name, "%s_communality", what[i].name);
        check_reference("resample_factor.tsv", name, 7, what[i].get, b->communality);
        snprintf(name, sizeof name, "%s_eigenvalue", what[i].name);
        check_reference("resample_factor.tsv", name, 7, what[i].get, b->eigenvalue);
    }
    CHECK(b && b->usable == 3000);
    vmap_factor_bootstrap_free(b);
}

static double get_estimate(void *v, size_t row, size_t col)
{
    return ((vmap_interval *)v)[row * 2 + col].estimate;
}

static void the_estimate_is_the_solution_of_all(void)
{
    vmap_factor_bootstrap *b = attitude(64, 0, VMAP_ALIGN_COLUMNS);

    if (b) {
        check_reference("resample_factor.tsv", "loadings", 14, get_estimate, b->loading);
        CHECK_NEAR(b->phi[0].estimate, 1, 0);
        CHECK_NEAR(b->phi[1].estimate, 0, 0);
        CHECK_NEAR(b->phi[1].se, 0, 1e-14);
    }
    vmap_factor_bootstrap_free(b);
}

static void the_jackknife_is_that_of_the_definition(void)
{
    gsl_matrix *x = read_reference("resample_factor.tsv", "x");
    gsl_matrix *target = read_reference("resample_factor.tsv", "loadings");
    gsl_matrix *g = read_reference("resample_factor.tsv", "parts");
    size_t *part = numbers_of(g);
    vmap_factor_resample_options options;
    vmap_factor_jackknife *j = NULL;
    vmap_moments *m = NULL;
    vmap_error err;

    vmap_factor_resample_defaults(&options);
    CHECK_OK(vmap_factor_jackknife_parts(x->data, 30, 7, NULL, part, 5, target, &options, &j, &err), &err);
    if (j) {
        CHECK_COUNT(j->usable, 5);
        check_reference("resample_factor.tsv", "jackknife", 14, get_matrix_element, j->se);
        check_reference("resample_factor.tsv", "jackknife_phi", 5, get_vector_element, j->phi);
        check_reference("resample_factor.tsv", "jackknife_largest", 5, get_vector_element, j->largest);
    }
    vmap_factor_jackknife_free(j);
    j = NULL;
    CHECK_OK(vmap_moments_correlate(x->data, 30, 7, NULL, VMAP_PAIRWISE, &m, &err), &err);
    CHECK_OK(vmap_factor_jackknife_items(m->r, NULL, target, &options, &j, &err), &err);
    if (j)
        check_reference("resample_factor.tsv", "jackknife_items", 14, get_matrix_element, j->se);
    vmap_factor_jackknife_free(j);
    vmap_moments_free(m);
    free(part);
    gsl_matrix_free(x);
    gsl_matrix_free(target);
    gsl_matrix_free(g);
}

/* ---- properties ---- */

static void threads_change_nothing(void)
{
    vmap_factor_bootstrap *one = attitude(200, 1, VMAP_ALIGN_COLUMNS);
    vmap_factor_bootstrap *four = attitude(200, 4, VMAP_ALIGN_COLUMNS);

    for (size_t i = 0; one && four && i < 14; i++) {
        CHECK_NEAR(one->loading[i].se, four->loading[i].se, 0);
        CHECK_NEAR(one->loading[i].bca_low, four->loading[i].bca_low, 0);
    }
    vmap_factor_bootstrap_free(one);
    vmap_factor_bootstrap_free(four);
}

/* Answers of 300 respondents to four items, in two strata: codes, or (spread) codes and a bit. Respondent r is the one
 * of number (r step) mod 300. */
static vmap_factor_bootstrap *simulated(double spread, double weight, size_t step)
{
    enum { N = 300, P = 4 };
    double x[N * P], w[N];
    size_t stratum[N];
    vmap_factor_resample_options options;
    vmap_factor_bootstrap *b = NULL;
    vmap_error err;

    for (size_t r = 0; r < N; r++) {
        size_t number = r * step % N;
        gsl_rng *rng = vmap_rng_new(6, number);
        double z = gsl_ran_ugaussian(rng);

        for (size_t i = 0; i < P; i++) {
            double y = floor(4 + z + gsl_ran_ugaussian(rng)) + spread * gsl_rng_uniform(rng);

            x[r * P + i] = gsl_rng_uniform(rng) < .1 ? NAN : y;
        }
        x[r * P + number % P] = 4 + z > 4; /* somebody answers something */
        w[r] = weight;
        stratum[r] = number % 3 == 0;
        gsl_rng_free(rng);
    }
    vmap_factor_resample_defaults(&options);
    options.replicates = 70;
    CHECK_OK(vmap_factor_bootstrap_new(x, N, P, weight > 0 ? w : NULL, stratum, 2, 2, &options, &b, &err), &err);
    return b;
}

static void check_same(vmap_factor_bootstrap *a, vmap_factor_bootstrap *b)
{
    if (a && b) {
        CHECK_COUNT(a->usable, b->usable);
        for (size_t i = 0; i < a->usable * 8 && i < b->usable * 8; i++)
            CHECK_NEAR(a->replicate[i], b->replicate[i], 0);
    }
    vmap_factor_bootstrap_free(a);
    vmap_factor_bootstrap_free(b);
}

/* Whole answers are summed in whole numbers, with weights in doubles: twice everything is exactly twice as much. */
static void whole_answers_and_doubles_give_the_same(void)
{
    check_same(simulated(0, 0, 1), simulated(0, 2, 1));
}

static void the_order_of_the_file_changes_nothing(void)
{
    for (int weighted = 0; weighted < 2; weighted++) {
        check_same(simulated(0, weighted, 1), simulated(0, weighted, 7));
        check_same(simulated(.5, weighted, 1), simulated(.5, weighted, 7));
    }
}

/* ---- refusals ---- */

static void what_has_no_bootstrap_is_refused(void)
{
    static const double x[] = {1, 2, 3, 2, 1, 3, 3, 3, 3, 4, 1, 3}; /* the last item is constant */
    vmap_factor_resample_options options;
    vmap_factor_bootstrap *b = NULL;
    vmap_error err;

    vmap_factor_resample_defaults(&options);
    CHECK_FAILS(vmap_factor_bootstrap_new(x, 4, 3, NULL, NULL, 0, 3, &options, &b, &err), VMAP_EINVAL, &err,
                "1..2");
    CHECK_FAILS(vmap_factor_bootstrap_new(x, 4, 3, NULL, NULL, 0, 1, &options, &b, &err), VMAP_EDATA, &err,
                "no solution");
    options.alignment = VMAP_ALIGN_OBLIQUE;
    CHECK_FAILS(vmap_factor_bootstrap_new(x, 4, 3, NULL, NULL, 0, 1, &options, &b, &err), VMAP_EINVAL, &err,
                "obliquely");
    CHECK(b == NULL);
}

static const test_case cases[] = {
    TEST(errors_and_intervals_are_those_of_a_slow_bootstrap),
    TEST(the_estimate_is_the_solution_of_all),
    TEST(the_jackknife_is_that_of_the_definition),
    TEST(threads_change_nothing),
    TEST(whole_answers_and_doubles_give_the_same),
    TEST(the_order_of_the_file_changes_nothing),
    TEST(what_has_no_bootstrap_is_refused),
};
SUITE(resample_factor_suite, cases);
