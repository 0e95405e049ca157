#include <config.h>
#include "valuemap/cluster.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"
#include "core/numeric.h"
#include "core/parallel.h"
#include "valuemap/rng.h"

/* Centres stand coordinate by coordinate, `lanes` = k rounded up, so that the distances of one point to
 * all of them are runs of memory. Lanes beyond k hold infinity: nothing is near them. */
enum { LANES = 4 };

typedef struct {
    size_t n, p, k, lanes;
    const double *x; /* n x p, centred at the common mean */
    const double *w; /* n, or NULL */
    double total;    /* weighted sum of squares around the mean */
    const vmap_kmeans_options *options;
} problem;

/* One start. */
typedef struct {
    const problem *pr;
    double *centre; /* p x lanes */
    double *sum;    /* k x p weighted sums of the members */
    double *weight; /* k */
    double *moved;  /* k: how far the centre went in the last step */
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
    s->half = memory_new(pr->k, sizeof(double), err);
    s->near = memory_new(pr->lanes, sizeof(double), err);
    s->upper = memory_new(pr->n, sizeof(double), err);
    s->lower = memory_new(pr->n, sizeof(double), err);
    s->label = memory_new(pr->n, sizeof(size_t), err);
    if (s->centre && s->sum && s->weight && s->moved && s->half && s->near && s->upper && s->lower &&
        s->label)
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

    for (size_t i = 0; i < pr->n; i++) {
        s->upper[i] = INFINITY;
        s->lower[i] = weight_of(pr, i);
        total += s->lower[i];
    }
    for (size_t c = 0; c < pr->k; c++) {
        set_centre(s, c, pr->x + draw(rng, s->lower, pr->n, total) * pr->p);
        total = 0;
        for (size_t i = 0; i < pr->n; i++) {
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
    for (size_t i = 0; i < s->pr->n; i++)
        add_member(s, i, s->label[i], 1);
}

/* A cluster without weight gets the unit that costs most where it is and is not the last there. */
static void refill(start *s, size_t empty)
{
    const problem *pr = s->pr;
    double most = -1;
    size_t far = 0;

    for (size_t i = 0; i < pr->n; i++) {
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
    for (size_t i = 0; i < pr->n; i++) { /* the old bounds are void */
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
    for (size_t i = 0; i < s->pr->n; i++)
        members += s->label[i] == c && weight_of(s->pr, i) > 0;
    return members == 0;
}

/* Move centres to the means of their members; returns whether one moved. */
static bool move_centres(start *s)
{
    const problem *pr = s->pr;
    bool any = false;

    for (size_t c = 0; c < pr->k; c++) {
        double square = 0;

        if (is_weightless(s, c)) {
            refill(s, c);
            any = true;
        }
        for (size_t a = 0; a < pr->p; a++) {
            double *at = &s->centre[a * pr->lanes + c], to = s->sum[c * pr->p + a] / s->weight[c];

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

/* One pass: points whose bounds do not settle it are assigned anew. Returns how many went elsewhere.
 * The bounds are widened by a few units of rounding, so that they never decide a tie. */
static size_t pass(start *s)
{
    const problem *pr = s->pr;
    double largest = 0, second = 0;
    size_t changed = 0, leader = 0;

    for (size_t c = 0; c < pr->k; c++) {
        if (s->moved[c] > largest) {
            second = largest;
            largest = s->moved[c];
            leader = c;
        } else if (s->moved[c] > second) {
            second = s->moved[c];
        }
    }
    for (size_t i = 0; i < pr->n; i++) {
        size_t own = s->label[i], to;
        double bound;

        s->upper[i] = (s->upper[i] + s->moved[own]) * (1 + 4 * DBL_EPSILON);
        s->lower[i] = (s->lower[i] - (own == leader ? second : largest)) * (1 - 4 * DBL_EPSILON);
        bound = fmax(s->half[own], s->lower[i]) * (1 - 8 * DBL_EPSILON);
        if (s->upper[i] < bound)
            continue;
        s->upper[i] = sqrt(square_to(s, pr->x + i * pr->p, own)) * (1 + 4 * DBL_EPSILON);
        if (s->upper[i] < bound)
            continue;
        to = assign(s, i);
        if (to == own)
            continue;
        add_member(s, i, own, -1);
        add_member(s, i, to, 1);
        s->label[i] = to;
        changed++;
    }
    return changed;
}

/* Passes until nobody goes elsewhere. Sums are kept up to date and made anew every so often. */
static bool settle(start *s)
{
    for (size_t i = 0; i < s->pr->n; i++)
        s->label[i] = assign(s, i);
    sum_members(s);
    while (s->iterations++ < s->pr->options->max_iterations) {
        if (s->iterations % 16 == 0)
            sum_members(s);
        if (!move_centres(s))
            return true;
        measure_gaps(s);
        if (pass(s) == 0) {
            sum_members(s);
            move_centres(s);
            return true;
        }
    }
    return false;
}

/* ---- single transfers ---- */

/* Move unit i where the sum of squares falls most, the two centres at once; false when it stays. */
static bool transfer(start *s, size_t i)
{
    const problem *pr = s->pr;
    double w = weight_of(pr, i), gain, least = INFINITY;
    size_t own = s->label[i], to = own;

    if (!(w > 0) || !(s->weight[own] - w > 1e-12 * s->weight[own]))
        return false;
    all_distances(s, pr->x + i * pr->p);
    gain = w * s->weight[own] / (s->weight[own] - w) * s->near[own];
    for (size_t c = 0; c < pr->k; c++) {
        double cost = w * s->weight[c] / (s->weight[c] + w) * s->near[c];

        if (c != own && cost < least) {
            least = cost;
            to = c;
        }
    }
    if (!(gain - least > 1e-12 * (gain + 1e-3 * pr->total / (double)pr->n)))
        return false;
    add_member(s, i, own, -1);
    add_member(s, i, to, 1);
    s->label[i] = to;
    for (size_t a = 0; a < pr->p; a++) {
        s->centre[a * pr->lanes + own] = s->sum[own * pr->p + a] / s->weight[own];
        s->centre[a * pr->lanes + to] = s->sum[to * pr->p + a] / s->weight[to];
    }
    return true;
}

static bool transfer_all(start *s)
{
    size_t still = 0, i = 0;

    for (; still < s->pr->n; i = i + 1 == s->pr->n ? 0 : i + 1) {
        if (i == 0 && s->iterations++ > s->pr->options->max_iterations)
            return false;
        still = transfer(s, i) ? 0 : still + 1;
    }
    return true;
}

static void evaluate(start *s)
{
    const problem *pr = s->pr;
    numeric_sum sum = {0, 0};

    sum_members(s);
    move_centres(s);
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
    seed_centres(s, rng);
    s->converged = settle(s) && transfer_all(s);
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

/* The points around their mean, row after row: distances lose no digits to a common offset. */
static double *centre_points(const vmap_units *units, double *mean, double *total, vmap_error *err)
{
    const gsl_matrix *m = units->points;
    size_t n = m->size1, p = m->size2;
    double *x = memory_new(n, p * sizeof *x, err), weight = 0;
    numeric_sum sum = {0, 0};

    for (size_t i = 0; x && i < n; i++)
        weight += units_weight(units, i);
    for (size_t a = 0; x && a < p; a++) {
        numeric_sum s = {0, 0};

        for (size_t i = 0; i < n; i++)
            numeric_add(&s, units_weight(units, i) * gsl_matrix_get(m, i, a));
        mean[a] = (s.sum + s.rest) / weight;
        for (size_t i = 0; i < n; i++) {
            x[i * p + a] = gsl_matrix_get(m, i, a) - mean[a];
            numeric_add(&sum, units_weight(units, i) * x[i * p + a] * x[i * p + a]);
        }
    }
    *total = sum.sum + sum.rest;
    return x;
}

static vmap_status keep(const problem *pr, const start *s, const double *mean, vmap_kmeans *r,
                        vmap_error *err)
{
    size_t *place = memory_new(pr->k, sizeof *place, err);
    vmap_status status = place ? vmap_partition_new(s->label, pr->n, pr->w, place, &r->partition, err)
                               : VMAP_ENOMEM;

    r->centres = memory_matrix(pr->k, pr->p, err);
    r->within = memory_new(pr->k, sizeof *r->within, err);
    if (!status && (!r->centres || !r->within))
        status = VMAP_ENOMEM;
    for (size_t c = 0; !status && c < pr->k; c++) {
        for (size_t a = 0; a < pr->p; a++)
            gsl_matrix_set(r->centres, place[c], a, mean[a] + s->centre[a * pr->lanes + c]);
    }
    for (size_t i = 0; !status && i < pr->n; i++)
        r->within[r->partition->cluster[i]] +=
            weight_of(pr, i) * square_to(s, pr->x + i * pr->p, s->label[i]);
    free(place);
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
    problem pr = {.options = options, .k = options->k, .w = units->weights};
    start best = {.pr = NULL};
    vmap_kmeans *r = NULL;
    double *mean = NULL, *x = NULL;

    if (status)
        return status;
    pr.n = units->points->size1;
    pr.p = units->points->size2;
    pr.lanes = (pr.k + LANES - 1) / LANES * LANES;
    mean = memory_new(pr.p, sizeof *mean, err);
    r = memory_new(1, sizeof *r, err);
    if (mean && r)
        x = centre_points(units, mean, &pr.total, err);
    pr.x = x;
    status = x ? run_all(&pr, &best, &r->agree, err) : VMAP_ENOMEM;
    if (!status) {
        status = keep(&pr, &best, mean, r, err);
        free_start(&best);
    }
    if (!status) {
        *result = r;
        r = NULL;
    }
    vmap_kmeans_free(r);
    free(mean);
    free(x);
    return status;
}
