#include <config.h>

#include <math.h>

#include "core/binormal.h"
#include "support/check.h"

static double tail(double x)
{
    return erfc(x / sqrt(2)) / 2;
}

static const double correlations[] = {
    -1,  -0.999999, -0.99, -0.93, -0.92, -0.76, -0.74, -0.31, -0.29, -1e-9,     0,
    0.1, 0.29,      0.31,  0.5,   0.74,  0.76,  0.92,  0.93,  0.99,  0.9999999, 1};
enum { CORRELATIONS = sizeof correlations / sizeof *correlations };

static const double limits[] = {-6, -2.5, -1, -0.3, 0, 0.2, 0.7, 1.5, 3, 5};
enum { LIMITS = sizeof limits / sizeof *limits };

/* Sheppard (1899), Phil. Trans. R. Soc. A 192, 101-167:
 * P(X > 0, Y > 0) = 1/4 + asin(r) / (2 pi). */
static void the_quadrant_is_sheppards(void)
{
    for (size_t i = 0; i < CORRELATIONS; i++)
        CHECK_NEAR(binormal_upper(0, 0, correlations[i]), 0.25 + asin(correlations[i]) / (2 * M_PI),
                   1e-15);
}

/* By hand: independent variables multiply; Y = X and Y = -X leave one variable. */
static void independent_and_identical_variables(void)
{
    for (size_t i = 0; i < LIMITS; i++) {
        for (size_t j = 0; j < LIMITS; j++) {
            double h = limits[i], k = limits[j];

            CHECK_NEAR(binormal_upper(h, k, 0), tail(h) * tail(k), 1e-15);
            CHECK_NEAR(binormal_upper(h, k, 1), tail(fmax(h, k)), 1e-15);
            CHECK_NEAR(binormal_upper(h, k, -1), fmax(0, tail(h) - tail(-k)), 1e-15);
        }
    }
}

static double get_upper(void *context, size_t row, size_t col)
{
    static const double h[] = {0, 0, 0.3, 1.2, -0.7, 2.5, -1.5, 3.1, -4, 0.5, 6, 1};
    static const double k[] = {0, 1, -0.8, 1.1, -0.7, -2, -2.2, 3, 1.7, 0.5000001, 5.5, -1};
    static const double r[] = {-0.999999, -0.99, -0.93, -0.92, -0.6,  -0.2, 0.1,    0.29,
                               0.31,      0.74,  0.76,  0.924, 0.926, 0.97, 0.9999, 0.99999999};

    (void)context;
    return binormal_upper(h[row], k[row], r[col]);
}

static void orthants_agree_with_r(void)
{
    check_reference("core_binormal.tsv", "upper", 192, get_upper, NULL);
}

static void variables_can_be_exchanged_and_turned(void)
{
    for (size_t c = 0; c < CORRELATIONS; c++) {
        double r = correlations[c];

        for (size_t i = 0; i < LIMITS; i++) {
            for (size_t j = 0; j < LIMITS; j++) {
                double h = limits[i], k = limits[j], p = binormal_upper(h, k, r);

                CHECK_NEAR(binormal_upper(k, h, r), p, 1e-15);
                CHECK_NEAR(p + binormal_upper(h, -k, -r), tail(h), 4e-15);
                CHECK(p >= 0 && p <= fmin(tail(h), tail(k)) + 1e-15);
            }
        }
    }
}

/* More correlation, more probability; the three rules and the expansion meet without a step. */
static void the_orthant_grows_with_the_correlation(void)
{
    for (size_t i = 0; i < LIMITS; i++) {
        for (size_t j = 0; j < LIMITS; j++) {
            double last = binormal_upper(limits[i], limits[j], -1);

            for (int c = -999; c <= 1000; c++) {
                double p = binormal_upper(limits[i], limits[j], c / 1000.0);

                if (!(p >= last - 2e-15))
                    CHECK_NEAR(p, last, 2e-15);
                last = p;
            }
        }
    }
}

static void cells_of_a_partition_sum_to_one(void)
{
    static const double cut[] = {-INFINITY, -2, -0.5, 0.1, 1.4, 4, INFINITY};

    for (size_t c = 0; c < CORRELATIONS; c++) {
        double sum = 0, column = 0;

        for (size_t i = 0; i < 6; i++) {
            for (size_t j = 0; j < 6; j++) {
                double p =
                    binormal_rectangle(cut[i], cut[i + 1], cut[j], cut[j + 1], correlations[c]);

                CHECK(p >= 0);
                sum += p;
                column += i == 2 ? p : 0;
            }
        }
        CHECK_NEAR(sum, 1, 4e-15);
        CHECK_NEAR(column, tail(-0.5) - tail(0.1), 4e-15);
    }
}

static void a_grid_is_its_points(void)
{
    static const double h[] = {-2.5, -0.3, 0, 1.2}, k[] = {-1, 0.4, 3};
    double grid[12];

    for (size_t c = 0; c < CORRELATIONS; c++) {
        double r = correlations[c];

        if (fabs(r) == 1)
            continue;
        binormal_grid(h, 4, k, 3, r, grid);
        for (size_t i = 0; i < 4; i++) {
            for (size_t j = 0; j < 3; j++)
                CHECK_NEAR(grid[i * 3 + j], binormal_upper(-h[i], -k[j], r), 1e-15);
        }
    }
}

/* A cell far down must not drown in the cancellation of probabilities near 1: by symmetry it is the
 * cell far up, and for r = 0 a product. */
static void far_cells_keep_their_digits(void)
{
    double one = tail(8) - tail(9), p = binormal_rectangle(-9, -8, -9, -8, 0);

    CHECK_NEAR(p / (one * one), 1, 1e-12);
    CHECK_NEAR(binormal_rectangle(-9, -8, 0.5, 1, 0) / (one * (tail(0.5) - tail(1))), 1, 1e-12);
    p = binormal_rectangle(8, 9, 8, 9, 0.5);
    CHECK(p > 0);
    CHECK_NEAR(binormal_rectangle(-9, -8, -9, -8, 0.5) / p, 1, 1e-12);
}

static void what_is_no_probability_is_nan(void)
{
    CHECK(isnan(binormal_upper(NAN, 0, 0.5)));
    CHECK(isnan(binormal_upper(0, NAN, 0.5)));
    CHECK(isnan(binormal_upper(0, 0, NAN)));
    CHECK(isnan(binormal_upper(0, 0, 1.0000001)));
    CHECK(isnan(binormal_upper(0, 0, -1.5)));
    CHECK(isnan(binormal_rectangle(0, 1, NAN, 1, 0.5)));
    CHECK(isnan(binormal_rectangle(0, 1, 0, 1, 2)));
}

static void limits_may_be_infinite_or_huge(void)
{
    for (size_t c = 0; c < CORRELATIONS; c++) {
        double r = correlations[c];

        CHECK_NEAR(binormal_upper(-INFINITY, 1, r), tail(1), 1e-15);
        CHECK_NEAR(binormal_upper(0.5, -INFINITY, r), tail(0.5), 1e-15);
        CHECK_NEAR(binormal_upper(-1e300, -1e300, r), 1, 1e-15);
        CHECK_NEAR(binormal_upper(INFINITY, -INFINITY, r), 0, 0);
        CHECK_NEAR(binormal_upper(1e300, 0, r), 0, 0);
        CHECK_NEAR(binormal_upper(30, 29, r), 0, 1e-100);
        CHECK_NEAR(binormal_upper(-30, 29, r), 0, 1e-100);
        CHECK_NEAR(binormal_rectangle(-INFINITY, INFINITY, -INFINITY, INFINITY, r), 1, 1e-15);
        CHECK_NEAR(binormal_rectangle(0.3, 0.3, -1, 1, r), 0, 1e-16);
    }
}

static const test_case cases[] = {
    TEST(the_quadrant_is_sheppards),
    TEST(independent_and_identical_variables),
    TEST(orthants_agree_with_r),
    TEST(variables_can_be_exchanged_and_turned),
    TEST(the_orthant_grows_with_the_correlation),
    TEST(cells_of_a_partition_sum_to_one),
    TEST(a_grid_is_its_points),
    TEST(far_cells_keep_their_digits),
    TEST(what_is_no_probability_is_nan),
    TEST(limits_may_be_infinite_or_huge),
};
SUITE(core_binormal_suite, cases);
