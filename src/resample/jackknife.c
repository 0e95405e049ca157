#include <config.h>
#include "valuemap/factor_bootstrap.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "resample/resample_associate.h"

/* One solution per part, aligned with that of all. */
typedef struct {
    const double *values, *weights;
    size_t n, p, k, parts;
    const size_t *part;
    const gsl_matrix *r, *variance, *target;
    const vmap_factor_resample_options *options;
    vmap_association_options association;
    double *loadings; /* parts x p x k; NaN for an item that is left out */
    bool *usable;
    vmap_factor_jackknife *result;
    atomic_int failed;
} job;

/* Loadings of the correlations, aligned with `target`, whose rows are those of r. */
static bool solve(const job *j, const gsl_matrix *r, const gsl_matrix *variance, const gsl_matrix *target,
                  gsl_matrix *aligned, size_t part)
{
    gsl_matrix *phi = memory_matrix(j->k, j->k, NULL), *table = memory_matrix(j->k, j->k, NULL);
    gsl_matrix *loadings = memory_matrix(r->size1, j->k, NULL);
    bool ok = phi && table && loadings &&
              !j->options->solve(r, variance, j->options->context, loadings, phi, NULL) &&
              !vmap_congruence_align(target, loadings, j->options->alignment, aligned, NULL, NULL, NULL) &&
              !vmap_congruence_find(target, aligned, table, NULL);

    if (ok) {
        double least = INFINITY, largest = 0;

        for (size_t f = 0; f < j->k; f++)
            least = fmin(least, gsl_matrix_get(table, f, f));
        for (size_t i = 0; i < r->size1; i++) {
            for (size_t f = 0; f < j->k; f++)
                largest = fmax(largest, fabs(gsl_matrix_get(target, i, f) - gsl_matrix_get(aligned, i, f)));
        }
        gsl_vector_set(j->result->phi, part, least);
        gsl_vector_set(j->result->largest, part, largest);
    }
    gsl_matrix_free(phi);
    gsl_matrix_free(table);
    gsl_matrix_free(loadings);
    return ok;
}

static void leave_part(void *context, size_t part)
{
    job *j = context;
    double *w = memory_new(j->n, sizeof *w, NULL);
    gsl_matrix *aligned = memory_matrix(j->p, j->k, NULL);
    vmap_association *a = NULL;

    if (!w || !aligned) {
        j->failed = 1;
    } else {
        for (size_t i = 0; i < j->n; i++)
            w[i] = j->part[i] == part ? 0 : j->weights ? j->weights[i] : 1;
        j->usable[part] =
            !vmap_moments_associate(j->values, j->n, j->p, w, &j->association, &a, NULL) && a->converged &&
            solve(j, a->moments->r, a->variance, j->target, aligned, part);
        for (size_t i = 0; j->usable[part] && i < j->p * j->k; i++)
            j->loadings[part * j->p * j->k + i] = gsl_matrix_get(aligned, i / j->k, i % j->k);
    }
    vmap_association_free(a);
    free(w);
    gsl_matrix_free(aligned);
}

static void leave_item(void *context, size_t item)
{
    job *j = context;
    size_t q = j->p - 1;
    gsl_matrix *r = memory_matrix(q, q, NULL), *target = memory_matrix(q, j->k, NULL);
    gsl_matrix *aligned = memory_matrix(q, j->k, NULL), *variance = j->variance ? memory_matrix(q, q, NULL) : NULL;

    if (!r || !target || !aligned || (j->variance && !variance)) {
        j->failed = 1;
    } else {
        for (size_t i = 0; i < q; i++) {
            for (size_t l = 0; l < q; l++)
                gsl_matrix_set(r, i, l, gsl_matrix_get(j->r, i + (i >= item), l + (l >= item)));
            for (size_t l = 0; variance && l < q; l++)
                gsl_matrix_set(variance, i, l, gsl_matrix_get(j->variance, i + (i >= item), l + (l >= item)));
            for (size_t f = 0; f < j->k; f++)
                gsl_matrix_set(target, i, f, gsl_matrix_get(j->target, i + (i >= item), f));
        }
        j->usable[item] = solve(j, r, variance, target, aligned, item);
        for (size_t i = 0; i < j->p; i++) {
            for (size_t f = 0; f < j->k; f++)
                j->loadings[(item * j->p + i) * j->k + f] =
                    i == item || !j->usable[item] ? NAN : gsl_matrix_get(aligned, i - (i > item), f);
        }
    }
    gsl_matrix_free(r);
    gsl_matrix_free(variance);
    gsl_matrix_free(target);
    gsl_matrix_free(aligned);
}

static double spread(const job *j, size_t at)
{
    double mean = 0, squares = 0;
    size_t n = 0;

    for (size_t g = 0; g < j->parts; g++) {
        double x = j->loadings[g * j->p * j->k + at], d = x - mean;

        if (!j->usable[g] || isnan(x))
            continue;
        mean += d / (double)++n;
        squares += d * (x - mean);
    }
    return n > 1 ? sqrt((double)(n - 1) / (double)n * squares) : NAN;
}

static vmap_factor_jackknife *alloc_result(const job *j, vmap_error *err)
{
    vmap_factor_jackknife *x = memory_new(1, sizeof *x, err);

    if (!x)
        return NULL;
    *x = (vmap_factor_jackknife){.p = j->p, .k = j->k, .parts = j->parts};
    x->se = memory_matrix(j->p, j->k, err);
    x->phi = gsl_vector_alloc(j->parts);
    x->largest = gsl_vector_alloc(j->parts);
    if (x->se && x->phi && x->largest) {
        gsl_vector_set_all(x->phi, NAN);
        gsl_vector_set_all(x->largest, NAN);
        return x;
    }
    vmap_factor_jackknife_free(x);
    return NULL;
}

static vmap_status leave_out(job *j, void (*task)(void *, size_t), vmap_factor_jackknife **result,
                             vmap_error *err)
{
    vmap_factor_jackknife *x = alloc_result(j, err);
    vmap_status status = x ? VMAP_SUCCESS : VMAP_ENOMEM;

    j->result = x;
    j->loadings = memory_new(j->parts * j->p * j->k, sizeof *j->loadings, err);
    j->usable = memory_new(j->parts, sizeof *j->usable, err);
    if (!status && !(j->loadings && j->usable))
        status = VMAP_ENOMEM;
    if (!status) {
        parallel_for(j->parts, j->options->threads, task, j);
        for (size_t g = 0; g < j->parts; g++)
            x->usable += j->usable[g];
        for (size_t i = 0; i < j->p * j->k; i++)
            gsl_matrix_set(x->se, i / j->k, i % j->k, spread(j, i));
        if (j->failed)
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for the jackknife");
        else if (x->usable == 0)
            status = vmap_error_set(err, VMAP_EDATA, "without any one of the %zu parts there is no solution",
                                    j->parts);
    }
    free(j->loadings);
    free(j->usable);
    if (status)
        vmap_factor_jackknife_free(x);
    else
        *result = x;
    return status;
}

vmap_status vmap_factor_jackknife_parts(const double *values, size_t n, size_t p, const double *weights,
                                        const size_t *part, size_t parts, const gsl_matrix *target,
                                        const vmap_factor_resample_options *options,
                                        vmap_factor_jackknife **result, vmap_error *err)
{
    job j = {.values = values, .weights = weights, .n = n, .p = p, .k = target->size2, .parts = parts,
             .part = part, .target = target, .options = options, .association = options->association};
    vmap_association *all = NULL;
    bool *kinds = NULL;
    vmap_status status = VMAP_SUCCESS;

    if (parts < 2 || target->size1 != p)
        return vmap_error_set(err, VMAP_EINVAL,
                              "a jackknife over %zu parts of a solution of %zu items for %zu; it needs two "
                              "parts and the same items",
                              parts, target->size1, p);
    if (j.association.type == VMAP_MIXED && !j.association.continuous) {
        status = vmap_moments_associate(values, n, p, weights, &j.association, &all, err);
        if (!status)
            status = resample_keep_kinds(all, p, &j.association, &kinds, err);
    }
    j.association.threads = 1;
    if (!status)
        status = leave_out(&j, leave_part, result, err);
    vmap_association_free(all);
    free(kinds);
    return status;
}

vmap_status vmap_factor_jackknife_items(const gsl_matrix *r, const gsl_matrix *variance, const gsl_matrix *target,
                                        const vmap_factor_resample_options *options,
                                        vmap_factor_jackknife **result, vmap_error *err)
{
    job j = {.p = r->size1, .k = target->size2, .parts = r->size1, .r = r, .variance = variance,
             .target = target,
             .options = options};

    if (target->size1 != r->size1 || r->size1 != r->size2 || r->size1 < target->size2 + 3)
        return vmap_error_set(err, VMAP_EINVAL,
                              "a jackknife over the items of a solution of %zu items in %zu factors; it needs "
                              "three items more than factors",
                              target->size1, target->size2);
    return leave_out(&j, leave_item, result, err);
}

void vmap_factor_jackknife_free(vmap_factor_jackknife *x)
{
    if (!x)
        return;
    gsl_matrix_free(x->se);
    gsl_vector_free(x->phi);
    gsl_vector_free(x->largest);
    free(x);
}
