#include <config.h>
#include "valuemap/factor_bootstrap.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "core/parallel.h"
#include "resample/resample_associate.h"
#include "resample/resample_sums.h"
#include "valuemap/factor.h"
#include "valuemap/rng.h"

enum { PARTS = RESAMPLE_BATCH - 1 }; /* left out in turn for the acceleration, beside one batch slot for all */

typedef struct {
    resample_rows rows;
    const vmap_factor_resample_options *options;
    vmap_association_options association; /* of every replicate */
    bool *kinds;          /* p: of VMAP_MIXED; else NULL */
    size_t p, k, numbers;
    gsl_matrix *target;   /* solution of all respondents */
    double *slots;        /* replicates x numbers: loadings, communalities, phi, eigenvalues */
    bool *usable;
    double *parts;        /* PARTS x numbers */
    bool parts_usable[PARTS];
    double *all;          /* numbers */
    atomic_int failed;
} job;

void vmap_factor_resample_defaults(vmap_factor_resample_options *options)
{
    *options = (vmap_factor_resample_options){.replicates = 1000,
                                              .seed = 20230217,
                                              .level = .95,
                                              .alignment = VMAP_ALIGN_ORTHOGONAL,
                                              .solve = vmap_factor_solve_components};
    vmap_association_defaults(&options->association);
}

static vmap_status solve_components(const gsl_matrix *r, gsl_vector *values, gsl_matrix *loadings, gsl_matrix *phi,
                                    vmap_error *err)
{
    size_t p = r->size1, k = loadings->size2;
    gsl_matrix *unrotated = memory_matrix(p, k, err), *t = memory_matrix(k, k, err);
    vmap_status status = unrotated && t ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status)
        status = vmap_factor_components(r, values, unrotated, err);
    if (!status)
        status = vmap_factor_varimax(unrotated, true, loadings, t, NULL, err);
    if (!status) {
        vmap_factor_arrange_by_size(loadings, t);
        gsl_matrix_set_identity(phi);
    }
    gsl_matrix_free(unrotated);
    gsl_matrix_free(t);
    return status;
}

vmap_status vmap_factor_solve_components(const gsl_matrix *r, const gsl_matrix *variance, const void *context,
                                         gsl_matrix *loadings, gsl_matrix *phi, vmap_error *err)
{
    gsl_vector *values = gsl_vector_alloc(r->size1);
    vmap_status status = values ? solve_components(r, values, loadings, phi, err) : VMAP_ENOMEM;

    (void)variance;
    (void)context;
    gsl_vector_free(values);
    return status;
}

/* ---- one replicate ---- */

typedef struct {
    gsl_matrix *r, *loadings, *phi, *turn, *room, *aligned;
    const gsl_matrix *variance; /* of the association of this replicate; NULL: none */
    gsl_vector *values;
} solution;

static void free_solution(solution *s)
{
    gsl_matrix_free(s->r);
    gsl_matrix_free(s->loadings);
    gsl_matrix_free(s->phi);
    gsl_matrix_free(s->turn);
    gsl_matrix_free(s->room);
    gsl_matrix_free(s->aligned);
    gsl_vector_free(s->values);
}

static bool alloc_solution(size_t p, size_t k, solution *s)
{
    s->r = memory_matrix(p, p, NULL);
    s->loadings = memory_matrix(p, k, NULL);
    s->aligned = memory_matrix(p, k, NULL);
    s->phi = memory_matrix(k, k, NULL);
    s->turn = memory_matrix(k, k, NULL);
    s->room = memory_matrix(k, k, NULL);
    s->values = gsl_vector_alloc(p);
    return s->r && s->loadings && s->aligned && s->phi && s->turn && s->room && s->values;
}

/* The solution in the order of the numbers: loadings, communalities, phi, eigenvalues. */
static void put_numbers(const job *j, const solution *s, const gsl_matrix *loadings,
                        const gsl_matrix *phi, double *out)
{
    for (size_t i = 0; i < j->p * j->k; i++)
        *out++ = gsl_matrix_get(loadings, i / j->k, i % j->k);
    for (size_t i = 0; i < j->p; i++) {
        double h = 0;

        for (size_t a = 0; a < j->k; a++) {
            for (size_t b = 0; b < j->k; b++)
                h += gsl_matrix_get(loadings, i, a) * gsl_matrix_get(phi, a, b) *
                     gsl_matrix_get(loadings, i, b);
        }
        *out++ = h;
    }
    for (size_t i = 0; i < j->k * j->k; i++)
        *out++ = gsl_matrix_get(phi, i / j->k, i % j->k);
    for (size_t i = 0; i < j->p; i++)
        *out++ = gsl_vector_get(s->values, i);
}

/* Eigenvalues, loadings and phi of s->r; components have the eigenvalues anyway. */
static vmap_status solve_matrix(const vmap_factor_resample_options *o, solution *s)
{
    vmap_status status;

    if (o->solve == vmap_factor_solve_components)
        return solve_components(s->r, s->values, s->loadings, s->phi, NULL);
    status = numeric_eigenvalues(s->r, s->values, NULL);
    return status ? status : o->solve(s->r, s->variance, o->context, s->loadings, s->phi, NULL);
}

/* Solve s->r and align the solution with the target, if there is one already. */
static bool solve(const job *j, solution *s, double *out)
{
    const vmap_factor_resample_options *o = j->options;

    if (solve_matrix(o, s))
        return false;
    if (!j->target) {
        put_numbers(j, s, s->loadings, s->phi, out);
        return true;
    }
    if (vmap_congruence_align(j->target, s->loadings, o->alignment, s->aligned, s->turn, NULL, NULL))
        return false;
    numeric_multiply(1, 1, s->turn, 0, s->phi, s->room); /* factors turn by T too: T' phi T */
    numeric_multiply(1, 0, s->room, 0, s->turn, s->phi);
    put_numbers(j, s, s->aligned, s->phi, out);
    return true;
}

static void run_batch(void *context, size_t index)
{
    job *j = context;
    size_t first = index * RESAMPLE_BATCH, left = j->options->replicates - first;
    size_t batch = left < RESAMPLE_BATCH ? left : RESAMPLE_BATCH;
    resample_room m = {0};
    solution s = {0};

    if (resample_room_alloc(&j->rows, &m) && alloc_solution(j->p, j->k, &s)) {
        resample_draw(&j->rows, j->options->seed, first, batch, &m);
        resample_sum(&j->rows, batch, &m);
        for (size_t b = 0; b < batch; b++)
            j->usable[first + b] = resample_moments(&j->rows, &m, b, s.r, NULL, NULL) &&
                                   solve(j, &s, j->slots + (first + b) * j->numbers);
    } else {
        j->failed = 1;
    }
    resample_room_free(&m);
    free_solution(&s);
}

/* Everybody once in the last slot; slot b without every PARTS-th respondent from the b-th on: a part that has
 * its share of every stratum. With fewer respondents each is a part. */
static void count_parts(const resample_rows *rows, resample_room *m)
{
    for (size_t place = 0; place < rows->n; place++) {
        size_t row = rows->stratum[place];

        for (size_t b = 0; b <= PARTS; b++)
            *resample_count(m, b, row) = b == PARTS || place % PARTS != b;
    }
}

/* The solution of all respondents, which becomes the target, and those of the parts. */
static vmap_status solve_all(job *j, vmap_error *err)
{
    resample_room m = {0};
    solution s = {0};
    vmap_status status = VMAP_SUCCESS;

    if (!resample_room_alloc(&j->rows, &m) || !alloc_solution(j->p, j->k, &s)) {
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for the bootstrap");
    } else {
        count_parts(&j->rows, &m);
        resample_sum(&j->rows, RESAMPLE_BATCH, &m);
        if (!resample_moments(&j->rows, &m, PARTS, s.r, NULL, NULL) || !solve(j, &s, j->all))
            status = vmap_error_set(err, VMAP_EDATA, "the respondents have no solution in %zu factors: "
                                                     "there is nothing to bootstrap",
                                    j->k);
        else if (!(j->target = memory_matrix(j->p, j->k, err)))
            status = VMAP_ENOMEM;
        else
            gsl_matrix_memcpy(j->target, s.loadings);
        for (size_t b = 0; !status && b < PARTS; b++)
            j->parts_usable[b] = b < j->rows.n && resample_moments(&j->rows, &m, b, s.r, NULL, NULL) &&
                                 solve(j, &s, j->parts + b * j->numbers);
    }
    resample_room_free(&m);
    free_solution(&s);
    return status;
}

static vmap_status run_products(job *j, vmap_error *err)
{
    vmap_status status = solve_all(j, err);

    if (!status)
        parallel_for((j->options->replicates + RESAMPLE_BATCH - 1) / RESAMPLE_BATCH, j->options->threads, run_batch, j);
    return status;
}

/* ---- other associations, one replicate or part at a time ---- */

/* Everybody (b = PARTS), or all but part b. */
static void count_part(const resample_rows *rows, size_t b, uint16_t *count)
{
    for (size_t place = 0; place < rows->n; place++)
        count[rows->stratum[place]] = b == PARTS || place % PARTS != b;
}

/* Associate the respondents as often as each was drawn, and solve. */
static vmap_status associate_and_solve(job *j, const uint16_t *count, double *out, vmap_error *err)
{
    vmap_association *a = NULL;
    solution s = {0};
    vmap_status status = alloc_solution(j->p, j->k, &s) ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status)
        status = resample_associate(&j->rows, count, &j->association, &a, err);
    if (!status && !j->target)
        status = resample_keep_kinds(a, j->p, &j->association, &j->kinds, err);
    if (!status) {
        gsl_matrix_memcpy(s.r, a->moments->r);
        s.variance = a->variance;
        if (!solve(j, &s, out))
            status = vmap_error_set(err, VMAP_EDATA, "no solution in %zu factors", j->k);
    }
    if (!status && !j->target) {
        j->target = memory_matrix(j->p, j->k, err);
        status = j->target ? VMAP_SUCCESS : VMAP_ENOMEM;
        if (!status)
            gsl_matrix_memcpy(j->target, s.loadings);
    }
    vmap_association_free(a);
    free_solution(&s);
    return status;
}

static bool solve_counts(job *j, const uint16_t *count, double *out)
{
    vmap_status status = associate_and_solve(j, count, out, NULL);

    if (status == VMAP_ENOMEM)
        j->failed = 1;
    return !status;
}

static size_t lane_tasks(const job *j)
{
    return (j->options->replicates + RNG_LANES - 1) / RNG_LANES;
}

/* RNG_LANES replicates, or after all of them one part. */
static void run_lanes(void *context, size_t index)
{
    job *j = context;
    resample_room m = {0};
    uint16_t *count = memory_new(j->rows.n, sizeof *count, NULL);
    size_t first = index * RNG_LANES, part = index - lane_tasks(j);

    if (!count || !resample_room_alloc(&j->rows, &m)) {
        j->failed = 1;
    } else if (index < lane_tasks(j)) {
        resample_draw(&j->rows, j->options->seed, first, RNG_LANES, &m);
        for (size_t b = 0; b < RNG_LANES && first + b < j->options->replicates; b++) {
            for (size_t place = 0; place < j->rows.n; place++)
                count[place] = *resample_count(&m, b, place);
            j->usable[first + b] = solve_counts(j, count, j->slots + (first + b) * j->numbers);
        }
    } else if (part < j->rows.n) {
        count_part(&j->rows, part, count);
        j->parts_usable[part] = solve_counts(j, count, j->parts + part * j->numbers);
    }
    free(count);
    resample_room_free(&m);
}

static vmap_status run_associations(job *j, vmap_error *err)
{
    uint16_t *count = memory_new(j->rows.n, sizeof *count, err);
    vmap_error why = {0};
    vmap_status status = count ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        count_part(&j->rows, PARTS, count);
        status = associate_and_solve(j, count, j->all, &why);
    }
    free(count);
    if (status)
        return vmap_error_set(err, status, "the respondents have no solution in %zu factors: there is nothing to "
                                           "bootstrap (%s)",
                              j->k, *why.message ? why.message : "no memory");
    parallel_for(lane_tasks(j) + PARTS, j->options->threads, run_lanes, j);
    return VMAP_SUCCESS;
}

/* ---- summing up ---- */

static double acceleration(const job *j, size_t at)
{
    double mean = 0, second = 0, third = 0;
    size_t n = 0;

    for (size_t b = 0; b < PARTS; b++) {
        if (j->parts_usable[b])
            mean += (j->parts[b * j->numbers + at] - mean) / (double)++n;
    }
    for (size_t b = 0; b < PARTS; b++) {
        double d = mean - j->parts[b * j->numbers + at];

        if (!j->parts_usable[b])
            continue;
        second += d * d;
        third += d * d * d;
    }
    return second > 0 ? third / (6 * pow(second, 1.5)) : 0;
}

static void put_bca(const double *sorted, size_t n, double a, double level, vmap_interval *x)
{
    double below = 0, z0, z[2] = {gsl_cdf_ugaussian_Pinv((1 - level) / 2),
                                  gsl_cdf_ugaussian_Pinv((1 + level) / 2)};
    double *end[2] = {&x->bca_low, &x->bca_high};

    for (size_t i = 0; i < n; i++)
        below += sorted[i] < x->estimate ? 1 : sorted[i] == x->estimate ? .5 : 0;
    if (!(below > 0) || !(below < (double)n)) {
        x->bca_low = x->bca_high = NAN;
        return;
    }
    z0 = gsl_cdf_ugaussian_Pinv(below / (double)n);
    for (int side = 0; side < 2; side++)
        *end[side] = gsl_stats_quantile_from_sorted_data(
            sorted, 1, n, gsl_cdf_ugaussian_P(z0 + (z0 + z[side]) / (1 - a * (z0 + z[side]))));
}

static vmap_interval judge(const job *j, size_t at, double *sorted)
{
    vmap_interval x = {.estimate = j->all[at]};
    size_t n = 0;

    for (size_t b = 0; b < j->options->replicates; b++) {
        if (j->usable[b])
            sorted[n++] = j->slots[b * j->numbers + at];
    }
    x.se = gsl_stats_sd(sorted, 1, n);
    gsl_sort(sorted, 1, n);
    x.low = gsl_stats_quantile_from_sorted_data(sorted, 1, n, (1 - j->options->level) / 2);
    x.high = gsl_stats_quantile_from_sorted_data(sorted, 1, n, (1 + j->options->level) / 2);
    put_bca(sorted, n, acceleration(j, at), j->options->level, &x);
    return x;
}

static vmap_status alloc_bootstrap(vmap_factor_bootstrap *x, vmap_error *err)
{
    x->loading = memory_new(x->p * x->k, sizeof *x->loading, err);
    x->communality = memory_new(x->p, sizeof *x->communality, err);
    x->phi = memory_new(x->k * x->k, sizeof *x->phi, err);
    x->eigenvalue = memory_new(x->p, sizeof *x->eigenvalue, err);
    x->replicate = memory_new(x->usable * x->p * x->k, sizeof *x->replicate, err);
    return x->loading && x->communality && x->phi && x->eigenvalue && x->replicate ? VMAP_SUCCESS
                                                                                   : VMAP_ENOMEM;
}

static vmap_status sum_up(const job *j, vmap_factor_bootstrap **result, vmap_error *err)
{
    vmap_factor_bootstrap *x = memory_new(1, sizeof *x, err);
    double *sorted = memory_new(j->options->replicates, sizeof *sorted, err);
    size_t n = 0, at = 0, loadings = j->p * j->k;
    vmap_status status = x && sorted ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t b = 0; b < j->options->replicates; b++)
        n += j->usable[b];
    if (!status && (2 * n < j->options->replicates || n < 2))
        status = vmap_error_set(err, VMAP_EDATA, "only %zu of %zu replicates have a solution in %zu factors",
                                n, j->options->replicates, j->k);
    if (!status) {
        *x = (vmap_factor_bootstrap){.p = j->p, .k = j->k, .replicates = j->options->replicates, .usable = n};
        status = alloc_bootstrap(x, err);
    }
    if (!status) {
        for (size_t i = 0; i < loadings; i++)
            x->loading[i] = judge(j, at++, sorted);
        for (size_t i = 0; i < j->p; i++)
            x->communality[i] = judge(j, at++, sorted);
        for (size_t i = 0; i < j->k * j->k; i++)
            x->phi[i] = judge(j, at++, sorted);
        for (size_t i = 0; i < j->p; i++)
            x->eigenvalue[i] = judge(j, at++, sorted);
        n = 0;
        for (size_t b = 0; b < j->options->replicates; b++) {
            if (j->usable[b])
                memcpy(x->replicate + n++ * loadings, j->slots + b * j->numbers,
                       loadings * sizeof *x->replicate);
        }
    }
    free(sorted);
    if (status)
        vmap_factor_bootstrap_free(x);
    else
        *result = x;
    return status;
}

void vmap_factor_bootstrap_free(vmap_factor_bootstrap *x)
{
    if (!x)
        return;
    free(x->loading);
    free(x->communality);
    free(x->phi);
    free(x->eigenvalue);
    free(x->replicate);
    free(x);
}

/* ---- the whole ---- */

static vmap_status check(size_t p, size_t k, const vmap_factor_resample_options *o, vmap_error *err)
{
    if (k < 1 || k >= p)
        return vmap_error_set(err, VMAP_EINVAL, "%zu factors of %zu items; there can be 1..%zu", k, p,
                              p ? p - 1 : 0);
    if (o->replicates < 2 || !(o->level > 0 && o->level < 1))
        return vmap_error_set(err, VMAP_EINVAL,
                              "%zu replicates and level %g; use at least 2 and a level between 0 and 1",
                              o->replicates, o->level);
    if (o->alignment == VMAP_ALIGN_OBLIQUE)
        return vmap_error_set(err, VMAP_EINVAL,
                              "replicates cannot be aligned obliquely: that hides what they differ in");
    return VMAP_SUCCESS;
}

static vmap_status prepare(job *j, const double *values, size_t n, const double *weights,
                           const size_t *stratum, size_t strata, vmap_error *err)
{
    size_t *one = stratum ? NULL : memory_new(n, sizeof *one, err);
    /* other associations need the answers as they are, not their distance from a mean */
    double *zero = resample_is_product(&j->association) ? NULL : memory_new(j->p, sizeof *zero, err);
    vmap_status status = (stratum || one) && (zero || resample_is_product(&j->association)) ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status)
        status = resample_rows_new(values, n, j->p, weights, stratum ? stratum : one, stratum ? strata : 0, zero,
                                   j->association.em ? VMAP_PAIRWISE : j->association.missing, &j->rows, err);
    free(one);
    free(zero);
    j->slots = memory_new(j->options->replicates * j->numbers, sizeof *j->slots, err);
    j->usable = memory_new(j->options->replicates, sizeof *j->usable, err);
    j->parts = memory_new(PARTS * j->numbers, sizeof *j->parts, err);
    j->all = memory_new(j->numbers, sizeof *j->all, err);
    if (!status && !(j->slots && j->usable && j->parts && j->all))
        status = VMAP_ENOMEM;
    return status;
}

vmap_status vmap_factor_bootstrap_new(const double *values, size_t n, size_t p, const double *weights,
                                      const size_t *stratum, size_t strata, size_t k,
                                      const vmap_factor_resample_options *options,
                                      vmap_factor_bootstrap **result, vmap_error *err)
{
    job j = {.options = options, .association = options->association, .p = p, .k = k, .numbers = p * k + p + k * k + p};
    vmap_status status = check(p, k, options, err);

    if (status)
        return status;
    status = prepare(&j, values, n, weights, stratum, strata, err);
    if (!status)
        status = resample_is_product(&j.association) ? run_products(&j, err) : run_associations(&j, err);
    if (!status)
        status = j.failed ? vmap_error_set(err, VMAP_ENOMEM, "no memory for the bootstrap")
                          : sum_up(&j, result, err);
    resample_rows_clear(&j.rows);
    gsl_matrix_free(j.target);
    free(j.kinds);
    free(j.slots);
    free(j.usable);
    free(j.parts);
    free(j.all);
    return status;
}
