/* Do the intervals of tables pattern and own_group (valuemap/pattern.h) cover what they promise? Twelve groups of people and of their
 * personas with known distributions, over and over: spread, stereotyping, ratio of variances of all and within groups of one item;
 * shares of hits, mean reciprocal rank and homogenisation over all items.
 *
 *   tests/bench/pattern [DATA-SETS] [REPLICATES [ratios|hits]]      [1000 199 both]: some minutes; hits need no replicates, seconds
 *
 * Hits and ranks are those of other groups: their places are drawn anew for every data set, and the truth is the mean of what is found.
 *
 * Answers of a respondent hang together by a common factor; people weigh .5 or 1.5; every second persona answers twice. People's groups
 * lie on a line, `apart` being the standard deviation of their places in those of answers. Personas of a group keep the share `kept`
 * of its place and `own` places of their own.
 */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>

#include "core/parallel.h"
#include "valuemap.h"

enum { GROUPS = 12, ITEMS = 8, K = 5, RATIOS = 4, STATISTICS = RATIOS + VMAP_HITS + 2, LENGTHS = 4, ALL = STATISTICS + LENGTHS, WIDTH = ITEMS * K };
static const char *const name[STATISTICS] = {"spread", "stereotyping", "variance_ratio", "within_ratio", "hit1", "hit3", "hit5", "mrr",
                                             "homogenisation"};
static const double cut[K - 1] = {-1.2, -.4, .4, 1.2};

typedef struct {
    const char *title;
    size_t people, personas; /* in each group */
    double apart, kept, own;
    double place[2][GROUPS][ITEMS];
    double share[2][GROUPS][WIDTH];
    double truth[ALL];
    bool anew;
    size_t replicates;
    double *found; /* sets x STATISTICS x 3: estimate, low, high */
} world;

/* The answers of one data set. */
typedef struct {
    size_t n[2];
    size_t *group[2], *cluster;
    double *weight;             /* people */
    unsigned char *answer[2];   /* n x ITEMS */
} sample;

/* ---- the truth and the statistics ---- */

static double over(double a, double b)
{
    return b > 0 ? a / b : NAN;
}

/* Means and sums of squares of the first item in every group, from its shares and sums of weights. */
static void sum_item(const double *share, const double *weight, vmap_group_sums *of)
{
    for (size_t g = 0; g < GROUPS; g++) {
        const double *p = share + g * WIDTH;

        of[g].w = weight[g];
        of[g].mean = of[g].squares = 0;
        for (int k = 0; k < K; k++)
            of[g].mean += p[k] * (k + 1);
        for (int k = 0; k < K; k++)
            of[g].squares += weight[g] * p[k] * pow(k + 1 - of[g].mean, 2);
    }
}

static double spread(const vmap_group_sums *of)
{
    double mean = 0, squares = 0;

    for (size_t g = 0; g < GROUPS; g++)
        mean += of[g].mean / GROUPS;
    for (size_t g = 0; g < GROUPS; g++)
        squares += pow(of[g].mean - mean, 2);
    return sqrt(squares);
}

static bool find_own(const double *people, const double *personas, double *value, vmap_identification *hits)
{
    const vmap_permutation_options none = {0, 0, 1, NULL};
    double code[WIDTH];
    size_t offset[ITEMS + 1], target[GROUPS];
    bool use[ITEMS], good;
    gsl_matrix *d[3] = {gsl_matrix_alloc(GROUPS, GROUPS), gsl_matrix_alloc(GROUPS, GROUPS), gsl_matrix_alloc(GROUPS, GROUPS)};
    vmap_identification *found = NULL;
    vmap_homogenisation h;
    const vmap_metric *w1;

    for (size_t j = 0; j <= ITEMS; j++)
        offset[j] = j * K;
    for (size_t j = 0; j < ITEMS; j++)
        use[j] = true;
    for (size_t k = 0; k < WIDTH; k++)
        code[k] = 1 + (double)(k % K);
    for (size_t g = 0; g < GROUPS; g++)
        target[g] = g;
    vmap_metric_find("w1_scaled", &w1, NULL);
    for (size_t k = 0; k < 3; k++)
        vmap_metric_means(w1, 2, k == 1 ? people : personas, GROUPS, k == 2 ? personas : people, GROUPS, offset, ITEMS, code, use, 1,
                          d[k]->data, NULL);
    good = vmap_pattern_identify(d[0], target, &none, &found, NULL) == VMAP_SUCCESS &&
           vmap_pattern_homogenise(d[1], d[2], .95, &h, NULL) == VMAP_SUCCESS;
    for (size_t k = 0; good && k < VMAP_HITS; k++)
        value[k] = found->hit[k];
    if (good) {
        value[VMAP_HITS] = found->mrr;
        value[VMAP_HITS + 1] = h.ratio;
        value[VMAP_HITS + 4] = h.human;
        value[VMAP_HITS + 5] = h.persona;
        if (hits)
            *hits = *found;
    }
    vmap_identification_free(found);
    for (size_t k = 0; k < 3; k++)
        gsl_matrix_free(d[k]);
    return good;
}

/* `size`: answers of each group, or NULL for whole populations. */
static bool find_all(const double *people, const double *personas, vmap_group_sums *sums[2], double *value)
{
    vmap_explained e[2];

    for (size_t s = 0; s < 2; s++) {
        if (vmap_pattern_explain_sums(sums[s], GROUPS, &e[s], NULL))
            return false;
    }
    value[STATISTICS] = spread(sums[0]);
    value[STATISTICS + 1] = spread(sums[1]);
    value[0] = over(value[STATISTICS + 1], value[STATISTICS]);
    value[1] = over(e[1].epsilon2, e[0].epsilon2);
    value[2] = over(e[1].variance, e[0].variance);
    value[3] = over(e[1].within, e[0].within);
    return find_own(people, personas, value + RATIOS, NULL);
}

static void find_shares(const sample *s, int side, const double *weight, double *share, vmap_group_sums *sums)
{
    double total[GROUPS] = {0};

    memset(share, 0, GROUPS * WIDTH * sizeof *share);
    for (size_t g = 0; g < GROUPS; g++)
        sums[g] = (vmap_group_sums){.n = 0};
    for (size_t i = 0; i < s->n[side]; i++) {
        size_t g = s->group[side][i];

        if (!(weight[i] > 0))
            continue;
        sums[g].n++;
        sums[g].w2 += weight[i] * weight[i];
        total[g] += weight[i];
        for (size_t j = 0; j < ITEMS; j++)
            share[g * WIDTH + j * K + s->answer[side][i * ITEMS + j]] += weight[i];
    }
    for (size_t g = 0; g < GROUPS; g++) {
        for (size_t k = 0; k < WIDTH; k++)
            share[g * WIDTH + k] /= total[g];
    }
    sum_item(share, total, sums);
}

static bool statistic(const void *context, const double *human, const double *persona, double *value)
{
    double share[2][GROUPS * WIDTH];
    vmap_group_sums sums[2][GROUPS], *all[2] = {sums[0], sums[1]};

    find_shares(context, 0, human, share[0], sums[0]);
    find_shares(context, 1, persona, share[1], sums[1]);
    if (!find_all(share[0], share[1], all, value)) {
        for (size_t k = 0; k < ALL; k++)
            value[k] = NAN;
    }
    return true;
}

static void set_world(world *w, gsl_rng *rng)
{
    double weight[GROUPS];
    vmap_group_sums sums[2][GROUPS], *all[2] = {sums[0], sums[1]};

    for (size_t g = 0; g < GROUPS; g++) {
        for (size_t j = 0; j < ITEMS; j++) {
            double line = w->apart * ((double)g - (GROUPS - 1) / 2.) / 3.452 * (j % 2 ? -1 : 1);

            w->place[0][g][j] = line + gsl_ran_gaussian(rng, w->apart / 2);
            w->place[1][g][j] = w->kept * w->place[0][g][j] + gsl_ran_gaussian(rng, w->own);
            for (int s = 0; s < 2; s++) {
                for (int k = 0; k < K; k++)
                    w->share[s][g][j * K + (size_t)k] = (k < K - 1 ? gsl_cdf_ugaussian_P(cut[k] - w->place[s][g][j]) : 1) -
                                                (k ? gsl_cdf_ugaussian_P(cut[k - 1] - w->place[s][g][j]) : 0);
            }
        }
        weight[g] = 1e9; /* whole populations: no bias to take out */
        sums[0][g] = sums[1][g] = (vmap_group_sums){.n = 1000000000, .w2 = 1e9};
    }
    sum_item(w->share[0][0], weight, sums[0]);
    sum_item(w->share[1][0], weight, sums[1]);
    if (!find_all(w->share[0][0], w->share[1][0], all, w->truth))
        abort();
}

/* Intervals of hits and mrr, low and high each, to `to`. */
static void find_hits(const sample *s, const double *ones, double *to)
{
    double share[2][GROUPS * WIDTH], value[STATISTICS + LENGTHS];
    vmap_group_sums sums[GROUPS];
    vmap_identification hits;

    find_shares(s, 0, s->weight, share[0], sums);
    find_shares(s, 1, ones, share[1], sums);
    if (!find_own(share[0], share[1], value + RATIOS, &hits))
        abort();
    for (size_t k = 0; k < VMAP_HITS; k++) {
        to[2 * k] = hits.hit_low[k];
        to[2 * k + 1] = hits.hit_high[k];
    }
    to[2 * VMAP_HITS] = hits.mrr_low;
    to[2 * VMAP_HITS + 1] = hits.mrr_high;
}

/* ---- data sets ---- */

static void answer(gsl_rng *rng, const double *place, double common, unsigned char *to)
{
    for (size_t j = 0; j < ITEMS; j++) {
        double y = place[j] + sqrt(.3) * common + gsl_ran_gaussian(rng, sqrt(.7));

        to[j] = 0;
        while (to[j] < K - 1 && y > cut[to[j]])
            to[j]++;
    }
}

static void draw(const world *w, gsl_rng *rng, sample *s)
{
    for (int side = 0; side < 2; side++) {
        size_t each = side ? w->personas : w->people, at = 0;

        for (size_t g = 0; g < GROUPS; g++) {
            for (size_t i = 0; i < each; i++) {
                double common = gsl_ran_gaussian(rng, 1);
                size_t first = at;

                for (int k = 0; k < (side && i % 2 ? 2 : 1); k++, at++) {
                    s->group[side][at] = g;
                    answer(rng, w->place[side][g], common, s->answer[side] + at * ITEMS);
                    if (side)
                        s->cluster[at] = first;
                    else
                        s->weight[at] = i % 2 ? 1.5 : .5;
                }
            }
        }
        s->n[side] = at;
    }
}

static bool is_hit(size_t k)
{
    return k >= RATIOS && k < STATISTICS - 1;
}

/* The interval of one statistic: estimate, low, high. */
static void find_interval(const world *w, size_t k, const double *value, const double *replicate, const double *hits, double *to)
{
    size_t at = STATISTICS + (k ? 2 : 0);
    vmap_true_ratio t;

    to[0] = value[k];
    if (is_hit(k)) {
        to[1] = hits[2 * (k - RATIOS)];
        to[2] = hits[2 * (k - RATIOS) + 1];
    } else if (k == 0 || k == STATISTICS - 1) {
        vmap_pattern_true_ratio(value[at], value[at + 1], replicate + at, replicate + at + 1, w->replicates, ALL, .95, &t, NULL);
        to[0] = t.ratio;
        to[1] = t.low;
        to[2] = t.high;
    } else {
        vmap_pattern_interval(value[k], replicate + k, w->replicates, ALL, .95, to + 1, to + 2, NULL);
    }
}

static void run_set(void *context, size_t set)
{
    const world *w = context;
    world own = *w;
    size_t rows[2] = {GROUPS * w->people, GROUPS * 2 * w->personas};
    gsl_rng *rng = vmap_rng_new(5, set + 1000000 * (w->people + w->personas));
    double *ones = malloc(rows[1] * sizeof *ones), *replicate = malloc(w->replicates * ALL * sizeof *replicate);
    double value[ALL], hits[2 * VMAP_HITS + 2];
    sample s = {.cluster = malloc(rows[1] * sizeof(size_t)), .weight = malloc(rows[0] * sizeof(double))};

    for (int side = 0; side < 2; side++) {
        s.group[side] = malloc(rows[side] * sizeof(size_t));
        s.answer[side] = malloc(rows[side] * ITEMS);
    }
    if (w->anew)
        set_world(&own, rng);
    draw(&own, rng, &s);
    for (size_t i = 0; i < rows[1]; i++)
        ones[i] = 1;
    statistic(&s, s.weight, ones, value);
    find_hits(&s, ones, hits);
    if (!w->anew && vmap_pattern_bootstrap(&(vmap_pattern_side){s.n[0], s.weight, s.group[0], NULL},
                                           &(vmap_pattern_side){s.n[1], NULL, s.group[1], s.cluster}, GROUPS, statistic, &s, ALL,
                                           &(vmap_pattern_draws){w->replicates, set, 1}, replicate, NULL))
        abort();
    for (size_t k = 0; k < STATISTICS; k++) {
        if (is_hit(k) == w->anew)
            find_interval(w, k, value, replicate, hits, w->found + (set * STATISTICS + k) * 3);
    }
    for (int side = 0; side < 2; side++) {
        free(s.group[side]);
        free(s.answer[side]);
    }
    free(s.cluster);
    free(s.weight);
    free(ones);
    free(replicate);
    gsl_rng_free(rng);
}

static void print(const world *w, size_t sets)
{
    for (size_t k = 0; k < STATISTICS; k++) {
        double mean = 0, below = 0, above = 0, width = 0, n = 0, truth;

        if (is_hit(k) != w->anew)
            continue;
        for (size_t i = 0; i < sets; i++) {
            const double *x = w->found + (i * STATISTICS + k) * 3;

            n += !isnan(x[1]) && !isnan(x[2]);
            mean += isnan(x[1]) || isnan(x[2]) ? 0 : x[0];
        }
        mean /= n;
        truth = w->anew ? mean : w->truth[k];
        for (size_t i = 0; i < sets; i++) {
            const double *x = w->found + (i * STATISTICS + k) * 3;

            below += truth < x[1] - 1e-9;
            above += truth > x[2] + 1e-9;
            width += isfinite(x[2]) ? (x[2] - x[1]) / n : 0;
        }
        printf("%4zu %4zu  %-8s %-15s %6.3f %6.3f %6.3f %6.3f %6.3f %6.3f %7.3f\n", w->people, w->personas, w->title, name[k], truth, mean,
               1 - (below + above) / n, below / n, above / n, width, n / (double)sets);
    }
}

int main(int argc, char **argv)
{
    static const size_t size[][2] = {{200, 60}, {60, 20}, {30, 10}};
    static world shape[] = {{.title = "alike", .apart = .5, .kept = 1, .own = 0},
                            {.title = "drawn", .apart = .5, .kept = .5, .own = .15},
                            {.title = "loud", .apart = .3, .kept = 1.5, .own = .3}};
    size_t sets = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000, replicates = argc > 2 ? strtoul(argv[2], NULL, 10) : 199;

    const char *which = argc > 3 ? argv[3] : "both";

    if (sets < 1 || replicates < 19 || !strstr(" ratios hits both ", which)) {
        fprintf(stderr, "pattern: [DATA-SETS [REPLICATES (at least 19) [ratios|hits]]]\n");
        return 64;
    }
    gsl_set_error_handler_off();
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("%zu simulated data sets, %zu replicates\n", sets, replicates);
    printf("people, personas of a group         true  found  cover  below  above  width  defined\n");
    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        for (size_t k = 0; k < sizeof shape / sizeof *shape; k++) {
            world *w = &shape[k];

            w->people = size[i][0];
            w->personas = size[i][1];
            w->replicates = replicates;
            w->found = calloc(sets * STATISTICS * 3, sizeof *w->found);
            if (!w->found)
                return EXIT_FAILURE;
            for (int anew = *which == 'h'; anew < (*which == 'r' ? 1 : 2); anew++) {
                gsl_rng *rng = vmap_rng_new(77, k);

                w->anew = anew;
                set_world(w, rng);
                parallel_for(sets, 1, run_set, w);
                print(w, sets);
                gsl_rng_free(rng);
            }
            free(w->found);
        }
    }
    return 0;
}
