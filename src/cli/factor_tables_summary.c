#include <config.h>
#include "cli/factor.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_blas.h>

#include "cli/columns.h"
#include "core/memory.h"

/* Tables in the form in which other programs print them: communalities before and after extraction, variance explained
 * over all eigenvalues, the residuals that are large. */

void table_factor_communalities(vmap_report *r, const factor_work *w)
{
    static const char *const names[] = {"initial", "extraction"};
    const vmap_factor_analysis *a = w->analysis;
    vmap_report_table *t;

    if (!a->solution)
        return;
    t = vmap_report_add(r, "factor_communalities", "Communalities");
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "label", VMAP_CELL_TEXT, 0);
    vmap_report_optional(t);
    columns_add_bounded(t, names, 2);
    for (size_t i = 0; i < w->p; i++) {
        vmap_report_text(t, w->item[i]);
        vmap_report_text(t, w->label[i]);
        vmap_report_number(t, a->solution->method == VMAP_EXTRACT_PC ? 1 : gsl_vector_get(a->suitability->smc, i));
        columns_put_one(t, gsl_vector_get(a->solution->communality, i));
    }
    vmap_report_note(t, "initial: %s; extraction: after it. Items in the order of the file.%s",
                     a->solution->method == VMAP_EXTRACT_PC ? "1, components are of all variance"
                                                            : "squared multiple correlation with all other items",
                     a->suitability->regular || a->solution->method == VMAP_EXTRACT_PC ? "" : " NA: the matrix is singular.");
}

/* ---- variance ---- */

static double sum_of_squares(const gsl_matrix *m, size_t column)
{
    gsl_vector_const_view v = gsl_matrix_const_column(m, column);
    double sum;

    gsl_blas_ddot(&v.vector, &v.vector, &sum);
    return sum;
}

/* An amount of variance, its share, and the sum of shares so far; NaN beyond the factors. */
static void put_amount(vmap_report_table *t, double amount, double p, double *sum)
{
    *sum += amount / p;
    columns_put_one(t, amount);
    columns_put_one(t, amount / p);
    columns_put_one(t, *sum);
}

/* Sums of squared loadings after rotation. Those of correlated factors overlap: they have no shares. */
static void put_rotated(vmap_report_table *t, const vmap_factor_solution *s, size_t factor, double *sum)
{
    if (!s->oblique) {
        put_amount(t, factor < s->k ? sum_of_squares(s->pattern, factor) : NAN, (double)s->p, sum);
        return;
    }
    columns_put_one(t, factor < s->k ? sum_of_squares(s->structure, factor) : NAN);
    columns_put(t, (const double[]){NAN, NAN}, 2);
}

void table_factor_total_variance(vmap_report *r, const factor_work *w)
{
    static const char *const names[] = {"eigenvalue", "share",           "cumulative",           "extracted",
                                        "extracted_share", "extracted_cumulative", "rotated", "rotated_share",
                                        "rotated_cumulative"};
    const vmap_factor_solution *s = w->analysis->solution;
    double p = (double)w->p, sum[3] = {0};
    vmap_report_table *t;

    if (!s)
        return;
    t = vmap_report_add(r, "factor_total_variance", "Total variance explained");
    vmap_report_column(t, "number", VMAP_CELL_COUNT, 0);
    for (size_t c = 0; c < sizeof names / sizeof *names; c++) {
        vmap_report_column(t, names[c], VMAP_CELL_NUMBER, 3);
        vmap_report_optional(t); /* shares of correlated factors */
    }
    for (size_t i = 0; i < w->p; i++) {
        vmap_report_count(t, i + 1);
        put_amount(t, gsl_vector_get(s->eigenvalues, i), p, &sum[0]);
        put_amount(t, i < s->k ? sum_of_squares(s->unrotated, i) : NAN, p, &sum[1]);
        put_rotated(t, s, i, &sum[2]);
    }
    vmap_report_note(t, "eigenvalue: of the correlations, all of them; extracted, rotated: sums of squared loadings before and after "
                        "rotation.%s",
                     s->oblique ? " Correlated factors: rotated sums are those of the structure, as SPSS has them; they overlap and "
                                  "have no shares (factor_variance divides what is explained)." : "");
}

/* ---- residuals ---- */

typedef struct {
    size_t i, j;
    double residual;
} left_over;

static int compare_sizes(const void *x, const void *y)
{
    const left_over *a = x, *b = y;

    if (fabs(a->residual) != fabs(b->residual))
        return fabs(a->residual) > fabs(b->residual) ? -1 : 1;
    return a->j != b->j ? (a->j < b->j ? -1 : 1) : a->i < b->i ? -1 : 1;
}

/* Pairs whose residual is larger than .05 in size, the largest first; in fresh memory. */
static left_over *find_large(const vmap_factor_fit *f, size_t p, size_t *count)
{
    left_over *all = memory_new(p * (p - 1) / 2 + 1, sizeof *all, NULL);

    *count = 0;
    for (size_t j = 0; all && j < p; j++) {
        for (size_t i = j + 1; i < p; i++) {
            double x = gsl_matrix_get(f->residual, i, j);

            if (fabs(x) > .05)
                all[(*count)++] = (left_over){i, j, x};
        }
    }
    if (all)
        qsort(all, *count, sizeof *all, compare_sizes);
    return all;
}

void table_factor_residuals(vmap_report *r, const factor_work *w)
{
    static const char *const names[] = {"residual", "r", "reproduced"};
    const vmap_factor_fit *f = w->analysis->fit;
    size_t n = 0;
    left_over *pair = f ? find_large(f, w->p, &n) : NULL;
    vmap_report_table *t;

    if (!pair)
        return;
    t = vmap_report_add(r, "factor_residuals", "Residuals above .05");
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "with", VMAP_CELL_TEXT, 0);
    columns_add_bounded(t, names, 3);
    for (size_t q = 0; q < n; q++) {
        double x = gsl_matrix_get(w->analysis->r, pair[q].i, pair[q].j);

        vmap_report_text(t, w->item[pair[q].j]);
        vmap_report_text(t, w->item[pair[q].i]);
        columns_put(t, (const double[]){pair[q].residual, x, x - pair[q].residual}, 3);
    }
    vmap_report_note(t, "%zu of %zu pairs (%.0f %%) have a residual larger than .05 in size, the largest first; factor_pairs has all.",
                     n, f->pairs, 100 * (double)n / (double)f->pairs);
    free(pair);
}
