#include <config.h>
#include "cli/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>

#include "core/memory.h"
#include "core/text.h"
#include "valuemap/figure.h"

enum {
    MAP_GROUPS = 12,   /* persona groups that a map can show with labels and ellipses */
    DOTTED_GROUPS = 4, /* groups that can have a second, dotted outline each */
    PANEL_GROUPS = 5,  /* a series of fewer groups needs no panel of its own */
    CAPTIONS = 6,
    PROVENANCE = 24
};

/* Everything that a scene points to. */
typedef struct {
    const analysis *a;
    vmap_figure_scene scene;
    vmap_figure_country *country;
    const char **zones;
    vmap_figure_series *series;
    vmap_figure_group *group; /* of all series, one after the other */
    double *cov;              /* six numbers per group */
    char **names;             /* of the series */
    size_t *first;            /* first group of each series, in the analysis' numbering */
    bool *shown;              /* per persona group: is it on the map? */
    size_t shown_count;
    const char *caption[CAPTIONS], *provenance[PROVENANCE];
    char *owned[CAPTIONS + 2];
    size_t owned_count;
} drawing;

static void free_drawing(drawing *d)
{
    for (size_t i = 0; d->names && i < d->scene.series_count; i++)
        free(d->names[i]);
    for (size_t i = 0; i < d->owned_count; i++)
        free(d->owned[i]);
    free(d->country);
    free(d->zones);
    free(d->series);
    free(d->group);
    free(d->cov);
    free(d->names);
    free(d->first);
    free(d->shown);
}

/* Keep a text for as long as the drawing lives; NULL becomes "". */
static const char *own(drawing *d, char *text)
{
    if (!text || d->owned_count == sizeof d->owned / sizeof *d->owned) {
        free(text);
        return "";
    }
    d->owned[d->owned_count++] = text;
    return text;
}

/* ---- countries ---- */

static bool is_highlighted(const study_figure *f, const vmap_reference *country)
{
    for (unsigned i = 0; f && i < f->highlight_count; i++) {
        if (strcmp(f->highlight[i], country->label) == 0 ||
            strcmp(f->highlight[i], country->name) == 0)
            return true;
    }
    return false;
}

/* On a narrow map only the countries that personas are meant to be have labels, and one per zone. */
static bool is_wanted(const drawing *d, size_t country)
{
    const vmap_references *refs = d->a->references;
    const vmap_groups *g = d->a->persona.groups;

    if (d->scene.width != VMAP_FIGURE_COLUMN || is_highlighted(d->a->study->figure,
                                                               &refs->country[country]))
        return true;
    for (size_t i = 0; g && i < g->count; i++) {
        if (d->shown[i] && d->a->persona.target[i] == country)
            return true;
    }
    return !g && country % 4 == 0;
}

static vmap_status put_countries(drawing *d, vmap_error *err)
{
    const vmap_references *refs = d->a->references;

    d->country = memory_new(refs->countries, sizeof *d->country, err);
    d->zones = memory_new(refs->zones, sizeof *d->zones, err);
    if (!d->country || !d->zones)
        return VMAP_ENOMEM;
    for (size_t z = 0; z < refs->zones; z++)
        d->zones[z] = refs->zone[z].label;
    for (size_t i = 0; i < refs->countries; i++) {
        const vmap_reference *c = &refs->country[i];

        d->country[i] = (vmap_figure_country){c->name, gsl_vector_get(c->at, 0),
                                              gsl_vector_get(c->at, 1), VMAP_FIGURE_NONE,
                                              is_wanted(d, i)};
        for (size_t z = 0; z < refs->zones; z++) {
            if (strcmp(refs->zone[z].label, c->zone) == 0)
                d->country[i].zone = z;
        }
    }
    d->scene.countries = d->country;
    d->scene.countries_count = refs->countries;
    d->scene.zones = d->zones;
    d->scene.zones_count = refs->zones;
    return VMAP_SUCCESS;
}

/* ---- which persona groups ---- */

/* Groups of one series share all labels but the target's; without a target each is its own series. */
static bool same_series(const drawing *d, size_t i, size_t j)
{
    const vmap_groups *g = d->a->persona.groups;

    if (d->a->persona.target_column == g->columns)
        return i == j;
    for (size_t c = 0; c < g->columns; c++) {
        if (c != d->a->persona.target_column &&
            strcmp(g->group[i].labels[c], g->group[j].labels[c]) != 0)
            return false;
    }
    return true;
}

static bool has_position(const vmap_group *g)
{
    return g->n > 0 && isfinite(gsl_vector_get(g->mean, 0)) &&
           isfinite(gsl_vector_get(g->mean, 1));
}

static char *series_name(const drawing *d, size_t group)
{
    const vmap_groups *g = d->a->persona.groups;
    char *name = NULL;

    for (size_t c = 0; c < g->columns; c++) {
        char *longer;

        if (c == d->a->persona.target_column)
            continue;
        longer = text_format("%s%s%s", name ? name : "", name ? " / " : "", g->group[group].labels[c]);
        free(name);
        name = longer;
    }
    return name ? name : text_copy(d->a->persona.answers->set, strlen(d->a->persona.answers->set));
}

static vmap_status find_series(drawing *d, vmap_error *err)
{
    const vmap_groups *g = d->a->persona.groups;

    d->first = memory_new(g->count, sizeof *d->first, err);
    d->names = memory_new(g->count, sizeof *d->names, err);
    d->shown = memory_new(g->count, sizeof *d->shown, err);
    if (!d->first || !d->names || !d->shown)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < g->count; i++) {
        bool known = !has_position(&g->group[i]);

        for (size_t s = 0; !known && s < d->scene.series_count; s++)
            known = same_series(d, d->first[s], i);
        if (known)
            continue;
        d->names[d->scene.series_count] = series_name(d, i);
        d->first[d->scene.series_count] = i;
        if (!d->names[d->scene.series_count++])
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for a name");
    }
    return VMAP_SUCCESS;
}

/* Distance of a country to the nearest one that is chosen. */
static double distance_to_chosen(const vmap_references *refs, const bool *chosen, size_t country)
{
    double least = INFINITY;

    for (size_t i = 0; i < refs->countries; i++) {
        if (chosen[i])
            least = fmin(least, vmap_distance_euclidean(refs->country[country].at,
                                                        refs->country[i].at));
    }
    return least;
}

/* When there are too many groups for labels: target countries spread over the map, each the one
 * farthest from those chosen before, the first the farthest from the origin. */
static void choose_targets(const drawing *d, size_t count, bool *chosen)
{
    const vmap_references *refs = d->a->references;
    const analysis_set *p = &d->a->persona;

    for (size_t k = 0; k < count; k++) {
        size_t best = refs->countries;
        double farthest = -1;

        for (size_t i = 0; i < p->groups->count; i++) {
            size_t c = p->target[i];
            double far;

            if (c == refs->countries || chosen[c])
                continue;
            far = k ? distance_to_chosen(refs, chosen, c) : gsl_blas_dnrm2(refs->country[c].at);
            if (far > farthest) {
                farthest = far;
                best = c;
            }
        }
        if (best < refs->countries)
            chosen[best] = true;
    }
}

/* Decide which groups the map shows: all when they are few, else those whose target is highlighted. */
static vmap_status choose_groups(drawing *d, vmap_error *err)
{
    const analysis_set *p = &d->a->persona;
    const vmap_references *refs = d->a->references;
    const study_figure *f = d->a->study->figure;
    bool few = p->groups->count <= MAP_GROUPS && !(f && f->highlight_count);
    bool *chosen = memory_new(refs->countries, sizeof *chosen, err);
    size_t room = d->scene.series_count ? MAP_GROUPS / d->scene.series_count : 0;

    if (!chosen)
        return VMAP_ENOMEM;
    for (size_t c = 0; c < refs->countries; c++)
        chosen[c] = is_highlighted(f, &refs->country[c]);
    if (!few && !(f && f->highlight_count))
        choose_targets(d, room ? room : 1, chosen);
    for (size_t i = 0; i < p->groups->count; i++) {
        bool targeted = p->target_column < p->groups->columns;

        d->shown[i] = has_position(&p->groups->group[i]) &&
                      (few || !targeted || (p->target[i] < refs->countries && chosen[p->target[i]]));
        d->shown_count += d->shown[i];
    }
    free(chosen);
    return VMAP_SUCCESS;
}

/* ---- groups as the figure wants them ---- */

/* Covariance of the mean in cov[0..2], with what unanswered items leave open in cov[3..5]; returns
 * whether there is any of the first. */
static bool put_cov(const vmap_group *g, double *cov)
{
    const gsl_matrix *c = g->boot_cov, *open = g->op->cov;

    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j <= i; j++)
            cov[i + j] = c ? gsl_matrix_get(c, i, j) : 0;
    }
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j <= i; j++)
            cov[3 + i + j] = cov[i + j] + gsl_matrix_get(open, i, j);
    }
    return c != NULL;
}

static bool is_incomplete(const vmap_group *g)
{
    return gsl_vector_get(g->sd_incomplete, 0) > 1e-9 || gsl_vector_get(g->sd_incomplete, 1) > 1e-9;
}

static void put_group(drawing *d, size_t i, size_t at, bool detailed)
{
    const analysis_set *p = &d->a->persona;
    const vmap_group *g = &p->groups->group[i];
    bool targeted = p->target_column < p->groups->columns;
    double *cov = d->cov + 6 * at;
    bool known = put_cov(g, cov);

    d->group[at] = (vmap_figure_group){
        .label = targeted ? g->labels[p->target_column] : d->names[d->scene.series_count - 1],
        .x = gsl_vector_get(g->mean, 0),
        .y = gsl_vector_get(g->mean, 1),
        .cov = detailed && known ? cov : NULL,
        .wide = detailed && is_incomplete(g) && d->shown_count <= DOTTED_GROUPS ? cov + 3 : NULL,
        .target = targeted && p->target[i] < d->a->references->countries ? p->target[i]
                                                                         : VMAP_FIGURE_NONE,
        .wanted = detailed && targeted};
    if (targeted && d->group[at].target != VMAP_FIGURE_NONE)
        d->group[at].label = d->a->references->country[d->group[at].target].name;
}

/* `detailed`: the groups on the map with labels and ellipses; else every group as a marker. */
static vmap_status put_series(drawing *d, bool detailed, vmap_error *err)
{
    const vmap_groups *g = d->a->persona.groups;
    size_t at = 0, series = d->scene.series_count;

    d->series = memory_new(series, sizeof *d->series, err);
    d->group = memory_new(g->count, sizeof *d->group, err);
    d->cov = memory_new(6 * g->count, sizeof *d->cov, err);
    if (!d->series || !d->group || !d->cov)
        return VMAP_ENOMEM;
    for (size_t s = 0; s < series; s++) {
        d->series[s] = (vmap_figure_series){.name = d->names[s], .groups = d->group + at};
        for (size_t i = 0; i < g->count; i++) {
            if (has_position(&g->group[i]) && same_series(d, d->first[s], i) &&
                (!detailed || d->shown[i])) {
                put_group(d, i, at++, detailed);
                d->series[s].groups_count++;
            }
        }
    }
    d->scene.series = d->series;
    return VMAP_SUCCESS;
}

/* ---- words ---- */

static vmap_figure_width find_width(const study *s)
{
    const char *size = s->figure && s->figure->size ? s->figure->size : "page";

    return strcmp(size, "column") == 0  ? VMAP_FIGURE_COLUMN
           : strcmp(size, "slide") == 0 ? VMAP_FIGURE_SLIDE
                                        : VMAP_FIGURE_PAGE;
}

/* The least and the largest year of the countries. */
static char *describe_countries(const analysis *a)
{
    const vmap_references *refs = a->references;
    int from = 0, to = 0;

    for (size_t i = 0; i < refs->countries; i++) {
        int year = refs->country[i].year;

        if (year && (!from || year < from))
            from = year;
        to = year > to ? year : to;
    }
    if (from)
        return text_format("%zu countries at their latest survey, %d-%d (space %s); zones of edition %s.",
                           refs->countries, from, to, a->space->name, a->countries->edition);
    return text_format("%zu groups of people (space %s); zones of edition %s.", refs->countries,
                       a->space->name, a->countries->edition);
}

/* How many personas, and of how many groups. */
static char *describe_personas(const drawing *d, bool all)
{
    const analysis_set *p = &d->a->persona;
    size_t n = 0, groups = 0;

    for (size_t i = 0; i < p->groups->count; i++) {
        if (has_position(&p->groups->group[i]) && (all || d->shown[i])) {
            n += p->groups->group[i].n;
            groups++;
        }
    }
    return text_format("%zu respondents of set %s in %zu of %zu groups; weight %s.", n,
                       p->answers->set, groups, p->groups->count,
                       p->study->weight ? p->study->weight : "none");
}

static char *describe_missing(const drawing *d)
{
    const vmap_groups *g = d->a->persona.groups;
    double sd[2] = {0, 0}, share[2] = {1, 1};

    for (size_t i = 0; i < g->count; i++) {
        for (size_t j = 0; j < 2 && has_position(&g->group[i]); j++) {
            sd[j] = fmax(sd[j], gsl_vector_get(g->group[i].sd_incomplete, j));
            share[j] = fmin(share[j], gsl_vector_get(g->group[i].share, j));
        }
    }
    if (sd[0] < 1e-9 && sd[1] < 1e-9)
        return NULL;
    return text_format("Answers are missing: positions are drawn towards the middle, and what is missing "
                       "leaves a standard deviation of up to %.2f (%s) and %.2f (%s) open.",
                       sd[0], d->a->space->axes[0].name, sd[1], d->a->space->axes[1].name);
}

static void put_captions(drawing *d, const char *caution, bool all)
{
    size_t n = 0;

    if (d->a->simulated)
        d->caption[n++] = "SIMULATED DATA: this figure says nothing about people or models.";
    d->caption[n++] = own(d, describe_countries(d->a));
    if (d->a->persona.groups) {
        char *missing = describe_missing(d);

        d->caption[n++] = own(d, describe_personas(d, all));
        if (missing)
            d->caption[n++] = own(d, missing);
    }
    if (caution)
        d->caption[n++] = caution;
    d->scene.caption = d->caption;
    d->scene.caption_count = n;
}

/* The first line also stands at the foot of the figure. */
static void put_provenance(drawing *d, const vmap_report *report)
{
    size_t n = vmap_report_provenance_count(report);

    d->provenance[d->scene.provenance_count++] =
        own(d, text_format("%s, space %s, affine %s, incomplete %s, seed %d",
                           vmap_report_provenance_line(report, 0), d->a->space->name,
                           d->a->space->affine, d->a->study->incomplete, d->a->study->seed));
    for (size_t i = 1; i < n && d->scene.provenance_count < PROVENANCE; i++)
        d->provenance[d->scene.provenance_count++] = vmap_report_provenance_line(report, i);
    d->scene.provenance = d->provenance;
}

static vmap_figure_axis axis_of(const vmap_axis *axis)
{
    return (vmap_figure_axis){.low = axis->low, .high = axis->high};
}

/* ---- whole figures ---- */

/* A scene with countries and, when there are personas, the groups of the map or all of them. */
static vmap_status build(drawing *d, const analysis *a, const vmap_report *report,
                         const char *caution, bool all, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    d->a = a;
    vmap_figure_scene_defaults(&d->scene);
    d->scene.title = a->study->title;
    d->scene.width = find_width(a->study);
    d->scene.x = axis_of(&a->space->axes[0]);
    d->scene.y = axis_of(&a->space->axes[1]);
    d->scene.seed = (uint64_t)a->study->seed;
    if (a->persona.groups) {
        status = find_series(d, err);
        if (!status)
            status = choose_groups(d, err);
        if (!status)
            status = put_series(d, !all, err);
        d->scene.subtitle = all ? "Lines tie each group to the country it is meant to be."
                            : a->persona.target_column < a->persona.groups->columns
                                ? "Arrows lead from a group to the country it is meant to be; ellipses: "
                                  "95 % region of the mean."
                                : "Ellipses: 95 % region of the mean.";
    }
    if (!status)
        status = put_countries(d, err);
    if (!status) {
        put_captions(d, caution, all);
        put_provenance(d, report);
    }
    return status;
}

/* What found no room on the map; empty when everything did. */
static void say_room(char *text, size_t size, const vmap_figure_info *info)
{
    *text = '\0';
    if (info->overlaps || info->left_out)
        snprintf(text, size, "%zu of %zu labels overlap; %zu countries are without a label for want of room.",
                 info->overlaps, info->labels, info->left_out);
}

static vmap_status make_map(const analysis *a, const vmap_report *report, const char *caution,
                            char **script, char **caption, vmap_error *err)
{
    drawing d = {0};
    vmap_figure_info info = {0};
    vmap_status status = build(&d, a, report, caution, false, err);

    if (!status)
        status = vmap_figure_map(&d.scene, script, &info, err);
    if (!status && caption) {
        char room[160];

        say_room(room, sizeof room, &info);
        *caption = text_format(
            "Map of %zu countries%s by %s (across) and %s (up). %s%s%s",
            a->references->countries, d.shown_count ? " and persona groups" : "",
            a->space->axes[0].label, a->space->axes[1].label,
            a->simulated ? "SIMULATED DATA. " : "", room,
            info.unusual ? " Some labels need a font that Arial is not: where none is installed, the pdf "
                           "is unreadable and the svg is not."
                         : "");
        if (!*caption) {
            free(*script);
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a caption");
        }
    }
    free_drawing(&d);
    return status;
}

/* One panel per series, when the series are too large for the map. */
static bool wants_panels(const analysis *a)
{
    const vmap_groups *g = a->persona.groups;

    return g && a->persona.target_column < g->columns && g->count > MAP_GROUPS;
}

static vmap_status add_panels(outcome *o, const analysis *a, const char *caution, vmap_error *err)
{
    drawing d = {0};
    char *script = NULL;
    vmap_status status = build(&d, a, o->report, caution, true, err);

    d.scene.name = "panels";
    if (!status)
        status = vmap_figure_map_panels(&d.scene, &script, NULL, err);
    if (!status)
        status = outcome_add_figure(o, "panels", script,
                                    "Every persona group, one panel per series, tied to the country it "
                                    "is meant to be; colours and markers are those of that country's "
                                    "zone.",
                                    err);
    free_drawing(&d);
    return status;
}

vmap_status figures_make(outcome *o, const analysis *a, const char *caution, vmap_error *err)
{
    char *script = NULL, *caption = NULL;
    vmap_status status;

    if (a->space->k != 2 || (!a->references->countries && !a->persona.groups))
        return VMAP_SUCCESS;
    status = make_map(a, o->report, caution, &script, &caption, err);
    if (!status)
        status = outcome_add_figure(o, "map", script, caption, err);
    free(caption);
    if (!status && wants_panels(a))
        status = add_panels(o, a, caution, err);
    return status;
}

vmap_status figures_script(const analysis *a, const vmap_report *report, const char *caution,
                           char **text, vmap_error *err)
{
    if (a->space->k != 2)
        return vmap_error_set(err, VMAP_EINVAL, "a map has two axes; space %s has %zu",
                              a->space->name, a->space->k);
    return make_map(a, report, caution, text, NULL, err);
}
