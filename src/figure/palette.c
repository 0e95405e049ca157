#include <config.h>
#include "figure/palette.h"

#include <math.h>

void palette_range(const double *values, size_t n, bool diverging, double centre, double *from, double *to)
{
    double low = NAN, high = NAN; /* fmin() and fmax() pass over NaN */

    for (size_t i = 0; i < n; i++) {
        low = fmin(low, values[i]);
        high = fmax(high, values[i]);
    }
    if (diverging) {
        double reach = fmax(fabs(low - centre), fabs(high - centre));

        low = centre - reach, high = centre + reach;
    }
    *from = isnan(low) ? 0 : low;
    *to = *from < high ? high : *from + 1;
}

int palette_level(double value, double from, double to, bool diverging, double centre)
{
    double t;

    if (diverging && value < centre)
        t = centre > from ? .5 - .5 * (centre - value) / (centre - from) : 0;
    else if (diverging)
        t = to > centre ? .5 + .5 * (value - centre) / (to - centre) : 1;
    else
        t = (value - from) / (to - from);
    return (int)lround(fmin(fmax(t, 0), 1) * PALETTE_STEPS);
}

unsigned palette_colour(int level, bool diverging)
{
    static const unsigned sequential[5] = {0xf7f9fb, 0xc6d9ea, 0x7fb0d3, 0x3278b0, 0x0a3465};
    static const unsigned two_sided[5] = {0x1f5f9e, 0x92bcdc, 0xfafafa, 0xf0b27a, 0xb3550f};
    const unsigned *stops = diverging ? two_sided : sequential;
    double at = 4. * level / PALETTE_STEPS;
    int i = level == PALETTE_STEPS ? 3 : (int)at;
    unsigned colour = 0;

    for (int shift = 16; shift >= 0; shift -= 8) {
        double a = (double)(stops[i] >> shift & 255u), b = (double)(stops[i + 1] >> shift & 255u);

        colour |= (unsigned)lround(a + (at - i) * (b - a)) << shift;
    }
    return colour;
}

bool palette_is_dark(int level, bool diverging)
{
    unsigned colour = palette_colour(level, diverging);

    return .299 * (colour >> 16) + .587 * (colour >> 8 & 255u) + .114 * (colour & 255u) < 135;
}

void palette_key(canvas *c, const char *name, double left, double from, double to, bool diverging,
                 double centre)
{
    const sheet_sizes *z = c->s.size;
    double width = fmin(.4 * z->width, z->width - z->margin - left), height = .8 * z->legend, top;
    const double at[3] = {from, diverging ? centre : (from + to) / 2, to};
    double step = plane_step((to - from) / 200);

    c->s.top += .3 * z->legend;
    if (name) {
        canvas_text(c, name, left, c->s.top + .6 * z->legend, ALIGN_LEFT, z->legend, "INK", z->width - z->margin - left);
        c->s.top += 1.4 * z->legend;
    }
    top = c->s.top;
    for (int level = 0; level <= PALETTE_STEPS; level++) {
        double x = left + width * level / (PALETTE_STEPS + 1);

        canvas_layer(c, "with filledcurves closed fc rgb '#%06x'", palette_colour(level, diverging));
        canvas_rectangle(c, x, top, x + width / (PALETTE_STEPS + 1) + .1, top + height);
    }
    canvas_layer(c, "with lines lw THIN lc rgb PALE");
    canvas_rectangle(c, left, top, left + width, top + height);
    for (int i = 0; i < 3; i++) {
        char text[48];

        plane_tick(text, at[i], step);
        canvas_text(c, text, left + width * i / 2, top + height + .9 * z->tick, (sheet_align)i, z->tick, "GREY", 0);
    }
    c->s.top = top + height + 2.2 * z->tick;
}

/* Has the cell this level? NaN has none. */
static bool has_level(const vmap_chart_field *f, size_t i, size_t j, int level, double from, double to)
{
    double v = f->values[i * f->columns + j];

    return !isnan(v) && palette_level(v, from, to, f->diverging, f->centre) == level;
}

void palette_field(canvas *c, const plane *p, const vmap_chart_field *f, double from, double to)
{
    double dx = (f->x1 - f->x0) / (double)(f->columns > 1 ? f->columns - 1 : 1);
    double dy = (f->y1 - f->y0) / (double)(f->rows > 1 ? f->rows - 1 : 1);

    for (int level = 0; level <= PALETTE_STEPS; level++) {
        canvas_layer(c, "with filledcurves closed fc rgb tint('30', '#%06x')", palette_colour(level, f->diverging));
        for (size_t i = 0; i < f->rows; i++) {
            for (size_t j = 0, end; j < f->columns; j = end) { /* neighbours of one colour are one rectangle */
                double y = f->y0 + (double)i * dy;
                point a, b;

                end = j + 1;
                if (!has_level(f, i, j, level, from, to))
                    continue;
                while (end < f->columns && has_level(f, i, end, level, from, to))
                    end++;
                a = canvas_at(p, fmax(f->x0 + ((double)j - .5) * dx, p->x0), fmin(y + dy / 2, p->y1));
                b = canvas_at(p, fmin(f->x0 + ((double)end - .5) * dx, p->x1), fmax(y - dy / 2, p->y0));
                canvas_rectangle(c, a.x, a.y, b.x, b.y);
            }
        }
    }
}
