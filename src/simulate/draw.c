#include <config.h>
#include "simulate/simulate_internal.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "core/memory.h"
#include "valuemap/rng.h"

/* Streams of the seed: a kind in the upper half, a group in the lower. */
enum { HUMAN_ANSWERS, HUMAN_GAPS, HUMAN_FILLER, PERSONA_ANSWERS, PERSONA_GAPS };

static uint64_t stream(int kind, size_t group)
{
    return (uint64_t)kind << 32 | (uint64_t)group;
}

uint64_t filler_stream(size_t country)
{
    return stream(HUMAN_FILLER, country);
}

vmap_status drawer_open(drawer *d, const simulation_plan *plan, vmap_error *err)
{
    memset(d, 0, sizeof *d);
    d->plan = plan;
    for (size_t i = 0; i < ITEMS; i++) {
        const double *a = model_items[i].loading;

        model_thresholds(i, d->cut[i]);
        if (strcmp(model_items[i].name, "G006") == 0)
            d->pride = i;
        d->unique[i] = sqrt(1 - a[0] * a[0] - a[1] * a[1]);
    }
    d->answers = vmap_rng_new(plan->options.seed, 0);
    d->gaps = vmap_rng_new(plan->options.seed, 0);
    if (d->answers && d->gaps)
        return VMAP_SUCCESS;
    drawer_close(d);
    return vmap_error_set(err, VMAP_ENOMEM, "no memory for a random generator");
}

void drawer_close(drawer *d)
{
    if (d->answers)
        gsl_rng_free(d->answers);
    if (d->gaps)
        gsl_rng_free(d->gaps);
    d->answers = d->gaps = NULL;
}

void drawer_human(drawer *d, size_t country)
{
    vmap_rng_set(d->answers, d->plan->options.seed, stream(HUMAN_ANSWERS, country));
    vmap_rng_set(d->gaps, d->plan->options.seed, stream(HUMAN_GAPS, country));
}

/* A model's streams do not depend on the number of countries: models are 1000 apart. */
void drawer_persona(drawer *d, size_t group)
{
    size_t countries = d->plan->options.countries;
    size_t id = group / countries * 1000 + group % countries;

    vmap_rng_set(d->answers, d->plan->options.seed, stream(PERSONA_ANSWERS, id));
    vmap_rng_set(d->gaps, d->plan->options.seed, stream(PERSONA_GAPS, id));
}

/* ---- answers ---- */

static void draw_codes(drawer *d, const latent *from, answer_sheet *sheet)
{
    double f[2];

    for (size_t j = 0; j < 2; j++)
        f[j] = gsl_ran_gaussian_ziggurat(d->answers, 1);
    for (size_t i = 0; i < ITEMS; i++) {
        const model_item *it = &model_items[i];
        double y = it->loading[0] * f[0] + it->loading[1] * f[1] +
                   d->unique[i] * gsl_ran_gaussian_ziggurat(d->answers, 1);
        int code = it->low;

        y = from->mean[i] + from->spread * y;
        while (code < it->high && y > d->cut[i][code - it->low])
            code++;
        sheet->code[i] = (signed char)code;
    }
}

/* One of the ways of mentioning the qualities 8, 14 (plus), 15, 17 (minus) that make `value`. */
static void draw_qualities(drawer *d, int value, signed char raw[4])
{
    static const int sign[] = {1, 1, -1, -1};
    unsigned ways[16];
    size_t count = 0;

    for (unsigned set = 0; set < 16; set++) {
        int sum = 0;

        for (int q = 0; q < 4; q++)
            sum += sign[q] * (int)(set >> q & 1);
        if (sum == value)
            ways[count++] = set;
    }
    ways[0] = ways[vmap_rng_below(d->answers, count)];
    for (int q = 0; q < 4; q++)
        raw[q] = ways[0] >> q & 1 ? 1 : 2;
}

/* Two different aims of four; 1 and 3 are materialist (value 1), 2 and 4 postmaterialist (3). */
static void draw_aims(drawer *d, int value, signed char raw[2])
{
    signed char ways[12][2];
    size_t count = 0;

    for (signed char first = 1; first <= 4; first++) {
        for (signed char second = 1; second <= 4; second++) {
            int made = first % 2 != second % 2 ? 2 : first % 2 ? 1 : 3;

            if (first != second && made == value) {
                ways[count][0] = first;
                ways[count++][1] = second;
            }
        }
    }
    memcpy(raw, ways[vmap_rng_below(d->answers, count)], 2);
}

/* The columns of an item stand together in the table of columns. */
static size_t first_column(size_t item, size_t *count)
{
    size_t first = 0;

    while (model_columns[first].item != item)
        first++;
    *count = 1;
    while (first + *count < COLUMNS && model_columns[first + *count].item == item)
        ++*count;
    return first;
}

static void fill_columns(drawer *d, answer_sheet *sheet)
{
    for (size_t c = 0; c < COLUMNS; c++) {
        const model_column *column = &model_columns[c];
        int value = sheet->code[column->item];
        size_t count, first = first_column(column->item, &count);

        if (count == 1)
            sheet->raw[c] = (signed char)value;
        else if (c == first && count == 4)
            draw_qualities(d, value, sheet->raw + c);
        else if (c == first)
            draw_aims(d, value, sheet->raw + c);
    }
}

/* ---- gaps ---- */

/* Put a code that is no answer in the item's column, or in one of its columns. */
static void lose(drawer *d, answer_sheet *sheet, size_t item, signed char code)
{
    size_t count, first = first_column(item, &count);
    size_t which = count > 1 ? vmap_rng_below(d->gaps, count) : 0;

    sheet->raw[first + which] = code;
    sheet->lost[item] = true;
}

void draw_human(drawer *d, size_t country, size_t number, answer_sheet *sheet)
{
    const human_group *group = &d->plan->humans[country];
    double missing = d->plan->options.missing;

    draw_codes(d, &group->latent[number < group->urban ? 0 : 1], sheet);
    fill_columns(d, sheet);
    memset(sheet->lost, 0, sizeof sheet->lost);
    for (size_t i = 0; i < ITEMS; i++) {
        double u = gsl_rng_uniform(d->gaps);

        if (u < missing)
            lose(d, sheet, i, u < missing / 2 ? -1 : -2);
        else if (i == d->pride && gsl_rng_uniform(d->gaps) < d->plan->options.foreign)
            lose(d, sheet, i, 5);
    }
}

void draw_persona(drawer *d, size_t group, answer_sheet *sheet)
{
    double refused = d->plan->options.refused, outside = d->plan->options.out_of_range;

    draw_codes(d, &d->plan->personas[group], sheet);
    fill_columns(d, sheet);
    memset(sheet->lost, 0, sizeof sheet->lost);
    for (size_t i = 0; i < ITEMS; i++) {
        double u = gsl_rng_uniform(d->gaps);

        if (u < refused)
            lose(d, sheet, i, -2);
        else if (u < refused + outside)
            lose(d, sheet, i, 0);
    }
}

/* ---- samples ---- */

void vmap_sample_free(vmap_sample *sample)
{
    if (!sample)
        return;
    free(sample->values);
    free(sample->weights);
    free(sample->group);
    free(sample->urban);
    free(sample);
}

static vmap_sample *new_sample(size_t n, vmap_error *err)
{
    vmap_sample *s = memory_new(1, sizeof *s, err);

    if (!s)
        return NULL;
    s->n = n;
    s->p = ITEMS;
    s->values = memory_new(n, ITEMS * sizeof *s->values, err);
    s->weights = memory_new(n, sizeof *s->weights, err);
    s->group = memory_new(n, sizeof *s->group, err);
    s->urban = memory_new(n, sizeof *s->urban, err);
    if (s->values && s->weights && s->group && s->urban)
        return s;
    vmap_sample_free(s);
    return NULL;
}

static void take_sheet(vmap_sample *s, size_t row, const simulation_plan *plan,
                       const answer_sheet *sheet)
{
    for (size_t i = 0; i < ITEMS; i++)
        s->values[row * ITEMS + i] =
            sheet->lost[plan->order[i]] ? NAN : sheet->code[plan->order[i]];
}

vmap_status vmap_simulation_draw_humans(const vmap_simulation *simulation, vmap_sample **sample,
                                        vmap_error *err)
{
    const simulation_plan *plan = simulation->plan;
    size_t n = 0, row = 0;
    vmap_sample *s;
    drawer d;

    for (size_t g = 0; g < simulation->countries; g++)
        n += plan->humans[g].n;
    s = new_sample(n, err);
    if (!s || drawer_open(&d, plan, err)) {
        vmap_sample_free(s);
        return VMAP_ENOMEM;
    }
    for (size_t g = 0; g < simulation->countries; g++) {
        const human_group *group = &plan->humans[g];

        drawer_human(&d, g);
        for (size_t i = 0; i < group->n; i++, row++) {
            answer_sheet sheet;

            draw_human(&d, g, i, &sheet);
            take_sheet(s, row, plan, &sheet);
            s->group[row] = g;
            s->urban[row] = i < group->urban ? 1 : 2;
            s->weights[row] = group->weight[i < group->urban ? 0 : 1];
        }
    }
    drawer_close(&d);
    *sample = s;
    return VMAP_SUCCESS;
}

vmap_status vmap_simulation_draw_personas(const vmap_simulation *simulation, vmap_sample **sample,
                                          vmap_error *err)
{
    const simulation_plan *plan = simulation->plan;
    size_t groups = simulation->models * simulation->countries, each = plan->options.personas;
    size_t n, row = 0;
    vmap_sample *s;
    drawer d;

    if (groups == 0 || each == 0)
        return vmap_error_set(err, VMAP_EINVAL, "the simulation has no personas");
    if (__builtin_mul_overflow(groups, each, &n))
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu groups of %zu personas", groups,
                              each);
    s = new_sample(n, err);
    if (!s || drawer_open(&d, plan, err)) {
        vmap_sample_free(s);
        return VMAP_ENOMEM;
    }
    for (size_t g = 0; g < groups; g++) {
        drawer_persona(&d, g);
        for (size_t i = 0; i < each; i++, row++) {
            answer_sheet sheet;

            draw_persona(&d, g, &sheet);
            take_sheet(s, row, plan, &sheet);
            s->group[row] = g;
            s->weights[row] = 1;
        }
    }
    drawer_close(&d);
    *sample = s;
    return VMAP_SUCCESS;
}
