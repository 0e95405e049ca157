#include <config.h>
#include "valuemap/mapping.h"

#include <math.h>

#include "core/memory.h"
#include "mapping/mapping_internal.h"

/* Sums of weights below this: no row is near. */
static const double NEAR_LEAST = .1;
enum { BANDWIDTHS = 19 };

/* Kernel mean of y at a place (standardised), without row `left`; NaN where no row is near. */
static double mean_at(const gsl_matrix *x, const gsl_vector *y, const gsl_vector *place, double h, size_t left)
{
    double weights = 0, sum = 0;

    for (size_t i = 0; i < x->size1; i++) {
        double squares = 0, w;

        for (size_t j = 0; j < x->size2; j++)
            squares += pow(gsl_matrix_get(x, i, j) - gsl_vector_get(place, j), 2);
        w = i == left ? 0 : exp(-squares / (2 * h * h));
        weights += w;
        sum += w * gsl_vector_get(y, i);
    }
    return weights < NEAR_LEAST ? NAN : sum / weights;
}

/* A row that stands alone is predicted by the mean of the others. */
static double loss_of(const gsl_matrix *x, const gsl_vector *y, double h)
{
    double total = 0, loss = 0, n = (double)x->size1;

    for (size_t i = 0; i < x->size1; i++)
        total += gsl_vector_get(y, i);
    for (size_t i = 0; i < x->size1; i++) {
        gsl_vector_const_view place = gsl_matrix_const_row(x, i);
        double own = gsl_vector_get(y, i), value = mean_at(x, y, &place.vector, h, i);

        loss += pow(own - (isnan(value) ? (total - own) / (n - 1) : value), 2);
    }
    return loss;
}

static double best_bandwidth(const gsl_matrix *x, const gsl_vector *y)
{
    double best = NAN, least = INFINITY;

    for (int i = 0; i < BANDWIDTHS; i++) {
        double h = (i + 2) / 10., loss = loss_of(x, y, h);

        if (loss < least) {
            least = loss;
            best = h;
        }
    }
    return best;
}

vmap_status vmap_mapping_surface(const gsl_matrix *x, const gsl_vector *y, const gsl_matrix *at, double h,
                                 gsl_vector *value, double *used, vmap_error *err)
{
    gsl_vector *mean = gsl_vector_calloc(x->size2), *sd = gsl_vector_calloc(x->size2), *place = gsl_vector_calloc(x->size2);
    gsl_matrix *scaled = NULL;
    vmap_status status = mean && sd && place ? mapping_check(x, NULL, 3, err) : VMAP_ENOMEM;

    if (!status && (y->size != x->size1 || at->size2 != x->size2 || value->size != at->size1))
        status = vmap_error_set(err, VMAP_EINVAL, "%zu rows, %zu outcomes, %zu places, room for %zu values", x->size1, y->size,
                                at->size1, value->size);
    if (!status && h <= 0)
        status = vmap_error_set(err, VMAP_EINVAL, "bandwidth %g; it must be positive", h);
    if (!status && !(scaled = mapping_centred(x, true, mean, sd, err)))
        status = VMAP_ENOMEM;
    if (!status && isnan(h))
        h = best_bandwidth(scaled, y);
    for (size_t i = 0; !status && i < at->size1; i++) {
        for (size_t j = 0; j < x->size2; j++)
            gsl_vector_set(place, j, (gsl_matrix_get(at, i, j) - gsl_vector_get(mean, j)) / gsl_vector_get(sd, j));
        gsl_vector_set(value, i, mean_at(scaled, y, place, h, x->size1));
    }
    if (!status && used)
        *used = h;
    gsl_vector_free(mean);
    gsl_vector_free(sd);
    gsl_vector_free(place);
    gsl_matrix_free(scaled);
    return status;
}
