#include <config.h>
#include "valuemap/mapping.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "mapping/mapping_internal.h"
#include "structure/permute.h"

/* All that signs need is summed over the rows of each cluster once: with residuals e of the model without what is tested and
 * an orthonormal basis Q of the whole model, whose last columns are what is tested, Q_g'e_g and Q_g'Q_g. */
typedef struct {
    size_t clusters, q, tested, k;
    double *along;    /* clusters x q x k: Q_g'e_g */
    double *products; /* clusters x q x q: Q_g'Q_g; NULL when statistics are not studentised */
    double *total;    /* k: e'e */
} flips;

static void free_flips(flips *f)
{
    free(f->along);
    free(f->products);
    free(f->total);
}

static void sum_clusters(flips *f, const gsl_matrix *q, const gsl_matrix *e, const mapping_clusters *c)
{
    for (size_t at = 0; at < e->size1; at++) {
        for (size_t m = 0; m < f->k; m++)
            f->total[m] += pow(gsl_matrix_get(e, at, m), 2);
    }
    for (size_t g = 0; g < f->clusters; g++) {
        for (size_t at = c->start[g]; at < c->start[g + 1]; at++) {
            size_t i = c->row[at];

            for (size_t a = 0; a < f->q; a++) {
                for (size_t m = 0; m < f->k; m++)
                    f->along[(g * f->q + a) * f->k + m] += gsl_matrix_get(q, i, a) * gsl_matrix_get(e, i, m);
                for (size_t b = 0; f->products && b < f->q; b++)
                    f->products[(g * f->q + a) * f->q + b] += gsl_matrix_get(q, i, a) * gsl_matrix_get(q, i, b);
            }
        }
    }
}

static double sign_of(const size_t *order, size_t g)
{
    return order[g] ? -1 : 1;
}

/* Q'e of outcome m with these signs into sum[0 .. q - 1]. */
static void add_up(const flips *f, const size_t *order, size_t m, double *sum)
{
    for (size_t a = 0; a < f->q; a++) {
        sum[a] = 0;
        for (size_t g = 0; g < f->clusters; g++)
            sum[a] += sign_of(order, g) * f->along[(g * f->q + a) * f->k + m];
    }
}

/* Explained by what is tested over what nothing explains; the last value is of all outcomes, which are standardised. */
static void find_ratio(const void *context, const size_t *order, double *scratch, double *value)
{
    const flips *f = context;
    double all_explained = 0, all_rest = 0;

    for (size_t m = 0; m < f->k; m++) {
        double explained = 0, rest = f->total[m];

        add_up(f, order, m, scratch);
        for (size_t a = 0; a < f->q; a++) {
            explained += a < f->q - f->tested ? 0 : scratch[a] * scratch[a];
            rest -= scratch[a] * scratch[a];
        }
        value[m] = explained / fmax(rest, 1e-300);
        all_explained += explained;
        all_rest += rest;
    }
    value[f->k] = all_explained / fmax(all_rest, 1e-300);
}

/* t^2 of the last column, whose scores in the clusters are s_g q_g'e_g - q_g'Q_g (Q'e of all); last: their sum. */
static void find_t(const void *context, const size_t *order, double *scratch, double *value)
{
    const flips *f = context;
    size_t q = f->q, last = q - 1;

    value[f->k] = 0;
    for (size_t m = 0; m < f->k; m++) {
        double variance = 0;

        add_up(f, order, m, scratch);
        for (size_t g = 0; g < f->clusters; g++) {
            double score = sign_of(order, g) * f->along[(g * q + last) * f->k + m];

            for (size_t b = 0; b < q; b++)
                score -= f->products[(g * q + last) * q + b] * scratch[b];
            variance += score * score;
        }
        value[m] = scratch[last] * scratch[last] / fmax(variance, 1e-300);
        value[f->k] += value[m];
    }
}

/* p of k + 1 statistics for the last `tested` columns of q. */
static vmap_status test_last(const gsl_matrix *q, size_t tested, const gsl_matrix *y, const mapping_clusters *c, bool studentised,
                             const vmap_permutation_options *options, double *p, vmap_error *err)
{
    flips f = {.clusters = c->count, .q = q->size2, .tested = tested, .k = y->size2};
    const permute_test test = {c->count, f.k + 1, f.q, &f, studentised ? find_t : find_ratio};
    gsl_matrix_const_view kept = gsl_matrix_const_submatrix(q, 0, 0, q->size1, q->size2 - tested);
    gsl_matrix *residual = mapping_rest(&kept.matrix, y, err);
    size_t *none = memory_new(c->count, sizeof *none, err);
    double *observed = memory_new(f.k + 1 + f.q, sizeof *observed, err);
    vmap_status status = residual && none && observed ? VMAP_SUCCESS : VMAP_ENOMEM;

    f.along = memory_new(f.clusters * f.q * f.k, sizeof *f.along, err);
    f.total = memory_new(f.k, sizeof *f.total, err);
    f.products = studentised ? memory_new(f.clusters * f.q * f.q, sizeof *f.products, err) : NULL;
    if (!f.along || !f.total || (studentised && !f.products))
        status = VMAP_ENOMEM;
    if (!status) {
        sum_clusters(&f, q, residual, c);
        test.statistic(&f, none, observed + f.k + 1, observed);
        status = permute_signs(&test, options, observed, p, err);
    }
    free_flips(&f);
    gsl_matrix_free(residual);
    free(none);
    free(observed);
    return status;
}

static vmap_status test_whole(const gsl_matrix *x, const gsl_matrix *y, const mapping_clusters *c,
                              const vmap_permutation_options *o, double *p, vmap_error *err)
{
    mapping_basis basis = {NULL, NULL};
    vmap_status status = mapping_basis_new(x, true, &basis, err);

    if (!status)
        status = test_last(basis.q, x->size2, y, c, false, o, p, err);
    mapping_basis_free(&basis);
    return status;
}

static vmap_status test_predictor(const gsl_matrix *x, size_t j, const gsl_matrix *y, const mapping_clusters *c,
                                  bool studentised, const vmap_permutation_options *o, double *p, vmap_error *err)
{
    mapping_basis basis = {NULL, NULL};
    vmap_status status = mapping_basis_last(x, j, &basis, err);

    if (!status)
        status = test_last(basis.q, 1, y, c, studentised, o, p, err);
    mapping_basis_free(&basis);
    return status;
}

vmap_status vmap_mapping_flip(const gsl_matrix *x, const gsl_matrix *y, const size_t *cluster, bool studentised,
                              const vmap_permutation_options *options, gsl_vector *whole, gsl_matrix *coefficient,
                              vmap_error *err)
{
    const vmap_permutation_options o = permute_options(options);
    size_t k = y->size2, p = x->size2;
    mapping_clusters c = {0};
    gsl_matrix *scaled = NULL;
    double *found = memory_new((p + 1) * (k + 1), sizeof *found, err);
    vmap_status status = found ? mapping_check(x, y, p + 2, err) : VMAP_ENOMEM;

    if (!status)
        status = mapping_check_p(x, y, whole, coefficient, err);
    if (!status)
        status = mapping_clusters_new(cluster, x->size1, &c, err);
    if (!status && c.count < p + 2)
        status = vmap_error_set(err, VMAP_EDATA, "%zu clusters for %zu predictors; at least %zu are needed", c.count, p, p + 2);
    if (!status && !(scaled = mapping_centred(y, true, NULL, NULL, err)))
        status = VMAP_ENOMEM;
    if (!status && whole)
        status = test_whole(x, scaled, &c, &o, found, err);
    for (size_t j = 0; !status && coefficient && j < p; j++)
        status = test_predictor(x, j, scaled, &c, studentised, &o, found + (j + 1) * (k + 1), err);
    if (!status)
        mapping_put_p(found, whole, coefficient);
    mapping_clusters_free(&c);
    gsl_matrix_free(scaled);
    free(found);
    return status;
}
