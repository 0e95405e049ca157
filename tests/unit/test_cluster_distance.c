#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "support/check.h"
#include "valuemap/cluster_distance.h"
#include "valuemap/rng.h"

enum { SPECIES = 3 };

static void split_iris(gsl_matrix *x, gsl_matrix_view *view, const gsl_matrix **cloud)
{
    for (size_t c = 0; c < SPECIES; c++) {
        view[c] = gsl_matrix_submatrix(x, 50 * c, 0, 50, 4);
        cloud[c] = &view[c].matrix;
    }
}

typedef struct {
    const vmap_cluster_distance *distance;
    const gsl_matrix **cloud;
} asked;

static double value(void *context, size_t row, size_t col)
{
    static const size_t pair[][2] = {{0, 1}, {0, 2}, {1, 2}};
    const asked *q = context;
    vmap_ruler *ruler = NULL;
    vmap_cloud *a = NULL, *b = NULL;
    double d;
    vmap_error err;

    (void)col;
    CHECK_OK(vmap_ruler_new(q->cloud, SPECIES, NULL, &ruler, &err), &err);
    CHECK_OK(vmap_cloud_new(q->cloud[pair[row][0]], NULL, ruler, true, &a, &err), &err);
    CHECK_OK(vmap_cloud_new(q->cloud[pair[row][1]], NULL, ruler, true, &b, &err), &err);
    d = q->distance->of(a, b, ruler);
    CHECK_NEAR(q->distance->of(b, a, ruler), d, 1e-10);
    vmap_cloud_free(a);
    vmap_cloud_free(b);
    vmap_ruler_free(ruler);
    return d;
}

static void every_distance_is_that_of_another_program(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "iris");
    gsl_matrix_view view[SPECIES];
    const gsl_matrix *cloud[SPECIES];

    split_iris(x, view, cloud);
    for (size_t i = 0; i < vmap_cluster_distances_count; i++) {
        const char *name = vmap_cluster_distances[i].name;
        asked q = {&vmap_cluster_distances[i], cloud};

        if (strcmp(name, "hellinger") == 0)
            continue;
        check_reference(strcmp(name, "energy") == 0 || strcmp(name, "mahalanobis") == 0 ||
                                strcmp(name, "bhattacharyya") == 0
                            ? "cluster_match.tsv"
                            : "cluster_distance.tsv",
                        name, 3, value, &q);
    }
    gsl_matrix_free(x);
}

static double of_matrix(void *context, size_t row, size_t col)
{
    static const size_t pair[][2] = {{0, 1}, {0, 2}, {1, 2}};
    const vmap_distance_matrix *m = context;

    (void)col;
    return gsl_matrix_get(m->value, pair[row][0], pair[row][1]);
}

/* The bandwidth is the median of all units' distances, each unit once, also when both sides are the same clouds. */
static void clouds_among_themselves_count_their_units_once(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "iris");
    gsl_matrix_view view[SPECIES];
    const gsl_matrix *cloud[SPECIES];
    const vmap_cluster_distance *mmd = NULL;
    vmap_cluster_distance_options o;
    vmap_distance_matrix *m = NULL;
    vmap_error err;

    split_iris(x, view, cloud);
    vmap_cluster_distance_defaults(&o);
    o.replicates = 0;
    CHECK_OK(vmap_cluster_distance_find("mmd", &mmd, &err), &err);
    CHECK_OK(vmap_cluster_distance_matrix(mmd, cloud, SPECIES, cloud, SPECIES, &o, &m, &err), &err);
    check_reference("cluster_distance.tsv", "mmd", 3, of_matrix, m);
    vmap_distance_matrix_free(m);
    gsl_matrix_free(x);
}

/* Two normal clouds on one axis: 1 - sqrt(2 s t / (s^2 + t^2)) exp(-(m - n)^2 / 4 (s^2 + t^2)). */
static void hellinger_is_that_of_two_normal_curves(void)
{
    double at[] = {-1, 0, 1}, far[] = {2, 5, 8};
    gsl_matrix_view x = gsl_matrix_view_array(at, 3, 1), y = gsl_matrix_view_array(far, 3, 1);
    const gsl_matrix *clouds[] = {&x.matrix, &y.matrix};
    const vmap_cluster_distance *hellinger = NULL;
    vmap_ruler *ruler = NULL;
    vmap_cloud *a = NULL, *b = NULL;
    vmap_error err;

    CHECK_OK(vmap_cluster_distance_find("hellinger", &hellinger, &err), &err);
    CHECK_OK(vmap_ruler_new(clouds, 2, NULL, &ruler, &err), &err);
    CHECK_OK(vmap_cloud_new(&x.matrix, NULL, ruler, true, &a, &err), &err);
    CHECK_OK(vmap_cloud_new(&y.matrix, NULL, ruler, true, &b, &err), &err);
    CHECK_NEAR(hellinger->of(a, b, ruler), sqrt(1 - sqrt(2. * 1 * 3 / 10) * exp(-25. / 40)), 1e-12);
    vmap_cloud_free(a);
    vmap_cloud_free(b);
    vmap_ruler_free(ruler);
}

static gsl_matrix *normal(size_t n, size_t d, double shift, uint64_t seed)
{
    gsl_matrix *x = gsl_matrix_alloc(n, d);
    gsl_rng *rng = vmap_rng_new(seed, 0);

    for (size_t i = 0; i < n * d; i++)
        x->data[i] = shift + gsl_ran_ugaussian(rng);
    gsl_rng_free(rng);
    return x;
}

static bool is_linkage(const char *name)
{
    return strcmp(name, "single") == 0 || strcmp(name, "complete") == 0 || strcmp(name, "average") == 0;
}

/* A whole weight is as many units at one place; a cloud is at distance 0 from itself. */
static void weights_are_repeated_units(void)
{
    gsl_matrix *x = normal(6, 2, 0, 1), *y = normal(7, 2, 1, 2), *twice = gsl_matrix_alloc(12, 2);
    const gsl_matrix *clouds[] = {x, y};
    double two[] = {2, 2, 2, 2, 2, 2}, uneven[] = {3, 1, 2, 2, 2, 2};
    vmap_ruler *ruler = NULL;
    vmap_cloud *plain = NULL, *heavy = NULL, *repeated = NULL, *other = NULL, *drawn = NULL;
    vmap_error err;

    for (size_t i = 0; i < 12; i++) {
        gsl_vector_view to = gsl_matrix_row(twice, i), from = gsl_matrix_row(x, i == 7 ? 0 : i % 6);

        gsl_vector_memcpy(&to.vector, &from.vector);
    }
    CHECK_OK(vmap_ruler_new(clouds, 2, NULL, &ruler, &err), &err);
    CHECK_OK(vmap_cloud_new(x, NULL, ruler, true, &plain, &err), &err);
    CHECK_OK(vmap_cloud_new(x, two, ruler, true, &heavy, &err), &err);
    CHECK_OK(vmap_cloud_new(x, uneven, ruler, true, &drawn, &err), &err);
    CHECK_OK(vmap_cloud_new(twice, NULL, ruler, true, &repeated, &err), &err);
    CHECK_OK(vmap_cloud_new(y, NULL, ruler, true, &other, &err), &err);
    for (size_t i = 0; i < vmap_cluster_distances_count; i++) {
        const vmap_cluster_distance *d = &vmap_cluster_distances[i];

        CHECK_NEAR(d->of(heavy, other, ruler), d->of(plain, other, ruler), 1e-9);
        if (!d->uses_covariance && strcmp(d->name, "w2_gaussian") != 0)
            CHECK_NEAR(d->of(drawn, other, ruler), d->of(repeated, other, ruler), 1e-9);
        if (!is_linkage(d->name))
            CHECK_NEAR(d->of(plain, plain, ruler), 0, 1e-7);
    }
    vmap_cloud_free(plain);
    vmap_cloud_free(heavy);
    vmap_cloud_free(drawn);
    vmap_cloud_free(repeated);
    vmap_cloud_free(other);
    vmap_ruler_free(ruler);
    gsl_matrix_free(x);
    gsl_matrix_free(y);
    gsl_matrix_free(twice);
}

static void single_units_have_no_covariance(void)
{
    double one[] = {0, 0}, other[] = {3, 4};
    gsl_matrix_view x = gsl_matrix_view_array(one, 1, 2), y = gsl_matrix_view_array(other, 1, 2);
    const gsl_matrix *left[] = {&x.matrix}, *right[] = {&y.matrix};
    vmap_cluster_distance_options o;
    vmap_error err;

    vmap_cluster_distance_defaults(&o);
    o.replicates = 20;
    for (size_t i = 0; i < vmap_cluster_distances_count; i++) {
        const vmap_cluster_distance *d = &vmap_cluster_distances[i];
        vmap_distance_matrix *m = NULL;
        double got;

        CHECK_OK(vmap_cluster_distance_matrix(d, left, 1, right, 1, &o, &m, &err), &err);
        got = gsl_matrix_get(m->value, 0, 0);
        if (d->uses_covariance || strcmp(d->name, "w2_gaussian") == 0 ||
            strcmp(d->name, "mahalanobis") == 0)
            CHECK(isnan(got));
        else if (strcmp(d->name, "energy") == 0)
            CHECK_NEAR(got, sqrt(10), 1e-12);
        else if (strcmp(d->name, "mmd") == 0)
            CHECK_NEAR(got, sqrt(2 - 2 * exp(-.5)), 1e-12); /* the one distance is the median */
        else
            CHECK_NEAR(got, 5, 1e-12);
        CHECK(isnan(gsl_matrix_get(m->low, 0, 0)) && isnan(gsl_matrix_get(m->high, 0, 0)));
        vmap_distance_matrix_free(m);
    }
}

/* The interval of the distance of two centres is about that of a difference of means, and the same for any
 * number of threads. */
static void intervals_are_those_of_the_sampling_error(void)
{
    gsl_matrix *x = normal(200, 1, 0, 5), *y = normal(300, 1, 4, 6);
    const gsl_matrix *left[] = {x}, *right[] = {y};
    vmap_cluster_distance_options o;
    vmap_distance_matrix *one = NULL, *other = NULL;
    double se = sqrt(1. / 200 + 1. / 300);
    vmap_error err;

    vmap_cluster_distance_defaults(&o);
    o.replicates = 800;
    o.threads = 1;
    CHECK_OK(vmap_cluster_distance_matrix(&vmap_cluster_distances[0], left, 1, right, 1, &o, &one, &err),
             &err);
    o.threads = 3;
    CHECK_OK(vmap_cluster_distance_matrix(&vmap_cluster_distances[0], left, 1, right, 1, &o, &other, &err),
             &err);
    CHECK_NEAR((gsl_matrix_get(one->high, 0, 0) - gsl_matrix_get(one->low, 0, 0)) / (2 * 1.96 * se), 1, .15);
    CHECK_NEAR(gsl_matrix_get(other->low, 0, 0), gsl_matrix_get(one->low, 0, 0), 0);
    CHECK_NEAR(gsl_matrix_get(other->high, 0, 0), gsl_matrix_get(one->high, 0, 0), 0);
    vmap_distance_matrix_free(one);
    vmap_distance_matrix_free(other);
    gsl_matrix_free(x);
    gsl_matrix_free(y);
}

/* A matrix of the Euclidean distances gives what the points give, intervals too; distances of centres and of
 * covariances are not defined there. */
static void a_matrix_of_distances_gives_the_same(void)
{
    gsl_matrix *x = normal(20, 2, 0, 7), *y = normal(15, 2, 1, 8), *between = gsl_matrix_alloc(35, 35);
    gsl_matrix *a = gsl_matrix_alloc(20, 1), *b = gsl_matrix_alloc(15, 1);
    const gsl_matrix *left[] = {x}, *right[] = {y}, *first[] = {a}, *second[] = {b};
    vmap_cluster_distance_options o;
    vmap_error err;

    for (size_t i = 0; i < 35; i++) {
        gsl_matrix_set(i < 20 ? a : b, i < 20 ? i : i - 20, 0, (double)i);
        for (size_t j = 0; j < 35; j++) {
            const double *p = i < 20 ? gsl_matrix_ptr(x, i, 0) : gsl_matrix_ptr(y, i - 20, 0);
            const double *q = j < 20 ? gsl_matrix_ptr(x, j, 0) : gsl_matrix_ptr(y, j - 20, 0);

            gsl_matrix_set(between, i, j, hypot(p[0] - q[0], p[1] - q[1]));
        }
    }
    vmap_cluster_distance_defaults(&o);
    o.replicates = 20;
    for (size_t d = 0; d < vmap_cluster_distances_count; d++) {
        const vmap_cluster_distance *of = &vmap_cluster_distances[d];
        vmap_distance_matrix *points = NULL, *distances = NULL;

        o.between = NULL;
        CHECK_OK(vmap_cluster_distance_matrix(of, left, 1, right, 1, &o, &points, &err), &err);
        o.between = between;
        CHECK_OK(vmap_cluster_distance_matrix(of, first, 1, second, 1, &o, &distances, &err), &err);
        if (of->uses_centre) {
            CHECK(isnan(distances->value->data[0]));
        } else {
            CHECK_NEAR(distances->value->data[0], points->value->data[0], 1e-12);
            CHECK_NEAR(distances->low->data[0], points->low->data[0], 1e-12);
            CHECK_NEAR(distances->high->data[0], points->high->data[0], 1e-12);
        }
        vmap_distance_matrix_free(points);
        vmap_distance_matrix_free(distances);
    }
    gsl_matrix_free(x);
    gsl_matrix_free(y);
    gsl_matrix_free(a);
    gsl_matrix_free(b);
    gsl_matrix_free(between);
}

static void what_is_no_cloud_is_refused(void)
{
    double at[] = {0, 1, 2, NAN};
    gsl_matrix_view x = gsl_matrix_view_array(at, 2, 1), y = gsl_matrix_view_array(at, 2, 2),
                    z = gsl_matrix_view_array(at, 1, 2);
    const gsl_matrix *uneven[] = {&x.matrix, &z.matrix}, *broken[] = {&y.matrix};
    const vmap_cluster_distance *d = NULL;
    vmap_ruler *ruler = NULL;
    vmap_distance_matrix *m = NULL;
    vmap_cluster_distance_options o;
    vmap_error err;

    vmap_cluster_distance_defaults(&o);
    CHECK_FAILS(vmap_ruler_new(uneven, 2, NULL, &ruler, &err), VMAP_EINVAL, &err, "1 axes and another 2");
    CHECK_FAILS(vmap_ruler_new(broken, 1, NULL, &ruler, &err), VMAP_EDATA, &err, "unit 2 of a cloud");
    CHECK_FAILS(vmap_cluster_distance_find("hausdorf", &d, &err), VMAP_ENOENT, &err, "centroid, mahal");
    CHECK_FAILS(vmap_cluster_distance_matrix(&vmap_cluster_distances[0], uneven, 0, uneven, 1, &o, &m, &err),
                VMAP_EINVAL, &err, "0 clouds");
    CHECK(!ruler && !m && !d);
}

static const test_case cases[] = {
    TEST(every_distance_is_that_of_another_program),
    TEST(clouds_among_themselves_count_their_units_once),
    TEST(hellinger_is_that_of_two_normal_curves),
    TEST(weights_are_repeated_units),
    TEST(single_units_have_no_covariance),
    TEST(intervals_are_those_of_the_sampling_error),
    TEST(a_matrix_of_distances_gives_the_same),
    TEST(what_is_no_cloud_is_refused),
};
SUITE(cluster_distance_suite, cases);
