#include <config.h>
#include "data/long_internal.h"

#include <string.h>

#include "core/hash.h"
#include "core/memory.h"

/* Do the answers of each respondent stand together? Then a respondent is complete when the next one begins. The keys of all who
 * began are kept as numbers of 64 bits, eight bytes each: should two have the same one, the file is only taken for one that
 * has to be read as a whole. */

/* Put a number that is not 0 into the set; false when it is there. */
static bool put_number(uint64_t *seen, size_t slots, uint64_t number)
{
    size_t at = number & (slots - 1);

    while (seen[at] && seen[at] != number)
        at = (at + 1) & (slots - 1);
    if (seen[at])
        return false;
    seen[at] = number;
    return true;
}

static vmap_status grow(long_runs *runs, vmap_error *err)
{
    size_t slots = runs->slots ? 2 * runs->slots : 1024;
    uint64_t *seen;

    if (4 * (runs->count + 1) <= 3 * runs->slots)
        return VMAP_SUCCESS;
    seen = memory_new(slots, sizeof *seen, err);
    if (!seen)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < runs->slots; i++) {
        if (runs->seen[i])
            put_number(seen, slots, runs->seen[i]);
    }
    free(runs->seen);
    runs->seen = seen;
    runs->slots = slots;
    return VMAP_SUCCESS;
}

void long_runs_clear(long_runs *runs)
{
    free(runs->seen);
    *runs = (long_runs){.broken = true};
}

/* The numbers of the texts of the key columns, column after column; start[k] is where those of column k begin. */
static uint64_t *number_texts(const vmap_table *block, const size_t *key, size_t keys, size_t *start, vmap_error *err)
{
    uint64_t *number;
    size_t all = 0;

    for (size_t k = 0; k < keys; k++) {
        start[k] = all;
        all += vmap_table_levels(block, key[k]) + 1;
    }
    number = memory_new(all, sizeof *number, err);
    for (size_t k = 0; number && k < keys; k++) {
        for (size_t i = 0; i < vmap_table_levels(block, key[k]); i++) {
            const char *text = vmap_table_level_text(block, key[k], i);

            number[start[k] + i] = hash_bytes(text, strlen(text));
        }
    }
    return number;
}

vmap_status long_runs_follow(long_runs *runs, const vmap_table *block, const size_t *key, size_t keys, vmap_error *err)
{
    size_t *start = memory_new(keys, sizeof *start, err);
    uint64_t *number = start ? number_texts(block, key, keys, start, err) : NULL;
    vmap_status status = number ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t row = 0; !status && !runs->broken && row < vmap_table_rows(block); row++) {
        uint64_t h = 1;

        for (size_t k = 0; k < keys; k++)
            h = hash_mix(h, number[start[k] + vmap_table_level(block, key[k], row)]);
        h += h == 0;
        if (h == runs->last)
            continue;
        status = grow(runs, err);
        if (!status && !put_number(runs->seen, runs->slots, h))
            long_runs_clear(runs);
        runs->last = h;
        runs->count++;
    }
    free(start);
    free(number);
    return status;
}
