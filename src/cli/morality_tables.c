#include <config.h>
#include "cli/morality.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/columns.h"
#include "core/memory.h"

/* A table of one side: of people its name and title say so. */
static vmap_report_table *add_table(vmap_report *r, const morality_side *side, const char *name, const char *title)
{
    char full[40], words[120];

    snprintf(full, sizeof full, "%s%s", side->prefix, name);
    snprintf(words, sizeof words, "%s%s", *side->prefix ? "People: " : "", title);
    return vmap_report_add(r, full, words);
}

static void add_keys(vmap_report_table *t, const vmap_profiles *p)
{
    for (size_t j = 0; j < p->columns; j++)
        vmap_report_key(t, p->names[j]);
}

static void put_keys(vmap_report_table *t, const vmap_profiles *p, size_t g)
{
    for (size_t j = 0; j < p->columns; j++)
        vmap_report_text(t, p->group[g].labels[j]);
}

static void table_profiles(vmap_report *r, const morality_side *m)
{
    static const char *const numbers[] = {"mean", "se", "low", "high", "sd", "answer_mean", "answer_sd", "floor", "ceiling"};
    vmap_report_table *t = add_table(r, m, "profiles", "Moral profiles");

    add_keys(t, m->profiles);
    vmap_report_column(t, "scale", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, 9);
    vmap_report_column(t, "answered", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "asked", VMAP_CELL_COUNT, 0);
    for (size_t g = 0; g < m->profiles->count; g++) {
        for (size_t c = 0; c < m->profiles->k + m->profiles->c; c++) {
            const vmap_profile_score *s = &m->profiles->group[g].score[c];
            bool scale = c < m->profiles->k;
            const double value[9] = {s->mean, s->se, s->low, s->high, s->sd, scale ? s->cell_mean : NAN,
                                     scale ? s->cell_sd : NAN, scale ? s->floor : NAN, scale ? s->ceiling : NAN};

            put_keys(t, m->profiles, g);
            vmap_report_text(t, m->profiles->scales[c]);
            vmap_report_count(t, s->n);
            for (int i = 0; i < 9; i++)
                vmap_report_number(t, value[i]);
            vmap_report_count(t, s->answered);
            vmap_report_count(t, s->asked);
        }
    }
    vmap_report_note(t, "mean, sd: of the scores of n sheets with at least %zu answered items; low, high: 95 %% interval of the "
                     "mean over sheets. answer_mean, answer_sd: of single answers pooled over items and sheets. NA: fewer "
                     "than two scores.", m->scores->least);
}

static void table_sheets(vmap_report *r, const morality_side *m)
{
    static const char *const counts[] = {"sheets", "complete", "partial", "unscored", "empty", "failed", "dropped",
                                         "straight", "asked", "answered", "out_of_range"};
    static const char *const numbers[] = {"share_answered", "longest_run", "spread"};
    vmap_report_table *t = add_table(r, m, "sheets", "What the sheets are like");

    add_keys(t, m->profiles);
    columns_add(t, VMAP_CELL_COUNT, 0, counts, 11);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, 3);
    for (size_t g = 0; g < m->profiles->count; g++) {
        const vmap_profile *p = &m->profiles->group[g];
        const size_t count[11] = {p->sheets, p->complete, p->partial, p->unscored, p->empty, p->failed, p->dropped,
                                  p->straight, p->asked, p->answered, p->out_of_range};

        put_keys(t, m->profiles, g);
        for (int i = 0; i < 11; i++)
            vmap_report_count(t, count[i]);
        vmap_report_number(t, p->asked ? (double)p->answered / (double)p->asked : NAN);
        vmap_report_number(t, p->run);
        vmap_report_number(t, p->spread);
    }
    vmap_report_note(t, "complete, partial, unscored, empty: sheets with a score in every scale, in some, in none though there "
                     "are answers, without any answer. longest_run: of equal answers; spread: standard deviation within a "
                     "sheet; both are means over sheets with answers.");
}

/* ---- reliability ---- */

void morality_add_reliability(vmap_report_table *t)
{
    static const char *const numbers[] = {"alpha", "low", "high", "omega", "mean_r", "least_item_rest"};

    vmap_report_column(t, "scale", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "items", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, 6);
}

vmap_status morality_put_reliability(vmap_report_table *t, const morality_side *m, size_t k, const size_t *rows, size_t n,
                                     vmap_error *err)
{
    const vmap_foundation *f = &m->key->foundations[k];
    gsl_matrix *cov = memory_matrix(f->items_count, f->items_count, err);
    size_t *column = memory_new(f->items_count, sizeof *column, err), behind;
    vmap_reliability *x = NULL;
    vmap_status status = cov && column ? VMAP_SUCCESS : VMAP_ENOMEM;
    double weakest = NAN;

    for (unsigned i = 0; !status && i < f->items_count; i++)
        column[i] = (size_t)f->items[i] - 1;
    if (!status) {
        behind = vmap_reliability_covariance(m->scores->item, m->scores->p, rows, n, column, f->items_count,
                                             m->answers->weights, cov);
        status = vmap_reliability_new(cov, (double)behind, .95, &x, err);
    }
    if (!status) {
        vmap_report_text(t, m->profiles->scales[k]);
        vmap_report_count(t, behind);
        vmap_report_count(t, x->used);
        vmap_report_number(t, x->alpha);
        vmap_report_number(t, x->low);
        vmap_report_number(t, x->high);
        vmap_report_number(t, x->omega);
        vmap_report_number(t, x->mean_r);
        for (size_t i = 0; i < x->items; i++)
            weakest = fmin(weakest, x->item_rest[i]);
        vmap_report_number(t, weakest);
    }
    vmap_reliability_free(x);
    gsl_matrix_free(cov);
    free(column);
    return status;
}

static vmap_status table_reliability(vmap_report *r, const morality_side *m, vmap_error *err)
{
    vmap_report_table *t = add_table(r, m, "reliability", "How reliable the scales are over the sheets of a group");
    size_t *group = NULL, *rows = memory_new(m->answers->n, sizeof *rows, err);
    vmap_status status = rows ? vmap_profiles_of_rows(m->profiles, m->answers, &group, err) : VMAP_ENOMEM;

    add_keys(t, m->profiles);
    morality_add_reliability(t);
    for (size_t g = 0; !status && g < m->profiles->count; g++) {
        size_t n = 0;

        for (size_t i = 0; i < m->answers->n; i++) {
            if (group[i] == g && m->scores->used_sheet[i])
                rows[n++] = i;
        }
        for (size_t k = 0; !status && k < m->profiles->k; k++) {
            put_keys(t, m->profiles, g);
            status = morality_put_reliability(t, m, k, rows, n, err);
        }
    }
    vmap_report_note(t, MORALITY_RELIABILITY_NOTE);
    free(group);
    free(rows);
    return status;
}

/* ---- beside people ---- */

static vmap_status table_agreement(vmap_report *r, const morality *m, vmap_error *err)
{
    static const char *const numbers[] = {"error", "absolute", "rms", "distance", "elevation", "scatter", "shape",
                                          "correlation", "rank", "kendall", "reliability", "human_reliability",
                                          "correlation_true"};
    vmap_report_table *t = vmap_report_add(r, "profile_agreement", "Profiles beside those of people");
    size_t k = m->profiles->k, none = 0;
    double *own = memory_new(k, sizeof *own, err), *reliability = NULL;
    vmap_status status = own ? morality_profile_reliabilities(m, &reliability, err) : VMAP_ENOMEM;

    add_keys(t, m->profiles);
    vmap_report_column(t, "scales", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, 13);
    for (size_t g = 0; !status && g < m->profiles->count; g++) {
        vmap_agreement a;

        for (size_t c = 0; c < k; c++)
            own[c] = morality_mean(m, g, c);
        if (vmap_agreement_find(own, m->human + g * m->columns, k, &a, NULL)) {
            none++;
            continue;
        }
        put_keys(t, m->profiles, g);
        vmap_report_count(t, a.scales);
        const double x = reliability[g], y = reliability[m->profiles->count + g];
        const double value[13] = {a.error, a.absolute, a.rms, a.distance, a.elevation, a.scatter, a.shape,
                                  a.correlation, a.rank, a.kendall, x, y,
                                  vmap_disattenuate(a.correlation, x, m->people.profiles ? y : 1)};
        for (int i = 0; i < 13; i++)
            vmap_report_number(t, value[i]);
    }
    vmap_report_note(t, "error: group minus people; rms squared = elevation + scatter + shape. reliability: of the differences "
                     "between scales, over items (1 - MS within / MS between of item means); correlation_true = correlation / "
                     "sqrt(reliability human_reliability)%s, NA where one is 0 or negative; above 1 it is shown as it is. %zu groups "
                     "have no scale to compare: no people, or fewer than %d scored sheets.",
                     m->people.profiles ? "" : ", people's counting as 1, for their items are not known", none,
                     m->settings->min_sheets);
    free(own);
    free(reliability);
    return status;
}

/* What people say: a score of their sheets, or a mean without anything else. */
static vmap_profile_score people_score(const morality *m, size_t g, size_t c)
{
    if (m->people.profiles && m->human_of[g] != SIZE_MAX)
        return m->people.profiles->group[m->human_of[g]].score[c];
    return (vmap_profile_score){.mean = m->human[g * m->columns + c], .sd = NAN, .se = NAN, .log_sd_se = NAN};
}

static void table_errors(vmap_report *r, const morality *m)
{
    static const char *const numbers[] = {"mean", "human", "error", "se", "low", "high", "d", "sd", "human_sd", "sd_ratio",
                                          "sd_ratio_low", "sd_ratio_high"};
    vmap_report_table *t = vmap_report_add(r, "errors", "Signed differences from people");

    add_keys(t, m->profiles);
    vmap_report_column(t, "scale", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "human_n", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, sizeof numbers / sizeof *numbers);
    for (size_t g = 0; g < m->profiles->count; g++) {
        for (size_t c = 0; c < m->columns; c++) {
            const vmap_profile_score *own = &m->profiles->group[g].score[c], people = people_score(m, g, c);
            vmap_difference x;

            if (isnan(morality_mean(m, g, c)) || isnan(m->human[g * m->columns + c]))
                continue;
            vmap_difference_find(own, &people, .95, &x);
            const double value[] = {own->mean, people.mean, x.error, x.se,       x.low,    x.high,
                                    x.d,       own->sd,     people.sd, x.sd_ratio, x.sd_low, x.sd_high};
            put_keys(t, m->profiles, g);
            vmap_report_text(t, m->profiles->scales[c]);
            vmap_report_count(t, own->n);
            if (m->people.profiles)
                vmap_report_count(t, people.n);
            else
                vmap_report_missing(t);
            columns_put(t, value, sizeof value / sizeof *value);
        }
    }
    vmap_report_note(t, "error: mean of the sheets minus that of people; low, high: its 95 %% interval (Welch), %s. d: error in "
                     "standard deviations of people; sd_ratio: below 1 the sheets of a group are more alike than its people, with its 95 %% interval "
                     "(Bonett). "
                     "Pairs with fewer than %d scored sheets on a side are left out.",
                     m->people.profiles ? "over sheets of both" : "over the sheets alone, for the means of people came without errors",
                     m->settings->min_sheets);
}

/* What is known of one side alone, group by group. */
static vmap_status tables_of_side(vmap_report *r, const morality_side *side, vmap_error *err)
{
    table_profiles(r, side);
    table_sheets(r, side);
    return table_reliability(r, side, err);
}

/* Tables with a row for each group or item, which are long. */
static vmap_status long_tables(vmap_report *r, const morality *m, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    if (m->human) {
        status = table_agreement(r, m, err);
        table_errors(r, m);
    }
    if (!status)
        status = tables_of_side(r, &m->own, err);
    if (!status && m->people.profiles)
        status = tables_of_side(r, &m->people, err);
    return status ? status : morality_item_tables(r, m, err);
}

/* In the order in which a reader of the report asks: are the sheets usable, are the scales reliable, do nations differ as
 * people's do, is the questionnaire what it is for people, does morality go with culture; then the details. */
vmap_status morality_tables(vmap_report *r, const morality *m, vmap_error *err)
{
    vmap_status status;

    morality_series_sheets_table(r, m);
    status = morality_series_reliability_table(r, m, err);
    if (!status && m->human)
        status = morality_calibration_table(r, m, err);
    if (!status && m->human)
        status = morality_disattenuation_table(r, m, err);
    if (!status)
        status = morality_structure_tables(r, m, err);
    if (!status && m->culture)
        status = morality_mapping_tables(r, m, err);
    return status ? status : long_tables(r, m, err);
}
