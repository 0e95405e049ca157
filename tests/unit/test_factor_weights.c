#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "support/check.h"
#include "valuemap/factor_extract.h"
#include "valuemap/factor_rotate.h"
#include "valuemap/factor_scores.h"
#include "valuemap/moments.h"
#include "valuemap/reliability.h"
#include "valuemap/retention.h"
#include "valuemap/rng.h"

/* A respondent of whole weight is as that many respondents, from the answers through every stage of the analysis. What
 * depends on the number of respondents is told the same number: weights say whom somebody stands for, not how many were
 * asked, so that Kish's number is smaller than the sum of whole weights. */

enum { N = 300, P = 8, K = 2, MOST = 3 * N };

typedef struct {
    size_t n; /* rows of the expanded answers */
    double values[N * P], weights[N], expanded[MOST * P];
    size_t row[MOST]; /* of `values` */
} survey;

/* Five categories, two factors, every twelfth answer missing, weights 1 .. 3. */
static survey *make_survey(void)
{
    gsl_rng *rng = vmap_rng_new(77, 0);
    survey *s = calloc(1, sizeof *s);

    for (size_t r = 0; r < N; r++) {
        double f[K] = {gsl_ran_ugaussian(rng), gsl_ran_ugaussian(rng)};

        s->weights[r] = 1 + (double)vmap_rng_below(rng, 3);
        for (size_t i = 0; i < P; i++) {
            double z = (.5 + .05 * (double)i) * f[i % K] + .2 * f[0] + .7 * gsl_ran_ugaussian(rng);

            s->values[r * P + i] = gsl_rng_uniform(rng) < 1. / 12 ? NAN : fmin(5, fmax(1, round(3 + 1.2 * z)));
        }
        for (double w = 0; w < s->weights[r]; w++) {
            s->row[s->n] = r;
            memcpy(s->expanded + s->n++ * P, s->values + r * P, P * sizeof(double));
        }
    }
    gsl_rng_free(rng);
    return s;
}

static vmap_association *associate(const survey *s, bool weighted, vmap_association_type type, vmap_missing_rule rule,
                                   bool em)
{
    vmap_association_options o;
    vmap_association *a = NULL;
    vmap_error err;

    vmap_association_defaults(&o);
    o.type = type;
    o.missing = rule;
    o.em = em;
    if (weighted)
        CHECK_OK(vmap_moments_associate(s->values, N, P, s->weights, &o, &a, &err), &err);
    else
        CHECK_OK(vmap_moments_associate(s->expanded, s->n, P, NULL, &o, &a, &err), &err);
    return a;
}

static void check_matrices(const gsl_matrix *a, const gsl_matrix *b, double tolerance)
{
    for (size_t i = 0; i < a->size1; i++) {
        for (size_t j = 0; j < a->size2; j++)
            CHECK_NEAR(gsl_matrix_get(a, i, j), gsl_matrix_get(b, i, j), tolerance);
    }
}

static void associations_are_those_of_repeated_respondents(void)
{
    static const vmap_association_type types[] = {VMAP_PEARSON, VMAP_SPEARMAN, VMAP_KENDALL, VMAP_POLYCHORIC};
    survey *s = make_survey();

    for (size_t t = 0; t < 4; t++) {
        for (int rule = VMAP_PAIRWISE; rule <= VMAP_LISTWISE; rule++) {
            vmap_association *a = associate(s, true, types[t], (vmap_missing_rule)rule, false);
            vmap_association *b = associate(s, false, types[t], (vmap_missing_rule)rule, false);

            if (a && b)
                check_matrices(a->moments->r, b->moments->r, 1e-11);
            vmap_association_free(a);
            vmap_association_free(b);
        }
    }
    free(s);
}

/* EM stops when no parameter moves by more than 1e-9. */
static void em_is_that_of_repeated_respondents(void)
{
    survey *s = make_survey();
    vmap_association *a = associate(s, true, VMAP_PEARSON, VMAP_PAIRWISE, true);
    vmap_association *b = associate(s, false, VMAP_PEARSON, VMAP_PAIRWISE, true);

    if (a && b) {
        CHECK(a->converged && b->converged);
        check_matrices(a->moments->r, b->moments->r, 1e-8);
    }
    vmap_association_free(a);
    vmap_association_free(b);
    free(s);
}

static vmap_factor_solution *solve(const gsl_matrix *r, vmap_extraction method, vmap_rotation rotation)
{
    vmap_extract_options e;
    vmap_rotate_options o;
    vmap_factor_solution *s = NULL;
    vmap_error err;

    vmap_extract_defaults(&e);
    e.method = method;
    e.factors = K;
    vmap_rotate_defaults(&o);
    o.method = rotation;
    CHECK_OK(vmap_factor_extract(r, &e, &s, &err), &err);
    if (s)
        CHECK_OK(vmap_factor_rotate_solution(s, &o, NULL, &err), &err);
    return s;
}

static void check_scores(const survey *s, const vmap_moments *a, const vmap_moments *b, const vmap_factor_solution *x,
                         const vmap_factor_solution *y)
{
    double *own = calloc(N * K, sizeof *own), *repeated = calloc(MOST * K, sizeof *repeated);
    vmap_score_weights *v = NULL, *w = NULL;
    vmap_error err;

    CHECK_OK(vmap_score_weights_new(a->r, x, VMAP_SCORE_REGRESSION, 0, &v, &err), &err);
    CHECK_OK(vmap_score_weights_new(b->r, y, VMAP_SCORE_REGRESSION, 0, &w, &err), &err);
    if (v && w) {
        CHECK_OK(vmap_factor_scores(s->values, N, P, a->mean, a->sd, a->r, x, v, own, NULL, NULL, &err), &err);
        CHECK_OK(vmap_factor_scores(s->expanded, s->n, P, b->mean, b->sd, b->r, y, w, repeated, NULL, NULL, &err),
                 &err);
        for (size_t r = 0; r < s->n; r++) {
            for (size_t f = 0; f < K; f++)
                CHECK_NEAR(own[s->row[r] * K + f], repeated[r * K + f], 1e-6);
        }
    }
    vmap_score_weights_free(v);
    vmap_score_weights_free(w);
    free(own);
    free(repeated);
}

static void solutions_and_scores_are_those_of_repeated_respondents(void)
{
    static const vmap_extraction methods[] = {VMAP_EXTRACT_PC, VMAP_EXTRACT_PAF, VMAP_EXTRACT_ULS, VMAP_EXTRACT_ML,
                                              VMAP_EXTRACT_GLS};
    static const vmap_rotation rotations[] = {VMAP_ROTATE_VARIMAX, VMAP_ROTATE_OBLIMIN, VMAP_ROTATE_PROMAX};
    survey *s = make_survey();
    vmap_association *a = associate(s, true, VMAP_PEARSON, VMAP_PAIRWISE, false);
    vmap_association *b = associate(s, false, VMAP_PEARSON, VMAP_PAIRWISE, false);

    for (size_t m = 0; a && b && m < 5; m++) {
        for (size_t t = 0; t < 3; t++) {
            vmap_factor_solution *x = solve(a->moments->r, methods[m], rotations[t]);
            vmap_factor_solution *y = solve(b->moments->r, methods[m], rotations[t]);

            if (x && y) {
                check_matrices(x->pattern, y->pattern, 1e-7);
                check_matrices(x->phi, y->phi, 1e-7);
                if (m < 4)
                    check_scores(s, a->moments, b->moments, x, y);
            }
            vmap_factor_solution_free(x);
            vmap_factor_solution_free(y);
        }
    }
    vmap_association_free(a);
    vmap_association_free(b);
    free(s);
}

static void covariances(const vmap_moments *m, gsl_matrix *cov)
{
    for (size_t i = 0; i < P; i++) {
        for (size_t j = 0; j < P; j++)
            gsl_matrix_set(cov, i, j,
                           gsl_matrix_get(m->r, i, j) * gsl_vector_get(m->sd, i) * gsl_vector_get(m->sd, j));
    }
}

static void reliability_is_that_of_repeated_respondents(void)
{
    survey *s = make_survey();
    vmap_association *a = associate(s, true, VMAP_PEARSON, VMAP_PAIRWISE, false);
    vmap_association *b = associate(s, false, VMAP_PEARSON, VMAP_PAIRWISE, false);
    gsl_matrix *cov = gsl_matrix_alloc(P, P);
    vmap_reliability *x = NULL, *y = NULL;
    vmap_error err;

    if (a && b) {
        covariances(a->moments, cov);
        CHECK_OK(vmap_reliability_new(cov, N, .95, &x, &err), &err);
        covariances(b->moments, cov);
        CHECK_OK(vmap_reliability_new(cov, N, .95, &y, &err), &err);
    }
    if (x && y) {
        CHECK_NEAR(x->alpha, y->alpha, 1e-11);
        CHECK_NEAR(x->omega, y->omega, 1e-8);
        for (size_t l = 0; l < 6; l++)
            CHECK_NEAR(x->lambda[l], y->lambda[l], 1e-10);
    }
    vmap_reliability_free(x);
    vmap_reliability_free(y);
    gsl_matrix_free(cov);
    vmap_association_free(a);
    vmap_association_free(b);
    free(s);
}

static void the_number_of_factors_is_that_of_repeated_respondents(void)
{
    survey *s = make_survey();
    vmap_association *a = associate(s, true, VMAP_PEARSON, VMAP_PAIRWISE, false);
    vmap_association *b = associate(s, false, VMAP_PEARSON, VMAP_PAIRWISE, false);
    vmap_parallel_options o;
    vmap_parallel *x = NULL, *y = NULL;
    vmap_error err;

    vmap_parallel_defaults(&o);
    o.sets = 20;
    if (a && b) {
        CHECK_OK(vmap_parallel_new(a->moments->r, N, NULL, &o, &x, &err), &err);
        CHECK_OK(vmap_parallel_new(b->moments->r, N, NULL, &o, &y, &err), &err);
    }
    for (size_t kind = 0; x && y && kind < VMAP_PARALLEL_KINDS; kind++) {
        for (size_t i = 0; i < P; i++) {
            CHECK_NEAR(gsl_vector_get(x->observed[kind], i), gsl_vector_get(y->observed[kind], i), 1e-8);
            CHECK_NEAR(gsl_vector_get(x->quantile[kind], i), gsl_vector_get(y->quantile[kind], i), 0);
        }
    }
    vmap_parallel_free(x);
    vmap_parallel_free(y);
    vmap_association_free(a);
    vmap_association_free(b);
    free(s);
}

static const test_case cases[] = {
    TEST(associations_are_those_of_repeated_respondents),
    TEST(em_is_that_of_repeated_respondents),
    TEST(the_number_of_factors_is_that_of_repeated_respondents),
    TEST(solutions_and_scores_are_those_of_repeated_respondents),
    TEST(reliability_is_that_of_repeated_respondents),
};
SUITE(factor_weights_suite, cases);
