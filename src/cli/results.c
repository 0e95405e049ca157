#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "cli/analysis.h"
#include "cli/command.h"
#include "cli/calibration.h"
#include "cli/figures.h"
#include "cli/outcome.h"
#include "cli/tables.h"
#include "core/buffer.h"
#include "core/file.h"

/* How the commands that carry out a study deliver it. */

/* What the reader of every Inglehart-Welzel map must know: Aleman & Woods (2016), Comp. Polit.
 * Stud. 49(8), 1039-1067; Sokolov (2018), Am. Polit. Sci. Rev. 112(2), 395-408. */
static const char *const CAUTION =
    "The two dimensions are disputed: they are not invariant across countries (Aleman & Woods "
    "2016; "
    "Sokolov 2018). A point is the mean of a group's answers, not a population.";

static const char *caution_of(const analysis *a)
{
    return analysis_is_map(a) ? CAUTION : NULL;
}

static void no_progress(const char *step)
{
    (void)step;
}

/* ---- what was done ---- */

static void describe_set(vmap_report *r, const analysis_set *set)
{
    const vmap_answers *ans = set->answers;

    if (!ans)
        return;
    vmap_report_provenance(r, "set %s: %zu respondents, weight %s, effective n %.1f", ans->set,
                           ans->n, set->study->weight ? set->study->weight : "none",
                           vmap_weight_n_eff(ans->weights, ans->n));
}

static void describe(vmap_report *r, const analysis *a, const char *command_name, const inputs *in)
{
    const study *s = a->study;

    outcome_provenance(r, command_name, a->simulated);
    vmap_report_provenance(r, "space %s (%s), affine %s, zones %s", a->space->name,
                           a->space->source, a->space->affine, s->zones);
    vmap_report_provenance(r, "incomplete %s, min_items %d, nearest %d, bootstrap %d, seed %d%s%s",
                           s->incomplete, s->min_items, s->nearest, s->bootstrap, s->seed,
                           s->humans ? ", missing " : "", s->humans ? s->missing : "");
    describe_set(r, &a->human);
    describe_set(r, &a->persona);
    outcome_provenance_inputs(r, in);
}

/* ---- tables ---- */

static void build_tables(vmap_report *r, const analysis *a, const calibration *c)
{
    table_shrinkage(r, a);
    calibration_table(r, a, c);
    table_target(r, a);
    table_nearest(r, a);
    table_zones(r, a);
    table_loadings(r, a);
    if (a->human.answers)
        table_weights(r, a);
    table_eigenvalues(r, a);
    if (a->human.groups || a->persona.groups)
        table_groups(r, a);
    table_official(r, a);
    table_items(r, a);
    table_ledger(r, a);
    table_correlation(r, a);
    table_reference(r, a);
    table_distances(r, a);
    if (a->human.answers || a->persona.answers)
        table_respondents(r, a);
}

static void build_one(vmap_report *r, const analysis *a, const char *name)
{
    if (strcmp(name, "loadings") == 0)
        table_loadings(r, a);
    else if (strcmp(name, "groups") == 0)
        table_groups(r, a);
    else if (strcmp(name, "nearest") == 0)
        table_nearest(r, a);
    else if (strcmp(name, "target") == 0)
        table_target(r, a);
    if (vmap_report_tables(r) == 0) /* the study has no such table: a target names no country */
        table_groups(r, a);
}

/* ---- the settings in run.json ---- */

static void put_key(buffer *b, const char *key, const char *text)
{
    buffer_format(b, ",\n  \"%s\": ", key);
    if (text)
        buffer_json_text(b, text);
    else
        buffer_put(b, "null");
}

static void put_texts(buffer *b, const char *key, char *const *texts, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (i == 0)
            buffer_format(b, ", \"%s\": [", key);
        else
            buffer_put(b, ", ");
        buffer_json_text(b, texts[i]);
    }
    buffer_put(b, count ? "]" : "");
}

/* What was chosen of the set, as far as something was. */
static void put_subset(buffer *b, const study_set *set)
{
    char *const words[] = {set->weights, set->weight_by, set->population};
    const char *const keys[] = {"weights", "weight_by", "population"};

    put_texts(b, "where", set->where, set->where_count);
    put_texts(b, "recode", set->recode, set->recode_count);
    for (size_t i = 0; i < 3; i++) {
        if (!words[i])
            continue;
        buffer_format(b, ", \"%s\": ", keys[i]);
        buffer_json_text(b, words[i]);
    }
    if (set->trim > 0) {
        buffer_put(b, ", \"trim\": ");
        buffer_json_number(b, set->trim);
    }
}

static void put_set(buffer *b, const char *key, const study_set *set)
{
    buffer_format(b, ",\n  \"%s\": ", key);
    if (!set) {
        buffer_put(b, "null");
        return;
    }
    buffer_put(b, "{\"files\": [");
    for (unsigned i = 0; i < set->files_count; i++) {
        buffer_put(b, i ? ", " : "");
        buffer_json_text(b, file_base(set->files[i].file));
    }
    buffer_put(b, "], \"group\": [");
    for (unsigned i = 0; i < set->group_count; i++) {
        buffer_put(b, i ? ", " : "");
        buffer_json_text(b, set->group[i]);
    }
    buffer_put(b, "], \"codebook\": ");
    buffer_json_text(b, set->codebook ? set->codebook : "");
    buffer_put(b, ", \"weight\": ");
    buffer_json_text(b, set->weight ? set->weight : "");
    buffer_put(b, ", \"target\": ");
    buffer_json_text(b, set->target ? set->target : "");
    put_subset(b, set);
    buffer_put(b, "}");
}

/* The options as a JSON object in fresh memory. */
static vmap_status write_options(const analysis *a, char **text, vmap_error *err)
{
    const study *s = a->study;
    buffer b = {0};

    buffer_put(&b, "{\n  \"title\": ");
    buffer_json_text(&b, s->title);
    put_set(&b, "humans", s->humans);
    put_set(&b, "personas", s->personas);
    put_key(&b, "space", a->space->name);
    put_key(&b, "affine", a->space->affine);
    put_key(&b, "zones", s->zones);
    put_key(&b, "missing", s->missing);
    put_key(&b, "incomplete", s->incomplete);
    buffer_format(&b,
                  ",\n  \"min_items\": %d,\n  \"nearest\": %d,\n  \"bootstrap\": %d,\n  \"seed\": "
                  "%d\n}",
                  s->min_items, s->nearest, s->bootstrap, s->seed);
    return buffer_take(&b, text, NULL, err);
}

/* ---- delivery ---- */

static vmap_status put_space(folder *f, const void *context, vmap_error *err)
{
    const analysis *a = context;
    char *path;
    vmap_status status;

    if (!a->human.answers)
        return VMAP_SUCCESS;
    path = folder_path(f, "space.json", err);
    status = path ? vmap_space_write(a->space, path, err) : VMAP_EIO;
    free(path);
    return status;
}

static vmap_status write_folder(const analysis *a, const vmap_report *r, const calibration *c, const output_settings *out,
                                const char *command_name, const inputs *in, vmap_error *err)
{
    char *options = NULL;
    outcome o = {.command = command_name,
                 .title = a->study->title,
                 .note = a->study->note,
                 .report = r,
                 .ledger = a->ledger,
                 .in = in,
                 .simulated = a->simulated,
                 .caution = caution_of(a),
                 .extra = put_space,
                 .context = a};
    vmap_status status = write_options(a, &options, err);

    o.options = options;
    if (!status)
        status = figures_make(&o, a, o.caution, err);
    if (!status)
        status = calibration_figure(&o, a, c, err);
    if (!status)
        status = outcome_write(&o, out, err);
    outcome_free_figures(&o);
    free(options);
    return status;
}

static vmap_status deliver_folder(const analysis *a, vmap_report *r, const output_settings *out, const char *command_name,
                                  const inputs *in, vmap_error *err)
{
    calibration c;
    vmap_status status = calibration_find(a, &c, err);

    if (!status) {
        build_tables(r, a, &c);
        status = write_folder(a, r, &c, out, command_name, in, err);
    }
    calibration_clear(&c);
    return status;
}

static vmap_status print_script(const analysis *a, const vmap_report *r, vmap_error *err)
{
    char *text = NULL;
    vmap_status status = figures_script(a, r, caution_of(a), &text, err);

    if (!status)
        status = command_write(text, strlen(text), err);
    free(text);
    return status;
}

static vmap_status deliver(const analysis *a, const output_settings *out, const char *command_name,
                           const char *main_table, inputs *in, vmap_error *err)
{
    vmap_report *r = vmap_report_new(err);
    vmap_status status = r ? inputs_finish(in, err) : VMAP_ENOMEM;

    if (!status) {
        describe(r, a, command_name, in);
        if (out->output) {
            status = deliver_folder(a, r, out, command_name, in, err);
        } else if (main_table) {
            build_one(r, a, main_table);
            if (a->simulated)
                vmap_report_note(vmap_report_get(r, 0),
                                 "SIMULATED DATA: these numbers say nothing about "
                                 "people or models.");
            status = command_print(r, vmap_report_get(r, 0), out, err);
        } else {
            status = print_script(a, r, err);
        }
    }
    vmap_report_free(r);
    return status;
}

static vmap_status add_set(inputs *in, const study *s, const study_set *set, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (unsigned i = 0; set && !status && i < set->files_count; i++)
        status = inputs_add(in, s->folder, set->files[i].file, err);
    if (!status && set && set->population)
        status = inputs_add(in, s->folder, set->population, err);
    return status;
}

static vmap_status add_inputs(inputs *in, const study *s, vmap_error *err)
{
    vmap_status status = add_set(in, s, s->humans, err);

    if (!status)
        status = add_set(in, s, s->personas, err);
    if (!status && s->space && strpbrk(s->space, "/."))
        status = inputs_add(in, s->folder, s->space, err);
    return status;
}

vmap_status command_study(const study *s, const output_settings *out, int threads,
                          const char *command_name, const char *main_table, vmap_error *err)
{
    analysis *a = NULL;
    inputs in = {0};
    bool resample =
        out->output || s->personas || (main_table && strcmp(main_table, "loadings") != 0);
    vmap_status status = command_check_format(out, err);

    if (!status)
        status = add_inputs(&in, s, err);
    if (!status && out->output)
        inputs_start(&in);
    if (!status)
        status = analysis_run(s, (unsigned)threads, resample,
                              out->quiet ? no_progress : outcome_progress, &a, err);
    outcome_progress("");
    if (a && a->ledger)
        outcome_print_notes(a->ledger, out);
    if (!status)
        status = deliver(a, out, command_name, main_table, &in, err);
    inputs_free(&in);
    analysis_free(a);
    return status;
}
