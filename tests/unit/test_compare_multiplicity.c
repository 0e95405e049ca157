#include <config.h>
#include "valuemap/multiplicity.h"

#include <math.h>

#include <gsl/gsl_rng.h>

#include "support/check.h"
#include "valuemap/rng.h"

static void adjusted_values_are_those_of_r(void)
{
    gsl_matrix *p = read_reference("multiplicity.tsv", "p");
    double adjusted[18];
    gsl_vector_view view = gsl_vector_view_array(adjusted, 18);
    vmap_error err;

    CHECK_COUNT(vmap_adjustments_count, 6);
    for (size_t i = 0; i < vmap_adjustments_count; i++) {
        CHECK_OK(vmap_adjust(&vmap_adjustments[i], p->data, 18, adjusted, &err), &err);
        check_reference("multiplicity.tsv", vmap_adjustments[i].name, 18, get_vector_element,
                        &view.vector);
    }
    gsl_matrix_free(p);
}

/* Hochberg (1988), Biometrika 75, 800-802: never larger than Holm, which is never larger than
 * Bonferroni; BH is never larger than Hochberg. Order is kept and p never falls. */
static void methods_are_ordered_by_their_power(void)
{
    gsl_rng *rng = vmap_rng_new(8, 0);
    const char *const order[] = {"none", "bh", "hochberg", "holm", "bonferroni"};

    for (int t = 0; t < 200; t++) {
        double p[9], last[9], now[9];
        vmap_error err;

        for (int i = 0; i < 9; i++)
            p[i] = pow(gsl_rng_uniform(rng), 3);
        for (int m = 0; m < 5; m++) {
            const vmap_adjustment *adjustment = NULL;

            CHECK_OK(vmap_adjustment_find(order[m], &adjustment, &err), &err);
            CHECK_OK(vmap_adjust(adjustment, p, 9, now, &err), &err);
            for (int i = 0; i < 9; i++) {
                CHECK(now[i] <= 1);
                CHECK(!m || now[i] >= last[i] * (1 - 1e-15));
                for (int j = 0; j < 9; j++)
                    CHECK(p[i] >= p[j] || now[i] <= now[j]);
            }
            for (int i = 0; i < 9; i++)
                last[i] = now[i];
        }
    }
    gsl_rng_free(rng);
}

static void values_outside_their_range_and_unknown_names_are_refused(void)
{
    const vmap_adjustment *adjustment = NULL;
    double p[3] = {.1, 1.5, .2}, out[3] = {7, 7, 7};
    vmap_error err;

    CHECK_FAILS(vmap_adjust(&vmap_adjustments[2], p, 3, out, &err), VMAP_EINVAL, &err,
                "p value 2 is 1.5");
    CHECK_NEAR(out[0], 7, 0);
    CHECK_FAILS(vmap_adjustment_find("sidak", &adjustment, &err), VMAP_ENOENT, &err, "sidak");
}

static void no_test_and_tests_not_made_are_no_family(void)
{
    double p[2] = {NAN, .02};
    vmap_error err;

    CHECK_OK(vmap_adjust(&vmap_adjustments[1], p, 0, p, &err), &err);
    CHECK_OK(vmap_adjust(&vmap_adjustments[1], p, 2, p, &err), &err); /* in place */
    CHECK(isnan(p[0]));
    CHECK_NEAR(p[1], .02, 0);
}

static const test_case cases[] = {
    TEST(adjusted_values_are_those_of_r),
    TEST(methods_are_ordered_by_their_power),
    TEST(values_outside_their_range_and_unknown_names_are_refused),
    TEST(no_test_and_tests_not_made_are_no_family),
};
SUITE(compare_multiplicity_suite, cases);
