#include <config.h>
#include "factor/rotate_internal.h"

#include <math.h>

#include <gsl/gsl_math.h>

/* Crawford-Ferguson: (1 - kappa) / 4 x products of squares within rows + kappa / 4 x within
 * columns. */
static double crawford_ferguson(const gsl_matrix *l, double kappa, gsl_matrix *g)
{
    size_t p = l->size1, k = l->size2;
    double f = 0, column[64] = {0}, *of = column;

    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < k; j++)
            of[j] += gsl_pow_2(gsl_matrix_get(l, i, j));
    }
    for (size_t i = 0; i < p; i++) {
        double row = 0;

        for (size_t j = 0; j < k; j++)
            row += gsl_pow_2(gsl_matrix_get(l, i, j));
        for (size_t j = 0; j < k; j++) {
            double x = gsl_matrix_get(l, i, j), square = x * x;
            double others = (1 - kappa) * (row - square) + kappa * (of[j] - square);

            f += square * others / 4;
            gsl_matrix_set(g, i, j, x * others);
        }
    }
    return f;
}

static double parametric(const gsl_matrix *l, const vmap_rotate_options *o, gsl_matrix *g)
{
    double p = (double)l->size1, k = (double)l->size2, kappa = 0;

    if (o->method == VMAP_ROTATE_VARIMAX)
        kappa = 1 / p;
    else if (o->method == VMAP_ROTATE_EQUAMAX)
        kappa = k / (2 * p);
    else if (o->method == VMAP_ROTATE_PARSIMAX)
        kappa = (k - 1) / (p + k - 2);
    else if (o->method == VMAP_ROTATE_CF_ORTHOGONAL || o->method == VMAP_ROTATE_CF_OBLIQUE)
        kappa = o->parameter;
    return crawford_ferguson(l, kappa, g);
}

/* S over pairs of columns of [S l^2 m^2 - gamma / p S l^2 S m^2], over both orders, divided by 4.
 */
static double oblimin(const gsl_matrix *l, const vmap_rotate_options *o, gsl_matrix *g)
{
    size_t p = l->size1, k = l->size2;
    double gamma = o->method == VMAP_ROTATE_QUARTIMIN ? 0 : o->parameter, f = 0, sum[64] = {0},
           total = 0;

    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < k; j++) {
            double square = gsl_pow_2(gsl_matrix_get(l, i, j));

            sum[j] += square;
            total += square;
        }
    }
    for (size_t i = 0; i < p; i++) {
        double row = 0;

        for (size_t j = 0; j < k; j++)
            row += gsl_pow_2(gsl_matrix_get(l, i, j));
        for (size_t j = 0; j < k; j++) {
            double x = gsl_matrix_get(l, i, j);
            double others = row - x * x - gamma / (double)p * (total - sum[j]);

            f += x * x * others / 4;
            gsl_matrix_set(g, i, j, x * others);
        }
    }
    return f;
}

/* S over rows of (product over columns of (l^2 + delta))^(1/k). */
static double geomin(const gsl_matrix *l, const vmap_rotate_options *o, gsl_matrix *g)
{
    size_t k = l->size2;
    double delta = o->parameter, f = 0;

    for (size_t i = 0; i < l->size1; i++) {
        double logs = 0, product;

        for (size_t j = 0; j < k; j++)
            logs += log(gsl_pow_2(gsl_matrix_get(l, i, j)) + delta);
        product = exp(logs / (double)k);
        f += product;
        for (size_t j = 0; j < k; j++) {
            double x = gsl_matrix_get(l, i, j);

            gsl_matrix_set(g, i, j, 2 * x * product / (double)k / (x * x + delta));
        }
    }
    return f;
}

/* S of squared distances from the elements of the target that are given. */
static double target(const gsl_matrix *l, const vmap_rotate_options *o, gsl_matrix *g)
{
    double f = 0;

    for (size_t i = 0; i < l->size1; i++) {
        for (size_t j = 0; j < l->size2; j++) {
            double want = gsl_matrix_get(o->target, i, j);
            double off = isnan(want) ? 0 : gsl_matrix_get(l, i, j) - want;

            f += off * off;
            gsl_matrix_set(g, i, j, 2 * off);
        }
    }
    return f;
}

/* Quartimin of all columns but the first. */
static double bifactor(const gsl_matrix *l, const vmap_rotate_options *o, gsl_matrix *g)
{
    double f = 0;

    (void)o;
    for (size_t i = 0; i < l->size1; i++) {
        double row = 0;

        for (size_t j = 1; j < l->size2; j++)
            row += gsl_pow_2(gsl_matrix_get(l, i, j));
        gsl_matrix_set(g, i, 0, 0);
        for (size_t j = 1; j < l->size2; j++) {
            double x = gsl_matrix_get(l, i, j);

            f += x * x * (row - x * x);
            gsl_matrix_set(g, i, j, 4 * x * (row - x * x));
        }
    }
    return f;
}

rotate_criterion rotate_criterion_of(vmap_rotation method)
{
    static const rotate_criterion of[VMAP_ROTATIONS] = {
        [VMAP_ROTATE_VARIMAX] = parametric,
        [VMAP_ROTATE_QUARTIMAX] = parametric,
        [VMAP_ROTATE_EQUAMAX] = parametric,
        [VMAP_ROTATE_PARSIMAX] = parametric,
        [VMAP_ROTATE_CF_ORTHOGONAL] = parametric,
        [VMAP_ROTATE_GEOMIN_ORTHOGONAL] = geomin,
        [VMAP_ROTATE_TARGET_ORTHOGONAL] = target,
        [VMAP_ROTATE_BIFACTOR] = bifactor,
        [VMAP_ROTATE_OBLIMIN] = oblimin,
        [VMAP_ROTATE_QUARTIMIN] = oblimin,
        [VMAP_ROTATE_CF_OBLIQUE] = parametric,
        [VMAP_ROTATE_GEOMIN] = geomin,
        [VMAP_ROTATE_TARGET] = target,
        [VMAP_ROTATE_BIFACTOR_OBLIQUE] = bifactor,
    };

    return of[method];
}
