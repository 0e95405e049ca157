#include <config.h>
#include "cli/tables.h"

#include <math.h>
#include <string.h>

#include "cli/tables_internal.h"

static const char *item_label(const analysis *a, const char *name)
{
    for (size_t i = 0; i < a->space->codebooks_count; i++) {
        const vmap_codebook *book = a->space->codebooks[i];
        size_t at = vmap_codebook_find(book, name);

        if (at < book->items_count)
            return book->items[at].label;
    }
    return "";
}

/* The columns of the data that an item came from; "" when unknown. */
static const char *item_columns(const vmap_answers *answers, const char *name)
{
    for (size_t i = 0; answers && i < answers->p; i++) {
        if (strcmp(answers->items[i], name) == 0 && answers->columns[i])
            return answers->columns[i];
    }
    return "";
}

static bool in_standard_units(const vmap_space *s)
{
    return strcmp(s->affine, "none") == 0;
}

void table_loadings(vmap_report *r, const analysis *a)
{
    const vmap_space *s = a->space;
    vmap_report_table *t;

    if (!s->loadings)
        return;
    t = vmap_report_add(r, "loadings",
                        "Loadings of the items on the axes (principal components, varimax)");
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    table_axis_columns(t, s, "", 3);
    vmap_report_column(t, "communality", VMAP_CELL_NUMBER, 3);
    if (a->bootstrap)
        table_axis_columns(t, s, "_se", 3);
    vmap_report_column(t, "label", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "columns", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < s->p; i++) {
        double h2 = 0;

        for (size_t j = 0; j < s->k; j++)
            h2 += gsl_matrix_get(s->loadings, i, j) * gsl_matrix_get(s->loadings, i, j);
        vmap_report_text(t, s->items[i]);
        table_put_row(t, s->loadings, i);
        vmap_report_number(t, h2);
        if (a->bootstrap)
            table_put_row(t, a->bootstrap->loadings_se, i);
        vmap_report_text(t, item_label(a, s->items[i]));
        vmap_report_text(t, item_columns(a->human.answers, s->items[i]));
    }
    vmap_report_note(t,
                     "Items are in raw codes: a negative loading means that high codes go with the "
                     "low end of the axis.");
    vmap_report_note(t, "Kaiser normalisation; axes and signs are set by content, not by order.");
    if (a->bootstrap) {
        vmap_report_note(t,
                         "_se: standard errors from %zu bootstrap replicates of the whole fit, "
                         "respondents drawn within groups.",
                         a->bootstrap->usable);
        for (size_t j = 0; j < s->k; j++)
            vmap_report_note(t, "Mean congruence of the replicates with the fit on %s: %.4f.",
                             s->axes[j].name, gsl_vector_get(a->bootstrap->congruence, j));
    }
}

void table_weights(vmap_report *r, const analysis *a)
{
    const vmap_space *s = a->space;
    vmap_report_table *t = vmap_report_add(
        r, "weights", "Score weights: score = sum of weight x (answer - mean) / sd");

    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "mean", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "sd", VMAP_CELL_NUMBER, 3);
    table_axis_columns(t, s, "", 3);
    vmap_report_column(t, "label", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < s->p; i++) {
        vmap_report_text(t, s->items[i]);
        vmap_report_number(t, gsl_vector_get(s->mean, i));
        vmap_report_number(t, gsl_vector_get(s->sd, i));
        for (size_t j = 0; j < s->k; j++)
            vmap_report_number(t, gsl_matrix_get(s->weights, i, j) * gsl_vector_get(s->sd, i) /
                                      gsl_vector_get(s->scale, j));
        vmap_report_text(t, item_label(a, s->items[i]));
    }
    vmap_report_note(t, "Scores have mean 0 and variance 1 in the population of the fit; weighted "
                        "means and standard deviations, divisor sum of weights.");
    if (!in_standard_units(s)) {
        for (size_t j = 0; j < s->k; j++)
            vmap_report_note(t, "Map position on %s = %g x score %+g (affine %s).", s->axes[j].name,
                             gsl_vector_get(s->scale, j), gsl_vector_get(s->shift, j), s->affine);
    }
}

void table_eigenvalues(vmap_report *r, const analysis *a)
{
    const vmap_space *s = a->space;
    vmap_report_table *t;
    double total = 0;

    if (!s->eigenvalues)
        return;
    t = vmap_report_add(r, "eigenvalues", "Eigenvalues of the correlation matrix");
    vmap_report_column(t, "component", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "eigenvalue", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "share", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "cumulative", VMAP_CELL_NUMBER, 3);
    for (size_t i = 0; i < s->p; i++) {
        double share = gsl_vector_get(s->eigenvalues, i) / (double)s->p;

        total += share;
        vmap_report_count(t, i + 1);
        vmap_report_number(t, gsl_vector_get(s->eigenvalues, i));
        vmap_report_number(t, share);
        vmap_report_number(t, total);
    }
    vmap_report_note(t, "%zu components are kept.", s->k);
}

/* Place of an item among those of the answers, or p. */
static size_t find_item(const vmap_answers *ans, const char *name)
{
    size_t i = 0;

    while (i < ans->p && strcmp(ans->items[i], name) != 0)
        i++;
    return i;
}

/* Kish's number of those whose answers make the correlation of two items of the space; NaN where the people are not
 * at hand. */
static double pair_effective(const analysis *a, size_t i, size_t j)
{
    const vmap_answers *ans = a->human.answers;
    bool listwise = strcmp(a->study->missing, "listwise") == 0;
    size_t x = ans ? find_item(ans, a->space->items[i]) : 0, y = ans ? find_item(ans, a->space->items[j]) : 0, n = 0;
    double weight = 0, squares = 0;

    for (size_t q = 0; ans && x < ans->p && y < ans->p && q < ans->n; q++) {
        double w = ans->weights ? ans->weights[q] : 1;

        if (!(w > 0) || isnan(ans->values[q * ans->p + x]) || isnan(ans->values[q * ans->p + y]) ||
            (listwise && !vmap_moments_complete(ans->values + q * ans->p, ans->p)))
            continue;
        n++;
        weight += w;
        squares += w * w;
    }
    return n && n == (size_t)gsl_matrix_get(a->space->n, i, j) ? weight * weight / squares : NAN;
}

void table_correlation(vmap_report *r, const analysis *a)
{
    const vmap_space *s = a->space;
    vmap_report_table *t;

    if (!s->n)
        return;
    t = vmap_report_add(r, "correlation", "Correlations of the items");
    vmap_report_column(t, "item_1", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "item_2", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "r", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "n_eff", VMAP_CELL_NUMBER, 1);
    for (size_t i = 0; i < s->p; i++) {
        for (size_t j = 0; j < s->p; j++) {
            vmap_report_text(t, s->items[i]);
            vmap_report_text(t, s->items[j]);
            vmap_report_number(t, gsl_matrix_get(s->r, i, j));
            vmap_report_count(t, (size_t)gsl_matrix_get(s->n, i, j));
            vmap_report_number(t, pair_effective(a, i, j));
        }
    }
    vmap_report_note(t,
                     "Pearson, weighted, %s: each pair has its own respondents, means and "
                     "variances; n counts them, n_eff is Kish's effective number of them.",
                     a->study->missing);
}

/* Weighted mean and spread of one item of a set. */
static void put_item(vmap_report_table *t, const analysis *a, const vmap_answers *ans, size_t i)
{
    const vmap_item_count *c = &ans->counts[i];
    double weight = 0, weights_squared = 0, mean = 0, squares = 0;
    size_t missing = 0, n = 0;

    for (size_t q = 0; q < ans->n; q++) {
        double x = ans->values[q * ans->p + i], w = ans->weights ? ans->weights[q] : 1;

        if (isnan(x) || !(w > 0))
            continue;
        n++;
        weight += w;
        weights_squared += w * w;
        squares += w * (x - mean) * (x - mean) * (1 - w / weight);
        mean += w / weight * (x - mean);
    }
    for (int why = 1; why < VMAP_REASONS; why++)
        missing += c->reason[why];
    vmap_report_text(t, ans->set);
    vmap_report_text(t, ans->items[i]);
    vmap_report_text(t, item_label(a, ans->items[i]));
    vmap_report_text(t, item_columns(ans, ans->items[i]));
    vmap_report_count(t, c->reason[VMAP_PRESENT]);
    vmap_report_count(t, missing - c->reason[VMAP_OUT_OF_RANGE]);
    vmap_report_count(t, c->reason[VMAP_OUT_OF_RANGE]);
    vmap_report_number(t, weight > 0 ? mean : NAN);
    vmap_report_number(t, weight > 0 ? sqrt(squares / weight) : NAN);
    vmap_report_number(t, n ? weight * weight / weights_squared : 0);
    vmap_report_number(t, n ? (double)n * weights_squared / (weight * weight) : NAN);
}

void table_items(vmap_report *r, const analysis *a)
{
    const vmap_answers *sets[] = {a->human.answers, a->persona.answers};
    vmap_report_table *t = vmap_report_add(r, "items", "Items and what the files hold of them");

    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "label", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "columns", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "answered", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "missing", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "out_of_range", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "mean", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "sd", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "n_eff", VMAP_CELL_NUMBER, 1);
    vmap_report_column(t, "design_effect", VMAP_CELL_NUMBER, 3);
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; sets[s] && i < sets[s]->p; i++)
            put_item(t, a, sets[s], i);
    }
    vmap_report_note(t,
                     "Weighted means and standard deviations (divisor sum of weights). n_eff: Kish's effective "
                     "number of those who answered; design_effect: their number over n_eff. Missing by reason: ledger.");
}
