#ifndef VALUEMAP_METRICS_H
#define VALUEMAP_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/error.h"

/* How far apart two distributions on the same scale points are: one const array of metrics, each with
 * its formula, range, base and normaliser.
 *
 * p stands for people and q for personas. Both are shares on the K *declared* scale points of an item
 * (not on the codes that happen to occur), each adding up to 1; F and G are their cumulative shares and
 * x_1 < ... < x_K the codes. Differences are "personas minus people", ratios "personas over people".
 *
 * Where a formula needs numbers of respondents, these are effective ones: (S w)^2 / S w^2 with weights
 * (Kish 1965, Survey Sampling, section 11.7).
 */

/* The two distributions; nothing is modified or kept. */
typedef struct vmap_metric_pair {
    size_t k;           /* K >= 2 */
    const double *p;    /* K shares of people, adding up to 1 */
    const double *q;    /* K shares of personas, adding up to 1 */
    const double *code; /* K ascending codes */
    double n_p, n_q;    /* effective numbers of respondents behind p and q, more than 0 */
    double base;        /* of logarithms: 2 or e (M_E) */
    double smoothing;   /* a >= 0 of Kullback-Leibler and Jeffreys: a pseudo-answers on each scale
                           point, p' = (n_p p + a) / (n_p + K a), and likewise q'; 0: none */
} vmap_metric_pair;

typedef enum vmap_metric_kind {
    VMAP_METRIC_DISTANCE,   /* 0 for the same distribution, larger is farther */
    VMAP_METRIC_SIMILARITY, /* `same` for the same distribution, smaller is farther */
    VMAP_METRIC_SIGNED,     /* 0 for the same distribution, the sign says who has more */
    VMAP_METRIC_RATIO       /* 1 for the same distribution */
} vmap_metric_kind;

/* One metric. Texts are constants for help, tables and documents. */
typedef struct vmap_metric {
    const char *name;    /* as options and columns have it: letters, digits, _ */
    const char *help;    /* one line */
    const char *formula; /* in p, q, F, G, x, n, as above; S is a sum over scale points */
    const char *range;   /* "0..1": least and greatest possible value */
    const char *scale;   /* base and normaliser: "log base", "code steps", "none" ... */
    const char *source;
    vmap_metric_kind kind;
    bool ordered;    /* needs ordered scale points: not defined for nominal items */
    bool symmetric;  /* exchanging p and q (and n_p and n_q) does not change it, or only its sign */
    bool uses_n;     /* depends on n_p and n_q beyond p and q */
    bool uses_base;  /* depends on the base of logarithms */
    double same;     /* value for the same distribution */
    /* The greatest value possible on these scale points (INFINITY when there is none); for a similarity
     * the least one. */
    double (*most)(const vmap_metric_pair *pair);
    /* The value. INFINITY where the formula says so (a logarithm of 0); NaN where it is not defined
     * (a ratio to a variance of 0). Cost O(K). */
    double (*of)(const vmap_metric_pair *pair);
} vmap_metric;

extern const vmap_metric vmap_metrics[];
extern const size_t vmap_metrics_count;

/* The metric of that name; VMAP_ENOENT with the nearest name, or all of them. */
vmap_status vmap_metric_find(const char *name, const vmap_metric **metric, vmap_error *err);

/* Whether a pair makes sense: VMAP_EINVAL for fewer than two points, codes that do not ascend, a
 * negative or missing share, shares that do not add up to 1 (to 1e-9), numbers of respondents that are
 * not positive, a base other than 2 or e, negative smoothing. vmap_metric.of() itself does not check. */
vmap_status vmap_metric_check(const vmap_metric_pair *pair, vmap_error *err);

/* How much larger than its true value the plug-in Jensen-Shannon divergence of two samples of the same
 * population is on average, to first order: (K - 1)/8 (1/n_p + 1/n_q) / ln(base). */
double vmap_metric_jsd_bias(size_t k, double n_p, double n_q, double base);

/* One item: its distributions in groups of people and of personas. Nothing is modified or kept. */
typedef struct vmap_metric_grid {
    size_t k;           /* scale points */
    const double *code; /* k ascending codes */
    size_t a, b;        /* groups of people and of personas */
    const double *p, *q; /* a x k, b x k shares, group after group; NaN as first share: nobody answered */
    const double *n_p, *n_q; /* a, b effective numbers */
} vmap_metric_grid;

/* Every metric of every pair of groups, for many items at once: up to rounding what of() gives (to 1e-12 of the larger of 1
 * and the value; roots of what is 0 but for rounding to 1e-7), at a small part of its cost, because what metrics share is
 * found once and eight pairs are computed side by side.
 *   metrics   `count` rows of vmap_metrics; VMAP_EINVAL for others
 *   base      of logarithms, smoothing: as in vmap_metric_pair
 *   value     one array for each grid: count x a x b, metric after metric; NaN where a group has no answers
 *   threads   0: one per processor; the result does not depend on it
 * Shares are not checked. Cost O(count x a x b x k), for w2 k^2; VMAP_ENOMEM. */
vmap_status vmap_metric_grids(const vmap_metric *const *metrics, size_t count, const vmap_metric_grid *grids,
                              size_t grids_count, double base, double smoothing, unsigned threads,
                              double *const *value, vmap_error *err);

/* Mean distance over items of every pair of groups: the same as calling of() for each item and pair, and
 * much faster, because what depends on one group alone (entropies, cumulative shares) is computed once.
 *   metric   w1, w1_scaled, tv, jsd or js_distance; VMAP_EINVAL for any other
 *   p        a x width shares of people's groups, row after row, items side by side; an item that a
 *            group did not answer has NaN as its first share
 *   q        b x width likewise
 *   offset   items + 1: item j stands in the columns offset[j] .. offset[j + 1] - 1; width is the last
 *   code     width ascending codes (within each item)
 *   use      items: whether the item counts
 *   mean     a x b means over the items that both groups answered; NaN where there is none
 *   threads  0: one per processor; the result does not depend on it
 * Cost O(a b width); VMAP_ENOMEM. */
vmap_status vmap_metric_means(const vmap_metric *metric, double base, const double *p, size_t a,
                              const double *q, size_t b, const size_t *offset, size_t items,
                              const double *code, const bool *use, unsigned threads, double *mean,
                              vmap_error *err);

#endif
