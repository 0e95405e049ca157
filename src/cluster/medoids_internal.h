#ifndef MEDOIDS_INTERNAL_H
#define MEDOIDS_INTERNAL_H

#include "valuemap/cluster.h"

/* What the parts of clustering by medoids share; not exported.
 *
 * Points are put into an order in which neighbours in space are neighbours in memory, in blocks of at most BLOCK_MOST.
 * A candidate can skip a block whose every unit has medoids nearer than the triangle inequality allows the candidate to
 * be. Units of a matrix of dissimilarities stay in their order, and no block is skipped: they need not be metric. */
enum { BLOCK_MOST = 128, MEDOIDS_LANES = 4 };

typedef struct medoids_space {
    size_t n, p;
    double *at;          /* p x n, an axis after the other, and room for lanes behind; NULL: `d` is given */
    const gsl_matrix *d;
    double *w;           /* n weights */
    size_t *unit;        /* n: number of each among the user's units */
    size_t *turn;        /* n: which is the user's unit i; loops in the user's order go by it */
    size_t blocks, *first; /* units of block b: first[b] .. first[b + 1] - 1 */
    double *centre;      /* blocks x p mean points; NULL with `d` */
    double *off;         /* n: distance from the centre of its block */
} medoids_space;

vmap_status medoids_space_open(const vmap_units *units, medoids_space *s, vmap_error *err);
void medoids_space_close(medoids_space *s);

/* Unit i to the units from .. to - 1, into out[0 ..]: squared distances of points, dissimilarities as they are. There must
 * be room for a number of units rounded up to whole lanes; what stands past the end means nothing. */
void medoids_raw(const medoids_space *s, size_t i, size_t from, size_t to, double *restrict out);
/* The same as dissimilarities; room for n + MEDOIDS_LANES. */
void medoids_row(const medoids_space *s, size_t i, double *out);
double medoids_apart(const medoids_space *s, size_t i, size_t j);

/* What makes a unit worth a look: it is nearer than d[i]. limit: as medoids_raw() measures; reach: a candidate that is
 * farther from the centre of the block is nearer than d to none of its units. */
void medoids_set_limits(const medoids_space *s, const double *d, double *limit, double *reach);
/* The units of block b that unit i is nearer to than their limit; returns how many, their number in the block in
 * which[], their dissimilarity in apart[]. Both have room for BLOCK_MOST. */
size_t medoids_nearer(const medoids_space *s, size_t i, size_t b, const double *limit, const double *reach,
                      unsigned *which, double *apart);

/* PAM's first medoids (k units). */
vmap_status medoids_build(const medoids_space *s, size_t k, unsigned threads, size_t *medoid, vmap_error *err);

#endif
