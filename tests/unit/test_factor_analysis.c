#include <config.h>

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>

#include "support/check.h"
#include "valuemap/factor_analysis.h"
#include "valuemap/rng.h"

/* The three steps together; what each of them computes is tested beside its module. */

static vmap_factor_analysis *analyse(const vmap_factor_data *data, const vmap_factor_options *options)
{
    vmap_factor_analysis *a = NULL;
    vmap_error err = {0};

    if (CHECK_OK(vmap_factor_analysis_new(data, options, &a, &err), &err)) {
        CHECK_OK(vmap_factor_analysis_retain(a, data, options, &err), &err);
        CHECK_OK(vmap_factor_analysis_solve(a, options, &err), &err);
    }
    return a;
}

static vmap_factor_options quick(void)
{
    vmap_factor_options o;

    vmap_factor_options_defaults(&o);
    o.parallel.sets = 50;
    return o;
}

/* ---- known values ---- */

/* The 24 tests of Holzinger and Swineford, n = 145 (Harman74.cor of R): what R's factanal and psych print. */
static void harmans_tests_come_out_as_in_r(void)
{
    static const double uniqueness[] = {.4385, .7801, .6435, .6512};       /* factanal(, 4)$uniquenesses */
    static const double phi[] = {.255, .292, .318, .380, .404, .415};      /* psych::fa(, 4, fm = "ml", "oblimin") */
    gsl_matrix *r = read_reference("retention.tsv", "r");
    vmap_factor_data data = {.p = 24, .r = r, .respondents = 145};
    vmap_factor_options o = quick();
    vmap_factor_analysis *a;
    double found[6];
    size_t n = 0;

    o.extract.method = VMAP_EXTRACT_ML;
    o.rotate.method = VMAP_ROTATE_OBLIMIN;
    a = analyse(&data, &o);
    if (a && a->solution) {
        CHECK_NEAR(a->suitability->kmo, .8813335, 5e-8);
        CHECK_NEAR(a->suitability->chi2, 1545.862, 5e-4);
        CHECK_COUNT(a->k, 4); /* the consensus */
        CHECK(!a->chosen && a->solution->converged && a->rotation.converged);
        for (size_t i = 0; i < 4; i++)
            CHECK_NEAR(gsl_vector_get(a->solution->uniqueness, i), uniqueness[i], 5e-4);
        CHECK_NEAR(a->fit->bartlett.chi2, 226.6838, 5e-4);
        for (size_t i = 0; i < 4; i++) {
            for (size_t j = 0; j < i; j++)
                found[n++] = gsl_matrix_get(a->solution->phi, i, j);
        }
        gsl_sort(found, 1, 6);
        for (size_t i = 0; i < 6; i++)
            CHECK_NEAR(found[i], phi[i], 1e-3);
        CHECK_COUNT(a->retention->count[VMAP_CRITERION_CHI2], 5); /* factanal: p .022396 with 4, .128326 with 5 */
    }
    vmap_factor_analysis_free(a);
    gsl_matrix_free(r);
}

/* ---- properties ---- */

enum { ROWS = 60, ITEMS = 6, COPIES = 3 };

/* Answers 1..5 of two factors, some missing, each row `copies` times when expanded. */
static size_t fill(double *values, double *weights, bool expanded)
{
    gsl_rng *rng = vmap_rng_new(7, 1);
    size_t rows = 0;

    for (size_t i = 0; rng && i < ROWS; i++) {
        double row[ITEMS], f[2] = {gsl_rng_uniform(rng) * 4, gsl_rng_uniform(rng) * 4};
        size_t copies = 1 + i % COPIES;

        for (size_t j = 0; j < ITEMS; j++) {
            row[j] = 1 + floor((f[j / 3] + gsl_rng_uniform(rng) * 4) / 2 + .5);
            if (gsl_rng_uniform(rng) < .1)
                row[j] = NAN;
        }
        for (size_t c = 0; c < (expanded ? copies : 1); c++) {
            weights[rows] = expanded ? 1 : (double)copies;
            for (size_t j = 0; j < ITEMS; j++)
                values[rows * ITEMS + j] = row[j];
            rows++;
        }
    }
    if (rng)
        gsl_rng_free(rng);
    return rows;
}

static void a_weight_counts_like_copies(void)
{
    static const vmap_association_type types[] = {VMAP_PEARSON, VMAP_SPEARMAN, VMAP_KENDALL, VMAP_POLYCHORIC};
    static double one[ROWS * ITEMS], many[ROWS * COPIES * ITEMS], w[ROWS], w1[ROWS * COPIES];
    vmap_factor_data a_data = {.p = ITEMS, .values = one, .n = fill(one, w, false), .weights = w};
    vmap_factor_data b_data = {.p = ITEMS, .values = many, .n = fill(many, w1, true)};

    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        vmap_factor_options o = quick();
        vmap_factor_analysis *a, *b;

        o.association.type = types[t];
        o.factors = 2;
        o.rotate.method = VMAP_ROTATE_OBLIMIN;
        o.parallel.sets = 5;
        a = analyse(&a_data, &o);
        b = analyse(&b_data, &o);
        for (size_t i = 0; a && b && a->solution && b->solution && i < ITEMS; i++) {
            for (size_t f = 0; f < 2; f++)
                CHECK_NEAR(gsl_matrix_get(a->solution->pattern, i, f), gsl_matrix_get(b->solution->pattern, i, f), 1e-6);
        }
        if (a && b)
            CHECK(a->n < b->n); /* but not in tests */
        vmap_factor_analysis_free(a);
        vmap_factor_analysis_free(b);
    }
}

static void no_factor_is_an_answer(void)
{
    gsl_matrix *r = gsl_matrix_alloc(6, 6);
    vmap_factor_data data = {.p = 6, .r = r, .respondents = 100};
    vmap_factor_options o = quick();
    vmap_factor_analysis *a;

    gsl_matrix_set_identity(r);
    gsl_matrix_set(r, 0, 1, .05);
    gsl_matrix_set(r, 1, 0, .05);
    a = analyse(&data, &o);
    if (a) {
        CHECK_COUNT(a->k, 0);
        CHECK(!a->solution && !a->fit && !a->scores[0]);
    }
    vmap_factor_analysis_free(a);
    gsl_matrix_free(r);
}

static void it_can_be_solved_again(void)
{
    gsl_matrix *r = read_reference("retention.tsv", "r");
    vmap_factor_data data = {.p = 24, .r = r, .respondents = 145};
    vmap_factor_options o = quick();
    vmap_factor_analysis *a;
    vmap_error err = {0};

    o.factors = 2;
    a = analyse(&data, &o);
    o.factors = 3;
    o.extract.method = VMAP_EXTRACT_PC;
    if (a && CHECK_OK(vmap_factor_analysis_solve(a, &o, &err), &err)) {
        CHECK_COUNT(a->solution->k, 3);
        CHECK(a->solution->method == VMAP_EXTRACT_PC && !a->scores[VMAP_SCORE_BARTLETT]);
        CHECK(*a->refusal[VMAP_SCORE_BARTLETT].message); /* components have no uniquenesses */
    }
    vmap_factor_analysis_free(a);
    gsl_matrix_free(r);
}

/* r12 r13 / r23 = .8 .8 / .5 = 1.28 is the communality of the first item. */
static void a_heywood_case_has_no_scores_that_divide_by_uniquenesses(void)
{
    double r[] = {1, .8, .8, .1, .8, 1, .5, .1, .8, .5, 1, .1, .1, .1, .1, 1};
    gsl_matrix_view m = gsl_matrix_view_array(r, 4, 4);
    vmap_factor_data data = {.p = 4, .r = &m.matrix, .respondents = 100};
    vmap_factor_options o = quick();
    vmap_factor_analysis *a;

    o.factors = 1;
    a = analyse(&data, &o);
    if (a && a->solution) {
        CHECK(a->solution->heywoods == 1 && a->solution->heywood[0] != VMAP_HEYWOOD_NONE);
        CHECK(!a->scores[VMAP_SCORE_BARTLETT] && !a->scores[VMAP_SCORE_ANDERSON_RUBIN] && a->scores[VMAP_SCORE_REGRESSION]);
    }
    vmap_factor_analysis_free(a);
}

/* ---- refusals ---- */

static void what_cannot_be_analysed_is_refused(void)
{
    double bad[] = {1, .9, -.9, .9, 1, .9, -.9, .9, 1}, good[] = {1, .5, .4, .5, 1, .3, .4, .3, 1};
    gsl_matrix_view b = gsl_matrix_view_array(bad, 3, 3), g = gsl_matrix_view_array(good, 3, 3);
    vmap_factor_data data = {.p = 3, .r = &b.matrix, .respondents = 100};
    vmap_factor_options o = quick();
    vmap_factor_analysis *a = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_factor_analysis_new(&data, &o, &a, &err), VMAP_EDATA, &err, "smallest eigenvalue");
    o.smoothing = VMAP_SMOOTH_HIGHAM;
    CHECK_OK(vmap_factor_analysis_new(&data, &o, &a, &err), &err);
    CHECK(a && a->smoothing.change > 0);
    vmap_factor_analysis_free(a);
    a = NULL;
    data.p = 2;
    CHECK_FAILS(vmap_factor_analysis_new(&data, &o, &a, &err), VMAP_EDATA, &err, "2 items; a factor analysis needs at least 3");
    data.p = 1;
    CHECK_FAILS(vmap_factor_analysis_new(&data, &o, &a, &err), VMAP_EDATA, &err, "1 item; ");
    data = (vmap_factor_data){.p = 3, .values = good, .n = 1, .respondents = NAN};
    CHECK_FAILS(vmap_factor_analysis_new(&data, &o, &a, &err), VMAP_EDATA, &err, "1 respondent; correlations need at least 3");
    data = (vmap_factor_data){.p = 3, .r = &b.matrix, .respondents = 100};
    data.r = &g.matrix;
    data.respondents = NAN;
    CHECK_OK(vmap_factor_analysis_new(&data, &o, &a, &err), &err);
    CHECK_OK(vmap_factor_analysis_retain(a, &data, &o, &err), &err);
    CHECK(!a->retention);
    CHECK_FAILS(vmap_factor_analysis_solve(a, &o, &err), VMAP_EINVAL, &err, "how many factors");
    o.factors = 2;
    CHECK_FAILS(vmap_factor_analysis_solve(a, &o, &err), VMAP_EINVAL, &err, "degrees of freedom");
    vmap_factor_analysis_free(a);
    CHECK_COUNT(vmap_factor_most(3), 1);
    CHECK_COUNT(vmap_factor_most(6), 3);
    CHECK_COUNT(vmap_factor_most(9), 5);
}

static const test_case cases[] = {
    TEST(harmans_tests_come_out_as_in_r), TEST(a_weight_counts_like_copies), TEST(no_factor_is_an_answer),
    TEST(it_can_be_solved_again),
    TEST(a_heywood_case_has_no_scores_that_divide_by_uniquenesses),
    TEST(what_cannot_be_analysed_is_refused),
};
SUITE(factor_analysis_suite, cases);
