#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "cli/clusters.h"
#include "cli/inputs.h"
#include "cli/outcome.h"
#include "core/buffer.h"
#include "core/file.h"
#include "core/registry.h"

/* The options of reading and projecting stand in the first member of the settings. */
#define SETTINGS study_settings
#define MINE(member) offsetof(cluster_settings, member)

/* Numbers for which 0 means something. */
static void set_defaults(void *settings)
{
    cluster_settings *s = settings;

    s->references = s->divisions = s->resamples = s->permutations = -1;
}

static const option_spec options[] = {
    {"study", 0, OPTION_TEXT, "FILE", "take space, files, groups and weights from a study file, see 'valuemap run'",
     MINE(study_file), 0, 0},
    {"space", 's', OPTION_TEXT, "NAME", "built-in space, or path of a space.json [iw2023]", AT(space), 0,
     0},
    {"group", 'g', OPTION_LIST, "COLUMN,...", "grouping columns: their groups are the units", AT(group), 0,
     0},
    {"target", 't', OPTION_TEXT, "COLUMN", "grouping column that names the country meant [the one "
     "whose labels are countries]", AT(target), 0, 0},
    {"unit", 0, OPTION_TEXT, "KIND", "what is clustered: groups or respondents [groups]", MINE(unit), 0,
     0},
    {"of", 0, OPTION_TEXT, "WHAT", "by what: positions in the space, or items (profiles of all items) "
     "[positions]", MINE(of), 0, 0},
    {"key", 0, OPTION_TEXT, "NAME", "cluster sheets of a questionnaire by the scores of its scales instead: mfq2, mfq30, mfq20 "
     "or path of a key", MINE(key), 0, 0},
    {"unit-weights", 0, OPTION_TEXT, "KIND", "weights of the units in clusters: none, n (respondents of a group) or weight "
     "(sum of their weights) [none]", MINE(unit_weights), 0, 0},
    {"matrix", 0, OPTION_TEXT, "FILE", "cluster a matrix of distances instead: the first column names the "
     "units", MINE(matrix), 0, 0},
    {"columns", 0, OPTION_LIST, "COLUMN,...", "cluster rows of a file by these columns of numbers instead; "
     "NAME* takes all that begin so; with --group the means of groups", MINE(columns), 0, 0},
    {"by", 0, OPTION_LIST, "COLUMN,...", "with --columns: columns of known groups, to compare with",
     MINE(by), 0, 0},
    {"partition", 0, OPTION_TEXT, "FILE", "groups of the units that are known, such as religions: the first column names "
     "units as the table clusters does, or the country meant; every other column is compared", MINE(partition), 0, 0},
    {"raw", 0, OPTION_FLAG, NULL, "with --columns: as they are, not standardised", MINE(raw), 0, 0},
    {"method", 'm', OPTION_TEXT, "NAME", "kmeans, pam, ward, average, complete, single, mixture or hdbscan "
     "[ward]", MINE(method), 0, 0},
    {"metric", 0, OPTION_TEXT, "NAME", "of dissimilarities: euclidean, manhattan, maximum, correlation, gower "
     "(by ranges) or available (here as euclidean) [euclidean]", MINE(metric), 0, 0},
    {"clusters", 'k', OPTION_COUNT, "N", "number of clusters [that of the greatest silhouette]", MINE(k),
     1, 1000000},
    {"most", 0, OPTION_COUNT, "N", "largest number of clusters to try [10]", MINE(most), 2, 1000},
    {"least", 0, OPTION_COUNT, "N", "with hdbscan: smallest size of a cluster [5]", MINE(least), 2,
     1000000},
    {"starts", 0, OPTION_COUNT, "N", "random starts of kmeans, pam and mixture [50]", MINE(starts), 1,
     100000},
    {"family", 0, OPTION_TEXT, "NAME", "covariances of mixtures, as in mclust [VVV]", MINE(family), 0, 0},
    {"references", 0, OPTION_COUNT, "N", "reference sets of the gap and of the test against one cluster; 0: "
     "neither [100]", MINE(references), 0, 100000},
    {"reference", 0, OPTION_TEXT, "KIND", "box of the reference sets: pca or uniform [pca]",
     MINE(reference), 0, 0},
    {"divisions", 0, OPTION_COUNT, "N", "divisions for prediction strength [50]", MINE(divisions), 0,
     100000},
    {"resamples", 0, OPTION_COUNT, "N", "bootstrap samples for stability [100]", MINE(resamples), 0,
     100000},
    {"sample", 0, OPTION_COUNT, "N", "judge the number of clusters by so many units when there are more "
     "[500]", MINE(sample), 10, 1000000},
    {"permutations", 0, OPTION_COUNT, "N", "of the tests of agreement [9999]", MINE(permutations), 0,
     10000000},
    {"table", 0, OPTION_TEXT, "NAME", "table on standard output, such as cluster_count, agreement or map_match; "
     "docs/tables.md lists them [clusters]", MINE(table), 0, 0},
    {"weight", 'w', OPTION_TEXT, "COLUMN", "weight column of respondents in group means [none]",
     AT(weight), 0, 0},
    {"codebook", 'c', OPTION_TEXT, "NAME", "codebook of the file [those of the space]", AT(codebook), 0,
     0},
    {"incomplete", 0, OPTION_TEXT, "RULE", "respondents who miss items in group means: means, project or "
     "drop [means]", AT(incomplete), 0, 0},
    {"min-items", 0, OPTION_COUNT, "N", "fewest answers for a position [2]", AT(min_items), 1, 1000},
    {"affine", 0, OPTION_TEXT, "NAME", "units of the map: wvs, tao2024 or none [the space's own]",
     AT(affine), 0, 0},
    {"zones", 0, OPTION_TEXT, "EDITION", "edition of the cultural zones: 2023, tao2024 or none [2023]",
     AT(zones), 0, 0},
    OPTIONS_SEED, OPTIONS_THREADS, OPTIONS_SUBSET, OPTIONS_READ, OPTIONS_OUTPUT, OPTIONS_END};

static vmap_status check_word(const char *option, const char *word, const char *first,
                              const char *second, vmap_error *err)
{
    if (!word || strcmp(word, first) == 0 || strcmp(word, second) == 0)
        return VMAP_SUCCESS;
    return vmap_error_set(err, VMAP_EINVAL, "%s: '%s' is not allowed; it is %s or %s", option, word, first,
                          second);
}

/* The first option given that says something about a space only, or about which respondents count. */
static const char *find_foreign(const cluster_settings *s)
{
    const study_settings *t = &s->study;
    const subset_settings *u = &t->subset;
    const char *of_space = t->codebook     ? "codebook"
                           : t->incomplete ? "incomplete"
                           : t->affine     ? "affine"
                           : t->zones      ? "zones"
                           : t->target     ? "target"
                           : t->min_items  ? "min-items"
                           : t->space      ? "space"
                           : s->of         ? "of"
                                           : NULL;

    if (of_space || s->key) /* sheets of a questionnaire can be chosen and weighted */
        return of_space;
    return u->where.count    ? "where"
           : u->recode.count ? "recode"
           : u->weights      ? "weights"
           : u->weight_by    ? "weight-by"
           : u->population   ? "population"
           : u->trim > 0     ? "trim"
           : s->unit         ? "unit"
                             : NULL;
}

static vmap_status check(const cluster_settings *s, const word_list *operands, vmap_error *err)
{
    bool alone = s->columns.count || s->matrix || s->key; /* nothing of a space */
    vmap_status status = check_word("unit", s->unit, "groups", "respondents", err);

    if (!status)
        status = check_word("of", s->of, "positions", "items", err);
    if (!status)
        status = check_word("reference", s->reference, "pca", "uniform", err);
    if (!status && s->study_file && (operands->count || s->matrix || s->columns.count || s->study.space ||
                                     s->study.group.count))
        status = vmap_error_set(err, VMAP_EINVAL,
                                "study: the study file names the space, the files and the groups; they cannot be "
                                "named again");
    if (!status && s->matrix && (s->columns.count || operands->count))
        status = vmap_error_set(err, VMAP_EINVAL,
                                "matrix: a matrix of distances is clustered alone, without other files");
    if (!status && s->columns.count && operands->count != 1)
        status = vmap_error_set(err, VMAP_EINVAL, "columns: one file is needed, %u are named",
                                operands->count);
    if (!status && s->unit_weights && strcmp(s->unit_weights, "none") != 0)
        status = check_word("unit-weights", s->unit_weights, "n", "weight", err);
    if (!status && s->key && (s->columns.count || s->matrix || s->study_file || s->study.space || !operands->count))
        status = vmap_error_set(err, VMAP_EINVAL, "key: sheets of a questionnaire are clustered by its scores alone; "
                                                  "name their files, and no space, columns, matrix or study");
    if (!status && alone && find_foreign(s))
        status = vmap_error_set(err, VMAP_EINVAL, "%s: it has no meaning with --%s", find_foreign(s),
                                s->matrix ? "matrix" : s->key ? "key" : "columns");
    if (!status && s->matrix && (s->study.weight || s->study.group.count || s->unit_weights || s->raw))
        status = vmap_error_set(err, VMAP_EINVAL, "matrix: a matrix of distances has no groups, weights or columns");
    if (!status && s->by.count && !s->columns.count)
        status = vmap_error_set(err, VMAP_EINVAL, "by: it goes with --columns only");
    if (!status && s->unit && !operands->count && !s->study_file)
        status = vmap_error_set(err, VMAP_EINVAL, "unit: there is no file whose units could be clustered");
    return status;
}

static vmap_status find_method(cluster_work *w, vmap_error *err)
{
    const char *name = w->settings->method ? w->settings->method : "ward", *metric = w->settings->metric;

    w->method = vmap_cluster_method_find(name, err);
    if (!w->method)
        return registry_wrong_option(err);
    if (metric && REGISTRY_FIND(vmap_cluster_metrics, vmap_cluster_metrics_count, "metric", metric, err) == vmap_cluster_metrics_count)
        return registry_wrong_option(err);
    if (w->method->needs_points && (w->settings->matrix || w->settings->metric))
        return vmap_error_set(err, VMAP_EINVAL,
                              "method: %s needs points, not distances; pam and the trees take distances",
                              name);
    return VMAP_SUCCESS;
}

static vmap_status read_units(cluster_work *w, const word_list *operands, vmap_error *err)
{
    if (w->settings->matrix)
        return clusters_read_matrix(w, err);
    if (w->settings->key)
        return clusters_read_scores(w, operands, err);
    if (w->settings->columns.count)
        return clusters_read_columns(w, operands->words[0], err);
    return clusters_read_map(w, operands, err);
}

/* ---- delivery ---- */

/* One of the commands that work on clusters. */
typedef struct {
    const char *name, *title, *table; /* main table */
    void (*build)(vmap_report *r, const cluster_work *w);
    vmap_status (*draw)(const cluster_work *w, const vmap_report *r, outcome *o, vmap_error *err);
} task;

static void build_tables(vmap_report *r, const cluster_work *w)
{
    table_cluster_count(r, w);
    table_clusters(r, w);
    table_agreement(r, w);
    table_zone_recovery(r, w);
    table_cluster_distance(r, w);
    table_matching(r, w);
    table_confusion(r, w);
    table_in_human_space(r, w);
    table_map_match(r, w);
    table_drift(r, w);
    table_off_map(r, w);
    table_tree(r, w);
}

static const task clustering = {"cluster", "Clusters", "clusters", build_tables, clusters_draw};
static const task measuring = {"distance", "Distances of clusters", "cluster_distance", table_between,
                               clusters_draw_between};

static void describe(const task *t, vmap_report *r, const cluster_work *w, const inputs *in)
{
    const cluster_settings *s = w->settings;

    outcome_provenance(r, t->name, w->simulated);
    if (w->map)
        vmap_report_provenance(r, "space %s, affine %s, zones %s, of %s, unit %s", w->map->space->name,
                               w->map->space->affine, w->study->zones, s->of ? s->of : "positions",
                               s->unit ? s->unit : "groups");
    vmap_report_provenance(r, "method %s, metric %s, seed %d", w->method->name,
                           s->metric ? s->metric : "euclidean",
                           s->study.seed ? s->study.seed : 20230217);
    outcome_provenance_inputs(r, in);
}

static vmap_status write_options(const cluster_work *w, char **text, vmap_error *err)
{
    const cluster_settings *s = w->settings;
    buffer b = {0};

    buffer_format(&b, "{\n  \"method\": \"%s\",\n  \"of\": ", w->method->name);
    buffer_json_text(&b, s->of ? s->of : "positions");
    buffer_put(&b, ",\n  \"metric\": ");
    buffer_json_text(&b, s->metric ? s->metric : "euclidean");
    buffer_put(&b, ",\n  \"space\": ");
    if (w->map)
        buffer_json_text(&b, w->map->space->name);
    else
        buffer_put(&b, "null");
    buffer_format(&b, ",\n  \"clusters\": %d,\n  \"most\": %d,\n  \"seed\": %d\n}", s->k,
                  s->most ? s->most : 10, s->study.seed ? s->study.seed : 20230217);
    return buffer_take(&b, text, NULL, err);
}

static vmap_status write_folder(const task *t, const cluster_work *w, const vmap_report *r, const inputs *in,
                                vmap_error *err)
{
    char *text = NULL;
    outcome o = {.command = t->name,
                 .title = w->settings->title ? w->settings->title : t->title,
                 .note = w->settings->note,
                 .report = r,
                 .ledger = w->ledger,
                 .in = in,
                 .simulated = w->simulated};
    vmap_status status = write_options(w, &text, err);

    o.options = text;
    if (!status)
        status = t->draw(w, r, &o, err);
    if (!status)
        status = outcome_write(&o, &w->settings->study.out, err);
    outcome_free_figures(&o);
    free(text);
    return status;
}

static vmap_status deliver(const task *t, const cluster_work *w, inputs *in, vmap_error *err)
{
    vmap_report *r = vmap_report_new(err);
    vmap_status status = r ? inputs_finish(in, err) : VMAP_ENOMEM;

    if (!status) {
        describe(t, r, w, in);
        t->build(r, w);
        status = w->settings->study.out.output ? write_folder(t, w, r, in, err)
                                                 : command_print_named(r, w->settings->table, t->table,
                                                                       w->simulated, &w->settings->study.out, err);
    }
    vmap_report_free(r);
    return status;
}

static vmap_status add_study(inputs *in, const study *s, const study_set *set, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (unsigned i = 0; set && !status && i < set->files_count; i++)
        status = inputs_add(in, s->folder, set->files[i].file, err);
    return status;
}

static vmap_status add_inputs(inputs *in, const cluster_work *w, const word_list *operands, vmap_error *err)
{
    const cluster_settings *s = w->settings;
    const char *study_of = s->study_path ? s->study_path : s->study_file;
    vmap_status status = study_of ? inputs_add(in, "", study_of, err) : VMAP_SUCCESS;

    if (!status && w->study)
        status = add_study(in, w->study, w->study->humans, err);
    if (!status && w->study)
        status = add_study(in, w->study, w->study->personas, err);
    for (unsigned i = 0; !status && i < operands->count; i++)
        status = inputs_add(in, "", operands->words[i], err);
    if (!status && s->matrix)
        status = inputs_add(in, "", s->matrix, err);
    if (!status && s->partition)
        status = inputs_add(in, "", s->partition, err);
    if (!status && s->study.space && strpbrk(s->study.space, "/."))
        status = inputs_add(in, "", s->study.space, err);
    return status;
}

/* Distances need the clusters only when they are between these. */
static bool needs_clusters(const cluster_settings *s)
{
    for (unsigned i = 0; i < s->between.count; i++) {
        if (strcmp(s->between.words[i], "cluster") == 0)
            return true;
    }
    return s->between.count == 0;
}

static vmap_status run_task(const task *t, const cluster_settings *s, const word_list *operands, vmap_error *err)
{
    cluster_work w = {.settings = s};
    inputs in = {0};
    vmap_status status = check(s, operands, err);

    if (!status)
        status = command_check_format(&s->study.out, err);
    if (!status)
        status = find_method(&w, err);
    if (!status && !(w.ledger = vmap_ledger_new(err)))
        status = VMAP_ENOMEM;
    if (!status && s->study_file)
        status = study_read(s->study_file, &w.study, err);
    if (!status)
        status = add_inputs(&in, &w, operands, err);
    if (!status && s->study.out.output)
        inputs_start(&in);
    if (!status)
        status = read_units(&w, operands, err);
    if (!status && s->partition)
        status = clusters_read_partitions(&w, err);
    if (!status && s->between.count)
        status = clusters_check_between(&w, err);
    if (!status && needs_clusters(s))
        status = clusters_find(&w, err);
    if (!status && !s->between.count)
        status = clusters_compare(&w, err);
    if (w.ledger)
        outcome_print_notes(w.ledger, &s->study.out);
    if (!status)
        status = deliver(t, &w, &in, err);
    inputs_free(&in);
    clusters_free(&w);
    vmap_ledger_free(w.ledger);
    return status;
}

static vmap_status run(const void *settings, const word_list *operands, vmap_error *err)
{
    return run_task(&clustering, settings, operands, err);
}

vmap_status clusters_distance(const cluster_settings *settings, const word_list *operands, vmap_error *err)
{
    return run_task(&measuring, settings, operands, err);
}

const command command_cluster = {
    .name = "cluster",
    .summary = "Find clusters of countries and personas, and ask whether there are any",
    .operands = "[FILE...]",
    .description =
        "Clusters the countries of a space and, when files of personas are named, the persona groups or "
        "the single personas in it; with --matrix the units of a matrix of distances, with --columns the "
        "rows of any table of numbers, with --key the sheets of a questionnaire by the scores of its scales. How many clusters there are is judged by silhouettes, gap, "
        "stability, prediction strength and a test against one single cloud; the answer may be that there are "
        "no clear clusters. Clusters are compared with the cultural zones, the models and the countries "
        "meant. Without --output one table goes to standard output; with it all tables and the report go "
        "to DIR.",
    .examples = "valuemap cluster --space iw2023 --table cluster_count\nvaluemap cluster answers.csv --group "
                "model,B_COUNTRY_ALPHA -o out\nvaluemap cluster means.csv --columns care,equality,purity "
                "--group country --method pam\nvaluemap cluster --matrix distances.csv --method average\nvaluemap "
                "cluster sheets.csv --key mfq2 --group model,persona",
    .options = options,
    .settings = sizeof(cluster_settings),
    .defaults = set_defaults,
    .least = 0,
    .most = -1,
    .run = run,
};
