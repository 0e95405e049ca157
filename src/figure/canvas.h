#ifndef FIGURE_CANVAS_H
#define FIGURE_CANVAS_H

#include "figure/sheet.h"
#include "valuemap/chart.h"

/* A sheet on which charts are drawn: one plot that fills it, in points from its upper left corner (x to
 * the right, y downwards), so that gnuplot draws lines, polygons and texts and decides nothing. Not
 * exported.
 *
 * Paths go into layers: canvas_layer() says how the paths that follow are drawn, later layers lie above
 * earlier ones, and texts above all. A layer without paths leaves no trace. */
typedef struct canvas {
    vmap_figure_scene scene; /* of the sheet: name, title, caption, axes */
    sheet s;
    buffer data, plot; /* datablocks, and the command that draws them */
    char style[160];
    size_t layers, paths; /* begun; paths in the open one */
    bool open;
    size_t outside; /* values outside a given range */
    const size_t *styles; /* the chart's; NULL: series have the styles of their numbers */
} canvas;

/* Check the name and begin with title and subtitle; c->s.top is where the chart goes. Free with
 * canvas_close(), also after an error. */
vmap_status canvas_open(canvas *c, const vmap_chart *chart, vmap_error *err);

/* Look of a series: number of its colour in MC, marker and dash. */
size_t canvas_colour(const canvas *c, size_t series);
marker_shape canvas_shape(const canvas *c, size_t series);
const dash *canvas_dash(const canvas *c, size_t series);

/* `style` is a constant of gnuplot, printf-style with numbers only: "with lines lw LINE lc rgb GRID". */
void canvas_layer(canvas *c, const char *style, ...) __attribute__((format(printf, 2, 3)));
void canvas_path(canvas *c, const point *at, size_t n, bool closed);
void canvas_segment(canvas *c, double x0, double y0, double x1, double y1);
void canvas_rectangle(canvas *c, double left, double top, double right, double bottom);
void canvas_dashes(canvas *c, const point *at, size_t n, const dash *pattern);
vmap_status canvas_marker(canvas *c, marker_shape shape, double x, double y, double radius,
                          vmap_error *err);
/* A text, shortened to `width` (0: as long as it is). */
void canvas_text(canvas *c, const char *text, double x, double y, sheet_align align, double size,
                 const char *colour, double width);
void canvas_text_bold(canvas *c, const char *text, double x, double y, sheet_align align, double size,
                      const char *colour, double width);
void canvas_text_turned(canvas *c, const char *text, double x, double y, double size, double width);

/* Place on the canvas of a point of a plot. */
point canvas_at(const plane *p, double x, double y);
/* The part of a segment that lies in the plot; false when there is none. */
bool canvas_clip(const plane *p, double *x0, double *y0, double *x1, double *y1);
/* A line through n points of the plot, cut at its frame and interrupted where a coordinate is NaN.
 *   pattern  NULL: solid */
void canvas_curve(canvas *c, const plane *p, const double *x, const double *y, size_t n,
                  const dash *pattern);

/* The range of an axis: as given, else [low, high] with a margin of its length. */
void canvas_range(const vmap_figure_axis *axis, double low, double high, double margin, double *from,
                  double *to);
/* VMAP_EINVAL for a range that does not ascend, VMAP_EDATA beyond +-1e9. */
vmap_status canvas_check_axis(const vmap_figure_axis *axis, const char *which, vmap_error *err);
vmap_status canvas_check_number(double x, vmap_error *err); /* NaN is allowed */

typedef enum canvas_axis { AXIS_X = 1, AXIS_Y = 2, AXIS_WHOLE_X = 4, AXIS_NO_WORDS = 8 } canvas_axis;
/* Grid, ticks and words of the plot's axes; `which` is a sum of canvas_axis. */
void canvas_axes(canvas *c, const plane *p, unsigned which);

typedef enum key_kind { KEY_DOT, KEY_LINE, KEY_LINE_DOT, KEY_FILL, KEY_GROUP, KEY_OPEN } key_kind;
typedef struct key_entry {
    const char *text;
    key_kind kind;
    size_t series; /* or group */
} key_entry;
/* The legend in rows from c->s.top on, which moves below it. */
vmap_status canvas_key(canvas *c, const key_entry *entry, size_t n, vmap_error *err);
/* The legend of a chart's series, when there are several. */
vmap_status canvas_series_key(canvas *c, const char *const *series, size_t n, key_kind kind,
                              vmap_error *err);

/* Height that is left for the chart above caption and stamp, on a sheet of fixed height (a slide);
 * `wish` elsewhere. */
double canvas_room(const canvas *c, double wish);

/* The legend of groups, at most 24 of them; none without `group`. */
vmap_status canvas_group_key(canvas *c, const size_t *group, const char *const *groups, size_t n, vmap_error *err);

/* Widest of n texts at a size. */
double canvas_widest(const char *const *texts, size_t n, double size, bool bold);

/* Caption, stamp, script. With an earlier error only frees. */
vmap_status canvas_close(canvas *c, const char *what, vmap_status status, char **script,
                         vmap_figure_info *info, vmap_error *err);

#endif
