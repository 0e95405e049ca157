#include <config.h>
#include "figure/branches.h"

#include "core/memory.h"

vmap_status branches_place(branches *b, double top, double row, vmap_error *err)
{
    const vmap_tree *t = b->tree;

    b->x = memory_new(2 * t->n, sizeof *b->x, err);
    b->y = memory_new(2 * t->n, sizeof *b->y, err);
    if (!b->x || !b->y)
        return VMAP_ENOMEM;
    b->most = t->height[t->n - 2] > 0 ? t->height[t->n - 2] : 1;
    for (size_t i = 0; i < t->n; i++) {
        b->x[t->order[i]] = b->leaves;
        b->y[t->order[i]] = top + ((double)i + .5) * row;
    }
    for (size_t m = 0; m + 1 < t->n; m++) {
        b->x[t->n + m] = b->leaves + t->height[m] / b->most * (b->root - b->leaves);
        b->y[t->n + m] = (b->y[t->merge[m][0]] + b->y[t->merge[m][1]]) / 2;
    }
    return VMAP_SUCCESS;
}

void branches_put(canvas *c, const branches *b)
{
    for (size_t m = 0; m + 1 < b->tree->n; m++) {
        size_t one = b->tree->merge[m][0], two = b->tree->merge[m][1];
        double at = b->x[b->tree->n + m];
        const point bracket[4] = {{b->x[one], b->y[one]}, {at, b->y[one]}, {at, b->y[two]}, {b->x[two], b->y[two]}};

        canvas_path(c, bracket, 4, false);
    }
}

void branches_free(branches *b)
{
    free(b->x);
    free(b->y);
}
