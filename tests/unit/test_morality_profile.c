#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/sheets.h"

static vmap_profiles *profile(const sheets *s)
{
    vmap_profiles *p = NULL;
    vmap_error err;

    CHECK_OK(vmap_profiles_new(s->questionnaire, s->answers, s->scores, .95, &p, &err), &err);
    return p;
}

static double get_cell_mean(void *profiles, size_t row, size_t col)
{
    return ((vmap_profiles *)profiles)->group[row].score[col].cell_mean;
}

static double get_cell_sd(void *profiles, size_t row, size_t col)
{
    return ((vmap_profiles *)profiles)->group[row].score[col].cell_sd;
}

static double get_mean(void *profiles, size_t row, size_t col)
{
    return ((vmap_profiles *)profiles)->group[7 * row].score[col].mean;
}

static double get_sd(void *profiles, size_t row, size_t col)
{
    return ((vmap_profiles *)profiles)->group[7 * row].score[col].sd;
}

static double get_n(void *profiles, size_t row, size_t col)
{
    return (double)((vmap_profiles *)profiles)->group[7 * row].score[col].n;
}

static const vmap_profile *find(const vmap_profiles *p, const char *model, const char *persona)
{
    for (size_t g = 0; g < p->count; g++) {
        if (strcmp(p->group[g].labels[0], model) == 0 &&
            strcmp(p->group[g].labels[1], persona) == 0)
            return &p->group[g];
    }
    CHECK(!"no such group");
    return &p->group[0];
}

/* ---- known values ---- */

static void every_persona_model_and_foundation_has_the_cells_of_r(void)
{
    sheets s = sheets_of_study();
    vmap_profiles *p = profile(&s);

    CHECK_COUNT(p->count, 114);
    check_reference("morality.tsv", "cell_mean", 684, get_cell_mean, p);
    check_reference("morality.tsv", "cell_sd", 684, get_cell_sd, p);
    check_reference("morality.tsv", "score_mean", 102, get_mean, p);
    check_reference("morality.tsv", "score_sd", 102, get_sd, p);
    check_reference("morality.tsv", "score_n", 102, get_n, p);
    vmap_profiles_free(p);
    sheets_free(&s);
}

/* t interval of a mean, by hand from the sd that R confirms above. */
static void intervals_are_those_of_t(void)
{
    sheets s = sheets_of_study();
    vmap_profiles *p = profile(&s);
    const vmap_profile_score *score = &find(p, "qwen2.5:7b", "Egypt")->score[5];

    CHECK_COUNT(score->n, 50);
    CHECK_NEAR(score->se, score->sd / sqrt(50), 1e-14);
    CHECK_NEAR(score->high - score->mean, 2.0095752371292397 * score->se, 1e-12); /* qt(.975, 49) */
    CHECK_NEAR(score->mean - score->low, score->high - score->mean, 1e-13);
    vmap_profiles_free(p);
    sheets_free(&s);
}

/* ---- properties ---- */

static void every_sheet_is_counted_once(void)
{
    sheets s = sheets_of_study();
    vmap_profiles *p = profile(&s);
    size_t all = 0, empty = 0, asked = 0, answered = 0;

    for (size_t g = 0; g < p->count; g++) {
        const vmap_profile *one = &p->group[g];

        CHECK_COUNT(one->empty + one->unscored + one->partial + one->complete + one->dropped,
                    one->sheets);
        all += one->sheets;
        if (strcmp(one->labels[0], "mistral:7b") == 0) {
            empty += one->empty;
            asked += one->asked;
            answered += one->answered;
        }
    }
    CHECK_COUNT(all, 5732);
    CHECK_COUNT(p->unlabelled, 0);
    /* data/SOURCES.md: mistral:7b gave no usable answer to 85 % of the questions */
    CHECK_COUNT(asked, 950 * 36);
    CHECK_NEAR(1 - (double)answered / (double)asked, .85, .005);
    CHECK(empty > 0);
    vmap_profiles_free(p);
    sheets_free(&s);
}

/* The standard deviation of n - 1 of n draws is sd / sqrt(n) sqrt((n - 1)/n) sqrt(n/(n - 1)). */
static void the_bootstrap_has_the_standard_error_and_no_threads(void)
{
    sheets s = sheets_of_study();
    vmap_profiles *p = profile(&s), *q = profile(&s);
    const vmap_profile *one, *other;
    double mean = 0, squares = 0;
    vmap_error err;

    CHECK_OK(vmap_profiles_bootstrap(p, s.answers, s.scores, 2000, 7, 1, &err), &err);
    CHECK_OK(vmap_profiles_bootstrap(q, s.answers, s.scores, 2000, 7, 5, &err), &err);
    one = find(p, "qwen2.5:7b", "Egypt");
    other = find(q, "qwen2.5:7b", "Egypt");
    for (size_t r = 0; r < 2000; r++) {
        double x = gsl_matrix_get(one->replicates, r, 5), d = x - mean;

        CHECK_NEAR(x, gsl_matrix_get(other->replicates, r, 5), 0);
        mean += d / (double)(r + 1);
        squares += d * (x - mean);
    }
    /* standard error of an estimated sd: 1 / sqrt(4000); four of them */
    CHECK_NEAR(sqrt(squares / 1999) / one->score[5].se, 1, 4 / sqrt(4000));
    CHECK_NEAR(mean, one->score[5].mean, 4 * one->score[5].se / sqrt(2000));
    vmap_profiles_free(p);
    vmap_profiles_free(q);
    sheets_free(&s);
}

/* ---- edges ---- */

/* Every answer is 5: a mean without spread, all at the ceiling. */
static void answers_that_are_all_alike_have_a_mean_and_no_spread(void)
{
    sheets s = sheets_of_study();
    vmap_profiles *p = profile(&s);
    const vmap_profile_score *care = &find(p, "llama3.3:70b", "Japan")->score[0];

    CHECK_NEAR(care->mean, 5, 0);
    CHECK_NEAR(care->sd, 0, 0);
    CHECK_NEAR(care->ceiling, 1, 0);
    CHECK_NEAR(care->floor, 0, 0);
    vmap_profiles_free(p);
    sheets_free(&s);
}

static void weights_and_missing_labels_count(void)
{
    static const char *const groups[] = {"who", NULL};
    sheets s = {.questionnaire = sheets_key("mfq2-blocked")};
    double weights[] = {3, 1, 0, 1};
    vmap_profiles *p;
    vmap_error err;

    CHECK_OK(
        sheets_read(&s,
                    scratch_file("blocked.csv",
                                 "who,mfq_1,mfq_2,mfq_3,mfq_4,mfq_7,mfq_13,mfq_19,mfq_25,mfq_31\n"
                                 "a,1,1,1,1,2,3,4,5,5\na,5,5,5,5,2,3,4,5,5\n"
                                 "a,3,3,3,3,2,3,4,5,5\n,4,4,4,4,2,3,4,5,5\n"),
                    groups, &err),
        &err);
    s.answers->weights = malloc(sizeof weights);
    memcpy(s.answers->weights, weights, sizeof weights);
    CHECK_OK(vmap_questionnaire_score(s.questionnaire, s.answers, NULL, &s.scores, &err), &err);
    p = profile(&s);
    CHECK_COUNT(p->count, 1);
    CHECK_COUNT(p->unlabelled, 1);
    CHECK_COUNT(p->group[0].sheets, 3);
    CHECK_COUNT(p->group[0].score[0].n, 2);
    CHECK_NEAR(p->group[0].score[0].mean, 2, 1e-15);               /* (3 x 1 + 1 x 5)/4 */
    CHECK_NEAR(p->group[0].score[0].sd, sqrt(2 * 12. / 4), 1e-14); /* 2/1 (3 x 1 + 1 x 9)/4 */
    CHECK_NEAR(p->group[0].score[0].se, sqrt(2 * (9 * 1. + 1 * 9.)) / 4, 1e-14);
    CHECK(isnan(p->group[0].score[1].mean)); /* one answer of six */
    CHECK_NEAR(p->group[0].score[1].cell_mean, 2, 0);
    vmap_profiles_free(p);
    sheets_free(&s);
}

static const test_case cases[] = {
    TEST(every_persona_model_and_foundation_has_the_cells_of_r),
    TEST(intervals_are_those_of_t),
    TEST(every_sheet_is_counted_once),
    TEST(the_bootstrap_has_the_standard_error_and_no_threads),
    TEST(answers_that_are_all_alike_have_a_mean_and_no_spread),
    TEST(weights_and_missing_labels_count),
};
SUITE(morality_profile_suite, cases);
