#include <config.h>
#include "cli/clusters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/data.h"
#include "cli/morality.h"
#include "core/memory.h"
#include "core/text.h"

/* Units of `valuemap cluster --key`: groups of sheets, or single sheets, by their scores on the scales of a
 * questionnaire. */

/* What was read. */
typedef struct {
    vmap_questionnaire *key;
    vmap_answers *answers;
    vmap_scores *scores;
    vmap_profiles *profiles;
    size_t *group; /* answers: group of each sheet, profiles->count for none */
} sheets;

static void free_sheets(sheets *s)
{
    vmap_profiles_free(s->profiles);
    vmap_scores_free(s->scores);
    vmap_answers_free(s->answers);
    vmap_questionnaire_free(s->key);
    free(s->group);
}

static vmap_status read_sheets(cluster_work *w, const word_list *files, sheets *s, vmap_error *err)
{
    const study_settings *set = &w->settings->study;
    vmap_status status = data_questionnaire(w->settings->key, &s->key, err);

    if (!status && (!(w->study = command_new_study(set)) || !(w->study->personas = command_set(set, files))))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for the study");
    if (!status)
        status = morality_read_sheets(&(sheets_wanted){.key = s->key, .set = w->study->personas, .folder = "",
                                                       .threads = set->threads}, w->ledger,
                                      &s->answers, err);
    if (!status)
        status = vmap_questionnaire_score(s->key, s->answers, NULL, &s->scores, err);
    if (!status)
        status = vmap_profiles_new(s->key, s->answers, s->scores, .95, &s->profiles, err);
    if (!status)
        status = vmap_profiles_of_rows(s->profiles, s->answers, &s->group, err);
    if (!status)
        w->simulated = s->answers->simulated;
    return status;
}

/* Labels of a group, joined. Fresh memory. */
static char *label_of(const vmap_profiles *p, size_t g)
{
    char *label = p->columns ? text_copy(p->group[g].labels[0], strlen(p->group[g].labels[0])) : text_copy("all", 3);

    for (size_t c = 1; label && c < p->columns; c++) {
        char *longer = text_format("%s / %s", label, p->group[g].labels[c]);

        free(label);
        label = longer;
    }
    return label;
}

static bool group_has_all(const sheets *s, size_t g)
{
    for (size_t k = 0; k < s->profiles->k; k++) {
        if (s->profiles->group[g].score[k].n == 0)
            return false;
    }
    return true;
}

static bool sheet_has_all(const sheets *s, size_t i)
{
    for (size_t k = 0; k < s->profiles->k; k++) {
        if (isnan(s->scores->score[i * s->scores->k + k]))
            return false;
    }
    return s->group[i] < s->profiles->count && s->scores->used_sheet[i];
}

/* The grouping columns as given partitions; the only column of groups says nothing, each is one unit. */
static vmap_status add_labels(cluster_set *set, const sheets *s, const size_t *group, bool rows, vmap_error *err)
{
    const char **text = memory_new(set->n, sizeof *text, err);
    vmap_status status = text ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t c = 0; !status && c < s->profiles->columns && (rows || s->profiles->columns > 1); c++) {
        for (size_t i = 0; i < set->n; i++)
            text[i] = s->profiles->group[group[i]].labels[c];
        status = clusters_add_given(set, s->profiles->names[c], text, err);
    }
    free(text);
    return status;
}

static void put_unit(cluster_set *set, size_t i, const sheets *s, size_t from, bool rows)
{
    for (size_t k = 0; k < s->profiles->k; k++)
        gsl_matrix_set(set->at, i, k,
                       rows ? s->scores->score[from * s->scores->k + k] : s->profiles->group[from].score[k].mean);
}

static double unit_weight(const cluster_work *w, const sheets *s, size_t from, bool rows)
{
    double weight = 0;
    bool number = strcmp(w->settings->unit_weights, "n") == 0;

    if (rows)
        return s->answers->weights && !number ? s->answers->weights[from] : 1;
    for (size_t i = 0; i < s->answers->n; i++) {
        if (s->group[i] == from && s->scores->used_sheet[i])
            weight += s->answers->weights && !number ? s->answers->weights[i] : 1;
    }
    return weight;
}

/* Make the set of the units in unit[0 .. n - 1]: groups, or sheets. */
static vmap_status fill(cluster_work *w, const sheets *s, const size_t *unit, size_t n, bool rows, vmap_error *err)
{
    cluster_set *set = clusters_add_set(w, "unit", n, s->profiles->k, err);
    size_t *group = memory_new(n, sizeof *group, err);
    vmap_status status = set && group ? VMAP_SUCCESS : VMAP_ENOMEM;
    bool weighed = !status && clusters_weigh(w, set, err);

    for (size_t k = 0; !status && k < s->profiles->k; k++) {
        set->axis[k] = text_copy(s->profiles->scales[k], strlen(s->profiles->scales[k]));
        status = set->axis[k] ? VMAP_SUCCESS : vmap_error_set(err, VMAP_ENOMEM, "no memory for the units");
    }
    for (size_t i = 0; !status && i < n; i++) {
        group[i] = rows ? s->group[unit[i]] : unit[i];
        set->label[i] = rows ? text_format("%s:%zu", s->answers->files[s->answers->file[unit[i]]],
                                           s->answers->lines[unit[i]])
                             : label_of(s->profiles, unit[i]);
        if (!set->label[i])
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for the units");
        put_unit(set, i, s, unit[i], rows);
        if (weighed)
            set->weight[i] = unit_weight(w, s, unit[i], rows);
    }
    if (!status)
        status = add_labels(set, s, group, rows, err);
    if (!status)
        status = clusters_make_points(w, set, true, err);
    free(group);
    return status;
}

vmap_status clusters_read_scores(cluster_work *w, const word_list *files, vmap_error *err)
{
    bool rows = w->settings->unit && strcmp(w->settings->unit, "respondents") == 0;
    sheets s = {.answers = NULL};
    size_t *unit = NULL, n = 0, all = 0;
    vmap_status status = read_sheets(w, files, &s, err);

    if (!status) {
        all = rows ? s.answers->n : s.profiles->count;
        unit = memory_new(all, sizeof *unit, err);
        status = unit ? VMAP_SUCCESS : VMAP_ENOMEM;
    }
    for (size_t i = 0; !status && i < all; i++) {
        if (rows ? sheet_has_all(&s, i) : group_has_all(&s, i))
            unit[n++] = i;
    }
    if (!status && n == 0)
        status = vmap_error_set(err, VMAP_EDATA, "no %s has a score on every scale of %s", rows ? "sheet" : "group",
                                s.key->name);
    if (!status && n < all)
        status = vmap_ledger_warn(w->ledger, err, "%zu of %zu %s have no score on some scale of %s and are left out",
                                  all - n, all, rows ? "sheets" : "groups", s.key->name);
    if (!status)
        status = fill(w, &s, unit, n, rows, err);
    free(unit);
    free_sheets(&s);
    return status;
}
