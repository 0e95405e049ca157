#include <config.h>
#include "valuemap/moments.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/registry.h"
#include "moments/moments_internal.h"
#include "moments/pair_sums.h"

static const char *const rule_names[] = {"pairwise", "listwise"};
enum { NAMES = sizeof rule_names / sizeof *rule_names };

const char *vmap_missing_rule_name(vmap_missing_rule rule)
{
    return rule_names[rule];
}

vmap_status vmap_missing_rule_find(const char *name, vmap_missing_rule *rule, vmap_error *err)
{
    size_t i = REGISTRY_FIND(rule_names, NAMES, "missing rule", name, err);

    if (i == NAMES)
        return VMAP_ENOENT;
    *rule = (vmap_missing_rule)i;
    return VMAP_SUCCESS;
}

/* Sums of items i and j over the respondents of the pair. */
static double of_pair(const pair_sums *s, const double *sum, size_t i, size_t j)
{
    return sum[j * s->stride + i];
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
    for (size_t l = 0; who->rule == VMAP_LISTWISE && l < who->p; l++) {
        if (isnan(x[l]))
            return 0;
    }
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
static double pair_variance(const pair_sums *s, size_t i, size_t j)
{
    double w = of_pair(s, s->w, i, j), m = of_pair(s, s->wx, i, j) / w;

    return of_pair(s, s->wxx, i, j) / w - m * m;
}

/* A variance that is nothing but rounding of the item's own values, whatever their unit. */
static bool is_constant(double variance, double centre)
{
    double unit = 1e-14 * fabs(centre);

    return !(variance > unit * unit);
}

/* Is the variance of item i in the pair so small, beside the distance of its respondents from the centre or beside
 * that of everybody, that the difference of two sums has lost it? */
static bool is_cancelled(const pair_sums *s, size_t i, size_t j, double variance)
{
    return !(variance > 1e-4 * of_pair(s, s->wxx, i, j) / of_pair(s, s->w, i, j)) ||
           !(variance > 1e-4 * pair_variance(s, i, i));
}

/* Are those of the pair so few that sums over many more, of which the others were taken off, say little? */
static bool is_rare(const pair_sums *s, size_t i, size_t j)
{
    return of_pair(s, s->w, i, j) < 1e-4 * fmin(of_pair(s, s->w, i, i), of_pair(s, s->w, j, j));
}

static vmap_status finish_pair(const pair_sums *s, const respondents *who, size_t i, size_t j,
                               vmap_moments *m, vmap_error *err)
{
    static const char constant[] = "the item is constant among those who answered both items";
    double w = of_pair(s, s->w, i, j), r;
    pair_moments v;

    if (of_pair(s, s->n, i, j) < 3)
        return refuse_pair(i, j, err, "fewer than three respondents answered both items");
    v.vi = pair_variance(s, i, j);
    v.vj = pair_variance(s, j, i);
    v.cov = of_pair(s, s->wxy, j, i) / w - of_pair(s, s->wx, i, j) / w * (of_pair(s, s->wx, j, i) / w);
    if (is_rare(s, i, j) || is_cancelled(s, i, j, v.vi) || is_cancelled(s, j, i, v.vj)) {
        if (!varies(who, i, j))
            return refuse_pair(i, j, err, constant);
        if (!varies(who, j, i))
            return refuse_pair(j, i, err, constant);
        v = recompute(who, i, j);
    }
    r = v.cov / (sqrt(v.vi) * sqrt(v.vj));
    r = fmax(-1, fmin(1, r)); /* products and squares are added in different orders: rounding alone goes beyond 1 */
    gsl_matrix_set(m->r, i, j, r);
    gsl_matrix_set(m->r, j, i, r);
    return VMAP_SUCCESS;
}

static vmap_status finish_item(const pair_sums *s, size_t i, vmap_moments *m, vmap_error *err)
{
    double w = of_pair(s, s->w, i, i);

    if (!(w > 0))
        return moments_refuse_item(i, err, "nobody answered the item");
    gsl_vector_set(m->mean, i, s->centre[i] + of_pair(s, s->wx, i, i) / w);
    if (is_constant(pair_variance(s, i, i), s->centre[i]))
        return moments_refuse_item(i, err, "the item is constant: everybody gave the same answer");
    gsl_vector_set(m->sd, i, sqrt(pair_variance(s, i, i)));
    gsl_matrix_set(m->r, i, i, 1);
    return VMAP_SUCCESS;
}

static vmap_status finish(const pair_sums *s, const respondents *who, vmap_moments *m, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < m->p; i++)
        status = finish_item(s, i, m, err);
    for (size_t i = 0; !status && i < m->p; i++) {
        for (size_t j = 0; !status && j <= i; j++) {
            double w = of_pair(s, s->w, j, i), w2 = of_pair(s, s->w2, j, i), n = w2 > 0 ? w * w / w2 : 0;

            gsl_matrix_set(m->n, i, j, of_pair(s, s->n, j, i));
            gsl_matrix_set(m->n, j, i, of_pair(s, s->n, j, i));
            gsl_matrix_set(m->n_eff, i, j, n);
            gsl_matrix_set(m->n_eff, j, i, n);
            if (j < i)
                status = finish_pair(s, who, i, j, m, err);
        }
    }
    return status;
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

bool vmap_moments_complete(const double *answers, size_t p)
{
    size_t j = 0;

    while (j < p && !isnan(answers[j]))
        j++;
    return j == p;
}

static bool has_answer(const double *answers, size_t p)
{
    size_t j = 0;

    while (j < p && isnan(answers[j]))
        j++;
    return j < p;
}

size_t moments_choose_rows(const double *values, size_t n, size_t p, const double *weights,
                           vmap_missing_rule rule, size_t *row)
{
    size_t count = 0;

    for (size_t r = 0; r < n; r++) {
        if ((!weights || weights[r] > 0) && (rule == VMAP_LISTWISE ? vmap_moments_complete : has_answer)(values + r * p, p))
            row[count++] = r;
    }
    return count;
}

vmap_status moments_correlate(const double *values, size_t n, size_t p, const double *weights,
                              vmap_missing_rule rule, unsigned threads, vmap_moments **moments, vmap_error *err)
{
    const respondents who = {values, n, p, weights, rule};
    pair_sums s = {.p = 0};
    vmap_moments *m = NULL;
    vmap_status status;

    if (p < 2)
        return vmap_error_set(err, VMAP_EINVAL, "%zu items; a correlation needs two", p);
    status = moments_check_weights(weights, n, err);
    if (!status)
        status = moments_new(p, &m, err);
    if (!status)
        status = pair_sums_new(values, n, p, weights, rule, threads, &s, &m->rows, err);
    if (!status)
        status = finish(&s, &who, m, err);
    if (!status) {
        *moments = m;
        m = NULL;
    }
    pair_sums_clear(&s);
    vmap_moments_free(m);
    return status;
}

vmap_status vmap_moments_correlate(const double *values, size_t n, size_t p, const double *weights,
                                   vmap_missing_rule rule, vmap_moments **moments, vmap_error *err)
{
    return moments_correlate(values, n, p, weights, rule, 0, moments, err);
}
