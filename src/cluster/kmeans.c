#include <config.h>
#include "valuemap/cluster.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "cluster/cluster_internal.h"
#include "cluster/kmeans_internal.h"
#include "core/memory.h"
#include "core/numeric.h"
#include "core/parallel.h"
#include "valuemap/rng.h"

/* The smallest sample has this many units, and so many per cluster. */
enum { SAMPLE_LEAST = 4096, SAMPLE_PER_CLUSTER = 128 };

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

static void free_start(kmeans_start *s)
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

static vmap_status new_start(const kmeans_problem *pr, kmeans_start *s, vmap_error *err)
{
    *s = (kmeans_start){.pr = pr};
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

static void set_centre(kmeans_start *s, size_t c, const double *x)
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
static void seed_centres(kmeans_start *s, gsl_rng *rng)
{
    const kmeans_problem *pr = s->pr;
    double total = 0;

    for (size_t i = 0; i < s->n; i++) {
        s->upper[i] = INFINITY;
        s->lower[i] = kmeans_weight(pr, i);
        total += s->lower[i];
    }
    for (size_t c = 0; c < pr->k; c++) {
        set_centre(s, c, pr->x + draw(rng, s->lower, s->n, total) * pr->p);
        total = 0;
        for (size_t i = 0; i < s->n; i++) {
            double d = kmeans_square(s, pr->x + i * pr->p, c);

            if (d < s->upper[i])
                s->upper[i] = d;
            s->lower[i] = kmeans_weight(pr, i) * s->upper[i];
            total += s->lower[i];
        }
    }
}

static void evaluate(kmeans_start *s)
{
    const kmeans_problem *pr = s->pr;
    numeric_sum sum = {0, 0};

    kmeans_sum_members(s);
    kmeans_move_centres(s, 0);
    for (size_t i = 0; i < pr->n; i++)
        numeric_add(&sum, kmeans_weight(pr, i) * kmeans_square(s, pr->x + i * pr->p, s->label[i]));
    s->within = sum.sum + sum.rest;
}

/* ---- all starts ---- */

typedef struct {
    double within;
    size_t start;
} outcome;

typedef struct {
    const kmeans_problem *pr;
    double *within; /* starts */
    vmap_status *status;
} race;

static vmap_status run_start(const kmeans_problem *pr, size_t number, kmeans_start *s, vmap_error *err)
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
    s->converged = kmeans_settle(s) && kmeans_transfer(s);
    evaluate(s);
    gsl_rng_free(rng);
    return VMAP_SUCCESS;
}

static void race_start(void *context, size_t i)
{
    race *r = context;
    kmeans_start s;

    r->status[i] = run_start(r->pr, i, &s, NULL);
    if (r->status[i])
        return;
    r->within[i] = s.within;
    free_start(&s);
}

/* The best start is run once more to have its partition: n labels per start need not be kept. */
static vmap_status run_all(const kmeans_problem *pr, kmeans_start *best, size_t *agree, vmap_error *err)
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
static vmap_status order_units(const vmap_units *units, kmeans_problem *pr, size_t *unit, vmap_error *err)
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
    while (pr->sample / KMEANS_GROWTH >= least)
        pr->sample /= KMEANS_GROWTH;
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
static void centre_points(const vmap_units *units, const kmeans_problem *pr, double *x, double *w, double *mean,
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

static vmap_status keep(const kmeans_problem *pr, const kmeans_start *s, const double *mean, const double *weights,
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
            kmeans_weight(pr, i) * kmeans_square(s, pr->x + i * pr->p, s->label[i]);
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
    kmeans_problem pr = {.options = options, .k = options->k};
    kmeans_start best = {.pr = NULL};
    vmap_kmeans *r = NULL;
    double *mean = NULL, *x = NULL, *w = NULL;
    size_t *unit = NULL;

    if (status)
        return status;
    pr.n = units->points->size1;
    pr.p = units->points->size2;
    pr.lanes = (pr.k + KMEANS_LANES - 1) / KMEANS_LANES * KMEANS_LANES;
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
