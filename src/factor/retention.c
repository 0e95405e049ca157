#include <config.h>
#include "valuemap/retention.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "core/parallel.h"
#include "factor/factor_internal.h"
#include "valuemap/rng.h"

const vmap_criterion_row vmap_criteria[VMAP_CRITERIA] = {
    {"kaiser", "eigenvalues above 1; keeps far too many with many items", "Kaiser 1960", false, false},
    {"parallel-pc", "eigenvalues above those of chance (quantile)", "Horn 1965, Glorfeld 1995", true, false},
    {"parallel-pc-mean", "eigenvalues above the mean of those of chance", "Horn 1965", false, false},
    {"parallel-smc", "eigenvalues of the reduced matrix above those of chance; tends to keep too many",
     "Humphreys & Montanelli 1975", false, false},
    {"parallel-efa", "the same with the communalities of one factor", "Revelle's fa.parallel", false, false},
    {"map", "least mean squared partial correlation", "Velicer 1976", true, false},
    {"map4", "the same with fourth powers", "Velicer, Eaton & Fava 2000", false, false},
    {"ekc", "eigenvalues above their expectation given the earlier ones", "Braeken & van Assen 2017", true,
     false},
    {"hull-caf", "corner of common variance captured against degrees of freedom", "Lorenzo-Seva et al. 2011",
     true, true},
    {"hull-cfi", "the same with CFI", "Lorenzo-Seva et al. 2011", false, true},
    {"hull-rmsea", "the same with 1 - RMSEA", "Lorenzo-Seva et al. 2011", false, true},
    {"nest", "the next eigenvalue is no surprise under the factors kept", "Achim 2017", false, true},
    {"comparison", "one more factor makes simulated answers more alike (comparison data)", "Ruscio & Roche 2012", false,
     false},
    {"chi2", "first model that chi-square does not refuse; keeps many when n is large", "Lawley 1940", false,
     true},
    {"rmsea", "first model whose RMSEA may be below .05", "Browne & Cudeck 1993", false, true},
    {"bic", "least BIC", "Schwarz 1978", false, true},
};

/* ---- criteria of eigenvalues ---- */

static size_t count_kaiser(const vmap_parallel *x)
{
    size_t count = 0;

    while (count < x->p && gsl_vector_get(x->observed[VMAP_PARALLEL_PC], count) > 1)
        count++;
    return count;
}

static size_t count_ekc(vmap_retention *t)
{
    const gsl_vector *l = t->parallel->observed[VMAP_PARALLEL_PC];
    double p = (double)t->p, left = p, edge = 1 + sqrt(p / t->n);
    size_t count = t->p;

    for (size_t j = 0; j < t->p; j++) {
        double reference = fmax(1, edge * edge * left / (p - (double)j));

        gsl_vector_set(t->ekc, j, reference);
        if (count == t->p && !(gsl_vector_get(l, j) > reference))
            count = j;
        left -= gsl_vector_get(l, j);
    }
    return count;
}

/* ---- partial correlations ---- */

/* Mean squared (and fourth power) partial correlation of the residual covariances c; false when an item has
 * nothing left. */
static bool mean_partial(const gsl_matrix *c, double *second, double *fourth)
{
    size_t p = c->size1;

    *second = *fourth = 0;
    for (size_t i = 0; i < p; i++) {
        if (!(gsl_matrix_get(c, i, i) > 1e-5))
            return false;
        for (size_t j = 0; j < i; j++) {
            double square = gsl_matrix_get(c, i, j) * gsl_matrix_get(c, i, j) /
                            (gsl_matrix_get(c, i, i) * gsl_matrix_get(c, j, j));

            *second += square;
            *fourth += square * square;
        }
    }
    *second /= (double)(p * (p - 1)) / 2;
    *fourth /= (double)(p * (p - 1)) / 2;
    return true;
}

static vmap_status find_map(const gsl_matrix *r, vmap_retention *t, vmap_error *err)
{
    size_t p = r->size1;
    gsl_matrix *c = memory_matrix(p, p, err), *vectors = memory_matrix(p, p, err);
    gsl_vector *values = gsl_vector_alloc(p);
    vmap_status status = c && vectors && values ? numeric_eigen(r, values, vectors, err) : VMAP_ENOMEM;
    bool left = true;

    if (!status)
        gsl_matrix_memcpy(c, r);
    for (size_t m = 0; !status && m + 1 < p; m++) {
        double second = NAN, fourth = NAN;

        left = left && mean_partial(c, &second, &fourth);
        gsl_vector_set(t->map, m, left ? second : NAN);
        gsl_vector_set(t->map4, m, left ? fourth : NAN);
        for (size_t i = 0; i < p; i++) {
            for (size_t j = 0; j < p; j++)
                *gsl_matrix_ptr(c, i, j) -= gsl_vector_get(values, m) * gsl_matrix_get(vectors, i, m) *
                                            gsl_matrix_get(vectors, j, m);
        }
    }
    gsl_matrix_free(c);
    gsl_matrix_free(vectors);
    gsl_vector_free(values);
    return status;
}

/* Place of the least element that is there; SIZE_MAX when none is. */
static size_t least_of(const gsl_vector *v)
{
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < v->size; i++) {
        double x = gsl_vector_get(v, i);

        if (!isnan(x) && (best == SIZE_MAX || x < gsl_vector_get(v, best)))
            best = i;
    }
    return best;
}

/* ---- criteria of solutions ---- */

size_t vmap_retention_hull(const double *fit, const double *df, size_t most)
{
    size_t on[512], n = 0, best = SIZE_MAX;
    double steepest = -INFINITY;

    for (size_t k = 0; k <= most && n < 512; k++) {
        if (!isnan(fit[k]) && !isnan(df[k]) && df[k] >= 0 && (n == 0 || fit[k] > fit[on[n - 1]]))
            on[n++] = k;
    }
    for (size_t i = 1; i + 1 < n;) {
        size_t a = on[i - 1], b = on[i], c = on[i + 1];
        double slope = (fit[c] - fit[a]) / (df[a] - df[c]);

        if (fit[b] > fit[a] + slope * (df[a] - df[b])) {
            i++;
            continue;
        }
        for (size_t m = i; m + 1 < n; m++)
            on[m] = on[m + 1];
        n--;
        i = i > 1 ? i - 1 : 1;
    }
    for (size_t i = 1; i + 1 < n; i++) {
        size_t a = on[i - 1], b = on[i], c = on[i + 1];
        double st = (fit[b] - fit[a]) / (df[a] - df[b]) / ((fit[c] - fit[b]) / (df[b] - df[c]));

        if (st > steepest) {
            steepest = st;
            best = b;
        }
    }
    return best;
}

/* 1 - Kaiser-Meyer-Olkin measure of the correlations that are left; NaN when they cannot be inverted. */
static double common_left(const gsl_matrix *r, const gsl_matrix *loadings, gsl_matrix *c,
                          gsl_matrix *inverse)
{
    size_t p = r->size1;
    double squares = 0, partial = 0;

    gsl_matrix_memcpy(c, r);
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; loadings && j < p; j++) {
            for (size_t f = 0; f < loadings->size2; f++)
                *gsl_matrix_ptr(c, i, j) -= gsl_matrix_get(loadings, i, f) * gsl_matrix_get(loadings, j, f);
        }
        gsl_matrix_set(c, i, i, 1);
    }
    if (numeric_invert(c, inverse, NULL))
        return NAN;
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < i; j++) {
            double q = gsl_matrix_get(inverse, i, j);

            squares += gsl_matrix_get(c, i, j) * gsl_matrix_get(c, i, j);
            partial += q * q / (gsl_matrix_get(inverse, i, i) * gsl_matrix_get(inverse, j, j));
        }
    }
    return squares + partial > 0 ? partial / (squares + partial) : NAN;
}

static void put_fit(vmap_retention *t, size_t k, double chi2, double df, double chi0, double df0)
{
    double n = t->n - 1, excess = fmax(chi2 - df, 0), worst = fmax(fmax(chi0 - df0, chi2 - df), 0);

    if (isnan(chi2) || !(df > 0))
        return;
    gsl_vector_set(t->p_value, k, gsl_cdf_chisq_Q(chi2, df));
    gsl_vector_set(t->rmsea, k, sqrt(excess / (df * n)));
    gsl_vector_set(t->rmsea_low, k, sqrt(factor_noncentrality(chi2, df, .95) / (df * n)));
    gsl_vector_set(t->bic, k, chi2 - df * log(t->n));
    if (!isnan(chi0) && worst > 0)
        gsl_vector_set(t->cfi, k, 1 - excess / worst);
}

static vmap_status judge_fits(const gsl_matrix *r, const vmap_retention_fit *fits, vmap_retention *t,
                              vmap_error *err)
{
    size_t p = r->size1;
    gsl_matrix *c = memory_matrix(p, p, err), *inverse = memory_matrix(p, p, err);
    double *df = memory_new(t->most + 1, sizeof *df, err), *near = memory_new(t->most + 1, sizeof *near, err);
    vmap_status status = c && inverse && df && near ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t k = 0; !status && k <= t->most; k++) {
        df[k] = ((double)(p - k) * (double)(p - k) - (double)(p + k)) / 2;
        if (k == 0 || fits[k].loadings)
            gsl_vector_set(t->caf, k, common_left(r, fits[k].loadings, c, inverse));
        put_fit(t, k, fits[k].chi2, fits[k].df, fits[0].chi2, fits[0].df);
        near[k] = 1 - gsl_vector_get(t->rmsea, k);
    }
    if (!status) {
        t->count[VMAP_CRITERION_HULL_CAF] = vmap_retention_hull(t->caf->data, df, t->most);
        t->count[VMAP_CRITERION_HULL_CFI] = vmap_retention_hull(t->cfi->data, df, t->most);
        t->count[VMAP_CRITERION_HULL_RMSEA] = vmap_retention_hull(near, df, t->most);
        t->count[VMAP_CRITERION_BIC] = least_of(t->bic);
        for (size_t k = t->most + 1; k-- > 0;) {
            if (gsl_vector_get(t->p_value, k) > .05)
                t->count[VMAP_CRITERION_CHI2] = k;
            if (gsl_vector_get(t->rmsea_low, k) < .05)
                t->count[VMAP_CRITERION_RMSEA] = k;
        }
    }
    gsl_matrix_free(c);
    gsl_matrix_free(inverse);
    free(df);
    free(near);
    return status;
}

/* ---- the next eigenvalue ---- */

typedef struct {
    const vmap_parallel_options *options;
    const gsl_matrix *root;
    double n;
    size_t k;
    double *value; /* one per set; NaN when it failed */
} nest_job;

static void draw_next(void *context, size_t set)
{
    nest_job *j = context;
    size_t p = j->root->size1;
    gsl_rng *rng = vmap_rng_new(j->options->seed, ((uint64_t)(j->k + 1) << 32) + set);
    gsl_matrix *r = memory_matrix(p, p, NULL), *room = memory_matrix(p, p, NULL);
    gsl_vector *values = gsl_vector_alloc(p);

    j->value[set] = NAN;
    if (rng && r && room && values) {
        factor_draw_correlation(rng, j->n, j->root, room, r);
        if (!numeric_eigenvalues(r, values, NULL))
            j->value[set] = gsl_vector_get(values, j->k);
    }
    if (rng)
        gsl_rng_free(rng);
    gsl_matrix_free(r);
    gsl_matrix_free(room);
    gsl_vector_free(values);
}

/* Cholesky root of the correlations that the solution implies; uniquenesses below 1e-6 count as that. */
static bool model_root(const gsl_matrix *loadings, gsl_matrix *root)
{
    gsl_matrix_set_zero(root);
    if (loadings)
        numeric_multiply(1, 0, loadings, 1, loadings, root);
    for (size_t i = 0; i < root->size1; i++)
        gsl_matrix_set(root, i, i, fmax(1, gsl_matrix_get(root, i, i) + 1e-6));
    return !gsl_linalg_cholesky_decomp1(root);
}

static vmap_status find_comparison(const gsl_matrix *r, const vmap_parallel_data *data,
                                   const vmap_parallel_options *options, vmap_retention *t, vmap_error *err)
{
    vmap_comparison_options o;
    vmap_status status;

    if (!options->comparison || !data || !data->values)
        return VMAP_SUCCESS;
    vmap_comparison_defaults(&o);
    o.samples = options->comparison;
    o.seed = options->seed;
    o.threads = options->threads;
    status = vmap_comparison_new(r, t->n, data, &o, &t->comparison, err);
    if (!status)
        t->count[VMAP_CRITERION_COMPARISON] = t->comparison->factors;
    return status;
}

static vmap_status find_nest(const vmap_retention_fit *fits, const vmap_parallel_options *options,
                             vmap_retention *t, vmap_error *err)
{
    size_t sets = options->sets, p = t->p;
    gsl_matrix *root = memory_matrix(p, p, err);
    double *value = memory_new(sets, sizeof *value, err);
    vmap_status status = root && value ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t k = 0; !status && k <= t->most && k < p && t->n > (double)p + 1; k++) {
        nest_job j = {.options = options, .root = root, .n = t->n, .k = k, .value = value};
        size_t n = 0;

        if ((k > 0 && !fits[k].loadings) || !model_root(fits[k].loadings, root))
            break;
        parallel_for(sets, options->threads, draw_next, &j);
        for (size_t s = 0; s < sets; s++) {
            if (!isnan(value[s]))
                value[n++] = value[s];
        }
        if (n == 0)
            break;
        gsl_sort(value, 1, n);
        gsl_vector_set(t->nest, k, gsl_stats_quantile_from_sorted_data(value, 1, n, options->quantile));
        if (!(gsl_vector_get(t->parallel->observed[VMAP_PARALLEL_PC], k) > gsl_vector_get(t->nest, k))) {
            t->count[VMAP_CRITERION_NEST] = k;
            break;
        }
    }
    gsl_matrix_free(root);
    free(value);
    return status;
}

/* ---- consensus ---- */

/* Criteria that give this answer; Kaiser's rule, which keeps far too many, counts as none. */
static size_t supporters(const vmap_retention *t, size_t answer)
{
    size_t n = 0;

    for (size_t c = 0; c < VMAP_CRITERIA; c++)
        n += c != VMAP_CRITERION_KAISER && t->count[c] == answer;
    return n;
}

static bool better(const vmap_retention *t, size_t answer, size_t votes)
{
    size_t mine = supporters(t, answer), theirs = supporters(t, t->consensus);

    if (votes != t->votes)
        return votes > t->votes;
    return mine != theirs ? mine > theirs : answer < t->consensus;
}

static void find_consensus(vmap_retention *t)
{
    t->least = SIZE_MAX;
    for (size_t c = 0; c < VMAP_CRITERIA; c++) {
        size_t answer = t->count[c], votes = 0;

        if (!vmap_criteria[c].votes || answer == SIZE_MAX)
            continue;
        t->voters++;
        t->least = answer < t->least ? answer : t->least;
        t->largest = answer > t->largest ? answer : t->largest;
        for (size_t d = 0; d < VMAP_CRITERIA; d++)
            votes += vmap_criteria[d].votes && t->count[d] == answer;
        if (better(t, answer, votes)) {
            t->votes = votes;
            t->consensus = answer;
        }
    }
    t->clear = t->votes >= 2 && 2 * t->votes > t->voters;
}

/* ---- all of it ---- */

static gsl_vector *new_missing(size_t n)
{
    gsl_vector *v = gsl_vector_alloc(n);

    if (v)
        gsl_vector_set_all(v, NAN);
    return v;
}

static vmap_retention *alloc_retention(size_t p, double n, size_t most, bool fits, vmap_error *err)
{
    vmap_retention *t = memory_new(1, sizeof *t, err);
    bool all;

    if (!t)
        return NULL;
    t->p = p;
    t->n = n;
    t->most = fits ? most : 0;
    t->ekc = new_missing(p);
    t->map = new_missing(p - 1);
    t->map4 = new_missing(p - 1);
    all = t->ekc && t->map && t->map4;
    for (size_t c = 0; c < VMAP_CRITERIA; c++)
        t->count[c] = SIZE_MAX;
    if (fits) {
        gsl_vector **v[] = {&t->caf, &t->cfi, &t->rmsea, &t->rmsea_low, &t->p_value, &t->bic, &t->nest};

        for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
            *v[i] = new_missing(most + 1);
            all = all && *v[i];
        }
    }
    if (all)
        return t;
    vmap_error_set(err, VMAP_ENOMEM, "no memory for the criteria of %zu items", p);
    vmap_retention_free(t);
    return NULL;
}

static void count_eigenvalues(vmap_retention *t)
{
    const vmap_parallel *x = t->parallel;

    t->count[VMAP_CRITERION_KAISER] = count_kaiser(x);
    t->count[VMAP_CRITERION_PARALLEL_PC] = vmap_parallel_count(x, VMAP_PARALLEL_PC, false);
    t->count[VMAP_CRITERION_PARALLEL_PC_MEAN] = vmap_parallel_count(x, VMAP_PARALLEL_PC, true);
    t->count[VMAP_CRITERION_PARALLEL_SMC] = vmap_parallel_count(x, VMAP_PARALLEL_SMC, false);
    t->count[VMAP_CRITERION_PARALLEL_EFA] = vmap_parallel_count(x, VMAP_PARALLEL_EFA, false);
    t->count[VMAP_CRITERION_EKC] = count_ekc(t);
    t->count[VMAP_CRITERION_MAP] = least_of(t->map);
    t->count[VMAP_CRITERION_MAP4] = least_of(t->map4);
}

vmap_status vmap_retention_new(const gsl_matrix *r, double n, const vmap_parallel_data *data,
                               const vmap_retention_fit *fits, size_t most,
                               const vmap_parallel_options *options, vmap_retention **result,
                               vmap_error *err)
{
    vmap_parallel *parallel = NULL;
    vmap_retention *t;
    vmap_status status = vmap_parallel_new(r, n, data, options, &parallel, err);

    if (status)
        return status;
    if (fits && most >= r->size1) {
        vmap_parallel_free(parallel);
        return vmap_error_set(err, VMAP_EINVAL, "solutions of up to %zu factors of %zu items", most,
                              r->size1);
    }
    t = alloc_retention(r->size1, n, most, fits != NULL, err);
    if (!t) {
        vmap_parallel_free(parallel);
        return VMAP_ENOMEM;
    }
    t->parallel = parallel;
    status = find_map(r, t, err);
    if (!status)
        count_eigenvalues(t);
    if (!status && fits)
        status = judge_fits(r, fits, t, err);
    if (!status && fits)
        status = find_nest(fits, options, t, err);
    if (!status)
        status = find_comparison(r, data, options, t, err);
    if (!status)
        find_consensus(t);
    if (status)
        vmap_retention_free(t);
    else
        *result = t;
    return status;
}

void vmap_retention_free(vmap_retention *t)
{
    if (!t)
        return;
    vmap_parallel_free(t->parallel);
    gsl_vector_free(t->ekc);
    gsl_vector_free(t->map);
    gsl_vector_free(t->map4);
    gsl_vector_free(t->caf);
    gsl_vector_free(t->cfi);
    gsl_vector_free(t->rmsea);
    gsl_vector_free(t->rmsea_low);
    gsl_vector_free(t->p_value);
    gsl_vector_free(t->bic);
    gsl_vector_free(t->nest);
    vmap_comparison_free(t->comparison);
    free(t);
}
