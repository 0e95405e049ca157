#include <config.h>
#include "valuemap/pattern.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "core/memory.h"

static bool counts(const double *values, size_t stride, const double *weights, size_t i,
                   const size_t *group, size_t groups)
{
    return group[i] < groups && !isnan(values[i * stride]) && (!weights || weights[i] > 0);
}

static vmap_status check_weights(const double *weights, size_t n, vmap_error *err)
{
    for (size_t i = 0; weights && i < n; i++) {
        if (!(weights[i] >= 0) || isinf(weights[i]))
            return vmap_error_set(err, VMAP_EINVAL, "weight %zu is %g; weights are numbers from 0 up",
                                  i + 1, weights[i]);
    }
    return VMAP_SUCCESS;
}

/* Everything of the weighted sums of squares, in shares of the sum of weights. */
static void put_sizes(vmap_explained *e, const vmap_group_sums *of, size_t groups, double total, double squares)
{
    double size = 0;

    e->n_eff = total * total / squares;
    for (size_t g = 0; g < groups; g++) {
        e->groups += of[g].w > 0;
        size += of[g].w * of[g].w / (total * total);
    }
    e->df1 = (double)e->groups - 1;
    e->df2 = e->n_eff - (double)e->groups;
    e->size = e->n_eff * (1 - size) / e->df1;
}

static void put_tests(vmap_explained *e, double between)
{
    double msb = between * e->n_eff / e->df1, msw;

    if (!(e->variance > 1e-24 * (1 + e->mean * e->mean))) {
        e->variance = e->within = 0;
        e->eta2 = e->epsilon2 = e->f = e->p = e->icc = NAN;
        return;
    }
    e->eta2 = between / e->variance;
    if (!(e->within > 1e-24 * (1 + e->mean * e->mean)))
        e->within = 0;
    msw = e->within * e->n_eff / e->df2;
    e->epsilon2 = 1 - (1 - e->eta2) * (e->n_eff - 1) / e->df2;
    e->f = msb / msw;
    e->p = isinf(e->f) ? 0 : gsl_cdf_fdist_Q(e->f, e->df1, e->df2);
    e->icc = (msb - msw) / (msb + (e->size - 1) * msw);
}

/* Means of the groups, then squares around a mean that is known. */
static void sum_up(const double *values, size_t stride, const double *weights, size_t n, const size_t *group, size_t groups,
                   vmap_group_sums *of)
{
    for (size_t i = 0; i < n; i++) {
        double w = weights ? weights[i] : 1;
        vmap_group_sums *own = of + group[i];

        if (!counts(values, stride, weights, i, group, groups))
            continue;
        own->n++;
        own->w += w;
        own->w2 += w * w;
        own->mean += (values[i * stride] - own->mean) * w / own->w;
    }
    for (size_t i = 0; i < n; i++) {
        if (counts(values, stride, weights, i, group, groups))
            of[group[i]].squares += (weights ? weights[i] : 1) * pow(values[i * stride] - of[group[i]].mean, 2);
    }
}

vmap_status vmap_pattern_explain_sums(const vmap_group_sums *of, size_t groups, vmap_explained *explained, vmap_error *err)
{
    vmap_explained e = {.n = 0};
    double total = 0, squares = 0, between = 0;

    for (size_t g = 0; g < groups; g++) {
        e.n += of[g].n;
        total += of[g].w;
        squares += of[g].w2;
        e.mean += of[g].w > 0 ? (of[g].mean - e.mean) * of[g].w / total : 0;
    }
    for (size_t g = 0; g < groups; g++) {
        between += of[g].w > 0 ? of[g].w * pow(of[g].mean - e.mean, 2) / total : 0;
        e.within += of[g].w > 0 ? of[g].squares / total : 0;
    }
    e.variance = between + e.within;
    if (total > 0)
        put_sizes(&e, of, groups, total, squares);
    if (e.groups < 2)
        return vmap_error_set(err, VMAP_EDATA, "%zu groups with answers; two are needed", e.groups);
    if (!(e.df2 > 0))
        return vmap_error_set(err, VMAP_EDATA, "%.4g effective respondents in %zu groups; there must be more respondents than groups",
                              e.n_eff, e.groups);
    put_tests(&e, between);
    *explained = e;
    return VMAP_SUCCESS;
}

vmap_status vmap_pattern_explain(const double *values, size_t stride, const double *weights, size_t n,
                                 const size_t *group, size_t groups, vmap_explained *explained,
                                 vmap_error *err)
{
    vmap_group_sums *of = memory_new(groups, sizeof *of, err);
    vmap_status status = of ? check_weights(weights, n, err) : VMAP_ENOMEM;

    if (!status) {
        sum_up(values, stride, weights, n, group, groups, of);
        status = vmap_pattern_explain_sums(of, groups, explained, err);
    }
    free(of);
    return status;
}
