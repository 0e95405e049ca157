#include <config.h>
#include "valuemap/distributions.h"

#include <math.h>

#include "compare/count.h"
#include "core/memory.h"

static vmap_status refuse(const vmap_item *item, vmap_error *err, const char *why)
{
    vmap_error_set(err, VMAP_EDATA, "item %s %s", item->name, why);
    vmap_error_place(err, NULL, 0, 0, item->name);
    return VMAP_EDATA;
}

static int compare_codes(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* Whole numbers in a range, counted without writing them down. */
static double codes_in(const vmap_range *r)
{
    return fmax(0, floor(r->high) - ceil(r->low) + 1);
}

vmap_status vmap_points_declare(const vmap_item *item, vmap_points *points, vmap_error *err)
{
    double count = 0, *code;
    size_t n = 0, distinct = 0;

    if (item->type == VMAP_INTERVAL)
        return refuse(item, err, "is of interval scale, which has no scale points");
    for (size_t i = 0; i < item->ranges; i++)
        count += codes_in(&item->range[i]);
    if (count < 2)
        return refuse(item, err, "has fewer than two scale points");
    if (count > VMAP_POINTS_MAX)
        return refuse(item, err, "has more than 200 scale points");
    code = memory_new((size_t)count, sizeof *code, err);
    if (!code)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < item->ranges; i++) {
        for (double x = ceil(item->range[i].low); x <= item->range[i].high; x++)
            code[n++] = x;
    }
    qsort(code, n, sizeof *code, compare_codes);
    for (size_t i = 0; i < n; i++) { /* ranges may overlap */
        if (distinct == 0 || code[i] > code[distinct - 1])
            code[distinct++] = code[i];
    }
    if (distinct < 2) {
        free(code);
        return refuse(item, err, "has fewer than two scale points");
    }
    *points = (vmap_points){distinct, code, item->type == VMAP_ORDINAL};
    return VMAP_SUCCESS;
}

void vmap_points_clear(vmap_points *points, size_t count)
{
    for (size_t i = 0; points && i < count; i++) {
        free(points[i].code);
        points[i] = (vmap_points){0};
    }
}

/* Codes mostly follow one another, so that the first guess mostly fits. */
unsigned char count_point(const vmap_points *points, double value, unsigned char reason)
{
    size_t low = 0, high = points->count;

    if (isnan(value))
        return (unsigned char)(VMAP_POINT_REASON + (reason ? reason : VMAP_OTHER_MISSING));
    if (value >= points->code[0] && value - points->code[0] < (double)points->count) {
        size_t guess = (size_t)(value - points->code[0]);

        if (points->code[guess] == value)
            return (unsigned char)guess;
    }
    while (low < high) {
        size_t middle = (low + high) / 2;

        if (points->code[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < points->count && points->code[low] == value)
        return (unsigned char)low;
    return low > 0 && low < points->count ? VMAP_POINT_BETWEEN
                                          : (unsigned char)(VMAP_POINT_REASON + VMAP_OUT_OF_RANGE);
}
