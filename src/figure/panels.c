#include <config.h>
#include "valuemap/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "figure/drawing.h"
#include "figure/zones.h"

/* How dear it is for a zone name to cross an outline or to cover a marker. */
static const double price_hull = .4, price_marker = .3;

typedef struct panels {
    const vmap_figure_scene *scene;
    sheet s;
    sheet_sizes size; /* those of the preset, changed for small plots */
    plane p;          /* of the first panel; the others are shifted */
    size_t columns, rows;
    double step_x, step_y;
    legend_entry *entry;
    size_t entries;
    zones z;
    label_count count;
} panels;

static double heading(const panels *m)
{
    return 1.5 * m->size.legend;
}

static size_t zone_of(const vmap_figure_scene *scene, const vmap_figure_group *g)
{
    return g->target == VMAP_FIGURE_NONE ? VMAP_FIGURE_NONE : scene->countries[g->target].zone;
}

/* The colour of a zone in the style of a layer or an object. */
static void colour_of(char colour[32], size_t zone)
{
    if (zone == VMAP_FIGURE_NONE)
        snprintf(colour, 32, "NOZONET");
    else
        snprintf(colour, 32, "ZC[%zu]", zone % 8 + 1);
}

/* --- layout --- */

static bool has_groups_without_zone(const vmap_figure_scene *scene)
{
    for (size_t s = 0; s < scene->series_count; s++) {
        for (size_t i = 0; i < scene->series[s].groups_count; i++) {
            if (zone_of(scene, &scene->series[s].groups[i]) == VMAP_FIGURE_NONE)
                return true;
        }
    }
    return false;
}

static vmap_status gather_legend(panels *m, vmap_error *err)
{
    const vmap_figure_scene *scene = m->scene;

    m->entry = memory_new(scene->zones_count + 4, sizeof *m->entry, err);
    if (!m->entry)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < scene->zones_count; i++) {
        if (scene_uses_zone(scene, i))
            m->entry[m->entries++] = (legend_entry){LEGEND_ZONE, i, scene->zones[i]};
    }
    if (scene_uses_zone(scene, VMAP_FIGURE_NONE) || has_groups_without_zone(scene))
        m->entry[m->entries++] = (legend_entry){LEGEND_ZONE, VMAP_FIGURE_NONE, "no zone"};
    m->entry[m->entries++] = (legend_entry){LEGEND_GAP, 0, ""};
    m->entry[m->entries++] =
        (legend_entry){LEGEND_TARGET, 0, "persona group, tied to the country meant (its zone)"};
    return VMAP_SUCCESS;
}

/* Equal panels in rows; their height follows from the ranges, or from what a sheet of fixed height
 * leaves. */
static void lay_out(panels *m)
{
    const sheet_sizes *z = &m->size;
    double left = z->margin + plane_room_left(&m->s), below = plane_room_below(&m->s);
    double width = z->width - left - z->margin, gap = 1.2 * z->legend;
    double inner = width - 2 * z->margin + left;

    m->rows = (m->scene->series_count + z->panels - 1) / z->panels;
    m->columns = (m->scene->series_count + m->rows - 1) / m->rows;
    m->step_x = (width + gap) / (double)m->columns;
    m->p.left = left;
    m->p.top = m->s.top + heading(m);
    m->p.width = m->step_x - gap;
    if (z->height > 0) {
        double free = z->height - z->margin - m->s.top - below - .5 * z->legend -
                      sheet_stamp_height(&m->s) - sheet_caption_height(&m->s, inner) -
                      sheet_legend_height(&m->s, m->entry, m->entries, inner);

        m->p.height = fmin(free / (double)m->rows - heading(m), .85 * m->p.width);
    }
    plane_fit(&m->p, m->scene, z, z->hull + .8 * z->label);
    m->step_y = m->p.height + heading(m) + .6 * z->legend;
}

static void set_names(panels *m, zone_name *name)
{
    for (size_t i = 0; i < m->z.count; i++)
        m->s.shortened += zone_name_set(&name[i], m->z.hull[i].n ? m->scene->zones[i] : "",
                                        m->size.label, m->p.width);
}

/* Where the zone names go, in all panels alike: clear of the markers of all of them as far as
 * possible. */
static vmap_status gather_names(const panels *m, const zone_name *name, label_request *request,
                                vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < m->z.count; i++) {
        label_spot *spots = NULL;

        request[i] =
            (label_request){.at = m->z.middle[i], .size = name[i].size, .reach = 20, .weight = 1};
        if (name[i].line[0][0])
            status = zones_spots(&m->z, i, request[i].size, &m->p, m->size.label / 7, &spots,
                                 &request[i].spots_count, err);
        request[i].spots = spots;
    }
    return status;
}

static size_t gather_discs(const panels *m, disc *discs)
{
    const vmap_figure_scene *scene = m->scene;
    size_t n = 0;

    for (size_t i = 0; i < m->z.countries; i++)
        discs[n++] = (disc){m->z.country[i], m->size.small, price_marker};
    for (size_t s = 0; s < scene->series_count; s++) {
        for (size_t i = 0; i < scene->series[s].groups_count; i++) {
            const vmap_figure_group *g = &scene->series[s].groups[i];

            if (plane_shows(&m->p, g->x, g->y))
                discs[n++] = (disc){plane_at(&m->p, g->x, g->y), 1.3 * m->size.small, price_marker};
        }
    }
    return n;
}

static vmap_status place_names(panels *m, const zone_name *name, label_place *place,
                               vmap_error *err)
{
    size_t n = m->z.count, strips_count = zones_strips_count(&m->z);
    label_request *request = memory_new(n, sizeof *request, err);
    disc *discs = memory_new(m->z.countries + scene_groups(m->scene), sizeof *discs, err);
    strip *strips = memory_new(strips_count, sizeof *strips, err);
    label_field f = {.frame = {0, 0, m->p.width, m->p.height},
                     .unit = m->size.label / 7,
                     .discs = discs,
                     .strips = strips,
                     .strips_count = strips_count};
    vmap_status status = VMAP_ENOMEM;

    if (!request || !discs || !strips)
        goto cleanup;
    f.discs_count = gather_discs(m, discs);
    zones_strips(&m->z, price_hull, strips);
    status = gather_names(m, name, request, err);
    if (!status)
        status = labels_place(request, n, &f, m->scene->seed, place, &m->count, err);
cleanup:
    for (size_t i = 0; request && i < n; i++)
        free((void *)request[i].spots);
    free(request);
    free(discs);
    free(strips);
    return status;
}

/* --- one panel --- */

static void draw_hulls(drawing *d, const panels *m, size_t panel)
{
    for (size_t i = 0; i < m->z.count; i++) {
        const outline *h = &m->z.hull[i];

        if (h->n == 0)
            continue;
        if (panel == 0) { /* the others use its blocks */
            draw_begin(d, "hull", i + 1);
            draw_outline(d, h->at, h->n, true);
            draw_end(d);
        }
        draw_layer(d, "hull", i + 1, "with filledcurves closed fc rgb tint('ea', ZC[?])",
                   i % 8 + 1);
    }
    for (size_t i = 0; i < m->z.count; i++) {
        if (m->z.hull[i].n)
            draw_layer(d, "hull", i + 1, "with lines lw THIN lc rgb tint('80', ZC[?])", i % 8 + 1);
    }
}

static vmap_status draw_countries(drawing *d, const panels *m, size_t panel, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    if (panel == 0) {
        draw_begin(d, "country", 0);
        for (size_t i = 0; !status && i < m->z.countries; i++)
            status = draw_marker(d, marker_of_zone(m->z.country_zone[i]), m->z.country[i],
                                 m->size.small, err);
        draw_end(d);
    }
    if (m->z.countries)
        draw_layer(d, "country", 0, "with filledcurves closed fc rgb PALE", 0);
    return status;
}

/* The groups whose targets lie in one zone: lines to the targets, then markers. Blocks are numbered
 * panel * 1000 + zone, 0 for no zone. */
static vmap_status draw_groups(drawing *d, const panels *m, size_t panel, size_t zone, bool lines,
                               vmap_error *err)
{
    const vmap_figure_series *series = &m->scene->series[panel];
    size_t number = (panel + 1) * 1000 + (zone == VMAP_FIGURE_NONE ? 0 : zone + 1);
    char colour[32], style[96];
    vmap_status status = VMAP_SUCCESS;

    colour_of(colour, zone);
    draw_begin(d, lines ? "line" : "group", number);
    for (size_t i = 0; !status && i < series->groups_count; i++) {
        const vmap_figure_group *g = &series->groups[i];
        point at = plane_at(&m->p, g->x, g->y), to = at;

        if (!plane_shows(&m->p, g->x, g->y) || zone_of(m->scene, g) != zone)
            continue;
        if (g->target != VMAP_FIGURE_NONE)
            to =
                plane_at(&m->p, m->scene->countries[g->target].x, m->scene->countries[g->target].y);
        if (!lines)
            status = draw_marker(d, marker_of_zone(zone), at, 1.3 * m->size.small, err);
        else if (g->target != VMAP_FIGURE_NONE)
            draw_outline(d, (const point[2]){at, to}, 2, false);
    }
    if (!draw_end(d))
        return status;
    if (!lines)
        draw_layer(d, "group", number, "with lines lw 0.9 lc rgb '#ffffff'", 0);
    snprintf(style, sizeof style,
             lines ? "with lines lw THIN lc rgb tint('70', %s)"
                   : "with filledcurves closed fc rgb %s",
             colour);
    draw_layer(d, lines ? "line" : "group", number, style, 0);
    return status;
}

static vmap_status draw_panel(panels *m, size_t panel, const zone_name *name,
                              const label_place *place, vmap_error *err)
{
    const vmap_figure_series *series = &m->scene->series[panel];
    plane here = m->p;
    drawing d = {.s = &m->s, .p = &here};
    unsigned words = 0;
    char clean[SCRIPT_TEXT];
    vmap_status status = VMAP_SUCCESS;

    here.left += m->step_x * (double)(panel % m->columns);
    here.top += m->step_y * (double)(panel / m->columns);
    if (panel % m->columns == 0)
        words |= WORDS_Y;
    if (panel + m->columns >= m->scene->series_count)
        words |= WORDS_X;
    if (panel > 0)
        buffer_put(&m->s.body, "unset label; unset arrow; unset object\n");
    plane_axes(&m->s, &here, words);
    script_clean(clean, series->name);
    m->s.shortened += extent_fit(clean, m->size.legend, true, here.width);
    sheet_text(&m->s, clean, here.left, here.top - .55 * heading(m), ALIGN_LEFT, FACE_BOLD,
               m->size.legend, "INK", false);
    draw_hulls(&d, m, panel);
    status = draw_countries(&d, m, panel, err);
    for (int lines = 1; lines >= 0; lines--) {
        for (size_t z = 0; !status && z <= m->z.count; z++)
            status = draw_groups(&d, m, panel, z < m->z.count ? z : VMAP_FIGURE_NONE, lines, err);
    }
    for (size_t z = 0; z < m->z.count; z++) {
        if (place[z].placed)
            zone_name_draw(&d, &name[z], place[z].at, m->size.label, z);
    }
    draw_finish(&d);
    return status;
}

static vmap_status draw_panels(panels *m, vmap_error *err)
{
    label_place *place = memory_new(m->z.count, sizeof *place, err);
    zone_name *name = memory_new(m->z.count, sizeof *name, err);
    vmap_status status = place && name ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        set_names(m, name);
        status = place_names(m, name, place, err);
    }
    buffer_put(&m->s.body, "set multiplot\n");
    for (size_t i = 0; !status && i < m->scene->series_count; i++)
        status = draw_panel(m, i, name, place, err);
    buffer_put(&m->s.body, "unset multiplot\n");
    free(place);
    free(name);
    return status;
}

static size_t count_outside(const panels *m)
{
    const vmap_figure_scene *scene = m->scene;
    size_t count = scene->countries_count - m->z.countries;

    for (size_t s = 0; s < scene->series_count; s++) {
        for (size_t i = 0; i < scene->series[s].groups_count; i++)
            count +=
                !plane_shows(&m->p, scene->series[s].groups[i].x, scene->series[s].groups[i].y);
    }
    return count;
}

/* The sheet with smaller words and hulls, because the plots are small. */
static void open_sheet(panels *m)
{
    sheet_open(&m->s, m->scene);
    m->size = *m->s.size;
    m->size.axis = fmin(m->size.axis, 1.1 * m->size.label);
    m->size.hull *= .7;
    m->size.least = fmax(m->size.least, .8);
    m->s.size = &m->size;
    sheet_title(&m->s);
}

/* Legend, caption and stamp below the last row. */
static vmap_status finish_sheet(panels *m, vmap_error *err)
{
    double margin = m->size.margin, inner = m->size.width - 2 * margin;
    vmap_status status;

    m->s.top = m->p.top + m->step_y * (double)(m->rows - 1) + m->p.height +
               plane_room_below(&m->s) + .5 * m->size.legend;
    status = sheet_legend(&m->s, m->entry, m->entries, margin, inner, true, err);
    if (!status) {
        sheet_caption(&m->s, margin, inner);
        sheet_stamp(&m->s);
    }
    return status;
}

vmap_status vmap_figure_map_panels(const vmap_figure_scene *scene, char **script,
                                   vmap_figure_info *info, vmap_error *err)
{
    panels m = {.scene = scene};
    vmap_status status = scene_check(scene, err);

    if (!status && scene->series_count == 0)
        status = vmap_error_set(err, VMAP_EINVAL, "panels need at least one series of groups");
    if (status)
        return status;
    open_sheet(&m);
    status = gather_legend(&m, err);
    if (!status) {
        lay_out(&m);
        status = zones_new(scene, &m.p, m.size.hull, &m.z, err);
    }
    if (!status)
        status = finish_sheet(&m, err);
    if (!status)
        status = draw_panels(&m, err);
    if (!status)
        status = sheet_close(&m.s, "Cultural map in panels, drawn by valuemap", script, err);
    if (!status && info)
        *info = (vmap_figure_info){.width = m.size.width,
                                   .height = m.s.height,
                                   .labels = m.count.placed,
                                   .overlaps = m.count.overlaps,
                                   .left_out = m.count.left_out,
                                   .shortened = m.s.shortened,
                                   .unusual = m.s.unusual,
                                   .outside = count_outside(&m)};
    free(m.entry);
    zones_free(&m.z);
    buffer_free(&m.s.body);
    return status;
}
