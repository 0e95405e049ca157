#ifndef VALUEMAP_STRUCTURE_H
#define VALUEMAP_STRUCTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"

/* Do two arrangements of the same units agree: are units that lie near each other in the one near
 * each other in the other? Units are rows (nations, items); n of them.
 *
 * Every measure comes with a permutation test: the units of the second arrangement change places,
 * and p = (1 + permutations at least as extreme) / (1 + permutations), one-sided: agreement by
 * chance. Values that differ only by rounding count as equal. The same seed gives the same p for
 * any number of threads.
 */

typedef struct vmap_permutation_options {
    size_t permutations;   /* [9999]; 0: no test, p is NaN */
    uint64_t seed;         /* [20230217] */
    unsigned threads;      /* 0: one per processor; the result does not depend on it [0] */
    const size_t *stratum; /* n numbers below n: units change places within their stratum only. With
                              cultural zones as strata a test asks whether units agree among
                              neighbours, too (Galton's problem). NULL: one stratum [NULL] */
} vmap_permutation_options;

void vmap_permutation_defaults(vmap_permutation_options *options);

/* Number of different arrangements that the strata allow, infinity beyond 1e300; p cannot truly be
 * below its inverse. VMAP_EINVAL for a stratum that is not below n. */
vmap_status vmap_permutation_arrangements(const size_t *stratum, size_t n, double *arrangements,
                                          vmap_error *err);

/* A measure and its test. */
typedef struct vmap_structure_test {
    double value;
    double p; /* NaN with no permutations */
} vmap_structure_test;

/* Euclidean distances of the n rows of x (NaN-free, n x any).
 *   d  n x n, symmetric, diagonal 0; untouched on error
 * VMAP_EDATA for a number that is not finite. Cost O(n^2 columns). */
vmap_status vmap_structure_distances(const gsl_matrix *x, gsl_matrix *d, vmap_error *err);

/* Mantel (1967), Cancer Res. 27, 209-220: correlation of the n (n - 1) / 2 distances;
 * vegan::mantel. a, b  n x n symmetric with any diagonal (it is not looked at), not modified rank
 * Spearman's of the distances (ties by mean ranks) instead of Pearson's VMAP_EDATA with fewer than
 * four units, for a number that is not finite, or when all distances of one matrix are equal. Cost
 * O(n^2 permutations), with ranks O(n^4) once. */
vmap_status vmap_structure_mantel(const gsl_matrix *a, const gsl_matrix *b, bool rank,
                                  const vmap_permutation_options *options,
                                  vmap_structure_test *test, vmap_error *err);

/* RV coefficient of Escoufier (1973), Biometrics 29, 751-760:
 * tr(XX'YY') / sqrt( tr((XX')^2) tr((YY')^2) ) of centred columns; 0 .. 1. With few units it is far
 * above zero by chance: judge it by its p, not by its size. x, y  n rows each, any number of
 * columns, not modified; columns are centred, not scaled VMAP_EDATA with fewer than four units, for
 * a number that is not finite, or when all rows are alike. */
vmap_status vmap_structure_rv(const gsl_matrix *x, const gsl_matrix *y,
                              const vmap_permutation_options *options, vmap_structure_test *test,
                              vmap_error *err);

/* Two configurations laid over one another as well as turning, mirroring and scaling allow. */
typedef struct vmap_procrustes {
    vmap_structure_test
        correlation; /* sqrt(1 - m12^2), PROTEST (Jackson 1995, Ecoscience 2, 297-303;
                        Peres-Neto & Jackson 2001, Oecologia 129, 169-178) */
    double m2;       /* m12^2: sum of squares left, 0 .. 1 */
    double scale;    /* by which the centred y is multiplied to fit the centred x (not made one in
                        size): below 1, y is spread wider than x */
    gsl_matrix
        *rotation; /* columns of y x columns of x: centred y x rotation x scale ~ centred x */
    gsl_vector *residual; /* n: distance of the two places of each unit when y is laid over x, both
                             made one in size before: the squares sum to m2. The other way round the
                             sum is the same, but not its parts */
} vmap_procrustes;

/* Symmetric Procrustes analysis (Gower 1971; vegan::procrustes(symmetric = TRUE), protest()).
 *   x, y  as for vmap_structure_rv(); the numbers of columns may differ
 * Errors: as vmap_structure_rv(). Cost O(permutations x columns of x x columns of y x n). */
vmap_status vmap_structure_procrustes(const gsl_matrix *x, const gsl_matrix *y,
                                      const vmap_permutation_options *options,
                                      vmap_procrustes **procrustes, vmap_error *err);
void vmap_procrustes_free(vmap_procrustes *procrustes);

#endif
