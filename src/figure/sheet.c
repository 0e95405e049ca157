#include <config.h>
#include "figure/sheet.h"

#include <math.h>
#include <string.h>

static const sheet_sizes presets[] = {
    [VMAP_FIGURE_COLUMN] = {.width = 240.94,
                            .margin = 4,
                            .title = 9,
                            .subtitle = 7,
                            .axis = 7,
                            .tick = 6.5,
                            .label = 6.5,
                            .zone = 7,
                            .legend = 6.5,
                            .caption = 6.5,
                            .stamp = 5.5,
                            .country = 1.6,
                            .group = 2.7,
                            .small = 1.3,
                            .hull = 5.5,
                            .least = .6,
                            .most = 1.15,
                            .panels = 1},
    [VMAP_FIGURE_PAGE] = {.width = 510.24,
                          .margin = 6,
                          .title = 13,
                          .subtitle = 8,
                          .axis = 9,
                          .tick = 7.5,
                          .label = 7,
                          .zone = 9.5,
                          .legend = 7.5,
                          .caption = 7.5,
                          .stamp = 7,
                          .country = 2.1,
                          .group = 3.7,
                          .small = 1.6,
                          .hull = 9,
                          .least = .6,
                          .most = 1.1,
                          .panels = 3},
    [VMAP_FIGURE_SLIDE] = {.width = 960,
                           .height = 540,
                           .margin = 16,
                           .title = 22,
                           .subtitle = 13,
                           .axis = 13,
                           .tick = 11,
                           .label = 9.5,
                           .zone = 13,
                           .legend = 12,
                           .caption = 11,
                           .stamp = 9,
                           .country = 2.9,
                           .group = 5.2,
                           .small = 2.2,
                           .hull = 12,
                           .least = .4,
                           .most = 1.1,
                           .side = .22,
                           .panels = 4},
};

static const double line_height = 1.28; /* of the type size */

void sheet_open(sheet *s, const vmap_figure_scene *scene)
{
    *s = (sheet){.scene = scene, .size = &presets[scene->width]};
    s->height = s->size->height;
    s->top = s->size->margin;
}

void sheet_text(sheet *s, const char *text, double x, double y, sheet_align align, sheet_face face,
                double size, const char *colour, bool turned)
{
    static const char *const aligns[] = {"left", "center", "right"};
    static const char *const faces[] = {"F", "FB"};
    buffer *b = &s->body;

    if (!*text)
        return;
    s->unusual += extent_is_unusual(text);
    buffer_put(b, "set label ");
    script_string(b, text);
    buffer_put(b, " at screen X(");
    script_number(b, x);
    buffer_put(b, "), Y(");
    script_number(b, y);
    buffer_format(b, ") %s%s font %s(", aligns[align], turned ? " rotate by 90" : "", faces[face]);
    script_number(b, size);
    buffer_format(b, ") tc rgb %s noenhanced front\n", colour);
}

static void put_corner(buffer *b, point p)
{
    buffer_put(b, "screen X(");
    script_number(b, p.x);
    buffer_put(b, "), Y(");
    script_number(b, p.y);
    buffer_put(b, ")");
}

void sheet_polygon(sheet *s, const outline *o, const char *style)
{
    buffer *b = &s->body;

    buffer_put(b, "set object polygon from ");
    for (size_t i = 0; i <= o->n; i++) {
        buffer_put(b, i ? " to " : "");
        put_corner(b, o->at[i % o->n]);
    }
    buffer_format(b, " front %s\n", style);
}

void sheet_line(sheet *s, point from, point to, const char *style)
{
    buffer_put(&s->body, "set arrow from ");
    put_corner(&s->body, from);
    buffer_put(&s->body, " to ");
    put_corner(&s->body, to);
    buffer_format(&s->body, " nohead front %s\n", style);
}

/* Cut the next line of at most `width` off a text; false at its end. */
static bool next_line(const char **rest, double width, bool bold, double size,
                      char line[SCRIPT_TEXT])
{
    size_t n;

    if (!**rest)
        return false;
    n = extent_line(*rest, size, bold, width);
    memcpy(line, *rest, n);
    line[n] = '\0';
    *rest += n;
    *rest += strspn(*rest, " ");
    return true;
}

static size_t count_lines(const char *text, double width, double size)
{
    char clean[SCRIPT_TEXT], line[SCRIPT_TEXT];
    const char *rest = clean;
    size_t lines = 0;

    script_clean(clean, text);
    while (next_line(&rest, width, false, size, line))
        lines++;
    return lines;
}

static void set_lines(sheet *s, const char *text, double left, double width, sheet_face face,
                      double size, const char *colour)
{
    char clean[SCRIPT_TEXT], line[SCRIPT_TEXT];
    const char *rest = clean;
    bool bold = face == FACE_BOLD;

    script_clean(clean, text);
    while (next_line(&rest, width, bold, size, line)) {
        s->shortened += extent_fit(line, size, bold, width);
        sheet_text(s, line, left, s->top + .6 * size, ALIGN_LEFT, face, size, colour, false);
        s->top += line_height * size;
    }
}

void sheet_title(sheet *s)
{
    const sheet_sizes *z = s->size;
    double width = z->width - 2 * z->margin;

    if (s->scene->title && *s->scene->title) {
        set_lines(s, s->scene->title, z->margin, width, FACE_BOLD, z->title, "INK");
        s->top += .1 * z->title;
    }
    if (s->scene->subtitle && *s->scene->subtitle)
        set_lines(s, s->scene->subtitle, z->margin, width, FACE_PLAIN, z->subtitle, "GREY");
    s->top += .6 * z->subtitle;
}

static const char *stamp_of(const vmap_figure_scene *scene)
{
    return scene->provenance_count ? scene->provenance[0] : NULL;
}

double sheet_caption_height(const sheet *s, double width)
{
    const sheet_sizes *z = s->size;
    size_t lines = 0;

    for (size_t i = 0; i < s->scene->caption_count; i++)
        lines += count_lines(s->scene->caption[i], width, z->caption);
    return lines ? ((double)lines * line_height + .6) * z->caption : 0;
}

double sheet_stamp_height(const sheet *s)
{
    return stamp_of(s->scene) ? (line_height + .3) * s->size->stamp : 0;
}

void sheet_caption(sheet *s, double left, double width)
{
    const sheet_sizes *z = s->size;

    if (s->scene->caption_count)
        s->top += .6 * z->caption;
    for (size_t i = 0; i < s->scene->caption_count; i++)
        set_lines(s, s->scene->caption[i], left, width, FACE_PLAIN, z->caption, "GREY");
}

void sheet_stamp(sheet *s)
{
    const sheet_sizes *z = s->size;
    const char *stamp = stamp_of(s->scene);
    char clean[SCRIPT_TEXT];

    if (z->height > 0)
        s->top = z->height - z->margin - sheet_stamp_height(s);
    if (stamp) {
        s->top += .3 * z->stamp;
        script_clean(clean, stamp);
        s->shortened += extent_fit(clean, z->stamp, false, z->width - 2 * z->margin);
        sheet_text(s, clean, z->width - z->margin, s->top + .6 * z->stamp, ALIGN_RIGHT, FACE_PLAIN,
                   z->stamp, "LIGHT", false);
        s->top += line_height * z->stamp;
    }
    if (z->height == 0)
        s->height = ceil(s->top + z->margin);
}

vmap_status sheet_close(sheet *s, const char *what, char **script, vmap_error *err)
{
    buffer whole = {.text = NULL};
    script_head head = {.name = s->scene->name,
                        .what = what,
                        .width = s->size->width,
                        .height = s->height,
                        .label = s->size->label,
                        .provenance = s->scene->provenance,
                        .provenance_count = s->scene->provenance_count};
    char *text = NULL;
    vmap_status status;

    script_open(&whole, &head);
    if (s->unusual)
        buffer_format(
            &whole,
            "# %zu texts need a font with more than Latin, Greek and Cyrillic. Where none "
            "is\n# installed, the pdf and png terminals draw giant boxes; svg is safe.\n\n",
            s->unusual);
    if (s->body.text)
        buffer_bytes(&whole, s->body.text, s->body.n);
    whole.failed = whole.failed || s->body.failed;
    script_close(&whole);
    buffer_free(&s->body);
    status = buffer_take(&whole, &text, NULL, err);
    if (!status)
        *script = text;
    return status;
}
