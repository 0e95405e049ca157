#ifndef TESTS_HOSTILE_H
#define TESTS_HOSTILE_H

#include <stddef.h>

#include <gsl/gsl_rng.h>

/* Names that try to break out of a gnuplot script or an SVG file. Commands make a file called
 * "canary" in the working directory, so that a test can see whether one was run. */
extern const char *const hostile_strings[];
extern const size_t hostile_count;

/* Random text of fewer than `size` bytes (at least 8): pieces of such strings, single bytes and
 * characters of all scripts. */
void hostile_random(gsl_rng *rng, char *text, size_t size);

#endif
