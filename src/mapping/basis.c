#include <config.h>
#include "mapping/mapping_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>

#include "core/memory.h"
#include "core/numeric.h"

/* A predictor must have this share of its variance for itself. */
static const double OWN_LEAST = 1e-10;

void mapping_basis_free(mapping_basis *basis)
{
    gsl_matrix_free(basis->q);
    gsl_matrix_free(basis->inverse);
    *basis = (mapping_basis){NULL, NULL};
}

/* Take from row j what lies along the rows before, twice, so that rounding leaves nothing; r is column j of
 * the triangular factor. */
static void orthogonalise(gsl_matrix *t, size_t j, double *r)
{
    gsl_vector_view own = gsl_matrix_row(t, j);

    for (int pass = 0; pass < 2; pass++) {
        for (size_t a = 0; a < j; a++) {
            gsl_vector_view other = gsl_matrix_row(t, a);
            double along;

            gsl_blas_ddot(&other.vector, &own.vector, &along);
            gsl_blas_daxpy(-along, &other.vector, &own.vector);
            r[a] += along;
        }
    }
    r[j] = gsl_blas_dnrm2(&own.vector);
}

/* Column j of the inverse of the triangular factor, from its column r and the columns before. */
static void invert_column(gsl_matrix *inverse, size_t j, const double *r)
{
    for (size_t a = 0; a < j; a++) {
        double sum = 0;

        for (size_t c = a; c < j; c++)
            sum += gsl_matrix_get(inverse, a, c) * r[c];
        gsl_matrix_set(inverse, a, j, -sum / r[j]);
    }
    gsl_matrix_set(inverse, j, j, 1 / r[j]);
}

/* Length of row j without what lies along the intercept, row 0: what "its variance" means. */
static double own_spread(const gsl_matrix *t, size_t j, bool intercept)
{
    const double *own = gsl_matrix_const_ptr(t, j, 0), *first = gsl_matrix_const_ptr(t, 0, 0);
    double along = 0, squares = 0;

    for (size_t i = 0; intercept && j && i < t->size2; i++)
        along += own[i] * first[i];
    for (size_t i = 0; i < t->size2; i++)
        squares += pow(own[i] - (intercept && j ? along * first[i] : 0), 2);
    return sqrt(squares);
}

/* W^(1/2) (1, x), a column in every row: what is worked on lies together. */
static void fill_rows(const gsl_matrix *x, const double *weights, size_t first, gsl_matrix *t)
{
    for (size_t i = 0; i < x->size1; i++) {
        double root = weights ? sqrt(weights[i]) : 1;

        for (size_t j = 0; j < t->size1; j++)
            gsl_matrix_set(t, j, i, root > 0 ? root * (j < first ? 1 : gsl_matrix_get(x, i, j - first)) : 0);
    }
}

vmap_status mapping_basis_weighted(const gsl_matrix *x, const double *weights, bool intercept, mapping_basis *basis,
                                   vmap_error *err)
{
    size_t first = intercept ? 1 : 0, columns = x->size2 + first;
    double *r = memory_new(columns, sizeof *r, err);
    gsl_matrix *t = memory_matrix(columns, x->size1, err);
    vmap_status status = r && t ? VMAP_SUCCESS : VMAP_ENOMEM;

    *basis = (mapping_basis){NULL, NULL};
    if (!status && (!(basis->q = memory_matrix(x->size1, columns, err)) ||
                    !(basis->inverse = memory_matrix(columns, columns, err))))
        status = VMAP_ENOMEM;
    if (!status)
        fill_rows(x, weights, first, t);
    for (size_t j = 0; !status && j < columns; j++) {
        gsl_vector_view own = gsl_matrix_row(t, j);
        double spread = own_spread(t, j, intercept), length = gsl_blas_dnrm2(&own.vector);

        memset(r, 0, columns * sizeof *r);
        orthogonalise(t, j, r);
        if (!(r[j] * r[j] > OWN_LEAST * spread * spread && spread > 1e-12 * length)) {
            status = vmap_error_set(err, VMAP_ESINGULAR, "predictor %zu is determined by those before it", j + 1 - first);
        } else {
            gsl_vector_scale(&own.vector, 1 / r[j]);
            invert_column(basis->inverse, j, r);
        }
    }
    if (!status)
        gsl_matrix_transpose_memcpy(basis->q, t);
    free(r);
    gsl_matrix_free(t);
    return status;
}

vmap_status mapping_basis_new(const gsl_matrix *x, bool intercept, mapping_basis *basis, vmap_error *err)
{
    return mapping_basis_weighted(x, NULL, intercept, basis, err);
}

/* Length of a centred column. */
static double spread_of(const gsl_matrix *x, size_t j)
{
    double mean = 0, squares = 0;

    for (size_t i = 0; i < x->size1; i++)
        mean += gsl_matrix_get(x, i, j) / (double)x->size1;
    for (size_t i = 0; i < x->size1; i++)
        squares += pow(gsl_matrix_get(x, i, j) - mean, 2);
    return sqrt(squares);
}

/* VMAP_EDATA for a column that is not finite or does not vary. */
static vmap_status check_columns(const gsl_matrix *x, const char *what, vmap_error *err)
{
    for (size_t j = 0; j < x->size2; j++) {
        double size = 0;

        for (size_t i = 0; i < x->size1; i++) {
            if (!isfinite(gsl_matrix_get(x, i, j)))
                return vmap_error_set(err, VMAP_EDATA, "%s %zu is not a finite number in row %zu", what, j + 1, i + 1);
            size = fmax(size, fabs(gsl_matrix_get(x, i, j)));
        }
        if (!(spread_of(x, j) > 1e-12 * size * sqrt((double)x->size1)))
            return vmap_error_set(err, VMAP_EDATA, "%s %zu is the same in all rows", what, j + 1);
    }
    return VMAP_SUCCESS;
}

vmap_status mapping_check(const gsl_matrix *x, const gsl_matrix *y, size_t least, vmap_error *err)
{
    vmap_status status;

    if (y && x->size1 != y->size1)
        return vmap_error_set(err, VMAP_EINVAL, "%zu rows of predictors, %zu of outcomes", x->size1, y->size1);
    if (x->size1 < least)
        return vmap_error_set(err, VMAP_EDATA, "%zu rows for %zu predictors; at least %zu are needed", x->size1, x->size2,
                              least);
    status = check_columns(x, "predictor", err);
    return status || !y ? status : check_columns(y, "outcome", err);
}

void mapping_clusters_free(mapping_clusters *clusters)
{
    free(clusters->row);
    free(clusters->start);
    *clusters = (mapping_clusters){0};
}

vmap_status mapping_clusters_new(const size_t *cluster, size_t n, mapping_clusters *clusters,
                                 vmap_error *err)
{
    size_t *behind;

    *clusters = (mapping_clusters){0};
    clusters->row = memory_new(n, sizeof *clusters->row, err);
    clusters->start = behind = memory_new(n + 2, sizeof *behind, err);
    if (!clusters->row || !behind)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        if (cluster && cluster[i] >= n)
            return vmap_error_set(err, VMAP_EINVAL, "row %zu is in cluster %zu; clusters count from 0 to %zu", i + 1,
                                  cluster[i], n - 1);
        behind[(cluster ? cluster[i] : i) + 2]++;
    }
    for (size_t g = 0; g < n; g++)
        behind[g + 2] += behind[g + 1];
    for (size_t i = 0; i < n; i++)
        clusters->row[behind[(cluster ? cluster[i] : i) + 1]++] = i;
    for (size_t g = 0; g < n; g++) { /* close the gaps that clusters without rows leave */
        if (behind[g + 1] > behind[clusters->count])
            behind[++clusters->count] = behind[g + 1];
    }
    return VMAP_SUCCESS;
}

gsl_matrix *mapping_centred(const gsl_matrix *x, bool scale, gsl_vector *mean, gsl_vector *sd,
                            vmap_error *err)
{
    gsl_matrix *c = memory_matrix(x->size1, x->size2, err);

    for (size_t j = 0; c && j < x->size2; j++) {
        double centre = 0, squares = 0, deviation;

        for (size_t i = 0; i < x->size1; i++)
            centre += (gsl_matrix_get(x, i, j) - centre) / (double)(i + 1);
        for (size_t i = 0; i < x->size1; i++)
            squares += pow(gsl_matrix_get(x, i, j) - centre, 2);
        deviation = sqrt(squares / (double)(x->size1 - 1));
        for (size_t i = 0; i < x->size1; i++)
            gsl_matrix_set(c, i, j, (gsl_matrix_get(x, i, j) - centre) / (scale ? deviation : 1));
        if (mean)
            gsl_vector_set(mean, j, centre);
        if (sd)
            gsl_vector_set(sd, j, deviation);
    }
    return c;
}

gsl_matrix *mapping_weighted(const gsl_matrix *x, const double *weights, vmap_error *err)
{
    gsl_matrix *c = memory_matrix(x->size1, x->size2, err);

    for (size_t j = 0; c && j < x->size2; j++) {
        double mean = 0, total = 0, squares = 0;

        for (size_t i = 0; i < x->size1; i++) {
            double w = weights ? weights[i] : 1;

            total += w;
            mean += (gsl_matrix_get(x, i, j) - mean) * w / total;
        }
        for (size_t i = 0; i < x->size1; i++) {
            double own = (weights ? sqrt(weights[i]) : 1) * (gsl_matrix_get(x, i, j) - mean);

            squares += own * own;
            gsl_matrix_set(c, i, j, own);
        }
        for (size_t i = 0; i < x->size1; i++)
            gsl_matrix_set(c, i, j, gsl_matrix_get(c, i, j) / sqrt(squares));
    }
    return c;
}

vmap_status mapping_check_weights(const double *weights, size_t n, vmap_error *err)
{
    for (size_t i = 0; weights && i < n; i++) {
        if (!(weights[i] > 0) || !isfinite(weights[i]))
            return vmap_error_set(err, VMAP_EINVAL, "weight %zu is %g; weights are numbers above 0", i + 1, weights[i]);
    }
    return VMAP_SUCCESS;
}

void mapping_unscale(const gsl_matrix *beta, const gsl_vector *mean_x, const gsl_vector *sd_x,
                     const gsl_vector *mean_y, const gsl_vector *sd_y, gsl_matrix *b)
{
    for (size_t m = 0; m < beta->size2; m++) {
        double intercept = gsl_vector_get(mean_y, m);

        for (size_t j = 0; j < beta->size1; j++) {
            double slope = gsl_matrix_get(beta, j, m) * gsl_vector_get(sd_y, m) / gsl_vector_get(sd_x, j);

            gsl_matrix_set(b, j + 1, m, slope);
            intercept -= slope * gsl_vector_get(mean_x, j);
        }
        gsl_matrix_set(b, 0, m, intercept);
    }
}

void mapping_orient(gsl_matrix *const *matrix, size_t count, size_t column)
{
    double sum = 0;

    for (size_t i = 0; i < matrix[0]->size1; i++)
        sum += gsl_matrix_get(matrix[0], i, column);
    for (size_t m = 0; sum < 0 && m < count; m++) {
        gsl_vector_view v = gsl_matrix_column(matrix[m], column);

        gsl_vector_scale(&v.vector, -1);
    }
}

vmap_status mapping_basis_last(const gsl_matrix *x, size_t j, const double *weights, mapping_basis *basis, vmap_error *err)
{
    gsl_matrix *turned = memory_matrix(x->size1, x->size2, err);
    vmap_status status;

    if (!turned)
        return VMAP_ENOMEM;
    for (size_t a = 0, to = 0; a < x->size2; a++) {
        gsl_vector_const_view column = gsl_matrix_const_column(x, a);

        gsl_matrix_set_col(turned, a == j ? x->size2 - 1 : to++, &column.vector);
    }
    status = mapping_basis_weighted(turned, weights, true, basis, err);
    gsl_matrix_free(turned);
    return status;
}

gsl_matrix *mapping_rest(const gsl_matrix *q, const gsl_matrix *y, vmap_error *err)
{
    gsl_matrix *along = memory_matrix(q->size2, y->size2, err), *rest = along ? memory_matrix(y->size1, y->size2, err) : NULL;

    if (rest) {
        numeric_multiply(1, 1, q, 0, y, along);
        gsl_matrix_memcpy(rest, y);
        gsl_blas_dgemm(CblasNoTrans, CblasNoTrans, -1, q, along, 1, rest);
    }
    gsl_matrix_free(along);
    return rest;
}

vmap_status mapping_check_p(const gsl_matrix *x, const gsl_matrix *y, const gsl_vector *whole,
                                const gsl_matrix *coefficient, vmap_error *err)
{
    if ((whole && whole->size != y->size2 + 1) ||
        (coefficient && (coefficient->size1 != x->size2 + 1 || coefficient->size2 != y->size2 + 1)))
        return vmap_error_set(err, VMAP_EINVAL, "room for the p of other numbers than %zu predictors and %zu outcomes",
                              x->size2, y->size2);
    return VMAP_SUCCESS;
}

void mapping_put_p(const double *found, gsl_vector *whole, gsl_matrix *coefficient)
{
    size_t columns = coefficient ? coefficient->size2 : 0;

    for (size_t m = 0; whole && m < whole->size; m++)
        gsl_vector_set(whole, m, found[m]);
    for (size_t j = 0; coefficient && j < coefficient->size1; j++) {
        for (size_t m = 0; m < columns; m++)
            gsl_matrix_set(coefficient, j, m, j ? found[j * columns + m] : NAN);
    }
}
