#include <config.h>
#include "valuemap/mapping.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "mapping/mapping_internal.h"

/* A model of the rows outside one cluster. */
typedef struct {
    const gsl_matrix *x, *y;
    vmap_mapping_method method;
    size_t components;
    const mapping_clusters *clusters;
    gsl_matrix *predicted;
    gsl_vector *press, *spread; /* squared errors of the model and of the mean of the others */
} left_out;

static vmap_status fit_others(const left_out *l, const gsl_matrix *x, const gsl_matrix *y, gsl_matrix *b, vmap_error *err)
{
    vmap_ridge *ridge = NULL;
    vmap_pls *pls = NULL;
    mapping_basis basis = {NULL, NULL};
    gsl_matrix *along = NULL;
    vmap_status status = mapping_check(x, y, 2, err);

    if (!status && l->method == VMAP_MAPPING_RIDGE && !(status = vmap_ridge_new(x, y, NAN, &ridge, err)))
        gsl_matrix_memcpy(b, ridge->b);
    if (!status && l->method == VMAP_MAPPING_PLS && !(status = vmap_pls_new(x, y, l->components, &pls, err)))
        gsl_matrix_memcpy(b, pls->b);
    if (!status && l->method == VMAP_MAPPING_LEAST_SQUARES) {
        status = mapping_check(x, y, x->size2 + 1, err);
        if (!status)
            status = mapping_basis_new(x, true, &basis, err);
        if (!status && !(along = memory_matrix(b->size1, b->size2, err)))
            status = VMAP_ENOMEM;
        if (!status) {
            numeric_multiply(1, 1, basis.q, 0, y, along);
            numeric_multiply(1, 0, basis.inverse, 0, along, b);
        }
    }
    vmap_ridge_free(ridge);
    vmap_pls_free(pls);
    mapping_basis_free(&basis);
    gsl_matrix_free(along);
    return status;
}

/* Rows outside cluster g. */
static vmap_status take_others(const gsl_matrix *from, const mapping_clusters *c, size_t g, gsl_matrix **to, vmap_error *err)
{
    size_t rows = from->size1 - (c->start[g + 1] - c->start[g]), used = 0;

    if (!rows)
        return vmap_error_set(err, VMAP_EDATA, "all rows are in one cluster; nothing is left to predict it from");
    *to = memory_matrix(rows, from->size2, err);
    if (!*to)
        return VMAP_ENOMEM;
    for (size_t at = 0; at < from->size1; at++) {
        if (at < c->start[g] || at >= c->start[g + 1]) {
            gsl_vector_const_view row = gsl_matrix_const_row(from, c->row[at]);

            gsl_matrix_set_row(*to, used++, &row.vector);
        }
    }
    return VMAP_SUCCESS;
}

static void predict(const left_out *l, const gsl_matrix *b, const gsl_matrix *others, size_t g)
{
    for (size_t m = 0; m < l->y->size2; m++) {
        double mean = 0;

        for (size_t i = 0; i < others->size1; i++)
            mean += (gsl_matrix_get(others, i, m) - mean) / (double)(i + 1);
        for (size_t at = l->clusters->start[g]; at < l->clusters->start[g + 1]; at++) {
            size_t i = l->clusters->row[at];
            double value = gsl_matrix_get(b, 0, m), y = gsl_matrix_get(l->y, i, m);

            for (size_t j = 0; j < l->x->size2; j++)
                value += gsl_matrix_get(b, j + 1, m) * gsl_matrix_get(l->x, i, j);
            gsl_matrix_set(l->predicted, i, m, value);
            *gsl_vector_ptr(l->press, m) += pow(y - value, 2);
            *gsl_vector_ptr(l->spread, m) += pow(y - mean, 2);
        }
    }
}

static vmap_status leave_out(const left_out *l, size_t g, vmap_error *err)
{
    gsl_matrix *x = NULL, *y = NULL, *b = memory_matrix(l->x->size2 + 1, l->y->size2, err);
    vmap_error own = {.status = VMAP_SUCCESS};
    vmap_status status = b ? take_others(l->x, l->clusters, g, &x, err) : VMAP_ENOMEM;

    if (!status)
        status = take_others(l->y, l->clusters, g, &y, err);
    if (!status && (status = fit_others(l, x, y, b, &own)))
        vmap_error_set(err, status, "without row %zu and its cluster: %s", l->clusters->row[l->clusters->start[g]] + 1,
                       own.message);
    if (!status)
        predict(l, b, y, g);
    gsl_matrix_free(x);
    gsl_matrix_free(y);
    gsl_matrix_free(b);
    return status;
}

static vmap_status put_q2(const left_out *l, gsl_vector *q2, double *all, vmap_error *err)
{
    gsl_vector *sd = gsl_vector_calloc(l->y->size2);
    gsl_matrix *centred = sd ? mapping_centred(l->y, false, NULL, sd, err) : NULL;
    double press = 0, spread = 0;

    for (size_t m = 0; centred && m < l->y->size2; m++) {
        double weight = pow(gsl_vector_get(sd, m), -2);

        press += weight * gsl_vector_get(l->press, m);
        spread += weight * gsl_vector_get(l->spread, m);
        gsl_vector_set(q2, m, 1 - gsl_vector_get(l->press, m) / gsl_vector_get(l->spread, m));
    }
    if (centred && all)
        *all = 1 - press / spread;
    gsl_matrix_free(centred);
    gsl_vector_free(sd);
    return centred ? VMAP_SUCCESS : vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu outcomes", l->y->size2);
}

vmap_status vmap_mapping_left_out(const gsl_matrix *x, const gsl_matrix *y, const size_t *cluster,
                                  vmap_mapping_method method, size_t components, gsl_matrix *predicted, gsl_vector *q2,
                                  double *all, vmap_error *err)
{
    mapping_clusters clusters = {0};
    left_out l = {x, y, method, components, &clusters, NULL, NULL, NULL};
    vmap_status status = mapping_check(x, y, 3, err);

    if (!status && (q2->size != y->size2 ||
                    (predicted && (predicted->size1 != y->size1 || predicted->size2 != y->size2))))
        status = vmap_error_set(err, VMAP_EINVAL, "predictions of %zu rows and %zu outcomes have another shape", y->size1,
                                y->size2);
    if (!status)
        status = mapping_clusters_new(cluster, x->size1, &clusters, err);
    if (!status && (!(l.predicted = memory_matrix(y->size1, y->size2, err)) || !(l.press = gsl_vector_calloc(y->size2)) ||
                    !(l.spread = gsl_vector_calloc(y->size2))))
        status = VMAP_ENOMEM;
    for (size_t g = 0; !status && g < clusters.count; g++)
        status = leave_out(&l, g, err);
    if (!status)
        status = put_q2(&l, q2, all, err);
    if (!status && predicted)
        gsl_matrix_memcpy(predicted, l.predicted);
    gsl_matrix_free(l.predicted);
    gsl_vector_free(l.press);
    gsl_vector_free(l.spread);
    mapping_clusters_free(&clusters);
    return status;
}
