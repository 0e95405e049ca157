#include <config.h>
#include "cli/answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"

/* Text answers of models, one a row: what was said, and what it was taken for. */

#define SETTINGS answers_settings

static const option_spec options[] = {
    {"codebook", 'c', OPTION_TEXT, "NAME", "codebook of the items [the built-in one that knows most of them]",
     AT(codebook), 0, 0},
    {"summary", 's', OPTION_FLAG, NULL, "count valid, refused, unparsable and out-of-range answers per group and item "
     "instead", AT(summary), 0, 0},
    {"group", 'g', OPTION_LIST, "COLUMN,...", "of the summary; more columns of the answers [model]", AT(group), 0, 0},
    {"where", 0, OPTION_TEXTS, "CONDITION", "only rows for which it is true, such as 'model = gpt and rep <= 5' "
     "(docs/checking.md); used twice, both", AT(where), 0, 0},
    OPTIONS_THREADS, OPTIONS_READ, OPTIONS_FORMAT, OPTIONS_END};

/* Answers to items that the codebook does not know are passed over: say so. */
static void note_file(const answers_work *w)
{
    size_t unknown = 0;

    for (size_t i = 0; w->is_long && i < w->answered_count; i++)
        unknown += !w->answered[i].rules.item;
    if (unknown && !w->set->out.quiet)
        fprintf(stderr, "valuemap: note: %zu of %zu items are not in codebook %s and are passed over\n", unknown,
                w->answered_count, w->book->name);
    if (!w->set->out.quiet)
        fprintf(stderr, "valuemap: note: %s, %s; codebook %s\n", vmap_reader_format(w->reader),
                vmap_reader_dialect(w->reader), w->book->name);
}

static vmap_status take(answers_work *w, size_t row, size_t which)
{
    answer a = {.which = which};
    vmap_status status;

    if (which == w->answered_count || !w->answered[which].rules.item)
        return VMAP_SUCCESS; /* no item of the codebook */
    status = answers_judge(w, row, &a);
    if (status)
        return status;
    return w->set->summary ? answers_count(w, row, &a) : answers_put_line(w, row, &a);
}

static vmap_status take_rows(answers_work *w)
{
    size_t rows = vmap_table_rows(w->table), left_out = 0;
    vmap_status status = VMAP_SUCCESS;

    for (size_t row = 0; !status && row < rows; row++) {
        if (!answers_chosen(w, row)) {
            left_out++;
            continue;
        }
        if (w->is_long)
            status = take(w, row, vmap_table_level(w->table, w->at.item, row));
        for (size_t i = 0; !status && !w->is_long && i < w->answered_count; i++)
            status = take(w, row, i);
    }
    w->run->taken += rows - left_out;
    if (left_out && !w->set->out.quiet)
        fprintf(stderr, "valuemap: note: the condition is true for %zu of %zu rows\n", rows - left_out, rows);
    return status;
}

static vmap_status take_file(const answers_settings *set, const char *path, answers_run *run, vmap_error *err)
{
    answers_work w = {.set = set, .path = path, .name = strcmp(path, "-") == 0 ? "standard input" : file_base(path),
                      .run = run, .err = err};
    vmap_status status = answers_read(&w);

    if (!status) {
        note_file(&w);
        status = take_rows(&w);
    }
    if (!status && set->summary)
        answers_put_sums(&w);
    if (status == VMAP_EDATA || status == VMAP_ENOENT)
        vmap_error_place(err, err && *err->file ? NULL : path, 0, 0, NULL);
    answers_forget(&w);
    return status;
}

static vmap_status parse_conditions(const answers_settings *set, answers_run *run, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    run->where = memory_new(set->where.count, sizeof *run->where, err);
    if (!run->where)
        return VMAP_ENOMEM;
    for (; !status && run->where_count < set->where.count; run->where_count += !status)
        status = vmap_where_parse(set->where.words[run->where_count], &run->where[run->where_count], err);
    return status;
}

static vmap_status take_files(const answers_settings *set, const word_list *files, answers_run *run, vmap_error *err)
{
    vmap_status status = parse_conditions(set, run, err);

    for (unsigned i = 0; !status && i < files->count; i++)
        status = take_file(set, files->words[i], run, err);
    if (!status && run->where_count && !run->taken)
        status = vmap_error_set(err, VMAP_EDATA, "no row is left: none is true for '%s'%s", set->where.words[0],
                                run->where_count > 1 ? " and the other conditions" : "");
    return status;
}

static vmap_status run(const void *settings, const word_list *operands, vmap_error *err)
{
    const answers_settings *set = settings;
    answers_run all = {0};
    vmap_report *report = vmap_report_new(err);
    vmap_status status;

    all.sums = report ? vmap_report_add(report, "answers", "Answers that were understood") : NULL;
    status = all.sums ? command_check_format(&set->out, err) : VMAP_ENOMEM;
    if (!status)
        answers_name_sums(set, all.sums);
    answers_put_header(set, &all.csv);
    if (!status)
        status = take_files(set, operands, &all, err);
    if (!status)
        status = set->summary ? command_print(report, all.sums, &set->out, err)
                              : command_write(all.csv.text, all.csv.n, err);
    for (size_t i = 0; i < all.where_count; i++)
        vmap_where_free(all.where[i]);
    free(all.where);
    buffer_free(&all.csv);
    vmap_report_free(report);
    return status;
}

const command command_answers = {
    .name = "answers",
    .summary = "Parse the text answers of models",
    .operands = "FILE...",
    .description =
        "Writes one row per answer as CSV: source, model, persona, variant, rep, lang, item, raw (what the model said), value "
        "(the code that it was taken for) and why (the reason where there is none). The other commands read this file. "
        "Understood are an exact code, an exact label, a whole number at the beginning that punctuation follows, and a JSON "
        "field; everything else is unparsable, and nothing is clamped or guessed. With --summary valid, refused, unparsable "
        "and out-of-range answers are counted per model and item.",
    .examples = "valuemap answers batch.jsonl --id 'custom_id=model|persona|item|rep' > answers.csv\nvaluemap answers "
                "batch.jsonl --id 'custom_id=model|persona|item|rep' --summary",
    .options = options,
    .settings = sizeof(answers_settings),
    .least = 1,
    .most = -1,
    .run = run,
};
