#include <config.h>
#include "valuemap/steadiness.h"

#include <math.h>

#include "core/memory.h"

/* Sums of squares of a balanced table, and the means they come from. */
typedef struct {
    const double *y;
    size_t a, b, r; /* personas, variants, repetitions */
    double *row, *column, *cell;
    double mean, ss_row, ss_column, ss_cell, ss_rest;
} table;

static void put_means(table *t)
{
    double n = (double)(t->a * t->b * t->r);

    for (size_t i = 0; i < t->a * t->b * t->r; i++) {
        size_t cell = i / t->r;

        t->mean += t->y[i] / n;
        t->cell[cell] += t->y[i] / (double)t->r;
        t->row[cell / t->b] += t->y[i] / (double)(t->b * t->r);
        t->column[cell % t->b] += t->y[i] / (double)(t->a * t->r);
    }
}

static void put_squares(table *t)
{
    for (size_t i = 0; i < t->a * t->b * t->r; i++) {
        size_t cell = i / t->r, a = cell / t->b, b = cell % t->b;

        t->ss_row += pow(t->row[a] - t->mean, 2);
        t->ss_column += pow(t->column[b] - t->mean, 2);
        t->ss_cell += pow(t->cell[cell] - t->row[a] - t->column[b] + t->mean, 2);
        t->ss_rest += pow(t->y[i] - t->cell[cell], 2);
    }
}

/* A variance that is below 0 becomes 0, and that is said. */
static double not_below_zero(double v, bool *negative)
{
    *negative |= v < 0;
    return fmax(0, v);
}

/* One variant: personas and repetitions. */
static void put_one_way(const table *t, vmap_components *c)
{
    double a = (double)t->a, r = (double)t->r, ms_rest = t->ss_rest / (a * (r - 1));

    c->persona = not_below_zero((t->ss_row / (a - 1) - ms_rest) / r, &c->negative);
    c->residual = ms_rest;
    c->variant = c->interaction = NAN;
}

static void put_two_way(const table *t, vmap_components *c)
{
    double a = (double)t->a, b = (double)t->b, r = (double)t->r;
    double ms_cell = t->ss_cell / ((a - 1) * (b - 1));

    c->persona = not_below_zero((t->ss_row / (a - 1) - ms_cell) / (b * r), &c->negative);
    c->variant = not_below_zero((t->ss_column / (b - 1) - ms_cell) / (a * r), &c->negative);
    c->residual = ms_cell;
    c->interaction = NAN;
    if (t->r < 2)
        return;
    c->residual = t->ss_rest / (a * b * (r - 1));
    c->interaction = not_below_zero((ms_cell - c->residual) / r, &c->negative);
}

static void put_ratios(vmap_components *c)
{
    double variant = isnan(c->variant) ? 0 : c->variant;

    c->total = c->persona + variant + (isnan(c->interaction) ? 0 : c->interaction) + c->residual;
    if (!(c->total > 1e-24 * (1 + c->mean * c->mean)))
        c->total = 0;
    c->dependability = c->total > 0 ? c->persona / c->total : NAN;
    c->consistency = c->total > variant ? c->persona / (c->total - variant) : NAN;
}

static vmap_status check_table(const table *t, vmap_error *err)
{
    if (t->a < 2 || t->b < 1 || t->r < 1 || t->b * t->r < 2)
        return vmap_error_set(err, VMAP_EDATA,
                              "%zu personas, %zu variants, %zu repetitions; two personas and two answers "
                              "of each are needed",
                              t->a, t->b, t->r);
    for (size_t i = 0; i < t->a * t->b * t->r; i++) {
        if (!isfinite(t->y[i]))
            return vmap_error_set(err, VMAP_EDATA, "persona %zu lacks an answer",
                                  i / (t->b * t->r) + 1);
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_steadiness_components(const double *y, size_t personas, size_t variants,
                                       size_t repetitions, vmap_components *components, vmap_error *err)
{
    vmap_components c = {personas, variants, repetitions, 0, 0, 0, 0, 0, false, 0, 0, 0};
    table t = {.y = y, .a = personas, .b = variants, .r = repetitions};
    vmap_status status = check_table(&t, err);

    if (status)
        return status;
    t.row = memory_new(personas, sizeof *t.row, err);
    t.column = memory_new(variants, sizeof *t.column, err);
    t.cell = memory_new(personas * variants, sizeof *t.cell, err);
    status = t.row && t.column && t.cell ? VMAP_SUCCESS : VMAP_ENOMEM;
    if (!status) {
        put_means(&t);
        put_squares(&t);
        c.mean = t.mean;
        if (variants == 1)
            put_one_way(&t, &c);
        else
            put_two_way(&t, &c);
        put_ratios(&c);
        *components = c;
    }
    free(t.row);
    free(t.column);
    free(t.cell);
    return status;
}
