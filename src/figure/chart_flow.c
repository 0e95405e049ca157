#include <config.h>

#include <math.h>

#include "core/memory.h"
#include "figure/canvas.h"

/* Two sides and the masses that go from one to the other. */

enum { CURVE_POINTS = 24 };

typedef struct flow_side {
    size_t n;
    double *mass, *top, *used; /* of each part; `used`: how much of it links have taken */
    double x0, x1, scale;
} flow_side;

static vmap_status check(const vmap_chart_flow *f, vmap_error *err)
{
    if (f->left_count == 0 || f->right_count == 0 || f->links_count == 0)
        return vmap_error_set(err, VMAP_EINVAL, "there are no parts or links to draw");
    for (size_t i = 0; i < f->links_count; i++) {
        if (f->links[i].left >= f->left_count || f->links[i].right >= f->right_count)
            return vmap_error_set(err, VMAP_EINVAL, "a link has an end that is not there");
        if (!(f->links[i].mass > 0) || f->links[i].mass > 1e9)
            return vmap_error_set(err, VMAP_EDATA, "the mass %g of a link is not within 0..1e9", f->links[i].mass);
    }
    return VMAP_SUCCESS;
}

static vmap_status side_new(flow_side *s, size_t n, const vmap_chart_flow *f, bool right, vmap_error *err)
{
    s->n = n;
    s->mass = memory_new(n, sizeof *s->mass, err);
    s->top = memory_new(n, sizeof *s->top, err);
    s->used = memory_new(n, sizeof *s->used, err);
    if (!s->mass || !s->top || !s->used)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < f->links_count; i++)
        s->mass[right ? f->links[i].right : f->links[i].left] += f->links[i].mass;
    return VMAP_SUCCESS;
}

static void side_free(flow_side *s)
{
    free(s->mass);
    free(s->top);
    free(s->used);
}

static double sum(const double *x, size_t n)
{
    double total = 0;

    for (size_t i = 0; i < n; i++)
        total += x[i];
    return total;
}

static void place(flow_side *s, double top, double height, double gap, double scale)
{
    double taken = sum(s->mass, s->n) * scale + gap * (double)(s->n - 1), at = top + (height - taken) / 2;

    s->scale = scale;
    for (size_t i = 0; i < s->n; i++) {
        s->top[i] = at;
        at += s->mass[i] * scale + gap;
    }
}

static void put_link(canvas *c, const flow_side *left, const flow_side *right, const vmap_chart_link *link)
{
    double thick = link->mass * left->scale;
    double y0 = left->top[link->left] + left->used[link->left], y1 = right->top[link->right] + right->used[link->right];
    point at[2 * CURVE_POINTS];

    for (int i = 0; i < CURVE_POINTS; i++) {
        double t = (double)i / (CURVE_POINTS - 1), s = t * t * (3 - 2 * t);
        double x = left->x1 + t * (right->x0 - left->x1), y = y0 + s * (y1 - y0);

        at[i] = (point){x, y};
        at[2 * CURVE_POINTS - 1 - i] = (point){x, y + thick};
    }
    canvas_path(c, at, 2 * CURVE_POINTS, true);
    left->used[link->left] += thick;
    right->used[link->right] += thick;
}

static void put_parts(canvas *c, const flow_side *s, const char *const *names, const size_t *group, bool differ,
                      bool right, double room)
{
    double size = c->s.size->label;

    for (size_t i = 0; i < s->n; i++) {
        double bottom = s->top[i] + fmax(s->mass[i] * s->scale, .8);

        if (group || differ)
            canvas_layer(c, "with filledcurves closed fc rgb ZC[%zu]", (group ? group[i] : i) % 8 + 1);
        else
            canvas_layer(c, "with filledcurves closed fc rgb NOZONE");
        canvas_rectangle(c, s->x0, s->top[i], s->x1, bottom);
        canvas_text(c, names[i], right ? s->x1 + .5 * size : s->x0 - .5 * size, (s->top[i] + bottom) / 2,
                    right ? ALIGN_LEFT : ALIGN_RIGHT, size, "INK", room);
    }
}

static void put_all(canvas *c, const vmap_chart_flow *f, flow_side *left, flow_side *right)
{
    const sheet_sizes *z = c->s.size;
    double width = z->width - 2 * z->margin, size = z->label;
    double a = fmin(canvas_widest(f->left, f->left_count, size, false), .3 * width) + .6 * size;
    double b = fmin(canvas_widest(f->right, f->right_count, size, false), .3 * width) + .6 * size;
    double most = (double)(left->n > right->n ? left->n : right->n), titles = f->left_title || f->right_title ? 1.8 * size : 0;
    double height = canvas_room(c, fmax(most * 2.2 * size, .5 * width) + titles) - titles;
    double gap = fmin(1.1 * size, .5 * height / most);
    double scale = (height - gap * (most - 1)) / fmax(sum(left->mass, left->n), sum(right->mass, right->n));

    left->x0 = z->margin + a, left->x1 = left->x0 + size;
    right->x1 = z->margin + width - b, right->x0 = right->x1 - size;
    if (f->left_title)
        canvas_text_bold(c, f->left_title, left->x1, c->s.top + .7 * size, ALIGN_RIGHT, size, "INK", .4 * width);
    if (f->right_title)
        canvas_text_bold(c, f->right_title, right->x0, c->s.top + .7 * size, ALIGN_LEFT, size, "INK", .4 * width);
    c->s.top += titles;
    place(left, c->s.top, height, gap, scale);
    place(right, c->s.top, height, gap, scale);
    for (size_t i = 0; i < f->left_count; i++) {
        canvas_layer(c, "with filledcurves closed fc rgb tint('90', ZC[%zu])", (f->left_group ? f->left_group[i] : i) % 8 + 1);
        for (size_t r = 0; r < f->right_count; r++) { /* from top to bottom, so that links do not cross at their start */
            for (size_t k = 0; k < f->links_count; k++) {
                if (f->links[k].left == i && f->links[k].right == r)
                    put_link(c, left, right, &f->links[k]);
            }
        }
    }
    put_parts(c, left, f->left, f->left_group, true, false, a - .5 * size);
    put_parts(c, right, f->right, f->right_group, false, true, b - .5 * size);
    c->s.top += height + .6 * size;
}

vmap_status vmap_chart_draw_flow(const vmap_chart_flow *chart, char **script, vmap_figure_info *info,
                                 vmap_error *err)
{
    canvas c;
    flow_side left = {0}, right = {0};
    vmap_status status = canvas_open(&c, &chart->chart, err);

    if (!status)
        status = check(chart, err);
    if (!status)
        status = side_new(&left, chart->left_count, chart, false, err);
    if (!status)
        status = side_new(&right, chart->right_count, chart, true, err);
    if (!status)
        put_all(&c, chart, &left, &right);
    side_free(&left);
    side_free(&right);
    return canvas_close(&c, "flows between two sides", status, script, info, err);
}
