#include <config.h>
#include "cluster/kmeans_internal.h"

#include <float.h>
#include <math.h>

/* Single transfers: a unit moves, and two centres with it, where the sum of squares falls. Bounds of
 * distances, those of centres that stay anchored for a round, show for most units that nothing pays. */

static void drop_anchor(kmeans_start *s)
{
    memcpy(s->anchor, s->centre, s->pr->p * s->pr->lanes * sizeof *s->anchor);
    memset(s->moved, 0, s->pr->k * sizeof *s->moved);
}

/* The bounds are those of the anchored centres: bring them to the present ones. */
static void renew_bounds(kmeans_start *s)
{
    double most = 0;

    for (size_t c = 0; c < s->pr->k; c++)
        most = fmax(most, s->moved[c]);
    for (size_t i = 0; i < s->n; i++) {
        s->upper[i] = (s->upper[i] + s->moved[s->label[i]]) * (1 + 4 * DBL_EPSILON);
        s->lower[i] = (s->lower[i] - most) * (1 - 4 * DBL_EPSILON);
    }
    drop_anchor(s);
}

/* Put the centre of a cluster at the mean of its members. */
static void renew_centre(kmeans_start *s, size_t c)
{
    size_t lanes = s->pr->lanes;
    double square = 0;

    for (size_t a = 0; a < s->pr->p; a++) {
        double *at = &s->centre[a * lanes + c], d;

        *at = s->sum[c * s->pr->p + a] / s->weight[c];
        d = *at - s->anchor[a * lanes + c];
        square += d * d;
    }
    s->moved[c] = sqrt(square) * (1 + 8 * DBL_EPSILON);
}

/* What the bounds of single transfers need to know of all clusters. */
typedef struct {
    double moved;  /* the largest way of a centre from its anchor */
    double weight; /* the least weight of a cluster */
} extremes;

static extremes find_extremes(const kmeans_start *s)
{
    extremes e = {0, INFINITY};

    for (size_t c = 0; c < s->pr->k; c++) {
        e.moved = fmax(e.moved, s->moved[c]);
        e.weight = fmin(e.weight, s->weight[c]);
    }
    return e;
}

/* Do the bounds show that no transfer of unit i pays? Leaving must save less than entering any other
 * cluster would cost. */
static bool must_stay(const kmeans_start *s, size_t i, double w, const extremes *e)
{
    size_t own = s->label[i];
    double up = s->upper[i] + s->moved[own], low = s->lower[i] - e->moved;

    if (!(low > 0))
        return false;
    return up * up * s->weight[own] * (e->weight + w) * (1 + 64 * DBL_EPSILON) <
           low * low * e->weight * (s->weight[own] - w);
}

/* The cheapest other cluster for unit i, whose distances are in s->near; sets both bounds anew. */
static size_t cheapest(kmeans_start *s, size_t i, double w, const extremes *e, double *cost)
{
    size_t own = s->label[i], to = own;
    double second = INFINITY;

    *cost = INFINITY;
    for (size_t c = 0; c < s->pr->k; c++) {
        double d = s->near[c], enter = w * s->weight[c] / (s->weight[c] + w) * d;

        if (c == own)
            continue;
        if (d < second)
            second = d;
        if (enter < *cost) {
            *cost = enter;
            to = c;
        }
    }
    s->upper[i] = sqrt(s->near[own]) * (1 + 4 * DBL_EPSILON) + s->moved[own];
    s->lower[i] = sqrt(second) * (1 - 4 * DBL_EPSILON) + e->moved;
    return to;
}

/* Move unit i where the sum of squares falls most, the two centres at once; false when it stays. */
static bool transfer(kmeans_start *s, size_t i, extremes *e)
{
    const kmeans_problem *pr = s->pr;
    double w = kmeans_weight(pr, i), gain, cost;
    size_t own = s->label[i], to;

    if (!(w > 0) || !(s->weight[own] - w > 1e-12 * s->weight[own]) || must_stay(s, i, w, e))
        return false;
    kmeans_distances(s, pr->x + i * pr->p);
    gain = w * s->weight[own] / (s->weight[own] - w) * s->near[own];
    to = cheapest(s, i, w, e, &cost);
    if (!(gain - cost > 1e-12 * (gain + 1e-3 * pr->total / (double)pr->n)))
        return false;
    kmeans_add_member(s, i, own, -1);
    kmeans_add_member(s, i, to, 1);
    s->label[i] = to;
    renew_centre(s, own);
    renew_centre(s, to);
    *e = find_extremes(s);
    s->upper[i] = INFINITY; /* measured again on the next round */
    s->lower[i] = 0;
    return true;
}

bool kmeans_transfer(kmeans_start *s)
{
    size_t still = 0, i = 0;
    extremes e = {0, INFINITY};

    for (; still < s->n; i = i + 1 == s->n ? 0 : i + 1) {
        if (i == 0) {
            if (s->iterations++ > s->pr->options->max_iterations)
                return false;
            renew_bounds(s);
            e = find_extremes(s);
        }
        still = transfer(s, i, &e) ? 0 : still + 1;
    }
    return true;
}
