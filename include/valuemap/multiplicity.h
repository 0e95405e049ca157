#ifndef VALUEMAP_MULTIPLICITY_H
#define VALUEMAP_MULTIPLICITY_H

#include <stddef.h>

#include "valuemap/error.h"

/* Many tests at once: p values adjusted so that they can be compared with the level as they stand.
 *
 * What the family is, is the caller's to say: every p value that is handed in together.
 */

typedef enum vmap_adjust_rate {
    VMAP_ADJUST_NOTHING,     /* each test keeps its own level */
    VMAP_ADJUST_FAMILY_WISE, /* at most the level that any true null is rejected */
    VMAP_ADJUST_DISCOVERY    /* at most the level as the expected share of false rejections */
} vmap_adjust_rate;

/* One method; texts are constants for help, tables and documents. */
typedef struct vmap_adjustment {
    const char *name, *help, *assumes, *source;
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

/* Adjusted values of n p values to `adjusted` (n; may be `p` itself). NaN is a test that was not
 * made: it stays NaN and does not count in the family. VMAP_EINVAL for a value outside 0..1;
 * VMAP_ENOMEM. Cost O(n log n). */
vmap_status vmap_adjust(const vmap_adjustment *adjustment, const double *p, size_t n,
                        double *adjusted, vmap_error *err);

#endif
