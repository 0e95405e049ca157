#include <config.h>
#include "cli/command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/check.h"
#include "cli/outcome.h"
#include "core/text.h"

#define SETTINGS study_settings /* the first member of the command's own */
#define MINE(member) offsetof(check_settings, member)

static const option_spec options[] = {
    {"codebook", 'c', OPTION_TEXT, "NAME", "built-in codebook, or path of one [the one that finds most items]",
     AT(codebook), 0, 0},
    {"weight", 'w', OPTION_TEXT, "COLUMN", "weight column [none: all weigh the same]", AT(weight), 0, 0},
    {"group", 'g', OPTION_LIST, "COLUMN,...", "grouping columns, such as the country: who was not asked what",
     AT(group), 0, 0},
    {"strict", 0, OPTION_FLAG, NULL, "exit status 1 when there are warnings", MINE(strict), 0, 0},
    {"table", 0, OPTION_TEXT, "NAME", "table on standard output: findings, item_summary, codes, reasons, "
     "out_of_range, duplicates, batteries, weighting, not_asked or columns [findings]", MINE(table), 0, 0},
    OPTIONS_THREADS,
    OPTIONS_SUBSET,
    OPTIONS_READ,
    OPTIONS_OUTPUT,
    OPTIONS_END};

static const char *const table_names[] = {"findings", "item_summary", "codes", "reasons", "out_of_range", "duplicates",
                                          "batteries", "weighting", "not_asked", "columns"};
enum { TABLES = sizeof table_names / sizeof *table_names };

static vmap_status check_table(const char *table, vmap_error *err)
{
    for (size_t i = 0; i < TABLES; i++) {
        if (!table || strcmp(table, table_names[i]) == 0)
            return VMAP_SUCCESS;
    }
    return vmap_error_set(err, VMAP_EINVAL, "table: '%s' is not allowed; it is findings, item_summary, codes, reasons, "
                          "out_of_range, duplicates, batteries, weighting, not_asked or columns", table);
}

static void describe(vmap_report *r, const check_work *w)
{
    outcome_provenance(r, "check", w->sheet.answers->simulated);
    vmap_report_provenance(r, "codebook %s; %zu respondents", w->sheet.codebook->name, w->sheet.answers->n);
    outcome_provenance_inputs(r, &w->sheet.in);
}

static vmap_status write_folder(const check_work *w, const vmap_report *r, const output_settings *out,
                                vmap_error *err)
{
    char *title = text_format("Check of %s", w->sheet.in.list[0].name);
    char *note = text_format("%s. Codebook %s. %zu respondents; %zu warnings.", w->sheet.dialect,
                             w->sheet.codebook->name, w->sheet.answers->n, w->warnings);
    outcome o = {.command = "check",
                 .title = title,
                 .note = note,
                 .report = r,
                 .ledger = w->sheet.ledger,
                 .in = &w->sheet.in,
                 .simulated = w->sheet.answers->simulated,
                 .options = "{}"};
    vmap_status status = title && note ? outcome_write(&o, out, err)
                                       : vmap_error_set(err, VMAP_ENOMEM, "no memory for a title");

    free(title);
    free(note);
    return status;
}

static vmap_status deliver(check_work *w, const check_settings *s, vmap_error *err)
{
    vmap_report *r = vmap_report_new(err);
    const char *table = s->table ? s->table : "findings";
    vmap_status status = r ? inputs_finish(&w->sheet.in, err) : VMAP_ENOMEM;

    if (!status) {
        describe(r, w);
        status = check_tables(r, w, err);
    }
    if (!status)
        status = s->study.out.output ? write_folder(w, r, &s->study.out, err)
                                     : command_print(r, vmap_report_find(r, table), &s->study.out, err);
    vmap_report_free(r);
    return status;
}

static vmap_status run(const void *settings, const word_list *operands, vmap_error *err)
{
    const check_settings *s = settings;
    check_work w = {0};
    vmap_status status = command_check_format(&s->study.out, err);

    if (!status)
        status = check_table(s->table, err);
    if (!status)
        status = sheet_read(&w.sheet, &s->study, NULL, operands, false, err);
    if (!status && s->study.out.output)
        inputs_start(&w.sheet.in);
    if (w.sheet.ledger)
        outcome_print_notes(w.sheet.ledger, &s->study.out);
    if (!status)
        status = deliver(&w, s, err);
    /* The settings belong to main(), which asks for the verdict. */
    ((check_settings *)settings)->failed = s->strict && w.warnings;
    sheet_free(&w.sheet);
    return status;
}

static int verdict(const void *settings)
{
    return ((const check_settings *)settings)->failed ? EXIT_FOUND : EXIT_SUCCESS;
}

const command command_check = {
    .name = "check",
    .summary = "Look whether a file was understood, before anything is computed",
    .operands = "FILE...",
    .description =
        "Says what is in the file and what is odd about it: the dialect, items found and not found, every code with "
        "label, number and share, missing answers by reason, answers out of range with their lines, rows with the same "
        "key, items that do not vary, respondents who give one answer throughout, what the weights cost, and items "
        "that nobody of a group was asked. Without --output the findings go to standard output.",
    .examples = "valuemap check WVS7.csv --weight W_WEIGHT --group B_COUNTRY_ALPHA -o checked\nvaluemap check "
                "answers.csv --key model,persona,rep --strict --table out_of_range",
    .options = options,
    .settings = sizeof(check_settings),
    .least = 1,
    .most = -1,
    .run = run,
    .verdict = verdict,
};
