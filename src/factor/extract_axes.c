#include <config.h>
#include "factor/extract_internal.h"

#include <math.h>

#include "core/memory.h"
#include "core/numeric.h"

/* The k eigenvalues of largest size, when `absolute`, in the place of the k largest. */
static vmap_status decompose(const gsl_matrix *a, bool absolute, gsl_vector *values,
                             gsl_matrix *vectors, gsl_vector *all, gsl_matrix *every,
                             vmap_error *err)
{
    size_t p = a->size1, k = vectors->size2, first = 0, last = p - 1;
    vmap_status status;

    if (!absolute)
        return numeric_eigen_largest(a, values, vectors, err);
    status = numeric_eigen(a, all, every, err);
    for (size_t m = 0; !status && m < k; m++) {
        bool end = -gsl_vector_get(all, last) > gsl_vector_get(all, first);
        size_t from = end ? last-- : first++;

        gsl_vector_set(values, m, fabs(gsl_vector_get(all, from)));
        for (size_t i = 0; i < p; i++)
            gsl_matrix_set(vectors, i, m, gsl_matrix_get(every, i, from));
    }
    return status;
}

/* New communalities from the loadings in `vectors`; returns how far they went. */
static double update(extract_run *run, const gsl_vector *values, gsl_matrix *vectors, gsl_matrix *a)
{
    double change = 0, sum = 0;

    for (size_t i = 0; i < a->size1; i++) {
        double h = 0, before = gsl_matrix_get(a, i, i);

        for (size_t m = 0; m < vectors->size2; m++) {
            double l = sqrt(fmax(gsl_vector_get(values, m), 0)) * gsl_matrix_get(vectors, i, m);

            gsl_matrix_set(run->loadings, i, m, l);
            h += l * l;
        }
        gsl_matrix_set(a, i, i, h);
        gsl_vector_set(run->psi, i, 1 - h);
        sum += h - before;
        change = fmax(change, fabs(h - before));
    }
    return run->options->sum ? fabs(sum) : change;
}

vmap_status extract_axes(extract_run *run, vmap_error *err)
{
    size_t p = run->r->size1, k = run->options->factors;
    size_t most = run->options->iterations ? run->options->iterations : 10000;
    double tolerance = run->options->tolerance > 0 ? run->options->tolerance : 1e-10;
    gsl_matrix *a = memory_matrix(p, p, err), *vectors = memory_matrix(p, k, err);
    gsl_matrix *every = run->options->absolute ? memory_matrix(p, p, err) : NULL;
    gsl_vector *values = gsl_vector_alloc(k), *all = gsl_vector_alloc(p);
    vmap_status status = VMAP_SUCCESS;

    if (!a || !vectors || !values || !all || (run->options->absolute && !every))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu factors of %zu items", k, p);
    if (!status)
        gsl_matrix_memcpy(a, run->r);
    for (size_t i = 0; !status && i < p; i++)
        gsl_matrix_set(a, i, i, 1 - gsl_vector_get(run->psi, i));
    run->converged = false;
    for (run->iterations = 0; !status && run->iterations < most && !run->converged;) {
        status = decompose(a, run->options->absolute, values, vectors, all, every, err);
        if (!status) {
            run->gradient = update(run, values, vectors, a);
            run->converged = run->gradient <= tolerance;
            run->iterations++;
        }
    }
    run->discrepancy = NAN;
    gsl_matrix_free(a);
    gsl_matrix_free(vectors);
    gsl_matrix_free(every);
    gsl_vector_free(values);
    gsl_vector_free(all);
    return status;
}
