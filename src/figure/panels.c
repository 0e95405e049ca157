#include <config.h>
#include "valuemap/figure.h"

vmap_status vmap_figure_map_panels(const vmap_figure_scene *scene, char **script,
                                   vmap_figure_info *info, vmap_error *err)
{
    return vmap_figure_map(scene, script, info, err);
}
