#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "valuemap/moments.h"

static vmap_levels *levels_of(const gsl_matrix *x, const gsl_matrix *g, const gsl_matrix *w)
{
    size_t *group = calloc(x->size1, sizeof *group);
    vmap_levels *l = NULL;
    vmap_error err;

    for (size_t i = 0; i < x->size1; i++)
        group[i] = (size_t)gsl_matrix_get(g, i, 0);
    /* the groups are numbered 1..6: number 0 stays empty and 7 would be "no group" */
    CHECK_OK(vmap_moments_levels(x->data, x->size1, x->size2, w ? w->data : NULL, group, 7, &l, &err),
             &err);
    free(group);
    return l;
}

static void levels_are_those_of_the_definition(void)
{
    gsl_matrix *x = read_reference("association.tsv", "levels_x");
    gsl_matrix *g = read_reference("association.tsv", "levels_g");
    vmap_levels *l = levels_of(x, g, NULL);

    if (l) {
        CHECK_COUNT(l->groups, 6);
        CHECK_COUNT(l->size[0], 0);
        CHECK_COUNT(l->size[4], 31);
        check_reference("association.tsv", "levels_means", 18, get_matrix_element, l->means);
        check_reference("association.tsv", "levels_total", 9, get_matrix_element, l->total);
        check_reference("association.tsv", "levels_within", 9, get_matrix_element, l->within);
        check_reference("association.tsv", "levels_within_psych", 9, get_matrix_element, l->within);
        check_reference("association.tsv", "levels_between", 9, get_matrix_element, l->between);
        check_reference("association.tsv", "levels_muthen", 9, get_matrix_element, l->muthen);
        check_reference("association.tsv", "levels_icc1", 3, get_vector_element, l->icc1);
        check_reference("association.tsv", "levels_icc2", 3, get_vector_element, l->icc2);
        check_reference("association.tsv", "levels_f", 3, get_vector_element, l->f);
        CHECK_NEAR(gsl_vector_get(l->df_between, 0), 5, 0);
        CHECK_NEAR(gsl_vector_get(l->df_within, 0), 94, 1e-12);
    }
    vmap_levels_free(l);
    gsl_matrix_free(x);
    gsl_matrix_free(g);
}

static void weights_enter_every_level(void)
{
    gsl_matrix *x = read_reference("association.tsv", "levels_x");
    gsl_matrix *g = read_reference("association.tsv", "levels_g");
    gsl_matrix *w = read_reference("association.tsv", "levels_w");
    vmap_levels *l = levels_of(x, g, w), *scaled;

    if (l) {
        check_reference("association.tsv", "levels_weighted_means", 18, get_matrix_element, l->means);
        check_reference("association.tsv", "levels_weighted_within", 9, get_matrix_element, l->within);
        check_reference("association.tsv", "levels_weighted_total", 9, get_matrix_element, l->total);
        check_reference("association.tsv", "levels_weighted_f", 3, get_vector_element, l->f);
    }
    gsl_matrix_scale(w, 1000);
    scaled = levels_of(x, g, w);
    if (l && scaled) {
        for (size_t i = 0; i < 3; i++)
            CHECK_NEAR(gsl_vector_get(l->icc1, i), gsl_vector_get(scaled->icc1, i), 1e-13);
    }
    vmap_levels_free(l);
    vmap_levels_free(scaled);
    gsl_matrix_free(x);
    gsl_matrix_free(g);
    gsl_matrix_free(w);
}

/* Total = within + between for every pair, also with answers missing: the same sum of squares. */
static void missing_answers_are_left_out_pair_by_pair(void)
{
    gsl_matrix *x = read_reference("association.tsv", "levels_x");
    gsl_matrix *g = read_reference("association.tsv", "levels_g");
    vmap_moments *m = NULL;
    vmap_levels *l;
    vmap_error err;

    for (size_t i = 0; i < x->size1; i += 7)
        gsl_matrix_set(x, i, i % 3, NAN);
    l = levels_of(x, g, NULL);
    CHECK_OK(vmap_moments_correlate(x->data, x->size1, 3, NULL, VMAP_PAIRWISE, &m, &err), &err);
    if (l && m) {
        for (size_t i = 0; i < 9; i++)
            CHECK_NEAR(l->total->data[i], m->r->data[i], 1e-12);
    }
    vmap_levels_free(l);
    vmap_moments_free(m);
    gsl_matrix_free(x);
    gsl_matrix_free(g);
}

static void refuse(const double *x, const size_t *g, const char *column, const char *words)
{
    vmap_levels *l = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_moments_levels(x, 6, 2, NULL, g, 3, &l, &err), VMAP_EDATA, &err, words);
    CHECK_TEXT(err.column, column);
    CHECK(l == NULL);
}

static void what_has_no_levels_is_refused(void)
{
    static const double fine[] = {1, 2, 2, 5, 3, 1, 4, 4, 9, 0, 7, 7};
    static const double within[] = {1, 2, 2, 2, 3, 1, 4, 1, 9, 0, 7, 0};
    static const double between[] = {1, 2, 2, 4, 3, 2, 4, 4, 9, 2, 7, 4};
    static const size_t two[] = {0, 0, 0, 1, 1, 1}, three[] = {0, 0, 1, 1, 2, 2};

    refuse(fine, two, "", "2 groups have respondents");
    refuse(within, three, "2", "constant within every group");
    refuse(between, three, "2", "all groups have the same mean");
}

static double get_rank(void *ranks, size_t i, size_t j)
{
    return ((double *)ranks)[i * 3 + j];
}

/* Ranks are those of copies, and their levels those of the definition on R's ranks. */
static void ranks_have_levels_too(void)
{
    gsl_matrix *x = read_reference("association.tsv", "levels_coarse");
    gsl_matrix *g = read_reference("association.tsv", "levels_g");
    gsl_matrix *w = read_reference("association.tsv", "levels_w");
    double *ranks = x ? calloc(x->size1 * x->size2, sizeof *ranks) : NULL;
    vmap_levels *l = NULL;
    vmap_error err;

    if (ranks && g && w) {
        CHECK_OK(vmap_moments_ranks(x->data, 100, 3, w->data, ranks, &err), &err);
        check_reference("association.tsv", "levels_ranks", 300, get_rank, ranks);
        CHECK_OK(vmap_moments_ranks(x->data, 100, 3, NULL, ranks, &err), &err);
        memcpy(x->data, ranks, 300 * sizeof *ranks);
        l = levels_of(x, g, NULL);
    }
    if (l) {
        check_reference("association.tsv", "levels_rank_total", 9, get_matrix_element, l->total);
        check_reference("association.tsv", "levels_rank_within", 9, get_matrix_element, l->within);
        check_reference("association.tsv", "levels_rank_between", 9, get_matrix_element, l->between);
        check_reference("association.tsv", "levels_rank_muthen", 9, get_matrix_element, l->muthen);
    }
    vmap_levels_free(l);
    free(ranks);
    gsl_matrix_free(x);
    gsl_matrix_free(g);
    gsl_matrix_free(w);
}

/* Who did not answer or does not count has no rank. */
static void no_answer_has_no_rank(void)
{
    const double x[] = {3, 1, NAN, 2, 1, 2, 9, 9}, w[] = {1, 2, 1, 0};
    double ranks[8];
    vmap_error err;

    CHECK_OK(vmap_moments_ranks(x, 4, 2, w, ranks, &err), &err);
    CHECK_NEAR(ranks[0], 1.5, 0); /* above the third respondent's 1 */
    CHECK_NEAR(ranks[4], .5, 0);
    CHECK(isnan(ranks[2]) && isnan(ranks[6]) && isnan(ranks[7]));
    CHECK_NEAR(ranks[1], .5, 0);
    CHECK_NEAR(ranks[3], 2.5, 0); /* weight 2 and the third of weight 1 share 1 .. 4 */
}

/* Where groups differ less than chance, the variance between them is estimated below zero: then there
 * is no such matrix. */
static void a_negative_variance_between_groups_gives_no_matrix(void)
{
    static const double x[] = {1, 2, 9, 8.5, 9, 1, 1, 8, 1.5, 8, 9, 2.2};
    static const size_t g[] = {0, 0, 1, 1, 2, 2};
    vmap_levels *l = NULL;
    vmap_error err;

    CHECK_OK(vmap_moments_levels(x, 6, 2, NULL, g, 3, &l, &err), &err);
    if (l) {
        CHECK(!l->muthen_whole && isnan(gsl_matrix_get(l->muthen, 1, 0)));
        CHECK(gsl_vector_get(l->icc1, 0) < 0);
    }
    vmap_levels_free(l);
}

static const test_case cases[] = {
    TEST(levels_are_those_of_the_definition),
    TEST(ranks_have_levels_too),
    TEST(no_answer_has_no_rank),
    TEST(weights_enter_every_level),
    TEST(missing_answers_are_left_out_pair_by_pair),
    TEST(what_has_no_levels_is_refused),
    TEST(a_negative_variance_between_groups_gives_no_matrix),
};
SUITE(moments_levels_suite, cases);
