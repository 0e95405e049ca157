#include <config.h>
#include "core/whole_products.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/rng_lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx2")))
#define WIDEST __attribute__((target("avx512f,avx512bw,avx512vnni")))
#define INLINED inline __attribute__((always_inline))

enum {
    QUADS = 64, /* of a block: a tile of its columns lies in the first cache for all replicates */
    SPARE = 16  /* columns that may be spoilt after the last one */
};

/* What is summed, and room for a block of rows. */
typedef struct {
    const uint8_t *count;
    size_t quads, replicates;
    const int16_t *x;
    size_t p, from, to;
    size_t used, columns; /* sums of a replicate; rounded up to registers */
    uint32_t *design;     /* steps x columns: the columns of the rows that one step adds, side by side in a word */
    uint64_t *rows;       /* p: the numbers of these rows */
    uint32_t *pair;       /* p: the same of two rows */
    uint16_t *part;       /* replicates x rows of a block: their counts, for steps of two */
    int32_t *total;       /* replicates x columns */
} products;

/* The numbers of up to four rows, 16 bits each in one word per item, and their bits of 16 that say that a row is there. */
static uint64_t gather(const products *s, size_t row, size_t rows)
{
    uint64_t there = 0;

    if (rows == RNG_QUAD && row >= s->from && row + rows <= s->to) {
        const int16_t *x = s->x + row * s->p;

        for (size_t i = 0; i < s->p; i++)
            s->rows[i] = (uint16_t)x[i] | (uint64_t)(uint16_t)x[s->p + i] << 16 | (uint64_t)(uint16_t)x[2 * s->p + i] << 32 |
                         (uint64_t)(uint16_t)x[3 * s->p + i] << 48;
        return UINT64_C(0x0001000100010001);
    }
    memset(s->rows, 0, s->p * sizeof *s->rows);
    for (size_t r = 0; r < rows; r++) {
        const int16_t *x = s->x + (row + r) * s->p;

        if (row + r < s->from || row + r >= s->to)
            continue;
        there |= UINT64_C(1) << 16 * r;
        for (size_t i = 0; i < s->p; i++)
            s->rows[i] |= (uint64_t)(uint16_t)x[i] << 16 * r;
    }
    return there;
}

/* ---- two rows in a step: 16 bits ---- */

enum { LANE = 8, TILE = 2 * LANE /* columns that are summed at once; more would leave the registers */ };

WIDE static void put_pair(const products *s, size_t row, uint32_t *out)
{
    uint32_t *pair = s->pair;
    uint64_t there = gather(s, row, 2);

    for (size_t i = 0; i < s->p; i++)
        pair[i] = (uint32_t)s->rows[i];
    *out++ = (uint32_t)there;
    memcpy(out, pair, s->p * sizeof *pair);
    out += s->p;
    for (size_t i = 0; i < s->p; out += ++i) {
        __m256i factor = _mm256_set1_epi32((int)pair[i]);

        for (size_t l = 0; l <= i; l += 8)
            _mm256_storeu_si256((__m256i *)(out + l),
                                _mm256_mullo_epi16(factor, _mm256_loadu_si256((const __m256i *)(pair + l))));
    }
}

/* One pair of rows for one replicate. */
WIDE static INLINED void add_pair(const uint16_t *count, bool both, __m256i d0, __m256i d1, __m256i sum[2])
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

/* Four replicates, one tile of columns or (not both) half of one. Loops over the sums would put them into memory. */
WIDE static INLINED void add_some(const uint16_t *count, const uint32_t *design, size_t columns, size_t pairs, bool both,
                                  int32_t *total)
{
    enum { STRIDE = QUADS * RNG_QUAD };
    __m256i a[2], b[2], c[2], d[2];

    load_sums(total, both, a);
    load_sums(total + columns, both, b);
    load_sums(total + 2 * columns, both, c);
    load_sums(total + 3 * columns, both, d);
    for (size_t r = 0; r < pairs; r++, count += 2, design += columns) {
        __m256i d0 = _mm256_loadu_si256((const __m256i *)design);
        __m256i d1 = both ? _mm256_loadu_si256((const __m256i *)(design + LANE)) : d0;

        add_pair(count, both, d0, d1, a);
        add_pair(count + STRIDE, both, d0, d1, b);
        add_pair(count + 2 * STRIDE, both, d0, d1, c);
        add_pair(count + 3 * STRIDE, both, d0, d1, d);
    }
    store_sums(total, both, a);
    store_sums(total + columns, both, b);
    store_sums(total + 2 * columns, both, c);
    store_sums(total + 3 * columns, both, d);
}

WIDE static void add_tile(const uint16_t *count, const uint32_t *design, size_t columns, size_t pairs, int32_t *total)
{
    add_some(count, design, columns, pairs, true, total);
}

WIDE static void add_half(const uint16_t *count, const uint32_t *design, size_t columns, size_t pairs, int32_t *total)
{
    add_some(count, design, columns, pairs, false, total);
}

static void add_block_of_pairs(const products *s, size_t quad, size_t here)
{
    for (size_t b = 0; b < s->replicates; b++) {
        const uint8_t *count = s->count + (b / RNG_LANES * s->quads + quad) * RNG_LANES * RNG_QUAD;

        for (size_t r = 0; r < here * RNG_QUAD; r++)
            s->part[b * QUADS * RNG_QUAD + r] = count[rng_lane_at(r, b % RNG_LANES)];
    }
    for (size_t r = 0; r < 2 * here; r++)
        put_pair(s, quad * RNG_QUAD + 2 * r, s->design + r * s->columns);
    for (size_t c = 0; c < s->columns; c += TILE) {
        for (size_t b = 0; b < s->replicates; b += RNG_LANES)
            (c + TILE <= s->columns ? add_tile : add_half)(s->part + b * QUADS * RNG_QUAD, s->design + c, s->columns, 2 * here,
                                                           s->total + b * s->columns + c);
    }
}

/* ---- four rows in a step: 8 bits ---- */

enum { WIDEST_LANE = 16, WIDEST_TILE = 4 }; /* columns of a register; registers of a tile */

WIDEST static void put_quad(const products *s, size_t row, uint32_t *out)
{
    uint64_t there = gather(s, row, RNG_QUAD);

    *out++ = (uint32_t)((there & 1) | (there >> 8 & 0x100) | (there >> 16 & 0x10000) | (there >> 24 & 0x1000000));
    for (size_t l = 0; l < s->p; l += 8)
        _mm256_storeu_si256((__m256i *)(out + l), _mm512_cvtepi16_epi8(_mm512_loadu_si512(s->rows + l)));
    out += s->p;
    for (size_t i = 0; i < s->p; out += ++i) {
        __m512i factor = _mm512_set1_epi64((int64_t)s->rows[i]);

        for (size_t l = 0; l <= i; l += 8)
            _mm256_storeu_si256((__m256i *)(out + l), _mm512_cvtepi16_epi8(_mm512_mullo_epi16(
                                                          factor, _mm512_loadu_si512(s->rows + l))));
    }
}

WIDEST static INLINED void load_registers(const void *from, size_t registers, __m512i x[WIDEST_TILE])
{
    const int32_t *word = from;

    x[0] = _mm512_loadu_si512(word);
    x[1] = registers > 1 ? _mm512_loadu_si512(word + WIDEST_LANE) : x[0];
    x[2] = registers > 2 ? _mm512_loadu_si512(word + 2 * WIDEST_LANE) : x[0];
    x[3] = registers > 3 ? _mm512_loadu_si512(word + 3 * WIDEST_LANE) : x[0];
}

WIDEST static INLINED void store_registers(int32_t *to, size_t registers, const __m512i x[WIDEST_TILE])
{
    _mm512_storeu_si512(to, x[0]);
    if (registers > 1)
        _mm512_storeu_si512(to + WIDEST_LANE, x[1]);
    if (registers > 2)
        _mm512_storeu_si512(to + 2 * WIDEST_LANE, x[2]);
    if (registers > 3)
        _mm512_storeu_si512(to + 3 * WIDEST_LANE, x[3]);
}

/* One quad of rows for one replicate. */
WIDEST static INLINED void add_quad(const uint8_t *count, size_t registers, const __m512i d[WIDEST_TILE],
                                    __m512i sum[WIDEST_TILE])
{
    int32_t four;
    __m512i c;

    memcpy(&four, count, sizeof four);
    c = _mm512_set1_epi32(four);
    sum[0] = _mm512_dpbusd_epi32(sum[0], c, d[0]);
    if (registers > 1)
        sum[1] = _mm512_dpbusd_epi32(sum[1], c, d[1]);
    if (registers > 2)
        sum[2] = _mm512_dpbusd_epi32(sum[2], c, d[2]);
    if (registers > 3)
        sum[3] = _mm512_dpbusd_epi32(sum[3], c, d[3]);
}

/* Four replicates, a tile of so many registers. */
WIDEST static INLINED void add_registers(const uint8_t *count, const uint32_t *design, size_t columns, size_t quads,
                                         size_t registers, int32_t *total)
{
    __m512i a[WIDEST_TILE], b[WIDEST_TILE], c[WIDEST_TILE], d[WIDEST_TILE], x[WIDEST_TILE];

    load_registers(total, registers, a);
    load_registers(total + columns, registers, b);
    load_registers(total + 2 * columns, registers, c);
    load_registers(total + 3 * columns, registers, d);
    for (size_t q = 0; q < quads; q++, count += RNG_LANES * RNG_QUAD, design += columns) {
        load_registers(design, registers, x);
        add_quad(count, registers, x, a);
        add_quad(count + RNG_QUAD, registers, x, b);
        add_quad(count + 2 * RNG_QUAD, registers, x, c);
        add_quad(count + 3 * RNG_QUAD, registers, x, d);
    }
    store_registers(total, registers, a);
    store_registers(total + columns, registers, b);
    store_registers(total + 2 * columns, registers, c);
    store_registers(total + 3 * columns, registers, d);
}

typedef void add_columns(const uint8_t *count, const uint32_t *design, size_t columns, size_t quads, int32_t *total);

WIDEST static void add_1(const uint8_t *count, const uint32_t *design, size_t columns, size_t quads, int32_t *total)
{
    add_registers(count, design, columns, quads, 1, total);
}

WIDEST static void add_2(const uint8_t *count, const uint32_t *design, size_t columns, size_t quads, int32_t *total)
{
    add_registers(count, design, columns, quads, 2, total);
}

WIDEST static void add_3(const uint8_t *count, const uint32_t *design, size_t columns, size_t quads, int32_t *total)
{
    add_registers(count, design, columns, quads, 3, total);
}

WIDEST static void add_4(const uint8_t *count, const uint32_t *design, size_t columns, size_t quads, int32_t *total)
{
    add_registers(count, design, columns, quads, 4, total);
}

static void add_block_of_quads(const products *s, size_t quad, size_t here)
{
    static add_columns *const add[] = {NULL, add_1, add_2, add_3, add_4};
    size_t left = s->columns / WIDEST_LANE;

    for (size_t q = 0; q < here; q++)
        put_quad(s, (quad + q) * RNG_QUAD, s->design + q * s->columns);
    for (size_t c = 0, tile; left > 0; left -= tile, c += tile * WIDEST_LANE) {
        tile = left == WIDEST_TILE + 1 ? WIDEST_TILE - 1 : left < WIDEST_TILE ? left : WIDEST_TILE;
        for (size_t b = 0; b < s->replicates; b += RNG_LANES)
            add[tile](s->count + (b / RNG_LANES * s->quads + quad) * RNG_LANES * RNG_QUAD, s->design + c, s->columns, here,
                      s->total + b * s->columns + c);
    }
}

/* ---- both ---- */

static bool new_products(products *s, bool bytes)
{
    size_t lane = bytes ? WIDEST_LANE : LANE, steps = bytes ? QUADS : 2 * QUADS;

    s->used = 1 + s->p + s->p * (s->p + 1) / 2;
    s->columns = (s->used + lane - 1) / lane * lane;
    s->design = memory_new(steps * s->columns + SPARE, sizeof *s->design, NULL);
    s->rows = memory_new(s->p + SPARE, sizeof *s->rows, NULL);
    s->pair = memory_new(s->p + SPARE, sizeof *s->pair, NULL);
    s->part = memory_new(bytes ? 1 : s->replicates * QUADS * RNG_QUAD, sizeof *s->part, NULL);
    s->total = memory_new(s->replicates * s->columns, sizeof *s->total, NULL);
    return s->design && s->rows && s->pair && s->part && s->total;
}

static void free_products(products *s)
{
    free(s->design);
    free(s->rows);
    free(s->pair);
    free(s->part);
    free(s->total);
}

static bool has_bytes(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni");
}

bool whole_products_ready(void)
{
    return __builtin_cpu_supports("avx2");
}

bool whole_products(const uint8_t *count, size_t quads, size_t replicates, const int16_t *x, size_t p, size_t from,
                    size_t to, int largest, double *sums)
{
    products s = {.count = count, .quads = quads, .replicates = replicates, .x = x, .p = p, .from = from, .to = to};
    bool bytes = largest * largest <= INT8_MAX && has_bytes(), ok;
    size_t end = (to + RNG_QUAD - 1) / RNG_QUAD;

    if (!whole_products_ready())
        return false;
    ok = new_products(&s, bytes);
    for (size_t quad = from / RNG_QUAD; ok && quad < end; quad += QUADS)
        (bytes ? add_block_of_quads : add_block_of_pairs)(&s, quad, end - quad < QUADS ? end - quad : QUADS);
    for (size_t b = 0; ok && b < replicates; b++) {
        for (size_t c = 0; c < s.used; c++)
            sums[b * s.used + c] = s.total[b * s.columns + c];
    }
    free_products(&s);
    return ok;
}
#else
bool whole_products(const uint8_t *count, size_t quads, size_t replicates, const int16_t *x, size_t p, size_t from,
                    size_t to, int largest, double *sums)
{
    (void)count, (void)quads, (void)replicates, (void)x, (void)p, (void)from, (void)to, (void)largest, (void)sums;
    return false;
}

bool whole_products_ready(void)
{
    return false;
}
#endif
