#include <config.h>
#include "valuemap/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/lanes.h"
#include "core/memory.h"
#include "core/parallel.h"

typedef struct {
    const lane_plan *plan;
    const vmap_metric_grid *grids;
    double base, smoothing;
    double *const *value;
} job;

/* Sides of one item: of people each group in all lanes, of personas LANES groups. */
typedef struct {
    lane_side one, *blocks;
    size_t count;
    lanes *value;
} sides;

static void put_group(lane_side *side, int lane, const double *share, double n)
{
    for (size_t i = 0; i < side->k; i++)
        side->share[i][lane] = share[i];
    side->n[lane] = n;
}

static void close_sides(sides *s)
{
    lanes_close_side(&s->one);
    for (size_t i = 0; s->blocks && i < s->count; i++)
        lanes_close_side(&s->blocks[i]);
    free(s->blocks);
    free(s->value);
}

static bool open_sides(sides *s, const job *j, const vmap_metric_grid *g, const vmap_metric_pair *setting)
{
    void *aligned = NULL;

    *s = (sides){.count = (g->b + LANES - 1) / LANES};
    s->blocks = calloc(s->count + 1, sizeof *s->blocks);
    s->value = posix_memalign(&aligned, 64, (j->plan->count + 1) * sizeof *s->value) ? NULL : aligned;
    if (!s->blocks || !s->value || !lanes_open_side(&s->one, g->k))
        return false;
    for (size_t block = 0; block < s->count; block++) {
        if (!lanes_open_side(&s->blocks[block], g->k))
            return false;
        for (size_t i = block * LANES; i < g->b && i < (block + 1) * LANES; i++)
            put_group(&s->blocks[block], (int)(i % LANES), g->q + i * g->k, g->n_q[i]);
        lanes_prepare(j->plan, &s->blocks[block], setting);
    }
    return true;
}

static void set_missing(const job *j, const vmap_metric_grid *g, size_t a, size_t b, double *to)
{
    for (size_t i = 0; i < j->plan->count; i++)
        to[(i * g->a + a) * g->b + b] = NAN;
}

/* Group a of people with LANES groups of personas, or as many as there are. */
static void measure_block(const job *j, const vmap_metric_grid *g, const vmap_metric_pair *setting, const sides *s, size_t a,
                          size_t block, double *to)
{
    size_t first = block * LANES, n = g->b - first < LANES ? g->b - first : LANES;
    bool whole = n == LANES;

    lanes_measure(j->plan, &s->one, &s->blocks[block], setting, whole ? to + a * g->b + first : s->value[0],
                  whole ? g->a * g->b : LANES);
    for (size_t i = 0; !whole && i < j->plan->count; i++)
        memcpy(to + (i * g->a + a) * g->b + first, s->value[i], n * sizeof *to);
    for (size_t b = first; b < first + n; b++) {
        if (isnan(g->q[b * g->k]))
            set_missing(j, g, a, b, to);
    }
}

static bool measure_grid(void *context, size_t index)
{
    const job *j = context;
    const vmap_metric_grid *g = &j->grids[index];
    const vmap_metric_pair setting = {.k = g->k, .code = g->code, .base = j->base, .smoothing = j->smoothing};
    sides s;
    bool open = open_sides(&s, j, g, &setting);

    for (size_t a = 0; open && a < g->a; a++) {
        if (isnan(g->p[a * g->k])) {
            for (size_t b = 0; b < g->b; b++)
                set_missing(j, g, a, b, j->value[index]);
            continue;
        }
        for (int l = 0; l < LANES; l++)
            put_group(&s.one, l, g->p + a * g->k, g->n_p[a]);
        lanes_prepare(j->plan, &s.one, &setting);
        for (size_t block = 0; block < s.count; block++)
            measure_block(j, g, &setting, &s, a, block, j->value[index]);
    }
    close_sides(&s);
    return open;
}

vmap_status vmap_metric_grids(const vmap_metric *const *metrics, size_t count, const vmap_metric_grid *grids, size_t grids_count,
                              double base, double smoothing, unsigned threads, double *const *value, vmap_error *err)
{
    lane_plan plan;
    job j = {.plan = &plan, .grids = grids, .base = base, .smoothing = smoothing, .value = value};
    vmap_status status = lanes_plan(metrics, count, &plan, err);

    if (status)
        return status;
    if (!parallel_try(grids_count, threads, measure_grid, &j))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for the metrics of %zu items", grids_count);
    lanes_forget(&plan);
    return status;
}
