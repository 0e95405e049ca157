/* Does vmap_noise_find() keep what it promises? Samples of two known populations, over and over: coverage of the interval,
 * size and power of the tests, the floor beside the mean distance of samples of one population.
 *
 *   tests/bench/noise [DATA-SETS] [REPLICATES]      [1000 500]; takes a minute per hundred thousand replicates
 */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_errno.h>

#include "compare/draw.h"
#include "valuemap.h"

enum { K = 5, METRICS = 3 };
static const double code[K] = {1, 2, 3, 4, 5}, people[K] = {.1, .25, .3, .25, .1}, step[K] = {1, .5, 0, -.5, -1};
static const char *const names[METRICS] = {"tv", "w1_scaled", "js_distance"};

typedef struct {
    double sum, covered, below, above, rejected, equivalent, floor, detectable, detected, corrected;
} tally;

static void draw(gsl_rng *rng, const double *from, unsigned n, double *to)
{
    unsigned x[K];

    draw_multinomial(rng, K, n, from, x);
    for (int i = 0; i < K; i++)
        to[i] = (double)x[i] / n;
}

static void study(size_t sets, const vmap_noise_options *o, const vmap_metric *const *metric, unsigned n, unsigned m, double shift)
{
    double truth[K], *shares = calloc(sets * 2 * K, sizeof *shares);
    vmap_noise_pair *pair = calloc(sets, sizeof *pair);
    vmap_noise *found = calloc(sets * METRICS, sizeof *found);
    gsl_rng *rng = vmap_rng_new(7, n * 1000 + m);
    vmap_error err = {0};

    for (int i = 0; i < K; i++)
        truth[i] = people[i] + shift * step[i];
    for (size_t s = 0; s < sets; s++) {
        double *p = shares + s * 2 * K, *q = p + K;

        draw(rng, people, n, p);
        draw(rng, truth, m, q);
        pair[s] = (vmap_noise_pair){.pair = {K, p, q, code, n, m, 2, .5}, .stream = s};
    }
    if (vmap_noise_find(pair, sets, metric, METRICS, o, found, &err))
        fprintf(stderr, "%s\n", err.message);
    for (int i = 0; i < METRICS; i++) {
        const vmap_metric_pair exact = {K, people, truth, code, n, m, 2, .5};
        double d = metric[i]->of(&exact);
        tally t = {0};

        for (size_t s = 0; s < sets; s++) {
            const vmap_noise *x = &found[s * METRICS + i];

            t.sum += x->value;
            t.covered += x->low <= d + 1e-12 && d <= x->high;
            t.rejected += x->p <= .05;
            t.equivalent += x->p_equivalent <= .05;
            t.floor += x->floor;
            t.corrected += x->corrected;
            t.detectable += isnan(x->detectable) ? 0 : x->detectable;
            t.detected += !isnan(x->detectable);
        }
        printf("%5u %4u  %-12s %6.3f %8.3f %9.3f %6.3f %9.3f %9.3f %11.3f %10.3f\n", n, m, names[i], d, t.sum / (double)sets,
               t.corrected / (double)sets, t.floor / (double)sets, t.covered / (double)sets, t.rejected / (double)sets,
               t.detectable / t.detected, t.equivalent / (double)sets);
    }
    gsl_rng_free(rng);
    free(shares);
    free(pair);
    free(found);
}

int main(int argc, char **argv)
{
    static const unsigned size[][2] = {{1000, 300}, {300, 60}, {100, 20}};
    static const double shift[] = {0, .03, .08};
    const vmap_metric *metric[METRICS];
    size_t sets = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    vmap_noise_options o;

    gsl_set_error_handler_off();
    vmap_noise_defaults(&o);
    o.replicates = argc > 2 ? strtoul(argv[2], NULL, 10) : 500;
    o.margin = .12; /* the true total variation of the largest shift: equivalence must be found in 5 % at most */
    for (int i = 0; i < METRICS; i++)
        vmap_metric_find(names[i], &metric[i], NULL);
    printf("%zu simulated data sets, %zu replicates; margin .12\n", sets, o.replicates);
    printf("    n    m  metric        true observed corrected  floor  coverage  rejected  detectable  equivalent\n");
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 3; j++)
            study(sets, &o, metric, size[i][0], size[i][1], shift[j]);
    }
    return 0;
}
