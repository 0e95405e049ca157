#include <config.h>
#include "valuemap/factor_scores.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "core/registry.h"

const vmap_score_row vmap_score_methods[VMAP_SCORE_METHODS] = {
    {"regression", "best guess of the factor", "Thurstone 1935", false, true},
    {"bartlett", "unbiased for each respondent", "Bartlett 1937", true, false},
    {"anderson-rubin", "uncorrelated scores", "Anderson & Rubin 1956", true, false},
    {"ten-berge", "scores that correlate as the factors do", "ten Berge et al. 1999", false, true},
    {"components", "component scores", "Hotelling 1933", false, false},
    {"unit", "mean of the items that load", "Grice 2001", false, false},
};

vmap_status vmap_score_method_find(const char *name, vmap_score_method *method, vmap_error *err)
{
    size_t i = REGISTRY_FIND(vmap_score_methods, VMAP_SCORE_METHODS, "method of scores", name, err);

    if (i == VMAP_SCORE_METHODS)
        return VMAP_ENOENT;
    *method = (vmap_score_method)i;
    return VMAP_SUCCESS;
}

/* ---- weights ---- */

/* out = a^power of a symmetric positive definite k x k matrix. */
static vmap_status raise(const gsl_matrix *a, double power, gsl_matrix *out, vmap_error *err)
{
    size_t k = a->size1;
    gsl_matrix *vectors = memory_matrix(k, k, err);
    gsl_vector *values = gsl_vector_alloc(k);
    vmap_status status = vectors && values ? numeric_eigen(a, values, vectors, err) : VMAP_ENOMEM;

    if (!status && !(gsl_vector_get(values, k - 1) > 1e-12 * gsl_vector_get(values, 0)))
        status = vmap_error_set(err, VMAP_ESINGULAR,
                                "factors are combinations of one another: extract fewer");
    gsl_matrix_set_zero(out);
    for (size_t m = 0; !status && m < k; m++) {
        double value = pow(gsl_vector_get(values, m), power);

        for (size_t i = 0; i < k; i++) {
            for (size_t j = 0; j < k; j++)
                *gsl_matrix_ptr(out, i, j) +=
                    value * gsl_matrix_get(vectors, i, m) * gsl_matrix_get(vectors, j, m);
        }
    }
    gsl_matrix_free(vectors);
    gsl_vector_free(values);
    return status;
}

/* What the methods work with. */
typedef struct {
    const gsl_matrix *r;
    const vmap_factor_solution *s;
    gsl_matrix *inverse;               /* p x p of r */
    gsl_matrix *left, *right;          /* p x k */
    gsl_matrix *square, *power, *root; /* k x k */
    double cut;
} score_room;

static void free_room(score_room *x)
{
    gsl_matrix_free(x->inverse);
    gsl_matrix_free(x->left);
    gsl_matrix_free(x->right);
    gsl_matrix_free(x->square);
    gsl_matrix_free(x->power);
    gsl_matrix_free(x->root);
}

static bool new_room(score_room *x, vmap_error *err)
{
    size_t p = x->s->p, k = x->s->k;

    x->inverse = memory_matrix(p, p, err);
    x->left = memory_matrix(p, k, err);
    x->right = memory_matrix(p, k, err);
    x->square = memory_matrix(k, k, err);
    x->power = memory_matrix(k, k, err);
    x->root = memory_matrix(k, k, err);
    return x->inverse && x->left && x->right && x->square && x->power && x->root;
}

/* left = Psi^-1 P. */
static vmap_status divide_by_uniqueness(score_room *x, vmap_error *err)
{
    for (size_t i = 0; i < x->s->p; i++) {
        double psi = gsl_vector_get(x->s->uniqueness, i);

        if (!(psi > 1e-8)) {
            char number[32];

            vmap_error_set(err, VMAP_EDATA,
                           "the uniqueness of item %zu is %.3g: these scores divide by it; use "
                           "regression scores, "
                           "or fewer factors",
                           i + 1, psi);
            snprintf(number, sizeof number, "%zu", i + 1);
            vmap_error_place(err, NULL, 0, 0, number);
            return VMAP_EDATA;
        }
        for (size_t j = 0; j < x->s->k; j++)
            gsl_matrix_set(x->left, i, j, gsl_matrix_get(x->s->pattern, i, j) / psi);
    }
    return VMAP_SUCCESS;
}

static vmap_status weigh_bartlett(score_room *x, gsl_matrix *w, vmap_error *err)
{
    vmap_status status = divide_by_uniqueness(x, err);

    if (!status) {
        numeric_multiply(1, 1, x->s->pattern, 0, x->left, x->square);
        status = raise(x->square, -1, x->power, err);
    }
    if (!status)
        numeric_multiply(1, 0, x->left, 0, x->power, w);
    return status;
}

static vmap_status weigh_anderson_rubin(score_room *x, gsl_matrix *w, vmap_error *err)
{
    vmap_status status = divide_by_uniqueness(x, err);

    if (!status) {
        numeric_multiply(1, 0, x->r, 0, x->left, x->right);
        numeric_multiply(1, 1, x->left, 0, x->right, x->square);
        status = raise(x->square, -.5, x->power, err);
    }
    if (!status)
        numeric_multiply(1, 0, x->left, 0, x->power, w);
    return status;
}

/* R^-1 L (L' R^-1 L)^-1/2 phi^1/2 with L = P phi^1/2. */
static vmap_status weigh_ten_berge(score_room *x, gsl_matrix *w, vmap_error *err)
{
    vmap_status status = raise(x->s->phi, .5, x->root, err);

    if (!status) {
        numeric_multiply(1, 0, x->s->pattern, 0, x->root, x->left);
        numeric_multiply(1, 0, x->inverse, 0, x->left, x->right);
        numeric_multiply(1, 1, x->left, 0, x->right, x->square);
        status = raise(x->square, -.5, x->power, err);
    }
    if (!status) {
        numeric_multiply(1, 0, x->power, 0, x->root, x->square);
        numeric_multiply(1, 0, x->right, 0, x->square, w);
    }
    return status;
}

static vmap_status weigh_components(score_room *x, gsl_matrix *w, vmap_error *err)
{
    vmap_status status;

    numeric_multiply(1, 1, x->s->pattern, 0, x->s->pattern, x->square);
    status = raise(x->square, -1, x->power, err);
    if (!status)
        numeric_multiply(1, 0, x->s->pattern, 0, x->power, w);
    return status;
}

static vmap_status weigh_unit(score_room *x, gsl_matrix *w, vmap_error *err)
{
    gsl_matrix_set_zero(w);
    for (size_t j = 0; j < x->s->k; j++) {
        size_t items = 0;

        for (size_t i = 0; i < x->s->p; i++)
            items += fabs(gsl_matrix_get(x->s->pattern, i, j)) >= x->cut;
        if (!items)
            return vmap_error_set(err, VMAP_EDATA,
                                  "no item loads %g on factor %zu: it has no unit-weight score",
                                  x->cut, j + 1);
        for (size_t i = 0; i < x->s->p; i++) {
            double l = gsl_matrix_get(x->s->pattern, i, j);

            if (fabs(l) >= x->cut)
                gsl_matrix_set(w, i, j, copysign(1 / (double)items, l));
        }
    }
    return VMAP_SUCCESS;
}

static vmap_status weigh(score_room *x, vmap_score_method method, gsl_matrix *w, vmap_error *err)
{
    switch (method) {
    case VMAP_SCORE_REGRESSION:
        numeric_multiply(1, 0, x->inverse, 0, x->s->structure, w);
        return VMAP_SUCCESS;
    case VMAP_SCORE_BARTLETT:
        return weigh_bartlett(x, w, err);
    case VMAP_SCORE_ANDERSON_RUBIN:
        return weigh_anderson_rubin(x, w, err);
    case VMAP_SCORE_TEN_BERGE:
        return weigh_ten_berge(x, w, err);
    case VMAP_SCORE_COMPONENTS:
        return weigh_components(x, w, err);
    case VMAP_SCORE_UNIT:
        return weigh_unit(x, w, err);
    default:
        return vmap_error_set(err, VMAP_EINVAL, "no such method of scores");
    }
}

/* ---- how good they are ---- */

static void judge(score_room *x, bool regular, vmap_score_weights *w)
{
    numeric_multiply(1, 0, x->r, 0, w->weights, x->right);
    numeric_multiply(1, 1, w->weights, 0, x->right, w->correlation);
    numeric_multiply(1, 1, w->weights, 0, x->s->structure, w->validity);
    for (size_t j = 0; j < w->k; j++)
        gsl_vector_set(w->sd, j, sqrt(gsl_matrix_get(w->correlation, j, j)));
    for (size_t j = 0; j < w->k; j++) {
        for (size_t m = 0; m < w->k; m++) {
            double *r = gsl_matrix_ptr(w->correlation, j, m);

            *gsl_matrix_ptr(w->validity, j, m) /= gsl_vector_get(w->sd, j);
            *r /= gsl_vector_get(w->sd, j) * gsl_vector_get(w->sd, m);
            if (fabs(*r) < 1e-13)
                *r = 0; /* rounding of numbers of order 1, where the method makes scores uncorrelated */
        }
    }
    gsl_vector_set_all(w->least, NAN);
    if (!regular)
        return;
    numeric_multiply(1, 0, x->inverse, 0, x->s->structure, x->right);
    for (size_t j = 0; j < w->k; j++) {
        double square = 0;

        for (size_t i = 0; i < w->p; i++)
            square += gsl_matrix_get(x->s->structure, i, j) * gsl_matrix_get(x->right, i, j);
        gsl_vector_set(w->least, j, 2 * square - 1);
    }
}

void vmap_score_weights_free(vmap_score_weights *w)
{
    if (!w)
        return;
    gsl_matrix_free(w->weights);
    gsl_matrix_free(w->correlation);
    gsl_matrix_free(w->validity);
    gsl_vector_free(w->sd);
    gsl_vector_free(w->least);
    free(w);
}

static vmap_score_weights *new_weights(size_t p, size_t k, vmap_error *err)
{
    vmap_score_weights *w = memory_new(1, sizeof *w, err);

    if (!w)
        return NULL;
    w->p = p;
    w->k = k;
    w->weights = memory_matrix(p, k, err);
    w->correlation = memory_matrix(k, k, err);
    w->validity = memory_matrix(k, k, err);
    w->sd = gsl_vector_alloc(k);
    w->least = gsl_vector_alloc(k);
    if (w->weights && w->correlation && w->validity && w->sd && w->least)
        return w;
    vmap_error_set(err, VMAP_ENOMEM, "no memory for the scores of %zu items", p);
    vmap_score_weights_free(w);
    return NULL;
}

vmap_status vmap_score_weights_new(const gsl_matrix *r, const vmap_factor_solution *s,
                                   vmap_score_method method, double cut,
                                   vmap_score_weights **weights, vmap_error *err)
{
    score_room x = {.r = r, .s = s, .cut = cut};
    vmap_score_weights *w;
    vmap_status status, inverted = VMAP_SUCCESS;

    if (r->size1 != s->p || r->size2 != s->p || (unsigned)method >= VMAP_SCORE_METHODS)
        return vmap_error_set(err, VMAP_EINVAL,
                              "a solution of %zu items does not belong to %zu x %zu correlations",
                              s->p, r->size1, r->size2);
    w = new_weights(s->p, s->k, err);
    status = new_room(&x, err) && w ? VMAP_SUCCESS : VMAP_ENOMEM;
    if (!status) {
        w->method = method;
        inverted = numeric_invert(r, x.inverse, NULL);
        if (inverted && vmap_score_methods[method].inverts)
            status = vmap_error_set(
                err, VMAP_ESINGULAR,
                "the correlation matrix is not positive definite: %s scores need its inverse; "
                "smooth it or leave out items that repeat others",
                vmap_score_methods[method].name);
    }
    if (!status)
        status = weigh(&x, method, w->weights, err);
    if (!status) {
        judge(&x, !inverted, w);
        *weights = w;
    } else {
        vmap_score_weights_free(w);
    }
    free_room(&x);
    return status;
}

/* ---- respondents ---- */

/* Weights of a pattern of answered items, and the error of its scores. */
typedef struct {
    const gsl_matrix *r;
    const vmap_factor_solution *s;
    const vmap_score_weights *w;
    size_t p, k, count;
    const double *values;
    size_t *item;    /* count: answered */
    double *weights; /* p x k: rows of the answered items */
    double *error;   /* k */
} pattern;

/* Rows whose missing items differ stand in this order. */
static int compare_rows(const void *a, const void *b, void *context)
{
    const pattern *x = context;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;

    for (size_t q = 0; q < x->p; q++) {
        int one = isnan(x->values[i * x->p + q]) != 0, two = isnan(x->values[j * x->p + q]) != 0;

        if (one != two)
            return one - two;
    }
    return i < j ? -1 : i > j;
}

static bool same_pattern(const pattern *x, size_t i, size_t j)
{
    for (size_t q = 0; q < x->p; q++) {
        if (isnan(x->values[i * x->p + q]) != isnan(x->values[j * x->p + q]))
            return false;
    }
    return true;
}

/* error^2 = phi_jj - S_o' R_oo^-1 S_o; for components W' (R - R_.o R_oo^-1 R_o.) W. */
static void find_error(pattern *x, const gsl_matrix *inverse)
{
    bool components = !vmap_extractions[x->s->method].unique;
    double *side = x->error + x->k; /* count */

    for (size_t j = 0; j < x->k; j++) {
        double square = components ? gsl_pow_2(gsl_vector_get(x->w->sd, j)) : 1;

        for (size_t a = 0; a < x->count; a++) {
            side[a] = components ? 0 : gsl_matrix_get(x->s->structure, x->item[a], j);
            for (size_t q = 0; components && q < x->p; q++)
                side[a] +=
                    gsl_matrix_get(x->r, x->item[a], q) * gsl_matrix_get(x->w->weights, q, j);
        }
        for (size_t a = 0; a < x->count; a++) {
            for (size_t b = 0; b < x->count; b++)
                square -= side[a] * gsl_matrix_get(inverse, a, b) * side[b];
        }
        x->error[j] = sqrt(fmax(square, 0));
    }
}

/* weights = W_o + R_oo^-1 R_om W_m. */
static void fold_weights(pattern *x, const gsl_matrix *inverse, const bool *there)
{
    double *side = x->error + x->k;

    for (size_t j = 0; j < x->k; j++) {
        for (size_t a = 0; a < x->count; a++) {
            side[a] = 0;
            for (size_t q = 0; q < x->p; q++) {
                if (!there[q])
                    side[a] +=
                        gsl_matrix_get(x->r, x->item[a], q) * gsl_matrix_get(x->w->weights, q, j);
            }
        }
        for (size_t a = 0; a < x->count; a++) {
            double sum = gsl_matrix_get(x->w->weights, x->item[a], j);

            for (size_t b = 0; b < x->count; b++)
                sum += gsl_matrix_get(inverse, a, b) * side[b];
            x->weights[a * x->k + j] = sum;
        }
    }
}

static vmap_status find_pattern(pattern *x, size_t row, bool *there, vmap_error *err)
{
    gsl_matrix *part, *inverse;
    vmap_status status;

    x->count = 0;
    for (size_t q = 0; q < x->p; q++) {
        there[q] = !isnan(x->values[row * x->p + q]);
        if (there[q])
            x->item[x->count++] = q;
    }
    if (!x->count)
        return VMAP_SUCCESS;
    part = memory_matrix(x->count, x->count, err);
    inverse = memory_matrix(x->count, x->count, err);
    status = part && inverse ? VMAP_SUCCESS : VMAP_ENOMEM;
    for (size_t a = 0; !status && a < x->count; a++) {
        for (size_t b = 0; b < x->count; b++)
            gsl_matrix_set(part, a, b, gsl_matrix_get(x->r, x->item[a], x->item[b]));
    }
    if (!status)
        status = numeric_invert(part, inverse, err);
    if (status == VMAP_ESINGULAR)
        status = vmap_error_set(
            err, VMAP_ESINGULAR,
            "scores: the correlations of the items that respondents answered are not positive "
            "definite; smooth the matrix or leave out items that repeat others");
    if (!status) {
        fold_weights(x, inverse, there);
        find_error(x, inverse);
    }
    gsl_matrix_free(part);
    gsl_matrix_free(inverse);
    return status;
}

static void score_row(const pattern *x, const gsl_vector *mean, const gsl_vector *sd, size_t row,
                      double *scores, double *error)
{
    for (size_t j = 0; j < x->k; j++) {
        double sum = x->count ? 0 : NAN;

        for (size_t a = 0; a < x->count; a++) {
            size_t q = x->item[a];
            double z =
                (x->values[row * x->p + q] - gsl_vector_get(mean, q)) / gsl_vector_get(sd, q);

            sum += z * x->weights[a * x->k + j];
        }
        scores[row * x->k + j] = sum;
        if (error)
            error[row * x->k + j] = x->count ? x->error[j] : NAN;
    }
}

static vmap_status check_scores(size_t p, const gsl_vector *mean, const gsl_vector *sd,
                                const gsl_matrix *r, const vmap_factor_solution *s,
                                const vmap_score_weights *w, vmap_error *err)
{
    if (mean->size != p || sd->size != p || r->size1 != p || r->size2 != p || s->p != p ||
        w->p != p || w->k != s->k)
        return vmap_error_set(err, VMAP_EINVAL,
                              "means, correlations and weights do not belong to %zu items", p);
    for (size_t q = 0; q < p; q++) {
        if (!(gsl_vector_get(sd, q) > 0))
            return vmap_error_set(err, VMAP_EINVAL, "the standard deviation of item %zu is %g",
                                  q + 1, gsl_vector_get(sd, q));
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_factor_scores(const double *values, size_t n, size_t p, const gsl_vector *mean,
                               const gsl_vector *sd, const gsl_matrix *r,
                               const vmap_factor_solution *s, const vmap_score_weights *w,
                               double *scores, double *error, size_t *answered, vmap_error *err)
{
    pattern x = {.r = r, .s = s, .w = w, .p = p, .k = s->k, .values = values};
    size_t *order = NULL;
    bool *there = NULL;
    vmap_status status = check_scores(p, mean, sd, r, s, w, err);

    if (status)
        return status;
    order = memory_new(n, sizeof *order, err);
    there = memory_new(p, sizeof *there, err);
    x.item = memory_new(p, sizeof *x.item, err);
    x.weights = memory_new(p * x.k, sizeof *x.weights, err);
    x.error = memory_new(x.k + p, sizeof *x.error, err);
    status = order && there && x.item && x.weights && x.error ? VMAP_SUCCESS : VMAP_ENOMEM;
    for (size_t i = 0; !status && i < n; i++)
        order[i] = i;
    if (!status)
        qsort_r(order, n, sizeof *order, compare_rows, &x);
    for (size_t i = 0; !status && i < n; i++) {
        if (i == 0 || !same_pattern(&x, order[i - 1], order[i]))
            status = find_pattern(&x, order[i], there, err);
        if (status)
            break;
        score_row(&x, mean, sd, order[i], scores, error);
        if (answered)
            answered[order[i]] = x.count;
    }
    free(order);
    free(there);
    free(x.item);
    free(x.weights);
    free(x.error);
    return status;
}
