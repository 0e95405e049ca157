#include <config.h>

#include <math.h>
#include <stdio.h>

#include "support/check.h"
#include "valuemap/least_squares.h"

/* Made-up data of least_squares.R: 30 rows in 8 clusters, 3 predictors, 2 outcomes. Without the rows that miss an
 * outcome 28 count, and without the weight of 0 27. */
enum { N = 30, P = 3, K = 2 };

#define FILE_NAME "least_squares.tsv"

static gsl_matrix *x, *y, *weight;
static size_t cluster[N];

static void begin(void)
{
    gsl_matrix *g = read_reference(FILE_NAME, "cluster");

    x = read_reference(FILE_NAME, "x");
    y = read_reference(FILE_NAME, "y");
    weight = read_reference(FILE_NAME, "weight");
    for (size_t i = 0; i < N; i++)
        cluster[i] = (size_t)gsl_matrix_get(g, i, 0);
    gsl_matrix_free(g);
}

static void end(void)
{
    gsl_matrix_free(x);
    gsl_matrix_free(y);
    gsl_matrix_free(weight);
}

static vmap_least_squares *fit(vmap_robust_errors errors, bool clustered, const double *weights)
{
    vmap_least_squares *f = NULL;

    CHECK_OK(vmap_least_squares_new(x, y, &(vmap_least_squares_options){errors, clustered ? cluster : NULL, weights}, &f, NULL), NULL);
    return f;
}

/* Leverages of the rows that count, in order. */
static double get_leverage(void *of, size_t row, size_t col)
{
    const vmap_least_squares *f = of;
    size_t seen = 0;

    (void)col;
    for (size_t i = 0; i < N; i++) {
        if (!isnan(gsl_matrix_get(f->residual, i, 0)) && seen++ == row)
            return gsl_vector_get(f->leverage, i);
    }
    return NAN;
}

static void compare(const char *name, const vmap_least_squares *f, bool weighted)
{
    for (size_t o = 0; o < K; o++) {
        gsl_matrix_view block = gsl_matrix_submatrix(f->covariance, o * (P + 1), o * (P + 1), P + 1, P + 1);
        char quantity[40];

        snprintf(quantity, sizeof quantity, "%s_%s_%zu", weighted ? "weighted" : "plain", name, o + 1);
        check_reference(FILE_NAME, quantity, (P + 1) * (P + 1), get_matrix_element, &block.matrix);
    }
}

static void compare_fit(vmap_least_squares *f, bool weighted)
{
    const char *tag = weighted ? "weighted" : "plain";
    char quantity[40];

    for (size_t o = 0; o < K; o++) {
        gsl_matrix_view b = gsl_matrix_submatrix(f->b, 0, o, P + 1, 1);
        gsl_vector_view r2 = gsl_vector_subvector(f->r2, o, 1);

        snprintf(quantity, sizeof quantity, "%s_b_%zu", tag, o + 1);
        check_reference(FILE_NAME, quantity, P + 1, get_matrix_element, &b.matrix);
        snprintf(quantity, sizeof quantity, "%s_r2_%zu", tag, o + 1);
        check_reference(FILE_NAME, quantity, 1, get_vector_element, &r2.vector);
        snprintf(quantity, sizeof quantity, "%s_leverage_%zu", tag, o + 1);
        check_reference(FILE_NAME, quantity, f->n, get_leverage, f);
    }
}

static void errors_are_those_of_lm_and_sandwich_with_and_without_weights(void)
{
    static const struct {
        const char *name;
        vmap_robust_errors errors;
        bool clustered;
    } kind[] = {{"classic", VMAP_ERRORS_CLASSIC, false}, {"hc0", VMAP_ERRORS_CR0, false}, {"hc1", VMAP_ERRORS_CR1, false},
                {"hc2", VMAP_ERRORS_CR2, false}, {"hc3", VMAP_ERRORS_CR3, false}, {"cr0", VMAP_ERRORS_CR0, true},
                {"cr1", VMAP_ERRORS_CR1, true}, {"cr2", VMAP_ERRORS_CR2, true}, {"cr3", VMAP_ERRORS_CR3, true}};

    begin();
    for (int weighted = 0; weighted < 2; weighted++) {
        for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
            vmap_least_squares *f = fit(kind[i].errors, kind[i].clustered, weighted ? weight->data : NULL);

            compare(kind[i].name, f, weighted);
            CHECK_COUNT(f->n, weighted ? 27 : 28);
            CHECK_COUNT(f->clusters, kind[i].clustered ? 8 : f->n);
            if (i == 0)
                compare_fit(f, weighted);
            if (kind[i].errors == VMAP_ERRORS_CR3)
                CHECK_NEAR(gsl_vector_get(f->df, 1), (double)f->clusters - 1, 0);
            vmap_least_squares_free(f);
        }
    }
    end();
}

static void the_scale_of_weights_does_not_matter(void)
{
    double large[N];
    vmap_least_squares *a, *b;

    begin();
    for (size_t i = 0; i < N; i++)
        large[i] = 1e6 * weight->data[i];
    a = fit(VMAP_ERRORS_CR2, true, weight->data);
    b = fit(VMAP_ERRORS_CR2, true, large);
    for (size_t i = 0; i < (P + 1) * (P + 1) * K * K; i++)
        CHECK_NEAR(b->covariance->data[i], a->covariance->data[i], 1e-12);
    for (size_t j = 0; j <= P; j++)
        CHECK_NEAR(gsl_vector_get(b->df, j), gsl_vector_get(a->df, j), 1e-9);
    vmap_least_squares_free(a);
    vmap_least_squares_free(b);
    end();
}

/* Rows that do not count have a prediction and no residual, whatever stands in them. */
static void rows_that_do_not_count_change_nothing(void)
{
    vmap_least_squares *a, *b;

    begin();
    a = fit(VMAP_ERRORS_CR2, true, weight->data);
    CHECK(isnan(gsl_matrix_get(a->residual, 3, 1)) && isnan(gsl_matrix_get(a->residual, 13, 0)));
    CHECK(isfinite(gsl_matrix_get(a->fitted, 3, 1)));
    CHECK_NEAR(gsl_vector_get(a->leverage, 13), 0, 0);
    gsl_matrix_set(x, 13, 1, NAN);
    gsl_matrix_set(y, 13, 1, INFINITY);
    gsl_matrix_set(y, 3, 1, 1e300);
    b = fit(VMAP_ERRORS_CR2, true, weight->data);
    for (size_t i = 0; i < (P + 1) * (P + 1) * K * K; i++)
        CHECK_NEAR(b->covariance->data[i], a->covariance->data[i], 0);
    vmap_least_squares_free(a);
    vmap_least_squares_free(b);
    end();
}

/* A cluster all of whose rows do not count is none. */
static void clusters_without_rows_that_count_are_none(void)
{
    vmap_least_squares *f;

    begin();
    cluster[3] = 29; /* misses an outcome */
    f = fit(VMAP_ERRORS_CR1, true, NULL);
    CHECK_COUNT(f->clusters, 8);
    vmap_least_squares_free(f);
    end();
}

static void an_outcome_that_does_not_vary_has_no_r2(void)
{
    vmap_least_squares *f;

    begin();
    for (size_t i = 0; i < N; i++)
        gsl_matrix_set(y, i, 1, .3);
    f = fit(VMAP_ERRORS_CR3, false, NULL);
    CHECK(isnan(gsl_vector_get(f->r2, 1)) && !isnan(gsl_vector_get(f->r2, 0)));
    CHECK_NEAR(gsl_matrix_get(f->b, 0, 1), .3, 1e-14);
    CHECK_NEAR(gsl_matrix_get(f->b, 2, 1), 0, 1e-14);
    vmap_least_squares_free(f);
    end();
}

static void what_cannot_be_fitted_is_refused(void)
{
    vmap_least_squares *f = NULL;
    vmap_least_squares_options o = {VMAP_ERRORS_CR1, cluster, NULL};
    gsl_matrix_view few;
    vmap_error err;

    begin();
    few = gsl_matrix_submatrix(y, 0, 0, N - 1, K);
    CHECK_FAILS(vmap_least_squares_new(x, &few.matrix, &o, &f, &err), VMAP_EINVAL, &err, "30 rows of predictors, 29 of outcomes");
    o.weights = weight->data;
    weight->data[7] = -1;
    CHECK_FAILS(vmap_least_squares_new(x, y, &o, &f, &err), VMAP_EINVAL, &err, "weight 8 is -1");
    for (size_t i = 0; i < N; i++)
        weight->data[i] = i > 0 && i % 7 == 0;
    CHECK_FAILS(vmap_least_squares_new(x, y, &o, &f, &err), VMAP_EDATA, &err, "4 rows for 3 predictors");
    o.weights = NULL;
    cluster[2] = N;
    CHECK_FAILS(vmap_least_squares_new(x, y, &o, &f, &err), VMAP_EINVAL, &err, "row 3 is in cluster 30");
    for (size_t i = 0; i < N; i++)
        cluster[i] = 4;
    CHECK_FAILS(vmap_least_squares_new(x, y, &o, &f, &err), VMAP_EDATA, &err, "1 clusters");
    o.cluster = NULL;
    gsl_matrix_set(x, 5, 2, INFINITY);
    CHECK_FAILS(vmap_least_squares_new(x, y, &o, &f, &err), VMAP_EDATA, &err, "predictor 3 is not a finite number in row 6");
    for (size_t i = 0; i < N; i++)
        gsl_matrix_set(x, i, 2, 1);
    CHECK_FAILS(vmap_least_squares_new(x, y, &o, &f, &err), VMAP_ESINGULAR, &err, "predictor 3 is determined");
    for (size_t i = 0; i < N; i++)
        gsl_matrix_set(x, i, 2, 0);
    CHECK_FAILS(vmap_least_squares_new(x, y, &o, &f, &err), VMAP_ESINGULAR, &err, "predictor 3 is determined");
    CHECK(!f);
    end();
}

static const test_case cases[] = {
    TEST(errors_are_those_of_lm_and_sandwich_with_and_without_weights),
    TEST(the_scale_of_weights_does_not_matter),
    TEST(rows_that_do_not_count_change_nothing),
    TEST(clusters_without_rows_that_count_are_none),
    TEST(an_outcome_that_does_not_vary_has_no_r2),
    TEST(what_cannot_be_fitted_is_refused),
};
SUITE(least_squares_suite, cases);
