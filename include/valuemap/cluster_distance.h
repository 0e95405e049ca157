#ifndef VALUEMAP_CLUSTER_DISTANCE_H
#define VALUEMAP_CLUSTER_DISTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"

/* How far apart two clusters are, as clouds of points: persona clusters from clusters of countries, or from
 * cultural zones.
 *
 * A cloud is n points on d axes, each with a weight (a mass). All distances are 0 for a cloud and itself and
 * symmetric; which of them see only the centres, which the shape, is said in the registry. Values are in units of the axes
 * unless the registry says otherwise (mahalanobis: standard deviations within clouds; bhattacharyya: nats; hellinger and mmd:
 * none; energy: their square root), so that values of two distances are not comparable with each other.
 *
 * Usual way: vmap_cluster_distance_find(), then vmap_cluster_distance_matrix() for all pairs with intervals. Rulers and clouds
 * are for those who want a single pair.
 */

/* What all clouds of one comparison are measured with, so that distances are comparable. */
typedef struct vmap_ruler {
    gsl_matrix *inverse; /* d x d, of the covariance within clouds, pooled over all of them (divisor units
                            minus clouds); NULL when it is singular or has no degrees of freedom */
    const gsl_matrix *between; /* distances of all units, not owned; NULL: Euclidean distances of points */
    double bandwidth;    /* of the kernel: median of the Euclidean distances of all pairs of units (of at most
                            2000 units, every m-th) */
} vmap_ruler;

typedef struct vmap_cloud {
    const gsl_matrix *points; /* n x d, finite, not owned */
    const double *weights;    /* n, not negative, sum positive, not owned; NULL: all 1 */
    /* worked out from them: */
    double weight;       /* sum */
    gsl_vector *mean;    /* d */
    gsl_matrix *cov;     /* d x d, unbiased: divisor 1 - S (w / S w)^2; NULL with fewer than two units */
    double apart;        /* mean Euclidean distance of two draws (a unit may be drawn twice) */
    double kernel;       /* mean of exp(-distance^2 / 2 bandwidth^2) of two draws */
} vmap_cloud;

/*   between  NULL, or an N x N matrix of distances (symmetric, not negative, diagonal 0: not checked) that
 *            stands in for points: the clouds are then n x 1 matrices of the numbers of units, from 0. It
 *            must live as long as the ruler
 * VMAP_EDATA for a point that is not finite, VMAP_EINVAL for no points, other dimensions or weights, a unit that
 * is not in `between`, VMAP_ENOMEM. Cost O(N^2 d) with N units in all, at most 2000. */
vmap_status vmap_ruler_new(const gsl_matrix *const *points, size_t clouds, const gsl_matrix *between,
                           vmap_ruler **ruler, vmap_error *err);
void vmap_ruler_free(vmap_ruler *ruler);

/* Errors as above. `points` and `weights` must live as long as the cloud.
 *   pairs  work out `apart` and `kernel`, too, at a cost of O(n^2 d); else they are NaN */
vmap_status vmap_cloud_new(const gsl_matrix *points, const double *weights, const vmap_ruler *ruler,
                           bool pairs, vmap_cloud **cloud, vmap_error *err);
void vmap_cloud_free(vmap_cloud *cloud);

typedef struct vmap_cluster_distance {
    const char *name, *help, *formula, *unit, *source;
    bool uses_shape; /* else clouds with the same centre are at distance 0 */
    bool uses_pairs; /* of one cloud: it must be made with them */
    bool uses_covariance; /* not defined (NaN) for a cloud whose covariance is singular, as with d or fewer units */
    bool uses_centre; /* not defined (NaN) where only distances are known */
    /* NaN where it is not defined, or when memory is short */
    double (*of)(const vmap_cloud *a, const vmap_cloud *b, const vmap_ruler *ruler);
} vmap_cluster_distance;

/* centroid, mahalanobis, bhattacharyya, hellinger, energy, mmd, w2_gaussian, w2, hausdorff, single, complete,
 * average. single, complete and average linkage and hausdorff do not look at weights, single to average are not
 * 0 for a cloud and itself. */
extern const vmap_cluster_distance vmap_cluster_distances[];
extern const size_t vmap_cluster_distances_count;
/* VMAP_ENOENT with the known names. */
vmap_status vmap_cluster_distance_find(const char *name, const vmap_cluster_distance **distance,
                                       vmap_error *err);

typedef struct vmap_cluster_distance_options {
    size_t replicates; /* bootstrap; 0: no intervals [500] */
    double level;      /* [.95] */
    const gsl_matrix *between; /* as in vmap_ruler_new() [NULL] */
    uint64_t seed;     /* [20230217] */
    unsigned threads;  /* 0: one per processor; the result does not depend on it [0] */
} vmap_cluster_distance_options;

/* The values in brackets. */
void vmap_cluster_distance_defaults(vmap_cluster_distance_options *options);

typedef struct vmap_distance_matrix {
    size_t a, b;            /* clouds of the left and of the right side */
    gsl_matrix *value;      /* a x b; NaN where not defined */
    gsl_matrix *low, *high; /* percentile intervals of the bootstrap; NaN without, for clouds of one unit, and when
                               more than a tenth of the replicates is not defined */
} vmap_distance_matrix;

/* Every distance of a clouds of the one side from b clouds of the other.
 *   left, right  a and b matrices of points; the same array twice: clouds among themselves, whose units enter the
 *                ruler once
 * Intervals: the units of each cloud are drawn anew, n - 1 of n (as in vmap_groups_bootstrap()); the ruler stays.
 * Distances that use the shape have a bias that small clouds make larger (two samples of one population are
 * never at distance 0), and the bootstrap adds it once more: such intervals can lie above the value.
 * Errors: as vmap_ruler_new(). Same seed, same intervals for any number of threads. */
vmap_status vmap_cluster_distance_matrix(const vmap_cluster_distance *distance,
                                         const gsl_matrix *const *left, size_t a,
                                         const gsl_matrix *const *right, size_t b,
                                         const vmap_cluster_distance_options *options,
                                         vmap_distance_matrix **matrix, vmap_error *err);
void vmap_distance_matrix_free(vmap_distance_matrix *matrix);

#endif
