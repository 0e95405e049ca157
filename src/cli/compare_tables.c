#include <config.h>
#include "cli/compare_analysis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* ---- distances ---- */

static void name_metrics(vmap_report_table *t, const compare_work *w)
{
    bool ordered = false, nominal = false;

    for (size_t m = 0; m < w->metrics; m++) {
        const vmap_metric *x = w->metric[m];

        vmap_report_note(t, "%s: %s = %s; range %s; scale: %s%s; %s.", x->name, x->help, x->formula, x->range, x->scale,
                         x->uses_base ? w->base == 2 ? ", base 2" : ", base e" : "", x->source);
        ordered |= x->ordered;
    }
    for (size_t j = 0; j < w->p; j++)
        nominal |= !w->points[j].ordered;
    vmap_report_note(t, "p: people, q: personas, on the declared scale points; F, G: cumulated; x: codes; n: effective numbers. "
                     "Valid answers only; refusals and missing ones are in table refusals.");
    if (ordered && nominal)
        vmap_report_note(t, "NA: the metric needs ordered scale points and the item's codes have no order.");
}

static const char *const chance[] = {"floor", "lo", "hi", "p", "p_adj"};
enum { CHANCE = sizeof chance / sizeof *chance };

static void put_metric(vmap_report_table *t, const compare_work *w, size_t row, size_t m, const vmap_metric_pair *pair,
                       bool defined)
{
    vmap_report_number(t, defined ? w->metric[m]->of(pair) : NAN);
    if (w->noise) {
        const vmap_noise *x = &w->noise->found[row * w->metrics + m];
        const double value[CHANCE] = {x->floor, x->low, x->high, x->p, w->noise->p_adjusted[row * w->metrics + m]};

        for (size_t i = 0; i < CHANCE; i++)
            vmap_report_number(t, value[i]);
    }
}

/* `row` counts the rows. */
static void put_distances(vmap_report_table *t, const compare_work *w, const compare_place *at, size_t *row)
{
    const compare_level *l = &w->level[at->level];
    size_t s = at->series, x = at->group * w->p + at->item;
    vmap_metric_pair pair;

    if (!compare_pair(w, l, s, at->group, at->item, &pair))
        return;
    compare_put_group(t, w, l, s, at->group);
    vmap_report_text(t, w->define[at->item]->name);
    vmap_report_count(t, l->people->n[x]);
    vmap_report_count(t, l->personas[s]->n[x]);
    vmap_report_number(t, l->people->n_eff[x]);
    vmap_report_number(t, l->personas[s]->n_eff[x]);
    for (size_t m = 0; m < w->metrics; m++)
        put_metric(t, w, *row, m, &pair, !w->metric[m]->ordered || w->points[at->item].ordered);
    ++*row;
}

static void add_metric_columns(vmap_report_table *t, const compare_work *w)
{
    for (size_t m = 0; m < w->metrics; m++) {
        vmap_report_column(t, w->metric[m]->name, VMAP_CELL_NUMBER, 3);
        for (size_t i = 0; w->noise && i < CHANCE; i++) {
            char name[64];

            snprintf(name, sizeof name, "%s_%s", w->metric[m]->name, chance[i]);
            vmap_report_column(t, name, VMAP_CELL_NUMBER, 3);
        }
    }
}

static void table_distances(vmap_report *r, const compare_work *w)
{
    vmap_report_table *t = vmap_report_add(r, "distances", "How far personas' answers are from people's");
    size_t row = 0;

    compare_put_columns(t, w);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "n_human", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "n_persona", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "n_eff_human", VMAP_CELL_NUMBER, 1);
    vmap_report_column(t, "n_eff_persona", VMAP_CELL_NUMBER, 1);
    add_metric_columns(t, w);
    for (size_t l = 0; l < w->levels; l++) {
        for (size_t s = 0; s < w->series_count; s++) {
            for (size_t g = 0; g < w->level[l].groups; g++) {
                for (size_t j = 0; j < w->p; j++)
                    put_distances(t, w, &(compare_place){l, s, g, j}, &row);
            }
        }
    }
    name_metrics(t, w);
    if (w->noise)
        compare_note_noise(t, w);
}

/* ---- refusals ---- */

static void put_refusals(vmap_report_table *t, const compare_work *w, const compare_level *l, const char *side,
                         const vmap_distributions *d, size_t g)
{
    for (size_t j = 0; d->rows[g] && j < w->p; j++) {
        const double *rate = d->reason + (g * w->p + j) * (VMAP_REASONS + 1);

        vmap_report_text(t, l->name);
        vmap_report_text(t, side);
        for (size_t c = 0; c < w->columns; c++)
            vmap_report_text(t, l->label[g * w->columns + c]);
        vmap_report_text(t, w->define[j]->name);
        vmap_report_count(t, d->rows[g]);
        vmap_report_count(t, d->n[g * w->p + j]);
        for (size_t why = 0; why <= VMAP_REASONS; why++)
            vmap_report_number(t, rate[why]);
    }
}

static void table_refusals(vmap_report *r, const compare_work *w)
{
    vmap_report_table *t = vmap_report_add(r, "refusals", "Refused and missing answers");

    vmap_report_column(t, "level", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    for (size_t c = 0; c < w->columns; c++)
        vmap_report_key(t, w->column[c]);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "rows", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "answered", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "valid", VMAP_CELL_NUMBER, 3);
    for (int why = 1; why < VMAP_REASONS; why++) {
        char name[32] = "";

        strncat(name, vmap_reason_name((vmap_reason)why), sizeof name - 1);
        for (char *c = name; *c; c++)
            *c = *c == '-' ? '_' : *c;
        vmap_report_column(t, name, VMAP_CELL_NUMBER, 3);
    }
    vmap_report_column(t, "between", VMAP_CELL_NUMBER, 3);
    for (size_t l = 0; l < w->levels; l++) {
        const compare_level *level = &w->level[l];

        for (size_t g = 0; g < level->groups; g++) {
            put_refusals(t, w, level, compare_people(w), level->people, g);
            for (size_t s = 0; s < w->series_count; s++)
                put_refusals(t, w, level, w->series[s].name, level->personas[s], g);
        }
    }
    vmap_report_note(t, "Weighted shares of all rows of the group; valid and the reasons add up to 1. between: a number between two "
                     "scale points, such as an average.");
}

/* ---- what is not compared ---- */

static void put_alone(vmap_report_table *t, const compare_work *w, const compare_alone *a)
{
    vmap_report_text(t, w->columns > 1 ? "cell" : w->columns ? w->column[0] : "all");
    vmap_report_text(t, "");
    for (size_t c = 0; c < w->columns; c++)
        vmap_report_text(t, a->label[c]);
    vmap_report_text(t, "");
    vmap_report_count(t, a->people ? a->rows : 0);
    vmap_report_count(t, a->people ? 0 : a->rows);
    vmap_report_text(t, a->people ? "no personas of this group" : "no people of this group");
}

static void put_left_out(vmap_report_table *t, const compare_work *w, const compare_left_out *x)
{
    vmap_report_text(t, "");
    vmap_report_text(t, "");
    for (size_t c = 0; c < w->columns; c++)
        vmap_report_text(t, "");
    vmap_report_text(t, x->item);
    vmap_report_missing(t);
    vmap_report_missing(t);
    vmap_report_text(t, x->why);
}

static void put_thin(vmap_report_table *t, const compare_work *w, const compare_level *l, size_t s, size_t g, size_t j)
{
    const vmap_distributions *p = l->people, *q = l->personas[s];
    size_t at = g * w->p + j;
    bool none = p->n[at] == 0 || q->n[at] == 0;

    compare_put_group(t, w, l, s, g);
    vmap_report_text(t, w->define[j]->name);
    vmap_report_count(t, p->n[at]);
    vmap_report_count(t, q->n[at]);
    vmap_report_text(t, none ? q->rows[g] == 0 ? "no personas of this series in the group"
                               : p->n[at]     ? "personas gave no valid answer"
                               : q->n[at]     ? "people gave no valid answer"
                                              : "neither side gave a valid answer"
                             : "fewer valid answers than the minimum");
}

static vmap_status table_unmatched(vmap_report *r, const compare_work *w, vmap_error *err)
{
    vmap_report_table *t = vmap_report_add(r, "unmatched", "What could not be compared");
    vmap_metric_pair pair;
    size_t thin = 0;

    compare_put_columns(t, w);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "n_human", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "n_persona", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "reason", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < w->left_out_count; i++)
        put_left_out(t, w, &w->left_out[i]);
    for (size_t i = 0; i < w->alone_count; i++)
        put_alone(t, w, &w->alone[i]);
    for (size_t l = 0; l < w->levels; l++) {
        for (size_t s = 0; s < w->series_count; s++) {
            for (size_t g = 0; g < w->level[l].groups; g++) {
                for (size_t j = 0; j < w->p; j++) {
                    if (compare_pair(w, &w->level[l], s, g, j, &pair))
                        continue;
                    put_thin(t, w, &w->level[l], s, g, j);
                    thin++;
                }
            }
        }
    }
    vmap_report_note(t, "Without a level: items that are compared in no group. Groups without an item: rows of a group that only one side "
                     "has. With a level and an item: valid answers, too few on a side; the minimum is %d.", w->settings->min_n);
    if (!thin)
        return VMAP_SUCCESS;
    return vmap_ledger_warn(w->a->ledger, err, "%zu pairs of distributions have fewer than %d valid answers on a side and are not "
                            "compared; table unmatched lists them", thin, w->settings->min_n);
}

/* ---- items ---- */

static void table_items(vmap_report *r, const compare_work *w)
{
    const vmap_answers *h = w->a->human.answers, *q = w->a->persona.answers;
    vmap_report_table *t = vmap_report_add(r, "compared_items", "Items that are compared");

    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "label", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "points", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "valid", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "scale", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "columns_human", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "columns_persona", VMAP_CELL_TEXT, 0);
    for (size_t j = 0; j < w->p; j++) {
        size_t i = w->item[j];

        vmap_report_text(t, w->define[j]->name);
        vmap_report_text(t, w->define[j]->label);
        vmap_report_count(t, w->points[j].count);
        vmap_report_text(t, w->define[j]->valid);
        vmap_report_text(t, w->points[j].ordered ? "ordinal" : "nominal");
        vmap_report_text(t, h->columns[i] ? h->columns[i] : "");
        vmap_report_text(t, q->columns[i] ? q->columns[i] : "");
    }
}

vmap_status compare_tables(vmap_report *r, const compare_work *w, vmap_error *err)
{
    vmap_status status;

    table_distances(r, w);
    if (w->noise)
        compare_table_noise(r, w);
    status = compare_table_scores(r, w, err);
    if (status)
        return status;
    table_refusals(r, w);
    table_items(r, w);
    return table_unmatched(r, w, err);
}
