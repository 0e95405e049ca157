#include <config.h>
#include "cli/factor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>

#include "cli/columns.h"
#include "cli/tables_factor.h"

/* Tables of the solution. */

const char *factor_name(size_t f, char name[16])
{
    snprintf(name, 16, "F%u", (unsigned)(f + 1));
    return name;
}

/* Numbers of a column per factor; those smaller in size than `blank` are not shown to people, those from `strong` on are
 * bold in a paper (0: none). */
static void factor_columns(vmap_report_table *t, size_t k, int decimals, double blank, double strong)
{
    char name[16];

    for (size_t f = 0; f < k; f++) {
        vmap_report_column(t, factor_name(f, name), VMAP_CELL_NUMBER, decimals);
        vmap_report_bounded(t);
        vmap_report_blank(t, blank);
        vmap_report_strong(t, strong);
    }
}

static void put_row(vmap_report_table *t, const gsl_matrix *m, size_t i)
{
    for (size_t f = 0; f < m->size2; f++)
        columns_put_one(t, gsl_matrix_get(m, i, f));
}

/* Under every table of a solution: what it is, and what must be known of it. */
static void note_solution(vmap_report_table *t, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    char *caution = factor_caution(a, w->item);

    if (caution)
        vmap_report_note(t, "CAUTION: %s", caution);
    if (w->settings->like)
        vmap_report_note(t, "Extraction and rotation as %s has it (factor_like).", w->settings->like);
    if (a->solution->optima > 1)
        vmap_report_note(t, "Extraction has %zu distinct optima; %zu of %zu starts reached this one, the best.",
                         a->solution->optima, a->solution->agree, a->solution->starts);
    if (a->rotation.optima > 1)
        vmap_report_note(t, "Rotation has %zu distinct optima; %zu of %zu starts reached this one, the best.",
                         a->rotation.optima, a->rotation.agree, a->rotation.starts);
    free(caution);
}

static bool has_labels(const factor_work *w)
{
    for (size_t i = 0; i < w->p; i++) {
        if (*w->label[i])
            return true;
    }
    return false;
}

static vmap_report_table *item_table(vmap_report *r, const factor_work *w, const char *name, const char *title)
{
    vmap_report_table *t = vmap_report_add(r, name, title);

    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_heading(t, "Item");
    if (has_labels(w)) {
        vmap_report_column(t, "label", VMAP_CELL_TEXT, 0);
        vmap_report_heading(t, "Wording");
    }
    return t;
}

static void put_item(vmap_report_table *t, const factor_work *w, size_t i)
{
    vmap_report_text(t, w->item[i]);
    if (has_labels(w))
        vmap_report_text(t, w->label[i]);
}

/* ---- loadings ---- */

static void table_loadings_of(vmap_report *r, const factor_work *w, const gsl_matrix *m, const char *name,
                              const char *title)
{
    vmap_report_table *t = item_table(r, w, name, title);

    factor_columns(t, m->size2, 3, w->settings->blank, 0);
    for (size_t q = 0; q < w->p; q++) {
        put_item(t, w, w->order[q]);
        put_row(t, m, w->order[q]);
    }
    note_solution(t, w);
}

void table_factor_unrotated(vmap_report *r, const factor_work *w)
{
    if (w->analysis->solution)
        table_loadings_of(r, w, w->analysis->solution->unrotated, "factor_unrotated", "Loadings before rotation");
}

void table_factor_structure(vmap_report *r, const factor_work *w)
{
    if (w->analysis->solution && w->analysis->solution->oblique)
        table_loadings_of(r, w, w->analysis->solution->structure, "factor_structure",
                          "Structure: correlations of items with factors");
}

/* Hoffman's complexity (1978): how many factors an item loads on, (S l^2)^2 / S l^4. */
static double complexity(const gsl_matrix *pattern, size_t i)
{
    double squares = 0, fourths = 0;

    for (size_t f = 0; f < pattern->size2; f++) {
        double x = gsl_matrix_get(pattern, i, f) * gsl_matrix_get(pattern, i, f);

        squares += x;
        fourths += x * x;
    }
    return fourths > 0 ? squares * squares / fourths : NAN;
}

static const char *heywood_word(vmap_heywood h)
{
    return h == VMAP_HEYWOOD_ULTRA ? "Heywood: above 1" : h == VMAP_HEYWOOD_BOUNDARY ? "Heywood: at the bound" : "";
}

/* How many respondents there are, and how many the tests count on where that is another number. */
static void note_respondents(vmap_report_table *t, const factor_work *w)
{
    const vmap_screening *x = w->analysis->screening;
    double n = w->analysis->n;
    bool less = w->answers && !(fabs(n - (double)w->answers->n) < .5);

    if (less)
        vmap_report_note(t, "N = %zu respondents; tests count on %.0f, because of %s%s%s.", w->answers->n, n,
                         w->answers->weights ? "weights" : "", w->answers->weights && x->complete < x->rows ? " and " : "",
                         x->complete < x->rows || !w->answers->weights ? "missing answers" : "");
    else if (w->answers)
        vmap_report_note(t, "N = %zu respondents.", w->answers->n);
    else if (!isnan(n))
        vmap_report_note(t, "N = %.*f respondents.", n == floor(n) ? 0 : 1, n);
}

static void note_extraction(vmap_report_table *t, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    const vmap_rotation_method *m = &vmap_rotations[w->options.rotate.method];
    bool kaiser = w->options.rotate.kaiser > 0 || (w->options.rotate.kaiser < 0 && m->kaiser);

    vmap_report_note(t, "Extraction: %s, from %s correlations; %s rotation%s.", vmap_extractions[a->solution->method].help,
                     a->association ? vmap_association_kinds[a->association->type].name : "the given",
                     a->rotated ? m->name : "no", a->rotated && kaiser ? " with Kaiser normalisation" : "");
}

void table_factor_loadings(vmap_report *r, const factor_work *w)
{
    static const char *const names[] = {"communality", "uniqueness"}, *const headings[] = {"Communality", "Uniqueness"};
    const vmap_factor_solution *s = w->analysis->solution;
    vmap_report_table *t;

    if (!s)
        return;
    t = item_table(r, w, "factor_loadings", s->oblique ? "Loadings (pattern)" : "Loadings");
    factor_columns(t, s->k, 3, w->settings->blank, w->settings->blank > 0 ? 0 : w->options.cut);
    for (int c = 0; c < 2; c++) {
        columns_add_bounded(t, &names[c], 1);
        vmap_report_heading(t, headings[c]);
    }
    vmap_report_column(t, "complexity", VMAP_CELL_NUMBER, 2);
    vmap_report_heading(t, "Complexity");
    vmap_report_column(t, "note", VMAP_CELL_TEXT, 0);
    vmap_report_heading(t, "Caution");
    vmap_report_optional(t);
    for (size_t q = 0; q < w->p; q++) {
        size_t i = w->order[q];

        put_item(t, w, i);
        put_row(t, s->pattern, i);
        columns_put_one(t, gsl_vector_get(s->communality, i));
        columns_put_one(t, gsl_vector_get(s->uniqueness, i));
        vmap_report_number(t, complexity(s->pattern, i));
        vmap_report_text(t, heywood_word(s->heywood[i]));
    }
    note_respondents(t, w);
    note_extraction(t, w);
    vmap_report_note(t, "complexity: Hoffman's number of factors that an item loads on.");
    note_solution(t, w);
}

void table_factor_phi(vmap_report *r, const factor_work *w)
{
    const vmap_factor_solution *s = w->analysis->solution;
    vmap_report_table *t;
    char name[16];

    if (!s || !s->oblique)
        return;
    t = vmap_report_add(r, "factor_phi", "Correlations of the factors");
    vmap_report_column(t, "factor", VMAP_CELL_TEXT, 0);
    vmap_report_heading(t, "Factor");
    factor_columns(t, s->k, 3, 0, 0);
    for (size_t f = 0; f < s->k; f++) {
        vmap_report_text(t, factor_name(f, name));
        put_row(t, s->phi, f);
    }
    vmap_report_note(t, "Of the factors themselves; those of scores are in factor_determinacy.");
    note_solution(t, w);
}

void table_factor_rotation(vmap_report *r, const factor_work *w)
{
    const vmap_factor_solution *s = w->analysis->solution;
    vmap_report_table *t;
    char name[16];

    if (!s || !w->analysis->rotated)
        return;
    t = vmap_report_add(r, "factor_rotation", "The rotation");
    vmap_report_column(t, "unrotated", VMAP_CELL_TEXT, 0);
    factor_columns(t, s->k, 4, 0, 0);
    for (size_t f = 0; f < s->k; f++) {
        vmap_report_text(t, factor_name(f, name));
        put_row(t, s->rotation, f);
    }
    vmap_report_note(t, s->oblique ? "T: loadings = unrotated x (T')^-1, correlations of the factors = T'T."
                                   : "T: loadings = unrotated x T.");
}

void table_factor_variance(vmap_report *r, const factor_work *w)
{
    static const char *const names[] = {"eigenvalue", "unrotated", "variance", "share", "cumulative", "share_of_common"};
    const size_t sizes = 3; /* the others are shares */
    const vmap_factor_solution *s = w->analysis->solution;
    double common = 0, sum = 0;
    vmap_report_table *t;
    char name[16];

    if (!s)
        return;
    t = vmap_report_add(r, "factor_variance", "Variance explained");
    vmap_report_column(t, "factor", VMAP_CELL_TEXT, 0);
    vmap_report_heading(t, "Factor");
    columns_add(t, VMAP_CELL_NUMBER, 3, names, sizes);
    columns_add_bounded(t, names + sizes, sizeof names / sizeof *names - sizes);
    for (size_t f = 0; f < s->k; f++)
        common += gsl_vector_get(s->variance, f);
    for (size_t f = 0; f < s->k; f++) {
        gsl_vector_const_view column = gsl_matrix_const_column(s->unrotated, f);
        double v = gsl_vector_get(s->variance, f), squares;

        gsl_blas_ddot(&column.vector, &column.vector, &squares);
        sum += v;
        vmap_report_text(t, factor_name(f, name));
        columns_put_one(t, gsl_vector_get(s->eigenvalues, f));
        columns_put_one(t, squares);
        columns_put_one(t, v);
        vmap_report_number(t, v / (double)s->p);
        vmap_report_number(t, sum / (double)s->p);
        vmap_report_number(t, common > 0 ? v / common : NAN);
    }
    vmap_report_note(t, "eigenvalue: of the correlations; unrotated: sum of squared loadings before rotation; variance: after "
                        "it%s.",
                     s->oblique ? ", diagonal of Phi L'L, which counts the correlations of the factors" : "");
    note_solution(t, w);
}

/* ---- fit ---- */

/* How people see an index: counts without decimals, probabilities and other numbers below 1 as a paper has them. */
static void shape_index(vmap_report_table *t, const char *index, double value)
{
    static const char *const wide[] = {"chi2", "null_chi2", "aic", "bic", "sabic"}, *const counts[] = {"n", "df", "null_df"},
                            *const free[] = {"tli", "discrepancy"};

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (strcmp(index, counts[i]) == 0)
            vmap_report_form(t, value == floor(value) ? 0 : 1, false);
    }
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        if (strcmp(index, wide[i]) == 0)
            vmap_report_form(t, 2, false);
    }
    for (size_t i = 0; i < sizeof free / sizeof *free; i++) {
        if (strcmp(index, free[i]) == 0)
            vmap_report_form(t, 4, false);
    }
}

static void put_index(vmap_report_table *t, const char *index, double value, double low, double high, const char *scale,
                      const char *meaning)
{
    vmap_report_text(t, index);
    if (strcmp(index, "p") == 0) {
        vmap_report_probability(t, value);
    } else {
        columns_put_one(t, value);
        shape_index(t, index, value);
    }
    vmap_report_number(t, low);
    vmap_report_number(t, high);
    vmap_report_text(t, scale);
    vmap_report_text(t, meaning);
}

static void put_scale(vmap_report_table *t, const vmap_fit_scale *x, const char *scale, bool withhold)
{
    put_index(t, "chi2", x->chi2, NAN, NAN, scale, "of the model against the correlations");
    put_index(t, "p", withhold ? NAN : x->p_value, NAN, NAN, scale, "of a fit as bad as this if the factors were all there is");
    put_index(t, "null_chi2", x->null_chi2, NAN, NAN, scale, "of the model without factors");
    put_index(t, "rmsea", x->rmsea, x->low, x->high, scale, "below .05 close, above .10 poor; 90 % interval");
    put_index(t, "tli", x->tli, NAN, NAN, scale, "Tucker-Lewis index");
    put_index(t, "cfi", x->cfi, NAN, NAN, scale, "comparative fit index");
}

static void add_fit_columns(vmap_report_table *t)
{
    static const char *const numbers[] = {"value", "low", "high"};

    vmap_report_column(t, "index", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < 3; i++) {
        vmap_report_column(t, numbers[i], VMAP_CELL_NUMBER, 4);
        vmap_report_bounded(t);
    }
    vmap_report_column(t, "scale", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "meaning", VMAP_CELL_TEXT, 0);
}

static void note_fit(vmap_report_table *t, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;

    vmap_report_note(t, "scale bartlett: (n - 1 - (2p + 5)/6 - 2k/3) F, as factanal and SPSS have it; scale n-1: (n - 1) F, as "
                        "lavaan. The largest residual is that of %s and %s.",
                     w->item[a->fit->j], w->item[a->fit->i]);
    if (a->solution->method != VMAP_EXTRACT_ML && !a->ordinal)
        vmap_report_note(t, "F is that of maximum likelihood at loadings of another method: chi2 is not the smallest possible, "
                            "the test is approximate.");
    if (a->ordinal)
        vmap_report_note(t, "NA: indices of chi-square are made for product-moment correlations and do not hold for these.");
    else if (isnan(a->fit->discrepancy))
        vmap_report_note(t, "NA: components have no model of the correlations, or the matrix is singular.");
    else if (isnan(a->n))
        vmap_report_note(t, "NA: the number of respondents is not known; name it with --n.");
}

void table_factor_fit(vmap_report *r, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    const vmap_factor_fit *x = a->fit;
    const vmap_fit_scale none = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    vmap_report_table *t;
    bool no_test = a->ordinal;

    if (!x)
        return;
    t = vmap_report_add(r, "factor_fit", "How well the factors reproduce the correlations");
    add_fit_columns(t);
    put_index(t, "n", a->n, NAN, NAN, "", "respondents that tests count on");
    put_index(t, "df", x->df, NAN, NAN, "", "degrees of freedom");
    put_index(t, "null_df", x->null_df, NAN, NAN, "", "of the model without factors");
    put_index(t, "discrepancy", x->discrepancy, NAN, NAN, "F", "of maximum likelihood, at this solution");
    put_scale(t, no_test ? &none : &x->bartlett, "bartlett", a->solution->heywoods > 0);
    put_scale(t, no_test ? &none : &x->plain, "n-1", a->solution->heywoods > 0);
    put_index(t, "aic", no_test ? NAN : x->aic, NAN, NAN, "bartlett", "chi2 - 2 df");
    put_index(t, "bic", no_test ? NAN : x->bic, NAN, NAN, "bartlett", "chi2 - df ln n");
    put_index(t, "sabic", no_test ? NAN : x->sabic, NAN, NAN, "bartlett", "chi2 - df ln((n + 2) / 24)");
    put_index(t, "srmr", x->srmr, NAN, NAN, "residuals", "over p (p + 1) / 2 elements");
    put_index(t, "rmsr", x->rmsr, NAN, NAN, "residuals", "over p (p - 1) / 2 pairs");
    put_index(t, "rmsr_df", x->rmsr_df, NAN, NAN, "residuals", "over the degrees of freedom");
    put_index(t, "caf", x->caf, NAN, NAN, "residuals", "common part accounted for: 1 - KMO of the residuals");
    put_index(t, "largest_residual", x->largest, NAN, NAN, "residuals", "see below");
    put_index(t, "large_residuals", x->pairs ? (double)x->large / (double)x->pairs : NAN, NAN, NAN, "residuals",
              "share of pairs above .05 in size");
    note_fit(t, w);
    note_solution(t, w);
}

/* ---- how it went ---- */

static void put_step(vmap_report_table *t, const char *step, const char *method, bool converged, size_t iterations,
                     size_t starts, size_t optima, size_t agree, double criterion, double gradient)
{
    vmap_report_text(t, step);
    vmap_report_text(t, method);
    vmap_report_text(t, converged ? "yes" : "NO");
    vmap_report_count(t, iterations);
    vmap_report_count(t, starts);
    vmap_report_count(t, optima);
    vmap_report_count(t, agree);
    columns_put_one(t, criterion);
    vmap_report_number(t, gradient);
}

void table_factor_run(vmap_report *r, const factor_work *w)
{
    const vmap_factor_solution *s = w->analysis->solution;
    const vmap_rotate_info *x = &w->analysis->rotation;
    vmap_report_table *t;

    if (!s)
        return;
    t = vmap_report_add(r, "factor_run", "How extraction and rotation went");
    vmap_report_column(t, "step", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "method", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "converged", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "iterations", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "starts", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "optima", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "agree", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "criterion", VMAP_CELL_NUMBER, 6);
    vmap_report_column(t, "gradient", VMAP_CELL_NUMBER, 12);
    put_step(t, "extraction", vmap_extractions[s->method].name, s->converged, s->iterations, s->starts, s->optima, s->agree,
             s->discrepancy, s->gradient);
    if (w->analysis->rotated)
        put_step(t, "rotation", vmap_rotations[w->options.rotate.method].name, x->converged, x->iterations, x->starts,
                 x->optima, x->agree, x->criterion, x->gradient);
    vmap_report_note(t, "optima: distinct ones among the starts that converged; agree: starts that reached the best, which is "
                        "shown. criterion: what is minimised, and its gradient there.");
    note_solution(t, w);
}
