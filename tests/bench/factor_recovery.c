#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_randist.h>

#include "factor/factor_internal.h"
#include "valuemap.h"

/* Are known factors found? Samples of simulated answers from three factors of four items each, loadings .5 .. .8.
 *   factor_recovery [SAMPLES] [RESPONDENTS]    [100] [500]
 * Prints, for every extraction and rotation, the root mean square error of the loadings and the least congruence of a
 * factor (means over samples), with uncorrelated factors for orthogonal rotations and correlations of .3 for oblique
 * ones; how often criteria of retention name three factors; how often 95 % intervals of the bootstrap (200 replicates
 * of components and varimax) hold the loading of the population. */

enum { P = 12, K = 3 };

static void population(bool oblique, gsl_matrix *loadings, gsl_matrix *r, gsl_matrix *root)
{
    double between = oblique ? .3 : 0;

    for (size_t i = 0; i < P; i++) {
        for (size_t f = 0; f < K; f++)
            gsl_matrix_set(loadings, i, f, i / 4 == f ? .5 + .1 * (double)(i % 4) : 0);
    }
    for (size_t i = 0; i < P; i++) {
        for (size_t j = 0; j < P; j++)
            gsl_matrix_set(r, i, j, i == j ? 1 : gsl_matrix_get(loadings, i, i / 4) *
                                                     gsl_matrix_get(loadings, j, j / 4) *
                                                     (i / 4 == j / 4 ? 1 : between));
    }
    gsl_matrix_memcpy(root, r);
    gsl_linalg_cholesky_decomp1(root);
    for (size_t i = 0; i < P; i++) {
        for (size_t j = i + 1; j < P; j++)
            gsl_matrix_set(root, i, j, 0);
    }
}

/* Adds the error of one solution; returns whether there was one. */
static bool judge(const gsl_matrix *r, vmap_extraction method, vmap_rotation rotation, const gsl_matrix *truth,
                  double *error, double *phi)
{
    vmap_extract_options e;
    vmap_rotate_options o;
    vmap_factor_solution *s = NULL;
    gsl_matrix *aligned = gsl_matrix_alloc(P, K), *alike = gsl_matrix_alloc(K, K);
    double sum = 0, least = 1;
    bool ok;

    vmap_extract_defaults(&e);
    e.method = method;
    e.factors = K;
    e.starts = 1;
    vmap_rotate_defaults(&o);
    o.method = rotation;
    ok = !vmap_factor_extract(r, &e, &s, NULL) && s->converged && !vmap_factor_rotate_solution(s, &o, NULL, NULL) &&
         !vmap_congruence_align(truth, s->pattern, VMAP_ALIGN_COLUMNS, aligned, NULL, NULL, NULL) &&
         !vmap_congruence_find(truth, aligned, alike, NULL);
    for (size_t i = 0; ok && i < P * K; i++)
        sum += pow(gsl_matrix_get(aligned, i / K, i % K) - gsl_matrix_get(truth, i / K, i % K), 2);
    for (size_t f = 0; ok && f < K; f++)
        least = fmin(least, gsl_matrix_get(alike, f, f));
    if (ok) {
        *error += sqrt(sum / (P * K));
        *phi += least;
    }
    vmap_factor_solution_free(s);
    gsl_matrix_free(aligned);
    gsl_matrix_free(alike);
    return ok;
}

static void study_solutions(size_t samples, double n)
{
    gsl_matrix *truth = gsl_matrix_alloc(P, K), *r = gsl_matrix_alloc(P, P), *root = gsl_matrix_alloc(P, P);
    gsl_matrix *room = gsl_matrix_alloc(P, P);

    printf("extraction\trotation\tsolutions\trmse\tcongruence\n");
    for (size_t m = 0; m < VMAP_EXTRACTIONS; m++) {
        for (size_t t = 0; m != VMAP_EXTRACT_DWLS && t < VMAP_ROTATIONS; t++) {
            double error = 0, phi = 0;
            size_t found = 0;

            if (t == VMAP_ROTATE_NONE || vmap_rotations[t].target || vmap_rotations[t].fixed)
                continue; /* there is no general factor to find */
            for (size_t s = 0; s < samples; s++) {
                gsl_rng *rng = vmap_rng_new(31, s);

                population(vmap_rotations[t].oblique, truth, r, root);
                factor_draw_correlation(rng, n, root, room, r);
                found += judge(r, (vmap_extraction)m, (vmap_rotation)t, truth, &error, &phi);
                gsl_rng_free(rng);
            }
            printf("%s\t%s\t%zu/%zu\t%.3f\t%.3f\n", vmap_extractions[m].name, vmap_rotations[t].name, found, samples,
                   found ? error / (double)found : NAN, found ? phi / (double)found : NAN);
        }
    }
    gsl_matrix_free(truth);
    gsl_matrix_free(r);
    gsl_matrix_free(root);
    gsl_matrix_free(room);
}

static void study_retention(size_t samples, double n)
{
    gsl_matrix *truth = gsl_matrix_alloc(P, K), *r = gsl_matrix_alloc(P, P), *root = gsl_matrix_alloc(P, P);
    gsl_matrix *room = gsl_matrix_alloc(P, P);
    size_t hits[2][VMAP_CRITERIA + 1] = {{0}};
    vmap_factor_options options;

    vmap_factor_options_defaults(&options);
    options.parallel.sets = 100;
    for (int oblique = 0; oblique < 2; oblique++) {
        for (size_t s = 0; s < samples; s++) {
            gsl_rng *rng = vmap_rng_new(32, s);
            vmap_factor_analysis *a = NULL;
            vmap_factor_data data = {.p = P, .r = r, .respondents = n};

            population(oblique, truth, r, root);
            factor_draw_correlation(rng, n, root, room, r);
            if (!vmap_factor_analysis_new(&data, &options, &a, NULL) &&
                !vmap_factor_analysis_retain(a, &data, &options, NULL)) {
                for (size_t c = 0; c < VMAP_CRITERIA; c++)
                    hits[oblique][c] += a->retention->count[c] == K;
                hits[oblique][VMAP_CRITERIA] += a->retention->consensus == K;
            }
            vmap_factor_analysis_free(a);
            gsl_rng_free(rng);
        }
    }
    printf("\ncriterion\thits_uncorrelated\thits_correlated\n");
    for (size_t c = 0; c <= VMAP_CRITERIA; c++) {
        printf("%s\t%.2f\t%.2f\n", c < VMAP_CRITERIA ? vmap_criteria[c].name : "consensus",
               (double)hits[0][c] / (double)samples, (double)hits[1][c] / (double)samples);
    }
    gsl_matrix_free(truth);
    gsl_matrix_free(r);
    gsl_matrix_free(root);
    gsl_matrix_free(room);
}

/* n respondents of the population. */
static double *draw(gsl_rng *rng, size_t n, const gsl_matrix *root)
{
    double *x = calloc(n * P, sizeof *x), z[P];

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < P; j++) {
            z[j] = gsl_ran_ugaussian(rng);
            for (size_t l = 0; l <= j; l++)
                x[i * P + j] += gsl_matrix_get(root, j, l) * z[l];
        }
    }
    return x;
}

static void study_intervals(size_t samples, size_t n)
{
    gsl_matrix *truth = gsl_matrix_alloc(P, K), *r = gsl_matrix_alloc(P, P), *root = gsl_matrix_alloc(P, P);
    gsl_matrix *l = gsl_matrix_alloc(P, K), *phi = gsl_matrix_alloc(K, K), *mine = gsl_matrix_alloc(P, K);
    size_t percentile = 0, bca = 0, all = 0;

    population(false, truth, r, root);
    vmap_factor_solve_components(r, NULL, NULL, l, phi, NULL);
    for (size_t s = 0; s < samples; s++) {
        gsl_rng *rng = vmap_rng_new(33, s);
        double *x = draw(rng, n, root);
        vmap_factor_resample_options o;
        vmap_factor_bootstrap *b = NULL;

        vmap_factor_resample_defaults(&o);
        o.replicates = 200;
        o.seed = 1000 + s;
        if (!vmap_factor_bootstrap_new(x, n, P, NULL, NULL, 0, K, &o, &b, NULL)) {
            gsl_matrix *own = gsl_matrix_alloc(P, K); /* the population in the sample's orientation */

            for (size_t i = 0; i < P * K; i++)
                gsl_matrix_set(own, i / K, i % K, b->loading[i].estimate);
            vmap_congruence_align(own, l, VMAP_ALIGN_ORTHOGONAL, mine, NULL, NULL, NULL);
            for (size_t i = 0; i < P * K; i++, all++) {
                double t = gsl_matrix_get(mine, i / K, i % K);

                percentile += t >= b->loading[i].low && t <= b->loading[i].high;
                bca += t >= b->loading[i].bca_low && t <= b->loading[i].bca_high;
            }
            gsl_matrix_free(own);
        }
        vmap_factor_bootstrap_free(b);
        free(x);
        gsl_rng_free(rng);
    }
    printf("\ninterval\tcoverage\nnominal\t0.950\npercentile\t%.3f\nbca\t%.3f\n", (double)percentile / (double)all,
           (double)bca / (double)all);
    gsl_matrix_free(truth);
    gsl_matrix_free(r);
    gsl_matrix_free(root);
    gsl_matrix_free(l);
    gsl_matrix_free(phi);
    gsl_matrix_free(mine);
}

int main(int argc, char **argv)
{
    size_t samples = argc > 1 ? strtoul(argv[1], NULL, 10) : 100, n = argc > 2 ? strtoul(argv[2], NULL, 10) : 500;

    gsl_set_error_handler_off();
    if (samples < 1 || n < P + 2) {
        fprintf(stderr, "factor_recovery [SAMPLES] [RESPONDENTS]: at least 1 and %d\n", P + 2);
        return 64;
    }
    study_solutions(samples, (double)n);
    study_retention(samples, (double)n);
    study_intervals(samples, n);
    return 0;
}
