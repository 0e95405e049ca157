#ifndef CORE_REGISTRY_H
#define CORE_REGISTRY_H

#include <stddef.h>

#include "valuemap/error.h"

/* What there are several of stands in a const array of structs that begin with their name, a `const char *`; not exported.
 *
 * Index of the entry called `name`; `count` when there is none, with VMAP_ENOENT and a sentence that says so and lists the
 * names: "WHAT 'NAME' is not known; did you mean 'NEAR'? It is one of A, B, C" (without the question when no name is near). A list longer than a message is cut off.
 *   entries, count, size  the array, its length and the size of one struct */
size_t registry_find(const void *entries, size_t count, size_t size, const char *what, const char *name,
                     vmap_error *err);

/* The same of an array that is in scope. */
#define REGISTRY_FIND(array, count, what, name, err) registry_find((array), (count), sizeof *(array), (what), (name), (err))

/* An option that names what is not known is a usage error: turns VMAP_ENOENT in *err (NULL allowed) into VMAP_EINVAL, which is
 * returned; the sentence stays. */
vmap_status registry_wrong_option(vmap_error *err);

#endif
