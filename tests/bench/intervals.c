/* Do the intervals of valuemap/mapping_compare.h, valuemap/morality.h, valuemap/morality_structure.h and valuemap/congruence.h
 * cover what they promise?
 *
 *     tests/bench/intervals [RUNS [angle|spread|congruence|groups]]
 *
 * angle: two mappings of nations with two predictors and six outcomes, whose coefficients lie 0 or 60 degrees apart; the model's
 * are .6 times as long, its errors half as large. spread: standard deviations of scores made of six answers, at different
 * places of their scale. congruence: 36 items, two populations with other loadings, 19 nations. groups: each of four groups of one
 * file with the solution of all (least squares, varimax). Printed is the share of 95 %
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

#include "core/numeric.h"
#include "support/solver.h"
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

/* ---- congruence of groups with all, as `factor --by` has it ---- */

enum { PARTS = 4, TESTS = 12, TRAITS = 3 };

static vmap_rotate_options varimax(void)
{
    vmap_rotate_options o;

    vmap_rotate_defaults(&o);
    o.threads = 1;
    o.starts = 1;
    return o;
}

/* Loadings of the groups: what all share, and `apart` times something of their own. */
static void make_parts(double apart, gsl_matrix *part[PARTS])
{
    gsl_rng *rng = vmap_rng_new(20230217, 77);

    for (size_t g = 0; g < PARTS; g++)
        part[g] = gsl_matrix_calloc(TESTS, TRAITS);
    for (size_t j = 0; j < TESTS; j++) {
        double own = .5 + .25 * gsl_rng_uniform(rng);

        for (size_t g = 0; g < PARTS; g++) {
            for (size_t f = 0; f < TRAITS; f++)
                gsl_matrix_set(part[g], j, f, (f == j / 4 ? own : 0) + gsl_ran_gaussian(rng, 1) * apart);
        }
    }
    gsl_rng_free(rng);
}

static double unique(const gsl_matrix *l, size_t j)
{
    double left = 1;

    for (size_t f = 0; f < TRAITS; f++)
        left -= pow(gsl_matrix_get(l, j, f), 2);
    return fmax(left, .1);
}

/* The solutions of the populations, aligned: their congruence is the truth. */
static void find_true_phi(gsl_matrix *part[PARTS], double phi[PARTS][TRAITS + 1])
{
    gsl_matrix *r[PARTS + 1], *loadings = gsl_matrix_calloc(TESTS, TRAITS), *own = gsl_matrix_calloc(TESTS, TRAITS);
    gsl_matrix *unused = gsl_matrix_calloc(TRAITS, TRAITS);
    const vmap_rotate_options rotate = varimax();
    vmap_congruence_options o;

    vmap_congruence_defaults(&o);
    o.permutations = 0;
    r[PARTS] = gsl_matrix_calloc(TESTS, TESTS);
    for (size_t g = 0; g <= PARTS; g++) {
        if (g < PARTS)
            r[g] = gsl_matrix_calloc(TESTS, TESTS);
        for (size_t i = 0; i < TESTS; i++) {
            for (size_t j = 0; g < PARTS && j < TESTS; j++) {
                double sum = i == j ? unique(part[g], i) : 0;

                for (size_t f = 0; f < TRAITS; f++)
                    sum += gsl_matrix_get(part[g], i, f) * gsl_matrix_get(part[g], j, f);
                gsl_matrix_set(r[g], i, j, sum);
                *gsl_matrix_ptr(r[PARTS], i, j) += sum / PARTS;
            }
        }
    }
    for (size_t g = 0; g <= PARTS; g++)
        numeric_standardise(r[g]);
    if (solve_uls(r[PARTS], NULL, &rotate, loadings, unused, NULL))
        abort();
    for (size_t g = 0; g < PARTS; g++) {
        vmap_congruence *c = NULL;

        if (solve_uls(r[g], NULL, &rotate, own, unused, NULL) || vmap_congruence_new(loadings, own, &o, &c, NULL))
            abort();
        for (size_t f = 0; f < TRAITS; f++)
            phi[g][f] = gsl_vector_get(c->phi, f);
        phi[g][TRAITS] = c->total;
        vmap_congruence_free(c);
        gsl_matrix_free(r[g]);
    }
    gsl_matrix_free(r[PARTS]);
    gsl_matrix_free(loadings);
    gsl_matrix_free(own);
    gsl_matrix_free(unused);
}

static void draw_parts(gsl_matrix *part[PARTS], size_t n, gsl_rng *rng, double *x)
{
    for (size_t i = 0; i < n * PARTS; i++) {
        const gsl_matrix *l = part[i / n];
        double f[TRAITS];

        for (size_t c = 0; c < TRAITS; c++)
            f[c] = gsl_ran_gaussian(rng, 1);
        for (size_t j = 0; j < TESTS; j++) {
            x[i * TESTS + j] = gsl_ran_gaussian(rng, sqrt(unique(l, j)));
            for (size_t c = 0; c < TRAITS; c++)
                x[i * TESTS + j] += gsl_matrix_get(l, j, c) * f[c];
        }
    }
}

/* Bootstrap of x, the solution in *own. */
static vmap_factor_bootstrap *replicate(const double *x, size_t n, const vmap_factor_resample_options *o, gsl_matrix *own)
{
    vmap_factor_bootstrap *b = NULL;

    if (vmap_factor_bootstrap_new(x, n, TESTS, NULL, NULL, 0, TRAITS, o, &b, NULL))
        return NULL;
    for (size_t i = 0; i < TESTS * TRAITS; i++)
        own->data[i] = b->loading[i].estimate;
    return b;
}

static void study_groups(size_t runs, size_t n, double apart)
{
    gsl_matrix *part[PARTS], *all = gsl_matrix_calloc(TESTS, TRAITS), *own = gsl_matrix_calloc(TESTS, TRAITS);
    gsl_rng *rng = vmap_rng_new(20230217, 1300 + n);
    double truth[PARTS][TRAITS + 1], *x = calloc(n * PARTS * TESTS, sizeof *x), low[TRAITS + 1], high[TRAITS + 1], mean = 0;
    tally t[] = {{.name = "congruence of a factor"}, {.name = "of all loadings"}};
    const vmap_rotate_options rotate = varimax();
    vmap_factor_resample_options o;

    vmap_factor_resample_defaults(&o);
    o.solve = solve_uls;
    o.context = &rotate;
    o.threads = 1;
    make_parts(apart, part);
    find_true_phi(part, truth);
    for (size_t i = 0; i < runs; i++) {
        vmap_factor_bootstrap *whole;

        draw_parts(part, n, rng, x);
        o.replicates = 2;
        whole = replicate(x, n * PARTS, &o, all);
        o.replicates = 200;
        for (size_t g = 0; whole && g < PARTS; g++) {
            vmap_factor_bootstrap *b = replicate(x + g * n * TESTS, n, &o, own);

            if (b && !vmap_congruence_interval(all, own, NULL, b->replicate, b->usable, VMAP_ALIGN_ORTHOGONAL, .95, low, high, NULL)) {
                for (size_t f = 0; f <= TRAITS; f++)
                    count(&t[f == TRAITS], (low[f] + high[f]) / 2, low[f], high[f], truth[g][f]);
            }
            vmap_factor_bootstrap_free(b);
        }
        vmap_factor_bootstrap_free(whole);
    }
    for (size_t g = 0; g < PARTS; g++)
        mean += truth[g][TRAITS] / PARTS;
    printf("four groups of %zu, each with all, all loadings %.3f on average (%zu runs; estimate: middle of the interval)\n", n, mean,
           runs);
    print(&t[0]);
    print(&t[1]);
    fflush(stdout);
    for (size_t g = 0; g < PARTS; g++)
        gsl_matrix_free(part[g]);
    gsl_matrix_free(all);
    gsl_matrix_free(own);
    gsl_rng_free(rng);
    free(x);
}

int main(int argc, char **argv)
{
    static const world worlds[] = {{17, 0, .3}, {17, 60, .3}, {17, 0, .6}, {30, 0, .3}, {60, 0, .3}, {60, 60, .3}};
    size_t runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 400;
    const char *which = argc > 2 ? argv[2] : "";

    if (runs < 10 || (*which && !strstr(" angle spread congruence groups ", which))) {
        fprintf(stderr, "intervals: [RUNS (at least 10) [angle|spread|congruence|groups]]\n");
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
    for (size_t i = 0; (!*which || *which == 'g') && i < 4; i++)
        study_groups(runs / 4, i % 2 ? 600 : 150, i / 2 ? .15 : 0);
    return 0;
}
