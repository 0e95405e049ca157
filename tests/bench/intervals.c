/* Do the intervals of valuemap/mapping_compare.h, valuemap/morality.h and valuemap/morality_structure.h cover what they promise?
 *
 *     tests/bench/intervals [RUNS [angle|spread|congruence]]
 *
 * angle: two mappings of nations with two predictors and six outcomes, whose coefficients lie 0 or 60 degrees apart; the model's
 * are .6 times as long, its errors half as large. spread: standard deviations of scores made of six answers, at different
 * places of their scale. congruence: 36 items, two populations with other loadings, 19 nations. Printed is the share of 95 %
 * intervals that contain the truth, of those that are defined, with the share of the latter where it is not 1.
 */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>

#include "valuemap.h"

enum { P = 2, K = 6 };

typedef struct {
    const char *name;
    size_t tries, defined, covered;
    double sum; /* of the estimates that are defined */
} tally;

static void count(tally *t, double estimate, double low, double high, double truth)
{
    bool defined = !isnan(low) && !isnan(high);

    t->tries++;
    t->defined += defined;
    t->covered += defined && low <= truth && truth <= high;
    t->sum += defined ? estimate : 0;
}

static void print(const tally *t)
{
    double n = (double)t->defined, share = (double)t->covered / n;

    printf("  %-26s covers %.3f +- %.3f  mean estimate %.3f", t->name, share, sqrt(share * (1 - share) / n), t->sum / n);
    printf(t->defined < t->tries ? "  defined in %.2f\n" : "\n", n / (double)t->tries);
}

/* ---- two mappings ---- */

typedef struct {
    size_t n;
    double apart; /* degrees */
    double noise; /* standard deviation of people's errors; slopes have the length 1 over all outcomes */
} world;

/* Coefficients of people lie along one direction, those of the model are turned towards another, which is at right angles. */
static void draw_mappings(const world *w, gsl_rng *rng, gsl_matrix *x, gsl_matrix *human, gsl_matrix *model)
{
    double turn = w->apart * M_PI / 180, slope = 1 / sqrt(K);

    for (size_t i = 0; i < w->n; i++) {
        double a = gsl_ran_gaussian(rng, 1), b = gsl_ran_gaussian(rng, 1), shared = gsl_ran_gaussian(rng, w->noise * .6);

        gsl_matrix_set(x, i, 0, a);
        gsl_matrix_set(x, i, 1, b);
        for (size_t o = 0; o < K; o++) {
            double other = o % 2 ? slope : -slope;

            gsl_matrix_set(human, i, o, slope * a + shared + gsl_ran_gaussian(rng, w->noise * .8));
            gsl_matrix_set(model, i, o,
                           .6 * (cos(turn) * slope * a + sin(turn) * other * b) + shared / 2 + gsl_ran_gaussian(rng, w->noise * .4));
        }
    }
}

static void study_mappings(const world *w, size_t runs)
{
    const double all = K * w->noise * w->noise, r2[2] = {1 / (1 + all), .36 / (.36 + all / 4)};
    const vmap_permutation_options none = {.permutations = 0, .threads = 1};
    tally t[] = {{.name = "angle_true"}, {.name = "length"}, {.name = "length_true"}, {.name = "ratio"}, {.name = "ratio_true"}};
    gsl_matrix *x = gsl_matrix_calloc(w->n, P), *human = gsl_matrix_calloc(w->n, K), *model = gsl_matrix_calloc(w->n, K);
    gsl_rng *rng = vmap_rng_new(20230217, w->n * 1000 + (size_t)(w->apart + 10 * w->noise));
    double raw = 0;

    for (size_t i = 0; i < runs; i++) {
        vmap_mapping_comparison *c = NULL;

        draw_mappings(w, rng, x, human, model);
        if (vmap_mapping_compare(x, human, model, NULL, &none, &c, NULL))
            abort();
        raw += c->alike.angle / (double)runs;
        count(&t[0], c->alike.angle_true, c->alike.angle_low, c->alike.angle_high, w->apart);
        count(&t[1], c->alike.length, c->alike.length_low, c->alike.length_high, .6);
        count(&t[2], c->alike.length_true, c->alike.length_true_low, c->alike.length_true_high, .6);
        count(&t[3], c->alike.ratio, c->alike.ratio_low, c->alike.ratio_high, r2[1] / r2[0]);
        count(&t[4], c->alike.ratio_true, c->alike.ratio_true_low, c->alike.ratio_true_high, r2[1] / r2[0]);
        vmap_mapping_comparison_free(c);
    }
    printf("%zu nations, %g degrees apart, R2 of people %.2f, of the model %.2f, ratio %.2f; raw angle %.1f on average (%zu runs)\n",
           w->n, w->apart, r2[0], r2[1], r2[1] / r2[0], raw, runs);
    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        print(&t[i]);
    fflush(stdout);
    gsl_matrix_free(x);
    gsl_matrix_free(human);
    gsl_matrix_free(model);
    gsl_rng_free(rng);
}

/* ---- ratio of standard deviations ---- */

typedef struct {
    const char *name;
    double mean, sd, shared; /* of an answer before it is rounded, and the share of variance that items have in common */
    size_t n;
} sheets;

static double draw_score(const sheets *s, gsl_rng *rng)
{
    double common = gsl_ran_gaussian(rng, s->sd * sqrt(s->shared)), sum = 0;

    for (int i = 0; i < 6; i++)
        sum += fmin(5, fmax(1, rint(s->mean + common + gsl_ran_gaussian(rng, s->sd * sqrt(1 - s->shared)))));
    return sum / 6;
}

static double true_sd(const sheets *s, gsl_rng *rng)
{
    enum { MANY = 2000000 };
    double mean = 0, squares = 0;

    for (int i = 0; i < MANY; i++) {
        double x = draw_score(s, rng), apart = x - mean;

        mean += apart / (i + 1);
        squares += apart * (x - mean);
    }
    return sqrt(squares / MANY);
}

static void fill(const sheets *s, gsl_rng *rng, double *x, vmap_profile_score *score)
{
    double mean = 0, squares = 0;

    for (size_t i = 0; i < s->n; i++) {
        x[i] = draw_score(s, rng);
        mean += x[i] / (double)s->n;
    }
    for (size_t i = 0; i < s->n; i++)
        squares += pow(x[i] - mean, 2);
    *score = (vmap_profile_score){.n = s->n, .mean = mean, .sd = sqrt(squares / (double)(s->n - 1))};
    vmap_log_sd_error(x, NULL, s->n, &score->log_sd_se, NULL);
}

static void study_spread(size_t runs)
{
    static const sheets pairs[][2] = {
        {{"in the middle", 3, .5, .3, 20}, {"people", 3.2, 1, .4, 60}},
        {{"in the middle", 3, .5, .3, 50}, {"people", 3.2, 1, .4, 200}},
        {{"at the ceiling", 4.6, .6, .3, 20}, {"people", 4.2, 1, .4, 60}},
        {{"at the ceiling", 4.6, .6, .3, 50}, {"people", 4.2, 1, .4, 200}},
        {{"hardly any", 4, .35, .1, 50}, {"people", 4.2, 1, .4, 200}},
    };

    for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++) {
        gsl_rng *rng = vmap_rng_new(20230217, 500 + p);
        double truth = true_sd(&pairs[p][0], rng) / true_sd(&pairs[p][1], rng), *x = calloc(pairs[p][1].n, sizeof *x);
        tally t = {.name = "sd_ratio"};

        for (size_t i = 0; i < runs; i++) {
            vmap_profile_score score[2];
            vmap_difference d;

            fill(&pairs[p][0], rng, x, &score[0]);
            fill(&pairs[p][1], rng, x, &score[1]);
            vmap_difference_find(&score[0], &score[1], .95, &d);
            count(&t, d.sd_ratio, d.sd_low, d.sd_high, truth);
        }
        printf("scores %s, %zu sheets and %zu people, ratio %.2f (%zu runs)\n", pairs[p][0].name, pairs[p][0].n, pairs[p][1].n,
               truth, runs);
        print(&t);
        fflush(stdout);
        free(x);
        gsl_rng_free(rng);
    }
}

/* ---- congruence ---- */

enum { ITEMS = 36, SCALES = 6, NATIONS = 19 };

/* Loadings near the key, the same for every run. */
static gsl_matrix *make_loadings(size_t stream, double cross)
{
    gsl_matrix *l = gsl_matrix_calloc(ITEMS, SCALES);
    gsl_rng *rng = vmap_rng_new(20230217, stream);

    for (size_t j = 0; j < ITEMS; j++) {
        double squares = 0;

        for (size_t f = 0; f < SCALES; f++) {
            double own = j / 6 == f ? .4 + .3 * gsl_rng_uniform(rng) : 0;

            gsl_matrix_set(l, j, f, own + gsl_ran_gaussian(rng, cross));
            squares += pow(gsl_matrix_get(l, j, f), 2);
        }
        for (size_t f = 0; squares > .85 && f < SCALES; f++)
            *gsl_matrix_ptr(l, j, f) *= sqrt(.85 / squares);
    }
    gsl_rng_free(rng);
    return l;
}

/* Scores and answers as vmap_structure_new() wants them; nations differ in every item by `between` standard deviations. */
static vmap_structure *draw_structure(const vmap_questionnaire *q, const gsl_matrix *l, size_t n, double between, gsl_rng *rng)
{
    vmap_answers a = {.n = n, .p = ITEMS};
    vmap_scores s = {.n = n, .p = ITEMS, .item = calloc(n * ITEMS, sizeof(double)), .used_sheet = calloc(n, sizeof(bool))};
    vmap_structure_options o;
    vmap_structure *result = NULL;
    size_t *rows = calloc(n, sizeof *rows), *nation = calloc(n, sizeof *nation);
    double f[SCALES], shift[NATIONS][ITEMS];

    for (size_t g = 0; g < NATIONS * ITEMS; g++)
        shift[g / ITEMS][g % ITEMS] = gsl_ran_gaussian(rng, between);
    for (size_t i = 0; i < n; i++) {
        rows[i] = i;
        nation[i] = i % NATIONS;
        s.used_sheet[i] = true;
        for (size_t c = 0; c < SCALES; c++)
            f[c] = gsl_ran_gaussian(rng, 1);
        for (size_t j = 0; j < ITEMS; j++) {
            double own = 1, x = shift[nation[i]][j];

            for (size_t c = 0; c < SCALES; c++) {
                own -= pow(gsl_matrix_get(l, j, c), 2);
                x += gsl_matrix_get(l, j, c) * f[c];
            }
            s.item[i * ITEMS + j] = x + gsl_ran_gaussian(rng, sqrt(own));
        }
    }
    vmap_structure_defaults(&o);
    o.retention = false;
    o.permutations = 0;
    o.replicates = 200;
    o.stratum = nation;
    o.strata = NATIONS;
    o.threads = 1;
    if (vmap_structure_new(q, &a, &s, rows, n, &o, &result, NULL))
        abort();
    free(rows);
    free(nation);
    free(s.item);
    free(s.used_sheet);
    return result;
}

/* Tucker's phi of the populations: loadings turned as the estimates are. */
static void find_truth(const gsl_matrix *key, const gsl_matrix *a, const gsl_matrix *b, double *phi)
{
    gsl_matrix *one = gsl_matrix_calloc(ITEMS, SCALES), *other = gsl_matrix_calloc(ITEMS, SCALES);
    double sum[3] = {0, 0, 0};

    vmap_congruence_align(key, a, VMAP_ALIGN_ORTHOGONAL, one, NULL, NULL, NULL);
    vmap_congruence_align(one, b, VMAP_ALIGN_ORTHOGONAL, other, NULL, NULL, NULL);
    for (size_t f = 0; f < SCALES; f++) {
        double own[3] = {0, 0, 0};

        for (size_t j = 0; j < ITEMS; j++) {
            double x = gsl_matrix_get(one, j, f), y = gsl_matrix_get(other, j, f);

            own[0] += x * y;
            own[1] += x * x;
            own[2] += y * y;
        }
        for (int i = 0; i < 3; i++)
            sum[i] += own[i];
        phi[f] = own[0] / sqrt(own[1] * own[2]);
    }
    phi[SCALES] = sum[0] / sqrt(sum[1] * sum[2]);
    gsl_matrix_free(one);
    gsl_matrix_free(other);
}

static void study_congruence(size_t runs, size_t n, double cross)
{
    static const char text[] =
        "{\"version\": 1, \"name\": \"six\", \"title\": \"six\", \"items\": 36, \"columns\": [\"i*\"], \"scales\": [\"1..5\"], \"least\": 4, "
        "\"foundations\": [{\"name\": \"a\", \"label\": \"a\", \"items\": [1, 2, 3, 4, 5, 6]}, "
        "{\"name\": \"b\", \"label\": \"b\", \"items\": [7, 8, 9, 10, 11, 12]}, {\"name\": \"c\", \"label\": \"c\", \"items\": [13, 14, 15, 16, 17, 18]}, "
        "{\"name\": \"d\", \"label\": \"d\", \"items\": [19, 20, 21, 22, 23, 24]}, {\"name\": \"e\", \"label\": \"e\", \"items\": [25, 26, 27, 28, 29, 30]}, "
        "{\"name\": \"f\", \"label\": \"f\", \"items\": [31, 32, 33, 34, 35, 36]}]}";
    vmap_questionnaire *q = NULL;
    vmap_error err;
    gsl_matrix *one = make_loadings(1, cross), *other = make_loadings(2, cross);
    gsl_rng *rng = vmap_rng_new(20230217, 900 + n);
    tally t[] = {{.name = "congruence of a scale"}, {.name = "of all scales"}};
    double truth[SCALES + 1];

    if (vmap_questionnaire_parse("six", text, strlen(text), &q, &err)) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    for (size_t i = 0; i < runs; i++) {
        vmap_structure *a = draw_structure(q, one, n, 0, rng), *b = draw_structure(q, other, n, 0, rng);
        double low[SCALES + 1], high[SCALES + 1];

        find_truth(a->key, one, other, truth);
        vmap_structure_interval(a, b, .95, low, high, NULL);
        for (size_t f = 0; f <= SCALES; f++)
            count(&t[f == SCALES], (low[f] + high[f]) / 2, low[f], high[f], truth[f]);
        vmap_structure_free(a);
        vmap_structure_free(b);
    }
    printf("congruence, %zu sheets, all scales %.3f (%zu runs; estimate: middle of the interval)\n", n, truth[SCALES], runs);
    print(&t[0]);
    print(&t[1]);
    fflush(stdout);
    gsl_matrix_free(one);
    gsl_matrix_free(other);
    gsl_rng_free(rng);
    vmap_questionnaire_free(q);
}

int main(int argc, char **argv)
{
    static const world worlds[] = {{17, 0, .3}, {17, 60, .3}, {17, 0, .6}, {30, 0, .3}, {60, 0, .3}, {60, 60, .3}};
    size_t runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 400;
    const char *which = argc > 2 ? argv[2] : "";

    if (runs < 10 || (*which && !strstr(" angle spread congruence ", which))) {
        fprintf(stderr, "intervals: [RUNS (at least 10) [angle|spread|congruence]]\n");
        return 64;
    }
    gsl_set_error_handler_off();
    for (size_t i = 0; (!*which || *which == 'a') && i < sizeof worlds / sizeof *worlds; i++)
        study_mappings(&worlds[i], runs);
    if (!*which || *which == 's')
        study_spread(10 * runs);
    if (!*which || *which == 'c') {
        study_congruence(runs / 4, 300, .08);
        study_congruence(runs / 4, 950, .08);
        study_congruence(runs / 4, 950, .25);
    }
    return 0;
}
