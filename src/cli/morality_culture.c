#include <config.h>
#include "cli/morality.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/data.h"
#include "cli/morality_coding.h"
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
        free(c->reference ? c->reference[j] : NULL);
    }
    for (size_t z = 0; c->zones && z < c->zones_count; z++)
        free(c->zones[z]);
    free(c->nation);
    free(c->predictor);
    free(c->title);
    free(c->reference);
    free(c->zones);
    free(c->zone);
    gsl_matrix_free(c->x);
    gsl_matrix_free(c->place);
    gsl_vector_free(c->vif);
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

/* What a predictor is made of. */
typedef struct {
    size_t column;           /* of the file, or axis of the space; ZONE for the cultural zones */
    size_t level, reference; /* of texts; NUMBER for a column of numbers */
} source;

static const size_t NUMBER = SIZE_MAX, ZONE = SIZE_MAX;

/* A culture that gets its predictors. */
typedef struct {
    morality *m;
    morality_culture *c;
    source *source;
    size_t room[4];
} naming;

/* Whether --predictors asks for it. */
static bool is_named(const morality *m, const char *name)
{
    const word_list *list = &m->settings->predictors;

    for (unsigned i = 0; i < list->count; i++) {
        if (strcmp(list->words[i], name) == 0)
            return true;
    }
    return false;
}

/* All are wanted when it asks for nothing. */
static bool is_wanted(const morality *m, const char *name)
{
    return m->settings->predictors.count == 0 || is_named(m, name);
}

static vmap_status add_predictor(naming *g, source from, const char *name, const char *title, const char *reference,
                                 vmap_error *err)
{
    morality_culture *c = g->c;
    size_t need = c->p + 1;
    vmap_status status = memory_grow(&c->predictor, &g->room[0], need, sizeof *c->predictor, err);

    if (!status)
        status = memory_grow(&c->title, &g->room[1], need, sizeof *c->title, err);
    if (!status)
        status = memory_grow(&c->reference, &g->room[2], need, sizeof *c->reference, err);
    if (!status)
        status = memory_grow(&g->source, &g->room[3], need, sizeof *g->source, err);
    if (!status) {
        g->source[c->p] = from;
        c->predictor[c->p] = copy(name, err);
        c->title[c->p] = copy(title, err);
        c->reference[c->p] = copy(reference, err);
        status = c->predictor[c->p] && c->title[c->p] && c->reference[c->p] ? VMAP_SUCCESS : VMAP_ENOMEM;
        c->p++;
    }
    return status;
}

/* A predictor for each text of a column but the reference. */
static vmap_status add_texts(naming *g, size_t column, const char *name, const char *const *texts, size_t n, vmap_error *err)
{
    size_t *order = NULL;
    vmap_status status = morality_coding_order(&g->m->coding, name, texts, n, &order, err);

    for (size_t l = 1; !status && l < n; l++) {
        char *full = text_format("%s=%s", name, texts[order[l]]);

        status = full ? add_predictor(g, (source){column, order[l], order[0]}, full, full, texts[order[0]], err) : VMAP_ENOMEM;
        free(full);
    }
    free(order);
    return status;
}

/* The cultural zones, when they are asked for and the file has no column of that name. */
static vmap_status add_zones(naming *g, const vmap_table *t, vmap_error *err)
{
    bool column = t && vmap_table_find(t, "zone") < vmap_table_columns(t);

    if (column || !is_named(g->m, "zone"))
        return VMAP_SUCCESS;
    if (g->c->zones_count < 2)
        return vmap_error_set(err, VMAP_EDATA, "predictors: the nations lie in %zu cultural zones of this edition; zone needs two",
                              g->c->zones_count);
    return add_texts(g, ZONE, "zone", (const char *const *)g->c->zones, g->c->zones_count, err);
}

static vmap_status check_wanted(const naming *g, const vmap_table *t, vmap_error *err)
{
    const word_list *list = &g->m->settings->predictors;

    for (unsigned i = 0; i < list->count; i++) {
        bool known = strcmp(list->words[i], "zone") == 0 || (t && vmap_table_find(t, list->words[i]) < vmap_table_columns(t));

        for (size_t j = 0; j < g->c->p; j++)
            known |= strcmp(g->c->predictor[j], list->words[i]) == 0;
        if (!known)
            return vmap_error_set(err, VMAP_ENOENT, "predictors: %s has no '%s'", g->m->settings->culture, list->words[i]);
    }
    return g->c->p ? VMAP_SUCCESS
                   : vmap_error_set(err, VMAP_EDATA, "%s: it has no column of numbers beside the nations", g->m->settings->culture);
}

/* Room for the values, all of them missing. */
static vmap_status new_places(morality_culture *c, vmap_error *err)
{
    if (!(c->x = memory_matrix(c->nations, c->p, err)))
        return VMAP_ENOMEM;
    gsl_matrix_set_all(c->x, NAN);
    return VMAP_SUCCESS;
}

static double text_code(const naming *g, const source *from, size_t level, size_t levels)
{
    return level < levels ? morality_code(&g->m->coding, level, from->level, from->reference) : NAN;
}

static void fill_zones(const naming *g)
{
    const morality_culture *c = g->c;

    for (size_t j = 0; j < c->p; j++) {
        for (size_t i = 0; g->source[j].column == ZONE && i < c->nations; i++)
            gsl_matrix_set(c->x, i, j, text_code(g, &g->source[j], c->zone[i], c->zones_count));
    }
}

/* The axes of a space: the latest position of each country. */
static vmap_status take_space(naming *g, const vmap_countries *countries, vmap_error *err)
{
    morality_culture *c = g->c;
    vmap_space *space = NULL;
    vmap_references *places = NULL;
    vmap_status status = data_space(g->m->settings->culture, &space, err);

    if (!status)
        status = vmap_references_new(space, countries, &places, err);
    for (size_t j = 0; !status && j < space->k; j++) {
        const vmap_axis *a = &space->axes[j];

        if (is_wanted(g->m, a->name))
            status = add_predictor(g, (source){j, NUMBER, NUMBER}, a->name, a->label && *a->label ? a->label : a->name, "", err);
    }
    c->axes = !status && c->p > 1;
    if (!status)
        status = add_zones(g, NULL, err);
    if (!status)
        status = check_wanted(g, NULL, err);
    if (!status)
        status = new_places(c, err);
    for (size_t i = 0; !status && i < c->nations; i++) {
        size_t at = vmap_references_find(places, countries, c->nation[i]);

        for (size_t j = 0; at < places->countries && j < c->p; j++) {
            if (g->source[j].column != ZONE)
                gsl_matrix_set(c->x, i, j, gsl_vector_get(places->country[at].at, g->source[j].column));
        }
    }
    if (!status)
        fill_zones(g);
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

static bool is_nation(const vmap_table *t, const vmap_countries *countries, size_t row, const char *nation)
{
    const vmap_country *country = vmap_countries_find(countries, nation);

    return strcmp(vmap_table_text(t, 0, row), nation) == 0 ||
           (country && vmap_countries_find(countries, vmap_table_text(t, 0, row)) == country);
}

/* A nation in two rows has two places, of which none is the right one. */
static vmap_status refuse_twice(const morality *m, const vmap_table *t, const vmap_countries *countries, const char *nation,
                                size_t row, vmap_error *err)
{
    for (size_t other = 0; other < vmap_table_rows(t); other++) {
        if (other == row || !is_nation(t, countries, other, nation))
            continue;
        vmap_error_set(err, VMAP_EDATA, "'%s' stands in two rows (the other is line %zu, '%s'); a place needs one row for each "
                       "nation", vmap_table_text(t, 0, other), vmap_table_line(t, row), vmap_table_text(t, 0, row));
        vmap_error_place(err, m->settings->culture, vmap_table_line(t, other), 1, NULL);
        return VMAP_EDATA;
    }
    return VMAP_SUCCESS;
}

/* Rows of nations that no sheet is of; a name may be misspelt. */
static vmap_status note_others(const morality *m, const morality_culture *c, const vmap_table *t, const vmap_countries *countries, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;
    buffer named = {0};
    size_t count = 0;

    for (size_t row = 0; row < vmap_table_rows(t); row++) {
        bool used = false;

        for (size_t i = 0; !used && i < c->nations; i++)
            used = is_nation(t, countries, row, c->nation[i]);
        if (!used && count++ < 8)
            buffer_format(&named, "%s%s", count > 1 ? ", " : "", vmap_table_text(t, 0, row));
    }
    if (count)
        status = vmap_ledger_say(m->ledger, err, "%s: %zu of %zu rows are of no nation of the sheets: %s%s", m->settings->culture,
                                 count, vmap_table_rows(t), named.text ? named.text : "", count > 8 ? " ..." : "");
    buffer_free(&named);
    return status;
}

/* A column of numbers is a predictor; one of texts only when it is asked for, a predictor for each text but the
 * reference. */
static vmap_status name_predictors(naming *g, const vmap_table *t, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t column = 1; !status && column < vmap_table_columns(t); column++) {
        const char *name = vmap_table_name(t, column), **texts = NULL;

        if (!is_wanted(g->m, name))
            continue;
        if (vmap_table_kind(t, column) != VMAP_TEXTS) {
            status = add_predictor(g, (source){column, NUMBER, NUMBER}, name, name, "", err);
        } else if (is_named(g->m, name)) {
            status = (texts = morality_texts(t, column, err))
                         ? add_texts(g, column, name, texts, vmap_table_levels(t, column), err)
                         : VMAP_ENOMEM;
            free(texts);
        }
    }
    if (!status)
        status = add_zones(g, t, err);
    return status ? status : check_wanted(g, t, err);
}

static void fill_row(const naming *g, const vmap_table *t, size_t i, size_t row)
{
    for (size_t j = 0; j < g->c->p; j++) {
        const source *from = &g->source[j];

        if (from->column == ZONE)
            continue;
        gsl_matrix_set(g->c->x, i, j, from->level == NUMBER ? vmap_table_value(t, from->column, row)
                                                            : text_code(g, from, vmap_table_level(t, from->column, row),
                                                                        vmap_table_levels(t, from->column)));
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

static vmap_status take_file(naming *g, const vmap_countries *countries, vmap_error *err)
{
    morality_culture *c = g->c;
    vmap_table *as_text = NULL, *t = NULL;
    bool *texts = NULL;
    vmap_status status = read_columns(g->m, NULL, &as_text, err);

    if (!status && !(texts = memory_new(vmap_table_columns(as_text), sizeof *texts, err)))
        status = VMAP_ENOMEM;
    for (size_t j = 0; !status && j < vmap_table_columns(as_text); j++)
        texts[j] = morality_holds_texts(as_text, j);
    if (!status)
        status = read_columns(g->m, texts, &t, err);
    if (!status)
        status = name_predictors(g, t, err);
    if (!status)
        status = new_places(c, err);
    for (size_t i = 0; !status && i < c->nations; i++) {
        size_t row = find_row(t, countries, c->nation[i]);

        if (row < vmap_table_rows(t)) {
            fill_row(g, t, i, row);
            status = refuse_twice(g->m, t, countries, c->nation[i], row, err);
        }
    }
    if (!status)
        status = note_others(g->m, c, t, countries, err);
    if (!status)
        fill_zones(g);
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

/* ---- can the predictors be told apart? ---- */

/* Inflation from which a warning comes: nine tenths of the variance are the others'. */
static const double MUCH_INFLATED = 10;

/* The nations with a place; NULL when memory is short. */
static gsl_matrix *places_of(const morality_culture *c, vmap_error *err)
{
    size_t n = 0;
    gsl_matrix *x;

    for (size_t i = 0; i < c->nations; i++)
        n += has_place(c, i);
    x = memory_matrix(n, c->p, err);
    for (size_t i = 0, to = 0; x && i < c->nations; i++) {
        gsl_vector_const_view row = gsl_matrix_const_row(c->x, i);

        if (has_place(c, i))
            gsl_matrix_set_row(x, to++, &row.vector);
    }
    return x;
}

/* A text that only one nation has makes that nation fit exactly: its coefficient has no honest error. */
static vmap_status note_single(const morality *m, const morality_culture *c, size_t j, vmap_error *err)
{
    size_t count = 0, which = 0;

    for (size_t i = 0; i < c->nations; i++) {
        if (has_place(c, i) && gsl_matrix_get(c->x, i, j) == 1) {
            count++;
            which = i;
        }
    }
    return !*c->reference[j] || count != 1
               ? VMAP_SUCCESS
               : vmap_ledger_warn(m->ledger, err, "culture: %s holds for %s alone, which it fits exactly; its coefficient has no "
                                  "error and no p", c->predictor[j], c->nation[which]);
}

static vmap_status check_constant(const morality *m, const morality_culture *c, const gsl_matrix *x, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t j = 0; !status && j < c->p; j++) {
        gsl_vector_const_view column = gsl_matrix_const_column(x, j);

        if (!(gsl_vector_max(&column.vector) > gsl_vector_min(&column.vector)))
            status = vmap_error_set(err, VMAP_EDATA, "culture: %s is the same for all %zu nations; leave it out with "
                                    "--predictors", c->predictor[j], x->size1);
        else
            status = note_single(m, c, j, err);
    }
    return status;
}

/* Predictors that determine one another cannot be told apart, and are refused; those that nearly do are named. */
static vmap_status judge_inflation(const morality *m, const morality_culture *c, vmap_error *err)
{
    buffer same = {0}, near = {0};
    vmap_status status = VMAP_SUCCESS;

    for (size_t j = 0; j < c->p; j++) {
        double vif = gsl_vector_get(c->vif, j);

        if (isinf(vif))
            buffer_format(&same, "%s%s", same.n ? ", " : "", c->predictor[j]);
        else if (vif >= MUCH_INFLATED)
            buffer_format(&near, "%s%s (%.1f)", near.n ? ", " : "", c->predictor[j], vif);
    }
    if (same.n)
        status = vmap_error_set(err, VMAP_ESINGULAR, "culture: %s determine one another in these nations; leave one out with "
                                "--predictors", same.text);
    else if (near.n)
        status = vmap_ledger_warn(m->ledger, err, "culture: predictors nearly determine one another, so that their coefficients "
                                  "hardly can be told apart; variance inflation: %s; see beta_ridge or leave some out with "
                                  "--predictors", near.text);
    buffer_free(&same);
    buffer_free(&near);
    return status;
}

static vmap_status check_predictors(const morality *m, morality_culture *c, vmap_error *err)
{
    const gsl_matrix *x = c->place = places_of(c, err);
    vmap_status status = x && (c->vif = gsl_vector_calloc(c->p)) ? check_constant(m, c, x, err) : VMAP_ENOMEM;

    c->condition = NAN;
    if (c->vif)
        gsl_vector_set_all(c->vif, NAN);
    if (!status && x->size1 <= c->p + 1)
        status = vmap_ledger_warn(m->ledger, err, "%zu nations for %zu predictors: least squares is refused, there are ridge "
                                  "regression and partial least squares only", x->size1, c->p);
    else if (!status && !(status = vmap_mapping_inflation(x, NULL, c->vif, err)) && !(status = judge_inflation(m, c, err)))
        status = vmap_mapping_condition(x, &c->condition, err);
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
    naming g = {.m = m, .c = c};
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
        status = find_zones(c, countries, err);
    if (!status)
        status = is_space(m->settings->culture) ? take_space(&g, countries, err) : take_file(&g, countries, err);
    if (!status)
        status = note_placeless(m, c, err);
    if (!status)
        status = check_predictors(m, c, err);
    vmap_countries_free(countries);
    free(g.source);
    return status;
}
