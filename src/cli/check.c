#include <config.h>
#include "cli/check_internal.h"
#include "cli/analysis.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/text.h"

enum {
    LISTED = 1000,      /* rows that a table of single answers or rows shows */
    BATTERY = 5         /* items with the same valid codes that follow one another */
};

static vmap_status no_memory(vmap_error *err)
{
    return vmap_error_set(err, VMAP_ENOMEM, "no memory for a table");
}

double check_weight(const vmap_answers *a, size_t r)
{
    return a->weights ? a->weights[r] : 1;
}

static double percent(double part, double whole)
{
    return whole > 0 ? 100 * part / whole : NAN;
}

/* ---- findings ---- */

void check_find(vmap_report_table *t, check_work *w, bool warning, const char *item, size_t count, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    vmap_report_text(t, warning ? "warning" : "note");
    vmap_report_text(t, item);
    vmap_report_count(t, count);
    vmap_report_text(t, text);
    w->warnings += warning;
}

static vmap_report_table *new_findings(vmap_report *r)
{
    vmap_report_table *t = vmap_report_add(r, "findings", "What was found");

    vmap_report_column(t, "kind", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "count", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "finding", VMAP_CELL_TEXT, 0);
    return t;
}

/* ---- items and codes ---- */

/* What one item's answers are like. */
typedef struct {
    size_t n;
    double sum, weight, squares, least, most;
    size_t weighted; /* of positive weight */
} summary;

static summary summarise(const vmap_answers *a, size_t i)
{
    summary s = {.least = INFINITY, .most = -INFINITY};

    for (size_t r = 0; r < a->n; r++) {
        double x = a->values[r * a->p + i], w = check_weight(a, r);

        if (isnan(x))
            continue;
        s.n++;
        s.sum += w * x;
        s.weight += w;
        s.squares += w * w;
        s.weighted += w > 0;
        s.least = fmin(s.least, x);
        s.most = fmax(s.most, x);
    }
    return s;
}

static void table_items(vmap_report *r, vmap_report_table *found, check_work *w)
{
    const vmap_answers *a = w->sheet.answers;
    vmap_report_table *t = vmap_report_add(r, "item_summary", "Items");
    size_t absent = 0;

    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "label", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "columns", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "valid", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "missing_percent", VMAP_CELL_NUMBER, 1);
    vmap_report_column(t, "min", VMAP_CELL_NUMBER, 2);
    vmap_report_column(t, "max", VMAP_CELL_NUMBER, 2);
    vmap_report_column(t, "mean", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "n_eff", VMAP_CELL_NUMBER, 1);
    vmap_report_column(t, "design_effect", VMAP_CELL_NUMBER, 3);
    for (size_t i = 0; i < a->p; i++) {
        const vmap_item *item = sheet_item(&w->sheet, i);
        summary s = a->present[i] ? summarise(a, i) : (summary){.n = 0};

        absent += !a->present[i];
        if (!a->present[i])
            continue;
        vmap_report_text(t, item->name);
        vmap_report_text(t, item->label);
        vmap_report_text(t, a->columns[i] ? a->columns[i] : "");
        vmap_report_text(t, item->valid);
        vmap_report_count(t, s.n);
        vmap_report_number(t, percent((double)(a->n - s.n), (double)a->n));
        vmap_report_number(t, s.n ? s.least : NAN);
        vmap_report_number(t, s.n ? s.most : NAN);
        vmap_report_number(t, s.weight > 0 ? s.sum / s.weight : NAN);
        vmap_report_number(t, s.weighted ? s.weight * s.weight / s.squares : 0);
        vmap_report_number(t, s.weighted ? (double)s.weighted * s.squares / (s.weight * s.weight) : NAN);
        if (!s.n)
            check_find(found, w, true, item->name, a->n, "nobody has an answer");
        else if (s.n > 1 && s.least == s.most)
            check_find(found, w, true, item->name, s.n, "all answers are %g", s.least);
        if (a->counts[i].reason[VMAP_OUT_OF_RANGE])
            check_find(found, w, true, item->name, a->counts[i].reason[VMAP_OUT_OF_RANGE], "answers outside %s", item->valid);
        if (a->counts[i].reason[VMAP_UNPARSABLE])
            check_find(found, w, true, item->name, a->counts[i].reason[VMAP_UNPARSABLE], "texts that are no answers");
        if (a->counts[i].fractions)
            check_find(found, w, false, item->name, a->counts[i].fractions, "answers between two codes");
        if (a->counts[i].disagree)
            check_find(found, w, false, item->name, a->counts[i].disagree, "the column and the parts disagree");
    }
    vmap_report_note(t, "min, max and mean are of valid answers; the mean is weighted.");
    if (!w->sheet.set->codebook && analysis_check_guess(a, w->sheet.codebook->name, NULL))
        check_find(found, w, true, "", a->n, "respondents read with codebook %s, a guess by the names of columns, but more than one "
                   "answer in ten is no code of it: name theirs by --codebook", w->sheet.codebook->name);
    if (absent)
        check_find(found, w, false, "", absent, "items of codebook %s are not in the data", w->sheet.codebook->name);
}

static const char *label_of(const vmap_item *item, double code)
{
    for (unsigned i = 0; i < item->labels_count; i++) {
        if (item->labels[i].code == code)
            return item->labels[i].label;
    }
    return "";
}

/* A code of an item. */
typedef struct {
    double code, weight;
    size_t n;
} tally;

static int by_code(const void *x, const void *y)
{
    double a = ((const tally *)x)->code, b = ((const tally *)y)->code;

    return (a > b) - (a < b);
}

/* Put one row per code that somebody gave; their answers one after the other. */
static vmap_status put_codes(vmap_report_table *t, const check_work *w, size_t i, tally *answer, vmap_error *err)
{
    const vmap_answers *a = w->sheet.answers;
    const vmap_item *item = sheet_item(&w->sheet, i);
    size_t n = 0, codes = 0;
    double weight = 0;

    (void)err;
    for (size_t r = 0; r < a->n; r++) {
        if (isnan(a->values[r * a->p + i]))
            continue;
        answer[n] = (tally){a->values[r * a->p + i], check_weight(a, r), 1};
        weight += answer[n++].weight;
    }
    qsort(answer, n, sizeof *answer, by_code);
    for (size_t k = 0; k < n; k++) {
        if (codes && answer[codes - 1].code == answer[k].code) {
            answer[codes - 1].n++;
            answer[codes - 1].weight += answer[k].weight;
        } else {
            answer[codes++] = answer[k];
        }
    }
    for (size_t k = 0; k < codes && k < 150; k++) {
        vmap_report_text(t, item->name);
        vmap_report_number(t, answer[k].code);
        vmap_report_text(t, label_of(item, answer[k].code));
        vmap_report_count(t, answer[k].n);
        vmap_report_number(t, percent((double)answer[k].n, (double)n));
        vmap_report_number(t, percent(answer[k].weight, weight));
    }
    return VMAP_SUCCESS;
}

static vmap_status table_codes(vmap_report *r, const check_work *w, vmap_error *err)
{
    const vmap_answers *a = w->sheet.answers;
    vmap_report_table *t = vmap_report_add(r, "codes", "Codes of the items");
    tally *answer = memory_new(a->n, sizeof *answer, err);
    vmap_status status = answer ? VMAP_SUCCESS : VMAP_ENOMEM;

    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "code", VMAP_CELL_NUMBER, 2);
    vmap_report_column(t, "label", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "percent", VMAP_CELL_NUMBER, 1);
    vmap_report_column(t, "weighted_percent", VMAP_CELL_NUMBER, 1);
    for (size_t i = 0; !status && i < a->p; i++) {
        if (a->present[i])
            status = put_codes(t, w, i, answer, err);
    }
    vmap_report_note(t, "Per cent of valid answers. At most 150 codes of an item are shown.");
    free(answer);
    return status;
}

static void table_reasons(vmap_report *r, const check_work *w)
{
    const vmap_answers *a = w->sheet.answers;
    vmap_report_table *t = vmap_report_add(r, "reasons", "Missing answers by reason");

    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "reason", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "percent", VMAP_CELL_NUMBER, 1);
    vmap_report_column(t, "weighted_percent", VMAP_CELL_NUMBER, 1);
    for (size_t i = 0; i < a->p; i++) {
        double weight[VMAP_REASONS] = {0}, all = 0;

        for (size_t q = 0; a->present[i] && q < a->n; q++) {
            weight[a->reasons[q * a->p + i]] += check_weight(a, q);
            all += check_weight(a, q);
        }
        for (int why = 1; a->present[i] && why < VMAP_REASONS; why++) {
            if (!a->counts[i].reason[why])
                continue;
            vmap_report_text(t, a->items[i]);
            vmap_report_text(t, vmap_reason_name((vmap_reason)why));
            vmap_report_count(t, a->counts[i].reason[why]);
            vmap_report_number(t, percent((double)a->counts[i].reason[why], (double)a->n));
            vmap_report_number(t, percent(weight[why], all));
        }
    }
}

/* ---- answers out of range, with what stands in the file ---- */

/* The text of a column at a row of a file, for all rows that are asked for. */
static vmap_status read_texts(const check_work *w, size_t file, const char *path, const bool *wanted, vmap_table **raw,
                              vmap_error *err)
{
    vmap_reader *reader = NULL;
    vmap_binding *binding = NULL;
    const vmap_codebook *book = w->sheet.codebook;
    vmap_status status;

    (void)file;
    sheet_rewind(path);
    status = vmap_reader_open(path, &w->sheet.options.read, &reader, err);
    if (!status)
        status = vmap_codebook_bind(book, vmap_reader_names(reader), vmap_reader_columns(reader), &binding, err);
    for (unsigned i = 0; !status && i < book->items_count; i++) {
        if (wanted[i] && binding->column[i] < book->items[i].columns_count)
            status = vmap_reader_want(reader, binding->at[i], VMAP_TEXTS, book->items[i].name, NULL, err);
    }
    if (!status)
        status = vmap_reader_read(reader, raw, err);
    vmap_binding_free(binding);
    vmap_reader_free(reader);
    return status;
}

static vmap_status put_out_of_range(vmap_report_table *t, const check_work *w, size_t file, const char *path,
                                    const bool *wanted, size_t *listed, vmap_error *err)
{
    const vmap_answers *a = w->sheet.answers;
    vmap_table *raw = NULL;
    vmap_status status = read_texts(w, file, path, wanted, &raw, err);

    for (size_t r = 0; !status && r < a->n; r++) {
        for (size_t i = 0; a->file[r] == file && i < a->p; i++) {
            size_t column = vmap_table_find(raw, a->items[i]);

            if (a->reasons[r * a->p + i] != VMAP_OUT_OF_RANGE || ++*listed > LISTED)
                continue;
            vmap_report_text(t, a->files[file]);
            vmap_report_count(t, a->lines[r]);
            vmap_report_count(t, a->rows[r]);
            vmap_report_text(t, a->items[i]);
            vmap_report_text(t, column < vmap_table_columns(raw) && a->rows[r] <= vmap_table_rows(raw)
                                    ? vmap_table_text(raw, column, a->rows[r] - 1)
                                    : "made from parts");
            vmap_report_text(t, sheet_item(&w->sheet, i)->valid);
        }
    }
    vmap_table_free(raw);
    return status;
}

static vmap_status table_out_of_range(vmap_report *r, const check_work *w, vmap_error *err)
{
    const vmap_answers *a = w->sheet.answers;
    vmap_report_table *t = vmap_report_add(r, "out_of_range", "Answers that are no code of their item");
    bool *wanted = memory_new(a->p, sizeof *wanted, err), any = false;
    size_t listed = 0;
    vmap_status status = wanted ? VMAP_SUCCESS : VMAP_ENOMEM;

    vmap_report_column(t, "file", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "line", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "row", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "value", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "valid", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; !status && i < a->p; i++) {
        wanted[i] = a->counts[i].reason[VMAP_OUT_OF_RANGE] > 0;
        any |= wanted[i];
    }
    for (size_t f = 0; !status && any && f < a->files_count; f++)
        status = put_out_of_range(t, w, f, w->sheet.set->files[f].file, wanted, &listed, err);
    if (listed > LISTED)
        vmap_report_note(t, "The first %d of %zu are shown.", LISTED, listed);
    free(wanted);
    return status;
}

/* ---- rows with the same key ---- */

typedef struct {
    char *key;
    size_t row;
} keyed;

static int by_key(const void *x, const void *y)
{
    const keyed *a = x, *b = y;
    int order = strcmp(a->key, b->key);

    return order ? order : (a->row > b->row) - (a->row < b->row);
}

/* The cells of the key, one after the other. */
static char *key_of(const check_work *w, size_t r)
{
    buffer b = {0};
    char *text = NULL;

    for (size_t k = 0; k < w->sheet.set->key_count; k++) {
        size_t g = sheet_group(&w->sheet, w->sheet.set->key[k]);

        buffer_put(&b, k ? ", " : "");
        buffer_put(&b, vmap_table_text(w->sheet.answers->groups, g, r));
    }
    return buffer_take(&b, &text, NULL, NULL) ? NULL : text;
}

static vmap_status table_duplicates(vmap_report *r, vmap_report_table *found, check_work *w, vmap_error *err)
{
    const vmap_answers *a = w->sheet.answers;
    vmap_report_table *t = vmap_report_add(r, "duplicates", "Rows with the same key");
    keyed *row = memory_new(a->n, sizeof *row, err);
    size_t twice = 0;
    vmap_status status = row ? VMAP_SUCCESS : VMAP_ENOMEM;

    vmap_report_column(t, "key", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "file", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "line", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "first_line", VMAP_CELL_COUNT, 0);
    if (!w->sheet.set->key_count)
        vmap_report_note(t, "No key was named: --key COLUMN,...");
    for (size_t i = 0; !status && w->sheet.set->key_count && i < a->n; i++) {
        row[i] = (keyed){key_of(w, i), i};
        if (!row[i].key)
            status = no_memory(err);
    }
    if (!status && w->sheet.set->key_count)
        qsort(row, a->n, sizeof *row, by_key);
    for (size_t i = 1, first = 0; !status && w->sheet.set->key_count && i < a->n; i++) {
        if (strcmp(row[i].key, row[first].key) != 0) {
            first = i;
            continue;
        }
        if (++twice > LISTED)
            continue;
        vmap_report_text(t, row[i].key);
        vmap_report_text(t, a->files[a->file[row[i].row]]);
        vmap_report_count(t, a->lines[row[i].row]);
        vmap_report_count(t, a->lines[row[first].row]);
    }
    if (twice)
        check_find(found, w, true, "", twice, "rows have the key of an earlier one");
    for (size_t i = 0; row && i < a->n; i++)
        free(row[i].key);
    free(row);
    return status;
}

/* ---- batteries of items, and who gives one answer throughout ---- */

/* Does respondent r answer all of the items, and all with the same code? */
static bool is_straight(const vmap_answers *a, size_t r, const size_t *item, size_t count, bool *complete)
{
    bool same = true;

    *complete = true;
    for (size_t i = 0; i < count; i++) {
        double x = a->values[r * a->p + item[i]];

        *complete &= !isnan(x);
        same &= x == a->values[r * a->p + item[0]];
    }
    return *complete && same;
}

static void put_battery(vmap_report_table *t, vmap_report_table *found, check_work *w, const size_t *item, size_t count)
{
    const vmap_answers *a = w->sheet.answers;
    size_t complete = 0, straight = 0;
    char *name;

    for (size_t r = 0; r < a->n; r++) {
        bool all;

        straight += is_straight(a, r, item, count, &all);
        complete += all;
    }
    name = text_format("%s-%s", a->items[item[0]], a->items[item[count - 1]]);
    vmap_report_text(t, name ? name : "");
    vmap_report_count(t, count);
    vmap_report_text(t, sheet_item(&w->sheet, item[0])->valid);
    vmap_report_count(t, complete);
    vmap_report_count(t, straight);
    vmap_report_number(t, percent((double)straight, (double)complete));
    if (complete && straight * 5 > complete && name)
        check_find(found, w, false, name, straight, "respondents give one answer to all %zu items (%.0f %%)", count,
             percent((double)straight, (double)complete));
    free(name);
}

static vmap_status table_batteries(vmap_report *r, vmap_report_table *found, check_work *w, vmap_error *err)
{
    const vmap_answers *a = w->sheet.answers;
    vmap_report_table *t = vmap_report_add(r, "batteries", "Respondents who give one answer to a whole battery");
    size_t *item = memory_new(a->p, sizeof *item, err), count = 0;

    if (!item)
        return VMAP_ENOMEM;
    vmap_report_column(t, "battery", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "items", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "valid", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "complete", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "straight", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "percent", VMAP_CELL_NUMBER, 1);
    for (size_t i = 0; i <= a->p; i++) {
        bool goes_on = i < a->p && count &&
                       strcmp(sheet_item(&w->sheet, i)->valid, sheet_item(&w->sheet, item[0])->valid) == 0;

        if (i < a->p && !a->present[i])
            continue;
        if (!goes_on) {
            if (count >= BATTERY)
                put_battery(t, found, w, item, count);
            count = 0;
        }
        if (i < a->p)
            item[count++] = i;
    }
    vmap_report_note(t, "A battery is a run of at least %d items with the same valid codes. complete: respondents who "
                     "answered all of them; straight: those of them who gave one answer throughout.", BATTERY);
    free(item);
    return VMAP_SUCCESS;
}

/* ---- columns ---- */

static void table_columns(vmap_report *r, vmap_report_table *found, check_work *w)
{
    vmap_report_table *t = vmap_report_add(r, "columns", "Columns of the first file");
    size_t unknown = 0;

    vmap_report_column(t, "column", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "used", VMAP_CELL_TEXT, 0);
    for (size_t c = 0; c < w->sheet.columns_count; c++) {
        vmap_report_text(t, w->sheet.columns[c]);
        vmap_report_text(t, w->sheet.used[c] ? "yes" : "no");
        unknown += !w->sheet.used[c];
    }
    vmap_report_note(t, "used: it holds an item of codebook %s, or was named by an option.", w->sheet.codebook->name);
    if (unknown)
        check_find(found, w, false, "", unknown, "columns belong to no item of codebook %s", w->sheet.codebook->name);
}

vmap_status check_tables(vmap_report *r, check_work *w, vmap_error *err)
{
    vmap_report_table *found = new_findings(r);
    const vmap_answers *a = w->sheet.answers;
    vmap_status status;

    check_find(found, w, false, "", w->sheet.columns_count, "columns: %s", w->sheet.dialect);
    check_find(found, w, false, "", a->n, "respondents of %zu file%s, read with codebook %s", a->files_count,
         a->files_count == 1 ? "" : "s", w->sheet.codebook->name);
    table_items(r, found, w);
    status = table_codes(r, w, err);
    if (!status)
        table_reasons(r, w);
    if (!status)
        status = table_out_of_range(r, w, err);
    if (!status)
        status = table_duplicates(r, found, w, err);
    if (!status)
        status = table_batteries(r, found, w, err);
    if (!status)
        status = check_groups(r, found, w, err);
    if (!status)
        table_columns(r, found, w);
    return status;
}
