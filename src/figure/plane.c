#include <config.h>
#include "figure/sheet.h"

#include <math.h>
#include <stdio.h>

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

/* The range of everything on one axis. An ellipse may widen it by at most a seventh at either end: a
 * group of few respondents must not shrink the map. */
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

/* The range of an axis whose plot is `length` points long, with `pad` points at both ends; `scale` is
 * points for a unit, or 0 when it follows from the range. */
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
static double round_step(double x)
{
    double power = pow(10, floor(log10(x)));
    double digit = x / power;

    return power * (digit <= 1.0001 ? 1 : digit <= 2.0001 ? 2 : digit <= 5.0001 ? 5 : 10);
}

static void put_ticks(buffer *b, char axis, double low, double high, double step)
{
    int decimals = (int)fmax(0, -floor(log10(step) + 1e-9));

    buffer_format(b, "set %ctics ", axis);
    script_number(b, ceil(low / step - 1e-9) * step);
    buffer_put(b, ", ");
    script_number(b, step);
    buffer_put(b, ", ");
    script_number(b, floor(high / step + 1e-9) * step);
    if (decimals > 6 || fabs(low) >= 1e6 || fabs(high) >= 1e6)
        buffer_format(b, " format '%%g'\n");
    else
        buffer_format(b, " format '%%.%df'\n", decimals);
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

    return 2.9 * s->size->tick + (has_words ? 1.35 * s->size->axis : 0);
}

double plane_room_below(const sheet *s)
{
    const vmap_figure_axis *a = &s->scene->x;
    bool has_words = a->name || a->low || a->high;

    return 1.9 * s->size->tick + (has_words ? 1.35 * s->size->axis : 0);
}

/* The words of one axis on a line of `length` points: the two ends with arrows, the name between them
 * when there is room. `put` draws one of them centred at a distance from the low end. */
static void put_words(sheet *s, const vmap_figure_axis *axis, double length, const plane *p,
                      bool of_y)
{
    static const char left_arrow[] = "\xE2\x86\x90 ", right_arrow[] = " \xE2\x86\x92";
    double size = s->size->axis, room[3] = {0};
    char text[3][SCRIPT_TEXT + 8] = {"", "", ""}, clean[SCRIPT_TEXT];
    const char *words[3] = {axis->low, axis->name, axis->high};
    double at[3] = {0, length / 2, length};

    for (int i = 0; i < 3; i++) {
        script_clean(clean, words[i]);
        if (!*clean)
            continue;
        s->shortened += extent_fit(clean, size, i != 1, i == 1 ? length : .45 * length);
        snprintf(text[i], sizeof text[i], "%s%s%s", i == 0 ? left_arrow : "", clean,
                 i == 2 ? right_arrow : "");
        room[i] = extent_of(text[i], size, i != 1).width;
    }
    if (fmax(room[0], room[2]) + room[1] / 2 + size > length / 2 && (room[0] > 0 || room[2] > 0))
        text[1][0] = '\0';
    for (int i = 0; i < 3; i++) {
        double x = of_y ? p->left - plane_room_left(s) + .6 * size : p->left + at[i];
        double y = of_y ? p->top + length - at[i]
                        : p->top + p->height + plane_room_below(s) - .7 * size;

        sheet_text(s, text[i], x, y, (sheet_align)i, i == 1 ? FACE_PLAIN : FACE_BOLD, size, "INK",
                   of_y);
    }
}

void plane_axes(sheet *s, const plane *p, unsigned words)
{
    buffer *b = &s->body;
    double apart = 4.6 * s->size->tick; /* least distance of two ticks */

    put_frame(s, p);
    put_ticks(b, 'x', p->x0, p->x1, round_step(apart * (p->x1 - p->x0) / p->width));
    put_ticks(b, 'y', p->y0, p->y1, round_step(apart * (p->y1 - p->y0) / p->height));
    buffer_put(b, "TF = F(");
    script_number(b, s->size->tick);
    buffer_put(b, ") # 'set tics' wants a variable\n"
                  "set tics nomirror out scale 0 textcolor rgb GREY font TF\nset grid x y back lc rgb GRID lw LINE dt 1\n");
    if (!(words & WORDS_X))
        buffer_put(b, "set format x ''\n");
    if (!(words & WORDS_Y))
        buffer_put(b, "set format y ''\n");
    if (p->x0 < 0 && p->x1 > 0)
        buffer_put(b, "set arrow from 0, graph 0 to 0, graph 1 nohead back lc rgb AXIS lw LINE\n");
    if (p->y0 < 0 && p->y1 > 0)
        buffer_put(b, "set arrow from graph 0, first 0 to graph 1, first 0 nohead back "
                      "lc rgb AXIS lw LINE\n");
    if (words & WORDS_X)
        put_words(s, &s->scene->x, p->width, p, false);
    if (words & WORDS_Y)
        put_words(s, &s->scene->y, p->height, p, true);
}
