#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_rng.h>

#include "core/rng_lanes.h"
#include "support/check.h"
#include "support/made_up.h"
#include "valuemap/resample.h"
#include "valuemap/rng.h"

enum { P = 10, K = 2 };

/* Simulated people, and the codebook and the map that are fitted on them. */
typedef struct {
    vmap_sample *sample;
    vmap_codebook *codebook;
    vmap_space *space;
    size_t groups;
    vmap_missing_rule rule;
    bool weighted;
} survey;

static const double *weights_of(const survey *s)
{
    return s->weighted ? s->sample->weights : NULL;
}

static vmap_space *fit(const survey *s, const double *values, size_t n, const double *weights,
                       const char *affine)
{
    bool use[P];
    vmap_fit_options options = {.missing = s->rule};
    vmap_space *space = NULL;
    vmap_error err;

    for (size_t i = 0; i < P; i++)
        use[i] = true;
    CHECK_OK(vmap_space_fit(s->codebook, use, values, n, weights, &options, &space, &err), &err);
    if (space)
        CHECK_OK(vmap_space_set_affine(space, affine, &err), &err);
    return space;
}

static survey make_survey(size_t countries, size_t respondents, double missing, bool weighted,
                          vmap_missing_rule rule)
{
    survey s = {.groups = countries, .rule = rule, .weighted = weighted};
    vmap_simulate_options o;
    vmap_simulation *simulation;
    vmap_error err;

    vmap_simulate_defaults(&o);
    o.countries = countries;
    o.respondents = respondents;
    o.missing = missing;
    o.foreign = 0;
    o.models_count = 0;
    simulation = made_up_simulation(&o);
    CHECK_OK(vmap_simulation_draw_humans(simulation, &s.sample, &err), &err);
    vmap_simulation_free(simulation);
    CHECK_OK(vmap_codebook_load(source_path("codebooks/iw-wvs7.yaml"), &s.codebook, &err), &err);
    s.space = fit(&s, s.sample->values, s.sample->n, weights_of(&s), "wvs");
    return s;
}

static void free_survey(survey *s)
{
    vmap_space_free(s->space);
    vmap_codebook_free(s->codebook);
    vmap_sample_free(s->sample);
}

static vmap_map_bootstrap *resample(const survey *s, size_t replicates, unsigned threads)
{
    vmap_map_options options;
    vmap_map_bootstrap *b = NULL;
    vmap_error err;

    vmap_map_defaults(&options);
    options.replicates = replicates;
    options.threads = threads;
    options.missing = s->rule;
    CHECK_OK(vmap_resample_map(s->space, s->sample->values, s->sample->n, weights_of(s),
                               s->sample->group, s->groups, &options, &b, &err),
             &err);
    return b;
}

/* ---- known values: a bootstrap as simple as it can be, with a generator of its own ---- */

typedef struct {
    double n, mean, squares;
} running;

static void run_on(running *r, double x)
{
    double d = x - r->mean;

    r->mean += d / ++r->n;
    r->squares += d * (x - r->mean);
}

static double sd_of(const running *r)
{
    return sqrt(r->squares / (r->n - 1));
}

/* Draw n - 1 respondents of each group (rows of a group stand together in a sample). */
static size_t draw(const survey *s, gsl_rng *rng, double *values, double *weights, size_t *group)
{
    size_t n = 0;

    for (size_t from = 0, to; from < s->sample->n; from = to) {
        for (to = from; to < s->sample->n && s->sample->group[to] == s->sample->group[from]; to++)
            ;
        for (size_t d = 1; d < to - from; d++, n++) {
            size_t row = from + gsl_rng_uniform_int(rng, to - from);

            memcpy(values + n * P, s->sample->values + row * P, P * sizeof *values);
            weights[n] = s->weighted ? s->sample->weights[row] : 1;
            group[n] = s->sample->group[from];
        }
    }
    return n;
}

/* Which component of a replicate is axis 0 of the fit, and the signs of the two: of the eight ways
 * the one whose loadings are nearest to the fit's. */
typedef struct {
    size_t component[K];
    double sign[K];
} arrangement;

static arrangement arrange(const vmap_space *fit, const vmap_space *replicate)
{
    arrangement best = {{0, 1}, {1, 1}};
    double least = INFINITY;

    for (size_t way = 0; way < 8; way++) {
        arrangement a = {{way & 1, 1 - (way & 1)}, {way & 2 ? -1 : 1, way & 4 ? -1 : 1}};
        double sum = 0;

        for (size_t i = 0; i < P * K; i++)
            sum += pow(gsl_matrix_get(fit->loadings, i / K, i % K) -
                           a.sign[i % K] *
                               gsl_matrix_get(replicate->loadings, i / K, a.component[i % K]),
                       2);
        if (sum < least) {
            least = sum;
            best = a;
        }
    }
    return best;
}

/* Mean score of a group's complete answers on a component. */
static double mean_score(const vmap_space *space, const double *values, const double *weights,
                         const size_t *group, size_t n, size_t g, size_t component)
{
    double sum = 0, weight = 0;

    for (size_t r = 0; r < n; r++) {
        double at = gsl_vector_get(space->intercept, component);

        for (size_t i = 0; i < P; i++)
            at += gsl_matrix_get(space->weights, i, component) * values[r * P + i];
        if (group[r] == g && !isnan(at)) {
            sum += weights[r] * at;
            weight += weights[r];
        }
    }
    return sum / weight;
}

/* One replicate, fitted like any survey. */
static void add_replicate(const survey *s, const double *values, const double *weights,
                          const size_t *group, size_t n, running *loading, running *position)
{
    vmap_space *space = fit(s, values, n, weights, "none");
    arrangement a;

    if (!space)
        return;
    a = arrange(s->space, space);
    for (size_t i = 0; i < P * K; i++)
        run_on(&loading[i],
               a.sign[i % K] * gsl_matrix_get(space->loadings, i / K, a.component[i % K]));
    for (size_t i = 0; i < s->groups * K; i++)
        run_on(&position[i],
               gsl_vector_get(s->space->scale, i % K) * a.sign[i % K] *
                   mean_score(space, values, weights, group, n, i / K, a.component[i % K]));
    vmap_space_free(space);
}

/* B replicates know a standard deviation to sqrt((kurtosis - 1) / 4 B): of loadings, which turn
 * together and have tails (kurtosis about 5), to 5 % with 400 and 2 % with 2,000, of positions
 * to 3.5 and 1.6 %. Tolerances are 4 of the ratio's; means over the elements share part of the
 * error. */
static void compare_with_a_slow_bootstrap(double missing, bool weighted, vmap_missing_rule rule)
{
    survey s = make_survey(6, 300, missing, weighted, rule);
    size_t n = s.sample->n;
    double *values = malloc(n * P * sizeof *values), *weights = malloc(n * sizeof *weights);
    size_t *group = malloc(n * sizeof *group);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    running loading[P * K] = {{0, 0, 0}}, position[6 * K] = {{0, 0, 0}};
    double loadings = 0, positions = 0;
    vmap_map_bootstrap *b = resample(&s, 2000, 0);

    for (size_t r = 0; r < 2000; r++) {
        size_t drawn = draw(&s, rng, values, weights, group);

        add_replicate(&s, values, weights, group, drawn, loading, position);
    }
    CHECK_COUNT(b->replicates, 2000);
    CHECK_COUNT(b->usable, 2000);
    for (size_t i = 0; i < P * K; i++) {
        double ratio = gsl_matrix_get(b->loadings_se, i / K, i % K) / sd_of(&loading[i]);

        CHECK_NEAR(ratio, 1, 0.21);
        loadings += ratio / (P * K);
    }
    for (size_t i = 0; i < 6 * K; i++) {
        double ratio = gsl_matrix_get(b->position_se, i / K, i % K) / sd_of(&position[i]);

        CHECK_NEAR(ratio, 1, 0.16);
        positions += ratio / (6 * K);
    }
    CHECK_NEAR(loadings, 1, 0.08);
    CHECK_NEAR(positions, 1, 0.05);
    CHECK(gsl_vector_get(b->congruence, 0) > 0.97 && gsl_vector_get(b->congruence, 0) < 1);
    gsl_rng_free(rng);
    free(values);
    free(weights);
    free(group);
    vmap_map_bootstrap_free(b);
    free_survey(&s);
}

static void complete_answers_agree_with_a_slow_bootstrap(void)
{
    compare_with_a_slow_bootstrap(0, false, VMAP_PAIRWISE);
}

static void weighted_incomplete_answers_agree_with_a_slow_bootstrap(void)
{
    compare_with_a_slow_bootstrap(0.1, true, VMAP_PAIRWISE);
}

static void listwise_fits_agree_with_a_slow_bootstrap(void)
{
    compare_with_a_slow_bootstrap(0.05, true, VMAP_LISTWISE);
}

/* The drawing itself set aside: with the same draws (respondents in the order of the kernel's products, from stream r of
 * the seed, as resample_sums.h says) each replicate is an ordinary fit of the drawn rows. */
typedef struct {
    const vmap_sample *sample;
    size_t row;
} sorted_row;

static int compare_rows(const void *pa, const void *pb)
{
    const sorted_row *a = pa, *b = pb;
    const double *xa = a->sample->values + a->row * P, *xb = b->sample->values + b->row * P;
    double wa = a->sample->weights[a->row], wb = b->sample->weights[b->row];
    size_t ga = a->sample->group[a->row], gb = b->sample->group[b->row];
    int gaps = 0, pattern = 0, value = 0;

    for (size_t i = 0; i < P; i++) {
        int na = isnan(xa[i]) != 0, nb = isnan(xb[i]) != 0;

        gaps += na - nb;
        pattern = pattern ? pattern : na - nb;
        value = value ? value : (xa[i] > xb[i]) - (xa[i] < xb[i]);
    }
    value = value ? value : (wa > wb) - (wa < wb);
    return gaps ? gaps : pattern ? pattern : ga != gb ? (ga > gb) - (ga < gb) : value;
}

/* Add draws to the `members` of a group, or take them back, until they are as many as they shall be. */
static void settle(const size_t *member, size_t members, gsl_rng *rng, uint8_t *count)
{
    size_t have = 0, most = 0, wanted = members > 1 ? members - 1 : 1, limit = 1;

    for (size_t m = 0; m < members; m++) {
        have += count[member[m]];
        most = count[member[m]] > most ? count[member[m]] : most;
    }
    while (limit <= most)
        limit *= 2;
    for (; have < wanted; have++)
        count[member[vmap_rng_below(rng, members)]]++;
    while (have > wanted) {
        size_t x = vmap_rng_below(rng, members * limit);

        if (x % limit < count[member[x / limit]]) {
            count[member[x / limit]]--;
            have--;
        }
    }
}

/* One respondent alone in its group is there every time. */
static size_t draw_again(const survey *s, const sorted_row *sorted, gsl_rng *rng, double *values,
                         double *weights, size_t *group)
{
    size_t rows = s->sample->n, n = 0, *member = malloc(rows * sizeof *member);
    gsl_rng *lane[RNG_LANES] = {rng, vmap_rng_new(0, 1), vmap_rng_new(0, 2), vmap_rng_new(0, 3)};
    uint8_t *drawn = calloc((rows + 3) * RNG_LANES, 1), *count = calloc(rows, 1);

    rng_poisson_lanes(lane, rows, drawn);
    for (size_t place = 0; place < rows; place++)
        count[place] = drawn[rng_lane_at(place, 0)];
    for (size_t g = 0; g < s->groups; g++) {
        size_t members = 0;

        for (size_t place = 0; place < rows; place++) {
            if (s->sample->group[sorted[place].row] == g)
                member[members++] = place;
        }
        settle(member, members, rng, count);
        for (size_t m = 0; m < members; m++) {
            size_t row = sorted[member[m]].row;

            for (size_t c = 0; c < count[member[m]]; c++, n++) {
                memcpy(values + n * P, s->sample->values + row * P, P * sizeof *values);
                weights[n] = s->sample->weights[row];
                group[n] = g;
            }
        }
    }
    for (size_t l = 1; l < RNG_LANES; l++)
        gsl_rng_free(lane[l]);
    free(drawn);
    free(count);
    free(member);
    return n;
}

static void each_replicate_is_a_fit_of_the_drawn_rows(void)
{
    survey s = make_survey(5, 300, 0.03, true, VMAP_PAIRWISE);
    size_t n = s.sample->n;
    double *values = malloc(n * P * sizeof *values), *weights = malloc(n * sizeof *weights);
    size_t *group = malloc(n * sizeof *group);
    sorted_row *sorted = malloc(n * sizeof *sorted);
    gsl_rng *rng = vmap_rng_new(20230217, 0);
    running loading[P * K] = {{0, 0, 0}}, position[6 * K] = {{0, 0, 0}};
    vmap_map_bootstrap *b;

    s.sample->group[n - 1] = 5; /* alone, and of a weight that is seen */
    s.sample->weights[n - 1] = 50;
    s.groups = 6;
    b = resample(&s, 70, 1); /* more than one batch */
    for (size_t r = 0; r < n; r++)
        sorted[r] = (sorted_row){s.sample, r};
    qsort(sorted, n, sizeof *sorted, compare_rows);
    for (size_t r = 0; r < 70; r++) {
        vmap_rng_set(rng, 20230217, r);
        add_replicate(&s, values, weights, group,
                      draw_again(&s, sorted, rng, values, weights, group), loading, position);
    }
    for (size_t i = 0; i < P * K; i++)
        CHECK_NEAR(gsl_matrix_get(b->loadings_se, i / K, i % K), sd_of(&loading[i]), 1e-12);
    for (size_t i = 0; i < 5 * K; i++)
        CHECK_NEAR(gsl_matrix_get(b->position_se, i / K, i % K), sd_of(&position[i]), 1e-12);
    CHECK(isnan(gsl_matrix_get(b->position_se, 5, 0))); /* it would be the map's error alone */
    gsl_rng_free(rng);
    free(values);
    free(weights);
    free(group);
    free(sorted);
    vmap_map_bootstrap_free(b);
    free_survey(&s);
}

/* ---- properties ---- */

static bool same_bytes(const vmap_map_bootstrap *a, const vmap_map_bootstrap *b)
{
    return a->usable == b->usable &&
           memcmp(a->loadings_se->data, b->loadings_se->data, P * K * sizeof(double)) == 0 &&
           memcmp(a->position_se->data, b->position_se->data,
                  a->position_se->size1 * K * sizeof(double)) == 0 &&
           memcmp(a->congruence->data, b->congruence->data, K * sizeof(double)) == 0;
}

static void threads_and_the_order_of_rows_change_no_byte(void)
{
    survey s = make_survey(5, 80, 0.1, true, VMAP_PAIRWISE);
    size_t n = s.sample->n, order[400];
    vmap_map_bootstrap *one = resample(&s, 200, 1), *other;
    double values[400 * P], weights[400];
    size_t group[400];

    for (unsigned threads = 2; threads <= 4; threads++) {
        other = resample(&s, 200, threads);
        CHECK(same_bytes(one, other));
        vmap_map_bootstrap_free(other);
    }
    shuffle_order(n, order);
    for (size_t r = 0; r < n; r++) {
        memcpy(values + r * P, s.sample->values + order[r] * P, P * sizeof *values);
        weights[r] = s.sample->weights[order[r]];
        group[r] = s.sample->group[order[r]];
    }
    memcpy(s.sample->values, values, n * P * sizeof *values);
    memcpy(s.sample->weights, weights, n * sizeof *weights);
    memcpy(s.sample->group, group, n * sizeof *group);
    other = resample(&s, 200, 2);
    CHECK(same_bytes(one, other));
    vmap_map_bootstrap_free(other);
    vmap_map_bootstrap_free(one);
    free_survey(&s);
}

/* No weights are weights of 1, to the last bit; weights count by their ratios. */
static void weights_of_one_are_no_weights(void)
{
    survey s = make_survey(3, 80, 0.1, false, VMAP_PAIRWISE);
    vmap_map_bootstrap *without = resample(&s, 100, 1), *with;

    for (size_t r = 0; r < s.sample->n; r++)
        s.sample->weights[r] = 1;
    s.weighted = true;
    with = resample(&s, 100, 1);
    CHECK(same_bytes(without, with));
    vmap_map_bootstrap_free(with);
    for (size_t r = 0; r < s.sample->n; r++)
        s.sample->weights[r] = 3;
    with = resample(&s, 100, 1);
    for (size_t i = 0; i < P * K; i++)
        CHECK_NEAR(with->loadings_se->data[i], without->loadings_se->data[i], 1e-12);
    vmap_map_bootstrap_free(with);
    vmap_map_bootstrap_free(without);
    free_survey(&s);
}

/* Axes are matched to the fit's: a fit whose axes stand in the other order and direction has the
 * same errors, in its own order. */
static void axes_follow_the_fit(void)
{
    survey s = make_survey(4, 100, 0.05, true, VMAP_PAIRWISE);
    vmap_map_bootstrap *a = resample(&s, 100, 1), *b;

    for (size_t i = 0; i < P; i++) {
        double first = gsl_matrix_get(s.space->loadings, i, 0);

        gsl_matrix_set(s.space->loadings, i, 0, -gsl_matrix_get(s.space->loadings, i, 1));
        gsl_matrix_set(s.space->loadings, i, 1, first);
    }
    b = resample(&s, 100, 1);
    for (size_t i = 0; i < P; i++) {
        CHECK_NEAR(gsl_matrix_get(b->loadings_se, i, 0), gsl_matrix_get(a->loadings_se, i, 1),
                   1e-12);
        CHECK_NEAR(gsl_matrix_get(b->loadings_se, i, 1), gsl_matrix_get(a->loadings_se, i, 0),
                   1e-12);
    }
    CHECK_NEAR(gsl_vector_get(b->congruence, 0), gsl_vector_get(a->congruence, 1), 1e-12);
    vmap_map_bootstrap_free(a);
    vmap_map_bootstrap_free(b);
    free_survey(&s);
}

/* ---- refusals ---- */

static void what_has_no_bootstrap_is_refused(void)
{
    survey s = make_survey(3, 50, 0, false, VMAP_PAIRWISE);
    vmap_map_options options;
    vmap_map_bootstrap *b = NULL;
    gsl_matrix *loadings = s.space->loadings;
    vmap_error err;

    vmap_map_defaults(&options);
    CHECK_COUNT(options.replicates, 1000);
    options.replicates = 1;
    CHECK_FAILS(vmap_resample_map(s.space, s.sample->values, s.sample->n, NULL, s.sample->group, 3,
                                  &options, &b, &err),
                VMAP_EINVAL, &err, "1 bootstrap replicates; at least 2");
    options.replicates = 20;
    s.space->loadings = NULL;
    CHECK_FAILS(vmap_resample_map(s.space, s.sample->values, s.sample->n, NULL, s.sample->group, 3,
                                  &options, &b, &err),
                VMAP_EINVAL, &err, "only a space with 1..16 fitted axes has a bootstrap");
    s.space->loadings = loadings;
    for (size_t r = 0; r < s.sample->n; r++)
        s.sample->values[r * P + 4] = 2; /* a constant item */
    CHECK_FAILS(vmap_resample_map(s.space, s.sample->values, s.sample->n, NULL, s.sample->group, 3,
                                  &options, &b, &err),
                VMAP_EDATA, &err, "none of 20 bootstrap replicates has a solution");
    CHECK_FAILS(vmap_resample_map(s.space, s.sample->values, 0, NULL, s.sample->group, 3, &options,
                                  &b, &err),
                VMAP_EDATA, &err, "none of 20");
    CHECK(b == NULL);
    free_survey(&s);
}

/* ---- edges ---- */

static void a_group_with_one_complete_answer_has_no_error(void)
{
    survey s = make_survey(4, 60, 0, true, VMAP_PAIRWISE);
    vmap_map_bootstrap *b;

    for (size_t r = 1; r < 60; r++)
        s.sample->values[r * P + r % P] = NAN; /* the first group's, but for one */
    for (size_t r = 60; r < 120; r++)
        s.sample->values[r * P] = NAN; /* the second group's, all */
    b = resample(&s, 60, 1);
    for (size_t a = 0; a < K; a++) {
        CHECK(isnan(gsl_matrix_get(b->position_se, 0, a)));
        CHECK(isnan(gsl_matrix_get(b->position_se, 1, a)));
        CHECK(gsl_matrix_get(b->position_se, 2, a) > 0);
        CHECK(gsl_matrix_get(b->position_se, 3, a) > 0);
    }
    for (size_t i = 0; i < P * K; i++)
        CHECK(b->loadings_se->data[i] > 0);
    vmap_map_bootstrap_free(b);
    free_survey(&s);
}

/* With three complete answers among 60 respondents, one replicate in twenty draws none of them. */
static void a_replicate_may_draw_no_complete_answer(void)
{
    survey s = make_survey(3, 60, 0, true, VMAP_PAIRWISE);
    vmap_map_bootstrap *b;

    for (size_t r = 3; r < 60; r++)
        s.sample->values[r * P + r % P] = NAN;
    b = resample(&s, 400, 0);
    CHECK_COUNT(b->usable, 400);
    CHECK(isnan(gsl_matrix_get(b->position_se, 0, 0)));
    CHECK(gsl_matrix_get(b->position_se, 1, 0) > 0);
    vmap_map_bootstrap_free(b);
    free_survey(&s);
}

/* The last respondents weigh nothing, or answer nothing: the same bytes as without them. */
static void who_does_not_count_changes_no_byte(void)
{
    survey s = make_survey(3, 60, 0.05, true, VMAP_PAIRWISE);
    vmap_map_bootstrap *with, *without;

    s.sample->weights[178] = 0;
    for (size_t i = 0; i < P; i++)
        s.sample->values[179 * P + i] = NAN;
    with = resample(&s, 50, 1);
    s.sample->n = 178;
    without = resample(&s, 50, 1);
    CHECK(same_bytes(with, without));
    vmap_map_bootstrap_free(with);
    vmap_map_bootstrap_free(without);
    free_survey(&s);
}

/* Respondents without a group count in the fit; those of weight 0 and those without any answer are
 * not there. One alone in its group stays in every replicate. */
static void respondents_may_have_no_group(void)
{
    survey s = make_survey(3, 60, 0, true, VMAP_PAIRWISE);
    vmap_map_bootstrap *b;

    for (size_t r = 120; r < 180; r++)
        s.sample->group[r] = 2;
    s.groups = 2;
    s.sample->weights[3] = 0;
    for (size_t i = 0; i < P; i++)
        s.sample->values[5 * P + i] = NAN;
    b = resample(&s, 50, 2);
    CHECK_COUNT(b->usable, 50);
    CHECK_COUNT(b->position_se->size1, 2);
    CHECK(gsl_matrix_get(b->position_se, 1, 1) > 0);
    vmap_map_bootstrap_free(b);
    vmap_map_bootstrap_free(NULL);
    s.groups = 0;
    for (size_t r = 0; r < 180; r++)
        s.sample->group[r] = 0;
    b = resample(&s, 50, 2);
    CHECK_COUNT(b->usable, 50);
    vmap_map_bootstrap_free(b);
    free_survey(&s);
}

static const test_case cases[] = {
    TEST(complete_answers_agree_with_a_slow_bootstrap),
    TEST(weighted_incomplete_answers_agree_with_a_slow_bootstrap),
    TEST(listwise_fits_agree_with_a_slow_bootstrap),
    TEST(each_replicate_is_a_fit_of_the_drawn_rows),
    TEST(threads_and_the_order_of_rows_change_no_byte),
    TEST(weights_of_one_are_no_weights),
    TEST(axes_follow_the_fit),
    TEST(what_has_no_bootstrap_is_refused),
    TEST(a_group_with_one_complete_answer_has_no_error),
    TEST(a_replicate_may_draw_no_complete_answer),
    TEST(who_does_not_count_changes_no_byte),
    TEST(respondents_may_have_no_group),
};
SUITE(resample_map_suite, cases);
