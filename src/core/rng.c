#include <config.h>
#include "valuemap/rng.h"

#include <stdbool.h>
#include <string.h>

#include "core/rng_lanes.h"

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

enum { STEPS = 20, COARSE = 8, UNSETTLED = 0x80 };

/* 2^64 times Poisson's distribution function of mean 31/32 at 0, 1, ..; beyond the last one it is 2^64. In their upper
 * 16 bits the COARSE-th and all after it are the same. */
static const uint64_t poisson[STEPS] = {
    0x612aa8ee354537a0, 0xbf4bfc94f8e04583, 0xece42119bf9f603e, 0xfb9d4239f5226b8a, 0xff2e183fc2182846,
    0xffdef4ea7b67c4d7, 0xfffb83360bfdf4c9, 0xffff76e75c92bdb5, 0xfffff169d554c20a, 0xfffffe99a7a9a448,
    0xffffffe0b009dd66, 0xfffffffd7d23cb28, 0xffffffffd05d385a, 0xfffffffffcb844cc, 0xffffffffffc9ff5f,
    0xfffffffffffcbe16, 0xffffffffffffd0a3, 0xfffffffffffffd75, 0xffffffffffffffde, 0xfffffffffffffffe,
};

/* The count that 16 bits give; UNSETTLED beside it when they are those of a value of the distribution function. */
static uint8_t count_coarsely(uint16_t x)
{
    uint8_t count = 0, unsettled = 0;

    for (size_t k = 0; k < COARSE; k++) {
        count = (uint8_t)(count + (x > poisson[k] >> 48));
        if (x == poisson[k] >> 48)
            unsettled = UNSETTLED;
    }
    return count | unsettled;
}

static void draw_one_by_one(gsl_rng *const rng[RNG_LANES], size_t quads, uint8_t *out)
{
    for (size_t q = 0; q < quads; q++) {
        for (size_t l = 0; l < RNG_LANES; l++) {
            uint64_t x = next(rng[l]->state);

            for (size_t r = 0; r < RNG_QUAD; r++, x >>= 16)
                *out++ = count_coarsely((uint16_t)x);
        }
    }
}

/* Settle a count with 48 bits more. */
static uint8_t settle(uint8_t count, uint64_t rest)
{
    const uint64_t lower = UINT64_MAX >> 16;
    size_t first = count & ~(unsigned)UNSETTLED, k = first;

    while (k < STEPS && poisson[k] >> 48 == poisson[first] >> 48 && (poisson[k] & lower) <= rest)
        k++;
    return (uint8_t)k;
}

static void settle_all(gsl_rng *const rng[RNG_LANES], size_t bytes, uint8_t *out)
{
    for (size_t i = 0; i < bytes; i += 8) {
        uint64_t eight;

        memcpy(&eight, out + i, sizeof eight);
        if (!(eight & UINT64_C(0x8080808080808080)))
            continue;
        for (size_t at = i; at < i + 8; at++) {
            if (out[at] & UNSETTLED)
                out[at] = settle(out[at], next(rng[at / RNG_QUAD % RNG_LANES]->state) >> 16);
        }
    }
}

#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2")))
#define INLINED inline __attribute__((always_inline))

typedef uint64_t lane_words __attribute__((vector_size(32)));
typedef int16_t lane_halves __attribute__((vector_size(32)));
typedef uint8_t lane_bytes __attribute__((vector_size(16)));

/* next() of the four. */
static INLINED void next_lanes(lane_words s[4], lane_words *result)
{
    lane_words sum = s[0] + s[3], t = s[1] << 17;

    *result = (sum << 23 | sum >> 41) + s[0];
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = s[3] << 45 | s[3] >> 19;
}

/* count_coarsely() of four rows in each lane. There are only comparisons of signed numbers. */
static INLINED lane_bytes count_lanes(const lane_words *x)
{
    lane_halves half = (lane_halves)*x ^ INT16_MIN, count = {0}, unsettled = {0};

    for (size_t k = 0; k < COARSE; k++) {
        lane_halves step = (int16_t)((int32_t)(poisson[k] >> 48) + INT16_MIN) - (lane_halves){0};

        count -= half > step;
        unsettled |= half == step;
    }
    return __builtin_convertvector(count | (unsettled & UNSETTLED), lane_bytes);
}

static INLINED void draw_lanes(gsl_rng *const rng[RNG_LANES], size_t quads, uint8_t *out)
{
    lane_words s[4];

    for (size_t i = 0; i < 4; i++) {
        for (size_t l = 0; l < RNG_LANES; l++)
            s[i][l] = ((state *)rng[l]->state)->s[i];
    }
    for (size_t q = 0; q < quads; q++) {
        lane_words x;
        lane_bytes count;

        next_lanes(s, &x);
        count = count_lanes(&x);
        memcpy(out + q * sizeof count, &count, sizeof count);
    }
    for (size_t i = 0; i < 4; i++) {
        for (size_t l = 0; l < RNG_LANES; l++)
            ((state *)rng[l]->state)->s[i] = s[i][l];
    }
}

WIDE static void draw_wide(gsl_rng *const rng[RNG_LANES], size_t quads, uint8_t *out)
{
    draw_lanes(rng, quads, out);
}

static bool is_wide(void)
{
    return __builtin_cpu_supports("avx2");
}
#else
#define draw_wide draw_one_by_one

static bool is_wide(void)
{
    return false;
}
#endif

void rng_poisson_lanes(gsl_rng *const rng[RNG_LANES], size_t rows, uint8_t *out)
{
    size_t quads = (rows + RNG_QUAD - 1) / RNG_QUAD;

    if (is_wide())
        draw_wide(rng, quads, out);
    else
        draw_one_by_one(rng, quads, out);
    for (size_t row = rows; row < quads * RNG_QUAD; row++) {
        for (size_t l = 0; l < RNG_LANES; l++)
            out[rng_lane_at(row, l)] = 0;
    }
    settle_all(rng, quads * RNG_QUAD * RNG_LANES, out);
}
