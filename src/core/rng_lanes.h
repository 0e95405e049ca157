#ifndef CORE_RNG_LANES_H
#define CORE_RNG_LANES_H

#include <stddef.h>
#include <stdint.h>

#include <gsl/gsl_rng.h>

/* Generators of valuemap/rng.h side by side; not exported. A generator waits for its own last step,
 * so that four of them in the lanes of a register cost hardly more than one. */

enum { RNG_LANES = 4, RNG_QUAD = 4 };

/* Where the count of a row and lane stands: a quad of rows after the other, in a quad the lanes, in
 * a lane its four rows, each one byte. */
static inline size_t rng_lane_at(size_t row, size_t lane)
{
    return (row / RNG_QUAD * RNG_LANES + lane) * RNG_QUAD + row % RNG_QUAD;
}

/* Counts with Poisson's distribution of mean 31/32, independent of each other, for every row and lane.
 *
 *   rng   four vmap_rng_xoshiro256pp generators
 *   out   16 x (rows rounded up to quads) bytes, see rng_lane_at(); 0 for rows that are not there
 *
 * By inversion: a count is the number of values of the distribution function, rounded down to 64 bits,
 * that are not above u, a number of 64 bits. The four rows of a quad take 16 bits each of one
 * number of the generator, the lowest first, as the upper bits of their u. Once in 8192 rows these do
 * not decide; after all quads such rows take the upper 48 bits of a number of their own for the rest of u, row after
 * row. The distribution is thus exact to 2^-64 for a quarter of a number each, and the counts do
 * not hang on the processor. At most 20. */
void rng_poisson_lanes(gsl_rng *const rng[RNG_LANES], size_t rows, uint8_t *out);

#endif
