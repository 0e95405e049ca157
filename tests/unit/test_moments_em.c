#include <config.h>

#include <math.h>

#include "support/check.h"
#include "valuemap/moments.h"

static vmap_moments *estimate(const gsl_matrix *x, const double *w)
{
    vmap_moments *m = NULL;
    size_t iterations = 0;
    bool converged = false;
    vmap_error err;

    CHECK_OK(vmap_moments_em(x->data, x->size1, x->size2, w, &m, &iterations, &converged, &err), &err);
    CHECK(converged);
    CHECK(iterations > 1 && iterations < 1000);
    return m;
}

static void moments_of_incomplete_answers_are_most_likely(void)
{
    gsl_matrix *x = read_reference("association.tsv", "em_data");
    vmap_moments *m = estimate(x, NULL);

    if (m) {
        check_reference("association.tsv", "em_mean", 7, get_vector_element, m->mean);
        check_reference("association.tsv", "em_sd", 7, get_vector_element, m->sd);
        check_reference("association.tsv", "em_r", 49, get_matrix_element, m->r);
        check_reference("association.tsv", "em_r_lavaan", 49, get_matrix_element, m->r);
    }
    vmap_moments_free(m);
    gsl_matrix_free(x);
}

static void weights_count_as_respondents(void)
{
    gsl_matrix *x = read_reference("association.tsv", "em_data");
    double w[30];
    vmap_moments *m;

    for (size_t i = 0; i < 30; i++)
        w[i] = (double)((i + 1) % 4 + 1) / 2;
    m = estimate(x, w);
    if (m)
        check_reference("association.tsv", "em_weighted_r", 49, get_matrix_element, m->r);
    vmap_moments_free(m);
    gsl_matrix_free(x);
}

/* Without missing answers the most likely moments are the plain ones. */
static void complete_answers_need_no_model(void)
{
    gsl_matrix *x = read_reference("moments.tsv", "attitude");
    gsl_matrix *w = read_reference("moments.tsv", "attitude_weights");
    vmap_moments *m = estimate(x, w->data);

    if (m) {
        check_reference("moments.tsv", "attitude_mean", 7, get_vector_element, m->mean);
        check_reference("moments.tsv", "attitude_sd", 7, get_vector_element, m->sd);
        check_reference("moments.tsv", "attitude_r", 49, get_matrix_element, m->r);
    }
    vmap_moments_free(m);
    gsl_matrix_free(x);
    gsl_matrix_free(w);
}

/* The third item is the sum of the first two. EM needs their inverse where the fourth is missing. */
static void an_item_that_others_determine_is_refused(void)
{
    static const double x[] = {1, 2, 3, 5, 2, 1, 3, 2, 3, 5, 8, 1, 4, 4, 8, 6,
                               5, 1, 6, NAN, 7, 2, 9, 3, 8, 3, 11, 4};
    vmap_moments *m = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_moments_em(x, 7, 4, NULL, &m, NULL, NULL, &err), VMAP_ESINGULAR, &err,
                "leave one out");
    CHECK(m == NULL);
}

static const test_case cases[] = {
    TEST(moments_of_incomplete_answers_are_most_likely),
    TEST(weights_count_as_respondents),
    TEST(complete_answers_need_no_model),
    TEST(an_item_that_others_determine_is_refused),
};
SUITE(moments_em_suite, cases);
