#include <config.h>
#include "resample/resample_sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>

#include "core/memory.h"
#include "valuemap/rng.h"

enum { ROWS = 1024 }; /* rows of one product */

/* ---- order of the rows ---- */

typedef struct {
    const double *values, *weights;
    const size_t *group;
    size_t p;
    vmap_missing_rule rule;
} sort_key;

static int compare(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

/* 0 for complete answers, else 1; then the pattern itself. */
static int compare_patterns(const double *a, const double *b, size_t p)
{
    int missing_a = 0, missing_b = 0, order = 0;

    for (size_t i = 0; i < p; i++) {
        missing_a += isnan(a[i]) != 0;
        missing_b += isnan(b[i]) != 0;
        if (order == 0)
            order = (isnan(a[i]) != 0) - (isnan(b[i]) != 0);
    }
    return missing_a != missing_b ? (missing_a > missing_b) - (missing_a < missing_b) : order;
}

static int compare_rows(const void *pa, const void *pb, void *data)
{
    const sort_key *s = data;
    size_t a = *(const size_t *)pa, b = *(const size_t *)pb;
    const double *xa = s->values + a * s->p, *xb = s->values + b * s->p;
    int order = compare_patterns(xa, xb, s->p);

    if (order == 0)
        order = (s->group[a] > s->group[b]) - (s->group[a] < s->group[b]);
    for (size_t i = 0; order == 0 && i < s->p; i++)
        order = compare(xa[i], xb[i]);
    if (order == 0 && s->weights)
        order = compare(s->weights[a], s->weights[b]);
    return order;
}

/* Rows that count, sorted; returns how many. */
static size_t sort_rows(const sort_key *s, size_t n, size_t *row)
{
    size_t count = 0;

    for (size_t r = 0; r < n; r++) {
        size_t answered = 0;

        for (size_t i = 0; i < s->p; i++)
            answered += !isnan(s->values[r * s->p + i]);
        if (answered >= (s->rule == VMAP_LISTWISE ? s->p : 1) && (!s->weights || s->weights[r] > 0))
            row[count++] = r;
    }
    qsort_r(row, count, sizeof *row, compare_rows, (void *)(uintptr_t)s);
    return count;
}

bool resample_is_complete(const bool *observed, size_t p)
{
    for (size_t i = 0; i < p; i++) {
        if (!observed[i])
            return false;
    }
    return true;
}

static vmap_status find_runs(resample_rows *j, const sort_key *s, const size_t *row, vmap_error *err)
{
    size_t room = 0;

    for (size_t r = 0; r < j->n; r++) {
        const bool *now = j->observed + r * j->p;
        bool complete = resample_is_complete(now, j->p);
        bool same = r > 0 && memcmp(now, now - j->p, j->p) == 0 &&
                    (!complete || s->group[row[r]] == s->group[row[r - 1]]);

        if (!same) {
            vmap_status status = memory_grow(&j->runs, &room, j->runs_count + 1, sizeof(resample_run), err);

            if (status)
                return status;
            j->runs[j->runs_count++] =
                (resample_run){.from = r, .pattern = r, .group = complete ? s->group[row[r]] : j->groups};
        }
        j->runs[j->runs_count - 1].to = r + 1;
    }
    return VMAP_SUCCESS;
}

static void find_strata(resample_rows *j, const sort_key *s, const size_t *row)
{
    j->strata = j->groups + 1;
    for (size_t r = 0; r < j->n; r++)
        j->stratum_start[s->group[row[r]] + 1]++;
    for (size_t g = 0; g < j->strata; g++)
        j->stratum_start[g + 1] += j->stratum_start[g];
    for (size_t r = 0; r < j->n; r++)
        j->stratum[j->stratum_start[s->group[row[r]]]++] = r;
    for (size_t g = j->strata; g > 0; g--)
        j->stratum_start[g] = j->stratum_start[g - 1];
    j->stratum_start[0] = 0;
}

static vmap_status arrange(resample_rows *j, const sort_key *s, size_t n, const double *centre,
                           vmap_error *err)
{
    size_t *row = memory_new(n, sizeof *row, err);
    vmap_status status = VMAP_ENOMEM;

    if (!row)
        return VMAP_ENOMEM;
    j->n = sort_rows(s, n, row);
    j->x = memory_new(j->n * j->p, sizeof *j->x, err);
    j->w = memory_new(j->n, sizeof *j->w, err);
    j->observed = memory_new(j->n * j->p, sizeof *j->observed, err);
    j->stratum = memory_new(j->n, sizeof *j->stratum, err);
    j->stratum_start = memory_new(j->groups + 2, sizeof *j->stratum_start, err);
    if (j->x && j->w && j->observed && j->stratum && j->stratum_start) {
        for (size_t r = 0; r < j->n; r++) {
            j->w[r] = s->weights ? s->weights[row[r]] : 1;
            for (size_t i = 0; i < j->p; i++) {
                double x = s->values[row[r] * j->p + i];

                j->observed[r * j->p + i] = !isnan(x);
                j->x[r * j->p + i] = isnan(x) ? 0 : x - centre[i];
            }
        }
        find_strata(j, s, row);
        status = find_runs(j, s, row, err);
    }
    free(row);
    return status;
}

/* ---- sums of one batch ---- */

/* Weighted sums of a pattern in one row: w, w x_i, w x_i x_j for j <= i. */
static size_t sum_columns(size_t p)
{
    return 1 + p + p * (p + 1) / 2;
}

static void fill_design(const resample_rows *j, size_t from, size_t rows, double *design)
{
    for (size_t r = 0; r < rows; r++) {
        const double *x = j->x + (from + r) * j->p;
        double w = j->w[from + r], *d = design + r * j->columns;

        *d++ = w;
        for (size_t i = 0; i < j->p; i++)
            *d++ = w * x[i];
        for (size_t i = 0; i < j->p; i++) {
            for (size_t l = 0; l <= i; l++)
                *d++ = w * x[i] * x[l];
        }
    }
}

/* What is summed over the respondents of a pair (i, l). */
enum { PAIR_W, PAIR_X, PAIR_XX, PAIR_XY, PAIR_SUMS };

static double *pair_sum(const resample_rows *j, double *total, size_t replicate, int what, size_t i, size_t l)
{
    return total + (((replicate * PAIR_SUMS + (size_t)what) * j->p + i) * j->p + l);
}

void resample_room_free(resample_room *m)
{
    free(m->count);
    free(m->factor);
    free(m->design);
    free(m->sums);
    free(m->total);
    free(m->group);
}

bool resample_room_alloc(const resample_rows *j, resample_room *m)
{
    m->count = memory_new(j->n * RESAMPLE_BATCH, sizeof *m->count, NULL);
    m->factor = memory_new((size_t)ROWS * RESAMPLE_BATCH, sizeof *m->factor, NULL);
    m->design = memory_new(ROWS * j->columns, sizeof *m->design, NULL);
    m->sums = memory_new(RESAMPLE_BATCH * j->columns, sizeof *m->sums, NULL);
    m->total = memory_new(RESAMPLE_BATCH * PAIR_SUMS * j->p * j->p, sizeof *m->total, NULL);
    m->group = memory_new(RESAMPLE_BATCH * (j->groups + 1) * (1 + j->p), sizeof *m->group, NULL);
    return m->count && m->factor && m->design && m->sums && m->total && m->group;
}

void resample_draw(const resample_rows *j, gsl_rng *rng, uint64_t seed, size_t first, size_t batch,
                   resample_room *m)
{
    for (size_t b = 0; b < batch; b++) {
        uint16_t *count = m->count + b * j->n;

        vmap_rng_set(rng, seed, first + b);
        for (size_t g = 0; g < j->strata; g++) {
            const size_t *place = j->stratum + j->stratum_start[g];
            size_t n = j->stratum_start[g + 1] - j->stratum_start[g];

            if (n == 1) /* nothing to draw from: it stays */
                count[place[0]] = 1;
            for (size_t d = 1; d < n; d++)
                count[place[vmap_rng_below(rng, n)]]++;
        }
    }
}

/* sums (RESAMPLE_BATCH x columns) of one run of rows. */
static void sum_run(const resample_rows *j, const resample_run *rows_of, resample_room *m)
{
    gsl_matrix_view sums = gsl_matrix_view_array(m->sums, RESAMPLE_BATCH, j->columns);

    gsl_matrix_set_zero(&sums.matrix);
    for (size_t from = rows_of->from; from < rows_of->to; from += ROWS) {
        size_t rows = rows_of->to - from < ROWS ? rows_of->to - from : ROWS;
        gsl_matrix_view factor = gsl_matrix_view_array(m->factor, RESAMPLE_BATCH, rows);
        gsl_matrix_view design = gsl_matrix_view_array(m->design, rows, j->columns);

        for (size_t b = 0; b < RESAMPLE_BATCH; b++) {
            for (size_t i = 0; i < rows; i++)
                m->factor[b * rows + i] = m->count[b * j->n + from + i];
        }
        fill_design(j, from, rows, m->design);
        gsl_blas_dgemm(CblasNoTrans, CblasNoTrans, 1, &factor.matrix, &design.matrix, 1,
                       &sums.matrix);
    }
}

/* The run's respondents count for every pair of items that their pattern has. */
static void spread_run(const resample_rows *j, const resample_run *rows_of, size_t batch, resample_room *m)
{
    const bool *has = j->observed + rows_of->pattern * j->p;

    for (size_t b = 0; b < batch; b++) {
        const double *s = m->sums + b * j->columns, *xy = s + 1 + j->p;

        for (size_t i = 0; i < j->p; i++) {
            double xx = xy[i * (i + 1) / 2 + i];

            for (size_t l = 0; has[i] && l < j->p; l++) {
                if (!has[l])
                    continue;
                *pair_sum(j, m->total, b, PAIR_W, i, l) += s[0];
                *pair_sum(j, m->total, b, PAIR_X, i, l) += s[1 + i];
                *pair_sum(j, m->total, b, PAIR_XX, i, l) += xx;
                if (l <= i)
                    *pair_sum(j, m->total, b, PAIR_XY, i, l) += xy[i * (i + 1) / 2 + l];
            }
        }
        for (size_t i = 0; resample_is_complete(has, j->p) && i <= j->p; i++)
            m->group[(b * (j->groups + 1) + rows_of->group) * (1 + j->p) + i] += s[i];
    }
}

void resample_sum(const resample_rows *j, size_t batch, resample_room *m)
{
    for (size_t i = 0; i < j->runs_count; i++) {
        sum_run(j, &j->runs[i], m);
        spread_run(j, &j->runs[i], batch, m);
    }
}

/* A variance that is more than the rounding of the two numbers of which it is the difference. */
static bool varies(double variance, double square)
{
    return variance > 1e-13 * square;
}

bool resample_moments(const resample_rows *j, const resample_room *m, size_t b, gsl_matrix *r,
                      gsl_vector *mean, gsl_vector *sd)
{
    for (size_t i = 0; i < j->p; i++) {
        for (size_t l = 0; l <= i; l++) {
            double w = *pair_sum(j, m->total, b, PAIR_W, i, l);
            double mi = *pair_sum(j, m->total, b, PAIR_X, i, l) / w;
            double ml = *pair_sum(j, m->total, b, PAIR_X, l, i) / w;
            double si = *pair_sum(j, m->total, b, PAIR_XX, i, l) / w, vi = si - mi * mi;
            double sl = *pair_sum(j, m->total, b, PAIR_XX, l, i) / w, vl = sl - ml * ml;
            double cor = (*pair_sum(j, m->total, b, PAIR_XY, i, l) / w - mi * ml) / sqrt(vi * vl);

            if (!isfinite(cor) || !varies(vi, si) || !varies(vl, sl))
                return false;
            gsl_matrix_set(r, i, l, i == l ? 1 : cor);
            gsl_matrix_set(r, l, i, i == l ? 1 : cor);
            if (i == l && mean)
                gsl_vector_set(mean, i, mi);
            if (i == l && sd)
                gsl_vector_set(sd, i, sqrt(vi));
        }
    }
    return true;
}

vmap_status resample_rows_new(const double *values, size_t n, size_t p, const double *weights,
                              const size_t *group, size_t groups, const double *centre,
                              vmap_missing_rule rule, resample_rows *rows, vmap_error *err)
{
    sort_key key = {values, weights, group, p, rule};

    *rows = (resample_rows){.p = p, .groups = groups, .columns = sum_columns(p)};
    return arrange(rows, &key, n, centre, err);
}

void resample_rows_clear(resample_rows *rows)
{
    free(rows->x);
    free(rows->w);
    free(rows->observed);
    free(rows->runs);
    free(rows->stratum);
    free(rows->stratum_start);
}
