#include <config.h>

#include <math.h>
#include <stdio.h>

#include "support/check.h"
#include "valuemap/mapping_compare.h"

/* Made-up data of mapping_compare.R: 16 nations, 2 predictors, 3 outcomes of people and of a model. */
enum { N = 16, P = 2, K = 3 };

static gsl_matrix *x, *human, *model;

static void begin(void)
{
    x = read_reference("mapping_compare.tsv", "x");
    human = read_reference("mapping_compare.tsv", "human");
    model = read_reference("mapping_compare.tsv", "model");
}

static void end(void)
{
    gsl_matrix_free(x);
    gsl_matrix_free(human);
    gsl_matrix_free(model);
}

static vmap_mapping_comparison *compare(vmap_robust_errors errors, const gsl_matrix *of, size_t permutations)
{
    const vmap_mapping_options o = {.errors = errors, .level = .95};
    vmap_permutation_options permutation;
    vmap_mapping_comparison *c = NULL;

    vmap_permutation_defaults(&permutation);
    permutation.permutations = permutations;
    CHECK_OK(vmap_mapping_compare(x, human, of, &o, &permutation, &c, NULL), NULL);
    return c;
}

static double get_number(void *number, size_t row, size_t col)
{
    (void)col;
    return ((double *)number)[row];
}

static double get_alike(void *comparison, size_t row, size_t col)
{
    const vmap_mapping_comparison *c = comparison;
    const vmap_mapping_likeness *a = col ? &c->outcome_alike[col - 1] : &c->alike;
    const double value[] = {a->angle, a->length,     a->human_r2,    a->model_r2, a->ratio, a->length_low,
                            a->length_high, a->ratio_low, a->ratio_high};

    return value[row];
}

static double get_true(void *comparison, size_t row, size_t col)
{
    const vmap_mapping_comparison *c = comparison;
    const vmap_mapping_likeness *a = col ? &c->outcome_alike[col - 1] : &c->alike;
    const double value[] = {a->angle_true,       a->angle_low,  a->angle_high,     a->length_true,    a->length_true_low,
                            a->length_true_high, a->ratio_true, a->ratio_true_low, a->ratio_true_high};

    return value[row];
}

static void differences_are_those_of_stacked_nations(void)
{
    vmap_mapping_comparison *c;

    begin();
    c = compare(VMAP_ERRORS_CR0, model, 0);
    for (size_t o = 0; o < K; o++) {
        char name[16];

        snprintf(name, sizeof name, "stacked_%zu", o + 1);
        check_reference("mapping_compare.tsv", name, 1, get_number, &c->outcome[o].chi2);
    }
    CHECK(isnan(c->permuted) && isnan(c->alike.angle_p));
    vmap_mapping_comparison_free(c);
    c = compare(VMAP_ERRORS_CR2, model, 0);
    check_reference("mapping_compare.tsv", "wald_all", 1, get_number, &c->all.chi2);
    check_reference("mapping_compare.tsv", "wald_first", 1, get_number, &c->predictor[0].chi2);
    CHECK_COUNT(c->all.df, P * K);
    vmap_mapping_comparison_free(c);
    end();
}

static void likeness_and_its_jackknife_agree_with_r(void)
{
    vmap_mapping_comparison *c;

    begin();
    c = compare(VMAP_ERRORS_CR2, model, 9999);
    check_reference("mapping_compare.tsv", "alike", 9 * (K + 1), get_alike, c);
    check_reference("mapping_compare.tsv", "true_alike", 9 * (K + 1), get_true, c);
    check_reference("mapping_compare.tsv", "angle_p", 1, get_number, &c->alike.angle_p);
    vmap_mapping_comparison_free(c);
    end();
}

static void flips_of_the_differences_are_those_of_r(void)
{
    vmap_mapping_comparison *c;
    double p[K + 1 + P];

    begin();
    c = compare(VMAP_ERRORS_CR2, model, 32767);
    for (size_t o = 0; o < K; o++)
        p[o] = c->outcome_flipped[o];
    p[K] = c->flipped;
    for (size_t j = 0; j < P; j++)
        p[K + 1 + j] = c->predictor_flipped[j];
    check_reference("mapping_compare.tsv", "flipped", K + 1 + P, get_number, p);
    vmap_mapping_comparison_free(c);
    end();
}

/* A model that says what people say, only twice as strongly and somewhat higher. */
static void an_exaggeration_has_the_same_direction(void)
{
    vmap_mapping_comparison *c;
    gsl_matrix *twice;

    begin();
    twice = gsl_matrix_alloc(N, K);
    gsl_matrix_memcpy(twice, human);
    gsl_matrix_scale(twice, 2);
    gsl_matrix_add_constant(twice, .5);
    c = compare(VMAP_ERRORS_CR2, twice, 199);
    CHECK_NEAR(c->alike.angle, 0, 1e-5);
    CHECK_NEAR(c->alike.length, 2, 1e-12);
    CHECK_NEAR(c->alike.ratio, 1, 1e-12);
    CHECK_NEAR(c->outcome_alike[1].length_low, 2, 1e-9);
    vmap_mapping_comparison_free(c);
    gsl_matrix_free(twice);
    end();
}

static void few_nations_leave_the_joint_test_undefined(void)
{
    vmap_mapping_comparison *c = NULL;
    gsl_matrix_view few[3];
    vmap_error err;

    begin();
    few[0] = gsl_matrix_submatrix(x, 0, 0, 7, P);
    few[1] = gsl_matrix_submatrix(human, 0, 0, 7, K);
    few[2] = gsl_matrix_submatrix(model, 0, 0, 7, K);
    CHECK_OK(vmap_mapping_compare(&few[0].matrix, &few[1].matrix, &few[2].matrix, NULL,
                                  &(vmap_permutation_options){.permutations = 99}, &c, NULL), NULL);
    CHECK(isnan(c->all.p) && isfinite(c->outcome[0].chi2) && isfinite(c->permuted));
    vmap_mapping_comparison_free(c);
    c = NULL;
    CHECK_FAILS(vmap_mapping_compare(x, human, &few[2].matrix, NULL, NULL, &c, &err), VMAP_EINVAL, &err,
                "16 x 3 outcomes of people, 7 x 3 of the model");
    CHECK_FAILS(vmap_mapping_compare(x, human, human, NULL, NULL, &c, &err), VMAP_EDATA, &err, "outcome 1 is the same");
    CHECK(!c);
    end();
}

static const test_case cases[] = {
    TEST(differences_are_those_of_stacked_nations),
    TEST(likeness_and_its_jackknife_agree_with_r),
    TEST(flips_of_the_differences_are_those_of_r),
    TEST(an_exaggeration_has_the_same_direction),
    TEST(few_nations_leave_the_joint_test_undefined),
};
SUITE(mapping_compare_suite, cases);
