#ifndef VALUEMAP_COLLAPSE_H
#define VALUEMAP_COLLAPSE_H

#include <stdbool.h>
#include <stddef.h>

#include <gsl/gsl_matrix.h>

#include "valuemap/error.h"

/* Do personas collapse: do many of them say the same where people differ?
 *
 * Means can be right while a thousand personas are one person. Every number here is made for both sides,
 * people and personas, and read as their ratio; where it depends on the number of respondents, there is
 * a way to make it for the same number on both sides. What is not defined is NaN.
 */

/* ---- whole sheets ---- */

typedef struct vmap_vectors {
    size_t n;          /* complete sheets */
    size_t incomplete; /* sheets with a missing answer, which count nowhere */
    size_t distinct;   /* different answer vectors */
    double unique;     /* distinct / n */
    double rarefied;   /* expected number of different vectors among `draw` sheets, divided by draw:
                          S_v 1 - C(n - n_v, draw)/C(n, draw) (Hurlbert 1971, Ecology 52, 577-586, eq. 14);
                          NaN without draw or with fewer sheets */
    double largest;    /* share of the commonest vector, weighted */
    double repeated;   /* share of sheets that another respondent gave, too, weighted */
    double entropy;    /* of weighted vectors, / log n: 1 when all differ and weigh the same, 0 when all are the
                          same */
} vmap_vectors;

/* Count answer vectors. Numbers of different vectors count every sheet once: weights say whom a respondent
 * stands for, not how often the vector was given. Shares are weighted.
 *   values  n x p, `stride` numbers per row, NaN = missing; not modified
 *   weights n, not negative; NULL: all 1. Sheets of weight 0 are not there
 *   draw    for `rarefied`: the number of sheets of the smaller side; 0: none
 * VMAP_EDATA without a complete sheet, VMAP_EINVAL (weights), VMAP_ENOMEM. Cost O(n p log n). */
vmap_status vmap_collapse_vectors(const double *values, size_t n, size_t p, size_t stride, const double *weights,
                                  size_t draw, vmap_vectors *vectors, vmap_error *err);

/* ---- one item ---- */

typedef struct vmap_spread {
    double mode;     /* share of the commonest answer */
    double entropy;  /* - S p log p / log K; 0 .. 1 */
    double unlike;   /* probability that two respondents answer differently: (1 - S p^2) n/(n - 1)
                        (Simpson 1949) */
    double distance; /* mean |x - y| of two respondents / (greatest - least code): Gini's mean difference;
                        0 .. about .5 (half of them at each end) */
    double sd;       /* divisor 1, / (greatest - least code) */
} vmap_spread;

/* Spread of a distribution on K declared scale points.
 *   share  K, adding up to 1
 *   code   K, ascending
 *   n_eff  effective number of respondents, (S w)^2 / S w^2; with 1 or less `unlike` and `distance` are
 *          NaN. Pairs are of different respondents
 * VMAP_EINVAL with fewer than two points or shares that do not add up to 1 (to 1e-9). */
vmap_status vmap_collapse_spread(const double *share, const double *code, size_t k, double n_eff,
                                 vmap_spread *spread, vmap_error *err);

/* ---- all items together ---- */

typedef struct vmap_spectrum {
    size_t p;
    double total;         /* trace: the variance of all items */
    double first;         /* largest eigenvalue / trace */
    double rank;          /* effective rank exp(- S q log q), q = eigenvalue / trace (Roy & Vetterli 2007,
                             EUSIPCO, 606-610) */
    double participation; /* (S l)^2 / S l^2, 1 .. p */
    double negative;      /* sum of |negative eigenvalues| / trace: they count as 0; not 0 only when
                             correlations are those of different respondents */
} vmap_spectrum;

/* How many directions answers really have.
 *   a  p x p covariances (items on one scale: divide answers by their range) or correlations; not modified
 * VMAP_EDATA for a number that is not finite or a trace that is not positive (all answer alike);
 * VMAP_EINVAL (not square), VMAP_ENOMEM. Cost O(p^3). */
vmap_status vmap_collapse_spectrum(const gsl_matrix *a, vmap_spectrum *spectrum, vmap_error *err);

/* ---- against people's neighbourhoods ---- */

/* The neighbourhood of a point is the closed ball whose radius is the distance to its k-th nearest
 * neighbour on its own side. */
typedef struct vmap_coverage {
    size_t k, people, personas;
    double coverage;  /* share of people whose neighbourhood holds a persona */
    double density;   /* mean number of people's neighbourhoods that a persona lies in, / k: above 1 the
                         personas sit where people are densest; of people themselves 1 */
    double precision; /* share of personas that lie in a neighbourhood of people */
    double recall;    /* share of people that lie in a neighbourhood of personas */
    double expected;  /* coverage if personas were drawn from the people's distribution, a continuous one:
                         1 - product over i = 1..k of (N - i)/(N + M - i), N people, M personas */
} vmap_coverage;

/* Coverage and density: Naeem, Oh, Uh, Choi & Yoo (2020), ICML, 7176-7185, eq. 3, 5 and lemma 2 (the
 * expectation); precision and recall: Kynkaanniemi et al. (2019), NeurIPS. Balls are closed, as in their
 * definition: answers in few codes have neighbours at distance 0, and the same answers then cover one
 * another. With such ties coverage lies above its expectation; take half of the people against the other
 * half for a yardstick.
 *   people    N x p, finite; columns on one scale
 *   personas  M x p
 *   people_weights, persona_weights  N, M, positive; NULL: all 1. Shares and means are weighted, and people's
 *             neighbourhoods count as much in `density` as their people weigh (on average 1); which
 *             neighbours are the k nearest, and `expected`, know no weights
 *   k         [5] neighbours, 1 .. N - 1
 *   threads   0: one per processor; the result does not depend on it
 * Errors: VMAP_EINVAL (columns, k), VMAP_EDATA (a number that is not finite), VMAP_ENOMEM. recall is NaN
 * with k or fewer personas. Cost O((N + M)^2 p). */
vmap_status vmap_collapse_coverage(const gsl_matrix *people, const gsl_matrix *personas, const double *people_weights,
                                   const double *persona_weights, size_t k, unsigned threads,
                                   vmap_coverage *coverage, vmap_error *err);

#endif
