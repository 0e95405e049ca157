#include <config.h>

#include <math.h>

#include "figure/branches.h"

/* A dendrogram, or two of the same leaves with links between them. */

static vmap_status check(const vmap_chart_tree *f, vmap_error *err)
{
    if (!f->left || f->left->n < 2)
        return vmap_error_set(err, VMAP_EINVAL, "a tree needs two leaves");
    if (f->right && f->right->n != f->left->n)
        return vmap_error_set(err, VMAP_EINVAL, "the trees have %zu and %zu leaves", f->left->n, f->right->n);
    for (size_t i = 0; f->group && i < f->left->n; i++) {
        if (f->group[i] != VMAP_FIGURE_NONE && f->group[i] >= f->groups_count)
            return vmap_error_set(err, VMAP_EINVAL, "a leaf has a group that is not there");
    }
    return VMAP_SUCCESS;
}

/* A scale of heights under a tree. */
static void put_scale(canvas *c, const vmap_chart_tree *f, const branches *s, double y)
{
    double size = c->s.size->tick, length = fabs(s->root - s->leaves);
    double step = plane_step(4 * size / length * s->most);

    canvas_layer(c, "with lines lw LINE lc rgb AXIS");
    canvas_segment(c, s->root, y, s->leaves, y);
    for (long k = 0; (double)k * step <= s->most * 1.0001; k++) {
        double x = s->leaves + (double)k * step / s->most * (s->root - s->leaves);
        char text[48];

        canvas_segment(c, x, y, x, y + .3 * size);
        plane_tick(text, (double)k * step, step);
        canvas_text(c, text, x, y + size, ALIGN_CENTRE, size, "GREY", 0);
    }
    if (f->height)
        canvas_text(c, f->height, (s->root + s->leaves) / 2, y + 2.2 * size, ALIGN_CENTRE, size, "GREY", length);
}

static void put_cut(canvas *c, const vmap_chart_tree *f, const branches *s, double top, double bottom)
{
    double x = s->leaves + f->cut / s->most * (s->root - s->leaves);
    const point line[2] = {{x, top}, {x, bottom}};

    if (isnan(f->cut) || f->cut < 0 || f->cut > s->most)
        return;
    canvas_layer(c, "with lines lw LINE lc rgb GREY");
    canvas_dashes(c, line, 2, dash_of_series(1));
}

/* A small marker of the leaf's group at its end, and the label after it (before it, at the right). */
static vmap_status put_leaves(canvas *c, const vmap_chart_tree *f, const branches *s, double width, double size,
                              bool mirrored, vmap_error *err)
{
    double turn = mirrored ? -1 : 1, mark = f->group ? 1.1 * size : 0;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < s->tree->n; i++) {
        double x = s->leaves + turn * (mark + .35 * size);

        canvas_text(c, f->labels[i], x, s->y[i], mirrored ? ALIGN_RIGHT : ALIGN_LEFT, size, "INK", width - mark);
        if (!f->group || f->group[i] == VMAP_FIGURE_NONE)
            continue;
        canvas_layer(c, "with filledcurves closed fc rgb ZC[%zu]", f->group[i] % 8 + 1);
        status = canvas_marker(c, marker_of_zone(f->group[i]), s->leaves + turn * .7 * size, s->y[i], .38 * size, err);
    }
    return status;
}

static void put_links(canvas *c, const vmap_chart_tree *f, const branches *left, const branches *right,
                      double from, double to)
{
    for (size_t i = 0; i < left->tree->n; i++) {
        size_t g = f->group ? f->group[i] : VMAP_FIGURE_NONE;

        if (g == VMAP_FIGURE_NONE)
            canvas_layer(c, "with lines lw LINE lc rgb PALE");
        else
            canvas_layer(c, "with lines lw BOLDLINE lc rgb tint('40', ZC[%zu])", g % 8 + 1);
        canvas_segment(c, from, left->y[i], to, right->y[i]);
    }
}

static vmap_status put_all(canvas *c, const vmap_chart_tree *f, branches *left, branches *right, vmap_error *err)
{
    const sheet_sizes *z = c->s.size;
    double width = z->width - 2 * z->margin, n = (double)f->left->n;
    double titles = f->left_title || f->right_title ? 1.8 * z->label : 0;
    double row = canvas_room(c, n * 1.3 * z->label + titles + 4 * z->tick) - titles - 4 * z->tick;
    double size = fmin(z->label, row / n / 1.08), labels, top, bottom, middle;
    vmap_status status;

    row /= n;
    labels = fmin(canvas_widest(f->labels, f->left->n, size, false) + (f->group ? 1.8 : .7) * size, .4 * width);
    left->root = z->margin;
    left->leaves = f->right ? z->margin + .5 * width - labels - .09 * width : z->margin + width - labels;
    right->root = z->margin + width;
    right->leaves = z->margin + .5 * width + labels + .09 * width;
    top = c->s.top + titles;
    bottom = top + row * n;
    status = branches_place(left, top, row, err);
    if (!status && f->right)
        status = branches_place(right, top, row, err);
    if (status)
        return status;
    canvas_layer(c, "with lines lw LINE lc rgb INK");
    branches_put(c, left);
    put_scale(c, f, left, bottom + .3 * z->tick);
    status = put_leaves(c, f, left, labels, size, false, err);
    if (!status && f->right) {
        middle = z->margin + .5 * width;
        canvas_layer(c, "with lines lw LINE lc rgb INK");
        branches_put(c, right);
        put_scale(c, f, right, bottom + .3 * z->tick);
        status = put_leaves(c, f, right, labels, size, true, err);
        put_links(c, f, left, right, middle - .09 * width + 2, middle + .09 * width - 2);
    }
    if (f->left_title)
        canvas_text_bold(c, f->left_title, z->margin, c->s.top + .7 * z->label, ALIGN_LEFT, z->label, "INK", .48 * width);
    if (f->right_title && f->right)
        canvas_text_bold(c, f->right_title, z->margin + width, c->s.top + .7 * z->label, ALIGN_RIGHT, z->label, "INK",
                         .48 * width);
    if (!f->right)
        put_cut(c, f, left, top, bottom);
    c->s.top = bottom + (f->height ? 3.2 : 2) * z->tick;
    return status;
}

vmap_status vmap_chart_draw_tree(const vmap_chart_tree *chart, char **script, vmap_figure_info *info,
                                 vmap_error *err)
{
    canvas c;
    branches left = {.tree = chart->left}, right = {.tree = chart->right};
    vmap_status status = canvas_open(&c, &chart->chart, err);

    if (!status)
        status = check(chart, err);
    if (!status)
        status = canvas_group_key(&c, chart->group, chart->groups, chart->groups_count, err);
    if (!status)
        status = put_all(&c, chart, &left, &right, err);
    branches_free(&left);
    branches_free(&right);
    return canvas_close(&c, chart->right ? "two trees of the same leaves" : "a tree", status, script, info, err);
}
