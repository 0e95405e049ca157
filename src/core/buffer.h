#ifndef CORE_BUFFER_H
#define CORE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/error.h"

/* Text that grows; not exported. Start with {0}. A failed allocation is remembered, so that a writer
 * checks once, at its end. */
typedef struct buffer {
    char *text; /* terminated, or NULL while empty */
    size_t n, room;
    bool failed;
} buffer;

void buffer_put(buffer *b, const char *text);
void buffer_bytes(buffer *b, const char *bytes, size_t n);
void buffer_format(buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A JSON string in quotes: UTF-8 kept (what is not UTF-8 becomes U+FFFD), control characters and '<'
 * escaped, so that it can also stand inside a script element. */
void buffer_json_text(buffer *b, const char *text);
/* A JSON number that reads back as the same double; null for NaN and infinities. */
void buffer_json_number(buffer *b, double x);

/* Hand over the text (free() it) and the status: VMAP_ENOMEM when anything failed, then *text is
 * NULL and all is freed. */
vmap_status buffer_take(buffer *b, char **text, size_t *n, vmap_error *err);
void buffer_free(buffer *b);

/* Write x with `digits` significant digits (1..17), or for digits = 0 with as few as read back as the
 * same double, always with '.', whatever the locale. `out` holds 32 bytes. */
void number_text(char out[32], double x, int digits);

#endif
