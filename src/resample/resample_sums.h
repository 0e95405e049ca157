#ifndef RESAMPLE_SUMS_H
#define RESAMPLE_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_vector.h>

#include "core/rng_lanes.h"
#include "valuemap/moments.h"

/* Means and correlations of bootstrap replicates without copying a row; not exported.
 *
 * A replicate is the number of times that each respondent was drawn. Respondents are sorted by their pattern
 * of missing answers, so that the sums behind all pairs of items of RESAMPLE_BATCH replicates are one matrix
 * product per pattern: counts (replicates x rows) times products of answers (rows x pairs). */

enum { RESAMPLE_BATCH = 64 }; /* replicates that share one matrix product */

/* Respondents in the order of the products: runs of one pattern of observed items each; the complete
 * ones first, divided further by group. */
typedef struct resample_run {
    size_t from, to;  /* places in the order */
    size_t pattern;   /* row of `observed` that says which items are there */
    size_t group;     /* of a complete run; `groups` else */
} resample_run;

/* Places next to each other of one stratum. */
typedef struct resample_span {
    size_t from, to, stratum;
} resample_span;

typedef struct resample_rows {
    size_t n, p, groups, columns;
    double *centre; /* p */
    bool whole;     /* centred answers are small whole numbers without weights: their sums are exact, in any order */
    int largest;    /* size of a whole centred answer */
    double *x;      /* n x p centred answers in the order of the products, 0 where missing; */
    int16_t *code;  /* the same when they are whole; the other one is NULL */
    double *w;      /* n */
    bool *observed; /* n x p in the order of the products; a run's first row is its pattern */
    resample_run *runs;
    size_t runs_count;
    size_t *stratum; /* places in the order, stratum after stratum */
    size_t *stratum_start;
    resample_span *spans; /* stratum after stratum */
    size_t spans_count;
    size_t strata;
} resample_rows;

/* Sort the respondents of positive weight.
 *   group   n group numbers, `groups` for none; groups are the strata
 *   centre  p numbers near the means, or NULL: the means. Whole answers are counted from the whole number next to it.
 * Clear it even on failure. */
vmap_status resample_rows_new(const double *values, size_t n, size_t p, const double *weights,
                              const size_t *group, size_t groups, const double *centre,
                              vmap_missing_rule rule, resample_rows *rows, vmap_error *err);
void resample_rows_clear(resample_rows *rows);
bool resample_is_complete(const bool *observed, size_t p);

/* Room of one thread's batch; zeroed when allocated, for one use. */
typedef struct resample_room {
    gsl_rng *rng[RNG_LANES]; /* of replicates that are drawn side by side */
    size_t quads;
    uint8_t *count;  /* how often each replicate draws each row: see resample_count() */
    double *factor;  /* RESAMPLE_BATCH x rows of a block: counts; NULL where whole numbers are summed as such */
    double *design;  /* rows of a block x columns; NULL with it */
    double *sums;    /* RESAMPLE_BATCH x columns of one run */
    double *total;   /* RESAMPLE_BATCH x sums over pairs */
    double *group;   /* RESAMPLE_BATCH x (groups + 1) x (1 + p): weights and centred sums of the complete
                        answers of each group */
} resample_room;
bool resample_room_alloc(const resample_rows *rows, resample_room *room);
void resample_room_free(resample_room *room);

/* How often replicate b of the batch draws the respondent at a place: quads of places, for four replicates at a time. */
static inline uint8_t *resample_count(const resample_room *room, size_t b, size_t place)
{
    return room->count + b / RNG_LANES * room->quads * RNG_LANES * RNG_QUAD + rng_lane_at(place, b % RNG_LANES);
}

/* Draw replicates first .. first + batch - 1, n - 1 of the n respondents of each stratum (Rao & Wu 1988). Each replicate
 * has its own stream of the seed.
 *
 * Counts with Poisson's distribution of any one mean, given their sum, are those of so many draws with replacement. So every
 * respondent gets such a count (rng_poisson_lanes(), places ascending); then, stratum after stratum, draws are added
 * (respondents by vmap_rng_below()) or taken back (each of them as likely) until there are n - 1; one respondent alone is
 * drawn once. To take one back: x = vmap_rng_below(n 2^b), with b the bits of the largest count before; the respondent
 * x / 2^b of the stratum loses a draw if he has more than x mod 2^b. That takes a seventh of the time that n - 1
 * draws take. */
void resample_draw(const resample_rows *rows, uint64_t seed, size_t first, size_t batch, resample_room *room);
void resample_sum(const resample_rows *rows, size_t batch, resample_room *room);

/* Correlations (and, unless NULL, centred means and standard deviations) of replicate b of the batch; false
 * when an item is constant in it. */
bool resample_moments(const resample_rows *rows, const resample_room *room, size_t b, gsl_matrix *r,
                      gsl_vector *mean, gsl_vector *sd);

#endif
