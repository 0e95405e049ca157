#ifndef VALUEMAP_VALIDITY_H
#define VALUEMAP_VALIDITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_matrix.h>

#include "valuemap/cluster.h"
#include "valuemap/error.h"

/* How many clusters are there, and are there any?
 *
 * Indices of one partition, indices over a row of numbers of clusters, and a verdict that may be "no
 * clear clusters". Units count by their weights, when they have some: a whole weight is as many units at one place, and
 * indices of weighted units are those of the units written out as often as their weights say. A unit of weight 0 gets a
 * silhouette and counts nowhere. Units in no cluster (noise) are left out of every index.
 *
 * n units, k clusters of a partition.
 */

/* ---- one partition ---- */

/* Silhouette of every unit: s = (b - a) / max(a, b) with a the mean dissimilarity to the other units of
 * its own cluster, b the least mean dissimilarity to another cluster; 0 for the only unit of a cluster
 * and where a = b = 0 (Rousseeuw 1987, J. Comput. Appl. Math. 20, 53-65). -1 .. 1. With weights a = S w d / (W - 1) with
 * W the weight of the cluster (Studer 2013, LIVES Working Papers 24, for weights that are numbers of units), and
 * a cluster of weight 1 or less has 0.
 *   width      n; NaN for noise
 *   neighbour  n: the other cluster, VMAP_CLUSTER_NONE for noise; NULL: not wanted
 *   mean       over all units that are not noise, by their weights
 * Errors: as vmap_units_check(); VMAP_EINVAL for another number of units; VMAP_EDATA with fewer than two
 * clusters: nothing to be near to. Cost O(n^2). */
vmap_status vmap_validity_silhouette(const vmap_units *units, const vmap_partition *partition,
                                     unsigned threads, double *width, size_t *neighbour,
                                     double *mean, vmap_error *err);

/* The same of strangers: how well do m points lie in one cluster of a partition of other units (people)? a is the
 * mean Euclidean distance to the nearest cluster, b that to the next one, s = (b - a) / b. Means are weighted by the
 * weights of the people, when they have some.
 *   people     n units with points
 *   strangers  m x p
 *   own  m: the cluster whose mean distance counts as a (a persona's own country's cluster); s can then
 *        be negative. VMAP_CLUSTER_NONE, or own = NULL: the nearest one
 *   width m; nearest m (NULL: not wanted)
 * NaN for a cluster of weight 0 that is the own one, and when there is no other cluster.
 * Errors as above; VMAP_EINVAL when the dimensions differ or people have no points. Cost O(n m p). */
vmap_status vmap_validity_strangers(const vmap_units *people, const vmap_partition *partition,
                                    const gsl_matrix *strangers, const size_t *own, double *width,
                                    size_t *nearest, vmap_error *err);

typedef struct vmap_strangers_options {
    size_t replicates; /* of the bootstrap; 0: no intervals [500] */
    double level;      /* [.95] */
    uint64_t seed;     /* [20230217] */
    unsigned threads;  /* 0: one per processor; the result does not depend on it [0] */
} vmap_strangers_options;

void vmap_strangers_defaults(vmap_strangers_options *options);

/* Mean silhouette of a group of strangers. */
typedef struct vmap_strangers_mean {
    size_t n;          /* strangers in it */
    double value;      /* NaN for none */
    double low, high;  /* percentile interval; NaN without replicates, for a group of one, and when more than a
                          tenth of the replicates is not defined */
} vmap_strangers_mean;

/* Mean silhouettes of groups of strangers, with intervals of a bootstrap that draws, in every replicate, n - 1 of the n
 * people of each cluster (as vmap_cluster_distance_matrix() does; a cluster of one stays) and n - 1 of the n strangers
 * of each group. The partition stays.
 *   group  m: group of each stranger, below `groups`; any other number: in none. NULL: every stranger is a group of
 *          its own that stays, only people are drawn, and there are m groups
 *   mean   `groups` (or m) results
 * Errors: as above; VMAP_EINVAL for a level or no groups. On an error nothing is written. Same seed, same intervals for
 * any number of threads. Cost O(replicates n m), memory O(n m + replicates groups). */
vmap_status vmap_validity_strangers_means(const vmap_units *people, const vmap_partition *partition,
                                          const gsl_matrix *strangers, const size_t *own, const size_t *group,
                                          size_t groups, const vmap_strangers_options *options,
                                          vmap_strangers_mean *mean, vmap_error *err);

typedef struct vmap_validity_index {
    double silhouette; /* mean; NaN for k = 1 */
    double calinski;   /* (B / (k - 1)) / (W / (n - k)), Calinski & Harabasz (1974), Commun. Stat. 3,
                          1-27; NaN for k = 1, k = n, W = 0 or without points; n is the sum of weights */
    double davies;     /* mean over clusters of the largest (s_i + s_j) / d_ij, s the mean distance to
                          the centre, d that of centres; small is good (Davies & Bouldin 1979, IEEE
                          PAMI 1, 224-227). NaN for k = 1 or without points; infinite for two centres
                          on one place */
    double dunn;       /* least dissimilarity between clusters / largest within one (Dunn 1974, J.
                          Cybern. 4, 95-104); NaN for k = 1 and when no cluster is wider than 0 */
    double within;     /* W: weighted sum of squared distances to the centres; without points
                          S w_i w_j d_ij^2 / 2 W_g of each cluster */
} vmap_validity_index;

/* All of them. Errors: as vmap_units_check(); VMAP_EINVAL for another number of units. Cost O(n^2). */
vmap_status vmap_validity_find(const vmap_units *units, const vmap_partition *partition,
                               unsigned threads, vmap_validity_index *index, vmap_error *err);

/* Correlation of the dissimilarities with the heights at which a tree joins the units (Sokal & Rohlf
 * 1962, Taxon 11, 33-40), pairs weighted by w_i w_j. VMAP_EDATA with fewer than three units or when all of one kind are equal. */
vmap_status vmap_validity_cophenetic(const vmap_units *units, const vmap_tree *tree,
                                     double *correlation, vmap_error *err);

/* Prediction strength of one division of the units into two halves: clusters of the one half are learnt
 * (centres, or the medoid where there are no points) and given to the other; for each cluster of that
 * half the share of its pairs that stays together; the least one over clusters (a cluster of one unit
 * counts 1) (Tibshirani & Walther 2005, J. Comput. Graph. Stat. 14, 511-528, eq. 2.1).
 *   tested     clusters of the one half
 *   weights    of its units; NULL: all 1. A pair counts w_i w_j, the w (w - 1) / 2 pairs within one unit are always
 *              together
 *   learnt_by  for each of its units the cluster of the other half that it is nearest to */
double vmap_validity_prediction(const vmap_partition *tested, const double *weights, const size_t *learnt_by);

/* Jaccard similarity of cluster g, as far as its units were drawn, to the most similar cluster of the sample: shared
 * weight / weight of both together. NaN when none of positive weight was drawn.
 *   partition  of all units; weights of all of them, NULL: all 1
 *   index      again->n: which unit each unit of the sample is; again: its clusters */
double vmap_validity_jaccard(const vmap_partition *partition, size_t g, const double *weights, const size_t *index,
                             const vmap_partition *again);

/* Rules for the number of clusters from a gap curve; gap and se of k = first, first + 1, ... */
typedef enum vmap_gap_rule {
    VMAP_GAP_TIBSHIRANI, /* first k with gap(k) >= gap(k + 1) - se(k + 1): Tibshirani, Walther & Hastie
                            (2001), JRSS B 63, 411-423 */
    VMAP_GAP_FIRST_MAX   /* first k within one se of the first local maximum: cluster::maxSE,
                            "firstSEmax" */
} vmap_gap_rule;
/* Index into the curve; count > 0. */
size_t vmap_validity_gap_choice(const double *gap, const double *se, size_t count,
                                vmap_gap_rule rule);

/* ---- a row of numbers of clusters ---- */

typedef enum vmap_gap_reference {
    VMAP_REFERENCE_UNIFORM, /* uniform in the box of the axes as they are */
    VMAP_REFERENCE_PCA      /* uniform in the box of the principal axes ("scaledPCA" of R's clusGap) */
} vmap_gap_reference;

typedef struct vmap_count_options {
    size_t most;             /* largest k; lowered to n - 1 [10] */
    size_t references;       /* reference sets of the gap and of the test against one cluster; 0: neither
                                [100] */
    vmap_gap_reference reference; /* [VMAP_REFERENCE_PCA] */
    size_t divisions;        /* of prediction strength; 0: none [50] */
    size_t resamples;        /* of bootstrap stability; 0: none [100] */
    vmap_cluster_options cluster; /* of the method, its seed and threads included */
} vmap_count_options;

void vmap_count_defaults(vmap_count_options *options);

/* The indices of one k. What is not defined is NaN. */
typedef struct vmap_count_row {
    size_t k;              /* asked for */
    vmap_partition *partition; /* of all units; NULL when the method gave none (see `failed`) */
    vmap_validity_index index;
    double silhouette_p;   /* chance that a single normal cloud of the same covariance gives such a mean
                              silhouette at this k */
    double gap, gap_se;    /* E log W - log W; sd sqrt(1 + 1/B) */
    double prediction, prediction_se; /* mean over divisions, standard error of the mean */
    double jaccard;        /* mean over clusters of their mean Jaccard similarity to the most similar
                              cluster of a bootstrap sample */
    double jaccard_least;  /* of the least stable cluster */
    double bic, icl;       /* of a Gaussian mixture of k components; larger is better */
    bool failed;           /* the method has no partition into k clusters */
} vmap_count_row;

typedef struct vmap_count {
    size_t n, count;     /* rows */
    vmap_count_row *row; /* k = 1 .. count */
    double cophenetic;   /* of the tree; NaN for other methods */
    double p;            /* test against one cluster: chance that a single normal cloud of the same
                            covariance gives so large a greatest silhouette over the same k */
    size_t by_silhouette, by_calinski, by_davies, by_gap, by_gap_first, by_prediction, by_bic; /* k that
                            each index prefers; 0: it has none */
    size_t k;            /* best number of clusters (2 or more): that of the greatest silhouette */
    bool clear;          /* verdict; see vmap_cluster_count() */
    bool is_structured, is_unlike_one, is_stable, is_agreed; /* the conditions, in the order below */
} vmap_count;

/* Every index over k = 1 .. most by one method that takes k (not hdbscan).
 *
 * Gap: log W of the clusters against the mean over reference sets of the same method; W is the pooled sum
 * of squares. Test against one cluster: data drawn from one normal distribution with the covariance of the
 * units are clustered by the same method, and the greatest mean silhouette over k = 2 .. most is compared;
 * p = (1 + as large) / (1 + references). The idea of a single normal cloud as what "no clusters" means
 * is that of Liu, Hayes, Nobel & Marron (2008), JASA 103, 1281-1293. Stability: Hennig (2007), Comput.
 * Stat. Data Anal. 52, 258-271, non-parametric bootstrap, units drawn twice counting once. BIC: mixtures
 * with the family in options, for points only.
 * Weights: of a reference set each unit has the weight of one of the units, in their order, so that it has as many
 * places and as uneven ones; halves and bootstrap samples are of units, however heavy.
 * Where dissimilarities are given, the single cloud has the covariance of their principal coordinates (Gower 1966; negative
 * eigenvalues are left out) and Euclidean distances: for Euclidean dissimilarities the test is that of the points. Gap and
 * BIC need points and no dissimilarities; they are NaN without. Prediction strength is learnt by centres, by
 * medoids without points.
 *
 * Verdict `clear`: all of four hold for k: the mean silhouette is above .25 (Kaufman & Rousseeuw 1990,
 * p. 88: "no substantial structure" up to there); p <= .05 (when the test was made); the least stable
 * cluster has Jaccard > .6 (Hennig's limit of what is a pattern at all; when it was made); gap (Tibshirani's
 * rule) and prediction strength do not both prefer one cluster. Else the honest verdict is that there are
 * no clear clusters, whatever k is best.
 *
 * Errors: as the method's; VMAP_EINVAL for a method that takes no k, VMAP_EDATA with fewer than three
 * units. Same seed, same result for any number of threads. Cost: references x most runs of the method. */
vmap_status vmap_cluster_count(const vmap_units *units, const vmap_cluster_method *method,
                               const vmap_count_options *options, vmap_count **count,
                               vmap_error *err);
void vmap_count_free(vmap_count *count);

/* Mean Jaccard similarity of each cluster to the most similar cluster in bootstrap samples (k values;
 * NaN for a cluster that was in no sample). VMAP_EINVAL, VMAP_ENOMEM and what the method says of the
 * whole data. */
vmap_status vmap_validity_stability(const vmap_units *units, const vmap_cluster_method *method,
                                    const vmap_partition *partition, size_t resamples,
                                    const vmap_cluster_options *options, double *jaccard,
                                    vmap_error *err);

#endif
