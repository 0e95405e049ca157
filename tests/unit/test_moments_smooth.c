#include <config.h>

#include <math.h>

#include "core/numeric.h"
#include "support/check.h"
#include "valuemap/moments.h"

static void known_repairs(void)
{
    gsl_matrix *r = read_reference("association.tsv", "bad");
    vmap_smoothing_info info;
    vmap_error err;

    CHECK_OK(vmap_moments_smooth(r, VMAP_SMOOTH_EIGEN, &info, &err), &err);
    check_reference("association.tsv", "bad_eigen", 16, get_matrix_element, r);
    CHECK(info.smallest < -.1 && info.smallest_now > 0);
    gsl_matrix_free(r);
    r = read_reference("association.tsv", "bad");
    CHECK_OK(vmap_moments_smooth(r, VMAP_SMOOTH_HIGHAM, &info, &err), &err);
    check_reference("association.tsv", "bad_higham", 16, get_matrix_element, r);
    CHECK(info.change > .01 && info.norm >= info.change);
    gsl_matrix_free(r);
}

/* Every method gives a correlation matrix that is positive definite, and says what it changed; the
 * nearest one is nearer than the others. */
static void every_method_gives_a_positive_definite_matrix(void)
{
    double norm[4] = {0};

    for (int s = VMAP_SMOOTH_EIGEN; s <= VMAP_SMOOTH_SHRINK; s++) {
        gsl_matrix *r = read_reference("association.tsv", "bad");
        gsl_matrix *old = read_reference("association.tsv", "bad");
        gsl_vector *values = gsl_vector_alloc(4);
        vmap_smoothing found = VMAP_SMOOTH_NONE;
        vmap_smoothing_info info;
        double change = 0;
        vmap_error err;

        CHECK_OK(vmap_smoothing_find(vmap_smoothing_name((vmap_smoothing)s), &found, &err), &err);
        CHECK_COUNT((size_t)found, (size_t)s);
        CHECK_OK(vmap_moments_smooth(r, found, &info, &err), &err);
        CHECK_OK(numeric_eigenvalues(r, values, &err), &err);
        CHECK(gsl_vector_get(values, 3) > 0);
        CHECK_NEAR(info.smallest_now, gsl_vector_get(values, 3), 1e-14);
        for (size_t i = 0; i < 4; i++) {
            CHECK_NEAR(gsl_matrix_get(r, i, i), 1, 0);
            for (size_t j = 0; j < i; j++) {
                CHECK_NEAR(gsl_matrix_get(r, i, j), gsl_matrix_get(r, j, i), 0);
                change = fmax(change, fabs(gsl_matrix_get(r, i, j) - gsl_matrix_get(old, i, j)));
            }
        }
        CHECK_NEAR(info.change, change, 1e-15);
        CHECK_NEAR(fabs(gsl_matrix_get(r, info.i, info.j) - gsl_matrix_get(old, info.i, info.j)),
                   change, 1e-15);
        norm[s] = info.norm;
        gsl_matrix_free(r);
        gsl_matrix_free(old);
        gsl_vector_free(values);
    }
    CHECK(norm[VMAP_SMOOTH_HIGHAM] < norm[VMAP_SMOOTH_EIGEN]);
    CHECK(norm[VMAP_SMOOTH_HIGHAM] < norm[VMAP_SMOOTH_SHRINK]);
}

static void a_good_matrix_stays(void)
{
    for (int s = VMAP_SMOOTH_NONE; s <= VMAP_SMOOTH_SHRINK; s++) {
        gsl_matrix *r = read_reference("moments.tsv", "attitude_r");
        gsl_matrix *old = read_reference("moments.tsv", "attitude_r");
        vmap_smoothing_info info;
        vmap_error err;

        CHECK_OK(vmap_moments_smooth(r, (vmap_smoothing)s, &info, &err), &err);
        CHECK(gsl_matrix_equal(r, old));
        CHECK_NEAR(info.change, 0, 0);
        CHECK(info.smallest > .1 && info.smallest == info.smallest_now);
        gsl_matrix_free(r);
        gsl_matrix_free(old);
    }
}

static void without_repair_the_eigenvalue_is_told(void)
{
    gsl_matrix *r = read_reference("association.tsv", "bad");
    gsl_matrix *old = read_reference("association.tsv", "bad");
    vmap_smoothing_info info;
    vmap_error err;
    vmap_smoothing s = VMAP_SMOOTH_SHRINK;

    CHECK_OK(vmap_moments_smooth(r, VMAP_SMOOTH_NONE, &info, &err), &err);
    CHECK(gsl_matrix_equal(r, old));
    CHECK(info.smallest < 0);
    gsl_matrix_set(r, 0, 1, NAN);
    CHECK_FAILS(vmap_moments_smooth(r, VMAP_SMOOTH_EIGEN, &info, &err), VMAP_EDATA, &err, "(1, 2)");
    CHECK_FAILS(vmap_smoothing_find("ridge", &s, &err), VMAP_ENOENT, &err, "it is one of none, eigen");
    gsl_matrix_free(r);
    gsl_matrix_free(old);
}

static const test_case cases[] = {
    TEST(known_repairs),
    TEST(every_method_gives_a_positive_definite_matrix),
    TEST(a_good_matrix_stays),
    TEST(without_repair_the_eigenvalue_is_told),
};
SUITE(moments_smooth_suite, cases);
