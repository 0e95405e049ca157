#include <config.h>
#include "valuemap/map.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/text.h"
#include "valuemap/read.h"

enum { ALPHA3, S003, NAME, ZONE, COLUMNS };

static size_t find_column(const vmap_reader *reader, const char *name)
{
    size_t i = 0, n = vmap_reader_columns(reader);

    while (i < n && strcmp(vmap_reader_names(reader)[i], name) != 0)
        i++;
    return i;
}

static vmap_status refuse_edition(const vmap_reader *reader, const char *path, const char *edition,
                                  vmap_error *err)
{
    buffer known = {0};

    for (size_t i = 0; i < vmap_reader_columns(reader); i++) {
        const char *name = vmap_reader_names(reader)[i];

        if (strncmp(name, "zone_", 5) == 0) {
            buffer_put(&known, name + 5);
            buffer_put(&known, ", ");
        }
    }
    vmap_error_set(err, VMAP_ENOENT, "zones have no edition '%s'; there are %snone", edition,
                   known.text ? known.text : "");
    vmap_error_place(err, path, 1, 0, NULL);
    buffer_free(&known);
    return VMAP_ENOENT;
}

static vmap_status want(vmap_reader *reader, const char *path, const char *edition, vmap_error *err)
{
    const char *names[COLUMNS] = {"alpha3", "s003", "country", NULL};
    char *zone = text_format("zone_%s", edition);
    vmap_status status = zone ? VMAP_SUCCESS : VMAP_ENOMEM;

    names[ZONE] = strcmp(edition, "none") == 0 ? "country" : zone;
    for (int i = 0; !status && i < COLUMNS; i++) {
        size_t at = find_column(reader, names[i]);

        if (at < vmap_reader_columns(reader)) {
            status = vmap_reader_want(reader, at, i == S003 ? VMAP_NUMBERS : VMAP_TEXTS,
                                      i == ZONE ? "zone" : names[i], NULL, err);
        } else if (i == ZONE) {
            status = refuse_edition(reader, path, edition, err);
        } else {
            status = vmap_error_set(err, VMAP_EDATA, "the list of countries has no column '%s'",
                                    names[i]);
            vmap_error_place(err, path, 1, 0, NULL);
        }
    }
    free(zone);
    return status;
}

static char *copy_cell(const vmap_table *table, size_t column, size_t row)
{
    const char *text = vmap_table_text(table, column, row);

    return text_copy(text, strlen(text));
}

static vmap_status take(vmap_countries *c, const vmap_table *table, bool zones, vmap_error *err)
{
    size_t n = vmap_table_rows(table);

    c->country = memory_new(n, sizeof *c->country, err);
    if (!c->country)
        return VMAP_ENOMEM;
    for (; c->count < n; c->count++) {
        vmap_country *country = &c->country[c->count];
        double code = vmap_table_value(table, S003, c->count);

        country->alpha3 = copy_cell(table, ALPHA3, c->count);
        country->name = copy_cell(table, NAME, c->count);
        country->zone = zones ? copy_cell(table, ZONE, c->count) : text_copy("", 0);
        country->s003 = code > 0 && code < 1e6 ? (int)code : 0;
        if (!country->alpha3 || !country->name || !country->zone) {
            c->count++;
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu countries", n);
        }
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_countries_read(const char *path, const char *edition, vmap_countries **countries,
                                vmap_error *err)
{
    vmap_reader *reader = NULL;
    vmap_table *table = NULL;
    vmap_countries *c = memory_new(1, sizeof *c, err);
    vmap_status status = c ? vmap_reader_open(path, NULL, &reader, err) : VMAP_ENOMEM;

    if (!status)
        status = want(reader, path, edition, err);
    if (!status)
        status = vmap_reader_read(reader, &table, err);
    if (!status)
        status = take(c, table, strcmp(edition, "none") != 0, err);
    if (!status && !(c->edition = text_copy(edition, strlen(edition))))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a name");
    vmap_reader_free(reader);
    vmap_table_free(table);
    if (status)
        vmap_countries_free(c);
    else
        *countries = c;
    return status;
}

void vmap_countries_free(vmap_countries *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->count; i++) {
        free(c->country[i].alpha3);
        free(c->country[i].name);
        free(c->country[i].zone);
    }
    free(c->country);
    free(c->edition);
    free(c);
}

/* A country-year of the surveys: s003 x 10^4 + year; false for anything else. */
static bool split_s025(double code, double *s003, int *year)
{
    int y = code >= 1e4 && code < 1e8 && code == floor(code) ? (int)fmod(code, 1e4) : 0;

    if (y < 1981 || y > 2100)
        return false;
    *s003 = floor(code / 1e4);
    *year = y;
    return true;
}

int vmap_country_year(const char *label)
{
    double code, s003;
    int year = 0;

    if (text_number(label, strlen(label), '.', &code))
        split_s025(code, &s003, &year);
    return year;
}

const vmap_country *vmap_countries_find(const vmap_countries *c, const char *label)
{
    double code;
    int year;
    bool number = text_number(label, strlen(label), '.', &code);

    if (number)
        split_s025(code, &code, &year);
    for (size_t i = 0; *label && i < c->count; i++) {
        const vmap_country *country = &c->country[i];

        if (strcasecmp(label, country->alpha3) == 0 || strcasecmp(label, country->name) == 0 ||
            (number && country->s003 && country->s003 == code))
            return country;
    }
    return NULL;
}
