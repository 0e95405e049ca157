#include <config.h>
#include "valuemap/codebook.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "core/document.h"
#include "data/codebook_internal.h"

/* ---- the file format ---- */

#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define TEXT(key, type, member) \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 1, CYAML_UNLIMITED)
#define TEXT_OPTIONAL(key, type, member) \
    CYAML_FIELD_STRING_PTR(key, OPTIONAL, type, member, 1, CYAML_UNLIMITED)

/* libcyaml's own booleans take every unknown word for true: "reverse: flase" would turn a scale. */
static const cyaml_strval_t truths[] = {{"false", 0}, {"no", 0}, {"off", 0},
                                        {"true", 1},  {"yes", 1}, {"on", 1}};
#define TRUTH(key, type, member) \
    CYAML_FIELD_ENUM( \
        key, CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT | CYAML_FLAG_CASE_INSENSITIVE, type, member, \
        truths, sizeof truths / sizeof *truths)

static const cyaml_schema_value_t text_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED)};

static const cyaml_schema_field_t label_fields[] = {
    CYAML_FIELD_INT("code", CYAML_FLAG_DEFAULT, vmap_label, code),
    TEXT("label", vmap_label, label), CYAML_FIELD_END};
static const cyaml_schema_value_t label_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, vmap_label, label_fields)};

static const cyaml_schema_field_t missing_fields[] = {TEXT("codes", vmap_missing, codes),
                                                      TEXT("reason", vmap_missing, reason),
                                                      CYAML_FIELD_END};
static const cyaml_schema_value_t missing_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, vmap_missing, missing_fields)};

static const cyaml_schema_field_t column_fields[] = {
    TEXT("name", vmap_item_column, name),
    TRUTH("reverse", vmap_item_column, reverse),
    CYAML_FIELD_SEQUENCE("codings", OPTIONAL, vmap_item_column, codings, &text_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t column_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, vmap_item_column, column_fields)};

static const cyaml_schema_field_t sum_fields[] = {
    CYAML_FIELD_SEQUENCE("plus", OPTIONAL, vmap_item_sum, plus, &text_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("minus", OPTIONAL, vmap_item_sum, minus, &text_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_END};

static const cyaml_schema_field_t pairs_fields[] = {
    TEXT("first", vmap_item_pairs, first), TEXT("second", vmap_item_pairs, second),
    TEXT("map", vmap_item_pairs, map),
    CYAML_FIELD_INT("otherwise", CYAML_FLAG_DEFAULT, vmap_item_pairs, otherwise), CYAML_FIELD_END};

static const cyaml_schema_field_t item_fields[] = {
    TEXT("name", vmap_item, name),
    TEXT("label", vmap_item, label),
    TEXT_OPTIONAL("scale", vmap_item, scale),
    TRUTH("part", vmap_item, part),
    TEXT_OPTIONAL("like", vmap_item, like),
    TEXT_OPTIONAL("valid", vmap_item, valid),
    CYAML_FIELD_SEQUENCE("labels", OPTIONAL, vmap_item, labels, &label_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("missing", OPTIONAL, vmap_item, missing, &missing_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("columns", OPTIONAL, vmap_item, columns, &column_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_MAPPING_PTR("sum", OPTIONAL, vmap_item, sum, sum_fields),
    CYAML_FIELD_MAPPING_PTR("pairs", OPTIONAL, vmap_item, pairs, pairs_fields),
    CYAML_FIELD_END};
static const cyaml_schema_value_t item_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, vmap_item, item_fields)};

static const cyaml_schema_field_t like_fields[] = {
    TEXT("name", vmap_like, name),
    TEXT_OPTIONAL("scale", vmap_like, scale),
    TEXT("valid", vmap_like, valid),
    CYAML_FIELD_SEQUENCE("labels", OPTIONAL, vmap_like, labels, &label_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("missing", OPTIONAL, vmap_like, missing, &missing_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("inverted", OPTIONAL, vmap_like, inverted, &text_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t like_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, vmap_like, like_fields)};

static const cyaml_schema_field_t axis_fields[] = {
    TEXT("name", vmap_axis, name),
    TEXT("label", vmap_axis, label),
    TEXT("low", vmap_axis, low),
    TEXT("high", vmap_axis, high),
    CYAML_FIELD_SEQUENCE("anchor", CYAML_FLAG_POINTER, vmap_axis, anchor, &text_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("sign", CYAML_FLAG_POINTER, vmap_axis, sign, &text_schema, 1,
                         CYAML_UNLIMITED),
    TEXT_OPTIONAL("official", vmap_axis, official),
    CYAML_FIELD_END};
static const cyaml_schema_value_t axis_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, vmap_axis, axis_fields)};

static const cyaml_schema_field_t codebook_fields[] = {
    CYAML_FIELD_INT("version", CYAML_FLAG_DEFAULT, vmap_codebook, version),
    TEXT("name", vmap_codebook, name),
    TEXT("title", vmap_codebook, title),
    TEXT_OPTIONAL("source", vmap_codebook, source),
    TEXT_OPTIONAL("weight", vmap_codebook, weight),
    TEXT_OPTIONAL("group", vmap_codebook, group),
    CYAML_FIELD_SEQUENCE("also", OPTIONAL, vmap_codebook, also, &text_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("missing", OPTIONAL, vmap_codebook, missing, &missing_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("scales", OPTIONAL, vmap_codebook, likes, &like_schema, 1, CYAML_UNLIMITED),
    TEXT_OPTIONAL("inverted", vmap_codebook, inverted),
    CYAML_FIELD_SEQUENCE("items", CYAML_FLAG_POINTER, vmap_codebook, items, &item_schema, 1,
                         CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("axes", OPTIONAL, vmap_codebook, axes, &axis_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_END};
static const cyaml_schema_value_t codebook_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, vmap_codebook, codebook_fields)};

/* ---- items that are like others ---- */

/* What is copied belongs to libcyaml, which frees it with the rest. */
static bool copy_text(char **to, const char *from)
{
    if (!*to && from)
        *to = text_copy(from, strlen(from));
    return *to || !from;
}

static bool copy_labels(vmap_item *item, const vmap_like *like)
{
    if (item->labels_count || !like->labels_count)
        return true;
    item->labels = calloc(like->labels_count, sizeof *item->labels);
    if (!item->labels)
        return false;
    item->labels_count = like->labels_count;
    for (unsigned i = 0; i < like->labels_count; i++) {
        item->labels[i].code = like->labels[i].code;
        if (!copy_text(&item->labels[i].label, like->labels[i].label))
            return false;
    }
    return true;
}

static bool copy_missing(vmap_item *item, const vmap_like *like)
{
    if (item->missing_count || !like->missing_count)
        return true;
    item->missing = calloc(like->missing_count, sizeof *item->missing);
    if (!item->missing)
        return false;
    item->missing_count = like->missing_count;
    for (unsigned i = 0; i < like->missing_count; i++) {
        if (!copy_text(&item->missing[i].codes, like->missing[i].codes) ||
            !copy_text(&item->missing[i].reason, like->missing[i].reason))
            return false;
    }
    return true;
}

/* The column of the item's own name, and the one that has it the other way round. */
static bool own_columns(vmap_item *item, const vmap_like *like, const char *suffix)
{
    unsigned count = suffix ? 2 : 1;

    item->columns = calloc(count, sizeof *item->columns);
    if (!item->columns)
        return false;
    item->columns_count = count;
    if (!copy_text(&item->columns[0].name, item->name))
        return false;
    if (!suffix)
        return true;
    item->columns[1].name = text_format("%s%s", item->name, suffix);
    item->columns[1].reverse = !like || !like->inverted_count;
    if (!item->columns[1].name || item->columns[1].reverse)
        return item->columns[1].name != NULL;
    item->columns[1].codings = calloc(like->inverted_count, sizeof(char *));
    if (!item->columns[1].codings)
        return false;
    item->columns[1].codings_count = like->inverted_count;
    for (unsigned i = 0; i < like->inverted_count; i++) {
        if (!copy_text(&item->columns[1].codings[i], like->inverted[i]))
            return false;
    }
    return true;
}

/* Complete an item from what it is like. */
static vmap_status expand(const vmap_codebook *codebook, vmap_item *item, vmap_error *err)
{
    const vmap_like *like = NULL;
    bool done = true;

    for (unsigned i = 0; item->like && i < codebook->likes_count; i++) {
        if (strcmp(codebook->likes[i].name, item->like) == 0)
            like = &codebook->likes[i];
    }
    if (item->like && !like)
        return vmap_error_set(err, VMAP_EDATA, "it is like '%s', which is no scale here", item->like);
    if (like)
        done = copy_text(&item->valid, like->valid) && copy_text(&item->scale, like->scale) &&
               copy_labels(item, like) && copy_missing(item, like);
    if (done && !item->columns_count && !item->sum && !item->pairs)
        done = own_columns(item, like, codebook->inverted);
    if (!done)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a codebook");
    return item->valid ? VMAP_SUCCESS : vmap_error_set(err, VMAP_EDATA, "it needs 'valid', or 'like' and a scale");
}

/* ---- compiling the short notations ---- */

/* Read a number at *s, skipping blanks around it. */
static bool take_number(const char **s, double *value)
{
    const char *from = *s + strspn(*s, " "), *to = from;

    if (*to == '-' || *to == '+')
        to++;
    while (isdigit((unsigned char)*to) || (*to == '.' && to[1] != '.'))
        to++;
    if (!text_number(from, (size_t)(to - from), '.', value))
        return false;
    *s = to + strspn(to, " ");
    return true;
}

static bool take_mark(const char **s, const char *mark)
{
    if (strncmp(*s, mark, strlen(mark)) != 0)
        return false;
    *s += strlen(mark);
    return true;
}

/* The entries of a comma-separated list: one more than its commas. */
static size_t count_entries(const char *text)
{
    size_t n = 1;

    for (; *text; text++)
        n += *text == ',';
    return n;
}

/* "1..10" or "-9..-6, 9999" */
static vmap_status compile_ranges(const char *text, vmap_range **ranges, size_t *count,
                                  vmap_error *err)
{
    const char *s = text;
    vmap_range *r = memory_new(count_entries(text), sizeof *r, err);

    if (!r)
        return VMAP_ENOMEM;
    *ranges = r;
    do {
        if (!take_number(&s, &r->low))
            break;
        r->high = r->low;
        if (take_mark(&s, "..") && !take_number(&s, &r->high))
            break;
        if (r->high < r->low)
            break;
        r++;
        (*count)++;
        if (*s == '\0')
            return VMAP_SUCCESS;
    } while (take_mark(&s, ","));
    return vmap_error_set(err, VMAP_EDATA,
                          "'%s' is no list of codes; write it like '1..10' or '1, 2, 5..7'", text);
}

static bool within(const vmap_range *range, size_t count, double value)
{
    for (size_t i = 0; i < count; i++) {
        if (value >= range[i].low && value <= range[i].high)
            return true;
    }
    return false;
}

/* "1=1, 2=0" */
static vmap_status compile_coding(const char *text, vmap_coding *coding, vmap_error *err)
{
    const char *s = text;
    size_t room = count_entries(text);

    coding->from = memory_new(room, sizeof(double), err);
    coding->to = memory_new(room, sizeof(double), err);
    if (!coding->from || !coding->to)
        return VMAP_ENOMEM;
    do {
        if (!take_number(&s, &coding->from[coding->pairs]) || !take_mark(&s, "=") ||
            !take_number(&s, &coding->to[coding->pairs]))
            break;
        coding->pairs++;
        if (*s == '\0')
            return VMAP_SUCCESS;
    } while (take_mark(&s, ","));
    return vmap_error_set(err, VMAP_EDATA, "'%s' is no coding; write it like '1=1, 2=0'", text);
}

/* "1+3=1, 3+1=1" */
static vmap_status compile_pairs(vmap_item_pairs *pairs, vmap_error *err)
{
    const char *s = pairs->map;
    size_t room = count_entries(s), n = 0;

    pairs->code_1 = memory_new(room, sizeof(double), err);
    pairs->code_2 = memory_new(room, sizeof(double), err);
    pairs->value = memory_new(room, sizeof(double), err);
    if (!pairs->code_1 || !pairs->code_2 || !pairs->value)
        return VMAP_ENOMEM;
    do {
        if (!take_number(&s, &pairs->code_1[n]) || !take_mark(&s, "+") ||
            !take_number(&s, &pairs->code_2[n]) || !take_mark(&s, "=") ||
            !take_number(&s, &pairs->value[n]))
            break;
        pairs->entries = ++n;
        if (*s == '\0')
            return VMAP_SUCCESS;
    } while (take_mark(&s, ","));
    return vmap_error_set(err, VMAP_EDATA,
                          "'%s' is no table of pairs; write it like '1+3=1, 2+4=3'", pairs->map);
}

static vmap_status compile_missing(vmap_missing *missing, unsigned count, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (unsigned i = 0; !status && i < count; i++) {
        status = compile_ranges(missing[i].codes, &missing[i].range, &missing[i].ranges, err);
        if (!status && vmap_reason_find(missing[i].reason, &missing[i].why, err)) {
            status = VMAP_EDATA; /* the file is at fault, not a name that the caller gave */
            if (err)
                err->status = status;
        }
    }
    return status;
}

static vmap_status compile_scale(vmap_item *item, vmap_error *err)
{
    static const char *const names[] = {"ordinal", "nominal", "interval"};

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(item->scale ? item->scale : "ordinal", names[i]) == 0) {
            item->type = (vmap_scale)i;
            return VMAP_SUCCESS;
        }
    }
    return vmap_error_set(err, VMAP_EDATA,
                          "scale '%s' is not known; use ordinal, nominal or interval",
                          item->scale);
}

/* A recode that makes codes which are none of the item's would put them into every statistic. */
static vmap_status check_made(const vmap_item *item, const char *how, const double *made,
                              size_t count, vmap_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!within(item->range, item->ranges, made[i]))
            return vmap_error_set(err, VMAP_EDATA, "%s makes %g, which is outside %s", how, made[i],
                                  item->valid);
    }
    return VMAP_SUCCESS;
}

static vmap_status check_coding(const vmap_item *item, const vmap_item_column *column,
                                size_t coding, vmap_error *err)
{
    char how[256];

    snprintf(how, sizeof how, "column %s: coding '%s'", column->name, column->codings[coding]);
    return check_made(item, how, column->coding[coding].to, column->coding[coding].pairs, err);
}

/* Turned round, the valid codes must be the valid codes. */
static vmap_status check_reverse(const vmap_item *item, const vmap_item_column *column,
                                 vmap_error *err)
{
    char how[256];
    vmap_status status = VMAP_SUCCESS;

    snprintf(how, sizeof how, "column %s is reversed, which", column->name);
    for (size_t i = 0; !status && i < item->ranges; i++) {
        double ends[2] = {item->low + item->high - item->range[i].low,
                          item->low + item->high - item->range[i].high};

        status = check_made(item, how, ends, 2, err);
    }
    return status;
}

static vmap_status compile_columns(vmap_item *item, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (unsigned i = 0; !status && i < item->columns_count; i++) {
        vmap_item_column *column = &item->columns[i];

        if (column->reverse && column->codings_count)
            return vmap_error_set(err, VMAP_EDATA,
                                  "column %s has both 'reverse' and 'codings'; keep one",
                                  column->name);
        if (column->reverse)
            status = check_reverse(item, column, err);
        if (!column->codings_count)
            continue;
        column->coding = memory_new(column->codings_count, sizeof(vmap_coding), err);
        if (!column->coding)
            return VMAP_ENOMEM;
        for (unsigned j = 0; !status && j < column->codings_count; j++) {
            status = compile_coding(column->codings[j], &column->coding[j], err);
            if (!status)
                status = check_coding(item, column, j, err);
        }
    }
    return status;
}

static vmap_status check_pairs(const vmap_item *item, vmap_error *err)
{
    double otherwise = item->pairs->otherwise;
    vmap_status status = check_made(item, "'pairs'", item->pairs->value, item->pairs->entries, err);

    return status ? status : check_made(item, "'pairs'", &otherwise, 1, err);
}

static vmap_status compile_item(vmap_item *item, vmap_error *err)
{
    vmap_status status = compile_scale(item, err);

    if (!status)
        status = compile_ranges(item->valid, &item->range, &item->ranges, err);
    if (status)
        return status;
    item->low = INFINITY;
    item->high = -INFINITY;
    for (size_t i = 0; i < item->ranges; i++) {
        item->low = fmin(item->low, item->range[i].low);
        item->high = fmax(item->high, item->range[i].high);
    }
    status = compile_missing(item->missing, item->missing_count, err);
    if (!status)
        status = compile_columns(item, err);
    if (!status && item->pairs)
        status = compile_pairs(item->pairs, err);
    if (!status && item->pairs)
        status = check_pairs(item, err);
    return status;
}

/* Find a part: an item that has columns of its own and is not made itself. */
static vmap_status find_part(const vmap_codebook *codebook, const char *name, size_t *index,
                             vmap_error *err)
{
    size_t i = vmap_codebook_find(codebook, name);

    if (i == codebook->items_count)
        return vmap_error_set(err, VMAP_EDATA, "it is made from '%s', which is no item here", name);
    if (codebook->items[i].sum || codebook->items[i].pairs)
        return vmap_error_set(err, VMAP_EDATA, "it is made from '%s', which is itself made", name);
    *index = i;
    return VMAP_SUCCESS;
}

static vmap_status find_sum_parts(const vmap_codebook *codebook, vmap_item_sum *sum,
                                  vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    sum->part = memory_new(sum->plus_count + sum->minus_count, sizeof *sum->part, err);
    if (!sum->part)
        return VMAP_ENOMEM;
    for (unsigned i = 0; !status && i < sum->plus_count; i++)
        status = find_part(codebook, sum->plus[i], &sum->part[i], err);
    for (unsigned i = 0; !status && i < sum->minus_count; i++)
        status = find_part(codebook, sum->minus[i], &sum->part[sum->plus_count + i], err);
    return status;
}

static bool is_name(const char *name)
{
    const char *c = name;

    while (isalnum((unsigned char)*c) || *c == '_')
        c++;
    return c > name && *c == '\0';
}

static vmap_status check_item(const vmap_codebook *codebook, size_t index, vmap_error *err)
{
    const vmap_item *item = &codebook->items[index];
    vmap_status status = VMAP_SUCCESS;

    if (!is_name(item->name))
        return vmap_error_set(err, VMAP_EDATA, "a name has only letters, digits and _");
    if (vmap_codebook_find(codebook, item->name) != index)
        return vmap_error_set(err, VMAP_EDATA, "there are two items of this name");
    if (item->sum && item->pairs)
        return vmap_error_set(err, VMAP_EDATA, "it has both 'sum' and 'pairs'; keep one");
    if (item->sum && item->sum->plus_count + item->sum->minus_count == 0)
        return vmap_error_set(err, VMAP_EDATA, "'sum' needs 'plus' or 'minus'");
    if (item->sum)
        status = find_sum_parts(codebook, item->sum, err);
    if (!status && item->pairs)
        status = find_part(codebook, item->pairs->first, &item->pairs->part[0], err);
    if (!status && item->pairs)
        status = find_part(codebook, item->pairs->second, &item->pairs->part[1], err);
    return status;
}

static vmap_status check_axis(const vmap_codebook *codebook, size_t index, vmap_error *err)
{
    const vmap_axis *axis = &codebook->axes[index];

    if (!is_name(axis->name))
        return vmap_error_set(err, VMAP_EDATA, "axis %s: a name has only letters, digits and _",
                              axis->name);
    for (size_t i = 0; i < index; i++) {
        if (strcmp(codebook->axes[i].name, axis->name) == 0)
            return vmap_error_set(err, VMAP_EDATA, "there are two axes named %s", axis->name);
    }
    for (unsigned i = 0; i < axis->anchor_count; i++) {
        if (vmap_codebook_find(codebook, axis->anchor[i]) == codebook->items_count)
            return vmap_error_set(err, VMAP_EDATA, "axis %s: anchor '%s' is no item", axis->name,
                                  axis->anchor[i]);
    }
    for (unsigned i = 0; i < axis->sign_count; i++) {
        const char *sign = axis->sign[i];

        if ((*sign != '+' && *sign != '-') ||
            vmap_codebook_find(codebook, sign + 1) == codebook->items_count)
            return vmap_error_set(err, VMAP_EDATA,
                                  "axis %s: '%s' is no signed item; write it like '+F118'",
                                  axis->name, sign);
    }
    return VMAP_SUCCESS;
}

static vmap_status compile(vmap_codebook *codebook, vmap_error *err)
{
    vmap_status status;

    if (codebook->version != 1)
        return vmap_error_set(err, VMAP_EDATA,
                              "the codebook has version %d; this program reads version 1",
                              codebook->version);
    status = compile_missing(codebook->missing, codebook->missing_count, err);
    for (unsigned i = 0; !status && i < codebook->items_count; i++) {
        status = expand(codebook, &codebook->items[i], err);
        if (!status)
            status = compile_item(&codebook->items[i], err);
        if (!status)
            status = check_item(codebook, i, err);
        if (status)
            vmap_error_place(err, NULL, 0, 0, codebook->items[i].name);
    }
    for (unsigned i = 0; !status && i < codebook->axes_count; i++)
        status = check_axis(codebook, i, err);
    if (!status && vmap_codebook_items(codebook) == 0)
        status = vmap_error_set(err, VMAP_EDATA, "the codebook has only parts of items");
    return status;
}

static vmap_status finish(const char *name, vmap_codebook *loaded, vmap_codebook **codebook,
                          vmap_error *err)
{
    vmap_status status = compile(loaded, err);

    if (status) {
        vmap_error_place(err, name, 0, 0, NULL);
        vmap_codebook_free(loaded);
        return status;
    }
    *codebook = loaded;
    return VMAP_SUCCESS;
}

vmap_status vmap_codebook_load(const char *path, vmap_codebook **codebook, vmap_error *err)
{
    vmap_codebook *loaded = NULL;
    vmap_status status = document_load(path, &codebook_schema, &loaded, err);

    return status ? status : finish(path, loaded, codebook, err);
}

vmap_status vmap_codebook_parse(const char *name, const char *text, size_t n,
                                vmap_codebook **codebook, vmap_error *err)
{
    vmap_codebook *loaded = NULL;
    vmap_status status = document_parse(name, text, n, &codebook_schema, &loaded, err);

    return status ? status : finish(name, loaded, codebook, err);
}

static void free_missing(vmap_missing *missing, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        free(missing[i].range);
}

static void free_compiled(vmap_item *item)
{
    free(item->range);
    free_missing(item->missing, item->missing_count);
    for (unsigned i = 0; i < item->columns_count; i++) {
        vmap_item_column *column = &item->columns[i];

        for (unsigned j = 0; column->coding && j < column->codings_count; j++) {
            free(column->coding[j].from);
            free(column->coding[j].to);
        }
        free(column->coding);
    }
    if (item->sum)
        free(item->sum->part);
    if (item->pairs) {
        free(item->pairs->code_1);
        free(item->pairs->code_2);
        free(item->pairs->value);
    }
}

void vmap_codebook_free(vmap_codebook *codebook)
{
    if (!codebook)
        return;
    free_missing(codebook->missing, codebook->missing_count);
    for (unsigned i = 0; i < codebook->items_count; i++)
        free_compiled(&codebook->items[i]);
    document_free(&codebook_schema, codebook);
}

/* ---- looking things up ---- */

size_t vmap_codebook_find(const vmap_codebook *codebook, const char *name)
{
    size_t i = 0;

    while (i < codebook->items_count && strcmp(codebook->items[i].name, name) != 0)
        i++;
    return i;
}

size_t vmap_codebook_items(const vmap_codebook *codebook)
{
    size_t n = 0;

    for (unsigned i = 0; i < codebook->items_count; i++)
        n += !codebook->items[i].part;
    return n;
}

size_t vmap_codebook_item(const vmap_codebook *codebook, size_t index)
{
    size_t i = 0;

    for (; i < codebook->items_count; i++) {
        if (!codebook->items[i].part && index-- == 0)
            break;
    }
    return i;
}

vmap_reason vmap_codebook_judge(const vmap_codebook *codebook, const vmap_item *item, double value)
{
    const vmap_missing *missing = item->missing_count ? item->missing : codebook->missing;
    unsigned count = item->missing_count ? item->missing_count : codebook->missing_count;

    if (within(item->range, item->ranges, value))
        return item->type == VMAP_NOMINAL && value != floor(value) ? VMAP_OUT_OF_RANGE
                                                                   : VMAP_PRESENT;
    for (unsigned i = 0; i < count; i++) {
        if (within(missing[i].range, missing[i].ranges, value))
            return missing[i].why;
    }
    return VMAP_OUT_OF_RANGE;
}

const vmap_item *codebook_item_of_column(const vmap_codebook *codebook, const char *column)
{
    for (unsigned i = 0; i < codebook->items_count; i++) {
        const vmap_item *item = &codebook->items[i];

        for (unsigned k = 0; k < item->columns_count; k++) {
            if (strcmp(item->columns[k].name, column) == 0 && !item->columns[k].codings_count)
                return item;
        }
    }
    return NULL;
}

bool codebook_is_missing(const vmap_codebook *codebook, const vmap_item *item, double x)
{
    vmap_reason why = item ? vmap_codebook_judge(codebook, item, x) : VMAP_PRESENT;

    for (unsigned i = 0; !item && i < codebook->missing_count; i++) {
        if (within(codebook->missing[i].range, codebook->missing[i].ranges, x))
            return true;
    }
    return why != VMAP_PRESENT && why != VMAP_OUT_OF_RANGE;
}
