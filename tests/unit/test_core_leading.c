#include <config.h>

#include <math.h>

#include <gsl/gsl_randist.h>

#include "core/leading.h"
#include "core/numeric.h"
#include "support/check.h"
#include "valuemap/rng.h"

enum { P = 120, K = 4 };

/* Eigenvalues 40, 30, 20, 10 and others from 2 down to 2 / 116, with the vectors of a reflection H = I - 2 u u'. */
static gsl_matrix *known_matrix(gsl_matrix *h)
{
    gsl_matrix *a = gsl_matrix_calloc(P, P), *hd = gsl_matrix_alloc(P, P);
    gsl_rng *rng = vmap_rng_new(3, 0);
    double u[P], size = 0;

    for (size_t i = 0; i < P; i++) {
        u[i] = gsl_ran_ugaussian(rng);
        size += u[i] * u[i];
    }
    for (size_t i = 0; i < P; i++) {
        for (size_t j = 0; j < P; j++) {
            gsl_matrix_set(h, i, j, (i == j) - 2 * u[i] * u[j] / size);
            gsl_matrix_set(hd, i, j,
                           gsl_matrix_get(h, i, j) * (j < K ? 40 - 10 * (double)j : 2 * (double)(P - j) / (P - K)));
        }
    }
    numeric_multiply(1, 0, hd, 0, h, a);
    for (size_t i = 0; i < P; i++) {
        for (size_t j = 0; j < i; j++)
            gsl_matrix_set(a, j, i, gsl_matrix_get(a, i, j));
    }
    gsl_matrix_free(hd);
    gsl_rng_free(rng);
    return a;
}

static void known_pairs_are_found_from_other_vectors(void)
{
    gsl_matrix *h = gsl_matrix_alloc(P, P), *a = known_matrix(h), *start = gsl_matrix_calloc(P, 8);
    gsl_matrix *vectors = gsl_matrix_alloc(P, K);
    gsl_vector *values = gsl_vector_alloc(K);
    vmap_error err;
    leading *l = leading_new(P, K, &err);

    CHECK(leading_pays(P, K) && !leading_pays(24, K) && l && leading_room(l) <= 8);
    for (size_t m = 0; m < 8; m++)
        gsl_matrix_set(start, m, m, 1);
    leading_begin(l, start);
    CHECK(leading_find(l, a, NULL, NULL, LEADING_FINEST, values, vectors));
    for (size_t m = 0; m < K; m++) {
        double along = 0;

        CHECK_NEAR(gsl_vector_get(values, m), 40 - 10 * (double)m, 1e-12);
        for (size_t i = 0; i < P; i++)
            along += gsl_matrix_get(vectors, i, m) * gsl_matrix_get(h, i, m);
        CHECK_NEAR(fabs(along), 1, 1e-13);
    }
    leading_free(l);
    gsl_matrix_free(h);
    gsl_matrix_free(a);
    gsl_matrix_free(start);
    gsl_matrix_free(vectors);
    gsl_vector_free(values);
}

/* Step by step, as in an extraction, beside LAPACK's decomposition of the matrix that is formed. */
static void scaled_and_reduced_matrices_have_those_of_a_whole_decomposition(void)
{
    gsl_matrix *h = gsl_matrix_alloc(P, P), *a = known_matrix(h), *start = gsl_matrix_calloc(P, 8);
    gsl_matrix *vectors = gsl_matrix_alloc(P, K), *every = gsl_matrix_alloc(P, P), *formed = gsl_matrix_alloc(P, P);
    gsl_vector *values = gsl_vector_alloc(K), *all = gsl_vector_alloc(P), *scale = gsl_vector_alloc(P),
               *minus = gsl_vector_alloc(P);
    vmap_error err;
    leading *l = leading_new(P, K, &err);

    for (size_t m = 0; m < 8; m++)
        gsl_matrix_set(start, m, m, 1);
    leading_begin(l, start);
    for (int step = 0; step < 4; step++) {
        for (size_t i = 0; i < P; i++) {
            gsl_vector_set(scale, i, 1 + .05 * step * sin((double)i));
            gsl_vector_set(minus, i, .1 * step * cos((double)i));
            for (size_t j = 0; j <= i; j++) {
                double x = gsl_matrix_get(a, i, j) * gsl_vector_get(scale, i) * gsl_vector_get(scale, j) -
                           (i == j ? gsl_vector_get(minus, i) : 0);

                gsl_matrix_set(formed, i, j, x);
                gsl_matrix_set(formed, j, i, x);
            }
        }
        CHECK(leading_find(l, a, scale, minus, LEADING_FINEST, values, vectors));
        CHECK_OK(numeric_eigen(formed, all, every, &err), &err);
        for (size_t m = 0; m < K; m++) {
            double along = 0;

            CHECK_NEAR(gsl_vector_get(values, m), gsl_vector_get(all, m), 1e-12);
            for (size_t i = 0; i < P; i++)
                along += gsl_matrix_get(vectors, i, m) * gsl_matrix_get(every, i, m);
            CHECK_NEAR(fabs(along), 1, 1e-13);
        }
    }
    leading_free(l);
    gsl_matrix_free(h);
    gsl_matrix_free(a);
    gsl_matrix_free(start);
    gsl_matrix_free(vectors);
    gsl_matrix_free(every);
    gsl_matrix_free(formed);
    gsl_vector_free(values);
    gsl_vector_free(all);
    gsl_vector_free(scale);
    gsl_vector_free(minus);
}

/* A diagonal matrix: from axes alone no product ever leaves them, so that the largest value stays unseen. */
static void a_value_that_was_missed_is_noticed(void)
{
    gsl_matrix *a = gsl_matrix_calloc(P, P), *start = gsl_matrix_calloc(P, 8), *vectors = gsl_matrix_alloc(P, K);
    gsl_vector *values = gsl_vector_alloc(K);
    vmap_error err;
    leading *l = leading_new(P, K, &err);

    for (size_t i = 0; i < P; i++)
        gsl_matrix_set(a, i, i, (double)(i + 1));
    for (size_t m = 0; m < 8; m++)
        gsl_matrix_set(start, P - 2 - m, m, 1);
    leading_begin(l, start);
    CHECK(leading_find(l, a, NULL, NULL, LEADING_FINEST, values, vectors));
    CHECK_NEAR(gsl_vector_get(values, 0), P - 1, 1e-12);
    CHECK_NEAR(gsl_vector_get(values, K - 1), P - K, 1e-12);
    for (size_t i = 0; i < P; i++) {
        for (size_t m = 0; m < K; m++)
            *gsl_matrix_ptr(a, i, i) -= gsl_vector_get(values, m) * pow(gsl_matrix_get(vectors, i, m), 2);
    }
    CHECK(!leading_complete(a, P - K + 1e-9));
    leading_free(l);
    gsl_matrix_free(a);
    gsl_matrix_free(start);
    gsl_matrix_free(vectors);
    gsl_vector_free(values);
}

/* By hand: [[2, 1], [1, 2]] has 3 and 1. */
static void eigenvalues_are_below_a_number_or_not(void)
{
    double below[] = {2, 1, 1, 2}, above[] = {2, 1, 1, 2};
    gsl_matrix_view a = gsl_matrix_view_array(below, 2, 2), b = gsl_matrix_view_array(above, 2, 2);

    CHECK(leading_complete(&a.matrix, 3.001));
    CHECK(!leading_complete(&b.matrix, 2.999));
}

static const test_case cases[] = {
    TEST(known_pairs_are_found_from_other_vectors),
    TEST(scaled_and_reduced_matrices_have_those_of_a_whole_decomposition),
    TEST(a_value_that_was_missed_is_noticed),
    TEST(eigenvalues_are_below_a_number_or_not),
};
SUITE(core_leading_suite, cases);
