#include <config.h>
#include "valuemap/likeness.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_statistics_double.h>

#include "compare/draw.h"
#include "compare/line.h"
#include "core/memory.h"
#include "core/sort.h"
#include "valuemap/rng.h"

/* Which mean: of the Wasserstein distances of ordered items, of the Jensen-Shannon distances of all. */
enum { W1, JS, KINDS };

/* Common multiples of the distances that the lower end allows for, and distances, in units of the observed mean, that the
 * upper end looks at. */
static const double SHRINK[] = {0, .33, .67, 1, 1.5, 2.2, 3.2}, GROW[] = {.25, .5, .75, 1, 1.25, 1.6, 2.2, 3.2, 5};
enum { SHRINKS = sizeof SHRINK / sizeof *SHRINK, GROWS = sizeof GROW / sizeof *GROW, LEVELS = 9 };

typedef struct {
    const vmap_likeness_item *items;
    size_t count, few;
    const vmap_likeness_draws *o;
    const vmap_metric *metric[KINDS];
    gsl_rng *rng;
    double *keep[KINDS];     /* count: the true distance of the item on its line that the lower end takes, in units of t */
    double unit[KINDS];      /* observed mean distance, or that of chance when there is none */
    double observed[KINDS], counted[KINDS]; /* its items */
    double *value;           /* KINDS x few: of one item */
    double *mean;            /* LEVELS x few: sums over items, at each level */
    double at[LEVELS];       /* true mean distances */
    double a[VMAP_POINTS_MAX], b[VMAP_POINTS_MAX], p[VMAP_POINTS_MAX], q[VMAP_POINTS_MAX], u[VMAP_POINTS_MAX], v[VMAP_POINTS_MAX];
    unsigned x[VMAP_POINTS_MAX];
} work;

static bool takes(const work *w, int kind, size_t j)
{
    return kind == JS || w->items[j].ordered;
}

static unsigned whole(double n)
{
    return n < 1.5 ? 1 : n > 1e9 ? 1000000000u : (unsigned)floor(n + .5);
}

static void draw(work *w, size_t k, const double *from, double n, double *to)
{
    unsigned m = whole(n);

    draw_multinomial(w->rng, k, m, from, w->x);
    for (size_t i = 0; i < k; i++)
        to[i] = (double)w->x[i] / m;
}

/* Distance of two distributions on the scale of an item. */
static double measure(const work *w, int kind, size_t j, const double *p, const double *q)
{
    vmap_metric_pair a = w->items[j].pair;

    a.p = p;
    a.q = q;
    a.base = 2;
    return w->metric[kind]->of(&a);
}

/* Samples at t on the line of item j: their distances are added to `sum` (few) or (NULL) put into w->value of both kinds. */
static void draw_at(work *w, size_t j, double t, int kind, double *sum)
{
    const vmap_metric_pair *a = &w->items[j].pair;

    line_move(a, w->a, w->b, t, w->u, w->v);
    for (size_t r = 0; r < w->few; r++) {
        draw(w, a->k, w->u, a->n_p, w->p);
        draw(w, a->k, w->v, a->n_q, w->q);
        if (sum)
            sum[r] += measure(w, kind, j, w->p, w->q);
        for (int k = 0; !sum && k < KINDS; k++)
            w->value[(size_t)k * w->few + r] = takes(w, k, j) ? measure(w, k, j, w->p, w->q) : 0;
    }
}

static void start_levels(work *w)
{
    for (size_t i = 0; i < LEVELS * w->few; i++)
        w->mean[i] = 0;
    for (int l = 0; l < LEVELS; l++)
        w->at[l] = 0;
}

/* Quantiles of the means over items at each level, deviations widened by the dependence of items. */
static void take_quantiles(work *w, int kind, int levels, double tail, double *curve)
{
    double wide = sqrt(w->o->inflation[kind]);

    for (int l = 0; l < levels; l++) {
        double *x = w->mean + (size_t)l * w->few, centre = gsl_stats_mean(x, 1, w->few);

        for (size_t r = 0; r < w->few; r++)
            x[r] = (centre + (x[r] - centre) * wide) / w->counted[kind];
        sort_numbers(x, w->few);
        curve[l] = gsl_stats_quantile_from_sorted_data(x, 1, w->few, tail);
        w->at[l] /= w->counted[kind];
    }
}

/* ---- one item by itself ---- */

/* What its line says: the mean of samples and, of the first kind, their quantiles at its points; true distances there. */
typedef struct {
    double t[LINE], mean[KINDS][LINE], at[LINE], low[LINE], high[LINE], floor[KINDS];
} curves;

static void follow_item(work *w, size_t j, curves *c)
{
    const vmap_metric_pair *a = &w->items[j].pair;
    double tail = (1 - w->o->level) / 2;

    line_set(a, w->a, w->b, c->t);
    for (int l = 0; l < LINE; l++) {
        draw_at(w, j, c->t[l], W1, NULL);
        c->at[l] = takes(w, W1, j) ? measure(w, W1, j, w->u, w->v) : 0;
        for (int kind = 0; kind < KINDS; kind++) {
            double *x = w->value + (size_t)kind * w->few;

            c->mean[kind][l] = gsl_stats_mean(x, 1, w->few);
            sort_numbers(x, w->few);
            if (l == 0)
                c->floor[kind] = gsl_stats_quantile_from_sorted_data(x, 1, w->few, .9);
        }
        c->low[l] = gsl_stats_quantile_from_sorted_data(w->value, 1, w->few, tail);
        c->high[l] = gsl_stats_quantile_from_sorted_data(w->value, 1, w->few, 1 - tail);
    }
}

static void look_at_items(work *w, double *low, double *high)
{
    double chance[KINDS] = {0, 0};

    for (size_t j = 0; j < w->count; j++) {
        const vmap_metric_pair *a = &w->items[j].pair;
        curves c;

        follow_item(w, j, &c);
        for (int kind = 0; kind < KINDS; kind++) {
            double own = takes(w, kind, j) ? measure(w, kind, j, a->p, a->q) : 0;

            w->keep[kind][j] = own > c.floor[kind] ? line_reach(c.t, c.mean[kind], LINE, own) : 0;
            w->observed[kind] += own;
            chance[kind] += c.mean[kind][0];
            w->counted[kind] += takes(w, kind, j);
        }
        if (low && takes(w, W1, j)) {
            double own = measure(w, W1, j, a->p, a->q), t = line_reach(c.t, c.high, LINE, own);
            double upper = c.high[OBSERVED] - (c.mean[W1][OBSERVED] - own); /* bias-corrected percentile, as in noise.c */

            low[j] = t > 0 ? line_along(c.t, c.at, LINE, t) : 0;
            high[j] = fmin(1, fmax(upper, line_along(c.t, c.at, LINE, line_leave(c.t, c.low, LINE, own))));
        } else if (low) {
            low[j] = high[j] = NAN;
        }
    }
    for (int kind = 0; kind < KINDS; kind++) {
        w->observed[kind] /= w->counted[kind];
        w->unit[kind] = w->observed[kind] > 1e-9 ? w->observed[kind] : chance[kind] / w->counted[kind];
    }
}

/* ---- the lower end ---- */

static double find_low(work *w, int kind)
{
    double curve[LEVELS], t[LINE], reached;
    bool any = false;

    start_levels(w);
    for (size_t j = 0; j < w->count; j++) {
        if (!takes(w, kind, j))
            continue;
        any |= w->keep[kind][j] > 0;
        line_set(&w->items[j].pair, w->a, w->b, t);
        for (int l = 0; l < SHRINKS; l++) {
            draw_at(w, j, SHRINK[l] * w->keep[kind][j], kind, w->mean + (size_t)l * w->few);
            w->at[l] += measure(w, kind, j, w->u, w->v);
        }
    }
    if (!any)
        return 0;
    take_quantiles(w, kind, SHRINKS, 1 - (1 - w->o->level) / 2, curve);
    reached = line_reach(SHRINK, curve, SHRINKS, w->observed[kind]);
    return reached > 0 ? line_along(SHRINK, w->at, SHRINKS, reached) : 0;
}

/* ---- the upper end ---- */

static double cumulated_error(const vmap_metric_pair *a, double f, double g)
{
    return sqrt(fmax(0, f * (1 - f) / a->n_p + g * (1 - g) / a->n_q));
}

/* Standard errors of the cumulated shares of an item, weighted as its distance weights them. */
static double mean_error(const vmap_metric_pair *a)
{
    double f = 0, g = 0, sum = 0;

    for (size_t i = 0; i + 1 < a->k; i++) {
        f += a->p[i];
        g += a->q[i];
        sum += cumulated_error(a, f, g) * (a->code[i + 1] - a->code[i]);
    }
    return sum / (a->code[a->k - 1] - a->code[0]);
}

/* Distance of a sample whose cumulated shares differ by `size` standard errors, in the observed direction, and by the noise of
 * the sample (w->p, w->q). */
static double displaced(const work *w, const vmap_metric_pair *a, double size)
{
    double f = 0, g = 0, noise = 0, sum = 0;

    for (size_t i = 0; i + 1 < a->k; i++) {
        f += a->p[i];
        g += a->q[i];
        noise += w->q[i] - a->q[i] - (w->p[i] - a->p[i]);
        sum += fabs((g >= f ? 1 : -1) * size * cumulated_error(a, f, g) + noise) * (a->code[i + 1] - a->code[i]);
    }
    return sum / (a->code[a->k - 1] - a->code[0]);
}

/* Wasserstein: only the differences of cumulated shares matter. False when nothing varies. */
static bool displace_items(work *w)
{
    double error = 0;

    for (size_t j = 0; j < w->count; j++)
        error += takes(w, W1, j) ? mean_error(&w->items[j].pair) / w->counted[W1] : 0;
    for (size_t j = 0; error > 0 && j < w->count; j++) {
        const vmap_metric_pair *a = &w->items[j].pair;

        for (size_t r = 0; takes(w, W1, j) && r < w->few; r++) {
            draw(w, a->k, a->p, a->n_p, w->p);
            draw(w, a->k, a->q, a->n_q, w->q);
            for (int l = 0; l < GROWS; l++)
                w->mean[(size_t)l * w->few + r] += displaced(w, a, GROW[l] * w->unit[W1] / error);
        }
    }
    for (int l = 0; l < GROWS; l++)
        w->at[l] = GROW[l] * w->unit[W1] * w->counted[W1];
    return error > 0;
}

/* The t at which populations on the line of item j have this distance; the farthest when none have. */
static double find_t(work *w, int kind, size_t j, double distance)
{
    const vmap_metric_pair *a = &w->items[j].pair;
    double low = 0, high = 1;

    for (int i = 0; i < 40; i++, high *= 2) {
        line_move(a, w->a, w->b, high, w->u, w->v);
        if (measure(w, kind, j, w->u, w->v) >= distance)
            break;
        low = high;
    }
    for (int i = 0; i < 40; i++) {
        double middle = (low + high) / 2;

        line_move(a, w->a, w->b, middle, w->u, w->v);
        if (measure(w, kind, j, w->u, w->v) < distance)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static void spread_items(work *w, int kind)
{
    double t[LINE];

    for (size_t j = 0; j < w->count; j++) {
        line_set(&w->items[j].pair, w->a, w->b, t);
        for (int l = 0; l < GROWS; l++) {
            draw_at(w, j, find_t(w, kind, j, fmin(1, GROW[l] * w->unit[kind])), kind, w->mean + (size_t)l * w->few);
            w->at[l] += measure(w, kind, j, w->u, w->v);
        }
    }
}

/* Samples that are nearer than chance would have them speak against every population; the bootstrap tells at least how far
 * the mean wanders. */
static double bootstrap_high(work *w, int kind)
{
    double upper, mean, t[LINE];

    start_levels(w);
    for (size_t j = 0; j < w->count; j++) {
        if (!takes(w, kind, j))
            continue;
        line_set(&w->items[j].pair, w->a, w->b, t);
        draw_at(w, j, 1, kind, w->mean);
    }
    mean = gsl_stats_mean(w->mean, 1, w->few) / w->counted[kind];
    take_quantiles(w, kind, 1, 1 - (1 - w->o->level) / 2, &upper);
    return fmin(1, w->observed[kind] + upper - mean);
}

static double find_high(work *w, int kind)
{
    double curve[LEVELS];

    start_levels(w);
    if (kind == JS)
        spread_items(w, kind);
    else if (!displace_items(w))
        return w->observed[kind];
    take_quantiles(w, kind, GROWS, (1 - w->o->level) / 2, curve);
    if (curve[0] > w->observed[kind])
        return bootstrap_high(w, kind);
    return fmin(1, line_along(GROW, w->at, GROWS, line_leave(GROW, curve, GROWS, w->observed[kind])));
}

/* ---- all ---- */

static vmap_status check(const vmap_likeness_item *items, size_t count, const vmap_likeness_draws *o, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    if (o->replicates < 19 || !(o->level > .5 && o->level < 1))
        return vmap_error_set(err, VMAP_EINVAL, "%zu replicates at level %g; at least 19, and a level above .5 and below 1, are needed",
                              o->replicates, o->level);
    if (!(o->inflation[0] >= 0 && o->inflation[1] >= 0) || isinf(o->inflation[0]) || isinf(o->inflation[1]))
        return vmap_error_set(err, VMAP_EINVAL, "inflation %g, %g; it is finite and not negative", o->inflation[0], o->inflation[1]);
    for (size_t j = 0; !status && j < count; j++) {
        status = vmap_metric_check(&items[j].pair, err);
        if (!status && items[j].pair.k > VMAP_POINTS_MAX)
            status = vmap_error_set(err, VMAP_EINVAL, "item %zu has %zu scale points; at most %d are allowed", j + 1, items[j].pair.k,
                                    VMAP_POINTS_MAX);
    }
    return status;
}

static bool open_work(work *w, vmap_error *err)
{
    w->rng = vmap_rng_new(w->o->seed, w->o->stream);
    w->keep[W1] = memory_new(2 * w->count + 1, sizeof **w->keep, err);
    w->value = memory_new(KINDS * w->few, sizeof *w->value, err);
    w->mean = memory_new(LEVELS * w->few, sizeof *w->mean, err);
    if (!w->rng || !w->keep[W1] || !w->value || !w->mean)
        return false;
    w->keep[JS] = w->keep[W1] + w->count;
    return true;
}

static void close_work(work *w)
{
    if (w->rng)
        gsl_rng_free(w->rng);
    free(w->keep[W1]);
    free(w->value);
    free(w->mean);
    free(w);
}

static void turn(double similarity[2], double low, double high, double factor)
{
    similarity[0] = 1 - factor * high;
    similarity[1] = 1 - factor * low;
}

vmap_status vmap_likeness_ranges(const vmap_likeness_item *items, size_t count, const vmap_likeness_draws *draws,
                                 vmap_likeness_range *range, double *low, double *high, vmap_error *err)
{
    vmap_status status = check(items, count, draws, err);
    double end[KINDS][2] = {{NAN, NAN}, {NAN, NAN}};
    work *w;

    if (status)
        return status;
    w = memory_new(1, sizeof *w, err);
    if (!w)
        return VMAP_ENOMEM;
    w->items = items;
    w->count = count;
    w->few = draws->replicates;
    w->o = draws;
    status = vmap_metric_find("w1_scaled", &w->metric[W1], err);
    if (!status)
        status = vmap_metric_find("js_distance", &w->metric[JS], err);
    if (!status && !open_work(w, err))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for intervals of scores");
    if (!status) {
        look_at_items(w, low, high);
        for (int kind = 0; kind < KINDS; kind++) {
            if (w->counted[kind] > 0) {
                end[kind][0] = find_low(w, kind);
                end[kind][1] = fmax(end[kind][0], find_high(w, kind));
            }
        }
        range->distance[0] = end[W1][0];
        range->distance[1] = end[W1][1];
        turn(range->representativeness, end[W1][0], end[W1][1], 1);
        turn(range->similarity_2, end[JS][0], end[JS][1], 1);
        turn(range->similarity_e, end[JS][0], end[JS][1], sqrt(M_LN2));
    }
    close_work(w);
    return status;
}
