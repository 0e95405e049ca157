#include <config.h>

#include <math.h>
#include <stdio.h>

#include <gsl/gsl_randist.h>

#include "core/numeric.h"
#include "support/check.h"
#include "valuemap/factor.h"
#include "valuemap/rng.h"

/* The columns of `got` in the order and with the signs of the reference `want`. */
static void match_columns(gsl_matrix *got, const gsl_matrix *want)
{
    for (size_t j = 0; j < want->size2; j++) {
        double best = 0;
        size_t at = j;

        for (size_t m = j; m < got->size2; m++) {
            double product = 0;

            for (size_t i = 0; i < got->size1; i++)
                product += gsl_matrix_get(got, i, m) * gsl_matrix_get(want, i, j);
            if (fabs(product) > fabs(best)) {
                best = product;
                at = m;
            }
        }
        gsl_matrix_swap_columns(got, j, at);
        for (size_t i = 0; best < 0 && i < got->size1; i++)
            gsl_matrix_set(got, i, j, -gsl_matrix_get(got, i, j));
    }
}

static void check_matched(gsl_matrix *got, const char *quantity)
{
    gsl_matrix *want = read_reference("factor.tsv", quantity);

    if (CHECK(want->size1 == got->size1 && want->size2 == got->size2)) {
        match_columns(got, want);
        check_reference("factor.tsv", quantity, got->size1 * got->size2, get_matrix_element, got);
    }
    gsl_matrix_free(want);
}

/* A random correlation matrix of p items. */
static gsl_matrix *random_correlations(size_t p, gsl_rng *rng)
{
    gsl_matrix *b = gsl_matrix_alloc(p, p + 5), *r = gsl_matrix_alloc(p, p);

    for (size_t i = 0; i < p; i++) {
        double size = 0;

        for (size_t j = 0; j < p + 5; j++) {
            gsl_matrix_set(b, i, j, gsl_ran_ugaussian(rng) + (j == 0));
            size = hypot(size, gsl_matrix_get(b, i, j));
        }
        for (size_t j = 0; j < p + 5; j++)
            gsl_matrix_set(b, i, j, gsl_matrix_get(b, i, j) / size);
    }
    numeric_multiply(1, 0, b, 1, b, r);
    gsl_matrix_free(b);
    return r;
}

/* ---- known values ---- */

/* By hand: two items with correlation .6 have the eigenvalues 1.6 and .4; the loadings are
 * sqrt(1.6 / 2) and +-sqrt(.4 / 2). */
static void two_items_by_hand(void)
{
    double data[] = {1, .6, .6, 1};
    gsl_matrix_view r = gsl_matrix_view_array(data, 2, 2);
    gsl_vector *values = gsl_vector_alloc(2);
    gsl_matrix *l = gsl_matrix_alloc(2, 2);
    vmap_error err;

    CHECK_OK(vmap_factor_components(&r.matrix, values, l, &err), &err);
    CHECK_NEAR(gsl_vector_get(values, 0), 1.6, 1e-15);
    CHECK_NEAR(gsl_vector_get(values, 1), .4, 1e-15);
    CHECK_NEAR(gsl_matrix_get(l, 0, 0), sqrt(.8), 1e-15);
    CHECK_NEAR(gsl_matrix_get(l, 1, 0), sqrt(.8), 1e-15);
    CHECK_NEAR(fabs(gsl_matrix_get(l, 0, 1)), sqrt(.2), 1e-15);
    gsl_vector_free(values);
    gsl_matrix_free(l);
}

static void components_and_weights_are_those_of_psych(void)
{
    gsl_matrix *r = read_reference("factor.tsv", "attitude_r");

    for (size_t k = 2; k <= 4; k++) {
        gsl_vector *values = gsl_vector_alloc(7);
        gsl_matrix *l = gsl_matrix_alloc(7, k), *turned = gsl_matrix_alloc(7, k);
        gsl_matrix *t = gsl_matrix_alloc(k, k), *w = gsl_matrix_alloc(7, k);
        char name[64];
        vmap_error err;

        CHECK_OK(vmap_factor_components(r, values, l, &err), &err);
        check_reference("factor.tsv", "attitude_eigenvalues", 7, get_vector_element, values);
        CHECK_OK(vmap_factor_varimax(l, true, turned, t, NULL, &err), &err);
        CHECK_OK(vmap_factor_component_weights(r, turned, w, &err), &err);
        snprintf(name, sizeof name, "attitude_unrotated_%zu", k);
        check_matched(l, name);
        snprintf(name, sizeof name, "attitude_loadings_%zu", k);
        check_matched(turned, name);
        snprintf(name, sizeof name, "attitude_weights_%zu", k);
        check_matched(w, name);
        gsl_vector_free(values);
        gsl_matrix_free(l);
        gsl_matrix_free(turned);
        gsl_matrix_free(t);
        gsl_matrix_free(w);
    }
    gsl_matrix_free(r);
}

/* ---- properties ---- */

/* All p components reproduce R; eigenvalues sum to p; column sums are positive. */
static void all_components_reproduce_the_correlations(void)
{
    gsl_rng *rng = vmap_rng_new(61, 0);

    for (size_t p = 1; p <= 10; p++) {
        gsl_matrix *r = random_correlations(p, rng), *l = gsl_matrix_alloc(p, p);
        gsl_matrix *ll = gsl_matrix_alloc(p, p);
        gsl_vector *values = gsl_vector_alloc(p);
        double sum = 0;

        CHECK_OK(vmap_factor_components(r, values, l, NULL), NULL);
        numeric_multiply(1, 0, l, 1, l, ll);
        for (size_t i = 0; i < p; i++) {
            double column = 0;

            sum += gsl_vector_get(values, i);
            for (size_t j = 0; j < p; j++) {
                CHECK_NEAR(gsl_matrix_get(ll, i, j), gsl_matrix_get(r, i, j), 1e-13);
                column += gsl_matrix_get(l, j, i);
            }
            CHECK(column > 0);
        }
        CHECK_NEAR(sum, (double)p, 1e-12);
        gsl_matrix_free(r);
        gsl_matrix_free(l);
        gsl_matrix_free(ll);
        gsl_vector_free(values);
    }
    gsl_rng_free(rng);
}

/* W'RW = I: scores of rotated components have unit variance and are uncorrelated. R W = L. */
static void scores_have_unit_variance(void)
{
    gsl_rng *rng = vmap_rng_new(62, 0);

    for (size_t p = 2; p <= 10; p++) {
        size_t k = 1 + vmap_rng_below(rng, p);
        gsl_matrix *r = random_correlations(p, rng), *l = gsl_matrix_alloc(p, k);
        gsl_matrix *turned = gsl_matrix_alloc(p, k), *t = gsl_matrix_alloc(k, k);
        gsl_matrix *w = gsl_matrix_alloc(p, k), *rw = gsl_matrix_alloc(p, k);
        gsl_matrix *wrw = gsl_matrix_alloc(k, k);
        gsl_vector *values = gsl_vector_alloc(p);

        CHECK_OK(vmap_factor_components(r, values, l, NULL), NULL);
        CHECK_OK(vmap_factor_varimax(l, true, turned, t, NULL, NULL), NULL);
        CHECK_OK(vmap_factor_component_weights(r, turned, w, NULL), NULL);
        numeric_multiply(1, 0, r, 0, w, rw);
        numeric_multiply(1, 1, w, 0, rw, wrw);
        for (size_t i = 0; i < p; i++) {
            for (size_t j = 0; j < k; j++)
                CHECK_NEAR(gsl_matrix_get(rw, i, j), gsl_matrix_get(turned, i, j), 1e-12);
        }
        for (size_t i = 0; i < k; i++) {
            for (size_t j = 0; j < k; j++)
                CHECK_NEAR(gsl_matrix_get(wrw, i, j), i == j, 1e-11);
        }
        gsl_matrix_free(r);
        gsl_matrix_free(l);
        gsl_matrix_free(turned);
        gsl_matrix_free(t);
        gsl_matrix_free(w);
        gsl_matrix_free(rw);
        gsl_matrix_free(wrw);
        gsl_vector_free(values);
    }
    gsl_rng_free(rng);
}

/* ---- refusals ---- */

static void components_that_do_not_exist_are_refused(void)
{
    double ones[] = {1, 1, 1, 1, 1, 1, 1, 1, 1}, none[] = {1, NAN, .2, NAN, 1, .1, .2, .1, 1};
    gsl_matrix_view r = gsl_matrix_view_array(ones, 3, 3), n = gsl_matrix_view_array(none, 3, 3);
    gsl_matrix_view flat = gsl_matrix_view_array(ones, 2, 3);
    gsl_vector *values = gsl_vector_calloc(3), *few = gsl_vector_calloc(2);
    gsl_matrix *l = gsl_matrix_calloc(3, 2), *wide = gsl_matrix_calloc(3, 4);
    gsl_matrix *one = gsl_matrix_calloc(3, 1);
    vmap_error err;

    CHECK_FAILS(vmap_factor_components(&r.matrix, values, l, &err), VMAP_EDATA, &err,
                "fewer than 2 components exist");
    CHECK_FAILS(vmap_factor_components(&n.matrix, values, l, &err), VMAP_EDATA, &err,
                "not a finite number");
    CHECK_FAILS(vmap_factor_components(&r.matrix, values, wide, &err), VMAP_EINVAL, &err,
                "4 components of 3 items; there can be 1..3");
    CHECK_FAILS(vmap_factor_components(&r.matrix, few, l, &err), VMAP_EINVAL, &err, "");
    CHECK_FAILS(vmap_factor_components(&flat.matrix, values, l, &err), VMAP_EINVAL, &err,
                "2 x 3, not square");
    CHECK(gsl_vector_isnull(values) && gsl_matrix_isnull(l)); /* untouched */
    CHECK_OK(vmap_factor_components(&r.matrix, values, one, &err), &err);
    CHECK_NEAR(gsl_matrix_get(one, 2, 0), 1, 1e-14);
    gsl_vector_free(values);
    gsl_vector_free(few);
    gsl_matrix_free(l);
    gsl_matrix_free(wide);
    gsl_matrix_free(one);
}

/* Correlations of rank 2 among six items: rounding leaves eigenvalues of 1e-16, above or below 0,
 * and these are no third component. */
static void rounding_is_no_component(void)
{
    gsl_rng *rng = vmap_rng_new(63, 0);

    for (int trial = 0; trial < 50; trial++) {
        gsl_matrix *b = gsl_matrix_alloc(6, 2), *r = gsl_matrix_alloc(6, 6);
        gsl_matrix *two = gsl_matrix_alloc(6, 2), *three = gsl_matrix_alloc(6, 3);
        gsl_vector *values = gsl_vector_alloc(6);
        vmap_error err;

        for (size_t i = 0; i < 6; i++) {
            double angle = 2 * M_PI * gsl_rng_uniform(rng);

            gsl_matrix_set(b, i, 0, cos(angle));
            gsl_matrix_set(b, i, 1, sin(angle));
        }
        numeric_multiply(1, 0, b, 1, b, r);
        CHECK_OK(vmap_factor_components(r, values, two, &err), &err);
        CHECK_FAILS(vmap_factor_components(r, values, three, &err), VMAP_EDATA, &err,
                    "fewer than 3 components exist");
        gsl_matrix_free(b);
        gsl_matrix_free(r);
        gsl_matrix_free(two);
        gsl_matrix_free(three);
        gsl_vector_free(values);
    }
    gsl_rng_free(rng);
}

/* Pairwise correlations may fit no data at all: here items 1 and 2 agree with item 3, but not with
 * each other. The eigenvalues are 1.9 (twice) and 3 - 3.8 = -.8. */
static void correlations_that_are_not_positive_definite_are_refused(void)
{
    double data[] = {1, -.9, .9, -.9, 1, .9, .9, .9, 1};
    gsl_matrix_view r = gsl_matrix_view_array(data, 3, 3);
    gsl_matrix *l = gsl_matrix_calloc(3, 1), *w = gsl_matrix_calloc(3, 1),
               *x = gsl_matrix_calloc(2, 1);
    vmap_error err;

    CHECK_FAILS(vmap_factor_component_weights(&r.matrix, l, w, &err), VMAP_ESINGULAR, &err,
                "smallest eigenvalue -0.8");
    CHECK_FAILS(vmap_factor_component_weights(&r.matrix, x, w, &err), VMAP_EINVAL, &err,
                "do not fit");
    CHECK(gsl_matrix_isnull(w));
    gsl_matrix_free(l);
    gsl_matrix_free(w);
    gsl_matrix_free(x);
}

static const test_case cases[] = {
    TEST(two_items_by_hand),
    TEST(components_and_weights_are_those_of_psych),
    TEST(all_components_reproduce_the_correlations),
    TEST(scores_have_unit_variance),
    TEST(components_that_do_not_exist_are_refused),
    TEST(rounding_is_no_component),
    TEST(correlations_that_are_not_positive_definite_are_refused),
};
SUITE(factor_components_suite, cases);
