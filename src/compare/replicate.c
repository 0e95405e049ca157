#include <config.h>
#include "valuemap/pattern.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/quantile.h"
#include "core/sort.h"
#include "valuemap/rng.h"

/* Replicates of one task. */
enum { BLOCK = 16 };

/* ---- units ---- */

/* Rows or clusters, sorted by group: those of group g are start[g] .. start[g + 1] - 1. */
typedef struct {
    const vmap_pattern_side *side;
    size_t count;
    size_t *of;    /* n: unit of each row; SIZE_MAX for none */
    size_t *start; /* groups + 1 */
} units;

static void clear_units(units *u)
{
    free(u->of);
    free(u->start);
}

static vmap_status check_side(const vmap_pattern_side *s, vmap_error *err)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->weights && !(s->weights[i] >= 0 && isfinite(s->weights[i])))
            return vmap_error_set(err, VMAP_EINVAL, "weight %zu is %g; weights are numbers from 0 up", i + 1, s->weights[i]);
        if (s->cluster && s->cluster[i] >= s->n)
            return vmap_error_set(err, VMAP_EINVAL, "row %zu is in cluster %zu of %zu rows", i + 1, s->cluster[i], s->n);
    }
    return VMAP_SUCCESS;
}

static bool counts(const vmap_pattern_side *s, size_t i, size_t groups)
{
    return s->group[i] < groups && (!s->weights || s->weights[i] > 0);
}

/* Group of every cluster: that of its first row that counts. */
static void group_clusters(const vmap_pattern_side *s, size_t groups, size_t *group)
{
    for (size_t c = 0; c < s->n; c++)
        group[c] = groups;
    for (size_t i = 0; i < s->n; i++) {
        size_t c = s->cluster ? s->cluster[i] : i;

        if (counts(s, i, groups) && group[c] == groups)
            group[c] = s->group[i];
    }
}

static vmap_status find_units(const vmap_pattern_side *s, size_t groups, units *u, vmap_error *err)
{
    size_t *group = memory_new(s->n, sizeof *group, err), *place = memory_new(s->n, sizeof *place, err);
    vmap_status status = check_side(s, err);

    *u = (units){.side = s, .of = memory_new(s->n, sizeof *u->of, err), .start = memory_new(groups + 2, sizeof *u->start, err)};
    if (!group || !place || !u->of || !u->start)
        status = VMAP_ENOMEM;
    if (!status) {
        group_clusters(s, groups, group);
        for (size_t c = 0; c < s->n; c++)
            u->start[group[c] < groups ? group[c] + 2 : 0] += group[c] < groups;
        for (size_t g = 0; g < groups; g++)
            u->start[g + 2] += u->start[g + 1];
        for (size_t c = 0; c < s->n; c++)
            place[c] = group[c] < groups ? u->start[group[c] + 1]++ : SIZE_MAX;
        for (size_t i = 0; i < s->n; i++)
            u->of[i] = counts(s, i, groups) ? place[s->cluster ? s->cluster[i] : i] : SIZE_MAX;
        u->count = u->start[groups];
    }
    free(group);
    free(place);
    return status;
}

/* How much the weight of each unit is multiplied by in a replicate. */
static void draw_units(const units *u, size_t groups, gsl_rng *rng, double *factor)
{
    for (size_t g = 0; g < groups; g++) {
        size_t first = u->start[g], m = u->start[g + 1] - first;

        for (size_t k = 0; k < m; k++)
            factor[first + k] = m == 1;
        for (size_t k = 1; k < m; k++)
            factor[first + vmap_rng_below(rng, m)] += (double)m / (double)(m - 1);
    }
}

static void put_weights(const units *u, const double *factor, double *weight)
{
    const vmap_pattern_side *s = u->side;

    for (size_t i = 0; i < s->n; i++)
        weight[i] = u->of[i] == SIZE_MAX ? 0 : factor[u->of[i]] * (s->weights ? s->weights[i] : 1);
}

/* ---- replicates ---- */

typedef struct {
    const units *side[2];
    size_t groups, statistics;
    vmap_pattern_statistic statistic;
    const void *context;
    const vmap_pattern_draws *draws;
    double *replicate;
} work;

static bool run_block(void *context, size_t block)
{
    const work *w = context;
    size_t first = block * BLOCK, last = first + BLOCK, rows[2] = {w->side[0]->side->n, w->side[1]->side->n};
    gsl_rng *rng = vmap_rng_new(w->draws->seed, 0);
    double *weight = memory_new(2 * (rows[0] + rows[1]) + 1, sizeof *weight, NULL), *factor;
    bool ready = rng && weight;

    factor = weight ? weight + rows[0] + rows[1] : NULL;
    last = last < w->draws->replicates ? last : w->draws->replicates;
    for (size_t r = first; ready && r < last; r++) {
        vmap_rng_set(rng, w->draws->seed, r);
        for (size_t k = 0; k < 2; k++) {
            draw_units(w->side[k], w->groups, rng, factor);
            put_weights(w->side[k], factor, weight + (k ? rows[0] : 0));
        }
        ready = w->statistic(w->context, weight, weight + rows[0], w->replicate + r * w->statistics);
    }
    if (rng)
        gsl_rng_free(rng);
    free(weight);
    return ready;
}

vmap_status vmap_pattern_bootstrap(const vmap_pattern_side *human, const vmap_pattern_side *persona, size_t groups,
                                   vmap_pattern_statistic statistic, const void *context, size_t statistics,
                                   const vmap_pattern_draws *draws, double *replicate, vmap_error *err)
{
    const vmap_pattern_draws o = draws ? *draws : (vmap_pattern_draws){500, 20230217, 0};
    size_t blocks = (o.replicates + BLOCK - 1) / BLOCK;
    units side[2] = {{.count = 0}, {.count = 0}};
    work w = {{&side[0], &side[1]}, groups, statistics, statistic, context, &o, replicate};
    vmap_status status = VMAP_SUCCESS;

    if (o.replicates < 19)
        status = vmap_error_set(err, VMAP_EINVAL, "%zu replicates; at least 19 are needed", o.replicates);
    if (!status)
        status = find_units(human, groups, &side[0], err);
    if (!status)
        status = find_units(persona, groups, &side[1], err);
    if (!status && !parallel_try(blocks, o.threads, run_block, &w))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a bootstrap");
    clear_units(&side[0]);
    clear_units(&side[1]);
    return status;
}

/* ---- interval ---- */

vmap_status vmap_pattern_interval(double observed, const double *replicate, size_t n, size_t stride, double level,
                                  double *low, double *high, vmap_error *err)
{
    double *kept = memory_new(n, sizeof *kept, err), below = 0, z0, z;
    size_t count = 0;

    if (!kept)
        return VMAP_ENOMEM;
    if (!(level > 0 && level < 1)) {
        free(kept);
        return vmap_error_set(err, VMAP_EINVAL, "level %g is outside (0, 1)", level);
    }
    for (size_t i = 0; i < n; i++) {
        double x = replicate[i * stride], same = 1e-12 * fabs(observed);

        if (isnan(x))
            continue;
        kept[count++] = x;
        below += fabs(x - observed) <= same ? .5 : x < observed;
    }
    *low = *high = NAN;
    if (!isnan(observed) && quantile_enough(count, n)) {
        sort_numbers(kept, count);
        /* never quite 0 or 1: the quantiles are then the ends of what was drawn */
        z0 = gsl_cdf_ugaussian_Pinv(fmax(.5, fmin((double)count - .5, below)) / (double)count);
        z = gsl_cdf_ugaussian_Pinv((1 + level) / 2);
        *low = gsl_stats_quantile_from_sorted_data(kept, 1, count, gsl_cdf_ugaussian_P(2 * z0 - z));
        *high = gsl_stats_quantile_from_sorted_data(kept, 1, count, gsl_cdf_ugaussian_P(2 * z0 + z));
    }
    free(kept);
    return VMAP_SUCCESS;
}

/* ---- ratios of lengths ---- */

/* The square of a true length and its interval; NaN without enough replicates. */
typedef struct {
    double square, low, high;
} length;

static length find_length(double observed, const double *replicate, size_t n, size_t stride, double z)
{
    double mean = 0, squares = 0, reach;
    size_t count = 0;
    length l = {NAN, NAN, NAN};

    for (size_t i = 0; i < n; i++) {
        double x = replicate[i * stride] * replicate[i * stride], d = x - mean;

        if (!isfinite(x))
            continue;
        count++;
        mean += d / (double)count;
        squares += d * (x - mean);
    }
    if (count > 1 && quantile_enough(count, n) && isfinite(observed)) {
        reach = z * sqrt(squares / (double)(count - 1));
        l.square = 2 * observed * observed - mean;
        l.low = fmax(0, l.square - reach);
        l.high = fmax(0, l.square + reach);
        l.square = fmax(0, l.square);
    }
    return l;
}

/* Ends of the ratio of squares a / b: roots of r^2 near (2b - near) - 2 r a b + far (2a - far) = 0, with one end of a and the
 * other one of b. The lower one in the form that holds for any sign of the first term. */
static double lower_end(const length *a, const length *b)
{
    double half = a->square * b->square, last = a->low * (2 * a->square - a->low);

    return half > 0 ? last / (half + sqrt(fmax(0, half * half - last * b->high * (2 * b->square - b->high)))) : 0;
}

static double upper_end(const length *a, const length *b)
{
    double half = a->square * b->square, first = b->low * (2 * b->square - b->low);

    return first > 0 ? (half + sqrt(fmax(0, half * half - first * a->high * (2 * a->square - a->high)))) / first : INFINITY;
}

vmap_status vmap_pattern_true_ratio(double human, double persona, const double *human_replicate, const double *persona_replicate,
                                    size_t n, size_t stride, double level, vmap_true_ratio *ratio, vmap_error *err)
{
    double z = level > 0 && level < 1 ? gsl_cdf_ugaussian_Pinv((1 + level) / 2) : NAN;
    length a, b;

    if (isnan(z))
        return vmap_error_set(err, VMAP_EINVAL, "level %g is outside (0, 1)", level);
    b = find_length(human, human_replicate, n, stride, z);
    a = find_length(persona, persona_replicate, n, stride, z);
    *ratio = (vmap_true_ratio){NAN, NAN, NAN};
    if (isnan(a.square) || !(b.square > 0))
        return VMAP_SUCCESS;
    ratio->ratio = sqrt(a.square / b.square);
    ratio->low = sqrt(lower_end(&a, &b));
    ratio->high = sqrt(upper_end(&a, &b));
    return VMAP_SUCCESS;
}
