#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figure/layout.h"
#include "support/check.h"
#include "valuemap/rng.h"

enum { MOST = 120 };

/* Labels of countries on a plot as large as that of a page, with markers as obstacles. */
typedef struct trial {
    label_request request[MOST];
    disc discs[MOST];
    label_field field;
    label_place place[MOST];
    label_count count;
} trial;

static void scatter(trial *t, size_t n, uint64_t seed)
{
    gsl_rng *rng = vmap_rng_new(seed, 7);

    *t = (trial){
        .field = {.frame = {0, 0, 470, 400}, .unit = 1, .discs = t->discs, .discs_count = n}};
    for (size_t i = 0; i < n; i++) {
        t->discs[i] =
            (disc){{20 + 430 * gsl_rng_uniform(rng), 20 + 360 * gsl_rng_uniform(rng)}, 2, 0};
        t->request[i] = (label_request){.at = t->discs[i].at,
                                        .radius = 2,
                                        .reach = 34,
                                        .size = {20 + 40 * gsl_rng_uniform(rng), 2.6, 2.7},
                                        .weight = 1};
    }
    gsl_rng_free(rng);
}

static void place(trial *t, size_t n, uint64_t seed)
{
    vmap_error err;

    CHECK_OK(labels_place(t->request, n, &t->field, seed, t->place, &t->count, &err), &err);
}

/* Overlaps counted here, independently: label with label, label with marker, label with the frame.
 */
static size_t overlaps_of(const trial *t, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        const box *a = &t->place[i].room;

        if (!t->place[i].placed)
            continue;
        count += a->left < 0 || a->bottom < 0 || a->right > 470 || a->top > 400;
        for (size_t k = 0; k < t->field.discs_count; k++)
            count += box_distance(a, t->discs[k].at) < t->discs[k].radius;
        for (size_t j = 0; j < i; j++)
            count += t->place[j].placed && boxes_meet(a, &t->place[j].room);
    }
    return count;
}

/* ---- known values ---- */

/* By hand: a lone label stands at the right of its marker, its lower edge below the middle. */
static void a_lone_label_stands_at_the_right(void)
{
    trial t;

    scatter(&t, 1, 1);
    t.discs[0].at = t.request[0].at = (point){200, 200};
    place(&t, 1, 1);
    CHECK_COUNT(t.count.placed, 1);
    CHECK(!t.place[0].leader);
    CHECK(t.place[0].room.left > 202 && t.place[0].room.left < 203.1);
    CHECK_NEAR((t.place[0].room.bottom + t.place[0].room.top) / 2, 200, 1e-9);
    CHECK_NEAR(t.place[0].at.y, 200 + (2.7 - 2.6) / 2, 1e-9);
}

/* ---- properties ---- */

static void labels_do_not_overlap_at_three_densities(void)
{
    static const size_t densities[] = {20, 60, 120};
    trial *t = malloc(sizeof *t);

    for (size_t d = 0; d < 3; d++) {
        for (uint64_t seed = 1; seed <= 3; seed++) {
            scatter(t, densities[d], seed);
            place(t, densities[d], 1);
            CHECK_COUNT(overlaps_of(t, densities[d]), 0);
            CHECK_COUNT(t->count.overlaps, 0);
            CHECK_COUNT(t->count.left_out, 0);
            CHECK_COUNT(t->count.placed, densities[d]);
        }
    }
    free(t);
}

static void the_same_seed_gives_the_same_places(void)
{
    trial *a = malloc(sizeof *a), *b = malloc(sizeof *b);

    scatter(a, 80, 5);
    scatter(b, 80, 5);
    place(a, 80, 11);
    place(b, 80, 11);
    for (size_t i = 0; i < 80; i++) {
        CHECK(a->place[i].at.x == b->place[i].at.x && a->place[i].at.y == b->place[i].at.y);
        CHECK(a->place[i].leader == b->place[i].leader);
    }
    free(a);
    free(b);
}

/* A leader begins at the marker's edge and ends at the edge of the label. */
static void leaders_tie_far_labels_to_their_markers(void)
{
    trial *t = malloc(sizeof *t);
    size_t leaders = 0;

    scatter(t, MOST, 2);
    for (size_t i = 0; i < MOST; i++) { /* crowd the middle */
        t->discs[i].at.x = 150 + .35 * t->discs[i].at.x;
        t->discs[i].at.y = 130 + .35 * t->discs[i].at.y;
        t->request[i].at = t->discs[i].at;
    }
    place(t, MOST, 1);
    for (size_t i = 0; i < MOST; i++) {
        const label_place *p = &t->place[i];
        double gap = box_distance(&p->room, t->request[i].at) - 2;

        if (!p->placed)
            continue;
        leaders += p->leader;
        CHECK(p->leader == (gap > 6));
        if (p->leader) {
            CHECK_NEAR(hypot(p->from.x - t->request[i].at.x, p->from.y - t->request[i].at.y), 2.4,
                       1e-9);
            CHECK_NEAR(box_distance(&p->room, p->to), 0, 1e-9);
        }
    }
    CHECK(leaders > 0);
    CHECK_COUNT(t->count.leaders, leaders);
    CHECK_COUNT(overlaps_of(t, MOST), 0);
    free(t);
}

static void labels_keep_off_areas_and_lines_where_they_can(void)
{
    const point square[] = {{203, 190}, {260, 190}, {260, 210}, {203, 210}};
    const patch area = {square, 4, {203, 190, 260, 210}, 2};
    trial t;

    scatter(&t, 1, 1);
    t.discs[0].at = t.request[0].at = (point){200, 200};
    t.field.patches = &area;
    t.field.patches_count = 1;
    place(&t, 1, 1);
    CHECK(!boxes_meet(&t.place[0].room, &area.bounds));
}

/* ---- edges ---- */

static void a_label_without_room_is_left_out_but_a_required_one_stays(void)
{
    trial *t = malloc(sizeof *t);

    scatter(t, 40, 3);
    for (size_t i = 0; i < 40; i++) {
        t->discs[i].at = (point){235 + (double)(i % 7), 200 + (double)(i / 7)};
        t->request[i].at = t->discs[i].at;
        t->request[i].reach = 5;
        t->request[i].required = i < 2;
    }
    place(t, 40, 1);
    CHECK(t->place[0].placed && t->place[1].placed);
    CHECK(t->count.left_out > 0);
    CHECK_COUNT(t->count.left_out + t->count.placed, 40);
    scatter(t, 1, 3);
    t->request[0].size.width = 600; /* wider than the plot */
    place(t, 1, 1);
    CHECK_COUNT(t->count.left_out, 1);
    t->request[0].required = true;
    place(t, 1, 1);
    CHECK_COUNT(t->count.placed, 1);
    CHECK_COUNT(t->count.overlaps, 1);
    free(t);
}

static void no_labels_are_no_problem(void)
{
    trial t;

    scatter(&t, 0, 1);
    place(&t, 0, 1);
    CHECK_COUNT(t.count.placed, 0);
    CHECK_COUNT(t.count.overlaps, 0);
}

static const test_case cases[] = {
    TEST(a_lone_label_stands_at_the_right),
    TEST(labels_do_not_overlap_at_three_densities),
    TEST(the_same_seed_gives_the_same_places),
    TEST(leaders_tie_far_labels_to_their_markers),
    TEST(labels_keep_off_areas_and_lines_where_they_can),
    TEST(a_label_without_room_is_left_out_but_a_required_one_stays),
    TEST(no_labels_are_no_problem),
};
SUITE(figure_labels_suite, cases);
