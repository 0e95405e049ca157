#include <config.h>

#include <math.h>
#include <stdio.h>

#include "core/numeric.h"
#include "support/check.h"
#include "valuemap/factor_rotate.h"
#include "valuemap/factor_scores.h"

#define FILE_OF_VALUES "factor_scores.tsv"

static gsl_matrix *read(const char *quantity)
{
    return read_reference(FILE_OF_VALUES, quantity);
}

static void put(const char *quantity, gsl_matrix *to)
{
    gsl_matrix *m = read(quantity);

    gsl_matrix_memcpy(to, m);
    gsl_matrix_free(m);
}

static gsl_vector *read_vector(const char *quantity)
{
    gsl_matrix *m = read(quantity);
    gsl_vector *v = gsl_vector_alloc(m->size1);

    for (size_t i = 0; i < m->size1; i++)
        gsl_vector_set(v, i, gsl_matrix_get(m, i, 0));
    gsl_matrix_free(m);
    return v;
}

static vmap_factor_solution *extract(const gsl_matrix *r, vmap_extraction method, size_t k)
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

/* The solution of the reference, number by number. */
static vmap_factor_solution *reference_solution(const gsl_matrix *r)
{
    vmap_factor_solution *s = extract(r, VMAP_EXTRACT_ML, 2);
    gsl_vector *psi = read_vector("psi");

    put("pattern", s->pattern);
    put("phi", s->phi);
    numeric_multiply(1, 0, s->pattern, 0, s->phi, s->structure);
    gsl_vector_memcpy(s->uniqueness, psi);
    gsl_vector_free(psi);
    return s;
}

static const char *const names[] = {"Thurstone", "Bartlett", "Anderson", "tenBerge"};

static void weights_are_those_of_psych(void)
{
    gsl_matrix *r = read("r");
    vmap_factor_solution *s = reference_solution(r);

    for (size_t m = 0; m < 4; m++) {
        vmap_score_weights *w = NULL;
        char quantity[64];
        vmap_error err;

        CHECK_OK(vmap_score_weights_new(r, s, (vmap_score_method)m, 0, &w, &err), &err);
        snprintf(quantity, sizeof quantity, "weights_%s", names[m]);
        check_reference(FILE_OF_VALUES, quantity, 22, get_matrix_element, w->weights);
        snprintf(quantity, sizeof quantity, "correlation_%s", names[m]);
        check_reference(FILE_OF_VALUES, quantity, 4, get_matrix_element, w->correlation);
        snprintf(quantity, sizeof quantity, "sd_%s", names[m]);
        check_reference(FILE_OF_VALUES, quantity, 2, get_vector_element, w->sd);
        snprintf(quantity, sizeof quantity, "validity_%s", names[m]);
        check_reference(FILE_OF_VALUES, quantity, 4, get_matrix_element, w->validity);
        check_reference(FILE_OF_VALUES, "least", 2, get_vector_element, w->least);
        vmap_score_weights_free(w);
    }
    vmap_factor_solution_free(s);
    gsl_matrix_free(r);
}

static void incomplete_respondents_get_what_is_expected(void)
{
    gsl_matrix *r = read("r"), *x = read("values");
    gsl_vector *mean = read_vector("mean"), *sd = read_vector("sd");
    vmap_factor_solution *s = reference_solution(r);
    gsl_matrix *scores = gsl_matrix_alloc(32, 2), *error = gsl_matrix_alloc(32, 2);

    for (size_t m = 0; m < 2; m++) {
        vmap_score_weights *w = NULL;
        size_t answered[32];
        char quantity[64];
        vmap_error err;

        CHECK_OK(vmap_score_weights_new(r, s, (vmap_score_method)m, 0, &w, &err), &err);
        CHECK_OK(vmap_factor_scores(x->data, 32, 11, mean, sd, r, s, w, scores->data, error->data,
                                    answered, &err),
                 &err);
        CHECK(answered[0] == 10 && answered[1] == 9 && answered[2] == 11 && answered[8] == 8 &&
              answered[11] == 0);
        CHECK(isnan(gsl_matrix_get(scores, 11, 0)) && isnan(gsl_matrix_get(error, 11, 1)));
        snprintf(quantity, sizeof quantity, "scores_%s", names[m]);
        check_reference(FILE_OF_VALUES, quantity, 64, get_matrix_element, scores);
        check_reference(FILE_OF_VALUES, "error", 64, get_matrix_element, error);
        vmap_score_weights_free(w);
    }
    vmap_factor_solution_free(s);
    gsl_matrix_free(r);
    gsl_matrix_free(x);
    gsl_matrix_free(scores);
    gsl_matrix_free(error);
    gsl_vector_free(mean);
    gsl_vector_free(sd);
}

/* ---- properties ---- */

/* Bartlett: W'P = I. Anderson-Rubin: W'RW = I. Ten Berge: correlations are phi and sd 1. Components
 * are those of the regression on components, of sd 1, and determined by the answers. */
static void every_method_keeps_its_promise(void)
{
    gsl_matrix *r = read("r"), *product = gsl_matrix_alloc(2, 2);
    vmap_factor_solution *s = extract(r, VMAP_EXTRACT_ULS, 2), *c = extract(r, VMAP_EXTRACT_PC, 2);
    vmap_rotate_options o;
    vmap_score_weights *w[VMAP_SCORE_METHODS] = {NULL}, *plain = NULL;
    vmap_error err;

    vmap_rotate_defaults(&o);
    o.method = VMAP_ROTATE_QUARTIMIN;
    CHECK_OK(vmap_factor_rotate_solution(s, &o, NULL, &err), &err);
    CHECK_OK(vmap_factor_rotate_solution(c, &o, NULL, &err), &err);
    for (size_t m = 0; m < VMAP_SCORE_METHODS; m++)
        CHECK_OK(vmap_score_weights_new(r, m == VMAP_SCORE_COMPONENTS ? c : s, (vmap_score_method)m,
                                        .4, &w[m], &err),
                 &err);
    CHECK_OK(vmap_score_weights_new(r, c, VMAP_SCORE_REGRESSION, 0, &plain, &err), &err);
    numeric_multiply(1, 1, w[VMAP_SCORE_BARTLETT]->weights, 0, s->pattern, product);
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < 2; j++) {
            CHECK_NEAR(gsl_matrix_get(product, i, j), i == j, 1e-10);
            CHECK_NEAR(gsl_matrix_get(w[VMAP_SCORE_ANDERSON_RUBIN]->correlation, i, j), i == j,
                       1e-10);
            CHECK_NEAR(gsl_matrix_get(w[VMAP_SCORE_TEN_BERGE]->correlation, i, j),
                       gsl_matrix_get(s->phi, i, j), 1e-10);
            CHECK_NEAR(gsl_matrix_get(w[VMAP_SCORE_COMPONENTS]->correlation, i, j),
                       gsl_matrix_get(c->phi, i, j), 1e-10);
        }
        CHECK_NEAR(gsl_vector_get(w[VMAP_SCORE_TEN_BERGE]->sd, i), 1, 1e-10);
        CHECK_NEAR(gsl_matrix_get(w[VMAP_SCORE_COMPONENTS]->validity, i, i), 1, 1e-10);
        for (size_t m = 1; m < VMAP_SCORE_METHODS;
             m++) { /* no linear scores do better than regression */
            if (m != VMAP_SCORE_COMPONENTS)
                CHECK(gsl_matrix_get(w[m]->validity, i, i) <=
                      gsl_matrix_get(w[VMAP_SCORE_REGRESSION]->validity, i, i) + 1e-12);
        }
    }
    for (size_t i = 0; i < 22; i++)
        CHECK_NEAR(plain->weights->data[i], w[VMAP_SCORE_COMPONENTS]->weights->data[i], 1e-10);
    for (size_t m = 0; m < VMAP_SCORE_METHODS; m++)
        vmap_score_weights_free(w[m]);
    vmap_score_weights_free(plain);
    vmap_factor_solution_free(s);
    vmap_factor_solution_free(c);
    gsl_matrix_free(r);
    gsl_matrix_free(product);
}

/* ---- refusals ---- */

static void scores_that_do_not_exist_are_refused(void)
{
    double data[] = {1, .9, .9, .9, 1, .5, .9, .5, 1};
    gsl_matrix_view r = gsl_matrix_view_array(data, 3, 3);
    vmap_factor_solution *s = extract(&r.matrix, VMAP_EXTRACT_PAF, 1); /* communality 1.62 */
    vmap_score_weights *w = NULL;
    vmap_score_method method;
    vmap_error err;

    CHECK_FAILS(vmap_score_weights_new(&r.matrix, s, VMAP_SCORE_BARTLETT, 0, &w, &err), VMAP_EDATA,
                &err, "uniqueness of item 1");
    CHECK_TEXT(err.column, "1");
    CHECK_FAILS(vmap_score_weights_new(&r.matrix, s, VMAP_SCORE_UNIT, 2, &w, &err), VMAP_EDATA,
                &err, "no item loads");
    data[1] = data[3] = 1;
    data[5] = data[7] = .9;
    CHECK_FAILS(vmap_score_weights_new(&r.matrix, s, VMAP_SCORE_REGRESSION, 0, &w, &err),
                VMAP_ESINGULAR, &err, "not positive definite");
    CHECK(!w);
    for (size_t m = 0; m < VMAP_SCORE_METHODS; m++) {
        CHECK_OK(vmap_score_method_find(vmap_score_methods[m].name, &method, &err), &err);
        CHECK(method == m);
    }
    CHECK_FAILS(vmap_score_method_find("thurstone", &method, &err), VMAP_ENOENT, &err,
                "regression");
    vmap_factor_solution_free(s);
}

static const test_case cases[] = {
    TEST(weights_are_those_of_psych),
    TEST(incomplete_respondents_get_what_is_expected),
    TEST(every_method_keeps_its_promise),
    TEST(scores_that_do_not_exist_are_refused),
};
SUITE(factor_scores_suite, cases);
