#include <config.h>
#include "compare/cells.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

vmap_status cells_new(cells *c, size_t a, size_t b, vmap_error *err)
{
    *c = (cells){.a = a, .b = b};
    c->sum = memory_new(2 * a * b, sizeof *c->sum, err);
    c->row = memory_new(2 * (a + b), sizeof *c->row, err);
    if (!c->sum || !c->row)
        return VMAP_ENOMEM;
    c->count = c->sum + a * b;
    c->col = c->row + a;
    c->n_row = c->col + b;
    c->n_col = c->n_row + a;
    return VMAP_SUCCESS;
}

void cells_free(cells *c)
{
    free(c->sum);
    free(c->row);
}

static void add(cells *c, size_t at, double d)
{
    c->sum[at] += d;
    c->count[at]++;
    c->row[at / c->b] += d;
    c->n_row[at / c->b]++;
    c->col[at % c->b] += d;
    c->n_col[at % c->b]++;
    c->total += d * d;
}

void cells_fill(cells *c, const double *y, size_t n, const size_t *cell, size_t each)
{
    for (size_t i = 0; i < n; i++) {
        if (!isnan(y[i]))
            c->mean += (y[i] - c->mean) / (double)++c->n;
    }
    c->left_out = n - c->n;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(y[i]))
            add(c, cell ? cell[i] : i / each, y[i] - c->mean);
    }
    for (size_t i = 0; i < n; i++) {
        size_t at = cell ? cell[i] : i / each;
        double d = isnan(y[i]) ? 0 : y[i] - c->mean - c->sum[at] / c->count[at];

        c->within += d * d;
    }
    for (size_t i = 0; i < c->a * c->b; i++)
        c->filled += c->count[i] > 0;
}

double cells_reduction(const double *sum, const double *n, size_t levels)
{
    double reduction = 0;

    for (size_t i = 0; i < levels; i++)
        reduction += n[i] > 0 ? sum[i] * sum[i] / n[i] : 0;
    return reduction;
}
