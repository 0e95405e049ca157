#include <config.h>
#include "valuemap/mapping.h"

#include <math.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "mapping/mapping_internal.h"

/* A singular value below this share of the largest is 0: a predictor with less than 1e-10 of its variance to itself. */
static const double NOTHING = 1e-6;

vmap_status vmap_mapping_condition(const gsl_matrix *x, double *condition, vmap_error *err)
{
    size_t n = x->size1, p = x->size2, q = n < p ? n : p;
    gsl_matrix *c = NULL, *u = memory_matrix(n, q, err), *v = memory_matrix(p, q, err);
    gsl_vector *d = gsl_vector_calloc(q);
    vmap_status status = u && v && d ? mapping_check(x, NULL, 2, err) : VMAP_ENOMEM;

    if (!status && !(c = mapping_centred(x, true, NULL, NULL, err)))
        status = VMAP_ENOMEM;
    if (!status && !(status = numeric_svd(c, u, d, v, err))) {
        double most = gsl_vector_get(d, 0), least = gsl_vector_get(d, q - 1);

        *condition = n <= p || least < NOTHING * most ? INFINITY : most / least;
    }
    gsl_matrix_free(c);
    gsl_matrix_free(u);
    gsl_matrix_free(v);
    gsl_vector_free(d);
    return status;
}
