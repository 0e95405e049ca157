#include <config.h>
#include "valuemap/codebook.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/document.h"
#include "data/codebook_internal.h"

/* A codebook: its file format, loading, looking things up. What items are like is in codebook_like.c, the short
 * notations in codebook_compile.c, what items say of each other in codebook_check.c, the items of a file in
 * codebook_apply.c. */

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

/* ---- loading ---- */

static vmap_status compile(vmap_codebook *codebook, vmap_error *err)
{
    vmap_status status;

    if (codebook->version != 1)
        return vmap_error_set(err, VMAP_EDATA,
                              "the codebook has version %d; this program reads version 1",
                              codebook->version);
    status = codebook_compile_missing(codebook->missing, codebook->missing_count, err);
    for (unsigned i = 0; !status && i < codebook->items_count; i++) {
        status = codebook_expand(codebook, &codebook->items[i], err);
        if (!status)
            status = codebook_compile_item(&codebook->items[i], err);
        if (!status)
            status = codebook_check_item(codebook, i, err);
        if (status)
            vmap_error_place(err, NULL, 0, 0, codebook->items[i].name);
    }
    for (unsigned i = 0; !status && i < codebook->axes_count; i++)
        status = codebook_check_axis(codebook, i, err);
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

void vmap_codebook_free(vmap_codebook *codebook)
{
    if (!codebook)
        return;
    codebook_forget_missing(codebook->missing, codebook->missing_count);
    for (unsigned i = 0; i < codebook->items_count; i++)
        codebook_forget_item(&codebook->items[i]);
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

    if (codebook_within(item->range, item->ranges, value))
        return item->type == VMAP_NOMINAL && value != floor(value) ? VMAP_OUT_OF_RANGE
                                                                   : VMAP_PRESENT;
    for (unsigned i = 0; i < count; i++) {
        if (codebook_within(missing[i].range, missing[i].ranges, value))
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
        if (codebook_within(codebook->missing[i].range, codebook->missing[i].ranges, x))
            return true;
    }
    return why != VMAP_PRESENT && why != VMAP_OUT_OF_RANGE;
}
