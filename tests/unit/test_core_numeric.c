#include <config.h>

#include <math.h>

#include <dlfcn.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "support/check.h"
#include "valuemap/rng.h"

/* The inverse of the 3 x 3 Hilbert matrix has 9, 192, 180 in its diagonal, its determinant is 1 / 2160. */
static void diagonal_of_an_inverse_and_determinant(void)
{
    gsl_matrix *h = gsl_matrix_alloc(3, 3);
    gsl_vector *diagonal = gsl_vector_alloc(3);
    double logarithm;
    vmap_error err;

    for (size_t i = 0; i < 9; i++)
        h->data[i] = 1. / (double)(i / 3 + i % 3 + 1);
    CHECK_OK(numeric_precisions(h, diagonal, &logarithm, &err), &err);
    CHECK_NEAR(gsl_vector_get(diagonal, 0), 9, 1e-12);
    CHECK_NEAR(gsl_vector_get(diagonal, 1), 192, 1e-11);
    CHECK_NEAR(gsl_vector_get(diagonal, 2), 180, 1e-11);
    CHECK_NEAR(logarithm, -log(2160), 1e-13);
    gsl_matrix_set_all(h, 1);
    CHECK_FAILS(numeric_precisions(h, diagonal, &logarithm, &err), VMAP_ESINGULAR, &err, "singular");
    gsl_matrix_free(h);
    gsl_vector_free(diagonal);
}

/* A random symmetric positive definite matrix B B' / p + .1 I. */
static gsl_matrix *random_spd(size_t p, gsl_rng *rng)
{
    gsl_matrix *b = gsl_matrix_alloc(p, p), *a = gsl_matrix_alloc(p, p);

    for (size_t i = 0; i < p * p; i++)
        b->data[i] = gsl_ran_ugaussian(rng);
    numeric_multiply(1. / (double)p, 0, b, 1, b, a);
    for (size_t i = 0; i < p; i++)
        *gsl_matrix_ptr(a, i, i) += .1;
    gsl_matrix_free(b);
    return a;
}

/* By hand: [[2, 1], [1, 2]] has the eigenvalues 3 and 1 with vectors (1, 1) and (1, -1) / sqrt 2;
 * the second has the sum 0, so that its largest element, the first of two, is made positive. */
static void eigenvalues_of_a_known_matrix(void)
{
    double data[] = {2, 1, 1, 2};
    gsl_matrix_view a = gsl_matrix_view_array(data, 2, 2);
    gsl_vector *values = gsl_vector_alloc(2);
    gsl_matrix *vectors = gsl_matrix_alloc(2, 2);
    vmap_error err;

    CHECK_OK(numeric_eigen(&a.matrix, values, vectors, &err), &err);
    CHECK_NEAR(gsl_vector_get(values, 0), 3, 1e-15);
    CHECK_NEAR(gsl_vector_get(values, 1), 1, 1e-15);
    CHECK_NEAR(gsl_matrix_get(vectors, 0, 0), sqrt(.5), 1e-15);
    CHECK_NEAR(gsl_matrix_get(vectors, 1, 0), sqrt(.5), 1e-15);
    CHECK_NEAR(fabs(gsl_matrix_get(vectors, 0, 1)), sqrt(.5), 1e-15);
    CHECK_NEAR(gsl_matrix_get(vectors, 0, 1) + gsl_matrix_get(vectors, 1, 1), 0, 1e-15);
    CHECK(data[1] == 1 && data[2] == 1);
    gsl_vector_free(values);
    gsl_matrix_free(vectors);
}

/* The inverse of the 3 x 3 Hilbert matrix has whole elements (Choi 1983, Amer. Math. Monthly 90).
 */
static void inverse_of_the_hilbert_matrix(void)
{
    static const double known[] = {9, -36, 30, -36, 192, -180, 30, -180, 180};
    gsl_matrix *h = gsl_matrix_alloc(3, 3), *inverse = gsl_matrix_alloc(3, 3);
    vmap_error err;

    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 3; j++)
            gsl_matrix_set(h, i, j, 1. / (double)(i + j + 1));
    }
    CHECK_OK(numeric_invert(h, inverse, &err), &err);
    for (size_t i = 0; i < 9; i++)
        CHECK_NEAR(inverse->data[i], known[i], 1e-10);
    gsl_matrix_free(h);
    gsl_matrix_free(inverse);
}

static void products_with_transposed_matrices(void)
{
    double a_data[] = {1, 2, 3, 4, 5, 6}, b_data[] = {7, 8, 9, 10, 11, 12};
    gsl_matrix_view a = gsl_matrix_view_array(a_data, 2, 3),
                    b = gsl_matrix_view_array(b_data, 3, 2);
    gsl_matrix_view a3 = gsl_matrix_view_array(a_data, 3, 2),
                    b2 = gsl_matrix_view_array(b_data, 2, 3);
    gsl_matrix *out = gsl_matrix_alloc(2, 2);

    numeric_multiply(1, 0, &a.matrix, 0, &b.matrix, out);
    CHECK_NEAR(gsl_matrix_get(out, 0, 0), 58, 0);
    CHECK_NEAR(gsl_matrix_get(out, 0, 1), 64, 0);
    CHECK_NEAR(gsl_matrix_get(out, 1, 0), 139, 0);
    CHECK_NEAR(gsl_matrix_get(out, 1, 1), 154, 0);
    numeric_multiply(2, 1, &a3.matrix, 1, &b2.matrix, out); /* (1 3 5; 2 4 6) (7 10; 8 11; 9 12) */
    CHECK_NEAR(gsl_matrix_get(out, 0, 0), 2 * 76, 0);
    CHECK_NEAR(gsl_matrix_get(out, 0, 1), 2 * 103, 0);
    CHECK_NEAR(gsl_matrix_get(out, 1, 0), 2 * 100, 0);
    CHECK_NEAR(gsl_matrix_get(out, 1, 1), 2 * 136, 0);
    gsl_matrix_free(out);
}

/* Neumaier's own example (1974, Z. Angew. Math. Mech. 54): plain summation gives 0. */
static void compensated_sums_keep_small_terms(void)
{
    numeric_sum s = {0, 0};

    numeric_add(&s, 1);
    numeric_add(&s, 1e100);
    numeric_add(&s, 1);
    numeric_add(&s, -1e100);
    CHECK_NEAR(s.sum + s.rest, 2, 0);
}

/* GSL calls whatever cblas_dgemm the dynamic linker finds first. It must be OpenBLAS: the slow
 * reference routines of gslcblas win silently when the libraries are linked in the wrong order. */
static void gsl_calls_openblas(void)
{
    void *dgemm = dlsym(RTLD_DEFAULT, "cblas_dgemm");
    Dl_info where = {.dli_fname = NULL};

    CHECK(dlsym(RTLD_DEFAULT, "openblas_get_config") != NULL);
    CHECK(dgemm != NULL && dladdr(dgemm, &where) != 0);
    CHECK(where.dli_fname && strstr(where.dli_fname, "openblas") != NULL);
}

/* A V = V diag(values), V'V = I, values descending, column sums not negative. */
static void eigenvectors_reproduce_the_matrix(void)
{
    gsl_rng *rng = vmap_rng_new(21, 0);

    for (size_t p = 1; p <= 60; p += p < 20 ? 1 : 13) { /* both methods: up to 16, and beyond */
        gsl_matrix *a = random_spd(p, rng), *v = gsl_matrix_alloc(p, p);
        gsl_matrix *av = gsl_matrix_alloc(p, p), *vv = gsl_matrix_alloc(p, p);
        gsl_vector *values = gsl_vector_alloc(p);

        CHECK_OK(numeric_eigen(a, values, v, NULL), NULL);
        numeric_multiply(1, 0, a, 0, v, av);
        numeric_multiply(1, 1, v, 0, v, vv);
        for (size_t j = 0; j < p; j++) {
            double sum = 0;

            for (size_t i = 0; i < p; i++) {
                sum += gsl_matrix_get(v, i, j);
                CHECK_NEAR(gsl_matrix_get(av, i, j),
                           gsl_vector_get(values, j) * gsl_matrix_get(v, i, j), 1e-13);
                CHECK_NEAR(gsl_matrix_get(vv, i, j), i == j, 1e-14);
            }
            CHECK(sum > 0);
            CHECK(j == 0 || gsl_vector_get(values, j - 1) >= gsl_vector_get(values, j));
        }
        gsl_matrix_free(a);
        gsl_matrix_free(v);
        gsl_matrix_free(av);
        gsl_matrix_free(vv);
        gsl_vector_free(values);
    }
    gsl_rng_free(rng);
}

static void some_eigenvalues_are_the_first_of_all(void)
{
    static const size_t sizes[][2] = {{3, 3}, {17, 3}, {45, 3}, {70, 1}, {70, 8}, {70, 9}, {70, 23}, {200, 5}};
    gsl_rng *rng = vmap_rng_new(23, 0);

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t p = sizes[s][0], k = sizes[s][1];
        gsl_matrix *a = random_spd(p, rng), *v = gsl_matrix_alloc(p, p), *some = gsl_matrix_alloc(p, k);
        gsl_vector *values = gsl_vector_alloc(p), *first = gsl_vector_alloc(k);
        gsl_vector *alone = gsl_vector_alloc(p);

        CHECK_OK(numeric_eigen(a, values, v, NULL), NULL);
        CHECK_OK(numeric_eigen_largest(a, first, some, NULL), NULL);
        CHECK_OK(numeric_eigenvalues(a, alone, NULL), NULL);
        for (size_t i = 0; i < p; i++) {
            CHECK_NEAR(gsl_vector_get(alone, i), gsl_vector_get(values, i), 1e-13);
            for (size_t j = 0; j < k; j++) {
                CHECK_NEAR(gsl_vector_get(first, j), gsl_vector_get(values, j), 1e-13);
                CHECK_NEAR(gsl_matrix_get(some, i, j), gsl_matrix_get(v, i, j), 1e-10);
            }
        }
        gsl_matrix_free(a);
        gsl_matrix_free(v);
        gsl_matrix_free(some);
        gsl_vector_free(values);
        gsl_vector_free(first);
        gsl_vector_free(alone);
    }
    gsl_rng_free(rng);
}

/* Four groups of five items that correlate 1/2 within and 0 between have the value 3 four times; so have they when a
 * small noise keeps the matrix in one piece. */
static void equal_eigenvalues_have_vectors_at_right_angles(void)
{
    enum { P = 20, K = 4 };
    gsl_matrix *a = gsl_matrix_alloc(P, P), *v = gsl_matrix_alloc(P, K);
    gsl_vector *values = gsl_vector_alloc(K);

    for (int noise = 0; noise < 2; noise++) {
        for (size_t i = 0; i < P * P; i++)
            a->data[i] = i / P == i % P ? 1 : (i / P % 4 == i % P % 4 ? .5 : 1e-12 * noise);
        CHECK_OK(numeric_eigen_largest(a, values, v, NULL), NULL);
        for (size_t k = 0; k < K; k++) {
            CHECK_NEAR(gsl_vector_get(values, k), 3, 1e-10);
            for (size_t i = 0; i < P; i++) {
                double product = 0;

                for (size_t j = 0; j < P; j++)
                    product += gsl_matrix_get(a, i, j) * gsl_matrix_get(v, j, k);
                CHECK_NEAR(product, 3 * gsl_matrix_get(v, i, k), 1e-10);
            }
            for (size_t l = 0; l <= k; l++) {
                double product = 0;

                for (size_t i = 0; i < P; i++)
                    product += gsl_matrix_get(v, i, k) * gsl_matrix_get(v, i, l);
                CHECK_NEAR(product, k == l, 1e-10);
            }
        }
    }
    gsl_matrix_free(a);
    gsl_matrix_free(v);
    gsl_vector_free(values);
}

/* U diag(values) V' = A with orthonormal columns, for wide and tall matrices. */
static void singular_vectors_reproduce_the_matrix(void)
{
    static const size_t sizes[][2] = {{1, 1}, {4, 4}, {7, 3}, {2, 6}};
    gsl_rng *rng = vmap_rng_new(24, 0);

    for (size_t s = 0; s < 4; s++) {
        size_t m = sizes[s][0], n = sizes[s][1], q = m < n ? m : n;
        gsl_matrix *a = gsl_matrix_alloc(m, n), *u = gsl_matrix_alloc(m, q), *v = gsl_matrix_alloc(n, q);
        gsl_vector *values = gsl_vector_alloc(q);

        for (size_t i = 0; i < m * n; i++)
            a->data[i] = gsl_ran_ugaussian(rng);
        CHECK_OK(numeric_svd(a, u, values, v, NULL), NULL);
        for (size_t i = 0; i < m; i++) {
            for (size_t j = 0; j < n; j++) {
                double x = 0;

                for (size_t l = 0; l < q; l++)
                    x += gsl_matrix_get(u, i, l) * gsl_vector_get(values, l) * gsl_matrix_get(v, j, l);
                CHECK_NEAR(x, gsl_matrix_get(a, i, j), 1e-14);
            }
        }
        for (size_t j = 0; j + 1 < q; j++)
            CHECK(gsl_vector_get(values, j) >= gsl_vector_get(values, j + 1));
        gsl_matrix_free(a);
        gsl_matrix_free(u);
        gsl_matrix_free(v);
        gsl_vector_free(values);
    }
    gsl_rng_free(rng);
}

/* |Hilbert 3| = 1/2160; 1200 items with the determinant .5^1200, which is no double. */
static void logarithms_of_determinants(void)
{
    gsl_matrix *h = gsl_matrix_alloc(3, 3), *d = gsl_matrix_calloc(1200, 1200);
    double log_determinant = 0;

    for (size_t i = 0; i < 9; i++)
        h->data[i] = 1. / (double)(i / 3 + i % 3 + 1);
    for (size_t i = 0; i < 1200; i++)
        gsl_matrix_set(d, i, i, .5);
    CHECK_OK(numeric_log_determinant(h, &log_determinant, NULL), NULL);
    CHECK_NEAR(log_determinant, -log(2160), 1e-13);
    CHECK_OK(numeric_log_determinant(d, &log_determinant, NULL), NULL);
    CHECK_NEAR(log_determinant, 1200 * log(.5), 1e-9);
    gsl_matrix_free(h);
    gsl_matrix_free(d);
}

static void a_matrix_times_its_inverse_is_the_identity(void)
{
    gsl_rng *rng = vmap_rng_new(22, 0);

    for (size_t p = 1; p <= 12; p++) {
        gsl_matrix *a = random_spd(p, rng), *b = gsl_matrix_alloc(p, p),
                   *ab = gsl_matrix_alloc(p, p);

        CHECK_OK(numeric_invert(a, b, NULL), NULL);
        numeric_multiply(1, 0, a, 0, b, ab);
        for (size_t i = 0; i < p; i++) {
            for (size_t j = 0; j < p; j++)
                CHECK_NEAR(gsl_matrix_get(ab, i, j), i == j, 1e-12);
        }
        gsl_matrix_free(a);
        gsl_matrix_free(b);
        gsl_matrix_free(ab);
    }
    gsl_rng_free(rng);
}

static void matrices_with_nan_or_infinity_are_refused(void)
{
    double data[] = {1, NAN, NAN, 1};
    gsl_matrix_view a = gsl_matrix_view_array(data, 2, 2);
    gsl_vector *values = gsl_vector_calloc(2);
    gsl_matrix *out = gsl_matrix_calloc(2, 2);
    vmap_error err;

    CHECK_FAILS(numeric_eigen(&a.matrix, values, out, &err), VMAP_EDATA, &err,
                "element (1, 2) of the matrix is not a finite number");
    data[1] = data[2] = INFINITY;
    CHECK_FAILS(numeric_invert(&a.matrix, out, &err), VMAP_EDATA, &err, "not a finite number");
    CHECK(gsl_vector_isnull(values) && gsl_matrix_isnull(out));
    gsl_vector_free(values);
    gsl_matrix_free(out);
}

static void singular_and_indefinite_matrices_are_refused(void)
{
    double singular[] = {1, 1, 1, 1}, nearly[] = {1, 1 - 1e-14, 1 - 1e-14, 1};
    double indefinite[] = {1, 2, 2, 1}, zero[] = {0};
    gsl_matrix_view a = gsl_matrix_view_array(singular, 2, 2),
                    b = gsl_matrix_view_array(nearly, 2, 2);
    gsl_matrix_view c = gsl_matrix_view_array(indefinite, 2, 2),
                    d = gsl_matrix_view_array(zero, 1, 1);
    gsl_matrix *out = gsl_matrix_calloc(2, 2), *one = gsl_matrix_calloc(1, 1);
    vmap_error err;

    CHECK_FAILS(numeric_invert(&a.matrix, out, &err), VMAP_ESINGULAR, &err, "singular");
    CHECK_FAILS(numeric_invert(&b.matrix, out, &err), VMAP_ESINGULAR, &err, "singular");
    CHECK_FAILS(numeric_invert(&c.matrix, out, &err), VMAP_ESINGULAR, &err, "singular");
    CHECK_FAILS(numeric_invert(&d.matrix, one, &err), VMAP_ESINGULAR, &err, "singular");
    CHECK(gsl_matrix_isnull(out));
    gsl_matrix_free(out);
    gsl_matrix_free(one);
}

static const test_case cases[] = {
    TEST(eigenvalues_of_a_known_matrix),
    TEST(inverse_of_the_hilbert_matrix),
    TEST(products_with_transposed_matrices),
    TEST(compensated_sums_keep_small_terms),
    TEST(gsl_calls_openblas),
    TEST(eigenvectors_reproduce_the_matrix),
    TEST(some_eigenvalues_are_the_first_of_all),
    TEST(equal_eigenvalues_have_vectors_at_right_angles),
    TEST(singular_vectors_reproduce_the_matrix),
    TEST(logarithms_of_determinants),
    TEST(diagonal_of_an_inverse_and_determinant),
    TEST(a_matrix_times_its_inverse_is_the_identity),
    TEST(matrices_with_nan_or_infinity_are_refused),
    TEST(singular_and_indefinite_matrices_are_refused),
};
SUITE(core_numeric_suite, cases);
