#include <config.h>

#include <math.h>

#include "figure/canvas.h"
#include "figure/palette.h"

/* The same field for several groups: small multiples with one palette. */

static vmap_status check(const vmap_chart_surfaces *f, vmap_error *err)
{
    vmap_status status = canvas_check_axis(&f->x, "x", err);

    if (!status)
        status = canvas_check_axis(&f->y, "y", err);
    if (!status && (f->panels_count == 0 || f->rows == 0 || f->columns == 0))
        status = vmap_error_set(err, VMAP_EINVAL, "there are no panels or cells to draw");
    if (!status && !(f->x0 < f->x1 && f->y0 < f->y1))
        status = vmap_error_set(err, VMAP_EINVAL, "the field from %g to %g and from %g to %g does not ascend", f->x0, f->x1,
                                f->y0, f->y1);
    for (size_t k = 0; !status && k < f->panels_count; k++) {
        const vmap_chart_surfaces_panel *p = &f->panels[k];

        for (size_t i = 0; !status && i < f->rows * f->columns; i++)
            status = canvas_check_number(p->values[i], err);
        for (size_t i = 0; !status && i < p->n; i++) {
            status = canvas_check_number(p->x[i], err);
            if (!status)
                status = canvas_check_number(p->y[i], err);
            if (!status)
                status = canvas_check_number(p->at[i], err);
        }
    }
    return status;
}

/* Of the fields and of the points' own values, which scatter more. */
static void find_palette(const vmap_chart_surfaces *f, double *from, double *to)
{
    *from = INFINITY;
    *to = -INFINITY;
    for (size_t k = 0; k < f->panels_count; k++) {
        const vmap_chart_surfaces_panel *p = &f->panels[k];

        for (size_t i = 0; i < f->rows * f->columns; i++) {
            *from = fmin(*from, p->values[i]);
            *to = fmax(*to, p->values[i]);
        }
        for (size_t i = 0; i < p->n; i++) {
            *from = fmin(*from, p->at[i]);
            *to = fmax(*to, p->at[i]);
        }
    }
    if (!(*from < *to)) {
        *from = isfinite(*from) ? *from - .5 : 0;
        *to = *from + 1;
    }
}

static vmap_status put_points(canvas *c, const plane *p, const vmap_chart_surfaces_panel *panel, double from, double to,
                              vmap_error *err)
{
    double radius = .75 * c->s.size->group;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < panel->n; i++) {
        point at = canvas_at(p, panel->x[i], panel->y[i]);

        if (isnan(panel->x[i]) || isnan(panel->y[i]) || isnan(panel->at[i]))
            continue;
        if (!plane_shows(p, panel->x[i], panel->y[i])) {
            c->outside++;
            continue;
        }
        canvas_layer(c, "with filledcurves closed fc rgb INK");
        status = canvas_marker(c, marker_of_series(0), at.x, at.y, radius, err);
        canvas_layer(c, "with filledcurves closed fc rgb '#%06x'",
                     palette_colour(palette_level(panel->at[i], from, to, false, 0), false));
        if (!status)
            status = canvas_marker(c, marker_of_series(0), at.x, at.y, .62 * radius, err);
    }
    return status;
}

static vmap_status put_panel(canvas *c, const plane *p, const vmap_chart_surfaces *f, size_t k, bool first_column, double from,
                             double to, vmap_error *err)
{
    const vmap_chart_surfaces_panel *panel = &f->panels[k];
    const vmap_chart_field field = {f->columns, f->rows, f->x0, f->x1, f->y0, f->y1, panel->values, NULL, false, 0};

    palette_field(c, p, &field, from, to);
    canvas_axes(c, p, AXIS_Y | (first_column ? 0 : AXIS_NO_WORDS));
    canvas_axes(c, p, AXIS_X);
    if (panel->title)
        canvas_text_bold(c, panel->title, p->left, p->top - .8 * c->s.size->label, ALIGN_LEFT, c->s.size->label, "INK", p->width);
    return put_points(c, p, panel, from, to, err);
}

/* The names of the axes, once for all panels: a panel is too narrow for them. */
static void put_names(canvas *c, const vmap_chart_surfaces *f, double left, double right, double top)
{
    double size = c->s.size->axis, height = c->s.top - top;

    if (f->x.name) {
        canvas_text(c, f->x.name, (left + right) / 2, c->s.top + .3 * size, ALIGN_CENTRE, size, "INK", right - left);
        c->s.top += 1.5 * size;
    }
    if (f->y.name) {
        double length = fmin(canvas_widest(&f->y.name, 1, size, false), height);

        canvas_text_turned(c, f->y.name, c->s.size->margin + .5 * size, top + (height + length) / 2, size, height);
    }
}

static vmap_status put_panels(canvas *c, const vmap_chart_surfaces *f, vmap_error *err)
{
    const sheet_sizes *z = c->s.size;
    size_t across = f->panels_count < z->panels ? f->panels_count : z->panels, rows = (f->panels_count + across - 1) / across;
    double side = plane_room_left(&c->s) + (f->y.name ? 1.35 * z->axis : 0) + .6 * z->tick, gap = 1.4 * z->tick;
    double key = 4.6 * z->legend + (f->x.name ? 1.5 * z->axis : 0), from, to, top = c->s.top;
    double width = (z->width - 2 * z->margin - side - (double)(across - 1) * gap) / (double)across - .8 * z->tick;
    double below = plane_room_below(&c->s) + .4 * z->tick, above = 1.6 * z->label;
    double height = (canvas_room(c, (double)rows * (above + below + .8 * width) + key) - key) / (double)rows - above - below;
    plane p = {.width = width, .height = height};
    vmap_status status = VMAP_SUCCESS;

    find_palette(f, &from, &to);
    canvas_range(&f->x, f->x0, f->x1, .02, &p.x0, &p.x1);
    canvas_range(&f->y, f->y0, f->y1, .02, &p.y0, &p.y1);
    for (size_t k = 0; !status && k < f->panels_count; k++) {
        size_t column = k % across;

        if (column == 0)
            c->s.top += above;
        p.left = z->margin + side + (double)column * (width + gap);
        p.top = c->s.top;
        status = put_panel(c, &p, f, k, column == 0, from, to, err);
        if (column + 1 == across || k + 1 == f->panels_count)
            c->s.top += height + below;
    }
    put_names(c, f, z->margin + side, z->width - z->margin, top);
    c->s.top += .5 * z->tick;
    palette_key(c, f->legend, z->margin + side, from, to, false, 0);
    return status;
}

vmap_status vmap_chart_draw_surfaces(const vmap_chart_surfaces *chart, char **script, vmap_figure_info *info, vmap_error *err)
{
    canvas c;
    vmap_status status = canvas_open(&c, &chart->chart, err);

    if (!status)
        status = check(chart, err);
    if (!status)
        status = put_panels(&c, chart, err);
    return canvas_close(&c, "surfaces", status, script, info, err);
}
