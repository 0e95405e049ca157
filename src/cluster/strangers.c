#include <config.h>
#include "valuemap/validity.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/quantile.h"
#include "valuemap/rng.h"

/* Silhouettes of strangers among the clusters of other units. */

static double distance(const gsl_matrix *x, size_t i, const gsl_matrix *y, size_t j)
{
    double squares = 0;

    for (size_t a = 0; a < x->size2; a++) {
        double d = gsl_matrix_get(x, i, a) - gsl_matrix_get(y, j, a);

        squares += d * d;
    }
    return sqrt(squares);
}

static vmap_status check(const vmap_units *people, const vmap_partition *partition, const gsl_matrix *strangers,
                         vmap_error *err)
{
    vmap_status status = vmap_units_check(people, err);

    if (!status)
        status = units_need_points(people, "a silhouette of strangers", err);
    if (!status && (partition->n != people->points->size1 || people->points->size2 != strangers->size2))
        status = vmap_error_set(err, VMAP_EINVAL,
                                "strangers have %zu axes and the units %zu; the partition is of %zu units, there are %zu",
                                strangers->size2, people->points->size2, partition->n, people->points->size1);
    if (!status && partition->k < 2)
        status = vmap_error_set(err, VMAP_EDATA, "%zu cluster: a silhouette needs two or more", partition->k);
    return status;
}

/* Width of one stranger among clusters of the masses `mass`; `sum` of its distances to the units of each. `own` is
 * VMAP_CLUSTER_NONE for the nearest one. */
static double find_width(const double *sum, const double *mass, size_t k, size_t own, size_t *nearest)
{
    double a, b;
    size_t mine = silhouette_nearest(sum, mass, k, VMAP_CLUSTER_NONE, &a);

    if (nearest)
        *nearest = mine;
    if (own != VMAP_CLUSTER_NONE) {
        mine = own;
        a = mass[own] > 0 ? sum[own] / mass[own] : NAN;
    }
    silhouette_nearest(sum, mass, k, mine, &b);
    return isnan(a) || isinf(b) ? NAN : silhouette_width(a, b);
}

vmap_status vmap_validity_strangers(const vmap_units *people, const vmap_partition *partition,
                                    const gsl_matrix *strangers, const size_t *own, double *width,
                                    size_t *nearest, vmap_error *err)
{
    size_t k = partition->k;
    vmap_status status = check(people, partition, strangers, err);
    double *sum, *mass;

    if (status)
        return status;
    sum = memory_new(k, sizeof *sum, err);
    mass = partition_masses(people, partition, err);
    for (size_t m = 0; sum && mass && m < strangers->size1; m++) {
        memset(sum, 0, k * sizeof *sum);
        for (size_t i = 0; i < partition->n; i++) {
            if (partition->cluster[i] != VMAP_CLUSTER_NONE)
                sum[partition->cluster[i]] += units_weight(people, i) * distance(people->points, i, strangers, m);
        }
        width[m] = find_width(sum, mass, k, own ? own[m] : VMAP_CLUSTER_NONE, nearest ? &nearest[m] : NULL);
    }
    status = sum && mass ? VMAP_SUCCESS : VMAP_ENOMEM;
    free(sum);
    free(mass);
    return status;
}

/* ---- means with intervals ---- */

typedef struct {
    const vmap_units *people;
    const vmap_partition *partition;
    size_t strangers, groups;
    const size_t *own, *group; /* group NULL: each stranger stands for itself */
    const vmap_strangers_options *options;
    double *apart;             /* strangers x people distances */
    size_t *first, *member;    /* strangers of group g: member[first[g]] .. member[first[g + 1] - 1] */
    double *value;             /* replicates x groups */
    bool *failed;
} resampling;

/* How often each unit of people counts in a replicate: n - 1 draws from the n units of each cluster. */
static void draw_people(const resampling *s, gsl_rng *rng, size_t *members, double *count)
{
    const vmap_partition *p = s->partition;

    memset(count, 0, p->n * sizeof *count);
    for (size_t g = 0; g < p->k; g++) {
        size_t n = 0;

        for (size_t i = 0; i < p->n; i++) {
            if (p->cluster[i] == g)
                members[n++] = i;
        }
        for (size_t draw = n > 1 ? 1 : 0; draw < n; draw++) {
            size_t i = members[n > 1 ? vmap_rng_below(rng, n) : 0];

            count[i] += units_weight(s->people, i);
        }
    }
}

/* Widths of all strangers among the people as `count` has them; `sum` and `mass` are room for k each. */
static void find_widths(const resampling *s, const double *count, double *sum, double *mass, double *width)
{
    const vmap_partition *p = s->partition;

    memset(mass, 0, p->k * sizeof *mass);
    for (size_t i = 0; i < p->n; i++) {
        if (p->cluster[i] != VMAP_CLUSTER_NONE)
            mass[p->cluster[i]] += count[i];
    }
    for (size_t m = 0; m < s->strangers; m++) {
        const double *apart = s->apart + m * p->n;

        memset(sum, 0, p->k * sizeof *sum);
        for (size_t i = 0; i < p->n; i++) {
            if (p->cluster[i] != VMAP_CLUSTER_NONE)
                sum[p->cluster[i]] += count[i] * apart[i];
        }
        width[m] = find_width(sum, mass, p->k, s->own ? s->own[m] : VMAP_CLUSTER_NONE, NULL);
    }
}

/* Mean of n - 1 strangers drawn from the n of each group, or of all n without a random generator. */
static void average(const resampling *s, const double *width, gsl_rng *rng, double *value)
{
    for (size_t g = 0; g < s->groups; g++) {
        size_t n = s->first[g + 1] - s->first[g], draws = rng && n > 1 ? n - 1 : n;
        double sum = 0;

        for (size_t d = 0; d < draws; d++)
            sum += width[s->member[s->first[g] + (rng && n > 1 ? vmap_rng_below(rng, n) : d)]];
        value[g] = draws ? sum / (double)draws : NAN;
    }
}

static void run_replicate(void *context, size_t r)
{
    const resampling *s = context;
    size_t n = s->partition->n, k = s->partition->k;
    gsl_rng *rng = vmap_rng_new(s->options->seed, r);
    double *room = memory_new(n + 2 * k + s->strangers, sizeof *room, NULL), *width = room ? room + n + 2 * k : NULL;
    size_t *members = memory_new(n, sizeof *members, NULL);

    s->failed[r] = !rng || !room || !members;
    if (!s->failed[r]) {
        draw_people(s, rng, members, room);
        find_widths(s, room, room + n, room + n + k, width);
        average(s, width, rng, s->value + r * s->groups);
    }
    if (rng)
        gsl_rng_free(rng);
    free(room);
    free(members);
}

/* The strangers of each group, in their order; those of no group nowhere. */
static void list_members(resampling *s)
{
    size_t at = 0;

    for (size_t g = 0; g < s->groups; g++) {
        s->first[g] = at;
        if (!s->group) {
            s->member[at++] = g;
            continue;
        }
        for (size_t m = 0; m < s->strangers; m++) {
            if (s->group[m] == g)
                s->member[at++] = m;
        }
    }
    s->first[s->groups] = at;
}

static vmap_status open_resampling(resampling *s, const gsl_matrix *strangers, vmap_error *err)
{
    size_t n = s->partition->n;

    s->apart = memory_new(s->strangers, n * sizeof *s->apart, err);
    s->first = memory_new(s->groups + 1, sizeof *s->first, err);
    s->member = memory_new(s->strangers, sizeof *s->member, err);
    s->value = memory_new(s->options->replicates + 1, s->groups * sizeof *s->value, err);
    s->failed = memory_new(s->options->replicates + 1, sizeof *s->failed, err);
    if (!s->apart || !s->first || !s->member || !s->value || !s->failed)
        return VMAP_ENOMEM;
    for (size_t m = 0; m < s->strangers; m++) {
        for (size_t i = 0; i < n; i++)
            s->apart[m * n + i] = distance(s->people->points, i, strangers, m);
    }
    list_members(s);
    return VMAP_SUCCESS;
}

/* Quantiles (type 7 of Hyndman & Fan 1996) of the replicates. */
static vmap_status put_intervals(const resampling *s, vmap_strangers_mean *mean, vmap_error *err)
{
    size_t replicates = s->options->replicates;
    double *sorted = memory_new(replicates, sizeof *sorted, err), tail = (1 - s->options->level) / 2;

    for (size_t g = 0; sorted && g < s->groups; g++) {
        size_t n = 0;

        for (size_t r = 0; r < replicates; r++) {
            if (!isnan(s->value[r * s->groups + g]))
                sorted[n++] = s->value[r * s->groups + g];
        }
        if (!quantile_enough(n, replicates) || (s->group && mean[g].n < 2))
            continue;
        gsl_sort(sorted, 1, n);
        mean[g].low = gsl_stats_quantile_from_sorted_data(sorted, 1, n, tail);
        mean[g].high = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 1 - tail);
    }
    free(sorted);
    return sorted ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static vmap_status measure(resampling *s, vmap_strangers_mean *mean, vmap_error *err)
{
    size_t replicates = s->options->replicates, n = s->partition->n, k = s->partition->k;
    double *room = memory_new(n + 2 * k + s->strangers, sizeof *room, err);
    double *last = s->value + replicates * s->groups; /* of the units as they are */

    if (!room)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < n; i++)
        room[i] = units_weight(s->people, i);
    find_widths(s, room, room + n, room + n + k, room + n + 2 * k);
    average(s, room + n + 2 * k, NULL, last);
    free(room);
    for (size_t g = 0; g < s->groups; g++)
        mean[g] = (vmap_strangers_mean){s->first[g + 1] - s->first[g], last[g], NAN, NAN};
    if (!replicates)
        return VMAP_SUCCESS;
    parallel_for(replicates, s->options->threads, run_replicate, s);
    for (size_t r = 0; r < replicates; r++) {
        if (s->failed[r])
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for a bootstrap of silhouettes");
    }
    return put_intervals(s, mean, err);
}

void vmap_strangers_defaults(vmap_strangers_options *options)
{
    *options = (vmap_strangers_options){.replicates = 500, .level = .95, .seed = 20230217, .threads = 0};
}

vmap_status vmap_validity_strangers_means(const vmap_units *people, const vmap_partition *partition,
                                          const gsl_matrix *strangers, const size_t *own, const size_t *group,
                                          size_t groups, const vmap_strangers_options *options,
                                          vmap_strangers_mean *mean, vmap_error *err)
{
    resampling s = {.people = people, .partition = partition, .strangers = strangers->size1,
                    .groups = group ? groups : strangers->size1, .own = own, .group = group, .options = options};
    vmap_strangers_mean *found = NULL;
    vmap_status status = check(people, partition, strangers, err);

    if (!status && !(options->level > 0 && options->level < 1))
        status = vmap_error_set(err, VMAP_EINVAL, "level %g is not between 0 and 1", options->level);
    if (!status && s.groups == 0)
        status = vmap_error_set(err, VMAP_EINVAL, "there is no group of strangers");
    if (!status)
        status = open_resampling(&s, strangers, err);
    if (!status && !(found = memory_new(s.groups, sizeof *found, err)))
        status = VMAP_ENOMEM;
    if (!status)
        status = measure(&s, found, err);
    if (!status)
        memcpy(mean, found, s.groups * sizeof *mean);
    free(found);
    free(s.apart);
    free(s.first);
    free(s.member);
    free(s.value);
    free(s.failed);
    return status;
}
