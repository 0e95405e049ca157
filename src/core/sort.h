#ifndef CORE_SORT_H
#define CORE_SORT_H

#include <math.h>
#include <stddef.h>

/* Sort n numbers, none of them NaN, into ascending order; not exported. Quicksort on the middle of three, insertion for
 * short runs, heap sort when it goes wrong: O(n log n). Several times faster than gsl_sort() and qsort(). */
void sort_numbers(double *x, size_t n);

/* Rearrange n numbers, none of them NaN, so that x[k] is what it would be if they were sorted, none before it is larger and
 * none after it smaller. O(n) on average. */
void sort_until(double *x, size_t n, size_t k);

/* -1, 0, 1: the order of two numbers that are computed, such as means and distances; what only rounding sets apart, 1e-12 of
 * `size`, is the same. Two groups with the same mean answer would else change places with the processor. */
static inline int sort_order(double a, double b, double size)
{
    return fabs(a - b) <= 1e-12 * size ? 0 : a < b ? -1 : 1;
}

/* Greatest size of n numbers; NaN does not count. */
static inline double sort_size(const double *x, size_t n)
{
    double size = 0;

    for (size_t i = 0; i < n; i++)
        size = fmax(size, fabs(x[i]));
    return size;
}

#endif
