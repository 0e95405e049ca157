#include <config.h>
#include "cli/shared_factors.h"

#include <math.h>
#include <stdlib.h>

#include "cli/analysis.h"
#include "core/memory.h"

vmap_status shared_factors_groups(const vmap_answers *answers, size_t column, size_t **group, size_t *groups,
                                  vmap_error *err)
{
    *group = memory_new(answers->n, sizeof **group, err);
    if (!*group)
        return VMAP_ENOMEM;
    *groups = vmap_table_levels(answers->groups, column);
    for (size_t i = 0; i < answers->n; i++)
        (*group)[i] = vmap_table_level(answers->groups, column, i);
    return VMAP_SUCCESS;
}

/* The solution of correlations; *loadings stays NULL when there is none. */
static vmap_status solve(const shared_factors *s, const gsl_matrix *r, const gsl_matrix *variance, gsl_matrix **loadings,
                         vmap_error *err)
{
    gsl_matrix *phi = memory_matrix(s->k, s->k, err);
    vmap_status status;

    *loadings = memory_matrix(s->answers->p, s->k, err);
    status = phi && *loadings ? s->resample.solve(r, variance, s->resample.context, *loadings, phi, err) : VMAP_ENOMEM;
    gsl_matrix_free(phi);
    if (status) {
        gsl_matrix_free(*loadings);
        *loadings = NULL;
    }
    return status == VMAP_ENOMEM ? status : VMAP_SUCCESS;
}

/* ---- people and groups ---- */

const char *shared_factors_split(const vmap_association_options *o)
{
    if (o->type == VMAP_SPEARMAN)
        return o->missing == VMAP_LISTWISE ? "the ranks of those who answered all items" : "the ranks among all who answered the item";
    return o->missing == VMAP_LISTWISE && !o->em ? "the codes of those who answered all items" : "the codes, pairwise";
}

/* What is split into people and groups: codes or their ranks, of everybody or of complete respondents. */
static vmap_status split_levels(shared_factors *s, double *ranks, double *room, vmap_error *why)
{
    const vmap_answers *a = s->answers;
    const vmap_association_options *o = &s->resample.association;
    const double *values = a->values, *weights = a->weights;
    vmap_status status = VMAP_SUCCESS;

    if (o->missing == VMAP_LISTWISE && !o->em) {
        analysis_listwise(a->values, a->n, a->p, a->weights, room);
        weights = room;
    }
    if (o->type == VMAP_SPEARMAN) {
        status = vmap_moments_ranks(values, a->n, a->p, weights, ranks, why);
        values = ranks;
    }
    return status ? status : vmap_moments_levels(values, a->n, a->p, weights, s->group, s->groups, &s->levels, why);
}

static vmap_status find_levels(shared_factors *s, vmap_error *err)
{
    const vmap_answers *a = s->answers;
    vmap_error why = {0};
    double *ranks = memory_new(a->n * a->p, sizeof *ranks, err), *room = memory_new(a->n, sizeof *room, err);
    vmap_status status = ranks && room ? split_levels(s, ranks, room, &why) : VMAP_ENOMEM;
    const gsl_matrix *r[3];

    free(ranks);
    free(room);
    if (status == VMAP_EDATA)
        analysis_name_item(&why, a->items, a->p);
    if (status == VMAP_EDATA)
        return vmap_ledger_warn(s->ledger, err, "people and groups cannot be told apart: %s%s%s", why.column,
                                *why.column ? ": " : "", why.message);
    if (status)
        return vmap_error_set(err, status, "%s", why.message);
    r[0] = s->levels->within;
    r[1] = s->levels->between;
    r[2] = s->levels->muthen_whole ? s->levels->muthen : NULL;
    for (size_t i = 0; !status && s->k && i < 3; i++) {
        if (r[i])
            status = solve(s, r[i], NULL, &s->level_loadings[i], err);
        if (!status && s->level_loadings[i])
            status = vmap_congruence_new(s->loadings, s->level_loadings[i], &s->congruence, &s->level[i], err);
    }
    return status;
}

static vmap_status leave_out(shared_factors *s, vmap_error *err)
{
    const vmap_answers *a = s->answers;
    vmap_error why = {0};
    vmap_status status = VMAP_SUCCESS;

    if (a->p >= s->k + 3)
        status = vmap_factor_jackknife_items(s->r, s->variance, s->loadings, &s->resample, &s->without_item, &why);
    if ((!status || status == VMAP_EDATA) && s->group && s->groups > 2)
        status = vmap_factor_jackknife_parts(a->values, a->n, a->p, a->weights, s->group, s->groups, s->loadings,
                                             &s->resample, &s->without_group, &why);
    if (status == VMAP_EDATA)
        return vmap_ledger_warn(s->ledger, err, "leaving out one part after the other: %s", why.message);
    return status ? vmap_error_set(err, status, "%s", why.message) : VMAP_SUCCESS;
}

/* ---- own solutions ---- */

/* Interval of phi with the solution of all, which is held fixed: from replicates of the group's own respondents. */
static vmap_status find_interval(const shared_factors *s, const vmap_answers *a, const double *weights,
                                 shared_group *own, vmap_error *err)
{
    vmap_factor_resample_options o = s->resample;
    vmap_factor_bootstrap *b = NULL;
    vmap_error why = {0};
    vmap_status status;

    if (!o.replicates)
        return VMAP_SUCCESS;
    own->low = memory_new(s->k + 1, sizeof *own->low, err);
    own->high = memory_new(s->k + 1, sizeof *own->high, err);
    if (!own->low || !own->high)
        return VMAP_ENOMEM;
    status = vmap_factor_bootstrap_new(a->values, a->n, a->p, weights, NULL, 0, s->k, &o, &b, &why);
    if (!status)
        status = vmap_congruence_interval(s->loadings, own->loadings, NULL, b->replicate, b->usable, s->congruence.alignment,
                                          o.level, own->low, own->high, &why);
    vmap_factor_bootstrap_free(b);
    if (status == VMAP_ENOMEM)
        return vmap_error_set(err, status, "%s", why.message);
    for (size_t f = 0; status && f < s->k; f++)
        own->low[f] = own->high[f] = NAN;
    return VMAP_SUCCESS;
}

/* Loadings of one group's own respondents.
 *   group  n numbers; NULL: all of them
 *   room   n weights */
static vmap_status solve_group(const shared_factors *s, const vmap_answers *a, const size_t *group, size_t g,
                               double *room, shared_group *own, vmap_error *err)
{
    vmap_association *m = NULL;
    vmap_status status;

    for (size_t i = 0; i < a->n; i++) {
        bool in = !group || group[i] == g;

        room[i] = in ? a->weights ? a->weights[i] : 1 : 0;
        own->n += room[i] > 0;
    }
    if (own->n <= a->p) {
        vmap_error_set(&own->why, VMAP_EDATA, "no more respondents than items");
        return VMAP_SUCCESS;
    }
    status = vmap_moments_associate(a->values, a->n, a->p, room, &s->resample.association, &m, &own->why);
    if (!status && !m->converged)
        status = vmap_error_set(&own->why, VMAP_EDATA, "EM does not converge: too much is missing");
    if (!status)
        status = solve(s, m->moments->r, m->variance, &own->loadings, &own->why);
    vmap_association_free(m);
    if (status == VMAP_ENOMEM)
        return vmap_error_set(err, status, "%s", own->why.message);
    if (status)
        analysis_name_item(&own->why, a->items, a->p);
    if (!own->loadings || !s->compare)
        return VMAP_SUCCESS;
    status = vmap_congruence_new(s->loadings, own->loadings, &s->congruence, &own->match, err);
    if (!status)
        status = find_interval(s, a, room, own, err);
    return status == VMAP_ENOMEM ? status : VMAP_SUCCESS;
}

static vmap_status find_own(shared_factors *s, vmap_error *err)
{
    double *room = memory_new(s->answers->n, sizeof *room, err);
    const gsl_matrix **all = memory_new(s->groups, sizeof *all, err);
    vmap_status status = room && all ? VMAP_SUCCESS : VMAP_ENOMEM;

    s->own = memory_new(s->groups, sizeof *s->own, err);
    if (!status && !s->own)
        status = VMAP_ENOMEM;
    for (size_t g = 0; !status && g < s->groups; g++) {
        shared_group *own = &s->own[s->owns++];

        own->set = "";
        own->label = vmap_table_level_text(s->answers->groups, s->column, g);
        status = solve_group(s, s->answers, s->group, g, room, own, err);
        if (!status && own->loadings) {
            own->place = s->solved;
            all[s->solved++] = own->loadings;
        }
    }
    if (!status && s->solved >= 2)
        status = vmap_consensus_new(all, s->solved, s->loadings, &s->consensus, err);
    if (!status && s->solved < s->owns)
        status = vmap_ledger_warn(s->ledger, err,
                                  "%zu of %zu groups have no solution of their own: too few respondents, or "
                                  "an item that nobody answers differently",
                                  s->owns - s->solved, s->owns);
    free(room);
    free(all);
    return status;
}

vmap_status shared_factors_add(shared_factors *s, const vmap_answers *answers, size_t column, const char *set,
                               vmap_error *err)
{
    size_t *group = NULL, groups = 1;
    double *room = memory_new(answers->n, sizeof *room, err);
    shared_group *more;
    vmap_status status = room ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status && column != SIZE_MAX)
        status = shared_factors_groups(answers, column, &group, &groups, err);
    more = status ? NULL : reallocarray(s->other, s->others + groups, sizeof *more);
    if (!status && !more)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu groups", groups);
    if (more)
        s->other = more;
    for (size_t g = 0; !status && g < groups; g++) {
        shared_group *own = &s->other[s->others++];

        *own = (shared_group){.set = set, .label = group ? vmap_table_level_text(answers->groups, column, g) : "all"};
        status = solve_group(s, answers, group, g, room, own, err);
    }
    free(room);
    free(group);
    return status;
}

/* ---- the whole ---- */

vmap_status shared_factors_find(shared_factors *s, vmap_error *err)
{
    vmap_status status = s->k ? leave_out(s, err) : VMAP_SUCCESS;

    if (!status && s->group)
        status = find_levels(s, err);
    if (!status && s->group && s->k)
        status = find_own(s, err);
    return status;
}

static void free_groups(shared_group *group, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        gsl_matrix_free(group[i].loadings);
        vmap_congruence_free(group[i].match);
        free(group[i].low);
        free(group[i].high);
    }
    free(group);
}

void shared_factors_free(shared_factors *s)
{
    vmap_factor_jackknife_free(s->without_item);
    vmap_factor_jackknife_free(s->without_group);
    vmap_levels_free(s->levels);
    for (size_t i = 0; i < 3; i++) {
        gsl_matrix_free(s->level_loadings[i]);
        vmap_congruence_free(s->level[i]);
    }
    free_groups(s->own, s->owns);
    free_groups(s->other, s->others);
    vmap_consensus_free(s->consensus);
    free(s->group);
}
