#include <config.h>
#include "figure/canvas.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

vmap_status canvas_open(canvas *c, const vmap_chart *chart, vmap_error *err)
{
    *c = (canvas){.scene = {.name = chart->name,
                            .title = chart->title,
                            .subtitle = chart->subtitle,
                            .caption = chart->caption,
                            .caption_count = chart->caption_count,
                            .provenance = chart->provenance,
                            .provenance_count = chart->provenance_count,
                            .width = chart->width},
                  .styles = chart->styles};
    if (!chart->name || !script_name_fits(chart->name))
        return vmap_error_set(err, VMAP_EINVAL,
                              "the figure's name \"%s\" is not made of A-Z a-z 0-9 _ . -",
                              chart->name ? chart->name : "");
    if ((unsigned)chart->width > VMAP_FIGURE_SLIDE)
        return vmap_error_set(err, VMAP_EINVAL, "the width %d is none of column, page and slide",
                              (int)chart->width);
    sheet_open(&c->s, &c->scene);
    sheet_title(&c->s);
    return VMAP_SUCCESS;
}

/* --- styles of series --- */

static size_t style_of(const canvas *c, size_t series)
{
    return c->styles ? c->styles[series] : series;
}

size_t canvas_colour(const canvas *c, size_t series)
{
    return style_of(c, series) % SERIES_STYLES + 1;
}

marker_shape canvas_shape(const canvas *c, size_t series)
{
    return marker_of_series(style_of(c, series));
}

const dash *canvas_dash(const canvas *c, size_t series)
{
    return dash_of_series(style_of(c, series));
}

/* --- layers --- */

static void end_layer(canvas *c)
{
    if (!c->open)
        return;
    script_end(&c->data);
    buffer_put(&c->plot, c->layers > 1 ? ", \\\n     " : "plot ");
    buffer_format(&c->plot, "$l%zu using 1:2 %s", c->layers, c->style);
    c->open = false;
}

void canvas_layer(canvas *c, const char *style, ...)
{
    va_list arguments;

    end_layer(c);
    va_start(arguments, style);
    vsnprintf(c->style, sizeof c->style, style, arguments);
    va_end(arguments);
}

static void begin_path(canvas *c)
{
    char name[32];

    if (c->open) {
        script_gap(&c->data);
        return;
    }
    c->layers++;
    snprintf(name, sizeof name, "l%zu", c->layers);
    script_block(&c->data, name);
    c->open = true;
}

void canvas_path(canvas *c, const point *at, size_t n, bool closed)
{
    if (!n)
        return;
    begin_path(c);
    for (size_t i = 0; i < n + closed; i++)
        script_row(&c->data, at[i % n].x, at[i % n].y);
}

void canvas_segment(canvas *c, double x0, double y0, double x1, double y1)
{
    const point at[2] = {{x0, y0}, {x1, y1}};

    canvas_path(c, at, 2, false);
}

void canvas_rectangle(canvas *c, double left, double top, double right, double bottom)
{
    const point at[4] = {{left, top}, {right, top}, {right, bottom}, {left, bottom}};

    canvas_path(c, at, 4, true);
}

static vmap_status put_piece(void *context, point from, point to, bool begins, vmap_error *err)
{
    canvas *c = context;

    (void)err;
    if (begins || !c->open) {
        begin_path(c);
        script_row(&c->data, from.x, from.y);
    }
    script_row(&c->data, to.x, to.y);
    return VMAP_SUCCESS;
}

void canvas_dashes(canvas *c, const point *at, size_t n, const dash *pattern)
{
    if (!pattern || pattern->parts == 1)
        canvas_path(c, at, n, false);
    else
        dash_cut(at, n, false, pattern, put_piece, c, NULL);
}

vmap_status canvas_marker(canvas *c, marker_shape shape, double x, double y, double radius,
                          vmap_error *err)
{
    outline o = {.at = NULL};
    vmap_status status = marker_outline(shape, (point){0, 0}, radius, &o, err);

    for (size_t i = 0; i < o.n; i++)
        o.at[i] = (point){x + o.at[i].x, y - o.at[i].y};
    if (!status)
        canvas_path(c, o.at, o.n, true);
    outline_free(&o);
    return status;
}

/* --- texts --- */

static void put_text(canvas *c, const char *text, double x, double y, sheet_align align,
                     sheet_face face, double size, const char *colour, double width, bool turned)
{
    char clean[SCRIPT_TEXT];

    script_clean(clean, text);
    if (width > 0)
        c->s.shortened += extent_fit(clean, size, face == FACE_BOLD, width);
    sheet_text(&c->s, clean, x, y, align, face, size, colour, turned);
}

void canvas_text(canvas *c, const char *text, double x, double y, sheet_align align, double size,
                 const char *colour, double width)
{
    put_text(c, text, x, y, align, FACE_PLAIN, size, colour, width, false);
}

void canvas_text_bold(canvas *c, const char *text, double x, double y, sheet_align align, double size,
                      const char *colour, double width)
{
    put_text(c, text, x, y, align, FACE_BOLD, size, colour, width, false);
}

void canvas_text_turned(canvas *c, const char *text, double x, double y, double size, double width)
{
    put_text(c, text, x, y, ALIGN_LEFT, FACE_PLAIN, size, "INK", width, true);
}

double canvas_widest(const char *const *texts, size_t n, double size, bool bold)
{
    char clean[SCRIPT_TEXT];
    double widest = 0;

    for (size_t i = 0; i < n; i++) {
        script_clean(clean, texts[i]);
        widest = fmax(widest, extent_of(clean, size, bold).width);
    }
    return widest;
}

double canvas_room(const canvas *c, double wish)
{
    const sheet_sizes *z = c->s.size;
    double width = z->width - 2 * z->margin;

    if (z->height == 0)
        return wish;
    return fmax(40, z->height - c->s.top - z->margin - sheet_caption_height(&c->s, width) -
                        sheet_stamp_height(&c->s));
}

/* --- plots --- */

point canvas_at(const plane *p, double x, double y)
{
    point at = plane_at(p, x, y);

    return (point){p->left + at.x, p->top + p->height - at.y};
}

/* Liang & Barsky: keep the part of the parameter interval on the right side of one border. */
static bool clip_side(double towards, double room, double *from, double *to)
{
    double t = towards ? room / towards : 0;

    if (towards == 0)
        return room >= 0;
    if (towards < 0)
        *from = fmax(*from, t);
    else
        *to = fmin(*to, t);
    return *from <= *to;
}

bool canvas_clip(const plane *p, double *x0, double *y0, double *x1, double *y1)
{
    double dx = *x1 - *x0, dy = *y1 - *y0, from = 0, to = 1, x = *x0, y = *y0;

    if (!clip_side(-dx, x - p->x0, &from, &to) || !clip_side(dx, p->x1 - x, &from, &to) ||
        !clip_side(-dy, y - p->y0, &from, &to) || !clip_side(dy, p->y1 - y, &from, &to))
        return false;
    *x0 = x + from * dx, *y0 = y + from * dy;
    *x1 = x + to * dx, *y1 = y + to * dy;
    return true;
}

void canvas_curve(canvas *c, const plane *p, const double *x, const double *y, size_t n,
                  const dash *pattern)
{
    outline run = {.at = NULL};

    for (size_t i = 0; i + 1 < n; i++) {
        double x0 = x[i], y0 = y[i], x1 = x[i + 1], y1 = y[i + 1];
        bool drawn = isfinite(x0) && isfinite(y0) && isfinite(x1) && isfinite(y1) &&
                     canvas_clip(p, &x0, &y0, &x1, &y1);
        point from = canvas_at(p, x0, y0), to = canvas_at(p, x1, y1);

        if (drawn && run.n == 0 && outline_add(&run, from.x, from.y, NULL))
            break;
        if (drawn && outline_add(&run, to.x, to.y, NULL))
            break;
        if (run.n && (!drawn || i + 2 == n || x1 != x[i + 1] || y1 != y[i + 1])) {
            canvas_dashes(c, run.at, run.n, pattern);
            run.n = 0;
        }
    }
    outline_free(&run);
}

void canvas_range(const vmap_figure_axis *axis, double low, double high, double margin, double *from,
                  double *to)
{
    double length = high - low;

    if (axis->from < axis->to) {
        *from = axis->from, *to = axis->to;
        return;
    }
    if (!(low <= high))
        low = 0, high = 1, length = 1;
    if (length <= 1e-12 * fmax(1, fabs(high)))
        length = fmax(1, fabs(high)) / margin / 4;
    *from = low - margin * length;
    *to = high + margin * length;
}

vmap_status canvas_check_number(double x, vmap_error *err)
{
    if (isinf(x) || fabs(x) > 1e9)
        return vmap_error_set(err, VMAP_EDATA, "the number %g is not within +-1e9", x);
    return VMAP_SUCCESS;
}

vmap_status canvas_check_axis(const vmap_figure_axis *axis, const char *which, vmap_error *err)
{
    if (!(axis->from <= axis->to) || fabs(axis->from) > 1e9 || fabs(axis->to) > 1e9)
        return vmap_error_set(err, VMAP_EINVAL,
                              "the range %g to %g of the %s axis does not ascend within +-1e9",
                              axis->from, axis->to, which);
    return VMAP_SUCCESS;
}

/* Grid lines of one axis, the line at 0 darker; or, with `numbers`, the numbers of its ticks. */
static void put_ticks(canvas *c, const plane *p, bool of_y, bool whole, bool numbers, int zero)
{
    double low = of_y ? p->y0 : p->x0, high = of_y ? p->y1 : p->x1, size = c->s.size->tick;
    double apart = (of_y ? 2.2 : 3.1) * size / (of_y ? p->height : p->width) * (high - low);
    double step = plane_step(whole ? fmax(1, apart) : apart);
    long first = (long)ceil(low / step - 1e-9), last = (long)floor(high / step + 1e-9);

    for (long k = first; k <= last; k++) {
        point at = canvas_at(p, of_y ? p->x0 : (double)k * step, of_y ? (double)k * step : p->y0);
        char text[48];

        plane_tick(text, (double)k * step, step);
        if (numbers && of_y)
            canvas_text(c, text, at.x - .5 * size, at.y, ALIGN_RIGHT, size, "GREY", 0);
        else if (numbers)
            canvas_text(c, text, at.x, at.y + .9 * size, ALIGN_CENTRE, size, "GREY", 0);
        else if ((k == 0) == zero && of_y)
            canvas_segment(c, p->left, at.y, p->left + p->width, at.y);
        else if ((k == 0) == zero)
            canvas_segment(c, at.x, p->top, at.x, p->top + p->height);
    }
}

void canvas_axes(canvas *c, const plane *p, unsigned which)
{
    for (int zero = 0; zero < 2; zero++) {
        canvas_layer(c, "with lines lw LINE lc rgb %s", zero ? "AXIS" : "GRID");
        if (which & AXIS_X)
            put_ticks(c, p, false, which & AXIS_WHOLE_X, false, zero);
        if (which & AXIS_Y)
            put_ticks(c, p, true, false, false, zero);
    }
    if (which & AXIS_NO_WORDS)
        return;
    if (which & AXIS_X) {
        put_ticks(c, p, false, which & AXIS_WHOLE_X, true, 0);
        plane_put_words(&c->s, &c->scene.x, p, false);
    }
    if (which & AXIS_Y) {
        put_ticks(c, p, true, false, true, 0);
        plane_put_words(&c->s, &c->scene.y, p, true);
    }
}

/* --- legend --- */

static vmap_status put_key(canvas *c, const key_entry *e, double x, double y, vmap_error *err)
{
    double size = c->s.size->legend, radius = c->s.size->group, half = .9 * size;
    const point line[2] = {{x - half, y}, {x + half, y}};

    switch (e->kind) {
    case KEY_FILL:
        canvas_layer(c, "with filledcurves closed fc rgb '#c3cfd9'");
        canvas_rectangle(c, x - half, y - .35 * size, x + half, y + .35 * size);
        return VMAP_SUCCESS;
    case KEY_GROUP:
        canvas_layer(c, "with filledcurves closed fc rgb ZC[%zu]", e->series % 8 + 1);
        return canvas_marker(c, marker_of_zone(e->series), x, y, radius, err);
    case KEY_OPEN:
        canvas_layer(c, "with lines lw BOLDLINE lc rgb INK");
        canvas_segment(c, x, y - .45 * size, x, y + .45 * size);
        return VMAP_SUCCESS;
    case KEY_LINE:
    case KEY_LINE_DOT:
        canvas_layer(c, "with lines lw BOLDLINE lc rgb MC[%zu]", canvas_colour(c, e->series));
        canvas_dashes(c, line, 2, canvas_dash(c, e->series));
        if (e->kind == KEY_LINE)
            return VMAP_SUCCESS;
        break;
    case KEY_DOT:
        break;
    }
    canvas_layer(c, "with filledcurves closed fc rgb MC[%zu]", canvas_colour(c, e->series));
    return canvas_marker(c, canvas_shape(c, e->series), x, y, .8 * radius, err);
}

vmap_status canvas_key(canvas *c, const key_entry *entry, size_t n, vmap_error *err)
{
    const sheet_sizes *z = c->s.size;
    double left = z->margin, x = left, size = z->legend;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < n; i++) {
        char clean[SCRIPT_TEXT];
        double width;

        script_clean(clean, entry[i].text);
        c->s.shortened += extent_fit(clean, size, false, z->width - 2 * z->margin - 3 * size);
        width = 2.6 * size + extent_of(clean, size, false).width;
        if (x > left && x + width > z->width - z->margin) {
            x = left;
            c->s.top += 1.5 * size;
        }
        status = put_key(c, &entry[i], x + size, c->s.top + .6 * size, err);
        canvas_text(c, clean, x + 2.4 * size, c->s.top + .6 * size, ALIGN_LEFT, size, "INK", 0);
        x += width + 1.2 * size;
    }
    if (n)
        c->s.top += 2 * size;
    return status;
}

vmap_status canvas_series_key(canvas *c, const char *const *series, size_t n, key_kind kind,
                              vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;
    key_entry entry[40];

    if (n < 2)
        return VMAP_SUCCESS;
    n = n < 40 ? n : 40;
    for (size_t i = 0; i < n; i++)
        entry[i] = (key_entry){series[i], kind, i};
    status = canvas_key(c, entry, n, err);
    return status;
}

vmap_status canvas_group_key(canvas *c, const size_t *group, const char *const *groups, size_t n, vmap_error *err)
{
    key_entry entry[24];

    n = !group ? 0 : n < 24 ? n : 24;
    for (size_t g = 0; g < n; g++)
        entry[g] = (key_entry){groups[g], KEY_GROUP, g};
    return canvas_key(c, entry, n, err);
}

/* --- the end --- */

static void put_ranges(buffer *b)
{
    buffer_put(b, "set lmargin at screen 0\nset rmargin at screen 1\nset tmargin at screen 1\n"
                  "set bmargin at screen 0\nset xrange [0:W] noextend\nset yrange [H:0] noextend\n");
}

/* Move the text of one buffer to the end of another. */
static void append(buffer *to, buffer *from)
{
    if (from->text)
        buffer_bytes(to, from->text, from->n);
    to->failed = to->failed || from->failed;
    buffer_free(from);
}

vmap_status canvas_close(canvas *c, const char *what, vmap_status status, char **script,
                         vmap_figure_info *info, vmap_error *err)
{
    double width;

    end_layer(c);
    if (status) {
        buffer_free(&c->s.body);
        buffer_free(&c->data);
        buffer_free(&c->plot);
        return status;
    }
    width = c->s.size->width - 2 * c->s.size->margin;
    sheet_caption(&c->s, c->s.size->margin, width);
    sheet_stamp(&c->s);
    put_ranges(&c->s.body);
    append(&c->s.body, &c->data);
    append(&c->s.body, &c->plot);
    buffer_put(&c->s.body, c->layers ? "\n" : "plot NaN\n");
    if (info)
        *info = (vmap_figure_info){.width = c->s.size->width,
                                   .height = c->s.height,
                                   .shortened = c->s.shortened,
                                   .outside = c->outside,
                                   .unusual = c->s.unusual};
    return sheet_close(&c->s, what, script, err);
}
