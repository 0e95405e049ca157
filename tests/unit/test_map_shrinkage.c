#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/made_up.h"

enum { MAX = 6 };

/* Countries with item means and groups with positions, by hand: one axis is enough. */
typedef struct {
    vmap_references of;
    vmap_reference country[MAX];
    vmap_group group[MAX];
    const vmap_group *list[MAX];
    size_t target[MAX];
    size_t count;
} scene;

static gsl_vector *number(double x)
{
    gsl_vector *v = gsl_vector_alloc(1);

    gsl_vector_set(v, 0, x);
    return v;
}

/* Group i, at y[i], is meant to be country i, at x[i]; all answered everything. */
static void set_scene(scene *s, size_t count, const double *x, const double *y)
{
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < count; i++) {
        vmap_group *g = &s->group[i];

        s->country[i].at = number(x[i]);
        g->n = 3;
        g->mean = number(y[i]);
        g->share = number(1);
        g->op = calloc(1, sizeof *g->op);
        g->op->constant = gsl_vector_calloc(1);
        g->op->weights = gsl_matrix_calloc(2, 1);
        s->list[i] = g;
        s->target[i] = i;
    }
    s->of.country = s->country;
    s->of.countries = s->count = count;
}

static void clear_scene(scene *s)
{
    for (size_t i = 0; i < s->count; i++) {
        gsl_vector_free(s->country[i].at);
        gsl_vector_free(s->country[i].items);
        gsl_vector_free(s->group[i].mean);
        gsl_vector_free(s->group[i].share);
        gsl_vector_free(s->group[i].op->constant);
        gsl_matrix_free(s->group[i].op->weights);
        free(s->group[i].op);
    }
}

static vmap_shrinkage *compare(const scene *s)
{
    vmap_shrinkage *result = NULL;
    vmap_error err;

    CHECK_OK(vmap_shrinkage_new(s->list, s->target, s->count, &s->of, &result, &err), &err);
    return result;
}

static double first(const gsl_vector *v)
{
    return gsl_vector_get(v, 0);
}

/* ---- known values ---- */

static void a_planted_slope_is_found_exactly(void)
{
    static const double x[] = {-2, -0.5, 0.25, 1, 3}, y[] = {-0.7, 0.05, 0.425, 0.8, 1.8};
    vmap_shrinkage *k;
    scene s;

    set_scene(&s, 5, x, y); /* y = .3 + x / 2 */
    k = compare(&s);
    CHECK(k->basis == VMAP_SHRINKAGE_OFFICIAL);
    CHECK_COUNT(k->groups, 5);
    CHECK_NEAR(first(k->slope), 0.5, 1e-15);
    CHECK_NEAR(first(k->slope_se), 0, 1e-15);
    CHECK_NEAR(first(k->spread), 0.5, 1e-15);
    CHECK_NEAR(first(k->share), 1, 1e-15);
    CHECK_NEAR(k->distance, (1.3 + 0.55 + 0.175 + 0.2 + 1.2) / 5, 1e-15);
    CHECK_NEAR(k->hits, 2.0 / 5,
               1e-15); /* .425 and .8: -.7 is nearer to -.5, .05 to .25, 1.8 to 1 */
    vmap_shrinkage_free(k);
    clear_scene(&s);
}

/* By hand: x = 1, 2, 3 and y = 1, 2, 2: Sxx = 2, Sxy = 1, residuals -1/6, 1/3, -1/6 with sum of
 * squares 1/6 and one degree of freedom, so that se = sqrt(1/12); sd(y) = sqrt(1/3), sd(x) = 1. */
static void slope_and_error_by_hand(void)
{
    static const double x[] = {1, 2, 3}, y[] = {1, 2, 2};
    vmap_shrinkage *k;
    scene s;

    set_scene(&s, 3, x, y);
    k = compare(&s);
    CHECK_NEAR(first(k->slope), 0.5, 1e-15);
    CHECK_NEAR(first(k->slope_se), sqrt(1.0 / 12), 1e-15);
    CHECK_NEAR(first(k->spread), sqrt(1.0 / 3), 1e-15);
    vmap_shrinkage_free(k);
    clear_scene(&s);
}

/* Groups that answered one of two items, x1, whose operator is .25 x1: countries with the means 4,
 * 8, 12 stand at 1, 2, 3 by it, wherever the complete answers put them. */
static void the_same_items_are_compared(void)
{
    static const double x[] = {-5, 0, 5}, y[] = {0.5, 1, 1.5};
    vmap_shrinkage *k;
    scene s;

    set_scene(&s, 3, x, y);
    for (size_t i = 0; i < 3; i++) {
        gsl_matrix_set(s.group[i].op->weights, 0, 0, 0.25);
        gsl_vector_set(s.group[i].share, 0, 0.6);
        s.country[i].items = gsl_vector_alloc(2);
        gsl_vector_set(s.country[i].items, 0, 4 * (double)(i + 1));
        gsl_vector_set(s.country[i].items, 1, NAN);
    }
    k = compare(&s);
    CHECK(k->basis == VMAP_SHRINKAGE_SAME_ITEMS);
    CHECK_NEAR(first(k->slope), 0.5, 1e-15);
    CHECK_NEAR(first(k->spread), 0.5, 1e-15);
    CHECK_NEAR(first(k->share), 0.6, 1e-15);
    CHECK_NEAR(k->same_items, 1, 1e-15); /* .5, 1, 1.5 */
    CHECK_NEAR(k->distance, (5.5 + 1 + 3.5) / 3, 1e-15);
    vmap_shrinkage_free(k);
    clear_scene(&s);
}

/* ---- properties ---- */

/* Personas of a model that follows its countries all the way and varies as people do answer like
 * the people of their country (apart from the two strata that people have). */
typedef struct {
    vmap_simulation *sim;
    vmap_countries *list;
    vmap_references *refs;
} world;

static void make_world(world *w, double refused)
{
    static const vmap_simulate_model like = {"like", {0.4, -0.1}, 1, 1};
    vmap_simulate_options o;
    vmap_error err;

    vmap_simulate_defaults(&o);
    o.models = &like;
    o.models_count = 1;
    o.personas = 3000;
    o.refused = refused;
    w->sim = made_up_simulation(&o);
    CHECK_OK(
        vmap_countries_read(source_path("datasets/map2023/countries.csv"), "2023", &w->list, &err),
        &err);
    CHECK_OK(vmap_references_new(w->sim->space, w->list, &w->refs, &err), &err);
}

static void clear_world(world *w)
{
    vmap_references_free(w->refs);
    vmap_countries_free(w->list);
    vmap_simulation_free(w->sim);
}

/* Least-squares slope of the groups' positions on the countries' official ones. */
static double official_slope(const vmap_groups *groups, const size_t *target,
                             const vmap_references *refs, size_t axis)
{
    double mx = 0, my = 0, xy = 0, xx = 0, n = (double)groups->count;

    for (size_t i = 0; i < groups->count; i++) {
        mx += gsl_vector_get(refs->country[target[i]].at, axis) / n;
        my += gsl_vector_get(groups->group[i].mean, axis) / n;
    }
    for (size_t i = 0; i < groups->count; i++) {
        double x = gsl_vector_get(refs->country[target[i]].at, axis) - mx;

        xx += x * x;
        xy += x * (gsl_vector_get(groups->group[i].mean, axis) - my);
    }
    return xy / xx;
}

/* The comparison for personas who lack the items that have a '-' in `without`; slope (2) receives
 * the slopes on the official positions. */
static vmap_shrinkage *compare_without(const world *w, const char *without, vmap_incomplete rule,
                                       double *slope)
{
    vmap_sample *sample = NULL;
    vmap_projection *pr = NULL;
    vmap_shrinkage *k = NULL;
    vmap_answers *a;
    vmap_groups *groups;
    const vmap_group *group[12];
    size_t target[12];
    vmap_error err;

    CHECK_OK(vmap_simulation_draw_personas(w->sim, &sample, &err), &err);
    a = sample_answers(w->sim, sample, w->sim->personas, without);
    groups = made_up_groups(w->sim->space, a, rule, &pr);
    CHECK_COUNT(groups->count, 12);
    for (size_t i = 0; i < 12; i++) {
        group[i] = &groups->group[i];
        target[i] = vmap_references_find(w->refs, w->list, group[i]->labels[1]);
    }
    for (size_t j = 0; j < 2; j++)
        slope[j] = official_slope(groups, target, w->refs, j);
    CHECK_OK(vmap_shrinkage_new(group, target, 12, w->refs, &k, &err), &err);
    vmap_groups_free(groups);
    vmap_projection_free(pr);
    vmap_answers_free(a);
    return k;
}

/* Items that are left out draw positions together, so that the slope on the official positions is
 * far below 1, although the model does nothing wrong; the comparison from the same items says so.
 * Its slope has a standard error of .01 with 3,000 personas in each of twelve countries: 1 is met
 * within 4. */
static void faithful_personas_have_slope_one_with_items_left_out(void)
{
    static const struct {
        const char *without;
        double most[2]; /* of the slope on the official positions */
    } known[] = {
        {"F-F--Y-FE-", {0.85, 0.87}}, {"F-FG---F-A", {0.85, 0.93}}, {"--F-E-----", {0.5, 0.8}}};
    double official[2];
    world w;

    make_world(&w, 0.02);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        vmap_shrinkage *k = compare_without(&w, known[i].without, VMAP_INCOMPLETE_MEANS, official);

        CHECK(k->basis == VMAP_SHRINKAGE_SAME_ITEMS);
        for (size_t j = 0; j < 2; j++) {
            CHECK_NEAR(gsl_vector_get(k->slope, j), 1, 0.04);
            CHECK_NEAR(gsl_vector_get(k->spread, j), 1, 0.04);
            CHECK(gsl_vector_get(k->share, j) < 0.9);
            CHECK(official[j] < known[i].most[j]);
        }
        CHECK(k->same_items < 0.12 && k->distance > 0.2);
        vmap_shrinkage_free(k);
    }
    clear_world(&w);
}

/* Scattered gaps, here 40 % of all answers, leave mean answers as they are: by the rule `means` the
 * slope on the official positions is 1 itself, by the rule `project` it is far below, and the
 * comparison from the same items puts it right. */
static void faithful_personas_have_slope_one_with_scattered_gaps(void)
{
    double official[2];
    vmap_shrinkage *k;
    world w;

    make_world(&w, 0.4);
    k = compare_without(&w, NULL, VMAP_INCOMPLETE_MEANS, official);
    CHECK(k->basis == VMAP_SHRINKAGE_OFFICIAL);
    for (size_t j = 0; j < 2; j++) {
        CHECK_NEAR(gsl_vector_get(k->slope, j), 1, 0.04);
        CHECK_NEAR(gsl_vector_get(k->slope, j), official[j], 1e-12);
    }
    vmap_shrinkage_free(k);
    k = compare_without(&w, NULL, VMAP_INCOMPLETE_PROJECT, official);
    CHECK(k->basis == VMAP_SHRINKAGE_SAME_ITEMS);
    for (size_t j = 0; j < 2; j++) {
        CHECK_NEAR(gsl_vector_get(k->slope, j), 1, 0.04);
        CHECK(official[j] < 0.9);
    }
    vmap_shrinkage_free(k);
    clear_world(&w);
}

/* ---- refusals ---- */

static void fewer_than_three_targets_are_refused(void)
{
    static const double x[] = {1, 2, 3, 4}, y[] = {1, 2, 2, 4};
    vmap_shrinkage *k = NULL;
    scene s;
    vmap_error err;

    set_scene(&s, 4, x, y);
    s.target[1] = 4;  /* no country */
    s.group[2].n = 0; /* no position */
    CHECK_FAILS(vmap_shrinkage_new(s.list, s.target, 4, &s.of, &k, &err), VMAP_EDATA, &err,
                "2 groups have a target country; a comparison of spreads needs three");
    CHECK_FAILS(vmap_shrinkage_new(s.list, s.target, 0, &s.of, &k, &err), VMAP_EDATA, &err,
                "0 groups");
    CHECK(k == NULL);
    clear_scene(&s);
}

/* ---- edges ---- */

/* As soon as one group's answers are incomplete and the countries' item means are not known, a
 * slope would show what the missing items do. Distances and hits are no comparison of spreads and
 * stay. */
static void incomplete_answers_without_item_means_are_withheld(void)
{
    static const double x[] = {1, 2, 3}, y[] = {1, 2, 2};
    vmap_shrinkage *k;
    scene s;

    set_scene(&s, 3, x, y);
    gsl_vector_set(s.group[1].share, 0, 0.998);
    k = compare(&s);
    CHECK(k->basis == VMAP_SHRINKAGE_WITHHELD);
    CHECK(isnan(first(k->slope)) && isnan(first(k->slope_se)) && isnan(first(k->spread)));
    CHECK(isnan(k->same_items));
    CHECK_NEAR(k->distance, 1.0 / 3, 1e-15);
    CHECK_NEAR(first(k->share), 2.998 / 3, 1e-15);
    vmap_shrinkage_free(k);
    gsl_vector_set(s.group[1].share, 0, 0.9995); /* as good as complete */
    k = compare(&s);
    CHECK(k->basis == VMAP_SHRINKAGE_OFFICIAL);
    CHECK_NEAR(first(k->slope), 0.5, 1e-15);
    vmap_shrinkage_free(k);
    clear_scene(&s);
}

static void countries_on_one_spot_give_no_slope(void)
{
    static const double x[] = {1, 1, 1}, y[] = {1, 2, 2};
    vmap_shrinkage *k;
    scene s;

    set_scene(&s, 3, x, y);
    k = compare(&s);
    CHECK(isnan(first(k->slope)) && isnan(first(k->spread)));
    vmap_shrinkage_free(k);
    vmap_shrinkage_free(NULL);
    clear_scene(&s);
}

/* Of countries on one spot the first in the list is the nearest, as in the table of ranks. */
static void a_tie_is_a_hit_for_the_first_in_the_list(void)
{
    static const double x[] = {1, 1, 3}, y[] = {1, 1, 3};
    vmap_shrinkage *k;
    scene s;

    set_scene(&s, 3, x, y);
    k = compare(&s);
    CHECK_NEAR(k->hits, 2.0 / 3, 1e-15);
    vmap_shrinkage_free(k);
    clear_scene(&s);
}

static void several_groups_may_mean_one_country(void)
{
    static const double x[] = {0, 1, 2}, y[] = {0, 0.5, 1};
    vmap_shrinkage *k;
    scene s;

    set_scene(&s, 3, x, y);
    s.target[2] = 1; /* (0, 0), (1, .5), (1, 1): slope .75 */
    k = compare(&s);
    CHECK_NEAR(first(k->slope), 0.75, 1e-15);
    vmap_shrinkage_free(k);
    clear_scene(&s);
}

static const test_case cases[] = {
    TEST(a_planted_slope_is_found_exactly),
    TEST(slope_and_error_by_hand),
    TEST(the_same_items_are_compared),
    TEST(faithful_personas_have_slope_one_with_items_left_out),
    TEST(faithful_personas_have_slope_one_with_scattered_gaps),
    TEST(fewer_than_three_targets_are_refused),
    TEST(incomplete_answers_without_item_means_are_withheld),
    TEST(countries_on_one_spot_give_no_slope),
    TEST(a_tie_is_a_hit_for_the_first_in_the_list),
    TEST(several_groups_may_mean_one_country),
};
SUITE(map_shrinkage_suite, cases);
