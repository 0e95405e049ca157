#include <config.h>
#include "valuemap/retention.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "core/parallel.h"
#include "factor/factor_internal.h"
#include "valuemap/factor_extract.h"
#include "valuemap/rng.h"

/* Comparison data: a population for each number of factors, and samples from it. */

void vmap_comparison_defaults(vmap_comparison_options *options)
{
    *options = (vmap_comparison_options){.population = 10000, .samples = 500, .alpha = .3, .seed = 20230217};
}

/* ---- the rank sum test ---- */

double factor_smaller(const double *x, size_t nx, const double *y, size_t ny, double *room)
{
    double n = (double)nx, m = (double)ny, all = n + m, ties = 0, before = 0, variance;

    memcpy(room, x, nx * sizeof *x);
    memcpy(room + nx, y, ny * sizeof *y);
    gsl_sort(room, 1, nx + ny);
    for (size_t from = 0, to; from < nx + ny; from = to) {
        for (to = from; to < nx + ny && room[to] == room[from]; to++)
            ;
        ties += pow((double)(to - from), 3) - (double)(to - from);
    }
    memcpy(room, y, ny * sizeof *y);
    gsl_sort(room, 1, ny);
    for (size_t i = 0; i < nx; i++) { /* how many of y are smaller, equal ones half */
        size_t low = 0, high = ny, end;

        while (low < high) {
            size_t middle = (low + high) / 2;

            if (room[middle] < x[i])
                low = middle + 1;
            else
                high = middle;
        }
        for (end = low; end < ny && room[end] == x[i]; end++)
            ;
        before += (double)low + (double)(end - low) / 2;
    }
    variance = n * m / 12 * (all + 1 - ties / (all * (all - 1)));
    return variance > 0 ? gsl_cdf_ugaussian_P((before - n * m / 2 + .5) / sqrt(variance)) : 1;
}

/* ---- a population ---- */

typedef struct {
    double value;
    size_t row;
} placed;

typedef struct {
    const gsl_matrix *r;
    const vmap_parallel_data *data;
    const vmap_comparison_options *options;
    vmap_association_options association;
    size_t p, n;
    gsl_vector *observed; /* p eigenvalues of r */
    factor_margins margin;
    double *quantile; /* p x population: the sorted values of each item, standardised where Pearson's r is asked */
    /* of one number of factors */
    size_t k;
    double *common, *unique; /* population x k, x p normal numbers */
    const gsl_matrix *loadings;
    double *x;      /* population x p */
    double *misfit; /* samples */
} job;

static bool by_moments(const job *j)
{
    return j->association.type == VMAP_PEARSON;
}

static int compare_placed(const void *a, const void *b)
{
    const placed *x = a, *y = b;

    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Item i of the population: its normal values, replaced by rank. */
static void fill_item(void *context, size_t i)
{
    job *j = context;
    size_t rows = j->options->population;
    placed *at = memory_new(rows, sizeof *at, NULL);
    double left = 1;

    for (size_t f = 0; f < j->k; f++)
        left -= gsl_matrix_get(j->loadings, i, f) * gsl_matrix_get(j->loadings, i, f);
    left = sqrt(fmax(left, 0));
    for (size_t m = 0; at && m < rows; m++) {
        double x = left * j->unique[m * j->p + i];

        for (size_t f = 0; f < j->k; f++)
            x += gsl_matrix_get(j->loadings, i, f) * j->common[m * j->k + f];
        at[m] = (placed){x, m};
    }
    if (at)
        qsort(at, rows, sizeof *at, compare_placed);
    for (size_t m = 0; m < rows; m++)
        j->x[(at ? at[m].row : m) * j->p + i] = at ? j->quantile[i * rows + m] : NAN;
    free(at);
}

/* The association of the population, each respondent counting so often (NULL: once); NaN where an item is constant.
 *   room  population x p */
static bool associate(const job *j, const double *times, double *room, gsl_matrix *r)
{
    size_t p = j->p, rows = 0;
    double total = 0;
    vmap_association *association = NULL;
    gsl_vector *sum;

    if (!by_moments(j)) {
        bool ok = !vmap_moments_associate(j->x, j->options->population, p, times, &j->association, &association, NULL);

        if (ok)
            gsl_matrix_memcpy(r, association->moments->r);
        vmap_association_free(association);
        return ok;
    }
    sum = gsl_vector_calloc(p);
    for (size_t m = 0; sum && m < j->options->population; m++) {
        double w = times ? times[m] : 1, root = sqrt(w);

        if (!(w > 0))
            continue;
        for (size_t i = 0; i < p; i++) {
            room[rows * p + i] = root * j->x[m * p + i];
            sum->data[i] += w * j->x[m * p + i];
        }
        total += w;
        rows++;
    }
    if (sum) {
        gsl_matrix_const_view all = gsl_matrix_const_view_array(room, rows, p);

        gsl_blas_dsyrk(CblasLower, CblasTrans, 1, &all.matrix, 0, r);
        gsl_blas_dsyr(CblasLower, -1 / total, sum, r);
        numeric_standardise(r);
    }
    gsl_vector_free(sum);
    return sum != NULL;
}

/* target - r into `rest`; the root of the mean square over pairs. */
static double residual(const gsl_matrix *target, const gsl_matrix *r, gsl_matrix *rest)
{
    size_t p = r->size1;
    double squares = 0;

    for (size_t i = 0; i < p; i++) {
        for (size_t k = 0; k < p; k++) {
            double d = gsl_matrix_get(target, i, k) - gsl_matrix_get(r, i, k);

            gsl_matrix_set(rest, i, k, i == k ? 0 : d);
            squares += i < k ? d * d : 0;
        }
    }
    return sqrt(squares / ((double)p * ((double)p - 1) / 2));
}

typedef struct {
    gsl_matrix *aim, *best, *rest, *best_rest, *r; /* p x p */
    double *x, *room;                              /* population x p: the best; room */
} workspace;

/* Fill j->x with loadings from the correlations `aim`; the distance from r, or NaN. */
static double attempt(job *j, workspace *w, vmap_status *status, vmap_error *err)
{
    vmap_extract_options o;
    vmap_factor_solution *s = NULL;
    double away = NAN;

    vmap_extract_defaults(&o);
    o.factors = j->k;
    o.starts = 1;
    if (j->k)
        *status = vmap_factor_extract(w->aim, &o, &s, err);
    if (!*status) {
        j->loadings = s ? s->unrotated : NULL;
        parallel_for(j->p, j->options->threads, fill_item, j);
        away = associate(j, NULL, w->room, w->r) ? residual(j->r, w->r, w->rest) : NAN;
    }
    vmap_factor_solution_free(s);
    return away;
}

/* Correlations move by what is missing, with half the step after each failure. */
static vmap_status build(job *j, workspace *w, double *away, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;
    size_t cells = j->options->population * j->p;

    *away = INFINITY;
    gsl_matrix_memcpy(w->aim, j->r);
    for (int failures = 0, rounds = 0; !status && failures < 5 && rounds < 200; rounds++) {
        double now = attempt(j, w, &status, err), step = 1;

        if (status)
            break;
        if (now < *away) {
            *away = now;
            failures = 0;
            memcpy(w->x, j->x, cells * sizeof *w->x);
            gsl_matrix_memcpy(w->best, w->aim);
            gsl_matrix_memcpy(w->best_rest, w->rest);
        } else {
            step = pow(.5, ++failures);
        }
        if (j->k == 0 || *away == INFINITY)
            break;
        for (size_t i = 0; i < j->p * j->p; i++)
            w->aim->data[i] = w->best->data[i] + step * w->best_rest->data[i];
    }
    memcpy(j->x, w->x, cells * sizeof *w->x);
    if (!status && !isfinite(*away))
        status = vmap_error_set(err, VMAP_EDATA, "comparison data of %zu factors have no correlations", j->k);
    return status;
}

/* ---- samples ---- */

#define COMPARISON ((uint64_t)1 << 60) /* streams that nothing else of the module uses */

static void draw_sample(void *context, size_t sample)
{
    job *j = context;
    size_t rows = j->options->population;
    gsl_rng *rng = vmap_rng_new(j->options->seed, COMPARISON + ((uint64_t)j->k << 32) + sample);
    double *times = memory_new(rows, sizeof *times, NULL), *room = memory_new(rows * j->p, sizeof *room, NULL);
    gsl_matrix *r = memory_matrix(j->p, j->p, NULL);
    gsl_vector *values = gsl_vector_alloc(j->p);

    j->misfit[sample] = NAN;
    if (rng && times && room && r && values) {
        for (size_t i = 0; i < j->n; i++)
            times[vmap_rng_below(rng, rows)]++;
        if (associate(j, times, room, r) && !numeric_eigenvalues(r, values, NULL)) {
            gsl_vector_sub(values, j->observed);
            j->misfit[sample] = gsl_blas_dnrm2(values) / sqrt((double)j->p);
        }
    }
    if (rng)
        gsl_rng_free(rng);
    free(times);
    free(room);
    gsl_matrix_free(r);
    gsl_vector_free(values);
}

/* Samples with k factors; their number and mean. */
static vmap_status sample(job *j, workspace *w, size_t k, vmap_comparison *c, size_t *usable, vmap_error *err)
{
    size_t rows = j->options->population, n = 0;
    gsl_rng *rng = vmap_rng_new(j->options->seed, COMPARISON + ((uint64_t)k << 32) + UINT32_MAX);
    double sum = 0, away = NAN;
    vmap_status status;

    if (!rng)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for random numbers");
    j->k = k;
    for (size_t i = 0; i < rows * k; i++)
        j->common[i] = gsl_ran_gaussian_ziggurat(rng, 1);
    for (size_t i = 0; i < rows * j->p; i++)
        j->unique[i] = gsl_ran_gaussian_ziggurat(rng, 1);
    gsl_rng_free(rng);
    status = build(j, w, &away, err);
    if (status)
        return status;
    parallel_for(j->options->samples, j->options->threads, draw_sample, j);
    for (size_t s = 0; s < j->options->samples; s++) {
        if (!isnan(j->misfit[s]))
            sum += j->misfit[n++] = j->misfit[s];
    }
    *usable = n;
    if (n < 2)
        return vmap_error_set(err, VMAP_EDATA, "samples of comparison data have no correlations: too few respondents");
    gsl_vector_set(c->misfit, k, sum / (double)n);
    gsl_vector_set(c->away, k, away);
    return VMAP_SUCCESS;
}

/* ---- the whole ---- */

/* The sorted values of a population, the same for every number of factors. */
static void fill_quantiles(job *j)
{
    size_t rows = j->options->population;

    for (size_t i = 0; i < j->p; i++) {
        double *q = j->quantile + i * rows, mean = 0, squares = 0;

        for (size_t m = 0; m < rows; m++)
            mean += (q[m] = factor_margins_draw(&j->margin, i, ((double)m + .5) / (double)rows)) / (double)rows;
        for (size_t m = 0; m < rows; m++)
            squares += (q[m] - mean) * (q[m] - mean);
        for (size_t m = 0; by_moments(j) && squares > 0 && m < rows; m++)
            q[m] = (q[m] - mean) / sqrt(squares / (double)rows);
    }
}

static vmap_status search(job *j, vmap_comparison *c, vmap_error *err)
{
    size_t p = j->p, cells = j->options->population * p, samples = j->options->samples, before = 0, usable = 0;
    workspace w = {memory_matrix(p, p, err), memory_matrix(p, p, err), memory_matrix(p, p, err), memory_matrix(p, p, err),
                   memory_matrix(p, p, err), memory_new(cells, sizeof *w.x, err), memory_new(cells, sizeof *w.room, err)};
    double *last = memory_new(samples, sizeof *last, err), *sorted = memory_new(2 * samples, sizeof *sorted, err);
    vmap_status status = w.aim && w.best && w.rest && w.best_rest && w.r && w.x && w.room && last && sorted ? VMAP_SUCCESS
                                                                                                       : VMAP_ENOMEM;

    for (size_t k = 0; !status && k <= c->most; k++) {
        double better = 0;

        status = sample(j, &w, k, c, &usable, err);
        if (!status && k > 0)
            gsl_vector_set(c->p_value, k, better = factor_smaller(j->misfit, usable, last, before, sorted));
        if (status || !(better < j->options->alpha))
            break;
        c->factors = k;
        memcpy(last, j->misfit, usable * sizeof *last);
        before = usable;
    }
    gsl_matrix_free(w.aim);
    gsl_matrix_free(w.best);
    gsl_matrix_free(w.rest);
    gsl_matrix_free(w.best_rest);
    gsl_matrix_free(w.r);
    free(w.x);
    free(w.room);
    free(last);
    free(sorted);
    return status;
}

static vmap_status prepare(job *j, size_t most, vmap_comparison **c, vmap_error *err)
{
    size_t p = j->p, rows = j->options->population;
    vmap_comparison *x = memory_new(1, sizeof *x, err);

    *c = x;
    j->observed = gsl_vector_alloc(p);
    j->quantile = memory_new(rows * p, sizeof *j->quantile, err);
    j->common = memory_new(rows * (most + 1), sizeof *j->common, err);
    j->unique = memory_new(rows * p, sizeof *j->unique, err);
    j->x = memory_new(rows * p, sizeof *j->x, err);
    j->misfit = memory_new(j->options->samples, sizeof *j->misfit, err);
    if (!x || !j->observed || !j->quantile || !j->common || !j->unique || !j->x || !j->misfit)
        return VMAP_ENOMEM;
    x->most = most;
    x->misfit = gsl_vector_alloc(most + 1);
    x->p_value = gsl_vector_alloc(most + 1);
    x->away = gsl_vector_alloc(most + 1);
    if (!x->misfit || !x->p_value || !x->away)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for comparison data");
    gsl_vector_set_all(x->misfit, NAN);
    gsl_vector_set_all(x->p_value, NAN);
    gsl_vector_set_all(x->away, NAN);
    return numeric_eigenvalues(j->r, j->observed, err);
}

static vmap_status check(const gsl_matrix *r, double n, const vmap_parallel_data *data, const vmap_comparison_options *o,
                         vmap_error *err)
{
    if (r->size1 != r->size2 || r->size1 < 2)
        return vmap_error_set(err, VMAP_EINVAL, "a %zu x %zu matrix; comparison data need a square one of two items or more",
                              r->size1, r->size2);
    if (!(n >= 3) || n > 1e9)
        return vmap_error_set(err, VMAP_EINVAL, "%g respondents; comparison data need 3 .. 1e9", n);
    if (!data || !data->values)
        return vmap_error_set(err, VMAP_EINVAL, "comparison data have the margins of the answers, and there is a matrix alone");
    if (o->population < 100 || o->samples < 20 || !(o->alpha > 0 && o->alpha < 1) || o->most >= r->size1)
        return vmap_error_set(err, VMAP_EINVAL, "population %zu, %zu samples, alpha %g, at most %zu factors; use a population of "
                                                "100 or more, 20 samples or more, alpha between 0 and 1 and fewer factors than items",
                              o->population, o->samples, o->alpha, o->most);
    return VMAP_SUCCESS;
}

vmap_status vmap_comparison_new(const gsl_matrix *r, double n, const vmap_parallel_data *data,
                                const vmap_comparison_options *options, vmap_comparison **result, vmap_error *err)
{
    job j = {.r = r, .data = data, .options = options, .p = r->size1};
    size_t most = options->most;
    vmap_comparison *c = NULL;
    vmap_status status = check(r, n, data, options, err);

    if (status)
        return status;
    while (!options->most && most < 12 && most + 1 < j.p && vmap_factor_df(j.p, most + 1) >= 0)
        most++;
    j.n = (size_t)(n + .5);
    vmap_association_defaults(&j.association);
    if (data->association)
        j.association = *data->association;
    j.association.em = j.association.variances = false; /* nothing is missing */
    j.association.threads = 1;
    status = prepare(&j, most, &c, err);
    if (!status)
        status = factor_margins_find(data, j.p, &j.margin, err);
    if (!status) {
        fill_quantiles(&j);
        status = search(&j, c, err);
    }
    factor_margins_free(&j.margin, j.margin.levels ? j.p : 0);
    gsl_vector_free(j.observed);
    free(j.quantile);
    free(j.common);
    free(j.unique);
    free(j.x);
    free(j.misfit);
    if (status)
        vmap_comparison_free(c);
    else
        *result = c;
    return status;
}

void vmap_comparison_free(vmap_comparison *c)
{
    if (!c)
        return;
    gsl_vector_free(c->misfit);
    gsl_vector_free(c->p_value);
    gsl_vector_free(c->away);
    free(c);
}
