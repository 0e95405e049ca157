#include <config.h>
#include "figure/sheet.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

point plane_at(const plane *p, double x, double y)
{
    return (point){(x - p->x0) / (p->x1 - p->x0) * p->width,
                   (y - p->y0) / (p->y1 - p->y0) * p->height};
}

double plane_x(const plane *p, double at)
{
    return p->x0 + at / p->width * (p->x1 - p->x0);
}

double plane_y(const plane *p, double at)
{
    return p->y0 + at / p->height * (p->y1 - p->y0);
}

bool plane_shows(const plane *p, double x, double y)
{
    return x >= p->x0 && x <= p->x1 && y >= p->y0 && y <= p->y1;
}

/* --- ranges --- */

typedef struct range {
    double low, high;
} range;

static void widen(range *r, double x)
{
    r->low = fmin(r->low, x);
    r->high = fmax(r->high, x);
}

/* The range of everything on one axis. An ellipse may widen it by at most a seventh at either end:
 * a group of few respondents must not shrink the map. */
static range range_of(const vmap_figure_scene *scene, bool of_y)
{
    range r = {INFINITY, -INFINITY}, all;
    double square = ellipse_square(scene->level), most;

    for (size_t i = 0; i < scene->countries_count; i++)
        widen(&r, of_y ? scene->countries[i].y : scene->countries[i].x);
    for (size_t s = 0; s < scene->series_count; s++) {
        for (size_t i = 0; i < scene->series[s].groups_count; i++)
            widen(&r, of_y ? scene->series[s].groups[i].y : scene->series[s].groups[i].x);
    }
    all = r;
    for (size_t s = 0; s < scene->series_count; s++) {
        for (size_t i = 0; i < scene->series[s].groups_count; i++) {
            const vmap_figure_group *g = &scene->series[s].groups[i];
            double half = g->cov ? sqrt(square * g->cov[of_y ? 2 : 0]) : 0;

            widen(&all, (of_y ? g->y : g->x) - half);
            widen(&all, (of_y ? g->y : g->x) + half);
        }
    }
    most = (r.high - r.low) / 7;
    return (range){fmax(all.low, r.low - most), fmin(all.high, r.high + most)};
}

/* The range of an axis whose plot is `length` points long, with `pad` points at both ends; `scale`
 * is points for a unit, or 0 when it follows from the range. */
static range padded(range r, double length, double pad, double scale)
{
    double span = r.high - r.low, middle = (r.low + r.high) / 2;

    if (!(span > fmax(1e-9, 1e-9 * fabs(middle))))
        span = fmax(1, .1 * fabs(middle));
    if (scale == 0)
        scale = (length - 2 * pad) / span;
    return (range){middle - length / scale / 2, middle + length / scale / 2};
}

static double span_of(range r)
{
    double span = r.high - r.low, middle = (r.low + r.high) / 2;

    return span > fmax(1e-9, 1e-9 * fabs(middle)) ? span : fmax(1, .1 * fabs(middle));
}

void plane_fit(plane *p, const vmap_figure_scene *scene, const sheet_sizes *size, double pad)
{
    bool given_x = scene->x.from < scene->x.to, given_y = scene->y.from < scene->y.to;
    range x = given_x ? (range){scene->x.from, scene->x.to} : range_of(scene, false);
    range y = given_y ? (range){scene->y.from, scene->y.to} : range_of(scene, true);
    double pad_x = given_x ? 0 : pad, pad_y = given_y ? 0 : .8 * pad, scale, height;

    /* Points for a unit that the width allows; a taller plot than allowed lowers it. */
    scale = (p->width - 2 * pad_x) / span_of(x);
    if (scene->free_scales) {
        if (p->height == 0)
            p->height = fmin(.85, size->most) * p->width;
        x = padded(x, p->width, pad_x, 0);
        y = padded(y, p->height, pad_y, 0);
    } else {
        height = span_of(y) * scale + 2 * pad_y;
        if (p->height == 0)
            p->height = fmin(fmax(height, size->least * p->width), size->most * p->width);
        scale = fmin(scale, (p->height - 2 * pad_y) / span_of(y));
        x = padded(x, p->width, pad_x, scale);
        y = padded(y, p->height, pad_y, scale);
    }
    p->x0 = x.low, p->x1 = x.high;
    p->y0 = y.low, p->y1 = y.high;
}

/* --- axes --- */

/* The least of 1, 2, 5 times a power of ten that is not below x. */
double plane_step(double x)
{
    double power = pow(10, floor(log10(x)));
    double digit = x / power;

    return power * (digit <= 1.0001 ? 1 : digit <= 2.0001 ? 2 : digit <= 5.0001 ? 5 : 10);
}

/* Number of a tick, with a minus sign that is one. */
void plane_tick(char text[48], double x, double step)
{
    int decimals = (int)fmax(0, -floor(log10(step) + 1e-9));
    char number[32];

    if (fabs(x) < step / 2)
        x = 0;
    if (decimals > 6 || fabs(x) >= 1e6) {
        number_text(number, fabs(x), 6);
    } else {
        snprintf(number, sizeof number, "%.*f", decimals, fabs(x));
        if (decimals)
            *(strchr(number, '\0') - decimals - 1) = '.'; /* whatever the locale */
    }
    snprintf(text, 48, "%s%s", x < 0 ? "\xE2\x88\x92" : "", number);
}

/* Grid lines and numbers of one axis. They are drawn as lines and texts, because gnuplot's
 * terminals put ticks in different places and dot the grid differently. */
static void put_grid(sheet *s, const plane *p, bool of_y, bool numbers)
{
    double low = of_y ? p->y0 : p->x0, high = of_y ? p->y1 : p->x1, size = s->size->tick;
    double apart = 3.1 * size / (of_y ? p->height : p->width) * (high - low);
    double step = plane_step(apart);
    long first = (long)ceil(low / step - 1e-9), last = (long)floor(high / step + 1e-9);

    for (long k = first; k <= last; k++) {
        double at = (double)k * step;
        char text[48];

        buffer_put(&s->body, of_y ? "set arrow from graph 0, first " : "set arrow from ");
        script_number(&s->body, at);
        buffer_put(&s->body, of_y ? " to graph 1, first " : ", graph 0 to ");
        script_number(&s->body, at);
        buffer_format(&s->body, "%s nohead back lc rgb %s lw LINE\n", of_y ? "" : ", graph 1",
                      k == 0 ? "AXIS" : "GRID");
        plane_tick(text, at, step);
        if (numbers && of_y)
            sheet_text(s, text, p->left - .5 * size, p->top + p->height - plane_at(p, p->x0, at).y,
                       ALIGN_RIGHT, FACE_PLAIN, size, "GREY", false);
        else if (numbers)
            sheet_text(s, text, p->left + plane_at(p, at, p->y0).x, p->top + p->height + .9 * size,
                       ALIGN_CENTRE, FACE_PLAIN, size, "GREY", false);
    }
}

static void put_range(buffer *b, char axis, double low, double high)
{
    buffer_format(b, "set %crange [", axis);
    script_number(b, low);
    buffer_put(b, ":");
    script_number(b, high);
    buffer_put(b, "] noextend\n");
}

static void put_frame(sheet *s, const plane *p)
{
    buffer *b = &s->body;
    const struct {
        const char *side;
        char function;
        double at;
    } margins[] = {{"lmargin", 'X', p->left},
                   {"rmargin", 'X', p->left + p->width},
                   {"tmargin", 'Y', p->top},
                   {"bmargin", 'Y', p->top + p->height}};

    for (size_t i = 0; i < sizeof margins / sizeof *margins; i++) {
        buffer_format(b, "set %s at screen %c(", margins[i].side, margins[i].function);
        script_number(b, margins[i].at);
        buffer_put(b, ")\n");
    }
    put_range(b, 'x', p->x0, p->x1);
    put_range(b, 'y', p->y0, p->y1);
}

double plane_room_left(const sheet *s)
{
    const vmap_figure_axis *a = &s->scene->y;
    bool has_words = a->name || a->low || a->high;

    return 2.6 * s->size->tick + (has_words ? 1.35 * s->size->axis : 0);
}

double plane_room_below(const sheet *s)
{
    const vmap_figure_axis *a = &s->scene->x;
    bool has_words = a->name || a->low || a->high;

    return 1.9 * s->size->tick + (has_words ? 1.35 * s->size->axis : 0);
}

typedef struct axis_words {
    char text[3][SCRIPT_TEXT + 8]; /* at the low end, in the middle, at the high end */
    double room[3];
    double over; /* how far the ends reach beyond the axis, together */
} axis_words;

/* The ends get arrows. They may reach a little beyond the axis (`spare` points) and are shortened
 * when they still do not fit side by side; the name stands between them when there is room. */
static void fit_words(sheet *s, const vmap_figure_axis *axis, double length, double spare,
                      axis_words *w)
{
    static const char left_arrow[] = "\xE2\x86\x90 ", right_arrow[] = " \xE2\x86\x92";
    const char *words[3] = {axis->low, axis->name, axis->high};
    double size = s->size->axis, arrow = extent_of(left_arrow, size, true).width, ends, most;
    char clean[3][SCRIPT_TEXT];

    for (int i = 0; i < 3; i++) {
        script_clean(clean[i], words[i]);
        w->room[i] = *clean[i] ? extent_of(clean[i], size, i != 1).width + (i != 1) * arrow : 0;
    }
    ends = w->room[0] + w->room[2];
    w->over = fmin(spare, fmax(0, ends + .8 * size - length));
    most = length + w->over - .8 * size;
    for (int i = 0; i < 3; i++) {
        if (i != 1 && ends > most)
            s->shortened += extent_fit(clean[i], size, true, w->room[i] / ends * most - arrow);
        else if (i == 1)
            s->shortened += extent_fit(clean[i], size, false, length);
        snprintf(w->text[i], sizeof w->text[i], "%s%.*s%s", i == 0 && *clean[i] ? left_arrow : "",
                 SCRIPT_TEXT - 1, clean[i], i == 2 && *clean[i] ? right_arrow : "");
    }
    if (ends > 0 && fmax(w->room[0], w->room[2]) + w->room[1] / 2 + size > length / 2)
        w->text[1][0] = '\0';
}

void plane_put_words(sheet *s, const vmap_figure_axis *axis, const plane *p, bool of_y)
{
    double size = s->size->axis, length = of_y ? p->height : p->width;
    axis_words w;

    fit_words(s, axis, length, of_y ? 3 * size : 0, &w);
    for (int i = 0; i < 3; i++) {
        double at = i == 0 ? -w.over / 2 : i == 1 ? length / 2 : length + w.over / 2;
        double x = of_y ? p->left - plane_room_left(s) + .6 * size : p->left + at;
        double y =
            of_y ? p->top + length - at : p->top + p->height + plane_room_below(s) - .7 * size;

        sheet_text(s, w.text[i], x, y, (sheet_align)i, i == 1 ? FACE_PLAIN : FACE_BOLD, size, "INK",
                   of_y);
    }
}

void plane_axes(sheet *s, const plane *p, unsigned words)
{
    put_frame(s, p);
    put_grid(s, p, false, words & WORDS_X);
    put_grid(s, p, true, words & WORDS_Y);
    if (words & WORDS_X)
        plane_put_words(s, &s->scene->x, p, false);
    if (words & WORDS_Y)
        plane_put_words(s, &s->scene->y, p, true);
}
