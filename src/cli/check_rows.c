#include <config.h>
#include "cli/check_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/text.h"

/* What `check` says of single rows: answers that are no codes, keys that come twice, one answer throughout. */

enum {
    LISTED = 1000, /* rows that a table shows */
    BATTERY = 5    /* items with the same valid codes that follow one another */
};

/* ---- answers out of range, with what stands in the file ---- */

vmap_status check_open(const check_work *w, const char *path, vmap_reader **reader, vmap_binding **binding, vmap_error *err)
{
    vmap_status status;

    sheet_rewind(path);
    status = vmap_reader_open(path, &w->sheet.options.read, reader, err);
    return status ? status
                  : vmap_codebook_bind(w->sheet.codebook, vmap_reader_names(*reader), vmap_reader_columns(*reader), binding, err);
}

/* The text of a column at a row of a file, for all rows that are asked for. */
static vmap_status read_texts(const check_work *w, const char *path, const bool *wanted, vmap_table **raw,
                              vmap_error *err)
{
    vmap_reader *reader = NULL;
    vmap_binding *binding = NULL;
    const vmap_codebook *book = w->sheet.codebook;
    vmap_status status = check_open(w, path, &reader, &binding, err);

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
    vmap_status status = read_texts(w, path, wanted, &raw, err);

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

vmap_status check_out_of_range(vmap_report *r, const check_work *w, vmap_error *err)
{
    static const column_spec columns[] = {{"file", VMAP_CELL_TEXT, 0}, {"line", VMAP_CELL_COUNT, 0},
        {"row", VMAP_CELL_COUNT, 0}, {"item", VMAP_CELL_TEXT, 0}, {"value", VMAP_CELL_TEXT, 0},
        {"valid", VMAP_CELL_TEXT, 0}};
    const vmap_answers *a = w->sheet.answers;
    vmap_report_table *t = columns_table(r, "out_of_range", "Answers that are no code of their item", columns, sizeof columns / sizeof *columns);
    bool *wanted = memory_new(a->p, sizeof *wanted, err), any = false;
    size_t listed = 0;
    vmap_status status = wanted ? VMAP_SUCCESS : VMAP_ENOMEM;

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

vmap_status check_duplicates(vmap_report *r, vmap_report_table *found, check_work *w, vmap_error *err)
{
    static const column_spec columns[] = {{"key", VMAP_CELL_TEXT, 0}, {"file", VMAP_CELL_TEXT, 0},
        {"line", VMAP_CELL_COUNT, 0}, {"first_line", VMAP_CELL_COUNT, 0}};
    const vmap_answers *a = w->sheet.answers;
    vmap_report_table *t = columns_table(r, "duplicates", "Rows with the same key", columns, sizeof columns / sizeof *columns);
    keyed *row = memory_new(a->n, sizeof *row, err);
    size_t twice = 0;
    vmap_status status = row ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!w->sheet.set->key_count)
        vmap_report_note(t, "No key was named: --key COLUMN,...");
    for (size_t i = 0; !status && w->sheet.set->key_count && i < a->n; i++) {
        row[i] = (keyed){key_of(w, i), i};
        if (!row[i].key)
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a table");
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
    vmap_report_number(t, check_percent((double)straight, (double)complete));
    if (complete && straight * 5 > complete && name)
        check_find(found, w, false, name, straight, "respondents give one answer to all %zu items (%.0f %%)", count,
             check_percent((double)straight, (double)complete));
    free(name);
}

vmap_status check_batteries(vmap_report *r, vmap_report_table *found, check_work *w, vmap_error *err)
{
    static const column_spec columns[] = {{"battery", VMAP_CELL_TEXT, 0}, {"items", VMAP_CELL_COUNT, 0},
        {"valid", VMAP_CELL_TEXT, 0}, {"complete", VMAP_CELL_COUNT, 0}, {"straight", VMAP_CELL_COUNT, 0},
        {"percent", VMAP_CELL_NUMBER, 1}};
    const vmap_answers *a = w->sheet.answers;
    vmap_report_table *t = columns_table(r, "batteries", "Respondents who give one answer to a whole battery", columns, sizeof columns / sizeof *columns);
    size_t *item = memory_new(a->p, sizeof *item, err), count = 0;

    if (!item)
        return VMAP_ENOMEM;
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
