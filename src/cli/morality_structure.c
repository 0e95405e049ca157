#include <config.h>
#include "cli/morality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/columns.h"
#include "core/memory.h"
#include "core/text.h"

/* Items and factors of a questionnaire, series by series: do its scales appear in the answers? */

/* ---- which sheets belong together ---- */

/* Is there a column of nations? Without one each group stands for itself. */
static bool has_nations(const morality *m)
{
    return m->settings->nation || m->settings->human || m->settings->culture;
}

char *morality_group_name(const vmap_profiles *p, size_t g)
{
    char *name = p->columns ? text_copy("", 0) : text_copy("all", 3);

    for (size_t j = 0; name && j < p->columns; j++) {
        char *longer = text_format("%s%s%s", name, j ? " / " : "", p->group[g].labels[j]);

        free(name);
        name = longer;
    }
    return name;
}

/* Fill a unit with the rows whose group is of number `number`; of: the number of each group, NULL: all are one. */
static vmap_status fill_unit(morality_unit *u, const size_t *group, const size_t *of, size_t number, vmap_error *err)
{
    const vmap_answers *a = u->side->answers;

    u->rows = memory_new(a->n, sizeof *u->rows, err);
    u->group = memory_new(a->n, sizeof *u->group, err);
    if (!u->rows || !u->group)
        return VMAP_ENOMEM;
    if (!u->name)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a label");
    for (size_t i = 0; i < a->n; i++) {
        if (group[i] == u->side->profiles->count || (of && of[group[i]] != number))
            continue;
        u->rows[u->n] = i;
        u->group[u->n++] = group[i];
    }
    return VMAP_SUCCESS;
}

static vmap_status put_people(morality *m, vmap_error *err)
{
    morality_unit *u = &m->unit[m->units];
    size_t *group = NULL;
    vmap_status status = vmap_profiles_of_rows(m->people.profiles, m->people.answers, &group, err);

    if (status)
        return status;
    *u = (morality_unit){.name = text_copy("people", 6), .side = &m->people};
    m->units++;
    status = fill_unit(u, group, NULL, 0, err);
    free(group);
    return status;
}

static vmap_status put_series(morality *m, vmap_error *err)
{
    bool nations = has_nations(m);
    size_t n = m->profiles->count, *group = NULL, *self = memory_new(n, sizeof *self, err);
    vmap_status status = self ? vmap_profiles_of_rows(m->profiles, m->answers, &group, err) : VMAP_ENOMEM;

    for (size_t g = 0; self && g < n; g++)
        self[g] = g;
    for (size_t s = 0; !status && s < (nations ? m->series_count : n); s++) {
        morality_unit *u = &m->unit[m->units++];

        u->name = nations ? text_copy(m->series[s], strlen(m->series[s])) : morality_group_name(m->profiles, s);
        u->side = &m->own;
        status = fill_unit(u, group, nations ? m->series_of : self, s, err);
    }
    free(group);
    free(self);
    return status;
}

/* ---- the structure of each ---- */

static bool is_wanted(const morality *m)
{
    const char *table = m->settings->table;

    return m->settings->study.out.output || (table && strncmp(table, "structure", 9) == 0);
}

static vmap_structure_options structure_options(const morality *m)
{
    vmap_structure_options o;

    vmap_structure_defaults(&o);
    o.seed = m->settings->study.seed ? (uint64_t)m->settings->study.seed : o.seed;
    o.threads = (unsigned)m->settings->study.threads;
    return o;
}

static vmap_status find_structures(morality *m, bool within, vmap_error *err)
{
    vmap_structure_options o = structure_options(m);

    for (size_t i = 0; i < m->units; i++) {
        morality_unit *u = &m->unit[i];
        vmap_status status;

        o.centre = within ? u->group : NULL;
        o.groups = u->side->profiles->count;
        o.stratum = u->group;
        o.strata = o.groups;
        o.replicates = (size_t)m->settings->replicates;
        status = vmap_structure_new(u->side->key, u->side->answers, u->side->scores, u->rows, u->n, &o, &u->structure,
                                    &u->refusal);
        if (status == VMAP_ENOMEM)
            return vmap_error_set(err, status, "no memory for the structure of %s", u->name);
        if (status)
            status = vmap_ledger_warn(m->ledger, err, "%s: no factor structure: %s", u->name, u->refusal.message);
        if (status)
            return status;
    }
    return VMAP_SUCCESS;
}

vmap_status morality_units_find(morality *m, vmap_error *err)
{
    const char *kind = m->settings->structure;
    bool within = kind && strcmp(kind, "within") == 0;
    vmap_status status = VMAP_SUCCESS;

    if (kind && !within && strcmp(kind, "total") != 0)
        return vmap_error_set(err, VMAP_EINVAL, "structure: '%s' is neither total nor within", kind);
    m->unit = memory_new(m->profiles->count + 1, sizeof *m->unit, err);
    if (!m->unit)
        return VMAP_ENOMEM;
    if (m->people.profiles)
        status = put_people(m, err);
    if (!status)
        status = put_series(m, err);
    return status || !is_wanted(m) ? status : find_structures(m, within, err);
}

void morality_units_free(morality *m)
{
    for (size_t i = 0; m->unit && i < m->units; i++) {
        free(m->unit[i].name);
        free(m->unit[i].rows);
        free(m->unit[i].group);
        vmap_structure_free(m->unit[i].structure);
    }
    free(m->unit);
}

/* ---- tables ---- */

/* Sheets of a group that were counted in its profile. */
static void add_counts(size_t *sum, const vmap_profile *p)
{
    const size_t count[] = {p->sheets, p->complete, p->partial, p->unscored, p->empty, p->failed, p->dropped, p->straight,
                            p->asked, p->answered, p->out_of_range};

    for (size_t i = 0; i < sizeof count / sizeof *count; i++)
        sum[i] += count[i];
}

/* Is group g of the side one of the unit's? */
static bool belongs(const morality *m, const morality_unit *u, size_t unit, size_t g)
{
    size_t people = m->people.profiles != NULL;

    return u->side == &m->people || (has_nations(m) ? m->series_of[g] : g) == unit - people;
}

void morality_series_sheets_table(vmap_report *r, const morality *m)
{
    static const char *const counts[] = {"sheets", "complete", "partial", "unscored", "empty", "failed", "dropped", "straight",
                                         "asked", "answered", "out_of_range"};
    vmap_report_table *t = vmap_report_add(r, "series_sheets", "The sheets of each series");

    vmap_report_key(t, "series");
    columns_add(t, VMAP_CELL_COUNT, 0, counts, 11);
    vmap_report_column(t, "share_answered", VMAP_CELL_NUMBER, 3);
    for (size_t i = 0; i < m->units; i++) {
        const morality_unit *u = &m->unit[i];
        size_t sum[11] = {0};

        for (size_t g = 0; g < u->side->profiles->count; g++) {
            if (belongs(m, u, i, g))
                add_counts(sum, &u->side->profiles->group[g]);
        }
        vmap_report_text(t, u->name);
        for (size_t c = 0; c < 11; c++)
            vmap_report_count(t, sum[c]);
        vmap_report_number(t, sum[8] ? (double)sum[9] / (double)sum[8] : NAN);
    }
    vmap_report_note(t, "complete, partial, unscored, empty: sheets with a score in every scale, in some, in none though there are "
                     "answers, without any answer. failed, dropped: by attention checks. straight: all answers equal. asked, answered, "
                     "out_of_range: single questions. Nothing is imputed.");
}

vmap_status morality_series_reliability_table(vmap_report *r, const morality *m, vmap_error *err)
{
    vmap_report_table *t = vmap_report_add(r, "series_reliability", "How reliable the scales are over sheets, all nations together");
    vmap_status status = VMAP_SUCCESS;

    vmap_report_key(t, "series");
    morality_add_reliability(t);
    for (size_t i = 0; !status && i < m->units; i++) {
        const morality_unit *u = &m->unit[i];
        size_t *used = memory_new(u->n, sizeof *used, err), n = 0;

        for (size_t j = 0; used && j < u->n; j++) {
            if (u->side->scores->used_sheet[u->rows[j]])
                used[n++] = u->rows[j];
        }
        status = used ? VMAP_SUCCESS : VMAP_ENOMEM;
        for (size_t k = 0; !status && k < m->profiles->k; k++) {
            vmap_report_text(t, u->name);
            status = morality_put_reliability(t, u->side, k, used, n, err);
        }
        free(used);
    }
    vmap_report_note(t, MORALITY_RELIABILITY_NOTE " Differences between nations count as differences between sheets.");
    return status;
}

static void put_items(vmap_report_table *t, const morality *m, const morality_unit *u, size_t k,
                      const vmap_item_statistics *item)
{
    for (unsigned j = 0; j < m->key->foundations[k].items_count; j++) {
        const vmap_item_statistics *x = &item[j];
        const double value[7] = {x->mean, x->sd, x->item_rest, x->if_dropped, x->loading, x->floor, x->ceiling};

        vmap_report_text(t, u->name);
        vmap_report_text(t, m->profiles->scales[k]);
        vmap_report_text(t, u->side->answers->items[x->item]);
        vmap_report_count(t, x->n);
        vmap_report_count(t, x->asked);
        columns_put(t, value, 7);
    }
}

static vmap_status table_items(vmap_report *r, const morality *m, vmap_error *err)
{
    static const char *const numbers[] = {"mean", "sd", "item_rest", "alpha_if_dropped", "loading", "floor", "ceiling"};
    vmap_report_table *t = vmap_report_add(r, "items", "Items");
    vmap_item_statistics *item = memory_new((size_t)m->key->items, sizeof *item, err);
    vmap_status status = item ? VMAP_SUCCESS : VMAP_ENOMEM;

    vmap_report_key(t, "series");
    columns_add(t, VMAP_CELL_TEXT, 0, (const char *const[]){"scale", "item"}, 2);
    columns_add(t, VMAP_CELL_COUNT, 0, (const char *const[]){"n", "asked"}, 2);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, 7);
    for (size_t i = 0; !status && i < m->units; i++) {
        const morality_unit *u = &m->unit[i];

        for (size_t k = 0; !status && k < m->profiles->k; k++) {
            status = vmap_item_statistics_find(u->side->key, u->side->answers, u->side->scores, k, u->rows, u->n, item, err);
            if (!status)
                put_items(t, m, u, k, item);
        }
    }
    vmap_report_note(t, "Of answers as they are scored, reversed items turned round. item_rest: correlation with the sum of the "
                     "other items of the scale; alpha_if_dropped: alpha without the item; loading: on the one factor of the "
                     "scale; floor, ceiling: share of answers at the lowest and highest code. NA: the item does not vary.");
    free(item);
    return status;
}

/* ---- factors ---- */

static const char *const rotations[] = {"target", "oblimin"};

static const vmap_structure_turn *turn_of(const vmap_structure *s, size_t i)
{
    return i ? &s->free : &s->target;
}

static void put_scale(vmap_report_table *t, const vmap_structure *s, size_t k, const double *low, const double *high)
{
    double items = 0;

    for (size_t j = 0; j < s->p; j++)
        items += gsl_matrix_get(s->key, j, k);
    vmap_report_count(t, (size_t)items);
    const double value[] = {gsl_vector_get(s->target.congruence, k), gsl_vector_get(s->target.own_share, k),
                            gsl_vector_get(s->free.congruence, k), gsl_vector_get(s->free.own_share, k),
                            gsl_vector_get(s->rigid->phi, k), gsl_vector_get(s->rigid->floor, k),
                            gsl_vector_get(s->rigid->p_value, k), low[k], high[k]};
    columns_put(t, value, sizeof value / sizeof *value);
}

/* Its scales, and all of them together. */
static vmap_status put_structure(vmap_report_table *t, const morality *m, const morality_unit *u, vmap_error *err)
{
    const vmap_structure *s = u->structure;
    double *low = memory_new(2 * (s->k + 1), sizeof *low, err), *high = low ? low + s->k + 1 : NULL;
    vmap_status status = low ? vmap_structure_interval(NULL, s, .95, low, high, err) : VMAP_ENOMEM;

    for (size_t k = 0; !status && k < s->k; k++) {
        vmap_report_text(t, u->name);
        vmap_report_text(t, m->profiles->scales[k]);
        put_scale(t, s, k, low, high);
    }
    if (!status) {
        const double value[] = {NAN, s->target.share, NAN, s->free.share, s->rigid->total, s->rigid->total_floor,
                                s->rigid->total_p, low[s->k], high[s->k]};

        vmap_report_text(t, u->name);
        vmap_report_text(t, "all");
        vmap_report_count(t, s->p);
        columns_put(t, value, sizeof value / sizeof *value);
    }
    free(low);
    return status;
}

static vmap_status table_structure(vmap_report *r, const morality *m, vmap_error *err)
{
    static const char *const numbers[] = {"congruence", "own_share", "free_congruence", "free_own_share", "rigid_congruence",
                                          "floor", "p", "rigid_low", "rigid_high"};
    vmap_report_table *t = vmap_report_add(r, "structure", "Do the scales appear as factors?");
    vmap_status status = VMAP_SUCCESS;

    vmap_report_key(t, "series");
    vmap_report_column(t, "scale", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "items", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, sizeof numbers / sizeof *numbers);
    for (size_t i = 0; !status && i < m->units; i++) {
        if (m->unit[i].structure)
            status = put_structure(t, m, &m->unit[i], err);
    }
    vmap_report_note(t, "As many factors as scales, by least squares. congruence: Tucker's phi of a factor with the key, turned "
                     "towards the key (oblique target rotation, loadings on other scales towards 0); own_share: items that load "
                     "highest, and positively, on their own factor. free_: the same after oblimin, which does not know the key. "
                     "rigid_congruence: factors turned rigidly to the key; floor: 95 %% of random orders of the items stay below; "
                     "p: share of random orders that reach it. .95 and more is customarily called equal, .85 to .94 fair; turning "
                     "towards a key finds some likeness in noise too. rigid_low, rigid_high: 95 %% interval from %d bootstrap "
                     "replicates of sheets within nations, bias corrected: noise lowers congruence, which may therefore lie below "
                     "its interval.", m->settings->replicates);
    return status;
}

static void put_fit(vmap_report_table *t, const vmap_structure *s)
{
    const vmap_factor_analysis *a = s->analysis;
    const double value[5] = {a->suitability->kmo, a->fit->df, a->fit->rmsr, a->fit->plain.rmsea, a->fit->plain.cfi};

    vmap_report_count(t, s->least_pair);
    vmap_report_count(t, s->p);
    vmap_report_count(t, s->k);
    columns_put(t, value, 5);
    vmap_report_count(t, a->solution->heywoods);
    vmap_report_text(t, a->solution->converged && s->target.converged && s->free.converged ? "yes" : "no");
}

static void table_fit(vmap_report *r, const morality *m)
{
    static const char *const numbers[] = {"kmo", "df", "rmsr", "rmsea", "cfi"};
    vmap_report_table *t = vmap_report_add(r, "structure_fit", "Factor analyses of the questionnaire");

    vmap_report_key(t, "series");
    columns_add(t, VMAP_CELL_COUNT, 0, (const char *const[]){"sheets", "least_pair", "items", "factors"}, 4);
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, 5);
    vmap_report_column(t, "heywoods", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_TEXT, 0, (const char *const[]){"converged", "refused"}, 2);
    for (size_t i = 0; i < m->units; i++) {
        const morality_unit *u = &m->unit[i];

        vmap_report_text(t, u->name);
        vmap_report_count(t, u->structure ? u->structure->n : u->n);
        if (u->structure)
            put_fit(t, u->structure);
        for (int c = 0; !u->structure && c < 10; c++)
            vmap_report_missing(t);
        vmap_report_text(t, u->structure ? "" : u->refusal.message);
    }
    vmap_report_note(t, "least_pair: sheets behind the correlation with the fewest. rmsr: of residual correlations; rmsea, cfi: of "
                     "the maximum likelihood discrepancy at the least squares solution, NA where it is not defined. heywoods: items "
                     "without variance of their own. Sheets of a model are runs of a few prompts, not a sample of people: tests of "
                     "fit and criteria that count sheets take them for more than they are.%s",
                     m->settings->structure && strcmp(m->settings->structure, "within") == 0
                         ? " Answers are taken as differences from the mean of their nation." : "");
}

static void table_retention(vmap_report *r, const morality *m)
{
    vmap_report_table *t = vmap_report_add(r, "structure_retention", "How many factors");

    vmap_report_key(t, "series");
    vmap_report_key(t, "criterion");
    vmap_report_column(t, "factors", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "votes", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < m->units; i++) {
        const vmap_retention *x = m->unit[i].structure ? m->unit[i].structure->analysis->retention : NULL;

        for (size_t c = 0; x && c <= VMAP_CRITERIA; c++) {
            size_t count = c < VMAP_CRITERIA ? x->count[c] : x->voters ? x->consensus : SIZE_MAX;

            if (c == VMAP_CRITERION_COMPARISON)
                continue; /* not asked */
            vmap_report_text(t, m->unit[i].name);
            vmap_report_text(t, c < VMAP_CRITERIA ? vmap_criteria[c].name : "consensus");
            if (count == SIZE_MAX)
                vmap_report_missing(t);
            else
                vmap_report_count(t, count);
            vmap_report_text(t, c == VMAP_CRITERIA ? (x->clear ? "clear" : "not clear") : vmap_criteria[c].votes ? "yes" : "");
        }
    }
    vmap_report_note(t, "NA: the criterion gives no answer. consensus: the number that most of the voting criteria give; clear when "
                     "more than half do. The key has %u scales.", m->key->foundations_count);
}

static void put_loadings(vmap_report_table *t, const morality *m, const morality_unit *u, size_t which)
{
    const vmap_structure *s = u->structure;
    const vmap_structure_turn *turn = turn_of(s, which);

    for (size_t j = 0; j < s->p; j++) {
        vmap_report_text(t, u->name);
        vmap_report_text(t, rotations[which]);
        vmap_report_text(t, u->side->answers->items[s->item[j]]);
        vmap_report_text(t, m->profiles->scales[s->own[j]]);
        for (size_t k = 0; k < s->k; k++)
            vmap_report_number(t, gsl_matrix_get(turn->pattern, j, k));
        vmap_report_text(t, m->profiles->scales[turn->largest[j]]);
        vmap_report_number(t, gsl_vector_get(s->analysis->solution->communality, j));
    }
}

static void table_loadings(vmap_report *r, const morality *m)
{
    vmap_report_table *t = vmap_report_add(r, "structure_loadings", "Loadings");

    vmap_report_key(t, "series");
    vmap_report_key(t, "rotation");
    vmap_report_key(t, "item");
    vmap_report_column(t, "own", VMAP_CELL_TEXT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, (const char *const *)m->profiles->scales, m->profiles->k);
    vmap_report_column(t, "largest", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "communality", VMAP_CELL_NUMBER, 3);
    for (size_t i = 0; i < m->units; i++) {
        for (size_t w = 0; m->unit[i].structure && w < 2; w++)
            put_loadings(t, m, &m->unit[i], w);
    }
    vmap_report_note(t, "A column is the factor that goes with the scale: by the target, or, after oblimin, by the largest sum of "
                     "congruences with the key. own: scale of the item; largest: factor of its largest loading by size.");
}

static void table_factors(vmap_report *r, const morality *m)
{
    vmap_report_table *t = vmap_report_add(r, "structure_factors", "Correlations of factors");

    vmap_report_key(t, "series");
    vmap_report_key(t, "rotation");
    vmap_report_key(t, "scale");
    vmap_report_key(t, "with");
    vmap_report_column(t, "r", VMAP_CELL_NUMBER, 3);
    for (size_t i = 0; i < m->units; i++) {
        const vmap_structure *s = m->unit[i].structure;

        for (size_t w = 0; s && w < 2; w++) {
            for (size_t a = 0; a < s->k; a++) {
                for (size_t b = a + 1; b < s->k; b++) {
                    vmap_report_text(t, m->unit[i].name);
                    vmap_report_text(t, rotations[w]);
                    vmap_report_text(t, m->profiles->scales[a]);
                    vmap_report_text(t, m->profiles->scales[b]);
                    vmap_report_number(t, gsl_matrix_get(turn_of(s, w)->phi, a, b));
                }
            }
        }
    }
    vmap_report_note(t, "Factors that correlate highly are hardly told apart in the answers.");
}

static vmap_status put_pair(vmap_report_table *t, const morality *m, const morality_unit *a, const morality_unit *b,
                            vmap_error *err)
{
    const vmap_structure_options o = structure_options(m);
    const gsl_matrix *one = a->structure->target.pattern, *other = b->structure->target.pattern;
    gsl_matrix *phi = memory_matrix(one->size2, other->size2, err);
    double *low = memory_new(2 * (one->size2 + 1), sizeof *low, err), *high = low ? low + one->size2 + 1 : NULL;
    vmap_congruence *c = NULL;
    vmap_status status = phi && low ? vmap_structure_compare(a->structure, b->structure, &o, &c, err) : VMAP_ENOMEM;

    if (!status)
        status = vmap_congruence_find(one, other, phi, err);
    if (!status)
        status = vmap_structure_interval(a->structure, b->structure, .95, low, high, err);
    for (size_t k = 0; !status && k <= c->k; k++) {
        bool all = k == c->k;
        const double value[] = {all ? NAN : gsl_matrix_get(phi, k, k),
                                all ? c->total : gsl_vector_get(c->phi, k),
                                all ? c->total_floor : gsl_vector_get(c->floor, k),
                                all ? c->total_p : gsl_vector_get(c->p_value, k),
                                low[k],
                                high[k]};

        vmap_report_text(t, a->name);
        vmap_report_text(t, b->name);
        vmap_report_text(t, all ? "all" : m->profiles->scales[k]);
        columns_put(t, value, sizeof value / sizeof *value);
    }
    vmap_congruence_free(c);
    gsl_matrix_free(phi);
    free(low);
    return status;
}

static vmap_status table_congruence(vmap_report *r, const morality *m, vmap_error *err)
{
    static const char *const numbers[] = {"congruence", "rigid_congruence", "floor", "p", "rigid_low", "rigid_high"};
    vmap_report_table *t = vmap_report_add(r, "structure_congruence", "Do series share their factors?");
    vmap_status status = VMAP_SUCCESS;

    vmap_report_key(t, "series");
    vmap_report_key(t, "with");
    vmap_report_key(t, "scale");
    columns_add(t, VMAP_CELL_NUMBER, 3, numbers, sizeof numbers / sizeof *numbers);
    for (size_t i = 0; i < m->units; i++) {
        for (size_t j = i + 1; !status && j < m->units; j++) {
            if (m->unit[i].structure && m->unit[j].structure)
                status = put_pair(t, m, &m->unit[i], &m->unit[j], err);
        }
    }
    vmap_report_note(t, "congruence: Tucker's phi of the two factors that were turned towards the key. rigid_congruence: the second "
                     "series' factors turned rigidly to those of the first; floor and p: when its items change places. rigid_low, "
                     "rigid_high: 95 %% interval from bootstrap replicates of sheets within nations, bias corrected.");
    return status;
}

/* Is there any structure, or a refusal, to be told? */
static bool was_asked(const morality *m)
{
    return m->units && (m->unit[0].structure || m->unit[0].refusal.message[0]);
}

vmap_status morality_structure_tables(vmap_report *r, const morality *m, vmap_error *err)
{
    vmap_status status;

    if (!was_asked(m))
        return VMAP_SUCCESS;
    status = table_structure(r, m, err);
    table_fit(r, m);
    table_retention(r, m);
    table_factors(r, m);
    return status ? status : table_congruence(r, m, err);
}

vmap_status morality_item_tables(vmap_report *r, const morality *m, vmap_error *err)
{
    vmap_status status = table_items(r, m, err);

    if (!status && was_asked(m))
        table_loadings(r, m);
    return status;
}
