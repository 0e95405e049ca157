#include <config.h>
#include "cli/clusters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/outcome.h"
#include "core/memory.h"
#include "core/text.h"
#include "valuemap/chart.h"

/* The figures of `valuemap cluster`. A figure that would have too many rows or leaves to be read is not drawn. */

enum { LEAVES_MOST = 130, CELLS_MOST = 80, NAMES_MOST = 60, SERIES_MOST = 6, STYLES = 6, MARKS_MOST = 12, PROVENANCE = 24 };

/* Level of the ellipses of clusters: one standard deviation's share, so that neighbours stay apart. */
static const double MAP_LEVEL = .68;

/* What every chart of one run has. */
typedef struct {
    const cluster_work *w;
    outcome *o;
    const char *provenance[PROVENANCE];
    size_t provenance_count;
} drawing;

static vmap_chart chart_of(const drawing *d, const char *name, const char *title, const char *const *caption)
{
    return (vmap_chart){.name = name,
                        .title = title,
                        .caption = caption,
                        .caption_count = caption && *caption ? 1 : 0,
                        .provenance = d->provenance,
                        .provenance_count = d->provenance_count,
                        .width = VMAP_FIGURE_PAGE};
}

static const char *simulated(const drawing *d)
{
    return d->w->simulated ? "SIMULATED DATA" : NULL;
}

static const char *name_of(const cluster_set *s)
{
    return strcmp(s->name, "human") == 0     ? "countries"
           : strcmp(s->name, "persona") == 0 ? "personas"
                                             : "units";
}

/* Names "cluster 1" ... in fresh memory; NULL when memory is short. */
static char **number_clusters(size_t k)
{
    char **name = memory_new(k + 1, sizeof *name, NULL);

    for (size_t q = 0; name && q < k; q++)
        name[q] = text_format("cluster %zu", q + 1);
    return name;
}

static void free_names(char **name, size_t count)
{
    for (size_t q = 0; name && q < count; q++)
        free(name[q]);
    free(name);
}

/* Take over a script that was drawn; a chart that cannot be drawn is left out, a shortage of memory is not. */
static vmap_status keep(drawing *d, vmap_status drawn, char **script, const char *name, const char *caption,
                        vmap_error *err)
{
    if (drawn == VMAP_ENOMEM)
        return drawn;
    return drawn ? VMAP_SUCCESS : outcome_add_figure(d->o, name, *script, caption, err);
}

/* ---- each set by itself ---- */

/* The given partition that units are marked by: zones, or the first one with a few groups; NULL: none. */
static const cluster_given *find_marks(const cluster_set *s)
{
    const cluster_given *zone = clusters_given(s, "zone");

    for (size_t g = 0; !zone && g < s->givens; g++) {
        if (s->given[g].words > 1 && s->given[g].words <= MARKS_MOST)
            zone = &s->given[g];
    }
    return zone;
}

/* Leaves coloured by their zone or other given group, or by their cluster where none is known. */
static vmap_status draw_tree(drawing *d, const cluster_set *s, vmap_error *err)
{
    const cluster_given *zone = find_marks(s);
    char **cluster = number_clusters(s->partition->k), *script = NULL;
    char *name = text_format("tree_%s", name_of(s)), *title = text_format("Tree of the %s (%s)", name_of(s), d->w->method->name);
    const char *caption[] = {simulated(d)};
    char *text = text_format("Dendrogram: which units join at which height. Colours: %s; the line cuts the tree into the "
                             "clusters of the tables.", zone ? zone->name : "clusters");
    vmap_chart_tree c = {.labels = (const char *const *)s->label, .left = s->tree, .height = "height of joining"};
    size_t k = s->partition->k;
    vmap_status status = VMAP_ENOMEM;

    if (cluster && name && title && text) {
        c.chart = chart_of(d, name, title, caption);
        c.group = zone ? zone->label : s->partition->cluster;
        c.groups = (const char *const *)(zone ? zone->word : cluster);
        c.groups_count = zone ? zone->words : k;
        c.cut = k > 1 && k < s->n ? (s->tree->height[s->n - k - 1] + s->tree->height[s->n - k]) / 2 : NAN;
        status = keep(d, vmap_chart_draw_tree(&c, &script, NULL, err), &script, name, text, err);
    }
    free(text);
    free_names(cluster, k);
    free(name);
    free(title);
    return status;
}

/* Values of all units, standardised, in the order of the tree, which stands beside them; distances where there are no
 * values. */
static vmap_status draw_heat(drawing *d, const cluster_set *s, vmap_error *err)
{
    const cluster_given *zone = find_marks(s);
    size_t columns = s->at ? s->at->size2 : s->n;
    gsl_matrix *m = memory_matrix(s->n, columns, err);
    char *script = NULL, *name = text_format("heat_%s", name_of(s));
    char *text = text_format("Heat map of the values of all units, in the order of the tree at the right%s%s.",
                             zone ? "; bars beside the names: " : "", zone ? zone->name : "");
    const char *caption[] = {simulated(d)};
    vmap_chart_heat c = {.rows = (const char *const *)s->label,
                         .columns = (const char *const *)(s->at ? s->axis : s->label),
                         .rows_count = s->n,
                         .columns_count = columns,
                         .diverging = s->at != NULL,
                         .legend = s->at ? "standard deviations from the mean" : "distance",
                         .row_tree = s->tree,
                         .column_order = s->at ? NULL : s->tree->order};
    vmap_status status = VMAP_ENOMEM;

    if (m && name && text) {
        gsl_matrix_memcpy(m, s->at ? s->at : s->dissimilarity);
        if (s->at)
            vmap_cluster_standardise(m, NULL);
        c.chart = chart_of(d, name, "Units in the order of the tree", caption);
        c.values = m->data;
        c.row_group = zone ? zone->label : NULL;
        c.groups = zone ? (const char *const *)zone->word : NULL;
        c.groups_count = zone ? zone->words : 0;
        status = keep(d, vmap_chart_draw_heat(&c, &script, NULL, err), &script, name,
                      s->at ? text
                            : "Heat map of the distances of all units, in the order of the tree at the right. Dark blocks "
                              "on the diagonal would be clusters.",
                      err);
    }
    gsl_matrix_free(m);
    free(name);
    free(text);
    return status;
}

typedef struct {
    size_t unit, cluster;
    double width;
} bar;

static int compare_bars(const void *a, const void *b)
{
    const bar *x = a, *y = b;

    if (x->cluster != y->cluster)
        return x->cluster < y->cluster ? -1 : 1;
    if (x->width != y->width)
        return x->width > y->width ? -1 : 1;
    return x->unit < y->unit ? -1 : x->unit > y->unit;
}

/* Silhouettes of the units that are in clusters, in the order in which they are drawn; returns how many. */
static size_t list_bars(const cluster_set *s, bar *bars)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (s->partition->cluster[i] != VMAP_CLUSTER_NONE)
            bars[n++] = (bar){i, s->partition->cluster[i], s->width[i]};
    }
    qsort(bars, n, sizeof *bars, compare_bars);
    return n;
}

static vmap_status draw_silhouettes(drawing *d, const cluster_set *s, vmap_error *err)
{
    bar *bars = memory_new(s->n, sizeof *bars, err);
    vmap_chart_dot *dots = memory_new(s->n, sizeof *dots, err);
    const char **rows = memory_new(s->n, sizeof *rows, err), **headings = memory_new(s->n, sizeof *headings, err);
    char **cluster = number_clusters(s->partition->k), *script = NULL, *name = text_format("silhouettes_%s", name_of(s));
    const char *caption[] = {simulated(d)};
    char *title = text_format("Silhouettes of the %s", name_of(s));
    vmap_status status = VMAP_ENOMEM;

    if (bars && dots && rows && headings && cluster && name && title) {
        size_t n = list_bars(s, bars);
        vmap_chart_dots_panel panel = {.dots = dots, .dots_count = n};
        vmap_chart_dots c = {.rows = rows, .rows_count = n, .headings = headings, .panels = &panel,
                             .panels_count = 1, .series = (const char *const *)cluster,
                             .series_count = s->partition->k, .reference = 0, .stems = true,
                             .x = {.name = "silhouette"}};

        for (size_t i = 0; i < n; i++) {
            rows[i] = s->label[bars[i].unit];
            headings[i] = i == 0 || bars[i].cluster != bars[i - 1].cluster ? cluster[bars[i].cluster] : NULL;
            dots[i] = (vmap_chart_dot){i, bars[i].cluster, bars[i].width, NAN, NAN};
        }
        c.chart = chart_of(d, name, title, caption);
        c.chart.width = VMAP_FIGURE_COLUMN;
        status = keep(d, vmap_chart_draw_dots(&c, &script, NULL, err), &script, name,
                      "Silhouette of every unit: from -1 (nearer to another cluster) to 1 (deep in its own).", err);
    }
    free(bars);
    free(dots);
    free(rows);
    free(headings);
    free_names(cluster, s->partition->k);
    free(name);
    free(title);
    return status;
}

/* Many units: widths by rank within their clusters, a line for each cluster; where these are not styled, a rule before each. */
static void fill_curves(const bar *bars, size_t n, bool styled, char *const *cluster, double *x, double *y, vmap_chart_lines *c,
                        vmap_chart_line *lines, vmap_chart_rule *rules)
{
    for (size_t i = 0; i < n; i++) {
        vmap_chart_line *line = &lines[bars[i].cluster];

        x[i] = (double)i + 1;
        y[i] = bars[i].width;
        if (!styled && line->n == 0)
            rules[c->rules_count++] = (vmap_chart_rule){true, x[i] - .5, cluster[bars[i].cluster] + strlen("cluster ")};
        if (line->n++ == 0)
            *line = (vmap_chart_line){.series = styled ? bars[i].cluster : 0, .n = 1, .x = x + i, .y = y + i, .points = n <= 300};
    }
}

/* Curves without names. Styles of lines repeat after STYLES: more clusters are told apart by lines between them. */
static vmap_status draw_silhouette_curves(drawing *d, const cluster_set *s, vmap_error *err)
{
    static const char *const units[] = {"units, clusters by number"};
    size_t k = s->partition->k, n;
    bool styled = k <= STYLES;
    bar *bars = memory_new(s->n, sizeof *bars, err);
    double *x = memory_new(s->n, sizeof *x, err), *y = memory_new(s->n, sizeof *y, err);
    vmap_chart_line *lines = memory_new(k, sizeof *lines, err);
    vmap_chart_rule *rules = memory_new(k + 2, sizeof *rules, err);
    char **cluster = number_clusters(k), *script = NULL, *name = text_format("silhouettes_%s", name_of(s));
    char *title = text_format("Silhouettes of the %s", name_of(s));
    const char *caption[] = {simulated(d)};
    vmap_status status = VMAP_ENOMEM;

    if (bars && x && y && lines && rules && cluster && name && title) {
        vmap_chart_lines_panel panel = {.lines = lines, .lines_count = k};
        vmap_chart_lines c = {.series = styled ? (const char *const *)cluster : units, .series_count = styled ? k : 1,
                              .panels = &panel, .panels_count = 1, .whole_x = true, .rules = rules, .rules_count = 2,
                              .x = {.name = "units, by cluster and silhouette"}, .y = {.name = "silhouette"}};

        rules[1] = (vmap_chart_rule){.at = s->mean_width, .label = "mean"};
        n = list_bars(s, bars);
        fill_curves(bars, n, styled, cluster, x, y, &c, lines, rules);
        c.chart = chart_of(d, name, title, caption);
        status = keep(d, vmap_chart_draw_lines(&c, &script, NULL, err), &script, name,
                      "Silhouettes of the units, from the best of each cluster to its worst: below 0 a unit is nearer to "
                      "another cluster.",
                      err);
    }
    free(bars);
    free(x);
    free(y);
    free(lines);
    free(rules);
    free_names(cluster, k);
    free(name);
    free(title);
    return status;
}

static vmap_status draw_map(drawing *d, const cluster_set *s, vmap_error *err)
{
    vmap_chart_point *points = memory_new(s->n, sizeof *points, err);
    char **cluster = number_clusters(s->partition->k), *script = NULL, *name = text_format("clusters_%s", name_of(s));
    char *title = text_format(s->count && !s->count->clear ? "No clear clusters of %s: the best that there are" : "Clusters of %s", name_of(s));
    const char *caption[] = {simulated(d)};
    size_t n = 0;
    vmap_status status = VMAP_ENOMEM;

    if (points && cluster && name && title) {
        vmap_chart_plane c = {.series = (const char *const *)cluster, .series_count = s->partition->k,
                              .points = points, .hulls = true, .ellipses = MAP_LEVEL, .equal = true, .seed = 1,
                              .x = {.name = s->axis[0]}, .y = {.name = s->axis[1]}};

        for (size_t i = 0; i < s->n; i++) {
            if (s->partition->cluster[i] != VMAP_CLUSTER_NONE)
                points[n++] = (vmap_chart_point){s->label[i], gsl_matrix_get(s->points, i, 0),
                                                 gsl_matrix_get(s->points, i, 1), s->partition->cluster[i],
                                                 s->n <= LEAVES_MOST};
        }
        c.points_count = n;
        c.chart = chart_of(d, name, title, caption);
        status = keep(d, vmap_chart_draw_plane(&c, &script, NULL, err), &script, name,
                      "Units on two axes; colour and marker: cluster, with its hull and, as a line, the ellipse that holds "
                      "68 % of a normal distribution with its mean and covariance.", err);
    }
    free(points);
    free_names(cluster, s->partition->k);
    free(name);
    free(title);
    return status;
}

static vmap_status draw_set(drawing *d, const cluster_set *s, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    if (s->points && s->points->size2 == 2 && s->partition->k > 0)
        status = draw_map(d, s, err);
    if (!status && s->tree && s->n <= LEAVES_MOST)
        status = draw_tree(d, s, err);
    if (!status && s->tree && s->n <= (s->at ? LEAVES_MOST : CELLS_MOST))
        status = draw_heat(d, s, err);
    if (!status && s->width)
        status = s->n <= NAMES_MOST ? draw_silhouettes(d, s, err) : draw_silhouette_curves(d, s, err);
    return status;
}

/* ---- two sets ---- */

/* What a matrix of distances between two sides is called. */
typedef struct {
    const char *name, *title, *row, *column; /* row, column: words before the names of the sides */
    const gsl_matrix *between;               /* where only distances are known: mean distances are drawn */
} matrix_words;

static double centres_apart(const gsl_matrix *a, const gsl_matrix *b, const gsl_matrix *between)
{
    double sum = 0;

    if (!between)
        return clusters_centre_distance(a, b);
    for (size_t i = 0; i < a->size1; i++) {
        for (size_t j = 0; j < b->size1; j++)
            sum += gsl_matrix_get(between, (size_t)gsl_matrix_get(a, i, 0), (size_t)gsl_matrix_get(b, j, 0));
    }
    return sum / (double)(a->size1 * b->size1);
}

static vmap_status draw_matrix(drawing *d, const cluster_side *from, const cluster_side *to, const matrix_words *words,
                               vmap_error *err)
{
    gsl_matrix *m = memory_matrix(from->count, to->count, err);
    char *script = NULL, **rows = memory_new(from->count, sizeof *rows, err);
    char **columns = memory_new(to->count, sizeof *columns, err);
    const char *caption[] = {simulated(d)};
    vmap_status status = VMAP_ENOMEM;

    if (m && rows && columns) {
        vmap_chart_heat c = {.rows = (const char *const *)rows, .columns = (const char *const *)columns,
                             .rows_count = from->count, .columns_count = to->count, .values = m->data,
                             .numbers = true, .decimals = 2,
                             .legend = words->between ? "mean distance" : "distance of centres"};

        for (size_t i = 0; i < from->count; i++) {
            rows[i] = text_format("%s%s", words->row, from->name[i]);
            for (size_t j = 0; j < to->count; j++)
                gsl_matrix_set(m, i, j, centres_apart(from->whole[i], to->whole[j], words->between));
        }
        for (size_t j = 0; j < to->count; j++)
            columns[j] = text_format("%s%s", words->column, to->name[j]);
        c.chart = chart_of(d, words->name, words->title, caption);
        status = keep(d, vmap_chart_draw_heat(&c, &script, NULL, err), &script, words->name,
                      "Distances of the rows from the columns; the table cluster_distance has other distances and "
                      "intervals.",
                      err);
    }
    free_names(rows, from->count);
    free_names(columns, to->count);
    gsl_matrix_free(m);
    return status;
}

/* Where the shares of the persona units go at the least cost. */
static vmap_status draw_flow(drawing *d, const cluster_side *from, const cluster_side *to, const char *kind,
                             vmap_error *err)
{
    gsl_matrix *m = memory_matrix(from->count, to->count, err), *flow = memory_matrix(from->count, to->count, err);
    vmap_chart_link *links = memory_new(from->count * to->count, sizeof *links, err);
    bool zones = strcmp(kind, "zone") == 0;
    char *script = NULL, *name = text_format("matching_%s", kind), **rows = number_clusters(from->count);
    char **columns = zones ? NULL : number_clusters(to->count);
    const char *caption[] = {simulated(d)};
    size_t n = 0;
    double total;
    vmap_status status = VMAP_ENOMEM;

    for (size_t i = 0; m && i < from->count; i++) {
        for (size_t j = 0; j < to->count; j++)
            gsl_matrix_set(m, i, j, clusters_centre_distance(from->whole[i], to->whole[j]));
    }
    if (m && flow && links && name && rows && (zones || columns))
        status = vmap_match_transport(m, from->share, to->share, flow, &total, err);
    for (size_t i = 0; !status && i < from->count; i++) {
        for (size_t j = 0; j < to->count; j++) {
            if (gsl_matrix_get(flow, i, j) > 0)
                links[n++] = (vmap_chart_link){i, j, gsl_matrix_get(flow, i, j)};
        }
    }
    if (!status) {
        vmap_chart_flow c = {.left = (const char *const *)rows, .right = (const char *const *)(zones ? to->name : columns),
                             .left_count = from->count, .right_count = to->count, .left_title = "personas",
                             .right_title = zones ? "zones" : "countries",
                             .links = links, .links_count = n};

        c.chart = chart_of(d, name, "Which persona cluster corresponds to which of people", caption);
        status = keep(d, vmap_chart_draw_flow(&c, &script, NULL, err), &script, name,
                      "Cheapest transport of the shares of persona units to the shares of countries; the wider a band, "
                      "the larger the share.",
                      err);
    }
    gsl_matrix_free(m);
    gsl_matrix_free(flow);
    free(links);
    free(name);
    free_names(rows, from->count);
    if (columns)
        free_names(columns, to->count);
    return status;
}

/* Persona clusters beside the zones, or beside the clusters of countries. */
static vmap_status draw_side(drawing *d, bool zones, vmap_error *err)
{
    cluster_side personas = {0}, other = {0};
    matrix_words words = {zones ? "cluster_to_zone" : "cluster_to_cluster",
                          zones ? "Persona clusters and zones" : "Persona clusters and clusters of people", "personas ",
                          zones ? "" : "countries ", NULL};
    bool exists = zones ? clusters_zones_side(&d->w->set[0], &other) : clusters_side(&d->w->set[0], &other);
    vmap_status status = VMAP_SUCCESS;

    if (exists && clusters_side(&d->w->set[1], &personas)) {
        status = draw_matrix(d, &personas, &other, &words, err);
        if (!status)
            status = draw_flow(d, &personas, &other, zones ? "zone" : "cluster", err);
    }
    clusters_free_side(&personas);
    clusters_free_side(&other);
    return status;
}

static vmap_status draw_sides(drawing *d, vmap_error *err)
{
    vmap_status status = draw_side(d, true, err);

    return status ? status : draw_side(d, false, err);
}

/* ---- series ---- */

static bool is_taken(const outcome *o, const char *name)
{
    for (size_t f = 0; f < o->figures_count; f++) {
        if (strcasecmp(o->figures[f].name, name) == 0) /* not all file systems tell a from A */
            return true;
    }
    return false;
}

/* Letters, digits and _ of a name, with a number where another figure has the same ones. */
static char *file_name(const outcome *o, const char *stem, const char *series)
{
    char *name = text_format("%s_%s", stem, series), *first = name;

    for (char *c = name; c && *c; c++) {
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') && !(*c >= '0' && *c <= '9') && *c != '-')
            *c = '_';
    }
    for (size_t number = 2; name && is_taken(o, name); number++) {
        if (name != first)
            free(name);
        name = text_format("%s_%zu", first, number);
    }
    if (name != first)
        free(first);
    return name;
}

static vmap_status draw_tanglegram(drawing *d, const cluster_series *s, vmap_error *err)
{
    const cluster_set *h = &d->w->set[0];
    const cluster_given *zone = clusters_given(h, "zone");
    const char **labels = memory_new(s->n, sizeof *labels, err);
    size_t *group = memory_new(s->n, sizeof *group, err);
    char *script = NULL, *name = file_name(d->o, "tanglegram", s->name);
    const char *caption[] = {simulated(d)};
    vmap_status status = VMAP_ENOMEM;

    if (labels && group && name) {
        vmap_chart_tree c = {.labels = labels, .left = s->human_tree, .right = s->persona_tree,
                             .left_title = "people", .right_title = s->name, .cut = NAN};

        for (size_t i = 0; i < s->n; i++) {
            size_t at = d->w->set[1].target[s->unit[i]];

            labels[i] = h->label[at];
            group[i] = zone ? zone->label[at] : VMAP_FIGURE_NONE;
        }
        c.group = zone ? group : NULL;
        c.groups = zone ? (const char *const *)zone->word : NULL;
        c.groups_count = zone ? zone->words : 0;
        c.chart = chart_of(d, name, "Trees of people and of personas", caption);
        status = keep(d, vmap_chart_draw_tree(&c, &script, NULL, err), &script, name,
                      "Tanglegram: the tree of the countries by people at the left, by personas at the right; lines "
                      "join the same country. Colours: cultural zones.",
                      err);
    }
    free(labels);
    free(group);
    free(name);
    return status;
}

static vmap_status draw_drift(drawing *d, const cluster_series *s, vmap_error *err)
{
    const cluster_set *h = &d->w->set[0], *p = &d->w->set[1];
    static const char *const series[] = {"people", "personas"};
    vmap_chart_point *points = memory_new(2 * s->n, sizeof *points, err);
    vmap_chart_arrow *arrows = memory_new(s->n, sizeof *arrows, err);
    char *script = NULL, *name = file_name(d->o, "drift", s->name), *title = text_format("From people to personas: %s", s->name);
    const char *caption[] = {simulated(d)};
    vmap_status status = VMAP_ENOMEM;

    if (points && arrows && name && title) {
        vmap_chart_plane c = {.series = series, .series_count = 2, .points = points, .points_count = 2 * s->n,
                              .arrows = arrows, .arrows_count = s->n, .equal = true, .seed = 1,
                              .x = {.name = h->axis[0]}, .y = {.name = h->axis[1]}};

        for (size_t i = 0; i < s->n; i++) {
            size_t u = s->unit[i], at = p->target[u];
            double x0 = gsl_matrix_get(h->points, at, 0), y0 = gsl_matrix_get(h->points, at, 1);
            double x1 = gsl_matrix_get(p->points, u, 0), y1 = gsl_matrix_get(p->points, u, 1);

            points[2 * i] = (vmap_chart_point){h->label[at], x0, y0, 0, true};
            points[2 * i + 1] = (vmap_chart_point){NULL, x1, y1, 1, false};
            arrows[i] = (vmap_chart_arrow){NULL, x0, y0, x1, y1, 1};
        }
        c.chart = chart_of(d, name, title, caption);
        status = keep(d, vmap_chart_draw_plane(&c, &script, NULL, err), &script, name,
                      "Arrows from where the people of a country are to where its personas are.", err);
    }
    free(points);
    free(arrows);
    free(name);
    free(title);
    return status;
}

vmap_status clusters_draw(const cluster_work *w, const vmap_report *r, outcome *o, vmap_error *err)
{
    drawing d = {.w = w, .o = o};
    vmap_status status = VMAP_SUCCESS;

    d.provenance_count = outcome_chart_provenance(r, d.provenance, PROVENANCE);
    for (size_t i = 0; !status && i < w->sets; i++)
        status = draw_set(&d, &w->set[i], err);
    if (!status && clusters_are_comparable(w))
        status = draw_sides(&d, err);
    for (size_t q = 0; !status && q < w->series_count && q < SERIES_MOST; q++) {
        if (w->series[q].has_trees && w->series[q].n <= LEAVES_MOST)
            status = draw_tanglegram(&d, &w->series[q], err);
    }
    for (size_t q = 0; !status && q < w->series_count && q < SERIES_MOST; q++) {
        if (w->set[0].points->size2 == 2)
            status = draw_drift(&d, &w->series[q], err);
    }
    return status;
}

vmap_status clusters_draw_between(const cluster_work *w, const vmap_report *r, outcome *o, vmap_error *err)
{
    const word_list *between = &w->settings->between;
    const cluster_set *set = &w->set[w->sets - 1];
    drawing d = {.w = w, .o = o};
    cluster_side left = {0}, right = {0};
    matrix_words words = {"cluster_distance", "Distances of clusters",
                          strcmp(between->words[0], "cluster") == 0 ? "cluster " : "",
                          strcmp(between->words[between->count - 1], "cluster") == 0 ? "cluster " : "",
                          set->points ? NULL : set->dissimilarity};
    vmap_status status = VMAP_SUCCESS;

    d.provenance_count = outcome_chart_provenance(r, d.provenance, PROVENANCE);
    if (clusters_between_side(w, 0, &left) && clusters_between_side(w, 1, &right) && left.count <= CELLS_MOST &&
        right.count <= CELLS_MOST)
        status = draw_matrix(&d, &left, &right, &words, err);
    clusters_free_side(&left);
    clusters_free_side(&right);
    return status;
}
