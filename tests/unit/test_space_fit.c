#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "core/buffer.h"
#include "core/numeric.h"
#include "support/check.h"
#include "valuemap/rng.h"
#include "valuemap/space.h"

/* ---- a codebook of six items and two axes, in any order of the items ---- */

static vmap_codebook *book_of(const char *letters, const char *axes)
{
    vmap_codebook *c = NULL;
    buffer b = {0};
    vmap_error err;

    buffer_put(&b, "version: 1\nname: six\ntitle: Six items\nitems:\n");
    for (; *letters; letters++)
        buffer_format(&b, "- {name: %c, label: Item %c, valid: 1..10, columns: [{name: %c}]}\n",
                      *letters, *letters, *letters);
    buffer_put(&b, axes);
    CHECK_OK(vmap_codebook_parse("six", b.text, b.n, &c, &err), &err);
    buffer_free(&b);
    return c;
}

static const char two_axes[] =
    "axes:\n"
    "- {name: first, label: First, low: low, high: high, anchor: [a, b], sign: [+a, +b], official: "
    "F1}\n"
    "- {name: second, label: Second, low: low, high: high, anchor: [d], sign: [-e, +d]}\n";

static const bool all[] = {true, true, true, true, true, true};

typedef struct {
    gsl_matrix *x, *w;
} sample;

static sample answers(void)
{
    return (sample){read_reference("space.tsv", "answers"), read_reference("space.tsv", "weights")};
}

static void free_sample(sample *s)
{
    gsl_matrix_free(s->x);
    gsl_matrix_free(s->w);
}

static vmap_space *fit(const vmap_codebook *book, const bool *use, const gsl_matrix *x,
                       const gsl_matrix *w, const vmap_fit_options *options)
{
    vmap_space *s = NULL;
    vmap_error err;

    CHECK_OK(vmap_space_fit(book, use, x->data, x->size1, w ? w->data : NULL, options, &s, &err),
             &err);
    return s;
}

/* Positions of all respondents of x, n x k. */
static gsl_matrix *positions(const vmap_space *s, const gsl_matrix *x)
{
    gsl_matrix *at = gsl_matrix_alloc(x->size1, s->k);
    vmap_projection *pr = NULL;
    vmap_error err;

    if (CHECK_OK(vmap_space_project(s, x->data, x->size1, 1, &pr, &err), &err))
        memcpy(at->data, pr->at, x->size1 * s->k * sizeof *at->data);
    vmap_projection_free(pr);
    return at;
}

static void check_close(const gsl_matrix *a, const gsl_matrix *b, double tolerance)
{
    double worst = 0;

    if (!CHECK(a->size1 == b->size1 && a->size2 == b->size2))
        return;
    for (size_t i = 0; i < a->size1; i++) {
        for (size_t j = 0; j < a->size2; j++)
            worst = fmax(worst, fabs(gsl_matrix_get(a, i, j) - gsl_matrix_get(b, i, j)));
    }
    CHECK_NEAR(worst, 0, tolerance);
}

/* ---- known values ---- */

static void a_weighted_fit_is_that_of_r(void)
{
    sample d = answers();
    vmap_codebook *book = book_of("abcdef", two_axes);
    vmap_space *s = fit(book, all, d.x, d.w, NULL);
    gsl_matrix *at;

    if (s) {
        at = positions(s, d.x);
        check_reference("space.tsv", "mean", 6, get_vector_element, s->mean);
        check_reference("space.tsv", "sd", 6, get_vector_element, s->sd);
        check_reference("space.tsv", "r", 36, get_matrix_element, s->r);
        check_reference("space.tsv", "eigenvalues", 6, get_vector_element, s->eigenvalues);
        check_reference("space.tsv", "loadings", 12, get_matrix_element, s->loadings);
        check_reference("space.tsv", "raw_weights", 12, get_matrix_element, s->weights);
        check_reference("space.tsv", "intercept", 2, get_vector_element, s->intercept);
        check_reference("space.tsv", "scores", 320, get_matrix_element, at);
        gsl_matrix_free(at);
    }
    vmap_space_free(s);
    vmap_codebook_free(book);
    free_sample(&d);
}

static void a_space_knows_what_it_was_fitted_on(void)
{
    static const vmap_fit_options options = {.name = "mine", .source = "answers.csv"};
    sample d = answers();
    vmap_codebook *book = book_of("abcdef", two_axes);
    vmap_space *s = fit(book, all, d.x, d.w, &options);

    if (s) {
        CHECK_TEXT(s->name, "mine");
        CHECK_TEXT(s->title, "Six items");
        CHECK_TEXT(s->source, "answers.csv");
        CHECK_TEXT(s->affine, "none");
        CHECK_TEXT(s->items[3], "d");
        CHECK_TEXT(s->axes[0].name, "first");
        CHECK_TEXT(s->axes[0].official, "F1");
        CHECK_TEXT(s->axes[0].found_by, "a");
        CHECK_TEXT(s->axes[1].label, "Second");
        CHECK(s->axes[1].official == NULL);
        CHECK_NEAR(gsl_vector_get(s->low, 2), 1, 0);
        CHECK_NEAR(gsl_vector_get(s->high, 2), 10, 0);
        CHECK_NEAR(gsl_matrix_get(s->n, 1, 2), 160, 0);
        CHECK(s->positions_count == 0 && s->codebooks_count == 0 && !s->within);
    }
    vmap_space_free(s);
    vmap_codebook_free(book);
    free_sample(&d);
}

/* ---- properties ---- */

/* Weighted scores have mean 0 and variance 1 and are uncorrelated; L0 T = L. */
static void scores_are_standardised_in_the_reference_population(void)
{
    sample d = answers();
    vmap_codebook *book = book_of("abcdef", two_axes);
    vmap_space *s = fit(book, all, d.x, d.w, NULL);
    gsl_matrix *at = positions(s, d.x), *product = gsl_matrix_alloc(6, 2);
    double total = 0, m[2] = {0, 0}, v[2] = {0, 0}, both = 0;

    for (size_t i = 0; i < at->size1; i++) {
        double w = gsl_matrix_get(d.w, i, 0);

        total += w;
        both += w * gsl_matrix_get(at, i, 0) * gsl_matrix_get(at, i, 1);
        for (size_t j = 0; j < 2; j++) {
            m[j] += w * gsl_matrix_get(at, i, j);
            v[j] += w * gsl_matrix_get(at, i, j) * gsl_matrix_get(at, i, j);
        }
    }
    for (size_t j = 0; j < 2; j++) {
        CHECK_NEAR(m[j] / total, 0, 1e-13);
        CHECK_NEAR(v[j] / total, 1, 1e-12);
    }
    CHECK_NEAR(both / total, 0, 1e-12);
    numeric_multiply(1, 0, s->unrotated, 0, s->rotation, product);
    check_close(product, s->loadings, 1e-13);
    gsl_matrix_free(product);
    gsl_matrix_free(at);
    vmap_space_free(s);
    vmap_codebook_free(book);
    free_sample(&d);
}

/* Items in another order: the same space, whatever the solver's signs and order. */
static void the_order_of_items_changes_nothing(void)
{
    static const char *const orders[] = {"fedcba", "dabecf", "cfbeda"};
    sample d = answers();
    vmap_codebook *book = book_of("abcdef", two_axes);
    vmap_space *s = fit(book, all, d.x, d.w, NULL);
    gsl_matrix *at = positions(s, d.x), *x = gsl_matrix_alloc(d.x->size1, 6);

    for (size_t o = 0; o < 3; o++) {
        vmap_codebook *other = book_of(orders[o], two_axes);
        vmap_space *t;
        gsl_matrix *moved;

        for (size_t i = 0; i < d.x->size1; i++) {
            for (size_t j = 0; j < 6; j++)
                gsl_matrix_set(x, i, j, gsl_matrix_get(d.x, i, (size_t)(orders[o][j] - 'a')));
        }
        t = fit(other, all, x, d.w, NULL);
        moved = positions(t, x);
        check_close(moved, at, 1e-12);
        gsl_matrix_free(moved);
        vmap_space_free(t);
        vmap_codebook_free(other);
    }
    gsl_matrix_free(x);
    gsl_matrix_free(at);
    vmap_space_free(s);
    vmap_codebook_free(book);
    free_sample(&d);
}

static void the_order_of_respondents_changes_nothing(void)
{
    sample d = answers();
    gsl_rng *rng = vmap_rng_new(81, 0);
    vmap_codebook *book = book_of("abcdef", two_axes);
    vmap_space *s = fit(book, all, d.x, d.w, NULL), *t;

    for (size_t i = d.x->size1 - 1; i > 0; i--) {
        size_t k = vmap_rng_below(rng, i + 1);

        gsl_matrix_swap_rows(d.x, i, k);
        gsl_matrix_swap_rows(d.w, i, k);
    }
    t = fit(book, all, d.x, d.w, NULL);
    check_close(t->weights, s->weights, 1e-13);
    vmap_space_free(s);
    vmap_space_free(t);
    vmap_codebook_free(book);
    free_sample(&d);
    gsl_rng_free(rng);
}

/* Items that say nothing about the sign, counted the other way round (c, f, and b, which only helps
 * when a is missing): positions stay, because the axes are found by what a, d and e say. Turning a
 * turns the first axis, turning e the second. */
static void only_signed_items_turn_an_axis(void)
{
    static const struct {
        char item;
        double first, second;
    } turns[] = {{'b', 1, 1}, {'c', 1, 1}, {'f', 1, 1}, {'d', 1, 1}, {'a', -1, 1}, {'e', 1, -1}};
    sample d = answers();
    vmap_codebook *book = book_of("abcdef", two_axes);
    vmap_space *s = fit(book, all, d.x, d.w, NULL);
    gsl_matrix *at = positions(s, d.x);

    for (size_t t = 0; t < sizeof turns / sizeof *turns; t++) {
        gsl_matrix *x = gsl_matrix_alloc(d.x->size1, 6), *moved;
        size_t j = (size_t)(turns[t].item - 'a');
        vmap_space *turned;

        gsl_matrix_memcpy(x, d.x);
        for (size_t i = 0; i < x->size1; i++)
            gsl_matrix_set(x, i, j, 11 - gsl_matrix_get(x, i, j));
        turned = fit(book, all, x, d.w, NULL);
        moved = positions(turned, x);
        for (size_t i = 0; i < x->size1; i++) {
            *gsl_matrix_ptr(moved, i, 0) *= turns[t].first;
            *gsl_matrix_ptr(moved, i, 1) *= turns[t].second;
        }
        check_close(moved, at, 1e-12);
        gsl_matrix_free(x);
        gsl_matrix_free(moved);
        vmap_space_free(turned);
    }
    gsl_matrix_free(at);
    vmap_space_free(s);
    vmap_codebook_free(book);
    free_sample(&d);
}

/* The axes in the other order in the codebook: the columns change places, and nothing else. */
static void axes_stand_in_the_order_of_the_codebook(void)
{
    static const char swapped[] =
        "axes:\n"
        "- {name: second, label: S, low: low, high: high, anchor: [d], sign: [-e, +d]}\n"
        "- {name: first, label: F, low: low, high: high, anchor: [a, b], sign: [+a, +b]}\n";
    sample d = answers();
    vmap_codebook *book = book_of("abcdef", two_axes), *other = book_of("abcdef", swapped);
    vmap_space *s = fit(book, all, d.x, d.w, NULL), *t = fit(other, all, d.x, d.w, NULL);

    gsl_matrix_swap_columns(t->weights, 0, 1);
    check_close(t->weights, s->weights, 1e-14);
    CHECK_TEXT(t->axes[0].name, "second");
    vmap_space_free(s);
    vmap_space_free(t);
    vmap_codebook_free(book);
    vmap_codebook_free(other);
    free_sample(&d);
}

/* Leaving item e out by `use` is a fit on the five other columns; d then gives the second sign. */
static void unused_items_are_left_out(void)
{
    static const bool use[] = {true, true, true, true, false, true};
    sample d = answers();
    vmap_codebook *book = book_of("abcdef", two_axes), *five;
    gsl_matrix *x = gsl_matrix_alloc(d.x->size1, 5);
    vmap_space *s, *t;

    for (size_t i = 0; i < x->size1; i++) {
        for (size_t j = 0; j < 5; j++)
            gsl_matrix_set(x, i, j, gsl_matrix_get(d.x, i, j < 4 ? j : 5));
        gsl_matrix_set(d.x, i, 4, NAN);
    }
    five = book_of("abcdf",
                   "axes:\n- {name: first, label: F, low: l, high: h, anchor: [a], sign: [+a]}\n"
                   "- {name: second, label: S, low: l, high: h, anchor: [d], sign: [+d]}\n");
    s = fit(book, use, d.x, d.w, NULL);
    t = fit(five, all, x, d.w, NULL);
    CHECK_COUNT(s->p, 5);
    CHECK_TEXT(s->items[4], "f");
    check_close(s->weights, t->weights, 0);
    gsl_matrix_free(x);
    vmap_space_free(s);
    vmap_space_free(t);
    vmap_codebook_free(book);
    vmap_codebook_free(five);
    free_sample(&d);
}

static void components_without_a_name_are_numbered(void)
{
    static const vmap_fit_options three = {.axes = 3}, one = {.axes = 1};
    sample d = answers();
    vmap_codebook *book = book_of("abcdef", two_axes), *plain = book_of("abcdef", "");
    vmap_space *s = fit(book, all, d.x, d.w, &three), *t = fit(plain, all, d.x, d.w, NULL);
    vmap_space *u = fit(book, all, d.x, d.w, &one);

    CHECK_COUNT(s->k, 3);
    CHECK_TEXT(s->axes[1].name, "second");
    CHECK_TEXT(s->axes[2].name, "component3");
    CHECK_COUNT(t->k, 2);
    CHECK_TEXT(t->axes[0].name, "component1");
    CHECK_COUNT(u->k, 1);
    CHECK_TEXT(u->axes[0].name, "first");
    vmap_space_free(s);
    vmap_space_free(t);
    vmap_space_free(u);
    vmap_codebook_free(book);
    vmap_codebook_free(plain);
    free_sample(&d);
}

/* ---- refusals ---- */

static void refuse(const vmap_codebook *book, const bool *use, const gsl_matrix *x,
                   const vmap_fit_options *options, vmap_status status, const char *words)
{
    vmap_space *s = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_space_fit(book, use, x->data, x->size1, NULL, options, &s, &err), status, &err,
                words);
    CHECK(s == NULL);
    vmap_space_free(s);
}

static void items_that_cannot_be_used_are_named(void)
{
    static const bool one[] = {false, true, false, false, false, false};
    static const vmap_fit_options seven = {.axes = 7};
    sample d = answers();
    vmap_codebook *book = book_of("abcdef", two_axes);
    gsl_matrix *x = gsl_matrix_alloc(d.x->size1, 6);

    gsl_matrix_memcpy(x, d.x);
    for (size_t i = 0; i < x->size1; i++)
        gsl_matrix_set(x, i, 2, 4);
    refuse(book, all, x, NULL, VMAP_EDATA, "column c: the item is constant");
    for (size_t i = 0; i < x->size1; i++)
        gsl_matrix_set(x, i, 2, i % 2 ? NAN : gsl_matrix_get(d.x, i, 2));
    for (size_t i = 0; i < x->size1; i += 2)
        gsl_matrix_set(x, i, 5, NAN);
    refuse(book, all, x, NULL, VMAP_EDATA,
           "column f: fewer than three respondents answered both items (with c)");
    for (size_t i = 0; i < x->size1; i++)
        gsl_matrix_set(x, i, 5, NAN);
    refuse(book, all, x, NULL, VMAP_EDATA, "column f: nobody answered the item");
    refuse(book, one, d.x, NULL, VMAP_EDATA, "1 of the 6 items of codebook six is usable");
    refuse(book, all, d.x, &seven, VMAP_EINVAL, "7 axes from 6 items");
    gsl_matrix_memcpy(x, d.x);
    for (size_t i = 0; i < x->size1; i++)
        gsl_matrix_set(x, i, 2, 11 - gsl_matrix_get(x, i, 1));
    refuse(book, all, x, NULL, VMAP_ESINGULAR, "not positive definite");
    gsl_matrix_free(x);
    vmap_codebook_free(book);
    free_sample(&d);
}

static void an_axis_without_its_anchors_is_refused(void)
{
    static const bool no_d[] = {true, true, true, false, true, true};
    sample d = answers();
    vmap_codebook *book = book_of("abcdef", two_axes);

    refuse(book, no_d, d.x, NULL, VMAP_EDATA, "axis second cannot be found");
    vmap_codebook_free(book);
    free_sample(&d);
}

/* The official recipe finds one axis by its anchor and takes what is left for the other, even where
 * that one's anchor loads more on the first. When a is not asked, b finds the first axis. */
static void the_last_axis_is_what_the_others_leave(void)
{
    static const bool no_a[] = {false, true, true, true, true, true};
    static const char same[] =
        "axes:\n"
        "- {name: first, label: F, low: low, high: high, anchor: [a], sign: [+a]}\n"
        "- {name: second, label: S, low: low, high: high, anchor: [b], sign: [+d]}\n";
    sample d = answers();
    vmap_codebook *book = book_of("abcdef", two_axes), *twice = book_of("abcdef", same);
    vmap_space *s = fit(book, no_a, d.x, d.w, NULL), *t = fit(twice, all, d.x, d.w, NULL);

    if (s && t) {
        CHECK_TEXT(s->axes[0].found_by, "b");
        CHECK(gsl_matrix_get(s->loadings, 0, 0) > .5); /* b on the first axis */
        CHECK(gsl_matrix_get(s->loadings, 2, 1) > .5); /* d on the second */
        CHECK_TEXT(t->axes[1].found_by, "b");
        CHECK(gsl_matrix_get(t->loadings, 0, 0) > .5); /* a on the first axis */
        CHECK(gsl_matrix_get(t->loadings, 3, 1) > .5); /* d on what is left */
    }
    vmap_space_free(s);
    vmap_space_free(t);
    vmap_codebook_free(book);
    vmap_codebook_free(twice);
    free_sample(&d);
}

static const test_case cases[] = {
    TEST(a_weighted_fit_is_that_of_r),
    TEST(a_space_knows_what_it_was_fitted_on),
    TEST(scores_are_standardised_in_the_reference_population),
    TEST(the_order_of_items_changes_nothing),
    TEST(the_order_of_respondents_changes_nothing),
    TEST(only_signed_items_turn_an_axis),
    TEST(axes_stand_in_the_order_of_the_codebook),
    TEST(unused_items_are_left_out),
    TEST(components_without_a_name_are_numbered),
    TEST(items_that_cannot_be_used_are_named),
    TEST(an_axis_without_its_anchors_is_refused),
    TEST(the_last_axis_is_what_the_others_leave),
};
SUITE(space_fit_suite, cases);
