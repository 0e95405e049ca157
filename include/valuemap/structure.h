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

/* ---- correlations of the same items in two samples ---- */

/* How two correlation matrices of the same p items differ, r1 of people and r2 of personas. Sums run
 * over the p (p - 1) / 2 pairs of items unless said otherwise. */
typedef struct vmap_correlations {
    size_t p, pairs;
    double frobenius;     /* root of the sum of (r2 - r1)^2 over all p x p elements */
    double rms;           /* root of the mean of (r2 - r1)^2 */
    double bias;          /* mean of |r2| - |r1|: above 0 personas' items hang together more */
    double largest;       /* r2 - r1 of the pair that differs most */
    size_t i, j;          /* that pair, i > j */
    double apart;         /* share of pairs with |r2 - r1| > .1 */
    double flips;         /* share of pairs whose signs differ */
    double r, rank;       /* Pearson's and Spearman's correlation of r1 and r2; NaN when one is constant */
    double distance;      /* 1 - tr(R1 R2) / (|R1| |R2|): correlation matrix distance (Herdin et al. 2005,
                             IEEE VTC, 136-140); 0 .. 1 */
    double first1, first2; /* first eigenvalue / p: near 1, one factor says it all */
    double jennrich, steiger; /* chi-square of no difference */
    double df;            /* p (p - 1) / 2 of both */
    double jennrich_p, steiger_p;
} vmap_correlations;

/* Compare correlations of two independent samples.
 *   r1, r2  p x p, p >= 2, symmetric, unit diagonal, finite; not modified
 *   n1, n2  (effective) respondents behind them
 * Jennrich (1970), JASA 65, 904-912, eq. 2.4: tr(Z^2)/2 - dg(Z)' S^-1 dg(Z) with
 * Z = c^1/2 R^-1 (R1 - R2), c = n1 n2/(n1 + n2), R the mean weighted by n, S = I + R o R^-1 (o:
 * element by element). psych::cortest.jennrich() takes S = R o R and tr(ZZ') instead, which is not that
 * test. NaN where R is not positive definite, or R1 or R2 is singular: an index beside its parts, whose
 * weights in R1 and R2 differ with their variances, would make any two samples differ.
 * Steiger (1980), Multivar. Behav. Res. 15, 335-352: S (z2 - z1)^2 / (1/(n1 - 3) + 1/(n2 - 3)) of Fisher's
 * z. It takes the correlations for independent of one another: with items that correlate, as they do,
 * Jennrich's is right. NaN with a correlation of -1 or 1 or n <= 3.
 * Both hold for normal answers and large samples.
 * Errors: VMAP_EINVAL (shapes), VMAP_EDATA (not finite; fewer than two respondents), VMAP_ENOMEM.
 * Cost O(p^4) for the ranks, O(p^3) else. */
vmap_status vmap_structure_correlations(const gsl_matrix *r1, double n1, const gsl_matrix *r2,
                                        double n2, vmap_correlations *result, vmap_error *err);

/* Answers of one of the two samples. */
typedef struct vmap_structure_sample {
    const double *values;  /* n x p, row after row, NaN = missing, not modified */
    size_t n;
    const double *weights; /* n, not negative; NULL: all 1 */
    double respondents;    /* (effective) respondents, as vmap_structure_correlations() takes them */
} vmap_structure_sample;

/* p of the differences between two correlation matrices: respondents change sides. NaN without permutations. */
typedef struct vmap_exchange {
    double frobenius; /* also of rms, which is the same up to a factor */
    double distance;  /* correlation matrix distance */
    double first;     /* |first2 - first1| */
    double jennrich, steiger;
} vmap_exchange;

/* Do the items of two independent samples correlate alike, whatever the distribution of their answers? Every
 * item is standardised within its sample, so that other means and variances are no difference; then
 * respondents change sides, with their weights, and the correlations (pairwise complete, weighted) are found
 * anew. p = (1 + exchanges with at least that difference) / (1 + exchanges). Exact when the standardised
 * answers of both samples have one distribution; nearly so for large samples that only share their
 * correlations. An exchange in which a correlation is not defined counts as more different.
 *   options  NULL: the defaults; strata are not looked at
 * Rows must be independent: not for several answers of one persona.
 * VMAP_EDATA as vmap_moments_correlate(), VMAP_EINVAL (p < 2, weights), VMAP_ENOMEM. Cost: permutations x
 * (rows of the smaller sample x p^2 + p^3). */
vmap_status vmap_structure_exchange(const vmap_structure_sample *one, const vmap_structure_sample *two, size_t p,
                                    const vmap_permutation_options *options, vmap_exchange *exchange, vmap_error *err);

#endif
