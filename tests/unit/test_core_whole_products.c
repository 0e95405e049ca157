#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/whole_products.h"
#include "support/check.h"
#include "valuemap/rng.h"

enum { REPLICATES = 8, MOST = 600 };

static uint8_t count_of(const uint8_t *count, size_t quads, size_t b, size_t row)
{
    return count[b / 4 * quads * 16 + row / 4 * 16 + b % 4 * 4 + row % 4];
}

/* The sums by their definition. */
static double sum_of(const uint8_t *count, size_t quads, size_t b, const int16_t *x, size_t p, size_t from, size_t to, size_t i,
                     size_t l)
{
    double sum = 0;

    for (size_t r = from; r < to; r++)
        sum += (double)count_of(count, quads, b, r) * (i < p ? x[r * p + i] : 1) * (l < p ? x[r * p + l] : 1);
    return sum;
}

static void compare(const uint8_t *count, const int16_t *x, size_t p, size_t from, size_t to, int largest)
{
    size_t quads = (to + 3) / 4, columns = 1 + p + p * (p + 1) / 2;
    double *sums = calloc(REPLICATES * columns, sizeof *sums);

    if (whole_products(count, quads, REPLICATES, x, p, from, to, largest, sums)) {
        for (size_t b = 0; b < REPLICATES; b++) {
            const double *s = sums + b * columns;

            CHECK_NEAR(*s++, sum_of(count, quads, b, x, p, from, to, p, p), 0);
            for (size_t i = 0; i < p; i++)
                CHECK_NEAR(*s++, sum_of(count, quads, b, x, p, from, to, i, p), 0);
            for (size_t i = 0; i < p; i++) {
                for (size_t l = 0; l <= i; l++)
                    CHECK_NEAR(*s++, sum_of(count, quads, b, x, p, from, to, i, l), 0);
            }
        }
    }
    free(sums);
}

/* Rows that begin and end anywhere in a quad, up to several blocks; items that fill any number of registers; products of
 * 8 and of 16 bits. */
static void sums_are_those_of_the_definition(void)
{
    gsl_rng *rng = vmap_rng_new(3, 0);
    uint8_t count[REPLICATES * (MOST + 4)];

    for (size_t p = 1; p <= 31; p += p < 11 ? 1 : 4) {
        for (int largest = 11; largest <= 181; largest += 170) {
            int16_t *x = calloc(MOST * p, sizeof *x);

            for (size_t i = 0; i < sizeof count; i++)
                count[i] = (uint8_t)vmap_rng_below(rng, 9);
            for (size_t i = 0; i < MOST * p; i++)
                x[i] = (int16_t)((int)vmap_rng_below(rng, (size_t)(2 * largest + 1)) - largest);
            for (size_t from = 0; from < 7; from += 1 + from / 3) {
                for (size_t to = from + 1; to <= MOST; to += to < from + 6 ? 1 : 197)
                    compare(count, x, p, from, to, largest);
            }
            free(x);
        }
    }
    gsl_rng_free(rng);
}

/* Counts of 127 of the largest products: -128 < -11 x 11 and -32768 < -181 x 181. */
static void the_largest_products_fit(void)
{
    uint8_t count[REPLICATES * 16];
    const int16_t large[] = {-181, 181, -181, 181, -181, 181, -181, 181}, small[] = {-11, 11, -11, 11, -11, 11, -11, 11};

    memset(count, 127, sizeof count);
    compare(count, large, 2, 0, 4, 181);
    compare(count, small, 2, 0, 4, 11);
}

static const test_case cases[] = {
    TEST(sums_are_those_of_the_definition),
    TEST(the_largest_products_fit),
};
SUITE(core_whole_products_suite, cases);
