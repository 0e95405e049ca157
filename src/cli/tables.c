#include <config.h>
#include "cli/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/tables_internal.h"
#include "core/memory.h"
#include "core/text.h"

void table_axis_columns(vmap_report_table *t, const vmap_space *s, const char *ending, int decimals)
{
    for (size_t j = 0; j < s->k; j++) {
        char *name = text_format("%s%s", s->axes[j].name, ending);

        vmap_report_column(t, name ? name : "", VMAP_CELL_NUMBER, decimals);
        free(name);
    }
}

void table_put_vector(vmap_report_table *t, const gsl_vector *v)
{
    for (size_t j = 0; j < v->size; j++)
        vmap_report_number(t, gsl_vector_get(v, j));
}

void table_put_row(vmap_report_table *t, const gsl_matrix *m, size_t i)
{
    for (size_t j = 0; j < m->size2; j++)
        vmap_report_number(t, gsl_matrix_get(m, i, j));
}

void table_group_columns(vmap_report_table *t, const vmap_groups *g)
{
    for (size_t c = 0; c < g->columns; c++)
        vmap_report_key(t, g->names[c]);
}

void table_series_columns(vmap_report_table *t, const analysis *a)
{
    const vmap_groups *g = a->persona.groups;

    for (size_t c = 0; c < g->columns; c++) {
        if (c != a->persona.target_column)
            vmap_report_key(t, g->names[c]);
    }
    vmap_report_column(t, "axis", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "groups", VMAP_CELL_COUNT, 0);
}

void table_put_labels(vmap_report_table *t, const vmap_groups *g, size_t i)
{
    for (size_t c = 0; c < g->columns; c++)
        vmap_report_text(t, g->group[i].labels[c]);
}

/* Grouping columns of both sets, those of the humans first, each once. */
typedef struct {
    const char **name;
    size_t count;
} column_union;

static bool is_known(const column_union *u, const char *name)
{
    for (size_t i = 0; i < u->count; i++) {
        if (strcmp(u->name[i], name) == 0)
            return true;
    }
    return false;
}

static column_union unite(const analysis *a)
{
    const vmap_groups *sets[] = {a->human.groups, a->persona.groups};
    size_t room = (sets[0] ? sets[0]->columns : 0) + (sets[1] ? sets[1]->columns : 0);
    column_union u = {memory_new(room, sizeof *u.name, NULL), 0};

    for (size_t s = 0; u.name && s < 2; s++) {
        for (size_t c = 0; sets[s] && c < sets[s]->columns; c++) {
            if (!is_known(&u, sets[s]->names[c]))
                u.name[u.count++] = sets[s]->names[c];
        }
    }
    return u;
}

/* Label of group i in a column of the union; nothing when the set has no such column. */
static void put_united(vmap_report_table *t, const column_union *u, const vmap_groups *g, size_t i)
{
    for (size_t q = 0; q < u->count; q++) {
        const char *label = "";

        for (size_t c = 0; c < g->columns; c++) {
            if (strcmp(g->names[c], u->name[q]) == 0)
                label = g->group[i].labels[c];
        }
        vmap_report_text(t, label);
    }
}

static void put_group(vmap_report_table *t, const analysis *a, const analysis_set *set, size_t i)
{
    const vmap_group *g = &set->groups->group[i];

    vmap_report_count(t, g->n);
    vmap_report_number(t, g->n_eff);
    for (size_t j = 0; j < a->space->k; j++) {
        vmap_report_number(t, gsl_vector_get(g->mean, j));
        vmap_report_number(t, gsl_vector_get(g->se, j));
    }
    vmap_report_count(t, g->rows);
    vmap_report_count(t, g->n_complete);
    for (size_t l = 0; l < a->space->k; l++) {
        for (size_t j = 0; j <= l; j++)
            vmap_report_number(t, gsl_matrix_get(g->cov, l, j));
    }
    table_put_vector(t, g->share);
    table_put_vector(t, g->sd_incomplete);
    for (size_t j = 0; j < a->space->k; j++)
        vmap_report_number(t, g->boot_cov ? sqrt(gsl_matrix_get(g->boot_cov, j, j)) : NAN);
    for (size_t j = 0; a->bootstrap && j < a->space->k; j++)
        vmap_report_number(t, set == &a->human ? gsl_matrix_get(a->bootstrap->position_se, i, j)
                                               : NAN);
    vmap_report_number(t, g->n ? (double)g->n / g->n_eff : NAN);
}

static void cov_columns(vmap_report_table *t, const vmap_space *s)
{
    for (size_t i = 0; i < s->k; i++) {
        for (size_t j = 0; j <= i; j++) {
            char *name = i == j ? text_format("%s_var", s->axes[i].name)
                                : text_format("%s_%s_cov", s->axes[j].name, s->axes[i].name);

            vmap_report_column(t, name ? name : "", VMAP_CELL_NUMBER, 3);
            free(name);
        }
    }
}

static void group_columns(vmap_report_table *t, const analysis *a, const column_union *u)
{
    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < u->count; i++)
        vmap_report_key(t, u->name[i]);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "n_eff", VMAP_CELL_NUMBER, 1);
    for (size_t j = 0; j < a->space->k; j++) {
        char *se = text_format("%s_se", a->space->axes[j].name);

        vmap_report_column(t, a->space->axes[j].name, VMAP_CELL_NUMBER, 3);
        vmap_report_column(t, se ? se : "", VMAP_CELL_NUMBER, 3);
        free(se);
    }
    vmap_report_column(t, "n_rows", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "n_complete", VMAP_CELL_COUNT, 0);
    cov_columns(t, a->space);
    table_axis_columns(t, a->space, "_share", 2);
    table_axis_columns(t, a->space, "_sd_incomplete", 2);
    table_axis_columns(t, a->space, "_boot_se", 3);
    if (a->bootstrap)
        table_axis_columns(t, a->space, "_map_se", 3);
    vmap_report_column(t, "design_effect", VMAP_CELL_NUMBER, 3);
}

static void group_notes(vmap_report_table *t, const analysis *a)
{
    vmap_report_note(t, "n counts respondents with a position (rule for incomplete answers: %s), n_rows all of the group, n_complete those who "
                     "answered every item; n_eff is Kish's effective number.", a->study->incomplete);
    vmap_report_note(t, "_se: standard error of the weighted mean, the space held fixed; _boot_se: the same from %d bootstrap replicates; _var "
                     "and _cov: of respondents.", a->study->bootstrap);
    if (a->bootstrap)
        vmap_report_note(t, "_map_se: standard error of the mean of complete answers, the fit of the map included.");
    vmap_report_note(t, "_share: part of the score's variance that the answered items explain; below 1 positions are drawn towards the "
                     "population's mean by construction. _sd_incomplete: what the unanswered items leave open.");
    if (a->incomplete == VMAP_INCOMPLETE_MEANS)
        vmap_report_note(t, "Rule means: the position of the group's mean answers, each item over those who answered it; the mean of the "
                         "respondents' own positions is drawn together by every unanswered item.");
}

void table_groups(vmap_report *r, const analysis *a)
{
    const analysis_set *sets[] = {&a->human, &a->persona};
    column_union u = unite(a);
    vmap_report_table *t = vmap_report_add(r, "groups", "Mean positions of the groups");

    group_columns(t, a, &u);
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; sets[s]->groups && i < sets[s]->groups->count; i++) {
            vmap_report_text(t, sets[s]->answers->set);
            put_united(t, &u, sets[s]->groups, i);
            put_group(t, a, sets[s], i);
        }
    }
    free(u.name);
    group_notes(t, a);
}

void table_official(vmap_report *r, const analysis *a)
{
    const analysis_set *sets[] = {&a->human, &a->persona};
    vmap_report_table *t = NULL;

    for (size_t s = 0; s < 2; s++) {
        for (size_t j = 0; j < a->space->k; j++) {
            analysis_official o;

            if (!analysis_compare_official(a, sets[s], j, &o))
                continue;
            if (!t) {
                t = vmap_report_add(r, "official", "Difference to the official scores in the file");
                vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
                vmap_report_column(t, "axis", VMAP_CELL_TEXT, 0);
                vmap_report_column(t, "column", VMAP_CELL_TEXT, 0);
                vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
                vmap_report_column(t, "largest_difference", VMAP_CELL_NUMBER, 6);
                vmap_report_column(t, "mean_difference", VMAP_CELL_NUMBER, 6);
                vmap_report_note(t,
                                 "Complete answers only; affine %s (official scores are in affine "
                                 "wvs).",
                                 a->space->affine);
            }
            vmap_report_text(t, sets[s]->answers->set);
            vmap_report_text(t, a->space->axes[j].name);
            vmap_report_text(t, a->space->axes[j].official);
            vmap_report_count(t, o.n);
            vmap_report_number(t, o.largest);
            vmap_report_number(t, o.mean);
        }
    }
}

void table_reference(vmap_report *r, const analysis *a)
{
    vmap_report_table *t;

    if (!a->references->countries)
        return;
    t = vmap_report_add(r, "reference", "Countries that distances are measured to");
    vmap_report_column(t, "country", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "name", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "zone", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "year", VMAP_CELL_COUNT, 0);
    table_axis_columns(t, a->space, "", 3);
    for (size_t i = 0; i < a->references->countries; i++) {
        const vmap_reference *c = &a->references->country[i];

        vmap_report_text(t, c->label);
        vmap_report_text(t, c->name);
        vmap_report_text(t, c->zone);
        if (c->year)
            vmap_report_count(t, (size_t)c->year);
        else
            vmap_report_missing(t);
        table_put_vector(t, c->at);
    }
    vmap_report_note(t, "Space %s: %s. Zones of edition %s.", a->space->name, a->space->source,
                     a->countries->edition);
}

static void put_respondents(vmap_report_table *t, const analysis *a, const analysis_set *set,
                            const column_union *u)
{
    const vmap_answers *ans = set->answers;
    const vmap_projection *pr = set->projection;
    size_t k = a->space->k;

    for (size_t r = 0; r < ans->n; r++) {
        vmap_report_count(t, ans->rows[r]);
        for (size_t q = 0; q < u->count; q++) {
            size_t c = vmap_table_find(ans->groups, u->name[q]);

            vmap_report_text(
                t, c < vmap_table_columns(ans->groups) ? vmap_table_text(ans->groups, c, r) : "");
        }
        for (size_t j = 0; j < k; j++)
            vmap_report_number(t, pr->at[r * k + j]);
        for (size_t j = 0; j < k; j++)
            vmap_report_number(t, pr->sd[r * k + j]);
        vmap_report_count(t, pr->used[r]);
        vmap_report_text(t, ans->set);
        vmap_report_text(t, ans->files[ans->file[r]]);
    }
}

void table_respondents(vmap_report *r, const analysis *a)
{
    const analysis_set *sets[] = {&a->human, &a->persona};
    column_union u = unite(a);
    vmap_report_table *t = vmap_report_add(r, "respondents", "Positions of single respondents");

    vmap_report_column(t, "row", VMAP_CELL_COUNT, 0);
    for (size_t i = 0; i < u.count; i++)
        vmap_report_key(t, u.name[i]);
    table_axis_columns(t, a->space, "", 3);
    table_axis_columns(t, a->space, "_sd", 3);
    vmap_report_column(t, "items_used", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "file", VMAP_CELL_TEXT, 0);
    for (size_t s = 0; s < 2; s++) {
        if (sets[s]->answers)
            put_respondents(t, a, sets[s], &u);
    }
    free(u.name);
    vmap_report_note(t,
                     "row: data row of the file, the header not counted; _sd: posterior standard "
                     "deviation owing to unanswered items, 0 for complete answers; positions need "
                     "%d answered items.",
                     a->study->min_items);
}

void table_ledger(vmap_report *r, const analysis *a)
{
    vmap_report_table *t = vmap_report_add(r, "ledger", "What became of every row and cell");

    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "file", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "step", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "what", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "unit", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "count", VMAP_CELL_COUNT, 0);
    for (size_t i = 0; i < a->ledger->count; i++) {
        const vmap_ledger_entry *e = &a->ledger->entries[i];

        vmap_report_text(t, e->set);
        vmap_report_text(t, e->file);
        vmap_report_text(t, e->step);
        vmap_report_text(t, e->item);
        vmap_report_text(t, e->reason);
        vmap_report_text(t, e->unit);
        vmap_report_count(t, e->count);
    }
}
