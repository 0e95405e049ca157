#include <config.h>
#include "cluster/cluster_internal.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "valuemap/rng.h"

size_t units_count(const vmap_units *units)
{
    return units->points ? units->points->size1 : units->dissimilarity->size1;
}

static vmap_status check_shapes(const vmap_units *units, vmap_error *err)
{
    const gsl_matrix *x = units->points, *d = units->dissimilarity;

    if (!x && !d)
        return vmap_error_set(err, VMAP_EINVAL,
                              "units need points or dissimilarities; they have neither");
    if (d && d->size1 != d->size2)
        return vmap_error_set(err, VMAP_EINVAL, "dissimilarities are %zu x %zu; they must be square",
                              d->size1, d->size2);
    if (x && d && x->size1 != d->size1)
        return vmap_error_set(err, VMAP_EINVAL, "there are %zu points and dissimilarities of %zu units",
                              x->size1, d->size1);
    return VMAP_SUCCESS;
}

static vmap_status check_weights(const vmap_units *units, size_t n, vmap_error *err)
{
    double sum = 0;

    for (size_t i = 0; units->weights && i < n; i++) {
        double w = units->weights[i];

        if (!(w >= 0) || isinf(w))
            return vmap_error_set(err, VMAP_EINVAL, "weight %zu is %g; a weight is a number from 0 up",
                                  i + 1, w);
        sum += w;
    }
    if (units->weights && !(sum > 0))
        return vmap_error_set(err, VMAP_EINVAL, "no unit has a positive weight");
    return VMAP_SUCCESS;
}

static vmap_status check_points(const gsl_matrix *x, vmap_error *err)
{
    for (size_t i = 0; i < x->size1; i++) {
        for (size_t j = 0; j < x->size2; j++) {
            double v = gsl_matrix_get(x, i, j);

            if (!isfinite(v) || fabs(v) > 1e150)
                return vmap_error_set(err, VMAP_EDATA,
                                      "unit %zu has the value %g on axis %zu; a point has numbers "
                                      "within +-1e150",
                                      i + 1, v, j + 1);
        }
    }
    return VMAP_SUCCESS;
}

static vmap_status check_dissimilarity(const gsl_matrix *d, vmap_error *err)
{
    double largest = 0;

    for (size_t i = 0; i < d->size1; i++) {
        for (size_t j = 0; j < d->size1; j++) {
            double v = gsl_matrix_get(d, i, j);

            if (!(v >= 0) || v > 1e150)
                return vmap_error_set(err, VMAP_EDATA,
                                      "the dissimilarity of units %zu and %zu is %g; it must be a number "
                                      "from 0 to 1e150",
                                      i + 1, j + 1, v);
            largest = fmax(largest, v);
        }
    }
    for (size_t i = 0; i < d->size1; i++) {
        if (gsl_matrix_get(d, i, i) != 0)
            return vmap_error_set(err, VMAP_EDATA, "unit %zu has the dissimilarity %g to itself; it must "
                                                   "be 0",
                                  i + 1, gsl_matrix_get(d, i, i));
        for (size_t j = 0; j < i; j++) {
            if (fabs(gsl_matrix_get(d, i, j) - gsl_matrix_get(d, j, i)) > 1e-9 * largest)
                return vmap_error_set(err, VMAP_EDATA,
                                      "the dissimilarity of units %zu and %zu is %g one way and %g the "
                                      "other",
                                      i + 1, j + 1, gsl_matrix_get(d, i, j), gsl_matrix_get(d, j, i));
        }
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_units_check(const vmap_units *units, vmap_error *err)
{
    vmap_status status = check_shapes(units, err);

    if (!status)
        status = check_weights(units, units_count(units), err);
    if (!status && units->points)
        status = check_points(units->points, err);
    if (!status && units->dissimilarity)
        status = check_dissimilarity(units->dissimilarity, err);
    return status;
}

vmap_status units_need_points(const vmap_units *units, const char *what, vmap_error *err)
{
    if (!units->points)
        return vmap_error_set(err, VMAP_EINVAL,
                              "%s needs points; dissimilarities alone are not enough", what);
    return VMAP_SUCCESS;
}

static bool is_same_point(const gsl_matrix *x, size_t a, size_t b)
{
    for (size_t j = 0; j < x->size2; j++) {
        if (gsl_matrix_get(x, a, j) != gsl_matrix_get(x, b, j))
            return false;
    }
    return true;
}

vmap_status units_distinct(const gsl_matrix *points, const double *weights, size_t most,
                           size_t *count, vmap_error *err)
{
    size_t *found = memory_new(most, sizeof *found, err), n = 0;

    if (!found)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < points->size1 && n < most; i++) {
        bool is_new = !weights || weights[i] > 0;

        for (size_t q = 0; is_new && q < n; q++)
            is_new = !is_same_point(points, i, found[q]);
        if (is_new)
            found[n++] = i;
    }
    free(found);
    *count = n;
    return VMAP_SUCCESS;
}

uint64_t child_seed(uint64_t seed, uint64_t i)
{
    uint64_t z = seed + (i + 1) * UINT64_C(0x9E3779B97F4A7C15); /* splitmix64, Steele et al. 2014 */

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* ---- rows of dissimilarities ---- */

vmap_status proximity_open(const vmap_units *units, proximity *rows, vmap_error *err)
{
    const gsl_matrix *x = units->points;

    *rows = (proximity){.n = units_count(units), .d = units->dissimilarity};
    if (rows->d)
        return VMAP_SUCCESS;
    rows->p = x->size2;
    rows->at = memory_new(rows->n, rows->p * sizeof *rows->at, err);
    if (!rows->at)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < rows->n; i++) {
        for (size_t a = 0; a < rows->p; a++)
            rows->at[a * rows->n + i] = gsl_matrix_get(x, i, a);
    }
    return VMAP_SUCCESS;
}

void proximity_close(proximity *rows)
{
    free(rows->at);
    rows->at = NULL;
}

/* Columns of a row that stay in the nearest cache while all axes are gone through. */
enum { RUN = 512 };

static void euclidean_run(const proximity *rows, size_t i, size_t from, size_t to, double *restrict out)
{
    for (size_t j = from; j < to; j++)
        out[j] = 0;
    for (size_t a = 0; a < rows->p; a++) {
        const double *restrict x = rows->at + a * rows->n;
        double own = x[i];

        for (size_t j = from; j < to; j++)
            out[j] += (x[j] - own) * (x[j] - own);
    }
    for (size_t j = from; j < to; j++)
        out[j] = sqrt(out[j]);
}


void proximity_part(const proximity *rows, size_t i, size_t from, size_t to, double *out)
{
    if (rows->d) {
        memcpy(out + from, gsl_matrix_const_ptr(rows->d, i, from), (to - from) * sizeof *out);
        return;
    }
    for (size_t at = from; at < to; at += RUN)
        euclidean_run(rows, i, at, at + RUN < to ? at + RUN : to, out);
}

void proximity_row(const proximity *rows, size_t i, double *out)
{
    proximity_part(rows, i, 0, rows->n, out);
}

int compare_ranked(const void *a, const void *b)
{
    const ranked *x = a, *y = b;

    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* ---- standardising ---- */

static bool standardise_column(gsl_matrix *points, size_t j, const double *weights)
{
    numeric_sum sum = {0, 0}, weight = {0, 0}, squares = {0, 0};
    double mean, sd, largest = 0;

    for (size_t i = 0; i < points->size1; i++) {
        double w = weights ? weights[i] : 1;

        numeric_add(&sum, w * gsl_matrix_get(points, i, j));
        numeric_add(&weight, w);
        largest = fmax(largest, fabs(gsl_matrix_get(points, i, j)));
    }
    mean = (sum.sum + sum.rest) / (weight.sum + weight.rest);
    for (size_t i = 0; i < points->size1; i++) {
        double w = weights ? weights[i] : 1, d = gsl_matrix_get(points, i, j) - mean;

        numeric_add(&squares, w * d * d);
    }
    sd = sqrt((squares.sum + squares.rest) / (weight.sum + weight.rest));
    for (size_t i = 0; i < points->size1; i++) {
        double *x = gsl_matrix_ptr(points, i, j);

        *x = sd > 1e-12 * largest ? (*x - mean) / sd : 0;
    }
    return sd > 1e-12 * largest;
}

size_t vmap_cluster_standardise(gsl_matrix *points, const double *weights)
{
    size_t constant = 0;

    for (size_t j = 0; j < points->size2; j++)
        constant += !standardise_column(points, j, weights);
    return constant;
}
