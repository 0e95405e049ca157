#ifndef VALUEMAP_FACTOR_SUITABILITY_H
#define VALUEMAP_FACTOR_SUITABILITY_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"

/* Is a correlation matrix fit for factor analysis? */

typedef struct vmap_suitability {
    size_t p;
    double n;                   /* respondents that the test counts on */
    bool regular;               /* R is positive definite; if not, everything that needs its inverse is NaN */
    double smallest, largest;   /* eigenvalue */
    double condition;           /* sqrt(largest / smallest), Belsley's index: above 30 is trouble; NaN if not
                                   regular */
    double log_determinant;     /* ln |R| */
    double kmo;                 /* Kaiser-Meyer-Olkin measure of sampling adequacy, 0..1 */
    gsl_vector *msa;            /* p: the same of each item */
    gsl_vector *smc;            /* p: squared multiple correlation with all others */
    gsl_matrix *anti_image;     /* p x p: minus the partial correlations given all others; msa in the diagonal */
    double chi2, df, p_value;   /* Bartlett's test of no correlation at all; NaN when n is too small for it */
    bool *cause;                /* p: the item has a part in a combination without variance; false for all when
                                   regular */
    size_t causes;              /* items that have */
} vmap_suitability;

/* Judge a correlation matrix.
 *   r  p x p, symmetric with a unit diagonal, not modified; it may be singular: that is a result
 *   n  respondents (with weights Kish's effective number); NaN: not known, no test
 * KMO: Kaiser & Rice (1974), Educ. Psychol. Meas. 34, 111-117: S r^2 / (S r^2 + S q^2) over pairs, q the partial
 * correlations; bands from .9 (marvellous) to below .5 (unacceptable). Test: Bartlett (1950), Br. J. Stat.
 * Psychol. 3, 77-85: -(n - 1 - (2p + 5) / 6) ln |R| with p (p - 1) / 2 degrees of freedom, from the log-determinant
 * (the determinant itself underflows). Condition: Belsley, Kuh & Welsch (1980), section 3.2.
 * Items are a cause when they have a coefficient of at least .1 times the largest in an eigenvector whose
 * eigenvalue is below 1e-8: duplicates and sums are named, bystanders are not.
 * Errors: VMAP_EINVAL (shape), VMAP_EDATA (NaN), VMAP_ENOMEM. Cost O(p^3). */
vmap_status vmap_suitability_new(const gsl_matrix *r, double n, vmap_suitability **result, vmap_error *err);
void vmap_suitability_free(vmap_suitability *suitability);

/* Kaiser's word for a KMO: "marvellous" (.9), "meritorious" (.8), "middling" (.7), "mediocre" (.6), "miserable"
 * (.5), "unacceptable"; "not defined" for NaN. */
const char *vmap_suitability_word(double kmo);

#endif
