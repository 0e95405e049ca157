#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "valuemap/cluster.h"

/* ---- known values ---- */

static void every_metric_is_that_of_r(void)
{
    gsl_matrix *some = read_reference("cluster.tsv", "some");
    gsl_matrix *holes = read_reference("cluster.tsv", "holes"), *d = gsl_matrix_alloc(6, 6);
    vmap_error err;

    for (size_t m = 0; m < vmap_cluster_metrics_count; m++) {
        const vmap_cluster_metric *metric = &vmap_cluster_metrics[m];
        char quantity[64];

        snprintf(quantity, sizeof quantity, "metric_%s", metric->name);
        CHECK_OK(vmap_cluster_dissimilarity(metric->skips_missing ? holes : some, metric->name, d,
                                            &err),
                 &err);
        check_reference("cluster.tsv", quantity, 36, get_matrix_element, d);
    }
    gsl_matrix_free(some);
    gsl_matrix_free(holes);
    gsl_matrix_free(d);
}

/* ---- properties ---- */

static void every_metric_is_symmetric_and_zero_between_equals(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "iris"), *d = gsl_matrix_alloc(150, 150);
    vmap_error err;

    for (size_t m = 0; m < vmap_cluster_metrics_count; m++) {
        CHECK_OK(vmap_cluster_dissimilarity(x, vmap_cluster_metrics[m].name, d, &err), &err);
        CHECK_OK(vmap_units_check(&(vmap_units){.dissimilarity = d}, &err), &err);
        CHECK_NEAR(gsl_matrix_get(d, 101, 142), 0, 1e-15); /* iris has these two alike */
    }
    gsl_matrix_free(x);
    gsl_matrix_free(d);
}

/* ---- refusals and edges ---- */

static void what_a_metric_cannot_compare_is_refused(void)
{
    gsl_matrix *x = gsl_matrix_calloc(3, 2), *d = gsl_matrix_calloc(3, 3);
    gsl_matrix *small = gsl_matrix_calloc(2, 2);
    vmap_error err;

    CHECK_FAILS(vmap_cluster_dissimilarity(x, "euclid", d, &err), VMAP_ENOENT, &err, "gower");
    CHECK_FAILS(vmap_cluster_dissimilarity(x, "gower", small, &err), VMAP_EINVAL, &err, "2 x 2");
    CHECK_FAILS(vmap_cluster_dissimilarity(x, "correlation", d, &err), VMAP_EDATA, &err,
                "constant profile");
    gsl_matrix_set(x, 0, 0, NAN);
    CHECK_FAILS(vmap_cluster_dissimilarity(x, "euclidean", d, &err), VMAP_EDATA, &err,
                "unit 1 has the value nan on axis 1");
    gsl_matrix_set(x, 1, 1, NAN);
    gsl_matrix_set(d, 0, 1, 77);
    CHECK_FAILS(vmap_cluster_dissimilarity(x, "gower", d, &err), VMAP_EDATA, &err,
                "units 1 and 2 have no value in common");
    CHECK_NEAR(gsl_matrix_get(d, 0, 1), 77, 0);
    gsl_matrix_free(x);
    gsl_matrix_free(d);
    gsl_matrix_free(small);
}

static void a_constant_axis_counts_as_equal_for_gower(void)
{
    gsl_matrix *x = gsl_matrix_calloc(2, 2), *d = gsl_matrix_calloc(2, 2);
    vmap_error err;

    gsl_matrix_set(x, 1, 1, 4);
    CHECK_OK(vmap_cluster_dissimilarity(x, "gower", d, &err), &err);
    CHECK_NEAR(gsl_matrix_get(d, 0, 1), .5, 0); /* (0 + 1) / 2 */
    gsl_matrix_free(x);
    gsl_matrix_free(d);
}

static const test_case cases[] = {
    TEST(every_metric_is_that_of_r),
    TEST(every_metric_is_symmetric_and_zero_between_equals),
    TEST(what_a_metric_cannot_compare_is_refused),
    TEST(a_constant_axis_counts_as_equal_for_gower),
};
SUITE(cluster_dissimilarity_suite, cases);
