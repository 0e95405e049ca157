#include <config.h>
#include "cli/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"

/* ---- pieces that several tables share ---- */

/* A column whose name is made of an axis and an ending: "survself_se". */
static void axis_columns(vmap_report_table *t, const vmap_space *s, const char *ending,
                         int decimals)
{
    for (size_t j = 0; j < s->k; j++) {
        char *name = text_format("%s%s", s->axes[j].name, ending);

        vmap_report_column(t, name ? name : "", VMAP_CELL_NUMBER, decimals);
        free(name);
    }
}

static void put_vector(vmap_report_table *t, const gsl_vector *v)
{
    for (size_t j = 0; j < v->size; j++)
        vmap_report_number(t, gsl_vector_get(v, j));
}

static void put_row(vmap_report_table *t, const gsl_matrix *m, size_t i)
{
    for (size_t j = 0; j < m->size2; j++)
        vmap_report_number(t, gsl_matrix_get(m, i, j));
}

static void group_columns(vmap_report_table *t, const vmap_groups *g)
{
    for (size_t c = 0; c < g->columns; c++)
        vmap_report_key(t, g->names[c]);
}

static void put_labels(vmap_report_table *t, const vmap_groups *g, size_t i)
{
    for (size_t c = 0; c < g->columns; c++)
        vmap_report_text(t, g->group[i].labels[c]);
}

static const char *item_label(const analysis *a, const char *name)
{
    for (size_t i = 0; i < a->space->codebooks_count; i++) {
        const vmap_codebook *book = a->space->codebooks[i];
        size_t at = vmap_codebook_find(book, name);

        if (at < book->items_count)
            return book->items[at].label;
    }
    return "";
}

/* The columns of the data that an item came from; "" when unknown. */
static const char *item_columns(const vmap_answers *answers, const char *name)
{
    for (size_t i = 0; answers && i < answers->p; i++) {
        if (strcmp(answers->items[i], name) == 0 && answers->columns[i])
            return answers->columns[i];
    }
    return "";
}

static bool in_standard_units(const vmap_space *s)
{
    return strcmp(s->affine, "none") == 0;
}

/* ---- the fit ---- */

void table_loadings(vmap_report *r, const analysis *a)
{
    const vmap_space *s = a->space;
    vmap_report_table *t;

    if (!s->loadings)
        return;
    t = vmap_report_add(r, "loadings",
                        "Loadings of the items on the axes (principal components, varimax)");
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    axis_columns(t, s, "", 3);
    vmap_report_column(t, "communality", VMAP_CELL_NUMBER, 3);
    if (a->bootstrap)
        axis_columns(t, s, "_se", 3);
    vmap_report_column(t, "label", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "columns", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < s->p; i++) {
        double h2 = 0;

        for (size_t j = 0; j < s->k; j++)
            h2 += gsl_matrix_get(s->loadings, i, j) * gsl_matrix_get(s->loadings, i, j);
        vmap_report_text(t, s->items[i]);
        put_row(t, s->loadings, i);
        vmap_report_number(t, h2);
        if (a->bootstrap)
            put_row(t, a->bootstrap->loadings_se, i);
        vmap_report_text(t, item_label(a, s->items[i]));
        vmap_report_text(t, item_columns(a->human.answers, s->items[i]));
    }
    vmap_report_note(t,
                     "Items are in raw codes: a negative loading means that high codes go with the "
                     "low end of the axis.");
    vmap_report_note(t, "Kaiser normalisation; axes and signs are set by content, not by order.");
    if (a->bootstrap) {
        vmap_report_note(t,
                         "_se: standard errors from %zu bootstrap replicates of the whole fit, "
                         "respondents drawn within groups.",
                         a->bootstrap->usable);
        for (size_t j = 0; j < s->k; j++)
            vmap_report_note(t, "Mean congruence of the replicates with the fit on %s: %.4f.",
                             s->axes[j].name, gsl_vector_get(a->bootstrap->congruence, j));
    }
}

void table_weights(vmap_report *r, const analysis *a)
{
    const vmap_space *s = a->space;
    vmap_report_table *t = vmap_report_add(
        r, "weights", "Score weights: score = sum of weight x (answer - mean) / sd");

    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "mean", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "sd", VMAP_CELL_NUMBER, 3);
    axis_columns(t, s, "", 3);
    vmap_report_column(t, "label", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < s->p; i++) {
        vmap_report_text(t, s->items[i]);
        vmap_report_number(t, gsl_vector_get(s->mean, i));
        vmap_report_number(t, gsl_vector_get(s->sd, i));
        for (size_t j = 0; j < s->k; j++)
            vmap_report_number(t, gsl_matrix_get(s->weights, i, j) * gsl_vector_get(s->sd, i) /
                                      gsl_vector_get(s->scale, j));
        vmap_report_text(t, item_label(a, s->items[i]));
    }
    vmap_report_note(t, "Scores have mean 0 and variance 1 in the population of the fit; weighted "
                        "means and standard deviations, divisor sum of weights.");
    if (!in_standard_units(s)) {
        for (size_t j = 0; j < s->k; j++)
            vmap_report_note(t, "Map position on %s = %g x score %+g (affine %s).", s->axes[j].name,
                             gsl_vector_get(s->scale, j), gsl_vector_get(s->shift, j), s->affine);
    }
}

void table_eigenvalues(vmap_report *r, const analysis *a)
{
    const vmap_space *s = a->space;
    vmap_report_table *t;
    double total = 0;

    if (!s->eigenvalues)
        return;
    t = vmap_report_add(r, "eigenvalues", "Eigenvalues of the correlation matrix");
    vmap_report_column(t, "component", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "eigenvalue", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "share", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "cumulative", VMAP_CELL_NUMBER, 3);
    for (size_t i = 0; i < s->p; i++) {
        double share = gsl_vector_get(s->eigenvalues, i) / (double)s->p;

        total += share;
        vmap_report_count(t, i + 1);
        vmap_report_number(t, gsl_vector_get(s->eigenvalues, i));
        vmap_report_number(t, share);
        vmap_report_number(t, total);
    }
    vmap_report_note(t, "%zu components are kept.", s->k);
}

void table_correlation(vmap_report *r, const analysis *a)
{
    const vmap_space *s = a->space;
    vmap_report_table *t;

    if (!s->n)
        return;
    t = vmap_report_add(r, "correlation", "Correlations of the items");
    vmap_report_column(t, "item_1", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "item_2", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "r", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    for (size_t i = 0; i < s->p; i++) {
        for (size_t j = 0; j < s->p; j++) {
            vmap_report_text(t, s->items[i]);
            vmap_report_text(t, s->items[j]);
            vmap_report_number(t, gsl_matrix_get(s->r, i, j));
            vmap_report_count(t, (size_t)gsl_matrix_get(s->n, i, j));
        }
    }
    vmap_report_note(t,
                     "Pearson, weighted, %s: each pair has its own respondents, means and "
                     "variances; n counts them.",
                     a->study->missing);
}

/* Weighted mean and spread of one item of a set. */
static void put_item(vmap_report_table *t, const analysis *a, const vmap_answers *ans, size_t i)
{
    const vmap_item_count *c = &ans->counts[i];
    double weight = 0, mean = 0, squares = 0;
    size_t missing = 0;

    for (size_t q = 0; q < ans->n; q++) {
        double x = ans->values[q * ans->p + i], w = ans->weights ? ans->weights[q] : 1;

        if (isnan(x) || !(w > 0))
            continue;
        weight += w;
        squares += w * (x - mean) * (x - mean) * (1 - w / weight);
        mean += w / weight * (x - mean);
    }
    for (int why = 1; why < VMAP_REASONS; why++)
        missing += c->reason[why];
    vmap_report_text(t, ans->set);
    vmap_report_text(t, ans->items[i]);
    vmap_report_text(t, item_label(a, ans->items[i]));
    vmap_report_text(t, item_columns(ans, ans->items[i]));
    vmap_report_count(t, c->reason[VMAP_PRESENT]);
    vmap_report_count(t, missing - c->reason[VMAP_OUT_OF_RANGE]);
    vmap_report_count(t, c->reason[VMAP_OUT_OF_RANGE]);
    vmap_report_number(t, weight > 0 ? mean : NAN);
    vmap_report_number(t, weight > 0 ? sqrt(squares / weight) : NAN);
}

void table_items(vmap_report *r, const analysis *a)
{
    const vmap_answers *sets[] = {a->human.answers, a->persona.answers};
    vmap_report_table *t = vmap_report_add(r, "items", "Items and what the files hold of them");

    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "label", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "columns", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "answered", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "missing", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "out_of_range", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "mean", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "sd", VMAP_CELL_NUMBER, 3);
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; sets[s] && i < sets[s]->p; i++)
            put_item(t, a, sets[s], i);
    }
    vmap_report_note(t,
                     "Weighted means and standard deviations (divisor sum of weights). Missing by "
                     "reason: ledger.");
}

/* ---- groups ---- */

/* Grouping columns of both sets, those of the humans first, each once. */
typedef struct {
    const char **name;
    size_t count;
} column_union;

static bool is_known(const column_union *u, const char *name)
{
    for (size_t i = 0; i < u->count; i++) {
        if (strcmp(u->name[i], name) == 0)
            return true;
    }
    return false;
}

static column_union unite(const analysis *a)
{
    const vmap_groups *sets[] = {a->human.groups, a->persona.groups};
    size_t room = (sets[0] ? sets[0]->columns : 0) + (sets[1] ? sets[1]->columns : 0);
    column_union u = {memory_new(room, sizeof *u.name, NULL), 0};

    for (size_t s = 0; u.name && s < 2; s++) {
        for (size_t c = 0; sets[s] && c < sets[s]->columns; c++) {
            if (!is_known(&u, sets[s]->names[c]))
                u.name[u.count++] = sets[s]->names[c];
        }
    }
    return u;
}

/* Label of group i in a column of the union; nothing when the set has no such column. */
static void put_united(vmap_report_table *t, const column_union *u, const vmap_groups *g, size_t i)
{
    for (size_t q = 0; q < u->count; q++) {
        const char *label = "";

        for (size_t c = 0; c < g->columns; c++) {
            if (strcmp(g->names[c], u->name[q]) == 0)
                label = g->group[i].labels[c];
        }
        vmap_report_text(t, label);
    }
}

static void put_group(vmap_report_table *t, const analysis *a, const analysis_set *set, size_t i)
{
    const vmap_group *g = &set->groups->group[i];

    vmap_report_count(t, g->n);
    vmap_report_number(t, g->n_eff);
    for (size_t j = 0; j < a->space->k; j++) {
        vmap_report_number(t, gsl_vector_get(g->mean, j));
        vmap_report_number(t, gsl_vector_get(g->se, j));
    }
    vmap_report_count(t, g->rows);
    vmap_report_count(t, g->n_complete);
    for (size_t l = 0; l < a->space->k; l++) {
        for (size_t j = 0; j <= l; j++)
            vmap_report_number(t, gsl_matrix_get(g->cov, l, j));
    }
    put_vector(t, g->share);
    put_vector(t, g->sd_incomplete);
    for (size_t j = 0; j < a->space->k; j++)
        vmap_report_number(t, g->boot_cov ? sqrt(gsl_matrix_get(g->boot_cov, j, j)) : NAN);
    for (size_t j = 0; a->bootstrap && j < a->space->k; j++)
        vmap_report_number(t, set == &a->human ? gsl_matrix_get(a->bootstrap->position_se, i, j)
                                               : NAN);
}

static void cov_columns(vmap_report_table *t, const vmap_space *s)
{
    for (size_t i = 0; i < s->k; i++) {
        for (size_t j = 0; j <= i; j++) {
            char *name = i == j ? text_format("%s_var", s->axes[i].name)
                                : text_format("%s_%s_cov", s->axes[j].name, s->axes[i].name);

            vmap_report_column(t, name ? name : "", VMAP_CELL_NUMBER, 3);
            free(name);
        }
    }
}

void table_groups(vmap_report *r, const analysis *a)
{
    const analysis_set *sets[] = {&a->human, &a->persona};
    column_union u = unite(a);
    vmap_report_table *t = vmap_report_add(r, "groups", "Mean positions of the groups");

    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < u.count; i++)
        vmap_report_key(t, u.name[i]);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "n_eff", VMAP_CELL_NUMBER, 1);
    for (size_t j = 0; j < a->space->k; j++) {
        char *se = text_format("%s_se", a->space->axes[j].name);

        vmap_report_column(t, a->space->axes[j].name, VMAP_CELL_NUMBER, 3);
        vmap_report_column(t, se ? se : "", VMAP_CELL_NUMBER, 3);
        free(se);
    }
    vmap_report_column(t, "n_rows", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "n_complete", VMAP_CELL_COUNT, 0);
    cov_columns(t, a->space);
    axis_columns(t, a->space, "_share", 2);
    axis_columns(t, a->space, "_sd_incomplete", 2);
    axis_columns(t, a->space, "_boot_se", 3);
    if (a->bootstrap)
        axis_columns(t, a->space, "_map_se", 3);
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; sets[s]->groups && i < sets[s]->groups->count; i++) {
            vmap_report_text(t, sets[s]->answers->set);
            put_united(t, &u, sets[s]->groups, i);
            put_group(t, a, sets[s], i);
        }
    }
    free(u.name);
    vmap_report_note(t,
                     "n counts respondents with a position (rule for incomplete answers: %s), "
                     "n_rows all of the group, n_complete those who answered every item; n_eff is "
                     "Kish's effective number.",
                     a->study->incomplete);
    vmap_report_note(t,
                     "_se: standard error of the weighted mean, the space held fixed; _boot_se: "
                     "the same from %d bootstrap replicates; _var and _cov: of respondents.",
                     a->study->bootstrap);
    if (a->bootstrap)
        vmap_report_note(t,
                         "_map_se: standard error of the mean of complete answers, the fit of the "
                         "map included.");
    vmap_report_note(
        t, "_share: part of the score's variance that the answered items explain; below 1 "
           "positions are drawn towards the population's mean by construction. "
           "_sd_incomplete: what the unanswered items leave open.");
    if (a->incomplete == VMAP_INCOMPLETE_MEANS)
        vmap_report_note(
            t, "Rule means: the position of the group's mean answers, each item over those who "
               "answered it; the mean of the respondents' own positions is drawn together by "
               "every unanswered item.");
}

/* ---- distances of persona groups ---- */

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

            put_labels(t, g, i);
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
    group_columns(t, a->persona.groups);
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
    group_columns(t, a->persona.groups);
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
    group_columns(t, g);
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

            put_labels(t, g, i);
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
    put_labels(t, g, i);
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
    put_vector(t, target->difference);
    put_vector(t, g->group[i].share);
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
    group_columns(t, g);
    vmap_report_column(t, "target", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "distance", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "rank", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "of", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "selected", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "low", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "high", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "mahalanobis", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "distance_same_items", VMAP_CELL_NUMBER, 3);
    axis_columns(t, a->space, "_difference", 3);
    axis_columns(t, a->space, "_share", 2);
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
    t = vmap_report_add(r, "shrinkage",
                        "How far the groups spread, against the countries they stand for");
    for (size_t c = 0; c < g->columns; c++) {
        if (c != a->persona.target_column)
            vmap_report_key(t, g->names[c]);
    }
    vmap_report_column(t, "axis", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "groups", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "mean_distance", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "mean_distance_same_items", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "hits", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "slope", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "slope_se", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "spread_ratio", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "share", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "basis", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; group && target && used && i < g->count; i++) {
        if (!used[i])
            left_out += !add_series(t, a, i, used, group, target);
    }
    if (left_out)
        vmap_report_note(t,
                         "%zu series left out: fewer than three groups of it have a target country "
                         "with a position.",
                         left_out);
    vmap_report_note(t,
                     "mean_distance: to the target country; hits: share of groups whose nearest "
                     "country is the target; slope: of group positions on country positions (1 = "
                     "as far apart as the countries, below 1 = drawn together); spread_ratio: of "
                     "the standard deviations.");
    vmap_report_note(t,
                     "share: mean part of the score's variance that the answered items explain. "
                     "Below 1, positions are drawn together by the missing items themselves: slope "
                     "and ratio are then taken against the countries projected from the same "
                     "items, or withheld where the space does not know the countries' item means.");
    free(group);
    free(target);
    free(used);
}

/* ---- the rest ---- */

void table_official(vmap_report *r, const analysis *a)
{
    const analysis_set *sets[] = {&a->human, &a->persona};
    vmap_report_table *t = NULL;

    for (size_t s = 0; s < 2; s++) {
        for (size_t j = 0; j < a->space->k; j++) {
            analysis_official o;

            if (!analysis_compare_official(a, sets[s], j, &o))
                continue;
            if (!t) {
                t = vmap_report_add(r, "official", "Difference to the official scores in the file");
                vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
                vmap_report_column(t, "axis", VMAP_CELL_TEXT, 0);
                vmap_report_column(t, "column", VMAP_CELL_TEXT, 0);
                vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
                vmap_report_column(t, "largest_difference", VMAP_CELL_NUMBER, 6);
                vmap_report_column(t, "mean_difference", VMAP_CELL_NUMBER, 6);
                vmap_report_note(t,
                                 "Complete answers only; affine %s (official scores are in affine "
                                 "wvs).",
                                 a->space->affine);
            }
            vmap_report_text(t, sets[s]->answers->set);
            vmap_report_text(t, a->space->axes[j].name);
            vmap_report_text(t, a->space->axes[j].official);
            vmap_report_count(t, o.n);
            vmap_report_number(t, o.largest);
            vmap_report_number(t, o.mean);
        }
    }
}

void table_reference(vmap_report *r, const analysis *a)
{
    vmap_report_table *t;

    if (!a->references->countries)
        return;
    t = vmap_report_add(r, "reference", "Countries that distances are measured to");
    vmap_report_column(t, "country", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "name", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "zone", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "year", VMAP_CELL_COUNT, 0);
    axis_columns(t, a->space, "", 3);
    for (size_t i = 0; i < a->references->countries; i++) {
        const vmap_reference *c = &a->references->country[i];

        vmap_report_text(t, c->label);
        vmap_report_text(t, c->name);
        vmap_report_text(t, c->zone);
        if (c->year)
            vmap_report_count(t, (size_t)c->year);
        else
            vmap_report_missing(t);
        put_vector(t, c->at);
    }
    vmap_report_note(t, "Space %s: %s. Zones of edition %s.", a->space->name, a->space->source,
                     a->countries->edition);
}

static void put_respondents(vmap_report_table *t, const analysis *a, const analysis_set *set,
                            const column_union *u)
{
    const vmap_answers *ans = set->answers;
    const vmap_projection *pr = set->projection;
    size_t k = a->space->k;

    for (size_t r = 0; r < ans->n; r++) {
        vmap_report_count(t, ans->rows[r]);
        for (size_t q = 0; q < u->count; q++) {
            size_t c = vmap_table_find(ans->groups, u->name[q]);

            vmap_report_text(
                t, c < vmap_table_columns(ans->groups) ? vmap_table_text(ans->groups, c, r) : "");
        }
        for (size_t j = 0; j < k; j++)
            vmap_report_number(t, pr->at[r * k + j]);
        for (size_t j = 0; j < k; j++)
            vmap_report_number(t, pr->sd[r * k + j]);
        vmap_report_count(t, pr->used[r]);
        vmap_report_text(t, ans->set);
        vmap_report_text(t, ans->files[ans->file[r]]);
    }
}

void table_respondents(vmap_report *r, const analysis *a)
{
    const analysis_set *sets[] = {&a->human, &a->persona};
    column_union u = unite(a);
    vmap_report_table *t = vmap_report_add(r, "respondents", "Positions of single respondents");

    vmap_report_column(t, "row", VMAP_CELL_COUNT, 0);
    for (size_t i = 0; i < u.count; i++)
        vmap_report_key(t, u.name[i]);
    axis_columns(t, a->space, "", 3);
    axis_columns(t, a->space, "_sd", 3);
    vmap_report_column(t, "items_used", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "file", VMAP_CELL_TEXT, 0);
    for (size_t s = 0; s < 2; s++) {
        if (sets[s]->answers)
            put_respondents(t, a, sets[s], &u);
    }
    free(u.name);
    vmap_report_note(t,
                     "row: data row of the file, the header not counted; _sd: posterior standard "
                     "deviation owing to unanswered items, 0 for complete answers; positions need "
                     "%d answered items.",
                     a->study->min_items);
}

void table_ledger(vmap_report *r, const analysis *a)
{
    vmap_report_table *t = vmap_report_add(r, "ledger", "What became of every row and cell");

    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "file", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "step", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "what", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "unit", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "count", VMAP_CELL_COUNT, 0);
    for (size_t i = 0; i < a->ledger->count; i++) {
        const vmap_ledger_entry *e = &a->ledger->entries[i];

        vmap_report_text(t, e->set);
        vmap_report_text(t, e->file);
        vmap_report_text(t, e->step);
        vmap_report_text(t, e->item);
        vmap_report_text(t, e->reason);
        vmap_report_text(t, e->unit);
        vmap_report_count(t, e->count);
    }
}
