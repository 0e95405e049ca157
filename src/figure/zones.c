#include <config.h>
#include "figure/zones.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static vmap_status outline_zone(zones *z, size_t zone, double radius, point *member,
                                vmap_error *err)
{
    size_t count = 0;
    point sum = {0, 0};

    for (size_t i = 0; i < z->countries; i++) {
        if (z->country_zone[i] != zone)
            continue;
        member[count++] = z->country[i];
        sum.x += z->country[i].x;
        sum.y += z->country[i].y;
    }
    if (count == 0)
        return VMAP_SUCCESS;
    z->middle[zone] = (point){sum.x / (double)count, sum.y / (double)count};
    if (hull_rounded(member, count, radius, &z->hull[zone], err))
        return VMAP_ENOMEM;
    z->bounds[zone] = outline_bounds(z->hull[zone].at, z->hull[zone].n);
    return VMAP_SUCCESS;
}

vmap_status zones_new(const vmap_figure_scene *scene, const plane *p, double radius, zones *z,
                      vmap_error *err)
{
    size_t n = scene->countries_count;
    point *member = memory_new(n, sizeof *member, err);
    vmap_status status = VMAP_ENOMEM;

    *z = (zones){.count = scene->zones_count};
    z->hull = memory_new(z->count, sizeof *z->hull, err);
    z->bounds = memory_new(z->count, sizeof *z->bounds, err);
    z->middle = memory_new(z->count, sizeof *z->middle, err);
    z->country = memory_new(n, sizeof *z->country, err);
    z->country_zone = memory_new(n, sizeof *z->country_zone, err);
    if (member && z->hull && z->bounds && z->middle && z->country && z->country_zone)
        status = VMAP_SUCCESS;
    for (size_t i = 0; !status && i < n; i++) {
        const vmap_figure_country *c = &scene->countries[i];

        if (!plane_shows(p, c->x, c->y))
            continue;
        z->country[z->countries] = plane_at(p, c->x, c->y);
        z->country_zone[z->countries++] = c->zone;
    }
    for (size_t i = 0; !status && i < z->count; i++)
        status = outline_zone(z, i, radius, member, err);
    free(member);
    if (status)
        zones_free(z);
    return status;
}

void zones_free(zones *z)
{
    for (size_t i = 0; z->hull && i < z->count; i++)
        outline_free(&z->hull[i]);
    free(z->hull);
    free(z->bounds);
    free(z->middle);
    free(z->country);
    free(z->country_zone);
    *z = (zones){.hull = NULL};
}

/* How many of the countries nearest to a box belong to other zones, of NEAREST. */
static int strangers_near(const zones *z, size_t index, const box *b)
{
    enum { NEAREST = 5 };
    double nearest[NEAREST];
    bool strange[NEAREST];
    int found = 0, strangers = 0;

    for (size_t i = 0; i < z->countries; i++) {
        double distance = box_distance(b, z->country[i]);
        int k = found < NEAREST ? found++ : NEAREST;

        for (; k > 0 && nearest[k - 1] > distance; k--) {
            if (k < NEAREST) {
                nearest[k] = nearest[k - 1];
                strange[k] = strange[k - 1];
            }
        }
        if (k < NEAREST) {
            nearest[k] = distance;
            strange[k] = z->country_zone[i] != index;
        }
    }
    for (int k = 0; k < found; k++)
        strangers += strange[k];
    return strangers;
}

static int corners_inside(const outline *hull, const box *b)
{
    const point corner[4] = {
        {b->left, b->bottom}, {b->right, b->bottom}, {b->right, b->top}, {b->left, b->top}};
    int inside = 0;

    for (int i = 0; i < 4; i++)
        inside += outline_holds(hull->at, hull->n, corner[i]);
    return inside;
}

static bool touches(const outline *hull, const box *b)
{
    if (corners_inside(hull, b))
        return true;
    for (size_t i = 0; i < hull->n; i++) {
        if (box_meets_segment(b, hull->at[i], hull->at[(i + 1) % hull->n]))
            return true;
    }
    return false;
}

static box widened(const box *b, double by)
{
    return (box){b->left - by, b->bottom - by, b->right + by, b->top + by};
}

/* What a name in this box costs, or a negative number where it would not be understood. A name
 * outside its own hull but inside another would be taken for the other's. */
static double price_spot(const zones *z, size_t index, const box *b, double unit)
{
    const outline *own = &z->hull[index];
    point centre = {(b->left + b->right) / 2, (b->bottom + b->top) / 2};
    box near = widened(b, 5 * unit), far = widened(b, 10 * unit);
    const box *whole = &z->bounds[index];
    double dx = centre.x - z->middle[index].x, dy = centre.y - z->middle[index].y, cost, foreign;

    if (!boxes_meet(whole, &far) || !touches(own, &far))
        return -1;
    cost = corners_inside(own, b) == 4 ? 0 : touches(own, b) ? .7 : touches(own, &near) ? 1.2 : 2;
    cost += .6 * strangers_near(z, index, b);
    cost += 2 * sqrt((dx * dx + dy * dy) /
                     ((whole->right - whole->left) * (whole->top - whole->bottom)));
    foreign = outline_holds(own->at, own->n, centre) ? .25 : 1;
    for (size_t k = 0; k < z->count; k++) {
        if (k == index || z->hull[k].n == 0 || !boxes_meet(&z->bounds[k], b))
            continue;
        cost += foreign * corners_inside(&z->hull[k], b);
        cost += 2 * foreign * outline_holds(z->hull[k].at, z->hull[k].n, centre);
    }
    return cost;
}

vmap_status zones_spots(const zones *z, size_t index, extent name, const plane *p, double unit,
                        label_spot **spots, size_t *count, vmap_error *err)
{
    box bounds = z->bounds[index];
    double w = name.width / 2, h = (name.up + name.down) / 2, step = 3.5 * unit;
    label_spot *found = NULL;
    size_t room = 0, n = 0;
    vmap_status status = VMAP_SUCCESS;

    for (double y = bounds.bottom - h - 10 * unit; !status && y < bounds.top + h + 10 * unit;
         y += step) {
        for (double x = bounds.left - w - 10 * unit; !status && x < bounds.right + w + 10 * unit;
             x += step) {
            box b = {x - w, y - h, x + w, y + h};
            double cost;

            if (b.left < 0 || b.right > p->width || b.bottom < 0 || b.top > p->height)
                continue;
            cost = price_spot(z, index, &b, unit);
            if (cost < 0)
                continue;
            status = memory_grow(&found, &room, n + 1, sizeof *found, err);
            if (!status)
                found[n++] = (label_spot){{x, y}, cost};
        }
    }
    if (status) {
        free(found);
        return status;
    }
    *spots = found;
    *count = n;
    return VMAP_SUCCESS;
}

size_t zones_strips_count(const zones *z)
{
    size_t count = 0;

    for (size_t i = 0; i < z->count; i++)
        count += z->hull[i].n;
    return count;
}

void zones_strips(const zones *z, double cost, strip *strips)
{
    for (size_t i = 0; i < z->count; i++) {
        const outline *hull = &z->hull[i];

        for (size_t k = 0; k < hull->n; k++)
            *strips++ = (strip){hull->at[k], hull->at[(k + 1) % hull->n], cost, i};
    }
}

static const double line_step = 1.1; /* of the type size */

/* Break at the blank, or after the hyphen, that leaves the shortest longer line. */
static void break_name(zone_name *name, double size)
{
    const char *text = name->line[0];
    size_t n = strlen(text), at = 0, next = 0;
    double best = name->size.width;
    char head[SCRIPT_TEXT];

    for (size_t i = 1; i + 1 < n; i++) {
        size_t keep = text[i] == '-' ? i + 1 : i;
        double width;

        if (text[i] != ' ' && text[i] != '-')
            continue;
        memcpy(head, text, keep);
        head[keep] = '\0';
        width =
            greater(extent_of(head, size, true).width, extent_of(text + i + 1, size, true).width);
        if (width < best) {
            best = width;
            at = keep;
            next = i + 1;
        }
    }
    if (at == 0)
        return;
    memcpy(name->line[1], text + next, n - next + 1);
    name->line[0][at] = '\0';
    name->size.width = best;
    name->size.up += line_step * size / 2;
    name->size.down += line_step * size / 2;
}

bool zone_name_set(zone_name *name, const char *text, double size, double plot_width)
{
    bool cut;

    memset(name, 0, sizeof *name);
    script_clean(name->line[0], text);
    cut = extent_fit(name->line[0], size, true, .6 * plot_width);
    name->size = extent_of(name->line[0], size, true);
    if (name->size.width > .2 * plot_width)
        break_name(name, size);
    return cut;
}

void zone_name_draw(drawing *d, const zone_name *name, point at, double size, size_t zone)
{
    double step = name->line[1][0] ? line_step * size : 0;
    char colour[32];

    snprintf(colour, sizeof colour, "ZT[%zu]", zone % 8 + 1);
    for (int i = 0; i < 2; i++) {
        if (name->line[i][0])
            draw_text(d, name->line[i], (point){at.x, at.y + (.5 - i) * step}, FACE_BOLD, size,
                      colour);
    }
}
