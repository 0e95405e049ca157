#ifndef EXTRACT_INTERNAL_H
#define EXTRACT_INTERNAL_H

#include "core/leading.h"
#include "valuemap/factor_extract.h"

/* What the methods of extraction share; not exported. */

/* A run of one method from one start. */
typedef struct {
    const gsl_matrix *r;
    const vmap_extract_options *options;
    double log_determinant;    /* of r, for ML */
    double squares;            /* sum of those of r, for ULS */
    leading *warm;             /* for ULS and ML of many items, begun with vectors of r; else NULL */
    const gsl_matrix *inverse; /* of r, for GLS; else NULL */
    gsl_matrix *loadings;      /* p x k: the result */
    gsl_vector *psi;           /* p: the start, then the result */
    double discrepancy, gradient;
    size_t iterations;
    bool converged;
    /* what starts of ULS, ML and GLS leave for those after them */
    gsl_matrix *optima;        /* starts x p: ln psi (ULS: psi) of optima; NULL with a single start */
    double *optima_f;          /* their discrepancies */
    size_t known;              /* how many */
    bool repeated;             /* the start was left on its way to one of them: no loadings */
} extract_run;

/* ULS, ML and GLS: discrepancies of psi alone, with the loadings that are best for it. */
vmap_status extract_concentrated(extract_run *run, vmap_error *err);
/* Principal axes. */
vmap_status extract_axes(extract_run *run, vmap_error *err);
/* Weighted least squares over pairs of items. */
vmap_status extract_pairs(extract_run *run, vmap_error *err);

#endif
