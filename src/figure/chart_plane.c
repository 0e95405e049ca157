#include <config.h>

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "figure/canvas.h"
#include "figure/palette.h"

/* Points, arrows, hulls and a field in a plane, with labels that do not overlap. */

static vmap_status check(const vmap_chart_plane *f, vmap_error *err)
{
    vmap_status status = canvas_check_axis(&f->x, "x", err);

    if (!status)
        status = canvas_check_axis(&f->y, "y", err);
    if (!status && !(f->ellipses >= 0 && f->ellipses < 1))
        status = vmap_error_set(err, VMAP_EINVAL, "the level %g of the ellipses is not in 0..1", f->ellipses);
    if (!status && f->points_count + f->arrows_count == 0 && !f->field)
        status = vmap_error_set(err, VMAP_EINVAL, "there is nothing to draw");
    for (size_t i = 0; !status && i < f->points_count; i++) {
        if (f->points[i].series >= f->series_count)
            status = vmap_error_set(err, VMAP_EINVAL, "a point has a series that is not there");
        if (!status)
            status = canvas_check_number(f->points[i].x, err);
        if (!status)
            status = canvas_check_number(f->points[i].y, err);
    }
    for (size_t i = 0; !status && i < f->arrows_count; i++) {
        const vmap_chart_arrow *a = &f->arrows[i];
        const double at[4] = {a->x0, a->y0, a->x1, a->y1};

        if (a->series >= f->series_count)
            status = vmap_error_set(err, VMAP_EINVAL, "an arrow has a series that is not there");
        for (int k = 0; !status && k < 4; k++)
            status = canvas_check_number(at[k], err);
    }
    return status;
}

/* Ellipse of one series' points in units of the axes; empty when it says nothing. */
static vmap_status series_ellipse(const vmap_chart_plane *f, size_t series, outline *ellipse, vmap_error *err)
{
    point *at = memory_new(f->points_count, sizeof *at, err), mean;
    double cov[3];
    size_t n = 0;
    vmap_status status = at ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; at && i < f->points_count; i++) {
        if (f->points[i].series == series && !isnan(f->points[i].x) && !isnan(f->points[i].y))
            at[n++] = (point){f->points[i].x, f->points[i].y};
    }
    ellipse->n = 0;
    if (!status && ellipse_moments(at, n, &mean, cov))
        status = ellipse_outline(mean, cov, ellipse_square(f->ellipses), 96, ellipse, err);
    free(at);
    return status;
}

/* Widen the ranges of the data so that the ellipses are in them. */
static vmap_status include_ellipses(const vmap_chart_plane *f, double *x0, double *x1, double *y0, double *y1,
                                    vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t s = 0; !status && f->ellipses > 0 && s < f->series_count; s++) {
        outline e = {.at = NULL};

        status = series_ellipse(f, s, &e, err);
        for (size_t i = 0; !status && i < e.n; i++) {
            *x0 = fmin(*x0, e.at[i].x), *x1 = fmax(*x1, e.at[i].x);
            *y0 = fmin(*y0, e.at[i].y), *y1 = fmax(*y1, e.at[i].y);
        }
        outline_free(&e);
    }
    return status;
}

static vmap_status find_ranges(const vmap_chart_plane *f, plane *p, vmap_error *err)
{
    vmap_status status;
    double x0 = NAN, x1 = NAN, y0 = NAN, y1 = NAN, x_scale, y_scale;

    for (size_t i = 0; i < f->points_count; i++) {
        x0 = fmin(x0, f->points[i].x), x1 = fmax(x1, f->points[i].x);
        y0 = fmin(y0, f->points[i].y), y1 = fmax(y1, f->points[i].y);
    }
    for (size_t i = 0; i < f->arrows_count; i++) {
        const vmap_chart_arrow *a = &f->arrows[i];

        x0 = fmin(fmin(x0, a->x0), a->x1), x1 = fmax(fmax(x1, a->x0), a->x1);
        y0 = fmin(fmin(y0, a->y0), a->y1), y1 = fmax(fmax(y1, a->y0), a->y1);
    }
    if (f->field) {
        x0 = fmin(x0, f->field->x0), x1 = fmax(x1, f->field->x1);
        y0 = fmin(y0, f->field->y0), y1 = fmax(y1, f->field->y1);
    }
    status = include_ellipses(f, &x0, &x1, &y0, &y1, err);
    canvas_range(&f->x, x0, x1, .06, &p->x0, &p->x1);
    canvas_range(&f->y, y0, y1, .06, &p->y0, &p->y1);
    x_scale = (p->x1 - p->x0) / p->width, y_scale = (p->y1 - p->y0) / p->height;
    if (status || !f->equal)
        return status;
    if (x_scale < y_scale) {
        double more = (y_scale - x_scale) * p->width / 2;

        p->x0 -= more, p->x1 += more;
    } else {
        double more = (x_scale - y_scale) * p->height / 2;

        p->y0 -= more, p->y1 += more;
    }
    return VMAP_SUCCESS;
}

static vmap_status put_hulls(canvas *c, const plane *p, const vmap_chart_plane *f, vmap_error *err)
{
    point *at = memory_new(f->points_count, sizeof *at, err);
    vmap_status status = at ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t s = 0; !status && s < f->series_count; s++) {
        outline hull = {.at = NULL};
        size_t n = 0;

        for (size_t i = 0; i < f->points_count; i++) {
            if (f->points[i].series == s && !isnan(f->points[i].x) && !isnan(f->points[i].y))
                at[n++] = canvas_at(p, f->points[i].x, f->points[i].y);
        }
        if (n)
            status = hull_rounded(at, n, .8 * c->s.size->hull, &hull, err);
        if (!status && n) {
            canvas_layer(c, "with filledcurves closed fc rgb tint('e0', ZC[%zu])", s % 8 + 1);
            canvas_path(c, hull.at, hull.n, true);
            canvas_layer(c, "with lines lw LINE lc rgb tint('50', ZC[%zu])", s % 8 + 1);
            canvas_path(c, hull.at, hull.n, true);
        }
        outline_free(&hull);
    }
    free(at);
    return status;
}

static vmap_status put_ellipses(canvas *c, const plane *p, const vmap_chart_plane *f, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t s = 0; !status && s < f->series_count; s++) {
        outline e = {.at = NULL};

        status = series_ellipse(f, s, &e, err);
        canvas_layer(c, "with lines lw BOLDLINE lc rgb %s[%zu]", f->hulls ? "ZC" : "MC", f->hulls ? s % 8 + 1 : canvas_colour(c, s));
        for (size_t i = 0; !status && i < e.n; i++) {
            double x0 = e.at[i].x, y0 = e.at[i].y, x1 = e.at[(i + 1) % e.n].x, y1 = e.at[(i + 1) % e.n].y;
            point from, to;

            if (!canvas_clip(p, &x0, &y0, &x1, &y1))
                continue;
            from = canvas_at(p, x0, y0), to = canvas_at(p, x1, y1);
            canvas_segment(c, from.x, from.y, to.x, to.y);
        }
        outline_free(&e);
    }
    return status;
}

static void put_arrow(canvas *c, const plane *p, const vmap_chart_arrow *a)
{
    double x0 = a->x0, y0 = a->y0, x1 = a->x1, y1 = a->y1, head = 1.5 * c->s.size->group, length;
    point from, to, side;

    if (isnan(x0) || isnan(y0) || isnan(x1) || isnan(y1) || !canvas_clip(p, &x0, &y0, &x1, &y1))
        return;
    from = canvas_at(p, x0, y0), to = canvas_at(p, x1, y1);
    length = hypot(to.x - from.x, to.y - from.y);
    canvas_layer(c, "with lines lw BOLDLINE lc rgb tint('30', MC[%zu])", canvas_colour(c, a->series));
    canvas_segment(c, from.x, from.y, to.x, to.y);
    if (length < 1e-6 || x1 != a->x1 || y1 != a->y1)
        return;
    head = fmin(head, .6 * length);
    side = (point){(to.x - from.x) / length, (to.y - from.y) / length};
    {
        const point tip[3] = {to,
                              {to.x - head * (side.x - .4 * side.y), to.y - head * (side.y + .4 * side.x)},
                              {to.x - head * (side.x + .4 * side.y), to.y - head * (side.y - .4 * side.x)}};

        canvas_layer(c, "with filledcurves closed fc rgb MC[%zu]", canvas_colour(c, a->series));
        canvas_path(c, tip, 3, true);
    }
}

static vmap_status put_points(canvas *c, const plane *p, const vmap_chart_plane *f, vmap_error *err)
{
    double radius = (f->points_count > 150 ? .55 : .8) * c->s.size->group;
    vmap_status status = VMAP_SUCCESS;

    for (size_t s = 0; s < f->series_count; s++) {
        for (int pass = 0; pass < 2; pass++) {
            if (pass == 0)
                canvas_layer(c, "with lines lw 1 lc rgb '#ffffff'");
            else
                canvas_layer(c, "with filledcurves closed fc rgb %s[%zu]", f->hulls ? "ZC" : "MC",
                             f->hulls ? s % 8 + 1 : canvas_colour(c, s));
            for (size_t i = 0; !status && i < f->points_count; i++) {
                const vmap_chart_point *q = &f->points[i];
                point at = canvas_at(p, q->x, q->y);

                if (q->series != s || isnan(q->x) || isnan(q->y))
                    continue;
                if (!plane_shows(p, q->x, q->y))
                    c->outside += (size_t)pass;
                else
                    status = canvas_marker(c, f->hulls ? marker_of_zone(s) : canvas_shape(c, s), at.x, at.y, radius, err);
            }
        }
    }
    return status;
}

/* --- labels --- */

typedef struct plane_labels {
    label_request *request;
    const char **text;
    disc *discs;
    strip *strips;
    label_place *place;
    size_t n, discs_count;
    label_count count;
} plane_labels;

static vmap_status ask(const canvas *c, const plane *p, const vmap_chart_plane *f, plane_labels *l, vmap_error *err)
{
    size_t n = f->points_count + f->arrows_count;
    double radius = .8 * c->s.size->group, size = c->s.size->label;
    char clean[SCRIPT_TEXT];

    l->request = memory_new(n, sizeof *l->request, err);
    l->text = memory_new(n, sizeof *l->text, err);
    l->discs = memory_new(f->points_count, sizeof *l->discs, err);
    l->strips = memory_new(f->arrows_count, sizeof *l->strips, err);
    l->place = memory_new(n, sizeof *l->place, err);
    if (!l->request || !l->text || !l->discs || !l->strips || !l->place)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        const vmap_chart_point *q = i < f->points_count ? &f->points[i] : NULL;
        const vmap_chart_arrow *a = q ? NULL : &f->arrows[i - f->points_count];
        double x = q ? q->x : a->x1, y = q ? q->y : a->y1;
        const char *text = q ? q->label : a->label;
        point at = plane_at(p, x, y);

        if (isnan(x) || isnan(y) || !plane_shows(p, x, y))
            continue;
        if (q)
            l->discs[l->discs_count++] = (disc){at, radius, 0};
        script_clean(clean, text);
        if (!*clean || (q && !q->wanted))
            continue;
        l->text[l->n] = text;
        l->request[l->n++] = (label_request){.at = at, .radius = q ? radius : 1, .reach = 3.5 * size,
                                             .size = extent_of(clean, size, false), .weight = 1, .required = !q};
    }
    for (size_t i = 0; i < f->arrows_count; i++) {
        const vmap_chart_arrow *a = &f->arrows[i];

        l->strips[i] = (strip){plane_at(p, a->x0, a->y0), plane_at(p, a->x1, a->y1), .5, i};
    }
    return VMAP_SUCCESS;
}

static void put_labels(canvas *c, const plane *p, const plane_labels *l)
{
    double bottom = p->top + p->height;

    canvas_layer(c, "with lines lw THIN lc rgb LIGHT");
    for (size_t i = 0; i < l->n; i++) {
        const label_place *at = &l->place[i];

        if (at->placed && at->leader)
            canvas_segment(c, p->left + at->from.x, bottom - at->from.y, p->left + at->to.x, bottom - at->to.y);
        if (at->placed)
            canvas_text(c, l->text[i], p->left + at->at.x, bottom - at->at.y, ALIGN_CENTRE, c->s.size->label, "INK", 0);
    }
}

static vmap_status label(canvas *c, const plane *p, const vmap_chart_plane *f, label_count *count, vmap_error *err)
{
    plane_labels l = {.n = 0};
    vmap_status status = ask(c, p, f, &l, err);
    label_field field = {.frame = {0, 0, p->width, p->height}, .unit = c->s.size->label / 7, .discs = l.discs,
                         .discs_count = l.discs_count, .strips = l.strips, .strips_count = f->arrows_count};

    if (!status && l.n)
        status = labels_place(l.request, l.n, &field, f->seed ? f->seed : 1, l.place, &l.count, err);
    if (!status)
        put_labels(c, p, &l);
    *count = l.count;
    free(l.request);
    free(l.text);
    free(l.discs);
    free(l.strips);
    free(l.place);
    return status;
}

static void put_lines(canvas *c, const plane *p, const vmap_chart_plane *f)
{
    const double low = fmax(p->x0, p->y0), high = fmin(p->x1, p->y1);
    const double ends[2] = {low, high}, zeros[2] = {0, 0}, xs[2] = {p->x0, p->x1}, ys[2] = {p->y0, p->y1};

    canvas_layer(c, "with lines lw LINE lc rgb GREY");
    if (f->diagonal && low < high)
        canvas_curve(c, p, ends, ends, 2, NULL);
    if (f->zero) {
        canvas_curve(c, p, xs, zeros, 2, NULL);
        canvas_curve(c, p, zeros, ys, 2, NULL);
    }
}

static vmap_status put_all(canvas *c, const vmap_chart_plane *f, label_count *count, vmap_error *err)
{
    const sheet_sizes *z = c->s.size;
    double side = plane_room_left(&c->s) + .4 * z->tick, below = plane_room_below(&c->s), from = 0, to = 1;
    double width = z->width - 2 * z->margin - side - z->tick;
    double key = f->field ? 4.6 * z->legend : 0;
    plane p = {z->margin + side, c->s.top, width,
               canvas_room(c, (f->equal ? .8 : .66) * width + below + key) - below - key, 0, 1, 0, 1};
    vmap_status status = VMAP_SUCCESS;

    status = find_ranges(f, &p, err);
    if (status)
        return status;
    if (f->field) {
        palette_range(f->field->values, f->field->rows * f->field->columns, f->field->diverging, f->field->centre, &from, &to);
        palette_field(c, &p, f->field, from, to);
    }
    canvas_axes(c, &p, AXIS_X | AXIS_Y);
    put_lines(c, &p, f);
    if (f->hulls)
        status = put_hulls(c, &p, f, err);
    if (!status && f->ellipses > 0)
        status = put_ellipses(c, &p, f, err);
    for (size_t i = 0; i < f->arrows_count; i++)
        put_arrow(c, &p, &f->arrows[i]);
    if (!status)
        status = put_points(c, &p, f, err);
    if (!status)
        status = label(c, &p, f, count, err);
    c->s.top += p.height + below + .4 * z->tick;
    if (f->field)
        palette_key(c, f->field->legend, p.left, from, to, f->field->diverging, f->field->centre);
    return status;
}

vmap_status vmap_chart_draw_plane(const vmap_chart_plane *chart, char **script, vmap_figure_info *info,
                                  vmap_error *err)
{
    canvas c;
    label_count count = {0};
    vmap_status status = canvas_open(&c, &chart->chart, err);

    if (!status)
        status = check(chart, err);
    if (!status) {
        c.scene.x = chart->x;
        c.scene.y = chart->y;
        status = canvas_series_key(&c, chart->series, chart->series_count, chart->hulls ? KEY_GROUP : KEY_DOT, err);
    }
    if (!status)
        status = put_all(&c, chart, &count, err);
    status = canvas_close(&c, "points in a plane", status, script, info, err);
    if (!status && info) {
        info->labels = count.placed;
        info->leaders = count.leaders;
        info->overlaps = count.overlaps;
        info->left_out = count.left_out;
    }
    return status;
}
