#include <config.h>
#include "valuemap/mapping_compare.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>

#include "core/memory.h"
#include "mapping/mapping_internal.h"
#include "structure/permute.h"

void vmap_mapping_comparison_free(vmap_mapping_comparison *c)
{
    if (!c)
        return;
    vmap_mapping_free(c->human);
    vmap_mapping_free(c->model);
    vmap_mapping_free(c->difference);
    free(c->outcome);
    free(c->predictor);
    free(c->outcome_flipped);
    free(c->predictor_flipped);
    free(c->outcome_permuted);
    free(c->predictor_permuted);
    free(c->outcome_alike);
    free(c);
}

/* ---- equality ---- */

/* A Wald test that cannot be made says so by NaN. */
static vmap_mapping_wald test_or_nan(const vmap_mapping *m, const size_t *coefficient, size_t count)
{
    vmap_mapping_wald w = {NAN, count, NAN, NAN, NAN};

    vmap_mapping_test(m, coefficient, count, &w, NULL);
    return w;
}

static vmap_status test_equality(vmap_mapping_comparison *c, vmap_error *err)
{
    size_t p = c->p, k = c->k, *at = memory_new(p * k, sizeof *at, err);

    if (!at)
        return VMAP_ENOMEM;
    for (size_t o = 0; o < k; o++) {
        for (size_t j = 0; j < p; j++)
            at[o * p + j] = o * (p + 1) + j + 1;
    }
    c->all = test_or_nan(c->difference, at, p * k);
    for (size_t o = 0; o < k; o++)
        c->outcome[o] = test_or_nan(c->difference, at + o * p, p);
    for (size_t j = 0; j < p; j++) {
        for (size_t o = 0; o < k; o++)
            at[o] = o * (p + 1) + j + 1;
        c->predictor[j] = test_or_nan(c->difference, at, k);
    }
    free(at);
    return VMAP_SUCCESS;
}

/* p of all, outcomes and predictors from those of the whole and of coefficients. */
static void put_p(const gsl_vector *whole, const gsl_matrix *coefficient, double *all, double *outcome, double *predictor)
{
    size_t k = whole->size - 1;

    for (size_t m = 0; m < k; m++)
        outcome[m] = gsl_vector_get(whole, m);
    for (size_t j = 0; j + 1 < coefficient->size1; j++)
        predictor[j] = gsl_matrix_get(coefficient, j + 1, k);
    *all = gsl_vector_get(whole, k);
}

static vmap_status permute_differences(vmap_mapping_comparison *c, const gsl_matrix *x, const gsl_matrix *difference,
                                       const vmap_mapping_options *options, const vmap_permutation_options *o, vmap_error *err)
{
    gsl_vector *whole = gsl_vector_calloc(c->k + 1);
    gsl_matrix *coefficient = memory_matrix(c->p + 1, c->k + 1, err);
    vmap_status status = whole && coefficient ? vmap_mapping_permute(x, difference, o, whole, coefficient, err) : VMAP_ENOMEM;

    if (!status) {
        put_p(whole, coefficient, &c->permuted, c->outcome_permuted, c->predictor_permuted);
        status = vmap_mapping_flip(x, difference, options, false, o, whole, coefficient, err);
    }
    if (!status)
        put_p(whole, coefficient, &c->flipped, c->outcome_flipped, c->predictor_flipped);
    gsl_vector_free(whole);
    gsl_matrix_free(coefficient);
    return status;
}

/* ---- likeness ---- */

/* Coefficients of standardised predictors, without the intercept, from outcome `first` on. */
typedef struct {
    double human, model, cross; /* sums of squares and of products of the coefficients */
    double human_noise, model_noise, difference_noise; /* their variances, and those of their differences */
    double human_fit, human_all, model_fit, model_all; /* variances */
    double shrink;              /* (n - 1) / (n - p - 1) of adjusted R2 */
} products;

/* What the jackknife is of. */
enum { LOG_LENGTH, LOG_RATIO, COSINE, LOG_TRUE_LENGTH, LOG_TRUE_RATIO, MEASURES };

static double variance_of(const vmap_mapping *m, size_t j, size_t o)
{
    size_t at = o * (m->p + 1) + j + 1;

    return pow(gsl_vector_get(m->sd_x, j), 2) * gsl_matrix_get(m->covariance, at, at);
}

static products sum_up(const vmap_mapping *human, const vmap_mapping *model, const vmap_mapping *difference, size_t first,
                       size_t count)
{
    products s = {.shrink = (double)(human->n - 1) / (double)(human->n - human->p - 1)};

    for (size_t o = first; o < first + count; o++) {
        double vh = pow(gsl_vector_get(human->sd_y, o), 2), vm = pow(gsl_vector_get(model->sd_y, o), 2);

        for (size_t j = 0; j < human->p; j++) {
            double sd = gsl_vector_get(human->sd_x, j), h = sd * gsl_matrix_get(human->b, j + 1, o),
                   m = sd * gsl_matrix_get(model->b, j + 1, o);

            s.human += h * h;
            s.model += m * m;
            s.cross += h * m;
            s.human_noise += variance_of(human, j, o);
            s.model_noise += variance_of(model, j, o);
            s.difference_noise += variance_of(difference, j, o);
        }
        s.human_all += vh;
        s.model_all += vm;
        s.human_fit += vh * gsl_vector_get(human->r2, o);
        s.model_fit += vm * gsl_vector_get(model->r2, o);
    }
    return s;
}

static double over(double a, double b)
{
    return a > 0 && b > 0 ? a / b : NAN;
}

/* 2 cov(h, m) = var(h) + var(m) - var(m - h). */
static void measure(const products *s, double value[MEASURES])
{
    double human = s->human - s->human_noise, model = s->model - s->model_noise;
    double cross = s->cross - (s->human_noise + s->model_noise - s->difference_noise) / 2;
    double human_r2 = 1 - (1 - s->human_fit / s->human_all) * s->shrink, model_r2 = 1 - (1 - s->model_fit / s->model_all) * s->shrink;

    value[LOG_LENGTH] = log(s->model / s->human) / 2;
    value[LOG_RATIO] = log(s->model_fit / s->model_all / (s->human_fit / s->human_all));
    value[COSINE] = human > 0 && model > 0 ? cross / sqrt(human * model) : NAN;
    value[LOG_TRUE_LENGTH] = log(over(model, human)) / 2;
    value[LOG_TRUE_RATIO] = log(over(model_r2, human_r2));
}

static double degrees(double cosine)
{
    return isnan(cosine) ? NAN : acos(fmin(1, fmax(-1, cosine))) * 180 / M_PI; /* fmin() would drop NaN */
}

static void put_likeness(const products *s, vmap_mapping_likeness *alike)
{
    double value[MEASURES];

    measure(s, value);
    alike->angle = degrees(s->cross / sqrt(s->human * s->model));
    alike->length = exp(value[LOG_LENGTH]);
    alike->human_r2 = s->human_fit / s->human_all;
    alike->model_r2 = s->model_fit / s->model_all;
    alike->ratio = exp(value[LOG_RATIO]);
    alike->angle_p = NAN;
    alike->angle_true = degrees(value[COSINE]);
    alike->length_true = exp(value[LOG_TRUE_LENGTH]);
    alike->ratio_true = exp(value[LOG_TRUE_RATIO]);
}

/* The measures of all outcomes together (the first MEASURES columns) and of each, without row `left`. */
static vmap_status find_without(const gsl_matrix *const from[4], vmap_robust_errors errors, size_t left, gsl_matrix *values,
                                vmap_error *err)
{
    const vmap_mapping_options o = {.errors = errors, .level = .95};
    gsl_matrix *part[4] = {NULL, NULL, NULL, NULL};
    vmap_mapping *fit[3] = {NULL, NULL, NULL};
    vmap_status status = VMAP_SUCCESS;

    for (size_t a = 0; !status && a < 4; a++) {
        part[a] = memory_matrix(from[a]->size1 - 1, from[a]->size2, err);
        status = part[a] ? VMAP_SUCCESS : VMAP_ENOMEM;
        for (size_t i = 0; !status && i < from[a]->size1; i++) {
            gsl_vector_const_view row = gsl_matrix_const_row(from[a], i);

            if (i != left)
                gsl_matrix_set_row(part[a], i - (i > left), &row.vector);
        }
        if (!status && a)
            status = vmap_mapping_new(part[0], part[a], &o, &fit[a - 1], err);
    }
    for (size_t m = 0; !status && m <= from[1]->size2; m++) {
        products s = sum_up(fit[0], fit[1], fit[2], m ? m - 1 : 0, m ? 1 : from[1]->size2);

        measure(&s, gsl_matrix_ptr(values, left, m * MEASURES));
    }
    for (size_t a = 0; a < 4; a++)
        gsl_matrix_free(part[a]);
    for (size_t a = 0; a < 3; a++)
        vmap_mapping_free(fit[a]);
    return status;
}

/* Half the width of a jackknife interval: t x sqrt((n - 1)/n sum (value - mean)^2). */
static double reach_of(const gsl_matrix *values, size_t column, double level)
{
    double n = (double)values->size1, mean = 0, squares = 0;

    for (size_t i = 0; i < values->size1; i++)
        mean += gsl_matrix_get(values, i, column) / n;
    for (size_t i = 0; i < values->size1; i++)
        squares += pow(gsl_matrix_get(values, i, column) - mean, 2);
    return gsl_cdf_tdist_Pinv(.5 + level / 2, n - 1) * sqrt((n - 1) / n * squares);
}

/* Value and reach of a logarithm as an interval. */
static void put_interval(double value, double reach, double *low, double *high)
{
    *low = value * exp(-reach);
    *high = value * exp(reach);
}

static vmap_status jackknife(vmap_mapping_comparison *c, const gsl_matrix *const from[4], const vmap_mapping_options *options,
                             vmap_error *err)
{
    gsl_matrix *values = memory_matrix(c->n, MEASURES * (c->k + 1), err);
    vmap_status status = values ? VMAP_SUCCESS : VMAP_ENOMEM;
    bool all = true;

    for (size_t i = 0; !status && i < c->n; i++) {
        status = find_without(from, options->errors, i, values, NULL);
        if (status == VMAP_ESINGULAR || status == VMAP_EDATA) { /* the interval is not defined then */
            all = false;
            status = VMAP_SUCCESS;
        }
    }
    for (size_t o = 0; !status && o <= c->k; o++) {
        vmap_mapping_likeness *a = o ? &c->outcome_alike[o - 1] : &c->alike;
        double reach[MEASURES], value[MEASURES];
        products s = sum_up(c->human, c->model, c->difference, o ? o - 1 : 0, o ? 1 : c->k);

        measure(&s, value);
        for (size_t m = 0; m < MEASURES; m++)
            reach[m] = all ? reach_of(values, o * MEASURES + m, options->level) : NAN;
        put_interval(a->length, reach[LOG_LENGTH], &a->length_low, &a->length_high);
        put_interval(a->ratio, reach[LOG_RATIO], &a->ratio_low, &a->ratio_high);
        put_interval(a->length_true, reach[LOG_TRUE_LENGTH], &a->length_true_low, &a->length_true_high);
        put_interval(a->ratio_true, reach[LOG_TRUE_RATIO], &a->ratio_true_low, &a->ratio_true_high);
        a->angle_low = degrees(value[COSINE] + reach[COSINE]);
        a->angle_high = degrees(value[COSINE] - reach[COSINE]);
    }
    gsl_matrix_free(values);
    return status;
}

/* The coefficients of shuffled nations are L y, where L depends on the predictors alone: with sd x of each
 * predictor, so that they are those of standardised ones. */
typedef struct {
    const gsl_matrix *weights; /* p x n */
    const gsl_matrix *model;   /* n x k */
    const gsl_matrix *human;   /* p x k coefficients */
} shuffled;

static void find_cosine(const void *context, const size_t *order, double *scratch, double *value)
{
    const shuffled *s = context;
    double cross = 0, squares = 0;

    (void)scratch;
    for (size_t j = 0; j < s->weights->size1; j++) {
        for (size_t o = 0; o < s->model->size2; o++) {
            double b = 0;

            for (size_t i = 0; i < s->model->size1; i++)
                b += gsl_matrix_get(s->weights, j, i) * gsl_matrix_get(s->model, order[i], o);
            cross += b * gsl_matrix_get(s->human, j, o);
            squares += b * b;
        }
    }
    *value = squares > 0 ? cross / sqrt(squares) : 0;
}

static vmap_status permute_angle(vmap_mapping_comparison *c, const gsl_matrix *x, const gsl_matrix *model,
                                 const vmap_permutation_options *options, vmap_error *err)
{
    const vmap_permutation_options o = permute_options(options);
    gsl_matrix *weights = memory_matrix(c->p, c->n, err), *human = memory_matrix(c->p, c->k, err);
    size_t *order = memory_new(c->n, sizeof *order, err);
    mapping_basis basis = {NULL, NULL};
    vmap_status status = weights && human && order ? mapping_basis_new(x, true, &basis, err) : VMAP_ENOMEM;

    for (size_t j = 0; !status && j < c->p; j++) {
        double sd = gsl_vector_get(c->human->sd_x, j);

        for (size_t i = 0; i < c->n; i++) {
            double w = 0;

            for (size_t a = 0; a <= c->p; a++)
                w += gsl_matrix_get(basis.inverse, j + 1, a) * gsl_matrix_get(basis.q, i, a);
            gsl_matrix_set(weights, j, i, sd * w);
        }
        for (size_t m = 0; m < c->k; m++)
            gsl_matrix_set(human, j, m, sd * gsl_matrix_get(c->human->b, j + 1, m));
    }
    if (!status) {
        const shuffled s = {weights, model, human};
        const permute_test t = {c->n, 1, 0, &s, find_cosine};
        double observed;

        for (size_t i = 0; i < c->n; i++)
            order[i] = i;
        find_cosine(&s, order, NULL, &observed);
        status = permute_p(&t, &o, &observed, &c->alike.angle_p, err);
    }
    gsl_matrix_free(weights);
    gsl_matrix_free(human);
    free(order);
    mapping_basis_free(&basis);
    return status;
}

/* ---- all of it ---- */

static vmap_status fit_all(vmap_mapping_comparison *c, const gsl_matrix *x, const gsl_matrix *human, const gsl_matrix *model,
                           const gsl_matrix *difference, const vmap_mapping_options *o, vmap_error *err)
{
    vmap_status status = vmap_mapping_new(x, human, o, &c->human, err);

    c->n = x->size1;
    c->p = x->size2;
    c->k = human->size2;
    c->outcome = memory_new(c->k, sizeof *c->outcome, err);
    c->predictor = memory_new(c->p, sizeof *c->predictor, err);
    c->outcome_flipped = memory_new(c->k, sizeof *c->outcome_flipped, err);
    c->predictor_flipped = memory_new(c->p, sizeof *c->predictor_flipped, err);
    c->outcome_permuted = memory_new(c->k, sizeof *c->outcome_permuted, err);
    c->predictor_permuted = memory_new(c->p, sizeof *c->predictor_permuted, err);
    c->outcome_alike = memory_new(c->k, sizeof *c->outcome_alike, err);
    if (!status &&
        (!c->outcome || !c->predictor || !c->outcome_flipped || !c->predictor_flipped || !c->outcome_permuted ||
         !c->predictor_permuted || !c->outcome_alike))
        status = VMAP_ENOMEM;
    if (!status)
        status = vmap_mapping_new(x, model, o, &c->model, err);
    if (!status)
        status = vmap_mapping_new(x, difference, o, &c->difference, err);
    return status;
}

static vmap_status find_all(vmap_mapping_comparison *c, const gsl_matrix *x, const gsl_matrix *human,
                            const gsl_matrix *model, const gsl_matrix *difference, const vmap_mapping_options *options,
                            const vmap_permutation_options *permutation, vmap_error *err)
{
    vmap_status status = test_equality(c, err);

    for (size_t o = 0; !status && o <= c->k; o++) {
        products s = sum_up(c->human, c->model, c->difference, o ? o - 1 : 0, o ? 1 : c->k);

        put_likeness(&s, o ? &c->outcome_alike[o - 1] : &c->alike);
    }
    if (!status)
        status = permute_differences(c, x, difference, options, permutation, err);
    if (!status)
        status = permute_angle(c, x, model, permutation, err);
    if (!status)
        status = jackknife(c, (const gsl_matrix *const[4]){x, human, model, difference}, options, err);
    return status;
}

vmap_status vmap_mapping_compare(const gsl_matrix *x, const gsl_matrix *human, const gsl_matrix *model,
                                 const vmap_mapping_options *options, const vmap_permutation_options *permutation,
                                 vmap_mapping_comparison **comparison, vmap_error *err)
{
    vmap_mapping_options o;
    vmap_mapping_comparison *c = NULL;
    gsl_matrix *difference = NULL;
    vmap_status status = VMAP_SUCCESS;

    vmap_mapping_defaults(&o);
    o = options ? *options : o;
    if (human->size1 != model->size1 || human->size2 != model->size2)
        status = vmap_error_set(err, VMAP_EINVAL, "%zu x %zu outcomes of people, %zu x %zu of the model", human->size1,
                                human->size2, model->size1, model->size2);
    if (!status && o.weights)
        status = vmap_error_set(err, VMAP_EINVAL, "a comparison of mappings takes no weights");
    if (!status && (!(c = memory_new(1, sizeof *c, err)) || !(difference = memory_matrix(model->size1, model->size2, err))))
        status = VMAP_ENOMEM;
    if (!status) {
        gsl_matrix_memcpy(difference, model);
        gsl_matrix_sub(difference, human);
        status = fit_all(c, x, human, model, difference, &o, err);
    }
    if (!status)
        status = find_all(c, x, human, model, difference, &o, permutation, err);
    if (status)
        vmap_mapping_comparison_free(c);
    else
        *comparison = c;
    gsl_matrix_free(difference);
    return status;
}
