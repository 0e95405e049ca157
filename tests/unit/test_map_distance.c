#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "valuemap/map.h"

enum { MAX = 8 };

/* Reference points and one group, all in arrays of the test. */
typedef struct {
    vmap_references of;
    vmap_reference country[MAX];
    gsl_vector *at[MAX];
    vmap_group group;
} scene;

static gsl_vector *point(double x, double y)
{
    gsl_vector *v = gsl_vector_alloc(2);

    gsl_vector_set(v, 0, x);
    gsl_vector_set(v, 1, y);
    return v;
}

/* places: 2 x count */
static void set_scene(scene *s, size_t count, const double *places, double x, double y)
{
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < count; i++) {
        s->at[i] = point(places[2 * i], places[2 * i + 1]);
        s->country[i].at = s->at[i];
    }
    s->of.country = s->country;
    s->of.countries = count;
    s->group.mean = point(x, y);
    s->group.n = 5;
    s->group.op = calloc(1, sizeof *s->group.op);
    s->group.op->constant = gsl_vector_calloc(2);
    s->group.op->weights = gsl_matrix_calloc(3, 2);
}

static void clear_scene(scene *s)
{
    for (size_t i = 0; i < s->of.countries; i++)
        gsl_vector_free(s->at[i]);
    gsl_vector_free(s->group.mean);
    gsl_matrix_free(s->group.replicates);
    gsl_vector_free(s->group.op->constant);
    gsl_matrix_free(s->group.op->weights);
    free(s->group.op);
}

/* ---- known values, by hand ---- */

static void distances_by_hand(void)
{
    gsl_vector *a = point(1, 2), *b = point(4, -2), *c = point(2, 3);
    gsl_matrix *inverse = gsl_matrix_alloc(2, 2);

    CHECK_NEAR(vmap_distance_euclidean(a, b), 5, 0);
    CHECK_NEAR(vmap_distance_euclidean(b, a), 5, 0);
    CHECK_NEAR(vmap_distance_euclidean(a, a), 0, 0);
    gsl_matrix_set_identity(inverse);
    CHECK_NEAR(vmap_distance_mahalanobis(a, b, inverse), 5, 0);
    gsl_matrix_set(inverse, 0, 0, 0.25); /* sd 2 and 1 */
    CHECK_NEAR(vmap_distance_mahalanobis(a, b, inverse), sqrt(9.0 / 4 + 16), 1e-15);
    gsl_matrix_set(inverse, 0, 0, 2.0 / 3); /* of [2 1; 1 2] */
    gsl_matrix_set(inverse, 1, 1, 2.0 / 3);
    gsl_matrix_set(inverse, 0, 1, -1.0 / 3);
    gsl_matrix_set(inverse, 1, 0, -1.0 / 3);
    CHECK_NEAR(vmap_distance_mahalanobis(a, c, inverse), sqrt(2.0 / 3), 1e-15);
    CHECK_NEAR(vmap_distance_mahalanobis(c, a, inverse), sqrt(2.0 / 3), 1e-15);
    gsl_matrix_free(inverse);
    gsl_vector_free(a);
    gsl_vector_free(b);
    gsl_vector_free(c);
}

static void the_nearest_come_first_and_ties_in_order(void)
{
    static const double places[] = {3, 0, 0, 1, 0, -1, 0.5, 0, -4, 0};
    static const size_t order[] = {3, 1, 2, 0, 4};
    static const double distances[] = {0.5, 1, 1, 3, 4};
    vmap_neighbour near[MAX];
    scene s;
    vmap_error err;

    set_scene(&s, 5, places, 0, 0);
    CHECK_OK(vmap_groups_nearest(&s.group, s.country, 5, NULL, 5, near, &err), &err);
    for (size_t i = 0; i < 5; i++) {
        CHECK_COUNT(near[i].reference, order[i]);
        CHECK_COUNT(near[i].rank, i + 1);
        CHECK_NEAR(near[i].distance, distances[i], 0);
        CHECK(isnan(near[i].mahalanobis) && isnan(near[i].low) && isnan(near[i].high) &&
              isnan(near[i].selected));
    }
    clear_scene(&s);
}

/* By hand: 41 replicates stand at 0, 1 .. 40 on the first axis; a point at 0 has these distances,
 * of which the 2.5 % and 97.5 % quantiles are 1 and 39 (type 7 of Hyndman & Fan 1996, as in R). The
 * replicates 0 .. 12 are nearest to it and 13 .. 40 to the point at 25. */
static void intervals_and_shares_come_from_the_replicates(void)
{
    static const double places[] = {25, 0, 0, 0, 25, 0, 90, 0};
    vmap_neighbour near[MAX];
    double total = 0;
    scene s;
    vmap_error err;

    set_scene(&s, 4, places, 20, 0);
    s.group.replicates = gsl_matrix_calloc(41, 2);
    for (size_t r = 0; r <= 40; r++)
        gsl_matrix_set(s.group.replicates, (r * 7) % 41, 0, (double)r);
    CHECK_OK(vmap_groups_nearest(&s.group, s.country, 4, NULL, 4, near, &err), &err);
    CHECK_COUNT(near[0].reference, 0);
    CHECK_COUNT(near[1].reference, 2); /* the same place, but later in the list */
    CHECK_COUNT(near[2].reference, 1);
    CHECK_NEAR(near[2].low, 1, 1e-12);
    CHECK_NEAR(near[2].high, 39, 1e-12);
    CHECK_NEAR(near[0].selected, 28.0 / 41, 1e-15);
    CHECK_NEAR(near[1].selected, 0, 0);
    CHECK_NEAR(near[2].selected, 13.0 / 41, 1e-15);
    for (size_t i = 0; i < 4; i++)
        total += near[i].selected;
    CHECK_NEAR(total, 1, 1e-15);
    clear_scene(&s);
}

static void a_target_has_its_place_in_the_list(void)
{
    static const double places[] = {3, 0, 0, 1, 0, -1, 0.5, 0};
    static const size_t ranks[] = {4, 2, 3, 1};
    scene s;

    set_scene(&s, 4, places, 0, 0);
    for (size_t c = 0; c < 4; c++) {
        vmap_target *t = NULL;
        vmap_neighbour near[MAX];
        vmap_error err;

        CHECK_OK(vmap_target_new(&s.group, &s.of, c, &t, &err), &err);
        CHECK_COUNT(t->reference, c);
        CHECK_COUNT(t->to.reference, c);
        CHECK_COUNT(t->to.rank, ranks[c]);
        CHECK_NEAR(gsl_vector_get(t->difference, 0), -places[2 * c], 0); /* group minus target */
        CHECK_NEAR(gsl_vector_get(t->difference, 1), -places[2 * c + 1], 0);
        CHECK(isnan(t->same_items)); /* the countries have no item means */
        CHECK_OK(vmap_groups_nearest(&s.group, s.country, 4, NULL, 4, near, &err), &err);
        CHECK_COUNT(near[ranks[c] - 1].reference, c);
        CHECK_NEAR(near[ranks[c] - 1].distance, t->to.distance, 0);
        vmap_target_free(t);
    }
    clear_scene(&s);
}

/* By hand: the group's operator is (1, -1) + [.5 0; 0 2; 0 0]' items, of which the third does not
 * count; a country with the means (2, 1, unknown) stands at (2, 1) by it. */
static void the_same_items_give_a_distance_of_their_own(void)
{
    static const double places[] = {9, 9};
    static double means[] = {2, 1, NAN};
    gsl_vector_view items = gsl_vector_view_array(means, 3);
    vmap_target *t = NULL;
    scene s;
    vmap_error err;

    set_scene(&s, 1, places, 5, 5);
    gsl_vector_set(s.group.op->constant, 0, 1);
    gsl_vector_set(s.group.op->constant, 1, -1);
    gsl_matrix_set(s.group.op->weights, 0, 0, 0.5);
    gsl_matrix_set(s.group.op->weights, 1, 1, 2);
    s.country[0].items = &items.vector;
    CHECK_OK(vmap_target_new(&s.group, &s.of, 0, &t, &err), &err);
    CHECK_NEAR(t->same_items, 5, 1e-15); /* (5, 5) - (2, 1) = (3, 4) */
    CHECK_NEAR(t->to.distance, sqrt(32), 1e-15);
    vmap_target_free(t);
    means[0] = NAN; /* an item that counts is unknown */
    CHECK_OK(vmap_target_new(&s.group, &s.of, 0, &t, &err), &err);
    CHECK(isnan(t->same_items));
    vmap_target_free(t);
    clear_scene(&s);
}

/* ---- properties ---- */

static void mahalanobis_comes_with_the_covariance(void)
{
    static const double places[] = {3, 0, 0, 1};
    gsl_matrix *inverse = gsl_matrix_calloc(2, 2);
    vmap_neighbour near[MAX];
    scene s;
    vmap_error err;

    gsl_matrix_set(inverse, 0, 0, 0.01);
    gsl_matrix_set(inverse, 1, 1, 4);
    set_scene(&s, 2, places, 0, 0);
    s.of.within_inverse = inverse;
    CHECK_OK(vmap_groups_nearest(&s.group, s.country, 2, inverse, 2, near, &err), &err);
    CHECK_COUNT(near[0].reference, 1); /* the order is Euclidean */
    CHECK_NEAR(near[0].mahalanobis, 2, 1e-15);
    CHECK_NEAR(near[1].mahalanobis, 0.3, 1e-15);
    gsl_matrix_free(inverse);
    clear_scene(&s);
}

/* ---- edges ---- */

static void there_may_be_fewer_than_are_asked_for(void)
{
    static const double places[] = {3, 0, 0, 1};
    vmap_neighbour near[MAX];
    scene s;
    vmap_error err;

    memset(near, 0xff, sizeof near);
    set_scene(&s, 2, places, 0, 0);
    CHECK_OK(vmap_groups_nearest(&s.group, s.country, 2, NULL, MAX, near, &err), &err);
    CHECK_COUNT(near[1].rank, 2);
    CHECK_COUNT(near[2].rank, SIZE_MAX); /* untouched */
    CHECK_OK(vmap_groups_nearest(&s.group, s.country, 2, NULL, 1, near, &err), &err);
    CHECK_OK(vmap_groups_nearest(&s.group, s.country, 0, NULL, 1, near, &err), &err);
    clear_scene(&s);
}

static void a_target_without_a_position_has_no_numbers(void)
{
    static const double places[] = {3, 0, 0, 1};
    vmap_target *t = NULL;
    scene s;
    vmap_error err;

    set_scene(&s, 2, places, 0, 0);
    CHECK_OK(vmap_target_new(&s.group, &s.of, 2, &t, &err), &err);
    CHECK_COUNT(t->reference, 2);
    CHECK(isnan(t->same_items) && isnan(gsl_vector_get(t->difference, 0)));
    vmap_target_free(t);
    vmap_target_free(NULL);
    clear_scene(&s);
}

static const test_case cases[] = {
    TEST(distances_by_hand),
    TEST(the_nearest_come_first_and_ties_in_order),
    TEST(intervals_and_shares_come_from_the_replicates),
    TEST(a_target_has_its_place_in_the_list),
    TEST(the_same_items_give_a_distance_of_their_own),
    TEST(mahalanobis_comes_with_the_covariance),
    TEST(there_may_be_fewer_than_are_asked_for),
    TEST(a_target_without_a_position_has_no_numbers),
};
SUITE(map_distance_suite, cases);
