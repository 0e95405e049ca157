#ifndef VALUEMAP_CLUSTER_H
#define VALUEMAP_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_matrix.h>

#include "valuemap/error.h"

/* Clusters of n units (countries, persona groups, single personas): partitions, trees, mixtures.
 *
 * Units are numbered from 0, clusters too. Everything is deterministic: the same seed gives the same
 * result for any number of threads. Units come as points, as dissimilarities, or as both:
 *   k-means and mixtures need points; the other methods take the dissimilarities when they are
 *   given and the Euclidean distances of the points when they are not.
 * How many clusters there are is the question of valuemap/validity.h.
 */

/* ---- what is clustered ---- */

typedef struct vmap_units {
    const gsl_matrix *points;        /* n x p; NULL: only dissimilarities are known */
    const gsl_matrix *dissimilarity; /* n x n, symmetric, not negative, diagonal 0; NULL: Euclidean */
    const double *weights;           /* n, not negative, sum positive; NULL: all 1. A whole weight is as
                                        many units at one place. A unit of weight 0 is assigned to a
                                        cluster but has no say in what the clusters are. */
} vmap_units;

/* Check shapes and numbers. VMAP_EINVAL (no units, neither points nor dissimilarities, shapes, a bad
 * weight), VMAP_EDATA naming the unit (from 1): a value that is not finite, a dissimilarity that is
 * negative, not symmetric (beyond 1e-9 of the largest) or not 0 in the diagonal. */
vmap_status vmap_units_check(const vmap_units *units, vmap_error *err);

/* A way to tell how unlike two profiles of p values are; the registry of --metric. */
typedef struct vmap_cluster_metric {
    const char *name, *help, *source;
    bool skips_missing; /* a NaN is left out of the comparison; other metrics refuse it */
    /* scale: p ranges of the values over all units, 0 for a constant one */
    double (*distance)(const double *a, const double *b, const double *scale, size_t p);
} vmap_cluster_metric;
extern const vmap_cluster_metric vmap_cluster_metrics[];
extern const size_t vmap_cluster_metrics_count;

/* Fill `d` (n x n) with the dissimilarities of the rows of `points` (n x p).
 * Errors: VMAP_ENOENT with the known names; VMAP_EINVAL (shapes); VMAP_EDATA naming the unit: a NaN
 * where the metric allows none, two units without a common value, a constant profile for
 * "correlation". Cost O(n^2 p). */
vmap_status vmap_cluster_dissimilarity(const gsl_matrix *points, const char *metric, gsl_matrix *d,
                                       vmap_error *err);

/* Give every column of `points` (n x p, changed in place) the weighted mean 0 and standard deviation 1
 * (divisor sum of weights). A constant column becomes 0: it then says nothing, as it should.
 * Returns how many columns were constant (spread below 1e-12 of the largest value). */
size_t vmap_cluster_standardise(gsl_matrix *points, const double *weights);

/* ---- partitions ---- */

/* In no cluster: noise. */
#define VMAP_CLUSTER_NONE SIZE_MAX

/* Clusters are numbered by falling weight, ties by their first unit. */
typedef struct vmap_partition {
    size_t n, k;
    size_t *cluster; /* n; VMAP_CLUSTER_NONE for noise */
    size_t *size;    /* k numbers of units, weight 0 included */
    double *weight;  /* k sums of weights */
    size_t noise;    /* units in no cluster */
} vmap_partition;

/* Number the clusters of any labels (n, VMAP_CLUSTER_NONE for noise) by the rule above.
 *   place   when not NULL: for each old label up to the largest one its new number; room for
 *           1 + the largest label
 * Labels may be any numbers below 2^32. VMAP_EINVAL for n = 0, VMAP_ENOMEM. */
vmap_status vmap_partition_new(const size_t *label, size_t n, const double *weights, size_t *place,
                               vmap_partition **partition, vmap_error *err);
void vmap_partition_free(vmap_partition *partition);

/* ---- k-means ---- */

typedef struct vmap_kmeans_options {
    size_t k;
    size_t starts;         /* [50] */
    size_t max_iterations; /* passes of one start [1000] */
    uint64_t seed;         /* [20230217] */
    unsigned threads;      /* 0: one per processor [0] */
} vmap_kmeans_options;

void vmap_kmeans_defaults(vmap_kmeans_options *options);

typedef struct vmap_kmeans {
    vmap_partition *partition;
    gsl_matrix *centres; /* k x p weighted means */
    double *within;      /* k weighted sums of squared distances to the centre */
    double total_within, total; /* their sum, and the same around the common mean */
    size_t starts;       /* asked for */
    size_t agree;        /* starts that ended within 1e-9 of the best: few of many mean that there may
                            be a better one still */
    bool converged;      /* the best start came to rest before max_iterations */
} vmap_kmeans;

/* Partition with the least weighted sum of squares around k means.
 * Method: k-means++ seeding (Arthur & Vassilvitskii 2007, SODA, 1027-1035), Lloyd's passes with the
 * bounds of Hamerly (2010, SIAM Data Mining, 130-140), in which centres go beyond the means with the
 * momentum of Nesterov, restarted where it overshoots (O'Donoghue & Candes 2015, Found. Comput. Math.
 * 15, 715-732), then single transfers as long as one lowers the sum (Hartigan & Wong 1979, Appl. Stat.
 * 28, 100-108, condition of optimality p. 102): a result is a local optimum of both. From 16,384 units
 * on (512 k where that is more) a start begins on random samples of growing size, all starts on the
 * same ones (Bradley & Fayyad 1998, ICML, 91-99); the optimum is that of all units. The best of all starts is kept, the first on a tie.
 * Errors: as vmap_units_check(); VMAP_EINVAL for k = 0, no starts, units without points, and when
 * there are fewer than k distinct points of positive weight (k = n is allowed); VMAP_ENOMEM.
 * Cost O(starts n p k) at first, less as clusters settle. */
vmap_status vmap_cluster_kmeans(const vmap_units *units, const vmap_kmeans_options *options,
                                vmap_kmeans **result, vmap_error *err);
void vmap_kmeans_free(vmap_kmeans *result);

/* ---- medoids ---- */

typedef struct vmap_medoids_options {
    size_t k;
    size_t starts;    /* random ones, besides the BUILD start [1] */
    uint64_t seed;    /* [20230217] */
    unsigned threads; /* [0] */
} vmap_medoids_options;

void vmap_medoids_defaults(vmap_medoids_options *options);

typedef struct vmap_medoids {
    vmap_partition *partition;
    size_t *medoid; /* k units, in the order of the clusters */
    double cost;    /* weighted sum of dissimilarities to the nearest medoid */
    size_t starts, agree; /* as in vmap_kmeans */
} vmap_medoids;

/* Partition around k units with the least weighted sum of dissimilarities.
 * Method: FasterPAM (Schubert & Rousseeuw 2021, Inf. Syst. 101, 101804, algorithm 3) from the BUILD
 * start of PAM (Kaufman & Rousseeuw 1990, ch. 2) and from random starts, each followed by swaps until
 * none lowers the sum, which is the condition of optimality of PAM. Candidates skip what is too far away for them by the
 * triangle inequality; the result is that of looking at all. Two starts reach what R's pam() reaches from BUILD or less
 * (10,000 points, k = 10: 29814.67 against 29826.49; four random starts 29814.67, one 29845.29).
 * Errors: as for k-means; duplicated units are allowed: a medoid then stands for all at its place.
 * VMAP_EINVAL for k > n. Cost O(n^2) per pass and start, less where units form clusters; memory O(n p) for points. */
vmap_status vmap_cluster_medoids(const vmap_units *units, const vmap_medoids_options *options,
                                 vmap_medoids **result, vmap_error *err);
void vmap_medoids_free(vmap_medoids *result);

/* ---- trees ---- */

typedef enum vmap_linkage {
    VMAP_WARD,     /* least growth of the sum of squares; heights as R's "ward.D2" */
    VMAP_AVERAGE,  /* mean dissimilarity (UPGMA) */
    VMAP_COMPLETE, /* largest */
    VMAP_SINGLE    /* least */
} vmap_linkage;

typedef struct vmap_linkage_entry {
    const char *name, *help, *source;
    vmap_linkage linkage;
} vmap_linkage_entry;
extern const vmap_linkage_entry vmap_linkages[];
extern const size_t vmap_linkages_count;
/* VMAP_ENOENT with the known names. */
vmap_status vmap_linkage_find(const char *name, vmap_linkage *linkage, vmap_error *err);

/* A binary tree over n leaves: node i < n is leaf i, node n + i is merge i. */
typedef struct vmap_tree {
    size_t n;
    size_t (*merge)[2]; /* n - 1 pairs of nodes; the one with the lowest leaf first */
    double *height;     /* n - 1, not descending */
    size_t *order;      /* n leaves from left to right, no branches crossing */
} vmap_tree;

/* Agglomerative tree.
 * Method: nearest-neighbour chains with the Lance-Williams update (Murtagh 1985, Comput. J. 26,
 * 354-359; Muellner 2011, arXiv 1109.2378, figure 3); single linkage from the minimum spanning tree
 * (Gower & Ross 1969). Ward works on squared dissimilarities and gives their square root (Murtagh &
 * Legendre 2014, J. Classif. 31, 274-295, "Ward2"); it is the sum-of-squares criterion only where the
 * dissimilarities are Euclidean. Weights are masses in Ward and average linkage (complete and single
 * linkage do not know them). Of equal dissimilarities the lowest units merge first as far as the
 * chains see them: with ties other programs may give other trees of the same heights.
 * Errors: as vmap_units_check(); VMAP_EINVAL for n < 2 and for a weight 0 (it has no place in a
 * tree); VMAP_ENOMEM. Cost O(n^2), memory n^2 / 2. */
vmap_status vmap_cluster_tree(const vmap_units *units, vmap_linkage linkage, unsigned threads,
                              vmap_tree **tree, vmap_error *err);
void vmap_tree_free(vmap_tree *tree);

/* Cut into k clusters (undo the last k - 1 merges). VMAP_EINVAL when k is not in 1..n. */
vmap_status vmap_tree_cut(const vmap_tree *tree, size_t k, const double *weights,
                          vmap_partition **partition, vmap_error *err);

/* Fill `d` (n x n) with the height at which each pair of leaves is first together. */
vmap_status vmap_tree_cophenetic(const vmap_tree *tree, gsl_matrix *d, vmap_error *err);

/* Turn branches so that the sum of dissimilarities of neighbouring leaves is as small as any turning
 * can make it; of the two directions the one that begins with the lower leaf. Changes tree->order.
 * Method: Bar-Joseph, Gifford & Jaakkola (2001), Bioinformatics 17, S22-S29, with the minimum over
 * one side taken first. Cost O(n^3), memory 2 n^2: for up to some thousand leaves. */
vmap_status vmap_tree_arrange(vmap_tree *tree, const vmap_units *units, vmap_error *err);

/* ---- mixtures ---- */

/* A family of covariances S_g = lambda_g D_g A_g D_g' (Banfield & Raftery 1993, Biometrics 49, 803-821):
 * volume, shape and orientation are Equal, Variable or absent (I: identity). */
typedef struct vmap_mixture_family {
    const char *name, *help;
    char volume, shape, orientation;
} vmap_mixture_family;
extern const vmap_mixture_family vmap_mixture_families[]; /* the fourteen of mclust */
extern const size_t vmap_mixture_families_count;

typedef struct vmap_mixture_options {
    size_t k;
    const char *family;    /* ["VVV"] */
    size_t starts;         /* random starts, besides one from Ward's tree (up to 2000 units) and one from
                              k-means [10] */
    double tolerance;      /* relative change of the log-likelihood at which a start rests [1e-10] */
    size_t max_iterations; /* [10000] */
    uint64_t seed;         /* [20230217] */
    unsigned threads;      /* [0] */
    const gsl_matrix *start; /* n x k memberships to begin from, and then no other start [NULL] */
} vmap_mixture_options;

void vmap_mixture_defaults(vmap_mixture_options *options);

typedef struct vmap_mixture {
    vmap_partition *partition; /* by the largest membership; k of it can be below k when a component
                                  is nowhere the most likely one */
    size_t k, p;
    double *share;        /* k mixing proportions, in the order of the clusters */
    gsl_matrix *means;    /* k x p */
    gsl_matrix **cov;     /* k matrices p x p */
    gsl_matrix *membership; /* n x k posterior probabilities */
    double log_likelihood;
    size_t parameters;    /* free ones */
    double n_eff;         /* Kish's effective number of units, the n of BIC */
    double bic;           /* 2 log L - parameters log n_eff: larger is better, as in mclust */
    double icl;           /* bic + 2 S_i w_i log(largest membership of unit i) (mclust's definition after
                             Biernacki, Celeux & Govaert 2000) */
    bool converged;
    size_t starts, usable; /* tried, and those that met no singular covariance */
} vmap_mixture;

/* Gaussian mixture by the EM algorithm (Celeux & Govaert 1995, Pattern Recognit. 28, 781-793, for the
 * M-steps; Browne & McNicholas 2014, Adv. Data Anal. Classif. 8, 217-226, for common orientations).
 * Weights are scaled to the sum n_eff, so that scaling them changes nothing and BIC counts what the
 * units are worth.
 * A start whose covariances become singular (smallest eigenvalue below 1e-10 of the mean variance) is
 * dropped: its likelihood is unbounded, not good.
 * Errors: as vmap_units_check(); VMAP_ENOENT for an unknown family; VMAP_EINVAL for k = 0 or more
 * than the distinct points; VMAP_ESINGULAR when no start is usable (always so with a constant column
 * unless the family is spherical); VMAP_ENOMEM. */
vmap_status vmap_cluster_mixture(const vmap_units *units, const vmap_mixture_options *options,
                                 vmap_mixture **result, vmap_error *err);
void vmap_mixture_free(vmap_mixture *result);

/* ---- density ---- */

typedef struct vmap_density {
    vmap_partition *partition; /* with noise */
    double *probability; /* n: strength of membership, 1 in the core of a cluster, 0 for noise */
    double *core;        /* n: dissimilarity to the (least - 1)-th nearest other unit */
    double *stability;   /* k */
} vmap_density;

/* HDBSCAN*: clusters are what stays together over the widest range of densities; units outside are
 * noise, and no cluster at all is a possible answer.
 *   least   smallest size of a cluster and number of neighbours (itself included) that make a unit a
 *           core unit, 2 .. n
 * Source: Campello, Moulavi, Zimek & Sander (2015), ACM Trans. Knowl. Discov. Data 10(1), article 5:
 * mutual reachability, minimum spanning tree, excess of mass; the root is never a cluster. A merge
 * height 0 (least or more duplicates) counts as 1e-300 so that densities stay finite.
 * Weights are not used: a density of weighted units is not defined there.
 * Errors: as vmap_units_check(); VMAP_EINVAL for `least`; VMAP_ENOMEM. Cost O(n^2). */
vmap_status vmap_cluster_density(const vmap_units *units, size_t least, unsigned threads,
                                 vmap_density **result, vmap_error *err);
void vmap_density_free(vmap_density *result);

/* ---- all methods by name ---- */

typedef struct vmap_cluster_options {
    size_t starts;      /* [50] of k-means, medoids and mixtures (these two take a fifth; medoids of more than 2000
                           units a fiftieth, besides BUILD) */
    const char *family; /* of mixtures ["VVV"] */
    uint64_t seed;      /* [20230217] */
    unsigned threads;   /* [0] */
} vmap_cluster_options;

void vmap_cluster_defaults(vmap_cluster_options *options);

typedef struct vmap_cluster_method {
    const char *name, *help, *source;
    bool needs_points;
    bool is_tree;  /* one tree gives the partitions of every k */
    bool counts;   /* finds the number of clusters itself: `k` is then the least size of one */
    vmap_status (*run)(const vmap_units *units, size_t k, const vmap_cluster_options *options,
                       vmap_partition **partition, vmap_error *err);
} vmap_cluster_method;
extern const vmap_cluster_method vmap_cluster_methods[];
extern const size_t vmap_cluster_methods_count;
/* NULL with err set (VMAP_ENOENT and the known names) when there is none. */
const vmap_cluster_method *vmap_cluster_method_find(const char *name, vmap_error *err);

#endif
