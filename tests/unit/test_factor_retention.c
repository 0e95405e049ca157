#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>

#include "support/check.h"
#include "valuemap/retention.h"
#include "valuemap/rng.h"

enum { MOST = 7 };

/* Everything about the 24 tests of Holzinger and Swineford, with factanal's solutions. */
static vmap_retention *holzinger(size_t sets)
{
    gsl_matrix *r = read_reference("retention.tsv", "r");
    gsl_matrix *chi2 = read_reference("retention.tsv", "chi2"), *df = read_reference("retention.tsv", "df");
    gsl_matrix *loadings[MOST + 1] = {NULL};
    vmap_retention_fit fits[MOST + 1];
    vmap_parallel_options options;
    vmap_retention *t = NULL;
    vmap_error err;

    for (size_t k = 0; k <= MOST; k++) {
        char name[32];

        snprintf(name, sizeof name, "loadings_%zu", k);
        if (k > 0)
            loadings[k] = read_reference("retention.tsv", name);
        fits[k] = (vmap_retention_fit){loadings[k], gsl_matrix_get(chi2, k, 0), gsl_matrix_get(df, k, 0)};
    }
    vmap_parallel_defaults(&options);
    options.sets = sets;
    CHECK_OK(vmap_retention_new(r, 145, NULL, fits, MOST, &options, &t, &err), &err);
    for (size_t k = 1; k <= MOST; k++)
        gsl_matrix_free(loadings[k]);
    gsl_matrix_free(r);
    gsl_matrix_free(chi2);
    gsl_matrix_free(df);
    return t;
}

static double get_hull(void *retention, size_t row, size_t col)
{
    (void)col;
    return (double)((vmap_retention *)retention)->count[VMAP_CRITERION_HULL_CAF + row];
}

/* ---- known values ---- */

static void every_criterion_is_that_of_its_source(void)
{
    vmap_retention *t = holzinger(50);

    if (t) {
        static const double published[] = {.0245, .0216, .0175, .0174, .0208, .0237, .0278, .0301};
        gsl_vector_const_view from_one = gsl_vector_const_subvector(t->map, 1, 8);

        for (size_t m = 0; m < 8; m++) /* printed by psych::vss */
            CHECK_NEAR(gsl_vector_get(t->map, m + 1), published[m], 5e-5);
        check_reference("retention.tsv", "map_psych", 8, get_vector_element, (void *)&from_one.vector);
        check_reference("retention.tsv", "map", 23, get_vector_element, t->map);
        check_reference("retention.tsv", "map4", 23, get_vector_element, t->map4);
        check_reference("retention.tsv", "ekc", 24, get_vector_element, t->ekc);
        check_reference("retention.tsv", "caf", 8, get_vector_element, t->caf);
        check_reference("retention.tsv", "cfi", 8, get_vector_element, t->cfi);
        check_reference("retention.tsv", "rmsea", 8, get_vector_element, t->rmsea);
        check_reference("retention.tsv", "rmsea_low", 8, get_vector_element, t->rmsea_low);
        check_reference("retention.tsv", "p_value", 8, get_vector_element, t->p_value);
        check_reference("retention.tsv", "bic", 8, get_vector_element, t->bic);
        check_reference("retention.tsv", "hull", 3, get_hull, t);
        CHECK_COUNT(t->count[VMAP_CRITERION_KAISER], 5); /* fifth eigenvalue 1.0252 */
        CHECK_COUNT(t->count[VMAP_CRITERION_MAP], 4);
        CHECK_COUNT(t->count[VMAP_CRITERION_CHI2], 5); /* p .022396 with 4, .128326 with 5 */
    }
    vmap_retention_free(t);
}

static double get_map_counts(void *t, size_t row, size_t col)
{
    (void)col;
    return (double)((const vmap_retention *)t)->count[row ? VMAP_CRITERION_MAP4 : VMAP_CRITERION_MAP];
}

/* In this population MAP with fourth powers sees one factor: its answer, not an error of ours. */
static void fourth_powers_see_correlated_factors_as_one(void)
{
    gsl_matrix *r = read_reference("retention_map.tsv", "sample_r");
    vmap_parallel_options o;
    vmap_retention *t = NULL;
    vmap_error err;

    vmap_parallel_defaults(&o);
    o.sets = 10;
    CHECK_OK(vmap_retention_new(r, 500, NULL, NULL, 0, &o, &t, &err), &err);
    if (t) {
        check_reference("retention_map.tsv", "sample_map", 8, get_vector_element, t->map);
        check_reference("retention_map.tsv", "sample_map4", 8, get_vector_element, t->map4);
        check_reference("retention_map.tsv", "sample_least", 2, get_map_counts, t);
    }
    vmap_retention_free(t);
    gsl_matrix_free(r);
}

/* NEST: the program draws correlation matrices; the reference draws people who have factors and unique parts. */
static void check_next_eigenvalue(const vmap_retention *t)
{
    gsl_vector_const_view first = gsl_vector_const_subvector(t->nest, 0, 5);

    check_reference("retention.tsv", "nest", 5, get_vector_element, (void *)&first.vector);
    CHECK_COUNT(t->count[VMAP_CRITERION_NEST], 4); /* nest_count */
    CHECK(isnan(gsl_vector_get(t->nest, 5)));      /* no more are asked after the answer */
}

static void chance_is_that_of_simulated_data(void)
{
    vmap_retention *t = holzinger(2000);

    if (t) {
        const vmap_parallel *x = t->parallel;

        check_reference("retention.tsv", "mean_pc", 24, get_vector_element, x->mean[VMAP_PARALLEL_PC]);
        check_reference("retention.tsv", "mean_smc", 24, get_vector_element, x->mean[VMAP_PARALLEL_SMC]);
        check_reference("retention.tsv", "quantile_pc", 24, get_vector_element,
                        x->quantile[VMAP_PARALLEL_PC]);
        CHECK_COUNT(x->usable[VMAP_PARALLEL_EFA], 2000);
        check_next_eigenvalue(t);
    }
    vmap_retention_free(t);
}

/* By hand, df 10 6 3 1: slopes .1, .0333, .005; ratios 3 and 6.67 give k = 2; a point below the hull is
 * passed over; a straight line has no corner. */
static void the_hull_turns_where_it_must(void)
{
    static const double df[] = {10, 6, 3, 1}, corner[] = {0, .4, .5, .51}, straight[] = {0, .4, .7, .9};
    static const double below[] = {0, .1, .5, .51};

    CHECK_COUNT(vmap_retention_hull(corner, df, 3), 2);
    CHECK_COUNT(vmap_retention_hull(below, df, 3), 2);
    CHECK_COUNT(vmap_retention_hull(straight, df, 3), SIZE_MAX);
    CHECK_COUNT(vmap_retention_hull(corner, df, 1), SIZE_MAX);
}

/* ---- properties ---- */

/* n answers of items with `k` factors of loading l, four categories; x is n x p. */
static double *simulate(size_t n, size_t p, size_t k, double l, gsl_rng *rng)
{
    double *x = calloc(n * p, sizeof *x);

    for (size_t r = 0; r < n; r++) {
        double f[4] = {0};

        for (size_t j = 0; j < k; j++)
            f[j] = gsl_ran_ugaussian(rng);
        for (size_t i = 0; i < p; i++) {
            double z = (k ? l * f[i % k] : 0) + sqrt(1 - (k ? l * l : 0)) * gsl_ran_ugaussian(rng);

            x[r * p + i] = 1 + (z > -1) + (z > .2) + (z > 1);
        }
    }
    return x;
}

static vmap_retention *retain(const double *x, size_t n, size_t p, vmap_parallel_model model,
                              unsigned threads)
{
    vmap_parallel_data data = {x, n, NULL, NULL};
    vmap_parallel_options options;
    vmap_moments *m = NULL;
    vmap_retention *t = NULL;
    vmap_error err;

    vmap_parallel_defaults(&options);
    options.model = model;
    options.sets = 60;
    options.threads = threads;
    CHECK_OK(vmap_moments_correlate(x, n, p, NULL, VMAP_PAIRWISE, &m, &err), &err);
    CHECK_OK(vmap_retention_new(m->r, vmap_moments_test_n(m), &data, NULL, 0, &options, &t, &err), &err);
    vmap_moments_free(m);
    return t;
}

/* Three factors are found, and none in noise: nothing forces an answer of one. */
static void every_model_finds_three_factors_and_none_in_noise(void)
{
    gsl_rng *rng = vmap_rng_new(91, 0);

    for (size_t k = 0; k <= 3; k += 3) {
        double *x = simulate(500, 12, k, .7, rng);

        for (int model = 0; model < 3; model++) {
            vmap_retention *t = retain(x, 500, 12, (vmap_parallel_model)model, 0);

            if (t) {
                CHECK_COUNT(t->count[VMAP_CRITERION_PARALLEL_PC], k);
                CHECK_COUNT(t->count[VMAP_CRITERION_MAP], k);
                CHECK_COUNT(t->count[VMAP_CRITERION_EKC], k);
                CHECK_COUNT(t->consensus, k);
                CHECK(t->clear && t->votes == 3 && t->voters == 3);
                CHECK(t->count[VMAP_CRITERION_HULL_CAF] == SIZE_MAX);
            }
            vmap_retention_free(t);
        }
        free(x);
    }
    gsl_rng_free(rng);
}

static void the_number_of_threads_changes_nothing(void)
{
    gsl_rng *rng = vmap_rng_new(92, 0);
    double *x = simulate(200, 8, 2, .6, rng);

    for (int model = 0; model < 3; model++) {
        vmap_retention *one = retain(x, 200, 8, (vmap_parallel_model)model, 1);
        vmap_retention *four = retain(x, 200, 8, (vmap_parallel_model)model, 4);

        for (size_t kind = 0; one && four && kind < VMAP_PARALLEL_KINDS; kind++) {
            for (size_t i = 0; i < 8; i++)
                CHECK_NEAR(gsl_vector_get(one->parallel->quantile[kind], i),
                           gsl_vector_get(four->parallel->quantile[kind], i), 0);
        }
        vmap_retention_free(one);
        vmap_retention_free(four);
    }
    free(x);
    gsl_rng_free(rng);
}

/* ---- refusals and edges ---- */

static void what_cannot_be_asked_is_refused(void)
{
    gsl_matrix *r = gsl_matrix_calloc(3, 3);
    vmap_parallel_options options;
    vmap_parallel *x = NULL;
    vmap_parallel_model model;
    vmap_error err;

    gsl_matrix_set_identity(r);
    vmap_parallel_defaults(&options);
    CHECK_FAILS(vmap_parallel_new(r, 2, NULL, &options, &x, &err), VMAP_EINVAL, &err, "at least three");
    options.model = VMAP_PARALLEL_ORDINAL;
    CHECK_FAILS(vmap_parallel_new(r, 50, NULL, &options, &x, &err), VMAP_EINVAL, &err, "needs the answers");
    CHECK_FAILS(vmap_parallel_model_find("poisson", &model, &err), VMAP_ENOENT, &err, "permuted");
    options.model = VMAP_PARALLEL_NORMAL;
    gsl_matrix_set(r, 1, 2, NAN);
    CHECK_FAILS(vmap_parallel_new(r, 50, NULL, &options, &x, &err), VMAP_EDATA, &err, "(2, 3)");
    CHECK(x == NULL);
    gsl_matrix_free(r);
}

/* Fewer respondents than items: data are drawn, and the reduced matrix of a singular one is not defined. */
static void fewer_respondents_than_items_are_no_crash(void)
{
    gsl_rng *rng = vmap_rng_new(93, 0);
    double *x = simulate(8, 12, 0, 0, rng);
    vmap_parallel_options options;
    vmap_moments *m = NULL;
    vmap_parallel *t = NULL;
    vmap_error err;

    vmap_parallel_defaults(&options);
    options.sets = 20;
    CHECK_OK(vmap_moments_correlate(x, 8, 12, NULL, VMAP_PAIRWISE, &m, &err), &err);
    CHECK_OK(vmap_parallel_new(m->r, 8, NULL, &options, &t, &err), &err);
    if (t) {
        CHECK_COUNT(t->usable[VMAP_PARALLEL_PC], 20);
        CHECK_COUNT(vmap_parallel_count(t, VMAP_PARALLEL_SMC, false), SIZE_MAX);
    }
    vmap_parallel_free(t);
    vmap_moments_free(m);
    free(x);
    gsl_rng_free(rng);
}

static const test_case cases[] = {
    TEST(every_criterion_is_that_of_its_source),
    TEST(fourth_powers_see_correlated_factors_as_one),
    TEST(chance_is_that_of_simulated_data),
    TEST(the_hull_turns_where_it_must),
    TEST(every_model_finds_three_factors_and_none_in_noise),
    TEST(the_number_of_threads_changes_nothing),
    TEST(what_cannot_be_asked_is_refused),
    TEST(fewer_respondents_than_items_are_no_crash),
};
SUITE(factor_retention_suite, cases);
