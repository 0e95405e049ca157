#include <config.h>
#include "valuemap/noise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>

#include "compare/draw.h"
#include "compare/lanes.h"
#include "compare/line.h"
#include "compare/spread.h"
#include "compare/upper.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/sort.h"
#include "valuemap/rng.h"

/* Kinds of replicates; each has a random stream of its own. */
enum { SHUFFLED, FLOOR, BOOT, PATH, KINDS = 4 };

void vmap_noise_defaults(vmap_noise_options *options)
{
    *options = (vmap_noise_options){.replicates = 500, .level = .95, .power = .8, .margin = NAN, .seed = 20230217};
}

typedef struct {
    const vmap_noise_pair *pairs;
    const vmap_metric *const *metrics;
    size_t m;
    lane_plan plan;
    const vmap_noise_options *o;
    vmap_noise *result;
    vmap_noise_spread *spread; /* instead of `result`: the bootstrap alone */
} job;

/* Memory of one pair's work. */
typedef struct {
    const job *j;
    const vmap_noise_pair *pair;
    gsl_rng *rng;
    double *p, *q;       /* K: distributions of a replicate */
    double *u, *v;       /* K: where they are drawn from; with a and b room for others */
    double *a, *b;       /* K: from the common population to people and to personas */
    double t[LINE];      /* the points of the line */
    unsigned *x;         /* K: drawn counts */
    unsigned *count;     /* strata x 2 K: counts of people, of both sides */
    double *shuffled, *floor, *boot; /* m x replicates */
    double *path;        /* LINE x m x replicates of each */
    double *at;          /* m x LINE: metrics at the points of the line */
    lane_room room;      /* pairs whose metrics are still to be found ... */
    double *to[LANES];   /* ... and where they go, */
    size_t stride[LANES]; /* one metric so far from the next */
    int waiting;
    lanes *value;        /* m */
    double *sorted;      /* replicates */
} work;

static double margin_of(const work *w, size_t i)
{
    const vmap_noise_options *o = w->j->o;

    return o->margins ? o->margins[i] : o->margin;
}

static size_t path_replicates(const vmap_noise_options *o)
{
    size_t n = o->replicates / 2;

    return n < 19 ? 19 : n;
}

/* Find the metrics of the pairs that wait. */
static void measure_waiting(work *w)
{
    const vmap_metric_pair *pair = &w->pair->pair;

    if (!w->waiting)
        return;
    lanes_prepare(&w->j->plan, &w->room.p, pair);
    lanes_prepare(&w->j->plan, &w->room.q, pair);
    lanes_measure(&w->j->plan, &w->room.p, &w->room.q, pair, w->value[0], LANES);
    for (int l = 0; l < w->waiting; l++) {
        for (size_t i = 0; i < w->j->m; i++)
            w->to[l][i * w->stride[l]] = w->value[i][l];
    }
    w->waiting = 0;
}

/* Metrics of p and q go to to[0], to[stride] ...; they are there after measure_waiting(). */
static void measure(work *w, const double *p, const double *q, double n_p, double n_q, double *to, size_t stride)
{
    int l = w->waiting++;

    for (size_t i = 0; i < w->pair->pair.k; i++) {
        w->room.p.share[i][l] = p[i];
        w->room.q.share[i][l] = q[i];
    }
    w->room.p.n[l] = n_p;
    w->room.q.n[l] = n_q;
    w->to[l] = to;
    w->stride[l] = stride;
    if (w->waiting == LANES)
        measure_waiting(w);
}

static void draw(const work *w, const double *from, double n, double *to)
{
    size_t k = w->pair->pair.k;
    unsigned m = draw_whole(n);

    draw_multinomial(w->rng, k, m, from, w->x);
    for (size_t i = 0; i < k; i++)
        to[i] = (double)w->x[i] / m;
}

/* ---- labels shuffled within strata ---- */

static vmap_noise_stratum stratum_of(const vmap_noise_pair *pair, size_t s)
{
    const vmap_metric_pair *a = &pair->pair;

    return pair->strata ? pair->strata[s]
                        : (vmap_noise_stratum){.p = a->p, .q = a->q, .n_p = a->n_p, .n_q = a->n_q, .w_p = 1, .w_q = 1};
}

static size_t strata_count(const vmap_noise_pair *pair)
{
    return pair->strata ? pair->strata_count : 1;
}

static void count_strata(const work *w)
{
    size_t k = w->pair->pair.k;

    for (size_t s = 0; s < strata_count(w->pair); s++) {
        const vmap_noise_stratum t = stratum_of(w->pair, s);
        unsigned *own = w->count + s * 2 * k, *both = own + k;

        if (!(t.n_p > 0 && t.n_q > 0))
            continue;
        draw_whole_counts(k, t.p, draw_whole(t.n_p), own);
        draw_whole_counts(k, t.q, draw_whole(t.n_q), both);
        for (size_t i = 0; i < k; i++)
            both[i] += own[i];
    }
}

/* Add the shuffled shares of one stratum to p and q. */
static void shuffle_stratum(const work *w, const vmap_noise_stratum *t, const unsigned *both)
{
    size_t k = w->pair->pair.k;

    if (t->n_p > 0 && t->n_q > 0) {
        unsigned n = draw_whole(t->n_p), m = draw_whole(t->n_q);

        draw_hypergeometric(w->rng, k, both, n, w->x);
        for (size_t i = 0; i < k; i++) {
            w->p[i] += t->w_p * w->x[i] / n;
            w->q[i] += t->w_q * (both[i] - w->x[i]) / m;
        }
        return;
    }
    for (size_t i = 0; i < k; i++) {
        w->p[i] += t->n_p > 0 ? t->w_p * t->p[i] : 0;
        w->q[i] += t->n_q > 0 ? t->w_q * t->q[i] : 0;
    }
}

static void shuffle(work *w, double *to)
{
    const vmap_metric_pair *a = &w->pair->pair;

    memset(w->p, 0, a->k * sizeof *w->p);
    memset(w->q, 0, a->k * sizeof *w->q);
    for (size_t s = 0; s < strata_count(w->pair); s++) {
        const vmap_noise_stratum t = stratum_of(w->pair, s);

        shuffle_stratum(w, &t, w->count + s * 2 * a->k + a->k);
    }
    line_scale(w->p, a->k);
    line_scale(w->q, a->k);
    measure(w, w->p, w->q, a->n_p, a->n_q, to, w->j->o->replicates);
}

/* ---- the floor ---- */

static void halve(work *w, double *to)
{
    const vmap_metric_pair *a = &w->pair->pair;
    unsigned n = draw_whole(a->n_p) < 2 ? 2 : draw_whole(a->n_p), half = n / 2;
    unsigned *all = w->count;

    draw_whole_counts(a->k, a->p, n, all);
    draw_hypergeometric(w->rng, a->k, all, half, w->x);
    for (size_t i = 0; i < a->k; i++) {
        w->p[i] = (double)w->x[i] / half;
        w->q[i] = (double)(all[i] - w->x[i]) / (n - half);
    }
    measure(w, w->p, w->q, half, n - half, to, w->j->o->replicates);
}

static void draw_floor(work *w, double *to)
{
    const vmap_metric_pair *a = &w->pair->pair;

    if (w->j->o->floor == VMAP_FLOOR_HALVES) {
        halve(w, to);
        return;
    }
    draw(w, a->p, a->n_p, w->p);
    draw(w, a->p, a->n_q, w->q);
    measure(w, w->p, w->q, a->n_p, a->n_q, to, w->j->o->replicates);
}

/* ---- the line ---- */

static void draw_pair(work *w, const double *u, const double *v, double *to, size_t stride)
{
    const vmap_metric_pair *a = &w->pair->pair;

    draw(w, u, a->n_p, w->p);
    draw(w, v, a->n_q, w->q);
    measure(w, w->p, w->q, a->n_p, a->n_q, to, stride);
}

static void draw_bootstrap(work *w)
{
    const vmap_metric_pair *a = &w->pair->pair;
    size_t n = w->j->o->replicates;

    vmap_rng_set(w->rng, w->j->o->seed, w->pair->stream * KINDS + BOOT);
    for (size_t r = 0; r < n; r++)
        draw_pair(w, a->p, a->q, w->boot + r, n);
}

static void draw_all(work *w)
{
    const vmap_metric_pair *a = &w->pair->pair;
    const vmap_noise_options *o = w->j->o;
    size_t m = w->j->m, few = path_replicates(o);

    vmap_rng_set(w->rng, o->seed, w->pair->stream * KINDS + SHUFFLED);
    count_strata(w);
    for (size_t r = 0; r < o->replicates; r++)
        shuffle(w, w->shuffled + r);
    vmap_rng_set(w->rng, o->seed, w->pair->stream * KINDS + FLOOR);
    for (size_t r = 0; o->floor != VMAP_FLOOR_SHUFFLED && r < o->replicates; r++)
        draw_floor(w, w->floor + r);
    draw_bootstrap(w);
    vmap_rng_set(w->rng, o->seed, w->pair->stream * KINDS + PATH);
    line_set(a, w->a, w->b, w->t);
    for (size_t l = 0; l < LINE; l++) {
        line_move(a, w->a, w->b, w->t[l], w->u, w->v);
        measure(w, w->u, w->v, a->n_p, a->n_q, w->at + l, LINE);
        for (size_t r = 0; l != OBSERVED && r < few; r++)
            draw_pair(w, w->u, w->v, w->path + l * few * m + r, few);
    }
    measure_waiting(w);
}

/* ---- what follows ---- */

/* Replicates of metric i, sorted; how far a value is from "the same distribution" when `far`. Returns how many
 * are not finite (they come last). */
static size_t sort_column(const work *w, const double *from, size_t n, size_t i, bool far)
{
    const vmap_metric *metric = w->j->metrics[i];
    size_t odd = 0, kept = 0;

    for (size_t r = 0; r < n; r++) {
        double x = from[i * n + r];

        if (far && metric->kind == VMAP_METRIC_SIMILARITY)
            x = metric->same - x;
        if (isfinite(x))
            w->sorted[kept++] = x;
        else
            odd++;
    }
    sort_numbers(w->sorted, kept);
    return odd;
}

static double quantile(const double *sorted, size_t n, double f)
{
    return gsl_stats_quantile_from_sorted_data(sorted, 1, n, f);
}

/* How much a value speaks against "the same distribution". */
static double extremeness(const vmap_metric *m, double value)
{
    switch (m->kind) {
    case VMAP_METRIC_DISTANCE: return value;
    case VMAP_METRIC_SIMILARITY: return m->same - value;
    case VMAP_METRIC_SIGNED: return fabs(value);
    case VMAP_METRIC_RATIO: return fabs(log(value));
    }
    return NAN;
}

static double permutation_p(const work *w, size_t i, double value)
{
    const vmap_metric *metric = w->j->metrics[i];
    size_t n = w->j->o->replicates, as_extreme = 1;
    double own = extremeness(metric, value), as_good = isinf(own) ? own : own - 1e-10 * fmax(1, fabs(own)); /* a ratio of 0 */

    for (size_t r = 0; r < n; r++) {
        double x = extremeness(metric, w->shuffled[i * n + r]);

        as_extreme += !(x < as_good); /* one that is not defined counts */
    }
    return (double)as_extreme / (double)(n + 1);
}

/* Quantiles over the line, and the true distances there. */
typedef struct {
    double low[LINE], middle[LINE], high[LINE], power[LINE], below[LINE], at[LINE];
    double bias, upper; /* of the bootstrap: mean minus value; its upper quantile */
    double share;       /* of the bootstrap that lies, without bias, at the margin or above */
    bool defined;
} curves;

static void follow(const work *w, size_t i, double own, curves *c)
{
    const vmap_noise_options *o = w->j->o;
    const vmap_metric *metric = w->j->metrics[i];
    size_t few = path_replicates(o);
    double tail = (1 - o->level) / 2;

    c->defined = true;
    for (size_t l = 0; l < LINE; l++) {
        size_t n = l == OBSERVED ? o->replicates : few, below = 0;

        c->defined &= sort_column(w, l == OBSERVED ? w->boot : w->path + l * few * w->j->m, n, i, true) == 0;
        if (!c->defined)
            return;
        c->low[l] = quantile(w->sorted, n, tail);
        c->middle[l] = quantile(w->sorted, n, .5);
        c->high[l] = quantile(w->sorted, n, 1 - tail);
        c->power[l] = quantile(w->sorted, n, 1 - o->power);
        c->at[l] = extremeness(metric, w->at[i * LINE + l]);
        c->defined &= isfinite(c->at[l]);
        while (below < n && w->sorted[below] <= own)
            below++;
        c->below[l] = (1 + (double)below) / (1 + (double)n);
        if (l == OBSERVED) {
            c->bias = gsl_stats_mean(w->sorted, 1, n) - own;
            c->upper = c->high[l] - c->bias;
            below = 0;
            while (below < n && w->sorted[below] - c->bias < margin_of(w, i))
                below++;
            c->share = (1 + (double)(n - below)) / (1 + (double)n);
        }
    }
}

static double critical_value(const work *w, size_t i)
{
    size_t n = w->j->o->replicates;

    return sort_column(w, w->shuffled, n, i, true) ? NAN : quantile(w->sorted, n, w->j->o->level);
}

static void from_line(const work *w, size_t i, vmap_noise *x)
{
    const vmap_noise_options *o = w->j->o;
    const vmap_metric *metric = w->j->metrics[i];
    bool flip = metric->kind == VMAP_METRIC_SIMILARITY;
    double own = extremeness(metric, x->value), critical = critical_value(w, i), low, high, t;
    curves c;

    follow(w, i, own, &c);
    if (!c.defined || !isfinite(critical))
        return;
    t = line_reach(w->t, c.high, LINE, own);
    low = t > 0 ? line_along(w->t, c.at, LINE, t) : 0;
    high = fmax(line_along(w->t, c.at, LINE, line_leave(w->t, c.low, LINE, own)), c.upper);
    if (metric->ordered)
        high = fmax(high, upper_limit(metric, &w->pair->pair, gsl_cdf_ugaussian_Pinv((1 + o->level) / 2), w->u));
    high = fmin(high, extremeness(metric, metric->most(&w->pair->pair)));
    x->low = flip ? metric->same - high : low;
    x->high = flip ? metric->same - low : high;
    x->corrected = line_along(w->t, c.at, LINE, line_reach(w->t, c.middle, LINE, own));
    if (flip)
        x->corrected = metric->same - x->corrected;
    t = line_reach(w->t, c.power, LINE, critical);
    if (t < w->t[LINE - 1])
        x->detectable = line_along(w->t, c.at, LINE, t);
    if (isnan(margin_of(w, i)))
        return;
    x->p_equivalent = fmin(1, fmax(c.share, line_along(w->t, c.below, LINE, line_reach(w->t, c.at, LINE, margin_of(w, i)))));
    if (metric->ordered)
        x->p_equivalent = fmax(x->p_equivalent, upper_p(metric, &w->pair->pair, margin_of(w, i), w->u));
}

/* Differences and ratios have no floor at the end of their range: percentiles of the bootstrap. */
static void from_bootstrap(const work *w, size_t i, vmap_noise *x)
{
    const vmap_noise_options *o = w->j->o;
    const vmap_metric *metric = w->j->metrics[i];
    size_t n = o->replicates, above = 1, below = 1;
    double tail = (1 - o->level) / 2;

    if (sort_column(w, w->boot, n, i, false))
        return;
    x->low = quantile(w->sorted, n, tail);
    x->high = quantile(w->sorted, n, 1 - tail);
    x->corrected = 2 * x->value - gsl_stats_mean(w->sorted, 1, n);
    if (metric->kind != VMAP_METRIC_SIGNED)
        return;
    for (size_t r = 0; r < n; r++) {
        above += w->sorted[r] >= margin_of(w, i);
        below += w->sorted[r] <= -margin_of(w, i);
    }
    if (!isnan(margin_of(w, i)))
        x->p_equivalent = (double)(above > below ? above : below) / (double)(n + 1);
    for (size_t r = 0; r < n; r++)
        w->sorted[r] = fabs(w->shuffled[i * n + r]);
    sort_numbers(w->sorted, n);
    x->detectable = quantile(w->sorted, n, o->level) + gsl_cdf_ugaussian_Pinv(o->power) * x->se;
}

static void set_floor(const work *w, size_t i, vmap_noise *x)
{
    size_t n = w->j->o->replicates;

    if (!sort_column(w, w->j->o->floor == VMAP_FLOOR_SHUFFLED ? w->shuffled : w->floor, n, i, false)) {
        x->floor = gsl_stats_mean(w->sorted, 1, n);
        x->floor_sd = gsl_stats_sd_m(w->sorted, 1, n, x->floor);
        x->excess = x->floor_sd > 1e-12 ? (x->value - x->floor) / x->floor_sd : NAN;
    }
    if (!sort_column(w, w->boot, n, i, false))
        x->se = gsl_stats_sd(w->sorted, 1, n);
}

static void conclude(const work *w, vmap_noise *result)
{
    for (size_t i = 0; i < w->j->m; i++) {
        const vmap_metric *metric = w->j->metrics[i];
        vmap_noise *x = &result[i];

        if (!isfinite(x->value))
            continue;
        set_floor(w, i, x);
        x->p = permutation_p(w, i, x->value);
        if (metric->kind == VMAP_METRIC_DISTANCE || metric->kind == VMAP_METRIC_SIMILARITY)
            from_line(w, i, x);
        else
            from_bootstrap(w, i, x);
    }
}

/* ---- memory and threads ---- */

static void close_work(work *w)
{
    if (w->rng)
        gsl_rng_free(w->rng);
    free(w->p);
    free(w->x);
    free(w->count);
    free(w->shuffled);
    free(w->path);
    free(w->sorted);
    free(w->value);
    lanes_close(&w->room);
}

static bool open_work(work *w, const job *j, const vmap_noise_pair *pair)
{
    size_t k = pair->pair.k, n = j->o->replicates, few = path_replicates(j->o);
    void *aligned;

    *w = (work){.j = j, .pair = pair, .rng = vmap_rng_new(j->o->seed, 0)};
    w->p = memory_new(6 * k, sizeof *w->p, NULL);
    w->x = memory_new(k, sizeof *w->x, NULL);
    w->count = memory_new((strata_count(pair) + 1) * 2 * k, sizeof *w->count, NULL);
    w->shuffled = memory_new(3 * n * j->m, sizeof *w->shuffled, NULL);
    w->path = memory_new(LINE * (few + 1) * j->m, sizeof *w->path, NULL);
    w->sorted = memory_new(n > few ? n : few, sizeof *w->sorted, NULL);
    w->value = posix_memalign(&aligned, 64, (j->m + 1) * sizeof *w->value) ? NULL : aligned;
    if (!w->rng || !w->p || !w->x || !w->count || !w->shuffled || !w->path || !w->sorted || !w->value || !lanes_open(&w->room, k))
        return false;
    w->q = w->p + k;
    w->u = w->q + k;
    w->v = w->u + k;
    w->a = w->v + k;
    w->b = w->a + k;
    w->floor = w->shuffled + n * j->m;
    w->boot = w->floor + n * j->m;
    w->at = w->path + LINE * few * j->m;
    return true;
}

static bool find_spread(void *context, size_t index)
{
    const job *j = context;
    size_t n = j->o->replicates;
    double tail = (1 - j->o->level) / 2;
    work w;
    bool open = open_work(&w, j, &j->pairs[index]);

    if (open) {
        draw_bootstrap(&w);
        measure_waiting(&w);
    }
    for (size_t i = 0; open && i < j->m; i++) {
        vmap_noise_spread *x = &j->spread[index * j->m + i];

        x->value = j->metrics[i]->of(&j->pairs[index].pair);
        spread_find(w.boot + i * n, n, tail, w.shuffled, x);
    }
    close_work(&w);
    return open;
}

static bool find_one(void *context, size_t index)
{
    const job *j = context;
    vmap_noise *result = j->result + index * j->m;
    work w;
    bool open = open_work(&w, j, &j->pairs[index]);

    if (open) {
        for (size_t i = 0; i < j->m; i++) {
            result[i] = (vmap_noise){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
            result[i].value = j->metrics[i]->of(&j->pairs[index].pair);
        }
        draw_all(&w);
        conclude(&w, result);
    }
    close_work(&w);
    return open;
}

static vmap_status check(const vmap_noise_pair *pairs, size_t count, size_t metrics, const vmap_noise_options *o,
                         vmap_error *err)
{
    vmap_status status = spread_check(o, err);

    for (size_t i = 0; !status && i < (o->margins ? metrics : 1); i++) {
        double margin = o->margins ? o->margins[i] : o->margin;

        if (margin <= 0)
            return vmap_error_set(err, VMAP_EINVAL, "margin %g; a margin of equivalence is more than 0", margin);
    }
    for (size_t i = 0; !status && i < count; i++)
        status = vmap_metric_check(&pairs[i].pair, err);
    return status;
}

static vmap_status carry_out(job *j, size_t count, bool (*task)(void *context, size_t i), vmap_error *err)
{
    vmap_status status = check(j->pairs, count, j->m, j->o, err);

    if (!status)
        status = lanes_plan(j->metrics, j->m, &j->plan, err);
    if (status)
        return status;
    if (!parallel_try(count, j->o->threads, task, j))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu replicates", j->o->replicates);
    lanes_forget(&j->plan);
    return status;
}

vmap_status vmap_noise_find(const vmap_noise_pair *pairs, size_t count, const vmap_metric *const *metrics,
                            size_t metrics_count, const vmap_noise_options *options, vmap_noise *result,
                            vmap_error *err)
{
    job j = {.pairs = pairs, .metrics = metrics, .m = metrics_count, .o = options, .result = result};

    return carry_out(&j, count, find_one, err);
}

vmap_status vmap_noise_bootstrap(const vmap_noise_pair *pairs, size_t count, const vmap_metric *const *metrics,
                                 size_t metrics_count, const vmap_noise_options *options, vmap_noise_spread *result,
                                 vmap_error *err)
{
    job j = {.pairs = pairs, .metrics = metrics, .m = metrics_count, .o = options, .spread = result};

    return carry_out(&j, count, find_spread, err);
}
