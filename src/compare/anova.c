#include <config.h>
#include "valuemap/group_tests.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_vector.h>

#include "compare/cells.h"
#include "compare/studentized_range.h"
#include "core/memory.h"
#include "core/numeric.h"

const vmap_anova_settings vmap_anova_defaults = {VMAP_ANOVA_MARGINAL, true};

/* ---- the data as a table of cells ---- */

static vmap_status levels_have_data(const cells *c, vmap_error *err)
{
    for (size_t i = 0; i < c->a + c->b; i++) {
        if (c->n_row[i] > 0)
            continue;
        return vmap_error_set(err, VMAP_EDATA, "level %zu of the %s factor has no observation",
                              (i < c->a ? i : i - c->a) + 1, i < c->a ? "first" : "second");
    }
    return VMAP_SUCCESS;
}

/* ---- the two-factor model without interaction ---- */

/* One factor of the table, the other eliminated: of = levels, other = levels of the other. */
typedef struct {
    size_t levels, others, step, other_step;
    const double *sum, *n, *other_sum, *other_n;
} side;

static side first_side(const cells *c)
{
    return (side){c->a, c->b, c->b, 1, c->row, c->n_row, c->col, c->n_col};
}

static side second_side(const cells *c)
{
    return (side){c->b, c->a, 1, c->b, c->col, c->n_col, c->row, c->n_row};
}

/* Reduced normal equations: information = diag(n) - N diag(1 / other n) N', right likewise. */
static void eliminate(const cells *c, const side *s, gsl_matrix *information, gsl_vector *right)
{
    for (size_t i = 0; i < s->levels; i++) {
        const double *n_i = c->count + i * s->step;
        double q = s->sum[i];

        for (size_t k = 0; k < s->others; k++)
            q -= n_i[k * s->other_step] * s->other_sum[k] / s->other_n[k];
        gsl_vector_set(right, i, q);
        for (size_t j = 0; j <= i; j++) {
            const double *n_j = c->count + j * s->step;
            double x = i == j ? s->n[i] : 0;

            for (size_t k = 0; k < s->others; k++)
                x -= n_i[k * s->other_step] * n_j[k * s->other_step] / s->other_n[k];
            gsl_matrix_set(information, i, j, x);
            gsl_matrix_set(information, j, i, x);
        }
    }
}

/* means->cov = Moore-Penrose inverse of the information, whose null space must be the constant one.
 */
static vmap_status invert(const gsl_matrix *information, vmap_anova_means *means, vmap_error *err)
{
    size_t k = means->levels;
    gsl_vector *values = gsl_vector_calloc(k);
    gsl_matrix *vectors = memory_matrix(k, k, err);
    vmap_status status = VMAP_ENOMEM;

    if (values && vectors)
        status = numeric_eigen(information, values, vectors, err);
    if (!status && k > 1 && !(gsl_vector_get(values, k - 2) > 1e-10 * gsl_vector_get(values, 0)))
        status = vmap_error_set(err, VMAP_EDATA,
                                "the levels fall into parts that share no level of the other "
                                "factor; their means cannot be compared");
    for (size_t v = 0; !status && v + 1 < k; v++) {
        for (size_t i = 0; i < k; i++) {
            for (size_t j = 0; j < k; j++)
                means->cov[i * k + j] += gsl_matrix_get(vectors, i, v) *
                                         gsl_matrix_get(vectors, j, v) / gsl_vector_get(values, v);
        }
    }
    gsl_vector_free(values);
    gsl_matrix_free(vectors);
    return status;
}

/* Least-squares means of one factor, and its sum of squares given the other. */
static vmap_status fit_side(const cells *c, const side *s, vmap_anova_means *means, double *sum,
                            vmap_error *err)
{
    size_t k = s->levels;
    gsl_matrix *information = memory_matrix(k, k, err);
    gsl_vector *right = gsl_vector_calloc(k);
    double level = c->mean;
    vmap_status status = VMAP_ENOMEM;

    *sum = 0;
    if (information && right) {
        eliminate(c, s, information, right);
        status = invert(information, means, err);
    }
    for (size_t i = 0; !status && i < k; i++) {
        double effect = 0;

        for (size_t j = 0; j < k; j++)
            effect += means->cov[i * k + j] * gsl_vector_get(right, j);
        means->mean[i] = effect;
        means->count[i] = (size_t)s->n[i];
        *sum += effect * gsl_vector_get(right, i);
    }
    for (size_t j = 0; !status && j < s->others;
         j++) { /* mean effect of the other factor's levels */
        double effect = s->other_sum[j];

        for (size_t i = 0; i < k; i++)
            effect -= c->count[i * s->step + j * s->other_step] * means->mean[i];
        level += effect / s->other_n[j] / (double)s->others;
    }
    for (size_t i = 0; !status && i < k; i++)
        means->mean[i] += level;
    gsl_matrix_free(information);
    gsl_vector_free(right);
    return status;
}

/* ---- unweighted means of cells (Yates 1934) ---- */

static void unweighted_side(const cells *c, const side *s, vmap_anova_means *means, double *sum)
{
    size_t k = s->levels;
    double others = (double)s->others, w_sum = 0, wm = 0;

    *sum = 0;
    for (size_t i = 0; i < k; i++) {
        double m = 0, v = 0;

        for (size_t j = 0; j < s->others; j++) {
            size_t at = i * s->step + j * s->other_step;

            m += c->sum[at] / c->count[at] / others;
            v += 1 / c->count[at] / (others * others);
        }
        means->mean[i] = m;
        means->count[i] = (size_t)s->n[i];
        for (size_t j = 0; j < k; j++)
            means->cov[i * k + j] = i == j ? v : 0;
        w_sum += 1 / v;
        wm += m / v;
    }
    for (size_t i = 0; i < k; i++) {
        *sum += pow(means->mean[i] - wm / w_sum, 2) / means->cov[i * k + i];
        means->mean[i] += c->mean;
    }
}

/* ---- the table ---- */

static void finish_row(vmap_anova_row *row, const vmap_anova *anova)
{
    double error = anova->error.sum / (double)anova->error.df, df = (double)row->df;

    if (!row->df) {
        *row = (vmap_anova_row){0, 0, NAN, NAN, NAN, NAN, NAN, NAN};
        return;
    }
    row->mean_square = row->sum / df;
    row->eta2 = anova->total.sum > 0 ? row->sum / anova->total.sum : NAN;
    row->f = row->p = row->partial_eta2 = row->partial_omega2 = NAN;
    if (row == &anova->error || row == &anova->total || !(error > 0))
        return;
    row->f = row->mean_square / error;
    row->p = gsl_cdf_fdist_Q(row->f, df, (double)anova->error.df);
    row->partial_eta2 = row->sum / (row->sum + anova->error.sum);
    row->partial_omega2 = df * (row->f - 1) / (df * (row->f - 1) + (double)anova->n);
}

/* What is below rounding is nothing: a sum of squares is a difference of two. */
static double rounded(double sum, double total)
{
    return sum > 1e-13 * total ? sum : 0;
}

static vmap_status analyse(const cells *c, const vmap_anova_settings *settings, vmap_anova *anova,
                           vmap_error *err)
{
    side first = first_side(c), second = second_side(c);
    double given_second, given_first, residual;
    vmap_status status = fit_side(c, &first, &anova->of_first, &given_second, err);

    if (!status)
        status = fit_side(c, &second, &anova->of_second, &given_first, err);
    if (status)
        return status;
    residual = c->total - cells_reduction(c->row, c->n_row, c->a) - given_first;
    anova->n = c->n;
    anova->left_out = c->left_out;
    anova->total = (vmap_anova_row){.sum = c->total, .df = c->n - 1};
    anova->first = (vmap_anova_row){.sum = given_second, .df = c->a - 1};
    anova->second = (vmap_anova_row){.sum = given_first, .df = c->b - 1};
    if (settings->sums == VMAP_ANOVA_SEQUENTIAL)
        anova->first.sum = cells_reduction(c->row, c->n_row, c->a);
    anova->error = (vmap_anova_row){.sum = residual, .df = c->n - (c->a + c->b - 1)};
    if (settings->interaction && c->n > c->filled && c->filled + 1 > c->a + c->b) {
        anova->interaction = (vmap_anova_row){.sum = rounded(residual - c->within, c->total),
                                              .df = c->filled + 1 - c->a - c->b};
        anova->error = (vmap_anova_row){.sum = c->within, .df = c->n - c->filled};
        if (settings->sums == VMAP_ANOVA_UNWEIGHTED) {
            unweighted_side(c, &first, &anova->of_first, &anova->first.sum);
            unweighted_side(c, &second, &anova->of_second, &anova->second.sum);
        }
    }
    anova->error.sum = rounded(anova->error.sum, c->total);
    return VMAP_SUCCESS;
}

static vmap_status check_cells(const cells *c, const vmap_anova_settings *settings, vmap_error *err)
{
    vmap_status status = levels_have_data(c, err);

    if (!status && c->n < c->a + c->b)
        status = vmap_error_set(
            err, VMAP_EDATA, "%zu observations leave nothing for the error of %zu and %zu levels",
            c->n, c->a, c->b);
    if (!status && settings->sums == VMAP_ANOVA_UNWEIGHTED && c->filled < c->a * c->b)
        status = vmap_error_set(err, VMAP_EDATA,
                                "%zu of %zu cells are empty; sums of squares of type III need an "
                                "observation in each: use type II",
                                c->a * c->b - c->filled, c->a * c->b);
    return status;
}

static vmap_status means_new(vmap_anova_means *means, size_t levels, vmap_error *err)
{
    means->levels = levels;
    means->mean = memory_new(levels, sizeof(*means->mean), err);
    means->cov = memory_new(levels * levels, sizeof(*means->cov), err);
    means->count = memory_new(levels, sizeof(*means->count), err);
    return means->mean && means->cov && means->count ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static void means_free(vmap_anova_means *means)
{
    free(means->mean);
    free(means->cov);
    free(means->count);
}

void vmap_anova_free(vmap_anova *anova)
{
    if (!anova)
        return;
    means_free(&anova->of_first);
    means_free(&anova->of_second);
    free(anova);
}

static vmap_status check_levels(const size_t *first, const size_t *second, size_t n, size_t a,
                                size_t b, vmap_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (first[i] >= a || second[i] >= b)
            return vmap_error_set(err, VMAP_EINVAL,
                                  "observation %zu has levels %zu and %zu; they must be below %zu "
                                  "and %zu",
                                  i + 1, first[i], second[i], a, b);
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_anova_new(const double *y, const size_t *first, const size_t *second, size_t n,
                           size_t a, size_t b, const vmap_anova_settings *settings,
                           vmap_anova **anova, vmap_error *err)
{
    cells c;
    vmap_anova *new;
    size_t *cell;
    vmap_status status = check_levels(first, second, n, a, b, err);

    if (status)
        return status;
    new = memory_new(1, sizeof(*new), err);
    cell = memory_new(n, sizeof(*cell), err);
    status = cells_new(&c, a, b, err);
    for (size_t i = 0; cell && i < n; i++)
        cell[i] = first[i] * b + second[i];
    if (!status && cell) {
        cells_fill(&c, y, n, cell, 1);
        status = check_cells(&c, settings, err);
    }
    free(cell);
    if (!status)
        status = new && cell ? means_new(&new->of_first, a, err) : VMAP_ENOMEM;
    if (!status)
        status = means_new(&new->of_second, b, err);
    if (!status)
        status = analyse(&c, settings, new, err);
    cells_free(&c);
    if (status) {
        vmap_anova_free(new);
        return status;
    }
    finish_row(&new->error, new);
    finish_row(&new->total, new);
    finish_row(&new->first, new);
    finish_row(&new->second, new);
    finish_row(&new->interaction, new);
    *anova = new;
    return VMAP_SUCCESS;
}

vmap_status vmap_tukey(const vmap_anova *anova, const vmap_anova_means *means, double level,
                       vmap_group_pair *pairs, vmap_error *err)
{
    size_t k = means->levels, t = 0;
    double df = (double)anova->error.df, error = anova->error.mean_square, critical;

    if (!(level > 0 && level < 1))
        return vmap_error_set(err, VMAP_EINVAL, "level is %g; it must lie between 0 and 1", level);
    if (k < 2)
        return VMAP_SUCCESS;
    critical = studentized_range_quantile(1 - level, k, df);
    for (size_t i = 0; i < k; i++) {
        for (size_t j = i + 1; j < k; j++, t++) {
            double difference = means->mean[i] - means->mean[j];
            double v = means->cov[i * k + i] + means->cov[j * k + j] - 2 * means->cov[i * k + j];
            double se = sqrt(error * v / 2); /* of a range: that of a difference over sqrt(2) */
            double q = se > 0 ? fabs(difference) / se : NAN;
            double p = se > 0 ? studentized_range_upper(q, k, df) : NAN;

            pairs[t] = (vmap_group_pair){
                i, j, difference, difference - critical * se, difference + critical * se, q, p, p};
        }
    }
    return VMAP_SUCCESS;
}
