#include <config.h>
#include "factor/extract_internal.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>

#include "core/memory.h"

/* Each item in turn gets the loadings of a weighted regression of its correlations on the loadings
 * of the others: no step can make the weighted sum of squared residuals larger. */

typedef struct {
    extract_run *run;
    gsl_matrix *left;  /* k x k: sum of weight l l' over the other items */
    gsl_matrix *room;  /* k x k */
    gsl_vector *right; /* k: sum of weight r l */
    gsl_vector *l;     /* k */
} pairs;

static double weight_of(const extract_run *run, size_t i, size_t j)
{
    return 1 / gsl_matrix_get(run->options->variance, i, j);
}

static void sum_others(pairs *x, size_t i)
{
    gsl_matrix_set_zero(x->left);
    gsl_vector_set_zero(x->right);
    for (size_t j = 0; j < x->run->r->size1; j++) {
        gsl_vector_const_view l = gsl_matrix_const_row(x->run->loadings, j);
        double w = j == i ? 0 : weight_of(x->run, i, j);

        gsl_blas_dsyr(CblasLower, w, &l.vector, x->left);
        gsl_blas_daxpy(w * gsl_matrix_get(x->run->r, i, j), &l.vector, x->right);
    }
}

/* (left + ridge I) l = right; false when that has no solution. */
static bool solve(pairs *x, double ridge)
{
    gsl_matrix_memcpy(x->room, x->left);
    for (size_t m = 0; m < x->l->size; m++)
        *gsl_matrix_ptr(x->room, m, m) += ridge;
    return !gsl_linalg_cholesky_decomp1(x->room) &&
           !gsl_linalg_cholesky_solve(x->room, x->right, x->l);
}

/* The best loadings with a communality of at most `most`: ridge regression where that holds. */
static void fit_item(pairs *x, size_t i, double most)
{
    double low = 0, high, scale = 1e-14, size;

    sum_others(x, i);
    for (size_t m = 0; m < x->l->size; m++)
        scale += gsl_matrix_get(x->left, m, m);
    if (!solve(x, 0) && !solve(x, 1e-10 * scale))
        return;
    gsl_blas_ddot(x->l, x->l, &size);
    for (high = scale; size > most && high < 1e12 * scale; high *= 10) {
        solve(x, high);
        gsl_blas_ddot(x->l, x->l, &size);
        if (size > most) {
            low = high;
            continue;
        }
        for (int step = 0; step < 200 && high - low > 1e-15 * high; step++) {
            double middle = (low + high) / 2;

            solve(x, middle);
            gsl_blas_ddot(x->l, x->l, &size);
            if (size > most)
                low = middle;
            else
                high = middle;
        }
        solve(x, high);
        break;
    }
    gsl_matrix_set_row(x->run->loadings, i, x->l);
}

/* Half the weighted sum of squares, and the largest element of its gradient for items that are
 * free. */
static void judge(extract_run *run, double most)
{
    size_t p = run->r->size1, k = run->options->factors;
    double total = 0, steepest = 0;

    for (size_t i = 0; i < p; i++) {
        gsl_vector_const_view li = gsl_matrix_const_row(run->loadings, i);
        double size;

        gsl_blas_ddot(&li.vector, &li.vector, &size);
        for (size_t m = 0; m < k; m++) {
            double slope = 0;

            for (size_t j = 0; j < p; j++) {
                gsl_vector_const_view lj = gsl_matrix_const_row(run->loadings, j);
                double fitted, w = j == i ? 0 : weight_of(run, i, j);

                gsl_blas_ddot(&li.vector, &lj.vector, &fitted);
                slope -= w * (gsl_matrix_get(run->r, i, j) - fitted) *
                         gsl_matrix_get(run->loadings, j, m);
                if (m == 0 && j < i)
                    total += w * gsl_pow_2(gsl_matrix_get(run->r, i, j) - fitted) / 2;
            }
            if (size < most - 1e-9)
                steepest = fmax(steepest, fabs(slope));
        }
        gsl_vector_set(run->psi, i, 1 - size);
    }
    run->discrepancy = total;
    run->gradient = steepest;
}

static vmap_status iterate(pairs *x)
{
    extract_run *run = x->run;
    size_t p = run->r->size1, most = run->options->iterations ? run->options->iterations : 10000;
    double tolerance = run->options->tolerance > 0 ? run->options->tolerance : 1e-10;
    double bound = 1 - run->options->bound;

    run->converged = false;
    for (run->iterations = 0; run->iterations < most && !run->converged; run->iterations++) {
        double change = 0;

        for (size_t i = 0; i < p; i++) {
            gsl_vector_view row = gsl_matrix_row(run->loadings, i);
            double before, after;

            gsl_blas_ddot(&row.vector, &row.vector, &before);
            fit_item(x, i, bound);
            gsl_blas_ddot(&row.vector, &row.vector, &after);
            change = fmax(change, fabs(after - before));
        }
        run->converged = change <= tolerance;
    }
    judge(run, bound);
    return VMAP_SUCCESS;
}

vmap_status extract_pairs(extract_run *run, vmap_error *err)
{
    size_t k = run->options->factors;
    pairs x = {.run = run};
    const vmap_extract_options *own = run->options;
    vmap_extract_options o = *own;
    vmap_status status;

    /* begin where some sweeps of principal axes lead */
    o.iterations = 5;
    o.absolute = false;
    run->options = &o;
    status = extract_axes(run, err);
    run->options = own;
    x.left = memory_matrix(k, k, err);
    x.room = memory_matrix(k, k, err);
    x.right = gsl_vector_alloc(k);
    x.l = gsl_vector_alloc(k);
    if (!status && (!x.left || !x.room || !x.right || !x.l))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu factors", k);
    if (!status)
        status = iterate(&x);
    gsl_matrix_free(x.left);
    gsl_matrix_free(x.room);
    gsl_vector_free(x.right);
    gsl_vector_free(x.l);
    return status;
}
