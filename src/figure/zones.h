#ifndef FIGURE_ZONES_H
#define FIGURE_ZONES_H

#include "figure/drawing.h"

/* The hulls of cultural zones and where their names can stand; not exported. */
typedef struct zones {
    outline *hull; /* one for each zone, in points of the plot; empty without countries */
    box *bounds;   /* of the hulls */
    point *middle; /* mean of its countries */
    size_t count;
    point *country; /* those that are shown, with their zones */
    size_t *country_zone;
    size_t countries;
} zones;

vmap_status zones_new(const vmap_figure_scene *scene, const plane *p, double radius, zones *z,
                      vmap_error *err);
void zones_free(zones *z);

/* Places for the name of zone `index`, in fresh memory (free() it): on a grid inside the hull and
 * along its edge, dearer the further out, inside other hulls and
 * near countries of other zones. */
vmap_status zones_spots(const zones *z, size_t index, extent name, const plane *p, double unit,
                        label_spot **spots, size_t *count, vmap_error *err);

/* A zone name on one line, or on two where long lines do not fit. */
typedef struct zone_name {
    char line[2][SCRIPT_TEXT]; /* the second is "" when there is one */
    extent size;               /* of both */
} zone_name;

/* Clean the name and fit it to a plot of this width; whether it was shortened. */
bool zone_name_set(zone_name *name, const char *text, double size, double plot_width);
void zone_name_draw(drawing *d, const zone_name *name, point at, double size, size_t zone);

/* Number of segments of all hulls, and the segments as lines that labels should not cross. */
size_t zones_strips_count(const zones *z);
void zones_strips(const zones *z, double cost, strip *strips);

#endif
