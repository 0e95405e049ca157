#include <config.h>
#include "cli/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/tables_internal.h"
#include "cli/columns.h"
#include "core/memory.h"

static const char *const NEAREST_NOTE =
    "Euclidean distance in map units; low and high: 95 % percentile interval of the bootstrap; "
    "selected: share of bootstrap replicates in which this one is the nearest; mahalanobis: in "
    "standard deviations of persons within countries.";

static void put_neighbour(vmap_report_table *t, const vmap_neighbour *n)
{
    vmap_report_number(t, n->distance);
    vmap_report_number(t, n->selected);
    vmap_report_number(t, n->low);
    vmap_report_number(t, n->high);
    vmap_report_number(t, n->mahalanobis);
}

static void neighbour_columns(vmap_report_table *t)
{
    vmap_report_column(t, "distance", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "selected", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "low", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "high", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "mahalanobis", VMAP_CELL_NUMBER, 3);
}

/* The m nearest reference points of every persona group. */
static void put_nearest(vmap_report_table *t, const analysis *a, const vmap_reference *reference,
                        size_t count, size_t m, bool countries)
{
    const vmap_groups *g = a->persona.groups;
    vmap_neighbour *near = memory_new(count, sizeof *near, NULL);

    for (size_t i = 0; near && i < g->count; i++) {
        if (g->group[i].n == 0 || vmap_groups_nearest(&g->group[i], reference, count,
                                                      a->references->within_inverse, m, near, NULL))
            continue;
        for (size_t q = 0; q < m && q < count; q++) {
            const vmap_reference *to = &reference[near[q].reference];

            table_put_labels(t, g, i);
            vmap_report_count(t, near[q].rank);
            vmap_report_text(t, to->label);
            put_neighbour(t, &near[q]);
            if (countries) {
                vmap_report_text(t, to->name);
                vmap_report_text(t, to->zone);
            }
        }
    }
    free(near);
}

void table_nearest(vmap_report *r, const analysis *a)
{
    vmap_report_table *t;

    if (!a->persona.groups || !a->references->countries)
        return;
    t = vmap_report_add(r, "nearest", "Nearest countries of each group");
    table_group_columns(t, a->persona.groups);
    vmap_report_column(t, "rank", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "country", VMAP_CELL_TEXT, 0);
    neighbour_columns(t);
    vmap_report_column(t, "name", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "zone", VMAP_CELL_TEXT, 0);
    put_nearest(t, a, a->references->country, a->references->countries, (size_t)a->study->nearest,
                true);
    vmap_report_note(t, "%s", NEAREST_NOTE);
}

void table_zones(vmap_report *r, const analysis *a)
{
    vmap_report_table *t;

    if (!a->persona.groups || !a->references->zones)
        return;
    t = vmap_report_add(r, "zones", "Distances of each group to the centres of the cultural zones");
    table_group_columns(t, a->persona.groups);
    vmap_report_column(t, "rank", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "zone", VMAP_CELL_TEXT, 0);
    neighbour_columns(t);
    put_nearest(t, a, a->references->zone, a->references->zones, a->references->zones, false);
    vmap_report_note(t, "%s", NEAREST_NOTE);
    vmap_report_note(
        t, "Zones of edition %s; a centre is the unweighted mean of the zone's countries.",
        a->countries->edition);
}

void table_distances(vmap_report *r, const analysis *a)
{
    const vmap_groups *g = a->persona.groups;
    vmap_report_table *t;

    if (!g || !a->references->countries)
        return;
    t = vmap_report_add(r, "distances", "Distance of each group to every country and zone");
    table_group_columns(t, g);
    vmap_report_column(t, "kind", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "reference", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "distance", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "mahalanobis", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "name", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < g->count; i++) {
        size_t countries = a->references->countries, all = countries + a->references->zones;

        for (size_t q = 0; g->group[i].n && q < all; q++) {
            const vmap_reference *to =
                q < countries ? &a->references->country[q] : &a->references->zone[q - countries];
            const gsl_matrix *inverse = a->references->within_inverse;

            table_put_labels(t, g, i);
            vmap_report_text(t, q < countries ? "country" : "zone");
            vmap_report_text(t, to->label);
            vmap_report_number(t, vmap_distance_euclidean(g->group[i].mean, to->at));
            vmap_report_number(
                t, inverse ? vmap_distance_mahalanobis(g->group[i].mean, to->at, inverse) : NAN);
            vmap_report_text(t, to->name);
        }
    }
}

static void put_target(vmap_report_table *t, const analysis *a, size_t i)
{
    const vmap_groups *g = a->persona.groups;
    const vmap_references *refs = a->references;
    vmap_target *target = NULL;
    vmap_neighbour nearest;

    if (g->group[i].n == 0 ||
        vmap_target_new(&g->group[i], refs, a->persona.target[i], &target, NULL))
        return;
    table_put_labels(t, g, i);
    vmap_report_text(t, g->group[i].labels[a->persona.target_column]);
    if (target->reference < refs->countries) {
        vmap_report_number(t, target->to.distance);
        vmap_report_count(t, target->to.rank);
        vmap_report_count(t, refs->countries);
        vmap_report_number(t, target->to.selected);
        vmap_report_number(t, target->to.low);
        vmap_report_number(t, target->to.high);
        vmap_report_number(t, target->to.mahalanobis);
    } else {
        for (int q = 0; q < 7; q++)
            vmap_report_missing(t);
    }
    vmap_report_number(t, target->same_items);
    table_put_vector(t, target->difference);
    table_put_vector(t, g->group[i].share);
    if (vmap_groups_nearest(&g->group[i], refs->country, refs->countries, NULL, 1, &nearest, NULL))
        vmap_report_missing(t);
    else
        vmap_report_text(t, refs->country[nearest.reference].label);
    vmap_report_text(t, target->reference < refs->countries ? refs->country[target->reference].name
                                                            : "no position in this space");
    vmap_target_free(target);
}

void table_target(vmap_report *r, const analysis *a)
{
    const vmap_groups *g = a->persona.groups;
    vmap_report_table *t;

    if (!g || a->persona.target_column == g->columns || !a->references->countries)
        return;
    t = vmap_report_add(r, "target", "Each group and the country that it is meant to be");
    table_group_columns(t, g);
    vmap_report_column(t, "target", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "distance", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "rank", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "of", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "selected", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "low", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "high", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "mahalanobis", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "distance_same_items", VMAP_CELL_NUMBER, 3);
    table_axis_columns(t, a->space, "_difference", 3);
    table_axis_columns(t, a->space, "_share", 2);
    vmap_report_column(t, "nearest", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "target_name", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < g->count; i++)
        put_target(t, a, i);
    vmap_report_note(t,
                     "rank: place of the target among the %zu countries, nearest first; "
                     "_difference: group minus target.",
                     a->references->countries);
    vmap_report_note(
        t, "_share: part of the score's variance that the answered items explain; below 1 "
           "the distance includes what the missing items do. distance_same_items: to the "
           "target as the same items give its position, free of that; NA where the space "
           "does not know the target's item means.");
    vmap_report_note(t, "%s", NEAREST_NOTE);
}

/* ---- shrinkage ---- */

/* Groups of one series share all labels but the target's. */
static bool same_series(const vmap_groups *g, size_t target_column, size_t i, size_t j)
{
    for (size_t c = 0; c < g->columns; c++) {
        if (c != target_column && strcmp(g->group[i].labels[c], g->group[j].labels[c]) != 0)
            return false;
    }
    return true;
}

static const char *basis_name(const vmap_shrinkage *s)
{
    switch (s->basis) {
    case VMAP_SHRINKAGE_OFFICIAL:
        return "complete answers";
    case VMAP_SHRINKAGE_SAME_ITEMS:
        return "countries from the same items";
    case VMAP_SHRINKAGE_WITHHELD:
        break;
    }
    return "withheld: incomplete answers";
}

static void put_shrinkage(vmap_report_table *t, const analysis *a, size_t first,
                          const vmap_shrinkage *s)
{
    const vmap_groups *g = a->persona.groups;

    for (size_t j = 0; j < a->space->k; j++) {
        for (size_t c = 0; c < g->columns; c++) {
            if (c != a->persona.target_column)
                vmap_report_text(t, g->group[first].labels[c]);
        }
        vmap_report_text(t, a->space->axes[j].name);
        vmap_report_count(t, s->groups);
        vmap_report_number(t, s->distance);
        vmap_report_number(t, s->same_items);
        vmap_report_number(t, s->hits);
        vmap_report_number(t, gsl_vector_get(s->slope, j));
        vmap_report_number(t, gsl_vector_get(s->slope_se, j));
        vmap_report_number(t, gsl_vector_get(s->spread, j));
        vmap_report_number(t, gsl_vector_get(s->share, j));
        vmap_report_text(t, basis_name(s));
    }
}

/* The series that begins with group `first`; used[] marks its groups. False when it is too short.
 */
static bool add_series(vmap_report_table *t, const analysis *a, size_t first, bool *used,
                       const vmap_group **group, size_t *target)
{
    const vmap_groups *g = a->persona.groups;
    vmap_shrinkage *s = NULL;
    size_t n = 0;

    for (size_t i = first; i < g->count; i++) {
        if (!used[i] && same_series(g, a->persona.target_column, first, i)) {
            used[i] = true;
            group[n] = &g->group[i];
            target[n++] = a->persona.target[i];
        }
    }
    if (vmap_shrinkage_new(group, target, n, a->references, &s, NULL))
        return false;
    put_shrinkage(t, a, first, s);
    vmap_shrinkage_free(s);
    return true;
}

static void shrinkage_columns(vmap_report_table *t, const analysis *a)
{
    static const char *const numbers[] = {"mean_distance", "mean_distance_same_items", "hits", "slope", "slope_se", "spread_ratio",
                                          "share"};

    table_series_columns(t, a);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, sizeof numbers / sizeof *numbers);
    vmap_report_column(t, "basis", VMAP_CELL_TEXT, 0);
}

static void shrinkage_notes(vmap_report_table *t, size_t left_out)
{
    if (left_out)
        vmap_report_note(t, "%zu series left out: fewer than three groups of it have a target country with a position.", left_out);
    vmap_report_note(t, "mean_distance: to the target country; hits: share of groups whose nearest country is the target; slope: of group "
                     "positions on country positions (1 = as far apart as the countries, below 1 = drawn together); spread_ratio: of the "
                     "standard deviations.");
    vmap_report_note(t, "share: mean part of the score's variance that the answered items explain. Below 1, positions are drawn together by the "
                     "missing items themselves: slope and ratio are then taken against the countries projected from the same items, or "
                     "withheld where the space does not know the countries' item means.");
}

void table_shrinkage(vmap_report *r, const analysis *a)
{
    const vmap_groups *g = a->persona.groups;
    vmap_report_table *t;
    const vmap_group **group;
    size_t *target, left_out = 0;
    bool *used;

    if (!g || a->persona.target_column == g->columns || !a->references->countries)
        return;
    group = memory_new(g->count, sizeof *group, NULL);
    target = memory_new(g->count, sizeof *target, NULL);
    used = memory_new(g->count, sizeof *used, NULL);
    t = vmap_report_add(r, "shrinkage", "How far the groups spread, against the countries they stand for");
    shrinkage_columns(t, a);
    for (size_t i = 0; group && target && used && i < g->count; i++) {
        if (!used[i])
            left_out += !add_series(t, a, i, used, group, target);
    }
    shrinkage_notes(t, left_out);
    free(group);
    free(target);
    free(used);
}
