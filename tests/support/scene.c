#include <config.h>
#include "support/scene.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/hostile.h"
#include "valuemap/rng.h"

enum { COUNTRIES = 140, ZONES = 12, SERIES = 4, GROUPS = 80, TEXTS = 600 };

static struct {
    vmap_figure_scene scene;
    vmap_figure_country country[COUNTRIES];
    int code[COUNTRIES], year[COUNTRIES];
    char name[COUNTRIES][64];
    char zone[ZONES][64];
    const char *zones[ZONES];
    vmap_figure_series series[SERIES];
    vmap_figure_group group[SERIES][GROUPS];
    double cov[SERIES][GROUPS][6];
    char text[TEXTS][160];
    size_t texts;
} s;

/* Without its data no test of the map means anything. */
static FILE *open_data(const char *name)
{
    FILE *file = fopen(source_path(name), "r");

    if (!file) {
        perror(source_path(name));
        exit(99);
    }
    return file;
}

/* s025, s003, country, year, survsagg, tradagg: the latest year of each country. */
static void read_positions(void)
{
    FILE *file = open_data("datasets/map2023/country_year.csv");
    char line[256];

    while (fgets(line, sizeof line, file)) {
        int code, year;
        char name[64];
        double x, y;
        size_t i = 0;

        if (sscanf(line, "%*d,%d,%63[^,],%d,%lf,%lf", &code, name, &year, &x, &y) != 5)
            continue;
        while (i < s.scene.countries_count && s.code[i] != code)
            i++;
        if (i == s.scene.countries_count && i < COUNTRIES)
            s.scene.countries_count++;
        if (i == COUNTRIES || s.year[i] > year)
            continue;
        s.code[i] = code;
        s.year[i] = year;
        strcpy(s.name[i], name);
        s.country[i] = (vmap_figure_country){s.name[i], x, y, VMAP_FIGURE_NONE, true};
    }
    fclose(file);
}

/* alpha3, s003, country, zone_2023, ... */
static void read_zones(void)
{
    FILE *file = open_data("datasets/map2023/countries.csv");
    char line[256], zone[64];
    int code;

    while (fgets(line, sizeof line, file)) {
        size_t z = 0;

        if (sscanf(line, "%*[^,],%d,%*[^,],%63[^,]", &code, zone) != 2)
            continue;
        while (z < s.scene.zones_count && strcmp(s.zone[z], zone) != 0)
            z++;
        if (z == ZONES)
            continue;
        if (z == s.scene.zones_count) {
            strcpy(s.zone[z], zone);
            s.zones[z] = s.zone[z];
            s.scene.zones_count++;
        }
        for (size_t i = 0; i < s.scene.countries_count; i++) {
            if (s.code[i] == code)
                s.country[i].zone = z;
        }
    }
    fclose(file);
}

vmap_figure_scene *scene_countries(void)
{
    static const char *const caption[] = {
        "111 countries; weight S017; n as in the table of countries.",
        "Caution: the two dimensions are not the same in every country."};
    static const char *const provenance[] = {"valuemap test; seed 1", "second line"};

    memset(&s, 0, sizeof s);
    vmap_figure_scene_defaults(&s.scene);
    read_positions();
    read_zones();
    s.scene.countries = s.country;
    s.scene.zones = s.zones;
    s.scene.title = "Cultural map";
    s.scene.subtitle = "Made-up personas";
    s.scene.caption = caption;
    s.scene.caption_count = 2;
    s.scene.provenance = provenance;
    s.scene.provenance_count = 2;
    s.scene.x = (vmap_figure_axis){NULL, "Survival", "Self-expression", 0, 0};
    s.scene.y = (vmap_figure_axis){NULL, "Traditional", "Secular-rational", 0, 0};
    return &s.scene;
}

void scene_personas(vmap_figure_scene *scene, size_t series, size_t count, bool labelled,
                    uint64_t seed)
{
    static const char *const names[SERIES] = {"model A", "model B", "model C", "model D"};
    gsl_rng *rng = vmap_rng_new(seed, 3);

    for (size_t k = 0; k < series; k++) {
        for (size_t i = 0; i < count; i++) {
            size_t target = vmap_rng_below(rng, scene->countries_count);
            const vmap_figure_country *c = &scene->countries[target];
            double *cov = s.cov[k][i], sx = .05 + .1 * gsl_rng_uniform(rng);
            double sy = .05 + .1 * gsl_rng_uniform(rng), r = gsl_rng_uniform(rng) - .5;

            cov[0] = sx * sx, cov[1] = r * sx * sy, cov[2] = sy * sy;
            for (int e = 0; e < 3; e++)
                cov[3 + e] = 4 * cov[e];
            s.group[k][i] = (vmap_figure_group){.label = c->label,
                                                .x = .4 * c->x + .6 + gsl_rng_uniform(rng) - .5,
                                                .y = .4 * c->y + .4 + gsl_rng_uniform(rng) - .5,
                                                .cov = labelled ? cov : NULL,
                                                .wide = labelled ? cov + 3 : NULL,
                                                .target = target,
                                                .wanted = labelled};
        }
        s.series[k] = (vmap_figure_series){names[k], s.group[k], count};
    }
    scene->series = s.series;
    scene->series_count = series;
    gsl_rng_free(rng);
}

/* The next hostile text, copied when it is random. */
static const char *next_text(gsl_rng *rng, size_t *at)
{
    char *text;

    if (!rng)
        return hostile_strings[(*at)++ % hostile_count];
    text = s.text[s.texts++ % TEXTS];
    hostile_random(rng, text, sizeof s.text[0]);
    return text;
}

void scene_hostile(vmap_figure_scene *scene, size_t first, bool random)
{
    static const char *lines[2][2];
    gsl_rng *rng = random ? vmap_rng_new(99, first) : NULL;
    size_t at = first;

    s.texts = 0;
    for (size_t i = 0; i < scene->countries_count; i++)
        s.country[i].label = next_text(rng, &at);
    for (size_t i = 0; i < scene->zones_count; i++)
        s.zones[i] = next_text(rng, &at);
    for (size_t k = 0; k < scene->series_count; k++) {
        s.series[k].name = next_text(rng, &at);
        for (size_t i = 0; i < scene->series[k].groups_count; i++)
            s.group[k][i].label = next_text(rng, &at);
    }
    for (int i = 0; i < 2; i++) {
        lines[0][i] = next_text(rng, &at);
        lines[1][i] = next_text(rng, &at);
    }
    scene->caption = lines[0];
    scene->provenance = lines[1];
    scene->title = next_text(rng, &at);
    scene->subtitle = next_text(rng, &at);
    scene->x =
        (vmap_figure_axis){next_text(rng, &at), next_text(rng, &at), next_text(rng, &at), 0, 0};
    scene->y =
        (vmap_figure_axis){next_text(rng, &at), next_text(rng, &at), next_text(rng, &at), 0, 0};
    if (rng)
        gsl_rng_free(rng);
}
