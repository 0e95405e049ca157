#include <config.h>
#include "figure/layout.h"

#include <stdlib.h>

#include "core/memory.h"

vmap_status outline_add(outline *o, double x, double y, vmap_error *err)
{
    vmap_status status = memory_grow(&o->at, &o->room, o->n + 1, sizeof *o->at, err);

    if (!status)
        o->at[o->n++] = (point){x, y};
    return status;
}

void outline_free(outline *o)
{
    free(o->at);
    *o = (outline){.at = NULL};
}

box outline_bounds(const point *at, size_t n)
{
    box b = {at[0].x, at[0].y, at[0].x, at[0].y};

    for (size_t i = 1; i < n; i++) {
        b.left = lesser(b.left, at[i].x);
        b.right = greater(b.right, at[i].x);
        b.bottom = lesser(b.bottom, at[i].y);
        b.top = greater(b.top, at[i].y);
    }
    return b;
}

bool outline_holds(const point *at, size_t n, point p)
{
    bool inside = false;

    for (size_t i = 0, j = n - 1; i < n; j = i++) {
        if ((at[i].y > p.y) != (at[j].y > p.y) &&
            p.x < (at[j].x - at[i].x) * (p.y - at[i].y) / (at[j].y - at[i].y) + at[i].x)
            inside = !inside;
    }
    return inside;
}
