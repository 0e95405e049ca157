#include <config.h>
#include "structure/permute.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "valuemap/rng.h"

/* Permutations of one task: few enough to share them among threads, enough to allocate seldom. */
enum { BLOCK = 64 };

/* Values that differ by less than this share are equal. */
static const double ROUNDING = 1e-10;

void vmap_permutation_defaults(vmap_permutation_options *options)
{
    *options = (vmap_permutation_options){.permutations = 9999, .seed = 20230217};
}

vmap_permutation_options permute_options(const vmap_permutation_options *options)
{
    vmap_permutation_options o;

    vmap_permutation_defaults(&o);
    return options ? *options : o;
}

/* Units sorted by stratum: stratum s is unit[start[s]] .. unit[start[s + 1] - 1]. */
typedef struct {
    size_t n, count;
    size_t *unit, *start;
} strata;

static void free_strata(strata *s)
{
    free(s->unit);
    free(s->start);
}

static vmap_status new_strata(const size_t *of, size_t n, strata *s, vmap_error *err)
{
    *s = (strata){.n = n, .count = of ? n : 1};
    s->unit = memory_new(n, sizeof *s->unit, err);
    s->start = memory_new(s->count + 2, sizeof *s->start, err);
    if (!s->unit || !s->start)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        if (of && of[i] >= n)
            return vmap_error_set(err, VMAP_EINVAL,
                                  "unit %zu is in stratum %zu; strata count from 0 to "
                                  "%zu",
                                  i + 1, of[i], n - 1);
        s->start[(of ? of[i] : 0) + 2]++;
    }
    for (size_t g = 0; g < s->count; g++)
        s->start[g + 2] += s->start[g + 1];
    for (size_t i = 0; i < n; i++)
        s->unit[s->start[(of ? of[i] : 0) + 1]++] = i;
    return VMAP_SUCCESS;
}

vmap_status vmap_permutation_arrangements(const size_t *stratum, size_t n, double *arrangements,
                                          vmap_error *err)
{
    strata s;
    double all = 1;
    vmap_status status = new_strata(stratum, n, &s, err);

    for (size_t g = 0; !status && g < s.count; g++) {
        for (size_t i = s.start[g]; i < s.start[g + 1]; i++)
            all *= (double)(i - s.start[g] + 1);
    }
    if (!status)
        *arrangements = all > 1e300 ? INFINITY : all;
    free_strata(&s);
    return status;
}

/* Fisher and Yates within each stratum; `drawn` has room for n. */
static void shuffle(const strata *s, gsl_rng *rng, size_t *drawn, size_t *order)
{
    for (size_t i = 0; i < s->n; i++)
        drawn[i] = s->unit[i];
    for (size_t g = 0; g < s->count; g++) {
        for (size_t i = s->start[g + 1]; i > s->start[g] + 1; i--) {
            size_t j = s->start[g] + vmap_rng_below(rng, i - s->start[g]), kept = drawn[i - 1];

            drawn[i - 1] = drawn[j];
            drawn[j] = kept;
        }
    }
    for (size_t i = 0; i < s->n; i++)
        order[s->unit[i]] = drawn[i];
}

/* Signs at random, or pattern r + 1 of all: the last unit keeps its own. */
static void flip(size_t n, gsl_rng *rng, bool all, size_t r, size_t *order)
{
    for (size_t i = 0; i < n; i++)
        order[i] = !all ? vmap_rng_below(rng, 2) : i + 1 < n && ((r + 1) >> i & 1);
}

typedef struct {
    const permute_test *test;
    const vmap_permutation_options *options;
    size_t permutations;
    bool signs, all; /* all: every pattern of signs once */
    const strata *strata;
    const double *observed;
    size_t *count; /* blocks x statistics: permutations at least as extreme */
} work;

static void count_extreme(const work *w, const double *value, size_t *count)
{
    for (size_t k = 0; k < w->test->statistics; k++)
        count[k] += value[k] >= w->observed[k] - ROUNDING * fabs(w->observed[k]);
}

static bool run_block(void *context, size_t block)
{
    const work *w = context;
    size_t n = w->test->n, first = block * BLOCK, last = first + BLOCK;
    gsl_rng *rng = vmap_rng_new(w->options->seed, 0);
    size_t *order = memory_new(2 * n, sizeof *order, NULL);
    double *scratch = memory_new(w->test->room + w->test->statistics, sizeof *scratch, NULL);
    bool ready = rng && order && scratch;

    last = last < w->permutations ? last : w->permutations;
    for (size_t r = first; ready && r < last; r++) {
        double *value = scratch + w->test->room;

        vmap_rng_set(rng, w->options->seed, r);
        if (w->signs)
            flip(n, rng, w->all, r, order);
        else
            shuffle(w->strata, rng, order + n, order);
        w->test->statistic(w->test->context, order, scratch, value);
        count_extreme(w, value, w->count + block * w->test->statistics);
    }
    if (rng)
        gsl_rng_free(rng);
    free(order);
    free(scratch);
    return ready;
}

static void put_p(const work *w, size_t blocks, double *p)
{
    for (size_t k = 0; k < w->test->statistics; k++) {
        size_t count = 1;

        for (size_t block = 0; block < blocks; block++)
            count += w->count[block * w->test->statistics + k];
        p[k] = blocks && !isnan(w->observed[k])
                   ? (double)count / (double)(w->permutations + 1)
                   : NAN;
    }
}

static vmap_status count_all(work *w, double *p, vmap_error *err)
{
    size_t blocks = w->permutations / BLOCK + (w->permutations % BLOCK > 0);
    vmap_status status = VMAP_SUCCESS;

    w->count = memory_new(blocks * w->test->statistics, sizeof *w->count, err);
    if (!w->count)
        return VMAP_ENOMEM;
    if (parallel_try(blocks, w->options->threads, run_block, w))
        put_p(w, blocks, p);
    else
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a permutation test");
    free(w->count);
    return status;
}

vmap_status permute_p(const permute_test *test, const vmap_permutation_options *options,
                      const double *observed, double *p, vmap_error *err)
{
    strata s;
    work w = {.test = test, .options = options, .permutations = options->permutations, .strata = &s, .observed = observed};
    vmap_status status = new_strata(options->stratum, test->n, &s, err);

    if (!status)
        status = count_all(&w, p, err);
    free_strata(&s);
    return status;
}

vmap_status permute_signs(const permute_test *test, const vmap_permutation_options *options,
                          const double *observed, double *p, vmap_error *err)
{
    work w = {.test = test, .options = options, .permutations = options->permutations, .observed = observed, .signs = true};

    if (options->permutations && test->n < 32 && ((size_t)1 << (test->n - 1)) <= options->permutations + 1) {
        w.all = true;
        w.permutations = ((size_t)1 << (test->n - 1)) - 1;
    }
    return count_all(&w, p, err);
}
