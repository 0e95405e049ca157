/* Coverage of the position of a country: how often the true position lies within 1.96 and within 3
 * standard errors of the estimated one, over many simulated surveys.
 *
 *     tests/bench/coverage CODEBOOK [SEEDS [RESPONDENTS [MISSING]]]
 *
 * The estimate is the weighted mean of the respondents' positions, its standard error is
 * linearised:
 *     se^2 = n / (n - 1)  S w^2 (x - m)^2 / (S w)^2.
 * It leaves out that the strata are fixed, which makes it somewhat too large, and that the space
 * itself is estimated; the rows with the true space show how much the latter matters. Incomplete
 * answers are projected as if the respondent came from the whole population: where that pulls a
 * country's mean towards the others, the rows "mean answers" do not follow. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_errno.h>

#include "valuemap.h"

/* Errors of one way of estimating, in standard errors and in map units, on one axis. */
typedef struct {
    size_t count, within_196, within_3;
    double error, squares, z, z_squares, se;
} tally;

/* Mean of what: of the positions of all respondents, of those who answered everything, or the
 * position of the mean answers, each item's over those who answered it. */
typedef enum { EVERYBODY, COMPLETE, MEAN_ANSWERS } subject;

/* One way of estimating: mean of what, with which space, with or without weights. */
typedef struct {
    const char *name;
    bool fitted;
    subject of;
    bool weighted;
    tally axis[2];
} estimator;

typedef struct {
    size_t seeds;
    double sum[10][2], squares[10][2];
} loading_study;

static void add(tally *t, double estimate, double se, double truth)
{
    double error = estimate - truth, z = error / se;

    t->count++;
    t->within_196 += fabs(z) <= 1.96;
    t->within_3 += fabs(z) <= 3;
    t->error += error;
    t->squares += error * error;
    t->z += z;
    t->z_squares += z * z;
    t->se += se;
}

/* Weighted mean over the respondents of group g and its linearised standard error. */
static double mean_of(const vmap_sample *s, const vmap_projection *pr, const estimator *how,
                      size_t g, size_t axis, double *se)
{
    double w = 0, wx = 0, squares = 0, n = 0, m;

    for (int pass = 0; pass < 2; pass++) {
        m = w > 0 ? wx / w : 0;
        for (size_t r = 0; r < s->n; r++) {
            double x = pr->at[r * 2 + axis], weight = how->weighted ? s->weights[r] : 1;

            if (s->group[r] != g || (how->of == COMPLETE && pr->used[r] < s->p) || isnan(x))
                continue;
            if (pass == 0) {
                w += weight;
                wx += weight * x;
                n++;
            } else {
                squares += weight * weight * (x - m) * (x - m);
            }
        }
    }
    *se = sqrt(n / (n - 1) * squares) / w;
    return m;
}

/* Position of the group's mean answers. A respondent adds  u = S_i weight_i w (x_i - m_i) / S w
 * over the answered items i (S w over those who answered i), and  se^2 = n / (n - 1) S u^2. */
static double position_of_means(const vmap_sample *s, const vmap_space *space, size_t g,
                                size_t axis, double *se)
{
    double w[10] = {0}, mean[10] = {0}, squares = 0, n = 0;
    double at = gsl_vector_get(space->intercept, axis);

    for (size_t r = 0; r < s->n; r++) {
        for (size_t i = 0; s->group[r] == g && i < 10; i++) {
            if (isnan(s->values[r * 10 + i]))
                continue;
            w[i] += s->weights[r];
            mean[i] += s->weights[r] * s->values[r * 10 + i];
        }
    }
    for (size_t i = 0; i < 10; i++)
        at += gsl_matrix_get(space->weights, i, axis) * (mean[i] /= w[i]);
    for (size_t r = 0; r < s->n; r++) {
        double u = 0;

        if (s->group[r] != g)
            continue;
        for (size_t i = 0; i < 10; i++) {
            if (!isnan(s->values[r * 10 + i]))
                u += gsl_matrix_get(space->weights, i, axis) * s->weights[r] *
                     (s->values[r * 10 + i] - mean[i]) / w[i];
        }
        squares += u * u;
        n++;
    }
    *se = sqrt(n / (n - 1) * squares);
    return at;
}

static void must(vmap_status status, const vmap_error *err)
{
    char text[1024];

    if (!status)
        return;
    fprintf(stderr, "coverage: %s\n", vmap_error_text(err, text, sizeof text));
    exit(EXIT_FAILURE);
}

static void study_loadings(loading_study *to, const vmap_space *fit, const vmap_space *truth)
{
    to->seeds++;
    for (size_t i = 0; i < 10; i++) {
        for (size_t j = 0; j < 2; j++) {
            double error =
                gsl_matrix_get(fit->loadings, i, j) - gsl_matrix_get(truth->loadings, i, j);

            to->sum[i][j] += error;
            to->squares[i][j] += error * error;
        }
    }
}

static void study_seed(const vmap_simulate_options *options, estimator *how, size_t count,
                       loading_study *loadings)
{
    static const bool use[10] = {true, true, true, true, true, true, true, true, true, true};
    vmap_simulation *s = NULL;
    vmap_sample *sample = NULL;
    vmap_space *fit = NULL;
    vmap_projection *pr[2] = {NULL, NULL};
    vmap_error err;

    must(vmap_simulate(options, &s, &err), &err);
    must(vmap_simulation_draw_humans(s, &sample, &err), &err);
    must(vmap_space_fit(options->codebook, use, sample->values, sample->n, sample->weights, NULL,
                        &fit, &err),
         &err);
    must(vmap_space_set_affine(fit, "wvs", &err), &err);
    study_loadings(loadings, fit, s->space);
    must(vmap_space_project(s->space, sample->values, sample->n, 1, &pr[0], &err), &err);
    must(vmap_space_project(fit, sample->values, sample->n, 1, &pr[1], &err), &err);
    for (size_t e = 0; e < count; e++) {
        for (size_t g = 0; g < s->countries; g++) {
            for (size_t j = 0; j < 2; j++) {
                double se,
                    m = how[e].of == MEAN_ANSWERS
                            ? position_of_means(sample, how[e].fitted ? fit : s->space, g, j, &se)
                            : mean_of(sample, pr[how[e].fitted], &how[e], g, j, &se);

                add(&how[e].axis[j], m, se, gsl_vector_get(s->humans[g].at, j));
            }
        }
    }
    vmap_projection_free(pr[0]);
    vmap_projection_free(pr[1]);
    vmap_space_free(fit);
    vmap_sample_free(sample);
    vmap_simulation_free(s);
}

static void print(const estimator *how, size_t count, const loading_study *loadings)
{
    printf("%-44s %-8s %7s %7s %7s %7s %7s %7s %7s\n", "estimate", "axis", "1.96se", "3se", "bias",
           "rmse", "se", "mean z", "sd z");
    for (size_t e = 0; e < count; e++) {
        for (size_t j = 0; j < 2; j++) {
            const tally *t = &how[e].axis[j];
            double n = (double)t->count, z = t->z / n;

            printf("%-44s %-8s %7.4f %7.4f %7.4f %7.4f %7.4f %7.3f %7.3f\n", how[e].name,
                   j ? "tradrat" : "survself", (double)t->within_196 / n, (double)t->within_3 / n,
                   t->error / n, sqrt(t->squares / n), t->se / n, z,
                   sqrt(t->z_squares / n - z * z));
        }
    }
    printf("\nloadings: mean error and its sd over %zu seeds\n", loadings->seeds);
    for (size_t i = 0; i < 10; i++) {
        for (size_t j = 0; j < 2; j++) {
            double n = (double)loadings->seeds, mean = loadings->sum[i][j] / n;

            printf("%s%8.4f %7.4f", j ? "   " : "  ", mean,
                   sqrt(loadings->squares[i][j] / n - mean * mean));
        }
        putchar('\n');
    }
}

int main(int argc, char **argv)
{
    estimator how[] = {
        {"true space, everybody", false, EVERYBODY, true, {{0}}},
        {"true space, complete answers", false, COMPLETE, true, {{0}}},
        {"true space, mean answers", false, MEAN_ANSWERS, true, {{0}}},
        {"fitted space, everybody", true, EVERYBODY, true, {{0}}},
        {"fitted space, complete answers", true, COMPLETE, true, {{0}}},
        {"fitted space, mean answers", true, MEAN_ANSWERS, true, {{0}}},
        {"fitted space, everybody, no weights (wrong)", true, EVERYBODY, false, {{0}}},
    };
    size_t count = sizeof how / sizeof *how, seeds = argc > 2 ? (size_t)atol(argv[2]) : 200;
    loading_study loadings = {0};
    vmap_simulate_options options;
    vmap_codebook *codebook = NULL;
    vmap_error err;

    if (argc < 2) {
        fprintf(stderr, "usage: coverage CODEBOOK [SEEDS [RESPONDENTS [MISSING]]]\n");
        return EXIT_FAILURE;
    }
    gsl_set_error_handler_off();
    must(vmap_codebook_load(argv[1], &codebook, &err), &err);
    vmap_simulate_defaults(&options);
    options.codebook = codebook;
    options.models_count = 0;
    if (argc > 3)
        options.respondents = (size_t)atol(argv[3]);
    if (argc > 4) {
        options.missing = atof(argv[4]);
        options.foreign = options.missing > 0 ? options.foreign : 0;
    }
    for (options.seed = 1; options.seed <= seeds; options.seed++)
        study_seed(&options, how, count, &loadings);
    printf("%zu seeds, %zu countries of %zu respondents, %g of the answers missing\n", seeds,
           options.countries, options.respondents, options.missing);
    print(how, count, &loadings);
    vmap_codebook_free(codebook);
    return EXIT_SUCCESS;
}
