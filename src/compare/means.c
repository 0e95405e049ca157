#include <config.h>
#include "valuemap/metrics.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"

/* Mean distances of all pairs of groups. What is linear in the items is one sum over all columns. */

typedef enum { SUM_TV, SUM_W1, SUM_JSD, SUM_JS_DISTANCE } sum_kind;

typedef struct {
    sum_kind kind;
    const size_t *offset;
    size_t items, width;
    const bool *use;
    size_t used;          /* items that count */
    double *factor;       /* width: what a column's difference counts */
    double unit;          /* 1 / ln(base) */
    double *p, *q;        /* a x width, b x width: shares or cumulative shares, 0 where not answered */
    double *own_p, *own_q; /* a x items, b x items: half of S share ln share */
    bool *has_p, *has_q;  /* a x items, b x items: answered and counting */
    size_t *count_p, *count_q; /* a, b: items that it has */
    size_t b;
    double *mean;
} job;

static double item_sum(const job *w, const double *p, const double *q, size_t from, size_t to)
{
    double sum = 0;

    if (w->kind == SUM_TV || w->kind == SUM_W1) {
        for (size_t c = from; c < to; c++)
            sum += fabs(p[c] - q[c]) * w->factor[c];
        return sum;
    }
    for (size_t c = from; c < to; c++) {
        double m = (p[c] + q[c]) / 2;

        sum -= w->factor[c] * (m > 0 ? m * log(m) : 0);
    }
    return sum;
}

/* Items that both groups have, one by one. */
static double pair_by_items(const job *w, size_t i, size_t j)
{
    double sum = 0;
    size_t n = 0;

    for (size_t k = 0; k < w->items; k++) {
        double d;

        if (!w->has_p[i * w->items + k] || !w->has_q[j * w->items + k])
            continue;
        n++;
        d = item_sum(w, w->p + i * w->width, w->q + j * w->width, w->offset[k], w->offset[k + 1]);
        if (w->kind == SUM_JSD || w->kind == SUM_JS_DISTANCE)
            d = fmax(0, d + w->own_p[i * w->items + k] + w->own_q[j * w->items + k]) * w->unit;
        sum += w->kind == SUM_JS_DISTANCE ? sqrt(d) : d;
    }
    return n ? sum / (double)n : NAN;
}

static double pair_at_once(const job *w, size_t i, size_t j)
{
    double sum = item_sum(w, w->p + i * w->width, w->q + j * w->width, 0, w->width);

    if (w->kind == SUM_JSD) {
        for (size_t k = 0; k < w->items; k++)
            sum += w->own_p[i * w->items + k] + w->own_q[j * w->items + k];
        sum = fmax(sum, 0) * w->unit;
    }
    return sum / (double)w->used;
}

static void compare_row(void *context, size_t i)
{
    const job *w = context;

    for (size_t j = 0; j < w->b; j++) {
        bool whole = w->used && w->count_p[i] == w->used && w->count_q[j] == w->used &&
                     w->kind != SUM_JS_DISTANCE;

        w->mean[i * w->b + j] = whole ? pair_at_once(w, i, j) : pair_by_items(w, i, j);
    }
}

/* Copy the groups of one side, summing up shares where cumulative ones are compared. */
static void prepare(const job *w, const double *share, size_t groups, double *to, double *own,
                    bool *has, size_t *count)
{
    for (size_t g = 0; g < groups; g++) {
        count[g] = 0;
        for (size_t k = 0; k < w->items; k++) {
            const double *from = share + g * w->width + w->offset[k];
            double *into = to + g * w->width + w->offset[k], sum = 0;
            size_t points = w->offset[k + 1] - w->offset[k];
            bool answered = w->use[k] && !isnan(from[0]);

            has[g * w->items + k] = answered;
            count[g] += answered;
            for (size_t c = 0; answered && c < points; c++) {
                into[c] = w->kind == SUM_W1 ? (sum += from[c]) : from[c];
                own[g * w->items + k] += from[c] > 0 ? from[c] * log(from[c]) / 2 : 0;
            }
        }
    }
}

static void find_factors(job *w, bool scaled, const double *code)
{
    for (size_t k = 0; k < w->items; k++) {
        size_t from = w->offset[k], to = w->offset[k + 1];

        w->used += w->use[k];
        for (size_t c = from; c < to && w->use[k]; c++) {
            if (w->kind == SUM_W1)
                w->factor[c] = c + 1 == to ? 0
                                           : (code[c + 1] - code[c]) /
                                                 (scaled ? code[to - 1] - code[from] : 1);
            else
                w->factor[c] = w->kind == SUM_TV ? .5 : 1;
        }
    }
}

static vmap_status find_kind(const vmap_metric *metric, sum_kind *kind, vmap_error *err)
{
    static const struct {
        const char *name;
        sum_kind kind;
    } known[] = {{"tv", SUM_TV}, {"w1", SUM_W1}, {"w1_scaled", SUM_W1}, {"jsd", SUM_JSD},
                 {"js_distance", SUM_JS_DISTANCE}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(metric->name, known[i].name) == 0) {
            *kind = known[i].kind;
            return VMAP_SUCCESS;
        }
    }
    return vmap_error_set(err, VMAP_EINVAL,
                          "means of '%s' over all pairs are not offered; only of tv, w1, w1_scaled, jsd "
                          "and js_distance",
                          metric->name);
}

vmap_status vmap_metric_means(const vmap_metric *metric, double base, const double *p, size_t a,
                              const double *q, size_t b, const size_t *offset, size_t items,
                              const double *code, const bool *use, unsigned threads, double *mean,
                              vmap_error *err)
{
    job w = {.offset = offset, .items = items, .width = offset[items], .use = use,
             .unit = 1 / log(base), .b = b, .mean = mean};
    vmap_status status = find_kind(metric, &w.kind, err);

    if (status)
        return status;
    w.factor = memory_new(w.width, sizeof *w.factor, err);
    w.p = memory_new(a * w.width, sizeof *w.p, err);
    w.q = memory_new(b * w.width, sizeof *w.q, err);
    w.own_p = memory_new(a * items, sizeof *w.own_p, err);
    w.own_q = memory_new(b * items, sizeof *w.own_q, err);
    w.has_p = memory_new(a * items, sizeof *w.has_p, err);
    w.has_q = memory_new(b * items, sizeof *w.has_q, err);
    w.count_p = memory_new(a, sizeof *w.count_p, err);
    w.count_q = memory_new(b, sizeof *w.count_q, err);
    if (w.factor && w.p && w.q && w.own_p && w.own_q && w.has_p && w.has_q && w.count_p && w.count_q) {
        find_factors(&w, strcmp(metric->name, "w1_scaled") == 0, code);
        prepare(&w, p, a, w.p, w.own_p, w.has_p, w.count_p);
        prepare(&w, q, b, w.q, w.own_q, w.has_q, w.count_q);
        parallel_for(a, threads, compare_row, &w);
    } else {
        status = VMAP_ENOMEM;
    }
    free(w.factor);
    free(w.p);
    free(w.q);
    free(w.own_p);
    free(w.own_q);
    free(w.has_p);
    free(w.has_q);
    free(w.count_p);
    free(w.count_q);
    return status;
}
