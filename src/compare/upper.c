#include <config.h>
#include "compare/upper.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

/* One function h of the scale points. */
typedef struct {
    const vmap_metric_pair *pair;
    const vmap_metric *metric;
    double *h, *p, *q;      /* K: centred on what the two have in common; places for two distributions */
    double difference, error; /* of the means of h: absolute value, standard error */
    double variance;        /* of h in common */
} contrast;

static double common(const vmap_metric_pair *a, size_t i)
{
    return (a->n_p * a->p[i] + a->n_q * a->q[i]) / (a->n_p + a->n_q);
}

static double variance_of(const double *share, const double *h, size_t k)
{
    double mean = 0, sum = 0;

    for (size_t i = 0; i < k; i++)
        mean += share[i] * h[i];
    for (size_t i = 0; i < k; i++)
        sum += share[i] * (h[i] - mean) * (h[i] - mean);
    return sum;
}

static void set_contrast(contrast *c, size_t point)
{
    const vmap_metric_pair *a = c->pair;
    double mean = 0, difference = 0;

    for (size_t i = 0; i < a->k; i++) {
        c->h[i] = fabs(a->code[i] - a->code[point]);
        mean += common(a, i) * c->h[i];
        difference += (a->q[i] - a->p[i]) * c->h[i];
    }
    c->variance = 0;
    for (size_t i = 0; i < a->k; i++) {
        c->h[i] -= mean;
        c->variance += common(a, i) * c->h[i] * c->h[i];
        if (difference < 0)
            c->h[i] = -c->h[i];
    }
    c->difference = fabs(difference);
    c->error = sqrt(variance_of(a->p, c->h, a->k) / a->n_p + variance_of(a->q, c->h, a->k) / a->n_q);
}

/* The metric of two populations whose means of h differ by `difference`. */
static double value_at(const contrast *c, double difference)
{
    const vmap_metric_pair *a = c->pair;
    vmap_metric_pair moved = *a;
    double u = difference / c->variance, n = a->n_p + a->n_q, p = 0, q = 0, value;

    for (size_t i = 0; i < a->k; i++) {
        p += c->p[i] = common(a, i) * fmax(0, 1 - u * a->n_q / n * c->h[i]);
        q += c->q[i] = common(a, i) * fmax(0, 1 + u * a->n_p / n * c->h[i]);
    }
    for (size_t i = 0; i < a->k; i++) {
        c->p[i] /= p;
        c->q[i] /= q;
    }
    moved.p = c->p;
    moved.q = c->q;
    value = c->metric->of(&moved);
    return c->metric->kind == VMAP_METRIC_SIMILARITY ? c->metric->same - value : value;
}

double upper_limit(const vmap_metric *metric, const vmap_metric_pair *pair, double z, double *room)
{
    contrast c = {.pair = pair, .metric = metric, .h = room, .p = room + pair->k, .q = room + 2 * pair->k};
    double most = 0;

    for (size_t point = 0; point < pair->k; point++) {
        set_contrast(&c, point);
        if (c.variance > 1e-12)
            most = fmax(most, value_at(&c, c.difference + z * c.error));
    }
    return most;
}

double upper_p(const vmap_metric *metric, const vmap_metric_pair *pair, double margin, double *room)
{
    contrast c = {.pair = pair, .metric = metric, .h = room, .p = room + pair->k, .q = room + 2 * pair->k};
    double most = 0;

    for (size_t point = 0; point < pair->k; point++) {
        double low = 0, high = pair->code[pair->k - 1] - pair->code[0];

        set_contrast(&c, point);
        if (!(c.variance > 1e-12 && c.error > 0) || value_at(&c, high) < margin)
            continue;
        for (int i = 0; i < 50; i++) {
            double middle = (low + high) / 2;

            if (value_at(&c, middle) < margin)
                low = middle;
            else
                high = middle;
        }
        most = fmax(most, gsl_cdf_ugaussian_P((c.difference - high) / c.error));
    }
    return most;
}
