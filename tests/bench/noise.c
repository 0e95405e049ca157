/* Does vmap_noise_find() keep what it promises? Samples of two known populations, over and over: coverage of the interval,
 * size and power of the tests, the floor beside the mean distance of samples of one population.
 *
 *   tests/bench/noise [DATA-SETS] [REPLICATES] [METRIC...]      [1000 500 tv w1_scaled js_distance]: some minutes
 */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_errno.h>

#include "compare/draw.h"
#include "valuemap.h"

enum { K = 5, METRICS = 30 };
static const double code[K] = {1, 2, 3, 4, 5}, people[K] = {.1, .25, .3, .25, .1};
static const double shapes[2][K] = {{1, .5, 0, -.5, -1}, {1, -.5, -1, -.5, 1}}; /* a shift; more spread */
static const char *const usual[] = {"tv", "w1_scaled", "js_distance"};

typedef struct {
    double sum, covered, below, above, width, rejected, equivalent, floor, detectable, detected, corrected;
} tally;

static void draw(gsl_rng *rng, const double *from, unsigned n, double *to)
{
    unsigned x[K];

    draw_multinomial(rng, K, n, from, x);
    for (int i = 0; i < K; i++)
        to[i] = (double)x[i] / n;
}

static void study(size_t sets, const vmap_noise_options *o, const vmap_metric *const *metric, size_t metrics, unsigned n, unsigned m, int shape,
                  double size)
{
    double truth[K], *shares = calloc(sets * 2 * K, sizeof *shares);
    vmap_noise_pair *pair = calloc(sets, sizeof *pair);
    vmap_noise *found = calloc(sets * metrics, sizeof *found);
    gsl_rng *rng = vmap_rng_new(7, n * 1000 + m);
    vmap_error err = {0};

    for (int i = 0; i < K; i++)
        truth[i] = people[i] + size * shapes[shape][i];
    for (size_t s = 0; s < sets; s++) {
        double *p = shares + s * 2 * K, *q = p + K;

        draw(rng, people, n, p);
        draw(rng, truth, m, q);
        pair[s] = (vmap_noise_pair){.pair = {K, p, q, code, n, m, 2, .5}, .stream = s};
    }
    if (vmap_noise_find(pair, sets, metric, metrics, o, found, &err))
        fprintf(stderr, "%s\n", err.message);
    for (size_t i = 0; i < metrics; i++) {
        const vmap_metric_pair exact = {K, people, truth, code, n, m, 2, .5};
        double d = metric[i]->of(&exact);
        tally t = {0};

        for (size_t s = 0; s < sets; s++) {
            const vmap_noise *x = &found[s * metrics + i];

            t.sum += x->value;
            t.covered += x->low <= d + 1e-12 && d <= x->high + 1e-12;
            t.below += d < x->low - 1e-12;
            t.above += d > x->high + 1e-12;
            t.width += x->high - x->low;
            t.rejected += x->p <= .05;
            t.equivalent += x->p_equivalent <= .05;
            t.floor += x->floor;
            t.corrected += x->corrected;
            t.detectable += isnan(x->detectable) ? 0 : x->detectable;
            t.detected += !isnan(x->detectable);
        }
        printf("%5u %4u  %-12s %6.3f %8.3f %9.3f %6.3f %9.3f %6.3f %6.3f %6.3f %9.3f %11.3f %10.3f\n", n, m, metric[i]->name, d,
               t.sum / (double)sets, t.corrected / (double)sets, t.floor / (double)sets, t.covered / (double)sets,
               t.below / (double)sets, t.above / (double)sets, t.width / (double)sets, t.rejected / (double)sets,
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
    static const double sizes[2][3] = {{0, .03, .08}, {.04, .08}};
    const vmap_metric *metric[METRICS];
    size_t metrics, sets = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    vmap_noise_options o;

    gsl_set_error_handler_off();
    vmap_noise_defaults(&o);
    o.replicates = argc > 2 ? strtoul(argv[2], NULL, 10) : 500;
    o.margin = .12; /* the true total variation of the largest shift: equivalence must be found in 5 % at most */
    metrics = argc > 3 ? (size_t)argc - 3 < METRICS ? (size_t)argc - 3 : METRICS : 3;
    for (size_t i = 0; i < metrics; i++) {
        const char *name = argc > 3 ? argv[3 + i] : usual[i];

        if (vmap_metric_find(name, &metric[i], NULL)) {
            fprintf(stderr, "there is no metric '%s'\n", name);
            return EXIT_FAILURE;
        }
    }
    printf("%zu simulated data sets, %zu replicates; margin .12\n", sets, o.replicates);
    printf("    n    m  metric        true observed corrected  floor  coverage  below  above  width  rejected  detectable  equivalent\n");
    for (size_t i = 0; i < 3; i++) {
        for (int shape = 0; shape < 2; shape++) {
            for (size_t j = 0; j < (shape ? 2 : 3); j++)
                study(sets, &o, metric, metrics, size[i][0], size[i][1], shape, sizes[shape][j]);
        }
    }
    return 0;
}
