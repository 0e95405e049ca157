#ifndef VALUEMAP_DISTRIBUTIONS_H
#define VALUEMAP_DISTRIBUTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/codebook.h"
#include "valuemap/error.h"
#include "valuemap/table.h"

/* Answers as distributions over the declared scale points of their items.
 *
 * A distribution never lives on the codes that happen to occur: a point that nobody chose is a point with
 * share 0. Refusals and missing answers are not scale points; their rates are kept apart, by reason.
 *
 * n respondents, p items, g groups. Memory for distributions is proportional to g x points. Answers that must
 * stay together (vmap_responses) take one byte each; answers that only need counting (vmap_tally) take nothing.
 */

/* ---- scale points ---- */

enum { VMAP_POINTS_MAX = 200 };

typedef struct vmap_points {
    size_t count; /* K */
    double *code; /* K ascending codes; owned */
    bool ordered; /* false for a nominal item */
} vmap_points;

/* The scale points that a codebook declares for an item: every whole number in its valid ranges.
 * VMAP_EDATA, with the item's name as err->column, for an interval item (any number is valid), fewer than
 * two points or more than VMAP_POINTS_MAX; VMAP_ENOMEM. On success free points->code. */
vmap_status vmap_points_declare(const vmap_item *item, vmap_points *points, vmap_error *err);
/* Free the codes of `count` lists of points. */
void vmap_points_clear(vmap_points *points, size_t count);

/* ---- answers ---- */

/* Values of vmap_responses.point: a scale point below VMAP_POINTS_MAX; else why there is none. */
enum {
    VMAP_POINT_REASON = 240, /* + vmap_reason */
    VMAP_POINT_BETWEEN = 255 /* a number between two scale points, such as an average */
};

/* The answers of one side of a comparison: people, or the personas of one series (a model). Rows of the
 * same cell stand together, and within a cell those of the same cluster (a persona that answered several
 * times). Within a cell clusters are ordered by their answers, so that nothing that is drawn from them
 * depends on the order of a file. */
typedef struct vmap_responses {
    size_t n, p;
    unsigned char *point;  /* n x p, row after row */
    double *weight;        /* n, all more than 0 */
    size_t *row;           /* n: row of the answers that it came from */
    size_t cells;
    size_t *cell_start;    /* cells + 1: first cluster of each cell */
    size_t clusters;
    size_t *cluster_start; /* clusters + 1: first row of each cluster */
    bool weighted;         /* weights differ */
    bool clustered;        /* some cluster has more than one row */
} vmap_responses;

/* Where answers come from. Everything is owned by the caller and not modified. */
typedef struct vmap_responses_source {
    size_t n, width;
    const double *values;         /* n x width raw codes, NaN = missing */
    const unsigned char *reasons; /* n x width vmap_reason */
    const double *weights;        /* n, not negative; NULL: all 1 */
    size_t p;
    const size_t *item;           /* p: column of `values` that is item j */
    const vmap_points *points;    /* p */
    size_t cells;
    const size_t *cell;           /* n: cell of the respondent; `cells` leaves it out */
    const size_t *cluster;        /* n: number of the cluster, the same for rows that belong together;
                                     clusters that lie in several cells count once in each. NULL: every
                                     row is its own */
} vmap_responses_source;

/* Rows of weight 0 are left out. Cost O(n (p + log n)); VMAP_ENOMEM. */
vmap_status vmap_responses_new(const vmap_responses_source *source, vmap_responses **responses,
                               vmap_error *err);
void vmap_responses_free(vmap_responses *responses);

/* ---- distributions ---- */

typedef struct vmap_distributions {
    size_t groups, p;
    size_t *offset;   /* p + 1: item j has the columns offset[j] .. offset[j + 1] - 1 */
    double *share;    /* groups x offset[p] weighted shares of the valid answers; NaN where there are
                         none */
    size_t *n;        /* groups x p: valid answers */
    size_t *clusters; /* groups x p: clusters with a valid answer */
    double *weight;   /* groups x p: sum of weights of the valid answers */
    double *n_eff;    /* groups x p: effective number of independent answers, see below; 0 without */
    size_t *rows;     /* groups: respondents */
    double *reason;   /* groups x p x (VMAP_REASONS + 1): weighted share of all rows by reason, in the
                         order of vmap_reason ([VMAP_PRESENT]: valid), then between two points */
} vmap_distributions;

/* Distributions of groups that are made of cells.
 *   points  p
 *   group   cells: group of each cell; `groups` leaves it out
 *   factor  cells: every weight of the cell is multiplied by it (to give pooled groups another
 *           composition); NULL: 1
 * The effective number of a group without clusters is Kish's (S w)^2 / S w^2. With clusters (personas
 * that answered several times) it is (1 - S p^2) / S var(p), where var is the variance of the shares
 * between clusters, S_c W_c^2 (p_c - p)^2 / W^2 (Rao & Scott 1981, JASA 76, 221-230, the mean of the
 * generalised design effects); it lies between Kish's number of clusters, reached when a persona always
 * says the same, and that of answers.
 * Cost O(n p); VMAP_ENOMEM. */
vmap_status vmap_distributions_new(const vmap_responses *responses, const vmap_points *points,
                                   const size_t *group, size_t groups, const double *factor,
                                   vmap_distributions **distributions, vmap_error *err);
void vmap_distributions_free(vmap_distributions *distributions);

/* ---- counted while they are read ---- */

/* The answers of rows of labels (a combination of country, sex and model ...), counted by item and scale point. Rows
 * are numbered from 0 and appear when somebody is counted in them; memory is proportional to rows x items x options
 * and does not depend on the number of respondents. Sums are kept to twice the precision of a double, so that the
 * order in which respondents come does not matter. */
typedef struct vmap_tally vmap_tally;

/* p items with the given points, which must live as long as the tally; an item with a count of 0 is left out. NULL
 * with err set when memory is short. */
vmap_tally *vmap_tally_new(const vmap_points *points, size_t p, vmap_error *err);
void vmap_tally_free(vmap_tally *tally);

/* Count one respondent in a row.
 *   values, reasons  p raw codes (NaN: missing) and vmap_reason
 *   weight           not negative; a respondent of weight 0 is left out
 * Cost O(p); VMAP_ENOMEM. */
vmap_status vmap_tally_add(vmap_tally *tally, size_t row, const double *values, const unsigned char *reasons,
                           double weight, vmap_error *err);

/* Did the weights differ? */
bool vmap_tally_weighted(const vmap_tally *tally);
/* Sum of the weights of a row; 0 for one in which nobody was counted. */
double vmap_tally_weight(const vmap_tally *tally, size_t row);

/* Distributions of groups that are made of rows; every respondent is a cluster of its own.
 *   item    p: numbers of the items in the tally
 *   points  p: their points, as in the tally
 *   rows    rows that `group` and `factor` have
 *   group   rows: group of each row; `groups` leaves it out
 *   factor  rows: every weight of the row is multiplied by it; NULL: 1
 * The same numbers as vmap_distributions_new() gives for the respondents. Cost O(rows x points); VMAP_ENOMEM. */
vmap_status vmap_distributions_tallied(const vmap_tally *tally, const size_t *item, const vmap_points *points,
                                       size_t p, size_t rows, const size_t *group, size_t groups,
                                       const double *factor, vmap_distributions **distributions, vmap_error *err);

#endif
