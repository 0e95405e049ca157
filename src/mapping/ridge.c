#include <config.h>
#include "valuemap/mapping.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "mapping/mapping_internal.h"

/* Penalties tried: 0 and 10^-4 .. 10^5. */
enum { TRIES = 181 };

void vmap_ridge_free(vmap_ridge *r)
{
    if (!r)
        return;
    gsl_matrix_free(r->b);
    gsl_matrix_free(r->beta);
    gsl_vector_free(r->lambda);
    gsl_vector_free(r->df);
    gsl_vector_free(r->gcv);
    free(r);
}

/* Predictors with divisor n: x = u diag(d) v'; along = u'y, rest = squares of y outside u. */
typedef struct {
    size_t n, axes;
    gsl_matrix *x, *y, *u, *v, *along;
    gsl_vector *d, *mean_x, *sd_x, *mean_y, *sd_y, *rest;
} decomposition;

static void free_decomposition(decomposition *s)
{
    gsl_matrix *const matrices[] = {s->x, s->y, s->u, s->v, s->along};
    gsl_vector *const vectors[] = {s->d, s->mean_x, s->sd_x, s->mean_y, s->sd_y, s->rest};

    for (size_t i = 0; i < sizeof matrices / sizeof *matrices; i++)
        gsl_matrix_free(matrices[i]);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        gsl_vector_free(vectors[i]);
}

static vmap_status decompose(const gsl_matrix *x, const gsl_matrix *y, decomposition *s, vmap_error *err)
{
    size_t n = x->size1, p = x->size2, k = y->size2, axes = n < p ? n : p;
    vmap_status status;

    *s = (decomposition){.n = n, .axes = axes};
    s->d = gsl_vector_calloc(axes);
    s->mean_x = gsl_vector_calloc(p);
    s->sd_x = gsl_vector_calloc(p);
    s->mean_y = gsl_vector_calloc(k);
    s->sd_y = gsl_vector_calloc(k);
    s->rest = gsl_vector_calloc(k);
    if (!s->d || !s->mean_x || !s->sd_x || !s->mean_y || !s->sd_y || !s->rest ||
        !(s->x = mapping_centred(x, true, s->mean_x, s->sd_x, err)) ||
        !(s->y = mapping_centred(y, false, s->mean_y, s->sd_y, err)) || !(s->u = memory_matrix(n, axes, err)) ||
        !(s->v = memory_matrix(p, axes, err)) || !(s->along = memory_matrix(axes, k, err)))
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a ridge regression of %zu rows", n);
    gsl_matrix_scale(s->x, sqrt((double)n / (double)(n - 1)));
    gsl_vector_scale(s->sd_x, sqrt((double)(n - 1) / (double)n));
    status = numeric_svd(s->x, s->u, s->d, s->v, err);
    if (status)
        return status;
    numeric_multiply(1, 1, s->u, 0, s->y, s->along);
    for (size_t m = 0; m < k; m++) {
        double squares = 0;

        for (size_t i = 0; i < n; i++)
            squares += pow(gsl_matrix_get(s->y, i, m), 2);
        for (size_t a = 0; a < axes; a++)
            squares -= pow(gsl_matrix_get(s->along, a, m), 2);
        gsl_vector_set(s->rest, m, fmax(0, squares));
    }
    return VMAP_SUCCESS;
}

/* Axes without length take no part, also where nothing is penalised. */
static double share_kept(const decomposition *s, size_t axis, double lambda)
{
    double d = gsl_vector_get(s->d, axis), least = 1e-10 * gsl_vector_get(s->d, 0);

    return d > least ? d * d / (d * d + lambda) : 0;
}

static double criterion(const decomposition *s, size_t m, double lambda, double *df)
{
    double rss = gsl_vector_get(s->rest, m);

    *df = 0;
    for (size_t a = 0; a < s->axes; a++) {
        double kept = share_kept(s, a, lambda);

        *df += kept;
        rss += pow((1 - kept) * gsl_matrix_get(s->along, a, m), 2);
    }
    return rss / pow((double)s->n - *df, 2);
}

static double best_penalty(const decomposition *s, size_t m)
{
    double df, best = NAN, least = INFINITY;

    for (int i = s->n > s->x->size2 + 1 ? -1 : 0; i < TRIES; i++) {
        double lambda = i < 0 ? 0 : pow(10, -4 + 9. * i / (TRIES - 1)), value = criterion(s, m, lambda, &df);

        if (value < least) {
            least = value;
            best = lambda;
        }
    }
    return best;
}

static void put_outcome(const decomposition *s, size_t m, double lambda, vmap_ridge *r)
{
    double df;

    gsl_vector_set(r->lambda, m, lambda);
    gsl_vector_set(r->gcv, m, criterion(s, m, lambda, &df));
    gsl_vector_set(r->df, m, df);
    for (size_t j = 0; j < s->x->size2; j++) {
        double slope = 0;

        for (size_t a = 0; a < s->axes; a++) {
            double d = gsl_vector_get(s->d, a), kept = share_kept(s, a, lambda);

            slope += kept > 0 ? gsl_matrix_get(s->v, j, a) * kept / d * gsl_matrix_get(s->along, a, m) : 0;
        }
        /* of predictors with divisor n; beta is of those with divisor n - 1 */
        gsl_matrix_set(r->beta, j, m, slope / gsl_vector_get(s->sd_y, m) * sqrt((double)s->n / (double)(s->n - 1)));
    }
}

vmap_status vmap_ridge_new(const gsl_matrix *x, const gsl_matrix *y, double lambda, vmap_ridge **ridge, vmap_error *err)
{
    decomposition s = {0};
    vmap_ridge *r = NULL;
    size_t p = x->size2, k = y->size2;
    vmap_status status = mapping_check(x, y, 3, err);

    if (!status && lambda < 0)
        status = vmap_error_set(err, VMAP_EINVAL, "penalty %g; it is not negative", lambda);
    if (!status)
        status = decompose(x, y, &s, err);
    if (!status && !(r = memory_new(1, sizeof *r, err)))
        status = VMAP_ENOMEM;
    if (!status) {
        r->b = memory_matrix(p + 1, k, err);
        r->beta = memory_matrix(p, k, err);
        r->lambda = gsl_vector_calloc(k);
        r->df = gsl_vector_calloc(k);
        r->gcv = gsl_vector_calloc(k);
        status = r->b && r->beta && r->lambda && r->df && r->gcv ? VMAP_SUCCESS : VMAP_ENOMEM;
    }
    if (!status) {
        for (size_t m = 0; m < k; m++)
            put_outcome(&s, m, isnan(lambda) ? best_penalty(&s, m) : lambda, r);
        gsl_vector_scale(s.sd_x, sqrt((double)s.n / (double)(s.n - 1)));
        mapping_unscale(r->beta, s.mean_x, s.sd_x, s.mean_y, s.sd_y, r->b);
        *ridge = r;
    } else {
        vmap_ridge_free(r);
    }
    free_decomposition(&s);
    return status;
}
