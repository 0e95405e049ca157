#include <config.h>
#include "valuemap/simulate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "simulate/simulate_internal.h"

enum {
    RESPONDENTS_MAX = 900000,
    PERSONAS_MAX = 100000000,
    COLUMNS_MAX = 10000,
    NAME_MAX_LENGTH = 64
};
/* Columns of the file of people that are no questions: six before and SIMULATED. */
enum { OTHER_COLUMNS = 7 };

static const vmap_simulate_model default_models[] = {
    {"simA", {0.3, 0.0}, 0.9, 0.6},
    {"simB", {1.0, 0.2}, 0.5, 0.5},
    {"simC", {1.4, 0.6}, 0.2, 0.4},
};

void vmap_simulate_defaults(vmap_simulate_options *options)
{
    *options = (vmap_simulate_options){
        .seed = 1,
        .countries = 12,
        .respondents = 1000,
        .spread = 1,
        .missing = 0.05,
        .foreign = 0.01,
        .models = default_models,
        .models_count = sizeof default_models / sizeof *default_models,
        .personas = 100,
        .refused = 0.02,
        .out_of_range = 0.01,
    };
}

size_t vmap_simulate_countries_max(void)
{
    return model_countries_count;
}

/* ---- options ---- */

static vmap_status check_share(const char *name, double share, vmap_error *err)
{
    if (!(share >= 0 && share <= 0.9))
        return vmap_error_set(err, VMAP_EINVAL, "%s is %g; a share of answers is 0..0.9", name,
                              share);
    return VMAP_SUCCESS;
}

static vmap_status check_sizes(const vmap_simulate_options *o, vmap_error *err)
{
    if (o->countries < 1 || o->countries > model_countries_count)
        return vmap_error_set(err, VMAP_EINVAL, "%zu countries; 1..%zu can be simulated",
                              o->countries, model_countries_count);
    for (size_t g = 0; g < o->countries; g++) {
        size_t n = o->sizes ? o->sizes[g] : o->respondents;

        if (n < 2 || n > RESPONDENTS_MAX)
            return vmap_error_set(err, VMAP_EINVAL,
                                  "%zu respondents in country %zu; 2..%d are possible", n, g + 1,
                                  RESPONDENTS_MAX);
    }
    if (o->columns && (o->columns < COLUMNS + OTHER_COLUMNS || o->columns > COLUMNS_MAX))
        return vmap_error_set(err, VMAP_EINVAL,
                              "%zu columns in the file of people; 0 (no filling) or %d..%d are "
                              "possible",
                              o->columns, COLUMNS + OTHER_COLUMNS, COLUMNS_MAX);
    if (o->personas > PERSONAS_MAX)
        return vmap_error_set(err, VMAP_EINVAL, "%zu personas in a group; at most %d are possible",
                              o->personas, PERSONAS_MAX);
    return VMAP_SUCCESS;
}

static bool is_plain(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "_-.";

    return name && *name && strlen(name) <= NAME_MAX_LENGTH &&
           strspn(name, allowed) == strlen(name);
}

static vmap_status check_models(const vmap_simulate_options *o, vmap_error *err)
{
    if (o->models_count && !o->models)
        return vmap_error_set(err, VMAP_EINVAL, "%zu simulated models are not described",
                              o->models_count);
    for (size_t m = 0; m < o->models_count; m++) {
        const vmap_simulate_model *model = &o->models[m];

        if (!is_plain(model->name))
            return vmap_error_set(err, VMAP_EINVAL,
                                  "'%s' is no name of a simulated model; it has 1..%d letters, "
                                  "digits, '_', '-' and '.'",
                                  model->name ? model->name : "", NAME_MAX_LENGTH);
        for (size_t other = 0; other < m; other++) {
            if (strcmp(model->name, o->models[other].name) == 0)
                return vmap_error_set(err, VMAP_EINVAL, "two simulated models are named '%s'",
                                      model->name);
        }
        if (!isfinite(model->home[0]) || !isfinite(model->home[1]) || !isfinite(model->slope))
            return vmap_error_set(err, VMAP_EINVAL,
                                  "home and slope of the simulated model %s are not all finite",
                                  model->name);
        if (!(model->spread > 0) || isinf(model->spread))
            return vmap_error_set(err, VMAP_EINVAL,
                                  "the spread of the simulated model %s is %g; it is more than 0",
                                  model->name, model->spread);
    }
    return VMAP_SUCCESS;
}

static vmap_status check_options(const vmap_simulate_options *o, vmap_error *err)
{
    vmap_status status = check_sizes(o, err);

    if (!status && !o->codebook)
        status = vmap_error_set(err, VMAP_EINVAL, "a simulation needs a codebook of the ten items");
    if (!status && (!(o->spread >= 0) || isinf(o->spread)))
        status = vmap_error_set(err, VMAP_EINVAL, "the spread of countries is %g; it is at least 0",
                                o->spread);
    if (!status)
        status = check_share("missing", o->missing, err);
    if (!status)
        status = check_share("foreign", o->foreign, err);
    if (!status && !(o->refused >= 0 && o->out_of_range >= 0))
        status = vmap_error_set(err, VMAP_EINVAL, "a share of persona answers is negative");
    if (!status)
        status =
            check_share("refused and out_of_range together", o->refused + o->out_of_range, err);
    return status ? status : check_models(o, err);
}

/* ---- the plan ---- */

/* The average place of the countries, the spread between them included. */
static void find_average(const vmap_simulate_options *o, double average[2])
{
    for (size_t j = 0; j < 2; j++) {
        average[j] = 0;
        for (size_t g = 0; g < o->countries; g++)
            average[j] += model_countries[g].place[j] / (double)o->countries;
    }
}

/* Where a country stands when distances from the average are multiplied by `slope`, seen from
 * `home`. */
static void find_place(size_t country, const double average[2], double slope, const double home[2],
                       double place[2])
{
    for (size_t j = 0; j < 2; j++)
        place[j] = home[j] + slope * (model_countries[country].place[j] - average[j]);
}

static void plan_country(const vmap_simulate_options *o, size_t g, const double average[2],
                         human_group *to)
{
    static const double urban_share[] = {0.4, 0.7, 0.5, 0.8, 0.6};
    double share = urban_share[g % 5], sampled = g % 2 == 0 ? (1 + share) / 2 : share / 2;
    double place[2];

    to->n = o->sizes ? o->sizes[g] : o->respondents;
    to->urban = (size_t)floor(sampled * (double)to->n + 0.5);
    to->urban = to->urban < 1 ? 1 : to->urban > to->n - 1 ? to->n - 1 : to->urban;
    to->urban_share = share;
    to->weight[0] = share * (double)to->n / (double)to->urban;
    to->weight[1] = (1 - share) * (double)to->n / (double)(to->n - to->urban);
    find_place(g, average, o->spread, average, place);
    model_latent(place, (1 - share) * model_urban_effect, 1, &to->latent[0]);
    model_latent(place, -share * model_urban_effect, 1, &to->latent[1]);
}

static vmap_status copy_models(simulation_plan *plan, const vmap_simulate_options *o,
                               vmap_error *err)
{
    plan->models = memory_new(o->models_count, sizeof *plan->models, err);
    if (!plan->models)
        return VMAP_ENOMEM;
    for (size_t m = 0; m < o->models_count; m++) {
        plan->models[m] = o->models[m];
        plan->models[m].name = text_copy(o->models[m].name, strlen(o->models[m].name));
        if (!plan->models[m].name)
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for a name");
    }
    return VMAP_SUCCESS;
}

/* The nearest thing to `name` that can be left out, in words; `hint` holds 64 bytes. */
static void suggest(const char *name, char hint[64])
{
    char columns[2 * COLUMNS][16];
    const char *known[ITEMS + 2 * COLUMNS], *nearest;

    for (size_t i = 0; i < ITEMS; i++)
        known[i] = model_items[i].name;
    for (size_t c = 0; c < 2 * COLUMNS; c++) {
        model_column_name(c / 2, c % 2, columns[c]);
        known[ITEMS + c] = columns[c];
    }
    nearest = text_nearest(name, known, ITEMS + 2 * COLUMNS);
    *hint = '\0';
    if (nearest)
        snprintf(hint, 64, "; did you mean '%s'?", nearest);
}

static vmap_status leave_out(simulation_plan *plan, const char *name, vmap_error *err)
{
    bool found = false;
    char hint[64];

    for (size_t c = 0; c < COLUMNS; c++) {
        char standard[16], inverted[16];

        model_column_name(c, false, standard);
        model_column_name(c, true, inverted);
        if (strcmp(name, model_items[model_columns[c].item].name) == 0 ||
            strcmp(name, standard) == 0 || strcmp(name, inverted) == 0)
            plan->without[c] = found = true;
    }
    if (found)
        return VMAP_SUCCESS;
    suggest(name, hint);
    return vmap_error_set(err, VMAP_ENOENT,
                          "'%s' is no item and no column of the simulated answers%s", name, hint);
}

static vmap_status plan_without(simulation_plan *plan, const vmap_simulate_options *o,
                                vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;
    size_t left = 0;

    for (size_t i = 0; !status && i < o->without_count; i++)
        status = leave_out(plan, o->without[i], err);
    for (size_t c = 0; c < COLUMNS; c++)
        left += !plan->without[c];
    if (!status && left == 0)
        status = vmap_error_set(err, VMAP_EINVAL, "the persona file would have no question left");
    return status;
}

static void free_plan(simulation_plan *plan)
{
    if (!plan)
        return;
    for (size_t m = 0; plan->models && m < plan->options.models_count; m++)
        free((char *)plan->models[m].name);
    free(plan->models);
    free(plan->humans);
    free(plan->personas);
    free(plan);
}

static vmap_status new_plan(const vmap_simulate_options *o, simulation_plan **result,
                            vmap_error *err)
{
    simulation_plan *plan = memory_new(1, sizeof *plan, err);
    double average[2];
    vmap_status status;

    if (!plan)
        return VMAP_ENOMEM;
    *result = plan;
    plan->options = *o;
    plan->options.codebook = NULL;
    plan->options.sizes = NULL;
    plan->options.models = NULL;
    plan->options.without = NULL;
    plan->humans = memory_new(o->countries, sizeof *plan->humans, err);
    plan->personas = memory_new(o->models_count * o->countries, sizeof *plan->personas, err);
    status = plan->humans && plan->personas ? copy_models(plan, o, err) : VMAP_ENOMEM;
    if (!status)
        status = plan_without(plan, o, err);
    if (status)
        return status;
    find_average(o, average);
    for (size_t g = 0; g < o->countries; g++) {
        plan_country(o, g, average, &plan->humans[g]);
        for (size_t m = 0; m < o->models_count; m++) {
            double place[2];

            find_place(g, average, o->models[m].slope * o->spread, o->models[m].home, place);
            model_latent(place, 0, o->models[m].spread, &plan->personas[m * o->countries + g]);
        }
    }
    return VMAP_SUCCESS;
}

/* ---- the simulation ---- */

static void free_groups(vmap_simulated_group *groups, size_t count)
{
    for (size_t g = 0; groups && g < count; g++) {
        gsl_vector_free(groups[g].items);
        gsl_vector_free(groups[g].at);
    }
    free(groups);
}

void vmap_simulation_free(vmap_simulation *s)
{
    if (!s)
        return;
    vmap_space_free(s->space);
    free_groups(s->humans, s->countries);
    free_groups(s->personas, s->models * s->countries);
    gsl_matrix_free(s->slopes);
    free_plan(s->plan);
    free(s);
}

vmap_status vmap_simulate(const vmap_simulate_options *options, vmap_simulation **simulation,
                          vmap_error *err)
{
    vmap_status status = check_options(options, err);
    vmap_simulation *s;

    if (status)
        return status;
    s = memory_new(1, sizeof *s, err);
    if (!s)
        return VMAP_ENOMEM;
    s->countries = options->countries;
    s->models = options->models_count;
    status = new_plan(options, &s->plan, err);
    if (!status)
        status = find_truth(s, options->codebook, err);
    if (status)
        vmap_simulation_free(s);
    else
        *simulation = s;
    return status;
}
