#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "valuemap/agreement.h"

enum { PAIRS = 11, MEASURES = 11 };

/* The two columns of a pair as labels, in fresh memory; b follows a. */
static size_t *read_pair(size_t pair, size_t *n)
{
    char name[32];
    gsl_matrix *m;
    size_t *label;

    snprintf(name, sizeof name, "pair_%zu", pair);
    m = read_reference("cluster_agreement.tsv", name);
    *n = m->size1;
    label = calloc(2 * *n, sizeof *label);
    for (size_t i = 0; i < *n; i++) {
        label[i] = (size_t)gsl_matrix_get(m, i, 0);
        label[*n + i] = (size_t)gsl_matrix_get(m, i, 1);
    }
    gsl_matrix_free(m);
    return label;
}

static double value(void *measure, size_t row, size_t col)
{
    const vmap_agreement_measure *m = measure;
    vmap_agreement_parts parts;
    vmap_crosstab *t = NULL;
    size_t n, *label = read_pair(row + 1, &n);
    vmap_error err;

    (void)col;
    CHECK_OK(vmap_crosstab_new(label, label + n, n, &t, &err), &err);
    vmap_agreement_parts_find(t, &parts);
    vmap_crosstab_free(t);
    free(label);
    return m->of(&parts);
}

static void every_measure_is_that_of_scikit_learn(void)
{
    CHECK_COUNT(vmap_agreement_measures_count, MEASURES);
    for (size_t i = 0; i < MEASURES; i++)
        check_reference("cluster_agreement.tsv", vmap_agreement_measures[i].name, PAIRS, value,
                        (void *)&vmap_agreement_measures[i]);
}

static void names_of_labels_do_not_matter(void)
{
    size_t n, *label = read_pair(2, &n);
    vmap_permutation_options o;
    vmap_structure_test one[MEASURES], other[MEASURES];
    vmap_error err;

    vmap_permutation_defaults(&o);
    o.permutations = 50;
    CHECK_OK(vmap_agreement_test(label, label + n, n, &o, one, &err), &err);
    for (size_t i = 0; i < n; i++) {
        label[i] = 1000 - label[i];
        label[n + i] = label[n + i] * 17 + 3;
    }
    CHECK_OK(vmap_agreement_test(label, label + n, n, &o, other, &err), &err);
    for (size_t m = 0; m < MEASURES; m++) {
        CHECK_NEAR(other[m].value, one[m].value, 1e-12);
        CHECK_NEAR(other[m].p, one[m].p, 0);
    }
    free(label);
}

static void the_same_partition_agrees_wholly_and_not_by_chance(void)
{
    size_t label[20];
    vmap_structure_test t[MEASURES];
    vmap_permutation_options o;
    vmap_error err;

    vmap_permutation_defaults(&o);
    o.permutations = 999;
    for (size_t i = 0; i < 20; i++)
        label[i] = i / 5;
    CHECK_OK(vmap_agreement_test(label, label, 20, &o, t, &err), &err);
    for (size_t m = 0; m < MEASURES; m++) {
        CHECK_NEAR(t[m].value, vmap_agreement_measures[m].is_distance ? 0 : 1, 1e-12);
        CHECK_NEAR(t[m].p, 1. / 1000, 1e-12);
    }
}

static void the_number_of_threads_does_not_matter(void)
{
    size_t n, *label = read_pair(3, &n);
    vmap_structure_test one[MEASURES], other[MEASURES];
    vmap_permutation_options o;
    vmap_error err;

    vmap_permutation_defaults(&o);
    o.permutations = 300;
    o.threads = 1;
    CHECK_OK(vmap_agreement_test(label, label + n, n, &o, one, &err), &err);
    o.threads = 4;
    CHECK_OK(vmap_agreement_test(label, label + n, n, &o, other, &err), &err);
    for (size_t m = 0; m < MEASURES; m++)
        CHECK(memcmp(&one[m], &other[m], sizeof *one) == 0);
    free(label);
}

/* All 4! arrangements of two against two: 8 of 24 are as good as the observed one. */
static void p_is_near_the_exact_one(void)
{
    size_t a[] = {0, 0, 1, 1};
    vmap_structure_test t[MEASURES];
    vmap_permutation_options o;
    vmap_error err;

    vmap_permutation_defaults(&o);
    o.permutations = 20000;
    CHECK_OK(vmap_agreement_test(a, a, 4, &o, t, &err), &err);
    CHECK_NEAR(t[0].p, 8. / 24, 4 * sqrt(1. / 3 * 2 / 3 / 20000));
}

static void noise_is_left_out_and_counted(void)
{
    size_t a[] = {0, 0, 1, VMAP_CLUSTER_NONE, 1}, b[] = {5, 5, 9, 9, VMAP_CLUSTER_NONE};
    vmap_crosstab *t = NULL;
    vmap_error err;

    CHECK_OK(vmap_crosstab_new(a, b, 5, &t, &err), &err);
    CHECK_COUNT(t->n, 3);
    CHECK_COUNT(t->left_out, 2);
    CHECK_COUNT(t->rows, 2);
    CHECK_COUNT(t->col_label[1], 9);
    CHECK_COUNT(t->count[0], 2);
    CHECK_COUNT(t->count[1], 0);
    CHECK_COUNT(t->count[3], 1);
    vmap_crosstab_free(t);
}

static void partitions_without_a_common_unit_are_refused(void)
{
    size_t a[] = {VMAP_CLUSTER_NONE, 1}, b[] = {1, VMAP_CLUSTER_NONE}, c[] = {1, SIZE_MAX - 1};
    vmap_crosstab *t = NULL;
    vmap_structure_test tests[MEASURES];
    vmap_error err;

    CHECK_FAILS(vmap_crosstab_new(a, b, 2, &t, &err), VMAP_EDATA, &err, "no unit has a label");
    CHECK_FAILS(vmap_agreement_test(c, c, 2, NULL, tests, &err), VMAP_EINVAL, &err, "unit 2");
    CHECK(t == NULL);
    vmap_crosstab_free(NULL);
}

static const test_case cases[] = {
    TEST(every_measure_is_that_of_scikit_learn),
    TEST(names_of_labels_do_not_matter),
    TEST(the_same_partition_agrees_wholly_and_not_by_chance),
    TEST(the_number_of_threads_does_not_matter),
    TEST(p_is_near_the_exact_one),
    TEST(noise_is_left_out_and_counted),
    TEST(partitions_without_a_common_unit_are_refused),
};
SUITE(cluster_agreement_suite, cases);
