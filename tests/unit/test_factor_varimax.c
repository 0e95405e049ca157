#include <config.h>

#include <math.h>
#include <stdio.h>

#include <gsl/gsl_randist.h>

#include "core/numeric.h"
#include "support/check.h"
#include "valuemap/factor.h"
#include "valuemap/rng.h"

static gsl_matrix *random_loadings(size_t p, size_t k, gsl_rng *rng)
{
    gsl_matrix *l = gsl_matrix_alloc(p, k);

    for (size_t i = 0; i < p * k; i++)
        l->data[i] = gsl_ran_gaussian(rng, .5);
    return l;
}

/* The raw varimax criterion (Kaiser 1958, eq. 1, times p^2 / p), of rows of unit length when
 * `kaiser`. */
static double criterion_of(const gsl_matrix *l, bool kaiser)
{
    double total = 0;

    for (size_t j = 0; j < l->size2; j++) {
        double squares = 0, fourths = 0;

        for (size_t i = 0; i < l->size1; i++) {
            double h = 0, s = gsl_matrix_get(l, i, j) * gsl_matrix_get(l, i, j);

            for (size_t m = 0; m < l->size2; m++)
                h += gsl_matrix_get(l, i, m) * gsl_matrix_get(l, i, m);
            s = kaiser && h > 0 ? s / h : s;
            squares += s;
            fourths += s * s;
        }
        total += fourths - squares * squares / (double)l->size1;
    }
    return total;
}

/* L0 T = L and T'T = I. */
static void check_rotation(const gsl_matrix *unrotated, const gsl_matrix *t, const gsl_matrix *l)
{
    gsl_matrix *product = gsl_matrix_alloc(l->size1, l->size2);
    gsl_matrix *tt = gsl_matrix_alloc(t->size1, t->size2);

    numeric_multiply(1, 0, unrotated, 0, t, product);
    numeric_multiply(1, 1, t, 0, t, tt);
    for (size_t j = 0; j < l->size2; j++) {
        for (size_t i = 0; i < l->size1; i++)
            CHECK_NEAR(gsl_matrix_get(product, i, j), gsl_matrix_get(l, i, j), 1e-13);
        for (size_t i = 0; i < t->size1; i++)
            CHECK_NEAR(gsl_matrix_get(tt, i, j), i == j, 1e-13);
    }
    gsl_matrix_free(product);
    gsl_matrix_free(tt);
}

/* ---- known values ---- */

/* By hand: a simple structure turned by 30 degrees is turned back. */
static void a_hidden_simple_structure_is_found(void)
{
    static const double simple[6][2] = {{.9, 0}, {.8, 0}, {.7, 0}, {0, .6}, {0, .9}, {0, .5}};
    double c = sqrt(3) / 2, s = .5;
    gsl_matrix *l = gsl_matrix_alloc(6, 2), *out = gsl_matrix_alloc(6, 2),
               *t = gsl_matrix_alloc(2, 2);
    vmap_rotation_info info;
    vmap_error err;

    for (size_t i = 0; i < 6; i++) {
        gsl_matrix_set(l, i, 0, c * simple[i][0] - s * simple[i][1]);
        gsl_matrix_set(l, i, 1, s * simple[i][0] + c * simple[i][1]);
    }
    for (int kaiser = 0; kaiser < 2; kaiser++) {
        CHECK_OK(vmap_factor_varimax(l, kaiser, out, t, &info, &err), &err);
        for (size_t i = 0; i < 6; i++) {
            CHECK_NEAR(fabs(gsl_matrix_get(out, i, 0)), simple[i][0], 1e-15);
            CHECK_NEAR(fabs(gsl_matrix_get(out, i, 1)), simple[i][1], 1e-15);
        }
        CHECK(info.converged);
        CHECK_COUNT(info.sweeps, 1);
        CHECK_NEAR(info.criterion, criterion_of(out, kaiser), 1e-14);
    }
    CHECK_NEAR(info.criterion, 3, 1e-14); /* each column: three ones in six rows, 3 - 9 / 6 */
    gsl_matrix_free(l);
    gsl_matrix_free(out);
    gsl_matrix_free(t);
}

/* Columns in the order and with the signs of the reference. */
static void match_columns(gsl_matrix *got, const gsl_matrix *want)
{
    for (size_t j = 0; j < want->size2; j++) {
        for (size_t m = j; m < got->size2; m++) {
            double product = 0, size = 0;

            for (size_t i = 0; i < got->size1; i++) {
                product += gsl_matrix_get(got, i, m) * gsl_matrix_get(want, i, j);
                size += gsl_matrix_get(want, i, j) * gsl_matrix_get(want, i, j);
            }
            if (fabs(product) < .999 * size)
                continue;
            for (size_t i = 0; product < 0 && i < got->size1; i++)
                gsl_matrix_set(got, i, m, -gsl_matrix_get(got, i, m));
            gsl_matrix_swap_columns(got, j, m);
        }
    }
}

static void three_and_four_factors_are_those_of_r(void)
{
    gsl_matrix *r = read_reference("factor.tsv", "mtcars_r");

    for (size_t k = 3; k <= 4; k++) {
        for (int kaiser = 0; kaiser < 2; kaiser++) {
            gsl_vector *values = gsl_vector_alloc(11);
            gsl_matrix *l = gsl_matrix_alloc(11, k), *out = gsl_matrix_alloc(11, k);
            gsl_matrix *t = gsl_matrix_alloc(k, k), *want;
            char name[64];
            vmap_rotation_info info;
            vmap_error err;

            CHECK_OK(vmap_factor_components(r, values, l, &err), &err);
            CHECK_OK(vmap_factor_varimax(l, kaiser, out, t, &info, &err), &err);
            CHECK(info.converged);
            check_rotation(l, t, out);
            snprintf(name, sizeof name, "mtcars_%s_%zu", kaiser ? "normalised" : "raw", k);
            want = read_reference("factor.tsv", name);
            match_columns(out, want);
            check_reference("factor.tsv", name, 11 * k, get_matrix_element, out);
            gsl_vector_free(values);
            gsl_matrix_free(l);
            gsl_matrix_free(out);
            gsl_matrix_free(t);
            gsl_matrix_free(want);
        }
    }
    gsl_matrix_free(r);
}

/* ---- properties ---- */

/* No angle of 9000 is better than the closed form, and the best of them lies beside it. */
static void two_factors_reach_the_global_optimum(void)
{
    gsl_rng *rng = vmap_rng_new(71, 0);

    for (int trial = 0; trial < 60; trial++) {
        size_t p = 3 + vmap_rng_below(rng, 10);
        gsl_matrix *l = random_loadings(p, 2, rng), *out = gsl_matrix_alloc(p, 2);
        gsl_matrix *t = gsl_matrix_alloc(2, 2), *tried = gsl_matrix_alloc(p, 2);
        bool kaiser = trial % 2;
        double found, best = -1;
        vmap_rotation_info info;

        CHECK_OK(vmap_factor_varimax(l, kaiser, out, t, &info, NULL), NULL);
        check_rotation(l, t, out);
        found = criterion_of(out, kaiser);
        CHECK_NEAR(info.criterion, found, 1e-12);
        for (int step = 0; step < 9000; step++) {
            double angle = step * M_PI / 2 / 9000, c = cos(angle), s = sin(angle), now;

            for (size_t i = 0; i < p; i++) {
                double x = gsl_matrix_get(l, i, 0), y = gsl_matrix_get(l, i, 1);

                gsl_matrix_set(tried, i, 0, c * x + s * y);
                gsl_matrix_set(tried, i, 1, c * y - s * x);
            }
            now = criterion_of(tried, kaiser);
            best = fmax(best, now);
        }
        CHECK(found >= best - 1e-13);
        CHECK_NEAR(found, best, 1e-5);
        gsl_matrix_free(l);
        gsl_matrix_free(out);
        gsl_matrix_free(t);
        gsl_matrix_free(tried);
    }
    gsl_rng_free(rng);
}

/* For k = 3 .. 6: the rotation is orthogonal and exact, communalities stay, and no turn of any pair
 * of factors makes the criterion larger. */
static void no_turn_of_two_factors_improves_the_result(void)
{
    gsl_rng *rng = vmap_rng_new(72, 0);

    for (int trial = 0; trial < 40; trial++) {
        size_t k = 3 + (size_t)trial % 4, p = k + vmap_rng_below(rng, 15);
        gsl_matrix *l = random_loadings(p, k, rng), *out = gsl_matrix_alloc(p, k);
        gsl_matrix *t = gsl_matrix_alloc(k, k), *tried = gsl_matrix_alloc(p, k);
        vmap_rotation_info info;
        double found;

        CHECK_OK(vmap_factor_varimax(l, true, out, t, &info, NULL), NULL);
        CHECK(info.converged && info.sweeps > 1);
        check_rotation(l, t, out);
        found = criterion_of(out, true);
        CHECK(found >= criterion_of(l, true) - 1e-13);
        for (size_t a = 0; a < k; a++) {
            for (size_t b = a + 1; b < k; b++) {
                for (int step = 1; step < 180; step++) {
                    double c = cos(step * M_PI / 360), s = sin(step * M_PI / 360);

                    gsl_matrix_memcpy(tried, out);
                    for (size_t i = 0; i < p; i++) {
                        double x = gsl_matrix_get(out, i, a), y = gsl_matrix_get(out, i, b);

                        gsl_matrix_set(tried, i, a, c * x + s * y);
                        gsl_matrix_set(tried, i, b, c * y - s * x);
                    }
                    if (criterion_of(tried, true) > found + 1e-13)
                        CHECK_NEAR(criterion_of(tried, true), found, 1e-13);
                }
            }
        }
        gsl_matrix_free(l);
        gsl_matrix_free(out);
        gsl_matrix_free(t);
        gsl_matrix_free(tried);
    }
    gsl_rng_free(rng);
}

/* All orders and signs of up to four columns. */
static void arranging_moves_columns_of_loadings_and_rotation_alike(void)
{
    gsl_rng *rng = vmap_rng_new(73, 0);

    for (size_t k = 1; k <= 4; k++) {
        for (size_t code = 0; code < 256; code++) {
            size_t order[4] = {code % 4, code / 4 % 4, code / 16 % 4, code / 64};
            int sign[4];
            bool distinct = true;
            gsl_matrix *unrotated, *l, *t, *before;

            for (size_t j = 0; j < k; j++) {
                sign[j] = (code >> j ^ code >> 4) & 1 ? -1 : 1;
                distinct &= order[j] < k;
                for (size_t m = 0; m < j; m++)
                    distinct &= order[m] != order[j];
            }
            if (!distinct)
                continue;
            unrotated = random_loadings(5, k, rng);
            l = gsl_matrix_alloc(5, k);
            t = gsl_matrix_alloc(k, k);
            before = gsl_matrix_alloc(5, k);
            CHECK_OK(vmap_factor_varimax(unrotated, true, l, t, NULL, NULL), NULL);
            gsl_matrix_memcpy(before, l);
            vmap_factor_arrange(l, t, order, sign);
            for (size_t j = 0; j < k; j++) {
                for (size_t i = 0; i < 5; i++)
                    CHECK_NEAR(gsl_matrix_get(l, i, j),
                               sign[j] * gsl_matrix_get(before, i, order[j]), 0);
            }
            check_rotation(unrotated, t, l);
            gsl_matrix_free(unrotated);
            gsl_matrix_free(l);
            gsl_matrix_free(t);
            gsl_matrix_free(before);
        }
    }
    gsl_rng_free(rng);
}

static void the_canonical_order_is_by_size_with_positive_sums(void)
{
    gsl_rng *rng = vmap_rng_new(74, 0);

    for (int trial = 0; trial < 50; trial++) {
        size_t k = 1 + vmap_rng_below(rng, 6), p = k + 3;
        gsl_matrix *unrotated = random_loadings(p, k, rng), *l = gsl_matrix_alloc(p, k);
        gsl_matrix *t = gsl_matrix_alloc(k, k);
        double last = INFINITY;

        CHECK_OK(vmap_factor_varimax(unrotated, true, l, t, NULL, NULL), NULL);
        vmap_factor_arrange_by_size(l, t);
        check_rotation(unrotated, t, l);
        for (size_t j = 0; j < k; j++) {
            double sum = 0, squares = 0;

            for (size_t i = 0; i < p; i++) {
                sum += gsl_matrix_get(l, i, j);
                squares += gsl_matrix_get(l, i, j) * gsl_matrix_get(l, i, j);
            }
            CHECK(sum > 0);
            CHECK(squares <= last);
            last = squares;
        }
        gsl_matrix_free(unrotated);
        gsl_matrix_free(l);
        gsl_matrix_free(t);
    }
    gsl_rng_free(rng);
}

/* ---- refusals and edges ---- */

static void shapes_must_agree(void)
{
    gsl_matrix *l = gsl_matrix_calloc(5, 2), *bad = gsl_matrix_calloc(5, 3);
    gsl_matrix *t = gsl_matrix_calloc(2, 2);
    vmap_error err;

    CHECK_FAILS(vmap_factor_varimax(l, true, bad, t, NULL, &err), VMAP_EINVAL, &err,
                "another shape");
    CHECK_FAILS(vmap_factor_varimax(l, true, l, bad, NULL, &err), VMAP_EINVAL, &err,
                "another shape");
    CHECK(gsl_matrix_isnull(t));
    gsl_matrix_free(l);
    gsl_matrix_free(bad);
    gsl_matrix_free(t);
}

static void a_row_without_communality_stays_zero(void)
{
    gsl_rng *rng = vmap_rng_new(75, 0);

    for (size_t k = 1; k <= 4; k++) {
        gsl_matrix *l = random_loadings(6, k, rng), *out = gsl_matrix_alloc(6, k);
        gsl_matrix *t = gsl_matrix_alloc(k, k);

        for (size_t j = 0; j < k; j++)
            gsl_matrix_set(l, 2, j, 0);
        CHECK_OK(vmap_factor_varimax(l, true, out, t, NULL, NULL), NULL);
        check_rotation(l, t, out);
        for (size_t j = 0; j < k; j++)
            CHECK_NEAR(gsl_matrix_get(out, 2, j), 0, 0);
        gsl_matrix_free(l);
        gsl_matrix_free(out);
        gsl_matrix_free(t);
    }
    gsl_rng_free(rng);
}

static void one_factor_is_not_turned(void)
{
    double data[] = {.5, -.7, .2};
    gsl_matrix_view l = gsl_matrix_view_array(data, 3, 1);
    gsl_matrix *out = gsl_matrix_alloc(3, 1), *t = gsl_matrix_alloc(1, 1);
    vmap_rotation_info info;

    CHECK_OK(vmap_factor_varimax(&l.matrix, true, out, t, &info, NULL), NULL);
    CHECK(gsl_matrix_equal(out, &l.matrix));
    CHECK_NEAR(gsl_matrix_get(t, 0, 0), 1, 0);
    CHECK(info.converged);
    CHECK_COUNT(info.sweeps, 0);
    gsl_matrix_free(out);
    gsl_matrix_free(t);
}

/* Nothing to gain anywhere: every angle is as good, and the loadings stay as they are. */
static void loadings_of_zero_stay(void)
{
    gsl_matrix *l = gsl_matrix_calloc(4, 3), *out = gsl_matrix_alloc(4, 3),
               *t = gsl_matrix_alloc(3, 3);
    vmap_rotation_info info;

    CHECK_OK(vmap_factor_varimax(l, true, out, t, &info, NULL), NULL);
    CHECK(gsl_matrix_isnull(out) && info.converged);
    check_rotation(l, t, out);
    gsl_matrix_free(l);
    gsl_matrix_free(out);
    gsl_matrix_free(t);
}

/* The turns one after the other are the rotation. */
static void the_turns_lead_to_the_rotation(void)
{
    enum { ROOM = 600 };
    gsl_rng *rng = vmap_rng_new(29, 0);

    for (size_t k = 1; k <= 4; k++) {
        gsl_matrix *l = random_loadings(9, k, rng), *out = gsl_matrix_alloc(9, k), *t = gsl_matrix_alloc(k, k),
                   *own = gsl_matrix_alloc(k, k);
        static vmap_varimax_step step[ROOM];
        vmap_rotation_info info;
        size_t count = 0;

        CHECK_OK(vmap_factor_varimax(l, true, out, t, &info, NULL), NULL);
        CHECK_OK(vmap_factor_varimax_steps(l, true, step, ROOM, &count, NULL), NULL);
        CHECK(count == info.sweeps * k * (k - 1) / 2 && count <= ROOM);
        gsl_matrix_set_identity(own);
        for (size_t q = 0; q < count; q++) {
            for (size_t i = 0; i < k; i++) {
                double x = gsl_matrix_get(own, i, step[q].a), y = gsl_matrix_get(own, i, step[q].b);

                gsl_matrix_set(own, i, step[q].a, x * cos(step[q].angle) + y * sin(step[q].angle));
                gsl_matrix_set(own, i, step[q].b, y * cos(step[q].angle) - x * sin(step[q].angle));
            }
        }
        for (size_t i = 0; i < k * k; i++)
            CHECK_NEAR(own->data[i], t->data[i], 1e-12);
        CHECK_OK(vmap_factor_varimax_steps(l, true, step, 1, &count, NULL), NULL);
        CHECK(count == info.sweeps * k * (k - 1) / 2);
        gsl_matrix_free(l);
        gsl_matrix_free(out);
        gsl_matrix_free(t);
        gsl_matrix_free(own);
    }
    gsl_rng_free(rng);
}

static const test_case cases[] = {
    TEST(a_hidden_simple_structure_is_found),
    TEST(three_and_four_factors_are_those_of_r),
    TEST(two_factors_reach_the_global_optimum),
    TEST(no_turn_of_two_factors_improves_the_result),
    TEST(arranging_moves_columns_of_loadings_and_rotation_alike),
    TEST(the_canonical_order_is_by_size_with_positive_sums),
    TEST(shapes_must_agree),
    TEST(a_row_without_communality_stays_zero),
    TEST(one_factor_is_not_turned),
    TEST(loadings_of_zero_stay),
    TEST(the_turns_lead_to_the_rotation),
};
SUITE(factor_varimax_suite, cases);
