#include <config.h>
#include "figure/sheet.h"

#include <math.h>

/* A star-shaped outline: `corners` points at radius 1 with, for a star, one at `inner` between each
 * two; the first points in direction `start` (turns, 0 to the right, counter-clockwise). All are
 * scaled to the area of a disc of the same radius. */
typedef struct marker_form {
    int corners;
    double inner, start;
} marker_form;

static const marker_form forms[MARKER_COUNT] = {
    [MARKER_SQUARE] = {4, 0, .125},  [MARKER_CIRCLE] = {20, 0, 0},  [MARKER_UP] = {3, 0, .25},
    [MARKER_DOWN] = {3, 0, .75},     [MARKER_DIAMOND] = {4, 0, 0},  [MARKER_CROSS] = {4, -.36, 0},
    [MARKER_PLUS] = {4, -.36, .125}, [MARKER_STAR] = {5, .46, .25}, [MARKER_PENTAGON] = {5, 0, .25},
    [MARKER_HEXAGON] = {6, 0, 0},
};

/* A plus or a cross: arms of half-width `arm`, three corners for each of the four notches. */
static vmap_status add_arms(point centre, double radius, double arm, double start, outline *o,
                            vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;
    double area = 4 * arm * (2 - arm), scale = radius * sqrt(M_PI / area);

    for (int k = 0; !status && k < 4; k++) {
        const point corner[3] = {{1, arm}, {arm, arm}, {arm, 1}};
        double turned = 2 * M_PI * (start - .125 + .25 * k), c = cos(turned), s = sin(turned);

        for (int i = 0; !status && i < 3; i++)
            status = outline_add(o, centre.x + scale * (c * corner[i].x - s * corner[i].y),
                                 centre.y + scale * (s * corner[i].x + c * corner[i].y), err);
    }
    return status;
}

vmap_status marker_outline(marker_shape shape, point centre, double radius, outline *o,
                           vmap_error *err)
{
    marker_form f = forms[shape];
    int points = f.inner > 0 ? 2 * f.corners : f.corners;
    double inner = f.inner > 0 ? f.inner : 1, scale;
    vmap_status status = VMAP_SUCCESS;

    o->n = 0;
    if (f.inner < 0)
        return add_arms(centre, radius, -f.inner, f.start, o, err);
    scale = radius * sqrt(2 * M_PI / (points * inner * sin(2 * M_PI / points)));
    for (int i = 0; !status && i < points; i++) {
        double turned = 2 * M_PI * (f.start + (double)i / points);
        double r = scale * (f.inner > 0 && i % 2 ? f.inner : 1);

        status = outline_add(o, centre.x + r * cos(turned), centre.y + r * sin(turned), err);
    }
    return status;
}

marker_shape marker_of_zone(size_t zone)
{
    static const marker_shape shapes[] = {MARKER_SQUARE,  MARKER_DOWN,  MARKER_CIRCLE,
                                          MARKER_DIAMOND, MARKER_CROSS, MARKER_UP,
                                          MARKER_PLUS,    MARKER_STAR,  MARKER_HEXAGON};

    /* Nine shapes and eight colours: 72 zones differ. */
    return zone == VMAP_FIGURE_NONE ? MARKER_PENTAGON : shapes[zone % 9];
}

marker_shape marker_of_series(size_t series)
{
    static const marker_shape shapes[SERIES_STYLES] = {MARKER_CIRCLE, MARKER_SQUARE,   MARKER_UP,   MARKER_DIAMOND,
                                                       MARKER_DOWN,   MARKER_PENTAGON, MARKER_STAR, MARKER_CROSS};

    return shapes[series % SERIES_STYLES];
}
