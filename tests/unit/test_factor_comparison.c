#include <config.h>

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>

#include "factor/factor_internal.h"
#include "support/check.h"
#include "valuemap/retention.h"
#include "valuemap/rng.h"

static vmap_comparison *compare(const double *x, size_t n, size_t p, vmap_association_type type, size_t samples, size_t most,
                                unsigned threads)
{
    vmap_association_options how;
    vmap_parallel_data data = {x, n, NULL, &how};
    vmap_comparison_options o;
    vmap_association *a = NULL;
    vmap_comparison *c = NULL;
    vmap_error err;

    vmap_association_defaults(&how);
    how.type = type;
    vmap_comparison_defaults(&o);
    o.samples = samples;
    o.threads = threads;
    o.most = most;
    CHECK_OK(vmap_moments_associate(x, n, p, NULL, &how, &a, &err), &err);
    if (a)
        CHECK_OK(vmap_comparison_new(a->moments->r, (double)n, &data, &o, &c, &err), &err);
    vmap_association_free(a);
    return c;
}

/* ---- known values ---- */

static double get_smaller(void *p, size_t row, size_t col)
{
    (void)col;
    return ((double *)p)[row];
}

static void the_rank_sum_test_is_that_of_r(void)
{
    gsl_matrix *x = read_reference("comparison.tsv", "smaller_x"), *y = read_reference("comparison.tsv", "smaller_y");
    double room[130], p[2];

    if (x && y) {
        p[0] = factor_smaller(x->data, 60, y->data, 70, room);
        p[1] = factor_smaller(y->data, 70, x->data, 60, room);
        check_reference("comparison.tsv", "smaller", 2, get_smaller, p);
    }
    p[0] = factor_smaller((const double[]){1, 1, 1}, 3, (const double[]){1, 1}, 2, room);
    CHECK_NEAR(p[0], 1, 0);
    gsl_matrix_free(x);
    gsl_matrix_free(y);
}

/* Populations and samples are those of a program written in R from the papers, within what chance leaves. */
static void populations_and_samples_are_those_of_r(void)
{
    gsl_matrix *x = read_reference("comparison.tsv", "x"), *factors = read_reference("comparison.tsv", "factors");
    vmap_comparison *c = x ? compare(x->data, x->size1, x->size2, VMAP_PEARSON, 300, 0, 0) : NULL;

    if (c && factors) {
        gsl_vector_view misfit = gsl_vector_subvector(c->misfit, 0, 4), away = gsl_vector_subvector(c->away, 0, 4);

        CHECK((double)c->factors >= gsl_matrix_get(factors, 0, 0) && (double)c->factors <= gsl_matrix_get(factors, 1, 0));
        for (size_t k = 1; k <= c->most; k++) { /* the search ends behind the last factor that is kept */
            CHECK(k > c->factors || gsl_vector_get(c->p_value, k) < .3);
            CHECK(k <= c->factors + 1 || isnan(gsl_vector_get(c->p_value, k)));
        }
        check_reference("comparison.tsv", "misfit", 4, get_vector_element, &misfit.vector);
        check_reference("comparison.tsv", "away", 4, get_vector_element, &away.vector);
    }
    vmap_comparison_free(c);
    gsl_matrix_free(x);
    gsl_matrix_free(factors);
}

/* ---- properties ---- */

/* k factors of equal items with five answers each. */
static double *answers(size_t n, size_t p, size_t k, gsl_rng *rng)
{
    double *x = calloc(n * p, sizeof *x);

    for (size_t i = 0; i < n; i++) {
        double f[4];

        for (size_t g = 0; g < 4; g++)
            f[g] = gsl_ran_ugaussian(rng);
        for (size_t j = 0; j < p; j++) {
            double v = k ? .75 * f[j % k] + .66 * gsl_ran_ugaussian(rng) : gsl_ran_ugaussian(rng);

            x[i * p + j] = v < -.8 ? 1 : v < .2 ? 2 : v < .9 ? 3 : v < 1.6 ? 4 : 5;
        }
    }
    return x;
}

static void factors_are_found_and_none_in_noise(void)
{
    static const vmap_association_type types[] = {VMAP_PEARSON, VMAP_SPEARMAN, VMAP_POLYCHORIC};
    gsl_rng *rng = vmap_rng_new(71, 0);

    for (size_t k = 0; k <= 2; k += 2) {
        double *x = answers(300, 8, k, rng);

        for (size_t t = 0; t < 3; t++) {
            vmap_comparison *c = compare(x, 300, 8, types[t], types[t] == VMAP_POLYCHORIC ? 20 : 60, 0, 0);

            if (c) {
                /* at a level of .30 chance alone adds a factor in three of ten samples */
                CHECK(c->factors == k || c->factors == k + 1);
                CHECK(k == 0 || gsl_vector_get(c->p_value, k) < 1e-6);
                CHECK_COUNT(c->most, 4); /* five factors of eight items have no degrees of freedom left */
                CHECK(isnan(gsl_vector_get(c->p_value, 0)));
                CHECK(gsl_vector_get(c->away, k) < 1.5 / sqrt(300)); /* what sampling leaves */
            }
            vmap_comparison_free(c);
        }
        free(x);
    }
    gsl_rng_free(rng);
}

static void the_number_of_threads_changes_nothing(void)
{
    gsl_rng *rng = vmap_rng_new(72, 0);
    double *x = answers(200, 6, 1, rng);
    vmap_comparison *a = compare(x, 200, 6, VMAP_PEARSON, 40, 0, 1), *b = compare(x, 200, 6, VMAP_PEARSON, 40, 0, 3);

    if (a && b) {
        CHECK_COUNT(a->factors, b->factors);
        for (size_t k = 0; k <= a->factors; k++)
            CHECK_NEAR(gsl_vector_get(a->misfit, k), gsl_vector_get(b->misfit, k), 0);
    }
    vmap_comparison_free(a);
    vmap_comparison_free(b);
    free(x);
    gsl_rng_free(rng);
}

/* ---- refusals ---- */

static void what_cannot_be_compared_is_refused(void)
{
    const double x[] = {1, 2, 2, 1, 3, 3, 1, 4}, flat[] = {1, 2, 1, 1, 1, 3, 1, 4};
    gsl_matrix *r = gsl_matrix_alloc(2, 2);
    vmap_parallel_data data = {x, 4, NULL, NULL}, constant = {flat, 4, NULL, NULL};
    vmap_comparison_options o;
    vmap_comparison *c = NULL;
    vmap_error err;

    gsl_matrix_set_identity(r);
    vmap_comparison_defaults(&o);
    CHECK_FAILS(vmap_comparison_new(r, 4, NULL, &o, &c, &err), VMAP_EINVAL, &err, "a matrix alone");
    CHECK_FAILS(vmap_comparison_new(r, 2, &data, &o, &c, &err), VMAP_EINVAL, &err, "2 respondents");
    CHECK_FAILS(vmap_comparison_new(r, 4, &constant, &o, &c, &err), VMAP_EDATA, &err, "item 1 is constant");
    o.samples = 3;
    CHECK_FAILS(vmap_comparison_new(r, 4, &data, &o, &c, &err), VMAP_EINVAL, &err, "3 samples");
    CHECK(c == NULL);
    gsl_matrix_free(r);
}

static const test_case cases[] = {
    TEST(the_rank_sum_test_is_that_of_r),
    TEST(populations_and_samples_are_those_of_r),
    TEST(factors_are_found_and_none_in_noise),
    TEST(the_number_of_threads_changes_nothing),
    TEST(what_cannot_be_compared_is_refused),
};
SUITE(factor_comparison_suite, cases);
