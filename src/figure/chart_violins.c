#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "figure/canvas.h"

/* Densities of whole distributions, rows below each other, series beside each other in a row. */

enum { DENSITY_POINTS = 96, FEWEST_FOR_DENSITY = 5 };

typedef struct weighted {
    double value, weight;
} weighted;

static int by_value(const void *a, const void *b)
{
    double x = ((const weighted *)a)->value, y = ((const weighted *)b)->value;

    return (x > y) - (x < y);
}

static vmap_status check(const vmap_chart_violins *f, vmap_error *err)
{
    vmap_status status = canvas_check_axis(&f->x, "x", err);

    if (!status && (f->rows_count == 0 || f->series_count == 0))
        status = vmap_error_set(err, VMAP_EINVAL, "there are no rows or series to draw");
    for (size_t k = 0; !status && k < f->violins_count; k++) {
        const vmap_chart_violin *v = &f->violins[k];

        if (v->row >= f->rows_count || v->series >= f->series_count)
            status = vmap_error_set(err, VMAP_EINVAL, "a violin has a row or series that is not there");
        for (size_t i = 0; !status && i < v->n; i++)
            status = canvas_check_number(v->values[i], err);
    }
    return status;
}

/* The finite values of positive weight, ascending, with weights adding up to 1. */
static vmap_status sort_values(const vmap_chart_violin *v, weighted **sorted, size_t *n, vmap_error *err)
{
    weighted *w = memory_new(v->n, sizeof *w, err);
    double sum = 0;

    if (!w)
        return VMAP_ENOMEM;
    *n = 0;
    for (size_t i = 0; i < v->n; i++) {
        double weight = v->weights ? v->weights[i] : 1;

        if (isnan(v->values[i]) || !(weight > 0))
            continue;
        w[(*n)++] = (weighted){v->values[i], weight};
        sum += weight;
    }
    for (size_t i = 0; i < *n; i++)
        w[i].weight /= sum;
    qsort(w, *n, sizeof *w, by_value);
    *sorted = w;
    return VMAP_SUCCESS;
}

static double quantile(const weighted *w, size_t n, double share)
{
    double below = 0;

    for (size_t i = 0; i < n; i++) {
        below += w[i].weight;
        if (below >= share - 1e-12)
            return w[i].value;
    }
    return w[n - 1].value;
}

/* Silverman (1986), Density Estimation, eq. 3.31, as R's bw.nrd0. */
static double bandwidth(const weighted *w, size_t n)
{
    double mean = 0, var = 0, spread, iqr = quantile(w, n, .75) - quantile(w, n, .25);

    for (size_t i = 0; i < n; i++)
        mean += w[i].weight * w[i].value;
    for (size_t i = 0; i < n; i++)
        var += w[i].weight * (w[i].value - mean) * (w[i].value - mean);
    spread = sqrt(var * (double)n / (double)(n - 1));
    if (iqr > 0)
        spread = fmin(spread, iqr / 1.34);
    return .9 * (spread > 0 ? spread : 1e-3) * pow((double)n, -.2);
}

static double density(const weighted *w, size_t n, double x, double h)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        double u = (x - w[i].value) / h;

        if (fabs(u) < 8)
            sum += w[i].weight * exp(-.5 * u * u);
    }
    return sum / (h * sqrt(2 * M_PI));
}

/* The outline of a density between the least and the largest value, its greatest height `half`. */
static vmap_status put_body(canvas *c, const plane *p, const weighted *w, size_t n, double h, double y, double half,
                            size_t series, vmap_error *err)
{
    double d[DENSITY_POINTS], x[DENSITY_POINTS], most = 0;
    double low = fmax(w[0].value, p->x0), high = fmin(w[n - 1].value, p->x1);
    outline o = {.at = NULL};
    vmap_status status = VMAP_SUCCESS;

    for (int i = 0; i < DENSITY_POINTS; i++) {
        x[i] = low + (high - low) * i / (DENSITY_POINTS - 1);
        d[i] = density(w, n, x[i], h);
        most = fmax(most, d[i]);
    }
    for (int i = 0; !status && i < 2 * DENSITY_POINTS; i++) {
        int k = i < DENSITY_POINTS ? i : 2 * DENSITY_POINTS - 1 - i;
        double side = i < DENSITY_POINTS ? -1 : 1;

        status = outline_add(&o, canvas_at(p, x[k], 0).x, y + side * half * d[k] / most, err);
    }
    if (!status) {
        canvas_layer(c, "with filledcurves closed fc rgb tint('b0', MC[%zu])", canvas_colour(c, series));
        canvas_path(c, o.at, o.n, true);
        canvas_layer(c, "with lines lw THIN lc rgb MC[%zu]", canvas_colour(c, series));
        canvas_path(c, o.at, o.n, true);
    }
    outline_free(&o);
    return status;
}

static vmap_status put_violin(canvas *c, const plane *p, const vmap_chart_violins *f, const vmap_chart_violin *v,
                              double y, double half, vmap_error *err)
{
    weighted *w = NULL;
    size_t n = 0;
    vmap_status status = sort_values(v, &w, &n, err);

    if (!status && n >= FEWEST_FOR_DENSITY && w[n - 1].value > w[0].value) {
        double h = f->bandwidth > 0 ? f->bandwidth : bandwidth(w, n);
        double low = canvas_at(p, quantile(w, n, .25), 0).x, high = canvas_at(p, quantile(w, n, .75), 0).x;

        status = put_body(c, p, w, n, h, y, half, v->series, err);
        canvas_layer(c, "with lines lw BOLDLINE lc rgb MC[%zu]", canvas_colour(c, v->series));
        canvas_segment(c, low, y, high, y);
        canvas_layer(c, "with filledcurves closed fc rgb MC[%zu]", canvas_colour(c, v->series));
        if (!status)
            status = canvas_marker(c, canvas_shape(c, v->series), canvas_at(p, quantile(w, n, .5), 0).x, y,
                                   fmin(.7 * c->s.size->group, .5 * half), err);
    } else if (!status) {
        canvas_layer(c, "with filledcurves closed fc rgb MC[%zu]", canvas_colour(c, v->series));
        for (size_t i = 0; !status && i < n; i++)
            status = canvas_marker(c, canvas_shape(c, v->series), canvas_at(p, w[i].value, 0).x, y,
                                   fmin(.5 * c->s.size->group, .5 * half), err);
    }
    free(w);
    return status;
}

static vmap_status put_key(canvas *c, const vmap_chart_violins *f, vmap_error *err)
{
    key_entry entry[21];
    size_t n = 0;

    for (size_t s = 0; f->series_count > 1 && s < f->series_count && n < 20; s++)
        entry[n++] = (key_entry){f->series[s], KEY_DOT, s};
    if (f->marks && f->mark)
        entry[n++] = (key_entry){f->mark, KEY_OPEN, 0};
    return canvas_key(c, entry, n, err);
}

static vmap_status put_all(canvas *c, const vmap_chart_violins *f, vmap_error *err)
{
    const sheet_sizes *z = c->s.size;
    double labels = fmin(canvas_widest(f->rows, f->rows_count, z->label, false), .35 * z->width) + z->label;
    double pitch = 1.9 * z->label, row = pitch * (double)f->series_count + .8 * z->label, low = NAN, high = NAN;
    double rows = (double)f->rows_count, room = canvas_room(c, rows * row + 5 * z->tick) - 5 * z->tick;
    plane p = {z->margin + labels, c->s.top, z->width - 2 * z->margin - labels - z->tick, room, 0, 1, -1, 1};
    vmap_status status = VMAP_SUCCESS;

    pitch *= room / (rows * row);
    row = room / rows;
    for (size_t k = 0; k < f->violins_count; k++) {
        for (size_t i = 0; i < f->violins[k].n; i++) {
            low = fmin(low, f->violins[k].values[i]);
            high = fmax(high, f->violins[k].values[i]);
        }
    }
    canvas_range(&f->x, low, high, .03, &p.x0, &p.x1);
    canvas_axes(c, &p, AXIS_X);
    for (size_t k = 0; !status && k < f->violins_count; k++) {
        const vmap_chart_violin *v = &f->violins[k];
        double y = p.top + ((double)v->row + .5) * row + ((double)v->series - .5 * (double)(f->series_count - 1)) * pitch;

        status = put_violin(c, &p, f, v, y, .46 * pitch, err);
    }
    canvas_layer(c, "with lines lw 1.2 lc rgb INK");
    for (size_t i = 0; i < f->rows_count; i++) {
        canvas_text(c, f->rows[i], p.left - .5 * z->label, p.top + ((double)i + .5) * row, ALIGN_RIGHT, z->label, "INK",
                    labels - z->label);
        if (f->marks && f->marks[i] >= p.x0 && f->marks[i] <= p.x1)
            canvas_segment(c, canvas_at(&p, f->marks[i], 0).x, p.top + (double)i * row + .12 * row,
                           canvas_at(&p, f->marks[i], 0).x, p.top + (double)(i + 1) * row - .12 * row);
    }
    c->s.top += room + plane_room_below(&c->s);
    return status;
}

vmap_status vmap_chart_draw_violins(const vmap_chart_violins *chart, char **script, vmap_figure_info *info,
                                    vmap_error *err)
{
    canvas c;
    vmap_status status = canvas_open(&c, &chart->chart, err);

    if (!status)
        status = check(chart, err);
    if (!status) {
        c.scene.x = chart->x;
        status = put_key(&c, chart, err);
    }
    if (!status)
        status = put_all(&c, chart, err);
    return canvas_close(&c, "densities", status, script, info, err);
}
