#ifndef TESTS_SCENE_H
#define TESTS_SCENE_H

#include <stdint.h>

#include "valuemap/figure.h"

/* Scenes for tests of the map, in static storage that the next call reuses. Countries are those of
 * datasets/map2023, the latest year of each; persona positions are made up by a seeded generator.
 */

/* The countries and zones alone. */
vmap_figure_scene *scene_countries(void);

/* Add `count` groups to each of `series` series (at most 4), around countries that they mean, with
 * covariances and labels when `labelled`. */
void scene_personas(vmap_figure_scene *scene, size_t series, size_t count, bool labelled,
                    uint64_t seed);

/* Replace every text by hostile ones, starting with the first-th of the list; random ones of stream
 * `first` when `random`. */
void scene_hostile(vmap_figure_scene *scene, size_t first, bool random);

#endif
