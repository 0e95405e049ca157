#include <config.h>

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>

#include "support/check.h"
#include "valuemap/moments.h"
#include "valuemap/rng.h"

/* ---- helpers ---- */

static vmap_association *associate(const gsl_matrix *x, const gsl_matrix *w,
                                   const vmap_association_options *o)
{
    vmap_association *a = NULL;
    vmap_error err;

    CHECK_OK(vmap_moments_associate(x->data, x->size1, x->size2, w ? w->data : NULL, o, &a, &err),
             &err);
    return a;
}

static vmap_association *associate_as(const gsl_matrix *x, const gsl_matrix *w,
                                      vmap_association_type type)
{
    vmap_association_options o;

    vmap_association_defaults(&o);
    o.type = type;
    return associate(x, w, &o);
}

/* The first `count` columns of a matrix in memory of its own. */
static gsl_matrix *first_columns(const gsl_matrix *m, size_t count)
{
    gsl_matrix *part = gsl_matrix_alloc(m->size1, count);

    for (size_t i = 0; i < m->size1; i++) {
        for (size_t j = 0; j < count; j++)
            gsl_matrix_set(part, i, j, gsl_matrix_get(m, i, j));
    }
    return part;
}

static void check_equal(const gsl_matrix *a, const gsl_matrix *b, double tolerance)
{
    for (size_t i = 0; i < a->size1; i++) {
        for (size_t j = 0; j < a->size2; j++)
            CHECK_NEAR(gsl_matrix_get(a, i, j), gsl_matrix_get(b, i, j), tolerance);
    }
}

/* ---- known values ---- */

static void rank_correlations_are_those_of_r(void)
{
    gsl_matrix *made = read_reference("association.tsv", "made");
    gsl_matrix *holes = read_reference("association.tsv", "holes");
    gsl_matrix *w = read_reference("association.tsv", "weights");
    vmap_association *a;

    if ((a = associate_as(holes, w, VMAP_SPEARMAN)) != NULL)
        check_reference("association.tsv", "spearman", 36, get_matrix_element, a->moments->r);
    vmap_association_free(a);
    if ((a = associate_as(made, NULL, VMAP_SPEARMAN)) != NULL)
        check_reference("association.tsv", "spearman_unweighted", 36, get_matrix_element,
                        a->moments->r);
    vmap_association_free(a);
    if ((a = associate_as(holes, w, VMAP_KENDALL)) != NULL)
        check_reference("association.tsv", "kendall", 36, get_matrix_element, a->moments->r);
    vmap_association_free(a);
    if ((a = associate_as(made, NULL, VMAP_KENDALL)) != NULL)
        check_reference("association.tsv", "kendall_unweighted", 36, get_matrix_element,
                        a->moments->r);
    vmap_association_free(a);
    gsl_matrix_free(made);
    gsl_matrix_free(holes);
    gsl_matrix_free(w);
}

static void polychoric_correlations_are_the_two_step_estimates(void)
{
    gsl_matrix *holes = read_reference("association.tsv", "holes"), *x = first_columns(holes, 5);
    gsl_matrix *w = read_reference("association.tsv", "weights");
    vmap_association *a = associate_as(x, w, VMAP_POLYCHORIC);

    if (a) {
        check_reference("association.tsv", "polychoric", 25, get_matrix_element, a->moments->r);
        check_reference("association.tsv", "polychoric_polycor", 25, get_matrix_element,
                        a->moments->r);
        CHECK(a->variance == NULL);
    }
    vmap_association_free(a);
    gsl_matrix_free(holes);
    gsl_matrix_free(x);
    gsl_matrix_free(w);
}

static double off_diagonal(void *m, size_t row, size_t col)
{
    return row == col ? 0 : gsl_matrix_get(m, row, col);
}

static double last_row(void *m, size_t row, size_t col)
{
    (void)col;
    return gsl_matrix_get(m, 5, row);
}

static void variances_and_polyserial_correlations_are_those_of_lavaan(void)
{
    gsl_matrix *made = read_reference("association.tsv", "made"), *x = first_columns(made, 5);
    vmap_association_options o;
    vmap_association *a;

    vmap_association_defaults(&o);
    o.type = VMAP_POLYCHORIC;
    o.variances = true;
    a = associate(x, NULL, &o);
    if (a) {
        check_reference("association.tsv", "polychoric_complete", 25, get_matrix_element,
                        a->moments->r);
        check_reference("association.tsv", "polychoric_variance", 25, off_diagonal, a->variance);
    }
    vmap_association_free(a);
    a = associate_as(made, NULL, VMAP_MIXED);
    if (a) {
        CHECK(a->continuous[5] && !a->continuous[4]);
        check_reference("association.tsv", "mixed_complete", 5, last_row, a->moments->r);
        check_reference("association.tsv", "polychoric_complete", 25, get_matrix_element,
                        a->moments->r);
    }
    vmap_association_free(a);
    gsl_matrix_free(made);
    gsl_matrix_free(x);
}

/* Empty cells stay empty: psych's default sets them to .5 and finds .656 where the likelihood has its
 * maximum at .832. The pair is listed instead. */
static void no_cell_of_a_sparse_table_is_corrected(void)
{
    gsl_matrix *table = read_reference("association.tsv", "sparse");
    gsl_matrix *known = read_reference("association.tsv", "sparse_two_step");
    gsl_matrix *polycor = read_reference("association.tsv", "sparse_polycor");
    gsl_matrix *wrong = read_reference("association.tsv", "sparse_psych");
    vmap_polychoric result = {.rho = 0};
    vmap_error err;

    CHECK_OK(vmap_moments_polychoric(table->data, NULL, 4, 4, &result, &err), &err);
    CHECK_NEAR(result.rho, gsl_matrix_get(known, 0, 0), 1e-8);
    CHECK_NEAR(result.rho, gsl_matrix_get(polycor, 0, 0), 2e-4);
    CHECK_NEAR(result.rho, .8325, 5e-5); /* as measured with polycor, to its last digit */
    CHECK(fabs(result.rho - gsl_matrix_get(wrong, 0, 0)) > .17);
    CHECK_COUNT(result.empty, 6);
    CHECK_COUNT(result.cells, 16);
    CHECK(!result.boundary);
    gsl_matrix_free(table);
    gsl_matrix_free(known);
    gsl_matrix_free(polycor);
    gsl_matrix_free(wrong);
}

/* By hand: with both margins halved, rho = sin(pi/2 (4 p11 - 1)), p11 the share of the first cell
 * (Sheppard 1899). */
static void a_table_halved_twice_by_hand(void)
{
    for (double p = .05; p < .46; p += .05) {
        double table[] = {p, .5 - p, .5 - p, p};
        vmap_polychoric result;
        vmap_error err;

        CHECK_OK(vmap_moments_polychoric(table, NULL, 2, 2, &result, &err), &err);
        CHECK_NEAR(result.rho, sin(M_PI / 2 * (4 * p - 1)), 1e-12);
    }
}

/* By hand: x = 1 2 3, y = 1 3 2: of three pairs two are concordant: tau = 1/3; rho = 1/2. */
static void three_respondents_by_hand(void)
{
    static const double x[] = {1, 1, 2, 3, 3, 2};
    vmap_association_options o;
    vmap_association *a = NULL;
    vmap_error err;

    vmap_association_defaults(&o);
    o.type = VMAP_KENDALL;
    CHECK_OK(vmap_moments_associate(x, 3, 2, NULL, &o, &a, &err), &err);
    CHECK_NEAR(gsl_matrix_get(a->moments->r, 0, 1), 1. / 3, 1e-15);
    vmap_association_free(a);
    o.type = VMAP_SPEARMAN;
    CHECK_OK(vmap_moments_associate(x, 3, 2, NULL, &o, &a, &err), &err);
    CHECK_NEAR(gsl_matrix_get(a->moments->r, 1, 0), .5, 1e-15);
    vmap_association_free(a);
}

static void types_have_names(void)
{
    vmap_error err;

    for (size_t i = 0; i < vmap_association_kinds_count; i++) {
        vmap_association_type type = VMAP_PEARSON;

        CHECK_OK(vmap_association_find(vmap_association_kinds[i].name, &type, &err), &err);
        CHECK_COUNT((size_t)type, i);
    }
    vmap_association_type type = VMAP_MIXED;
    CHECK_FAILS(vmap_association_find("gamma", &type, &err), VMAP_ENOENT, &err, "one of pearson");
    CHECK(type == VMAP_MIXED);
}

/* ---- properties ---- */

/* Whole weights are repeated rows, for every type and both rules of missing answers. */
static void a_whole_weight_is_as_many_respondents_for_every_type(void)
{
    gsl_matrix *holes = read_reference("association.tsv", "holes"), *x = first_columns(holes, 5);
    gsl_matrix *w = read_reference("association.tsv", "weights");
    size_t total = 0, at = 0;
    gsl_matrix *rows;

    for (size_t i = 0; i < w->size1; i++)
        total += (size_t)gsl_matrix_get(w, i, 0);
    rows = gsl_matrix_alloc(total, 5);
    for (size_t i = 0; i < w->size1; i++) {
        for (size_t k = 0; k < (size_t)gsl_matrix_get(w, i, 0); k++) {
            for (size_t j = 0; j < 5; j++)
                gsl_matrix_set(rows, at, j, gsl_matrix_get(x, i, j));
            at++;
        }
    }
    for (size_t t = 0; t < vmap_association_kinds_count; t++) {
        for (int rule = 0; rule < 2 && t != VMAP_TETRACHORIC; rule++) {
            vmap_association_options o;
            vmap_association *weighted, *repeated;

            vmap_association_defaults(&o);
            o.type = (vmap_association_type)t;
            o.missing = rule ? VMAP_LISTWISE : VMAP_PAIRWISE;
            weighted = associate(x, w, &o);
            repeated = associate(rows, NULL, &o);
            if (weighted && repeated) {
                check_equal(weighted->moments->r, repeated->moments->r, 1e-12);
                CHECK_COUNT(weighted->problems_count, repeated->problems_count);
            }
            vmap_association_free(weighted);
            vmap_association_free(repeated);
        }
    }
    gsl_matrix_free(holes);
    gsl_matrix_free(x);
    gsl_matrix_free(w);
    gsl_matrix_free(rows);
}

/* Tables and respondents one by one give the same rank correlations: a respondent of hardly any weight
 * at a value of its own adds levels, up to more than a table takes, and changes nothing else. */
static void many_values_and_few_give_the_same_rank_correlation(void)
{
    enum { N = 500, LIGHT = 80 };
    gsl_rng *rng = vmap_rng_new(4, 0);
    gsl_matrix *x = gsl_matrix_alloc(N, 2), *w = gsl_matrix_alloc(N, 1);
    gsl_matrix *more_x = gsl_matrix_alloc(N + LIGHT, 2), *more_w = gsl_matrix_alloc(N + LIGHT, 1);

    for (size_t i = 0; i < N + LIGHT; i++) {
        double z = gsl_ran_ugaussian(rng), weight = i < N ? .2 + gsl_rng_uniform(rng) : 1e-14;

        for (size_t j = 0; j < 2; j++) {
            double v = i < N ? floor(2 * z + gsl_ran_ugaussian(rng)) : 100 + gsl_rng_uniform(rng);

            gsl_matrix_set(more_x, i, j, v);
            if (i < N)
                gsl_matrix_set(x, i, j, v);
        }
        gsl_matrix_set(more_w, i, 0, weight);
        if (i < N)
            gsl_matrix_set(w, i, 0, weight);
    }
    for (int t = VMAP_SPEARMAN; t <= VMAP_KENDALL; t++) {
        vmap_association *few = associate_as(x, w, (vmap_association_type)t);
        vmap_association *many = associate_as(more_x, more_w, (vmap_association_type)t);

        if (few && many)
            check_equal(few->moments->r, many->moments->r, 1e-12);
        vmap_association_free(few);
        vmap_association_free(many);
    }
    gsl_matrix_free(x);
    gsl_matrix_free(w);
    gsl_matrix_free(more_x);
    gsl_matrix_free(more_w);
    gsl_rng_free(rng);
}

/* Items are counted four at a time: their tables must be those of two items alone, whatever is missing in which of
 * them, with an item that has no partner and one that needs more levels than a joint table takes. */
static void a_pair_among_many_items_is_the_pair_alone(void)
{
    enum { N = 3000, P = 7 };
    gsl_rng *rng = vmap_rng_new(11, 0);
    gsl_matrix *x = gsl_matrix_alloc(N, P), *two = gsl_matrix_alloc(N, 2), *w = gsl_matrix_alloc(N, 1);
    vmap_association_options o;
    vmap_association *all, *alone;

    vmap_association_defaults(&o);
    o.type = VMAP_POLYCHORIC;
    o.most_categories = 40;
    o.variances = true;
    for (size_t r = 0; r < N; r++) {
        double z = gsl_ran_ugaussian(rng);

        gsl_matrix_set(w, r, 0, .2 + 3 * gsl_rng_uniform(rng));
        for (size_t j = 0; j < P; j++) {
            double v = (j == 4 ? 5 : 1) * (z + gsl_ran_ugaussian(rng));

            gsl_matrix_set(x, r, j, j % 3 == 1 && gsl_rng_uniform(rng) < .2 ? NAN : fmin(fmax(floor(v), -15), 15));
        }
    }
    all = associate(x, w, &o);
    for (size_t i = 0; all && i < P; i++) {
        for (size_t j = 0; j < i; j++) {
            for (size_t r = 0; r < N; r++) {
                gsl_matrix_set(two, r, 0, gsl_matrix_get(x, r, j));
                gsl_matrix_set(two, r, 1, gsl_matrix_get(x, r, i));
            }
            alone = associate(two, w, &o);
            CHECK_NEAR(gsl_matrix_get(all->moments->r, i, j), gsl_matrix_get(alone->moments->r, 1, 0), 1e-11);
            CHECK_NEAR(gsl_matrix_get(all->variance, i, j) / gsl_matrix_get(alone->variance, 1, 0), 1, 1e-8);
            vmap_association_free(alone);
        }
    }
    vmap_association_free(all);
    gsl_matrix_free(x);
    gsl_matrix_free(two);
    gsl_matrix_free(w);
    gsl_rng_free(rng);
}

static void the_number_of_threads_changes_nothing(void)
{
    gsl_matrix *holes = read_reference("association.tsv", "holes"), *x = first_columns(holes, 5);
    gsl_matrix *w = read_reference("association.tsv", "weights");

    for (size_t t = VMAP_SPEARMAN; t < vmap_association_kinds_count; t++) {
        vmap_association_options o;
        vmap_association *one, *three;

        if (t == VMAP_TETRACHORIC)
            continue;
        vmap_association_defaults(&o);
        o.type = (vmap_association_type)t;
        o.threads = 1;
        one = associate(x, w, &o);
        o.threads = 3;
        three = associate(x, w, &o);
        if (one && three)
            check_equal(one->moments->r, three->moments->r, 0);
        vmap_association_free(one);
        vmap_association_free(three);
    }
    gsl_matrix_free(holes);
    gsl_matrix_free(x);
    gsl_matrix_free(w);
}

/* Every correlation from -.98 to .98 comes back from the table that a normal distribution gives, to
 * the exactness of the table. */
static void polychoric_recovers_the_correlation_of_exact_tables(void)
{
    enum { N = 400000 };
    gsl_rng *rng = vmap_rng_new(9, 0);
    double table[16];

    for (double rho = -.9; rho <= .91; rho += .3) {
        vmap_polychoric result;
        vmap_error err;

        for (size_t c = 0; c < 16; c++)
            table[c] = 0;
        for (size_t i = 0; i < N; i++) {
            double a = gsl_ran_ugaussian(rng), b = rho * a + sqrt(1 - rho * rho) * gsl_ran_ugaussian(rng);
            size_t r = (size_t)(a > -1) + (size_t)(a > 0) + (size_t)(a > 1.5);
            size_t c = (size_t)(b > -.5) + (size_t)(b > .2) + (size_t)(b > 1);

            table[r * 4 + c]++;
        }
        CHECK_OK(vmap_moments_polychoric(table, NULL, 4, 4, &result, &err), &err);
        CHECK_NEAR(result.rho, rho, 5 * sqrt(result.variance));
        CHECK(result.variance > 0 && result.variance < 4e-6 && result.variance > 1e-8);
    }
    gsl_rng_free(rng);
}

/* ---- refusals and edges ---- */

static void a_perfect_order_stops_at_the_boundary(void)
{
    static const double perfect[] = {5, 0, 0, 0, 7, 0, 0, 0, 3}, turned[] = {0, 4, 6, 0};
    static const double unused[] = {4, 0, 2, 0, 0, 0, 1, 0, 5};
    vmap_polychoric result;
    vmap_error err;

    CHECK_OK(vmap_moments_polychoric(perfect, NULL, 3, 3, &result, &err), &err);
    CHECK_NEAR(result.rho, .9999, 0);
    CHECK(result.boundary && isnan(result.variance));
    CHECK_OK(vmap_moments_polychoric(turned, NULL, 2, 2, &result, &err), &err);
    CHECK_NEAR(result.rho, -.9999, 0);
    /* an unused category is none */
    CHECK_OK(vmap_moments_polychoric(unused, NULL, 3, 3, &result, &err), &err);
    CHECK_COUNT(result.cells, 4);
    CHECK_COUNT(result.empty, 0);
}

static void tables_that_are_none_are_refused(void)
{
    static const double one[] = {3, 4, 0, 0}, bad[] = {1, 2, -1, 4};
    vmap_polychoric result = {.rho = 7};
    vmap_error err;

    CHECK_FAILS(vmap_moments_polychoric(one, NULL, 2, 2, &result, &err), VMAP_EDATA, &err,
                "only one category");
    CHECK_FAILS(vmap_moments_polychoric(bad, NULL, 2, 2, &result, &err), VMAP_EINVAL, &err,
                "no sum of weights");
    CHECK_FAILS(vmap_moments_polychoric(one, NULL, 1, 4, &result, &err), VMAP_EINVAL, &err, "1 x 4");
    CHECK_NEAR(result.rho, 7, 0);
}

static void refuse(const double *x, size_t n, size_t p, vmap_association_options o, const char *column,
                   const char *words)
{
    vmap_association *a = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_moments_associate(x, n, p, NULL, &o, &a, &err), VMAP_EDATA, &err, words);
    CHECK_TEXT(err.column, column);
    CHECK(a == NULL);
}

static void items_without_categories_are_refused_by_number(void)
{
    static const double x[] = {1, 1.5, 2, 2.5, 1, 3.5, 2, 1.25, 1, 2};
    static const double many[] = {1, 1, 2, 2, 1, 3, 2, 4, 1, 5};
    vmap_association_options o;
    vmap_association *a = NULL;
    vmap_error err;

    vmap_association_defaults(&o);
    o.type = VMAP_POLYCHORIC;
    refuse(x, 5, 2, o, "2", "the item has fractions");
    o.most_categories = 4;
    refuse(many, 5, 2, o, "2", "5 different values");
    o.type = VMAP_TETRACHORIC;
    refuse(many, 5, 2, o, "2", "takes up to 2 categories");
    o.em = true;
    CHECK_FAILS(vmap_moments_associate(many, 5, 2, NULL, &o, &a, &err), VMAP_EINVAL, &err,
                "EM estimates Pearson");
    o.em = false;
    o.most_categories = 1;
    CHECK_FAILS(vmap_moments_associate(many, 5, 2, NULL, &o, &a, &err), VMAP_EINVAL, &err, "2..64");
}

static void the_number_for_tests_is_the_harmonic_mean(void)
{
    static const double x[] = {1, 2, 3, 2, 1, 5, 3, 5, 1, 4, 4, 2, 5, NAN, 4, 6, NAN, 6};
    vmap_association_options o;
    vmap_association *a = NULL;
    vmap_error err;

    vmap_association_defaults(&o);
    CHECK_OK(vmap_moments_associate(x, 6, 3, NULL, &o, &a, &err), &err);
    if (a) /* pairs with 4, 6 and 4 respondents */
        CHECK_NEAR(vmap_moments_test_n(a->moments), 3 / (1. / 4 + 1. / 6 + 1. / 4), 1e-13);
    vmap_association_free(a);
    vmap_association_free(NULL);
}

static const test_case cases[] = {
    TEST(rank_correlations_are_those_of_r),
    TEST(polychoric_correlations_are_the_two_step_estimates),
    TEST(variances_and_polyserial_correlations_are_those_of_lavaan),
    TEST(no_cell_of_a_sparse_table_is_corrected),
    TEST(a_table_halved_twice_by_hand),
    TEST(three_respondents_by_hand),
    TEST(types_have_names),
    TEST(a_whole_weight_is_as_many_respondents_for_every_type),
    TEST(many_values_and_few_give_the_same_rank_correlation),
    TEST(a_pair_among_many_items_is_the_pair_alone),
    TEST(the_number_of_threads_changes_nothing),
    TEST(polychoric_recovers_the_correlation_of_exact_tables),
    TEST(a_perfect_order_stops_at_the_boundary),
    TEST(tables_that_are_none_are_refused),
    TEST(items_without_categories_are_refused_by_number),
    TEST(the_number_for_tests_is_the_harmonic_mean),
};
SUITE(moments_associate_suite, cases);
