#include <config.h>
#include "cli/factor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/columns.h"
#include "cli/tables_factor.h"
#include "core/memory.h"

/* Tables of scores and of what a score is worth. */

static void score_columns(vmap_report_table *t, size_t k, const char *ending, int decimals)
{
    char name[16], column[48];

    for (size_t f = 0; f < k; f++) {
        snprintf(column, sizeof column, "%s%s", factor_name(f, name), ending);
        vmap_report_column(t, column, VMAP_CELL_NUMBER, decimals);
    }
}

/* A column per factor of method m of the settings: F1; with several methods F1_bartlett, F1_anderson_rubin. */
static void method_columns(vmap_report_table *t, const factor_work *w, size_t m, const char *ending, int decimals)
{
    char text[48] = "";

    if (w->scores > 1)
        snprintf(text, sizeof text, "_%s", vmap_score_methods[w->score[m]].name);
    for (char *c = text; *c; c++)
        *c = *c == '-' ? '_' : *c;
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s", ending);
    score_columns(t, w->analysis->k, text, decimals);
}

static void note_caution(vmap_report_table *t, const factor_work *w)
{
    char *caution = factor_caution(w->analysis, w->item);

    if (caution)
        vmap_report_note(t, "CAUTION: %s", caution);
    free(caution);
}

/* What each method is, and why there are none of it. */
static void note_methods(vmap_report_table *t, const factor_work *w)
{
    for (size_t m = 0; m < w->scores; m++) {
        const vmap_score_row *row = &vmap_score_methods[w->score[m]];

        vmap_report_note(t, "Method %s: %s.", row->name, row->help);
        if (!w->analysis->scores[w->score[m]])
            vmap_report_note(t, "There are no %s scores: %s.", row->name, w->analysis->refusal[w->score[m]].message);
    }
}

/* Is there a method of the settings that has weights? */
static bool has_scores(const factor_work *w)
{
    bool any = false;

    for (size_t m = 0; w->analysis->solution && m < w->scores; m++)
        any |= w->analysis->scores[w->score[m]] != NULL;
    return any;
}

void table_factor_weights(vmap_report *r, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    vmap_report_table *t;

    if (!a->solution)
        return;
    t = vmap_report_add(r, "factor_weights", "Weights of the scores");
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    for (size_t m = 0; m < w->scores; m++)
        method_columns(t, w, m, "", 4);
    if (a->association) {
        vmap_report_column(t, "mean", VMAP_CELL_NUMBER, 4);
        vmap_report_column(t, "sd", VMAP_CELL_NUMBER, 4);
    }
    for (size_t i = 0; has_scores(w) && i < w->p; i++) {
        vmap_report_text(t, w->item[i]);
        for (size_t m = 0; m < w->scores; m++) {
            const vmap_score_weights *x = a->scores[w->score[m]];

            for (size_t f = 0; f < a->k; f++)
                vmap_report_number(t, x ? gsl_matrix_get(x->weights, i, f) : NAN);
        }
        if (a->association) {
            vmap_report_number(t, gsl_vector_get(a->association->moments->mean, i));
            vmap_report_number(t, gsl_vector_get(a->association->moments->sd, i));
        }
    }
    vmap_report_note(t, "Scores are sums of weights times standardised answers.");
    note_methods(t, w);
    note_caution(t, w);
}

/* What the score of one method and factor is worth; a number above 1, as Heywood cases give, is withheld. */
static void put_worth(vmap_report_table *t, const vmap_factor_analysis *a, size_t method, size_t f)
{
    const vmap_score_weights *x = a->scores[method];
    double validity = x ? gsl_matrix_get(x->validity, f, f) : NAN, least = x ? gsl_vector_get(x->least, f) : NAN;
    bool impossible = fabs(validity) > 1 + 1e-9;
    char name[16];

    vmap_report_text(t, vmap_score_methods[method].name);
    vmap_report_text(t, factor_name(f, name));
    vmap_report_number(t, impossible ? NAN : validity);
    vmap_report_number(t, impossible || least > 1 + 1e-9 ? NAN : least);
    vmap_report_number(t, x ? gsl_vector_get(x->sd, f) : NAN);
    for (size_t g = 0; g < a->k; g++)
        vmap_report_number(t, x ? gsl_matrix_get(x->correlation, f, g) : NAN);
    vmap_report_text(t, impossible ? "above 1, which cannot be: Heywood case" : x ? "" : a->refusal[method].message);
}

void table_factor_determinacy(vmap_report *r, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    static const char *const worth[] = {"determinacy", "least"};
    vmap_report_table *t;

    if (!a->solution)
        return;
    t = vmap_report_add(r, "factor_determinacy", "What the scores of each method are worth");
    vmap_report_column(t, "method", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "factor", VMAP_CELL_TEXT, 0);
    columns_add_bounded(t, worth, 2);
    vmap_report_column(t, "sd", VMAP_CELL_NUMBER, 3);
    score_columns(t, a->k, "_r", 3);
    vmap_report_column(t, "why_not", VMAP_CELL_TEXT, 0);
    vmap_report_optional(t);
    for (size_t m = 0; m < VMAP_SCORE_METHODS; m++) {
        for (size_t f = 0; f < a->k; f++)
            put_worth(t, a, m, f);
    }
    vmap_report_note(t, "determinacy: correlation of the score with its factor; least: of two variables that "
                        "agree with the items as the factor does, 2 rho^2 - 1 with rho of regression scores, whatever the method "
                        "(Guttman 1955); not positive: the items do not determine the factor. _r: correlations of the scores, which "
                        "are not those of the factors. NA: why_not says the reason; least needs a regular matrix.");
    note_caution(t, w);
}

/* ---- scores ---- */

/* Scores by one method. */
typedef struct {
    double *score, *sd; /* n x k; score NULL: there are none */
    size_t *answered;   /* n */
} method_scores;

static void free_scores(method_scores *s, size_t count)
{
    for (size_t m = 0; m < count; m++) {
        free(s[m].score);
        free(s[m].sd);
        free(s[m].answered);
    }
}

static void find_scores(const factor_work *w, const vmap_score_weights *x, method_scores *s, vmap_error *err)
{
    const vmap_factor_analysis *a = w->analysis;
    const vmap_answers *ans = w->answers;

    s->score = memory_new(ans->n * a->k, sizeof *s->score, err);
    s->sd = memory_new(ans->n * a->k, sizeof *s->sd, err);
    s->answered = memory_new(ans->n, sizeof *s->answered, err);
    if (s->score && s->sd && s->answered &&
        !vmap_factor_scores(ans->values, ans->n, ans->p, a->association->moments->mean, a->association->moments->sd, a->r,
                            a->solution, x, s->score, s->sd, s->answered, err))
        return;
    free_scores(s, 1);
    *s = (method_scores){0};
}

static size_t count_answers(const vmap_answers *a, size_t i)
{
    size_t count = 0;

    for (size_t j = 0; j < a->p; j++)
        count += !isnan(a->values[i * a->p + j]);
    return count;
}

static void put_scores(vmap_report_table *t, const factor_work *w, const method_scores *s)
{
    const vmap_answers *a = w->answers;
    size_t k = w->analysis->k;

    for (size_t i = 0; i < a->n; i++) {
        vmap_report_text(t, a->files[a->file[i]]);
        vmap_report_count(t, a->rows[i]);
        for (size_t c = 0; c < vmap_table_columns(a->groups); c++)
            vmap_report_text(t, vmap_table_text(a->groups, c, i));
        for (size_t m = 0; m < w->scores; m++) {
            for (size_t f = 0; f < k; f++)
                vmap_report_number(t, s[m].score ? s[m].score[i * k + f] : NAN);
        }
        for (size_t m = 0; m < w->scores; m++) {
            for (size_t f = 0; f < k; f++)
                vmap_report_number(t, s[m].score && s[m].answered[i] ? s[m].sd[i * k + f] : NAN);
        }
        vmap_report_count(t, count_answers(a, i));
    }
}

void table_factor_scores(vmap_report *r, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    const vmap_answers *ans = w->answers;
    method_scores s[VMAP_SCORE_METHODS] = {0};
    vmap_report_table *t;

    if (!has_scores(w) || !ans)
        return;
    t = vmap_report_add(r, "factor_scores", "Scores of respondents");
    vmap_report_column(t, "file", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "row", VMAP_CELL_COUNT, 0);
    for (size_t c = 0; c < vmap_table_columns(ans->groups); c++)
        vmap_report_key(t, vmap_table_name(ans->groups, c));
    for (size_t m = 0; m < w->scores; m++)
        method_columns(t, w, m, "", 3);
    for (size_t m = 0; m < w->scores; m++)
        method_columns(t, w, m, "_sd", 3);
    vmap_report_column(t, "answered", VMAP_CELL_COUNT, 0);
    for (size_t m = 0; m < w->scores; m++) {
        vmap_error err = {0};

        if (a->scores[w->score[m]])
            find_scores(w, a->scores[w->score[m]], &s[m], &err);
        if (*err.message)
            vmap_report_note(t, "There are no %s scores: %s.", vmap_score_methods[w->score[m]].name, err.message);
    }
    put_scores(t, w, s);
    free_scores(s, w->scores);
    note_methods(t, w);
    vmap_report_note(t, "row: data row of the file, the header not counted. Who has not answered every item has the score that is "
                        "expected given the answers; _sd: posterior standard deviation%s. NA: no answer at all.",
                     vmap_extractions[a->solution->method].unique ? " of the factor" : " of the score, 0 for complete answers");
    note_caution(t, w);
}

/* ---- reliability ---- */

/* R between items of these standard deviations; NULL: no memory. */
static gsl_matrix *covariances(const gsl_matrix *r, const gsl_vector *sd)
{
    gsl_matrix *cov = memory_matrix(r->size1, r->size2, NULL);

    for (size_t i = 0; cov && i < r->size1; i++) {
        for (size_t j = 0; j < r->size2; j++)
            gsl_matrix_set(cov, i, j, gsl_matrix_get(r, i, j) * gsl_vector_get(sd, i) * gsl_vector_get(sd, j));
    }
    return cov;
}

/* Scales lie on the covariances that the analysis has: of a matrix that was read, of EM, of those who answered
 * all items, or of each pair. */
void table_factor_reliability(vmap_report *r, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    factor_scales s = {.items = w->item, .respondents = a->n}, answered;
    gsl_matrix *cov = NULL;
    double *weight = w->answers ? memory_new(w->answers->n, sizeof *weight, NULL) : NULL;

    if (!a->solution || (w->answers && !weight)) {
        free(weight);
        return;
    }
    s.loadings = a->solution->pattern;
    if (w->answers) {
        s.values = w->answers->values;
        s.rows = w->answers->n;
        s.weights = w->answers->weights;
        s.mean = a->association->moments->mean->data;
        if (w->options.association.missing == VMAP_LISTWISE) {
            analysis_listwise(s.values, s.rows, w->p, s.weights, weight);
            s.weights = weight;
        }
    }
    answered = s;
    if (w->options.association.em) {
        s.values = NULL;
        s.cov = cov = covariances(a->association->moments->r, a->association->moments->sd);
    } else if (!w->answers) {
        s.cov = w->sd ? cov = covariances(w->r, w->sd) : w->r;
    }
    if (s.values || s.cov) {
        table_scales(r, &s);
        table_scale_items(r, &s);
    }
    if (w->answers)
        table_scale_icc(r, &answered);
    gsl_matrix_free(cov);
    free(weight);
}

static void put_omega(vmap_report_table *t, const char *measure, double value, const char *meaning)
{
    vmap_report_text(t, measure);
    vmap_report_number(t, value);
    vmap_report_text(t, meaning);
}

void table_factor_omega(vmap_report *r, const factor_work *w)
{
    const vmap_factor_solution *s = w->analysis->solution;
    vmap_omega *x = NULL;
    vmap_error err = {0};
    vmap_report_table *t;

    if (!s || !s->oblique || s->k < 2)
        return;
    vmap_omega_new(w->analysis->r, s->pattern, s->phi, &x, &err);
    t = vmap_report_add(r, "factor_omega", "One general factor behind all");
    vmap_report_column(t, "measure", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "value", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "meaning", VMAP_CELL_TEXT, 0);
    put_omega(t, "omega_hierarchical", x ? x->hierarchical : NAN, "share of the variance of the sum that is the general factor's");
    put_omega(t, "omega_total", x ? x->total : NAN, "share that all factors have");
    put_omega(t, "asymptotic", x ? x->asymptotic : NAN, "hierarchical by total");
    put_omega(t, "ecv", x ? x->ecv : NAN, "general part of all common variance");
    for (size_t i = 0; x && i < w->p; i++)
        put_omega(t, w->item[i], gsl_vector_get(x->general, i), "loading on the general factor");
    vmap_report_note(t, "After Schmid & Leiman (1957), from the correlations of the factors; of the sum of all items as they are "
                        "coded.%s",
                     s->k == 2 ? " Two factors leave the general one undetermined: both load on it alike." : "");
    if (!x)
        vmap_report_note(t, "NA: %s.", err.message);
    else if (x->heywood)
        vmap_report_note(t, "CAUTION: a factor is the general factor itself (Heywood case).");
    note_caution(t, w);
    vmap_omega_free(x);
}
