#include <config.h>
#include "resample/resample_associate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

bool resample_is_product(const vmap_association_options *options)
{
    return options->type == VMAP_PEARSON && !options->em;
}

/* Every drawn respondent is a row of his own: twice the weight would be the same correlation, but not the same
 * sampling variance. Returns the number of rows. */
static size_t write_out(const resample_rows *rows, const uint16_t *count, double *values, double *weights)
{
    size_t n = 0, p = rows->p;

    for (size_t place = 0; place < rows->n; place++) {
        for (unsigned c = 0; c < count[place]; c++, n++) {
            weights[n] = rows->w[place];
            for (size_t i = place * p; i < (place + 1) * p; i++)
                values[n * p + i - place * p] = !rows->observed[i] ? NAN : rows->code ? rows->code[i] : rows->x[i];
        }
    }
    return n;
}

vmap_status resample_associate(const resample_rows *rows, const uint16_t *count,
                               const vmap_association_options *options, vmap_association **association,
                               vmap_error *err)
{
    vmap_association_options o = *options;
    vmap_association *a = NULL;
    size_t n = 0;
    double *values, *weights;
    vmap_status status;

    for (size_t place = 0; place < rows->n; place++)
        n += count[place];
    values = memory_new((n + 1) * rows->p, sizeof *values, err);
    weights = memory_new(n + 1, sizeof *weights, err);
    o.threads = 1;
    status = values && weights ? VMAP_SUCCESS : VMAP_ENOMEM;
    if (!status) {
        n = write_out(rows, count, values, weights);
        status = vmap_moments_associate(values, n, rows->p, weights, &o, &a, err);
    }
    if (!status && !a->converged)
        status = vmap_error_set(err, VMAP_EDATA, "EM did not converge");
    free(values);
    free(weights);
    if (status)
        vmap_association_free(a);
    else
        *association = a;
    return status;
}

vmap_status resample_keep_kinds(const vmap_association *all, size_t p, vmap_association_options *options,
                                bool **kinds, vmap_error *err)
{
    if (!all->continuous || options->continuous)
        return VMAP_SUCCESS;
    *kinds = memory_new(p, sizeof **kinds, err);
    if (!*kinds)
        return VMAP_ENOMEM;
    memcpy(*kinds, all->continuous, p * sizeof **kinds);
    options->continuous = *kinds;
    return VMAP_SUCCESS;
}
