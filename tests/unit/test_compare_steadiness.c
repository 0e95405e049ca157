#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "support/check.h"
#include "valuemap/reliability.h"
#include "valuemap/steadiness.h"

static const char FILE_NAME[] = "steadiness.tsv";

static double get_number(void *numbers, size_t row, size_t col)
{
    (void)col;
    return ((double *)numbers)[row];
}

static void check_numbers(const char *quantity, size_t n, const double *value)
{
    check_reference(FILE_NAME, quantity, n, get_number, (void *)value);
}

/* ---- variance components ---- */

static void components_are_those_of_lme4_and_aov(void)
{
    gsl_matrix *y = read_reference(FILE_NAME, "answers");
    vmap_components c;
    vmap_error err;

    CHECK_OK(vmap_steadiness_components(y->data, 12, 4, 3, VMAP_COMPONENTS_HENDERSON, &c, &err), &err);
    check_numbers("components", 4, (double[]){c.persona, c.variant, c.interaction, c.residual});
    check_numbers("components_aov", 4, (double[]){c.persona, c.variant, c.interaction, c.residual});
    CHECK(!c.negative);
    CHECK_NEAR(c.dependability, c.persona / (c.persona + c.variant + c.interaction + c.residual), 1e-15);
    gsl_matrix_free(y);
}

static void one_repetition_or_one_variant_have_fewer_components(void)
{
    gsl_matrix *y = read_reference(FILE_NAME, "answers"), *ratings = gsl_matrix_calloc(12, 4);
    double once[48], repeated[36];
    vmap_components c;
    vmap_icc icc[VMAP_ICC_FORMS];
    vmap_error err;

    for (size_t i = 0; i < 48; i++) {
        once[i] = y->data[3 * i];
        ratings->data[i] = once[i];
    }
    for (size_t i = 0; i < 36; i++)
        repeated[i] = y->data[i / 3 * 12 + i % 3];
    CHECK_OK(vmap_steadiness_components(once, 12, 4, 1, VMAP_COMPONENTS_HENDERSON, &c, &err), &err);
    check_numbers("components_once", 3, (double[]){c.persona, c.variant, c.residual});
    check_numbers("icc", 2, (double[]){c.dependability, c.consistency});
    CHECK(isnan(c.interaction));
    CHECK_OK(vmap_icc_find(ratings, NULL, NAN, .95, icc, &err), &err);
    CHECK_NEAR(c.dependability, icc[VMAP_ICC_2_1].value, 1e-12);
    CHECK_NEAR(c.consistency, icc[VMAP_ICC_3_1].value, 1e-12);
    CHECK_OK(vmap_steadiness_components(repeated, 12, 1, 3, VMAP_COMPONENTS_HENDERSON, &c, &err), &err);
    check_numbers("components_repeated", 2, (double[]){c.persona, c.residual});
    CHECK(isnan(c.variant));
    gsl_matrix_free(y);
    gsl_matrix_free(ratings);
}

/* By the definition, with projections on 110 answers; and those of balanced answers when the missing ones come last. */
static void components_of_unbalanced_answers_are_those_of_henderson(void)
{
    gsl_matrix *y = read_reference(FILE_NAME, "unbalanced"), *once = read_reference(FILE_NAME, "unbalanced_once");
    vmap_components c, same;
    double padded[160];
    vmap_error err;

    CHECK_OK(vmap_steadiness_components(y->data, 12, 4, 3, VMAP_COMPONENTS_HENDERSON, &c, &err), &err);
    check_numbers("henderson", 4, (double[]){c.persona, c.variant, c.interaction, c.residual});
    CHECK_OK(vmap_steadiness_components(once->data, 12, 4, 1, VMAP_COMPONENTS_HENDERSON, &c, &err), &err);
    check_numbers("henderson_once", 3, (double[]){c.persona, c.variant, c.residual});
    CHECK(isnan(c.interaction));
    CHECK_OK(vmap_steadiness_components(y->data, 12, 1, 12, VMAP_COMPONENTS_HENDERSON, &c, &err), &err);
    check_numbers("henderson_one_way", 2, (double[]){c.persona, c.residual});
    for (size_t i = 0; i < 160; i++) /* two personas and a fifth variant that nobody answered */
        padded[i] = i / 12 < 12 && i % 12 < 9 ? y->data[i] : NAN;
    CHECK_OK(vmap_steadiness_components(padded, 13, 4, 3, VMAP_COMPONENTS_HENDERSON, &same, &err), &err);
    CHECK_COUNT(same.personas, 12);
    CHECK_COUNT(same.variants, 3);
    gsl_matrix_free(y);
    gsl_matrix_free(once);
}

static void find_reml(const gsl_matrix *y, size_t personas, size_t variants, size_t repetitions, vmap_components *c)
{
    vmap_error err;

    CHECK_OK(vmap_steadiness_components(y->data, personas, variants, repetitions, VMAP_COMPONENTS_REML, c, &err), &err);
}

/* To 1e-6 of lme4, unbalanced answers with an empty cell included. What would be negative is 0, and the others are those of
 * the model without it: not Henderson's, whose interaction is .064 here. */
static void restricted_likelihood_is_greatest_where_lme4_finds_it(void)
{
    gsl_matrix *y = read_reference(FILE_NAME, "unbalanced"), *once = read_reference(FILE_NAME, "unbalanced_once");
    gsl_matrix *all = read_reference(FILE_NAME, "answers"), *flat = read_reference(FILE_NAME, "flat");
    vmap_components c;

    find_reml(y, 12, 4, 3, &c);
    check_numbers("reml", 4, (double[]){c.persona, c.variant, c.interaction, c.residual});
    CHECK(!c.negative);
    find_reml(all, 12, 4, 3, &c);
    check_numbers("reml_balanced", 4, (double[]){c.persona, c.variant, c.interaction, c.residual});
    check_numbers("components_aov", 4, (double[]){c.persona, c.variant, c.interaction, c.residual});
    find_reml(once, 12, 4, 1, &c);
    check_numbers("reml_once", 3, (double[]){c.persona, c.variant, c.residual});
    CHECK(isnan(c.interaction));
    find_reml(y, 12, 1, 12, &c);
    check_numbers("reml_one_way", 2, (double[]){c.persona, c.residual});
    CHECK(isnan(c.variant));
    find_reml(flat, 12, 4, 3, &c);
    check_numbers("reml_flat", 4, (double[]){c.persona, c.variant, c.interaction, c.residual});
    CHECK(c.negative);
    gsl_matrix_free(y);
    gsl_matrix_free(once);
    gsl_matrix_free(all);
    gsl_matrix_free(flat);
}

/* Personas that repeat themselves exactly have no residual; the others are those of one answer to each. */
static void exact_repetitions_leave_no_residual(void)
{
    gsl_matrix *once = read_reference(FILE_NAME, "unbalanced_once"), *twice = gsl_matrix_calloc(96, 1), *same = gsl_matrix_calloc(12, 1);
    vmap_components c;

    for (size_t i = 0; i < 96; i++)
        gsl_matrix_set(twice, i, 0, gsl_matrix_get(once, i / 2, 0));
    find_reml(twice, 12, 4, 2, &c);
    check_numbers("reml_once", 3, (double[]){c.persona, c.variant, c.interaction});
    CHECK_NEAR(c.residual, 0, 0);
    for (size_t i = 0; i < 12; i++)
        gsl_matrix_set(same, i, 0, (double)(i / 4)); /* three personas, no variant matters */
    find_reml(same, 3, 4, 1, &c);
    CHECK_NEAR(c.persona, 1, 1e-12);
    CHECK_NEAR(c.variant + c.residual, 0, 1e-12);
    gsl_matrix_free(once);
    gsl_matrix_free(twice);
    gsl_matrix_free(same);
}

static void components_say_what_they_cannot_find(void)
{
    const double same[] = {3, 3, 3, 3}, below[] = {1, 5, 5, 1}, missing[] = {1, 2, NAN, 4}, apart[] = {1, NAN, 2, NAN, NAN, 3, NAN, 5};
    const double infinite[] = {1, 2, INFINITY, 4};
    vmap_components c;
    vmap_error err;

    CHECK_OK(vmap_steadiness_components(same, 2, 2, 1, VMAP_COMPONENTS_HENDERSON, &c, &err), &err);
    CHECK_NEAR(c.total, 0, 0);
    CHECK(isnan(c.dependability));
    CHECK_OK(vmap_steadiness_components(below, 2, 2, 1, VMAP_COMPONENTS_HENDERSON, &c, &err), &err);
    CHECK(c.negative);
    CHECK_NEAR(c.persona + c.variant, 0, 0);
    CHECK_NEAR(c.dependability, 0, 0);
    CHECK_FAILS(vmap_steadiness_components(missing, 2, 2, 1, VMAP_COMPONENTS_HENDERSON, &c, &err), VMAP_EDATA, &err, "3 answers of 2 personas");
    CHECK_FAILS(vmap_steadiness_components(infinite, 2, 2, 1, VMAP_COMPONENTS_HENDERSON, &c, &err), VMAP_EDATA, &err, "persona 2");
    CHECK_FAILS(vmap_steadiness_components(apart, 4, 2, 1, VMAP_COMPONENTS_HENDERSON, &c, &err), VMAP_EDATA, &err, "4 answers of 4 personas");
    CHECK_FAILS(vmap_steadiness_components(same, 4, 1, 1, VMAP_COMPONENTS_HENDERSON, &c, &err), VMAP_EDATA, &err, "1 variants");
}

/* ---- agreement ---- */

static void cohens_kappa_is_that_of_psych(void)
{
    gsl_matrix *x = read_reference(FILE_NAME, "first"), *y = read_reference(FILE_NAME, "second");
    const char *const names[] = {"kappa", "kappa_linear", "kappa_quadratic"};
    size_t a[61], b[61];
    vmap_kappa k;
    vmap_error err;

    for (size_t i = 0; i < 60; i++) {
        a[i] = (size_t)x->data[i * x->tda] - 1;
        b[i] = (size_t)y->data[i * y->tda] - 1;
    }
    a[60] = 1, b[60] = 4; /* a missing one */
    for (int how = 0; how < 3; how++) {
        CHECK_OK(vmap_steadiness_cohen(a, b, 61, 4, (vmap_disagreement)how, &k, &err), &err);
        CHECK_COUNT(k.n, 60);
        check_numbers(names[how], 2, (double[]){k.value, k.se});
    }
    a[3] = 5;
    CHECK_FAILS(vmap_steadiness_cohen(a, b, 61, 4, VMAP_DISAGREE_NOMINAL, &k, &err), VMAP_EINVAL, &err,
                "unit 4 has category 5");
    CHECK_FAILS(vmap_steadiness_cohen(a, b, 1, 4, VMAP_DISAGREE_NOMINAL, &k, &err), VMAP_EDATA, &err,
                "1 units");
    gsl_matrix_free(x);
    gsl_matrix_free(y);
}

/* Fleiss (1971) by statsmodels 0.13 (fleiss_kappa): ten units, fourteen raters, five categories. */
static void fleiss_kappa_is_that_of_statsmodels(void)
{
    size_t count[] = {0, 0, 0, 0, 14, 0, 2, 6, 4, 2, 0, 0, 3, 5, 6, 0, 3, 9, 2, 0, 2, 2, 8, 1, 1,
                      7, 7, 0, 0, 0,  3, 2, 6, 3, 2, 2, 5, 3, 2, 2, 6, 5, 2, 1, 0, 0, 2, 2, 3, 7};
    const size_t same[] = {0, 3, 0, 3};
    vmap_kappa k;
    vmap_error err;

    count[34] = 0;
    CHECK_OK(vmap_steadiness_fleiss(count, 10, 5, &k, &err), &err);
    CHECK_NEAR(k.value, 0.20993070442195522, 1e-14);
    CHECK_OK(vmap_steadiness_fleiss(same, 2, 2, &k, &err), &err);
    CHECK(isnan(k.value)); /* everybody says the same */
    count[0] = 1;
    CHECK_FAILS(vmap_steadiness_fleiss(count, 10, 5, &k, &err), VMAP_EDATA, &err, "has 14 ratings");
}

static void krippendorffs_alpha_is_that_of_his_example(void)
{
    gsl_matrix *e = read_reference(FILE_NAME, "observers"), *made = read_reference(FILE_NAME, "ratings");
    const double none[] = {1, NAN, NAN, 2}, same[] = {4, 4, 4, 4};
    double alpha[3];
    vmap_kappa k;
    vmap_error err;

    for (int how = 0; how < 3; how++) {
        CHECK_OK(vmap_steadiness_krippendorff(e->data, 12, 4, (vmap_disagreement)how, &k, &err), &err);
        alpha[how] = k.value;
    }
    CHECK_COUNT(k.n, 11); /* one unit has one rating */
    check_numbers("observers_alpha", 3, alpha);
    for (int how = 0; how < 3; how++) {
        CHECK_OK(vmap_steadiness_krippendorff(made->data, 30, 3, (vmap_disagreement)how, &k, &err), &err);
        alpha[how] = k.value;
    }
    check_numbers("ratings_alpha", 3, alpha);
    CHECK_FAILS(vmap_steadiness_krippendorff(none, 2, 2, VMAP_DISAGREE_NOMINAL, &k, &err), VMAP_EDATA,
                &err, "no unit");
    CHECK_OK(vmap_steadiness_krippendorff(same, 2, 2, VMAP_DISAGREE_INTERVAL, &k, &err), &err);
    CHECK(isnan(k.value));
    gsl_matrix_free(e);
    gsl_matrix_free(made);
}

/* ---- three checks ---- */

static void stability_is_that_over_all_pairs_and_exchanges(void)
{
    gsl_matrix *y = read_reference(FILE_NAME, "stability_y");
    const double range[] = {4, 2}, bad[] = {4, 0};
    vmap_stability s;
    vmap_error err;

    CHECK_OK(vmap_steadiness_stability(y->data, 3, 3, 2, range, NULL, &s, &err), &err);
    check_numbers("stability", 4,
                  (double[]){s.same, s.difference, s.same_chance, s.difference_chance});
    check_numbers("stability_p", 1, &s.p);
    CHECK_NEAR(s.kept, 1 - s.difference / s.difference_chance, 1e-15);
    CHECK_FAILS(vmap_steadiness_stability(y->data, 3, 3, 2, bad, NULL, &s, &err), VMAP_EINVAL, &err,
                "item 2");
    CHECK_FAILS(vmap_steadiness_stability(y->data, 9, 1, 2, range, NULL, &s, &err), VMAP_EDATA, &err,
                "1 variants");
    gsl_matrix_free(y);
}

static void variants_that_change_nothing_are_perfectly_stable(void)
{
    const double y[] = {1, 1, 2, 2, 3, 3, 5, 5}, one[] = {2, 2, 2, 2}, range[] = {4};
    vmap_permutation_options none = {.permutations = 0};
    vmap_stability s;
    vmap_error err;

    CHECK_OK(vmap_steadiness_stability(y, 4, 2, 1, range, &none, &s, &err), &err);
    CHECK_NEAR(s.same, 1, 0);
    CHECK_NEAR(s.kept, 1, 0);
    CHECK(isnan(s.p));
    CHECK_OK(vmap_steadiness_stability(one, 2, 2, 1, range, &none, &s, &err), &err);
    CHECK(isnan(s.kept)); /* all personas say the same: nothing to be kept */
}

static void extrapolability_is_the_mean_over_all_splits(void)
{
    gsl_matrix *e = read_reference(FILE_NAME, "errors");
    vmap_permutation_options o = {.permutations = 99, .seed = 4};
    double same[20], constant[20] = {0};
    vmap_extrapolability x, again;
    vmap_error err;

    CHECK_OK(vmap_steadiness_extrapolability(e->data, 5, 4, 4000, &(vmap_permutation_options){.seed = 4},
                                             &x, &err),
             &err);
    check_numbers("extrapolability", 2, (double[]){x.r, x.best});
    for (size_t i = 0; i < 20; i++)
        same[i] = (double)(i / 4);
    CHECK_OK(vmap_steadiness_extrapolability(same, 5, 4, 20, &o, &x, &err), &err);
    CHECK_NEAR(x.r, 1, 1e-12);
    CHECK_NEAR(x.best, 1, 1e-12);
    CHECK_NEAR(x.r_p, .01, 1e-12); /* 120 x 120 x 120 exchanges: none of 99 is as good */
    o.threads = 5;
    CHECK_OK(vmap_steadiness_extrapolability(same, 5, 4, 20, &o, &again, &err), &err);
    CHECK_NEAR(again.r_p, x.r_p, 0);
    CHECK_NEAR(again.best_p, x.best_p, 0);
    CHECK_OK(vmap_steadiness_extrapolability(constant, 5, 4, 20, &o, &x, &err), &err);
    CHECK_NEAR(x.r, 0, 0);
    same[7] = NAN;
    CHECK_FAILS(vmap_steadiness_extrapolability(same, 5, 4, 20, &o, &x, &err), VMAP_EDATA, &err,
                "unit 2 has no number for item 4");
    CHECK_FAILS(vmap_steadiness_extrapolability(same, 2, 4, 20, &o, &x, &err), VMAP_EDATA, &err,
                "2 units");
    gsl_matrix_free(e);
}

static void steering_is_measured_against_random_draws(void)
{
    gsl_matrix *h = read_reference(FILE_NAME, "steer_human"), *p = read_reference(FILE_NAME, "steer_persona");
    const double n[] = {1, 1, 1, 1, 1, 1}, code[] = {1, 2, 3, 5, 1, 2, 3};
    const double share[] = {.1, .2, .4, .3, .5, .25, .25};
    const size_t offset[] = {0, 4, 7};
    vmap_steering s = {3, 2, h->data, p->data, n, offset, code, share};
    vmap_steerability r, threads;
    vmap_error err;

    CHECK_OK(vmap_steadiness_steerability(&s, 9999, 6, 1, &r, &err), &err);
    check_numbers("steer", 4, (double[]){r.distance, r.unsteered, r.spread, r.human_spread});
    check_numbers("steer_random", 2, (double[]){r.random, r.spread_random});
    CHECK_NEAR(r.gain, 1 - r.distance / r.unsteered, 1e-15);
    CHECK_OK(vmap_steadiness_steerability(&s, 9999, 6, 3, &threads, &err), &err);
    CHECK_NEAR(threads.random_p, r.random_p, 0);
    CHECK_NEAR(threads.spread_random, r.spread_random, 0);
    s.persona = s.human;
    CHECK_OK(vmap_steadiness_steerability(&s, 99, 6, 1, &r, &err), &err);
    CHECK_NEAR(r.gain, 1, 0);
    CHECK(r.random_p < .5);
    s.groups = 1;
    CHECK_FAILS(vmap_steadiness_steerability(&s, 99, 6, 1, &r, &err), VMAP_EDATA, &err, "1 groups");
    gsl_matrix_free(h);
    gsl_matrix_free(p);
}

static const test_case cases[] = {
    TEST(components_are_those_of_lme4_and_aov),
    TEST(one_repetition_or_one_variant_have_fewer_components),
    TEST(components_of_unbalanced_answers_are_those_of_henderson),
    TEST(restricted_likelihood_is_greatest_where_lme4_finds_it),
    TEST(exact_repetitions_leave_no_residual),
    TEST(components_say_what_they_cannot_find),
    TEST(cohens_kappa_is_that_of_psych),
    TEST(fleiss_kappa_is_that_of_statsmodels),
    TEST(krippendorffs_alpha_is_that_of_his_example),
    TEST(stability_is_that_over_all_pairs_and_exchanges),
    TEST(variants_that_change_nothing_are_perfectly_stable),
    TEST(extrapolability_is_the_mean_over_all_splits),
    TEST(steering_is_measured_against_random_draws),
};
SUITE(compare_steadiness_suite, cases);
