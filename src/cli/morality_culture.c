#include <config.h>
#include "cli/morality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/data.h"
#include "core/buffer.h"
#include "core/memory.h"
#include "core/text.h"

void morality_culture_free(morality_culture *c)
{
    if (!c)
        return;
    for (size_t i = 0; c->nation && i < c->nations; i++)
        free(c->nation[i]);
    for (size_t j = 0; c->predictor && j < c->p; j++) {
        free(c->predictor[j]);
        free(c->title ? c->title[j] : NULL);
    }
    for (size_t z = 0; c->zones && z < c->zones_count; z++)
        free(c->zones[z]);
    free(c->nation);
    free(c->predictor);
    free(c->title);
    free(c->zones);
    free(c->zone);
    gsl_matrix_free(c->x);
    free(c);
}

static char *copy(const char *text, vmap_error *err)
{
    char *own = text_copy(text, strlen(text));

    if (!own)
        vmap_error_set(err, VMAP_ENOMEM, "no memory for a label");
    return own;
}

static int compare_labels(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Every label of the nation column once, sorted. */
static vmap_status list_nations(const morality *m, morality_culture *c, vmap_error *err)
{
    const vmap_profiles *p = m->profiles;

    c->nation = memory_new(p->count, sizeof *c->nation, err);
    if (!c->nation)
        return VMAP_ENOMEM;
    for (size_t g = 0; g < p->count; g++) {
        size_t i = 0;

        while (i < c->nations && strcmp(c->nation[i], p->group[g].labels[m->nation]) != 0)
            i++;
        if (i == c->nations) {
            if (!(c->nation[i] = copy(p->group[g].labels[m->nation], err)))
                return VMAP_ENOMEM;
            c->nations++;
        }
    }
    qsort(c->nation, c->nations, sizeof *c->nation, compare_labels);
    return VMAP_SUCCESS;
}

/* ---- predictors ---- */

/* Whether --predictors asks for it (all when it asks for nothing). */
static bool is_wanted(const morality *m, const char *name)
{
    const word_list *list = &m->settings->predictors;

    for (unsigned i = 0; i < list->count; i++) {
        if (strcmp(list->words[i], name) == 0)
            return true;
    }
    return list->count == 0;
}

static vmap_status add_predictor(morality_culture *c, size_t *room, const char *name, const char *title, vmap_error *err)
{
    size_t other = *room;
    vmap_status status = memory_grow(&c->predictor, room, c->p + 1, sizeof *c->predictor, err);

    if (!status)
        status = memory_grow(&c->title, &other, c->p + 1, sizeof *c->title, err);
    if (!status) {
        c->predictor[c->p] = copy(name, err);
        c->title[c->p] = copy(title, err);
        status = c->predictor[c->p] && c->title[c->p] ? VMAP_SUCCESS : VMAP_ENOMEM;
        c->p++;
    }
    return status;
}

static vmap_status check_wanted(const morality *m, const morality_culture *c, const vmap_table *t, vmap_error *err)
{
    const word_list *list = &m->settings->predictors;

    for (unsigned i = 0; i < list->count; i++) {
        bool known = t && vmap_table_find(t, list->words[i]) < vmap_table_columns(t);

        for (size_t j = 0; j < c->p; j++)
            known |= strcmp(c->predictor[j], list->words[i]) == 0;
        if (!known)
            return vmap_error_set(err, VMAP_ENOENT, "predictors: %s has no '%s'", m->settings->culture, list->words[i]);
    }
    return c->p ? VMAP_SUCCESS
                : vmap_error_set(err, VMAP_EDATA, "%s: it has no column of numbers beside the nations", m->settings->culture);
}

static void clear_places(morality_culture *c)
{
    gsl_matrix_set_all(c->x, NAN);
}

/* The axes of a space: the latest position of each country. */
static vmap_status take_space(const morality *m, morality_culture *c, const vmap_countries *countries, vmap_error *err)
{
    vmap_space *space = NULL;
    vmap_references *places = NULL;
    size_t room = 0, axis[16];
    vmap_status status = data_space(m->settings->culture, &space, err);

    if (!status)
        status = vmap_references_new(space, countries, &places, err);
    for (size_t j = 0; !status && j < space->k && c->p < 16; j++) {
        if (is_wanted(m, space->axes[j].name)) {
            axis[c->p] = j;
            status = add_predictor(c, &room, space->axes[j].name,
                                   space->axes[j].label && *space->axes[j].label ? space->axes[j].label : space->axes[j].name,
                                   err);
        }
    }
    if (!status)
        status = check_wanted(m, c, NULL, err);
    if (!status && !(c->x = memory_matrix(c->nations, c->p, err)))
        status = VMAP_ENOMEM;
    if (!status)
        clear_places(c);
    for (size_t i = 0; !status && i < c->nations; i++) {
        size_t at = vmap_references_find(places, countries, c->nation[i]);

        for (size_t j = 0; at < places->countries && j < c->p; j++)
            gsl_matrix_set(c->x, i, j, gsl_vector_get(places->country[at].at, axis[j]));
    }
    c->axes = true;
    vmap_references_free(places);
    vmap_space_free(space);
    return status;
}

/* The row of a nation, by its label or by what the list of countries calls it; rows when there is none. */
static size_t find_row(const vmap_table *t, const vmap_countries *countries, const char *nation)
{
    const vmap_country *country = vmap_countries_find(countries, nation);
    size_t row = 0, rows = vmap_table_rows(t);

    while (row < rows && strcmp(vmap_table_text(t, 0, row), nation) != 0)
        row++;
    if (row < rows || !country)
        return row;
    row = 0;
    while (row < rows && vmap_countries_find(countries, vmap_table_text(t, 0, row)) != country)
        row++;
    return row;
}

/* Texts are taken only when they are asked for. */
static bool is_taken(const morality *m, const vmap_table *t, size_t column)
{
    return is_wanted(m, vmap_table_name(t, column)) &&
           (vmap_table_kind(t, column) != VMAP_TEXTS || m->settings->predictors.count > 0);
}

/* A column of numbers is a predictor; one of texts, such as zones, a predictor for each text but the first. */
static vmap_status name_predictors(const morality *m, morality_culture *c, const vmap_table *t, vmap_error *err)
{
    size_t room = 0;
    vmap_status status = VMAP_SUCCESS;

    for (size_t column = 1; !status && column < vmap_table_columns(t); column++) {
        const char *name = vmap_table_name(t, column);

        if (!is_taken(m, t, column))
            continue;
        if (vmap_table_kind(t, column) != VMAP_TEXTS)
            status = add_predictor(c, &room, name, name, err);
        for (size_t level = 1; !status && vmap_table_kind(t, column) == VMAP_TEXTS && level < vmap_table_levels(t, column);
             level++) {
            char *full = text_format("%s=%s", name, vmap_table_level_text(t, column, level));

            status = full ? add_predictor(c, &room, full, full, err) : VMAP_ENOMEM;
            free(full);
        }
    }
    return status ? status : check_wanted(m, c, t, err);
}

static void fill_row(const morality *m, morality_culture *c, const vmap_table *t, size_t i, size_t row)
{
    size_t j = 0;

    for (size_t column = 1; column < vmap_table_columns(t); column++) {
        if (!is_taken(m, t, column))
            continue;
        if (vmap_table_kind(t, column) != VMAP_TEXTS) {
            gsl_matrix_set(c->x, i, j++, vmap_table_value(t, column, row));
            continue;
        }
        for (size_t level = 1; level < vmap_table_levels(t, column); level++)
            gsl_matrix_set(c->x, i, j++, vmap_table_level(t, column, row) == vmap_table_levels(t, column)
                                             ? NAN
                                             : vmap_table_level(t, column, row) == level);
    }
}

/* Read the columns that may be predictors; texts[j] says which are texts, NULL: all. */
static vmap_status read_columns(const morality *m, const bool *texts, vmap_table **t, vmap_error *err)
{
    vmap_reader *reader = NULL;
    vmap_read_options o;
    size_t at = 0;
    vmap_status status;

    vmap_read_defaults(&o);
    status = vmap_reader_open(m->settings->culture, &o, &reader, err);
    for (size_t j = 0; !status && j < vmap_reader_columns(reader); j++) {
        const char *name = vmap_reader_names(reader)[j];

        if (j > 0 && (!*name || !is_wanted(m, name)))
            continue;
        status = vmap_reader_want(reader, j, !j || !texts || texts[at] ? VMAP_TEXTS : VMAP_NUMBERS, j ? name : "nation", NULL,
                                  err);
        at++;
    }
    if (!status)
        status = vmap_reader_read(reader, t, err);
    vmap_reader_free(reader);
    return status;
}

/* A column in which a text is no number holds texts. */
static bool holds_texts(const vmap_table *t, size_t column)
{
    for (size_t level = 0; level < vmap_table_levels(t, column); level++) {
        const char *text = vmap_table_level_text(t, column, level);
        double number;

        if (*text && strcmp(text, "NA") != 0 && !text_number(text, strlen(text), '.', &number) &&
            !text_number(text, strlen(text), ',', &number))
            return true;
    }
    return false;
}

static vmap_status take_file(const morality *m, morality_culture *c, const vmap_countries *countries, vmap_error *err)
{
    vmap_table *as_text = NULL, *t = NULL;
    bool *texts = NULL;
    vmap_status status = read_columns(m, NULL, &as_text, err);

    if (!status && !(texts = memory_new(vmap_table_columns(as_text), sizeof *texts, err)))
        status = VMAP_ENOMEM;
    for (size_t j = 0; !status && j < vmap_table_columns(as_text); j++)
        texts[j] = holds_texts(as_text, j);
    if (!status)
        status = read_columns(m, texts, &t, err);
    if (!status)
        status = name_predictors(m, c, t, err);
    if (!status && !(c->x = memory_matrix(c->nations, c->p, err)))
        status = VMAP_ENOMEM;
    if (!status)
        clear_places(c);
    for (size_t i = 0; !status && i < c->nations; i++) {
        size_t row = find_row(t, countries, c->nation[i]);

        if (row < vmap_table_rows(t))
            fill_row(m, c, t, i, row);
    }
    vmap_table_free(as_text);
    vmap_table_free(t);
    free(texts);
    return status;
}

/* ---- zones, and what is missing ---- */

static vmap_status find_zones(morality_culture *c, const vmap_countries *countries, vmap_error *err)
{
    c->zone = memory_new(c->nations, sizeof *c->zone, err);
    c->zones = memory_new(c->nations, sizeof *c->zones, err);
    if (!c->zone || !c->zones)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < c->nations; i++) {
        const vmap_country *country = vmap_countries_find(countries, c->nation[i]);
        const char *name = country ? country->zone : "";
        size_t z = 0;

        while (*name && z < c->zones_count && strcmp(c->zones[z], name) != 0)
            z++;
        if (*name && z == c->zones_count) {
            if (!(c->zones[z] = copy(name, err)))
                return VMAP_ENOMEM;
            c->zones_count++;
        }
        c->zone[i] = *name ? z : SIZE_MAX;
    }
    for (size_t i = 0; i < c->nations; i++)
        c->zone[i] = c->zone[i] == SIZE_MAX ? c->zones_count : c->zone[i];
    return VMAP_SUCCESS;
}

static bool has_place(const morality_culture *c, size_t i)
{
    for (size_t j = 0; j < c->p; j++) {
        if (!isfinite(gsl_matrix_get(c->x, i, j)))
            return false;
    }
    return true;
}

static vmap_status note_placeless(const morality *m, const morality_culture *c, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;
    buffer named = {0};
    size_t count = 0;

    for (size_t i = 0; i < c->nations; i++) {
        if (!has_place(c, i) && count++ < 8)
            buffer_format(&named, "%s%s", count > 1 ? ", " : "", c->nation[i]);
    }
    if (c->nations < 2)
        status = vmap_error_set(err, VMAP_EDATA, "culture: '%s' is the only nation; morality cannot be mapped on culture with "
                                "one", c->nations ? c->nation[0] : "");
    else if (count > c->nations - 2)
        status = vmap_error_set(err, VMAP_EDATA, "%s: it has a place for %zu of the %zu nations; without one are %s",
                                m->settings->culture, c->nations - count, c->nations, named.text ? named.text : "none");
    else if (count)
        status = vmap_ledger_warn(m->ledger, err, "%zu of %zu nations have no complete place in %s and are left out of the "
                                  "mapping: %s%s", count, c->nations, m->settings->culture, named.text ? named.text : "",
                                  count > 8 ? " ..." : "");
    buffer_free(&named);
    return status;
}

/* Predictors that determine one another cannot be told apart, and are named. */
static vmap_status refuse_collinear(const morality *m, const morality_culture *c, vmap_error *err)
{
    size_t n = 0;
    gsl_matrix *x;
    gsl_vector *vif = gsl_vector_calloc(c->p);
    buffer named = {0};
    vmap_status status;

    for (size_t i = 0; i < c->nations; i++)
        n += has_place(c, i);
    x = memory_matrix(n, c->p, err);
    for (size_t i = 0, to = 0; x && i < c->nations; i++) {
        gsl_vector_const_view row = gsl_matrix_const_row(c->x, i);

        if (has_place(c, i))
            gsl_matrix_set_row(x, to++, &row.vector);
    }
    status = x && vif ? VMAP_SUCCESS : VMAP_ENOMEM;
    for (size_t j = 0; !status && j < c->p; j++) {
        gsl_vector_view column = gsl_matrix_column(x, j);

        if (!(gsl_vector_max(&column.vector) > gsl_vector_min(&column.vector)))
            status = vmap_error_set(err, VMAP_EDATA, "culture: %s is the same for all %zu nations; leave it out with "
                                    "--predictors", c->predictor[j], n);
    }
    if (!status && n > c->p + 1)
        status = vmap_mapping_inflation(x, vif, err);
    for (size_t j = 0; !status && n > c->p + 1 && j < c->p; j++) {
        if (isinf(gsl_vector_get(vif, j)))
            buffer_format(&named, "%s%s", named.n ? ", " : "", c->predictor[j]);
    }
    if (!status && named.n)
        status = vmap_error_set(err, VMAP_ESINGULAR, "culture: %s determine one another in these nations; leave one out with "
                                "--predictors", named.text);
    if (!status && n <= c->p + 1)
        status = vmap_ledger_warn(m->ledger, err, "%zu nations for %zu predictors: least squares is refused, there are ridge "
                                  "regression and partial least squares only", n, c->p);
    buffer_free(&named);
    gsl_matrix_free(x);
    gsl_vector_free(vif);
    return status;
}

/* A word without '.' and '/' is a built-in space, a file that ends in .json a space of one's own. */
static bool is_space(const char *word)
{
    const char *dot = strrchr(word, '.');

    return (!strchr(word, '/') && !dot) || (dot && strcmp(dot, ".json") == 0);
}

vmap_status morality_culture_read(morality *m, vmap_error *err)
{
    morality_culture *c = memory_new(1, sizeof *c, err);
    vmap_countries *countries = NULL;
    vmap_status status = c ? VMAP_SUCCESS : VMAP_ENOMEM;

    m->culture = c;
    if (!status && !m->profiles->columns)
        status = vmap_error_set(err, VMAP_EINVAL, "culture: it needs a grouping column that names the nation: --group");
    if (!status)
        status = data_countries(m->settings->zones ? m->settings->zones : "2023", &countries, err);
    if (!status)
        status = list_nations(m, c, err);
    if (!status)
        status = is_space(m->settings->culture) ? take_space(m, c, countries, err) : take_file(m, c, countries, err);
    if (!status)
        status = find_zones(c, countries, err);
    if (!status)
        status = note_placeless(m, c, err);
    if (!status)
        status = refuse_collinear(m, c, err);
    vmap_countries_free(countries);
    return status;
}
