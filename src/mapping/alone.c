#include <config.h>
#include "valuemap/mapping.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "mapping/mapping_internal.h"

/* Eigenvalues of Q_g'Q_g from here on are 1: the cluster alone decides in that direction. */
static const double ALL_ITS_OWN = 1 - 1e-10;
/* A coefficient with less than this share of its row along the direction does not hang on it. */
static const double NOT_ALONG = 1e-8;

/* Note the coefficients that lie along direction a of the vectors. */
static void note_along(const gsl_matrix *inverse, const gsl_matrix *vectors, size_t a, bool *alone)
{
    for (size_t j = 0; j < inverse->size1; j++) {
        double along = 0, squares = 0;

        for (size_t c = 0; c < inverse->size2; c++) {
            along += gsl_matrix_get(inverse, j, c) * gsl_matrix_get(vectors, c, a);
            squares += pow(gsl_matrix_get(inverse, j, c), 2);
        }
        alone[j] |= fabs(along) > NOT_ALONG * sqrt(squares);
    }
}

static vmap_status note_cluster(const mapping_basis *basis, const mapping_clusters *c, size_t g, gsl_matrix *products,
                                gsl_vector *values, gsl_matrix *vectors, bool *alone, vmap_error *err)
{
    vmap_status status;

    gsl_matrix_set_zero(products);
    for (size_t at = c->start[g]; at < c->start[g + 1]; at++) {
        gsl_vector_const_view q = gsl_matrix_const_row(basis->q, c->row[at]);

        for (size_t a = 0; a < products->size1; a++) {
            for (size_t b = 0; b < products->size1; b++)
                *gsl_matrix_ptr(products, a, b) += gsl_vector_get(&q.vector, a) * gsl_vector_get(&q.vector, b);
        }
    }
    status = numeric_eigen(products, values, vectors, err);
    for (size_t a = 0; !status && a < values->size; a++) {
        if (gsl_vector_get(values, a) > ALL_ITS_OWN)
            note_along(basis->inverse, vectors, a, alone);
    }
    return status;
}

vmap_status vmap_mapping_alone(const gsl_matrix *x, const size_t *cluster, bool *alone, vmap_error *err)
{
    size_t q = x->size2 + 1;
    mapping_basis basis = {NULL, NULL};
    mapping_clusters c = {0};
    bool *found = memory_new(q, sizeof *found, err);
    gsl_matrix *products = memory_matrix(q, q, err), *vectors = memory_matrix(q, q, err);
    gsl_vector *values = gsl_vector_calloc(q);
    vmap_status status = found && products && vectors && values ? mapping_check(x, NULL, q, err) : VMAP_ENOMEM;

    if (!status)
        status = mapping_clusters_new(cluster, x->size1, &c, err);
    if (!status)
        status = mapping_basis_new(x, true, &basis, err);
    for (size_t g = 0; !status && g < c.count; g++)
        status = note_cluster(&basis, &c, g, products, values, vectors, found, err);
    for (size_t j = 0; !status && j < q; j++)
        alone[j] = found[j];
    mapping_clusters_free(&c);
    mapping_basis_free(&basis);
    gsl_matrix_free(products);
    gsl_matrix_free(vectors);
    gsl_vector_free(values);
    free(found);
    return status;
}
