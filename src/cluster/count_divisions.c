#include <config.h>
#include "cluster/count_internal.h"

#include <math.h>
#include <string.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "valuemap/rng.h"

/* Prediction strength. */

typedef struct {
    const vmap_units *units;
    const vmap_cluster_method *method;
    const vmap_count_options *options;
    size_t n, most;
    double *strength; /* divisions x most */
    bool *failed;
} divisions;

/* The unit of each cluster with the least sum of dissimilarities to the others. */
static void find_medoids(const part *p, const vmap_partition *clusters, size_t *medoid)
{
    for (size_t g = 0; g < clusters->k; g++) {
        double least = INFINITY;

        for (size_t i = 0; i < clusters->n; i++) {
            double sum = 0;

            for (size_t j = 0; clusters->cluster[i] == g && j < clusters->n; j++)
                sum += clusters->cluster[j] == g ? units_weight(&p->units, j) * gsl_matrix_get(p->dissimilarity, i, j) : 0;
            if (clusters->cluster[i] == g && sum < least) {
                least = sum;
                medoid[g] = i;
            }
        }
    }
}

/* Weighted means of the clusters of a part, k x d. */
static void find_centres(const part *p, const vmap_partition *clusters, const double *mass, double *centre)
{
    size_t d = p->points->size2;

    for (size_t i = 0; i < clusters->n; i++) {
        size_t g = clusters->cluster[i];

        for (size_t a = 0; g != VMAP_CLUSTER_NONE && a < d; a++)
            centre[g * d + a] += units_weight(&p->units, i) / mass[g] * gsl_matrix_get(p->points, i, a);
    }
}

static double squares_to(const gsl_matrix *x, size_t i, const double *centre)
{
    double squares = 0;

    for (size_t a = 0; a < x->size2; a++)
        squares += pow(gsl_matrix_get(x, i, a) - centre[a], 2);
    return squares;
}

/* Give the units of `to` to the clusters learnt on `from`. */
static bool classify(const vmap_units *all, const part *from, const size_t *from_index,
                     const vmap_partition *clusters, const part *to, const size_t *to_index,
                     size_t m, size_t *found)
{
    size_t d = all->dissimilarity ? 0 : all->points->size2;
    double *centre = memory_new(clusters->k, (d + 1) * sizeof *centre, NULL);
    double *mass = partition_masses(&from->units, clusters, NULL);
    size_t *medoid = memory_new(clusters->k, sizeof *medoid, NULL);

    if (centre && medoid && mass && all->dissimilarity)
        find_medoids(from, clusters, medoid);
    else if (centre && medoid && mass)
        find_centres(from, clusters, mass, centre);
    for (size_t i = 0; centre && medoid && mass && i < m; i++) {
        double least = INFINITY;

        for (size_t g = 0; g < clusters->k; g++) {
            double far = all->dissimilarity
                             ? gsl_matrix_get(all->dissimilarity, to_index[i], from_index[medoid[g]])
                             : squares_to(to->points, i, centre + g * d);

            if (far < least) {
                least = far;
                found[i] = g;
            }
        }
    }
    free(medoid);
    free(centre);
    free(mass);
    return centre && medoid && mass;
}

/* Strength of every k for one division. */
static bool divide(const divisions *s, size_t *order, uint64_t seed, double *strength)
{
    size_t size[2] = {s->n / 2, s->n - s->n / 2}, *found = memory_new(s->n, sizeof *found, NULL);
    size_t *index[2] = {order, order + size[0]};
    vmap_cluster_options o = s->options->cluster;
    vmap_partition **of[2] = {memory_new(s->most, sizeof(vmap_partition *), NULL),
                              memory_new(s->most, sizeof(vmap_partition *), NULL)};
    part half[2] = {{.points = NULL}, {.points = NULL}};
    bool ok = found && of[0] && of[1];

    o.threads = 1;
    o.seed = seed;
    for (size_t h = 0; ok && h < 2; h++)
        ok = part_open(s->units, index[h], size[h], &half[h]) &&
             !count_partitions(&half[h].units, s->method, s->most < size[h] ? s->most : size[h], &o, of[h],
                            NULL, NULL);
    for (size_t k = 0; ok && k < s->most; k++) {
        strength[k] = of[0][k] && of[1][k] ? 0 : NAN;
        for (size_t h = 0; ok && h < 2 && !isnan(strength[k]); h++) {
            ok = classify(s->units, &half[h], index[h], of[h][k], &half[1 - h], index[1 - h],
                          size[1 - h], found);
            strength[k] += ok ? vmap_validity_prediction(of[1 - h][k], half[1 - h].weights, found) / 2 : 0;
        }
    }
    for (size_t h = 0; h < 2; h++) {
        count_free_partitions(of[h], s->most);
        free(of[h]);
        part_close(&half[h]);
    }
    free(found);
    return ok;
}

static bool shuffle(uint64_t seed, uint64_t stream, size_t *order, size_t n)
{
    gsl_rng *rng = vmap_rng_new(seed, stream);

    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t i = n; rng && i > 1; i--) {
        size_t j = vmap_rng_below(rng, i), kept = order[i - 1];

        order[i - 1] = order[j];
        order[j] = kept;
    }
    if (rng)
        gsl_rng_free(rng);
    return rng != NULL;
}

static void run_division(void *context, size_t b)
{
    const divisions *s = context;
    uint64_t seed = child_seed(s->options->cluster.seed, STREAM_DIVISION);
    size_t *order = memory_new(s->n, sizeof *order, NULL);

    s->failed[b] = !order || !shuffle(seed, b, order, s->n) ||
                   !divide(s, order, child_seed(seed, b), s->strength + b * s->most);
    free(order);
}

vmap_status count_divisions(const vmap_units *units, const vmap_cluster_method *method,
                           const vmap_count_options *o, vmap_count *c, vmap_error *err)
{
    divisions s = {units, method, o, c->n, c->count, NULL, NULL};
    vmap_status status = VMAP_ENOMEM;

    s.strength = memory_new(o->divisions, c->count * sizeof *s.strength, err);
    s.failed = memory_new(o->divisions, sizeof *s.failed, err);
    if (s.strength && s.failed) {
        parallel_for(o->divisions, o->cluster.threads, run_division, &s);
        status = VMAP_SUCCESS;
    }
    for (size_t k = 0; !status && k < c->count; k++) {
        double mean = 0, squares = 0;
        size_t count = 0;

        for (size_t b = 0; b < o->divisions; b++) {
            if (!s.failed[b] && !isnan(s.strength[b * c->count + k])) {
                mean += s.strength[b * c->count + k];
                count++;
            }
        }
        if (count < o->divisions) /* halves without k distinct points: not defined for this k */
            continue;
        mean /= (double)count;
        for (size_t b = 0; b < o->divisions; b++)
            squares += pow(s.strength[b * c->count + k] - mean, 2);
        c->row[k].prediction = mean;
        if (count > 1)
            c->row[k].prediction_se = sqrt(squares / (double)(count - 1) / (double)count);
    }
    free(s.strength);
    free(s.failed);
    return status;
}

