#include <config.h>
#include "data/codebook_internal.h"

#include <ctype.h>
#include <string.h>

#include "core/memory.h"

/* What items and axes say of each other must be there. */

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

vmap_status codebook_check_item(const vmap_codebook *codebook, size_t index, vmap_error *err)
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

vmap_status codebook_check_axis(const vmap_codebook *codebook, size_t index, vmap_error *err)
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
