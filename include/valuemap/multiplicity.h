#ifndef VALUEMAP_MULTIPLICITY_H
#define VALUEMAP_MULTIPLICITY_H

#include <stddef.h>

#include "valuemap/error.h"

/* Many tests at once: p values adjusted so that they can be compared with the level as they stand.
 *
 * What the family is, is the caller's to say: every p value that is handed in together. A family that is cut into parts
 * after looking at the results has the errors of none of them.
 *
 * With m values in ascending order p(1) <= ... <= p(m), none above 1 afterwards:
 *   bonferroni  m p(i)                                 Dunn (1961), JASA 56, 52-64
 *   holm        largest of (m - j + 1) p(j), j <= i    Holm (1979), Scand. J. Stat. 6, 65-70
 *   hochberg    least of (m - j + 1) p(j), j >= i      Hochberg (1988), Biometrika 75, 800-802
 *   bh          least of (m / j) p(j), j >= i          Benjamini & Hochberg (1995), JRSS B 57, 289-300
 *   by          bh times 1 + 1/2 + ... + 1/m           Benjamini & Yekutieli (2001), Ann. Stat. 29, 1165-1188
 * Equal values get equal adjusted ones. One value is its own adjusted value under every method. Holm is never less
 * powerful than Bonferroni and assumes as little; bh answers another question, how many of the rejections are false.
 */

typedef enum vmap_adjust_rate {
    VMAP_ADJUST_NOTHING,     /* each test keeps its own level */
    VMAP_ADJUST_FAMILY_WISE, /* at most the level that any true null is rejected */
    VMAP_ADJUST_DISCOVERY    /* at most the level as the expected share of false rejections */
} vmap_adjust_rate;

/* One method; texts are constants for help, tables and documents. */
typedef struct vmap_adjustment {
    const char *name;    /* as an option takes it */
    const char *help;    /* a few words */
    const char *assumes; /* of the dependence between the tests */
    const char *source;
    vmap_adjust_rate controls;
    /* Adjusted values of m ascending ones in place; not called with m = 0. */
    void (*of)(double *ascending, size_t m);
} vmap_adjustment;

/* none, bonferroni, holm, hochberg, bh (Benjamini and Hochberg), by (Benjamini and Yekutieli), with
 * the values of p.adjust() of R. Bonferroni, Holm and BY hold for any dependence between the tests,
 * Hochberg and BH for independent or positively dependent ones. */
extern const vmap_adjustment vmap_adjustments[];
extern const size_t vmap_adjustments_count;

/* The row of that name; VMAP_ENOENT names those that exist. */
vmap_status vmap_adjustment_find(const char *name, const vmap_adjustment **adjustment,
                                 vmap_error *err);

/* Adjusted values of n p values to `adjusted`.
 *   p         n values in 0..1 in any order; NaN is a test that was not made: it stays NaN and does not count in the
 *             family, so that m is the number of the others
 *   adjusted  n, by the caller; may be `p` itself
 * Errors: VMAP_EINVAL for a value outside 0..1, with its place, and `adjusted` is as it was; VMAP_ENOMEM.
 * Cost O(n log n), memory of 3 n numbers. */
vmap_status vmap_adjust(const vmap_adjustment *adjustment, const double *p, size_t n,
                        double *adjusted, vmap_error *err);

#endif
