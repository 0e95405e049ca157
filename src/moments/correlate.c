#include <config.h>
#include "valuemap/moments.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_blas.h>

#include "core/memory.h"
#include "core/numeric.h"
#include "moments/moments_internal.h"

/* Rows are taken in blocks of this size and added up in order: the same bits every time. */
enum { BLOCK = 4096 };

static const char *const rule_names[] = {"pairwise", "listwise"};

const char *vmap_missing_rule_name(vmap_missing_rule rule)
{
    return rule_names[rule];
}

vmap_status vmap_missing_rule_find(const char *name, vmap_missing_rule *rule, vmap_error *err)
{
    for (size_t i = 0; i < sizeof rule_names / sizeof *rule_names; i++) {
        if (strcmp(name, rule_names[i]) == 0) {
            *rule = (vmap_missing_rule)i;
            return VMAP_SUCCESS;
        }
    }
    return vmap_error_set(err, VMAP_ENOENT, "missing rule '%s' is not known; use pairwise or listwise",
                          name);
}

/* Sums over the respondents of each pair of items (i, j), with x centred at `centre` and 0 where it
 * is missing: m = 1 where item i is observed. */
typedef struct {
    size_t p;
    gsl_vector *centre;
    gsl_matrix *n;    /* m'm */
    gsl_matrix *w;    /* m'Wm */
    gsl_matrix *w2;   /* m'W^2m */
    gsl_matrix *wx;   /* x'Wm: sum of x_i where j is observed too */
    gsl_matrix *wxx;  /* (x^2)'Wm */
    gsl_matrix *wxy;  /* x'Wx */
    /* one block of rows: */
    gsl_matrix *mask, *masked, *x, *wx_block, *x2;
} sums;

static void free_sums(sums *s)
{
    gsl_matrix *all[] = {s->n,    s->w,      s->w2, s->wx,       s->wxx, s->wxy,
                         s->mask, s->masked, s->x,  s->wx_block, s->x2};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        gsl_matrix_free(all[i]);
    gsl_vector_free(s->centre);
}

static vmap_status new_sums(sums *s, size_t p, vmap_error *err)
{
    gsl_matrix **square[] = {&s->n, &s->w, &s->w2, &s->wx, &s->wxx, &s->wxy};
    gsl_matrix **block[] = {&s->mask, &s->masked, &s->x, &s->wx_block, &s->x2};

    s->p = p;
    s->centre = gsl_vector_calloc(p);
    for (size_t i = 0; i < sizeof square / sizeof *square; i++)
        *square[i] = memory_matrix(p, p, err);
    for (size_t i = 0; i < sizeof block / sizeof *block; i++)
        *block[i] = memory_matrix(BLOCK, p, err);
    for (size_t i = 0; i < sizeof square / sizeof *square; i++) {
        if (!*square[i])
            return VMAP_ENOMEM;
    }
    for (size_t i = 0; i < sizeof block / sizeof *block; i++) {
        if (!*block[i])
            return VMAP_ENOMEM;
    }
    return s->centre ? VMAP_SUCCESS : vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu means", p);
}

static bool row_counts(const double *row, size_t p, vmap_missing_rule rule)
{
    bool any = false, all = true;

    for (size_t j = 0; j < p; j++) {
        any |= !isnan(row[j]);
        all &= !isnan(row[j]);
    }
    return rule == VMAP_LISTWISE ? all : any;
}

enum { COLUMNS = 64 }; /* that are summed side by side, so that a row is read once */

/* One pass over columns from .. to - 1: the centre moves to the weighted mean. */
static void improve_centre(const double *values, size_t n, size_t p, const double *weights,
                           vmap_missing_rule rule, size_t from, size_t to, gsl_vector *centre)
{
    numeric_sum total[COLUMNS] = {{0, 0}}, weight[COLUMNS] = {{0, 0}};

    for (size_t i = 0; i < n; i++) {
        const double *row = values + i * p;
        double w = weights ? weights[i] : 1;

        if (!(w > 0) || (rule == VMAP_LISTWISE && !row_counts(row, p, rule)))
            continue;
        for (size_t j = from; j < to; j++) {
            if (isnan(row[j]))
                continue;
            numeric_add(&total[j - from], w * (row[j] - gsl_vector_get(centre, j)));
            numeric_add(&weight[j - from], w);
        }
    }
    for (size_t j = from; j < to; j++) {
        const numeric_sum *t = &total[j - from], *w = &weight[j - from];

        if (w->sum > 0)
            gsl_vector_set(centre, j, gsl_vector_get(centre, j) + (t->sum + t->rest) / (w->sum + w->rest));
    }
}

/* Weighted means, in two passes so that a large common offset costs no digits. */
static void find_centre(const double *values, size_t n, size_t p, const double *weights,
                        vmap_missing_rule rule, gsl_vector *centre)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t from = 0; from < p; from += COLUMNS)
            improve_centre(values, n, p, weights, rule, from, from + COLUMNS < p ? from + COLUMNS : p, centre);
    }
}

/* Fill the block with up to BLOCK counting rows from row *next on; returns how many. */
static size_t fill_block(sums *s, const double *values, size_t n, const double *weights,
                         vmap_missing_rule rule, size_t *next, double *w)
{
    size_t rows = 0, p = s->p;

    for (; *next < n && rows < BLOCK; ++*next) {
        const double *row = values + *next * p;

        w[rows] = weights ? weights[*next] : 1;
        if (!(w[rows] > 0) || !row_counts(row, p, rule))
            continue;
        for (size_t j = 0; j < p; j++) {
            double m = !isnan(row[j]), x = m > 0 ? row[j] - gsl_vector_get(s->centre, j) : 0;

            gsl_matrix_set(s->mask, rows, j, m);
            gsl_matrix_set(s->masked, rows, j, w[rows] * m);
            gsl_matrix_set(s->x, rows, j, x);
            gsl_matrix_set(s->wx_block, rows, j, w[rows] * x);
            gsl_matrix_set(s->x2, rows, j, x * x);
        }
        rows++;
    }
    return rows;
}

static void add_product(gsl_matrix *sum, gsl_matrix *a, gsl_matrix *b, size_t rows)
{
    gsl_matrix_view av = gsl_matrix_submatrix(a, 0, 0, rows, a->size2);
    gsl_matrix_view bv = gsl_matrix_submatrix(b, 0, 0, rows, b->size2);

    gsl_blas_dgemm(CblasTrans, CblasNoTrans, 1, &av.matrix, &bv.matrix, 1, sum);
}

/* `w` has room for BLOCK weights. */
static size_t add_rows(sums *s, const double *values, size_t n, const double *weights,
                       vmap_missing_rule rule, double *w)
{
    size_t next = 0, total = 0, rows;

    while ((rows = fill_block(s, values, n, weights, rule, &next, w)) > 0) {
        add_product(s->n, s->mask, s->mask, rows);
        add_product(s->w, s->masked, s->mask, rows);
        add_product(s->w2, s->masked, s->masked, rows);
        add_product(s->wx, s->wx_block, s->mask, rows);
        add_product(s->wxy, s->wx_block, s->x, rows);
        add_product(s->wxx, s->x2, s->masked, rows);
        total += rows;
    }
    return total;
}

static vmap_status refuse_pair(size_t i, size_t j, vmap_error *err, const char *why)
{
    return moments_refuse_item(i, err, "%s (with item %zu)", why, j + 1);
}

/* The data once more, for pairs that the sums do not settle. */
typedef struct {
    const double *values;
    size_t n, p;
    const double *weights;
    vmap_missing_rule rule;
} respondents;

/* Weighted variances and covariance of one pair. */
typedef struct {
    double vi, vj, cov;
} pair_moments;

static double pair_weight(const respondents *who, size_t row, size_t i, size_t j)
{
    const double *x = who->values + row * who->p;

    if (isnan(x[i]) || isnan(x[j]))
        return 0;
    if (who->rule == VMAP_LISTWISE && !row_counts(x, who->p, who->rule))
        return 0;
    return who->weights ? who->weights[row] : 1;
}

/* Does item i take more than one value among the respondents of the pair (i, j)? */
static bool varies(const respondents *who, size_t i, size_t j)
{
    double first = NAN;

    for (size_t row = 0; row < who->n; row++) {
        double x = who->values[row * who->p + i];

        if (!(pair_weight(who, row, i, j) > 0))
            continue;
        if (isnan(first))
            first = x;
        else if (x != first)
            return true;
    }
    return false;
}

/* The definition, in two passes around the means of the pair. */
static pair_moments recompute(const respondents *who, size_t i, size_t j)
{
    pair_moments v = {0, 0, 0};
    double w = 0, mi = 0, mj = 0;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t row = 0; row < who->n; row++) {
            double weight = pair_weight(who, row, i, j);
            double x = who->values[row * who->p + i], y = who->values[row * who->p + j];

            if (!(weight > 0))
                continue;
            if (pass == 0) {
                w += weight;
                mi += weight / w * (x - mi);
                mj += weight / w * (y - mj);
            } else {
                v.vi += weight / w * (x - mi) * (x - mi);
                v.vj += weight / w * (y - mj) * (y - mj);
                v.cov += weight / w * (x - mi) * (y - mj);
            }
        }
    }
    return v;
}

/* Weighted variance of item i over the respondents of the pair (i, j). */
static double pair_variance(const sums *s, size_t i, size_t j)
{
    double w = gsl_matrix_get(s->w, i, j), m = gsl_matrix_get(s->wx, i, j) / w;

    return gsl_matrix_get(s->wxx, i, j) / w - m * m;
}

/* A variance that is nothing but rounding of the item's own values, whatever their unit. */
static bool is_constant(double variance, double centre)
{
    double unit = 1e-14 * fabs(centre);

    return !(variance > unit * unit);
}

/* Is the variance of item i in the pair so small beside the distance of its respondents from the
 * centre of everybody that the difference of two sums has lost it? */
static bool is_cancelled(const sums *s, size_t i, size_t j, double variance)
{
    return !(variance > 1e-4 * gsl_matrix_get(s->wxx, i, j) / gsl_matrix_get(s->w, i, j));
}

static vmap_status finish_pair(const sums *s, const respondents *who, size_t i, size_t j,
                               vmap_moments *m, vmap_error *err)
{
    static const char constant[] = "the item is constant among those who answered both items";
    double w = gsl_matrix_get(s->w, i, j), r;
    pair_moments v;

    if (gsl_matrix_get(s->n, i, j) < 3)
        return refuse_pair(i, j, err, "fewer than three respondents answered both items");
    v.vi = pair_variance(s, i, j);
    v.vj = pair_variance(s, j, i);
    v.cov = gsl_matrix_get(s->wxy, i, j) / w -
            gsl_matrix_get(s->wx, i, j) / w * (gsl_matrix_get(s->wx, j, i) / w);
    if (is_cancelled(s, i, j, v.vi) || is_cancelled(s, j, i, v.vj)) {
        if (!varies(who, i, j))
            return refuse_pair(i, j, err, constant);
        if (!varies(who, j, i))
            return refuse_pair(j, i, err, constant);
        v = recompute(who, i, j);
    }
    r = v.cov / (sqrt(v.vi) * sqrt(v.vj));
    gsl_matrix_set(m->r, i, j, r);
    gsl_matrix_set(m->r, j, i, r);
    return VMAP_SUCCESS;
}

static vmap_status finish(const sums *s, const respondents *who, vmap_moments *m, vmap_error *err)
{
    for (size_t i = 0; i < m->p; i++) {
        double w = gsl_matrix_get(s->w, i, i);

        if (!(w > 0))
            return moments_refuse_item(i, err, "nobody answered the item");
        gsl_vector_set(m->mean, i, gsl_vector_get(s->centre, i) + gsl_matrix_get(s->wx, i, i) / w);
        if (is_constant(pair_variance(s, i, i), gsl_vector_get(s->centre, i)))
            return moments_refuse_item(i, err,
                                       "the item is constant: everybody gave the same answer");
        gsl_vector_set(m->sd, i, sqrt(pair_variance(s, i, i)));
        gsl_matrix_set(m->r, i, i, 1);
    }
    gsl_matrix_memcpy(m->n, s->n);
    for (size_t i = 0; i < m->p; i++) {
        for (size_t j = 0; j < m->p; j++) {
            double w = gsl_matrix_get(s->w, i, j), w2 = gsl_matrix_get(s->w2, i, j);

            gsl_matrix_set(m->n_eff, i, j, w2 > 0 ? w * w / w2 : 0);
            if (j < i) {
                vmap_status status = finish_pair(s, who, i, j, m, err);

                if (status)
                    return status;
            }
        }
    }
    return VMAP_SUCCESS;
}

vmap_status moments_new(size_t p, vmap_moments **moments, vmap_error *err)
{
    vmap_moments *m = memory_new(1, sizeof *m, err);

    if (!m)
        return VMAP_ENOMEM;
    *moments = m;
    m->p = p;
    m->mean = gsl_vector_calloc(p);
    m->sd = gsl_vector_calloc(p);
    m->r = memory_matrix(p, p, err);
    m->n = memory_matrix(p, p, err);
    m->n_eff = memory_matrix(p, p, err);
    return m->mean && m->sd && m->r && m->n && m->n_eff ? VMAP_SUCCESS : VMAP_ENOMEM;
}

void vmap_moments_free(vmap_moments *m)
{
    if (!m)
        return;
    gsl_vector_free(m->mean);
    gsl_vector_free(m->sd);
    gsl_matrix_free(m->r);
    gsl_matrix_free(m->n);
    gsl_matrix_free(m->n_eff);
    free(m);
}

vmap_status moments_check_weights(const double *weights, size_t n, vmap_error *err)
{
    for (size_t i = 0; weights && i < n; i++) {
        if (!(weights[i] >= 0) || isinf(weights[i]))
            return vmap_error_set(err, VMAP_EINVAL,
                                  "weight %zu is %g; a weight is a number from 0 up", i + 1,
                                  weights[i]);
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_moments_correlate(const double *values, size_t n, size_t p, const double *weights,
                                   vmap_missing_rule rule, vmap_moments **moments, vmap_error *err)
{
    const respondents who = {values, n, p, weights, rule};
    sums s = {.p = 0};
    vmap_moments *m = NULL;
    double *w = NULL;
    vmap_status status;

    if (p < 2)
        return vmap_error_set(err, VMAP_EINVAL, "%zu items; a correlation needs two", p);
    status = moments_check_weights(weights, n, err);
    if (!status)
        status = moments_new(p, &m, err);
    if (!status)
        status = new_sums(&s, p, err);
    if (!status && !(w = memory_new(BLOCK, sizeof *w, err)))
        status = VMAP_ENOMEM;
    if (!status) {
        find_centre(values, n, p, weights, rule, s.centre);
        m->rows = add_rows(&s, values, n, weights, rule, w);
        status = finish(&s, &who, m, err);
    }
    if (!status) {
        *moments = m;
        m = NULL;
    }
    free(w);
    free_sums(&s);
    vmap_moments_free(m);
    return status;
}
