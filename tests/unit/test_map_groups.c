#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/made_up.h"

static const char reference[] = "map_groups.tsv";

/* The answers of tests/reference/map_groups.R: labels 1, 2 ... become "m1", "m2" ... and "c1" ...
 */
static vmap_answers *reference_answers(void)
{
    gsl_matrix *label = read_reference(reference, "label");
    gsl_matrix *weight = read_reference(reference, "weight");
    gsl_matrix *x = read_reference(reference, "answer");
    static char text[128][8];
    const char *labels[128] = {NULL};
    vmap_answers *a;

    for (size_t i = 0; i < 2 * label->size1 && i < 128; i++) {
        double code = gsl_matrix_get(label, i / 2, i % 2);

        snprintf(text[i], sizeof *text, "%c%.0f", "mc"[i % 2], code);
        labels[i] = isnan(code) ? NULL : text[i];
    }
    a = made_up_answers(x->size1, x->size2, x->data, weight->data, 2, labels);
    gsl_matrix_free(label);
    gsl_matrix_free(weight);
    gsl_matrix_free(x);
    return a;
}

/* A number of groups or columns of one quantity, for check_reference(). */
typedef struct {
    const vmap_groups *groups;
    const char *what;
} quantity;

static double get_quantity(void *context, size_t row, size_t col)
{
    const quantity *q = context;
    const vmap_group *g = &q->groups->group[row];
    const struct {
        const char *name;
        const gsl_vector *v;
    } vectors[] = {{"mean", g->mean},
                   {"se", g->se},
                   {"centre", g->centre},
                   {"share", g->share},
                   {"sd_incomplete", g->sd_incomplete},
                   {"items", g->items}};
    const struct {
        const char *name;
        double x;
    } numbers[] = {{"rows", (double)g->rows},
                   {"n", (double)g->n},
                   {"n_complete", (double)g->n_complete},
                   {"weight", g->weight},
                   {"n_eff", g->n_eff}};

    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        if (strcmp(vectors[i].name, q->what) == 0)
            return gsl_vector_get(vectors[i].v, col);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(numbers[i].name, q->what) == 0)
            return numbers[i].x;
    }
    return gsl_matrix_get(strcmp(q->what, "cov") == 0 ? g->cov : g->left_open, col / 2, col % 2);
}

static void check_quantity(const vmap_groups *groups, const char *rule, const char *what,
                           size_t columns)
{
    quantity q = {groups, what};
    char name[64];

    snprintf(name, sizeof name, "%s_%s", rule, what);
    check_reference(reference, name, 6 * columns, get_quantity, &q);
}

/* ---- known values ---- */

static void groups_agree_with_r(vmap_incomplete rule)
{
    const char *name = vmap_incomplete_name(rule);
    vmap_space *s = made_up_space();
    vmap_answers *a = reference_answers();
    vmap_projection *pr = NULL;
    vmap_groups *groups = made_up_groups(s, a, rule, &pr);
    gsl_matrix *within = gsl_matrix_alloc(2, 2);
    vmap_error err;

    CHECK_COUNT(groups->count, 6);
    CHECK_COUNT(groups->unlabelled, 2);
    if (groups->count == 6) {
        check_quantity(groups, name, "rows", 1);
        check_quantity(groups, name, "n", 1);
        check_quantity(groups, name, "n_complete", 1);
        check_quantity(groups, name, "weight", 1);
        check_quantity(groups, name, "n_eff", 1);
        check_quantity(groups, name, "mean", 2);
        check_quantity(groups, name, "se", 2);
        check_quantity(groups, name, "centre", 2);
        check_quantity(groups, name, "cov", 4);
        check_quantity(groups, name, "left_open", 4);
        check_quantity(groups, name, "sd_incomplete", 2);
        check_quantity(groups, name, "share", 2);
        check_quantity(groups, name, "items", 4);
    }
    CHECK_OK(vmap_groups_within(groups, within, &err), &err);
    if (rule == VMAP_INCOMPLETE_MEANS)
        check_reference(reference, "means_within", 4, get_matrix_element, within);
    else if (rule == VMAP_INCOMPLETE_PROJECT)
        check_reference(reference, "project_within", 4, get_matrix_element, within);
    else
        check_reference(reference, "drop_within", 4, get_matrix_element, within);
    gsl_matrix_free(within);
    vmap_groups_free(groups);
    vmap_projection_free(pr);
    vmap_answers_free(a);
    vmap_space_free(s);
}

static void means_of_answers_agree_with_r(void)
{
    groups_agree_with_r(VMAP_INCOMPLETE_MEANS);
}

static void means_of_positions_agree_with_r(void)
{
    groups_agree_with_r(VMAP_INCOMPLETE_PROJECT);
}

static void means_of_complete_answers_agree_with_r(void)
{
    groups_agree_with_r(VMAP_INCOMPLETE_DROP);
}

/* By hand: positions x = -1 + .1 I1 + .5 I2 - .4 I3 + .25 I4 of (1 1 1 -2), (6 2 2 0), (10 4 2 2)
 * are -1.3, -.2, 1.7; with weights 1, 2, 1 the mean is 0, the variance (1.69 + 2 x .04 + 2.89) / 4
 * = 1.165; deviations are the positions, so that se^2 = 3/2 (1.69 + 4 x .04 + 2.89) / 16 = .444375;
 * Kish's n is 16 / 6. */
static void one_group_by_hand(void)
{
    static const double x[] = {1, 1, 1, -2, 6, 2, 2, 0, 10, 4, 2, 2}, w[] = {1, 2, 1};
    static const char *const labels[] = {"a", "a", "a"};
    vmap_space *s = made_up_space();
    vmap_answers *a = made_up_answers(3, 4, x, w, 1, labels);
    vmap_projection *pr = NULL;

    for (int rule = 0; rule < 3; rule++) {
        vmap_groups *groups = made_up_groups(s, a, (vmap_incomplete)rule, &pr);
        const vmap_group *g = &groups->group[0];

        CHECK_COUNT(groups->count, 1);
        CHECK_TEXT(g->labels[0], "a");
        CHECK_TEXT(groups->names[0], "G1");
        CHECK_NEAR(gsl_vector_get(g->mean, 0), 0, 1e-15);
        CHECK_NEAR(gsl_matrix_get(g->cov, 0, 0), 1.165, 1e-15);
        CHECK_NEAR(gsl_vector_get(g->se, 0), sqrt(0.444375), 1e-15);
        CHECK_NEAR(g->n_eff, 16.0 / 6, 1e-15);
        CHECK_NEAR(g->weight, 4, 0);
        CHECK_NEAR(gsl_vector_get(g->items, 0), 5.75, 1e-15);
        CHECK_NEAR(gsl_vector_get(g->share, 0), 1, 0);
        CHECK_NEAR(gsl_vector_get(g->sd_incomplete, 0), 0, 0);
        vmap_groups_free(groups);
        vmap_projection_free(pr);
    }
    vmap_answers_free(a);
    vmap_space_free(s);
}

/* ---- properties ---- */

static void check_same_vector(const gsl_vector *a, const gsl_vector *b, double tolerance)
{
    for (size_t i = 0; i < a->size; i++)
        CHECK_NEAR(gsl_vector_get(a, i), gsl_vector_get(b, i), tolerance);
}

static void check_same_matrix(const gsl_matrix *a, const gsl_matrix *b, double tolerance)
{
    for (size_t i = 0; i < a->size1 * a->size2; i++)
        CHECK_NEAR(a->data[i], b->data[i], tolerance);
}

static void check_same_groups(const vmap_groups *a, const vmap_groups *b, double tolerance)
{
    CHECK_COUNT(a->count, b->count);
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        const vmap_group *g = &a->group[i], *h = &b->group[i];

        for (size_t c = 0; c < a->columns; c++)
            CHECK_TEXT(g->labels[c], h->labels[c]);
        CHECK_COUNT(g->rows, h->rows);
        CHECK_COUNT(g->n, h->n);
        CHECK_COUNT(g->n_complete, h->n_complete);
        CHECK(g->midpoint == h->midpoint);
        CHECK_NEAR(g->weight, h->weight, tolerance);
        CHECK_NEAR(g->n_eff, h->n_eff, tolerance);
        check_same_vector(g->mean, h->mean, tolerance);
        check_same_vector(g->se, h->se, tolerance);
        check_same_vector(g->share, h->share, tolerance);
        check_same_vector(g->items, h->items, tolerance);
        check_same_matrix(g->cov, h->cov, tolerance);
        check_same_matrix(g->left_open, h->left_open, tolerance);
    }
}

static void the_order_of_rows_changes_nothing(void)
{
    vmap_space *s = made_up_space();
    vmap_answers *a = reference_answers(), *b;
    size_t order[64];

    shuffle_order(a->n, order);
    b = reordered_answers(a, order);
    for (int rule = 0; rule < 3; rule++) {
        vmap_projection *pa = NULL, *pb = NULL;
        vmap_groups *ga = made_up_groups(s, a, (vmap_incomplete)rule, &pa);
        vmap_groups *gb = made_up_groups(s, b, (vmap_incomplete)rule, &pb);

        check_same_groups(ga, gb, 1e-12);
        vmap_groups_free(ga);
        vmap_groups_free(gb);
        vmap_projection_free(pa);
        vmap_projection_free(pb);
    }
    vmap_answers_free(a);
    vmap_answers_free(b);
    vmap_space_free(s);
}

/* Weights count only by their ratios, apart from the sum itself. */
static void weights_may_be_scaled(void)
{
    vmap_space *s = made_up_space();
    vmap_answers *a = reference_answers(), *b = reference_answers();

    for (size_t i = 0; i < b->n; i++)
        b->weights[i] *= 1000;
    for (int rule = 0; rule < 3; rule++) {
        vmap_projection *pa = NULL, *pb = NULL;
        vmap_groups *ga = made_up_groups(s, a, (vmap_incomplete)rule, &pa);
        vmap_groups *gb = made_up_groups(s, b, (vmap_incomplete)rule, &pb);

        for (size_t i = 0; i < gb->count; i++)
            gb->group[i].weight /= 1000;
        check_same_groups(ga, gb, 1e-12);
        vmap_groups_free(ga);
        vmap_groups_free(gb);
        vmap_projection_free(pa);
        vmap_projection_free(pb);
    }
    vmap_answers_free(a);
    vmap_answers_free(b);
    vmap_space_free(s);
}

/* Respondents who answered nothing of value to the group must not move the others. */
static void weight_zero_is_as_good_as_not_there(void)
{
    static const double x[] = {1, 1, 1, -2, 6, 2, NAN, 0, 10, 4, 2, 2, 3, 3, 3, 1};
    static const double w[] = {1, 2, 0, 1}, others[] = {1, 2, 1};
    static const char *const labels[] = {"a", "a", "a", "a"};
    double left[12];
    vmap_space *s = made_up_space();
    vmap_answers *a = made_up_answers(4, 4, x, w, 1, labels), *b;

    memcpy(left, x, 8 * sizeof *left);
    memcpy(left + 8, x + 12, 4 * sizeof *left);
    b = made_up_answers(3, 4, left, others, 1, labels);
    for (int rule = 0; rule < 3; rule++) {
        vmap_projection *pa = NULL, *pb = NULL;
        vmap_groups *ga = made_up_groups(s, a, (vmap_incomplete)rule, &pa);
        vmap_groups *gb = made_up_groups(s, b, (vmap_incomplete)rule, &pb);

        CHECK_COUNT(ga->group[0].rows, 4);
        ga->group[0].rows = 3;
        check_same_groups(ga, gb, 0);
        vmap_groups_free(ga);
        vmap_groups_free(gb);
        vmap_projection_free(pa);
        vmap_projection_free(pb);
    }
    vmap_answers_free(a);
    vmap_answers_free(b);
    vmap_space_free(s);
}

static void labels_sort_column_by_column(void)
{
    static const double x[] = {1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6};
    static const char *const labels[] = {"b", "x",  "a", "y", "b", "X",
                                         "a", "10", "a", "9", "a", ""};
    static const char *const sorted[] = {"a", "10", "a", "9", "a", "y", "b", "X", "b", "x"};
    vmap_space *s = made_up_space();
    vmap_answers *a;
    vmap_projection *pr = NULL;
    vmap_groups *groups;
    double four[24];
    size_t *of = NULL;
    vmap_error err;

    for (size_t i = 0; i < 24; i++)
        four[i] = i % 4 < 2 ? x[i / 4 * 2 + i % 2] : 1;
    a = made_up_answers(6, 4, four, NULL, 2, labels);
    groups = made_up_groups(s, a, VMAP_INCOMPLETE_MEANS, &pr);
    CHECK_COUNT(groups->count, 5);
    CHECK_COUNT(groups->unlabelled, 1);
    for (size_t i = 0; i < 5; i++) {
        CHECK_TEXT(groups->group[i].labels[0], sorted[2 * i]);
        CHECK_TEXT(groups->group[i].labels[1], sorted[2 * i + 1]);
    }
    CHECK_OK(vmap_groups_of_rows(groups, a, &of, &err), &err);
    CHECK(of && of[0] == 4 && of[1] == 2 && of[2] == 3 && of[3] == 0 && of[4] == 1 && of[5] == 5);
    free(of);
    vmap_groups_free(groups);
    vmap_projection_free(pr);
    vmap_answers_free(a);
    vmap_space_free(s);
}

/* ---- refusals ---- */

static void unknown_rules_are_refused(void)
{
    vmap_incomplete rule = VMAP_INCOMPLETE_DROP;
    vmap_error err;

    CHECK_FAILS(vmap_incomplete_find("Means", &rule, &err), VMAP_ENOENT, &err,
                "rule for incomplete answers 'Means' is not known; did you mean 'means'?");
    CHECK(rule == VMAP_INCOMPLETE_DROP);
    for (int i = 0; i < 3; i++) {
        CHECK_OK(vmap_incomplete_find(vmap_incomplete_name((vmap_incomplete)i), &rule, &err), &err);
        CHECK_COUNT((size_t)rule, (size_t)i);
    }
}

static void nobody_within_a_group_is_refused(void)
{
    static const double x[] = {1, 1, 1, 1, 2, 2, 2, 2};
    static const char *const labels[] = {"a", "b"};
    vmap_space *s = made_up_space();
    vmap_answers *a = made_up_answers(2, 4, x, NULL, 1, labels);
    vmap_projection *pr = NULL;
    vmap_groups *groups = made_up_groups(s, a, VMAP_INCOMPLETE_MEANS, &pr);
    gsl_matrix *within = gsl_matrix_alloc(2, 2);
    vmap_error err;

    CHECK_FAILS(vmap_groups_within(groups, within, &err), VMAP_EDATA, &err,
                "no group has two respondents");
    gsl_matrix_free(within);
    vmap_groups_free(groups);
    vmap_projection_free(pr);
    vmap_answers_free(a);
    vmap_space_free(s);
}

/* ---- edges ---- */

static void without_grouping_columns_all_are_one_group(void)
{
    static const double x[] = {1, 1, 1, -2, 6, 2, 2, 0};
    vmap_space *s = made_up_space();
    vmap_answers *a = made_up_answers(2, 4, x, NULL, 0, NULL);
    vmap_projection *pr = NULL;
    vmap_groups *groups = made_up_groups(s, a, VMAP_INCOMPLETE_MEANS, &pr);

    CHECK_COUNT(groups->count, 1);
    CHECK_COUNT(groups->columns, 0);
    CHECK_COUNT(groups->group[0].n, 2);
    CHECK_NEAR(gsl_vector_get(groups->group[0].mean, 0), -0.75, 1e-15); /* (-1.3 - .2) / 2 */
    vmap_groups_free(groups);
    vmap_projection_free(pr);
    vmap_answers_free(a);
    vmap_space_free(s);
}

static void nobody_at_all_is_no_group(void)
{
    vmap_space *s = made_up_space();
    vmap_answers *a = made_up_answers(0, 4, NULL, NULL, 1, NULL);
    vmap_projection *pr = NULL;
    vmap_groups *groups = made_up_groups(s, a, VMAP_INCOMPLETE_MEANS, &pr);

    CHECK_COUNT(groups->count, 0);
    vmap_groups_free(groups);
    vmap_projection_free(pr);
    vmap_answers_free(a);
    vmap_space_free(s);
}

/* One respondent has a position but no error; identical ones an error of nothing, exactly. */
static void one_respondent_and_identical_ones(void)
{
    static const double x[] = {7, 3, 2, 1, 7, 3, 2, 1, 7, 3, 2, 1, 7, 3, 2, 1};
    static const double w[] = {1, 0.3, 1.7, 0.1};
    static const char *const labels[] = {"alone", "same", "same", "same"};
    vmap_space *s = made_up_space();
    vmap_answers *a = made_up_answers(4, 4, x, w, 1, labels);

    for (int rule = 0; rule < 3; rule++) {
        vmap_projection *pr = NULL;
        vmap_groups *groups = made_up_groups(s, a, (vmap_incomplete)rule, &pr);
        const vmap_group *alone = &groups->group[0], *same = &groups->group[1];

        CHECK_COUNT(alone->n, 1);
        CHECK_NEAR(alone->n_eff, 1, 0);
        CHECK_NEAR(gsl_vector_get(alone->mean, 0), 0.65, 1e-15); /* -1 + .7 + 1.5 - .8 + .25 */
        CHECK(isnan(gsl_vector_get(alone->se, 0)) && isnan(gsl_matrix_get(alone->cov, 1, 1)));
        CHECK_COUNT(same->n, 3);
        CHECK_NEAR(gsl_vector_get(same->mean, 0), 0.65, 1e-15);
        CHECK_NEAR(gsl_matrix_get(same->cov, 0, 0), 0, 0);
        CHECK_NEAR(gsl_vector_get(same->se, 0), 0, 1e-15);
        vmap_groups_free(groups);
        vmap_projection_free(pr);
    }
    vmap_answers_free(a);
    vmap_space_free(s);
}

/* Midpoints are 5.5, 2.5, 2 and 0: within half a code on every scale. */
static void midpoints_are_noticed(void)
{
    static const double x[] = {
        5, 2,   2,   0,   6,   3,   2,   0,   /* both at the midpoint */
        5, 2,   2,   0,   6,   3,   2,   1,   /* the mean is, the second respondent is not */
        5, NAN, 2,   NAN, NAN, NAN, NAN, NAN, /* half of the items; none */
        5, NAN, NAN, NAN, 5,   2,   3,   0,   /* a quarter; one scale off */
    };
    static const char *const labels[] = {"a", "a", "b", "b", "c", "c", "d", "d"};
    vmap_space *s = made_up_space();
    vmap_answers *a = made_up_answers(8, 4, x, NULL, 1, labels);
    vmap_projection *pr = NULL;
    vmap_groups *groups = made_up_groups(s, a, VMAP_INCOMPLETE_MEANS, &pr);

    CHECK_COUNT(groups->midpoint_rows, 4); /* rows 1, 2, 3 and 5 */
    CHECK(groups->group[0].midpoint && groups->group[1].midpoint && groups->group[2].midpoint);
    CHECK(!groups->group[3].midpoint);
    vmap_groups_free(groups);
    vmap_projection_free(pr);
    vmap_answers_free(a);
    vmap_space_free(s);
}

/* A group whose respondents have no position at all has no numbers, not zeros. */
static void a_group_without_a_position_has_no_numbers(void)
{
    static const double x[] = {5, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 1, 1, 1, 1};
    static const char *const labels[] = {"none", "none", "one"};
    vmap_space *s = made_up_space();
    vmap_answers *a = made_up_answers(3, 4, x, NULL, 1, labels);

    for (int rule = 0; rule < 3; rule++) {
        vmap_projection *pr = NULL;
        vmap_groups *groups = made_up_groups(s, a, (vmap_incomplete)rule, &pr);
        const vmap_group *g = &groups->group[0];

        CHECK_COUNT(g->rows, 2);
        CHECK_COUNT(g->n, 0);
        CHECK_NEAR(g->n_eff, 0, 0);
        for (size_t j = 0; j < 2; j++) {
            CHECK(isnan(gsl_vector_get(g->mean, j)) && isnan(gsl_vector_get(g->se, j)));
            CHECK(isnan(gsl_vector_get(g->centre, j)) && isnan(gsl_vector_get(g->share, j)));
            CHECK(isnan(gsl_vector_get(g->sd_incomplete, j)));
        }
        vmap_groups_free(groups);
        vmap_projection_free(pr);
    }
    vmap_answers_free(a);
    vmap_space_free(s);
}

static const test_case cases[] = {
    TEST(means_of_answers_agree_with_r),
    TEST(means_of_positions_agree_with_r),
    TEST(means_of_complete_answers_agree_with_r),
    TEST(one_group_by_hand),
    TEST(the_order_of_rows_changes_nothing),
    TEST(weights_may_be_scaled),
    TEST(weight_zero_is_as_good_as_not_there),
    TEST(labels_sort_column_by_column),
    TEST(unknown_rules_are_refused),
    TEST(nobody_within_a_group_is_refused),
    TEST(without_grouping_columns_all_are_one_group),
    TEST(nobody_at_all_is_no_group),
    TEST(one_respondent_and_identical_ones),
    TEST(midpoints_are_noticed),
    TEST(a_group_without_a_position_has_no_numbers),
};
SUITE(map_groups_suite, cases);
