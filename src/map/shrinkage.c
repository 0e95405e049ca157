#include <config.h>
#include "valuemap/map.h"

#include <math.h>

#include <gsl/gsl_fit.h>
#include <gsl/gsl_statistics_double.h>

#include "core/memory.h"
#include "map/map_internal.h"

/* From this share of explained score variance on, answers count as complete. */
static const double COMPLETE = 0.999;

void vmap_shrinkage_free(vmap_shrinkage *s)
{
    if (!s)
        return;
    gsl_vector_free(s->slope);
    gsl_vector_free(s->slope_se);
    gsl_vector_free(s->spread);
    gsl_vector_free(s->share);
    free(s);
}

static bool is_complete(const vmap_group *g)
{
    for (size_t j = 0; j < g->share->size; j++) {
        if (gsl_vector_get(g->share, j) < COMPLETE)
            return false;
    }
    return true;
}

/* One group and the country it is meant to be. */
typedef struct {
    const vmap_group *group;
    const vmap_reference *country;
} match;

static void choose_basis(vmap_shrinkage *s, const match *m, size_t n)
{
    double unused;

    s->basis = VMAP_SHRINKAGE_OFFICIAL;
    for (size_t i = 0; i < n; i++) {
        if (!is_complete(m[i].group) && s->basis == VMAP_SHRINKAGE_OFFICIAL)
            s->basis = VMAP_SHRINKAGE_SAME_ITEMS;
    }
    for (size_t i = 0; s->basis == VMAP_SHRINKAGE_SAME_ITEMS && i < n; i++) {
        for (size_t j = 0; j < s->slope->size; j++) {
            if (!reference_from_items(m[i].group, m[i].country, j, &unused))
                s->basis = VMAP_SHRINKAGE_WITHHELD;
        }
    }
}

/* x: n positions of the countries, y: n positions of the groups on one axis. */
static void fit_axis(vmap_shrinkage *s, size_t axis, const double *x, const double *y, size_t n)
{
    double c0, c1, v00, v01, v11, rest;
    double sx = gsl_stats_sd(x, 1, n), sy = gsl_stats_sd(y, 1, n);

    if (!(sx > 0))
        return;
    gsl_fit_linear(x, 1, y, 1, n, &c0, &c1, &v00, &v01, &v11, &rest);
    gsl_vector_set(s->slope, axis, c1);
    gsl_vector_set(s->slope_se, axis, sqrt(v11));
    gsl_vector_set(s->spread, axis, sy / sx);
}

static vmap_status fit_axes(vmap_shrinkage *s, const match *m, size_t n, vmap_error *err)
{
    double *x = memory_new(n, sizeof *x, err), *y = memory_new(n, sizeof *y, err);
    vmap_status status = x && y ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t j = 0; !status && j < s->slope->size; j++) {
        for (size_t i = 0; i < n; i++) {
            y[i] = gsl_vector_get(m[i].group->mean, j);
            x[i] = gsl_vector_get(m[i].country->at, j);
            if (s->basis == VMAP_SHRINKAGE_SAME_ITEMS)
                reference_from_items(m[i].group, m[i].country, j, &x[i]);
            *gsl_vector_ptr(s->share, j) += gsl_vector_get(m[i].group->share, j) / (double)n;
        }
        if (s->basis != VMAP_SHRINKAGE_WITHHELD)
            fit_axis(s, j, x, y, n);
    }
    free(x);
    free(y);
    return status;
}

/* Euclidean distance to the country as the answered items give it; NaN when that is not known. */
double distance_same_items(const vmap_group *g, const vmap_reference *country)
{
    double sum = 0;

    for (size_t j = 0; j < g->mean->size; j++) {
        double at;

        if (!reference_from_items(g, country, j, &at))
            return NAN;
        sum += (gsl_vector_get(g->mean, j) - at) * (gsl_vector_get(g->mean, j) - at);
    }
    return sqrt(sum);
}

static void find_distances(vmap_shrinkage *s, const match *m, size_t n,
                           const vmap_references *references)
{
    for (size_t i = 0; i < n; i++) {
        double d = vmap_distance_euclidean(m[i].group->mean, m[i].country->at);
        bool hit = true;

        s->distance += d / (double)n;
        s->same_items += distance_same_items(m[i].group, m[i].country) / (double)n;
        for (size_t c = 0; c < references->countries; c++) {
            const vmap_reference *other = &references->country[c];
            double there = vmap_distance_euclidean(m[i].group->mean, other->at);

            hit &= there > d || (there == d && other >= m[i].country); /* ties as in the ranks */
        }
        s->hits += hit / (double)n;
    }
    s->groups = n;
}

static vmap_shrinkage *alloc(size_t k, vmap_error *err)
{
    vmap_shrinkage *s = memory_new(1, sizeof *s, err);

    if (!s)
        return NULL;
    s->slope = gsl_vector_alloc(k);
    s->slope_se = gsl_vector_alloc(k);
    s->spread = gsl_vector_alloc(k);
    s->share = gsl_vector_calloc(k);
    if (!s->slope || !s->slope_se || !s->spread || !s->share) {
        vmap_shrinkage_free(s);
        vmap_error_set(err, VMAP_ENOMEM, "no memory for a comparison");
        return NULL;
    }
    gsl_vector_set_all(s->slope, NAN);
    gsl_vector_set_all(s->slope_se, NAN);
    gsl_vector_set_all(s->spread, NAN);
    return s;
}

vmap_status vmap_shrinkage_new(const vmap_group *const *group, const size_t *target, size_t n,
                               const vmap_references *references, vmap_shrinkage **shrinkage,
                               vmap_error *err)
{
    match *m = memory_new(n, sizeof *m, err);
    vmap_shrinkage *s = NULL;
    size_t matched = 0;
    vmap_status status = m ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < n; i++) {
        if (target[i] < references->countries && group[i]->n > 0)
            m[matched++] = (match){group[i], &references->country[target[i]]};
    }
    if (!status && matched < 3)
        status = vmap_error_set(err, VMAP_EDATA,
                                "%zu groups have a target country; a comparison of spreads needs "
                                "three",
                                matched);
    if (!status && !(s = alloc(m[0].group->mean->size, err)))
        status = VMAP_ENOMEM;
    if (!status) {
        choose_basis(s, m, matched);
        find_distances(s, m, matched, references);
        status = fit_axes(s, m, matched, err);
    }
    free(m);
    if (status)
        vmap_shrinkage_free(s);
    else
        *shrinkage = s;
    return status;
}
