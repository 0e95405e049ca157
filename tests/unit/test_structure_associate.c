#include <config.h>

#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "core/numeric.h"
#include "support/check.h"
#include "valuemap/rng.h"
#include "valuemap/structure.h"

/* Two arrangements of seven units from structure.R. */
typedef struct {
    gsl_matrix *x, *y, *dx, *dy;
} example;

static example begin(void)
{
    example e = {read_reference("structure.tsv", "x"), read_reference("structure.tsv", "y"),
                 gsl_matrix_calloc(7, 7), gsl_matrix_calloc(7, 7)};

    CHECK_OK(vmap_structure_distances(e.x, e.dx, NULL), NULL);
    CHECK_OK(vmap_structure_distances(e.y, e.dy, NULL), NULL);
    return e;
}

static void end(example *e)
{
    gsl_matrix_free(e->x);
    gsl_matrix_free(e->y);
    gsl_matrix_free(e->dx);
    gsl_matrix_free(e->dy);
}

static gsl_matrix *random_matrix(size_t rows, size_t columns, uint64_t seed)
{
    gsl_matrix *m = gsl_matrix_calloc(rows, columns);
    gsl_rng *rng = vmap_rng_new(seed, 0);

    for (size_t i = 0; i < rows * columns; i++)
        m->data[i] = gsl_ran_gaussian(rng, 1);
    gsl_rng_free(rng);
    return m;
}

static double get_number(void *number, size_t row, size_t col)
{
    (void)row;
    (void)col;
    return *(double *)number;
}

static double get_p(void *p, size_t row, size_t col)
{
    (void)col;
    return ((double *)p)[row];
}

/* ---- known values ---- */

static void distances_and_measures_are_those_of_vegan(void)
{
    example e = begin();
    vmap_permutation_options none = {.permutations = 0};
    vmap_structure_test t;
    vmap_error err;

    check_reference("structure.tsv", "distance", 49, get_matrix_element, e.dy);
    CHECK_OK(vmap_structure_mantel(e.dx, e.dy, false, &none, &t, &err), &err);
    check_reference("structure.tsv", "mantel", 1, get_number, &t.value);
    CHECK(isnan(t.p));
    CHECK_OK(vmap_structure_mantel(e.dx, e.dy, true, &none, &t, &err), &err);
    check_reference("structure.tsv", "mantel_rank", 1, get_number, &t.value);
    CHECK_OK(vmap_structure_rv(e.x, e.y, &none, &t, &err), &err);
    check_reference("structure.tsv", "rv", 1, get_number, &t.value);
    end(&e);
}

static void procrustes_is_that_of_vegan(void)
{
    example e = begin();
    vmap_permutation_options none = {.permutations = 0};
    vmap_procrustes *p = NULL, *back = NULL;
    gsl_matrix *fitted = gsl_matrix_calloc(7, 3);
    vmap_error err;

    CHECK_OK(vmap_structure_procrustes(e.x, e.y, &none, &p, &err), &err);
    check_reference("structure.tsv", "procrustes", 1, get_number, &p->correlation.value);
    check_reference("structure.tsv", "procrustes_m2", 1, get_number, &p->m2);
    check_reference("structure.tsv", "procrustes_residual", 7, get_vector_element, p->residual);
    /* and the other way round: x laid over y */
    CHECK_OK(vmap_structure_procrustes(e.y, e.x, &none, &back, &err), &err);
    check_reference("structure.tsv", "procrustes_scale", 1, get_number, &back->scale);
    for (size_t j = 0; j < 2; j++) {
        gsl_vector_view column = gsl_matrix_column(e.x, j);
        double mean = 0;

        for (size_t i = 0; i < 7; i++)
            mean += gsl_matrix_get(e.x, i, j) / 7;
        gsl_vector_add_constant(&column.vector, -mean);
    }
    numeric_multiply(back->scale, 0, e.x, 0, back->rotation, fitted);
    check_reference("structure.tsv", "procrustes_fitted", 21, get_matrix_element, fitted);
    gsl_matrix_free(fitted);
    vmap_procrustes_free(p);
    vmap_procrustes_free(back);
    end(&e);
}

static void p_values_are_the_shares_of_all_permutations(void)
{
    example e = begin();
    gsl_matrix *stratum = read_reference("structure.tsv", "stratum");
    size_t of[7];
    double p[4][2];
    double arrangements;
    vmap_error err;

    for (size_t i = 0; i < 7; i++)
        of[i] = (size_t)gsl_matrix_get(stratum, i, 0);
    for (int s = 0; s < 2; s++) {
        vmap_permutation_options o;
        vmap_structure_test t;
        vmap_procrustes *fit = NULL;

        vmap_permutation_defaults(&o);
        o.stratum = s ? of : NULL;
        CHECK_OK(vmap_structure_mantel(e.dx, e.dy, false, &o, &t, &err), &err);
        p[0][s] = t.p;
        CHECK_OK(vmap_structure_mantel(e.dx, e.dy, true, &o, &t, &err), &err);
        p[1][s] = t.p;
        CHECK_OK(vmap_structure_rv(e.x, e.y, &o, &t, &err), &err);
        p[2][s] = t.p;
        CHECK_OK(vmap_structure_procrustes(e.x, e.y, &o, &fit, &err), &err);
        p[3][s] = fit->correlation.p;
        vmap_procrustes_free(fit);
    }
    check_reference("structure.tsv", "p_mantel", 2, get_p, p[0]);
    check_reference("structure.tsv", "p_mantel_rank", 2, get_p, p[1]);
    check_reference("structure.tsv", "p_rv", 2, get_p, p[2]);
    check_reference("structure.tsv", "p_procrustes", 2, get_p, p[3]);
    CHECK_OK(vmap_permutation_arrangements(of, 7, &arrangements, &err), &err);
    CHECK_NEAR(arrangements, 144, 0); /* 4! 3! */
    CHECK_OK(vmap_permutation_arrangements(NULL, 7, &arrangements, &err), &err);
    CHECK_NEAR(arrangements, 5040, 0);
    CHECK_OK(vmap_permutation_arrangements(NULL, 400, &arrangements, &err), &err);
    CHECK(isinf(arrangements));
    gsl_matrix_free(stratum);
    end(&e);
}

/* ---- properties ---- */

static void a_turned_shifted_and_scaled_copy_agrees_perfectly(void)
{
    gsl_matrix *x = random_matrix(9, 2, 4), *y = gsl_matrix_calloc(9, 2),
               *dx = gsl_matrix_calloc(9, 9), *dy = gsl_matrix_calloc(9, 9);
    vmap_procrustes *p = NULL;
    vmap_structure_test t;
    vmap_error err;

    for (size_t i = 0; i < 9; i++) {
        double a = gsl_matrix_get(x, i, 0), b = gsl_matrix_get(x, i, 1);

        gsl_matrix_set(y, i, 0, 100 + 3 * (.6 * a - .8 * b));
        gsl_matrix_set(y, i, 1, -7 - 3 * (.8 * a + .6 * b)); /* mirrored */
    }
    CHECK_OK(vmap_structure_procrustes(x, y, NULL, &p, &err), &err);
    CHECK_NEAR(p->correlation.value, 1, 1e-12);
    CHECK_NEAR(p->m2, 0, 1e-12);
    CHECK_NEAR(p->scale, 1. / 3, 1e-12);
    CHECK_NEAR(p->correlation.p, 1e-4, 1e-12); /* no permutation is as good */
    CHECK_OK(vmap_structure_distances(x, dx, &err), &err);
    CHECK_OK(vmap_structure_distances(y, dy, &err), &err);
    CHECK_OK(vmap_structure_mantel(dx, dy, false, NULL, &t, &err), &err);
    CHECK_NEAR(t.value, 1, 1e-12);
    CHECK_OK(vmap_structure_rv(x, y, NULL, &t, &err), &err);
    CHECK_NEAR(t.value, 1, 1e-12);
    vmap_procrustes_free(p);
    gsl_matrix_free(x);
    gsl_matrix_free(y);
    gsl_matrix_free(dx);
    gsl_matrix_free(dy);
}

static void both_directions_give_the_same_agreement(void)
{
    example e = begin();
    vmap_permutation_options none = {.permutations = 0};
    vmap_procrustes *p = NULL, *q = NULL;
    double squares = 0, back = 0;
    vmap_error err;

    CHECK_OK(vmap_structure_procrustes(e.x, e.y, &none, &p, &err), &err);
    CHECK_OK(vmap_structure_procrustes(e.y, e.x, &none, &q, &err), &err);
    CHECK_NEAR(p->correlation.value, q->correlation.value, 1e-12);
    for (size_t i = 0; i < 7; i++) {
        squares += pow(gsl_vector_get(p->residual, i), 2);
        back += pow(gsl_vector_get(q->residual, i), 2);
    }
    CHECK_NEAR(squares, p->m2, 1e-12);
    CHECK_NEAR(back, p->m2, 1e-12);
    vmap_procrustes_free(p);
    vmap_procrustes_free(q);
    end(&e);
}

static void p_does_not_depend_on_threads(void)
{
    gsl_matrix *x = random_matrix(12, 3, 1), *y = random_matrix(12, 4, 2);
    double p[2];
    vmap_error err;

    for (unsigned i = 0; i < 2; i++) {
        vmap_permutation_options o = {.permutations = 777, .seed = 5, .threads = i ? 7 : 1};
        vmap_structure_test t;

        CHECK_OK(vmap_structure_rv(x, y, &o, &t, &err), &err);
        p[i] = t.p;
    }
    CHECK_NEAR(p[0], p[1], 0);
    gsl_matrix_free(x);
    gsl_matrix_free(y);
}

/* Independent arrangements: p <= .1 in a tenth of 400 cases; 4 standard errors are 24 cases. */
static void the_tests_keep_their_level(void)
{
    size_t rejected[3] = {0};

    for (uint64_t s = 0; s < 400; s++) {
        gsl_matrix *x = random_matrix(10, 2, 1000 + s), *y = random_matrix(10, 3, 5000 + s);
        gsl_matrix *dx = gsl_matrix_calloc(10, 10), *dy = gsl_matrix_calloc(10, 10);
        vmap_permutation_options o = {.permutations = 99, .seed = s, .threads = 1};
        vmap_structure_test t;
        vmap_procrustes *p = NULL;
        vmap_error err;

        CHECK_OK(vmap_structure_distances(x, dx, &err), &err);
        CHECK_OK(vmap_structure_distances(y, dy, &err), &err);
        CHECK_OK(vmap_structure_mantel(dx, dy, false, &o, &t, &err), &err);
        rejected[0] += t.p <= .1;
        CHECK_OK(vmap_structure_rv(x, y, &o, &t, &err), &err);
        rejected[1] += t.p <= .1;
        CHECK_OK(vmap_structure_procrustes(x, y, &o, &p, &err), &err);
        rejected[2] += p->correlation.p <= .1;
        vmap_procrustes_free(p);
        gsl_matrix_free(x);
        gsl_matrix_free(y);
        gsl_matrix_free(dx);
        gsl_matrix_free(dy);
    }
    for (size_t i = 0; i < 3; i++)
        CHECK_NEAR((double)rejected[i], 40, 24);
}

/* ---- refusals ---- */

static void what_cannot_be_compared_is_refused(void)
{
    gsl_matrix *x = random_matrix(6, 2, 1), *few = random_matrix(3, 2, 1),
               *y = random_matrix(6, 1, 2);
    gsl_matrix *same = gsl_matrix_calloc(6, 2), *d = gsl_matrix_calloc(6, 6);
    size_t wrong[6] = {0, 1, 2, 3, 4, 6};
    vmap_permutation_options o = {.permutations = 9, .stratum = wrong};
    vmap_structure_test t = {.value = 7, .p = 7};
    vmap_procrustes *p = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_structure_rv(x, few, NULL, &t, &err), VMAP_EINVAL, &err, "6 units in the one");
    CHECK_FAILS(vmap_structure_rv(few, few, NULL, &t, &err), VMAP_EDATA, &err, "at least four");
    CHECK_FAILS(vmap_structure_rv(x, same, NULL, &t, &err), VMAP_EDATA, &err, "alike");
    CHECK_FAILS(vmap_structure_rv(x, y, &o, &t, &err), VMAP_EINVAL, &err, "stratum 6");
    CHECK_FAILS(vmap_structure_procrustes(same, x, NULL, &p, &err), VMAP_EDATA, &err, "alike");
    CHECK_FAILS(vmap_structure_mantel(d, d, false, NULL, &t, &err), VMAP_EDATA, &err, "equal");
    CHECK_FAILS(vmap_structure_mantel(x, x, false, NULL, &t, &err), VMAP_EINVAL, &err, "square");
    gsl_matrix_set(x, 4, 1, NAN);
    CHECK_FAILS(vmap_structure_procrustes(x, y, NULL, &p, &err), VMAP_EDATA, &err,
                "row 5, column 2");
    CHECK_FAILS(vmap_structure_distances(x, d, &err), VMAP_EDATA, &err, "row 5, column 2");
    CHECK(p == NULL);
    CHECK_NEAR(t.value, 7, 0);
    gsl_matrix_free(x);
    gsl_matrix_free(few);
    gsl_matrix_free(y);
    gsl_matrix_free(same);
    gsl_matrix_free(d);
}

static const test_case cases[] = {
    TEST(distances_and_measures_are_those_of_vegan),
    TEST(procrustes_is_that_of_vegan),
    TEST(p_values_are_the_shares_of_all_permutations),
    TEST(a_turned_shifted_and_scaled_copy_agrees_perfectly),
    TEST(both_directions_give_the_same_agreement),
    TEST(p_does_not_depend_on_threads),
    TEST(the_tests_keep_their_level),
    TEST(what_cannot_be_compared_is_refused),
};
SUITE(structure_associate_suite, cases);
