#include <config.h>
#include "valuemap/factor_rotate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_randist.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "core/parallel.h"
#include "core/registry.h"
#include "factor/rotate_internal.h"
#include "valuemap/factor.h"
#include "valuemap/rng.h"

#define MOST_FACTORS 64

const vmap_rotation_method vmap_rotations[VMAP_ROTATIONS] = {
    {"none", "as extracted", "", false, false, NULL, 0, false, 0},
    {"varimax", "simple columns", "Kaiser 1958", false, true, NULL, 0, false, 0},
    {"quartimax", "simple rows", "Neuhaus & Wrigley 1954", false, true, NULL, 0, false, 0},
    {"equamax", "columns of even size", "Saunders 1962", false, true, NULL, 0, false, 0},
    {"parsimax", "rows and columns balanced", "Crawford & Ferguson 1970", false, true, NULL, 0,
     false, 0},
    {"cf-orthogonal", "Crawford-Ferguson family", "Crawford & Ferguson 1970", false, false, "kappa",
     0, false, 0},
    {"geomin-orthogonal", "few factors per item", "Yates 1987", false, false, "delta", .01, false,
     0},
    {"target-orthogonal", "near to a target", "Browne 1972", false, false, NULL, 0, true, SIZE_MAX},
    {"bifactor", "a general factor and groups", "Jennrich & Bentler 2011", false, false, NULL, 0,
     false, 1},
    {"promax", "varimax made oblique by powers", "Hendrickson & White 1964", true, true, "power", 4,
     false, 0},
    {"oblimin", "direct oblimin", "Jennrich & Sampson 1966", true, false, "gamma", 0, false, 0},
    {"quartimin", "oblimin with gamma 0", "Carroll 1953", true, false, NULL, 0, false, 0},
    {"cf-oblique", "Crawford-Ferguson family", "Crawford & Ferguson 1970", true, false, "kappa", 0,
     false, 0},
    {"geomin", "few factors per item", "Yates 1987", true, false, "delta", .01, false, 0},
    {"target", "near to a target", "Browne 1972", true, false, NULL, 0, true, SIZE_MAX},
    {"bifactor-oblique", "a general factor and groups that correlate", "Jennrich & Bentler 2012",
     true, false, NULL, 0, false, 1},
};

vmap_status vmap_rotation_find(const char *name, vmap_rotation *rotation, vmap_error *err)
{
    size_t i = REGISTRY_FIND(vmap_rotations, VMAP_ROTATIONS, "rotation", name, err);

    if (i == VMAP_ROTATIONS)
        return VMAP_ENOENT;
    *rotation = (vmap_rotation)i;
    return VMAP_SUCCESS;
}

void vmap_rotate_defaults(vmap_rotate_options *options)
{
    *options = (vmap_rotate_options){.method = VMAP_ROTATE_VARIMAX,
                                     .kaiser = -1,
                                     .parameter = NAN,
                                     .starts = 30,
                                     .seed = 20230217,
                                     .tolerance = 1e-8,
                                     .iterations = 5000,
                                     .threads = 1};
}

/* ---- gradient projection ---- */

/* One descent: loadings a (p x k) are turned by t; everything else is room. */
typedef struct {
    const gsl_matrix *a;
    const vmap_rotate_options *o;
    rotate_criterion criterion;
    bool oblique;
    gsl_matrix *t, *trial, *inverse; /* k x k */
    gsl_matrix *l, *g;               /* p x k: rotated loadings, derivatives of the criterion */
    gsl_matrix *slope;               /* k x k: derivatives by t */
    gsl_matrix *projected, *before;  /* k x k: on the surface that t may move on */
    gsl_matrix *u, *v, *product;     /* k x k */
    gsl_vector *d;
    gsl_permutation *order;
    double f, norm;
    size_t iterations;
    bool converged;
} descent;

static void free_descent(descent *x)
{
    gsl_matrix *m[] = {x->t,         x->trial,  x->inverse, x->l, x->g,      x->slope,
                       x->projected, x->before, x->u,       x->v, x->product};

    for (size_t i = 0; i < sizeof m / sizeof *m; i++)
        gsl_matrix_free(m[i]);
    gsl_vector_free(x->d);
    gsl_permutation_free(x->order);
}

static bool new_descent(descent *x, const gsl_matrix *a, const vmap_rotate_options *o)
{
    size_t k = a->size2;
    gsl_matrix **m[] = {&x->t,      &x->trial, &x->inverse, &x->slope,  &x->projected,
                        &x->before, &x->u,     &x->v,       &x->product};
    bool all = true;

    *x = (descent){.a = a, .o = o, .criterion = rotate_criterion_of(o->method)};
    x->oblique = vmap_rotations[o->method].oblique;
    for (size_t i = 0; i < sizeof m / sizeof *m; i++)
        all = (*m[i] = memory_matrix(k, k, NULL)) && all;
    x->l = memory_matrix(a->size1, k, NULL);
    x->g = memory_matrix(a->size1, k, NULL);
    x->d = gsl_vector_alloc(k);
    x->order = gsl_permutation_alloc(k);
    return all && x->l && x->g && x->d && x->order;
}

/* inverse = t^-1 of a square matrix of unit columns; false when they lie in a plane. */
static bool invert(const gsl_matrix *t, gsl_matrix *inverse, gsl_matrix *room,
                   gsl_permutation *order)
{
    int sign;

    gsl_matrix_memcpy(room, t);
    if (gsl_linalg_LU_decomp(room, order, &sign))
        return false;
    for (size_t j = 0; j < t->size1; j++) {
        if (!(fabs(gsl_matrix_get(room, j, j)) > 1e-10))
            return false;
    }
    return !gsl_linalg_LU_invert(room, order, inverse);
}

/* The criterion at t, with loadings, their derivatives and those by t. */
static bool evaluate(descent *x, const gsl_matrix *t, double *f)
{
    if (x->oblique) {
        if (!invert(t, x->inverse, x->u, x->order))
            return false;
        numeric_multiply(1, 0, x->a, 1, x->inverse, x->l);
    } else {
        numeric_multiply(1, 0, x->a, 0, t, x->l);
    }
    *f = x->criterion(x->l, x->o, x->g);
    return isfinite(*f);
}

static void find_slope(descent *x)
{
    if (!x->oblique) {
        numeric_multiply(1, 1, x->a, 0, x->g, x->slope);
        return;
    }
    /* -(l' g t^-1)' */
    numeric_multiply(1, 1, x->l, 0, x->g, x->product);
    numeric_multiply(1, 0, x->product, 0, x->inverse, x->u);
    for (size_t i = 0; i < x->u->size1; i++) {
        for (size_t j = 0; j < x->u->size1; j++)
            gsl_matrix_set(x->slope, i, j, -gsl_matrix_get(x->u, j, i));
    }
}

/* The part of the slope that stays on the surface; returns its norm. */
static double project(descent *x, const gsl_matrix *t)
{
    size_t k = t->size1;
    double sum = 0;

    gsl_matrix_memcpy(x->projected, x->slope);
    numeric_multiply(1, 1, t, 0, x->slope, x->product);
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++)
            gsl_matrix_set(
                x->u, i, j,
                x->oblique
                    ? (i == j ? gsl_matrix_get(x->product, i, i) : 0)
                    : (gsl_matrix_get(x->product, i, j) + gsl_matrix_get(x->product, j, i)) / 2);
    }
    numeric_multiply(1, 0, t, 0, x->u, x->product);
    gsl_matrix_sub(x->projected, x->product);
    for (size_t i = 0; i < k * k; i++)
        sum += gsl_pow_2(x->projected->data[i]);
    return sqrt(sum);
}

/* trial = the point of the surface that is nearest to t - length projected. */
static bool step_to(descent *x, double length)
{
    size_t k = x->t->size1;

    gsl_matrix_memcpy(x->product, x->before); /* the projected slope at t */
    gsl_matrix_scale(x->product, -length);
    gsl_matrix_add(x->product, x->t);
    if (!x->oblique) {
        if (numeric_svd(x->product, x->u, x->d, x->v, NULL))
            return false;
        numeric_multiply(1, 0, x->u, 1, x->v, x->trial);
        return true;
    }
    for (size_t j = 0; j < k; j++) {
        gsl_vector_view from = gsl_matrix_column(x->product, j),
                        to = gsl_matrix_column(x->trial, j);
        double size = gsl_blas_dnrm2(&from.vector);

        if (!(size > 0))
            return false;
        gsl_vector_memcpy(&to.vector, &from.vector);
        gsl_vector_scale(&to.vector, 1 / size);
    }
    return true;
}

/* Length of the next step from the last one (Barzilai & Borwein 1988, IMA J. Numer. Anal. 8,
 * 141-148). */
static double next_length(const descent *x, const gsl_matrix *from, double length)
{
    double square = 0, product = 0;

    for (size_t i = 0; i < x->t->size1 * x->t->size1; i++) {
        double move = x->t->data[i] - from->data[i];

        square += move * move;
        product += move * (x->projected->data[i] - x->before->data[i]);
    }
    return product > 0 && square > 0 ? fmin(square / product, 1e3) : 2 * length;
}

/* From x->t downhill until the projected slope vanishes. */
static void descend(descent *x, gsl_matrix *from)
{
    double length = 1;

    if (!evaluate(x, x->t, &x->f))
        return;
    find_slope(x);
    x->norm = project(x, x->t);
    for (x->iterations = 0; x->norm > x->o->tolerance && x->iterations < x->o->iterations;
         x->iterations++) {
        bool moved = false;
        double f = x->f, norm = x->norm;

        gsl_matrix_memcpy(x->before, x->projected);
        for (int halvings = 0; halvings < 50 && !moved; halvings++, length /= moved ? 1 : 2) {
            double fall = norm * norm * length / 2;

            if (!step_to(x, length) || !evaluate(x, x->trial, &f))
                continue;
            /* near the end the fall is less than the rounding of the criterion: the slope decides
             */
            if (fall > 1e-12 * fmax(fabs(x->f), 1e-3)) {
                moved = f <= x->f - fall * .2;
                continue;
            }
            find_slope(x);
            moved = project(x, x->trial) < norm;
        }
        if (!moved)
            break;
        gsl_matrix_memcpy(from, x->t);
        gsl_matrix_memcpy(x->t, x->trial);
        x->f = f;
        find_slope(x);
        x->norm = project(x, x->t);
        length = next_length(x, from, length);
    }
    x->converged = x->norm <= fmax(x->o->tolerance, 1e-6);
}

/* ---- varimax and promax ---- */

/* Varimax has its optimum over each pair of factors in closed form. */
static bool turn_by_varimax(descent *x)
{
    vmap_rotation_info info;
    gsl_matrix *turned = memory_matrix(x->a->size1, x->a->size2, NULL);
    bool ok = turned != NULL;

    if (ok) {
        numeric_multiply(1, 0, x->a, 0, x->t, x->l);
        ok = !vmap_factor_varimax(x->l, false, turned, x->trial, &info, NULL);
    }
    if (ok) {
        numeric_multiply(1, 0, x->t, 0, x->trial, x->product);
        gsl_matrix_memcpy(x->t, x->product);
        gsl_matrix_memcpy(x->l, turned);
        x->f = -info.criterion;
        x->iterations = info.sweeps;
        x->converged = info.converged;
        x->norm = 0;
    }
    gsl_matrix_free(turned);
    return ok;
}

vmap_status rotate_to_target(const gsl_matrix *l, const gsl_matrix *q, gsl_matrix *u, vmap_error *err)
{
    size_t k = l->size2;
    gsl_matrix *square = memory_matrix(k, k, err), *inverse = memory_matrix(k, k, err);
    vmap_status status = square && inverse ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        numeric_multiply(1, 1, l, 0, l, square);
        status = numeric_invert(square, inverse, err);
    }
    if (!status) {
        numeric_multiply(1, 1, l, 0, q, square);
        numeric_multiply(1, 0, inverse, 0, square, u);
        numeric_multiply(1, 1, u, 0, u, square);
        status = numeric_invert(square, inverse, err);
    }
    for (size_t j = 0; !status && j < k; j++) {
        gsl_vector_view column = gsl_matrix_column(u, j);

        gsl_vector_scale(&column.vector, sqrt(gsl_matrix_get(inverse, j, j)));
    }
    gsl_matrix_free(square);
    gsl_matrix_free(inverse);
    return status;
}

/* T of promax from the varimax rotation v of the loadings a: M = v (l'l)^-1 l'q scaled so that
 * factors have unit variance, T = M'^-1. */
static vmap_status make_promax(const gsl_matrix *a, double power, gsl_matrix *t, vmap_error *err)
{
    size_t p = a->size1, k = a->size2;
    gsl_matrix *l = memory_matrix(p, k, err), *q = memory_matrix(p, k, err);
    gsl_matrix *square = memory_matrix(k, k, err), *inverse = memory_matrix(k, k, err);
    gsl_matrix *u = memory_matrix(k, k, err), *room = memory_matrix(k, k, err);
    gsl_permutation *order = gsl_permutation_alloc(k);
    vmap_status status =
        l && q && square && inverse && u && room && order ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        numeric_multiply(1, 0, a, 0, t, l);
        for (size_t i = 0; i < p * k; i++)
            q->data[i] = copysign(pow(fabs(l->data[i]), power), l->data[i]);
        status = rotate_to_target(l, q, u, err);
    }
    if (!status) {
        numeric_multiply(1, 0, t, 0, u, square);
        if (invert(square, inverse, room, order))
            gsl_matrix_transpose_memcpy(t, inverse);
        else
            status = VMAP_ESINGULAR;
    }
    if (status && status != VMAP_ENOMEM)
        status =
            vmap_error_set(err, VMAP_EDATA, "promax: two factors coincide; extract fewer factors");
    gsl_matrix_free(l);
    gsl_matrix_free(q);
    gsl_matrix_free(square);
    gsl_matrix_free(inverse);
    gsl_matrix_free(u);
    gsl_matrix_free(room);
    gsl_permutation_free(order);
    return status;
}

/* ---- starts ---- */

typedef struct {
    const gsl_matrix *a;
    const vmap_rotate_options *o;
    double *t;              /* starts x k x k: results */
    vmap_rotate_info *info; /* one per start; criterion NaN where it failed */
} start_job;

/* A random orthogonal matrix: q of normal numbers with the signs of r's diagonal (Stewart 1980). */
static bool put_random(const vmap_rotate_options *o, size_t start, gsl_matrix *t)
{
    size_t k = t->size1;
    gsl_rng *rng = vmap_rng_new(o->seed, start);
    gsl_matrix *q = memory_matrix(k, k, NULL), *r = memory_matrix(k, k, NULL);
    gsl_vector *tau = gsl_vector_alloc(k);
    bool ok = rng && q && r && tau;

    for (size_t i = 0; ok && i < k * k; i++)
        t->data[i] = gsl_ran_ugaussian(rng);
    ok = ok && !gsl_linalg_QR_decomp(t, tau) && !gsl_linalg_QR_unpack(t, tau, q, r);
    if (ok) {
        gsl_matrix_memcpy(t, q);
        for (size_t j = 0; j < k; j++) {
            gsl_vector_view column = gsl_matrix_column(t, j);

            if (gsl_matrix_get(r, j, j) < 0)
                gsl_vector_scale(&column.vector, -1);
        }
    }
    if (rng)
        gsl_rng_free(rng);
    gsl_matrix_free(q);
    gsl_matrix_free(r);
    gsl_vector_free(tau);
    return ok;
}

static void run_start(void *context, size_t start)
{
    start_job *j = context;
    size_t k = j->a->size2;
    gsl_matrix_view t = gsl_matrix_view_array(j->t + start * k * k, k, k);
    gsl_matrix *from = memory_matrix(k, k, NULL);
    descent x;
    bool ok = new_descent(&x, j->a, j->o) && from;

    j->info[start].criterion = NAN;
    if (ok && start == 0)
        gsl_matrix_set_identity(x.t);
    else
        ok = ok && put_random(j->o, start, x.t);
    if (ok && (j->o->method == VMAP_ROTATE_VARIMAX || j->o->method == VMAP_ROTATE_PROMAX))
        ok = turn_by_varimax(&x);
    else if (ok)
        descend(&x, from);
    if (ok) {
        gsl_matrix_memcpy(&t.matrix, x.t);
        j->info[start] = (vmap_rotate_info){.criterion = x.f,
                                            .gradient = x.norm,
                                            .iterations = x.iterations,
                                            .converged = x.converged};
    }
    free_descent(&x);
    gsl_matrix_free(from);
}

static size_t choose(const vmap_rotate_info *info, size_t starts)
{
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < starts; i++) {
        if (isnan(info[i].criterion))
            continue;
        if (best == SIZE_MAX || info[i].converged > info[best].converged ||
            (info[i].converged == info[best].converged &&
             info[i].criterion <
                 info[best].criterion - 1e-9 * fmax(fabs(info[best].criterion), 1e-3)))
            best = i;
    }
    return best;
}

static void count_optima(const vmap_rotate_info *all, size_t starts, vmap_rotate_info *info)
{
    double limit = 1e-6 * fmax(fabs(info->criterion), 1e-3);

    for (size_t i = 0; i < starts; i++) {
        bool known = !all[i].converged || isnan(all[i].criterion);

        info->agree += !known && fabs(all[i].criterion - info->criterion) <= limit;
        for (size_t j = 0; j < i && !known; j++)
            known = all[j].converged && fabs(all[i].criterion - all[j].criterion) <= limit;
        info->optima += !known;
    }
    info->starts = starts;
}

/* The best T over all starts for the (normalised) loadings a. */
static vmap_status search(const gsl_matrix *a, const vmap_rotate_options *o, gsl_matrix *t,
                          vmap_rotate_info *info, vmap_error *err)
{
    size_t k = a->size2, best;
    start_job j = {.a = a, .o = o};
    vmap_status status = VMAP_ENOMEM;

    j.t = memory_new(o->starts * k * k, sizeof *j.t, err);
    j.info = memory_new(o->starts, sizeof *j.info, err);
    if (j.t && j.info) {
        parallel_for(o->starts, o->threads, run_start, &j);
        best = choose(j.info, o->starts);
        status = VMAP_SUCCESS;
        if (best == SIZE_MAX) {
            status =
                vmap_error_set(err, VMAP_EDATA, "the rotation %s has no solution: factors coincide",
                               vmap_rotations[o->method].name);
        } else {
            gsl_matrix_const_view found = gsl_matrix_const_view_array(j.t + best * k * k, k, k);

            gsl_matrix_memcpy(t, &found.matrix);
            *info = j.info[best];
            count_optima(j.info, o->starts, info);
        }
    }
    free(j.t);
    free(j.info);
    return status;
}

/* ---- all of it ---- */

static vmap_status check(const gsl_matrix *a, const vmap_rotate_options *o,
                         const gsl_matrix *pattern, const gsl_matrix *t, const gsl_matrix *phi,
                         vmap_error *err)
{
    size_t p = a->size1, k = a->size2;

    if ((unsigned)o->method >= VMAP_ROTATIONS)
        return vmap_error_set(err, VMAP_EINVAL, "no such rotation");
    if (pattern->size1 != p || pattern->size2 != k || t->size1 != k || t->size2 != k ||
        phi->size1 != k || phi->size2 != k)
        return vmap_error_set(err, VMAP_EINVAL,
                              "rotated loadings, rotation or phi have another shape");
    if (k > MOST_FACTORS || k > p)
        return vmap_error_set(err, VMAP_EINVAL, "%zu factors of %zu items cannot be rotated", k, p);
    if (o->starts < 1 || !(o->tolerance > 0))
        return vmap_error_set(err, VMAP_EINVAL,
                              "a rotation needs at least one start and a tolerance above 0");
    if (vmap_rotations[o->method].target &&
        (!o->target || o->target->size1 != p || o->target->size2 != k))
        return vmap_error_set(err, VMAP_EINVAL,
                              "the rotation %s needs a target of %zu items by %zu factors",
                              vmap_rotations[o->method].name, p, k);
    if (vmap_rotations[o->method].fixed == 1 && k < 3)
        return vmap_error_set(
            err, VMAP_EINVAL,
            "the rotation %s needs at least 3 factors (one general, two groups), not %zu",
            vmap_rotations[o->method].name, k);
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < k; j++) {
            if (!isfinite(gsl_matrix_get(a, i, j)))
                return vmap_error_set(err, VMAP_EDATA, "loading %zu of item %zu is missing", j + 1,
                                      i + 1);
        }
    }
    return VMAP_SUCCESS;
}

static vmap_status check_parameter(const vmap_rotate_options *o, vmap_error *err)
{
    const char *name = vmap_rotations[o->method].parameter;
    double x = o->parameter;

    if (!name)
        return VMAP_SUCCESS;
    if (strcmp(name, "kappa") == 0 && !(x >= 0 && x <= 1))
        return vmap_error_set(err, VMAP_EINVAL, "kappa is %g; it lies in 0..1", x);
    if (strcmp(name, "delta") == 0 && !(x > 0))
        return vmap_error_set(err, VMAP_EINVAL, "delta is %g; it must be positive", x);
    if (strcmp(name, "power") == 0 && !(x >= 1))
        return vmap_error_set(err, VMAP_EINVAL, "the power of promax is %g; it must be at least 1",
                              x);
    if (strcmp(name, "gamma") == 0 && !(x <= .8 && x >= -1e6))
        return vmap_error_set(err, VMAP_EINVAL,
                              "gamma is %g; above .8 oblimin has no minimum, use 0 or less", x);
    return VMAP_SUCCESS;
}

/* Rows of unit length; rows of zeros stay. */
static void normalise(gsl_matrix *a)
{
    for (size_t i = 0; i < a->size1; i++) {
        gsl_vector_view row = gsl_matrix_row(a, i);
        double size = gsl_blas_dnrm2(&row.vector);

        if (size > 0)
            gsl_vector_scale(&row.vector, 1 / size);
    }
}

/* pattern and phi that belong to t. */
static void apply(const gsl_matrix *a, bool oblique, const gsl_matrix *t, gsl_matrix *pattern,
                  gsl_matrix *phi, gsl_matrix *inverse, gsl_matrix *room, gsl_permutation *order)
{
    gsl_matrix_set_identity(phi);
    if (!oblique) {
        numeric_multiply(1, 0, a, 0, t, pattern);
        return;
    }
    invert(t, inverse, room, order);
    numeric_multiply(1, 0, a, 1, inverse, pattern);
    numeric_multiply(1, 1, t, 0, t, phi);
    for (size_t j = 0; j < phi->size1; j++)
        gsl_matrix_set(phi, j, j, 1);
}

/* Canonical order and signs of what is in pattern, phi and t. */
static void arrange(size_t fixed, gsl_matrix *pattern, const gsl_matrix *phi, gsl_matrix *t)
{
    size_t k = pattern->size2, order[MOST_FACTORS];
    double size[MOST_FACTORS] = {0};
    int sign[MOST_FACTORS];

    if (fixed == SIZE_MAX)
        return;
    for (size_t j = 0; j < k; j++) {
        double sum = 0;

        for (size_t i = 0; i < pattern->size1; i++) {
            double s = 0;

            for (size_t m = 0; m < k; m++)
                s += gsl_matrix_get(pattern, i, m) * gsl_matrix_get(phi, m, j);
            size[j] += s * gsl_matrix_get(pattern, i, j);
            sum += gsl_matrix_get(pattern, i, j);
        }
        sign[j] = sum < 0 ? -1 : 1;
        order[j] = j;
    }
    for (size_t j = fixed + 1; j < k; j++) {
        size_t held = order[j], m = j;

        for (; m > fixed && size[order[m - 1]] < size[held]; m--)
            order[m] = order[m - 1];
        order[m] = held;
    }
    for (size_t j = 0; j < k; j++)
        size[j] = sign[order[j]];
    for (size_t j = 0; j < k; j++)
        sign[j] = size[j] < 0 ? -1 : 1;
    vmap_factor_arrange(pattern, t, order, sign);
}

static vmap_status find_rotation(const gsl_matrix *a, vmap_rotate_options *o, gsl_matrix *t,
                                 vmap_rotate_info *info, vmap_error *err)
{
    const vmap_rotation_method *method = &vmap_rotations[o->method];
    gsl_matrix *scaled = memory_matrix(a->size1, a->size2, err);
    vmap_status status;

    if (!scaled)
        return VMAP_ENOMEM;
    if (isnan(o->parameter))
        o->parameter = method->value;
    gsl_matrix_memcpy(scaled, a);
    if (o->kaiser > 0 || (o->kaiser < 0 && method->kaiser))
        normalise(scaled);
    status = check_parameter(o, err);
    if (!status)
        status = search(scaled, o, t, info, err);
    if (!status && o->method == VMAP_ROTATE_PROMAX)
        status = make_promax(a, o->parameter, t, err);
    gsl_matrix_free(scaled);
    return status;
}

vmap_status vmap_factor_rotate(const gsl_matrix *loadings, const vmap_rotate_options *options,
                               gsl_matrix *pattern, gsl_matrix *rotation, gsl_matrix *phi,
                               vmap_rotate_info *info, vmap_error *err)
{
    size_t k = loadings->size2;
    vmap_rotate_options o = *options;
    vmap_rotate_info found = {.converged = true, .starts = 1, .optima = 1, .agree = 1};
    gsl_matrix *t = NULL, *l = NULL, *f = NULL, *inverse = NULL, *room = NULL;
    gsl_permutation *order = NULL;
    vmap_status status = check(loadings, options, pattern, rotation, phi, err);

    if (status)
        return status;
    t = memory_matrix(k, k, err);
    f = memory_matrix(k, k, err);
    inverse = memory_matrix(k, k, err);
    room = memory_matrix(k, k, err);
    l = memory_matrix(loadings->size1, k, err);
    order = gsl_permutation_alloc(k);
    status = t && f && inverse && room && l && order ? VMAP_SUCCESS : VMAP_ENOMEM;
    if (!status)
        gsl_matrix_set_identity(t);
    if (!status && k > 1 && o.method != VMAP_ROTATE_NONE)
        status = find_rotation(loadings, &o, t, &found, err);
    if (!status) {
        bool oblique = vmap_rotations[o.method].oblique;

        apply(loadings, oblique, t, l, f, inverse, room, order);
        arrange(vmap_rotations[o.method].fixed, l, f, t);
        apply(loadings, oblique, t, pattern, phi, inverse, room, order);
        gsl_matrix_memcpy(rotation, t);
        if (info)
            *info = found;
    }
    gsl_matrix_free(t);
    gsl_matrix_free(f);
    gsl_matrix_free(l);
    gsl_matrix_free(inverse);
    gsl_matrix_free(room);
    gsl_permutation_free(order);
    return status;
}

vmap_status vmap_factor_rotate_solution(vmap_factor_solution *s, const vmap_rotate_options *options,
                                        vmap_rotate_info *info, vmap_error *err)
{
    vmap_status status =
        vmap_factor_rotate(s->unrotated, options, s->pattern, s->rotation, s->phi, info, err);

    if (status)
        return status;
    s->oblique = vmap_rotations[options->method].oblique && s->k > 1;
    numeric_multiply(1, 0, s->pattern, 0, s->phi, s->structure);
    gsl_vector_set_zero(s->variance);
    for (size_t j = 0; j < s->k; j++) {
        for (size_t i = 0; i < s->p; i++)
            *gsl_vector_ptr(s->variance, j) +=
                gsl_matrix_get(s->pattern, i, j) * gsl_matrix_get(s->structure, i, j);
    }
    return VMAP_SUCCESS;
}
