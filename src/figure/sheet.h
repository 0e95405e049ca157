#ifndef FIGURE_SHEET_H
#define FIGURE_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buffer.h"
#include "figure/layout.h"
#include "figure/script.h"
#include "valuemap/figure.h"

/* The sheet on which a map is drawn: sizes, title, axes, legend, caption; not exported. */

/* --- scene.c ------------------------------------------------------------------------------ */

/* Everything that makes a scene impossible to draw. */
vmap_status scene_check(const vmap_figure_scene *scene, vmap_error *err);
size_t scene_groups(const vmap_figure_scene *scene);
/* Whether a country has this zone, or none for VMAP_FIGURE_NONE. */
bool scene_uses_zone(const vmap_figure_scene *scene, size_t zone);

/* --- marker.c ----------------------------------------------------------------------------- */

/* Markers are polygons, because gnuplot's terminals draw theirs in different sizes. */
typedef enum marker_shape {
    MARKER_SQUARE, MARKER_CIRCLE, MARKER_UP, MARKER_DOWN, MARKER_DIAMOND, MARKER_CROSS,
    MARKER_PLUS, MARKER_STAR, MARKER_PENTAGON, MARKER_HEXAGON, MARKER_COUNT
} marker_shape;

/* Outline of a marker with the area of a disc of this radius; replaces the content of `o`. */
vmap_status marker_outline(marker_shape shape, point centre, double radius, outline *o,
                           vmap_error *err);
marker_shape marker_of_zone(size_t zone); /* VMAP_FIGURE_NONE has one too */
enum { SERIES_STYLES = 8 }; /* colours MC of plots/style.gp, markers and dashes of series; then they repeat */
marker_shape marker_of_series(size_t series);

/* --- dash.c ------------------------------------------------------------------------------- */

/* Lengths of dash, gap, dash, gap ... in points; one part is a solid line. */
typedef struct dash {
    size_t parts; /* 1, or even */
    double length[4];
} dash;

const dash *dash_of_series(size_t series);

/* Cut a line into dashes, because gnuplot's terminals disagree about theirs. piece() gets every
 * straight piece in order; `begins` says whether it begins a new dash. */
vmap_status dash_cut(const point *at, size_t n, bool closed, const dash *pattern,
                     vmap_status (*piece)(void *context, point from, point to, bool begins,
                                          vmap_error *err),
                     void *context, vmap_error *err);

/* --- sheet.c ------------------------------------------------------------------------------ */

/* Sizes of one width preset, points. */
typedef struct sheet_sizes {
    double width, height; /* of the sheet; height 0: as much as it needs */
    double margin;
    double title, subtitle, axis, tick, label, zone, legend, caption, stamp; /* type */
    double country, group, small; /* radius of markers */
    double hull;                  /* room around the countries of a zone */
    double least, most;           /* height of the plot as a share of its width */
    double side;                  /* share of the width that a legend at the side takes; 0: below */
    size_t panels;                /* in a row */
} sheet_sizes;

/* Faces and colours are names of the house style. */
typedef enum sheet_face { FACE_PLAIN, FACE_BOLD } sheet_face;
typedef enum sheet_align { ALIGN_LEFT, ALIGN_CENTRE, ALIGN_RIGHT } sheet_align;

typedef struct sheet {
    const vmap_figure_scene *scene;
    const sheet_sizes *size;
    double height;
    double top; /* where the next thing goes: distance from the upper edge */
    buffer body;
    size_t shortened, unusual; /* as in vmap_figure_info */
} sheet;

void sheet_open(sheet *s, const vmap_figure_scene *scene);
/* Title and subtitle. */
void sheet_title(sheet *s);
/* The caption's lines from s->top on, and how high they are. */
void sheet_caption(sheet *s, double left, double width);
double sheet_caption_height(const sheet *s, double width);
/* The first line of the provenance at the foot of a sheet of fixed height, else at s->top; then the
 * height of the sheet is known. */
void sheet_stamp(sheet *s);
double sheet_stamp_height(const sheet *s);
/* The whole script: head, house style, body. The sheet is empty afterwards. */
vmap_status sheet_close(sheet *s, const char *what, char **script, vmap_error *err);

/* A text at a place counted from the upper left corner of the sheet; `turned` runs upwards. */
void sheet_text(sheet *s, const char *text, double x, double y, sheet_align align,
                sheet_face face, double size, const char *colour, bool turned);
/* Objects in the same coordinates; `style` is a constant of gnuplot. */
void sheet_polygon(sheet *s, const outline *o, const char *style);
void sheet_line(sheet *s, point from, point to, const char *style);

/* --- plane.c ------------------------------------------------------------------------------ */

/* A plot on the sheet: where it lies (upper left corner) and what it shows. */
typedef struct plane {
    double left, top, width, height;
    double x0, x1, y0, y1;
} plane;

/* From map units to points from the lower left corner of the plot, and back. */
point plane_at(const plane *p, double x, double y);
double plane_x(const plane *p, double at);
double plane_y(const plane *p, double at);
bool plane_shows(const plane *p, double x, double y);

/* Choose the ranges for a plot of this width (and height, unless it is 0: then the height is chosen
 * too) from what the scene shows. */
void plane_fit(plane *p, const vmap_figure_scene *scene, const sheet_sizes *size, double pad);

/* Margins, ranges, ticks, grid and words of the axes. `words`: draw the words and numbers. */
typedef enum plane_words { WORDS_NONE = 0, WORDS_X = 1, WORDS_Y = 2 } plane_words;
void plane_axes(sheet *s, const plane *p, unsigned words);
/* The least of 1, 2, 5 times a power of ten that is not below x, and the number of a tick at x. */
double plane_step(double x);
void plane_tick(char text[48], double x, double step);
/* Name and ends of one axis, at the places that plane_room_left() and plane_room_below() leave. */
void plane_put_words(sheet *s, const vmap_figure_axis *axis, const plane *p, bool of_y);
/* Room that words and numbers take at the left of the plot and below it. */
double plane_room_left(const sheet *s);
double plane_room_below(const sheet *s);

/* --- legend.c ----------------------------------------------------------------------------- */

typedef enum legend_kind {
    LEGEND_ZONE, LEGEND_SERIES, LEGEND_ELLIPSE, LEGEND_WIDE, LEGEND_ARROW, LEGEND_TARGET,
    LEGEND_GAP /* begins a new block */
} legend_kind;

typedef struct legend_entry {
    legend_kind kind;
    size_t index; /* of the zone or series; VMAP_FIGURE_NONE for countries without zone */
    const char *text;
} legend_entry;

/* Draw the entries in rows of equal columns within `width` from (left, s->top) downwards; s->top
 * moves below them. `small`: with the small markers. */
vmap_status sheet_legend(sheet *s, const legend_entry *entry, size_t n, double left, double width,
                         bool small, vmap_error *err);
double sheet_legend_height(const sheet *s, const legend_entry *entry, size_t n, double width);

#endif
