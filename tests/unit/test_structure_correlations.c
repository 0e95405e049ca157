#include <config.h>

#include <math.h>

#include <gsl/gsl_randist.h>

#include "support/check.h"
#include "valuemap/moments.h"
#include "valuemap/rng.h"
#include "valuemap/structure.h"

static const char FILE_NAME[] = "correlations.tsv";

static double get_number(void *numbers, size_t row, size_t col)
{
    (void)col;
    return ((double *)numbers)[row];
}

static void differences_and_tests_are_those_of_r(void)
{
    gsl_matrix *r1 = read_reference(FILE_NAME, "r1"), *r2 = read_reference(FILE_NAME, "r2");
    vmap_correlations c;
    vmap_error err;
    double two[2];

    CHECK_OK(vmap_structure_correlations(r1, 90, r2, 140, &c, &err), &err);
    check_reference(FILE_NAME, "frobenius", 1, get_number, &c.frobenius);
    check_reference(FILE_NAME, "rms", 1, get_number, &c.rms);
    check_reference(FILE_NAME, "bias", 1, get_number, &c.bias);
    check_reference(FILE_NAME, "largest", 1, get_number, &c.largest);
    check_reference(FILE_NAME, "apart", 1, get_number, &c.apart);
    check_reference(FILE_NAME, "flips", 1, get_number, &c.flips);
    check_reference(FILE_NAME, "r", 1, get_number, &c.r);
    check_reference(FILE_NAME, "rank", 1, get_number, &c.rank);
    check_reference(FILE_NAME, "cmd", 1, get_number, &c.distance);
    two[0] = c.first1, two[1] = c.first2;
    check_reference(FILE_NAME, "first", 2, get_number, two);
    two[0] = c.jennrich, two[1] = c.jennrich_p;
    check_reference(FILE_NAME, "jennrich", 2, get_number, two);
    two[0] = c.steiger, two[1] = c.steiger_p;
    check_reference(FILE_NAME, "steiger", 2, get_number, two);
    gsl_matrix_free(r1);
    gsl_matrix_free(r2);
}

static void the_same_correlations_do_not_differ(void)
{
    gsl_matrix *r = read_reference(FILE_NAME, "r1");
    vmap_correlations c;
    vmap_error err;

    CHECK_OK(vmap_structure_correlations(r, 50, r, 500, &c, &err), &err);
    CHECK_NEAR(c.frobenius + c.rms + c.bias + c.apart + c.flips, 0, 0);
    CHECK_NEAR(c.distance, 0, 1e-15);
    CHECK_NEAR(c.jennrich_p, 1, 0);
    CHECK_NEAR(c.steiger_p, 1, 0);
    CHECK_NEAR(c.r, 1, 1e-15);
    gsl_matrix_free(r);
}

/* Jennrich's statistic of two samples of one population of correlated items is a chi-square: p below
 * .05 in one of twenty. */
static void jennrichs_test_keeps_its_level(void)
{
    enum { N = 200, P = 5, TIMES = 400 };
    gsl_rng *rng = vmap_rng_new(5, 0);
    size_t rejected = 0;

    for (size_t s = 0; s < TIMES; s++) {
        vmap_moments *m[2] = {NULL, NULL};
        vmap_correlations c;

        for (size_t side = 0; side < 2; side++) {
            double x[N * P];

            for (size_t i = 0; i < N; i++) {
                double f = gsl_ran_gaussian(rng, 1);

                for (size_t j = 0; j < P; j++)
                    x[i * P + j] = .9 * f + gsl_ran_gaussian(rng, 1);
            }
            CHECK_OK(vmap_moments_correlate(x, N, P, NULL, VMAP_LISTWISE, m + side, NULL), NULL);
        }
        CHECK_OK(vmap_structure_correlations(m[0]->r, N, m[1]->r, N, &c, NULL), NULL);
        rejected += c.jennrich_p < .05;
        vmap_moments_free(m[0]);
        vmap_moments_free(m[1]);
    }
    CHECK_NEAR((double)rejected / TIMES, .05, .033); /* three standard errors */
    gsl_rng_free(rng);
}

static void singular_and_impossible_correlations_are_said(void)
{
    double ones[] = {1, 1, 1, 1}, some[] = {1, .5, .5, 1}, none[] = {1, NAN, NAN, 1};
    gsl_matrix_view a = gsl_matrix_view_array(ones, 2, 2), b = gsl_matrix_view_array(some, 2, 2);
    /* a + b beside a and b, which do not correlate; their variances are 1 and 1, and 1 and 4 */
    double sum[] = {1, 0, M_SQRT1_2, 0, 1, M_SQRT1_2, M_SQRT1_2, M_SQRT1_2, 1};
    double wide[] = {1, 0, sqrt(.2), 0, 1, sqrt(.8), sqrt(.2), sqrt(.8), 1};
    gsl_matrix_view index = gsl_matrix_view_array(sum, 3, 3), other = gsl_matrix_view_array(wide, 3, 3);
    gsl_matrix_view bad = gsl_matrix_view_array(none, 2, 2), flat = gsl_matrix_view_array(some, 1, 4);
    vmap_correlations c;
    vmap_error err;

    CHECK_OK(vmap_structure_correlations(&a.matrix, 50, &a.matrix, 50, &c, &err), &err);
    CHECK(isnan(c.jennrich) && isnan(c.steiger));
    CHECK_NEAR(c.first1, 1, 1e-15);
    CHECK(isnan(c.r)); /* one pair of items */
    CHECK_OK(vmap_structure_correlations(&index.matrix, 50, &other.matrix, 50, &c, &err), &err);
    CHECK(isnan(c.jennrich) && isnan(c.jennrich_p)); /* their mean has an inverse, neither of them has */
    CHECK_FAILS(vmap_structure_correlations(&b.matrix, 50, &bad.matrix, 50, &c, &err), VMAP_EDATA, &err,
                "correlation 1, 2");
    CHECK_FAILS(vmap_structure_correlations(&b.matrix, 1, &b.matrix, 50, &c, &err), VMAP_EDATA, &err,
                "1 respondents");
    CHECK_FAILS(vmap_structure_correlations(&flat.matrix, 9, &b.matrix, 9, &c, &err), VMAP_EINVAL, &err,
                "same items");
}

/* ---- exchange of respondents ---- */

static void shares_of_exchanges_are_those_of_all(void)
{
    gsl_matrix *x[2] = {read_reference(FILE_NAME, "one"), read_reference(FILE_NAME, "two")};
    gsl_matrix *w[2] = {read_reference(FILE_NAME, "one_weight"), read_reference(FILE_NAME, "two_weight")};
    const vmap_structure_sample one = {x[0]->data, 6, w[0]->data, 6}, two = {x[1]->data, 5, w[1]->data, 5};
    vmap_exchange e, turned;
    vmap_error err;

    CHECK_OK(vmap_structure_exchange(&one, &two, 3, NULL, &e, &err), &err);
    {
        double p[] = {e.frobenius, e.distance, e.first, e.jennrich, e.steiger};

        check_reference(FILE_NAME, "exchange", 5, get_number, p);
    }
    CHECK_OK(vmap_structure_exchange(&two, &one, 3, NULL, &turned, &err), &err);
    CHECK_NEAR(turned.jennrich, e.jennrich, 1e-12); /* the smaller sample is drawn either way */
    for (size_t k = 0; k < 2; k++) {
        gsl_matrix_free(x[k]);
        gsl_matrix_free(w[k]);
    }
}

static void means_and_units_of_answers_are_no_difference(void)
{
    enum { N = 40, P = 3 };
    gsl_rng *rng = vmap_rng_new(12, 0);
    double x[N * P], y[N * P], moved[N * P];
    const vmap_structure_sample a = {x, N, NULL, N}, b = {y, N, NULL, N}, c = {moved, N, NULL, N};
    const vmap_permutation_options o = {99, 3, 2, NULL}, single = {99, 3, 1, NULL};
    vmap_exchange one, two, three;

    for (size_t i = 0; i < N * P; i++) {
        x[i] = gsl_ran_gaussian(rng, 1);
        y[i] = gsl_ran_gaussian(rng, 1);
        moved[i] = 7 + 3 * y[i];
    }
    CHECK_OK(vmap_structure_exchange(&a, &b, P, &o, &one, NULL), NULL);
    CHECK_OK(vmap_structure_exchange(&a, &c, P, &o, &two, NULL), NULL);
    CHECK_OK(vmap_structure_exchange(&a, &b, P, &single, &three, NULL), NULL);
    CHECK_NEAR(one.frobenius, two.frobenius, 1e-12);
    CHECK_NEAR(one.jennrich, three.jennrich, 0);
    gsl_rng_free(rng);
}

/* Two samples of one population whose answers are far from normal: products of a common size. Jennrich's
 * chi-square rejects much more than one of twenty, exchanges do not. */
static void exchanges_keep_their_level_without_normal_answers(void)
{
    enum { N = 60, P = 3, TIMES = 300 };
    gsl_rng *rng = vmap_rng_new(8, 0);
    size_t normal = 0, exchanged = 0;

    for (size_t s = 0; s < TIMES; s++) {
        double x[2][N * P];
        const vmap_structure_sample a = {x[0], N, NULL, N}, b = {x[1], N, NULL, N};
        const vmap_permutation_options o = {99, s, 1, NULL};
        vmap_moments *m[2] = {NULL, NULL};
        vmap_correlations c;
        vmap_exchange e;

        for (size_t side = 0; side < 2; side++) {
            for (size_t i = 0; i < N; i++) {
                double size = exp(gsl_ran_gaussian(rng, 1));

                for (size_t j = 0; j < P; j++)
                    x[side][i * P + j] = size * gsl_ran_gaussian(rng, 1);
            }
            CHECK_OK(vmap_moments_correlate(x[side], N, P, NULL, VMAP_LISTWISE, m + side, NULL), NULL);
        }
        CHECK_OK(vmap_structure_correlations(m[0]->r, N, m[1]->r, N, &c, NULL), NULL);
        CHECK_OK(vmap_structure_exchange(&a, &b, P, &o, &e, NULL), NULL);
        normal += c.jennrich_p < .05;
        exchanged += e.jennrich <= .05;
        vmap_moments_free(m[0]);
        vmap_moments_free(m[1]);
    }
    CHECK((double)normal / TIMES > .2);
    CHECK_NEAR((double)exchanged / TIMES, .05, .038); /* three standard errors */
    gsl_rng_free(rng);
}

static void exchanges_refuse_what_has_no_correlation(void)
{
    double x[] = {1, 2, 2, 2, 3, 2, 4, 2}, y[] = {1, 2, 2, 1, 3, 4, 4, 0}, bad[] = {1, 1, -1, 1};
    const vmap_structure_sample a = {x, 4, NULL, 4}, b = {y, 4, NULL, 4}, c = {y, 4, bad, 4};
    vmap_exchange e;
    vmap_error err;

    CHECK_FAILS(vmap_structure_exchange(&a, &b, 2, NULL, &e, &err), VMAP_EDATA, &err, "");
    CHECK_FAILS(vmap_structure_exchange(&b, &c, 2, NULL, &e, &err), VMAP_EINVAL, &err, "weight");
    CHECK_OK(vmap_structure_exchange(&b, &b, 2, &(vmap_permutation_options){0, 1, 1, NULL}, &e, &err), &err);
    CHECK(isnan(e.frobenius));
}

static const test_case cases[] = {
    TEST(differences_and_tests_are_those_of_r),
    TEST(the_same_correlations_do_not_differ),
    TEST(jennrichs_test_keeps_its_level),
    TEST(singular_and_impossible_correlations_are_said),
    TEST(shares_of_exchanges_are_those_of_all),
    TEST(means_and_units_of_answers_are_no_difference),
    TEST(exchanges_keep_their_level_without_normal_answers),
    TEST(exchanges_refuse_what_has_no_correlation),
};
SUITE(structure_correlations_suite, cases);
