#include <config.h>
#include "cli/factor.h"

#include <math.h>
#include <string.h>

/* The analysis as another program does it (--like), and why that program's loadings differ (--why). */

static const vmap_preset_row *preset_of(const factor_work *w)
{
    vmap_preset preset;

    return w->settings->like && !vmap_preset_find(w->settings->like, &preset, NULL) ? &vmap_presets[preset] : NULL;
}

vmap_status factor_find_why(factor_work *w, vmap_error *err)
{
    const char *normalize = w->settings->normalize;
    vmap_extract_options extract = w->options.extract;
    vmap_rotate_options rotate = w->options.rotate;

    if (!w->settings->why || w->analysis->k == 0)
        return VMAP_SUCCESS;
    extract.factors = w->analysis->k;
    if (!extract.variance && w->analysis->association)
        extract.variance = w->analysis->association->variance;
    rotate.target = w->target;
    rotate.kaiser = normalize ? strcmp(normalize, "on") == 0 : -1;
    return vmap_factor_why_new(w->analysis->r, &extract, &rotate, w->options.like, &w->why, err);
}

static const char *yes(bool x)
{
    return x ? "yes" : "no";
}

void table_factor_like(vmap_report *r, const factor_work *w)
{
    const vmap_preset_row *them = preset_of(w);
    vmap_rotation rotation = w->options.rotate.method;
    vmap_report_table *t;

    if (!them || !w->analysis->k)
        return;
    t = vmap_report_add(r, "factor_like", "What the other program does differently");
    vmap_report_column(t, "switch", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "meaning", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "valuemap", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "theirs", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "used", VMAP_CELL_TEXT, 0);
    if (w->analysis->k == 1) /* one factor is not rotated */
        rotation = VMAP_ROTATE_NONE;
    for (int i = 0; i < VMAP_SWITCHES; i++) {
        char ours[VMAP_SWITCH_TEXT], theirs[VMAP_SWITCH_TEXT];

        vmap_switch_text(&vmap_presets[VMAP_PRESET_VALUEMAP].switches, (vmap_switch)i, ours);
        vmap_switch_text(&them->switches, (vmap_switch)i, theirs);
        vmap_report_text(t, vmap_switches[i].name);
        vmap_report_text(t, vmap_switches[i].help);
        vmap_report_text(t, ours);
        vmap_report_text(t, theirs);
        vmap_report_text(t, yes(vmap_switch_applies((vmap_switch)i, w->options.extract.method, rotation)));
    }
    vmap_report_note(t, "%s. Read in: %s. Compared with: %s.", them->program, them->source, them->checked);
    vmap_report_note(t, "used: no means that the switch has no part in this extraction and rotation.");
}

static void put_effect(vmap_report_table *t, const factor_work *w, const vmap_switch_effect *e)
{
    char name[16];

    if (!e->applies || fabs(e->largest) < 5e-9) {
        vmap_report_number(t, e->applies ? 0 : NAN);
        vmap_report_text(t, "");
        vmap_report_text(t, "");
        vmap_report_number(t, NAN);
        vmap_report_number(t, NAN);
        vmap_report_number(t, e->applies ? 0 : NAN);
        return;
    }
    vmap_report_number(t, e->largest);
    vmap_report_text(t, w->item[e->item]);
    vmap_report_text(t, factor_name(e->factor, name));
    vmap_report_number(t, e->ours);
    vmap_report_number(t, e->theirs);
    vmap_report_number(t, e->mean);
}

static void note_why(vmap_report_table *t, const factor_work *w, const vmap_preset_row *them)
{
    const vmap_switch_effect *e = w->why->effect;
    size_t most = SIZE_MAX;

    for (size_t i = 0; i < VMAP_SWITCHES; i++) {
        if (i != VMAP_SWITCH_ORDER && fabs(e[i].largest) >= 5e-5 &&
            (most == SIZE_MAX || fabs(e[i].largest) > fabs(e[most].largest)))
            most = i;
    }
    if (most == SIZE_MAX)
        vmap_report_note(t, "No choice of %s moves a loading by .0001 or more here.", them->program);
    else
        vmap_report_note(t, "What moves most is '%s' (%s).", vmap_switches[most].name, vmap_switches[most].help);
    vmap_report_note(t, "One switch at a time is set from ours to that of %s; factors are matched before they are compared, except "
                        "for 'order'. All together are no sum: switches act on one another. NA: has no part in this extraction "
                        "and rotation.",
                     them->program);
    if (w->why->moved)
        vmap_report_note(t, "The other program has the factors in another order.");
    if (!w->why->all.converged)
        vmap_report_note(t, "With its switches the extraction does not converge: it stops after %zu iterations, and the program itself may "
                            "print nothing.",
                         w->why->all.iterations);
}

void table_factor_why(vmap_report *r, const factor_work *w)
{
    const vmap_preset_row *them = preset_of(w);
    vmap_report_table *t;

    if (!w->why || !them)
        return;
    t = vmap_report_add(r, "factor_why", "Which choice of the other program moves which loading");
    vmap_report_column(t, "switch", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "theirs", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "change", VMAP_CELL_NUMBER, 4);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "factor", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "ours", VMAP_CELL_NUMBER, 4);
    vmap_report_column(t, "becomes", VMAP_CELL_NUMBER, 4);
    vmap_report_column(t, "mean_change", VMAP_CELL_NUMBER, 5);
    for (int i = 0; i < VMAP_SWITCHES; i++) {
        char theirs[VMAP_SWITCH_TEXT];

        vmap_switch_text(&them->switches, (vmap_switch)i, theirs);
        vmap_report_text(t, vmap_switches[i].name);
        vmap_report_text(t, w->why->effect[i].differs ? theirs : "as ours");
        put_effect(t, w, &w->why->effect[i]);
    }
    vmap_report_text(t, "all");
    vmap_report_text(t, them->name);
    put_effect(t, w, &w->why->all);
    note_why(t, w, them);
}
