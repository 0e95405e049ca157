#include <config.h>

#include <math.h>
#include <stdio.h>

#include <gsl/gsl_randist.h>

#include "core/numeric.h"
#include "support/check.h"
#include "valuemap/factor_extract.h"
#include "valuemap/rng.h"

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

static double reproduced(void *context, size_t row, size_t col)
{
    const vmap_factor_solution *s = context;
    double sum = 0;

    for (size_t m = 0; m < s->k; m++)
        sum += gsl_matrix_get(s->unrotated, row, m) * gsl_matrix_get(s->unrotated, col, m);
    return sum;
}

static double get_discrepancy(void *context, size_t row, size_t col)
{
    (void)row;
    (void)col;
    return ((const vmap_factor_solution *)context)->discrepancy;
}

/* ---- known values ---- */

typedef struct {
    const char *name;
    size_t k;
    size_t at_bound; /* items */
} known;

/* The Heywood cases are those that the reference solutions have. */
static const known published[] = {{"harman8", 2, 0},   {"harman8", 3, 1},  {"harman5", 1, 1},
                                  {"harman5", 2, 1},   {"harman74", 1, 0}, {"harman74", 2, 0},
                                  {"harman74", 3, 0},  {"harman74", 4, 0}, {"harman74", 5, 0},
                                  {"thurstone", 3, 0}, {"ability", 1, 0},  {"ability", 2, 0},
                                  {"emmett", 3, 0},    {"attitude", 1, 0}, {"attitude", 2, 0},
                                  {"attitude", 3, 1},  {"swiss", 1, 0},    {"swiss", 2, 1}};

static void check_solution(const known *x, const char *method, vmap_factor_solution *s, size_t p)
{
    char quantity[64];

    snprintf(quantity, sizeof quantity, "%s_%s_%zu_psi", x->name, method, x->k);
    check_reference("factor_extract.tsv", quantity, p, get_vector_element, s->uniqueness);
    snprintf(quantity, sizeof quantity, "%s_%s_%zu_f", x->name, method, x->k);
    check_reference("factor_extract.tsv", quantity, 1, get_discrepancy, s);
    CHECK(s->converged && s->gradient <= 1e-6 && s->optima >= 1 && s->agree >= 1);
}

static void published_maximum_likelihood_solutions_are_reached(void)
{
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        const known *x = &published[i];
        char quantity[64];
        gsl_matrix *r;
        vmap_factor_solution *s;

        snprintf(quantity, sizeof quantity, "%s_r", x->name);
        r = read_reference("factor_extract.tsv", quantity);
        s = extract(r, VMAP_EXTRACT_ML, x->k);
        check_solution(x, "ml", s, r->size1);
        snprintf(quantity, sizeof quantity, "%s_ml_%zu_reproduced", x->name, x->k);
        check_reference("factor_extract.tsv", quantity, r->size1 * r->size1, reproduced, s);
        CHECK_COUNT(s->heywoods, x->at_bound);
        vmap_factor_solution_free(s);
        gsl_matrix_free(r);
    }
}

static void least_squares_solutions_are_reached(void)
{
    static const known uls[] = {{"harman8", 2, 0},  {"harman8", 3, 0},   {"harman74", 4, 0},
                                {"harman74", 5, 0}, {"thurstone", 3, 0}, {"ability", 2, 0},
                                {"emmett", 3, 0}};

    for (size_t i = 0; i < sizeof uls / sizeof *uls; i++) {
        for (int gls = 0; gls < 2; gls++) {
            char quantity[64];
            gsl_matrix *r;
            vmap_factor_solution *s;

            snprintf(quantity, sizeof quantity, "%s_r", uls[i].name);
            r = read_reference("factor_extract.tsv", quantity);
            s = extract(r, gls ? VMAP_EXTRACT_GLS : VMAP_EXTRACT_ULS, uls[i].k);
            check_solution(&uls[i], gls ? "gls" : "uls", s, r->size1);
            vmap_factor_solution_free(s);
            gsl_matrix_free(r);
        }
    }
}

/* Emmett's nine tests, 211 pupils, three factors: what the example of the NAG Library's routine G03CAF prints (manual of
 * mark 26.2), which has its matrix from Lawley & Maxwell (1971), table 4.1. */
static void the_printed_solution_of_emmett_is_met(void)
{
    static const double uniqueness[] = {.450, .427, .617, .212, .381, .177, .400, .462, .231};
    static const double communality[] = {.550, .573, .383, .788, .619, .823, .600, .538, .769};
    static const double size[] = {.664, .689, .493, .837, .705, .819, .661, .458, .766};
    gsl_matrix *r = read_reference("factor_extract.tsv", "emmett_r");
    vmap_factor_solution *s = extract(r, VMAP_EXTRACT_ML, 3);

    for (size_t i = 0; s && i < 9; i++) {
        CHECK_NEAR(gsl_vector_get(s->uniqueness, i), uniqueness[i], 5.1e-4);
        CHECK_NEAR(gsl_vector_get(s->communality, i), communality[i], 5.1e-4);
        CHECK_NEAR(gsl_matrix_get(s->unrotated, i, 0), size[i], 5.1e-4);
    }
    CHECK_NEAR((210 - 23. / 6 - 2) * s->discrepancy, 7.149, 5.1e-4); /* df 12, p .848 */
    CHECK_NEAR(vmap_factor_df(9, 3), 12, 0);
    vmap_factor_solution_free(s);
    gsl_matrix_free(r);
}

/* R prints these digits. */
static void printed_values_are_met(void)
{
    static const double harman74[] = {4.63127527, 3.13998898, 2.21970902, 1.71082147, 1.41709462};
    gsl_matrix *r = read_reference("factor_extract.tsv", "harman74_r");

    for (size_t k = 1; k <= 5; k++) {
        vmap_factor_solution *s = extract(r, VMAP_EXTRACT_ML, k);

        CHECK_NEAR(s->discrepancy, harman74[k - 1], 1e-8);
        vmap_factor_solution_free(s);
    }
    gsl_matrix_free(r);
}

static void principal_axes_are_those_of_psych(void)
{
    gsl_matrix *r = read_reference("factor_extract.tsv", "harman74_r");
    vmap_factor_solution *s = extract(r, VMAP_EXTRACT_PAF, 4);
    vmap_extract_options o;

    check_reference("factor_extract.tsv", "harman74_paf_4_communality", 24, get_vector_element,
                    s->communality);
    CHECK(s->converged);
    vmap_factor_solution_free(s);
    vmap_extract_defaults(&o);
    o.method = VMAP_EXTRACT_PAF;
    o.factors = 4;
    o.sum = true;
    o.tolerance = .001;
    o.iterations = 50;
    CHECK_OK(vmap_factor_extract(r, &o, &s, NULL), NULL);
    check_reference("factor_extract.tsv", "harman74_paf_psych_4_communality", 24,
                    get_vector_element, s->communality);
    vmap_factor_solution_free(s);
    gsl_matrix_free(r);
}

static void pairs_are_weighted_by_their_precision(void)
{
    gsl_matrix *r = read_reference("factor_extract.tsv", "ability_r");
    gsl_matrix *v = read_reference("factor_extract.tsv", "dwls_variance");
    vmap_extract_options o;
    vmap_factor_solution *s = NULL;
    vmap_error err;

    vmap_extract_defaults(&o);
    o.method = VMAP_EXTRACT_DWLS;
    o.factors = 2;
    o.variance = v;
    CHECK_OK(vmap_factor_extract(r, &o, &s, &err), &err);
    check_reference("factor_extract.tsv", "dwls_f", 1, get_discrepancy, s);
    check_reference("factor_extract.tsv", "dwls_communality", 6, get_vector_element,
                    s->communality);
    CHECK(s->converged && s->gradient < 1e-6);
    vmap_factor_solution_free(s);
    gsl_matrix_set_all(v, 2); /* equal weights: least squares */
    CHECK_OK(vmap_factor_extract(r, &o, &s, &err), &err);
    check_reference("factor_extract.tsv", "ability_uls_2_psi", 6, get_vector_element,
                    s->uniqueness);
    vmap_factor_solution_free(s);
    gsl_matrix_free(r);
    gsl_matrix_free(v);
}

/* ---- properties ---- */

/* A correlation matrix with k factors and nothing else. */
static gsl_matrix *perfect(gsl_rng *rng, size_t p, size_t k)
{
    gsl_matrix *l = gsl_matrix_alloc(p, k), *r = gsl_matrix_alloc(p, p);

    for (size_t i = 0; i < p; i++) {
        double h = .2 + .6 * gsl_rng_uniform(rng), size = 0;

        for (size_t m = 0; m < k; m++) {
            gsl_matrix_set(l, i, m, gsl_ran_ugaussian(rng));
            size += pow(gsl_matrix_get(l, i, m), 2);
        }
        for (size_t m = 0; m < k; m++)
            gsl_matrix_set(l, i, m, gsl_matrix_get(l, i, m) * sqrt(h / size));
    }
    numeric_multiply(1, 0, l, 1, l, r);
    for (size_t i = 0; i < p; i++)
        gsl_matrix_set(r, i, i, 1);
    gsl_matrix_free(l);
    return r;
}

/* Every method but components finds a matrix that has the model exactly. */
static void factors_without_error_are_recovered_by_every_method(void)
{
    gsl_rng *rng = vmap_rng_new(81, 0);

    for (size_t method = 1; method < VMAP_EXTRACTIONS; method++) {
        for (size_t k = 1; k <= 3; k++) {
            gsl_matrix *r = perfect(rng, 12, k), *v = gsl_matrix_alloc(12, 12);
            vmap_extract_options o;
            vmap_factor_solution *s = NULL;
            vmap_error err;

            gsl_matrix_set_all(v, 1);
            vmap_extract_defaults(&o);
            o.method = (vmap_extraction)method;
            o.factors = k;
            o.variance = v;
            o.starts = 3;
            CHECK_OK(vmap_factor_extract(r, &o, &s, &err), &err);
            CHECK(s->converged);
            for (size_t i = 0; i < 12; i++) {
                for (size_t j = 0; j < i; j++)
                    CHECK_NEAR(reproduced(s, i, j), gsl_matrix_get(r, i, j), 1e-6);
            }
            vmap_factor_solution_free(s);
            gsl_matrix_free(r);
            gsl_matrix_free(v);
        }
    }
    gsl_rng_free(rng);
}

/* `perfect` with the errors of a sample: half a thousand answers of the same factors to each item. */
static gsl_matrix *sampled(gsl_rng *rng, size_t p, size_t k)
{
    enum { N = 500 };
    gsl_matrix *l = gsl_matrix_alloc(p, k), *x = gsl_matrix_alloc(N, p), *r = gsl_matrix_alloc(p, p);

    for (size_t i = 0; i < p * k; i++)
        l->data[i] = .45 * gsl_ran_ugaussian(rng);
    for (size_t row = 0; row < N; row++) {
        double f[8];

        for (size_t m = 0; m < k; m++)
            f[m] = gsl_ran_ugaussian(rng);
        for (size_t i = 0; i < p; i++) {
            double sum = .7 * gsl_ran_ugaussian(rng);

            for (size_t m = 0; m < k; m++)
                sum += f[m] * gsl_matrix_get(l, i, m);
            gsl_matrix_set(x, row, i, sum);
        }
    }
    numeric_multiply(1. / N, 1, x, 0, x, r);
    numeric_standardise(r);
    gsl_matrix_free(l);
    gsl_matrix_free(x);
    return r;
}

/* The discrepancy from all eigenvalues of the matrix that the uniquenesses give, by its definition. */
static double whole_discrepancy(const gsl_matrix *r, const vmap_factor_solution *s)
{
    size_t p = s->p;
    gsl_matrix *a = gsl_matrix_alloc(p, p);
    gsl_vector *values = gsl_vector_alloc(p);
    double f = 0;
    vmap_error err;

    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < p; j++) {
            double psi = gsl_vector_get(s->uniqueness, i), other = gsl_vector_get(s->uniqueness, j);

            gsl_matrix_set(a, i, j,
                           s->method == VMAP_EXTRACT_ULS ? gsl_matrix_get(r, i, j) - (i == j ? psi : 0)
                                                         : gsl_matrix_get(r, i, j) / sqrt(psi * other));
        }
    }
    CHECK_OK(numeric_eigenvalues(a, values, &err), &err);
    for (size_t i = s->k; i < p; i++) {
        double g = gsl_vector_get(values, i);

        f += s->method == VMAP_EXTRACT_ULS ? g * g / 2 : g - log(g) - 1;
    }
    gsl_matrix_free(a);
    gsl_vector_free(values);
    return f;
}

/* Where eigenvalues are followed from one step to the next: with as many factors as the data have, and more. At the
 * optimum of ML and of ULS, free items have R's diagonal (Joreskog 1967, eq. 22; 1977). */
static void many_items_have_the_discrepancy_of_all_eigenvalues(void)
{
    gsl_rng *rng = vmap_rng_new(82, 0);
    gsl_matrix *r = sampled(rng, 130, 4);

    for (size_t k = 3; k <= 5; k++) {
        for (int uls = 0; uls < 2; uls++) {
            vmap_factor_solution *s = extract(r, uls ? VMAP_EXTRACT_ULS : VMAP_EXTRACT_ML, k);

            CHECK(s->converged && s->heywoods == 0 && s->agree >= 1);
            CHECK_NEAR(s->discrepancy, whole_discrepancy(r, s), 1e-10);
            for (size_t i = 0; i < s->p; i++)
                CHECK_NEAR(gsl_vector_get(s->communality, i) + gsl_vector_get(s->uniqueness, i), 1, 1e-8);
            vmap_factor_solution_free(s);
        }
    }
    gsl_matrix_free(r);
    gsl_rng_free(rng);
}

/* Starts that are left on their way to an optimum that others found hide none of those that R's twelve starts end in, which
 * all go to their end. */
static void several_optima_are_counted(void)
{
    gsl_matrix *r = read_reference("factor_optima.tsv", "r"), *optima = read_reference("factor_optima.tsv", "optima");
    vmap_extract_options o;
    vmap_factor_solution *s = NULL;
    vmap_error err;

    vmap_extract_defaults(&o);
    o.method = VMAP_EXTRACT_ML;
    o.factors = 2;
    o.starts = 30;
    CHECK_OK(vmap_factor_extract(r, &o, &s, &err), &err);
    check_reference("factor_optima.tsv", "f", 1, get_discrepancy, s);
    CHECK((double)s->optima >= gsl_matrix_get(optima, 0, 0));
    CHECK(s->agree > 1 && s->agree < s->starts);
    vmap_factor_solution_free(s);
    gsl_matrix_free(r);
    gsl_matrix_free(optima);
}

static void solutions_are_in_canonical_order_and_sums_agree(void)
{
    gsl_matrix *r = read_reference("factor_extract.tsv", "harman74_r"),
               *v = gsl_matrix_alloc(24, 24);

    gsl_matrix_set_all(v, 1);
    for (size_t method = 0; method < VMAP_EXTRACTIONS; method++) {
        vmap_extract_options o;
        vmap_factor_solution *s = NULL;
        double last = INFINITY, all = 0, communal = 0;

        vmap_extract_defaults(&o);
        o.method = (vmap_extraction)method;
        o.factors = 4;
        o.variance = v;
        o.starts = 2;
        CHECK_OK(vmap_factor_extract(r, &o, &s, NULL), NULL);
        for (size_t m = 0; m < 4; m++) {
            double sum = 0;

            for (size_t i = 0; i < 24; i++)
                sum += gsl_matrix_get(s->unrotated, i, m);
            CHECK(sum > 0);
            CHECK(gsl_vector_get(s->variance, m) <= last);
            last = gsl_vector_get(s->variance, m);
            all += last;
        }
        for (size_t i = 0; i < 24; i++) {
            communal += gsl_vector_get(s->communality, i);
            if (vmap_extractions[method].unique && method != VMAP_EXTRACT_GLS)
                CHECK_NEAR(gsl_vector_get(s->communality, i) + gsl_vector_get(s->uniqueness, i), 1,
                           1e-6);
        }
        CHECK_NEAR(all, communal, 1e-12);
        vmap_factor_solution_free(s);
    }
    gsl_matrix_free(r);
    gsl_matrix_free(v);
}

/* ---- refusals and edges ---- */

static void what_cannot_be_extracted_is_refused(void)
{
    double data[] = {1, .5, .4, .5, 1, .3, .4, .3, 1};
    gsl_matrix_view r = gsl_matrix_view_array(data, 3, 3);
    vmap_factor_solution *s = NULL;
    vmap_extract_options o;
    vmap_error err;

    vmap_extract_defaults(&o);
    o.factors = 3;
    CHECK_FAILS(vmap_factor_extract(&r.matrix, &o, &s, &err), VMAP_EINVAL, &err, "1..2");
    o.factors = 1;
    data[1] = .6;
    CHECK_FAILS(vmap_factor_extract(&r.matrix, &o, &s, &err), VMAP_EDATA, &err, "not symmetric");
    data[1] = .5;
    data[4] = 2;
    CHECK_FAILS(vmap_factor_extract(&r.matrix, &o, &s, &err), VMAP_EDATA, &err, "is 2, not 1");
    data[4] = NAN;
    CHECK_FAILS(vmap_factor_extract(&r.matrix, &o, &s, &err), VMAP_EDATA, &err, "missing");
    data[4] = 1;
    o.method = VMAP_EXTRACT_DWLS;
    CHECK_FAILS(vmap_factor_extract(&r.matrix, &o, &s, &err), VMAP_EINVAL, &err,
                "sampling variances");
    data[1] = data[3] = 1;
    data[5] = data[7] = .4;
    o.method = VMAP_EXTRACT_ML;
    CHECK_FAILS(vmap_factor_extract(&r.matrix, &o, &s, &err), VMAP_ESINGULAR, &err,
                "not positive definite");
    CHECK(!s);
}

static void too_few_iterations_are_a_result_that_says_so(void)
{
    gsl_matrix *r = read_reference("factor_extract.tsv", "harman74_r");
    vmap_factor_solution *s = NULL;
    vmap_extract_options o;

    vmap_extract_defaults(&o);
    o.factors = 4;
    o.iterations = 1;
    o.method = VMAP_EXTRACT_PAF;
    CHECK_OK(vmap_factor_extract(r, &o, &s, NULL), NULL);
    CHECK(!s->converged && s->optima == 0);
    vmap_factor_solution_free(s);
    gsl_matrix_free(r);
}

/* By hand: r12 r13 / r23 = .9 x .9 / .5 = 1.62. */
static void a_communality_above_one_is_named(void)
{
    double data[] = {1, .9, .9, .9, 1, .5, .9, .5, 1};
    gsl_matrix_view r = gsl_matrix_view_array(data, 3, 3);
    vmap_factor_solution *s = extract(&r.matrix, VMAP_EXTRACT_PAF, 1);

    CHECK_NEAR(gsl_vector_get(s->communality, 0), 1.62, 1e-6);
    CHECK(s->heywood[0] == VMAP_HEYWOOD_ULTRA && s->heywoods == 1);
    vmap_factor_solution_free(s);
    s = extract(&r.matrix, VMAP_EXTRACT_ULS, 1);
    CHECK(s->heywood[0] == VMAP_HEYWOOD_ULTRA &&
          s->heywoods == 1); /* the loadings go beyond the bound */
    CHECK_NEAR(gsl_vector_get(s->uniqueness, 0), .005, 1e-12);
    vmap_factor_solution_free(s);
}

static void every_method_is_found_by_its_name(void)
{
    vmap_extraction method;
    vmap_error err;

    for (size_t i = 0; i < VMAP_EXTRACTIONS; i++) {
        CHECK_OK(vmap_extraction_find(vmap_extractions[i].name, &method, &err), &err);
        CHECK(method == i);
    }
    CHECK_OK(vmap_extraction_find("minres", &method, &err), &err);
    CHECK(method == VMAP_EXTRACT_ULS);
    CHECK_FAILS(vmap_extraction_find("alpha", &method, &err), VMAP_ENOENT, &err, "'alpha'");
    CHECK_NEAR(vmap_factor_df(24, 4), 186, 0);
    CHECK_NEAR(vmap_factor_df(5, 3), -2, 0);
}

static const test_case cases[] = {
    TEST(published_maximum_likelihood_solutions_are_reached),
    TEST(least_squares_solutions_are_reached),
    TEST(the_printed_solution_of_emmett_is_met),
    TEST(printed_values_are_met),
    TEST(principal_axes_are_those_of_psych),
    TEST(pairs_are_weighted_by_their_precision),
    TEST(factors_without_error_are_recovered_by_every_method),
    TEST(many_items_have_the_discrepancy_of_all_eigenvalues),
    TEST(several_optima_are_counted),
    TEST(solutions_are_in_canonical_order_and_sums_agree),
    TEST(what_cannot_be_extracted_is_refused),
    TEST(too_few_iterations_are_a_result_that_says_so),
    TEST(a_communality_above_one_is_named),
    TEST(every_method_is_found_by_its_name),
};
SUITE(factor_extract_suite, cases);
