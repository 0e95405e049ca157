#include <config.h>
#include "core/registry.h"

#include <string.h>

#include "core/text.h"

static const char *name_of(const void *entries, size_t i, size_t size)
{
    const char *name;

    memcpy(&name, (const char *)entries + i * size, sizeof name);
    return name;
}

size_t registry_find(const void *entries, size_t count, size_t size, const char *what, const char *name,
                     vmap_error *err)
{
    const char *names[64], *nearest;
    char known[256] = "";

    for (size_t i = 0; i < count; i++) {
        if (strcmp(name_of(entries, i, size), name) == 0)
            return i;
        if (i < 64)
            names[i] = name_of(entries, i, size);
        strncat(known, i ? ", " : "", sizeof known - strlen(known) - 1);
        strncat(known, name_of(entries, i, size), sizeof known - strlen(known) - 1);
    }
    nearest = text_nearest(name, names, count < 64 ? count : 64);
    if (nearest)
        vmap_error_set(err, VMAP_ENOENT, "%s '%s' is not known; did you mean '%s'? It is one of %s", what, name,
                       nearest, known);
    else
        vmap_error_set(err, VMAP_ENOENT, "%s '%s' is not known; it is one of %s", what, name, known);
    return count;
}

vmap_status registry_wrong_option(vmap_error *err)
{
    if (err)
        err->status = VMAP_EINVAL;
    return VMAP_EINVAL;
}
