#include <config.h>
#include "figure/sheet.h"

#include <math.h>

static const dash patterns[SERIES_STYLES] = {
    {1, {0}}, {2, {3.6, 1.8}}, {4, {5, 1.5, 1, 1.5}}, {2, {1.2, 1.4}}, {2, {7, 2}}, {2, {2, 2.6}},
    {4, {7, 1.6, 1.6, 1.6}}, {4, {2.6, 1.2, 1, 1.2}},
};

const dash *dash_of_series(size_t series)
{
    return &patterns[series % SERIES_STYLES];
}

static double distance(point a, point b)
{
    return hypot(b.x - a.x, b.y - a.y);
}

static point between(point a, point b, double t)
{
    return (point){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
}

vmap_status dash_cut(const point *at, size_t n, bool closed, const dash *pattern,
                     vmap_status (*piece)(void *context, point from, point to, bool begins,
                                          vmap_error *err),
                     void *context, vmap_error *err)
{
    size_t edges = n < 2 ? 0 : closed ? n : n - 1, part = 0;
    double left = pattern->length[0]; /* of the current dash or gap */
    bool begins = true;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; i < edges; i++) {
        point a = at[i], b = at[(i + 1) % n];
        double length = distance(a, b), done = 0;

        while (!status && length - done > 1e-9) {
            double step = pattern->parts < 2 ? length - done : fmin(left, length - done);

            if (part % 2 == 0) {
                status = piece(context, between(a, b, done / length),
                               between(a, b, (done + step) / length), begins, err);
                begins = false;
            }
            done += step;
            left -= step;
            if (pattern->parts >= 2 && left <= 1e-9) {
                part = (part + 1) % pattern->parts;
                left = pattern->length[part];
                begins = true;
            }
        }
    }
    return status;
}
