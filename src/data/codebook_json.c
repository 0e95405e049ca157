#include <config.h>
#include "valuemap/codebook.h"

#include <stdlib.h>

#include <jansson.h>

/* A codebook as JSON, key by key as docs/codebooks.md describes them. Memory may end at any value,
 * and an object would then just lack it: *failed remembers that. */

static void put(json_t *object, const char *key, json_t *value, bool *failed)
{
    *failed |= json_object_set_new(object, key, value) != 0;
}

static void append(json_t *array, json_t *value, bool *failed)
{
    *failed |= json_array_append_new(array, value) != 0;
}

static void put_text(json_t *object, const char *key, const char *text, bool *failed)
{
    if (text)
        put(object, key, json_string(text), failed);
}

static void put_texts(json_t *object, const char *key, char *const *texts, unsigned count,
                      bool *failed)
{
    json_t *array;

    if (!count)
        return;
    array = json_array();
    for (unsigned i = 0; i < count; i++)
        append(array, json_string(texts[i]), failed);
    put(object, key, array, failed);
}

static void put_missing(json_t *object, const vmap_missing *missing, unsigned count, bool *failed)
{
    json_t *array;

    if (!count)
        return;
    array = json_array();
    for (unsigned i = 0; i < count; i++) {
        json_t *entry = json_object();

        put_text(entry, "codes", missing[i].codes, failed);
        put_text(entry, "reason", missing[i].reason, failed);
        append(array, entry, failed);
    }
    put(object, "missing", array, failed);
}

static void put_labels(json_t *object, const vmap_item *item, bool *failed)
{
    json_t *array;

    if (!item->labels_count)
        return;
    array = json_array();
    for (unsigned i = 0; i < item->labels_count; i++) {
        json_t *entry = json_object();

        put(entry, "code", json_integer(item->labels[i].code), failed);
        put_text(entry, "label", item->labels[i].label, failed);
        append(array, entry, failed);
    }
    put(object, "labels", array, failed);
}

static void put_columns(json_t *object, const vmap_item *item, bool *failed)
{
    json_t *array;

    if (!item->columns_count)
        return;
    array = json_array();
    for (unsigned i = 0; i < item->columns_count; i++) {
        const vmap_item_column *column = &item->columns[i];
        json_t *entry = json_object();

        put_text(entry, "name", column->name, failed);
        if (column->reverse)
            put(entry, "reverse", json_true(), failed);
        put_texts(entry, "codings", column->codings, column->codings_count, failed);
        append(array, entry, failed);
    }
    put(object, "columns", array, failed);
}

static json_t *sum_json(const vmap_item_sum *sum, bool *failed)
{
    json_t *object = json_object();

    put_texts(object, "plus", sum->plus, sum->plus_count, failed);
    put_texts(object, "minus", sum->minus, sum->minus_count, failed);
    return object;
}

static json_t *pairs_json(const vmap_item_pairs *pairs, bool *failed)
{
    json_t *object = json_object();

    put_text(object, "first", pairs->first, failed);
    put_text(object, "second", pairs->second, failed);
    put_text(object, "map", pairs->map, failed);
    put(object, "otherwise", json_integer(pairs->otherwise), failed);
    return object;
}

static json_t *item_json(const vmap_item *item, bool *failed)
{
    json_t *object = json_object();

    put_text(object, "name", item->name, failed);
    put_text(object, "label", item->label, failed);
    put_text(object, "scale", item->scale, failed);
    if (item->part)
        put(object, "part", json_true(), failed);
    put_text(object, "valid", item->valid, failed);
    put_labels(object, item, failed);
    put_missing(object, item->missing, item->missing_count, failed);
    put_columns(object, item, failed);
    if (item->sum)
        put(object, "sum", sum_json(item->sum, failed), failed);
    if (item->pairs)
        put(object, "pairs", pairs_json(item->pairs, failed), failed);
    return object;
}

static json_t *axis_json(const vmap_axis *axis, bool *failed)
{
    json_t *object = json_object();

    put_text(object, "name", axis->name, failed);
    put_text(object, "label", axis->label, failed);
    put_text(object, "low", axis->low, failed);
    put_text(object, "high", axis->high, failed);
    put_texts(object, "anchor", axis->anchor, axis->anchor_count, failed);
    put_texts(object, "sign", axis->sign, axis->sign_count, failed);
    put_text(object, "official", axis->official, failed);
    return object;
}

static json_t *codebook_json(const vmap_codebook *codebook, bool *failed)
{
    json_t *object = json_object(), *items = json_array(), *axes;

    put(object, "version", json_integer(codebook->version), failed);
    put_text(object, "name", codebook->name, failed);
    put_text(object, "title", codebook->title, failed);
    put_text(object, "source", codebook->source, failed);
    put_text(object, "weight", codebook->weight, failed);
    put_text(object, "group", codebook->group, failed);
    put_texts(object, "also", codebook->also, codebook->also_count, failed);
    put_missing(object, codebook->missing, codebook->missing_count, failed);
    for (unsigned i = 0; i < codebook->items_count; i++)
        append(items, item_json(&codebook->items[i], failed), failed);
    put(object, "items", items, failed);
    if (codebook->axes_count) {
        axes = json_array();
        for (unsigned i = 0; i < codebook->axes_count; i++)
            append(axes, axis_json(&codebook->axes[i], failed), failed);
        put(object, "axes", axes, failed);
    }
    return object;
}

/* json_dumps() drops a key whose text does not fit into memory any more: have it measured first. */
static char *write_json(const json_t *object)
{
    size_t n = json_dumpb(object, NULL, 0, JSON_COMPACT);
    char *text = n ? malloc(n + 1) : NULL;

    if (!text)
        return NULL;
    if (json_dumpb(object, text, n, JSON_COMPACT) != n) {
        free(text);
        return NULL;
    }
    text[n] = '\0';
    return text;
}

char *vmap_codebook_json(const vmap_codebook *codebook, vmap_error *err)
{
    bool failed = false;
    json_t *object = codebook_json(codebook, &failed);
    char *text = failed ? NULL : write_json(object);

    if (!text)
        vmap_error_set(err, VMAP_ENOMEM, "no memory for the codebook as JSON");
    json_decref(object);
    return text;
}
