#ifndef MIXTURE_INTERNAL_H
#define MIXTURE_INTERNAL_H

#include "valuemap/cluster.h"

/* The covariances of a mixture and their M-step; not exported. */

/* S_g = volume_g D_g diag(shape_g) D_g', the shape of determinant 1. Where the family has one volume,
 * shape or orientation for all, every component holds a copy of it. */
typedef struct covariances {
    const vmap_mixture_family *family;
    size_t k, p;
    double *volume;   /* k */
    double *shape;    /* k x p */
    gsl_matrix **axes; /* k matrices p x p: D_g in columns */
    /* working room: */
    double *turned; /* k x p: diagonals of D' W D */
    gsl_matrix *sum, *product;
    gsl_vector *values;
} covariances;

vmap_status covariances_new(const vmap_mixture_family *family, size_t k, size_t p, covariances *c,
                            vmap_error *err);
void covariances_free(covariances *c);

/* The M-step: the covariances of the family that maximise the likelihood given the scatter of each
 * component around its mean.
 *   scatter  k matrices p x p: S_i z_ig w_i (x - m_g)(x - m_g)'
 *   count    k: S_i z_ig w_i
 *   least    variances at or below it are singular: VMAP_ESINGULAR
 * Families without a closed form are improved in turns until nothing changes by 1e-13 of itself;
 * common axes start from where they are. */
vmap_status covariances_fit(covariances *c, gsl_matrix *const *scatter, const double *count,
                            double least, vmap_error *err);

size_t covariances_parameters(const vmap_mixture_family *family, size_t k, size_t p);

#endif
