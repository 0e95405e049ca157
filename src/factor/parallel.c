#include <config.h>
#include "valuemap/retention.h"

#include <math.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "core/parallel.h"
#include "core/registry.h"
#include "factor/factor_internal.h"
#include "valuemap/rng.h"

static const char *const model_names[] = {"normal", "permuted", "ordinal"};
enum { MODELS = sizeof model_names / sizeof *model_names };

const char *vmap_parallel_model_name(vmap_parallel_model model)
{
    return model_names[model];
}

vmap_status vmap_parallel_model_find(const char *name, vmap_parallel_model *model, vmap_error *err)
{
    size_t i = REGISTRY_FIND(model_names, MODELS, "model of parallel analysis", name, err);

    if (i == MODELS)
        return VMAP_ENOENT;
    *model = (vmap_parallel_model)i;
    return VMAP_SUCCESS;
}

void vmap_parallel_defaults(vmap_parallel_options *options)
{
    *options = (vmap_parallel_options){.model = VMAP_PARALLEL_NORMAL,
                                       .sets = 1000,
                                       .quantile = .95,
                                       .seed = 20230217};
}

/* ---- random matrices ---- */

void factor_draw_correlation(gsl_rng *rng, double n, const gsl_matrix *root, gsl_matrix *room,
                             gsl_matrix *r)
{
    size_t p = r->size1;

    gsl_matrix_set_zero(room);
    for (size_t i = 0; i < p; i++) {
        gsl_matrix_set(room, i, i, sqrt(gsl_ran_chisq(rng, n - 1 - (double)i)));
        for (size_t j = 0; j < i; j++)
            gsl_matrix_set(room, i, j, gsl_ran_gaussian_ziggurat(rng, 1));
    }
    if (root)
        gsl_blas_dtrmm(CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, 1, root, room);
    gsl_blas_dsyrk(CblasLower, CblasNoTrans, 1, room, 0, r);
    numeric_standardise(r);
}

/* ---- margins ---- */

void factor_margins_free(factor_margins *m, size_t p)
{
    for (size_t i = 0; i < p; i++) {
        if (m->value)
            free(m->value[i]);
        if (m->until)
            free(m->until[i]);
    }
    free(m->levels);
    free(m->value);
    free(m->until);
}

typedef struct {
    double value, weight;
} weighed;

static int compare_weighed(const void *a, const void *b)
{
    const weighed *x = a, *y = b;

    return (x->value > y->value) - (x->value < y->value);
}

/* Distinct values of column i with their cumulative shares. */
static vmap_status find_margin(const vmap_parallel_data *data, size_t p, size_t i, weighed *room,
                               factor_margins *m, vmap_error *err)
{
    size_t n = 0, levels = 0;
    double total = 0, mean = 0, variance = 0, running = 0;

    for (size_t r = 0; r < data->n; r++) {
        double x = data->values[r * p + i], w = data->weights ? data->weights[r] : 1;

        if (isnan(x) || !(w > 0))
            continue;
        room[n++] = (weighed){x, w};
        total += w;
    }
    qsort(room, n, sizeof *room, compare_weighed);
    for (size_t r = 0; r < n; r++) {
        if (r > 0 && room[levels - 1].value == room[r].value)
            room[levels - 1].weight += room[r].weight;
        else
            room[levels++] = room[r];
    }
    m->levels[i] = levels;
    m->value[i] = memory_new(levels, sizeof **m->value, err);
    m->until[i] = memory_new(levels, sizeof **m->until, err);
    if (!m->value[i] || !m->until[i])
        return VMAP_ENOMEM;
    for (size_t l = 0; l < levels; l++)
        mean += room[l].weight / total * room[l].value;
    for (size_t l = 0; l < levels; l++)
        variance += room[l].weight / total * (room[l].value - mean) * (room[l].value - mean);
    if (!(variance > 0))
        return vmap_error_set(err, VMAP_EDATA, "item %zu is constant: it has no margin to draw from",
                              i + 1);
    for (size_t l = 0; l < levels; l++) {
        running += room[l].weight / total;
        m->value[i][l] = room[l].value;
        m->until[i][l] = l + 1 == levels ? 1 : running;
    }
    return VMAP_SUCCESS;
}

vmap_status factor_margins_find(const vmap_parallel_data *data, size_t p, factor_margins *m, vmap_error *err)
{
    weighed *room = memory_new(data->n, sizeof *room, err);
    vmap_status status = VMAP_SUCCESS;

    m->levels = memory_new(p, sizeof *m->levels, err);
    m->value = memory_new(p, sizeof *m->value, err);
    m->until = memory_new(p, sizeof *m->until, err);
    if (!room || !m->levels || !m->value || !m->until)
        status = VMAP_ENOMEM;
    for (size_t i = 0; !status && i < p; i++)
        status = find_margin(data, p, i, room, m, err);
    free(room);
    return status;
}

double factor_margins_draw(const factor_margins *m, size_t i, double u)
{
    size_t low = 0, high = m->levels[i] - 1;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (u < m->until[i][middle])
            high = middle;
        else
            low = middle + 1;
    }
    return m->value[i][low];
}

/* ---- one set ---- */

typedef struct {
    const gsl_matrix *r;
    double n;
    const vmap_parallel_data *data;
    const vmap_parallel_options *options;
    factor_margins margin; /* of the items; NULL: rows are normal */
    double *values; /* kind after kind: sets x p eigenvalues */
    atomic_int failed;
} job;

static double *slot(const job *j, size_t kind, size_t set)
{
    return j->values + (kind * j->options->sets + set) * j->r->size1;
}

/* Rows of independent items. */
static void draw_rows(const job *j, gsl_rng *rng, double *x, size_t rows)
{
    size_t p = j->r->size1;

    for (size_t r = 0; r < rows; r++) {
        for (size_t i = 0; i < p; i++)
            x[r * p + i] = j->margin.value ? factor_margins_draw(&j->margin, i, gsl_rng_uniform(rng))
                                           : gsl_ran_gaussian_ziggurat(rng, 1);
    }
}

static void permute_columns(const job *j, gsl_rng *rng, double *x)
{
    size_t p = j->r->size1, n = j->data->n;

    memcpy(x, j->data->values, n * p * sizeof *x);
    for (size_t i = 0; i < p; i++) {
        for (size_t r = n - 1; r > 0; r--) {
            size_t other = vmap_rng_below(rng, r + 1);
            double held = x[r * p + i];

            x[r * p + i] = x[other * p + i];
            x[other * p + i] = held;
        }
    }
}

/* The association of drawn or permuted rows, as that of the data. */
static bool associate_rows(const job *j, gsl_rng *rng, gsl_matrix *r)
{
    bool permuted = j->options->model == VMAP_PARALLEL_PERMUTED;
    size_t p = r->size1, n = permuted ? j->data->n : (size_t)(j->n + .5);
    double *x = memory_new(n * p, sizeof *x, NULL);
    vmap_association_options options;
    vmap_association *association = NULL;
    bool ok = false;

    vmap_association_defaults(&options);
    if (j->data && j->data->association)
        options = *j->data->association;
    options.threads = 1;
    options.variances = false;
    options.em = false; /* nothing is missing, or missing at random by the permutation */
    if (x) {
        if (permuted)
            permute_columns(j, rng, x);
        else
            draw_rows(j, rng, x, n);
        ok = !vmap_moments_associate(x, n, p, permuted ? j->data->weights : NULL, &options, &association,
                                     NULL);
        if (ok)
            gsl_matrix_memcpy(r, association->moments->r);
        vmap_association_free(association);
    }
    free(x);
    return ok;
}

/* Eigenvalues of all kinds of r into out[kind]; NaN where not defined. `room` p x p. */
static void find_eigenvalues(const gsl_matrix *r, gsl_matrix *room, gsl_vector *values, double *loading,
                             bool exact, double *const out[VMAP_PARALLEL_KINDS])
{
    size_t p = r->size1;

    for (int kind = 0; kind < VMAP_PARALLEL_KINDS; kind++) {
        bool ok = true;

        if (kind == VMAP_PARALLEL_SMC) {
            ok = !numeric_invert(r, room, NULL);
            for (size_t i = 0; ok && i < p; i++)
                loading[i] = 1 - 1 / gsl_matrix_get(room, i, i);
        } else if (kind == VMAP_PARALLEL_EFA) {
            factor_fit_one(r, exact ? 1e-12 : 1e-5, exact ? 20000 : 1000, loading);
            for (size_t i = 0; i < p; i++)
                loading[i] *= loading[i];
        }
        gsl_matrix_memcpy(room, r);
        for (size_t i = 0; kind != VMAP_PARALLEL_PC && i < p; i++)
            gsl_matrix_set(room, i, i, loading[i]);
        ok = ok && !numeric_eigenvalues(room, values, NULL);
        for (size_t i = 0; i < p; i++)
            out[kind][i] = ok ? gsl_vector_get(values, i) : NAN;
    }
}

static void draw_set(void *context, size_t set)
{
    job *j = context;
    size_t p = j->r->size1;
    gsl_rng *rng = vmap_rng_new(j->options->seed, set);
    gsl_matrix *r = memory_matrix(p, p, NULL), *room = memory_matrix(p, p, NULL);
    gsl_vector *values = gsl_vector_alloc(p);
    double *loading = memory_new(p, sizeof *loading, NULL);
    double *const out[] = {slot(j, 0, set), slot(j, 1, set), slot(j, 2, set)};

    if (rng && r && room && values && loading) {
        bool ok = true;

        if (j->options->model == VMAP_PARALLEL_NORMAL && j->n > (double)p + 1)
            factor_draw_correlation(rng, j->n, NULL, room, r);
        else
            ok = associate_rows(j, rng, r);
        if (ok)
            find_eigenvalues(r, room, values, loading, false, out);
        for (size_t i = 0; !ok && i < p; i++)
            out[0][i] = out[1][i] = out[2][i] = NAN;
    } else {
        j->failed = 1;
    }
    if (rng)
        gsl_rng_free(rng);
    gsl_matrix_free(r);
    gsl_matrix_free(room);
    gsl_vector_free(values);
    free(loading);
}

/* ---- summing up ---- */

static void sum_up(const job *j, vmap_parallel *result, double *sorted)
{
    size_t p = j->r->size1;

    for (size_t kind = 0; kind < VMAP_PARALLEL_KINDS; kind++) {
        for (size_t i = 0; i < p; i++) {
            size_t n = 0;
            double sum = 0;

            for (size_t set = 0; set < j->options->sets; set++) {
                double x = slot(j, kind, set)[i];

                if (!isnan(x)) {
                    sorted[n++] = x;
                    sum += x;
                }
            }
            gsl_sort(sorted, 1, n);
            result->usable[kind] = n;
            gsl_vector_set(result->mean[kind], i, n ? sum / (double)n : NAN);
            gsl_vector_set(result->quantile[kind], i,
                           n ? gsl_stats_quantile_from_sorted_data(sorted, 1, n, j->options->quantile)
                             : NAN);
        }
    }
}

static vmap_parallel *alloc_parallel(size_t p, size_t sets, vmap_error *err)
{
    vmap_parallel *x = memory_new(1, sizeof *x, err);
    bool all = x != NULL;

    for (size_t kind = 0; x && kind < VMAP_PARALLEL_KINDS; kind++) {
        x->observed[kind] = gsl_vector_calloc(p);
        x->mean[kind] = gsl_vector_calloc(p);
        x->quantile[kind] = gsl_vector_calloc(p);
        all = all && x->observed[kind] && x->mean[kind] && x->quantile[kind];
    }
    if (all) {
        x->p = p;
        x->sets = sets;
        return x;
    }
    vmap_parallel_free(x);
    return NULL;
}

static vmap_status check(const gsl_matrix *r, double n, const vmap_parallel_data *data,
                         const vmap_parallel_options *options, vmap_error *err)
{
    if (r->size1 != r->size2 || r->size1 < 2)
        return vmap_error_set(err, VMAP_EINVAL,
                              "a %zu x %zu matrix; the number of factors needs a square one of two items "
                              "or more",
                              r->size1, r->size2);
    if (!(n > 2) || isinf(n))
        return vmap_error_set(err, VMAP_EINVAL, "%g respondents; at least three are needed", n);
    if (options->sets < 1 || !(options->quantile > 0 && options->quantile < 1))
        return vmap_error_set(err, VMAP_EINVAL,
                              "%zu sets and quantile %g; use at least one set and a quantile between 0 "
                              "and 1",
                              options->sets, options->quantile);
    if (options->model != VMAP_PARALLEL_NORMAL && (!data || !data->values))
        return vmap_error_set(err, VMAP_EINVAL,
                              "parallel analysis by the model '%s' needs the answers; a matrix alone "
                              "allows only 'normal'",
                              vmap_parallel_model_name(options->model));
    for (size_t i = 0; i < r->size1 * r->size2; i++) {
        if (!isfinite(gsl_matrix_get(r, i / r->size1, i % r->size1)))
            return vmap_error_set(err, VMAP_EDATA, "correlation (%zu, %zu) is missing", i / r->size1 + 1,
                                  i % r->size1 + 1);
    }
    return VMAP_SUCCESS;
}

static vmap_status observe(const gsl_matrix *r, vmap_parallel *result, vmap_error *err)
{
    size_t p = r->size1;
    gsl_matrix *room = memory_matrix(p, p, err);
    gsl_vector *values = gsl_vector_alloc(p);
    double *loading = memory_new(p, sizeof *loading, err);
    double *const out[] = {result->observed[0]->data, result->observed[1]->data,
                           result->observed[2]->data};
    vmap_status status = room && values && loading ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status)
        find_eigenvalues(r, room, values, loading, true, out);
    gsl_matrix_free(room);
    gsl_vector_free(values);
    free(loading);
    return status;
}

vmap_status vmap_parallel_new(const gsl_matrix *r, double n, const vmap_parallel_data *data,
                              const vmap_parallel_options *options, vmap_parallel **result,
                              vmap_error *err)
{
    size_t p = r->size1;
    job j = {.r = r, .n = n, .data = data, .options = options};
    vmap_parallel *x = NULL;
    double *sorted = NULL;
    vmap_status status = check(r, n, data, options, err);

    if (status)
        return status;
    x = alloc_parallel(p, options->sets, err);
    sorted = memory_new(options->sets, sizeof *sorted, err);
    j.values = memory_new(VMAP_PARALLEL_KINDS * options->sets * p, sizeof *j.values, err);
    if (!x || !sorted || !j.values)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu random matrices", options->sets);
    if (!status && options->model == VMAP_PARALLEL_ORDINAL)
        status = factor_margins_find(data, p, &j.margin, err);
    if (!status)
        status = observe(r, x, err);
    if (!status) {
        parallel_for(options->sets, options->threads, draw_set, &j);
        if (j.failed)
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a random matrix of %zu items", p);
        else
            sum_up(&j, x, sorted);
    }
    free(sorted);
    free(j.values);
    factor_margins_free(&j.margin, j.margin.levels ? p : 0);
    if (status)
        vmap_parallel_free(x);
    else
        *result = x;
    return status;
}

void vmap_parallel_free(vmap_parallel *x)
{
    if (!x)
        return;
    for (size_t kind = 0; kind < VMAP_PARALLEL_KINDS; kind++) {
        gsl_vector_free(x->observed[kind]);
        gsl_vector_free(x->mean[kind]);
        gsl_vector_free(x->quantile[kind]);
    }
    free(x);
}

size_t vmap_parallel_count(const vmap_parallel *x, vmap_parallel_kind kind, bool mean)
{
    const gsl_vector *chance = mean ? x->mean[kind] : x->quantile[kind];
    size_t count = 0;

    if (isnan(gsl_vector_get(x->observed[kind], 0)) || isnan(gsl_vector_get(chance, 0)))
        return SIZE_MAX;
    while (count < x->p && gsl_vector_get(x->observed[kind], count) > gsl_vector_get(chance, count))
        count++;
    return count;
}
