#ifndef CLUSTER_INTERNAL_H
#define CLUSTER_INTERNAL_H

#include "valuemap/cluster.h"

/* What the methods of clustering share; not exported. */

/* Number of units of checked units. */
size_t units_count(const vmap_units *units);
static inline double units_weight(const vmap_units *units, size_t i)
{
    return units->weights ? units->weights[i] : 1;
}
/* VMAP_EINVAL when there are no points; `what` names the method. */
vmap_status units_need_points(const vmap_units *units, const char *what, vmap_error *err);
/* Number of distinct points of positive weight, counted up to `most`. */
vmap_status units_distinct(const gsl_matrix *points, const double *weights, size_t most,
                           size_t *count, vmap_error *err);

/* The seed of child number i of a seed: for random work that itself takes a seed. */
uint64_t child_seed(uint64_t seed, uint64_t i);

/* Rows of dissimilarities, computed from points where no matrix is given. */
typedef struct proximity {
    size_t n, p;
    const gsl_matrix *d; /* NULL: Euclidean distances of `at` */
    double *at;          /* p x n, so that a row of distances is made of runs of memory */
} proximity;

vmap_status proximity_open(const vmap_units *units, proximity *rows, vmap_error *err);
void proximity_close(proximity *rows);
/* Dissimilarities of unit i to the units from .. to - 1, in out[from] .. out[to - 1]. */
void proximity_part(const proximity *rows, size_t i, size_t from, size_t to, double *out);
void proximity_row(const proximity *rows, size_t i, double *out);

/* Leaves below each node of a tree (2 n - 1 nodes), as a range of the drawing order: those at the places
 * from[node] .. from[node] + size[node] - 1. */
void tree_ranges(const vmap_tree *t, size_t *from, size_t *size);

/* VMAP_EDATA for a cost that is not finite or, unless allowed, negative. */
vmap_status costs_check(const gsl_matrix *cost, bool negative, vmap_error *err);
/* Costs row after row in fresh memory, turned round (columns become rows) on request. */
double *costs_unfold(const gsl_matrix *cost, bool turned, vmap_error *err);

/* Sums of the units' weights in each cluster (k, fresh memory), whatever weights the partition was numbered by. */
double *partition_masses(const vmap_units *units, const vmap_partition *p, vmap_error *err);

/* What silhouettes are made of. The cluster but `own` with the least mean dissimilarity, of the k sums over the
 * units of each cluster and the clusters' masses; VMAP_CLUSTER_NONE with an infinite mean when there is none. And the
 * width of a and b: 0 when both are 0. */
size_t silhouette_nearest(const double *sum, const double *mass, size_t k, size_t own, double *mean);
double silhouette_width(double a, double b);

/* A point with the index it had; for sorting by value. */
typedef struct ranked {
    double value;
    size_t index;
} ranked;
/* Ascending, ties by index: the same order whatever the sorting method. */
int compare_ranked(const void *a, const void *b);

#endif
