#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/sheets.h"
#include "valuemap/reliability.h"

/* ---- known values ---- */

static double get_number(void *number, size_t row, size_t col)
{
    (void)col;
    return ((double *)number)[row];
}

/* Reliability of foundation f over the sheets of a model; only complete sheets on request. */
static vmap_reliability *judge(const sheets *s, const char *model, size_t f, bool complete)
{
    const vmap_foundation *foundation = &s->questionnaire->foundations[f];
    size_t *rows = calloc(s->answers->n, sizeof *rows), n = 0, columns[6], p = s->answers->p;
    gsl_matrix *cov = gsl_matrix_calloc(6, 6);
    vmap_reliability *r = NULL;
    vmap_error err;

    for (size_t i = 0; i < 6; i++)
        columns[i] = (size_t)foundation->items[i] - 1;
    for (size_t i = 0; i < s->answers->n; i++) {
        bool all = true;

        for (size_t k = 0; k < 6; k++)
            all &= !isnan(s->scores->item[i * p + columns[k]]);
        if (strcmp(vmap_table_text(s->answers->groups, 0, i), model) == 0 && (all || !complete))
            rows[n++] = i;
    }
    vmap_reliability_covariance(s->scores->item, p, rows, n, columns, 6, NULL, cov);
    CHECK_OK(vmap_reliability_new(cov, (double)n, .95, &r, &err), &err);
    free(rows);
    gsl_matrix_free(cov);
    return r;
}

static void alpha_omega_and_item_statistics_are_those_of_psych(void)
{
    static const struct {
        size_t f;
        const char *total, *dropped, *rest, *loading, *omega;
    } known[] = {{3, "alpha_4", "if_dropped_4", "item_rest_4", "loading_4", "omega_4"},
                 {4, "alpha_5", "if_dropped_5", "item_rest_5", "loading_5", "omega_5"}};
    sheets s = sheets_of_study();

    for (size_t i = 0; i < 2; i++) {
        vmap_reliability *r = judge(&s, "qwen2.5:72b", known[i].f, false);
        double total[3] = {r->alpha, r->alpha_standard, r->mean_r};

        check_reference("morality.tsv", known[i].total, 3, get_number, total);
        check_reference("morality.tsv", known[i].dropped, 6, get_number, r->if_dropped);
        check_reference("morality.tsv", known[i].rest, 6, get_number, r->item_rest);
        check_reference("morality.tsv", known[i].loading, 6, get_number, r->loading);
        check_reference("morality.tsv", known[i].omega, 1, get_number, &r->omega);
        CHECK(!r->heywood);
        vmap_reliability_free(r);
    }
    sheets_free(&s);
}

static void intervals_are_those_of_psych(void)
{
    sheets s = sheets_of_study();

    for (size_t f = 3; f < 5; f++) {
        vmap_reliability *r = judge(&s, "qwen2.5:72b", f, true);
        double feldt[4] = {r->alpha, r->low, r->high, r->n};

        check_reference("morality.tsv", f == 3 ? "feldt_4" : "feldt_5", 4, get_number, feldt);
        check_reference("morality.tsv", f == 3 ? "ase_4" : "ase_5", 1, get_number, &r->se);
        vmap_reliability_free(r);
    }
    sheets_free(&s);
}

/* ---- properties ---- */

/* Items with equal correlations rho: alpha = omega = p rho / (1 + (p - 1) rho) (Spearman-Brown). */
static void parallel_items_have_the_reliability_of_spearman_and_brown(void)
{
    for (size_t p = 3; p < 8; p++) {
        gsl_matrix *cov = gsl_matrix_calloc(p, p);
        double rho = .3, want = (double)p * rho / (1 + (double)(p - 1) * rho);
        vmap_reliability *r = NULL;
        vmap_error err;

        gsl_matrix_set_all(cov, 4 * rho);
        for (size_t i = 0; i < p; i++)
            gsl_matrix_set(cov, i, i, 4);
        CHECK_OK(vmap_reliability_new(cov, 100, .95, &r, &err), &err);
        CHECK_NEAR(r->alpha, want, 1e-14);
        CHECK_NEAR(r->alpha_standard, want, 1e-14);
        CHECK_NEAR(r->omega, want, 1e-10);
        CHECK_NEAR(r->mean_r, rho, 1e-15);
        CHECK_NEAR(r->loading[0], sqrt(rho), 1e-10);
        vmap_reliability_free(r);
        gsl_matrix_free(cov);
    }
}

/* ---- edges ---- */

static void items_without_variance_are_left_out(void)
{
    static const double c[] = {2, 1, 0, 1, 2, 0, 0, 0, 0};
    gsl_matrix_const_view cov = gsl_matrix_const_view_array(c, 3, 3);
    vmap_reliability *r = NULL;
    vmap_error err;

    CHECK_OK(vmap_reliability_new(&cov.matrix, 20, .95, &r, &err), &err);
    CHECK_COUNT(r->used, 2);
    CHECK_NEAR(r->alpha, 2 * (1 - 4. / 6), 1e-15);
    CHECK(isnan(r->omega));
    CHECK(isnan(r->item_rest[2]));
    CHECK_NEAR(r->item_rest[0], .5, 1e-15);
    vmap_reliability_free(r);
}

/* All 950 sheets of llama3.3:70b answer every question of care with 5. */
static void a_scale_without_variance_has_no_reliability(void)
{
    sheets s = sheets_of_study();
    vmap_reliability *r = judge(&s, "llama3.3:70b", 0, false);

    CHECK_COUNT(r->used, 0);
    CHECK(isnan(r->alpha) && isnan(r->omega) && isnan(r->low) && isnan(r->mean_r));
    vmap_reliability_free(r);
    sheets_free(&s);
}

/* ---- lambdas and omegas ---- */

static void every_coefficient_of_the_attitude_data_is_that_of_psych(void)
{
    gsl_matrix *x = read_reference("reliability.tsv", "attitude"), *cov = gsl_matrix_calloc(7, 7);
    vmap_reliability *r = NULL;
    vmap_error err;

    CHECK_COUNT(vmap_reliability_covariance(x->data, 7, NULL, 30, NULL, 7, NULL, cov), 30);
    CHECK_OK(vmap_reliability_new(cov, 30, .95, &r, &err), &err);
    if (r) {
        double total[3] = {r->alpha, r->alpha_standard, r->mean_r}, feldt[2] = {r->low, r->high};
        double normal[2] = {r->normal_low, r->normal_high};
        double raw[5] = {r->lambda[0], r->lambda[1], r->lambda[2], r->lambda[4], r->lambda[5]};

        CHECK_NEAR(r->alpha, .8431428, 5e-8); /* printed by psych::alpha */
        CHECK(r->lambda4_exact);
        CHECK_NEAR(r->lambda[2], r->alpha, 1e-15);
        check_reference("reliability.tsv", "alpha", 3, get_number, total);
        check_reference("reliability.tsv", "g6", 1, get_number, &r->lambda_standard[5]);
        check_reference("reliability.tsv", "if_dropped", 7, get_number, r->if_dropped);
        check_reference("reliability.tsv", "item_rest", 7, get_number, r->item_rest);
        check_reference("reliability.tsv", "feldt", 2, get_number, feldt);
        check_reference("reliability.tsv", "ase", 1, get_number, &r->se);
        check_reference("reliability.tsv", "normal", 2, get_number, normal);
        check_reference("reliability.tsv", "lambda_standard", 6, get_number, r->lambda_standard);
        check_reference("reliability.tsv", "lambda4", 1, get_number, &r->lambda_standard[3]);
        check_reference("reliability.tsv", "lambda_raw", 5, get_number, raw);
    }
    vmap_reliability_free(r);
    gsl_matrix_free(x);
    gsl_matrix_free(cov);
}

/* A respondent of weight 2 is as two, up to the divisor, which does not change alpha. */
static void weights_count_respondents_twice(void)
{
    gsl_matrix *x = read_reference("reliability.tsv", "attitude");
    gsl_matrix *once = gsl_matrix_calloc(7, 7), *twice = gsl_matrix_calloc(7, 7);
    double weights[30];
    size_t rows[45], n = 0;
    vmap_reliability *a = NULL, *b = NULL;
    vmap_error err;

    for (size_t i = 0; i < 30; i++) {
        weights[i] = 1 + i % 2;
        rows[n++] = i;
        if (i % 2)
            rows[n++] = i;
    }
    vmap_reliability_covariance(x->data, 7, NULL, 30, NULL, 7, weights, once);
    vmap_reliability_covariance(x->data, 7, rows, n, NULL, 7, NULL, twice);
    CHECK_OK(vmap_reliability_new(once, 45, .95, &a, &err), &err);
    CHECK_OK(vmap_reliability_new(twice, 45, .95, &b, &err), &err);
    for (size_t i = 0; a && b && i < 6; i++)
        CHECK_NEAR(a->lambda[i], b->lambda[i], 1e-13);
    vmap_reliability_free(a);
    vmap_reliability_free(b);
    gsl_matrix_free(x);
    gsl_matrix_free(once);
    gsl_matrix_free(twice);
}

/* Two blocks of items that share nothing: the best halves have one half of each block, whatever the
 * search; 22 items are too many for all splits. */
static void the_best_split_is_found_with_many_items(void)
{
    for (size_t p = 20; p <= 24; p += 4) {
        gsl_matrix *cov = gsl_matrix_calloc(p, p);
        double rho = .5, b = (double)p / 2, total = (double)p + 2 * b * (b - 1) * rho;
        vmap_reliability *r = NULL;
        vmap_error err;

        for (size_t i = 0; i < p; i++) {
            for (size_t j = 0; j < p; j++)
                gsl_matrix_set(cov, i, j, i == j ? 1 : i / (p / 2) == j / (p / 2) ? rho : 0);
        }
        CHECK_OK(vmap_reliability_new(cov, 100, .9, &r, &err), &err);
        if (r) {
            CHECK_NEAR(r->lambda[3], 4 * 2 * (b / 2) * (b / 2) * rho / total, 1e-12);
            CHECK(r->lambda4_exact == (p <= 20));
        }
        vmap_reliability_free(r);
        gsl_matrix_free(cov);
    }
}

static void omegas_are_those_of_psych(void)
{
    static const char *const names[] = {"attitude", "thurstone"};

    for (size_t i = 0; i < 2; i++) {
        char name[64];
        gsl_matrix *r, *pattern, *phi;
        vmap_omega *o = NULL;
        vmap_error err;

        snprintf(name, sizeof name, "%s_r", names[i]);
        r = read_reference("reliability.tsv", name);
        snprintf(name, sizeof name, "%s_pattern", names[i]);
        pattern = read_reference("reliability.tsv", name);
        snprintf(name, sizeof name, "%s_phi", names[i]);
        phi = read_reference("reliability.tsv", name);
        CHECK_OK(vmap_omega_new(r, pattern, phi, &o, &err), &err);
        if (o) {
            double found[2] = {o->hierarchical, o->total};

            snprintf(name, sizeof name, "%s_omega", names[i]);
            check_reference("reliability.tsv", name, 2, get_number, found);
            snprintf(name, sizeof name, "%s_general", names[i]);
            check_reference("reliability.tsv", name, r->size1, get_number, o->general->data);
            if (i == 0) {
                CHECK_NEAR(o->hierarchical, .4415, 5e-5); /* printed by psych::omega */
                CHECK_NEAR(o->total, .8930, 5e-5);
            }
            /* turning a factor round changes nothing */
            for (size_t q = 0; q < pattern->size1; q++)
                gsl_matrix_set(pattern, q, 1, -gsl_matrix_get(pattern, q, 1));
            for (size_t q = 0; q < phi->size1; q++) {
                gsl_matrix_set(phi, q, 1, -gsl_matrix_get(phi, q, 1));
                gsl_matrix_set(phi, 1, q, -gsl_matrix_get(phi, 1, q));
            }
            vmap_omega_free(o);
            o = NULL;
            CHECK_OK(vmap_omega_new(r, pattern, phi, &o, &err), &err);
            CHECK_NEAR(o ? o->hierarchical : 0, found[0], 1e-12);
        }
        vmap_omega_free(o);
        gsl_matrix_free(r);
        gsl_matrix_free(pattern);
        gsl_matrix_free(phi);
    }
}

static void omega_refuses_what_has_no_general_factor(void)
{
    gsl_matrix *r = gsl_matrix_calloc(4, 4), *pattern = gsl_matrix_calloc(4, 2);
    gsl_matrix *phi = gsl_matrix_calloc(2, 2);
    vmap_omega *o = NULL;
    vmap_error err;

    gsl_matrix_set_identity(r);
    gsl_matrix_set_all(pattern, .5);
    gsl_matrix_set_identity(phi);
    gsl_matrix_set(phi, 0, 1, -.3);
    gsl_matrix_set(phi, 1, 0, -.3);
    CHECK_FAILS(vmap_omega_new(r, pattern, phi, &o, &err), VMAP_EDATA, &err, "no general factor");
    CHECK(o == NULL);
    gsl_matrix_free(r);
    gsl_matrix_free(pattern);
    gsl_matrix_free(phi);
}

/* ---- raters ---- */

static double get_icc(void *icc, size_t row, size_t col)
{
    const vmap_icc *i = (const vmap_icc *)icc + row;
    const double values[] = {i->value, i->low, i->high, i->f, i->df1, i->df2, i->p};

    return values[col];
}

static void intraclass_correlations_are_those_of_shrout_and_fleiss(void)
{
    static const double printed[] = {.17, .29, .71, .44, .62, .91}; /* table 4 */
    gsl_matrix *x = read_reference("reliability.tsv", "ratings");
    vmap_icc icc[VMAP_ICC_FORMS];
    vmap_error err;

    CHECK_OK(vmap_icc_find(x, NULL, NAN, .95, icc, &err), &err);
    for (size_t i = 0; i < VMAP_ICC_FORMS; i++)
        CHECK_NEAR(icc[i].value, printed[i], 5e-3);
    check_reference("reliability.tsv", "icc", 42, get_icc, icc);
    gsl_matrix_set(x, 2, 1, NAN);
    CHECK_FAILS(vmap_icc_find(x, NULL, NAN, .95, icc, &err), VMAP_EDATA, &err, "rating 2 of target 3");
    gsl_matrix_set_all(x, 4);
    CHECK_FAILS(vmap_icc_find(x, NULL, NAN, .95, icc, &err), VMAP_EDATA, &err, "the same");
    for (size_t i = 0; i < 6; i++) { /* raters who agree wholly */
        for (size_t j = 0; j < 4; j++)
            gsl_matrix_set(x, i, j, (double)i);
    }
    CHECK_OK(vmap_icc_find(x, NULL, NAN, .95, icc, &err), &err);
    for (size_t i = 0; i < VMAP_ICC_FORMS; i++)
        CHECK(icc[i].value == 1 && icc[i].p == 0);
    gsl_matrix_free(x);
}

/* Weights 1, 3, 2, 0, 1, 2 of the six targets: psych's ICC on the targets repeated so often. */
static void weighted_targets_are_repeated_ones(void)
{
    static const double weights[] = {1, 3, 2, 0, 1, 2}, tenth[] = {.1, .3, .2, 0, .1, .2};
    gsl_matrix *x = read_reference("reliability.tsv", "ratings");
    vmap_icc icc[VMAP_ICC_FORMS], scaled[VMAP_ICC_FORMS];
    vmap_error err;

    CHECK_OK(vmap_icc_find(x, weights, 9, .95, icc, &err), &err);
    check_reference("reliability.tsv", "icc_weighted", 42, get_icc, icc);
    CHECK_OK(vmap_icc_find(x, tenth, 9, .95, scaled, &err), &err);
    CHECK_NEAR(scaled[1].low, icc[1].low, 1e-12);
    /* by itself the effective number counts: 9^2 / 19 */
    CHECK_OK(vmap_icc_find(x, tenth, NAN, .95, scaled, &err), &err);
    CHECK_NEAR(scaled[0].df1, 81. / 19 - 1, 1e-12);
    CHECK_FAILS(vmap_icc_find(x, (const double[]){1, 0, 0, 0, 0, 0}, NAN, .95, icc, &err), VMAP_EDATA, &err, "1 targets");
    CHECK_FAILS(vmap_icc_find(x, (const double[]){1, -1, 0, 0, 0, 0}, NAN, .95, icc, &err), VMAP_EINVAL, &err, "-1");
    CHECK_FAILS(vmap_icc_find(x, weights, 1, .95, icc, &err), VMAP_EINVAL, &err, "more than one");
    gsl_matrix_free(x);
}

static void a_level_outside_0_and_1_is_refused(void)
{
    gsl_matrix *c = gsl_matrix_calloc(2, 3);
    vmap_reliability *r = NULL;
    vmap_error err;
    gsl_matrix_view square = gsl_matrix_submatrix(c, 0, 0, 2, 2);

    CHECK_FAILS(vmap_reliability_new(&square.matrix, 10, 95, &r, &err), VMAP_EINVAL, &err, "95");
    CHECK_FAILS(vmap_reliability_new(c, 10, .95, &r, &err), VMAP_EINVAL, &err, "not square");
    CHECK(r == NULL);
    gsl_matrix_free(c);
}

static const test_case cases[] = {
    TEST(alpha_omega_and_item_statistics_are_those_of_psych),
    TEST(intervals_are_those_of_psych),
    TEST(parallel_items_have_the_reliability_of_spearman_and_brown),
    TEST(items_without_variance_are_left_out),
    TEST(a_scale_without_variance_has_no_reliability),
    TEST(every_coefficient_of_the_attitude_data_is_that_of_psych),
    TEST(weights_count_respondents_twice),
    TEST(the_best_split_is_found_with_many_items),
    TEST(omegas_are_those_of_psych),
    TEST(omega_refuses_what_has_no_general_factor),
    TEST(intraclass_correlations_are_those_of_shrout_and_fleiss),
    TEST(weighted_targets_are_repeated_ones),
    TEST(a_level_outside_0_and_1_is_refused),
};
SUITE(factor_reliability_suite, cases);
