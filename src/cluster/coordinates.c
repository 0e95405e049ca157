#include <config.h>
#include "cluster/coordinates.h"

#include <math.h>

#include "core/memory.h"
#include "core/numeric.h"

/* -1/2 of the squared distances, centred in rows and columns: cross products of points around their mean. */
static void centre(const gsl_matrix *d, gsl_matrix *b, double *mean)
{
    size_t n = d->size1;
    double all = 0;

    for (size_t i = 0; i < n; i++) {
        mean[i] = 0;
        for (size_t j = 0; j < n; j++)
            mean[i] += -.5 * pow(gsl_matrix_get(d, i, j), 2) / (double)n;
        all += mean[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            gsl_matrix_set(b, i, j, -.5 * pow(gsl_matrix_get(d, i, j), 2) - mean[i] - mean[j] + all);
    }
}

/* Vectors as long as the roots of their eigenvalues, as far as these are positive. */
static gsl_matrix *scale(const gsl_vector *value, const gsl_matrix *vector, vmap_error *err)
{
    size_t n = value->size, d = 0;
    gsl_matrix *points;

    while (d < n && gsl_vector_get(value, d) > 1e-10 * gsl_vector_get(value, 0))
        d++;
    points = memory_matrix(n, d ? d : 1, err);
    for (size_t i = 0; points && i < n; i++) {
        for (size_t j = 0; j < d; j++)
            gsl_matrix_set(points, i, j, sqrt(gsl_vector_get(value, j)) * gsl_matrix_get(vector, i, j));
    }
    return points;
}

vmap_status coordinates_find(const gsl_matrix *dissimilarity, gsl_matrix **points, vmap_error *err)
{
    size_t n = dissimilarity->size1;
    gsl_matrix *b = memory_matrix(n, n, err), *vector = memory_matrix(n, n, err);
    gsl_vector *value = gsl_vector_calloc(n);
    double *mean = memory_new(n, sizeof *mean, err);
    vmap_status status = b && vector && value && mean ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        centre(dissimilarity, b, mean);
        status = numeric_eigen(b, value, vector, err);
    }
    if (!status && !(*points = scale(value, vector, err)))
        status = VMAP_ENOMEM;
    free(mean);
    gsl_vector_free(value);
    gsl_matrix_free(vector);
    gsl_matrix_free(b);
    return status == VMAP_ENOMEM ? vmap_error_set(err, status, "no memory for principal coordinates of %zu units", n) : status;
}
