#ifndef MOMENTS_INTERNAL_H
#define MOMENTS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/moments.h"

/* What the parts of the module share; not exported. */

/* Correlations that are estimated by maximum likelihood stay within this of 0. */
#define MOMENTS_LIMIT .9999
enum { MOMENTS_CATEGORIES = 64 }; /* most categories of an ordered item */

/* Score of a log-likelihood at a correlation, and its information (positive). */
typedef double moments_score(void *context, double rho, double *information);

/* The correlation where the score crosses zero downwards, by Newton's steps inside a bracket;
 * *boundary tells that it does not before +-MOMENTS_LIMIT. */
double moments_climb(moments_score *score, void *context, double start, bool *boundary);

/* Is the number of the item that err is about worth naming: set err->column to i + 1. */
vmap_status moments_refuse_item(size_t i, vmap_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* VMAP_EINVAL for a weight that is negative, NaN or infinite. */
vmap_status moments_check_weights(const double *weights, size_t n, vmap_error *err);

/* Empty moments of p items. */
vmap_status moments_new(size_t p, vmap_moments **moments, vmap_error *err);

/* Numbers of the rows that count, into `row` (n): positive weight and a value (with VMAP_LISTWISE all of them);
 * returns how many. */
size_t moments_choose_rows(const double *values, size_t n, size_t p, const double *weights,
                           vmap_missing_rule rule, size_t *row);

/* vmap_moments_correlate() on as many threads. */
vmap_status moments_correlate(const double *values, size_t n, size_t p, const double *weights,
                              vmap_missing_rule rule, unsigned threads, vmap_moments **moments, vmap_error *err);

/* Respondents that count, item by item: which of an item's distinct values each gave. */
typedef struct coded_items {
    size_t n, p;
    unsigned *level;  /* p x n, item after item; CODED_NONE where nothing was answered */
    size_t *levels;   /* p: number of distinct values */
    double **value;   /* p: these values, ascending */
    double *weight;   /* n, positive */
} coded_items;
#define CODED_NONE 0xFFFFFFFFu

/* Take the rows of positive weight (with VMAP_LISTWISE the complete ones) of n x p values. */
vmap_status moments_code(const double *values, size_t n, size_t p, const double *weights,
                         vmap_missing_rule rule, unsigned threads, coded_items *coded, vmap_error *err);
void moments_code_free(coded_items *coded);

/* Spearman's and Kendall's coefficient of items i and j over those who answered both. */
double moments_spearman(const coded_items *coded, size_t i, size_t j, double *room);
double moments_kendall(const coded_items *coded, size_t i, size_t j, const unsigned *order,
                       double *room);
/* The same for a table of sums of weights. */
double moments_table_spearman(const double *table, size_t rows, size_t columns);
double moments_table_kendall(const double *table, size_t rows, size_t columns);

#endif
