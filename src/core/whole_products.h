#ifndef CORE_WHOLE_PRODUCTS_H
#define CORE_WHOLE_PRODUCTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sums of small whole numbers over rows that count several times; not exported.
 *
 *   count       replicates x stride: how often each replicate takes a row, up to 32767; one element
 * more than the last one must be readable replicates  a multiple of 4 x           rows x p sums
 * replicates x (1 + p + p (p + 1) / 2): the sums of 1, of x_i and of x_i x_l for l <= i Every |x_i
 * x_l| must be at most 32767, and no sum may leave 32 bits whatever its order. The sums are exact.
 *
 * Two products of 16 bits and their sum are one step in each of the eight lanes of a register, four
 * times what a step with doubles does. False, with `sums` untouched, where the processor (x86
 * without AVX2, or another one) has no such step or there is no memory: the caller then multiplies
 * doubles, whose sums of whole numbers are as exact. */
bool whole_products(const uint16_t *count, size_t stride, size_t replicates, const int16_t *x,
                    size_t rows, size_t p, double *sums);

#endif
