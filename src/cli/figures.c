#include <config.h>
#include "cli/figures.h"

#include <stdlib.h>

vmap_status figures_make(folder *f, const analysis *a, const vmap_report *report,
                         const char *caution, figure *figures, size_t *count, vmap_error *err)
{
    (void)f, (void)a, (void)report, (void)caution, (void)figures, (void)err;
    *count = 0;
    return VMAP_SUCCESS;
}

void figures_free(figure *figures, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(figures[i].svg);
        free(figures[i].file);
        free(figures[i].caption);
    }
}

vmap_status figures_script(const analysis *a, const vmap_report *report, const char *caution,
                           char **text, size_t *n, vmap_error *err)
{
    (void)a, (void)report, (void)caution, (void)text, (void)n;
    return vmap_error_set(err, VMAP_EINVAL, "no figure yet");
}
