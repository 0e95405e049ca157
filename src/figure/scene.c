#include <config.h>
#include "figure/sheet.h"

#include <math.h>

void vmap_figure_scene_defaults(vmap_figure_scene *scene)
{
    *scene = (vmap_figure_scene){
        .name = "map", .width = VMAP_FIGURE_PAGE, .arrows = true, .level = .95, .seed = 1};
}

size_t scene_groups(const vmap_figure_scene *scene)
{
    size_t count = 0;

    for (size_t s = 0; s < scene->series_count; s++)
        count += scene->series[s].groups_count;
    return count;
}

bool scene_uses_zone(const vmap_figure_scene *scene, size_t zone)
{
    for (size_t i = 0; i < scene->countries_count; i++) {
        if (scene->countries[i].zone == zone)
            return true;
    }
    return false;
}

static bool is_far(double x)
{
    return !isfinite(x) || fabs(x) > 1e9;
}

/* An error message about something that has a name. */
static vmap_status refuse(vmap_status status, const char *kind, const char *label, const char *what,
                          vmap_error *err)
{
    char clean[SCRIPT_TEXT];

    script_clean(clean, label);
    return vmap_error_set(err, status, "%s \"%s\" has %s", kind, clean, what);
}

static vmap_status check_cov(const double *cov, const char *label, vmap_error *err)
{
    outline none = {.at = NULL};
    vmap_status status;

    if (!cov)
        return VMAP_SUCCESS;
    status = ellipse_outline((point){0, 0}, cov, 1, 4, &none, err);
    outline_free(&none);
    if (status == VMAP_EDATA)
        return refuse(status, "group", label,
                      "a covariance that is not positive semi-definite or not finite", err);
    return status;
}

static vmap_status check_group(const vmap_figure_scene *scene, const vmap_figure_group *g,
                               vmap_error *err)
{
    vmap_status status;

    if (is_far(g->x) || is_far(g->y))
        return refuse(VMAP_EDATA, "group", g->label, "a coordinate that is not within +-1e9", err);
    if (g->target != VMAP_FIGURE_NONE && g->target >= scene->countries_count)
        return refuse(VMAP_EINVAL, "group", g->label, "a target that is not in the list", err);
    status = check_cov(g->cov, g->label, err);
    return status ? status : check_cov(g->wide, g->label, err);
}

static vmap_status check_axis(const vmap_figure_axis *axis, const char *which, vmap_error *err)
{
    if (is_far(axis->from) || is_far(axis->to) || axis->from > axis->to)
        return vmap_error_set(err, VMAP_EINVAL,
                              "the range %g to %g of the %s axis does not ascend within +-1e9",
                              axis->from, axis->to, which);
    return VMAP_SUCCESS;
}

static vmap_status check_options(const vmap_figure_scene *scene, vmap_error *err)
{
    vmap_status status;

    if (scene->countries_count + scene_groups(scene) == 0)
        return vmap_error_set(err, VMAP_EINVAL, "there are no countries and no groups to draw");
    if (!scene->name || !script_name_fits(scene->name))
        return vmap_error_set(err, VMAP_EINVAL,
                              "the figure's name \"%s\" is not made of A-Z a-z 0-9 _ . -",
                              scene->name ? scene->name : "");
    if (!(scene->level > 0 && scene->level < 1))
        return vmap_error_set(err, VMAP_EINVAL, "the level %g is outside (0, 1)", scene->level);
    if ((unsigned)scene->width > VMAP_FIGURE_SLIDE)
        return vmap_error_set(err, VMAP_EINVAL, "the width %d is none of column, page and slide",
                              (int)scene->width);
    status = check_axis(&scene->x, "x", err);
    return status ? status : check_axis(&scene->y, "y", err);
}

vmap_status scene_check(const vmap_figure_scene *scene, vmap_error *err)
{
    vmap_status status = check_options(scene, err);

    for (size_t i = 0; !status && i < scene->countries_count; i++) {
        const vmap_figure_country *c = &scene->countries[i];

        if (is_far(c->x) || is_far(c->y))
            status = refuse(VMAP_EDATA, "country", c->label,
                            "a coordinate that is not within +-1e9", err);
        else if (c->zone != VMAP_FIGURE_NONE && c->zone >= scene->zones_count)
            status =
                refuse(VMAP_EINVAL, "country", c->label, "a zone that is not in the list", err);
    }
    for (size_t s = 0; !status && s < scene->series_count; s++) {
        for (size_t i = 0; !status && i < scene->series[s].groups_count; i++)
            status = check_group(scene, &scene->series[s].groups[i], err);
    }
    return status;
}
