#include <config.h>
#include "figure/sheet.h"

#include <math.h>
#include <stdio.h>

/* Widths in type sizes. */
static const double swatch = 2.1, after_swatch = .45, between = .95, row = 1.5;

static double entry_width(const sheet *s, const legend_entry *e)
{
    char clean[SCRIPT_TEXT];

    script_clean(clean, e->text);
    return (swatch + after_swatch) * s->size->legend +
           extent_of(clean, s->size->legend, false).width;
}

/* Columns that a block of n entries gets, all of the same width, rows filled evenly. */
static size_t columns_of(const sheet *s, const legend_entry *entry, size_t n, double width)
{
    double widest = 0;
    size_t columns, rows;

    for (size_t i = 0; i < n; i++)
        widest = fmax(widest, entry_width(s, &entry[i]));
    columns = (size_t)fmax(
        1, floor((width + between * s->size->legend) / (widest + between * s->size->legend)));
    rows = (n + columns - 1) / columns;
    return (n + rows - 1) / rows;
}

static size_t block_of(const legend_entry *entry, size_t n)
{
    size_t count = 0;

    while (count < n && entry[count].kind != LEGEND_GAP)
        count++;
    return count;
}

double sheet_legend_height(const sheet *s, const legend_entry *entry, size_t n, double width)
{
    double height = 0;

    for (size_t i = 0; i < n;) {
        size_t count = block_of(entry + i, n - i);

        if (count) {
            size_t columns = columns_of(s, entry + i, count, width);

            height += (double)((count + columns - 1) / columns) * row * s->size->legend;
        }
        i += count + 1;
        if (i < n)
            height += .4 * s->size->legend;
    }
    return height;
}

/* --- swatches: drawn around `middle`, y downwards --- */

static vmap_status put_marker(sheet *s, marker_shape shape, point middle, double radius,
                              const char *style, vmap_error *err)
{
    outline o = {.at = NULL};
    vmap_status status = marker_outline(shape, (point){0, 0}, radius, &o, err);

    for (size_t i = 0; i < o.n; i++)
        o.at[i] = (point){middle.x + o.at[i].x, middle.y - o.at[i].y};
    if (!status)
        sheet_polygon(s, &o, style);
    outline_free(&o);
    return status;
}

static vmap_status put_box(sheet *s, point middle, double w, double h, const char *style,
                           vmap_error *err)
{
    outline o = {.at = NULL};
    vmap_status status = VMAP_SUCCESS;
    const point corner[4] = {{-w, -h}, {w, -h}, {w, h}, {-w, h}};

    for (int i = 0; !status && i < 4; i++)
        status = outline_add(&o, middle.x + corner[i].x, middle.y + corner[i].y, err);
    if (!status)
        sheet_polygon(s, &o, style);
    outline_free(&o);
    return status;
}

static vmap_status put_piece(void *context, point from, point to, bool begins, vmap_error *err)
{
    struct {
        sheet *s;
        const char *style;
    } *c = context;

    (void)begins, (void)err;
    sheet_line(c->s, from, to, c->style);
    return VMAP_SUCCESS;
}

static vmap_status put_dashes(sheet *s, const point *at, size_t n, bool closed, const dash *d,
                              const char *style, vmap_error *err)
{
    struct {
        sheet *s;
        const char *style;
    } context = {s, style};

    return dash_cut(at, n, closed, d, put_piece, &context, err);
}

static vmap_status put_zone(sheet *s, size_t zone, point middle, bool small, vmap_error *err)
{
    double w = swatch / 2 * s->size->legend;
    char style[128];
    vmap_status status = VMAP_SUCCESS;

    if (zone != VMAP_FIGURE_NONE) {
        snprintf(style, sizeof style, "fs solid noborder fc rgb tint('%s', ZC[%zu])",
                 small ? "e0" : "d4", zone % 8 + 1);
        status = put_box(s, middle, w, .5 * s->size->legend, style, err);
        snprintf(style, sizeof style, "fs solid noborder fc rgb ZC[%zu]", zone % 8 + 1);
    } else {
        snprintf(style, sizeof style, "fs solid noborder fc rgb NOZONE");
    }
    if (!status)
        status = put_marker(s, marker_of_zone(zone), middle, 1.1 * s->size->country, style, err);
    return status;
}

static vmap_status put_series(sheet *s, size_t series, point middle, bool small, vmap_error *err)
{
    const sheet_sizes *z = s->size;
    double w = swatch / 2 * z->legend, radius = small ? 1.3 * z->small : z->group;
    const point left[2] = {{middle.x - w, middle.y}, {middle.x - 1.3 * radius, middle.y}};
    const point right[2] = {{middle.x + w, middle.y}, {middle.x + 1.3 * radius, middle.y}};
    marker_shape shape = marker_of_series(series);
    char style[128];
    vmap_status status = VMAP_SUCCESS;

    snprintf(style, sizeof style, "lc rgb MC[%zu] lw BOLDLINE", series % SERIES_STYLES + 1);
    if (!small) {
        status = put_dashes(s, left, 2, false, dash_of_series(series), style, err);
        if (!status)
            status = put_dashes(s, right, 2, false, dash_of_series(series), style, err);
    }
    snprintf(style, sizeof style, "fs solid noborder fc rgb MC[%zu]", series % SERIES_STYLES + 1);
    if (!status)
        status = put_marker(s, shape, middle, radius, style, err);
    if (!status && !small)
        status = put_marker(s, MARKER_CIRCLE, middle, .3 * radius,
                            "fs solid noborder fc rgb '#ffffff'", err);
    return status;
}

static vmap_status put_ellipse(sheet *s, bool wide, point middle, vmap_error *err)
{
    static const dash dotted = {2, {1.2, 2.2}}, solid = {1, {0}};
    double w = swatch / 2 * s->size->legend, h = .5 * s->size->legend;
    const double cov[3] = {w * w, 0, h * h};
    outline o = {.at = NULL};
    vmap_status status = ellipse_outline(middle, cov, 1, 32, &o, err);

    if (!status && !wide)
        sheet_polygon(s, &o, "fs solid noborder fc rgb tint('c8', MC[1])");
    if (!status)
        status = put_dashes(s, o.at, o.n, true, wide ? &dotted : &solid,
                            wide ? "lc rgb GREY lw LINE" : "lc rgb MC[1] lw LINE", err);
    outline_free(&o);
    return status;
}

static vmap_status put_arrow(sheet *s, point middle, vmap_error *err)
{
    double w = swatch / 2 * s->size->legend, h = .22 * s->size->legend;
    const point corner[3] = {{w, 0}, {w - 3 * h, -h}, {w - 3 * h, h}};
    outline o = {.at = NULL};
    vmap_status status = VMAP_SUCCESS;

    for (int i = 0; !status && i < 3; i++)
        status = outline_add(&o, middle.x + corner[i].x, middle.y + corner[i].y, err);
    if (!status) {
        sheet_line(s, (point){middle.x - w, middle.y}, (point){middle.x + w - h, middle.y},
                   "lc rgb GREY lw LINE");
        sheet_polygon(s, &o, "fs solid noborder fc rgb GREY");
    }
    outline_free(&o);
    return status;
}

/* A group, the line to its country, the country. */
static vmap_status put_target(sheet *s, point middle, vmap_error *err)
{
    double w = .8 * swatch / 2 * s->size->legend;
    point group = {middle.x - w, middle.y}, country = {middle.x + w, middle.y};
    vmap_status status;

    sheet_line(s, (point){group.x + 1.5 * s->size->small, group.y},
               (point){country.x - 1.1 * s->size->small, country.y}, "lc rgb GREY lw THIN");
    status = put_marker(s, MARKER_CIRCLE, country, 1.1 * s->size->small,
                        "fs solid noborder fc rgb PALE", err);
    if (!status)
        status = put_marker(s, MARKER_CIRCLE, group, 1.5 * s->size->small,
                            "fs solid noborder fc rgb GREY", err);
    return status;
}

static vmap_status put_swatch(sheet *s, const legend_entry *e, point middle, bool small,
                              vmap_error *err)
{
    switch (e->kind) {
    case LEGEND_ZONE:
        return put_zone(s, e->index, middle, small, err);
    case LEGEND_SERIES:
        return put_series(s, e->index, middle, small, err);
    case LEGEND_ELLIPSE:
    case LEGEND_WIDE:
        return put_ellipse(s, e->kind == LEGEND_WIDE, middle, err);
    case LEGEND_ARROW:
        return put_arrow(s, middle, err);
    case LEGEND_TARGET:
        return put_target(s, middle, err);
    case LEGEND_GAP:
        break;
    }
    return VMAP_SUCCESS;
}

/* One block of n entries in equal columns. */
static vmap_status put_block(sheet *s, const legend_entry *entry, size_t n, double left,
                             double width, bool small, vmap_error *err)
{
    size_t columns = columns_of(s, entry, n, width);
    double size = s->size->legend, step = (width + between * size) / (double)columns, widest = 0;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; i < n; i++)
        widest = fmax(widest, entry_width(s, &entry[i]));
    step = fmin(step, widest + 3 * between * size);
    for (size_t i = 0; !status && i < n; i++) {
        double x = left + (double)(i % columns) * step;
        double y = s->top + (double)(i / columns) * row * size + .5 * row * size;
        char clean[SCRIPT_TEXT];

        script_clean(clean, entry[i].text);
        s->shortened +=
            extent_fit(clean, size, false, fmin(step, width) - (swatch + after_swatch) * size);
        sheet_text(s, clean, x + (swatch + after_swatch) * size, y, ALIGN_LEFT, FACE_PLAIN, size,
                   "INK", false);
        status = put_swatch(s, &entry[i], (point){x + swatch / 2 * size, y}, small, err);
    }
    s->top += (double)((n + columns - 1) / columns) * row * size;
    return status;
}

vmap_status sheet_legend(sheet *s, const legend_entry *entry, size_t n, double left, double width,
                         bool small, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < n;) {
        size_t count = block_of(entry + i, n - i);

        if (count)
            status = put_block(s, entry + i, count, left, width, small, err);
        i += count + 1;
        if (i < n)
            s->top += .4 * s->size->legend;
    }
    return status;
}
