#ifndef VALUEMAP_NOISE_H
#define VALUEMAP_NOISE_H

#include <stddef.h>
#include <stdint.h>

#include "valuemap/error.h"
#include "valuemap/metrics.h"

/* What chance does to a distance between two distributions of answers.
 *
 * Two samples of the same people differ, so that every distance of samples is larger than that of what
 * they were drawn from, the more the smaller the samples. Here is how large it would be by chance alone
 * (the floor), whether it is larger than that (a permutation test), how far the true one may be from
 * the observed one (an interval), whether it is surely smaller than a margin (a test of equivalence), and how
 * large it must be to be found.
 *
 * Samples are drawn as counts on the K scale points, never answer by answer: cost and memory do not
 * depend on the number of answers. Weights and repeated answers of the same persona enter by the
 * effective numbers (vmap_distributions.n_eff), rounded to whole ones (Rao & Scott 1981, JASA 76,
 * 221-230, first order); without both, draws are exactly those of whole answers.
 */

/* The two sides in one cell of a group: labels "people" and "persona" are shuffled within it only. */
typedef struct vmap_noise_stratum {
    const double *p, *q; /* K shares; not looked at where there is nobody */
    double n_p, n_q;     /* effective numbers; 0: nobody, and what the other side has stays */
    double w_p, w_q;     /* weight of the cell in the pooled distribution of its side */
} vmap_noise_stratum;

/* One comparison. Everything is owned by the caller and not modified. */
typedef struct vmap_noise_pair {
    vmap_metric_pair pair;            /* pooled over the cells of the group, with pooled effective numbers */
    const vmap_noise_stratum *strata; /* NULL: the whole group is one stratum */
    size_t strata_count;
    uint64_t stream; /* of the random numbers: another one for each pair; below 2^61 */
} vmap_noise_pair;

typedef enum vmap_noise_floor {
    VMAP_FLOOR_PEOPLE,   /* two samples of people's distribution, as large as the two sides */
    VMAP_FLOOR_SHUFFLED, /* people and personas with labels shuffled, as in the test */
    VMAP_FLOOR_HALVES    /* two random halves of the people */
} vmap_noise_floor;

typedef struct vmap_noise_options {
    size_t replicates; /* of each kind, at least 19 [500]; the smallest p is 1 / (replicates + 1) */
    double level;      /* of intervals [.95]; tests of power and equivalence are at 1 - level */
    double power;      /* with which `detectable` is found [.80] */
    double margin;     /* of equivalence, in units of the metric; NaN: no test [NaN] */
    const double *margins; /* of each metric, where they have their own; NULL: `margin` for all [NULL] */
    vmap_noise_floor floor;
    uint64_t seed;
    unsigned threads;  /* 0: one per processor; results do not depend on it */
} vmap_noise_options;
void vmap_noise_defaults(vmap_noise_options *options);

/* Of one metric of one pair. NaN where it is not defined: all of it when the metric itself is not or the item
 * has no order that it needs; what follows from replicates when some of them are not finite. */
typedef struct vmap_noise {
    double value;        /* observed */
    double floor;        /* mean of the same-population replicates */
    double floor_sd;     /* and their standard deviation */
    double excess;       /* (value - floor) / floor_sd; NaN when floor_sd is 0 */
    double corrected;    /* distance and similarity: median-unbiased estimate; else value - bias */
    double se;           /* standard deviation of the bootstrap */
    double low, high;    /* interval, see vmap_noise_find() */
    double p;            /* permutation test, (1 + b) / (1 + replicates); two-sided for differences and
                            (on the scale of logarithms) ratios */
    double p_equivalent; /* of "the true distance is the margin or more"; NaN for ratios */
    double detectable;   /* smallest true distance that the test finds with the power; NaN for ratios, and
                            when nothing on the line of vmap_noise_find() is large enough */
} vmap_noise;

/* What chance does to `metrics` in each of `pairs`; result is pairs x metrics, row after row.
 *
 * Test: labels are shuffled within strata (multivariate hypergeometric counts), Phipson & Smyth (2010), Stat.
 * Appl. Genet. Mol. Biol. 9, article 39, for the 1 added. Exact without weights.
 *
 * Interval of distances and similarities: the bootstrap has no coverage near 0, where all replicates are larger
 * than the truth. Therefore both sides are moved along the line through what they have in common, p(t) = m + t (p -
 * m), q(t) = m + t (q - m), m pooled, t from 0 (the same population) to 4.5 times the observed difference or what chance
 * makes, whichever is more; samples are drawn at eight t, and
 * those t stay in the interval at which the observed distance lies between the quantiles of the replicates (an
 * inverted test: Cox & Hinkley 1974, Theoretical Statistics, section 7.2; Garthwaite & Buckland 1992, Appl. Stat. 41,
 * 159-171, for resampling). `high` is at least the bias-corrected percentile of the bootstrap, because the line has the
 * spread of one direction only, and for ordered metrics at least that of populations whose means of |x - x_c|, for some
 * scale point x_c, differ by so many standard errors more than observed (the dual form of Wasserstein-1: Kantorovich &
 * Rubinstein 1958); the test of equivalence likewise. `low` is 0 when the same population cannot be rejected. `corrected` has the observed distance as its median. `detectable` is the distance at
 * which the power quantile reaches the critical value. Coverage in simulation: docs/methods.md.
 * Interval of differences and ratios: percentiles of the bootstrap.
 *
 * VMAP_EINVAL for options outside their range and pairs that vmap_metric_check() refuses; VMAP_ENOMEM.
 * Cost O(pairs x replicates x (K x strata + metrics x K)). */
vmap_status vmap_noise_find(const vmap_noise_pair *pairs, size_t count, const vmap_metric *const *metrics,
                            size_t metrics_count, const vmap_noise_options *options, vmap_noise *result,
                            vmap_error *err);

/* Bootstrap of one metric of one pair, without any regard to what chance alone would make. */
typedef struct vmap_noise_spread {
    double value, mean, se; /* observed; mean and standard deviation of the replicates */
    double low, high;       /* percentiles of the replicates; for distances see vmap_noise_find() */
} vmap_noise_spread;

/* The bootstrap that vmap_noise_find() draws (the same replicates for the same seed and stream), alone: about a tenth of
 * its cost. Of the options replicates, level, seed and threads count. result is pairs x metrics, row after row; NaN where
 * some replicates are not finite. Errors as vmap_noise_find(). */
vmap_status vmap_noise_bootstrap(const vmap_noise_pair *pairs, size_t count, const vmap_metric *const *metrics,
                                 size_t metrics_count, const vmap_noise_options *options, vmap_noise_spread *result,
                                 vmap_error *err);

/* The bootstrap of every pair of groups, as vmap_metric_grids() has them: in each replicate the answers of every group are
 * drawn once, and all pairs are measured on the same draws, which for one pair is the bootstrap of vmap_noise_bootstrap() with
 * other random numbers. What follows from one group alone (logarithms, roots, cumulative shares) is found once for all its pairs.
 *   metrics   `count` rows of vmap_metrics; VMAP_EINVAL for others
 *   base, smoothing  as in vmap_metric_pair
 *   options   replicates, level, seed and threads count; the streams of random numbers are those of the places of grid and
 *             group, so that results hang neither on threads nor on the groups that come after
 *   result    one array for each grid: count x a x b, metric after metric; NaN where a group has no answers or some
 *             replicates are not finite
 * Errors as vmap_noise_find(). Cost O(a x b x replicates x (count + k), for w2 k^2) for each grid; memory for each thread
 * O((a + b) x k x replicates) counts of 4 bytes and 9 x replicates x k x 48 bytes. */
vmap_status vmap_noise_bootstrap_grids(const vmap_metric *const *metrics, size_t count, const vmap_metric_grid *grids,
                                       size_t grids_count, double base, double smoothing, const vmap_noise_options *options,
                                       vmap_noise_spread *const *result, vmap_error *err);

#endif
