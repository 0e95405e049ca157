#include <config.h>
#include "cli/factor.h"

#include <stdio.h>
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

/* Which columns another file has, those that recodes make included. */
typedef struct {
    const factor_work *w;
    const char *file;
    const char *const *name;
    size_t count;
    const study_set *set; /* its recodes are those that the file can make */
} columns;

static bool in_file(const columns *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++) {
        if (strcmp(c->name[i], name) == 0)
            return true;
    }
    return false;
}

static bool has_column(const columns *c, const char *name)
{
    size_t length = strlen(name);

    if (in_file(c, name))
        return true;
    for (unsigned i = 0; i < c->set->recode_count; i++) {
        if (strncmp(c->set->recode[i], name, length) == 0 && c->set->recode[i][length] == '=')
            return true;
    }
    return false;
}

static vmap_status say_not(const columns *c, const char *option, const char *text, const char *column, vmap_error *err)
{
    if (strcmp(option, "weight") == 0) /* models have none */
        return vmap_ledger_say(c->w->ledger, err, "%s has no column %s: its respondents weigh the same", file_base(c->file), column);
    return vmap_ledger_warn(c->w->ledger, err, "%s has no column %s: --%s %s does not reach it", file_base(c->file), column, option,
                            text);
}

/* Texts i of a list go out where `lacks` names a column that is not there. */
typedef vmap_status (*lacking)(const columns *c, const char *text, char missing[128], vmap_error *err);

static vmap_status lacks_source(const columns *c, const char *text, char missing[128], vmap_error *err)
{
    vmap_recode *recode = NULL;
    vmap_status status = vmap_recode_parse(text, &recode, err);

    if (!status && !in_file(c, vmap_recode_column(recode)))
        snprintf(missing, 128, "%s", vmap_recode_column(recode));
    vmap_recode_free(recode);
    return status;
}

static vmap_status lacks_any(const columns *c, const char *text, char missing[128], vmap_error *err)
{
    vmap_where *where = NULL;
    vmap_status status = vmap_where_parse(text, &where, err);

    for (size_t i = 0; !status && i < vmap_where_columns(where); i++) {
        if (!has_column(c, vmap_where_column(where, i)))
            snprintf(missing, 128, "%s", vmap_where_column(where, i));
    }
    vmap_where_free(where);
    return status;
}

static vmap_status keep_possible(const columns *c, const char *option, lacking lacks, char **list, unsigned *count, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;
    unsigned kept = 0;

    for (unsigned i = 0; i < *count; i++) {
        char missing[128] = "";

        if (!status)
            status = lacks(c, list[i], missing, err);
        if (!status && *missing)
            status = say_not(c, option, list[i], missing, err);
        if (*missing)
            free(list[i]);
        else
            list[kept++] = list[i];
    }
    *count = kept;
    return status;
}

/* A column of the settings that the file does not have is said and left out. */
static vmap_status keep_column(const columns *c, const char *option, char **column, vmap_error *err)
{
    vmap_status status;

    if (!*column || has_column(c, *column))
        return VMAP_SUCCESS;
    status = say_not(c, option, *column, *column, err);
    free(*column);
    *column = NULL;
    return status;
}

/* Weights by country need the country. */
static vmap_status keep_weights(const columns *c, study_set *set, vmap_error *err)
{
    const study_set *first = c->w->study->humans;
    const char *by = first->weight_by ? first->weight_by : first->group_count ? first->group[0] : NULL;
    vmap_status status = keep_column(c, "weight", &set->weight, err);

    if (status || (!set->weights && !set->population && set->trim == 0))
        return status;
    free(set->weight_by);
    set->weight_by = by ? text_copy(by, strlen(by)) : NULL;
    status = keep_column(c, "weight-by", &set->weight_by, err);
    if (by && !set->weight_by) {
        free(set->weights);
        free(set->population);
        set->weights = set->population = NULL;
        set->trim = 0;
    }
    return status;
}

static vmap_status keep_what_fits(const factor_work *w, const char *file, study_set *set, vmap_error *err)
{
    columns c = {.w = w, .file = file, .set = set};
    vmap_read_options o;
    vmap_reader *reader = NULL;
    vmap_status status;

    analysis_read_options(&o, set, (unsigned)w->settings->study.threads);
    status = vmap_reader_open(file, &o, &reader, err);
    if (!status) {
        c.name = vmap_reader_names(reader);
        c.count = vmap_reader_columns(reader);
        status = keep_possible(&c, "recode", lacks_source, set->recode, &set->recode_count, err);
    }
    if (!status)
        status = keep_possible(&c, "where", lacks_any, set->where, &set->where_count, err);
    if (!status)
        status = keep_weights(&c, set, err);
    vmap_reader_free(reader);
    return status;
}

/* How another file is read: as the first ones, with their conditions, recodes and weights as far as it has the columns,
 * but with its own groups. */
static vmap_status new_study(const factor_work *w, char *file, study **st, vmap_error *err)
{
    const factor_settings *s = w->settings;
    study_settings own = s->study;
    word_list files = {&file, 1}, groups = {(char **)&s->against_by, 1};
    vmap_status status;

    own.group = s->against_by ? groups : (word_list){0};
    *st = command_new_study(&own);
    if (!*st || !((*st)->humans = command_set(&own, &files)))
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for the study");
    free((*st)->missing);
    (*st)->missing = NULL;
    status = keep_what_fits(w, file, (*st)->humans, err);
    return status ? status : study_check(*st, err);
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

/* Variances split into people and groups; other associations do not. */
static vmap_status say_levels(const factor_work *w, vmap_error *err)
{
    const vmap_factor_options *o = &w->options;

    if (!w->settings->by || o->association.type == VMAP_SPEARMAN ||
        (o->association.type == VMAP_PEARSON && !o->association.em))
        return VMAP_SUCCESS;
    return vmap_ledger_say(w->ledger, err, "people within groups and group means are compared by the product-moment correlations "
                                           "of %s%s: only variances can be split so; everything else of the "
                                           "groups rests on the same association as the solution",
                           shared_factors_split(&o->association), vmap_extractions[o->extract.method].variance ? ", extracted by uls" : "");
}

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
    w->shared.variance = w->analysis->association ? w->analysis->association->variance : NULL;
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
        status = say_levels(w, err);
    if (!status)
        status = shared_factors_find(&w->shared, err);
    for (unsigned i = 0; x && !status && i < s->against.count; i++)
        status = add_file(w, s->against.words[i], err);
    return status ? status : say_lost(w, err);
}
