#include <config.h>
#include "simulate/simulate_internal.h"

#include <math.h>
#include <string.h>

#include "core/binormal.h"
#include "core/memory.h"
#include "core/numeric.h"
#include "core/text.h"
#include "space/space_internal.h"

/* ---- moments of codes ---- */

static size_t cuts(size_t item)
{
    return (size_t)(model_items[item].high - model_items[item].low);
}

/* Thresholds of an item in standard deviations of the population's own latent variable. */
static void standard_cuts(const latent *of, size_t item, double cut[CUTS_MAX])
{
    model_thresholds(item, cut);
    for (size_t c = 0; c < cuts(item); c++)
        cut[c] = (cut[c] - of->mean[item]) / of->spread;
}

static double tail(double x)
{
    return erfc(x * M_SQRT1_2) / 2;
}

/* A code is the lowest one plus the number of thresholds passed, so that its moments are sums over
 * thresholds: E = low + S_c P(y > c), cov = S_c S_d [P(y > c, y' > d) - P(y > c) P(y' > d)]. */
static double code_covariance(const double *a, size_t m, const double *b, size_t n, double r)
{
    double cov = 0;

    for (size_t c = 0; c < m; c++) {
        for (size_t d = 0; d < n; d++)
            cov += binormal_upper(a[c], b[d], r) - tail(a[c]) * tail(b[d]);
    }
    return cov;
}

void code_moments(const latent *of, double mean[ITEMS], double (*cov)[ITEMS])
{
    double cut[ITEMS][CUTS_MAX];

    for (size_t i = 0; i < ITEMS; i++) {
        standard_cuts(of, i, cut[i]);
        mean[i] = model_items[i].low;
        for (size_t c = 0; c < cuts(i); c++)
            mean[i] += tail(cut[i][c]);
    }
    for (size_t i = 0; cov && i < ITEMS; i++) {
        for (size_t j = 0; j <= i; j++) {
            const double *a = model_items[i].loading, *b = model_items[j].loading;
            double r = i == j ? 1 : a[0] * b[0] + a[1] * b[1];

            cov[i][j] = cov[j][i] = code_covariance(cut[i], cuts(i), cut[j], cuts(j), r);
        }
    }
}

/* ---- the population ---- */

/* Means and covariances of codes in one country and over all, in the model's order of items. */
typedef struct {
    double mean[ITEMS], cov[ITEMS][ITEMS];
} moments;

/* Add a part with the given share: `to` collects means and, for now, second moments. */
static void mix(moments *to, const double *mean, double (*cov)[ITEMS], double share)
{
    for (size_t i = 0; i < ITEMS; i++) {
        to->mean[i] += share * mean[i];
        for (size_t j = 0; j < ITEMS; j++)
            to->cov[i][j] += share * (cov[i][j] + mean[i] * mean[j]);
    }
}

static void centre(moments *m)
{
    for (size_t i = 0; i < ITEMS; i++) {
        for (size_t j = 0; j < ITEMS; j++)
            m->cov[i][j] -= m->mean[i] * m->mean[j];
    }
}

static void country_moments(const human_group *group, moments *of)
{
    moments stratum;

    memset(of, 0, sizeof *of);
    for (int h = 0; h < 2; h++) {
        code_moments(&group->latent[h], stratum.mean, stratum.cov);
        mix(of, stratum.mean, stratum.cov, h == 0 ? group->urban_share : 1 - group->urban_share);
    }
    centre(of);
}

/* Everything about all countries: the whole population, the average covariance within countries and
 * each country's means. */
typedef struct {
    moments all;
    double within[ITEMS][ITEMS];
    double (*mean)[ITEMS]; /* countries */
} population;

static void add_countries(const vmap_simulation *s, population *to)
{
    const simulation_plan *plan = s->plan;
    double total = 0;

    for (size_t g = 0; g < s->countries; g++)
        total += (double)plan->humans[g].n;
    for (size_t g = 0; g < s->countries; g++) {
        double share = (double)plan->humans[g].n / total;
        moments country;

        country_moments(&plan->humans[g], &country);
        memcpy(to->mean[g], country.mean, sizeof country.mean);
        mix(&to->all, country.mean, country.cov, share);
        for (size_t i = 0; i < ITEMS; i++) {
            for (size_t j = 0; j < ITEMS; j++)
                to->within[i][j] += share * country.cov[i][j];
        }
    }
    centre(&to->all);
}

/* ---- the space ---- */

static size_t find_item(const char *name)
{
    size_t i = 0;

    while (i < ITEMS && strcmp(model_items[i].name, name) != 0)
        i++;
    return i;
}

/* Which analysed items of the codebook are the model's, and in which order. */
static vmap_status match_items(simulation_plan *plan, const vmap_codebook *codebook, bool *use,
                               vmap_error *err)
{
    size_t found = 0;
    bool seen[ITEMS] = {false};

    for (size_t q = 0, p = vmap_codebook_items(codebook); q < p; q++) {
        const vmap_item *item = &codebook->items[vmap_codebook_item(codebook, q)];
        size_t i = find_item(item->name);

        if (i == ITEMS)
            continue;
        if (item->low != model_items[i].low || item->high != model_items[i].high) {
            vmap_error_set(err, VMAP_EDATA,
                           "codebook %s gives the item the codes %g..%g; simulated answers have "
                           "%d..%d",
                           codebook->name, item->low, item->high, model_items[i].low,
                           model_items[i].high);
            vmap_error_place(err, NULL, 0, 0, item->name);
            return VMAP_EDATA;
        }
        use[q] = seen[i] = true;
        plan->order[found++] = i;
    }
    for (size_t i = 0; i < ITEMS; i++) {
        if (!seen[i])
            return vmap_error_set(err, VMAP_EDATA,
                                  "codebook %s has no item %s; a simulation needs all ten items of "
                                  "the map",
                                  codebook->name, model_items[i].name);
    }
    return VMAP_SUCCESS;
}

static vmap_status fill_moments(const simulation_plan *plan, const moments *all, vmap_moments *m,
                                vmap_error *err)
{
    m->p = ITEMS;
    m->mean = gsl_vector_calloc(ITEMS);
    m->sd = gsl_vector_calloc(ITEMS);
    m->r = memory_matrix(ITEMS, ITEMS, err);
    if (!m->mean || !m->sd || !m->r)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for the population's moments");
    for (size_t a = 0; a < ITEMS; a++) {
        size_t i = plan->order[a];

        gsl_vector_set(m->mean, a, all->mean[i]);
        gsl_vector_set(m->sd, a, sqrt(all->cov[i][i]));
        gsl_matrix_set(m->r, a, a, 1);
        for (size_t b = 0; b < a; b++) {
            size_t j = plan->order[b];
            double r = all->cov[i][j] / sqrt(all->cov[i][i] * all->cov[j][j]);

            gsl_matrix_set(m->r, a, b, r);
            gsl_matrix_set(m->r, b, a, r);
        }
    }
    return VMAP_SUCCESS;
}

static vmap_status replace_text(char **text, const char *by, vmap_error *err)
{
    char *copy = text_copy(by, strlen(by));

    if (!copy)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a text");
    free(*text);
    *text = copy;
    return VMAP_SUCCESS;
}

static vmap_status describe(vmap_space *s, vmap_error *err)
{
    vmap_status status = replace_text(&s->title, "Simulated truth", err);

    if (!status)
        status = replace_text(&s->source, "computed from the model of a simulation", err);
    if (!status)
        status = replace_text(&s->limits, "Simulated: nothing in it is about real countries.", err);
    if (!status)
        status = replace_text(&s->population, "the whole simulated population", err);
    if (!status)
        status = replace_text(&s->within_source, "computed from the model of a simulation", err);
    if (!status)
        status = replace_text(&s->group_columns, "B_COUNTRY_ALPHA", err);
    return status;
}

/* within = W' C W for the average covariance C of the codes within countries. */
static vmap_status set_within(vmap_space *s, const simulation_plan *plan,
                              const double (*within)[ITEMS], vmap_error *err)
{
    s->within = memory_matrix(s->k, s->k, err);
    if (!s->within)
        return VMAP_ENOMEM;
    for (size_t a = 0; a < ITEMS; a++) {
        for (size_t b = 0; b < ITEMS; b++) {
            for (size_t i = 0; i < s->k; i++) {
                for (size_t j = 0; j < s->k; j++)
                    *gsl_matrix_ptr(s->within, i, j) += gsl_matrix_get(s->weights, a, i) *
                                                        within[plan->order[a]][plan->order[b]] *
                                                        gsl_matrix_get(s->weights, b, j);
            }
        }
    }
    return VMAP_SUCCESS;
}

static vmap_status check_axes(const vmap_codebook *codebook, vmap_error *err)
{
    if (codebook->axes_count < 2 || strcmp(codebook->axes[0].name, "survself") != 0 ||
        strcmp(codebook->axes[1].name, "tradrat") != 0)
        return vmap_error_set(err, VMAP_EDATA,
                              "the first axes of codebook %s are not survself and tradrat",
                              codebook->name);
    return VMAP_SUCCESS;
}

static vmap_status solve(vmap_simulation *s, const vmap_codebook *codebook, const population *pop,
                         vmap_error *err)
{
    const vmap_fit_options options = {.axes = 2, .name = "simulated"};
    vmap_moments m = {.p = 0};
    bool *use = memory_new(vmap_codebook_items(codebook), sizeof *use, err);
    vmap_status status = use ? match_items(s->plan, codebook, use, err) : VMAP_ENOMEM;

    if (!status)
        status = check_axes(codebook, err);
    if (!status)
        status = fill_moments(s->plan, &pop->all, &m, err);
    if (!status)
        status = space_from_moments(codebook, use, &m, &options, &s->space, err);
    if (!status)
        status = describe(s->space, err);
    if (!status)
        status = set_within(s->space, s->plan, pop->within, err);
    if (!status)
        status = vmap_space_set_affine(s->space, "wvs", err);
    gsl_vector_free(m.mean);
    gsl_vector_free(m.sd);
    gsl_matrix_free(m.r);
    free(use);
    return status;
}

/* ---- the groups ---- */

static vmap_status place_group(vmap_simulated_group *group, const simulation_plan *plan,
                               const vmap_space *space, const double mean[ITEMS], vmap_error *err)
{
    group->items = gsl_vector_alloc(space->p);
    group->at = gsl_vector_alloc(space->k);
    if (!group->items || !group->at)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a position");
    for (size_t i = 0; i < space->p; i++)
        gsl_vector_set(group->items, i, mean[plan->order[i]]);
    for (size_t j = 0; j < space->k; j++) {
        double at = gsl_vector_get(space->intercept, j);

        for (size_t i = 0; i < space->p; i++)
            at += gsl_matrix_get(space->weights, i, j) * gsl_vector_get(group->items, i);
        gsl_vector_set(group->at, j, at);
    }
    return VMAP_SUCCESS;
}

static vmap_status place_humans(vmap_simulation *s, const population *pop, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    s->humans = memory_new(s->countries, sizeof *s->humans, err);
    if (!s->humans)
        return VMAP_ENOMEM;
    for (size_t g = 0; !status && g < s->countries; g++) {
        s->humans[g].country = model_countries[g].code;
        status = place_group(&s->humans[g], s->plan, s->space, pop->mean[g], err);
        if (!status)
            status = vmap_space_add_position(s->space, s->humans[g].country, 0, 0, NAN,
                                             s->humans[g].at, NULL, s->humans[g].items, err);
    }
    return status;
}

static vmap_status place_personas(vmap_simulation *s, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    s->personas = memory_new(s->models * s->countries, sizeof *s->personas, err);
    if (!s->personas)
        return VMAP_ENOMEM;
    for (size_t i = 0; !status && i < s->models * s->countries; i++) {
        double mean[ITEMS];

        code_moments(&s->plan->personas[i], mean, NULL);
        s->personas[i].model = s->plan->models[i / s->countries].name;
        s->personas[i].country = model_countries[i % s->countries].code;
        status = place_group(&s->personas[i], s->plan, s->space, mean, err);
    }
    return status;
}

/* Least-squares slope of a model's true positions on those of the countries, on one axis. */
static double find_slope(const vmap_simulation *s, size_t model, size_t axis)
{
    const vmap_simulated_group *personas = s->personas + model * s->countries;
    double mean = 0, xx = 0, xy = 0;

    for (size_t g = 0; g < s->countries; g++)
        mean += gsl_vector_get(s->humans[g].at, axis) / (double)s->countries;
    for (size_t g = 0; g < s->countries; g++) {
        double x = gsl_vector_get(s->humans[g].at, axis) - mean;

        xx += x * x;
        xy += x * gsl_vector_get(personas[g].at, axis);
    }
    return xx > 1e-20 ? xy / xx : NAN;
}

static vmap_status find_slopes(vmap_simulation *s, vmap_error *err)
{
    if (s->models == 0)
        return VMAP_SUCCESS;
    s->slopes = memory_matrix(s->models, s->space->k, err);
    if (!s->slopes)
        return VMAP_ENOMEM;
    for (size_t m = 0; m < s->models; m++) {
        for (size_t j = 0; j < s->space->k; j++)
            gsl_matrix_set(s->slopes, m, j, find_slope(s, m, j));
    }
    return VMAP_SUCCESS;
}

vmap_status find_truth(vmap_simulation *s, const vmap_codebook *codebook, vmap_error *err)
{
    population pop = {.mean = memory_new(s->countries, sizeof *pop.mean, err)};
    vmap_status status = pop.mean ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (!status) {
        add_countries(s, &pop);
        status = solve(s, codebook, &pop, err);
    }
    if (!status)
        status = place_humans(s, &pop, err);
    if (!status)
        status = place_personas(s, err);
    if (!status)
        status = find_slopes(s, err);
    free(pop.mean);
    return status;
}
