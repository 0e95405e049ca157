#include <config.h>
#include "valuemap/steadiness.h"

#include <math.h>

#include "core/memory.h"
#include "structure/permute.h"

typedef struct {
    const double *y, *range;
    size_t personas, variants, items;
} answers;

/* Sums over pairs of answers. */
typedef struct {
    double pairs, same, difference;
} sums;

static double answer(const answers *a, size_t persona, size_t variant, size_t item)
{
    return a->y[(persona * a->variants + variant) * a->items + item];
}

/* Answers of the same persona to different variants, when in each variant persona order[] stands there. */
static sums compare_own(const answers *a, const size_t *order)
{
    sums s = {0, 0, 0};

    for (size_t i = 0; i < a->personas; i++) {
        for (size_t v = 1; v < a->variants; v++) {
            const double *x = a->y + order[i * a->variants + v] * a->items;

            for (size_t u = 0; u < v; u++) {
                const double *z = a->y + order[i * a->variants + u] * a->items;

                for (size_t j = 0; j < a->items; j++) {
                    if (isnan(x[j]) || isnan(z[j]))
                        continue;
                    s.pairs++;
                    s.same += x[j] == z[j];
                    s.difference += fabs(x[j] - z[j]) / a->range[j];
                }
            }
        }
    }
    return s;
}

static void measure(const void *context, const size_t *order, double *scratch, double *value)
{
    sums s = compare_own(context, order);

    (void)scratch;
    *value = -s.difference / s.pairs;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Answers to a variant, sorted, without the missing ones. */
static size_t sort_answers(const answers *a, size_t variant, size_t item, double *to)
{
    size_t n = 0;

    for (size_t i = 0; i < a->personas; i++) {
        double x = answer(a, i, variant, item);

        if (!isnan(x))
            to[n++] = x;
    }
    qsort(to, n, sizeof *to, by_size);
    return n;
}

/* Add all pairs of one x and one z, both sorted. */
static void add_all(const double *x, size_t n, const double *z, size_t m, double range, sums *s)
{
    double below = 0, all = 0;
    size_t at = 0, equal = 0, to = 0;

    for (size_t k = 0; k < m; k++)
        all += z[k];
    for (size_t i = 0; i < n; i++) {
        for (; at < m && z[at] < x[i]; at++)
            below += z[at];
        for (to = to > at ? to : at; to < m && z[to] == x[i];)
            to++;
        equal = to - at;
        s->same += (double)equal;
        s->difference += ((double)at * x[i] - below + (all - below) - (double)(m - at) * x[i]) / range;
    }
    s->pairs += (double)n * (double)m;
}

/* Answers of different personas to different variants: all pairs less the own ones. */
static vmap_status compare_others(const answers *a, sums *s, vmap_error *err)
{
    double *x = memory_new(2 * a->personas, sizeof *x, err), *z = x ? x + a->personas : NULL;

    *s = (sums){0, 0, 0};
    if (!x)
        return VMAP_ENOMEM;
    for (size_t j = 0; j < a->items; j++) {
        for (size_t v = 1; v < a->variants; v++) {
            size_t n = sort_answers(a, v, j, x);

            for (size_t u = 0; u < v; u++) {
                size_t m = sort_answers(a, u, j, z);

                add_all(x, n, z, m, a->range[j], s);
            }
        }
    }
    free(x);
    return VMAP_SUCCESS;
}

static vmap_status check(const answers *a, vmap_error *err)
{
    if (a->personas < 2 || a->variants < 2)
        return vmap_error_set(err, VMAP_EDATA, "%zu personas and %zu variants; two of both are needed",
                              a->personas, a->variants);
    for (size_t j = 0; j < a->items; j++) {
        if (!(a->range[j] > 0))
            return vmap_error_set(err, VMAP_EINVAL, "item %zu has a range of %g", j + 1, a->range[j]);
    }
    return VMAP_SUCCESS;
}

/* Every persona in its own place, and the variant of each place. */
static size_t *new_places(const answers *a, vmap_error *err)
{
    size_t n = a->personas * a->variants, *order = memory_new(2 * n, sizeof *order, err);

    for (size_t i = 0; order && i < n; i++) {
        order[i] = i;
        order[n + i] = i % a->variants;
    }
    return order;
}

vmap_status vmap_steadiness_stability(const double *y, size_t personas, size_t variants, size_t items,
                                      const double *range, const vmap_permutation_options *options,
                                      vmap_stability *stability, vmap_error *err)
{
    const answers a = {y, range, personas, variants, items};
    const permute_test t = {personas * variants, 1, 0, &a, measure};
    vmap_stability r = {personas, variants, items, 0, 0, 0, 0, 0, 0};
    vmap_permutation_options o = permute_options(options);
    size_t *order;
    sums own = {0, 0, 0}, others;
    double observed;
    vmap_status status = check(&a, err);

    if (status)
        return status;
    order = new_places(&a, err);
    status = order ? compare_others(&a, &others, err) : VMAP_ENOMEM;
    if (!status) {
        own = compare_own(&a, order);
        if (own.pairs == 0)
            status = vmap_error_set(err, VMAP_EDATA, "no persona answered an item in two variants");
    }
    if (!status) {
        double pairs = others.pairs - own.pairs;

        r.same = own.same / own.pairs;
        r.difference = own.difference / own.pairs;
        r.same_chance = pairs > 0 ? (others.same - own.same) / pairs : NAN;
        r.difference_chance = pairs > 0 ? fmax(0, others.difference - own.difference) / pairs : NAN;
        r.kept = r.difference_chance > 1e-12 ? 1 - r.difference / r.difference_chance : NAN;
        observed = -r.difference;
        o.stratum = order + personas * variants;
        status = permute_p(&t, &o, &observed, &r.p, err);
    }
    if (!status)
        *stability = r;
    free(order);
    return status;
}
