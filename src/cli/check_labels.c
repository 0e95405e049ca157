#include <config.h>
#include "cli/check_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/text.h"
#include "data/codebook_internal.h"
#include "data/reader_internal.h"

/* What the labels of the values in the first file say against the codebook: that a code means what the codebook means by
 * another one (the scale is turned round, or the items are others), or that a valid code is a missing answer. Labels that
 * are merely worded otherwise say nothing. */

enum { SHOWN = 3 }; /* codes in a sentence */

/* The item's own code of a code of the file; NaN when it has none, or when the column may be coded in several ways. */
static double own_code(const vmap_item *item, const vmap_item_column *column, double code)
{
    if (column->codings_count > 1)
        return NAN;
    for (size_t k = 0; column->codings_count && k < column->coding[0].pairs; k++) {
        if (column->coding[0].from[k] == code)
            return column->coding[0].to[k];
    }
    if (column->codings_count)
        return NAN;
    return column->reverse ? item->low + item->high - code : code;
}

static bool same_words(const char *a, const char *b)
{
    char *x = text_fold(a, strlen(a)), *y = text_fold(b, strlen(b));
    bool same = x && y && strcmp(x, y) == 0;

    free(x);
    free(y);
    return same;
}

/* What the codebook says that contradicts the label of a code in the file; NULL when nothing does. */
static const char *contradiction(const vmap_item *item, double code, const char *label)
{
    const char *own = NULL, *other = NULL;

    for (unsigned k = 0; k < item->labels_count; k++) {
        if (item->labels[k].code == code)
            own = item->labels[k].label;
        else if (same_words(item->labels[k].label, label))
            other = item->labels[k].label;
    }
    return other && !(own && same_words(own, label)) ? own ? own : "another code's label" : NULL;
}

static bool is_missing_phrase(const char *label)
{
    char *folded = text_fold(label, strlen(label));
    vmap_reason why = VMAP_PRESENT;
    bool missing = folded && reader_label_reason(folded, &why) && why != VMAP_PRESENT;

    free(folded);
    return missing;
}

static void put_code(buffer *to, size_t k, double code, const char *label, const char *own)
{
    if (k < SHOWN)
        buffer_format(to, "%s%g is '%s'%s%s%s", k ? ", " : "", code, label, own ? " and not '" : "", own ? own : "", own ? "'" : "");
    else if (k == SHOWN)
        buffer_put(to, " ...");
}

/* The labels of one column against its item. */
static void compare(vmap_report_table *found, check_work *w, const vmap_item *item, const vmap_item_column *column,
                    const vmap_value_label *label, size_t count)
{
    buffer other = {0}, missing = {0};
    size_t others = 0, missings = 0;

    for (size_t k = 0; k < count; k++) {
        double code = label[k].tag || label[k].text ? NAN : own_code(item, column, label[k].value);
        const char *own = isnan(code) ? NULL : contradiction(item, code, label[k].label);

        if (own)
            put_code(&other, others++, label[k].value, label[k].label, own);
        else if (codebook_within(item->range, item->ranges, code) && is_missing_phrase(label[k].label))
            put_code(&missing, missings++, label[k].value, label[k].label, NULL);
    }
    if (others)
        check_find(found, w, true, item->name, others, "codes mean something else in the file: column %s: %s", column->name,
                   other.text ? other.text : "");
    if (missings)
        check_find(found, w, true, item->name, missings, "valid codes are missing answers in the file: column %s: %s",
                   column->name, missing.text ? missing.text : "");
    buffer_free(&other);
    buffer_free(&missing);
}

vmap_status check_labels(vmap_report_table *found, check_work *w, vmap_error *err)
{
    const vmap_codebook *book = w->sheet.codebook;
    vmap_reader *reader = NULL;
    vmap_binding *b = NULL;
    vmap_status status = check_open(w, w->sheet.in.list[0].path, &reader, &b, err);

    for (unsigned i = 0; !status && i < book->items_count; i++) {
        const vmap_item *item = &book->items[i];
        size_t count = 0;
        const vmap_value_label *label;

        if (b->column[i] == item->columns_count)
            continue;
        label = vmap_reader_value_labels(reader, b->at[i], &count);
        compare(found, w, item, &item->columns[b->column[i]], label, count);
    }
    vmap_binding_free(b);
    vmap_reader_free(reader);
    return status;
}
