#include <config.h>
#include "factor/extract_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>

#include "core/lapack.h"
#include "core/memory.h"
#include "core/numeric.h"

/* Discrepancies as functions of the uniquenesses alone (Joreskog 1967, 1977).
 *
 * A is R - Psi (ULS), Psi^-1/2 R Psi^-1/2 (ML) or Psi^1/2 R^-1 Psi^1/2 (GLS), with eigenvalues g_m;
 * the k that the factors take are the largest (ULS, ML) or, for GLS, the smallest, taken as the
 * largest of the matrix of ML. The others, "the rest", make up the discrepancy: ULS  sum g^2 / 2 ML
 * sum (g - ln g - 1)      GLS  sum (g - 1)^2 / 2 They are never computed: traces less the k known
 * ones give their sums. The variables x are psi (ULS) or ln psi. */

typedef struct {
    extract_run *run;
    size_t p, k;
    gsl_matrix *a;       /* p x p: decomposed */
    gsl_matrix *vectors, *weighted; /* p x k; and times what add_factors() gives each */
    gsl_vector *values;  /* k */
    gsl_matrix *rest;    /* p x p: part of A in the rest, for the second derivatives */
    gsl_matrix *square;  /* p x p: the same of A^2, GLS alone */
    gsl_matrix *space;   /* p x p: projector on the rest */
    gsl_matrix *hessian;
    gsl_vector *x, *trial, *gradient, *step, *scale;
    double low, high;
} concentrated;

static void free_concentrated(concentrated *c)
{
    gsl_matrix *m[] = {c->a, c->vectors, c->weighted, c->rest, c->square, c->space, c->hessian};
    gsl_vector *v[] = {c->values, c->x, c->trial, c->gradient, c->step, c->scale};

    for (size_t i = 0; i < sizeof m / sizeof *m; i++)
        gsl_matrix_free(m[i]);
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        gsl_vector_free(v[i]);
}

static vmap_status new_concentrated(extract_run *run, concentrated *c, vmap_error *err)
{
    size_t p = run->r->size1, k = run->options->factors;
    bool raw = run->options->method == VMAP_EXTRACT_ULS;

    *c = (concentrated){.run = run, .p = p, .k = k};
    c->a = memory_matrix(p, p, err);
    c->vectors = memory_matrix(p, k, err);
    c->weighted = memory_matrix(p, k, err);
    c->rest = memory_matrix(p, p, err);
    c->square = memory_matrix(p, p, err);
    c->space = memory_matrix(p, p, err);
    c->hessian = memory_matrix(p, p, err);
    c->values = gsl_vector_alloc(k);
    c->x = gsl_vector_alloc(p);
    c->trial = gsl_vector_alloc(p);
    c->gradient = gsl_vector_alloc(p);
    c->step = gsl_vector_alloc(p);
    c->scale = gsl_vector_alloc(p);
    c->low = raw ? run->options->bound : log(run->options->bound);
    c->high = raw ? 1 : 0;
    if (c->a && c->vectors && c->weighted && c->rest && c->square && c->space && c->hessian && c->values && c->x &&
        c->trial && c->gradient && c->step && c->scale)
        return VMAP_SUCCESS;
    free_concentrated(c);
    return vmap_error_set(err, VMAP_ENOMEM, "no memory to extract %zu factors of %zu items", k, p);
}

/* scale R scale with scale = exp(-x / 2), or R - diag(x). */
static void form(const concentrated *c, const gsl_vector *x, gsl_matrix *a)
{
    const gsl_matrix *r = c->run->r;

    if (c->run->options->method == VMAP_EXTRACT_ULS) {
        gsl_matrix_memcpy(a, r);
        for (size_t i = 0; i < c->p; i++)
            *gsl_matrix_ptr(a, i, i) -= gsl_vector_get(x, i);
        return;
    }
    for (size_t i = 0; i < c->p; i++) {
        const double *from = gsl_matrix_const_ptr(r, i, 0);
        double si = exp(-gsl_vector_get(x, i) / 2);

        gsl_vector_set(c->scale, i, si);
        for (size_t j = 0; j <= i; j++) {
            double value = from[j] * si * c->scale->data[j];

            gsl_matrix_set(a, i, j, value);
            gsl_matrix_set(a, j, i, value);
        }
    }
}

/* Psi^1/2 R^-1 Psi^1/2 of GLS. */
static void form_inverse(const concentrated *c, const gsl_vector *x, gsl_matrix *a)
{
    for (size_t i = 0; i < c->p; i++)
        gsl_vector_set(c->scale, i, exp(gsl_vector_get(x, i) / 2));
    for (size_t i = 0; i < c->p; i++) {
        for (size_t j = 0; j < c->p; j++)
            gsl_matrix_set(a, i, j,
                           gsl_matrix_get(c->run->inverse, i, j) * c->scale->data[i] * c->scale->data[j]);
    }
}

static double trace(const gsl_matrix *a)
{
    double sum = 0;

    for (size_t i = 0; i < a->size1; i++)
        sum += gsl_matrix_get(a, i, i);
    return sum;
}

static double sum_squares(const gsl_matrix *a)
{
    double sum = 0;

    for (size_t i = 0; i < a->size1 * a->size2; i++)
        sum += a->data[i] * a->data[i];
    return sum;
}

/* The discrepancy at x; leaves the k eigenvalues and vectors, and in `a` the matrix whose rest
 * counts. */
static vmap_status evaluate(concentrated *c, const gsl_vector *x, double *f, vmap_error *err)
{
    double p = (double)c->p, k = (double)c->k, sum = 0;
    vmap_status status;

    form(c, x, c->a);
    status = numeric_eigen_largest(c->a, c->values, c->vectors, err);
    if (status)
        return status;
    if (c->run->options->method == VMAP_EXTRACT_ULS) {
        for (size_t m = 0; m < c->k; m++)
            sum += gsl_vector_get(c->values, m) * gsl_vector_get(c->values, m);
        *f = (sum_squares(c->a) - sum) / 2;
    } else if (c->run->options->method == VMAP_EXTRACT_ML) {
        for (size_t i = 0; i < c->p; i++)
            sum += gsl_vector_get(x, i);
        *f = trace(c->a) - (c->run->log_determinant - sum) - (p - k);
        for (size_t m = 0; m < c->k; m++)
            *f += log(gsl_vector_get(c->values, m)) - gsl_vector_get(c->values, m);
    } else {
        form_inverse(c, x, c->a);
        for (size_t m = 0; m < c->k; m++)
            sum += gsl_pow_2(1 / gsl_vector_get(c->values, m) - 1);
        *f = (sum_squares(c->a) - 2 * trace(c->a) + p - sum) / 2;
    }
    return VMAP_SUCCESS;
}

/* out += sum over factors of coefficient w w': one product, where adding factor by factor goes through `out` k times. */
static void add_factors(const concentrated *c, const double *coefficient, gsl_matrix *out)
{
    for (size_t i = 0; i < c->p; i++) {
        for (size_t m = 0; m < c->k; m++)
            gsl_matrix_set(c->weighted, i, m, coefficient[m] * gsl_matrix_get(c->vectors, i, m));
    }
    gsl_blas_dgemm(CblasNoTrans, CblasTrans, 1, c->weighted, c->vectors, 1, out);
}

static double *new_coefficients(size_t k, vmap_error *err)
{
    return memory_new(k, sizeof(double), err);
}

/* `space`, `rest` (and `square`) of the rest of `a`, from the known eigenvalues. */
static vmap_status find_rest(concentrated *c, vmap_error *err)
{
    double *minus = new_coefficients(c->k, err);
    bool inverse = c->run->options->method == VMAP_EXTRACT_GLS;

    if (!minus)
        return VMAP_ENOMEM;
    gsl_matrix_memcpy(c->rest, c->a);
    for (size_t m = 0; m < c->k; m++)
        minus[m] = inverse ? -1 / gsl_vector_get(c->values, m) : -gsl_vector_get(c->values, m);
    add_factors(c, minus, c->rest);
    if (inverse)
        numeric_multiply(1, 0, c->rest, 0, c->rest, c->square);
    gsl_matrix_set_identity(c->space);
    for (size_t m = 0; m < c->k; m++)
        minus[m] = -1;
    add_factors(c, minus, c->space);
    free(minus);
    return VMAP_SUCCESS;
}

static void find_gradient(concentrated *c)
{
    for (size_t i = 0; i < c->p; i++) {
        double rest = gsl_matrix_get(c->rest, i, i), g;

        if (c->run->options->method == VMAP_EXTRACT_ULS)
            g = -rest;
        else if (c->run->options->method == VMAP_EXTRACT_ML)
            g = gsl_matrix_get(c->space, i, i) - rest;
        else
            g = gsl_matrix_get(c->square, i, i) - rest;
        gsl_vector_set(c->gradient, i, g);
    }
}

/* In one pass through the matrices, which are symmetric: the lower triangle is enough. */
static void fill_hessian(concentrated *c, const double *factors)
{
    const double *rest = c->rest->data, *square = c->square->data, *space = c->space->data;
    double *h = c->hessian->data;

    for (size_t i = 0; i < c->p; i++) {
        for (size_t at = i * c->p; at <= i * c->p + i; at++) {
            switch (c->run->options->method) {
            case VMAP_EXTRACT_ULS:
                h[at] = space[at] * space[at] - 2 * rest[at] * factors[at];
                break;
            case VMAP_EXTRACT_ML:
                h[at] = rest[at] * space[at] + (space[at] - rest[at]) * factors[at];
                break;
            default:
                h[at] = (square[at] - rest[at]) * (space[at] + factors[at]) + rest[at] * rest[at];
            }
        }
    }
}

/* Second derivatives. What two of the rest give each other is exact; what a factor gives the rest
 * takes the eigenvalues g of the rest as small beside the factor's (ULS) or near 1 (ML, GLS), which
 * neglects terms of the order of squared residuals. */
static vmap_status find_hessian(concentrated *c, vmap_error *err)
{
    vmap_extraction method = c->run->options->method;
    double *weight = new_coefficients(c->k, err);
    gsl_matrix *factors = c->a; /* no longer needed */

    if (!weight)
        return VMAP_ENOMEM;
    gsl_matrix_set_zero(factors);
    for (size_t m = 0; m < c->k; m++) {
        double g = gsl_vector_get(c->values, m);

        weight[m] = method == VMAP_EXTRACT_ULS ? (g > 1e-8 ? 1 / g : 0)
                    : g > 1 + 1e-8             ? (g + 1) / (g - 1)
                                               : 0;
    }
    add_factors(c, weight, factors);
    free(weight);
    fill_hessian(c, factors->data);
    return VMAP_SUCCESS;
}

static bool held(const concentrated *c, size_t i)
{
    double x = gsl_vector_get(c->x, i), g = gsl_vector_get(c->gradient, i);

    return (x <= c->low && g > 0) || (x >= c->high && g < 0);
}

static double free_gradient(const concentrated *c)
{
    double most = 0;

    for (size_t i = 0; i < c->p; i++) {
        if (!held(c, i))
            most = fmax(most, fabs(gsl_vector_get(c->gradient, i)));
    }
    return most;
}

/* Solve hessian step = -gradient over the variables that are not held. LAPACK takes the lower triangle for the upper
 * one. */
static bool solve_step(concentrated *c, gsl_matrix *h)
{
    int p = (int)c->p, info = 0;

    for (size_t i = 0; i < c->p; i++) {
        bool stay = held(c, i);

        gsl_vector_set(c->step, i, stay ? 0 : -gsl_vector_get(c->gradient, i));
        for (size_t j = 0; stay && j < c->p; j++) {
            gsl_matrix_set(h, i, j, i == j);
            gsl_matrix_set(h, j, i, i == j);
        }
    }
    dpotrf_("U", &p, h->data, &p, &info);
    return !info && !gsl_linalg_cholesky_svx(h, c->step) && isfinite(gsl_blas_dnrm2(c->step));
}

/* Newton's step; where the second derivatives are not positive definite, those of residuals that
 * vanish. */
static void find_step(concentrated *c)
{
    double size, limit = c->run->options->method == VMAP_EXTRACT_ULS ? .3 : 1;

    if (!solve_step(c, c->hessian)) {
        gsl_matrix_memcpy(c->hessian, c->space);
        gsl_matrix_mul_elements(c->hessian, c->space);
        for (size_t i = 0; i < c->p; i++)
            *gsl_matrix_ptr(c->hessian, i, i) += 1e-3;
        if (!solve_step(c, c->hessian)) {
            for (size_t i = 0; i < c->p; i++)
                gsl_vector_set(c->step, i, held(c, i) ? 0 : -gsl_vector_get(c->gradient, i));
        }
    }
    size = fabs(gsl_vector_get(c->step, gsl_blas_idamax(c->step)));
    if (size > limit)
        gsl_vector_scale(c->step, limit / size);
}

/* Go along the step, within the bounds, as far as the discrepancy falls enough. */
static vmap_status search(concentrated *c, double *f, bool *moved, vmap_error *err)
{
    double length = 1;

    *moved = false;
    for (int halvings = 0; halvings < 40 && !*moved; halvings++, length /= 2) {
        double slope = 0, now;
        vmap_status status;

        for (size_t i = 0; i < c->p; i++) {
            double x = gsl_vector_get(c->x, i) + length * gsl_vector_get(c->step, i);

            x = fmin(fmax(x, c->low), c->high);
            gsl_vector_set(c->trial, i, x);
            slope += gsl_vector_get(c->gradient, i) * (x - gsl_vector_get(c->x, i));
        }
        status = evaluate(c, c->trial, &now, err);
        if (status)
            return status;
        /* the last steps change the discrepancy by less than its rounding */
        if (now <= *f + 1e-4 * slope ||
            (slope > -1e-12 && now <= *f + 1e-13 * (1 + (double)c->p))) {
            gsl_vector_memcpy(c->x, c->trial);
            *f = now;
            *moved = true;
        }
    }
    return VMAP_SUCCESS;
}

static double psi_of(const concentrated *c, size_t i)
{
    double x = gsl_vector_get(c->x, i);

    return c->run->options->method == VMAP_EXTRACT_ULS ? x : exp(x);
}

/* The loadings that are best for the psi at hand. */
static void take_result(concentrated *c)
{
    bool raw = c->run->options->method == VMAP_EXTRACT_ULS;

    for (size_t i = 0; i < c->p; i++) {
        double psi = psi_of(c, i);

        gsl_vector_set(c->run->psi, i, psi);
        for (size_t m = 0; m < c->k; m++) {
            double g = gsl_vector_get(c->values, m) - (raw ? 0 : 1);

            gsl_matrix_set(c->run->loadings, i, m,
                           (raw ? 1 : sqrt(psi)) * sqrt(fmax(g, 0)) *
                               gsl_matrix_get(c->vectors, i, m));
        }
    }
}

static void take_start(concentrated *c)
{
    bool raw = c->run->options->method == VMAP_EXTRACT_ULS;

    for (size_t i = 0; i < c->p; i++) {
        double psi = gsl_vector_get(c->run->psi, i);

        gsl_vector_set(c->x, i, fmin(fmax(raw ? psi : log(psi), c->low), c->high));
    }
}

static vmap_status minimise(concentrated *c, vmap_error *err)
{
    extract_run *run = c->run;
    size_t most = run->options->iterations ? run->options->iterations : 500;
    double f = 0, tolerance = run->options->tolerance > 0 ? run->options->tolerance : 1e-9;
    bool moved = true;
    vmap_status status = evaluate(c, c->x, &f, err);

    for (run->iterations = 0; !status; run->iterations++) {
        status = find_rest(c, err);
        if (status)
            break;
        find_gradient(c);
        run->gradient = free_gradient(c);
        if (run->gradient <= tolerance || !moved || run->iterations == most)
            break;
        status = find_hessian(c, err);
        if (status)
            break;
        find_step(c);
        status = search(c, &f, &moved, err);
        if (!status && !moved)
            status = evaluate(c, c->x, &f, err);
    }
    run->converged = run->gradient <= fmax(tolerance, 1e-6);
    run->discrepancy = f;
    return status;
}

vmap_status extract_concentrated(extract_run *run, vmap_error *err)
{
    concentrated c;
    vmap_status status = new_concentrated(run, &c, err);

    if (status)
        return status;
    take_start(&c);
    status = minimise(&c, err);
    if (!status)
        take_result(&c);
    free_concentrated(&c);
    return status;
}
