#include <config.h>
#include "valuemap/pattern.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "core/memory.h"
#include "core/sort.h"
#include "structure/permute.h"

const size_t vmap_hits[VMAP_HITS] = {1, 3, 5};

/* What is tested, in this order: hits, mean of 1 / rank, and minus the mean rank. */
enum { MRR = VMAP_HITS, RANK, MEASURES };

/* Distances that only rounding sets apart are the same: -1, 0, 1; what is not known comes last. */
static int order_of(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return sort_order(a, b, fabs(a) + fabs(b));
}

/* Place of each candidate for one persona group. */
static void rank_row(const gsl_matrix *d, size_t i, double *rank)
{
    for (size_t j = 0; j < d->size2; j++) {
        double below = 0, equal = 0, own = gsl_matrix_get(d, i, j);

        for (size_t k = 0; k < d->size2; k++) {
            int order = order_of(gsl_matrix_get(d, i, k), own);

            below += order < 0;
            equal += order == 0;
        }
        rank[j] = below + (equal + 1) / 2;
    }
}

/* The persona groups that count, with the ranks that each gives to the own groups of all of them. */
typedef struct {
    size_t n;
    double *rank; /* n x n: row i has the places of the own groups of 0 .. n-1 among the candidates of i */
} places;

static void add_measures(double rank, double *measure)
{
    for (size_t k = 0; k < VMAP_HITS; k++)
        measure[k] += rank <= (double)vmap_hits[k];
    measure[MRR] += 1 / rank;
    measure[RANK] -= rank;
}

static void measure(const void *context, const size_t *order, double *scratch, double *value)
{
    const places *p = context;

    (void)scratch;
    for (size_t k = 0; k < MEASURES; k++)
        value[k] = 0;
    for (size_t i = 0; i < p->n; i++)
        add_measures(p->rank[i * p->n + order[i]], value);
    for (size_t k = 0; k < MEASURES; k++)
        value[k] /= (double)p->n;
}

static void put_chance(const places *p, vmap_identification *r)
{
    double sum[MEASURES] = {0}, all = (double)p->n * (double)p->n;

    for (size_t i = 0; i < p->n * p->n; i++)
        add_measures(p->rank[i], sum);
    for (size_t k = 0; k < VMAP_HITS; k++)
        r->hit_chance[k] = sum[k] / all;
    r->mrr_chance = sum[MRR] / all;
}

/* Wilson's interval of a mean of n numbers between 0 and 1. */
static void put_interval(double mean, double n, double *low, double *high)
{
    const double z = gsl_cdf_ugaussian_Pinv(.975);
    double middle = (mean + z * z / (2 * n)) / (1 + z * z / n);
    double reach = z / (1 + z * z / n) * sqrt(mean * (1 - mean) / n + z * z / (4 * n * n));

    *low = fmax(0, middle - reach);
    *high = fmin(1, middle + reach);
}

static vmap_status test(const places *p, const vmap_permutation_options *options,
                        vmap_identification *r, vmap_error *err)
{
    const permute_test t = {p->n, MEASURES, 0, p, measure};
    double value[MEASURES], tested[MEASURES];
    size_t *order = memory_new(p->n, sizeof *order, err);
    vmap_status status;

    if (!order)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < p->n; i++)
        order[i] = i;
    measure(p, order, NULL, value);
    status = permute_p(&t, options, value, tested, err);
    for (size_t k = 0; !status && k < VMAP_HITS; k++) {
        r->hit[k] = value[k];
        r->hit_p[k] = tested[k];
    }
    if (!status) {
        r->mrr = value[MRR];
        r->mrr_p = tested[MRR];
        r->mean_rank = -value[RANK];
        r->mean_rank_p = tested[RANK];
        put_chance(p, r);
        for (size_t k = 0; k < VMAP_HITS; k++)
            put_interval(r->hit[k], (double)p->n, &r->hit_low[k], &r->hit_high[k]);
        put_interval(r->mrr, (double)p->n, &r->mrr_low, &r->mrr_high);
    }
    free(order);
    return status;
}

/* Ranks of all candidates for all groups (n x m), and which groups count (`used`). */
static void rank_all(const gsl_matrix *d, const size_t *target, double *rank, size_t *used,
                     vmap_identification *r)
{
    size_t m = d->size2;

    for (size_t i = 0; i < d->size1; i++) {
        rank_row(d, i, rank + i * m);
        r->nearest[i] = m;
        for (size_t j = 0; j < m; j++) {
            double best = r->nearest[i] < m ? gsl_matrix_get(d, i, r->nearest[i]) : NAN;

            if (order_of(gsl_matrix_get(d, i, j), best) < 0)
                r->nearest[i] = j;
        }
        r->rank[i] = NAN;
        if (target[i] < m && !isnan(gsl_matrix_get(d, i, target[i]))) {
            r->rank[i] = rank[i * m + target[i]];
            used[r->groups++] = i;
        }
    }
}

/* Strata of the groups that count, numbered below their number. */
static void renumber(const size_t *stratum, const size_t *used, size_t n, size_t *out)
{
    for (size_t i = 0; i < n; i++) {
        for (out[i] = 0; stratum[used[out[i]]] != stratum[used[i]];)
            out[i]++;
    }
}

static vmap_status identify(const gsl_matrix *d, const size_t *target,
                            const vmap_permutation_options *options, vmap_identification *r,
                            vmap_error *err)
{
    vmap_permutation_options o = permute_options(options);
    size_t n = d->size1, m = d->size2, *used = memory_new(2 * n, sizeof *used, err);
    double *rank = memory_new(n * m, sizeof *rank, err);
    places p = {0, NULL};
    vmap_status status = used && rank ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        rank_all(d, target, rank, used, r);
        p.n = r->groups;
        if (p.n < 2)
            status = vmap_error_set(err, VMAP_EDATA,
                                    "%zu persona groups have a human group of their own; two are needed",
                                    p.n);
    }
    if (!status)
        status = (p.rank = memory_new(p.n * p.n, sizeof *p.rank, err)) ? VMAP_SUCCESS : VMAP_ENOMEM;
    for (size_t i = 0; !status && i < p.n; i++) {
        for (size_t j = 0; j < p.n; j++)
            p.rank[i * p.n + j] = rank[used[i] * m + target[used[j]]];
    }
    if (!status && o.stratum) {
        renumber(o.stratum, used, p.n, used + n);
        o.stratum = used + n;
    }
    if (!status)
        status = test(&p, &o, r, err);
    free(p.rank);
    free(rank);
    free(used);
    return status;
}

void vmap_identification_free(vmap_identification *r)
{
    if (!r)
        return;
    free(r->rank);
    free(r->nearest);
    free(r);
}

vmap_status vmap_pattern_identify(const gsl_matrix *distance, const size_t *target,
                                  const vmap_permutation_options *options,
                                  vmap_identification **identification, vmap_error *err)
{
    size_t n = distance->size1;
    vmap_identification *r;
    vmap_status status = VMAP_ENOMEM;

    if (distance->size2 < 2)
        return vmap_error_set(err, VMAP_EDATA, "one human group; a persona group must have a choice");
    r = memory_new(1, sizeof *r, err);
    if (r) {
        r->n = n;
        r->candidates = distance->size2;
        r->rank = memory_new(n, sizeof *r->rank, err);
        r->nearest = memory_new(n, sizeof *r->nearest, err);
        if (r->rank && r->nearest)
            status = identify(distance, target, options, r, err);
    }
    if (status)
        vmap_identification_free(r);
    else
        *identification = r;
    return status;
}
