#include <config.h>
#include "valuemap/pattern.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "core/memory.h"
#include "structure/pairs.h"

/* Distances below the diagonal, row after row, NaN where one side does not know it. */
static void unfold(const gsl_matrix *human, const gsl_matrix *persona, double *h, double *p)
{
    for (size_t i = 0; i < human->size1; i++) {
        for (size_t j = 0; j < i; j++) {
            *h = gsl_matrix_get(human, i, j);
            *p = gsl_matrix_get(persona, i, j);
            if (isnan(*h) || isnan(*p))
                *h = *p = NAN;
            h++, p++;
        }
    }
}

/* Sums over the known pairs; per group, those that the group is in. */
typedef struct {
    double human, persona, pairs;
} sums;

static void add(sums *s, double h, double p)
{
    s->human += h;
    s->persona += p;
    s->pairs++;
}

/* Jackknife over groups: the logarithm of the ratio without each in turn. */
static void put_interval(vmap_homogenisation *r, const sums *all, const sums *of, size_t n,
                         double level)
{
    double mean = 0, squares = 0, used = 0, t;

    for (size_t g = 0; g < n; g++) {
        double without = log((all->persona - of[g].persona) / (all->human - of[g].human));

        if (of[g].pairs == 0)
            continue;
        used++;
        squares += (used - 1) / used * pow(without - mean, 2);
        mean += (without - mean) / used;
    }
    t = gsl_cdf_tdist_Pinv((1 + level) / 2, used - 1) * sqrt((used - 1) / used * squares);
    r->low = used < 4 ? NAN : r->ratio * exp(-t);
    r->high = used < 4 ? NAN : r->ratio * exp(t);
}

static vmap_status homogenise(const double *h, const double *p, sums *of, size_t n, double level,
                              vmap_homogenisation *r, vmap_error *err)
{
    sums all = {0, 0, 0};

    for (size_t i = 0, at = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++, at++) {
            if (isnan(h[at]))
                continue;
            add(&all, h[at], p[at]);
            add(of + i, h[at], p[at]);
            add(of + j, h[at], p[at]);
            r->nearer += p[at] < h[at] ? 1 : p[at] == h[at] ? .5 : 0;
        }
    }
    for (size_t g = 0; g < n; g++)
        r->groups += of[g].pairs > 0;
    r->pairs = (size_t)all.pairs;
    if (r->pairs < 3)
        return vmap_error_set(err, VMAP_EDATA,
                              "%zu pairs of groups have a distance on both sides; three are needed",
                              r->pairs);
    r->human = all.human / all.pairs;
    r->persona = all.persona / all.pairs;
    r->ratio = r->human > 0 ? r->persona / r->human : NAN;
    r->nearer /= all.pairs;
    put_interval(r, &all, of, n, level);
    return VMAP_SUCCESS;
}

vmap_status vmap_pattern_homogenise(const gsl_matrix *human, const gsl_matrix *persona, double level,
                                    vmap_homogenisation *homogenisation, vmap_error *err)
{
    size_t n = human->size1, half = n * (n - 1) / 2;
    vmap_homogenisation r = {.groups = 0};
    double *h;
    sums *of;
    pairs both = {.n = 0};
    vmap_status status;

    if (human->size2 != n || persona->size1 != n || persona->size2 != n)
        return vmap_error_set(err, VMAP_EINVAL,
                              "distances of people and of personas are square and of one size");
    if (!(level > 0 && level < 1))
        return vmap_error_set(err, VMAP_EINVAL, "level %g is outside (0, 1)", level);
    h = memory_new(2 * half, sizeof *h, err);
    of = memory_new(n, sizeof *of, err);
    status = h && of ? VMAP_SUCCESS : VMAP_ENOMEM;
    if (!status) {
        unfold(human, persona, h, h + half);
        status = homogenise(h, h + half, of, n, level, &r, err);
    }
    if (!status)
        status = pairs_new(&both, h, h + half, half, err);
    if (!status) {
        r.correlation = pairs_correlation(both.x, both.y, both.n);
        *homogenisation = r;
    }
    pairs_free(&both);
    free(h);
    free(of);
    return status;
}
