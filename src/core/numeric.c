#include <config.h>
#include "core/numeric.h"

#include <math.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_linalg.h>

#include "core/memory.h"

static vmap_status refuse_nan(const gsl_matrix *a, vmap_error *err)
{
    for (size_t i = 0; i < a->size1; i++) {
        for (size_t j = 0; j < a->size2; j++) {
            if (!isfinite(gsl_matrix_get(a, i, j)))
                return vmap_error_set(err, VMAP_EDATA,
                                      "element (%zu, %zu) of the matrix is not a finite number",
                                      i + 1, j + 1);
        }
    }
    return VMAP_SUCCESS;
}

/* Make the sum of a unit vector positive, so that its sign does not hang on the solver. */
static void fix_sign(gsl_vector *v)
{
    double sum = 0, size = 0;
    size_t largest = 0;

    for (size_t i = 0; i < v->size; i++) {
        double x = gsl_vector_get(v, i);

        sum += x;
        if (fabs(x) > size) {
            size = fabs(x);
            largest = i;
        }
    }
    if (fabs(sum) < 1e-10)
        sum = gsl_vector_get(v, largest);
    if (sum < 0)
        gsl_vector_scale(v, -1);
}

vmap_status numeric_eigen(const gsl_matrix *a, gsl_vector *values, gsl_matrix *vectors,
                          vmap_error *err)
{
    gsl_eigen_symmv_workspace *work = NULL;
    gsl_matrix *copy = NULL;
    vmap_status status = refuse_nan(a, err);

    if (status)
        return status;
    work = gsl_eigen_symmv_alloc(a->size1);
    copy = memory_matrix(a->size1, a->size1, err);
    if (!work || !copy) {
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu eigenvalues", a->size1);
        goto cleanup;
    }
    gsl_matrix_memcpy(copy, a);
    if (gsl_eigen_symmv(copy, values, vectors, work)) {
        status = vmap_error_set(err, VMAP_EDATA, "the eigenvalues of the matrix did not converge");
        goto cleanup;
    }
    gsl_eigen_symmv_sort(values, vectors, GSL_EIGEN_SORT_VAL_DESC);
    for (size_t j = 0; j < vectors->size2; j++) {
        gsl_vector_view v = gsl_matrix_column(vectors, j);

        fix_sign(&v.vector);
    }
cleanup:
    gsl_matrix_free(copy);
    if (work)
        gsl_eigen_symmv_free(work);
    return status;
}

vmap_status numeric_invert(const gsl_matrix *a, gsl_matrix *inverse, vmap_error *err)
{
    gsl_matrix *c = NULL;
    vmap_status status = refuse_nan(a, err);

    if (status)
        return status;
    c = memory_matrix(a->size1, a->size1, err);
    if (!c)
        return VMAP_ENOMEM;
    gsl_matrix_memcpy(c, a);
    if (gsl_linalg_cholesky_decomp1(c))
        status = VMAP_ESINGULAR;
    for (size_t i = 0; !status && i < a->size1; i++) {
        double pivot = gsl_matrix_get(c, i, i);

        if (!(pivot * pivot >= 1e-12 * gsl_matrix_get(a, i, i)))
            status = VMAP_ESINGULAR;
    }
    if (status)
        vmap_error_set(err, status, "the matrix is singular or not positive definite");
    else {
        gsl_linalg_cholesky_invert(c);
        gsl_matrix_memcpy(inverse, c);
    }
    gsl_matrix_free(c);
    return status;
}

void numeric_multiply(double alpha, int ta, const gsl_matrix *a, int tb, const gsl_matrix *b,
                      gsl_matrix *out)
{
    gsl_blas_dgemm(ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, alpha, a, b, 0,
                   out);
}

void numeric_add(numeric_sum *s, double x)
{
    double t = s->sum + x;

    s->rest += fabs(s->sum) >= fabs(x) ? (s->sum - t) + x : (x - t) + s->sum;
    s->sum = t;
}
