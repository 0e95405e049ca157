#include <config.h>
#include "valuemap/steadiness.h"

#include <math.h>

#include "core/memory.h"
#include "structure/pairs.h"
#include "structure/permute.h"
#include "valuemap/rng.h"

/* The splits are drawn from a stream that no permutation uses. */
static const uint64_t SPLITS = UINT64_MAX;

typedef struct {
    const double *error; /* units x items */
    size_t units, items, splits;
    size_t *half; /* splits x items: the first half of the items, then the second */
} halves;

/* Means of the units over `count` items, whose values come from other units as order[] says. */
static void put_means(const halves *h, const size_t *item, size_t count, const size_t *order, double *mean)
{
    for (size_t u = 0; u < h->units; u++) {
        mean[u] = 0;
        for (size_t k = 0; k < count; k++)
            mean[u] += h->error[order[u * h->items + item[k]]] / (double)count;
    }
}

static size_t least(const double *x, size_t n)
{
    size_t at = 0;

    for (size_t i = 1; i < n; i++)
        at = x[i] < x[at] ? i : at;
    return at;
}

/* Mean correlation of the halves, and the share of splits with the same best unit. */
static void measure(const void *context, const size_t *order, double *scratch, double *value)
{
    const halves *h = context;
    size_t count = h->items / 2;
    double *a = scratch, *b = a + h->units, *rank = b + h->units;

    value[0] = value[1] = 0;
    for (size_t s = 0; s < h->splits; s++) {
        double r;

        put_means(h, h->half + s * h->items, count, order, a);
        put_means(h, h->half + s * h->items + count, count, order, b);
        pairs_rank(a, h->units, rank);
        pairs_rank(b, h->units, rank + h->units);
        r = pairs_correlation(rank, rank + h->units, h->units);
        value[0] += (isnan(r) ? 0 : r) / (double)h->splits;
        value[1] += (double)(least(a, h->units) == least(b, h->units)) / (double)h->splits;
    }
}

static vmap_status draw_halves(halves *h, uint64_t seed, vmap_error *err)
{
    gsl_rng *rng = vmap_rng_new(seed, SPLITS);

    if (!rng)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for random numbers");
    for (size_t s = 0; s < h->splits; s++) {
        size_t *item = h->half + s * h->items;

        for (size_t j = 0; j < h->items; j++)
            item[j] = j;
        for (size_t j = h->items; j > 1; j--) {
            size_t k = vmap_rng_below(rng, j), kept = item[j - 1];

            item[j - 1] = item[k];
            item[k] = kept;
        }
    }
    gsl_rng_free(rng);
    return VMAP_SUCCESS;
}

static vmap_status check(const halves *h, vmap_error *err)
{
    if (h->units < 3 || h->items < 4 || h->splits < 1)
        return vmap_error_set(err, VMAP_EDATA,
                              "%zu units, %zu items, %zu splits; three, four and one are needed",
                              h->units, h->items, h->splits);
    for (size_t i = 0; i < h->units * h->items; i++) {
        if (!isfinite(h->error[i]))
            return vmap_error_set(err, VMAP_EDATA, "unit %zu has no number for item %zu",
                                  i / h->items + 1, i % h->items + 1);
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_steadiness_extrapolability(const double *error, size_t units, size_t items, size_t splits,
                                            const vmap_permutation_options *options,
                                            vmap_extrapolability *extrapolability, vmap_error *err)
{
    halves h = {error, units, items, splits, NULL};
    const permute_test t = {units * items, 2, 4 * units, &h, measure};
    vmap_permutation_options o = permute_options(options);
    double value[2], p[2], *scratch = NULL;
    size_t *order = NULL;
    vmap_status status = check(&h, err);

    if (status)
        return status;
    h.half = memory_new(splits * items, sizeof *h.half, err);
    order = memory_new(2 * units * items, sizeof *order, err);
    scratch = memory_new(t.room, sizeof *scratch, err);
    status = h.half && order && scratch ? draw_halves(&h, o.seed, err) : VMAP_ENOMEM;
    for (size_t i = 0; !status && i < units * items; i++) {
        order[i] = i;
        order[units * items + i] = i % items;
    }
    if (!status) {
        o.stratum = order + units * items;
        measure(&h, order, scratch, value);
        status = permute_p(&t, &o, value, p, err);
    }
    if (!status)
        *extrapolability = (vmap_extrapolability){units,    items, splits, value[0],
                                                  value[1], 1 / (double)units, p[0], p[1]};
    free(h.half);
    free(order);
    free(scratch);
    return status;
}
