#ifndef FIGURE_MAP_INTERNAL_H
#define FIGURE_MAP_INTERNAL_H

#include "figure/zones.h"

/* What the parts of the cultural map share; not exported. map.c lays it out, map_draw.c draws. */

/* One persona group on the plot. */
typedef struct mark {
    const vmap_figure_group *group;
    size_t series;
    point at;
    outline ellipse, wide;
    outline coarse; /* the ellipse in fewer points, for the labels */
    bool has_arrow;
    point from, to; /* of the arrow */
} mark;

/* What the k-th label belongs to. */
typedef enum label_kind { LABEL_ZONE, LABEL_COUNTRY, LABEL_GROUP } label_kind;
typedef struct label_text {
    char *text;
    label_kind kind;
    size_t index; /* of the zone, the country or the mark */
} label_text;

typedef struct map {
    const vmap_figure_scene *scene;
    sheet s;
    plane p;
    zones z;
    mark *mark;
    size_t marks;
    bool many;
    zone_name *zone_name; /* one for each zone */
    label_text *label;
    label_request *request;
    label_place *place;
    size_t labels, label_room, request_room;
    label_count count;
    size_t outside;
    legend_entry *entry;
    size_t entries;
    char level[64];
    double side_left, side_width; /* of the legend */
    bool caption_aside;
} map;

double map_marker_radius(const map *m);
/* 1 for labels of 7 points. */
double map_unit(const map *m);

/* Write the datablocks, the labels and the plot command, from the back to the front. */
vmap_status map_draw(map *m, vmap_error *err);

#endif
