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

/* What the tests are made from: strata as predictors before the others, weighted outcomes, clusters. */
typedef struct {
    gsl_matrix *x;         /* n x (strata - 1 + p); without strata the predictors alone */
    size_t first;          /* column of the first predictor */
    const double *weights; /* NULL: none */
    gsl_matrix *y;         /* W^(1/2) x outcomes, centred, of length 1 */
    mapping_clusters clusters;
} design;

static void free_design(design *d)
{
    gsl_matrix_free(d->x);
    gsl_matrix_free(d->y);
    mapping_clusters_free(&d->clusters);
}

static vmap_status new_design(const gsl_matrix *x, const gsl_matrix *y, const vmap_mapping_options *rows, const size_t *stratum,
                              design *d, vmap_error *err)
{
    size_t n = x->size1, p = x->size2;
    mapping_clusters strata = {0};
    vmap_status status = mapping_clusters_new(rows->cluster, n, &d->clusters, err);

    d->weights = rows->weights;
    if (!status && stratum && !(status = mapping_clusters_new(stratum, n, &strata, err)))
        d->first = strata.count - 1;
    if (!status && d->clusters.count < d->first + p + 2)
        status = d->first ? vmap_error_set(err, VMAP_EDATA, "%zu clusters in %zu strata for %zu predictors; at least %zu are "
                                           "needed", d->clusters.count, d->first + 1, p, d->first + p + 2)
                          : vmap_error_set(err, VMAP_EDATA, "%zu clusters for %zu predictors; at least %zu are needed",
                                           d->clusters.count, p, p + 2);
    if (!status && (!(d->x = memory_matrix(n, d->first + p, err)) || !(d->y = mapping_weighted(y, rows->weights, err))))
        status = VMAP_ENOMEM;
    for (size_t g = 1; !status && g < strata.count; g++) {
        for (size_t at = strata.start[g]; at < strata.start[g + 1]; at++)
            gsl_matrix_set(d->x, strata.row[at], g - 1, 1);
    }
    for (size_t j = 0; !status && j < p; j++) {
        gsl_vector_const_view column = gsl_matrix_const_column(x, j);

        gsl_matrix_set_col(d->x, d->first + j, &column.vector);
    }
    mapping_clusters_free(&strata);
    return status;
}

/* p of k + 1 statistics for the last `tested` columns of q. */
static vmap_status test_last(const gsl_matrix *q, size_t tested, const design *d, bool studentised,
                             const vmap_permutation_options *options, double *p, vmap_error *err)
{
    flips f = {.clusters = d->clusters.count, .q = q->size2, .tested = tested, .k = d->y->size2};
    const permute_test test = {f.clusters, f.k + 1, f.q, &f, studentised ? find_t : find_ratio};
    gsl_matrix_const_view kept = gsl_matrix_const_submatrix(q, 0, 0, q->size1, q->size2 - tested);
    gsl_matrix *residual = mapping_rest(&kept.matrix, d->y, err);
    size_t *none = memory_new(f.clusters, sizeof *none, err);
    double *observed = memory_new(f.k + 1 + f.q, sizeof *observed, err);
    vmap_status status = residual && none && observed ? VMAP_SUCCESS : VMAP_ENOMEM;

    f.along = memory_new(f.clusters * f.q * f.k, sizeof *f.along, err);
    f.total = memory_new(f.k, sizeof *f.total, err);
    f.products = studentised ? memory_new(f.clusters * f.q * f.q, sizeof *f.products, err) : NULL;
    if (!f.along || !f.total || (studentised && !f.products))
        status = VMAP_ENOMEM;
    if (!status) {
        vmap_permutation_options o = *options;

        o.stratum = NULL; /* they are predictors here */
        sum_clusters(&f, q, residual, &d->clusters);
        test.statistic(&f, none, observed + f.k + 1, observed);
        status = permute_signs(&test, &o, observed, p, err);
    }
    free_flips(&f);
    gsl_matrix_free(residual);
    free(none);
    free(observed);
    return status;
}

static vmap_status test_whole(const design *d, const vmap_permutation_options *o, double *p, vmap_error *err)
{
    mapping_basis basis = {NULL, NULL};
    vmap_status status = mapping_basis_weighted(d->x, d->weights, true, &basis, err);

    if (!status)
        status = test_last(basis.q, d->x->size2 - d->first, d, false, o, p, err);
    mapping_basis_free(&basis);
    return status;
}

static vmap_status test_predictor(const design *d, size_t j, bool studentised, const vmap_permutation_options *o, double *p,
                                  vmap_error *err)
{
    mapping_basis basis = {NULL, NULL};
    vmap_status status = mapping_basis_last(d->x, d->first + j, d->weights, &basis, err);

    if (!status)
        status = test_last(basis.q, 1, d, studentised, o, p, err);
    mapping_basis_free(&basis);
    return status;
}

vmap_status vmap_mapping_flip(const gsl_matrix *x, const gsl_matrix *y, const vmap_mapping_options *rows, bool studentised,
                              const vmap_permutation_options *options, gsl_vector *whole, gsl_matrix *coefficient,
                              vmap_error *err)
{
    const vmap_mapping_options none = {.weights = NULL};
    const vmap_permutation_options o = permute_options(options);
    size_t k = y->size2, p = x->size2;
    design d = {.first = 0};
    double *found = memory_new((p + 1) * (k + 1), sizeof *found, err);
    vmap_status status = found ? mapping_check(x, y, p + 2, err) : VMAP_ENOMEM;

    rows = rows ? rows : &none;
    if (!status)
        status = mapping_check_p(x, y, whole, coefficient, err);
    if (!status)
        status = mapping_check_weights(rows->weights, x->size1, err);
    if (!status)
        status = new_design(x, y, rows, o.stratum, &d, err);
    if (!status && whole)
        status = test_whole(&d, &o, found, err);
    for (size_t j = 0; !status && coefficient && j < p; j++)
        status = test_predictor(&d, j, studentised, &o, found + (j + 1) * (k + 1), err);
    if (!status)
        mapping_put_p(found, whole, coefficient);
    free_design(&d);
    free(found);
    return status;
}
