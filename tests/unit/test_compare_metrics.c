#include <config.h>
#include "valuemap/metrics.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_rng.h>

#include "compare/lanes.h"
#include "support/check.h"
#include "valuemap/rng.h"

enum { POINTS = 10, PAIRS = 8 };

/* A pair and the room for it. */
typedef struct {
    vmap_metric_pair pair;
    double p[POINTS + 1], q[POINTS + 1], code[POINTS + 1];
} scene;

static void connect(scene *s)
{
    s->pair.p = s->p;
    s->pair.q = s->q;
    s->pair.code = s->code;
}

static void set_scene(scene *s, size_t k, const double *p, const double *q, double n, double m)
{
    *s = (scene){.pair = {.k = k, .n_p = n, .n_q = m, .base = 2, .smoothing = .5}};
    for (size_t i = 0; i < k; i++) {
        s->p[i] = p[i];
        s->q[i] = q[i];
        s->code[i] = (double)i + 1;
    }
    connect(s);
}

static double value(const char *name, const scene *s)
{
    const vmap_metric *metric = NULL;
    vmap_error err;

    CHECK_OK(vmap_metric_find(name, &metric, &err), &err);
    return metric ? metric->of(&s->pair) : NAN;
}

/* Two distributions with many zeros, drawn as counts. */
static void draw_scene(scene *s, gsl_rng *rng)
{
    double n[2] = {0, 0};

    *s = (scene){.pair = {.k = 2 + vmap_rng_below(rng, POINTS - 1), .base = 2, .smoothing = .5}};
    connect(s);
    for (size_t i = 0; i < s->pair.k; i++) {
        s->p[i] = (double)vmap_rng_below(rng, 3) * (double)vmap_rng_below(rng, 9);
        s->q[i] = (double)vmap_rng_below(rng, 3) * (double)vmap_rng_below(rng, 9);
        s->code[i] = (i ? s->code[i - 1] : -3) + 1 + (double)vmap_rng_below(rng, 2);
    }
    s->p[vmap_rng_below(rng, s->pair.k)] += 3;
    s->q[vmap_rng_below(rng, s->pair.k)] += 2;
    for (size_t i = 0; i < s->pair.k; i++) {
        n[0] += s->p[i];
        n[1] += s->q[i];
    }
    for (size_t i = 0; i < s->pair.k; i++) {
        s->p[i] /= n[0];
        s->q[i] /= n[1];
    }
    s->pair.n_p = n[0];
    s->pair.n_q = n[1];
}

static void exchange(const scene *from, scene *to)
{
    *to = *from;
    connect(to);
    memcpy(to->p, from->q, sizeof to->p);
    memcpy(to->q, from->p, sizeof to->q);
    to->pair.n_p = from->pair.n_q;
    to->pair.n_q = from->pair.n_p;
}

/* ---- known values ---- */

/* p = (.1, .4, .5, 0), q = (.3, .3, .3, .1), worked out with scipy 1.10, R and by hand before this code
 * was written. */
static void the_golden_pair_has_its_values(void)
{
    static const double p[] = {.1, .4, .5, 0}, q[] = {.3, .3, .3, .1};
    scene s;

    set_scene(&s, 4, p, q, 100, 200);
    CHECK_NEAR(value("tv", &s), .3, 1e-15);
    CHECK_NEAR(value("jsd", &s), .1111409263, 5e-11);
    CHECK_NEAR(value("js_distance", &s), .3333780532, 5e-11);
    CHECK_NEAR(value("hellinger", &s), .3051006770, 5e-11);
    CHECK_NEAR(value("bhattacharyya", &s), .0977081180, 5e-11);
    CHECK_NEAR(exp(-value("bhattacharyya", &s)), .9069135769, 5e-11);
    CHECK_NEAR(value("w1", &s), .4, 1e-15);
    CHECK_NEAR(value("w1_scaled", &s), .4 / 3, 1e-15);
    CHECK_NEAR(value("ks", &s), .2, 1e-15);
    CHECK_NEAR(sqrt(value("cvm", &s)), .2449489743, 5e-11);
    CHECK_NEAR(value("energy", &s), .3464101615, 5e-11);
    CHECK_NEAR(value("chi2", &s), 30.7012987, 5e-8);
    CHECK_NEAR(value("cramers_v", &s), .3199025826, 5e-11);
    CHECK_NEAR(value("cramers_v_corrected", &s), .3043254232, 5e-11);
    CHECK_NEAR(value("cf_st", &s), .0370370370, 5e-11);
    CHECK_NEAR(value("overlap", &s), .7, 1e-15);
    s.pair.base = M_E;
    CHECK_NEAR(value("jsd", &s), .0770370197, 5e-11);
    CHECK_NEAR(value("js_distance", &s), .2775554354, 5e-11);
    s.pair.smoothing = 0;
    CHECK_NEAR(value("kl", &s), .2606244120, 5e-11);
    CHECK(isinf(value("kl_reverse", &s)));
    CHECK(isinf(value("jeffreys", &s)));
}

typedef struct {
    gsl_matrix *code, *people, *personas;
    const char *metric;
    double base, smoothing;
} reference;

static double reference_value(void *context, size_t row, size_t col)
{
    reference *r = context;
    double p[POINTS], q[POINTS], n = 0, m = 0;
    size_t k = 0;
    scene s;

    (void)col;
    while (k < POINTS && (k == 0 || gsl_matrix_get(r->code, row, k) > gsl_matrix_get(r->code, row, k - 1))) {
        n += gsl_matrix_get(r->people, row, k);
        m += gsl_matrix_get(r->personas, row, k);
        k++;
    }
    for (size_t i = 0; i < k; i++) {
        p[i] = gsl_matrix_get(r->people, row, i) / n;
        q[i] = gsl_matrix_get(r->personas, row, i) / m;
    }
    set_scene(&s, k, p, q, n, m);
    for (size_t i = 0; i < k; i++)
        s.code[i] = gsl_matrix_get(r->code, row, i);
    s.pair.base = r->base;
    s.pair.smoothing = r->smoothing;
    return value(r->metric, &s);
}

/* compare_metrics.py says how each of them was had. */
static void every_metric_equals_scipy_or_its_definition(void)
{
    static const char file[] = "compare_metrics.tsv";
    reference r = {.code = read_reference(file, "code"),
                   .people = read_reference(file, "people"),
                   .personas = read_reference(file, "personas")};

    for (size_t i = 0; i < vmap_metrics_count; i++) {
        r.metric = vmap_metrics[i].name;
        r.base = strncmp(r.metric, "js", 2) == 0 ? 2 : M_E;
        if (strcmp(r.metric, "jsd") != 0 && strcmp(r.metric, "js_distance") != 0)
            r.base = M_E;
        r.smoothing = .5;
        check_reference(file, r.metric, PAIRS, reference_value, &r);
    }
    r.base = M_E;
    r.smoothing = 0;
    r.metric = "kl";
    check_reference(file, "kl_plain", PAIRS, reference_value, &r);
    r.metric = "jsd";
    check_reference(file, "jsd_nat", PAIRS, reference_value, &r);
    gsl_matrix_free(r.code);
    gsl_matrix_free(r.people);
    gsl_matrix_free(r.personas);
}

/* Simulated in R: .003773 with 5 points, 200 and 400 answers; the formula gives .00375. */
static void the_bias_of_the_plug_in_divergence_has_its_formula(void)
{
    CHECK_NEAR(vmap_metric_jsd_bias(5, 200, 400, M_E), .00375, 1e-15);
    CHECK_NEAR(vmap_metric_jsd_bias(5, 200, 400, 2), .00375 / log(2), 1e-15);
}

/* ---- properties ---- */

static void the_same_distribution_has_no_distance(void)
{
    gsl_rng *rng = vmap_rng_new(11, 0);
    scene s;

    for (size_t i = 0; i < vmap_metrics_count; i++) {
        const vmap_metric *m = &vmap_metrics[i];

        for (int r = 0; r < 50; r++) {
            double got;

            draw_scene(&s, rng);
            memcpy(s.q, s.p, sizeof s.q);
            s.pair.n_q = s.pair.n_p;
            got = m->of(&s.pair);
            CHECK(got == m->same || (isnan(got) && m->kind == VMAP_METRIC_RATIO) ||
                  fabs(got - m->same) < (strcmp(m->name, "bhattacharyya") == 0 ? 1e-15 : 4e-16));
        }
    }
    gsl_rng_free(rng);
}

static void disjoint_ends_have_the_greatest_distance(void)
{
    static const double low[] = {1, 0, 0, 0, 0}, high[] = {0, 0, 0, 0, 1};
    scene s;

    set_scene(&s, 5, low, high, 30, 20);
    for (int base = 0; base < 2; base++) {
        s.pair.base = base ? M_E : 2;
        s.pair.smoothing = 0;
        for (size_t i = 0; i < vmap_metrics_count; i++) {
            const vmap_metric *m = &vmap_metrics[i];
            double got = m->of(&s.pair), most = m->most(&s.pair);

            if (m->kind == VMAP_METRIC_RATIO)
                continue; /* these compare shapes, which are the same */
            if (strcmp(m->name, "cramers_v_corrected") == 0)
                CHECK(got > .95 && got <= 1 + 1e-12); /* reaches 1 but for terms of order 1/n */
            else if (strcmp(m->name, "cohens_d") == 0 || strcmp(m->name, "hedges_g") == 0)
                CHECK(isnan(got)); /* no variance to divide by */
            else
                CHECK(got == most || fabs(got - most) < 1e-14 * fabs(most));
        }
    }
}

static void every_value_lies_in_its_range(void)
{
    gsl_rng *rng = vmap_rng_new(12, 0);
    scene s;

    for (int r = 0; r < 3000; r++) {
        draw_scene(&s, rng);
        for (size_t i = 0; i < vmap_metrics_count; i++) {
            const vmap_metric *m = &vmap_metrics[i];
            double got = m->of(&s.pair), most = m->most(&s.pair);

            if (isnan(got))
                continue;
            if (m->kind == VMAP_METRIC_SIMILARITY)
                CHECK(got >= most && got <= m->same + 1e-15);
            else if (m->kind == VMAP_METRIC_SIGNED)
                CHECK(fabs(got) <= most + 1e-12);
            else
                CHECK(got >= 0 && got <= most * (1 + 1e-12));
        }
    }
    gsl_rng_free(rng);
}

static void exchanging_the_sides_does_what_the_registry_says(void)
{
    gsl_rng *rng = vmap_rng_new(13, 0);
    scene s, turned;

    for (size_t i = 0; i < vmap_metrics_count; i++) {
        const vmap_metric *m = &vmap_metrics[i];
        bool symmetric = true;

        for (int r = 0; r < 300; r++) {
            double there, back;

            draw_scene(&s, rng);
            exchange(&s, &turned);
            there = m->of(&s.pair);
            back = m->of(&turned.pair) * (m->kind == VMAP_METRIC_SIGNED ? -1 : 1);
            symmetric &= (isnan(there) && isnan(back)) || there == back ||
                         fabs(there - back) <= 1e-12 * fmax(1, fabs(there));
            if (m->kind == VMAP_METRIC_RATIO && !isnan(there * back))
                CHECK(there * back == 0 || fabs(there * back - 1) < 1e-12);
        }
        CHECK(symmetric == m->symmetric);
    }
    gsl_rng_free(rng);
}

static void answers_count_only_where_the_registry_says(void)
{
    gsl_rng *rng = vmap_rng_new(14, 0);
    scene s;

    for (size_t i = 0; i < vmap_metrics_count; i++) {
        const vmap_metric *m = &vmap_metrics[i];
        bool uses_n = false, uses_base = false;

        for (int r = 0; r < 100; r++) {
            double once;

            draw_scene(&s, rng);
            once = m->of(&s.pair);
            s.pair.n_q *= 3;
            uses_n |= !isnan(once) && m->of(&s.pair) != once;
            s.pair.n_q /= 3;
            s.pair.base = M_E;
            uses_base |= !isnan(once) && m->of(&s.pair) != once;
        }
        CHECK(uses_n == m->uses_n);
        CHECK(uses_base == m->uses_base);
    }
    gsl_rng_free(rng);
}

/* A point at the end that nobody chooses lengthens the scale and changes nothing else. */
static void an_empty_scale_point_changes_only_what_the_scale_enters(void)
{
    gsl_rng *rng = vmap_rng_new(15, 0);
    scene s;

    for (int r = 0; r < 300; r++) {
        draw_scene(&s, rng);
        for (size_t i = 0; i < vmap_metrics_count; i++) {
            const vmap_metric *m = &vmap_metrics[i];
            bool smoothed = strstr(m->scale, "pseudo") != NULL;
            bool scaled = strstr(m->name, "_scaled") != NULL;
            size_t k = s.pair.k;
            double before = m->of(&s.pair), after, range = s.code[k - 1] - s.code[0];

            s.p[k] = s.q[k] = 0;
            s.code[k] = s.code[k - 1] + 2;
            s.pair.k = k + 1;
            after = m->of(&s.pair);
            s.pair.k = k;
            if (smoothed)
                continue; /* a pseudo-answer stands on it */
            if (scaled)
                after *= (range + 2) / range;
            CHECK((isnan(before) && isnan(after)) || before == after ||
                  fabs(before - after) <= 1e-12 * fmax(1, fabs(before)));
        }
    }
    gsl_rng_free(rng);
}

/* Names of scale points carry no order for a metric that works on nominal items. */
static void metrics_of_nominal_items_do_not_see_the_order(void)
{
    gsl_rng *rng = vmap_rng_new(16, 0);
    scene s, turned;

    for (size_t i = 0; i < vmap_metrics_count; i++) {
        const vmap_metric *m = &vmap_metrics[i];
        bool same = true;

        for (int r = 0; r < 100; r++) {
            draw_scene(&s, rng);
            turned = s;
            connect(&turned);
            for (size_t k = 0; k < s.pair.k; k++) { /* the first point becomes the last */
                turned.p[k] = s.p[(k + 1) % s.pair.k];
                turned.q[k] = s.q[(k + 1) % s.pair.k];
            }
            same &= isnan(m->of(&s.pair)) || isinf(m->of(&s.pair)) ||
                    fabs(m->of(&s.pair) - m->of(&turned.pair)) <= 1e-9 * fabs(m->of(&s.pair)) + 1e-12;
        }
        CHECK(same == !m->ordered);
    }
    gsl_rng_free(rng);
}

static void distances_obey_the_triangle_inequality(void)
{
    static const char *const names[] = {"tv", "js_distance", "hellinger", "w1", "w2", "ks", "energy"};
    gsl_rng *rng = vmap_rng_new(17, 0);
    scene ab, bc, ac;

    for (int r = 0; r < 500; r++) {
        draw_scene(&ab, rng);
        do
            draw_scene(&bc, rng);
        while (bc.pair.k != ab.pair.k);
        memcpy(bc.code, ab.code, sizeof bc.code);
        memcpy(bc.p, ab.q, sizeof bc.p);
        bc.pair.n_p = ab.pair.n_q;
        ac = ab;
        connect(&ac);
        memcpy(ac.q, bc.q, sizeof ac.q);
        ac.pair.n_q = bc.pair.n_q;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            CHECK(value(names[i], &ac) <= value(names[i], &ab) + value(names[i], &bc) + 1e-12);
    }
    gsl_rng_free(rng);
}

/* Rounding in the shares must not look like a distance. */
static void a_difference_of_rounding_stays_small(void)
{
    static const double p[] = {.1, .4, .5, 0};
    scene s;

    set_scene(&s, 4, p, p, 100, 200);
    s.q[0] = nextafter(s.q[0], 1);
    s.q[1] = nextafter(s.q[1], 0);
    CHECK(value("js_distance", &s) < 1e-15);
    CHECK(value("hellinger", &s) < 1e-15);
}

/* ---- means over items ---- */

enum { ITEMS = 4, WIDTH = 4 + 2 + 10 + 3, PEOPLE = 5, PERSONAS = 7 };
static const size_t offset[ITEMS + 1] = {0, 4, 6, 16, 19};

static void fill_shares(double *x, size_t groups, gsl_rng *rng)
{
    for (size_t g = 0; g < groups; g++) {
        for (size_t j = 0; j < ITEMS; j++) {
            double *share = x + g * WIDTH + offset[j], sum = 0;

            for (size_t k = 0; k < offset[j + 1] - offset[j]; k++)
                sum += share[k] = (double)vmap_rng_below(rng, 5) + (k == 0);
            for (size_t k = 0; k < offset[j + 1] - offset[j]; k++)
                share[k] /= sum;
        }
    }
}

static double slow_mean(const vmap_metric *m, const double *p, const double *q, const double *code,
                        const bool *use)
{
    double sum = 0;
    size_t n = 0;

    for (size_t j = 0; j < ITEMS; j++) {
        vmap_metric_pair pair = {.k = offset[j + 1] - offset[j], .p = p + offset[j], .q = q + offset[j],
                                 .code = code + offset[j], .n_p = 1, .n_q = 1, .base = 2};

        if (!use[j] || isnan(pair.p[0]) || isnan(pair.q[0]))
            continue;
        sum += m->of(&pair);
        n++;
    }
    return n ? sum / (double)n : NAN;
}

static void means_over_items_are_means_of_the_metric(void)
{
    static const char *const names[] = {"tv", "w1", "w1_scaled", "jsd", "js_distance"};
    static const bool use[ITEMS] = {true, true, false, true};
    double p[PEOPLE * WIDTH], q[PERSONAS * WIDTH], code[WIDTH], got[PEOPLE * PERSONAS];
    double again[PEOPLE * PERSONAS];
    gsl_rng *rng = vmap_rng_new(18, 0);
    vmap_error err;

    for (size_t c = 0; c < WIDTH; c++)
        code[c] = 1.5 * (double)c;
    fill_shares(p, PEOPLE, rng);
    fill_shares(q, PERSONAS, rng);
    p[1 * WIDTH + offset[1]] = NAN; /* not answered */
    q[2 * WIDTH + offset[0]] = q[2 * WIDTH + offset[1]] = q[2 * WIDTH + offset[3]] = NAN;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const vmap_metric *m = NULL;

        CHECK_OK(vmap_metric_find(names[i], &m, &err), &err);
        CHECK_OK(vmap_metric_means(m, 2, p, PEOPLE, q, PERSONAS, offset, ITEMS, code, use, 2, got, &err),
                 &err);
        CHECK_OK(vmap_metric_means(m, 2, p, PEOPLE, q, PERSONAS, offset, ITEMS, code, use, 1, again,
                                   &err), &err);
        CHECK(memcmp(got, again, sizeof got) == 0);
        for (size_t g = 0; g < PEOPLE; g++) {
            for (size_t h = 0; h < PERSONAS; h++)
                CHECK_NEAR(got[g * PERSONAS + h],
                           slow_mean(m, p + g * WIDTH, q + h * WIDTH, code, use), 1e-12);
        }
        CHECK(isnan(got[2]));
    }
    gsl_rng_free(rng);
}

/* ---- refusals ---- */

static void unknown_names_are_refused_with_a_suggestion(void)
{
    const vmap_metric *m = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_metric_find("helinger", &m, &err), VMAP_ENOENT, &err, "did you mean 'hellinger'?");
    CHECK_FAILS(vmap_metric_find("earthquake", &m, &err), VMAP_ENOENT, &err, "one of tv, kl,");
    CHECK(m == NULL);
}

static void pairs_that_make_no_sense_are_refused(void)
{
    static const double p[] = {.5, .5, 0}, q[] = {.25, .25, .5};
    vmap_error err;
    scene s;

    set_scene(&s, 3, p, q, 2, 4);
    CHECK_OK(vmap_metric_check(&s.pair, &err), &err);
    s.pair.k = 1;
    CHECK_FAILS(vmap_metric_check(&s.pair, &err), VMAP_EINVAL, &err, "1 scale point");
    s.pair.k = 3;
    s.code[1] = s.code[0];
    CHECK_FAILS(vmap_metric_check(&s.pair, &err), VMAP_EINVAL, &err, "codes must ascend");
    s.code[1] = 2;
    s.p[0] = NAN;
    CHECK_FAILS(vmap_metric_check(&s.pair, &err), VMAP_EINVAL, &err, "share 1 of people");
    s.p[0] = .6;
    CHECK_FAILS(vmap_metric_check(&s.pair, &err), VMAP_EINVAL, &err, "add up to 1.1");
    s.p[0] = .5;
    s.pair.n_q = 0;
    CHECK_FAILS(vmap_metric_check(&s.pair, &err), VMAP_EINVAL, &err, "more than 0");
    s.pair.n_q = 4;
    s.pair.base = 10;
    CHECK_FAILS(vmap_metric_check(&s.pair, &err), VMAP_EINVAL, &err, "base 10");
    s.pair.base = M_E;
    s.pair.smoothing = -1;
    CHECK_FAILS(vmap_metric_check(&s.pair, &err), VMAP_EINVAL, &err, "smoothing -1");
}

static void means_of_other_metrics_are_refused(void)
{
    const vmap_metric *m = NULL;
    double mean = 7;
    vmap_error err;

    CHECK_OK(vmap_metric_find("ks", &m, &err), &err);
    CHECK_FAILS(vmap_metric_means(m, 2, NULL, 0, NULL, 0, offset, ITEMS, NULL, NULL, 1, &mean, &err),
                VMAP_EINVAL, &err, "only of tv");
    CHECK(mean == 7);
}

/* ---- edges ---- */

static void constant_answers_have_no_spread_to_compare(void)
{
    static const double p[] = {0, 1, 0}, q[] = {.5, 0, .5};
    scene s;

    set_scene(&s, 3, p, q, 10, 10);
    CHECK(isnan(value("variance_ratio", &s)));
    CHECK(isnan(value("entropy_ratio", &s)));
    CHECK_NEAR(value("mode_ratio", &s), .5, 0);
    CHECK_NEAR(value("cohens_d", &s), 0, 0);
    memcpy(s.q, s.p, sizeof s.q);
    CHECK_NEAR(value("cohens_d", &s), 0, 0);
    CHECK_NEAR(value("chi2", &s), 0, 0);
    CHECK_NEAR(value("cramers_v_corrected", &s), 0, 0);
    CHECK_NEAR(value("cf_st", &s), 0, 0);
    s.pair.n_p = 1;
    CHECK(isnan(value("cohens_d", &s)));
}

/* ---- several pairs at once ---- */

/* Pairs on the same scale: a lane has the p of one scene and the q of another, which has the same number of points. */
static void lanes_have_the_values_of_the_metrics(void)
{
    gsl_rng *rng = vmap_rng_new(11, 0);
    const vmap_metric *metric[40];
    lane_plan plan;
    vmap_error err;

    for (size_t i = 0; i < vmap_metrics_count; i++)
        metric[i] = &vmap_metrics[i];
    CHECK_OK(lanes_plan(metric, vmap_metrics_count, &plan, &err), &err);
    for (int round = 0; round < 400; round++) {
        scene s[LANES];
        lane_room room;
        lanes *value = aligned_alloc(64, 40 * sizeof *value);

        draw_scene(&s[0], rng);
        for (int l = 1; l < LANES; l++) {
            do
                draw_scene(&s[l], rng);
            while (s[l].pair.k != s[0].pair.k);
            memcpy(s[l].code, s[0].code, sizeof s[l].code);
        }
        memcpy(s[1].q, s[1].p, sizeof s[1].q); /* the same distribution */
        for (size_t i = 0; i < s[0].pair.k; i++) {
            s[2].p[i] = i == 0; /* as far apart as can be */
            s[2].q[i] = i + 1 == s[0].pair.k;
            s[3].q[i] = s[3].p[i]; /* nearly the same */
        }
        s[3].q[0] += (s[3].q[s[0].pair.k - 1] > .1 ? 1 : 0) * 1e-7;
        s[3].q[s[0].pair.k - 1] -= (s[3].q[s[0].pair.k - 1] > .1 ? 1 : 0) * 1e-7;
        s[4].pair.n_p = 1;
        s[5].pair.n_q = .5;
        CHECK(lanes_open(&room, s[0].pair.k));
        for (int l = 0; l < LANES; l++) {
            s[l].pair.base = round % 2 ? 2 : M_E;
            s[l].pair.smoothing = round % 3 ? .5 : 0;
            for (size_t i = 0; i < s[0].pair.k; i++) {
                room.p.share[i][l] = s[l].p[i];
                room.q.share[i][l] = s[l].q[i];
            }
            room.p.n[l] = s[l].pair.n_p;
            room.q.n[l] = s[l].pair.n_q;
        }
        lanes_prepare(&plan, &room.p, &s[0].pair);
        lanes_prepare(&plan, &room.q, &s[0].pair);
        lanes_measure(&plan, &room.p, &room.q, &s[0].pair, value[0], LANES);
        for (size_t i = 0; i < vmap_metrics_count; i++) {
            for (int l = 0; l < LANES; l++) {
                double want = metric[i]->of(&s[l].pair), got = value[i][l];
                bool same = want == got || (isnan(want) && isnan(got)) || fabs(want - got) <= 1e-12 * fmax(1, fabs(want)) ||
                            fabs(want * want - got * got) <= 1e-14; /* the root of what rounding left */

                CHECK(same);
                if (!same)
                    fprintf(stderr, "  %s, lane %d: %.17g, want %.17g\n", metric[i]->name, l, got, want);
            }
        }
        lanes_close(&room);
        free(value);
    }
    lanes_forget(&plan);
    gsl_rng_free(rng);
}

/* Source: the C library's logarithm in extended precision. One unit in the last place of a double is at least |ln x| 2^-53. */
static void lanes_have_logarithms_to_one_unit_in_the_last_place(void)
{
    gsl_rng *rng = vmap_rng_new(21, 0);
    double most = 0;
    lanes odd = {0, -1, 1, 2, .5, M_E, DBL_MIN, DBL_MAX};

    for (int round = 0; round < 100000; round++) {
        lanes x, got;

        for (int l = 0; l < LANES; l++)
            x[l] = round ? ldexp(.5 + gsl_rng_uniform(rng) / 2, round % 3 ? (int)gsl_rng_uniform_int(rng, 3) - 1 : round % 900 - 450)
                         : odd[l];
        lanes_ln((const lanes *)&x, 1, &got);
        for (int l = 0; l < LANES; l++) {
            long double want = x[l] > 0 ? logl(x[l]) : 0;
            double unit = nextafter(fabs((double)want), INFINITY) - fabs((double)want);

            most = fmax(most, (double)(fabsl(got[l] - want) / unit));
        }
    }
    CHECK(most < 1);
    gsl_rng_free(rng);
}

/* 3 x 11 groups, one of which nobody answered, on two items; any number of threads. */
static void grids_have_the_values_of_the_metrics(void)
{
    enum { A = 3, B = 11 };
    gsl_rng *rng = vmap_rng_new(12, 0);
    const vmap_metric *metric[40];
    double *value[2], *again[2], p[2][A * POINTS], q[2][B * POINTS], n_p[A], n_q[B], code[2][POINTS];
    vmap_metric_grid grid[2];
    vmap_error err;

    for (size_t i = 0; i < vmap_metrics_count; i++)
        metric[i] = &vmap_metrics[i];
    for (size_t item = 0; item < 2; item++) {
        scene s;

        draw_scene(&s, rng);
        grid[item] = (vmap_metric_grid){s.pair.k, code[item], A, B, p[item], q[item], n_p, n_q};
        memcpy(code[item], s.code, s.pair.k * sizeof s.code[0]);
        for (size_t g = 0; g < A + B;) {
            draw_scene(&s, rng);
            if (s.pair.k != grid[item].k)
                continue;
            memcpy(g < A ? p[item] + g * s.pair.k : q[item] + (g - A) * s.pair.k, s.p, s.pair.k * sizeof s.p[0]);
            *(g < A ? &n_p[g] : &n_q[g - A]) = s.pair.n_p;
            g++;
        }
        value[item] = calloc(vmap_metrics_count * A * B, sizeof(double));
        again[item] = calloc(vmap_metrics_count * A * B, sizeof(double));
    }
    q[1][9 * grid[1].k] = NAN;
    CHECK_OK(vmap_metric_grids(metric, vmap_metrics_count, grid, 2, M_E, .5, 1, value, &err), &err);
    CHECK_OK(vmap_metric_grids(metric, vmap_metrics_count, grid, 2, M_E, .5, 3, again, &err), &err);
    for (size_t at = 0; at < 2 * vmap_metrics_count * A * B; at++) {
        size_t item = at % 2, i = at / 2 / (A * B), a = at / 2 / B % A, b = at / 2 % B;
        const vmap_metric_pair pair = {grid[item].k, p[item] + a * grid[item].k, q[item] + b * grid[item].k, code[item],
                                       n_p[a], n_q[b], M_E, .5};
        double got = value[item][(i * A + a) * B + b], want = item && b == 9 ? NAN : metric[i]->of(&pair);

        CHECK(memcmp(&got, &again[item][(i * A + a) * B + b], sizeof got) == 0);
        CHECK((isnan(got) && isnan(want)) || got == want || fabs(got - want) <= 1e-12 * fmax(1, fabs(want)));
    }
    for (size_t item = 0; item < 2; item++) {
        free(value[item]);
        free(again[item]);
    }
    metric[0] = &(vmap_metric){.name = "mine"};
    CHECK_FAILS(vmap_metric_grids(metric, 1, grid, 2, M_E, .5, 1, value, &err), VMAP_EINVAL, &err, "'mine'");
    gsl_rng_free(rng);
}

static const test_case cases[] = {
    TEST(grids_have_the_values_of_the_metrics),
    TEST(lanes_have_logarithms_to_one_unit_in_the_last_place),
    TEST(lanes_have_the_values_of_the_metrics),
    TEST(the_golden_pair_has_its_values),
    TEST(every_metric_equals_scipy_or_its_definition),
    TEST(the_bias_of_the_plug_in_divergence_has_its_formula),
    TEST(the_same_distribution_has_no_distance),
    TEST(disjoint_ends_have_the_greatest_distance),
    TEST(every_value_lies_in_its_range),
    TEST(exchanging_the_sides_does_what_the_registry_says),
    TEST(answers_count_only_where_the_registry_says),
    TEST(an_empty_scale_point_changes_only_what_the_scale_enters),
    TEST(metrics_of_nominal_items_do_not_see_the_order),
    TEST(distances_obey_the_triangle_inequality),
    TEST(a_difference_of_rounding_stays_small),
    TEST(means_over_items_are_means_of_the_metric),
    TEST(unknown_names_are_refused_with_a_suggestion),
    TEST(pairs_that_make_no_sense_are_refused),
    TEST(means_of_other_metrics_are_refused),
    TEST(constant_answers_have_no_spread_to_compare),
};
SUITE(compare_metrics_suite, cases);
