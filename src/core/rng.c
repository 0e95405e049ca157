#include <config.h>
#include "valuemap/rng.h"

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
