/* Times of all metrics of distributions of answers; `make bench-compare` prints them beside those of R and NumPy.
 *   compare FILE make          write the distributions that all programs read
 *   compare FILE WHAT THREADS  WHAT: grid (all metrics of 100 x 100 groups on 300 items), bootstrap (1,000 replicates of all
 *                              metrics of 100 x 100 groups on three items, the first of each kind) or own (of the first ten groups
 *                              with their own counterpart on 300 items)
 * Prints "seconds S" (of processor time), "wall W", for each metric "NAME sum", of the values or of their standard errors, and
 * "done D", the share of all groups and items that this was. FILE holds doubles: for each of three kinds of items (4, 5, 10 scale points; 100 items each) the shares of people and of personas, groups x
 * items x points. Every people's distribution has 1,000 respondents, every personas' 200. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gsl/gsl_errno.h>

#include "compare/draw.h"
#include "valuemap.h"

enum { GROUPS = 100, EACH = 100, KINDS = 3, ITEMS = EACH * KINDS, MOST = 10, PEOPLE = 1000, PERSONAS = 200, METRICS = 40,
       RESAMPLED = 10 /* groups: a tenth of the work */ };
static const size_t points[KINDS] = {4, 5, 10};

/* Seconds of the processors and of the clock. */
typedef struct {
    double processor, wall;
} times;

static double read_clock(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static times now(void)
{
    return (times){read_clock(CLOCK_PROCESS_CPUTIME_ID), read_clock(CLOCK_MONOTONIC)};
}

static void add_time(times *to, times since)
{
    times t = now();

    to->processor += t.processor - since.processor;
    to->wall += t.wall - since.wall;
}

/* A group's answers: counts drawn from a bell that moves with group and item. */
static void draw_shares(gsl_rng *rng, size_t k, double centre, unsigned n, double *to)
{
    double bell[MOST], sum = 0;
    unsigned x[MOST];

    for (size_t i = 0; i < k; i++)
        sum += bell[i] = exp(-pow(((double)i + .5) / (double)k - centre, 2) * 6);
    for (size_t i = 0; i < k; i++)
        bell[i] /= sum;
    draw_multinomial(rng, k, n, bell, x);
    for (size_t i = 0; i < k; i++)
        to[i] = (double)x[i] / n;
}

static void make(FILE *f)
{
    gsl_rng *rng = vmap_rng_new(3, 0);
    double share[MOST];

    for (int kind = 0; kind < KINDS; kind++) {
        for (int side = 0; side < 2; side++) {
            for (size_t i = 0; i < GROUPS * EACH; i++) {
                draw_shares(rng, points[kind], gsl_rng_uniform(rng), side ? PERSONAS : PEOPLE, share);
                fwrite(share, sizeof *share, points[kind], f);
            }
        }
    }
    gsl_rng_free(rng);
}

/* people[item] and personas[item]: groups x points. */
static void read_shares(FILE *f, double **people, double **personas)
{
    double share[MOST];

    for (size_t item = 0; item < ITEMS; item++) {
        people[item] = calloc(GROUPS * MOST, sizeof(double));
        personas[item] = calloc(GROUPS * MOST, sizeof(double));
    }
    for (size_t kind = 0; kind < KINDS; kind++) {
        for (int side = 0; side < 2; side++) {
            for (size_t i = 0; i < GROUPS * EACH; i++) {
                double *to = (side ? personas : people)[kind * EACH + i % EACH] + i / EACH * points[kind];

                if (fread(share, sizeof *share, points[kind], f) != points[kind])
                    exit(EXIT_FAILURE);
                memcpy(to, share, points[kind] * sizeof *to);
            }
        }
    }
}

static void print_sums(const double *sum, times t)
{
    printf("seconds %.3f\nwall %.3f\n", t.processor, t.wall);
    for (size_t m = 0; m < vmap_metrics_count; m++)
        printf("%s %.12g\n", vmap_metrics[m].name, sum[m]);
}

static void time_grid(double **people, double **personas, const vmap_metric **metric, unsigned threads)
{
    static const double code[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    double n_p[GROUPS], n_q[GROUPS], sum[METRICS] = {0}, *value[10];
    times total = {0};
    size_t one = vmap_metrics_count * GROUPS * GROUPS;

    for (size_t g = 0; g < GROUPS; g++) {
        n_p[g] = PEOPLE;
        n_q[g] = PERSONAS;
    }
    for (size_t i = 0; i < 10; i++)
        value[i] = calloc(one, sizeof(double));
    for (size_t from = 0; from < ITEMS; from += 10) { /* ten items at a time, so that values stay few */
        vmap_metric_grid grid[10];
        times start;

        for (size_t i = 0; i < 10; i++)
            grid[i] = (vmap_metric_grid){points[(from + i) / EACH], code, GROUPS, GROUPS, people[from + i], personas[from + i],
                                         n_p, n_q};
        start = now();
        if (vmap_metric_grids(metric, vmap_metrics_count, grid, 10, 2, .5, threads, value, NULL))
            exit(EXIT_FAILURE);
        add_time(&total, start);
        for (size_t i = 0; i < 10; i++) {
            for (size_t at = 0; at < one; at++)
                sum[at / (GROUPS * GROUPS)] += isfinite(value[i][at]) ? value[i][at] : 0;
        }
    }
    for (size_t i = 0; i < 10; i++)
        free(value[i]);
    print_sums(sum, total);
}

static void time_own(double **people, double **personas, const vmap_metric **metric, unsigned threads)
{
    static const double code[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    vmap_noise_pair *pair = calloc(ITEMS * RESAMPLED, sizeof *pair);
    vmap_noise_spread *found = calloc(ITEMS * RESAMPLED * vmap_metrics_count, sizeof *found);
    vmap_noise_options o;
    double sum[METRICS] = {0};
    times start = now(), total = {0};

    for (size_t i = 0; i < ITEMS * RESAMPLED; i++) {
        size_t item = i / RESAMPLED, g = i % RESAMPLED, k = points[item / EACH];

        pair[i] = (vmap_noise_pair){.pair = {k, people[item] + g * k, personas[item] + g * k, code, PEOPLE, PERSONAS, 2, .5},
                                    .stream = i};
    }
    vmap_noise_defaults(&o);
    o.replicates = 1000;
    o.threads = threads;
    if (vmap_noise_bootstrap(pair, ITEMS * RESAMPLED, metric, vmap_metrics_count, &o, found, NULL))
        exit(EXIT_FAILURE);
    for (size_t i = 0; i < ITEMS * RESAMPLED * vmap_metrics_count; i++)
        sum[i % vmap_metrics_count] += isfinite(found[i].se) ? found[i].se : 0;
    add_time(&total, start);
    print_sums(sum, total);
    printf("done %g\n", (double)RESAMPLED / GROUPS);
    free(pair);
    free(found);
}

static void time_bootstrap(double **people, double **personas, const vmap_metric **metric, unsigned threads)
{
    static const double code[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    double n_p[GROUPS], n_q[GROUPS], sum[METRICS] = {0};
    size_t one = vmap_metrics_count * GROUPS * GROUPS;
    vmap_metric_grid grid[KINDS];
    vmap_noise_spread *found[KINDS];
    vmap_noise_options o;
    times start = now(), total = {0};

    for (size_t g = 0; g < GROUPS; g++) {
        n_p[g] = PEOPLE;
        n_q[g] = PERSONAS;
    }
    for (size_t kind = 0; kind < KINDS; kind++) {
        found[kind] = calloc(one, sizeof *found[kind]);
        grid[kind] = (vmap_metric_grid){points[kind], code, GROUPS, GROUPS, people[kind * EACH], personas[kind * EACH], n_p, n_q};
    }
    vmap_noise_defaults(&o);
    o.replicates = 1000;
    o.threads = threads;
    if (vmap_noise_bootstrap_grids(metric, vmap_metrics_count, grid, KINDS, 2, .5, &o, found, NULL))
        exit(EXIT_FAILURE);
    add_time(&total, start);
    for (size_t kind = 0; kind < KINDS; kind++) {
        for (size_t at = 0; at < one; at++)
            sum[at / (GROUPS * GROUPS)] += isfinite(found[kind][at].se) ? found[kind][at].se : 0;
        free(found[kind]);
    }
    print_sums(sum, total);
    printf("done %g\n", (double)KINDS / ITEMS);
}

int main(int argc, char **argv)
{
    double *people[ITEMS], *personas[ITEMS];
    const vmap_metric *metric[METRICS];
    bool making = argc > 2 && strcmp(argv[2], "make") == 0;
    FILE *f = argc > 2 ? fopen(argv[1], making ? "wb" : "rb") : NULL;

    gsl_set_error_handler_off();
    if (!f)
        return EXIT_FAILURE;
    if (making) {
        make(f);
        return fclose(f) ? EXIT_FAILURE : EXIT_SUCCESS;
    }
    for (size_t i = 0; i < vmap_metrics_count; i++)
        metric[i] = &vmap_metrics[i];
    read_shares(f, people, personas);
    fclose(f);
    (strcmp(argv[2], "grid") == 0  ? time_grid
     : strcmp(argv[2], "own") == 0 ? time_own
                                   : time_bootstrap)(people, personas, metric, argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0);
    return EXIT_SUCCESS;
}
