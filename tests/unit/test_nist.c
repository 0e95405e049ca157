#include <config.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "valuemap/least_squares.h"
#include "valuemap/moments.h"

/* Data sets made to break programs: NIST StRD (certified values; tolerances are what double precision can reach on them)
 * and Wilkinson's Statistics Quiz (1985). */

#define FILE_NAME "nist.tsv"

/* y in the first column, predictors in the others. */
static vmap_least_squares *fit(const char *name, vmap_status *status, vmap_error *err)
{
    char text[64];
    gsl_matrix *data, *x, *y;
    vmap_least_squares *f = NULL;

    snprintf(text, sizeof text, "%s_data", name);
    data = read_reference(FILE_NAME, text);
    x = gsl_matrix_alloc(data->size1, data->size2 - 1);
    y = gsl_matrix_alloc(data->size1, 1);
    for (size_t i = 0; i < data->size1; i++) {
        gsl_matrix_set(y, i, 0, gsl_matrix_get(data, i, 0));
        for (size_t j = 1; j < data->size2; j++)
            gsl_matrix_set(x, i, j - 1, gsl_matrix_get(data, i, j));
    }
    *status = vmap_least_squares_new(x, y, &(vmap_least_squares_options){.errors = VMAP_ERRORS_CLASSIC}, &f, err);
    gsl_matrix_free(data);
    gsl_matrix_free(x);
    gsl_matrix_free(y);
    return f;
}

static double get_error(void *of, size_t row, size_t col)
{
    const vmap_least_squares *f = of;

    (void)col;
    return sqrt(gsl_matrix_get(f->covariance, row, row));
}

static void check(const char *name, size_t coefficients, bool errors)
{
    char text[64];
    vmap_status status;
    vmap_error err = {0};
    vmap_least_squares *f = fit(name, &status, &err);

    CHECK_OK(status, &err);
    if (!f)
        return;
    snprintf(text, sizeof text, "%s_b", name);
    check_reference(FILE_NAME, text, coefficients, get_matrix_element, f->b);
    snprintf(text, sizeof text, "%s_r2", name);
    check_reference(FILE_NAME, text, 1, get_vector_element, f->r2);
    snprintf(text, sizeof text, "%s_se", name);
    if (errors)
        check_reference(FILE_NAME, text, coefficients, get_error, f);
    vmap_least_squares_free(f);
}

static void norris(void) { check("norris", 2, true); }
static void longley(void) { check("longley", 7, true); }
static void wampler_without_error(void) { check("wampler1", 6, false); check("wampler2", 6, false); }
static void wampler3(void) { check("wampler3", 6, true); }
static void wampler4(void) { check("wampler4", 6, true); }
static void wampler5(void) { check("wampler5", 6, true); }

/* The tenth powers of these numbers hang together beyond what doubles can tell apart: no digits rather than wrong ones. */
static void filip_is_refused_by_name(void)
{
    vmap_status status;
    vmap_error err = {0};
    vmap_least_squares *f = fit("filip", &status, &err);

    CHECK(status == VMAP_ESINGULAR && f == NULL);
    CHECK(strstr(err.message, "predictor 8 is determined by those before it") != NULL);
}

/* ---- means and standard deviations ---- */

static void check_numacc(int set)
{
    char text[32];
    gsl_matrix *x;
    gsl_matrix *two;
    vmap_moments *m = NULL;
    vmap_error err;

    snprintf(text, sizeof text, "numacc%d_data", set);
    x = read_reference(FILE_NAME, text);
    two = gsl_matrix_alloc(x->size1, 2); /* a matrix of correlations has two items or more */
    for (size_t i = 0; i < x->size1; i++) {
        gsl_matrix_set(two, i, 0, gsl_matrix_get(x, i, 0));
        gsl_matrix_set(two, i, 1, gsl_matrix_get(x, i, 0));
    }
    CHECK_OK(vmap_moments_correlate(two->data, x->size1, 2, NULL, VMAP_PAIRWISE, &m, &err), &err);
    if (m) {
        double n = (double)x->size1;

        gsl_vector_scale(m->sd, sqrt(n / (n - 1)));
        snprintf(text, sizeof text, "numacc%d_mean", set);
        check_reference(FILE_NAME, text, 1, get_vector_element, m->mean);
        snprintf(text, sizeof text, "numacc%d_sd", set);
        check_reference(FILE_NAME, text, 1, get_vector_element, m->sd);
        /* products are added in BLAS's order, squares in ours: n terms of one sign are each off by n epsilon at most */
        CHECK_NEAR(gsl_matrix_get(m->r, 0, 1), 1, n * DBL_EPSILON);
        CHECK(gsl_matrix_get(m->r, 0, 1) <= 1);
    }
    vmap_moments_free(m);
    gsl_matrix_free(x);
    gsl_matrix_free(two);
}

static void means_and_deviations_of_large_numbers(void)
{
    for (int set = 1; set <= 4; set++)
        check_numacc(set);
}

/* ---- Wilkinson's quiz ---- */

enum { X, BIG, LITTLE, HUGE_ONE, TINY, ROUND, VARIABLES };

/* II.A-D: all these variables are straight lines of one another. */
static void fill_nasty(double *data, size_t columns)
{
    for (size_t i = 0; i < 9; i++) {
        double k = (double)(i + 1), *row = data + i * columns;

        row[X] = k;
        row[BIG] = 99999990 + k;
        row[LITTLE] = (99999990 + k) / 1e8;
        row[HUGE_ONE] = k * 1e12;
        row[TINY] = k * 1e-12;
        row[ROUND] = k - .5;
    }
}

static void every_correlation_of_the_quiz_is_1(void)
{
    static const vmap_association_type types[] = {VMAP_PEARSON, VMAP_SPEARMAN, VMAP_KENDALL};
    static const double mean[] = {5, 99999995, .99999995, 5e12, 5e-12, 4.5};
    double data[9 * VARIABLES];

    fill_nasty(data, VARIABLES);
    for (size_t t = 0; t < 3; t++) {
        vmap_association_options o;
        vmap_association *a = NULL;
        vmap_error err;

        vmap_association_defaults(&o);
        o.type = types[t];
        CHECK_OK(vmap_moments_associate(data, 9, VARIABLES, NULL, &o, &a, &err), &err);
        for (size_t i = 0; a && i < VARIABLES; i++) {
            double unit = i == LITTLE ? 1e-8 : i == HUGE_ONE ? 1e12 : i == TINY ? 1e-12 : 1;

            CHECK_NEAR(gsl_vector_get(a->moments->mean, i), mean[i], 2e-16 * mean[i]);
            /* 2.738612788 with divisor n - 1; LITTLE has eight digits less than a double, as it is stored */
            CHECK_NEAR(gsl_vector_get(a->moments->sd, i) * sqrt(9. / 8), sqrt(7.5) * unit, (i == LITTLE ? 1e-7 : 1e-15) * unit * 3);
            for (size_t j = 0; j < i; j++) /* each rounding of LITTLE's last digit is 1e-8 of its spread */
                CHECK_NEAR(gsl_matrix_get(a->moments->r, i, j), 1, 5e-16);
        }
        vmap_association_free(a);
    }
}

/* II.C: ZERO has no variance and MISS no values: nothing is correlated with them, and they are named. */
static void constants_and_missing_columns_are_named(void)
{
    double data[9 * (VARIABLES + 1)];
    vmap_moments *m = NULL;
    vmap_error err;

    fill_nasty(data, VARIABLES + 1);
    for (size_t kind = 0; kind < 2; kind++) {
        for (size_t i = 0; i < 9; i++)
            data[i * (VARIABLES + 1) + VARIABLES] = kind ? NAN : 0;
        CHECK_FAILS(vmap_moments_correlate(data, 9, VARIABLES + 1, NULL, VMAP_PAIRWISE, &m, &err), VMAP_EDATA, &err,
                    kind ? "nobody answered" : "constant");
        CHECK_TEXT(err.column, "7");
    }
    CHECK(m == NULL);
}

/* IV.A-C: BIG on X has intercept 99999990 and slope 1; X on BIG and LITTLE has no solution of its own. */
static void regressions_of_the_quiz(void)
{
    double data[9 * VARIABLES];
    gsl_matrix_view all = gsl_matrix_view_array(data, 9, VARIABLES);
    gsl_matrix_view x = gsl_matrix_submatrix(&all.matrix, 0, X, 9, 1), big = gsl_matrix_submatrix(&all.matrix, 0, BIG, 9, 1),
                    both = gsl_matrix_submatrix(&all.matrix, 0, BIG, 9, 2);
    vmap_least_squares_options o = {.errors = VMAP_ERRORS_CLASSIC};
    vmap_least_squares *f = NULL;
    vmap_error err;

    fill_nasty(data, VARIABLES);
    CHECK_OK(vmap_least_squares_new(&x.matrix, &big.matrix, &o, &f, &err), &err);
    if (f) {
        CHECK_NEAR(gsl_matrix_get(f->b, 0, 0), 99999990, 0);
        CHECK_NEAR(gsl_matrix_get(f->b, 1, 0), 1, 0);
        CHECK_NEAR(gsl_vector_get(f->r2, 0), 1, 0);
    }
    vmap_least_squares_free(f);
    f = NULL;
    CHECK_OK(vmap_least_squares_new(&x.matrix, &x.matrix, &o, &f, &err), &err);
    if (f) {
        CHECK_NEAR(gsl_matrix_get(f->b, 0, 0), 0, 1e-15);
        CHECK_NEAR(gsl_matrix_get(f->b, 1, 0), 1, 0);
    }
    vmap_least_squares_free(f);
    f = NULL;
    CHECK_FAILS(vmap_least_squares_new(&both.matrix, &x.matrix, &o, &f, &err), VMAP_ESINGULAR, &err,
                "predictor 2 is determined by those before it");
}

static const test_case cases[] = {
    TEST(norris), TEST(longley), TEST(wampler_without_error), TEST(wampler3), TEST(wampler4), TEST(wampler5), TEST(filip_is_refused_by_name),
    TEST(means_and_deviations_of_large_numbers), TEST(every_correlation_of_the_quiz_is_1),
    TEST(constants_and_missing_columns_are_named), TEST(regressions_of_the_quiz),
};
SUITE(nist_suite, cases);
