#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "support/check.h"
#include "valuemap/cluster.h"
#include "valuemap/rng.h"

/* ---- known values: mclust from the same start, and from our own starts ---- */

/* The memberships of a partition that R numbers from 1. */
static gsl_matrix *hard_start(const char *quantity, size_t k)
{
    gsl_matrix *label = read_reference("cluster.tsv", quantity);
    gsl_matrix *z = gsl_matrix_calloc(label->size1, k);

    for (size_t i = 0; i < label->size1; i++)
        gsl_matrix_set(z, i, (size_t)gsl_matrix_get(label, i, 0) - 1, 1);
    gsl_matrix_free(label);
    return z;
}

static void put_fit(gsl_matrix *values, size_t row, const vmap_mixture *r)
{
    gsl_matrix_set(values, row, 0, r->log_likelihood);
    gsl_matrix_set(values, row, 1, r->bic);
    gsl_matrix_set(values, row, 2, (double)r->parameters);
}

/* The fit from the given memberships. The best of our own starts must be no worse. */
static vmap_mixture *fit_from(const gsl_matrix *x, const char *family, const gsl_matrix *start)
{
    vmap_units u = {.points = x};
    vmap_mixture_options o;
    vmap_mixture *r = NULL, *own = NULL;
    vmap_error err;

    vmap_mixture_defaults(&o);
    o.k = start->size2;
    o.family = family;
    o.tolerance = 1e-14;
    o.start = start;
    CHECK_OK(vmap_cluster_mixture(&u, &o, &r, &err), &err);
    o.start = NULL;
    o.tolerance = 1e-10;
    CHECK_OK(vmap_cluster_mixture(&u, &o, &own, &err), &err);
    CHECK(own->log_likelihood > r->log_likelihood - 1e-4);
    vmap_mixture_free(own);
    return r;
}

/* All but VVE, whose M-step is an iteration of its own that mclust ends early: ours may be better. */
static void check_families(const gsl_matrix *x, const char *tag, size_t k)
{
    size_t count = vmap_mixture_families_count - 1, row = 0;
    gsl_matrix *values = gsl_matrix_calloc(count, 3), *icl = gsl_matrix_calloc(count, 1), *start,
               *vve;
    char quantity[64];

    snprintf(quantity, sizeof quantity, "mixture_start_%s", tag);
    start = hard_start(quantity, k);
    snprintf(quantity, sizeof quantity, "mixture_vve_%s", tag);
    vve = read_reference("cluster.tsv", quantity);
    for (size_t f = 0; f <= count; f++) {
        const char *family = vmap_mixture_families[f].name;
        vmap_mixture *r = fit_from(x, family, start);

        if (strcmp(family, "VVE") == 0) {
            CHECK(r->log_likelihood >= gsl_matrix_get(vve, 0, 0));
        } else {
            gsl_matrix_set(icl, row, 0, r->icl);
            put_fit(values, row++, r);
        }
        vmap_mixture_free(r);
    }
    snprintf(quantity, sizeof quantity, "mixture_%s", tag);
    check_reference("cluster.tsv", quantity, 3 * count, get_matrix_element, values);
    snprintf(quantity, sizeof quantity, "mixture_icl_%s", tag);
    check_reference("cluster.tsv", quantity, count, get_matrix_element, icl);
    gsl_matrix_free(start);
    gsl_matrix_free(vve);
    gsl_matrix_free(icl);
    gsl_matrix_free(values);
}

static void all_fourteen_families_are_those_of_mclust(void)
{
    gsl_matrix *iris = read_reference("cluster.tsv", "iris"), *third = gsl_matrix_alloc(50, 4);
    gsl_matrix *map = read_reference("cluster.tsv", "map");

    for (size_t i = 0; i < 50; i++) {
        for (size_t j = 0; j < 4; j++)
            gsl_matrix_set(third, i, j, gsl_matrix_get(iris, 3 * i, j));
    }
    check_families(third, "iris", 2);
    check_families(map, "map", 3);
    gsl_matrix_free(iris);
    gsl_matrix_free(third);
    gsl_matrix_free(map);
}

static double share_of(void *context, size_t row, size_t col)
{
    (void)col;
    return ((vmap_mixture *)context)->share[row];
}

static void means_and_shares_are_those_of_mclust(void)
{
    vmap_units u = {.points = read_reference("cluster.tsv", "iris")};
    vmap_mixture_options o;
    vmap_mixture *r = NULL;
    vmap_error err;

    vmap_mixture_defaults(&o);
    o.k = 3;
    o.tolerance = 1e-14;
    o.starts = 0; /* from Ward's tree and k-means only, as near as may be to mclust's own start */
    CHECK_OK(vmap_cluster_mixture(&u, &o, &r, &err), &err);
    check_reference("cluster.tsv", "mixture_means", 12, get_matrix_element, r->means);
    check_reference("cluster.tsv", "mixture_shares", 3, share_of, r);
    vmap_mixture_free(r);
    gsl_matrix_free((gsl_matrix *)u.points);
}

static void one_dimension_has_the_models_e_and_v(void)
{
    vmap_units u = {.points = read_reference("cluster.tsv", "eruptions")};
    static const char *const names[] = {"EII", "VVV"};
    gsl_matrix *values = gsl_matrix_calloc(2, 3);
    vmap_error err;

    for (size_t f = 0; f < 2; f++) {
        vmap_mixture_options o;
        vmap_mixture *r = NULL;

        vmap_mixture_defaults(&o);
        o.k = 2;
        o.family = names[f];
        o.tolerance = 1e-14;
        CHECK_OK(vmap_cluster_mixture(&u, &o, &r, &err), &err);
        put_fit(values, f, r);
        vmap_mixture_free(r);
    }
    check_reference("cluster.tsv", "mixture_one", 6, get_matrix_element, values);
    gsl_matrix_free(values);
    gsl_matrix_free((gsl_matrix *)u.points);
}

/* ---- properties ---- */

static gsl_matrix *draw(size_t n, uint64_t seed)
{
    gsl_matrix *x = gsl_matrix_alloc(n, 2);
    gsl_rng *rng = vmap_rng_new(seed, 0);

    for (size_t i = 0; i < n; i++) {
        double a = gsl_ran_ugaussian(rng), b = gsl_ran_ugaussian(rng);

        gsl_matrix_set(x, i, 0, i % 3 ? a : 5 + 2 * a);
        gsl_matrix_set(x, i, 1, i % 3 ? .8 * a + .6 * b : 4 + .5 * b);
    }
    gsl_rng_free(rng);
    return x;
}

/* Two normal populations, 2/3 and 1/3, are found again within what sampling allows. */
static void a_known_mixture_is_recovered(void)
{
    gsl_matrix *x = draw(3000, 8);
    vmap_units u = {.points = x};
    vmap_mixture_options o;
    vmap_mixture *r = NULL;
    vmap_error err;

    vmap_mixture_defaults(&o);
    o.k = 2;
    CHECK_OK(vmap_cluster_mixture(&u, &o, &r, &err), &err);
    CHECK_NEAR(r->share[0], 2.0 / 3, .02);
    CHECK_NEAR(gsl_matrix_get(r->means, 0, 0), 0, .1);
    CHECK_NEAR(gsl_matrix_get(r->means, 1, 0), 5, .25);
    CHECK_NEAR(gsl_matrix_get(r->means, 1, 1), 4, .1);
    CHECK_NEAR(gsl_matrix_get(r->cov[0], 0, 1), .8, .1);
    CHECK_NEAR(gsl_matrix_get(r->cov[1], 0, 0), 4, .5);
    CHECK_NEAR(gsl_matrix_get(r->cov[1], 1, 1), .25, .05);
    CHECK(r->converged);
    vmap_mixture_free(r);
    gsl_matrix_free(x);
}

static void equal_weights_of_any_size_change_nothing(void)
{
    gsl_matrix *x = draw(200, 2);
    double w[200];
    vmap_units u = {.points = x};
    vmap_mixture_options o;
    vmap_mixture *a = NULL, *b = NULL;
    vmap_error err;

    vmap_mixture_defaults(&o);
    o.k = 2;
    CHECK_OK(vmap_cluster_mixture(&u, &o, &a, &err), &err);
    for (size_t i = 0; i < 200; i++)
        w[i] = 1e-4;
    u.weights = w;
    CHECK_OK(vmap_cluster_mixture(&u, &o, &b, &err), &err);
    CHECK_NEAR(a->bic, b->bic, 1e-6);
    CHECK_NEAR(b->n_eff, 200, 1e-9);
    vmap_mixture_free(a);
    vmap_mixture_free(b);
    gsl_matrix_free(x);
}

/* Families that allow more fit at least as well from the same start. */
static void freer_families_fit_better(void)
{
    static const char *const pairs[][2] = {{"EII", "VII"}, {"EEI", "VVI"}, {"EEE", "VVV"},
                                           {"EEE", "VEE"}, {"EVE", "VVE"}, {"EEV", "VEV"},
                                           {"VEI", "VVI"}, {"EVV", "VVV"}};
    gsl_matrix *x = draw(150, 5);
    vmap_units u = {.points = x};
    vmap_error err;

    for (size_t q = 0; q < 8; q++) {
        double fit[2];

        for (size_t f = 0; f < 2; f++) {
            vmap_mixture_options o;
            vmap_mixture *r = NULL;

            vmap_mixture_defaults(&o);
            o.k = 2;
            o.family = pairs[q][f];
            CHECK_OK(vmap_cluster_mixture(&u, &o, &r, &err), &err);
            fit[f] = r->log_likelihood;
            vmap_mixture_free(r);
        }
        CHECK(fit[1] >= fit[0] - 1e-6);
    }
    gsl_matrix_free(x);
}

/* ---- edges and refusals ---- */

static void one_component_is_the_normal_distribution(void)
{
    gsl_matrix *x = gsl_matrix_alloc(4, 1);
    vmap_units u = {.points = x};
    vmap_mixture_options o;
    vmap_mixture *r = NULL;
    vmap_error err;

    for (size_t i = 0; i < 4; i++)
        gsl_matrix_set(x, i, 0, (double)i);
    vmap_mixture_defaults(&o);
    o.k = 1;
    CHECK_OK(vmap_cluster_mixture(&u, &o, &r, &err), &err);
    /* variance 5/4: log L = -n/2 (log(2 pi 5/4) + 1) */
    CHECK_NEAR(r->log_likelihood, -2 * (log(2 * M_PI * 1.25) + 1), 1e-12);
    CHECK_NEAR(gsl_matrix_get(r->means, 0, 0), 1.5, 1e-14);
    CHECK_NEAR(r->bic, r->icl, 1e-12);
    CHECK_COUNT(r->parameters, 2);
    vmap_mixture_free(r);
    gsl_matrix_free(x);
}

static void singular_data_are_refused_unless_the_family_is_spherical(void)
{
    gsl_matrix *x = draw(60, 6);
    vmap_units u = {.points = x};
    vmap_mixture_options o;
    vmap_mixture *r = NULL;
    vmap_error err;

    for (size_t i = 0; i < 60; i++)
        gsl_matrix_set(x, i, 1, 3);
    vmap_mixture_defaults(&o);
    o.k = 2;
    CHECK_FAILS(vmap_cluster_mixture(&u, &o, &r, &err), VMAP_ESINGULAR, &err, "family VVV");
    o.family = "VVI";
    CHECK_FAILS(vmap_cluster_mixture(&u, &o, &r, &err), VMAP_ESINGULAR, &err, "family VVI");
    CHECK(r == NULL);
    o.family = "VII";
    CHECK_OK(vmap_cluster_mixture(&u, &o, &r, &err), &err);
    vmap_mixture_free(r);
    r = NULL;
    o.family = "VVW";
    CHECK_FAILS(vmap_cluster_mixture(&u, &o, &r, &err), VMAP_ENOENT, &err, "EII, VII");
    o.family = "VII";
    o.k = 0;
    CHECK_FAILS(vmap_cluster_mixture(&u, &o, &r, &err), VMAP_EINVAL, &err, "0 components");
    o.k = 61;
    CHECK_FAILS(vmap_cluster_mixture(&u, &o, &r, &err), VMAP_EINVAL, &err, "60 distinct points");
    CHECK(r == NULL);
    vmap_mixture_free(NULL);
    gsl_matrix_free(x);
}

static const test_case cases[] = {
    TEST(all_fourteen_families_are_those_of_mclust),
    TEST(means_and_shares_are_those_of_mclust),
    TEST(one_dimension_has_the_models_e_and_v),
    TEST(a_known_mixture_is_recovered),
    TEST(equal_weights_of_any_size_change_nothing),
    TEST(freer_families_fit_better),
    TEST(singular_data_are_refused_unless_the_family_is_spherical),
    TEST(one_component_is_the_normal_distribution),
};
SUITE(cluster_mixture_suite, cases);
