#include <config.h>
#include "valuemap/group_tests.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_rng.h>

#include "compare/studentized_range.h"
#include "support/check.h"
#include "valuemap/rng.h"

enum { MOST = 200 };

/* Observations of a reference file: y, first and second level. */
typedef struct {
    double y[MOST];
    size_t first[MOST], second[MOST], n, a, b;
} observations;

static observations *read_observations(const char *quantity)
{
    static observations o;
    gsl_matrix *m = read_reference("group_tests.tsv", quantity);

    o = (observations){.n = m->size1, .b = 1};
    for (size_t i = 0; i < o.n; i++) {
        o.y[i] = gsl_matrix_get(m, i, 0);
        o.first[i] = (size_t)gsl_matrix_get(m, i, 1);
        o.second[i] = m->size2 > 2 ? (size_t)gsl_matrix_get(m, i, 2) : 0;
        o.a = o.first[i] >= o.a ? o.first[i] + 1 : o.a;
        o.b = o.second[i] >= o.b ? o.second[i] + 1 : o.b;
    }
    gsl_matrix_free(m);
    return &o;
}

static vmap_anova *analyse(const char *data, vmap_anova_sums sums, bool interaction)
{
    observations *o = read_observations(data);
    vmap_anova_settings settings = {sums, interaction};
    vmap_anova *anova = NULL;
    vmap_error err;

    CHECK_OK(vmap_anova_new(o->y, o->first, o->second, o->n, o->a, o->b, &settings, &anova, &err),
             &err);
    return anova;
}

/* Rows first, second, interaction (where there is one), error; columns sum, df, F, p. */
static double element_of_table(void *context, size_t row, size_t col)
{
    const vmap_anova *a = context;
    const vmap_anova_row *rows[4];
    size_t k = 0;

    rows[k++] = &a->first;
    if (a->second.df)
        rows[k++] = &a->second;
    if (a->interaction.df)
        rows[k++] = &a->interaction;
    rows[k] = &a->error;
    return (const double[]){rows[row]->sum, (double)rows[row]->df, rows[row]->f, rows[row]->p}[col];
}

static void check_table(const char *quantity, const char *data, vmap_anova_sums sums,
                        bool interaction, size_t count)
{
    vmap_anova *anova = analyse(data, sums, interaction);

    check_reference("group_tests.tsv", quantity, count, element_of_table, anova);
    vmap_anova_free(anova);
}

static void tables_are_those_of_r_and_car(void)
{
    for (vmap_anova_sums sums = VMAP_ANOVA_SEQUENTIAL; sums <= VMAP_ANOVA_UNWEIGHTED; sums++)
        check_table("balanced", "warpbreaks", sums, true, 16);
    check_table("type1", "unbalanced", VMAP_ANOVA_SEQUENTIAL, true, 16);
    check_table("type2", "unbalanced", VMAP_ANOVA_MARGINAL, true, 16);
    check_table("type3", "unbalanced", VMAP_ANOVA_UNWEIGHTED, true, 16);
    check_table("additive", "unbalanced", VMAP_ANOVA_MARGINAL, false, 12);
    check_table("single_anova", "single", VMAP_ANOVA_MARGINAL, true, 12);
    check_table("plants_anova", "plants", VMAP_ANOVA_MARGINAL, true, 8);
}

/* R's TukeyHSD() has later minus earlier levels: signs are turned. Columns difference, lo, hi, p.
 */
static double element_of_tukey(void *context, size_t row, size_t col)
{
    const vmap_group_pair *pair = (const vmap_group_pair *)context + row;

    return (const double[]){-pair->difference, -pair->hi, -pair->lo, pair->p}[col];
}

static double element_of_pairs(void *context, size_t row, size_t col)
{
    const vmap_group_pair *pair = (const vmap_group_pair *)context + row;

    return (const double[]){pair->difference, pair->lo, pair->hi, pair->p}[col];
}

static void check_pairs(const char *quantity, vmap_anova *anova,
                        double (*element)(void *, size_t, size_t))
{
    vmap_group_pair pairs[3];
    vmap_error err;

    CHECK_OK(vmap_tukey(anova, &anova->of_first, .95, pairs, &err), &err);
    check_reference("group_tests.tsv", quantity, 12, element, pairs);
    vmap_anova_free(anova);
}

static void intervals_are_those_of_tukey(void)
{
    for (vmap_anova_sums sums = VMAP_ANOVA_SEQUENTIAL; sums <= VMAP_ANOVA_UNWEIGHTED; sums++)
        check_pairs("balanced_tukey", analyse("warpbreaks", sums, true), element_of_tukey);
    check_pairs("plants_tukey", analyse("plants", VMAP_ANOVA_MARGINAL, true), element_of_tukey);
    check_pairs("additive_tukey", analyse("unbalanced", VMAP_ANOVA_MARGINAL, false),
                element_of_pairs);
    check_pairs("unweighted_tukey", analyse("unbalanced", VMAP_ANOVA_UNWEIGHTED, true),
                element_of_pairs);
}

static void adjusted_means_are_those_of_the_model(void)
{
    vmap_anova *anova = analyse("unbalanced", VMAP_ANOVA_MARGINAL, false);
    gsl_vector_view mean = gsl_vector_view_array(anova->of_first.mean, 3);

    check_reference("group_tests.tsv", "additive_means", 3, get_vector_element, &mean.vector);
    vmap_anova_free(anova);
}

static double element_of_test(void *context, size_t row, size_t col)
{
    const vmap_rank_test *test = context;

    (void)col;
    return (const double[]){test->statistic, (double)test->df, test->p}[row];
}

static double element_of_dunn(void *context, size_t row, size_t col)
{
    const vmap_group_pair *pair = (const vmap_group_pair *)context + row;

    return (const double[]){pair->statistic, pair->p, pair->p_adjusted}[col];
}

static void kruskal_and_dunn_are_those_of_r(void)
{
    observations *o = read_observations("ozone");
    vmap_rank_test *test = NULL;
    vmap_group_pair pairs[10];
    const vmap_adjustment *holm = NULL;
    gsl_vector_view ranks;
    vmap_error err;

    CHECK_OK(vmap_kruskal_new(o->y, o->first, o->n, o->a, &test, &err), &err);
    CHECK_COUNT(test->n, 116);
    CHECK_COUNT(test->left_out, 37);
    check_reference("group_tests.tsv", "kruskal", 3, element_of_test, test);
    ranks = gsl_vector_view_array(test->mean_rank, 5);
    check_reference("group_tests.tsv", "kruskal_ranks", 5, get_vector_element, &ranks.vector);
    CHECK_OK(vmap_adjustment_find("holm", &holm, &err), &err);
    CHECK_OK(vmap_dunn(test, holm, pairs, &err), &err);
    check_reference("group_tests.tsv", "dunn", 30, element_of_dunn, pairs);
    vmap_rank_test_free(test);
}

static double element_of_nemenyi(void *context, size_t row, size_t col)
{
    const vmap_group_pair *pair = (const vmap_group_pair *)context + row;

    return col ? pair->p : pair->statistic;
}

static double element_of_iman(void *context, size_t row, size_t col)
{
    const vmap_rank_test *test = context;

    (void)col;
    return row ? test->p_f : test->f;
}

static void friedman_and_nemenyi_are_those_of_r(void)
{
    gsl_matrix *y = read_reference("group_tests.tsv", "rounding");
    vmap_rank_test *test = NULL;
    vmap_group_pair pairs[3];
    gsl_vector_view ranks;
    double cd;
    vmap_error err;

    CHECK_OK(vmap_friedman_new(y->data, y->size1, y->size2, &test, &err), &err);
    check_reference("group_tests.tsv", "friedman", 3, element_of_test, test);
    check_reference("group_tests.tsv", "iman", 2, element_of_iman, test);
    ranks = gsl_vector_view_array(test->mean_rank, 3);
    check_reference("group_tests.tsv", "friedman_ranks", 3, get_vector_element, &ranks.vector);
    CHECK_OK(vmap_nemenyi(test, .95, pairs, &cd, &err), &err);
    check_reference("group_tests.tsv", "nemenyi", 6, element_of_nemenyi, pairs);
    vmap_rank_test_free(test);
    gsl_matrix_free(y);
}

/* Demsar (2006), JMLR 7, section 3.2.2: four algorithms on 14 data sets, q = 2.569 at 5 %, critical
 * difference 2.569 sqrt(4 5 / (6 14)) = 1.25. */
static void the_critical_difference_is_that_of_demsar(void)
{
    size_t count[4] = {14, 14, 14, 14};
    double mean_rank[4] = {3.143, 2.000, 2.893, 1.964}, cd;
    vmap_rank_test test = {.n = 14, .k = 4, .mean_rank = mean_rank, .count = count};
    vmap_group_pair pairs[6];
    vmap_error err;

    CHECK_OK(vmap_nemenyi(&test, .95, pairs, &cd, &err), &err);
    CHECK_NEAR(cd, 1.25, .005);
    CHECK_NEAR(studentized_range_quantile(.05, 4, INFINITY) / sqrt(2), 2.569, .0005);
}

static double element_of_range(void *context, size_t row, size_t col)
{
    gsl_matrix *at = context;

    (void)col;
    return studentized_range_upper(gsl_matrix_get(at, row, 0), (size_t)gsl_matrix_get(at, row, 1),
                                   gsl_matrix_get(at, row, 2));
}

static void the_studentized_range_is_its_integral(void)
{
    gsl_matrix *at = read_reference("studentized_range.tsv", "at");

    check_reference("studentized_range.tsv", "upper", 45, element_of_range, at);
    gsl_matrix_free(at);
    for (double p = .001; p < 1; p += .111)
        CHECK_NEAR(studentized_range_upper(studentized_range_quantile(p, 5, 7), 5, 7), p, 1e-11);
    CHECK_NEAR(studentized_range_upper(0, 3, 5), 1, 0);
}

/* Where two groups are all there is: F = t^2, and Tukey's p is that of t (q = t sqrt(2)). */
static void two_groups_are_the_t_test(void)
{
    const double y[] = {3, 5, 4, 8, 9, 7, 6};
    const size_t group[] = {0, 0, 0, 1, 1, 1, 1}, one[7] = {0};
    vmap_group_pair pair;
    vmap_anova *anova = NULL;
    vmap_error err;

    CHECK_OK(vmap_anova_new(y, group, one, 7, 2, 1, &vmap_anova_defaults, &anova, &err), &err);
    CHECK_NEAR(anova->first.f, 15, 1e-12); /* by hand: 21 between, 2 + 5 within with 5 df */
    CHECK_OK(vmap_tukey(anova, &anova->of_first, .95, &pair, &err), &err);
    CHECK_NEAR(pair.p, anova->first.p, 1e-11);
    CHECK_NEAR(pair.statistic, sqrt(2 * anova->first.f), 1e-12);
    CHECK_COUNT(anova->second.df, 0);
    CHECK(isnan(anova->second.f));
    vmap_anova_free(anova);
}

/* Adding a constant and changing the order of rows changes nothing; a factor in the other place
 * gives the same table. */
static void nothing_depends_on_order_or_level(void)
{
    vmap_anova *a = analyse("unbalanced", VMAP_ANOVA_MARGINAL, true), *b = NULL;
    observations *o = read_observations("unbalanced");
    double y[MOST];
    size_t first[MOST], second[MOST];
    vmap_error err;

    for (size_t i = 0; i < o->n; i++) {
        y[i] = o->y[o->n - 1 - i] + 1e6;
        first[i] = o->first[o->n - 1 - i];
        second[i] = o->second[o->n - 1 - i];
    }
    CHECK_OK(vmap_anova_new(y, second, first, o->n, o->b, o->a, &vmap_anova_defaults, &b, &err),
             &err);
    CHECK_NEAR(a->first.f, b->second.f, 1e-8);
    CHECK_NEAR(a->second.f, b->first.f, 1e-8);
    CHECK_NEAR(a->interaction.f, b->interaction.f, 1e-8);
    CHECK_NEAR(a->of_first.mean[1] + 1e6, b->of_second.mean[1], 1e-8);
    vmap_anova_free(a);
    vmap_anova_free(b);
}

static void what_cannot_be_compared_is_refused(void)
{
    const double y[] = {1, 2, 3, 4, NAN, 6};
    const size_t apart[] = {0, 0, 1, 1, 1, 1}, parts[] = {0, 1, 2, 3, 2, 3}, one[6] = {0};
    const size_t corner[] = {0, 0, 0, 0, 1, 1};
    vmap_anova_settings type3 = {VMAP_ANOVA_UNWEIGHTED, true};
    vmap_anova *anova = NULL;
    vmap_rank_test *test = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_anova_new(y, apart, parts, 6, 2, 4, &vmap_anova_defaults, &anova, &err),
                VMAP_EDATA, &err, "nothing for the error");
    CHECK_FAILS(vmap_anova_new((const double[]){1, 2, 1, 3, 4, 5}, apart,
                               (const size_t[]){0, 0, 1, 1, 1, 1}, 6, 2, 2, &vmap_anova_defaults,
                               &anova, &err),
                VMAP_EDATA, &err, "share no level");
    CHECK_FAILS(vmap_anova_new(y, apart, one, 6, 3, 1, &vmap_anova_defaults, &anova, &err),
                VMAP_EDATA, &err, "level 3 of the first factor has no observation");
    CHECK_FAILS(
        vmap_anova_new(y, apart, (const size_t[]){0, 1, 1, 1, 1, 1}, 6, 2, 2, &type3, &anova, &err),
        VMAP_EDATA, &err, "1 of 4 cells are empty");
    CHECK_FAILS(vmap_anova_new(y, apart, parts, 6, 2, 3, &vmap_anova_defaults, &anova, &err),
                VMAP_EINVAL, &err, "observation 4");
    CHECK_FAILS(vmap_kruskal_new(y, corner, 5, 2, &test, &err), VMAP_EDATA, &err,
                "group 2 of 2 has no observation");
    CHECK_FAILS(vmap_kruskal_new(y, one, 6, 1, &test, &err), VMAP_EDATA, &err, "one group");
    CHECK_FAILS(vmap_friedman_new(y, 2, 3, &test, &err), VMAP_EDATA, &err, "1 of 2 blocks");
    CHECK(!anova && !test);
}

static void constants_have_no_statistic(void)
{
    const double y[6] = {2, 2, 2, 2, 2, 2};
    const size_t group[6] = {0, 0, 0, 1, 1, 1}, one[6] = {0};
    vmap_rank_test *test = NULL;
    vmap_anova *anova = NULL;
    vmap_group_pair pair;
    vmap_error err;

    CHECK_OK(vmap_kruskal_new(y, group, 6, 2, &test, &err), &err);
    CHECK(isnan(test->statistic) && isnan(test->p));
    CHECK_OK(vmap_dunn(test, &vmap_adjustments[0], &pair, &err), &err);
    CHECK(isnan(pair.p) && isnan(pair.p_adjusted));
    vmap_rank_test_free(test);
    CHECK_OK(vmap_friedman_new(y, 3, 2, &test, &err), &err);
    CHECK(isnan(test->statistic) && isnan(test->p_f));
    vmap_rank_test_free(test);
    CHECK_OK(vmap_anova_new(y, group, one, 6, 2, 1, &vmap_anova_defaults, &anova, &err), &err);
    CHECK(isnan(anova->first.f));
    CHECK_OK(vmap_tukey(anova, &anova->of_first, .95, &pair, &err), &err);
    CHECK(isnan(pair.p));
    vmap_anova_free(anova);
}

static const test_case cases[] = {
    TEST(tables_are_those_of_r_and_car),         TEST(intervals_are_those_of_tukey),
    TEST(adjusted_means_are_those_of_the_model), TEST(kruskal_and_dunn_are_those_of_r),
    TEST(friedman_and_nemenyi_are_those_of_r),   TEST(the_critical_difference_is_that_of_demsar),
    TEST(the_studentized_range_is_its_integral), TEST(two_groups_are_the_t_test),
    TEST(nothing_depends_on_order_or_level),     TEST(what_cannot_be_compared_is_refused),
    TEST(constants_have_no_statistic),
};
SUITE(compare_group_tests_suite, cases);
