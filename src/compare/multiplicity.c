#include <config.h>
#include "valuemap/multiplicity.h"

#include <math.h>

#include <gsl/gsl_sort.h>

#include "core/memory.h"
#include "core/registry.h"

static void keep(double *p, size_t m)
{
    (void)p;
    (void)m;
}

static void bonferroni(double *p, size_t m)
{
    for (size_t i = 0; i < m; i++)
        p[i] = fmin(1, p[i] * (double)m);
}

/* From the smallest on, each at least as large as the one before. */
static void holm(double *p, size_t m)
{
    double most = 0;

    for (size_t i = 0; i < m; i++) {
        most = fmax(most, fmin(1, p[i] * (double)(m - i)));
        p[i] = most;
    }
}

/* From the largest down, each at most as large as the one after. */
static void step_up(double *p, size_t m, double (*factor)(size_t rank, size_t m))
{
    double least = 1;

    for (size_t i = m; i-- > 0;) {
        least = fmin(least, p[i] * factor(i + 1, m));
        p[i] = least;
    }
}

static double hochberg_factor(size_t rank, size_t m)
{
    return (double)(m - rank + 1);
}

static double bh_factor(size_t rank, size_t m)
{
    return (double)m / (double)rank;
}

static void hochberg(double *p, size_t m)
{
    step_up(p, m, hochberg_factor);
}

static void bh(double *p, size_t m)
{
    step_up(p, m, bh_factor);
}

static void by(double *p, size_t m)
{
    double harmonic = 0;

    for (size_t i = m; i > 0; i--)
        harmonic += 1 / (double)i;
    for (size_t i = 0; i < m; i++)
        p[i] *= harmonic;
    step_up(p, m, bh_factor);
}

const vmap_adjustment vmap_adjustments[] = {
    {"none", "p values as they are", "nothing", "", VMAP_ADJUST_NOTHING, keep},
    {"bonferroni", "p times the number of tests", "nothing", "Dunn (1961)", VMAP_ADJUST_FAMILY_WISE,
     bonferroni},
    {"holm", "step-down Bonferroni, never less powerful", "nothing", "Holm (1979)",
     VMAP_ADJUST_FAMILY_WISE, holm},
    {"hochberg", "step-up Bonferroni", "independent or positively dependent tests",
     "Hochberg (1988)", VMAP_ADJUST_FAMILY_WISE, hochberg},
    {"bh", "false discovery rate", "independent or positively dependent tests",
     "Benjamini & Hochberg (1995)", VMAP_ADJUST_DISCOVERY, bh},
    {"by", "false discovery rate under any dependence", "nothing", "Benjamini & Yekutieli (2001)",
     VMAP_ADJUST_DISCOVERY, by},
};
const size_t vmap_adjustments_count = sizeof(vmap_adjustments) / sizeof(*vmap_adjustments);

vmap_status vmap_adjustment_find(const char *name, const vmap_adjustment **adjustment, vmap_error *err)
{
    size_t i = REGISTRY_FIND(vmap_adjustments, vmap_adjustments_count, "adjustment of p values", name, err);

    if (i == vmap_adjustments_count)
        return VMAP_ENOENT;
    *adjustment = &vmap_adjustments[i];
    return VMAP_SUCCESS;
}

vmap_status vmap_adjust(const vmap_adjustment *adjustment, const double *p, size_t n,
                        double *adjusted, vmap_error *err)
{
    size_t m = 0;
    size_t *at;
    double *sorted;

    for (size_t i = 0; i < n; i++) {
        if (p[i] < 0 || p[i] > 1)
            return vmap_error_set(err, VMAP_EINVAL, "p value %zu is %g; it must be 0 to 1", i + 1,
                                  p[i]);
    }
    at = memory_new(n, sizeof(*at), err);
    sorted = memory_new(2 * n, sizeof(*sorted), err);
    if (!at || !sorted) {
        free(at);
        free(sorted);
        return VMAP_ENOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        if (!isnan(p[i]))
            sorted[n + m++] = p[i];
    }
    gsl_sort_index(at, sorted + n, 1, m);
    for (size_t i = 0; i < m; i++)
        sorted[i] = sorted[n + at[i]];
    if (m)
        adjustment->of(sorted, m);
    for (size_t i = 0; i < m; i++)
        sorted[n + at[i]] = sorted[i];
    m = 0;
    for (size_t i = 0; i < n; i++)
        adjusted[i] = isnan(p[i]) ? NAN : sorted[n + m++];
    free(at);
    free(sorted);
    return VMAP_SUCCESS;
}
