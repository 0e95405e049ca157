#include <config.h>
#include "cli/clusters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"

/* Sets of units of `valuemap cluster`, wherever they come from. */

vmap_status clusters_no_memory(vmap_error *err)
{
    return vmap_error_set(err, VMAP_ENOMEM, "no memory for the units");
}

char *clusters_copy(const char *text)
{
    return text_copy(text, strlen(text));
}

/* ---- sets ---- */

static void free_words(char **word, size_t count)
{
    for (size_t i = 0; word && i < count; i++)
        free(word[i]);
    free(word);
}

void clusters_free_set(cluster_set *s)
{
    for (size_t g = 0; g < s->givens; g++) {
        free(s->given[g].name);
        free(s->given[g].label);
        free_words(s->given[g].word, s->given[g].words);
    }
    free(s->given);
    free_words(s->label, s->n);
    free_words(s->axis, s->at ? s->at->size2 : 0);
    free(s->name);
    gsl_matrix_free(s->points);
    gsl_matrix_free(s->dissimilarity);
    gsl_matrix_free(s->at);
    free(s->target);
    vmap_count_free(s->count);
    vmap_partition_free(s->partition);
    vmap_tree_free(s->tree);
    free(s->width);
    free(s->neighbour);
    free(s->weight);
    vmap_recovery_free(s->recovery[0]);
    vmap_recovery_free(s->recovery[1]);
}

void clusters_free(cluster_work *w)
{
    for (size_t i = 0; i < w->sets; i++)
        clusters_free_set(&w->set[i]);
    for (size_t i = 0; i < w->series_count; i++)
        clusters_free_series(&w->series[i]);
    free(w->series);
    analysis_free(w->map);
    study_free(w->study);
}

/* A new set of n units on d axes (0: no points). */
cluster_set *clusters_add_set(cluster_work *w, const char *name, size_t n, size_t d, vmap_error *err)
{
    cluster_set *s = &w->set[w->sets];

    *s = (cluster_set){.n = n};
    s->name = clusters_copy(name);
    s->label = memory_new(n, sizeof *s->label, err);
    if (d) {
        s->at = memory_matrix(n, d, err);
        s->axis = memory_new(d, sizeof *s->axis, err);
    }
    w->sets++;
    return s->name && s->label && (!d || (s->at && s->axis)) ? s : NULL;
}

/* Add a given partition from one text per unit ("" for none). */
vmap_status clusters_add_given(cluster_set *s, const char *name, const char *const *text,
                             vmap_error *err)
{
    cluster_given *more = reallocarray(s->given, s->givens + 1, sizeof *more), *g;

    if (!more)
        return clusters_no_memory(err);
    s->given = more;
    g = &more[s->givens];
    *g = (cluster_given){.name = clusters_copy(name)};
    g->label = memory_new(s->n, sizeof *g->label, err);
    g->word = memory_new(s->n, sizeof *g->word, err);
    s->givens++;
    if (!g->name || !g->label || !g->word)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < s->n; i++) {
        size_t q = 0;

        g->label[i] = VMAP_CLUSTER_NONE;
        if (!text[i] || !*text[i])
            continue;
        while (q < g->words && strcmp(g->word[q], text[i]) != 0)
            q++;
        if (q == g->words && !(g->word[g->words++] = clusters_copy(text[i])))
            return clusters_no_memory(err);
        g->label[i] = q;
    }
    return VMAP_SUCCESS;
}

const cluster_given *clusters_given(const cluster_set *s, const char *name)
{
    for (size_t g = 0; g < s->givens; g++) {
        if (strcmp(s->given[g].name, name) == 0)
            return &s->given[g];
    }
    return NULL;
}

vmap_units clusters_units(const cluster_set *s)
{
    return (vmap_units){.points = s->points, .dissimilarity = s->dissimilarity, .weights = s->weight};
}

bool clusters_weigh_by_number(const cluster_work *w)
{
    return w->settings->unit_weights && strcmp(w->settings->unit_weights, "n") == 0;
}

/* Weights of the units, 1 until they are filled in; false when none are wanted or memory is short. */
bool clusters_weigh(const cluster_work *w, cluster_set *s, vmap_error *err)
{
    if (!w->settings->unit_weights || strcmp(w->settings->unit_weights, "none") == 0)
        return false;
    s->weight = memory_new(s->n, sizeof *s->weight, err);
    for (size_t i = 0; s->weight && i < s->n; i++)
        s->weight[i] = 1;
    return s->weight != NULL;
}

/* Points that are clustered: standardised unless raw; and their dissimilarities if a metric is named. */
vmap_status clusters_make_points(cluster_work *w, cluster_set *s, bool standardise, vmap_error *err)
{
    size_t constant = 0;
    vmap_status status = VMAP_SUCCESS;

    s->points = memory_matrix(s->at->size1, s->at->size2, err);
    if (!s->points)
        return VMAP_ENOMEM;
    gsl_matrix_memcpy(s->points, s->at);
    if (standardise && !w->settings->raw)
        constant = vmap_cluster_standardise(s->points, s->weight);
    if (constant)
        status = vmap_ledger_warn(w->ledger, err, "%zu of the %zu columns do not vary over the units of "
                                                  "set %s: they say nothing",
                                  constant, s->at->size2, s->name);
    if (!status && w->settings->metric && strcmp(w->settings->metric, "euclidean") != 0) {
        s->dissimilarity = memory_matrix(s->n, s->n, err);
        status = s->dissimilarity ? vmap_cluster_dissimilarity(s->points, w->settings->metric,
                                                               s->dissimilarity, err)
                                  : VMAP_ENOMEM;
    }
    return status;
}

/* ---- profiles ---- */

vmap_status clusters_drop_incomplete(cluster_work *w, cluster_set *s, vmap_error *err)
{
    size_t kept = 0, d = s->at->size2;
    gsl_matrix *at;

    for (size_t j = 0; j < d; j++) {
        bool complete = true;

        for (size_t i = 0; i < s->n; i++)
            complete &= !isnan(gsl_matrix_get(s->at, i, j));
        if (!complete) {
            free(s->axis[j]);
            s->axis[j] = NULL;
            continue;
        }
        for (size_t i = 0; i < s->n; i++)
            gsl_matrix_set(s->at, i, kept, gsl_matrix_get(s->at, i, j));
        s->axis[kept] = s->axis[j];
        if (kept++ != j)
            s->axis[j] = NULL;
    }
    if (kept == d)
        return VMAP_SUCCESS;
    if (kept == 0) {
        for (size_t j = 0; j < d; j++)
            s->axis[j] = NULL;
        return vmap_error_set(err, VMAP_EDATA, "every item is missing for some unit of set %s", s->name);
    }
    at = memory_matrix(s->n, kept, err);
    if (!at)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < s->n; i++) {
        for (size_t j = 0; j < kept; j++)
            gsl_matrix_set(at, i, j, gsl_matrix_get(s->at, i, j));
    }
    gsl_matrix_free(s->at);
    s->at = at;
    return vmap_ledger_warn(w->ledger, err,
                            "%zu of %zu items are missing for some unit of set %s and are left out of its "
                            "profiles",
                            d - kept, d, s->name);
}

