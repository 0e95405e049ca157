#include <config.h>
#include "valuemap/answers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/buffer.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/memory.h"
#include "core/text.h"
#include "data/intake.h"
#include "data/reader_internal.h"
#include "data/table_internal.h"

enum { ROWS_AT_ONCE = 4096 };

vmap_answers *vmap_answers_new(const vmap_answers_options *options, vmap_error *err)
{
    vmap_answers *a = memory_new(1, sizeof *a, err);
    size_t p = options->items_count;
    bool failed;

    if (!a)
        return NULL;
    if (options->sink && (options->weighting != VMAP_WEIGHTS_GIVEN || options->trim > 0)) {
        vmap_error_set(err, VMAP_EINVAL, "weights that are adjusted need all respondents at once");
        free(a);
        return NULL;
    }
    if (options->weighting >= VMAP_WEIGHTS_EQUAL && !options->weight_by) {
        vmap_error_set(err, VMAP_EINVAL, "weights: %s needs a column that names the group",
                       vmap_weight_rule_name(options->weighting));
        free(a);
        return NULL;
    }
    a->p = p;
    a->official_count = options->official_count;
    a->options = options;
    a->weight_by = options->weight_by ? vmap_table_new(err) : NULL;
    a->set = text_copy(options->set, strlen(options->set));
    a->items = memory_new(p, sizeof *a->items, err);
    a->counts = memory_new(p, sizeof *a->counts, err);
    a->present = memory_new(p, sizeof *a->present, err);
    a->columns = memory_new(p, sizeof *a->columns, err);
    a->groups = vmap_table_new(err);
    failed = !a->set || !a->items || !a->counts || !a->present || !a->columns || !a->groups;
    for (size_t i = 0; !failed && i < p; i++) {
        a->items[i] = text_copy(options->items[i], strlen(options->items[i]));
        failed = !a->items[i];
    }
    if (failed)
        vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu items", p);
    for (size_t g = 0; !failed && g < options->groups_count; g++)
        failed = vmap_table_add(a->groups, options->groups[g], VMAP_TEXTS, NULL, err);
    if (!failed && options->weight_by)
        failed = !a->weight_by || vmap_table_add(a->weight_by, options->weight_by, VMAP_TEXTS, NULL, err);
    if (!failed)
        return a;
    vmap_answers_free(a);
    return NULL;
}

void vmap_answers_free(vmap_answers *a)
{
    if (!a)
        return;
    for (size_t i = 0; i < a->p; i++) {
        if (a->items)
            free(a->items[i]);
        if (a->columns)
            free(a->columns[i]);
    }
    for (size_t i = 0; i < a->files_count; i++)
        free(a->files[i]);
    vmap_table_free(a->groups);
    vmap_table_free(a->weight_by);
    free(a->set);
    free(a->items);
    free(a->values);
    free(a->reasons);
    free(a->weights);
    free(a->file);
    free(a->rows);
    free(a->lines);
    free(a->stands);
    free(a->slot);
    free(a->official);
    free(a->counts);
    free(a->present);
    free(a->columns);
    free(a->files);
    free(a);
}

/* ---- rows ---- */

/* Sums of squared weights must neither overflow nor vanish. */
static const double WEIGHT_LEAST = 1e-100, WEIGHT_MOST = 1e100;

static vmap_status grow_arrays(intake *in, size_t more)
{
    vmap_answers *a = in->answers;
    size_t n = a->n + more, wide[4] = {a->room[0], a->room[0], a->room[0], a->room[0]};
    vmap_status status;

    status = memory_grow(&a->values, &a->room[1], n * a->p, sizeof *a->values, in->err);
    if (!status)
        status = memory_grow(&a->reasons, &a->room[2], n * a->p, 1, in->err);
    if (!status)
        status = memory_grow(&a->rows, &wide[0], n, sizeof *a->rows, in->err);
    if (!status)
        status = memory_grow(&a->lines, &wide[1], n, sizeof *a->lines, in->err);
    if (!status)
        status = memory_grow(&a->file, &wide[3], n, sizeof *a->file, in->err);
    if (!status && in->options->weight)
        status = memory_grow(&a->weights, &wide[2], n, sizeof *a->weights, in->err);
    if (!status)
        a->room[0] = wide[0];
    if (!status && in->options->official_count)
        status = memory_grow(&a->official, &a->room[3], n * a->official_count,
                             sizeof *a->official, in->err);
    return status;
}

static vmap_status refuse_weight(const intake *in, size_t r, double w)
{
    if (w < 0)
        vmap_error_set(in->err, VMAP_EDATA, "weight %g is negative; a weight is a number from 0 up", w);
    else
        vmap_error_set(in->err, VMAP_EDATA, "weight %g is too %s to be computed with; a weight is 0 or a number in %g..%g",
                       w, w > 1 ? "large" : "small", WEIGHT_LEAST, WEIGHT_MOST);
    vmap_error_place(in->err, in->path, vmap_table_line(in->raw, r), 0, in->options->weight);
    return VMAP_EDATA;
}

/* The text of a cell, of a recoded column the label of its band; NULL when it is missing. With `codes` missing
 * codes are missing; without they are texts like others. */
static const char *source_text(const intake *in, size_t r, const char *name, bool codes)
{
    const vmap_recode *recode = intake_recode(in->options, name);
    const source *s = &in->sources[intake_source(in, name)];
    const char *text = s->constant ? s->constant : vmap_table_text(in->raw, s->at, r);
    size_t band;
    double x;

    if (!*text || ((codes || recode) && text_number(text, strlen(text), '.', &x) &&
                   codebook_is_missing(in->codebook, s->item, x)))
        return NULL;
    if (!recode)
        return text;
    band = vmap_recode_find(recode, text);
    return band < vmap_recode_bands(recode) ? vmap_recode_label(recode, band) : NULL;
}

static vmap_status push_text(intake *in, vmap_table *to, size_t column, size_t r, const char *name)
{
    const char *text = source_text(in, r, name, false);

    return text ? vmap_table_push_text(to, column, text, strlen(text), in->err)
                : vmap_table_push_missing(to, column, VMAP_BLANK, in->err);
}

static vmap_status push_groups(intake *in, size_t r)
{
    const vmap_answers_options *o = in->options;
    vmap_table *to = in->answers->groups, *by = in->answers->weight_by;
    size_t line = vmap_table_line(in->raw, r);
    vmap_status status = VMAP_SUCCESS;

    for (size_t g = 0; !status && g < o->groups_count; g++)
        status = push_text(in, to, g, r, o->groups[g]);
    if (!status && by)
        status = push_text(in, by, 0, r, o->weight_by);
    if (!status && by)
        status = vmap_table_end_row(by, line, in->err);
    return status ? status : vmap_table_end_row(to, line, in->err);
}

static const char *condition_cell(void *context, size_t i)
{
    const intake *in = context;

    return source_text(in, in->row, vmap_where_column(in->options->where[in->condition], i), true);
}

/* Are all conditions true for row r? */
static bool is_chosen(intake *in, size_t r)
{
    in->row = r;
    for (in->condition = 0; in->condition < in->options->where_count; in->condition++) {
        if (vmap_where_judge(in->options->where[in->condition], condition_cell, in) != VMAP_TRUE)
            return false;
    }
    return true;
}

/* The items of row r; rows are asked for one after the other. */
static void copy_items(intake *in, size_t r, double *values, unsigned char *reasons)
{
    vmap_answers *a = in->answers;
    size_t q = vmap_codebook_items(in->codebook), at = r % ROWS_AT_ONCE * q;

    for (size_t i = 0; i < a->p; i++) {
        bool known = in->item[i] < q;
        unsigned char why = known ? in->reasons[at + in->item[i]] : VMAP_NO_COLUMN;

        values[i] = known ? in->values[at + in->item[i]] : NAN;
        reasons[i] = why;
        a->counts[i].reason[why]++;
    }
}

static void copy_official(intake *in, size_t r, const size_t *column)
{
    vmap_answers *a = in->answers;

    for (size_t i = 0; i < a->official_count; i++)
        a->official[a->n * a->official_count + i] =
            column[i] < vmap_table_columns(in->raw) ? vmap_table_value(in->raw, column[i], r) : NAN;
}

static vmap_status find_places(const intake *in, places *at)
{
    const vmap_answers_options *o = in->options;

    at->official = memory_new(o->official_count, sizeof *at->official, in->err);
    if (!at->official)
        return VMAP_ENOMEM;
    at->weight = vmap_table_find(in->raw, "number: weight");
    for (size_t i = 0; i < in->sources_count; i++) {
        char *as = intake_text_name(in->sources[i].name);

        if (!as)
            return vmap_error_set(in->err, VMAP_ENOMEM, "no memory for a name");
        in->sources[i].at = vmap_table_find(in->raw, as);
        free(as);
    }
    for (size_t i = 0; i < o->official_count; i++) {
        char as[48];

        snprintf(as, sizeof as, "number: official %zu", i);
        at->official[i] = vmap_table_find(in->raw, as);
    }
    return VMAP_SUCCESS;
}

/* ---- rows that are kept ---- */

static vmap_status keep_row(intake *in, size_t r, double weight, const places *at)
{
    vmap_answers *a = in->answers;
    vmap_status status;

    if (in->options->weight)
        a->weights[a->n] = weight;
    copy_items(in, r, a->values + a->n * a->p, a->reasons + a->n * a->p);
    copy_official(in, r, at->official);
    a->file[a->n] = a->files_count;
    a->rows[a->n] = r + 1;
    a->lines[a->n] = vmap_table_line(in->raw, r);
    status = push_groups(in, r);
    a->n += !status;
    return status;
}

/* ---- rows that are handed on ---- */

static uint64_t combination_hash(const vmap_answers *a, size_t row, size_t file)
{
    uint64_t h = file;

    for (size_t g = 0; g < a->groups->count; g++)
        h = hash_mix(h, a->groups->columns[g].level[row]);
    return h;
}

static bool same_combination(const vmap_answers *a, size_t x, size_t row)
{
    for (size_t g = 0; g < a->groups->count; g++) {
        if (a->groups->columns[g].level[x] != a->groups->columns[g].level[row])
            return false;
    }
    return a->file[x] == a->files_count;
}

static vmap_status grow_slots(vmap_answers *a, vmap_error *err)
{
    size_t slots = a->slots ? 2 * a->slots : 64;
    uint32_t *slot;

    if (2 * (a->n + 1) <= a->slots)
        return VMAP_SUCCESS;
    slot = memory_new(slots, sizeof *slot, err);
    if (!slot)
        return VMAP_ENOMEM;
    for (size_t c = 0; c < a->n; c++) {
        size_t i = combination_hash(a, c, a->file[c]) & (slots - 1);

        while (slot[i])
            i = (i + 1) & (slots - 1);
        slot[i] = (uint32_t)c + 1;
    }
    free(a->slot);
    a->slot = slot;
    a->slots = slots;
    return VMAP_SUCCESS;
}

/* The combination of labels of row r, a new one when no respondent before had it. */
static vmap_status find_combination(intake *in, size_t r, size_t *combination)
{
    vmap_answers *a = in->answers;
    size_t wide = a->room[0], i;
    vmap_status status = push_groups(in, r);

    if (!status)
        status = grow_slots(a, in->err);
    if (status)
        return status;
    i = combination_hash(a, a->n, a->files_count) & (a->slots - 1);
    while (a->slot[i] && !same_combination(a, a->slot[i] - 1, a->n))
        i = (i + 1) & (a->slots - 1);
    if (a->slot[i]) {
        *combination = a->slot[i] - 1;
        table_drop_row(a->groups);
        return VMAP_SUCCESS;
    }
    status = memory_grow(&a->stands, &wide, a->n + 1, sizeof *a->stands, in->err);
    if (!status)
        status = memory_grow(&a->file, &a->room[0], a->n + 1, sizeof *a->file, in->err);
    if (status)
        return status;
    a->slot[i] = (uint32_t)a->n + 1;
    a->file[a->n] = a->files_count;
    a->stands[a->n] = 0;
    *combination = a->n++;
    return VMAP_SUCCESS;
}

static vmap_status hand_on_row(intake *in, size_t r, double weight, double *values, unsigned char *reasons)
{
    vmap_answers *a = in->answers;
    size_t row = 0;
    vmap_status status = find_combination(in, r, &row);

    if (status)
        return status;
    copy_items(in, r, values, reasons);
    a->stands[row]++;
    a->zero_weights += weight == 0;
    return in->options->sink(in->options->sink_context, row, values, reasons, weight, in->err);
}

/* Every row that is chosen and has a weight. */
static vmap_status take_rows(intake *in, double *values, unsigned char *reasons)
{
    size_t rows = vmap_table_rows(in->raw);
    places *at = &in->at;
    vmap_status status = VMAP_SUCCESS;

    for (size_t r = 0; !status && r < rows; r++) {
        double w = 1;

        if (r % ROWS_AT_ONCE == 0)
            codebook_rows(in->work, in->raw, r, rows - r < ROWS_AT_ONCE ? rows - r : ROWS_AT_ONCE, in->values, in->reasons,
                          in->counts);
        if (in->options->where_count && !is_chosen(in, r)) {
            at->passed_over++;
            continue;
        }
        if (in->options->weight)
            w = vmap_table_value(in->raw, at->weight, r);
        if (w < 0 || w > WEIGHT_MOST || (w > 0 && w < WEIGHT_LEAST))
            return refuse_weight(in, r, w);
        if (isnan(w)) {
            at->unweighted++;
            continue;
        }
        status = in->options->sink ? hand_on_row(in, r, w, values, reasons) : keep_row(in, r, w, at);
    }
    return status;
}

/* Cells of one column that are empty have the reason that stands in another. */
static vmap_status explain_column(vmap_table *t, size_t column, size_t whys, vmap_error *err)
{
    size_t levels = vmap_table_levels(t, whys), rows = vmap_table_rows(t);
    vmap_reason *why = memory_new(levels + 1, sizeof *why, err);

    if (!why)
        return VMAP_ENOMEM;
    for (size_t k = 0; k < levels; k++) {
        if (vmap_reason_find(vmap_table_level_text(t, whys, k), &why[k], NULL))
            why[k] = VMAP_PRESENT; /* somebody's own words */
    }
    why[levels] = VMAP_PRESENT;
    for (size_t r = 0; r < rows; r++) {
        size_t level = vmap_table_level(t, whys, r);

        if (why[level] != VMAP_PRESENT && vmap_table_reason(t, column, r) == VMAP_BLANK)
            table_set_reason(t, column, r, why[level]);
    }
    free(why);
    return VMAP_SUCCESS;
}

static vmap_status explain_blanks(vmap_table *t, vmap_error *err)
{
    static const char ending[] = INTAKE_WHY;
    size_t columns = vmap_table_columns(t);
    vmap_status status = VMAP_SUCCESS;

    for (size_t k = 0; !status && k < columns; k++) {
        const char *name = vmap_table_name(t, k);
        size_t n = strlen(name), m = sizeof ending - 1, column = columns;

        if (vmap_table_kind(t, k) != VMAP_TEXTS || n <= m || strcmp(name + n - m, ending) != 0)
            continue;
        for (size_t c = 0; c < columns; c++) {
            if (strncmp(vmap_table_name(t, c), name, n - m) == 0 && !vmap_table_name(t, c)[n - m])
                column = c;
        }
        if (column < columns && vmap_table_kind(t, column) != VMAP_TEXTS)
            status = explain_column(t, column, k, err);
    }
    return status;
}

/* The rows of a block, or of the whole file. */
static vmap_status take_block(void *context, vmap_table *block, vmap_error *err)
{
    intake *in = context;
    size_t p = in->answers->p;
    double *values = memory_new(p, sizeof *values, err);
    unsigned char *reasons = memory_new(p, 1, err);
    vmap_status status = values && reasons ? VMAP_SUCCESS : VMAP_ENOMEM;

    in->raw = block;
    if (!status)
        status = explain_blanks(block, err);
    if (!status && !in->at.official)
        status = find_places(in, &in->at);
    if (!status && !in->options->sink)
        status = grow_arrays(in, vmap_table_rows(block));
    if (!status)
        status = take_rows(in, values, reasons);
    in->rows += vmap_table_rows(block);
    in->raw = NULL;
    free(values);
    free(reasons);
    return status;
}

static vmap_status weigh_block(void *context, vmap_table *block, vmap_error *err)
{
    (void)err;
    codebook_weigh(((intake *)context)->work, block);
    return VMAP_SUCCESS;
}

static bool is_in_doubt(const void *context, const char *column)
{
    return codebook_doubts(((const intake *)context)->work, column);
}

/* A part of the table at a time. Columns that may be coded in several ways are read twice. */
static vmap_status stream_file(intake *in)
{
    bool readable = true;
    vmap_status status = reader_glance(in->reader, is_in_doubt, weigh_block, in, &readable, in->err);

    if (status)
        return status;
    codebook_settle(in->work);
    status = reader_stream(in->reader, take_block, in, in->err);
    if (!status && !readable)
        status = vmap_error_set(in->err, VMAP_EIO, "%s could be read once, but not twice", in->name);
    return status;
}

static vmap_status read_file(intake *in)
{
    vmap_table *all = NULL;
    vmap_status status = vmap_reader_read(in->reader, &all, in->err);

    if (!status) {
        codebook_weigh(in->work, all);
        codebook_settle(in->work);
        status = take_block(in, all, in->err);
    }
    vmap_table_free(all);
    return status;
}

static vmap_status take(intake *in)
{
    size_t q;
    vmap_status status = intake_want(in);

    if (status == VMAP_EDATA || status == VMAP_ENOENT)
        return vmap_reader_refuse(in->reader, in->err);
    if (status)
        return status;
    q = vmap_codebook_items(in->codebook);
    in->values = memory_new(ROWS_AT_ONCE * q, sizeof *in->values, in->err);
    in->reasons = memory_new(ROWS_AT_ONCE * q, 1, in->err);
    in->counts = memory_new(in->codebook->items_count, sizeof *in->counts, in->err);
    if (!in->values || !in->reasons || !in->counts)
        return VMAP_ENOMEM;
    status = codebook_begin(in->codebook, in->binding, &in->work, in->err);
    if (!status)
        status = in->options->sink && reader_streams(in->reader) ? stream_file(in) : read_file(in);
    return status ? status : intake_record(in, in->rows, &in->at);
}

static vmap_status add_file(vmap_answers *a, const char *name, vmap_error *err)
{
    char **more = reallocarray(a->files, a->files_count + 1, sizeof *more);

    if (more) {
        a->files = more;
        more[a->files_count] = text_copy(name, strlen(name));
    }
    if (!more || !more[a->files_count])
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
    a->files_count++;
    return VMAP_SUCCESS;
}

vmap_status vmap_answers_read(vmap_answers *answers, const vmap_answers_options *options,
                              const char *path, const vmap_constant *constants,
                              size_t constants_count, vmap_ledger *ledger, vmap_error *err)
{
    intake in = {.answers = answers,
                 .options = options,
                 .path = path,
                 .name = strcmp(path, "-") == 0 ? "standard input" : file_base(path),
                 .constants = constants,
                 .constants_count = constants_count,
                 .ledger = ledger,
                 .err = err};
    vmap_status status = vmap_reader_open(path, &options->read, &in.reader, err);

    if (!status)
        status = take(&in);
    if (!status)
        status = add_file(answers, in.name, err);
    if (!status && intake_column(in.reader, "SIMULATED") < vmap_reader_columns(in.reader)) {
        answers->simulated = true;
        status = vmap_ledger_warn(ledger, err, "%s: SIMULATED data, made up by a program: they say "
                                  "nothing about people or models", in.name);
    }
    vmap_reader_free(in.reader);
    vmap_binding_free(in.binding);
    codebook_end(in.work);
    free(in.at.official);
    free(in.values);
    free(in.reasons);
    free(in.counts);
    free(in.item);
    for (size_t i = 0; in.rules && i < in.codebook->items_count; i++)
        column_rules_clear(&in.rules[i]);
    free(in.rules);
    free(in.sources);
    return status;
}

void vmap_answers_keep(vmap_answers *a, const size_t *item, size_t count)
{
    for (size_t r = 0; r < a->n; r++) {
        for (size_t i = 0; i < count; i++) {
            a->values[r * count + i] = a->values[r * a->p + item[i]];
            a->reasons[r * count + i] = a->reasons[r * a->p + item[i]];
        }
    }
    for (size_t i = 0, kept = 0; i < a->p; i++) {
        if (kept < count && item[kept] == i) {
            a->items[kept] = a->items[i];
            a->columns[kept] = a->columns[i];
            a->counts[kept] = a->counts[i];
            a->present[kept] = a->present[i];
            kept++;
        } else {
            free(a->items[i]);
            free(a->columns[i]);
        }
    }
    a->p = count;
}
