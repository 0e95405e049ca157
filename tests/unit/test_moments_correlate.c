#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "moments/moments_internal.h"
#include "support/check.h"
#include "valuemap/moments.h"
#include "valuemap/rng.h"

/* ---- helpers ---- */

static vmap_moments *correlate(const gsl_matrix *x, const gsl_matrix *w, vmap_missing_rule rule)
{
    vmap_moments *m = NULL;
    vmap_error err;

    CHECK_OK(
        vmap_moments_correlate(x->data, x->size1, x->size2, w ? w->data : NULL, rule, &m, &err),
        &err);
    return m;
}

/* n x p answers with a common factor, missing with probability `share`; weights .1 .. 3.1. */
static void random_answers(gsl_rng *rng, size_t n, size_t p, double share, double *x, double *w)
{
    for (size_t i = 0; i < n; i++) {
        double common = gsl_ran_ugaussian(rng);

        w[i] = .1 + 3 * gsl_rng_uniform(rng);
        for (size_t j = 0; j < p; j++)
            x[i * p + j] = gsl_rng_uniform(rng) < share
                               ? NAN
                               : (double)j + ((double)j - 1) / 2 * common + gsl_ran_ugaussian(rng);
    }
}

/* The definition, pair by pair and in two passes, in long double. */
static void check_pairs(const double *x, size_t n, size_t p, const double *w, const vmap_moments *m,
                        double tolerance)
{
    for (size_t a = 0; a < p; a++) {
        for (size_t b = 0; b < p; b++) {
            long double sw = 0, sw2 = 0, ma = 0, mb = 0, vaa = 0, vbb = 0, vab = 0;
            size_t count = 0;

            for (int pass = 0; pass < 2; pass++) {
                for (size_t i = 0; i < n; i++) {
                    long double weight = w ? w[i] : 1, xa = x[i * p + a], xb = x[i * p + b];

                    if (isnan(xa) || isnan(xb) || weight == 0)
                        continue;
                    if (pass == 0) {
                        count++;
                        sw += weight;
                        sw2 += weight * weight;
                        ma += weight * xa;
                        mb += weight * xb;
                    } else {
                        vaa += weight * (xa - ma / sw) * (xa - ma / sw);
                        vbb += weight * (xb - mb / sw) * (xb - mb / sw);
                        vab += weight * (xa - ma / sw) * (xb - mb / sw);
                    }
                }
            }
            CHECK_NEAR(gsl_matrix_get(m->r, a, b), (double)(vab / sqrtl(vaa * vbb)), tolerance);
            CHECK_NEAR(gsl_matrix_get(m->n, a, b), (double)count, 0);
            CHECK_NEAR(gsl_matrix_get(m->n_eff, a, b), (double)(sw * sw / sw2),
                       1e-12 * (double)count);
            if (a == b) {
                CHECK_NEAR(gsl_vector_get(m->mean, a), (double)(ma / sw), tolerance);
                CHECK_NEAR(gsl_vector_get(m->sd, a), (double)sqrtl(vaa / sw), tolerance);
            }
        }
    }
}

/* ---- known values ---- */

static void weighted_moments_of_complete_data_are_those_of_r(void)
{
    gsl_matrix *x = read_reference("moments.tsv", "attitude");
    gsl_matrix *w = read_reference("moments.tsv", "attitude_weights");
    vmap_moments *m = correlate(x, w, VMAP_PAIRWISE), *plain = correlate(x, NULL, VMAP_PAIRWISE);

    if (m && plain) {
        check_reference("moments.tsv", "attitude_mean", 7, get_vector_element, m->mean);
        check_reference("moments.tsv", "attitude_sd", 7, get_vector_element, m->sd);
        check_reference("moments.tsv", "attitude_r", 49, get_matrix_element, m->r);
        check_reference("moments.tsv", "attitude_r_unweighted", 49, get_matrix_element, plain->r);
        CHECK_COUNT(m->rows, 30);
        CHECK_NEAR(gsl_matrix_get(m->n, 2, 5), 30, 0);
        CHECK_NEAR(gsl_matrix_get(plain->n_eff, 2, 5), 30, 1e-13);
    }
    vmap_moments_free(m);
    vmap_moments_free(plain);
    gsl_matrix_free(x);
    gsl_matrix_free(w);
}

/* Whole weights give what repeated rows give, with 0 % and with 20 % of the answers missing. */
static void a_whole_weight_is_as_many_respondents(void)
{
    gsl_matrix *w = read_reference("moments.tsv", "weights");
    gsl_matrix *made = read_reference("moments.tsv", "made");
    gsl_matrix *holes = read_reference("moments.tsv", "holes");
    vmap_moments *m = correlate(made, w, VMAP_PAIRWISE), *h = correlate(holes, w, VMAP_PAIRWISE);

    if (m && h) {
        check_reference("moments.tsv", "made_mean", 5, get_vector_element, m->mean);
        check_reference("moments.tsv", "made_sd", 5, get_vector_element, m->sd);
        check_reference("moments.tsv", "made_r", 25, get_matrix_element, m->r);
        check_reference("moments.tsv", "holes_mean", 5, get_vector_element, h->mean);
        check_reference("moments.tsv", "holes_sd", 5, get_vector_element, h->sd);
        check_reference("moments.tsv", "holes_r", 25, get_matrix_element, h->r);
        check_reference("moments.tsv", "holes_n", 25, get_matrix_element, h->n);
        check_reference("moments.tsv", "holes_n_eff", 25, get_matrix_element, h->n_eff);
    }
    vmap_moments_free(m);
    vmap_moments_free(h);
    gsl_matrix_free(w);
    gsl_matrix_free(made);
    gsl_matrix_free(holes);
}

static void listwise_takes_whole_respondents(void)
{
    gsl_matrix *w = read_reference("moments.tsv", "weights");
    gsl_matrix *holes = read_reference("moments.tsv", "holes");
    gsl_matrix *n = read_reference("moments.tsv", "listwise_n");
    vmap_moments *m = correlate(holes, w, VMAP_LISTWISE);

    if (m) {
        check_reference("moments.tsv", "listwise_mean", 5, get_vector_element, m->mean);
        check_reference("moments.tsv", "listwise_sd", 5, get_vector_element, m->sd);
        check_reference("moments.tsv", "listwise_r", 25, get_matrix_element, m->r);
        CHECK_NEAR((double)m->rows, gsl_matrix_get(n, 0, 0), 0);
        CHECK_NEAR(gsl_matrix_get(m->n, 0, 4), gsl_matrix_get(n, 0, 0), 0);
    }
    vmap_moments_free(m);
    gsl_matrix_free(w);
    gsl_matrix_free(holes);
    gsl_matrix_free(n);
}

/* Normalising weights over everybody, as psych::cor.wt does, lets independent items with a mean far
 * from 0 correlate: .60 instead of .13 in this sample. */
static void missing_answers_do_not_correlate_independent_items(void)
{
    gsl_matrix *x = read_reference("moments.tsv", "apart");
    gsl_matrix *w = read_reference("moments.tsv", "apart_weights");
    gsl_matrix *wrong = read_reference("moments.tsv", "apart_psych");
    vmap_moments *m = correlate(x, w, VMAP_PAIRWISE);

    if (m) {
        check_reference("moments.tsv", "apart_r", 4, get_matrix_element, m->r);
        CHECK(fabs(gsl_matrix_get(wrong, 0, 1) - gsl_matrix_get(m->r, 0, 1)) > .4);
    }
    vmap_moments_free(m);
    gsl_matrix_free(x);
    gsl_matrix_free(w);
    gsl_matrix_free(wrong);
}

/* By hand: weights 1, 3 and 1, values 0, 1, 2: mean 1, variance 2/5; n_eff = 25/11. */
static void a_small_example_by_hand(void)
{
    static const double x[] = {0, 0, 1, 3, 2, 0}, w[] = {1, 3, 1};
    vmap_moments *m = NULL;
    vmap_error err;

    CHECK_OK(vmap_moments_correlate(x, 3, 2, w, VMAP_PAIRWISE, &m, &err), &err);
    CHECK_NEAR(gsl_vector_get(m->mean, 0), 1, 1e-15);
    CHECK_NEAR(gsl_vector_get(m->mean, 1), 1.8, 1e-15);
    CHECK_NEAR(gsl_vector_get(m->sd, 0), sqrt(.4), 1e-15);
    CHECK_NEAR(gsl_matrix_get(m->r, 0, 1), 0, 1e-15);
    CHECK_NEAR(gsl_matrix_get(m->n_eff, 0, 1), 25. / 11, 1e-14);
    CHECK_NEAR(vmap_weight_sum(w, 3), 5, 0);
    CHECK_NEAR(vmap_weight_n_eff(w, 3), 25. / 11, 1e-15);
    CHECK_NEAR(vmap_weight_sum(NULL, 7), 7, 0);
    CHECK_NEAR(vmap_weight_n_eff(NULL, 7), 7, 0);
    CHECK_NEAR(vmap_weight_n_eff(w, 0), 0, 0);
    vmap_moments_free(m);
}

static void a_complete_respondent_has_no_gap(void)
{
    const double all[] = {1, 0, -2}, last[] = {1, 0, NAN}, none[] = {NAN, NAN, NAN};

    CHECK(vmap_moments_complete(all, 3));
    CHECK(!vmap_moments_complete(last, 3));
    CHECK(vmap_moments_complete(last, 2));
    CHECK(!vmap_moments_complete(none, 3));
}

static void rules_have_names(void)
{
    vmap_missing_rule rule = VMAP_PAIRWISE;
    vmap_error err;

    CHECK_TEXT(vmap_missing_rule_name(VMAP_PAIRWISE), "pairwise");
    CHECK_OK(vmap_missing_rule_find("listwise", &rule, &err), &err);
    CHECK(rule == VMAP_LISTWISE);
    CHECK_FAILS(vmap_missing_rule_find("casewise", &rule, &err), VMAP_ENOENT, &err,
                "it is one of pairwise, listwise");
    CHECK(rule == VMAP_LISTWISE);
}

/* ---- properties ---- */

/* Against the definition; 9000 rows are more than two of the blocks that are summed at a time. */
static void every_pair_is_computed_over_its_own_respondents(void)
{
    static const size_t rows[] = {5, 60, 4096, 9000};
    static const double shares[] = {0, .3};
    gsl_rng *rng = vmap_rng_new(51, 0);

    for (size_t k = 0; k < 4; k++) {
        for (size_t s = 0; s < 2; s++) {
            size_t n = rows[k], p = 4;
            double *x = calloc(n * p, sizeof *x), *w = calloc(n, sizeof *w);
            vmap_moments *m = NULL;
            vmap_error err;

            random_answers(rng, n, p, n > 5 ? shares[s] : 0, x, w);
            for (size_t r = 0; n == 9000 && s == 0 && r < n; r += 3) /* those by which the centre would be found */
                x[r * p + 2] = NAN;
            if (s)
                w[n / 2] = 0;
            CHECK_OK(vmap_moments_correlate(x, n, p, w, VMAP_PAIRWISE, &m, &err), &err);
            if (m)
                check_pairs(x, n, p, w, m, 1e-12);
            vmap_moments_free(m);
            m = NULL;
            CHECK_OK(vmap_moments_correlate(x, n, p, NULL, VMAP_PAIRWISE, &m, &err), &err);
            if (m)
                check_pairs(x, n, p, NULL, m, 1e-12);
            vmap_moments_free(m);
            free(x);
            free(w);
        }
    }
    gsl_rng_free(rng);
}

/* Sums run over those who answered an item or over those who did not; 70 items are more than a tile, a range and the
 * number from which on threads help. */
static void any_share_of_missing_answers_counts_as_defined(void)
{
    enum { N = 1500, P = 70 };
    static const double shares[] = {.02, .02, .15, .5, .9};
    gsl_rng *rng = vmap_rng_new(54, 0);
    double *x = calloc(N * P, sizeof *x), *w = calloc(N, sizeof *w);

    for (size_t s = 0; s < sizeof shares / sizeof *shares; s++) {
        vmap_moments *m[3] = {NULL, NULL, NULL};
        vmap_error err;

        random_answers(rng, N, P, shares[s], x, w);
        for (size_t i = 0; s % 2 && i < N / 2; i++) /* and one item is answered by few */
            x[2 * i * P + 3] = NAN;
        CHECK_OK(vmap_moments_correlate(x, N, P, NULL, VMAP_PAIRWISE, &m[0], &err), &err);
        CHECK_OK(moments_correlate(x, N, P, w, VMAP_PAIRWISE, 1, &m[1], &err), &err);
        CHECK_OK(moments_correlate(x, N, P, w, VMAP_PAIRWISE, 5, &m[2], &err), &err);
        if (m[0] && m[1] && m[2]) {
            check_pairs(x, N, P, NULL, m[0], 1e-12);
            check_pairs(x, N, P, w, m[1], 1e-12);
            CHECK(memcmp(m[1]->r->data, m[2]->r->data, P * P * sizeof(double)) == 0);
            CHECK(memcmp(m[1]->n_eff->data, m[2]->n_eff->data, P * P * sizeof(double)) == 0);
        }
        for (size_t i = 0; i < 3; i++)
            vmap_moments_free(m[i]);
    }
    free(x);
    free(w);
    gsl_rng_free(rng);
}

/* Two items that nearly everybody answered, but hardly anybody both: what is left of large sums is nothing. */
static void a_pair_of_few_respondents_keeps_its_digits(void)
{
    enum { N = 60000 };
    double *x = calloc(2 * N, sizeof *x);
    gsl_rng *rng = vmap_rng_new(55, 0);
    vmap_moments *m = NULL;
    vmap_error err;

    for (size_t i = 0; i < N; i++) {
        x[2 * i] = i % 2 && i > 4 ? NAN : gsl_ran_gaussian(rng, 3);
        x[2 * i + 1] = i % 2 || i < 5 ? gsl_ran_gaussian(rng, 3) : NAN;
    }
    CHECK_OK(vmap_moments_correlate(x, N, 2, NULL, VMAP_PAIRWISE, &m, &err), &err);
    if (m) {
        CHECK_NEAR(gsl_matrix_get(m->n, 0, 1), 5, 0);
        check_pairs(x, N, 2, NULL, m, 1e-13);
    }
    vmap_moments_free(m);
    free(x);
    gsl_rng_free(rng);
}

/* Sums of whole numbers are exact: not even the last bit depends on who comes first. */
static void whole_answers_give_the_same_bits_in_any_order(void)
{
    enum { N = 3000, P = 9 };
    gsl_rng *rng = vmap_rng_new(56, 0);
    double *x = calloc(N * P, sizeof *x), *y = calloc(N * P, sizeof *y), *w = calloc(N, sizeof *w);
    vmap_moments *m = NULL, *turned = NULL;
    vmap_error err;

    random_answers(rng, N, P, .1, x, w);
    for (size_t i = 0; i < N * P; i++)
        x[i] = round(x[i]);
    for (size_t i = 0; i < N; i++)
        memcpy(y + i * P, x + (N - 1 - i) * P, P * sizeof *x);
    CHECK_OK(vmap_moments_correlate(x, N, P, NULL, VMAP_PAIRWISE, &m, &err), &err);
    CHECK_OK(vmap_moments_correlate(y, N, P, NULL, VMAP_PAIRWISE, &turned, &err), &err);
    if (m && turned)
        CHECK(memcmp(m->r->data, turned->r->data, P * P * sizeof(double)) == 0);
    vmap_moments_free(m);
    vmap_moments_free(turned);
    free(x);
    free(y);
    free(w);
    gsl_rng_free(rng);
}

static void check_same(const vmap_moments *a, const vmap_moments *b, double tolerance)
{
    if (!a || !b)
        return;
    for (size_t i = 0; i < a->p; i++) {
        CHECK_NEAR(gsl_vector_get(a->sd, i), gsl_vector_get(b->sd, i), tolerance);
        for (size_t j = 0; j < a->p; j++) {
            CHECK_NEAR(gsl_matrix_get(a->r, i, j), gsl_matrix_get(b->r, i, j), tolerance);
            CHECK_NEAR(gsl_matrix_get(a->n, i, j), gsl_matrix_get(b->n, i, j), 0);
            CHECK_NEAR(gsl_matrix_get(a->n_eff, i, j), gsl_matrix_get(b->n_eff, i, j), 1e-9);
            CHECK_NEAR(gsl_matrix_get(a->r, i, j), gsl_matrix_get(a->r, j, i), 0);
        }
        CHECK_NEAR(gsl_matrix_get(a->r, i, i), 1, 0);
    }
}

static void scaling_weights_and_permuting_rows_change_nothing(void)
{
    enum { N = 5000, P = 3 };
    gsl_rng *rng = vmap_rng_new(52, 0);
    double *x = calloc(N * P, sizeof *x), *y = calloc(N * P, sizeof *y);
    double *w = calloc(N, sizeof *w), *v = calloc(N, sizeof *v);
    size_t order[N];
    vmap_moments *m = NULL, *scaled = NULL, *permuted = NULL;
    vmap_error err;

    random_answers(rng, N, P, .2, x, w);
    for (size_t i = 0; i < N; i++) {
        order[i] = i;
        v[i] = 3.7e-5 * w[i];
    }
    CHECK_OK(vmap_moments_correlate(x, N, P, w, VMAP_PAIRWISE, &m, &err), &err);
    CHECK_OK(vmap_moments_correlate(x, N, P, v, VMAP_PAIRWISE, &scaled, &err), &err);
    check_same(m, scaled, 1e-13);
    gsl_ran_shuffle(rng, order, N, sizeof *order);
    for (size_t i = 0; i < N; i++) {
        memcpy(y + i * P, x + order[i] * P, P * sizeof *x);
        v[i] = w[order[i]];
    }
    CHECK_OK(vmap_moments_correlate(y, N, P, v, VMAP_PAIRWISE, &permuted, &err), &err);
    check_same(m, permuted, 1e-13);
    vmap_moments_free(m);
    vmap_moments_free(scaled);
    vmap_moments_free(permuted);
    free(x);
    free(y);
    free(w);
    free(v);
    gsl_rng_free(rng);
}

/* x -> 1e9 + x costs seven of the sixteen digits of the values, but none of the statistics: answers
 * are whole numbers, which a double still holds exactly. */
static void a_large_common_offset_costs_no_digits(void)
{
    gsl_matrix *holes = read_reference("moments.tsv", "holes");
    gsl_matrix *w = read_reference("moments.tsv", "weights");
    vmap_moments *m = correlate(holes, w, VMAP_PAIRWISE), *far;

    gsl_matrix_add_constant(holes, 1e9);
    far = correlate(holes, w, VMAP_PAIRWISE);
    check_same(m, far, 1e-13);
    if (m && far) {
        for (size_t i = 0; i < m->p; i++)
            CHECK_NEAR(gsl_vector_get(far->mean, i) - 1e9, gsl_vector_get(m->mean, i), 1e-6);
    }
    vmap_moments_free(m);
    vmap_moments_free(far);
    gsl_matrix_free(holes);
    gsl_matrix_free(w);
}

static void a_respondent_of_weight_zero_counts_nowhere(void)
{
    static const double x[] = {1, 2, 2, 1, 4, 5, 5, 4, 100, -100};
    static const double w[] = {1, 2, 1, .5, 0};
    vmap_moments *m = NULL, *without = NULL;
    vmap_error err;

    CHECK_OK(vmap_moments_correlate(x, 5, 2, w, VMAP_PAIRWISE, &m, &err), &err);
    CHECK_OK(vmap_moments_correlate(x, 4, 2, w, VMAP_PAIRWISE, &without, &err), &err);
    check_same(m, without, 0);
    CHECK_COUNT(m->rows, 4);
    vmap_moments_free(m);
    vmap_moments_free(without);
}

/* ---- refusals ---- */

static void refuse(const double *x, size_t n, size_t p, const double *w, vmap_missing_rule rule,
                   vmap_status status, const char *column, const char *words)
{
    vmap_moments *m = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_moments_correlate(x, n, p, w, rule, &m, &err), status, &err, words);
    CHECK_TEXT(err.column, column);
    CHECK(m == NULL);
    vmap_moments_free(m);
}

static void items_without_variance_are_refused(void)
{
    static const double constant[] = {1, 5, 2, 5, 3, 5, 4, 5};
    static const double nobody[] = {1, NAN, 2, NAN, 3, NAN, 4, NAN};
    static const double tenths[] = {1, .1, 2, .1, 3, .1, 4, .1}, w[] = {.1, .7, 1.3, .9};

    refuse(constant, 4, 2, NULL, VMAP_PAIRWISE, VMAP_EDATA, "2", "constant");
    refuse(tenths, 4, 2, w, VMAP_PAIRWISE, VMAP_EDATA, "2", "constant");
    refuse(nobody, 4, 2, NULL, VMAP_PAIRWISE, VMAP_EDATA, "2", "nobody answered");
    refuse(nobody, 4, 2, NULL, VMAP_LISTWISE, VMAP_EDATA, "1", "nobody answered");
}

static void pairs_with_too_few_respondents_are_refused(void)
{
    static const double apart[] = {1, NAN, 2, NAN, 3, 1, 4, 2, NAN, 3};
    static const double w[] = {1, 1, 1, 0, 1};
    static const double two[] = {1, 2, 2, 1};

    refuse(apart, 5, 2, NULL, VMAP_PAIRWISE, VMAP_EDATA, "2", "fewer than three respondents");
    refuse(apart, 5, 2, w, VMAP_PAIRWISE, VMAP_EDATA, "2", "(with item 1)");
    refuse(two, 2, 2, NULL, VMAP_PAIRWISE, VMAP_EDATA, "2", "fewer than three");
}

/* An item that varies, but not among those who answered the other one, has no correlation with it.
 * Whatever the values and weights: rounding must not pass for variance. */
static void an_item_that_is_constant_in_a_pair_is_refused(void)
{
    enum { N = 200 };
    gsl_rng *rng = vmap_rng_new(53, 0);
    size_t accepted = 0;

    for (int trial = 0; trial < 300; trial++) {
        double x[2 * N], w[N], same = trial % 2 ? 4 : 10 * gsl_rng_uniform(rng);
        size_t n = 8 + vmap_rng_below(rng, N - 8);
        vmap_moments *m = NULL;
        vmap_error err;

        for (size_t i = 0; i < n; i++) {
            bool both = i % 2 == 0;

            x[2 * i] = both ? same : same + 3 * gsl_ran_ugaussian(rng);
            x[2 * i + 1] = both ? gsl_ran_ugaussian(rng) : NAN;
            w[i] = .1 + gsl_rng_uniform(rng);
        }
        if (vmap_moments_correlate(x, n, 2, w, VMAP_PAIRWISE, &m, &err) == VMAP_EDATA) {
            CHECK_TEXT(err.column, "1");
            CHECK(strstr(err.message, "constant among those who answered both") != NULL);
        } else {
            accepted++;
        }
        vmap_moments_free(m);
    }
    CHECK_COUNT(accepted, 0);
    gsl_rng_free(rng);
}

/* ... while a variance that is really there counts, however small beside the distance between those
 * who answered both items and everybody: here one of 20000 gives another answer. */
static void a_rare_answer_is_no_constant(void)
{
    enum { N = 40000 };
    double *x = calloc(2 * N, sizeof *x);
    vmap_moments *m = NULL;
    vmap_error err;

    for (size_t i = 0; i < N; i++) {
        x[2 * i] = i % 2 ? 1 : i == 0 ? 9 : 10;
        x[2 * i + 1] = i % 2 ? NAN : (double)(i % 10);
    }
    CHECK_OK(vmap_moments_correlate(x, N, 2, NULL, VMAP_PAIRWISE, &m, &err), &err);
    if (m)
        check_pairs(x, N, 2, NULL, m, 1e-12);
    vmap_moments_free(m);
    free(x);
}

static void bad_arguments_are_refused(void)
{
    static const double x[] = {1, 2, 2, 1, 3, 5};
    static const double negative[] = {1, -1, 1}, none[] = {1, NAN, 1},
                        infinite[] = {1, INFINITY, 1};
    static const double zero[] = {0, 0, 0};

    refuse(x, 3, 1, NULL, VMAP_PAIRWISE, VMAP_EINVAL, "", "1 items; a correlation needs two");
    refuse(x, 3, 2, negative, VMAP_PAIRWISE, VMAP_EINVAL, "", "weight 2 is -1");
    refuse(x, 3, 2, none, VMAP_PAIRWISE, VMAP_EINVAL, "", "weight 2 is nan");
    refuse(x, 3, 2, infinite, VMAP_PAIRWISE, VMAP_EINVAL, "", "weight 2 is inf");
    refuse(x, 3, 2, zero, VMAP_PAIRWISE, VMAP_EDATA, "1", "nobody answered");
    refuse(x, 0, 2, NULL, VMAP_PAIRWISE, VMAP_EDATA, "1", "nobody answered");
    vmap_moments_free(NULL);
}

static const test_case cases[] = {
    TEST(a_small_example_by_hand),
    TEST(weighted_moments_of_complete_data_are_those_of_r),
    TEST(a_whole_weight_is_as_many_respondents),
    TEST(listwise_takes_whole_respondents),
    TEST(missing_answers_do_not_correlate_independent_items),
    TEST(a_complete_respondent_has_no_gap),
    TEST(rules_have_names),
    TEST(every_pair_is_computed_over_its_own_respondents),
    TEST(any_share_of_missing_answers_counts_as_defined),
    TEST(a_pair_of_few_respondents_keeps_its_digits),
    TEST(whole_answers_give_the_same_bits_in_any_order),
    TEST(scaling_weights_and_permuting_rows_change_nothing),
    TEST(a_large_common_offset_costs_no_digits),
    TEST(a_respondent_of_weight_zero_counts_nowhere),
    TEST(items_without_variance_are_refused),
    TEST(pairs_with_too_few_respondents_are_refused),
    TEST(an_item_that_is_constant_in_a_pair_is_refused),
    TEST(a_rare_answer_is_no_constant),
    TEST(bad_arguments_are_refused),
};
SUITE(moments_correlate_suite, cases);
