#include <config.h>
#include "cli/factor.h"

#include <stdlib.h>
#include <string.h>

#include "cli/outcome.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"

/* Do groups, and other files such as the answers of models, have the factors of all? */

static vmap_congruence_options congruence_options(const factor_work *w)
{
    const factor_settings *s = w->settings;
    vmap_congruence_options o;

    vmap_congruence_defaults(&o);
    o.seed = w->options.parallel.seed;
    o.threads = (unsigned)s->study.threads;
    if (s->permutations >= 0)
        o.permutations = (size_t)s->permutations;
    if (s->misfit > 0)
        o.misfit = s->misfit;
    if (s->procrustes)
        vmap_alignment_find(s->procrustes, &o.alignment, NULL);
    return o;
}

/* ---- other files ---- */

/* How another file is read: as the first ones, but its own weights, conditions and groups. */
static vmap_status new_study(const factor_work *w, char *file, study **st, vmap_error *err)
{
    const factor_settings *s = w->settings;
    study_settings own = s->study;
    word_list files = {&file, 1}, groups = {(char **)&s->against_by, 1};
    vmap_status status;

    own.weight = NULL;
    own.subset = (subset_settings){0};
    own.group = s->against_by ? groups : (word_list){0};
    *st = command_new_study(&own);
    if (!*st || !((*st)->humans = command_set(&own, &files)))
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for the study");
    free((*st)->missing);
    (*st)->missing = NULL;
    status = study_check(*st, err);
    return status;
}

/* Bring the items of the other file into the order of the analysed ones. */
static vmap_status match_items(const factor_work *w, vmap_answers *other, const char *file, vmap_error *err)
{
    size_t *keep = memory_new(w->p, sizeof *keep, err);
    vmap_status status = keep ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0, at = 0; !status && i < w->p; i++) {
        while (at < other->p && strcmp(other->items[at], w->item[i]) != 0)
            at++;
        if (at < other->p) {
            keep[i] = at++;
            continue;
        }
        status = vmap_error_set(err, VMAP_EDATA, "nobody answers item %s here, or the columns stand in another order; name items "
                                                 "that all files have by --items",
                                w->item[i]);
        vmap_error_place(err, file, 0, 0, NULL);
    }
    if (!status && w->p < other->p)
        vmap_answers_keep(other, keep, w->p);
    free(keep);
    return status;
}

/* What happened to the other file stands in the ledger of the analysis. */
static vmap_status take_ledger(const factor_work *w, const vmap_ledger *from, const char *set, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < from->notes_count; i++)
        status = (from->notes[i].warning ? vmap_ledger_warn : vmap_ledger_say)(w->ledger, err, "%s", from->notes[i].text);
    for (size_t i = 0; !status && i < from->count; i++) {
        const vmap_ledger_entry *e = &from->entries[i];

        status = vmap_ledger_add(w->ledger, set, e->file, e->step, e->item, e->reason, e->unit, e->count, err);
    }
    return status;
}

static vmap_status add_file(factor_work *w, char *file, vmap_error *err)
{
    const factor_settings *s = w->settings;
    analysis_items items = {.names = &s->items, .valid = s->valid};
    factor_other *more = reallocarray(w->other, w->others + 1, sizeof *more), *o;
    vmap_status status;

    if (!more)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for another file");
    w->other = more;
    o = &more[w->others++];
    *o = (factor_other){0};
    status = new_study(w, file, &o->study, err);
    if (!status)
        status = analysis_read(o->study, (unsigned)s->study.threads, outcome_progress, &items, &o->read, err);
    if (!status)
        status = match_items(w, o->read->human.answers, file, err);
    if (!status)
        status = shared_factors_add(&w->shared, o->read->human.answers, s->against_by ? 0 : SIZE_MAX, file_base(file), err);
    if (!status) {
        w->simulated |= o->read->simulated;
        status = take_ledger(w, o->read->ledger, file_base(file), err);
    }
    return status;
}

void factor_free_others(factor_work *w)
{
    shared_factors_free(&w->shared);
    for (size_t i = 0; i < w->others; i++) {
        analysis_free(w->other[i].read);
        study_free(w->other[i].study);
    }
    free(w->other);
}

/* ---- the whole ---- */

static vmap_status say_lost(const factor_work *w, vmap_error *err)
{
    size_t lost = 0;

    for (size_t i = 0; i < w->shared.others; i++)
        lost += !w->shared.other[i].loadings;
    return lost ? vmap_ledger_warn(w->ledger, err, "%zu of %zu groups of other files have no solution: no more respondents than "
                                                   "items, or an item that nobody answers differently",
                                   lost, w->shared.others)
                : VMAP_SUCCESS;
}

vmap_status factor_share(factor_work *w, vmap_error *err)
{
    const factor_settings *s = w->settings;
    const vmap_factor_solution *x = w->analysis->solution;
    vmap_status status = VMAP_SUCCESS;

    if (!s->by && !s->against.count && !s->study.bootstrap)
        return VMAP_SUCCESS;
    outcome_progress("comparing groups");
    if (x)
        w->solver = factor_solver_of(w);
    w->shared.answers = w->answers;
    w->shared.r = w->analysis->r;
    w->shared.loadings = x ? x->pattern : NULL;
    w->shared.k = x ? x->k : 0;
    if (x)
        w->shared.resample = factor_resample_options(w, &w->solver);
    w->shared.resample.replicates = s->study.bootstrap ? (size_t)s->study.bootstrap : 0;
    w->shared.congruence = congruence_options(w);
    w->shared.compare = true;
    w->shared.ledger = w->ledger;
    if (s->by) {
        w->shared.column = vmap_table_find(w->answers->groups, s->by);
        status = shared_factors_groups(w->answers, w->shared.column, &w->shared.group, &w->shared.groups, err);
    }
    if (!status)
        status = shared_factors_find(&w->shared, err);
    for (unsigned i = 0; x && !status && i < s->against.count; i++)
        status = add_file(w, s->against.words[i], err);
    return status ? status : say_lost(w, err);
}
