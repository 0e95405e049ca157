#ifndef VALUEMAP_STEADINESS_H
#define VALUEMAP_STEADINESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "valuemap/error.h"
#include "valuemap/structure.h"

/* Do personas answer the same when they are asked again, in other words, in another language?
 *
 * A variant is one way of asking (a prompt, a paraphrase, a language); a repetition asks the same again.
 * What is not defined is NaN.
 */

/* ---- how much of an answer is the persona ---- */

/* How variances are estimated. With balanced answers and no negative estimate both are those of the analysis of
 * variance. */
typedef enum vmap_components_method {
    VMAP_COMPONENTS_REML,     /* restricted maximum likelihood (Patterson & Thompson 1971, Biometrika 58, 545-554), as lme4:
                                 a variance that would be negative is 0, and the others are those of the model without
                                 it. Answers that never differ on repetition have a residual of 0 and leave the others
                                 to the means of cells */
    VMAP_COMPONENTS_HENDERSON /* method III (1953, Biometrics 9, 226-252; Searle, Casella & McCulloch 1992, Variance
                                 Components, section 5.5): reductions in sums of squares by fitting personas, variants and
                                 cells, set equal to their expectations; unbiased whatever the numbers of answers until
                                 a negative estimate becomes 0, the others as they are */
} vmap_components_method;

/* Random effects of one item: y = mean + persona + variant + persona x variant + residual. */
typedef struct vmap_components {
    size_t personas, variants, repetitions; /* that have an answer; repetitions as given */
    double mean;
    double persona, variant;
    double interaction; /* persona x variant; NaN with one repetition: then it is part of the residual */
    double residual;    /* repetitions */
    bool negative;      /* an estimate would have been below 0 and is 0 */
    double total;       /* sum of the variances */
    double dependability; /* persona / total: of one answer to one variant, Phi of generalisability theory
                             (Brennan 2001, Generalizability Theory, eq. 4.13) */
    double consistency;   /* the same without `variant`, E rho^2: whether personas keep their places */
} vmap_components;

/*   y  personas x variants x repetitions, the last index fastest; NaN = no answer, any number of them
 * With one variant `variant` and `interaction` are NaN, and repetitions make the residual. Answers that do
 * not vary at all have components of 0 and dependability NaN.
 * Errors: VMAP_EDATA (fewer than two personas; neither two variants nor two repetitions of enough of them; variants
 * that no persona links; an infinite number), VMAP_ENOMEM. Cost O(answers + personas x variants^3). */
vmap_status vmap_steadiness_components(const double *y, size_t personas, size_t variants,
                                       size_t repetitions, vmap_components_method method, vmap_components *components,
                                       vmap_error *err);

/* ---- agreement beyond chance ---- */

typedef enum vmap_disagreement {
    VMAP_DISAGREE_NOMINAL,  /* different or not */
    VMAP_DISAGREE_ORDINAL,  /* Krippendorff's: as many answers as lie between; for kappa: linear weights */
    VMAP_DISAGREE_INTERVAL  /* squared difference; for kappa: quadratic weights */
} vmap_disagreement;

typedef struct vmap_kappa {
    size_t n;                  /* units that count */
    double observed, expected; /* agreement, weighted */
    double value;              /* (observed - expected) / (1 - expected); NaN when everybody always says the
                                  same */
    double se;                 /* of Cohen's: Fleiss, Cohen & Everitt (1969), Psychol. Bull. 72, 323-327,
                                  eq. 14; NaN for the others */
} vmap_kappa;

/* Cohen's kappa of two ways of asking, weighted (Cohen 1960, Educ. Psychol. Meas. 20, 37-46; 1968,
 * Psychol. Bull. 70, 213-220). Weights are steps between categories.
 *   a, b  n categories below k; k for a missing one
 * VMAP_EDATA with fewer than two units, VMAP_EINVAL (k below 2, a category above k), VMAP_ENOMEM. */
vmap_status vmap_steadiness_cohen(const size_t *a, const size_t *b, size_t n, size_t k,
                                  vmap_disagreement disagreement, vmap_kappa *kappa, vmap_error *err);

/* Fleiss' kappa of several ratings of each unit (Fleiss 1971, Psychol. Bull. 76, 378-382).
 *   count  n x k: how often unit i was given category j; every unit has the same number of ratings, two or
 *          more, else VMAP_EDATA
 */
vmap_status vmap_steadiness_fleiss(const size_t *count, size_t n, size_t k, vmap_kappa *kappa,
                                   vmap_error *err);

/* Krippendorff's alpha (2004, Content Analysis, ch. 11): any number of ratings, missing ones allowed.
 *   ratings  n x raters numbers, NaN = missing; units with fewer than two ratings count nowhere
 * observed and expected are 1 - disagreement / greatest disagreement for the nominal metric, else NaN.
 * VMAP_EDATA with no unit of two ratings, VMAP_ENOMEM. Cost O(n raters log + n raters^2 + values^2). */
vmap_status vmap_steadiness_krippendorff(const double *ratings, size_t n, size_t raters,
                                         vmap_disagreement disagreement, vmap_kappa *alpha,
                                         vmap_error *err);

/* ---- three checks ----
 * Khan, Casper & Hadfield-Menell (2025, arXiv 2503.08688) ask of claims about the culture of a model:
 * is it stable over ways of asking, can it be extrapolated from some items to others, can it be steered?
 * Here each is a number beside what random draws give. */

typedef struct vmap_stability {
    size_t personas, variants, items;
    double same;       /* mean share of pairs of variants with the same answer */
    double difference; /* mean |difference| of two variants / range of the item */
    double same_chance, difference_chance; /* the same of two personas of one model: answers of different
                                              personas to different variants, mean over all */
    double kept;       /* 1 - difference / difference_chance: 1 when variants change nothing, 0 when an
                          answer tells no more about the same persona than about another; NaN when
                          difference_chance is 0: all personas always say the same */
    double p;          /* personas change places within each variant: share with a difference as small */
} vmap_stability;

/* Does the way of asking change answers?
 *   y      personas x variants x items, NaN = missing
 *   range  items: greatest minus least code, more than 0
 * VMAP_EDATA with fewer than two personas or variants or without any pair; VMAP_EINVAL, VMAP_ENOMEM.
 * `options`: stratum must be NULL. Cost O(permutations personas variants^2 items). */
vmap_status vmap_steadiness_stability(const double *y, size_t personas, size_t variants, size_t items,
                                      const double *range, const vmap_permutation_options *options,
                                      vmap_stability *stability, vmap_error *err);

typedef struct vmap_extrapolability {
    size_t units, items, splits;
    double r;      /* mean over random halves of the items of Spearman's correlation of the units' means */
    double best;   /* share of splits in which the best unit of one half is the best of the other */
    double best_chance; /* 1 / units */
    double r_p, best_p; /* units change places within each item: share (plus one) as large */
} vmap_extrapolability;

/* Does alignment on some items tell alignment on others? Units are models, or groups.
 *   error  units x items: how far each is from people on each item, complete
 *   splits of the items into two halves (of an odd number one item is left out each time) [100]
 * VMAP_EDATA with fewer than three units or four items or a missing number; VMAP_EINVAL, VMAP_ENOMEM.
 * `options`: stratum must be NULL; its seed draws the splits, too. Cost O(permutations splits units
 * (items + units)). */
vmap_status vmap_steadiness_extrapolability(const double *error, size_t units, size_t items, size_t splits,
                                            const vmap_permutation_options *options,
                                            vmap_extrapolability *extrapolability, vmap_error *err);

/* Group means of people and of the personas that are to speak for them. Nothing is modified or kept. */
typedef struct vmap_steering {
    size_t groups, items;
    const double *human, *persona; /* groups x items: means, NaN = missing */
    const double *n;               /* groups x items: (effective) numbers of persona answers */
    const size_t *offset;          /* items + 1: item j has the points offset[j] .. offset[j + 1] - 1 */
    const double *code;            /* ascending within each item */
    const double *share;           /* of all personas together; adds up to 1 within each item */
} vmap_steering;

typedef struct vmap_steerability {
    size_t groups, items, draws;
    double distance;       /* mean |persona - human| / range over groups and items */
    double unsteered;      /* the same of the mean persona, equal for all groups */
    double gain;           /* 1 - distance / unsteered: what being told the group is worth; below 0 it
                              leads away from people */
    double random;         /* mean distance of random answers, each point equally likely */
    double random_ratio;   /* distance / random */
    double random_p;       /* share (plus one) of draws that lie as near to people */
    double spread;         /* mean |difference| of two persona groups / range */
    double human_spread;   /* the same of the human ones */
    double spread_random;  /* that of groups which draw their answers from all personas together */
    double spread_ratio;   /* spread / spread_random: about 1 when the group makes no difference */
    double spread_p;       /* share (plus one) of draws that spread as wide */
} vmap_steerability;

/* Can personas be steered towards their groups?
 *   draws  [9999] of answers for every group and item, as many as the group gave (rounded, one at least);
 *          draw d comes from stream d of the seed: the result does not depend on threads
 * VMAP_EDATA with fewer than two groups or no item that two groups have; VMAP_EINVAL, VMAP_ENOMEM.
 * Cost O(draws groups (points + groups items)). */
vmap_status vmap_steadiness_steerability(const vmap_steering *source, size_t draws, uint64_t seed,
                                         unsigned threads, vmap_steerability *steerability,
                                         vmap_error *err);

#endif
