#include <config.h>
#include "cluster/count_internal.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"
#include "core/numeric.h"
#include "core/parallel.h"
#include "valuemap/rng.h"

/* Reference sets: the gap, and the test against one cluster. */

/* Where reference sets are drawn: the axes of the units turned to principal ones. */
typedef struct {
    size_t n, d;
    gsl_vector *mean, *variance; /* of the principal axes, unbiased */
    gsl_matrix *axes;            /* d x d */
    double *low, *high;          /* d: range on the axes that are drawn on */
    bool turned;                 /* the box is that of the principal axes */
} cloud;

static void close_cloud(cloud *c)
{
    gsl_vector_free(c->mean);
    gsl_vector_free(c->variance);
    gsl_matrix_free(c->axes);
    free(c->low);
    free(c->high);
}

/* The range of the units that count. */
static void find_box(const vmap_units *units, cloud *c)
{
    const gsl_matrix *x = units->points;

    for (size_t j = 0; j < c->d; j++) {
        c->low[j] = INFINITY;
        c->high[j] = -INFINITY;
        for (size_t i = 0; i < c->n; i++) {
            double v = 0;

            if (!(units_weight(units, i) > 0))
                continue;
            for (size_t a = 0; c->turned && a < c->d; a++)
                v += (gsl_matrix_get(x, i, a) - gsl_vector_get(c->mean, a)) *
                     gsl_matrix_get(c->axes, a, j);
            if (!c->turned)
                v = gsl_matrix_get(x, i, j);
            c->low[j] = fmin(c->low[j], v);
            c->high[j] = fmax(c->high[j], v);
        }
    }
}

/* Weighted mean and covariance; the divisor 1 - S (w / S w)^2 is that of the weights as reliabilities, (n - 1) / n where
 * all are equal. 0 with one unit that counts. */
static void find_shape(const vmap_units *units, cloud *c, gsl_matrix *cov)
{
    const gsl_matrix *x = units->points;
    double total = 0, squares = 0;

    for (size_t i = 0; i < c->n; i++)
        total += units_weight(units, i);
    for (size_t i = 0; i < c->n; i++) {
        squares += pow(units_weight(units, i) / total, 2);
        for (size_t a = 0; a < c->d; a++)
            *gsl_vector_ptr(c->mean, a) += units_weight(units, i) * gsl_matrix_get(x, i, a) / total;
    }
    for (size_t i = 0; i < c->n && squares < 1; i++) {
        for (size_t a = 0; a < c->d; a++) {
            for (size_t b = 0; b < c->d; b++)
                *gsl_matrix_ptr(cov, a, b) += units_weight(units, i) / total / (1 - squares) *
                                              (gsl_matrix_get(x, i, a) - gsl_vector_get(c->mean, a)) *
                                              (gsl_matrix_get(x, i, b) - gsl_vector_get(c->mean, b));
        }
    }
}

static vmap_status open_cloud(const vmap_units *units, bool turned, cloud *c, vmap_error *err)
{
    size_t d = units->points->size2;
    gsl_matrix *cov = memory_matrix(d, d, err);
    vmap_status status = VMAP_ENOMEM;

    *c = (cloud){.n = units->points->size1, .d = d, .turned = turned};
    c->mean = gsl_vector_calloc(d);
    c->variance = gsl_vector_calloc(d);
    c->axes = memory_matrix(d, d, err);
    c->low = memory_new(d, sizeof *c->low, err);
    c->high = memory_new(d, sizeof *c->high, err);
    if (cov && c->mean && c->variance && c->axes && c->low && c->high) {
        find_shape(units, c, cov);
        status = numeric_eigen(cov, c->variance, c->axes, err);
    } else {
        vmap_error_set(err, VMAP_ENOMEM, "no memory for reference sets");
    }
    if (!status)
        find_box(units, c);
    gsl_matrix_free(cov);
    return status;
}

/* A reference set: uniform in the box, or normal with the covariance of the units. */
static void draw(const cloud *c, bool normal, gsl_rng *rng, gsl_matrix *x, double *v)
{
    for (size_t i = 0; i < c->n; i++) {
        for (size_t j = 0; j < c->d; j++)
            v[j] = normal ? gsl_ran_gaussian_ziggurat(rng, sqrt(fmax(0, gsl_vector_get(c->variance, j))))
                          : c->low[j] + (c->high[j] - c->low[j]) * gsl_rng_uniform(rng);
        for (size_t a = 0; a < c->d; a++) {
            double sum = 0;

            for (size_t j = 0; (normal || c->turned) && j < c->d; j++)
                sum += v[j] * gsl_matrix_get(c->axes, a, j);
            gsl_matrix_set(x, i, a, normal || c->turned ? sum : v[a]);
        }
    }
}

typedef struct {
    const vmap_cluster_method *method;
    const vmap_count_options *options;
    const double *weights; /* of the units; those of a reference set have the same */
    const cloud *cloud;
    size_t most;
    double *log_within; /* references x most; NaN where there is no partition */
    double *silhouette; /* references x most, of the normal sets */
} references;

/* Cluster one reference set for every k, on one thread. */
static bool judge_reference(const references *r, const gsl_matrix *x, uint64_t seed, bool normal,
                            double *out)
{
    vmap_cluster_options o = r->options->cluster;
    vmap_units units = {.points = x, .weights = r->weights};
    vmap_partition **partition = memory_new(r->most, sizeof(vmap_partition *), NULL);
    bool ok = partition != NULL;

    o.threads = 1;
    o.seed = seed;
    ok = ok && !count_partitions(&units, r->method, r->most, &o, partition, NULL, NULL);
    for (size_t k = 0; ok && k < r->most; k++) {
        vmap_validity_index index;

        out[k] = NAN;
        if (partition[k] && !vmap_validity_find(&units, partition[k], 1, &index, NULL))
            out[k] = normal ? index.silhouette : log(index.within);
    }
    count_free_partitions(partition, r->most);
    free(partition);
    return ok;
}

/* Task b draws a normal set, task references + b one in the box. */
static bool run_reference(void *context, size_t task)
{
    const references *r = context;
    size_t b = task % r->options->references;
    bool normal = task < r->options->references;
    uint64_t seed = child_seed(r->options->cluster.seed, normal ? STREAM_ONE : STREAM_GAP);
    gsl_rng *rng = vmap_rng_new(seed, b);
    gsl_matrix *x = memory_matrix(r->cloud->n, r->cloud->d, NULL);
    double *v = memory_new(r->cloud->d, sizeof *v, NULL);
    bool ok = rng && x && v;

    if (ok) {
        draw(r->cloud, normal, rng, x, v);
        ok = judge_reference(r, x, child_seed(seed, b), normal, (normal ? r->silhouette : r->log_within) + b * r->most);
    }
    if (rng)
        gsl_rng_free(rng);
    gsl_matrix_free(x);
    free(v);
    return ok;
}

static void put_gap(const references *r, vmap_count *c)
{
    size_t refs = r->options->references;

    for (size_t k = 0; k < r->most; k++) {
        double mean = 0, squares = 0;

        for (size_t b = 0; b < refs; b++)
            mean += r->log_within[b * r->most + k] / (double)refs;
        for (size_t b = 0; b < refs; b++)
            squares += pow(r->log_within[b * r->most + k] - mean, 2);
        c->row[k].gap = mean - log(c->row[k].index.within);
        c->row[k].gap_se =
            refs > 1 ? sqrt(squares / (double)(refs - 1) * (1 + 1 / (double)refs)) : NAN;
    }
}

/* Silhouettes of the units against those of the normal sets, for each k and for the greatest. */
static void put_test(const references *r, vmap_count *c)
{
    size_t refs = r->options->references, as_large = 1;
    double own = -INFINITY;

    for (size_t k = 1; k < r->most; k++) {
        size_t count = 1;

        for (size_t b = 0; b < refs; b++)
            count += r->silhouette[b * r->most + k] >= c->row[k].index.silhouette;
        if (!isnan(c->row[k].index.silhouette)) {
            c->row[k].silhouette_p = (double)count / (double)(refs + 1);
            own = fmax(own, c->row[k].index.silhouette);
        }
    }
    for (size_t b = 0; b < refs; b++) {
        double best = -INFINITY;

        for (size_t k = 1; k < r->most; k++)
            best = fmax(best, r->silhouette[b * r->most + k]);
        as_large += best >= own;
    }
    c->p = own > -INFINITY ? (double)as_large / (double)(refs + 1) : NAN;
}

vmap_status count_references(const vmap_units *units, const vmap_cluster_method *method,
                                      const vmap_count_options *o, vmap_count *c, bool gap, vmap_error *err)
{
    size_t tasks = (gap ? 2 : 1) * o->references;
    cloud around;
    references r = {method, o, units->weights, &around, c->count, NULL, NULL};
    vmap_status status = open_cloud(units, o->reference == VMAP_REFERENCE_PCA, &around, err);

    r.log_within = memory_new(o->references, c->count * sizeof(double), err);
    r.silhouette = memory_new(o->references, c->count * sizeof(double), err);
    if (!r.log_within || !r.silhouette)
        status = VMAP_ENOMEM;
    /* Constant units give constant reference sets, which some methods refuse: no gap then. */
    if (!status && parallel_try(tasks, o->cluster.threads, run_reference, &r)) {
        if (gap)
            put_gap(&r, c);
        put_test(&r, c);
    }
    close_cloud(&around);
    free(r.log_within);
    free(r.silhouette);
    return status;
}

