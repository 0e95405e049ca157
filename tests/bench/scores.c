/* Do intervals of scores (valuemap/likeness.h) keep what they promise? Samples of two known populations, over and over: coverage of
 * the mean Wasserstein and Jensen-Shannon distances over items whose answers hang together, and how often items that are surely (perhaps)
 * within a distance are fewer (more) than those that are.
 *
 *   tests/bench/scores [DATA-SETS] [REPLICATES] [ITEMS]      [1000 125 12]: some minutes
 *
 * People weigh .5 or 1.5; every second persona answers twice. Differences: none; on every second item; small, on all; large, on all; from
 * none to large.
 */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>

#include "core/parallel.h"
#include "valuemap.h"

enum { K = 5, ITEMS = 60, THRESHOLDS = 4 };
static double code[K] = {1, 2, 3, 4, 5};
static const double people[K] = {.1, .25, .3, .25, .1}, shift[K] = {1, .5, 0, -.5, -1};
static const double threshold[THRESHOLDS] = {.02, .05, .07, .12};
static const char *const shape_name[] = {"none", "half", "small", "large", "graded"};

typedef struct {
    size_t n, m, items, replicates;
    int shape;
    double truth[ITEMS][K];
    double distance[2], share[THRESHOLDS];
    double *found; /* sets x 16 */
} study;

static double size_of(int shape, size_t j, size_t items)
{
    return shape == 0   ? 0
           : shape == 1 ? (j % 2 ? .06 : 0)
           : shape == 2 ? .03
           : shape == 3 ? .08
                        : .09 * (double)j / (double)(items - 1);
}

/* Answers of one respondent: a common factor, and their own of `twice` answers. */
static void answer(gsl_rng *rng, const double share[][K], size_t items, double r, double factor, double *to)
{
    for (size_t j = 0; j < items; j++) {
        double u = gsl_cdf_ugaussian_P(sqrt(r) * factor + sqrt(1 - r) * gsl_ran_gaussian(rng, 1)), sum = 0;
        size_t k = 0;

        while (k + 1 < K && u > (sum += share[j][k]))
            k++;
        to[j] = code[k];
    }
}

static vmap_responses *draw_side(const study *s, gsl_rng *rng, bool personas, const double share[][K], size_t n, const vmap_points *points)
{
    size_t rows = personas ? n + n / 2 : n, at = 0;
    double *value = calloc(rows * s->items, sizeof *value), *weight = calloc(rows, sizeof *weight);
    unsigned char *reason = calloc(rows * s->items, 1);
    size_t *cell = calloc(rows, sizeof *cell), *cluster = calloc(rows, sizeof *cluster), *item = calloc(s->items, sizeof *item);
    vmap_responses *r = NULL;

    for (size_t j = 0; j < s->items; j++)
        item[j] = j;
    for (size_t i = 0; i < n; i++) {
        double factor = gsl_ran_gaussian(rng, 1);

        for (size_t k = 0; k < (personas && i % 2 ? 2u : 1u) && at < rows; k++, at++) {
            answer(rng, share, s->items, personas ? .4 : .2, factor, value + at * s->items);
            weight[at] = personas ? 1 : i % 2 ? 1.5 : .5;
            cluster[at] = i;
        }
    }
    vmap_responses_new(&(vmap_responses_source){at, s->items, value, reason, weight, s->items, item, points, 1, cell, cluster}, &r, NULL);
    free(value);
    free(weight);
    free(reason);
    free(cell);
    free(cluster);
    free(item);
    return r;
}

static void run_set(void *context, size_t set)
{
    const study *s = context;
    gsl_rng *rng = vmap_rng_new(11 + (uint64_t)s->shape, (s->n * 1000 + s->m) * 100000 + set);
    double same[ITEMS][K], *to = s->found + set * 16;
    vmap_points points[ITEMS];
    vmap_likeness_item item[ITEMS];
    vmap_responses *side[2];
    vmap_distributions *d[2];
    size_t group = 0, column[ITEMS];
    vmap_likeness_draws o = {s->replicates, .95, 5, set, {1, 1}};
    vmap_likeness_range range;
    vmap_likeness scores;
    double low[ITEMS], high[ITEMS];

    for (size_t j = 0; j < s->items; j++) {
        points[j] = (vmap_points){K, code, true};
        column[j] = j;
        for (int k = 0; k < K; k++)
            same[j][k] = people[k];
    }
    side[0] = draw_side(s, rng, false, same, s->n, points);
    side[1] = draw_side(s, rng, true, s->truth, s->m, points);
    for (int i = 0; i < 2; i++)
        vmap_distributions_new(side[i], points, &group, 1, NULL, &d[i], NULL);
    for (size_t j = 0; j < s->items; j++)
        item[j] = (vmap_likeness_item){{K, d[0]->share + d[0]->offset[j], d[1]->share + d[1]->offset[j], code, d[0]->n_eff[j],
                                        d[1]->n_eff[j], 2, .5}, true, 2};
    vmap_likeness_find(item, s->items, &scores, NULL);
    vmap_likeness_dependence(&(vmap_likeness_group){side[0], side[1], &group, 0, NULL}, item, column, s->items, o.inflation, NULL);
    if (vmap_likeness_ranges(item, s->items, &o, &range, low, high, NULL))
        abort();
    to[0] = scores.distance;
    to[1] = range.distance[0];
    to[2] = range.distance[1];
    to[3] = 1 - scores.similarity_2;
    to[4] = 1 - range.similarity_2[1];
    to[5] = 1 - range.similarity_2[0];
    to[6] = o.inflation[0];
    for (int t = 0; t < THRESHOLDS; t++) {
        double surely = 0, perhaps = 0;

        for (size_t j = 0; j < s->items; j++) {
            surely += high[j] <= threshold[t];
            perhaps += low[j] <= threshold[t];
        }
        to[8 + t] = surely / (double)s->items <= s->share[t] + 1e-9;
        to[12 + t] = perhaps / (double)s->items >= s->share[t] - 1e-9;
    }
    for (int i = 0; i < 2; i++) {
        vmap_distributions_free(d[i]);
        vmap_responses_free(side[i]);
    }
    gsl_rng_free(rng);
}

static void set_truth(study *s)
{
    const vmap_metric *metric[2];

    vmap_metric_find("w1_scaled", &metric[0], NULL);
    vmap_metric_find("js_distance", &metric[1], NULL);
    s->distance[0] = s->distance[1] = 0;
    for (int t = 0; t < THRESHOLDS; t++)
        s->share[t] = 0;
    for (size_t j = 0; j < s->items; j++) {
        const vmap_metric_pair a = {K, people, s->truth[j], code, 1, 1, 2, 0};

        for (int k = 0; k < K; k++)
            s->truth[j][k] = people[k] + size_of(s->shape, j, s->items) * shift[k] * (j % 3 ? 1 : -1);
        for (int i = 0; i < 2; i++)
            s->distance[i] += metric[i]->of(&a) / (double)s->items;
        for (int t = 0; t < THRESHOLDS; t++)
            s->share[t] += (metric[0]->of(&a) <= threshold[t]) / (double)s->items;
    }
}

static void print(const study *s, size_t sets)
{
    printf("%5zu %4zu  %-7s", s->n, s->m, shape_name[s->shape]);
    for (int i = 0; i < 2; i++) {
        double mean = 0, above = 0, below = 0, width = 0, n = (double)sets;

        for (size_t k = 0; k < sets; k++) {
            const double *x = s->found + k * 16 + 3 * i;

            mean += x[0] / n;
            below += (s->distance[i] < x[1] - 1e-12) / n;
            above += (s->distance[i] > x[2] + 1e-12) / n;
            width += (x[2] - x[1]) / n;
        }
        printf("  %5.3f %5.3f %6.3f %6.3f %6.3f %5.3f", s->distance[i], mean, 1 - below - above, below, above, width);
    }
    for (int k = 8; k < 16; k += 4) {
        double right = 0;

        for (size_t i = 0; i < sets; i++)
            for (int t = 0; t < THRESHOLDS; t++)
                right += s->found[i * 16 + (size_t)(k + t)] / (double)(sets * THRESHOLDS);
        printf("  %6.3f", right);
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    static const size_t size[][2] = {{1000, 300}, {300, 60}, {100, 20}};
    size_t sets = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    study s = {.replicates = argc > 2 ? strtoul(argv[2], NULL, 10) : 125, .items = argc > 3 ? strtoul(argv[3], NULL, 10) : 12};

    gsl_set_error_handler_off();
    s.found = calloc(sets * 16, sizeof *s.found);
    if (!s.found || s.items < 2 || s.items > ITEMS)
        return EXIT_FAILURE;
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("%zu simulated data sets, %zu replicates, %zu items\n", sets, s.replicates, s.items);
    printf("                       Wasserstein                              Jensen-Shannon                           items within\n");
    printf("    n    m  differ    true found  cover  below  above width   true found  cover  below  above width  surely perhaps\n");
    for (size_t i = 0; i < 3; i++) {
        for (s.shape = 0; s.shape < 5; s.shape++) {
            s.n = size[i][0];
            s.m = size[i][1];
            set_truth(&s);
            parallel_for(sets, 0, run_set, &s);
            print(&s, sets);
        }
    }
    free(s.found);
    return 0;
}
