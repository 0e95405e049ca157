#ifndef VALUEMAP_GROUP_TESTS_H
#define VALUEMAP_GROUP_TESTS_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/error.h"
#include "valuemap/multiplicity.h"

/* Do several groups (models, countries) differ in one number, and which of them?
 *
 * Analysis of variance by two factors with Tukey's intervals, Kruskal and Wallis' test with Dunn's
 * comparisons, Friedman's test with Nemenyi's. Observations are equally weighted and independent of
 * one another given their factors: hand in one number per model and item, or model and cell, not
 * single answers of the same respondents.
 *
 * Levels of a factor are numbered from 0. NaN in y is a missing observation: it is left out and
 * counted.
 */

/* One comparison of two levels or groups i < j. NaN where it is not defined. */
typedef struct vmap_group_pair {
    size_t i, j;
    double difference; /* of i minus j: means, or mean ranks */
    double lo, hi;     /* simultaneous interval of the difference; NaN for Dunn */
    double statistic;  /* studentized range (Tukey, Nemenyi) or z (Dunn) */
    double p;          /* Tukey and Nemenyi: adjusted for all pairs; Dunn: of this test alone */
    double p_adjusted; /* Tukey and Nemenyi: p; Dunn: by the method asked for */
} vmap_group_pair;

/* Number of pairs of k groups; they are written in the order (0,1), (0,2), ..., (1,2), ... */
size_t vmap_group_pairs(size_t k);

/* ---- two factors ---- */

typedef enum vmap_anova_sums {
    VMAP_ANOVA_SEQUENTIAL =
        1, /* type I: the first factor by itself, the second given the first (R) */
    VMAP_ANOVA_MARGINAL = 2,  /* type II: each factor given the other */
    VMAP_ANOVA_UNWEIGHTED = 3 /* type III: differences of unweighted means of cells (SPSS, Stata);
                                 needs an observation in each cell */
} vmap_anova_sums;

typedef struct vmap_anova_settings {
    vmap_anova_sums
        sums; /* [VMAP_ANOVA_MARGINAL]; all three are the same when the design is balanced */
    bool interaction; /* [true] where cells hold several observations; else the error is what the
                         two factors leave, interaction included */
} vmap_anova_settings;
extern const vmap_anova_settings vmap_anova_defaults;

typedef struct vmap_anova_row {
    double sum;            /* of squares */
    size_t df;             /* 0: there is no such row, and the rest of it is NaN */
    double mean_square;    /* sum / df */
    double f, p;           /* against the error; NaN for error and total, and when the error is 0 */
    double eta2;           /* sum / total sum */
    double partial_eta2;   /* sum / (sum + error sum) */
    double partial_omega2; /* df (F - 1) / (df (F - 1) + n), less biased; may be below 0 */
} vmap_anova_row;

typedef struct vmap_anova_means {
    size_t levels;
    double *mean; /* adjusted: each level averaged over all levels of the other factor, every one of
                     which counts alike; of the two-factor model, or of cells for UNWEIGHTED */
    double *cov;  /* levels x levels: covariance of the means but for sigma^2 and a constant that
                     differences do not have */
    size_t *count; /* observations */
} vmap_anova_means;

typedef struct vmap_anova {
    size_t n, left_out;
    vmap_anova_row first, second, interaction, error, total;
    vmap_anova_means of_first, of_second;
} vmap_anova;

/* y, first and second have n elements; first is below a >= 1, second below b >= 1. b = 1 makes it
 * the analysis of one factor. VMAP_EDATA when nothing is left for the error, when a level has no
 * observation, when no chain of shared levels connects all levels (their means cannot be compared),
 * or when UNWEIGHTED meets an empty cell; VMAP_ENOMEM. Source: Searle (1971), Linear Models,
 * chapters 7 and 8; Yates (1934), JASA 29, 51-66, for type III. Cost O(n + a b max(a, b) + a^3 +
 * b^3). */
vmap_status vmap_anova_new(const double *y, const size_t *first, const size_t *second, size_t n,
                           size_t a, size_t b, const vmap_anova_settings *settings,
                           vmap_anova **anova, vmap_error *err);
void vmap_anova_free(vmap_anova *anova);

/* All pairs of levels of one factor (`means` is &anova->of_first or of_second), with simultaneous
 * intervals at `level` (0.95): Tukey's for balanced designs, Tukey and Kramer's else (Kramer 1956,
 * Biometrics 12, 307-310), which is conservative (Hayter 1984, Annals of Statistics 12, 61-75).
 * pairs: vmap_group_pairs(levels). VMAP_EINVAL for a level outside 0..1. */
vmap_status vmap_tukey(const vmap_anova *anova, const vmap_anova_means *means, double level,
                       vmap_group_pair *pairs, vmap_error *err);

/* ---- ranks ---- */

typedef struct vmap_rank_test {
    size_t n;         /* observations (Kruskal and Wallis) or complete blocks (Friedman) */
    size_t left_out;  /* missing observations, or blocks with one */
    size_t k;         /* groups or treatments */
    double statistic; /* chi-square, corrected for ties; NaN when all ranks are tied */
    size_t df;        /* k - 1 */
    double p;
    double effect;     /* Kruskal and Wallis: epsilon^2 = H / (n - 1); Friedman: Kendall's W */
    double f, p_f;     /* Friedman: Iman and Davenport's F with k - 1 and (k - 1)(n - 1) degrees of
                          freedom, which keeps its level better; NaN for Kruskal and Wallis */
    double *mean_rank; /* k; ties share the mean of their ranks; 1 is the smallest */
    size_t *count;     /* k: observations */
    double ties;       /* S (t^3 - t) over groups of t ties */
} vmap_rank_test;
void vmap_rank_test_free(vmap_rank_test *test);

/* Kruskal and Wallis (1952), JASA 47, 583-621. y and group have n elements, group below k >= 2.
 * VMAP_EDATA when a group has no observation; VMAP_ENOMEM. Cost O(n log n). */
vmap_status vmap_kruskal_new(const double *y, const size_t *group, size_t n, size_t k,
                             vmap_rank_test **test, vmap_error *err);

/* All pairs after vmap_kruskal_new(): z of the difference of mean ranks with the variance of all
 * groups, corrected for ties, two-sided (Dunn 1964, Technometrics 6, 241-252). */
vmap_status vmap_dunn(const vmap_rank_test *test, const vmap_adjustment *adjustment,
                      vmap_group_pair *pairs, vmap_error *err);

/* Friedman (1937), JASA 32, 675-701; Iman and Davenport (1980), Comm. Stat. A9, 571-595. y: blocks
 * x k, row after row (a block is an item or a cell, a treatment a model); k >= 2. A block with NaN
 * is left out. VMAP_EDATA with fewer than two complete blocks; VMAP_ENOMEM. */
vmap_status vmap_friedman_new(const double *y, size_t blocks, size_t k, vmap_rank_test **test,
                              vmap_error *err);

/* All pairs after vmap_friedman_new(): mean ranks differ when |difference| reaches the critical
 * difference q_{k,inf} sqrt(k (k + 1) / (12 n)) (Nemenyi 1963; Demsar 2006, JMLR 7, 1-30). */
vmap_status vmap_nemenyi(const vmap_rank_test *test, double level, vmap_group_pair *pairs,
                         double *critical_difference, vmap_error *err);

#endif
