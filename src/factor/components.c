#include <config.h>
#include "valuemap/factor.h"

#include <float.h>
#include <math.h>

#include "core/memory.h"
#include "core/numeric.h"

static vmap_status check_square(const gsl_matrix *r, vmap_error *err)
{
    if (r->size1 != r->size2)
        return vmap_error_set(err, VMAP_EINVAL, "the correlation matrix is %zu x %zu, not square",
                              r->size1, r->size2);
    return VMAP_SUCCESS;
}

vmap_status vmap_factor_components(const gsl_matrix *r, gsl_vector *eigenvalues,
                                   gsl_matrix *loadings, vmap_error *err)
{
    size_t p = r->size1, k = loadings->size2;
    gsl_matrix *vectors;
    gsl_vector *values;
    vmap_status status = check_square(r, err);

    if (status)
        return status;
    if (k < 1 || k > p || loadings->size1 != p || eigenvalues->size != p)
        return vmap_error_set(err, VMAP_EINVAL, "%zu components of %zu items; there can be 1..%zu",
                              k, p, p);
    vectors = memory_matrix(p, k, err);
    values = gsl_vector_alloc(p);
    if (!vectors || !values)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu components", p);
    if (!status)
        status = numeric_eigen_largest(r, values, vectors, err);
    /* Solvers are off by rounding of the largest eigenvalue: what is smaller is none. */
    if (!status &&
        !(gsl_vector_get(values, k - 1) > (double)p * DBL_EPSILON * gsl_vector_get(values, 0)))
        status = vmap_error_set(err, VMAP_EDATA,
                                "eigenvalue %zu of the correlation matrix is %g: fewer than %zu "
                                "components exist",
                                k, gsl_vector_get(values, k - 1), k);
    for (size_t j = 0; !status && j < k; j++) {
        double scale = sqrt(gsl_vector_get(values, j));

        for (size_t i = 0; i < p; i++)
            gsl_matrix_set(loadings, i, j, scale * gsl_matrix_get(vectors, i, j));
    }
    if (!status)
        gsl_vector_memcpy(eigenvalues, values);
    gsl_matrix_free(vectors);
    gsl_vector_free(values);
    return status;
}

static vmap_status explain_singular(const gsl_matrix *r, vmap_error *err)
{
    size_t p = r->size1;
    gsl_vector *values = gsl_vector_alloc(p);
    gsl_matrix *vectors = memory_matrix(p, p, err);
    vmap_status status = VMAP_ENOMEM;

    if (values && vectors && !numeric_eigen(r, values, vectors, err))
        status = vmap_error_set(err, VMAP_ESINGULAR,
                                "the correlation matrix is not positive definite (smallest "
                                "eigenvalue %.3g): items repeat one another, or too few "
                                "respondents answered the same items",
                                gsl_vector_get(values, p - 1));
    gsl_vector_free(values);
    gsl_matrix_free(vectors);
    return status;
}

vmap_status vmap_factor_component_weights(const gsl_matrix *r, const gsl_matrix *loadings,
                                          gsl_matrix *weights, vmap_error *err)
{
    gsl_matrix *inverse;
    vmap_status status = check_square(r, err);

    if (status)
        return status;
    if (loadings->size1 != r->size1 || weights->size1 != r->size1 ||
        weights->size2 != loadings->size2)
        return vmap_error_set(err, VMAP_EINVAL, "loadings and weights do not fit the correlations");
    inverse = memory_matrix(r->size1, r->size1, err);
    if (!inverse)
        return VMAP_ENOMEM;
    status = numeric_invert(r, inverse, err);
    if (status == VMAP_ESINGULAR)
        status = explain_singular(r, err);
    if (!status)
        numeric_multiply(1, 0, inverse, 0, loadings, weights);
    gsl_matrix_free(inverse);
    return status;
}
