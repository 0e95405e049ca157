#include <config.h>
#include "valuemap/map.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

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

/* What is drawn: of each respondent a row of numbers whose sums give the mean position. For the mean of
 * positions these are w and w x position; for mean answers w and w x answer of each item that the group
 * answered. */
typedef struct {
    double *row; /* n x width */
    size_t n, width;
    size_t items; /* number of items, 0 for the mean of positions */
    const vmap_operator *op;
    size_t *item;  /* the items that the operator uses */
} urn;

static bool fill_positions(const job *b, const size_t *used, urn *u)
{
    size_t k = b->projection->k;

    u->width = 1 + k;
    u->row = memory_new(u->n * u->width, sizeof *u->row, NULL);
    for (size_t i = 0; u->row && i < u->n; i++) {
        double w = b->answers->weights ? b->answers->weights[used[i]] : 1;

        u->row[i * u->width] = w;
        for (size_t j = 0; j < k; j++)
            u->row[i * u->width + 1 + j] = w * b->projection->at[used[i] * k + j];
    }
    return u->row != NULL;
}

static bool fill_answers(const job *b, const size_t *used, const vmap_group *g, urn *u)
{
    size_t p = b->answers->p;

    u->op = g->op;
    u->item = memory_new(p, sizeof *u->item, NULL);
    for (size_t i = 0; u->item && i < p; i++) {
        bool counts = false;

        for (size_t j = 0; j < b->projection->k; j++)
            counts |= gsl_matrix_get(g->op->weights, i, j) != 0;
        if (counts)
            u->item[u->items++] = i;
    }
    u->width = 2 * u->items;
    u->row = memory_new(u->n * u->width, sizeof *u->row, NULL);
    for (size_t r = 0; u->item && u->row && r < u->n; r++) {
        double w = b->answers->weights ? b->answers->weights[used[r]] : 1;

        for (size_t q = 0; q < u->items; q++) {
            double x = b->answers->values[used[r] * p + u->item[q]];

            u->row[r * u->width + q] = isnan(x) ? 0 : w;
            u->row[r * u->width + u->items + q] = isnan(x) ? 0 : w * x;
        }
    }
    return u->item && u->row;
}

/* n - 1 draws, summed up in `sum` (width). */
static void draw(const urn *u, gsl_rng *rng, double *sum)
{
    for (size_t c = 0; c < u->width; c++)
        sum[c] = 0;
    for (size_t i = 0; i + 1 < u->n; i++) {
        const double *one = u->row + vmap_rng_below(rng, u->n) * u->width;

        for (size_t c = 0; c < u->width; c++)
            sum[c] += one[c];
    }
}

/* The mean position that the sums give; an item that nobody drawn answered keeps the group's mean. */
static void place(const urn *u, const vmap_group *g, const double *sum, gsl_matrix *out, size_t row)
{
    for (size_t j = 0; j < out->size2; j++) {
        double at = u->op ? gsl_vector_get(u->op->constant, j) : sum[1 + j] / sum[0];

        for (size_t q = 0; q < u->items; q++) {
            double mean = sum[q] > 0 ? sum[u->items + q] / sum[q]
                                     : gsl_vector_get(g->items, u->item[q]);

            at += gsl_matrix_get(u->op->weights, u->item[q], j) * mean;
        }
        gsl_matrix_set(out, row, j, at);
    }
}

/* Order of two respondents by answers and weight: draws must not depend on the order of the file. */
static int compare_respondents(const void *pa, const void *pb, void *context)
{
    const vmap_answers *a = context;
    size_t ra = *(const size_t *)pa, rb = *(const size_t *)pb;
    const double *xa = a->values + ra * a->p, *xb = a->values + rb * a->p;

    for (size_t i = 0; i <= a->p; i++) {
        double va = i < a->p ? xa[i] : a->weights ? a->weights[ra] : 1;
        double vb = i < a->p ? xb[i] : a->weights ? a->weights[rb] : 1;

        if (isnan(va) != isnan(vb))
            return isnan(va) ? 1 : -1;
        if (va < vb || va > vb)
            return va < vb ? -1 : 1;
    }
    return 0;
}

static bool fill_urn(const job *b, const size_t *used, const vmap_group *g, urn *u)
{
    return b->rule == VMAP_INCOMPLETE_MEANS ? fill_answers(b, used, g, u)
                                            : fill_positions(b, used, u);
}

static void bootstrap_group(void *context, size_t index)
{
    job *b = context;
    vmap_group *g = &b->groups->group[index];
    size_t k = b->projection->k;
    size_t *used = memory_new(g->rows, sizeof *used, NULL);
    gsl_rng *rng = vmap_rng_new(b->seed, 0);
    urn u = {.n = g->n};
    double *sum = NULL;
    bool ready = used && rng;

    if (ready && g->n >= 2) {
        group_order_used(b->order, index, b->answers, b->projection, b->rule, used);
        qsort_r(used, g->n, sizeof *used, compare_respondents, (void *)(uintptr_t)b->answers);
        gsl_matrix_free(g->replicates); /* of an earlier bootstrap */
        gsl_matrix_free(g->boot_cov);
        g->replicates = memory_matrix(b->replicates, k, NULL);
        g->boot_cov = memory_matrix(k, k, NULL);
        ready = g->replicates && g->boot_cov && fill_urn(b, used, g, &u) &&
                (sum = memory_new(u.width, sizeof *sum, NULL));
    }
    if (!ready) {
        b->failed = 1;
    } else if (g->n >= 2) {
        for (size_t r = 0; r < b->replicates; r++) {
            vmap_rng_set(rng, b->seed, (uint64_t)index * b->replicates + r);
            draw(&u, rng, sum);
            place(&u, g, sum, g->replicates, r);
        }
        cov_of_rows(g->replicates, g->boot_cov);
    }
    if (rng)
        gsl_rng_free(rng);
    free(u.row);
    free(u.item);
    free(sum);
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
    status = group_order_new(answers, &order, err);
    if (!status)
        parallel_for(groups->count, threads, bootstrap_group, &b);
    if (!status && b.failed)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu bootstrap replicates",
                                replicates);
    group_order_free(&order);
    return status;
}
