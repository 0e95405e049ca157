#include <config.h>
#include "cli/dimensions.h"

#include <math.h>
#include <stdlib.h>

#include "cli/tables_factor.h"
#include "core/memory.h"

/* Respondents of each group; those without a label have the number `groups`. */
static vmap_status find_groups(dimensions *d, vmap_error *err)
{
    const vmap_table *t = d->answers->groups;

    if (!d->settings->study.group.count)
        return VMAP_SUCCESS;
    d->group = memory_new(d->answers->n, sizeof *d->group, err);
    if (!d->group)
        return VMAP_ENOMEM;
    d->groups = vmap_table_levels(t, 0);
    for (size_t i = 0; i < d->answers->n; i++)
        d->group[i] = vmap_table_reason(t, 0, i) == VMAP_PRESENT ? vmap_table_level(t, 0, i) : d->groups;
    return VMAP_SUCCESS;
}

static vmap_status name_item(const dimensions *d, vmap_error *err)
{
    size_t i = err && *err->column ? strtoul(err->column, NULL, 10) : 0;

    if (i >= 1 && i <= d->answers->p)
        vmap_error_place(err, NULL, 0, 0, d->answers->items[i - 1]);
    return err ? err->status : VMAP_EDATA;
}

/* All criteria; those that look at solutions have the maximum likelihood ones of 0, 1, 2 ... factors. */
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
        status = vmap_factor_solve_components(d->moments->r, NULL, d->loadings, phi, err);
    if (!status)
        status = vmap_factor_bootstrap_new(a->values, a->n, a->p, a->weights, d->group, d->groups, d->k, &o,
                                           &d->bootstrap, err);
    if (!status && a->p >= d->k + 3)
        status = vmap_factor_jackknife_items(d->moments->r, d->loadings, &o, &d->without_item, err);
    if (!status && d->groups > 2)
        status = vmap_factor_jackknife_parts(a->values, a->n, a->p, a->weights, d->group, d->groups,
                                             d->loadings, &o, &d->without_group, err);
    gsl_matrix_free(phi);
    return status;
}

/* ---- groups ---- */

/* Components of the correlations r; *loadings stays NULL when there is no solution. */
static vmap_status solve(const dimensions *d, const gsl_matrix *r, gsl_matrix **loadings, vmap_error *err)
{
    gsl_matrix *phi = memory_matrix(d->k, d->k, err);
    vmap_status status;

    *loadings = memory_matrix(d->answers->p, d->k, err);
    status = phi && *loadings ? vmap_factor_solve_components(r, NULL, *loadings, phi, err) : VMAP_ENOMEM;
    gsl_matrix_free(phi);
    if (status) {
        gsl_matrix_free(*loadings);
        *loadings = NULL;
    }
    return status == VMAP_ENOMEM ? status : VMAP_SUCCESS;
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

static vmap_status find_levels(dimensions *d, vmap_error *err)
{
    const vmap_answers *a = d->answers;
    vmap_congruence_options o = congruence_options(d);
    vmap_error why = {0};
    vmap_status status = vmap_moments_levels(a->values, a->n, a->p, a->weights, d->group, d->groups, &d->levels,
                                             &why);
    const gsl_matrix *r[3];

    if (status == VMAP_EDATA)
        return vmap_ledger_warn(d->read->ledger, err, "people and groups cannot be told apart: %s", why.message);
    if (status)
        return vmap_error_set(err, status, "%s", why.message);
    r[0] = d->levels->within;
    r[1] = d->levels->between;
    r[2] = d->levels->muthen;
    for (size_t i = 0; !status && d->k && i < 3; i++) {
        if (r[i])
            status = solve(d, r[i], &d->level_loadings[i], err);
        if (!status && d->level_loadings[i])
            status = vmap_congruence_new(d->loadings, d->level_loadings[i], &o, &d->level[i], err);
    }
    return status;
}

/* Loadings of one group's own respondents. */
static vmap_status solve_group(dimensions *d, size_t g, double *weights, dimensions_group *own, vmap_error *err)
{
    const vmap_answers *a = d->answers;
    vmap_moments *m = NULL;
    vmap_status status;

    own->label = g;
    for (size_t i = 0; i < a->n; i++) {
        weights[i] = d->group[i] == g ? a->weights ? a->weights[i] : 1 : 0;
        own->n += d->group[i] == g;
    }
    if (own->n <= a->p)
        return VMAP_SUCCESS;
    status = vmap_moments_correlate(a->values, a->n, a->p, weights, VMAP_PAIRWISE, &m, err);
    if (!status)
        status = solve(d, m->r, &own->loadings, err);
    vmap_moments_free(m);
    return status == VMAP_ENOMEM ? status : VMAP_SUCCESS;
}

static vmap_status find_own(dimensions *d, vmap_error *err)
{
    double *weights = memory_new(d->answers->n, sizeof *weights, err);
    const gsl_matrix **all = memory_new(d->groups, sizeof *all, err);
    vmap_status status = weights && all ? VMAP_SUCCESS : VMAP_ENOMEM;

    d->own = memory_new(d->groups, sizeof *d->own, err);
    if (!status && !d->own)
        status = VMAP_ENOMEM;
    for (size_t g = 0; !status && g < d->groups; g++) {
        status = solve_group(d, g, weights, &d->own[d->owns], err);
        if (!status && d->own[d->owns].loadings) {
            d->own[d->owns].place = d->solved;
            all[d->solved++] = d->own[d->owns].loadings;
        }
        d->owns++;
    }
    if (!status && d->solved >= 2)
        status = vmap_consensus_new(all, d->solved, d->loadings, &d->consensus, err);
    if (!status && d->solved < d->owns)
        status = vmap_ledger_warn(d->read->ledger, err,
                                  "%zu of %zu groups have no solution of their own: too few respondents, or "
                                  "an item that nobody answers differently",
                                  d->owns - d->solved, d->owns);
    free(weights);
    free(all);
    return status;
}

/* ---- the whole ---- */

vmap_status dimensions_find(dimensions *d, vmap_error *err)
{
    const vmap_answers *a = d->answers;
    vmap_status status = find_groups(d, err);

    if (!status && vmap_moments_correlate(a->values, a->n, a->p, a->weights, VMAP_PAIRWISE, &d->moments, err))
        return name_item(d, err);
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
    if (!status && d->group)
        status = find_levels(d, err);
    if (!status && d->group && d->k)
        status = find_own(d, err);
    return status;
}

void dimensions_free(dimensions *d)
{
    vmap_moments_free(d->moments);
    vmap_retention_free(d->retention);
    gsl_matrix_free(d->loadings);
    vmap_factor_bootstrap_free(d->bootstrap);
    vmap_factor_jackknife_free(d->without_item);
    vmap_factor_jackknife_free(d->without_group);
    vmap_levels_free(d->levels);
    for (size_t i = 0; i < 3; i++) {
        gsl_matrix_free(d->level_loadings[i]);
        vmap_congruence_free(d->level[i]);
    }
    for (size_t i = 0; i < d->owns; i++)
        gsl_matrix_free(d->own[i].loadings);
    free(d->own);
    free(d->group);
    vmap_consensus_free(d->consensus);
    analysis_free(d->read);
}
