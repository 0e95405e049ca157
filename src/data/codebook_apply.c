#include <config.h>
#include "valuemap/codebook.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

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

/* Cells out of range under one coding of a column. */
static size_t misfits(const vmap_codebook *codebook, const vmap_item *item,
                      const vmap_item_column *column, size_t coding, const vmap_table *raw,
                      size_t at)
{
    size_t n = 0, rows = vmap_table_rows(raw);

    for (size_t r = 0; r < rows; r++) {
        double value = vmap_table_value(raw, at, r);

        if (!isnan(value))
            n += translate(codebook, item, column, coding, &value) == VMAP_OUT_OF_RANGE;
    }
    return n;
}

static size_t choose_coding(const vmap_codebook *codebook, const vmap_item *item,
                            const vmap_item_column *column, const vmap_table *raw, size_t at)
{
    size_t best = 0, least = 0;

    for (unsigned i = 0; i < column->codings_count; i++) {
        size_t n = misfits(codebook, item, column, i, raw, at);

        if (i == 0 || n < least) {
            best = i;
            least = n;
        }
    }
    return best;
}

/* One item of the file: the value or the reason of each row. */
typedef struct {
    double *value;
    unsigned char *reason;
} cells;

static void read_cells(const vmap_codebook *codebook, size_t i, vmap_binding *b,
                       const vmap_table *raw, cells out, vmap_item_count *count)
{
    const vmap_item *item = &codebook->items[i];
    const vmap_item_column *column = &item->columns[b->column[i]];
    size_t rows = vmap_table_rows(raw), at = vmap_table_find(raw, column->name);

    b->coding[i] = choose_coding(codebook, item, column, raw, at);
    for (size_t r = 0; r < rows; r++) {
        double given = vmap_table_value(raw, at, r), value = given;
        vmap_reason why = isnan(given) ? vmap_table_reason(raw, at, r)
                                       : translate(codebook, item, column, b->coding[i], &value);

        out.value[r] = why == VMAP_PRESENT ? value : NAN;
        out.reason[r] = (unsigned char)why;
        count->out_of_range += why == VMAP_OUT_OF_RANGE;
        if (why == VMAP_OUT_OF_RANGE && !count->bad_line) {
            count->bad_line = vmap_table_line(raw, r);
            count->bad_value = given;
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

static vmap_status new_cells(cells *c, size_t rows, vmap_error *err)
{
    c->value = memory_new(rows, sizeof *c->value, err);
    c->reason = memory_new(rows, sizeof *c->reason, err);
    if (!c->value || !c->reason)
        return VMAP_ENOMEM;
    for (size_t r = 0; r < rows; r++) {
        c->value[r] = NAN;
        c->reason[r] = VMAP_NO_COLUMN;
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_codebook_apply(const vmap_codebook *codebook, vmap_binding *b,
                                const vmap_table *raw, double *values, unsigned char *reasons,
                                vmap_item_count *counts, vmap_error *err)
{
    size_t rows = vmap_table_rows(raw), p = vmap_codebook_items(codebook);
    cells *all = memory_new(codebook->items_count, sizeof *all, err);
    vmap_status status = all ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < codebook->items_count; i++) {
        status = new_cells(&all[i], rows, err);
        if (!status && b->column[i] < codebook->items[i].columns_count)
            read_cells(codebook, i, b, raw, all[i], &counts[i]);
    }
    for (size_t i = 0, k = 0; !status && i < codebook->items_count; i++) {
        const vmap_item *item = &codebook->items[i];

        if (can_make(item, b))
            make_cells(codebook, item, all, rows, all[i], &counts[i]);
        count_cells(item, all[i], rows, &counts[i]);
        for (size_t r = 0; !item->part && r < rows; r++) {
            values[r * p + k] = all[i].value[r];
            reasons[r * p + k] = all[i].reason[r];
        }
        k += !item->part;
    }
    for (size_t i = 0; all && i < codebook->items_count; i++) {
        free(all[i].value);
        free(all[i].reason);
    }
    free(all);
    return status;
}
