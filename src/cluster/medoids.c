#include <config.h>
#include "valuemap/cluster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster_internal.h"
#include "cluster/medoids_internal.h"
#include "core/memory.h"
#include "core/numeric.h"
#include "core/parallel.h"
#include "valuemap/rng.h"

/* FasterPAM: swaps that come in at once, from PAM's first medoids and from random ones. */

/* Candidates that are priced at once on several threads; units from which a start uses the threads itself when there
 * are fewer starts than threads. */
enum { BATCH = 64, MANY = 2000 };

typedef struct {
    const medoids_space *space;
    size_t n, k;
    const vmap_medoids_options *options;
    unsigned threads; /* within one start */
} problem;

/* What becomes of the cost when a unit replaces the best medoid for that. */
typedef struct {
    double change;
    size_t out; /* index of the medoid that goes */
} offer;

/* One start: its medoids, and for each unit the two nearest of them. Units are numbered as the space has them. */
typedef struct {
    const problem *pr;
    size_t *medoid;      /* k */
    bool *is_medoid;     /* n */
    unsigned *nearest, *second; /* n: index into `medoid` */
    double *d1, *d2;     /* n: dissimilarity to them */
    double *limit, *reach; /* of d2, as in medoids_set_limits() */
    double *row;         /* n */
    double *loss;        /* k: growth of the cost when the medoid goes without a successor */
    size_t candidate[BATCH];
    offer offer[BATCH];
    size_t batch;        /* candidates in it at most: 1 on one thread, where looking ahead saves nothing */
    double *batch_change; /* batch x k */
    double cost;
} start;

void vmap_medoids_defaults(vmap_medoids_options *options)
{
    *options = (vmap_medoids_options){.k = 0, .starts = 1, .seed = 20230217, .threads = 0};
}

void vmap_medoids_free(vmap_medoids *r)
{
    if (!r)
        return;
    vmap_partition_free(r->partition);
    free(r->medoid);
    free(r);
}

static void free_start(start *s)
{
    free(s->medoid);
    free(s->is_medoid);
    free(s->nearest);
    free(s->second);
    free(s->d1);
    free(s->d2);
    free(s->limit);
    free(s->reach);
    free(s->row);
    free(s->loss);
    free(s->batch_change);
}

static vmap_status new_start(const problem *pr, start *s, vmap_error *err)
{
    size_t n = pr->n, k = pr->k;

    *s = (start){.pr = pr, .batch = pr->threads == 1 ? 1 : BATCH};
    s->medoid = memory_new(k, sizeof *s->medoid, err);
    s->is_medoid = memory_new(n, sizeof *s->is_medoid, err);
    s->nearest = memory_new(n, sizeof *s->nearest, err);
    s->second = memory_new(n, sizeof *s->second, err);
    s->d1 = memory_new(n, sizeof *s->d1, err);
    s->d2 = memory_new(n, sizeof *s->d2, err);
    s->limit = memory_new(n, sizeof *s->limit, err);
    s->reach = memory_new(pr->space->blocks, sizeof *s->reach, err);
    s->row = memory_new(n + MEDOIDS_LANES, sizeof *s->row, err);
    s->loss = memory_new(k, sizeof *s->loss, err);
    s->batch_change = memory_new(k, s->batch * sizeof *s->batch_change, err);
    if (s->medoid && s->is_medoid && s->nearest && s->second && s->d1 && s->d2 && s->limit && s->reach &&
        s->row && s->loss && s->batch_change)
        return VMAP_SUCCESS;
    free_start(s);
    return VMAP_ENOMEM;
}

static void set_medoid(start *s, size_t m, size_t unit)
{
    s->medoid[m] = unit;
    s->is_medoid[unit] = true;
}

/* A unit without weight has no say: it is no medoid. */
static bool can_be_medoid(const start *s, size_t i)
{
    return !s->is_medoid[i] && s->pr->space->w[i] > 0;
}

/* Units drawn by weight x dissimilarity to the nearest medoid so far; the first that is left where all
 * stand on medoids. */
static void scatter(start *s, gsl_rng *rng)
{
    const problem *pr = s->pr;
    const size_t *turn = pr->space->turn;

    for (size_t i = 0; i < pr->n; i++)
        s->d1[i] = INFINITY;
    for (size_t m = 0; m < pr->k; m++) {
        double total = 0, left;
        size_t chosen = pr->n;

        for (size_t t = 0; t < pr->n; t++) {
            s->d2[t] = s->is_medoid[turn[t]] ? 0 : pr->space->w[turn[t]] * (m ? s->d1[turn[t]] : 1);
            total += s->d2[t];
        }
        left = gsl_rng_uniform(rng) * total;
        for (size_t t = 0; t < pr->n && left >= 0; t++) {
            if (s->d2[t] > 0) {
                chosen = turn[t];
                left -= s->d2[t];
            }
        }
        for (size_t t = 0; chosen == pr->n && t < pr->n; t++) {
            if (can_be_medoid(s, turn[t]))
                chosen = turn[t];
        }
        set_medoid(s, m, chosen);
        medoids_row(pr->space, chosen, s->row);
        for (size_t i = 0; i < pr->n; i++)
            s->d1[i] = fmin(s->d1[i], s->row[i]);
    }
}

/* ---- swaps ---- */

/* Take medoid m at dissimilarity d into the two nearest of unit i. A medoid belongs to itself even where another one
 * stands at the same place. */
static void consider(start *s, size_t i, size_t m, double d)
{
    if (d < s->d1[i] || (i == s->medoid[m] && d <= s->d1[i])) {
        s->d2[i] = s->d1[i];
        s->second[i] = s->nearest[i];
        s->d1[i] = d;
        s->nearest[i] = (unsigned)m;
    } else if (d < s->d2[i]) {
        s->d2[i] = d;
        s->second[i] = (unsigned)m;
    }
}

/* Find the two nearest medoids of every unit. */
static void find_nearest(start *s)
{
    const problem *pr = s->pr;

    for (size_t i = 0; i < pr->n; i++)
        s->d1[i] = s->d2[i] = INFINITY;
    for (size_t m = 0; m < pr->k; m++) {
        medoids_row(pr->space, s->medoid[m], s->row);
        for (size_t i = 0; i < pr->n; i++)
            consider(s, i, m, s->row[i]);
    }
}

/* The same after medoid m has been replaced: only who lost one of the two looks at all of them. */
static void find_nearest_again(start *s, size_t m)
{
    const problem *pr = s->pr;

    medoids_row(pr->space, s->medoid[m], s->row);
    for (size_t i = 0; i < pr->n; i++) {
        if (s->nearest[i] != m && s->second[i] != m) {
            consider(s, i, m, s->row[i]);
            continue;
        }
        s->d1[i] = s->d2[i] = INFINITY;
        for (size_t q = 0; q < pr->k; q++)
            consider(s, i, q, q == m ? s->row[i] : medoids_apart(pr->space, s->medoid[q], i));
    }
}

/* What the pricing of candidates goes by. */
static void find_losses(start *s)
{
    const problem *pr = s->pr;

    memset(s->loss, 0, pr->k * sizeof *s->loss);
    for (size_t i = 0; i < pr->n; i++)
        s->loss[s->nearest[i]] += pr->space->w[i] * (s->d2[i] - s->d1[i]);
    medoids_set_limits(pr->space, s->d2, s->limit, s->reach);
}

/* Price candidate number q of the batch: FasterPAM's pass over the units that it would come nearer to than one
 * of their two medoids. */
static void price(void *context, size_t q)
{
    start *s = context;
    const problem *pr = s->pr;
    const medoids_space *space = pr->space;
    double *restrict change = s->batch_change + q * pr->k, shared = 0, apart[BLOCK_MOST];
    unsigned which[BLOCK_MOST];
    size_t out = 0;

    memcpy(change, s->loss, pr->k * sizeof *change);
    for (size_t b = 0; b < space->blocks; b++) {
        size_t count = medoids_nearer(space, s->candidate[q], b, s->limit, s->reach, which, apart);

        for (size_t t = 0; t < count; t++) {
            size_t i = space->first[b] + which[t];
            double d = apart[t], w = space->w[i], nearer = d < s->d1[i] ? d : s->d1[i];

            shared += w * (nearer - s->d1[i]);
            change[s->nearest[i]] += w * ((d > s->d1[i] ? d : s->d1[i]) - s->d2[i]);
        }
    }
    for (size_t m = 1; m < pr->k; m++) {
        if (change[m] < change[out])
            out = m;
    }
    s->offer[q] = (offer){shared + change[out], out};
}

static void swap(start *s, size_t out, size_t candidate)
{
    s->is_medoid[s->medoid[out]] = false;
    set_medoid(s, out, candidate);
    find_nearest_again(s, out);
    find_losses(s);
}

static double cost_of(const start *s)
{
    numeric_sum sum = {0, 0};

    for (size_t i = 0; i < s->pr->n; i++)
        numeric_add(&sum, s->pr->space->w[i] * s->d1[i]);
    return sum.sum + sum.rest;
}

/* The next `wanted` candidates from unit *next on, looking at `most` units; returns how many there are. */
static size_t take_batch(start *s, size_t *next, size_t wanted, size_t most, size_t *passed)
{
    size_t count = 0;

    for (*passed = 0; count < wanted && *passed < most; (*passed)++) {
        if (can_be_medoid(s, s->pr->space->turn[*next]))
            s->candidate[count++] = s->pr->space->turn[*next];
        *next = *next + 1 == s->pr->n ? 0 : *next + 1;
    }
    return count;
}

/* Go round the units; each that lowers the cost comes in at once, in the order of the units, and what was
 * priced after it is priced anew. Ends after a round without a swap. */
static void improve(start *s)
{
    const problem *pr = s->pr;
    double tolerance;
    size_t still = 0, next = 0, wanted = 1;

    if (pr->k == 1 || pr->k == pr->n)
        return;
    find_losses(s);
    tolerance = 1e-12 * cost_of(s);
    while (still < pr->n) {
        size_t passed, count = take_batch(s, &next, wanted, pr->n - still, &passed), q = 0;

        still += passed;
        parallel_for(count, pr->threads, price, s);
        while (q < count && !(s->offer[q].change < -tolerance))
            q++;
        wanted = 2 * wanted < s->batch ? 2 * wanted : s->batch;
        if (q < count) {
            wanted = 1;
            swap(s, s->offer[q].out, s->candidate[q]);
            next = (pr->space->unit[s->candidate[q]] + 1) % pr->n;
            still = 0;
        }
    }
}

static vmap_status run_start(const problem *pr, size_t number, start *s, vmap_error *err)
{
    vmap_status status = new_start(pr, s, err);
    gsl_rng *rng = status ? NULL : vmap_rng_new(pr->options->seed, number);

    if (status)
        return status;
    if (!rng)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for random numbers");
    if (!status && number == 0) {
        status = medoids_build(pr->space, pr->k, pr->threads, s->medoid, err);
        for (size_t m = 0; !status && m < pr->k; m++)
            set_medoid(s, m, s->medoid[m]);
    } else if (!status) {
        scatter(s, rng);
    }
    if (!status) {
        find_nearest(s);
        improve(s);
        s->cost = cost_of(s);
    } else {
        free_start(s);
    }
    if (rng)
        gsl_rng_free(rng);
    return status;
}

/* ---- all starts ---- */

typedef struct {
    const problem *pr;
    double *cost;
    size_t *medoid; /* starts x k */
    vmap_status *status;
} race;

static void race_start(void *context, size_t i)
{
    race *r = context;
    start s;

    r->status[i] = run_start(r->pr, i, &s, NULL);
    if (r->status[i])
        return;
    r->cost[i] = s.cost;
    memcpy(r->medoid + i * r->pr->k, s.medoid, r->pr->k * sizeof *r->medoid);
    free_start(&s);
}

/* The first of the cheapest starts; VMAP_ENOMEM when one could not run. */
static vmap_status find_winner(const race *r, size_t starts, size_t *first, vmap_error *err)
{
    *first = 0;
    for (size_t i = 0; i < starts; i++) {
        if (r->status[i])
            return vmap_error_set(err, r->status[i], "no memory for %zu units", r->pr->n);
        if (r->cost[i] < r->cost[*first] * (1 - 1e-12))
            *first = i;
    }
    return VMAP_SUCCESS;
}

static vmap_status take_medoids(const problem *pr, const size_t *medoid, start *s, vmap_error *err)
{
    vmap_status status = new_start(pr, s, err);

    for (size_t m = 0; !status && m < pr->k; m++)
        set_medoid(s, m, medoid[m]);
    if (!status) {
        find_nearest(s);
        s->cost = cost_of(s);
    }
    return status;
}

/* Starts run side by side, or one after the other where there are few of them and many units: then each prices its
 * candidates side by side. */
static vmap_status run_all(problem *pr, size_t starts, start *best, size_t *agree, vmap_error *err)
{
    race r = {.pr = pr};
    unsigned threads = pr->options->threads ? pr->options->threads : parallel_processors();
    bool alone;
    vmap_status status = VMAP_SUCCESS;
    size_t first = 0;

    r.cost = memory_new(starts, sizeof *r.cost, err);
    r.status = memory_new(starts, sizeof *r.status, err);
    r.medoid = memory_new(starts, pr->k * sizeof *r.medoid, err);
    if (!r.cost || !r.status || !r.medoid)
        status = VMAP_ENOMEM;
    alone = starts < threads && pr->n > MANY;
    pr->threads = alone ? threads : 1;
    if (!status) {
        parallel_for(starts, alone ? 1 : threads, race_start, &r);
        status = find_winner(&r, starts, &first, err);
    }
    for (size_t i = 0; !status && i < starts; i++)
        *agree += r.cost[i] <= r.cost[first] * (1 + 1e-9);
    if (!status)
        status = take_medoids(pr, r.medoid + first * pr->k, best, err);
    free(r.cost);
    free(r.status);
    free(r.medoid);
    return status;
}

static size_t count_candidates(const problem *pr)
{
    size_t count = 0;

    for (size_t i = 0; i < pr->n; i++)
        count += pr->space->w[i] > 0;
    return count;
}

/* The result in the user's order of units. */
static vmap_status keep(const problem *pr, const start *s, const double *weights, vmap_medoids *r, vmap_error *err)
{
    const medoids_space *space = pr->space;
    size_t *label = memory_new(pr->n, sizeof *label, err);
    size_t *place = memory_new(pr->k, sizeof *place, err);
    vmap_status status = label && place ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < pr->n; i++)
        label[space->unit[i]] = s->nearest[i];
    if (!status)
        status = vmap_partition_new(label, pr->n, weights, place, &r->partition, err);
    if (!status && !(r->medoid = memory_new(pr->k, sizeof *r->medoid, err)))
        status = VMAP_ENOMEM;
    for (size_t m = 0; !status && m < pr->k; m++)
        r->medoid[place[m]] = space->unit[s->medoid[m]];
    r->cost = s->cost;
    free(label);
    free(place);
    return status;
}

vmap_status vmap_cluster_medoids(const vmap_units *units, const vmap_medoids_options *options,
                                 vmap_medoids **result, vmap_error *err)
{
    vmap_status status = vmap_units_check(units, err);
    medoids_space space = {0};
    problem pr = {.space = &space, .k = options->k, .options = options};
    start best = {.pr = NULL};
    vmap_medoids *r = NULL;

    if (!status)
        status = medoids_space_open(units, &space, err);
    pr.n = space.n;
    if (!status && (options->k == 0 || options->k > count_candidates(&pr)))
        status = vmap_error_set(err, VMAP_EINVAL, "%zu clusters are asked of %zu units", options->k,
                                count_candidates(&pr));
    if (!status && !(r = memory_new(1, sizeof *r, err)))
        status = VMAP_ENOMEM;
    if (!status) {
        r->starts = pr.k == 1 || pr.k == pr.n ? 1 : options->starts + 1;
        status = run_all(&pr, r->starts, &best, &r->agree, err);
    }
    if (!status) {
        status = keep(&pr, &best, units->weights, r, err);
        free_start(&best);
    }
    medoids_space_close(&space);
    if (!status) {
        *result = r;
        r = NULL;
    }
    vmap_medoids_free(r);
    return status;
}
