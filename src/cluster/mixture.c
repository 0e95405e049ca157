#include <config.h>
#include "valuemap/cluster.h"

#include <math.h>
#include <string.h>

#include "cluster/cluster_internal.h"
#include "cluster/mixture_internal.h"
#include "core/memory.h"
#include "core/numeric.h"
#include "core/parallel.h"
#include "core/registry.h"
#include "valuemap/moments.h"
#include "valuemap/rng.h"

/* Largest number of units for which a start from Ward's tree is made. */
enum { TREE_MOST = 2000 };

typedef struct {
    const vmap_units *units;
    const vmap_mixture_options *options;
    const vmap_mixture_family *family;
    size_t n, p, k;
    double *x;     /* n x p around the common mean */
    double *w;     /* n, sum n_eff */
    double *mean;  /* p */
    double n_eff, least;
    bool tree;     /* there is a start from Ward's tree */
} problem;

typedef struct {
    const problem *pr;
    covariances cov;
    gsl_matrix **scatter; /* k */
    double *count;        /* k */
    double *mean;         /* k x p */
    double *z;            /* n x k */
    double *term;         /* k */
    double *out;          /* p */
    double log_likelihood;
    bool converged;
} start;

void vmap_mixture_defaults(vmap_mixture_options *options)
{
    *options = (vmap_mixture_options){.k = 0, .family = "VVV", .starts = 10, .tolerance = 1e-10,
                                      .max_iterations = 10000, .seed = 20230217, .threads = 0};
}

void vmap_mixture_free(vmap_mixture *r)
{
    if (!r)
        return;
    for (size_t g = 0; r->cov && g < r->k; g++)
        gsl_matrix_free(r->cov[g]);
    free(r->cov);
    vmap_partition_free(r->partition);
    free(r->share);
    gsl_matrix_free(r->means);
    gsl_matrix_free(r->membership);
    free(r);
}

static void free_start(start *s)
{
    covariances_free(&s->cov);
    for (size_t g = 0; s->scatter && g < s->pr->k; g++)
        gsl_matrix_free(s->scatter[g]);
    free(s->scatter);
    free(s->count);
    free(s->mean);
    free(s->z);
    free(s->term);
    free(s->out);
}

static vmap_status new_start(const problem *pr, start *s, vmap_error *err)
{
    vmap_status status;
    bool whole;

    *s = (start){.pr = pr};
    status = covariances_new(pr->family, pr->k, pr->p, &s->cov, err);
    if (status)
        return status;
    s->scatter = memory_new(pr->k, sizeof *s->scatter, err);
    s->count = memory_new(pr->k, sizeof *s->count, err);
    s->mean = memory_new(pr->k, pr->p * sizeof *s->mean, err);
    s->z = memory_new(pr->n, pr->k * sizeof *s->z, err);
    s->term = memory_new(pr->k, sizeof *s->term, err);
    s->out = memory_new(pr->p, sizeof *s->out, err);
    whole = s->scatter && s->count && s->mean && s->z && s->term && s->out;
    for (size_t g = 0; whole && g < pr->k; g++)
        whole = (s->scatter[g] = memory_matrix(pr->p, pr->p, err)) != NULL;
    if (whole)
        return VMAP_SUCCESS;
    free_start(s);
    return VMAP_ENOMEM;
}

/* ---- EM ---- */

static void find_means(start *s)
{
    const problem *pr = s->pr;

    for (size_t g = 0; g < pr->k; g++) {
        double *m = s->mean + g * pr->p, count = 0;

        memset(m, 0, pr->p * sizeof *m);
        for (size_t i = 0; i < pr->n; i++) {
            double z = pr->w[i] * s->z[i * pr->k + g];

            count += z;
            for (size_t a = 0; a < pr->p; a++)
                m[a] += z * pr->x[i * pr->p + a];
        }
        s->count[g] = count;
        for (size_t a = 0; a < pr->p; a++)
            m[a] /= count;
    }
}

static void find_scatter(start *s)
{
    const problem *pr = s->pr;
    size_t p = pr->p;

    for (size_t g = 0; g < pr->k; g++) {
        gsl_matrix *w = s->scatter[g];

        gsl_matrix_set_zero(w);
        for (size_t i = 0; i < pr->n; i++) {
            double z = pr->w[i] * s->z[i * pr->k + g];

            for (size_t a = 0; z > 0 && a < p; a++) {
                double d = z * (pr->x[i * p + a] - s->mean[g * p + a]);

                for (size_t b = 0; b <= a; b++)
                    w->data[a * w->tda + b] += d * (pr->x[i * p + b] - s->mean[g * p + b]);
            }
        }
        for (size_t a = 0; a < p; a++) {
            for (size_t b = 0; b < a; b++)
                gsl_matrix_set(w, b, a, gsl_matrix_get(w, a, b));
        }
    }
}

static vmap_status maximise(start *s, vmap_error *err)
{
    find_means(s);
    for (size_t g = 0; g < s->pr->k; g++) {
        if (!(s->count[g] > 1e-9 * s->pr->n_eff))
            return vmap_error_set(err, VMAP_ESINGULAR, "a component has no units");
    }
    find_scatter(s);
    return covariances_fit(&s->cov, s->scatter, s->count, s->pr->least, err);
}

/* log of share x density of component g at x. */
static double log_term(const start *s, size_t g, const double *x)
{
    const problem *pr = s->pr;
    const gsl_matrix *axes = s->cov.axes[g];
    size_t p = pr->p;
    double square = 0;

    for (size_t j = 0; j < p; j++) {
        double along = 0;

        if (pr->family->orientation == 'I') {
            along = x[j] - s->mean[g * p + j];
        } else {
            for (size_t a = 0; a < p; a++)
                along += gsl_matrix_get(axes, a, j) * (x[a] - s->mean[g * p + a]);
        }
        square += along * along / (s->cov.volume[g] * s->cov.shape[g * p + j]);
    }
    return log(s->count[g] / pr->n_eff) -
           .5 * ((double)p * (log(2 * M_PI) + log(s->cov.volume[g])) + square);
}

/* New memberships; returns the log-likelihood. */
static double expect(start *s)
{
    const problem *pr = s->pr;
    numeric_sum total = {0, 0};

    for (size_t i = 0; i < pr->n; i++) {
        double most = -INFINITY, sum = 0, *z = s->z + i * pr->k;

        for (size_t g = 0; g < pr->k; g++) {
            s->term[g] = log_term(s, g, pr->x + i * pr->p);
            most = fmax(most, s->term[g]);
        }
        for (size_t g = 0; g < pr->k; g++) {
            z[g] = exp(s->term[g] - most);
            sum += z[g];
        }
        for (size_t g = 0; g < pr->k; g++)
            z[g] /= sum;
        numeric_add(&total, pr->w[i] * (most + log(sum)));
    }
    return total.sum + total.rest;
}

static vmap_status iterate(start *s, vmap_error *err)
{
    double last = -INFINITY;

    for (size_t t = 0; t < s->pr->options->max_iterations && !s->converged; t++) {
        vmap_status status = maximise(s, err);

        if (status)
            return status;
        s->log_likelihood = expect(s);
        if (!isfinite(s->log_likelihood))
            return vmap_error_set(err, VMAP_ESINGULAR, "the likelihood is not finite");
        s->converged = fabs(s->log_likelihood - last) <=
                       s->pr->options->tolerance * (1 + fabs(s->log_likelihood));
        last = s->log_likelihood;
    }
    return VMAP_SUCCESS;
}

/* ---- starts ---- */

static void set_partition(start *s, const vmap_partition *p)
{
    memset(s->z, 0, s->pr->n * s->pr->k * sizeof *s->z);
    for (size_t i = 0; i < s->pr->n; i++)
        s->z[i * s->pr->k + p->cluster[i]] = 1;
}

static vmap_status start_from_tree(start *s, vmap_error *err)
{
    const vmap_units points = {.points = s->pr->units->points};
    vmap_tree *tree = NULL;
    vmap_partition *p = NULL;
    vmap_status status = vmap_cluster_tree(&points, VMAP_WARD, 1, &tree, err);

    if (!status)
        status = vmap_tree_cut(tree, s->pr->k, NULL, &p, err);
    if (!status)
        set_partition(s, p);
    vmap_partition_free(p);
    vmap_tree_free(tree);
    return status;
}

/* k-means of many starts, or a single and early one for a random start. */
static vmap_status start_from_means(start *s, size_t number, bool best, vmap_error *err)
{
    vmap_kmeans_options o;
    vmap_kmeans *km = NULL;
    vmap_status status;

    vmap_kmeans_defaults(&o);
    o.k = s->pr->k;
    o.threads = 1;
    o.seed = child_seed(s->pr->options->seed, number);
    if (!best) {
        o.starts = 1;
        o.max_iterations = 1;
    }
    status = vmap_cluster_kmeans(s->pr->units, &o, &km, err);
    if (!status)
        set_partition(s, km->partition);
    vmap_kmeans_free(km);
    return status;
}

static vmap_status run_start(const problem *pr, size_t number, start *s, vmap_error *err)
{
    vmap_status status = new_start(pr, s, err);

    if (status)
        return status;
    if (pr->options->start) {
        for (size_t i = 0; i < pr->n; i++) {
            for (size_t g = 0; g < pr->k; g++)
                s->z[i * pr->k + g] = gsl_matrix_get(pr->options->start, i, g);
        }
    } else if (pr->tree && number == 1) {
        status = start_from_tree(s, err);
    } else {
        status = start_from_means(s, number, number == 0, err);
    }
    if (!status)
        status = iterate(s, err);
    if (status)
        free_start(s);
    return status;
}

typedef struct {
    const problem *pr;
    double *log_likelihood;
    vmap_status *status;
} race;

static void race_start(void *context, size_t i)
{
    race *r = context;
    start s;

    r->status[i] = run_start(r->pr, i, &s, NULL);
    if (r->status[i])
        return;
    r->log_likelihood[i] = s.log_likelihood;
    free_start(&s);
}

static vmap_status run_all(const problem *pr, size_t starts, start *best, size_t *usable,
                           vmap_error *err)
{
    race r = {pr, memory_new(starts, sizeof *r.log_likelihood, err),
              memory_new(starts, sizeof *r.status, err)};
    vmap_status status = r.log_likelihood && r.status ? VMAP_SUCCESS : VMAP_ENOMEM;
    size_t first = starts;

    if (!status)
        parallel_for(starts, pr->options->threads, race_start, &r);
    for (size_t i = 0; !status && i < starts; i++) {
        if (r.status[i] == VMAP_ENOMEM)
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu units", pr->n);
        if (r.status[i])
            continue;
        ++*usable;
        if (first == starts ||
            r.log_likelihood[i] > r.log_likelihood[first] + 1e-9 * fabs(r.log_likelihood[first]))
            first = i;
    }
    if (!status && first == starts)
        status = vmap_error_set(err, VMAP_ESINGULAR,
                                "no start of a mixture of %zu components of family %s has regular "
                                "covariances",
                                pr->k, pr->family->name);
    if (!status)
        status = run_start(pr, first, best, err);
    free(r.log_likelihood);
    free(r.status);
    return status;
}

/* ---- out ---- */

/* The order of the components: as the clusters of the partition, then those that are nobody's. */
static vmap_status order_components(const start *s, size_t *label, size_t *place, vmap_mixture *r,
                                    vmap_error *err)
{
    size_t k = s->pr->k, next;
    bool *used = memory_new(k, sizeof *used, err);
    vmap_status status;

    if (!used)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < s->pr->n; i++) {
        label[i] = 0;
        for (size_t g = 1; g < k; g++) {
            if (s->z[i * k + g] > s->z[i * k + label[i]])
                label[i] = g;
        }
        used[label[i]] = true;
    }
    status = vmap_partition_new(label, s->pr->n, s->pr->units->weights, place, &r->partition, err);
    if (!status) {
        next = r->partition->k;
        for (size_t g = 0; g < k; g++) {
            if (!used[g])
                place[g] = next++;
        }
    }
    free(used);
    return status;
}

static void put_component(const start *s, size_t g, size_t to, vmap_mixture *r)
{
    const problem *pr = s->pr;
    const gsl_matrix *d = s->cov.axes[g];
    size_t p = pr->p;

    r->share[to] = s->count[g] / pr->n_eff;
    for (size_t a = 0; a < p; a++) {
        gsl_matrix_set(r->means, to, a, pr->mean[a] + s->mean[g * p + a]);
        for (size_t b = 0; b < p; b++) {
            double sum = 0;

            for (size_t j = 0; j < p; j++)
                sum += gsl_matrix_get(d, a, j) * s->cov.volume[g] * s->cov.shape[g * p + j] *
                       gsl_matrix_get(d, b, j);
            gsl_matrix_set(r->cov[to], a, b, sum);
        }
    }
    for (size_t i = 0; i < pr->n; i++)
        gsl_matrix_set(r->membership, i, to, s->z[i * pr->k + g]);
}

static void put_criteria(const start *s, vmap_mixture *r)
{
    const problem *pr = s->pr;
    double certain = 0;

    r->k = pr->k;
    r->p = pr->p;
    r->log_likelihood = s->log_likelihood;
    r->converged = s->converged;
    r->n_eff = pr->n_eff;
    r->parameters =
        pr->k * pr->p + pr->k - 1 + covariances_parameters(pr->family, pr->k, pr->p);
    r->bic = 2 * s->log_likelihood - (double)r->parameters * log(pr->n_eff);
    for (size_t i = 0; i < pr->n; i++) {
        double most = 0;

        for (size_t g = 0; g < pr->k; g++)
            most = fmax(most, s->z[i * pr->k + g]);
        certain += pr->w[i] * log(most);
    }
    r->icl = r->bic + 2 * certain;
}

static vmap_status keep(const start *s, vmap_mixture *r, vmap_error *err)
{
    const problem *pr = s->pr;
    size_t *label = memory_new(pr->n, sizeof *label, err);
    size_t *place = memory_new(pr->k, sizeof *place, err);
    vmap_status status = label && place ? VMAP_SUCCESS : VMAP_ENOMEM;

    put_criteria(s, r);
    r->share = memory_new(pr->k, sizeof *r->share, err);
    r->means = memory_matrix(pr->k, pr->p, err);
    r->membership = memory_matrix(pr->n, pr->k, err);
    r->cov = memory_new(pr->k, sizeof *r->cov, err);
    for (size_t g = 0; r->cov && g < pr->k; g++) {
        if (!(r->cov[g] = memory_matrix(pr->p, pr->p, err)))
            status = VMAP_ENOMEM;
    }
    if (!r->share || !r->means || !r->membership || !r->cov)
        status = VMAP_ENOMEM;
    if (!status)
        status = order_components(s, label, place, r, err);
    for (size_t g = 0; !status && g < pr->k; g++)
        put_component(s, g, place[g], r);
    free(label);
    free(place);
    return status;
}

/* ---- in ---- */

static const vmap_mixture_family *find_family(const char *name, vmap_error *err)
{
    size_t i = REGISTRY_FIND(vmap_mixture_families, vmap_mixture_families_count, "mixture family", name, err);

    return i < vmap_mixture_families_count ? &vmap_mixture_families[i] : NULL;
}

static vmap_status check(const vmap_units *units, const vmap_mixture_options *o, vmap_error *err)
{
    vmap_status status = vmap_units_check(units, err);
    size_t distinct;

    if (!status)
        status = units_need_points(units, "a mixture", err);
    if (status)
        return status;
    if (o->k == 0 || o->max_iterations == 0 || !(o->tolerance >= 0))
        return vmap_error_set(err, VMAP_EINVAL,
                              "%zu components, %zu iterations and tolerance %g; at least 1, 1 and 0 "
                              "are needed",
                              o->k, o->max_iterations, o->tolerance);
    if (o->start && (o->start->size1 != units->points->size1 || o->start->size2 != o->k))
        return vmap_error_set(err, VMAP_EINVAL,
                              "the start is %zu x %zu; it must be %zu units x %zu components",
                              o->start->size1, o->start->size2, units->points->size1, o->k);
    status = units_distinct(units->points, units->weights, o->k, &distinct, err);
    if (!status && distinct < o->k)
        return vmap_error_set(err, VMAP_EINVAL, "%zu components are asked of %zu distinct points",
                              o->k, distinct);
    return status;
}

/* Centre the points, scale the weights, and measure what counts as no variance. */
static vmap_status prepare(problem *pr, vmap_error *err)
{
    const gsl_matrix *m = pr->units->points;
    double sum, variance = 0;

    pr->x = memory_new(pr->n, pr->p * sizeof *pr->x, err);
    pr->w = memory_new(pr->n, sizeof *pr->w, err);
    pr->mean = memory_new(pr->p, sizeof *pr->mean, err);
    if (!pr->x || !pr->w || !pr->mean)
        return VMAP_ENOMEM;
    sum = vmap_weight_sum(pr->units->weights, pr->n);
    pr->n_eff = vmap_weight_n_eff(pr->units->weights, pr->n);
    for (size_t i = 0; i < pr->n; i++)
        pr->w[i] = units_weight(pr->units, i) * pr->n_eff / sum;
    for (size_t a = 0; a < pr->p; a++) {
        for (size_t i = 0; i < pr->n; i++)
            pr->mean[a] += pr->w[i] / pr->n_eff * gsl_matrix_get(m, i, a);
        for (size_t i = 0; i < pr->n; i++) {
            double d = gsl_matrix_get(m, i, a) - pr->mean[a];

            pr->x[i * pr->p + a] = d;
            variance += pr->w[i] / pr->n_eff * d * d;
        }
    }
    pr->least = 1e-10 * variance / (double)pr->p;
    return VMAP_SUCCESS;
}

static bool all_weigh(const vmap_units *units, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!(units_weight(units, i) > 0))
            return false;
    }
    return true;
}

vmap_status vmap_cluster_mixture(const vmap_units *units, const vmap_mixture_options *options,
                                 vmap_mixture **result, vmap_error *err)
{
    problem pr = {.units = units, .options = options, .k = options->k};
    vmap_status status = check(units, options, err);
    start best = {.pr = NULL};
    vmap_mixture *r = NULL;

    if (status)
        return status;
    pr.family = find_family(options->family, err);
    if (!pr.family)
        return VMAP_ENOENT;
    pr.n = units->points->size1;
    pr.p = units->points->size2;
    pr.tree = pr.n >= 2 && pr.n <= TREE_MOST && all_weigh(units, pr.n);
    r = memory_new(1, sizeof *r, err);
    status = r ? prepare(&pr, err) : VMAP_ENOMEM;
    if (!status) {
        r->starts = options->start || pr.k == 1 ? 1 : options->starts + 1 + pr.tree;
        status = run_all(&pr, r->starts, &best, &r->usable, err);
    }
    if (!status) {
        status = keep(&best, r, err);
        free_start(&best);
    }
    if (!status) {
        *result = r;
        r = NULL;
    }
    vmap_mixture_free(r);
    free(pr.x);
    free(pr.w);
    free(pr.mean);
    return status;
}
