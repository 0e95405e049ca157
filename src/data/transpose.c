#include <config.h>
#include "data/transpose.h"

#if defined(__SSE2__)
#include <emmintrin.h>

enum { SIDE = 16 }; /* of a square of bytes: as many vectors as bytes in one */

/* Interleave the first half of the vectors with the second. Four times that, and the bytes of each column are together. */
static inline void shuffle(const __m128i from[SIDE], __m128i to[SIDE])
{
    for (int i = 0; i < SIDE / 2; i++) {
        to[2 * i] = _mm_unpacklo_epi8(from[i], from[i + SIDE / 2]);
        to[2 * i + 1] = _mm_unpackhi_epi8(from[i], from[i + SIDE / 2]);
    }
}

static void transpose_square(const int8_t *from, size_t columns, int8_t *to)
{
    __m128i a[SIDE], b[SIDE];

    for (size_t i = 0; i < SIDE; i++)
        a[i] = _mm_loadu_si128((const __m128i *)(const void *)(from + i * columns));
    shuffle(a, b);
    shuffle(b, a);
    shuffle(a, b);
    shuffle(b, a);
    for (size_t k = 0; k < SIDE; k++)
        _mm_storeu_si128((__m128i *)(void *)(to + k * TRANSPOSE_ROWS), a[k]);
}
#else
enum { SIDE = 16 };

static void transpose_square(const int8_t *from, size_t columns, int8_t *to)
{
    for (size_t k = 0; k < SIDE; k++) {
        for (size_t i = 0; i < SIDE; i++)
            to[k * TRANSPOSE_ROWS + i] = from[i * columns + k];
    }
}
#endif

void transpose_bytes(const int8_t *from, size_t columns, int8_t *to)
{
    size_t squares = columns / SIDE * SIDE;

    for (size_t k = 0; k < squares; k += SIDE) {
        for (size_t i = 0; i < TRANSPOSE_ROWS; i += SIDE)
            transpose_square(from + i * columns + k, columns, to + k * TRANSPOSE_ROWS + i);
    }
    for (size_t k = squares; k < columns; k++) {
        for (size_t i = 0; i < TRANSPOSE_ROWS; i++)
            to[k * TRANSPOSE_ROWS + i] = from[i * columns + k];
    }
}
