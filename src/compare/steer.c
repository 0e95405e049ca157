#include <config.h>
#include "valuemap/steadiness.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "valuemap/rng.h"

enum { BLOCK = 64 };

typedef struct {
    const vmap_steering *s;
    size_t draws, most; /* points of the item that has most */
    uint64_t seed;
    double *distance, *spread; /* draws each */
} work;

static double range_of(const vmap_steering *s, size_t item)
{
    return s->code[s->offset[item + 1] - 1] - s->code[s->offset[item]];
}

static bool has(const vmap_steering *s, size_t group, size_t item)
{
    size_t at = group * s->items + item;

    return !isnan(s->human[at]) && !isnan(s->persona[at]);
}

/* Mean of |a - b| / range over the groups and items that both sides have. */
static double distance_of(const vmap_steering *s, const double *mean)
{
    double sum = 0, count = 0;

    for (size_t i = 0; i < s->groups * s->items; i++) {
        if (!has(s, i / s->items, i % s->items))
            continue;
        sum += fabs(mean[i] - s->human[i]) / range_of(s, i % s->items);
        count++;
    }
    return sum / count;
}

/* Mean of |difference| / range over all pairs of groups, item by item. */
static double spread_of(const vmap_steering *s, const double *mean)
{
    double sum = 0, count = 0;

    for (size_t g = 1; g < s->groups; g++) {
        for (size_t h = 0; h < g; h++) {
            for (size_t j = 0; j < s->items; j++) {
                if (!has(s, g, j) || !has(s, h, j))
                    continue;
                sum += fabs(mean[g * s->items + j] - mean[h * s->items + j]) / range_of(s, j);
                count++;
            }
        }
    }
    return sum / count;
}

/* Mean of n answers that are drawn with these shares. */
static double draw_mean(const gsl_rng *rng, const double *share, const double *code, size_t k, double n,
                        unsigned *drawn)
{
    unsigned count = (unsigned)fmax(1, fmin(1e9, round(n)));
    double sum = 0;

    gsl_ran_multinomial(rng, k, count, share, drawn);
    for (size_t i = 0; i < k; i++)
        sum += drawn[i] * code[i];
    return sum / count;
}

/* Answers of every group, each point equally likely (`even` is the share of K points) or as all personas
 * together give them. */
static void draw_groups(const work *w, const gsl_rng *rng, bool pooled, const double *even, double *mean,
                        unsigned *drawn)
{
    const vmap_steering *s = w->s;

    for (size_t i = 0; i < s->groups * s->items; i++) {
        size_t j = i % s->items, first = s->offset[j], k = s->offset[j + 1] - first;

        if (has(s, i / s->items, j))
            mean[i] = draw_mean(rng, pooled ? s->share + first : even, s->code + first, k, s->n[i], drawn);
    }
}

static bool run_block(void *context, size_t block)
{
    const work *w = context;
    size_t cells = w->s->groups * w->s->items, last = (block + 1) * BLOCK;
    gsl_rng *rng = vmap_rng_new(w->seed, 0);
    double *mean = memory_new(cells + w->most, sizeof *mean, NULL);
    unsigned *drawn = memory_new(w->most, sizeof *drawn, NULL);
    bool ready = rng && mean && drawn;

    last = last < w->draws ? last : w->draws;
    for (size_t k = 0; ready && k < w->most; k++)
        mean[cells + k] = 1; /* any equal numbers: shares are normalised by the draw */
    for (size_t d = block * BLOCK; ready && d < last; d++) {
        vmap_rng_set(rng, w->seed, d);
        draw_groups(w, rng, false, mean + cells, mean, drawn);
        w->distance[d] = distance_of(w->s, mean);
        draw_groups(w, rng, true, NULL, mean, drawn);
        w->spread[d] = spread_of(w->s, mean);
    }
    if (rng)
        gsl_rng_free(rng);
    free(mean);
    free(drawn);
    return ready;
}

/* The mean persona in the place of every group: over the groups, each counting once. */
static vmap_status put_unsteered(const vmap_steering *s, vmap_steerability *r, vmap_error *err)
{
    double *mean = memory_new(s->groups * s->items, sizeof *mean, err);

    if (!mean)
        return VMAP_ENOMEM;
    for (size_t j = 0; j < s->items; j++) {
        double sum = 0, count = 0;

        for (size_t g = 0; g < s->groups; g++) {
            if (has(s, g, j)) {
                sum += s->persona[g * s->items + j];
                count++;
            }
        }
        for (size_t g = 0; g < s->groups; g++)
            mean[g * s->items + j] = sum / count;
    }
    r->unsteered = distance_of(s, mean);
    r->gain = r->unsteered > 0 ? 1 - r->distance / r->unsteered : NAN;
    free(mean);
    return VMAP_SUCCESS;
}

static void put_draws(const work *w, vmap_steerability *r)
{
    double near = 1, wide = 1, draws = (double)w->draws;

    for (size_t d = 0; d < w->draws; d++) {
        r->random += w->distance[d] / draws;
        r->spread_random += w->spread[d] / draws;
        near += w->distance[d] <= r->distance * (1 + 1e-10);
        wide += w->spread[d] >= r->spread * (1 - 1e-10);
    }
    r->random_ratio = r->random > 0 ? r->distance / r->random : NAN;
    r->spread_ratio = r->spread_random > 0 ? r->spread / r->spread_random : NAN;
    r->random_p = near / (draws + 1);
    r->spread_p = wide / (draws + 1);
}

static vmap_status draw(const vmap_steering *s, size_t draws, uint64_t seed, unsigned threads,
                        vmap_steerability *r, vmap_error *err)
{
    size_t blocks = (draws + BLOCK - 1) / BLOCK;
    work w = {s, draws, 0, seed, memory_new(draws, sizeof(double), err),
              memory_new(draws, sizeof(double), err)};
    vmap_status status = w.distance && w.spread ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t j = 0; j < s->items; j++) {
        size_t k = s->offset[j + 1] - s->offset[j];

        w.most = k > w.most ? k : w.most;
    }
    if (!status && !parallel_try(blocks, threads, run_block, &w))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for random draws");
    if (!status)
        put_draws(&w, r);
    free(w.distance);
    free(w.spread);
    return status;
}

/* A pair of groups with an item in common, and scales with a range. */
static vmap_status check(const vmap_steering *s, size_t draws, vmap_error *err)
{
    if (s->groups < 2 || draws < 1)
        return vmap_error_set(err, VMAP_EDATA, "%zu groups and %zu draws; two and one are needed",
                              s->groups, draws);
    for (size_t j = 0; j < s->items; j++) {
        if (!(range_of(s, j) > 0))
            return vmap_error_set(err, VMAP_EINVAL, "item %zu has a range of %g", j + 1, range_of(s, j));
    }
    if (isnan(spread_of(s, s->human)))
        return vmap_error_set(err, VMAP_EDATA, "no two groups have an item in common");
    return VMAP_SUCCESS;
}

vmap_status vmap_steadiness_steerability(const vmap_steering *source, size_t draws, uint64_t seed,
                                         unsigned threads, vmap_steerability *steerability,
                                         vmap_error *err)
{
    vmap_steerability r = {.groups = source->groups, .items = source->items, .draws = draws};
    vmap_status status = check(source, draws, err);

    if (!status) {
        r.distance = distance_of(source, source->persona);
        r.spread = spread_of(source, source->persona);
        r.human_spread = spread_of(source, source->human);
        status = put_unsteered(source, &r, err);
    }
    if (!status)
        status = draw(source, draws, seed, threads, &r, err);
    if (!status)
        *steerability = r;
    return status;
}
