#include <config.h>
#include "valuemap/answers.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

/* A set of answers is whole: its weights are judged and adjusted, and its cells are counted. */

static vmap_status check_weights(const vmap_answers *a, vmap_ledger *ledger, vmap_error *err)
{
    size_t zero = a->zero_weights, respondents = a->stands ? 0 : a->n;

    if (!a->options->weight)
        return VMAP_SUCCESS;
    for (size_t r = 0; r < a->n; r++) {
        respondents += a->stands ? a->stands[r] : 0;
        zero += a->weights && a->weights[r] == 0;
    }
    if (zero == respondents)
        return vmap_error_set(err, VMAP_EDATA, "no respondent of set %s has a positive weight",
                              a->set);
    return zero ? vmap_ledger_add(ledger, a->set, "", "weight", "", "weight zero", "rows", zero, err)
                : VMAP_SUCCESS;
}

/* Scores that no file has are no scores. */
static void drop_empty_official(vmap_answers *a)
{
    for (size_t i = 0; a->official && i < a->n * a->official_count; i++) {
        if (!isnan(a->official[i]))
            return;
    }
    free(a->official);
    a->official = NULL;
    a->official_count = 0;
}

/* The population of each group of the weighting, in fresh memory. */
static vmap_status find_population(const vmap_answers *a, size_t groups, double **population, vmap_error *err)
{
    const vmap_answers_options *o = a->options;

    *population = memory_new(groups, sizeof **population, err);
    if (!*population)
        return VMAP_ENOMEM;
    for (size_t g = 0; g < groups; g++) {
        const char *name = vmap_table_level_text(a->weight_by, 0, g);
        size_t i = 0;

        while (i < o->population_count && strcmp(o->population_groups[i], name) != 0)
            i++;
        if (i == o->population_count)
            return vmap_error_set(err, VMAP_EDATA, "there is no population of '%s', a value of column %s", name,
                                  o->weight_by);
        (*population)[g] = o->population[i];
    }
    return VMAP_SUCCESS;
}

static vmap_status note_weights(const vmap_answers *a, size_t without, vmap_ledger *ledger, vmap_error *err)
{
    const vmap_answers_options *o = a->options;
    vmap_status status = vmap_ledger_say(
        ledger, err, "%s: weights: %s%s%s; %zu respondents tell as much as %.0f equally weighted ones (design effect "
        "%.2f)", a->set, vmap_weight_rule_name(o->weighting), o->weight_by ? " by " : "",
        o->weight_by ? o->weight_by : "", a->effect.n, a->effect.effective, a->effect.design);

    if (!status && o->trim > 0)
        status = vmap_ledger_say(ledger, err, "%s: %zu weights above %g times their mean are cut to that: %.1f %% of "
                                 "all weight, given to the whole of their group",
                                 a->set, a->trimming.rows, o->trim, 100 * a->trimming.share);
    if (!status && without)
        status = vmap_ledger_warn(ledger, err, "%s: %zu respondents have no value of column %s and count nothing",
                                  a->set, without, o->weight_by);
    return status;
}

/* Apply the rule for weights. */
static vmap_status adjust_weights(vmap_answers *a, vmap_ledger *ledger, vmap_error *err)
{
    const vmap_answers_options *o = a->options;
    size_t groups = a->weight_by ? vmap_table_levels(a->weight_by, 0) : 1, without = 0;
    size_t *group = a->weight_by ? memory_new(a->n, sizeof *group, err) : NULL;
    double *population = NULL;
    vmap_status status = VMAP_SUCCESS;

    if (!a->weights)
        a->weights = memory_new(a->n, sizeof *a->weights, err);
    if (!a->weights || (a->weight_by && !group))
        status = VMAP_ENOMEM;
    for (size_t r = 0; !status && r < a->n; r++) {
        if (!o->weight)
            a->weights[r] = 1;
        if (group)
            group[r] = vmap_table_level(a->weight_by, 0, r);
        without += group && group[r] == groups;
    }
    if (!status && o->weighting == VMAP_WEIGHTS_POPULATION)
        status = find_population(a, groups, &population, err);
    if (!status)
        status = vmap_weights_adjust(a->weights, a->n, group, groups, o->weighting, population, o->trim,
                                     &a->trimming, err);
    a->effect = vmap_weight_effect_of(a->weights, a->n);
    if (!status)
        status = note_weights(a, o->weighting == VMAP_WEIGHTS_GIVEN ? 0 : without, ledger, err);
    free(group);
    free(population);
    return status;
}

vmap_status vmap_answers_finish(vmap_answers *a, vmap_ledger *ledger, vmap_error *err)
{
    const vmap_answers_options *o = a->options;
    vmap_status status;

    if (!a->n && o->where_count)
        return vmap_error_set(err, VMAP_EDATA, "the condition is true for no row of set %s: %s", a->set,
                              vmap_where_text(o->where[0]));
    status = check_weights(a, ledger, err);
    if (!status && (o->weighting != VMAP_WEIGHTS_GIVEN || o->trim > 0))
        status = adjust_weights(a, ledger, err);
    if (!a->stands)
        a->effect = vmap_weight_effect_of(a->weights, a->n);
    drop_empty_official(a);
    a->options = NULL;

    for (size_t i = 0; !status && i < a->p; i++) {
        for (int why = 0; !status && why < VMAP_REASONS; why++) {
            if (a->counts[i].reason[why])
                status = vmap_ledger_add(ledger, a->set, "", "item", a->items[i],
                                         vmap_reason_name((vmap_reason)why), "cells",
                                         a->counts[i].reason[why], err);
        }
    }
    return status;
}
