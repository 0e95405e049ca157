#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "support/check.h"
#include "valuemap/cluster.h"
#include "valuemap/rng.h"

static vmap_tree *grow(const vmap_units *u, vmap_linkage linkage)
{
    vmap_tree *t = NULL;
    vmap_error err;

    CHECK_OK(vmap_cluster_tree(u, linkage, 2, &t, &err), &err);
    return t;
}

static double height(void *context, size_t row, size_t col)
{
    (void)col;
    return ((vmap_tree *)context)->height[row];
}

static double cluster_size(void *context, size_t row, size_t col)
{
    (void)col;
    return (double)((vmap_partition *)context)->size[row];
}

/* ---- known values ---- */

/* By hand: 0, 1, 3, 7. Single 1, 2, 4; complete 1, 3, 7; average 1, 2.5, (7 + 6 + 4) / 3. Ward: the sum of
 * squares grows by d^2 n m / (n + m), heights are sqrt(2 x growth): 0 and 1: 1; {0, 1} and 3: growth
 * 2.5^2 x 2/3; all: mean 4/3 against 7, growth (17/3)^2 x 3/4. */
static void four_points_by_hand(void)
{
    static const double at[] = {3, 0, 7, 1};
    static const double want[4][3] = {{1, 2.886751345948129, 6.940220937885672},
                                      {1, 2.5, 5.666666666666667},
                                      {1, 3, 7},
                                      {1, 2, 4}};
    gsl_matrix *x = gsl_matrix_alloc(4, 1);

    for (size_t i = 0; i < 4; i++)
        gsl_matrix_set(x, i, 0, at[i]);
    for (size_t l = 0; l < vmap_linkages_count; l++) {
        vmap_tree *t = grow(&(vmap_units){.points = x}, vmap_linkages[l].linkage);

        for (size_t m = 0; t && m < 3; m++)
            CHECK_NEAR(t->height[m], want[vmap_linkages[l].linkage][m], 1e-14);
        CHECK_COUNT(t->merge[0][0], 1);
        CHECK_COUNT(t->merge[0][1], 3);
        CHECK_COUNT(t->merge[1][0], 0); /* the branch with the lowest leaf first */
        CHECK_COUNT(t->merge[1][1], 4);
        CHECK_COUNT(t->merge[2][0], 5);
        CHECK_COUNT(t->merge[2][1], 2);
        CHECK_COUNT(t->order[0], 0);
        CHECK_COUNT(t->order[3], 2);
        vmap_tree_free(t);
    }
    gsl_matrix_free(x);
}

static void trees_are_those_of_hclust(void)
{
    static const char *const sets[] = {"arrests", "map"};

    for (size_t s = 0; s < 2; s++) {
        gsl_matrix *x = read_reference("cluster.tsv", sets[s]);
        size_t n = x->size1;

        for (size_t l = 0; l < vmap_linkages_count; l++) {
            vmap_tree *t = grow(&(vmap_units){.points = x}, vmap_linkages[l].linkage);
            gsl_matrix *d = gsl_matrix_alloc(n, n);
            vmap_partition *p = NULL;
            char quantity[64];
            vmap_error err;

            snprintf(quantity, sizeof quantity, "tree_%s_%s", vmap_linkages[l].name, sets[s]);
            check_reference("cluster.tsv", quantity, n - 1, height, t);
            snprintf(quantity, sizeof quantity, "cut_%s_%s", vmap_linkages[l].name, sets[s]);
            CHECK_OK(vmap_tree_cut(t, 5, NULL, &p, &err), &err);
            check_reference("cluster.tsv", quantity, 5, cluster_size, p);
            CHECK_OK(vmap_tree_cophenetic(t, d, &err), &err);
            if (s == 0 && l < 2) {
                snprintf(quantity, sizeof quantity, "together_%s", vmap_linkages[l].name);
                check_reference("cluster.tsv", quantity, 8 * n, get_matrix_element, d);
            }
            gsl_matrix_free(d);
            vmap_partition_free(p);
            vmap_tree_free(t);
        }
        gsl_matrix_free(x);
    }
}

static void weights_are_masses_in_average_and_ward_linkage(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "arrests");
    double w[50];
    vmap_units u = {.points = x, .weights = w};
    vmap_tree *t;

    for (size_t i = 0; i < 50; i++)
        w[i] = 1 + (double)(i % 4);
    t = grow(&u, VMAP_AVERAGE);
    check_reference("cluster.tsv", "tree_average_weighted", 49, height, t);
    vmap_tree_free(t);
    t = grow(&u, VMAP_WARD);
    check_reference("cluster.tsv", "tree_ward_weighted", 49, height, t);
    vmap_tree_free(t);
    gsl_matrix_free(x);
}

/* ---- properties ---- */

/* Points on a grid: nearly all dissimilarities are tied. */
static gsl_matrix *grid(size_t side)
{
    gsl_matrix *x = gsl_matrix_alloc(side * side, 2);

    for (size_t i = 0; i < side * side; i++) {
        gsl_matrix_set(x, i, 0, (double)(i * 7 % (side * side) / side));
        gsl_matrix_set(x, i, 1, (double)(i * 7 % (side * side) % side));
    }
    return x;
}

/* Whatever the ties: heights ascend, every node is used once, leaves of a node stand side by side. */
static void a_tree_is_a_tree_whatever_the_ties(void)
{
    gsl_matrix *x = grid(6);

    for (size_t l = 0; l < vmap_linkages_count; l++) {
        vmap_tree *t = grow(&(vmap_units){.points = x}, vmap_linkages[l].linkage);
        size_t used[71] = {0}, from[71], size[71];

        for (size_t q = 0; q < 36; q++) {
            from[t->order[q]] = q;
            size[t->order[q]] = 1;
        }
        for (size_t m = 0; m < 35; m++) {
            size_t a = t->merge[m][0], b = t->merge[m][1];

            CHECK(a < 36 + m && b < 36 + m && !used[a]++ && !used[b]++);
            CHECK(m == 0 || t->height[m] >= t->height[m - 1]);
            CHECK_COUNT(from[a] + size[a], from[b]);
            from[36 + m] = from[a];
            size[36 + m] = size[a] + size[b];
        }
        CHECK_COUNT(size[70], 36);
        vmap_tree_free(t);
    }
    gsl_matrix_free(x);
}

/* Single linkage by its definition: the cut below height h leaves the components of the graph of
 * dissimilarities below h. Complete: no two units of a cluster are further apart than its height. */
static void cophenetic_distances_bound_the_dissimilarities(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "iris"), *d = gsl_matrix_alloc(150, 150);
    gsl_matrix *c = gsl_matrix_alloc(150, 150);
    vmap_error err;

    CHECK_OK(vmap_cluster_dissimilarity(x, "euclidean", d, &err), &err);
    for (size_t l = 0; l < vmap_linkages_count; l++) {
        vmap_tree *t = grow(&(vmap_units){.dissimilarity = d}, vmap_linkages[l].linkage);
        bool below = true, above = true;

        CHECK_OK(vmap_tree_cophenetic(t, c, &err), &err);
        for (size_t i = 0; i < 150; i++) {
            for (size_t j = 0; j < 150; j++) {
                below &= gsl_matrix_get(c, i, j) <= gsl_matrix_get(d, i, j) + 1e-12;
                above &= gsl_matrix_get(c, i, j) >= gsl_matrix_get(d, i, j) - 1e-12;
            }
        }
        CHECK(vmap_linkages[l].linkage != VMAP_SINGLE || below);
        CHECK(vmap_linkages[l].linkage != VMAP_COMPLETE || above);
        vmap_tree_free(t);
    }
    gsl_matrix_free(x);
    gsl_matrix_free(d);
    gsl_matrix_free(c);
}

static void ward_heights_add_up_to_the_sum_of_squares(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "iris");
    vmap_units u = {.points = x};
    vmap_tree *t = grow(&u, VMAP_WARD);
    vmap_kmeans_options o;
    vmap_kmeans *r = NULL;
    double sum = 0;
    vmap_error err;

    vmap_kmeans_defaults(&o);
    o.k = 1;
    CHECK_OK(vmap_cluster_kmeans(&u, &o, &r, &err), &err);
    for (size_t m = 0; m < 149; m++)
        sum += t->height[m] * t->height[m] / 2;
    CHECK_NEAR(sum, r->total, 1e-9);
    vmap_kmeans_free(r);
    vmap_tree_free(t);
    gsl_matrix_free(x);
}

/* ---- refusals and edges ---- */

static void bad_arguments_are_refused(void)
{
    gsl_matrix *x = gsl_matrix_calloc(1, 2), *two = gsl_matrix_calloc(2, 1);
    const double w[] = {1, 0};
    vmap_units u = {.points = x};
    vmap_linkage linkage;
    vmap_tree *t = NULL;
    vmap_partition *p = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_cluster_tree(&u, VMAP_WARD, 1, &t, &err), VMAP_EINVAL, &err, "needs two");
    u = (vmap_units){.points = two, .weights = w};
    CHECK_FAILS(vmap_cluster_tree(&u, VMAP_WARD, 1, &t, &err), VMAP_EINVAL, &err,
                "unit 2 has weight 0");
    CHECK(t == NULL);
    CHECK_FAILS(vmap_linkage_find("ward.D2", &linkage, &err), VMAP_ENOENT, &err, "ward, average, complete, single");
    u.weights = NULL;
    t = grow(&u, VMAP_COMPLETE);
    CHECK_NEAR(t->height[0], 0, 0);
    CHECK_FAILS(vmap_tree_cut(t, 3, NULL, &p, &err), VMAP_EINVAL, &err, "tree with 2 leaves");
    CHECK_FAILS(vmap_tree_cut(t, 0, NULL, &p, &err), VMAP_EINVAL, &err, "0 clusters");
    CHECK_OK(vmap_tree_cut(t, 2, NULL, &p, &err), &err);
    CHECK_COUNT(p->k, 2);
    vmap_partition_free(p);
    vmap_tree_free(t);
    vmap_tree_free(NULL);
    gsl_matrix_free(x);
    gsl_matrix_free(two);
}

/* ---- leaf order ---- */

static double path_of(const vmap_tree *t, const gsl_matrix *d, const size_t *order)
{
    double sum = 0;

    for (size_t q = 1; q < t->n; q++)
        sum += gsl_matrix_get(d, order[q - 1], order[q]);
    return sum;
}

static double path_after_arranging(void *context, size_t row, size_t col)
{
    (void)row;
    (void)col;
    return *(double *)context;
}

static void the_leaf_path_is_that_of_seriation(void)
{
    static const char *const sets[] = {"arrests", "map"};

    for (size_t s = 0; s < 2; s++) {
        gsl_matrix *x = read_reference("cluster.tsv", sets[s]);
        gsl_matrix *d = gsl_matrix_alloc(x->size1, x->size1);
        vmap_units u = {.points = x};
        vmap_tree *t = grow(&u, VMAP_AVERAGE);
        char quantity[64];
        double path;
        vmap_error err;

        CHECK_OK(vmap_cluster_dissimilarity(x, "euclidean", d, &err), &err);
        CHECK_OK(vmap_tree_arrange(t, &u, &err), &err);
        path = path_of(t, d, t->order);
        snprintf(quantity, sizeof quantity, "leaf_path_%s", sets[s]);
        check_reference("cluster.tsv", quantity, 1, path_after_arranging, &path);
        CHECK(t->order[0] < t->order[x->size1 - 1]);
        vmap_tree_free(t);
        gsl_matrix_free(x);
        gsl_matrix_free(d);
    }
}

/* Turn every subset of branches of a small tree. */
static void no_turning_gives_a_shorter_path(void)
{
    enum { N = 9 };

    for (uint64_t seed = 0; seed < 20; seed++) {
        gsl_matrix *x = gsl_matrix_alloc(N, 2), *d = gsl_matrix_alloc(N, N);
        gsl_rng *rng = vmap_rng_new(seed, 5);
        vmap_units u = {.points = x};
        vmap_tree *t;
        double best, least = INFINITY;
        vmap_error err;

        for (size_t i = 0; i < 2 * N; i++)
            x->data[i] = gsl_rng_uniform(rng);
        CHECK_OK(vmap_cluster_dissimilarity(x, "euclidean", d, &err), &err);
        t = grow(&u, vmap_linkages[seed % 4].linkage);
        for (unsigned turns = 0; turns < 1u << (N - 1); turns++) {
            size_t stack[N], depth = 0, order[N], at = 0;

            stack[depth++] = 2 * N - 2;
            while (depth) {
                size_t v = stack[--depth];

                if (v < N) {
                    order[at++] = v;
                } else {
                    unsigned turned = turns >> (v - N) & 1;

                    stack[depth++] = t->merge[v - N][turned];
                    stack[depth++] = t->merge[v - N][!turned];
                }
            }
            least = fmin(least, path_of(t, d, order));
        }
        CHECK_OK(vmap_tree_arrange(t, &u, &err), &err);
        best = path_of(t, d, t->order);
        CHECK_NEAR(best, least, 1e-12);
        vmap_tree_free(t);
        gsl_matrix_free(x);
        gsl_matrix_free(d);
        gsl_rng_free(rng);
    }
}

static const test_case cases[] = {
    TEST(four_points_by_hand),
    TEST(trees_are_those_of_hclust),
    TEST(weights_are_masses_in_average_and_ward_linkage),
    TEST(the_leaf_path_is_that_of_seriation),
    TEST(a_tree_is_a_tree_whatever_the_ties),
    TEST(cophenetic_distances_bound_the_dissimilarities),
    TEST(ward_heights_add_up_to_the_sum_of_squares),
    TEST(no_turning_gives_a_shorter_path),
    TEST(bad_arguments_are_refused),
};
SUITE(cluster_tree_suite, cases);
