#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/check.h"
#include "valuemap/validity.h"

static const char FILE_NAME[] = "cluster_validity.tsv";

/* The cut of Ward's tree into k clusters as R has it. */
static vmap_partition *read_cut(const char *file, const char *name, size_t k)
{
    char quantity[32];
    gsl_matrix *m;
    size_t *label;
    vmap_partition *p = NULL;
    vmap_error err;

    snprintf(quantity, sizeof quantity, "cut_%s", name);
    m = read_reference(file, quantity);
    label = calloc(m->size1, sizeof *label);
    for (size_t i = 0; i < m->size1; i++)
        label[i] = (size_t)gsl_matrix_get(m, i, k - 2);
    CHECK_OK(vmap_partition_new(label, m->size1, NULL, NULL, &p, &err), &err);
    free(label);
    gsl_matrix_free(m);
    return p;
}

typedef struct {
    vmap_units units;
    const char *name, *file;
} judged;

static vmap_validity_index judge(const judged *j, size_t k)
{
    vmap_partition *p = read_cut(j->file, j->name, k);
    vmap_validity_index index = {0};
    vmap_error err;

    CHECK_OK(vmap_validity_find(&j->units, p, 2, &index, &err), &err);
    vmap_partition_free(p);
    return index;
}

static double index_value(void *context, size_t row, size_t col)
{
    vmap_validity_index index = judge(context, row + 2);
    double value[] = {index.silhouette, index.calinski, index.dunn, index.within};

    return value[col];
}

static void indices_are_those_of_fpc(void)
{
    static const char *const names[] = {"iris", "arrests", "map"};

    for (size_t s = 0; s < 3; s++) {
        gsl_matrix *x = read_reference("cluster.tsv", names[s]);
        judged j = {{.points = x}, names[s], FILE_NAME};
        char quantity[32];

        snprintf(quantity, sizeof quantity, "index_%s", names[s]);
        check_reference(FILE_NAME, quantity, 20, index_value, &j);
        gsl_matrix_free(x);
    }
}

static double davies_value(void *context, size_t row, size_t col)
{
    (void)col;
    return judge(context, row + 2).davies;
}

static void davies_and_bouldin_is_that_of_scikit_learn(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "iris");
    judged j = {{.points = x}, "iris", "cluster_agreement.tsv"};

    check_reference("cluster_agreement.tsv", "davies", 5, davies_value, &j);
    gsl_matrix_free(x);
}

static double width_value(void *context, size_t row, size_t col)
{
    (void)col;
    return ((double *)context)[row];
}

static void widths_are_those_of_cluster(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "arrests");
    vmap_units u = {.points = x};
    vmap_partition *p = read_cut(FILE_NAME, "arrests", 5);
    double width[50], mean;
    vmap_error err;

    CHECK_OK(vmap_validity_silhouette(&u, p, 1, width, NULL, &mean, &err), &err);
    check_reference(FILE_NAME, "width_arrests", 50, width_value, width);
    vmap_partition_free(p);
    gsl_matrix_free(x);
}

static void the_only_unit_of_a_cluster_has_width_0(void)
{
    double at[] = {0, 1, 5, 7, 8, 10}, width[6], mean;
    size_t label[] = {1, 1, 2, 3, 3, 3}, neighbour[6];
    gsl_matrix_view x = gsl_matrix_view_array(at, 6, 1);
    vmap_units u = {.points = &x.matrix};
    vmap_partition *p = NULL;
    vmap_error err;

    CHECK_OK(vmap_partition_new(label, 6, NULL, NULL, &p, &err), &err);
    CHECK_OK(vmap_validity_silhouette(&u, p, 1, width, neighbour, &mean, &err), &err);
    check_reference(FILE_NAME, "width_singleton", 6, width_value, width);
    CHECK_COUNT(neighbour[3], p->cluster[2]);
    vmap_partition_free(p);
}

/* Distances instead of points give the same, the indices that need centres apart. */
static void a_matrix_of_distances_gives_the_same(void)
{
    gsl_matrix *x = read_reference("cluster.tsv", "map"), *d = gsl_matrix_alloc(x->size1, x->size1);
    judged points = {{.points = x}, "map", FILE_NAME}, matrix = {{.dissimilarity = d}, "map", FILE_NAME};
    vmap_validity_index a, b;
    vmap_error err;

    CHECK_OK(vmap_cluster_dissimilarity(x, "euclidean", d, &err), &err);
    a = judge(&points, 4);
    b = judge(&matrix, 4);
    CHECK_NEAR(b.silhouette, a.silhouette, 1e-12);
    CHECK_NEAR(b.dunn, a.dunn, 1e-12);
    CHECK_NEAR(b.within, a.within, 1e-9);
    CHECK(isnan(b.calinski) && isnan(b.davies));
    gsl_matrix_free(x);
    gsl_matrix_free(d);
}

static double cophenetic_value(void *context, size_t row, size_t col)
{
    vmap_tree *tree = NULL;
    double r = NAN;
    vmap_error err;

    (void)row, (void)col;
    CHECK_OK(vmap_cluster_tree(context, VMAP_WARD, 1, &tree, &err), &err);
    CHECK_OK(vmap_validity_cophenetic(context, tree, &r, &err), &err);
    vmap_tree_free(tree);
    return r;
}

static void cophenetic_correlations_are_those_of_r(void)
{
    static const char *const names[] = {"arrests", "map"};

    for (size_t s = 0; s < 2; s++) {
        gsl_matrix *x = read_reference("cluster.tsv", names[s]);
        vmap_units u = {.points = x};
        char quantity[32];

        snprintf(quantity, sizeof quantity, "cophenetic_%s", names[s]);
        check_reference(FILE_NAME, quantity, 1, cophenetic_value, &u);
        gsl_matrix_free(x);
    }
}

static void rules_on_gap_curves_are_those_of_cluster(void)
{
    for (size_t i = 1; i <= 30; i++) {
        char name[32];
        gsl_matrix *curve, *rule;
        double gap[8], se[8];

        snprintf(name, sizeof name, "curve_%zu", i);
        curve = read_reference(FILE_NAME, name);
        snprintf(name, sizeof name, "rule_%zu", i);
        rule = read_reference(FILE_NAME, name);
        for (size_t k = 0; k < 8; k++) {
            gap[k] = gsl_matrix_get(curve, k, 0);
            se[k] = gsl_matrix_get(curve, k, 1);
        }
        CHECK_COUNT(1 + vmap_validity_gap_choice(gap, se, 8, VMAP_GAP_TIBSHIRANI),
                    (size_t)gsl_matrix_get(rule, 0, 0));
        CHECK_COUNT(1 + vmap_validity_gap_choice(gap, se, 8, VMAP_GAP_FIRST_MAX),
                    (size_t)gsl_matrix_get(rule, 1, 0));
        gsl_matrix_free(curve);
        gsl_matrix_free(rule);
    }
}

/* Clusters {0, 1} and {10, 11, 12} of people; strangers at 1, 6 and 11. */
static void strangers_lie_where_they_lie(void)
{
    double at[] = {0, 1, 10, 11, 12}, from[] = {1, 6, 11}, width[3];
    size_t label[] = {0, 0, 1, 1, 1}, nearest[3], own[] = {VMAP_CLUSTER_NONE, 1, 1};
    gsl_matrix_view x = gsl_matrix_view_array(at, 5, 1), y = gsl_matrix_view_array(from, 3, 1);
    vmap_partition *p = NULL;
    vmap_error err;

    CHECK_OK(vmap_partition_new(label, 5, NULL, NULL, &p, &err), &err);
    own[1] = p->cluster[0];
    own[2] = p->cluster[0];
    CHECK_OK(vmap_validity_strangers(&x.matrix, p, &y.matrix, NULL, width, nearest, &err), &err);
    CHECK_NEAR(width[0], (10 - .5) / 10, 1e-12);
    CHECK_NEAR(width[1], .5 / 5.5, 1e-12); /* mean distances 5.5 and 5 */
    CHECK_NEAR(width[2], (10.5 - 2. / 3) / 10.5, 1e-12);
    CHECK_COUNT(nearest[2], p->cluster[4]);
    CHECK_OK(vmap_validity_strangers(&x.matrix, p, &y.matrix, own, width, NULL, &err), &err);
    CHECK_NEAR(width[1], -.5 / 5.5, 1e-12);
    CHECK_NEAR(width[2], -(10.5 - 2. / 3) / 10.5, 1e-12);
    vmap_partition_free(p);
}

/* ---- edges ---- */

static vmap_validity_index judge_labels(double *at, const size_t *label, size_t n)
{
    gsl_matrix_view x = gsl_matrix_view_array(at, n, 1);
    vmap_units u = {.points = &x.matrix};
    vmap_partition *p = NULL;
    vmap_validity_index index = {0};
    vmap_error err;

    CHECK_OK(vmap_partition_new(label, n, NULL, NULL, &p, &err), &err);
    CHECK_OK(vmap_validity_find(&u, p, 1, &index, &err), &err);
    vmap_partition_free(p);
    return index;
}

static void one_cluster_all_clusters_duplicates_and_noise(void)
{
    double at[] = {0, 1, 2, 3}, same[] = {5, 5, 5, 5}, far[] = {0, 0, 9, 9}, noisy[] = {0, 0, 9, 1e6};
    size_t one[] = {0, 0, 0, 0}, all[] = {0, 1, 2, 3}, two[] = {0, 0, 1, 1},
           noise[] = {0, 0, 1, VMAP_CLUSTER_NONE};
    vmap_validity_index i = judge_labels(at, one, 4);

    CHECK(isnan(i.silhouette) && isnan(i.calinski) && isnan(i.davies) && isnan(i.dunn));
    CHECK_NEAR(i.within, 5, 1e-12);
    i = judge_labels(at, all, 4);
    CHECK_NEAR(i.silhouette, 0, 0);
    CHECK_NEAR(i.davies, 0, 0);
    CHECK(isnan(i.calinski) && isnan(i.dunn));
    i = judge_labels(same, two, 4);
    CHECK_NEAR(i.silhouette, 0, 0);
    CHECK_NEAR(i.davies, 0, 0);
    i = judge_labels(far, two, 4);
    CHECK_NEAR(i.silhouette, 1, 0);
    CHECK(isnan(i.calinski)); /* nothing within: the ratio is not defined */
    i = judge_labels(noisy, noise, 4);
    CHECK_NEAR(i.silhouette, 2. / 3, 1e-12);
    CHECK_NEAR(i.within, 0, 0);
}

static void what_cannot_be_judged_is_refused(void)
{
    double at[] = {0, 1, 2}, width[3], mean;
    size_t label[] = {0, 0, 0}, none[] = {VMAP_CLUSTER_NONE, VMAP_CLUSTER_NONE, VMAP_CLUSTER_NONE};
    gsl_matrix_view x = gsl_matrix_view_array(at, 3, 1), less = gsl_matrix_view_array(at, 2, 1);
    vmap_units u = {.points = &x.matrix}, v = {.points = &less.matrix};
    vmap_partition *p = NULL, *q = NULL;
    vmap_validity_index index;
    vmap_error err;

    CHECK_OK(vmap_partition_new(label, 3, NULL, NULL, &p, &err), &err);
    CHECK_OK(vmap_partition_new(none, 3, NULL, NULL, &q, &err), &err);
    CHECK_FAILS(vmap_validity_silhouette(&u, p, 1, width, NULL, &mean, &err), VMAP_EDATA, &err,
                "1 cluster");
    CHECK_FAILS(vmap_validity_find(&v, p, 1, &index, &err), VMAP_EINVAL, &err, "3 units");
    CHECK_FAILS(vmap_validity_find(&u, q, 1, &index, &err), VMAP_EDATA, &err, "every unit is noise");
    vmap_partition_free(p);
    vmap_partition_free(q);
}

static const test_case cases[] = {
    TEST(indices_are_those_of_fpc),
    TEST(davies_and_bouldin_is_that_of_scikit_learn),
    TEST(widths_are_those_of_cluster),
    TEST(the_only_unit_of_a_cluster_has_width_0),
    TEST(a_matrix_of_distances_gives_the_same),
    TEST(cophenetic_correlations_are_those_of_r),
    TEST(rules_on_gap_curves_are_those_of_cluster),
    TEST(strangers_lie_where_they_lie),
    TEST(one_cluster_all_clusters_duplicates_and_noise),
    TEST(what_cannot_be_judged_is_refused),
};
SUITE(cluster_validity_suite, cases);
