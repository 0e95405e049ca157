#include <config.h>
#include "cli/clusters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"

/* Where the units of `valuemap cluster` come from. */

static vmap_status no_memory(vmap_error *err)
{
    return vmap_error_set(err, VMAP_ENOMEM, "no memory for the units");
}

static char *copy(const char *text)
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

static void free_set(cluster_set *s)
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
        free_set(&w->set[i]);
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
    s->name = copy(name);
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
        return no_memory(err);
    s->given = more;
    g = &more[s->givens];
    *g = (cluster_given){.name = copy(name)};
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
        if (q == g->words && !(g->word[g->words++] = copy(text[i])))
            return no_memory(err);
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

static bool weighs_by_number(const cluster_work *w)
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

/* ---- a space ---- */

static bool of_items(const cluster_work *w)
{
    return w->settings->of && strcmp(w->settings->of, "items") == 0;
}

static vmap_status name_axes(const cluster_work *w, cluster_set *s, vmap_error *err)
{
    const vmap_space *space = w->map->space;

    for (size_t j = 0; j < s->at->size2; j++) {
        s->axis[j] = copy(of_items(w) ? space->items[j] : space->axes[j].name);
        if (!s->axis[j])
            return no_memory(err);
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

/* The countries (or other groups) that the space knows. */
static vmap_status add_countries(cluster_work *w, vmap_error *err)
{
    const vmap_references *refs = w->map->references;
    size_t d = of_items(w) ? w->map->space->p : w->map->space->k, n = 0;
    const char **zone = memory_new(refs->countries, sizeof *zone, err);
    cluster_set *s = clusters_add_set(w, "human", refs->countries, d, err);
    vmap_status status = s && zone ? name_axes(w, s, err) : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < refs->countries; i++) {
        const vmap_reference *c = &refs->country[i];

        if (of_items(w) && !has_items(c->items))
            continue;
        put_place(w, s, n, c->at, c->items);
        zone[n] = c->zone;
        s->label[n] = copy(c->label);
        status = s->label[n++] ? VMAP_SUCCESS : no_memory(err);
    }
    if (!status && n < refs->countries) { /* all or none: a space knows its item means or does not */
        for (size_t i = 0; i < n; i++)
            free(s->label[i]);
        s->n = 0;
        free_set(s);
        w->sets--;
        free(zone);
        return vmap_ledger_say(w->ledger, err,
                               "space %s does not know the item means of its countries: only the "
                               "personas are clustered by items",
                               w->map->space->name);
    }
    if (!status && refs->zones)
        status = clusters_add_given(s, "zone", zone, err);
    if (!status)
        status = clusters_make_points(w, s, false, err);
    free(zone);
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
        status = s->label[i] ? VMAP_SUCCESS : no_memory(err);
    }
    if (!status && clusters_weigh(w, s, err)) {
        for (size_t i = 0; i < n; i++)
            s->weight[i] = weighs_by_number(w) ? (double)g->group[group[i]].n : g->group[group[i]].weight;
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
        status = s->label[i] ? VMAP_SUCCESS : no_memory(err);
    }
    if (!status && !weighs_by_number(w) && clusters_weigh(w, s, err)) {
        for (size_t i = 0; i < n; i++)
            s->weight[i] = ans->weights ? ans->weights[row[i]] : 1;
    }
    if (!status)
        status = add_labels(w, s, of, err);
    free(row);
    free(of);
    return status;
}

/* Drop items that some unit lacks: a profile has all of them or none can be compared. */
static vmap_status drop_incomplete(cluster_work *w, cluster_set *s, vmap_error *err)
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

static vmap_status add_personas(cluster_work *w, vmap_error *err)
{
    bool rows = w->settings->unit && strcmp(w->settings->unit, "respondents") == 0;
    vmap_status status = rows ? add_respondents(w, err) : add_persona_groups(w, err);
    cluster_set *s = &w->set[w->sets - 1];

    if (!status && of_items(w))
        status = drop_incomplete(w, s, err);
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
            return no_memory(err);
        if (!w->study->space)
            w->study->space = copy("iw2023");
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

/* ---- tables of numbers ---- */

static vmap_status open_reader(const cluster_work *w, const char *file, vmap_reader **reader,
                               vmap_error *err)
{
    const read_settings *set = &w->settings->study.read;
    vmap_read_options o;

    vmap_read_defaults(&o);
    if (set->delimiter)
        o.delimiter = strcmp(set->delimiter, "tab") == 0 ? '\t' : set->delimiter[0];
    if (set->decimal)
        o.decimal = set->decimal[0];
    o.encoding = set->encoding;
    o.skip = (size_t)set->skip;
    o.text_is_missing = set->text && strcmp(set->text, "missing") == 0;
    return vmap_reader_open(file, &o, reader, err);
}

/* The matrix of a file: units by units, the first column their names. */
static vmap_status take_matrix(cluster_work *w, const char *file, const vmap_table *t, vmap_error *err)
{
    size_t n = vmap_table_rows(t);
    cluster_set *s;
    vmap_status status = VMAP_SUCCESS;

    if (vmap_table_columns(t) != n + 1) {
        status = vmap_error_set(err, VMAP_EDATA,
                                "the file has %zu rows and %zu columns besides the names; a matrix of "
                                "distances has as many of both",
                                n, vmap_table_columns(t) - 1);
        vmap_error_place(err, file, 0, 0, NULL);
        return status;
    }
    s = clusters_add_set(w, "unit", n, 0, err);
    if (!s || !(s->dissimilarity = memory_matrix(n, n, err)))
        return VMAP_ENOMEM;
    for (size_t i = 0; !status && i < n; i++) {
        s->label[i] = copy(vmap_table_text(t, 0, i));
        if (!s->label[i])
            status = no_memory(err);
        if (!status && strcmp(s->label[i], vmap_table_name(t, i + 1)) != 0)
            status = vmap_error_set(err, VMAP_EDATA,
                                    "row %zu is named '%s' and column %zu '%s'; rows and columns are the "
                                    "same units in the same order",
                                    i + 1, s->label[i], i + 1, vmap_table_name(t, i + 1));
        for (size_t j = 0; !status && j < n; j++) {
            double d = vmap_table_value(t, j + 1, i);

            gsl_matrix_set(s->dissimilarity, i, j, d);
            if (isnan(d))
                status = vmap_error_set(err, VMAP_EDATA, "the distance of %s and %s is missing",
                                        s->label[i], vmap_table_name(t, j + 1));
        }
        if (status)
            vmap_error_place(err, file, vmap_table_line(t, i), 0, NULL);
    }
    if (!status) {
        vmap_units units = clusters_units(s);

        status = vmap_units_check(&units, err);
        if (status)
            vmap_error_place(err, file, 0, 0, NULL);
    }
    return status;
}

vmap_status clusters_read_matrix(cluster_work *w, vmap_error *err)
{
    vmap_reader *reader = NULL;
    vmap_table *table = NULL;
    const char *file = w->settings->matrix;
    vmap_status status = open_reader(w, file, &reader, err);

    for (size_t c = 0; !status && c < vmap_reader_columns(reader); c++)
        status = vmap_reader_want(reader, c, c ? VMAP_NUMBERS : VMAP_TEXTS,
                                  c || *vmap_reader_names(reader)[c] ? vmap_reader_names(reader)[c]
                                                                     : "unit",
                                  c ? "any number from 0" : NULL, err);
    if (!status)
        status = vmap_reader_read(reader, &table, err);
    if (!status)
        status = take_matrix(w, file, table, err);
    vmap_table_free(table);
    vmap_reader_free(reader);
    return status;
}

/* Ask for the columns that the patterns name, as texts or numbers; each once. VMAP_ENOENT for a pattern that
 * fits none. */
static vmap_status want(vmap_reader *reader, const word_list *patterns, vmap_kind kind,
                        const char *prefix, const char *file, vmap_error *err)
{
    size_t columns = vmap_reader_columns(reader);
    const char *const *names = vmap_reader_names(reader);
    vmap_status status = VMAP_SUCCESS;

    for (unsigned p = 0; p < patterns->count; p++) {
        bool found = false;

        for (size_t c = 0; !status && c < columns; c++) {
            char *as;

            if (!analysis_fits(patterns->words[p], names[c]))
                continue;
            found = true;
            as = text_format("%s%s", prefix, names[c]);
            status = as ? vmap_reader_want(reader, c, kind, as, NULL, err) : no_memory(err);
            free(as);
        }
        if (!status && !found) {
            const char *near = text_nearest(patterns->words[p], names, columns);

            status = vmap_error_set(err, VMAP_ENOENT, "the file has no column '%s'%s%s%s",
                                    patterns->words[p], near ? "; did you mean '" : "", near ? near : "",
                                    near ? "'?" : "");
            vmap_error_place(err, file, 0, 0, NULL);
        }
    }
    return status;
}

/* What a table of numbers becomes: rows, or the means of rows with the same labels. */
typedef struct {
    const vmap_table *t;
    size_t labels, numbers, by; /* columns: labels first, then numbers, then given partitions, then the weight */
    bool weighted;
    size_t *unit;               /* rows: unit, VMAP_CLUSTER_NONE for a row without a label or a number */
    size_t *first;              /* units: their first row */
    size_t units, left_out;
} gathering;

static bool same_labels(const gathering *g, size_t a, size_t b)
{
    for (size_t c = 0; c < g->labels; c++) {
        if (vmap_table_level(g->t, c, a) != vmap_table_level(g->t, c, b))
            return false;
    }
    return g->labels > 0;
}

static bool has_labels(const gathering *g, size_t row)
{
    for (size_t c = 0; c < g->labels; c++) {
        if (vmap_table_level(g->t, c, row) == vmap_table_levels(g->t, c))
            return false;
    }
    return true;
}

static void gather(gathering *g)
{
    size_t rows = vmap_table_rows(g->t);

    for (size_t r = 0; r < rows; r++) {
        size_t u = 0;

        g->unit[r] = VMAP_CLUSTER_NONE;
        if (!has_labels(g, r)) {
            g->left_out++;
            continue;
        }
        while (g->labels && u < g->units && !same_labels(g, g->first[u], r))
            u++;
        if (!g->labels)
            u = g->units;
        if (u == g->units)
            g->first[g->units++] = r;
        g->unit[r] = u;
    }
}

static char *unit_label(const gathering *g, size_t u)
{
    char *label = g->labels ? copy(vmap_table_text(g->t, 0, g->first[u]))
                            : text_format("%zu", g->first[u] + 1);

    for (size_t c = 1; label && c < g->labels; c++) {
        char *longer = text_format("%s / %s", label, vmap_table_text(g->t, c, g->first[u]));

        free(label);
        label = longer;
    }
    return label;
}

static double row_weight(const gathering *g, size_t row)
{
    return g->weighted ? vmap_table_value(g->t, g->labels + g->numbers + g->by, row) : 1;
}

/* A weight is a number from 0 up; a row without one is a mistake in the file, not a row of weight 0. */
static vmap_status check_weights(const gathering *g, const char *file, const char *column, vmap_error *err)
{
    for (size_t r = 0; r < vmap_table_rows(g->t); r++) {
        double x = row_weight(g, r);
        vmap_status status;

        if (x >= 0 && isfinite(x))
            continue;
        status = isnan(x) ? vmap_error_set(err, VMAP_EDATA, "the weight is missing; it is a number from 0 up")
                          : vmap_error_set(err, VMAP_EDATA, "the weight is %g; it is a number from 0 up", x);
        vmap_error_place(err, file, vmap_table_line(g->t, r), 0, column);
        return status;
    }
    return VMAP_SUCCESS;
}

/* Weighted means of the present values; NaN where a unit has none. */
static void put_means(const gathering *g, cluster_set *s, double *count)
{
    size_t rows = vmap_table_rows(g->t);

    for (size_t j = 0; j < g->numbers; j++) {
        memset(count, 0, g->units * sizeof *count);
        for (size_t r = 0; r < rows; r++) {
            double x = vmap_table_value(g->t, g->labels + j, r);

            if (g->unit[r] == VMAP_CLUSTER_NONE || isnan(x))
                continue;
            *gsl_matrix_ptr(s->at, g->unit[r], j) += row_weight(g, r) * x;
            count[g->unit[r]] += row_weight(g, r);
        }
        for (size_t u = 0; u < g->units; u++)
            *gsl_matrix_ptr(s->at, u, j) = count[u] > 0 ? gsl_matrix_get(s->at, u, j) / count[u] : NAN;
    }
}

/* A given partition from column c; a unit whose rows differ in it has none. */
static vmap_status take_given(const gathering *g, cluster_set *s, size_t c, const char *name,
                              vmap_error *err)
{
    const char **text = memory_new(s->n, sizeof *text, err);
    vmap_status status = text ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t u = 0; text && u < s->n; u++)
        text[u] = vmap_table_text(g->t, c, g->first[u]);
    for (size_t r = 0; text && r < vmap_table_rows(g->t); r++) {
        size_t u = g->unit[r];

        if (u != VMAP_CLUSTER_NONE && strcmp(text[u], vmap_table_text(g->t, c, r)) != 0)
            text[u] = "";
    }
    if (!status)
        status = clusters_add_given(s, name, text, err);
    free(text);
    return status;
}

static vmap_status take_columns(cluster_work *w, gathering *g, vmap_error *err)
{
    double *count = memory_new(g->units, sizeof *count, err);
    cluster_set *s = count ? clusters_add_set(w, "unit", g->units, g->numbers, err) : NULL;
    vmap_status status = s ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t j = 0; !status && j < g->numbers; j++) {
        s->axis[j] = copy(vmap_table_name(g->t, g->labels + j));
        status = s->axis[j] ? VMAP_SUCCESS : no_memory(err);
    }
    for (size_t u = 0; !status && u < g->units; u++) {
        s->label[u] = unit_label(g, u);
        status = s->label[u] ? VMAP_SUCCESS : no_memory(err);
    }
    if (!status)
        put_means(g, s, count);
    if (!status && clusters_weigh(w, s, err)) {
        memset(s->weight, 0, s->n * sizeof *s->weight);
        for (size_t r = 0; r < vmap_table_rows(g->t); r++) {
            if (g->unit[r] != VMAP_CLUSTER_NONE)
                s->weight[g->unit[r]] += weighs_by_number(w) ? 1 : row_weight(g, r);
        }
    }
    for (size_t c = 0; !status && c < g->labels && g->labels > 1; c++)
        status = take_given(g, s, c, vmap_table_name(g->t, c), err);
    for (size_t c = 0; !status && c < g->by; c++)
        status = take_given(g, s, g->labels + g->numbers + c,
                            strchr(vmap_table_name(g->t, g->labels + g->numbers + c), ' ') + 1, err);
    if (!status)
        status = drop_incomplete(w, s, err);
    if (!status)
        status = clusters_make_points(w, s, true, err);
    free(count);
    return status;
}

vmap_status clusters_read_columns(cluster_work *w, const char *file, vmap_error *err)
{
    const cluster_settings *set = w->settings;
    vmap_reader *reader = NULL;
    vmap_table *table = NULL;
    gathering g = {0};
    vmap_status status = open_reader(w, file, &reader, err);

    if (!status)
        status = want(reader, &set->study.group, VMAP_TEXTS, "", file, err);
    if (!status)
        status = want(reader, &set->columns, VMAP_NUMBERS, "", file, err);
    if (!status)
        status = want(reader, &set->by, VMAP_TEXTS, "by ", file, err);
    if (!status && set->study.weight) {
        char *column = set->study.weight;
        word_list weight = {&column, 1};

        status = want(reader, &weight, VMAP_NUMBERS, "weight ", file, err);
    }
    if (!status)
        status = vmap_reader_read(reader, &table, err);
    if (!status) {
        size_t rows = vmap_table_rows(table);

        g = (gathering){.t = table, .labels = set->study.group.count, .by = set->by.count,
                        .weighted = set->study.weight != NULL};
        g.numbers = vmap_table_columns(table) - g.labels - g.by - g.weighted;
        g.unit = memory_new(rows, sizeof *g.unit, err);
        g.first = memory_new(rows, sizeof *g.first, err);
        status = g.unit && g.first ? VMAP_SUCCESS : VMAP_ENOMEM;
    }
    if (!status && g.weighted)
        status = check_weights(&g, file, set->study.weight, err);
    if (!status) {
        gather(&g);
        w->simulated = false;
        for (size_t c = 0; c < vmap_reader_columns(reader); c++)
            w->simulated |= strcmp(vmap_reader_names(reader)[c], "SIMULATED") == 0;
        status = g.units ? take_columns(w, &g, err)
                         : vmap_error_set(err, VMAP_EDATA, "no row of %s has a label", file);
    }
    if (!status)
        status = vmap_ledger_add(w->ledger, "unit", file_base(file), "group", "",
                                 "without a group label", "rows", g.left_out, err);
    free(g.unit);
    free(g.first);
    vmap_table_free(table);
    vmap_reader_free(reader);
    return status;
}
