#include <config.h>
#include "cli/clusters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "valuemap/rng.h"

/* Finding the clusters of each set. */

/* Leaves are arranged up to this size: the work grows with the third power. */
enum { ARRANGED = 1500 };

static vmap_cluster_options method_options(const cluster_settings *set)
{
    vmap_cluster_options o;

    vmap_cluster_defaults(&o);
    if (set->starts)
        o.starts = (size_t)set->starts;
    if (set->family)
        o.family = set->family;
    if (set->study.seed)
        o.seed = (uint64_t)set->study.seed;
    o.threads = (unsigned)set->study.threads;
    return o;
}

static vmap_count_options count_options(const cluster_settings *set)
{
    vmap_count_options o;

    vmap_count_defaults(&o);
    if (set->most)
        o.most = (size_t)set->most;
    if (set->references >= 0)
        o.references = (size_t)set->references;
    if (set->divisions >= 0)
        o.divisions = (size_t)set->divisions;
    if (set->resamples >= 0)
        o.resamples = (size_t)set->resamples;
    if (set->reference && strcmp(set->reference, "uniform") == 0)
        o.reference = VMAP_REFERENCE_UNIFORM;
    if (set->between.count) /* only which k has the greatest silhouette */
        o.references = o.divisions = o.resamples = 0;
    o.cluster = method_options(set);
    return o;
}

/* A random part of the units: m of them, in their order. */
static vmap_status draw_sample(const cluster_set *s, size_t m, uint64_t seed, gsl_matrix **points,
                               gsl_matrix **dissimilarity, double *weight, vmap_error *err)
{
    gsl_rng *rng = vmap_rng_new(seed, 0);
    size_t *chosen = memory_new(m, sizeof *chosen, err), left = s->n, n = 0;
    vmap_status status = VMAP_ENOMEM;

    if (s->points)
        *points = memory_matrix(m, s->points->size2, err);
    if (s->dissimilarity)
        *dissimilarity = memory_matrix(m, m, err);
    if (rng && chosen && (!s->points || *points) && (!s->dissimilarity || *dissimilarity)) {
        for (size_t i = 0; i < s->n; i++, left--) {
            if (vmap_rng_below(rng, left) < m - n)
                chosen[n++] = i;
        }
        for (size_t i = 0; i < m; i++) {
            if (s->weight)
                weight[i] = s->weight[chosen[i]];
            for (size_t j = 0; *points && j < s->points->size2; j++)
                gsl_matrix_set(*points, i, j, gsl_matrix_get(s->points, chosen[i], j));
            for (size_t j = 0; *dissimilarity && j < m; j++)
                gsl_matrix_set(*dissimilarity, i, j,
                               gsl_matrix_get(s->dissimilarity, chosen[i], chosen[j]));
        }
        status = VMAP_SUCCESS;
    }
    if (rng)
        gsl_rng_free(rng);
    free(chosen);
    return status;
}

static vmap_status count(cluster_work *w, cluster_set *s, vmap_error *err)
{
    size_t most = w->settings->sample ? (size_t)w->settings->sample : 500;
    vmap_count_options o = count_options(w->settings);
    gsl_matrix *points = NULL, *dissimilarity = NULL;
    double *weight = NULL;
    vmap_units units = clusters_units(s);
    vmap_status status = VMAP_SUCCESS;

    s->counted = s->n;
    if (s->n < 3)
        return vmap_ledger_warn(w->ledger, err, "set %s has %zu units: too few to ask how many clusters",
                                s->name, s->n);
    if (s->n > most) {
        s->counted = most;
        weight = memory_new(most, sizeof *weight, err);
        status = weight ? draw_sample(s, most, o.cluster.seed, &points, &dissimilarity, weight, err) : VMAP_ENOMEM;
        units = (vmap_units){.points = points, .dissimilarity = dissimilarity, .weights = s->weight ? weight : NULL};
        if (!status)
            status = vmap_ledger_say(w->ledger, err,
                                     "how many clusters set %s has is judged by a random sample of %zu of "
                                     "its %zu units",
                                     s->name, most, s->n);
    }
    if (!status)
        status = vmap_cluster_count(&units, w->method, &o, &s->count, err);
    gsl_matrix_free(points);
    gsl_matrix_free(dissimilarity);
    free(weight);
    return status;
}

static vmap_status say_verdict(cluster_work *w, const cluster_set *s, vmap_error *err)
{
    const vmap_count *c = s->count;

    if (!c || w->settings->between.count)
        return VMAP_SUCCESS;
    if (c->clear)
        return vmap_ledger_say(w->ledger, err, "set %s: %zu clear clusters", s->name, c->k);
    return vmap_ledger_warn(
        w->ledger, err, "set %s: no clear clusters%s%s%s%s; the %zu shown are the best of what there is",
        s->name, c->k && c->is_structured ? "" : "; the mean silhouette is .25 or less",
        c->k && !c->is_unlike_one ? "; one single cloud looks the same" : "",
        c->k && !c->is_stable ? "; they are not stable" : "",
        c->k && !c->is_agreed ? "; gap and prediction strength prefer one" : "",
        w->settings->k ? (size_t)w->settings->k : c->k ? c->k : 1);
}

static vmap_status find_partition(cluster_work *w, cluster_set *s, vmap_error *err)
{
    vmap_cluster_options o = method_options(w->settings);
    vmap_units units = clusters_units(s);
    size_t k = w->settings->k ? (size_t)w->settings->k : s->count && s->count->k ? s->count->k : 1;
    vmap_linkage linkage;
    vmap_status status;

    if (w->method->counts)
        k = w->settings->least ? (size_t)w->settings->least : 5;
    if (!w->method->is_tree)
        return w->method->run(&units, k, &o, &s->partition, err);
    status = vmap_linkage_find(w->method->name, &linkage, err);
    if (!status)
        status = vmap_cluster_tree(&units, linkage, o.threads, &s->tree, err);
    if (!status && s->n <= ARRANGED)
        status = vmap_tree_arrange(s->tree, &units, err);
    return status ? status : vmap_tree_cut(s->tree, k, s->weight, &s->partition, err);
}

static vmap_status find_widths(cluster_work *w, cluster_set *s, vmap_error *err)
{
    vmap_units units = clusters_units(s);

    s->mean_width = NAN;
    if (s->partition->k < 2)
        return VMAP_SUCCESS;
    s->width = memory_new(s->n, sizeof *s->width, err);
    s->neighbour = memory_new(s->n, sizeof *s->neighbour, err);
    if (!s->width || !s->neighbour)
        return VMAP_ENOMEM;
    return vmap_validity_silhouette(&units, s->partition, (unsigned)w->settings->study.threads, s->width,
                                    s->neighbour, &s->mean_width, err);
}

/* Are the units of the first given partition found again? Not where it cannot be asked. */
static void recover(cluster_set *s)
{
    if (!s->givens || !s->points || s->given[0].words < 2)
        return;
    for (int rule = 0; rule < 2; rule++) {
        if (vmap_recovery_find(s->points, s->given[0].label, (vmap_recovery_rule)rule,
                               &s->recovery[rule], NULL))
            s->recovery[rule] = NULL;
    }
}

/* Can the units of a set be clustered as asked? */
static vmap_status check_units(const cluster_work *w, const cluster_set *s, vmap_error *err)
{
    if (s->n < 2)
        return vmap_error_set(err, VMAP_EDATA, "set %s has %zu unit; clusters are of two or more%s", s->name, s->n,
                              w->map ? ": name groups with --group, or take single respondents with --unit respondents"
                                     : "");
    if (!w->method->counts && w->settings->k > 0 && (size_t)w->settings->k > s->n)
        return vmap_error_set(err, VMAP_EINVAL, "clusters: %d are asked of the %zu units of set %s; 1 to %zu are possible",
                              w->settings->k, s->n, s->name, s->n);
    return VMAP_SUCCESS;
}

vmap_status clusters_find(cluster_work *w, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < w->sets; i++) {
        cluster_set *s = &w->set[i];

        status = check_units(w, s, err);
        if (!status && !w->method->counts && !(w->settings->k && w->settings->between.count))
            status = count(w, s, err);
        if (!status)
            status = find_partition(w, s, err);
        if (!status)
            status = say_verdict(w, s, err);
        if (!status)
            status = find_widths(w, s, err);
        if (!status)
            recover(s);
    }
    return status;
}
