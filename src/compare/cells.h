#ifndef COMPARE_CELLS_H
#define COMPARE_CELLS_H

#include <stddef.h>

#include "valuemap/error.h"

/* Numbers in a table of two factors, a x b cells: counts, sums and sums of squares, which the analysis of variance and variance
 * components share; not exported. Everything is around the mean of all. (Intraclass correlations, src/factor/icc.c, are of
 * weighted targets that lack nothing.) */
typedef struct cells {
    size_t a, b, n, left_out; /* levels; numbers; those that are NaN */
    size_t filled;            /* cells with a number */
    double mean;
    double *sum, *count;      /* a x b */
    double *row, *col;        /* sums of the a and b levels */
    double *n_row, *n_col;
    double total, within;     /* sums of squares: around the mean, around the means of cells */
} cells;

/* VMAP_ENOMEM. cells_free() in any case. */
vmap_status cells_new(cells *c, size_t a, size_t b, vmap_error *err);
void cells_free(cells *c);

/* Take in n numbers y; the cell of number i, row x b + column, is cell[i], or (NULL) i / each. */
void cells_fill(cells *c, const double *y, size_t n, const size_t *cell, size_t each);

/* Reduction in sum of squares by the levels of one factor alone: S sum^2 / n. */
double cells_reduction(const double *sum, const double *n, size_t levels);

#endif
