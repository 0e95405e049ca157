#include <config.h>
#include "cli/clusters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* Silhouettes of personas among the clusters of people: of each unit, and means of groups of them. */

typedef struct {
    const cluster_set *human, *persona;
    vmap_units people;
    vmap_strangers_options options;
    size_t *own, *nearest;     /* persona units: cluster of the country meant, nearest cluster */
    double *width;             /* room */
    vmap_strangers_mean *mean; /* 2 x persona units: by the nearest cluster, by the one meant */
} silhouettes;

static bool open_silhouettes(const cluster_work *w, silhouettes *s)
{
    const cluster_set *h = &w->set[0], *p = &w->set[1];

    *s = (silhouettes){.human = h, .persona = p, .people = clusters_units(h)};
    vmap_strangers_defaults(&s->options);
    s->options.replicates = w->settings->resamples >= 0 ? (size_t)w->settings->resamples : 200;
    if (w->settings->study.seed)
        s->options.seed = (uint64_t)w->settings->study.seed;
    s->options.threads = (unsigned)w->settings->study.threads;
    s->own = memory_new(p->n, sizeof *s->own, NULL);
    s->nearest = memory_new(p->n, sizeof *s->nearest, NULL);
    s->width = memory_new(p->n, sizeof *s->width, NULL);
    s->mean = memory_new(2 * p->n, sizeof *s->mean, NULL);
    for (size_t i = 0; s->own && i < p->n; i++)
        s->own[i] = p->target[i] < h->n ? h->partition->cluster[p->target[i]] : VMAP_CLUSTER_NONE;
    return s->own && s->nearest && s->width && s->mean &&
           !vmap_validity_strangers(&s->people, h->partition, p->points, NULL, s->width, s->nearest, NULL);
}

static void close_silhouettes(silhouettes *s)
{
    free(s->own);
    free(s->nearest);
    free(s->width);
    free(s->mean);
}

/* Means of the groups by the nearest cluster, then by the one meant; group NULL: every unit for itself. */
static bool measure(silhouettes *s, const size_t *group, size_t groups)
{
    const cluster_set *p = s->persona;
    size_t *known = memory_new(p->n, sizeof *known, NULL), count = group ? groups : p->n;
    bool ok;

    for (size_t i = 0; known && i < p->n; i++)
        known[i] = s->own[i] == VMAP_CLUSTER_NONE ? VMAP_CLUSTER_NONE : group ? group[i] : i;
    ok = known &&
         !vmap_validity_strangers_means(&s->people, s->human->partition, p->points, NULL, group, groups, &s->options,
                                        s->mean, NULL) &&
         !vmap_validity_strangers_means(&s->people, s->human->partition, p->points, s->own, group ? known : NULL, groups,
                                        &s->options, s->mean + count, NULL);
    free(known);
    return ok;
}

static void put_mean(vmap_report_table *t, const vmap_strangers_mean *m, bool known)
{
    vmap_report_number(t, known ? m->value : NAN);
    vmap_report_number(t, known ? m->low : NAN);
    vmap_report_number(t, known ? m->high : NAN);
}

static void put_units(vmap_report_table *t, const silhouettes *s)
{
    const cluster_set *p = s->persona;

    for (size_t i = 0; i < p->n; i++) {
        bool known = s->own[i] != VMAP_CLUSTER_NONE;

        vmap_report_text(t, p->label[i]);
        vmap_report_count(t, s->nearest[i] + 1);
        put_mean(t, &s->mean[i], true);
        if (known)
            vmap_report_count(t, s->own[i] + 1);
        else
            vmap_report_missing(t);
        put_mean(t, &s->mean[p->n + i], known);
    }
}

static void table_units(vmap_report *r, const cluster_work *w, silhouettes *s)
{
    vmap_report_table *t = vmap_report_add(r, "in_human_space", "Silhouettes of personas among the clusters of countries");

    vmap_report_column(t, "unit", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "nearest", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "silhouette", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "low", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "high", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "meant", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "silhouette_meant", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "meant_low", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "meant_high", VMAP_CELL_NUMBER, 3);
    if (measure(s, NULL, 0))
        put_units(t, s);
    vmap_report_note(t, "nearest: cluster of countries with the least mean distance, silhouette: how much nearer than the "
                        "next one. meant: cluster of the country meant; negative: another cluster is nearer. low, high: "
                        "95 %% percentile interval of a bootstrap of the countries of each cluster; with few countries in the "
                        "nearest cluster it lies too high: the nearest is chosen anew in each sample.");
    clusters_note_weights(t, w);
}

/* Rows of one grouping of the persona units. */
static void put_groups(vmap_report_table *t, silhouettes *s, const char *of, const size_t *group, char *const *word,
                       size_t groups)
{
    if (!groups || !measure(s, group, groups))
        return;
    for (size_t g = 0; g < groups; g++) {
        const vmap_strangers_mean *near = &s->mean[g], *meant = &s->mean[groups + g];
        char number[24];

        if (near->n == 0)
            continue;
        snprintf(number, sizeof number, "%zu", g + 1);
        vmap_report_text(t, of);
        vmap_report_text(t, word ? word[g] : strcmp(of, "all") == 0 ? "all" : number);
        vmap_report_count(t, near->n);
        put_mean(t, near, true);
        vmap_report_count(t, meant->n);
        put_mean(t, meant, true);
    }
}

static void table_means(vmap_report *r, const cluster_work *w, silhouettes *s)
{
    const cluster_set *p = s->persona;
    const vmap_groups *groups = w->map->persona.groups;
    const char *target = w->map->persona.target_column < groups->columns ? groups->names[w->map->persona.target_column] : "";
    vmap_report_table *t = vmap_report_add(r, "human_space", "Mean silhouettes of personas among the clusters of countries");
    size_t *all = memory_new(p->n, sizeof *all, NULL);

    vmap_report_column(t, "of", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "group", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "units", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "silhouette", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "low", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "high", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "units_meant", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "silhouette_meant", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "meant_low", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "meant_high", VMAP_CELL_NUMBER, 3);
    if (all) {
        put_groups(t, s, "all", all, NULL, 1);
        put_groups(t, s, "cluster", p->partition->cluster, NULL, p->partition->k);
        for (size_t g = 0; g < p->givens; g++) {
            if (strcmp(p->given[g].name, target) != 0)
                put_groups(t, s, p->given[g].name, p->given[g].label, p->given[g].word, p->given[g].words);
        }
    }
    free(all);
    vmap_report_note(t, "silhouette: mean over the units of how much nearer the nearest cluster of countries is than the next "
                        "one; silhouette_meant: of the cluster of the country meant, negative when others are nearer, over "
                        "the units whose country has a position. of cluster: clusters of personas. low, high: 95 %% percentile "
                        "interval of a bootstrap of the countries of each cluster and of the units of the group; with few "
                        "countries in the nearest cluster that of silhouette lies too high: the nearest is chosen anew "
                        "in each sample.");
    clusters_note_weights(t, w);
}

void table_in_human_space(vmap_report *r, const cluster_work *w)
{
    silhouettes s;

    if (!clusters_are_comparable(w) || w->set[0].partition->k < 2)
        return;
    if (open_silhouettes(w, &s)) {
        table_units(r, w, &s);
        table_means(r, w, &s);
    }
    close_silhouettes(&s);
}
