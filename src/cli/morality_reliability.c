#include <config.h>
#include "cli/morality.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

/* How reliable the means are that are compared with people's, over the items that might have been asked instead, and
 * what correlations would be without that error. */

static size_t item_count(const vmap_questionnaire *q)
{
    size_t n = 0;

    for (unsigned f = 0; f < q->foundations_count; f++)
        n += q->foundations[f].items_count;
    return n;
}

/* Item of the questionnaire, from 0, in each place: scale after scale, in the order of the key. */
static void list_items(const vmap_questionnaire *q, size_t *item)
{
    for (unsigned f = 0; f < q->foundations_count; f++) {
        for (unsigned i = 0; i < q->foundations[f].items_count; i++)
            *item++ = (size_t)q->foundations[f].items[i] - 1;
    }
}

/* Weighted item means of every profile of a side, profiles x items scale after scale; NaN without an answer. */
static vmap_status side_means(const morality_side *side, double **means, vmap_error *err)
{
    const vmap_answers *a = side->answers;
    size_t n = item_count(side->key), cells = side->profiles->count * n, *group = NULL;
    size_t *item = memory_new(n, sizeof *item, err);
    double *sum = memory_new(cells, sizeof *sum, err), *weight = memory_new(cells, sizeof *weight, err);
    vmap_status status = sum && weight && item ? vmap_profiles_of_rows(side->profiles, a, &group, err) : VMAP_ENOMEM;

    if (!status)
        list_items(side->key, item);
    for (size_t r = 0; !status && r < a->n; r++) {
        double w = a->weights ? a->weights[r] : 1;

        if (group[r] == side->profiles->count || !side->scores->used_sheet[r] || !(w > 0))
            continue;
        for (size_t i = 0; i < n; i++) {
            double x = side->scores->item[r * a->p + item[i]];

            sum[group[r] * n + i] += isnan(x) ? 0 : w * x;
            weight[group[r] * n + i] += isnan(x) ? 0 : w;
        }
    }
    for (size_t i = 0; !status && i < cells; i++)
        sum[i] /= weight[i];
    free(weight);
    free(group);
    free(item);
    if (status)
        free(sum);
    else
        *means = sum;
    return status;
}

/* Item means of all groups and of the people of each group's nation; people's are NaN when only means are known. */
static vmap_status both_means(const morality *m, double **own, double **people, vmap_error *err)
{
    size_t n = m->profiles->count, items = item_count(m->key);
    double *nations = NULL;
    vmap_status status = side_means(&m->own, own, err);

    *people = memory_new(n * items, sizeof **people, err);
    if (!status && !*people)
        status = VMAP_ENOMEM;
    if (!status && m->people.profiles)
        status = side_means(&m->people, &nations, err);
    for (size_t g = 0; !status && g < n; g++) {
        for (size_t i = 0; i < items; i++)
            (*people)[g * items + i] = nations && m->human_of[g] != SIZE_MAX ? nations[m->human_of[g] * items + i] : NAN;
    }
    free(nations);
    return status;
}

vmap_status morality_profile_reliabilities(const morality *m, double **reliability, vmap_error *err)
{
    size_t n = m->profiles->count, items = item_count(m->key), at = 0;
    double *own = NULL, *people = NULL;
    size_t *scale = memory_new(items, sizeof *scale, err);
    vmap_status status = both_means(m, &own, &people, err);

    *reliability = memory_new(2 * n, sizeof **reliability, err);
    if (!status && (!*reliability || !scale))
        status = VMAP_ENOMEM;
    for (unsigned f = 0; !status && f < m->key->foundations_count; f++) {
        for (unsigned i = 0; i < m->key->foundations[f].items_count; i++)
            scale[at++] = f;
    }
    for (size_t g = 0; !status && g < n; g++) {
        (*reliability)[g] = vmap_profile_reliability(own + g * items, scale, items, m->profiles->k);
        (*reliability)[n + g] = vmap_profile_reliability(people + g * items, scale, items, m->profiles->k);
    }
    free(own);
    free(people);
    free(scale);
    return status;
}

/* ---- over nations ---- */

/* Alpha of a scale's item means over the nations in `rows`; NaN when it is not defined. */
static double alpha_of(const double *means, size_t stride, size_t first, size_t items, const size_t *rows, size_t n)
{
    gsl_matrix *cov = memory_matrix(items, items, NULL);
    size_t *column = memory_new(items, sizeof *column, NULL);
    vmap_reliability *x = NULL;
    double alpha = NAN;

    for (size_t i = 0; column && i < items; i++)
        column[i] = first + i;
    if (cov && column) {
        vmap_reliability_covariance(means, stride, rows, n, column, items, NULL, cov);
        if (!vmap_reliability_new(cov, (double)n, .95, &x, NULL) && x->used == items)
            alpha = x->alpha;
    }
    vmap_reliability_free(x);
    gsl_matrix_free(cov);
    free(column);
    return alpha;
}

/* One series and scale. own, people: item means of all groups; first: column of the scale's first item. */
static void put_row(vmap_report_table *t, const morality *m, size_t s, size_t c, const double *own, const double *people,
                    size_t first, size_t *rows, double *pair)
{
    size_t n = 0, items = item_count(m->key), count = m->key->foundations[c].items_count, all = m->profiles->count;
    vmap_calibration x;
    double alpha, human;

    for (size_t g = 0; g < all; g++) {
        if (m->series_of[g] != s || isnan(morality_mean(m, g, c)) || isnan(m->human[g * m->columns + c]))
            continue;
        pair[n] = morality_mean(m, g, c);
        pair[all + n] = m->human[g * m->columns + c];
        rows[n++] = g;
    }
    if (vmap_calibration_find(pair, NULL, pair + all, NULL, n, .95, &x, NULL))
        return;
    alpha = alpha_of(own, items, first, count, rows, n);
    human = m->people.profiles ? alpha_of(people, items, first, count, rows, n) : NAN;
    const double value[6] = {alpha, human, x.r, vmap_disattenuate(x.r, alpha, m->people.profiles ? human : 1), x.slope,
                             human > 0 ? x.slope / human : NAN};
    vmap_report_text(t, m->series[s]);
    vmap_report_text(t, m->profiles->scales[c]);
    vmap_report_count(t, n);
    for (int i = 0; i < 6; i++)
        vmap_report_number(t, value[i]);
}

vmap_status morality_disattenuation_table(vmap_report *r, const morality *m, vmap_error *err)
{
    static const char *const numbers[] = {"alpha_nations", "human_alpha_nations", "r", "r_true", "slope", "slope_true"};
    vmap_report_table *t = vmap_report_add(r, "disattenuation", "Correlations over nations without the error of items");
    size_t n = m->profiles->count, *rows = memory_new(n, sizeof *rows, err);
    double *own = NULL, *people = NULL, *pair = memory_new(2 * n, sizeof *pair, err);
    vmap_status status = rows && pair ? both_means(m, &own, &people, err) : VMAP_ENOMEM;

    vmap_report_key(t, "series");
    vmap_report_key(t, "scale");
    vmap_report_column(t, "nations", VMAP_CELL_COUNT, 0);
    for (int i = 0; i < 6; i++)
        vmap_report_column(t, numbers[i], VMAP_CELL_NUMBER, 3);
    for (size_t s = 0; !status && s < m->series_count; s++) {
        size_t first = 0;

        for (size_t c = 0; c < m->profiles->k; first += m->key->foundations[c++].items_count)
            put_row(t, m, s, c, own, people, first, rows, pair);
    }
    vmap_report_note(t, "alpha_nations: of the item means of a scale, with nations as cases (alpha of the tables of reliability has "
                     "sheets as cases); human_alpha_nations: likewise of people%s. r_true = r / sqrt(alpha_nations "
                     "human_alpha_nations); slope_true = slope / human_alpha_nations. NA: an alpha is 0 or negative, or an item has the "
                     "same mean in all nations: there is nothing reliable to correct for. Values above 1 are estimates that "
                     "chance or different items carry there, and are shown as they are.",
                     m->people.profiles ? "" : ", which takes their sheets (--human) and counts as 1 without them");
    free(own);
    free(people);
    free(pair);
    free(rows);
    return status;
}
