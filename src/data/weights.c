#include <config.h>
#include "valuemap/weights.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "core/registry.h"

double vmap_weight_sum(const double *weights, size_t n)
{
    numeric_sum s = {0, 0};

    if (!weights)
        return (double)n;
    for (size_t i = 0; i < n; i++)
        numeric_add(&s, weights[i]);
    return s.sum + s.rest;
}

double vmap_weight_n_eff(const double *weights, size_t n)
{
    double sum = vmap_weight_sum(weights, n), squares = 0;

    if (!weights)
        return (double)n;
    for (size_t i = 0; i < n; i++)
        squares += weights[i] * weights[i];
    return squares > 0 ? sum * sum / squares : 0;
}

vmap_weight_effect vmap_weight_effect_of(const double *w, size_t n)
{
    vmap_weight_effect e = {.sum = vmap_weight_sum(w, n), .effective = vmap_weight_n_eff(w, n), .design = NAN};

    for (size_t i = 0; i < n; i++)
        e.n += !w || w[i] > 0;
    if (e.n)
        e.design = (double)e.n / e.effective;
    return e;
}

static const char *const rule_names[] = {"given", "mean-one", "equal-country", "population"};
enum { RULES = sizeof rule_names / sizeof *rule_names };

vmap_status vmap_weight_rule_find(const char *name, vmap_weight_rule *rule, vmap_error *err)
{
    size_t i = REGISTRY_FIND(rule_names, RULES, "weights:", name, err);

    if (i == RULES)
        return VMAP_ENOENT;
    *rule = (vmap_weight_rule)i;
    return VMAP_SUCCESS;
}

const char *vmap_weight_rule_name(vmap_weight_rule rule)
{
    return rule_names[rule];
}

/* Sums of one group. */
typedef struct {
    double sum;
    size_t n; /* positive weights */
} total;

static size_t group_of(const size_t *group, size_t i)
{
    return group ? group[i] : 0;
}

static void add_up(const double *w, size_t n, const size_t *group, size_t groups, total *t)
{
    memset(t, 0, (groups + 1) * sizeof *t);
    for (size_t i = 0; i < n; i++) {
        total *g = &t[group_of(group, i)];

        g->sum += w[i];
        g->n += w[i] > 0;
    }
}

/* Cut what is above the cap, then give back to the group what was cut. */
static void trim(double *w, size_t n, const size_t *group, size_t groups, double cap, total *before, total *after,
                 vmap_trimming *trimming)
{
    double all = 0, cut = 0;

    add_up(w, n, group, groups, before);
    for (size_t i = 0; i < n; i++) {
        const total *g = &before[group_of(group, i)];
        double most = g->n ? cap * g->sum / (double)g->n : 0;

        all += w[i];
        if (w[i] > most) {
            cut += w[i] - most;
            trimming->rows++;
            w[i] = most;
        }
    }
    trimming->share = all > 0 ? cut / all : 0;
    add_up(w, n, group, groups, after);
    for (size_t i = 0; i < n; i++) {
        size_t g = group_of(group, i);

        if (after[g].sum > 0 && after[g].sum < before[g].sum)
            w[i] *= before[g].sum / after[g].sum;
    }
}

/* What the weights of group g must add up to, before all are brought to their common sum. */
static double wanted(const total *t, size_t g, vmap_weight_rule rule, const double *population)
{
    if (t[g].sum <= 0)
        return 0;
    switch (rule) {
    case VMAP_WEIGHTS_GIVEN:
        return t[g].sum;
    case VMAP_WEIGHTS_MEAN_ONE:
        return (double)t[g].n;
    case VMAP_WEIGHTS_EQUAL:
        return 1;
    case VMAP_WEIGHTS_POPULATION:
        return population[g];
    }
    return 0;
}

static void rescale(double *w, size_t n, const size_t *group, size_t groups, vmap_weight_rule rule,
                    const double *population, total *t)
{
    double sum = 0, respondents = 0;

    add_up(w, n, group, groups, t);
    for (size_t g = 0; g < groups; g++) {
        sum += wanted(t, g, rule, population);
        respondents += (double)t[g].n;
    }
    for (size_t i = 0; i < n; i++) {
        size_t g = group_of(group, i);

        if (g >= groups || t[g].sum <= 0)
            w[i] = 0;
        else
            w[i] *= wanted(t, g, rule, population) / t[g].sum * (respondents / sum);
    }
}

vmap_status vmap_weights_adjust(double *w, size_t n, const size_t *group, size_t groups, vmap_weight_rule rule,
                                const double *population, double cap, vmap_trimming *trimming, vmap_error *err)
{
    vmap_trimming done = {.cap = cap};
    size_t count = group ? groups : 1;
    total *t;

    if (cap != 0 && !(cap >= 1))
        return vmap_error_set(err, VMAP_EINVAL, "weights are trimmed at %g times their mean; it is 1 or more", cap);
    for (size_t g = 0; rule == VMAP_WEIGHTS_POPULATION && g < count; g++) {
        if (!(population[g] > 0))
            return vmap_error_set(err, VMAP_EINVAL, "population %g of a group is not above 0", population[g]);
    }
    t = memory_new(2 * (count + 1), sizeof *t, err);
    if (!t)
        return VMAP_ENOMEM;
    if (cap > 0)
        trim(w, n, group, count, cap, t, t + count + 1, &done);
    if (rule != VMAP_WEIGHTS_GIVEN)
        rescale(w, n, group, count, rule, population, t);
    free(t);
    if (trimming)
        *trimming = done;
    return VMAP_SUCCESS;
}
