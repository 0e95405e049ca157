#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "valuemap/mapping.h"

/* Made-up data of mapping.R: 24 rows, 3 predictors, 4 outcomes, 9 clusters. */
enum { N = 24, P = 3, K = 4 };

static gsl_matrix *x, *y;
static size_t cluster[N];

static void begin(void)
{
    gsl_matrix *g = read_reference("mapping.tsv", "cluster");

    x = read_reference("mapping.tsv", "x");
    y = read_reference("mapping.tsv", "y");
    for (size_t i = 0; i < N; i++)
        cluster[i] = (size_t)gsl_matrix_get(g, i, 0);
    gsl_matrix_free(g);
}

static void end(void)
{
    gsl_matrix_free(x);
    gsl_matrix_free(y);
}

static double get_number(void *number, size_t row, size_t col)
{
    (void)col;
    return ((double *)number)[row];
}

static double get_size(void *matrix, size_t row, size_t col)
{
    return fabs(gsl_matrix_get(matrix, row, col));
}

static void compare(const char *quantity, gsl_matrix *m)
{
    check_reference("mapping.tsv", quantity, m->size1 * m->size2, get_matrix_element, m);
}

static void compare_vector(const char *quantity, gsl_vector *v)
{
    check_reference("mapping.tsv", quantity, v->size, get_vector_element, v);
}

static vmap_mapping *fit(vmap_robust_errors errors, const size_t *of)
{
    const vmap_mapping_options o = {errors, of, .95, NULL};
    vmap_mapping *m = NULL;

    CHECK_OK(vmap_mapping_new(x, y, &o, &m, NULL), NULL);
    return m;
}

/* ---- least squares ---- */

static void coefficients_are_those_of_lm(void)
{
    vmap_mapping *m;

    begin();
    m = fit(VMAP_ERRORS_CLASSIC, NULL);
    compare("b", m->b);
    compare("beta", m->beta);
    compare_vector("r2", m->r2);
    compare_vector("adjusted", m->adjusted);
    compare_vector("leverage", m->leverage);
    compare("covariance_classic", m->covariance);
    CHECK_NEAR(gsl_matrix_get(m->df, 1, 2), N - P - 1, 0);
    vmap_mapping_free(m);
    end();
}

static void inflation_is_that_of_car(void)
{
    gsl_vector *v = gsl_vector_calloc(P);
    gsl_matrix *want = read_reference("mapping.tsv", "condition");
    double condition = 0;

    begin();
    CHECK_OK(vmap_mapping_inflation(x, NULL, v, NULL), NULL);
    compare_vector("vif", v);
    CHECK_OK(vmap_mapping_condition(x, &condition, NULL), NULL);
    CHECK_NEAR(condition, gsl_matrix_get(want, 0, 0), 1e-10);
    for (size_t i = 0; i < N; i++) /* the third is made of the others */
        gsl_matrix_set(x, i, 2, gsl_matrix_get(x, i, 0) - 2 * gsl_matrix_get(x, i, 1));
    CHECK_OK(vmap_mapping_condition(x, &condition, NULL), NULL);
    CHECK(isinf(condition));
    gsl_matrix_free(want);
    gsl_vector_free(v);
    end();
}

/* Rows 1 to 3 are the first cluster, row 13 and 14 the sixth. By hand: a dummy of the first cluster is known from it alone, and
 * so is its contrast to others; the intercept is not, once there are other rows. */
static void coefficients_of_a_single_cluster_are_known(void)
{
    bool alone[P + 1];

    begin();
    CHECK_OK(vmap_mapping_alone(x, cluster, alone, NULL), NULL);
    for (size_t j = 0; j <= P; j++)
        CHECK(!alone[j]);
    for (size_t i = 0; i < N; i++)
        gsl_matrix_set(x, i, 1, cluster[i] == 0);
    CHECK_OK(vmap_mapping_alone(x, cluster, alone, NULL), NULL);
    CHECK(!alone[0] && !alone[1] && alone[2] && !alone[3]);
    CHECK_OK(vmap_mapping_alone(x, NULL, alone, NULL), NULL); /* three rows */
    CHECK(!alone[2]);
    for (size_t i = 0; i < N; i++)
        gsl_matrix_set(x, i, 1, i == 12);
    CHECK_OK(vmap_mapping_alone(x, NULL, alone, NULL), NULL);
    CHECK(!alone[0] && !alone[1] && alone[2] && !alone[3]);
    for (size_t i = 0; i < N; i++) /* against the first instead: now the intercept hangs on that row */
        gsl_matrix_set(x, i, 1, i != 12);
    CHECK_OK(vmap_mapping_alone(x, NULL, alone, NULL), NULL);
    CHECK(alone[0] && !alone[1] && alone[2] && !alone[3]);
    end();
}

/* The square block of every outcome. */
static void compare_blocks(const char *name, const vmap_mapping *m)
{
    for (size_t o = 0; o < K; o++) {
        gsl_matrix_view block = gsl_matrix_submatrix(m->covariance, o * (P + 1), o * (P + 1), P + 1, P + 1);
        char quantity[16];

        snprintf(quantity, sizeof quantity, "%s_%zu", name, o + 1);
        compare(quantity, &block.matrix);
    }
}

static void robust_errors_are_those_of_sandwich(void)
{
    const struct {
        const char *name;
        vmap_robust_errors errors;
        bool clustered;
    } kind[] = {{"cr0", VMAP_ERRORS_CR0, true},  {"cr1", VMAP_ERRORS_CR1, true},  {"cr2", VMAP_ERRORS_CR2, true},
                {"hc0", VMAP_ERRORS_CR0, false}, {"hc1", VMAP_ERRORS_CR1, false}, {"hc2", VMAP_ERRORS_CR2, false}};

    begin();
    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
        vmap_mapping *m = fit(kind[i].errors, kind[i].clustered ? cluster : NULL);

        compare_blocks(kind[i].name, m);
        if (i == 1)
            compare("covariance_cr1", m->covariance);
        if (i == 1)
            CHECK_NEAR(gsl_matrix_get(m->df, 0, 0), 8, 0);
        for (size_t a = 0; i == 2 && a <= P; a++) {
            gsl_matrix *df = read_reference("mapping.tsv", "df_cr2");

            CHECK_NEAR(gsl_matrix_get(m->df, a, 1), gsl_matrix_get(df, a, 0), 1e-9);
            gsl_matrix_free(df);
        }
        vmap_mapping_free(m);
    }
    end();
}

static void clusters_may_have_any_numbers(void)
{
    size_t other[N];
    vmap_mapping *a, *b;

    begin();
    for (size_t i = 0; i < N; i++)
        other[i] = N - 1 - 2 * cluster[i];
    a = fit(VMAP_ERRORS_CR2, cluster);
    b = fit(VMAP_ERRORS_CR2, other);
    CHECK_COUNT(b->clusters, 9);
    for (size_t i = 0; i < 16 * 16; i++)
        CHECK_NEAR(a->covariance->data[i], b->covariance->data[i], 1e-14);
    vmap_mapping_free(a);
    vmap_mapping_free(b);
    end();
}

static void wald_tests_are_those_of_car(void)
{
    const size_t first[] = {1, 3}, everywhere[] = {1, 5, 9, 13};
    gsl_matrix *want = NULL;
    vmap_mapping_wald w;
    vmap_mapping *m;

    begin();
    m = fit(VMAP_ERRORS_CR1, cluster);
    want = read_reference("mapping.tsv", "wald");
    CHECK_OK(vmap_mapping_test(m, first, 2, &w, NULL), NULL);
    CHECK_NEAR(w.chi2, gsl_matrix_get(want, 0, 0), 1e-9);
    CHECK_NEAR(w.df2, 4, 0); /* 9 clusters - 4 coefficients - 2 + 1 */
    gsl_matrix_free(want);
    vmap_mapping_free(m);
    m = fit(VMAP_ERRORS_CLASSIC, NULL);
    want = read_reference("mapping.tsv", "hotelling");
    CHECK_OK(vmap_mapping_test(m, everywhere, 4, &w, NULL), NULL);
    CHECK_NEAR(w.f, gsl_matrix_get(want, 0, 0), 1e-9);
    CHECK_NEAR(w.df2, 17, 0);
    gsl_matrix_free(want);
    vmap_mapping_free(m);
    end();
}

static double get_htz(void *wald, size_t row, size_t col)
{
    const vmap_mapping_wald *w = &((vmap_mapping_wald *)wald)[col];
    const double value[] = {w->chi2, isnan(w->f) ? NAN : w->df2 + (double)w->df - 1, w->f, w->df2, w->p};

    return value[row];
}

static void joint_tests_have_the_freedom_of_pustejovsky_and_tipton(void)
{
    static const size_t sets[][6] = {{1, 3}, {1, 5, 9, 13}, {1, 5, 7}, {2, 3, 14}, {2}, {1, 2, 3, 5, 6, 7}, {1}};
    static const size_t counts[] = {2, 4, 3, 3, 1, 6, 1};
    vmap_mapping_wald w[7];
    vmap_mapping *clustered, *rows;

    begin();
    clustered = fit(VMAP_ERRORS_CR2, cluster);
    rows = fit(VMAP_ERRORS_CR2, NULL);
    for (size_t i = 0; i < 7; i++)
        CHECK_OK(vmap_mapping_test(i < 5 ? clustered : rows, sets[i], counts[i], &w[i], NULL), NULL);
    /* the degrees of freedom of the second set are too few for a test: they are not shown */
    CHECK(isnan(w[1].f) && isnan(w[1].p));
    check_reference("mapping.tsv", "htz", 7 * 5, get_htz, w);
    CHECK_NEAR(w[4].p, gsl_matrix_get(clustered->pvalue, 2, 0), 1e-12); /* one coefficient: the t test */
    vmap_mapping_free(clustered);
    vmap_mapping_free(rows);
    end();
}

/* ---- ridge, partial least squares ---- */

static void ridge_is_that_of_lm_ridge(void)
{
    const double lambda[] = {0, .7, 20};
    const char *const tag[] = {"0", "0.7", "20"};

    begin();
    for (int i = 0; i < 3; i++) {
        vmap_ridge *r = NULL;
        char name[16];
        gsl_vector_view b;

        CHECK_OK(vmap_ridge_new(x, y, lambda[i], &r, NULL), NULL);
        b = gsl_matrix_column(r->b, 1);
        snprintf(name, sizeof name, "ridge_%s", tag[i]);
        compare_vector(name, &b.vector);
        snprintf(name, sizeof name, "gcv_%s", tag[i]);
        check_reference("mapping.tsv", name, 1, get_number, gsl_vector_ptr(r->gcv, 1));
        vmap_ridge_free(r);
    }
    end();
}

static void the_penalty_is_that_of_the_least_gcv(void)
{
    vmap_ridge *r = NULL;
    vmap_mapping *m;

    begin();
    CHECK_OK(vmap_ridge_new(x, y, NAN, &r, NULL), NULL);
    compare_vector("ridge_best", r->lambda);
    vmap_ridge_free(r);
    CHECK_OK(vmap_ridge_new(x, y, 0, &r, NULL), NULL);
    m = fit(VMAP_ERRORS_CLASSIC, NULL);
    for (size_t i = 0; i < P * K; i++)
        CHECK_NEAR(r->beta->data[i], m->beta->data[i], 1e-12);
    CHECK_NEAR(gsl_vector_get(r->df, 0), P, 1e-12);
    vmap_ridge_free(r);
    vmap_mapping_free(m);
    end();
}

static void ridge_takes_more_predictors_than_rows(void)
{
    gsl_matrix *wide = gsl_matrix_calloc(4, 6);
    gsl_matrix_view few;
    vmap_ridge *r = NULL;

    begin();
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 6; j++)
            gsl_matrix_set(wide, i, j, gsl_matrix_get(x, i + 4 * (j / 3), j % 3));
    }
    few = gsl_matrix_submatrix(y, 0, 0, 4, 2);
    CHECK_OK(vmap_ridge_new(wide, &few.matrix, NAN, &r, NULL), NULL);
    CHECK(r && gsl_vector_get(r->lambda, 0) > 0);
    for (size_t i = 0; i < 12; i++)
        CHECK(isfinite(r->beta->data[i]));
    vmap_ridge_free(r);
    gsl_matrix_free(wide);
    end();
}

static void pls_is_simpls(void)
{
    begin();
    for (size_t a = 1; a <= P; a++) {
        vmap_pls *s = NULL;
        char name[8];

        CHECK_OK(vmap_pls_new(x, y, a, &s, NULL), NULL);
        snprintf(name, sizeof name, "pls_%zu", a);
        compare(name, s->beta);
        if (a == P) {
            check_reference("mapping.tsv", "pls_scores", N * P, get_size, s->scores);
            compare_vector("pls_x_share", s->x_share);
            compare_vector("pls_y_share", s->y_share);
        }
        vmap_pls_free(s);
    }
    end();
}

static void pls_takes_more_predictors_than_rows(void)
{
    static const size_t rows[] = {1, 3, 5, 8, 11, 15, 19};
    gsl_matrix *wide = read_reference("mapping.tsv", "wide_x"), *few = gsl_matrix_calloc(7, K);

    begin();
    for (size_t i = 0; i < 7; i++) {
        gsl_vector_view row = gsl_matrix_row(y, rows[i]);

        gsl_matrix_set_row(few, i, &row.vector);
    }
    for (size_t a = 1; a <= 4; a++) {
        vmap_pls *s = NULL;
        char name[8];

        CHECK_OK(vmap_pls_new(wide, few, a, &s, NULL), NULL);
        snprintf(name, sizeof name, "wide_%zu", a);
        check_reference("mapping.tsv", name, 9 * K, get_matrix_element, s->beta);
        vmap_pls_free(s);
    }
    gsl_matrix_free(wide);
    gsl_matrix_free(few);
    end();
}

static void all_components_are_least_squares(void)
{
    vmap_pls *s = NULL;
    vmap_mapping *m;

    begin();
    CHECK_OK(vmap_pls_new(x, y, P, &s, NULL), NULL);
    m = fit(VMAP_ERRORS_CLASSIC, NULL);
    for (size_t i = 0; i < (P + 1) * K; i++)
        CHECK_NEAR(s->b->data[i], m->b->data[i], 1e-10);
    vmap_pls_free(s);
    vmap_mapping_free(m);
    end();
}

/* ---- redundancy, canonical correlation ---- */

static void redundancy_is_that_of_vegan(void)
{
    vmap_redundancy *r = NULL;

    begin();
    CHECK_OK(vmap_redundancy_new(x, y, &r, NULL), NULL);
    compare_vector("rda_eigenvalue", r->eigenvalue);
    check_reference("mapping.tsv", "rda_total", 1, get_number, &r->total);
    check_reference("mapping.tsv", "rda_r2", 1, get_number, &r->r2);
    check_reference("mapping.tsv", "rda_adjusted", 1, get_number, &r->adjusted);
    check_reference("mapping.tsv", "rda_f", 1, get_number, &r->f);
    compare("rda_outcomes", r->outcomes);
    compare("rda_sites", r->sites);
    compare("rda_weighted", r->weighted);
    compare("rda_predictors", r->predictors);
    vmap_redundancy_free(r);
    end();
}

static void canonical_correlations_are_those_of_cancor(void)
{
    vmap_canonical *c = NULL;

    begin();
    CHECK_OK(vmap_canonical_new(x, y, &c, NULL), NULL);
    compare_vector("cancor", c->correlation);
    compare("cancor_x", c->x_weights);
    compare("cancor_y", c->y_weights);
    compare("structure_x", c->x_structure);
    compare("structure_y", c->y_structure);
    compare_vector("redundancy_y", c->y_redundancy);
    compare_vector("wilks", c->wilks);
    compare_vector("bartlett_p", c->pvalue);
    vmap_canonical_free(c);
    end();
}

/* ---- random intercepts ---- */

static void random_intercepts_are_those_of_lme4(void)
{
    begin();
    for (int reml = 0; reml < 2; reml++) {
        gsl_vector_view first = gsl_matrix_column(y, 0);
        vmap_mixed *m = NULL;
        double variances[2];

        CHECK_OK(vmap_mixed_new(x, &first.vector, cluster, NULL, reml, &m, NULL), NULL);
        variances[0] = m->between;
        variances[1] = m->within;
        compare_vector(reml ? "reml_b" : "ml_b", m->b);
        compare_vector(reml ? "reml_se" : "ml_se", m->se);
        check_reference("mapping.tsv", reml ? "reml_variances" : "ml_variances", 2, get_number, variances);
        check_reference("mapping.tsv", reml ? "reml_deviance" : "ml_deviance", 1, get_number, &m->deviance);
        CHECK(!m->boundary);
        vmap_mixed_free(m);
    }
    end();
}

static void weighted_random_intercepts_are_those_of_lme4(void)
{
    gsl_matrix *w = read_reference("mapping_weights.tsv", "weights");
    double weights[N];

    begin();
    for (size_t i = 0; i < N; i++)
        weights[i] = 5 * gsl_matrix_get(w, i, 0); /* their scale does not matter */
    for (int reml = 0; reml < 2; reml++) {
        gsl_vector_view first = gsl_matrix_column(y, 0);
        vmap_mixed *m = NULL;
        double variances[2];

        CHECK_OK(vmap_mixed_new(x, &first.vector, cluster, weights, reml, &m, NULL), NULL);
        variances[0] = m->between;
        variances[1] = m->within;
        check_reference("mapping_weights.tsv", reml ? "reml_b" : "ml_b", P + 1, get_vector_element, m->b);
        check_reference("mapping_weights.tsv", reml ? "reml_se" : "ml_se", P + 1, get_vector_element, m->se);
        check_reference("mapping_weights.tsv", reml ? "reml_variances" : "ml_variances", 2, get_number, variances);
        check_reference("mapping_weights.tsv", reml ? "reml_deviance" : "ml_deviance", 1, get_number, &m->deviance);
        vmap_mixed_free(m);
    }
    gsl_matrix_free(w);
    end();
}

/* Rows of a group that differ more among each other than groups do. */
static void no_variance_between_groups_is_least_squares(void)
{
    gsl_vector *v = gsl_vector_calloc(N);
    vmap_mixed *m = NULL;
    vmap_mapping *lm = NULL;
    gsl_matrix *one = gsl_matrix_calloc(N, 1);
    size_t pair[N];

    begin();
    for (size_t i = 0; i < N; i++) {
        pair[i] = i / 2;
        gsl_vector_set(v, i, (i % 2 ? 1 : -1) + .1 * gsl_matrix_get(y, i, 0));
    }
    gsl_matrix_set_col(one, 0, v);
    CHECK_OK(vmap_mixed_new(x, v, pair, NULL, true, &m, NULL), NULL);
    CHECK(m->boundary && m->between == 0 && m->icc == 0);
    CHECK_OK(vmap_mapping_new(x, one, &(vmap_mapping_options){.errors = VMAP_ERRORS_CLASSIC, .level = .95}, &lm, NULL), NULL);
    for (size_t a = 0; a <= P; a++) {
        CHECK_NEAR(gsl_vector_get(m->b, a), gsl_matrix_get(lm->b, a, 0), 1e-12);
        CHECK_NEAR(gsl_vector_get(m->se, a), gsl_matrix_get(lm->se, a, 0), 1e-12);
    }
    vmap_mixed_free(m);
    vmap_mapping_free(lm);
    gsl_matrix_free(one);
    gsl_vector_free(v);
    end();
}

/* ---- refusals ---- */

static void what_cannot_be_fitted_is_refused(void)
{
    vmap_mapping *m = NULL;
    vmap_canonical *c = NULL;
    vmap_mixed *mixed = NULL;
    vmap_pls *pls = NULL;
    vmap_error err;
    gsl_matrix_view few_x, few_y;
    gsl_vector_view first;
    gsl_vector *v = gsl_vector_calloc(P);
    size_t own[N];

    begin();
    first = gsl_matrix_column(y, 0);
    few_x = gsl_matrix_submatrix(x, 0, 0, 4, P);
    few_y = gsl_matrix_submatrix(y, 0, 0, 4, K);
    CHECK_FAILS(vmap_mapping_new(&few_x.matrix, &few_y.matrix, NULL, &m, &err), VMAP_EDATA, &err,
                "4 rows for 3 predictors; at least 5 are needed");
    CHECK_FAILS(vmap_mapping_new(&few_x.matrix, y, NULL, &m, &err), VMAP_EINVAL, &err, "4 rows of predictors, 24 of outcomes");
    few_x = gsl_matrix_submatrix(x, 0, 0, 7, P);
    few_y = gsl_matrix_submatrix(y, 0, 0, 7, K);
    CHECK_FAILS(vmap_canonical_new(&few_x.matrix, &few_y.matrix, &c, &err), VMAP_EDATA, &err, "at least 8");
    CHECK_FAILS(vmap_pls_new(x, y, 4, &pls, &err), VMAP_EINVAL, &err, "1 to 3");
    for (size_t i = 0; i < N; i++)
        own[i] = i;
    CHECK_FAILS(vmap_mixed_new(x, &first.vector, own, NULL, true, &mixed, &err), VMAP_EDATA, &err, "every group has one row");
    for (size_t i = 0; i < N; i++)
        own[i] = i % 3;
    CHECK_FAILS(vmap_mixed_new(x, &first.vector, own, NULL, true, &mixed, &err), VMAP_EDATA, &err, "3 groups for 3 predictors");
    CHECK_FAILS(vmap_mapping_new(x, y, &(vmap_mapping_options){VMAP_ERRORS_CR1, own, .95, NULL}, &m, &err), VMAP_EDATA, &err,
                "3 clusters for 3 predictors");
    own[5] = N;
    CHECK_FAILS(vmap_mapping_new(x, y, &(vmap_mapping_options){VMAP_ERRORS_CR1, own, .95, NULL}, &m, &err), VMAP_EINVAL, &err,
                "row 6 is in cluster 24");
    for (size_t i = 0; i < N; i++)
        gsl_matrix_set(x, i, 2, 4 - gsl_matrix_get(x, i, 0) + 2 * gsl_matrix_get(x, i, 1));
    CHECK_FAILS(vmap_mapping_new(x, y, NULL, &m, &err), VMAP_ESINGULAR, &err, "predictor 3");
    CHECK_OK(vmap_mapping_inflation(x, NULL, v, NULL), NULL);
    CHECK(isinf(gsl_vector_get(v, 0)) && isinf(gsl_vector_get(v, 1)) && isinf(gsl_vector_get(v, 2)));
    gsl_matrix_set(x, 3, 1, NAN);
    CHECK_FAILS(vmap_mapping_new(x, y, NULL, &m, &err), VMAP_EDATA, &err, "predictor 2 is not a finite number in row 4");
    for (size_t i = 0; i < N; i++)
        gsl_matrix_set(x, i, 1, .1);
    CHECK_FAILS(vmap_mapping_new(x, y, NULL, &m, &err), VMAP_EDATA, &err, "predictor 2 is the same in all rows");
    CHECK(!m && !c && !mixed && !pls);
    gsl_vector_free(v);
    end();
}

static void too_many_coefficients_are_not_tested_together(void)
{
    const size_t many[] = {1, 2, 3, 5, 6, 7}, wrong = 16;
    vmap_mapping_wald w;
    vmap_mapping *m;
    vmap_error err;

    begin();
    m = fit(VMAP_ERRORS_CR2, cluster);
    CHECK_FAILS(vmap_mapping_test(m, many, 6, &w, &err), VMAP_EDATA, &err, "at most 5 can");
    CHECK_FAILS(vmap_mapping_test(m, &wrong, 1, &w, &err), VMAP_EINVAL, &err, "coefficient 16 of 16");
    vmap_mapping_free(m);
    end();
}

static const test_case cases[] = {
    TEST(coefficients_are_those_of_lm),
    TEST(inflation_is_that_of_car),
    TEST(coefficients_of_a_single_cluster_are_known),
    TEST(robust_errors_are_those_of_sandwich),
    TEST(clusters_may_have_any_numbers),
    TEST(wald_tests_are_those_of_car),
    TEST(joint_tests_have_the_freedom_of_pustejovsky_and_tipton),
    TEST(ridge_is_that_of_lm_ridge),
    TEST(the_penalty_is_that_of_the_least_gcv),
    TEST(ridge_takes_more_predictors_than_rows),
    TEST(pls_is_simpls),
    TEST(pls_takes_more_predictors_than_rows),
    TEST(all_components_are_least_squares),
    TEST(redundancy_is_that_of_vegan),
    TEST(canonical_correlations_are_those_of_cancor),
    TEST(random_intercepts_are_those_of_lme4),
    TEST(weighted_random_intercepts_are_those_of_lme4),
    TEST(no_variance_between_groups_is_least_squares),
    TEST(what_cannot_be_fitted_is_refused),
    TEST(too_many_coefficients_are_not_tested_together),
};
SUITE(mapping_models_suite, cases);
