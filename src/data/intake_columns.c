#include <config.h>
#include "data/intake.h"

#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"

size_t intake_column(const vmap_reader *reader, const char *name)
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

static size_t least_items(const intake *in)
{
    return in->options->least_items ? in->options->least_items : 2;
}

/* Too few items are found: the codebook does not know them, or the file has no column for them. */
static vmap_status refuse_items(intake *in, size_t known, size_t found)
{
    size_t p = in->answers->p;
    const char *least = least_items(in) == 1 ? "one is" : "two are";

    if (known < least_items(in))
        vmap_error_set(in->err, VMAP_EDATA,
                       "codebook %s knows %zu of the %zu items that are wanted (%s%s); at least %s needed",
                       in->codebook->name, known, p, in->answers->items[0], p > 1 ? ", ..." : "", least);
    else
        vmap_error_set(in->err, VMAP_EDATA,
                       "%zu of the %zu items of codebook %s %s found among the %zu columns; at least "
                       "%s needed (an item's columns are listed by 'valuemap list codebooks')",
                       found, p, in->codebook->name, found == 1 ? "is" : "are", vmap_reader_columns(in->reader), least);
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
    for (size_t i = 0; i < p; i++)
        in->item[i] = q;
    for (size_t j = 0; j < q; j++) {
        size_t at = vmap_codebook_item(in->codebook, j);

        for (size_t i = 0; i < p; i++) {
            if (strcmp(in->codebook->items[at].name, in->answers->items[i]) == 0) {
                in->item[i] = j;
                known++;
                found += in->binding->available[at];
            }
        }
    }
    return found >= least_items(in) ? VMAP_SUCCESS : refuse_items(in, known, found);
}

/* Mark item `at` and what it is made of. */
static void need(const vmap_codebook *c, size_t at, bool *needed)
{
    const vmap_item *item = &c->items[at];

    needed[at] = true;
    for (unsigned q = 0; item->sum && q < item->sum->plus_count + item->sum->minus_count; q++)
        needed[item->sum->part[q]] = true;
    for (unsigned q = 0; item->pairs && q < 2; q++)
        needed[item->pairs->part[q]] = true;
}

/* What the set does not need is not read: text in it must not stop the file. */
static vmap_status forget_unneeded(intake *in)
{
    const vmap_codebook *c = in->codebook;
    bool *needed = memory_new(c->items_count, sizeof *needed, in->err);

    if (!needed)
        return VMAP_ENOMEM;
    for (size_t k = 0; k < in->answers->p; k++) {
        if (in->item[k] < vmap_codebook_items(c))
            need(c, vmap_codebook_item(c, in->item[k]), needed);
    }
    for (size_t i = 0; i < c->items_count; i++) {
        if (!needed[i]) {
            in->binding->column[i] = c->items[i].columns_count;
            in->binding->available[i] = false;
        }
    }
    free(needed);
    return VMAP_SUCCESS;
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

/* What `valuemap convert` writes beside a column: why a cell is empty. */
static vmap_status want_why(intake *in, const char *column)
{
    char *name = text_format("%s" INTAKE_WHY, column);
    size_t at = name ? intake_column(in->reader, name) : 0;
    vmap_status status = name ? VMAP_SUCCESS : vmap_error_set(in->err, VMAP_ENOMEM, "no memory for a name");

    if (!status && at < vmap_reader_columns(in->reader))
        status = vmap_reader_want(in->reader, at, VMAP_TEXTS, name, NULL, in->err);
    free(name);
    return status;
}

static vmap_status want_items(intake *in)
{
    const vmap_codebook *c = in->codebook;
    vmap_status status = VMAP_SUCCESS;

    if (forget_unneeded(in))
        return VMAP_ENOMEM;
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
        if (!status)
            status = want_why(in, column->name);
    }
    return status;
}

const char *intake_constant(const intake *in, const char *column)
{
    for (size_t i = 0; i < in->constants_count; i++) {
        if (strcmp(in->constants[i].column, column) == 0)
            return in->constants[i].value;
    }
    return NULL;
}

char *intake_text_name(const char *column)
{
    return text_format("text of %s", column);
}

const vmap_recode *intake_recode(const vmap_answers_options *o, const char *name)
{
    for (size_t i = 0; i < o->recodes_count; i++) {
        if (strcmp(vmap_recode_name(o->recodes[i]), name) == 0)
            return o->recodes[i];
    }
    return NULL;
}

size_t intake_source(const intake *in, const char *name)
{
    const vmap_recode *recode = intake_recode(in->options, name);
    size_t i = 0;

    while (i < in->sources_count && strcmp(in->sources[i].name, recode ? vmap_recode_column(recode) : name) != 0)
        i++;
    return i;
}

static vmap_status want_source(intake *in, const char *what, const char *name)
{
    const vmap_recode *recode = intake_recode(in->options, name);
    source *s = &in->sources[in->sources_count];
    vmap_status status;
    size_t at;
    char *as;

    if (intake_source(in, name) < in->sources_count)
        return VMAP_SUCCESS;
    *s = (source){.name = recode ? vmap_recode_column(recode) : name};
    s->constant = intake_constant(in, s->name);
    s->item = codebook_item_of_column(in->codebook, s->name);
    in->sources_count++;
    if (s->constant)
        return VMAP_SUCCESS;
    at = intake_column(in->reader, s->name);
    if (at == vmap_reader_columns(in->reader))
        return refuse_column(in, recode ? "recoded" : what, s->name);
    as = intake_text_name(s->name);
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
        size_t at = intake_column(in->reader, in->options->weight);

        if (at == none)
            return refuse_column(in, "weight", in->options->weight);
        status = vmap_reader_want(in->reader, at, VMAP_NUMBERS, "number: weight", "numbers from 0 up",
                                  in->err);
    }
    for (size_t i = 0; !status && i < in->options->official_count; i++) {
        size_t at = intake_column(in->reader, in->options->official[i]);
        char as[48];

        snprintf(as, sizeof as, "number: official %zu", i);
        if (at < none)
            status = vmap_reader_want(in->reader, at, VMAP_NUMBERS, as, NULL, in->err);
    }
    return status;
}

vmap_status intake_want(intake *in)
{
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
    return status;
}
