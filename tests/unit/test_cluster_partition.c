#include <config.h>

#include <math.h>
#include <string.h>
#include <stdlib.h>

#include "support/check.h"
#include "valuemap/cluster.h"
#include "valuemap/rng.h"

static const size_t NONE = VMAP_CLUSTER_NONE;

/* ---- known values, by hand ---- */

static void clusters_are_numbered_by_weight_then_by_their_first_unit(void)
{
    const size_t label[] = {7, 2, 2, 0, NONE, 7, 0, 5};
    const double w[] = {1, 1, 1, .5, 9, 1, 1.5, 3};
    vmap_partition *p = NULL;
    size_t place[8];
    vmap_error err;

    CHECK_OK(vmap_partition_new(label, 8, w, place, &p, &err), &err);
    if (p) {
        /* weights: label 5: 3, labels 7, 2 and 0: 2 each, first at units 0, 1 and 3 */
        const size_t want[] = {1, 2, 2, 3, NONE, 1, 3, 0};

        CHECK_COUNT(p->k, 4);
        CHECK_COUNT(p->noise, 1);
        for (size_t i = 0; i < 8; i++)
            CHECK_COUNT(p->cluster[i], want[i]);
        CHECK_NEAR(p->weight[0], 3, 0);
        CHECK_COUNT(p->size[0], 1);
        CHECK_COUNT(p->size[3], 2);
        CHECK_COUNT(place[7], 1);
        CHECK_COUNT(place[5], 0);
        CHECK_COUNT(place[1], NONE);
    }
    vmap_partition_free(p);
}

static void columns_are_standardised_with_weights_and_constant_ones_become_zero(void)
{
    const double x[] = {1, 7, 1e9, 3, 7, 1e9 + 1, 5, 7, 1e9 + 2};
    const double w[] = {1, 2, 1};
    gsl_matrix *m = gsl_matrix_alloc(3, 3);

    for (size_t i = 0; i < 9; i++)
        gsl_matrix_set(m, i / 3, i % 3, x[i]);
    CHECK_COUNT(vmap_cluster_standardise(m, w), 1);
    /* mean 3, variance (4 + 0 + 4) / 4 = 2 */
    CHECK_NEAR(gsl_matrix_get(m, 0, 0), -sqrt(2), 1e-15);
    CHECK_NEAR(gsl_matrix_get(m, 1, 0), 0, 1e-15);
    CHECK_NEAR(gsl_matrix_get(m, 2, 1), 0, 0);
    CHECK_NEAR(gsl_matrix_get(m, 2, 2), sqrt(2), 1e-6); /* variance 1/2 of numbers near 1e9 */
    gsl_matrix_free(m);
}

/* ---- refusals ---- */

static void units_that_cannot_be_clustered_are_refused(void)
{
    gsl_matrix *x = gsl_matrix_calloc(3, 2), *d = gsl_matrix_calloc(3, 3);
    gsl_matrix *wrong = gsl_matrix_calloc(2, 2), *oblong = gsl_matrix_calloc(3, 2);
    const double negative[] = {1, -1, 1}, none[] = {0, 0, 0}, infinite[] = {1, INFINITY, 1};
    vmap_units u = {.points = x};
    vmap_error err;

    CHECK_OK(vmap_units_check(&u, &err), &err);
    CHECK_FAILS(vmap_units_check(&(vmap_units){.points = NULL}, &err), VMAP_EINVAL, &err, "neither");
    CHECK_FAILS(vmap_units_check(&(vmap_units){.points = x, .dissimilarity = wrong}, &err),
                VMAP_EINVAL, &err, "3 points and dissimilarities of 2 units");
    CHECK_FAILS(vmap_units_check(&(vmap_units){.dissimilarity = oblong}, &err), VMAP_EINVAL, &err,
                "square");
    u.weights = negative;
    CHECK_FAILS(vmap_units_check(&u, &err), VMAP_EINVAL, &err, "weight 2 is -1");
    u.weights = infinite;
    CHECK_FAILS(vmap_units_check(&u, &err), VMAP_EINVAL, &err, "weight 2 is inf");
    u.weights = none;
    CHECK_FAILS(vmap_units_check(&u, &err), VMAP_EINVAL, &err, "no unit has a positive weight");
    u.weights = NULL;
    gsl_matrix_set(x, 1, 1, NAN);
    CHECK_FAILS(vmap_units_check(&u, &err), VMAP_EDATA, &err, "unit 2 has the value nan on axis 2");
    u = (vmap_units){.dissimilarity = d};
    gsl_matrix_set(d, 2, 1, 1);
    CHECK_FAILS(vmap_units_check(&u, &err), VMAP_EDATA, &err, "1 one way and 0 the other");
    gsl_matrix_set(d, 1, 2, -1);
    CHECK_FAILS(vmap_units_check(&u, &err), VMAP_EDATA, &err, "units 2 and 3 is -1");
    gsl_matrix_set(d, 1, 2, 1);
    gsl_matrix_set(d, 0, 0, 2);
    CHECK_FAILS(vmap_units_check(&u, &err), VMAP_EDATA, &err, "unit 1 has the dissimilarity 2 to itself");
    gsl_matrix_free(x);
    gsl_matrix_free(d);
    gsl_matrix_free(wrong);
    gsl_matrix_free(oblong);
}

static void a_partition_needs_units(void)
{
    vmap_partition *p = NULL;
    const size_t label[] = {NONE, NONE};
    vmap_error err;

    CHECK_FAILS(vmap_partition_new(label, 0, NULL, NULL, &p, &err), VMAP_EINVAL, &err, "no units");
    CHECK(p == NULL);
    CHECK_OK(vmap_partition_new(label, 2, NULL, NULL, &p, &err), &err);
    if (p)
        CHECK_COUNT(p->k, 0);
    vmap_partition_free(p);
    vmap_partition_free(NULL);
}

static void every_method_has_a_name_and_unknown_ones_are_refused(void)
{
    vmap_error err;

    for (size_t i = 0; i < vmap_cluster_methods_count; i++)
        CHECK(vmap_cluster_method_find(vmap_cluster_methods[i].name, &err) ==
              &vmap_cluster_methods[i]);
    CHECK(vmap_cluster_method_find("kmean", &err) == NULL);
    CHECK(err.status == VMAP_ENOENT);
}

/* ---- properties: for every method ---- */

/* Three groups of ten far apart, in an order that mixes them. */
static gsl_matrix *three_groups(void)
{
    gsl_matrix *x = gsl_matrix_alloc(30, 2);
    gsl_rng *rng = vmap_rng_new(11, 0);

    for (size_t i = 0; i < 30; i++) {
        gsl_matrix_set(x, i, 0, 10 * (double)(i % 3) + gsl_rng_uniform(rng));
        gsl_matrix_set(x, i, 1, 10 * (double)(i % 3 == 1) + gsl_rng_uniform(rng));
    }
    gsl_rng_free(rng);
    return x;
}

static void every_method_finds_clusters_that_nobody_can_miss(void)
{
    gsl_matrix *x = three_groups();
    const vmap_units u = {.points = x};
    vmap_cluster_options o;
    vmap_error err;

    vmap_cluster_defaults(&o);
    for (size_t m = 0; m < vmap_cluster_methods_count; m++) {
        const vmap_cluster_method *method = &vmap_cluster_methods[m];
        vmap_partition *p = NULL;

        CHECK_OK(method->run(&u, method->counts ? 5 : 3, &o, &p, &err), &err);
        if (!p)
            continue;
        CHECK_COUNT(p->k, 3);
        for (size_t i = 0; i < 30; i++) /* equal weights: numbered by the first unit */
            CHECK_COUNT(p->cluster[i], i % 3);
        vmap_partition_free(p);
    }
    gsl_matrix_free(x);
}

static void every_method_gives_the_same_for_any_number_of_threads(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "iris");
    const vmap_units u = {.points = x};
    vmap_error err;

    for (size_t m = 0; m < vmap_cluster_methods_count; m++) {
        vmap_partition *one = NULL, *many = NULL;
        vmap_cluster_options o;

        vmap_cluster_defaults(&o);
        o.starts = 10;
        o.threads = 1;
        CHECK_OK(vmap_cluster_methods[m].run(&u, 4, &o, &one, &err), &err);
        o.threads = 5;
        CHECK_OK(vmap_cluster_methods[m].run(&u, 4, &o, &many, &err), &err);
        for (size_t i = 0; one && many && i < 150; i++)
            CHECK_COUNT(one->cluster[i], many->cluster[i]);
        vmap_partition_free(one);
        vmap_partition_free(many);
    }
    gsl_matrix_free(x);
}

static void every_method_takes_an_axis_without_variance(void)
{
    gsl_matrix *x = three_groups(), *wider = gsl_matrix_calloc(30, 3);
    const vmap_units u = {.points = wider};
    vmap_cluster_options o;
    vmap_error err;

    vmap_cluster_defaults(&o);
    o.family = "VII";
    for (size_t i = 0; i < 30; i++) {
        gsl_matrix_set(wider, i, 0, gsl_matrix_get(x, i, 0));
        gsl_matrix_set(wider, i, 1, 4);
        gsl_matrix_set(wider, i, 2, gsl_matrix_get(x, i, 1));
    }
    for (size_t m = 0; m < vmap_cluster_methods_count; m++) {
        const vmap_cluster_method *method = &vmap_cluster_methods[m];
        vmap_partition *p = NULL;

        CHECK_OK(method->run(&u, method->counts ? 5 : 3, &o, &p, &err), &err);
        for (size_t i = 0; p && i < 30; i++)
            CHECK_COUNT(p->cluster[i], i % 3);
        vmap_partition_free(p);
    }
    gsl_matrix_free(x);
    gsl_matrix_free(wider);
}

/* k = 1 and k = n, as far as a method takes k: one cluster, and each unit its own; also on a grid, where nearly all
 * distances are tied. */
static void every_method_makes_one_cluster_and_as_many_as_units(void)
{
    gsl_matrix *x = gsl_matrix_alloc(16, 2);
    const vmap_units u = {.points = x};
    vmap_cluster_options o;
    vmap_error err;

    vmap_cluster_defaults(&o);
    o.family = "EII"; /* with one unit to a component only a common variance is defined, and 0 is refused */
    for (size_t i = 0; i < 16; i++) {
        gsl_matrix_set(x, i, 0, (double)(i % 4));
        gsl_matrix_set(x, i, 1, (double)(i / 4));
    }
    for (size_t m = 0; m < vmap_cluster_methods_count; m++) {
        const vmap_cluster_method *method = &vmap_cluster_methods[m];
        vmap_partition *one = NULL, *all = NULL;

        if (method->counts)
            continue;
        CHECK_OK(method->run(&u, 1, &o, &one, &err), &err);
        CHECK(one && one->k == 1 && one->size[0] == 16);
        if (strcmp(method->name, "mixture") == 0) {
            CHECK_FAILS(method->run(&u, 16, &o, &all, &err), VMAP_ESINGULAR, &err, "regular covariances");
        } else {
            CHECK_OK(method->run(&u, 16, &o, &all, &err), &err);
            CHECK(all && all->k == 16);
        }
        vmap_partition_free(one);
        vmap_partition_free(all);
    }
    gsl_matrix_free(x);
}

/* Five places with four units each: units at one place belong together. */
static void every_method_keeps_duplicates_together(void)
{
    static const double place[5] = {0, 10, 30, 60, 100};
    gsl_matrix *x = gsl_matrix_alloc(20, 1);
    const vmap_units u = {.points = x};
    vmap_cluster_options o;
    vmap_error err;

    vmap_cluster_defaults(&o);
    o.family = "EII";
    for (size_t i = 0; i < 20; i++)
        gsl_matrix_set(x, i, 0, place[i % 5]);
    for (size_t m = 0; m < vmap_cluster_methods_count; m++) {
        const vmap_cluster_method *method = &vmap_cluster_methods[m];
        vmap_partition *p = NULL;

        CHECK_OK(method->run(&u, method->counts ? 4 : 3, &o, &p, &err), &err);
        for (size_t i = 5; p && i < 20; i++)
            CHECK_COUNT(p->cluster[i], p->cluster[i % 5]);
        vmap_partition_free(p);
    }
    gsl_matrix_free(x);
}

static const test_case cases[] = {
    TEST(clusters_are_numbered_by_weight_then_by_their_first_unit),
    TEST(every_method_makes_one_cluster_and_as_many_as_units),
    TEST(every_method_keeps_duplicates_together),
    TEST(columns_are_standardised_with_weights_and_constant_ones_become_zero),
    TEST(every_method_finds_clusters_that_nobody_can_miss),
    TEST(every_method_gives_the_same_for_any_number_of_threads),
    TEST(every_method_takes_an_axis_without_variance),
    TEST(units_that_cannot_be_clustered_are_refused),
    TEST(a_partition_needs_units),
    TEST(every_method_has_a_name_and_unknown_ones_are_refused),
};
SUITE(cluster_partition_suite, cases);
