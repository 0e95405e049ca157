#ifndef DATA_ENCODING_H
#define DATA_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/error.h"

/* Character encodings of text files; not exported. */

/* The encoding of a text, told from its first n bytes: "UTF-8" (also for plain ASCII), "UTF-16LE" or
 * "UTF-16BE" with or without byte order mark, or "WINDOWS-1252" for bytes that are not UTF-8: it has the
 * characters of Latin-1 and those that Windows writes. `whole`: there are no more bytes. */
const char *encoding_detect(const char *sample, size_t n, bool whole);

/* Convert a file to UTF-8 into a temporary file without a name, whose descriptor goes to *converted.
 * VMAP_EINVAL for an unknown encoding; VMAP_EPARSE, with the line, for bytes that it does not have. */
vmap_status encoding_convert(int fd, const char *encoding, int *converted, vmap_error *err);

/* Is this the name of UTF-8? */
bool encoding_is_utf8(const char *name);

/* Are n bytes UTF-8? */
bool encoding_valid(const char *text, size_t n);

#endif
