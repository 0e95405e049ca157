#include <config.h>

#include <math.h>
#include <stdlib.h>

#include "core/whole_products.h"
#include "support/check.h"
#include "valuemap/rng.h"

/* The sums by their definition. */
static double sum_of(const uint16_t *count, const int16_t *x, size_t rows, size_t p, size_t i, size_t l)
{
    double sum = 0;

    for (size_t r = 0; r < rows; r++)
        sum += (double)count[r] * (i < p ? x[r * p + i] : 1) * (l < p ? x[r * p + l] : 1);
    return sum;
}

/* Even and odd numbers of rows, up to several blocks; items that fill half a tile of columns and that do not. */
static void sums_are_those_of_the_definition(void)
{
    enum { MOST = 300, REPLICATES = 8 };
    gsl_rng *rng = vmap_rng_new(3, 0);

    for (size_t p = 1; p <= 11; p++) {
        for (size_t rows = 1; rows <= MOST; rows += rows < 5 ? 1 : 59) {
            size_t columns = 1 + p + p * (p + 1) / 2, stride = rows + 3;
            uint16_t *count = calloc(REPLICATES * stride + 1, sizeof *count);
            int16_t *x = calloc(rows * p, sizeof *x);
            double *sums = calloc(REPLICATES * columns, sizeof *sums);

            for (size_t i = 0; i < REPLICATES * stride; i++)
                count[i] = (uint16_t)vmap_rng_below(rng, 9);
            for (size_t i = 0; i < rows * p; i++)
                x[i] = (int16_t)((int)vmap_rng_below(rng, 363) - 181);
            if (whole_products(count, stride, REPLICATES, x, rows, p, sums)) {
                for (size_t b = 0; b < REPLICATES; b++) {
                    const double *s = sums + b * columns;

                    CHECK_NEAR(*s++, sum_of(count + b * stride, x, rows, p, p, p), 0);
                    for (size_t i = 0; i < p; i++)
                        CHECK_NEAR(*s++, sum_of(count + b * stride, x, rows, p, i, p), 0);
                    for (size_t i = 0; i < p; i++) {
                        for (size_t l = 0; l <= i; l++)
                            CHECK_NEAR(*s++, sum_of(count + b * stride, x, rows, p, i, l), 0);
                    }
                }
            }
            free(count);
            free(x);
            free(sums);
        }
    }
    gsl_rng_free(rng);
}

/* -181 x 181 for 65,000 draws is as low as a sum of 32 bits goes. */
static void the_largest_sums_fit(void)
{
    enum { REPLICATES = 4, ROWS = 2 };
    const uint16_t count[REPLICATES * ROWS + 1] = {32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767};
    const int16_t x[ROWS * 2] = {-181, 181, -181, 181};
    double sums[REPLICATES * 6];

    if (whole_products(count, ROWS, REPLICATES, x, ROWS, 2, sums))
        CHECK_NEAR(sums[3 * 6 + 4], -2. * 32767 * 181 * 181, 0);
}

static const test_case cases[] = {
    TEST(sums_are_those_of_the_definition),
    TEST(the_largest_sums_fit),
};
SUITE(core_whole_products_suite, cases);
