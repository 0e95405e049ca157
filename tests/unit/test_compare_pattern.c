#include <config.h>

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>

#include "support/check.h"
#include "valuemap/morality.h"
#include "valuemap/pattern.h"
#include "valuemap/rng.h"

static const char FILE_NAME[] = "pattern.tsv";

static double get_number(void *numbers, size_t row, size_t col)
{
    (void)col;
    return ((double *)numbers)[row];
}

/* A column of the reference file as plain numbers; minus `less`. */
static size_t *read_counts(const char *quantity, double less, size_t *n)
{
    gsl_matrix *m = read_reference(FILE_NAME, quantity);
    size_t *counts = calloc(m->size1, sizeof *counts);

    *n = m->size1;
    for (size_t i = 0; i < *n; i++)
        counts[i] = (size_t)(gsl_matrix_get(m, i, 0) - less);
    gsl_matrix_free(m);
    return counts;
}

/* ---- what an attribute explains ---- */

static void eta_squared_is_that_of_an_analysis_of_variance(void)
{
    gsl_matrix *y = read_reference(FILE_NAME, "y"), *w = read_reference(FILE_NAME, "w");
    size_t n, *g = read_counts("g", 1, &n);
    vmap_explained e;
    vmap_error err;
    double f[4];

    CHECK_OK(vmap_pattern_explain(y->data, y->tda, NULL, n, g, 4, &e, &err), &err);
    check_reference(FILE_NAME, "eta2", 1, get_number, &e.eta2);
    check_reference(FILE_NAME, "epsilon2", 1, get_number, &e.epsilon2);
    check_reference(FILE_NAME, "icc", 1, get_number, &e.icc);
    f[0] = e.f, f[1] = e.df1, f[2] = e.df2, f[3] = e.p;
    check_reference(FILE_NAME, "f", 4, get_number, f);
    CHECK_OK(vmap_pattern_explain(y->data, y->tda, w->data, n, g, 4, &e, &err), &err);
    check_reference(FILE_NAME, "eta2_weighted", 1, get_number, &e.eta2);
    check_reference(FILE_NAME, "variance_weighted", 1, get_number, &e.variance);
    CHECK_NEAR(e.within, e.variance * (1 - e.eta2), 1e-12);
    gsl_matrix_free(y);
    gsl_matrix_free(w);
    free(g);
}

static void scaling_weights_and_leaving_out_change_nothing(void)
{
    gsl_matrix *y = read_reference(FILE_NAME, "y"), *w = read_reference(FILE_NAME, "w");
    size_t n, *g = read_counts("g", 1, &n);
    double more[26], weights[26];
    size_t groups[26];
    vmap_explained a, b;
    vmap_error err;

    for (size_t i = 0; i < 24; i++) {
        more[i + 1] = gsl_matrix_get(y, i, 0);
        weights[i + 1] = 1000 * gsl_matrix_get(w, i, 0);
        groups[i + 1] = g[i];
    }
    more[0] = NAN, weights[0] = 1, groups[0] = 2; /* no answer */
    more[25] = 99, weights[25] = 1, groups[25] = 4; /* no group */
    CHECK_OK(vmap_pattern_explain(y->data, y->tda, w->data, n, g, 4, &a, &err), &err);
    CHECK_OK(vmap_pattern_explain(more, 1, weights, 26, groups, 4, &b, &err), &err);
    CHECK_COUNT(b.n, 24);
    CHECK_NEAR(b.eta2, a.eta2, 1e-13);
    CHECK_NEAR(b.p, a.p, 1e-13);
    CHECK_NEAR(b.icc, a.icc, 1e-13);
    gsl_matrix_free(y);
    gsl_matrix_free(w);
    free(g);
}

static void constants_and_perfect_groups_are_said_and_not_computed(void)
{
    const double same[] = {4, 4, 4, 4}, perfect[] = {1, 1, 5, 5};
    const size_t g[] = {0, 0, 1, 1}, one[] = {0, 0, 0, 0}, alone[] = {0, 1, 2, 3};
    const double bad[] = {1, -1, 1, 1};
    vmap_explained e;
    vmap_error err;

    CHECK_OK(vmap_pattern_explain(same, 1, NULL, 4, g, 2, &e, &err), &err);
    CHECK_NEAR(e.variance, 0, 0);
    CHECK(isnan(e.eta2) && isnan(e.p) && isnan(e.icc));
    CHECK_OK(vmap_pattern_explain(perfect, 1, NULL, 4, g, 2, &e, &err), &err);
    CHECK_NEAR(e.eta2, 1, 0);
    CHECK_NEAR(e.icc, 1, 1e-15);
    CHECK(isinf(e.f) && e.p == 0);
    CHECK_FAILS(vmap_pattern_explain(perfect, 1, NULL, 4, one, 2, &e, &err), VMAP_EDATA, &err,
                "two are needed");
    CHECK_FAILS(vmap_pattern_explain(perfect, 1, NULL, 4, alone, 4, &e, &err), VMAP_EDATA, &err,
                "more respondents than groups");
    CHECK_FAILS(vmap_pattern_explain(perfect, 1, bad, 4, g, 2, &e, &err), VMAP_EINVAL, &err,
                "weight 2 is -1");
}

/* ---- groups made alike ---- */

static void homogenisation_is_the_ratio_of_mean_distances(void)
{
    gsl_matrix *h = read_reference(FILE_NAME, "human_distance");
    gsl_matrix *p = read_reference(FILE_NAME, "persona_distance");
    vmap_homogenisation r;
    vmap_error err;
    double ratio[3];

    CHECK_OK(vmap_pattern_homogenise(h, p, .95, &r, &err), &err);
    ratio[0] = r.ratio, ratio[1] = r.low, ratio[2] = r.high;
    check_reference(FILE_NAME, "ratio", 3, get_number, ratio);
    check_reference(FILE_NAME, "nearer", 1, get_number, &r.nearer);
    check_reference(FILE_NAME, "ratio_r", 1, get_number, &r.correlation);
    CHECK_OK(vmap_pattern_homogenise(h, h, .95, &r, &err), &err);
    CHECK_NEAR(r.ratio, 1, 0);
    CHECK_NEAR(r.low, 1, 1e-14);
    CHECK_NEAR(r.nearer, .5, 0);
    gsl_matrix_free(h);
    gsl_matrix_free(p);
}

static void homogenisation_refuses_what_it_cannot_compare(void)
{
    gsl_matrix *two = gsl_matrix_calloc(2, 2), *three = gsl_matrix_calloc(3, 3);
    vmap_homogenisation r;
    vmap_error err;

    CHECK_FAILS(vmap_pattern_homogenise(two, three, .95, &r, &err), VMAP_EINVAL, &err, "square");
    CHECK_FAILS(vmap_pattern_homogenise(two, two, .95, &r, &err), VMAP_EDATA, &err, "three are needed");
    CHECK_FAILS(vmap_pattern_homogenise(three, three, 95, &r, &err), VMAP_EINVAL, &err, "level 95");
    CHECK_OK(vmap_pattern_homogenise(three, three, .95, &r, &err), &err);
    CHECK(isnan(r.ratio)); /* people who do not differ at all */
    gsl_matrix_set(three, 1, 0, NAN);
    CHECK_FAILS(vmap_pattern_homogenise(three, three, .95, &r, &err), VMAP_EDATA, &err, "2 pairs");
    gsl_matrix_free(two);
    gsl_matrix_free(three);
}

/* ---- identification ---- */

static void ranks_and_hits_are_those_of_all_exchanges(void)
{
    gsl_matrix *d = read_reference(FILE_NAME, "distance");
    const size_t own[] = {0, 1, 2, 3, 4};
    vmap_identification *r = NULL;
    vmap_error err;
    double two[2], chance[4], p[5], ends[6];

    CHECK_OK(vmap_pattern_identify(d, own, NULL, &r, &err), &err);
    CHECK_COUNT(r->groups, 5);
    CHECK_COUNT(r->nearest[0], 0);
    CHECK_COUNT(r->nearest[1], 1);
    CHECK_COUNT(r->nearest[4], 5);
    check_reference(FILE_NAME, "rank", 5, get_number, r->rank);
    check_reference(FILE_NAME, "hit", 3, get_number, r->hit);
    two[0] = r->mrr, two[1] = r->mean_rank;
    check_reference(FILE_NAME, "mrr", 2, get_number, two);
    for (size_t k = 0; k < 3; k++) {
        chance[k] = r->hit_chance[k];
        p[k] = r->hit_p[k];
    }
    chance[3] = r->mrr_chance;
    p[3] = r->mrr_p;
    p[4] = r->mean_rank_p;
    check_reference(FILE_NAME, "chance", 4, get_number, chance);
    check_reference(FILE_NAME, "identification_p", 5, get_number, p);
    for (size_t k = 0; k < 3; k++) {
        ends[2 * k] = r->hit_low[k];
        ends[2 * k + 1] = r->hit_high[k];
    }
    check_reference(FILE_NAME, "hit_interval", 6, get_number, ends);
    two[0] = r->mrr_low, two[1] = r->mrr_high;
    check_reference(FILE_NAME, "mrr_interval", 2, get_number, two);
    vmap_identification_free(r);
    gsl_matrix_free(d);
}

static void groups_without_a_counterpart_do_not_count(void)
{
    double d[] = {.1, .5, .9, .2, .3, .1, .8, NAN, .4, .3, .2, .1};
    gsl_matrix_view m = gsl_matrix_view_array(d, 4, 3);
    const size_t own[] = {0, 99, 1, 2}, stratum[] = {3, 0, 3, 1};
    vmap_permutation_options o = {.permutations = 99, .stratum = stratum};
    vmap_identification *r = NULL;
    vmap_error err;

    CHECK_OK(vmap_pattern_identify(&m.matrix, own, &o, &r, &err), &err);
    CHECK_COUNT(r->groups, 2); /* the second has no own group, the third no distance to it */
    CHECK_NEAR(r->hit[0], 1, 0);
    CHECK(isnan(r->rank[1]) && isnan(r->rank[2]));
    CHECK_NEAR(r->hit_p[0], 1, 0); /* each is alone in its stratum: nothing can be exchanged */
    vmap_identification_free(r);
    o.stratum = NULL;
    m = gsl_matrix_view_array(d, 1, 3);
    CHECK_FAILS(vmap_pattern_identify(&m.matrix, own, &o, &r, &err), VMAP_EDATA, &err,
                "1 persona groups");
    m = gsl_matrix_view_array(d, 3, 1);
    CHECK_FAILS(vmap_pattern_identify(&m.matrix, own, &o, &r, &err), VMAP_EDATA, &err, "a choice");
}

/* Distances that are the same but for rounding share their places: by hand, ranks 1.5 and 1.5. */
static void rounding_breaks_no_ties(void)
{
    double d[] = {.1 + .2, .3, .3, .1 + .2};
    const gsl_matrix_view m = gsl_matrix_view_array(d, 2, 2);
    const size_t own[] = {0, 1};
    vmap_identification *r = NULL;

    CHECK_OK(vmap_pattern_identify(&m.matrix, own, NULL, &r, NULL), NULL);
    CHECK_NEAR(r->rank[0], 1.5, 0);
    CHECK_NEAR(r->rank[1], 1.5, 0);
    CHECK_COUNT(r->nearest[0], 0);
    CHECK_COUNT(r->nearest[1], 0);
    CHECK_NEAR(r->hit[0], 0, 0);
    vmap_identification_free(r);
}

/* Ranks of means that are the same but for rounding share their place: those of 1, 1, 2, 3 and 1, 2, 3, 4 correlate by .9487 (R:
 * cor(method = "spearman")), tau-b is .9129. */
static void equal_means_share_their_rank(void)
{
    double x[] = {.1 + .2, .3, .4, .5}, y[] = {1, 2, 3, 4};
    vmap_calibration c;
    vmap_error err;

    CHECK_OK(vmap_calibration_find(x, NULL, y, NULL, 4, .95, &c, &err), &err);
    CHECK_NEAR(c.rank, .94868329805051377, 1e-15);
    CHECK_NEAR(c.kendall, .91287092917527679, 1e-15);
}

/* ---- regressions ---- */

typedef struct {
    gsl_matrix *x, *human, *persona, *weight;
    vmap_least_squares *h, *p;
} regressions;

/* Robust errors as table coefficients has them: HC1, with clusters CR1. */
static vmap_status regress(const double *y, size_t n, const gsl_matrix *x, const double *weights, const size_t *cluster,
                           vmap_least_squares **fit, vmap_error *err)
{
    gsl_matrix_const_view of = gsl_matrix_const_view_array(y, n, 1);

    return vmap_least_squares_new(x, &of.matrix, &(vmap_least_squares_options){VMAP_ERRORS_CR1, cluster, weights}, fit, err);
}

static regressions begin(void)
{
    regressions r = {NULL, read_reference(FILE_NAME, "human"), read_reference(FILE_NAME, "persona"),
                     read_reference(FILE_NAME, "weight"), NULL, NULL};
    size_t n, *sex = read_counts("sex", 0, &n), *age = read_counts("age", 0, &n);
    size_t level[120], cluster[60];
    const size_t levels[] = {2, 3}, reference[] = {0, 0};
    vmap_error err;

    for (size_t i = 0; i < 60; i++) {
        level[i] = sex[i];
        level[60 + i] = age[i];
        cluster[i] = 7 * (i / 3) % 20; /* any numbers */
    }
    CHECK_OK(vmap_pattern_dummies(level, levels, reference, 2, 60, &r.x, &err), &err);
    CHECK_OK(regress(r.human->data, 60, r.x, r.weight->data, NULL, &r.h, &err), &err);
    CHECK_OK(regress(r.persona->data, 60, r.x, NULL, cluster, &r.p, &err), &err);
    free(sex);
    free(age);
    return r;
}

static void end(regressions *r)
{
    gsl_matrix_free(r->x);
    gsl_matrix_free(r->human);
    gsl_matrix_free(r->persona);
    gsl_matrix_free(r->weight);
    vmap_least_squares_free(r->h);
    vmap_least_squares_free(r->p);
}

static void regressions_and_robust_errors_are_those_of_sandwich(void)
{
    regressions r = begin();

    check_reference(FILE_NAME, "dummies", 180, get_matrix_element, r.x);
    check_reference(FILE_NAME, "human_b", 4, get_matrix_element, r.h->b);
    check_reference(FILE_NAME, "human_cov", 16, get_matrix_element, r.h->covariance);
    check_reference(FILE_NAME, "human_r2", 1, get_vector_element, r.h->r2);
    check_reference(FILE_NAME, "persona_b", 4, get_matrix_element, r.p->b);
    check_reference(FILE_NAME, "persona_cov", 16, get_matrix_element, r.p->covariance);
    CHECK_COUNT(r.h->clusters, 60);
    CHECK_COUNT(r.p->clusters, 20);
    end(&r);
}

static void differences_of_coefficients_are_tested(void)
{
    regressions r = begin();
    vmap_fidelity *f = NULL;
    vmap_error err;
    double z[3], p[3], wald[2], both[2];

    CHECK_OK(vmap_pattern_fidelity(r.h, r.p, .95, &f, &err), &err);
    for (size_t j = 0; j < 3; j++) {
        z[j] = f->coefficient[j].z;
        p[j] = f->coefficient[j].p;
    }
    wald[0] = f->wald, wald[1] = f->p;
    both[0] = f->correlation, both[1] = f->slope;
    check_reference(FILE_NAME, "z", 3, get_number, z);
    check_reference(FILE_NAME, "z_p", 3, get_number, p);
    check_reference(FILE_NAME, "wald", 2, get_number, wald);
    check_reference(FILE_NAME, "coefficients", 2, get_number, both);
    CHECK(f->coefficient[0].flip && f->coefficient[0].clear); /* sex: .8 in people, -.5 in personas */
    CHECK(!f->coefficient[1].flip);
    CHECK_COUNT(f->clear_flips, 1);
    vmap_fidelity_free(f);
    CHECK_OK(vmap_pattern_fidelity(r.h, r.h, .95, &f, &err), &err);
    CHECK_COUNT(f->flips + f->different, 0);
    CHECK_NEAR(f->slope, 1, 1e-14);
    CHECK_NEAR(f->p, 1, 0);
    vmap_fidelity_free(f);
    end(&r);
}

static void regressions_refuse_what_cannot_be_compared(void)
{
    regressions r = begin();
    const size_t level[] = {0, 1, 2}, levels[] = {2}, reference[] = {0};
    gsl_matrix_view narrow = gsl_matrix_submatrix(r.x, 0, 0, 60, 1);
    vmap_least_squares *one = NULL;
    vmap_fidelity *f = NULL;
    gsl_matrix *d = NULL;
    vmap_error err;

    CHECK_OK(regress(r.human->data, 60, &narrow.matrix, NULL, NULL, &one, &err), &err);
    CHECK_FAILS(vmap_pattern_fidelity(r.h, one, .95, &f, &err), VMAP_EINVAL, &err, "3 predictors of 1 outcomes of people, 1 of 1");
    CHECK_FAILS(vmap_pattern_fidelity(r.h, r.p, 1, &f, &err), VMAP_EINVAL, &err, "level 1");
    CHECK_FAILS(vmap_pattern_dummies(level, levels, reference, 1, 3, &d, &err), VMAP_EINVAL, &err, "level 2 of respondent 3");
    CHECK(!f && !d);
    vmap_least_squares_free(one);
    end(&r);
}

/* Personas who all say the same: coefficients are 0 up to rounding, and have no sign. */
static void a_constant_item_has_no_flips(void)
{
    regressions r = begin();
    double same[60];
    vmap_least_squares *constant = NULL;
    vmap_fidelity *f = NULL;
    vmap_error err;

    for (size_t i = 0; i < 60; i++)
        same[i] = .1 * 3;
    CHECK_OK(regress(same, 60, r.x, NULL, NULL, &constant, &err), &err);
    CHECK_OK(vmap_pattern_fidelity(r.h, constant, .95, &f, &err), &err);
    CHECK_COUNT(f->flips, 0);
    CHECK(isnan(gsl_vector_get(constant->r2, 0)));
    vmap_fidelity_free(f);
    CHECK_OK(vmap_pattern_fidelity(constant, constant, .95, &f, &err), &err);
    CHECK(isnan(f->coefficient[0].z));
    vmap_fidelity_free(f);
    vmap_least_squares_free(constant);
    end(&r);
}

/* Two samples of one population: p of the Wald test is below .05 in about one of twenty. */
static void the_test_of_all_coefficients_keeps_its_level(void)
{
    gsl_rng *rng = vmap_rng_new(3, 0);
    size_t rejected = 0;

    for (size_t s = 0; s < 400; s++) {
        vmap_least_squares *r[2] = {NULL, NULL};
        vmap_fidelity *f = NULL;

        for (size_t side = 0; side < 2; side++) {
            gsl_matrix *x = gsl_matrix_calloc(300, 2);
            double y[300];

            for (size_t i = 0; i < 300; i++) {
                if (i % 3)
                    gsl_matrix_set(x, i, i % 3 - 1, 1);
                y[i] = (double)(i % 3) + gsl_ran_gaussian(rng, 1 + (double)(i % 3));
            }
            CHECK_OK(regress(y, 300, x, NULL, NULL, r + side, NULL), NULL);
            gsl_matrix_free(x);
        }
        CHECK_OK(vmap_pattern_fidelity(r[0], r[1], .95, &f, NULL), NULL);
        rejected += f->p < .05;
        vmap_fidelity_free(f);
        vmap_least_squares_free(r[0]);
        vmap_least_squares_free(r[1]);
    }
    CHECK_NEAR((double)rejected / 400, .05, .033); /* three standard errors */
    gsl_rng_free(rng);
}

/* ---- intervals ---- */

static void intervals_are_bias_corrected_percentiles(void)
{
    gsl_matrix *b = read_reference(FILE_NAME, "replicates");
    double two[2];
    vmap_error err;

    CHECK_OK(vmap_pattern_interval(.7, b->data, 40, 1, .95, two, two + 1, &err), &err);
    check_reference(FILE_NAME, "interval", 2, get_number, two);
    CHECK_OK(vmap_pattern_interval(99, b->data, 40, 1, .95, two, two + 1, &err), &err); /* above them all */
    CHECK(two[0] <= two[1] && isfinite(two[1]));
    CHECK_OK(vmap_pattern_interval(NAN, b->data, 40, 1, .95, two, two + 1, &err), &err);
    CHECK(isnan(two[0]) && isnan(two[1]));
    for (size_t i = 0; i < 4; i++)
        b->data[i] = NAN;
    CHECK_OK(vmap_pattern_interval(.7, b->data, 40, 1, .95, two, two + 1, &err), &err);
    CHECK(isnan(two[0])); /* five of forty are missing */
    CHECK_FAILS(vmap_pattern_interval(.7, b->data, 40, 1, 1, two, two + 1, &err), VMAP_EINVAL, &err, "level 1");
    gsl_matrix_free(b);
}

static void ratios_of_lengths_are_free_of_noise(void)
{
    gsl_matrix *h = read_reference(FILE_NAME, "lengths_human"), *q = read_reference(FILE_NAME, "lengths_persona");
    const double quiet[] = {3, 3, 3, 3};
    vmap_true_ratio r;
    double three[3];
    vmap_error err;

    CHECK_OK(vmap_pattern_true_ratio(2.4, 1.3, h->data, q->data, 40, 1, .95, &r, &err), &err);
    three[0] = r.ratio, three[1] = r.low, three[2] = r.high;
    check_reference(FILE_NAME, "true_ratio", 3, get_number, three);
    CHECK_OK(vmap_pattern_true_ratio(1.9, 1.3, h->data, q->data, 40, 1, .95, &r, &err), &err);
    three[0] = r.ratio, three[1] = r.low;
    check_reference(FILE_NAME, "noisy_ratio", 2, get_number, three);
    CHECK(isinf(r.high));
    CHECK_OK(vmap_pattern_true_ratio(3, 3, quiet, quiet, 4, 1, .95, &r, &err), &err); /* no noise: the ratio as it is */
    CHECK_NEAR(r.ratio, 1, 1e-15);
    CHECK_NEAR(r.low, 1, 1e-15);
    CHECK_NEAR(r.high, 1, 1e-15);
    CHECK_OK(vmap_pattern_true_ratio(3, .1, quiet, h->data, 4, 1, .95, &r, &err), &err); /* personas are all noise */
    CHECK_NEAR(r.ratio, 0, 0);
    CHECK_NEAR(r.low, 0, 0);
    CHECK(r.high >= 0 && r.high < 1);
    CHECK_OK(vmap_pattern_true_ratio(.1, 3, h->data, quiet, 4, 1, .95, &r, &err), &err); /* people are */
    CHECK(isnan(r.ratio) && isnan(r.low) && isnan(r.high));
    for (size_t i = 0; i < 4; i++)
        h->data[i] = NAN;
    CHECK_OK(vmap_pattern_true_ratio(2.4, 1.3, h->data, q->data, 40, 1, .95, &r, &err), &err); /* five of forty are missing */
    CHECK(isnan(r.ratio));
    CHECK_FAILS(vmap_pattern_true_ratio(3, 3, quiet, quiet, 4, 1, 0, &r, &err), VMAP_EINVAL, &err, "level 0");
    gsl_matrix_free(h);
    gsl_matrix_free(q);
}

typedef struct {
    const double *human, *persona;
    size_t n, m;
} answers_of;

/* Means of both sides. */
static bool find_means(const void *context, const double *human, const double *persona, double *value)
{
    const answers_of *a = context;
    double sum[2] = {0, 0}, total[2] = {0, 0};

    for (size_t i = 0; i < a->n; i++) {
        sum[0] += human[i] * a->human[i];
        total[0] += human[i];
    }
    for (size_t i = 0; i < a->m; i++) {
        sum[1] += persona[i] * a->persona[i];
        total[1] += persona[i];
    }
    value[0] = sum[0] / total[0];
    value[1] = sum[1] / total[1];
    return true;
}

/* By hand: variance of a mean within two strata of 4 and 3 is S (n_g / n)^2 s_g^2 / n_g. The personas are three of two
 * equal answers each: the variance of their mean is s^2 / 3 of the three. */
static void drawn_means_have_the_variance_of_a_stratified_mean(void)
{
    enum { N = 7, M = 6, DRAWS = 20000 };
    const double h[N] = {1, 2, 4, 9, 3, 3, 6}, q[M] = {1, 1, 4, 4, 10, 10};
    const size_t group[N] = {0, 0, 0, 0, 1, 1, 1}, one[M] = {0}, cluster[M] = {5, 5, 2, 2, 0, 0};
    const vmap_pattern_side human = {N, NULL, group, NULL}, persona = {M, NULL, one, cluster};
    const answers_of a = {h, q, N, M};
    double *draw = malloc(2 * DRAWS * sizeof *draw), mean[2] = {0, 0}, variance[2] = {0, 0};
    /* s^2: 38/3 and 3 of the people, 21 of the personas */
    const double want[2] = {16. / 49 * (38. / 3) / 4 + 9. / 49 * 3 / 3, 21. / 3};
    vmap_error err;

    CHECK_OK(vmap_pattern_bootstrap(&human, &persona, 2, find_means, &a, 2, &(vmap_pattern_draws){DRAWS, 4, 2}, draw, &err), &err);
    for (size_t k = 0; k < 2; k++) {
        for (size_t r = 0; r < DRAWS; r++)
            mean[k] += draw[2 * r + k] / DRAWS;
        for (size_t r = 0; r < DRAWS; r++)
            variance[k] += pow(draw[2 * r + k] - mean[k], 2) / DRAWS;
        CHECK_NEAR(variance[k] / want[k], 1, .05);
    }
    CHECK_NEAR(mean[0], 4, .05);
    CHECK_NEAR(mean[1], 5, .08);
    free(draw);
}

static void threads_do_not_change_what_is_drawn(void)
{
    const double h[] = {1, 2, 4, 9}, w[] = {1, 0, 2, 1}, bad[] = {1, -1, 2, 1};
    const size_t group[] = {0, 0, 0, 1}, wrong[] = {0, 1, 2, 4};
    vmap_pattern_side side = {4, w, group, NULL};
    const answers_of a = {h, h, 4, 4};
    double one[40], two[40];
    vmap_error err;

    CHECK_OK(vmap_pattern_bootstrap(&side, &side, 2, find_means, &a, 2, &(vmap_pattern_draws){20, 9, 1}, one, &err), &err);
    CHECK_OK(vmap_pattern_bootstrap(&side, &side, 2, find_means, &a, 2, &(vmap_pattern_draws){20, 9, 3}, two, &err), &err);
    for (size_t i = 0; i < 40; i++)
        CHECK_NEAR(one[i], two[i], 0);
    CHECK_FAILS(vmap_pattern_bootstrap(&side, &side, 2, find_means, &a, 2, &(vmap_pattern_draws){18, 9, 3}, two, &err), VMAP_EINVAL,
                &err, "18 replicates");
    side.weights = bad;
    CHECK_FAILS(vmap_pattern_bootstrap(&side, &side, 2, find_means, &a, 2, NULL, two, &err), VMAP_EINVAL, &err, "weight 2");
    side.weights = NULL;
    side.cluster = wrong;
    CHECK_FAILS(vmap_pattern_bootstrap(&side, &side, 2, find_means, &a, 2, NULL, two, &err), VMAP_EINVAL, &err, "row 4");
}

enum { GROUPS = 4, EACH = 40 };

static bool find_stereotyping(const void *context, const double *human, const double *persona, double *value)
{
    const answers_of *a = context;
    size_t group[GROUPS * EACH];
    vmap_explained e[2];

    for (size_t i = 0; i < a->n; i++)
        group[i] = i / EACH;
    if (vmap_pattern_explain(a->human, 1, human, a->n, group, GROUPS, &e[0], NULL) ||
        vmap_pattern_explain(a->persona, 1, persona, a->m, group, GROUPS, &e[1], NULL))
        return false;
    value[0] = e[1].epsilon2 / e[0].epsilon2;
    value[1] = e[1].within / e[0].within;
    return true;
}

/* People's groups explain .2 of the variance, personas' .5, with a quarter of the variance within. */
static void intervals_of_ratios_cover_what_is_true(void)
{
    enum { TIMES = 200, DRAWS = 199 };
    static const double place[GROUPS] = {-1, -1, 1, 1};
    gsl_rng *rng = vmap_rng_new(21, 0);
    double h[GROUPS * EACH], q[GROUPS * EACH], draw[2 * DRAWS], ones[GROUPS * EACH];
    const answers_of a = {h, q, GROUPS * EACH, GROUPS * EACH};
    size_t group[GROUPS * EACH], covered[2] = {0, 0};
    const vmap_pattern_side side = {GROUPS * EACH, NULL, group, NULL};
    const double truth[2] = {.5 / .2, .25};

    for (size_t s = 0; s < TIMES; s++) {
        double value[2], low, high;

        for (size_t i = 0; i < GROUPS * EACH; i++) {
            group[i] = i / EACH;
            ones[i] = 1;
            h[i] = place[i / EACH] * .5 + gsl_ran_gaussian(rng, 1);
            q[i] = place[i / EACH] * .5 + gsl_ran_gaussian(rng, .5);
        }
        find_stereotyping(&a, ones, ones, value);
        CHECK_OK(vmap_pattern_bootstrap(&side, &side, GROUPS, find_stereotyping, &a, 2, &(vmap_pattern_draws){DRAWS, s, 1}, draw, NULL), NULL);
        for (size_t k = 0; k < 2; k++) {
            CHECK_OK(vmap_pattern_interval(value[k], draw + k, DRAWS, 2, .95, &low, &high, NULL), NULL);
            covered[k] += low <= truth[k] && truth[k] <= high;
        }
    }
    CHECK_NEAR((double)covered[0] / TIMES, .95, .046); /* three standard errors */
    CHECK_NEAR((double)covered[1] / TIMES, .95, .046);
    gsl_rng_free(rng);
}

static const test_case cases[] = {
    TEST(eta_squared_is_that_of_an_analysis_of_variance),
    TEST(scaling_weights_and_leaving_out_change_nothing),
    TEST(constants_and_perfect_groups_are_said_and_not_computed),
    TEST(homogenisation_is_the_ratio_of_mean_distances),
    TEST(homogenisation_refuses_what_it_cannot_compare),
    TEST(ranks_and_hits_are_those_of_all_exchanges),
    TEST(groups_without_a_counterpart_do_not_count),
    TEST(rounding_breaks_no_ties),
    TEST(equal_means_share_their_rank),
    TEST(regressions_and_robust_errors_are_those_of_sandwich),
    TEST(differences_of_coefficients_are_tested),
    TEST(regressions_refuse_what_cannot_be_compared),
    TEST(a_constant_item_has_no_flips),
    TEST(the_test_of_all_coefficients_keeps_its_level),
    TEST(intervals_are_bias_corrected_percentiles),
    TEST(ratios_of_lengths_are_free_of_noise),
    TEST(drawn_means_have_the_variance_of_a_stratified_mean),
    TEST(threads_do_not_change_what_is_drawn),
    TEST(intervals_of_ratios_cover_what_is_true),
};
SUITE(compare_pattern_suite, cases);
