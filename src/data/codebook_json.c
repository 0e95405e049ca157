#include <config.h>
#include "valuemap/codebook.h"

#include <jansson.h>

/* A codebook as JSON, key by key as docs/codebooks.md describes them. jansson passes NULL through:
 * a failed allocation anywhere makes the whole object NULL. */

static void put_text(json_t *object, const char *key, const char *text)
{
    if (text)
        json_object_set_new(object, key, json_string(text));
}

static void put_texts(json_t *object, const char *key, char *const *texts, unsigned count)
{
    json_t *array;

    if (!count)
        return;
    array = json_array();
    for (unsigned i = 0; i < count; i++)
        json_array_append_new(array, json_string(texts[i]));
    json_object_set_new(object, key, array);
}

static void put_missing(json_t *object, const vmap_missing *missing, unsigned count)
{
    json_t *array;

    if (!count)
        return;
    array = json_array();
    for (unsigned i = 0; i < count; i++)
        json_array_append_new(
            array, json_pack("{ssss}", "codes", missing[i].codes, "reason", missing[i].reason));
    json_object_set_new(object, "missing", array);
}

static void put_labels(json_t *object, const vmap_item *item)
{
    json_t *array;

    if (!item->labels_count)
        return;
    array = json_array();
    for (unsigned i = 0; i < item->labels_count; i++)
        json_array_append_new(array, json_pack("{siss}", "code", item->labels[i].code, "label",
                                               item->labels[i].label));
    json_object_set_new(object, "labels", array);
}

static void put_columns(json_t *object, const vmap_item *item)
{
    json_t *array;

    if (!item->columns_count)
        return;
    array = json_array();
    for (unsigned i = 0; i < item->columns_count; i++) {
        const vmap_item_column *column = &item->columns[i];
        json_t *entry = json_object();

        put_text(entry, "name", column->name);
        if (column->reverse)
            json_object_set_new(entry, "reverse", json_true());
        put_texts(entry, "codings", column->codings, column->codings_count);
        json_array_append_new(array, entry);
    }
    json_object_set_new(object, "columns", array);
}

static json_t *item_json(const vmap_item *item)
{
    json_t *object = json_object();

    put_text(object, "name", item->name);
    put_text(object, "label", item->label);
    put_text(object, "scale", item->scale);
    if (item->part)
        json_object_set_new(object, "part", json_true());
    put_text(object, "valid", item->valid);
    put_labels(object, item);
    put_missing(object, item->missing, item->missing_count);
    put_columns(object, item);
    if (item->sum) {
        json_t *sum = json_object();

        put_texts(sum, "plus", item->sum->plus, item->sum->plus_count);
        put_texts(sum, "minus", item->sum->minus, item->sum->minus_count);
        json_object_set_new(object, "sum", sum);
    }
    if (item->pairs)
        json_object_set_new(object, "pairs",
                            json_pack("{sssssssi}", "first", item->pairs->first, "second",
                                      item->pairs->second, "map", item->pairs->map, "otherwise",
                                      item->pairs->otherwise));
    return object;
}

static json_t *axis_json(const vmap_axis *axis)
{
    json_t *object = json_object();

    put_text(object, "name", axis->name);
    put_text(object, "label", axis->label);
    put_text(object, "low", axis->low);
    put_text(object, "high", axis->high);
    put_texts(object, "anchor", axis->anchor, axis->anchor_count);
    put_texts(object, "sign", axis->sign, axis->sign_count);
    put_text(object, "official", axis->official);
    return object;
}

char *vmap_codebook_json(const vmap_codebook *codebook, vmap_error *err)
{
    json_t *object = json_object(), *items = json_array();
    char *text;

    json_object_set_new(object, "version", json_integer(codebook->version));
    put_text(object, "name", codebook->name);
    put_text(object, "title", codebook->title);
    put_text(object, "source", codebook->source);
    put_text(object, "weight", codebook->weight);
    put_text(object, "group", codebook->group);
    put_texts(object, "also", codebook->also, codebook->also_count);
    put_missing(object, codebook->missing, codebook->missing_count);
    for (unsigned i = 0; i < codebook->items_count; i++)
        json_array_append_new(items, item_json(&codebook->items[i]));
    json_object_set_new(object, "items", items);
    if (codebook->axes_count) {
        json_t *axes = json_array();

        for (unsigned i = 0; i < codebook->axes_count; i++)
            json_array_append_new(axes, axis_json(&codebook->axes[i]));
        json_object_set_new(object, "axes", axes);
    }
    text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    if (!text)
        vmap_error_set(err, VMAP_ENOMEM, "no memory for the codebook as JSON");
    json_decref(object);
    return text;
}
