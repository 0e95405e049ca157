#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "support/check.h"
#include "valuemap/cluster.h"
#include "valuemap/rng.h"

static vmap_kmeans *fit(const gsl_matrix *x, const double *w, size_t k, size_t starts)
{
    vmap_units u = {.points = x, .weights = w};
    vmap_kmeans_options o;
    vmap_kmeans *r = NULL;
    vmap_error err;

    vmap_kmeans_defaults(&o);
    o.k = k;
    o.starts = starts;
    CHECK_OK(vmap_cluster_kmeans(&u, &o, &r, &err), &err);
    return r;
}

/* ---- known values ---- */

/* By hand: 0, 1, 2 and 10, 12 have means 1 and 11 and sums of squares 2 and 2. */
static void a_small_example_by_hand(void)
{
    const double at[] = {0, 10, 1, 2, 12};
    gsl_matrix *x = gsl_matrix_alloc(5, 1);
    vmap_kmeans *r;

    for (size_t i = 0; i < 5; i++)
        gsl_matrix_set(x, i, 0, at[i]);
    r = fit(x, NULL, 2, 5);
    if (r) {
        CHECK_COUNT(r->partition->size[0], 3);
        CHECK_NEAR(gsl_matrix_get(r->centres, 0, 0), 1, 1e-14);
        CHECK_NEAR(gsl_matrix_get(r->centres, 1, 0), 11, 1e-14);
        CHECK_NEAR(r->within[0], 2, 1e-13);
        CHECK_NEAR(r->within[1], 2, 1e-13);
        CHECK_NEAR(r->total_within, 4, 1e-13);
        CHECK_NEAR(r->total, 124, 1e-12); /* squares around 5: 25 + 25 + 16 + 9 + 49 */
        CHECK(r->converged);
    }
    vmap_kmeans_free(r);
    gsl_matrix_free(x);
}

static double least_sum(void *context, size_t row, size_t col)
{
    vmap_kmeans *r = fit(context, NULL, row + 1, 100);
    double sum = r ? r->total_within : NAN;

    (void)col;
    vmap_kmeans_free(r);
    return sum;
}

static double size_of(void *context, size_t row, size_t col)
{
    (void)col;
    return (double)((vmap_kmeans *)context)->partition->size[row];
}

static void the_least_sums_are_those_of_many_starts_in_r(void)
{
    static const char *const names[] = {"iris", "arrests", "map", "ruspini"};

    for (size_t s = 0; s < 4; s++) {
        gsl_matrix *x = read_reference("cluster.tsv", names[s]);
        char quantity[64];
        vmap_kmeans *r = fit(x, NULL, 3, 100);

        snprintf(quantity, sizeof quantity, "kmeans_%s", names[s]);
        check_reference("cluster.tsv", quantity, 8, least_sum, x);
        snprintf(quantity, sizeof quantity, "kmeans_sizes_%s", names[s]);
        check_reference("cluster.tsv", quantity, 3, size_of, r);
        snprintf(quantity, sizeof quantity, "kmeans_centres_%s", names[s]);
        check_reference("cluster.tsv", quantity, 3 * x->size2, get_matrix_element, r->centres);
        vmap_kmeans_free(r);
        gsl_matrix_free(x);
    }
}

static double weighted_sum(void *context, size_t row, size_t col)
{
    vmap_kmeans *r = context;

    (void)col;
    return row ? r->total : r->total_within;
}

static void a_whole_weight_is_as_many_units(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "iris");
    double w[150];
    vmap_kmeans *r;

    for (size_t i = 0; i < 150; i++)
        w[i] = 1 + (double)(i % 3);
    r = fit(x, w, 4, 100);
    check_reference("cluster.tsv", "kmeans_weighted", 2, weighted_sum, r);
    vmap_kmeans_free(r);
    gsl_matrix_free(x);
}

/* ---- properties ---- */

static gsl_matrix *noise(size_t n, size_t p, uint64_t seed)
{
    gsl_matrix *x = gsl_matrix_alloc(n, p);
    gsl_rng *rng = vmap_rng_new(seed, 0);

    for (size_t i = 0; i < n * p; i++)
        x->data[i] = gsl_ran_ugaussian(rng);
    gsl_rng_free(rng);
    return x;
}

/* No unit is nearer to another centre, and no single transfer lowers the sum, by brute force. */
static void check_optimum(const gsl_matrix *x, const double *w, const vmap_kmeans *r)
{
    size_t k = r->partition->k, better = 0;
    double d[8];

    for (size_t i = 0; i < x->size1; i++) {
        size_t own = r->partition->cluster[i];
        double wa = r->partition->weight[own];

        for (size_t c = 0; c < k; c++) {
            d[c] = 0;
            for (size_t a = 0; a < x->size2; a++)
                d[c] += pow(gsl_matrix_get(x, i, a) - gsl_matrix_get(r->centres, c, a), 2);
        }
        for (size_t c = 0; c < k && wa > w[i]; c++) {
            double wb = r->partition->weight[c];

            better += c != own &&
                      (d[own] > d[c] || wa / (wa - w[i]) * d[own] > wb / (wb + w[i]) * d[c] * (1 + 1e-9));
        }
    }
    CHECK_COUNT(better, 0);
}

static void the_result_is_a_local_optimum(void)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        gsl_matrix *x = noise(60, 3, seed);
        double w[60];
        vmap_kmeans *r;

        for (size_t i = 0; i < 60; i++)
            w[i] = .5 + (double)(i % 4);
        r = fit(x, w, 5, 1);
        check_optimum(x, w, r);
        vmap_kmeans_free(r);
        gsl_matrix_free(x);
    }
}

/* Many units settle on samples first; what comes out is an optimum of all of them. */
static void so_it_is_where_samples_were_taken(void)
{
    enum { N = 17000 };
    gsl_matrix *x = noise(N, 3, 5);
    double *w = malloc(N * sizeof *w);
    vmap_kmeans *r;

    for (size_t i = 0; i < N; i++)
        w[i] = .5 + (double)(i % 4);
    r = fit(x, w, 5, 2);
    CHECK(r->converged);
    check_optimum(x, w, r);
    vmap_kmeans_free(r);
    gsl_matrix_free(x);
    free(w);
}

/* Only the last units have weight: samples need not contain one. */
static void samples_may_be_without_weight(void)
{
    enum { N = 17000 };
    gsl_matrix *x = noise(N, 2, 6), *few = gsl_matrix_alloc(6, 2);
    double *w = calloc(N, sizeof *w);
    vmap_kmeans *r, *s;

    for (size_t i = 0; i < 6; i++) {
        w[N - 6 + i] = 1;
        for (size_t a = 0; a < 2; a++)
            gsl_matrix_set(few, i, a, gsl_matrix_get(x, N - 6 + i, a));
    }
    r = fit(x, w, 2, 20);
    s = fit(few, NULL, 2, 20);
    CHECK_NEAR(r->total_within, s->total_within, 1e-9);
    vmap_kmeans_free(r);
    vmap_kmeans_free(s);
    gsl_matrix_free(x);
    gsl_matrix_free(few);
    free(w);
}

static void the_number_of_threads_changes_nothing(void)
{
    gsl_matrix *x = noise(17000, 2, 8);
    vmap_units u = {.points = x};
    vmap_kmeans_options o;
    vmap_kmeans *r[2] = {NULL, NULL};

    vmap_kmeans_defaults(&o);
    o.k = 4;
    o.starts = 4;
    for (size_t q = 0; q < 2; q++) {
        o.threads = q ? 3 : 1;
        CHECK_COUNT(vmap_cluster_kmeans(&u, &o, &r[q], NULL), VMAP_SUCCESS);
    }
    CHECK(r[0]->total_within == r[1]->total_within);
    CHECK_COUNT(memcmp(r[0]->partition->cluster, r[1]->partition->cluster, 17000 * sizeof(size_t)), 0);
    CHECK_COUNT(memcmp(r[0]->centres->data, r[1]->centres->data, 8 * sizeof(double)), 0);
    vmap_kmeans_free(r[0]);
    vmap_kmeans_free(r[1]);
    gsl_matrix_free(x);
}

/* The bounds only save work: passes that look at every distance end in the same sum. */
static void shifting_scaling_and_weighing_change_nothing(void)
{
    gsl_matrix *x = noise(500, 4, 3), *y = gsl_matrix_alloc(500, 4);
    double w[500];
    vmap_kmeans *a = fit(x, NULL, 6, 20), *b;

    for (size_t i = 0; i < 500; i++) {
        w[i] = 1e-3;
        for (size_t j = 0; j < 4; j++)
            gsl_matrix_set(y, i, j, 1e6 + 8 * gsl_matrix_get(x, i, j));
    }
    b = fit(y, w, 6, 20);
    CHECK_NEAR(b->total_within / a->total_within, 64e-3, 1e-9);
    for (size_t i = 0; i < 500; i++)
        CHECK_COUNT(a->partition->cluster[i], b->partition->cluster[i]);
    vmap_kmeans_free(a);
    vmap_kmeans_free(b);
    gsl_matrix_free(x);
    gsl_matrix_free(y);
}

static void a_unit_without_weight_has_no_say(void)
{
    gsl_matrix *x = noise(40, 2, 9), *wide = gsl_matrix_alloc(41, 2);
    double w[41];
    vmap_kmeans *a = fit(x, NULL, 3, 20), *b;

    for (size_t i = 0; i < 41; i++) {
        w[i] = i < 40;
        gsl_matrix_set(wide, i, 0, i < 40 ? gsl_matrix_get(x, i, 0) : 1000);
        gsl_matrix_set(wide, i, 1, i < 40 ? gsl_matrix_get(x, i, 1) : 1000);
    }
    b = fit(wide, w, 3, 20);
    CHECK_NEAR(b->total_within, a->total_within, 1e-12 * a->total);
    for (size_t i = 0; i < 40; i++)
        CHECK_COUNT(a->partition->cluster[i], b->partition->cluster[i]);
    CHECK(b->partition->cluster[40] < 3);
    vmap_kmeans_free(a);
    vmap_kmeans_free(b);
    gsl_matrix_free(x);
    gsl_matrix_free(wide);
}

/* ---- edges ---- */

static void one_cluster_and_as_many_as_units_are_allowed(void)
{
    gsl_matrix *x = noise(12, 3, 4);
    vmap_kmeans *one = fit(x, NULL, 1, 3), *all = fit(x, NULL, 12, 3);

    CHECK_NEAR(one->total_within, one->total, 1e-12 * one->total);
    CHECK_NEAR(all->total_within, 0, 1e-25);
    for (size_t i = 0; i < 12; i++)
        CHECK_COUNT(all->partition->cluster[i], i);
    vmap_kmeans_free(one);
    vmap_kmeans_free(all);
    gsl_matrix_free(x);
}

/* Duplicates: as many clusters as distinct points, though k-means++ may draw one place twice. */
static void duplicates_fill_as_many_clusters_as_there_are_places(void)
{
    gsl_matrix *x = gsl_matrix_alloc(40, 1);
    vmap_kmeans *r;

    for (size_t i = 0; i < 40; i++)
        gsl_matrix_set(x, i, 0, (double)(i % 4) * .1);
    r = fit(x, NULL, 4, 10);
    CHECK_NEAR(r->total_within, 0, 1e-28);
    CHECK_COUNT(r->partition->k, 4);
    vmap_kmeans_free(r);
    gsl_matrix_free(x);
}

/* ---- refusals ---- */

static void bad_arguments_are_refused(void)
{
    gsl_matrix *x = gsl_matrix_calloc(5, 2), *d = gsl_matrix_calloc(5, 5);
    const double w[] = {1, 1, 0, 1, 1};
    vmap_units u = {.points = x};
    vmap_kmeans_options o;
    vmap_kmeans *r = NULL;
    vmap_error err;

    vmap_kmeans_defaults(&o);
    CHECK_FAILS(vmap_cluster_kmeans(&u, &o, &r, &err), VMAP_EINVAL, &err, "0 clusters");
    gsl_matrix_set(x, 2, 0, 1);
    o.k = 3;
    CHECK_FAILS(vmap_cluster_kmeans(&u, &o, &r, &err), VMAP_EINVAL, &err,
                "3 clusters are asked of 2 distinct points");
    o.k = 2;
    u.weights = w; /* the only other place has no weight */
    CHECK_FAILS(vmap_cluster_kmeans(&u, &o, &r, &err), VMAP_EINVAL, &err, "1 distinct points");
    u = (vmap_units){.dissimilarity = d};
    CHECK_FAILS(vmap_cluster_kmeans(&u, &o, &r, &err), VMAP_EINVAL, &err, "k-means needs points");
    u = (vmap_units){.points = x};
    o.starts = 0;
    CHECK_FAILS(vmap_cluster_kmeans(&u, &o, &r, &err), VMAP_EINVAL, &err, "0 starts");
    CHECK(r == NULL);
    vmap_kmeans_free(NULL);
    gsl_matrix_free(x);
    gsl_matrix_free(d);
}

static const test_case cases[] = {
    TEST(a_small_example_by_hand),
    TEST(the_least_sums_are_those_of_many_starts_in_r),
    TEST(a_whole_weight_is_as_many_units),
    TEST(the_result_is_a_local_optimum),
    TEST(so_it_is_where_samples_were_taken),
    TEST(samples_may_be_without_weight),
    TEST(the_number_of_threads_changes_nothing),
    TEST(shifting_scaling_and_weighing_change_nothing),
    TEST(a_unit_without_weight_has_no_say),
    TEST(bad_arguments_are_refused),
    TEST(one_cluster_and_as_many_as_units_are_allowed),
    TEST(duplicates_fill_as_many_clusters_as_there_are_places),
};
SUITE(cluster_kmeans_suite, cases);
