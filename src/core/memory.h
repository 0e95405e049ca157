#ifndef CORE_MEMORY_H
#define CORE_MEMORY_H

#include <stdlib.h>

#include <gsl/gsl_matrix.h>

#include "valuemap/error.h"

/* Allocation that cannot overflow and fails with a status; not exported. */

/* Zeroed memory for count elements of the given size, at least one byte; sets err and returns NULL
 * on failure. Free with free(). */
void *memory_new(size_t count, size_t size, vmap_error *err);

/* Grow *array (capacity *room elements of the given size) to hold at least `need` elements, by
 * doubling; the old array stays valid on failure. */
vmap_status memory_grow(void *array, size_t *room, size_t need, size_t size, vmap_error *err);

/* A zeroed rows x columns matrix, or NULL with err set; both must be positive.
 * gsl_matrix_alloc() itself does not check rows x columns for overflow. */
gsl_matrix *memory_matrix(size_t rows, size_t columns, vmap_error *err);

#endif
