#include <config.h>

#include <math.h>

#include "figure/canvas.h"

/* Distributions of answers: small panels, the first series as pale bars, the others as outlines. */

static vmap_status check(const vmap_chart_bars *f, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    if (f->panels_count == 0 || f->series_count == 0)
        return vmap_error_set(err, VMAP_EINVAL, "there are no panels or series to draw");
    for (size_t k = 0; !status && k < f->panels_count; k++) {
        if (f->panels[k].k == 0)
            return vmap_error_set(err, VMAP_EINVAL, "a panel has no categories");
        for (size_t i = 0; !status && i < f->series_count * f->panels[k].k; i++)
            status = canvas_check_number(f->panels[k].share[i], err);
    }
    return status;
}

static double largest(const vmap_chart_bars *f)
{
    double most = 0;

    for (size_t k = 0; k < f->panels_count; k++) {
        for (size_t i = 0; i < f->series_count * f->panels[k].k; i++)
            most = fmax(most, f->panels[k].share[i]);
    }
    return most > 0 ? most : 1;
}

/* The outline of one distribution: up and down at the edges of the categories. Series are moved a
 * little so that equal ones do not hide each other. */
static void put_outline(canvas *c, const plane *p, const double *share, size_t k, size_t series)
{
    outline o = {.at = NULL};

    for (size_t j = 0; j < k; j++) {
        double shift = .5 * (double)series;
        point from = canvas_at(p, (double)j + .08, share[j]), to = canvas_at(p, (double)j + .92, share[j]);

        if (isnan(share[j])) {
            outline_free(&o);
            return;
        }
        outline_add(&o, from.x + shift, from.y - .3 * shift, NULL);
        outline_add(&o, to.x + shift, to.y - .3 * shift, NULL);
    }
    canvas_layer(c, "with lines lw BOLDLINE lc rgb MC[%zu]", series % SERIES_STYLES + 1);
    canvas_dashes(c, o.at, o.n, dash_of_series(series));
    outline_free(&o);
}

/* Labels below the categories: all of them if there is room, else those of both ends. */
static void put_categories(canvas *c, const plane *p, const vmap_chart_bars_panel *panel)
{
    double size = c->s.size->tick, cell = p->width / (double)panel->k;
    bool all = panel->categories &&
               canvas_widest(panel->categories, panel->k, size, false) < 1.05 * cell;

    for (size_t j = 0; panel->categories && j < panel->k; j++) {
        bool first = j == 0, last = j + 1 == panel->k;
        double x = p->left + (first && !all ? 0 : last && !all ? p->width : ((double)j + .5) * cell);

        if (all || first || last)
            canvas_text(c, panel->categories[j], x, p->top + p->height + .9 * size,
                        all ? ALIGN_CENTRE : first ? ALIGN_LEFT : ALIGN_RIGHT, size, "GREY",
                        all ? 0 : .5 * p->width);
    }
}

static void put_panel(canvas *c, plane *p, const vmap_chart_bars *f, size_t index, bool words)
{
    const vmap_chart_bars_panel *panel = &f->panels[index];
    double size = c->s.size->label;

    p->x0 = 0, p->x1 = (double)panel->k;
    canvas_axes(c, p, AXIS_Y | (words ? 0 : AXIS_NO_WORDS));
    canvas_layer(c, "with filledcurves closed fc rgb '#c3cfd9'");
    for (size_t j = 0; j < panel->k; j++) {
        point low = canvas_at(p, (double)j + .08, 0), high = canvas_at(p, (double)j + .92, panel->share[j]);

        if (!isnan(panel->share[j]))
            canvas_rectangle(c, low.x, high.y, high.x, low.y);
    }
    for (size_t s = 1; s < f->series_count; s++)
        put_outline(c, p, panel->share + s * panel->k, panel->k, s - 1);
    put_categories(c, p, panel);
    canvas_text_bold(c, panel->title, p->left, p->top - (panel->note ? 1.9 : .8) * size, ALIGN_LEFT, size,
                     "INK", p->width);
    if (panel->note)
        canvas_text(c, panel->note, p->left, p->top - .7 * size, ALIGN_LEFT, c->s.size->tick, "GREY", p->width);
}

static vmap_status put_key(canvas *c, const vmap_chart_bars *f, vmap_error *err)
{
    key_entry entry[20];
    size_t n = f->series_count < 20 ? f->series_count : 20;

    for (size_t s = 0; s < n; s++)
        entry[s] = (key_entry){f->series[s], s ? KEY_LINE : KEY_FILL, s ? s - 1 : 0};
    return canvas_key(c, entry, n, err);
}

static void put_panels(canvas *c, const vmap_chart_bars *f)
{
    static const size_t in_row[] = {2, 5, 6};
    const sheet_sizes *z = c->s.size;
    size_t most = in_row[c->scene.width], across = f->panels_count < most ? f->panels_count : most;
    size_t rows = (f->panels_count + across - 1) / across;
    double side = plane_room_left(&c->s) + .4 * z->tick, gap = 1.1 * z->tick;
    double width = (z->width - 2 * z->margin - side - (double)(across - 1) * gap) / (double)across;
    double above = 3.1 * z->label, below = 2 * z->tick;
    double height = canvas_room(c, (double)rows * (above + below + .62 * fmin(width, 200))) / (double)rows -
                    above - below;
    double most_share = largest(f), step = plane_step(most_share / 3);
    plane p = {.width = width, .height = height, .y1 = fmin(1.0001, ceil(most_share / step - 1e-9) * step)};

    if (p.y1 < most_share)
        p.y1 = most_share;
    for (size_t k = 0; k < f->panels_count; k++) {
        size_t column = k % across;

        if (column == 0)
            c->s.top += above;
        p.left = z->margin + side + (double)column * (width + gap);
        p.top = c->s.top;
        put_panel(c, &p, f, k, column == 0);
        if (column + 1 == across || k + 1 == f->panels_count)
            c->s.top += height + below;
    }
}

vmap_status vmap_chart_draw_bars(const vmap_chart_bars *chart, char **script, vmap_figure_info *info,
                                 vmap_error *err)
{
    canvas c;
    vmap_status status = canvas_open(&c, &chart->chart, err);

    if (!status)
        status = check(chart, err);
    if (!status) {
        c.scene.y.name = chart->unit;
        status = put_key(&c, chart, err);
    }
    if (!status)
        put_panels(&c, chart);
    return canvas_close(&c, "distributions", status, script, info, err);
}
