#include <config.h>
#include "figure/layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static int compare_points(const void *a, const void *b)
{
    const point *p = a, *q = b;

    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}

/* One half of the chain: keep left turns only, never touching the first `fixed` points. */
static vmap_status extend_chain(outline *hull, size_t fixed, point p, vmap_error *err)
{
    while (hull->n > fixed && point_turn(hull->at[hull->n - 2], hull->at[hull->n - 1], p) <= 0)
        hull->n--;
    return outline_add(hull, p.x, p.y, err);
}

vmap_status hull_convex(const point *at, size_t n, outline *hull, vmap_error *err)
{
    point *sorted = memory_new(n, sizeof *sorted, err);
    vmap_status status = VMAP_SUCCESS;
    size_t lower;

    if (!sorted)
        return VMAP_ENOMEM;
    memcpy(sorted, at, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_points);
    hull->n = 0;
    for (size_t i = 0; !status && i < n; i++)
        status = extend_chain(hull, 1, sorted[i], err);
    lower = hull->n;
    for (size_t i = n; !status && i-- > 1;)
        status = extend_chain(hull, lower, sorted[i - 1], err);
    if (!status && hull->n > 1)
        hull->n--; /* the first point came again */
    /* Equal points and a walk there and back along one line leave doubles. */
    if (!status && hull->n == 2 && compare_points(&hull->at[0], &hull->at[1]) == 0)
        hull->n = 1;
    free(sorted);
    return status;
}

static point between(point a, point b, double t)
{
    return (point){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
}

/* Replace every corner by two points, a quarter of the way to either neighbour but no further than
 * `most`: on long edges a quarter would cut off a country's room. */
static vmap_status cut_corners(outline *o, double most, vmap_error *err)
{
    size_t n = o->n;
    point *old = memory_new(n, sizeof *old, err);
    vmap_status status = VMAP_SUCCESS;

    if (!old)
        return VMAP_ENOMEM;
    memcpy(old, o->at, n * sizeof *old);
    o->n = 0;
    for (size_t i = 0; !status && i < n; i++) {
        point a = old[i], b = old[(i + 1) % n];
        double share = fmin(.25, most / hypot(b.x - a.x, b.y - a.y));
        point near_a = between(a, b, share), near_b = between(b, a, share);

        status = outline_add(o, near_a.x, near_a.y, err);
        if (!status)
            status = outline_add(o, near_b.x, near_b.y, err);
    }
    free(old);
    return status;
}

vmap_status hull_rounded(const point *at, size_t n, double radius, outline *hull, vmap_error *err)
{
    enum { CIRCLE = 20, CUTS = 2 };
    outline cloud = {.at = NULL};
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < n; i++) {
        for (size_t k = 0; !status && k < CIRCLE; k++) {
            double turned = 2 * M_PI * (double)k / CIRCLE;

            status = outline_add(&cloud, at[i].x + radius * cos(turned),
                                 at[i].y + radius * sin(turned), err);
        }
    }
    if (!status)
        status = hull_convex(cloud.at, cloud.n, hull, err);
    for (int i = 0; !status && i < CUTS; i++)
        status = cut_corners(hull, radius / 2, err);
    outline_free(&cloud);
    return status;
}
