#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/check.h"
#include "support/solver.h"
#include "valuemap/congruence.h"
#include "valuemap/factor_bootstrap.h"
#include "valuemap/factor_extract.h"
#include "valuemap/factor_rotate.h"

/* Bootstrap of every association, with weights, strata and gaps, beside R's on the same draws. */

enum { N = 80, P = 5, K = 2 };

static const struct {
    const char *name;
    vmap_association_type type;
    vmap_missing_rule missing;
    bool em;
} kinds[] = {
    {"pearson", VMAP_PEARSON, VMAP_PAIRWISE, false},   {"listwise", VMAP_PEARSON, VMAP_LISTWISE, false},
    {"spearman", VMAP_SPEARMAN, VMAP_PAIRWISE, false}, {"kendall", VMAP_KENDALL, VMAP_PAIRWISE, false},
    {"polychoric", VMAP_POLYCHORIC, VMAP_PAIRWISE, false}, {"em", VMAP_PEARSON, VMAP_PAIRWISE, true},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static size_t *numbers_of(const char *name)
{
    gsl_matrix *m = read_reference("resample_matrix.tsv", name);
    size_t *numbers = calloc(N, sizeof *numbers);

    for (size_t i = 0; m && i < N; i++)
        numbers[i] = (size_t)gsl_matrix_get(m, i, 0);
    gsl_matrix_free(m);
    return numbers;
}

static vmap_factor_resample_options options_of(size_t kind, unsigned threads)
{
    vmap_factor_resample_options o;

    vmap_factor_resample_defaults(&o);
    o.replicates = 199;
    o.seed = 7;
    o.level = .9;
    o.threads = threads;
    o.association.type = kinds[kind].type;
    o.association.missing = kinds[kind].missing;
    o.association.em = kinds[kind].em;
    return o;
}

static vmap_factor_bootstrap *run(const vmap_factor_resample_options *o)
{
    gsl_matrix *x = read_reference("resample_matrix.tsv", "x");
    gsl_matrix *w = read_reference("resample_matrix.tsv", "weight");
    size_t *stratum = numbers_of("stratum");
    vmap_factor_bootstrap *b = NULL;
    vmap_error err;

    if (x && w)
        CHECK_OK(vmap_factor_bootstrap_new(x->data, N, P, w->data, stratum, 2, K, o, &b, &err), &err);
    free(stratum);
    gsl_matrix_free(x);
    gsl_matrix_free(w);
    return b;
}

/* ---- known values ---- */

typedef struct {
    const vmap_factor_bootstrap *b;
    size_t offset; /* of the number in vmap_interval */
} view;

/* In the order of the reference: loadings, communalities, eigenvalues. */
static double get_number(void *v, size_t row, size_t col)
{
    const view *x = v;
    const vmap_interval *all = row < P * K       ? x->b->loading + row
                               : row < P * K + P ? x->b->communality + (row - P * K)
                                                 : x->b->eigenvalue + (row - P * K - P);

    (void)col;
    return *(const double *)(const void *)((const char *)all + x->offset);
}

/* Numbers of an interval as the references name them; the first four are without BCa. */
static const struct {
    const char *name;
    size_t offset;
} numbers[] = {
    {"estimate", offsetof(vmap_interval, estimate)},
    {"se", offsetof(vmap_interval, se)},
    {"low", offsetof(vmap_interval, low)},
    {"high", offsetof(vmap_interval, high)},
    {"bca_low", offsetof(vmap_interval, bca_low)},
    {"bca_high", offsetof(vmap_interval, bca_high)},
    {"boot_perc_low", offsetof(vmap_interval, low)},
    {"boot_perc_high", offsetof(vmap_interval, high)},
    {"boot_bca_low", offsetof(vmap_interval, bca_low)},
    {"boot_bca_high", offsetof(vmap_interval, bca_high)},
};

static void the_bootstrap_of_every_association_is_that_of_r_on_the_same_draws(void)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        vmap_factor_resample_options o = options_of(kind, 0);
        vmap_factor_bootstrap *b = run(&o);

        CHECK(b && b->usable == 199);
        for (size_t i = 0; b && i < sizeof numbers / sizeof *numbers; i++) {
            char name[64];

            snprintf(name, sizeof name, "%s_%s", kinds[kind].name, numbers[i].name);
            check_reference("resample_matrix.tsv", name, P * K + 2 * P, get_number, &(view){b, numbers[i].offset});
        }
        vmap_factor_bootstrap_free(b);
    }
}

/* ---- another solver ---- */

enum { SOLVER_N = 240, SOLVER_P = 8 };

/* In the order of the reference: loadings, communalities, phi. */
static double get_solver_number(void *v, size_t row, size_t col)
{
    const view *x = v;
    const vmap_interval *all = row < SOLVER_P * K              ? x->b->loading + row
                               : row < SOLVER_P * K + SOLVER_P ? x->b->communality + (row - SOLVER_P * K)
                                                               : x->b->phi + (row - SOLVER_P * K - SOLVER_P);

    (void)col;
    return *(const double *)(const void *)((const char *)all + x->offset);
}

static double get_double(void *v, size_t row, size_t col)
{
    (void)col;
    return ((double *)v)[row];
}

static void check_solver(const char *rotation, const char *what, size_t count, double (*get)(void *, size_t, size_t), void *of)
{
    char name[64];

    snprintf(name, sizeof name, "%s_%s", rotation, what);
    check_reference("resample_solver.tsv", name, count, get, of);
}

/* The interval of a group's congruence with all, as `valuemap factor --by` finds it: its own respondents are drawn. */
static void check_group(const gsl_matrix *x, const vmap_factor_bootstrap *all, const vmap_factor_resample_options *o,
                        const char *rotation)
{
    gsl_matrix *group = read_reference("resample_solver.tsv", "group");
    double target[SOLVER_P * K], own[SOLVER_P * K], low[K + 1], high[K + 1];
    gsl_matrix_view a = gsl_matrix_view_array(target, SOLVER_P, K), g = gsl_matrix_view_array(own, SOLVER_P, K);
    vmap_factor_bootstrap *b = NULL;
    vmap_error err;

    if (group)
        CHECK_OK(vmap_factor_bootstrap_new(x->data, SOLVER_N, SOLVER_P, group->data, NULL, 0, K, o, &b, &err), &err);
    for (size_t i = 0; b && i < SOLVER_P * K; i++) {
        target[i] = all->loading[i].estimate;
        own[i] = b->loading[i].estimate;
    }
    if (b) {
        CHECK_COUNT(b->usable, 99);
        check_solver(rotation, "own", SOLVER_P * K, get_double, own);
        CHECK_OK(vmap_congruence_interval(&a.matrix, &g.matrix, NULL, b->replicate, b->usable, VMAP_ALIGN_ORTHOGONAL, o->level, low,
                                          high, &err),
                 &err);
        check_solver(rotation, "congruence_low", K + 1, get_double, low);
        check_solver(rotation, "congruence_high", K + 1, get_double, high);
    }
    vmap_factor_bootstrap_free(b);
    gsl_matrix_free(group);
}

static void check_rotation(const gsl_matrix *x, vmap_rotation rotation)
{
    enum { COUNT = SOLVER_P * K + SOLVER_P + K * K, PLAIN = 4 /* numbers that every bootstrap has */ };
    const char *name = vmap_rotations[rotation].name;
    vmap_factor_resample_options o = options_of(0, 0);
    vmap_rotate_options rotate;
    vmap_factor_bootstrap *b = NULL;
    vmap_error err;

    vmap_rotate_defaults(&rotate);
    rotate.method = rotation;
    rotate.threads = 1;
    o.replicates = 99;
    o.solve = solve_uls;
    o.context = &rotate;
    if (vmap_rotations[rotation].oblique)
        o.alignment = VMAP_ALIGN_COLUMNS;
    CHECK_OK(vmap_factor_bootstrap_new(x->data, SOLVER_N, SOLVER_P, NULL, NULL, 0, K, &o, &b, &err), &err);
    if (b) {
        CHECK_COUNT(b->usable, 99);
        for (size_t i = 0; i < PLAIN; i++)
            check_solver(name, numbers[i].name, COUNT, get_solver_number, &(view){b, numbers[i].offset});
        if (!vmap_rotations[rotation].oblique)
            check_group(x, b, &o, name);
    }
    vmap_factor_bootstrap_free(b);
}

static void the_bootstrap_of_least_squares_and_of_a_groups_congruence_is_that_of_r(void)
{
    gsl_matrix *x = read_reference("resample_solver.tsv", "x");

    if (x) {
        check_rotation(x, VMAP_ROTATE_VARIMAX);
        check_rotation(x, VMAP_ROTATE_OBLIMIN);
    }
    gsl_matrix_free(x);
}

/* ---- properties ---- */

static void threads_change_no_association(void)
{
    for (size_t kind = 2; kind < KINDS; kind++) {
        vmap_factor_resample_options o = options_of(kind, 1), four = options_of(kind, 4);
        vmap_factor_bootstrap *a, *b;

        o.replicates = four.replicates = 20;
        a = run(&o);
        b = run(&four);
        for (size_t i = 0; a && b && i < P * K; i++) {
            CHECK_NEAR(a->loading[i].se, b->loading[i].se, 0);
            CHECK_NEAR(a->loading[i].bca_low, b->loading[i].bca_low, 0);
        }
        vmap_factor_bootstrap_free(a);
        vmap_factor_bootstrap_free(b);
    }
}

/* With two categories at most, the four of all respondents make every item continuous, also in replicates that
 * happen to have two: Pearson's correlations. */
static void kinds_of_mixed_items_are_those_of_all_respondents(void)
{
    vmap_factor_resample_options o = options_of(0, 0), mixed = options_of(0, 0);
    vmap_factor_bootstrap *a, *b;

    o.replicates = mixed.replicates = 30;
    mixed.association.type = VMAP_MIXED;
    mixed.association.most_categories = 3;
    a = run(&o);
    b = run(&mixed);
    for (size_t i = 0; a && b && i < P * K; i++) {
        CHECK_NEAR(a->loading[i].estimate, b->loading[i].estimate, 1e-12);
        CHECK_NEAR(a->loading[i].se, b->loading[i].se, 1e-9);
    }
    vmap_factor_bootstrap_free(a);
    vmap_factor_bootstrap_free(b);
}

/* The jackknife leaves people out by weight 0, and its matrix is of the same kind. */
static void the_jackknife_has_the_same_association(void)
{
    gsl_matrix *x = read_reference("resample_matrix.tsv", "x");
    size_t part[N];

    for (size_t i = 0; i < N; i++)
        part[i] = i % 4;
    for (size_t kind = 0; x && kind < KINDS; kind++) {
        vmap_factor_resample_options o = options_of(kind, 0);
        vmap_association *all = NULL;
        vmap_factor_jackknife *j = NULL;
        gsl_matrix *target = gsl_matrix_alloc(P, K), *phi = gsl_matrix_alloc(K, K), *own = gsl_matrix_alloc(P, K);
        double weight[N], largest = 0;
        vmap_error err;

        CHECK_OK(vmap_moments_associate(x->data, N, P, NULL, &o.association, &all, &err), &err);
        CHECK_OK(vmap_factor_solve_components(all->moments->r, NULL, NULL, target, phi, &err), &err);
        vmap_association_free(all);
        CHECK_OK(vmap_factor_jackknife_parts(x->data, N, P, NULL, part, 4, target, &o, &j, &err), &err);
        for (size_t i = 0; i < N; i++)
            weight[i] = part[i] != 2;
        CHECK_OK(vmap_moments_associate(x->data, N, P, weight, &o.association, &all, &err), &err);
        CHECK_OK(vmap_factor_solve_components(all->moments->r, NULL, NULL, own, phi, &err), &err);
        vmap_association_free(all);
        CHECK_OK(vmap_congruence_align(target, own, VMAP_ALIGN_ORTHOGONAL, own, NULL, NULL, &err), &err);
        for (size_t i = 0; i < P * K; i++)
            largest = fmax(largest, fabs(own->data[i] - target->data[i]));
        if (j)
            CHECK_NEAR(gsl_vector_get(j->largest, 2), largest, 1e-12);
        vmap_factor_jackknife_free(j);
        gsl_matrix_free(target);
        gsl_matrix_free(own);
        gsl_matrix_free(phi);
    }
    gsl_matrix_free(x);
}

/* ---- refusals ---- */

static void an_association_that_is_not_to_be_had_is_refused(void)
{
    vmap_factor_resample_options o = options_of(4, 0);
    gsl_matrix *x = read_reference("resample_matrix.tsv", "x");
    vmap_factor_bootstrap *b = NULL;
    vmap_error err;

    if (!x)
        return;
    x->data[0] = 1.5;
    CHECK_FAILS(vmap_factor_bootstrap_new(x->data, N, P, NULL, NULL, 0, K, &o, &b, &err), VMAP_EDATA, &err, "fractions");
    o.association.type = VMAP_SPEARMAN;
    o.association.em = true;
    CHECK_FAILS(vmap_factor_bootstrap_new(x->data, N, P, NULL, NULL, 0, K, &o, &b, &err), VMAP_EINVAL, &err, "EM");
    CHECK(b == NULL);
    gsl_matrix_free(x);
}

static const test_case cases[] = {
    TEST(the_bootstrap_of_every_association_is_that_of_r_on_the_same_draws),
    TEST(the_bootstrap_of_least_squares_and_of_a_groups_congruence_is_that_of_r),
    TEST(threads_change_no_association),
    TEST(kinds_of_mixed_items_are_those_of_all_respondents),
    TEST(the_jackknife_has_the_same_association),
    TEST(an_association_that_is_not_to_be_had_is_refused),
};
SUITE(resample_matrix_suite, cases);
