#include <config.h>
#include "cli/factor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/columns.h"
#include "cli/tables_factor.h"
#include "core/buffer.h"

/* Tables of what is looked at before a solution: items, correlations, suitability, number of factors. */

/* What spoils an item, in words; "" for nothing. */
static void put_problem(vmap_report_table *t, const factor_work *w, size_t i)
{
    const vmap_screening *s = w->analysis->screening;
    buffer b = {0};

    if (s && s->twin[i] < w->p)
        buffer_format(&b, "same as %s", w->item[s->twin[i]]);
    else if (w->analysis->suitability->cause[i])
        buffer_put(&b, "a combination of others");
    if (s && s->items[i].largest_share > .95)
        buffer_format(&b, "%salmost all answer alike", b.n ? "; " : "");
    if (s && s->items[i].missing > s->items[i].n)
        buffer_format(&b, "%smostly missing", b.n ? "; " : "");
    vmap_report_text(t, b.text ? b.text : "");
    buffer_free(&b);
}

static void put_description(vmap_report_table *t, const vmap_item_summary *x)
{
    const double cell[] = {x->mean, x->sd, x->skew, x->kurtosis, x->least, x->most};

    vmap_report_count(t, x->n);
    vmap_report_count(t, x->missing);
    for (size_t c = 0; c < 6; c++) {
        vmap_report_number(t, cell[c]);
        if (c >= 4 && x->whole)
            vmap_report_form(t, 0, false);
    }
    vmap_report_count(t, x->values);
    vmap_report_number(t, x->largest_share);
    vmap_report_number(t, x->smallest_share);
}

void table_factor_items(vmap_report *r, const factor_work *w)
{
    static const char *const described[] = {"mean", "sd", "skew", "kurtosis", "least", "most"};
    static const char *const shares[] = {"largest_share", "smallest_share"}, *const suits[] = {"msa", "smc"};
    const vmap_factor_analysis *a = w->analysis;
    vmap_report_table *t = vmap_report_add(r, "factor_items", "The items");

    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "label", VMAP_CELL_TEXT, 0);
    vmap_report_optional(t);
    if (a->screening) {
        vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
        vmap_report_column(t, "missing", VMAP_CELL_COUNT, 0);
        columns_add(t, VMAP_CELL_NUMBER, 3, described, 6);
        vmap_report_column(t, "values", VMAP_CELL_COUNT, 0);
        columns_add_bounded(t, shares, 2);
    }
    columns_add_bounded(t, suits, 2);
    vmap_report_column(t, "problem", VMAP_CELL_TEXT, 0);
    vmap_report_optional(t);
    for (size_t i = 0; i < w->p; i++) {
        vmap_report_text(t, w->item[i]);
        vmap_report_text(t, w->label[i]);
        if (a->screening)
            put_description(t, &a->screening->items[i]);
        vmap_report_number(t, gsl_vector_get(a->suitability->msa, i));
        vmap_report_number(t, gsl_vector_get(a->suitability->smc, i));
        put_problem(t, w, i);
    }
    if (a->screening)
        vmap_report_note(t, "mean, sd (divisor: sum of weights), skew and kurtosis (0 for the normal) are weighted, shares too: "
                            "of the commonest and the rarest value.");
    vmap_report_note(t, "msa: measure of sampling adequacy, below .5 the item shares little with the others; smc: squared "
                        "multiple correlation with all others.%s",
                     a->suitability->regular ? "" : " NA: the matrix is singular.");
}

void table_factor_matrix(vmap_report *r, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    vmap_report_table *t = vmap_report_add(r, "factor_matrix", "Correlations");

    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    for (size_t j = 0; j < w->p; j++)
        columns_add_bounded(t, (const char *const[]){w->item[j]}, 1);
    for (size_t i = 0; i < w->p; i++) {
        vmap_report_text(t, w->item[i]);
        for (size_t j = 0; j < w->p; j++)
            columns_put_one(t, gsl_matrix_get(a->r, i, j));
    }
    vmap_report_note(t, "The matrix that is analysed%s%s: %s.", a->smoothing.change > 0 ? ", after repair by " : "",
                     a->smoothing.change > 0 ? vmap_smoothing_name(w->options.smoothing) : "",
                     a->association ? vmap_association_kinds[a->association->type].name : "as it was read");
}

/* Empty cells of a pair's table, for polychoric correlations. */
static const vmap_pair_problem *problem_of(const vmap_association *x, size_t i, size_t j)
{
    for (size_t q = 0; q < x->problems_count; q++) {
        if (x->problems[q].i == i && x->problems[q].j == j)
            return &x->problems[q];
    }
    return NULL;
}

static void put_pair(vmap_report_table *t, const factor_work *w, size_t i, size_t j)
{
    const vmap_factor_analysis *a = w->analysis;

    vmap_report_text(t, w->item[j]);
    vmap_report_text(t, w->item[i]);
    columns_put_one(t, gsl_matrix_get(a->r, i, j));
    if (a->association) {
        vmap_report_count(t, (size_t)gsl_matrix_get(a->association->moments->n, i, j));
        vmap_report_number(t, gsl_matrix_get(a->association->moments->n_eff, i, j));
    }
    if (w->counts)
        vmap_report_number(t, gsl_matrix_get(w->counts, i, j));
    if (a->ordinal) {
        const vmap_pair_problem *x = problem_of(a->association, i, j);

        vmap_report_count(t, x ? x->empty : 0);
        vmap_report_text(t, x && x->boundary ? "perfect" : "");
    }
    columns_put_one(t, gsl_matrix_get(a->suitability->anti_image, i, j));
    if (a->fit) {
        columns_put_one(t, gsl_matrix_get(a->r, i, j) - gsl_matrix_get(a->fit->residual, i, j));
        columns_put_one(t, gsl_matrix_get(a->fit->residual, i, j));
    }
}

void table_factor_pairs(vmap_report *r, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    vmap_report_table *t = vmap_report_add(r, "factor_pairs", "Pairs of items: correlation, anti-image, residual");

    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "with", VMAP_CELL_TEXT, 0);
    columns_add_bounded(t, (const char *const[]){"r"}, 1);
    if (a->association) {
        vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
        vmap_report_column(t, "n_eff", VMAP_CELL_NUMBER, 1);
    }
    if (w->counts)
        vmap_report_column(t, "n", VMAP_CELL_NUMBER, 1);
    if (a->ordinal) {
        vmap_report_column(t, "empty_cells", VMAP_CELL_COUNT, 0);
        vmap_report_column(t, "boundary", VMAP_CELL_TEXT, 0);
        vmap_report_optional(t);
    }
    columns_add_bounded(t, (const char *const[]){"anti_image"}, 1);
    if (a->fit) {
        columns_add_bounded(t, (const char *const[]){"reproduced", "residual"}, 2);
    }
    for (size_t j = 0; j < w->p; j++) {
        for (size_t i = j + 1; i < w->p; i++)
            put_pair(t, w, i, j);
    }
    vmap_report_note(t, "anti_image: minus the partial correlation given all other items.");
    if (a->association)
        vmap_report_note(t, "n: respondents of the pair; n_eff: Kish's effective number, with weights.");
    if (a->fit)
        vmap_report_note(t, "residual: what the factors leave; %zu of %zu (%.0f %%) are larger than .05 in size.",
                         a->fit->large, a->fit->pairs, 100 * (double)a->fit->large / (double)a->fit->pairs);
}

/* ---- screening ---- */

static void put_check(vmap_report_table *t, const char *check, size_t count, const char *meaning)
{
    vmap_report_text(t, check);
    vmap_report_count(t, count);
    vmap_report_text(t, meaning);
}

void table_factor_screening(vmap_report *r, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    const vmap_screening *s = a->screening;
    size_t twins = 0, alike = 0;
    vmap_report_table *t;

    if (!s)
        return;
    t = vmap_report_add(r, "factor_screening", "A look at the answers first");
    vmap_report_column(t, "check", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "count", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "meaning", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < w->p; i++) {
        twins += s->twin[i] < w->p;
        alike += s->items[i].largest_share > .95;
    }
    put_check(t, "respondents", s->rows, "of positive weight");
    put_check(t, "complete", s->complete, "of these, without missing answers");
    put_check(t, "empty", s->empty, "without any answer");
    put_check(t, "straight_lining", s->straight, "five answers or more, all the same");
    put_check(t, "duplicate_items", twins, "the same answers as an earlier item, up to the scale");
    put_check(t, "collinear_items", a->suitability->causes, "part of a combination without variance");
    put_check(t, "alike_items", alike, "more than 95 % give one answer");
    put_check(t, "sparse_pairs", a->association->problems_count, "polychoric: pairs with empty cells");
}

/* ---- suitability ---- */

static void put_measure(vmap_report_table *t, const char *measure, double value, const char *meaning)
{
    vmap_report_text(t, measure);
    if (strcmp(measure, "bartlett_p") == 0)
        vmap_report_probability(t, value);
    else if (strstr(measure, "eigenvalue") || strcmp(measure, "repair_change") == 0)
        columns_put_one(t, value);
    else
        vmap_report_number(t, value);
    if (strcmp(measure, "respondents") == 0 || strcmp(measure, "bartlett_df") == 0)
        vmap_report_form(t, value == floor(value) ? 0 : 1, false);
    else if (strcmp(measure, "kmo") == 0)
        vmap_report_form(t, 4, true);
    else if (strcmp(measure, "bartlett_chi2") == 0)
        vmap_report_form(t, 2, false);
    else if (strcmp(measure, "determinant") == 0 && value < 1e-3)
        vmap_report_form(t, 10, true);
    vmap_report_text(t, meaning);
}

void table_factor_suitability(vmap_report *r, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    const vmap_suitability *s = a->suitability;
    vmap_report_table *t = vmap_report_add(r, "factor_suitability", "Is the matrix fit for factor analysis?");

    vmap_report_column(t, "measure", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "value", VMAP_CELL_NUMBER, 4);
    vmap_report_column(t, "meaning", VMAP_CELL_TEXT, 0);
    put_measure(t, "respondents", a->n, "that tests count on; with weights the effective number");
    put_measure(t, "kmo", s->kmo, vmap_suitability_word(s->kmo));
    put_measure(t, "bartlett_chi2", s->chi2, "test of no correlation at all");
    put_measure(t, "bartlett_df", s->df, "");
    put_measure(t, "bartlett_p", s->p_value, "");
    put_measure(t, "determinant", s->regular ? exp(s->log_determinant) : 0, "of the correlation matrix");
    put_measure(t, "log_determinant", s->regular ? s->log_determinant : NAN, "");
    put_measure(t, "condition", s->condition, "root of largest by smallest eigenvalue; above 30 is trouble");
    put_measure(t, "smallest_eigenvalue", a->smoothing.smallest, "before repair");
    put_measure(t, "repaired_eigenvalue", a->smoothing.smallest_now, "smallest, after repair");
    put_measure(t, "repair_change", a->smoothing.change, "largest change of a correlation by repair");
    if (!s->regular)
        vmap_report_note(t, "NA: the matrix is singular and has no inverse; factor_items names the items that cause it.");
    else if (isnan(s->chi2))
        vmap_report_note(t, "NA: no test, the number of respondents is not known or too small for the items.");
    if (a->ordinal)
        vmap_report_note(t, "Bartlett's test is made for product-moment correlations: here it is a rough guide.");
}

/* ---- solutions of several numbers of factors ---- */

