#ifndef VALUEMAP_OFF_MAP_H
#define VALUEMAP_OFF_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/error.h"
#include "valuemap/space.h"

/* Personas off the map: answers that a position on the map does not explain, or whose position is farther out
 * than people's are.
 *
 * Two distances of a respondent, both in standard deviations of the space's reference population:
 *   SPE (Q)   squared prediction error: how far the answers are from those that the position predicts
 *   T2        Hotelling's: how far the position is from the population's mean
 * They do not replace one another: a contradictory sheet of answers can have an ordinary position.
 */

typedef struct vmap_off_map {
    size_t n, p, k;
    double level;      /* of the limits */
    double *spe;       /* n: S e^2 over the answered items, e = z - z^ with z^ the regression of the answered
                          items on the position that they give; NaN with k or fewer answers */
    double *spe_limit; /* n: quantile of SPE in a normal population with the correlations of the space, for the
                          same answered items: g chi^2_h with g = S l^2 / S l, h = (S l)^2 / S l^2 over the
                          eigenvalues l of the covariance of e (Box 1954, Ann. Math. Stat. 25, 290-302, theorem
                          3.1; Nomikos & MacGregor 1995, Technometrics 37, 41-59) */
    double *spe_mean;  /* n: mean of SPE in that population (S l): far below it answers follow the map more
                          closely than people's do */
    double *t2;        /* n: t' M^-1 t, M the covariance of positions from the same items; NaN with fewer than k
                          answers */
    double t2_limit;   /* chi^2 quantile with k degrees of freedom */
    double *residual;  /* n x p: e, NaN for items without an answer and where SPE is NaN */
    bool *far, *odd;   /* n: T2 above its limit; SPE above its limit */
} vmap_off_map;

/*   values      n x p raw codes as they were projected, not modified
 *   projection  of the same respondents
 *   level       of the limits, 0 < level < 1; .99 is usual
 * In a normal population a share 1 - level is beyond each limit. Answers in few codes are not normal: people
 * themselves can exceed the limits more often, and the share of people, where there are some, is what personas
 * should be compared with.
 * Errors: VMAP_EINVAL (level, shapes), VMAP_ENOMEM. Cost O(n p k + patterns p^3). */
vmap_status vmap_off_map_find(const vmap_space *space, const double *values,
                              const vmap_projection *projection, double level, vmap_off_map **off,
                              vmap_error *err);
void vmap_off_map_free(vmap_off_map *off);

#endif
