#include <config.h>

#include <math.h>

#include "core/memory.h"
#include "figure/canvas.h"

/* Profiles around a centre: a spoke for each scale, a closed line for each series. */

static vmap_status check(const vmap_chart_radar *f, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    if (f->spokes_count < 3)
        return vmap_error_set(err, VMAP_EINVAL, "%zu spokes; a radar chart needs three", f->spokes_count);
    if (f->series_count == 0 || f->series_count > VMAP_RADAR_MOST)
        return vmap_error_set(err, VMAP_EINVAL, "%zu groups; a radar chart is for 1 to %d, more cannot be told apart in it: draw "
                              "dots", f->series_count, VMAP_RADAR_MOST);
    if (!(f->from < f->to))
        return vmap_error_set(err, VMAP_EINVAL, "the range of a radar chart does not ascend: %g to %g", f->from, f->to);
    for (size_t i = 0; !status && i < f->series_count * f->spokes_count; i++)
        status = canvas_check_number(f->values[i], err);
    return status;
}

/* Where the circle lies. */
typedef struct wheel {
    point centre;
    double radius;
    const vmap_chart_radar *f;
} wheel;

/* Place of a share of the radius on a spoke; the first spoke points upwards, the others follow clockwise. */
static point on_spoke(const wheel *w, size_t spoke, double share)
{
    double angle = 2 * M_PI * (double)spoke / (double)w->f->spokes_count;

    return (point){w->centre.x + share * w->radius * sin(angle), w->centre.y - share * w->radius * cos(angle)};
}

static double share_of(const vmap_chart_radar *f, double value)
{
    return fmin(fmax((value - f->from) / (f->to - f->from), 0), 1);
}

static void put_rings(canvas *c, const wheel *w)
{
    const vmap_chart_radar *f = w->f;
    const sheet_sizes *z = c->s.size;
    double step = plane_step((f->to - f->from) / 6);

    canvas_layer(c, "with lines lw LINE lc rgb AXIS");
    for (double at = f->from + step; at < f->to + 1e-9 * step; at += step) {
        for (size_t k = 0; k < f->spokes_count; k++) {
            point a = on_spoke(w, k, share_of(f, at)), b = on_spoke(w, (k + 1) % f->spokes_count, share_of(f, at));

            canvas_segment(c, a.x, a.y, b.x, b.y);
        }
    }
    for (size_t k = 0; k < f->spokes_count; k++) {
        point a = on_spoke(w, k, 1);

        canvas_segment(c, w->centre.x, w->centre.y, a.x, a.y);
    }
    for (double at = f->from; at < f->to + 1e-9 * step; at += step) {
        char text[48];

        plane_tick(text, at, step);
        canvas_text(c, text, w->centre.x - .3 * z->tick, on_spoke(w, 0, share_of(f, at)).y - .4 * z->tick, ALIGN_RIGHT, z->tick,
                    "LIGHT", 0);
    }
}

static void put_labels(canvas *c, const wheel *w, double room)
{
    const sheet_sizes *z = c->s.size;

    for (size_t k = 0; k < w->f->spokes_count; k++) {
        point at = on_spoke(w, k, 1);
        double side = (at.x - w->centre.x) / w->radius, down = (at.y - w->centre.y) / w->radius;
        sheet_align align = fabs(side) < .1 ? ALIGN_CENTRE : side > 0 ? ALIGN_LEFT : ALIGN_RIGHT;

        canvas_text(c, w->f->spokes[k], at.x + .6 * z->label * side, at.y + 1.4 * z->label * down - (align == ALIGN_CENTRE && down < 0 ? .4 * z->label : 0), align, z->label, "INK",
                    align == ALIGN_CENTRE ? 2 * room : room);
    }
}

static vmap_status put_series(canvas *c, const wheel *w, size_t s, vmap_error *err)
{
    const vmap_chart_radar *f = w->f;
    const double *value = f->values + s * f->spokes_count;
    vmap_status status = VMAP_SUCCESS;

    canvas_layer(c, "with lines lw BOLDLINE lc rgb MC[%zu]", canvas_colour(c, s));
    for (size_t k = 0; k < f->spokes_count; k++) {
        size_t next = (k + 1) % f->spokes_count;

        if (isnan(value[k]) || isnan(value[next]))
            continue;
        canvas_dashes(c, (const point[]){on_spoke(w, k, share_of(f, value[k])), on_spoke(w, next, share_of(f, value[next]))}, 2,
                      canvas_dash(c, s));
    }
    canvas_layer(c, "with filledcurves closed fc rgb MC[%zu]", canvas_colour(c, s));
    for (size_t k = 0; !status && k < f->spokes_count; k++) {
        point at = on_spoke(w, k, share_of(f, value[k]));

        if (isnan(value[k]))
            continue;
        c->outside += value[k] < f->from || value[k] > f->to;
        status = canvas_marker(c, canvas_shape(c, s), at.x, at.y, .8 * c->s.size->group, err);
    }
    return status;
}

static vmap_status put_all(canvas *c, const vmap_chart_radar *f, vmap_error *err)
{
    const sheet_sizes *z = c->s.size;
    double room = fmin(canvas_widest(f->spokes, f->spokes_count, z->label, false) + z->label, .28 * z->width);
    double radius = fmin(.5 * z->width - z->margin - room, 18 * z->label);
    double high = canvas_room(c, 2 * radius + 5 * z->label);
    wheel w = {{.5 * z->width, c->s.top + .5 * high}, fmin(radius, .5 * high - 2.5 * z->label), f};
    vmap_status status = VMAP_SUCCESS;

    put_rings(c, &w);
    put_labels(c, &w, room);
    for (size_t s = 0; !status && s < f->series_count; s++)
        status = put_series(c, &w, s, err);
    c->s.top += high;
    if (f->unit) {
        canvas_text(c, f->unit, w.centre.x, c->s.top, ALIGN_CENTRE, z->tick, "LIGHT", 0);
        c->s.top += 1.5 * z->tick;
    }
    return status;
}

vmap_status vmap_chart_draw_radar(const vmap_chart_radar *chart, char **script, vmap_figure_info *info, vmap_error *err)
{
    canvas c;
    vmap_status status = canvas_open(&c, &chart->chart, err);

    if (!status)
        status = check(chart, err);
    if (!status)
        status = canvas_series_key(&c, chart->series, chart->series_count, KEY_LINE_DOT, err);
    if (!status)
        status = put_all(&c, chart, err);
    return canvas_close(&c, "a radar", status, script, info, err);
}
