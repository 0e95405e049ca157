#include <config.h>
#include "valuemap/cluster.h"

#include <math.h>
#include <string.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"
#include "core/numeric.h"
#include "core/parallel.h"
#include "valuemap/rng.h"

/* Largest number of units for which the BUILD start, of cost O(n^2 k), is tried too; candidates that are
 * priced at once, on several threads where there is only one start. */
enum { BUILD_MOST = 2000, BATCH = 64 };

typedef struct {
    const proximity *rows;
    const double *w; /* n, or NULL */
    size_t n, k;
    const vmap_medoids_options *options;
    bool build;
    unsigned threads; /* within one start */
} problem;

/* What becomes of the cost when a unit replaces the best medoid for that. */
typedef struct {
    double change;
    size_t out; /* index of the medoid that goes */
} offer;

/* One start: its medoids, and for each unit the two nearest of them. */
typedef struct {
    const problem *pr;
    size_t *medoid;      /* k */
    bool *is_medoid;     /* n */
    unsigned *nearest, *second; /* n: index into `medoid` */
    double *d1, *d2;     /* n: dissimilarity to them */
    double *row;         /* n */
    double *loss;        /* k: growth of the cost when the medoid goes without a successor */
    size_t candidate[BATCH];
    offer offer[BATCH];
    size_t batch;        /* candidates in it at most: 1 on one thread, where looking ahead saves nothing */
    double *batch_row, *batch_change; /* batch x n, batch x k */
    double cost;
} start;

void vmap_medoids_defaults(vmap_medoids_options *options)
{
    *options = (vmap_medoids_options){.k = 0, .starts = 10, .seed = 20230217, .threads = 0};
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
    free(s->row);
    free(s->loss);
    free(s->batch_row);
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
    s->row = memory_new(n, sizeof *s->row, err);
    s->loss = memory_new(k, sizeof *s->loss, err);
    s->batch_row = memory_new(n, s->batch * sizeof *s->batch_row, err);
    s->batch_change = memory_new(k, s->batch * sizeof *s->batch_change, err);
    if (s->medoid && s->is_medoid && s->nearest && s->second && s->d1 && s->d2 && s->row && s->loss &&
        s->batch_row && s->batch_change)
        return VMAP_SUCCESS;
    free_start(s);
    return VMAP_ENOMEM;
}

static double weight_of(const problem *pr, size_t i)
{
    return pr->w ? pr->w[i] : 1;
}

static void set_medoid(start *s, size_t m, size_t unit)
{
    s->medoid[m] = unit;
    s->is_medoid[unit] = true;
}

/* A unit without weight has no say: it is no medoid. */
static bool can_be_medoid(const start *s, size_t i)
{
    return !s->is_medoid[i] && weight_of(s->pr, i) > 0;
}

/* ---- the first medoids ---- */

/* BUILD: each medoid in turn is the unit that lowers the cost most, the first on a tie. */
static void build(start *s)
{
    const problem *pr = s->pr;

    for (size_t i = 0; i < pr->n; i++)
        s->d1[i] = INFINITY;
    for (size_t m = 0; m < pr->k; m++) {
        double least = INFINITY;
        size_t best = pr->n;

        for (size_t c = 0; c < pr->n; c++) {
            double cost = 0;

            if (!can_be_medoid(s, c))
                continue;
            proximity_row(pr->rows, c, s->row);
            for (size_t i = 0; i < pr->n; i++)
                cost += weight_of(pr, i) * fmin(s->row[i], s->d1[i]);
            if (cost < least || best == pr->n) {
                least = cost;
                best = c;
            }
        }
        set_medoid(s, m, best);
        proximity_row(pr->rows, best, s->row);
        for (size_t i = 0; i < pr->n; i++)
            s->d1[i] = fmin(s->d1[i], s->row[i]);
    }
}

/* Units drawn by weight x dissimilarity to the nearest medoid so far; the first that is left where all
 * stand on medoids. */
static void scatter(start *s, gsl_rng *rng)
{
    const problem *pr = s->pr;

    for (size_t i = 0; i < pr->n; i++)
        s->d1[i] = INFINITY;
    for (size_t m = 0; m < pr->k; m++) {
        double total = 0, left;
        size_t chosen = pr->n;

        for (size_t i = 0; i < pr->n; i++) {
            s->d2[i] = s->is_medoid[i] ? 0 : weight_of(pr, i) * (m ? s->d1[i] : 1);
            total += s->d2[i];
        }
        left = gsl_rng_uniform(rng) * total;
        for (size_t i = 0; i < pr->n && left >= 0; i++) {
            if (s->d2[i] > 0) {
                chosen = i;
                left -= s->d2[i];
            }
        }
        for (size_t i = 0; chosen == pr->n && i < pr->n; i++) {
            if (can_be_medoid(s, i))
                chosen = i;
        }
        set_medoid(s, m, chosen);
        proximity_row(pr->rows, chosen, s->row);
        for (size_t i = 0; i < pr->n; i++)
            s->d1[i] = fmin(s->d1[i], s->row[i]);
    }
}

/* ---- swaps ---- */

/* Find the two nearest medoids of every unit. A medoid belongs to itself even where another one
 * stands at the same place. */
static void find_nearest(start *s)
{
    const problem *pr = s->pr;

    for (size_t i = 0; i < pr->n; i++)
        s->d1[i] = s->d2[i] = INFINITY;
    for (size_t m = 0; m < pr->k; m++) {
        proximity_row(pr->rows, s->medoid[m], s->row);
        for (size_t i = 0; i < pr->n; i++) {
            double d = s->row[i];

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
    }
}

static void find_losses(start *s)
{
    const problem *pr = s->pr;

    memset(s->loss, 0, pr->k * sizeof *s->loss);
    for (size_t i = 0; i < pr->n; i++)
        s->loss[s->nearest[i]] += weight_of(pr, i) * (s->d2[i] - s->d1[i]);
}

/* Price candidate number q of the batch: FasterPAM's pass over the units that it would come nearer to than one
 * of their two medoids. Those units are listed first, without branches. */
static void price(void *context, size_t q)
{
    start *s = context;
    const problem *pr = s->pr;
    double *restrict row = s->batch_row + q * pr->n, *change = s->batch_change + q * pr->k, shared = 0;
    enum { BLOCK = 512 };
    unsigned touched[BLOCK];
    size_t out = 0;

    memcpy(change, s->loss, pr->k * sizeof *change);
    for (size_t from = 0; from < pr->n; from += BLOCK) {
        size_t to = from + BLOCK < pr->n ? from + BLOCK : pr->n, count = 0;

        proximity_part(pr->rows, s->candidate[q], from, to, row);
        for (size_t i = from; i < to; i++) {
            touched[count] = (unsigned)i;
            count += row[i] < s->d2[i];
        }
        for (size_t t = 0; t < count; t++) {
            size_t i = touched[t];
            double w = weight_of(pr, i), nearer = row[i] < s->d1[i] ? row[i] : s->d1[i];

            shared += w * (nearer - s->d1[i]);
            change[s->nearest[i]] += w * ((row[i] > s->d1[i] ? row[i] : s->d1[i]) - s->d2[i]);
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
    find_nearest(s);
    find_losses(s);
}

static double cost_of(const start *s)
{
    numeric_sum sum = {0, 0};

    for (size_t i = 0; i < s->pr->n; i++)
        numeric_add(&sum, weight_of(s->pr, i) * s->d1[i]);
    return sum.sum + sum.rest;
}

/* k = 1: the unit with the least sum, found directly. */
static void find_median(start *s)
{
    const problem *pr = s->pr;
    double least = INFINITY;
    size_t best = 0;

    for (size_t c = 0; c < pr->n; c++) {
        double cost = 0;

        if (!can_be_medoid(s, c))
            continue;
        proximity_row(pr->rows, c, s->row);
        for (size_t i = 0; i < pr->n; i++)
            cost += weight_of(pr, i) * s->row[i];
        if (cost < least) {
            least = cost;
            best = c;
        }
    }
    set_medoid(s, 0, best);
    find_nearest(s);
}

/* The next `wanted` candidates from unit *next on, looking at `most` units; returns how many there are. */
static size_t take_batch(start *s, size_t *next, size_t wanted, size_t most, size_t *passed)
{
    size_t count = 0;

    for (*passed = 0; count < wanted && *passed < most; (*passed)++) {
        if (can_be_medoid(s, *next))
            s->candidate[count++] = *next;
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

    find_nearest(s);
    if (pr->k == pr->n)
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
            next = s->candidate[q] + 1 == pr->n ? 0 : s->candidate[q] + 1;
            still = 0;
        }
    }
}

static vmap_status run_start(const problem *pr, size_t number, start *s, vmap_error *err)
{
    vmap_status status = new_start(pr, s, err);
    gsl_rng *rng;

    if (status)
        return status;
    rng = vmap_rng_new(pr->options->seed, number);
    if (!rng) {
        free_start(s);
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for random numbers");
    }
    if (pr->k == 1) {
        find_median(s);
    } else {
        if (pr->build && number == 0)
            build(s);
        else
            scatter(s, rng);
        improve(s);
    }
    s->cost = cost_of(s);
    gsl_rng_free(rng);
    return VMAP_SUCCESS;
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

/* Starts run side by side; a single one prices its candidates so. */
static vmap_status run_all(problem *pr, size_t starts, start *best, size_t *agree, vmap_error *err)
{
    race r = {.pr = pr};
    vmap_status status = VMAP_SUCCESS;
    size_t first = 0;

    r.cost = memory_new(starts, sizeof *r.cost, err);
    r.status = memory_new(starts, sizeof *r.status, err);
    r.medoid = memory_new(starts, pr->k * sizeof *r.medoid, err);
    if (!r.cost || !r.status || !r.medoid)
        status = VMAP_ENOMEM;
    pr->threads = starts > 1 ? 1 : pr->options->threads;
    if (!status) {
        parallel_for(starts, pr->options->threads, race_start, &r);
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
        count += weight_of(pr, i) > 0;
    return count;
}

static vmap_status keep(const problem *pr, const start *s, vmap_medoids *r, vmap_error *err)
{
    size_t *label = memory_new(pr->n, sizeof *label, err);
    size_t *place = memory_new(pr->k, sizeof *place, err);
    vmap_status status = label && place ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < pr->n; i++)
        label[i] = s->nearest[i];
    if (!status)
        status = vmap_partition_new(label, pr->n, pr->w, place, &r->partition, err);
    if (!status && !(r->medoid = memory_new(pr->k, sizeof *r->medoid, err)))
        status = VMAP_ENOMEM;
    for (size_t m = 0; !status && m < pr->k; m++)
        r->medoid[place[m]] = s->medoid[m];
    r->cost = s->cost;
    free(label);
    free(place);
    return status;
}

vmap_status vmap_cluster_medoids(const vmap_units *units, const vmap_medoids_options *options,
                                 vmap_medoids **result, vmap_error *err)
{
    vmap_status status = vmap_units_check(units, err);
    problem pr = {.w = units->weights, .k = options->k, .options = options};
    proximity rows = {.at = NULL};
    start best = {.pr = NULL};
    vmap_medoids *r;

    if (status)
        return status;
    pr.n = units_count(units);
    pr.build = pr.n <= BUILD_MOST;
    if (options->k == 0 || options->k > count_candidates(&pr))
        return vmap_error_set(err, VMAP_EINVAL, "%zu clusters are asked of %zu units", options->k,
                              count_candidates(&pr));
    if (options->starts == 0 && !pr.build)
        return vmap_error_set(err, VMAP_EINVAL, "more than %d units need at least one random start",
                              BUILD_MOST);
    r = memory_new(1, sizeof *r, err);
    if (!r)
        return VMAP_ENOMEM;
    r->starts = pr.k == 1 || pr.k == pr.n ? 1 : options->starts + pr.build;
    status = proximity_open(units, &rows, err);
    pr.rows = &rows;
    if (!status)
        status = run_all(&pr, r->starts, &best, &r->agree, err);
    if (!status) {
        status = keep(&pr, &best, r, err);
        free_start(&best);
    }
    proximity_close(&rows);
    if (!status) {
        *result = r;
        r = NULL;
    }
    vmap_medoids_free(r);
    return status;
}
