#include <config.h>
#include "data/intake.h"

#include <math.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/text.h"

enum { NAMED = 20 /* items in a note */ };

/* What concerns whole files; the cells of the rows that are kept are counted one by one. */
static void add_counts(vmap_item_count *to, const vmap_item_count *from)
{
    to->out_of_range += from->out_of_range;
    to->fractions += from->fractions;
    to->disagree += from->disagree;
    if (!to->bad_line) {
        to->bad_line = from->bad_line;
        to->bad_value = from->bad_value;
    }
}

static vmap_status name_columns(intake *in, size_t i, size_t item)
{
    const vmap_item *it = &in->codebook->items[item];
    const size_t *part = it->pairs ? it->pairs->part : it->sum ? it->sum->part : NULL;
    size_t parts = it->pairs ? 2 : it->sum ? it->sum->plus_count + it->sum->minus_count : 0;
    buffer b = {0};

    if (in->answers->columns[i])
        return VMAP_SUCCESS;
    if (in->binding->column[item] < it->columns_count) {
        buffer_put(&b, it->columns[in->binding->column[item]].name);
    } else {
        for (size_t k = 0; k < parts; k++) {
            const vmap_item *p = &in->codebook->items[part[k]];

            buffer_put(&b, k ? ", " : "");
            if (in->binding->column[part[k]] < p->columns_count)
                buffer_put(&b, p->columns[in->binding->column[part[k]]].name);
        }
    }
    return buffer_take(&b, &in->answers->columns[i], NULL, in->err);
}

/* Answers that are no code of their item: every column with its first place, in one sentence. */
static vmap_status warn_out_of_range(intake *in)
{
    buffer list = {0};
    size_t columns = 0;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; i < in->codebook->items_count; i++) {
        const vmap_item *item = &in->codebook->items[i];
        const vmap_item_count *count = &in->counts[i];
        const vmap_item_column *column;

        if (!count->bad_line || isnan(count->bad_value) || in->binding->column[i] >= item->columns_count)
            continue;
        column = &item->columns[in->binding->column[i]];
        buffer_format(&list, "%sline %zu: column %s: %g is outside %s (%zu)", columns++ ? "; " : "",
                      count->bad_line, column->name, count->bad_value,
                      column->codings_count ? column->codings[in->binding->coding[i]] : item->valid,
                      count->out_of_range);
    }
    if (list.failed)
        status = vmap_error_set(in->err, VMAP_ENOMEM, "no memory for a warning");
    else if (columns)
        status = vmap_ledger_warn(in->ledger, in->err,
                                  "%s: answers that are no code of their item count as missing; first "
                                  "place and number per column: %s",
                                  in->name, list.text);
    buffer_free(&list);
    return status;
}

/* A file that holds an item under two names may say two things. */
static vmap_status note_second_name(intake *in, size_t i)
{
    const vmap_item *item = &in->codebook->items[i];
    vmap_status status = VMAP_SUCCESS;

    for (size_t j = in->binding->column[i] + 1; !status && j < item->columns_count; j++) {
        if (intake_column(in->reader, item->columns[j].name) < vmap_reader_columns(in->reader))
            status = vmap_ledger_say(in->ledger, in->err,
                                     "%s: item %s is in the file under two names; column %s is used, %s is not", in->name,
                                     item->name, item->columns[in->binding->column[i]].name, item->columns[j].name);
    }
    return status;
}

/* What the reader should know about one item, or part of an item, of one file. */
static vmap_status note_item(intake *in, size_t i)
{
    const vmap_item *item = &in->codebook->items[i];
    const vmap_item_count *count = &in->counts[i];
    const vmap_item_column *column =
        in->binding->column[i] < item->columns_count ? &item->columns[in->binding->column[i]] : NULL;
    vmap_status status = VMAP_SUCCESS;

    if (column && in->binding->coding[i] > 0)
        status = vmap_ledger_say(in->ledger, in->err, "%s: column %s is read with the coding %s",
                                  in->name, column->name,
                                  column->codings[in->binding->coding[i]]);
    if (!status && count->fractions)
        status = vmap_ledger_say(in->ledger, in->err,
                                  "%s: item %s: %zu answers lie between two codes (averages?) and "
                                  "are used as they are",
                                  in->name, item->name, count->fractions);
    if (!status && count->disagree)
        status = vmap_ledger_say(in->ledger, in->err,
                                  "%s: item %s: in %zu rows the column and the items that it is "
                                  "made from disagree; the column is used",
                                  in->name, item->name, count->disagree);
    return status || !column ? status : note_second_name(in, i);
}

vmap_status intake_record(intake *in, size_t rows, const places *at)
{
    vmap_answers *a = in->answers;
    size_t q = vmap_codebook_items(in->codebook), missing = 0;
    vmap_status status;
    buffer lacks = {0};

    status = vmap_ledger_say(in->ledger, in->err, "%s: %s, %s; %zu row%s; codebook %s", in->name,
                              vmap_reader_format(in->reader), vmap_reader_dialect(in->reader), rows,
                              rows == 1 ? "" : "s", in->codebook->name);
    if (!status)
        status = vmap_ledger_add(in->ledger, a->set, in->name, "read", "", "rows read", "rows", rows,
                                 in->err);
    if (!status && in->options->where_count)
        status = vmap_ledger_add(in->ledger, a->set, in->name, "where", "", "condition not true", "rows",
                                 at->passed_over, in->err);
    if (!status && at->unweighted)
        status = vmap_ledger_add(in->ledger, a->set, in->name, "weight", "", "weight missing",
                                 "rows", at->unweighted, in->err);
    if (!status)
        status = vmap_ledger_add(in->ledger, a->set, in->name, "read", "", "rows used", "rows",
                                 rows - at->passed_over - at->unweighted, in->err);
    if (!status)
        status = warn_out_of_range(in);
    for (size_t i = 0; !status && i < in->codebook->items_count; i++)
        status = note_item(in, i);
    for (size_t i = 0; !status && i < a->p; i++) {
        size_t item = in->item[i] < q ? vmap_codebook_item(in->codebook, in->item[i]) : 0;

        if (in->item[i] == q || !in->binding->available[item]) {
            if (missing++ < NAMED)
                buffer_format(&lacks, "%s%s", missing > 1 ? ", " : "", a->items[i]);
            continue;
        }
        a->present[i] = true;
        add_counts(&a->counts[i], &in->counts[item]);
        status = name_columns(in, i, item);
    }
    if (!status && missing)
        status = vmap_ledger_say(in->ledger, in->err,
                                  "%s: %zu of %zu items are not in the file: %s%s", in->name, missing,
                                  a->p, lacks.text ? lacks.text : "", missing > NAMED ? ", ..." : "");
    buffer_free(&lacks);
    return status;
}
