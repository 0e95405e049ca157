#include <config.h>
#include "compare/spread.h"

#include <math.h>

#include "core/sort.h"

enum {
    CHAINS = 4,  /* sums side by side, which need not wait for each other */
    SAMPLE = 32,
    SPARE = 2,   /* places of the sample by which a tail is taken longer than it should be */
    FEW = 256    /* replicates that are ordered at once */
};

vmap_status spread_check(const vmap_noise_options *o, vmap_error *err)
{
    if (o->replicates < 19 || o->replicates > 10000000)
        return vmap_error_set(err, VMAP_EINVAL, "%zu replicates; allowed are 19 to 10000000", o->replicates);
    if (!(o->level > .5 && o->level < 1) || !(o->power > .05 && o->power < 1))
        return vmap_error_set(err, VMAP_EINVAL, "level %g and power %g; they lie above .5 and .05 and below 1", o->level,
                              o->power);
    return VMAP_SUCCESS;
}

static double add_up(const double *x, size_t n)
{
    double sum[CHAINS] = {0};

    for (size_t r = 0; r < n; r++)
        sum[r % CHAINS] += x[r];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static double add_squares(const double *x, size_t n, double mean)
{
    double sum[CHAINS] = {0};

    for (size_t r = 0; r < n; r++)
        sum[r % CHAINS] += (x[r] - mean) * (x[r] - mean);
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Between the order statistics k and k + 1 (from 0). */
static double between(double *x, size_t n, size_t k, double part)
{
    double next;

    sort_until(x, n, k);
    if (k + 1 == n)
        return x[k];
    next = x[k + 1];
    for (size_t r = k + 2; r < n; r++)
        next = x[r] < next ? x[r] : next;
    return (1 - part) * x[k] + part * next;
}

static void sort_sample(const double *x, size_t n, double *sample)
{
    for (size_t i = 0; i < SAMPLE; i++)
        sample[i] = x[i * (n / SAMPLE)];
    sort_numbers(sample, SAMPLE);
}

/* Both quantiles from the two tails alone, copied to low and high; false when one was guessed too short. */
static bool take_tails(const double *x, size_t n, double tail, double *low, double *high, vmap_noise_spread *to)
{
    double sample[SAMPLE], at = tail * (double)(n - 1), upper = (1 - tail) * (double)(n - 1), from, until;
    size_t k = (size_t)at, above = (size_t)upper, i = 0, j = 0, place = (size_t)(tail * SAMPLE) + SPARE;

    if (n < FEW || place >= SAMPLE / 2)
        return false;
    sort_sample(x, n, sample);
    until = sample[place];
    from = sample[SAMPLE - 1 - place];
    for (size_t r = 0; r < n; r++) {
        low[i] = high[j] = x[r];
        i += x[r] <= until;
        j += x[r] >= from;
    }
    if (i < k + 2 || j < n - above)
        return false;
    to->low = between(low, i, k, at - (double)k);
    to->high = between(high, j, above - (n - j), upper - (double)above);
    return true;
}

void spread_find(double *x, size_t n, double tail, double *room, vmap_noise_spread *to)
{
    double at = tail * (double)(n - 1), upper = (1 - tail) * (double)(n - 1), mean = add_up(x, n) / (double)n;

    to->mean = to->se = to->low = to->high = NAN;
    if (!isfinite(mean))
        return;
    to->mean = mean;
    to->se = sqrt(add_squares(x, n, mean) / (double)(n - 1));
    if (take_tails(x, n, tail, room, room + n, to))
        return;
    to->low = between(x, n, (size_t)at, at - floor(at));
    to->high = between(x, n, (size_t)upper, upper - floor(upper));
}
