#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "support/check.h"
#include "valuemap/match.h"
#include "valuemap/rng.h"

static const char FILE_NAME[] = "cluster_match.tsv";

static gsl_matrix *read_numbered(const char *name, size_t i)
{
    char quantity[40];

    snprintf(quantity, sizeof quantity, "%s_%zu", name, i);
    return read_reference(FILE_NAME, quantity);
}

/* ---- assignment ---- */

static double least_total(void *context, size_t row, size_t col)
{
    gsl_matrix *cost = read_numbered("cost", row + 1);
    size_t *match = calloc(cost->size1, sizeof *match), pairs = 0;
    bool *taken = calloc(cost->size2, sizeof *taken);
    double total = NAN, sum = 0;
    vmap_error err;

    (void)context, (void)col;
    CHECK_OK(vmap_match_assign(cost, match, &total, &err), &err);
    for (size_t i = 0; i < cost->size1; i++) {
        if (match[i] == SIZE_MAX)
            continue;
        CHECK(!taken[match[i]]);
        taken[match[i]] = true;
        sum += gsl_matrix_get(cost, i, match[i]);
        pairs++;
    }
    CHECK_COUNT(pairs, cost->size1 < cost->size2 ? cost->size1 : cost->size2);
    CHECK_NEAR(sum, total, 1e-12);
    free(match);
    free(taken);
    gsl_matrix_free(cost);
    return total;
}

static void assignments_cost_what_lp_assign_finds(void)
{
    check_reference(FILE_NAME, "assign", 8, least_total, NULL);
}

static void costs_that_are_no_numbers_are_refused(void)
{
    double at[] = {1, 2, 3, NAN};
    gsl_matrix_view cost = gsl_matrix_view_array(at, 2, 2);
    size_t match[2] = {7, 7};
    double total = 5, mass[] = {1, 1}, other[] = {1, 2}, none[] = {0, 0};
    vmap_error err;

    CHECK_FAILS(vmap_match_assign(&cost.matrix, match, &total, &err), VMAP_EDATA, &err,
                "row 2, column 2 is nan");
    CHECK_COUNT(match[0], 7);
    at[3] = -1;
    CHECK_OK(vmap_match_assign(&cost.matrix, match, &total, &err), &err);
    CHECK_NEAR(total, 0, 0);
    CHECK_FAILS(vmap_match_transport(&cost.matrix, mass, mass, NULL, &total, &err), VMAP_EDATA, &err,
                "finite number from 0");
    at[3] = 1;
    CHECK_FAILS(vmap_match_transport(&cost.matrix, mass, other, NULL, &total, &err), VMAP_EINVAL, &err,
                "must be equal");
    CHECK_FAILS(vmap_match_transport(&cost.matrix, none, none, NULL, &total, &err), VMAP_EINVAL, &err,
                "every supply is 0");
}

/* ---- transport ---- */

static double cheapest(void *context, size_t row, size_t col)
{
    gsl_matrix *cost = read_numbered("transport_cost", row + 1), *a = read_numbered("supply", row + 1),
               *b = read_numbered("demand", row + 1), *flow = gsl_matrix_alloc(cost->size1, cost->size2);
    double total = NAN, mass = 0;
    vmap_error err;

    (void)context, (void)col;
    CHECK_OK(vmap_match_transport(cost, a->data, b->data, flow, &total, &err), &err);
    for (size_t i = 0; i < cost->size1; i++) {
        double out = 0;

        for (size_t j = 0; j < cost->size2; j++) {
            CHECK(gsl_matrix_get(flow, i, j) >= 0);
            out += gsl_matrix_get(flow, i, j);
        }
        CHECK_NEAR(out, gsl_matrix_get(a, i, 0), 1e-9);
        mass += out;
    }
    for (size_t j = 0; j < cost->size2; j++) {
        double in = 0;

        for (size_t i = 0; i < cost->size1; i++)
            in += gsl_matrix_get(flow, i, j);
        CHECK_NEAR(in, gsl_matrix_get(b, j, 0), 1e-9);
    }
    gsl_matrix_free(cost);
    gsl_matrix_free(a);
    gsl_matrix_free(b);
    gsl_matrix_free(flow);
    return total / mass;
}

static void transport_costs_what_lp_transport_finds(void)
{
    check_reference(FILE_NAME, "transport", 8, cheapest, NULL);
}

/* With equal masses a cheapest transport is an assignment, and one way costs what the other does. */
static void transport_of_single_units_is_an_assignment(void)
{
    enum { N = 60 };
    gsl_rng *rng = vmap_rng_new(3, 0);
    gsl_matrix *cost = gsl_matrix_alloc(N, N), *turned = gsl_matrix_alloc(N, N);
    double mass[N], one, other, assigned;
    size_t match[N];
    vmap_error err;

    for (size_t i = 0; i < N; i++) {
        mass[i] = 1. / N;
        for (size_t j = 0; j < N; j++)
            gsl_matrix_set(cost, i, j, gsl_rng_uniform(rng));
    }
    gsl_matrix_transpose_memcpy(turned, cost);
    CHECK_OK(vmap_match_transport(cost, mass, mass, NULL, &one, &err), &err);
    CHECK_OK(vmap_match_transport(turned, mass, mass, NULL, &other, &err), &err);
    CHECK_OK(vmap_match_assign(cost, match, &assigned, &err), &err);
    CHECK_NEAR(one, assigned / N, 1e-12);
    CHECK_NEAR(other, one, 1e-12);
    gsl_matrix_free(cost);
    gsl_matrix_free(turned);
    gsl_rng_free(rng);
}

/* ---- trees ---- */

static vmap_tree *grow(const gsl_matrix *x, vmap_linkage linkage)
{
    vmap_units u = {.points = x};
    vmap_tree *tree = NULL;
    vmap_error err;

    CHECK_OK(vmap_cluster_tree(&u, linkage, 1, &tree, &err), &err);
    return tree;
}

static double likeness(void *context, size_t row, size_t col)
{
    const vmap_tree_match *m = context;
    double value[] = {m->baker, m->cophenetic, (double)m->distinct};

    (void)col;
    return value[row];
}

static void trees_are_as_alike_as_dendextend_says(void)
{
    static const vmap_linkage pairs[][2] = {{VMAP_WARD, VMAP_AVERAGE}, {VMAP_AVERAGE, VMAP_COMPLETE},
                                            {VMAP_COMPLETE, VMAP_SINGLE}, {VMAP_SINGLE, VMAP_WARD}};
    gsl_matrix *x = read_reference("cluster.tsv", "arrests");

    for (size_t i = 0; i < 4; i++) {
        vmap_tree *a = grow(x, pairs[i][0]), *b = grow(x, pairs[i][1]);
        vmap_tree_match m;
        char quantity[32];
        vmap_error err;

        CHECK_OK(vmap_match_trees(a, b, &m, &err), &err);
        snprintf(quantity, sizeof quantity, "trees_%zu", i + 1);
        check_reference(FILE_NAME, quantity, 3, likeness, &m);
        CHECK_NEAR(m.foulds, (double)m.distinct / 96, 1e-12);
        vmap_tree_free(a);
        vmap_tree_free(b);
    }
    gsl_matrix_free(x);
}

static size_t crossings(const vmap_tree *a, const vmap_tree *b)
{
    vmap_tree_match m = {0};
    vmap_error err;

    CHECK_OK(vmap_match_trees(a, b, &m, &err), &err);
    return m.crossings;
}

static void a_tree_is_like_itself_however_it_is_drawn(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "arrests");
    vmap_tree *a = grow(x, VMAP_WARD), *b = grow(x, VMAP_WARD);
    vmap_tree_match m;
    vmap_error err;

    for (size_t i = 0; i < 25; i++) {
        size_t kept = b->order[i];

        b->order[i] = b->order[49 - i];
        b->order[49 - i] = kept;
    }
    CHECK_OK(vmap_match_trees(a, b, &m, &err), &err);
    CHECK_NEAR(m.baker, 1, 1e-12);
    CHECK_NEAR(m.cophenetic, 1, 1e-12);
    CHECK_COUNT(m.distinct, 0);
    CHECK_NEAR(m.entanglement, 1, 1e-12);
    CHECK_COUNT(m.crossings, 50 * 49 / 2);
    CHECK_OK(vmap_match_untangle(a, b, &err), &err);
    CHECK_COUNT(crossings(a, b), 0);
    vmap_tree_free(a);
    vmap_tree_free(b);
    gsl_matrix_free(x);
}

/* Every way to turn the six branches of one tree of seven leaves. */
static void untangled_trees_have_no_better_turn(void)
{
    for (uint64_t seed = 0; seed < 10; seed++) {
        gsl_rng *rng = vmap_rng_new(seed, 0);
        gsl_matrix *x = gsl_matrix_alloc(7, 2);
        vmap_tree *a, *b;
        size_t best, before;
        vmap_error err;

        for (size_t i = 0; i < 14; i++)
            x->data[i] = gsl_ran_ugaussian(rng);
        a = grow(x, VMAP_WARD);
        b = grow(x, VMAP_SINGLE);
        before = crossings(a, b);
        CHECK_OK(vmap_match_untangle(a, b, &err), &err);
        best = crossings(a, b);
        CHECK(best <= before);
        for (unsigned turns = 0; turns < 64; turns++) {
            size_t stack[16], depth = 0, leaves = 0, order[7];
            vmap_tree copy = *b;

            stack[depth++] = 12;
            while (depth) {
                size_t node = stack[--depth];

                if (node < 7) {
                    order[leaves++] = node;
                    continue;
                }
                stack[depth++] = b->merge[node - 7][turns >> (node - 7) & 1];
                stack[depth++] = b->merge[node - 7][!(turns >> (node - 7) & 1)];
            }
            copy.order = order;
            CHECK(crossings(a, &copy) >= best);
        }
        vmap_tree_free(a);
        vmap_tree_free(b);
        gsl_matrix_free(x);
        gsl_rng_free(rng);
    }
}

static void small_and_unequal_trees(void)
{
    double at[] = {0, 1, 5, 7};
    gsl_matrix_view two = gsl_matrix_view_array(at, 2, 1), four = gsl_matrix_view_array(at, 4, 1);
    vmap_tree *a = grow(&two.matrix, VMAP_WARD), *b = grow(&four.matrix, VMAP_WARD);
    vmap_tree_match m;
    vmap_error err;

    CHECK_OK(vmap_match_trees(a, a, &m, &err), &err);
    CHECK_NEAR(m.baker, 1, 0);
    CHECK(isnan(m.cophenetic) && isnan(m.foulds));
    CHECK_FAILS(vmap_match_trees(a, b, &m, &err), VMAP_EINVAL, &err, "2 and 4 leaves");
    CHECK_FAILS(vmap_match_untangle(a, b, &err), VMAP_EINVAL, &err, "2 and 4 leaves");
    vmap_tree_free(a);
    vmap_tree_free(b);
}

/* ---- maps ---- */

static double scale(void *m, size_t row, size_t col)
{
    (void)row, (void)col;
    return ((vmap_map_match *)m)->scale;
}

static double residual(void *m, size_t row, size_t col)
{
    (void)col;
    return gsl_vector_get(((vmap_map_match *)m)->residual, row);
}

static double protest(void *m, size_t row, size_t col)
{
    (void)row, (void)col;
    return ((vmap_map_match *)m)->protest.value;
}

static double mantel(void *m, size_t row, size_t col)
{
    (void)row, (void)col;
    return ((vmap_map_match *)m)->mantel.value;
}

static void maps_are_laid_over_one_another_as_by_vegan(void)
{
    gsl_matrix *human = read_reference(FILE_NAME, "human"), *persona = read_reference(FILE_NAME, "persona");
    vmap_permutation_options o;
    vmap_map_match *m = NULL;
    vmap_error err;

    vmap_permutation_defaults(&o);
    o.permutations = 199;
    CHECK_OK(vmap_match_maps(human, persona, &o, &m, &err), &err);
    check_reference(FILE_NAME, "map_scale", 1, scale, m);
    check_reference(FILE_NAME, "map_residual", 12, residual, m);
    check_reference(FILE_NAME, "map_protest", 1, protest, m);
    check_reference(FILE_NAME, "map_mantel", 1, mantel, m);
    CHECK_NEAR(m->degrees, 25, 5);
    CHECK(!m->mirrored);
    CHECK_NEAR(m->protest.p, 1. / 200, 1e-12);
    vmap_map_match_free(m);
    gsl_matrix_free(human);
    gsl_matrix_free(persona);
}

static void an_exact_copy_leaves_nothing(void)
{
    gsl_matrix *human = read_reference(FILE_NAME, "human"), *persona = gsl_matrix_alloc(12, 2);
    vmap_permutation_options o;
    vmap_map_match *m = NULL;
    double q = -130 * M_PI / 180;
    vmap_error err;

    vmap_permutation_defaults(&o);
    o.permutations = 0;
    for (size_t i = 0; i < 12; i++) {
        double x = gsl_matrix_get(human, i, 0), y = gsl_matrix_get(human, i, 1);

        gsl_matrix_set(persona, i, 0, .4 * (cos(q) * x - sin(q) * y) - 1);
        gsl_matrix_set(persona, i, 1, .4 * (sin(q) * x + cos(q) * y) + 2);
    }
    CHECK_OK(vmap_match_maps(human, persona, &o, &m, &err), &err);
    CHECK_NEAR(m->scale, .4, 1e-12);
    CHECK_NEAR(m->spread, .4, 1e-12);
    CHECK_NEAR(m->degrees, -130, 1e-9);
    CHECK(!m->mirrored);
    for (size_t i = 0; i < 12; i++)
        CHECK_NEAR(gsl_vector_get(m->residual, i), 0, 1e-12);
    vmap_map_match_free(m);
    gsl_matrix_free(human);
    gsl_matrix_free(persona);
}

static const test_case cases[] = {
    TEST(assignments_cost_what_lp_assign_finds),
    TEST(costs_that_are_no_numbers_are_refused),
    TEST(transport_costs_what_lp_transport_finds),
    TEST(transport_of_single_units_is_an_assignment),
    TEST(trees_are_as_alike_as_dendextend_says),
    TEST(a_tree_is_like_itself_however_it_is_drawn),
    TEST(untangled_trees_have_no_better_turn),
    TEST(small_and_unequal_trees),
    TEST(maps_are_laid_over_one_another_as_by_vegan),
    TEST(an_exact_copy_leaves_nothing),
};
SUITE(cluster_match_suite, cases);
