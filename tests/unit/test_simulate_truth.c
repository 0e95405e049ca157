#include <config.h>

#include <math.h>
#include <string.h>

#include "support/check.h"
#include "valuemap/moments.h"
#include "valuemap/simulate.h"

static vmap_codebook *load(void)
{
    vmap_codebook *codebook = NULL;
    vmap_error err;

    CHECK_OK(vmap_codebook_load(source_path("codebooks/iw-wvs7.yaml"), &codebook, &err), &err);
    return codebook;
}

/* Simulate with a codebook that is freed again: nothing of it is kept. */
static vmap_simulation *simulate(const vmap_simulate_options *options)
{
    vmap_simulate_options o = *options;
    vmap_simulation *s = NULL;
    vmap_codebook *codebook = load();
    vmap_error err;

    o.codebook = codebook;
    CHECK_OK(vmap_simulate(&o, &s, &err), &err);
    vmap_codebook_free(codebook);
    return s;
}

static double get_human(void *context, size_t row, size_t col)
{
    return gsl_vector_get(((vmap_simulation *)context)->humans[row].at, col);
}

static double get_persona(void *context, size_t row, size_t col)
{
    return gsl_vector_get(((vmap_simulation *)context)->personas[row].at, col);
}

/* tests/reference/simulate.R works the same truth out with other programs. */
static void the_truth_agrees_with_r(void)
{
    size_t sizes[12];
    vmap_simulate_options o;
    vmap_simulation *s;

    vmap_simulate_defaults(&o);
    for (size_t g = 0; g < 12; g++)
        sizes[g] = 200 + 100 * g;
    o.sizes = sizes;
    s = simulate(&o);
    check_reference("simulate.tsv", "mean", 10, get_vector_element, s->space->mean);
    check_reference("simulate.tsv", "sd", 10, get_vector_element, s->space->sd);
    check_reference("simulate.tsv", "r", 100, get_matrix_element, s->space->r);
    check_reference("simulate.tsv", "loading", 20, get_matrix_element, s->space->loadings);
    check_reference("simulate.tsv", "within", 4, get_matrix_element, s->space->within);
    check_reference("simulate.tsv", "human", 24, get_human, s);
    check_reference("simulate.tsv", "persona", 72, get_persona, s);
    check_reference("simulate.tsv", "slope", 6, get_matrix_element, s->slopes);
    vmap_simulation_free(s);
}

/* By hand: countries that do not differ all have the population's means, whose position is the
 * shift of the official map (.038, -.1); nothing is left between them, so that a slope cannot be
 * had. */
static void countries_that_do_not_differ_stand_together(void)
{
    vmap_simulate_options o;
    vmap_simulation *s;

    vmap_simulate_defaults(&o);
    o.spread = 0;
    o.countries = 3;
    s = simulate(&o);
    for (size_t g = 0; g < 3; g++) {
        /* shares of urban people differ, which moves the mean of a coarse answer a little */
        CHECK_NEAR(get_human(s, g, 0), 0.038, 0.02);
        CHECK_NEAR(get_human(s, g, 1), -0.1, 0.02);
    }
    vmap_simulation_free(s);
    o.countries = 1;
    s = simulate(&o);
    CHECK_NEAR(get_human(s, 0, 0), 0.038, 1e-12);
    CHECK_NEAR(get_human(s, 0, 1), -0.1, 1e-12);
    CHECK(isnan(gsl_matrix_get(s->slopes, 0, 0)) && isnan(gsl_matrix_get(s->slopes, 2, 1)));
    vmap_simulation_free(s);
}

/* By hand: the variance of a score is its scale squared, and is what lies within and between the
 * countries; the mean position of equal countries is the shift. */
static void variance_within_and_between_adds_up(void)
{
    vmap_simulate_options o;
    vmap_simulation *s;

    vmap_simulate_defaults(&o);
    o.countries = vmap_simulate_countries_max();
    s = simulate(&o);
    for (size_t j = 0; j < 2; j++) {
        double mean = 0, squares = 0, n = (double)s->countries;
        double scale = gsl_vector_get(s->space->scale, j);

        for (size_t g = 0; g < s->countries; g++) {
            mean += get_human(s, g, j) / n;
            squares += get_human(s, g, j) * get_human(s, g, j) / n;
        }
        CHECK_NEAR(mean, gsl_vector_get(s->space->shift, j), 1e-12);
        CHECK_NEAR(squares - mean * mean + gsl_matrix_get(s->space->within, j, j), scale * scale,
                   1e-11);
    }
    vmap_simulation_free(s);
}

/* The table of MAP loadings that the model imitates: Y002, F118 up and A008, E025, A165 down on
 * survself; Y003, F120, G006, E018 up and F063 down on tradrat; each most on its own axis. */
static void the_axes_look_like_the_real_ones(void)
{
    static const struct {
        const char *item;
        int axis, sign;
    } known[] = {{"F063", 1, -1}, {"Y003", 1, 1},  {"F120", 1, 1},  {"G006", 1, 1}, {"E018", 1, 1},
                 {"Y002", 0, 1},  {"A008", 0, -1}, {"E025", 0, -1}, {"A165", 0, -1}};
    static const size_t countries[] = {2, 12, 40, 66};
    vmap_simulate_options o;

    vmap_simulate_defaults(&o);
    for (size_t c = 0; c < 4; c++) {
        vmap_simulation *s;

        o.countries = countries[c];
        s = simulate(&o);
        CHECK_TEXT(s->space->axes[0].name, "survself");
        CHECK_TEXT(s->space->axes[1].name, "tradrat");
        CHECK_TEXT(s->space->affine, "wvs");
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
            size_t at = 0;
            double own, other;

            while (strcmp(s->space->items[at], known[i].item) != 0)
                at++;
            own = gsl_matrix_get(s->space->loadings, at, (size_t)known[i].axis);
            other = gsl_matrix_get(s->space->loadings, at, (size_t)(1 - known[i].axis));
            CHECK(own * known[i].sign > 0.4 && fabs(own) > fabs(other) + 0.1);
        }
        vmap_simulation_free(s);
    }
}

/* ---- against samples: what is computed and what is drawn must be one model ---- */

/* Weighted mean of column i over the rows of a group (all for group = n) and its standard error by
 * linearisation. */
static double sample_mean(const vmap_sample *s, size_t i, size_t group, double *se)
{
    double w = 0, wx = 0, squares = 0, m, n = 0;

    for (size_t r = 0; r < s->n; r++) {
        if ((group < s->n && s->group[r] != group) || isnan(s->values[r * s->p + i]))
            continue;
        w += s->weights[r];
        wx += s->weights[r] * s->values[r * s->p + i];
        n++;
    }
    m = wx / w;
    for (size_t r = 0; r < s->n; r++) {
        double d = s->weights[r] * (s->values[r * s->p + i] - m);

        if ((group >= s->n || s->group[r] == group) && !isnan(d))
            squares += d * d;
    }
    *se = sqrt(n / (n - 1) * squares) / w;
    return m;
}

static void a_large_sample_has_the_moments_that_were_computed(void)
{
    vmap_simulate_options o;
    vmap_simulation *s;
    vmap_sample *sample = NULL;
    vmap_moments *m = NULL;
    vmap_error err;

    vmap_simulate_defaults(&o);
    o.respondents = 5000; /* 60,000 in all */
    o.missing = o.foreign = 0;
    o.seed = 3;
    s = simulate(&o);
    CHECK_OK(vmap_simulation_draw_humans(s, &sample, &err), &err);
    CHECK_COUNT(sample->n, 60000);
    CHECK_OK(vmap_moments_correlate(sample->values, sample->n, sample->p, sample->weights,
                                    VMAP_PAIRWISE, &m, &err),
             &err);
    for (size_t i = 0; i < 10; i++) {
        double se, mean = sample_mean(sample, i, sample->n, &se);
        double n_eff = gsl_matrix_get(m->n_eff, i, i);

        CHECK_NEAR(mean, gsl_vector_get(s->space->mean, i), 4 * se);
        /* sd of a variable of kurtosis at most 3: se = sd / sqrt(2 n) at most */
        CHECK_NEAR(gsl_vector_get(m->sd, i), gsl_vector_get(s->space->sd, i),
                   4 * gsl_vector_get(s->space->sd, i) / sqrt(2 * n_eff));
        for (size_t j = 0; j < i; j++) {
            double r = gsl_matrix_get(s->space->r, i, j);

            CHECK_NEAR(gsl_matrix_get(m->r, i, j), r, 4 * (1 - r * r) / sqrt(n_eff));
        }
    }
    vmap_moments_free(m);
    vmap_sample_free(sample);
    vmap_simulation_free(s);
}

static void group_means_of_a_large_sample_are_the_true_ones(void)
{
    vmap_simulate_options o;
    vmap_simulation *s;
    vmap_sample *sample = NULL;
    vmap_error err;

    vmap_simulate_defaults(&o);
    o.respondents = o.personas = 2000;
    o.countries = 4;
    s = simulate(&o);
    CHECK_OK(vmap_simulation_draw_humans(s, &sample, &err), &err);
    for (size_t g = 0; g < 4; g++) {
        for (size_t i = 0; i < 10; i++) {
            double se, mean = sample_mean(sample, i, g, &se);

            CHECK_NEAR(mean, gsl_vector_get(s->humans[g].items, i), 4 * se);
        }
    }
    vmap_sample_free(sample);
    CHECK_OK(vmap_simulation_draw_personas(s, &sample, &err), &err);
    CHECK_COUNT(sample->n, 3 * 4 * 2000);
    for (size_t g = 0; g < 12; g++) {
        for (size_t i = 0; i < 10; i++) {
            double se, mean = sample_mean(sample, i, g, &se);

            CHECK_NEAR(mean, gsl_vector_get(s->personas[g].items, i), 4 * se);
        }
    }
    vmap_sample_free(sample);
    vmap_simulation_free(s);
}

/* Without weights the strata count as they were sampled: urban people too often in the countries 0,
 * 2, 4 ..., too rarely in the others. */
static void unweighted_means_are_off(void)
{
    vmap_simulate_options o;
    vmap_simulation *s;
    vmap_sample *sample = NULL;
    vmap_error err;

    vmap_simulate_defaults(&o);
    o.missing = o.foreign = 0;
    o.respondents = 4000;
    s = simulate(&o);
    CHECK_OK(vmap_simulation_draw_humans(s, &sample, &err), &err);
    for (size_t g = 0; g < s->countries; g++) {
        double at[2] = {0, 0}, plain[2] = {0, 0}, w = 0;

        for (size_t r = 0; r < sample->n; r++) {
            if (sample->group[r] != g)
                continue;
            w += sample->weights[r];
            for (size_t j = 0; j < 2; j++) {
                double x = gsl_vector_get(s->space->intercept, j);

                for (size_t i = 0; i < 10; i++)
                    x += gsl_matrix_get(s->space->weights, i, j) * sample->values[r * 10 + i];
                at[j] += sample->weights[r] * x / 4000;
                plain[j] += x / 4000;
            }
        }
        CHECK_NEAR(w, 4000, 1e-8);
        for (size_t j = 0; j < 2; j++) {
            double truth = get_human(s, g, j), bias = g % 2 == 0 ? 1 : -1;

            CHECK_NEAR(at[j], truth, 0.125); /* 4 se: 1.5 x 1.3 / sqrt(4000) x 4 */
            CHECK(bias * (plain[j] - truth) > 0.04);
        }
    }
    vmap_sample_free(sample);
    vmap_simulation_free(s);
}

/* ---- refusals ---- */

static void refuse(const vmap_simulate_options *options, vmap_status status, const char *words)
{
    vmap_simulate_options o = *options;
    vmap_codebook *codebook = load();
    vmap_simulation *s = NULL;
    vmap_error err;

    o.codebook = codebook;
    CHECK_FAILS(vmap_simulate(&o, &s, &err), status, &err, words);
    CHECK(s == NULL);
    vmap_codebook_free(codebook);
}

static void options_outside_their_range_are_refused(void)
{
    static const size_t sizes[] = {100, 1};
    vmap_simulate_options usual, o;

    vmap_simulate_defaults(&usual);
    o = usual, o.countries = 0, refuse(&o, VMAP_EINVAL, "0 countries; 1..66");
    o = usual, o.countries = 67, refuse(&o, VMAP_EINVAL, "67 countries; 1..66");
    o = usual, o.respondents = 1, refuse(&o, VMAP_EINVAL, "1 respondents in country 1; 2..900000");
    o = usual, o.respondents = 900001, refuse(&o, VMAP_EINVAL, "900001 respondents");
    o = usual, o.countries = 2, o.sizes = sizes;
    refuse(&o, VMAP_EINVAL, "1 respondents in country 2");
    o = usual, o.missing = 0.95, refuse(&o, VMAP_EINVAL, "missing is 0.95");
    o = usual, o.missing = NAN, refuse(&o, VMAP_EINVAL, "missing is nan");
    o = usual, o.foreign = -0.1, refuse(&o, VMAP_EINVAL, "foreign is -0.1");
    o = usual, o.refused = 0.5, o.out_of_range = 0.5, refuse(&o, VMAP_EINVAL, "together is 1");
    o = usual, o.refused = -0.5, o.out_of_range = 0.5, refuse(&o, VMAP_EINVAL, "negative");
    o = usual, o.spread = -1, refuse(&o, VMAP_EINVAL, "spread of countries is -1");
    o = usual, o.columns = 20, refuse(&o, VMAP_EINVAL, "20 columns");
    o = usual, o.columns = 10001, refuse(&o, VMAP_EINVAL, "10001 columns");
    o = usual, o.models = NULL, refuse(&o, VMAP_EINVAL, "3 simulated models are not described");
}

static void models_must_be_describable(void)
{
    vmap_simulate_model model[] = {{"a", {0, 0}, 1, 1}, {"b", {0, 0}, 1, 1}};
    vmap_simulate_options o;

    vmap_simulate_defaults(&o);
    o.models = model;
    o.models_count = 2;
    model[1].name = "a,b";
    refuse(&o, VMAP_EINVAL, "'a,b' is no name of a simulated model");
    model[1].name = "";
    refuse(&o, VMAP_EINVAL, "'' is no name");
    model[1].name = "a234567890123456789012345678901234567890123456789012345678901234567890";
    refuse(&o, VMAP_EINVAL, "1..64 letters");
    model[1].name = "a";
    refuse(&o, VMAP_EINVAL, "two simulated models are named 'a'");
    model[1] = (vmap_simulate_model){"b", {0, 0}, 1, 0};
    refuse(&o, VMAP_EINVAL, "spread of the simulated model b is 0");
    model[1] = (vmap_simulate_model){"b", {0, NAN}, 1, 1};
    refuse(&o, VMAP_EINVAL, "model b are not all finite");
}

static void unknown_names_in_without_are_refused(void)
{
    const char *one[] = {"Q2544"};
    const char *all[] = {"F063", "Y003", "F120", "G006", "E018",
                         "Y002", "A008", "F118", "E025", "A165"};
    vmap_simulate_options o;

    vmap_simulate_defaults(&o);
    o.without = one;
    o.without_count = 1;
    refuse(&o, VMAP_ENOENT,
           "'Q2544' is no item and no column of the simulated answers; did you mean "
           "'Q254'?");
    o.without = all;
    o.without_count = 10;
    refuse(&o, VMAP_EINVAL, "no question left");
}

static void refuse_codebook(const char *text, const char *words)
{
    vmap_codebook *codebook = NULL;
    vmap_simulate_options o;
    vmap_simulation *s = NULL;
    vmap_error err;

    CHECK_OK(vmap_codebook_parse("test", text, strlen(text), &codebook, &err), &err);
    vmap_simulate_defaults(&o);
    o.codebook = codebook;
    CHECK_FAILS(vmap_simulate(&o, &s, &err), VMAP_EDATA, &err, words);
    CHECK(s == NULL);
    vmap_codebook_free(codebook);
}

static void a_codebook_must_fit_the_model(void)
{
    vmap_simulate_options o;
    vmap_simulation *s = NULL;
    vmap_codebook *codebook = load();
    vmap_error err;

    vmap_simulate_defaults(&o);
    CHECK_FAILS(vmap_simulate(&o, &s, &err), VMAP_EINVAL, &err, "needs a codebook");
    refuse_codebook("{version: 1, name: c, title: c, items: ["
                    "{name: F063, label: x, valid: 1..10, columns: [{name: Q164}]}]}",
                    "codebook c has no item Y003");
    refuse_codebook(
        "{version: 1, name: c, title: c, items: ["
        "{name: F063, label: x, valid: 0..10, columns: [{name: Q164}]}]}",
        "F063: codebook c gives the item the codes 0..10; simulated answers have 1..10");
    /* the axes change places */
    if (codebook) {
        vmap_axis axis = codebook->axes[0];

        codebook->axes[0] = codebook->axes[1];
        codebook->axes[1] = axis;
        o.codebook = codebook;
        CHECK_FAILS(vmap_simulate(&o, &s, &err), VMAP_EDATA, &err, "not survself and tradrat");
        CHECK(s == NULL);
    }
    vmap_codebook_free(codebook);
}

/* ---- edges ---- */

static void no_models_and_no_personas(void)
{
    vmap_simulate_options o;
    vmap_simulation *s;
    vmap_sample *sample = NULL;
    vmap_error err;

    vmap_simulate_defaults(&o);
    o.personas = 0;
    s = simulate(&o); /* the truth about groups of which nobody is drawn */
    CHECK_COUNT(s->models, 3);
    CHECK_FAILS(vmap_simulation_draw_personas(s, &sample, &err), VMAP_EINVAL, &err, "no personas");
    CHECK(sample == NULL);
    vmap_simulation_free(s);
    o.models = NULL;
    o.models_count = 0;
    o.personas = 100;
    s = simulate(&o);
    CHECK(s->models == 0 && s->slopes == NULL);
    CHECK_FAILS(vmap_simulation_draw_personas(s, &sample, &err), VMAP_EINVAL, &err, "no personas");
    vmap_simulation_free(s);
    vmap_simulation_free(NULL);
    vmap_sample_free(NULL);
}

/* A model that follows all the way, with people's spread and their countries' average as home,
 * differs from people only by their strata, which average out in the latent means. */
static void a_model_can_be_like_people(void)
{
    vmap_simulate_model like = {"like", {0, 0}, 1, 1};
    vmap_simulate_options o;
    vmap_simulation *s;

    vmap_simulate_defaults(&o);
    o.countries = 1; /* whose place is the average */
    like.home[0] = 2.4;
    like.home[1] = 1.2;
    o.models = &like;
    o.models_count = 1;
    s = simulate(&o);
    for (size_t i = 0; i < 10; i++)
        CHECK_NEAR(gsl_vector_get(s->personas[0].items, i), gsl_vector_get(s->humans[0].items, i),
                   0.05);
    vmap_simulation_free(s);
}

static const test_case cases[] = {
    TEST(the_truth_agrees_with_r),
    TEST(countries_that_do_not_differ_stand_together),
    TEST(variance_within_and_between_adds_up),
    TEST(the_axes_look_like_the_real_ones),
    TEST(a_large_sample_has_the_moments_that_were_computed),
    TEST(group_means_of_a_large_sample_are_the_true_ones),
    TEST(unweighted_means_are_off),
    TEST(options_outside_their_range_are_refused),
    TEST(models_must_be_describable),
    TEST(unknown_names_in_without_are_refused),
    TEST(a_codebook_must_fit_the_model),
    TEST(no_models_and_no_personas),
    TEST(a_model_can_be_like_people),
};
SUITE(simulate_truth_suite, cases);
