#ifndef VALUEMAP_AGREEMENT_H
#define VALUEMAP_AGREEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>

#include "valuemap/cluster.h"
#include "valuemap/error.h"
#include "valuemap/structure.h"

/* Do two partitions of the same units say the same: clusters and cultural zones, clusters of personas
 * and those of people?
 *
 * A partition is one label per unit (n), any numbers below 2^32; VMAP_CLUSTER_NONE is noise or an
 * unknown label. Units without a label in one of the two partitions are left out and counted. Units
 * count once each; there are no weights.
 */

/* ---- two partitions side by side ---- */

typedef struct vmap_crosstab {
    size_t n;           /* units with both labels */
    size_t left_out;    /* units without one of them */
    size_t rows, cols;  /* labels that occur: r of the first, c of the second partition */
    size_t *count;      /* r x c, row after row */
    size_t *row, *col;  /* r and c sums */
    size_t *row_label, *col_label; /* r and c labels as they were given, ascending */
} vmap_crosstab;

/* VMAP_EINVAL for a label that is too large; VMAP_EDATA when no unit has both labels; VMAP_ENOMEM.
 * Cost O(n log n + r c). */
vmap_status vmap_crosstab_new(const size_t *a, const size_t *b, size_t n, vmap_crosstab **crosstab,
                              vmap_error *err);
void vmap_crosstab_free(vmap_crosstab *crosstab);

/* What an agreement is made of, for a table with fixed margins. Entropies are in nats. */
typedef struct vmap_agreement_parts {
    double entropy_a, entropy_b; /* of the margins */
    double information;          /* mutual information I */
    double expected;             /* its mean over all tables with these margins */
    double together;             /* pairs of units in one cluster of both partitions */
    double together_a, together_b; /* pairs in one cluster of the first, of the second */
    double pairs;                /* n (n - 1) / 2 */
    double majority_a; /* units that belong to the commonest b of their a; divided by n: purity */
    double majority_b; /* the other way round: inverse purity */
    double n;
} vmap_agreement_parts;

/* Cost O(r c + r c min) for `expected`, min being the smaller of two margins. */
void vmap_agreement_parts_find(const vmap_crosstab *crosstab, vmap_agreement_parts *parts);

/* One measure; the registry of all. */
typedef struct vmap_agreement_measure {
    const char *name, *help, *range, *source;
    bool is_distance; /* 0 for the same partition; else a similarity, 1 for the same */
    /* Which part permutations change: the measure rises with it, or falls when it is a distance. */
    enum {
        VMAP_AGREEMENT_INFORMATION,
        VMAP_AGREEMENT_TOGETHER,
        VMAP_AGREEMENT_MAJORITY_A,
        VMAP_AGREEMENT_MAJORITY_B
    } part;
    double (*of)(const vmap_agreement_parts *parts);
} vmap_agreement_measure;

/* ari, ami, nmi, homogeneity, completeness, v_measure, purity, inverse_purity, fowlkes_mallows,
 * jaccard, variation.
 * a is the partition that was found, b the given one: homogeneity says that clusters hold one class
 * each, completeness that classes stay together.
 * Normalisers: ami and nmi divide by the arithmetic mean of the entropies (nmi is then V-measure, beta
 * = 1). Variation of information is in nats.
 * One cluster only: ari, ami, nmi, v_measure and jaccard are 1 when both partitions are the same and
 * trivial (one cluster, or single units); an entropy 0 gives homogeneity or completeness 1, and nmi 0
 * when the other entropy is not 0; fowlkes_mallows and jaccard are 0 when one partition has no pair
 * and the other has one, 1 when neither has. These are the conventions of scikit-learn. */
extern const vmap_agreement_measure vmap_agreement_measures[];
extern const size_t vmap_agreement_measures_count;

/* Every measure of two partitions, each with a permutation test: labels of b change places, as in
 * valuemap/structure.h (one-sided: agreement by chance).
 *   tests   one per row of the registry, in its order
 *   options NULL: the defaults; a stratum must be NULL
 * Errors: as vmap_crosstab_new(). Cost O(permutations (n + r c)). */
vmap_status vmap_agreement_test(const size_t *a, const size_t *b, size_t n,
                                const vmap_permutation_options *options, vmap_structure_test *tests,
                                vmap_error *err);

/* ---- are given groups found again? ---- */

typedef enum vmap_recovery_rule {
    VMAP_RECOVERY_CENTROID, /* nearest mean of a group, Euclidean */
    VMAP_RECOVERY_LDA       /* linear discriminant: normal groups of one covariance, priors as the groups'
                               shares (MASS::lda) */
} vmap_recovery_rule;

typedef struct vmap_recovery_unit {
    size_t found;    /* label that the rule gives */
    size_t second;   /* the next one */
    double margin;   /* how clear the unit's own label is, positive when it is found again. Centroid:
                        distance to the nearest other mean minus distance to the own one. LDA:
                        posterior probability of the own label minus the largest other one */
    double own;      /* distance to the own mean, or posterior probability of the own label */
} vmap_recovery_unit;

typedef struct vmap_recovery {
    size_t n;       /* units */
    vmap_recovery_unit *unit; /* n; found is VMAP_CLUSTER_NONE and numbers are NaN where `tested` is false */
    bool *tested;   /* n: the unit has a label, and another unit has it too */
    size_t count;   /* tested ones */
    size_t alone;   /* units that are the only one of their label: nothing is left to find it by */
    double accuracy; /* share of tested units that are found again */
    double balanced; /* mean over labels of their own shares */
    double chance;   /* accuracy of one who always says the commonest label */
} vmap_recovery;

/* Leave each unit out in turn, learn the groups from the others, and ask where it belongs.
 *   points  n x d, finite
 *   label   n; VMAP_CLUSTER_NONE: neither learnt from nor tested
 * LDA: means and pooled covariance (divisor number of units minus groups) without the unit, priors as
 * the shares with it, as MASS::lda(CV = TRUE) does.
 * Errors: VMAP_EDATA with fewer than two labels that have two units, VMAP_ESINGULAR when the pooled
 * covariance is (LDA), VMAP_EINVAL, VMAP_ENOMEM. Cost O(n (groups d + d^3)). */
vmap_status vmap_recovery_find(const gsl_matrix *points, const size_t *label,
                               vmap_recovery_rule rule, vmap_recovery **recovery, vmap_error *err);
void vmap_recovery_free(vmap_recovery *recovery);

#endif
