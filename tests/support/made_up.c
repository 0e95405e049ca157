#include <config.h>
#include "support/made_up.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "valuemap/rng.h"

static char *copy(const char *text)
{
    size_t n = strlen(text) + 1;
    char *made = malloc(n);

    memcpy(made, text, n);
    return made;
}

static gsl_vector *vector_of(size_t n, const double *x)
{
    gsl_vector *v = gsl_vector_alloc(n);

    for (size_t i = 0; i < n; i++)
        gsl_vector_set(v, i, x[i]);
    return v;
}

static gsl_matrix *matrix_of(size_t rows, size_t columns, const double *x)
{
    gsl_matrix *m = gsl_matrix_alloc(rows, columns);

    for (size_t i = 0; i < rows * columns; i++)
        gsl_matrix_set(m, i / columns, i % columns, x[i]);
    return m;
}

vmap_space *made_up_space(void)
{
    static const double low[] = {1, 1, 1, -2}, high[] = {10, 4, 3, 2};
    static const double mean[] = {6, 2, 1.5, 0.25}, sd[] = {2.5, 0.75, 0.6, 1.25};
    static const double r[] = {1,    0.4,  -0.3, 0.2,  0.4, 1,    -0.1, 0.25,
                               -0.3, -0.1, 1,    0.15, 0.2, 0.25, 0.15, 1};
    static const double weights[] = {0.1, -0.2, 0.5, 0.3, -0.4, 0.6, 0.25, 0.125};
    static const double intercept[] = {-1, 0.5}, scale[] = {1.5, 1.25}, shift[] = {0.25, -0.5};
    vmap_space *s = calloc(1, sizeof *s);

    s->name = copy("made-up");
    s->title = copy("Made up");
    s->source = copy("nowhere");
    s->population = copy("nobody");
    s->affine = copy("none");
    s->p = MADE_UP_ITEMS;
    s->k = MADE_UP_AXES;
    s->items = calloc(s->p, sizeof *s->items);
    for (size_t i = 0; i < s->p; i++) {
        char name[24];

        snprintf(name, sizeof name, "I%zu", i + 1);
        s->items[i] = copy(name);
    }
    s->axes = calloc(s->k, sizeof *s->axes);
    s->axes[0].name = copy("x");
    s->axes[1].name = copy("y");
    s->low = vector_of(s->p, low);
    s->high = vector_of(s->p, high);
    s->mean = vector_of(s->p, mean);
    s->sd = vector_of(s->p, sd);
    s->r = matrix_of(s->p, s->p, r);
    s->weights = matrix_of(s->p, s->k, weights);
    s->intercept = vector_of(s->k, intercept);
    s->scale = vector_of(s->k, scale);
    s->shift = vector_of(s->k, shift);
    return s;
}

static vmap_answers *empty_answers(size_t p, const char *const *items, size_t columns,
                                   const char *const *names)
{
    vmap_answers_options options = {
        .set = "set", .items = items, .items_count = p, .groups = names, .groups_count = columns};
    vmap_error err;
    vmap_answers *a = vmap_answers_new(&options, &err);

    CHECK(a != NULL);
    return a;
}

/* Room for n respondents, none of whom is there yet. */
static void make_room(vmap_answers *a, size_t n, bool weighted)
{
    a->values = calloc(n * a->p + 1, sizeof *a->values);
    a->weights = weighted ? calloc(n + 1, sizeof *a->weights) : NULL;
}

static void push_label(vmap_answers *a, size_t column, const char *label)
{
    vmap_error err;

    if (label && *label)
        CHECK_OK(vmap_table_push_text(a->groups, column, label, strlen(label), &err), &err);
    else
        CHECK_OK(vmap_table_push_missing(a->groups, column, VMAP_BLANK, &err), &err);
}

static void end_row(vmap_answers *a)
{
    vmap_error err;

    CHECK_OK(vmap_table_end_row(a->groups, a->n + 2, &err), &err);
    a->n++;
}

vmap_answers *made_up_answers(size_t n, size_t p, const double *values, const double *weights,
                              size_t columns, const char *const *labels)
{
    char text[64][8];
    const char *items[32], *names[32];
    vmap_answers *a;

    for (size_t i = 0; i < 32; i++) {
        snprintf(text[i], sizeof *text, "I%zu", i + 1);
        snprintf(text[32 + i], sizeof *text, "G%zu", i + 1);
        items[i] = text[i];
        names[i] = text[32 + i];
    }
    a = empty_answers(p, items, columns, names);
    make_room(a, n, weights != NULL);
    if (n)
        memcpy(a->values, values, n * p * sizeof *values);
    if (weights)
        memcpy(a->weights, weights, n * sizeof *weights);
    while (a->n < n) {
        for (size_t c = 0; c < columns; c++)
            push_label(a, c, labels[a->n * columns + c]);
        end_row(a);
    }
    return a;
}

vmap_answers *reordered_answers(const vmap_answers *from, const size_t *order)
{
    size_t columns = vmap_table_columns(from->groups);
    const char *names[32];
    vmap_answers *a;

    for (size_t c = 0; c < columns; c++)
        names[c] = vmap_table_name(from->groups, c);
    a = empty_answers(from->p, (const char *const *)from->items, columns, names);
    make_room(a, from->n, from->weights != NULL);
    while (a->n < from->n) {
        size_t row = order[a->n];

        memcpy(a->values + a->n * a->p, from->values + row * a->p, a->p * sizeof *a->values);
        if (from->weights)
            a->weights[a->n] = from->weights[row];
        for (size_t c = 0; c < columns; c++)
            push_label(a, c, vmap_table_text(from->groups, c, row));
        end_row(a);
    }
    return a;
}

void shuffle_order(size_t n, size_t *order)
{
    gsl_rng *rng = vmap_rng_new(20230217, 7);

    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t i = n; i > 1; i--) {
        size_t with = vmap_rng_below(rng, i), held = order[i - 1];

        order[i - 1] = order[with];
        order[with] = held;
    }
    gsl_rng_free(rng);
}

vmap_simulation *made_up_simulation(vmap_simulate_options *options)
{
    vmap_codebook *codebook = NULL;
    vmap_simulation *s = NULL;
    vmap_error err;

    CHECK_OK(vmap_codebook_load(source_path("codebooks/iw-wvs7.yaml"), &codebook, &err), &err);
    options->codebook = codebook;
    CHECK_OK(vmap_simulate(options, &s, &err), &err);
    options->codebook = NULL;
    vmap_codebook_free(codebook);
    return s;
}

vmap_answers *sample_answers(const vmap_simulation *simulation, vmap_sample *sample,
                             const vmap_simulated_group *groups, const char *without)
{
    static const char *const names[] = {"model", "country"};
    bool personas = groups[0].model != NULL;
    vmap_answers *a = empty_answers(sample->p, (const char *const *)simulation->space->items,
                                    personas ? 2 : 1, personas ? names : names + 1);

    make_room(a, sample->n, true);
    while (a->n < sample->n) {
        const vmap_simulated_group *g = &groups[sample->group[a->n]];

        for (size_t i = 0; i < a->p; i++)
            a->values[a->n * a->p + i] =
                without && without[i] == '-' ? NAN : sample->values[a->n * a->p + i];
        a->weights[a->n] = sample->weights[a->n];
        if (personas)
            push_label(a, 0, g->model);
        push_label(a, personas, g->country);
        end_row(a);
    }
    vmap_sample_free(sample);
    return a;
}

vmap_groups *made_up_groups(const vmap_space *space, const vmap_answers *answers,
                            vmap_incomplete rule, vmap_projection **projection)
{
    vmap_groups *groups = NULL;
    vmap_error err;

    CHECK_OK(vmap_space_project(space, answers->values, answers->n, 2, projection, &err), &err);
    CHECK_OK(vmap_groups_new(space, answers, *projection, rule, &groups, &err), &err);
    return groups;
}
