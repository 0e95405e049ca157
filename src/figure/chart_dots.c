#include <config.h>

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "figure/canvas.h"

/* Rows of dots with intervals, in panels that share the rows. */

typedef struct dots_layout {
    double labels, row;          /* width of the labels, height of a row */
    double plot_width, plot_height, gap;
    size_t across;               /* panels beside each other */
    double *middle;              /* rows_count: from the top of the plot */
    double from, to;
} dots_layout;

static vmap_status check(const vmap_chart_dots *f, vmap_error *err)
{
    vmap_status status = canvas_check_axis(&f->x, "x", err);

    if (!status && (f->rows_count == 0 || f->panels_count == 0 || f->series_count == 0))
        status = vmap_error_set(err, VMAP_EINVAL, "there are no rows, panels or series to draw");
    for (size_t k = 0; !status && k < f->panels_count; k++) {
        for (size_t i = 0; !status && i < f->panels[k].dots_count; i++) {
            const vmap_chart_dot *d = &f->panels[k].dots[i];

            if (d->row >= f->rows_count || d->series >= f->series_count)
                status = vmap_error_set(err, VMAP_EINVAL, "a dot has a row or series that is not there");
            if (!status)
                status = canvas_check_number(d->at, err);
            if (!status)
                status = canvas_check_number(d->low, err);
            if (!status)
                status = canvas_check_number(d->high, err);
        }
    }
    return status;
}

static void find_range(const vmap_chart_dots *f, dots_layout *l)
{
    double low = f->reference, high = f->reference; /* fmin() and fmax() pass over NaN */

    for (size_t k = 0; k < f->panels_count; k++) {
        for (size_t i = 0; i < f->panels[k].dots_count; i++) {
            const vmap_chart_dot *d = &f->panels[k].dots[i];

            if (isnan(d->at))
                continue;
            low = fmin(fmin(low, d->at), d->low);
            high = fmax(fmax(high, d->at), d->high);
        }
    }
    canvas_range(&f->x, low, high, .04, &l->from, &l->to);
}

static bool has_titles(const vmap_chart_dots *f)
{
    for (size_t k = 0; k < f->panels_count; k++) {
        if (f->panels[k].title && *f->panels[k].title)
            return true;
    }
    return false;
}

static void lay_out(canvas *c, const vmap_chart_dots *f, dots_layout *l)
{
    const sheet_sizes *z = c->s.size;
    static const double least[] = {70, 82, 150};
    double width = z->width - 2 * z->margin, at = 0, headings = 0;
    double per_series = 1.9 * .8 * z->group, room;

    l->labels = fmin(canvas_widest(f->rows, f->rows_count, z->label, false), .42 * width) + .8 * z->label;
    l->gap = 1.2 * z->tick;
    l->across = (size_t)fmax(1, floor((width - l->labels + l->gap) /
                                      (least[c->scene.width] + l->gap)));
    l->across = l->across < f->panels_count ? l->across : f->panels_count;
    l->across = (f->panels_count + (f->panels_count - 1) / l->across) /
                ((f->panels_count + l->across - 1) / l->across); /* rows of panels filled evenly */
    l->plot_width = (width - l->labels - (double)(l->across - 1) * l->gap) / (double)l->across -
                    .6 * z->tick;
    for (size_t i = 0; f->headings && i < f->rows_count; i++)
        headings += f->headings[i] != NULL;
    l->row = fmax(1.5 * z->label, (f->series_count > 1 ? (double)f->series_count * per_series : 0) +
                                      .35 * z->label);
    room = canvas_room(c, 0) - 5 * z->tick;
    if (room > 0)
        l->row = fmin(l->row, room / ((double)f->rows_count + 1.2 * headings));
    for (size_t i = 0; i < f->rows_count; i++) {
        if (f->headings && f->headings[i])
            at += 1.2 * fmax(l->row < 1.5 * z->label ? l->row : 0, 1.5 * z->label);
        l->middle[i] = at + l->row / 2;
        at += l->row;
    }
    l->plot_height = at;
}

static void put_rows(canvas *c, const vmap_chart_dots *f, const dots_layout *l, double top)
{
    const sheet_sizes *z = c->s.size;
    double size = fmin(z->label, l->row / 1.15);

    for (size_t i = 0; i < f->rows_count; i++) {
        double y = top + l->middle[i];

        canvas_text(c, f->rows[i], z->margin + l->labels - .5 * z->label, y, ALIGN_RIGHT, size, "INK",
                    l->labels - .5 * z->label);
        if (f->headings && f->headings[i])
            canvas_text_bold(c, f->headings[i], z->margin, y - l->row / 2 - .75 * z->label, ALIGN_LEFT,
                             z->label, "INK", 0);
    }
}

/* Where a dot stands in its row: series share the row, the first on top. */
static double place(const vmap_chart_dots *f, const dots_layout *l, const vmap_chart_dot *d, double size)
{
    double pitch = f->series_count > 1 ? fmin((l->row - .35 * size) / (double)f->series_count, 1.2 * size) : 0;

    return l->middle[d->row] + ((double)d->series - .5 * (double)(f->series_count - 1)) * pitch;
}

static vmap_status put_dots(canvas *c, const vmap_chart_dots *f, const dots_layout *l, const plane *p,
                            const vmap_chart_dots_panel *panel, size_t series, vmap_error *err)
{
    const sheet_sizes *z = c->s.size;
    double base = isnan(f->reference) ? l->from : f->reference;
    double radius = fmin(.8 * z->group, .45 * l->row);
    vmap_status status = VMAP_SUCCESS;

    for (int pass = 0; !status && pass < 3; pass++) {
        if (pass == 0)
            canvas_layer(c, "with lines lw LINE lc rgb tint('60', MC[%zu])", canvas_colour(c, series));
        else if (pass == 1)
            canvas_layer(c, "with lines lw BOLDLINE lc rgb MC[%zu]", canvas_colour(c, series));
        else
            canvas_layer(c, "with filledcurves closed fc rgb MC[%zu]", canvas_colour(c, series));
        for (size_t i = 0; !status && i < panel->dots_count; i++) {
            const vmap_chart_dot *d = &panel->dots[i];
            double y = p->top + place(f, l, d, z->label), from = pass ? d->low : base;
            double to = pass ? d->high : d->at, flat = 0, other = 0;
            point a, b;

            if (d->series != series || isnan(d->at))
                continue;
            if (pass == 2) {
                a = canvas_at(p, d->at, 0);
                if (d->at < l->from || d->at > l->to)
                    c->outside++;
                else
                    status = canvas_marker(c, canvas_shape(c, series), a.x, y, radius, err);
            } else if ((pass == 1 || f->stems) && !isnan(from) && !isnan(to) &&
                       canvas_clip(p, &from, &flat, &to, &other)) {
                a = canvas_at(p, from, 0), b = canvas_at(p, to, 0);
                canvas_segment(c, a.x, y, b.x, y);
            }
        }
    }
    return status;
}

static vmap_status put_panel(canvas *c, const vmap_chart_dots *f, const dots_layout *l, size_t k,
                             double left, double top, vmap_error *err)
{
    plane p = {left, top, l->plot_width, l->plot_height, l->from, l->to, -1, 1};
    vmap_status status = VMAP_SUCCESS;
    point at;

    canvas_layer(c, "with lines lw THIN lc rgb GRID");
    for (size_t i = 0; i < f->rows_count; i++)
        canvas_segment(c, left, top + l->middle[i], left + l->plot_width, top + l->middle[i]);
    canvas_axes(c, &p, AXIS_X);
    if (!isnan(f->reference) && f->reference >= l->from && f->reference <= l->to) {
        at = canvas_at(&p, f->reference, 0);
        canvas_layer(c, "with lines lw LINE lc rgb GREY");
        canvas_segment(c, at.x, top, at.x, top + l->plot_height);
    }
    for (size_t s = 0; !status && s < f->series_count; s++)
        status = put_dots(c, f, l, &p, &f->panels[k], s, err);
    if (f->panels[k].title)
        canvas_text_bold(c, f->panels[k].title, left, top - .8 * c->s.size->label, ALIGN_LEFT,
                         c->s.size->label, "INK", l->plot_width);
    return status;
}

vmap_status vmap_chart_draw_dots(const vmap_chart_dots *chart, char **script, vmap_figure_info *info,
                                 vmap_error *err)
{
    canvas c;
    dots_layout l = {.middle = NULL};
    vmap_status status = canvas_open(&c, &chart->chart, err);

    if (!status)
        status = check(chart, err);
    if (!status && !(l.middle = memory_new(chart->rows_count, sizeof *l.middle, err)))
        status = VMAP_ENOMEM;
    if (!status) {
        c.scene.x = chart->x;
        status = canvas_series_key(&c, chart->series, chart->series_count, KEY_DOT, err);
    }
    if (!status) {
        find_range(chart, &l);
        lay_out(&c, chart, &l);
    }
    for (size_t k = 0; !status && k < chart->panels_count; k++) {
        size_t column = k % l.across;
        double left = c.s.size->margin + l.labels + (double)column * (l.plot_width + l.gap);

        if (column == 0) {
            c.s.top += has_titles(chart) ? 1.6 * c.s.size->label : 0;
            put_rows(&c, chart, &l, c.s.top);
        }
        status = put_panel(&c, chart, &l, k, left, c.s.top, err);
        if (column + 1 == l.across || k + 1 == chart->panels_count)
            c.s.top += l.plot_height + plane_room_below(&c.s) + .4 * c.s.size->tick;
    }
    free(l.middle);
    return canvas_close(&c, "dots and intervals", status, script, info, err);
}
