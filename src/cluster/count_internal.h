#ifndef COUNT_INTERNAL_H
#define COUNT_INTERNAL_H

#include "valuemap/validity.h"

/* What the ways to ask for the number of clusters share; not exported. */

/* Kinds of random work; each draws from streams of its own. */
enum { STREAM_GAP = 1, STREAM_ONE, STREAM_DIVISION, STREAM_RESAMPLE };

/* Partitions for k = 1 .. most; NULL where the method has none (fewer distinct points, no usable mixture). A shortage of
 * memory is an error. `cophenetic` (NULL: not wanted) is set for a tree, NaN where it is not defined. */
vmap_status count_partitions(const vmap_units *units, const vmap_cluster_method *method, size_t most,
                             const vmap_cluster_options *o, vmap_partition **partition, double *cophenetic,
                             vmap_error *err);
void count_free_partitions(vmap_partition **partition, size_t most);

/* Some units as units of their own; points, dissimilarities and weights are copied. */
typedef struct part {
    vmap_units units;
    gsl_matrix *points, *dissimilarity;
    double *weights;
} part;

/* Those of `index` (m). False when memory is short; close in any case. */
bool part_open(const vmap_units *units, const size_t *index, size_t m, part *p);
void part_close(part *p);

/* Put the test against one cluster and, with `gap`, the gap into the rows; prediction strengths; stabilities of one row. */
vmap_status count_references(const vmap_units *units, const vmap_cluster_method *method, const vmap_count_options *o,
                             vmap_count *c, bool gap, vmap_error *err);
vmap_status count_divisions(const vmap_units *units, const vmap_cluster_method *method, const vmap_count_options *o,
                            vmap_count *c, vmap_error *err);
vmap_status count_stability(const vmap_units *units, const vmap_cluster_method *method, const vmap_count_options *o,
                            vmap_count_row *row, vmap_error *err);

#endif
