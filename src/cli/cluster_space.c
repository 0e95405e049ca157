#include <config.h>
#include "cli/clusters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"

/* Units from a space: its countries, groups of personas, single personas. */

static bool of_items(const cluster_work *w)
{
    return w->settings->of && strcmp(w->settings->of, "items") == 0;
}

static vmap_status name_axes(const cluster_work *w, cluster_set *s, vmap_error *err)
{
    const vmap_space *space = w->map->space;

    for (size_t j = 0; j < s->at->size2; j++) {
        s->axis[j] = clusters_copy(of_items(w) ? space->items[j] : space->axes[j].name);
        if (!s->axis[j])
            return clusters_no_memory(err);
    }
    return VMAP_SUCCESS;
}

/* Put a unit's place: its position, or its item means in standard deviations of the space's population. */
static void put_place(const cluster_work *w, cluster_set *s, size_t i, const gsl_vector *at,
                      const gsl_vector *items)
{
    const vmap_space *space = w->map->space;

    for (size_t j = 0; j < s->at->size2; j++)
        gsl_matrix_set(s->at, i, j,
                       of_items(w) ? (gsl_vector_get(items, j) - gsl_vector_get(space->mean, j)) /
                                         gsl_vector_get(space->sd, j)
                                   : gsl_vector_get(at, j));
}

static bool has_items(const gsl_vector *items)
{
    for (size_t j = 0; items && j < items->size; j++) {
        if (isnan(gsl_vector_get(items, j)))
            return false;
    }
    return items != NULL;
}

/* Countries count by their respondents where the space knows the numbers of all; else once each, which is said. */
static vmap_status weigh_countries(cluster_work *w, cluster_set *s, const size_t *respondents, vmap_error *err)
{
    const char *kind = w->settings->unit_weights;
    bool known = clusters_weigh_by_number(w);

    if (!kind || strcmp(kind, "none") == 0)
        return VMAP_SUCCESS;
    for (size_t i = 0; i < s->n; i++)
        known = known && respondents[i] > 0;
    if (!known)
        return vmap_ledger_say(w->ledger, err, "the countries of space %s count once each: it does not know %s",
                               w->map->space->name,
                               clusters_weigh_by_number(w) ? "how many respondents each has" : "their sums of weights");
    if (!clusters_weigh(w, s, err))
        return VMAP_ENOMEM;
    for (size_t i = 0; i < s->n; i++)
        s->weight[i] = (double)respondents[i];
    return VMAP_SUCCESS;
}

/* The countries (or other groups) that the space knows. */
static vmap_status add_countries(cluster_work *w, vmap_error *err)
{
    const vmap_references *refs = w->map->references;
    size_t d = of_items(w) ? w->map->space->p : w->map->space->k, n = 0;
    const char **zone = memory_new(refs->countries, sizeof *zone, err);
    size_t *respondents = memory_new(refs->countries, sizeof *respondents, err);
    cluster_set *s = clusters_add_set(w, "human", refs->countries, d, err);
    vmap_status status = s && zone && respondents ? name_axes(w, s, err) : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < refs->countries; i++) {
        const vmap_reference *c = &refs->country[i];

        if (of_items(w) && !has_items(c->items))
            continue;
        put_place(w, s, n, c->at, c->items);
        zone[n] = c->zone;
        respondents[n] = c->n;
        s->label[n] = clusters_copy(c->label);
        status = s->label[n++] ? VMAP_SUCCESS : clusters_no_memory(err);
    }
    if (!status && n < refs->countries) { /* all or none: a space knows its item means or does not */
        for (size_t i = 0; i < n; i++)
            free(s->label[i]);
        s->n = 0;
        clusters_free_set(s);
        w->sets--;
        free(zone);
        free(respondents);
        return vmap_ledger_say(w->ledger, err,
                               "space %s does not know the item means of its countries: only the "
                               "personas are clustered by items",
                               w->map->space->name);
    }
    if (!status && refs->zones)
        status = clusters_add_given(s, "zone", zone, err);
    if (!status)
        status = weigh_countries(w, s, respondents, err);
    if (!status)
        status = clusters_make_points(w, s, false, err);
    free(zone);
    free(respondents);
    return status;
}

/* The zone of what a group is meant to be, "" when unknown. */
static const char *zone_of(const analysis *a, size_t target)
{
    return target < a->references->countries ? a->references->country[target].zone : "";
}

/* Given partitions of persona units: the grouping columns, and the zone of the country meant.
 *   group  n: group of each unit */
static vmap_status add_labels(cluster_work *w, cluster_set *s, const size_t *group, vmap_error *err)
{
    const vmap_groups *g = w->map->persona.groups;
    const size_t *target = w->map->persona.target;
    const char **text = memory_new(s->n, sizeof *text, err);
    bool zones = w->map->persona.target_column < g->columns && w->map->references->zones;
    vmap_status status = text ? VMAP_SUCCESS : VMAP_ENOMEM;

    s->target = memory_new(s->n, sizeof *s->target, err);
    if (!s->target)
        status = VMAP_ENOMEM;
    for (size_t i = 0; !status && i < s->n; i++) {
        text[i] = group[i] < g->count ? zone_of(w->map, target[group[i]]) : "";
        s->target[i] = group[i] < g->count ? target[group[i]] : w->map->references->countries;
    }
    if (!status && zones)
        status = clusters_add_given(s, "zone", text, err);
    for (size_t c = 0; !status && c < g->columns; c++) {
        for (size_t i = 0; i < s->n; i++)
            text[i] = group[i] < g->count ? g->group[group[i]].labels[c] : "";
        status = clusters_add_given(s, g->names[c], text, err);
    }
    free(text);
    return status;
}

static vmap_status add_persona_groups(cluster_work *w, vmap_error *err)
{
    const vmap_groups *g = w->map->persona.groups;
    const vmap_space *space = w->map->space;
    size_t d = of_items(w) ? space->p : space->k, n = 0, *group = memory_new(g->count, sizeof *group, err);
    cluster_set *s;
    vmap_status status;

    for (size_t i = 0; group && i < g->count; i++) {
        if (g->group[i].n && (!of_items(w) || g->group[i].items))
            group[n++] = i;
    }
    if (group && n == 0) {
        free(group);
        return vmap_error_set(err, VMAP_EDATA, "no group of personas has a position");
    }
    s = group ? clusters_add_set(w, "persona", n, d, err) : NULL;
    status = s ? name_axes(w, s, err) : VMAP_ENOMEM;
    for (size_t i = 0; !status && i < n; i++) {
        put_place(w, s, i, g->group[group[i]].mean, g->group[group[i]].items);
        s->label[i] = analysis_label(g, group[i]);
        status = s->label[i] ? VMAP_SUCCESS : clusters_no_memory(err);
    }
    if (!status && clusters_weigh(w, s, err)) {
        for (size_t i = 0; i < n; i++)
            s->weight[i] = clusters_weigh_by_number(w) ? (double)g->group[group[i]].n : g->group[group[i]].weight;
    }
    if (!status)
        status = add_labels(w, s, group, err);
    free(group);
    return status;
}

static vmap_status add_respondents(cluster_work *w, vmap_error *err)
{
    const vmap_answers *ans = w->map->persona.answers;
    const vmap_projection *pr = w->map->persona.projection;
    const vmap_space *space = w->map->space;
    size_t d = of_items(w) ? space->p : space->k, n = 0;
    size_t *row = memory_new(ans->n, sizeof *row, err), *of = NULL;
    cluster_set *s = NULL;
    vmap_status status = row ? vmap_groups_of_rows(w->map->persona.groups, ans, &of, err) : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < ans->n; i++) {
        if (!isnan(pr->at[i * space->k]))
            row[n++] = i;
    }
    if (!status && n == 0)
        status = vmap_error_set(err, VMAP_EDATA, "no respondent has a position");
    if (!status && !(s = clusters_add_set(w, "persona", n, d, err)))
        status = VMAP_ENOMEM;
    if (!status)
        status = name_axes(w, s, err);
    for (size_t i = 0; !status && i < n; i++) {
        gsl_vector_const_view at = gsl_vector_const_view_array(pr->at + row[i] * space->k, space->k);
        gsl_vector_const_view items =
            gsl_vector_const_view_array(ans->values + row[i] * space->p, space->p);

        put_place(w, s, i, &at.vector, &items.vector);
        s->label[i] = text_format("%s:%zu", ans->files[ans->file[row[i]]], ans->lines[row[i]]);
        of[i] = of[row[i]];
        status = s->label[i] ? VMAP_SUCCESS : clusters_no_memory(err);
    }
    if (!status && !clusters_weigh_by_number(w) && clusters_weigh(w, s, err)) {
        for (size_t i = 0; i < n; i++)
            s->weight[i] = ans->weights ? ans->weights[row[i]] : 1;
    }
    if (!status)
        status = add_labels(w, s, of, err);
    free(row);
    free(of);
    return status;
}

static vmap_status add_personas(cluster_work *w, vmap_error *err)
{
    bool rows = w->settings->unit && strcmp(w->settings->unit, "respondents") == 0;
    vmap_status status = rows ? add_respondents(w, err) : add_persona_groups(w, err);
    cluster_set *s = &w->set[w->sets - 1];

    if (!status && of_items(w))
        status = clusters_drop_incomplete(w, s, err);
    if (!status)
        status = clusters_make_points(w, s, false, err);
    return status;
}

static void no_progress(const char *step)
{
    (void)step;
}

/* The ledger of the analysis is the one of the command from here on. */
vmap_status clusters_read_map(cluster_work *w, const word_list *files, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    if (!w->study) { /* no study file: the options say it all */
        w->study = command_new_study(&w->settings->study);
        if (!w->study)
            return clusters_no_memory(err);
        if (!w->study->space)
            w->study->space = clusters_copy("iw2023");
        if (files->count)
            w->study->personas = command_set(&w->settings->study, files);
        status = study_check(w->study, err);
    }
    if (!status)
        status = analysis_run(w->study, (unsigned)w->settings->study.threads, false, no_progress,
                              &w->map, err);
    if (status)
        return status;
    vmap_ledger_free(w->ledger);
    w->ledger = w->map->ledger;
    w->map->ledger = NULL;
    w->simulated = w->map->simulated;
    if (w->map->references->countries)
        status = add_countries(w, err);
    if (!status && w->study->personas)
        status = add_personas(w, err);
    if (!status && w->sets == 0)
        status = vmap_error_set(err, VMAP_EDATA,
                                "space %s has no countries with %s, and no file of personas is named",
                                w->map->space->name, of_items(w) ? "item means" : "positions");
    return status;
}

