#include <config.h>
#include "cli/factor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/named_rows.h"
#include "cli/outcome.h"
#include "core/memory.h"
#include "core/text.h"

/* Where `valuemap factor` has its items from. */

void factor_free(factor_work *w)
{
    for (size_t i = 0; i < w->p; i++) {
        free(w->item ? w->item[i] : NULL);
        free(w->label ? w->label[i] : NULL);
    }
    free(w->item);
    free(w->label);
    free(w->order);
    gsl_matrix_free(w->r);
    gsl_matrix_free(w->counts);
    gsl_vector_free(w->sd);
    gsl_matrix_free(w->target);
    vmap_factor_analysis_free(w->analysis);
    vmap_factor_bootstrap_free(w->bootstrap);
    vmap_factor_why_free(w->why);
    factor_free_others(w);
    if (w->read)
        analysis_free(w->read);
    else
        vmap_ledger_free(w->ledger);
    study_free(w->study);
}

static vmap_status alloc_names(factor_work *w, size_t p, vmap_error *err)
{
    w->item = memory_new(p, sizeof *w->item, err);
    w->label = memory_new(p, sizeof *w->label, err);
    w->order = memory_new(p, sizeof *w->order, err);
    if (!w->item || !w->label || !w->order)
        return VMAP_ENOMEM;
    w->p = p;
    return VMAP_SUCCESS;
}

/* A label that only repeats the name is none. */
static vmap_status set_name(factor_work *w, size_t i, const char *item, const char *label, vmap_error *err)
{
    if (strcmp(item, label) == 0)
        label = "";
    w->order[i] = i;
    w->item[i] = text_copy(item, strlen(item));
    w->label[i] = text_copy(label, strlen(label));
    return w->item[i] && w->label[i] ? VMAP_SUCCESS : vmap_error_set(err, VMAP_ENOMEM, "no memory for the items");
}

/* ---- answers ---- */

static vmap_status read_answers(factor_work *w, vmap_error *err)
{
    const factor_settings *s = w->settings;
    analysis_items items = {.names = &s->items, .valid = s->valid};
    const vmap_answers *a;
    vmap_status status;

    status = study_check(w->study, err);
    if (!status)
        status = analysis_read(w->study, (unsigned)s->study.threads, outcome_progress, &items, &w->read, err);
    w->ledger = w->read ? w->read->ledger : NULL;
    if (status == VMAP_EDATA && !s->items.count && !s->study.codebook && !*err->column && err->line <= 1)
        return vmap_error_set(err, VMAP_EINVAL, "say which columns are the items, by --items A1,A2,A3 or --items 'A*', or "
                                                "name their --codebook; no built-in one fits the columns of this file");
    if (status)
        return status;
    a = w->answers = w->read->human.answers;
    w->simulated = w->read->simulated;
    w->data = (vmap_factor_data){.p = a->p, .values = a->values, .n = a->n, .weights = a->weights, .respondents = NAN};
    status = alloc_names(w, a->p, err);
    for (size_t i = 0; !status && i < a->p; i++) {
        size_t at = analysis_book_item(w->read, i);

        status = set_name(w, i, a->items[i], at < w->read->book->items_count ? w->read->book->items[at].label : "", err);
    }
    return status;
}

/* ---- a table of numbers with names in its first column ---- */

static vmap_status read_numbers(const factor_work *w, const char *file, vmap_table **table, vmap_error *err)
{
    vmap_read_options o;

    analysis_read_options(&o, w->study->humans, (unsigned)w->settings->study.threads);
    o.layout = "wide";
    return named_rows_read(file, &o, "item", "numbers", table, err);
}

/* ---- a matrix ---- */

static vmap_status check_names(const vmap_table *t, vmap_error *err)
{
    size_t p = vmap_table_rows(t), columns = vmap_table_columns(t);

    if (columns != p + 1)
        return vmap_error_set(err, VMAP_EDATA,
                              "the file has %zu rows and %zu columns besides the names of the items; a matrix of "
                              "correlations has as many of both, and the names in its first column and first line%s",
                              p, columns - 1, columns == 1 ? "; fields lie between commas, semicolons, tabs or |, not blanks" : "");
    return named_rows_check(t, "items", err);
}

/* Row i of the matrix: a cell that is empty takes the one on the other side of the diagonal. */
static vmap_status take_row(factor_work *w, const vmap_table *t, size_t i, vmap_error *err)
{
    for (size_t j = 0; j <= i; j++) {
        double a = vmap_table_value(t, j + 1, i), b = vmap_table_value(t, i + 1, j), x = isnan(a) ? b : a;

        if (isnan(x) && i == j)
            x = 1; /* a triangle without its diagonal */
        if (isnan(x))
            return vmap_error_set(err, VMAP_EDATA, "the correlation of %s and %s is missing", w->item[i], w->item[j]);
        if (!isnan(b) && fabs(x - b) > 1e-6 * fmax(1, fabs(x)))
            return vmap_error_set(err, VMAP_EDATA,
                                  "the matrix is not symmetric: %s with %s is %.10g and %s with %s is %.10g; correct one, or "
                                  "leave one side of the diagonal empty",
                                  w->item[i], w->item[j], x, w->item[j], w->item[i], b);
        gsl_matrix_set(w->r, i, j, isnan(b) ? x : (x + b) / 2);
        gsl_matrix_set(w->r, j, i, isnan(b) ? x : (x + b) / 2);
    }
    return VMAP_SUCCESS;
}

/* Covariances become correlations; correlations have a unit diagonal and nothing beyond 1. */
static vmap_status make_correlations(factor_work *w, vmap_error *err)
{
    bool unit = true;

    for (size_t i = 0; i < w->p; i++) {
        double v = gsl_matrix_get(w->r, i, i);

        if (!(v > 0))
            return vmap_error_set(err, VMAP_EDATA, "the diagonal element of %s is %.10g; it is 1 for correlations and a "
                                                   "positive variance for covariances",
                                  w->item[i], v);
        unit &= fabs(v - 1) <= 1e-6;
    }
    if (!unit && !(w->sd = gsl_vector_alloc(w->p)))
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu variances", w->p);
    for (size_t i = 0; w->sd && i < w->p; i++)
        gsl_vector_set(w->sd, i, sqrt(gsl_matrix_get(w->r, i, i)));
    for (size_t i = 0; i < w->p; i++) {
        gsl_matrix_set(w->r, i, i, 1);
        for (size_t j = 0; j < i; j++) {
            double x = gsl_matrix_get(w->r, i, j);

            if (w->sd)
                x /= gsl_vector_get(w->sd, i) * gsl_vector_get(w->sd, j);
            if (fabs(x) > 1 + 1e-6)
                return vmap_error_set(err, VMAP_EDATA, "the correlation of %s and %s is %.10g, beyond -1..1%s", w->item[i],
                                      w->item[j], x, w->sd ? ": the file is taken for covariances because its diagonal is "
                                                             "not 1" : "");
            x = fmax(-1, fmin(1, x));
            gsl_matrix_set(w->r, i, j, x);
            gsl_matrix_set(w->r, j, i, x);
        }
    }
    return w->sd ? vmap_ledger_say(w->ledger, err, "the diagonal is not 1: the matrix is taken for covariances and made "
                                                   "correlations")
                 : VMAP_SUCCESS;
}

/* Only the items that are named. */
static vmap_status keep_items(factor_work *w, const vmap_table *t, size_t *keep, size_t *count, vmap_error *err)
{
    const word_list *names = &w->settings->items;

    *count = 0;
    for (size_t i = 0; i < vmap_table_rows(t); i++) {
        bool wanted = names->count == 0;

        for (unsigned q = 0; q < names->count; q++)
            wanted |= analysis_fits(names->words[q], vmap_table_text(t, 0, i));
        if (wanted)
            keep[(*count)++] = i;
    }
    for (unsigned q = 0; q < names->count; q++) {
        size_t i = 0;

        while (i < vmap_table_rows(t) && !analysis_fits(names->words[q], vmap_table_text(t, 0, i)))
            i++;
        if (i == vmap_table_rows(t))
            return vmap_error_set(err, VMAP_ENOENT, "items: the matrix has no '%s'", names->words[q]);
    }
    return VMAP_SUCCESS;
}

static void shrink(factor_work *w, const size_t *keep, size_t count)
{
    gsl_matrix_view top = gsl_matrix_submatrix(w->r, 0, 0, count, count);
    gsl_matrix *kept;

    for (size_t i = 0; i < count; i++) {
        char *item = w->item[keep[i]];

        w->item[keep[i]] = w->item[i];
        w->item[i] = item;
        for (size_t j = 0; j < count; j++)
            gsl_matrix_set(w->r, i, j, gsl_matrix_get(w->r, keep[i], keep[j]));
    }
    kept = memory_matrix(count, count, NULL);
    if (kept) {
        gsl_matrix_memcpy(kept, &top.matrix);
        gsl_matrix_free(w->r);
        w->r = kept;
    }
    for (size_t i = count; i < w->p; i++) {
        free(w->item[i]);
        free(w->label[i]);
    }
    w->p = count;
}

static vmap_status take_matrix(factor_work *w, const vmap_table *t, vmap_error *err)
{
    size_t p = vmap_table_rows(t), count = 0, *keep = memory_new(p + 1, sizeof *keep, err);
    vmap_status status = keep ? check_names(t, err) : VMAP_ENOMEM;

    if (!status)
        status = alloc_names(w, p, err);
    if (!status && !(w->r = memory_matrix(p, p, err)))
        status = VMAP_ENOMEM;
    for (size_t i = 0; !status && i < p; i++)
        status = set_name(w, i, vmap_table_name(t, i + 1), "", err);
    for (size_t i = 0; !status && i < p; i++) {
        status = take_row(w, t, i, err);
        if (status)
            vmap_error_place(err, NULL, vmap_table_line(t, i), 0, NULL);
    }
    if (!status)
        status = keep_items(w, t, keep, &count, err);
    if (!status && count >= 1 && count < p)
        shrink(w, keep, count);
    if (!status)
        status = make_correlations(w, err);
    free(keep);
    return status;
}

/* ---- respondents behind the matrix ---- */

static size_t row_named(const vmap_table *t, const char *item)
{
    size_t row = 0;

    while (row < vmap_table_rows(t) && strcmp(vmap_table_text(t, 0, row), item) != 0)
        row++;
    return row;
}

/* Respondents of the pair in rows a and b of the file; one side of the diagonal may be empty. */
static vmap_status take_count(const factor_work *w, const vmap_table *t, const size_t row[2], const size_t item[2], vmap_error *err)
{
    double x = vmap_table_value(t, row[1] + 1, row[0]), y = vmap_table_value(t, row[0] + 1, row[1]), n = isnan(x) ? y : x;

    if (isnan(n))
        return vmap_error_set(err, VMAP_EDATA, "how many respondents answered %s and %s is missing", w->item[item[0]],
                              w->item[item[1]]);
    if (!isnan(y) && n != y)
        return vmap_error_set(err, VMAP_EDATA, "the matrix is not symmetric: %.10g respondents for %s with %s and %.10g for %s with %s",
                              n, w->item[item[0]], w->item[item[1]], y, w->item[item[1]], w->item[item[0]]);
    if (!(n >= 3 && n <= 1e12))
        return vmap_error_set(err, VMAP_EDATA, "%.10g respondents for %s with %s; at least 3 are needed", n, w->item[item[0]],
                              w->item[item[1]]);
    gsl_matrix_set(w->counts, item[0], item[1], n);
    gsl_matrix_set(w->counts, item[1], item[0], n);
    return VMAP_SUCCESS;
}

/* Pairs of items that the analysis has; the diagonal is not looked at. */
static vmap_status take_counts(factor_work *w, const vmap_table *t, vmap_error *err)
{
    vmap_status status = check_names(t, err);

    if (!status && !(w->counts = memory_matrix(w->p, w->p, err)))
        status = VMAP_ENOMEM;
    for (size_t i = 0; !status && i < w->p; i++) {
        size_t row[2] = {row_named(t, w->item[i]), 0};

        if (row[0] == vmap_table_rows(t))
            return vmap_error_set(err, VMAP_EDATA, "there is no row for item %s", w->item[i]);
        for (size_t j = 0; !status && j < i; j++) {
            row[1] = row_named(t, w->item[j]);
            status = take_count(w, t, row, (const size_t[]){i, j}, err);
        }
        if (status)
            vmap_error_place(err, NULL, vmap_table_line(t, row[0]), 0, NULL);
    }
    return status;
}

/* Tests count on the harmonic mean, as for answers. */
static vmap_status say_counts(factor_work *w, vmap_error *err)
{
    double inverse = 0, least = INFINITY, pairs = (double)(w->p * (w->p - 1) / 2);
    size_t at[2] = {0, 0};

    for (size_t i = 0; i < w->p; i++) {
        for (size_t j = 0; j < i; j++) {
            double n = gsl_matrix_get(w->counts, i, j);

            inverse += 1 / n;
            if (n < least) {
                least = n;
                at[0] = j;
                at[1] = i;
            }
        }
    }
    w->data.respondents = pairs / inverse;
    return vmap_ledger_say(w->ledger, err, "tests count on %.4g respondents, the harmonic mean over pairs of items; %s with %s have "
                                           "least, %.4g",
                           w->data.respondents, w->item[at[0]], w->item[at[1]], least);
}

/* One number, or a file with one for each pair. */
static vmap_status read_respondents(factor_work *w, vmap_error *err)
{
    const char *n = w->settings->n;
    vmap_table *t = NULL;
    vmap_status status;

    if (!n)
        return vmap_ledger_warn(w->ledger, err, "how many respondents are behind the matrix is not known (--n N): no tests, "
                                                "no intervals and no advice on the number of factors");
    if (text_number(n, strlen(n), '.', &w->data.respondents))
        return w->data.respondents >= 3 && w->data.respondents <= 1e12
                   ? VMAP_SUCCESS
                   : vmap_error_set(err, VMAP_EINVAL, "n: %s is not allowed; it is a number from 3 to 1e+12, or a file", n);
    status = read_numbers(w, n, &t, err);
    if (!status) {
        status = take_counts(w, t, err);
        if (status)
            vmap_error_place(err, n, 0, 0, NULL);
    }
    vmap_table_free(t);
    return status ? status : w->p < 2 ? VMAP_SUCCESS : say_counts(w, err);
}

static vmap_status read_matrix(factor_work *w, vmap_error *err)
{
    const factor_settings *s = w->settings;
    vmap_table *t = NULL;
    vmap_status status;

    w->ledger = vmap_ledger_new(err);
    if (!w->ledger)
        return VMAP_ENOMEM;
    status = read_numbers(w, s->matrix, &t, err);
    if (!status) {
        status = take_matrix(w, t, err);
        if (status)
            vmap_error_place(err, s->matrix, 0, 0, NULL);
    }
    vmap_table_free(t);
    w->data = (vmap_factor_data){.p = w->p, .r = w->r, .respondents = NAN};
    return status ? status : read_respondents(w, err);
}

/* ---- the target of a rotation ---- */

static vmap_status take_target(factor_work *w, const vmap_table *t, vmap_error *err)
{
    size_t k = vmap_table_columns(t) - 1;

    if (k == 0)
        return vmap_error_set(err, VMAP_EDATA, "the target has no column besides the names of the items");
    w->target = memory_matrix(w->p, k, err);
    if (!w->target)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < w->p; i++) {
        size_t row = 0;

        while (row < vmap_table_rows(t) && strcmp(vmap_table_text(t, 0, row), w->item[i]) != 0)
            row++;
        if (row == vmap_table_rows(t))
            return vmap_error_set(err, VMAP_EDATA, "the target has no row for item %s; an item whose loadings are all free "
                                                   "has a row of empty cells",
                                  w->item[i]);
        for (size_t f = 0; f < k; f++)
            gsl_matrix_set(w->target, i, f, vmap_table_value(t, f + 1, row));
    }
    return VMAP_SUCCESS;
}

static vmap_status read_target(factor_work *w, vmap_error *err)
{
    vmap_table *t = NULL;
    vmap_status status = read_numbers(w, w->settings->target, &t, err);

    if (!status) {
        status = take_target(w, t, err);
        if (status)
            vmap_error_place(err, w->settings->target, 0, 0, NULL);
    }
    vmap_table_free(t);
    return status;
}

/* A column that is read along with the grouping columns, once. */
static vmap_status add_group(study_set *set, const char *column, vmap_error *err)
{
    char **more;

    for (unsigned i = 0; column && i < set->group_count; i++) {
        if (strcmp(set->group[i], column) == 0)
            return VMAP_SUCCESS;
    }
    if (!column)
        return VMAP_SUCCESS;
    more = reallocarray(set->group, set->group_count + 1, sizeof *more);
    if (!more)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a column");
    set->group = more;
    more[set->group_count] = text_copy(column, strlen(column));
    set->group_count += more[set->group_count] != NULL;
    return VMAP_SUCCESS;
}

vmap_status factor_read(factor_work *w, const word_list *files, vmap_error *err)
{
    const factor_settings *s = w->settings;
    vmap_status status;

    w->study = command_new_study(&s->study);
    if (!w->study || !(w->study->humans = command_set(&s->study, files)))
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for the study");
    free(w->study->missing); /* here are more rules than in a study */
    w->study->missing = NULL;
    status = add_group(w->study->humans, s->strata, err);
    if (!status)
        status = add_group(w->study->humans, s->by, err);
    if (!status)
        status = s->matrix ? read_matrix(w, err) : read_answers(w, err);
    if (!status && s->target)
        status = read_target(w, err);
    return status;
}
