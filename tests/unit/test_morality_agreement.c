#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/sheets.h"

/* Means of the groups of llama3.1:8b from R (8 digits), and human means. */
static double get_number(void *number, size_t row, size_t col)
{
    (void)col;
    return ((double *)number)[row];
}

static const char *const nations[] = {
    "Argentina", "Belgium",      "Chile",        "Colombia",    "Egypt",       "France",  "Ireland",
    "Japan",     "Kenya",        "Mexico",       "Morocco",     "New Zealand", "Nigeria", "Peru",
    "Russia",    "Saudi Arabia", "South Africa", "Switzerland", "UAE"};

/* Human means of a nation, in the order of the questionnaire. */
static void read_human(double human[19][6])
{
    FILE *file = fopen(source_path("datasets/morality-llm-personas/human_means.csv"), "r");
    char line[200];

    CHECK(file && fgets(line, sizeof line, file));
    for (size_t i = 0; file && i < 19; i++) {
        char name[40];

        CHECK(fscanf(file, " %39[^,],%lf,%lf,%lf,%lf,%lf,%lf", name, &human[i][0], &human[i][1],
                     &human[i][2], &human[i][3], &human[i][4], &human[i][5]) == 7);
        CHECK_TEXT(name, nations[i]);
    }
    if (file)
        fclose(file);
}

static vmap_profiles *read_model(sheets *s, size_t *first)
{
    vmap_profiles *p = NULL;
    vmap_error err;

    *s = sheets_of_study();
    CHECK_OK(vmap_profiles_new(s->questionnaire, s->answers, s->scores, .95, &p, &err), &err);
    *first = 0;
    while (*first < p->count && strcmp(p->group[*first].labels[0], "llama3.1:8b") != 0)
        ++*first;
    return p;
}

/* ---- known values ---- */

static void a_profile_agrees_as_r_says(void)
{
    double human[19][6], model[6];
    size_t first;
    sheets s;
    vmap_profiles *p = read_model(&s, &first);
    vmap_agreement a;
    vmap_error err;

    read_human(human);
    for (size_t f = 0; f < 6; f++)
        model[f] = p->group[first + 4].score[f].mean; /* Egypt */
    CHECK_OK(vmap_agreement_find(model, human[4], 6, &a, &err), &err);
    {
        double got[] = {a.error, a.absolute, a.rms, a.distance, a.correlation, a.rank, a.kendall};

        check_reference("morality.tsv", "agreement", 7, get_number, got);
    }
    CHECK_NEAR(a.elevation + a.scatter + a.shape, a.rms * a.rms, 1e-14);
    vmap_profiles_free(p);
    sheets_free(&s);
}

static void a_calibration_is_that_of_r(void)
{
    double human[19][6], model[19], people[19];
    size_t first;
    sheets s;
    vmap_profiles *p = read_model(&s, &first);
    vmap_calibration c;
    vmap_error err;

    read_human(human);
    for (size_t i = 0; i < 19; i++) {
        model[i] = p->group[first + i].score[5].mean;
        people[i] = human[i][5];
    }
    CHECK_OK(vmap_calibration_find(model, NULL, people, NULL, 19, .95, &c, &err), &err);
    {
        double got[] = {c.bias,  c.bias_se,  c.bias_low,  c.bias_high,  c.absolute, c.rms,
                        c.r,     c.r_low,    c.r_high,    c.rank,       c.kendall,  c.ccc,
                        c.slope, c.slope_se, c.slope_low, c.slope_high, c.spread};

        check_reference("morality.tsv", "calibration", 17, get_number, got);
    }
    CHECK(isnan(c.noise) && isnan(c.true_spread) && isnan(c.r_true));
    vmap_profiles_free(p);
    sheets_free(&s);
}

/* By hand: variance of the model's means 4, of the human ones 1, noise 1. */
static void noise_is_taken_out_of_variances_and_correlations(void)
{
    const double model[] = {2, 4, 6}, human[] = {1, 2, 3}, se[] = {1, 1, 1};
    vmap_calibration c;
    vmap_error err;

    CHECK_OK(vmap_calibration_find(model, se, human, NULL, 3, .95, &c, &err), &err);
    CHECK_NEAR(c.spread, 2, 1e-15);
    CHECK_NEAR(c.noise, 1, 1e-15);
    CHECK_NEAR(c.reliability, .75, 1e-15);
    CHECK_NEAR(c.true_spread, sqrt(3), 1e-15);
    CHECK_NEAR(c.r, 1, 1e-15);
    CHECK_NEAR(c.r_true, 1 / sqrt(.75), 1e-15);
    CHECK(isnan(c.human_reliability) && isnan(c.r_low));
}

/* Means, deviations and errors of two samples, as R gives them; the result is that of t.test(). */
static void a_difference_has_both_sampling_errors(void)
{
    gsl_matrix *given = read_reference("morality_people.tsv", "given");
    vmap_profile_score side[2];
    vmap_difference d;

    for (size_t i = 0; i < 2; i++)
        side[i] = (vmap_profile_score){.n = (size_t)gsl_matrix_get(given, i, 0),
                                       .mean = gsl_matrix_get(given, i, 1),
                                       .sd = gsl_matrix_get(given, i, 2),
                                       .se = gsl_matrix_get(given, i, 3)};
    vmap_difference_find(&side[0], &side[1], .95, &d);
    {
        double got[] = {d.error, d.se, d.df, d.low, d.high, d.d, d.sd_ratio};

        check_reference("morality_people.tsv", "welch", 7, get_number, got);
    }
    gsl_matrix_free(given);
}

static void a_difference_from_a_bare_mean_has_the_error_of_the_sheets(void)
{
    const vmap_profile_score group = {.n = 5, .mean = 3, .sd = 1, .se = .5};
    const vmap_profile_score human = {.mean = 2, .sd = NAN, .se = NAN};
    const vmap_profile_score constant = {.n = 5, .mean = 3, .sd = 0, .se = 0};
    vmap_difference d;

    vmap_difference_find(&group, &human, .95, &d);
    CHECK_NEAR(d.error, 1, 0);
    CHECK_NEAR(d.se, .5, 0);
    CHECK_NEAR(d.df, 4, 0);
    CHECK_NEAR(d.high, 1 + .5 * 2.7764451051977987, 1e-12); /* R: qt(.975, 4) */
    CHECK(isnan(d.d) && isnan(d.sd_ratio) && isnan(d.sd_low));
    vmap_difference_find(&constant, &constant, .95, &d);
    CHECK_NEAR(d.error, 0, 0);
    CHECK(isnan(d.df) && isnan(d.low) && isnan(d.d));
    vmap_difference_find(&constant, &group, .95, &d);
    CHECK_NEAR(d.df, 4, 1e-14); /* only people vary */
    CHECK_NEAR(d.sd_ratio, 0, 0);
}

/* Weights are compared with R in the case morality-people. */
static void errors_of_log_sd_are_those_of_bonett(void)
{
    const double x[] = {1, 2, 4, 8, 9, 3}, same[] = {2, 2, 2}, weights[] = {3, 3, 3, 3, 3, 3};
    double se = 0, weighted = 0;

    /* R: n <- 6; T <- mean(x, trim = 1 / (2 * sqrt(n - 4)))  # two at each end
     * sqrt((n * sum((x - T)^4) / sum((x - mean(x))^2)^2 - (n - 3) / n) / (4 * (n - 1))) */
    CHECK_OK(vmap_log_sd_error(x, NULL, 6, &se, NULL), NULL);
    CHECK_NEAR(se, 0.34427869382739251, 1e-12);
    CHECK_OK(vmap_log_sd_error(x, weights, 6, &weighted, NULL), NULL);
    CHECK_NEAR(weighted, se, 1e-14);
    CHECK_OK(vmap_log_sd_error(same, NULL, 3, &se, NULL), NULL);
    CHECK(isnan(se));
    CHECK_OK(vmap_log_sd_error(x, NULL, 2, &se, NULL), NULL);
    CHECK(isnan(se));
}

static void attenuation_is_taken_out_by_hand(void)
{
    /* Spearman: .3 / sqrt(.5 x .72) = .5; nothing is cut at 1 */
    CHECK_NEAR(vmap_disattenuate(.3, .5, .72), .5, 1e-15);
    CHECK_NEAR(vmap_disattenuate(-.6, .25, 1), -1.2, 1e-15);
    CHECK(isnan(vmap_disattenuate(.3, 0, .7)) && isnan(vmap_disattenuate(.3, .7, -.2)) &&
          isnan(vmap_disattenuate(.3, NAN, .7)) && isnan(vmap_disattenuate(NAN, .5, .7)));
}

/* Scales with means 2 and 5, items one above and below: MS between 4 x 1.5^2 = 9, MS within 4 / 2 = 2. */
static void a_profile_is_reliable_when_items_of_a_scale_agree(void)
{
    const double item[] = {1, 3, NAN, 4, 6}, same[] = {1, 3, 1, 3}, flat[] = {2, 2, 2, 2}, alone[] = {1, 2};
    const size_t scale[] = {0, 0, 0, 1, 1}, two[] = {0, 0, 1, 1}, one[] = {0, 1};

    CHECK_NEAR(vmap_profile_reliability(item, scale, 5, 2), 1 - 2. / 9, 1e-15);
    CHECK(isnan(vmap_profile_reliability(same, two, 4, 2)));  /* no difference between the scales */
    CHECK(isnan(vmap_profile_reliability(flat, two, 4, 2)));
    CHECK(isnan(vmap_profile_reliability(alone, one, 2, 2))); /* no second item */
    CHECK(isnan(vmap_profile_reliability(item, scale, 3, 2)));
    {
        const double close[] = {1, 3, 1.5, 3.5}; /* MS between .25, within 2 */

        CHECK_NEAR(vmap_profile_reliability(close, two, 4, 2), -7, 1e-14);
    }
}

/* ---- refusals and edges ---- */

static void too_little_in_common_is_refused(void)
{
    const double a[] = {1, NAN, 3}, b[] = {NAN, 2, NAN}, same[] = {2, 2, 2}, up[] = {1, 2, 3};
    vmap_agreement g = {.scales = 9};
    vmap_calibration c = {.groups = 9};
    vmap_error err;

    CHECK_FAILS(vmap_agreement_find(a, b, 3, &g, &err), VMAP_EDATA, &err, "no scale in common");
    CHECK_FAILS(vmap_calibration_find(a, NULL, up, NULL, 3, .95, &c, &err), VMAP_EDATA, &err,
                "2 groups");
    CHECK_FAILS(vmap_calibration_find(up, NULL, up, NULL, 3, 1, &c, &err), VMAP_EINVAL, &err,
                "level");
    CHECK_COUNT(g.scales, 9);
    CHECK_COUNT(c.groups, 9);
    CHECK_OK(vmap_agreement_find(a, up, 3, &g, &err), &err);
    CHECK_COUNT(g.scales, 2);
    CHECK(isnan(g.correlation));
    CHECK_OK(vmap_calibration_find(same, NULL, up, NULL, 3, .95, &c, &err), &err);
    CHECK(isnan(c.r));
    CHECK_NEAR(c.slope, 0, 0);
    CHECK_NEAR(c.spread, 0, 0);
    CHECK_OK(vmap_calibration_find(up, NULL, same, NULL, 3, .95, &c, &err), &err);
    CHECK(isnan(c.slope) && isnan(c.spread) && isnan(c.r));
}

static const test_case cases[] = {
    TEST(a_profile_agrees_as_r_says),
    TEST(a_calibration_is_that_of_r),
    TEST(noise_is_taken_out_of_variances_and_correlations),
    TEST(a_difference_has_both_sampling_errors),
    TEST(a_difference_from_a_bare_mean_has_the_error_of_the_sheets),
    TEST(errors_of_log_sd_are_those_of_bonett),
    TEST(attenuation_is_taken_out_by_hand),
    TEST(a_profile_is_reliable_when_items_of_a_scale_agree),
    TEST(too_little_in_common_is_refused),
};
SUITE(morality_agreement_suite, cases);
