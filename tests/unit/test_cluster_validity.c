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
    vmap_units u = {.points = &x.matrix};
    vmap_partition *p = NULL;
    vmap_error err;

    CHECK_OK(vmap_partition_new(label, 5, NULL, NULL, &p, &err), &err);
    own[1] = p->cluster[0];
    own[2] = p->cluster[0];
    CHECK_OK(vmap_validity_strangers(&u, p, &y.matrix, NULL, width, nearest, &err), &err);
    CHECK_NEAR(width[0], (10 - .5) / 10, 1e-12);
    CHECK_NEAR(width[1], .5 / 5.5, 1e-12); /* mean distances 5.5 and 5 */
    CHECK_NEAR(width[2], (10.5 - 2. / 3) / 10.5, 1e-12);
    CHECK_COUNT(nearest[2], p->cluster[4]);
    CHECK_OK(vmap_validity_strangers(&u, p, &y.matrix, own, width, NULL, &err), &err);
    CHECK_NEAR(width[1], -.5 / 5.5, 1e-12);
    CHECK_NEAR(width[2], -(10.5 - 2. / 3) / 10.5, 1e-12);
    vmap_partition_free(p);
}

/* ---- weights ---- */

static const char WEIGHTS[] = "cluster_weights.tsv";

/* Units with whole weights and two partitions of them; R judged the rows written out as often. */
typedef struct {
    gsl_matrix *x;
    double *weight;
    vmap_units units;
    vmap_partition *label, *other;
    size_t *in_label, *in_other; /* as numbered in the file, from 0 */
} weighted;

static size_t *read_labels(const char *quantity)
{
    gsl_matrix *m = read_reference(WEIGHTS, quantity);
    size_t *label = calloc(m->size1, sizeof *label);

    for (size_t i = 0; i < m->size1; i++)
        label[i] = (size_t)gsl_matrix_get(m, i, 0);
    gsl_matrix_free(m);
    return label;
}

static weighted read_weighted(void)
{
    weighted w = {.x = read_reference(WEIGHTS, "points")};
    gsl_matrix *m = read_reference(WEIGHTS, "weight");
    vmap_error err;

    w.weight = calloc(w.x->size1, sizeof *w.weight);
    for (size_t i = 0; i < w.x->size1; i++)
        w.weight[i] = gsl_matrix_get(m, i, 0);
    gsl_matrix_free(m);
    w.units = (vmap_units){.points = w.x, .weights = w.weight};
    w.in_label = read_labels("label");
    w.in_other = read_labels("other");
    CHECK_OK(vmap_partition_new(w.in_label, w.x->size1, w.weight, NULL, &w.label, &err), &err);
    CHECK_OK(vmap_partition_new(w.in_other, w.x->size1, NULL, NULL, &w.other, &err), &err);
    return w;
}

static void free_weighted(weighted *w)
{
    gsl_matrix_free(w->x);
    free(w->weight);
    free(w->in_label);
    free(w->in_other);
    vmap_partition_free(w->label);
    vmap_partition_free(w->other);
}

static double weighted_index(void *context, size_t row, size_t col)
{
    const vmap_validity_index *index = context;
    double value[] = {index->silhouette, index->calinski, index->dunn, index->within};

    (void)col;
    return value[row];
}

static double value_of(void *context, size_t row, size_t col)
{
    (void)row, (void)col;
    return *(double *)context;
}

static void a_whole_weight_is_as_many_units_at_one_place(void)
{
    weighted w = read_weighted();
    double width[50], mean, strength;
    vmap_validity_index index = {0}, by_distances = {0};
    gsl_matrix *d = gsl_matrix_alloc(50, 50);
    vmap_units matrix = {.dissimilarity = d, .weights = w.weight};
    vmap_error err;

    CHECK_OK(vmap_validity_find(&w.units, w.label, 2, &index, &err), &err);
    check_reference(WEIGHTS, "index", 4, weighted_index, &index);
    check_reference(WEIGHTS, "davies", 1, value_of, &index.davies);
    CHECK_OK(vmap_validity_silhouette(&w.units, w.label, 1, width, NULL, &mean, &err), &err);
    check_reference(WEIGHTS, "width", 50, width_value, width);
    CHECK_NEAR(mean, index.silhouette, 0);
    CHECK_OK(vmap_cluster_dissimilarity(w.x, "euclidean", d, &err), &err);
    CHECK_OK(vmap_validity_find(&matrix, w.label, 2, &by_distances, &err), &err);
    CHECK_NEAR(by_distances.within, index.within, 1e-9);
    CHECK_NEAR(by_distances.silhouette, index.silhouette, 1e-12);
    strength = vmap_validity_prediction(w.other, w.weight, w.label->cluster);
    check_reference(WEIGHTS, "prediction", 1, value_of, &strength);
    gsl_matrix_free(d);
    free_weighted(&w);
}

static double jaccard_value(void *context, size_t row, size_t col)
{
    const weighted *w = context;
    size_t all[50], g = 0;

    (void)col;
    for (size_t i = 0; i < 50; i++) {
        all[i] = i;
        g = w->in_label[i] == row + 1 ? w->label->cluster[i] : g;
    }
    return vmap_validity_jaccard(w->label, g, w->weight, all, w->other);
}

static void weighted_clusters_are_alike_as_their_rows_are(void)
{
    weighted w = read_weighted();

    check_reference(WEIGHTS, "jaccard", 4, jaccard_value, &w);
    free_weighted(&w);
}

static double weighted_cophenetic(void *context, size_t row, size_t col)
{
    vmap_tree *tree = NULL;
    double r = NAN;
    vmap_error err;

    (void)row, (void)col;
    CHECK_OK(vmap_cluster_tree(context, VMAP_AVERAGE, 1, &tree, &err), &err);
    CHECK_OK(vmap_validity_cophenetic(context, tree, &r, &err), &err);
    vmap_tree_free(tree);
    return r;
}

static void weighted_cophenetic_correlations_are_those_of_the_rows(void)
{
    weighted w = read_weighted();

    check_reference(WEIGHTS, "cophenetic", 1, weighted_cophenetic, &w.units);
    free_weighted(&w);
}

/* Only what weighs has a say; what weighs nothing is told where it lies. */
static void a_unit_of_weight_0_counts_nowhere(void)
{
    double at[] = {0, 1, 10, 11, 500}, weight[] = {1, 1, 1, 1, 0}, width[5], mean, expected;
    size_t label[] = {0, 0, 1, 1, 1};
    gsl_matrix_view x = gsl_matrix_view_array(at, 5, 1), less = gsl_matrix_view_array(at, 4, 1);
    vmap_units u = {.points = &x.matrix, .weights = weight}, v = {.points = &less.matrix};
    vmap_partition *p = NULL, *q = NULL;
    vmap_validity_index a, b;
    vmap_error err;

    CHECK_OK(vmap_partition_new(label, 5, weight, NULL, &p, &err), &err);
    CHECK_OK(vmap_partition_new(label, 4, NULL, NULL, &q, &err), &err);
    CHECK_OK(vmap_validity_find(&u, p, 1, &a, &err), &err);
    CHECK_OK(vmap_validity_find(&v, q, 1, &b, &err), &err);
    CHECK_NEAR(a.silhouette, b.silhouette, 1e-15);
    CHECK_NEAR(a.calinski, b.calinski, 1e-12);
    CHECK_NEAR(a.davies, b.davies, 1e-15);
    CHECK_NEAR(a.dunn, b.dunn, 0);
    CHECK_OK(vmap_validity_silhouette(&u, p, 1, width, NULL, &mean, &err), &err);
    CHECK_OK(vmap_validity_silhouette(&v, q, 1, width, NULL, &expected, &err), &err);
    CHECK_NEAR(mean, expected, 1e-15);
    vmap_partition_free(p);
    vmap_partition_free(q);
}

/* ---- strangers ---- */

typedef struct {
    gsl_matrix *people, *from;
    vmap_units units;
    vmap_partition *clusters;
    size_t *own, *group;
} crowd;

static crowd read_crowd(void)
{
    crowd c = {.people = read_reference(WEIGHTS, "people"), .from = read_reference(WEIGHTS, "strangers")};
    size_t *label = read_labels("people_label"), place[4];
    vmap_error err;

    c.units = (vmap_units){.points = c.people};
    c.own = read_labels("own");
    c.group = read_labels("group");
    CHECK_OK(vmap_partition_new(label, c.people->size1, NULL, place, &c.clusters, &err), &err);
    for (size_t i = 0; i < c.from->size1; i++)
        c.own[i] = place[c.own[i]];
    free(label);
    return c;
}

static void free_crowd(crowd *c)
{
    gsl_matrix_free(c->people);
    gsl_matrix_free(c->from);
    vmap_partition_free(c->clusters);
    free(c->own);
    free(c->group);
}

typedef struct {
    double width[2][50];
    vmap_strangers_mean mean[2][3], one[2][50];
} found;

static double strange_width(void *context, size_t row, size_t col)
{
    return ((const found *)context)->width[col][row];
}

static double strange_mean(void *context, size_t row, size_t col)
{
    return ((const found *)context)->mean[col][row].value;
}

static double strange_low(void *context, size_t row, size_t col)
{
    return ((const found *)context)->mean[col][row].low;
}

static double strange_high(void *context, size_t row, size_t col)
{
    return ((const found *)context)->mean[col][row].high;
}

static double strange_one(void *context, size_t row, size_t col)
{
    const vmap_strangers_mean *m = &((const found *)context)->one[row][3];

    return col ? m->high : m->low;
}

static void means_of_strangers_have_the_intervals_of_a_bootstrap_in_r(void)
{
    crowd c = read_crowd();
    vmap_strangers_options o;
    found *f = calloc(1, sizeof *f);
    vmap_error err;

    vmap_strangers_defaults(&o);
    o.replicates = 4000;
    for (int meant = 0; meant < 2; meant++) {
        const size_t *own = meant ? c.own : NULL;

        CHECK_OK(vmap_validity_strangers(&c.units, c.clusters, c.from, own, f->width[meant], NULL, &err), &err);
        CHECK_OK(vmap_validity_strangers_means(&c.units, c.clusters, c.from, own, c.group, 3, &o, f->mean[meant], &err),
                 &err);
        CHECK_OK(vmap_validity_strangers_means(&c.units, c.clusters, c.from, own, NULL, 0, &o, f->one[meant], &err),
                 &err);
    }
    check_reference(WEIGHTS, "strange", 100, strange_width, f);
    check_reference(WEIGHTS, "strange_mean", 6, strange_mean, f);
    check_reference(WEIGHTS, "strange_low", 6, strange_low, f);
    check_reference(WEIGHTS, "strange_high", 6, strange_high, f);
    check_reference(WEIGHTS, "strange_one", 4, strange_one, f);
    CHECK_NEAR(f->one[0][3].value, f->width[0][3], 1e-15);
    free(f);
    free_crowd(&c);
}

/* Weights of people: a person that counts twice is as two at one place. Threads change nothing. */
static void strangers_see_weights_and_no_threads(void)
{
    double at[] = {0, 2, 2, 10, 11, 12}, from[] = {1, 4, 9, 11}, weight[] = {1, 2, 1, 1, 1}, width[2][4];
    double apart[] = {0, 2, 10, 11, 12};
    size_t label[] = {0, 0, 0, 1, 1, 1}, fewer[] = {0, 0, 1, 1, 1}, group[] = {0, 0, 5, 1};
    gsl_matrix_view x = gsl_matrix_view_array(at, 6, 1), y = gsl_matrix_view_array(apart, 5, 1),
                    z = gsl_matrix_view_array(from, 4, 1);
    vmap_units all = {.points = &x.matrix}, heavy = {.points = &y.matrix, .weights = weight};
    vmap_strangers_options o = {.replicates = 99, .level = .9, .seed = 3, .threads = 1};
    vmap_strangers_mean one[2], two[2];
    vmap_partition *p = NULL, *q = NULL;
    vmap_error err;

    CHECK_OK(vmap_partition_new(label, 6, NULL, NULL, &p, &err), &err);
    CHECK_OK(vmap_partition_new(fewer, 5, weight, NULL, &q, &err), &err);
    CHECK_OK(vmap_validity_strangers(&all, p, &z.matrix, NULL, width[0], NULL, &err), &err);
    CHECK_OK(vmap_validity_strangers(&heavy, q, &z.matrix, NULL, width[1], NULL, &err), &err);
    for (size_t i = 0; i < 4; i++)
        CHECK_NEAR(width[1][i], width[0][i], 1e-15);
    CHECK_OK(vmap_validity_strangers_means(&all, p, &z.matrix, NULL, group, 2, &o, one, &err), &err);
    o.threads = 3;
    CHECK_OK(vmap_validity_strangers_means(&all, p, &z.matrix, NULL, group, 2, &o, two, &err), &err);
    CHECK_COUNT(one[0].n, 2);
    CHECK_NEAR(one[0].value, (width[0][0] + width[0][1]) / 2, 1e-15);
    CHECK_NEAR(one[0].low, two[0].low, 0);
    CHECK_NEAR(one[0].high, two[0].high, 0);
    CHECK_COUNT(one[1].n, 1);
    CHECK_NEAR(one[1].value, width[0][3], 0);
    CHECK(isnan(one[1].low) && isnan(one[1].high)); /* a group of one has no interval */
    o.replicates = 0;
    CHECK_OK(vmap_validity_strangers_means(&all, p, &z.matrix, NULL, group, 2, &o, one, &err), &err);
    CHECK(isnan(one[0].low));
    o.level = 1;
    CHECK_FAILS(vmap_validity_strangers_means(&all, p, &z.matrix, NULL, group, 2, &o, one, &err), VMAP_EINVAL, &err,
                "level 1");
    vmap_partition_free(p);
    vmap_partition_free(q);
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
    TEST(a_whole_weight_is_as_many_units_at_one_place),
    TEST(weighted_clusters_are_alike_as_their_rows_are),
    TEST(weighted_cophenetic_correlations_are_those_of_the_rows),
    TEST(a_unit_of_weight_0_counts_nowhere),
    TEST(means_of_strangers_have_the_intervals_of_a_bootstrap_in_r),
    TEST(strangers_see_weights_and_no_threads),
    TEST(one_cluster_all_clusters_duplicates_and_noise),
    TEST(what_cannot_be_judged_is_refused),
};
SUITE(cluster_validity_suite, cases);
