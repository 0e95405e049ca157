#include <config.h>
#include "cli/check_internal.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/memory.h"

/* What `check` says group by group: what the weights cost, and what nobody of a group was asked. */

enum { FEW = 30 }; /* respondents of a group below which nothing is said about what it was not asked */

/* ---- groups ---- */

/* The groups: one for each combination of values of the grouping columns that occurs. */
typedef struct {
    size_t count;
    size_t *of;   /* of each respondent; `count` when a column has no value */
    size_t *size; /* respondents */
    char **name;
} grouping;

static void forget(grouping *g)
{
    for (size_t i = 0; g->name && i < g->count; i++)
        free(g->name[i]);
    free(g->name);
    free(g->size);
    free(g->of);
}

/* The place of a respondent in the order of the levels, column by column; SIZE_MAX when one has no value. */
static size_t place_of(const check_work *w, size_t r)
{
    const vmap_table *t = w->sheet.answers->groups;
    size_t place = 0;

    for (unsigned k = 0; k < w->sheet.set->group_count; k++) {
        size_t levels = vmap_table_levels(t, k), level = vmap_table_level(t, k, r);

        if (level >= levels || place > SIZE_MAX / levels - 1)
            return SIZE_MAX;
        place = place * levels + level;
    }
    return place;
}

static char *name_of(const check_work *w, size_t r)
{
    const vmap_table *t = w->sheet.answers->groups;
    buffer b = {0};
    char *text = NULL;

    for (unsigned k = 0; k < w->sheet.set->group_count; k++) {
        buffer_put(&b, k ? ", " : "");
        buffer_put(&b, vmap_table_text(t, k, r));
    }
    return buffer_take(&b, &text, NULL, NULL) ? NULL : text;
}

typedef struct {
    size_t place, row;
} placed;

static int by_place(const void *x, const void *y)
{
    const placed *a = x, *b = y;

    return a->place != b->place ? (a->place > b->place) - (a->place < b->place) : (a->row > b->row) - (a->row < b->row);
}

static vmap_status find_groups(const check_work *w, grouping *g, vmap_error *err)
{
    size_t n = w->sheet.answers->n, columns = w->sheet.set->group_count;
    placed *row = memory_new(n, sizeof *row, err);
    vmap_status status = row ? VMAP_SUCCESS : VMAP_ENOMEM;

    g->of = memory_new(n, sizeof *g->of, err);
    g->size = memory_new(n, sizeof *g->size, err);
    g->name = memory_new(n, sizeof(char *), err);
    if (!g->of || !g->size || !g->name)
        status = VMAP_ENOMEM;
    for (size_t i = 0; !status && i < n; i++)
        row[i] = (placed){columns ? place_of(w, i) : SIZE_MAX, i};
    if (!status)
        qsort(row, n, sizeof *row, by_place);
    for (size_t i = 0; !status && i < n; i++) {
        if (row[i].place == SIZE_MAX) {
            g->of[row[i].row] = SIZE_MAX;
            continue;
        }
        if (i == 0 || row[i].place != row[i - 1].place) {
            g->name[g->count] = name_of(w, row[i].row);
            if (!g->name[g->count++])
                status = vmap_error_set(err, VMAP_ENOMEM, "no memory for the groups");
        }
        g->of[row[i].row] = g->count - 1;
        g->size[g->count - 1]++;
    }
    free(row);
    return status;
}

/* ---- weights ---- */

static void put_weights(vmap_report_table *t, const char *name, const double *weight, size_t n, size_t rows)
{
    vmap_weight_effect e = vmap_weight_effect_of(weight, n);
    double least = INFINITY, most = -INFINITY;

    for (size_t i = 0; i < n; i++) {
        least = fmin(least, weight[i]);
        most = fmax(most, weight[i]);
    }
    vmap_report_text(t, name);
    vmap_report_count(t, rows);
    vmap_report_number(t, e.sum);
    vmap_report_number(t, n ? e.sum / (double)n : NAN);
    vmap_report_number(t, n ? least : NAN);
    vmap_report_number(t, n ? most : NAN);
    vmap_report_number(t, e.effective);
    vmap_report_number(t, e.design);
}

static vmap_status table_weighting(vmap_report *r, vmap_report_table *found, check_work *w, const grouping *groups,
                                   vmap_error *err)
{
    static const column_spec columns[] = {{"group", VMAP_CELL_TEXT, 0}, {"n", VMAP_CELL_COUNT, 0},
        {"sum", VMAP_CELL_NUMBER, 1}, {"mean", VMAP_CELL_NUMBER, 3}, {"min", VMAP_CELL_NUMBER, 3},
        {"max", VMAP_CELL_NUMBER, 3}, {"n_eff", VMAP_CELL_NUMBER, 1}, {"design_effect", VMAP_CELL_NUMBER, 3}};
    const vmap_answers *a = w->sheet.answers;
    vmap_report_table *t = columns_table(r, "weighting", "Weights and what they cost", columns, sizeof columns / sizeof *columns);
    double *weight = memory_new(a->n, sizeof *weight, err);
    size_t levels = groups->count;

    if (!weight)
        return VMAP_ENOMEM;
    for (size_t g = 0; g <= levels; g++) {
        size_t n = 0;

        for (size_t q = 0; q < a->n; q++) {
            if (g == levels || groups->of[q] == g)
                weight[n++] = check_weight(a, q);
        }
        put_weights(t, g < levels ? groups->name[g] : "all", weight, n, n);
    }
    if (a->effect.design > 2)
        check_find(found, w, false, "", a->n, "respondents tell as much as %.0f equally weighted ones (design effect %.2f)",
             a->effect.effective, a->effect.design);
    if (w->sheet.options.trim > 0)
        vmap_report_note(t, "%zu weights were trimmed: %.2f %% of the sum of weights.", a->trimming.rows,
                         100 * a->trimming.share);
    vmap_report_note(t, "n_eff: Kish's effective number of respondents. Clusters and strata are not known here.");
    free(weight);
    return VMAP_SUCCESS;
}

/* ---- what a group was not asked ---- */

/* The grouping columns in words. */
static char *column_names(const check_work *w)
{
    buffer b = {0};
    char *text = NULL;

    for (unsigned k = 0; k < w->sheet.set->group_count; k++) {
        buffer_put(&b, k ? ", " : "");
        buffer_put(&b, w->sheet.groups[k]);
    }
    return buffer_take(&b, &text, NULL, NULL) ? NULL : text;
}

static vmap_status put_not_asked(vmap_report_table *t, vmap_report_table *found, check_work *w, size_t i,
                                 const grouping *groups, size_t *count, vmap_error *err)
{
    const vmap_answers *a = w->sheet.answers;
    size_t never = 0;
    char *columns;

    memset(count, 0, groups->count * VMAP_REASONS * sizeof *count);
    for (size_t r = 0; r < a->n; r++) {
        if (groups->of[r] < groups->count)
            count[groups->of[r] * VMAP_REASONS + a->reasons[r * a->p + i]]++;
    }
    for (size_t g = 0; g < groups->count; g++) {
        const size_t *of = count + g * VMAP_REASONS;
        size_t main = 1;

        if (of[VMAP_PRESENT] || groups->size[g] < FEW)
            continue;
        for (size_t why = 1; why < VMAP_REASONS; why++)
            main = of[why] > of[main] ? why : main;
        vmap_report_text(t, groups->name[g]);
        vmap_report_text(t, a->items[i]);
        vmap_report_count(t, groups->size[g]);
        vmap_report_text(t, vmap_reason_name((vmap_reason)main));
        never++;
    }
    if (!never || never == groups->count)
        return VMAP_SUCCESS;
    columns = column_names(w);
    if (columns)
        check_find(found, w, true, a->items[i], never, "groups of %s have no answer at all", columns);
    free(columns);
    return columns ? VMAP_SUCCESS : vmap_error_set(err, VMAP_ENOMEM, "no memory for the groups");
}

static vmap_status table_not_asked(vmap_report *r, vmap_report_table *found, check_work *w, const grouping *groups,
                                   vmap_error *err)
{
    static const column_spec columns[] = {{"group", VMAP_CELL_TEXT, 0}, {"item", VMAP_CELL_TEXT, 0},
        {"n", VMAP_CELL_COUNT, 0}, {"reason", VMAP_CELL_TEXT, 0}};
    const vmap_answers *a = w->sheet.answers;
    vmap_report_table *t = columns_table(r, "not_asked", "Items without any answer in a group", columns, sizeof columns / sizeof *columns);
    size_t *count = memory_new(groups->count * VMAP_REASONS, sizeof *count, err);
    vmap_status status = count ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; !status && groups->count && i < a->p; i++) {
        if (a->present[i])
            status = put_not_asked(t, found, w, i, groups, count, err);
    }
    vmap_report_note(t, "Groups of at least %d respondents; reason: the most frequent one.", FEW);
    if (!w->sheet.set->group_count)
        vmap_report_note(t, "No group was named: --group COLUMN.");
    free(count);
    return status;
}

vmap_status check_groups(vmap_report *r, vmap_report_table *found, check_work *w, vmap_error *err)
{
    grouping groups = {0};
    vmap_status status = find_groups(w, &groups, err);

    if (!status)
        status = table_weighting(r, found, w, &groups, err);
    if (!status)
        status = table_not_asked(r, found, w, &groups, err);
    forget(&groups);
    return status;
}
