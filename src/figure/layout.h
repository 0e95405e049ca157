#ifndef FIGURE_LAYOUT_H
#define FIGURE_LAYOUT_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "valuemap/error.h"

/* Geometry of figures; not exported. Lengths are points (1/72 inch), x to the right, y upwards. */

typedef struct point {
    double x, y;
} point;

typedef struct box {
    double left, bottom, right, top;
} box;

/* Points that grow. A polygon is closed without repeating its first point. Start with {0}. */
typedef struct outline {
    point *at;
    size_t n, room;
} outline;

vmap_status outline_add(outline *o, double x, double y, vmap_error *err);
void outline_free(outline *o);
/* The smallest box around the points; `n` is at least 1. */
box outline_bounds(const point *at, size_t n);
/* Whether the polygon of n points (either orientation, any shape) holds p. */
bool outline_holds(const point *at, size_t n, point p);

/* --- boxes and segments: inline, because label placement asks millions of times ------------- */

/* As fmin() and fmax() for numbers that are never NaN, without a call. */
static inline double lesser(double a, double b)
{
    return a < b ? a : b;
}

static inline double greater(double a, double b)
{
    return a > b ? a : b;
}

static inline bool boxes_meet(const box *a, const box *b)
{
    return a->left < b->right && b->left < a->right && a->bottom < b->top && b->bottom < a->top;
}

/* Distance from a point to a box, 0 inside. */
static inline double box_distance(const box *b, point p)
{
    double dx = greater(greater(b->left - p.x, p.x - b->right), 0);
    double dy = greater(greater(b->bottom - p.y, p.y - b->top), 0);

    return sqrt(dx * dx + dy * dy);
}

/* Twice the signed area of the triangle: positive when a, b, c turn left. */
static inline double point_turn(point a, point b, point c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/* Whether the segment a-c has a point in the box. */
static inline bool box_meets_segment(const box *b, point a, point c)
{
    double t[4];

    if (greater(a.x, c.x) < b->left || lesser(a.x, c.x) > b->right ||
        greater(a.y, c.y) < b->bottom || lesser(a.y, c.y) > b->top)
        return false;
    /* Their bounds meet: they are apart only when all four corners lie on one side of the line. */
    t[0] = point_turn(a, c, (point){b->left, b->bottom});
    t[1] = point_turn(a, c, (point){b->right, b->bottom});
    t[2] = point_turn(a, c, (point){b->right, b->top});
    t[3] = point_turn(a, c, (point){b->left, b->top});
    return !(t[0] > 0 && t[1] > 0 && t[2] > 0 && t[3] > 0) &&
           !(t[0] < 0 && t[1] < 0 && t[2] < 0 && t[3] < 0);
}

static inline bool segments_cross(point a, point b, point c, point d)
{
    return point_turn(a, b, c) * point_turn(a, b, d) < 0 &&
           point_turn(c, d, a) * point_turn(c, d, b) < 0;
}

/* --- hull.c ------------------------------------------------------------------------------- */

/* Convex hull of n points by Andrew's monotone chain, counter-clockwise, without points inside an
 * edge. Replaces the content of `hull`; one point gives one, points on a line give two. */
vmap_status hull_convex(const point *at, size_t n, outline *hull, vmap_error *err);

/* Convex hull of the discs of the given radius around n points, its corners then cut twice
 * (Chaikin 1974, Comput. Graph. Image Process. 3, 346-349). Every point keeps at least 0.9 radius
 * of room. */
vmap_status hull_rounded(const point *at, size_t n, double radius, outline *hull, vmap_error *err);

/* --- ellipse.c ---------------------------------------------------------------------------- */

/* Outline of { m : (m - centre)' cov^-1 (m - centre) <= square } as `n` points from the end of the
 * long axis counter-clockwise; cov holds var(x), cov(x, y), var(y). A covariance of rank 1
 * (smallest eigenvalue below 1e-12 of the largest) gives the two ends of the segment, of rank 0 the
 * centre. VMAP_EDATA when it is not positive semi-definite or not finite. */
vmap_status ellipse_outline(point centre, const double cov[3], double square, size_t n,
                            outline *ellipse, vmap_error *err);

/* Quantile of the chi-square distribution with two degrees of freedom: -2 log(1 - level). */
double ellipse_square(double level);

/* Mean of n points and the unbiased covariance (xx, xy, yy) around it; false when they are fewer than three or on
 * a line (smaller variance below 1e-12 of the larger), where an ellipse says nothing. */
bool ellipse_moments(const point *at, size_t n, point *mean, double cov[3]);

/* --- extent.c ----------------------------------------------------------------------------- */

/* Room that a line of text takes around the place where gnuplot puts it: its whole width, and how
 * far it reaches above and below. Text is Helvetica or a font of the same widths; letters that the
 * table lacks count as their base letter, a wide East Asian character as 1 em, others as 0.6 em. */
typedef struct extent {
    double width, up, down;
} extent;
extent extent_of(const char *text, double size, bool bold);

/* Cut the text in place so that it is at most `width` wide, the last character then an ellipsis
 * (the buffer must hold 3 bytes more than the text). Returns whether it was cut. */
bool extent_fit(char *text, double size, bool bold, double width);

/* Whether the text has a character that Arial and Liberation Sans lack. */
bool extent_is_unusual(const char *text);

/* Number of bytes of the first line when text is broken at blanks to lines of at most `width`;
 * the next line starts after the blanks that follow. At least one word. */
size_t extent_line(const char *text, double size, bool bold, double width);

/* --- labels.c ----------------------------------------------------------------------------- */

typedef struct disc {
    point at;
    double radius;
    double soft; /* what it costs a label to cover it, or 0: then it must not */
} disc;

/* A straight line that labels should rather not cross. Neighbours in the list that have the same
 * owner are parts of one line and cost once. */
typedef struct strip {
    point from, to;
    double cost;
    size_t owner;
} strip;

/* A convex polygon that labels should rather not cover. */
typedef struct patch {
    const point *at;
    size_t n;
    box bounds;
    double cost;
} patch;

/* A place for the centre of a label and what it costs to take it. */
typedef struct label_spot {
    point at;
    double cost;
} label_spot;

typedef struct label_request {
    point at;          /* what it names */
    double radius;     /* of the marker there */
    double reach;      /* how far from the marker the label may go */
    extent size;
    double weight;     /* how much its conflicts count, 1 for a country */
    bool required;     /* never left out */
    const label_spot *spots; /* its own places, for the name of an area; NULL: around `at` */
    size_t spots_count;
} label_request;

typedef struct label_field {
    box frame; /* labels stay inside */
    double unit; /* 1 for labels of 7 points; distances grow with it */
    const disc *discs;
    size_t discs_count;
    const strip *strips;
    size_t strips_count;
    const patch *patches;
    size_t patches_count;
} label_field;

typedef struct label_place {
    bool placed, leader;
    point at; /* where gnuplot puts the centre of the text */
    box room;
    point from, to; /* the leader line, from the marker to the label */
} label_place;

typedef struct label_count {
    size_t placed, leaders, overlaps, left_out;
} label_count;

/* Place n labels by simulated annealing over discrete places (Christensen, Marks & Shieber 1995)
 * from the first streams of `seed`; then every label that is not required and still overlaps
 * another label or a hard disc is left out. `place` has n elements. The same input gives the same
 * result. Cost O(n (places x obstacles + neighbours)); VMAP_ENOMEM. */
vmap_status labels_place(const label_request *request, size_t n, const label_field *field,
                         uint64_t seed, label_place *place, label_count *count, vmap_error *err);

#endif
