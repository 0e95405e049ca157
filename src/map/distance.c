#include <config.h>
#include "valuemap/map.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "core/memory.h"
#include "map/map_internal.h"

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

/* `times` counts how often each reference point is selected; `work` has room for the replicates. */
static void fill_neighbour(vmap_neighbour *n, const vmap_group *group,
                           const vmap_reference *reference, size_t index, size_t rank,
                           const gsl_matrix *within_inverse, const size_t *times, double *work)
{
    const vmap_reference *to = &reference[index];
    size_t replicates = group->replicates ? group->replicates->size1 : 0;

    n->reference = index;
    n->rank = rank;
    n->distance = vmap_distance_euclidean(group->mean, to->at);
    n->mahalanobis = within_inverse
                         ? vmap_distance_mahalanobis(group->mean, to->at, within_inverse)
                         : NAN;
    n->selected = replicates ? (double)times[index] / (double)replicates : NAN;
    find_interval(group, to->at, work, &n->low, &n->high);
}

vmap_status vmap_groups_nearest(const vmap_group *group, const vmap_reference *reference,
                                size_t count, const gsl_matrix *within_inverse, size_t m,
                                vmap_neighbour *neighbours, vmap_error *err)
{
    candidate *sorted = sort_candidates(group, reference, count, err);
    size_t *times = memory_new(count, sizeof *times, err);
    double *work = memory_new(group->replicates ? group->replicates->size1 : 0, sizeof *work, err);
    vmap_status status = sorted && times && work ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status)
        count_selected(group, reference, count, times);
    for (size_t i = 0; !status && i < m && i < count; i++)
        fill_neighbour(&neighbours[i], group, reference, sorted[i].index, i + 1, within_inverse, times,
                       work);
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

/* Place of a country among all of them, nearest first; ties by their order, as in the list. */
static size_t rank_of(const vmap_group *group, const vmap_references *references, size_t country)
{
    double d = vmap_distance_euclidean(group->mean, references->country[country].at);
    size_t rank = 1;

    for (size_t i = 0; i < references->countries; i++) {
        double other = vmap_distance_euclidean(group->mean, references->country[i].at);

        rank += other < d || (other == d && i < country);
    }
    return rank;
}

vmap_status vmap_target_new(const vmap_group *group, const vmap_references *references,
                            size_t country, vmap_target **target, vmap_error *err)
{
    vmap_target *t = memory_new(1, sizeof *t, err);
    size_t *times = memory_new(references->countries, sizeof *times, err);
    double *work = memory_new(group->replicates ? group->replicates->size1 : 0, sizeof *work, err);
    vmap_status status = t && times && work ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status && !(t->difference = gsl_vector_alloc(group->mean->size)))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a target");
    if (!status) {
        t->reference = country;
        t->same_items = NAN;
        gsl_vector_set_all(t->difference, NAN);
    }
    if (!status && country < references->countries) {
        count_selected(group, references->country, references->countries, times);
        fill_neighbour(&t->to, group, references->country, country,
                       rank_of(group, references, country), references->within_inverse, times, work);
        gsl_vector_memcpy(t->difference, group->mean);
        gsl_vector_sub(t->difference, references->country[country].at);
        t->same_items = distance_same_items(group, &references->country[country]);
    }
    free(times);
    free(work);
    if (status)
        vmap_target_free(t);
    else
        *target = t;
    return status;
}
