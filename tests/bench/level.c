/* Do the tests and Q2 of valuemap/mapping.h keep what they promise? Simulated nations, many times:
 *
 *     tests/bench/level [RUNS [NATIONS [PERMUTATIONS]]]
 *
 * Seventeen nations, two predictors and six correlated outcomes by default. Printed are shares of p <= .05
 * (which must be near .05 where nothing is going on) and the coverage of 95 % intervals, each with the
 * standard error of a share, and the mean of Q2 beside the true share that new nations would show.
 */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>

#include "valuemap.h"

enum { P = 2, K = 6 };

/* How nations are made. */
typedef struct {
    const char *name;
    double slope;  /* of the first predictor in every outcome */
    double zone;   /* standard deviation of what nations of a zone share, in predictors and outcomes alike */
    bool unequal;  /* the residual is the larger the farther the nation is out */
    bool skewed;
} world;

static const world worlds[] = {
    {"nothing", 0, 0, false, false},
    {"nothing, skewed residuals", 0, 0, false, true},
    {"nothing, unequal variances", 0, 0, true, false},
    {"nothing, zones alike", 0, 1, false, false},
    {"a slope", .6, 0, false, false},
};

typedef struct {
    size_t n;
    gsl_matrix *x, *y, *other;
    size_t *zone;
} data;

static void draw(const world *w, gsl_rng *rng, data *d)
{
    double x_zone[8][P], y_zone[8][K];

    for (int z = 0; z < 8; z++) {
        for (int j = 0; j < P; j++)
            x_zone[z][j] = w->zone * gsl_ran_gaussian(rng, 1);
        for (int o = 0; o < K; o++)
            y_zone[z][o] = w->zone * gsl_ran_gaussian(rng, 1);
    }
    for (size_t i = 0; i < d->n; i++) {
        double shared = gsl_ran_gaussian(rng, .6), far = 0;

        d->zone[i] = i % 5;
        for (size_t j = 0; j < P; j++) {
            gsl_matrix_set(d->x, i, j, gsl_ran_gaussian(rng, 1) + x_zone[d->zone[i]][j]);
            far += pow(gsl_matrix_get(d->x, i, j), 2);
        }
        for (size_t o = 0; o < K; o++) {
            double e = w->skewed ? gsl_ran_exponential(rng, .8) : gsl_ran_gaussian(rng, .8), v;

            e = (e + shared) * (w->unequal ? .3 + sqrt(far) : 1);
            v = w->slope * gsl_matrix_get(d->x, i, 0) + e + y_zone[d->zone[i]][o];
            gsl_matrix_set(d->y, i, o, v);
            /* the same coefficients in another mapping, with its own and smaller residuals */
            gsl_matrix_set(d->other, i, o, w->slope * gsl_matrix_get(d->x, i, 0) + .4 * gsl_ran_gaussian(rng, 1) +
                                               y_zone[d->zone[i]][o]);
        }
    }
}

enum { WHOLE, ZONES, ONE, ALL_OUTCOMES, CLASSIC_T, CR2_T, COVERED, EQUAL, EQUAL_WALD, MORAN, SHARES };
static const char *const names[SHARES] = {"R2, permuted", "R2, within zones", "coefficient, permuted", "all outcomes, permuted",
                                          "coefficient, t classic", "coefficient, t CR2", "CR2 interval covers",
                                          "equal mappings, permuted", "equal mappings, Wald", "Moran's I"};

typedef struct {
    double share[SHARES], q2, r2;
} result;

static void measure(const data *d, const world *w, size_t permutations, uint64_t seed, result *r)
{
    vmap_permutation_options o;
    gsl_vector *whole = gsl_vector_calloc(K + 1), *q2 = gsl_vector_calloc(K);
    gsl_matrix *coefficient = gsl_matrix_calloc(P + 1, K + 1), *near = gsl_matrix_calloc(d->n, d->n);
    vmap_mapping *robust = NULL, *classic = NULL;
    vmap_mapping_comparison *c = NULL;
    vmap_structure_test moran[K];

    vmap_permutation_defaults(&o);
    o.permutations = permutations;
    o.seed = seed;
    vmap_mapping_permute(d->x, d->y, &o, whole, coefficient, NULL);
    r->share[WHOLE] += gsl_vector_get(whole, 0) <= .05;
    r->share[ALL_OUTCOMES] += gsl_vector_get(whole, K) <= .05;
    r->share[ONE] += gsl_matrix_get(coefficient, 2, 0) <= .05; /* of the second predictor, which does nothing */
    o.stratum = d->zone;
    vmap_mapping_permute(d->x, d->y, &o, whole, NULL, NULL);
    r->share[ZONES] += gsl_vector_get(whole, 0) <= .05;
    o.stratum = NULL;
    vmap_mapping_new(d->x, d->y, &(vmap_mapping_options){.errors = VMAP_ERRORS_CLASSIC, .level = .95}, &classic, NULL);
    vmap_mapping_new(d->x, d->y, NULL, &robust, NULL);
    r->share[CLASSIC_T] += gsl_matrix_get(classic->pvalue, 2, 0) <= .05;
    r->share[CR2_T] += gsl_matrix_get(robust->pvalue, 2, 0) <= .05;
    r->share[COVERED] += gsl_matrix_get(robust->low, 1, 0) <= w->slope && gsl_matrix_get(robust->high, 1, 0) >= w->slope;
    vmap_mapping_compare(d->x, d->y, d->other, NULL, &o, &c, NULL);
    r->share[EQUAL] += c->permuted <= .05;
    r->share[EQUAL_WALD] += c->predictor[1].p <= .05;
    for (size_t i = 0; i < d->n; i++) {
        for (size_t j = 0; j < d->n; j++)
            gsl_matrix_set(near, i, j, d->zone[i] == d->zone[j]);
    }
    vmap_mapping_moran(d->x, d->y, near, &o, moran, NULL);
    r->share[MORAN] += moran[0].p <= .05;
    vmap_mapping_left_out(d->x, d->y, NULL, VMAP_MAPPING_LEAST_SQUARES, 0, NULL, q2, NULL, NULL);
    r->q2 += gsl_vector_get(q2, 0);
    r->r2 += gsl_vector_get(classic->r2, 0);
    vmap_mapping_comparison_free(c);
    vmap_mapping_free(robust);
    vmap_mapping_free(classic);
    gsl_vector_free(whole);
    gsl_vector_free(q2);
    gsl_matrix_free(coefficient);
    gsl_matrix_free(near);
}

int main(int argc, char **argv)
{
    size_t runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 400, n = argc > 2 ? strtoul(argv[2], NULL, 10) : 17,
           permutations = argc > 3 ? strtoul(argv[3], NULL, 10) : 199;
    data d = {.n = n};

    if (runs < 2 || n < 12 || permutations < 19) {
        fprintf(stderr, "level: [RUNS [NATIONS (at least 12) [PERMUTATIONS (at least 19)]]]\n");
        return 64;
    }
    gsl_set_error_handler_off();
    d.x = gsl_matrix_calloc(n, P);
    d.y = gsl_matrix_calloc(n, K);
    d.other = gsl_matrix_calloc(n, K);
    d.zone = calloc(n, sizeof *d.zone);
    for (size_t s = 0; s < sizeof worlds / sizeof *worlds; s++) {
        result r = {{0}, 0, 0};
        gsl_rng *rng = vmap_rng_new(20230217, s);

        for (size_t i = 0; i < runs; i++) {
            draw(&worlds[s], rng, &d);
            measure(&d, &worlds[s], permutations, i + 1, &r);
        }
        printf("%s (%zu runs, %zu nations)\n", worlds[s].name, runs, n);
        for (int k = 0; k < SHARES; k++) {
            double share = r.share[k] / (double)runs;

            printf("  %-26s %.3f +- %.3f\n", names[k], share, sqrt(share * (1 - share) / (double)runs));
        }
        printf("  %-26s %.3f\n  %-26s %.3f\n", "mean R2", r.r2 / (double)runs, "mean Q2", r.q2 / (double)runs);
        gsl_rng_free(rng);
    }
    gsl_matrix_free(d.x);
    gsl_matrix_free(d.y);
    gsl_matrix_free(d.other);
    free(d.zone);
    return 0;
}
