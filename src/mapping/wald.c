#include <config.h>
#include "valuemap/mapping.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "core/memory.h"
#include "core/numeric.h"

/* Tests of several coefficients at once. */

/* Eigenvalues of the coefficients' covariance below this share of the largest are 0. */
static const double NO_VARIANCE = 1e-12;

/* With fewer degrees of freedom below it an F says nothing. */
static const double LEAST_FREEDOM = 1;

/* ---- degrees of freedom of Zhang, Pustejovsky and Tipton ---- */

/* The tested coefficients of one outcome: rows of b, and what makes their covariance the unit matrix. */
typedef struct {
    size_t count;
    size_t *row;
    gsl_matrix *whiten; /* count x count, of Omega^(-1/2) */
} part;

static void free_parts(part *parts, size_t k)
{
    for (size_t o = 0; parts && o < k; o++) {
        free(parts[o].row);
        gsl_matrix_free(parts[o].whiten);
    }
    free(parts);
}

/* The covariance of coefficients a and b for errors of variance 1: sum over clusters of p_ga'p_gb, (P'P)_gh as in
 * least_squares.c. Where CR2 is unbiased that is (X'X)^-1. */
static double cross(const vmap_mapping *m, size_t g, size_t h, size_t a, size_t b)
{
    size_t q = m->p + 1;
    double element = g == h ? gsl_matrix_get(m->size, g * q + a, b) : 0;

    for (size_t c = 0; c < q; c++)
        element -= gsl_matrix_get(m->along, g * q + c, a) * gsl_matrix_get(m->along, h * q + c, b);
    return element;
}

/* Omega^(-1/2) of these coefficients. */
static vmap_status whiten(const vmap_mapping *m, part *p, vmap_error *err)
{
    size_t n = p->count;
    gsl_matrix *omega = memory_matrix(n, n, err), *vectors = memory_matrix(n, n, err);
    gsl_vector *values = gsl_vector_calloc(n);
    vmap_status status = omega && vectors && values && (p->whiten = memory_matrix(n, n, err)) ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t g = 0; !status && g < m->clusters; g++) {
        for (size_t s = 0; s < n; s++) {
            for (size_t t = 0; t < n; t++)
                *gsl_matrix_ptr(omega, s, t) += cross(m, g, g, p->row[s], p->row[t]);
        }
    }
    if (!status)
        status = numeric_eigen(omega, values, vectors, err);
    if (!status && !(gsl_vector_get(values, n - 1) > NO_VARIANCE * gsl_vector_get(values, 0)))
        status = vmap_error_set(err, VMAP_ESINGULAR, "the clusters say nothing of the variance of some coefficient");
    for (size_t s = 0; !status && s < n; s++) {
        for (size_t t = 0; t < n; t++) {
            for (size_t e = 0; e < n; e++)
                *gsl_matrix_ptr(p->whiten, s, t) += gsl_matrix_get(vectors, s, e) * gsl_matrix_get(vectors, t, e) /
                                                    sqrt(gsl_vector_get(values, e));
        }
    }
    gsl_matrix_free(omega);
    gsl_matrix_free(vectors);
    gsl_vector_free(values);
    return status;
}

/* Trace of M_gh and of its square, M_gh = W (p_gs'p_ht) W of the part's coefficients; room for 2 count^2 numbers. */
static void find_traces(const vmap_mapping *m, const part *p, size_t g, size_t h, double *room, double *trace, double *square)
{
    size_t n = p->count;
    double *raw = room, *half = room + n * n;

    for (size_t s = 0; s < n; s++) {
        for (size_t t = 0; t < n; t++)
            raw[s * n + t] = cross(m, g, h, p->row[s], p->row[t]);
    }
    for (size_t s = 0; s < n; s++) {
        for (size_t t = 0; t < n; t++) {
            half[s * n + t] = 0;
            for (size_t c = 0; c < n; c++)
                half[s * n + t] += gsl_matrix_get(p->whiten, s, c) * raw[c * n + t];
        }
    }
    for (size_t s = 0; s < n; s++) {
        for (size_t t = 0; t < n; t++) {
            raw[s * n + t] = 0;
            for (size_t c = 0; c < n; c++)
                raw[s * n + t] += half[s * n + c] * gsl_matrix_get(p->whiten, c, t);
        }
    }
    *trace = *square = 0;
    for (size_t s = 0; s < n; s++) {
        *trace += raw[s * n + s];
        for (size_t t = 0; t < n; t++)
            *square += raw[s * n + t] * raw[t * n + s];
    }
}

/* The coefficients by outcome. */
static vmap_status new_parts(const vmap_mapping *m, const size_t *coefficient, size_t count, part **parts, vmap_error *err)
{
    size_t q = m->p + 1;
    vmap_status status = (*parts = memory_new(m->k, sizeof **parts, err)) ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t o = 0; !status && o < m->k; o++) {
        part *p = &(*parts)[o];

        if (!(p->row = memory_new(count, sizeof *p->row, err)))
            return VMAP_ENOMEM;
        for (size_t i = 0; i < count; i++) {
            if (coefficient[i] / q == o)
                p->row[p->count++] = coefficient[i] % q;
        }
        if (p->count)
            status = whiten(m, p, err);
    }
    return status;
}

/* r (r + 1) / sum of variances. With errors independent over outcomes element ((o, s), (l, t)) of the covariance has the
 * variance sum over g, h of M_gh[s, s] M_gh[t, t] + [o = l] M_gh[s, t] M_gh[t, s], M of the outcomes o and l. */
static vmap_status find_htz(const vmap_mapping *m, const size_t *coefficient, size_t count, double *v, vmap_error *err)
{
    part *parts = NULL;
    double *room = memory_new(2 * count * count, sizeof *room, err), total = 0, r = (double)count;
    vmap_status status = room ? new_parts(m, coefficient, count, &parts, err) : VMAP_ENOMEM;

    for (size_t g = 0; !status && g < m->clusters; g++) {
        for (size_t h = 0; h < m->clusters; h++) {
            double traces = 0;

            for (size_t o = 0; o < m->k; o++) {
                double trace = 0, square = 0;

                if (parts[o].count)
                    find_traces(m, &parts[o], g, h, room, &trace, &square);
                traces += trace;
                total += square;
            }
            total += traces * traces;
        }
    }
    if (!status)
        *v = r * (r + 1) / total;
    free_parts(parts, m->k);
    free(room);
    return status;
}

/* ---- the test ---- */

/* Degrees of freedom of the covariance of these coefficients. */
static vmap_status find_freedom(const vmap_mapping *m, const size_t *coefficient, size_t count, double *v, vmap_error *err)
{
    if (m->along)
        return find_htz(m, coefficient, count, v, err);
    *v = (double)(m->clusters - m->p - 1);
    for (size_t i = 0; i < count; i++)
        *v = fmin(*v, gsl_matrix_get(m->df, coefficient[i] % (m->p + 1), coefficient[i] / (m->p + 1)));
    return VMAP_SUCCESS;
}

static vmap_status check_tested(const vmap_mapping *m, const size_t *coefficient, size_t count, vmap_error *err)
{
    if (!count)
        return vmap_error_set(err, VMAP_EINVAL, "no coefficient to test");
    for (size_t i = 0; i < count; i++) {
        if (coefficient[i] >= (m->p + 1) * m->k)
            return vmap_error_set(err, VMAP_EINVAL, "coefficient %zu of %zu", coefficient[i], (m->p + 1) * m->k);
    }
    if (count > m->clusters - m->p - 1)
        return vmap_error_set(err, VMAP_EDATA, "%zu coefficients cannot be tested together with %zu clusters and %zu "
                              "predictors; at most %zu can", count, m->clusters, m->p, m->clusters - m->p - 1);
    return VMAP_SUCCESS;
}

/* b'V^-1 b */
static vmap_status find_chi2(const vmap_mapping *m, const size_t *coefficient, size_t count, double *chi2, vmap_error *err)
{
    size_t q = m->p + 1;
    gsl_matrix *covariance = memory_matrix(count, count, err), *inverse = memory_matrix(count, count, err);
    vmap_status status = covariance && inverse ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < count; i++) {
        for (size_t j = 0; j < count; j++)
            gsl_matrix_set(covariance, i, j, gsl_matrix_get(m->covariance, coefficient[i], coefficient[j]));
    }
    if (!status)
        status = numeric_invert(covariance, inverse, err);
    *chi2 = 0;
    for (size_t i = 0; !status && i < count; i++) {
        for (size_t j = 0; j < count; j++)
            *chi2 += gsl_matrix_get(inverse, i, j) * gsl_matrix_get(m->b, coefficient[i] % q, coefficient[i] / q) *
                     gsl_matrix_get(m->b, coefficient[j] % q, coefficient[j] / q);
    }
    gsl_matrix_free(covariance);
    gsl_matrix_free(inverse);
    return status;
}

vmap_status vmap_mapping_test(const vmap_mapping *m, const size_t *coefficient, size_t count, vmap_mapping_wald *wald,
                              vmap_error *err)
{
    double v = 0, r = (double)count, chi2;
    vmap_status status = check_tested(m, coefficient, count, err);

    if (!status)
        status = find_chi2(m, coefficient, count, &chi2, err);
    if (!status)
        status = find_freedom(m, coefficient, count, &v, err);
    if (status)
        return status;
    *wald = (vmap_mapping_wald){chi2, count, NAN, NAN, NAN};
    if (v - r + 1 >= LEAST_FREEDOM) {
        wald->f = (v - r + 1) / (v * r) * chi2;
        wald->df2 = v - r + 1;
        wald->p = gsl_cdf_fdist_Q(wald->f, r, wald->df2);
    }
    return VMAP_SUCCESS;
}
