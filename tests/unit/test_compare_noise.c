#include <config.h>
#include "valuemap/noise.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "compare/draw.h"
#include "compare/spread.h"
#include "core/sort.h"
#include "support/check.h"
#include "valuemap/rng.h"

/* Fourteen people and nine personas on three points, as in noise.R. */
static const double people[] = {2. / 14, 5. / 14, 7. / 14}, personas[] = {5. / 9, 3. / 9, 1. / 9};
static const double code[] = {1, 2, 3};
static const vmap_noise_pair small = {.pair = {.k = 3, .p = people, .q = personas, .code = code, .n_p = 14, .n_q = 9, .base = 2,
                                               .smoothing = .5}};

static const vmap_metric *metric(const char *name)
{
    const vmap_metric *m = NULL;
    vmap_error err;

    CHECK_OK(vmap_metric_find(name, &m, &err), &err);
    return m;
}

static vmap_noise_options options(size_t replicates)
{
    vmap_noise_options o;

    vmap_noise_defaults(&o);
    o.replicates = replicates;
    return o;
}

static vmap_noise noise_of(const vmap_noise_pair *pair, const char *name, const vmap_noise_options *o)
{
    const vmap_metric *m = metric(name);
    vmap_noise x = {0};
    vmap_error err;

    CHECK_OK(vmap_noise_find(pair, 1, &m, 1, o, &x, &err), &err);
    return x;
}

static double number(void *context, size_t row, size_t col)
{
    (void)row;
    (void)col;
    return *(double *)context;
}

static void check_one(const char *quantity, double value)
{
    check_reference("noise.tsv", quantity, 1, number, &value);
}

static void test_and_floor_are_those_of_all_samples(void)
{
    vmap_noise_options o = options(20000);
    vmap_noise tv = noise_of(&small, "tv", &o), w1 = noise_of(&small, "w1", &o),
               difference = noise_of(&small, "mean_difference", &o);

    check_one("p_tv", tv.p);
    check_one("p_w1", w1.p);
    check_one("p_mean_difference", difference.p);
    check_one("floor_tv", tv.floor);
    check_one("floor_w1", w1.floor);
    check_one("floor_sd_tv", tv.floor_sd);
    check_one("floor_sd_w1", w1.floor_sd);
    check_one("se_mean_difference", difference.se);
    CHECK_NEAR(tv.excess, (tv.value - tv.floor) / tv.floor_sd, 1e-15);
    o.floor = VMAP_FLOOR_HALVES;
    check_one("halves_tv", noise_of(&small, "tv", &o).floor);
}

/* Frequencies of 40,000 draws against gsl_ran_hypergeometric_pdf(): four standard errors. */
static void white_balls_are_hypergeometric(void)
{
    static const unsigned urns[][3] = {{5, 7, 4}, {1, 100, 50}, {30, 2, 31}, {40, 60, 70}, {3, 3, 6}, {0, 4, 2}};
    gsl_rng *rng = vmap_rng_new(1, 1);

    for (size_t u = 0; u < sizeof urns / sizeof *urns; u++) {
        const unsigned *urn = urns[u];
        double count[101] = {0};

        for (int i = 0; i < 40000; i++)
            count[draw_white(rng, urn[0], urn[1], urn[2])]++;
        for (unsigned x = 0; x <= 100; x++) {
            double p = gsl_ran_hypergeometric_pdf(x, urn[0], urn[1], urn[2]);

            CHECK_NEAR(count[x] / 40000, p, 4 * sqrt(p * (1 - p) / 40000) + 1e-12);
        }
    }
    gsl_rng_free(rng);
}

static void drawn_counts_add_up(void)
{
    static const double share[] = {0, .2, .5, .3, 0};
    gsl_rng *rng = vmap_rng_new(2, 1);
    unsigned x[5], y[5];
    double sum[5] = {0};

    for (int i = 0; i < 20000; i++) {
        draw_multinomial(rng, 5, 10, share, x);
        CHECK_COUNT(x[0] + x[1] + x[2] + x[3] + x[4], 10);
        for (int k = 0; k < 5; k++)
            sum[k] += x[k];
    }
    for (int k = 0; k < 5; k++)
        CHECK_NEAR(sum[k] / 200000, share[k], 4 * sqrt(share[k] * (1 - share[k]) / 200000));
    draw_whole_counts(5, share, 11, y); /* 2.2, 5.5, 3.3: the largest remainder takes the last */
    CHECK(y[0] == 0 && y[1] == 2 && y[2] == 6 && y[3] == 3 && y[4] == 0);
    gsl_rng_free(rng);
}

/* Within each stratum nobody differs, between them everybody: the pooled sides differ in composition only, and no shuffle
 * within strata changes that. Shuffling over the whole group finds it. */
static void labels_are_shuffled_within_strata_only(void)
{
    static const double low[] = {1, 0, 0}, high[] = {0, 0, 1}, p[] = {.9, 0, .1}, q[] = {.2, 0, .8};
    const vmap_noise_stratum strata[] = {{low, low, 90, 20, 90, 20}, {high, high, 10, 80, 10, 80}};
    vmap_noise_pair pair = {.pair = {3, p, q, code, 100, 100, 2, .5}};
    vmap_noise_options o = options(199);

    CHECK_NEAR(noise_of(&pair, "tv", &o).p, 1. / 200, 1e-15);
    pair.strata = strata;
    pair.strata_count = 2;
    CHECK_NEAR(noise_of(&pair, "tv", &o).p, 1, 1e-15);
}

static void a_side_that_is_alone_in_a_stratum_stays(void)
{
    static const double p[] = {.5, .5, 0}, q[] = {.5, 0, .5}, nobody[] = {NAN, NAN, NAN}, low[] = {1, 0, 0}, middle[] = {0, 1, 0},
                        high[] = {0, 0, 1};
    const vmap_noise_stratum strata[] = {{low, low, 10, 10, 10, 10}, {middle, nobody, 10, 0, 10, 0}, {nobody, high, 0, 10, 0, 10}};
    vmap_noise_pair pair = {.pair = {3, p, q, code, 20, 20, 2, .5}, .strata = strata, .strata_count = 3};
    vmap_noise_options o = options(99);

    CHECK_NEAR(noise_of(&pair, "tv", &o).p, 1, 1e-15);
    CHECK_NEAR(noise_of(&pair, "tv", &o).value, .5, 1e-15);
}

/* For every metric: the interval holds what it should, the ends lie in the range, p is a p value. */
static void intervals_are_in_order_for_every_metric(void)
{
    vmap_noise_options o = options(199);

    o.margin = .3;
    for (size_t i = 0; i < vmap_metrics_count; i++) {
        const vmap_metric *m = &vmap_metrics[i];
        vmap_noise x = noise_of(&small, m->name, &o);

        CHECK(x.p > 0 && x.p <= 1);
        if (isnan(x.low))
            continue;
        CHECK(x.low <= x.high);
        CHECK(x.se > 0);
        CHECK(isnan(x.p_equivalent) || (x.p_equivalent > 0 && x.p_equivalent <= 1));
        CHECK(isnan(x.p_equivalent) == (m->kind == VMAP_METRIC_RATIO));
        if (m->kind == VMAP_METRIC_DISTANCE) {
            CHECK(x.low >= 0 && x.corrected >= x.low && x.corrected <= x.high);
            CHECK(x.high <= m->most(&small.pair) + 1e-12);
        }
        if (m->kind == VMAP_METRIC_SIMILARITY)
            CHECK(x.high <= m->same && x.corrected >= x.low && x.corrected <= x.high);
    }
}

static void overlap_mirrors_total_variation(void)
{
    vmap_noise_options o = options(199);
    vmap_noise a = noise_of(&small, "tv", &o), b = noise_of(&small, "overlap", &o);

    CHECK_NEAR(b.low, 1 - a.high, 1e-12);
    CHECK_NEAR(b.high, 1 - a.low, 1e-12);
    CHECK_NEAR(b.corrected, 1 - a.corrected, 1e-12);
    CHECK_NEAR(b.p, a.p, 1e-15);
    CHECK_NEAR(b.detectable, a.detectable, 1e-12);
    CHECK_NEAR(b.floor, 1 - a.floor, 1e-12);
}

static void equal_samples_are_no_farther_than_the_floor(void)
{
    static const double almost[] = {2. / 14 + .002, 5. / 14, 7. / 14 - .002};
    vmap_noise_pair pair = small;
    vmap_noise_options o = options(499);
    vmap_noise x;

    pair.pair.q = people;
    pair.pair.n_p = pair.pair.n_q = 1000;
    o.margin = .2;
    x = noise_of(&pair, "tv", &o);
    CHECK_NEAR(x.value, 0, 0);
    CHECK_NEAR(x.low, 0, 0);
    CHECK_NEAR(x.corrected, 0, 0);
    CHECK_NEAR(x.p, 1, 0);
    CHECK(x.excess < 0 && x.high < .1);
    CHECK(x.p_equivalent < .01);
    CHECK(x.detectable > .03 && x.detectable < .2);
    pair.pair.q = almost; /* a small difference: the line reaches farther than it */
    x = noise_of(&pair, "tv", &o);
    CHECK(x.p_equivalent < .01);
    CHECK(x.detectable > .03 && x.detectable < .2);
}

static void results_do_not_depend_on_threads_or_on_other_pairs(void)
{
    const vmap_metric *m[] = {metric("tv"), metric("w1")};
    vmap_noise_pair pairs[7];
    vmap_noise one[14], four[14], alone[2];
    vmap_noise_options o = options(99);
    vmap_error err;

    for (size_t i = 0; i < 7; i++) {
        pairs[i] = small;
        pairs[i].stream = i;
    }
    o.threads = 1;
    CHECK_OK(vmap_noise_find(pairs, 7, m, 2, &o, one, &err), &err);
    CHECK_OK(vmap_noise_find(pairs + 5, 1, m, 2, &o, alone, &err), &err);
    o.threads = 4;
    CHECK_OK(vmap_noise_find(pairs, 7, m, 2, &o, four, &err), &err);
    CHECK(memcmp(one, four, sizeof one) == 0);
    CHECK(memcmp(one + 10, alone, sizeof alone) == 0);
    CHECK(one[0].floor != one[2].floor);
}

static void what_is_not_defined_is_not_a_number(void)
{
    static const double low[] = {1, 0, 0}, high[] = {0, 0, 1};
    vmap_noise_pair pair = {.pair = {3, low, high, code, 5, 5, 2, 0}};
    vmap_noise_options o = options(99);

    CHECK(isnan(noise_of(&pair, "variance_ratio", &o).p));
    CHECK(isinf(noise_of(&pair, "kl", &o).value));
    CHECK(isnan(noise_of(&pair, "kl", &o).low));
}

static void settings_that_make_no_sense_are_refused(void)
{
    const vmap_metric *m = metric("tv");
    vmap_noise_options o = options(18);
    vmap_noise x;
    vmap_error err;

    CHECK_FAILS(vmap_noise_find(&small, 1, &m, 1, &o, &x, &err), VMAP_EINVAL, &err, "18 replicates");
    o = options(99);
    o.margin = 0;
    CHECK_FAILS(vmap_noise_find(&small, 1, &m, 1, &o, &x, &err), VMAP_EINVAL, &err, "margin 0");
    o = options(99);
    o.level = 1;
    CHECK_FAILS(vmap_noise_find(&small, 1, &m, 1, &o, &x, &err), VMAP_EINVAL, &err, "level 1");
}

/* 200,000 draws beside the probabilities of GSL, pooled where fewer than 5 are expected; the 99.9 % point of chi-square
 * with so many degrees of freedom is not passed. Both ways of drawing, both sides of a half, and a large n. */
static void binomial_draws_have_their_probabilities(void)
{
    static const struct { double p; unsigned n; } of[] = {{.03, 40}, {.5, 10}, {.4, 60}, {.73, 300}, {.01, 3000}, {.2, 50}, {.9, 7}};
    enum { DRAWS = 200000, MOST = 3001 };
    gsl_rng *rng = vmap_rng_new(5, 1);

    for (size_t c = 0; c < sizeof of / sizeof *of; c++) {
        static unsigned count[MOST];
        double expected = 0, observed = 0, chi2 = 0;
        unsigned freedom = 0;

        memset(count, 0, sizeof count);
        for (int i = 0; i < DRAWS; i++)
            count[draw_binomial(rng, of[c].p, of[c].n)]++;
        for (unsigned x = 0; x <= of[c].n; x++) {
            expected += DRAWS * gsl_ran_binomial_pdf(x, of[c].p, of[c].n);
            observed += count[x];
            if (expected < 5 && x < of[c].n)
                continue;
            if (expected >= 1e-9)
                chi2 += (observed - expected) * (observed - expected) / fmax(expected, 1);
            freedom++;
            expected = observed = 0;
        }
        if (!CHECK(gsl_cdf_chisq_Q(chi2, freedom - 1) > .001))
            fprintf(stderr, "  n %u, p %g: chi-square %g with %u\n", of[c].n, of[c].p, chi2, freedom - 1);
    }
    gsl_rng_free(rng);
}

/* The standard error is that of the whole analysis, and the percentiles are those of all samples of the small case. */
static void the_bootstrap_alone_is_the_same(void)
{
    vmap_noise_options o;
    const vmap_metric *metric[2] = {NULL, NULL};
    vmap_noise found[2];
    vmap_noise_spread spread[2];
    vmap_error err;

    vmap_noise_defaults(&o);
    o.replicates = 2000;
    CHECK_OK(vmap_metric_find("tv", &metric[0], &err), &err);
    CHECK_OK(vmap_metric_find("mean_difference", &metric[1], &err), &err);
    CHECK_OK(vmap_noise_find(&small, 1, metric, 2, &o, found, &err), &err);
    CHECK_OK(vmap_noise_bootstrap(&small, 1, metric, 2, &o, spread, &err), &err);
    for (int i = 0; i < 2; i++) {
        CHECK_NEAR(spread[i].value, found[i].value, 0);
        CHECK_NEAR(spread[i].se, found[i].se, 1e-14);
    }
    CHECK_NEAR(spread[1].low, found[1].low, 0);
    CHECK_NEAR(spread[1].high, found[1].high, 0);
    CHECK(spread[0].mean > spread[0].value && spread[0].low < spread[0].mean && spread[0].mean < spread[0].high);
    o.replicates = 5;
    CHECK_FAILS(vmap_noise_bootstrap(&small, 1, metric, 2, &o, spread, &err), VMAP_EINVAL, &err, "5 replicates");
}

/* What follows from all numbers in order (GSL); a sample that misleads: sorted, with ties, constant, skewed. */
static void spreads_are_those_of_all_numbers_in_order(void)
{
    enum { N = 1500 };
    static double x[N], sorted[N], room[2 * N];
    gsl_rng *rng = vmap_rng_new(8, 0);

    for (int round = 0; round < 400; round++) {
        size_t n = round < 40 ? 19 + (size_t)round * 13 : 200 + vmap_rng_below(rng, N - 200);
        double tail = round % 3 ? .025 : .005 + .2 * gsl_rng_uniform(rng);
        vmap_noise_spread found;

        for (size_t i = 0; i < n; i++) {
            double u = gsl_rng_uniform_pos(rng);

            x[i] = round % 5 == 0 ? (double)i : round % 5 == 1 ? floor(5 * u) : round % 5 == 2 ? -log(u) : round % 5 == 3 ? pow(u, 9) : 7;
        }
        memcpy(sorted, x, n * sizeof *x);
        gsl_sort(sorted, 1, n);
        spread_find(x, n, tail, room, &found);
        CHECK_NEAR(found.low, gsl_stats_quantile_from_sorted_data(sorted, 1, n, tail), 1e-12 * (double)n);
        CHECK_NEAR(found.high, gsl_stats_quantile_from_sorted_data(sorted, 1, n, 1 - tail), 1e-12 * (double)n);
        CHECK_NEAR(found.mean, gsl_stats_mean(sorted, 1, n), 1e-12 * (double)n);
        CHECK_NEAR(found.se, gsl_stats_sd(sorted, 1, n), 1e-12 * (double)n);
    }
    x[3] = INFINITY;
    {
        vmap_noise_spread found;

        spread_find(x, 300, .025, room, &found);
        CHECK(isnan(found.mean) && isnan(found.se) && isnan(found.low) && isnan(found.high));
    }
    gsl_rng_free(rng);
}

/* 3 x 10 groups of which one has no answers. The standard error of a difference of means has its formula, sqrt(s_p^2 / n_p + s_q^2 /
 * n_q); other metrics have what the bootstrap of single pairs finds, up to what chance does to 3,000 replicates of each. A pair
 * does not hang on threads and on the groups beside it. */
static void all_pairs_of_groups_are_resampled(void)
{
    enum { A = 3, B = 10, K = 4, M = 5, N = 3000 };
    static const char *const names[M] = {"mean_difference", "tv", "js_distance", "w1_scaled", "variance_ratio"};
    static const double x[K] = {1, 2, 3, 5};
    const vmap_metric *metrics[M];
    double p[A * K], q[B * K], n_p[A], n_q[B];
    static vmap_noise_spread found[M * A * B], again[M * A * B], one[M], *to[] = {found}, *to_again[] = {again}, *to_one[] = {one};
    vmap_noise_options o = options(N);
    vmap_metric_grid grid = {K, x, A, B, p, q, n_p, n_q}, first = {K, x, 1, 1, p, q, n_p, n_q};
    gsl_rng *rng = vmap_rng_new(31, 0);
    vmap_error err;

    for (size_t m = 0; m < M; m++)
        metrics[m] = metric(names[m]);
    for (size_t g = 0; g < A + B; g++) {
        double *to_share = g < A ? p + g * K : q + (g - A) * K, sum = 0;

        for (size_t i = 0; i < K; i++)
            sum += to_share[i] = .2 + gsl_rng_uniform(rng);
        for (size_t i = 0; i < K; i++)
            to_share[i] /= sum;
        *(g < A ? &n_p[g] : &n_q[g - A]) = 60 + 20 * (double)g;
    }
    q[7 * K] = NAN;
    o.threads = 1;
    CHECK_OK(vmap_noise_bootstrap_grids(metrics, M, &grid, 1, 2, .5, &o, to, &err), &err);
    o.threads = 3;
    CHECK_OK(vmap_noise_bootstrap_grids(metrics, M, &grid, 1, 2, .5, &o, to_again, &err), &err);
    CHECK_OK(vmap_noise_bootstrap_grids(metrics, M, &first, 1, 2, .5, &o, to_one, &err), &err);
    CHECK(memcmp(found, again, sizeof found) == 0);
    for (size_t m = 0; m < M; m++)
        CHECK(memcmp(&one[m], &found[m * A * B], sizeof one[m]) == 0);
    for (size_t at = 0; at < A * B; at++) {
        size_t a = at / B, b = at % B;
        vmap_noise_pair pair = {.pair = {K, p + a * K, q + b * K, x, n_p[a], n_q[b], 2, .5}, .stream = at};
        vmap_noise_spread own[M];
        double mean[2] = {0}, square[2] = {0};

        if (b == 7) {
            for (size_t m = 0; m < M; m++)
                CHECK(isnan(found[m * A * B + at].value) && isnan(found[m * A * B + at].se));
            continue;
        }
        for (size_t i = 0; i < K; i++) {
            for (int side = 0; side < 2; side++) {
                double share = side ? q[b * K + i] : p[a * K + i];

                mean[side] += share * x[i];
                square[side] += share * x[i] * x[i];
            }
        }
        CHECK_NEAR(found[at].se / sqrt((square[0] - mean[0] * mean[0]) / n_p[a] + (square[1] - mean[1] * mean[1]) / n_q[b]), 1, .06);
        CHECK_OK(vmap_noise_bootstrap(&pair, 1, metrics, M, &o, own, &err), &err);
        for (size_t m = 0; m < M; m++) {
            const vmap_noise_spread *f = &found[m * A * B + at];

            CHECK_NEAR(f->value, own[m].value, 0);
            CHECK_NEAR(f->mean, own[m].mean, .15 * own[m].se);
            CHECK_NEAR(f->se / own[m].se, 1, .12);
            CHECK_NEAR(f->low, own[m].low, .3 * own[m].se);
            CHECK_NEAR(f->high, own[m].high, .4 * own[m].se);
        }
    }
    o.replicates = 5;
    CHECK_FAILS(vmap_noise_bootstrap_grids(metrics, M, &grid, 1, 2, .5, &o, to, &err), VMAP_EINVAL, &err, "5 replicates");
    o.replicates = 100;
    p[0] += 1;
    CHECK_FAILS(vmap_noise_bootstrap_grids(metrics, M, &grid, 1, 2, .5, &o, to, &err), VMAP_EINVAL, &err, "");
    gsl_rng_free(rng);
}

static void numbers_are_sorted(void)
{
    enum { N = 3000 };
    static double x[N], y[N];
    gsl_rng *rng = vmap_rng_new(3, 0);

    for (int round = 0; round < 200; round++) {
        size_t n = round < 60 ? (size_t)round : vmap_rng_below(rng, N), few = 1 + vmap_rng_below(rng, round % 2 ? 5 : N);

        for (size_t i = 0; i < n; i++)
            x[i] = y[i] = round % 7 == 3 ? (double)i : round % 7 == 4 ? -(double)i : (double)vmap_rng_below(rng, few);
        sort_numbers(x, n);
        gsl_sort(y, 1, n);
        CHECK(memcmp(x, y, n * sizeof *x) == 0);
        for (size_t k = 0; k < n; k += 1 + n / 7) {
            for (size_t i = 0; i < n; i++)
                x[i] = y[(i * 7 + 3 * k) % n]; /* a permutation unless 7 divides n */
            sort_until(x, n, k);
            if (n % 7)
                CHECK_NEAR(x[k], y[k], 0);
        }
    }
    gsl_rng_free(rng);
}

/* Personas who all say the same have a ratio of variances of 0, as far from 1 as can be. */
static void a_ratio_of_zero_is_extreme(void)
{
    const double codes[] = {1, 2, 3}, p[] = {.3, .4, .3}, q[] = {0, 1, 0};
    const vmap_noise_pair pair = {.pair = {3, p, q, codes, 100, 100, 2, .5}};
    const vmap_metric *metric[2];
    vmap_noise_options o;
    vmap_noise found[2];
    vmap_error err;

    vmap_noise_defaults(&o);
    o.replicates = 99;
    CHECK_OK(vmap_metric_find("variance_ratio", &metric[0], &err), &err);
    CHECK_OK(vmap_metric_find("entropy_ratio", &metric[1], &err), &err);
    CHECK_OK(vmap_noise_find(&pair, 1, metric, 2, &o, found, &err), &err);
    for (size_t i = 0; i < 2; i++) {
        CHECK_NEAR(found[i].value, 0, 0);
        CHECK_NEAR(found[i].p, .01, 1e-15); /* none of 99 shuffles is as far */
    }
}

static const test_case cases[] = {
    TEST(the_bootstrap_alone_is_the_same),
    TEST(spreads_are_those_of_all_numbers_in_order),
    TEST(all_pairs_of_groups_are_resampled),
    TEST(numbers_are_sorted),
    TEST(binomial_draws_have_their_probabilities),
    TEST(test_and_floor_are_those_of_all_samples),
    TEST(white_balls_are_hypergeometric),
    TEST(drawn_counts_add_up),
    TEST(labels_are_shuffled_within_strata_only),
    TEST(a_side_that_is_alone_in_a_stratum_stays),
    TEST(intervals_are_in_order_for_every_metric),
    TEST(overlap_mirrors_total_variation),
    TEST(equal_samples_are_no_farther_than_the_floor),
    TEST(results_do_not_depend_on_threads_or_on_other_pairs),
    TEST(what_is_not_defined_is_not_a_number),
    TEST(settings_that_make_no_sense_are_refused),
    TEST(a_ratio_of_zero_is_extreme),
};
SUITE(compare_noise_suite, cases);
