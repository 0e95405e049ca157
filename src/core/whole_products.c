#include <config.h>
#include "core/whole_products.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx2")))
#define INLINED inline __attribute__((always_inline))

enum {
    LANE = 8,        /* columns of a register */
    TILE = 2 * LANE, /* columns that are summed at once; more of them for four replicates would
                        leave the registers */
    PAIRS =
        64 /* pairs of rows in a block: a tile of it lies in the first cache for all replicates */
};

/* The columns of two rows, the numbers of both in one word; `pair` has zeros after the p words. Up
 * to 7 words after the columns are spoilt. */
WIDE static void put_pair(const int16_t *x, const int16_t *next, size_t p, uint32_t *pair,
                          uint32_t *out)
{
    for (size_t i = 0; i < p; i++)
        pair[i] = (uint16_t)x[i] | (uint32_t)(uint16_t)(next ? next[i] : 0) << 16;
    *out++ = next ? 0x00010001 : 1;
    memcpy(out, pair, p * sizeof *pair);
    out += p;
    for (size_t i = 0; i < p; out += ++i) {
        __m256i factor = _mm256_set1_epi32((int)pair[i]);

        for (size_t l = 0; l <= i; l += 8)
            _mm256_storeu_si256(
                (__m256i *)(out + l),
                _mm256_mullo_epi16(factor, _mm256_loadu_si256((const __m256i *)(pair + l))));
    }
}

/* One pair of rows for one replicate. */
WIDE static INLINED void add_pair(const uint16_t *count, bool both, __m256i d0, __m256i d1,
                                  __m256i sum[2])
{
    int32_t pair;
    __m256i c;

    memcpy(&pair, count, sizeof pair);
    c = _mm256_set1_epi32(pair);
    sum[0] = _mm256_add_epi32(sum[0], _mm256_madd_epi16(c, d0));
    if (both)
        sum[1] = _mm256_add_epi32(sum[1], _mm256_madd_epi16(c, d1));
}

WIDE static INLINED void load_sums(const int32_t *from, bool both, __m256i sum[2])
{
    sum[0] = _mm256_loadu_si256((const __m256i *)from);
    sum[1] = both ? _mm256_loadu_si256((const __m256i *)(from + LANE)) : _mm256_setzero_si256();
}

WIDE static INLINED void store_sums(int32_t *to, bool both, const __m256i sum[2])
{
    _mm256_storeu_si256((__m256i *)to, sum[0]);
    if (both)
        _mm256_storeu_si256((__m256i *)(to + LANE), sum[1]);
}

/* Four replicates, one tile of columns or (not both) half of one. */
WIDE static INLINED void add_some(const uint16_t *count, size_t stride, const uint32_t *design,
                                  size_t columns, size_t pairs, bool both, int32_t *total)
{
    __m256i a[2], b[2], c[2], d[2];

    load_sums(total, both, a);
    load_sums(total + columns, both, b);
    load_sums(total + 2 * columns, both, c);
    load_sums(total + 3 * columns, both, d);
    for (size_t r = 0; r < pairs; r++, count += 2, design += columns) {
        __m256i d0 = _mm256_loadu_si256((const __m256i *)design);
        __m256i d1 = both ? _mm256_loadu_si256((const __m256i *)(design + LANE)) : d0;

        add_pair(count, both, d0, d1, a);
        add_pair(count + stride, both, d0, d1, b);
        add_pair(count + 2 * stride, both, d0, d1, c);
        add_pair(count + 3 * stride, both, d0, d1, d);
    }
    store_sums(total, both, a);
    store_sums(total + columns, both, b);
    store_sums(total + 2 * columns, both, c);
    store_sums(total + 3 * columns, both, d);
}

WIDE static void add_tile(const uint16_t *count, size_t stride, const uint32_t *design,
                          size_t columns, size_t pairs, int32_t *total)
{
    add_some(count, stride, design, columns, pairs, true, total);
}

WIDE static void add_half(const uint16_t *count, size_t stride, const uint32_t *design,
                          size_t columns, size_t pairs, int32_t *total)
{
    add_some(count, stride, design, columns, pairs, false, total);
}

bool whole_products(const uint16_t *count, size_t stride, size_t replicates, const int16_t *x,
                    size_t rows, size_t p, double *sums)
{
    size_t used = 1 + p + p * (p + 1) / 2, columns = (used + LANE - 1) / LANE * LANE;
    uint32_t *design, *pair;
    int32_t *total;
    bool ok = __builtin_cpu_supports("avx2");

    if (!ok)
        return false;
    design = memory_new(PAIRS * columns + 8, sizeof *design, NULL);
    pair = memory_new(p + 8, sizeof *pair, NULL);
    total = memory_new(replicates * columns, sizeof *total, NULL);
    ok = design && pair && total;
    for (size_t from = 0; ok && from < rows; from += 2 * PAIRS) {
        size_t here = rows - from < 2 * PAIRS ? rows - from : 2 * PAIRS, pairs = (here + 1) / 2;

        for (size_t r = 0; r < here; r += 2)
            put_pair(x + (from + r) * p, r + 1 < here ? x + (from + r + 1) * p : NULL, p, pair,
                     design + r / 2 * columns);
        for (size_t c = 0; c < columns; c += TILE) {
            for (size_t b = 0; b < replicates; b += 4)
                (c + TILE <= columns ? add_tile : add_half)(count + b * stride + from, stride,
                                                            design + c, columns, pairs,
                                                            total + b * columns + c);
        }
    }
    for (size_t b = 0; ok && b < replicates; b++) {
        for (size_t c = 0; c < used; c++)
            sums[b * used + c] = total[b * columns + c];
    }
    free(design);
    free(pair);
    free(total);
    return ok;
}
#else
bool whole_products(const uint16_t *count, size_t stride, size_t replicates, const int16_t *x,
                    size_t rows, size_t p, double *sums)
{
    (void)count, (void)stride, (void)replicates, (void)x, (void)rows, (void)p, (void)sums;
    return false;
}
#endif
