#include <config.h>
#include "valuemap/map.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "core/memory.h"

double vmap_distance_euclidean(const gsl_vector *a, const gsl_vector *b)
{
    double sum = 0;

    for (size_t j = 0; j < a->size; j++) {
        double d = gsl_vector_get(a, j) - gsl_vector_get(b, j);

        sum += d * d;
    }
    return sqrt(sum);
}

double vmap_distance_mahalanobis(const gsl_vector *a, const gsl_vector *b,
                                 const gsl_matrix *inverse)
{
    double sum = 0;

    for (size_t i = 0; i < a->size; i++) {
        for (size_t j = 0; j < a->size; j++)
            sum += (gsl_vector_get(a, i) - gsl_vector_get(b, i)) * gsl_matrix_get(inverse, i, j) *
                   (gsl_vector_get(a, j) - gsl_vector_get(b, j));
    }
    return sqrt(fmax(0, sum));
}

/* 95 % percentile interval of the replicates' distance to a point. `work` has room for all. */
static void find_interval(const vmap_group *group, const gsl_vector *at, double *work, double *low,
                          double *high)
{
    size_t n = group->replicates ? group->replicates->size1 : 0;

    *low = *high = NAN;
    for (size_t r = 0; r < n; r++) {
        gsl_vector_const_view row = gsl_matrix_const_row(group->replicates, r);

        work[r] = vmap_distance_euclidean(&row.vector, at);
    }
    if (n > 0) {
        gsl_sort(work, 1, n);
        *low = gsl_stats_quantile_from_sorted_data(work, 1, n, 0.025);
        *high = gsl_stats_quantile_from_sorted_data(work, 1, n, 0.975);
    }
}

/* How often each reference point is the nearest one of a replicate. */
static void count_selected(const vmap_group *group, const vmap_reference *reference, size_t count,
                           size_t *times)
{
    for (size_t r = 0; group->replicates && r < group->replicates->size1; r++) {
        gsl_vector_const_view row = gsl_matrix_const_row(group->replicates, r);
        size_t nearest = 0;
        double least = INFINITY;

        for (size_t i = 0; i < count; i++) {
            double d = vmap_distance_euclidean(&row.vector, reference[i].at);

            if (d < least) {
                least = d;
                nearest = i;
            }
        }
        times[nearest]++;
    }
}

typedef struct {
    double distance;
    size_t index;
} candidate;

static int compare_candidates(const void *pa, const void *pb)
{
    const candidate *a = pa, *b = pb;

    if (a->distance != b->distance)
        return a->distance < b->distance ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/* All reference points, nearest first. */
static candidate *sort_candidates(const vmap_group *group, const vmap_reference *reference,
                                  size_t count, vmap_error *err)
{
    candidate *c = memory_new(count, sizeof *c, err);

    for (size_t i = 0; c && i < count; i++)
        c[i] = (candidate){vmap_distance_euclidean(group->mean, reference[i].at), i};
    if (c)
        qsort(c, count, sizeof *c, compare_candidates);
    return c;
}

vmap_status vmap_groups_nearest(const vmap_group *group, const vmap_reference *reference,
                                size_t count, const gsl_matrix *within_inverse, size_t m,
                                vmap_neighbour *neighbours, vmap_error *err)
{
    size_t replicates = group->replicates ? group->replicates->size1 : 0;
    candidate *sorted = sort_candidates(group, reference, count, err);
    size_t *times = memory_new(count, sizeof *times, err);
    double *work = memory_new(replicates, sizeof *work, err);
    vmap_status status = sorted && times && work ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status)
        count_selected(group, reference, count, times);
    for (size_t i = 0; !status && i < m && i < count; i++) {
        const vmap_reference *to = &reference[sorted[i].index];
        vmap_neighbour *n = &neighbours[i];

        n->reference = sorted[i].index;
        n->rank = i + 1;
        n->distance = sorted[i].distance;
        n->mahalanobis = within_inverse
                             ? vmap_distance_mahalanobis(group->mean, to->at, within_inverse)
                             : NAN;
        n->selected =
            replicates ? (double)times[sorted[i].index] / (double)replicates : NAN;
        find_interval(group, to->at, work, &n->low, &n->high);
    }
    free(sorted);
    free(times);
    free(work);
    return status;
}

void vmap_target_free(vmap_target *t)
{
    if (!t)
        return;
    gsl_vector_free(t->difference);
    free(t);
}

vmap_status vmap_target_new(const vmap_group *group, const vmap_references *references,
                            size_t country, vmap_target **target, vmap_error *err)
{
    size_t count = references->countries;
    vmap_target *t = memory_new(1, sizeof *t, err);
    vmap_neighbour *all = memory_new(count, sizeof *all, err);
    vmap_status status = t && all ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        t->reference = country;
        t->difference = gsl_vector_alloc(group->mean->size);
        if (!t->difference)
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a target");
    }
    if (!status)
        gsl_vector_set_all(t->difference, NAN);
    if (!status && country < count) {
        status = vmap_groups_nearest(group, references->country, count,
                                     references->within_inverse, count, all, err);
        for (size_t i = 0; !status && i < count; i++) {
            if (all[i].reference == country)
                t->to = all[i];
        }
        gsl_vector_memcpy(t->difference, group->mean);
        gsl_vector_sub(t->difference, references->country[country].at);
    }
    free(all);
    if (status)
        vmap_target_free(t);
    else
        *target = t;
    return status;
}
