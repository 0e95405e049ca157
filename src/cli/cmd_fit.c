#include <config.h>
#include "cli/command.h"

#include "core/text.h"

#define SETTINGS study_settings

static const option_spec options[] = {
    {"codebook", 'c', OPTION_TEXT, "NAME", "built-in codebook, or path of one [the one that fits]",
     AT(codebook), 0, 0},
    {"weight", 'w', OPTION_TEXT, "COLUMN", "weight column [none: all weigh the same]", AT(weight), 0,
     0},
    {"group", 'g', OPTION_LIST, "COLUMN,...", "grouping columns, such as the country", AT(group), 0,
     0},
    {"missing", 0, OPTION_TEXT, "RULE", "correlations: pairwise or listwise [pairwise]", AT(missing),
     0, 0},
    {"incomplete", 0, OPTION_TEXT, "RULE", "respondents who miss items in group means: means (of the answers "
     "given), project or drop [means; the official map drops]", AT(incomplete), 0, 0},
    {"affine", 0, OPTION_TEXT, "NAME", "units of the map: wvs, tao2024 or none [wvs]", AT(affine), 0,
     0},
    {"axes", 'k', OPTION_COUNT, "N", "number of components [as the codebook says]", AT(axes), 1, 64},
    {"name", 0, OPTION_TEXT, "NAME", "name of the space [fitted]", AT(name), 0, 0},
    {"min-items", 0, OPTION_COUNT, "N", "fewest answers for a position [2]", AT(min_items), 1, 1000},
    {"zones", 0, OPTION_TEXT, "EDITION", "edition of the cultural zones: 2023, tao2024 or none [2023]",
     AT(zones), 0, 0},
    {"bootstrap", 'b', OPTION_COUNT, "N", "bootstrap replicates [1000]", AT(bootstrap), 2, 1000000},
    OPTIONS_SEED,
    OPTIONS_THREADS,
    OPTIONS_SUBSET,
    OPTIONS_READ,
    OPTIONS_OUTPUT,
    OPTIONS_END};

static vmap_status run(const void *settings, const word_list *operands, vmap_error *err)
{
    const study_settings *set = settings;
    study *s = command_new_study(set);
    vmap_status status;

    if (!s || !(s->humans = command_set(set, operands))) {
        study_free(s);
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for the study");
    }
    status = study_check(s, err);
    if (!status)
        status = command_study(s, &set->out, set->threads, "fit", "loadings", err);
    study_free(s);
    return status;
}

const command command_fit = {
    .name = "fit",
    .summary = "Fit a value space on the answers of people",
    .operands = "FILE...",
    .description =
        "Weighted pairwise correlations, principal components, varimax, axes by content, and the mean "
        "position of every group. The space is written to DIR/space.json, which project, distance and "
        "plot read. Without --output the loadings go to standard output.",
    .examples = "valuemap fit people.csv --codebook iw-wvs7 --weight W_WEIGHT --group "
                "B_COUNTRY_ALPHA -o out\nvaluemap fit ivs.csv --weight S017 --group S025 --incomplete "
                "drop -o out",
    .options = options,
    .settings = sizeof(study_settings),
    .least = 1,
    .most = -1,
    .run = run,
};
