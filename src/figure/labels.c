#include <config.h>
#include "figure/layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "valuemap/rng.h"

/* Prices, in units of "clearly worse than the label one step further out". */
static const double price_overlap = 30;  /* a label on a label or on a marker */
static const double price_crossing = 12; /* a leader line through a label or another leader */
static const double price_tight = 1.5;   /* nearly touching */
static const double price_doubt = 1.6;   /* as near to another marker as to its own */
static const double price_leader = 2.2;  /* so far away that it needs a line */

/* Rooms of two labels have this many points between them, at 7 points type. */
static const double padding_x = .9, padding_y = .15;

/* Moves for each label, places kept for each (the cheapest), attempts, and how many rounds of
 * labels may make room for one. */
enum { MOVES = 2500, MOST_PLACES = 150, ATTEMPTS = 3, HOPELESS = 8, DEPTH = 2 };

typedef struct candidate {
    box room;
    point at; /* where the text goes */
    point from, to;
    double cost; /* of this place alone */
    bool hard;   /* covers a marker */
    bool leader;
} candidate;

/* All candidates of label i are c[first[i]] .. c[first[i + 1] - 1]; its neighbours, the labels that
 * some of its candidates can touch, near[near_first[i]] .. near[near_first[i + 1] - 1]. */
typedef struct solver {
    const label_request *request;
    const label_field *field;
    size_t n;
    candidate *c;
    size_t count, room;
    size_t *first;
    size_t *near, *near_first, near_room;
    size_t *chosen; /* index into c, or SIZE_MAX while left out */
} solver;

static bool same_point(point a, point b)
{
    return fabs(a.x - b.x) < 1e-6 && fabs(a.y - b.y) < 1e-6;
}

/* Markers: covering one is forbidden (or only bad), touching one is tight, and being nearer to
 * another marker than to one's own makes readers guess. */
static void price_discs(const solver *s, const label_request *r, double gap, candidate *c)
{
    const label_field *f = s->field;
    double unit = f->unit;

    for (size_t i = 0; i < f->discs_count; i++) {
        const disc *d = &f->discs[i];
        double distance = box_distance(&c->room, d->at) - d->radius;

        if (distance < 0) {
            c->hard = c->hard || d->soft == 0;
            c->cost += d->soft > 0 ? d->soft : price_overlap;
            continue;
        }
        if (d->soft > 0 || same_point(d->at, r->at))
            continue;
        if (distance < .6 * unit)
            c->cost += price_tight;
        if (!r->spots && distance < gap + 1.2 * unit)
            c->cost +=
                price_doubt * (c->leader ? .25 : 1) * (1 - distance / (gap + 1.2 * unit) / 2);
    }
}

static bool box_meets_patch(const box *b, const patch *p)
{
    point middle = {(b->left + b->right) / 2, (b->bottom + b->top) / 2};

    if (!boxes_meet(b, &p->bounds))
        return false;
    if (p->n > 2 && outline_holds(p->at, p->n, middle))
        return true;
    for (size_t i = 0; i < p->n; i++) {
        if (box_meets_segment(b, p->at[i], p->at[(i + 1) % p->n]))
            return true;
    }
    return false;
}

static void price_lines(const solver *s, candidate *c)
{
    const label_field *f = s->field;
    size_t paid = SIZE_MAX;

    for (size_t i = 0; i < f->strips_count; i++) {
        const strip *line = &f->strips[i];

        if (line->owner != paid && box_meets_segment(&c->room, line->from, line->to)) {
            c->cost += line->cost;
            paid = line->owner;
        }
    }
    for (size_t i = 0; i < f->patches_count; i++) {
        if (box_meets_patch(&c->room, &f->patches[i]))
            c->cost += f->patches[i].cost;
    }
}

static bool discs_meet(const disc *d, const label_request *r)
{
    double dx = d->at.x - r->at.x, dy = d->at.y - r->at.y, reach = d->radius + r->radius;

    return dx * dx + dy * dy < reach * reach;
}

/* A leader that runs over the marker of another misleads, unless that marker covers its own. */
static void price_leaders(const solver *s, const label_request *r, candidate *c)
{
    const label_field *f = s->field;

    for (size_t i = 0; c->leader && i < f->discs_count; i++) {
        const disc *d = &f->discs[i];
        box b = {d->at.x - d->radius, d->at.y - d->radius, d->at.x + d->radius,
                 d->at.y + d->radius};

        if (d->soft == 0 && !discs_meet(d, r) && box_meets_segment(&b, c->from, c->to))
            c->cost += price_crossing;
    }
}

static point nearest_in_box(const box *b, point p)
{
    return (point){lesser(greater(p.x, b->left), b->right),
                   lesser(greater(p.y, b->bottom), b->top)};
}

/* The leader starts a little off the marker and ends at the nearest point of the text. */
static void lay_leader(const solver *s, const label_request *r, candidate *c)
{
    double dx, dy, length, start = r->radius + .4 * s->field->unit;

    c->to = nearest_in_box(&c->room, r->at);
    dx = c->to.x - r->at.x;
    dy = c->to.y - r->at.y;
    length = sqrt(dx * dx + dy * dy);
    c->from = (point){r->at.x + dx / length * start, r->at.y + dy / length * start};
}

/* Add the candidate whose text box is centred on `middle`, unless it leaves the frame. */
static vmap_status add_candidate(solver *s, const label_request *r, point middle, double cost,
                                 double gap, vmap_error *err)
{
    double unit = s->field->unit;
    double w = r->size.width / 2 + padding_x * unit;
    double h = (r->size.up + r->size.down) / 2 + padding_y * unit;
    const box *f = &s->field->frame;
    candidate c = {.room = {middle.x - w, middle.y - h, middle.x + w, middle.y + h}, .cost = cost};
    vmap_status status;

    if (c.room.left < f->left || c.room.right > f->right || c.room.bottom < f->bottom ||
        c.room.top > f->top)
        return VMAP_SUCCESS;
    c.at = (point){middle.x, middle.y + (r->size.down - r->size.up) / 2};
    c.leader = !r->spots && gap >= 8 * unit;
    if (c.leader)
        lay_leader(s, r, &c);
    price_discs(s, r, gap, &c);
    price_lines(s, &c);
    price_leaders(s, r, &c);
    status = memory_grow(&s->c, &s->room, s->count + 1, sizeof *s->c, err);
    if (!status)
        s->c[s->count++] = c;
    return status;
}

/* Where a text box can stand around its point: which side, where along that side (-1 .. 1 of the
 * half length), and how much readers dislike it (Yoeli: right before left, up before down). */
typedef struct stand {
    double side_x, side_y, along, cost;
} stand;
static const stand stands[] = {
    {1, 0, 0, 0},    {1, 0, .6, .1},   {1, 0, -.6, .15},   {1, 1, 0, .1},   {1, -1, 0, .2},
    {-1, 0, 0, .25}, {-1, 0, .6, .35}, {-1, 0, -.6, .4},   {-1, 1, 0, .3},  {-1, -1, 0, .45},
    {0, 1, 0, .2},   {0, 1, .35, .3},  {0, 1, -.35, .35},  {0, 1, .7, .3},  {0, 1, -.7, .4},
    {0, -1, 0, .35}, {0, -1, .35, .4}, {0, -1, -.35, .45}, {0, -1, .7, .4}, {0, -1, -.7, .5},
};

static point stand_at(const stand *k, const label_request *r, double gap, double unit)
{
    double w = r->size.width / 2 + padding_x * unit;
    double h = (r->size.up + r->size.down) / 2 + padding_y * unit;
    double away = r->radius + gap;

    if (k->side_x != 0 && k->side_y != 0) /* a corner of the box lies on the diagonal */
        return (point){r->at.x + k->side_x * (.75 * away + w),
                       r->at.y + k->side_y * (.75 * away + h)};
    if (k->side_x != 0)
        return (point){r->at.x + k->side_x * (away + w), r->at.y + k->along * h};
    return (point){r->at.x + k->along * w, r->at.y + k->side_y * (away + h)};
}

static vmap_status add_around(solver *s, const label_request *r, vmap_error *err)
{
    static const double gaps[] = {.6, 2.4, 4.6, 8, 11.5, 15, 19, 24, 30, 38, 48, 60};
    static const double costs[] = {0, .5, 1.1};
    double unit = s->field->unit;
    vmap_status status = VMAP_SUCCESS;

    for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++) {
        double gap = gaps[g] * unit;
        double cost = g < 3 ? costs[g] : price_leader + .06 * gaps[g];

        if (g > 0 && gap > r->reach)
            break;
        for (size_t k = 0; !status && k < sizeof stands / sizeof *stands; k++)
            status = add_candidate(s, r, stand_at(&stands[k], r, gap, unit),
                                   r->weight * (cost + stands[k].cost), gap, err);
        if (status)
            break;
    }
    return status;
}

static int compare_candidates(const void *a, const void *b)
{
    const candidate *p = a, *q = b;

    if (p->cost != q->cost)
        return p->cost < q->cost ? -1 : 1;
    if (p->at.x != q->at.x)
        return p->at.x < q->at.x ? -1 : 1;
    return (p->at.y > q->at.y) - (p->at.y < q->at.y);
}

static vmap_status add_spots(solver *s, const label_request *r, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t k = 0; !status && k < r->spots_count; k++)
        status = add_candidate(s, r, r->spots[k].at, r->spots[k].cost, 0, err);
    return status;
}

/* An area has thousands of places, a point hundreds: keep the best. Places on a marker are no use,
 * unless a required label has no other. */
static void keep_best(solver *s, const label_request *r, size_t begin)
{
    size_t open = begin;

    for (size_t k = begin; k < s->count; k++) {
        if (!s->c[k].hard)
            s->c[open++] = s->c[k];
    }
    if (open > begin || !r->required)
        s->count = open;
    if (s->count > begin)
        qsort(s->c + begin, s->count - begin, sizeof *s->c, compare_candidates);
    if (s->count - begin > MOST_PLACES)
        s->count = begin + MOST_PLACES;
}

/* A required label that fits nowhere in the frame stands at its point all the same. */
static vmap_status add_fallback(solver *s, const label_request *r, vmap_error *err)
{
    candidate c = {.at = r->at};
    double w = r->size.width / 2;
    vmap_status status = memory_grow(&s->c, &s->room, s->count + 1, sizeof *s->c, err);

    if (status)
        return status;
    c.room = (box){c.at.x - w, c.at.y - r->size.down, c.at.x + w, c.at.y + r->size.up};
    c.hard = true;
    s->c[s->count++] = c;
    return VMAP_SUCCESS;
}

static vmap_status gather_candidates(solver *s, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < s->n; i++) {
        const label_request *r = &s->request[i];

        s->first[i] = s->count;
        status = r->spots ? add_spots(s, r, err) : add_around(s, r, err);
        keep_best(s, r, s->first[i]);
        if (!status && s->count == s->first[i] && r->required)
            status = add_fallback(s, r, err);
    }
    s->first[s->n] = s->count;
    return status;
}

/* All the room that the candidates of one label can take, leaders included. */
static box reach_of(const solver *s, size_t i)
{
    box all = {INFINITY, INFINITY, -INFINITY, -INFINITY};

    for (size_t k = s->first[i]; k < s->first[i + 1]; k++) {
        const box *b = &s->c[k].room;

        all.left = lesser(all.left, b->left);
        all.right = greater(all.right, b->right);
        all.bottom = lesser(all.bottom, b->bottom);
        all.top = greater(all.top, b->top);
    }
    return all;
}

static vmap_status find_neighbours(solver *s, vmap_error *err)
{
    box *reach = memory_new(s->n, sizeof *reach, err);
    vmap_status status = reach ? VMAP_SUCCESS : VMAP_ENOMEM;
    size_t count = 0;

    for (size_t i = 0; !status && i < s->n; i++)
        reach[i] = reach_of(s, i);
    for (size_t i = 0; !status && i < s->n; i++) {
        s->near_first[i] = count;
        for (size_t j = 0; !status && j < s->n; j++) {
            if (j == i || !boxes_meet(&reach[i], &reach[j]))
                continue;
            status = memory_grow(&s->near, &s->near_room, count + 1, sizeof *s->near, err);
            if (!status)
                s->near[count++] = j;
        }
    }
    s->near_first[s->n] = count;
    free(reach);
    return status;
}

/* What two candidates cost each other. */
static double price_pair(const candidate *a, const candidate *b)
{
    double cost = 0;

    if (boxes_meet(&a->room, &b->room)) {
        double w = lesser(a->room.right, b->room.right) - greater(a->room.left, b->room.left);
        double h = lesser(a->room.top, b->room.top) - greater(a->room.bottom, b->room.bottom);

        cost += price_overlap + .1 * w * h;
    }
    if (a->leader && box_meets_segment(&b->room, a->from, a->to))
        cost += price_crossing;
    if (b->leader && box_meets_segment(&a->room, b->from, b->to))
        cost += price_crossing;
    if (a->leader && b->leader && segments_cross(a->from, a->to, b->from, b->to))
        cost += price_crossing;
    return cost;
}

/* What candidate k costs label i among the others as they stand, or something above `limit` as soon
 * as that is certain: others only add. */
static double price_at(const solver *s, size_t i, size_t k, double limit)
{
    const candidate *c = &s->c[k];
    double cost = c->cost;

    for (size_t m = s->near_first[i]; cost <= limit && m < s->near_first[i + 1]; m++) {
        size_t other = s->chosen[s->near[m]];

        if (other != SIZE_MAX)
            cost += price_pair(c, &s->c[other]);
    }
    return cost;
}

static size_t best_candidate(const solver *s, size_t i)
{
    size_t best = s->first[i];
    double least = INFINITY;

    for (size_t k = s->first[i]; k < s->first[i + 1]; k++) {
        double cost = price_at(s, i, k, least);

        if (cost < least) {
            least = cost;
            best = k;
        }
    }
    return best;
}

/* Move every label to its best place until none moves. */
static void settle(solver *s)
{
    bool moved = true;

    for (int round = 0; moved && round < 20; round++) {
        moved = false;
        for (size_t i = 0; i < s->n; i++) {
            size_t best;

            if (s->chosen[i] == SIZE_MAX)
                continue;
            best = best_candidate(s, i);
            if (price_at(s, i, best, INFINITY) < price_at(s, i, s->chosen[i], INFINITY) - 1e-9) {
                s->chosen[i] = best;
                moved = true;
            }
        }
    }
}

/* Move label i to candidate k; `now` holds what every label costs where it stands. */
static void move_label(solver *s, size_t i, size_t k, double cost, double *now)
{
    const candidate *from = &s->c[s->chosen[i]], *to = &s->c[k];

    for (size_t m = s->near_first[i]; m < s->near_first[i + 1]; m++) {
        size_t j = s->near[m];

        if (s->chosen[j] != SIZE_MAX)
            now[j] += price_pair(&s->c[s->chosen[j]], to) - price_pair(&s->c[s->chosen[j]], from);
    }
    now[i] = cost;
    s->chosen[i] = k;
}

/* Propose a random place for the worse off of two random labels; a dearer one is taken with
 * probability exp(-change / heat). The random number comes first: it says what the place may cost
 * at most, and most places fail that soon. */
static void propose(solver *s, gsl_rng *rng, double heat, double *now)
{
    size_t i = vmap_rng_below(rng, s->n), j = vmap_rng_below(rng, s->n), count, k;
    double most, cost;

    i = now[j] > now[i] ? j : i;
    count = s->first[i + 1] - s->first[i];
    if (count < 2)
        return;
    k = s->first[i] + vmap_rng_below(rng, count);
    most = now[i] - heat * log(gsl_rng_uniform_pos(rng));
    if (k == s->chosen[i])
        return;
    cost = price_at(s, i, k, most);
    if (cost <= most)
        move_label(s, i, k, cost, now);
}

static void anneal(solver *s, gsl_rng *rng, double *now)
{
    const double hot = 8, cold = .04, cooling = pow(cold / hot, 1. / MOVES);
    double heat = hot;

    for (size_t m = 0; m < MOVES; m++) {
        heat *= cooling;
        for (size_t i = 0; i < s->n; i++) /* sums of differences drift */
            now[i] = s->chosen[i] == SIZE_MAX ? 0 : price_at(s, i, s->chosen[i], INFINITY);
        for (size_t i = 0; i < s->n; i++)
            propose(s, rng, heat, now);
    }
}

/* Labels with which candidate k of label i is in conflict (boxes, a leader through a box, crossing
 * leaders), plus one for a covered marker. */
static size_t conflicts_of(const solver *s, size_t i, size_t k)
{
    size_t count = s->c[k].hard;

    for (size_t m = s->near_first[i]; m < s->near_first[i + 1]; m++) {
        size_t other = s->chosen[s->near[m]];

        count += other != SIZE_MAX && price_pair(&s->c[k], &s->c[other]) > 0;
    }
    return count;
}

/* Leave out labels until no conflict is left among those that may go: the one with the most
 * conflicts, the least weight, the last. */
static void leave_out(solver *s)
{
    for (;;) {
        size_t worst = SIZE_MAX, most = 0;

        for (size_t i = 0; i < s->n; i++) {
            size_t conflicts;

            if (s->chosen[i] == SIZE_MAX || s->request[i].required)
                continue;
            conflicts = conflicts_of(s, i, s->chosen[i]);
            if (conflicts > most || (conflicts > 0 && conflicts == most &&
                                     s->request[i].weight <= s->request[worst].weight)) {
                most = conflicts;
                worst = i;
            }
        }
        if (worst == SIZE_MAX)
            return;
        s->chosen[worst] = SIZE_MAX;
    }
}

/* The cheapest place of label i that is in conflict with nothing, or SIZE_MAX. */
static size_t find_free(const solver *s, size_t i)
{
    size_t best = SIZE_MAX;
    double least = INFINITY;

    for (size_t k = s->first[i]; k < s->first[i + 1]; k++) {
        double cost = price_at(s, i, k, least);

        if (cost < least && conflicts_of(s, i, k) == 0) {
            least = cost;
            best = k;
        }
    }
    return best;
}

/* Labels that stand in the way of candidate k of label i, at most `most`; `most` + 1 for more. */
static size_t find_blockers(const solver *s, size_t i, size_t k, size_t *blocker, size_t most)
{
    size_t count = 0;

    for (size_t m = s->near_first[i]; m < s->near_first[i + 1]; m++) {
        size_t j = s->near[m];

        if (s->chosen[j] == SIZE_MAX || price_pair(&s->c[k], &s->c[s->chosen[j]]) == 0)
            continue;
        if (count == most)
            return most + 1;
        blocker[count++] = j;
    }
    return count;
}

/* Place label i where it is free, or push up to three others aside who find places in the same way,
 * to the given depth. `kept` has room for `depth` copies of all choices; `budget` limits the
 * search. */
static bool make_room(solver *s, size_t i, size_t depth, size_t *kept, size_t *budget)
{
    enum { MOST = 3 };

    s->chosen[i] = find_free(s, i);
    if (s->chosen[i] != SIZE_MAX)
        return true;
    for (size_t k = s->first[i]; depth > 0 && *budget > 0 && k < s->first[i + 1]; k++) {
        size_t blocker[MOST], count = find_blockers(s, i, k, blocker, MOST), placed = 0;

        if (s->c[k].hard || count > MOST)
            continue;
        --*budget;
        memcpy(kept, s->chosen, s->n * sizeof *kept);
        for (size_t b = 0; b < count; b++)
            s->chosen[blocker[b]] = SIZE_MAX;
        s->chosen[i] = k;
        while (placed < count && make_room(s, blocker[placed], depth - 1, kept + s->n, budget))
            placed++;
        if (placed == count)
            return true;
        memcpy(s->chosen, kept, s->n * sizeof *kept);
    }
    return false;
}

/* Take labels back in where there is room after all, or where others can make room. */
static void take_back(solver *s, size_t *kept)
{
    size_t budget = 4000;

    for (size_t i = 0; i < s->n; i++) {
        if (s->chosen[i] == SIZE_MAX && s->first[i + 1] > s->first[i])
            make_room(s, i, DEPTH, kept, &budget);
    }
}

static void report_places(const solver *s, label_place *place, label_count *count)
{
    *count = (label_count){0};
    for (size_t i = 0; i < s->n; i++) {
        const candidate *c;

        place[i] = (label_place){.placed = s->chosen[i] != SIZE_MAX};
        count->left_out += !place[i].placed;
        if (!place[i].placed)
            continue;
        c = &s->c[s->chosen[i]];
        place[i].at = c->at;
        place[i].room = c->room;
        place[i].leader = c->leader;
        place[i].from = c->from;
        place[i].to = c->to;
        count->placed++;
        count->leaders += c->leader;
        count->overlaps += c->hard;
        for (size_t j = 0; j < i; j++)
            count->overlaps += place[j].placed && price_pair(&s->c[s->chosen[j]], c) > 0;
    }
}

/* One attempt from the cheapest places on. */
static void solve(solver *s, gsl_rng *rng, double *now, size_t *kept)
{
    for (size_t i = 0; i < s->n; i++)
        s->chosen[i] = s->first[i + 1] > s->first[i] ? s->first[i] : SIZE_MAX;
    if (s->n > 1)
        anneal(s, rng, now);
    settle(s);
    leave_out(s);
    take_back(s, kept);
    settle(s);
    leave_out(s);
}

/* Labels without a place where some are possible, and conflicts of required ones. */
static size_t count_failures(const solver *s)
{
    size_t count = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (s->chosen[i] != SIZE_MAX)
            count += conflicts_of(s, i, s->chosen[i]);
        else
            count += s->first[i + 1] > s->first[i];
    }
    return count;
}

/* Try again, with other random numbers, while a few labels are left out or overlap; keep the best
 * attempt. Where many fail there is no room, and trying again is in vain. */
static void solve_best(solver *s, uint64_t seed, gsl_rng *rng, double *now, size_t *best,
                       size_t *kept)
{
    size_t least = SIZE_MAX;

    for (uint64_t attempt = 0; attempt < ATTEMPTS && least > 0; attempt++) {
        size_t count;

        vmap_rng_set(rng, seed, attempt);
        solve(s, rng, now, kept);
        count = count_failures(s);
        if (count < least) {
            least = count;
            memcpy(best, s->chosen, s->n * sizeof *best);
        }
        if (count > HOPELESS)
            break;
    }
    memcpy(s->chosen, best, s->n * sizeof *best);
}

vmap_status labels_place(const label_request *request, size_t n, const label_field *field,
                         uint64_t seed, label_place *place, label_count *count, vmap_error *err)
{
    solver s = {.request = request, .field = field, .n = n};
    gsl_rng *rng = vmap_rng_new(seed, 0);
    double *now = NULL;
    size_t *best = NULL, *kept = NULL;
    vmap_status status = VMAP_ENOMEM;

    s.first = memory_new(n + 1, sizeof *s.first, err);
    s.near_first = memory_new(n + 1, sizeof *s.near_first, err);
    s.chosen = memory_new(n, sizeof *s.chosen, err);
    now = memory_new(n, sizeof *now, err);
    best = memory_new(n, sizeof *best, err);
    kept = memory_new(n, DEPTH * sizeof *kept, err);
    if (!rng)
        vmap_error_set(err, VMAP_ENOMEM, "no memory for a random number generator");
    if (!rng || !s.first || !s.near_first || !s.chosen || !now || !best || !kept)
        goto cleanup;
    status = gather_candidates(&s, err);
    if (!status)
        status = find_neighbours(&s, err);
    if (!status) {
        solve_best(&s, seed, rng, now, best, kept);
        report_places(&s, place, count);
    }
cleanup:
    if (rng)
        gsl_rng_free(rng);
    free(s.c);
    free(s.first);
    free(s.near);
    free(s.near_first);
    free(s.chosen);
    free(now);
    free(best);
    free(kept);
    return status;
}
