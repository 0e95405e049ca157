#ifndef VALUEMAP_FACTOR_ROTATE_H
#define VALUEMAP_FACTOR_ROTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_matrix.h>

#include "valuemap/error.h"
#include "valuemap/factor_extract.h"

/* Rotation of p x k loadings A to simple structure, by one of many criteria.
 *
 * Orthogonal: L = A T, T'T = I. Oblique: L = A T'^-1 with columns of T of unit length; phi = T'T holds the
 * correlations of the factors. L is put in canonical order and T with it, so that these equations stay
 * true of what is returned.
 */

typedef enum vmap_rotation {
    VMAP_ROTATE_NONE,
    VMAP_ROTATE_VARIMAX,
    VMAP_ROTATE_QUARTIMAX,
    VMAP_ROTATE_EQUAMAX,
    VMAP_ROTATE_PARSIMAX,
    VMAP_ROTATE_CF_ORTHOGONAL, /* Crawford-Ferguson with kappa */
    VMAP_ROTATE_GEOMIN_ORTHOGONAL,
    VMAP_ROTATE_TARGET_ORTHOGONAL,
    VMAP_ROTATE_BIFACTOR,
    VMAP_ROTATE_PROMAX, /* from here on oblique */
    VMAP_ROTATE_OBLIMIN,
    VMAP_ROTATE_QUARTIMIN,
    VMAP_ROTATE_CF_OBLIQUE,
    VMAP_ROTATE_GEOMIN,
    VMAP_ROTATE_TARGET,
    VMAP_ROTATE_BIFACTOR_OBLIQUE,
    VMAP_ROTATIONS
} vmap_rotation;

/* One row per rotation, in the order of the enumeration. */
typedef struct vmap_rotation_method {
    const char *name, *help, *source;
    bool oblique;
    bool kaiser;           /* rows are customarily normalised (what options.kaiser < 0 stands for) */
    const char *parameter; /* name of its number; NULL: has none */
    double value;          /* and its default */
    bool target;           /* needs a target */
    size_t fixed;          /* columns that keep their place in the canonical order: 1 for the general factor of
                              bifactor rotations; SIZE_MAX: all, the target names them */
} vmap_rotation_method;
extern const vmap_rotation_method vmap_rotations[VMAP_ROTATIONS];

/* The rotation of that name; VMAP_ENOENT names the others. */
vmap_status vmap_rotation_find(const char *name, vmap_rotation *rotation, vmap_error *err);

typedef struct vmap_rotate_options {
    vmap_rotation method;     /* [VMAP_ROTATE_VARIMAX] */
    int kaiser;               /* 1: rows scaled to unit length for the criterion, 0: not, -1: as is customary
                                 for the method (yes for varimax, quartimax, equamax, parsimax and promax; R's
                                 GPArotation takes no for all others) [-1] */
    double parameter;         /* kappa of Crawford-Ferguson (0 quartimax .. 1 factor parsimony), gamma of
                                 oblimin (at most 0 to be safe), delta of geomin, power of promax; NaN: the
                                 default of the method [NaN] */
    const gsl_matrix *target; /* p x k; NaN: this loading is free (partially specified) [NULL] */
    size_t starts;            /* from the loadings as they are and starts - 1 random rotations of them [30] */
    uint64_t seed;            /* [20230217] */
    double tolerance;         /* norm of the projected gradient at which it has converged [1e-8] */
    size_t iterations;        /* most of them in each start [5000] */
    unsigned threads;         /* for the starts; 0: one per processor; the result is the same [1] */
} vmap_rotate_options;
void vmap_rotate_defaults(vmap_rotate_options *options);

typedef struct vmap_rotate_info {
    double criterion;  /* minimised (varimax and its kin: with a minus sign) */
    double gradient;   /* norm of the projected gradient at the solution */
    size_t iterations; /* of the start that won */
    bool converged;
    size_t starts;     /* tried */
    size_t optima;     /* distinct ones among those that converged (criteria apart by more than 1e-6 of their
                          size) */
    size_t agree;      /* starts that reached the best */
} vmap_rotate_info;

/* Rotate.
 *   loadings  p x k, not modified
 *   pattern   p x k: L
 *   rotation  k x k: T
 *   phi       k x k: T'T; the identity for orthogonal rotations
 *   info      may be NULL; not converging is not an error
 * Canonical order: diag(phi L'L) descending, column sums of L positive; a general factor stays first, and
 * after rotation to a target columns stay as the target has them. One factor is not rotated.
 *
 * Gradient projection: Jennrich (2001), Psychometrika 66, 289-306 (orthogonal); (2002), 67, 7-20 (oblique);
 * criteria as in Bernaards & Jennrich (2005), Educ. Psychol. Meas. 65, 676-696. Crawford & Ferguson (1970),
 * Psychometrika 35, 321-332: varimax is kappa = 1/p, equamax k/2p, parsimax (k - 1)/(p + k - 2); oblimin
 * Jennrich & Sampson (1966); geomin Yates (1987); promax Hendrickson & White (1964) from varimax with powers
 * of the loadings as target, not normalised by rows, as R's promax(); target Browne (1972), bifactor Jennrich
 * & Bentler (2011), Psychometrika 76, 537-549: quartimin of all columns but the first.
 * Rows of zero communality stay zero. Cost O(p k^2) per iteration.
 * Errors: VMAP_EINVAL (shapes, options, a target missing, bifactor with fewer than three factors), VMAP_EDATA
 * (NaN; promax: factors that coincide), VMAP_ENOMEM. */
vmap_status vmap_factor_rotate(const gsl_matrix *loadings, const vmap_rotate_options *options, gsl_matrix *pattern,
                               gsl_matrix *rotation, gsl_matrix *phi, vmap_rotate_info *info,
                               vmap_error *err);

/* The same for a solution: its second part (pattern, rotation, phi, structure, variance) is set anew from its
 * unrotated loadings. */
vmap_status vmap_factor_rotate_solution(vmap_factor_solution *solution, const vmap_rotate_options *options,
                                        vmap_rotate_info *info, vmap_error *err);

#endif
