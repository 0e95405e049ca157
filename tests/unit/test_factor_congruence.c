#include <config.h>

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>

#include "core/numeric.h"
#include "support/check.h"
#include "valuemap/congruence.h"
#include "valuemap/factor.h"
#include "valuemap/rng.h"

static gsl_matrix *random_matrix(size_t p, size_t k, gsl_rng *rng)
{
    gsl_matrix *m = gsl_matrix_alloc(p, k);

    for (size_t i = 0; i < p * k; i++)
        m->data[i] = gsl_ran_gaussian(rng, .5);
    return m;
}

/* ---- known values ---- */

static void phi_and_rotations_are_those_of_psych(void)
{
    gsl_matrix *a = read_reference("congruence.tsv", "a"), *b = read_reference("congruence.tsv", "b");
    gsl_matrix *out = gsl_matrix_alloc(24, 3), *t = gsl_matrix_alloc(3, 3), *phi = gsl_matrix_alloc(3, 3);
    vmap_error err;

    CHECK_OK(vmap_congruence_find(a, b, phi, &err), &err);
    check_reference("congruence.tsv", "phi", 9, get_matrix_element, phi);
    CHECK_OK(vmap_congruence_align(a, b, VMAP_ALIGN_ORTHOGONAL, out, t, phi, &err), &err);
    check_reference("congruence.tsv", "orthogonal", 72, get_matrix_element, out);
    check_reference("congruence.tsv", "orthogonal_rotation", 9, get_matrix_element, t);
    CHECK(gsl_matrix_get(phi, 0, 0) == 1 && gsl_matrix_get(phi, 0, 1) == 0);
    CHECK_OK(vmap_congruence_align(a, b, VMAP_ALIGN_OBLIQUE, out, t, phi, &err), &err);
    check_reference("congruence.tsv", "oblique", 72, get_matrix_element, out);
    check_reference("congruence.tsv", "oblique_phi", 9, get_matrix_element, phi);
    gsl_matrix_free(a);
    gsl_matrix_free(b);
    gsl_matrix_free(out);
    gsl_matrix_free(t);
    gsl_matrix_free(phi);
}

static void the_consensus_is_the_best_of_all_rotations(void)
{
    gsl_matrix *l[3] = {read_reference("congruence.tsv", "group_1"),
                        read_reference("congruence.tsv", "group_2"),
                        read_reference("congruence.tsv", "group_3")};
    const gsl_matrix *groups[3] = {l[0], l[1], l[2]};
    gsl_matrix *product = gsl_matrix_alloc(24, 24);
    vmap_consensus *c = NULL;
    vmap_error err;

    CHECK_OK(vmap_consensus_new(groups, 3, NULL, &c, &err), &err);
    if (c) {
        CHECK(c->converged);
        check_reference("congruence.tsv", "explained", 1, get_vector_element,
                        &(gsl_vector){1, 1, &c->explained, NULL, 0});
        numeric_multiply(1, 0, c->loadings, 1, c->loadings, product);
        check_reference("congruence.tsv", "consensus_product", 576, get_matrix_element, product);
    }
    vmap_consensus_free(c);
    gsl_matrix_free(product);
    for (size_t g = 0; g < 3; g++)
        gsl_matrix_free(l[g]);
}

/* ---- properties ---- */

static void matching_undoes_any_order_and_signs(void)
{
    gsl_rng *rng = vmap_rng_new(81, 0);

    for (int trial = 0; trial < 60; trial++) {
        size_t k = 1 + (size_t)trial % 6, p = k + 4, order[6], found[6];
        int sign[6], turned[6];
        gsl_matrix *a = random_matrix(p, k, rng), *b = gsl_matrix_alloc(p, k);
        gsl_matrix *t = gsl_matrix_alloc(k, k);

        for (size_t j = 0; j < k; j++) {
            order[j] = j;
            sign[j] = vmap_rng_below(rng, 2) ? 1 : -1;
        }
        gsl_ran_shuffle(rng, order, k, sizeof *order);
        gsl_matrix_memcpy(b, a);
        gsl_matrix_set_identity(t);
        vmap_factor_arrange(b, t, order, sign);
        CHECK_OK(vmap_congruence_match(a, b, found, turned, NULL), NULL);
        vmap_factor_arrange(b, t, found, turned);
        for (size_t i = 0; i < p * k; i++)
            CHECK_NEAR(b->data[i], a->data[i], 0);
        gsl_matrix_free(a);
        gsl_matrix_free(b);
        gsl_matrix_free(t);
    }
    gsl_rng_free(rng);
}

/* The consensus of any orders of the groups, each in any rotation, is one. */
static void the_consensus_depends_neither_on_order_nor_on_rotation(void)
{
    gsl_rng *rng = vmap_rng_new(82, 0);
    gsl_matrix *target = random_matrix(12, 3, rng), *l[5], *first = NULL;

    for (size_t g = 0; g < 5; g++) {
        l[g] = random_matrix(12, 3, rng);
        gsl_matrix_scale(l[g], .6);
        gsl_matrix_add(l[g], target);
    }
    for (int trial = 0; trial < 8; trial++) {
        vmap_consensus *c = NULL;
        const gsl_matrix *groups[5];
        vmap_error err;

        gsl_ran_shuffle(rng, l, 5, sizeof *l);
        for (size_t g = 0; g < 5; g++) {
            gsl_matrix *other = random_matrix(12, 3, rng), *t = gsl_matrix_alloc(3, 3);

            /* any rotation: that to something else */
            CHECK_OK(vmap_congruence_align(other, l[g], VMAP_ALIGN_ORTHOGONAL, l[g], t, NULL, &err), &err);
            groups[g] = l[g];
            gsl_matrix_free(other);
            gsl_matrix_free(t);
        }
        CHECK_OK(vmap_consensus_new(groups, 5, target, &c, &err), &err);
        if (!c)
            continue;
        CHECK(c->converged && c->explained < 1);
        if (!first) {
            first = gsl_matrix_alloc(12, 3);
            gsl_matrix_memcpy(first, c->loadings);
        }
        for (size_t i = 0; i < 36; i++)
            CHECK_NEAR(c->loadings->data[i], first->data[i], 1e-5);
        vmap_consensus_free(c);
    }
    for (size_t g = 0; g < 5; g++)
        gsl_matrix_free(l[g]);
    gsl_matrix_free(target);
    gsl_matrix_free(first);
    gsl_rng_free(rng);
}

/* Solutions that are rotations of one another agree wholly; one item that is moved is named, and leaving
 * it out raises the agreement. */
static void the_item_that_was_moved_is_named(void)
{
    gsl_rng *rng = vmap_rng_new(83, 0);
    gsl_matrix *a = random_matrix(20, 3, rng), *b = gsl_matrix_alloc(20, 3);
    gsl_matrix *other = random_matrix(20, 3, rng);
    vmap_congruence_options options;
    vmap_congruence *c = NULL, *again = NULL;
    vmap_error err;

    vmap_congruence_defaults(&options);
    CHECK_OK(vmap_congruence_align(other, a, VMAP_ALIGN_ORTHOGONAL, b, NULL, NULL, &err), &err);
    CHECK_OK(vmap_congruence_new(a, b, &options, &c, &err), &err);
    for (size_t j = 0; c && j < 3; j++) {
        CHECK_NEAR(gsl_vector_get(c->phi, j), 1, 1e-13);
        CHECK_NEAR(gsl_vector_get(c->p_value, j), .001, 1e-15);
        CHECK(gsl_vector_get(c->floor, j) > .2 && gsl_vector_get(c->floor, j) < .95);
    }
    vmap_congruence_free(c);
    c = NULL;
    for (size_t j = 0; j < 3; j++) /* an item whose meaning is turned round */
        gsl_matrix_set(b, 7, j, -gsl_matrix_get(b, 7, j));
    CHECK_OK(vmap_congruence_new(a, b, &options, &c, &err), &err);
    options.threads = 3;
    CHECK_OK(vmap_congruence_new(a, b, &options, &again, &err), &err);
    for (size_t i = 0; c && i < 20; i++) {
        CHECK(c->misfit[i] == (i == 7));
        CHECK(i == 7 || gsl_vector_get(c->without, i) < gsl_vector_get(c->without, 7));
    }
    CHECK(c && gsl_vector_get(c->item_phi, 7) < -.8);
    for (size_t j = 0; c && again && j < 3; j++) /* whatever the number of threads */
        CHECK_NEAR(gsl_vector_get(again->floor, j), gsl_vector_get(c->floor, j), 0);
    vmap_congruence_free(c);
    vmap_congruence_free(again);
    gsl_matrix_free(a);
    gsl_matrix_free(b);
    gsl_matrix_free(other);
    gsl_rng_free(rng);
}

/* By hand. All replicates of b are a with its columns changed: their phi is 1, without spread. So is that of b itself, or, with
 * b = a but for one sign, phi: the interval is the point 2 phi - 1. */
static void the_interval_of_phi_is_corrected_for_bias(void)
{
    enum { MANY = 50 };
    static const double a[] = {.8, 0, .6, 0, 0, .6, 0, .8}, b[] = {0, .8, 0, .6, .6, 0, .8, 0}, c[] = {.8, 0, -.6, 0, 0, .6, 0, .8};
    double replicates[8 * MANY], low[3], high[3];
    gsl_matrix_const_view one = gsl_matrix_const_view_array(a, 4, 2), turned = gsl_matrix_const_view_array(b, 4, 2);
    gsl_matrix_const_view other = gsl_matrix_const_view_array(c, 4, 2), fewer = gsl_matrix_const_view_array(a, 2, 2);
    vmap_error err;

    for (size_t i = 0; i < 8 * MANY; i++)
        replicates[i] = b[i % 8];
    CHECK_OK(vmap_congruence_interval(&one.matrix, &turned.matrix, NULL, replicates, MANY, VMAP_ALIGN_COLUMNS, .9, low, high, &err),
             &err);
    for (size_t j = 0; j < 3; j++) {
        CHECK_NEAR(low[j], 1, 1e-15);
        CHECK_NEAR(high[j], 1, 1e-15);
    }
    CHECK_OK(vmap_congruence_interval(&one.matrix, &other.matrix, NULL, replicates, MANY, VMAP_ALIGN_COLUMNS, .9, low, high, &err),
             &err);
    CHECK_NEAR(low[0], 2 * .28 - 1, 1e-14); /* (.64 - .36) / (.64 + .36) */
    CHECK_NEAR(high[0], 2 * .28 - 1, 1e-14);
    CHECK_NEAR(low[1], 1, 1e-14);
    CHECK_NEAR(low[2], 2 * .64 - 1, 1e-14); /* (.28 + 1) / 2 */
    CHECK_OK(vmap_congruence_interval(&one.matrix, &turned.matrix, NULL, replicates, MANY - 1, VMAP_ALIGN_COLUMNS, .9, low, high, &err),
             &err);
    CHECK(isnan(low[0]) && isnan(high[2]));
    CHECK_FAILS(vmap_congruence_interval(&one.matrix, &turned.matrix, NULL, replicates, MANY, VMAP_ALIGN_COLUMNS, 1, low, high, &err),
                VMAP_EINVAL, &err, "level 1");
    CHECK_FAILS(vmap_congruence_interval(&one.matrix, &fewer.matrix, NULL, replicates, MANY, VMAP_ALIGN_COLUMNS, .9, low, high, &err),
                VMAP_EINVAL, &err, "same items");
}

/* ---- refusals and edges ---- */

static void what_cannot_be_compared_is_refused(void)
{
    gsl_rng *rng = vmap_rng_new(84, 0);
    gsl_matrix *a = random_matrix(5, 2, rng), *b = random_matrix(6, 2, rng);
    gsl_matrix *square = random_matrix(2, 2, rng), *out = gsl_matrix_calloc(5, 2);
    vmap_congruence_options options;
    vmap_congruence *c = NULL;
    vmap_consensus *consensus = NULL;
    const gsl_matrix *one[] = {a, b};
    vmap_alignment alignment;
    vmap_error err;

    vmap_congruence_defaults(&options);
    CHECK_FAILS(vmap_congruence_new(a, b, &options, &c, &err), VMAP_EINVAL, &err, "same items");
    CHECK_FAILS(vmap_congruence_new(square, square, &options, &c, &err), VMAP_EDATA, &err, "at least 3");
    CHECK_FAILS(vmap_consensus_new(one, 1, NULL, &consensus, &err), VMAP_EINVAL, &err, "at least two");
    CHECK_FAILS(vmap_consensus_new(one, 2, NULL, &consensus, &err), VMAP_EINVAL, &err, "same items");
    CHECK_FAILS(vmap_alignment_find("rigid", &alignment, &err), VMAP_ENOENT, &err, "orthogonal");
    for (size_t i = 0; i < 5; i++)
        gsl_matrix_set(a, i, 1, 2 * gsl_matrix_get(a, i, 0));
    CHECK_FAILS(vmap_congruence_align(out, a, VMAP_ALIGN_OBLIQUE, out, NULL, NULL, &err), VMAP_ESINGULAR,
                &err, "combinations");
    gsl_matrix_set(a, 3, 1, NAN);
    CHECK_FAILS(vmap_congruence_align(out, a, VMAP_ALIGN_OBLIQUE, out, NULL, NULL, &err), VMAP_EDATA,
                &err, "loading 2 of item 4");
    CHECK(c == NULL && consensus == NULL);
    gsl_matrix_free(a);
    gsl_matrix_free(b);
    gsl_matrix_free(square);
    gsl_matrix_free(out);
    gsl_rng_free(rng);
}

static const test_case cases[] = {
    TEST(phi_and_rotations_are_those_of_psych),
    TEST(the_consensus_is_the_best_of_all_rotations),
    TEST(matching_undoes_any_order_and_signs),
    TEST(the_consensus_depends_neither_on_order_nor_on_rotation),
    TEST(the_item_that_was_moved_is_named),
    TEST(the_interval_of_phi_is_corrected_for_bias),
    TEST(what_cannot_be_compared_is_refused),
};
SUITE(factor_congruence_suite, cases);
