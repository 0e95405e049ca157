#include <config.h>
#include "cli/clusters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/text.h"

/* The tables of `valuemap cluster` that lay two sets side by side: clusters of personas against clusters of
 * countries and zones. */

/* Units of a cluster that are compared pair by pair: of more every m-th. Centres and covariances are of all. */
enum { CLOUD_MOST = 400 };

bool clusters_are_comparable(const cluster_work *w)
{
    const cluster_set *h = &w->set[0], *p = &w->set[1];

    return w->sets == 2 && p->target && h->points && p->points && h->points->size2 == p->points->size2;
}

/* ---- clouds ---- */

void clusters_free_side(cluster_side *s)
{
    for (size_t c = 0; c < s->count; c++) {
        if (s->cloud && s->cloud[c] != s->whole[c])
            gsl_matrix_free(s->cloud[c]);
        if (s->whole)
            gsl_matrix_free(s->whole[c]);
        if (s->name)
            free(s->name[c]);
    }
    free(s->cloud);
    free(s->whole);
    free(s->name);
    free(s->share);
}

/* Points of every step-th unit; their numbers where only distances are known. */
static gsl_matrix *gather(const cluster_set *set, const size_t *label, size_t of, size_t size, size_t step)
{
    size_t seen = 0, n = 0, d = set->points ? set->points->size2 : 1;
    gsl_matrix *x = size ? memory_matrix((size + step - 1) / step, d, NULL) : NULL;

    for (size_t i = 0; x && i < set->n; i++) {
        if (label[i] != of || seen++ % step)
            continue;
        for (size_t j = 0; j < d; j++)
            gsl_matrix_set(x, n, j, set->points ? gsl_matrix_get(set->points, i, j) : (double)i);
        n++;
    }
    return x;
}

/* The groups that a labelling of the units makes; empty ones are left out. `word` NULL: numbered clusters. */
static bool make_side(const cluster_set *set, const size_t *label, size_t labels, char *const *word, cluster_side *s)
{
    size_t all = 0;

    *s = (cluster_side){0};
    s->cloud = memory_new(labels, sizeof *s->cloud, NULL);
    s->whole = memory_new(labels, sizeof *s->whole, NULL);
    s->name = memory_new(labels, sizeof *s->name, NULL);
    s->share = memory_new(labels, sizeof *s->share, NULL);
    if (!s->cloud || !s->whole || !s->name || !s->share)
        return false;
    for (size_t q = 0; q < labels; q++) {
        size_t size = 0, step;

        for (size_t i = 0; i < set->n; i++)
            size += label[i] == q;
        if (size == 0)
            continue;
        step = (size + CLOUD_MOST - 1) / CLOUD_MOST;
        s->whole[s->count] = gather(set, label, q, size, 1);
        s->cloud[s->count] = step > 1 ? gather(set, label, q, size, step) : s->whole[s->count];
        s->name[s->count] = word ? text_copy(word[q], strlen(word[q])) : text_format("%zu", q + 1);
        s->share[s->count] = (double)size;
        all += size;
        if (!s->cloud[s->count++] || !s->whole[s->count - 1] || !s->name[s->count - 1])
            return false;
    }
    for (size_t c = 0; c < s->count; c++)
        s->share[c] /= (double)all;
    return s->count > 0;
}

bool clusters_side(const cluster_set *set, cluster_side *s)
{
    return make_side(set, set->partition->cluster, set->partition->k, NULL, s);
}

bool clusters_zones_side(const cluster_set *set, cluster_side *s)
{
    return clusters_given_side(set, "zone", s);
}

bool clusters_given_side(const cluster_set *set, const char *name, cluster_side *s)
{
    const cluster_given *given = clusters_given(set, name);

    *s = (cluster_side){0};
    return given && make_side(set, given->label, given->words, given->word, s);
}

/* ---- distances ---- */

/* What a table of distances is made of: clouds of one partition and of another one. */
typedef struct {
    const cluster_side *from, *to;
    const char *of, *kind;      /* names of the partitions */
    const gsl_matrix *between;  /* where there are no points; else NULL */
    bool within;                /* both are one: each pair once */
} comparison;

static void put_distances(vmap_report_table *t, const cluster_work *w, const comparison *c,
                          const vmap_cluster_distance *d)
{
    const cluster_side *from = c->from, *to = c->to;
    gsl_matrix *const *left = d->uses_centre ? from->whole : from->cloud;
    gsl_matrix *const *right = d->uses_centre ? to->whole : to->cloud;
    vmap_cluster_distance_options o;
    vmap_distance_matrix *m = NULL;
    vmap_error why = {0};

    vmap_cluster_distance_defaults(&o);
    o.replicates = w->settings->resamples >= 0 ? (size_t)w->settings->resamples : 200;
    if (w->settings->study.seed)
        o.seed = (uint64_t)w->settings->study.seed;
    o.threads = (unsigned)w->settings->study.threads;
    o.between = c->between;
    if (vmap_cluster_distance_matrix(d, (const gsl_matrix *const *)left, from->count,
                                     (const gsl_matrix *const *)right, to->count, &o, &m, &why)) {
        vmap_report_note(t, "No %s between %s and %s: %s.", d->name, c->of, c->kind, why.message);
        return;
    }
    for (size_t i = 0; i < from->count; i++) {
        for (size_t j = c->within ? i + 1 : 0; j < to->count; j++) {
            vmap_report_text(t, from->name[i]);
            vmap_report_text(t, c->kind);
            vmap_report_text(t, to->name[j]);
            vmap_report_text(t, d->name);
            vmap_report_number(t, gsl_matrix_get(m->value, i, j));
            vmap_report_number(t, gsl_matrix_get(m->low, i, j));
            vmap_report_number(t, gsl_matrix_get(m->high, i, j));
            vmap_report_count(t, left[i]->size1);
            vmap_report_count(t, right[j]->size1);
            vmap_report_text(t, c->of);
        }
    }
    vmap_distance_matrix_free(m);
}

static vmap_report_table *add_distances(vmap_report *r, const char *title)
{
    vmap_report_table *t = vmap_report_add(r, "cluster_distance", title);

    vmap_report_column(t, "cluster", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "kind", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "to", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "distance", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "value", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "low", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "high", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "units", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "units_to", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "of", VMAP_CELL_TEXT, 0);
    return t;
}

static const char distances_note[] =
    "low, high: 95 %% percentile interval of a bootstrap of the units; distances that use the shape are "
    "biased upwards, their intervals can lie above the value. NA: not defined, as for clusters "
    "with too few units%s. units: that the distance is measured by: all for centres and covariances, at most %d "
    "(every m-th) where units are compared pair by pair.";

void clusters_note_weights(vmap_report_table *t, const cluster_work *w)
{
    const char *kind = w->settings->unit_weights;

    if (kind && strcmp(kind, "none") != 0)
        vmap_report_note(t, "Every unit counts once here: --unit-weights enters the clusters and the indices of their "
                            "number alone.");
}

void table_cluster_distance(vmap_report *r, const cluster_work *w)
{
    vmap_report_table *t;
    cluster_side personas = {0}, clusters = {0}, zones = {0};

    if (!clusters_are_comparable(w))
        return;
    t = add_distances(r, "Distances of persona clusters from clusters of countries and zones");
    if (clusters_side(&w->set[1], &personas)) {
        bool have_clusters = clusters_side(&w->set[0], &clusters), have_zones = clusters_zones_side(&w->set[0], &zones);
        comparison to_clusters = {&personas, &clusters, "cluster", "cluster", NULL, false};
        comparison to_zones = {&personas, &zones, "cluster", "zone", NULL, false};

        for (size_t d = 0; d < vmap_cluster_distances_count; d++) {
            if (have_clusters)
                put_distances(t, w, &to_clusters, &vmap_cluster_distances[d]);
            if (have_zones)
                put_distances(t, w, &to_zones, &vmap_cluster_distances[d]);
        }
    }
    vmap_report_note(t, "cluster: of personas; to: a cluster of countries (kind cluster) or a cultural zone.");
    vmap_report_note(t, distances_note, "", CLOUD_MOST);
    clusters_note_weights(t, w);
    clusters_free_side(&personas);
    clusters_free_side(&clusters);
    clusters_free_side(&zones);
}

/* ---- distances between any two partitions ---- */

/* Which sets the two words of --between name: the first of personas (or the only set), the second of people. */
static const cluster_set *set_between(const cluster_work *w, unsigned word)
{
    return word > 0 ? &w->set[0] : &w->set[w->sets - 1];
}

bool clusters_between_side(const cluster_work *w, unsigned word, cluster_side *s)
{
    const cluster_set *set = set_between(w, word);
    const char *name = w->settings->between.words[word < w->settings->between.count ? word : 0];

    if (word >= w->settings->between.count)
        set = set_between(w, 0);
    return strcmp(name, "cluster") == 0 ? clusters_side(set, s) : clusters_given_side(set, name, s);
}

static vmap_status check_word(const cluster_set *set, const char *word, vmap_error *err)
{
    char *known;
    vmap_status status;

    if (strcmp(word, "cluster") == 0 || clusters_given(set, word))
        return VMAP_SUCCESS;
    known = text_copy("cluster", 7);
    for (size_t g = 0; known && g < set->givens; g++) {
        char *longer = text_format("%s, %s", known, set->given[g].name);

        free(known);
        known = longer;
    }
    status = vmap_error_set(err, VMAP_EINVAL, "between: the units of set %s have no '%s'; they have %s", set->name,
                            word, known ? known : "cluster");
    free(known);
    return status;
}

static bool is_asked(const cluster_settings *s, const vmap_cluster_distance *d, bool points)
{
    const char *usual = points ? "centroid mahalanobis energy" : "average energy hausdorff";

    for (unsigned i = 0; i < s->distance.count; i++) {
        if (strcmp(s->distance.words[i], d->name) == 0 || strcmp(s->distance.words[i], "all") == 0)
            return true;
    }
    return s->distance.count == 0 && strstr(usual, d->name);
}

vmap_status clusters_check_between(const cluster_work *w, vmap_error *err)
{
    const cluster_settings *s = w->settings;
    const cluster_set *from = set_between(w, 0), *to = set_between(w, s->between.count - 1);
    const vmap_cluster_distance *found;
    vmap_status status = check_word(from, s->between.words[0], err);

    if (!status && s->between.count > 1)
        status = check_word(to, s->between.words[1], err);
    if (!status && from != to && (!from->points || !to->points || from->points->size2 != to->points->size2))
        status = vmap_error_set(err, VMAP_EDATA, "sets %s and %s do not have the same axes", from->name, to->name);
    for (unsigned i = 0; !status && i < s->distance.count; i++) {
        if (strcmp(s->distance.words[i], "all") == 0)
            continue;
        status = vmap_cluster_distance_find(s->distance.words[i], &found, err);
        if (!status && found->uses_centre && !from->points)
            status = vmap_error_set(err, VMAP_EINVAL,
                                    "distance: %s needs points; a matrix of distances has energy, mmd, w2, "
                                    "hausdorff, single, complete and average",
                                    found->name);
    }
    if (status == VMAP_ENOENT && err)
        err->status = VMAP_EINVAL;
    return status == VMAP_ENOENT ? VMAP_EINVAL : status;
}

void table_between(vmap_report *r, const cluster_work *w)
{
    const word_list *words = &w->settings->between;
    const cluster_set *from = set_between(w, 0), *to = set_between(w, words->count - 1);
    cluster_side left = {0}, right = {0};
    bool within = words->count == 1;
    comparison c = {&left, within ? &left : &right, words->words[0], words->words[words->count - 1], NULL, within};
    vmap_report_table *t = add_distances(r, "Distances of clusters");

    if (!from->points)
        c.between = from->dissimilarity;
    if (clusters_between_side(w, 0, &left) && (within || clusters_between_side(w, 1, &right))) {
        for (size_t d = 0; d < vmap_cluster_distances_count; d++) {
            if (is_asked(w->settings, &vmap_cluster_distances[d], from->points != NULL))
                put_distances(t, w, &c, &vmap_cluster_distances[d]);
        }
    }
    vmap_report_note(t, "cluster: which %s of set %s; to: which %s of set %s.", c.of, from->name, c.kind,
                     words->count == 1 ? from->name : to->name);
    vmap_report_note(t, distances_note, from->points ? "" : ", or where only distances are known", CLOUD_MOST);
    clusters_note_weights(t, w);
    clusters_free_side(&left);
    clusters_free_side(&right);
}

/* ---- matching ---- */

double clusters_centre_distance(const gsl_matrix *a, const gsl_matrix *b)
{
    double squares = 0;

    for (size_t j = 0; j < a->size2; j++) {
        double d = 0;

        for (size_t i = 0; i < a->size1; i++)
            d += gsl_matrix_get(a, i, j) / (double)a->size1;
        for (size_t i = 0; i < b->size1; i++)
            d -= gsl_matrix_get(b, i, j) / (double)b->size1;
        squares += d * d;
    }
    return sqrt(squares);
}

static void put_match(vmap_report_table *t, const char *kind, const char *to_kind, const char *from,
                      const char *to, double mass, double distance)
{
    vmap_report_text(t, kind);
    vmap_report_text(t, from ? from : "");
    vmap_report_text(t, to_kind);
    vmap_report_text(t, to ? to : "");
    vmap_report_number(t, mass);
    vmap_report_number(t, distance);
}

static void put_assignment(vmap_report_table *t, const char *to_kind, const gsl_matrix *cost, const cluster_side *from,
                           const cluster_side *to)
{
    size_t *match = memory_new(from->count, sizeof *match, NULL);
    bool *taken = memory_new(to->count, sizeof *taken, NULL);
    double total;

    if (match && taken && !vmap_match_assign(cost, match, &total, NULL)) {
        for (size_t i = 0; i < from->count; i++) {
            bool has = match[i] != SIZE_MAX;

            put_match(t, "assignment", to_kind, from->name[i], has ? to->name[match[i]] : NULL, NAN,
                      has ? gsl_matrix_get(cost, i, match[i]) : NAN);
            if (has)
                taken[match[i]] = true;
        }
        for (size_t j = 0; j < to->count; j++) {
            if (!taken[j])
                put_match(t, "assignment", to_kind, NULL, to->name[j], NAN, NAN);
        }
        vmap_report_note(t, "assignment to %ss: sum of distances %.3f.", to_kind, total);
    }
    free(match);
    free(taken);
}

static void put_transport(vmap_report_table *t, const char *to_kind, const gsl_matrix *cost, const cluster_side *from,
                          const cluster_side *to)
{
    gsl_matrix *flow = memory_matrix(from->count, to->count, NULL);
    double total;

    if (flow && !vmap_match_transport(cost, from->share, to->share, flow, &total, NULL)) {
        for (size_t i = 0; i < from->count; i++) {
            for (size_t j = 0; j < to->count; j++) {
                if (gsl_matrix_get(flow, i, j) > 0)
                    put_match(t, "transport", to_kind, from->name[i], to->name[j],
                              gsl_matrix_get(flow, i, j), gsl_matrix_get(cost, i, j));
            }
        }
        vmap_report_note(t, "transport to %ss: the masses move %.3f on average.", to_kind, total);
    }
    gsl_matrix_free(flow);
}

static void match_sides(vmap_report_table *t, const char *to_kind, const cluster_side *from, const cluster_side *to)
{
    gsl_matrix *cost = memory_matrix(from->count, to->count, NULL);

    for (size_t i = 0; cost && i < from->count; i++) {
        for (size_t j = 0; j < to->count; j++)
            gsl_matrix_set(cost, i, j, clusters_centre_distance(from->whole[i], to->whole[j]));
    }
    if (cost) {
        put_assignment(t, to_kind, cost, from, to);
        put_transport(t, to_kind, cost, from, to);
    }
    gsl_matrix_free(cost);
}

void table_matching(vmap_report *r, const cluster_work *w)
{
    vmap_report_table *t;
    cluster_side personas = {0}, clusters = {0}, zones = {0};

    if (!clusters_are_comparable(w))
        return;
    t = vmap_report_add(r, "matching", "Which cluster of personas corresponds to which of people");
    vmap_report_column(t, "kind", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "from", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "to_kind", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "to", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "mass", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "distance", VMAP_CELL_NUMBER, 3);
    if (clusters_side(&w->set[1], &personas)) {
        if (clusters_side(&w->set[0], &clusters))
            match_sides(t, "cluster", &personas, &clusters);
        if (clusters_zones_side(&w->set[0], &zones))
            match_sides(t, "zone", &personas, &zones);
    }
    vmap_report_note(t, "assignment: one to one with the least sum of distances of centres; an empty cell: unmatched. "
                        "transport: where the shares of the units go at the least cost; mass: share of all.");
    clusters_note_weights(t, w);
    clusters_free_side(&personas);
    clusters_free_side(&clusters);
    clusters_free_side(&zones);
}

/* ---- confusion ---- */

/* The nearest zone by centres, of each persona unit. */
static bool find_nearest(const cluster_work *w, const cluster_side *zones, size_t *nearest)
{
    const cluster_set *p = &w->set[1];
    gsl_matrix *one = memory_matrix(1, p->points->size2, NULL);

    for (size_t i = 0; one && i < p->n; i++) {
        double least = INFINITY;

        for (size_t j = 0; j < p->points->size2; j++)
            gsl_matrix_set(one, 0, j, gsl_matrix_get(p->points, i, j));
        for (size_t z = 0; z < zones->count; z++) {
            double d = clusters_centre_distance(one, zones->whole[z]);

            if (d < least) {
                least = d;
                nearest[i] = z;
            }
        }
    }
    gsl_matrix_free(one);
    return one != NULL;
}

/* Units of a label, and of these those nearest to a zone. */
typedef struct {
    size_t of, units;
} tally;

static tally count_nearest(const size_t *label, size_t n, size_t of, const size_t *nearest, size_t zone)
{
    tally c = {0, 0};

    for (size_t i = 0; i < n; i++) {
        c.of += label[i] == of;
        c.units += label[i] == of && nearest[i] == zone;
    }
    return c;
}

static void put_tally(vmap_report_table *t, const char *nearest, tally c)
{
    vmap_report_text(t, nearest);
    vmap_report_count(t, c.units);
    vmap_report_number(t, c.of ? (double)c.units / (double)c.of : NAN);
}

static void put_zones(vmap_report *r, const cluster_work *w, const cluster_given *own, const cluster_side *zones,
                      const size_t *nearest)
{
    vmap_report_table *t = vmap_report_add(r, "confusion", "Zone of the country meant and nearest zone");
    const cluster_set *p = &w->set[1];
    size_t hits = 0, all = 0;

    vmap_report_column(t, "zone", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "nearest", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "units", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "share", VMAP_CELL_NUMBER, 3);
    for (size_t q = 0; q < own->words; q++) {
        for (size_t z = 0; z < zones->count; z++) {
            tally c = count_nearest(own->label, p->n, q, nearest, z);

            all += c.units;
            hits += strcmp(own->word[q], zones->name[z]) == 0 ? c.units : 0;
            vmap_report_text(t, own->word[q]);
            put_tally(t, zones->name[z], c);
        }
    }
    vmap_report_note(t, "zone: of the country that the persona is meant to be from; nearest: by the centre of the zone's "
                        "countries; share: of the zone's personas. %zu of %zu are nearest to their own zone.",
                     hits, all);
}

/* The same by country: only zones that are the nearest one of some unit. */
static void put_countries(vmap_report *r, const cluster_work *w, const cluster_side *zones, const size_t *nearest)
{
    vmap_report_table *t = vmap_report_add(r, "country_confusion", "Country meant and nearest zone");
    const cluster_set *h = &w->set[0], *p = &w->set[1];
    const cluster_given *zone = clusters_given(h, "zone");

    vmap_report_column(t, "country", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "zone", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "nearest", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "units", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "share", VMAP_CELL_NUMBER, 3);
    for (size_t c = 0; c < h->n; c++) {
        for (size_t z = 0; z < zones->count; z++) {
            tally found = count_nearest(p->target, p->n, c, nearest, z);

            if (!found.units)
                continue;
            vmap_report_text(t, h->label[c]);
            vmap_report_text(t, zone->label[c] == VMAP_CLUSTER_NONE ? "" : zone->word[zone->label[c]]);
            put_tally(t, zones->name[z], found);
        }
    }
    vmap_report_note(t, "country: that the persona is meant to be from, zone: its zone; nearest: by the centre of the zone's "
                        "countries; share: of the country's personas.");
}

void table_confusion(vmap_report *r, const cluster_work *w)
{
    cluster_side zones = {0};
    const cluster_given *own = clusters_are_comparable(w) ? clusters_given(&w->set[1], "zone") : NULL;
    size_t *nearest = own ? memory_new(w->set[1].n, sizeof *nearest, NULL) : NULL;

    if (nearest && clusters_zones_side(&w->set[0], &zones) && find_nearest(w, &zones, nearest)) {
        put_zones(r, w, own, &zones, nearest);
        put_countries(r, w, &zones, nearest);
    }
    free(nearest);
    clusters_free_side(&zones);
}

/* ---- maps and trees ---- */

/* Labels of a persona unit but that of the country: one series is one map of personas. Fresh memory. */
static char *series_of(const cluster_work *w, size_t i)
{
    const cluster_set *p = &w->set[1];
    const vmap_groups *g = w->map->persona.groups;
    char *series = NULL;

    for (size_t c = 0; c < g->columns; c++) {
        const cluster_given *given = clusters_given(p, g->names[c]);
        char *longer;

        if (c == w->map->persona.target_column || !given || given->label[i] == VMAP_CLUSTER_NONE)
            continue;
        longer = text_format("%s%s%s", series ? series : "", series ? " / " : "", given->word[given->label[i]]);
        free(series);
        series = longer;
    }
    return series ? series : text_copy("all", 3);
}

void clusters_free_series(cluster_series *s)
{
    free(s->name);
    free(s->unit);
    vmap_map_match_free(s->match);
    vmap_tree_free(s->human_tree);
    vmap_tree_free(s->persona_tree);
}

static bool grow(const gsl_matrix *x, vmap_linkage linkage, vmap_tree **tree)
{
    vmap_units u = {.points = x};

    return !vmap_cluster_tree(&u, linkage, 1, tree, NULL) && !vmap_tree_arrange(*tree, &u, NULL);
}

/* Lay the map and the tree of one series beside those of its countries. */
static void compare_series(const cluster_work *w, cluster_series *s)
{
    const cluster_set *h = &w->set[0], *p = &w->set[1];
    size_t d = h->points->size2;
    gsl_matrix *human = memory_matrix(s->n, d, NULL), *persona = memory_matrix(s->n, d, NULL);
    vmap_linkage linkage = VMAP_WARD;
    vmap_permutation_options o;

    vmap_permutation_defaults(&o);
    o.permutations = w->settings->permutations >= 0 ? (size_t)w->settings->permutations : 999;
    if (w->settings->study.seed)
        o.seed = (uint64_t)w->settings->study.seed;
    o.threads = (unsigned)w->settings->study.threads;
    if (w->method->is_tree)
        vmap_linkage_find(w->method->name, &linkage, NULL);
    for (size_t i = 0; human && persona && i < s->n; i++) {
        for (size_t j = 0; j < d; j++) {
            gsl_matrix_set(human, i, j, gsl_matrix_get(h->points, p->target[s->unit[i]], j));
            gsl_matrix_set(persona, i, j, gsl_matrix_get(p->points, s->unit[i], j));
        }
    }
    if (human && persona && vmap_match_maps(human, persona, &o, &s->match, NULL) == VMAP_SUCCESS &&
        grow(human, linkage, &s->human_tree) && grow(persona, linkage, &s->persona_tree) &&
        !vmap_match_untangle(s->human_tree, s->persona_tree, NULL))
        s->has_trees = !vmap_match_trees(s->human_tree, s->persona_tree, &s->trees, NULL);
    gsl_matrix_free(human);
    gsl_matrix_free(persona);
}

vmap_status clusters_compare(cluster_work *w, vmap_error *err)
{
    const cluster_set *h = &w->set[0], *p = &w->set[1];
    bool rows = w->settings->unit && strcmp(w->settings->unit, "respondents") == 0;

    if (!clusters_are_comparable(w) || rows || w->map->persona.target_column >= w->map->persona.groups->columns)
        return VMAP_SUCCESS;
    w->series = memory_new(p->n, sizeof *w->series, err);
    if (!w->series)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < p->n; i++) {
        char *name = p->target[i] < h->n ? series_of(w, i) : NULL;
        size_t q = 0;

        while (name && q < w->series_count && strcmp(w->series[q].name, name) != 0)
            q++;
        if (name && q == w->series_count) {
            w->series[q].name = text_copy(name, strlen(name));
            w->series[q].unit = memory_new(p->n, sizeof *w->series[q].unit, err);
            w->series_count++;
            if (!w->series[q].name || !w->series[q].unit) {
                free(name);
                return VMAP_ENOMEM;
            }
        }
        if (name)
            w->series[q].unit[w->series[q].n++] = i;
        free(name);
    }
    for (size_t q = 0; q < w->series_count; q++) {
        if (w->series[q].n >= 4)
            compare_series(w, &w->series[q]);
    }
    return VMAP_SUCCESS;
}

void table_map_match(vmap_report *r, const cluster_work *w)
{
    static const char *const columns[] = {"scale", "spread", "degrees", "correlation", "correlation_p", "mantel", "mantel_p",
                                          "baker", "cophenetic", "foulds", "entanglement"};
    vmap_report_table *t;

    if (!w->series_count)
        return;
    t = vmap_report_add(r, "map_match", "The map and the tree of the personas beside those of people");
    vmap_report_column(t, "series", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "countries", VMAP_CELL_COUNT, 0);
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        vmap_report_column(t, columns[c], VMAP_CELL_NUMBER, c == 2 ? 1 : 3);
    vmap_report_column(t, "mirrored", VMAP_CELL_TEXT, 0);
    for (size_t q = 0; q < w->series_count; q++) {
        const cluster_series *s = &w->series[q];
        const vmap_map_match *m = s->match;
        const double value[] = {m ? m->scale : NAN, m ? m->spread : NAN, m ? m->degrees : NAN,
                                m ? m->protest.value : NAN, m ? m->protest.p : NAN, m ? m->mantel.value : NAN,
                                m ? m->mantel.p : NAN, s->has_trees ? s->trees.baker : NAN,
                                s->has_trees ? s->trees.cophenetic : NAN, s->has_trees ? s->trees.foulds : NAN,
                                s->has_trees ? s->trees.entanglement : NAN};

        vmap_report_text(t, s->name);
        vmap_report_count(t, s->n);
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
            vmap_report_number(t, value[c]);
        vmap_report_text(t, m ? m->mirrored ? "yes" : "no" : "");
    }
    vmap_report_note(t, "The human map of the same countries is shifted, turned by `degrees`, mirrored if need be, and "
                        "multiplied by `scale` to fit the personas; spread: ratio of the extents, below 1 drawn together. "
                        "correlation, mantel: of the maps and of the distances, with permutation p. baker, cophenetic: "
                        "correlations of the trees; foulds: share of clades that only one tree has; entanglement: of the "
                        "untangled drawing, 0 none. NA: fewer than four countries.");
}

void table_drift(vmap_report *r, const cluster_work *w)
{
    const cluster_set *h = &w->set[0], *p = &w->set[1];
    vmap_report_table *t;

    if (!w->series_count)
        return;
    t = vmap_report_add(r, "drift", "From the country's people to its personas");
    vmap_report_column(t, "series", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "country", VMAP_CELL_TEXT, 0);
    for (size_t j = 0; j < h->at->size2; j++) {
        char *human = text_format("%s_human", h->axis[j]), *persona = text_format("%s_persona", h->axis[j]);
        char *fitted = text_format("%s_fitted", h->axis[j]);

        vmap_report_column(t, human ? human : "human", VMAP_CELL_NUMBER, 3);
        vmap_report_column(t, persona ? persona : "persona", VMAP_CELL_NUMBER, 3);
        vmap_report_column(t, fitted ? fitted : "fitted", VMAP_CELL_NUMBER, 3);
        free(human);
        free(persona);
        free(fitted);
    }
    vmap_report_column(t, "length", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "residual", VMAP_CELL_NUMBER, 3);
    for (size_t q = 0; q < w->series_count; q++) {
        const cluster_series *s = &w->series[q];

        for (size_t i = 0; i < s->n; i++) {
            size_t u = s->unit[i], c = p->target[u];
            double squares = 0;

            vmap_report_text(t, s->name);
            vmap_report_text(t, h->label[c]);
            for (size_t j = 0; j < h->at->size2; j++) {
                double from = gsl_matrix_get(h->points, c, j), to = gsl_matrix_get(p->points, u, j);

                vmap_report_number(t, from);
                vmap_report_number(t, to);
                vmap_report_number(t, s->match ? gsl_matrix_get(s->match->fitted, i, j) : NAN);
                squares += (to - from) * (to - from);
            }
            vmap_report_number(t, sqrt(squares));
            vmap_report_number(t, s->match ? gsl_vector_get(s->match->residual, i) : NAN);
        }
    }
    vmap_report_note(t, "_fitted: where the personas would be if they differed from people by one shift, turn and scale "
                        "for all; residual: their distance from there; length: their distance from the country.");
}
