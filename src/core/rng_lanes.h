#ifndef CORE_RNG_LANES_H
#define CORE_RNG_LANES_H

#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_rng.h>

/* Generators of valuemap/rng.h side by side; not exported. A generator waits for its own last step,
 * so that four of them in the lanes of a register cost hardly more than one. */

enum { RNG_LANES = 4 };

/* The next `count` whole numbers in 0..n-1 of each generator, the same as `count` calls of
 * vmap_rng_below() for each: rng  four vmap_rng_xoshiro256pp generators n    from 1 out  RNG_LANES
 * x count, generator after generator */
void rng_below_lanes(gsl_rng *const rng[RNG_LANES], uint32_t n, size_t count, uint32_t *out);

#endif
