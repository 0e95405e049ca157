#include <config.h>
#include "cli/command.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/analysis.h"
#include "core/buffer.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/sort.h"
#include "core/text.h"
#include "data/reader_internal.h"
#include "valuemap/codebook.h"

/* A draft: what a file says about itself becomes a codebook, and what it does not say becomes a comment. */

typedef struct codebook_settings {
    study_settings study; /* the first member */
} codebook_settings;

#define SETTINGS study_settings

static const option_spec options[] = {
    {"output", 'o', OPTION_TEXT, "FILE", "write the codebook to FILE [standard output]", AT(out.output), 0, 0},
    {"name", 0, OPTION_TEXT, "NAME", "name of the codebook [made of the file's name]", AT(name), 0, 0},
    OPTIONS_THREADS,
    OPTIONS_READ,
    OPTIONS_END};

enum {
    CODES_LISTED = 12, /* codes that a comment shows */
    SCALE_LONGEST = 30 /* different codes from which on a column of numbers is no scale of codes */
};

typedef struct {
    vmap_reader *reader;
    vmap_table *raw; /* all columns as texts, by their place */
    size_t items;
    buffer out;
    char **names;    /* of the items so far */
} draft;

/* The different numbers of a column. */
typedef struct {
    double *value;
    size_t *times, n;
    size_t texts;        /* different texts that are no numbers */
    const char *text;    /* one of them */
    bool whole;
    size_t cells;        /* that are not empty */
} numbers;

/* ---- YAML ---- */

/* A double-quoted scalar: every text is one. */
static void put_quoted(buffer *b, const char *text)
{
    buffer_put(b, "\"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buffer_format(b, "\\%c", *text);
        else if ((unsigned char)*text < 0x20 || *text == 0x7f)
            buffer_put(b, " ");
        else
            buffer_bytes(b, text, 1);
    }
    buffer_put(b, "\"");
}

static void put_comment_text(buffer *b, const char *text)
{
    char shown[200];

    text_clean(shown, sizeof shown, text);
    buffer_put(b, shown);
}

static void put_number(buffer *b, double x)
{
    char text[32];

    number_text(text, x, 0);
    buffer_put(b, text);
}

/* A name of letters, digits and _, unlike the others. */
static char *item_name(const draft *d, const char *column)
{
    char *name = text_format("%s%s", isalpha((unsigned char)*column) || *column == '_' ? "" : "c", column);
    size_t same = 1;

    for (char *c = name; c && *c; c++) {
        if (!isalnum((unsigned char)*c))
            *c = '_';
    }
    for (size_t i = 0; name && i < d->items; i++) {
        if (strcmp(d->names[i], name) == 0) {
            char *longer = text_format("%s_%zu", name, ++same);

            free(name);
            name = longer;
            i = (size_t)-1;
        }
    }
    return name;
}

/* ---- looking at a column ---- */

/* Is a text in a column of numbers only a word for a missing answer? */
static bool is_blank(const char *text)
{
    static const char *const blanks[] = {"NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null",
                                         "#NULL!", "None", ".", "-", "--", " "};
    char *folded;
    vmap_reason why;
    bool phrase;

    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        if (strcmp(blanks[i], text) == 0)
            return true;
    }
    folded = text_fold(text, strlen(text));
    phrase = folded && reader_phrase(folded, &why);
    free(folded);
    return phrase;
}

static vmap_status look(const draft *d, size_t column, numbers *n, vmap_error *err)
{
    size_t levels = vmap_table_levels(d->raw, column), *times = memory_new(levels + 1, sizeof *times, err);
    double *sorted;

    *n = (numbers){.whole = true};
    n->value = memory_new(levels, sizeof *n->value, err);
    if (!times || !n->value) {
        free(times);
        return VMAP_ENOMEM;
    }
    for (size_t r = 0; r < vmap_table_rows(d->raw); r++)
        times[vmap_table_level(d->raw, column, r)]++;
    for (size_t q = 0; q < levels; q++) {
        const char *text = vmap_table_level_text(d->raw, column, q);
        size_t length = strlen(text);
        double x;

        n->cells += times[q];
        if (text_number(text, length, '.', &x) || text_number(text, length, ',', &x)) {
            n->value[n->n++] = x;
            n->whole &= x == floor(x) && fabs(x) < 1e6;
        } else if (!is_blank(text)) {
            n->texts++;
            n->text = text;
        }
    }
    sorted = n->value;
    sort_numbers(sorted, n->n);
    free(times);
    return VMAP_SUCCESS;
}

/* What the file says of a code: its label, and the reason why it is missing, or VMAP_PRESENT. */
static const char *code_label(const draft *d, size_t column, double code, vmap_reason *why)
{
    size_t count, ranges;
    const vmap_value_label *labels = vmap_reader_value_labels(d->reader, column, &count);
    const vmap_range *missing = vmap_reader_missing(d->reader, column, &ranges);
    const char *label = NULL;
    char *folded;

    *why = VMAP_PRESENT;
    for (size_t i = 0; i < ranges; i++) {
        if (code >= missing[i].low && code <= missing[i].high)
            *why = VMAP_OTHER_MISSING;
    }
    for (size_t i = 0; i < count; i++) {
        if (labels[i].value == code && !labels[i].text && !labels[i].tag)
            label = labels[i].label;
    }
    folded = label ? text_fold(label, strlen(label)) : NULL;
    if (folded)
        reader_phrase(folded, why);
    free(folded);
    return label;
}

/* ---- one item ---- */

/* Is it a code that surveys give to missing answers: 8 and 9, 77, 88, 95 to 99, 777, 888, 995 to 999 and so on? */
static bool is_customary(double code)
{
    for (double ends = 10; ends <= 10000; ends *= 10) {
        double ones = (ends - 1) / 9;

        if (code < ends)
            return code == 8 * ones || code == 9 * ones || (ends > 10 && (code == 7 * ones || code >= ends - 5));
    }
    return false;
}

/* From which code on the codes, sorted, are no part of the scale but customary for missing answers; INFINITY: none
 * are. They must stand far above the others: 98 and 99 above a scale to 10, not above ages; 8 and 9 above a scale of
 * at most six points without a gap, and only when there are respondents enough to see that. */
static double find_customary(const double *code, size_t count, size_t cells)
{
    size_t first = count;
    bool dense = true;

    while (first > 0 && is_customary(code[first - 1]))
        first--;
    if (first < 2 || first == count)
        return INFINITY;
    for (size_t i = 1; i < first; i++)
        dense &= code[i] - code[i - 1] <= 1;
    if (code[first] > 10)
        return code[first] > 3 * code[first - 1] ? code[first] : INFINITY;
    return dense && cells >= 30 && code[first - 1] <= 6 && code[first] - code[first - 1] >= 2 ? code[first] : INFINITY;
}

/* find_customary() among the codes that have no label and are not declared missing, and the valid ones. */
static double find_scale_end(const draft *d, size_t column, const double *all, size_t count, size_t cells)
{
    double *code = malloc((count + 1) * sizeof *code), end = INFINITY;
    size_t n = 0;

    for (size_t i = 0; code && i < count; i++) {
        vmap_reason why;
        const char *label = code_label(d, column, all[i], &why);

        if (why == VMAP_PRESENT && all[i] >= 0 && !(n && code[n - 1] == all[i]) && !(label && *label && is_customary(all[i])))
            code[n++] = all[i];
    }
    if (code)
        end = find_customary(code, n, cells);
    free(code);
    return end;
}

/* Codes that count as valid: those of the data and of labels that nothing says are missing. */
static size_t find_valid(const draft *d, size_t column, const numbers *n, double *valid, double *missing,
                         vmap_reason *why, size_t *missing_count)
{
    size_t count, valid_count = 0;
    const vmap_value_label *labels = vmap_reader_value_labels(d->reader, column, &count);
    size_t most = n->n + count;
    double *all = malloc((most + 1) * sizeof *all);
    bool positive = false;
    double customary;

    *missing_count = 0;
    if (!all)
        return 0;
    memcpy(all, n->value, n->n * sizeof *all);
    most = n->n;
    for (size_t i = 0; i < count; i++) {
        if (!labels[i].text && !labels[i].tag && !isnan(labels[i].value))
            all[most++] = labels[i].value;
    }
    sort_numbers(all, most);
    for (size_t i = 0; i < most; i++)
        positive |= all[i] > 0;
    customary = find_scale_end(d, column, all, most, n->cells);
    for (size_t i = 0; i < most; i++) {
        vmap_reason reason;

        if (i && all[i] == all[i - 1])
            continue;
        code_label(d, column, all[i], &reason);
        if (reason == VMAP_PRESENT && ((all[i] < 0 && positive) || all[i] >= customary))
            reason = VMAP_REASONS; /* likely missing; nobody says so */
        if (reason == VMAP_PRESENT) {
            valid[valid_count++] = all[i];
        } else {
            why[*missing_count] = reason;
            missing[(*missing_count)++] = all[i];
        }
    }
    free(all);
    return valid_count;
}

static void put_labels(draft *d, size_t column, const double *valid, size_t count)
{
    size_t put = 0;

    for (size_t i = 0; i < count; i++) {
        vmap_reason why;
        const char *label = code_label(d, column, valid[i], &why);

        if (!label || !*label || valid[i] != floor(valid[i]) || fabs(valid[i]) > 1e9)
            continue;
        buffer_put(&d->out, put++ ? "" : "    labels:\n");
        buffer_put(&d->out, "      - {code: ");
        put_number(&d->out, valid[i]);
        buffer_put(&d->out, ", label: ");
        put_quoted(&d->out, label);
        buffer_put(&d->out, "}\n");
    }
}

static void put_missing(draft *d, const double *missing, const vmap_reason *why, size_t count)
{
    buffer_put(&d->out, count ? "    missing:\n" : "");
    for (size_t i = 0; i < count; i++) {
        bool guessed = why[i] == VMAP_REASONS;

        buffer_put(&d->out, "      - {codes: \"");
        put_number(&d->out, missing[i]);
        buffer_format(&d->out, "\", reason: %s}%s\n", guessed ? "missing" : vmap_reason_name(why[i]),
                      !guessed         ? ""
                      : missing[i] < 0 ? " # negative, and the file does not say why: check"
                                       : " # far above the scale, and the file does not say why: check");
    }
}

/* valid: 1..5, or the codes one by one when few of a wide range occur. */
static void put_valid(draft *d, const double *valid, size_t count, bool interval)
{
    bool gaps = !interval && valid[count - 1] - valid[0] + 1 > 3 * (double)count;

    buffer_put(&d->out, "    valid: \"");
    if (gaps) {
        for (size_t i = 0; i < count; i++) {
            buffer_put(&d->out, i ? ", " : "");
            put_number(&d->out, valid[i]);
        }
    } else {
        put_number(&d->out, valid[0]);
        buffer_put(&d->out, "..");
        put_number(&d->out, valid[count - 1]);
    }
    buffer_put(&d->out, "\"\n");
    if (!gaps && !interval && valid[count - 1] - valid[0] + 1 > (double)count) {
        buffer_put(&d->out, "    # check: only these codes occur:");
        for (size_t i = 0; i < count && i < CODES_LISTED; i++) {
            buffer_put(&d->out, " ");
            put_number(&d->out, valid[i]);
        }
        buffer_put(&d->out, count > CODES_LISTED ? " ...\n" : "\n");
    }
}

static void put_passed_over(draft *d, size_t column, const numbers *n, const char *why)
{
    buffer_put(&d->out, "  # ");
    put_comment_text(&d->out, vmap_reader_names(d->reader)[column]);
    buffer_format(&d->out, ": %s", why);
    if (n->texts) {
        buffer_put(&d->out, ", such as '");
        put_comment_text(&d->out, n->text);
        buffer_put(&d->out, "'");
    } else if (n->n) {
        buffer_put(&d->out, ", from ");
        put_number(&d->out, n->value[0]);
        buffer_put(&d->out, " to ");
        put_number(&d->out, n->value[n->n - 1]);
    }
    buffer_put(&d->out, "\n");
}

static vmap_status put_item(draft *d, size_t column, const numbers *n, vmap_error *err)
{
    size_t count, room, missing_count = 0;
    const char *name = vmap_reader_names(d->reader)[column], *label = vmap_reader_label(d->reader, column);
    double *valid, *missing;
    vmap_reason *why;
    bool interval;

    vmap_reader_value_labels(d->reader, column, &count);
    room = n->n + count + 1;
    valid = memory_new(room, sizeof *valid, err);
    missing = memory_new(room, sizeof *missing, err);
    why = memory_new(room, sizeof *why, err);
    count = valid && missing && why ? find_valid(d, column, n, valid, missing, why, &missing_count) : 0;
    interval = count > SCALE_LONGEST;
    if (count && (d->names[d->items] = item_name(d, name))) {
        buffer_format(&d->out, "  - name: %s\n    label: ", d->names[d->items++]);
        put_quoted(&d->out, *label ? label : name);
        buffer_put(&d->out, interval ? "\n    scale: interval\n" : "\n");
        put_valid(d, valid, count, interval);
        if (!interval)
            put_labels(d, column, valid, count);
        put_missing(d, missing, why, missing_count);
        buffer_put(&d->out, "    columns: [{name: ");
        put_quoted(&d->out, name);
        buffer_put(&d->out, "}]\n");
    } else {
        put_passed_over(d, column, n, "only missing codes");
    }
    free(valid);
    free(missing);
    free(why);
    return d->out.failed ? vmap_error_set(err, VMAP_ENOMEM, "no memory for a codebook") : VMAP_SUCCESS;
}

static vmap_status put_column(draft *d, size_t column, vmap_error *err)
{
    numbers n;
    vmap_status status = look(d, column, &n, err);

    if (!status && !*vmap_reader_names(d->reader)[column])
        ; /* names of rows, as R writes them */
    else if (!status && n.texts)
        put_passed_over(d, column, &n, "texts, no item here");
    else if (!status && n.n == 0)
        put_passed_over(d, column, &n, "empty");
    else if (!status && n.n == 1 && vmap_table_levels(d->raw, column) == 1)
        put_passed_over(d, column, &n, "the same number in every row");
    else if (!status && n.n > SCALE_LONGEST && n.n == n.cells)
        put_passed_over(d, column, &n, "every row has another number: a key?");
    else if (!status && !n.whole)
        put_passed_over(d, column, &n, "numbers with decimals: a weight or a score?");
    else if (!status)
        status = put_item(d, column, &n, err);
    free(n.value);
    return status;
}

/* ---- the whole ---- */

static void put_head(draft *d, const char *name, const char *file)
{
    char shown[200];

    text_clean(shown, sizeof shown, file);
    buffer_format(&d->out, "# Draft of a codebook, made from what the file says about itself (%s, %zu rows). Check every\n"
                  "# item: valid codes, missing codes, direction; take out what is no item.\n"
                  "version: 1\nname: %s\ntitle: ", vmap_reader_format(d->reader), vmap_table_rows(d->raw), name);
    put_quoted(&d->out, shown);
    buffer_put(&d->out, "\nsource: \"draft by valuemap codebook\"\n# weight: NAME\n# group: NAME\n\nitems:\n");
}

static vmap_status read_all(draft *d, const char *path, const study_set *set, vmap_error *err)
{
    vmap_read_options read;
    vmap_status status;

    analysis_read_options(&read, set, 0);
    status = vmap_reader_open(path, &read, &d->reader, err);
    for (size_t c = 0; !status && c < vmap_reader_columns(d->reader); c++) {
        char *as = text_format("%zu", c);

        status = as ? vmap_reader_want(d->reader, c, VMAP_TEXTS, as, NULL, err)
                    : vmap_error_set(err, VMAP_ENOMEM, "no memory for a name");
        free(as);
    }
    if (!status)
        status = vmap_reader_read(d->reader, &d->raw, err);
    return status;
}

static vmap_status make(draft *d, const char *name, const char *path, vmap_error *err)
{
    size_t columns = vmap_reader_columns(d->reader);
    vmap_codebook *check = NULL;
    vmap_status status = VMAP_SUCCESS;

    d->names = memory_new(columns, sizeof *d->names, err);
    if (!d->names)
        return VMAP_ENOMEM;
    put_head(d, name, file_base(path));
    for (size_t c = 0; !status && c < columns; c++)
        status = put_column(d, c, err);
    if (!status && !d->items) {
        status = vmap_error_set(err, VMAP_EDATA, "no column holds codes of an item");
        vmap_error_place(err, path, 0, 0, NULL);
    }
    if (!status) /* what is handed out must be what --codebook takes */
        status = vmap_codebook_parse("the draft", d->out.text, d->out.n, &check, err);
    vmap_codebook_free(check);
    return status;
}

static vmap_status run(const void *settings, const word_list *operands, vmap_error *err)
{
    const study_settings *s = &((const codebook_settings *)settings)->study;
    const char *path = operands->words[0];
    study *st = command_new_study(s);
    draft d = {0};
    char *name = NULL;
    vmap_status status;

    if (!st || !(st->humans = command_set(s, operands))) {
        study_free(st);
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for the settings");
    }
    name = s->name ? text_copy(s->name, strlen(s->name)) : text_copy(file_base(path), strcspn(file_base(path), "."));
    for (char *c = name; c && *c; c++) {
        if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
            *c = '_';
    }
    status = read_all(&d, path, st->humans, err);
    if (!status)
        status = make(&d, name && *name ? name : "draft", path, err);
    if (!status)
        status = s->out.output ? file_write(s->out.output, d.out.text, d.out.n, err)
                               : command_write(d.out.text, d.out.n, err);
    for (size_t i = 0; i < d.items; i++)
        free(d.names[i]);
    free(d.names);
    free(name);
    buffer_free(&d.out);
    vmap_table_free(d.raw);
    vmap_reader_free(d.reader);
    study_free(st);
    return status;
}

const command command_codebook = {
    .name = "codebook",
    .summary = "Draft a codebook from a data file",
    .operands = "FILE",
    .description =
        "Labels of columns and codes, least and largest value, codes that the file declares missing and those that look "
        "so become a codebook in YAML, with a comment where somebody must look. Columns of texts, keys and numbers with "
        "decimals are named in comments.",
    .examples = "valuemap codebook survey.sav -o survey.yaml\nvaluemap check survey.sav --codebook ./survey.yaml",
    .options = options,
    .settings = sizeof(codebook_settings),
    .least = 1,
    .most = 1,
    .run = run,
};
