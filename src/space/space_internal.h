#ifndef SPACE_SPACE_INTERNAL_H
#define SPACE_SPACE_INTERNAL_H

#include "valuemap/moments.h"
#include "valuemap/space.h"

/* Shared by the files of src/space; not exported. */

void axis_free(vmap_axis *axis);

/* A fresh copy; NULL for NULL or when memory is short. */
gsl_vector *copy_vector(const gsl_vector *v);

/* A vmap_space with its p- and k-sized arrays (axes empty, affine "none" with scale 1 and shift 0),
 * or NULL with err set. */
vmap_space *space_new(size_t p, size_t k, vmap_error *err);

/* Is the convention that the space names a known one, and are scale and shift its own? */
bool affine_fits(const vmap_space *s);

/* What vmap_space_fit() does once the moments are known: components, rotation, axes by content and
 * the projection. `moments` describes the used items, in the codebook's order; its n may be NULL (a
 * whole population, known exactly), then the space has no n either. `options` is not NULL; its
 * missing rule is not used. Errors: as vmap_space_fit(). */
vmap_status space_from_moments(const vmap_codebook *codebook, const bool *use,
                               const vmap_moments *moments, const vmap_fit_options *options,
                               vmap_space **space, vmap_error *err);

#endif
