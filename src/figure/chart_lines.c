#include <config.h>

#include <math.h>

#include "core/memory.h"
#include "figure/canvas.h"

/* Lines, bands and points in panels with the same axes. */

static vmap_status check(const vmap_chart_lines *f, vmap_error *err)
{
    vmap_status status = canvas_check_axis(&f->x, "x", err);

    if (!status)
        status = canvas_check_axis(&f->y, "y", err);
    if (!status && (f->panels_count == 0 || f->series_count == 0))
        status = vmap_error_set(err, VMAP_EINVAL, "there are no panels or series to draw");
    for (size_t k = 0; !status && k < f->panels_count; k++) {
        for (size_t i = 0; !status && i < f->panels[k].lines_count; i++) {
            const vmap_chart_line *line = &f->panels[k].lines[i];

            if (line->series >= f->series_count)
                status = vmap_error_set(err, VMAP_EINVAL, "a line has a series that is not there");
            for (size_t j = 0; !status && j < line->n; j++) {
                status = canvas_check_number(line->x[j], err);
                if (!status)
                    status = canvas_check_number(line->y[j], err);
            }
        }
    }
    return status;
}

static void find_ranges(const vmap_chart_lines *f, plane *p)
{
    double x0 = NAN, x1 = NAN, y0 = NAN, y1 = NAN;

    for (size_t k = 0; k < f->panels_count; k++) {
        for (size_t i = 0; i < f->panels[k].lines_count; i++) {
            const vmap_chart_line *line = &f->panels[k].lines[i];

            for (size_t j = 0; j < line->n; j++) {
                if (isnan(line->x[j]) || isnan(line->y[j]))
                    continue;
                x0 = fmin(x0, line->x[j]), x1 = fmax(x1, line->x[j]);
                y0 = fmin(fmin(y0, line->y[j]), line->low ? line->low[j] : NAN);
                y1 = fmax(fmax(y1, line->y[j]), line->high ? line->high[j] : NAN);
            }
        }
    }
    for (size_t i = 0; i < f->rules_count; i++) {
        if (f->rules[i].vertical)
            x0 = fmin(x0, f->rules[i].at), x1 = fmax(x1, f->rules[i].at);
        else
            y0 = fmin(y0, f->rules[i].at), y1 = fmax(y1, f->rules[i].at);
    }
    if (f->diagonal) /* nearness to it can only be seen when both axes have the same range */
        x0 = y0 = fmin(x0, y0), x1 = y1 = fmax(x1, y1);
    canvas_range(&f->x, x0, x1, f->diagonal ? .05 : .03, &p->x0, &p->x1);
    canvas_range(&f->y, y0, y1, .05, &p->y0, &p->y1);
}

static void put_band(canvas *c, const plane *p, const vmap_chart_line *line, vmap_error *err)
{
    outline o = {.at = NULL};

    if (!line->low || !line->high)
        return;
    canvas_layer(c, "with filledcurves closed fc rgb tint('d0', MC[%zu])", canvas_colour(c, line->series));
    for (size_t j = 0; j <= line->n; j++) {
        bool there = j < line->n && isfinite(line->low[j]) && isfinite(line->high[j]) &&
                     isfinite(line->x[j]);
        point at;

        if (there) {
            at = canvas_at(p, line->x[j], fmin(fmax(line->high[j], p->y0), p->y1));
            outline_add(&o, at.x, at.y, err);
            continue;
        }
        if (o.n > 1) { /* back along the lower ends */
            size_t n = o.n;

            for (size_t i = n; i-- > 0;) {
                at = canvas_at(p, line->x[j - n + i], fmin(fmax(line->low[j - n + i], p->y0), p->y1));
                outline_add(&o, at.x, at.y, err);
            }
            canvas_path(c, o.at, o.n, true);
        }
        o.n = 0;
    }
    outline_free(&o);
}

static vmap_status put_steps(canvas *c, const plane *p, const vmap_chart_line *line, vmap_error *err)
{
    double *x = memory_new(2 * line->n, sizeof *x, err), *y = memory_new(2 * line->n, sizeof *y, err);
    size_t n = 0;

    for (size_t j = 0; x && y && j < line->n; j++) {
        if (j) {
            x[n] = line->x[j];
            y[n++] = line->y[j - 1];
        }
        x[n] = line->x[j];
        y[n++] = line->y[j];
    }
    if (x && y)
        canvas_curve(c, p, x, y, n, canvas_dash(c, line->series));
    free(x);
    free(y);
    return x && y ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static vmap_status put_line(canvas *c, const plane *p, const vmap_chart_line *line, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    if (!line->no_line) {
        canvas_layer(c, "with lines lw BOLDLINE lc rgb MC[%zu]", canvas_colour(c, line->series));
        if (line->steps)
            status = put_steps(c, p, line, err);
        else
            canvas_curve(c, p, line->x, line->y, line->n, canvas_dash(c, line->series));
    }
    canvas_layer(c, "with filledcurves closed fc rgb MC[%zu]", canvas_colour(c, line->series));
    for (size_t j = 0; !status && j < line->n; j++) {
        point at = canvas_at(p, line->x[j], line->y[j]);

        if (isnan(line->x[j]) || isnan(line->y[j]))
            continue;
        if (line->x[j] < p->x0 || line->x[j] > p->x1 || line->y[j] < p->y0 || line->y[j] > p->y1)
            c->outside++;
        else if (line->points)
            status = canvas_marker(c, canvas_shape(c, line->series), at.x, at.y, .7 * c->s.size->group, err);
    }
    return status;
}

static void put_rules(canvas *c, const plane *p, const vmap_chart_lines *f)
{
    double size = c->s.size->tick, x0 = fmax(p->x0, p->y0), x1 = fmin(p->x1, p->y1);
    const double ends[2] = {x0, x1};

    canvas_layer(c, "with lines lw LINE lc rgb GREY");
    if (f->diagonal && x0 < x1)
        canvas_curve(c, p, ends, ends, 2, NULL);
    for (size_t i = 0; i < f->rules_count; i++) {
        const vmap_chart_rule *r = &f->rules[i];
        point at = canvas_at(p, r->vertical ? r->at : p->x1, r->vertical ? p->y1 : r->at);

        if (r->vertical)
            canvas_segment(c, at.x, p->top, at.x, p->top + p->height);
        else
            canvas_segment(c, p->left, at.y, p->left + p->width, at.y);
        if (r->label)
            canvas_text(c, r->label, at.x + (r->vertical ? .3 : -.2) * size, at.y + (r->vertical ? .8 : -.7) * size,
                        r->vertical ? ALIGN_LEFT : ALIGN_RIGHT, size, "GREY", 0);
    }
}

static vmap_status put_panel(canvas *c, const plane *p, const vmap_chart_lines *f, size_t k,
                             bool first_column, vmap_error *err)
{
    const vmap_chart_lines_panel *panel = &f->panels[k];
    unsigned whole = f->whole_x ? AXIS_WHOLE_X : 0;
    vmap_status status = VMAP_SUCCESS;

    canvas_axes(c, p, AXIS_Y | (first_column ? 0 : AXIS_NO_WORDS));
    canvas_axes(c, p, AXIS_X | whole);
    for (size_t i = 0; i < panel->lines_count; i++)
        put_band(c, p, &panel->lines[i], err);
    put_rules(c, p, f);
    for (size_t i = 0; !status && i < panel->lines_count; i++)
        status = put_line(c, p, &panel->lines[i], err);
    if (panel->title)
        canvas_text_bold(c, panel->title, p->left, p->top - .8 * c->s.size->label, ALIGN_LEFT,
                         c->s.size->label, "INK", p->width);
    return status;
}

static vmap_status put_panels(canvas *c, const vmap_chart_lines *f, vmap_error *err)
{
    const sheet_sizes *z = c->s.size;
    size_t across = f->panels_count < z->panels ? f->panels_count : z->panels;
    size_t rows = (f->panels_count + across - 1) / across;
    double side = plane_room_left(&c->s) + .6 * z->tick, gap = 1.4 * z->tick;
    double width = (z->width - 2 * z->margin - side - (double)(across - 1) * gap) / (double)across -
                   .8 * z->tick;
    double below = plane_room_below(&c->s) + .4 * z->tick, above = 1.6 * z->label;
    double height = canvas_room(c, (double)rows * (above + below + (across > 1 ? .8 : .6) * width)) /
                        (double)rows - above - below;
    plane p = {.width = width, .height = height};
    vmap_status status = VMAP_SUCCESS;

    find_ranges(f, &p);
    for (size_t k = 0; !status && k < f->panels_count; k++) {
        size_t column = k % across;

        if (column == 0)
            c->s.top += f->panels[k].title ? above : .4 * z->label;
        p.left = z->margin + side + (double)column * (width + gap);
        p.top = c->s.top;
        status = put_panel(c, &p, f, k, column == 0, err);
        if (column + 1 == across || k + 1 == f->panels_count)
            c->s.top += height + below;
    }
    return status;
}

/* The legend shows what is drawn: lines, points or both. */
static key_kind legend_of(const vmap_chart_lines *f)
{
    bool line = false, points = false;

    for (size_t k = 0; k < f->panels_count; k++) {
        for (size_t i = 0; i < f->panels[k].lines_count; i++) {
            line |= !f->panels[k].lines[i].no_line;
            points |= f->panels[k].lines[i].points;
        }
    }
    return line && points ? KEY_LINE_DOT : line ? KEY_LINE : KEY_DOT;
}

vmap_status vmap_chart_draw_lines(const vmap_chart_lines *chart, char **script, vmap_figure_info *info,
                                  vmap_error *err)
{
    canvas c;
    vmap_status status = canvas_open(&c, &chart->chart, err);

    if (!status)
        status = check(chart, err);
    if (!status) {
        c.scene.x = chart->x;
        c.scene.y = chart->y;
        status = canvas_series_key(&c, chart->series, chart->series_count, legend_of(chart), err);
    }
    if (!status)
        status = put_panels(&c, chart, err);
    return canvas_close(&c, "lines", status, script, info, err);
}
