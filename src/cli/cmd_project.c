#include <config.h>
#include "cli/clusters.h"
#include "cli/command.h"

#include "core/text.h"

#define SETTINGS study_settings

#define OPTIONS_PROJECT \
    {"space", 's', OPTION_TEXT, "NAME", "built-in space, or path of a space.json [iw2023]", \
     AT(space), 0, 0}, \
    {"group", 'g', OPTION_LIST, "COLUMN,...", "grouping columns, such as the model and the country", \
     AT(group), 0, 0}, \
    {"target", 't', OPTION_TEXT, "COLUMN", "grouping column that names the country meant [the one " \
     "whose labels are countries]", AT(target), 0, 0}, \
    {"weight", 'w', OPTION_TEXT, "COLUMN", "weight column [none: all weigh the same]", AT(weight), \
     0, 0}, \
    {"codebook", 'c', OPTION_TEXT, "NAME", "codebook of the file [those of the space]", \
     AT(codebook), 0, 0}, \
    {"set", 0, OPTION_TEXT, "NAME", "name of this set of respondents in tables [persona]", AT(set), \
     0, 0}, \
    {"incomplete", 0, OPTION_TEXT, "RULE", "respondents who miss items in group means: means (of the " \
     "answers given), project or drop [means]", AT(incomplete), 0, 0}, \
    {"min-items", 0, OPTION_COUNT, "N", "fewest answers for a position [2]", AT(min_items), 1, 1000}, \
    {"affine", 0, OPTION_TEXT, "NAME", "units of the map: wvs, tao2024 or none [the space's own]", \
     AT(affine), 0, 0}, \
    {"zones", 0, OPTION_TEXT, "EDITION", "edition of the cultural zones: 2023, tao2024 or none " \
     "[2023]", AT(zones), 0, 0}, \
    {"nearest", 'n', OPTION_COUNT, "N", "number of nearest countries [5]", AT(nearest), 1, 1000}, \
    {"bootstrap", 'b', OPTION_COUNT, "N", "bootstrap replicates [1000]", AT(bootstrap), 2, 1000000}, \
    OPTIONS_SEED, OPTIONS_THREADS, OPTIONS_SUBSET, OPTIONS_READ, OPTIONS_OUTPUT

#define OPTIONS_FIGURE \
    {"size", 0, OPTION_TEXT, "NAME", "of the figure: page (180 mm), column (85 mm) or slide [page]", \
     AT(size), 0, 0}, \
    {"highlight", 0, OPTION_LIST, "COUNTRY,...", "label these target countries' groups, with ellipses " \
     "and arrows [all when there are few]", AT(highlight), 0, 0}

static const option_spec options[] = {OPTIONS_PROJECT, OPTIONS_FIGURE, OPTIONS_END};

/* Those of `distance` only; the options above stand in the first member of its settings. */
#define MINE(member) offsetof(cluster_settings, member)

static const option_spec distance_options[] = {
    {"between", 0, OPTION_LIST, "WHAT[,WHAT]", "distances of clusters instead: cluster (found as by 'valuemap cluster'), "
     "zone or a grouping column; the first of the personas, the second of people; one alone: among themselves",
     MINE(between), 0, 0},
    {"distance", 0, OPTION_LIST, "NAME,...", "with --between: centroid, mahalanobis, bhattacharyya, hellinger, energy, mmd, "
     "w2_gaussian, w2, hausdorff, single, complete, average or all [centroid,mahalanobis,energy]",
     MINE(distance), 0, 0},
    {"resamples", 0, OPTION_COUNT, "N", "with --between: bootstrap samples of the intervals; 0: none [200]",
     MINE(resamples), 0, 100000},
    {"clusters", 'k', OPTION_COUNT, "N", "with --between cluster: how many [that of the greatest silhouette]", MINE(k),
     1, 1000000},
    {"method", 'm', OPTION_TEXT, "NAME", "with --between cluster: kmeans, pam, ward, average, complete, single, mixture "
     "or hdbscan [ward]", MINE(method), 0, 0},
    {"unit", 0, OPTION_TEXT, "KIND", "with --between: groups or respondents are the units [groups]", MINE(unit), 0,
     0},
    {"of", 0, OPTION_TEXT, "WHAT", "with --between: measure positions in the space, or items [positions]", MINE(of), 0,
     0},
    {"matrix", 0, OPTION_TEXT, "FILE", "with --between cluster: a matrix of distances instead; the first column names the "
     "units", MINE(matrix), 0, 0},
    {"columns", 0, OPTION_LIST, "COLUMN,...", "with --between: rows of a file by these columns of numbers instead; NAME* "
     "takes all that begin so", MINE(columns), 0, 0},
    {"by", 0, OPTION_LIST, "COLUMN,...", "with --columns: columns of known groups", MINE(by), 0, 0},
    {"partition", 0, OPTION_TEXT, "FILE", "with --between: groups of the units that are known, such as religions: the first column names "
     "units as the table clusters does, or the country meant; every other column is a partition", MINE(partition), 0, 0},
    {"raw", 0, OPTION_FLAG, NULL, "with --columns: as they are, not standardised", MINE(raw), 0, 0},
    OPTIONS_PROJECT, OPTIONS_FIGURE, OPTIONS_END};

static vmap_status run_table(const study_settings *set, const word_list *operands, const char *name,
                             const char *table, vmap_error *err)
{
    study *s = command_new_study(set);
    vmap_status status = VMAP_ENOMEM;

    if (s && !s->space)
        s->space = text_copy("iw2023", 6);
    if (s && operands->count)
        s->personas = command_set(set, operands);
    if (s && (s->personas || !operands->count))
        status = study_check(s, err);
    else
        vmap_error_set(err, VMAP_ENOMEM, "no memory for the study");
    if (!status)
        status = command_study(s, &set->out, set->threads, name, table, err);
    study_free(s);
    return status;
}

static vmap_status run_project(const void *set, const word_list *operands, vmap_error *err)
{
    return run_table(set, operands, "project", "groups", err);
}

static void set_distance_defaults(void *settings)
{
    ((cluster_settings *)settings)->resamples = -1; /* 0 means none */
}

/* Options of clusters without --between would be ignored: they are refused. */
static vmap_status check_distance(const cluster_settings *s, const word_list *operands, vmap_error *err)
{
    const char *alone = s->distance.count   ? "distance"
                        : s->resamples >= 0 ? "resamples"
                        : s->k              ? "clusters"
                        : s->method         ? "method"
                        : s->unit           ? "unit"
                        : s->of             ? "of"
                        : s->matrix         ? "matrix"
                        : s->columns.count  ? "columns"
                        : s->by.count       ? "by"
                        : s->partition      ? "partition"
                        : s->raw            ? "raw"
                                            : NULL;

    const char *foreign = s->study.nearest           ? "nearest"
                          : s->study.bootstrap       ? "bootstrap"
                          : s->study.size            ? "size"
                          : s->study.highlight.count ? "highlight"
                                                     : NULL;

    if (foreign && s->between.count)
        return vmap_error_set(err, VMAP_EINVAL, "%s: it does not go with --between", foreign);
    if (s->between.count > 2)
        return vmap_error_set(err, VMAP_EINVAL, "between: one or two words are allowed, not %u", s->between.count);
    if (alone && !s->between.count)
        return vmap_error_set(err, VMAP_EINVAL, "%s: it goes with --between only", alone);
    if (!s->between.count && !operands->count)
        return vmap_error_set(err, VMAP_EINVAL, "distance needs FILE...");
    return VMAP_SUCCESS;
}

static vmap_status run_distance(const void *set, const word_list *operands, vmap_error *err)
{
    const cluster_settings *s = set;
    vmap_status status = check_distance(s, operands, err);

    if (status)
        return status;
    return s->between.count ? clusters_distance(s, operands, err)
                            : run_table(&s->study, operands, "distance", "nearest", err);
}

static vmap_status run_plot(const void *set, const word_list *operands, vmap_error *err)
{
    return run_table(set, operands, "plot", NULL, err);
}

const command command_project = {
    .name = "project",
    .summary = "Place answers in a frozen space",
    .operands = "FILE...",
    .description =
        "Complete answers give the exact score; incomplete ones the position expected from the items "
        "that were answered, with its posterior standard deviation. Several files with the same "
        "grouping columns are taken together. Without --output the mean position of every group goes "
        "to standard output; with it all tables, the figures and the report go to DIR.",
    .examples =
        "valuemap project answers.csv --space iw2023 --group model,B_COUNTRY_ALPHA -o out",
    .options = options,
    .settings = sizeof(study_settings),
    .least = 1,
    .most = -1,
    .run = run_project,
};

const command command_distance = {
    .name = "distance",
    .summary = "Measure how far groups are from countries and zones, and clusters from each other",
    .operands = "[FILE...]",
    .description =
        "The nearest countries of every group with the share of bootstrap replicates that select them; "
        "with --output also every distance, the rank of the target country, the distances to zones, "
        "and how far groups spread against the countries that they stand for. With --between the distances of "
        "clusters, each with a bootstrap interval: of clusters that are found, of zones, of models or other "
        "groups, on the map, in item space, in any table of numbers or matrix of distances.",
    .examples = "valuemap distance answers.csv --space iw2023 --group model,B_COUNTRY_ALPHA "
                "--nearest 3\nvaluemap distance answers.csv --space out/space.json --group model "
                "--format md\nvaluemap distance answers.csv --group model,B_COUNTRY_ALPHA --between "
                "model,zone\nvaluemap distance --matrix distances.csv --between cluster -k 3",
    .options = distance_options,
    .settings = sizeof(cluster_settings),
    .defaults = set_distance_defaults,
    .least = 0,
    .most = -1,
    .run = run_distance,
};

const command command_plot = {
    .name = "plot",
    .summary = "Draw the cultural map",
    .operands = "[FILE...]",
    .description =
        "Writes the gnuplot script of the map to standard output, or with --output the figures (.gp, "
        "and .svg and .pdf when gnuplot is installed) with all tables to DIR. Without a file the map "
        "shows the countries alone.",
    .examples = "valuemap plot --space iw2023 > map.gp && gnuplot map.gp\nvaluemap plot answers.csv "
                "--group model,B_COUNTRY_ALPHA --highlight SWE,JPN,USA,EGY -o out",
    .options = options,
    .settings = sizeof(study_settings),
    .least = 0,
    .most = -1,
    .run = run_plot,
};
