#ifndef VALUEMAP_FACTOR_PRESET_H
#define VALUEMAP_FACTOR_PRESET_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>

#include "valuemap/error.h"
#include "valuemap/factor_extract.h"
#include "valuemap/factor_rotate.h"

/* Factor analysis as other programs do it, and which of their choices makes the difference.
 *
 * The same data and the same name of a method give other loadings in another program. Nearly all of it comes from
 * eight choices that manuals hardly mention (Grieder & Steiner 2022, Behav. Res. Methods 54, 54-74): four of principal
 * axes, four of rotation. Here they are switches with a value for each program; ours are the values that reach the
 * optimum of the criterion.
 *
 * How far each of them moves the loadings depends on the data: vmap_factor_why_new() measures it for the matrix at hand, one
 * switch at a time. VMAP_SWITCH_ORDER alone changes no loading, only the columns that they stand in.
 *
 * What is no switch: programs stop other methods (maximum likelihood, least squares, oblimin) a little before the
 * optimum, R's factanal some 4e-5 in the loadings. Signs: all here make column sums positive.
 */

typedef enum vmap_switch {
    VMAP_SWITCH_START,      /* communalities that principal axes begin with */
    VMAP_SWITCH_ABSOLUTE,   /* roots of negative eigenvalues: none, or of their size */
    VMAP_SWITCH_STOP,       /* what must change how little for principal axes to stop */
    VMAP_SWITCH_ITERATIONS, /* most of them */
    VMAP_SWITCH_VARIMAX,    /* way to the maximum of varimax, and where it stops; promax begins with it */
    VMAP_SWITCH_KAISER,     /* rotations that scale rows to unit length */
    VMAP_SWITCH_PROMAX,     /* power and target of promax */
    VMAP_SWITCH_ORDER,      /* of the factors after rotation */
    VMAP_SWITCHES
} vmap_switch;

/* One row per switch, in the order of the enumeration. */
typedef struct vmap_switch_row {
    const char *name, *help;
} vmap_switch_row;
extern const vmap_switch_row vmap_switches[VMAP_SWITCHES];

typedef enum vmap_varimax_way {
    VMAP_VARIMAX_EXACT, /* vmap_factor_varimax() */
    VMAP_VARIMAX_SVD,   /* all factors at once by singular values (Horst 1965, as R's varimax()): stops when their sum
                           grows by less than `eps` of itself */
    VMAP_VARIMAX_PLANAR /* one pair of factors after the other (Kaiser 1958, as SPSS): stops when the criterion
                           S_j (p S_i l^4 - (S_i l^2)^2) / p^2 changes by no more than `eps`, or after `iterations` */
} vmap_varimax_way;

/* Kaiser's normalisation: rows are scaled to unit length before rotation and back afterwards, so that items with small
 * communalities count as much as others (Kaiser 1958, Psychometrika 23, 187-200). Items with communality 0 stay 0. */
typedef enum vmap_kaiser_rule {
    VMAP_KAISER_CUSTOMARY, /* what vmap_rotations[] says: varimax and its kin and promax */
    VMAP_KAISER_VARIMAX,   /* varimax and promax alone, as R */
    VMAP_KAISER_ALWAYS, /* every rotation, oblique ones too */
    VMAP_KAISER_NEVER   /* none */
} vmap_kaiser_rule;

/* L are the varimax loadings, B the same with rows of unit length; the target is regressed on loadings. */
typedef enum vmap_promax_target {
    VMAP_PROMAX_PLAIN, /* powers of L regressed on L: Hendrickson & White (1964), R's promax() */
    VMAP_PROMAX_ROWS,  /* powers of B regressed on L: SPSS */
    VMAP_PROMAX_UNIT   /* powers of B regressed on B, rows scaled back afterwards: rotate = "promax" of psych */
} vmap_promax_target;

/* Factors stand by falling size; ties keep the order in which rotation left them. What counts as size: */
typedef enum vmap_factor_order {
    VMAP_ORDER_VARIANCE, /* diagonal of phi L'L, descending */
    VMAP_ORDER_SQUARES,  /* column sums of L^2, descending */
    VMAP_ORDER_BASE      /* the same of the varimax loadings that promax begins with; signs too are theirs */
} vmap_factor_order;

/* A value of every switch, in the order of vmap_switch; plain values, copied by assignment. */
typedef struct vmap_factor_switches {
    vmap_communality_start start; /* what communalities of principal axes begin with */
    bool absolute;      /* a negative eigenvalue counts by its size, as vmap_extract_options.absolute */
    bool sum;           /* stop: the change of the sum of communalities counts, else the largest change */
    double tolerance;   /* ... and is below this, in communalities */
    size_t iterations;  /* most; a solution that needs more is marked as not converged */
    vmap_varimax_way varimax;
    double eps;         /* of SVD and PLANAR */
    vmap_kaiser_rule kaiser;
    double power;       /* promax, unless the rotation's own parameter says otherwise */
    vmap_promax_target target;
    vmap_factor_order order;
} vmap_factor_switches;

/* Programs that can be followed. Versions change: vmap_presets[] says which one was read and what it was checked with. */
typedef enum vmap_preset {
    VMAP_PRESET_VALUEMAP, /* no detours: the optimum of each criterion */
    VMAP_PRESET_SPSS,     /* FACTOR */
    VMAP_PRESET_PSYCH,    /* R, fa() */
    VMAP_PRESET_STATA,    /* factor, rotate */
    VMAP_PRESET_FACTANAL, /* R, stats; only its rotations have switches */
    VMAP_PRESET_EFATOOLS, /* R, EFA(type = "EFAtools") */
    VMAP_PRESETS
} vmap_preset;

/* One row per program, in the order of the enumeration. */
typedef struct vmap_preset_row {
    const char *name, *program;
    vmap_factor_switches switches;
    const char *source;  /* where the values were read */
    const char *checked; /* what they were compared with */
} vmap_preset_row;
extern const vmap_preset_row vmap_presets[VMAP_PRESETS];

/* The preset of that name ("spss"); VMAP_ENOENT names the others, *preset is untouched then. */
vmap_status vmap_preset_find(const char *name, vmap_preset *preset, vmap_error *err);

/* Does the switch matter for these methods? The first four belong to principal axes. */
bool vmap_switch_applies(vmap_switch which, vmap_extraction extraction, vmap_rotation rotation);

/* The value of a switch in a few words, such as "smc" or "largest change below .001"; always closed by a NUL. */
enum { VMAP_SWITCH_TEXT = 80 };
void vmap_switch_text(const vmap_factor_switches *switches, vmap_switch which, char text[VMAP_SWITCH_TEXT]);

/* Make one switch of `to` like that of `from`. */
void vmap_switch_copy(vmap_factor_switches *to, const vmap_factor_switches *from, vmap_switch which);

/* Set what the first four switches say of principal axes; nothing for other methods. */
void vmap_switch_extraction(const vmap_factor_switches *switches, vmap_extract_options *options);

/* Does this rotation scale rows to unit length? */
bool vmap_switch_scales(const vmap_factor_switches *switches, vmap_rotation rotation);

/* Rotate a solution as the switches say; otherwise as vmap_factor_rotate_solution(), and with the switches of
 * VMAP_PRESET_VALUEMAP the same. In each case unrotated T (oblique: unrotated T'^-1) is the pattern.
 * `options` gives the method, its parameter and target; kaiser counts only when it is 0 or 1, and then above the
 * switch. `info` may be NULL; its criterion is NaN where a program's own way to varimax was gone. */
vmap_status vmap_factor_rotate_like(vmap_factor_solution *solution, const vmap_rotate_options *options,
                                    const vmap_factor_switches *switches, vmap_rotate_info *info,
                                    vmap_error *err);

/* Extract from r (p x p) and rotate as the switches say. The first four take the place of what `extract` has for
 * principal axes. Errors: those of vmap_factor_extract() and vmap_factor_rotate(). */
vmap_status vmap_factor_like(const gsl_matrix *r, const vmap_extract_options *extract,
                             const vmap_rotate_options *rotate, const vmap_factor_switches *switches,
                             vmap_factor_solution **solution, vmap_rotate_info *info, vmap_error *err);

/* ---- why two programs differ ---- */

/* What one switch does. */
typedef struct vmap_switch_effect {
    bool applies, differs; /* for these methods; in value from ours */
    double largest;        /* change of a loading: theirs minus ours, of largest size; 0 unless it applies and
                              differs */
    size_t item, factor;   /* and where; the factor is that of our solution */
    double ours, theirs;   /* these two loadings */
    double mean;           /* mean |change| over all loadings */
    size_t iterations;     /* of the extraction with this switch alone */
    bool converged;
} vmap_switch_effect;

typedef struct vmap_factor_why {
    size_t p, k;                              /* items, factors */
    vmap_switch_effect effect[VMAP_SWITCHES]; /* one switch at a time from ours to theirs */
    vmap_switch_effect all;                   /* all of them; more or less than their sum, because they interact */
    bool moved;                               /* the other program has factors in another order or with other signs */
    size_t *place;                            /* k: where our factor stands there */
} vmap_factor_why;

/* Change one switch after the other from ours to those of a program and see which loading goes how far. Factors are
 * put in our order and signs before they are compared, except for VMAP_SWITCH_ORDER itself.
 *   r        p x p correlations; extract, rotate: the analysis that is asked for, as vmap_factor_like() takes it
 *   *why     fresh, vmap_factor_why_free(); untouched after an error
 * Cost: at most ten analyses. Errors: those of vmap_factor_like(); VMAP_ENOMEM. A program's way that does not converge is
 * no error: its effect says so. */
vmap_status vmap_factor_why_new(const gsl_matrix *r, const vmap_extract_options *extract,
                                const vmap_rotate_options *rotate, const vmap_factor_switches *theirs,
                                vmap_factor_why **why, vmap_error *err);
void vmap_factor_why_free(vmap_factor_why *why);

#endif
