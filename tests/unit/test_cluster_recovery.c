#include <config.h>

#include <math.h>

#include "support/check.h"
#include "valuemap/agreement.h"

static void read_species(size_t *label)
{
    gsl_matrix *m = read_reference("cluster_validity.tsv", "species");

    for (size_t i = 0; i < 150; i++)
        label[i] = (size_t)gsl_matrix_get(m, i, 0);
    gsl_matrix_free(m);
}

static vmap_recovery *recover(const gsl_matrix *x, const size_t *label, vmap_recovery_rule rule)
{
    vmap_recovery *r = NULL;
    vmap_error err;

    CHECK_OK(vmap_recovery_find(x, label, rule, &r, &err), &err);
    return r;
}

static double own(void *r, size_t row, size_t col)
{
    (void)col;
    return ((vmap_recovery *)r)->unit[row].own;
}

static double found(void *r, size_t row, size_t col)
{
    (void)col;
    return (double)((vmap_recovery *)r)->unit[row].found;
}

static double found_and_margin(void *r, size_t row, size_t col)
{
    return col ? ((vmap_recovery *)r)->unit[row].margin : found(r, row, col);
}

static void discriminants_are_those_of_mass(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "iris");
    size_t label[150];
    vmap_recovery *r;

    read_species(label);
    r = recover(x, label, VMAP_RECOVERY_LDA);
    check_reference("cluster_validity.tsv", "lda_posterior", 150, own, r);
    check_reference("cluster_validity.tsv", "lda_found", 150, found, r);
    CHECK_COUNT(r->count, 150);
    CHECK_NEAR(r->chance, 1. / 3, 1e-12);
    vmap_recovery_free(r);
    gsl_matrix_free(x);
}

static void nearest_means_are_those_by_hand(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "iris");
    size_t label[150];
    vmap_recovery *r;

    read_species(label);
    r = recover(x, label, VMAP_RECOVERY_CENTROID);
    check_reference("cluster_validity.tsv", "centroid", 300, found_and_margin, r);
    vmap_recovery_free(r);
    gsl_matrix_free(x);
}

/* Two groups of two and one of one on a line; unit 5 has no label. */
static void single_units_and_unknown_labels_are_not_tested(void)
{
    double at[] = {0, 1, 10, 11, 100, 50};
    size_t label[] = {7, 7, 3, 3, 9, VMAP_CLUSTER_NONE};
    gsl_matrix_view x = gsl_matrix_view_array(at, 6, 1);
    vmap_recovery *r = recover(&x.matrix, label, VMAP_RECOVERY_CENTROID);

    CHECK_COUNT(r->count, 4);
    CHECK_COUNT(r->alone, 1);
    CHECK(!r->tested[4] && !r->tested[5]);
    CHECK_COUNT(r->unit[0].found, 7);
    CHECK_COUNT(r->unit[0].second, 3);
    CHECK_NEAR(r->unit[0].margin, 10.5 - 1, 1e-12);
    CHECK(isnan(r->unit[4].margin));
    CHECK_NEAR(r->accuracy, 1, 0);
    vmap_recovery_free(r);
}

static void what_cannot_be_learnt_is_refused(void)
{
    double at[] = {0, 5, 1, 5, 2, 5, 3, 5, 4, 5, 5, 5};
    size_t one[] = {0, 0, 0, 0, 0, 1}, two[] = {0, 0, 0, 1, 1, 1};
    gsl_matrix_view x = gsl_matrix_view_array(at, 6, 2);
    vmap_recovery *r = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_recovery_find(&x.matrix, one, VMAP_RECOVERY_CENTROID, &r, &err), VMAP_EDATA, &err,
                "1 label of two or more units");
    CHECK_FAILS(vmap_recovery_find(&x.matrix, two, VMAP_RECOVERY_LDA, &r, &err), VMAP_ESINGULAR, &err,
                "axis 2 does not vary");
    at[3] = NAN;
    CHECK_FAILS(vmap_recovery_find(&x.matrix, two, VMAP_RECOVERY_CENTROID, &r, &err), VMAP_EDATA, &err,
                "unit 2 has no finite value on axis 2");
    CHECK(r == NULL);
    vmap_recovery_free(NULL);
}

static const test_case cases[] = {
    TEST(discriminants_are_those_of_mass),
    TEST(nearest_means_are_those_by_hand),
    TEST(single_units_and_unknown_labels_are_not_tested),
    TEST(what_cannot_be_learnt_is_refused),
};
SUITE(cluster_recovery_suite, cases);
