#include <config.h>
#include "valuemap/off_map.h"

#include <math.h>


#include "core/memory.h"
#include "core/numeric.h"
#include "core/quantile.h"

void vmap_off_map_free(vmap_off_map *off)
{
    if (!off)
        return;
    free(off->spe);
    free(off->spe_limit);
    free(off->spe_mean);
    free(off->t2);
    free(off->residual);
    free(off->far);
    free(off->odd);
    free(off);
}

/* What one pattern of answered items needs: o items, their weights A in standardised answers. */
typedef struct {
    size_t *item, count;
    gsl_matrix *weights; /* o x k: A */
    gsl_matrix *inverse; /* k x k: (A' R A)^-1 */
    gsl_matrix *back;    /* o x k: R A (A' R A)^-1, z^ = back t */
    double spe_mean;     /* trace of the covariance of what is left */
    double spe_limit;    /* NaN where SPE is not defined */
    bool placed;         /* T2 is defined */
} pattern;

static void close_pattern(pattern *q)
{
    free(q->item);
    gsl_matrix_free(q->weights);
    gsl_matrix_free(q->inverse);
    gsl_matrix_free(q->back);
}

/* Quantile of S l chi^2_1 by its first two moments, from the trace of E and of E^2. */
static double find_limit(const gsl_matrix *e, double level)
{
    double first = 0, second = 0;

    for (size_t i = 0; i < e->size1; i++) {
        first += gsl_matrix_get(e, i, i);
        for (size_t j = 0; j < e->size1; j++)
            second += pow(gsl_matrix_get(e, i, j), 2);
    }
    return first > 1e-12 ? second / first * quantile_chi_square_below(level, first * first / second) : NAN;
}

/* The covariance E = R - back (R A)' of what the position leaves, and the limit of its squares. */
static vmap_status limit_spe(const gsl_matrix *r, const gsl_matrix *cross, double level, pattern *q,
                             vmap_error *err)
{
    gsl_matrix *e = memory_matrix(q->count, q->count, err);

    if (!e)
        return VMAP_ENOMEM;
    numeric_multiply(-1, 0, q->back, 1, cross, e);
    gsl_matrix_add(e, r);
    q->spe_limit = find_limit(e, level);
    for (size_t i = 0; i < q->count; i++)
        q->spe_mean += gsl_matrix_get(e, i, i);
    gsl_matrix_free(e);
    return VMAP_SUCCESS;
}

static vmap_status solve(const vmap_space *s, double level, pattern *q, vmap_error *err)
{
    gsl_matrix *r = memory_matrix(q->count, q->count, err);
    gsl_matrix *cross = memory_matrix(q->count, s->k, err), *spread = memory_matrix(s->k, s->k, err);
    vmap_status status = VMAP_SUCCESS;

    q->inverse = memory_matrix(s->k, s->k, err);
    q->back = memory_matrix(q->count, s->k, err);
    if (r && cross && spread && q->inverse && q->back) {
        for (size_t a = 0; a < q->count; a++) {
            for (size_t b = 0; b < q->count; b++)
                gsl_matrix_set(r, a, b, gsl_matrix_get(s->r, q->item[a], q->item[b]));
        }
        numeric_multiply(1, 0, r, 0, q->weights, cross);
        numeric_multiply(1, 1, q->weights, 0, cross, spread);
        q->placed = !numeric_invert(spread, q->inverse, NULL);
        if (q->placed) {
            numeric_multiply(1, 0, cross, 0, q->inverse, q->back);
            if (q->count > s->k)
                status = limit_spe(r, cross, level, q, err);
        }
    } else {
        status = VMAP_ENOMEM;
    }
    gsl_matrix_free(r);
    gsl_matrix_free(cross);
    gsl_matrix_free(spread);
    return status;
}

/* `row` is a respondent with the pattern. */
static vmap_status open_pattern(const vmap_space *s, const vmap_operator *op, const double *row,
                                double level, pattern *q, vmap_error *err)
{
    *q = (pattern){.spe_limit = NAN};
    q->item = memory_new(s->p, sizeof *q->item, err);
    if (!q->item)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < s->p; i++) {
        if (!isnan(row[i]))
            q->item[q->count++] = i;
    }
    if (q->count < s->k)
        return VMAP_SUCCESS;
    q->weights = memory_matrix(q->count, s->k, err);
    if (!q->weights)
        return VMAP_ENOMEM;
    for (size_t a = 0; a < q->count; a++) {
        for (size_t j = 0; j < s->k; j++)
            gsl_matrix_set(q->weights, a, j,
                           gsl_matrix_get(op->weights, q->item[a], j) *
                               gsl_vector_get(s->sd, q->item[a]));
    }
    return solve(s, level, q, err);
}

static double standard(const vmap_space *s, const double *row, size_t i)
{
    return (row[i] - gsl_vector_get(s->mean, i)) / gsl_vector_get(s->sd, i);
}

/* `t` has room for k. */
static void judge(const vmap_space *s, const pattern *q, const double *row, size_t i, double *t,
                  vmap_off_map *off)
{
    if (!q->placed)
        return;
    off->t2[i] = 0;
    for (size_t j = 0; j < s->k; j++) {
        t[j] = 0;
        for (size_t a = 0; a < q->count; a++)
            t[j] += gsl_matrix_get(q->weights, a, j) * standard(s, row, q->item[a]);
    }
    for (size_t j = 0; j < s->k; j++) {
        for (size_t l = 0; l < s->k; l++)
            off->t2[i] += t[j] * gsl_matrix_get(q->inverse, j, l) * t[l];
    }
    off->far[i] = off->t2[i] > off->t2_limit;
    if (isnan(q->spe_limit))
        return;
    off->spe[i] = 0;
    off->spe_limit[i] = q->spe_limit;
    off->spe_mean[i] = q->spe_mean;
    for (size_t a = 0; a < q->count; a++) {
        double e = standard(s, row, q->item[a]);

        for (size_t j = 0; j < s->k; j++)
            e -= gsl_matrix_get(q->back, a, j) * t[j];
        off->residual[i * s->p + q->item[a]] = e;
        off->spe[i] += e * e;
    }
    off->odd[i] = off->spe[i] > q->spe_limit;
}

static vmap_status new_off_map(size_t n, const vmap_space *s, double level, vmap_off_map **result,
                               vmap_error *err)
{
    vmap_off_map *off = *result = memory_new(1, sizeof *off, err);

    if (!off)
        return VMAP_ENOMEM;
    *off = (vmap_off_map){.n = n, .p = s->p, .k = s->k, .level = level};
    off->t2_limit = quantile_chi_square_below(level, (double)s->k);
    off->spe = memory_new(n, sizeof *off->spe, err);
    off->spe_limit = memory_new(n, sizeof *off->spe_limit, err);
    off->spe_mean = memory_new(n, sizeof *off->spe_mean, err);
    off->t2 = memory_new(n, sizeof *off->t2, err);
    off->residual = memory_new(n, s->p * sizeof *off->residual, err);
    off->far = memory_new(n, sizeof *off->far, err);
    off->odd = memory_new(n, sizeof *off->odd, err);
    if (!off->spe || !off->spe_limit || !off->spe_mean || !off->t2 || !off->residual || !off->far || !off->odd)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        off->spe[i] = off->spe_limit[i] = off->spe_mean[i] = off->t2[i] = NAN;
        for (size_t j = 0; j < s->p; j++)
            off->residual[i * s->p + j] = NAN;
    }
    return VMAP_SUCCESS;
}

/* Each pattern is solved when its first respondent comes. */
static vmap_status judge_all(const vmap_space *s, const double *values, const vmap_projection *pr,
                             vmap_off_map *off, vmap_error *err)
{
    pattern *known = memory_new(pr->patterns, sizeof *known, err);
    double *t = memory_new(s->k, sizeof *t, err);
    vmap_status status = known && t ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < pr->n; i++) {
        pattern *q = &known[pr->pattern[i]];
        const double *row = values + i * s->p;

        if (isnan(pr->at[i * s->k]))
            continue;
        if (!q->item)
            status = open_pattern(s, pr->operators[pr->pattern[i]], row, off->level, q, err);
        if (!status)
            judge(s, q, row, i, t, off);
    }
    for (size_t q = 0; known && q < pr->patterns; q++)
        close_pattern(&known[q]);
    free(known);
    free(t);
    return status;
}

vmap_status vmap_off_map_find(const vmap_space *space, const double *values,
                              const vmap_projection *projection, double level, vmap_off_map **off,
                              vmap_error *err)
{
    vmap_off_map *result = NULL;
    vmap_status status;

    if (!(level > 0 && level < 1))
        return vmap_error_set(err, VMAP_EINVAL, "level %g is not between 0 and 1", level);
    if (projection->p != space->p || projection->k != space->k)
        return vmap_error_set(err, VMAP_EINVAL,
                              "the projection has %zu items and %zu axes, the space %zu and %zu",
                              projection->p, projection->k, space->p, space->k);
    status = new_off_map(projection->n, space, level, &result, err);
    if (!status)
        status = judge_all(space, values, projection, result, err);
    if (!status) {
        *off = result;
        result = NULL;
    }
    vmap_off_map_free(result);
    return status;
}
