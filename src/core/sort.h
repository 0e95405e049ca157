#ifndef CORE_SORT_H
#define CORE_SORT_H

#include <stddef.h>

/* Sort n numbers, none of them NaN, into ascending order; not exported. Quicksort on the middle of three, insertion for
 * short runs, heap sort when it goes wrong: O(n log n). Several times faster than gsl_sort() and qsort(). */
void sort_numbers(double *x, size_t n);

#endif
