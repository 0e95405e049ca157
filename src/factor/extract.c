#include <config.h>
#include "valuemap/factor_extract.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>
#include "core/memory.h"
#include "core/numeric.h"
#include "core/registry.h"
#include "factor/extract_internal.h"
#include "valuemap/factor.h"
#include "valuemap/rng.h"

const vmap_extraction_method vmap_extractions[VMAP_EXTRACTIONS] = {
    {"pc", "principal components", "Hotelling 1933", false, false, false, false},
    {"paf", "principal axes, iterated", "Thurstone 1947", true, false, false, false},
    {"uls", "unweighted least squares (minres)", "Harman & Jones 1966", true, false, false, true},
    {"ml", "maximum likelihood", "Lawley 1940, Joreskog 1967", true, true, false, true},
    {"gls", "generalised least squares", "Joreskog & Goldberger 1972", true, true, false, true},
    {"dwls", "diagonally weighted least squares, for polychoric correlations", "Joreskog 1994",
     true, false, true, true},
};

vmap_status vmap_extraction_find(const char *name, vmap_extraction *method, vmap_error *err)
{
    static const struct {
        const char *name;
        vmap_extraction method;
    } other[] = {{"minres", VMAP_EXTRACT_ULS}, {"pa", VMAP_EXTRACT_PAF}, {"pca", VMAP_EXTRACT_PC}};
    size_t i;

    for (i = 0; i < sizeof other / sizeof *other; i++) {
        if (strcmp(name, other[i].name) == 0) {
            *method = other[i].method;
            return VMAP_SUCCESS;
        }
    }
    i = REGISTRY_FIND(vmap_extractions, VMAP_EXTRACTIONS, "extraction", name, err);
    if (i == VMAP_EXTRACTIONS)
        return VMAP_ENOENT;
    *method = (vmap_extraction)i;
    return VMAP_SUCCESS;
}

void vmap_extract_defaults(vmap_extract_options *options)
{
    *options = (vmap_extract_options){
        .method = VMAP_EXTRACT_ULS, .factors = 1, .bound = .005, .starts = 10, .seed = 20230217};
}

double vmap_factor_df(size_t p, size_t k)
{
    double left = (double)p - (double)k;

    return (left * left - (double)(p + k)) / 2;
}

/* ---- checks ---- */

static vmap_status check_matrix(const gsl_matrix *r, vmap_error *err)
{
    if (r->size1 != r->size2)
        return vmap_error_set(err, VMAP_EINVAL, "the correlation matrix is %zu x %zu, not square",
                              r->size1, r->size2);
    for (size_t i = 0; i < r->size1; i++) {
        for (size_t j = 0; j <= i; j++) {
            double a = gsl_matrix_get(r, i, j), b = gsl_matrix_get(r, j, i);

            if (!isfinite(a) || !isfinite(b))
                return vmap_error_set(err, VMAP_EDATA,
                                      "the correlation of items %zu and %zu is missing", j + 1,
                                      i + 1);
            if (fabs(a - b) > 1e-8)
                return vmap_error_set(
                    err, VMAP_EDATA,
                    "the matrix is not symmetric: items %zu and %zu have %g and %g", j + 1, i + 1,
                    b, a);
        }
        if (fabs(gsl_matrix_get(r, i, i) - 1) > 1e-8)
            return vmap_error_set(err, VMAP_EDATA,
                                  "the correlation of item %zu with itself is %g, not 1", i + 1,
                                  gsl_matrix_get(r, i, i));
    }
    return VMAP_SUCCESS;
}

static vmap_status check_variance(const vmap_extract_options *o, size_t p, vmap_error *err)
{
    if (!o->variance)
        return vmap_error_set(
            err, VMAP_EINVAL,
            "dwls needs the sampling variances of the correlations, which polychoric "
            "correlations of data have");
    if (o->variance->size1 != p || o->variance->size2 != p)
        return vmap_error_set(err, VMAP_EINVAL, "the sampling variances are not %zu x %zu", p, p);
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < i; j++) {
            if (!(gsl_matrix_get(o->variance, i, j) > 0))
                return vmap_error_set(
                    err, VMAP_EDATA,
                    "the correlation of items %zu and %zu has no sampling variance (an "
                    "empty cell makes it perfect): dwls cannot weight it; use uls",
                    j + 1, i + 1);
        }
    }
    return VMAP_SUCCESS;
}

static vmap_status check_options(const vmap_extract_options *o, size_t p, vmap_error *err)
{
    size_t most = o->method == VMAP_EXTRACT_PC ? p : p - 1;

    if ((unsigned)o->method >= VMAP_EXTRACTIONS)
        return vmap_error_set(err, VMAP_EINVAL, "no such method of extraction");
    if (o->factors < 1 || o->factors > most)
        return vmap_error_set(err, VMAP_EINVAL, "%zu factors of %zu items; there can be 1..%zu",
                              o->factors, p, most);
    if (!(o->bound > 0 && o->bound < 1))
        return vmap_error_set(err, VMAP_EINVAL,
                              "the least uniqueness is %g; it lies between 0 and 1", o->bound);
    if (o->starts < 1)
        return vmap_error_set(err, VMAP_EINVAL, "extraction needs at least one start");
    return o->method == VMAP_EXTRACT_DWLS ? check_variance(o, p, err) : VMAP_SUCCESS;
}

/* ---- solutions ---- */

void vmap_factor_solution_free(vmap_factor_solution *s)
{
    if (!s)
        return;
    gsl_matrix_free(s->unrotated);
    gsl_matrix_free(s->pattern);
    gsl_matrix_free(s->rotation);
    gsl_matrix_free(s->phi);
    gsl_matrix_free(s->structure);
    gsl_vector_free(s->eigenvalues);
    gsl_vector_free(s->communality);
    gsl_vector_free(s->uniqueness);
    gsl_vector_free(s->variance);
    free(s->heywood);
    free(s);
}

static vmap_factor_solution *new_solution(size_t p, size_t k, vmap_error *err)
{
    vmap_factor_solution *s = memory_new(1, sizeof *s, err);

    if (!s)
        return NULL;
    s->p = p;
    s->k = k;
    s->unrotated = memory_matrix(p, k, err);
    s->pattern = memory_matrix(p, k, err);
    s->structure = memory_matrix(p, k, err);
    s->rotation = memory_matrix(k, k, err);
    s->phi = memory_matrix(k, k, err);
    s->eigenvalues = gsl_vector_alloc(p);
    s->communality = gsl_vector_alloc(p);
    s->uniqueness = gsl_vector_alloc(p);
    s->variance = gsl_vector_alloc(k);
    s->heywood = memory_new(p, sizeof *s->heywood, err);
    if (s->unrotated && s->pattern && s->structure && s->rotation && s->phi && s->eigenvalues &&
        s->communality && s->uniqueness && s->variance && s->heywood)
        return s;
    vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu factors of %zu items", k, p);
    vmap_factor_solution_free(s);
    return NULL;
}

/* Loadings of least squares over pairs have any orientation: turn them to their principal axes. */
static vmap_status turn_to_axes(gsl_matrix *l, vmap_error *err)
{
    size_t k = l->size2;
    gsl_matrix *square = memory_matrix(k, k, err), *axes = memory_matrix(k, k, err);
    gsl_matrix *out = memory_matrix(l->size1, k, err);
    gsl_vector *values = gsl_vector_alloc(k);
    vmap_status status = square && axes && out && values ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        numeric_multiply(1, 1, l, 0, l, square);
        status = numeric_eigen(square, values, axes, err);
    }
    if (!status) {
        numeric_multiply(1, 0, l, 0, axes, out);
        gsl_matrix_memcpy(l, out);
    }
    gsl_matrix_free(square);
    gsl_matrix_free(axes);
    gsl_matrix_free(out);
    gsl_vector_free(values);
    return status;
}

/* What follows from the unrotated loadings. */
static void complete(vmap_factor_solution *s, double bound)
{
    gsl_matrix_set_identity(s->rotation);
    gsl_matrix_set_identity(s->phi);
    vmap_factor_arrange_by_size(s->unrotated, s->rotation);
    gsl_matrix_set_identity(s->rotation);
    gsl_matrix_memcpy(s->pattern, s->unrotated);
    gsl_matrix_memcpy(s->structure, s->unrotated);
    gsl_vector_set_zero(s->variance);
    for (size_t i = 0; i < s->p; i++) {
        double h = 0;

        for (size_t m = 0; m < s->k; m++) {
            double square = gsl_pow_2(gsl_matrix_get(s->unrotated, i, m));

            h += square;
            *gsl_vector_ptr(s->variance, m) += square;
        }
        gsl_vector_set(s->communality, i, h);
        if (s->method == VMAP_EXTRACT_PC) {
            gsl_vector_set(s->uniqueness, i, 1 - h);
            continue; /* components may explain an item altogether */
        }
        if (h > 1 + 1e-8)
            s->heywood[i] = VMAP_HEYWOOD_ULTRA;
        else if (gsl_vector_get(s->uniqueness, i) <=
                 (s->method == VMAP_EXTRACT_PAF ? 1e-8 : bound * (1 + 1e-6)))
            s->heywood[i] = VMAP_HEYWOOD_BOUNDARY;
        s->heywoods += s->heywood[i] != VMAP_HEYWOOD_NONE;
    }
}

/* ---- starts ---- */

/* The customary starts: (1 - k / 2p) / (R^-1)_ii (Joreskog 1967, eq. 48), and for principal axes
 * what the options say. `precision`, the diagonal of R^-1, is NULL when r has none. */
static void put_start(const vmap_extract_options *o, const gsl_matrix *r, const gsl_vector *precision,
                      gsl_vector *psi)
{
    size_t p = r->size1;
    double shrink = o->method == VMAP_EXTRACT_PAF ? 1 : 1 - (double)o->factors / (2 * (double)p);
    bool paf = o->method == VMAP_EXTRACT_PAF;

    for (size_t i = 0; i < p; i++) {
        double largest = 0, start;

        for (size_t j = 0; j < p; j++)
            largest = j == i ? largest : fmax(largest, fabs(gsl_matrix_get(r, i, j)));
        start = shrink * (precision ? 1 / gsl_vector_get(precision, i) : 1 - largest);
        if (paf && o->start == VMAP_START_LARGEST)
            start = 1 - largest;
        else if (paf && o->start == VMAP_START_ONE)
            start = 0;
        gsl_vector_set(psi, i, paf ? start : fmin(fmax(start, o->bound), 1));
    }
}

static void put_random(gsl_rng *rng, double bound, gsl_vector *psi)
{
    for (size_t i = 0; i < psi->size; i++)
        gsl_vector_set(psi, i, fmax(bound, gsl_rng_uniform_pos(rng)));
}

static vmap_status run_method(extract_run *run, vmap_error *err)
{
    switch (run->options->method) {
    case VMAP_EXTRACT_PAF:
        return extract_axes(run, err);
    case VMAP_EXTRACT_DWLS:
        return extract_pairs(run, err);
    default:
        return extract_concentrated(run, err);
    }
}

static bool is_better(const extract_run *run, const vmap_factor_solution *s)
{
    return s->starts == 0 || (run->converged && !s->converged) ||
           (run->converged == s->converged && run->discrepancy < s->discrepancy - 1e-12);
}

static void keep(const extract_run *run, vmap_factor_solution *s)
{
    gsl_matrix_memcpy(s->unrotated, run->loadings);
    gsl_vector_memcpy(s->uniqueness, run->psi);
    s->discrepancy = run->discrepancy;
    s->gradient = run->gradient;
    s->iterations = run->iterations;
    s->converged = run->converged;
}

/* Distinct optima among n discrepancies, and how many are the best. */
static void count_optima(const double *found, size_t n, vmap_factor_solution *s)
{
    double limit = 1e-7 * (1 + fabs(s->discrepancy));

    for (size_t i = 0; i < n; i++) {
        bool known = isnan(found[i]);

        for (size_t j = 0; j < i && !known; j++)
            known = fabs(found[i] - found[j]) <= limit;
        s->optima += !known;
        s->agree += fabs(found[i] - s->discrepancy) <= limit;
    }
}

static vmap_status try_starts(extract_run *run, const gsl_vector *precision, vmap_factor_solution *s,
                              vmap_error *err)
{
    const vmap_extract_options *o = run->options;
    size_t starts = vmap_extractions[o->method].starts ? o->starts : 1;
    double *found = memory_new(starts, sizeof *found, err);
    vmap_status status = found ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status && starts > 1) {
        run->optima = memory_matrix(starts, run->r->size1, err);
        run->optima_f = memory_new(starts, sizeof *run->optima_f, err);
        status = run->optima && run->optima_f ? VMAP_SUCCESS : VMAP_ENOMEM;
    }

    for (size_t i = 0; !status && i < starts; i++) {
        if (i == 0) {
            put_start(o, run->r, precision, run->psi);
        } else {
            gsl_rng *rng = vmap_rng_new(o->seed, i);

            if (!rng) {
                status = vmap_error_set(err, VMAP_ENOMEM, "no memory for random starts");
                break;
            }
            put_random(rng, o->bound, run->psi);
            gsl_rng_free(rng);
        }
        status = run_method(run, err);
        if (status)
            break;
        found[i] = run->converged ? run->discrepancy : NAN;
        if (!run->repeated && is_better(run, s))
            keep(run, s);
        s->starts++;
    }
    if (!status && vmap_extractions[o->method].starts)
        count_optima(found, starts, s);
    else if (!status)
        s->optima = s->agree = s->converged;
    gsl_matrix_free(run->optima);
    free(run->optima_f);
    free(found);
    return status;
}

static vmap_status extract_components(const gsl_matrix *r, vmap_factor_solution *s, vmap_error *err)
{
    s->discrepancy = NAN;
    s->converged = true;
    s->starts = s->optima = s->agree = 1;
    return vmap_factor_components(r, s->eigenvalues, s->unrotated, err);
}

/* All eigenvalues of R, and where it is worth its while the vectors from which those of other matrices are found. */
static vmap_status find_eigenvalues(extract_run *run, gsl_vector *values, vmap_error *err)
{
    size_t p = run->r->size1, k = run->options->factors;
    bool warm = run->options->method == VMAP_EXTRACT_ULS || run->options->method == VMAP_EXTRACT_ML;
    gsl_matrix *vectors;
    vmap_status status;

    if (!warm || !leading_pays(p, k))
        return numeric_eigenvalues(run->r, values, err);
    run->warm = leading_new(p, k, err);
    vectors = run->warm ? memory_matrix(p, leading_room(run->warm), err) : NULL;
    status = vectors ? numeric_eigen_largest(run->r, values, vectors, err) : VMAP_ENOMEM;
    if (!status)
        leading_begin(run->warm, vectors);
    gsl_matrix_free(vectors);
    return status;
}

/* What the method needs of R^-1; *regular tells whether there is one. */
static vmap_status find_inverse(extract_run *run, gsl_vector *precision, gsl_matrix *inverse, bool *regular,
                                vmap_error *err)
{
    vmap_status status = numeric_precisions(run->r, precision, &run->log_determinant, err);

    *regular = !status;
    if (status)
        return status == VMAP_ESINGULAR ? VMAP_SUCCESS : status;
    return run->options->method == VMAP_EXTRACT_GLS ? numeric_invert(run->r, inverse, err) : VMAP_SUCCESS;
}

static vmap_status extract_factors(const gsl_matrix *r, const vmap_extract_options *o,
                                   vmap_factor_solution *s, vmap_error *err)
{
    size_t p = r->size1;
    gsl_matrix *inverse = o->method == VMAP_EXTRACT_GLS ? memory_matrix(p, p, err) : NULL;
    gsl_vector *precision = gsl_vector_alloc(p);
    extract_run run = {.r = r, .options = o, .inverse = inverse};
    vmap_status status;
    bool regular = false;

    run.loadings = memory_matrix(p, o->factors, err);
    run.psi = gsl_vector_alloc(p);
    status = (inverse || o->method != VMAP_EXTRACT_GLS) && run.loadings && run.psi && precision
                 ? find_eigenvalues(&run, s->eigenvalues, err)
                 : VMAP_ENOMEM;
    if (!status)
        status = find_inverse(&run, precision, inverse, &regular, err);
    if (!status && !regular && vmap_extractions[o->method].inverts)
        status = vmap_error_set(
            err, VMAP_ESINGULAR,
            "the correlation matrix is not positive definite (smallest eigenvalue %.3g): "
            "%s needs its inverse; leave out the items that repeat others, smooth the "
            "matrix, or extract by uls",
            gsl_vector_get(s->eigenvalues, p - 1), vmap_extractions[o->method].name);
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < p; j++)
            run.squares += gsl_pow_2(gsl_matrix_get(r, i, j));
    }
    if (!status)
        status = try_starts(&run, regular ? precision : NULL, s, err);
    if (!status && o->method == VMAP_EXTRACT_DWLS)
        status = turn_to_axes(s->unrotated, err);
    leading_free(run.warm);
    gsl_matrix_free(inverse);
    gsl_matrix_free(run.loadings);
    gsl_vector_free(run.psi);
    gsl_vector_free(precision);
    return status;
}

vmap_status vmap_factor_extract(const gsl_matrix *r, const vmap_extract_options *options,
                                vmap_factor_solution **solution, vmap_error *err)
{
    vmap_factor_solution *s;
    vmap_status status = check_matrix(r, err);

    if (!status)
        status = check_options(options, r->size1, err);
    if (status)
        return status;
    s = new_solution(r->size1, options->factors, err);
    if (!s)
        return VMAP_ENOMEM;
    s->method = options->method;
    if (options->method == VMAP_EXTRACT_PC)
        status = extract_components(r, s, err);
    else
        status = extract_factors(r, options, s, err);
    if (status) {
        vmap_factor_solution_free(s);
        return status;
    }
    complete(s, options->bound);
    *solution = s;
    return VMAP_SUCCESS;
}
