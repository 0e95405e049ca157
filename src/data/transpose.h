#ifndef DATA_TRANSPOSE_H
#define DATA_TRANSPOSE_H

#include <stddef.h>
#include <stdint.h>

/* Rows of bytes become columns; not exported. */

enum { TRANSPOSE_ROWS = 64 }; /* at a time */

/* to[k * TRANSPOSE_ROWS + i] = from[i * columns + k] for i < TRANSPOSE_ROWS and k < columns. The two do not overlap. */
void transpose_bytes(const int8_t *from, size_t columns, int8_t *to);

#endif
