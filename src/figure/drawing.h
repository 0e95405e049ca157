#ifndef FIGURE_DRAWING_H
#define FIGURE_DRAWING_H

#include "figure/sheet.h"

/* What is drawn inside a plot: datablocks of lines and polygons, and the plot command that draws
 * them in layers; not exported. Geometry comes in points from the lower left corner of the plot and
 * is written in map units. */
typedef struct drawing {
    sheet *s;
    const plane *p;
    buffer plot;
    size_t rows; /* in the open block */
    size_t layers;
} drawing;

/* Begin a datablock with a constant name; draw_end() returns whether it holds anything. */
void draw_begin(drawing *d, const char *name, size_t number);
bool draw_end(drawing *d);
/* A polygon, its first point repeated, or a line. */
void draw_outline(drawing *d, const point *at, size_t n, bool closed);
void draw_dashes(drawing *d, const point *at, size_t n, bool closed, const dash *pattern);
void draw_box(drawing *d, const box *b);
vmap_status draw_marker(drawing *d, marker_shape shape, point at, double radius, vmap_error *err);

/* Add a layer: `$name<number> using 1:2 <style>`, in the order of drawing. The style is a constant
 * of gnuplot in which '?' stands for `index`. */
void draw_layer(drawing *d, const char *name, size_t number, const char *style, size_t index);

/* A text at a point of the plot. */
void draw_text(drawing *d, const char *text, point at, sheet_face face, double size,
               const char *colour);

/* Write the plot command and empty the drawing. */
void draw_finish(drawing *d);

#endif
