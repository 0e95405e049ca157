#include <config.h>

#include <math.h>

#include "support/check.h"
#include "valuemap/mapping.h"

/* Made-up data of mapping.R: 24 rows, 3 predictors, 4 outcomes, 9 clusters; and seven of the rows with two
 * predictors and two outcomes, of which R went through all 5040 orders. */
enum { N = 24, P = 3, K = 4, FEW = 7 };

static gsl_matrix *x, *y, *few_x, *few_y;
static size_t cluster[N];
static const vmap_mapping_options by_cluster = {.cluster = cluster};

static void begin(void)
{
    gsl_matrix *g = read_reference("mapping.tsv", "cluster"), *rows = read_reference("mapping.tsv", "rows");

    x = read_reference("mapping.tsv", "x");
    y = read_reference("mapping.tsv", "y");
    few_x = gsl_matrix_calloc(FEW, 2);
    few_y = gsl_matrix_calloc(FEW, 2);
    for (size_t i = 0; i < N; i++)
        cluster[i] = (size_t)gsl_matrix_get(g, i, 0);
    for (size_t i = 0; i < FEW; i++) {
        size_t row = (size_t)gsl_matrix_get(rows, i, 0);

        for (size_t j = 0; j < 2; j++) {
            gsl_matrix_set(few_x, i, j, gsl_matrix_get(x, row, j + 1));
            gsl_matrix_set(few_y, i, j, gsl_matrix_get(y, row, j));
        }
    }
    gsl_matrix_free(g);
    gsl_matrix_free(rows);
}

static void end(void)
{
    gsl_matrix_free(x);
    gsl_matrix_free(y);
    gsl_matrix_free(few_x);
    gsl_matrix_free(few_y);
}

static double get_value(void *test, size_t row, size_t col)
{
    (void)col;
    return ((vmap_structure_test *)test)[row].value;
}

static double get_p(void *test, size_t row, size_t col)
{
    (void)col;
    return ((vmap_structure_test *)test)[row].p;
}

/* ---- left out ---- */

static void predictions_are_those_of_refitting(void)
{
    const struct {
        vmap_mapping_method method;
        const char *name;
    } methods[] = {{VMAP_MAPPING_LEAST_SQUARES, "q2_ols"}, {VMAP_MAPPING_RIDGE, "q2_ridge"}, {VMAP_MAPPING_PLS, "q2_pls"}};
    gsl_vector *q2 = gsl_vector_calloc(K);
    gsl_matrix *predicted = gsl_matrix_calloc(N, K), *want = read_reference("mapping.tsv", "q2_all");
    double all = 0;

    begin();
    for (size_t i = 0; i < 3; i++) {
        CHECK_OK(vmap_mapping_left_out(x, y, cluster, methods[i].method, 2, predicted, q2, &all, NULL), NULL);
        check_reference("mapping.tsv", methods[i].name, K, get_vector_element, q2);
        if (i == 0) {
            check_reference("mapping.tsv", "left_out", N * K, get_matrix_element, predicted);
            CHECK_NEAR(all, gsl_matrix_get(want, 0, 0), 1e-9);
        }
    }
    gsl_vector_free(q2);
    gsl_matrix_free(predicted);
    gsl_matrix_free(want);
    end();
}

/* Without clusters the error of a row left out is e / (1 - leverage). */
static void single_rows_have_the_closed_form(void)
{
    gsl_vector *q2 = gsl_vector_calloc(K);
    gsl_matrix *predicted = gsl_matrix_calloc(N, K);
    vmap_mapping *m = NULL;

    begin();
    CHECK_OK(vmap_mapping_left_out(x, y, NULL, VMAP_MAPPING_LEAST_SQUARES, 0, predicted, q2, NULL, NULL), NULL);
    CHECK_OK(vmap_mapping_new(x, y, NULL, &m, NULL), NULL);
    for (size_t i = 0; i < N; i++)
        CHECK_NEAR(gsl_matrix_get(y, i, 1) - gsl_matrix_get(predicted, i, 1),
                   gsl_matrix_get(m->residual, i, 1) / (1 - gsl_vector_get(m->leverage, i)), 1e-12);
    vmap_mapping_free(m);
    gsl_vector_free(q2);
    gsl_matrix_free(predicted);
    end();
}

static void a_predictor_that_one_cluster_alone_moves_is_refused(void)
{
    gsl_vector *q2 = gsl_vector_calloc(K);
    vmap_error err;

    begin();
    for (size_t i = 0; i < N; i++)
        gsl_matrix_set(x, i, 1, cluster[i] == 1);
    CHECK_FAILS(vmap_mapping_left_out(x, y, cluster, VMAP_MAPPING_LEAST_SQUARES, 0, NULL, q2, NULL, &err), VMAP_EDATA, &err,
                "without row 4 and its cluster: predictor 2 is the same in all rows");
    for (size_t i = 0; i < N; i++)
        cluster[i] = 0;
    CHECK_FAILS(vmap_mapping_left_out(x, y, cluster, VMAP_MAPPING_RIDGE, 0, NULL, q2, NULL, &err), VMAP_EDATA, &err,
                "nothing is left to predict it from");
    gsl_vector_free(q2);
    end();
}

/* ---- permutation ---- */

static void shares_are_those_of_all_permutations(void)
{
    gsl_vector *whole = gsl_vector_calloc(3);
    gsl_matrix *coefficient = gsl_matrix_calloc(3, 3);
    gsl_vector_view first;

    begin();
    CHECK_OK(vmap_mapping_permute(few_x, few_y, NULL, whole, coefficient, NULL), NULL);
    check_reference("mapping.tsv", "p_whole", 3, get_vector_element, whole);
    first = gsl_matrix_row(coefficient, 1);
    check_reference("mapping.tsv", "p_first", 3, get_vector_element, &first.vector);
    CHECK(isnan(gsl_matrix_get(coefficient, 0, 0)));
    gsl_vector_free(whole);
    gsl_matrix_free(coefficient);
    end();
}

static void threads_do_not_matter(void)
{
    vmap_permutation_options o;
    gsl_vector *one = gsl_vector_calloc(3), *four = gsl_vector_calloc(3);

    begin();
    vmap_permutation_defaults(&o);
    o.permutations = 499;
    o.threads = 1;
    CHECK_OK(vmap_mapping_permute(few_x, few_y, &o, one, NULL, NULL), NULL);
    o.threads = 4;
    CHECK_OK(vmap_mapping_permute(few_x, few_y, &o, four, NULL, NULL), NULL);
    for (size_t i = 0; i < 3; i++)
        CHECK_NEAR(gsl_vector_get(one, i), gsl_vector_get(four, i), 0);
    o.permutations = 0;
    CHECK_OK(vmap_mapping_permute(few_x, few_y, &o, one, NULL, NULL), NULL);
    CHECK(isnan(gsl_vector_get(one, 0)));
    gsl_vector_free(one);
    gsl_vector_free(four);
    end();
}

/* Strata of single rows allow no other arrangement: everything is as extreme as what was seen. */
static void nothing_moves_between_strata(void)
{
    const size_t stratum[FEW] = {0, 1, 2, 3, 4, 5, 6};
    vmap_permutation_options o;
    gsl_vector *whole = gsl_vector_calloc(3);

    begin();
    vmap_permutation_defaults(&o);
    o.permutations = 99;
    o.stratum = stratum;
    CHECK_OK(vmap_mapping_permute(few_x, few_y, &o, whole, NULL, NULL), NULL);
    CHECK_NEAR(gsl_vector_get(whole, 0), 1, 0);
    gsl_vector_free(whole);
    end();
}

/* ---- sign flips ---- */

static void shares_are_those_of_all_patterns_of_signs(void)
{
    gsl_vector *whole = gsl_vector_calloc(K + 1), *few = gsl_vector_calloc(3);
    gsl_matrix *coefficient = gsl_matrix_calloc(P + 1, K + 1), *t = gsl_matrix_calloc(K + 1, P);
    gsl_vector_view second;

    begin();
    CHECK_OK(vmap_mapping_flip(x, y, &by_cluster, false, NULL, whole, coefficient, NULL), NULL);
    check_reference("mapping.tsv", "flip_whole", K + 1, get_vector_element, whole);
    second = gsl_matrix_row(coefficient, 2);
    check_reference("mapping.tsv", "flip_ratio", K + 1, get_vector_element, &second.vector);
    CHECK(isnan(gsl_matrix_get(coefficient, 0, 0)));
    CHECK_OK(vmap_mapping_flip(x, y, &by_cluster, true, NULL, NULL, coefficient, NULL), NULL);
    for (size_t j = 0; j < P; j++) {
        for (size_t m = 0; m <= K; m++)
            gsl_matrix_set(t, m, j, gsl_matrix_get(coefficient, j + 1, m));
    }
    check_reference("mapping.tsv", "flip_t", P * (K + 1), get_matrix_element, t);
    CHECK_OK(vmap_mapping_flip(few_x, few_y, NULL, false, NULL, few, NULL, NULL), NULL);
    check_reference("mapping.tsv", "flip_few", 3, get_vector_element, few);
    gsl_vector_free(whole);
    gsl_vector_free(few);
    gsl_matrix_free(coefficient);
    gsl_matrix_free(t);
    end();
}

/* Fewer permutations than patterns: signs are drawn, about the same share, whatever the threads. */
static void drawn_signs_come_near_all_patterns(void)
{
    gsl_matrix *want = read_reference("mapping.tsv", "flip_whole");
    vmap_permutation_options o;
    gsl_vector *one = gsl_vector_calloc(K + 1), *four = gsl_vector_calloc(K + 1);

    begin();
    vmap_permutation_defaults(&o);
    o.permutations = 254;
    o.threads = 1;
    CHECK_OK(vmap_mapping_flip(x, y, &by_cluster, false, &o, one, NULL, NULL), NULL);
    o.threads = 4;
    CHECK_OK(vmap_mapping_flip(x, y, &by_cluster, false, &o, four, NULL, NULL), NULL);
    for (size_t m = 0; m <= K; m++) {
        double p = gsl_matrix_get(want, m, 0);

        CHECK_NEAR(gsl_vector_get(one, m), gsl_vector_get(four, m), 0);
        CHECK_NEAR(gsl_vector_get(one, m), p, 4 * sqrt(p * (1 - p) / 254) + 2 / 255.);
    }
    o.permutations = 0;
    CHECK_OK(vmap_mapping_flip(x, y, &by_cluster, false, &o, one, NULL, NULL), NULL);
    CHECK(isnan(gsl_vector_get(one, 0)));
    gsl_matrix_free(want);
    gsl_vector_free(one);
    gsl_vector_free(four);
    end();
}

static void few_clusters_are_not_flipped(void)
{
    gsl_vector *whole = gsl_vector_calloc(K + 1);
    vmap_error err;

    begin();
    for (size_t i = 0; i < N; i++)
        cluster[i] %= 4;
    CHECK_FAILS(vmap_mapping_flip(x, y, &by_cluster, false, NULL, whole, NULL, &err), VMAP_EDATA, &err,
                "4 clusters for 3 predictors; at least 5 are needed");
    CHECK_FAILS(vmap_mapping_flip(x, few_y, NULL, false, NULL, NULL, NULL, &err), VMAP_EINVAL, &err, "24 rows of predictors");
    gsl_vector_free(whole);
    end();
}

/* ---- weights and strata: mapping_weights.R, where a row is written down as often as it weighs ---- */

static double weights[N];
static size_t stratum[N];

static void begin_weights(void)
{
    gsl_matrix *w = read_reference("mapping_weights.tsv", "weights"), *s = read_reference("mapping_weights.tsv", "stratum");

    begin();
    for (size_t i = 0; i < N; i++) {
        weights[i] = gsl_matrix_get(w, i, 0);
        stratum[i] = (size_t)gsl_matrix_get(s, i, 0);
    }
    gsl_matrix_free(w);
    gsl_matrix_free(s);
}

static void rows_count_as_often_as_they_weigh(void)
{
    const vmap_mapping_options o = {.cluster = cluster, .weights = weights, .level = .95};
    gsl_vector *vif = gsl_vector_calloc(P), *whole = gsl_vector_calloc(K + 1);
    gsl_matrix *coefficient = gsl_matrix_calloc(P + 1, K + 1), *t = gsl_matrix_calloc(K + 1, P);
    vmap_mapping *m = NULL;
    gsl_matrix_view first;
    gsl_vector_view second;

    begin_weights();
    first = gsl_matrix_submatrix(y, 0, 0, N, 1);
    CHECK_OK(vmap_mapping_new(x, &first.matrix, &o, &m, NULL), NULL);
    check_reference("mapping_weights.tsv", "b", P + 1, get_matrix_element, m->b);
    check_reference("mapping_weights.tsv", "se_cr2", P + 1, get_matrix_element, m->se);
    check_reference("mapping_weights.tsv", "df_cr2", P + 1, get_matrix_element, m->df);
    check_reference("mapping_weights.tsv", "beta", P, get_matrix_element, m->beta);
    CHECK_OK(vmap_mapping_inflation(x, weights, vif, NULL), NULL);
    check_reference("mapping_weights.tsv", "vif", P, get_vector_element, vif);
    CHECK_OK(vmap_mapping_flip(x, y, &o, false, NULL, whole, coefficient, NULL), NULL);
    check_reference("mapping_weights.tsv", "flip_whole", K + 1, get_vector_element, whole);
    second = gsl_matrix_row(coefficient, 2);
    check_reference("mapping_weights.tsv", "flip_ratio", K + 1, get_vector_element, &second.vector);
    CHECK_OK(vmap_mapping_flip(x, y, &o, true, NULL, NULL, coefficient, NULL), NULL);
    for (size_t j = 0; j < P; j++) {
        for (size_t k = 0; k <= K; k++)
            gsl_matrix_set(t, k, j, gsl_matrix_get(coefficient, j + 1, k));
    }
    check_reference("mapping_weights.tsv", "flip_t", P * (K + 1), get_matrix_element, t);
    vmap_mapping_free(m);
    gsl_vector_free(vif);
    gsl_vector_free(whole);
    gsl_matrix_free(coefficient);
    gsl_matrix_free(t);
    end();
}

static void strata_have_intercepts_of_their_own(void)
{
    const vmap_mapping_options weighted = {.cluster = cluster, .weights = weights};
    vmap_permutation_options o;
    gsl_vector *whole = gsl_vector_calloc(K + 1);
    gsl_matrix *coefficient = gsl_matrix_calloc(P + 1, K + 1);
    gsl_vector_view second = gsl_matrix_row(coefficient, 2);

    begin_weights();
    vmap_permutation_defaults(&o);
    o.stratum = stratum;
    CHECK_OK(vmap_mapping_flip(x, y, &by_cluster, false, &o, whole, coefficient, NULL), NULL);
    check_reference("mapping_weights.tsv", "zones_whole", K + 1, get_vector_element, whole);
    check_reference("mapping_weights.tsv", "zones_ratio", K + 1, get_vector_element, &second.vector);
    CHECK_OK(vmap_mapping_flip(x, y, &weighted, true, &o, NULL, coefficient, NULL), NULL);
    check_reference("mapping_weights.tsv", "zones_weighted", K + 1, get_vector_element, &second.vector);
    gsl_vector_free(whole);
    gsl_matrix_free(coefficient);
    end();
}

static void strata_that_leave_too_little_are_refused(void)
{
    const vmap_mapping_options weighted = {.weights = weights};
    vmap_permutation_options o;
    gsl_vector *whole = gsl_vector_calloc(K + 1);
    vmap_error err;

    begin_weights();
    vmap_permutation_defaults(&o);
    o.stratum = cluster; /* nine strata of nine clusters */
    CHECK_FAILS(vmap_mapping_flip(x, y, &by_cluster, false, &o, whole, NULL, &err), VMAP_EDATA, &err,
                "9 clusters in 9 strata for 3 predictors; at least 13 are needed");
    CHECK_FAILS(vmap_mapping_flip(x, y, NULL, false, &o, whole, NULL, &err), VMAP_ESINGULAR, &err, /* x1 is that of the cluster */
                "determined by those before it");
    stratum[4] = N;
    o.stratum = stratum;
    CHECK_FAILS(vmap_mapping_flip(x, y, NULL, false, &o, whole, NULL, &err), VMAP_EINVAL, &err, "row 5 is in cluster 24");
    weights[2] = 0;
    CHECK_FAILS(vmap_mapping_flip(x, y, &weighted, false, NULL, whole, NULL, &err), VMAP_EINVAL, &err,
                "weight 3 is 0; weights are numbers above 0");
    gsl_vector_free(whole);
    end();
}

/* ---- Moran's I ---- */

static void morans_i_is_that_of_its_definition(void)
{
    gsl_matrix *near = read_reference("mapping.tsv", "nearness");
    gsl_matrix_view first;
    vmap_structure_test test[2];

    begin();
    first = gsl_matrix_submatrix(few_x, 0, 0, FEW, 1);
    CHECK_OK(vmap_mapping_moran(&first.matrix, few_y, near, NULL, test, NULL), NULL);
    check_reference("mapping.tsv", "moran", 2, get_value, test);
    check_reference("mapping.tsv", "p_moran", 2, get_p, test);
    CHECK_OK(vmap_mapping_moran(NULL, few_y, near, NULL, test, NULL), NULL);
    check_reference("mapping.tsv", "moran_raw", 2, get_value, test);
    gsl_matrix_free(near);
    end();
}

static void weights_that_are_none_are_refused(void)
{
    gsl_matrix *near = gsl_matrix_calloc(FEW, FEW);
    vmap_structure_test test[2];
    vmap_error err;

    begin();
    CHECK_FAILS(vmap_mapping_moran(NULL, few_y, near, NULL, test, &err), VMAP_EDATA, &err, "all weights are 0");
    gsl_matrix_set(near, 1, 2, -1);
    CHECK_FAILS(vmap_mapping_moran(NULL, few_y, near, NULL, test, &err), VMAP_EDATA, &err, "rows 2 and 3 is -1");
    CHECK_FAILS(vmap_mapping_moran(NULL, y, near, NULL, test, &err), VMAP_EINVAL, &err, "7 x 7 weights of 24 rows");
    gsl_matrix_free(near);
    end();
}

/* ---- surfaces ---- */

static void surfaces_are_kernel_means(void)
{
    gsl_matrix *place = read_reference("mapping.tsv", "place"), *want = read_reference("mapping.tsv", "bandwidth");
    gsl_vector *value = gsl_vector_calloc(3);
    gsl_matrix_view two;
    gsl_vector_view first;
    vmap_error err;
    double h = 0;

    begin();
    two = gsl_matrix_submatrix(x, 0, 0, N, 2);
    first = gsl_matrix_column(y, 0);
    CHECK_OK(vmap_mapping_surface(&two.matrix, &first.vector, place, .5, value, NULL, NULL), NULL);
    check_reference("mapping.tsv", "surface", 3, get_vector_element, value);
    CHECK_OK(vmap_mapping_surface(&two.matrix, &first.vector, place, NAN, value, &h, NULL), NULL);
    CHECK_NEAR(h, gsl_matrix_get(want, 0, 0), 1e-12);
    CHECK_FAILS(vmap_mapping_surface(&two.matrix, &first.vector, place, 0, value, NULL, &err), VMAP_EINVAL, &err,
                "bandwidth 0");
    gsl_matrix_free(place);
    gsl_matrix_free(want);
    gsl_vector_free(value);
    end();
}

static const test_case cases[] = {
    TEST(predictions_are_those_of_refitting),
    TEST(single_rows_have_the_closed_form),
    TEST(a_predictor_that_one_cluster_alone_moves_is_refused),
    TEST(shares_are_those_of_all_permutations),
    TEST(threads_do_not_matter),
    TEST(nothing_moves_between_strata),
    TEST(shares_are_those_of_all_patterns_of_signs),
    TEST(drawn_signs_come_near_all_patterns),
    TEST(few_clusters_are_not_flipped),
    TEST(rows_count_as_often_as_they_weigh),
    TEST(strata_have_intercepts_of_their_own),
    TEST(strata_that_leave_too_little_are_refused),
    TEST(morans_i_is_that_of_its_definition),
    TEST(weights_that_are_none_are_refused),
    TEST(surfaces_are_kernel_means),
};
SUITE(mapping_tests_suite, cases);
