#include <config.h>
#include "cli/clusters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/named_rows.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"

/* Units from files of numbers: a matrix of distances, rows or groups of rows. */

static void set_reading(const cluster_work *w, vmap_read_options *o)
{
    const read_settings *set = &w->settings->study.read;

    vmap_read_defaults(o);
    if (set->delimiter)
        o->delimiter = strcmp(set->delimiter, "tab") == 0 ? '\t' : set->delimiter[0];
    if (set->decimal)
        o->decimal = set->decimal[0];
    o->encoding = set->encoding;
    o->skip = (size_t)set->skip;
    o->text_is_missing = set->text && strcmp(set->text, "missing") == 0;
}

static vmap_status check_names(const vmap_table *t, vmap_error *err)
{
    size_t n = vmap_table_rows(t);

    if (vmap_table_columns(t) != n + 1)
        return vmap_error_set(err, VMAP_EDATA,
                              "the file has %zu rows and %zu columns besides the names; a matrix of "
                              "distances has as many of both",
                              n, vmap_table_columns(t) - 1);
    return named_rows_check(t, "units", err);
}

static vmap_status take_row(cluster_set *s, const vmap_table *t, size_t i, vmap_error *err)
{
    s->label[i] = clusters_copy(vmap_table_text(t, 0, i));
    if (!s->label[i])
        return clusters_no_memory(err);
    for (size_t j = 0; j < s->n; j++) {
        double d = vmap_table_value(t, j + 1, i);

        gsl_matrix_set(s->dissimilarity, i, j, d);
        if (isnan(d)) {
            vmap_error_set(err, VMAP_EDATA, "the distance of %s and %s is missing", s->label[i], vmap_table_name(t, j + 1));
            vmap_error_place(err, NULL, vmap_table_line(t, i), 0, NULL);
            return VMAP_EDATA;
        }
    }
    return VMAP_SUCCESS;
}

/* The matrix of a file: units by units, the first column their names. */
static vmap_status take_matrix(cluster_work *w, const vmap_table *t, vmap_error *err)
{
    size_t n = vmap_table_rows(t);
    cluster_set *s;
    vmap_units units;
    vmap_status status = check_names(t, err);

    if (status)
        return status;
    s = clusters_add_set(w, "unit", n, 0, err);
    if (!s || !(s->dissimilarity = memory_matrix(n, n, err)))
        return VMAP_ENOMEM;
    for (size_t i = 0; !status && i < n; i++)
        status = take_row(s, t, i, err);
    if (status)
        return status;
    units = clusters_units(s);
    return vmap_units_check(&units, err);
}

vmap_status clusters_read_matrix(cluster_work *w, vmap_error *err)
{
    vmap_read_options o;
    vmap_table *table = NULL;
    const char *file = w->settings->matrix;
    vmap_status status;

    set_reading(w, &o);
    status = named_rows_read(file, &o, "unit", "any number from 0", &table, err);
    if (!status) {
        status = take_matrix(w, table, err);
        if (status)
            vmap_error_place(err, file, 0, 0, NULL);
    }
    vmap_table_free(table);
    return status;
}

/* Ask for the columns that the patterns name, as texts or numbers; each once. VMAP_ENOENT for a pattern that
 * fits none. */
static vmap_status want(vmap_reader *reader, const word_list *patterns, vmap_kind kind,
                        const char *prefix, const char *file, vmap_error *err)
{
    size_t columns = vmap_reader_columns(reader);
    const char *const *names = vmap_reader_names(reader);
    vmap_status status = VMAP_SUCCESS;

    for (unsigned p = 0; p < patterns->count; p++) {
        bool found = false;

        for (size_t c = 0; !status && c < columns; c++) {
            char *as;

            if (!analysis_fits(patterns->words[p], names[c]))
                continue;
            found = true;
            as = text_format("%s%s", prefix, names[c]);
            status = as ? vmap_reader_want(reader, c, kind, as, NULL, err) : clusters_no_memory(err);
            free(as);
        }
        if (!status && !found) {
            const char *near = text_nearest(patterns->words[p], names, columns);

            status = vmap_error_set(err, VMAP_ENOENT, "the file has no column '%s'%s%s%s",
                                    patterns->words[p], near ? "; did you mean '" : "", near ? near : "",
                                    near ? "'?" : "");
            vmap_error_place(err, file, 0, 0, NULL);
        }
    }
    return status;
}

/* What a table of numbers becomes: rows, or the means of rows with the same labels. */
typedef struct {
    const vmap_table *t;
    size_t labels, numbers, by; /* columns: labels first, then numbers, then given partitions, then the weight */
    bool weighted;
    size_t *unit;               /* rows: unit, VMAP_CLUSTER_NONE for a row without a label or a number */
    size_t *first;              /* units: their first row */
    size_t units, left_out, incomplete; /* rows left out: without a label; single rows without a number */
} gathering;

static bool same_labels(const gathering *g, size_t a, size_t b)
{
    for (size_t c = 0; c < g->labels; c++) {
        if (vmap_table_level(g->t, c, a) != vmap_table_level(g->t, c, b))
            return false;
    }
    return g->labels > 0;
}

static bool has_labels(const gathering *g, size_t row)
{
    for (size_t c = 0; c < g->labels; c++) {
        if (vmap_table_level(g->t, c, row) == vmap_table_levels(g->t, c))
            return false;
    }
    return true;
}

static bool has_numbers(const gathering *g, size_t row)
{
    for (size_t c = 0; c < g->numbers; c++) {
        if (isnan(vmap_table_value(g->t, g->labels + c, row)))
            return false;
    }
    return true;
}

/* Rows with the same labels are one unit, which has means; without labels each row that has all numbers is one. */
static void gather(gathering *g)
{
    size_t rows = vmap_table_rows(g->t);

    for (size_t r = 0; r < rows; r++) {
        size_t u = 0;

        g->unit[r] = VMAP_CLUSTER_NONE;
        if (!has_labels(g, r)) {
            g->left_out++;
            continue;
        }
        if (!g->labels && !has_numbers(g, r)) {
            g->incomplete++;
            continue;
        }
        while (g->labels && u < g->units && !same_labels(g, g->first[u], r))
            u++;
        if (!g->labels)
            u = g->units;
        if (u == g->units)
            g->first[g->units++] = r;
        g->unit[r] = u;
    }
}

static char *unit_label(const gathering *g, size_t u)
{
    char *label = g->labels ? clusters_copy(vmap_table_text(g->t, 0, g->first[u]))
                            : text_format("%zu", g->first[u] + 1);

    for (size_t c = 1; label && c < g->labels; c++) {
        char *longer = text_format("%s / %s", label, vmap_table_text(g->t, c, g->first[u]));

        free(label);
        label = longer;
    }
    return label;
}

static double row_weight(const gathering *g, size_t row)
{
    return g->weighted ? vmap_table_value(g->t, g->labels + g->numbers + g->by, row) : 1;
}

/* A weight is a number from 0 up; a row without one is a mistake in the file, not a row of weight 0. */
static vmap_status check_weights(const gathering *g, const char *file, const char *column, vmap_error *err)
{
    for (size_t r = 0; r < vmap_table_rows(g->t); r++) {
        double x = row_weight(g, r);
        vmap_status status;

        if (x >= 0 && isfinite(x))
            continue;
        status = isnan(x) ? vmap_error_set(err, VMAP_EDATA, "the weight is missing; it is a number from 0 up")
                          : vmap_error_set(err, VMAP_EDATA, "the weight is %g; it is a number from 0 up", x);
        vmap_error_place(err, file, vmap_table_line(g->t, r), 0, column);
        return status;
    }
    return VMAP_SUCCESS;
}

/* Weighted means of the present values; NaN where a unit has none. */
static void put_means(const gathering *g, cluster_set *s, double *count)
{
    size_t rows = vmap_table_rows(g->t);

    for (size_t j = 0; j < g->numbers; j++) {
        memset(count, 0, g->units * sizeof *count);
        for (size_t r = 0; r < rows; r++) {
            double x = vmap_table_value(g->t, g->labels + j, r);

            if (g->unit[r] == VMAP_CLUSTER_NONE || isnan(x))
                continue;
            *gsl_matrix_ptr(s->at, g->unit[r], j) += row_weight(g, r) * x;
            count[g->unit[r]] += row_weight(g, r);
        }
        for (size_t u = 0; u < g->units; u++)
            *gsl_matrix_ptr(s->at, u, j) = count[u] > 0 ? gsl_matrix_get(s->at, u, j) / count[u] : NAN;
    }
}

/* A given partition from column c; a unit whose rows differ in it has none. */
static vmap_status take_given(const gathering *g, cluster_set *s, size_t c, const char *name,
                              vmap_error *err)
{
    const char **text = memory_new(s->n, sizeof *text, err);
    vmap_status status = text ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t u = 0; text && u < s->n; u++)
        text[u] = vmap_table_text(g->t, c, g->first[u]);
    for (size_t r = 0; text && r < vmap_table_rows(g->t); r++) {
        size_t u = g->unit[r];

        if (u != VMAP_CLUSTER_NONE && strcmp(text[u], vmap_table_text(g->t, c, r)) != 0)
            text[u] = "";
    }
    if (!status)
        status = clusters_add_given(s, name, text, err);
    free(text);
    return status;
}

static vmap_status take_columns(cluster_work *w, gathering *g, vmap_error *err)
{
    double *count = memory_new(g->units, sizeof *count, err);
    cluster_set *s = count ? clusters_add_set(w, "unit", g->units, g->numbers, err) : NULL;
    vmap_status status = s ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t j = 0; !status && j < g->numbers; j++) {
        s->axis[j] = clusters_copy(vmap_table_name(g->t, g->labels + j));
        status = s->axis[j] ? VMAP_SUCCESS : clusters_no_memory(err);
    }
    for (size_t u = 0; !status && u < g->units; u++) {
        s->label[u] = unit_label(g, u);
        status = s->label[u] ? VMAP_SUCCESS : clusters_no_memory(err);
    }
    if (!status)
        put_means(g, s, count);
    if (!status && clusters_weigh(w, s, err)) {
        memset(s->weight, 0, s->n * sizeof *s->weight);
        for (size_t r = 0; r < vmap_table_rows(g->t); r++) {
            if (g->unit[r] != VMAP_CLUSTER_NONE)
                s->weight[g->unit[r]] += clusters_weigh_by_number(w) ? 1 : row_weight(g, r);
        }
    }
    for (size_t c = 0; !status && c < g->labels && g->labels > 1; c++)
        status = take_given(g, s, c, vmap_table_name(g->t, c), err);
    for (size_t c = 0; !status && c < g->by; c++)
        status = take_given(g, s, g->labels + g->numbers + c,
                            strchr(vmap_table_name(g->t, g->labels + g->numbers + c), ' ') + 1, err);
    if (!status)
        status = clusters_drop_incomplete(w, s, err);
    if (!status)
        status = clusters_make_points(w, s, true, err);
    free(count);
    return status;
}

/* Ask for the columns that the settings name: labels, numbers, known groups, the weight. */
static vmap_status want_all(vmap_reader *reader, const cluster_settings *set, const char *file, vmap_error *err)
{
    char *column = set->study.weight;
    word_list weight = {&column, 1};
    vmap_status status = want(reader, &set->study.group, VMAP_TEXTS, "", file, err);

    if (!status)
        status = want(reader, &set->columns, VMAP_NUMBERS, "", file, err);
    if (!status)
        status = want(reader, &set->by, VMAP_TEXTS, "by ", file, err);
    return status || !column ? status : want(reader, &weight, VMAP_NUMBERS, "weight ", file, err);
}

/* Make units of the rows that were read. */
static vmap_status gather_rows(cluster_work *w, const vmap_table *t, const char *file, vmap_error *err)
{
    const cluster_settings *set = w->settings;
    size_t rows = vmap_table_rows(t);
    gathering g = {.t = t, .labels = set->study.group.count, .by = set->by.count, .weighted = set->study.weight != NULL};
    vmap_status status = VMAP_ENOMEM;

    g.numbers = vmap_table_columns(t) - g.labels - g.by - g.weighted;
    g.unit = memory_new(rows, sizeof *g.unit, err);
    g.first = memory_new(rows, sizeof *g.first, err);
    if (g.unit && g.first)
        status = g.weighted ? check_weights(&g, file, set->study.weight, err) : VMAP_SUCCESS;
    if (!status) {
        gather(&g);
        status = g.units ? take_columns(w, &g, err) : vmap_error_set(err, VMAP_EDATA, "no row of %s has %s", file,
                                                                     g.labels ? "a label" : "a number in every column");
    }
    if (!status)
        status = vmap_ledger_add(w->ledger, "unit", file_base(file), "group", "", "without a group label", "rows", g.left_out, err);
    if (!status)
        status = vmap_ledger_add(w->ledger, "unit", file_base(file), "columns", "", "without a number in some column", "rows",
                                 g.incomplete, err);
    if (!status && g.incomplete)
        status = vmap_ledger_warn(w->ledger, err, "%s: %zu of %zu rows lack a number in some column and are left out", file_base(file),
                                  g.incomplete, rows);
    free(g.unit);
    free(g.first);
    return status;
}

vmap_status clusters_read_columns(cluster_work *w, const char *file, vmap_error *err)
{
    vmap_reader *reader = NULL;
    vmap_table *table = NULL;
    vmap_read_options o;
    vmap_status status;

    set_reading(w, &o);
    status = vmap_reader_open(file, &o, &reader, err);
    if (!status)
        status = want_all(reader, w->settings, file, err);
    if (!status)
        status = vmap_reader_read(reader, &table, err);
    w->simulated = false;
    for (size_t c = 0; !status && c < vmap_reader_columns(reader); c++)
        w->simulated |= strcmp(vmap_reader_names(reader)[c], "SIMULATED") == 0;
    if (!status)
        status = gather_rows(w, table, file, err);
    vmap_table_free(table);
    vmap_reader_free(reader);
    return status;
}
