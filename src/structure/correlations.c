#include <config.h>
#include "structure/correlations.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "structure/pairs.h"

static vmap_status check(const gsl_matrix *r, double n, vmap_error *err)
{
    if (!(n >= 2))
        return vmap_error_set(err, VMAP_EDATA, "correlations of %g respondents", n);
    for (size_t i = 0; i < r->size1; i++) {
        for (size_t j = 0; j < r->size2; j++) {
            if (!isfinite(gsl_matrix_get(r, i, j)))
                return vmap_error_set(err, VMAP_EDATA, "correlation %zu, %zu is not a finite number",
                                      i + 1, j + 1);
        }
    }
    return VMAP_SUCCESS;
}

/* ---- descriptions ---- */

static void put_difference(vmap_correlations *c, const double *r1, const double *r2)
{
    double squares = 0, count = (double)c->pairs;
    const double *a = r1, *b = r2;

    for (size_t i = 1; i < c->p; i++) {
        for (size_t j = 0; j < i; j++, a++, b++) {
            squares += (*b - *a) * (*b - *a);
            c->bias += (fabs(*b) - fabs(*a)) / count;
            c->apart += (fabs(*b - *a) > .1) / count;
            c->flips += (*a * *b < 0) / count;
            if (c->i == 0 || fabs(*b - *a) > fabs(c->largest)) {
                c->largest = *b - *a;
                c->i = i;
                c->j = j;
            }
        }
    }
    c->rms = sqrt(squares / count);
}

static void unfold(const gsl_matrix *r, double *to)
{
    for (size_t i = 1; i < r->size1; i++) {
        for (size_t j = 0; j < i; j++)
            *to++ = gsl_matrix_get(r, i, j);
    }
}

static vmap_status put_pairs(vmap_correlations *c, const gsl_matrix *r1, const gsl_matrix *r2,
                             vmap_error *err)
{
    double *v = memory_new(2 * c->pairs, sizeof *v, err);
    pairs both = {.n = 0};
    vmap_status status = v ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        unfold(r1, v);
        unfold(r2, v + c->pairs);
        put_difference(c, v, v + c->pairs);
        status = pairs_new(&both, v, v + c->pairs, c->pairs, err);
    }
    if (!status) {
        c->r = pairs_correlation(both.x, both.y, both.n);
        c->rank = pairs_spearman(&both);
    }
    pairs_free(&both);
    free(v);
    return status;
}

/* Is the least eigenvalue what rounding leaves of 0? */
static bool is_singular(const gsl_vector *values)
{
    return fabs(gsl_vector_get(values, values->size - 1)) < 1e-9;
}

static vmap_status put_spectra(vmap_correlations *c, const gsl_matrix *r1, const gsl_matrix *r2, bool *singular,
                               vmap_error *err)
{
    gsl_vector *l = gsl_vector_calloc(c->p);
    double ab = 0, aa = 0, bb = 0;
    vmap_status status = l ? numeric_eigenvalues(r1, l, err) : VMAP_ENOMEM;

    if (!status) {
        c->first1 = gsl_vector_get(l, 0) / (double)c->p;
        *singular = is_singular(l);
        status = numeric_eigenvalues(r2, l, err);
    }
    if (!status) {
        c->first2 = gsl_vector_get(l, 0) / (double)c->p;
        *singular |= is_singular(l);
    }
    for (size_t i = 0; i < c->p; i++) {
        for (size_t j = 0; j < c->p; j++) {
            double a = gsl_matrix_get(r1, i, j), b = gsl_matrix_get(r2, i, j);

            ab += a * b;
            aa += a * a;
            bb += b * b;
        }
    }
    c->distance = fmax(0, 1 - ab / sqrt(aa * bb));
    gsl_vector_free(l);
    return status;
}

/* ---- tests ---- */

static void put_steiger(vmap_correlations *c, const gsl_matrix *r1, double n1, const gsl_matrix *r2,
                        double n2)
{
    double sum = 0;

    for (size_t i = 0; i < c->p; i++) {
        for (size_t j = 0; j < i; j++)
            sum += pow(atanh(gsl_matrix_get(r2, i, j)) - atanh(gsl_matrix_get(r1, i, j)), 2);
    }
    c->steiger = n1 > 3 && n2 > 3 && isfinite(sum) ? sum / (1 / (n1 - 3) + 1 / (n2 - 3)) : NAN;
    c->steiger_p = isnan(c->steiger) ? NAN : gsl_cdf_chisq_Q(c->steiger, c->df);
}

/* Matrices of p x p, all of them work space. */
typedef struct {
    gsl_matrix *pooled, *inverse, *z, *s;
} workspace;

/* tr(Z^2) and dg(Z)'S^-1 dg(Z); `pooled` becomes S and `s` its inverse. */
static double jennrich_of(workspace *w, size_t p)
{
    double traces = 0, diagonal = 0;

    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < p; j++) {
            traces += gsl_matrix_get(w->z, i, j) * gsl_matrix_get(w->z, j, i);
            *gsl_matrix_ptr(w->pooled, i, j) *= gsl_matrix_get(w->inverse, i, j);
        }
        *gsl_matrix_ptr(w->pooled, i, i) += 1;
    }
    if (numeric_invert(w->pooled, w->s, NULL))
        return NAN;
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < p; j++)
            diagonal +=
                gsl_matrix_get(w->z, i, i) * gsl_matrix_get(w->s, i, j) * gsl_matrix_get(w->z, j, j);
    }
    return traces / 2 - diagonal;
}

static vmap_status put_jennrich(vmap_correlations *c, const gsl_matrix *r1, double n1,
                                const gsl_matrix *r2, double n2, vmap_error *err)
{
    size_t p = c->p;
    workspace w = {memory_matrix(p, p, err), memory_matrix(p, p, err), memory_matrix(p, p, err),
                   memory_matrix(p, p, err)};
    vmap_status status = w.pooled && w.inverse && w.z && w.s ? VMAP_SUCCESS : VMAP_ENOMEM;

    c->jennrich = c->jennrich_p = NAN;
    for (size_t i = 0; !status && i < p * p; i++) {
        size_t a = i / p, b = i % p;
        double x = gsl_matrix_get(r1, a, b), y = gsl_matrix_get(r2, a, b);

        gsl_matrix_set(w.pooled, a, b, (n1 * x + n2 * y) / (n1 + n2));
        gsl_matrix_set(w.s, a, b, x - y);
    }
    if (!status && numeric_invert(w.pooled, w.inverse, NULL) == VMAP_SUCCESS) {
        numeric_multiply(sqrt(n1 * n2 / (n1 + n2)), 0, w.inverse, 0, w.s, w.z);
        c->jennrich = jennrich_of(&w, p);
        c->jennrich_p = isnan(c->jennrich) ? NAN : gsl_cdf_chisq_Q(fmax(0, c->jennrich), c->df);
    }
    gsl_matrix_free(w.pooled);
    gsl_matrix_free(w.inverse);
    gsl_matrix_free(w.z);
    gsl_matrix_free(w.s);
    return status;
}

vmap_status correlations_differences(vmap_correlations *c, const gsl_matrix *r1, double n1, const gsl_matrix *r2, double n2,
                                     vmap_error *err)
{
    double squares = 0;
    bool singular = false;
    vmap_status status = put_spectra(c, r1, r2, &singular, err);

    for (size_t i = 1; i < c->p; i++) {
        for (size_t j = 0; j < i; j++)
            squares += pow(gsl_matrix_get(r2, i, j) - gsl_matrix_get(r1, i, j), 2);
    }
    c->frobenius = sqrt(2 * squares);
    put_steiger(c, r1, n1, r2, n2);
    c->jennrich = c->jennrich_p = NAN;
    return status || singular ? status : put_jennrich(c, r1, n1, r2, n2, err);
}

vmap_status vmap_structure_correlations(const gsl_matrix *r1, double n1, const gsl_matrix *r2,
                                        double n2, vmap_correlations *result, vmap_error *err)
{
    size_t p = r1->size1;
    vmap_correlations c = {.p = p, .pairs = p * (p - 1) / 2};
    vmap_status status;

    if (p < 2 || r1->size2 != p || r2->size1 != p || r2->size2 != p)
        return vmap_error_set(err, VMAP_EINVAL,
                              "correlations of people (%zu x %zu) and personas (%zu x %zu) are square "
                              "and of the same items, two at least",
                              r1->size1, r1->size2, r2->size1, r2->size2);
    c.df = (double)c.pairs;
    status = check(r1, n1, err);
    if (!status)
        status = check(r2, n2, err);
    if (!status)
        status = put_pairs(&c, r1, r2, err);
    if (!status)
        status = correlations_differences(&c, r1, n1, r2, n2, err);
    if (!status)
        *result = c;
    return status;
}
