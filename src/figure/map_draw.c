#include <config.h>
#include "figure/map_internal.h"

#include <math.h>
#include <stdio.h>

static void draw_hulls(drawing *d, const map *m)
{
    for (size_t i = 0; i < m->z.count; i++) {
        if (m->z.hull[i].n == 0)
            continue;
        draw_begin(d, "hull", i + 1);
        draw_outline(d, m->z.hull[i].at, m->z.hull[i].n, true);
        draw_end(d);
        draw_layer(d, "hull", i + 1, "with filledcurves closed fc rgb tint('e0', ZC[?])",
                   i % 8 + 1);
    }
    for (size_t i = 0; i < m->z.count; i++) {
        if (m->z.hull[i].n)
            draw_layer(d, "hull", i + 1, "with lines lw LINE lc rgb tint('50', ZC[?])", i % 8 + 1);
    }
}

static void draw_ellipses(drawing *d, const map *m, size_t series)
{
    static const dash dotted = {2, {1.2, 2.2}};
    size_t colour = series % SERIES_STYLES + 1;

    draw_begin(d, "wide", series + 1);
    for (size_t i = 0; i < m->marks; i++) {
        if (m->mark[i].series == series && m->mark[i].wide.n > 1)
            draw_dashes(d, m->mark[i].wide.at, m->mark[i].wide.n, true, &dotted);
    }
    if (draw_end(d))
        draw_layer(d, "wide", series + 1, "with lines lw LINE lc rgb tint('50', MC[?])", colour);
    draw_begin(d, "region", series + 1);
    for (size_t i = 0; i < m->marks; i++) {
        if (m->mark[i].series == series && m->mark[i].ellipse.n > 1)
            draw_outline(d, m->mark[i].ellipse.at, m->mark[i].ellipse.n, true);
    }
    if (draw_end(d))
        draw_layer(d, "region", series + 1, "with filledcurves closed fc rgb tint('e2', MC[?])",
                   colour);
    draw_begin(d, "edge", series + 1);
    for (size_t i = 0; i < m->marks; i++) {
        if (m->mark[i].series == series && m->mark[i].ellipse.n > 1)
            draw_dashes(d, m->mark[i].ellipse.at, m->mark[i].ellipse.n, true,
                        dash_of_series(series));
    }
    if (draw_end(d))
        draw_layer(d, "edge", series + 1, "with lines lw LINE lc rgb MC[?]", colour);
}

static void draw_arrow_head(drawing *d, const mark *k, double size)
{
    double length = hypot(k->to.x - k->from.x, k->to.y - k->from.y);
    double ux = (k->to.x - k->from.x) / length, uy = (k->to.y - k->from.y) / length;
    const point corner[3] = {
        k->to,
        {k->to.x - size * ux - .36 * size * uy, k->to.y - size * uy + .36 * size * ux},
        {k->to.x - size * ux + .36 * size * uy, k->to.y - size * uy - .36 * size * ux}};

    draw_outline(d, corner, 3, true);
}

static void draw_arrows(drawing *d, const map *m, size_t series)
{
    size_t colour = series % SERIES_STYLES + 1;

    draw_begin(d, "arrow", series + 1);
    for (size_t i = 0; i < m->marks; i++) {
        const mark *k = &m->mark[i];

        if (k->series == series && k->has_arrow)
            draw_dashes(d, (const point[2]){k->from, k->to}, 2, false, dash_of_series(series));
    }
    if (draw_end(d))
        draw_layer(d, "arrow", series + 1, "with lines lw LINE lc rgb tint('40', MC[?])", colour);
    draw_begin(d, "head", series + 1);
    for (size_t i = 0; i < m->marks; i++) {
        if (m->mark[i].series == series && m->mark[i].has_arrow)
            draw_arrow_head(d, &m->mark[i], 4.5 * map_unit(m));
    }
    if (draw_end(d))
        draw_layer(d, "head", series + 1, "with filledcurves closed fc rgb MC[?]", colour);
}

static bool crosses(const map *m, const box *room)
{
    for (size_t i = 0; i < m->z.count; i++) {
        const outline *h = &m->z.hull[i];

        for (size_t k = 0; k < h->n; k++) {
            if (box_meets_segment(room, h->at[k], h->at[(k + 1) % h->n]))
                return true;
        }
    }
    for (size_t i = 0; i < m->marks; i++) {
        const mark *k = &m->mark[i];

        if (k->has_arrow && box_meets_segment(room, k->from, k->to))
            return true;
        for (size_t e = 0; e < k->ellipse.n; e++) {
            if (box_meets_segment(room, k->ellipse.at[e], k->ellipse.at[(e + 1) % k->ellipse.n]))
                return true;
        }
    }
    return false;
}

/* Translucent white behind labels that cross a line, and leader lines. */
static void draw_label_ground(drawing *d, const map *m)
{
    draw_begin(d, "halo", 0);
    for (size_t i = 0; i < m->labels; i++) {
        if (m->place[i].placed && crosses(m, &m->place[i].room))
            draw_box(d, &m->place[i].room);
    }
    if (draw_end(d))
        draw_layer(d, "halo", 0, "with filledcurves closed fc rgb '#50ffffff'", 0);
    draw_begin(d, "leader", 0);
    for (size_t i = 0; i < m->labels; i++) {
        if (m->place[i].placed && m->place[i].leader)
            draw_outline(d, (const point[2]){m->place[i].from, m->place[i].to}, 2, false);
    }
    if (draw_end(d))
        draw_layer(d, "leader", 0, "with lines lw THIN lc rgb LIGHT", 0);
}

static vmap_status draw_countries(drawing *d, const map *m, size_t zone, vmap_error *err)
{
    const vmap_figure_scene *scene = m->scene;
    size_t number = zone == VMAP_FIGURE_NONE ? 0 : zone + 1;
    vmap_status status = VMAP_SUCCESS;

    draw_begin(d, "country", number);
    for (size_t i = 0; !status && i < scene->countries_count; i++) {
        const vmap_figure_country *c = &scene->countries[i];

        if (c->zone == zone && plane_shows(&m->p, c->x, c->y))
            status = draw_marker(d, marker_of_zone(zone), plane_at(&m->p, c->x, c->y),
                                 m->s.size->country, err);
    }
    if (draw_end(d)) {
        draw_layer(d, "country", number, "with lines lw 1.2 lc rgb '#ffffff'", 0);
        draw_layer(d, "country", number,
                   number ? "with filledcurves closed fc rgb ZC[?]"
                          : "with filledcurves closed fc rgb NOZONE",
                   zone % 8 + 1);
    }
    return status;
}

static vmap_status draw_groups(drawing *d, const map *m, size_t series, vmap_error *err)
{
    double radius = map_marker_radius(m);
    vmap_status status = VMAP_SUCCESS;

    draw_begin(d, "group", series + 1);
    for (size_t i = 0; !status && i < m->marks; i++) {
        if (m->mark[i].series == series)
            status = draw_marker(d, marker_of_series(series), m->mark[i].at, radius, err);
    }
    if (draw_end(d)) {
        draw_layer(
            d, "group", series + 1,
            m->many ? "with lines lw 0.8 lc rgb '#ffffff'" : "with lines lw 2 lc rgb '#ffffff'", 0);
        draw_layer(d, "group", series + 1, "with filledcurves closed fc rgb MC[?]", series % SERIES_STYLES + 1);
    }
    draw_begin(d, "eye", series + 1);
    for (size_t i = 0; !status && !m->many && i < m->marks; i++) {
        if (m->mark[i].series == series)
            status = draw_marker(d, MARKER_CIRCLE, m->mark[i].at, .3 * radius, err);
    }
    if (draw_end(d))
        draw_layer(d, "eye", series + 1, "with filledcurves closed fc rgb '#ffffff'", 0);
    return status;
}

static void draw_labels(drawing *d, const map *m)
{
    const sheet_sizes *z = m->s.size;
    char colour[32];

    for (size_t i = 0; i < m->labels; i++) {
        const label_text *l = &m->label[i];
        const label_place *p = &m->place[i];

        if (!p->placed)
            continue;
        if (l->kind == LABEL_ZONE) {
            zone_name_draw(d, &m->zone_name[l->index], p->at, z->zone, l->index);
        } else if (l->kind == LABEL_GROUP) {
            snprintf(colour, sizeof colour, "MC[%zu]", m->mark[l->index].series % SERIES_STYLES + 1);
            draw_text(d, l->text, p->at, FACE_BOLD, z->label, colour);
        } else {
            size_t zone = m->scene->countries[l->index].zone;

            snprintf(colour, sizeof colour, zone == VMAP_FIGURE_NONE ? "NOZONET" : "ZT[%zu]",
                     zone % 8 + 1);
            draw_text(d, l->text, p->at, FACE_PLAIN, z->label, colour);
        }
    }
}

vmap_status map_draw(map *m, vmap_error *err)
{
    drawing d = {.s = &m->s, .p = &m->p};
    vmap_status status = VMAP_SUCCESS;

    draw_hulls(&d, m);
    for (size_t s = 0; s < m->scene->series_count; s++)
        draw_ellipses(&d, m, s);
    for (size_t s = 0; s < m->scene->series_count; s++)
        draw_arrows(&d, m, s);
    draw_label_ground(&d, m);
    status = draw_countries(&d, m, VMAP_FIGURE_NONE, err);
    for (size_t z = 0; !status && z < m->scene->zones_count; z++)
        status = draw_countries(&d, m, z, err);
    for (size_t s = 0; !status && s < m->scene->series_count; s++)
        status = draw_groups(&d, m, s, err);
    draw_labels(&d, m);
    draw_finish(&d);
    return status;
}
