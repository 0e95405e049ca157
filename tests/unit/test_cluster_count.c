#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "support/check.h"
#include "valuemap/rng.h"
#include "valuemap/validity.h"

static const char FILE_NAME[] = "cluster_validity.tsv";

/* `clouds` normal clouds with their centres on a circle, `apart` standard deviations from each other. */
static gsl_matrix *make_clouds(size_t n, size_t clouds, double apart, uint64_t seed)
{
    gsl_matrix *x = gsl_matrix_alloc(n, 2);
    gsl_rng *rng = vmap_rng_new(seed, 0);
    double radius = clouds > 1 ? apart / (2 * sin(M_PI / (double)clouds)) : 0;

    for (size_t i = 0; i < n; i++) {
        double angle = 2 * M_PI * (double)(i % clouds) / (double)clouds;

        gsl_matrix_set(x, i, 0, radius * cos(angle) + gsl_ran_ugaussian(rng));
        gsl_matrix_set(x, i, 1, radius * sin(angle) + gsl_ran_ugaussian(rng));
    }
    gsl_rng_free(rng);
    return x;
}

static vmap_count *count(const vmap_units *u, const char *method, const vmap_count_options *o)
{
    const vmap_cluster_method *m = vmap_cluster_method_find(method, NULL);
    vmap_count *c = NULL;
    vmap_error err;

    CHECK_OK(vmap_cluster_count(u, m, o, &c, &err), &err);
    return c;
}

static vmap_count_options few(size_t most, size_t references, size_t divisions, size_t resamples)
{
    vmap_count_options o;

    vmap_count_defaults(&o);
    o.most = most;
    o.references = references;
    o.divisions = divisions;
    o.resamples = resamples;
    o.cluster.starts = 5;
    return o;
}

/* ---- known values ---- */

static double log_within(void *context, size_t row, size_t col)
{
    (void)col;
    return log(((vmap_count *)context)->row[row].index.within);
}

static double gap(void *context, size_t row, size_t col)
{
    (void)col;
    return ((vmap_count *)context)->row[row].gap;
}

static void gaps_are_those_of_r(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "arrests");
    vmap_units u = {.points = x};
    vmap_count_options o = few(6, 300, 0, 0);
    vmap_count *c = count(&u, "ward", &o);

    check_reference(FILE_NAME, "log_within_arrests", 6, log_within, c);
    check_reference(FILE_NAME, "gap_arrests", 6, gap, c);
    vmap_count_free(c);
    o.reference = VMAP_REFERENCE_UNIFORM;
    c = count(&u, "ward", &o);
    check_reference(FILE_NAME, "gap_uniform", 6, gap, c);
    vmap_count_free(c);
    gsl_matrix_free(x);
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double jaccard(void *context, size_t row, size_t col)
{
    (void)col;
    return ((double *)context)[row];
}

static void stability_is_that_of_fpc(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "arrests");
    vmap_units u = {.points = x};
    const vmap_cluster_method *ward = vmap_cluster_method_find("ward", NULL);
    vmap_cluster_options o;
    vmap_error err;

    vmap_cluster_defaults(&o);
    for (size_t k = 2; k <= 4; k++) {
        vmap_partition *p = NULL;
        double value[4];
        char quantity[32];

        CHECK_OK(ward->run(&u, k, &o, &p, &err), &err);
        CHECK_OK(vmap_validity_stability(&u, ward, p, 400, &o, value, &err), &err);
        qsort(value, k, sizeof *value, compare_numbers);
        snprintf(quantity, sizeof quantity, "stability_%zu", k);
        check_reference(FILE_NAME, quantity, k, jaccard, value);
        vmap_partition_free(p);
    }
    gsl_matrix_free(x);
}

static double prediction(void *context, size_t row, size_t col)
{
    (void)col;
    return ((vmap_count *)context)->row[row + 1].prediction;
}

static void prediction_strength_is_that_of_fpc(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "arrests");
    vmap_units u = {.points = x};
    vmap_count_options o = few(4, 0, 200, 0);
    vmap_count *c = count(&u, "kmeans", &o);

    check_reference(FILE_NAME, "prediction", 3, prediction, c);
    vmap_count_free(c);
    gsl_matrix_free(x);
}

/* ---- weights ---- */

static void gaps_of_weighted_units_are_those_of_rows_written_out(void)
{
    gsl_matrix *x = read_reference("cluster_weights.tsv", "points"), *m = read_reference("cluster_weights.tsv", "few");
    vmap_units u = {.points = x, .weights = m->data};
    vmap_count_options o = few(4, 300, 0, 0);
    vmap_count *c = count(&u, "ward", &o);

    check_reference("cluster_weights.tsv", "few_within", 4, log_within, c);
    check_reference("cluster_weights.tsv", "few_gap", 4, gap, c);
    vmap_count_free(c);
    gsl_matrix_free(x);
    gsl_matrix_free(m);
}

/* As every method whose clusters of weighted units are those of the rows. */
static void weighted_units_are_judged_as_rows_written_out(void)
{
    static const char *const names[] = {"ward", "average", "kmeans", "pam"};
    gsl_matrix *x = make_clouds(30, 3, 4, 5), *rows = gsl_matrix_alloc(60, 2);
    double weight[30];
    vmap_units u = {.points = x, .weights = weight}, v = {.points = rows};
    size_t n = 0;

    for (size_t i = 0; i < 30; i++) {
        weight[i] = (double)(1 + i % 3);
        for (size_t copy = 0; copy <= i % 3; copy++, n++) {
            for (size_t j = 0; j < 2; j++)
                gsl_matrix_set(rows, n, j, gsl_matrix_get(x, i, j));
        }
    }
    CHECK_COUNT(n, 60);
    for (size_t m = 0; m < 4; m++) {
        vmap_count_options o = few(4, 0, 0, 0);
        vmap_count *a = count(&u, names[m], &o), *b = count(&v, names[m], &o);

        for (size_t k = 0; k < 4; k++) {
            CHECK_NEAR(a->row[k].index.within, b->row[k].index.within, 1e-9);
            if (k == 0)
                continue;
            CHECK_NEAR(a->row[k].index.silhouette, b->row[k].index.silhouette, 1e-12);
            CHECK_NEAR(a->row[k].index.calinski, b->row[k].index.calinski, 1e-9);
            CHECK_NEAR(a->row[k].index.davies, b->row[k].index.davies, 1e-12);
            CHECK_NEAR(a->row[k].index.dunn, b->row[k].index.dunn, 1e-12);
        }
        if (m < 2)
            CHECK_NEAR(a->cophenetic, b->cophenetic, 1e-12);
        vmap_count_free(a);
        vmap_count_free(b);
    }
    gsl_matrix_free(x);
    gsl_matrix_free(rows);
}

/* Twice the weight for all is no news for gap, its error, the test and stability. */
static void equal_weights_change_no_gap_and_no_stability(void)
{
    gsl_matrix *x = make_clouds(40, 2, 5, 6);
    double weight[40];
    vmap_units u = {.points = x}, v = {.points = x, .weights = weight};
    vmap_count_options o = few(3, 19, 4, 10);
    vmap_count *a, *b;

    for (size_t i = 0; i < 40; i++)
        weight[i] = 2;
    a = count(&u, "ward", &o);
    b = count(&v, "ward", &o);
    for (size_t k = 0; k < 3; k++) {
        CHECK_NEAR(b->row[k].gap, a->row[k].gap, 1e-9);
        CHECK_NEAR(b->row[k].gap_se, a->row[k].gap_se, 1e-9);
        CHECK_NEAR(b->row[k].jaccard, a->row[k].jaccard, 1e-12);
        CHECK(!(b->row[k].prediction < a->row[k].prediction)); /* two at one place stay together */
    }
    vmap_count_free(a);
    vmap_count_free(b);
    gsl_matrix_free(x);
}

/* ---- known truth ---- */

static void three_clouds_are_three_clusters(void)
{
    gsl_matrix *x = make_clouds(90, 3, 8, 1);
    vmap_units u = {.points = x};
    vmap_count_options o = few(6, 39, 20, 20);
    vmap_count *c = count(&u, "kmeans", &o);

    CHECK(c->clear);
    CHECK_COUNT(c->k, 3);
    CHECK_COUNT(c->by_gap, 3);
    CHECK_COUNT(c->by_gap_first, 3);
    CHECK_COUNT(c->by_calinski, 3);
    CHECK_COUNT(c->by_davies, 3);
    CHECK_COUNT(c->by_prediction, 3);
    CHECK_COUNT(c->by_bic, 3);
    CHECK_NEAR(c->p, 1. / 40, 1e-12);
    vmap_count_free(c);
    gsl_matrix_free(x);
}

static void one_cloud_is_no_clear_clusters(void)
{
    size_t clear = 0, below = 0;

    for (uint64_t seed = 0; seed < 6; seed++) {
        gsl_matrix *x = make_clouds(60, 1, 0, 100 + seed);
        vmap_units u = {.points = x};
        vmap_count_options o = few(5, 39, 0, 20);
        vmap_count *c = count(&u, "ward", &o);

        clear += c->clear;
        below += c->p <= .05;
        vmap_count_free(c);
        gsl_matrix_free(x);
    }
    CHECK(below <= 2); /* binomial(6, .05): more than 2 has probability .002 */
    CHECK(clear <= 1);
}

/* ---- properties ---- */

static void the_number_of_threads_does_not_matter(void)
{
    gsl_matrix *x = make_clouds(40, 2, 3, 5);
    vmap_units u = {.points = x};
    vmap_count_options o = few(4, 10, 10, 10);
    vmap_count *one, *other;

    for (size_t m = 0; m < vmap_cluster_methods_count; m++) {
        if (vmap_cluster_methods[m].counts)
            continue;
        o.cluster.threads = 1;
        one = count(&u, vmap_cluster_methods[m].name, &o);
        o.cluster.threads = 3;
        other = count(&u, vmap_cluster_methods[m].name, &o);
        for (size_t k = 0; k < 4; k++) {
            one->row[k].partition = (vmap_partition_free(one->row[k].partition), NULL);
            other->row[k].partition = (vmap_partition_free(other->row[k].partition), NULL);
            CHECK(memcmp(&one->row[k].index, &other->row[k].index, sizeof one->row[k].index) == 0);
            CHECK(memcmp(&one->row[k].gap, &other->row[k].gap, sizeof(double)) == 0);
            CHECK(memcmp(&one->row[k].prediction, &other->row[k].prediction, sizeof(double)) == 0);
            CHECK(memcmp(&one->row[k].jaccard, &other->row[k].jaccard, sizeof(double)) == 0);
            CHECK(memcmp(&one->row[k].bic, &other->row[k].bic, sizeof(double)) == 0);
        }
        CHECK(memcmp(&one->p, &other->p, sizeof one->p) == 0);
        vmap_count_free(one);
        vmap_count_free(other);
    }
    gsl_matrix_free(x);
}

/* Principal coordinates give the points back up to turning, and the single clouds are drawn from the same numbers. */
static void euclidean_distances_are_tested_against_one_cloud_as_their_points_are(void)
{
    for (uint64_t seed = 0; seed < 3; seed++) {
        gsl_matrix *x = make_clouds(40, 1, 0, 100 + seed), *d = gsl_matrix_alloc(40, 40);
        vmap_units points = {.points = x}, distances = {.dissimilarity = d};
        vmap_count_options o = few(5, 39, 0, 0);
        vmap_count *a, *b;
        vmap_error err;

        CHECK_OK(vmap_cluster_dissimilarity(x, "euclidean", d, &err), &err);
        a = count(&points, "ward", &o);
        b = count(&distances, "ward", &o);
        CHECK_NEAR(a->p, b->p, 1e-12);
        for (size_t k = 1; k < 5; k++)
            CHECK_NEAR(a->row[k].silhouette_p, b->row[k].silhouette_p, 1e-12);
        vmap_count_free(a);
        vmap_count_free(b);
        gsl_matrix_free(x);
        gsl_matrix_free(d);
    }
}

static void a_matrix_of_distances_is_judged_without_points(void)
{
    gsl_matrix *x = make_clouds(40, 2, 8, 6), *d = gsl_matrix_alloc(40, 40);
    vmap_units u = {.dissimilarity = d};
    vmap_count_options o = few(4, 39, 10, 10);
    vmap_count *c;
    vmap_error err;

    CHECK_OK(vmap_cluster_dissimilarity(x, "euclidean", d, &err), &err);
    c = count(&u, "pam", &o);
    CHECK_COUNT(c->k, 2);
    CHECK(c->clear);
    CHECK(isnan(c->row[1].gap) && isnan(c->row[1].bic));
    CHECK_NEAR(c->p, 1. / 40, 1e-12);
    CHECK(c->row[1].prediction > .9 && c->row[1].jaccard > .9);
    vmap_count_free(c);
    gsl_matrix_free(x);
    gsl_matrix_free(d);
}

/* ---- edges and refusals ---- */

static void duplicates_a_constant_axis_and_few_units(void)
{
    double at[] = {0, 1, 0, 1, 5, 1, 5, 1}, three[] = {0, 1, 5}, same[] = {2, 2, 2, 2, 2};
    gsl_matrix_view x = gsl_matrix_view_array(at, 4, 2), y = gsl_matrix_view_array(three, 3, 1),
                    z = gsl_matrix_view_array(same, 5, 1);
    vmap_units u = {.points = &x.matrix};
    vmap_count_options o = few(10, 5, 5, 5);

    for (size_t m = 0; m < vmap_cluster_methods_count; m++) {
        vmap_count *c;

        if (vmap_cluster_methods[m].counts || strcmp(vmap_cluster_methods[m].name, "mixture") == 0)
            continue; /* a constant axis has no full covariance: the mixture says so */
        u.points = &x.matrix;
        c = count(&u, vmap_cluster_methods[m].name, &o);
        CHECK_COUNT(c->count, 3);
        CHECK_COUNT(c->k, 2);
        vmap_count_free(c);
        u.points = &y.matrix;
        c = count(&u, vmap_cluster_methods[m].name, &o);
        CHECK_COUNT(c->count, 2);
        vmap_count_free(c);
        u.points = &z.matrix;
        c = count(&u, vmap_cluster_methods[m].name, &o);
        CHECK(!c->clear);
        vmap_count_free(c);
    }
}

static void what_has_no_row_of_numbers_is_refused(void)
{
    double at[] = {0, 1, 2};
    gsl_matrix_view two = gsl_matrix_view_array(at, 2, 1), x = gsl_matrix_view_array(at, 3, 1);
    vmap_units u = {.points = &two.matrix};
    vmap_count_options o = few(4, 0, 0, 0);
    vmap_count *c = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_cluster_count(&u, vmap_cluster_method_find("ward", NULL), &o, &c, &err),
                VMAP_EDATA, &err, "2 units");
    u.points = &x.matrix;
    CHECK_FAILS(vmap_cluster_count(&u, vmap_cluster_method_find("hdbscan", NULL), &o, &c, &err),
                VMAP_EINVAL, &err, "hdbscan finds the number");
    o.most = 1;
    CHECK_FAILS(vmap_cluster_count(&u, vmap_cluster_method_find("ward", NULL), &o, &c, &err),
                VMAP_EINVAL, &err, "it must be 2");
    CHECK(c == NULL);
    vmap_count_free(NULL);
}

static const test_case cases[] = {
    TEST(gaps_are_those_of_r),
    TEST(stability_is_that_of_fpc),
    TEST(prediction_strength_is_that_of_fpc),
    TEST(gaps_of_weighted_units_are_those_of_rows_written_out),
    TEST(weighted_units_are_judged_as_rows_written_out),
    TEST(equal_weights_change_no_gap_and_no_stability),
    TEST(three_clouds_are_three_clusters),
    TEST(one_cloud_is_no_clear_clusters),
    TEST(the_number_of_threads_does_not_matter),
    TEST(a_matrix_of_distances_is_judged_without_points),
    TEST(euclidean_distances_are_tested_against_one_cloud_as_their_points_are),
    TEST(duplicates_a_constant_axis_and_few_units),
    TEST(what_has_no_row_of_numbers_is_refused),
};
SUITE(cluster_count_suite, cases);
