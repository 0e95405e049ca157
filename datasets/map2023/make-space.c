#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>

#include "core/numeric.h"
#include "core/text.h"
#include "valuemap.h"

/* Make spaces/iw2023.json from the tables beside this file: `make update-space`. */

enum { ITEMS = 10, AXES = 2 };

static vmap_error failure;

static void check(vmap_status status)
{
    char text[1500];

    if (!status)
        return;
    fprintf(stderr, "make-space: %s\n", vmap_error_text(&failure, text, sizeof text));
    exit(EXIT_FAILURE);
}

/* A whole CSV file as a table: `texts` names the columns that hold texts, the others hold numbers. */
static vmap_table *read_table(const char *folder, const char *name, const char *texts)
{
    char *path = text_format("%s/%s", folder, name);
    vmap_reader *reader = NULL;
    vmap_table *table = NULL;

    check(vmap_reader_open(path, NULL, &reader, &failure));
    for (size_t i = 0; i < vmap_reader_columns(reader); i++) {
        const char *column = vmap_reader_names(reader)[i];

        check(vmap_reader_want(reader, i, strstr(texts, column) ? VMAP_TEXTS : VMAP_NUMBERS, column,
                               NULL, &failure));
    }
    check(vmap_reader_read(reader, &table, &failure));
    vmap_reader_free(reader);
    free(path);
    return table;
}

static double number(const vmap_table *t, const char *column, size_t row)
{
    return vmap_table_value(t, vmap_table_find(t, column), row);
}

static const char *word(const vmap_table *t, const char *column, size_t row)
{
    return vmap_table_text(t, vmap_table_find(t, column), row);
}

static char *copy(const char *text)
{
    return text_copy(text, strlen(text));
}

/* Row 0 of projection.csv is the intercept, row i + 1 item i. */
static void fill_projection(vmap_space *s, const vmap_table *projection)
{
    static const char *const columns[AXES] = {"weight_survself", "weight_tradrat"};

    for (size_t j = 0; j < AXES; j++) {
        gsl_vector_set(s->intercept, j, number(projection, columns[j], 0));
        for (size_t i = 0; i < ITEMS; i++)
            gsl_matrix_set(s->weights, i, j, number(projection, columns[j], i + 1));
    }
    for (size_t i = 0; i < ITEMS; i++) {
        s->items[i] = copy(word(projection, "item", i + 1));
        gsl_vector_set(s->low, i, number(projection, "min", i + 1));
        gsl_vector_set(s->high, i, number(projection, "max", i + 1));
    }
}

static void fill_population(vmap_space *s, const vmap_table *moments)
{
    for (size_t i = 0; i < ITEMS; i++) {
        if (strcmp(word(moments, "item", i), s->items[i]) != 0) {
            fprintf(stderr, "make-space: the two tables name items in different order\n");
            exit(EXIT_FAILURE);
        }
        gsl_vector_set(s->mean, i, number(moments, "mean", i));
        gsl_vector_set(s->sd, i, number(moments, "sd", i));
        for (size_t j = 0; j < ITEMS; j++)
            gsl_matrix_set(s->r, i, j, number(moments, s->items[j], i));
    }
}

static void fill_positions(vmap_space *s, const vmap_table *positions, const char *folder)
{
    char *path = text_format("%s/countries.csv", folder);
    vmap_countries *countries = NULL;
    gsl_vector *at = gsl_vector_alloc(AXES);

    check(vmap_countries_read(path, "2023", &countries, &failure));
    for (size_t r = 0; r < vmap_table_rows(positions); r++) {
        char code[16];
        const vmap_country *country;

        snprintf(code, sizeof code, "%.0f", number(positions, "s003", r));
        country = vmap_countries_find(countries, code);
        if (!country) {
            fprintf(stderr, "make-space: country %s is not in countries.csv\n", code);
            exit(EXIT_FAILURE);
        }
        gsl_vector_set(at, 0, number(positions, "survsagg", r));
        gsl_vector_set(at, 1, number(positions, "tradagg", r));
        check(vmap_space_add_position(s, country->alpha3, (int)number(positions, "year", r), 0, 0, at,
                                      NULL, NULL, &failure));
    }
    vmap_countries_free(countries);
    gsl_vector_free(at);
    free(path);
}

static void name_everything(vmap_space *s, const vmap_codebook *codebook)
{
    s->name = copy("iw2023");
    s->title = copy("Inglehart-Welzel World Cultural Map 2023, World Values Survey Association");
    s->source = copy(
        "World Values Survey Association (2023), The Inglehart-Welzel World Cultural Map; projection "
        "of its ten items recovered from published aggregates (datasets/map2023/README.md)");
    s->limits = copy(
        "Exact for complete answers to all ten items. The projection does not contain the means and "
        "correlations of the pooled surveys: positions from incomplete answers are expectations in a "
        "reference population of 10,726 WVS-7 respondents of seven countries (Bangladesh, Colombia, "
        "Japan, New Zealand, Russia, United States, Venezuela) and depend on it; fit a space of your "
        "own on IVS data if you have them. Country positions carry no sampling error (about .04 for a "
        "country mean) and no item means: how far groups spread is withheld for incomplete answers. "
        "Years in which one of the ten items was not asked have no position.");
    s->population =
        copy("10,726 WVS-7 respondents of seven countries, weighted (datasets/map2023/README.md)");
    s->within_source = copy("standard deviations of persons within countries, about 1.39 and 1.28, "
                            "correlation not known and taken as 0");
    s->group_columns = copy("country");
    for (size_t j = 0; j < AXES; j++) {
        const vmap_axis *axis = &codebook->axes[j];

        s->axes[j] = (vmap_axis){.name = copy(axis->name),
                                 .label = copy(axis->label),
                                 .low = copy(axis->low),
                                 .high = copy(axis->high),
                                 .official = copy(axis->official)};
    }
}

static vmap_space *empty_space(void)
{
    vmap_space *s = calloc(1, sizeof *s);

    s->p = ITEMS;
    s->k = AXES;
    s->items = calloc(ITEMS, sizeof *s->items);
    s->axes = calloc(AXES, sizeof *s->axes);
    s->low = gsl_vector_calloc(ITEMS);
    s->high = gsl_vector_calloc(ITEMS);
    s->mean = gsl_vector_calloc(ITEMS);
    s->sd = gsl_vector_calloc(ITEMS);
    s->intercept = gsl_vector_calloc(AXES);
    s->scale = gsl_vector_calloc(AXES);
    s->shift = gsl_vector_calloc(AXES);
    s->weights = gsl_matrix_calloc(ITEMS, AXES);
    s->r = gsl_matrix_calloc(ITEMS, ITEMS);
    s->within = gsl_matrix_calloc(AXES, AXES);
    return s;
}

static void set_units(vmap_space *s)
{
    s->affine = copy("wvs");
    gsl_vector_set(s->scale, 0, vmap_affines[0].survself[0]);
    gsl_vector_set(s->shift, 0, vmap_affines[0].survself[1]);
    gsl_vector_set(s->scale, 1, vmap_affines[0].tradrat[0]);
    gsl_vector_set(s->shift, 1, vmap_affines[0].tradrat[1]);
    gsl_matrix_set(s->within, 0, 0, 1.39 * 1.39);
    gsl_matrix_set(s->within, 1, 1, 1.28 * 1.28);
}

int main(int argc, char **argv)
{
    const char *books[] = {"iw-wvs7", "iw-ivs"};
    vmap_table *projection, *moments, *positions;
    vmap_space *s = empty_space();

    gsl_set_error_handler_off();
    if (argc != 3) {
        fprintf(stderr, "Usage: make-space SOURCE-FOLDER OUTPUT.json\n");
        return EXIT_FAILURE;
    }
    char *folder = text_format("%s/datasets/map2023", argv[1]);

    projection = read_table(folder, "projection.csv", "item");
    moments = read_table(folder, "moments_seven_countries.csv", "item");
    positions = read_table(folder, "country_year.csv", "country");
    fill_projection(s, projection);
    fill_population(s, moments);
    set_units(s);
    fill_positions(s, positions, folder);
    for (size_t i = 0; i < 2; i++) {
        char *path = text_format("%s/codebooks/%s.yaml", argv[1], books[i]);
        vmap_codebook *book = NULL;

        check(vmap_codebook_load(path, &book, &failure));
        check(vmap_space_add_codebook(s, book, &failure));
        free(path);
    }
    name_everything(s, s->codebooks[0]);
    check(vmap_space_write(s, argv[2], &failure));
    vmap_space_free(s);
    vmap_table_free(projection);
    vmap_table_free(moments);
    vmap_table_free(positions);
    free(folder);
    return EXIT_SUCCESS;
}
