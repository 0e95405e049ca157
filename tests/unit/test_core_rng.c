#include <config.h>

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "core/rng_lanes.h"
#include "support/check.h"
#include "valuemap/rng.h"

/* The generator's state is its four 64-bit words. */
static void set_state(gsl_rng *rng, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t words[4] = {a, b, c, d};

    memcpy(rng->state, words, sizeof words);
}

/* gsl_rng_get() gives the upper half of a step, gsl_rng_uniform() its upper 53 bits. Source: the
 * authors' xoshiro256plusplus.c from the state {1, 2, 3, 4}; the same list stands in the tests of
 * the Rust crate rand_xoshiro. */
static void outputs_are_those_of_xoshiro256plusplus(void)
{
    static const uint64_t known[] = {
        41943041u,
        58720359u,
        3588806011781223u,
        3591011842654386u,
        9228616714210784205u,
        9973669472204895162u,
        14011001112246962877u,
        12406186145184390807u,
        15849039046786891736u,
        10450023813501588000u,
    };
    gsl_rng *rng = vmap_rng_new(0, 0), *twin = vmap_rng_new(0, 0);

    set_state(rng, 1, 2, 3, 4);
    set_state(twin, 1, 2, 3, 4);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        CHECK_COUNT(gsl_rng_get(rng), known[i] >> 32);
        CHECK_NEAR(gsl_rng_uniform(twin), (double)(known[i] >> 11) / 9007199254740992.0, 0);
    }
    gsl_rng_free(rng);
    gsl_rng_free(twin);
}

/* splitmix64 from the state 1234567 gives the four words below (published with the algorithm's
 * descriptions); 11906536674387683726 is the seed whose first splitmix64 output is 1234567. */
static void the_state_is_filled_by_splitmix64(void)
{
    static const uint64_t known[4] = {6457827717110365317u, 3203168211198807973u,
                                      9817491932198370423u, 4593380528125082431u};
    gsl_rng *rng = vmap_rng_new(11906536674387683726u, 0);

    CHECK(memcmp(rng->state, known, sizeof known) == 0);
    gsl_rng_free(rng);
}

static void a_stream_can_be_entered_again(void)
{
    gsl_rng *a = vmap_rng_new(42, 7), *b = vmap_rng_new(1, 1);
    double first[16];

    for (int i = 0; i < 16; i++)
        first[i] = gsl_rng_uniform(a);
    vmap_rng_set(b, 42, 7);
    for (int i = 0; i < 16; i++)
        CHECK_NEAR(gsl_rng_uniform(b), first[i], 0);
    gsl_rng_set(a, 9);
    vmap_rng_set(b, 9, 0);
    CHECK_NEAR(gsl_rng_uniform(a), gsl_rng_uniform(b), 0);
    gsl_rng_free(a);
    gsl_rng_free(b);
}

/* 64 neighbouring (seed, stream) pairs: no two sequences alike, and uncorrelated ones. With 20000
 * numbers a correlation has a standard error of .007. */
static void streams_are_unrelated(void)
{
    enum { STREAMS = 64, LENGTH = 20000 };
    uint64_t first[STREAMS];
    gsl_rng *a = vmap_rng_new(5, 0), *b = vmap_rng_new(5, 1);
    double product = 0;

    for (uint64_t s = 0; s < STREAMS; s++) {
        vmap_rng_set(a, s / 8, s % 8);
        memcpy(&first[s], a->state, sizeof first[s]);
        for (uint64_t t = 0; t < s; t++)
            CHECK(first[s] != first[t]);
    }
    vmap_rng_set(a, 5, 0);
    for (int i = 0; i < LENGTH; i++)
        product += (gsl_rng_uniform(a) - .5) * (gsl_rng_uniform(b) - .5) * 12;
    CHECK_NEAR(product / LENGTH, 0, .035);
    gsl_rng_free(a);
    gsl_rng_free(b);
}

/* Chi-squared of 60000 throws of a die: 5 degrees of freedom, 20.5 is exceeded once in 1000 times.
 */
static void whole_numbers_are_evenly_spread(void)
{
    gsl_rng *rng = vmap_rng_new(6, 0);
    double count[6] = {0}, chi2 = 0;

    for (int i = 0; i < 60000; i++)
        count[vmap_rng_below(rng, 6)]++;
    for (int i = 0; i < 6; i++)
        chi2 += (count[i] - 10000) * (count[i] - 10000) / 10000;
    CHECK(chi2 < 20.5);
    gsl_rng_free(rng);
}

/* n = 3 x 2^62: four 64-bit numbers share three results. Multiplying without rejection would give
 * every third result twice as often, a remainder the lower third. */
static void huge_ranges_are_unbiased_too(void)
{
    gsl_rng *rng = vmap_rng_new(7, 0);
    size_t n = (size_t)3 << 62, third = (size_t)1 << 62, low = 0, multiple = 0;

    for (int i = 0; i < 30000; i++) {
        size_t x = vmap_rng_below(rng, n);

        CHECK(x < n);
        low += x < third;
        multiple += x % 3 == 0;
    }
    CHECK_NEAR((double)low / 30000, 1. / 3, .012);
    CHECK_NEAR((double)multiple / 30000, 1. / 3, .012);
    gsl_rng_free(rng);
}

/* 2^64 times the distribution function, rounded down, in numbers that have 64 bits; false beyond 2^64. */
static bool poisson_below(int k, uint64_t *below)
{
    long double term = expl(-31.L / 32), sum = 0;

    for (int i = 0; i <= k; i++, term *= 31.L / 32 / i)
        sum += term;
    *below = (uint64_t)ldexpl(sum, 64);
    return sum < 1;
}

static int poisson_of(uint64_t u)
{
    uint64_t below;
    int k = 0;

    while (k < 19 && poisson_below(k, &below) && u >= below)
        k++;
    return k;
}

/* The lower 48 bits do not matter. */
static bool is_settled(uint64_t x)
{
    return poisson_of(x << 48) == poisson_of(x << 48 | UINT64_MAX >> 16);
}

/* The next number of 64 bits: x (2^64 - 1) / 2^64 is x - 1 for all but 0. */
static uint64_t next_number(gsl_rng *rng)
{
    return (uint64_t)vmap_rng_below(rng, SIZE_MAX) + 1;
}

/* By the definition, in one lane: settled ones, then the others. */
static void count_again(gsl_rng *rng, size_t rows, uint8_t *count)
{
    uint64_t *word = calloc(rows + 4, sizeof *word);

    for (size_t row = 0; row < rows; row += 4) {
        uint64_t x = next_number(rng);

        for (size_t r = row; r < row + 4; r++, x >>= 16)
            word[r] = x & 0xFFFF;
    }
    for (size_t row = 0; row < rows; row++) {
        uint64_t rest = is_settled(word[row]) ? 0 : next_number(rng) >> 16;

        count[row] = (uint8_t)poisson_of(word[row] << 48 | rest);
    }
    free(word);
}

/* Enough rows for some that 16 bits do not settle, and one that is alone in its quad. */
static void counts_side_by_side_are_those_of_the_definition(void)
{
    enum { ROWS = 20001 };
    gsl_rng *rng[RNG_LANES], *alone = vmap_rng_new(7, 0);
    uint8_t *drawn = calloc((ROWS + 3) * RNG_LANES, 1), *count = calloc(ROWS, 1);

    for (size_t l = 0; l < RNG_LANES; l++)
        rng[l] = vmap_rng_new(7, l);
    rng_poisson_lanes(rng, ROWS, drawn);
    for (size_t l = 0; l < RNG_LANES; l++) {
        size_t wrong = 0;

        vmap_rng_set(alone, 7, l);
        count_again(alone, ROWS, count);
        for (size_t row = 0; row < ROWS; row++)
            wrong += drawn[rng_lane_at(row, l)] != count[row];
        CHECK_COUNT(wrong, 0);
        CHECK(memcmp(rng[l]->state, alone->state, 4 * sizeof(uint64_t)) == 0);
        CHECK_COUNT(drawn[rng_lane_at(ROWS, l)], 0); /* the quad's other rows are not there */
        gsl_rng_free(rng[l]);
    }
    gsl_rng_free(alone);
    free(drawn);
    free(count);
}

/* GSL's probabilities; chi-square of 8 classes, 99.99 %: 29.88 (qchisq(.9999, 7)). */
static void counts_have_poissons_distribution(void)
{
    enum { ROWS = 250000, CLASSES = 8 };
    gsl_rng *rng[RNG_LANES];
    uint8_t *drawn = calloc(ROWS * RNG_LANES, 1);
    double found[CLASSES] = {0}, chi = 0;

    for (size_t l = 0; l < RNG_LANES; l++)
        rng[l] = vmap_rng_new(11, l);
    rng_poisson_lanes(rng, ROWS, drawn);
    for (size_t i = 0; i < (size_t)ROWS * RNG_LANES; i++)
        found[drawn[i] < CLASSES ? drawn[i] : CLASSES - 1]++;
    for (unsigned k = 0; k < CLASSES; k++) {
        double p = k < CLASSES - 1 ? gsl_ran_poisson_pdf(k, 31. / 32) : gsl_cdf_poisson_Q(k - 1, 31. / 32);
        double expected = p * ROWS * RNG_LANES;

        chi += (found[k] - expected) * (found[k] - expected) / expected;
    }
    CHECK(chi < 29.88);
    for (size_t l = 0; l < RNG_LANES; l++)
        gsl_rng_free(rng[l]);
    free(drawn);
}

static void gsl_distributions_work_on_it(void)
{
    gsl_rng *rng = vmap_rng_new(8, 0);
    double sum = 0, squares = 0;

    for (int i = 0; i < 40000; i++) {
        double x = gsl_ran_ugaussian(rng);

        sum += x;
        squares += x * x;
    }
    CHECK_NEAR(sum / 40000, 0, .02);
    CHECK_NEAR(squares / 40000, 1, .03);
    CHECK_COUNT(gsl_rng_max(rng), 0xFFFFFFFFu);
    CHECK_COUNT(gsl_rng_min(rng), 0);
    gsl_rng_free(rng);
}

static void one_possible_number_is_zero(void)
{
    gsl_rng *rng = vmap_rng_new(9, 0);

    for (int i = 0; i < 10; i++)
        CHECK_COUNT(vmap_rng_below(rng, 1), 0);
    gsl_rng_free(rng);
}

static const test_case cases[] = {
    TEST(outputs_are_those_of_xoshiro256plusplus),
    TEST(the_state_is_filled_by_splitmix64),
    TEST(a_stream_can_be_entered_again),
    TEST(streams_are_unrelated),
    TEST(whole_numbers_are_evenly_spread),
    TEST(huge_ranges_are_unbiased_too),
    TEST(counts_side_by_side_are_those_of_the_definition),
    TEST(counts_have_poissons_distribution),
    TEST(gsl_distributions_work_on_it),
    TEST(one_possible_number_is_zero),
};
SUITE(core_rng_suite, cases);
