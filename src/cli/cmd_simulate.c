#include <config.h>
#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

#include "cli/data.h"
#include "cli/folder.h"
#include "core/buffer.h"
#include "core/memory.h"
#include "valuemap/simulate.h"

typedef struct simulate_settings {
    char *output;
    int seed, countries, respondents, models, personas, columns;
    double missing, refused, odd;
    bool inverted, quiet;
    word_list without;
} simulate_settings;
#define SETTINGS simulate_settings

/* Numbers for which 0 means something. */
static void set_defaults(void *settings)
{
    simulate_settings *s = settings;

    s->models = -1;
    s->missing = s->refused = s->odd = -1;
}

static const option_spec options[] = {
    {"output", 'o', OPTION_TEXT, "DIR", "folder for the files; needed", AT(output), 0, 0},
    {"seed", 0, OPTION_COUNT, "N", "of the random numbers [1]", AT(seed), 1, 2147483647},
    {"countries", 0, OPTION_COUNT, "N", "number of countries [12]", AT(countries), 1, 66},
    {"respondents", 0, OPTION_COUNT, "N", "people in each country [1000]", AT(respondents), 2, 900000},
    {"models", 0, OPTION_COUNT, "N", "number of persona models, 0..3 [3]", AT(models), 0, 3},
    {"personas", 0, OPTION_COUNT, "N", "personas of each model in each country [100]", AT(personas), 1,
     900000},
    {"missing", 0, OPTION_REAL, "SHARE", "share of people's answers that are missing [0.05]",
     AT(missing), 0, 0.9},
    {"refused", 0, OPTION_REAL, "SHARE", "share of persona answers that are refusals [0.02]",
     AT(refused), 0, 0.9},
    {"odd", 0, OPTION_REAL, "SHARE", "share of persona answers that are out of range [0.01]",
     AT(odd), 0, 0.9},
    {"inverted", 0, OPTION_FLAG, NULL, "write the inverted variant of the survey (Q254P ...)",
     AT(inverted), 0, 0},
    {"columns", 0, OPTION_COUNT, "N", "fill the file of people up to so many columns [no filling]",
     AT(columns), 21, 10000},
    {"without", 0, OPTION_LIST, "ITEM,...", "items or columns that the persona file does not have [none]",
     AT(without), 0, 0},
    {"quiet", 'q', OPTION_FLAG, NULL, "no message on standard error", AT(quiet), 0, 0},
    OPTIONS_END};

static void take_options(vmap_simulate_options *o, const simulate_settings *s)
{
    if (s->seed)
        o->seed = (uint64_t)s->seed;
    if (s->countries)
        o->countries = (size_t)s->countries;
    if (s->respondents)
        o->respondents = (size_t)s->respondents;
    if (s->models >= 0)
        o->models_count = (size_t)s->models;
    if (s->personas)
        o->personas = (size_t)s->personas;
    if (s->missing >= 0)
        o->missing = s->missing;
    if (s->refused >= 0)
        o->refused = s->refused;
    if (s->odd >= 0)
        o->out_of_range = s->odd;
    o->inverted = o->personas_inverted = s->inverted;
    o->columns = (size_t)s->columns;
    o->without = (const char *const *)s->without.words;
    o->without_count = s->without.count;
}

/* A study that fits the people and compares the personas with them. */
static vmap_status put_study(folder *f, bool personas, vmap_error *err)
{
    buffer b = {0};
    char *text = NULL;
    size_t n = 0;
    vmap_status status;

    buffer_put(&b, "# SIMULATED data: everything in this folder is made up by `valuemap simulate`.\n"
                   "version: 1\n"
                   "title: Simulated people and personas on a simulated map\n"
                   "note: >-\n"
                   "  Everything here is simulated. The true positions are in truth.csv and "
                   "persona_truth.csv.\n"
                   "humans:\n"
                   "  files: [{file: human.csv}]\n"
                   "  codebook: iw-wvs7\n"
                   "  weight: W_WEIGHT\n"
                   "  group: [B_COUNTRY_ALPHA]\n");
    if (personas)
        buffer_put(&b, "personas:\n"
                       "  files: [{file: persona.csv}]\n"
                       "  group: [model, B_COUNTRY_ALPHA]\n"
                       "  target: B_COUNTRY_ALPHA\n");
    status = buffer_take(&b, &text, &n, err);
    if (!status)
        status = folder_put(f, "study.yaml", text, n, err);
    free(text);
    return status;
}

typedef vmap_status writer(const vmap_simulation *simulation, const char *path, vmap_error *err);

static vmap_status put_file(folder *f, const char *name, writer *write,
                            const vmap_simulation *simulation, vmap_error *err)
{
    char *path = folder_path(f, name, err);
    vmap_status status = path ? write(simulation, path, err) : VMAP_EIO;

    free(path);
    return status;
}

static vmap_status put_files(folder *f, const vmap_simulation *s, vmap_error *err)
{
    vmap_status status = put_file(f, "human.csv", vmap_simulation_write_humans, s, err);

    if (!status)
        status = put_file(f, "truth.csv", vmap_simulation_write_truth, s, err);
    if (!status && s->models)
        status = put_file(f, "persona.csv", vmap_simulation_write_personas, s, err);
    if (!status && s->models)
        status = put_file(f, "persona_truth.csv", vmap_simulation_write_persona_truth, s, err);
    if (!status)
        status = put_study(f, s->models > 0, err);
    return status ? status : folder_close(f, err);
}

static vmap_status run(const void *settings, const word_list *operands, vmap_error *err)
{
    const simulate_settings *set = settings;
    vmap_simulate_options o;
    vmap_codebook *codebook = NULL;
    vmap_simulation *simulation = NULL;
    folder *f = NULL;
    vmap_status status;

    (void)operands;
    if (!set->output)
        return vmap_error_set(err, VMAP_EINVAL, "simulate needs a folder: --output DIR");
    status = data_codebook("iw-wvs7", &codebook, err);
    if (!status) {
        vmap_simulate_defaults(&o);
        take_options(&o, set);
        o.codebook = codebook;
        status = vmap_simulate(&o, &simulation, err);
    }
    if (!status)
        status = folder_open(set->output, &f, err);
    if (!status)
        status = put_files(f, simulation, err);
    if (!status && !set->quiet)
        command_say("SIMULATED files are in @; try: valuemap run @/study.yaml", set->output);
    folder_free(f);
    vmap_simulation_free(simulation);
    vmap_codebook_free(codebook);
    return status;
}

const command command_simulate = {
    .name = "simulate",
    .summary = "Make survey and persona files with a known truth",
    .operands = "",
    .description =
        "Writes human.csv in the layout of WVS-7 (weights, missing codes, raw items), persona.csv, the "
        "exact true positions in truth.csv and persona_truth.csv, and study.yaml, which analyses them. "
        "Every file and everything made from it says that it is simulated. docs/simulation.md explains "
        "the model.",
    .examples = "valuemap simulate --countries 12 --seed 7 -o sim && valuemap run sim/study.yaml -o out",
    .options = options,
    .settings = sizeof(simulate_settings),
    .defaults = set_defaults,
    .least = 0,
    .most = 0,
    .run = run,
};
