#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "cli/dimensions.h"
#include "cli/inputs.h"
#include "cli/outcome.h"
#include "cli/tables_factor.h"
#include "core/buffer.h"
#include "core/registry.h"

#define SETTINGS study_settings
#define MINE(member) offsetof(dimensions_settings, member)

/* Numbers for which 0 means something. */
static void set_defaults(void *settings)
{
    ((dimensions_settings *)settings)->permutations = -1;
}

static const option_spec options[] = {
    {"codebook", 'c', OPTION_TEXT, "NAME", "built-in codebook, or path of one [the one that fits]",
     AT(codebook), 0, 0},
    {"weight", 'w', OPTION_TEXT, "COLUMN", "weight column [none: all weigh the same]", AT(weight), 0, 0},
    {"group", 'g', OPTION_LIST, "COLUMN,...", "grouping column, such as the country: strata of the bootstrap, "
     "and do groups share the factors?", AT(group), 0, 0},
    {"factors", 'k', OPTION_COUNT, "N", "number of factors [what the criteria agree on]", MINE(factors), 1, 64},
    {"model", 0, OPTION_TEXT, "NAME", "of chance in parallel analysis: normal, permuted or ordinal [normal]",
     MINE(model), 0, 0},
    {"sets", 0, OPTION_COUNT, "N", "random matrices of parallel analysis [1000]", MINE(sets), 1, 1000000},
    {"comparison", 0, OPTION_COUNT, "N", "samples of comparison data, one criterion more of the number of factors; takes its "
                                         "time [none]",
     MINE(comparison), 20, 100000},
    {"align", 0, OPTION_TEXT, "NAME", "replicates with the solution: orthogonal, or columns (order and signs "
     "only) [orthogonal]", MINE(align), 0, 0},
    {"permutations", 0, OPTION_COUNT, "N", "of the noise floor of congruence; 0: none [999]",
     MINE(permutations), 0, 10000000},
    {"misfit", 0, OPTION_REAL, "DISTANCE", "an item misfits when its loadings lie farther apart [.2]",
     MINE(limit), 0, 10},
    {"bootstrap", 'b', OPTION_COUNT, "N", "bootstrap replicates [1000]", AT(bootstrap), 2, 1000000},
    {"table", 0, OPTION_TEXT, "NAME", "table on standard output, such as dimension_loadings or factor_levels; "
     "docs/tables.md lists them [retention]", MINE(table), 0, 0},
    OPTIONS_SEED,
    OPTIONS_THREADS,
    OPTIONS_SUBSET,
    OPTIONS_READ,
    OPTIONS_OUTPUT,
    OPTIONS_END};

static void describe(vmap_report *r, const dimensions *d, const inputs *in)
{
    outcome_provenance(r, "dimensions", d->answers->simulated);
    vmap_report_provenance(r, "%zu items, %zu respondents, factors %zu (%s), model %s, seed %d", d->answers->p,
                           d->answers->n, d->k, d->chosen ? "as asked" : "consensus",
                           d->settings->model ? d->settings->model : "normal", d->study->seed);
    outcome_provenance_inputs(r, in);
}

static vmap_status write_folder(const dimensions *d, const vmap_report *r, const inputs *in, vmap_error *err)
{
    char *text = NULL;
    buffer b = {0};
    outcome o = {.command = "dimensions",
                 .title = "Dimensions",
                 .report = r,
                 .ledger = d->read->ledger,
                 .in = in,
                 .simulated = d->answers->simulated};
    vmap_status status;

    buffer_put(&b, "{\n  \"model\": ");
    buffer_json_text(&b, d->settings->model ? d->settings->model : "normal");
    buffer_format(&b, ",\n  \"factors\": %zu,\n  \"bootstrap\": %d,\n  \"seed\": %d\n}", d->k,
                  d->study->bootstrap, d->study->seed);
    status = buffer_take(&b, &text, NULL, err);
    o.options = text;
    if (!status)
        status = outcome_write(&o, &d->settings->study.out, err);
    outcome_free_figures(&o);
    free(text);
    return status;
}

static vmap_status deliver(const dimensions *d, inputs *in, vmap_error *err)
{
    vmap_report *r = vmap_report_new(err);
    vmap_status status = r ? inputs_finish(in, err) : VMAP_ENOMEM;

    if (!status) {
        describe(r, d, in);
        table_retention(r, d->retention, d->n);
        table_factor_eigenvalues(r, d->retention);
        table_retention_fits(r, d->retention, false);
        if (d->bootstrap)
            table_loading_intervals(r, "dimension_loadings", "Principal components after varimax.", d->bootstrap,
                                    d->shared.without_group, d->answers->items);
        if (d->loadings) {
            factor_scales s = {.loadings = d->loadings, .items = d->answers->items, .values = d->answers->values,
                               .rows = d->answers->n, .weights = d->answers->weights, .respondents = d->n};

            table_scales(r, &s);
        }
        table_stability(r, &d->shared);
        table_level_items(r, &d->shared);
        table_levels(r, &d->shared);
        table_shared(r, &d->shared);
        status = d->settings->study.out.output ? write_folder(d, r, in, err)
                                                 : command_print_named(r, d->settings->table, "retention",
                                                                       d->answers->simulated, &d->settings->study.out, err);
    }
    vmap_report_free(r);
    return status;
}

static vmap_status check(const dimensions_settings *s, vmap_error *err)
{
    vmap_parallel_model model;

    if (s->align && strcmp(s->align, "orthogonal") != 0 && strcmp(s->align, "columns") != 0)
        return vmap_error_set(err, VMAP_EINVAL, "align: '%s' is not allowed; it is orthogonal or columns",
                              s->align);
    if (s->model && vmap_parallel_model_find(s->model, &model, err))
        return registry_wrong_option(err);
    return command_check_format(&s->study.out, err);
}

static vmap_status find(dimensions *d, const word_list *operands, inputs *in, vmap_error *err)
{
    vmap_status status = study_check(d->study, err);

    for (unsigned i = 0; !status && i < operands->count; i++)
        status = inputs_add(in, "", operands->words[i], err);
    if (!status && d->settings->study.out.output)
        inputs_start(in);
    if (!status)
        status = analysis_read(d->study, (unsigned)d->settings->study.threads, outcome_progress, NULL, &d->read, err);
    if (!status) {
        d->answers = d->read->human.answers;
        outcome_progress("resampling");
        status = dimensions_find(d, err);
    }
    outcome_progress("");
    if (d->read && d->read->ledger)
        outcome_print_notes(d->read->ledger, &d->settings->study.out);
    return status;
}

static vmap_status run(const void *settings, const word_list *operands, vmap_error *err)
{
    const dimensions_settings *s = settings;
    dimensions d = {.settings = s, .study = command_new_study(&s->study)};
    inputs in = {0};
    vmap_status status = check(s, err);

    if (!status && (!d.study || !(d.study->humans = command_set(&s->study, operands))))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for the study");
    if (!status)
        status = find(&d, operands, &in, err);
    if (!status)
        status = deliver(&d, &in, err);
    inputs_free(&in);
    dimensions_free(&d);
    study_free(d.study);
    return status;
}

const command command_dimensions = {
    .name = "dimensions",
    .summary = "How many dimensions the answers have, how sure they are, who shares them",
    .operands = "FILE...",
    .description =
        "Asks several criteria how many factors the items have; the answer may be none. The components are then "
        "bootstrapped within groups, computed without each item and each group, on people within groups and on "
        "group means, and for each group by itself, and the reliability of their items is judged. Without --output "
        "one table goes to standard output; with it all tables and the report go to DIR.",
    .examples = "valuemap dimensions people.csv --codebook iw-wvs7 --weight W_WEIGHT\nvaluemap dimensions "
                "people.csv --codebook iw-wvs7 --group B_COUNTRY_ALPHA --factors 2 --table factor_levels",
    .options = options,
    .settings = sizeof(dimensions_settings),
    .defaults = set_defaults,
    .least = 1,
    .most = -1,
    .run = run,
};
