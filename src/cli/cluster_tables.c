#include <config.h>
#include "cli/clusters.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/text.h"

/* The tables of `valuemap cluster` about each set by itself. */

/* ---- clusters ---- */

/* Clusters count from 1 in what people read; 0 is noise. */
static void put_cluster(vmap_report_table *t, size_t cluster)
{
    vmap_report_count(t, cluster == VMAP_CLUSTER_NONE ? 0 : cluster + 1);
}

/* The names of all given partitions, each once. */
static size_t all_givens(const cluster_work *w, const char **name, size_t room)
{
    size_t count = 0;

    for (size_t i = 0; i < w->sets; i++) {
        for (size_t g = 0; g < w->set[i].givens; g++) {
            bool known = false;

            for (size_t q = 0; q < count; q++)
                known |= strcmp(name[q], w->set[i].given[g].name) == 0;
            if (!known && count < room)
                name[count++] = w->set[i].given[g].name;
        }
    }
    return count;
}

enum { GIVENS_MOST = 64 };

static void put_unit(vmap_report_table *t, const cluster_work *w, const cluster_set *s, size_t i,
                     const char *const *name, size_t names)
{
    const vmap_partition *p = s->partition;

    vmap_report_text(t, s->name);
    vmap_report_text(t, s->label[i]);
    put_cluster(t, p->cluster[i]);
    vmap_report_count(t, p->cluster[i] == VMAP_CLUSTER_NONE ? 0 : p->size[p->cluster[i]]);
    vmap_report_number(t, s->width ? s->width[i] : NAN);
    if (s->width && s->neighbour[i] != VMAP_CLUSTER_NONE)
        put_cluster(t, s->neighbour[i]);
    else
        vmap_report_missing(t);
    for (size_t q = 0; q < names; q++) {
        const cluster_given *g = clusters_given(s, name[q]);

        if (g && g->label[i] != VMAP_CLUSTER_NONE)
            vmap_report_text(t, g->word[g->label[i]]);
        else
            vmap_report_text(t, "");
    }
    for (size_t j = 0; w->set[0].at && j < w->set[0].at->size2; j++)
        vmap_report_number(t, s->at->size2 == w->set[0].at->size2 ? gsl_matrix_get(s->at, i, j) : NAN);
}

void table_clusters(vmap_report *r, const cluster_work *w)
{
    const char *name[GIVENS_MOST];
    size_t names = all_givens(w, name, GIVENS_MOST);
    vmap_report_table *t = vmap_report_add(r, "clusters", "Clusters of the units");

    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "unit", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "cluster", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "size", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "silhouette", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "neighbour", VMAP_CELL_COUNT, 0);
    for (size_t q = 0; q < names; q++)
        vmap_report_key(t, name[q]);
    for (size_t j = 0; w->set[0].at && j < w->set[0].at->size2; j++)
        vmap_report_column(t, w->set[0].axis[j], VMAP_CELL_NUMBER, 3);
    for (size_t i = 0; i < w->sets; i++) {
        for (size_t u = 0; u < w->set[i].n; u++)
            put_unit(t, w, &w->set[i], u, name, names);
    }
    for (size_t i = 0; i < w->sets; i++) {
        const cluster_set *s = &w->set[i];

        vmap_report_note(t, "Set %s: %zu units, method %s, %zu cluster%s%s, mean silhouette %.3f.", s->name,
                         s->n, w->method->name, s->partition->k, s->partition->k == 1 ? "" : "s",
                         !s->count ? "" : s->count->clear ? " (clear)" : " (NO CLEAR CLUSTERS)",
                         s->mean_width);
    }
    vmap_report_note(t, "cluster: numbered by falling size, 0: noise. silhouette: from -1 (nearer to "
                        "another cluster) to 1 (deep in its own), 0 for a cluster of one; neighbour: the "
                        "next cluster.");
}

/* ---- how many ---- */

static void put_votes(vmap_report_table *t, const vmap_count *c, size_t k)
{
    const struct {
        size_t k;
        const char *name;
    } votes[] = {{c->by_silhouette, "silhouette"}, {c->by_gap, "gap"},
                 {c->by_gap_first, "gap_first"},   {c->by_calinski, "calinski"},
                 {c->by_davies, "davies"},         {c->by_prediction, "prediction"},
                 {c->by_bic, "bic"}};
    buffer b = {0};

    buffer_put(&b, "");
    for (size_t i = 0; i < sizeof votes / sizeof *votes; i++) {
        if (votes[i].k == k)
            buffer_format(&b, "%s%s", b.n ? " " : "", votes[i].name);
    }
    vmap_report_text(t, b.text ? b.text : "");
    buffer_free(&b);
}

static void put_count(vmap_report_table *t, const cluster_set *s, const vmap_count_row *row)
{
    const double value[] = {row->index.silhouette, row->silhouette_p,  row->gap,
                            row->gap_se,           row->index.calinski, row->index.davies,
                            row->index.dunn,       row->index.within,   row->prediction,
                            row->prediction_se,    row->jaccard,        row->jaccard_least,
                            row->bic,              row->icl};

    vmap_report_text(t, s->name);
    vmap_report_count(t, row->k);
    for (size_t i = 0; i < sizeof value / sizeof *value; i++)
        vmap_report_number(t, value[i]);
    put_votes(t, s->count, row->k);
}

/* One condition of the verdict: " p = .01 (at most .05: yes)", or that it was not tested. */
static void put_condition(char *text, size_t size, const char *what, double value, const char *limit, bool holds)
{
    if (isnan(value))
        snprintf(text, size, " not tested");
    else
        snprintf(text, size, " %s%.3g (%s: %s)", what, value, limit, holds ? "yes" : "no");
}

static void note_verdict(vmap_report_table *t, const cluster_set *s)
{
    char p[128], jaccard[128];
    const vmap_count *c = s->count;

    if (!c->k) {
        vmap_report_note(t, "Set %s: NO CLEAR CLUSTERS: no partition into two or more has a silhouette.",
                         s->name);
        return;
    }
    put_condition(p, sizeof p, "p = ", c->p, "at most .05", c->is_unlike_one);
    put_condition(jaccard, sizeof jaccard, "Jaccard ", c->row[c->k - 1].jaccard_least, "above .6", c->is_stable);
    vmap_report_note(t,
                     "Set %s: %s, k = %zu: mean silhouette %.3f (above .25: %s); test against one single "
                     "cloud%s; least stable cluster%s; "
                     "gap and prediction strength do not both prefer one cluster: %s. All %s must hold.",
                     s->name, c->clear ? "clear clusters" : "NO CLEAR CLUSTERS", c->k,
                     c->row[c->k - 1].index.silhouette, c->is_structured ? "yes" : "no", p, jaccard,
                     c->is_agreed ? "yes" : "no",
                     isnan(c->p) || isnan(c->row[c->k - 1].jaccard_least) ? "that are tested" : "four");
    if (!isnan(c->cophenetic))
        vmap_report_note(t, "Set %s: cophenetic correlation of the tree %.3f.", s->name, c->cophenetic);
    if (s->counted < s->n)
        vmap_report_note(t, "Set %s: judged by a random sample of %zu of %zu units.", s->name, s->counted,
                         s->n);
}

void table_cluster_count(vmap_report *r, const cluster_work *w)
{
    static const struct {
        const char *name;
        int decimals;
    } columns[] = {{"silhouette", 3}, {"silhouette_p", 3},  {"gap", 3},           {"gap_se", 3},
                   {"calinski", 2},   {"davies", 3},        {"dunn", 3},          {"within", 3},
                   {"prediction", 3}, {"prediction_se", 3}, {"jaccard", 3},       {"jaccard_least", 3},
                   {"bic", 1},        {"icl", 1}};
    vmap_report_table *t;

    if (w->method->counts)
        return;
    t = vmap_report_add(r, "cluster_count", "How many clusters");
    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "k", VMAP_CELL_COUNT, 0);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        vmap_report_column(t, columns[i].name, VMAP_CELL_NUMBER, columns[i].decimals);
    vmap_report_column(t, "preferred_by", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < w->sets; i++) {
        const vmap_count *c = w->set[i].count;

        for (size_t k = 0; c && k < c->count; k++)
            put_count(t, &w->set[i], &c->row[k]);
        if (c)
            note_verdict(t, &w->set[i]);
    }
    vmap_report_note(t, "silhouette_p: chance that one single normal cloud gives so large a silhouette at "
                        "this k. gap: against reference sets without clusters. davies: small is good. "
                        "prediction: strength, .8 and more is good. jaccard: stability under resampling, .75 "
                        "and more is stable. bic, icl: Gaussian mixtures, large is good. within: pooled sum "
                        "of squares. NA: not defined.");
}

/* ---- agreement ---- */

static vmap_permutation_options permutations(const cluster_work *w)
{
    vmap_permutation_options o;

    vmap_permutation_defaults(&o);
    if (w->settings->permutations >= 0)
        o.permutations = (size_t)w->settings->permutations;
    if (w->settings->study.seed)
        o.seed = (uint64_t)w->settings->study.seed;
    o.threads = (unsigned)w->settings->study.threads;
    return o;
}

static void put_agreement(vmap_report_table *t, const cluster_work *w, const char *set, const char *found,
                          const char *given, const size_t *a, const size_t *b, size_t n)
{
    vmap_permutation_options o = permutations(w);
    vmap_structure_test *test = memory_new(vmap_agreement_measures_count, sizeof *test, NULL);
    vmap_crosstab *cross = NULL;

    if (test && !vmap_crosstab_new(a, b, n, &cross, NULL) && !vmap_agreement_test(a, b, n, &o, test, NULL)) {
        for (size_t m = 0; m < vmap_agreement_measures_count; m++) {
            vmap_report_text(t, set);
            vmap_report_text(t, found);
            vmap_report_text(t, given);
            vmap_report_text(t, vmap_agreement_measures[m].name);
            vmap_report_number(t, test[m].value);
            vmap_report_number(t, test[m].p);
            vmap_report_count(t, cross->n);
            vmap_report_count(t, cross->left_out);
            vmap_report_count(t, cross->rows);
            vmap_report_count(t, cross->cols);
        }
    }
    vmap_crosstab_free(cross);
    free(test);
}

/* Persona clusters against the clusters of the countries that the personas are meant to be from. */
static void put_across(vmap_report_table *t, const cluster_work *w, const cluster_set *human,
                       const cluster_set *persona)
{
    size_t *label = memory_new(persona->n, sizeof *label, NULL);

    for (size_t i = 0; label && i < persona->n; i++)
        label[i] = persona->target[i] < human->n ? human->partition->cluster[persona->target[i]]
                                                 : VMAP_CLUSTER_NONE;
    if (label)
        put_agreement(t, w, persona->name, "cluster", "cluster of the country meant",
                      persona->partition->cluster, label, persona->n);
    free(label);
}

void table_agreement(vmap_report *r, const cluster_work *w)
{
    vmap_report_table *t;
    bool any = false;

    for (size_t i = 0; i < w->sets; i++)
        any |= w->set[i].givens > 0;
    if (!any)
        return;
    t = vmap_report_add(r, "agreement", "Agreement of the clusters with given partitions");
    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "found", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "given", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "measure", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "value", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "p", VMAP_CELL_NUMBER, 4);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "left_out", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "clusters", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "classes", VMAP_CELL_COUNT, 0);
    for (size_t i = 0; i < w->sets; i++) {
        const cluster_set *s = &w->set[i];

        for (size_t g = 0; g < s->givens; g++)
            put_agreement(t, w, s->name, "cluster", s->given[g].name, s->partition->cluster,
                          s->given[g].label, s->n);
    }
    if (w->sets == 2 && w->set[1].target)
        put_across(t, w, &w->set[0], &w->set[1]);
    vmap_report_note(t, "ari and ami are 0 on average by chance and 1 for the same partition; nmi is "
                        "normalised by the arithmetic mean of the entropies and equals v_measure; variation "
                        "is a distance in nats. p: share of permutations of the labels that agree as well. "
                        "left_out: units that are noise or have no such label.");
    clusters_note_weights(t, w);
}

/* ---- recovery ---- */

static const char *const RULES[] = {"nearest centroid", "linear discriminant"};

static void put_class(vmap_report_table *t, const cluster_set *s, int rule, size_t label)
{
    const cluster_given *g = &s->given[0];
    const vmap_recovery *rec = s->recovery[rule];
    size_t units = 0, found = 0, *other = memory_new(g->words, sizeof *other, NULL), most = g->words;
    double margin = 0;

    for (size_t i = 0; other && i < s->n; i++) {
        if (g->label[i] != label || !rec->tested[i])
            continue;
        units++;
        found += rec->unit[i].found == label;
        margin += rec->unit[i].margin;
        if (rec->unit[i].found != label)
            other[rec->unit[i].found]++;
    }
    for (size_t q = 0; other && q < g->words; q++) {
        if (other[q] && (most == g->words || other[q] > other[most]))
            most = q;
    }
    vmap_report_text(t, s->name);
    vmap_report_text(t, g->name);
    vmap_report_text(t, RULES[rule]);
    vmap_report_text(t, g->word[label]);
    vmap_report_count(t, units);
    vmap_report_count(t, found);
    vmap_report_number(t, units ? (double)found / (double)units : NAN);
    vmap_report_number(t, units ? margin / (double)units : NAN);
    vmap_report_text(t, most < g->words ? g->word[most] : "");
    free(other);
}

static void add_recovery(vmap_report *r, const cluster_work *w)
{
    vmap_report_table *t = vmap_report_add(r, "zone_recovery", "Are given groups found again?");

    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "partition", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "rule", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "class", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "units", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "found", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "share", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "mean_margin", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "taken_for", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < w->sets; i++) {
        const cluster_set *s = &w->set[i];

        for (int rule = 0; rule < 2; rule++) {
            if (!s->recovery[rule])
                continue;
            for (size_t q = 0; q < s->given[0].words; q++)
                put_class(t, s, rule, q);
            vmap_report_note(t, "Set %s, %s: %.3f of %zu units are found again (mean over classes %.3f); who "
                                "always says the commonest class gets %.3f%s.",
                             s->name, RULES[rule], s->recovery[rule]->accuracy, s->recovery[rule]->count,
                             s->recovery[rule]->balanced, s->recovery[rule]->chance,
                             s->recovery[rule]->alone ? "; classes of one unit are not tested" : "");
        }
    }
    vmap_report_note(t, "Each unit is left out in turn and placed by the others. taken_for: the class that "
                        "its lost units are taken for most often.");
}

static void add_margins(vmap_report *r, const cluster_work *w)
{
    vmap_report_table *t = vmap_report_add(r, "zone_margins", "How clearly each unit belongs to its group");

    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "unit", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "rule", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "class", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "found", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "second", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "own", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "margin", VMAP_CELL_NUMBER, 3);
    for (size_t i = 0; i < w->sets; i++) {
        const cluster_set *s = &w->set[i];
        const cluster_given *g = s->givens ? &s->given[0] : NULL;

        for (int rule = 0; rule < 2; rule++) {
            const vmap_recovery *rec = s->recovery[rule];

            for (size_t u = 0; rec && u < s->n; u++) {
                if (!rec->tested[u])
                    continue;
                vmap_report_text(t, s->name);
                vmap_report_text(t, s->label[u]);
                vmap_report_text(t, RULES[rule]);
                vmap_report_text(t, g->word[g->label[u]]);
                vmap_report_text(t, g->word[rec->unit[u].found]);
                vmap_report_text(t, g->word[rec->unit[u].second]);
                vmap_report_number(t, rec->unit[u].own);
                vmap_report_number(t, rec->unit[u].margin);
            }
        }
    }
    vmap_report_note(t, "own: distance to the centre of the unit's own class, made without the unit (nearest "
                        "centroid), or its posterior probability (linear discriminant). margin: by how much the "
                        "own class beats the best other one; negative when it is lost.");
}

void table_zone_recovery(vmap_report *r, const cluster_work *w)
{
    bool any = false;

    for (size_t i = 0; i < w->sets; i++)
        any |= w->set[i].recovery[0] || w->set[i].recovery[1];
    if (!any)
        return;
    add_recovery(r, w);
    add_margins(r, w);
}

/* ---- trees ---- */

static void put_node(vmap_report_table *t, const cluster_set *s, size_t node)
{
    char text[32];

    if (node < s->n) {
        vmap_report_text(t, s->label[node]);
        return;
    }
    snprintf(text, sizeof text, "(%zu)", node - s->n + 1);
    vmap_report_text(t, text);
}

void table_tree(vmap_report *r, const cluster_work *w)
{
    vmap_report_table *t;

    if (!w->method->is_tree)
        return;
    t = vmap_report_add(r, "tree", "The tree, merge by merge");
    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "merge", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "left", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "right", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "height", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "clusters", VMAP_CELL_COUNT, 0);
    for (size_t i = 0; i < w->sets; i++) {
        const cluster_set *s = &w->set[i];

        for (size_t m = 0; s->tree && m + 1 < s->n; m++) {
            vmap_report_text(t, s->name);
            vmap_report_count(t, m + 1);
            put_node(t, s, s->tree->merge[m][0]);
            put_node(t, s, s->tree->merge[m][1]);
            vmap_report_number(t, s->tree->height[m]);
            vmap_report_count(t, s->n - m - 1);
        }
    }
    vmap_report_note(t, "left, right: a unit, or (m) for what merge m made. clusters: how many there are "
                        "after the merge.");
}
