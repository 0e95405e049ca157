#include <config.h>
#include "data/long_internal.h"

#include <math.h>
#include <string.h>

#include "data/reader_internal.h"
#include "data/table_internal.h"

/* Distributions of a long file become weighted rows, one for every option that somebody chose. */

static vmap_status put_option(long_pivot *v, size_t row, const char *option, double weight)
{
    const vmap_reader *r = v->reader;
    size_t item = long_item_at(v, row);
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < r->wish_count; i++) {
        size_t field = r->wishes[i].field;
        vmap_reason why = VMAP_PRESENT;

        if (v->carried[i] != LONG_NONE)
            status = long_put_text(v, i, vmap_table_text(v->from, v->carried[i], row), row);
        else if (field == v->s->items + v->s->items_count && r->wishes[i].kind != VMAP_TEXTS)
            status = vmap_table_push_number(v->to, i, weight, v->err);
        else if (field != v->s->items + item)
            status = vmap_table_push_missing(v->to, i, VMAP_NOT_ASKED, v->err);
        else if (*option && long_reason(option, &why) && why != VMAP_PRESENT)
            status = vmap_table_push_missing(v->to, i, why, v->err);
        else
            status = long_put_text(v, i, option, row);
    }
    return status ? status : table_close_row(v->to, vmap_table_line(v->from, row), v->err);
}

/* How many chose an option: the count or share, times n where the file has that. */
static vmap_status take_weight(long_pivot *v, size_t row, size_t place, size_t column, double *weight)
{
    double n = v->n == LONG_NONE ? 1 : vmap_table_value(v->from, v->n, row);

    *weight = vmap_table_value(v->from, place, row);
    if (v->count == LONG_NONE && isnan(*weight))
        *weight = 0; /* an option that the item does not have */
    if (!(*weight >= 0))
        return long_fail_at(v, row, column, "a count or share is a number from 0 up");
    if (!(n >= 0))
        return long_fail_at(v, row, v->s->roles.n, "the number of respondents is a number from 0 up");
    *weight *= n;
    return VMAP_SUCCESS;
}

vmap_status long_take_options(long_pivot *v, size_t row)
{
    const long_roles *roles = &v->s->roles;
    size_t levels = vmap_table_levels(v->from, v->item), each = roles->options_count ? roles->options_count : 1;
    vmap_status status = VMAP_SUCCESS;

    if (vmap_table_level(v->from, v->item, row) == levels)
        return long_fail_at(v, row, roles->item, "the row names no item");
    v->into = v->to;
    for (size_t k = 0; !status && k < each; k++) {
        size_t column = roles->options_count ? roles->options[k] : roles->count;
        double weight = 0;

        status = take_weight(v, row, roles->options_count ? v->options[k] : v->count, column, &weight);
        if (!status && weight > 0)
            status = put_option(v, row, roles->options_count ? long_option(v->s->inner->names[column])
                                                             : vmap_table_text(v->from, v->option, row), weight);
    }
    return status;
}
