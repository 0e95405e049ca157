#include <config.h>
#include "cli/dimensions.h"

#include <math.h>
#include <stdlib.h>

#include "cli/tables_factor.h"
#include "core/memory.h"

static vmap_status find_retention(dimensions *d, vmap_error *err)
{
    const vmap_answers *a = d->answers;
    const dimensions_settings *s = d->settings;
    vmap_factor_data data = {.p = a->p, .values = a->values, .n = a->n, .weights = a->weights};
    vmap_parallel_data behind = {a->values, a->n, a->weights, NULL};
    vmap_factor_options o;
    vmap_factor_analysis *x = NULL;
    vmap_status status = VMAP_SUCCESS;

    vmap_factor_options_defaults(&o);
    o.parallel.seed = (uint64_t)d->study->seed;
    o.parallel.threads = o.association.threads = (unsigned)s->study.threads;
    if (s->sets)
        o.parallel.sets = (size_t)s->sets;
    o.parallel.comparison = (size_t)s->comparison;
    if (s->model)
        status = vmap_parallel_model_find(s->model, &o.parallel.model, err);
    if (!status && a->p < 3) /* no solution has degrees of freedom */
        return vmap_retention_new(d->moments->r, d->n, &behind, NULL, 0, &o.parallel, &d->retention, err);
    if (!status)
        status = vmap_factor_analysis_new(&data, &o, &x, err);
    if (!status)
        status = vmap_factor_analysis_retain(x, &data, &o, err);
    if (!status) {
        d->retention = x->retention;
        x->retention = NULL;
    }
    vmap_factor_analysis_free(x);
    return status;
}

static vmap_factor_resample_options resample_options(const dimensions *d)
{
    vmap_factor_resample_options o;

    vmap_factor_resample_defaults(&o);
    o.replicates = (size_t)d->study->bootstrap;
    o.seed = (uint64_t)d->study->seed;
    o.threads = (unsigned)d->settings->study.threads;
    if (d->settings->align)
        vmap_alignment_find(d->settings->align, &o.alignment, NULL);
    return o;
}

static vmap_status find_solution(dimensions *d, vmap_error *err)
{
    const vmap_answers *a = d->answers;
    vmap_factor_resample_options o = resample_options(d);
    gsl_matrix *phi = memory_matrix(d->k, d->k, err);
    vmap_status status = phi ? VMAP_SUCCESS : VMAP_ENOMEM;

    d->loadings = memory_matrix(a->p, d->k, err);
    if (!status && !d->loadings)
        status = VMAP_ENOMEM;
    if (!status)
        status = vmap_factor_solve_components(d->moments->r, NULL, NULL, d->loadings, phi, err);
    if (!status)
        status = vmap_factor_bootstrap_new(a->values, a->n, a->p, a->weights, d->shared.group, d->shared.groups, d->k, &o,
                                           &d->bootstrap, err);
    gsl_matrix_free(phi);
    return status;
}

static vmap_congruence_options congruence_options(const dimensions *d)
{
    vmap_congruence_options o;

    vmap_congruence_defaults(&o);
    o.seed = (uint64_t)d->study->seed;
    o.threads = (unsigned)d->settings->study.threads;
    if (d->settings->permutations >= 0)
        o.permutations = (size_t)d->settings->permutations;
    if (d->settings->limit > 0)
        o.misfit = d->settings->limit;
    return o;
}

static vmap_status find_shared(dimensions *d, vmap_error *err)
{
    d->shared.answers = d->answers;
    d->shared.r = d->moments->r;
    d->shared.loadings = d->loadings;
    d->shared.k = d->k;
    d->shared.resample = resample_options(d);
    d->shared.congruence = congruence_options(d);
    d->shared.ledger = d->read->ledger;
    return shared_factors_find(&d->shared, err);
}

/* ---- the whole ---- */

vmap_status dimensions_find(dimensions *d, vmap_error *err)
{
    const vmap_answers *a = d->answers;
    vmap_status status = VMAP_SUCCESS;

    if (d->settings->study.group.count)
        status = shared_factors_groups(a, 0, &d->shared.group, &d->shared.groups, err);
    if (!status && vmap_moments_correlate(a->values, a->n, a->p, a->weights, VMAP_PAIRWISE, &d->moments, err))
        return analysis_name_item(err, a->items, a->p);
    if (!status) {
        d->n = vmap_moments_test_n(d->moments);
        status = find_retention(d, err);
    }
    if (!status)
        status = retention_say(d->retention, d->read->ledger, err);
    if (status)
        return status;
    d->chosen = d->settings->factors > 0;
    d->k = d->chosen ? (size_t)d->settings->factors : d->retention->consensus;
    if (d->k >= a->p)
        return vmap_error_set(err, VMAP_EINVAL, "factors: %zu of %zu items; there can be 1..%zu", d->k, a->p,
                              a->p - 1);
    if (d->k)
        status = find_solution(d, err);
    if (!status)
        status = find_shared(d, err);
    return status;
}

void dimensions_free(dimensions *d)
{
    vmap_moments_free(d->moments);
    vmap_retention_free(d->retention);
    gsl_matrix_free(d->loadings);
    vmap_factor_bootstrap_free(d->bootstrap);
    shared_factors_free(&d->shared);
    analysis_free(d->read);
}
