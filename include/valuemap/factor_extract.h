#ifndef VALUEMAP_FACTOR_EXTRACT_H
#define VALUEMAP_FACTOR_EXTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/error.h"

/* Extraction: k factors from a p x p correlation matrix R, by one of several methods.
 *
 * The model is R = L L' + Psi, with loadings L (p x k, items in rows) and uniquenesses psi; components have
 * no model of what is unique to an item. A solution is unrotated; vmap_factor_rotate() turns it.
 */

typedef enum vmap_extraction {
    VMAP_EXTRACT_PC,   /* principal components */
    VMAP_EXTRACT_PAF,  /* principal axes, iterated */
    VMAP_EXTRACT_ULS,  /* unweighted least squares, the same as minres */
    VMAP_EXTRACT_ML,   /* maximum likelihood */
    VMAP_EXTRACT_GLS,  /* generalised least squares */
    VMAP_EXTRACT_DWLS, /* least squares, each correlation weighted by its precision */
    VMAP_EXTRACTIONS
} vmap_extraction;

/* One row per method, in the order of the enumeration. */
typedef struct vmap_extraction_method {
    const char *name, *help, *source;
    bool unique;   /* has uniquenesses: all but components */
    bool inverts;  /* needs a positive definite R */
    bool variance; /* needs the sampling variance of every correlation */
    bool starts;   /* may have several optima: begins from several places */
} vmap_extraction_method;
extern const vmap_extraction_method vmap_extractions[VMAP_EXTRACTIONS];

/* The method of that name ("minres" is ULS, "pa" is PAF); VMAP_ENOENT names the others. */
vmap_status vmap_extraction_find(const char *name, vmap_extraction *method, vmap_error *err);

/* Where principal axes begin. */
typedef enum vmap_communality_start {
    VMAP_START_SMC,     /* squared multiple correlations; where R is singular, as LARGEST */
    VMAP_START_LARGEST, /* the largest |correlation| of the item */
    VMAP_START_ONE      /* 1 */
} vmap_communality_start;

typedef struct vmap_extract_options {
    vmap_extraction method;      /* [VMAP_EXTRACT_ULS] */
    size_t factors;              /* k [1] */
    const gsl_matrix *variance;  /* p x p sampling variances, for VMAP_EXTRACT_DWLS [NULL] */
    double bound;                /* least uniqueness of ULS, ML, GLS and DWLS, 0 < bound < 1 [.005, as
                                    R's factanal] */
    size_t starts;               /* the customary start and starts - 1 random ones; the best is kept [10] */
    uint64_t seed;               /* of the random ones [20230217] */
    size_t iterations;           /* most of them; 0: 10000 for PAF and DWLS, 500 for the others [0] */
    double tolerance;            /* PAF and DWLS: largest change of a communality; the others: largest element
                                    of the projected gradient; 0: 1e-10 and 1e-9 [0] */
    vmap_communality_start start; /* of PAF [VMAP_START_SMC] */
    bool sum;                    /* PAF: the change of the sum of communalities counts, as in psych [false] */
    bool absolute;               /* PAF: factors of largest |eigenvalue| [false] */
} vmap_extract_options;
void vmap_extract_defaults(vmap_extract_options *options);

/* How an item stands to the boundary of what is possible. */
typedef enum vmap_heywood {
    VMAP_HEYWOOD_NONE,
    VMAP_HEYWOOD_BOUNDARY, /* the uniqueness is at its bound */
    VMAP_HEYWOOD_ULTRA     /* the communality is above 1: no variance is left for the item itself */
} vmap_heywood;

/* A solution. Everything has the order of the items of R; factors by falling sum of squares, each with a
 * positive sum of loadings. What rotation adds is in the second part: after extraction the pattern is
 * `unrotated` itself, T and phi are identities. */
typedef struct vmap_factor_solution {
    vmap_extraction method;
    size_t p, k;
    gsl_matrix *unrotated;    /* p x k */
    gsl_vector *eigenvalues;  /* p of R, descending */
    gsl_vector *communality;  /* p: row sums of squares of `unrotated` */
    gsl_vector *uniqueness;   /* p: psi of the method; 1 - communality for PC, PAF and DWLS */
    vmap_heywood *heywood;    /* p */
    size_t heywoods;          /* items that have one */
    double discrepancy;       /* what the method minimises (ML: ln|S| - ln|R| + tr(R S^-1) - p; ULS: half the sum
                                 of squared residuals; GLS: tr((R^-1 S - I)^2) / 2; DWLS: half the weighted sum
                                 over pairs; NaN for PC and PAF) */
    double gradient;          /* largest element of its gradient at the solution that is not held by a bound: of
                                 ln psi for ML and GLS, psi for ULS, the loadings for DWLS; PAF: last change */
    size_t iterations;        /* of the start that won */
    bool converged;           /* false is a result, to be shown wherever the solution is */
    size_t starts;            /* tried */
    size_t optima;            /* distinct ones among those that converged (discrepancies apart by more than
                                 1e-7) */
    size_t agree;             /* starts that reached the best, or (ULS, ML, GLS) were on their way there: Newton's step
                                 led to it, from at most .25 of ln psi (ULS: .1 of psi) away */

    /* ---- after rotation ---- */
    bool oblique;
    gsl_matrix *pattern;      /* p x k: unrotated T, oblique: unrotated T'^-1 */
    gsl_matrix *rotation;     /* k x k T: orthogonal, or columns of unit length */
    gsl_matrix *phi;          /* k x k T'T: correlations of the factors */
    gsl_matrix *structure;    /* p x k pattern phi: correlations of items with factors */
    gsl_vector *variance;     /* k: diagonal of phi pattern' pattern, which sums to the communalities */
} vmap_factor_solution;

/* Extract factors.
 *   r         p x p correlations, symmetric with a unit diagonal; not modified
 *   solution  to be freed with vmap_factor_solution_free()
 * PC: Hotelling (1933). PAF: Thurstone (1947), Multiple-Factor Analysis, ch. VIII; SPSS FACTOR algorithms.
 * ULS: Harman & Jones (1966), Psychometrika 31, 351-368, concentrated over psi as Joreskog (1977), in Enslein et
 * al., Statistical Methods for Digital Computers, 125-153. ML: Lawley (1940), Joreskog (1967), Psychometrika 32,
 * 443-482, eq. 18-24. GLS: Joreskog & Goldberger (1972), Psychometrika 37, 243-260. DWLS: each item in turn has
 * its weighted least squares given the others (Harman & Fukuda 1966 without weights).
 * ULS, ML and GLS are minimised by Newton steps with bounds; the second derivatives use the k largest eigenvalues
 * alone and take the others as small, which changes the way to the optimum but not the optimum.
 * Cost: O(p^3) per iteration, some 5-10 iterations (PAF: hundreds). From 100 items on ULS and ML follow the k eigenvalues
 * from step to step (Saad 2011, ch. 6) and prove in the end that they are the largest.
 * Errors: VMAP_EINVAL (shape, k not in 1..p - 1 or p for PC, options), VMAP_EDATA (NaN, not symmetric, no unit
 * diagonal), VMAP_ESINGULAR (R not positive definite for ML, GLS), VMAP_ENOMEM. More parameters than
 * correlations is not an error: vmap_factor_df() is then negative and the caller decides. */
vmap_status vmap_factor_extract(const gsl_matrix *r, const vmap_extract_options *options,
                                vmap_factor_solution **solution, vmap_error *err);
void vmap_factor_solution_free(vmap_factor_solution *solution);

/* Degrees of freedom ((p - k)^2 - (p + k)) / 2 of k factors of p items; may be negative. */
double vmap_factor_df(size_t p, size_t k);

#endif
