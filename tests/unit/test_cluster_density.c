#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/check.h"
#include "valuemap/cluster.h"

static vmap_density *find(const gsl_matrix *x, size_t least)
{
    vmap_units u = {.points = x};
    vmap_density *r = NULL;
    vmap_error err;

    CHECK_OK(vmap_cluster_density(&u, least, 2, &r, &err), &err);
    return r;
}

/* ---- known values: by hand, then R's dbscan::hdbscan() ---- */

/* 0, 1, 2 and 10, 11, 12 with clusters of three or more: the core distances are 2, 1, 2 in both, so each
 * three hang together up to the distance 2 and the six from 8 on. A cluster is born at the density 1/8
 * and all its units leave it at 1/2: its stability is 3 (1/2 - 1/8). */
static void two_threes_by_hand(void)
{
    const double at[] = {0, 1, 2, 10, 11, 12};
    gsl_matrix *x = gsl_matrix_alloc(6, 1);
    vmap_density *r;

    for (size_t i = 0; i < 6; i++)
        gsl_matrix_set(x, i, 0, at[i]);
    r = find(x, 3);
    CHECK_COUNT(r->partition->k, 2);
    CHECK_COUNT(r->partition->noise, 0);
    CHECK_NEAR(r->core[0], 2, 0);
    CHECK_NEAR(r->core[1], 1, 0);
    CHECK_NEAR(r->stability[0], 3 * (1. / 2 - 1. / 8), 1e-15);
    CHECK_NEAR(r->stability[1], 3 * (1. / 2 - 1. / 8), 1e-15);
    CHECK_NEAR(r->probability[4], 1, 0);
    vmap_density_free(r);
    gsl_matrix_free(x);
}

static double core_of(void *context, size_t row, size_t col)
{
    (void)col;
    return ((vmap_density *)context)->core[row];
}

/* Two labellings are the same up to the numbers: R numbers from 1, 0 is noise. */
static void check_labels(const gsl_matrix *want, const vmap_partition *got)
{
    bool same = true;

    for (size_t i = 0; i < got->n; i++) {
        same &= (gsl_matrix_get(want, i, 0) == 0) == (got->cluster[i] == VMAP_CLUSTER_NONE);
        for (size_t j = 0; j < i; j++)
            same &= (gsl_matrix_get(want, i, 0) == gsl_matrix_get(want, j, 0)) ==
                    (got->cluster[i] == got->cluster[j]);
    }
    CHECK(same);
}

static void clusters_and_core_distances_are_those_of_r(void)
{
    static const char *const sets[] = {"map", "ruspini", "arrests"};

    for (size_t s = 0; s < 3; s++) {
        gsl_matrix *x = read_reference("cluster.tsv", sets[s]), *label;
        vmap_density *r = find(x, 5);
        char quantity[64];

        snprintf(quantity, sizeof quantity, "hdbscan_%s", sets[s]);
        label = read_reference("cluster.tsv", quantity);
        check_labels(label, r->partition);
        snprintf(quantity, sizeof quantity, "hdbscan_core_%s", sets[s]);
        check_reference("cluster.tsv", quantity, x->size1, core_of, r);
        vmap_density_free(r);
        gsl_matrix_free(x);
        gsl_matrix_free(label);
    }
}

/* ---- edges and refusals ---- */

static void evenly_spread_units_have_no_clusters(void)
{
    gsl_matrix *x = gsl_matrix_alloc(20, 1);
    vmap_density *r;

    for (size_t i = 0; i < 20; i++)
        gsl_matrix_set(x, i, 0, (double)i);
    r = find(x, 11); /* two clusters of eleven cannot be made of twenty */
    CHECK_COUNT(r->partition->k, 0);
    CHECK_COUNT(r->partition->noise, 20);
    CHECK_NEAR(r->probability[3], 0, 0);
    vmap_density_free(r);
    gsl_matrix_free(x);
}

static void duplicates_are_dense_but_finite(void)
{
    gsl_matrix *x = gsl_matrix_calloc(12, 1);
    vmap_density *r;

    for (size_t i = 0; i < 12; i++)
        gsl_matrix_set(x, i, 0, i < 5 ? 0 : i < 10 ? 7 : 100 + 50 * (double)i);
    r = find(x, 4);
    CHECK_COUNT(r->partition->k, 2);
    CHECK_COUNT(r->partition->noise, 2);
    for (size_t i = 0; i < 12; i++)
        CHECK(isfinite(r->probability[i]));
    CHECK(isfinite(r->stability[0]));
    CHECK_NEAR(r->probability[0], 1, 0);
    vmap_density_free(r);
    gsl_matrix_free(x);
}

static void bad_sizes_are_refused(void)
{
    gsl_matrix *x = gsl_matrix_calloc(5, 1);
    vmap_units u = {.points = x};
    vmap_density *r = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_cluster_density(&u, 1, 1, &r, &err), VMAP_EINVAL, &err, "must be 2 to 5");
    CHECK_FAILS(vmap_cluster_density(&u, 6, 1, &r, &err), VMAP_EINVAL, &err, "must be 2 to 5");
    CHECK(r == NULL);
    vmap_density_free(NULL);
    gsl_matrix_free(x);
}

static const test_case cases[] = {
    TEST(two_threes_by_hand),
    TEST(clusters_and_core_distances_are_those_of_r),
    TEST(bad_sizes_are_refused),
    TEST(evenly_spread_units_have_no_clusters),
    TEST(duplicates_are_dense_but_finite),
};
SUITE(cluster_density_suite, cases);
