#include <config.h>
#include "valuemap/mapping.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_blas.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "mapping/mapping_internal.h"

void vmap_pls_free(vmap_pls *p)
{
    if (!p)
        return;
    gsl_matrix_free(p->b);
    gsl_matrix_free(p->beta);
    gsl_matrix_free(p->weights);
    gsl_matrix_free(p->scores);
    gsl_matrix_free(p->x_loadings);
    gsl_matrix_free(p->y_loadings);
    gsl_vector_free(p->x_share);
    gsl_vector_free(p->y_share);
    free(p);
}

static vmap_pls *allocate(size_t n, size_t p, size_t k, size_t components, vmap_error *err)
{
    vmap_pls *s = memory_new(1, sizeof *s, err);

    if (!s)
        return NULL;
    s->components = components;
    s->b = memory_matrix(p + 1, k, err);
    s->beta = memory_matrix(p, k, err);
    s->weights = memory_matrix(p, components, err);
    s->scores = memory_matrix(n, components, err);
    s->x_loadings = memory_matrix(p, components, err);
    s->y_loadings = memory_matrix(k, components, err);
    s->x_share = gsl_vector_calloc(components);
    s->y_share = gsl_vector_calloc(components);
    if (s->b && s->beta && s->weights && s->scores && s->x_loadings && s->y_loadings && s->x_share && s->y_share)
        return s;
    vmap_pls_free(s);
    vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu components", components);
    return NULL;
}

/* What is worked on: standardised data, what is left of X'Y, and an orthonormal basis of the loadings. */
typedef struct {
    gsl_matrix *x, *y, *cross, *basis;
    gsl_vector *mean_x, *sd_x, *mean_y, *sd_y;
    gsl_vector *direction; /* k: along which the outcomes go most with the predictors */
} work;

static void free_work(work *w)
{
    gsl_matrix_free(w->x);
    gsl_matrix_free(w->y);
    gsl_matrix_free(w->cross);
    gsl_matrix_free(w->basis);
    gsl_vector_free(w->mean_x);
    gsl_vector_free(w->sd_x);
    gsl_vector_free(w->mean_y);
    gsl_vector_free(w->sd_y);
    gsl_vector_free(w->direction);
}

static vmap_status begin(const gsl_matrix *x, const gsl_matrix *y, size_t components, work *w, vmap_error *err)
{
    size_t p = x->size2, k = y->size2;

    w->mean_x = gsl_vector_calloc(p);
    w->sd_x = gsl_vector_calloc(p);
    w->mean_y = gsl_vector_calloc(k);
    w->sd_y = gsl_vector_calloc(k);
    w->direction = gsl_vector_calloc(k);
    if (!w->mean_x || !w->sd_x || !w->mean_y || !w->sd_y || !w->direction ||
        !(w->x = mapping_centred(x, true, w->mean_x, w->sd_x, err)) ||
        !(w->y = mapping_centred(y, true, w->mean_y, w->sd_y, err)) || !(w->cross = memory_matrix(p, k, err)) ||
        !(w->basis = memory_matrix(p, components, err)))
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu components", components);
    numeric_multiply(1, 1, w->x, 0, w->y, w->cross);
    return VMAP_SUCCESS;
}

/* The right singular vector of the largest singular value of what is left of X'Y. */
static vmap_status find_direction(work *w, vmap_error *err)
{
    size_t p = w->cross->size1, k = w->cross->size2, q = p < k ? p : k;
    gsl_matrix *u = memory_matrix(p, q, err), *v = memory_matrix(k, q, err);
    gsl_vector *d = gsl_vector_calloc(q);
    vmap_status status = u && v && d ? numeric_svd(w->cross, u, d, v, err) : VMAP_ENOMEM;

    if (!status) {
        gsl_matrix_get_col(w->direction, v, 0);
        if (!(gsl_vector_get(d, 0) > 1e-10 * (double)w->x->size1))
            status = vmap_error_set(err, VMAP_ESINGULAR, "the predictors have nothing left that goes with the outcomes");
    }
    gsl_matrix_free(u);
    gsl_matrix_free(v);
    gsl_vector_free(d);
    return status;
}

/* Take the loadings of component a from what is left of X'Y. */
static void deflate(work *w, const vmap_pls *s, size_t a)
{
    gsl_vector_view v = gsl_matrix_column(w->basis, a);
    gsl_vector_const_view loadings = gsl_matrix_const_column(s->x_loadings, a);

    gsl_vector_memcpy(&v.vector, &loadings.vector);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t c = 0; c < a; c++) {
            gsl_vector_view other = gsl_matrix_column(w->basis, c);
            double along;

            gsl_blas_ddot(&other.vector, &v.vector, &along);
            gsl_blas_daxpy(-along, &other.vector, &v.vector);
        }
    }
    gsl_vector_scale(&v.vector, 1 / gsl_blas_dnrm2(&v.vector));
    for (size_t m = 0; m < w->cross->size2; m++) {
        gsl_vector_view column = gsl_matrix_column(w->cross, m);
        double along;

        gsl_blas_ddot(&v.vector, &column.vector, &along);
        gsl_blas_daxpy(-along, &v.vector, &column.vector);
    }
}

/* Component a; its weights are scaled so that scores have length 1. */
static vmap_status add_component(work *w, vmap_pls *s, size_t a, vmap_error *err)
{
    gsl_vector_view r = gsl_matrix_column(s->weights, a), t = gsl_matrix_column(s->scores, a),
                    p = gsl_matrix_column(s->x_loadings, a), q = gsl_matrix_column(s->y_loadings, a);
    double rest = (double)(w->x->size1 - 1), length, sum = 0;
    vmap_status status = find_direction(w, err);

    if (status)
        return status;
    gsl_blas_dgemv(CblasNoTrans, 1, w->cross, w->direction, 0, &r.vector);
    gsl_blas_dgemv(CblasNoTrans, 1, w->x, &r.vector, 0, &t.vector);
    length = gsl_blas_dnrm2(&t.vector);
    gsl_blas_dgemv(CblasTrans, 1 / length, w->y, &t.vector, 0, &q.vector);
    for (size_t m = 0; m < w->y->size2; m++)
        sum += gsl_vector_get(&q.vector, m);
    length = sum < 0 ? -length : length;
    gsl_vector_scale(&r.vector, 1 / length);
    gsl_vector_scale(&t.vector, 1 / length);
    gsl_blas_dgemv(CblasTrans, 1, w->x, &t.vector, 0, &p.vector);
    gsl_blas_dgemv(CblasTrans, 1, w->y, &t.vector, 0, &q.vector);
    gsl_vector_set(s->x_share, a, pow(gsl_blas_dnrm2(&p.vector), 2) / (rest * (double)w->x->size2));
    gsl_vector_set(s->y_share, a, pow(gsl_blas_dnrm2(&q.vector), 2) / (rest * (double)w->y->size2));
    deflate(w, s, a);
    return VMAP_SUCCESS;
}

vmap_status vmap_pls_new(const gsl_matrix *x, const gsl_matrix *y, size_t components, vmap_pls **pls, vmap_error *err)
{
    size_t most = x->size1 - 1 < x->size2 ? x->size1 - 1 : x->size2;
    work w = {.y = NULL};
    vmap_pls *s = NULL;
    vmap_status status = mapping_check(x, y, 3, err);

    if (!status && (!components || components > most))
        status = vmap_error_set(err, VMAP_EINVAL, "%zu components; there can be 1 to %zu", components, most);
    if (!status)
        status = begin(x, y, components, &w, err);
    if (!status && !(s = allocate(x->size1, x->size2, y->size2, components, err)))
        status = VMAP_ENOMEM;
    for (size_t a = 0; !status && a < components; a++)
        status = add_component(&w, s, a, err);
    if (!status) {
        numeric_multiply(1, 0, s->weights, 1, s->y_loadings, s->beta);
        mapping_unscale(s->beta, w.mean_x, w.sd_x, w.mean_y, w.sd_y, s->b);
        *pls = s;
    } else {
        vmap_pls_free(s);
    }
    free_work(&w);
    return status;
}
