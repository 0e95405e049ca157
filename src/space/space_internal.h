#ifndef SPACE_SPACE_INTERNAL_H
#define SPACE_SPACE_INTERNAL_H

#include "valuemap/space.h"

/* Shared by the files of src/space; not exported. */

void axis_free(vmap_axis *axis);

/* A fresh copy; NULL for NULL or when memory is short. */
gsl_vector *copy_vector(const gsl_vector *v);

/* A vmap_space with its p- and k-sized arrays (axes empty, affine "none" with scale 1 and shift 0),
 * or NULL with err set. */
vmap_space *space_new(size_t p, size_t k, vmap_error *err);

#endif
