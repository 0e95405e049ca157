#include <config.h>
#include "valuemap/space.h"

#include <string.h>

#include "core/memory.h"
#include "core/registry.h"
#include "core/text.h"
#include "space/space_internal.h"

/* Scales and shifts of the published maps. "wvs": World Values Survey Association, syntax of the
 * cultural map (2023), SurvSAgg = 1.81 x score + .038, TradAgg = 1.61 x score - .1. "tao2024": as
 * printed in Tao, Viberg, Baker & Kizilcec (2024), PNAS Nexus 3(9), pgae346. */
const vmap_affine vmap_affines[] = {
    {"wvs", "units of the official map (World Values Survey Association)", {1.81, .038}, {1.61, -.1}},
    {"tao2024",
     "as printed by Tao et al. 2024, whose shifts lie one decimal off: +.342 and +.09 from wvs",
     {1.81, .38},
     {1.61, -.01}},
    {"none", "standard deviations of the scores, mean 0", {1, 0}, {1, 0}},
};
const size_t vmap_affines_count = sizeof vmap_affines / sizeof *vmap_affines;

static const vmap_affine *find_affine(const char *name, vmap_error *err)
{
    size_t i = REGISTRY_FIND(vmap_affines, vmap_affines_count, "affine convention", name, err);

    return i < vmap_affines_count ? &vmap_affines[i] : NULL;
}

/* Scale and shift of an axis under a convention; NULL when the convention does not know the axis. */
static const double *axis_affine(const vmap_affine *affine, const char *axis)
{
    if (strcmp(axis, "survself") == 0)
        return affine->survself;
    if (strcmp(axis, "tradrat") == 0)
        return affine->tradrat;
    return strcmp(affine->name, "none") == 0 ? affine->survself : NULL;
}

bool affine_fits(const vmap_space *s)
{
    const vmap_affine *affine = find_affine(s->affine, NULL);

    for (size_t j = 0; affine && j < s->k; j++) {
        const double *to = axis_affine(affine, s->axes[j].name);

        if (!to || gsl_vector_get(s->scale, j) != to[0] || gsl_vector_get(s->shift, j) != to[1])
            return false;
    }
    return affine != NULL;
}

/* new = factor x old + shift on axis j */
static void change_axis(vmap_space *s, size_t j, double factor, double shift)
{
    gsl_vector_view weights = gsl_matrix_column(s->weights, j);

    gsl_vector_set(s->intercept, j, factor * gsl_vector_get(s->intercept, j) + shift);
    gsl_vector_scale(&weights.vector, factor);
    if (s->within) {
        gsl_vector_view row = gsl_matrix_row(s->within, j), column = gsl_matrix_column(s->within, j);

        gsl_vector_scale(&row.vector, factor);
        gsl_vector_scale(&column.vector, factor);
    }
    for (size_t i = 0; i < s->positions_count; i++) {
        vmap_position *position = &s->positions[i];

        gsl_vector_set(position->at, j, factor * gsl_vector_get(position->at, j) + shift);
        if (position->se)
            gsl_vector_set(position->se, j, factor * gsl_vector_get(position->se, j));
    }
}

vmap_status vmap_space_set_affine(vmap_space *s, const char *name, vmap_error *err)
{
    const vmap_affine *affine = find_affine(name, err);
    char *copy;

    if (!affine)
        return VMAP_ENOENT;
    for (size_t j = 0; j < s->k; j++) {
        if (!axis_affine(affine, s->axes[j].name))
            return vmap_error_set(err, VMAP_EINVAL,
                                  "affine convention %s needs the axes survself and tradrat; this "
                                  "space has %s: use none",
                                  name, s->axes[j].name);
    }
    if (s->affine && strcmp(s->affine, name) == 0)
        return VMAP_SUCCESS;
    copy = text_copy(name, strlen(name));
    if (!copy)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a name");
    for (size_t j = 0; j < s->k; j++) {
        const double *to = axis_affine(affine, s->axes[j].name);
        double scale = gsl_vector_get(s->scale, j), shift = gsl_vector_get(s->shift, j);

        change_axis(s, j, to[0] / scale, to[1] - to[0] / scale * shift);
        gsl_vector_set(s->scale, j, to[0]);
        gsl_vector_set(s->shift, j, to[1]);
    }
    free(s->affine);
    s->affine = copy;
    return VMAP_SUCCESS;
}
