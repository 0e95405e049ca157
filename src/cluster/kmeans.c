#include <config.h>
#include "valuemap/cluster.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"
#include "core/numeric.h"
#include "core/parallel.h"
#include "valuemap/rng.h"

/* Centres stand coordinate by coordinate, `lanes` = k rounded up, so that the distances of one point to
 * all of them are runs of memory. Lanes beyond k hold infinity: nothing is near them. */
enum { LANES = 4 };

/* A start settles on a sample first, then on samples four times as large: far from rest a step costs a
 * fraction, and near it few steps are left for all units. The smallest sample has this many units, and
 * so many per cluster. */
enum { SAMPLE_LEAST = 4096, SAMPLE_PER_CLUSTER = 128, SAMPLE_GROWTH = 4, FEW = 1000 };

typedef struct {
    size_t n, p, k, lanes;
    size_t sample;       /* units in the smallest sample; n: none is taken */
    const size_t *unit;  /* n: the unit in each row; shuffled when samples are taken, so that the first rows
                            are one */
    const double *x; /* n x p, centred at the common mean */
    const double *w; /* n, or NULL */
    double total;    /* weighted sum of squares around the mean */
    const vmap_kmeans_options *options;
} problem;

/* One start. */
typedef struct {
    const problem *pr;
    size_t n;       /* units that count at present: a sample or all */
    double *centre; /* p x lanes */
    double *sum;    /* k x p weighted sums of the members */
    double *weight; /* k */
    double *moved;  /* k: how far the centre went since the bounds were right */
    double *drop;   /* k: the same of the one of the others that went farthest */
    double *last;   /* p x lanes: the last means of the members */
    double *anchor; /* p x lanes: the centres when they were, in single transfers */
    double *half;   /* k: half the distance to the nearest other centre */
    double *near;   /* lanes: squared distances of one point */
    double *upper, *lower; /* n: bounds of the distance to the own and to any other centre */
    size_t *label;  /* n */
    double within;
    size_t iterations;
    bool converged;
} start;

void vmap_kmeans_defaults(vmap_kmeans_options *options)
{
    *options = (vmap_kmeans_options){
        .k = 0, .starts = 50, .max_iterations = 1000, .seed = 20230217, .threads = 0};
}

void vmap_kmeans_free(vmap_kmeans *r)
{
    if (!r)
        return;
    vmap_partition_free(r->partition);
    gsl_matrix_free(r->centres);
    free(r->within);
    free(r);
}

static void free_start(start *s)
{
    free(s->centre);
    free(s->sum);
    free(s->weight);
    free(s->moved);
    free(s->anchor);
    free(s->last);
    free(s->drop);
    free(s->half);
    free(s->near);
    free(s->upper);
    free(s->lower);
    free(s->label);
}

static vmap_status new_start(const problem *pr, start *s, vmap_error *err)
{
    *s = (start){.pr = pr};
    s->centre = memory_new(pr->p * pr->lanes, sizeof(double), err);
    s->sum = memory_new(pr->k * pr->p, sizeof(double), err);
    s->weight = memory_new(pr->k, sizeof(double), err);
    s->moved = memory_new(pr->k, sizeof(double), err);
    s->anchor = memory_new(pr->p * pr->lanes, sizeof(double), err);
    s->last = memory_new(pr->p * pr->lanes, sizeof(double), err);
    s->drop = memory_new(pr->k, sizeof(double), err);
    s->half = memory_new(pr->k, sizeof(double), err);
    s->near = memory_new(pr->lanes, sizeof(double), err);
    s->upper = memory_new(pr->n, sizeof(double), err);
    s->lower = memory_new(pr->n, sizeof(double), err);
    s->label = memory_new(pr->n, sizeof(size_t), err);
    if (s->centre && s->sum && s->weight && s->moved && s->anchor && s->last && s->drop && s->half &&
        s->near && s->upper && s->lower && s->label)
        return VMAP_SUCCESS;
    free_start(s);
    return VMAP_ENOMEM;
}

static double weight_of(const problem *pr, size_t i)
{
    return pr->w ? pr->w[i] : 1;
}

/* Squared distances of a point to all centres. */
static void all_distances(const start *s, const double *x)
{
    size_t lanes = s->pr->lanes;
    double *restrict near = s->near;

    for (size_t c = 0; c < lanes; c += LANES) {
        double sum[LANES] = {0};

        for (size_t a = 0; a < s->pr->p; a++) {
            const double *restrict centre = s->centre + a * lanes + c;

            for (size_t q = 0; q < LANES; q++)
                sum[q] += (x[a] - centre[q]) * (x[a] - centre[q]);
        }
        memcpy(near + c, sum, sizeof sum);
    }
}

static double square_to(const start *s, const double *x, size_t c)
{
    double sum = 0;

    for (size_t a = 0; a < s->pr->p; a++) {
        double d = x[a] - s->centre[a * s->pr->lanes + c];

        sum += d * d;
    }
    return sum;
}

static void set_centre(start *s, size_t c, const double *x)
{
    for (size_t a = 0; a < s->pr->p; a++)
        s->centre[a * s->pr->lanes + c] = x[a];
}

/* ---- seeding ---- */

/* A unit drawn with probabilities proportional to `mass` (n, sum `total`). */
static size_t draw(gsl_rng *rng, const double *mass, size_t n, double total)
{
    double left = gsl_rng_uniform(rng) * total;
    size_t last = 0;

    for (size_t i = 0; i < n; i++) {
        if (!(mass[i] > 0))
            continue;
        last = i;
        left -= mass[i];
        if (left < 0)
            break;
    }
    return last;
}

/* k-means++: every further centre is a unit drawn by weight x squared distance to the nearest one.
 * The masses stand in s->lower. */
static void seed_centres(start *s, gsl_rng *rng)
{
    const problem *pr = s->pr;
    double total = 0;

    for (size_t i = 0; i < s->n; i++) {
        s->upper[i] = INFINITY;
        s->lower[i] = weight_of(pr, i);
        total += s->lower[i];
    }
    for (size_t c = 0; c < pr->k; c++) {
        set_centre(s, c, pr->x + draw(rng, s->lower, s->n, total) * pr->p);
        total = 0;
        for (size_t i = 0; i < s->n; i++) {
            double d = square_to(s, pr->x + i * pr->p, c);

            if (d < s->upper[i])
                s->upper[i] = d;
            s->lower[i] = weight_of(pr, i) * s->upper[i];
            total += s->lower[i];
        }
    }
}

/* ---- Lloyd's passes with bounds ---- */

/* Assign a point to its nearest centre (the first on a tie) and set both bounds. */
static size_t assign(start *s, size_t i)
{
    double first = INFINITY, second = INFINITY;
    size_t best = 0;

    all_distances(s, s->pr->x + i * s->pr->p);
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

static void add_member(start *s, size_t i, size_t c, double sign)
{
    const problem *pr = s->pr;
    double w = sign * weight_of(pr, i), *sum = s->sum + c * pr->p;
    const double *x = pr->x + i * pr->p;

    for (size_t a = 0; a < pr->p; a++)
        sum[a] += w * x[a];
    s->weight[c] += w;
}

static void sum_members(start *s)
{
    memset(s->sum, 0, s->pr->k * s->pr->p * sizeof *s->sum);
    memset(s->weight, 0, s->pr->k * sizeof *s->weight);
    for (size_t i = 0; i < s->n; i++)
        add_member(s, i, s->label[i], 1);
}

/* A cluster without weight gets the unit that costs most where it is and is not the last there. */
static void refill(start *s, size_t empty)
{
    const problem *pr = s->pr;
    double most = -1;
    size_t far = 0;

    for (size_t i = 0; i < s->n; i++) {
        double w = weight_of(pr, i), rest = s->weight[s->label[i]];
        double cost = w * square_to(s, pr->x + i * pr->p, s->label[i]);

        if (cost > most && w > 0 && rest - w > 1e-12 * rest) {
            most = cost;
            far = i;
        }
    }
    add_member(s, far, s->label[far], -1);
    s->label[far] = empty;
    memset(s->sum + empty * pr->p, 0, pr->p * sizeof *s->sum);
    s->weight[empty] = 0;
    add_member(s, far, empty, 1);
    for (size_t i = 0; i < s->n; i++) { /* the old bounds are void */
        s->lower[i] = 0;
        s->upper[i] = INFINITY;
    }
}

/* Is this all the weight that the cluster has, but for rounding? */
static bool is_weightless(const start *s, size_t c)
{
    size_t members = 0;

    if (s->weight[c] > 1e-9)
        return false;
    for (size_t i = 0; i < s->n; i++)
        members += s->label[i] == c && weight_of(s->pr, i) > 0;
    return members == 0;
}

/* Move centres to the means of their members and beyond, by `momentum` times the way from the last means to
 * these; returns whether one moved. */
static bool move_centres(start *s, double momentum)
{
    const problem *pr = s->pr;
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
static void measure_gaps(start *s)
{
    const problem *pr = s->pr;

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
static void find_drops(start *s)
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
static size_t widen(start *s, size_t from, size_t to, size_t *open)
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
static bool reconsider(start *s, size_t i)
{
    size_t own = s->label[i], to;
    double bound = s->lower[i] > s->half[own] ? s->lower[i] : s->half[own];

    s->upper[i] = sqrt(square_to(s, s->pr->x + i * s->pr->p, own)) * (1 + 4 * DBL_EPSILON);
    if (s->upper[i] < bound * (1 - 8 * DBL_EPSILON))
        return false;
    to = assign(s, i);
    if (to == own)
        return false;
    add_member(s, i, own, -1);
    add_member(s, i, to, 1);
    s->label[i] = to;
    return true;
}

/* One pass over the units; returns how many went elsewhere. */
static size_t pass(start *s)
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
static bool overshoots(const start *s)
{
    const problem *pr = s->pr;
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
static bool settle(start *s, size_t few)
{
    for (size_t i = 0; i < s->n; i++)
        s->label[i] = assign(s, i);
    sum_members(s);
    for (double age = 0; s->iterations++ < s->pr->options->max_iterations; age++) {
        if (s->iterations % 16 == 0)
            sum_members(s);
        if (age > 1 && overshoots(s))
            age = 0;
        if (!move_centres(s, age / (age + 3)))
            return true;
        measure_gaps(s);
        if (pass(s) <= few) {
            sum_members(s);
            move_centres(s, 0);
            return true;
        }
    }
    return false;
}

/* Samples of growing size, then all units; what is left goes to the single transfers. */
static bool settle_all(start *s)
{
    for (s->n = s->pr->sample; s->n <= s->pr->n / SAMPLE_GROWTH; s->n *= SAMPLE_GROWTH)
        settle(s, s->n / FEW);
    s->n = s->pr->n;
    return settle(s, s->pr->sample < s->n ? s->n / FEW : 0);
}

/* ---- single transfers ---- */

static void drop_anchor(start *s)
{
    memcpy(s->anchor, s->centre, s->pr->p * s->pr->lanes * sizeof *s->anchor);
    memset(s->moved, 0, s->pr->k * sizeof *s->moved);
}

/* The bounds are those of the anchored centres: bring them to the present ones. */
static void renew_bounds(start *s)
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
static void renew_centre(start *s, size_t c)
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

static extremes find_extremes(const start *s)
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
static bool must_stay(const start *s, size_t i, double w, const extremes *e)
{
    size_t own = s->label[i];
    double up = s->upper[i] + s->moved[own], low = s->lower[i] - e->moved;

    if (!(low > 0))
        return false;
    return up * up * s->weight[own] * (e->weight + w) * (1 + 64 * DBL_EPSILON) <
           low * low * e->weight * (s->weight[own] - w);
}

/* The cheapest other cluster for unit i, whose distances are in s->near; sets both bounds anew. */
static size_t cheapest(start *s, size_t i, double w, const extremes *e, double *cost)
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
static bool transfer(start *s, size_t i, extremes *e)
{
    const problem *pr = s->pr;
    double w = weight_of(pr, i), gain, cost;
    size_t own = s->label[i], to;

    if (!(w > 0) || !(s->weight[own] - w > 1e-12 * s->weight[own]) || must_stay(s, i, w, e))
        return false;
    all_distances(s, pr->x + i * pr->p);
    gain = w * s->weight[own] / (s->weight[own] - w) * s->near[own];
    to = cheapest(s, i, w, e, &cost);
    if (!(gain - cost > 1e-12 * (gain + 1e-3 * pr->total / (double)pr->n)))
        return false;
    add_member(s, i, own, -1);
    add_member(s, i, to, 1);
    s->label[i] = to;
    renew_centre(s, own);
    renew_centre(s, to);
    *e = find_extremes(s);
    s->upper[i] = INFINITY; /* measured again on the next round */
    s->lower[i] = 0;
    return true;
}

static bool transfer_all(start *s)
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

static void evaluate(start *s)
{
    const problem *pr = s->pr;
    numeric_sum sum = {0, 0};

    sum_members(s);
    move_centres(s, 0);
    for (size_t i = 0; i < pr->n; i++)
        numeric_add(&sum, weight_of(pr, i) * square_to(s, pr->x + i * pr->p, s->label[i]));
    s->within = sum.sum + sum.rest;
}

/* ---- all starts ---- */

typedef struct {
    double within;
    size_t start;
} outcome;

typedef struct {
    const problem *pr;
    double *within; /* starts */
    vmap_status *status;
} race;

static vmap_status run_start(const problem *pr, size_t number, start *s, vmap_error *err)
{
    gsl_rng *rng;
    vmap_status status = new_start(pr, s, err);

    if (status)
        return status;
    rng = vmap_rng_new(pr->options->seed, number);
    if (!rng) {
        free_start(s);
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for random numbers");
    }
    for (size_t a = 0; a < pr->p; a++) {
        for (size_t c = pr->k; c < pr->lanes; c++)
            s->centre[a * pr->lanes + c] = INFINITY;
    }
    s->n = pr->sample;
    seed_centres(s, rng);
    s->converged = settle_all(s) && transfer_all(s);
    evaluate(s);
    gsl_rng_free(rng);
    return VMAP_SUCCESS;
}

static void race_start(void *context, size_t i)
{
    race *r = context;
    start s;

    r->status[i] = run_start(r->pr, i, &s, NULL);
    if (r->status[i])
        return;
    r->within[i] = s.within;
    free_start(&s);
}

/* The best start is run once more to have its partition: n labels per start need not be kept. */
static vmap_status run_all(const problem *pr, start *best, size_t *agree, vmap_error *err)
{
    size_t starts = pr->options->starts, first = 0;
    race r = {pr, memory_new(starts, sizeof *r.within, err), memory_new(starts, sizeof *r.status, err)};
    vmap_status status = r.within && r.status ? VMAP_SUCCESS : VMAP_ENOMEM;

    *agree = 0;
    if (!status)
        parallel_for(starts, pr->options->threads, race_start, &r);
    for (size_t i = 0; !status && i < starts; i++) {
        if (r.status[i])
            status = vmap_error_set(err, r.status[i], "no memory for %zu units", pr->n);
        if (r.within[i] < r.within[first] * (1 - 1e-12))
            first = i;
    }
    for (size_t i = 0; !status && i < starts; i++)
        *agree += r.within[i] <= r.within[first] + 1e-9 * pr->total;
    if (!status)
        status = run_start(pr, first, best, err);
    free(r.within);
    free(r.status);
    return status;
}

/* ---- in and out ---- */

static vmap_status check(const vmap_units *units, const vmap_kmeans_options *options,
                         vmap_error *err)
{
    vmap_status status = vmap_units_check(units, err);
    size_t distinct;

    if (!status)
        status = units_need_points(units, "k-means", err);
    if (status)
        return status;
    if (options->k == 0 || options->starts == 0 || options->max_iterations == 0)
        return vmap_error_set(err, VMAP_EINVAL,
                              "%zu clusters, %zu starts and %zu iterations; each must be at least 1",
                              options->k, options->starts, options->max_iterations);
    status = units_distinct(units->points, units->weights, options->k, &distinct, err);
    if (!status && distinct < options->k)
        return vmap_error_set(err, VMAP_EINVAL, "%zu clusters are asked of %zu distinct points",
                              options->k, distinct);
    return status;
}

/* The order of the rows: that of the units when no sample is taken; else shuffled, those without weight last, as
 * a sample of them says nothing. */
static vmap_status order_units(const vmap_units *units, problem *pr, size_t *unit, vmap_error *err)
{
    gsl_rng *rng;
    size_t heavy = 0, light = pr->n;

    size_t least = pr->k * SAMPLE_PER_CLUSTER > SAMPLE_LEAST ? pr->k * SAMPLE_PER_CLUSTER : SAMPLE_LEAST;

    for (size_t i = 0; i < pr->n; i++) {
        if (units_weight(units, i) > 0)
            unit[heavy++] = i;
        else
            unit[--light] = i;
    }
    pr->unit = unit;
    pr->sample = heavy;
    while (pr->sample / SAMPLE_GROWTH >= least)
        pr->sample /= SAMPLE_GROWTH;
    if (pr->sample == heavy) {
        pr->sample = pr->n;
        for (size_t i = 0; i < pr->n; i++)
            unit[i] = i;
        return VMAP_SUCCESS;
    }
    rng = vmap_rng_new(pr->options->seed, UINT64_MAX);
    if (!rng)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for random numbers");
    gsl_ran_shuffle(rng, unit, heavy, sizeof *unit);
    gsl_rng_free(rng);
    return VMAP_SUCCESS;
}

/* Fill x with the points around their mean, row after row: distances lose no digits to a common offset. */
static void centre_points(const vmap_units *units, const problem *pr, double *x, double *w, double *mean,
                          double *total)
{
    const gsl_matrix *m = units->points;
    size_t n = pr->n, p = pr->p;
    double weight = 0;
    numeric_sum sum = {0, 0};

    for (size_t i = 0; i < n; i++) {
        w[i] = units_weight(units, pr->unit[i]);
        weight += w[i];
    }
    for (size_t a = 0; a < p; a++) {
        numeric_sum s = {0, 0};

        for (size_t i = 0; i < n; i++)
            numeric_add(&s, units_weight(units, i) * gsl_matrix_get(m, i, a));
        mean[a] = (s.sum + s.rest) / weight;
        for (size_t i = 0; i < n; i++) {
            x[i * p + a] = gsl_matrix_get(m, pr->unit[i], a) - mean[a];
            numeric_add(&sum, w[i] * x[i * p + a] * x[i * p + a]);
        }
    }
    *total = sum.sum + sum.rest;
}

static vmap_status keep(const problem *pr, const start *s, const double *mean, const double *weights,
                        vmap_kmeans *r, vmap_error *err)
{
    size_t *place = memory_new(pr->k, sizeof *place, err), *label = memory_new(pr->n, sizeof *label, err);
    vmap_status status = place && label ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < pr->n; i++)
        label[pr->unit[i]] = s->label[i];
    if (!status)
        status = vmap_partition_new(label, pr->n, weights, place, &r->partition, err);
    r->centres = memory_matrix(pr->k, pr->p, err);
    r->within = memory_new(pr->k, sizeof *r->within, err);
    if (!status && (!r->centres || !r->within))
        status = VMAP_ENOMEM;
    for (size_t c = 0; !status && c < pr->k; c++) {
        for (size_t a = 0; a < pr->p; a++)
            gsl_matrix_set(r->centres, place[c], a, mean[a] + s->centre[a * pr->lanes + c]);
    }
    for (size_t i = 0; !status && i < pr->n; i++)
        r->within[place[s->label[i]]] +=
            weight_of(pr, i) * square_to(s, pr->x + i * pr->p, s->label[i]);
    free(place);
    free(label);
    r->total_within = s->within;
    r->total = pr->total;
    r->starts = pr->options->starts;
    r->converged = s->converged;
    return status;
}

vmap_status vmap_cluster_kmeans(const vmap_units *units, const vmap_kmeans_options *options,
                                vmap_kmeans **result, vmap_error *err)
{
    vmap_status status = check(units, options, err);
    problem pr = {.options = options, .k = options->k};
    start best = {.pr = NULL};
    vmap_kmeans *r = NULL;
    double *mean = NULL, *x = NULL, *w = NULL;
    size_t *unit = NULL;

    if (status)
        return status;
    pr.n = units->points->size1;
    pr.p = units->points->size2;
    pr.lanes = (pr.k + LANES - 1) / LANES * LANES;
    mean = memory_new(pr.p, sizeof *mean, err);
    x = memory_new(pr.n, pr.p * sizeof *x, err);
    w = memory_new(pr.n, sizeof *w, err);
    unit = memory_new(pr.n, sizeof *unit, err);
    r = memory_new(1, sizeof *r, err);
    status = mean && x && w && unit && r ? order_units(units, &pr, unit, err) : VMAP_ENOMEM;
    if (!status) {
        centre_points(units, &pr, x, w, mean, &pr.total);
        pr.x = x;
        pr.w = units->weights ? w : NULL;
        status = run_all(&pr, &best, &r->agree, err);
    }
    if (!status) {
        status = keep(&pr, &best, mean, units->weights, r, err);
        free_start(&best);
    }
    if (!status) {
        *result = r;
        r = NULL;
    }
    vmap_kmeans_free(r);
    free(mean);
    free(x);
    free(w);
    free(unit);
    return status;
}
