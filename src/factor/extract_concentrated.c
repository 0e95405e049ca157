#include <config.h>
#include "factor/extract_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>

#include "core/lapack.h"
#include "core/leading.h"
#include "core/memory.h"
#include "core/numeric.h"

/* Discrepancies as functions of the uniquenesses alone (Joreskog 1967, 1977).
 *
 * A is R - Psi (ULS), Psi^-1/2 R Psi^-1/2 (ML) or Psi^1/2 R^-1 Psi^1/2 (GLS), with eigenvalues g_m;
 * the k that the factors take are the largest (ULS, ML) or, for GLS, the smallest, taken as the
 * largest of the matrix of ML. The others, "the rest", make up the discrepancy: ULS  sum g^2 / 2 ML
 * sum (g - ln g - 1)      GLS  sum (g - 1)^2 / 2 They are never computed: traces less the k known
 * ones give their sums. The variables x are psi (ULS) or ln psi. */

enum { BAND = 32 }; /* rows that are worked on side by side */

/* How near an optimum, in ln psi or psi, a start is that need not be followed to its end. */
#define NEAR_LOG .25
#define NEAR_RAW .1

/* Precision of the first vectors, whose discrepancies are then right to all their digits. */
#define ROUGH 1e-8

typedef struct {
    extract_run *run;
    size_t p, k;
    leading *warm;       /* the eigenvalues from those of the step before; NULL: from nothing */
    double precision;    /* of their vectors */
    int waits;    /* evaluations until that is tried again */
    gsl_matrix *a;       /* p x p: decomposed; for GLS and with `warm` not left */
    gsl_matrix *vectors, *weighted; /* p x k; and times what band_product() gives each */
    gsl_vector *values;  /* k */
    gsl_matrix *rest;    /* p x p: part of A in the rest, and of A^2: GLS alone */
    gsl_matrix *square;
    gsl_matrix *band[3]; /* BAND x p */
    gsl_matrix *hessian;
    gsl_vector *x, *trial, *gradient, *step, *scale;
    double low, high;
} concentrated;

static void free_concentrated(concentrated *c)
{
    gsl_matrix *m[] = {c->a,       c->vectors, c->weighted, c->rest,   c->square,
                       c->hessian, c->band[0], c->band[1],  c->band[2]};
    gsl_vector *v[] = {c->values, c->x, c->trial, c->gradient, c->step, c->scale};

    for (size_t i = 0; i < sizeof m / sizeof *m; i++)
        gsl_matrix_free(m[i]);
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        gsl_vector_free(v[i]);
}

static bool is_uls(const concentrated *c)
{
    return c->run->options->method == VMAP_EXTRACT_ULS;
}

static bool is_gls(const concentrated *c)
{
    return c->run->options->method == VMAP_EXTRACT_GLS;
}

static vmap_status new_concentrated(extract_run *run, concentrated *c, vmap_error *err)
{
    size_t p = run->r->size1, k = run->options->factors;
    bool ready = true;

    *c = (concentrated){.run = run, .p = p, .k = k, .warm = run->warm};
    c->a = memory_matrix(p, p, err);
    c->vectors = memory_matrix(p, k, err);
    c->weighted = memory_matrix(p, k, err);
    for (size_t i = 0; i < 3; i++)
        ready = (c->band[i] = memory_matrix(BAND, p, err)) && ready;
    c->hessian = memory_matrix(p, p, err);
    if (is_gls(c)) {
        c->rest = memory_matrix(p, p, err);
        c->square = memory_matrix(p, p, err);
        ready = ready && c->rest && c->square;
    }
    c->values = gsl_vector_alloc(k);
    c->x = gsl_vector_alloc(p);
    c->trial = gsl_vector_alloc(p);
    c->gradient = gsl_vector_alloc(p);
    c->step = gsl_vector_alloc(p);
    c->scale = gsl_vector_alloc(p);
    c->low = is_uls(c) ? run->options->bound : log(run->options->bound);
    c->high = is_uls(c) ? 1 : 0;
    if (ready && c->a && c->vectors && c->weighted && c->hessian && c->values && c->x && c->trial && c->gradient &&
        c->step && c->scale)
        return VMAP_SUCCESS;
    free_concentrated(c);
    return vmap_error_set(err, VMAP_ENOMEM, "no memory to extract %zu factors of %zu items", k, p);
}

/* scale R scale with scale = exp(-x / 2), or R - diag(x). */
static void form(const concentrated *c, const gsl_vector *x, gsl_matrix *a)
{
    const gsl_matrix *r = c->run->r;

    if (is_uls(c)) {
        gsl_matrix_memcpy(a, r);
        for (size_t i = 0; i < c->p; i++)
            *gsl_matrix_ptr(a, i, i) -= gsl_vector_get(x, i);
        return;
    }
    for (size_t i = 0; i < c->p; i++) {
        const double *from = gsl_matrix_const_ptr(r, i, 0);

        for (size_t j = 0; j <= i; j++) {
            double value = from[j] * c->scale->data[i] * c->scale->data[j];

            gsl_matrix_set(a, i, j, value);
            gsl_matrix_set(a, j, i, value);
        }
    }
}

/* Psi^1/2 R^-1 Psi^1/2 of GLS. */
static void form_inverse(const concentrated *c, gsl_matrix *a)
{
    for (size_t i = 0; i < c->p; i++) {
        for (size_t j = 0; j < c->p; j++)
            gsl_matrix_set(a, i, j, gsl_matrix_get(c->run->inverse, i, j) / (c->scale->data[i] * c->scale->data[j]));
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

/* From those of the matrix before. Where that was no use it will hardly be of any at once. */
static bool follow(concentrated *c, const gsl_vector *x)
{
    bool found;

    if (!c->warm || c->waits > 0) {
        c->waits -= c->waits > 0;
        return false;
    }
    found = leading_find(c->warm, c->run->r, is_uls(c) ? NULL : c->scale, is_uls(c) ? x : NULL, c->precision, c->values,
                         c->vectors);
    c->waits = found ? 0 : 3;
    return found;
}

/* The k eigenvalues and vectors at x. */
static vmap_status decompose(concentrated *c, const gsl_vector *x, vmap_error *err)
{
    for (size_t i = 0; !is_uls(c) && i < c->p; i++)
        gsl_vector_set(c->scale, i, exp(-gsl_vector_get(x, i) / 2));
    if (follow(c, x))
        return VMAP_SUCCESS;
    form(c, x, c->a);
    return numeric_eigen_largest(c->a, c->values, c->vectors, err);
}

/* The discrepancy at x, from the k eigenvalues; GLS leaves the matrix whose rest counts in `a`. */
static vmap_status evaluate(concentrated *c, const gsl_vector *x, double *f, vmap_error *err)
{
    double p = (double)c->p, k = (double)c->k, sum = 0;
    vmap_status status = decompose(c, x, err);

    if (status)
        return status;
    if (is_uls(c)) {
        for (size_t i = 0; i < c->p; i++)
            sum += gsl_pow_2(gsl_matrix_get(c->run->r, i, i) - gsl_vector_get(x, i)) - 1;
        for (size_t m = 0; m < c->k; m++)
            sum -= gsl_pow_2(gsl_vector_get(c->values, m));
        *f = (c->run->squares + sum) / 2;
    } else if (c->run->options->method == VMAP_EXTRACT_ML) {
        *f = k - p - c->run->log_determinant;
        for (size_t i = 0; i < c->p; i++)
            *f += gsl_vector_get(x, i) + gsl_pow_2(gsl_vector_get(c->scale, i)) * gsl_matrix_get(c->run->r, i, i);
        for (size_t m = 0; m < c->k; m++)
            *f += log(gsl_vector_get(c->values, m)) - gsl_vector_get(c->values, m);
    } else {
        form_inverse(c, c->a);
        for (size_t m = 0; m < c->k; m++)
            sum += gsl_pow_2(1 / gsl_vector_get(c->values, m) - 1);
        *f = (sum_squares(c->a) - 2 * trace(c->a) + p - sum) / 2;
    }
    return VMAP_SUCCESS;
}

/* out = beta out + sum over factors of coefficient w w', for the given rows, up to column `columns`. */
static void add_factors(const concentrated *c, const double *coefficient, size_t from, size_t rows, size_t columns,
                        double beta, gsl_matrix *out)
{
    gsl_matrix_view left = gsl_matrix_submatrix(c->weighted, 0, 0, rows, c->k);
    gsl_matrix_const_view right = gsl_matrix_const_submatrix(c->vectors, 0, 0, columns, c->k);
    gsl_matrix_view part = gsl_matrix_submatrix(out, 0, 0, rows, columns);

    for (size_t i = 0; i < rows; i++) {
        for (size_t m = 0; m < c->k; m++)
            gsl_matrix_set(c->weighted, i, m, coefficient[m] * gsl_matrix_get(c->vectors, from + i, m));
    }
    gsl_blas_dgemm(CblasNoTrans, CblasTrans, 1, &left.matrix, &right.matrix, beta, &part.matrix);
}

/* What the k factors weigh in the matrices of a step: -1 takes them off the identity, `minus` off A. */
typedef struct {
    double *one, *minus, *hessian;
} coefficients;

static vmap_status new_coefficients(const concentrated *c, coefficients *w, vmap_error *err)
{
    bool uls = is_uls(c);

    w->one = memory_new(3 * c->k, sizeof *w->one, err);
    if (!w->one)
        return VMAP_ENOMEM;
    w->minus = w->one + c->k;
    w->hessian = w->minus + c->k;
    for (size_t m = 0; m < c->k; m++) {
        double g = gsl_vector_get(c->values, m);

        w->one[m] = -1;
        w->minus[m] = is_gls(c) ? -1 / g : -g;
        w->hessian[m] = uls ? (g > 1e-8 ? 1 / g : 0) : g > 1 + 1e-8 ? (g + 1) / (g - 1) : 0;
    }
    return VMAP_SUCCESS;
}

/* Rest of the inverse, and its square. */
static void find_rest(concentrated *c, const coefficients *w)
{
    gsl_matrix_memcpy(c->rest, c->a);
    for (size_t from = 0; from < c->p; from += BAND) {
        size_t rows = GSL_MIN(BAND, c->p - from);
        gsl_matrix_view band = gsl_matrix_submatrix(c->rest, from, 0, rows, c->p);

        add_factors(c, w->minus, from, rows, c->p, 1, &band.matrix);
    }
    numeric_multiply(1, 0, c->rest, 0, c->rest, c->square);
}

/* Diagonals of A and of the projector on the rest, less the factors'. */
static vmap_status find_gradient(concentrated *c, vmap_error *err)
{
    coefficients w;
    vmap_status status = new_coefficients(c, &w, err);

    if (status)
        return status;
    if (is_gls(c))
        find_rest(c, &w);
    for (size_t i = 0; i < c->p; i++) {
        double r = gsl_matrix_get(c->run->r, i, i), rest, space = 1;

        rest = is_gls(c)   ? gsl_matrix_get(c->rest, i, i)
               : is_uls(c) ? r - gsl_vector_get(c->x, i)
                           : r * gsl_pow_2(gsl_vector_get(c->scale, i));
        for (size_t m = 0; m < c->k; m++) {
            double square = gsl_pow_2(gsl_matrix_get(c->vectors, i, m));

            space -= square;
            rest += is_gls(c) ? 0 : w.minus[m] * square;
        }
        gsl_vector_set(c->gradient, i,
                       is_gls(c) ? gsl_matrix_get(c->square, i, i) - rest : is_uls(c) ? -rest : space - rest);
    }
    free(w.one);
    return VMAP_SUCCESS;
}

/* Rows of A's rest, of the projector on it and of the factors, up to the diagonal, into the bands. */
static void find_bands(const concentrated *c, const coefficients *w, size_t from, size_t rows)
{
    size_t columns = from + rows;
    const double *scale = c->scale->data;

    for (size_t i = 0; i < rows; i++) {
        const double *r = gsl_matrix_const_ptr(is_gls(c) ? c->rest : c->run->r, from + i, 0);
        double *rest = gsl_matrix_ptr(c->band[0], i, 0), *space = gsl_matrix_ptr(c->band[1], i, 0);

        if (is_uls(c) || is_gls(c))
            memcpy(rest, r, columns * sizeof *rest);
        else
            for (size_t j = 0; j < columns; j++)
                rest[j] = r[j] * scale[from + i] * scale[j];
        rest[from + i] -= is_uls(c) ? gsl_vector_get(c->x, from + i) : 0;
        memset(space, 0, columns * sizeof *space);
        space[from + i] = 1;
    }
    if (!is_gls(c))
        add_factors(c, w->minus, from, rows, columns, 1, c->band[0]);
    add_factors(c, w->one, from, rows, columns, 1, c->band[1]);
    add_factors(c, w->hessian, from, rows, columns, 0, c->band[2]);
}

/* What is made of the bands: second derivatives, those that suppose that residuals vanish, or A's rest itself. */
typedef enum { EXACT, PLAIN, REST } filling;

static void fill_row(const concentrated *c, const double *rest, const double *space, const double *factors, size_t i,
                     filling what)
{
    double *h = gsl_matrix_ptr(c->hessian, i, 0);
    const double *square = is_gls(c) ? gsl_matrix_const_ptr(c->square, i, 0) : NULL;

    if (what == REST)
        memcpy(h, rest, (i + 1) * sizeof *h);
    else if (what == PLAIN)
        for (size_t j = 0; j <= i; j++)
            h[j] = space[j] * space[j] + (i == j ? 1e-3 : 0);
    else if (is_uls(c))
        for (size_t j = 0; j <= i; j++)
            h[j] = space[j] * space[j] - 2 * rest[j] * factors[j];
    else if (is_gls(c))
        for (size_t j = 0; j <= i; j++)
            h[j] = (square[j] - rest[j]) * (space[j] + factors[j]) + rest[j] * rest[j];
    else
        for (size_t j = 0; j <= i; j++)
            h[j] = rest[j] * space[j] + (space[j] - rest[j]) * factors[j];
}

/* Into `hessian`, lower triangle. Of second derivatives, what two of the rest give each other is exact; what a factor gives
 * the rest takes the eigenvalues g of the rest as small beside the factor's (ULS) or near 1 (ML, GLS), which
 * neglects terms of the order of squared residuals. */
static vmap_status fill(concentrated *c, filling what, vmap_error *err)
{
    coefficients w;
    vmap_status status = new_coefficients(c, &w, err);

    if (status)
        return status;
    for (size_t from = 0; from < c->p; from += BAND) {
        size_t rows = GSL_MIN(BAND, c->p - from);

        find_bands(c, &w, from, rows);
        for (size_t i = 0; i < rows; i++)
            fill_row(c, gsl_matrix_const_ptr(c->band[0], i, 0), gsl_matrix_const_ptr(c->band[1], i, 0),
                     gsl_matrix_const_ptr(c->band[2], i, 0), from + i, what);
    }
    free(w.one);
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
 * vanish. *newton tells which. */
static vmap_status find_step(concentrated *c, bool *newton, vmap_error *err)
{
    double size, limit = is_uls(c) ? .3 : 1;
    vmap_status status = fill(c, EXACT, err);

    *newton = !status && solve_step(c, c->hessian);
    if (!status && !*newton) {
        status = fill(c, PLAIN, err);
        if (!status && !solve_step(c, c->hessian)) {
            for (size_t i = 0; i < c->p; i++)
                gsl_vector_set(c->step, i, held(c, i) ? 0 : -gsl_vector_get(c->gradient, i));
        }
    }
    if (status)
        return status;
    size = fabs(gsl_vector_get(c->step, gsl_blas_idamax(c->step)));
    if (size > limit)
        gsl_vector_scale(c->step, limit / size);
    return VMAP_SUCCESS;
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

    return is_uls(c) ? x : exp(x);
}

/* The loadings that are best for the psi at hand. */
static void take_result(concentrated *c)
{
    bool raw = is_uls(c);

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
    bool raw = is_uls(c);

    for (size_t i = 0; i < c->p; i++) {
        double psi = gsl_vector_get(c->run->psi, i);

        gsl_vector_set(c->x, i, fmin(fmax(raw ? psi : log(psi), c->low), c->high));
    }
}

/* Is a start on its way to an optimum that another one found: does the minimum of the quadratic that has the first and
 * second derivatives here lie there, to a quarter of the way, which is not long? */
static bool is_known(const concentrated *c, const gsl_vector *optimum)
{
    double far = 0, off = 0;

    for (size_t i = 0; i < c->p; i++) {
        double way = gsl_vector_get(optimum, i) - gsl_vector_get(c->x, i);

        far = fmax(far, fabs(way));
        off = fmax(off, fabs(gsl_vector_get(c->step, i) - way));
    }
    return far <= (is_uls(c) ? NEAR_RAW : NEAR_LOG) && off <= far / 4;
}

static bool take_known(concentrated *c, double f)
{
    extract_run *run = c->run;

    for (size_t o = 0; o < run->known; o++) {
        gsl_vector_const_view optimum = gsl_matrix_const_row(run->optima, o);

        if (f < run->optima_f[o] - 1e-9 * (1 + fabs(f)) || !is_known(c, &optimum.vector))
            continue;
        run->discrepancy = run->optima_f[o];
        run->repeated = run->converged = true;
        return true;
    }
    return false;
}

static void add_known(concentrated *c)
{
    extract_run *run = c->run;

    if (!run->optima || run->known == run->optima->size1 || !run->converged)
        return;
    run->optima_f[run->known] = run->discrepancy;
    gsl_matrix_set_row(run->optima, run->known++, c->x);
}

/* Are the vectors not those of which a result is made? */
static bool is_rough(const concentrated *c)
{
    return c->warm && c->precision > LEADING_FINEST;
}

static vmap_status minimise(concentrated *c, vmap_error *err)
{
    extract_run *run = c->run;
    size_t most = run->options->iterations ? run->options->iterations : 500;
    double f = 0, tolerance = run->options->tolerance > 0 ? run->options->tolerance : 1e-9;
    bool moved = true, newton;
    vmap_status status = evaluate(c, c->x, &f, err);

    for (; !status; run->iterations++) {
        status = find_gradient(c, err);
        if (status)
            break;
        run->gradient = free_gradient(c);
        if (run->gradient <= tolerance || !moved || run->iterations >= most) {
            if (!is_rough(c))
                break;
            c->precision = LEADING_FINEST; /* judge it once more */
            status = evaluate(c, c->x, &f, err);
            run->iterations--;
            continue;
        }
        c->precision = fmax(LEADING_FINEST, fmin(c->precision, 1e-7 * run->gradient));
        status = find_step(c, &newton, err);
        if (status || (newton && take_known(c, f)))
            return status;
        status = search(c, &f, &moved, err);
        if (!status && !moved)
            status = evaluate(c, c->x, &f, err);
    }
    run->converged = run->gradient <= fmax(tolerance, 1e-6);
    run->discrepancy = f;
    return status;
}

/* Are the k eigenvalues that were followed the largest ones? */
static vmap_status is_complete(concentrated *c, bool *complete, vmap_error *err)
{
    double most = gsl_vector_get(c->values, c->k - 1) + 1e-9 * fabs(gsl_vector_get(c->values, 0));
    vmap_status status = fill(c, REST, err);

    if (!status)
        *complete = leading_complete(c->hessian, most);
    return status;
}

vmap_status extract_concentrated(extract_run *run, vmap_error *err)
{
    concentrated c;
    bool complete = true;
    vmap_status status = new_concentrated(run, &c, err);

    if (status)
        return status;
    take_start(&c);
    c.precision = ROUGH;
    run->iterations = 0;
    run->repeated = false;
    status = minimise(&c, err);
    if (!status && c.warm && !run->repeated)
        status = is_complete(&c, &complete, err);
    if (!status && !complete) { /* on from here with those of a whole decomposition */
        c.warm = NULL;
        status = minimise(&c, err);
    }
    if (!status && !run->repeated) {
        take_result(&c);
        add_known(&c);
    }
    free_concentrated(&c);
    return status;
}
