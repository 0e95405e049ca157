#include <config.h>
#include "cluster/kmeans_internal.h"

#include <float.h>
#include <math.h>

/* Lloyd's passes with bounds. A start settles on a sample first, then on samples KMEANS_GROWTH times as large: far from rest a
 * step costs a fraction, and near it few steps are left for all units. One unit in FEW may still go elsewhere: what is left goes
 * to the single transfers. */
enum { FEW = 1000 };

/* Assign a point to its nearest centre (the first on a tie) and set both bounds. */
static size_t assign(kmeans_start *s, size_t i)
{
    double first = INFINITY, second = INFINITY;
    size_t best = 0;

    kmeans_distances(s, s->pr->x + i * s->pr->p);
    for (size_t c = 0; c < s->pr->k; c++) {
        if (s->near[c] < first) {
            second = first;
            first = s->near[c];
            best = c;
        } else if (s->near[c] < second) {
            second = s->near[c];
        }
    }
    s->upper[i] = sqrt(first);
    s->lower[i] = sqrt(second);
    return best;
}

void kmeans_sum_members(kmeans_start *s)
{
    memset(s->sum, 0, s->pr->k * s->pr->p * sizeof *s->sum);
    memset(s->weight, 0, s->pr->k * sizeof *s->weight);
    for (size_t i = 0; i < s->n; i++)
        kmeans_add_member(s, i, s->label[i], 1);
}

/* A cluster without weight gets the unit that costs most where it is and is not the last there. */
static void refill(kmeans_start *s, size_t empty)
{
    const kmeans_problem *pr = s->pr;
    double most = -1;
    size_t far = 0;

    for (size_t i = 0; i < s->n; i++) {
        double w = kmeans_weight(pr, i), rest = s->weight[s->label[i]];
        double cost = w * kmeans_square(s, pr->x + i * pr->p, s->label[i]);

        if (cost > most && w > 0 && rest - w > 1e-12 * rest) {
            most = cost;
            far = i;
        }
    }
    kmeans_add_member(s, far, s->label[far], -1);
    s->label[far] = empty;
    memset(s->sum + empty * pr->p, 0, pr->p * sizeof *s->sum);
    s->weight[empty] = 0;
    kmeans_add_member(s, far, empty, 1);
    for (size_t i = 0; i < s->n; i++) { /* the old bounds are void */
        s->lower[i] = 0;
        s->upper[i] = INFINITY;
    }
}

/* Is this all the weight that the cluster has, but for rounding? */
static bool is_weightless(const kmeans_start *s, size_t c)
{
    size_t members = 0;

    if (s->weight[c] > 1e-9)
        return false;
    for (size_t i = 0; i < s->n; i++)
        members += s->label[i] == c && kmeans_weight(s->pr, i) > 0;
    return members == 0;
}

bool kmeans_move_centres(kmeans_start *s, double momentum)
{
    const kmeans_problem *pr = s->pr;
    bool any = false;

    for (size_t c = 0; c < pr->k; c++) {
        double square = 0;

        if (is_weightless(s, c)) {
            if (s->n < pr->n) { /* in a sample the centre waits where it is */
                s->moved[c] = 0;
                continue;
            }
            refill(s, c);
            any = true;
        }
        for (size_t a = 0; a < pr->p; a++) {
            double *at = &s->centre[a * pr->lanes + c], *last = &s->last[a * pr->lanes + c];
            double mean = s->sum[c * pr->p + a] / s->weight[c], to = mean;

            if (momentum > 0)
                to += momentum * (mean - *last);
            *last = mean;
            square += (to - *at) * (to - *at);
            *at = to;
        }
        s->moved[c] = sqrt(square);
        any |= square > 0;
    }
    return any;
}

/* Half the distance from each centre to its nearest neighbour. */
static void measure_gaps(kmeans_start *s)
{
    const kmeans_problem *pr = s->pr;

    for (size_t c = 0; c < pr->k; c++) {
        double least = INFINITY;

        for (size_t e = 0; e < pr->k; e++) {
            double sum = 0;

            for (size_t a = 0; a < pr->p; a++) {
                double d = s->centre[a * pr->lanes + c] - s->centre[a * pr->lanes + e];

                sum += d * d;
            }
            if (e != c && sum < least)
                least = sum;
        }
        s->half[c] = .5 * sqrt(least);
    }
}

/* How far each centre's strangers came nearer at most: the largest way that another centre went. */
static void find_drops(kmeans_start *s)
{
    double largest = 0, second = 0;
    size_t leader = 0;

    for (size_t c = 0; c < s->pr->k; c++) {
        if (s->moved[c] > largest) {
            second = largest;
            largest = s->moved[c];
            leader = c;
        } else if (s->moved[c] > second) {
            second = s->moved[c];
        }
    }
    for (size_t c = 0; c < s->pr->k; c++)
        s->drop[c] = c == leader ? second : largest;
}

/* Bring the bounds of the units from .. to - 1 to the centres as they are now; those whose bounds do not settle
 * where they belong go to `open`. Bounds are widened by a few units of rounding, so that they never decide
 * a tie. Without branches, for speed. */
static size_t widen(kmeans_start *s, size_t from, size_t to, size_t *open)
{
    size_t count = 0;

    for (size_t i = from; i < to; i++) {
        size_t own = s->label[i];
        double up = (s->upper[i] + s->moved[own]) * (1 + 4 * DBL_EPSILON);
        double low = (s->lower[i] - s->drop[own]) * (1 - 4 * DBL_EPSILON);
        double bound = low > s->half[own] ? low : s->half[own];

        s->upper[i] = up;
        s->lower[i] = low;
        open[count] = i;
        count += !(up < bound * (1 - 8 * DBL_EPSILON));
    }
    return count;
}

/* Assign unit i anew unless its exact distance to its own centre settles it; did it go elsewhere? */
static bool reconsider(kmeans_start *s, size_t i)
{
    size_t own = s->label[i], to;
    double bound = s->lower[i] > s->half[own] ? s->lower[i] : s->half[own];

    s->upper[i] = sqrt(kmeans_square(s, s->pr->x + i * s->pr->p, own)) * (1 + 4 * DBL_EPSILON);
    if (s->upper[i] < bound * (1 - 8 * DBL_EPSILON))
        return false;
    to = assign(s, i);
    if (to == own)
        return false;
    kmeans_add_member(s, i, own, -1);
    kmeans_add_member(s, i, to, 1);
    s->label[i] = to;
    return true;
}

/* One pass over the units; returns how many went elsewhere. */
static size_t pass(kmeans_start *s)
{
    enum { BLOCK = 512 };
    size_t open[BLOCK], changed = 0;

    find_drops(s);
    for (size_t from = 0; from < s->n; from += BLOCK) {
        size_t count = widen(s, from, from + BLOCK < s->n ? from + BLOCK : s->n, open);

        for (size_t q = 0; q < count; q++)
            changed += reconsider(s, open[q]);
    }
    return changed;
}

/* Do the centres go on while the means of their members turn back? */
static bool overshoots(const kmeans_start *s)
{
    const kmeans_problem *pr = s->pr;
    double along = 0;

    for (size_t c = 0; c < pr->k; c++) {
        for (size_t a = 0; a < pr->p; a++) {
            double mean = s->sum[c * pr->p + a] / s->weight[c];
            size_t q = a * pr->lanes + c;

            if (s->weight[c] > 0)
                along += s->weight[c] * (mean - s->centre[q]) * (mean - s->last[q]);
        }
    }
    return along < 0;
}

/* Passes over the units that count at present until at most `few` go elsewhere; false when there were too
 * many passes. Sums are kept up to date and made anew every so often. */
static bool settle(kmeans_start *s, size_t few)
{
    for (size_t i = 0; i < s->n; i++)
        s->label[i] = assign(s, i);
    kmeans_sum_members(s);
    for (double age = 0; s->iterations++ < s->pr->options->max_iterations; age++) {
        if (s->iterations % 16 == 0)
            kmeans_sum_members(s);
        if (age > 1 && overshoots(s))
            age = 0;
        if (!kmeans_move_centres(s, age / (age + 3)))
            return true;
        measure_gaps(s);
        if (pass(s) <= few) {
            kmeans_sum_members(s);
            kmeans_move_centres(s, 0);
            return true;
        }
    }
    return false;
}

bool kmeans_settle(kmeans_start *s)
{
    for (s->n = s->pr->sample; s->n <= s->pr->n / KMEANS_GROWTH; s->n *= KMEANS_GROWTH)
        settle(s, s->n / FEW);
    s->n = s->pr->n;
    return settle(s, s->pr->sample < s->n ? s->n / FEW : 0);
}
