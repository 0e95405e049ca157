#ifndef VALUEMAP_MOMENTS_H
#define VALUEMAP_MOMENTS_H

#include <stddef.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"

/* Weighted means, variances and correlations of n respondents on p items, with missing values.
 *
 * Data are n x p, row after row, NaN where a value is missing. Weights are sampling (probability)
 * weights: they say whom a respondent stands for, not how many respondents there are; a respondent
 * of weight 0 counts nowhere. Scaling all weights changes nothing.
 */

typedef enum vmap_missing_rule {
    VMAP_PAIRWISE, /* each pair of items: all respondents who answered both */
    VMAP_LISTWISE  /* respondents who answered every item */
} vmap_missing_rule;

/* Name of a rule ("pairwise"), and the rule of a name (VMAP_ENOENT when there is none). */
const char *vmap_missing_rule_name(vmap_missing_rule rule);
vmap_status vmap_missing_rule_find(const char *name, vmap_missing_rule *rule, vmap_error *err);

typedef struct vmap_moments {
    size_t p;
    size_t rows;       /* respondents with positive weight who enter any statistic */
    gsl_vector *mean;  /* p: weighted mean over everyone (of the rule) who answered the item */
    gsl_vector *sd;    /* p: the same for the standard deviation, divisor sum of weights */
    gsl_matrix *r;     /* p x p correlation; unit diagonal */
    gsl_matrix *n;     /* p x p number of respondents behind each element */
    gsl_matrix *n_eff; /* p x p Kish's effective number, (sum w)^2 / sum w^2 */
} vmap_moments;

/* Weighted correlations. Every pair has its own respondents, and over exactly these its own weights,
 * means and variances:  r = S v (x - mx)(y - my) / sqrt(S v (x - mx)^2  S v (y - my)^2),  v = w/S w,
 * sums over the respondents of the pair. (Taking means or normalising weights over other respondents
 * biases r as soon as values are missing.)
 *   values   n x p, NaN = missing, not modified
 *   weights  n, not negative; NULL: all 1
 *   moments  the result, to be freed with vmap_moments_free()
 * Errors: VMAP_EDATA for an item nobody answered, a constant item, a pair that fewer than three
 * respondents answered together or in which an item is constant (err->column names the item by its
 * number, from 1; the caller knows its name); VMAP_EINVAL for p < 2 or a bad weight.
 * With several OpenBLAS threads the last bits may differ from those with one.
 * Cost: O(n p^2) in matrix products; memory O(p^2). */
vmap_status vmap_moments_correlate(const double *values, size_t n, size_t p, const double *weights,
                                   vmap_missing_rule rule, vmap_moments **moments, vmap_error *err);
void vmap_moments_free(vmap_moments *moments);

/* Sum of weights and Kish's effective number (sum w)^2 / sum w^2 of n weights (NULL: all 1); 0 for
 * an empty sum. Kish (1965), Survey Sampling, section 11.7. */
double vmap_weight_sum(const double *weights, size_t n);
double vmap_weight_n_eff(const double *weights, size_t n);

#endif
