#include <config.h>
#include "core/memory.h"

#include <stdint.h>
#include <string.h>

void *memory_new(size_t count, size_t size, vmap_error *err)
{
    void *p = calloc(count ? count : 1, size ? size : 1);

    if (!p)
        vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu elements of %zu bytes", count, size);
    return p;
}

vmap_status memory_grow(void *array, size_t *room, size_t need, size_t size, vmap_error *err)
{
    size_t target = *room ? *room : 16;
    void *p;

    if (need <= *room)
        return VMAP_SUCCESS;
    while (target < need && target <= SIZE_MAX / 2)
        target *= 2;
    memcpy(&p, array, sizeof p); /* whatever the element type, all object pointers look alike */
    p = target >= need ? reallocarray(p, target, size) : NULL;
    if (!p)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu elements of %zu bytes", need,
                              size);
    memcpy(array, &p, sizeof p);
    *room = target;
    return VMAP_SUCCESS;
}

gsl_matrix *memory_matrix(size_t rows, size_t columns, vmap_error *err)
{
    gsl_matrix *m = NULL;
    size_t bytes;

    if (rows && columns && !__builtin_mul_overflow(rows, columns, &bytes) &&
        !__builtin_mul_overflow(bytes, sizeof(double), &bytes))
        m = gsl_matrix_calloc(rows, columns);
    if (!m)
        vmap_error_set(err, VMAP_ENOMEM, "no memory for a %zu x %zu matrix", rows, columns);
    return m;
}
