#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/sheets.h"
#include "valuemap/morality_structure.h"

/* Reference values: tests/reference/morality_structure.R (psych, GPArotation). */

/* Made-up people with the key's structure, scored. */
static sheets read_people(void)
{
    static const char *const groups[] = {"land", NULL};
    sheets s = {.questionnaire = sheets_key("mfq2-blocked")};
    vmap_error err;

    CHECK_OK(sheets_read(&s, source_path("tests/data/morality-people.csv"), groups, &err), &err);
    CHECK_OK(vmap_questionnaire_rescale(s.questionnaire, s.answers, NULL, s.ledger, &err), &err);
    CHECK_OK(vmap_answers_finish(s.answers, s.ledger, &err), &err);
    CHECK_OK(vmap_questionnaire_score(s.questionnaire, s.answers, NULL, &s.scores, &err), &err);
    return s;
}

/* Rows whose first label is `label` (NULL: all), in fresh memory. */
static size_t *rows_of(const sheets *s, const char *label, size_t *n)
{
    size_t *rows = malloc(s->answers->n * sizeof *rows);

    *n = 0;
    for (size_t i = 0; i < s->answers->n; i++) {
        if (!label || strcmp(vmap_table_text(s->answers->groups, 0, i), label) == 0)
            rows[(*n)++] = i;
    }
    return rows;
}

static vmap_structure_options quick(void)
{
    vmap_structure_options o;

    vmap_structure_defaults(&o);
    o.retention = false;
    o.permutations = 19;
    return o;
}

static vmap_structure *structure_of(const sheets *s, const size_t *rows, size_t n, const vmap_structure_options *o)
{
    vmap_structure *x = NULL;
    vmap_error err;

    CHECK_OK(vmap_structure_new(s->questionnaire, s->answers, s->scores, rows, n, o, &x, &err), &err);
    return x;
}

static void check(const vmap_structure *x, const char *name)
{
    const struct {
        const char *suffix;
        size_t count;
        double (*get)(void *, size_t, size_t);
        void *from;
    } all[] = {{"target", 216, get_matrix_element, x->target.pattern},
               {"target_phi", 36, get_matrix_element, x->target.phi},
               {"congruence", 6, get_vector_element, x->target.congruence},
               {"own_share", 6, get_vector_element, x->target.own_share},
               {"free", 216, get_matrix_element, x->free.pattern},
               {"free_congruence", 6, get_vector_element, x->free.congruence},
               {"rigid", 6, get_vector_element, x->rigid->phi},
               {"uniqueness", 36, get_vector_element, x->analysis->solution->uniqueness}};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char quantity[60];

        snprintf(quantity, sizeof quantity, "%s_%s", name, all[i].suffix);
        check_reference("morality_structure.tsv", quantity, all[i].count, all[i].get, all[i].from);
    }
}

/* ---- known values ---- */

static void factors_turn_towards_the_key_and_freely_as_in_r(void)
{
    const vmap_structure_options o = quick();
    sheets people = read_people(), models = sheets_of_study();
    size_t n, *rows = rows_of(&people, NULL, &n), m, *model_rows = rows_of(&models, "qwen2.5:72b", &m);
    vmap_structure *a = structure_of(&people, rows, n, &o), *b = structure_of(&models, model_rows, m, &o);
    vmap_congruence *c = NULL;
    vmap_error err;

    check(a, "people");
    CHECK_NEAR(a->target.share, 1, 1e-12);
    CHECK_COUNT(a->n, 271);
    check(b, "model");
    CHECK_OK(vmap_structure_compare(a, b, &o, &c, &err), &err);
    check_reference("morality_structure.tsv", "people_model", 6, get_vector_element, c->phi);
    vmap_congruence_free(c);
    vmap_structure_free(a);
    vmap_structure_free(b);
    free(rows);
    free(model_rows);
    sheets_free(&people);
    sheets_free(&models);
}

static void differences_within_nations_are_those_of_r(void)
{
    vmap_structure_options o = quick();
    sheets people = read_people();
    size_t n, *rows = rows_of(&people, NULL, &n), *group;
    vmap_profiles *p = NULL;
    vmap_structure *x;
    vmap_error err;

    CHECK_OK(vmap_profiles_new(people.questionnaire, people.answers, people.scores, .95, &p, &err), &err);
    CHECK_OK(vmap_profiles_of_rows(p, people.answers, &group, &err), &err);
    o.centre = group;
    o.groups = p->count;
    x = structure_of(&people, rows, n, &o);
    check(x, "within");
    vmap_structure_free(x);
    vmap_profiles_free(p);
    free(group);
    free(rows);
    sheets_free(&people);
}

static double get_item(void *items, size_t row, size_t col)
{
    const vmap_item_statistics *x = (const vmap_item_statistics *)items + row;
    const double value[] = {x->mean, x->sd, x->item_rest, x->if_dropped, x->loading, x->floor, x->ceiling};

    return value[col];
}

static void items_are_those_of_psych_alpha(void)
{
    sheets people = read_people();
    size_t n, *rows = rows_of(&people, NULL, &n), complete = 0;
    vmap_item_statistics item[6];
    vmap_error err;

    for (size_t i = 0; i < n; i++) {
        if (people.scores->used[rows[i] * 6] == 6)
            rows[complete++] = rows[i];
    }
    CHECK_OK(vmap_item_statistics_find(people.questionnaire, people.answers, people.scores, 0, rows, complete, item, &err),
             &err);
    check_reference("morality_structure.tsv", "items", 42, get_item, item);
    check_reference("morality_structure.tsv", "items_exact", 24, get_item, item);
    CHECK_COUNT(item[5].item, 5);
    CHECK_COUNT(item[0].n, complete);
    free(rows);
    sheets_free(&people);
}

/* ---- properties ---- */

static void the_structure_does_not_depend_on_threads_or_order(void)
{
    vmap_structure_options o = quick();
    sheets people = read_people();
    size_t n, *rows = rows_of(&people, NULL, &n);
    vmap_structure *a = structure_of(&people, rows, n, &o), *b;

    for (size_t i = 0; i < n / 2; i++) {
        size_t other = rows[i];

        rows[i] = rows[n - 1 - i];
        rows[n - 1 - i] = other;
    }
    o.threads = 3;
    b = structure_of(&people, rows, n, &o);
    for (size_t k = 0; k < 6; k++) {
        CHECK_NEAR(gsl_vector_get(a->target.congruence, k), gsl_vector_get(b->target.congruence, k), 1e-6);
        CHECK_NEAR(gsl_vector_get(a->rigid->floor, k), gsl_vector_get(b->rigid->floor, k), 1e-6);
    }
    vmap_structure_free(a);
    vmap_structure_free(b);
    free(rows);
    sheets_free(&people);
}

static void retention_finds_the_six_factors_that_were_put_in(void)
{
    vmap_structure_options o = quick();
    sheets people = read_people();
    size_t n, *rows = rows_of(&people, NULL, &n);
    vmap_structure *x;

    o.retention = true;
    x = structure_of(&people, rows, n, &o);
    CHECK(x->analysis->retention->clear);
    CHECK_COUNT(x->analysis->retention->consensus, 6);
    vmap_structure_free(x);
    free(rows);
    sheets_free(&people);
}

/* ---- refusals and edges ---- */

static void constant_items_and_few_sheets_are_refused_by_name(void)
{
    const vmap_structure_options o = quick();
    sheets s = sheets_of_study();
    size_t n, *rows = rows_of(&s, "llama3.3:70b", &n), m, *thin = rows_of(&s, "mistral:7b", &m);
    vmap_structure *x = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_structure_new(s.questionnaire, s.answers, s.scores, rows, n, &o, &x, &err), VMAP_EDATA, &err,
                "13 of 36 items have the same answer on all 950 sheets or none: mfq2_1, mfq2_7");
    CHECK_FAILS(vmap_structure_new(s.questionnaire, s.answers, s.scores, rows, 60, &o, &x, &err), VMAP_EDATA, &err,
                "60 of 60 sheets");
    CHECK_FAILS(vmap_structure_new(s.questionnaire, s.answers, s.scores, rows, 0, &o, &x, &err), VMAP_EDATA, &err,
                "0 of 0 sheets");
    CHECK_FAILS(vmap_structure_new(s.questionnaire, s.answers, s.scores, thin, m, &o, &x, &err), VMAP_EDATA, &err,
                "needs 72 for every pair");
    CHECK(!x);
    free(rows);
    free(thin);
    sheets_free(&s);
}

static void an_item_without_variance_has_no_correlations(void)
{
    sheets s = sheets_of_study();
    size_t n, *rows = rows_of(&s, "llama3.3:70b", &n);
    vmap_item_statistics item[6];
    vmap_error err;

    CHECK_OK(vmap_item_statistics_find(s.questionnaire, s.answers, s.scores, 0, rows, n, item, &err), &err);
    CHECK_NEAR(item[0].sd, 0, 0);
    CHECK_NEAR(item[0].ceiling, 1, 0);
    CHECK(isnan(item[0].item_rest) && isnan(item[0].if_dropped) && isnan(item[0].loading));
    CHECK_OK(vmap_item_statistics_find(s.questionnaire, s.answers, s.scores, 0, rows, 0, item, &err), &err);
    CHECK_COUNT(item[0].asked, 0);
    CHECK(isnan(item[0].mean) && isnan(item[0].sd) && isnan(item[0].floor));
    free(rows);
    sheets_free(&s);
}

/* ---- intervals of congruence ---- */

enum { MADE_P = 12, MADE_K = 3 };

/* Only what vmap_structure_interval() looks at, from morality_interval.R. */
typedef struct {
    vmap_structure s;
    vmap_factor_analysis analysis;
    vmap_factor_solution solution;
    vmap_congruence rigid;
    gsl_matrix *replicates;
} made;

static void make(const char *unrotated, const char *replicates, made *m)
{
    m->solution.unrotated = read_reference("morality_interval.tsv", unrotated);
    m->rigid.aligned = read_reference("morality_interval.tsv", "aligned");
    m->replicates = read_reference("morality_interval.tsv", replicates);
    m->analysis.solution = &m->solution;
    m->s = (vmap_structure){.p = MADE_P, .k = MADE_K, .key = read_reference("morality_interval.tsv", "key"),
                            .analysis = &m->analysis, .rigid = &m->rigid, .replicate = m->replicates->data,
                            .usable = m->replicates->size1};
}

static void unmake(made *m)
{
    gsl_matrix_free(m->solution.unrotated);
    gsl_matrix_free(m->rigid.aligned);
    gsl_matrix_free(m->replicates);
    gsl_matrix_free(m->s.key);
}

static double get_bound(void *bounds, size_t row, size_t col)
{
    return ((double *)bounds)[col * (MADE_K + 1) + row];
}

static void intervals_of_congruence_are_corrected_for_their_bias(void)
{
    made a = {.replicates = NULL}, b = {.replicates = NULL};
    double bound[2 * (MADE_K + 1)];
    vmap_error err;

    make("a", "a_replicates", &a);
    make("b", "b_replicates", &b);
    CHECK_OK(vmap_structure_interval(&a.s, &b.s, .95, bound, bound + MADE_K + 1, NULL), NULL);
    check_reference("morality_interval.tsv", "pair", 2 * (MADE_K + 1), get_bound, bound);
    CHECK_OK(vmap_structure_interval(NULL, &b.s, .95, bound, bound + MADE_K + 1, NULL), NULL);
    check_reference("morality_interval.tsv", "with_key", 2 * (MADE_K + 1), get_bound, bound);
    CHECK_FAILS(vmap_structure_interval(NULL, &b.s, 1, bound, bound + MADE_K + 1, &err), VMAP_EINVAL, &err, "level 1");
    b.s.usable = 49;
    CHECK_OK(vmap_structure_interval(&a.s, &b.s, .95, bound, bound + MADE_K + 1, NULL), NULL);
    CHECK(isnan(bound[0]) && isnan(bound[MADE_K + 1]));
    b.s.k = 2;
    CHECK_FAILS(vmap_structure_interval(&a.s, &b.s, .95, bound, bound + MADE_K + 1, &err), VMAP_EINVAL, &err, "in 3 factors and of 12 in 2");
    b.s.k = MADE_K;
    unmake(&a);
    unmake(&b);
}

static const test_case cases[] = {
    TEST(factors_turn_towards_the_key_and_freely_as_in_r),
    TEST(differences_within_nations_are_those_of_r),
    TEST(items_are_those_of_psych_alpha),
    TEST(the_structure_does_not_depend_on_threads_or_order),
    TEST(retention_finds_the_six_factors_that_were_put_in),
    TEST(constant_items_and_few_sheets_are_refused_by_name),
    TEST(an_item_without_variance_has_no_correlations),
    TEST(intervals_of_congruence_are_corrected_for_their_bias),
};
SUITE(morality_structure_suite, cases);
