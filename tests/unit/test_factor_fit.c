#include <config.h>

#include <math.h>

#include "core/numeric.h"
#include "factor/factor_internal.h"
#include "support/check.h"
#include "valuemap/factor_fit.h"
#include "valuemap/factor_suitability.h"

static double get_number(void *numbers, size_t row, size_t col)
{
    (void)col;
    return ((const double *)numbers)[row];
}

static void check_numbers(const char *quantity, double *numbers, size_t count)
{
    check_reference("factor_fit.tsv", quantity, count, get_number, numbers);
}

/* ---- suitability ---- */

static void suitability_is_that_of_psych(void)
{
    gsl_matrix *r = read_reference("factor_fit.tsv", "r");
    vmap_suitability *s = NULL;
    vmap_error err;

    CHECK_OK(vmap_suitability_new(r, 145, &s, &err), &err);
    CHECK(s->regular && s->causes == 0);
    check_numbers("kmo", &s->kmo, 1);
    check_numbers("bartlett", (double[]){s->chi2, s->df}, 2);
    check_numbers("log_determinant", &s->log_determinant, 1);
    check_numbers("condition", &s->condition, 1);
    check_reference("factor_fit.tsv", "msa", 24, get_vector_element, s->msa);
    check_reference("factor_fit.tsv", "smc", 24, get_vector_element, s->smc);
    check_reference("factor_fit.tsv", "anti_image", 576, get_matrix_element, s->anti_image);
    CHECK_NEAR(s->kmo, .8813335, 5e-8); /* printed by R's and other programs */
    CHECK_NEAR(s->chi2, 1545.862, 5e-4);
    vmap_suitability_free(s);
    gsl_matrix_free(r);
}

/* q4 = q1 + q2, q5 = q3, q6 has no part in anything. */
static void a_singular_matrix_names_the_items_that_cause_it(void)
{
    double root = sqrt(.5);
    double data[36] = {1,    0,    0, root, 0, 0, 0, 1, 0, root, 0, 0, 0, 0, 1, 0, 1, 0,
                       root, root, 0, 1,    0, 0, 0, 0, 1, 0,    1, 0, 0, 0, 0, 0, 0, 1};
    gsl_matrix_view r = gsl_matrix_view_array(data, 6, 6);
    vmap_suitability *s = NULL;
    vmap_error err;

    CHECK_OK(vmap_suitability_new(&r.matrix, 100, &s, &err), &err);
    CHECK(!s->regular && isnan(s->kmo) && isnan(s->chi2) && isnan(gsl_vector_get(s->msa, 5)));
    CHECK_COUNT(s->causes, 5);
    CHECK(s->cause[0] && s->cause[1] && s->cause[2] && s->cause[3] && s->cause[4] && !s->cause[5]);
    vmap_suitability_free(s);
}

/* By hand: for two items the partial correlation is the correlation itself, and KMO is 1/2. */
static void two_items_have_a_kmo_of_one_half(void)
{
    double data[] = {1, .6, .6, 1};
    gsl_matrix_view r = gsl_matrix_view_array(data, 2, 2);
    vmap_suitability *s = NULL;

    CHECK_OK(vmap_suitability_new(&r.matrix, NAN, &s, NULL), NULL);
    CHECK_NEAR(s->kmo, .5, 1e-14);
    CHECK_NEAR(gsl_vector_get(s->smc, 0), .36, 1e-14);
    CHECK_NEAR(s->condition, 2, 1e-14); /* sqrt(1.6 / .4) */
    CHECK(isnan(s->chi2) && isnan(s->p_value));
    vmap_suitability_free(s);
    CHECK_OK(vmap_suitability_new(&r.matrix, 2, &s, NULL), NULL); /* 2 - 1 - 9/6 < 0: no test */
    CHECK(isnan(s->chi2));
    vmap_suitability_free(s);
}

static void words_are_those_of_kaiser(void)
{
    CHECK_TEXT(vmap_suitability_word(.9), "marvellous");
    CHECK_TEXT(vmap_suitability_word(.89), "meritorious");
    CHECK_TEXT(vmap_suitability_word(.75), "middling");
    CHECK_TEXT(vmap_suitability_word(.65), "mediocre");
    CHECK_TEXT(vmap_suitability_word(.5), "miserable");
    CHECK_TEXT(vmap_suitability_word(.49), "unacceptable");
    CHECK_TEXT(vmap_suitability_word(1), "marvellous");
    CHECK_TEXT(vmap_suitability_word(NAN), "not defined");
}

/* ---- fit ---- */

static vmap_factor_solution *solve(const gsl_matrix *r, vmap_extraction method, size_t k)
{
    vmap_extract_options o;
    vmap_factor_solution *s = NULL;
    vmap_error err;

    vmap_extract_defaults(&o);
    o.method = method;
    o.factors = k;
    CHECK_OK(vmap_factor_extract(r, &o, &s, &err), &err);
    return s;
}

static double get_residual(void *matrix, size_t row, size_t col)
{
    size_t j = 0;

    (void)col;
    while (row >= 23 - j) {
        row -= 23 - j;
        j++;
    }
    return gsl_matrix_get(matrix, j + 1 + row, j);
}

static void put_reference_solution(vmap_factor_solution *s)
{
    gsl_matrix *l = read_reference("factor_fit.tsv", "loadings"),
               *psi = read_reference("factor_fit.tsv", "psi");

    gsl_matrix_memcpy(s->pattern, l);
    gsl_matrix_memcpy(s->structure, l);
    for (size_t i = 0; i < s->p; i++)
        gsl_vector_set(s->uniqueness, i, gsl_matrix_get(psi, i, 0));
    gsl_matrix_free(l);
    gsl_matrix_free(psi);
}

/* The solution is R's, number by number, so that the indices can be compared closely. */
static void indices_are_those_of_factanal_psych_and_lavaan(void)
{
    gsl_matrix *r = read_reference("factor_fit.tsv", "r");
    vmap_factor_solution *s = solve(r, VMAP_EXTRACT_ML, 4);
    vmap_factor_fit *f = NULL;
    vmap_error err;

    put_reference_solution(s);
    CHECK_OK(vmap_factor_fit_new(r, s, 145, &f, &err), &err);
    check_numbers("bartlett_chi2", (double[]){f->bartlett.chi2, f->df}, 2);
    check_numbers("bartlett_p", &f->bartlett.p_value, 1);
    check_numbers("psych", (double[]){f->bic, f->sabic, f->rmsr, f->rmsr_df}, 4);
    check_numbers("plain_chi2", &f->plain.chi2, 1);
    check_numbers(
        "plain", (double[]){f->plain.chi2, f->df, f->plain.p_value, f->plain.null_chi2, f->null_df},
        5);
    check_numbers("plain_indices", (double[]){f->plain.cfi, f->plain.tli}, 2);
    check_numbers("plain_rmsea", (double[]){f->plain.rmsea, f->plain.low, f->plain.high}, 3);
    check_numbers("lavaan_rmsea", (double[]){f->plain.rmsea, f->plain.low, f->plain.high}, 3);
    check_numbers("bartlett_rmsea",
                  (double[]){f->bartlett.rmsea, f->bartlett.low, f->bartlett.high}, 3);
    check_numbers("srmr", &f->srmr, 1);
    check_numbers("caf", &f->caf, 1);
    check_numbers("large", (double[]){(double)f->large}, 1);
    check_reference("factor_fit.tsv", "residual", 276, get_residual, f->residual);
    CHECK_NEAR(f->aic, f->bartlett.chi2 - 372, 1e-12);
    CHECK_NEAR(gsl_matrix_get(f->residual, f->i, f->j), f->largest, 0);
    CHECK_COUNT(f->pairs, 276);
    vmap_factor_fit_free(f);
    vmap_factor_solution_free(s);
    gsl_matrix_free(r);
}

static void what_is_not_defined_is_missing(void)
{
    gsl_matrix *r = read_reference("factor_fit.tsv", "r");
    vmap_factor_solution *s = solve(r, VMAP_EXTRACT_PC, 4);
    vmap_factor_fit *f = NULL;
    double three[] = {1, .5, .4, .5, 1, .3, .4, .3, 1};
    gsl_matrix_view small = gsl_matrix_view_array(three, 3, 3);

    CHECK_OK(vmap_factor_fit_new(r, s, 145, &f, NULL), NULL);
    CHECK(isnan(f->discrepancy) && isnan(f->plain.chi2) && isnan(f->bic) && f->rmsr > 0 &&
          f->caf > 0);
    vmap_factor_fit_free(f);
    vmap_factor_solution_free(s);
    s = solve(r, VMAP_EXTRACT_ML, 4);
    CHECK_OK(vmap_factor_fit_new(r, s, NAN, &f, NULL), NULL); /* n is not known */
    CHECK(f->discrepancy > 0 && isnan(f->plain.chi2) && isnan(f->bartlett.rmsea));
    vmap_factor_fit_free(f);
    vmap_factor_solution_free(s);
    s = solve(&small.matrix, VMAP_EXTRACT_ML, 1);
    CHECK_OK(vmap_factor_fit_new(&small.matrix, s, 100, &f, NULL), NULL); /* nothing left to test */
    CHECK_NEAR(f->df, 0, 0);
    CHECK_NEAR(f->plain.chi2, 0, 1e-9);
    CHECK(isnan(f->plain.p_value) && isnan(f->plain.rmsea) && isnan(f->rmsr_df));
    vmap_factor_fit_free(f);
    vmap_factor_solution_free(s);
    gsl_matrix_free(r);
}

/* uniroot() of R over pchisq(x, df, ncp = lambda) - p, to 1e-9 of x. Large ones must not take seconds. */
static void noncentralities_are_those_of_r(void)
{
    static const double known[][4] = {{226.68, 186, .95, 6.69970793},     {226.68, 186, .05, 82.85582974},
                                      {500000, 435, .95, 497243.0363},    {500000, 435, .05, 501894.3753},
                                      {60000, 44000, .95, 15362.7499},    {44500, 44000, .05, 997.719686},
                                      {3.2, 1, .05, 11.7903448},          {1e6, 1, .95, 996712.9983},
                                      {100, 186, .05, 0}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        CHECK_NEAR(factor_noncentrality(known[i][0], known[i][1], known[i][2]), known[i][3], 1e-9 * known[i][0] + 1e-6);
}

static const test_case cases[] = {
    TEST(noncentralities_are_those_of_r),
    TEST(suitability_is_that_of_psych),
    TEST(a_singular_matrix_names_the_items_that_cause_it),
    TEST(two_items_have_a_kmo_of_one_half),
    TEST(words_are_those_of_kaiser),
    TEST(indices_are_those_of_factanal_psych_and_lavaan),
    TEST(what_is_not_defined_is_missing),
};
SUITE(factor_fit_suite, cases);
