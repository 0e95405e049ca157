#include <config.h>
#include "valuemap/cluster_distance.h"

#include <math.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/quantile.h"
#include "valuemap/rng.h"

void vmap_cluster_distance_defaults(vmap_cluster_distance_options *options)
{
    *options = (vmap_cluster_distance_options){
        .replicates = 500, .level = .95, .seed = 20230217, .threads = 0};
}

void vmap_distance_matrix_free(vmap_distance_matrix *m)
{
    if (!m)
        return;
    gsl_matrix_free(m->value);
    gsl_matrix_free(m->low);
    gsl_matrix_free(m->high);
    free(m);
}

typedef struct {
    const vmap_cluster_distance *distance;
    const gsl_matrix **points; /* the clouds of both sides, a + b */
    size_t a, b;
    const vmap_ruler *ruler;
    const vmap_cluster_distance_options *options;
    double *value; /* replicates x a x b */
} resampling;

static vmap_status measure(const resampling *s, const gsl_matrix *const *points, double *value,
                           vmap_error *err)
{
    size_t count = s->a + s->b;
    vmap_cloud **cloud = memory_new(count, sizeof(vmap_cloud *), err);
    vmap_status status = cloud ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t c = 0; !status && c < count; c++)
        status = vmap_cloud_new(points[c], NULL, s->ruler, s->distance->uses_pairs, &cloud[c], err);
    for (size_t i = 0; !status && i < s->a; i++) {
        for (size_t j = 0; j < s->b; j++)
            value[i * s->b + j] = s->ruler->between && s->distance->uses_centre
                                      ? NAN
                                      : s->distance->of(cloud[i], cloud[s->a + j], s->ruler);
    }
    for (size_t c = 0; cloud && c < count; c++)
        vmap_cloud_free(cloud[c]);
    free(cloud);
    return status;
}

/* n - 1 units of a cloud drawn with replacement; a cloud of one unit stays as it is. */
static gsl_matrix *draw(const gsl_matrix *x, gsl_rng *rng)
{
    size_t n = x->size1 > 1 ? x->size1 - 1 : 1;
    gsl_matrix *drawn = memory_matrix(n, x->size2, NULL);

    for (size_t i = 0; drawn && i < n; i++) {
        size_t from = x->size1 > 1 ? vmap_rng_below(rng, x->size1) : 0;

        for (size_t j = 0; j < x->size2; j++)
            gsl_matrix_set(drawn, i, j, gsl_matrix_get(x, from, j));
    }
    return drawn;
}

static bool run_replicate(void *context, size_t r)
{
    const resampling *s = context;
    size_t count = s->a + s->b;
    gsl_rng *rng = vmap_rng_new(s->options->seed, r);
    gsl_matrix **drawn = memory_new(count, sizeof(gsl_matrix *), NULL);
    bool ok = rng && drawn;

    for (size_t c = 0; ok && c < count; c++)
        ok = (drawn[c] = draw(s->points[c], rng)) != NULL;
    ok = ok && measure(s, (const gsl_matrix *const *)drawn, s->value + r * s->a * s->b, NULL) == VMAP_SUCCESS;
    for (size_t c = 0; drawn && c < count; c++)
        gsl_matrix_free(drawn[c]);
    free(drawn);
    if (rng)
        gsl_rng_free(rng);
    return ok;
}

/* Quantiles (type 7 of Hyndman & Fan 1996) of the defined replicates of one pair. */
static void put_interval(const resampling *s, size_t i, size_t j, double *sorted,
                         vmap_distance_matrix *m)
{
    size_t replicates = s->options->replicates, n = 0;
    double tail = (1 - s->options->level) / 2;

    for (size_t r = 0; r < replicates; r++) {
        double x = s->value[(r * s->a + i) * s->b + j];

        if (!isnan(x))
            sorted[n++] = x;
    }
    if (!quantile_enough(n, replicates) || s->points[i]->size1 < 2 || s->points[s->a + j]->size1 < 2)
        return;
    gsl_sort(sorted, 1, n);
    gsl_matrix_set(m->low, i, j, gsl_stats_quantile_from_sorted_data(sorted, 1, n, tail));
    gsl_matrix_set(m->high, i, j, gsl_stats_quantile_from_sorted_data(sorted, 1, n, 1 - tail));
}

static vmap_status bootstrap(resampling *s, vmap_distance_matrix *m, vmap_error *err)
{
    size_t replicates = s->options->replicates;
    double *sorted = memory_new(replicates, sizeof *sorted, err);
    vmap_status status = VMAP_ENOMEM;

    s->value = memory_new(replicates, s->a * s->b * sizeof *s->value, err);
    if (sorted && s->value)
        status = parallel_try(replicates, s->options->threads, run_replicate, s)
                     ? VMAP_SUCCESS
                     : vmap_error_set(err, VMAP_ENOMEM, "no memory for a bootstrap of distances");
    for (size_t i = 0; !status && i < s->a; i++) {
        for (size_t j = 0; j < s->b; j++)
            put_interval(s, i, j, sorted, m);
    }
    free(sorted);
    free(s->value);
    return status;
}

static vmap_distance_matrix *new_matrix(size_t a, size_t b, vmap_error *err)
{
    vmap_distance_matrix *m = memory_new(1, sizeof *m, err);

    if (!m)
        return NULL;
    m->a = a;
    m->b = b;
    m->value = memory_matrix(a, b, err);
    m->low = memory_matrix(a, b, err);
    m->high = memory_matrix(a, b, err);
    if (!m->value || !m->low || !m->high) {
        vmap_distance_matrix_free(m);
        return NULL;
    }
    gsl_matrix_set_all(m->low, NAN);
    gsl_matrix_set_all(m->high, NAN);
    return m;
}

vmap_status vmap_cluster_distance_matrix(const vmap_cluster_distance *distance,
                                         const gsl_matrix *const *left, size_t a,
                                         const gsl_matrix *const *right, size_t b,
                                         const vmap_cluster_distance_options *options,
                                         vmap_distance_matrix **matrix, vmap_error *err)
{
    vmap_ruler *ruler = NULL;
    vmap_distance_matrix *m = NULL;
    resampling s = {.distance = distance, .a = a, .b = b, .options = options};
    vmap_status status;

    if (a == 0 || b == 0)
        return vmap_error_set(err, VMAP_EINVAL, "%zu clouds on one side and %zu on the other", a, b);
    if (!(options->level > 0 && options->level < 1))
        return vmap_error_set(err, VMAP_EINVAL, "level %g is not between 0 and 1", options->level);
    s.points = memory_new(a + b, sizeof *s.points, err);
    if (!s.points)
        return VMAP_ENOMEM;
    for (size_t c = 0; c < a + b; c++)
        s.points[c] = c < a ? left[c] : right[c - a];
    status = vmap_ruler_new(s.points, left == right ? a : a + b, options->between, &ruler, err);
    s.ruler = ruler;
    if (!status && !(m = new_matrix(a, b, err)))
        status = VMAP_ENOMEM;
    if (!status)
        status = measure(&s, s.points, m->value->data, err);
    if (!status && options->replicates)
        status = bootstrap(&s, m, err);
    if (!status) {
        *matrix = m;
        m = NULL;
    }
    vmap_distance_matrix_free(m);
    vmap_ruler_free(ruler);
    free(s.points);
    return status;
}
