#include <config.h>

#include <math.h>

#include <gsl/gsl_randist.h>

#include "support/check.h"
#include "valuemap/collapse.h"
#include "valuemap/rng.h"

static const char FILE_NAME[] = "collapse.tsv";

static double get_number(void *numbers, size_t row, size_t col)
{
    (void)col;
    return ((double *)numbers)[row];
}

static void check_one(const char *quantity, double value)
{
    check_reference(FILE_NAME, quantity, 1, get_number, &value);
}

static void answer_vectors_are_counted_and_rarefied(void)
{
    gsl_matrix *x = read_reference(FILE_NAME, "sheets");
    vmap_vectors v;
    vmap_error err;

    CHECK_OK(vmap_collapse_vectors(x->data, 40, 3, x->tda, NULL, 15, &v, &err), &err);
    check_reference(FILE_NAME, "vectors", 4, get_number,
                    (double[]){(double)v.distinct, v.unique, v.largest, v.repeated});
    check_one("vector_entropy", v.entropy);
    check_one("rarefied", v.rarefied);
    CHECK_OK(vmap_collapse_vectors(x->data, 40, 3, x->tda, NULL, 40, &v, &err), &err);
    CHECK_NEAR(v.rarefied, v.unique, 1e-12); /* all of them drawn */
    CHECK_OK(vmap_collapse_vectors(x->data, 40, 3, x->tda, NULL, 41, &v, &err), &err);
    CHECK(isnan(v.rarefied));
    gsl_matrix_free(x);
}

static void incomplete_sheets_are_left_out_and_counted(void)
{
    const double x[] = {1, 2, 1, NAN, 1, 2, 3, 3}, none[] = {NAN, 1};
    vmap_vectors v;
    vmap_error err;

    CHECK_OK(vmap_collapse_vectors(x, 4, 2, 2, NULL, 1, &v, &err), &err);
    CHECK_COUNT(v.n, 3);
    CHECK_COUNT(v.incomplete, 1);
    CHECK_COUNT(v.distinct, 2);
    CHECK_NEAR(v.rarefied, 1, 1e-12);
    CHECK_OK(vmap_collapse_vectors(x, 1, 2, 2, NULL, 0, &v, &err), &err);
    CHECK_NEAR(v.entropy, 0, 0);
    CHECK_FAILS(vmap_collapse_vectors(none, 1, 2, 2, NULL, 0, &v, &err), VMAP_EDATA, &err, "all of 2 items");
}

static void spread_is_that_over_all_pairs_of_respondents(void)
{
    gsl_matrix *share = read_reference(FILE_NAME, "share"), *code = read_reference(FILE_NAME, "code");
    gsl_matrix *n = read_reference(FILE_NAME, "n_eff");
    vmap_spread s;
    vmap_error err;

    CHECK_OK(vmap_collapse_spread(share->data, code->data, 5, n->data[0], &s, &err), &err);
    check_reference(FILE_NAME, "spread", 5, get_number,
                    (double[]){s.mode, s.entropy, s.unlike, s.distance, s.sd});
    share->data[0] += .1;
    CHECK_FAILS(vmap_collapse_spread(share->data, code->data, 5, 9, &s, &err), VMAP_EINVAL, &err,
                "add up to 1.1");
    gsl_matrix_free(share);
    gsl_matrix_free(code);
    gsl_matrix_free(n);
}

static void one_answer_has_no_spread_and_all_of_them_the_most(void)
{
    const double one[] = {0, 1, 0, 0}, even[] = {.25, .25, .25, .25}, code[] = {1, 2, 3, 4};
    vmap_spread s;
    vmap_error err;

    CHECK_OK(vmap_collapse_spread(one, code, 4, 10, &s, &err), &err);
    CHECK_NEAR(s.mode, 1, 0);
    CHECK_NEAR(s.entropy + s.unlike + s.distance + s.sd, 0, 0);
    CHECK_OK(vmap_collapse_spread(even, code, 4, 1e9, &s, &err), &err);
    CHECK_NEAR(s.entropy, 1, 1e-15);
    CHECK_NEAR(s.unlike, .75, 1e-8);
    CHECK_OK(vmap_collapse_spread(even, code, 4, 1, &s, &err), &err);
    CHECK(isnan(s.unlike) && isnan(s.distance));
}

static void effective_rank_is_that_of_the_eigenvalues(void)
{
    gsl_matrix *a = read_reference(FILE_NAME, "covariance"), *i = gsl_matrix_calloc(4, 4);
    vmap_spectrum s;
    vmap_error err;

    CHECK_OK(vmap_collapse_spectrum(a, &s, &err), &err);
    check_reference(FILE_NAME, "spectrum", 4, get_number,
                    (double[]){s.total, s.first, s.rank, s.participation});
    CHECK_FAILS(vmap_collapse_spectrum(i, &s, &err), VMAP_EDATA, &err, "no variance");
    gsl_matrix_set_identity(i);
    CHECK_OK(vmap_collapse_spectrum(i, &s, &err), &err);
    CHECK_NEAR(s.rank, 4, 1e-12);
    CHECK_NEAR(s.participation, 4, 1e-12);
    gsl_matrix_set_all(i, 1);
    CHECK_OK(vmap_collapse_spectrum(i, &s, &err), &err);
    CHECK_NEAR(s.rank, 1, 1e-6);
    CHECK_NEAR(s.first, 1, 1e-12);
    gsl_matrix_free(a);
    gsl_matrix_free(i);
}

static void coverage_and_density_are_those_of_their_definitions(void)
{
    gsl_matrix *people = read_reference(FILE_NAME, "people");
    gsl_matrix *personas = read_reference(FILE_NAME, "personas");
    vmap_coverage c, threads;
    vmap_error err;

    CHECK_OK(vmap_collapse_coverage(people, personas, NULL, NULL, 3, 1, &c, &err), &err);
    check_reference(FILE_NAME, "coverage", 4, get_number,
                    (double[]){c.coverage, c.density, c.precision, c.recall});
    CHECK_OK(vmap_collapse_coverage(people, personas, NULL, NULL, 3, 7, &threads, &err), &err);
    CHECK_NEAR(threads.coverage, c.coverage, 0);
    CHECK_NEAR(threads.density, c.density, 0);
    CHECK_OK(vmap_collapse_coverage(people, people, NULL, NULL, 1, 1, &c, &err), &err);
    CHECK_NEAR(c.coverage, 1, 0);
    CHECK_FAILS(vmap_collapse_coverage(people, personas, NULL, NULL, 30, 1, &c, &err), VMAP_EINVAL, &err,
                "1 to 29 are possible");
    gsl_matrix_set(personas, 3, 1, NAN);
    CHECK_FAILS(vmap_collapse_coverage(people, personas, NULL, NULL, 3, 1, &c, &err), VMAP_EDATA, &err,
                "row 4, column 2 of personas");
    gsl_matrix_free(people);
    gsl_matrix_free(personas);
}

static void weights_enter_shares_of_sheets_and_of_neighbourhoods(void)
{
    gsl_matrix *people = read_reference(FILE_NAME, "people"), *personas = read_reference(FILE_NAME, "personas");
    gsl_matrix *x = read_reference(FILE_NAME, "sheets"), *w = read_reference(FILE_NAME, "sheet_weight");
    gsl_matrix *h = read_reference(FILE_NAME, "people_weight"), *q = read_reference(FILE_NAME, "persona_weight");
    double bad[30], same[30];
    vmap_coverage c, plain, scaled;
    vmap_vectors v;
    vmap_error err;

    CHECK_OK(vmap_collapse_vectors(x->data, 40, 3, x->tda, w->data, 15, &v, &err), &err);
    check_reference(FILE_NAME, "vectors_weighted", 3, get_number, (double[]){v.largest, v.repeated, v.entropy});
    check_one("rarefied", v.rarefied);
    CHECK_OK(vmap_collapse_coverage(people, personas, h->data, q->data, 3, 1, &c, &err), &err);
    check_reference(FILE_NAME, "coverage_weighted", 4, get_number, (double[]){c.coverage, c.density, c.precision, c.recall});
    for (size_t i = 0; i < 30; i++)
        bad[i] = 1, same[i] = 7;
    CHECK_OK(vmap_collapse_coverage(people, personas, same, NULL, 3, 1, &scaled, &err), &err);
    CHECK_OK(vmap_collapse_coverage(people, personas, NULL, NULL, 3, 1, &plain, &err), &err);
    CHECK_NEAR(scaled.density, plain.density, 1e-12);
    bad[4] = 0;
    CHECK_FAILS(vmap_collapse_coverage(people, personas, bad, NULL, 3, 1, &c, &err), VMAP_EINVAL, &err, "weight 5 is 0");
    bad[4] = -1;
    CHECK_FAILS(vmap_collapse_vectors(x->data, 30, 3, x->tda, bad, 0, &v, &err), VMAP_EINVAL, &err, "weight 5 is -1");
    gsl_matrix_free(people);
    gsl_matrix_free(personas);
    gsl_matrix_free(x);
    gsl_matrix_free(w);
    gsl_matrix_free(h);
    gsl_matrix_free(q);
}

/* Lemma 2 of Naeem et al.: personas that are drawn from the people's distribution. */
static void the_same_distribution_has_the_expected_coverage(void)
{
    gsl_rng *rng = vmap_rng_new(9, 0);
    gsl_matrix *x = gsl_matrix_calloc(80, 2), *y = gsl_matrix_calloc(40, 2);
    vmap_coverage c = {.expected = 0};
    double coverage = 0, density = 0;

    for (size_t s = 0; s < 300; s++) {
        for (size_t i = 0; i < 160; i++)
            x->data[i] = gsl_ran_gaussian(rng, 1);
        for (size_t i = 0; i < 80; i++)
            y->data[i] = gsl_ran_gaussian(rng, 1);
        CHECK_OK(vmap_collapse_coverage(x, y, NULL, NULL, 3, 1, &c, NULL), NULL);
        coverage += c.coverage / 300;
        density += c.density / 300;
    }
    CHECK_NEAR(coverage, c.expected, .012); /* three standard errors or more */
    CHECK_NEAR(density, 1, .03);
    gsl_rng_free(rng);
    gsl_matrix_free(x);
    gsl_matrix_free(y);
}

static const test_case cases[] = {
    TEST(answer_vectors_are_counted_and_rarefied),
    TEST(incomplete_sheets_are_left_out_and_counted),
    TEST(spread_is_that_over_all_pairs_of_respondents),
    TEST(one_answer_has_no_spread_and_all_of_them_the_most),
    TEST(effective_rank_is_that_of_the_eigenvalues),
    TEST(coverage_and_density_are_those_of_their_definitions),
    TEST(weights_enter_shares_of_sheets_and_of_neighbourhoods),
    TEST(the_same_distribution_has_the_expected_coverage),
};
SUITE(compare_collapse_suite, cases);
