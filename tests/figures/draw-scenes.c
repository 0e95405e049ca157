#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "figure/script.h"
#include "support/charts.h"
#include "support/check.h"
#include "support/hostile.h"
#include "support/scene.h"
#include "valuemap/rng.h"

/* Write the scripts that render.sh lets gnuplot draw: plain maps and panels in all widths, maps
 * with hostile names, and one script of hostile strings with what gnuplot must read them as.
 *     draw-scenes FOLDER MAPS STRINGS
 * MAPS is the number of maps with random names, STRINGS that of random strings. */

static int failures;

static void save(const char *folder, const char *name, const char *text, size_t n)
{
    char path[512];
    vmap_error err;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (file_write(path, text, n, &err)) {
        fprintf(stderr, "%s: %s\n", path, err.message);
        failures++;
    }
}

/* The script under another name, which it then gives its drawings. */
static void save_chart(const char *folder, const char *file, const char *script)
{
    const char *name = strstr(script, "\nNAME = '"), *rest = name ? strchr(name + 9, '\n') : NULL;
    buffer b = {.text = NULL};

    if (!rest) {
        failures++;
        return;
    }
    buffer_bytes(&b, script, (size_t)(name - script));
    buffer_format(&b, "\nNAME = '%.*s'", (int)(strlen(file) - 3), file);
    buffer_put(&b, rest);
    if (b.failed)
        failures++;
    else
        save(folder, file, b.text, b.n);
    buffer_free(&b);
}

static void draw(const char *folder, vmap_figure_scene *scene, const char *name, bool panels)
{
    char file[64], *script = NULL;
    vmap_error err;
    vmap_status status;

    scene->name = name;
    status = panels ? vmap_figure_map_panels(scene, &script, NULL, &err)
                    : vmap_figure_map(scene, &script, NULL, &err);
    if (status) {
        fprintf(stderr, "%s: %s\n", name, err.message);
        failures++;
        return;
    }
    snprintf(file, sizeof file, "%s.gp", name);
    save(folder, file, script, strlen(script));
    free(script);
}

static void draw_plain(const char *folder)
{
    static const char *const names[3] = {"column", "page", "slide"};
    char name[64];

    for (int width = 0; width < 3; width++) {
        vmap_figure_scene *scene = scene_countries();

        scene->width = (vmap_figure_width)width;
        snprintf(name, sizeof name, "plain-%s", names[width]);
        draw(folder, scene, name, false);
        scene_personas(scene, 3, 4, true, 1);
        snprintf(name, sizeof name, "personas-%s", names[width]);
        draw(folder, scene, name, false);
        scene_personas(scene, 3, 66, false, 1);
        scene->arrows = false;
        snprintf(name, sizeof name, "many-%s", names[width]);
        draw(folder, scene, name, false);
        snprintf(name, sizeof name, "panels-%s", names[width]);
        draw(folder, scene, name, true);
    }
}

/* The list, turned so that each string comes to stand in titles, axes and captions too. */
static void draw_hostile(const char *folder, size_t maps)
{
    char name[64];

    for (size_t i = 0; i < maps + 8; i++) {
        vmap_figure_scene *scene = scene_countries();

        scene->width = i % 2 ? VMAP_FIGURE_COLUMN : VMAP_FIGURE_PAGE;
        scene_personas(scene, 2, 5, true, i + 1);
        scene_hostile(scene, i < 8 ? i * hostile_count / 8 : i, i >= 8);
        snprintf(name, sizeof name, "hostile-%zu", i);
        draw(folder, scene, name, i % 4 == 3);
    }
}

/* Every kind of chart in every width, and with hostile texts. */
static void draw_charts(const char *folder)
{
    static const char *const widths[3] = {"column", "page", "slide"};
    char file[64], *script;
    vmap_error err;

    for (size_t k = 0; k < chart_examples_count; k++) {
        for (size_t i = 0; i < 3 + hostile_count / 6; i++) {
            const char *text = i < 3 ? "South Korea" : hostile_strings[(6 * i + k) % hostile_count];

            script = NULL;
            if (chart_examples[k].draw((vmap_figure_width)(i % 3), text, &script, NULL, &err)) {
                fprintf(stderr, "%s: %s\n", chart_examples[k].name, err.message);
                failures++;
                continue;
            }
            snprintf(file, sizeof file, "chart-%s-%s%.0zu.gp", chart_examples[k].name, i < 3 ? widths[i] : "hostile",
                     i < 3 ? 0 : i);
            save_chart(folder, file, script);
            free(script);
        }
    }
}

/* gnuplot prints every string to strings.out; strings.txt holds what it must print. */
static void draw_strings(const char *folder, size_t count)
{
    gsl_rng *rng = vmap_rng_new(5, 0);
    buffer script = {.text = NULL}, expected = {.text = NULL};
    char text[300], clean[SCRIPT_TEXT];

    buffer_put(&script, "set terminal svg noenhanced\nset output 'strings.svg'\n"
                        "set print 'strings.out'\n");
    for (size_t i = 0; i < hostile_count + count; i++) {
        if (i < hostile_count)
            snprintf(text, sizeof text, "%s", hostile_strings[i]);
        else
            hostile_random(rng, text, sizeof text);
        script_clean(clean, text);
        buffer_format(&expected, "%s\n", clean);
        script_comment(&script, text);
        buffer_put(&script, "print ");
        script_string(&script, text);
        buffer_put(&script, "\nset label ");
        script_string(&script, text);
        buffer_put(&script, " at 0.5, 0.5 noenhanced\n");
    }
    buffer_put(&script, "plot [0:1] [0:1] x notitle\nunset output\n");
    if (script.failed || expected.failed) {
        failures++;
    } else {
        save(folder, "strings.gp", script.text, script.n);
        save(folder, "strings.txt", expected.text, expected.n);
    }
    buffer_free(&script);
    buffer_free(&expected);
    gsl_rng_free(rng);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    draw_plain(argv[1]);
    draw_hostile(argv[1], strtoul(argv[2], NULL, 10));
    draw_charts(argv[1]);
    draw_strings(argv[1], strtoul(argv[3], NULL, 10));
    return failures ? 1 : 0;
}
