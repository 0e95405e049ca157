#ifndef CLUSTER_KMEANS_INTERNAL_H
#define CLUSTER_KMEANS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "valuemap/cluster.h"

/* What the parts of k-means share; not exported. kmeans.c seeds centres and chooses among starts, kmeans_settle.c moves centres to
 * the means of their members until few units change, kmeans_transfer.c moves single units until none pays. */

/* Centres stand coordinate by coordinate, `lanes` = k rounded up, so that the distances of one point to
 * all of them are runs of memory. Lanes beyond k hold infinity: nothing is near them. */
enum { KMEANS_LANES = 4 };

/* A sample is so many times as large as the one before. */
enum { KMEANS_GROWTH = 4 };

typedef struct kmeans_problem {
    size_t n, p, k, lanes;
    size_t sample;       /* units in the smallest sample; n: none is taken */
    const size_t *unit;  /* n: the unit in each row; shuffled when samples are taken, so that the first rows
                            are one */
    const double *x; /* n x p, centred at the common mean */
    const double *w; /* n, or NULL */
    double total;    /* weighted sum of squares around the mean */
    const vmap_kmeans_options *options;
} kmeans_problem;

/* One start. */
typedef struct kmeans_start {
    const kmeans_problem *pr;
    size_t n;       /* units that count at present: a sample or all */
    double *centre; /* p x lanes */
    double *sum;    /* k x p weighted sums of the members */
    double *weight; /* k */
    double *moved;  /* k: how far the centre went since the bounds were right */
    double *drop;   /* k: the same of the one of the others that went farthest */
    double *last;   /* p x lanes: the last means of the members */
    double *anchor; /* p x lanes: the centres when they were, in single transfers */
    double *half;   /* k: half the distance to the nearest other centre */
    double *near;   /* lanes: squared distances of one point */
    double *upper, *lower; /* n: bounds of the distance to the own and to any other centre */
    size_t *label;  /* n */
    double within;
    size_t iterations;
    bool converged;
} kmeans_start;

static inline double kmeans_weight(const kmeans_problem *pr, size_t i)
{
    return pr->w ? pr->w[i] : 1;
}

/* Squared distances of a point to all centres. */
static inline void kmeans_distances(const kmeans_start *s, const double *x)
{
    size_t lanes = s->pr->lanes;
    double *restrict near = s->near;

    for (size_t c = 0; c < lanes; c += KMEANS_LANES) {
        double sum[KMEANS_LANES] = {0};

        for (size_t a = 0; a < s->pr->p; a++) {
            const double *restrict centre = s->centre + a * lanes + c;

            for (size_t q = 0; q < KMEANS_LANES; q++)
                sum[q] += (x[a] - centre[q]) * (x[a] - centre[q]);
        }
        memcpy(near + c, sum, sizeof sum);
    }
}

static inline double kmeans_square(const kmeans_start *s, const double *x, size_t c)
{
    double sum = 0;

    for (size_t a = 0; a < s->pr->p; a++) {
        double d = x[a] - s->centre[a * s->pr->lanes + c];

        sum += d * d;
    }
    return sum;
}

static inline void kmeans_add_member(kmeans_start *s, size_t i, size_t c, double sign)
{
    const kmeans_problem *pr = s->pr;
    double w = sign * kmeans_weight(pr, i), *sum = s->sum + c * pr->p;
    const double *x = pr->x + i * pr->p;

    for (size_t a = 0; a < pr->p; a++)
        sum[a] += w * x[a];
    s->weight[c] += w;
}

/* The members' sums and weights of the units that count, made anew. */
void kmeans_sum_members(kmeans_start *s);

/* Move centres to the means of their members and beyond, by `momentum` times the way from the last means to these; returns
 * whether one moved. */
bool kmeans_move_centres(kmeans_start *s, double momentum);

/* Passes over samples of growing size, then over all units; false when there were too many. */
bool kmeans_settle(kmeans_start *s);

/* Single transfers until none lowers the sum of squares; false when there were too many rounds. */
bool kmeans_transfer(kmeans_start *s);

#endif
