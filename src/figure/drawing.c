#include <config.h>
#include "figure/drawing.h"

#include <stdio.h>

void draw_begin(drawing *d, const char *name, size_t number)
{
    char whole[64];

    snprintf(whole, sizeof whole, "%s%zu", name, number);
    script_block(&d->s->body, whole);
    d->rows = 0;
}

bool draw_end(drawing *d)
{
    script_end(&d->s->body);
    return d->rows > 0;
}

static void put_point(drawing *d, point at)
{
    script_row(&d->s->body, plane_x(d->p, at.x), plane_y(d->p, at.y));
    d->rows++;
}

void draw_outline(drawing *d, const point *at, size_t n, bool closed)
{
    if (d->rows && n)
        script_gap(&d->s->body);
    for (size_t i = 0; i < n + closed && n > 0; i++)
        put_point(d, at[i % n]);
}

static vmap_status put_piece(void *context, point from, point to, bool begins, vmap_error *err)
{
    drawing *d = context;

    (void)err;
    if (begins) {
        if (d->rows)
            script_gap(&d->s->body);
        put_point(d, from);
    }
    put_point(d, to);
    return VMAP_SUCCESS;
}

void draw_dashes(drawing *d, const point *at, size_t n, bool closed, const dash *pattern)
{
    dash_cut(at, n, closed, pattern, put_piece, d, NULL);
}

void draw_box(drawing *d, const box *b)
{
    const point corner[4] = {
        {b->left, b->bottom}, {b->right, b->bottom}, {b->right, b->top}, {b->left, b->top}};

    draw_outline(d, corner, 4, true);
}

vmap_status draw_marker(drawing *d, marker_shape shape, point at, double radius, vmap_error *err)
{
    outline o = {.at = NULL};
    vmap_status status = marker_outline(shape, at, radius, &o, err);

    if (!status)
        draw_outline(d, o.at, o.n, true);
    outline_free(&o);
    return status;
}

void draw_layer(drawing *d, const char *name, size_t number, const char *style, size_t index)
{
    buffer *b = &d->plot;

    buffer_put(b, d->layers++ ? ", \\\n     " : "plot ");
    buffer_format(b, "$%s%zu using 1:2 ", name, number);
    for (const char *c = style; *c; c++) {
        if (*c == '?')
            buffer_format(b, "%zu", index);
        else
            buffer_bytes(b, c, 1);
    }
}

void draw_text(drawing *d, const char *text, point at, sheet_face face, double size,
               const char *colour)
{
    static const char *const faces[] = {"F", "FB"};
    buffer *b = &d->s->body;

    d->s->unusual += extent_is_unusual(text);
    buffer_put(b, "set label ");
    script_string(b, text);
    buffer_put(b, " at ");
    script_number(b, plane_x(d->p, at.x));
    buffer_put(b, ", ");
    script_number(b, plane_y(d->p, at.y));
    buffer_format(b, " center font %s(", faces[face]);
    script_number(b, size);
    buffer_format(b, ") tc rgb %s noenhanced front\n", colour);
}

void draw_finish(drawing *d)
{
    if (d->plot.text)
        buffer_bytes(&d->s->body, d->plot.text, d->plot.n);
    d->s->body.failed = d->s->body.failed || d->plot.failed;
    buffer_put(&d->s->body, d->layers ? "\n" : "plot NaN\n");
    buffer_free(&d->plot);
    d->plot = (buffer){.text = NULL};
    d->layers = 0;
}
