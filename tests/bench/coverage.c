/* Coverage of the position of a country: how often the true position lies within 1.96 and within 3
 * standard errors of the estimated one, over many simulated surveys.
 *
 *     tests/bench/coverage CODEBOOK [SEEDS [RESPONDENTS [MISSING]]]
 *
 * The estimates and their standard errors are those of vmap_groups_new(), under its three rules for
 * incomplete answers, in the fitted space and in the true one; the standard errors hold the space fixed,
 * and the rows with the true space show how much that matters. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>

#include "valuemap.h"

enum { ITEMS = 10, AXES = 2 };

/* Errors of one way of estimating, in standard errors and in map units, on one axis. */
typedef struct {
    size_t count, within_196, within_3;
    double error, squares, z, z_squares, se;
} tally;

/* One way of estimating: with which space, by which rule, with or without weights. */
typedef struct {
    const char *name;
    bool fitted;
    vmap_incomplete rule;
    bool weighted;
    tally axis[AXES];
} estimator;

typedef struct {
    size_t seeds;
    double sum[ITEMS][AXES], squares[ITEMS][AXES];
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

static void must(vmap_status status, const vmap_error *err)
{
    char text[1024];

    if (!status)
        return;
    fprintf(stderr, "coverage: %s\n", vmap_error_text(err, text, sizeof text));
    exit(EXIT_FAILURE);
}

/* The sample as answers: what reading its file would give, of that what groups need. */
static vmap_answers answers_of(const vmap_simulation *s, const vmap_sample *sample)
{
    vmap_answers a = {.n = sample->n, .p = sample->p, .values = sample->values,
                      .weights = sample->weights};
    vmap_error err;

    a.groups = vmap_table_new(&err);
    must(a.groups ? VMAP_SUCCESS : err.status, &err);
    must(vmap_table_add(a.groups, "country", VMAP_TEXTS, NULL, &err), &err);
    for (size_t r = 0; r < sample->n; r++) {
        const char *country = s->humans[sample->group[r]].country;

        must(vmap_table_push_text(a.groups, 0, country, strlen(country), &err), &err);
        must(vmap_table_end_row(a.groups, r + 2, &err), &err);
    }
    return a;
}

static void study_groups(estimator *how, const vmap_simulation *s, const vmap_space *space,
                         const vmap_projection *projection, const vmap_answers *answers)
{
    vmap_groups *groups = NULL;
    vmap_answers a = *answers;
    vmap_error err;

    if (!how->weighted)
        a.weights = NULL;
    must(vmap_groups_new(space, &a, projection, how->rule, &groups, &err), &err);
    for (size_t i = 0; i < groups->count; i++) {
        const vmap_group *g = &groups->group[i];
        size_t truth = 0;

        while (strcmp(s->humans[truth].country, g->labels[0]) != 0)
            truth++;
        for (size_t j = 0; j < AXES; j++)
            add(&how->axis[j], gsl_vector_get(g->mean, j), gsl_vector_get(g->se, j),
                gsl_vector_get(s->humans[truth].at, j));
    }
    vmap_groups_free(groups);
}

static void study_loadings(loading_study *to, const vmap_space *fit, const vmap_space *truth)
{
    to->seeds++;
    for (size_t i = 0; i < ITEMS; i++) {
        for (size_t j = 0; j < AXES; j++) {
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
    static const bool use[ITEMS] = {true, true, true, true, true, true, true, true, true, true};
    vmap_simulation *s = NULL;
    vmap_sample *sample = NULL;
    vmap_space *fit = NULL;
    vmap_projection *pr[2] = {NULL, NULL};
    vmap_answers answers;
    vmap_error err;

    must(vmap_simulate(options, &s, &err), &err);
    must(vmap_simulation_draw_humans(s, &sample, &err), &err);
    answers = answers_of(s, sample);
    must(vmap_space_fit(options->codebook, use, sample->values, sample->n, sample->weights, NULL,
                        &fit, &err),
         &err);
    must(vmap_space_set_affine(fit, "wvs", &err), &err);
    study_loadings(loadings, fit, s->space);
    must(vmap_space_project(s->space, sample->values, sample->n, 1, &pr[0], &err), &err);
    must(vmap_space_project(fit, sample->values, sample->n, 1, &pr[1], &err), &err);
    for (size_t e = 0; e < count; e++)
        study_groups(&how[e], s, how[e].fitted ? fit : s->space, pr[how[e].fitted], &answers);
    vmap_table_free(answers.groups);
    vmap_projection_free(pr[0]);
    vmap_projection_free(pr[1]);
    vmap_space_free(fit);
    vmap_sample_free(sample);
    vmap_simulation_free(s);
}

static void print(const estimator *how, size_t count, const loading_study *loadings)
{
    printf("%-34s %-8s %7s %7s %7s %7s %7s %7s %7s\n", "estimate", "axis", "1.96se", "3se", "bias",
           "rmse", "se", "mean z", "sd z");
    for (size_t e = 0; e < count; e++) {
        for (size_t j = 0; j < AXES; j++) {
            const tally *t = &how[e].axis[j];
            double n = (double)t->count, z = t->z / n;

            printf("%-34s %-8s %7.4f %7.4f %7.4f %7.4f %7.4f %7.3f %7.3f\n", how[e].name,
                   j ? "tradrat" : "survself", (double)t->within_196 / n, (double)t->within_3 / n,
                   t->error / n, sqrt(t->squares / n), t->se / n, z,
                   sqrt(t->z_squares / n - z * z));
        }
    }
    printf("\nloadings: mean error and its sd over %zu seeds\n", loadings->seeds);
    for (size_t i = 0; i < ITEMS; i++) {
        for (size_t j = 0; j < AXES; j++) {
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
        {"true space, means", false, VMAP_INCOMPLETE_MEANS, true, {{0}}},
        {"fitted space, means", true, VMAP_INCOMPLETE_MEANS, true, {{0}}},
        {"fitted space, project", true, VMAP_INCOMPLETE_PROJECT, true, {{0}}},
        {"fitted space, drop", true, VMAP_INCOMPLETE_DROP, true, {{0}}},
        {"fitted space, means, no weights", true, VMAP_INCOMPLETE_MEANS, false, {{0}}},
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
