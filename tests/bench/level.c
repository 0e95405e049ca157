/* Do the tests and Q2 of valuemap/mapping.h keep what they promise? Simulated nations, many times:
 *
 *     tests/bench/level [RUNS [NATIONS [PERMUTATIONS]]]
 *
 * Seventeen nations, two predictors and six correlated outcomes by default. Printed are shares of p <= .05
 * (which must be near .05 where nothing is going on) and the coverage of 95 % intervals, each with the
 * standard error of a share, and Q2 beside what the same models reach with nations that nobody has seen.
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
    double apart;  /* by which the slopes of the other mapping are larger: 0, they are equal */
    double zone;   /* standard deviation of what nations of a zone share, in predictors and outcomes alike */
    bool own_zone; /* the other mapping shares something else in its zones */
    bool unequal;  /* the residual is the larger the farther the nation is out */
    bool skewed;
} world;

static const world worlds[] = {
    {.name = "nothing"},
    {.name = "nothing, skewed residuals", .skewed = true},
    {.name = "nothing, unequal variances", .unequal = true},
    {.name = "nothing, unequal variances and skewed residuals", .unequal = true, .skewed = true},
    {.name = "nothing, zones alike", .zone = 1},
    {.name = "nothing, zones alike, in the other mapping in another way", .zone = 1, .own_zone = true},
    {.name = "nothing, zones alike, unequal variances", .zone = 1, .own_zone = true, .unequal = true},
    {.name = "a slope, the same in both mappings", .slope = .6},
    {.name = "a slope, the same in both mappings, zones alike", .slope = .6, .zone = 1},
    {.name = "a slope, larger in the other mapping", .slope = .6, .apart = .6},
    {.name = "the same with unequal variances", .slope = .6, .apart = .6, .unequal = true},
};

typedef struct {
    size_t n;
    gsl_matrix *x, *y, *other;
    size_t *zone;
} data;

static void draw(const world *w, gsl_rng *rng, data *d)
{
    double x_zone[8][P], y_zone[8][K], other_zone[8][K];

    for (int z = 0; z < 8; z++) {
        for (int j = 0; j < P; j++)
            x_zone[z][j] = w->zone * gsl_ran_gaussian(rng, 1);
        for (int o = 0; o < K; o++)
            other_zone[z][o] = y_zone[z][o] = w->zone * gsl_ran_gaussian(rng, 1);
        for (int o = 0; w->own_zone && o < K; o++)
            other_zone[z][o] = w->zone * gsl_ran_gaussian(rng, 1);
    }
    for (size_t i = 0; i < d->n; i++) {
        double shared = w->skewed ? gsl_ran_exponential(rng, .6) - .6 : gsl_ran_gaussian(rng, .6), far = 0;

        d->zone[i] = i % 5;
        for (size_t j = 0; j < P; j++) {
            gsl_matrix_set(d->x, i, j, gsl_ran_gaussian(rng, 1) + x_zone[d->zone[i]][j]);
            far += pow(gsl_matrix_get(d->x, i, j), 2);
        }
        for (size_t o = 0; o < K; o++) {
            double e = w->skewed ? gsl_ran_exponential(rng, .8) - .8 : gsl_ran_gaussian(rng, .8);
            double x = gsl_matrix_get(d->x, i, 0), of_zone = y_zone[d->zone[i]][o];

            e = (e + shared) * (w->unequal ? .3 + sqrt(far) : 1);
            gsl_matrix_set(d->y, i, o, w->slope * x + e + of_zone);
            /* another mapping, with its own and smaller residuals */
            gsl_matrix_set(d->other, i, o, (w->slope + w->apart) * x + .4 * gsl_ran_gaussian(rng, 1) +
                                             other_zone[d->zone[i]][o]);
        }
    }
}

/* What is counted: p <= .05. "One" is the second predictor, whose coefficient is 0 in every world. */
enum {
    WHOLE_P, WHOLE_F, WHOLE_Z, WHOLE_FZ, ALL_P, ALL_F, ALL_Z, ALL_FZ, ONE_P, ONE_F, ONE_FZ, ONE_T, ONE_T2, COVERED, EQUAL_P,
    EQUAL_F, EQUAL_FZ, EQUAL_WALD, FIRST_P, FIRST_F, FIRST_WALD, SECOND_P, SECOND_F, SECOND_WALD, SCALE_F, SCALE_WALD, SHEETS_T, SHEETS_T2, SHEETS_F, WITHIN_T2, WITHIN_F,
    MORAN, ABOVE_0, SHARES
};
static const char *const names[SHARES] = {
    "R2, places",
    "R2, signs",
    "R2, places within zones",
    "R2, signs within zones",
    "R2 of all outcomes, places",
    "R2 of all outcomes, signs",
    "R2 of all, places within zones",
    "R2 of all, signs within zones",
    "coefficient, places",
    "coefficient, signs",
    "coefficient, signs within zones",
    "coefficient, t classic",
    "coefficient, t CR2",
    "CR2 interval covers",
    "equal mappings, places",
    "equal mappings, signs",
    "equal mappings, signs within zones",
    "equal mappings, Wald",
    "equal first predictor, places",
    "equal first predictor, signs",
    "equal first predictor, Wald",
    "equal second predictor, places",
    "equal second predictor, signs",
    "equal second predictor, Wald",
    "equal in an outcome, signs",
    "equal in an outcome, Wald",
    "sheets, t classic",
    "sheets, t CR2 by nation",
    "sheets, signs of nations",
    "attribute of sheets, t CR2",
    "attribute of sheets, signs",
    "Moran's I",
    "Q2 above 0"};

typedef struct {
    double share[SHARES], r2;
    double press, spread;       /* of nations left out: squared errors of the model and of the mean of the others */
    double new_press, new_spread; /* the same of nations that nobody has seen */
} result;

static void count_permuted(const data *d, vmap_permutation_options o, result *r)
{
    gsl_vector *whole = gsl_vector_calloc(K + 1);
    gsl_matrix *coefficient = gsl_matrix_calloc(P + 1, K + 1);

    vmap_mapping_permute(d->x, d->y, &o, whole, coefficient, NULL);
    r->share[WHOLE_P] += gsl_vector_get(whole, 0) <= .05;
    r->share[ALL_P] += gsl_vector_get(whole, K) <= .05;
    r->share[ONE_P] += gsl_matrix_get(coefficient, 2, 0) <= .05;
    vmap_mapping_flip(d->x, d->y, NULL, false, &o, whole, coefficient, NULL);
    r->share[WHOLE_F] += gsl_vector_get(whole, 0) <= .05;
    r->share[ALL_F] += gsl_vector_get(whole, K) <= .05;
    r->share[ONE_F] += gsl_matrix_get(coefficient, 2, 0) <= .05;
    o.stratum = d->zone;
    vmap_mapping_permute(d->x, d->y, &o, whole, NULL, NULL);
    r->share[WHOLE_Z] += gsl_vector_get(whole, 0) <= .05;
    r->share[ALL_Z] += gsl_vector_get(whole, K) <= .05;
    vmap_mapping_flip(d->x, d->y, NULL, false, &o, whole, coefficient, NULL);
    r->share[WHOLE_FZ] += gsl_vector_get(whole, 0) <= .05;
    r->share[ALL_FZ] += gsl_vector_get(whole, K) <= .05;
    r->share[ONE_FZ] += gsl_matrix_get(coefficient, 2, 0) <= .05;
    gsl_vector_free(whole);
    gsl_matrix_free(coefficient);
}

static void count_errors(const data *d, const world *w, result *r)
{
    vmap_mapping *robust = NULL, *classic = NULL;

    vmap_mapping_new(d->x, d->y, &(vmap_mapping_options){.errors = VMAP_ERRORS_CLASSIC, .level = .95}, &classic, NULL);
    vmap_mapping_new(d->x, d->y, NULL, &robust, NULL);
    r->share[ONE_T] += gsl_matrix_get(classic->pvalue, 2, 0) <= .05;
    r->share[ONE_T2] += gsl_matrix_get(robust->pvalue, 2, 0) <= .05;
    r->share[COVERED] += gsl_matrix_get(robust->low, 1, 0) <= w->slope && gsl_matrix_get(robust->high, 1, 0) >= w->slope;
    r->r2 += gsl_vector_get(classic->r2, 0);
    vmap_mapping_free(robust);
    vmap_mapping_free(classic);
}

static void count_equal(const data *d, const vmap_permutation_options *o, result *r)
{
    vmap_permutation_options within = *o;
    vmap_mapping_comparison *c = NULL;
    gsl_vector *whole = gsl_vector_calloc(K + 1);
    gsl_matrix *difference = gsl_matrix_calloc(d->n, K);

    within.stratum = d->zone;
    gsl_matrix_memcpy(difference, d->other);
    gsl_matrix_sub(difference, d->y);
    vmap_mapping_flip(d->x, difference, NULL, false, &within, whole, NULL, NULL);
    r->share[EQUAL_FZ] += gsl_vector_get(whole, K) <= .05;
    gsl_vector_free(whole);
    gsl_matrix_free(difference);
    vmap_mapping_compare(d->x, d->y, d->other, NULL, o, &c, NULL);
    r->share[EQUAL_P] += c->permuted <= .05;
    r->share[EQUAL_F] += c->flipped <= .05;
    r->share[EQUAL_WALD] += c->all.p <= .05;
    r->share[FIRST_P] += c->predictor_permuted[0] <= .05;
    r->share[FIRST_F] += c->predictor_flipped[0] <= .05;
    r->share[FIRST_WALD] += c->predictor[0].p <= .05;
    r->share[SECOND_P] += c->predictor_permuted[1] <= .05;
    r->share[SECOND_F] += c->predictor_flipped[1] <= .05;
    r->share[SECOND_WALD] += c->predictor[1].p <= .05;
    r->share[SCALE_F] += c->outcome_flipped[0] <= .05;
    r->share[SCALE_WALD] += c->outcome[0].p <= .05;
    vmap_mapping_comparison_free(c);
}

/* 5 to 25 sheets of each nation, which scatter about its first outcome, with an attribute that does nothing. */
static void count_sheets(const data *d, const vmap_permutation_options *o, gsl_rng *rng, result *r)
{
    size_t n = 0, *nation = calloc(25 * d->n, sizeof *nation);
    gsl_matrix *x = gsl_matrix_calloc(25 * d->n, P + 1), *y = gsl_matrix_calloc(25 * d->n, 1), *flipped = gsl_matrix_calloc(P + 2, 2);
    vmap_mapping *classic = NULL, *robust = NULL;
    gsl_matrix_view rows, scores;

    for (size_t i = 0; i < d->n; i++) {
        for (size_t k = 0; k < 5 + 20 * (i % 4) / 3; k++) {
            for (size_t j = 0; j < P; j++)
                gsl_matrix_set(x, n, j, gsl_matrix_get(d->x, i, j));
            gsl_matrix_set(x, n, P, gsl_ran_bernoulli(rng, .5));
            gsl_matrix_set(y, n, 0, gsl_matrix_get(d->y, i, 0) + gsl_ran_gaussian(rng, 1));
            nation[n++] = i;
        }
    }
    rows = gsl_matrix_submatrix(x, 0, 0, n, P + 1);
    scores = gsl_matrix_submatrix(y, 0, 0, n, 1);
    vmap_mapping_new(&rows.matrix, &scores.matrix, &(vmap_mapping_options){.errors = VMAP_ERRORS_CLASSIC, .level = .95}, &classic,
                     NULL);
    vmap_mapping_new(&rows.matrix, &scores.matrix, &(vmap_mapping_options){.cluster = nation, .level = .95}, &robust, NULL);
    vmap_mapping_flip(&rows.matrix, &scores.matrix, &(vmap_mapping_options){.cluster = nation}, true, o, NULL, flipped, NULL);
    r->share[SHEETS_T] += gsl_matrix_get(classic->pvalue, 2, 0) <= .05;
    r->share[SHEETS_T2] += gsl_matrix_get(robust->pvalue, 2, 0) <= .05;
    r->share[SHEETS_F] += gsl_matrix_get(flipped, 2, 0) <= .05;
    r->share[WITHIN_T2] += gsl_matrix_get(robust->pvalue, P + 1, 0) <= .05;
    r->share[WITHIN_F] += gsl_matrix_get(flipped, P + 1, 0) <= .05;
    vmap_mapping_free(classic);
    vmap_mapping_free(robust);
    gsl_matrix_free(x);
    gsl_matrix_free(y);
    gsl_matrix_free(flipped);
    free(nation);
}

static void count_moran(const data *d, const vmap_permutation_options *o, result *r)
{
    gsl_matrix *near = gsl_matrix_calloc(d->n, d->n);
    vmap_structure_test moran[K];

    for (size_t i = 0; i < d->n; i++) {
        for (size_t j = 0; j < d->n; j++)
            gsl_matrix_set(near, i, j, d->zone[i] == d->zone[j]);
    }
    vmap_mapping_moran(d->x, d->y, near, o, moran, NULL);
    r->share[MORAN] += moran[0].p <= .05;
    gsl_matrix_free(near);
}

/* Does Q2 say how well new nations of the same world would be predicted? */
static void count_left_out(const data *d, const data *unseen, result *r)
{
    gsl_vector *q2 = gsl_vector_calloc(K);
    gsl_matrix *predicted = gsl_matrix_calloc(d->n, K);
    vmap_mapping *m = NULL;
    double n = (double)d->n, sum = 0;

    vmap_mapping_left_out(d->x, d->y, NULL, VMAP_MAPPING_LEAST_SQUARES, 0, predicted, q2, NULL, NULL);
    vmap_mapping_new(d->x, d->y, &(vmap_mapping_options){.errors = VMAP_ERRORS_CLASSIC, .level = .95}, &m, NULL);
    r->share[ABOVE_0] += gsl_vector_get(q2, 0) > 0;
    for (size_t i = 0; i < d->n; i++)
        sum += gsl_matrix_get(d->y, i, 0);
    for (size_t i = 0; i < d->n; i++) {
        double y = gsl_matrix_get(d->y, i, 0), other = gsl_matrix_get(unseen->y, i, 0), fit = gsl_matrix_get(m->b, 0, 0);

        for (size_t j = 0; j < P; j++)
            fit += gsl_matrix_get(m->b, j + 1, 0) * gsl_matrix_get(unseen->x, i, j);
        r->press += pow(y - gsl_matrix_get(predicted, i, 0), 2);
        r->spread += pow(y - (sum - y) / (n - 1), 2);
        r->new_press += pow(other - fit, 2);
        r->new_spread += pow(other - sum / n, 2);
    }
    vmap_mapping_free(m);
    gsl_vector_free(q2);
    gsl_matrix_free(predicted);
}

static void print(const world *w, const result *r, size_t runs, size_t n)
{
    printf("%s (%zu runs, %zu nations)\n", w->name, runs, n);
    for (int k = 0; k < SHARES; k++) {
        double share = r->share[k] / (double)runs;

        printf("  %-30s %.3f +- %.3f\n", names[k], share, sqrt(share * (1 - share) / (double)runs));
    }
    printf("  %-30s %.3f\n  %-30s %.3f\n  %-30s %.3f\n", "mean R2", r->r2 / (double)runs, "Q2 over all runs",
           1 - r->press / r->spread, "the same of unseen nations", 1 - r->new_press / r->new_spread);
}

static bool new_data(data *d, size_t n)
{
    *d = (data){n, gsl_matrix_calloc(n, P), gsl_matrix_calloc(n, K), gsl_matrix_calloc(n, K), calloc(n, sizeof(size_t))};
    return d->x && d->y && d->other && d->zone;
}

static void free_data(data *d)
{
    gsl_matrix_free(d->x);
    gsl_matrix_free(d->y);
    gsl_matrix_free(d->other);
    free(d->zone);
}

int main(int argc, char **argv)
{
    size_t runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 400, n = argc > 2 ? strtoul(argv[2], NULL, 10) : 17,
           permutations = argc > 3 ? strtoul(argv[3], NULL, 10) : 199;
    data d, unseen;

    if (runs < 2 || n < 12 || permutations < 19) {
        fprintf(stderr, "level: [RUNS [NATIONS (at least 12) [PERMUTATIONS (at least 19)]]]\n");
        return 64;
    }
    gsl_set_error_handler_off();
    if (!new_data(&d, n) || !new_data(&unseen, n))
        return 70;
    for (size_t s = 0; s < sizeof worlds / sizeof *worlds; s++) {
        result r = {{0}, 0, 0, 0, 0, 0};
        gsl_rng *rng = vmap_rng_new(20230217, s);

        for (size_t i = 0; i < runs; i++) {
            vmap_permutation_options o;

            vmap_permutation_defaults(&o);
            o.permutations = permutations;
            o.seed = i + 1;
            draw(&worlds[s], rng, &d);
            draw(&worlds[s], rng, &unseen);
            count_permuted(&d, o, &r);
            count_errors(&d, &worlds[s], &r);
            count_equal(&d, &o, &r);
            count_sheets(&d, &o, rng, &r);
            count_moran(&d, &o, &r);
            count_left_out(&d, &unseen, &r);
        }
        print(&worlds[s], &r, runs, n);
        fflush(stdout);
        gsl_rng_free(rng);
    }
    free_data(&d);
    free_data(&unseen);
    return 0;
}
