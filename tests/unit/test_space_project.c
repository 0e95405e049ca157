#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "core/numeric.h"
#include "space/space_internal.h"
#include "support/check.h"
#include "valuemap/rng.h"
#include "valuemap/space.h"

/* The space that space.R fitted, from its own numbers: nothing here comes from our fit. */
static vmap_space *reference_space(void)
{
    vmap_space *s = space_new(6, 2, NULL);
    gsl_matrix *mean = read_reference("space.tsv", "mean"), *sd = read_reference("space.tsv", "sd");
    gsl_matrix *r = read_reference("space.tsv", "r"),
               *w = read_reference("space.tsv", "raw_weights");
    gsl_matrix *intercept = read_reference("space.tsv", "intercept");

    for (size_t i = 0; i < 6; i++) {
        gsl_vector_set(s->mean, i, gsl_matrix_get(mean, i, 0));
        gsl_vector_set(s->sd, i, gsl_matrix_get(sd, i, 0));
        gsl_vector_set(s->low, i, 1);
        gsl_vector_set(s->high, i, 10);
    }
    for (size_t j = 0; j < 2; j++)
        gsl_vector_set(s->intercept, j, gsl_matrix_get(intercept, j, 0));
    gsl_matrix_memcpy(s->r, r);
    gsl_matrix_memcpy(s->weights, w);
    gsl_matrix_free(mean);
    gsl_matrix_free(sd);
    gsl_matrix_free(r);
    gsl_matrix_free(w);
    gsl_matrix_free(intercept);
    return s;
}

static vmap_projection *project(const vmap_space *s, const gsl_matrix *x, size_t min_items)
{
    vmap_projection *pr = NULL;
    vmap_error err;

    CHECK_OK(vmap_space_project(s, x->data, x->size1, min_items, &pr, &err), &err);
    return pr;
}

static double get_cell(void *cells, size_t row, size_t col)
{
    return ((const double *)cells)[2 * row + col];
}

/* ---- known values ---- */

static void complete_answers_have_the_scores_of_r(void)
{
    vmap_space *s = reference_space();
    gsl_matrix *x = read_reference("space.tsv", "answers");
    vmap_projection *pr = project(s, x, 1);

    check_reference("space.tsv", "scores", 320, get_cell, pr->at);
    CHECK_COUNT(pr->patterns, 1);
    for (size_t r = 0; r < 160; r++) {
        CHECK_NEAR(pr->sd[2 * r], 0, 0);
        CHECK_COUNT(pr->used[r], 6);
    }
    CHECK_NEAR(gsl_vector_get(pr->operators[0]->share, 1), 1, 0);
    vmap_projection_free(pr);
    vmap_space_free(s);
    gsl_matrix_free(x);
}

/* Every one of the 64 patterns of answered items, against the conditional normal distribution. The
 * first row answers nothing. */
static void incomplete_answers_have_their_conditional_expectation(void)
{
    vmap_space *s = reference_space();
    gsl_matrix *x = read_reference("space.tsv", "holes");
    gsl_matrix *at = read_reference("space.tsv", "at"),
               *sd = read_reference("space.tsv", "posterior_sd");
    gsl_matrix *share = read_reference("space.tsv", "share");
    vmap_projection *pr = project(s, x, 1);

    CHECK_COUNT(pr->patterns, 64);
    for (size_t r = 0; r < 64; r++) {
        const vmap_operator *op = pr->operators[pr->pattern[r]];
        size_t answered = 0;

        for (size_t i = 0; i < 6; i++)
            answered += r >> i & 1;
        CHECK_COUNT(pr->used[r], answered);
        for (size_t j = 0; j < 2; j++) {
            /* nobody is placed who answered nothing, though the operator is known */
            CHECK_NEAR(pr->at[2 * r + j], r ? gsl_matrix_get(at, r, j) : NAN, 1e-7);
            CHECK_NEAR(pr->sd[2 * r + j], r ? gsl_matrix_get(sd, r, j) : NAN, 1e-7);
            CHECK_NEAR(gsl_vector_get(op->share, j), gsl_matrix_get(share, r, j), 1e-7);
            CHECK_NEAR(sqrt(gsl_matrix_get(op->cov, j, j)), gsl_matrix_get(sd, r, j), 1e-7);
        }
    }
    CHECK_NEAR(gsl_vector_get(pr->operators[pr->pattern[0]]->constant, 0), gsl_matrix_get(at, 0, 0),
               1e-7);
    vmap_projection_free(pr);
    vmap_space_free(s);
    gsl_matrix_free(x);
    gsl_matrix_free(at);
    gsl_matrix_free(sd);
    gsl_matrix_free(share);
}

/* By hand: two standardised items with correlation .6, position = x1 + x2. From x1 alone:
 * x1 + .6 x1, variance 1 - .36, share 1 - .64 / 3.2. */
static void two_items_by_hand(void)
{
    static const double x[] = {2, NAN, NAN, -1, 1, 1};
    vmap_space *s = space_new(2, 1, NULL);
    vmap_projection *pr = NULL;
    vmap_error err;

    gsl_vector_set_all(s->sd, 1);
    gsl_matrix_set_all(s->weights, 1);
    gsl_matrix_set_identity(s->r);
    gsl_matrix_set(s->r, 0, 1, .6);
    gsl_matrix_set(s->r, 1, 0, .6);
    CHECK_OK(vmap_space_project(s, x, 3, 1, &pr, &err), &err);
    CHECK_NEAR(pr->at[0], 3.2, 1e-15);
    CHECK_NEAR(pr->at[1], -1.6, 1e-15);
    CHECK_NEAR(pr->at[2], 2, 0);
    CHECK_NEAR(pr->sd[0], .8, 1e-15);
    CHECK_NEAR(pr->sd[2], 0, 0);
    CHECK_NEAR(gsl_vector_get(pr->operators[pr->pattern[1]]->share, 0), .8, 1e-15);
    vmap_projection_free(pr);
    vmap_space_free(s);
}

/* ---- properties ---- */

/* All patterns of ten items: more than the table of known patterns begins with. Each row has what
 * its own operator says, rows of one pattern share it, and operators keep their order of
 * appearance. */
static void each_pattern_is_solved_once(void)
{
    enum { P = 10, N = 3000 };
    gsl_rng *rng = vmap_rng_new(91, 0);
    vmap_space *s = space_new(P, 2, NULL);
    double *x = calloc(N * P, sizeof *x);
    vmap_projection *pr = NULL;
    vmap_error err;
    size_t seen = 0, wrong = 0;

    for (size_t i = 0; i < P; i++) {
        gsl_vector_set(s->mean, i, 5);
        gsl_vector_set(s->sd, i, 1 + (double)i / 10);
        for (size_t j = 0; j < P; j++)
            gsl_matrix_set(s->r, i, j, i == j ? 1 : .3);
        gsl_matrix_set(s->weights, i, 0, .1 * (double)i);
        gsl_matrix_set(s->weights, i, 1, 1 - .2 * (double)i);
    }
    for (size_t i = 0; i < N * P; i++)
        x[i] = vmap_rng_below(rng, 2) ? NAN : (double)(1 + vmap_rng_below(rng, 10));
    CHECK_OK(vmap_space_project(s, x, N, 1, &pr, &err), &err);
    CHECK(pr->patterns > 900 && pr->patterns <= 1024);
    for (size_t r = 0; r < N; r++) {
        const vmap_operator *op = pr->operators[pr->pattern[r]];

        wrong += pr->pattern[r] > seen;
        seen += pr->pattern[r] == seen;
        for (size_t j = 0; j < 2; j++) {
            double at = gsl_vector_get(op->constant, j);

            for (size_t i = 0; i < P; i++) {
                if (isnan(x[r * P + i]))
                    wrong += gsl_matrix_get(op->weights, i, j) != 0;
                else
                    at += gsl_matrix_get(op->weights, i, j) * x[r * P + i];
            }
            wrong += op->used > 0 && !(fabs(at - pr->at[2 * r + j]) < 1e-13);
        }
    }
    CHECK_COUNT(wrong, 0);
    CHECK_COUNT(seen, pr->patterns);
    vmap_projection_free(pr);
    vmap_space_free(s);
    free(x);
    gsl_rng_free(rng);
}

/* The more is answered, the less stays unknown: a pattern that contains another one has no larger
 * posterior standard deviation and no smaller share. All pairs of the 64 patterns. */
static void more_answers_leave_less_unknown(void)
{
    vmap_space *s = reference_space();
    vmap_operator *op[64];
    size_t wrong = 0;

    for (size_t b = 0; b < 64; b++) {
        bool observed[6];

        for (size_t i = 0; i < 6; i++)
            observed[i] = b >> i & 1;
        CHECK_OK(vmap_operator_new(s, observed, &op[b], NULL), NULL);
    }
    for (size_t a = 0; a < 64; a++) {
        for (size_t b = 0; b < 64; b++) {
            if ((a & b) != a)
                continue;
            for (size_t j = 0; j < 2; j++) {
                wrong +=
                    gsl_matrix_get(op[b]->cov, j, j) > gsl_matrix_get(op[a]->cov, j, j) + 1e-14;
                wrong += gsl_vector_get(op[b]->share, j) < gsl_vector_get(op[a]->share, j) - 1e-14;
            }
        }
    }
    CHECK_COUNT(wrong, 0);
    for (size_t b = 0; b < 64; b++)
        vmap_operator_free(op[b]);
    vmap_space_free(s);
}

/* The mean answers lie at the mean position, whichever of them are given. */
static void the_mean_of_any_answers_is_the_mean(void)
{
    vmap_space *s = reference_space();
    gsl_matrix *x = gsl_matrix_alloc(64, 6);
    vmap_projection *pr;

    for (size_t r = 0; r < 64; r++) {
        for (size_t i = 0; i < 6; i++)
            gsl_matrix_set(x, r, i, r >> i & 1 ? gsl_vector_get(s->mean, i) : NAN);
    }
    pr = project(s, x, 1);
    for (size_t r = 1; r < 64; r++) {
        CHECK_NEAR(pr->at[2 * r], 0, 1e-12);
        CHECK_NEAR(pr->at[2 * r + 1], 0, 1e-12);
    }
    vmap_projection_free(pr);
    vmap_space_free(s);
    gsl_matrix_free(x);
}

/* Another affine convention scales what stays unknown and leaves shares as they are. */
static void a_scaled_space_scales_the_projection(void)
{
    vmap_space *s = reference_space();
    gsl_matrix *x = read_reference("space.tsv", "holes");
    vmap_projection *before = project(s, x, 1), *after;

    for (size_t i = 0; i < 6; i++)
        *gsl_matrix_ptr(s->weights, i, 1) *= 1.61;
    gsl_vector_set(s->intercept, 1, gsl_vector_get(s->intercept, 1) * 1.61 - .1);
    after = project(s, x, 1);
    for (size_t r = 1; r < 64; r++) {
        CHECK_NEAR(after->at[2 * r], before->at[2 * r], 0);
        CHECK_NEAR(after->at[2 * r + 1], 1.61 * before->at[2 * r + 1] - .1, 1e-12);
        CHECK_NEAR(after->sd[2 * r + 1], 1.61 * before->sd[2 * r + 1], 1e-13);
        CHECK_NEAR(gsl_vector_get(after->operators[after->pattern[r]]->share, 1),
                   gsl_vector_get(before->operators[before->pattern[r]]->share, 1), 1e-13);
    }
    vmap_projection_free(before);
    vmap_projection_free(after);
    vmap_space_free(s);
    gsl_matrix_free(x);
}

/* ---- refusals and edges ---- */

static void too_few_answers_give_no_position(void)
{
    vmap_space *s = reference_space();
    gsl_matrix *x = read_reference("space.tsv", "holes");

    for (size_t least = 0; least <= 7; least++) {
        vmap_projection *pr = project(s, x, least);

        CHECK_COUNT(pr->min_items, least ? least : 1);
        for (size_t r = 0; r < 64; r++) {
            bool enough = pr->used[r] >= pr->min_items;

            CHECK(isnan(pr->at[2 * r]) == !enough && isnan(pr->sd[2 * r + 1]) == !enough);
        }
        vmap_projection_free(pr);
    }
    vmap_space_free(s);
    gsl_matrix_free(x);
}

static void a_population_that_cannot_be_is_refused(void)
{
    static const double incomplete[] = {1, 2, 3, 4, 5, NAN}, complete[] = {1, 2, 3, 4, 5, 6};
    vmap_space *s = reference_space();
    vmap_projection *pr = NULL;
    vmap_error err;

    gsl_matrix_set(s->r, 0, 1, 1);
    gsl_matrix_set(s->r, 1, 0, 1);
    CHECK_FAILS(vmap_space_project(s, incomplete, 1, 1, &pr, &err), VMAP_ESINGULAR, &err,
                "incomplete answers cannot be projected");
    CHECK(pr == NULL);
    CHECK_OK(vmap_space_project(s, complete, 1, 1, &pr, &err), &err); /* needs no population */
    vmap_projection_free(pr);
    vmap_space_free(s);
}

static void nobody_can_be_projected(void)
{
    vmap_space *s = reference_space();
    vmap_projection *pr = NULL;
    vmap_error err;

    CHECK_OK(vmap_space_project(s, NULL, 0, 1, &pr, &err), &err);
    CHECK_COUNT(pr->n, 0);
    CHECK_COUNT(pr->patterns, 0);
    vmap_projection_free(pr);
    vmap_projection_free(NULL);
    vmap_operator_free(NULL);
    vmap_space_free(s);
}

static const test_case cases[] = {
    TEST(two_items_by_hand),
    TEST(complete_answers_have_the_scores_of_r),
    TEST(incomplete_answers_have_their_conditional_expectation),
    TEST(each_pattern_is_solved_once),
    TEST(more_answers_leave_less_unknown),
    TEST(the_mean_of_any_answers_is_the_mean),
    TEST(a_scaled_space_scales_the_projection),
    TEST(too_few_answers_give_no_position),
    TEST(a_population_that_cannot_be_is_refused),
    TEST(nobody_can_be_projected),
};
SUITE(space_project_suite, cases);
