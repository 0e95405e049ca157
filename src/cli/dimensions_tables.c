#include <config.h>
#include "cli/dimensions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/tables_factor.h"
#include "core/memory.h"

static void put_stability(vmap_report_table *t, const char *kind, const char *name, const vmap_factor_jackknife *j,
                          size_t part)
{
    vmap_report_text(t, kind);
    vmap_report_text(t, name);
    vmap_report_number(t, gsl_vector_get(j->phi, part));
    vmap_report_number(t, gsl_vector_get(j->largest, part));
}

void table_stability(vmap_report *r, const dimensions *d)
{
    vmap_report_table *t;

    if (!d->without_item && !d->without_group)
        return;
    t = vmap_report_add(r, "stability", "The solution without one item or group");
    vmap_report_column(t, "without", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "name", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "least_phi", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "largest_change", VMAP_CELL_NUMBER, 3);
    for (size_t i = 0; d->without_item && i < d->without_item->parts; i++)
        put_stability(t, "item", d->answers->items[i], d->without_item, i);
    for (size_t g = 0; d->without_group && g < d->without_group->parts; g++)
        put_stability(t, "group", vmap_table_level_text(d->answers->groups, 0, g), d->without_group, g);
}

static const char *const level_names[] = {"within", "between", "muthen"};

void table_levels(vmap_report *r, const dimensions *d)
{
    static const char *const names[] = {"phi", "phi_chance", "p"};
    vmap_report_table *t;
    bool low = false;

    if (!d->level[0] && !d->level[1] && !d->level[2])
        return;
    t = vmap_report_add(r, "factor_levels", "Factors of people within groups and of group means");
    vmap_report_column(t, "level", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "factor", VMAP_CELL_COUNT, 0);
    table_number_columns(t, names, 3, 3);
    vmap_report_column(t, "misfits", VMAP_CELL_TEXT, 0);
    for (size_t l = 0; l < 3; l++) {
        for (size_t f = 0; d->level[l] && f < d->k; f++) {
            char text[512] = "";
            size_t at = 0;

            vmap_report_text(t, level_names[l]);
            vmap_report_count(t, f + 1);
            vmap_report_number(t, gsl_vector_get(d->level[l]->phi, f));
            vmap_report_number(t, gsl_vector_get(d->level[l]->floor, f));
            vmap_report_number(t, gsl_vector_get(d->level[l]->p_value, f));
            for (size_t i = 0; i < d->answers->p && at + 1 < sizeof text; i++) {
                if (d->level[l]->misfit[i])
                    at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", at ? " " : "", d->answers->items[i]);
            }
            vmap_report_text(t, text);
            low |= l > 0 && gsl_vector_get(d->level[l]->phi, f) < .85;
        }
    }
    vmap_report_note(t, "Tucker's phi with the factors of all respondents, after orthogonal rotation; phi_chance: .95 "
                        "quantile when items change places. misfits: items whose two places lie more than .2 apart.");
    if (low)
        vmap_report_note(t, "CAUTION: a factor of group means is not that of persons (phi below .85): what holds for "
                            "countries must not be read as what holds for people.");
}

void table_level_items(vmap_report *r, const dimensions *d)
{
    static const char *const names[] = {"icc1", "icc2", "f"};
    vmap_report_table *t;
    size_t low = 0;

    if (!d->levels)
        return;
    t = vmap_report_add(r, "icc", "Share of variance between groups");
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    table_number_columns(t, names, 3, 3);
    for (size_t i = 0; i < d->answers->p; i++) {
        vmap_report_text(t, d->answers->items[i]);
        vmap_report_number(t, gsl_vector_get(d->levels->icc1, i));
        vmap_report_number(t, gsl_vector_get(d->levels->icc2, i));
        vmap_report_number(t, gsl_vector_get(d->levels->f, i));
        low += gsl_vector_get(d->levels->icc1, i) < .05;
    }
    vmap_report_note(t, "icc1: share of the variance between groups; icc2: reliability of group means.");
    if (low)
        vmap_report_note(t, "CAUTION: %zu items differ hardly between groups (icc1 below .05): their group means say "
                            "little.", low);
}

void table_shared(vmap_report *r, const dimensions *d)
{
    vmap_report_table *t;

    if (!d->consensus)
        return;
    t = vmap_report_add(r, "shared", "Each group's own factors beside what the groups share");
    vmap_report_key(t, vmap_table_name(d->answers->groups, 0));
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "factor", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "phi", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "residual", VMAP_CELL_NUMBER, 3);
    for (size_t g = 0; g < d->owns; g++) {
        const dimensions_group *own = &d->own[g];

        for (size_t f = 0; f < d->k; f++) {
            vmap_report_text(t, vmap_table_level_text(d->answers->groups, 0, own->label));
            vmap_report_count(t, own->n);
            vmap_report_count(t, f + 1);
            vmap_report_number(t, own->loadings ? gsl_matrix_get(d->consensus->phi, own->place, f) : NAN);
            vmap_report_number(t, own->loadings ? gsl_vector_get(d->consensus->residual, own->place) : NAN);
        }
    }
    vmap_report_note(t, "phi: Tucker's congruence with the mean of all other groups (generalised Procrustes analysis); "
                        "the consensus explains %.1f %% of the squared loadings. NA: the group has no solution.",
                     100 * d->consensus->explained);
}
