#include <config.h>
#include "valuemap/codebook.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "data/codebook_internal.h"

/* Matching a codebook with a file, and making the items from the file's columns. */

static size_t find_name(const char *const *names, size_t count, const char *name)
{
    size_t i = 0;

    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

static void bind_item(const vmap_item *item, const char *const *names, size_t count,
                      vmap_binding *b, size_t i)
{
    b->column[i] = item->columns_count;
    for (unsigned j = 0; j < item->columns_count; j++) {
        size_t at = find_name(names, count, item->columns[j].name);

        if (at < count) {
            b->column[i] = j;
            b->at[i] = at;
            b->available[i] = true;
            return;
        }
    }
}

static bool can_make(const vmap_item *item, const vmap_binding *b)
{
    if (item->pairs)
        return b->available[item->pairs->part[0]] && b->available[item->pairs->part[1]];
    if (!item->sum)
        return false;
    for (unsigned i = 0; i < item->sum->plus_count + item->sum->minus_count; i++) {
        if (!b->available[item->sum->part[i]])
            return false;
    }
    return true;
}

void vmap_binding_free(vmap_binding *b)
{
    if (!b)
        return;
    free(b->column);
    free(b->at);
    free(b->coding);
    free(b->available);
    free(b);
}

vmap_status vmap_codebook_bind(const vmap_codebook *codebook, const char *const *names,
                               size_t count, vmap_binding **binding, vmap_error *err)
{
    size_t n = codebook->items_count;
    vmap_binding *b = memory_new(1, sizeof *b, err);

    if (!b)
        return VMAP_ENOMEM;
    b->column = memory_new(n, sizeof *b->column, err);
    b->at = memory_new(n, sizeof *b->at, err);
    b->coding = memory_new(n, sizeof *b->coding, err);
    b->available = memory_new(n, sizeof *b->available, err);
    if (!b->column || !b->at || !b->coding || !b->available) {
        vmap_binding_free(b);
        return VMAP_ENOMEM;
    }
    for (size_t i = 0; i < n; i++)
        bind_item(&codebook->items[i], names, count, b, i);
    for (size_t i = 0; i < n; i++) {
        const vmap_item *item = &codebook->items[i];

        b->available[i] = b->available[i] || can_make(item, b);
        b->usable += b->available[i] && !item->part;
    }
    *binding = b;
    return VMAP_SUCCESS;
}

/* The value of a cell in the item's own codes: recoded, reversed or as it is. */
static vmap_reason translate(const vmap_codebook *codebook, const vmap_item *item,
                             const vmap_item_column *column, size_t coding, double *value)
{
    vmap_reason why;

    if (column->codings_count) {
        const vmap_coding *c = &column->coding[coding];

        for (size_t i = 0; i < c->pairs; i++) {
            if (*value == c->from[i]) {
                *value = c->to[i];
                return VMAP_PRESENT;
            }
        }
        why = vmap_codebook_judge(codebook, item, *value);
        return why == VMAP_PRESENT ? VMAP_OUT_OF_RANGE : why;
    }
    why = vmap_codebook_judge(codebook, item, *value);
    if (why == VMAP_PRESENT && column->reverse)
        *value = item->low + item->high - *value;
    return why;
}

/* ---- the translation of one column ---- */

/* Codes that are translated once, not cell by cell: all of most surveys. */
enum { KNOWN_LOW = -128, KNOWN_HIGH = 127, KNOWN = KNOWN_HIGH - KNOWN_LOW + 1 };

typedef struct {
    const vmap_codebook *codebook;
    const vmap_item *item;
    const vmap_item_column *column;
    size_t coding;
    double value[KNOWN]; /* of code KNOWN_LOW + i in the item's own codes, NaN when it has no value */
    unsigned char why[KNOWN];
} translation;

static void prepare(translation *t, size_t coding)
{
    t->coding = coding;
    for (int i = 0; i < KNOWN; i++) {
        t->value[i] = KNOWN_LOW + i;
        t->why[i] = (unsigned char)translate(t->codebook, t->item, t->column, coding, &t->value[i]);
        if (t->why[i] != VMAP_PRESENT)
            t->value[i] = NAN;
    }
}

/* The item's value and reason of a cell; *value is NaN when there is none. */
static vmap_reason translate_cell(const translation *t, const vmap_table *raw, size_t at, size_t r,
                                  double *value)
{
    double given = vmap_table_value(raw, at, r);
    vmap_reason why;

    *value = given;
    if (given >= KNOWN_LOW && given <= KNOWN_HIGH && given == (int)given) {
        *value = t->value[(int)given - KNOWN_LOW];
        return (vmap_reason)t->why[(int)given - KNOWN_LOW];
    }
    if (isnan(given))
        return vmap_table_reason(raw, at, r);
    why = translate(t->codebook, t->item, t->column, t->coding, value);
    if (why != VMAP_PRESENT)
        *value = NAN;
    return why;
}

/* Cells out of range under one coding of a column. */
static size_t misfits(translation *t, size_t coding, const vmap_table *raw, size_t at)
{
    size_t n = 0, rows = vmap_table_rows(raw);
    double value;

    prepare(t, coding);
    for (size_t r = 0; r < rows; r++)
        n += !isnan(vmap_table_value(raw, at, r)) &&
             translate_cell(t, raw, at, r, &value) == VMAP_OUT_OF_RANGE;
    return n;
}

/* One item of the file: the value or the reason of each row. */
typedef struct {
    double *value;
    unsigned char *reason;
} cells;

static void read_cells(const translation *t, const vmap_table *raw, size_t at, size_t from, size_t to,
                       cells out, vmap_item_count *count)
{
    for (size_t r = from; r < to; r++) {
        vmap_reason why = translate_cell(t, raw, at, r, &out.value[r - from]);

        out.reason[r - from] = (unsigned char)why;
        if (why != VMAP_OUT_OF_RANGE)
            continue;
        count->out_of_range++;
        if (!count->bad_line) {
            count->bad_line = vmap_table_line(raw, r);
            count->bad_value = vmap_table_value(raw, at, r);
        }
    }
}

static double look_up(const vmap_item_pairs *pairs, double first, double second)
{
    for (size_t i = 0; i < pairs->entries; i++) {
        if (pairs->code_1[i] == first && pairs->code_2[i] == second)
            return pairs->value[i];
    }
    return pairs->otherwise;
}

/* Value of a made item in row r, or NaN and the reason: that of its missing parts when they agree,
 * or that the sum is none of the item's values. `parts` holds all items of the file. */
static double make_value(const vmap_codebook *codebook, const vmap_item *item, const cells *parts,
                         size_t r, unsigned char *why)
{
    size_t count = item->pairs ? 2 : item->sum->plus_count + item->sum->minus_count;
    const size_t *part = item->pairs ? item->pairs->part : item->sum->part;
    double value = 0;

    *why = VMAP_PRESENT;
    for (size_t i = 0; i < count; i++) {
        unsigned char reason = parts[part[i]].reason[r];

        if (reason != VMAP_PRESENT)
            *why = *why == VMAP_PRESENT || *why == reason ? reason : VMAP_PART_MISSING;
        if (item->sum)
            value += (i < item->sum->plus_count ? 1 : -1) * parts[part[i]].value[r];
    }
    if (*why != VMAP_PRESENT)
        return NAN;
    if (item->pairs)
        return look_up(item->pairs, parts[part[0]].value[r], parts[part[1]].value[r]);
    if (vmap_codebook_judge(codebook, item, value) != VMAP_PRESENT) {
        *why = VMAP_OUT_OF_RANGE;
        return NAN;
    }
    return value;
}

/* Fill what the item's own column does not give; where both are there they must agree. */
static void make_cells(const vmap_codebook *codebook, const vmap_item *item, const cells *parts,
                       size_t rows, cells out, vmap_item_count *count)
{
    for (size_t r = 0; r < rows; r++) {
        unsigned char why;
        double value = make_value(codebook, item, parts, r, &why);

        if (out.reason[r] == VMAP_PRESENT) {
            count->disagree += why == VMAP_PRESENT && value != out.value[r];
        } else if (why == VMAP_PRESENT || out.reason[r] == VMAP_NO_COLUMN) {
            out.value[r] = value;
            out.reason[r] = why;
        }
    }
}

static void count_cells(const vmap_item *item, cells in, size_t rows, vmap_item_count *count)
{
    for (size_t r = 0; r < rows; r++) {
        count->reason[in.reason[r]]++;
        count->fractions += item->type == VMAP_ORDINAL && in.reason[r] == VMAP_PRESENT &&
                            in.value[r] != floor(in.value[r]);
    }
}

/* ---- a block of rows at a time ---- */

enum { BLOCK = 4096 };

struct codebook_work {
    const vmap_codebook *codebook;
    vmap_binding *binding;
    const vmap_table *raw; /* the last one that was looked at */
    size_t *at;      /* per item: its column of `raw`, or the number of columns */
    size_t **misfit; /* per item with several codings: the cells so far that each does not fit; else NULL */
    translation *by; /* per item */
    cells *all;      /* per item: BLOCK cells */
};

void codebook_end(codebook_work *w)
{
    if (!w)
        return;
    for (size_t i = 0; w->all && i < w->codebook->items_count; i++) {
        free(w->all[i].value);
        free(w->all[i].reason);
    }
    for (size_t i = 0; w->misfit && i < w->codebook->items_count; i++)
        free(w->misfit[i]);
    free(w->misfit);
    free(w->all);
    free(w->by);
    free(w->at);
    free(w);
}

static const vmap_item_column *bound_column(const codebook_work *w, size_t i)
{
    const vmap_item *item = &w->codebook->items[i];
    size_t column = w->binding->column[i];

    return column < item->columns_count ? &item->columns[column] : NULL;
}

static vmap_status begin_item(codebook_work *w, size_t i, vmap_error *err)
{
    const vmap_item_column *column = bound_column(w, i);

    w->by[i] = (translation){.codebook = w->codebook, .item = &w->codebook->items[i], .column = column};
    w->all[i].value = memory_new(BLOCK, sizeof(double), err);
    w->all[i].reason = memory_new(BLOCK, 1, err);
    if (!w->all[i].value || !w->all[i].reason)
        return VMAP_ENOMEM;
    if (column && column->codings_count > 1) {
        w->misfit[i] = memory_new(column->codings_count, sizeof *w->misfit[i], err);
        return w->misfit[i] ? VMAP_SUCCESS : VMAP_ENOMEM;
    }
    return VMAP_SUCCESS;
}

vmap_status codebook_begin(const vmap_codebook *codebook, vmap_binding *b, codebook_work **work, vmap_error *err)
{
    codebook_work *w = memory_new(1, sizeof *w, err);
    vmap_status status = VMAP_SUCCESS;

    if (!w)
        return VMAP_ENOMEM;
    w->codebook = codebook;
    w->binding = b;
    w->at = memory_new(codebook->items_count, sizeof *w->at, err);
    w->by = memory_new(codebook->items_count, sizeof *w->by, err);
    w->all = memory_new(codebook->items_count, sizeof *w->all, err);
    w->misfit = memory_new(codebook->items_count, sizeof *w->misfit, err);
    if (!w->at || !w->by || !w->all || !w->misfit)
        status = VMAP_ENOMEM;
    for (size_t i = 0; !status && i < codebook->items_count; i++)
        status = begin_item(w, i, err);
    if (status)
        codebook_end(w);
    else
        *work = w;
    return status;
}

/* Tables that are looked at one after the other have the same columns, until codings are chosen. */
static void look_at(codebook_work *w, const vmap_table *raw)
{
    for (size_t i = 0; !w->raw && i < w->codebook->items_count; i++) {
        const vmap_item_column *column = bound_column(w, i);

        w->at[i] = column ? vmap_table_find(raw, column->name) : vmap_table_columns(raw);
    }
    w->raw = raw;
}

bool codebook_doubts(const codebook_work *w, const char *column)
{
    for (size_t i = 0; i < w->codebook->items_count; i++) {
        if (w->misfit[i] && strcmp(bound_column(w, i)->name, column) == 0)
            return true;
    }
    return false;
}

void codebook_weigh(codebook_work *w, const vmap_table *raw)
{
    look_at(w, raw);
    for (size_t i = 0; i < w->codebook->items_count; i++) {
        for (unsigned k = 0; w->misfit[i] && w->at[i] < vmap_table_columns(raw) && k < bound_column(w, i)->codings_count; k++)
            w->misfit[i][k] += misfits(&w->by[i], k, raw, w->at[i]);
    }
}

void codebook_settle(codebook_work *w)
{
    for (size_t i = 0; i < w->codebook->items_count; i++) {
        const vmap_item_column *column = bound_column(w, i);
        size_t best = 0;

        for (unsigned k = 1; w->misfit[i] && k < column->codings_count; k++)
            best = w->misfit[i][k] < w->misfit[i][best] ? k : best;
        if (column)
            prepare(&w->by[i], w->binding->coding[i] = best);
    }
    w->raw = NULL;
}

static void apply_block(codebook_work *w, size_t from, size_t rows, double *values,
                        unsigned char *reasons, vmap_item_count *counts)
{
    const vmap_codebook *codebook = w->codebook;
    size_t p = vmap_codebook_items(codebook);

    for (size_t i = 0; i < codebook->items_count; i++) {
        if (w->at[i] < vmap_table_columns(w->raw)) {
            read_cells(&w->by[i], w->raw, w->at[i], from, from + rows, w->all[i], &counts[i]);
            continue;
        }
        for (size_t r = 0; r < rows; r++) {
            w->all[i].value[r] = NAN;
            w->all[i].reason[r] = VMAP_NO_COLUMN;
        }
    }
    for (size_t i = 0, k = 0; i < codebook->items_count; i++) {
        const vmap_item *item = &codebook->items[i];

        if (can_make(item, w->binding))
            make_cells(codebook, item, w->all, rows, w->all[i], &counts[i]);
        count_cells(item, w->all[i], rows, &counts[i]);
        for (size_t r = 0; !item->part && r < rows; r++) {
            values[r * p + k] = w->all[i].value[r];
            reasons[r * p + k] = w->all[i].reason[r];
        }
        k += !item->part;
    }
}

void codebook_rows(codebook_work *w, const vmap_table *raw, size_t from, size_t rows, double *values, unsigned char *reasons,
                   vmap_item_count *counts)
{
    size_t p = vmap_codebook_items(w->codebook);

    look_at(w, raw);
    for (size_t done = 0; done < rows; done += BLOCK)
        apply_block(w, from + done, rows - done < BLOCK ? rows - done : BLOCK, values + done * p,
                    reasons + done * p, counts);
}

vmap_status vmap_codebook_apply(const vmap_codebook *codebook, vmap_binding *b,
                                const vmap_table *raw, double *values, unsigned char *reasons,
                                vmap_item_count *counts, vmap_error *err)
{
    codebook_work *w = NULL;
    vmap_status status = codebook_begin(codebook, b, &w, err);

    if (!status) {
        codebook_weigh(w, raw);
        codebook_settle(w);
        codebook_rows(w, raw, 0, vmap_table_rows(raw), values, reasons, counts);
    }
    codebook_end(w);
    return status;
}
