#include <config.h>
#include "valuemap/answers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/buffer.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "data/codebook_internal.h"
#include "data/column_rules.h"
#include "data/table_internal.h"

enum {
    ROWS_AT_ONCE = 4096,
    NAMED = 20 /* items in a note */
};

/* One file on its way into the set. */
typedef struct {
    vmap_answers *answers;
    const vmap_answers_options *options;
    const char *path, *name; /* as given, base name */
    const vmap_constant *constants;
    size_t constants_count;
    vmap_ledger *ledger;
    vmap_error *err;
    vmap_reader *reader;
    const vmap_codebook *codebook;
    vmap_binding *binding;
    vmap_table *raw;
    codebook_work *work;
    double *values; /* ROWS_AT_ONCE x all analysed items of the codebook */
    unsigned char *reasons;
    vmap_item_count *counts;
    size_t *item; /* p: analysed item of the codebook that is item i of the set */
    column_rules *rules; /* one per item of the codebook */
    struct source *sources;    /* columns read as texts, each once: for groups, conditions, recodes, weights */
    size_t sources_count;
    size_t row;                /* that a condition looks at */
    size_t condition;          /* that is looked at */
} intake;

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

/* ---- which columns ---- */

static size_t find_column(const vmap_reader *reader, const char *name)
{
    const char *const *names = vmap_reader_names(reader);
    size_t n = vmap_reader_columns(reader), i = 0;

    while (i < n && strcmp(names[i], name) != 0)
        i++;
    return i;
}

static vmap_status refuse_column(const intake *in, const char *what, const char *name)
{
    const char *nearest = text_nearest(name, vmap_reader_names(in->reader),
                                       vmap_reader_columns(in->reader));

    vmap_error_set(in->err, VMAP_ENOENT, "the file has no %s column '%s'%s%s%s", what, name,
                   nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    vmap_error_place(in->err, in->path, vmap_reader_header_line(in->reader), 0, NULL);
    return VMAP_ENOENT;
}

/* The codebook that finds the most items among the file's columns. */
static vmap_status choose_codebook(intake *in)
{
    for (size_t i = 0; i < in->options->codebooks_count; i++) {
        vmap_binding *binding = NULL;
        vmap_status status = vmap_codebook_bind(
            in->options->codebooks[i], vmap_reader_names(in->reader),
            vmap_reader_columns(in->reader), &binding, in->err);

        if (status)
            return status;
        if (in->binding && binding->usable <= in->binding->usable) {
            vmap_binding_free(binding);
            continue;
        }
        vmap_binding_free(in->binding);
        in->binding = binding;
        in->codebook = in->options->codebooks[i];
    }
    return VMAP_SUCCESS;
}

/* Fewer than two items are found: the codebook does not know them, or the file has no column for them. */
static vmap_status refuse_items(intake *in, size_t known, size_t found)
{
    size_t p = in->answers->p;

    if (known < 2)
        vmap_error_set(in->err, VMAP_EDATA,
                       "codebook %s knows %zu of the %zu items that are wanted (%s%s); at least two are needed",
                       in->codebook->name, known, p, in->answers->items[0], p > 1 ? ", ..." : "");
    else
        vmap_error_set(in->err, VMAP_EDATA,
                       "%zu of the %zu items of codebook %s %s found among the %zu columns; at least "
                       "two are needed (an item's columns are listed by 'valuemap list codebooks')",
                       found, p, in->codebook->name, found == 1 ? "is" : "are", vmap_reader_columns(in->reader));
    vmap_error_place(in->err, in->path, vmap_reader_header_line(in->reader), 0, NULL);
    return VMAP_EDATA;
}

/* Where the items of the set stand among the analysed items of the codebook. */
static vmap_status match_items(intake *in)
{
    size_t p = in->answers->p, q = vmap_codebook_items(in->codebook), known = 0, found = 0;

    in->item = memory_new(p, sizeof *in->item, in->err);
    if (!in->item)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < p; i++) {
        in->item[i] = q;
        for (size_t j = 0; j < q; j++) {
            size_t at = vmap_codebook_item(in->codebook, j);

            if (strcmp(in->codebook->items[at].name, in->answers->items[i]) == 0) {
                in->item[i] = j;
                known++;
                found += in->binding->available[at];
            }
        }
    }
    return found >= 2 ? VMAP_SUCCESS : refuse_items(in, known, found);
}

/* Is item i of the codebook in the set, or a part of one that is? */
static bool is_needed(const intake *in, size_t i)
{
    const vmap_codebook *c = in->codebook;

    for (size_t k = 0; k < in->answers->p; k++) {
        const vmap_item *item;
        size_t at;

        if (in->item[k] == vmap_codebook_items(c))
            continue;
        at = vmap_codebook_item(c, in->item[k]);
        if (at == i)
            return true;
        item = &c->items[at];
        for (unsigned q = 0; item->sum && q < item->sum->plus_count + item->sum->minus_count; q++) {
            if (item->sum->part[q] == i)
                return true;
        }
        if (item->pairs && (item->pairs->part[0] == i || item->pairs->part[1] == i))
            return true;
    }
    return false;
}

/* What the set does not need is not read: text in it must not stop the file. */
static void forget_unneeded(intake *in)
{
    for (size_t i = 0; i < in->codebook->items_count; i++) {
        if (!is_needed(in, i)) {
            in->binding->column[i] = in->codebook->items[i].columns_count;
            in->binding->available[i] = false;
        }
    }
}

/* Does an earlier item come from the column of item i? */
static bool is_wanted(const intake *in, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (in->binding->column[k] < in->codebook->items[k].columns_count &&
            in->binding->at[k] == in->binding->at[i])
            return true;
    }
    return false;
}

/* Explains what a file declares missing by the codebook. */
static vmap_reason judge_item(void *context, double value)
{
    return column_rules_judge(context, value);
}

/* Some exports write the labels of the codes in the cells. */
static vmap_status name_words(intake *in, column_rules *rules)
{
    vmap_reader_judge(in->reader, judge_item, rules);
    return rules->words_count ? vmap_reader_words(in->reader, rules->words, rules->words_count, in->err)
                              : VMAP_SUCCESS;
}

static vmap_status want_items(intake *in)
{
    const vmap_codebook *c = in->codebook;
    vmap_status status = VMAP_SUCCESS;

    forget_unneeded(in);
    in->rules = memory_new(c->items_count, sizeof *in->rules, in->err);
    if (!in->rules)
        return VMAP_ENOMEM;
    for (size_t i = 0; !status && i < c->items_count; i++) {
        const vmap_item *item = &c->items[i];
        const vmap_item_column *column;

        if (in->binding->column[i] == item->columns_count || is_wanted(in, i))
            continue;
        column = &item->columns[in->binding->column[i]];
        status = vmap_reader_want(in->reader, in->binding->at[i], VMAP_CODES, column->name,
                                  item->valid, in->err);
        if (!status)
            status = column_rules_make(&in->rules[i], c, item, column, in->err);
        if (!status)
            status = name_words(in, &in->rules[i]);
    }
    return status;
}

static const char *find_constant(const intake *in, const char *column)
{
    for (size_t i = 0; i < in->constants_count; i++) {
        if (strcmp(in->constants[i].column, column) == 0)
            return in->constants[i].value;
    }
    return NULL;
}

/* A column that is read as texts. */
typedef struct source {
    const char *name;
    const char *constant; /* its value for the whole file, or NULL */
    size_t at;            /* in the raw table */
    const vmap_item *item; /* that has the column under its own codes; NULL: none */
} source;

/* Grouping columns may also be items: their texts go by another name in the raw table. */
static char *text_name(const char *column)
{
    return text_format("text of %s", column);
}

static const vmap_recode *find_recode(const vmap_answers_options *o, const char *name)
{
    for (size_t i = 0; i < o->recodes_count; i++) {
        if (strcmp(vmap_recode_name(o->recodes[i]), name) == 0)
            return o->recodes[i];
    }
    return NULL;
}

/* The source of a column, made from another one or not. */
static size_t find_source(const intake *in, const char *name)
{
    const vmap_recode *recode = find_recode(in->options, name);
    size_t i = 0;

    while (i < in->sources_count && strcmp(in->sources[i].name, recode ? vmap_recode_column(recode) : name) != 0)
        i++;
    return i;
}

static vmap_status want_source(intake *in, const char *what, const char *name)
{
    const vmap_recode *recode = find_recode(in->options, name);
    source *s = &in->sources[in->sources_count];
    vmap_status status;
    size_t at;
    char *as;

    if (find_source(in, name) < in->sources_count)
        return VMAP_SUCCESS;
    *s = (source){.name = recode ? vmap_recode_column(recode) : name};
    s->constant = find_constant(in, s->name);
    s->item = codebook_item_of_column(in->codebook, s->name);
    in->sources_count++;
    if (s->constant)
        return VMAP_SUCCESS;
    at = find_column(in->reader, s->name);
    if (at == vmap_reader_columns(in->reader))
        return refuse_column(in, recode ? "recoded" : what, s->name);
    as = text_name(s->name);
    status = as ? vmap_reader_want(in->reader, at, VMAP_TEXTS, as, NULL, in->err)
                : vmap_error_set(in->err, VMAP_ENOMEM, "no memory for a name");
    free(as);
    return status;
}

static vmap_status want_sources(intake *in)
{
    const vmap_answers_options *o = in->options;
    size_t most = o->groups_count + 1;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; i < o->where_count; i++)
        most += vmap_where_columns(o->where[i]);
    in->sources = memory_new(most, sizeof *in->sources, in->err);
    if (!in->sources)
        return VMAP_ENOMEM;
    for (size_t g = 0; !status && g < o->groups_count; g++)
        status = want_source(in, "grouping", o->groups[g]);
    for (size_t i = 0; i < o->where_count; i++) {
        for (size_t c = 0; !status && c < vmap_where_columns(o->where[i]); c++)
            status = want_source(in, "condition", vmap_where_column(o->where[i], c));
    }
    if (!status && o->weight_by)
        status = want_source(in, "weighting", o->weight_by);
    return status;
}

/* The rows of distributions stand for many answers each. */
static vmap_status check_weight(const intake *in)
{
    const char *weight = vmap_reader_weight(in->reader);

    if (!weight)
        return VMAP_SUCCESS;
    if (in->options->weight && strcmp(in->options->weight, weight) == 0)
        return vmap_ledger_warn(in->ledger, in->err,
                                "%s: distributions: every option that was chosen is one row with one item (--min-items 1), so "
                                "that means and shares are right, but numbers of respondents, standard errors and "
                                "correlations are not those of the respondents", in->name);
    vmap_error_set(in->err, VMAP_EDATA,
                   "the file holds distributions: a row stands for as many answers as its column '%s' says, and has one "
                   "item; use --weight %s --min-items 1",
                   weight, weight);
    vmap_error_place(in->err, in->path, 0, 0, NULL);
    return VMAP_EDATA;
}

static vmap_status want_numbers(intake *in)
{
    vmap_status status = VMAP_SUCCESS;
    size_t none = vmap_reader_columns(in->reader);

    if (in->options->weight) {
        size_t at = find_column(in->reader, in->options->weight);

        if (at == none)
            return refuse_column(in, "weight", in->options->weight);
        status = vmap_reader_want(in->reader, at, VMAP_NUMBERS, "number: weight", "numbers from 0 up",
                                  in->err);
    }
    for (size_t i = 0; !status && i < in->options->official_count; i++) {
        size_t at = find_column(in->reader, in->options->official[i]);
        char as[48];

        snprintf(as, sizeof as, "number: official %zu", i);
        if (at < none)
            status = vmap_reader_want(in->reader, at, VMAP_NUMBERS, as, NULL, in->err);
    }
    return status;
}

/* ---- rows ---- */

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
    vmap_error_set(in->err, VMAP_EDATA, "weight %g is negative; a weight is a number from 0 up", w);
    vmap_error_place(in->err, in->path, vmap_table_line(in->raw, r), 0, in->options->weight);
    return VMAP_EDATA;
}

/* The text of a cell, of a recoded column the label of its band; NULL when it is missing. With `codes` missing
 * codes are missing; without they are texts like others. */
static const char *source_text(const intake *in, size_t r, const char *name, bool codes)
{
    const vmap_recode *recode = find_recode(in->options, name);
    const source *s = &in->sources[find_source(in, name)];
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

/* Columns of the raw table that hold what is copied row by row. */
typedef struct {
    size_t weight, *official;
    size_t passed_over, unweighted; /* rows, so far */
} places;

static vmap_status find_places(const intake *in, places *at)
{
    const vmap_answers_options *o = in->options;

    at->official = memory_new(o->official_count, sizeof *at->official, in->err);
    if (!at->official)
        return VMAP_ENOMEM;
    at->weight = vmap_table_find(in->raw, "number: weight");
    for (size_t i = 0; i < in->sources_count; i++) {
        char *as = text_name(in->sources[i].name);

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
    uint64_t h = UINT64_C(0xCBF29CE484222325) ^ file;

    for (size_t g = 0; g < a->groups->count; g++)
        h = (h ^ a->groups->columns[g].level[row]) * UINT64_C(0x9E3779B97F4A7C15) ^ h >> 29;
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
static vmap_status take_rows(intake *in, places *at, double *values, unsigned char *reasons)
{
    size_t rows = vmap_table_rows(in->raw);
    vmap_status status = VMAP_SUCCESS;

    for (size_t r = 0; !status && r < rows; r++) {
        double w = 1;

        if (r % ROWS_AT_ONCE == 0)
            codebook_rows(in->work, r, rows - r < ROWS_AT_ONCE ? rows - r : ROWS_AT_ONCE, in->values,
                          in->reasons, in->counts);
        if (in->options->where_count && !is_chosen(in, r)) {
            at->passed_over++;
            continue;
        }
        if (in->options->weight)
            w = vmap_table_value(in->raw, at->weight, r);
        if (w < 0)
            return refuse_weight(in, r, w);
        if (isnan(w)) {
            at->unweighted++;
            continue;
        }
        status = in->options->sink ? hand_on_row(in, r, w, values, reasons) : keep_row(in, r, w, at);
    }
    return status;
}

static vmap_status append_rows(intake *in, places *at)
{
    size_t p = in->answers->p;
    double *values = NULL;
    unsigned char *reasons = NULL;
    vmap_status status = VMAP_SUCCESS;

    if (in->options->sink) {
        values = memory_new(p, sizeof *values, in->err);
        reasons = memory_new(p, 1, in->err);
        status = values && reasons ? VMAP_SUCCESS : VMAP_ENOMEM;
    } else {
        status = grow_arrays(in, vmap_table_rows(in->raw));
    }
    if (!status)
        status = take_rows(in, at, values, reasons);
    free(values);
    free(reasons);
    return status;
}

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
        if (find_column(in->reader, item->columns[j].name) < vmap_reader_columns(in->reader))
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

static vmap_status record(intake *in, size_t rows, const places *at)
{
    vmap_answers *a = in->answers;
    size_t q = vmap_codebook_items(in->codebook), missing = 0;
    vmap_status status;
    buffer lacks = {0};

    status = vmap_ledger_say(in->ledger, in->err, "%s: %s, %s; %zu rows; codebook %s", in->name,
                              vmap_reader_format(in->reader), vmap_reader_dialect(in->reader), rows, in->codebook->name);
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

static vmap_status take(intake *in)
{
    size_t rows, q;
    places at = {0};
    vmap_status status = choose_codebook(in);

    if (!status)
        status = match_items(in);
    if (!status)
        status = want_items(in);
    if (!status)
        status = want_sources(in);
    if (!status)
        status = check_weight(in);
    if (!status)
        status = want_numbers(in);
    if (status == VMAP_EDATA || status == VMAP_ENOENT)
        return vmap_reader_refuse(in->reader, in->err);
    if (!status)
        status = vmap_reader_read(in->reader, &in->raw, in->err);
    if (status)
        return status;
    rows = vmap_table_rows(in->raw);
    q = vmap_codebook_items(in->codebook);
    in->values = memory_new(ROWS_AT_ONCE * q, sizeof *in->values, in->err);
    in->reasons = memory_new(ROWS_AT_ONCE * q, 1, in->err);
    in->counts = memory_new(in->codebook->items_count, sizeof *in->counts, in->err);
    if (!in->values || !in->reasons || !in->counts)
        return VMAP_ENOMEM;
    status = codebook_begin(in->codebook, in->binding, in->raw, &in->work, in->err);
    if (!status)
        status = find_places(in, &at);
    if (!status)
        status = append_rows(in, &at);
    if (!status)
        status = record(in, rows, &at);
    free(at.official);
    return status;
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
    if (!status && find_column(in.reader, "SIMULATED") < vmap_reader_columns(in.reader)) {
        answers->simulated = true;
        status = vmap_ledger_warn(ledger, err, "%s: SIMULATED data, made up by a program: they say "
                                  "nothing about people or models", in.name);
    }
    vmap_reader_free(in.reader);
    vmap_binding_free(in.binding);
    codebook_end(in.work);
    vmap_table_free(in.raw);
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

static vmap_status check_weights(const vmap_answers *a, vmap_ledger *ledger, vmap_error *err)
{
    size_t zero = a->zero_weights, respondents = a->stands ? 0 : a->n;

    if (!a->options->weight)
        return VMAP_SUCCESS;
    for (size_t r = 0; r < a->n; r++) {
        respondents += a->stands ? a->stands[r] : 0;
        zero += a->weights && a->weights[r] == 0;
    }
    if (zero == respondents)
        return vmap_error_set(err, VMAP_EDATA, "no respondent of set %s has a positive weight",
                              a->set);
    return zero ? vmap_ledger_add(ledger, a->set, "", "weight", "", "weight zero", "rows", zero, err)
                : VMAP_SUCCESS;
}

/* Scores that no file has are no scores. */
static void drop_empty_official(vmap_answers *a)
{
    for (size_t i = 0; a->official && i < a->n * a->official_count; i++) {
        if (!isnan(a->official[i]))
            return;
    }
    free(a->official);
    a->official = NULL;
    a->official_count = 0;
}

/* ---- weights ---- */

/* The population of each group of the weighting, in fresh memory. */
static vmap_status find_population(const vmap_answers *a, size_t groups, double **population, vmap_error *err)
{
    const vmap_answers_options *o = a->options;

    *population = memory_new(groups, sizeof **population, err);
    if (!*population)
        return VMAP_ENOMEM;
    for (size_t g = 0; g < groups; g++) {
        const char *name = vmap_table_level_text(a->weight_by, 0, g);
        size_t i = 0;

        while (i < o->population_count && strcmp(o->population_groups[i], name) != 0)
            i++;
        if (i == o->population_count)
            return vmap_error_set(err, VMAP_EDATA, "there is no population of '%s', a value of column %s", name,
                                  o->weight_by);
        (*population)[g] = o->population[i];
    }
    return VMAP_SUCCESS;
}

static vmap_status note_weights(const vmap_answers *a, size_t without, vmap_ledger *ledger, vmap_error *err)
{
    const vmap_answers_options *o = a->options;
    vmap_status status = vmap_ledger_say(
        ledger, err, "%s: weights: %s%s%s; %zu respondents tell as much as %.0f equally weighted ones (design effect "
        "%.2f)", a->set, vmap_weight_rule_name(o->weighting), o->weight_by ? " by " : "",
        o->weight_by ? o->weight_by : "", a->effect.n, a->effect.effective, a->effect.design);

    if (!status && o->trim > 0)
        status = vmap_ledger_say(ledger, err, "%s: %zu weights above %g times their mean are cut to that: %.1f %% of "
                                 "all weight, given to the rest of their group",
                                 a->set, a->trimming.rows, o->trim, 100 * a->trimming.share);
    if (!status && without)
        status = vmap_ledger_warn(ledger, err, "%s: %zu respondents have no value of column %s and count nothing",
                                  a->set, without, o->weight_by);
    return status;
}

/* Apply the rule for weights. */
static vmap_status adjust_weights(vmap_answers *a, vmap_ledger *ledger, vmap_error *err)
{
    const vmap_answers_options *o = a->options;
    size_t groups = a->weight_by ? vmap_table_levels(a->weight_by, 0) : 1, without = 0;
    size_t *group = a->weight_by ? memory_new(a->n, sizeof *group, err) : NULL;
    double *population = NULL;
    vmap_status status = VMAP_SUCCESS;

    if (!a->weights)
        a->weights = memory_new(a->n, sizeof *a->weights, err);
    if (!a->weights || (a->weight_by && !group))
        status = VMAP_ENOMEM;
    for (size_t r = 0; !status && r < a->n; r++) {
        if (!o->weight)
            a->weights[r] = 1;
        if (group)
            group[r] = vmap_table_level(a->weight_by, 0, r);
        without += group && group[r] == groups;
    }
    if (!status && o->weighting == VMAP_WEIGHTS_POPULATION)
        status = find_population(a, groups, &population, err);
    if (!status)
        status = vmap_weights_adjust(a->weights, a->n, group, groups, o->weighting, population, o->trim,
                                     &a->trimming, err);
    a->effect = vmap_weight_effect_of(a->weights, a->n);
    if (!status)
        status = note_weights(a, o->weighting == VMAP_WEIGHTS_GIVEN ? 0 : without, ledger, err);
    free(group);
    free(population);
    return status;
}

vmap_status vmap_answers_finish(vmap_answers *a, vmap_ledger *ledger, vmap_error *err)
{
    const vmap_answers_options *o = a->options;
    vmap_status status;

    if (!a->n && o->where_count)
        return vmap_error_set(err, VMAP_EDATA, "the condition is true for no row of set %s: %s", a->set,
                              vmap_where_text(o->where[0]));
    status = check_weights(a, ledger, err);
    if (!status && (o->weighting != VMAP_WEIGHTS_GIVEN || o->trim > 0))
        status = adjust_weights(a, ledger, err);
    if (!a->stands)
        a->effect = vmap_weight_effect_of(a->weights, a->n);
    drop_empty_official(a);
    a->options = NULL;

    for (size_t i = 0; !status && i < a->p; i++) {
        for (int why = 0; !status && why < VMAP_REASONS; why++) {
            if (a->counts[i].reason[why])
                status = vmap_ledger_add(ledger, a->set, "", "item", a->items[i],
                                         vmap_reason_name((vmap_reason)why), "cells",
                                         a->counts[i].reason[why], err);
        }
    }
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
