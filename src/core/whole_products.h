#ifndef CORE_WHOLE_PRODUCTS_H
#define CORE_WHOLE_PRODUCTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sums of small whole numbers over rows that count several times; not exported.
 *
 *   count       how often each replicate takes a row, up to 127: for every four replicates `quads` quads of rows, laid
 *               out as rng_lane_at() says
 *   replicates  a multiple of 4
 *   x           rows x p
 *   from, to    rows that are summed, to <= 4 quads
 *   largest     at least every |x_i|, and largest^2 <= 32767
 *   sums        replicates x (1 + p + p (p + 1) / 2): the sums of 1, of x_i and of x_i x_l for l <= i
 * No sum may leave 32 bits whatever its order. The sums are exact.
 *
 * With largest^2 <= 127 the products are bytes, of which x86 with AVX-512 VNNI multiplies and adds 64 in one step;
 * else two products of 16 bits and their sum are one step in each of the eight lanes of AVX2. A step with doubles has 4
 * or 8. False, with `sums` untouched, where the processor has no such step or there is no memory: the caller then
 * multiplies doubles, whose sums of whole numbers are as exact. */
bool whole_products(const uint8_t *count, size_t quads, size_t replicates, const int16_t *x, size_t p, size_t from,
                    size_t to, int largest, double *sums);
bool whole_products_ready(void); /* does the processor have such a step? */

#endif
