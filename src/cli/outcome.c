#include <config.h>
#include "cli/outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <gsl/gsl_version.h>

#include "core/buffer.h"
#include "core/file.h"
#include "core/text.h"
#include "valuemap/figure.h"

char *openblas_get_config(void); /* of OpenBLAS; its header does not go with GSL's */

void outcome_progress(const char *step)
{
    static struct timespec start; /* of the first step; the program does one work */
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

void outcome_print_notes(const vmap_ledger *ledger, const output_settings *out)
{
    for (size_t i = 0; !out->quiet && i < ledger->notes_count; i++)
        fprintf(stderr, "valuemap: %s: %s\n", ledger->notes[i].warning ? "warning" : "note",
                ledger->notes[i].text);
}

void outcome_provenance(vmap_report *r, const char *command_name, bool simulated)
{
    vmap_report_provenance(r, "%s, %s", PACKAGE_STRING, command_name);
    if (simulated)
        vmap_report_provenance(r,
                               "SIMULATED DATA: these numbers say nothing about people or models");
}

void outcome_provenance_inputs(vmap_report *r, const inputs *in)
{
    for (size_t i = 0; i < in->count; i++)
        vmap_report_provenance(r, "input %s%s%s", in->list[i].name,
                               in->list[i].hash[0] ? " sha256 " : "", in->list[i].hash);
}

/* ---- tables ---- */

static vmap_status put_tables(folder *f, const outcome *o, const output_settings *out,
                              vmap_error *err)
{
    vmap_write_options options;
    vmap_status status = VMAP_SUCCESS;

    vmap_write_defaults(&options);
    options.comments = !out->no_comments;
    options.formula_guard = !out->no_formula_guard;
    for (size_t i = 0; !status && i < vmap_report_tables(o->report); i++) {
        const vmap_report_table *t = vmap_report_get(o->report, i);
        char *name = text_format("tables/%s.tsv", vmap_report_name(t)), *text = NULL;
        size_t n = 0;

        status = name ? vmap_report_write(o->report, t, "tsv", &options, &text, &n, err)
                      : vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
        if (!status)
            status = folder_put(f, name, text, n, err);
        free(name);
        free(text);
    }
    return status;
}

/* ---- figures ---- */

size_t outcome_chart_provenance(const vmap_report *r, const char **line, size_t most)
{
    size_t n = vmap_report_provenance_count(r) < most ? vmap_report_provenance_count(r) : most;

    for (size_t i = 0; i < n; i++)
        line[i] = vmap_report_provenance_line(r, i);
    return n;
}

vmap_status outcome_add_figure(outcome *o, const char *name, char *script, const char *caption,
                               vmap_error *err)
{
    outcome_figure *figure = &o->figures[o->figures_count];

    if (o->figures_count == OUTCOME_FIGURES_MAX) {
        free(script);
        return vmap_error_set(err, VMAP_EINVAL, "a report has at most %d figures",
                              OUTCOME_FIGURES_MAX);
    }
    o->figures_count++;
    figure->script = script;
    figure->name = text_copy(name, strlen(name));
    figure->caption = text_copy(caption, strlen(caption));
    return figure->name && figure->caption
               ? VMAP_SUCCESS
               : vmap_error_set(err, VMAP_ENOMEM, "no memory for a caption");
}

void outcome_free_figures(outcome *o)
{
    for (size_t i = 0; i < o->figures_count; i++) {
        free(o->figures[i].name);
        free(o->figures[i].script);
        free(o->figures[i].caption);
    }
    o->figures_count = 0;
}

/* Draw a script that lies in the folder. */
static vmap_status draw(folder *f, const char *script, const char *name, const char *format,
                        vmap_error *err)
{
    char *file = text_format("figures/%s.%s", name, format);
    char *path = file ? folder_path(f, file, err) : NULL;
    vmap_status status = path ? vmap_figure_render(script, format, path, err) : VMAP_ENOMEM;

    if (status && file)
        folder_drop(f, file);
    free(file);
    free(path);
    return status;
}

/* Write a script and, where gnuplot is there, its drawings; *svg is the text for the page or NULL.
 */
static vmap_status put_figure(folder *f, const outcome_figure *figure, bool render, char **svg,
                              vmap_error *err)
{
    char *file = text_format("figures/%s.gp", figure->name);
    char *path = file ? folder_path(f, file, err) : NULL;
    vmap_status status =
        path ? file_write(path, figure->script, strlen(figure->script), err) : VMAP_ENOMEM;
    size_t n = 0;

    *svg = NULL;
    if (!status && render) {
        status = draw(f, path, figure->name, "svg", err);
        if (!status)
            status = draw(f, path, figure->name, "pdf", err);
        free(path);
        path = NULL;
        if (!status) {
            free(file);
            file = text_format("figures/%s.svg", figure->name);
            path = file ? folder_place(f, file) : NULL;
            status = path ? file_read(path, svg, &n, err) : VMAP_ENOMEM;
        }
    }
    free(file);
    free(path);
    return status;
}

/* ---- run.json ---- */

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

static vmap_status put_run(folder *f, const outcome *o, vmap_error *err)
{
    buffer b = {0};
    char *text = NULL;
    size_t n = 0;
    vmap_status status;

    buffer_put(&b, "{\"program\": \"valuemap\",\n\"version\": \"" PACKAGE_VERSION "\"");
    buffer_format(&b, ",\n\"libraries\": {\"gsl\": \"%s\", \"openblas\": ", gsl_version);
    buffer_json_text(&b, openblas_get_config());
    buffer_format(&b, "},\n\"command\": \"%s\",\n\"simulated\": %s", o->command,
                  o->simulated ? "true" : "false");
    buffer_format(&b, ",\n\"options\": %s,\n\"inputs\": [", o->options);
    for (size_t i = 0; i < o->in->count; i++) {
        buffer_put(&b, i ? ",\n  {\"file\": " : "\n  {\"file\": ");
        buffer_json_text(&b, o->in->list[i].name);
        buffer_format(&b, ", \"sha256\": \"%s\"}", o->in->list[i].hash);
    }
    buffer_put(&b, "\n]");
    put_ledger(&b, o->ledger);
    buffer_put(&b, ",\n\"files\": [");
    for (size_t i = 0; i < folder_files(f); i++) {
        buffer_json_text(&b, folder_file(f, i));
        buffer_put(&b, ", ");
    }
    buffer_put(&b, "\"run.json\"]}\n");
    status = buffer_take(&b, &text, &n, err);
    if (!status)
        status = folder_put(f, "run.json", text, n, err);
    free(text);
    return status;
}

/* ---- the page ---- */

/* svg: one text, or NULL, per figure. */
static vmap_status put_page(folder *f, const outcome *o, char *const *svg, vmap_error *err)
{
    vmap_page_figure shown[OUTCOME_FIGURES_MAX];
    char *files[OUTCOME_FIGURES_MAX] = {NULL};
    const char **warnings = calloc(o->ledger->notes_count + 1, sizeof *warnings);
    const char **notes = calloc(o->ledger->notes_count + 1, sizeof *notes);
    vmap_page page = {.title = o->title,
                      .lead = o->note,
                      .figures = shown,
                      .figures_count = o->figures_count,
                      .warnings = warnings,
                      .notes = notes,
                      .references = o->references,
                      .references_count = o->references_count};
    char *text = NULL;
    size_t n = 0;
    vmap_status status = warnings && notes ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; i < o->figures_count; i++) {
        files[i] = text_format("%s.gp", o->figures[i].name);
        if (!files[i])
            status = VMAP_ENOMEM;
        shown[i] = (vmap_page_figure){svg[i], files[i], o->figures[i].caption};
    }
    if (status) {
        vmap_error_set(err, status, "no memory for the page");
    } else {
        if (o->caution)
            warnings[page.warnings_count++] = o->caution;
        for (size_t i = 0; i < o->ledger->notes_count; i++) {
            if (o->caution && strcmp(o->ledger->notes[i].text, o->caution) == 0)
                continue;
            if (o->ledger->notes[i].warning)
                warnings[page.warnings_count++] = o->ledger->notes[i].text;
            else
                notes[page.notes_count++] = o->ledger->notes[i].text;
        }
        status = vmap_report_page(o->report, &page, &text, &n, err);
    }
    if (!status)
        status = folder_put(f, "report.html", text, n, err);
    for (size_t i = 0; i < o->figures_count; i++)
        free(files[i]);
    free(warnings);
    free(notes);
    free(text);
    return status;
}

/* ---- all of it ---- */

static vmap_status fill_folder(folder *f, const outcome *o, const output_settings *out,
                               vmap_error *err)
{
    char *svg[OUTCOME_FIGURES_MAX] = {NULL};
    bool render = o->figures_count && vmap_figure_can_render();
    vmap_status status = put_tables(f, o, out, err);

    if (!status && o->extra)
        status = o->extra(f, o->context, err);
    if (!status && render)
        outcome_progress("drawing");
    for (size_t i = 0; !status && i < o->figures_count; i++)
        status = put_figure(f, &o->figures[i], render, &svg[i], err);
    if (!status)
        status = put_page(f, o, svg, err);
    if (!status)
        status = put_run(f, o, err);
    for (size_t i = 0; i < o->figures_count; i++)
        free(svg[i]);
    return status;
}

vmap_status outcome_write(const outcome *o, const output_settings *out, vmap_error *err)
{
    folder *f = NULL;
    vmap_status status = folder_open(out->output, &f, err);

    if (!status)
        status = fill_folder(f, o, out, err);
    if (!status)
        status = folder_close(f, err);
    folder_free(f);
    outcome_progress("");
    if (!status && !out->quiet)
        command_say("results are in @: open @/report.html", out->output);
    return status;
}
