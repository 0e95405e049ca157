#include <config.h>

#include <math.h>

#include "core/quantile.h"
#include "support/check.h"

/* R 4.2.2, printed with 15 digits: qf() and qchisq(), and where qf() takes the chi-square distribution, the root of pf()
 * found by uniroot(). GSL's inverses are NaN for the second and the ninth;
 * its distribution functions, which are inverted, differ from R's by 1e-11 in the sixth. */
static void quantiles_are_those_of_r(void)
{
    CHECK_NEAR(quantile_f_above(.025, 4, 10) / 4.46834157822528, 1, 1e-10);
    CHECK_NEAR(quantile_f_above(.025, 2781, 11124) / 1.05997900363011, 1, 1e-10);
    CHECK_NEAR(quantile_f_above(.025, 449999, 449999) / 1.00586060403592, 1, 1e-10);
    CHECK_NEAR(quantile_f_below(.025, 449999, 449999) / 0.994173542524277, 1, 1e-10);
    CHECK_NEAR(quantile_f_below(.025, 1e6, 10) / 0.488202460638287, 1, 1e-10);
    CHECK_NEAR(quantile_f_above(.025, 10, 1e6) / 2.04833051986788, 1, 1e-10);
    CHECK_NEAR(quantile_f_above(.025, 1.5, 7.25) / 6.97073171213788, 1, 1e-10);
    CHECK_NEAR(quantile_chi_square_below(.025, 2.5) / 0.118622942100063, 1, 1e-10);
    CHECK_NEAR(quantile_chi_square_above(.01, 97000) / 98027.5902751913, 1, 1e-10);
    CHECK_NEAR(quantile_chi_square_below(.025, 1e7) / 9991236.6690539, 1, 1e-10);
    CHECK_NEAR(quantile_chi_square_above(.001, 97000) / 98366.8078024718, 1, 1e-10);
    CHECK_NEAR(quantile_chi_square_below(1e-14, 97000) / 93668.5026143202, 1, 1e-10);
}

static void what_has_no_quantile_is_nan(void)
{
    CHECK(isnan(quantile_f_above(0, 3, 4)));
    CHECK(isnan(quantile_f_below(1, 3, 4)));
    CHECK(isnan(quantile_f_below(.5, 0, 4)));
    CHECK(isnan(quantile_f_below(.5, 3, 0)));
    CHECK(isnan(quantile_f_above(NAN, 3, 4)));
    CHECK(isnan(quantile_chi_square_below(.5, -1)));
    CHECK(isnan(quantile_chi_square_above(.5, NAN)));
}

static const test_case cases[] = {
    TEST(quantiles_are_those_of_r),
    TEST(what_has_no_quantile_is_nan),
};
SUITE(core_quantile_suite, cases);
