#include <config.h>
#include "cli/factor_explain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/numeric.h"
#include "core/text.h"
#include "valuemap/factor.h"

/* The analysis in plain words with its own numbers, for those who learn or teach it: --explain. */

enum { FIRST = 5 };

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A p value is shown as at least .0001. */
static const char *below(double p)
{
    return p < 1e-4 ? "below " : "";
}

/* ---- what all parts use ---- */

double explain_shown(double x, int decimals)
{
    char text[64];
    double value = x;

    snprintf(text, sizeof text, "%.*f", decimals, x);
    return text_number(text, strlen(text), '.', &value) ? value + 0.0 : x; /* no negative zero */
}

void explain_heading(buffer *b, int number, const char *title)
{
    buffer_format(b, "%s%d. %s\n\n", number > 1 ? "\n" : "", number, title);
}

void explain_factor(buffer *b, double x, int decimals)
{
    double shown = explain_shown(x, decimals);

    if (shown < 0)
        buffer_format(b, "(%.*f)", decimals, shown);
    else
        buffer_format(b, "%.*f", decimals, shown);
}

void explain_result(buffer *b, double worked, double exact, int decimals)
{
    double w = explain_shown(worked, decimals), e = explain_shown(exact, decimals);

    buffer_format(b, " = %.*f", decimals, w);
    if (w != e)
        buffer_format(b, " (%.*f without rounding)", decimals, e);
}

double explain_products(buffer *b, const gsl_matrix *m, size_t i, const gsl_matrix *n, size_t j)
{
    const int decimals = 3;
    double sum = 0, exact = 0;

    for (size_t f = 0; f < m->size2; f++) {
        double x = gsl_matrix_get(m, i, f), y = gsl_matrix_get(n, j, f);

        exact += x * y;
        sum += explain_shown(x, decimals) * explain_shown(y, decimals);
        buffer_put(b, f == 0 ? "" : f % 5 ? " + " : "\n    + ");
        explain_factor(b, x, decimals);
        buffer_put(b, " x ");
        explain_factor(b, y, decimals);
    }
    explain_result(b, sum, exact, decimals);
    return explain_shown(sum, decimals);
}

void explain_name(buffer *b, const char *name, size_t width, bool right)
{
    size_t bytes = strlen(name), space;
    char *cut = text_copy(name, bytes);

    while (cut && text_width(cut) > width) {
        do
            cut[--bytes] = '\0';
        while (bytes && ((unsigned char)name[bytes] & 0xC0) == 0x80);
    }
    space = cut ? width - text_width(cut) : 0;
    b->failed |= !cut;
    buffer_format(b, "%*s%s%*s", right ? (int)space : 0, "", cut ? cut : "", right ? 0 : (int)space, "");
    free(cut);
}

void explain_matrix(buffer *b, const gsl_matrix *m, size_t rows, size_t columns, char *const *row, char *const *column)
{
    const size_t names = 22, least = 8, most = 18;
    size_t width = least;
    char name[16];

    for (size_t j = 0; column && j < columns; j++)
        width = text_width(column[j]) > width ? least_of(text_width(column[j]), most) : width;
    buffer_format(b, "  %*s", (int)names, "");
    for (size_t j = 0; j < columns; j++) {
        buffer_put(b, " ");
        explain_name(b, column ? column[j] : factor_name(j, name), width, true);
    }
    buffer_put(b, "\n");
    for (size_t i = 0; i < rows; i++) {
        buffer_put(b, "  ");
        explain_name(b, row ? row[i] : factor_name(i, name), names, false);
        for (size_t j = 0; j < columns; j++)
            buffer_format(b, " %*.3f", (int)width, explain_shown(gsl_matrix_get(m, i, j), 3));
        buffer_put(b, "\n");
    }
}

/* ---- the correlations ---- */

static void tell_matrix(buffer *b, const factor_work *w)
{
    size_t n = least_of(w->p, FIRST);

    explain_heading(b, 1, "The correlations");
    buffer_format(b, "%zu items", w->p);
    if (!isnan(w->analysis->n))
        buffer_format(b, ", %.0f respondents%s", w->analysis->n,
                      w->answers && w->answers->weights ? " (as many as the weights are worth)" : "");
    buffer_format(b, ". Everything that follows is made from their correlations alone. (What is worked by hand is worked with the "
                     "numbers as they are shown; where the program, which rounds nothing, has another last digit, its number stands "
                     "beside.) The\ncorrelations of %s%zu:\n\n", n < w->p ? "the first " : "all ", n);
    explain_matrix(b, w->analysis->r, n, n, w->item, w->item);
    buffer_put(b, "\n");
    explain_pair(b, w);
}

static void tell_suitability(buffer *b, const factor_work *w)
{
    const vmap_suitability *s = w->analysis->suitability;

    explain_heading(b, 2, "Do the items have anything in common?");
    if (!s->regular) {
        buffer_put(b, "The matrix is singular: some items say exactly what others say together. Measures that need its inverse "
                      "are not\ndefined.\n");
        return;
    }
    buffer_format(b,
                  "If factors are behind the items, two items have little left to share once all others are taken into account. "
                  "KMO\ncompares correlations with what is left of them: %.3f, %s (from .5 it is worth going on).\n",
                  s->kmo, vmap_suitability_word(s->kmo));
    if (!isnan(s->chi2))
        buffer_format(b,
                      "Bartlett asks whether chance alone could make such correlations: chi-square %.2f with %.0f degrees of "
                      "freedom, p %s%.4f.\n",
                      s->chi2, s->df, below(s->p_value), fmax(s->p_value, 1e-4));
    buffer_format(b,
                  "All other items together predict %.1f %% of the variance of %s: so much at least it has in common with "
                  "them.\n",
                  100 * gsl_vector_get(s->smc, 0), w->item[0]);
}

/* ---- how many ---- */

static void put_eigenvalues(buffer *b, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;
    const vmap_parallel *x = a->retention ? a->retention->parallel : NULL;
    size_t n = least_of(w->p, a->k + 3);
    gsl_vector *values = gsl_vector_alloc(w->p);

    if (values && !numeric_eigenvalues(a->r, values, NULL)) {
        buffer_format(b, "  %-8s %10s %10s%s\n", "", "eigenvalue", "of 100 %", x ? "  95 % of chance" : "");
        for (size_t i = 0; i < n; i++) {
            double l = gsl_vector_get(values, i);

            buffer_format(b, "  %-8zu %10.3f %10.1f", i + 1, l, 100 * explain_shown(l, 3) / (double)w->p);
            if (x)
                buffer_format(b, " %16.3f  %s", gsl_vector_get(x->quantile[VMAP_PARALLEL_PC], i),
                              l > gsl_vector_get(x->quantile[VMAP_PARALLEL_PC], i) ? "more" : "no more");
            buffer_put(b, "\n");
        }
        buffer_format(b, "\nThe first is worth %.2f items. All %zu together are worth %zu: each item brings 1.\n",
                      gsl_vector_get(values, 0), w->p, w->p);
    }
    gsl_vector_free(values);
}

static void put_criteria(buffer *b, const vmap_retention *t)
{
    buffer_put(b, "Criteria say:");
    for (size_t c = 0; c < VMAP_CRITERIA; c++) {
        if (t->count[c] != SIZE_MAX)
            buffer_format(b, " %s %zu%s", vmap_criteria[c].name, t->count[c], vmap_criteria[c].votes ? "*" : "");
    }
    buffer_format(b, ".\nThose with a star have a say: %zu of %zu agree on %zu.\n", t->votes, t->voters, t->consensus);
}

static void tell_number(buffer *b, const factor_work *w)
{
    const vmap_factor_analysis *a = w->analysis;

    explain_heading(b, 3, "How many factors?");
    buffer_put(b, "An eigenvalue tells how many items' worth of variance one direction through all items takes up. Items without "
                  "anything\nin common have eigenvalues around 1");
    buffer_put(b, a->retention ? "; by chance the first ones are a little larger, as the last column says:\n\n" : ":\n\n");
    put_eigenvalues(b, w);
    if (a->retention)
        put_criteria(b, a->retention);
    buffer_format(b, "%zu %s taken here, %s.\n", a->k, a->k == 1 ? "factor is" : "factors are",
                  a->chosen ? "as was asked for" : "by the criterion that decides");
}

/* ---- what came out ---- */

/* Does the item load most on this factor, and not little? */
static bool belongs(const vmap_factor_solution *s, size_t item, size_t factor)
{
    double own = fabs(gsl_matrix_get(s->pattern, item, factor));

    for (size_t g = 0; g < s->k; g++) {
        if (fabs(gsl_matrix_get(s->pattern, item, g)) > own)
            return false;
    }
    return own >= .3;
}

static void put_item(buffer *b, const factor_work *w, size_t item, size_t factor)
{
    size_t width = text_width(w->item[item]);

    buffer_put(b, "\n  ");
    explain_name(b, w->item[item], width > 22 ? width : 22, false);
    buffer_format(b, " %6.3f%s%s", gsl_matrix_get(w->analysis->solution->pattern, item, factor), *w->label[item] ? "  " : "",
                  w->label[item]);
}

static void tell_factors(buffer *b, const factor_work *w)
{
    const vmap_factor_solution *s = w->analysis->solution;

    explain_heading(b, 6, "What the factors are");
    for (size_t f = 0; f < s->k; f++) {
        size_t n = 0;
        char name[16];

        buffer_format(b, "%s explains %.1f %% of the variance of all items. Items that load on it most:", factor_name(f, name),
                      100 * gsl_vector_get(s->variance, f) / (double)s->p);
        for (size_t q = 0; q < s->p; q++) {
            if (!belongs(s, w->order[q], f))
                continue;
            put_item(b, w, w->order[q], f);
            n++;
        }
        buffer_put(b, n ? "\n" : " none.\n");
    }
    buffer_put(b, "Names are for people to give. A factor is what these items have in common and the others have not.\n");
}

static void tell_fit(buffer *b, const factor_work *w)
{
    const vmap_factor_fit *f = w->analysis->fit;

    explain_heading(b, 7, "Do the factors give the correlations back?");
    buffer_format(b,
                  "Of %zu pairs of items %zu have more than .05 left over; the most, %.3f, have %s and %s. The typical residual is "
                  "%.3f.\n",
                  f->pairs, f->large, f->largest, w->item[f->i], w->item[f->j], f->rmsr);
    if (!w->analysis->solution->converged) {
        buffer_put(b, "Whether chance alone could leave so much cannot be asked: the extraction did not converge, and other loadings "
                      "would leave\nless.\n");
    } else if (w->analysis->solution->heywoods > 0) {
        buffer_put(b, "Whether chance alone could leave so much cannot be asked of a solution that cannot be (Heywood case).\n");
    } else if (!isnan(f->bartlett.rmsea) && !isnan(f->bartlett.p_value)) {
        buffer_format(b,
                      "If these factors were all there is, chi-square would be about %.0f; it is %.1f (p %s%.4f). Per degree of "
                      "freedom\nand respondent the misfit is %.3f (RMSEA, 90 %% interval %.3f to %.3f): %s.\n",
                      f->df, f->bartlett.chi2, below(f->bartlett.p_value), fmax(f->bartlett.p_value, 1e-4), f->bartlett.rmsea, f->bartlett.low, f->bartlett.high,
                      f->bartlett.rmsea < .05 ? "close" : f->bartlett.rmsea < .08 ? "fair" : "not good");
    }
}

/* ---- the whole ---- */

/* Lines that begin a paragraph or stand in one are filled up to 100 columns; indented ones stay. */
static void fill_lines(const char *text, buffer *out)
{
    size_t column = 0;

    while (*text) {
        size_t line = strcspn(text, "\n"), word;

        if (line == 0 || *text == ' ') {
            buffer_put(out, column ? "\n" : "");
            column = 0;
            buffer_bytes(out, text, line);
            buffer_put(out, "\n");
            text += line + (text[line] == '\n');
            continue;
        }
        for (size_t at = 0; at < line; at += word + strspn(text + at + word, " ")) {
            word = strcspn(text + at, " \n");
            buffer_put(out, column == 0 ? "" : column + 1 + word > 100 ? "\n" : " ");
            column = column == 0 || column + 1 + word > 100 ? word : column + 1 + word;
            buffer_bytes(out, text + at, word);
        }
        text += line + (text[line] == '\n');
    }
    buffer_put(out, column ? "\n" : "");
}

vmap_status factor_explain(const factor_work *w, buffer *text, vmap_error *err)
{
    buffer own = {0}, *b = &own;
    char *caution = factor_caution(w->analysis, w->item);

    if (w->simulated)
        buffer_put(b, "SIMULATED DATA: these numbers say nothing about people or models.\n\n");
    if (caution)
        buffer_format(b, "CAUTION: %s\n\n", caution);
    free(caution);
    tell_matrix(b, w);
    tell_suitability(b, w);
    tell_number(b, w);
    if (w->analysis->k == 0) {
        buffer_put(b, "Without a factor the analysis ends here.\n");
    } else {
        explain_extraction(b, w);
        explain_rotation(b, w);
        tell_factors(b, w);
        tell_fit(b, w);
        explain_score(b, w);
    }
    if (!b->failed)
        fill_lines(b->text, text);
    text->failed |= b->failed;
    buffer_free(b);
    return text->failed ? vmap_error_set(err, VMAP_ENOMEM, "no memory for the explanation") : VMAP_SUCCESS;
}
