#include <config.h>
#include "valuemap/factor_preset.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "factor/factor_internal.h"
#include "factor/rotate_internal.h"
#include "valuemap/factor.h"

/* ---- varimax as programs do it: t is turned until `a` t is simple ---- */

/* All factors at once. */
static vmap_status turn_by_svd(const gsl_matrix *a, double eps, gsl_matrix *t, vmap_rotate_info *info, vmap_error *err)
{
    size_t p = a->size1, k = a->size2;
    gsl_matrix *z = memory_matrix(p, k, err), *b = memory_matrix(k, k, err);
    gsl_matrix *u = memory_matrix(k, k, err), *v = memory_matrix(k, k, err);
    gsl_vector *d = gsl_vector_alloc(k);
    vmap_status status = z && b && u && v && d ? VMAP_SUCCESS : VMAP_ENOMEM;
    double before, sum = 0;

    for (info->iterations = 0; !status && !info->converged && info->iterations < 1000; info->iterations++) {
        numeric_multiply(1, 0, a, 0, t, z);
        for (size_t j = 0; j < k; j++) {
            double squares = 0;

            for (size_t i = 0; i < p; i++)
                squares += gsl_matrix_get(z, i, j) * gsl_matrix_get(z, i, j);
            for (size_t i = 0; i < p; i++)
                *gsl_matrix_ptr(z, i, j) *= gsl_matrix_get(z, i, j) * gsl_matrix_get(z, i, j) - squares / (double)p;
        }
        numeric_multiply(1, 1, a, 0, z, b);
        status = numeric_svd(b, u, d, v, err);
        if (status)
            break;
        numeric_multiply(1, 0, u, 1, v, t);
        before = sum;
        sum = 0;
        for (size_t j = 0; j < k; j++)
            sum += gsl_vector_get(d, j);
        info->converged = sum < before * (1 + eps);
    }
    gsl_matrix_free(z);
    gsl_matrix_free(b);
    gsl_matrix_free(u);
    gsl_matrix_free(v);
    gsl_vector_free(d);
    return status;
}

static double planar_criterion(const gsl_matrix *z)
{
    double p = (double)z->size1, all = 0;

    for (size_t j = 0; j < z->size2; j++) {
        double squares = 0, fourths = 0;

        for (size_t i = 0; i < z->size1; i++) {
            double l2 = gsl_matrix_get(z, i, j) * gsl_matrix_get(z, i, j);

            squares += l2;
            fourths += l2 * l2;
        }
        all += (p * fourths - squares * squares) / (p * p);
    }
    return all;
}

/* One pair of factors after the other. */
static vmap_status turn_by_pairs(const gsl_matrix *a, const vmap_factor_switches *s, gsl_matrix *t,
                                 vmap_rotate_info *info, vmap_error *err)
{
    gsl_matrix *z = memory_matrix(a->size1, a->size2, err);
    double now, before;

    if (!z)
        return VMAP_ENOMEM;
    gsl_matrix_memcpy(z, a);
    now = planar_criterion(z);
    for (info->iterations = 0; !info->converged && info->iterations < s->iterations; info->iterations++) {
        for (size_t i = 0; i + 1 < a->size2; i++) {
            for (size_t j = i + 1; j < a->size2; j++)
                factor_turn_pair(z, t, i, j);
        }
        before = now;
        now = planar_criterion(z);
        info->converged = fabs(now - before) <= s->eps;
    }
    gsl_matrix_free(z);
    return VMAP_SUCCESS;
}

static vmap_status turn_exactly(const gsl_matrix *a, gsl_matrix *t, vmap_rotate_info *info, vmap_error *err)
{
    gsl_matrix *turned = memory_matrix(a->size1, a->size2, err);
    vmap_rotation_info found = {0};
    vmap_status status = turned ? vmap_factor_varimax(a, false, turned, t, &found, err) : VMAP_ENOMEM;

    info->iterations = found.sweeps;
    info->converged = found.converged;
    gsl_matrix_free(turned);
    return status;
}

/* ---- rows of unit length ---- */

static double row_size(const gsl_matrix *a, size_t i)
{
    gsl_vector_const_view row = gsl_matrix_const_row(a, i);

    return gsl_blas_dnrm2(&row.vector);
}

/* Copy of a with rows of unit length when `scale`; rows of zeros stay. */
static gsl_matrix *copy_rows(const gsl_matrix *a, bool scale, vmap_error *err)
{
    gsl_matrix *b = memory_matrix(a->size1, a->size2, err);

    if (!b)
        return NULL;
    gsl_matrix_memcpy(b, a);
    for (size_t i = 0; scale && i < a->size1; i++) {
        gsl_vector_view row = gsl_matrix_row(b, i);
        double size = row_size(a, i);

        if (size > 0)
            gsl_vector_scale(&row.vector, 1 / size);
    }
    return b;
}

static bool scales(const vmap_rotate_options *o, const vmap_factor_switches *s)
{
    return o->kaiser >= 0 ? o->kaiser > 0 : vmap_switch_scales(s, o->method);
}

/* ---- order and signs ---- */

/* Everything of the solution that follows from T; true unless T has no inverse. */
static bool apply(vmap_factor_solution *s, bool oblique)
{
    gsl_matrix *inverse = gsl_matrix_alloc(s->k, s->k), *room = gsl_matrix_alloc(s->k, s->k);
    gsl_permutation *order = gsl_permutation_alloc(s->k);
    bool ok = inverse && room && order;
    int sign;

    s->oblique = oblique;
    gsl_matrix_set_identity(s->phi);
    if (ok && oblique) {
        gsl_matrix_memcpy(room, s->rotation);
        ok = !gsl_linalg_LU_decomp(room, order, &sign) && !gsl_linalg_LU_invert(room, order, inverse);
        numeric_multiply(1, 0, s->unrotated, 1, inverse, s->pattern);
        numeric_multiply(1, 1, s->rotation, 0, s->rotation, s->phi);
        for (size_t j = 0; j < s->k; j++)
            gsl_matrix_set(s->phi, j, j, 1);
    } else if (ok) {
        numeric_multiply(1, 0, s->unrotated, 0, s->rotation, s->pattern);
    }
    numeric_multiply(1, 0, s->pattern, 0, s->phi, s->structure);
    gsl_vector_set_zero(s->variance);
    for (size_t j = 0; j < s->k; j++) {
        for (size_t i = 0; i < s->p; i++)
            *gsl_vector_ptr(s->variance, j) += gsl_matrix_get(s->pattern, i, j) * gsl_matrix_get(s->structure, i, j);
    }
    gsl_matrix_free(inverse);
    gsl_matrix_free(room);
    gsl_permutation_free(order);
    return ok;
}

/* Columns by falling variance or squares, sums positive. */
static vmap_status arrange(vmap_factor_solution *s, vmap_factor_order rule, vmap_error *err)
{
    size_t k = s->k, *order = memory_new(k, sizeof *order, err);
    int *sign = memory_new(k, sizeof *sign, err);
    double *size = memory_new(k, sizeof *size, err);
    vmap_status status = order && sign && size ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t j = 0; !status && j < k; j++) {
        gsl_vector_const_view column = gsl_matrix_const_column(s->pattern, j);
        double own = gsl_blas_dnrm2(&column.vector);
        size_t m = j;

        size[j] = rule == VMAP_ORDER_VARIANCE ? gsl_vector_get(s->variance, j) : own * own;
        for (; m > 0 && size[order[m - 1]] < size[j]; m--)
            order[m] = order[m - 1];
        order[m] = j;
    }
    for (size_t j = 0; !status && j < k; j++) {
        double sum = 0;

        for (size_t i = 0; i < s->p; i++)
            sum += gsl_matrix_get(s->pattern, i, order[j]);
        sign[j] = sum < 0 ? -1 : 1;
    }
    if (!status) {
        vmap_factor_arrange(s->pattern, s->rotation, order, sign);
        if (!apply(s, s->oblique))
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu factors", k);
    }
    free(order);
    free(sign);
    free(size);
    return status;
}

/* ---- promax ---- */

/* u = (l'l)^-1 l'q with l the varimax loadings, in the way of the target; factors of unit variance. */
static vmap_status regress_target(const gsl_matrix *l, vmap_promax_target target, double power, gsl_matrix *u,
                                  vmap_error *err)
{
    gsl_matrix *on = copy_rows(l, target == VMAP_PROMAX_UNIT, err);
    gsl_matrix *q = copy_rows(l, target != VMAP_PROMAX_PLAIN, err);
    vmap_status status = on && q ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        for (size_t i = 0; i < q->size1 * q->size2; i++)
            q->data[i] = copysign(pow(fabs(q->data[i]), power), q->data[i]);
        status = rotate_to_target(on, q, u, err);
    }
    if (status && status != VMAP_ENOMEM)
        vmap_error_set(err, status = VMAP_EDATA, "promax: two factors coincide; extract fewer factors");
    gsl_matrix_free(on);
    gsl_matrix_free(q);
    return status;
}

/* From the T of varimax to that of promax: (T u)'^-1. */
static vmap_status make_oblique(const gsl_matrix *loadings, const vmap_factor_switches *s, double power, gsl_matrix *t,
                                vmap_error *err)
{
    size_t k = t->size1;
    gsl_matrix *u = memory_matrix(k, k, err), *m = memory_matrix(k, k, err);
    gsl_permutation *order = gsl_permutation_alloc(k);
    vmap_status status = u && m && order ? VMAP_SUCCESS : VMAP_ENOMEM;
    int sign;

    if (!status)
        status = regress_target(loadings, s->target, power, u, err);
    if (!status) {
        numeric_multiply(1, 0, t, 0, u, m);
        gsl_linalg_LU_decomp(m, order, &sign);
        if (gsl_linalg_LU_invert(m, order, u))
            status = vmap_error_set(err, VMAP_EDATA, "promax: two factors coincide; extract fewer factors");
        gsl_matrix_transpose_memcpy(t, u);
    }
    gsl_matrix_free(u);
    gsl_matrix_free(m);
    gsl_permutation_free(order);
    return status;
}

/* ---- all of it ---- */

/* Varimax or promax in a program's own way. */
static vmap_status turn_as(vmap_factor_solution *s, const vmap_rotate_options *o, const vmap_factor_switches *w,
                           vmap_rotate_info *info, vmap_error *err)
{
    bool promax = o->method == VMAP_ROTATE_PROMAX;
    gsl_matrix *a = copy_rows(s->unrotated, scales(o, w) || (promax && w->target == VMAP_PROMAX_UNIT), err);
    gsl_matrix *t = s->rotation;
    vmap_status status = a ? VMAP_SUCCESS : VMAP_ENOMEM;

    *info = (vmap_rotate_info){.criterion = NAN, .gradient = NAN, .starts = 1};
    gsl_matrix_set_identity(t);
    if (!status && w->varimax == VMAP_VARIMAX_SVD)
        status = turn_by_svd(a, w->eps, t, info, err);
    else if (!status && w->varimax == VMAP_VARIMAX_PLANAR)
        status = turn_by_pairs(a, w, t, info, err);
    else if (!status)
        status = turn_exactly(a, t, info, err);
    info->optima = info->agree = info->converged;
    if (!status && promax) {
        numeric_multiply(1, 0, s->unrotated, 0, t, s->pattern);
        if (w->order == VMAP_ORDER_BASE)
            vmap_factor_arrange_by_size(s->pattern, t);
        status = make_oblique(s->pattern, w, isnan(o->parameter) ? w->power : o->parameter, t, err);
    }
    if (!status && !apply(s, promax))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu factors", s->k);
    gsl_matrix_free(a);
    return status;
}

vmap_status vmap_factor_rotate_like(vmap_factor_solution *solution, const vmap_rotate_options *options,
                                    const vmap_factor_switches *switches, vmap_rotate_info *info, vmap_error *err)
{
    const vmap_rotation_method *method = &vmap_rotations[options->method];
    bool promax = options->method == VMAP_ROTATE_PROMAX;
    bool own = (promax || options->method == VMAP_ROTATE_VARIMAX) && solution->k > 1;
    vmap_rotate_options o = *options;
    vmap_rotate_info found;
    vmap_status status;

    if (promax && !isnan(o.parameter) && !(o.parameter >= 1))
        own = false; /* refused below */
    o.kaiser = scales(options, switches);
    status = own ? turn_as(solution, options, switches, &found, err)
                 : vmap_factor_rotate_solution(solution, &o, &found, err);
    if (!status && options->method != VMAP_ROTATE_NONE && solution->k > 1 && method->fixed == 0 &&
        !(promax && switches->order == VMAP_ORDER_BASE))
        status = arrange(solution, switches->order, err);
    if (!status && info)
        *info = found;
    return status;
}
