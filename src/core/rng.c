#include <config.h>
#include "valuemap/rng.h"

#include <stdbool.h>

#include "core/rng_lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef struct {
    uint64_t s[4];
} state;

static uint64_t rotate_left(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

static uint64_t next(state *rng)
{
    uint64_t *s = rng->s;
    uint64_t result = rotate_left(s[0] + s[3], 23) + s[0], t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

/* splitmix64 (Steele, Lea & Flood 2014): spreads any seed over the whole state. */
static uint64_t spread(uint64_t *x)
{
    uint64_t z = *x += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static void fill(state *rng, uint64_t seed, uint64_t stream)
{
    uint64_t x = seed;

    x = spread(&x) ^ stream * UINT64_C(0xD1342543DE82EF95);
    for (int i = 0; i < 4; i++)
        rng->s[i] = spread(&x);
}

static void gsl_set(void *data, unsigned long seed)
{
    fill(data, seed, 0);
}

static unsigned long gsl_get(void *data)
{
    return (unsigned long)(next(data) >> 32);
}

static double gsl_get_double(void *data)
{
    return (double)(next(data) >> 11) * 0x1p-53;
}

static const gsl_rng_type type = {
    "xoshiro256++", 0xFFFFFFFFul, 0, sizeof(state), gsl_set, gsl_get, gsl_get_double,
};
const gsl_rng_type *const vmap_rng_xoshiro256pp = &type;

gsl_rng *vmap_rng_new(uint64_t seed, uint64_t stream)
{
    gsl_rng *rng = gsl_rng_alloc(vmap_rng_xoshiro256pp);

    if (rng)
        vmap_rng_set(rng, seed, stream);
    return rng;
}

void vmap_rng_set(gsl_rng *rng, uint64_t seed, uint64_t stream)
{
    fill(rng->state, seed, stream);
}

size_t vmap_rng_below(gsl_rng *rng, size_t n)
{
    __extension__ typedef unsigned __int128 wide;
    state *s = rng->state;
    wide product = (wide)next(s) * n;

    if ((uint64_t)product < n) {
        uint64_t least = -(uint64_t)n % n;

        while ((uint64_t)product < least)
            product = (wide)next(s) * n;
    }
    return (size_t)(product >> 64);
}

/* ---- four generators side by side ---- */

static void below_one_by_one(gsl_rng *const rng[RNG_LANES], uint32_t n, size_t count, uint32_t *out)
{
    for (size_t l = 0; l < RNG_LANES; l++) {
        for (size_t i = 0; i < count; i++)
            out[l * count + i] = (uint32_t)vmap_rng_below(rng[l], n);
    }
}

#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2")))

WIDE static inline __m256i rotate_lanes(__m256i x, int k)
{
    return _mm256_or_si256(_mm256_slli_epi64(x, k), _mm256_srli_epi64(x, 64 - k));
}

/* next() of the four. */
WIDE static inline __m256i next_lanes(__m256i s[4])
{
    __m256i result = _mm256_add_epi64(rotate_lanes(_mm256_add_epi64(s[0], s[3]), 23), s[0]);
    __m256i t = _mm256_slli_epi64(s[1], 17);

    s[2] = _mm256_xor_si256(s[2], s[0]);
    s[3] = _mm256_xor_si256(s[3], s[1]);
    s[1] = _mm256_xor_si256(s[1], s[2]);
    s[0] = _mm256_xor_si256(s[0], s[3]);
    s[2] = _mm256_xor_si256(s[2], t);
    s[3] = rotate_lanes(s[3], 45);
    return result;
}

/* False when one of the numbers may have to be drawn again, about once in 2^32: the generators are then as before. */
WIDE static bool below_wide(gsl_rng *const rng[RNG_LANES], uint32_t n, size_t count, uint32_t *out)
{
    const __m256i limit = _mm256_set1_epi64x(n), zero = _mm256_setzero_si256();
    __m256i s[4], rare = zero;
    uint64_t word[4][RNG_LANES], drawn[RNG_LANES];

    for (size_t l = 0; l < RNG_LANES; l++) {
        for (size_t i = 0; i < 4; i++)
            word[i][l] = ((state *)rng[l]->state)->s[i];
    }
    for (size_t i = 0; i < 4; i++)
        s[i] = _mm256_loadu_si256((const __m256i *)word[i]);
    for (size_t i = 0; i < count; i++) {
        __m256i x = next_lanes(s), low = _mm256_mul_epu32(x, limit);
        __m256i high = _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(x, 32), limit), _mm256_srli_epi64(low, 32));

        /* the lower half of the product, x n / 2^64, is below n < 2^32 only if its own upper half is 0 */
        rare = _mm256_or_si256(rare, _mm256_cmpeq_epi64(_mm256_slli_epi64(high, 32), zero));
        _mm256_storeu_si256((__m256i *)drawn, _mm256_srli_epi64(high, 32));
        for (size_t l = 0; l < RNG_LANES; l++)
            out[l * count + i] = (uint32_t)drawn[l];
    }
    if (!_mm256_testz_si256(rare, rare))
        return false;
    for (size_t i = 0; i < 4; i++)
        _mm256_storeu_si256((__m256i *)word[i], s[i]);
    for (size_t l = 0; l < RNG_LANES; l++) {
        for (size_t i = 0; i < 4; i++)
            ((state *)rng[l]->state)->s[i] = word[i][l];
    }
    return true;
}

static bool is_wide(void)
{
    return __builtin_cpu_supports("avx2");
}
#else
static bool below_wide(gsl_rng *const rng[RNG_LANES], uint32_t n, size_t count, uint32_t *out)
{
    (void)rng, (void)n, (void)count, (void)out;
    return false;
}

static bool is_wide(void)
{
    return false;
}
#endif

void rng_below_lanes(gsl_rng *const rng[RNG_LANES], uint32_t n, size_t count, uint32_t *out)
{
    if (!is_wide() || !below_wide(rng, n, count, out))
        below_one_by_one(rng, n, count, out);
}
