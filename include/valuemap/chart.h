#ifndef VALUEMAP_CHART_H
#define VALUEMAP_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/cluster.h"
#include "valuemap/error.h"
#include "valuemap/figure.h"

/* Charts as gnuplot scripts: every figure that is not a cultural map.
 *
 * What valuemap/figure.h says of maps holds here too: one script with everything in it, the same text
 * for the same input, hostile texts made harmless, gnuplot 5.4 or newer, TERM, OUT, FONT and DPI. The
 * library computes the whole layout; gnuplot only draws lines, polygons and texts. Colours of series
 * differ in lightness, and series differ in marker or dash as well, so that grey print keeps them apart.
 *
 * Everything that a chart points to is owned by the caller and not modified. NaN means "nothing there".
 * All functions:
 *   script  fresh text, free() it; untouched on error
 *   info    NULL allowed; `labels`, `leaders`, `overlaps`, `left_out` and `outside` are 0 where a chart
 *           places no labels
 *   Errors: VMAP_EINVAL (nothing to draw, an index outside its list, a name with other characters than
 *   A-Z a-z 0-9 _ . -, a range that does not ascend), VMAP_EDATA (a number beyond +-1e9), VMAP_ENOMEM.
 */

/* What all charts have. */
typedef struct vmap_chart {
    const char *name;     /* of the files that the script writes: A-Z a-z 0-9 _ . - */
    const char *title;    /* NULL for none */
    const char *subtitle; /* what marks and intervals mean; NULL for none */
    const char *const *caption; /* lines below: n, weights, cautions */
    size_t caption_count;
    const char *const *provenance; /* comments at the head; the first line also at the foot */
    size_t provenance_count;
    vmap_figure_width width; /* VMAP_FIGURE_COLUMN is 0: say VMAP_FIGURE_PAGE where rows are long */
    const size_t *styles; /* as many as the chart has series: colour, marker and dash of each, by number from 0; NULL: in their
                             order. With it a series looks the same in charts that show different ones. Dots, lines,
                             violins, radar and plane (without hulls) look at it */
} vmap_chart;

/* ---- dots and intervals: profiles, forests, rankings, lollipops, silhouettes ---- */

/* Rows are labelled at the left; series share a row, the first on top, so that their intervals do not cover each other. The
 * sheet grows with the rows. The range is that of dots and intervals with a margin, unless x gives it; dots outside a given
 * range are not drawn but counted in info->outside. */

typedef struct vmap_chart_dot {
    size_t row, series;    /* where it stands */
    double at;             /* value; NaN: not drawn */
    double low, high;      /* ends of the interval; NaN for none */
} vmap_chart_dot;

/* One measure, or one predictor; its dots in any order. */
typedef struct vmap_chart_dots_panel {
    const char *title; /* NULL for none */
    const vmap_chart_dot *dots;
    size_t dots_count;
} vmap_chart_dots_panel;

typedef struct vmap_chart_dots {
    vmap_chart chart;
    const char *const *rows; /* labels from top to bottom, at the left */
    size_t rows_count;
    const char *const *headings; /* rows_count: a heading above the row, or NULL; NULL for none at all */
    const char *const *series;   /* names for the legend; no legend for a single one. The first eight
                                    differ */
    size_t series_count;
    const vmap_chart_dots_panel *panels; /* side by side, with the same rows and range; as many in a
                                            row as the width has room for */
    size_t panels_count;
    vmap_figure_axis x;
    double reference; /* a vertical line, such as 0 or the value of people; NaN for none */
    bool stems;       /* a line from the reference (or the left end) to the dot: lollipops */
} vmap_chart_dots;

vmap_status vmap_chart_draw_dots(const vmap_chart_dots *chart, char **script, vmap_figure_info *info,
                                 vmap_error *err);

/* ---- lines: scree plots, threshold curves, profiles over k ---- */

/* Panels have the same axes, so that they can be compared, and stand in rows of as many as the width has room for. Bands lie
 * below all lines. Lines with their points are drawn in the order in which they are given, later ones on top; x need not
 * ascend. */

typedef struct vmap_chart_line {
    size_t series;           /* colour, marker and dash */
    size_t n;
    const double *x, *y;     /* n each; a NaN interrupts the line */
    const double *low, *high; /* n each: a band; NULL for none */
    bool points;             /* markers at the points */
    bool no_line;            /* only the markers */
    bool steps;              /* y stays until the next x */
} vmap_chart_line;

typedef struct vmap_chart_rule {
    bool vertical;     /* at x, else at y */
    double at;         /* in units of the axis; the range grows to show it */
    const char *label; /* NULL for none */
} vmap_chart_rule;

typedef struct vmap_chart_lines_panel {
    const char *title; /* NULL for none */
    const vmap_chart_line *lines;
    size_t lines_count;
} vmap_chart_lines_panel;

typedef struct vmap_chart_lines {
    vmap_chart chart;
    const char *const *series; /* names for the legend; the first eight differ */
    size_t series_count;
    const vmap_chart_lines_panel *panels; /* with the same axes */
    size_t panels_count;
    vmap_figure_axis x, y;
    bool whole_x;  /* x are whole numbers: ticks at whole numbers only */
    bool diagonal; /* the line y = x; both axes have the same range then */
    const vmap_chart_rule *rules; /* lines across every panel */
    size_t rules_count;
} vmap_chart_lines;

vmap_status vmap_chart_draw_lines(const vmap_chart_lines *chart, char **script, vmap_figure_info *info,
                                  vmap_error *err);

/* ---- bars: distributions of answers, one small panel per item ---- */

/* Shares of answers by category; all panels have one y axis, from 0 to the greatest share. The first series is a filled
 * bar, the others steps around it: what a model answers and people do not stands out as a step above nothing. Shares of
 * a series need not sum to 1 (refusals may be apart); what they sum to is not checked. */

/* One item. */
typedef struct vmap_chart_bars_panel {
    const char *title;              /* NULL for none */
    const char *note;               /* small, under the title: "W1 .12, n 1,204"; NULL for none */
    const char *const *categories;  /* k labels below; NULL: none */
    size_t k;
    const double *share; /* series_count x k, row after row: 0..1, NaN for a series that is missing */
} vmap_chart_bars_panel;

typedef struct vmap_chart_bars {
    vmap_chart chart;
    const char *const *series; /* the first is filled pale (people), the others are outlined steps */
    size_t series_count;
    const vmap_chart_bars_panel *panels;
    size_t panels_count;
    const char *unit; /* of the y axis, such as "share of answers"; NULL for none */
} vmap_chart_bars;

vmap_status vmap_chart_draw_bars(const vmap_chart_bars *chart, char **script, vmap_figure_info *info,
                                 vmap_error *err);

/* ---- heat maps: matrices, with trees and colour bars ---- */

/* A cell is a rectangle of one of 41 colours; text in it is dark or white, whichever can be read. Labels of columns are
 * turned where they are wide. The palette of one direction gets darker step by step, so that grey print keeps its order;
 * of the one with two directions grey print shows the size alone. */

typedef struct vmap_chart_heat {
    vmap_chart chart;
    const char *const *rows, *const *columns; /* labels, at the left and above */
    size_t rows_count, columns_count;
    const double *values;     /* rows x columns; NaN: left white with a small cross */
    double from, to;          /* of the palette; from == to: the range of the values */
    bool diverging;           /* blue - white - orange around `centre`, else white - blue - dark */
    double centre;
    bool numbers;             /* print the values where a cell has room */
    int decimals;             /* 0..4 */
    bool drop_zero;           /* .52 instead of 0.52, as for correlations */
    const char *legend;       /* name of the palette: "Wasserstein-1"; NULL for none */
    const size_t *row_order;  /* rows_count: from top to bottom; NULL: as they come. With a tree: its own */
    const size_t *column_order;
    const vmap_tree *row_tree; /* drawn at the right; NULL for none */
    const size_t *row_group;  /* rows_count: index into `groups`, or VMAP_FIGURE_NONE; NULL for none: a
                                 coloured bar beside each label */
    const char *const *groups;
    size_t groups_count;
} vmap_chart_heat;

vmap_status vmap_chart_draw_heat(const vmap_chart_heat *chart, char **script, vmap_figure_info *info,
                                 vmap_error *err);

/* ---- trees, and two trees of the same leaves ---- */

/* A dendrogram lies on its side: heights to the right, leaves below each other in the order of the tree (vmap_tree_arrange()).
 * Two trees face each other and links join the same leaves; crossings are as few as the orders given have. The sheet grows with the
 * leaves. */

typedef struct vmap_chart_tree {
    vmap_chart chart;
    const char *const *labels; /* of the tree's n leaves */
    const size_t *group;       /* n: index into `groups` (colour of the leaf), or VMAP_FIGURE_NONE; NULL
                                  for none */
    const char *const *groups;
    size_t groups_count;
    const vmap_tree *left;     /* drawn with its root at the left */
    const vmap_tree *right;    /* the other tree, root at the right (tanglegram); NULL for none. Leaves
                                  of both are the same; links are drawn between them */
    const char *left_title, *right_title;
    double cut;                /* height of a cut line; NaN for none */
    const char *height;        /* name of the height axis; NULL for none */
} vmap_chart_tree;

vmap_status vmap_chart_draw_tree(const vmap_chart_tree *chart, char **script, vmap_figure_info *info,
                                 vmap_error *err);

/* ---- violins: whole distributions beside each other ---- */

/* Every density is as high as the others at its highest: shapes can be compared, numbers of units cannot. A thick line goes
 * from the first to the third quartile, a mark stands at the median (weighted: where half the weight is reached). Series
 * lie below each other in the row of their label, the first on top. Densities end at the least and the greatest value:
 * nothing is drawn where nobody is. Equal values are points, too. */

/* One distribution. Values that are NaN and values of weight 0 are left out; a distribution without any is not drawn, but its
 * row keeps the place. */
typedef struct vmap_chart_violin {
    size_t row, series;   /* where it stands, and its colour */
    const double *values; /* n: drawn as a density with quartiles and median; fewer than five: points */
    const double *weights; /* n; NULL: all 1 */
    size_t n;
} vmap_chart_violin;

typedef struct vmap_chart_violins {
    vmap_chart chart;
    const char *const *rows;
    size_t rows_count;
    const char *const *series;
    size_t series_count;
    const vmap_chart_violin *violins;
    size_t violins_count;
    const double *marks; /* rows_count: a mark in each row, such as the mean of people; NaN for none; NULL */
    const char *mark;    /* its name in the legend */
    vmap_figure_axis x;
    double bandwidth;    /* of the Gaussian kernel; 0: Silverman's rule, bw.nrd0 of R */
} vmap_chart_violins;

vmap_status vmap_chart_draw_violins(const vmap_chart_violins *chart, char **script,
                                    vmap_figure_info *info, vmap_error *err);

/* ---- radar: profiles of a few groups around a centre ---- */

/* Areas and slopes of a radar depend on the order of its spokes; dots compare better. It is drawn on request, for
 * few groups: more than VMAP_RADAR_MOST are VMAP_EINVAL, as are fewer than three spokes. */
enum { VMAP_RADAR_MOST = 6 };

/* The first spoke points upwards, the others follow clockwise at equal angles; the centre is `from`, the rim `to`. */
typedef struct vmap_chart_radar {
    vmap_chart chart;
    const char *const *spokes; /* labels, clockwise from the top */
    size_t spokes_count;
    const char *const *series;
    size_t series_count;       /* at most VMAP_RADAR_MOST */
    const double *values;      /* series x spokes, row after row; NaN interrupts the outline of its series */
    double from, to;           /* centre and rim; values outside are cut and counted in info->outside */
    const char *unit;          /* of the rings, such as "mean answer"; NULL for none */
} vmap_chart_radar;

vmap_status vmap_chart_draw_radar(const vmap_chart_radar *chart, char **script,
                                  vmap_figure_info *info, vmap_error *err);

/* ---- flows: which part of the left goes with which of the right ---- */

/* Bands as wide as their masses join two columns of blocks; a block is as high as the sum of its bands. Both columns have
 * one scale and stand with their middles at one height. Blocks stand in the order of their names, links leave and reach
 * them from top to bottom in that order. Only the proportions of the masses matter. */

typedef struct vmap_chart_link {
    size_t left, right; /* indices of the blocks */
    double mass; /* positive */
} vmap_chart_link;

typedef struct vmap_chart_flow {
    vmap_chart chart;
    const char *const *left, *const *right; /* names of the two sides */
    size_t left_count, right_count; /* blocks, such as clusters; at least one of each */
    const char *left_title, *right_title;
    const size_t *left_group, *right_group; /* colours; NULL: left ones differ, right ones are grey */
    const vmap_chart_link *links;
    size_t links_count;
} vmap_chart_flow;

vmap_status vmap_chart_draw_flow(const vmap_chart_flow *chart, char **script, vmap_figure_info *info,
                                 vmap_error *err);

/* ---- points in a plane: biplots, calibration, drifts, surfaces ---- */

/* From below: field, hulls, ellipses, lines at 0, arrows, points, labels. Labels are placed by simulated annealing from
 * `seed`, so that none covers another or a point; those that find no room are left out and counted in info->left_out,
 * those that stand apart have a leader. Points with a NaN are not drawn. */

typedef struct vmap_chart_point {
    const char *label; /* NULL and "" mean no label */
    double x, y;
    size_t series; /* colour and marker */
    bool wanted;   /* label it where there is room */
} vmap_chart_point;

typedef struct vmap_chart_arrow {
    const char *label; /* at its head; NULL for none; never left out */
    double x0, y0, x1, y1;
    size_t series;
} vmap_chart_arrow;

/* A function on a grid, drawn as filled cells under the points. */
typedef struct vmap_chart_field {
    size_t columns, rows;
    double x0, x1, y0, y1;  /* centres of the first and the last cells */
    const double *values;   /* rows x columns, the first row at y0; NaN: not drawn */
    const char *legend;
    bool diverging;
    double centre;
} vmap_chart_field;

typedef struct vmap_chart_plane {
    vmap_chart chart;
    const char *const *series;
    size_t series_count;
    const vmap_chart_point *points;
    size_t points_count;
    const vmap_chart_arrow *arrows;
    size_t arrows_count;
    const vmap_chart_field *field; /* NULL for none */
    bool hulls;    /* a hull around the points of each series */
    double ellipses; /* level in 0..1: an ellipse around the points of each series, the region that holds this share
                        of a normal distribution with their mean and covariance (divisor n - 1; radius from chi-square
                        with two degrees of freedom). None for fewer than three points or points on a line.
                        0: none [0] */
    bool diagonal; /* the line y = x */
    bool zero;     /* lines at x = 0 and y = 0 */
    bool equal;    /* one unit is as long on both axes */
    vmap_figure_axis x, y;
    unsigned seed; /* of the label placement */
} vmap_chart_plane;

vmap_status vmap_chart_draw_plane(const vmap_chart_plane *chart, char **script, vmap_figure_info *info,
                                  vmap_error *err);

/* ---- surfaces: the same field for several groups, small multiples ---- */

/* Colours mean the same in all panels: the palette goes from the least to the greatest of all values, those of points
 * included. A point has the colour of its own value on a dark rim: where it can hardly be seen, the surface fits it. */

typedef struct vmap_chart_surfaces_panel {
    const char *title;    /* NULL for none */
    const double *values; /* rows x columns, the first row at y0; NaN: not drawn */
    const double *x, *y;  /* n points on it, such as nations ... */
    const double *at;     /* ... and their own values: a point is filled with the colour of its value */
    size_t n;
} vmap_chart_surfaces_panel;

typedef struct vmap_chart_surfaces {
    vmap_chart chart;
    const vmap_chart_surfaces_panel *panels; /* with the same axes and colours */
    size_t panels_count;
    size_t columns, rows;
    double x0, x1, y0, y1; /* centres of the first and the last cells */
    const char *legend;    /* of the colours */
    vmap_figure_axis x, y;
} vmap_chart_surfaces;

vmap_status vmap_chart_draw_surfaces(const vmap_chart_surfaces *chart, char **script, vmap_figure_info *info,
                                     vmap_error *err);

#endif
