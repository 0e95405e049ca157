#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>

#include "cluster/medoids_internal.h"
#include "support/check.h"
#include "valuemap/cluster.h"
#include "valuemap/rng.h"

static vmap_medoids *fit(const vmap_units *u, size_t k, size_t starts)
{
    vmap_medoids_options o;
    vmap_medoids *r = NULL;
    vmap_error err;

    vmap_medoids_defaults(&o);
    o.k = k;
    o.starts = starts;
    CHECK_OK(vmap_cluster_medoids(u, &o, &r, &err), &err);
    return r;
}

/* ---- known values ---- */

static double least_cost(void *context, size_t row, size_t col)
{
    vmap_medoids *r = fit(context, row + 1, 50);
    double cost = r ? r->cost : NAN;

    (void)col;
    vmap_medoids_free(r);
    return cost;
}

static void the_least_costs_are_those_of_many_starts_in_r(void)
{
    static const char *const names[] = {"iris", "arrests", "map", "ruspini"};

    for (size_t s = 0; s < 4; s++) {
        vmap_units u = {.points = read_reference("cluster.tsv", names[s])};
        char quantity[64];

        snprintf(quantity, sizeof quantity, "pam_%s", names[s]);
        check_reference("cluster.tsv", quantity, 8, least_cost, &u);
        gsl_matrix_free((gsl_matrix *)u.points);
    }
}

static void other_metrics_go_by_their_matrix(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "arrests"), *d = gsl_matrix_alloc(50, 50);
    vmap_units u = {.dissimilarity = d};
    vmap_error err;

    CHECK_OK(vmap_cluster_dissimilarity(x, "manhattan", d, &err), &err);
    check_reference("cluster.tsv", "pam_manhattan", 6, least_cost, &u);
    gsl_matrix_free(x);
    gsl_matrix_free(d);
}

static int compare_sizes(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return x < y ? -1 : x > y;
}

static double medoid_number(void *context, size_t row, size_t col)
{
    (void)col;
    return (double)((size_t *)context)[row] + 1;
}

static void medoids_of_iris_are_those_of_r(void)
{
    vmap_units u = {.points = read_reference("cluster.tsv", "iris")};
    vmap_medoids *r = fit(&u, 3, 0);

    qsort(r->medoid, 3, sizeof *r->medoid, compare_sizes);
    check_reference("cluster.tsv", "pam_medoids", 3, medoid_number, r->medoid);
    vmap_medoids_free(r);
    gsl_matrix_free((gsl_matrix *)u.points);
}

/* The first medoids are those of asking every unit every time, on any number of threads, of points and of distances. */
static void first_medoids_are_those_of_r(void)
{
    static const char *const names[] = {"iris", "arrests", "map", "ruspini", "clouds"};

    for (size_t s = 0; s < 5; s++) {
        gsl_matrix *x = read_reference(s < 4 ? "cluster.tsv" : "cluster_build.tsv", names[s]);
        gsl_matrix *d = gsl_matrix_alloc(x->size1, x->size1);
        vmap_error err;

        CHECK_OK(vmap_cluster_dissimilarity(x, "euclidean", d, &err), &err);
        for (unsigned way = 0; way < 3; way++) {
            vmap_units u = {.points = way == 2 ? NULL : x, .dissimilarity = way == 2 ? d : NULL};
            medoids_space space;
            size_t medoid[8];
            char quantity[32];

            CHECK_OK(medoids_space_open(&u, &space, &err), &err);
            CHECK_OK(medoids_build(&space, 8, 1 + way, medoid, &err), &err);
            for (size_t m = 0; m < 8; m++)
                medoid[m] = space.unit[medoid[m]];
            qsort(medoid, 8, sizeof *medoid, compare_sizes);
            snprintf(quantity, sizeof quantity, "build_%s", names[s]);
            check_reference("cluster_build.tsv", quantity, 8, medoid_number, medoid);
            medoids_space_close(&space);
        }
        gsl_matrix_free(x);
        gsl_matrix_free(d);
    }
}

static double cloud_cost(void *context, size_t row, size_t col)
{
    vmap_medoids *r = fit(context, row + 2, 0);
    double cost = r ? r->cost : NAN;

    (void)col;
    vmap_medoids_free(r);
    return cost;
}

/* Same first medoids, same order of candidates: the same optimum as FasterPAM in R. */
static void swaps_end_where_those_of_r_end(void)
{
    vmap_units u = {.points = read_reference("cluster_build.tsv", "clouds")};

    check_reference("cluster_build.tsv", "cost_clouds", 4, cloud_cost, &u);
    gsl_matrix_free((gsl_matrix *)u.points);
}

/* ---- properties ---- */

static gsl_matrix *noise(size_t n, uint64_t seed)
{
    gsl_matrix *x = gsl_matrix_alloc(n, 2);
    gsl_rng *rng = vmap_rng_new(seed, 0);

    for (size_t i = 0; i < 2 * n; i++)
        x->data[i] = gsl_ran_ugaussian(rng);
    gsl_rng_free(rng);
    return x;
}

static double distance(const gsl_matrix *x, size_t i, size_t j)
{
    return hypot(gsl_matrix_get(x, i, 0) - gsl_matrix_get(x, j, 0),
                 gsl_matrix_get(x, i, 1) - gsl_matrix_get(x, j, 1));
}

static double cost_of(const gsl_matrix *x, const double *w, const size_t *medoid, size_t k)
{
    double cost = 0;

    for (size_t i = 0; i < x->size1; i++) {
        double least = INFINITY;

        for (size_t m = 0; m < k; m++)
            least = fmin(least, distance(x, i, medoid[m]));
        cost += w[i] * least;
    }
    return cost;
}

/* Every single swap, by brute force, makes it worse. */
static void no_swap_lowers_the_cost(void)
{
    enum { N = 40, K = 4 };

    for (uint64_t seed = 0; seed < 10; seed++) {
        gsl_matrix *x = noise(N, seed);
        double w[N];
        vmap_units u = {.points = x, .weights = w};
        vmap_medoids *r;

        for (size_t i = 0; i < N; i++)
            w[i] = .5 + (double)(i % 3);
        r = fit(&u, K, 1);
        CHECK_NEAR(r->cost, cost_of(x, w, r->medoid, K), 1e-12);
        for (size_t m = 0; m < K; m++) {
            size_t old = r->medoid[m];

            for (size_t i = 0; i < N; i++) {
                r->medoid[m] = i;
                CHECK(cost_of(x, w, r->medoid, K) >= r->cost * (1 - 1e-10));
            }
            r->medoid[m] = old;
        }
        vmap_medoids_free(r);
        gsl_matrix_free(x);
    }
}

/* The same with several blocks of units, far apart and with some duplicates, so that most are skipped. */
static void no_swap_is_overlooked(void)
{
    enum { N = 500, K = 5 };

    for (uint64_t seed = 0; seed < 3; seed++) {
        gsl_matrix *x = noise(N, 40 + seed);
        double w[N];
        vmap_units u = {.points = x, .weights = w};
        vmap_medoids *r;

        for (size_t i = 0; i < N; i++) {
            w[i] = (double)(i % 4);
            *gsl_matrix_ptr(x, i, 0) += 9 * (double)(i % 3);
            if (i % 10 == 9)
                gsl_matrix_set(x, i, 0, gsl_matrix_get(x, i - 9, 0));
        }
        r = fit(&u, K, 1);
        CHECK_NEAR(r->cost, cost_of(x, w, r->medoid, K), 1e-10);
        for (size_t m = 0; m < K; m++) {
            size_t old = r->medoid[m], better = 0;

            for (size_t i = 0; i < N; i++) {
                r->medoid[m] = i;
                better += w[i] > 0 && cost_of(x, w, r->medoid, K) < r->cost * (1 - 1e-10);
            }
            r->medoid[m] = old;
            CHECK_COUNT(better, 0);
        }
        vmap_medoids_free(r);
        gsl_matrix_free(x);
    }
}

/* With three medoids of 14 units all 364 choices can be tried. */
static void the_best_of_all_choices_is_found(void)
{
    enum { N = 14 };

    for (uint64_t seed = 0; seed < 10; seed++) {
        gsl_matrix *x = noise(N, 100 + seed);
        vmap_units u = {.points = x};
        vmap_medoids *r = fit(&u, 3, 20);
        double w[N], least = INFINITY;

        for (size_t i = 0; i < N; i++)
            w[i] = 1;
        for (size_t a = 0; a < N; a++) {
            for (size_t b = 0; b < a; b++) {
                for (size_t c = 0; c < b; c++)
                    least = fmin(least, cost_of(x, w, (size_t[]){a, b, c}, 3));
            }
        }
        CHECK_NEAR(r->cost, least, 1e-12);
        vmap_medoids_free(r);
        gsl_matrix_free(x);
    }
}

/* ---- edges ---- */

static void one_medoid_all_medoids_and_duplicates(void)
{
    gsl_matrix *x = gsl_matrix_calloc(6, 1);
    const double w[] = {1, 1, 1, 0, 1, 1};
    vmap_units u = {.points = x};
    vmap_medoids *r;

    gsl_matrix_set(x, 4, 0, 3);
    gsl_matrix_set(x, 5, 0, 7);
    gsl_matrix_set(x, 3, 0, 5);
    r = fit(&u, 6, 3);
    CHECK_NEAR(r->cost, 0, 0);
    CHECK_COUNT(r->partition->k, 6); /* duplicates are clusters of their own when asked for */
    vmap_medoids_free(r);
    r = fit(&u, 4, 3);
    CHECK_NEAR(r->cost, 0, 0);
    vmap_medoids_free(r);
    r = fit(&u, 1, 3);
    CHECK_NEAR(r->cost, 15, 1e-15); /* from 0: 3 + 7 + 5 */
    CHECK_COUNT(r->medoid[0], 0);
    vmap_medoids_free(r);
    u.weights = w;
    r = fit(&u, 5, 3); /* the unit without weight is no medoid */
    for (size_t m = 0; m < 5; m++)
        CHECK(r->medoid[m] != 3);
    CHECK_NEAR(r->cost, 0, 0);
    vmap_medoids_free(r);
    gsl_matrix_free(x);
}

/* ---- refusals ---- */

static void more_medoids_than_units_are_refused(void)
{
    gsl_matrix *x = gsl_matrix_calloc(3, 1);
    vmap_units u = {.points = x};
    vmap_medoids_options o;
    vmap_medoids *r = NULL;
    vmap_error err;

    vmap_medoids_defaults(&o);
    CHECK_FAILS(vmap_cluster_medoids(&u, &o, &r, &err), VMAP_EINVAL, &err, "0 clusters");
    o.k = 4;
    CHECK_FAILS(vmap_cluster_medoids(&u, &o, &r, &err), VMAP_EINVAL, &err, "4 clusters are asked of 3");
    CHECK(r == NULL);
    vmap_medoids_free(NULL);
    gsl_matrix_free(x);
}

/* One start looks ahead on several threads, and takes the same swaps in the same order. */
static void the_number_of_threads_changes_nothing(void)
{
    enum { N = 2300 };
    gsl_matrix *x = gsl_matrix_alloc(N, 2);
    vmap_units u = {.points = x};
    vmap_medoids_options o;
    vmap_medoids *r[2] = {NULL, NULL};

    for (size_t i = 0; i < N; i++) {
        gsl_matrix_set(x, i, 0, (double)(i * 7919 % 2311));
        gsl_matrix_set(x, i, 1, (double)(i * 104729 % 2309));
    }
    vmap_medoids_defaults(&o);
    o.k = 5;
    o.starts = 1;
    for (size_t q = 0; q < 2; q++) {
        o.threads = q ? 3 : 1;
        CHECK_COUNT(vmap_cluster_medoids(&u, &o, &r[q], NULL), VMAP_SUCCESS);
    }
    CHECK(r[0]->cost == r[1]->cost);
    for (size_t m = 0; m < 5; m++)
        CHECK_COUNT(r[0]->medoid[m], r[1]->medoid[m]);
    vmap_medoids_free(r[0]);
    vmap_medoids_free(r[1]);
    gsl_matrix_free(x);
}

static const test_case cases[] = {
    TEST(the_least_costs_are_those_of_many_starts_in_r),
    TEST(other_metrics_go_by_their_matrix),
    TEST(medoids_of_iris_are_those_of_r),
    TEST(first_medoids_are_those_of_r),
    TEST(swaps_end_where_those_of_r_end),
    TEST(no_swap_lowers_the_cost),
    TEST(no_swap_is_overlooked),
    TEST(the_best_of_all_choices_is_found),
    TEST(more_medoids_than_units_are_refused),
    TEST(one_medoid_all_medoids_and_duplicates),
    TEST(the_number_of_threads_changes_nothing),
};
SUITE(cluster_medoids_suite, cases);
