#include <config.h>

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_linalg.h>
#include <gsl/gsl_randist.h>

#include "support/check.h"
#include "valuemap/off_map.h"
#include "valuemap/rng.h"

static const char FILE_NAME[] = "space_off_map.tsv";

static vmap_space *built_in(void)
{
    vmap_space *s = NULL;
    vmap_error err;

    CHECK_OK(vmap_space_read(source_path("spaces/iw2023.json"), &s, &err), &err);
    return s;
}

static vmap_off_map *judge(const vmap_space *s, const double *values, size_t n, double level)
{
    vmap_projection *pr = NULL;
    vmap_off_map *off = NULL;
    vmap_error err;

    CHECK_OK(vmap_space_project(s, values, n, 1, &pr, &err), &err);
    CHECK_OK(vmap_off_map_find(s, values, pr, level, &off, &err), &err);
    vmap_projection_free(pr);
    return off;
}

static double value(void *context, size_t row, size_t col)
{
    const vmap_off_map *off = context;

    return col == 0 ? off->spe[row] : col == 1 ? off->spe_limit[row] : off->t2[row];
}

static double residual(void *context, size_t row, size_t col)
{
    return ((vmap_off_map *)context)->residual[row * 10 + col];
}

static double t2_limit(void *context, size_t row, size_t col)
{
    (void)row, (void)col;
    return ((vmap_off_map *)context)->t2_limit;
}

static void errors_limits_and_residuals_are_those_of_numpy(void)
{
    vmap_space *s = built_in();
    gsl_matrix *x = read_reference(FILE_NAME, "answers");
    vmap_off_map *off = judge(s, x->data, 12, .99);

    check_reference(FILE_NAME, "off", 36, value, off);
    check_reference(FILE_NAME, "residual", 120, residual, off);
    check_reference(FILE_NAME, "t2_limit", 1, t2_limit, off);
    for (size_t i = 0; i < 12; i++) {
        CHECK(off->far[i] == (off->t2[i] > off->t2_limit));
        CHECK(off->odd[i] == (off->spe[i] > off->spe_limit[i]));
    }
    vmap_off_map_free(off);
    gsl_matrix_free(x);
    vmap_space_free(s);
}

/* In a normal population one in twenty is beyond each limit, with complete and with incomplete answers. */
static void limits_hold_in_a_normal_population(void)
{
    enum { N = 8000 };
    vmap_space *s = built_in();
    gsl_matrix *root = gsl_matrix_alloc(10, 10);
    gsl_rng *rng = vmap_rng_new(9, 0);
    double *x = calloc(N * 10, sizeof *x);
    size_t odd[2] = {0}, far[2] = {0};
    double ratio = 0;
    vmap_off_map *off;

    gsl_matrix_memcpy(root, s->r);
    CHECK(gsl_linalg_cholesky_decomp1(root) == 0);
    for (size_t i = 0; i < N; i++) {
        double z[10];

        for (size_t j = 0; j < 10; j++)
            z[j] = gsl_ran_ugaussian(rng);
        for (size_t j = 0; j < 10; j++) {
            double sum = 0;

            for (size_t a = 0; a <= j; a++)
                sum += gsl_matrix_get(root, j, a) * z[a];
            x[i * 10 + j] = i % 2 && j < 4 ? NAN : gsl_vector_get(s->mean, j) + sum * gsl_vector_get(s->sd, j);
        }
    }
    off = judge(s, x, N, .95);
    for (size_t i = 0; i < N; i++) {
        odd[i % 2] += off->odd[i];
        far[i % 2] += off->far[i];
        ratio += off->spe[i] / off->spe_mean[i] / N;
    }
    CHECK_NEAR(ratio, 1, .03);
    for (size_t half = 0; half < 2; half++) {
        CHECK_NEAR((double)odd[half] / (N / 2), .05, .016); /* four standard errors, and Box's approximation */
        CHECK_NEAR((double)far[half] / (N / 2), .05, .014);
    }
    vmap_off_map_free(off);
    free(x);
    gsl_matrix_free(root);
    gsl_rng_free(rng);
    vmap_space_free(s);
}

static void too_few_answers_and_bad_levels(void)
{
    vmap_space *s = built_in();
    double x[] = {5, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN,
                  5, 0,   NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN,
                  NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    vmap_off_map *off = judge(s, x, 3, .99), *none = NULL;
    vmap_projection *pr = NULL;
    vmap_error err;

    CHECK(isnan(off->spe[0]) && isnan(off->t2[0]));
    CHECK(isnan(off->spe[1]) && off->t2[1] >= 0);
    CHECK(isnan(off->spe[2]) && isnan(off->t2[2]) && !off->odd[2] && !off->far[2]);
    CHECK_OK(vmap_space_project(s, x, 3, 1, &pr, &err), &err);
    CHECK_FAILS(vmap_off_map_find(s, x, pr, 1, &none, &err), VMAP_EINVAL, &err, "level 1 is not");
    CHECK(none == NULL);
    vmap_projection_free(pr);
    vmap_off_map_free(off);
    vmap_off_map_free(NULL);
    vmap_space_free(s);
}

static const test_case cases[] = {
    TEST(errors_limits_and_residuals_are_those_of_numpy),
    TEST(limits_hold_in_a_normal_population),
    TEST(too_few_answers_and_bad_levels),
};
SUITE(space_off_map_suite, cases);
