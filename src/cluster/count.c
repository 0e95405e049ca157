#include <config.h>
#include "valuemap/validity.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"
#include "core/numeric.h"
#include "core/parallel.h"
#include "valuemap/rng.h"

/* Kinds of random work; each draws from streams of its own. */
enum { STREAM_GAP = 1, STREAM_ONE, STREAM_DIVISION, STREAM_RESAMPLE };

void vmap_count_defaults(vmap_count_options *options)
{
    *options = (vmap_count_options){.most = 10,
                                    .references = 100,
                                    .reference = VMAP_REFERENCE_PCA,
                                    .divisions = 50,
                                    .resamples = 100};
    vmap_cluster_defaults(&options->cluster);
}

void vmap_count_free(vmap_count *c)
{
    for (size_t i = 0; c && c->row && i < c->count; i++)
        vmap_partition_free(c->row[i].partition);
    if (c)
        free(c->row);
    free(c);
}

/* ---- partitions for every k ---- */

/* One tree serves every k. */
static vmap_status cut_tree(const vmap_units *units, const vmap_cluster_method *method, size_t most,
                            const vmap_cluster_options *o, vmap_partition **partition,
                            double *cophenetic, vmap_error *err)
{
    vmap_linkage linkage;
    vmap_tree *tree = NULL;
    vmap_status status = vmap_linkage_find(method->name, &linkage, err);

    if (!status)
        status = vmap_cluster_tree(units, linkage, o->threads, &tree, err);
    for (size_t k = 1; !status && k <= most; k++)
        status = vmap_tree_cut(tree, k, units->weights, &partition[k - 1], err);
    if (!status && cophenetic && vmap_validity_cophenetic(units, tree, cophenetic, NULL))
        *cophenetic = NAN;
    vmap_tree_free(tree);
    return status;
}

/* Partitions for k = 1 .. most; NULL where the method has none (fewer distinct points, no usable mixture).
 * A shortage of memory is an error. */
static vmap_status partition_all(const vmap_units *units, const vmap_cluster_method *method,
                                 size_t most, const vmap_cluster_options *o,
                                 vmap_partition **partition, double *cophenetic, vmap_error *err)
{
    if (method->is_tree)
        return cut_tree(units, method, most, o, partition, cophenetic, err);
    for (size_t k = 1; k <= most; k++) {
        vmap_status status = method->run(units, k, o, &partition[k - 1], err);

        if (status == VMAP_ENOMEM || (status && k == 1))
            return status;
    }
    return VMAP_SUCCESS;
}

static void free_partitions(vmap_partition **partition, size_t most)
{
    for (size_t k = 0; partition && k < most; k++) {
        vmap_partition_free(partition[k]);
        partition[k] = NULL;
    }
}

/* ---- reference sets ---- */

/* Where reference sets are drawn: the axes of the units turned to principal ones. */
typedef struct {
    size_t n, d;
    gsl_vector *mean, *variance; /* of the principal axes, divisor n - 1 */
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

static void find_box(const gsl_matrix *x, cloud *c)
{
    for (size_t j = 0; j < c->d; j++) {
        c->low[j] = INFINITY;
        c->high[j] = -INFINITY;
        for (size_t i = 0; i < c->n; i++) {
            double v = 0;

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

static vmap_status open_cloud(const gsl_matrix *x, bool turned, cloud *c, vmap_error *err)
{
    gsl_matrix *cov = memory_matrix(x->size2, x->size2, err);
    vmap_status status;

    *c = (cloud){.n = x->size1, .d = x->size2, .turned = turned};
    c->mean = gsl_vector_calloc(c->d);
    c->variance = gsl_vector_calloc(c->d);
    c->axes = memory_matrix(c->d, c->d, err);
    c->low = memory_new(c->d, sizeof *c->low, err);
    c->high = memory_new(c->d, sizeof *c->high, err);
    if (!cov || !c->mean || !c->variance || !c->axes || !c->low || !c->high) {
        gsl_matrix_free(cov);
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for reference sets");
    }
    for (size_t i = 0; i < c->n; i++) {
        for (size_t a = 0; a < c->d; a++)
            *gsl_vector_ptr(c->mean, a) += gsl_matrix_get(x, i, a) / (double)c->n;
    }
    for (size_t i = 0; i < c->n; i++) {
        for (size_t a = 0; a < c->d; a++) {
            for (size_t b = 0; b < c->d; b++)
                *gsl_matrix_ptr(cov, a, b) +=
                    (gsl_matrix_get(x, i, a) - gsl_vector_get(c->mean, a)) *
                    (gsl_matrix_get(x, i, b) - gsl_vector_get(c->mean, b)) / (double)(c->n - 1);
        }
    }
    status = numeric_eigen(cov, c->variance, c->axes, err);
    if (!status)
        find_box(x, c);
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
    const cloud *cloud;
    size_t most;
    double *log_within; /* references x most; NaN where there is no partition */
    double *silhouette; /* references x most, of the normal sets */
    bool *failed;
} references;

/* Cluster one reference set for every k, on one thread. */
static bool judge_reference(const references *r, const gsl_matrix *x, uint64_t seed, bool normal,
                            double *out)
{
    vmap_cluster_options o = r->options->cluster;
    vmap_units units = {.points = x};
    vmap_partition **partition = memory_new(r->most, sizeof(vmap_partition *), NULL);
    bool ok = partition != NULL;

    o.threads = 1;
    o.seed = seed;
    ok = ok && !partition_all(&units, r->method, r->most, &o, partition, NULL, NULL);
    for (size_t k = 0; ok && k < r->most; k++) {
        vmap_validity_index index;

        out[k] = NAN;
        if (partition[k] && !vmap_validity_find(&units, partition[k], 1, &index, NULL))
            out[k] = normal ? index.silhouette : log(index.within);
    }
    free_partitions(partition, r->most);
    free(partition);
    return ok;
}

static void run_reference(void *context, size_t task)
{
    const references *r = context;
    size_t b = task / 2;
    bool normal = task % 2 == 1;
    uint64_t seed = child_seed(r->options->cluster.seed, normal ? STREAM_ONE : STREAM_GAP);
    gsl_rng *rng = vmap_rng_new(seed, b);
    gsl_matrix *x = memory_matrix(r->cloud->n, r->cloud->d, NULL);
    double *v = memory_new(r->cloud->d, sizeof *v, NULL);

    r->failed[task] = !rng || !x || !v;
    if (!r->failed[task]) {
        draw(r->cloud, normal, rng, x, v);
        r->failed[task] =
            !judge_reference(r, x, child_seed(seed, b), normal,
                             (normal ? r->silhouette : r->log_within) + b * r->most);
    }
    if (rng)
        gsl_rng_free(rng);
    gsl_matrix_free(x);
    free(v);
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

static vmap_status compare_references(const vmap_units *units, const vmap_cluster_method *method,
                                      const vmap_count_options *o, vmap_count *c, vmap_error *err)
{
    cloud around;
    references r = {method, o, &around, c->count, NULL, NULL, NULL};
    vmap_status status = open_cloud(units->points, o->reference == VMAP_REFERENCE_PCA, &around, err);

    r.log_within = memory_new(o->references, c->count * sizeof(double), err);
    r.silhouette = memory_new(o->references, c->count * sizeof(double), err);
    r.failed = memory_new(2 * o->references, sizeof *r.failed, err);
    if (!r.log_within || !r.silhouette || !r.failed)
        status = VMAP_ENOMEM;
    if (!status)
        parallel_for(2 * o->references, o->cluster.threads, run_reference, &r);
    for (size_t t = 0; !status && t < 2 * o->references; t++) {
        /* Constant units give constant reference sets, which some methods refuse: no gap then. */
        if (r.failed[t])
            goto done;
    }
    if (!status) {
        put_gap(&r, c);
        put_test(&r, c);
    }
done:
    close_cloud(&around);
    free(r.log_within);
    free(r.silhouette);
    free(r.failed);
    return status;
}

/* ---- parts of the units ---- */

/* The units of `index` (m) as units of their own; dissimilarities and points are copied. */
typedef struct {
    vmap_units units;
    gsl_matrix *points, *dissimilarity;
    double *weights;
} part;

static void close_part(part *p)
{
    gsl_matrix_free(p->points);
    gsl_matrix_free(p->dissimilarity);
    free(p->weights);
}

static bool open_part(const vmap_units *units, const size_t *index, size_t m, part *p)
{
    *p = (part){.points = NULL};
    if (units->points && !(p->points = memory_matrix(m, units->points->size2, NULL)))
        return false;
    if (units->dissimilarity && !(p->dissimilarity = memory_matrix(m, m, NULL)))
        return false;
    if (units->weights && !(p->weights = memory_new(m, sizeof *p->weights, NULL)))
        return false;
    for (size_t i = 0; i < m; i++) {
        for (size_t a = 0; p->points && a < p->points->size2; a++)
            gsl_matrix_set(p->points, i, a, gsl_matrix_get(units->points, index[i], a));
        for (size_t j = 0; p->dissimilarity && j < m; j++)
            gsl_matrix_set(p->dissimilarity, i, j,
                           gsl_matrix_get(units->dissimilarity, index[i], index[j]));
        if (p->weights)
            p->weights[i] = units->weights[index[i]];
    }
    p->units = (vmap_units){p->points, p->dissimilarity, p->weights};
    return true;
}

/* ---- prediction strength ---- */

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
                sum += clusters->cluster[j] == g ? gsl_matrix_get(p->dissimilarity, i, j) : 0;
            if (clusters->cluster[i] == g && sum < least) {
                least = sum;
                medoid[g] = i;
            }
        }
    }
}

/* Squared distance of a unit of one part to the centre of cluster g of the other. */
static double to_centre(const gsl_matrix *x, size_t i, const gsl_matrix *of,
                        const vmap_partition *clusters, size_t g, double *centre)
{
    double squares = 0;

    if (i == 0) { /* the centre is made once, for the first unit */
        for (size_t a = 0; a < x->size2; a++) {
            centre[a] = 0;
            for (size_t q = 0; q < clusters->n; q++)
                centre[a] += clusters->cluster[q] == g
                                 ? gsl_matrix_get(of, q, a) / (double)clusters->size[g]
                                 : 0;
        }
    }
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
    double *centre = memory_new(clusters->k * (d + 1), sizeof *centre, NULL);
    size_t *medoid = memory_new(clusters->k, sizeof *medoid, NULL);

    if (centre && medoid && all->dissimilarity)
        find_medoids(from, clusters, medoid);
    for (size_t i = 0; centre && medoid && i < m; i++) {
        double least = INFINITY;

        for (size_t g = 0; g < clusters->k; g++) {
            double far = all->dissimilarity
                             ? gsl_matrix_get(all->dissimilarity, to_index[i], from_index[medoid[g]])
                             : to_centre(to->points, i, from->points, clusters, g, centre + g * d);

            if (far < least) {
                least = far;
                found[i] = g;
            }
        }
    }
    free(medoid);
    free(centre);
    return centre && medoid;
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
        ok = open_part(s->units, index[h], size[h], &half[h]) &&
             !partition_all(&half[h].units, s->method, s->most < size[h] ? s->most : size[h], &o, of[h],
                            NULL, NULL);
    for (size_t k = 0; ok && k < s->most; k++) {
        strength[k] = of[0][k] && of[1][k] ? 0 : NAN;
        for (size_t h = 0; ok && h < 2 && !isnan(strength[k]); h++) {
            ok = classify(s->units, &half[h], index[h], of[h][k], &half[1 - h], index[1 - h],
                          size[1 - h], found);
            strength[k] += ok ? vmap_validity_prediction(of[1 - h][k], found) / 2 : 0;
        }
    }
    for (size_t h = 0; h < 2; h++) {
        free_partitions(of[h], s->most);
        free(of[h]);
        close_part(&half[h]);
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

static vmap_status predict(const vmap_units *units, const vmap_cluster_method *method,
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

/* ---- stability ---- */

typedef struct {
    const vmap_units *units;
    const vmap_cluster_method *method;
    const vmap_cluster_options *options;
    const vmap_partition *partition;
    size_t k, resamples;
    double *jaccard; /* resamples x k; NaN where the cluster is not in the sample */
} resampling;

/* Jaccard similarity of each cluster, as far as it was drawn, to the most similar new cluster. */
static void compare_clusters(const resampling *s, const size_t *index, size_t m,
                             const vmap_partition *again, double *jaccard)
{
    for (size_t g = 0; g < s->partition->k; g++) {
        size_t own = 0;
        double best = 0;

        for (size_t i = 0; i < m; i++)
            own += s->partition->cluster[index[i]] == g;
        for (size_t h = 0; own && h < again->k; h++) {
            size_t both = 0;

            for (size_t i = 0; i < m; i++)
                both += again->cluster[i] == h && s->partition->cluster[index[i]] == g;
            best = fmax(best, (double)both / (double)(own + again->size[h] - both));
        }
        jaccard[g] = own ? best : NAN;
    }
}

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
    if (m >= s->k && m > 1 && open_part(s->units, index, m, &some) &&
        !s->method->run(&some.units, s->k, &o, &again, NULL))
        compare_clusters(s, index, m, again, s->jaccard + b * s->partition->k);
    vmap_partition_free(again);
    close_part(&some);
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

static vmap_status put_stability(const vmap_units *units, const vmap_cluster_method *method,
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

/* ---- mixtures ---- */

static void put_mixture(const vmap_units *units, const vmap_count_options *o, vmap_count_row *row)
{
    vmap_mixture_options options;
    vmap_mixture *m = NULL;

    vmap_mixture_defaults(&options);
    options.k = row->k;
    options.family = o->cluster.family;
    options.starts = (o->cluster.starts + 4) / 5;
    options.seed = o->cluster.seed;
    options.threads = o->cluster.threads;
    options.tolerance = 1e-8;
    if (vmap_cluster_mixture(units, &options, &m, NULL) == VMAP_SUCCESS) {
        row->bic = m->bic;
        row->icl = m->icl;
    }
    vmap_mixture_free(m);
}

/* ---- the table and the verdict ---- */

static size_t best_of(const vmap_count *c, size_t offset, bool least)
{
    size_t best = 0;
    double value = 0;

    for (size_t k = 0; k < c->count; k++) {
        double x = *(const double *)(const void *)((const char *)&c->row[k] + offset);

        if (!isnan(x) && (!best || (least ? x < value : x > value))) {
            value = x;
            best = k + 1;
        }
    }
    return best;
}

/* Largest k whose strength plus its standard error reaches .8 (Tibshirani & Walther 2005, section 2). */
static size_t choose_by_prediction(const vmap_count *c)
{
    size_t best = 0;

    for (size_t k = 0; k < c->count; k++) {
        double se = isnan(c->row[k].prediction_se) ? 0 : c->row[k].prediction_se;

        if (!isnan(c->row[k].prediction) && c->row[k].prediction + se >= .8)
            best = k + 1;
    }
    return best;
}

static void choose_by_gap(vmap_count *c)
{
    double *g = memory_new(2 * c->count, sizeof *g, NULL);
    size_t usable = 0;

    for (size_t k = 0; g && k < c->count && isfinite(c->row[k].gap); k++) {
        g[k] = c->row[k].gap;
        g[c->count + k] = c->row[k].gap_se;
        usable = k + 1;
    }
    if (usable) {
        c->by_gap = 1 + vmap_validity_gap_choice(g, g + c->count, usable, VMAP_GAP_TIBSHIRANI);
        c->by_gap_first = 1 + vmap_validity_gap_choice(g, g + c->count, usable, VMAP_GAP_FIRST_MAX);
    }
    free(g);
}

static void judge(vmap_count *c)
{
    const vmap_count_row *row;

    c->by_silhouette = best_of(c, offsetof(vmap_count_row, index.silhouette), false);
    c->by_calinski = best_of(c, offsetof(vmap_count_row, index.calinski), false);
    c->by_davies = best_of(c, offsetof(vmap_count_row, index.davies), true);
    c->by_bic = best_of(c, offsetof(vmap_count_row, bic), false);
    c->by_prediction = choose_by_prediction(c);
    choose_by_gap(c);
    c->k = c->by_silhouette;
    if (!c->k)
        return;
    row = &c->row[c->k - 1];
    c->is_structured = row->index.silhouette > .25;
    c->is_unlike_one = isnan(c->p) || c->p <= .05;
    c->is_stable = isnan(row->jaccard_least) || row->jaccard_least > .6;
    c->is_agreed = c->by_gap != 1 || c->by_prediction != 1;
    c->clear = c->is_structured && c->is_unlike_one && c->is_stable && c->is_agreed;
}

static vmap_status new_count(const vmap_units *units, const vmap_cluster_method *method,
                             const vmap_count_options *o, vmap_count **count, vmap_error *err)
{
    vmap_status status = vmap_units_check(units, err);
    vmap_count *c;

    if (!status && method->counts)
        status = vmap_error_set(err, VMAP_EINVAL,
                                "%s finds the number of clusters itself: there is no row of numbers to "
                                "compare",
                                method->name);
    if (!status && method->needs_points)
        status = units_need_points(units, method->name, err);
    if (!status && units_count(units) < 3)
        status = vmap_error_set(err, VMAP_EDATA,
                                "%zu units; how many clusters they form needs three or more",
                                units_count(units));
    if (!status && o->most < 2)
        status = vmap_error_set(err, VMAP_EINVAL, "the largest number of clusters is %zu; it must be 2 "
                                                  "or more",
                                o->most);
    if (status)
        return status;
    c = *count = memory_new(1, sizeof *c, err);
    if (!c)
        return VMAP_ENOMEM;
    c->n = units_count(units);
    c->count = o->most < c->n - 1 ? o->most : c->n - 1;
    c->cophenetic = c->p = NAN;
    c->row = memory_new(c->count, sizeof *c->row, err);
    for (size_t k = 0; c->row && k < c->count; k++)
        c->row[k] = (vmap_count_row){.k = k + 1,
                                     .index = {NAN, NAN, NAN, NAN, NAN},
                                     .silhouette_p = NAN,
                                     .gap = NAN,
                                     .gap_se = NAN,
                                     .prediction = NAN,
                                     .prediction_se = NAN,
                                     .jaccard = NAN,
                                     .jaccard_least = NAN,
                                     .bic = NAN,
                                     .icl = NAN};
    return c->row ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static vmap_status fill_rows(const vmap_units *units, const vmap_cluster_method *method,
                             const vmap_count_options *o, vmap_count *c, vmap_error *err)
{
    vmap_partition **partition = memory_new(c->count, sizeof(vmap_partition *), err);
    vmap_status status = partition ? partition_all(units, method, c->count, &o->cluster, partition,
                                                   &c->cophenetic, err)
                                   : VMAP_ENOMEM;

    for (size_t k = 0; partition && k < c->count; k++) {
        vmap_count_row *row = &c->row[k];

        row->partition = partition[k];
        row->failed = !partition[k];
        if (!status && row->partition)
            status = vmap_validity_find(units, row->partition, o->cluster.threads, &row->index, err);
        if (!status && units->points)
            put_mixture(units, o, row);
        if (!status && row->partition && o->resamples)
            status = put_stability(units, method, o, row, err);
    }
    free(partition);
    return status;
}

vmap_status vmap_cluster_count(const vmap_units *units, const vmap_cluster_method *method,
                               const vmap_count_options *options, vmap_count **count,
                               vmap_error *err)
{
    vmap_count *c = NULL;
    vmap_status status = new_count(units, method, options, &c, err);

    if (!status)
        status = fill_rows(units, method, options, c, err);
    if (!status && options->references && units->points && !units->dissimilarity)
        status = compare_references(units, method, options, c, err);
    if (!status && options->divisions && c->n >= 4)
        status = predict(units, method, options, c, err);
    if (!status) {
        judge(c);
        *count = c;
        c = NULL;
    }
    vmap_count_free(c);
    return status;
}
