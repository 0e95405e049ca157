#include <config.h>
#include "valuemap/noise.h"

#include <math.h>
#include <stdlib.h>

#include "compare/draw.h"
#include "compare/lanes.h"
#include "compare/spread.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "valuemap/rng.h"

/* In every replicate the answers of each group are drawn once and all pairs of groups compared. Replicates lie in the lanes,
 * so that what follows from a group alone is found once for all its pairs and those of a pair stand together. */

/* Groups of people whose replicates are kept ready: of personas they are then prepared that much more seldom. */
enum { TILE = 8 };

typedef struct {
    lane_plan plan;
    const vmap_metric_grid *grids;
    double base, smoothing;
    const vmap_noise_options *o;
    vmap_noise_spread *const *result;
} job;

/* One item. */
typedef struct {
    const job *j;
    const vmap_metric_grid *grid;
    vmap_metric_pair setting;
    size_t index, blocks;            /* LANES replicates each */
    unsigned *people, *personas;     /* groups x replicates x k drawn counts */
    lane_side *side;                 /* (TILE + 1) x blocks: of people, of one group of personas */
    double *value, *room;            /* metrics x replicates; twice as many as replicates */
    gsl_rng *rng;
} work;

/* ---- draws ---- */

static uint64_t stream_of(size_t grid, bool personas, size_t group)
{
    return UINT64_C(1) << 63 | (uint64_t)grid << 32 | (uint64_t)personas << 31 | (uint64_t)group;
}

static void draw_groups(const work *w, bool personas)
{
    const vmap_metric_grid *g = w->grid;
    const double *share = personas ? g->q : g->p, *n = personas ? g->n_q : g->n_p;
    size_t groups = personas ? g->b : g->a, k = g->k, all = w->j->o->replicates;
    unsigned *to = personas ? w->personas : w->people;

    for (size_t i = 0; i < groups; i++) {
        if (isnan(share[i * k]))
            continue;
        vmap_rng_set(w->rng, w->j->o->seed, stream_of(w->index, personas, i));
        for (size_t r = 0; r < all; r++)
            draw_multinomial(w->rng, k, draw_whole(n[i]), share + i * k, to + (i * all + r) * k);
    }
}

/* The replicates of a group as sides; the lanes that are too many repeat the last one. */
static void make_sides(const work *w, const unsigned *count, double n, lane_side *side)
{
    size_t k = w->grid->k, last = w->j->o->replicates - 1;
    double all = draw_whole(n);

    for (size_t block = 0; block < w->blocks; block++) {
        for (size_t l = 0; l < LANES; l++) {
            size_t r = block * LANES + l < last ? block * LANES + l : last;

            for (size_t i = 0; i < k; i++)
                side[block].share[i][l] = count[r * k + i] / all;
            side[block].n[l] = n;
        }
        lanes_prepare(&w->j->plan, &side[block], &w->setting);
    }
}

/* ---- pairs ---- */

static void measure_pair(const work *w, size_t a, size_t b, const lane_side *p, const lane_side *q)
{
    const job *j = w->j;
    const vmap_metric_grid *g = w->grid;
    size_t stride = w->blocks * LANES;
    vmap_metric_pair observed = w->setting;

    observed.p = g->p + a * g->k;
    observed.q = g->q + b * g->k;
    observed.n_p = g->n_p[a];
    observed.n_q = g->n_q[b];
    for (size_t block = 0; block < w->blocks; block++)
        lanes_measure(&j->plan, &p[block], &q[block], &w->setting, w->value + block * LANES, stride);
    for (size_t i = 0; i < j->plan.count; i++) {
        vmap_noise_spread *to = &j->result[w->index][(i * g->a + a) * g->b + b];

        to->value = j->plan.metrics[i]->of(&observed);
        spread_find(w->value + i * stride, j->o->replicates, (1 - j->o->level) / 2, w->room, to);
    }
}

static void set_missing(const work *w, size_t a, size_t b)
{
    for (size_t i = 0; i < w->j->plan.count; i++)
        w->j->result[w->index][(i * w->grid->a + a) * w->grid->b + b] = (vmap_noise_spread){NAN, NAN, NAN, NAN, NAN};
}

static void measure_tile(const work *w, size_t first)
{
    const vmap_metric_grid *g = w->grid;
    size_t n = g->a - first < TILE ? g->a - first : TILE, each = w->j->o->replicates * g->k;
    lane_side *personas = w->side + TILE * w->blocks;

    for (size_t i = 0; i < n; i++) {
        if (!isnan(g->p[(first + i) * g->k]))
            make_sides(w, w->people + (first + i) * each, g->n_p[first + i], w->side + i * w->blocks);
    }
    for (size_t b = 0; b < g->b; b++) {
        bool known = !isnan(g->q[b * g->k]);

        if (known)
            make_sides(w, w->personas + b * each, g->n_q[b], personas);
        for (size_t i = 0; i < n; i++) {
            if (known && !isnan(g->p[(first + i) * g->k]))
                measure_pair(w, first + i, b, w->side + i * w->blocks, personas);
            else
                set_missing(w, first + i, b);
        }
    }
}

/* ---- memory and threads ---- */

static bool open_work(work *w, const job *j, size_t index)
{
    const vmap_metric_grid *g = &j->grids[index];
    size_t n = j->o->replicates, sides;
    bool done;

    *w = (work){.j = j, .grid = g, .index = index, .blocks = (n + LANES - 1) / LANES,
                .setting = {.k = g->k, .code = g->code, .base = j->base, .smoothing = j->smoothing}};
    sides = (TILE + 1) * w->blocks;
    w->people = memory_new(g->a * n * g->k, sizeof *w->people, NULL);
    w->personas = memory_new(g->b * n * g->k, sizeof *w->personas, NULL);
    w->side = memory_new(sides, sizeof *w->side, NULL);
    w->value = memory_new(j->plan.count * w->blocks * LANES, sizeof *w->value, NULL);
    w->room = memory_new(2 * n, sizeof *w->room, NULL);
    w->rng = vmap_rng_new(j->o->seed, 0);
    done = w->people && w->personas && w->side && w->value && w->room && w->rng;
    for (size_t i = 0; done && i < sides; i++)
        done = lanes_open_side(&w->side[i], g->k);
    return done;
}

static void close_work(work *w)
{
    for (size_t i = 0; w->side && i < (TILE + 1) * w->blocks; i++)
        lanes_close_side(&w->side[i]);
    free(w->people);
    free(w->personas);
    free(w->side);
    free(w->value);
    free(w->room);
    if (w->rng)
        gsl_rng_free(w->rng);
}

static bool resample_grid(void *context, size_t index)
{
    const job *j = context;
    work w;
    bool open = open_work(&w, j, index);

    if (open) {
        draw_groups(&w, false);
        draw_groups(&w, true);
        for (size_t first = 0; first < w.grid->a; first += TILE)
            measure_tile(&w, first);
    }
    close_work(&w);
    return open;
}

/* Every group of one side with the first of the other that has answers. */
static vmap_status check_grid(const job *j, const vmap_metric_grid *g, vmap_error *err)
{
    vmap_metric_pair pair = {.k = g->k, .code = g->code, .base = j->base, .smoothing = j->smoothing};
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < g->a + g->b; i++) {
        size_t a = i < g->a ? i : 0, b = i < g->a ? 0 : i - g->a;

        while (i >= g->a && a < g->a && isnan(g->p[a * g->k]))
            a++;
        while (i < g->a && b < g->b && isnan(g->q[b * g->k]))
            b++;
        if (a == g->a || b == g->b || isnan(g->p[a * g->k]) || isnan(g->q[b * g->k]))
            continue;
        pair.p = g->p + a * g->k;
        pair.q = g->q + b * g->k;
        pair.n_p = g->n_p[a];
        pair.n_q = g->n_q[b];
        status = vmap_metric_check(&pair, err);
    }
    return status;
}

vmap_status vmap_noise_bootstrap_grids(const vmap_metric *const *metrics, size_t count, const vmap_metric_grid *grids,
                                       size_t grids_count, double base, double smoothing, const vmap_noise_options *options,
                                       vmap_noise_spread *const *result, vmap_error *err)
{
    job j = {.grids = grids, .base = base, .smoothing = smoothing, .o = options, .result = result};
    vmap_status status = spread_check(options, err);

    for (size_t i = 0; !status && i < grids_count; i++)
        status = check_grid(&j, &grids[i], err);
    if (!status)
        status = lanes_plan(metrics, count, &j.plan, err);
    if (status)
        return status;
    if (!parallel_try(grids_count, options->threads, resample_grid, &j))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu replicates", options->replicates);
    lanes_forget(&j.plan);
    return status;
}
