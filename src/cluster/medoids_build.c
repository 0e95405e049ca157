#include <config.h>
#include "cluster/medoids_internal.h"

#include <math.h>
#include <stdlib.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"
#include "core/parallel.h"

/* BUILD of PAM: each medoid in turn is the unit that lowers the cost most, the first on a tie.
 *
 * What a unit would save only shrinks with every medoid that comes in, so that what it would have saved before is a
 * bound: units are asked anew in the order of their bounds, until the next bound is below the best saving found
 * (Minoux 1978, Optimization Techniques, LNCIS 7, 234-243). The medoids are those of asking all. */

/* Candidates that are asked at once. */
enum { BATCH = 64 };

typedef struct {
    const medoids_space *s;
    double *d1, *limit, *reach; /* dissimilarity to the nearest medoid, and what follows from it */
    ranked *rank;               /* candidates in the order of their bounds; value: minus the bound */
    size_t first;               /* of them: the batch begins here */
    double *saving;             /* n, by the user's number: what each saved when it was last asked */
} builder;

static void sum_distances(void *context, size_t q)
{
    builder *b = context;
    const medoids_space *s = b->s;
    size_t i = s->turn[b->rank[q].index];
    double sum = 0, raw[BLOCK_MOST];

    for (size_t at = 0; at < s->blocks; at++) {
        size_t from = s->first[at], size = s->first[at + 1] - from;

        medoids_raw(s, i, from, from + size, raw);
        for (size_t j = 0; j < size; j++)
            sum += s->w[from + j] * (s->d ? raw[j] : sqrt(raw[j]));
    }
    b->saving[b->rank[q].index] = sum;
}

static void find_saving(void *context, size_t q)
{
    builder *b = context;
    const medoids_space *s = b->s;
    size_t i = s->turn[b->rank[b->first + q].index];
    unsigned which[BLOCK_MOST];
    double apart[BLOCK_MOST], sum = 0;

    for (size_t at = 0; at < s->blocks; at++) {
        size_t from = s->first[at], count = medoids_nearer(s, i, at, b->limit, b->reach, which, apart);

        for (size_t t = 0; t < count; t++)
            sum += s->w[from + which[t]] * (b->d1[from + which[t]] - apart[t]);
    }
    b->saving[b->rank[b->first + q].index] = sum;
}

/* The unit that saves most with the medoids so far; `count` candidates, those that are chosen last in the order. */
static size_t find_best(builder *b, size_t count, unsigned threads)
{
    size_t best = SIZE_MAX;

    for (size_t r = 0; r < count; r++)
        b->rank[r].value = -b->saving[b->rank[r].index];
    qsort(b->rank, count, sizeof *b->rank, compare_ranked);
    for (b->first = 0; b->first < count; b->first += BATCH) {
        size_t batch = b->first + BATCH < count ? BATCH : count - b->first;

        if (best != SIZE_MAX && -b->rank[b->first].value < b->saving[best])
            break;
        parallel_for(batch, threads, find_saving, b);
        for (size_t q = 0; q < batch; q++) {
            size_t unit = b->rank[b->first + q].index;

            if (best == SIZE_MAX || b->saving[unit] > b->saving[best] ||
                (b->saving[unit] == b->saving[best] && unit < best))
                best = unit;
        }
    }
    return best;
}

static void add_medoid(builder *b, size_t unit, size_t *count, size_t *medoid, double *row)
{
    const medoids_space *s = b->s;
    size_t r = 0;

    *medoid = s->turn[unit];
    while (b->rank[r].index != unit)
        r++;
    b->rank[r] = b->rank[--*count];
    medoids_row(s, *medoid, row);
    for (size_t i = 0; i < s->n; i++)
        b->d1[i] = fmin(b->d1[i], row[i]);
    medoids_set_limits(s, b->d1, b->limit, b->reach);
}

static void build(builder *b, size_t k, unsigned threads, size_t *medoid, double *row)
{
    const medoids_space *s = b->s;
    size_t count = 0, best;

    for (size_t t = 0; t < s->n; t++) {
        b->d1[t] = INFINITY;
        if (s->w[s->turn[t]] > 0)
            b->rank[count++].index = t;
    }
    parallel_for(count, threads, sum_distances, b);
    best = b->rank[0].index;
    for (size_t r = 1; r < count; r++) {
        if (b->saving[b->rank[r].index] < b->saving[best])
            best = b->rank[r].index;
    }
    for (size_t t = 0; t < s->n; t++)
        b->saving[t] = INFINITY; /* nothing is known of what a second medoid saves */
    add_medoid(b, best, &count, &medoid[0], row);
    for (size_t m = 1; m < k; m++)
        add_medoid(b, find_best(b, count, threads), &count, &medoid[m], row);
}

vmap_status medoids_build(const medoids_space *s, size_t k, unsigned threads, size_t *medoid, vmap_error *err)
{
    builder b = {.s = s};
    double *row = memory_new(s->n + MEDOIDS_LANES, sizeof *row, err);
    vmap_status status = VMAP_ENOMEM;

    b.d1 = memory_new(s->n, sizeof *b.d1, err);
    b.limit = memory_new(s->n, sizeof *b.limit, err);
    b.reach = memory_new(s->blocks, sizeof *b.reach, err);
    b.rank = memory_new(s->n, sizeof *b.rank, err);
    b.saving = memory_new(s->n, sizeof *b.saving, err);
    if (row && b.d1 && b.limit && b.reach && b.rank && b.saving) {
        build(&b, k, threads, medoid, row);
        status = VMAP_SUCCESS;
    }
    free(row);
    free(b.d1);
    free(b.limit);
    free(b.reach);
    free(b.rank);
    free(b.saving);
    return status;
}
