#include <config.h>
#include "moments/pair_tables.h"

#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"

/* Cells of a joint table: what still lies in the second cache of a processor. */
enum { CELLS = 1 << 15 };

/* ---- couples ---- */

static bool has_missing(const coded_items *c, size_t i)
{
    const unsigned *level = c->level + i * c->n;
    bool missing = false;

    for (size_t r = 0; r < c->n; r++)
        missing |= level[r] == CODED_NONE;
    return missing;
}

static void code_couple(void *context, size_t couple)
{
    pair_tables *t = context;
    const coded_items *c = t->coded;
    size_t i = 2 * couple, j = i + 1 < c->p ? i + 1 : i, outer, inner;
    const unsigned *x = c->level + i * c->n, *y = c->level + j * c->n;
    uint16_t *level = t->level + couple * c->n;

    if (c->levels[i] > MOMENTS_CATEGORIES || c->levels[j] > MOMENTS_CATEGORIES)
        return;
    outer = c->levels[i] + has_missing(c, i);
    inner = j == i ? 1 : c->levels[j] + has_missing(c, j);
    t->inner[couple] = inner;
    t->levels[couple] = outer * inner;
    for (size_t r = 0; r < c->n; r++) {
        size_t a = x[r] == CODED_NONE ? outer - 1 : x[r], b = y[r] == CODED_NONE ? inner - 1 : y[r];

        level[r] = (uint16_t)(j == i ? a : a * inner + b);
    }
}

vmap_status pair_tables_new(const coded_items *coded, unsigned threads, pair_tables *t,
                            vmap_error *err)
{
    *t = (pair_tables){.coded = coded, .couples = (coded->p + 1) / 2};
    t->level = memory_new(t->couples * coded->n, sizeof *t->level, err);
    t->levels = memory_new(t->couples, sizeof *t->levels, err);
    t->inner = memory_new(t->couples, sizeof *t->inner, err);
    if (!t->level || !t->levels || !t->inner)
        return VMAP_ENOMEM;
    parallel_for(t->couples, threads, code_couple, t);
    return VMAP_SUCCESS;
}

void pair_tables_clear(pair_tables *t)
{
    free(t->level);
    free(t->levels);
    free(t->inner);
}

/* ---- counting ---- */

void pair_room_clear(pair_room *room)
{
    for (size_t s = 0; s < 2; s++) {
        free(room->sums[s]);
        free(room->half[s]);
        free(room->table[s]);
    }
}

static vmap_status new_room(const pair_tables *t, size_t a, size_t b, bool squares, pair_room *room,
                            vmap_error *err)
{
    size_t cells = t->levels[a] * t->levels[b];

    *room = (pair_room){.joint = a != b && cells > 0 && cells <= CELLS && cells <= t->coded->n};
    for (size_t s = 0; s < (squares ? 2 : 1); s++) {
        room->table[s] = memory_new(MOMENTS_CATEGORIES * MOMENTS_CATEGORIES, sizeof(double), err);
        room->sums[s] = room->joint ? memory_new(cells, sizeof(double), err) : NULL;
        room->half[s] = room->joint ? memory_new(cells, sizeof(double), err) : NULL;
        if (!room->table[s] || (room->joint && (!room->sums[s] || !room->half[s])))
            return VMAP_ENOMEM;
    }
    return VMAP_SUCCESS;
}

vmap_status pair_tables_count(const pair_tables *t, size_t a, size_t b, bool squares,
                              pair_room *room, vmap_error *err)
{
    const coded_items *c = t->coded;
    const uint16_t *x = t->level + a * c->n, *y = t->level + b * c->n;
    size_t columns = t->levels[b];
    vmap_status status = new_room(t, a, b, squares, room, err);

    for (size_t r = 0; !status && room->joint && r < c->n; r++)
        room->sums[0][x[r] * columns + y[r]] += c->weight[r];
    for (size_t r = 0; !status && room->joint && squares && r < c->n; r++)
        room->sums[1][x[r] * columns + y[r]] += c->weight[r] * c->weight[r];
    return status;
}

/* The level of an item in a joint level of its couple. */
static size_t level_in(const pair_tables *t, size_t item, size_t joint)
{
    size_t inner = t->inner[item / 2];

    return item % 2 ? joint % inner : joint / inner;
}

/* Margins of the joint table: first over the other item of couple a, then over that of couple b. */
static void take_margin(const pair_tables *t, size_t i, size_t j, const double *sums, double *half,
                        double *table)
{
    size_t rows = t->coded->levels[i], columns = t->coded->levels[j], joint = t->levels[j / 2];

    memset(half, 0, rows * joint * sizeof *half);
    memset(table, 0, rows * columns * sizeof *table);
    for (size_t a = 0; a < t->levels[i / 2]; a++) {
        size_t row = level_in(t, i, a);

        for (size_t b = 0; row < rows && b < joint; b++)
            half[row * joint + b] += sums[a * joint + b];
    }
    for (size_t b = 0; b < joint; b++) {
        size_t column = level_in(t, j, b);

        for (size_t row = 0; column < columns && row < rows; row++)
            table[row * columns + column] += half[row * joint + b];
    }
}

/* Sums of weights, and of their squares when asked, by the levels of two items. */
static void count_pair(const coded_items *c, size_t i, size_t j, double *table, double *squares)
{
    const unsigned *x = c->level + i * c->n, *y = c->level + j * c->n;
    size_t columns = c->levels[j];

    memset(table, 0, c->levels[i] * columns * sizeof *table);
    if (squares)
        memset(squares, 0, c->levels[i] * columns * sizeof *squares);
    for (size_t r = 0; r < c->n; r++) {
        if (x[r] != CODED_NONE && y[r] != CODED_NONE) {
            table[x[r] * columns + y[r]] += c->weight[r];
            if (squares)
                squares[x[r] * columns + y[r]] += c->weight[r] * c->weight[r];
        }
    }
}

void pair_tables_take(const pair_tables *t, size_t i, size_t j, pair_room *room)
{
    if (!room->joint)
        count_pair(t->coded, i, j, room->table[0], room->table[1]);
    for (size_t s = 0; room->joint && s < 2 && room->sums[s]; s++)
        take_margin(t, i, j, room->sums[s], room->half[s], room->table[s]);
}
