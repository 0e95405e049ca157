#include <config.h>

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>

#include "core/numeric.h"
#include "support/check.h"
#include "valuemap.h"
#include "valuemap/rng.h"

/* Wrong numbers that other programs have been seen to give, each as a test that this one does not. Where such a test
 * stands elsewhere it is named here:
 *
 *   psych's weights over missing answers     test_moments_correlate: missing_answers_do_not_correlate_independent_items
 *   psych's corrected cells                  test_moments_associate: no_cell_of_a_sparse_table_is_corrected
 *   rotation matrices that do not belong     test_factor_rotate: every_rotation_reproduces_the_same_correlations
 *   Phi of factanal's promax                 test_factor_rotate: promax_is_that_of_r
 *   matrices that are singular without word  test_factor_fit: a_singular_matrix_names_the_items_that_cause_it
 *   one factor forced by parallel analysis   test_factor_retention: every_model_finds_three_factors_and_none_in_noise
 */

/* n x p answers of k factors; some are missing when `share` is positive. */
static double *simulate(size_t n, size_t p, size_t k, double share, gsl_rng *rng)
{
    double *x = malloc(n * p * sizeof *x);

    for (size_t i = 0; i < n; i++) {
        double f[4];

        for (size_t j = 0; j < k; j++)
            f[j] = gsl_ran_ugaussian(rng);
        for (size_t j = 0; j < p; j++) {
            x[i * p + j] = .7 * f[j % k] + .7 * gsl_ran_ugaussian(rng) + 5;
            if (gsl_rng_uniform(rng) < share)
                x[i * p + j] = NAN;
        }
    }
    return x;
}

/* PSPP takes the sum of the weights for the number of respondents; weights that sum to a population give absurd
 * chi-squares there. */
static void weights_of_a_whole_population_do_not_inflate_a_test(void)
{
    gsl_rng *rng = vmap_rng_new(301, 0);
    double *x = simulate(200, 6, 2, 0, rng), w[200], chi2[2] = {0};

    for (int big = 0; big < 2; big++) {
        double sum = 0, squares = 0;
        vmap_moments *m = NULL;
        vmap_suitability *s = NULL;
        vmap_error err;

        for (size_t i = 0; i < 200; i++) {
            w[i] = (i % 2 ? 1.8 : .2) * (big ? 250000 : 1);
            sum += w[i];
            squares += w[i] * w[i];
        }
        CHECK_OK(vmap_moments_correlate(x, 200, 6, w, VMAP_PAIRWISE, &m, &err), &err);
        CHECK_NEAR(vmap_moments_test_n(m), sum * sum / squares, 1e-6); /* 121.95 of 200 */
        CHECK_OK(vmap_suitability_new(m->r, vmap_moments_test_n(m), &s, &err), &err);
        chi2[big] = s->chi2;
        CHECK_NEAR(s->chi2, -(sum * sum / squares - 1 - 17. / 6) * s->log_determinant, 1e-6);
        vmap_moments_free(m);
        vmap_suitability_free(s);
    }
    CHECK_NEAR(chi2[0], chi2[1], 1e-6);
    free(x);
    gsl_rng_free(rng);
}

/* psych scores with unweighted means and standard deviations, and gives NA to whoever has left out an item. */
static void weighted_scores_have_weighted_mean_zero_and_nobody_is_dropped(void)
{
    enum { N = 300, P = 6, K = 2 };
    gsl_rng *rng = vmap_rng_new(302, 0);
    double *x = simulate(N, P, K, 0, rng), w[N], score[N * K], error[N * K];
    double total = 0, mean[K] = {0}, square[K] = {0};
    vmap_moments *m = NULL;
    vmap_factor_solution *s = NULL;
    vmap_score_weights *weights = NULL;
    vmap_extract_options o;
    vmap_error err;

    for (size_t i = 0; i < N; i++) {
        w[i] = x[i * P] > 5 ? 3 : 1; /* so that the weighted mean is another one */
        total += w[i];
    }
    vmap_extract_defaults(&o);
    o.method = VMAP_EXTRACT_PC;
    o.factors = K;
    CHECK_OK(vmap_moments_correlate(x, N, P, w, VMAP_PAIRWISE, &m, &err), &err);
    CHECK_OK(vmap_factor_extract(m->r, &o, &s, &err), &err);
    CHECK_OK(vmap_score_weights_new(m->r, s, VMAP_SCORE_COMPONENTS, .3, &weights, &err), &err);
    CHECK_OK(vmap_factor_scores(x, N, P, m->mean, m->sd, m->r, s, weights, score, NULL, NULL, &err), &err);
    for (size_t i = 0; i < N; i++) {
        for (size_t f = 0; f < K; f++) {
            mean[f] += w[i] / total * score[i * K + f];
            square[f] += w[i] / total * score[i * K + f] * score[i * K + f];
        }
    }
    for (size_t f = 0; f < K; f++) {
        CHECK_NEAR(mean[f], 0, 1e-10);
        CHECK_NEAR(square[f], 1, 1e-10);
    }
    for (size_t i = 0; i < N; i++)
        x[i * P + i % P] = NAN; /* everybody leaves out one item */
    CHECK_OK(vmap_factor_scores(x, N, P, m->mean, m->sd, m->r, s, weights, score, error, NULL, &err), &err);
    for (size_t i = 0; i < N * K; i++)
        CHECK(isfinite(score[i]) && error[i] > 0);
    vmap_moments_free(m);
    vmap_factor_solution_free(s);
    vmap_score_weights_free(weights);
    free(x);
    gsl_rng_free(rng);
}

/* Correlations of four items on each of three factors with loadings .5, .65, .8 and Phi .15 (1-2), .3 (1-3), .45 (2-3):
 * sorting by size turns the order round. */
static gsl_matrix *three_factors(void)
{
    static const double size[] = {.5, .65, .8}, phi[3][3] = {{1, .15, .3}, {.15, 1, .45}, {.3, .45, 1}};
    gsl_matrix *r = gsl_matrix_alloc(12, 12);

    for (size_t i = 0; i < 12; i++) {
        for (size_t j = 0; j < 12; j++)
            gsl_matrix_set(r, i, j, i == j ? 1 : size[i / 4] * size[j / 4] * phi[i / 4][j / 4]);
    }
    return r;
}

/* factor_analyzer sorts loadings and leaves Phi as it was; it also takes sums of squared pattern loadings for
 * communalities. */
static void phi_stands_in_the_order_of_the_loadings_and_counts_in_communalities(void)
{
    static const vmap_rotation rotations[] = {VMAP_ROTATE_OBLIMIN, VMAP_ROTATE_QUARTIMIN, VMAP_ROTATE_GEOMIN};
    gsl_matrix *r = three_factors();

    for (size_t m = 0; m < 3; m++) {
        vmap_extract_options e;
        vmap_rotate_options o;
        vmap_factor_solution *s = NULL;
        vmap_error err;

        vmap_extract_defaults(&e);
        vmap_rotate_defaults(&o);
        e.factors = 3;
        o.method = rotations[m];
        o.parameter = rotations[m] == VMAP_ROTATE_GEOMIN ? 1e-6 : NAN;
        CHECK_OK(vmap_factor_extract(r, &e, &s, &err), &err);
        CHECK_OK(vmap_factor_rotate_solution(s, &o, NULL, &err), &err);
        CHECK_NEAR(gsl_matrix_get(s->pattern, 11, 0), .8, 2e-3); /* the largest factor is first now */
        CHECK_NEAR(gsl_matrix_get(s->pattern, 4, 1), .65, 2e-3);
        CHECK_NEAR(gsl_matrix_get(s->pattern, 0, 2), .5, 2e-3);
        CHECK_NEAR(gsl_matrix_get(s->phi, 0, 1), .45, 2e-3);
        CHECK_NEAR(gsl_matrix_get(s->phi, 0, 2), .3, 2e-3);
        CHECK_NEAR(gsl_matrix_get(s->phi, 1, 2), .15, 2e-3);
        for (size_t i = 0; i < 12; i++) {
            double h = 0;

            for (size_t f = 0; f < 3; f++)
                h += gsl_matrix_get(s->pattern, i, f) * gsl_matrix_get(s->structure, i, f);
            CHECK_NEAR(h, gsl_vector_get(s->communality, i), 1e-9);
        }
        vmap_factor_solution_free(s);
    }
    gsl_matrix_free(r);
}

/* factor_analyzer prints a KMO of NaN, psych one of a matrix that it has replaced. */
static void fewer_respondents_than_items_have_no_kmo_and_the_reason_is_there(void)
{
    gsl_rng *rng = vmap_rng_new(303, 0);
    double *x = simulate(6, 10, 2, 0, rng);
    vmap_moments *m = NULL;
    vmap_suitability *s = NULL;
    vmap_error err;

    CHECK_OK(vmap_moments_correlate(x, 6, 10, NULL, VMAP_PAIRWISE, &m, &err), &err);
    CHECK_OK(vmap_suitability_new(m->r, 6, &s, &err), &err);
    CHECK(!s->regular && isnan(s->kmo) && isnan(s->chi2) && s->causes > 0);
    CHECK_TEXT(vmap_suitability_word(s->kmo), "not defined");
    vmap_suitability_free(s);
    vmap_moments_free(m);
    free(x);
    gsl_rng_free(rng);
}

static const test_case cases[] = {
    TEST(weights_of_a_whole_population_do_not_inflate_a_test),
    TEST(weighted_scores_have_weighted_mean_zero_and_nobody_is_dropped),
    TEST(phi_stands_in_the_order_of_the_loadings_and_counts_in_communalities),
    TEST(fewer_respondents_than_items_have_no_kmo_and_the_reason_is_there),
};
SUITE(factor_defects_suite, cases);
