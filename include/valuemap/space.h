#ifndef VALUEMAP_SPACE_H
#define VALUEMAP_SPACE_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/codebook.h"
#include "valuemap/error.h"
#include "valuemap/moments.h"

/* A value space: the frozen way from p raw answers to a position on k axes.
 *
 * A space is fitted once on human answers (or shipped, like "iw2023") and then only read: personas
 * are projected into it, never part of the fit. Its file is one JSON object that holds everything
 * that projecting needs, the definitions of the items included.
 *
 * Units: everything in this struct is in map units of the space's affine convention (see
 * vmap_space_set_affine): an axis has scale[j] standard deviations of a standardised score per unit
 * of score, and shift[j] is where the score 0 lies.
 */

/* Mean position of a human group. */
typedef struct vmap_position {
    char *group;       /* as in the data: a country code, or labels joined by " / " */
    int year;          /* 0 when the group has none */
    size_t n;          /* respondents behind it; 0 when unknown */
    double n_eff;      /* Kish's effective number; NaN when unknown */
    gsl_vector *at;    /* k */
    gsl_vector *se;    /* k standard errors; NULL when unknown */
    gsl_vector *items; /* p weighted means of the raw items, NaN where nobody answered; NULL when
                          unknown */
} vmap_position;

typedef struct vmap_space {
    char *name;        /* letters, digits, _ and - */
    char *title;
    char *source;      /* where it comes from: a citation or "fitted on FILE" */
    char *limits;      /* what it cannot do; NULL when nothing is to be said */
    bool simulated;    /* fitted on simulated data */
    size_t p, k;
    char **items;      /* p names */
    vmap_axis *axes;   /* k */
    gsl_vector *low, *high; /* p: least and largest valid code */

    /* The projection of complete answers x (raw codes): position = intercept + weights' x. */
    gsl_vector *intercept; /* k */
    gsl_matrix *weights;   /* p x k */
    char *affine;          /* name of the affine convention in force */
    gsl_vector *scale, *shift; /* k */

    /* The reference population, which says what a missing answer would have been. */
    char *population;   /* in words */
    gsl_vector *mean, *sd; /* p */
    gsl_matrix *r;      /* p x p correlation */
    gsl_matrix *within; /* k x k covariance of respondents' positions around their group's mean */
    char *within_source; /* how `within` was had, in words */

    /* How it was fitted; NULL in a space that was not fitted here. */
    gsl_matrix *n;         /* p x p respondents behind each correlation */
    gsl_matrix *unrotated; /* p x k */
    gsl_matrix *rotation;  /* k x k, unrotated x rotation = loadings */
    gsl_vector *eigenvalues; /* p */
    /* Correlations of items and axes; from the published projection in a space not fitted here. */
    gsl_matrix *loadings;  /* p x k; NULL when unknown */

    char *group_columns; /* what defines the positions: "B_COUNTRY_ALPHA"; NULL without positions */
    vmap_position *positions;
    size_t positions_count;

    vmap_codebook **codebooks; /* for reading answer files, the first one preferred; owned */
    size_t codebooks_count;
} vmap_space;

typedef struct vmap_fit_options {
    size_t axes;                /* number of components; 0 (default): as many as the codebook names,
                                   or 2 */
    vmap_missing_rule missing;  /* [VMAP_PAIRWISE] */
    const char *name;           /* of the space ["fitted"] */
    const char *source;         /* in words [""] */
} vmap_fit_options;

/* Fit a space: weighted correlations, principal components, varimax with Kaiser normalisation, axes
 * and signs by the content that the codebook names, unit-variance scores; no affine ("none").
 *   codebook  gives item names and axes; p analysed items of it, in its order
 *   use       p: whether the file has the item; items that are not used are left out of the space
 *   values    n x p raw codes, NaN = missing, not modified
 *   weights   n, or NULL
 * The official recipe: World Values Survey Association, syntax of the cultural map (2023).
 * An axis is the component on which its anchor loads most among those that no earlier axis has, so with
 * two axes the second is what the first leaves (the official recipe asks only for Y002); where the
 * anchor loads more on another axis the caller should say so.
 * Errors: VMAP_EDATA with the item's name (constant item, unanswered item, pair without
 * respondents), fewer than two usable items, an axis whose anchors are all missing; VMAP_ESINGULAR;
 * VMAP_ENOMEM.
 * The space takes no codebook: give it one with vmap_space_add_codebook(). */
vmap_status vmap_space_fit(const vmap_codebook *codebook, const bool *use, const double *values,
                           size_t n, const double *weights, const vmap_fit_options *options,
                           vmap_space **space, vmap_error *err);
void vmap_space_free(vmap_space *space);

/* Hand a codebook over to the space, which frees it; it must define every item of the space. */
vmap_status vmap_space_add_codebook(vmap_space *space, vmap_codebook *codebook, vmap_error *err);

/* Hand a position over: the vectors are copied (se and items may be NULL). */
vmap_status vmap_space_add_position(vmap_space *space, const char *group, int year, size_t n,
                                    double n_eff, const gsl_vector *at, const gsl_vector *se,
                                    const gsl_vector *items, vmap_error *err);

/* Read and write the JSON file; docs/space-file.md describes every key. Reading checks all shapes, that
 * everything that positions are computed from is there and finite, that the correlations are
 * symmetric with ones in the diagonal, and that scale and shift are those of the affine convention.
 * Errors: VMAP_ENOENT, VMAP_EIO, VMAP_EPARSE with line and column, VMAP_EDATA naming the key. */
vmap_status vmap_space_read(const char *path, vmap_space **space, vmap_error *err);
vmap_status vmap_space_write(const vmap_space *space, const char *path, vmap_error *err);

/* Affine conventions of the Inglehart-Welzel map: position = scale x score + shift. */
typedef struct vmap_affine {
    const char *name, *help;
    double survself[2], tradrat[2]; /* scale, shift */
} vmap_affine;
extern const vmap_affine vmap_affines[];
extern const size_t vmap_affines_count;

/* Express the space in another convention; everything that has map units follows. "none" fits every
 * space; the others need the axes survself and tradrat. VMAP_ENOENT for an unknown name. */
vmap_status vmap_space_set_affine(vmap_space *space, const char *affine, vmap_error *err);

/* The linear map for one pattern of answered items: the expected position given the answered items o,
 *     a + w_o' x_o + w_m' (mu_m + S_mo S_oo^-1 (x_o - mu_o)),
 * with mu and S of the reference population, and what stays unknown about it. */
typedef struct vmap_operator {
    size_t used;          /* number of answered items */
    gsl_vector *constant; /* k */
    gsl_matrix *weights;  /* p x k, zero for items that were not answered */
    gsl_matrix *cov;      /* k x k posterior covariance w_m' (S_mm - S_mo S_oo^-1 S_om) w_m */
    gsl_vector *share;    /* k: part of the score's variance that the answered items explain, 0..1 */
} vmap_operator;

/* observed: p flags. No item answered gives the population's mean with its whole variance.
 * VMAP_ESINGULAR when the answered items' correlations are not positive definite. */
vmap_status vmap_operator_new(const vmap_space *space, const bool *observed, vmap_operator **op,
                              vmap_error *err);
void vmap_operator_free(vmap_operator *op);

typedef struct vmap_projection {
    size_t n, p, k;
    size_t min_items;
    double *at;      /* n x k, row after row; NaN where fewer than min_items were answered */
    double *sd;      /* n x k posterior standard deviations, 0 for complete answers; NaN likewise */
    size_t *used;    /* n: items answered */
    size_t *pattern; /* n: index into `operators`; without a position that of no answers */
    vmap_operator **operators;
    size_t patterns;
} vmap_projection;

/* Project n respondents.
 *   values     n x p raw codes in the order of the space's items, NaN = missing, not modified
 *   min_items  fewest answers for a position, at least 1
 * Complete answers give the exact score; each distinct pattern of missing answers is solved once.
 * A linear function of normal variables: with coarse answers the posterior is an approximation.
 * Cost O(n p k + patterns p^3). */
vmap_status vmap_space_project(const vmap_space *space, const double *values, size_t n,
                               size_t min_items, vmap_projection **projection, vmap_error *err);
void vmap_projection_free(vmap_projection *projection);

/* Position of the one who answers the midpoint of every scale. */
void vmap_space_midpoint(const vmap_space *space, gsl_vector *at);

#endif
