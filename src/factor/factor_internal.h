#ifndef FACTOR_INTERNAL_H
#define FACTOR_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_rng.h>

#include "valuemap/error.h"

struct vmap_parallel_data;

/* What the parts of the module share; not exported. */

/* Tucker's congruence of column i of a with column j of b; 0 where one of them is zero. */
double factor_phi(const gsl_matrix *a, size_t i, const gsl_matrix *b, size_t j);

/* Turn columns a and b of the loadings, and those of the rotation with them, by Kaiser's angle (1958), which makes the
 * varimax criterion of the two as large as it can be; returns the angle. */
double factor_turn_pair(gsl_matrix *loadings, gsl_matrix *rotation, size_t a, size_t b);

/* Loadings of one factor that minimise the squared off-diagonal residuals of r: every loading in turn has
 * its optimum given the others in closed form, held within -1..1 (Harman & Jones 1966, Psychometrika 31,
 * 351-368; Harman & Fukuda 1966 for the bound), until none changes by more than `tolerance` or after
 * `sweeps` rounds. Returns whether one is at its bound. */
bool factor_fit_one(const gsl_matrix *r, double tolerance, int sweeps, double *loading);

/* A correlation matrix of n respondents from a normal distribution, drawn without data.
 *   root  p x p with root root' = the population's correlations; NULL: independent items
 *   room  p x p
 *   r     p x p
 * Bartlett's decomposition: the covariances are A A' with A lower triangular, squares of its diagonal
 * chi-square with n - 1 - i degrees of freedom. n > p is needed. */
void factor_draw_correlation(gsl_rng *rng, double n, const gsl_matrix *root, gsl_matrix *room,
                             gsl_matrix *r);

/* Categories and weighted shares of each item of the answers. */
typedef struct factor_margins {
    size_t *levels; /* p: categories of each item */
    double **value; /* p: their values, ascending */
    double **until; /* p: cumulative shares; the last is 1 */
} factor_margins;

/* VMAP_EDATA for a constant item. Free with factor_margins_free(), also after an error. */
vmap_status factor_margins_find(const struct vmap_parallel_data *data, size_t p, factor_margins *margins, vmap_error *err);
void factor_margins_free(factor_margins *margins, size_t p);
/* The value of the first category of item i whose cumulative share exceeds u. */
double factor_margins_draw(const factor_margins *margins, size_t i, double u);

/* Wilcoxon's rank sum test that x tends to be smaller than y: p by the normal distribution, corrected for ties and
 * continuity, as R's wilcox.test(x, y, "less", exact = FALSE). Sorts `room` (nx + ny). */
double factor_smaller(const double *x, size_t nx, const double *y, size_t ny, double *room);

/* The noncentrality under which a chi-square with df degrees of freedom is at most `chi2` with this
 * probability; 0 when even the central one is. Ends of the 90 % interval: .95 and .05. */
double factor_noncentrality(double chi2, double df, double probability);

#endif
