#ifndef CORE_HASH_H
#define CORE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Numbers that scatter keys over a table; not exported. They are no checksums (file_hash() is one). */

/* h and x as one number, all of whose bits depend on all of theirs (the mixer of splitmix64: Steele, Lea & Flood 2014). */
static inline uint64_t hash_mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) + UINT64_C(0x9E3779B97F4A7C15);
    h = (h ^ (h >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    h = (h ^ (h >> 27)) * UINT64_C(0x94D049BB133111EB);
    return h ^ (h >> 31);
}

/* n bytes, eight at a time; the upper half is the better one. It depends on the order of bytes in the computer's words: no result
 * may depend on it. */
static inline uint64_t hash_bytes(const void *bytes, size_t n)
{
    const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15);
    const char *at = bytes;
    uint64_t h = n * odd, word;

    for (; n >= sizeof word; at += sizeof word, n -= sizeof word) {
        memcpy(&word, at, sizeof word);
        h = (h ^ word) * odd;
        h ^= h >> 32;
    }
    word = 0;
    memcpy(&word, n ? at : "", n);
    return (h ^ word) * odd;
}

/* A text for tables of fewer than 2^32 entries. */
static inline uint32_t hash_text(const char *text, size_t n)
{
    return (uint32_t)(hash_bytes(text, n) >> 32);
}

#endif
