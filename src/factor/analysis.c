#include <config.h>
#include "valuemap/factor_analysis.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/text.h"

enum { MOST_TRIED = 12 };

void vmap_factor_options_defaults(vmap_factor_options *options)
{
    *options = (vmap_factor_options){.smoothing = VMAP_SMOOTH_NONE, .criterion = VMAP_CRITERIA, .cut = .3};
    vmap_association_defaults(&options->association);
    vmap_parallel_defaults(&options->parallel);
    vmap_extract_defaults(&options->extract);
    vmap_rotate_defaults(&options->rotate);
}

size_t vmap_factor_most(size_t p)
{
    size_t k = 0;

    while (k + 1 < p && vmap_factor_df(p, k + 1) >= 0)
        k++;
    return k;
}

static void free_solution(vmap_factor_analysis *a)
{
    vmap_factor_solution_free(a->solution);
    vmap_factor_fit_free(a->fit);
    a->solution = NULL;
    a->fit = NULL;
    a->rotation = (vmap_rotate_info){0};
    a->rotated = false;
    for (size_t m = 0; m < VMAP_SCORE_METHODS; m++) {
        vmap_score_weights_free(a->scores[m]);
        a->scores[m] = NULL;
        a->refusal[m] = (vmap_error){0};
    }
}

void vmap_factor_analysis_free(vmap_factor_analysis *analysis)
{
    if (!analysis)
        return;
    free_solution(analysis);
    vmap_screening_free(analysis->screening);
    vmap_association_free(analysis->association);
    gsl_matrix_free(analysis->r);
    vmap_suitability_free(analysis->suitability);
    vmap_retention_free(analysis->retention);
    free(analysis);
}

/* ---- the matrix ---- */

static vmap_status associate(vmap_factor_analysis *a, const vmap_factor_data *data,
                             const vmap_factor_options *options, vmap_error *err)
{
    vmap_association_options o = options->association;
    vmap_status status = vmap_moments_screen(data->values, data->n, data->p, data->weights, &a->screening, err);

    if (status)
        return status;
    if (a->screening->rows < 3)
        return vmap_error_set(err, VMAP_EDATA, "%zu %s; correlations need at least 3", a->screening->rows,
                              data->weights ? text_plural(a->screening->rows, "respondent has a positive weight", "respondents have a positive weight")
                                            : text_plural(a->screening->rows, "respondent", "respondents"));
    o.variances |= vmap_extractions[options->extract.method].variance;
    status = vmap_moments_associate(data->values, data->n, data->p, data->weights, &o, &a->association, err);
    if (status)
        return status;
    gsl_matrix_memcpy(a->r, a->association->moments->r);
    a->n = vmap_moments_test_n(a->association->moments);
    a->ordinal = vmap_association_kinds[options->association.type].ordinal;
    return VMAP_SUCCESS;
}

static vmap_status repair(vmap_factor_analysis *a, bool answers, vmap_smoothing smoothing, vmap_error *err)
{
    vmap_status status = vmap_moments_smooth(a->r, smoothing, &a->smoothing, err);

    if (!status && smoothing == VMAP_SMOOTH_NONE && a->smoothing.smallest < -1e-8)
        return vmap_error_set(err, VMAP_EDATA, "the smallest eigenvalue of the correlations is %.4g, which no complete data "
                                               "can have: repair it by smoothing (eigen, higham or shrink), or %s",
                              a->smoothing.smallest,
                              answers ? "treat missing answers by em or listwise instead of pairwise"
                                      : "look for a wrong number or sign in the matrix");
    return status;
}

vmap_status vmap_factor_analysis_new(const vmap_factor_data *data, const vmap_factor_options *options,
                                     vmap_factor_analysis **analysis, vmap_error *err)
{
    vmap_factor_analysis *a;
    vmap_status status = VMAP_SUCCESS;

    if (data->p < 3)
        return vmap_error_set(err, VMAP_EDATA, "%zu %s; a factor analysis needs at least 3", data->p,
                              text_plural(data->p, "item", "items"));
    if (!data->values && data->respondents < 3)
        return vmap_error_set(err, VMAP_EINVAL, "%g respondents; at least 3 are needed", data->respondents);
    a = memory_new(1, sizeof *a, err);
    if (!a || !(a->r = memory_matrix(data->p, data->p, err))) {
        free(a);
        return VMAP_ENOMEM;
    }
    a->p = data->p;
    a->n = data->respondents;
    if (data->values)
        status = associate(a, data, options, err);
    else
        gsl_matrix_memcpy(a->r, data->r);
    if (!status)
        status = repair(a, data->values, options->smoothing, err);
    if (!status)
        status = vmap_suitability_new(a->r, a->n, &a->suitability, err);
    if (status)
        vmap_factor_analysis_free(a);
    else
        *analysis = a;
    return status;
}

/* ---- how many ---- */

/* Solutions of 0 .. most factors by maximum likelihood; chi-square is Bartlett's. */
static vmap_status fit_all(const vmap_factor_analysis *a, size_t most, vmap_factor_solution **solution,
                           vmap_retention_fit *fits, vmap_error *err)
{
    fits[0] = (vmap_retention_fit){NULL, a->suitability->chi2, a->suitability->df};
    for (size_t k = 1; k <= most; k++) {
        vmap_extract_options o;
        vmap_factor_fit *fit = NULL;
        vmap_status status;

        vmap_extract_defaults(&o);
        o.method = VMAP_EXTRACT_ML;
        o.factors = k;
        fits[k] = (vmap_retention_fit){NULL, NAN, NAN};
        status = vmap_factor_extract(a->r, &o, &solution[k], err);
        if (!status && solution[k]->converged)
            status = vmap_factor_fit_new(a->r, solution[k], a->n, &fit, err);
        if (status == VMAP_ENOMEM)
            return status;
        if (fit)
            fits[k] = (vmap_retention_fit){solution[k]->unrotated, fit->bartlett.chi2, fit->df};
        vmap_factor_fit_free(fit);
    }
    for (size_t k = 0; a->ordinal && k <= most; k++)
        fits[k].chi2 = NAN; /* not a likelihood of such correlations */
    return VMAP_SUCCESS;
}

static size_t choose_most(const vmap_factor_analysis *a, const vmap_factor_options *options, vmap_error *err)
{
    size_t limit = vmap_factor_most(a->p), most = options->most;
    vmap_factor_solution *s = NULL;
    vmap_extract_options o;

    if (most)
        return most < limit ? most : limit;
    vmap_extract_defaults(&o);
    o.method = VMAP_EXTRACT_PC;
    if (vmap_factor_extract(a->r, &o, &s, err))
        return 0;
    while (most < a->p && gsl_vector_get(s->eigenvalues, most) > 1)
        most++;
    most = most + 2 < MOST_TRIED ? most + 2 : MOST_TRIED;
    vmap_factor_solution_free(s);
    return most < limit ? most : limit;
}

vmap_status vmap_factor_analysis_retain(vmap_factor_analysis *analysis, const vmap_factor_data *data,
                                        const vmap_factor_options *options, vmap_error *err)
{
    vmap_factor_analysis *a = analysis;
    vmap_parallel_data behind = {data->values, data->n, data->weights, &options->association};
    size_t most = a->suitability->regular ? choose_most(a, options, err) : 0;
    vmap_factor_solution **solution;
    vmap_retention_fit *fits;
    vmap_retention *found = NULL;
    vmap_status status;

    if (isnan(a->n))
        return VMAP_SUCCESS;
    solution = memory_new(most + 1, sizeof *solution, err);
    fits = memory_new(most + 1, sizeof *fits, err);
    status = solution && fits ? fit_all(a, most, solution, fits, err) : VMAP_ENOMEM;
    if (!status)
        status = vmap_retention_new(a->r, a->n, data->values ? &behind : NULL, most ? fits : NULL, most,
                                    &options->parallel, &found, err);
    if (!status) {
        vmap_retention_free(a->retention);
        a->retention = found;
    }
    for (size_t k = 1; solution && k <= most; k++)
        vmap_factor_solution_free(solution[k]);
    free(solution);
    free(fits);
    return status;
}

/* ---- the solution ---- */

static vmap_status choose_factors(const vmap_factor_analysis *a, const vmap_factor_options *options, size_t *k,
                                  vmap_error *err)
{
    const vmap_retention *t = a->retention;

    if (options->factors) {
        *k = options->factors;
        return VMAP_SUCCESS;
    }
    if (!t)
        return vmap_error_set(err, VMAP_EINVAL, "nothing says how many factors there are: name their number, or the "
                                                "number of respondents behind the matrix");
    *k = options->criterion == VMAP_CRITERIA ? t->voters ? t->consensus : SIZE_MAX : t->count[options->criterion];
    if (*k == SIZE_MAX)
        return vmap_error_set(err, VMAP_EINVAL, "criterion %s gives no answer here: take another one, or name the number "
                                                "of factors",
                              options->criterion == VMAP_CRITERIA ? "consensus" : vmap_criteria[options->criterion].name);
    return VMAP_SUCCESS;
}

static vmap_status check_factors(const vmap_factor_analysis *a, size_t k, const vmap_factor_options *options,
                                 vmap_error *err)
{
    size_t most = options->extract.method == VMAP_EXTRACT_PC ? a->p : vmap_factor_most(a->p);

    if (k <= most)
        return VMAP_SUCCESS;
    if (options->extract.method == VMAP_EXTRACT_PC || k >= a->p)
        return vmap_error_set(err, VMAP_EINVAL, "%zu factors of %zu items; there can be 1..%zu", k, a->p, most);
    return vmap_error_set(err, VMAP_EINVAL, "%zu factors of %zu items have more parameters than there are correlations "
                                            "(degrees of freedom %g); there can be 1..%zu",
                          k, a->p, vmap_factor_df(a->p, k), most);
}

static vmap_status weigh(vmap_factor_analysis *a, double cut, vmap_error *err)
{
    for (size_t m = 0; m < VMAP_SCORE_METHODS; m++) {
        if (vmap_score_methods[m].unique && !vmap_extractions[a->solution->method].unique)
            vmap_error_set(&a->refusal[m], VMAP_EDATA, "components have no uniquenesses, which %s scores divide by",
                           vmap_score_methods[m].name);
        else if (vmap_score_methods[m].unique && a->solution->heywoods)
            vmap_error_set(&a->refusal[m], VMAP_EDATA, "a Heywood case leaves an item no variance of its own, which %s "
                                                       "scores divide by",
                           vmap_score_methods[m].name);
        else if (vmap_score_weights_new(a->r, a->solution, (vmap_score_method)m, cut, &a->scores[m], &a->refusal[m]) ==
            VMAP_ENOMEM)
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for score weights");
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_factor_analysis_solve(vmap_factor_analysis *analysis, const vmap_factor_options *options,
                                       vmap_error *err)
{
    vmap_factor_analysis *a = analysis;
    vmap_extract_options extract = options->extract;
    size_t k = 0;
    vmap_status status = choose_factors(a, options, &k, err);

    if (!status)
        status = check_factors(a, k, options, err);
    if (status)
        return status;
    free_solution(a);
    a->k = k;
    a->chosen = options->factors > 0;
    if (k == 0)
        return VMAP_SUCCESS;
    extract.factors = k;
    if (!extract.variance)
        extract.variance = a->association ? a->association->variance : NULL;
    status = vmap_factor_extract(a->r, &extract, &a->solution, err);
    if (!status && k > 1 && options->rotate.method != VMAP_ROTATE_NONE) {
        status = options->like ? vmap_factor_rotate_like(a->solution, &options->rotate, options->like, &a->rotation, err)
                               : vmap_factor_rotate_solution(a->solution, &options->rotate, &a->rotation, err);
        a->rotated = !status;
    }
    if (!status)
        status = vmap_factor_fit_new(a->r, a->solution, a->n, &a->fit, err);
    if (!status)
        status = weigh(a, options->cut, err);
    if (status)
        free_solution(a);
    return status;
}
