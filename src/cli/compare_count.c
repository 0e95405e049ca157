#include <config.h>
#include "cli/compare_steps.h"

#include <stdlib.h>
#include <string.h>

#include "compare/count.h"
#include "core/memory.h"
#include "core/registry.h"
#include "core/text.h"

/* ---- counted while they are read ---- */

const compare_table compare_table_list[] = {
    {"distances", COMPARE_DISTANCES, false, true, false},
    {"noise", COMPARE_DISTANCES, false, true, false},
    {"scores", COMPARE_DISTANCES, false, false, true},
    {"thresholds", COMPARE_DISTANCES, false, false, true},
    {"refusals", COMPARE_DISTANCES, false, false, false},
    {"compared_items", COMPARE_DISTANCES, false, false, false},
    {"unmatched", COMPARE_DISTANCES, false, false, false},
    {"pattern", COMPARE_PATTERN, true, false, false},
    {"own_group", COMPARE_PATTERN, true, false, false},
    {"nearest_groups", COMPARE_PATTERN, true, false, false},
    {"coefficients", COMPARE_PATTERN, true, false, false},
    {"structure", COMPARE_STRUCTURE, true, false, false},
    {"collapse", COMPARE_COLLAPSE, true, false, false},
    {"steadiness", COMPARE_STEADINESS, true, false, false},
    {"checks", COMPARE_STEADINESS, true, false, false},
    {"model_tests", COMPARE_MODELS, false, false, false},
    {"model_pairs", COMPARE_MODELS, false, false, false},
    {"model_means", COMPARE_MODELS, false, false, false},
};
const size_t compare_table_count = sizeof compare_table_list / sizeof *compare_table_list;

const compare_table *compare_find_table(const char *name)
{
    size_t i = REGISTRY_FIND(compare_table_list, compare_table_count, "table", name, NULL);

    return i < compare_table_count ? &compare_table_list[i] : NULL;
}

/* A rule for weights needs all of them before the first is used. */
static bool adjusts_weights(const study_set *set)
{
    return (set->weights && strcmp(set->weights, "given") != 0) || set->trim > 0;
}

/* Why answers are kept, or NULL when they need only be counted. */
static const char *reason_to_keep(const compare_work *w)
{
    const compare_settings *s = w->settings;
    const compare_table *t = compare_find_table(s->table ? s->table : "distances");

    if (s->study.out.output)
        return "some tables of the folder need whole respondents";
    if (!t || t->answers)
        return "the table needs whole respondents";
    if (t->intervals && s->replicates)
        return "intervals of scores need whole respondents (--replicates 0: none)";
    if (s->persona)
        return "those of the same persona belong together";
    return adjusts_weights(w->study->humans) || adjusts_weights(w->study->personas) ? "weights are adjusted when all of them are known"
                                                                                     : NULL;
}

vmap_status compare_choose_counting(compare_work *w, vmap_error *err)
{
    const char *why = reason_to_keep(w);

    w->counted = !why;
    return why ? vmap_ledger_say(w->a->ledger, err, "answers are kept in memory and not counted as they come: %s", why) : VMAP_SUCCESS;
}

static vmap_status count_respondent(void *context, size_t row, const double *values, const unsigned char *reasons,
                                    double weight, vmap_error *err)
{
    return vmap_tally_add(context, row, values, reasons, weight, err);
}

vmap_status compare_open_tally(compare_work *w, bool people, const char *const *items, size_t count, vmap_error *err)
{
    compare_tally *t = &w->tally[!people];
    analysis_set *set = people ? &w->a->human : &w->a->persona;
    vmap_error why;

    t->p = count;
    t->points = memory_new(count, sizeof *t->points, err);
    for (size_t i = 0; t->points && i < count; i++) {
        const vmap_item *item = &w->books[0]->items[vmap_codebook_find(w->books[0], items[i])];

        if (vmap_points_declare(item, &t->points[i], &why) == VMAP_ENOMEM)
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for scale points");
    }
    t->tally = t->points ? vmap_tally_new(t->points, count, err) : NULL;
    set->sink = count_respondent;
    set->sink_context = t->tally;
    return t->tally ? VMAP_SUCCESS : VMAP_ENOMEM;
}

/* Distributions from the rows of labels of a side. */
static vmap_status pool_tally(const compare_work *w, size_t series, const size_t *group, size_t groups, const double *factor,
                              vmap_distributions **d, vmap_error *err)
{
    bool people = series == COMPARE_PEOPLE;
    const vmap_answers *a = people ? w->a->human.answers : w->a->persona.answers;
    const size_t *cell = people ? w->human_cell : w->persona_cell;
    size_t *to = memory_new(a->n, sizeof *to, err);
    double *times = memory_new(a->n, sizeof *times, err);
    vmap_status status = to && times ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < a->n; i++) {
        bool in = cell[i] < w->cells && (people || w->persona_series[i] == series);

        to[i] = in ? group[cell[i]] : groups;
        times[i] = in && factor ? factor[cell[i]] : 1;
    }
    if (!status)
        status = vmap_distributions_tallied(w->tally[!people].tally, w->item, w->points, w->p, a->n, to, groups, times, d, err);
    free(to);
    free(times);
    return status;
}

vmap_status compare_distribute(const compare_work *w, size_t series, const size_t *group, size_t groups, const double *factor,
                               vmap_distributions **d, vmap_error *err)
{
    if (w->counted)
        return pool_tally(w, series, group, groups, factor, d, err);
    return vmap_distributions_new(series == COMPARE_PEOPLE ? w->people : w->series[series].responses, w->points, group, groups,
                                  factor, d, err);
}

/* ---- answers that stay together ---- */

static vmap_status make_responses(const compare_work *w, bool people, size_t series, vmap_responses **responses,
                                  vmap_error *err)
{
    const vmap_answers *a = people ? w->a->human.answers : w->a->persona.answers;
    size_t *cell = memory_new(a->n, sizeof *cell, err);
    vmap_responses_source source = {.n = a->n, .width = a->p, .values = a->values, .reasons = a->reasons,
                                    .weights = a->weights, .p = w->p, .item = w->item, .points = w->points,
                                    .cells = w->cells, .cell = cell,
                                    .cluster = people ? NULL : w->persona_cluster};
    vmap_status status;

    if (!cell)
        return VMAP_ENOMEM;
    for (size_t r = 0; r < a->n; r++)
        cell[r] = people ? w->human_cell[r] : w->persona_series[r] == series ? w->persona_cell[r] : w->cells;
    status = vmap_responses_new(&source, responses, err);
    free(cell);
    return status;
}

vmap_status compare_gather(compare_work *w, vmap_error *err)
{
    vmap_status status = w->counted ? VMAP_SUCCESS : make_responses(w, true, 0, &w->people, err);

    if (w->counted)
        return VMAP_SUCCESS;
    for (size_t s = 0; !status && s < w->series_count; s++)
        status = make_responses(w, false, s, &w->series[s].responses, err);
    return status;
}

/* ---- levels ---- */

static int compare_label_pointers(const void *pa, const void *pb)
{
    return compare_labels(*(const char *const *)pa, *(const char *const *)pb);
}

/* Groups by the labels of one column, sorted. */
static vmap_status group_by(const compare_work *w, size_t column, compare_level *l, vmap_error *err)
{
    const char **own = memory_new(w->cells, sizeof *own, err);

    if (!own)
        return VMAP_ENOMEM;
    for (size_t c = 0; c < w->cells; c++)
        own[c] = w->label[c * w->columns + column];
    qsort(own, w->cells, sizeof *own, compare_label_pointers);
    for (size_t c = 0; c < w->cells; c++) {
        if (c == 0 || compare_labels(own[c - 1], own[c]) != 0) {
            own[l->groups] = own[c];
            l->label[l->groups++ * w->columns + column] = own[c];
        }
    }
    for (size_t c = 0; c < w->cells; c++) {
        const char *mine = w->label[c * w->columns + column];
        const char **at = bsearch(&mine, own, l->groups, sizeof *own, compare_label_pointers);

        l->group[c] = (size_t)(at - own);
    }
    free(own);
    return VMAP_SUCCESS;
}

/* Groups of cells by one column (`columns`: all cells together; more: each cell by itself). */
static vmap_status find_groups(const compare_work *w, size_t column, compare_level *l, vmap_error *err)
{
    l->group = memory_new(w->cells, sizeof *l->group, err);
    l->label = memory_new(w->cells * (w->columns + 1), sizeof *l->label, err);
    if (!l->group || !l->label)
        return VMAP_ENOMEM;
    for (size_t c = 0; c < w->cells * w->columns; c++)
        l->label[c] = "";
    if (column == w->columns) {
        l->groups = 1;
        return VMAP_SUCCESS;
    }
    if (column < w->columns)
        return group_by(w, column, l, err);
    memcpy(l->label, w->label, w->cells * w->columns * sizeof *l->label);
    for (size_t c = 0; c < w->cells; c++)
        l->group[c] = l->groups++;
    return VMAP_SUCCESS;
}

/* Add the weight of a side's rows in each cell. */
static void weigh_cells(const compare_work *w, size_t series, exact *weight)
{
    bool people = series == COMPARE_PEOPLE;
    const vmap_responses *r = people ? w->people : w->series[series].responses;
    const vmap_answers *a = people ? w->a->human.answers : w->a->persona.answers;
    const size_t *cell = people ? w->human_cell : w->persona_cell;

    for (size_t c = 0; r && c < w->cells; c++) {
        for (size_t i = r->cluster_start[r->cell_start[c]]; i < r->cluster_start[r->cell_start[c + 1]]; i++)
            exact_add(&weight[c], r->weight[i]);
    }
    for (size_t i = 0; w->counted && i < a->n; i++) {
        if (cell[i] < w->cells && (people || w->persona_series[i] == series))
            count_weight(w->tally[!people].tally, i, &weight[cell[i]]);
    }
}

/* --composition personas: every cell of people counts as much as it does among all personas together. */
static vmap_status find_factor(const compare_work *w, double **factor, vmap_error *err)
{
    exact *p = memory_new(w->cells, sizeof *p, err), *q = memory_new(w->cells, sizeof *q, err);
    vmap_status status = p && q ? VMAP_SUCCESS : VMAP_ENOMEM;

    *factor = memory_new(w->cells, sizeof **factor, err);
    if (!*factor)
        status = VMAP_ENOMEM;
    for (size_t s = 0; !status && s < w->series_count; s++)
        weigh_cells(w, s, q);
    if (!status)
        weigh_cells(w, COMPARE_PEOPLE, p);
    for (size_t c = 0; !status && c < w->cells; c++)
        (*factor)[c] = exact_value(&p[c]) > 0 ? exact_value(&q[c]) / exact_value(&p[c]) : 0;
    free(p);
    free(q);
    return status;
}

static vmap_status add_level(compare_work *w, const char *name, size_t column, const double *factor,
                             vmap_error *err)
{
    compare_level *l = &w->level[w->levels++];
    vmap_status status = find_groups(w, column, l, err);

    l->pooled = column <= w->columns;
    l->name = text_copy(name, strlen(name));
    l->personas = memory_new(w->series_count, sizeof *l->personas, err);
    if (!status && (!l->name || !l->personas))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a level");
    if (!status)
        status = compare_distribute(w, COMPARE_PEOPLE, l->group, l->groups, factor, &l->people, err);
    for (size_t s = 0; !status && s < w->series_count; s++)
        status = compare_distribute(w, s, l->group, l->groups, NULL, &l->personas[s], err);
    return status;
}

static bool has_level(const compare_settings *s, const char *name)
{
    return compare_is_wanted(&s->levels, name);
}

static vmap_status check_levels(const compare_work *w, vmap_error *err)
{
    const word_list *l = &w->settings->levels;

    for (unsigned i = 0; i < l->count; i++) {
        bool known = strcmp(l->words[i], "all") == 0 || strcmp(l->words[i], "cell") == 0;

        for (size_t j = 0; j < w->columns; j++)
            known |= strcmp(l->words[i], w->column[j]) == 0;
        if (!known)
            return vmap_error_set(err, VMAP_EINVAL,
                                  "levels: '%s' is no level; there are all, cell and the columns of --by",
                                  l->words[i]);
    }
    return VMAP_SUCCESS;
}

vmap_status compare_make_levels(compare_work *w, vmap_error *err)
{
    vmap_status status = check_levels(w, err);

    w->level = memory_new(w->columns + 2, sizeof *w->level, err);
    if (!w->level)
        status = VMAP_ENOMEM;
    if (!status && w->settings->composition && strcmp(w->settings->composition, "personas") == 0)
        status = find_factor(w, &w->factor, err);
    if (!status && has_level(w->settings, "all"))
        status = add_level(w, "all", w->columns, w->factor, err);
    for (size_t j = 0; !status && j < w->columns; j++) {
        if (has_level(w->settings, w->column[j]))
            status = add_level(w, w->column[j], j, w->factor, err);
    }
    if (!status && w->columns > 1 && has_level(w->settings, "cell"))
        status = add_level(w, "cell", w->columns + 1, NULL, err);
    return status;
}
