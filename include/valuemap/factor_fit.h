#ifndef VALUEMAP_FACTOR_FIT_H
#define VALUEMAP_FACTOR_FIT_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>

#include "valuemap/error.h"
#include "valuemap/factor_extract.h"

/* How well a factor solution reproduces the correlations.
 *
 * Programs disagree about indices of fit because they put chi-square on different scales. Both are given: the
 * *plain* one, (n - 1) F as lavaan and EFAtools have it, and *Bartlett's*, (n - 1 - (2p + 5)/6 - 2k/3) F as R's
 * factanal and SPSS have it. F is the discrepancy of maximum likelihood, whatever the method of extraction: of
 * other solutions than those of ML it is not the minimum, and the test is approximate.
 */

/* Indices that follow from chi-square, on one scale. */
typedef struct vmap_fit_scale {
    double chi2, p_value;           /* NaN without degrees of freedom */
    double null_chi2;               /* of the model without factors */
    double rmsea, low, high;        /* and its 90 % interval by the noncentral chi-square */
    double tli, cfi;                /* Tucker & Lewis (1973), Bentler (1990) */
} vmap_fit_scale;

typedef struct vmap_factor_fit {
    size_t p, k;
    double n;
    double df, null_df;
    double discrepancy;             /* F = ln|S| - ln|R| + tr(R S^-1) - p with S = L phi L' + Psi; NaN for components
                                       and where R or S is not positive definite */
    vmap_fit_scale plain, bartlett;
    double aic, bic, sabic;         /* chi2 - 2 df, chi2 - df ln n, chi2 - df ln((n + 2)/24); of Bartlett's chi2, as
                                       psych */
    double srmr;                    /* sqrt(S_{i<j} e^2 / (p (p + 1) / 2)) */
    double rmsr;                    /* sqrt(S_{i<j} e^2 / (p (p - 1) / 2)) */
    double rmsr_df;                 /* sqrt(S_{i<j} e^2 / df) */
    double caf;                     /* common part accounted for: 1 - KMO of the residual correlations (Lorenzo-Seva,
                                       Timmerman & Kiers 2011) */
    gsl_matrix *residual;           /* p x p: R - L phi L'; the diagonal is what is left of each item */
    size_t large, pairs;            /* |e| > .05, of all pairs */
    double largest;                 /* the e of largest size */
    size_t i, j;                    /* and its pair, i > j */
} vmap_factor_fit;

/* Judge a solution.
 *   r         p x p, what it was extracted from; not modified
 *   n         respondents (with weights Kish's effective number); NaN: not known, no chi-square
 * Sources: Lawley & Maxwell (1971), section 4.3; Bartlett (1951); RMSEA Steiger & Lind (1980), interval Browne &
 * Cudeck (1993); SRMR Bentler (1995). An interval that does not hold its point (chi2 < df) is 0 at its lower end.
 * Errors: VMAP_EINVAL (shape), VMAP_ENOMEM. Cost O(p^3). */
vmap_status vmap_factor_fit_new(const gsl_matrix *r, const vmap_factor_solution *solution, double n,
                                vmap_factor_fit **fit, vmap_error *err);
void vmap_factor_fit_free(vmap_factor_fit *fit);

#endif
