#include <config.h>
#include "valuemap/distributions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "valuemap/rng.h"

/* Respondents written down one by one. */
enum { ROWS = 12, ITEMS = 2 };
static const double codes_a[] = {1, 2, 3, 4}, codes_b[] = {0, 10};
static vmap_points points[ITEMS] = {{4, (double *)codes_a, true}, {2, (double *)codes_b, false}};
static const size_t item[ITEMS] = {2, 0}; /* the file has three columns; the middle one is not wanted */

typedef struct {
    double values[ROWS * 3], weights[ROWS];
    unsigned char reasons[ROWS * 3];
    size_t cell[ROWS], cluster[ROWS];
    vmap_responses_source source;
    size_t n;
} scene;

static void open_scene(scene *s, size_t cells)
{
    memset(s, 0, sizeof *s);
    s->source = (vmap_responses_source){.width = 3, .values = s->values, .reasons = s->reasons,
                                        .weights = s->weights, .p = ITEMS, .item = item,
                                        .points = points, .cells = cells, .cell = s->cell};
}

static void add(scene *s, size_t cell, double weight, double a, double b)
{
    double *x = s->values + 3 * s->n;

    x[2] = a;
    x[1] = -77;
    x[0] = b;
    for (int i = 0; i < 3; i++)
        s->reasons[3 * s->n + (size_t)i] = isnan(x[i]) ? VMAP_REFUSED : VMAP_PRESENT;
    s->weights[s->n] = weight;
    s->cell[s->n] = cell;
    s->source.n = ++s->n;
}

static vmap_responses *responses_of(const scene *s)
{
    vmap_responses *r = NULL;
    vmap_error err;

    CHECK_OK(vmap_responses_new(&s->source, &r, &err), &err);
    return r;
}

static vmap_distributions *distributions_of(const vmap_responses *r, const size_t *group, size_t groups,
                                            const double *factor)
{
    vmap_distributions *d = NULL;
    vmap_error err;

    CHECK_OK(vmap_distributions_new(r, points, group, groups, factor, &d, &err), &err);
    return d;
}

static double share(const vmap_distributions *d, size_t g, size_t j, size_t k)
{
    return d->share[g * d->offset[d->p] + d->offset[j] + k];
}

static double reason(const vmap_distributions *d, size_t g, size_t j, size_t why)
{
    return d->reason[(g * d->p + j) * (VMAP_REASONS + 1) + why];
}

static const size_t together[] = {0, 0, 0}, apart[] = {0, 1, 2};

/* ---- known values ---- */

/* Weights 1, 2, 3 on codes 1, 3, 3 and a refusal of weight 4: shares 1/6, 0, 5/6, 0; n_eff = 36/14. */
static void weighted_shares_by_hand(void)
{
    vmap_responses *r;
    vmap_distributions *d;
    scene s;

    open_scene(&s, 1);
    add(&s, 0, 1, 1, 0);
    add(&s, 0, 2, 3, 10);
    add(&s, 0, 3, 3, 10);
    add(&s, 0, 4, NAN, 10);
    r = responses_of(&s);
    d = distributions_of(r, apart, 1, NULL);
    CHECK_NEAR(share(d, 0, 0, 0), 1.0 / 6, 1e-16);
    CHECK_NEAR(share(d, 0, 0, 1), 0, 0);
    CHECK_NEAR(share(d, 0, 0, 2), 5.0 / 6, 2e-16);
    CHECK_NEAR(share(d, 0, 0, 3), 0, 0);
    CHECK_NEAR(share(d, 0, 1, 1), .9, 2e-16);
    CHECK_COUNT(d->n[0], 3);
    CHECK_COUNT(d->n[1], 4);
    CHECK_COUNT(d->rows[0], 4);
    CHECK_NEAR(d->weight[0], 6, 0);
    CHECK_NEAR(d->n_eff[0], 36.0 / 14, 1e-15);
    CHECK_NEAR(d->n_eff[1], 100.0 / 30, 1e-15);
    CHECK_NEAR(reason(d, 0, 0, VMAP_PRESENT), .6, 1e-16);
    CHECK_NEAR(reason(d, 0, 0, VMAP_REFUSED), .4, 1e-16);
    CHECK(r->weighted && !r->clustered);
    vmap_distributions_free(d);
    vmap_responses_free(r);
}

/* Numbers between two points and outside the scale are no answers, and are counted apart. */
static void numbers_that_are_no_scale_point_are_counted(void)
{
    vmap_responses *r;
    vmap_distributions *d;
    scene s;

    open_scene(&s, 1);
    add(&s, 0, 1, 2.5, 5);
    add(&s, 0, 1, 0, 11);
    add(&s, 0, 1, 4, -1);
    add(&s, 0, 1, 5, 0);
    r = responses_of(&s);
    d = distributions_of(r, apart, 1, NULL);
    CHECK_COUNT(d->n[0], 1);
    CHECK_NEAR(share(d, 0, 0, 3), 1, 0);
    CHECK_NEAR(reason(d, 0, 0, VMAP_REASONS), .25, 0);
    CHECK_NEAR(reason(d, 0, 0, VMAP_OUT_OF_RANGE), .5, 0);
    CHECK_NEAR(reason(d, 0, 1, VMAP_REASONS), .25, 0);
    CHECK_NEAR(reason(d, 0, 1, VMAP_OUT_OF_RANGE), .5, 0);
    CHECK_NEAR(share(d, 0, 1, 0), 1, 0);
    vmap_distributions_free(d);
    vmap_responses_free(r);
}

/* Three personas asked twice. Item 1: each always says the same (1, 2, 2): n_eff = 3. Item 2: each says
 * both once: every persona has the same shares, no variance between them: n_eff = 6 answers.
 * A mixture by hand: (1,1), (1,2), (2,2): shares 1/2, 1/2; S_k var = 2 ((1-.5)^2 + 0 + (.5)^2)/9 = 1/9, so
 * that n_eff = .5 / (1/9) = 4.5. */
static void repeated_answers_count_by_what_they_add(void)
{
    vmap_responses *r;
    vmap_distributions *d;
    scene s;

    open_scene(&s, 2);
    s.source.cluster = s.cluster;
    for (size_t i = 0; i < 6; i++) {
        add(&s, 0, 1, i < 2 ? 1 : 2, i % 2 ? 0 : 10);
        s.cluster[i] = i / 2;
    }
    for (size_t i = 0; i < 6; i++) {
        add(&s, 1, 1, i < 3 ? 1 : 2, NAN);
        s.cluster[6 + i] = 7 - i / 2;
    }
    r = responses_of(&s);
    d = distributions_of(r, apart, 2, NULL);
    CHECK(r->clustered);
    CHECK_COUNT(r->clusters, 6);
    CHECK_NEAR(d->n_eff[0], 3, 1e-14);
    CHECK_NEAR(d->n_eff[1], 6, 1e-14);
    CHECK_NEAR(d->n_eff[2], 4.5, 1e-14);
    CHECK_COUNT(d->clusters[0], 3);
    CHECK_COUNT(d->n[0], 6);
    CHECK_NEAR(d->n_eff[3], 0, 0);
    vmap_distributions_free(d);
    vmap_responses_free(r);
}

/* ---- properties ---- */

static void set_three_cells(scene *s)
{
    open_scene(s, 3);
    add(s, 2, 1.5, 1, 0);
    add(s, 0, .5, 2, 10);
    add(s, 1, 1, 3, NAN);
    add(s, 2, 2, 4, 10);
    add(s, 3, 9, 4, 0); /* in no cell */
    add(s, 0, 0, 4, 0); /* weight 0 */
    add(s, 1, 1, NAN, 0);
    add(s, 0, 1, 1, 10);
}

static void pooled_groups_are_sums_of_cells(void)
{
    vmap_responses *r;
    vmap_distributions *all, *cells;
    scene s;

    set_three_cells(&s);
    r = responses_of(&s);
    CHECK_COUNT(r->n, 6);
    all = distributions_of(r, together, 1, NULL);
    cells = distributions_of(r, apart, 3, NULL);
    for (size_t j = 0; j < ITEMS; j++) {
        for (size_t k = 0; k < points[j].count; k++) {
            double sum = 0, weight = 0;

            for (size_t g = 0; g < 3; g++) {
                sum += share(cells, g, j, k) * cells->weight[g * ITEMS + j];
                weight += cells->weight[g * ITEMS + j];
            }
            CHECK_NEAR(share(all, 0, j, k), sum / weight, 1e-15);
        }
    }
    vmap_distributions_free(all);
    vmap_distributions_free(cells);
    vmap_responses_free(r);
}

static void shares_do_not_depend_on_the_unit_of_weight(void)
{
    vmap_responses *r, *scaled;
    vmap_distributions *a, *b;
    scene s;

    set_three_cells(&s);
    r = responses_of(&s);
    for (size_t i = 0; i < s.n; i++)
        s.weights[i] *= 8;
    scaled = responses_of(&s);
    a = distributions_of(r, together, 1, NULL);
    b = distributions_of(scaled, together, 1, NULL);
    CHECK(memcmp(a->share, b->share, a->offset[ITEMS] * sizeof *a->share) == 0);
    CHECK(memcmp(a->n_eff, b->n_eff, ITEMS * sizeof *a->n_eff) == 0);
    CHECK(memcmp(a->reason, b->reason, ITEMS * (VMAP_REASONS + 1) * sizeof *a->reason) == 0);
    vmap_distributions_free(a);
    vmap_distributions_free(b);
    vmap_responses_free(r);
    vmap_responses_free(scaled);
}

static void the_order_of_the_file_does_not_matter(void)
{
    static const size_t order[] = {7, 2, 5, 0, 3, 6, 1, 4};
    vmap_responses *r, *turned;
    scene s, t;

    set_three_cells(&s);
    open_scene(&t, 3);
    for (size_t i = 0; i < s.n; i++)
        add(&t, s.cell[order[i]], s.weights[order[i]], s.values[3 * order[i] + 2],
            s.values[3 * order[i]]);
    r = responses_of(&s);
    turned = responses_of(&t);
    CHECK_COUNT(turned->n, r->n);
    CHECK(memcmp(r->point, turned->point, r->n * ITEMS) == 0);
    CHECK(memcmp(r->weight, turned->weight, r->n * sizeof *r->weight) == 0);
    CHECK(memcmp(r->cell_start, turned->cell_start, 4 * sizeof *r->cell_start) == 0);
    vmap_responses_free(r);
    vmap_responses_free(turned);
}

/* A factor on a cell is the same as other weights in it. */
static void factors_reweight_cells(void)
{
    static const double factor[] = {2, .5, 0};
    vmap_responses *r, *weighted;
    vmap_distributions *a, *b;
    scene s;

    set_three_cells(&s);
    r = responses_of(&s);
    a = distributions_of(r, together, 1, factor);
    for (size_t i = 0; i < s.n; i++)
        s.weights[i] *= s.cell[i] < 3 ? factor[s.cell[i]] : 1;
    weighted = responses_of(&s);
    b = distributions_of(weighted, together, 1, NULL);
    for (size_t c = 0; c < a->offset[ITEMS]; c++)
        CHECK_NEAR(a->share[c], b->share[c], 1e-15);
    CHECK_NEAR(a->n_eff[0], b->n_eff[0], 1e-14);
    vmap_distributions_free(a);
    vmap_distributions_free(b);
    vmap_responses_free(r);
    vmap_responses_free(weighted);
}

/* ---- counted while they are read ---- */

/* The scene's respondents by their cells; those in no cell are in the last row. */
static vmap_tally *tally_of(const scene *s, const size_t *order)
{
    vmap_error err;
    vmap_tally *t = vmap_tally_new(points, ITEMS, &err);

    for (size_t i = 0; t && i < s->n; i++) {
        size_t r = order ? order[i] : i;
        double values[ITEMS] = {s->values[3 * r + 2], s->values[3 * r]};
        unsigned char reasons[ITEMS] = {s->reasons[3 * r + 2], s->reasons[3 * r]};

        CHECK_OK(vmap_tally_add(t, s->cell[r], values, reasons, s->weights[r], &err), &err);
    }
    return t;
}

static vmap_distributions *tallied(const vmap_tally *t, const size_t *group, size_t groups, const double *factor)
{
    static const size_t both[] = {0, 1};
    vmap_distributions *d = NULL;
    vmap_error err;

    CHECK_OK(vmap_distributions_tallied(t, both, points, ITEMS, 3, group, groups, factor, &d, &err), &err);
    return d;
}

/* As weighted_shares_by_hand(): 1/6, 0, 5/6, 0; n_eff = 36/14. */
static void counted_shares_by_hand(void)
{
    vmap_distributions *d;
    vmap_tally *t;
    scene s;

    open_scene(&s, 1);
    add(&s, 0, 1, 1, 0);
    add(&s, 0, 2, 3, 10);
    add(&s, 0, 3, 3, 10);
    add(&s, 0, 4, NAN, 10);
    s.reasons[3 * 1] = VMAP_NO_COLUMN; /* item 2 of the second respondent */
    s.values[3 * 1] = NAN;
    t = tally_of(&s, NULL);
    d = tallied(t, apart, 1, NULL);
    CHECK_NEAR(share(d, 0, 0, 0), 1.0 / 6, 1e-16);
    CHECK_NEAR(share(d, 0, 0, 1), 0, 0);
    CHECK_NEAR(share(d, 0, 0, 2), 5.0 / 6, 2e-16);
    CHECK_NEAR(share(d, 0, 1, 1), 7.0 / 8, 1e-16);
    CHECK_COUNT(d->n[0], 3);
    CHECK_COUNT(d->n[1], 3);
    CHECK_COUNT(d->clusters[0], 3);
    CHECK_COUNT(d->rows[0], 4);
    CHECK_NEAR(d->weight[0], 6, 0);
    CHECK_NEAR(d->n_eff[0], 36.0 / 14, 1e-15);
    CHECK_NEAR(reason(d, 0, 0, VMAP_PRESENT), .6, 1e-16);
    CHECK_NEAR(reason(d, 0, 0, VMAP_REFUSED), .4, 1e-16);
    CHECK_NEAR(reason(d, 0, 1, VMAP_NO_COLUMN), .2, 1e-16);
    CHECK(vmap_tally_weighted(t));
    CHECK_NEAR(vmap_tally_weight(t, 0), 10, 0);
    CHECK_NEAR(vmap_tally_weight(t, 9), 0, 0);
    vmap_distributions_free(d);
    vmap_tally_free(t);
}

/* Bit by bit. */
static void check_same(const vmap_distributions *a, const vmap_distributions *b)
{
    size_t all = a->groups * ITEMS;

    for (size_t c = 0; c < a->groups * a->offset[ITEMS]; c++)
        CHECK(a->share[c] == b->share[c] || (isnan(a->share[c]) && isnan(b->share[c])));
    CHECK(memcmp(a->rows, b->rows, a->groups * sizeof *a->rows) == 0);
    CHECK(memcmp(a->n, b->n, all * sizeof *a->n) == 0);
    CHECK(memcmp(a->clusters, b->clusters, all * sizeof *a->clusters) == 0);
    CHECK(memcmp(a->n_eff, b->n_eff, all * sizeof *a->n_eff) == 0);
    CHECK(memcmp(a->weight, b->weight, all * sizeof *a->weight) == 0);
    for (size_t i = 0; i < all * (VMAP_REASONS + 1); i++)
        CHECK(a->reason[i] == b->reason[i] || (isnan(a->reason[i]) && isnan(b->reason[i])));
}

/* Counted one by one or kept together: the same distributions, with factors and groups, in any order of the file. */
static void counted_is_the_same_as_kept(void)
{
    static const size_t order[] = {7, 2, 5, 0, 3, 6, 1, 4}, some[] = {1, 2, 0};
    static const double factor[] = {2, .5, 0}, others[] = {.3, 1, 7};
    const size_t *groups[] = {together, apart, some};
    const double *factors[] = {NULL, factor, others};
    vmap_tally *t, *turned;
    vmap_responses *r;
    scene s;

    set_three_cells(&s);
    s.values[2] = 2.5; /* between two points */
    r = responses_of(&s);
    t = tally_of(&s, NULL);
    turned = tally_of(&s, order);
    for (size_t g = 0; g < 3; g++) {
        for (size_t f = 0; f < 3; f++) {
            size_t count = g == 0 ? 1 : g == 1 ? 3 : 2; /* the third leaves a cell out */
            vmap_distributions *a = distributions_of(r, groups[g], count, factors[f]);
            vmap_distributions *b = tallied(t, groups[g], count, factors[f]);
            vmap_distributions *c = tallied(turned, groups[g], count, factors[f]);

            check_same(a, b);
            check_same(b, c);
            vmap_distributions_free(a);
            vmap_distributions_free(b);
            vmap_distributions_free(c);
        }
    }
    vmap_responses_free(r);
    vmap_tally_free(t);
    vmap_tally_free(turned);
}

/* 1,000 respondents with uneven weights in three cells, counted in 30 rows of which each cell has ten, as when their labels are
 * finer than the groups: the same bits as when they are kept. */
static void rows_may_be_finer_than_cells(void)
{
    enum { N = 1000, CELLS = 3, FINE = 30 };
    static const double factor[CELLS] = {.3, 1.7, 1 / 3.};
    gsl_rng *rng = vmap_rng_new(31, 0);
    double *values = calloc(ITEMS * N, sizeof *values), *weights = calloc(N, sizeof *weights);
    unsigned char *reasons = calloc(ITEMS * N, 1);
    size_t *cell = calloc(N, sizeof *cell), both[ITEMS] = {0, 1}, group[FINE];
    double row_factor[FINE];
    vmap_responses_source source = {.n = N, .width = ITEMS, .values = values, .reasons = reasons, .weights = weights, .p = ITEMS,
                                    .item = both, .points = points, .cells = CELLS, .cell = cell};
    vmap_error err;
    vmap_tally *t = vmap_tally_new(points, ITEMS, &err);
    vmap_responses *r = NULL;

    for (size_t i = 0; i < N; i++) {
        size_t row = vmap_rng_below(rng, FINE);

        cell[i] = row % CELLS;
        weights[i] = .01 + gsl_rng_uniform(rng) * (i % 7 ? 1 : 1e5);
        for (size_t j = 0; j < ITEMS; j++) {
            values[i * ITEMS + j] = points[j].code[vmap_rng_below(rng, points[j].count)];
            if (vmap_rng_below(rng, 5) == 0) {
                reasons[i * ITEMS + j] = (unsigned char)(1 + vmap_rng_below(rng, VMAP_REASONS - 1));
                values[i * ITEMS + j] = NAN;
            }
        }
        CHECK_OK(vmap_tally_add(t, row, values + i * ITEMS, reasons + i * ITEMS, weights[i], &err), &err);
    }
    CHECK_OK(vmap_responses_new(&source, &r, &err), &err);
    for (int pooled = 0; pooled < 2; pooled++) {
        for (int with = 0; with < 2; with++) {
            vmap_distributions *a = distributions_of(r, pooled ? together : apart, pooled ? 1 : CELLS, with ? factor : NULL), *b;

            for (size_t row = 0; row < FINE; row++) {
                group[row] = pooled ? 0 : row % CELLS;
                row_factor[row] = factor[row % CELLS];
            }
            CHECK_OK(vmap_distributions_tallied(t, both, points, ITEMS, FINE, group, a->groups, with ? row_factor : NULL, &b, &err),
                     &err);
            check_same(a, b);
            vmap_distributions_free(a);
            vmap_distributions_free(b);
        }
    }
    vmap_responses_free(r);
    vmap_tally_free(t);
    gsl_rng_free(rng);
    free(values);
    free(weights);
    free(reasons);
    free(cell);
}

/* ---- scale points ---- */

static vmap_item item_of(const vmap_range *range, size_t ranges, vmap_scale type)
{
    return (vmap_item){.name = (char *)"X1", .range = (vmap_range *)range, .ranges = ranges,
                       .type = type};
}

static void scale_points_are_the_whole_numbers_of_the_ranges(void)
{
    static const vmap_range ranges[] = {{7, 9}, {-2, 0}, {8, 10}};
    static const double want[] = {-2, -1, 0, 7, 8, 9, 10};
    vmap_item x = item_of(ranges, 3, VMAP_ORDINAL);
    vmap_points p = {0};
    vmap_error err;

    CHECK_OK(vmap_points_declare(&x, &p, &err), &err);
    CHECK_COUNT(p.count, 7);
    CHECK(p.ordered);
    for (size_t i = 0; i < 7 && i < p.count; i++)
        CHECK_NEAR(p.code[i], want[i], 0);
    vmap_points_clear(&p, 1);
    x.type = VMAP_NOMINAL;
    CHECK_OK(vmap_points_declare(&x, &p, &err), &err);
    CHECK(!p.ordered);
    vmap_points_clear(&p, 1);
}

static void items_without_a_scale_of_points_are_refused(void)
{
    static const vmap_range one[] = {{3, 3}, {3, 3}}, wide[] = {{0, 1e12}};
    vmap_item x = item_of(one, 2, VMAP_ORDINAL);
    vmap_points p = {0};
    vmap_error err;

    CHECK_FAILS(vmap_points_declare(&x, &p, &err), VMAP_EDATA, &err, "fewer than two scale points");
    CHECK_TEXT(err.column, "X1");
    x = item_of(wide, 1, VMAP_ORDINAL);
    CHECK_FAILS(vmap_points_declare(&x, &p, &err), VMAP_EDATA, &err, "more than 200");
    x = item_of(wide, 1, VMAP_INTERVAL);
    CHECK_FAILS(vmap_points_declare(&x, &p, &err), VMAP_EDATA, &err, "interval scale");
    CHECK(p.code == NULL);
}

/* ---- edges ---- */

static void nobody_and_nothing_answered(void)
{
    vmap_responses *r;
    vmap_distributions *d;
    scene s;

    open_scene(&s, 2);
    add(&s, 0, 1, NAN, NAN);
    r = responses_of(&s);
    d = distributions_of(r, apart, 2, NULL);
    CHECK(isnan(share(d, 0, 0, 0)));
    CHECK(isnan(share(d, 1, 1, 1)));
    CHECK_NEAR(reason(d, 0, 0, VMAP_REFUSED), 1, 0);
    CHECK(isnan(reason(d, 1, 0, VMAP_REFUSED)));
    CHECK_COUNT(d->rows[1], 0);
    CHECK_NEAR(d->n_eff[0], 0, 0);
    vmap_distributions_free(d);
    vmap_responses_free(r);
}

static const test_case cases[] = {
    TEST(weighted_shares_by_hand),
    TEST(numbers_that_are_no_scale_point_are_counted),
    TEST(repeated_answers_count_by_what_they_add),
    TEST(pooled_groups_are_sums_of_cells),
    TEST(shares_do_not_depend_on_the_unit_of_weight),
    TEST(the_order_of_the_file_does_not_matter),
    TEST(factors_reweight_cells),
    TEST(counted_shares_by_hand),
    TEST(counted_is_the_same_as_kept),
    TEST(rows_may_be_finer_than_cells),
    TEST(scale_points_are_the_whole_numbers_of_the_ranges),
    TEST(items_without_a_scale_of_points_are_refused),
    TEST(nobody_and_nothing_answered),
};
SUITE(compare_distributions_suite, cases);
