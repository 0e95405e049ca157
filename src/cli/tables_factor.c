#include <config.h>
#include "cli/tables_factor.h"

#include <math.h>
#include <stdlib.h>

#include "cli/columns.h"
#include "core/memory.h"

void table_retention(vmap_report *r, const vmap_retention *x, double n)
{
    vmap_report_table *t = vmap_report_add(r, "retention", "How many factors");

    vmap_report_column(t, "criterion", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "factors", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "votes", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "meaning", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "source", VMAP_CELL_TEXT, 0);
    for (size_t c = 0; c < VMAP_CRITERIA; c++) {
        if (vmap_criteria[c].fits && !x->caf)
            continue; /* no solutions of several numbers of factors were asked */
        if (c == VMAP_CRITERION_COMPARISON && !x->comparison)
            continue;
        vmap_report_text(t, vmap_criteria[c].name);
        if (x->count[c] == SIZE_MAX)
            vmap_report_missing(t);
        else
            vmap_report_count(t, x->count[c]);
        vmap_report_text(t, vmap_criteria[c].votes ? "yes" : "no");
        vmap_report_text(t, vmap_criteria[c].help);
        vmap_report_text(t, vmap_criteria[c].source);
    }
    if (x->clear)
        vmap_report_note(t, "Consensus: %zu, by %zu of the %zu criteria that have a say.", x->consensus, x->votes,
                         x->voters);
    else
        vmap_report_note(t, "No consensus: the criteria that have a say give %zu to %zu; %zu is what most say.",
                         x->least, x->largest, x->consensus);
    vmap_report_note(t, "Tests count on %.1f respondents (effective number, harmonic mean over pairs of items).",
                     n);
}

vmap_status retention_say(const vmap_retention *x, vmap_ledger *ledger, vmap_error *err)
{
    if (x->clear)
        return vmap_ledger_say(ledger, err, "number of factors: %zu, say %zu of %zu criteria that have a say%s",
                               x->consensus, x->votes, x->voters,
                               x->consensus ? "" : ": the items have nothing in common that chance has not");
    return vmap_ledger_warn(ledger, err,
                            "number of factors: the criteria do not agree (%zu to %zu); %zu is what most of them "
                            "say, of equals the one with more of the other criteria behind it: choose with --factors by content",
                            x->least, x->largest, x->consensus);
}

void table_retention_fits(vmap_report *r, const vmap_retention *x, bool ordinal)
{
    static const char *const names[] = {"caf", "cfi", "rmsea", "rmsea_low", "p", "bic", "nest", "comparison", "comparison_p"};
    const vmap_comparison *c = x ? x->comparison : NULL;
    vmap_report_table *t;
    size_t most;

    if (!x || !x->caf)
        return;
    t = vmap_report_add(r, "retention_fits", "Maximum likelihood solutions of 0, 1, 2 ... factors");
    vmap_report_column(t, "factors", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 4, names, sizeof names / sizeof *names);
    for (most = x->most; c && most < c->most && !isnan(gsl_vector_get(c->misfit, most + 1));)
        most++;
    for (size_t k = 0; k <= most; k++) {
        const gsl_vector *cell[] = {x->caf, x->cfi, x->rmsea, x->rmsea_low, x->p_value, x->bic, x->nest,
                                    c ? c->misfit : NULL, c ? c->p_value : NULL};

        vmap_report_count(t, k);
        for (size_t i = 0; i < sizeof cell / sizeof *cell; i++)
            vmap_report_number(t, cell[i] && k < cell[i]->size ? gsl_vector_get(cell[i], k) : NAN);
    }
    if (c)
        vmap_report_note(t, "comparison: root mean square distance of the eigenvalues of simulated samples with so many factors "
                            "from those of the data; comparison_p: that they are no nearer than with one factor less, asked until "
                            "it is above .30.");
    vmap_report_note(t, "caf: common part accounted for (1 - KMO of the residuals); chi-square is Bartlett's; nest: what the "
                        "next eigenvalue would be by chance, asked until it is no surprise. NA: not defined, not asked or "
                        "no solution.");
    if (ordinal)
        vmap_report_note(t, "Indices of chi-square are withheld: they are made for product-moment correlations.");
}

void table_factor_eigenvalues(vmap_report *r, const vmap_retention *retention)
{
    static const char *const names[] = {"eigenvalue", "share", "chance_mean", "chance", "ekc", "reduced",
                                        "reduced_chance", "one_factor", "one_factor_chance"};
    const vmap_parallel *x = retention->parallel;
    vmap_report_table *t = vmap_report_add(r, "factor_eigenvalues", "Eigenvalues and those of chance");

    vmap_report_column(t, "number", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, names, sizeof names / sizeof *names);
    vmap_report_column(t, "map", VMAP_CELL_NUMBER, 4);
    for (size_t i = 0; i < x->p; i++) {
        vmap_report_count(t, i + 1);
        columns_put_one(t, gsl_vector_get(x->observed[VMAP_PARALLEL_PC], i));
        columns_put_one(t, gsl_vector_get(x->observed[VMAP_PARALLEL_PC], i) / (double)x->p);
        columns_put_one(t, gsl_vector_get(x->mean[VMAP_PARALLEL_PC], i));
        columns_put_one(t, gsl_vector_get(x->quantile[VMAP_PARALLEL_PC], i));
        columns_put_one(t, gsl_vector_get(retention->ekc, i));
        for (size_t kind = VMAP_PARALLEL_SMC; kind < VMAP_PARALLEL_KINDS; kind++) {
            columns_put_one(t, gsl_vector_get(x->observed[kind], i));
            columns_put_one(t, gsl_vector_get(x->quantile[kind], i));
        }
        columns_put_one(t, i + 1 < x->p ? gsl_vector_get(retention->map, i) : NAN);
    }
    vmap_report_note(t, "chance: .95 quantile of %zu random matrices. map: mean squared partial correlation after "
                        "number - 1 components.", x->sets);
}

size_t scales_items(const gsl_matrix *loadings, size_t f, size_t *item, int *sign)
{
    size_t n = 0;

    for (size_t i = 0; i < loadings->size1; i++) {
        double own = gsl_matrix_get(loadings, i, f);
        bool most = fabs(own) >= .4;

        for (size_t j = 0; j < loadings->size2; j++)
            most = most && fabs(gsl_matrix_get(loadings, i, j)) <= fabs(own);
        if (most) {
            sign[n] = own < 0 ? -1 : 1;
            item[n++] = i;
        }
    }
    return n;
}

/* Covariances of the scale's items, reversed where they load negatively. */
static void scale_covariance(const factor_scales *s, const size_t *item, const int *sign, size_t n, gsl_matrix *cov)
{
    if (s->values)
        vmap_reliability_covariance(s->values, s->loadings->size1, NULL, s->rows, item, n, s->weights, cov);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            gsl_matrix_set(cov, i, j, sign[i] * sign[j] *
                                          (s->values ? gsl_matrix_get(cov, i, j)
                                                     : gsl_matrix_get(s->cov, item[i], item[j])));
    }
}

/* Called for the scale of each factor that has two items or more. */
typedef void put_one(vmap_report_table *t, const factor_scales *s, size_t f, const size_t *item, const int *sign,
                     const vmap_reliability *x);

static void each_scale(vmap_report_table *t, const factor_scales *s, put_one *put)
{
    size_t p = s->loadings->size1;
    size_t *item = memory_new(p, sizeof *item, NULL);
    int *sign = memory_new(p, sizeof *sign, NULL);

    for (size_t f = 0; t && item && sign && f < s->loadings->size2; f++) {
        size_t n = scales_items(s->loadings, f, item, sign);
        gsl_matrix *cov = n >= 2 ? memory_matrix(n, n, NULL) : NULL;
        vmap_reliability *x = NULL;

        if (!cov)
            continue;
        scale_covariance(s, item, sign, n, cov);
        if (!vmap_reliability_new(cov, s->respondents, .95, &x, NULL))
            put(t, s, f, item, sign, x);
        vmap_reliability_free(x);
        gsl_matrix_free(cov);
    }
    free(item);
    free(sign);
}

static void put_scale(vmap_report_table *t, const factor_scales *s, size_t f, const size_t *item, const int *sign,
                      const vmap_reliability *x)
{
    (void)s;
    (void)item;
    (void)sign;
    vmap_report_count(t, f + 1);
    vmap_report_count(t, x->items);
    vmap_report_number(t, x->alpha);
    vmap_report_number(t, x->low);
    vmap_report_number(t, x->high);
    vmap_report_number(t, x->alpha_standard);
    for (size_t i = 0; i < 6; i++)
        vmap_report_number(t, x->lambda[i]);
    vmap_report_number(t, x->omega);
    vmap_report_number(t, x->mean_r);
}

static const char scale_rule[] = "Items count for the factor on which they load most, at least .4 in size; those with a "
                                 "negative loading are reversed.";

void table_scales(vmap_report *r, const factor_scales *s)
{
    static const char *const names[] = {"alpha", "low", "high", "alpha_standard", "lambda1", "lambda2", "lambda3",
                                        "lambda4", "lambda5", "lambda6", "omega", "mean_r"};
    vmap_report_table *t = vmap_report_add(r, "scales", "Reliability of the factors' items");

    vmap_report_column(t, "factor", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "items", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, names, sizeof names / sizeof *names);
    vmap_report_note(t, "%s", scale_rule);
    each_scale(t, s, put_scale);
}

static void put_scale_items(vmap_report_table *t, const factor_scales *s, size_t f, const size_t *item, const int *sign,
                            const vmap_reliability *x)
{
    for (size_t i = 0; i < x->items; i++) {
        vmap_report_count(t, f + 1);
        vmap_report_text(t, s->items[item[i]]);
        vmap_report_text(t, sign[i] < 0 ? "yes" : "no");
        vmap_report_number(t, x->item_rest[i]);
        vmap_report_number(t, x->if_dropped[i]);
        vmap_report_number(t, x->loading[i]);
    }
}

void table_scale_items(vmap_report *r, const factor_scales *s)
{
    static const char *const names[] = {"item_rest", "alpha_if_dropped", "loading"}; /* at most 1 */
    vmap_report_table *t = vmap_report_add(r, "scale_items", "Items of the scales");

    vmap_report_column(t, "factor", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "reversed", VMAP_CELL_TEXT, 0);
    columns_add_bounded(t, names, 3);
    vmap_report_note(t, "%s item_rest: correlation with the sum of the scale's other items; loading: on the one factor "
                        "of the scale's items.", scale_rule);
    each_scale(t, s, put_scale_items);
}

/* Respondents who answered all n items, reversed ones around the middle of 0.
 *   weight  s->rows: theirs */
static gsl_matrix *complete_answers(const factor_scales *s, const size_t *item, const int *sign, size_t n, double *weight)
{
    size_t p = s->loadings->size1, rows = 0;
    gsl_matrix *m = memory_matrix(s->rows ? s->rows : 1, n, NULL), *kept;

    for (size_t r = 0; m && r < s->rows; r++) {
        bool complete = !s->weights || s->weights[r] > 0;

        for (size_t i = 0; i < n; i++) {
            double x = s->values[r * p + item[i]];

            complete = complete && !isnan(x);
            gsl_matrix_set(m, rows, i, sign[i] < 0 ? 2 * s->mean[item[i]] - x : x);
        }
        weight[rows] = s->weights ? s->weights[r] : 1;
        rows += complete;
    }
    if (!m || rows < 2) {
        gsl_matrix_free(m);
        return NULL;
    }
    kept = memory_matrix(rows, n, NULL);
    if (kept) {
        gsl_matrix_const_view top = gsl_matrix_const_submatrix(m, 0, 0, rows, n);

        gsl_matrix_memcpy(kept, &top.matrix);
    }
    gsl_matrix_free(m);
    return kept;
}

static void put_scale_icc(vmap_report_table *t, const factor_scales *s, size_t f, const size_t *item, const int *sign,
                          const vmap_reliability *x)
{
    double *weight = memory_new(s->rows, sizeof *weight, NULL);
    gsl_matrix *m = weight ? complete_answers(s, item, sign, x->items, weight) : NULL;
    vmap_icc icc[VMAP_ICC_FORMS];

    if (m && !vmap_icc_find(m, s->weights ? weight : NULL, NAN, .95, icc, NULL)) {
        for (size_t i = 0; i < VMAP_ICC_FORMS; i++) {
            const double cell[] = {icc[i].value, icc[i].low, icc[i].high, icc[i].f, icc[i].df1, icc[i].df2, icc[i].p};

            vmap_report_count(t, f + 1);
            vmap_report_text(t, vmap_icc_names[i]);
            vmap_report_count(t, m->size1);
            for (size_t c = 0; c < sizeof cell / sizeof *cell; c++)
                vmap_report_number(t, isfinite(cell[c]) ? cell[c] : NAN);
        }
    }
    gsl_matrix_free(m);
    free(weight);
}

void table_scale_icc(vmap_report *r, const factor_scales *s)
{
    static const char *const names[] = {"value", "low", "high", "f", "df1", "df2", "p"};
    vmap_report_table *t = vmap_report_add(r, "scale_icc", "Intraclass correlations of the scales' items");

    vmap_report_column(t, "factor", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "form", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, names, sizeof names / sizeof *names);
    vmap_report_note(t, "Respondents are targets, items raters (Shrout & Fleiss 1979); complete respondents, weighted; tests "
                        "count on Kish's effective number of them. Reversed items are turned around their mean. NA: not finite, as F of perfect agreement.");
    each_scale(t, s, put_scale_icc);
}

/* ---- resampling ---- */

void table_put_interval(vmap_report_table *t, const vmap_interval *x)
{
    const double cell[] = {x->estimate, x->se, x->low, x->high, x->bca_low, x->bca_high};

    for (size_t c = 0; c < sizeof cell / sizeof *cell; c++)
        vmap_report_number(t, cell[c]);
}

void table_loading_intervals(vmap_report *r, const char *name, const char *what, const vmap_factor_bootstrap *b,
                             const vmap_factor_jackknife *jackknife, char *const *items)
{
    static const char *const names[] = {"loading", "se", "low", "high", "bca_low", "bca_high", "jackknife_se"};
    vmap_report_table *t = vmap_report_add(r, name, "Loadings with bootstrap intervals");

    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "factor", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, names, sizeof names / sizeof *names);
    for (size_t f = 0; f < b->k; f++) {
        for (size_t i = 0; i < b->p; i++) {
            vmap_report_text(t, items[i]);
            vmap_report_count(t, f + 1);
            table_put_interval(t, &b->loading[i * b->k + f]);
            vmap_report_number(t, jackknife ? gsl_matrix_get(jackknife->se, i, f) : NAN);
        }
    }
    vmap_report_note(t, "%s %zu of %zu replicates have a solution; 95 %% intervals.", what, b->usable, b->replicates);
}
