#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <gsl/gsl_version.h>

#include "cli/analysis.h"
#include "cli/command.h"
#include "cli/figures.h"
#include "cli/folder.h"
#include "cli/inputs.h"
#include "cli/tables.h"
#include "core/buffer.h"
#include "core/file.h"
#include "core/text.h"

/* What the reader of every map must know: Aleman & Woods (2016), Comp. Polit. Stud. 49(8), 1039-1067;
 * Sokolov (2018), Am. Polit. Sci. Rev. 112(2), 395-408. */
static const char *const CAUTION =
    "The two dimensions are disputed: they are not invariant across countries (Aleman & Woods 2016; "
    "Sokolov 2018). A point is the mean of a group's answers, not a population.";

/* ---- progress ---- */

/* Steps are shown only on a terminal and only once the work has taken a second. */
static void show_progress(const char *step)
{
    static struct timespec start; /* of the first step; the program carries out one study */
    static bool shown;
    struct timespec now;

    if (!isatty(STDERR_FILENO))
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!start.tv_sec)
        start = now;
    if (*step ? now.tv_sec - start.tv_sec >= 1 : shown) {
        fprintf(stderr, "\r\033[K%s%s", step, *step ? " ..." : "");
        shown = true;
    }
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

    vmap_report_provenance(r, "%s, %s", PACKAGE_STRING, command_name);
    if (a->simulated)
        vmap_report_provenance(r, "SIMULATED DATA: these numbers say nothing about people or models");
    vmap_report_provenance(r, "space %s (%s), affine %s, zones %s", a->space->name,
                           a->space->source, a->space->affine, s->zones);
    vmap_report_provenance(r, "incomplete %s, min_items %d, nearest %d, bootstrap %d, seed %d%s%s",
                           s->incomplete, s->min_items, s->nearest, s->bootstrap, s->seed,
                           s->humans ? ", missing " : "", s->humans ? s->missing : "");
    describe_set(r, &a->human);
    describe_set(r, &a->persona);
    for (size_t i = 0; i < in->count; i++)
        vmap_report_provenance(r, "input %s%s%s", in->list[i].name,
                               in->list[i].hash[0] ? " sha256 " : "", in->list[i].hash);
}

/* ---- tables ---- */

static void build_tables(vmap_report *r, const analysis *a)
{
    table_shrinkage(r, a);
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

static vmap_status put_tables(folder *f, const vmap_report *r, const output_settings *set, vmap_error *err)
{
    vmap_write_options options;
    vmap_status status = VMAP_SUCCESS;

    vmap_write_defaults(&options);
    options.comments = !set->no_comments;
    options.formula_guard = !set->no_formula_guard;
    for (size_t i = 0; !status && i < vmap_report_tables(r); i++) {
        const vmap_report_table *t = vmap_report_get(r, i);
        char *name = text_format("tables/%s.tsv", vmap_report_name(t)), *text = NULL;
        size_t n = 0;

        status = name ? vmap_report_write(r, t, "tsv", &options, &text, &n, err)
                      : vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
        if (!status)
            status = folder_put(f, name, text, n, err);
        free(name);
        free(text);
    }
    return status;
}

/* ---- run.json ---- */

static void put_key(buffer *b, const char *key, const char *text)
{
    buffer_format(b, ",\n  \"%s\": ", key);
    if (text)
        buffer_json_text(b, text);
    else
        buffer_put(b, "null");
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
    buffer_put(b, "}");
}

static void put_options(buffer *b, const analysis *a)
{
    const study *s = a->study;

    buffer_put(b, ",\n\"options\": {\n  \"title\": ");
    buffer_json_text(b, s->title);
    put_set(b, "humans", s->humans);
    put_set(b, "personas", s->personas);
    put_key(b, "space", a->space->name);
    put_key(b, "affine", a->space->affine);
    put_key(b, "zones", s->zones);
    put_key(b, "missing", s->missing);
    put_key(b, "incomplete", s->incomplete);
    buffer_format(b, ",\n  \"min_items\": %d,\n  \"nearest\": %d,\n  \"bootstrap\": %d,\n  \"seed\": "
                     "%d\n}",
                  s->min_items, s->nearest, s->bootstrap, s->seed);
}

static void put_ledger(buffer *b, const vmap_ledger *ledger)
{
    buffer_put(b, ",\n\"ledger\": [");
    for (size_t i = 0; i < ledger->count; i++) {
        const vmap_ledger_entry *e = &ledger->entries[i];
        const char *keys[] = {"set", "file", "step", "item", "what", "unit"};
        const char *texts[] = {e->set, e->file, e->step, e->item, e->reason, e->unit};

        buffer_put(b, i ? ",\n  {" : "\n  {");
        for (size_t q = 0; q < 6; q++) {
            buffer_format(b, "\"%s\": ", keys[q]);
            buffer_json_text(b, texts[q]);
            buffer_put(b, ", ");
        }
        buffer_format(b, "\"count\": %zu}", e->count);
    }
    buffer_put(b, "\n],\n\"notes\": [");
    for (size_t i = 0; i < ledger->notes_count; i++) {
        buffer_put(b, i ? ",\n  " : "\n  ");
        buffer_put(b, ledger->notes[i].warning ? "{\"warning\": " : "{\"note\": ");
        buffer_json_text(b, ledger->notes[i].text);
        buffer_put(b, "}");
    }
    buffer_put(b, "\n]");
}

char *openblas_get_config(void); /* of OpenBLAS; its header does not go with GSL's */

static vmap_status put_run(folder *f, const analysis *a, const char *command_name, const inputs *in,
                           vmap_error *err)
{
    buffer b = {0};
    char *text = NULL;
    size_t n = 0;
    vmap_status status;

    buffer_put(&b, "{\"program\": \"valuemap\",\n\"version\": \"" PACKAGE_VERSION "\"");
    buffer_format(&b, ",\n\"libraries\": {\"gsl\": \"%s\", \"openblas\": ", gsl_version);
    buffer_json_text(&b, openblas_get_config());
    buffer_format(&b, "},\n\"command\": \"%s\",\n\"simulated\": %s", command_name,
                  a->simulated ? "true" : "false");
    put_options(&b, a);
    buffer_put(&b, ",\n\"inputs\": [");
    for (size_t i = 0; i < in->count; i++) {
        buffer_put(&b, i ? ",\n  {\"file\": " : "\n  {\"file\": ");
        buffer_json_text(&b, in->list[i].name);
        buffer_format(&b, ", \"sha256\": \"%s\"}", in->list[i].hash);
    }
    buffer_put(&b, "\n]");
    put_ledger(&b, a->ledger);
    buffer_put(&b, ",\n\"files\": [");
    for (size_t i = 0; i < folder_files(f); i++) {
        buffer_put(&b, i ? ", " : "");
        buffer_json_text(&b, folder_file(f, i));
    }
    buffer_put(&b, folder_files(f) ? ", \"run.json\"]}\n" : "\"run.json\"]}\n");
    status = buffer_take(&b, &text, &n, err);
    if (!status)
        status = folder_put(f, "run.json", text, n, err);
    free(text);
    return status;
}

/* ---- the page ---- */

static vmap_status put_page(folder *f, const vmap_report *r, const analysis *a, const figure *figures,
                            size_t figures_count, vmap_error *err)
{
    vmap_page_figure shown[FIGURES_MAX];
    const vmap_ledger *ledger = a->ledger;
    const char **warnings = calloc(ledger->notes_count + 2, sizeof *warnings);
    const char **notes = calloc(ledger->notes_count + 1, sizeof *notes);
    vmap_page page = {.title = a->study->title, .lead = a->study->note, .figures = shown,
                      .figures_count = figures_count, .warnings = warnings, .notes = notes};
    char *text = NULL;
    size_t n = 0;
    vmap_status status = warnings && notes ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (status) {
        vmap_error_set(err, status, "no memory for the page");
    } else {
        if (a->space->k == 2)
            warnings[page.warnings_count++] = CAUTION;
        for (size_t i = 0; i < ledger->notes_count; i++) {
            if (ledger->notes[i].warning)
                warnings[page.warnings_count++] = ledger->notes[i].text;
            else
                notes[page.notes_count++] = ledger->notes[i].text;
        }
        for (size_t i = 0; i < figures_count; i++)
            shown[i] = (vmap_page_figure){figures[i].svg, figures[i].file, figures[i].caption};
        status = vmap_report_page(r, &page, &text, &n, err);
    }
    if (!status)
        status = folder_put(f, "report.html", text, n, err);
    free(warnings);
    free(notes);
    free(text);
    return status;
}

/* ---- all of it ---- */

static vmap_status put_space(folder *f, const vmap_space *space, vmap_error *err)
{
    char *path = folder_path(f, "space.json", err);
    vmap_status status = path ? vmap_space_write(space, path, err) : VMAP_EIO;

    free(path);
    return status;
}

static vmap_status write_folder(const analysis *a, const vmap_report *r, const output_settings *set,
                                const char *command_name, const inputs *in, vmap_error *err)
{
    folder *f = NULL;
    figure figures[FIGURES_MAX];
    size_t count = 0;
    vmap_status status = folder_open(set->output, &f, err);

    if (!status)
        status = put_tables(f, r, set, err);
    if (!status && a->human.answers)
        status = put_space(f, a->space, err);
    if (!status)
        status = figures_make(f, a, r, CAUTION, figures, &count, err);
    if (!status)
        status = put_page(f, r, a, figures, count, err);
    if (!status)
        status = put_run(f, a, command_name, in, err);
    if (!status)
        status = folder_close(f, err);
    figures_free(figures, count);
    folder_free(f);
    return status;
}

static void print_notes(const analysis *a)
{
    for (size_t i = 0; i < a->ledger->notes_count; i++)
        fprintf(stderr, "valuemap: %s: %s\n", a->ledger->notes[i].warning ? "warning" : "note",
                a->ledger->notes[i].text);
}

static vmap_status print_script(const analysis *a, const vmap_report *r, vmap_error *err)
{
    char *text = NULL;
    size_t n = 0;
    vmap_status status = figures_script(a, r, CAUTION, &text, &n, err);

    if (!status)
        status = command_write(text, n, err);
    free(text);
    return status;
}

static vmap_status deliver(const analysis *a, const output_settings *set, const char *command_name,
                           const char *main_table, inputs *in, vmap_error *err)
{
    vmap_report *r = vmap_report_new(err);
    vmap_status status = r ? inputs_finish(in, err) : VMAP_ENOMEM;

    if (!status) {
        describe(r, a, command_name, in);
        if (set->output) {
            build_tables(r, a);
            status = write_folder(a, r, set, command_name, in, err);
        } else if (main_table) {
            build_one(r, a, main_table);
            status = command_print(r, vmap_report_get(r, 0), set, err);
        } else {
            status = print_script(a, r, err);
        }
    }
    if (!status && set->output && !set->quiet)
        fprintf(stderr, "valuemap: results are in %s: open %s/report.html\n", set->output,
                set->output);
    vmap_report_free(r);
    return status;
}

vmap_status command_study(const study *s, const output_settings *set, int threads,
                          const char *command_name, const char *main_table, vmap_error *err)
{
    analysis *a = NULL;
    inputs in = {0};
    bool resample = set->output || s->personas || (main_table && strcmp(main_table, "loadings") != 0);
    vmap_status status = command_check_format(set, err);

    if (!status)
        status = inputs_start(&in, s, set->output != NULL, err);
    if (!status)
        status = analysis_run(s, (unsigned)threads, resample,
                              set->quiet ? no_progress : show_progress, &a, err);
    show_progress("");
    if (a && a->ledger && !set->quiet)
        print_notes(a);
    if (!status)
        status = deliver(a, set, command_name, main_table, &in, err);
    inputs_free(&in);
    analysis_free(a);
    return status;
}
