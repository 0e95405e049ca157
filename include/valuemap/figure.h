#ifndef VALUEMAP_FIGURE_H
#define VALUEMAP_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "valuemap/error.h"

/* Figures as gnuplot scripts.
 *
 * A figure function takes a plain struct and gives the text of one gnuplot script that holds all it
 * needs: data, layout and house style. `gnuplot map.gp` makes map.pdf; `gnuplot -e "TERM='svg'"
 * map.gp` makes map.svg, TERM='png' map.png (DPI=300 is the default there), OUT names another file
 * and FONT another font (of the widths of Arial, for which the layout is made). gnuplot 5.4 or
 * newer draws it.
 *
 * The library computes the whole layout: places of labels, hulls, ellipses, dashes, legend. The
 * same input and seed give the same text; the script carries no date, user, host or path.
 *
 * Every text is taken as hostile. Invalid UTF-8 becomes U+FFFD, control and bidirectional
 * formatting characters go, what is longer than 200 characters is cut; the script has it as a
 * quoted constant that gnuplot cannot take for a command. Enhanced text is off: '_', '^' and '{'
 * show as they are. A text that is too wide for its place is shortened and ends in an ellipsis;
 * info->shortened counts.
 */

/* Stands for "no zone" and "no target". */
#define VMAP_FIGURE_NONE SIZE_MAX

typedef enum vmap_figure_width {
    VMAP_FIGURE_COLUMN, /* 85 mm: one column of a journal; ask for few country labels */
    VMAP_FIGURE_PAGE,   /* 180 mm: the width of a page; no text below 7 pt */
    VMAP_FIGURE_SLIDE   /* 13.33 x 7.5 inch, 16:9; legend at the right */
} vmap_figure_width;

typedef struct vmap_figure_axis {
    const char *name; /* in the middle: "Survival vs. self-expression values"; NULL for none */
    const char *low;  /* word at the low end, shown with an arrow: "Survival"; NULL for none */
    const char *high; /* word at the high end; NULL for none */
    double from, to;  /* range; from == to [0, 0] takes it from the data. With equal scales one
                         of two given ranges may be widened. Points outside are not drawn;
                         info->outside counts them. */
} vmap_figure_axis;

typedef struct vmap_figure_country {
    const char *label; /* NULL and "" mean no label */
    double x, y;       /* map units */
    size_t zone;       /* index into `zones`, or VMAP_FIGURE_NONE */
    bool wanted;       /* label it where there is room */
} vmap_figure_country;

/* A persona group: a point with what is known about its uncertainty. */
typedef struct vmap_figure_group {
    const char *label; /* NULL and "" mean no label */
    double x, y;       /* map units */
    const double *cov; /* covariance of the mean: var(x), cov(x, y), var(y), in squared map units;
                          drawn as an ellipse at `level`. NULL for none */
    const double *wide; /* a wider covariance, for instance with the uncertainty of the projection,
                           in the same form: drawn as a dotted outline. NULL for none */
    size_t target;     /* index into `countries` of the country it should be at, or
                          VMAP_FIGURE_NONE */
    bool wanted;       /* label it; such a label is never left out */
} vmap_figure_group;

/* Groups that share marker, dash and colour: those of one model, say. */
typedef struct vmap_figure_series {
    const char *name;
    const vmap_figure_group *groups;
    size_t groups_count;
} vmap_figure_series;

/* What a map shows. Everything is owned by the caller and not modified. */
typedef struct vmap_figure_scene {
    const char *name;     /* of the files that the script writes ["map"]: A-Z a-z 0-9 _ . - */
    const char *title;    /* NULL for none */
    const char *subtitle; /* NULL for none */
    const char *const *caption; /* lines below the figure: n, weights, caution */
    size_t caption_count;
    const char *const *provenance; /* comments at the head of the script; the first line also
                                      stands small at the foot of the figure */
    size_t provenance_count;
    vmap_figure_axis x, y;
    vmap_figure_width width; /* [VMAP_FIGURE_PAGE] */
    bool free_scales;        /* [false] one map unit is as long on both axes, so that distances can
                                be compared by eye; true fills the space */
    const char *const *zones; /* names; the first eight differ in colour and marker, then colours
                                 come again with other markers */
    size_t zones_count;
    const vmap_figure_country *countries;
    size_t countries_count;
    const vmap_figure_series *series; /* the first eight differ */
    size_t series_count;
    bool arrows;   /* [true] from each group to its target; never in panels, which draw a line */
    double level;  /* [.95] probability of the ellipses, 0 < level < 1 */
    uint64_t seed; /* [1] of the label placement */
} vmap_figure_scene;

/* Set every field to the default in brackets, or to nothing. */
void vmap_figure_scene_defaults(vmap_figure_scene *scene);

/* What became of the layout. These are results, not errors. */
typedef struct vmap_figure_info {
    double width, height; /* of the figure, points (1/72 inch) */
    size_t labels;        /* placed, zone names included */
    size_t leaders;       /* of these, tied to their point by a line */
    size_t overlaps;      /* pairs of a label and another label or a marker that still overlap, or
                             of which one is crossed by the other's line */
    size_t left_out;      /* country labels left out for want of room; the head of the script
                             names them */
    size_t shortened;     /* texts cut to their place */
    size_t outside;       /* points outside a given axis range */
    size_t unusual;       /* texts in other scripts than Latin, Greek and Cyrillic, or with rare
                             signs. Where no installed font has a character, the pdf and png
                             terminals of gnuplot 5.4 spoil the whole figure with giant boxes; svg
                             does not. The head of the script says so too. */
} vmap_figure_info;

/* The cultural map: countries by zone (marker and colour), a translucent hull around each zone (the
 * convex hull of its countries, widened and rounded), persona groups with ellipses and arrows to
 * the countries they should be at.
 *   scene   not modified
 *   script  fresh text, free() it; untouched on error
 *   info    NULL allowed
 * An ellipse is the region { m : (m - mean)' cov^-1 (m - mean) <= q }, q the quantile of chi-square
 * with 2 degrees of freedom at `level`; a covariance of rank 1 gives a line, of rank 0 nothing.
 * Labels are placed by simulated annealing over discrete places (Christensen, Marks & Shieber 1995,
 * ACM Trans. Graph. 14(3), 203-232) with text widths of Helvetica; those of countries that find no
 * place are left out. With more than 40 groups, markers are small and labels may cover them.
 * Cost: some 0.2 s for 120 labels.
 * Errors: VMAP_EINVAL (nothing to draw, an index outside its list, a level outside (0, 1), a name
 * with other characters, a range with from > to), VMAP_EDATA (a coordinate that is not finite or
 * beyond +-1e9, a covariance that is not positive semi-definite), VMAP_ENOMEM. */
vmap_status vmap_figure_map(const vmap_figure_scene *scene, char **script, vmap_figure_info *info,
                            vmap_error *err);

/* The same for many groups: one panel for each series, all with the same axes. Countries are small
 * grey markers of their zone without labels; each group has the colour and marker of its target's
 * zone and a thin line to the target. Labels of groups and ellipses are not drawn. Panels stand
 * side by side, three in a row (four on a slide, one in a column).
 * Errors: as above, and VMAP_EINVAL without series. */
vmap_status vmap_figure_map_panels(const vmap_figure_scene *scene, char **script,
                                   vmap_figure_info *info, vmap_error *err);

/* Whether a gnuplot that runs can be found on the PATH. */
bool vmap_figure_can_render(void);

/* Let gnuplot draw a script.
 *   gp_path   the script; its base name has only A-Z a-z 0-9 _ . -
 *   format    "svg", "pdf" or "png"
 *   out_path  the file to write, its base name likewise; an old file stays until the new one is
 *             complete
 * gnuplot is started without a shell, without the user's start-up file and with an environment in
 * which neither gnuplot's variables nor the locale count. The script's OUT is set to '', which
 * makes it write to its standard output. PDF files carry the date of SOURCE_DATE_EPOCH, or 1970.
 * Errors: VMAP_EINVAL (format, a name), VMAP_ENOENT (no such script, or gnuplot is not installed),
 * VMAP_EIO (gnuplot failed: the message holds what it said; the file cannot be written),
 * VMAP_ENOMEM. */
vmap_status vmap_figure_render(const char *gp_path, const char *format, const char *out_path,
                               vmap_error *err);

#endif
