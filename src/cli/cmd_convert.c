#include <config.h>
#include "cli/command.h"

#include <ctype.h>
#include <math.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readstat.h>

#include "cli/outcome.h"
#include "cli/sheet.h"
#include "core/buffer.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"

/* The clean table for other programs: codes of the codebook, and beside each item the reason why it has none. */

typedef struct convert_settings {
    study_settings study; /* the first member */
    word_list keep;
    char *to;
    bool as_long, no_why;
} convert_settings;

#define SETTINGS study_settings
#define MINE(member) offsetof(convert_settings, member)

static const option_spec options[] = {
    {"output", 'o', OPTION_TEXT, "FILE", "write to FILE [standard output]", AT(out.output), 0, 0},
    {"to", 0, OPTION_TEXT, "FORMAT", "csv, tsv, jsonl or sav [by the ending of FILE, else csv]", MINE(to), 0, 0},
    {"long", 0, OPTION_FLAG, NULL, "a row per answer, with columns item, value and why [a row per respondent]",
     MINE(as_long), 0, 0},
    {"no-why", 0, OPTION_FLAG, NULL, "without the columns ITEM__why, which hold the reasons of missing answers",
     MINE(no_why), 0, 0},
    {"keep", 0, OPTION_LIST, "COLUMN,...", "columns that are written as they are, such as age or a key",
     MINE(keep), 0, 0},
    {"codebook", 'c', OPTION_TEXT, "NAME", "built-in codebook, or path of one [the one that finds most items]",
     AT(codebook), 0, 0},
    {"weight", 'w', OPTION_TEXT, "COLUMN", "weight column [none]", AT(weight), 0, 0},
    {"group", 'g', OPTION_LIST, "COLUMN,...", "columns that are written first, such as the country", AT(group), 0, 0},
    {"quiet", 'q', OPTION_FLAG, NULL, "no notes on standard error", AT(out.quiet), 0, 0},
    OPTIONS_THREADS,
    OPTIONS_SUBSET,
    OPTIONS_READ,
    OPTIONS_END};

/* ---- what a cell holds ---- */

typedef enum { GROUP, WEIGHT, SIMULATED, ITEM, WHY, ITEM_NAME, VALUE, VALUE_WHY } field_kind;

typedef struct {
    field_kind kind;
    size_t at; /* of a group or an item */
    char *name;
    bool numbers; /* GROUP: every text is a number */
    readstat_variable_t *variable; /* of an SPSS file */
} field;

typedef struct {
    const char *text; /* NULL: a number, or nothing */
    double number;    /* NaN: nothing; with a text: the same as a number */
    vmap_reason why;  /* of a number that is not there */
} cell;

typedef struct convert_work {
    sheet sheet;
    const convert_settings *settings;
    field *field;
    size_t fields;
    file_writer file;
    bool to_file;
    int broken; /* errno of the first write to standard output that failed, or 0 */
    buffer line;
} convert_work;

/* Is a text a number that loses nothing as one? Not "007", which is a name, and not more digits than a double has. */
static bool is_number(const char *text, double *x)
{
    size_t sign = *text == '-', n = strlen(text);

    return n - sign <= 15 && strspn(text + sign, "0123456789.") == n - sign &&
           !(text[sign] == '0' && isdigit((unsigned char)text[sign + 1])) && text_number(text, n, '.', x);
}

static cell text_cell(const char *text)
{
    return (cell){.text = *text ? text : NULL, .number = NAN};
}

/* The cell of a field for respondent r and, in the long layout, item i. */
static cell get(const convert_work *w, const field *f, size_t r, size_t i)
{
    const vmap_answers *a = w->sheet.answers;
    size_t at = r * a->p + (f->kind == ITEM || f->kind == WHY ? f->at : i);
    double x;

    switch (f->kind) {
    case GROUP:
        return (cell){.text = text_cell(vmap_table_text(a->groups, f->at, r)).text,
                      .number = f->numbers && is_number(vmap_table_text(a->groups, f->at, r), &x) ? x : NAN};
    case WEIGHT:
        return (cell){.number = a->weights[r]};
    case SIMULATED:
        return (cell){.number = 1};
    case ITEM_NAME:
        return text_cell(a->items[i]);
    case ITEM:
    case VALUE:
        return (cell){.number = a->values[at], .why = (vmap_reason)a->reasons[at]};
    case WHY:
    case VALUE_WHY:
        return text_cell(a->reasons[at] == VMAP_PRESENT ? "" : vmap_reason_name((vmap_reason)a->reasons[at]));
    }
    return (cell){.number = NAN};
}

/* ---- fields ---- */

static vmap_status add_field(convert_work *w, field_kind kind, size_t at, const char *name, const char *ending,
                             vmap_error *err)
{
    char *full = text_format("%s%s", name, ending);

    if (!full)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a name");
    for (size_t i = 0; i < w->fields; i++) {
        if (strcmp(w->field[i].name, full) == 0) { /* an item that is also a group keeps the item's name */
            vmap_error_set(err, VMAP_EINVAL, "two columns would be called '%s'; leave it out of --group, --key or --keep",
                           full);
            free(full);
            return VMAP_EINVAL;
        }
    }
    w->field[w->fields++] = (field){.kind = kind, .at = at, .name = full};
    return VMAP_SUCCESS;
}

static bool holds_numbers(const vmap_table *groups, size_t g)
{
    size_t levels = vmap_table_levels(groups, g);
    double x;

    for (size_t k = 0; k < levels; k++) {
        if (!is_number(vmap_table_level_text(groups, g, k), &x))
            return false;
    }
    return levels > 0;
}

static vmap_status choose_fields(convert_work *w, vmap_error *err)
{
    const vmap_answers *a = w->sheet.answers;
    bool as_long = w->settings->as_long, why = !w->settings->no_why;
    const char *weight = w->settings->study.weight;
    vmap_status status = VMAP_SUCCESS;

    w->field = memory_new(w->sheet.groups_count + 2 * a->p + 6, sizeof *w->field, err);
    if (!w->field)
        return VMAP_ENOMEM;
    for (size_t g = 0; !status && g < w->sheet.groups_count; g++) {
        status = add_field(w, GROUP, g, w->sheet.groups[g], "", err);
        if (!status)
            w->field[w->fields - 1].numbers = holds_numbers(a->groups, g);
    }
    if (!status && a->weights)
        status = add_field(w, WEIGHT, 0, weight ? weight : "weight", "", err);
    if (!status && as_long) {
        status = add_field(w, ITEM_NAME, 0, "item", "", err);
        if (!status)
            status = add_field(w, VALUE, 0, "value", "", err);
        if (!status && why)
            status = add_field(w, VALUE_WHY, 0, "why", "", err);
    }
    for (size_t i = 0; !status && !as_long && i < a->p; i++) {
        if (a->present[i])
            status = add_field(w, ITEM, i, a->items[i], "", err);
        if (!status && a->present[i] && why)
            status = add_field(w, WHY, i, a->items[i], "__why", err);
    }
    if (!status && a->simulated)
        status = add_field(w, SIMULATED, 0, "SIMULATED", "", err);
    return status;
}

/* ---- output of text ---- */

static void flush(convert_work *w)
{
    if (w->to_file)
        file_add(&w->file, w->line.text ? w->line.text : "", w->line.n);
    else if (!w->broken && fwrite(w->line.text ? w->line.text : "", 1, w->line.n, stdout) < w->line.n)
        w->broken = errno;
    w->line.failed = false;
    w->line.n = 0;
}

/* A field of CSV or TSV, in quotes where it must be. */
static void put_delimited(buffer *b, const char *text, char delimiter)
{
    char marks[] = {delimiter, '"', '\n', '\r', '\0'};

    if (!strpbrk(text, marks) && text[0] != ' ' && text[0] != '#') {
        buffer_put(b, text);
        return;
    }
    buffer_put(b, "\"");
    for (; *text; text++)
        buffer_format(b, *text == '"' ? "\"%c" : "%c", *text);
    buffer_put(b, "\"");
}

static void put_row_delimited(convert_work *w, size_t r, size_t i, char delimiter)
{
    for (size_t f = 0; f < w->fields; f++) {
        cell c = get(w, &w->field[f], r, i);
        char number[32];

        if (f)
            buffer_bytes(&w->line, &delimiter, 1);
        if (c.text) {
            put_delimited(&w->line, c.text, delimiter);
        } else if (!isnan(c.number)) {
            number_text(number, c.number, 0);
            buffer_put(&w->line, number);
        }
    }
    buffer_put(&w->line, "\n");
    flush(w);
}

static void put_row_json(convert_work *w, size_t r, size_t i)
{
    for (size_t f = 0; f < w->fields; f++) {
        cell c = get(w, &w->field[f], r, i);

        buffer_put(&w->line, f ? ", " : "{");
        buffer_json_text(&w->line, w->field[f].name);
        buffer_put(&w->line, ": ");
        if (c.text && isnan(c.number))
            buffer_json_text(&w->line, c.text);
        else
            buffer_json_number(&w->line, c.number);
    }
    buffer_put(&w->line, "}\n");
    flush(w);
}

/* Call `put` for every row of the layout. */
static void each_row(convert_work *w, void (*put)(convert_work *w, size_t r, size_t i))
{
    const vmap_answers *a = w->sheet.answers;

    for (size_t r = 0; r < a->n; r++) {
        if (!w->settings->as_long)
            put(w, r, 0);
        for (size_t i = 0; w->settings->as_long && i < a->p; i++) {
            if (a->present[i])
                put(w, r, i);
        }
    }
}

static void put_csv_row(convert_work *w, size_t r, size_t i)
{
    put_row_delimited(w, r, i, ',');
}

static void put_tsv_row(convert_work *w, size_t r, size_t i)
{
    put_row_delimited(w, r, i, '\t');
}

static void put_header(convert_work *w, char delimiter)
{
    for (size_t f = 0; f < w->fields; f++) {
        if (f)
            buffer_bytes(&w->line, &delimiter, 1);
        put_delimited(&w->line, w->field[f].name, delimiter);
    }
    buffer_put(&w->line, "\n");
    flush(w);
}

static vmap_status write_csv(convert_work *w, vmap_error *err)
{
    (void)err;
    put_header(w, ',');
    each_row(w, put_csv_row);
    return VMAP_SUCCESS;
}

static vmap_status write_tsv(convert_work *w, vmap_error *err)
{
    (void)err;
    put_header(w, '\t');
    each_row(w, put_tsv_row);
    return VMAP_SUCCESS;
}

static vmap_status write_jsonl(convert_work *w, vmap_error *err)
{
    (void)err;
    each_row(w, put_row_json);
    return VMAP_SUCCESS;
}

/* ---- SPSS ---- */

/* In an SPSS file a reason is a user-missing code with a label: -901, -902 ... */
enum { REASON_CODE = -900, REASON_LAST = -999 };

/* Phrases that other programs, and this one, know again. */
static const char *reason_label(vmap_reason why)
{
    switch (why) {
    case VMAP_DONT_KNOW:
        return "Don't know";
    case VMAP_NO_ANSWER:
        return "No answer";
    case VMAP_NOT_APPLICABLE:
        return "Not applicable";
    case VMAP_NOT_ASKED:
        return "Not asked";
    case VMAP_OTHER_MISSING:
        return "Missing";
    case VMAP_REFUSED:
        return "Refused";
    default:
        return vmap_reason_name(why);
    }
}

static double reason_code(vmap_reason why)
{
    return REASON_CODE - (double)why;
}

static ssize_t take_bytes(const void *data, size_t n, void *context)
{
    convert_work *w = context;

    file_add(&w->file, data, n);
    return (ssize_t)n;
}

/* Bytes that the longest text of a field needs. */
static size_t text_room(const convert_work *w, const field *f)
{
    const vmap_answers *a = w->sheet.answers;
    size_t most = f->kind == GROUP ? 1 : 24;

    for (size_t q = 0; f->kind == GROUP && q < vmap_table_levels(a->groups, f->at); q++) {
        size_t n = strlen(vmap_table_level_text(a->groups, f->at, q));

        most = n > most ? n : most;
    }
    for (size_t i = 0; f->kind == ITEM_NAME && i < a->p; i++)
        most = strlen(a->items[i]) > most ? strlen(a->items[i]) : most;
    return most;
}

/* A name that SPSS allows: a letter first, then letters, digits, _ and dots. */
static void spss_name(char to[65], const char *name)
{
    size_t n = 0;

    if (!isalpha((unsigned char)*name))
        to[n++] = 'v';
    for (; *name && n < 64; name++)
        to[n++] = isalnum((unsigned char)*name) || *name == '_' || *name == '.' ? *name : '_';
    to[n] = '\0';
}

static readstat_label_set_t *item_labels(readstat_writer_t *writer, const convert_work *w, size_t i)
{
    const vmap_item *item = sheet_item(&w->sheet, i);
    char name[32];
    readstat_label_set_t *set;

    snprintf(name, sizeof name, "labels%zu", i);
    set = readstat_add_label_set(writer, READSTAT_TYPE_DOUBLE, name);
    for (unsigned k = 0; k < item->labels_count; k++)
        readstat_label_double_value(set, item->labels[k].code, item->labels[k].label);
    for (int why = 1; why < VMAP_REASONS; why++) {
        if (w->sheet.answers->counts[i].reason[why])
            readstat_label_double_value(set, reason_code((vmap_reason)why), reason_label((vmap_reason)why));
    }
    return set;
}

static bool same_labels(const vmap_item *x, const vmap_item *y)
{
    bool same = x->labels_count == y->labels_count;

    for (unsigned k = 0; same && k < x->labels_count; k++)
        same = x->labels[k].code == y->labels[k].code && strcmp(x->labels[k].label, y->labels[k].label) == 0;
    return same;
}

/* In a long file one column holds the codes of all items: it has labels when they are the same for all. */
static void label_value(readstat_writer_t *writer, const convert_work *w, readstat_variable_t *variable)
{
    const vmap_answers *a = w->sheet.answers;
    const vmap_item *first = NULL;
    readstat_label_set_t *set;
    bool same = true;

    readstat_variable_set_label(variable, "Code of the answer");
    for (size_t i = 0; i < a->p; i++) {
        if (a->present[i])
            same &= !first || same_labels(first, sheet_item(&w->sheet, i));
        if (a->present[i] && !first)
            first = sheet_item(&w->sheet, i);
    }
    if (!first || !same || !first->labels_count)
        return;
    set = readstat_add_label_set(writer, READSTAT_TYPE_DOUBLE, "labels");
    for (unsigned k = 0; k < first->labels_count; k++)
        readstat_label_double_value(set, first->labels[k].code, first->labels[k].label);
    readstat_variable_set_label_set(variable, set);
}

static bool holds_text(const field *f)
{
    return (f->kind == GROUP && !f->numbers) || f->kind == WHY || f->kind == ITEM_NAME || f->kind == VALUE_WHY;
}

/* Are all answers of a field whole numbers? */
static bool is_whole(const vmap_answers *a, const field *f)
{
    size_t fractions = 0;

    for (size_t i = 0; i < a->p; i++)
        fractions += f->kind == VALUE || i == f->at ? a->counts[i].fractions : 0;
    return fractions == 0;
}

static void declare(readstat_writer_t *writer, convert_work *w, field *f)
{
    const vmap_item *item = f->kind == ITEM ? sheet_item(&w->sheet, f->at) : NULL;
    char name[65];

    spss_name(name, f->name);
    if (holds_text(f)) {
        f->variable = readstat_add_variable(writer, name, READSTAT_TYPE_STRING, text_room(w, f));
        return;
    }
    f->variable = readstat_add_variable(writer, name, READSTAT_TYPE_DOUBLE, 0);
    if ((f->kind == ITEM || f->kind == VALUE) && is_whole(w->sheet.answers, f))
        readstat_variable_set_format(f->variable, "F8.0");
    if (f->kind == VALUE)
        label_value(writer, w, f->variable);
    if (!item)
        return;
    readstat_variable_set_label(f->variable, item->label);
    readstat_variable_set_measure(f->variable, item->type == VMAP_NOMINAL    ? READSTAT_MEASURE_NOMINAL
                                               : item->type == VMAP_INTERVAL ? READSTAT_MEASURE_SCALE
                                                                             : READSTAT_MEASURE_ORDINAL);
    if (item->low > REASON_CODE) {
        readstat_variable_set_label_set(f->variable, item_labels(writer, w, f->at));
        readstat_variable_add_missing_double_range(f->variable, REASON_LAST, REASON_CODE);
    }
}

static readstat_error_t insert(readstat_writer_t *writer, const convert_work *w, const field *f, size_t r, size_t i)
{
    cell c = get(w, f, r, i);

    if (holds_text(f))
        return readstat_insert_string_value(writer, f->variable, c.text ? c.text : "");
    if (!isnan(c.number))
        return readstat_insert_double_value(writer, f->variable, c.number);
    if (f->kind == ITEM && sheet_item(&w->sheet, f->at)->low > REASON_CODE)
        return readstat_insert_double_value(writer, f->variable, reason_code(c.why));
    return readstat_insert_missing_value(writer, f->variable);
}

static readstat_error_t insert_row(readstat_writer_t *writer, const convert_work *w, size_t r, size_t i)
{
    readstat_error_t e = readstat_begin_row(writer);

    for (size_t f = 0; e == READSTAT_OK && f < w->fields; f++)
        e = insert(writer, w, &w->field[f], r, i);
    return e == READSTAT_OK ? readstat_end_row(writer) : e;
}

static readstat_error_t insert_rows(readstat_writer_t *writer, convert_work *w)
{
    const vmap_answers *a = w->sheet.answers;
    readstat_error_t e = READSTAT_OK;

    for (size_t r = 0; e == READSTAT_OK && r < a->n; r++) {
        if (!w->settings->as_long)
            e = insert_row(writer, w, r, 0);
        for (size_t i = 0; e == READSTAT_OK && w->settings->as_long && i < a->p; i++) {
            if (a->present[i])
                e = insert_row(writer, w, r, i);
        }
    }
    return e;
}

static vmap_status write_sav(convert_work *w, vmap_error *err)
{
    const vmap_answers *a = w->sheet.answers;
    readstat_writer_t *writer = readstat_writer_init();
    size_t items = 0;
    readstat_error_t e;

    if (!writer)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for an SPSS file");
    for (size_t i = 0; i < a->p; i++)
        items += a->present[i];
    readstat_set_data_writer(writer, take_bytes);
    readstat_writer_set_file_label(writer, a->simulated ? "SIMULATED DATA" : "written by valuemap");
    readstat_writer_set_file_timestamp(writer, 0); /* the same bytes every time */
    for (size_t f = 0; f < w->fields; f++)
        declare(writer, w, &w->field[f]);
    e = readstat_begin_writing_sav(writer, w, (long)(w->settings->as_long ? a->n * items : a->n));
    if (e == READSTAT_OK)
        e = insert_rows(writer, w);
    if (e == READSTAT_OK)
        e = readstat_end_writing(writer);
    readstat_writer_free(writer);
    return e == READSTAT_OK ? VMAP_SUCCESS
                            : vmap_error_set(err, VMAP_EIO, "the SPSS file cannot be written: %s",
                                             readstat_error_message(e));
}

/* ---- the command ---- */

typedef struct {
    const char *name;
    vmap_status (*write)(convert_work *w, vmap_error *err);
} target;

static const target targets[] = {{"csv", write_csv}, {"tsv", write_tsv}, {"jsonl", write_jsonl}, {"sav", write_sav}};

/* The format that is named, or that the ending of the file names. */
static vmap_status find_target(const convert_settings *s, const target **found, vmap_error *err)
{
    const char *dot = s->study.out.output ? strrchr(file_base(s->study.out.output), '.') : NULL;
    const char *name = s->to ? s->to : dot ? dot + 1 : s->study.out.output ? "" : "csv";

    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        if (strcmp(targets[i].name, name) == 0) {
            *found = &targets[i];
            if (targets[i].write == write_sav && !s->study.out.output)
                return vmap_error_set(err, VMAP_EINVAL, "an SPSS file needs a name: --output FILE.sav");
            return VMAP_SUCCESS;
        }
    }
    return vmap_error_set(err, VMAP_EINVAL, s->to ? "to: '%s' is not allowed; it is csv, tsv, jsonl or sav"
                                                  : "the ending '%s' of the output names no format; name one with --to: "
                                                    "csv, tsv, jsonl or sav", name);
}

static vmap_status write_all(convert_work *w, const target *t, vmap_error *err)
{
    const char *path = w->settings->study.out.output;
    vmap_status status = choose_fields(w, err), end;

    if (!status && path)
        status = file_begin(&w->file, path, err);
    if (status)
        return status;
    w->to_file = path != NULL;
    status = t->write(w, err);
    if (w->to_file && status) /* leave nothing behind */
        w->file.status = status;
    if (w->to_file) {
        end = file_end(&w->file, status ? NULL : err);
        status = status ? status : end;
    } else if (!status) {
        errno = w->broken;
        status = command_write("", 0, err);
    }
    buffer_free(&w->line);
    return status;
}

static vmap_status refuse_own_input(const convert_settings *s, const word_list *operands, vmap_error *err)
{
    for (unsigned i = 0; s->study.out.output && i < operands->count; i++) {
        char *in = realpath(operands->words[i], NULL), *out = realpath(s->study.out.output, NULL);
        bool same = in && out && strcmp(in, out) == 0;

        free(in);
        free(out);
        if (same)
            return vmap_error_set(err, VMAP_EINVAL, "the output '%s' is one of the files that are read",
                                  s->study.out.output);
    }
    return VMAP_SUCCESS;
}

static vmap_status run(const void *settings, const word_list *operands, vmap_error *err)
{
    const convert_settings *s = settings;
    convert_work w = {.settings = s};
    const target *t = NULL;
    vmap_status status = find_target(s, &t, err);

    if (!status)
        status = refuse_own_input(s, operands, err);
    if (!status)
        status = sheet_read(&w.sheet, &s->study, &s->keep, operands, true, err);
    if (w.sheet.ledger)
        outcome_print_notes(w.sheet.ledger, &s->study.out);
    if (!status)
        status = write_all(&w, t, err);
    for (size_t f = 0; f < w.fields; f++)
        free(w.field[f].name);
    free(w.field);
    sheet_free(&w.sheet);
    return status;
}

const command command_convert = {
    .name = "convert",
    .summary = "Write the clean answers for other programs",
    .operands = "FILE...",
    .description =
        "Reads files by a codebook and writes the codes of its items, with a column ITEM__why beside each that says why "
        "an answer is missing. Recoded, reversed and made items are as the codebook says; nothing is imputed. In an SPSS "
        "file codes have labels and reasons are user-missing codes from -901 down.",
    .examples = "valuemap convert WVS7.csv --group B_COUNTRY_ALPHA --weight W_WEIGHT -o clean.sav\nvaluemap convert "
                "answers.jsonl --keep model,persona --long -o long.csv",
    .options = options,
    .settings = sizeof(convert_settings),
    .least = 1,
    .most = -1,
    .run = run,
};
