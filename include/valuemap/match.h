#ifndef VALUEMAP_MATCH_H
#define VALUEMAP_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

#include "valuemap/cluster.h"
#include "valuemap/error.h"
#include "valuemap/structure.h"

/* Which cluster of the one side corresponds to which of the other: assignment, transport of masses, maps laid
 * over one another, trees side by side.
 */

/* ---- assignment and transport ---- */

/* The assignment of rows to columns with the least sum of costs: min(r, c) pairs, each row and column at
 * most once.
 *   cost    r x c, finite, any sign, not modified
 *   match   r: the column of each row, SIZE_MAX for a row that has none (only when r > c)
 *   total   sum of the costs of the pairs
 * Method: shortest augmenting paths with prices (Jonker & Volgenant 1987, Computing 38, 325-340). Of several
 * best assignments one is given, always the same for the same matrix. VMAP_EDATA for a cost that is not
 * finite; VMAP_ENOMEM. Cost O(min(r, c) r c) at worst, mostly far less. */
vmap_status vmap_match_assign(const gsl_matrix *cost, size_t *match, double *total, vmap_error *err);

/* The cheapest way to bring the masses of r sources to c sinks (earth mover's distance).
 *   cost    r x c, finite, not negative, not modified
 *   supply  r masses, demand  c masses: not negative, of equal positive sum (to 1e-9 of it; the demand is
 *           scaled to the supply)
 *   flow    r x c, filled: what goes where; NULL when only the cost is wanted
 *   total   S cost x flow
 * Method: network simplex, exact up to rounding: at the end no arc saves more than 1e-12 of the largest cost
 * (Ahuja, Magnanti & Orlin 1993, Network Flows, chapter 11). VMAP_EDATA, VMAP_EINVAL, VMAP_ENOMEM. Cost: a
 * few passes over the matrix for each row. */
vmap_status vmap_match_transport(const gsl_matrix *cost, const double *supply, const double *demand,
                                 gsl_matrix *flow, double *total, vmap_error *err);

/* ---- maps ---- */

/* A map of personas laid over the map of the same countries' people: moved, turned, mirrored if need be, made
 * larger or smaller as little squares as possible are left. */
typedef struct vmap_map_match {
    size_t n, d;
    double scale;       /* by which the human map is multiplied to fit the personas': below 1 the personas are
                           drawn together. Least squares: noise draws it towards 0, too */
    double spread;      /* sqrt of the ratio of the sums of squares, personas / people: shrinkage whatever the
                           arrangement */
    double degrees;     /* by which the human map is turned, -180 .. 180; NaN unless d = 2 */
    bool mirrored;
    gsl_vector *human_centre, *persona_centre; /* d means */
    gsl_matrix *rotation; /* d x d */
    gsl_matrix *fitted; /* n x d: where each country's personas would be if they differed from its people by
                           shift, turn and scale alone */
    gsl_vector *residual; /* n: distance of the personas from there, in map units */
    vmap_structure_test protest; /* correlation of the two maps and its permutation p */
    vmap_structure_test mantel;  /* correlation of the distances */
} vmap_map_match;

/*   human, persona  n x d, n >= 4, the same country in the same row, not modified
 * Errors: as vmap_structure_procrustes(). */
vmap_status vmap_match_maps(const gsl_matrix *human, const gsl_matrix *persona,
                            const vmap_permutation_options *options, vmap_map_match **match,
                            vmap_error *err);
void vmap_map_match_free(vmap_map_match *match);

/* ---- trees ---- */

/* How alike two trees over the same n leaves are. */
typedef struct vmap_tree_match {
    double baker;      /* Baker's gamma (1974, JASA 69, 440-445) as a rank correlation: Spearman's of the
                          largest numbers of clusters with which each pair is still together; 1 when one of
                          them is constant (dendextend) */
    double cophenetic; /* Pearson correlation of the heights at which pairs join; NaN when constant */
    size_t distinct;   /* Robinson & Foulds (1981, Math. Biosci. 53, 131-147): clades of two or more leaves
                          (not all) that only one of the trees has */
    double foulds;     /* the same divided by its greatest value 2 (n - 2); NaN for n = 2 */
    double entanglement; /* of the drawing orders: S |i - j|^1.5 over its greatest value; 0: no line crosses */
    size_t crossings;  /* lines between the same leaves that cross */
} vmap_tree_match;

/* VMAP_EINVAL for different numbers of leaves; VMAP_ENOMEM. Cost O(n^2). */
vmap_status vmap_match_trees(const vmap_tree *a, const vmap_tree *b, vmap_tree_match *match,
                             vmap_error *err);

/* Turn branches of both trees until no turn of one side alone has fewer crossings: for a fixed other side
 * the best turns are found exactly (each branch is decided by itself), the sides take turns. Changes both orders.
 * Errors as above. Cost O(n^2) a pass. */
vmap_status vmap_match_untangle(vmap_tree *a, vmap_tree *b, vmap_error *err);

#endif
