#ifndef VALUEMAP_RNG_H
#define VALUEMAP_RNG_H

#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_rng.h>

/* One seeded generator with numbered streams.
 *
 * The generator is xoshiro256++ (Blackman & Vigna 2021, ACM Trans. Math. Softw. 47(4), article 36),
 * offered as a gsl_rng_type so that every GSL distribution works on it. Replicate r of a bootstrap
 * draws from stream r: the result does not depend on how replicates are shared among threads.
 * Period 2^256 - 1; 64 random bits a step, of which GSL's doubles take the upper 53. Not for secrets.
 * The seed of all commands is 20230217 where none is given. Generators are not shared between threads: each makes its own.
 */
extern const gsl_rng_type *const vmap_rng_xoshiro256pp;

/* A new generator in the given stream of the given seed; NULL when memory is short.
 * Free with gsl_rng_free(). Seed 0 and stream 0 are seeds and streams like others. */
gsl_rng *vmap_rng_new(uint64_t seed, uint64_t stream);

/* Move an existing vmap_rng_xoshiro256pp generator to the start of a stream. Different
 * (seed, stream) pairs give unrelated sequences; the state is filled by splitmix64. */
void vmap_rng_set(gsl_rng *rng, uint64_t seed, uint64_t stream);

/* A whole number in 0..n-1 (n >= 1), unbiased (Lemire 2019, ACM TOMACS 29(1), article 3); takes one
 * step of the generator nearly always. n = 0 is not checked. `rng` must be a vmap_rng_xoshiro256pp generator. */
size_t vmap_rng_below(gsl_rng *rng, size_t n);

#endif
