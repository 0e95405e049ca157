#include <config.h>
#include "valuemap/figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "figure/map_internal.h"

/* Above this number of groups their markers are small and country labels may cover them. */
enum { MANY_GROUPS = 40, ELLIPSE_POINTS = 60, COARSE_POINTS = 16 };

/* How dear it is for a label to cross something (labels.c has the prices of labels and markers). */
static const double price_hull = .8, price_arrow = 1.2, price_ellipse = 2.2, price_many = 3;

double map_marker_radius(const map *m)
{
    return m->many ? m->s.size->small : m->s.size->group;
}

double map_unit(const map *m)
{
    return m->s.size->label / 7;
}

/* Tips of triangles and stars reach beyond the radius. */
static double room_of(double radius)
{
    return 1.2 * radius;
}

/* --- geometry --- */

/* The covariance in squared points of the plot. */
static vmap_status add_ellipse(const map *m, point at, const double *cov, size_t points, outline *o,
                               vmap_error *err)
{
    double sx = m->p.width / (m->p.x1 - m->p.x0), sy = m->p.height / (m->p.y1 - m->p.y0);

    if (!cov)
        return VMAP_SUCCESS;
    return ellipse_outline(at,
                           (const double[3]){cov[0] * sx * sx, cov[1] * sx * sy, cov[2] * sy * sy},
                           ellipse_square(m->scene->level), points, o, err);
}

/* An arrow runs from marker edge to marker edge; one shorter than its head is none. */
static void lay_arrow(const map *m, mark *k)
{
    const vmap_figure_country *target;
    double start = map_marker_radius(m) + .6, end = m->s.size->country + 1.2, length;
    point to;

    if (!m->scene->arrows || k->group->target == VMAP_FIGURE_NONE)
        return;
    target = &m->scene->countries[k->group->target];
    if (!plane_shows(&m->p, target->x, target->y))
        return;
    to = plane_at(&m->p, target->x, target->y);
    length = hypot(to.x - k->at.x, to.y - k->at.y);
    if (length < start + end + 4)
        return;
    k->has_arrow = true;
    k->from = (point){k->at.x + (to.x - k->at.x) * start / length,
                      k->at.y + (to.y - k->at.y) * start / length};
    k->to = (point){to.x - (to.x - k->at.x) * end / length, to.y - (to.y - k->at.y) * end / length};
}

static vmap_status gather_marks(map *m, vmap_error *err)
{
    const vmap_figure_scene *scene = m->scene;
    vmap_status status = VMAP_SUCCESS;

    for (size_t s = 0; s < scene->series_count; s++) {
        for (size_t i = 0; !status && i < scene->series[s].groups_count; i++) {
            const vmap_figure_group *g = &scene->series[s].groups[i];
            mark *k = &m->mark[m->marks];

            if (!plane_shows(&m->p, g->x, g->y)) {
                m->outside++;
                continue;
            }
            *k = (mark){.group = g, .series = s, .at = plane_at(&m->p, g->x, g->y)};
            m->marks++;
            status = add_ellipse(m, k->at, g->cov, ELLIPSE_POINTS, &k->ellipse, err);
            if (!status)
                status = add_ellipse(m, k->at, g->cov, COARSE_POINTS, &k->coarse, err);
            if (!status)
                status = add_ellipse(m, k->at, g->wide, ELLIPSE_POINTS, &k->wide, err);
            lay_arrow(m, k);
        }
    }
    return status;
}

/* --- labels --- */

/* Takes over the request's spots, also when it fails. */
static vmap_status append_label(map *m, const char *text, label_kind kind, size_t index,
                                label_request request, vmap_error *err)
{
    vmap_status status =
        memory_grow(&m->label, &m->label_room, m->labels + 1, sizeof *m->label, err);
    char *copy = text_copy(text, strlen(text));

    if (!status)
        status = memory_grow(&m->request, &m->request_room, m->labels + 1, sizeof *m->request, err);
    if (!status && !copy)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a label");
    if (status) {
        free(copy);
        free((void *)request.spots);
        return status;
    }
    m->label[m->labels] = (label_text){copy, kind, index};
    m->request[m->labels++] = request;
    return VMAP_SUCCESS;
}

static vmap_status add_label(map *m, const char *text, label_kind kind, size_t index, bool bold,
                             label_request request, vmap_error *err)
{
    double size = m->s.size->label;
    char clean[SCRIPT_TEXT];

    script_clean(clean, text);
    if (!*clean)
        return VMAP_SUCCESS;
    m->s.shortened += extent_fit(clean, size, bold, .4 * m->p.width);
    request.size = extent_of(clean, size, bold);
    return append_label(m, clean, kind, index, request, err);
}

static vmap_status add_zone_labels(map *m, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < m->z.count; i++) {
        label_request r = {.weight = 1.5, .required = true, .reach = 30 * map_unit(m)};
        label_spot *spots = NULL;

        if (m->z.hull[i].n == 0)
            continue;
        m->s.shortened +=
            zone_name_set(&m->zone_name[i], m->scene->zones[i], m->s.size->zone, m->p.width);
        if (!m->zone_name[i].line[0][0])
            continue;
        r.at = m->z.middle[i];
        r.size = m->zone_name[i].size;
        status = zones_spots(&m->z, i, r.size, &m->p, map_unit(m), &spots, &r.spots_count, err);
        r.spots = spots;
        if (!status)
            status = append_label(m, m->scene->zones[i], LABEL_ZONE, i, r, err);
    }
    return status;
}

static vmap_status add_country_labels(map *m, vmap_error *err)
{
    const vmap_figure_scene *scene = m->scene;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < scene->countries_count; i++) {
        const vmap_figure_country *c = &scene->countries[i];
        label_request r = {
            .weight = 1, .reach = 38 * map_unit(m), .radius = room_of(m->s.size->country)};

        if (!plane_shows(&m->p, c->x, c->y)) {
            m->outside++;
            continue;
        }
        r.at = plane_at(&m->p, c->x, c->y);
        if (c->wanted)
            status = add_label(m, c->label, LABEL_COUNTRY, i, false, r, err);
    }
    return status;
}

static vmap_status add_group_labels(map *m, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < m->marks; i++) {
        const mark *k = &m->mark[i];
        label_request r = {
            .at = k->at, .weight = 1.5, .required = true, .radius = room_of(map_marker_radius(m))};
        double far = 0;

        for (size_t e = 0; e < k->ellipse.n; e++)
            far = fmax(far, hypot(k->ellipse.at[e].x - k->at.x, k->ellipse.at[e].y - k->at.y));
        r.reach = fmax(26 * map_unit(m), far + 14 * map_unit(m));
        if (k->group->wanted)
            status = add_label(m, k->group->label, LABEL_GROUP, i, true, r, err);
    }
    return status;
}

/* Everything that labels should keep clear of. The lists are in fresh memory. */
static vmap_status gather_field(map *m, disc **discs, strip **strips, patch **patches,
                                label_field *f, vmap_error *err)
{
    const vmap_figure_scene *scene = m->scene;
    size_t hull_strips = zones_strips_count(&m->z);

    *f = (label_field){.frame = {1, 1, m->p.width - 1, m->p.height - 1}, .unit = map_unit(m)};
    *discs = memory_new(scene->countries_count + m->marks, sizeof **discs, err);
    *strips = memory_new(hull_strips + m->marks, sizeof **strips, err);
    *patches = memory_new(m->marks, sizeof **patches, err);
    if (!*discs || !*strips || !*patches)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < scene->countries_count; i++) {
        const vmap_figure_country *c = &scene->countries[i];

        if (plane_shows(&m->p, c->x, c->y))
            (*discs)[f->discs_count++] =
                (disc){plane_at(&m->p, c->x, c->y), room_of(m->s.size->country), 0};
    }
    zones_strips(&m->z, price_hull, *strips);
    f->strips_count = hull_strips;
    for (size_t i = 0; i < m->marks; i++) {
        const mark *k = &m->mark[i];

        (*discs)[f->discs_count++] =
            (disc){k->at, room_of(map_marker_radius(m)), m->many ? price_many : 0};
        if (k->has_arrow)
            (*strips)[f->strips_count++] = (strip){k->from, k->to, price_arrow, m->z.count + i};
        if (k->coarse.n > 1)
            (*patches)[f->patches_count++] =
                (patch){k->coarse.at, k->coarse.n, outline_bounds(k->coarse.at, k->coarse.n),
                        price_ellipse};
    }
    f->discs = *discs;
    f->strips = *strips;
    f->patches = *patches;
    return VMAP_SUCCESS;
}

static vmap_status place_labels(map *m, vmap_error *err)
{
    label_field field;
    disc *discs = NULL;
    strip *strips = NULL;
    patch *patches = NULL;
    vmap_status status = add_zone_labels(m, err);

    if (!status)
        status = add_group_labels(m, err);
    if (!status)
        status = add_country_labels(m, err);
    if (!status)
        status = gather_field(m, &discs, &strips, &patches, &field, err);
    if (!status) {
        m->place = memory_new(m->labels, sizeof *m->place, err);
        status = m->place ? VMAP_SUCCESS : VMAP_ENOMEM;
    }
    if (!status)
        status =
            labels_place(m->request, m->labels, &field, m->scene->seed, m->place, &m->count, err);
    free(discs);
    free(strips);
    free(patches);
    return status;
}

/* --- the sheet --- */

static bool any_group(const vmap_figure_scene *scene, legend_kind what)
{
    for (size_t s = 0; s < scene->series_count; s++) {
        for (size_t i = 0; i < scene->series[s].groups_count; i++) {
            const vmap_figure_group *g = &scene->series[s].groups[i];

            if ((what == LEGEND_ELLIPSE && g->cov) || (what == LEGEND_WIDE && g->wide) ||
                (what == LEGEND_ARROW && g->target != VMAP_FIGURE_NONE))
                return true;
        }
    }
    return false;
}

static void add_entry(map *m, legend_kind kind, size_t index, const char *text)
{
    m->entry[m->entries++] = (legend_entry){kind, index, text};
}

static vmap_status gather_legend(map *m, vmap_error *err)
{
    const vmap_figure_scene *scene = m->scene;

    m->entry = memory_new(scene->zones_count + scene->series_count + 6, sizeof *m->entry, err);
    if (!m->entry)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < scene->zones_count; i++) {
        if (scene_uses_zone(scene, i))
            add_entry(m, LEGEND_ZONE, i, scene->zones[i]);
    }
    if (scene_uses_zone(scene, VMAP_FIGURE_NONE))
        add_entry(m, LEGEND_ZONE, VMAP_FIGURE_NONE, m->entries ? "no zone" : "country");
    if (scene->series_count == 0)
        return VMAP_SUCCESS;
    add_entry(m, LEGEND_GAP, 0, "");
    for (size_t i = 0; i < scene->series_count; i++)
        add_entry(m, LEGEND_SERIES, i, scene->series[i].name);
    add_entry(m, LEGEND_GAP, 0, "");
    snprintf(m->level, sizeof m->level, "%g %% region of the mean", 100 * scene->level);
    if (any_group(scene, LEGEND_ELLIPSE))
        add_entry(m, LEGEND_ELLIPSE, 0, m->level);
    if (any_group(scene, LEGEND_WIDE))
        add_entry(m, LEGEND_WIDE, 0, "with projection uncertainty");
    if (scene->arrows && any_group(scene, LEGEND_ARROW))
        add_entry(m, LEGEND_ARROW, 0, "to the country meant");
    return VMAP_SUCCESS;
}

/* Where the plot lies. The legend stands below it, or at its side together with the caption, as
 * long as there is room. */
static void lay_out(map *m)
{
    const sheet_sizes *z = m->s.size;
    double left = z->margin + plane_room_left(&m->s), below = plane_room_below(&m->s);

    m->p.left = left;
    m->p.top = m->s.top;
    m->p.width = z->width * (1 - z->side) - left - z->margin;
    m->side_left = z->side > 0 ? z->width * (1 - z->side) + z->margin : z->margin;
    m->side_width = z->width - z->margin - m->side_left;
    if (z->height > 0) {
        double free = z->height - z->margin - sheet_stamp_height(&m->s) - m->s.top;

        m->p.height = free - below;
        m->caption_aside = sheet_legend_height(&m->s, m->entry, m->entries, m->side_width) +
                               sheet_caption_height(&m->s, m->side_width) <
                           free;
        if (!m->caption_aside)
            m->p.height -= sheet_caption_height(&m->s, z->width - 2 * z->margin);
    }
    plane_fit(&m->p, m->scene, z, z->hull + 1.6 * z->label);
}

static vmap_status finish_sheet(map *m, vmap_error *err)
{
    const sheet_sizes *z = m->s.size;
    double bottom = m->p.top + m->p.height + plane_room_below(&m->s) + .5 * z->legend;
    vmap_status status;

    m->s.top = z->side > 0 ? m->p.top : bottom;
    status = sheet_legend(&m->s, m->entry, m->entries, m->side_left, m->side_width, m->many, err);
    if (z->side > 0 && !m->caption_aside)
        m->s.top = bottom;
    if (m->caption_aside)
        sheet_caption(&m->s, m->side_left, m->side_width);
    else
        sheet_caption(&m->s, z->margin, z->width - 2 * z->margin);
    sheet_stamp(&m->s);
    return status;
}

static void note_left_out(map *m)
{
    if (m->count.left_out)
        buffer_put(&m->s.body, "# Labels left out for want of room:\n");
    for (size_t i = 0; i < m->labels; i++) {
        if (!m->place[i].placed)
            script_comment(&m->s.body, m->label[i].text);
    }
}

static void free_map(map *m)
{
    for (size_t i = 0; m->mark && i < m->marks; i++) {
        outline_free(&m->mark[i].ellipse);
        outline_free(&m->mark[i].coarse);
        outline_free(&m->mark[i].wide);
    }
    for (size_t i = 0; i < m->labels; i++) {
        free(m->label[i].text);
        free((void *)m->request[i].spots);
    }
    free(m->entry);
    free(m->mark);
    free(m->zone_name);
    free(m->label);
    free(m->request);
    free(m->place);
    zones_free(&m->z);
    buffer_free(&m->s.body);
}

vmap_status vmap_figure_map(const vmap_figure_scene *scene, char **script, vmap_figure_info *info,
                            vmap_error *err)
{
    map m = {.scene = scene};
    vmap_status status = scene_check(scene, err);

    if (status)
        return status;
    m.many = scene_groups(scene) > MANY_GROUPS;
    sheet_open(&m.s, scene);
    sheet_title(&m.s);
    status = gather_legend(&m, err);
    if (status)
        goto cleanup;
    lay_out(&m);
    m.mark = memory_new(scene_groups(scene), sizeof *m.mark, err);
    m.zone_name = memory_new(scene->zones_count, sizeof *m.zone_name, err);
    status =
        m.mark && m.zone_name ? zones_new(scene, &m.p, m.s.size->hull, &m.z, err) : VMAP_ENOMEM;
    if (!status)
        status = gather_marks(&m, err);
    if (!status)
        status = place_labels(&m, err);
    if (status)
        goto cleanup;
    note_left_out(&m);
    plane_axes(&m.s, &m.p, WORDS_X | WORDS_Y);
    status = finish_sheet(&m, err);
    if (!status)
        status = map_draw(&m, err);
    if (!status)
        status = sheet_close(&m.s, "Cultural map, drawn by valuemap", script, err);
    if (!status && info)
        *info = (vmap_figure_info){.width = m.s.size->width,
                                   .height = m.s.height,
                                   .labels = m.count.placed,
                                   .leaders = m.count.leaders,
                                   .overlaps = m.count.overlaps,
                                   .left_out = m.count.left_out,
                                   .shortened = m.s.shortened,
                                   .unusual = m.s.unusual,
                                   .outside = m.outside};
cleanup:
    free_map(&m);
    return status;
}
