#include <config.h>
#include "valuemap/map.h"

#include <math.h>
#include <stdatomic.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "map/map_internal.h"
#include "valuemap/rng.h"

/* One task is one group: its replicates come from the stream that its place in the order of labels
 * gives it. */
typedef struct {
    vmap_groups *groups;
    const vmap_answers *answers;
    const vmap_projection *projection;
    vmap_incomplete rule;
    const group_order *order;
    size_t replicates;
    uint64_t seed;
    atomic_int failed;
} job;

static void cov_of_rows(const gsl_matrix *x, gsl_matrix *cov)
{
    size_t n = x->size1, k = x->size2;

    gsl_matrix_set_zero(cov);
    for (size_t j = 0; j < k; j++) {
        for (size_t l = 0; l <= j; l++) {
            double mj = 0, ml = 0, sum = 0;

            for (size_t i = 0; i < n; i++) {
                mj += gsl_matrix_get(x, i, j) / (double)n;
                ml += gsl_matrix_get(x, i, l) / (double)n;
            }
            for (size_t i = 0; i < n; i++)
                sum += (gsl_matrix_get(x, i, j) - mj) * (gsl_matrix_get(x, i, l) - ml);
            gsl_matrix_set(cov, j, l, sum / (double)(n > 1 ? n - 1 : 1));
            gsl_matrix_set(cov, l, j, gsl_matrix_get(cov, j, l));
        }
    }
}

/* Weight and weighted position of each respondent, packed for drawing. */
static double *pack(const job *b, const size_t *used, size_t n)
{
    size_t k = b->projection->k;
    double *packed = memory_new(n * (k + 1), sizeof *packed, NULL);

    for (size_t i = 0; packed && i < n; i++) {
        double w = b->answers->weights ? b->answers->weights[used[i]] : 1;

        packed[i * (k + 1)] = w;
        for (size_t j = 0; j < k; j++)
            packed[i * (k + 1) + 1 + j] = w * b->projection->at[used[i] * k + j];
    }
    return packed;
}

static void draw(const double *packed, size_t n, size_t k, gsl_rng *rng, gsl_matrix *out, size_t row)
{
    double weight = 0;

    for (size_t i = 0; i + 1 < n; i++) {
        const double *one = packed + vmap_rng_below(rng, n) * (k + 1);

        weight += one[0];
        for (size_t j = 0; j < k; j++)
            *gsl_matrix_ptr(out, row, j) += one[1 + j];
    }
    for (size_t j = 0; j < k; j++)
        *gsl_matrix_ptr(out, row, j) /= weight;
}

static void bootstrap_group(void *context, size_t index)
{
    job *b = context;
    vmap_group *g = &b->groups->group[index];
    size_t k = b->projection->k;
    size_t *used = memory_new(g->rows, sizeof *used, NULL);
    gsl_rng *rng = vmap_rng_new(b->seed, 0);
    double *packed = NULL;

    if (g->n >= 2 && used) {
        group_order_used(b->order, index, b->answers, b->projection, b->rule, used);
        packed = pack(b, used, g->n);
        g->replicates = memory_matrix(b->replicates, k, NULL);
        g->boot_cov = memory_matrix(k, k, NULL);
    }
    if (!used || !rng || (g->n >= 2 && (!packed || !g->replicates || !g->boot_cov))) {
        b->failed = 1;
    } else if (g->n >= 2) {
        for (size_t r = 0; r < b->replicates; r++) {
            vmap_rng_set(rng, b->seed, (uint64_t)index * b->replicates + r);
            draw(packed, g->n, k, rng, g->replicates, r);
        }
        cov_of_rows(g->replicates, g->boot_cov);
    }
    if (rng)
        gsl_rng_free(rng);
    free(packed);
    free(used);
}

vmap_status vmap_groups_bootstrap(vmap_groups *groups, const vmap_answers *answers,
                                  const vmap_projection *projection, vmap_incomplete rule,
                                  size_t replicates, uint64_t seed, unsigned threads,
                                  vmap_error *err)
{
    group_order order = {0};
    job b = {groups, answers, projection, rule, &order, replicates, seed, 0};
    vmap_status status;

    if (replicates < 2)
        return vmap_error_set(err, VMAP_EINVAL, "%zu bootstrap replicates; at least 2", replicates);
    status = group_order_new(answers, projection, &order, err);
    if (!status)
        parallel_for(groups->count, threads, bootstrap_group, &b);
    if (!status && b.failed)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu bootstrap replicates",
                                replicates);
    group_order_free(&order);
    return status;
}
