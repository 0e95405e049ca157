#include <config.h>
#include "valuemap/mapping.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_blas.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "mapping/mapping_internal.h"
#include "structure/permute.h"

/* ---- Freedman and Lane ---- */

/* Residuals of the model without what is tested, and orthonormal columns of what is kept and of what is
 * tested, given what is kept. */
typedef struct {
    const gsl_matrix *kept, *tested, *residual;
} freedman_lane;

/* Square of what lies along each column of q, for outcome m in this order. */
static double squares_along(const gsl_matrix *q, const gsl_matrix *residual, const size_t *order, size_t m)
{
    double squares = 0;

    for (size_t a = 0; q && a < q->size2; a++) {
        double along = 0;

        for (size_t i = 0; i < q->size1; i++)
            along += gsl_matrix_get(q, i, a) * gsl_matrix_get(residual, order[i], m);
        squares += along * along;
    }
    return squares;
}

/* Of each outcome: explained by what is tested over what nothing explains, which goes up with F; last: the
 * same of all outcomes, whose residuals are those of standardised outcomes. */
static void compare(const void *context, const size_t *order, double *scratch, double *value)
{
    const freedman_lane *f = context;
    size_t k = f->residual->size2;
    double all_explained = 0, all_rest = 0;

    (void)scratch;
    for (size_t m = 0; m < k; m++) {
        double explained = squares_along(f->tested, f->residual, order, m), rest = 0;

        for (size_t i = 0; i < f->residual->size1; i++)
            rest += pow(gsl_matrix_get(f->residual, i, m), 2);
        rest -= explained + squares_along(f->kept, f->residual, order, m);
        value[m] = explained / fmax(rest, 1e-300);
        all_explained += explained;
        all_rest += rest;
    }
    value[k] = all_explained / fmax(all_rest, 1e-300);
}

static vmap_status test_part(const freedman_lane *f, const vmap_permutation_options *options, double *p, vmap_error *err)
{
    size_t n = f->residual->size1, k = f->residual->size2;
    const permute_test test = {n, k + 1, 0, f, compare};
    size_t *order = memory_new(n, sizeof *order, err);
    double *observed = memory_new(k + 1, sizeof *observed, err);
    vmap_status status = order && observed ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < n; i++)
        order[i] = i;
    if (!status) {
        compare(f, order, NULL, observed);
        status = permute_p(&test, options, observed, p, err);
    }
    free(order);
    free(observed);
    return status;
}

static vmap_status test_predictor(const gsl_matrix *x, const gsl_matrix *y, size_t j,
                                  const vmap_permutation_options *options, double *p, vmap_error *err)
{
    mapping_basis basis = {NULL, NULL};
    vmap_status status = mapping_basis_last(x, j, NULL, &basis, err);

    if (!status) {
        gsl_matrix_view kept = gsl_matrix_submatrix(basis.q, 0, 0, x->size1, x->size2);
        gsl_matrix_view tested = gsl_matrix_submatrix(basis.q, 0, x->size2, x->size1, 1);
        gsl_matrix *residual = mapping_rest(&kept.matrix, y, err);
        const freedman_lane f = {&kept.matrix, &tested.matrix, residual};

        status = residual ? test_part(&f, options, p, err) : VMAP_ENOMEM;
        gsl_matrix_free(residual);
    }
    mapping_basis_free(&basis);
    return status;
}

static vmap_status test_whole(const gsl_matrix *x, const gsl_matrix *y, const vmap_permutation_options *options, double *p,
                              vmap_error *err)
{
    mapping_basis basis = {NULL, NULL};
    vmap_status status = mapping_basis_new(x, true, &basis, err);

    if (!status) {
        gsl_matrix_view tested = gsl_matrix_submatrix(basis.q, 0, 1, x->size1, x->size2);
        const freedman_lane f = {NULL, &tested.matrix, y};

        status = test_part(&f, options, p, err);
    }
    mapping_basis_free(&basis);
    return status;
}

vmap_status vmap_mapping_permute(const gsl_matrix *x, const gsl_matrix *y, const vmap_permutation_options *options,
                                 gsl_vector *whole, gsl_matrix *coefficient, vmap_error *err)
{
    const vmap_permutation_options o = permute_options(options);
    size_t k = y->size2, p = x->size2;
    gsl_matrix *scaled = NULL;
    double *found = NULL;
    vmap_status status = mapping_check(x, y, p + 2, err);

    if (!status)
        status = mapping_check_p(x, y, whole, coefficient, err);
    if (!status && (!(scaled = mapping_centred(y, true, NULL, NULL, err)) ||
                    !(found = memory_new((p + 1) * (k + 1), sizeof *found, err))))
        status = VMAP_ENOMEM;
    if (!status && whole)
        status = test_whole(x, scaled, &o, found, err);
    for (size_t j = 0; !status && coefficient && j < p; j++)
        status = test_predictor(x, scaled, j, &o, found + (j + 1) * (k + 1), err);
    if (!status)
        mapping_put_p(found, whole, coefficient);
    gsl_matrix_free(scaled);
    free(found);
    return status;
}

/* ---- Moran's I ---- */

typedef struct {
    const gsl_matrix *q, *residual, *nearness;
    double total; /* of the weights */
} moran;

/* n / sum(w) e'We / e'e for what q leaves of the residuals in this order; scratch holds n numbers. */
static void find_moran(const void *context, const size_t *order, double *scratch, double *value)
{
    const moran *m = context;
    size_t n = m->residual->size1;

    for (size_t c = 0; c < m->residual->size2; c++) {
        double cross = 0, squares = 0;

        for (size_t i = 0; i < n; i++)
            scratch[i] = gsl_matrix_get(m->residual, order[i], c);
        for (size_t a = 0; a < m->q->size2; a++) {
            double along = 0;

            for (size_t i = 0; i < n; i++)
                along += gsl_matrix_get(m->q, i, a) * scratch[i];
            for (size_t i = 0; i < n; i++)
                scratch[i] -= along * gsl_matrix_get(m->q, i, a);
        }
        for (size_t i = 0; i < n; i++) {
            squares += scratch[i] * scratch[i];
            for (size_t j = 0; j < n; j++)
                cross += i == j ? 0 : gsl_matrix_get(m->nearness, i, j) * scratch[i] * scratch[j];
        }
        value[c] = (double)n / m->total * cross / squares;
    }
}

static vmap_status check_nearness(const gsl_matrix *w, size_t n, double *total, vmap_error *err)
{
    if (w->size1 != n || w->size2 != n)
        return vmap_error_set(err, VMAP_EINVAL, "%zu x %zu weights of %zu rows", w->size1, w->size2, n);
    *total = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double v = gsl_matrix_get(w, i, j);

            if (i != j && !(v >= 0 && isfinite(v)))
                return vmap_error_set(err, VMAP_EDATA, "the weight of rows %zu and %zu is %g; it must not be negative", i + 1,
                                      j + 1, v);
            *total += i == j ? 0 : v;
        }
    }
    return *total > 0 ? VMAP_SUCCESS : vmap_error_set(err, VMAP_EDATA, "no row is near another: all weights are 0");
}

/* The basis of the predictors, or of the intercept alone. */
static vmap_status new_basis(const gsl_matrix *x, size_t n, mapping_basis *basis, vmap_error *err)
{
    gsl_matrix *one;
    vmap_status status;

    if (x)
        return mapping_basis_new(x, true, basis, err);
    one = memory_matrix(n, 1, err);
    if (!one)
        return VMAP_ENOMEM;
    gsl_matrix_set_all(one, 1);
    status = mapping_basis_new(one, false, basis, err);
    gsl_matrix_free(one);
    return status;
}

vmap_status vmap_mapping_moran(const gsl_matrix *x, const gsl_matrix *y, const gsl_matrix *nearness,
                               const vmap_permutation_options *options, vmap_structure_test *test, vmap_error *err)
{
    const vmap_permutation_options o = permute_options(options);
    size_t n = y->size1, k = y->size2;
    size_t *order = memory_new(n, sizeof *order, err);
    double *value = memory_new(n + 2 * k, sizeof *value, err);
    mapping_basis basis = {NULL, NULL};
    gsl_matrix *residual = NULL;
    moran m = {NULL, NULL, nearness, 0};
    vmap_status status = order && value ? mapping_check(x ? x : y, y, (x ? x->size2 : 0) + 3, err) : VMAP_ENOMEM;

    if (!status)
        status = check_nearness(nearness, n, &m.total, err);
    if (!status)
        status = new_basis(x, n, &basis, err);
    if (!status && !(residual = mapping_rest(basis.q, y, err)))
        status = VMAP_ENOMEM;
    if (!status) {
        const permute_test t = {n, k, n, &m, find_moran};

        m.q = basis.q;
        m.residual = residual;
        for (size_t i = 0; i < n; i++)
            order[i] = i;
        find_moran(&m, order, value + 2 * k, value);
        status = permute_p(&t, &o, value, value + k, err);
    }
    for (size_t c = 0; !status && c < k; c++)
        test[c] = (vmap_structure_test){value[c], value[k + c]};
    mapping_basis_free(&basis);
    gsl_matrix_free(residual);
    free(order);
    free(value);
    return status;
}
