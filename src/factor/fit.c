#include <config.h>
#include "valuemap/factor_fit.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "factor/factor_internal.h"
#include "valuemap/factor_suitability.h"

void vmap_factor_fit_free(vmap_factor_fit *fit)
{
    if (!fit)
        return;
    gsl_matrix_free(fit->residual);
    free(fit);
}

/* ---- residuals ---- */

static void find_residuals(const gsl_matrix *r, const vmap_factor_solution *s, vmap_factor_fit *f)
{
    double squares = 0, p = (double)f->p;

    numeric_multiply(-1, 0, s->structure, 1, s->pattern, f->residual);
    gsl_matrix_add(f->residual, r);
    for (size_t i = 0; i < f->p; i++) {
        for (size_t j = 0; j < i; j++) {
            double e = gsl_matrix_get(f->residual, i, j);

            squares += e * e;
            f->pairs++;
            f->large += fabs(e) > .05;
            if (fabs(e) > fabs(f->largest) || f->pairs == 1) {
                f->largest = e;
                f->i = i;
                f->j = j;
            }
        }
    }
    f->srmr = sqrt(squares / (p * (p + 1) / 2));
    f->rmsr = sqrt(squares / (p * (p - 1) / 2));
    f->rmsr_df = f->df > 0 ? sqrt(squares / f->df) : NAN;
}

/* 1 - KMO of the residuals with a unit diagonal. */
static vmap_status find_caf(vmap_factor_fit *f, gsl_matrix *room, vmap_error *err)
{
    vmap_suitability *x = NULL;
    vmap_status status;

    gsl_matrix_memcpy(room, f->residual);
    for (size_t i = 0; i < f->p; i++)
        gsl_matrix_set(room, i, i, 1);
    status = vmap_suitability_new(room, NAN, &x, err);
    f->caf = status ? NAN : 1 - x->kmo;
    vmap_suitability_free(x);
    return status;
}

/* ---- chi-square ---- */

/* F of the model S = L phi L' + Psi; NaN when it is not defined. */
static double find_discrepancy(const gsl_matrix *r, const vmap_factor_solution *s,
                               gsl_matrix *model, gsl_matrix *inverse)
{
    double ln_r, ln_s, trace = 0;

    if (!vmap_extractions[s->method].unique)
        return NAN;
    numeric_multiply(1, 0, s->structure, 1, s->pattern, model);
    for (size_t i = 0; i < s->p; i++)
        *gsl_matrix_ptr(model, i, i) += gsl_vector_get(s->uniqueness, i);
    if (numeric_log_determinant(r, &ln_r, NULL) || numeric_log_determinant(model, &ln_s, NULL) ||
        numeric_invert(model, inverse, NULL))
        return NAN;
    for (size_t i = 0; i < s->p; i++) {
        for (size_t j = 0; j < s->p; j++)
            trace += gsl_matrix_get(r, i, j) * gsl_matrix_get(inverse, j, i);
    }
    return fmax(0, ln_s - ln_r + trace - (double)s->p); /* never negative, but for rounding */
}

static void put_scale(const vmap_factor_fit *f, double factor, double null_factor, double ln_r,
                      vmap_fit_scale *x)
{
    double excess, null_excess, n = f->n - 1;

    *x = (vmap_fit_scale){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (null_factor > 0)
        x->null_chi2 = -null_factor * ln_r;
    if (!(factor > 0) || isnan(f->discrepancy) || f->df < 0)
        return;
    x->chi2 = fmax(0, factor * f->discrepancy);
    if (!(f->df > 0))
        return;
    x->p_value = gsl_cdf_chisq_Q(x->chi2, f->df);
    excess = fmax(x->chi2 - f->df, 0);
    x->rmsea = sqrt(excess / (f->df * n));
    x->low = sqrt(factor_noncentrality(x->chi2, f->df, .95) / (f->df * n));
    x->high = sqrt(factor_noncentrality(x->chi2, f->df, .05) / (f->df * n));
    null_excess = fmax(fmax(x->null_chi2 - f->null_df, x->chi2 - f->df), 0);
    if (x->null_chi2 > f->null_df)
        x->tli = (x->null_chi2 / f->null_df - x->chi2 / f->df) / (x->null_chi2 / f->null_df - 1);
    x->cfi = null_excess > 0 ? 1 - excess / null_excess : 1;
}

static void find_chi2(const gsl_matrix *r, vmap_factor_fit *f)
{
    double p = (double)f->p, n = f->n - 1, ln_r = NAN;

    if (numeric_log_determinant(r, &ln_r, NULL))
        ln_r = NAN;
    put_scale(f, n, n, ln_r, &f->plain);
    put_scale(f, n - (2 * p + 5) / 6 - 2 * (double)f->k / 3, n - (2 * p + 5) / 6, ln_r,
              &f->bartlett);
    f->aic = f->bartlett.chi2 - 2 * f->df;
    f->bic = f->bartlett.chi2 - f->df * log(f->n);
    f->sabic = f->bartlett.chi2 - f->df * log((f->n + 2) / 24);
}

vmap_status vmap_factor_fit_new(const gsl_matrix *r, const vmap_factor_solution *s, double n,
                                vmap_factor_fit **fit, vmap_error *err)
{
    size_t p = s->p;
    vmap_factor_fit *f;
    gsl_matrix *model, *inverse;
    vmap_status status;

    if (r->size1 != p || r->size2 != p)
        return vmap_error_set(err, VMAP_EINVAL,
                              "a solution of %zu items does not belong to %zu x %zu correlations",
                              p, r->size1, r->size2);
    f = memory_new(1, sizeof *f, err);
    model = memory_matrix(p, p, err);
    inverse = memory_matrix(p, p, err);
    if (f)
        f->residual = memory_matrix(p, p, err);
    status = f && f->residual && model && inverse ? VMAP_SUCCESS : VMAP_ENOMEM;
    if (!status) {
        f->p = p;
        f->k = s->k;
        f->n = n;
        f->df = vmap_factor_df(p, s->k);
        f->null_df = (double)p * ((double)p - 1) / 2;
        find_residuals(r, s, f);
        f->discrepancy = find_discrepancy(r, s, model, inverse);
        find_chi2(r, f);
        status = find_caf(f, model, err);
    }
    gsl_matrix_free(model);
    gsl_matrix_free(inverse);
    if (status)
        vmap_factor_fit_free(f);
    else
        *fit = f;
    return status;
}
