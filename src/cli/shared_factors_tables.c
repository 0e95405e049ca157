#include <config.h>
#include "cli/shared_factors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/columns.h"
#include "cli/tables_factor.h"
#include "core/buffer.h"
#include "core/memory.h"
#include "core/text.h"

static void put_stability(vmap_report_table *t, const char *kind, const char *name, const vmap_factor_jackknife *j,
                          size_t part)
{
    vmap_report_text(t, kind);
    vmap_report_text(t, name);
    vmap_report_number(t, gsl_vector_get(j->phi, part));
    vmap_report_number(t, gsl_vector_get(j->largest, part));
}

void table_stability(vmap_report *r, const shared_factors *s)
{
    vmap_report_table *t;

    if (!s->without_item && !s->without_group)
        return;
    t = vmap_report_add(r, "stability", "The solution without one item or group");
    vmap_report_column(t, "without", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "name", VMAP_CELL_TEXT, 0);
    columns_add_bounded(t, (const char *const[]){"least_phi"}, 1);
    vmap_report_column(t, "largest_change", VMAP_CELL_NUMBER, 3);
    for (size_t i = 0; s->without_item && i < s->without_item->parts; i++)
        put_stability(t, "item", s->answers->items[i], s->without_item, i);
    for (size_t g = 0; s->without_group && g < s->without_group->parts; g++)
        put_stability(t, "group", vmap_table_level_text(s->answers->groups, s->column, g), s->without_group, g);
}

static const char *const level_names[] = {"within", "between", "muthen"};

void table_levels(vmap_report *r, const shared_factors *s)
{
    static const char *const names[] = {"phi", "phi_chance", "p"};
    vmap_report_table *t;
    bool low = false;

    if (!s->level[0] && !s->level[1] && !s->level[2])
        return;
    t = vmap_report_add(r, "factor_levels", "Factors of people within groups and of group means");
    vmap_report_column(t, "level", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "factor", VMAP_CELL_COUNT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, names, 3);
    vmap_report_column(t, "misfits", VMAP_CELL_TEXT, 0);
    for (size_t l = 0; l < 3; l++) {
        for (size_t f = 0; s->level[l] && f < s->k; f++) {
            char text[512] = "";
            size_t at = 0;

            vmap_report_text(t, level_names[l]);
            vmap_report_count(t, f + 1);
            vmap_report_number(t, gsl_vector_get(s->level[l]->phi, f));
            vmap_report_number(t, gsl_vector_get(s->level[l]->floor, f));
            vmap_report_number(t, gsl_vector_get(s->level[l]->p_value, f));
            for (size_t i = 0; i < s->answers->p && at + 1 < sizeof text; i++) {
                if (s->level[l]->misfit[i])
                    at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", at ? " " : "", s->answers->items[i]);
            }
            vmap_report_text(t, text);
            low |= l > 0 && gsl_vector_get(s->level[l]->phi, f) < .85;
        }
    }
    vmap_report_note(t, "Tucker's phi with the factors of all respondents, after orthogonal rotation; phi_chance: .95 "
                        "quantile when items change places. misfits: items whose two places lie more than %g apart.",
                     s->congruence.misfit);
    vmap_report_note(t, "The levels are product-moment correlations of %s (level_pairs).%s",
                     shared_factors_split(&s->resample.association),
                     s->level[2] ? "" : " There is no level muthen: its variance of an item is not positive.");
    if (low)
        vmap_report_note(t, "CAUTION: a factor of group means is not that of persons (phi below .85): what holds for "
                            "countries must not be read as what holds for people.");
}

void table_level_items(vmap_report *r, const shared_factors *s)
{
    static const char *const names[] = {"icc1", "icc2", "f"};
    vmap_report_table *t;
    size_t low = 0;

    if (!s->levels)
        return;
    t = vmap_report_add(r, "icc", "Share of variance between groups");
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, names, 3);
    for (size_t i = 0; i < s->answers->p; i++) {
        vmap_report_text(t, s->answers->items[i]);
        vmap_report_number(t, gsl_vector_get(s->levels->icc1, i));
        vmap_report_number(t, gsl_vector_get(s->levels->icc2, i));
        vmap_report_number(t, gsl_vector_get(s->levels->f, i));
        low += gsl_vector_get(s->levels->icc1, i) < .05;
    }
    vmap_report_note(t, "icc1: share of the variance between groups; icc2: reliability of group means; of %s.",
                     shared_factors_split(&s->resample.association));
    if (low)
        vmap_report_note(t, "CAUTION: %zu %s hardly between groups (icc1 below .05): their group means say "
                            "little.", low, text_plural(low, "item differs", "items differ"));
}

void table_shared(vmap_report *r, const shared_factors *s)
{
    vmap_report_table *t;

    if (!s->consensus)
        return;
    t = vmap_report_add(r, "shared", "Each group's own factors beside what the groups share");
    vmap_report_key(t, vmap_table_name(s->answers->groups, s->column));
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "factor", VMAP_CELL_COUNT, 0);
    columns_add_bounded(t, (const char *const[]){"phi", "residual"}, 2);
    for (size_t g = 0; g < s->owns; g++) {
        const shared_group *own = &s->own[g];

        for (size_t f = 0; f < s->k; f++) {
            vmap_report_text(t, own->label);
            vmap_report_count(t, own->n);
            vmap_report_count(t, f + 1);
            vmap_report_number(t, own->loadings ? gsl_matrix_get(s->consensus->phi, own->place, f) : NAN);
            vmap_report_number(t, own->loadings ? gsl_vector_get(s->consensus->residual, own->place) : NAN);
        }
    }
    vmap_report_note(t, "phi: Tucker's congruence with the mean of all other groups (generalised Procrustes analysis); "
                        "the consensus explains %.1f %% of the squared loadings. NA: the group has no solution.",
                     100 * s->consensus->explained);
}

void table_level_pairs(vmap_report *r, const shared_factors *s)
{
    static const char *const names[] = {"total", "within", "between", "muthen"};
    const vmap_levels *l = s->levels;
    vmap_report_table *t;

    if (!l)
        return;
    t = vmap_report_add(r, "level_pairs", "Correlations of everybody, of people within groups and of group means");
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "with", VMAP_CELL_TEXT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, names, 4);
    for (size_t j = 0; j < l->p; j++) {
        for (size_t i = j + 1; i < l->p; i++) {
            vmap_report_text(t, s->answers->items[j]);
            vmap_report_text(t, s->answers->items[i]);
            vmap_report_number(t, gsl_matrix_get(l->total, i, j));
            vmap_report_number(t, gsl_matrix_get(l->within, i, j));
            vmap_report_number(t, gsl_matrix_get(l->between, i, j));
            vmap_report_number(t, gsl_matrix_get(l->muthen, i, j));
        }
    }
    vmap_report_note(t, "Product-moment correlations of %s. within: around the means of groups, pooled; between: of the means of "
                        "%zu groups, each counting once; muthen: Muthen's estimate of the covariances between groups%s.",
                     shared_factors_split(&s->resample.association), l->groups,
                     l->muthen_whole ? "" : ", NA where its variance of an item is not positive: groups differ less than chance");
}

/* ---- each group beside all ---- */

static const char *verdict(double phi, double chance)
{
    if (phi <= chance)
        return "not above chance";
    return phi >= .95 ? "equal" : phi >= .85 ? "fairly similar" : "different";
}

static void put_misfits(vmap_report_table *t, const shared_factors *s, const vmap_congruence *m)
{
    buffer b = {0};

    for (size_t i = 0; i < m->p; i++) {
        if (m->misfit[i])
            buffer_format(&b, "%s%s", b.n ? " " : "", s->answers->items[i]);
    }
    vmap_report_text(t, b.text ? b.text : "");
    buffer_free(&b);
}

/* Why a group has no solution, with the name of the item. */
static void put_why(vmap_report_table *t, const vmap_error *why)
{
    buffer b = {0};

    buffer_put(&b, "no solution");
    if (*why->message)
        buffer_format(&b, ": %s%s%s", why->column, *why->column ? ": " : "", why->message);
    vmap_report_text(t, b.text ? b.text : "no solution");
    buffer_free(&b);
}

static void put_congruence(vmap_report_table *t, const shared_factors *s, const shared_group *g)
{
    const vmap_congruence *m = g->match;

    for (size_t f = 0; f < s->k; f++) {
        vmap_report_text(t, g->set);
        vmap_report_text(t, g->label);
        vmap_report_count(t, g->n);
        vmap_report_count(t, f + 1);
        vmap_report_number(t, m ? gsl_vector_get(m->phi, f) : NAN);
        vmap_report_number(t, g->low ? g->low[f] : NAN);
        vmap_report_number(t, g->high ? g->high[f] : NAN);
        vmap_report_number(t, m ? gsl_vector_get(m->floor, f) : NAN);
        vmap_report_number(t, m ? gsl_vector_get(m->p_value, f) : NAN);
        if (m)
            vmap_report_text(t, verdict(gsl_vector_get(m->phi, f), gsl_vector_get(m->floor, f)));
        else
            put_why(t, &g->why);
        if (m)
            put_misfits(t, s, m);
        else
            vmap_report_text(t, "");
    }
}

void table_group_congruence(vmap_report *r, const shared_factors *s)
{
    static const char *const names[] = {"phi", "low", "high", "phi_chance", "p"};
    vmap_report_table *t;

    if (!s->k || !s->compare || (!s->owns && !s->others))
        return;
    t = vmap_report_add(r, "group_congruence", "Each group's own factors beside those of all");
    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "group", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "factor", VMAP_CELL_COUNT, 0);
    columns_add_bounded(t, names, 5);
    vmap_report_column(t, "verdict", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "misfits", VMAP_CELL_TEXT, 0);
    for (size_t i = 0; i < s->owns; i++)
        put_congruence(t, s, &s->own[i]);
    for (size_t i = 0; i < s->others; i++)
        put_congruence(t, s, &s->other[i]);
    vmap_report_note(t, "phi: Tucker's congruence with the solution of all analysed respondents, after %s alignment; phi_chance: "
                        ".95 quantile when items change places, p accordingly. From .95 equal, from .85 fairly similar "
                        "(Lorenzo-Seva & ten Berge 2006). misfits: items whose loadings lie more than %g apart, see "
                        "group_items. NA: no solution.",
                     vmap_alignment_name(s->congruence.alignment), s->congruence.misfit);
    if (s->resample.replicates)
        vmap_report_note(t, "low, high: 95 %% interval from %zu replicates of the group's own respondents, the solution of all held "
                            "fixed, corrected for bias: noise makes loadings less alike, so that the interval may lie above phi. "
                            "NA: fewer than 50 replicates.",
                         s->resample.replicates);
    else
        vmap_report_note(t, "low, high: NA without replicates.");
}

static void put_group_items(vmap_report_table *t, const shared_factors *s, const shared_group *g, char *const *label)
{
    const vmap_congruence *m = g->match;

    for (size_t i = 0; m && i < m->p; i++) {
        vmap_report_text(t, g->set);
        vmap_report_text(t, g->label);
        vmap_report_text(t, s->answers->items[i]);
        vmap_report_text(t, label[i]);
        vmap_report_text(t, m->misfit[i] ? "yes" : "no");
        vmap_report_number(t, gsl_vector_get(m->distance, i));
        vmap_report_number(t, gsl_vector_get(m->item_phi, i));
        vmap_report_number(t, m->total);
        vmap_report_number(t, gsl_vector_get(m->without, i));
        for (size_t f = 0; f < s->k; f++)
            vmap_report_number(t, gsl_matrix_get(s->loadings, i, f));
        for (size_t f = 0; f < s->k; f++)
            vmap_report_number(t, gsl_matrix_get(m->aligned, i, f));
    }
}

void table_group_items(vmap_report *r, const shared_factors *s, char *const *label)
{
    static const char *const names[] = {"distance", "item_phi", "total", "total_without"};
    vmap_report_table *t;

    if (!s->k || !s->compare || (!s->owns && !s->others))
        return;
    t = vmap_report_add(r, "group_items", "Where each item lies in each group's solution");
    vmap_report_column(t, "set", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "group", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "label", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "misfit", VMAP_CELL_TEXT, 0);
    columns_add(t, VMAP_CELL_NUMBER, 3, names, 4);
    for (size_t side = 0; side < 2; side++) {
        for (size_t f = 0; f < s->k; f++) {
            char name[24];

            snprintf(name, sizeof name, "%sF%u", side ? "own_" : "", (unsigned)(f + 1));
            vmap_report_column(t, name, VMAP_CELL_NUMBER, 3);
        }
    }
    for (size_t i = 0; i < s->owns; i++)
        put_group_items(t, s, &s->own[i], label);
    for (size_t i = 0; i < s->others; i++)
        put_group_items(t, s, &s->other[i], label);
    vmap_report_note(t, "F: loadings of all; own_F: the group's own, aligned with them; distance of the two places; item_phi: "
                        "congruence of the two rows; total: congruence of all loadings, total_without: without the item.");
}
