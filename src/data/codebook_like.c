#include <config.h>
#include "data/codebook_internal.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"

/* Items that are like others: the scales of a codebook are copied into them, so that whoever reads an item need not look
 * elsewhere. */

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

vmap_status codebook_expand(const vmap_codebook *codebook, vmap_item *item, vmap_error *err)
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
