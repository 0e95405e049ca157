#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "core/numeric.h"
#include "factor/rotate_internal.h"
#include "support/check.h"
#include "valuemap/factor_rotate.h"
#include "valuemap/rng.h"

typedef struct {
    gsl_matrix *pattern, *rotation, *phi;
    vmap_rotate_info info;
} turned;

static turned rotate(const gsl_matrix *a, const vmap_rotate_options *o)
{
    size_t p = a->size1, k = a->size2;
    turned x = {
        gsl_matrix_alloc(p, k), gsl_matrix_alloc(k, k), gsl_matrix_alloc(k, k), {.starts = 0}};
    vmap_error err;

    CHECK_OK(vmap_factor_rotate(a, o, x.pattern, x.rotation, x.phi, &x.info, &err), &err);
    return x;
}

static void free_turned(turned *x)
{
    gsl_matrix_free(x->pattern);
    gsl_matrix_free(x->rotation);
    gsl_matrix_free(x->phi);
}

static vmap_rotate_options options_of(vmap_rotation method)
{
    vmap_rotate_options o;

    vmap_rotate_defaults(&o);
    o.method = method;
    return o;
}

/* ---- known values ---- */

static double parameter_of(vmap_rotation method)
{
    switch (method) {
    case VMAP_ROTATE_CF_ORTHOGONAL:
    case VMAP_ROTATE_CF_OBLIQUE:
        return .3;
    case VMAP_ROTATE_OBLIMIN:
        return -.5;
    default:
        return NAN;
    }
}

static void check_one(const char *data, vmap_rotation method, int kaiser)
{
    char quantity[96];
    gsl_matrix *a;
    vmap_rotate_options o = options_of(method);
    turned x;

    snprintf(quantity, sizeof quantity, "%s_unrotated", data);
    a = read_reference("factor_rotate.tsv", quantity);
    o.kaiser = kaiser;
    o.starts = 8;
    o.parameter = parameter_of(method);
    x = rotate(a, &o);
    CHECK(x.info.converged && x.info.optima >= 1 && x.info.agree >= 1);
    snprintf(quantity, sizeof quantity, "%s_%s_%s_pattern", data, vmap_rotations[method].name,
             kaiser ? "kaiser" : "raw");
    check_reference("factor_rotate.tsv", quantity, a->size1 * a->size2, get_matrix_element,
                    x.pattern);
    if (vmap_rotations[method].oblique) {
        snprintf(quantity, sizeof quantity, "%s_%s_%s_phi", data, vmap_rotations[method].name,
                 kaiser ? "kaiser" : "raw");
        check_reference("factor_rotate.tsv", quantity, a->size2 * a->size2, get_matrix_element,
                        x.phi);
    }
    free_turned(&x);
    gsl_matrix_free(a);
}

static void every_criterion_reaches_the_best_of_gparotation(void)
{
    static const char *const data[] = {"harman74_4", "ability_2", "harman8_2"};

    for (size_t d = 0; d < 3; d++) {
        for (size_t m = 1; m < VMAP_ROTATIONS; m++) {
            bool bifactor = vmap_rotations[m].fixed == 1;

            if (vmap_rotations[m].target || m == VMAP_ROTATE_PROMAX || (bifactor && d > 0))
                continue;
            check_one(data[d], (vmap_rotation)m, 0);
            if (!bifactor)
                check_one(data[d], (vmap_rotation)m, 1);
        }
    }
}

static void promax_is_that_of_r(void)
{
    static const char *const data[] = {"harman74_4", "ability_2", "harman8_2"};

    for (size_t d = 0; d < 3; d++) {
        char quantity[64];
        gsl_matrix *a;
        vmap_rotate_options o = options_of(VMAP_ROTATE_PROMAX);
        turned x;

        snprintf(quantity, sizeof quantity, "%s_unrotated", data[d]);
        a = read_reference("factor_rotate.tsv", quantity);
        x = rotate(a, &o);
        snprintf(quantity, sizeof quantity, "%s_promax_pattern", data[d]);
        check_reference("factor_rotate.tsv", quantity, a->size1 * a->size2, get_matrix_element,
                        x.pattern);
        snprintf(quantity, sizeof quantity, "%s_promax_phi", data[d]);
        check_reference("factor_rotate.tsv", quantity, a->size2 * a->size2, get_matrix_element,
                        x.phi);
        free_turned(&x);
        gsl_matrix_free(a);
    }
}

static double get_size(void *matrix, size_t row, size_t col)
{
    return fabs(gsl_matrix_get(matrix, row, col));
}

static void targets_are_approached_as_by_gparotation(void)
{
    gsl_matrix *a = read_reference("factor_rotate.tsv", "harman74_4_unrotated");
    gsl_matrix *target = read_reference("factor_rotate.tsv", "target");
    gsl_matrix *partial = read_reference("factor_rotate.tsv", "target_partial");
    vmap_rotate_options o = options_of(VMAP_ROTATE_TARGET);
    turned x;

    o.target = target;
    x = rotate(a, &o);
    check_reference("factor_rotate.tsv", "target_pattern", 96, get_matrix_element, x.pattern);
    check_reference("factor_rotate.tsv", "target_phi", 16, get_matrix_element, x.phi);
    free_turned(&x);
    o.method = VMAP_ROTATE_TARGET_ORTHOGONAL;
    x = rotate(a, &o);
    check_reference("factor_rotate.tsv", "target_orthogonal_pattern", 96, get_matrix_element,
                    x.pattern);
    free_turned(&x);
    o.method = VMAP_ROTATE_TARGET;
    o.target = partial;
    x = rotate(a, &o);
    check_reference("factor_rotate.tsv", "target_partial_pattern", 96, get_size, x.pattern);
    free_turned(&x);
    gsl_matrix_free(a);
    gsl_matrix_free(target);
    gsl_matrix_free(partial);
}

/* ---- properties ---- */

static gsl_matrix *random_loadings(size_t p, size_t k, gsl_rng *rng)
{
    gsl_matrix *l = gsl_matrix_alloc(p, k);

    for (size_t i = 0; i < p * k; i++)
        l->data[i] = gsl_ran_gaussian(rng, .4);
    return l;
}

/* L phi L' = A A', L = A T or A T'^-1 (that is L T' = A), phi = T'T, canonical order. */
static void check_invariants(const gsl_matrix *a, const turned *x, vmap_rotation method)
{
    size_t p = a->size1, k = a->size2;
    gsl_matrix *tt = gsl_matrix_alloc(k, k), *back = gsl_matrix_alloc(p, k),
               *room = gsl_matrix_alloc(p, k);
    gsl_matrix *want = gsl_matrix_alloc(p, p), *got = gsl_matrix_alloc(p, p);
    double last = INFINITY;

    numeric_multiply(1, 1, x->rotation, 0, x->rotation, tt);
    numeric_multiply(1, 0, x->pattern, 1, x->rotation, back); /* orthogonal: T'^-1 is T */
    numeric_multiply(1, 0, a, 1, a, want);
    numeric_multiply(1, 0, x->pattern, 0, x->phi, room);
    numeric_multiply(1, 0, room, 1, x->pattern, got);
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++) {
            CHECK_NEAR(gsl_matrix_get(tt, i, j), gsl_matrix_get(x->phi, i, j), 1e-13);
            if (!vmap_rotations[method].oblique)
                CHECK_NEAR(gsl_matrix_get(x->phi, i, j), i == j, 0);
        }
    }
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < k; j++)
            CHECK_NEAR(gsl_matrix_get(back, i, j), gsl_matrix_get(a, i, j), 1e-11);
        for (size_t j = 0; j < p; j++)
            CHECK_NEAR(gsl_matrix_get(got, i, j), gsl_matrix_get(want, i, j), 1e-11);
    }
    for (size_t j = 0; j < k && vmap_rotations[method].fixed != SIZE_MAX; j++) {
        double sum = 0, size = 0;

        for (size_t i = 0; i < p; i++) {
            sum += gsl_matrix_get(x->pattern, i, j);
            size += gsl_matrix_get(x->pattern, i, j) * gsl_matrix_get(room, i, j);
        }
        CHECK(sum >= 0);
        CHECK(j <= vmap_rotations[method].fixed || size <= last + 1e-12);
        last = size;
    }
    gsl_matrix_free(tt);
    gsl_matrix_free(back);
    gsl_matrix_free(room);
    gsl_matrix_free(want);
    gsl_matrix_free(got);
}

static void every_rotation_reproduces_the_same_correlations(void)
{
    gsl_rng *rng = vmap_rng_new(91, 0);

    for (size_t m = 0; m < VMAP_ROTATIONS; m++) {
        for (size_t k = 1; k <= 4; k++) {
            for (int kaiser = 0; kaiser < 2; kaiser++) {
                gsl_matrix *a = random_loadings(9, k, rng), *target = random_loadings(9, k, rng);
                vmap_rotate_options o = options_of((vmap_rotation)m);
                turned x;

                if (vmap_rotations[m].fixed != 1 || k >= 3) {
                    o.kaiser = kaiser;
                    o.target = target;
                    o.starts = 4;
                    x = rotate(a, &o);
                    check_invariants(a, &x, (vmap_rotation)m);
                    free_turned(&x);
                }
                gsl_matrix_free(a);
                gsl_matrix_free(target);
            }
        }
    }
    gsl_rng_free(rng);
}

/* The derivatives of every criterion against differences of the criterion. */
static void derivatives_are_those_of_the_criteria(void)
{
    gsl_rng *rng = vmap_rng_new(92, 0);
    gsl_matrix *l = random_loadings(7, 3, rng), *target = random_loadings(7, 3, rng);
    gsl_matrix *g = gsl_matrix_alloc(7, 3), *room = gsl_matrix_alloc(7, 3);

    gsl_matrix_set(target, 2, 1, NAN);
    for (size_t m = 0; m < VMAP_ROTATIONS; m++) {
        rotate_criterion criterion = rotate_criterion_of((vmap_rotation)m);
        vmap_rotate_options o = options_of((vmap_rotation)m);

        o.parameter = isnan(parameter_of((vmap_rotation)m)) ? .02 : parameter_of((vmap_rotation)m);
        o.target = target;
        for (size_t i = 0; criterion && i < 21; i++) {
            double at = l->data[i], h = 1e-5, up, down;

            l->data[i] = at + h;
            up = criterion(l, &o, room);
            l->data[i] = at - h;
            down = criterion(l, &o, room);
            l->data[i] = at;
            criterion(l, &o, g);
            CHECK_NEAR(g->data[i], (up - down) / (2 * h), 1e-8);
        }
    }
    gsl_matrix_free(l);
    gsl_matrix_free(target);
    gsl_matrix_free(g);
    gsl_matrix_free(room);
    gsl_rng_free(rng);
}

/* A simple structure with correlated factors is found again from any orientation. */
static void a_simple_structure_is_found_by_every_oblique_criterion(void)
{
    static const vmap_rotation methods[] = {VMAP_ROTATE_OBLIMIN, VMAP_ROTATE_QUARTIMIN,
                                            VMAP_ROTATE_GEOMIN};
    gsl_rng *rng = vmap_rng_new(93, 0);
    gsl_matrix *simple = gsl_matrix_calloc(12, 3), *root = gsl_matrix_calloc(3, 3),
               *a = gsl_matrix_alloc(12, 3);

    for (size_t i = 0; i < 12; i++)
        gsl_matrix_set(simple, i, i % 3, .9 - .1 * (double)(i % 3) - .02 * (double)(i / 3));
    /* Cholesky root of correlations .3, .2, .4 */
    gsl_matrix_set(root, 0, 0, 1);
    gsl_matrix_set(root, 1, 0, .3);
    gsl_matrix_set(root, 1, 1, sqrt(1 - .09));
    gsl_matrix_set(root, 2, 0, .2);
    gsl_matrix_set(root, 2, 1, (.4 - .06) / sqrt(.91));
    gsl_matrix_set(root, 2, 2, sqrt(1 - .04 - .34 * .34 / .91));
    numeric_multiply(1, 0, simple, 0, root, a);
    for (size_t m = 0; m < 3; m++) {
        vmap_rotate_options o = options_of(methods[m]);
        turned x;

        o.parameter = methods[m] == VMAP_ROTATE_GEOMIN ? 1e-6 : NAN;
        x = rotate(a, &o);
        for (size_t i = 0; i < 12; i++) {
            for (size_t j = 0; j < 3; j++)
                CHECK_NEAR(gsl_matrix_get(x.pattern, i, j), gsl_matrix_get(simple, i, j), 1e-4);
        }
        CHECK_NEAR(gsl_matrix_get(x.phi, 0, 1), .3, 1e-4);
        CHECK_NEAR(gsl_matrix_get(x.phi, 1, 2), .4, 1e-4);
        free_turned(&x);
    }
    gsl_matrix_free(simple);
    gsl_matrix_free(root);
    gsl_matrix_free(a);
    gsl_rng_free(rng);
}

static void the_number_of_threads_does_not_matter(void)
{
    gsl_rng *rng = vmap_rng_new(94, 0);
    gsl_matrix *a = random_loadings(15, 4, rng);
    vmap_rotate_options o = options_of(VMAP_ROTATE_GEOMIN);
    turned one, many;

    one = rotate(a, &o);
    o.threads = 3;
    many = rotate(a, &o);
    CHECK(gsl_matrix_equal(one.pattern, many.pattern) && gsl_matrix_equal(one.phi, many.phi));
    CHECK_COUNT(one.info.optima, many.info.optima);
    free_turned(&one);
    free_turned(&many);
    gsl_matrix_free(a);
    gsl_rng_free(rng);
}

/* ---- refusals and edges ---- */

static void what_cannot_be_rotated_is_refused(void)
{
    gsl_matrix *a = gsl_matrix_calloc(6, 2), *l = gsl_matrix_calloc(6, 2),
               *bad = gsl_matrix_calloc(3, 3);
    gsl_matrix *t = gsl_matrix_calloc(2, 2), *phi = gsl_matrix_calloc(2, 2);
    vmap_rotate_options o = options_of(VMAP_ROTATE_OBLIMIN);
    vmap_rotation found;
    vmap_error err;

    CHECK_FAILS(vmap_factor_rotate(a, &o, l, bad, phi, NULL, &err), VMAP_EINVAL, &err,
                "another shape");
    o.parameter = 1;
    CHECK_FAILS(vmap_factor_rotate(a, &o, l, t, phi, NULL, &err), VMAP_EINVAL, &err, "gamma is 1");
    o = options_of(VMAP_ROTATE_TARGET);
    CHECK_FAILS(vmap_factor_rotate(a, &o, l, t, phi, NULL, &err), VMAP_EINVAL, &err,
                "needs a target");
    o = options_of(VMAP_ROTATE_BIFACTOR);
    CHECK_FAILS(vmap_factor_rotate(a, &o, l, t, phi, NULL, &err), VMAP_EINVAL, &err,
                "at least 3 factors");
    o = options_of(VMAP_ROTATE_CF_OBLIQUE);
    o.parameter = 2;
    CHECK_FAILS(vmap_factor_rotate(a, &o, l, t, phi, NULL, &err), VMAP_EINVAL, &err, "kappa is 2");
    gsl_matrix_set(a, 3, 1, NAN);
    o = options_of(VMAP_ROTATE_VARIMAX);
    CHECK_FAILS(vmap_factor_rotate(a, &o, l, t, phi, NULL, &err), VMAP_EDATA, &err, "item 4");
    CHECK(gsl_matrix_isnull(l) && gsl_matrix_isnull(t));
    CHECK_FAILS(vmap_rotation_find("oblimax", &found, &err), VMAP_ENOENT, &err, "varimax");
    for (size_t m = 0; m < VMAP_ROTATIONS; m++) {
        CHECK_OK(vmap_rotation_find(vmap_rotations[m].name, &found, &err), &err);
        CHECK(found == m);
    }
    gsl_matrix_free(a);
    gsl_matrix_free(l);
    gsl_matrix_free(bad);
    gsl_matrix_free(t);
    gsl_matrix_free(phi);
}

static void a_row_of_zeros_stays_zero(void)
{
    gsl_rng *rng = vmap_rng_new(95, 0);

    for (size_t m = 0; m < VMAP_ROTATIONS; m++) {
        gsl_matrix *a = random_loadings(8, 3, rng), *target = random_loadings(8, 3, rng);
        vmap_rotate_options o = options_of((vmap_rotation)m);
        turned x;

        for (size_t j = 0; j < 3; j++)
            gsl_matrix_set(a, 4, j, 0);
        o.target = target;
        o.starts = 2;
        o.kaiser = 1;
        x = rotate(a, &o);
        for (size_t j = 0; j < 3; j++)
            CHECK_NEAR(gsl_matrix_get(x.pattern, 4, j), 0, 0);
        free_turned(&x);
        gsl_matrix_free(a);
        gsl_matrix_free(target);
    }
    gsl_rng_free(rng);
}

static const test_case cases[] = {
    TEST(every_criterion_reaches_the_best_of_gparotation),
    TEST(promax_is_that_of_r),
    TEST(targets_are_approached_as_by_gparotation),
    TEST(every_rotation_reproduces_the_same_correlations),
    TEST(derivatives_are_those_of_the_criteria),
    TEST(a_simple_structure_is_found_by_every_oblique_criterion),
    TEST(the_number_of_threads_does_not_matter),
    TEST(what_cannot_be_rotated_is_refused),
    TEST(a_row_of_zeros_stays_zero),
};
SUITE(factor_rotate_suite, cases);
