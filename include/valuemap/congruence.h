#ifndef VALUEMAP_CONGRUENCE_H
#define VALUEMAP_CONGRUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"

/* Are the factors of two groups, or of people and a model, the same?
 *
 * Loadings are p x k with the same items in the same rows. Order, signs and rotation of factors are
 * arbitrary: solutions are aligned before they are compared. Tucker's phi of two columns is
 * S ab / sqrt(S a^2 S b^2) (Tucker 1951, Personnel Research Section Report 984): .95 and more counts as
 * equal, .85 .. .94 as fairly similar (Lorenzo-Seva & ten Berge 2006, Methodology 2, 57-64). It is high by
 * chance as well, with few items and after rotating: see the noise floor. A column of zeros has phi 0.
 */

/* Tucker's phi of every column of a (p x ka) with every column of b (p x kb).
 *   phi  ka x kb
 * VMAP_EINVAL (shapes), VMAP_EDATA (a number that is not finite). */
vmap_status vmap_congruence_find(const gsl_matrix *a, const gsl_matrix *b, gsl_matrix *phi,
                                 vmap_error *err);

/* The order and the signs in which the columns of b match those of a: the sum of |phi| is largest.
 *   a, b         p x k each, not modified
 *   order, sign  k each, as vmap_factor_arrange() takes them: column j of a goes with sign[j] times
 *                column order[j] of b
 * Errors: as above, VMAP_ENOMEM. */
vmap_status vmap_congruence_match(const gsl_matrix *a, const gsl_matrix *b, size_t *order, int *sign,
                                  vmap_error *err);

/* ---- Procrustes rotation to a target ---- */

/* How much freedom an alignment has. */
typedef enum vmap_alignment {
    VMAP_ALIGN_COLUMNS,    /* order and signs */
    VMAP_ALIGN_ORTHOGONAL, /* rigid rotation: least squares S (b T - a)^2, T'T = I (Schoenemann 1966,
                              Psychometrika 31, 1-10) */
    VMAP_ALIGN_OBLIQUE     /* b T with T = (b'b)^-1 b'a, its columns scaled so that factors keep unit
                              variance (Hurley & Cattell 1962, Behav. Sci. 7, 258-262; psych::target.rot) */
} vmap_alignment;
const char *vmap_alignment_name(vmap_alignment alignment);
vmap_status vmap_alignment_find(const char *name, vmap_alignment *alignment, vmap_error *err);

/* Align b with a.
 *   aligned   p x k, may be b itself: b x rotation
 *   rotation  k x k; NULL when not wanted
 *   phi       k x k correlations of the factors, T^-1 T^-T; the identity but for VMAP_ALIGN_OBLIQUE;
 *             NULL when not wanted. The factors of b are taken as uncorrelated
 * Errors: VMAP_ESINGULAR when b has columns that are combinations of others (oblique); as above. */
vmap_status vmap_congruence_align(const gsl_matrix *a, const gsl_matrix *b, vmap_alignment alignment,
                                  gsl_matrix *aligned, gsl_matrix *rotation, gsl_matrix *phi,
                                  vmap_error *err);

/* ---- a whole comparison ---- */

typedef struct vmap_congruence_options {
    vmap_alignment alignment; /* [VMAP_ALIGN_ORTHOGONAL] */
    size_t permutations;      /* of the noise floor [999]; 0: none */
    double quantile;          /* of the noise floor [.95] */
    uint64_t seed;            /* [20230217] */
    unsigned threads;         /* 0: one per processor; the result does not depend on it [0] */
    double misfit;            /* an item misfits when its loadings lie farther apart than this [.2] */
} vmap_congruence_options;
void vmap_congruence_defaults(vmap_congruence_options *options);

typedef struct vmap_congruence {
    size_t p, k;
    gsl_matrix *aligned;    /* p x k: b in the space of a */
    gsl_matrix *rotation;   /* k x k */
    gsl_vector *phi;        /* k: Tucker's phi of each factor */
    double total;           /* of all loadings at once */
    gsl_vector *floor;      /* k: quantile of phi when the items of b change places before the same
                               alignment: what agreement by chance reaches; NaN without permutations */
    gsl_vector *p_value;    /* k: (1 + permutations with phi at least as high) / (1 + permutations) */
    double total_floor, total_p;
    gsl_vector *distance;   /* p: of the two places of an item */
    gsl_vector *item_phi;   /* p: Tucker's phi of its two rows */
    gsl_vector *without;    /* p: `total` when the item is left out of the sums */
    bool *misfit;           /* p */
} vmap_congruence;

/* Compare the loadings b with the loadings a.
 * VMAP_EDATA with fewer items than factors + 1. Cost O(permutations (p k^2 + k^3)). */
vmap_status vmap_congruence_new(const gsl_matrix *a, const gsl_matrix *b,
                                const vmap_congruence_options *options, vmap_congruence **result,
                                vmap_error *err);
void vmap_congruence_free(vmap_congruence *congruence);

/* Interval of phi of each factor, and of all loadings at once, from bootstrap replicates of both solutions or of one.
 * Noise turns and changes loadings, so that a congruence is lower than that of the populations, and lower still in replicates:
 * percentiles lie beside the point (they covered 0 to .6 of 95 % in simulation). The interval is therefore
 *     2 x congruence - mean of the replicates -+ normal quantile x their standard deviation,
 * cut at 1 (Efron & Tibshirani 1993, An Introduction to the Bootstrap, section 10.6); the congruence itself may lie below it.
 *   a, b          p x k: the solutions of all respondents; b is aligned with a
 *   a_replicates  `replicates` matrices of p x k, row after row, one after the other, each in the place of a; NULL: a is
 *                 held fixed
 *   b_replicates  the same of b; each is aligned with its a anew
 *   low, high     k + 1 each, the last of all loadings; NaN with fewer than 50 replicates
 * VMAP_EINVAL (shapes, level), VMAP_EDATA (a loading that is missing), VMAP_ENOMEM. Cost O(replicates p k^2). Coverage in
 * simulation: tests/bench/intervals. */
vmap_status vmap_congruence_interval(const gsl_matrix *a, const gsl_matrix *b, const double *a_replicates,
                                     const double *b_replicates, size_t replicates, vmap_alignment alignment, double level,
                                     double *low, double *high, vmap_error *err);

/* ---- what many groups have in common ---- */

typedef struct vmap_consensus {
    size_t m, p, k;
    gsl_matrix *loadings;   /* p x k: mean of the rotated solutions */
    gsl_matrix **rotated;   /* m of p x k */
    gsl_matrix *phi;        /* m x k: congruence of each with the mean of the others */
    gsl_vector *residual;   /* m: S (rotated - consensus)^2 / S rotated^2 */
    gsl_vector *item;       /* p: the same, of each item over all groups */
    double explained;       /* 1 - all residuals / all squares: 1 means identical up to rotation */
    size_t medoid;          /* the group that is nearest to all others, from which the search starts */
    size_t iterations;
    bool converged;         /* the last round changed the sum of squares by less than 1e-13 of it */
} vmap_consensus;

/* Generalised orthogonal Procrustes analysis without scaling: rotations that bring m solutions as near to
 * their mean as possible (Gower 1975, Psychometrika 40, 33-51; ten Berge 1977, Psychometrika 42, 267-276:
 * each is rotated to the mean of the others).
 *   loadings  m matrices, p x k each, not modified
 *   target    p x k: the consensus and all solutions are finally rotated together towards it; NULL: the
 *             orientation of the medoid
 * The result does not depend on the order of the groups (ties of the medoid apart), nor on the rotation in
 * which they come when a target is given.
 * Errors: VMAP_EINVAL (fewer than two groups, shapes), VMAP_EDATA, VMAP_ENOMEM. Cost O(m^2 p k) once and
 * O(m p k^2) per round. */
vmap_status vmap_consensus_new(const gsl_matrix *const *loadings, size_t m, const gsl_matrix *target,
                               vmap_consensus **result, vmap_error *err);
void vmap_consensus_free(vmap_consensus *consensus);

#endif
