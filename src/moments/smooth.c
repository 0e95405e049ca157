#include <config.h>

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "core/registry.h"
#include "moments/moments_internal.h"

enum { STEPS_MAX = 1000 };

static const char *const names[] = {"none", "eigen", "higham", "shrink"};
enum { NAMES = sizeof names / sizeof *names };

const char *vmap_smoothing_name(vmap_smoothing smoothing)
{
    return names[smoothing];
}

vmap_status vmap_smoothing_find(const char *name, vmap_smoothing *smoothing, vmap_error *err)
{
    size_t i = REGISTRY_FIND(names, NAMES, "smoothing", name, err);

    if (i == NAMES)
        return VMAP_ENOENT;
    *smoothing = (vmap_smoothing)i;
    return VMAP_SUCCESS;
}

/* r = V diag(values) V', symmetric to the last bit. */
static void compose(const gsl_matrix *vectors, const gsl_vector *values, gsl_matrix *scaled,
                    gsl_matrix *r)
{
    for (size_t i = 0; i < r->size1; i++) {
        for (size_t j = 0; j < r->size1; j++)
            gsl_matrix_set(scaled, i, j,
                           gsl_matrix_get(vectors, i, j) * gsl_vector_get(values, j));
    }
    numeric_multiply(1, 0, scaled, 1, vectors, r);
    for (size_t i = 0; i < r->size1; i++) {
        for (size_t j = 0; j < i; j++)
            gsl_matrix_set(r, j, i, gsl_matrix_get(r, i, j));
    }
}

typedef struct {
    gsl_matrix *vectors, *scaled, *correction, *before;
    gsl_vector *values;
} room;

/* Eigenvalues below `least` become `floor`; the diagonal keeps its sum, then becomes 1. */
static vmap_status raise_eigenvalues(gsl_matrix *r, double least, double floor, room *w,
                                     vmap_error *err)
{
    double total = 0;
    vmap_status status = numeric_eigen(r, w->values, w->vectors, err);

    if (status)
        return status;
    for (size_t i = 0; i < r->size1; i++) {
        if (gsl_vector_get(w->values, i) < least)
            gsl_vector_set(w->values, i, floor);
        total += gsl_vector_get(w->values, i);
    }
    gsl_vector_scale(w->values, (double)r->size1 / total);
    compose(w->vectors, w->values, w->scaled, r);
    numeric_standardise(r);
    return VMAP_SUCCESS;
}

/* Alternating projections on the positive semi-definite matrices and those of unit diagonal, with
 * Dykstra's correction for the first. */
static vmap_status project(gsl_matrix *r, room *w, vmap_error *err)
{
    double change = INFINITY;
    vmap_status status = VMAP_SUCCESS;

    gsl_matrix_set_zero(w->correction);
    for (size_t step = 0; !status && step < STEPS_MAX && change > 1e-10; step++) {
        gsl_matrix_memcpy(w->before, r);
        gsl_matrix_sub(r, w->correction);
        gsl_matrix_memcpy(w->correction, r); /* what is projected */
        status = numeric_eigen(r, w->values, w->vectors, err);
        if (status)
            break;
        for (size_t i = 0; i < r->size1; i++)
            gsl_vector_set(w->values, i, fmax(gsl_vector_get(w->values, i), 0));
        compose(w->vectors, w->values, w->scaled, r);
        gsl_matrix_scale(w->correction, -1);
        gsl_matrix_add(w->correction, r); /* projection - projected */
        for (size_t i = 0; i < r->size1; i++)
            gsl_matrix_set(r, i, i, 1);
        gsl_matrix_sub(w->before, r);
        change = 0;
        for (size_t i = 0; i < r->size1 * r->size1; i++)
            change = fmax(change, fabs(w->before->data[i]));
    }
    return status;
}

static vmap_status smooth_higham(gsl_matrix *r, room *w, vmap_error *err)
{
    vmap_status status = project(r, w, err);
    double least;

    if (!status)
        status = numeric_eigenvalues(r, w->values, err);
    if (status)
        return status;
    least = 1e-8 * gsl_vector_get(w->values, 0);
    if (gsl_vector_get(w->values, r->size1 - 1) >= least)
        return VMAP_SUCCESS;
    return raise_eigenvalues(r, least, least, w, err);
}

static void smooth_shrink(gsl_matrix *r, double smallest)
{
    double factor = (1 - 1e-4) / (1 - smallest);

    for (size_t i = 0; i < r->size1; i++) {
        for (size_t j = 0; j < r->size1; j++) {
            if (i != j)
                *gsl_matrix_ptr(r, i, j) *= factor;
        }
    }
}

static void describe(const gsl_matrix *old, const gsl_matrix *now, vmap_smoothing_info *info)
{
    for (size_t i = 0; i < old->size1; i++) {
        for (size_t j = 0; j < i; j++) {
            double d = gsl_matrix_get(now, i, j) - gsl_matrix_get(old, i, j);

            info->norm += 2 * d * d;
            if (fabs(d) > info->change) {
                info->change = fabs(d);
                info->i = i;
                info->j = j;
            }
        }
    }
    info->norm = sqrt(info->norm);
}

static vmap_status repair(gsl_matrix *r, vmap_smoothing smoothing, double smallest, room *w,
                          vmap_error *err)
{
    switch (smoothing) {
    case VMAP_SMOOTH_NONE:
        break;
    case VMAP_SMOOTH_EIGEN:
        return raise_eigenvalues(r, 1e-12, 1e-10, w, err);
    case VMAP_SMOOTH_HIGHAM:
        return smooth_higham(r, w, err);
    case VMAP_SMOOTH_SHRINK:
        smooth_shrink(r, smallest);
    }
    return VMAP_SUCCESS;
}

static void free_room(room *w)
{
    gsl_matrix_free(w->vectors);
    gsl_matrix_free(w->scaled);
    gsl_matrix_free(w->correction);
    gsl_matrix_free(w->before);
    gsl_vector_free(w->values);
}

vmap_status vmap_moments_smooth(gsl_matrix *r, vmap_smoothing smoothing, vmap_smoothing_info *info,
                                vmap_error *err)
{
    size_t p = r->size1;
    vmap_smoothing_info what = {.smallest = 0};
    room w = {memory_matrix(p, p, err), memory_matrix(p, p, err), memory_matrix(p, p, err),
              memory_matrix(p, p, err), gsl_vector_calloc(p)};
    gsl_matrix *now = memory_matrix(p, p, err);
    vmap_status status = VMAP_ENOMEM;

    if (now && w.vectors && w.scaled && w.correction && w.before && w.values)
        status = numeric_eigenvalues(r, w.values, err);
    if (!status) {
        what.smallest = what.smallest_now = gsl_vector_get(w.values, p - 1);
        gsl_matrix_memcpy(now, r);
        if (what.smallest < 1e-12 && smoothing != VMAP_SMOOTH_NONE) {
            status = repair(now, smoothing, what.smallest, &w, err);
            if (!status)
                status = numeric_eigenvalues(now, w.values, err);
            if (!status)
                what.smallest_now = gsl_vector_get(w.values, p - 1);
        }
    }
    if (!status) {
        describe(r, now, &what);
        gsl_matrix_memcpy(r, now);
        if (info)
            *info = what;
    }
    gsl_matrix_free(now);
    free_room(&w);
    return status;
}
