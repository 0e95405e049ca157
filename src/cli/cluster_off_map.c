#include <config.h>
#include "cli/clusters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"

/* The tables of personas unlike any person. */

/* Respondents of one series: all labels but that of the country are the same. */
typedef struct {
    char *name;
    size_t n, judged, odd, far, either;
    double ratio;               /* mean of SPE over its mean among people */
    double *square, *mean;      /* p: sums over the odd ones, of squared residuals and of residuals */
    size_t *answered;           /* p: odd ones with an answer */
} series;

typedef struct {
    const cluster_work *w;
    const vmap_off_map *off;
    series *of;
    size_t count, p;
    size_t *of_group; /* groups + 1: series of each group; the last for rows without one */
} summary;

static char *name_series(const vmap_groups *g, size_t group, size_t target)
{
    char *name = NULL;

    for (size_t c = 0; c < g->columns && group < g->count; c++) {
        char *longer;

        if (c == target)
            continue;
        longer = text_format("%s%s%s", name ? name : "", name ? " / " : "", g->group[group].labels[c]);
        free(name);
        name = longer;
    }
    return name ? name : text_copy("all", 3);
}

static void free_summary(summary *s)
{
    for (size_t q = 0; s->of && q < s->count; q++) {
        free(s->of[q].name);
        free(s->of[q].square);
        free(s->of[q].mean);
        free(s->of[q].answered);
    }
    free(s->of);
    free(s->of_group);
}

static bool find_series(summary *s)
{
    const vmap_groups *g = s->w->map->persona.groups;

    s->of = memory_new(g->count + 1, sizeof *s->of, NULL);
    s->of_group = memory_new(g->count + 1, sizeof *s->of_group, NULL);
    for (size_t i = 0; s->of && s->of_group && i < g->count; i++) {
        char *name = name_series(g, i, s->w->map->persona.target_column);
        size_t q = 0;

        while (name && q < s->count && strcmp(s->of[q].name, name) != 0)
            q++;
        s->of_group[i] = q;
        if (!name || q < s->count) {
            free(name);
            continue;
        }
        s->of[q].name = name;
        s->of[q].square = memory_new(s->p, sizeof(double), NULL);
        s->of[q].mean = memory_new(s->p, sizeof(double), NULL);
        s->of[q].answered = memory_new(s->p, sizeof(size_t), NULL);
        s->count++;
        if (!s->of[q].square || !s->of[q].mean || !s->of[q].answered)
            return false;
    }
    return s->of && s->of_group;
}

static void add_row(summary *s, size_t row, size_t group)
{
    const vmap_off_map *off = s->off;
    series *q = &s->of[s->of_group[group]];

    q->n++;
    if (isnan(off->spe[row]))
        return;
    q->judged++;
    q->odd += off->odd[row];
    q->far += off->far[row];
    q->either += off->odd[row] || off->far[row];
    q->ratio += off->spe[row] / off->spe_mean[row];
    for (size_t j = 0; off->odd[row] && j < s->p; j++) {
        double e = off->residual[row * s->p + j];

        if (isnan(e))
            continue;
        q->square[j] += e * e;
        q->mean[j] += e;
        q->answered[j]++;
    }
}

static void put_summary(vmap_report *r, const summary *s)
{
    vmap_report_table *t = vmap_report_add(r, "off_map", "Personas unlike people");

    vmap_report_column(t, "series", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "personas", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "judged", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "odd", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "far", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "either", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "error_ratio", VMAP_CELL_NUMBER, 3);
    for (size_t q = 0; q < s->count; q++) {
        const series *one = &s->of[q];
        double n = one->judged ? (double)one->judged : NAN;

        vmap_report_text(t, one->name);
        vmap_report_count(t, one->n);
        vmap_report_count(t, one->judged);
        vmap_report_number(t, (double)one->odd / n);
        vmap_report_number(t, (double)one->far / n);
        vmap_report_number(t, (double)one->either / n);
        vmap_report_number(t, one->ratio / n);
    }
    vmap_report_note(t, "odd: share whose answers do not go together as people's do (squared prediction error beyond the "
                        "%.2g quantile of a normal reference population); far: share whose position is farther out than "
                        "people's (Hotelling's T2 beyond %.3f); people themselves would have about %.2g. "
                        "error_ratio: mean of the error over that of people, below 1: answers follow the map more closely than "
                        "people's do. Not judged: too few answers.",
                     s->off->level, s->off->t2_limit, 1 - s->off->level);
    vmap_report_note(t, "Reference population: %s.", s->w->map->space->population);
}

static void put_items(vmap_report *r, const summary *s)
{
    vmap_report_table *t = vmap_report_add(r, "off_map_items", "Which answers make personas unlike people");

    vmap_report_column(t, "series", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "item", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "answered", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "share", VMAP_CELL_NUMBER, 3);
    vmap_report_column(t, "residual", VMAP_CELL_NUMBER, 3);
    for (size_t q = 0; q < s->count; q++) {
        double all = 0;

        for (size_t j = 0; j < s->p; j++)
            all += s->of[q].square[j];
        for (size_t j = 0; all > 0 && j < s->p; j++) {
            if (!s->of[q].answered[j])
                continue;
            vmap_report_text(t, s->of[q].name);
            vmap_report_text(t, s->w->map->space->items[j]);
            vmap_report_count(t, s->of[q].answered[j]);
            vmap_report_number(t, s->of[q].square[j] / all);
            vmap_report_number(t, s->of[q].mean[j] / (double)s->of[q].answered[j]);
        }
    }
    vmap_report_note(t, "Of the odd personas of a series: share of the squared error that the item has, and the mean "
                        "residual (answer minus what the position predicts, in standard deviations of people; codes as "
                        "they are, high or low as the questionnaire has them).");
}

static void put_rows(vmap_report *r, const summary *s, const size_t *group)
{
    const vmap_answers *ans = s->w->map->persona.answers;
    const vmap_groups *g = s->w->map->persona.groups;
    vmap_report_table *t = vmap_report_add(r, "off_map_personas", "Each persona that is off the map");

    vmap_report_column(t, "file", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "line", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "group", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "spe", VMAP_CELL_NUMBER, 2);
    vmap_report_column(t, "spe_limit", VMAP_CELL_NUMBER, 2);
    vmap_report_column(t, "t2", VMAP_CELL_NUMBER, 2);
    vmap_report_column(t, "odd", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "far", VMAP_CELL_COUNT, 0);
    for (size_t i = 0; i < s->off->n; i++) {
        char *label;

        if (!s->off->odd[i] && !s->off->far[i])
            continue;
        label = group[i] < g->count ? analysis_label(g, group[i]) : NULL;
        vmap_report_text(t, ans->files[ans->file[i]]);
        vmap_report_count(t, ans->lines[i]);
        vmap_report_text(t, label ? label : "");
        vmap_report_number(t, s->off->spe[i]);
        vmap_report_number(t, s->off->spe_limit[i]);
        vmap_report_number(t, s->off->t2[i]);
        vmap_report_count(t, s->off->odd[i]);
        vmap_report_count(t, s->off->far[i]);
        free(label);
    }
}

void table_off_map(vmap_report *r, const cluster_work *w)
{
    const analysis *a = w->map;
    summary s = {.w = w};
    vmap_off_map *off = NULL;
    size_t *group = NULL;

    if (!a || !a->persona.answers)
        return;
    s.p = a->space->p;
    if (!vmap_off_map_find(a->space, a->persona.answers->values, a->persona.projection, .99, &off, NULL) &&
        !vmap_groups_of_rows(a->persona.groups, a->persona.answers, &group, NULL) && (s.off = off, find_series(&s))) {
        for (size_t i = 0; i < off->n; i++) {
            if (group[i] < a->persona.groups->count)
                add_row(&s, i, group[i]);
        }
        put_summary(r, &s);
        put_items(r, &s);
        put_rows(r, &s, group);
    }
    free_summary(&s);
    vmap_off_map_free(off);
    free(group);
}
