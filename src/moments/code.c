#include <config.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/sort.h"
#include "moments/moments_internal.h"

/* Answers are nearly always small whole numbers: which of them occur, and the level of each, is
 * then one look into a table. Other values are collected, or sorted where there are many. A task
 * takes the items of two cache lines, so that the answers are read once in all and not twice for
 * each item. */
enum {
    LOWEST = -64, /* of the whole numbers in the table */
    SPAN = 256,
    LINE = 16, /* items of a task */
    FEW = 64   /* distinct values that are found without sorting */
};

#define INLINED inline __attribute__((always_inline))

typedef struct {
    const double *values;
    const size_t *row; /* rows that count */
    coded_items *c;
    vmap_status *status; /* of each task */
    vmap_error *err;
} job;

/* ---- other values ---- */

/* Put x among the ascending values unless it is there already. */
static size_t insert_value(double *few, size_t count, double x)
{
    size_t at = count;

    while (at > 0 && few[at - 1] > x)
        at--;
    if (at > 0 && few[at - 1] == x)
        return count;
    memmove(few + at + 1, few + at, (count - at) * sizeof *few);
    few[at] = x;
    return count + 1;
}

/* Distinct values of one item, ascending, at the front of `sorted`; returns how many. Answers take
 * few values: they are collected; else all are sorted. */
static size_t find_levels(double *sorted, size_t n)
{
    double few[FEW + 1];
    size_t count = 0;

    for (size_t i = 0; i < n && count <= FEW; i++)
        count = insert_value(few, count, sorted[i]);
    if (count <= FEW) {
        memcpy(sorted, few, count * sizeof *few);
        return count;
    }
    sort_numbers(sorted, n);
    count = 0;
    for (size_t i = 0; i < n; i++) {
        if (count == 0 || sorted[i] != sorted[count - 1])
            sorted[count++] = sorted[i];
    }
    return count;
}

static unsigned level_of(const double *level, size_t levels, double x)
{
    size_t low = 0, high = levels;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (level[middle] <= x)
            low = middle;
        else
            high = middle;
    }
    return (unsigned)low;
}

static vmap_status keep_levels(coded_items *c, size_t i, const double *value, size_t count,
                               vmap_error *err)
{
    c->levels[i] = count;
    c->value[i] = memory_new(count, sizeof **c->value, err);
    if (!c->value[i])
        return VMAP_ENOMEM;
    memcpy(c->value[i], value, count * sizeof *value);
    return VMAP_SUCCESS;
}

static vmap_status code_any(const job *j, size_t i, vmap_error *err)
{
    coded_items *c = j->c;
    unsigned *level = c->level + i * c->n;
    double *sorted = memory_new(c->n, sizeof *sorted, err);
    size_t answered = 0;
    vmap_status status = VMAP_ENOMEM;

    for (size_t r = 0; sorted && r < c->n; r++) {
        double x = j->values[j->row[r] * c->p + i];

        if (!isnan(x))
            sorted[answered++] = x;
    }
    if (sorted)
        status = keep_levels(c, i, sorted, find_levels(sorted, answered), err);
    for (size_t r = 0; !status && r < c->n; r++) {
        double x = j->values[j->row[r] * c->p + i];

        level[r] = isnan(x) ? CODED_NONE : level_of(c->value[i], c->levels[i], x);
    }
    free(sorted);
    return status;
}

/* ---- small whole numbers ---- */

/* The place of x in the table; SPAN for a missing value, SPAN + 1 for one that does not belong
 * there. In the sum with 1.5 x 2^52 the lowest bits of a double are a whole number: cheaper than a
 * conversion there and back, and NaN fails. */
static INLINED unsigned place_of(double x)
{
    const double big = 0x1.8p52;
    union {
        double number;
        uint64_t bits;
    } sum = {x + big}, least = {big + LOWEST};
    uint64_t place = sum.bits - least.bits;

    if (sum.number - big == x && place < SPAN)
        return (unsigned)place;
    return isnan(x) ? SPAN : SPAN + 1;
}

/* Turn what was seen into levels, and say which level a place has. */
static vmap_status number_levels(coded_items *c, size_t i, const bool *seen, unsigned *level,
                                 vmap_error *err)
{
    double value[SPAN];
    size_t count = 0;

    for (size_t place = 0; place < SPAN; place++) {
        level[place] = (unsigned)count;
        if (seen[place])
            value[count++] = (double)place + LOWEST;
    }
    level[SPAN] = CODED_NONE;
    return keep_levels(c, i, value, count, err);
}

/* The places of a task's answers stand where their levels will; `seen` tells which there are. */
static void find_places(const job *j, size_t from, size_t width, bool seen[LINE][SPAN + 2])
{
    coded_items *c = j->c;

    for (size_t r = 0; r < c->n; r++) {
        const double *x = j->values + j->row[r] * c->p + from;

        for (size_t i = 0; i < width; i++) {
            unsigned place = place_of(x[i]);

            c->level[(from + i) * c->n + r] = place;
            seen[i][place] = true;
        }
    }
}

static void code_line(void *context, size_t task)
{
    job *j = context;
    coded_items *c = j->c;
    size_t from = task * LINE, width = c->p - from < LINE ? c->p - from : LINE;
    bool seen[LINE][SPAN + 2] = {{false}};
    vmap_status status = VMAP_SUCCESS;

    find_places(j, from, width, seen);
    for (size_t i = 0; !status && i < width; i++) {
        unsigned level[SPAN + 1], *out = c->level + (from + i) * c->n;

        if (seen[i][SPAN + 1]) {
            status = code_any(j, from + i, &j->err[task]);
            continue;
        }
        status = number_levels(c, from + i, seen[i], level, &j->err[task]);
        for (size_t r = 0; !status && r < c->n; r++)
            out[r] = level[out[r]];
    }
    j->status[task] = status;
}

/* ---- the whole ---- */

static vmap_status alloc_coded(coded_items *c, vmap_error *err)
{
    c->level = memory_new(c->n * c->p, sizeof *c->level, err);
    c->levels = memory_new(c->p, sizeof *c->levels, err);
    c->value = memory_new(c->p, sizeof *c->value, err);
    c->weight = memory_new(c->n, sizeof *c->weight, err);
    return c->level && c->levels && c->value && c->weight ? VMAP_SUCCESS : VMAP_ENOMEM;
}

vmap_status moments_code(const double *values, size_t n, size_t p, const double *weights,
                         vmap_missing_rule rule, unsigned threads, coded_items *c, vmap_error *err)
{
    size_t tasks = (p + LINE - 1) / LINE, *row = memory_new(n, sizeof *row, err);
    job j = {.values = values, .row = row, .c = c};
    vmap_status status = VMAP_ENOMEM;

    *c = (coded_items){.p = p};
    j.status = memory_new(tasks, sizeof *j.status, err);
    j.err = memory_new(tasks, sizeof *j.err, err);
    if (row && j.status && j.err) {
        c->n = moments_choose_rows(values, n, p, weights, rule, row);
        status = alloc_coded(c, err);
    }
    for (size_t r = 0; !status && r < c->n; r++)
        c->weight[r] = weights ? weights[row[r]] : 1;
    if (!status)
        parallel_for(tasks, threads, code_line, &j);
    for (size_t task = 0; !status && task < tasks; task++) {
        status = j.status[task];
        if (status && err)
            *err = j.err[task];
    }
    free(row);
    free(j.status);
    free(j.err);
    return status;
}

void moments_code_free(coded_items *c)
{
    for (size_t i = 0; c->value && i < c->p; i++)
        free(c->value[i]);
    free(c->level);
    free(c->levels);
    free(c->value);
    free(c->weight);
    *c = (coded_items){0};
}
