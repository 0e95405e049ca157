#include <config.h>
#include "valuemap/mapping.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "mapping/mapping_internal.h"

void vmap_mapping_defaults(vmap_mapping_options *options)
{
    *options = (vmap_mapping_options){.errors = VMAP_ERRORS_CR2, .level = .95};
}

/* Inflation of predictor j of centred ones of length 1: it comes last, so that its part of the factor is what is its own. Others
 * that add nothing are passed over. `turned` has room for all columns. */
static vmap_status inflate(const gsl_matrix *c, size_t j, gsl_matrix *turned, double *vif, vmap_error *err)
{
    size_t p = c->size2, used = 0;
    mapping_basis basis = {NULL, NULL};
    vmap_status status = VMAP_SUCCESS;

    for (size_t a = 0; !status && a <= p; a++) {
        gsl_vector_const_view from = gsl_matrix_const_column(c, a < p ? a : j);
        gsl_matrix_view part;

        if (a == j)
            continue;
        gsl_matrix_set_col(turned, used, &from.vector);
        part = gsl_matrix_submatrix(turned, 0, 0, c->size1, used + 1);
        mapping_basis_free(&basis);
        status = mapping_basis_new(&part.matrix, false, &basis, err);
        if (status == VMAP_ESINGULAR && a < p)
            status = VMAP_SUCCESS;
        else
            used++;
    }
    if (!status)
        *vif = pow(gsl_matrix_get(basis.inverse, used - 1, used - 1), 2);
    else if (status == VMAP_ESINGULAR)
        *vif = INFINITY;
    mapping_basis_free(&basis);
    return status == VMAP_ESINGULAR ? VMAP_SUCCESS : status;
}

vmap_status vmap_mapping_inflation(const gsl_matrix *x, const double *weights, gsl_vector *vif, vmap_error *err)
{
    size_t p = x->size2;
    vmap_status status = mapping_check(x, NULL, 2, err);
    gsl_matrix *turned, *centred;

    if (!status)
        status = mapping_check_weights(weights, x->size1, err);
    turned = status ? NULL : memory_matrix(x->size1, p, err);
    centred = status ? NULL : mapping_weighted(x, weights, err);
    if (!status && vif->size != p)
        status = vmap_error_set(err, VMAP_EINVAL, "%zu inflations of %zu predictors", vif->size, p);
    else if (!status && (!turned || !centred))
        status = VMAP_ENOMEM;
    for (size_t j = 0; !status && j < p; j++)
        status = inflate(centred, j, turned, gsl_vector_ptr(vif, j), NULL);
    gsl_matrix_free(turned);
    gsl_matrix_free(centred);
    return status == VMAP_ENOMEM ? vmap_error_set(err, status, "no memory for the inflation of %zu predictors", p) : status;
}

/* ---- least squares ---- */

void vmap_mapping_free(vmap_mapping *m)
{
    if (!m)
        return;
    gsl_matrix *const matrices[] = {m->b, m->se, m->t, m->df, m->pvalue, m->low, m->high, m->beta, m->covariance, m->fitted,
                                    m->residual, m->along, m->size};
    gsl_vector *const vectors[] = {m->sd_x, m->sd_y, m->r2, m->adjusted, m->leverage};

    for (size_t i = 0; i < sizeof matrices / sizeof *matrices; i++)
        gsl_matrix_free(matrices[i]);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        gsl_vector_free(vectors[i]);
    free(m);
}

/* What the fit does not have; the rest is taken over from it. */
static vmap_mapping *allocate(size_t n, size_t p, size_t k, vmap_error *err)
{
    vmap_mapping *m = memory_new(1, sizeof *m, err);

    if (!m)
        return NULL;
    m->n = n;
    m->p = p;
    m->k = k;
    gsl_matrix **const whole[] = {&m->se, &m->t, &m->df, &m->pvalue, &m->low, &m->high};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        *whole[i] = memory_matrix(p + 1, k, err);
    m->beta = memory_matrix(p, k, err);
    m->sd_x = gsl_vector_calloc(p);
    m->sd_y = gsl_vector_calloc(k);
    m->adjusted = gsl_vector_calloc(k);
    if (m->se && m->t && m->df && m->pvalue && m->low && m->high && m->beta && m->sd_x && m->sd_y && m->adjusted)
        return m;
    vmap_mapping_free(m);
    vmap_error_set(err, VMAP_ENOMEM, "no memory for a model of %zu rows", n);
    return NULL;
}

/* Standard deviations of columns, divisor n - 1, weights scaled to a mean of 1. */
static void put_spread(const gsl_matrix *x, const double *weights, gsl_vector *sd)
{
    double n = (double)x->size1, total = 0;

    for (size_t i = 0; i < x->size1; i++)
        total += weights ? weights[i] : 1;
    for (size_t j = 0; j < x->size2; j++) {
        double mean = 0, squares = 0;

        for (size_t i = 0; i < x->size1; i++)
            mean += (weights ? weights[i] : 1) * gsl_matrix_get(x, i, j) / total;
        for (size_t i = 0; i < x->size1; i++)
            squares += (weights ? weights[i] : 1) * pow(gsl_matrix_get(x, i, j) - mean, 2) / total;
        gsl_vector_set(sd, j, sqrt(squares * n / (n - 1)));
    }
}

/* Take the parts of the fit over and free the rest of it. */
static void take_fit(vmap_mapping *m, vmap_least_squares *f)
{
    m->clusters = f->clusters;
    m->b = f->b;
    m->covariance = f->covariance;
    m->fitted = f->fitted;
    m->residual = f->residual;
    m->r2 = f->r2;
    m->leverage = f->leverage;
    m->along = f->along;
    m->size = f->size;
    for (size_t a = 0; a <= m->p; a++) {
        for (size_t o = 0; o < m->k; o++)
            gsl_matrix_set(m->df, a, o, gsl_vector_get(f->df, a));
    }
    f->b = f->covariance = f->fitted = f->residual = f->along = f->size = NULL;
    f->r2 = f->leverage = NULL;
    vmap_least_squares_free(f);
}

static void put_standardised(vmap_mapping *m)
{
    for (size_t o = 0; o < m->k; o++) {
        double r2 = fmax(0, gsl_vector_get(m->r2, o));

        gsl_vector_set(m->r2, o, r2);
        gsl_vector_set(m->adjusted, o, 1 - (1 - r2) * (double)(m->n - 1) / (double)(m->n - m->p - 1));
        for (size_t j = 0; j < m->p; j++)
            gsl_matrix_set(m->beta, j, o, gsl_matrix_get(m->b, j + 1, o) * gsl_vector_get(m->sd_x, j) /
                                              gsl_vector_get(m->sd_y, o));
    }
}

static void put_inference(vmap_mapping *m, double level)
{
    for (size_t o = 0; o < m->k; o++) {
        for (size_t a = 0; a <= m->p; a++) {
            size_t at = o * (m->p + 1) + a;
            double b = gsl_matrix_get(m->b, a, o), se = sqrt(fmax(0, gsl_matrix_get(m->covariance, at, at)));
            double df = gsl_matrix_get(m->df, a, o), reach = gsl_cdf_tdist_Pinv(.5 + level / 2, df) * se;

            gsl_matrix_set(m->se, a, o, se);
            gsl_matrix_set(m->t, a, o, se > 0 ? b / se : NAN);
            gsl_matrix_set(m->pvalue, a, o, se > 0 ? 2 * gsl_cdf_tdist_Q(fabs(b / se), df) : NAN);
            gsl_matrix_set(m->low, a, o, b - reach);
            gsl_matrix_set(m->high, a, o, b + reach);
        }
    }
}

/* Settings that only this function has. */
static vmap_status check_options(const vmap_mapping_options *o, size_t n, vmap_error *err)
{
    if (!(o->level > 0 && o->level < 1))
        return vmap_error_set(err, VMAP_EINVAL, "level %g of intervals; it lies between 0 and 1", o->level);
    return mapping_check_weights(o->weights, n, err);
}

vmap_status vmap_mapping_new(const gsl_matrix *x, const gsl_matrix *y, const vmap_mapping_options *options,
                             vmap_mapping **mapping, vmap_error *err)
{
    vmap_mapping_options o;
    vmap_least_squares *fit = NULL;
    vmap_mapping *m = NULL;
    vmap_status status = mapping_check(x, y, x->size2 + 2, err);

    vmap_mapping_defaults(&o);
    o = options ? *options : o;
    if (!status)
        status = check_options(&o, x->size1, err);
    if (!status)
        status = vmap_least_squares_new(x, y, &(vmap_least_squares_options){o.errors, o.cluster, o.weights}, &fit, err);
    if (!status && o.errors != VMAP_ERRORS_CLASSIC && fit->clusters < x->size2 + 2)
        status = vmap_error_set(err, VMAP_EDATA, "%zu clusters for %zu predictors; at least %zu are needed", fit->clusters,
                                x->size2, x->size2 + 2);
    if (!status && !(m = allocate(x->size1, x->size2, y->size2, err)))
        status = VMAP_ENOMEM;
    if (status) {
        vmap_least_squares_free(fit);
        return status;
    }
    take_fit(m, fit);
    put_spread(x, o.weights, m->sd_x);
    put_spread(y, o.weights, m->sd_y);
    put_standardised(m);
    put_inference(m, o.level);
    *mapping = m;
    return VMAP_SUCCESS;
}
