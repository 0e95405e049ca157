#include <config.h>
#include "valuemap/congruence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "core/parallel.h"
#include "core/registry.h"
#include "factor/factor_internal.h"
#include "valuemap/match.h"
#include "valuemap/rng.h"

static const char *const alignment_names[] = {"columns", "orthogonal", "oblique"};
enum { ALIGNMENTS = sizeof alignment_names / sizeof *alignment_names };

const char *vmap_alignment_name(vmap_alignment alignment)
{
    return alignment_names[alignment];
}

vmap_status vmap_alignment_find(const char *name, vmap_alignment *alignment, vmap_error *err)
{
    size_t i = REGISTRY_FIND(alignment_names, ALIGNMENTS, "alignment", name, err);

    if (i == ALIGNMENTS)
        return VMAP_ENOENT;
    *alignment = (vmap_alignment)i;
    return VMAP_SUCCESS;
}

/* ---- Tucker's phi ---- */

static double tucker(double ab, double aa, double bb)
{
    return aa > 0 && bb > 0 ? ab / sqrt(aa) / sqrt(bb) : 0;
}

double factor_phi(const gsl_matrix *a, size_t i, const gsl_matrix *b, size_t j)
{
    double ab = 0, aa = 0, bb = 0;

    for (size_t q = 0; q < a->size1; q++) {
        double x = gsl_matrix_get(a, q, i), y = gsl_matrix_get(b, q, j);

        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    return tucker(ab, aa, bb);
}

/* Of all loadings but those of item `without` (p: none is left out). */
static double total_phi(const gsl_matrix *a, const gsl_matrix *b, size_t without)
{
    double ab = 0, aa = 0, bb = 0;

    for (size_t q = 0; q < a->size1; q++) {
        for (size_t j = 0; q != without && j < a->size2; j++) {
            double x = gsl_matrix_get(a, q, j), y = gsl_matrix_get(b, q, j);

            ab += x * y;
            aa += x * x;
            bb += y * y;
        }
    }
    return tucker(ab, aa, bb);
}

static vmap_status check_loadings(const gsl_matrix *a, const char *which, vmap_error *err)
{
    for (size_t i = 0; i < a->size1; i++) {
        for (size_t j = 0; j < a->size2; j++) {
            if (!isfinite(gsl_matrix_get(a, i, j)))
                return vmap_error_set(err, VMAP_EDATA,
                                      "loading %zu of item %zu of the %s solution is missing", j + 1,
                                      i + 1, which);
        }
    }
    return VMAP_SUCCESS;
}

static vmap_status check_two(const gsl_matrix *a, const gsl_matrix *b, bool same, vmap_error *err)
{
    vmap_status status;

    if (a->size1 != b->size1 || (same && a->size2 != b->size2))
        return vmap_error_set(err, VMAP_EINVAL,
                              "solutions of %zu items by %zu factors and of %zu by %zu cannot be "
                              "compared; they must have the same items%s",
                              a->size1, a->size2, b->size1, b->size2,
                              same ? " and as many factors" : "");
    status = check_loadings(a, "first", err);
    return status ? status : check_loadings(b, "second", err);
}

static void find_phi(const gsl_matrix *a, const gsl_matrix *b, gsl_matrix *phi)
{
    for (size_t i = 0; i < a->size2; i++) {
        for (size_t j = 0; j < b->size2; j++)
            gsl_matrix_set(phi, i, j, factor_phi(a, i, b, j));
    }
}

vmap_status vmap_congruence_find(const gsl_matrix *a, const gsl_matrix *b, gsl_matrix *phi,
                                 vmap_error *err)
{
    vmap_status status = check_two(a, b, false, err);

    if (!status && (phi->size1 != a->size2 || phi->size2 != b->size2))
        status = vmap_error_set(err, VMAP_EINVAL, "the table of congruences must be %zu x %zu",
                                a->size2, b->size2);
    if (!status)
        find_phi(a, b, phi);
    return status;
}

static vmap_status match_columns(const gsl_matrix *a, const gsl_matrix *b, size_t *order, int *sign,
                                 vmap_error *err)
{
    size_t k = a->size2;
    gsl_matrix *cost = memory_matrix(k, k, err);
    double total;
    vmap_status status;

    if (!cost)
        return VMAP_ENOMEM;
    find_phi(a, b, cost);
    for (size_t i = 0; i < k * k; i++)
        cost->data[i] = -fabs(cost->data[i]);
    status = vmap_match_assign(cost, order, &total, err);
    for (size_t j = 0; !status && j < k; j++)
        sign[j] = factor_phi(a, j, b, order[j]) < 0 ? -1 : 1;
    gsl_matrix_free(cost);
    return status;
}

vmap_status vmap_congruence_match(const gsl_matrix *a, const gsl_matrix *b, size_t *order, int *sign,
                                  vmap_error *err)
{
    vmap_status status = check_two(a, b, true, err);

    return status ? status : match_columns(a, b, order, sign, err);
}

/* ---- Procrustes ---- */

static vmap_status rotate_by_columns(const gsl_matrix *a, const gsl_matrix *b, gsl_matrix *t,
                                     vmap_error *err)
{
    size_t k = a->size2, *order = memory_new(k, sizeof *order, err);
    int *sign = memory_new(k, sizeof *sign, err);
    vmap_status status = order && sign ? match_columns(a, b, order, sign, err) : VMAP_ENOMEM;

    gsl_matrix_set_zero(t);
    for (size_t j = 0; !status && j < k; j++)
        gsl_matrix_set(t, order[j], j, sign[j]);
    free(order);
    free(sign);
    return status;
}

/* T = U V' of b'a = U D V'. */
static vmap_status rotate_rigidly(const gsl_matrix *a, const gsl_matrix *b, gsl_matrix *t,
                                  vmap_error *err)
{
    size_t k = a->size2;
    gsl_matrix *product = memory_matrix(k, k, err), *u = memory_matrix(k, k, err);
    gsl_matrix *v = memory_matrix(k, k, err);
    gsl_vector *d = gsl_vector_alloc(k);
    vmap_status status = product && u && v && d ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        numeric_multiply(1, 1, b, 0, a, product);
        status = numeric_svd(product, u, d, v, err);
    }
    if (!status)
        numeric_multiply(1, 0, u, 1, v, t);
    gsl_matrix_free(product);
    gsl_matrix_free(u);
    gsl_matrix_free(v);
    gsl_vector_free(d);
    return status;
}

/* T = (b'b)^-1 b'a with columns scaled by sqrt diag (T'T)^-1. */
static vmap_status rotate_obliquely(const gsl_matrix *a, const gsl_matrix *b, gsl_matrix *t,
                                    gsl_matrix *phi, vmap_error *err)
{
    size_t k = a->size2;
    gsl_matrix *square = memory_matrix(k, k, err), *inverse = memory_matrix(k, k, err);
    gsl_matrix *product = memory_matrix(k, k, err);
    vmap_status status = square && inverse && product ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        numeric_multiply(1, 1, b, 0, b, square);
        numeric_multiply(1, 1, b, 0, a, product);
        status = numeric_invert(square, inverse, err);
    }
    if (!status) {
        numeric_multiply(1, 0, inverse, 0, product, t);
        numeric_multiply(1, 1, t, 0, t, square);
        status = numeric_invert(square, inverse, err);
    }
    if (status == VMAP_ESINGULAR)
        status = vmap_error_set(err, VMAP_ESINGULAR,
                                "the factors cannot be rotated obliquely to the target: they, or its "
                                "columns, are combinations of one another");
    for (size_t i = 0; !status && i < k; i++) {
        double si = sqrt(gsl_matrix_get(inverse, i, i));

        for (size_t j = 0; j < k; j++) {
            double sj = sqrt(gsl_matrix_get(inverse, j, j));

            gsl_matrix_set(t, j, i, gsl_matrix_get(t, j, i) * si);
            if (phi)
                gsl_matrix_set(phi, i, j, gsl_matrix_get(inverse, i, j) / si / sj);
        }
    }
    gsl_matrix_free(square);
    gsl_matrix_free(inverse);
    gsl_matrix_free(product);
    return status;
}

/* The rotation alone; shapes were checked. */
static vmap_status find_rotation(const gsl_matrix *a, const gsl_matrix *b, vmap_alignment alignment,
                                 gsl_matrix *t, gsl_matrix *phi, vmap_error *err)
{
    if (phi)
        gsl_matrix_set_identity(phi);
    switch (alignment) {
    case VMAP_ALIGN_COLUMNS:
        return rotate_by_columns(a, b, t, err);
    case VMAP_ALIGN_ORTHOGONAL:
        return rotate_rigidly(a, b, t, err);
    case VMAP_ALIGN_OBLIQUE:
        return rotate_obliquely(a, b, t, phi, err);
    }
    return vmap_error_set(err, VMAP_EINVAL, "no such alignment");
}

/* All of vmap_congruence_align() but its checks, through matrices that the caller has. */
static vmap_status align(const gsl_matrix *a, const gsl_matrix *b, vmap_alignment alignment,
                         gsl_matrix *aligned, gsl_matrix *t, vmap_error *err)
{
    vmap_status status = find_rotation(a, b, alignment, t, NULL, err);

    if (!status)
        numeric_multiply(1, 0, b, 0, t, aligned);
    return status;
}

vmap_status vmap_congruence_align(const gsl_matrix *a, const gsl_matrix *b, vmap_alignment alignment,
                                  gsl_matrix *aligned, gsl_matrix *rotation, gsl_matrix *phi,
                                  vmap_error *err)
{
    size_t k = a->size2;
    gsl_matrix *t = NULL, *out = NULL, *f = NULL;
    vmap_status status = check_two(a, b, true, err);

    if (status)
        return status;
    t = memory_matrix(k, k, err);
    f = memory_matrix(k, k, err);
    out = memory_matrix(a->size1, k, err);
    status = t && f && out ? find_rotation(a, b, alignment, t, f, err) : VMAP_ENOMEM;
    if (!status) {
        numeric_multiply(1, 0, b, 0, t, out);
        gsl_matrix_memcpy(aligned, out);
        if (rotation)
            gsl_matrix_memcpy(rotation, t);
        if (phi)
            gsl_matrix_memcpy(phi, f);
    }
    gsl_matrix_free(t);
    gsl_matrix_free(f);
    gsl_matrix_free(out);
    return status;
}

/* ---- a whole comparison ---- */

void vmap_congruence_defaults(vmap_congruence_options *options)
{
    *options = (vmap_congruence_options){.alignment = VMAP_ALIGN_ORTHOGONAL,
                                         .permutations = 999,
                                         .quantile = .95,
                                         .seed = 20230217,
                                         .misfit = .2};
}

typedef struct {
    const gsl_matrix *a, *b;
    const vmap_congruence_options *options;
    double *phi; /* permutations x (k + 1), the last is the total; NaN where the rotation failed */
} floor_job;

static void permute_once(void *context, size_t index)
{
    floor_job *j = context;
    size_t p = j->a->size1, k = j->a->size2;
    gsl_rng *rng = vmap_rng_new(j->options->seed, index);
    gsl_matrix *mixed = memory_matrix(p, k, NULL), *aligned = memory_matrix(p, k, NULL);
    gsl_matrix *t = memory_matrix(k, k, NULL);
    double *phi = j->phi + index * (k + 1);

    for (size_t f = 0; f <= k; f++)
        phi[f] = NAN;
    if (rng && mixed && aligned && t) {
        gsl_matrix_memcpy(mixed, j->b);
        for (size_t i = p - 1; i > 0; i--)
            gsl_matrix_swap_rows(mixed, i, vmap_rng_below(rng, i + 1));
        if (!align(j->a, mixed, j->options->alignment, aligned, t, NULL)) {
            for (size_t f = 0; f < k; f++)
                phi[f] = factor_phi(j->a, f, aligned, f);
            phi[k] = total_phi(j->a, aligned, p);
        }
    }
    if (rng)
        gsl_rng_free(rng);
    gsl_matrix_free(mixed);
    gsl_matrix_free(aligned);
    gsl_matrix_free(t);
}

/* Quantile and p value of column f; `sorted` has room for all permutations. */
static void judge_floor(const floor_job *j, size_t f, double observed, double *sorted, double *quantile,
                        double *p_value)
{
    size_t k = j->a->size2, n = 0, above = 0;

    for (size_t i = 0; i < j->options->permutations; i++) {
        double phi = j->phi[i * (k + 1) + f];

        if (isnan(phi))
            continue;
        sorted[n++] = phi;
        above += phi >= observed - 1e-12;
    }
    *quantile = *p_value = NAN;
    if (n == 0)
        return;
    gsl_sort(sorted, 1, n);
    *quantile = gsl_stats_quantile_from_sorted_data(sorted, 1, n, j->options->quantile);
    *p_value = (1 + (double)above) / (1 + (double)n);
}

static vmap_status put_floor(const gsl_matrix *a, const gsl_matrix *b,
                             const vmap_congruence_options *options, vmap_congruence *c,
                             vmap_error *err)
{
    floor_job j = {.a = a, .b = b, .options = options};
    double *sorted = memory_new(options->permutations, sizeof *sorted, err);

    j.phi = memory_new(options->permutations * (c->k + 1), sizeof *j.phi, err);
    if (!sorted || !j.phi) {
        free(sorted);
        free(j.phi);
        return VMAP_ENOMEM;
    }
    parallel_for(options->permutations, options->threads, permute_once, &j);
    for (size_t f = 0; f < c->k; f++)
        judge_floor(&j, f, gsl_vector_get(c->phi, f), sorted, gsl_vector_ptr(c->floor, f),
                    gsl_vector_ptr(c->p_value, f));
    judge_floor(&j, c->k, c->total, sorted, &c->total_floor, &c->total_p);
    free(sorted);
    free(j.phi);
    return VMAP_SUCCESS;
}

static void judge_items(const gsl_matrix *a, double limit, vmap_congruence *c)
{
    for (size_t i = 0; i < c->p; i++) {
        double ab = 0, aa = 0, bb = 0, apart = 0;

        for (size_t j = 0; j < c->k; j++) {
            double x = gsl_matrix_get(a, i, j), y = gsl_matrix_get(c->aligned, i, j);

            ab += x * y;
            aa += x * x;
            bb += y * y;
            apart += (x - y) * (x - y);
        }
        gsl_vector_set(c->distance, i, sqrt(apart));
        gsl_vector_set(c->item_phi, i, tucker(ab, aa, bb));
        gsl_vector_set(c->without, i, total_phi(a, c->aligned, i));
        c->misfit[i] = sqrt(apart) > limit;
    }
}

static vmap_congruence *alloc_congruence(size_t p, size_t k, vmap_error *err)
{
    vmap_congruence *c = memory_new(1, sizeof *c, err);

    if (!c)
        return NULL;
    *c = (vmap_congruence){.p = p, .k = k, .total_floor = NAN, .total_p = NAN};
    c->aligned = memory_matrix(p, k, err);
    c->rotation = memory_matrix(k, k, err);
    c->phi = gsl_vector_calloc(k);
    c->floor = gsl_vector_calloc(k);
    c->p_value = gsl_vector_calloc(k);
    c->distance = gsl_vector_calloc(p);
    c->item_phi = gsl_vector_calloc(p);
    c->without = gsl_vector_calloc(p);
    c->misfit = memory_new(p, sizeof *c->misfit, err);
    if (c->aligned && c->rotation && c->phi && c->floor && c->p_value && c->distance &&
        c->item_phi && c->without && c->misfit) {
        gsl_vector_set_all(c->floor, NAN);
        gsl_vector_set_all(c->p_value, NAN);
        return c;
    }
    vmap_error_set(err, VMAP_ENOMEM, "no memory for a comparison of %zu items", p);
    vmap_congruence_free(c);
    return NULL;
}

vmap_status vmap_congruence_new(const gsl_matrix *a, const gsl_matrix *b,
                                const vmap_congruence_options *options, vmap_congruence **result,
                                vmap_error *err)
{
    vmap_congruence *c;
    vmap_status status = check_two(a, b, true, err);

    if (status)
        return status;
    if (a->size1 <= a->size2)
        return vmap_error_set(err, VMAP_EDATA,
                              "%zu items in %zu factors: a rotation makes any two such solutions "
                              "alike; at least %zu items are needed",
                              a->size1, a->size2, a->size2 + 1);
    c = alloc_congruence(a->size1, a->size2, err);
    if (!c)
        return VMAP_ENOMEM;
    status = align(a, b, options->alignment, c->aligned, c->rotation, err);
    if (!status) {
        for (size_t j = 0; j < c->k; j++)
            gsl_vector_set(c->phi, j, factor_phi(a, j, c->aligned, j));
        c->total = total_phi(a, c->aligned, c->p);
        judge_items(a, options->misfit, c);
        if (options->permutations)
            status = put_floor(a, b, options, c, err);
    }
    if (status)
        vmap_congruence_free(c);
    else
        *result = c;
    return status;
}

void vmap_congruence_free(vmap_congruence *c)
{
    if (!c)
        return;
    gsl_matrix_free(c->aligned);
    gsl_matrix_free(c->rotation);
    gsl_vector_free(c->phi);
    gsl_vector_free(c->floor);
    gsl_vector_free(c->p_value);
    gsl_vector_free(c->distance);
    gsl_vector_free(c->item_phi);
    gsl_vector_free(c->without);
    free(c->misfit);
    free(c);
}

/* ---- intervals ---- */

/* Mean and sum of squared deviations of phi over replicates, by Welford's updates: k + 1 each. */
typedef struct {
    double *phi, *mean, *squares;
} spread;

static void find_phis(const gsl_matrix *a, const gsl_matrix *aligned, double *phi)
{
    for (size_t f = 0; f < a->size2; f++)
        phi[f] = factor_phi(a, f, aligned, f);
    phi[a->size2] = total_phi(a, aligned, a->size1);
}

static vmap_status find_spread(const gsl_matrix *a, const double *a_replicates, const double *b_replicates, size_t replicates,
                               vmap_alignment alignment, gsl_matrix *aligned, gsl_matrix *t, spread *s, vmap_error *err)
{
    size_t p = a->size1, k = a->size2;
    vmap_status status = VMAP_SUCCESS;

    for (size_t r = 0; !status && r < replicates; r++) {
        gsl_matrix_const_view x = gsl_matrix_const_view_array(a_replicates ? a_replicates + r * p * k : a->data, p, k);
        gsl_matrix_const_view y = gsl_matrix_const_view_array(b_replicates + r * p * k, p, k);

        status = check_two(&x.matrix, &y.matrix, true, err);
        if (!status)
            status = align(&x.matrix, &y.matrix, alignment, aligned, t, err);
        if (!status)
            find_phis(&x.matrix, aligned, s->phi);
        for (size_t f = 0; !status && f <= k; f++) {
            double apart = s->phi[f] - s->mean[f];

            s->mean[f] += apart / (double)(r + 1);
            s->squares[f] += apart * (s->phi[f] - s->mean[f]);
        }
    }
    return status;
}

vmap_status vmap_congruence_interval(const gsl_matrix *a, const gsl_matrix *b, const double *a_replicates,
                                     const double *b_replicates, size_t replicates, vmap_alignment alignment, double level,
                                     double *low, double *high, vmap_error *err)
{
    enum { LEAST = 50 };
    size_t k = a->size2;
    gsl_matrix *aligned, *t;
    spread s;
    vmap_status status = check_two(a, b, true, err);

    if (!status && !(level > 0 && level < 1))
        status = vmap_error_set(err, VMAP_EINVAL, "an interval of level %g; it lies between 0 and 1", level);
    if (status)
        return status;
    for (size_t f = 0; f <= k; f++)
        low[f] = high[f] = NAN;
    if (replicates < LEAST)
        return VMAP_SUCCESS;
    aligned = memory_matrix(a->size1, k, err);
    t = memory_matrix(k, k, err);
    s.phi = memory_new(3 * (k + 1), sizeof *s.phi, err);
    if (!aligned || !t || !s.phi)
        status = VMAP_ENOMEM;
    s.mean = s.phi ? s.phi + k + 1 : NULL;
    s.squares = s.phi ? s.mean + k + 1 : NULL;
    if (!status)
        status = find_spread(a, a_replicates, b_replicates, replicates, alignment, aligned, t, &s, err);
    if (!status)
        status = align(a, b, alignment, aligned, t, err);
    if (!status)
        find_phis(a, aligned, s.phi);
    for (size_t f = 0; !status && f <= k; f++) {
        double reach = gsl_cdf_ugaussian_Pinv(.5 + level / 2) * sqrt(s.squares[f] / (double)(replicates - 1));

        low[f] = fmin(1, 2 * s.phi[f] - s.mean[f] - reach);
        high[f] = fmin(1, 2 * s.phi[f] - s.mean[f] + reach);
    }
    gsl_matrix_free(aligned);
    gsl_matrix_free(t);
    free(s.phi);
    return status;
}
