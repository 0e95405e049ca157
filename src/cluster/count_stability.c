#include <config.h>
#include "cluster/count_internal.h"

#include <math.h>
#include <string.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "valuemap/rng.h"

/* Stability of clusters in bootstrap samples. */

typedef struct {
    const vmap_units *units;
    const vmap_cluster_method *method;
    const vmap_cluster_options *options;
    const vmap_partition *partition;
    size_t k, resamples;
    double *jaccard; /* resamples x k; NaN where the cluster is not in the sample */
} resampling;

static void run_resample(void *context, size_t b)
{
    const resampling *s = context;
    size_t n = s->partition->n, m = 0, *index = memory_new(n, sizeof *index, NULL);
    bool *drawn = memory_new(n, sizeof *drawn, NULL);
    uint64_t seed = child_seed(s->options->seed, STREAM_RESAMPLE);
    gsl_rng *rng = vmap_rng_new(seed, b);
    vmap_cluster_options o = *s->options;
    vmap_partition *again = NULL;
    part some = {.points = NULL};

    o.threads = 1;
    o.seed = child_seed(seed, b);
    for (size_t i = 0; index && drawn && rng && i < n; i++)
        drawn[vmap_rng_below(rng, n)] = true;
    for (size_t i = 0; index && drawn && i < n; i++) {
        if (drawn[i])
            index[m++] = i;
    }
    for (size_t g = 0; g < s->partition->k; g++)
        s->jaccard[b * s->partition->k + g] = NAN;
    if (m >= s->k && m > 1 && part_open(s->units, index, m, &some) &&
        !s->method->run(&some.units, s->k, &o, &again, NULL)) {
        for (size_t g = 0; g < s->partition->k; g++)
            s->jaccard[b * s->partition->k + g] = vmap_validity_jaccard(s->partition, g, s->units->weights, index, again);
    }
    vmap_partition_free(again);
    part_close(&some);
    if (rng)
        gsl_rng_free(rng);
    free(index);
    free(drawn);
}

/* `k`: what the method is asked for; a least size for methods that count themselves. */
static vmap_status resample(const vmap_units *units, const vmap_cluster_method *method, size_t k,
                            const vmap_partition *partition, size_t resamples,
                            const vmap_cluster_options *options, double *jaccard, vmap_error *err)
{
    resampling s = {units, method, options, partition, k, resamples, NULL};

    s.jaccard = memory_new(resamples, (partition->k ? partition->k : 1) * sizeof *s.jaccard, err);
    if (!s.jaccard)
        return VMAP_ENOMEM;
    parallel_for(resamples, options->threads, run_resample, &s);
    for (size_t g = 0; g < partition->k; g++) {
        double sum = 0;
        size_t count = 0;

        for (size_t b = 0; b < resamples; b++) {
            double j = s.jaccard[b * partition->k + g];

            sum += isnan(j) ? 0 : j;
            count += !isnan(j);
        }
        jaccard[g] = count ? sum / (double)count : NAN;
    }
    free(s.jaccard);
    return VMAP_SUCCESS;
}

vmap_status vmap_validity_stability(const vmap_units *units, const vmap_cluster_method *method,
                                    const vmap_partition *partition, size_t resamples,
                                    const vmap_cluster_options *options, double *jaccard,
                                    vmap_error *err)
{
    vmap_status status = vmap_units_check(units, err);

    if (!status && (partition->n != units_count(units) || method->counts))
        status = vmap_error_set(err, VMAP_EINVAL,
                                method->counts ? "stability is for methods that are told k, not %s"
                                               : "the partition is of other units",
                                method->name);
    if (!status && method->needs_points)
        status = units_need_points(units, method->name, err);
    return status ? status
                  : resample(units, method, partition->k, partition, resamples, options, jaccard, err);
}

vmap_status count_stability(const vmap_units *units, const vmap_cluster_method *method,
                                 const vmap_count_options *o, vmap_count_row *row, vmap_error *err)
{
    double *jaccard = memory_new(row->partition->k, sizeof *jaccard, err), sum = 0, least = INFINITY;
    vmap_status status = jaccard ? resample(units, method, row->k, row->partition, o->resamples,
                                            &o->cluster, jaccard, err)
                                 : VMAP_ENOMEM;

    for (size_t g = 0; !status && g < row->partition->k; g++) {
        sum += jaccard[g];
        least = fmin(least, jaccard[g]);
    }
    if (!status) {
        row->jaccard = sum / (double)row->partition->k;
        row->jaccard_least = isinf(least) ? NAN : least;
    }
    free(jaccard);
    return status;
}

