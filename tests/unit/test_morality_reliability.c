#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "morality/reliability.h"
#include "support/check.h"
#include "support/sheets.h"

/* ---- known values ---- */

static double get_number(void *number, size_t row, size_t col)
{
    (void)col;
    return ((double *)number)[row];
}

/* Reliability of foundation f over the sheets of a model; only complete sheets on request. */
static reliability judge(const sheets *s, const char *model, size_t f, bool complete)
{
    const vmap_foundation *foundation = &s->questionnaire->foundations[f];
    size_t *rows = calloc(s->answers->n, sizeof *rows), n = 0, columns[6], p = s->answers->p;
    gsl_matrix *cov = gsl_matrix_calloc(6, 6);
    reliability r;
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
    pair_covariance(s->scores->item, p, rows, n, columns, 6, NULL, cov);
    CHECK_OK(reliability_find(cov, n, .95, &r, &err), &err);
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
        reliability r = judge(&s, "qwen2.5:72b", known[i].f, false);
        double total[3] = {r.alpha, r.alpha_standard, r.mean_r};

        check_reference("morality.tsv", known[i].total, 3, get_number, total);
        check_reference("morality.tsv", known[i].dropped, 6, get_number, r.if_dropped);
        check_reference("morality.tsv", known[i].rest, 6, get_number, r.item_rest);
        check_reference("morality.tsv", known[i].loading, 6, get_number, r.loading);
        check_reference("morality.tsv", known[i].omega, 1, get_number, &r.omega);
        CHECK(!r.heywood);
        reliability_clear(&r);
    }
    sheets_free(&s);
}

static void intervals_are_those_of_psych(void)
{
    sheets s = sheets_of_study();

    for (size_t f = 3; f < 5; f++) {
        reliability r = judge(&s, "qwen2.5:72b", f, true);
        double feldt[4] = {r.alpha, r.low, r.high, (double)r.n};

        check_reference("morality.tsv", f == 3 ? "feldt_4" : "feldt_5", 4, get_number, feldt);
        check_reference("morality.tsv", f == 3 ? "ase_4" : "ase_5", 1, get_number, &r.se);
        reliability_clear(&r);
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
        reliability r;
        vmap_error err;

        gsl_matrix_set_all(cov, 4 * rho);
        for (size_t i = 0; i < p; i++)
            gsl_matrix_set(cov, i, i, 4);
        CHECK_OK(reliability_find(cov, 100, .95, &r, &err), &err);
        CHECK_NEAR(r.alpha, want, 1e-14);
        CHECK_NEAR(r.alpha_standard, want, 1e-14);
        CHECK_NEAR(r.omega, want, 1e-10);
        CHECK_NEAR(r.mean_r, rho, 1e-15);
        CHECK_NEAR(r.loading[0], sqrt(rho), 1e-10);
        reliability_clear(&r);
        gsl_matrix_free(cov);
    }
}

/* ---- edges ---- */

static void items_without_variance_are_left_out(void)
{
    static const double c[] = {2, 1, 0, 1, 2, 0, 0, 0, 0};
    gsl_matrix_const_view cov = gsl_matrix_const_view_array(c, 3, 3);
    reliability r;
    vmap_error err;

    CHECK_OK(reliability_find(&cov.matrix, 20, .95, &r, &err), &err);
    CHECK_COUNT(r.used, 2);
    CHECK_NEAR(r.alpha, 2 * (1 - 4. / 6), 1e-15);
    CHECK(isnan(r.omega));
    CHECK(isnan(r.item_rest[2]));
    CHECK_NEAR(r.item_rest[0], .5, 1e-15);
    reliability_clear(&r);
}

/* All 950 sheets of llama3.3:70b answer every question of care with 5. */
static void a_scale_without_variance_has_no_reliability(void)
{
    sheets s = sheets_of_study();
    reliability r = judge(&s, "llama3.3:70b", 0, false);

    CHECK_COUNT(r.used, 0);
    CHECK(isnan(r.alpha) && isnan(r.omega) && isnan(r.low) && isnan(r.mean_r));
    reliability_clear(&r);
    sheets_free(&s);
}

static const test_case cases[] = {
    TEST(alpha_omega_and_item_statistics_are_those_of_psych),
    TEST(intervals_are_those_of_psych),
    TEST(parallel_items_have_the_reliability_of_spearman_and_brown),
    TEST(items_without_variance_are_left_out),
    TEST(a_scale_without_variance_has_no_reliability),
};
SUITE(morality_reliability_suite, cases);
