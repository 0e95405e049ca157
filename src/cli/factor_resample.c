#include <config.h>
#include "cli/factor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/columns.h"
#include "cli/outcome.h"
#include "cli/tables_factor.h"
#include "core/memory.h"

/* How sure the solution is: the same extraction and rotation on resampled respondents. */

enum { ROTATION_STARTS = 5 };

factor_solver factor_solver_of(const factor_work *w)
{
    factor_solver s = {.options = w->options, .target = w->target};

    s.options.extract.factors = w->analysis->k;
    s.options.extract.starts = 1;
    if (s.options.rotate.starts > ROTATION_STARTS)
        s.options.rotate.starts = ROTATION_STARTS;
    s.options.rotate.threads = 1;
    s.options.rotate.target = w->target;
    return s;
}

vmap_status factor_solve(const gsl_matrix *r, const gsl_matrix *variance, const void *solver, gsl_matrix *loadings,
                         gsl_matrix *phi, vmap_error *err)
{
    const factor_solver *s = solver;
    vmap_extract_options extract = s->options.extract;
    gsl_matrix *own = memory_matrix(r->size1, r->size1, err);
    vmap_factor_solution *x = NULL;
    vmap_rotate_info info = {.converged = true};
    vmap_status status = VMAP_ENOMEM;

    extract.variance = variance;
    if (vmap_extractions[extract.method].variance && !variance)
        extract.method = VMAP_EXTRACT_ULS;
    if (own) {
        gsl_matrix_memcpy(own, r);
        status = vmap_moments_smooth(own, s->options.smoothing, NULL, err);
    }
    if (!status)
        status = vmap_factor_extract(own, &extract, &x, err);
    if (!status && x->k > 1 && s->options.rotate.method != VMAP_ROTATE_NONE)
        status = s->options.like ? vmap_factor_rotate_like(x, &s->options.rotate, s->options.like, &info, err)
                                 : vmap_factor_rotate_solution(x, &s->options.rotate, &info, err);
    if (!status && !(x->converged && info.converged))
        status = vmap_error_set(err, VMAP_EDATA, "no convergence");
    if (!status) {
        gsl_matrix_memcpy(loadings, x->pattern);
        gsl_matrix_memcpy(phi, x->phi);
    }
    vmap_factor_solution_free(x);
    gsl_matrix_free(own);
    return status;
}

vmap_factor_resample_options factor_resample_options(const factor_work *w, const factor_solver *solver)
{
    vmap_factor_resample_options o;

    vmap_factor_resample_defaults(&o);
    if (w->settings->study.bootstrap)
        o.replicates = (size_t)w->settings->study.bootstrap;
    o.seed = w->options.parallel.seed;
    o.threads = (unsigned)w->settings->study.threads;
    o.association = w->options.association;
    o.association.variances = vmap_extractions[w->options.extract.method].variance;
    o.association.continuous = w->analysis->association->continuous;
    o.alignment = w->analysis->solution->oblique ? VMAP_ALIGN_COLUMNS : VMAP_ALIGN_ORTHOGONAL;
    if (w->settings->align)
        vmap_alignment_find(w->settings->align, &o.alignment, NULL);
    o.solve = factor_solve;
    o.context = solver;
    return o;
}

/* Replicates begin from fewer places than the solution: is it the same one? */
static vmap_status compare(const factor_work *w, vmap_error *err)
{
    const vmap_factor_solution *s = w->analysis->solution;
    double largest = 0;

    for (size_t i = 0; i < s->p; i++) {
        for (size_t f = 0; f < s->k; f++)
            largest = fmax(largest, fabs(w->bootstrap->loading[i * s->k + f].estimate - gsl_matrix_get(s->pattern, i, f)));
    }
    return largest < 1e-3 ? VMAP_SUCCESS
                          : vmap_ledger_warn(w->ledger, err, "the solution that was resampled begins from fewer places and is "
                                                             "another one, by up to %.3f: there are several optima, and the "
                                                             "intervals do not belong to the loadings that are shown",
                                             largest);
}

vmap_status factor_resample(factor_work *w, vmap_error *err)
{
    const vmap_answers *a = w->answers;
    factor_solver solver;
    vmap_factor_resample_options o;
    size_t *stratum = NULL, strata = 0;
    vmap_status status = VMAP_SUCCESS;

    if (!w->settings->study.bootstrap || !w->analysis->solution)
        return VMAP_SUCCESS;
    outcome_progress("resampling");
    solver = factor_solver_of(w);
    o = factor_resample_options(w, &solver);
    if (w->settings->strata)
        status = shared_factors_groups(a, vmap_table_find(a->groups, w->settings->strata), &stratum, &strata, err);
    if (!status)
        status = vmap_factor_bootstrap_new(a->values, a->n, a->p, a->weights, stratum, strata, w->analysis->k, &o,
                                           &w->bootstrap, err);
    if (!status && w->bootstrap->usable < w->bootstrap->replicates)
        status = vmap_ledger_warn(w->ledger, err, "%zu of %zu bootstrap replicates have no solution and are left out",
                                  w->bootstrap->replicates - w->bootstrap->usable, w->bootstrap->replicates);
    if (!status)
        status = compare(w, err);
    free(stratum);
    return status;
}

/* ---- tables ---- */

static void put_row(vmap_report_table *t, const char *parameter, const char *of, const char *with,
                    const vmap_interval *x)
{
    vmap_report_text(t, parameter);
    vmap_report_text(t, of);
    vmap_report_text(t, with);
    table_put_interval(t, x);
}

void table_factor_intervals(vmap_report *r, const factor_work *w)
{
    static const char *const names[] = {"estimate", "se", "low", "high", "bca_low", "bca_high"};
    const vmap_factor_bootstrap *b = w->bootstrap;
    char one[24], two[16];
    vmap_report_table *t;

    if (!b)
        return;
    table_loading_intervals(r, "factor_loading_intervals",
                            "Replicates are aligned with the solution; jackknife_se: over the groups of --by, NA without.", b,
                            w->shared.without_group, w->item);
    t = vmap_report_add(r, "factor_intervals", "Communalities, correlations of factors and eigenvalues with intervals");
    vmap_report_column(t, "parameter", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "of", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "with", VMAP_CELL_TEXT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, names, sizeof names / sizeof *names);
    for (size_t i = 0; i < b->p; i++)
        put_row(t, "communality", w->item[i], "", &b->communality[i]);
    for (size_t f = 0; w->analysis->solution->oblique && f < b->k; f++) {
        for (size_t g = f + 1; g < b->k; g++)
            put_row(t, "phi", factor_name(f, one), factor_name(g, two), &b->phi[f * b->k + g]);
    }
    for (size_t i = 0; i < b->p; i++) {
        snprintf(one, sizeof one, "%zu", i + 1);
        put_row(t, "eigenvalue", one, "", &b->eigenvalue[i]);
    }
    vmap_report_note(t, "%zu of %zu replicates have a solution; 95 %% intervals: percentiles, and bias-corrected and accelerated "
                        "(bca; NA where all replicates lie on one side of the estimate). Eigenvalues of samples are biased: the "
                        "largest upwards.",
                     b->usable, b->replicates);
}
