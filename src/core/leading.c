#include <config.h>
#include "core/leading.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>

#include "core/lapack.h"
#include "core/memory.h"
#include "core/numeric.h"

enum {
    GUARDS = 3,  /* vectors beyond the k, which make the last of these converge sooner */
    DEPTH = 3,   /* products of the matrix with the residuals before a restart */
    ROUNDS = 12, /* restarts before another way is the faster one */
    LEAST = 100   /* items from which on it pays */
};

struct leading {
    size_t p, k, block, most; /* most: vectors of the space */
    gsl_matrix *basis, *image; /* most x p: a vector a row, and the matrix times it */
    gsl_matrix *room;          /* most x p */
    gsl_matrix *small, *turn;  /* most x most */
    gsl_vector *value;         /* most */
};

bool leading_pays(size_t p, size_t k)
{
    return p >= LEAST && 8 * (k + GUARDS) <= p;
}

void leading_free(leading *l)
{
    if (!l)
        return;
    gsl_matrix_free(l->basis);
    gsl_matrix_free(l->image);
    gsl_matrix_free(l->room);
    gsl_matrix_free(l->small);
    gsl_matrix_free(l->turn);
    gsl_vector_free(l->value);
    free(l);
}

leading *leading_new(size_t p, size_t k, vmap_error *err)
{
    leading *l = memory_new(1, sizeof *l, err);

    if (!l)
        return NULL;
    l->p = p;
    l->k = k;
    l->block = k + GUARDS;
    l->most = l->block + DEPTH * k;
    l->basis = memory_matrix(l->most, p, err);
    l->image = memory_matrix(l->most, p, err);
    l->room = memory_matrix(l->most, p, err);
    l->small = memory_matrix(l->most, l->most, err);
    l->turn = memory_matrix(l->most, l->most, err);
    l->value = gsl_vector_alloc(l->most);
    if (l->basis && l->image && l->room && l->small && l->turn && l->value)
        return l;
    leading_free(l);
    return NULL;
}

size_t leading_room(const leading *l)
{
    return l->block;
}

void leading_begin(leading *l, const gsl_matrix *vectors)
{
    for (size_t m = 0; m < l->block; m++) {
        gsl_vector_const_view v = gsl_matrix_const_column(vectors, m);

        gsl_matrix_set_row(l->basis, m, &v.vector);
    }
}

/* Rows from .. to - 1 of a matrix. */
static gsl_matrix_view rows_of(gsl_matrix *a, size_t from, size_t to)
{
    return gsl_matrix_submatrix(a, from, 0, to - from, a->size2);
}

typedef struct {
    const gsl_matrix *r;
    const gsl_vector *scale, *minus;
} matrix;

static void apply(leading *l, const matrix *a, size_t from, size_t to)
{
    gsl_matrix_view in = rows_of(l->basis, from, to), out = rows_of(l->image, from, to);
    gsl_matrix_view scaled = rows_of(l->room, from, to);

    if (a->scale) {
        for (size_t m = from; m < to; m++) {
            const double *x = gsl_matrix_const_ptr(l->basis, m, 0);
            double *y = gsl_matrix_ptr(l->room, m, 0);

            for (size_t i = 0; i < l->p; i++)
                y[i] = a->scale->data[i] * x[i];
        }
        in = scaled;
    }
    gsl_blas_dgemm(CblasNoTrans, CblasNoTrans, 1, &in.matrix, a->r, 0, &out.matrix);
    for (size_t m = from; m < to; m++) {
        const double *x = gsl_matrix_const_ptr(l->basis, m, 0);
        double *y = gsl_matrix_ptr(l->image, m, 0);

        for (size_t i = 0; a->scale && i < l->p; i++)
            y[i] *= a->scale->data[i];
        for (size_t i = 0; a->minus && i < l->p; i++)
            y[i] -= a->minus->data[i] * x[i];
    }
}

/* Take the part in the vectors before off those of from .. to - 1. */
static void project_out(leading *l, size_t from, size_t to)
{
    gsl_matrix_view before = rows_of(l->basis, 0, from), now = rows_of(l->basis, from, to);
    gsl_matrix_view part = gsl_matrix_submatrix(l->small, 0, 0, to - from, from);

    gsl_blas_dgemm(CblasNoTrans, CblasTrans, 1, &now.matrix, &before.matrix, 0, &part.matrix);
    gsl_blas_dgemm(CblasNoTrans, CblasNoTrans, -1, &part.matrix, &before.matrix, 1, &now.matrix);
}

/* Orthonormal vectors in the place of those from .. to - 1; returns how many there are. */
static size_t orthonormalise(leading *l, size_t from, size_t to)
{
    size_t kept = from;

    for (size_t m = from; m < to; m++) {
        gsl_vector_view v = gsl_matrix_row(l->basis, m);
        double size = gsl_blas_dnrm2(&v.vector);

        gsl_vector_scale(&v.vector, size > 0 ? 1 / size : 0);
    }
    project_out(l, from, to);
    project_out(l, from, to);
    for (size_t m = from; m < to; m++) {
        gsl_vector_view v = gsl_matrix_row(l->basis, m), place = gsl_matrix_row(l->basis, kept);
        double size = gsl_blas_dnrm2(&v.vector);

        for (int pass = 0; pass < 2; pass++) {
            for (size_t q = from; q < kept; q++) {
                gsl_vector_view w = gsl_matrix_row(l->basis, q);
                double c;

                gsl_blas_ddot(&v.vector, &w.vector, &c);
                gsl_blas_daxpy(-c, &w.vector, &v.vector);
            }
        }
        if (!(gsl_blas_dnrm2(&v.vector) > 1e-6 * size) || !(size > 1e-12))
            continue; /* nothing new */
        gsl_vector_scale(&v.vector, 1 / gsl_blas_dnrm2(&v.vector));
        if (kept != m)
            gsl_vector_memcpy(&place.vector, &v.vector);
        kept++;
    }
    if (kept > from) /* small vectors lose their right angles to those before */
        project_out(l, from, kept);
    return kept - from;
}

/* rows of `what` to those of the `block` best combinations of `size` of them */
static void turn(leading *l, gsl_matrix *what, size_t size)
{
    gsl_matrix_view old = rows_of(what, 0, size), now = rows_of(l->room, 0, l->block);
    gsl_matrix_view by = gsl_matrix_submatrix(l->turn, 0, 0, size, l->block);
    gsl_matrix_view place = rows_of(what, 0, l->block);

    gsl_blas_dgemm(CblasTrans, CblasNoTrans, 1, &by.matrix, &old.matrix, 0, &now.matrix);
    gsl_matrix_memcpy(&place.matrix, &now.matrix);
}

/* Values and vectors of the matrix in the space of the first `size` vectors (Rayleigh & Ritz). */
static bool take_best(leading *l, size_t size)
{
    gsl_matrix_view v = rows_of(l->basis, 0, size), av = rows_of(l->image, 0, size);
    gsl_matrix_view small = gsl_matrix_submatrix(l->small, 0, 0, size, size);
    gsl_matrix_view by = gsl_matrix_submatrix(l->turn, 0, 0, size, size);
    gsl_vector_view value = gsl_vector_subvector(l->value, 0, size);

    gsl_blas_dgemm(CblasNoTrans, CblasTrans, 1, &v.matrix, &av.matrix, 0, &small.matrix);
    for (size_t i = 0; i < size; i++) {
        for (size_t j = 0; j < i; j++)
            gsl_matrix_set(&small.matrix, j, i, gsl_matrix_get(&small.matrix, i, j));
    }
    if (numeric_eigen(&small.matrix, &value.vector, &by.matrix, NULL))
        return false;
    turn(l, l->basis, size);
    turn(l, l->image, size);
    return true;
}

/* Append the residuals of those that have not converged; returns how many. *worst: the largest, in largest values. */
static size_t put_residuals(leading *l, double tolerance, double *worst)
{
    double largest = fmax(fabs(gsl_vector_get(l->value, 0)), fabs(gsl_vector_get(l->value, l->block - 1)));
    size_t open = 0;

    *worst = 0;
    for (size_t m = 0; m < l->k; m++) {
        double size;
        gsl_vector_view x = gsl_matrix_row(l->basis, m), ax = gsl_matrix_row(l->image, m);
        gsl_vector_view rest = gsl_matrix_row(l->basis, l->block + open);

        gsl_vector_memcpy(&rest.vector, &ax.vector);
        gsl_blas_daxpy(-gsl_vector_get(l->value, m), &x.vector, &rest.vector);
        size = gsl_blas_dnrm2(&rest.vector);
        *worst = fmax(*worst, size / largest);
        open += size > tolerance * largest;
    }
    return open;
}

/* The space that the residuals span with the matrix; returns its size. */
static size_t extend(leading *l, const matrix *a, size_t open)
{
    size_t size = l->block;

    for (int depth = 0; depth < DEPTH && open > 0; depth++) {
        if (depth > 0) {
            gsl_matrix_view from = rows_of(l->image, size - open, size), to = rows_of(l->basis, size, size + open);

            gsl_matrix_memcpy(&to.matrix, &from.matrix);
        }
        open = orthonormalise(l, size, size + open);
        if (open > 0)
            apply(l, a, size, size + open);
        size += open;
    }
    return size;
}

bool leading_find(leading *l, const gsl_matrix *r, const gsl_vector *scale, const gsl_vector *minus, double tolerance,
                  gsl_vector *values, gsl_matrix *vectors)
{
    const matrix a = {r, scale, minus};
    size_t size = l->block, open = 1;
    double worst = 1, before;

    apply(l, &a, 0, size);
    for (int round = 0; open > 0; round++) {
        if (!take_best(l, size))
            return false;
        before = worst;
        open = put_residuals(l, tolerance, &worst);
        if (open > 0 && round > 1 && !(log(worst / tolerance) < (ROUNDS - round) * log(before / worst)))
            return false;
        if (open > 0)
            size = extend(l, &a, open);
    }
    for (size_t m = 0; m < l->k; m++) {
        gsl_vector_view v = gsl_matrix_row(l->basis, m);

        gsl_vector_set(values, m, gsl_vector_get(l->value, m));
        gsl_matrix_set_col(vectors, m, &v.vector);
    }
    return true;
}

bool leading_complete(gsl_matrix *rest, double most)
{
    int n = (int)rest->size1, info = 0;

    for (size_t i = 0; i < rest->size1; i++) {
        for (size_t j = 0; j < i; j++)
            *gsl_matrix_ptr(rest, i, j) *= -1;
        gsl_matrix_set(rest, i, i, most - gsl_matrix_get(rest, i, i));
    }
    dpotrf_("U", &n, rest->data, &n, &info);
    return info == 0;
}
