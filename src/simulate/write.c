#include <config.h>
#include "simulate/simulate_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/buffer.h"
#include "core/file.h"
#include "core/memory.h"
#include "valuemap/rng.h"

/* A filling question's answer is looked up with one byte of chance. */
enum { DRAWS = 256 };

/* A question of the file: one of the model's or one that fills. */
typedef struct {
    char name[16];
    int number;
    size_t column;           /* of the model; COLUMNS when it fills */
    signed char draw[DRAWS]; /* of a filling question: the code for each byte of chance */
} question;

typedef struct {
    question *list;
    size_t count;
} questionnaire;

/* ---- which questions ---- */

/* Codes 1..k in shares that differ between questions, missing codes in the asked share. */
static void fill_draws(question *q, double missing)
{
    static const int scale[] = {4, 2, 10, 3, 5, 4};
    int k = scale[q->number % 6], lost = (int)(missing * DRAWS + 0.5), total = 0, sum = 0;
    int share[10];

    for (int c = 0; c < k; c++)
        total += share[c] = 1 + (q->number * 5 + c * 3) % 7;
    for (int i = 0; i < lost; i++)
        q->draw[i] = i % 2 ? -2 : -1;
    for (int c = 0, at = lost; c < k; c++) {
        sum += share[c];
        while (at < lost + (DRAWS - lost) * sum / total)
            q->draw[at++] = (signed char)(c + 1);
    }
}

static bool is_taken(int number)
{
    for (size_t c = 0; c < COLUMNS; c++) {
        if (model_columns[c].number == number)
            return true;
    }
    return false;
}

static void add_question(questionnaire *to, size_t column, bool inverted)
{
    question *q = &to->list[to->count++];

    model_column_name(column, inverted, q->name);
    q->number = model_columns[column].number;
    q->column = column;
}

/* The model's questions among `fill` others, in the order of numbers. */
static vmap_status list_questions(questionnaire *to, const bool *without, bool inverted,
                                  size_t fill, double missing, vmap_error *err)
{
    size_t column = 0;

    to->count = 0;
    to->list = memory_new(COLUMNS + fill, sizeof *to->list, err);
    if (!to->list)
        return VMAP_ENOMEM;
    for (int number = 1; column < COLUMNS || fill > 0; number++) {
        if (column < COLUMNS && model_columns[column].number == number) {
            if (!without || !without[column])
                add_question(to, column, inverted);
            column++;
        } else if (fill > 0 && !is_taken(number)) {
            question *q = &to->list[to->count++];

            snprintf(q->name, sizeof q->name, "Q%d", number);
            q->number = number;
            q->column = COLUMNS;
            fill_draws(q, missing);
            fill--;
        }
    }
    return VMAP_SUCCESS;
}

/* ---- rows ---- */

/* A comma and a code of at most two digits. */
static char *put_code(char *to, int code)
{
    *to++ = ',';
    if (code < 0) {
        *to++ = '-';
        code = -code;
    }
    if (code > 9)
        *to++ = (char)('0' + code / 10);
    *to++ = (char)('0' + code % 10);
    return to;
}

static char *put_number(char *to, uint64_t x)
{
    char digits[24];
    size_t n = 0;

    do {
        digits[n++] = (char)('0' + x % 10);
    } while (x /= 10);
    while (n > 0)
        *to++ = digits[--n];
    return to;
}

static char *put_text(char *to, const char *text)
{
    size_t n = strlen(text);

    memcpy(to, text, n);
    return to + n;
}

/* The code as the inverted variant has it; codes that are no answers stay, but 0 is an answer about
 * a child's quality there, so that an answer out of range must be another. */
static int invert(const model_column *column, int raw)
{
    const model_item *item = &model_items[column->item];

    if (!column->inverted || raw < 0)
        return raw;
    if (column->quality)
        return raw == 1 ? 1 : raw == 2 ? 0 : 3;
    return raw >= item->low && raw <= item->high ? item->low + item->high - raw : raw;
}

static char *put_answers(char *to, const questionnaire *questions, const answer_sheet *sheet,
                         bool inverted, gsl_rng *filler)
{
    unsigned long chance = 0;
    unsigned left = 0;

    for (size_t i = 0; i < questions->count; i++) {
        const question *q = &questions->list[i];

        if (q->column < COLUMNS) {
            int raw = sheet->raw[q->column];

            to = put_code(to, inverted ? invert(&model_columns[q->column], raw) : raw);
            continue;
        }
        if (left == 0) { /* four bytes of chance at a time */
            chance = gsl_rng_get(filler);
            left = 4;
        }
        to = put_code(to, q->draw[chance & 0xFF]);
        chance >>= 8;
        left--;
    }
    return put_text(to, ",1\n");
}

static void add_header(file_writer *w, const char *first, const questionnaire *questions)
{
    file_add(w, first, strlen(first));
    for (size_t i = 0; i < questions->count; i++) {
        file_add(w, ",", 1);
        file_add(w, questions->list[i].name, strlen(questions->list[i].name));
    }
    file_add(w, ",SIMULATED\n", 11);
}

/* Room for a row: every answer is a comma and at most two characters. */
static char *new_row(const questionnaire *questions, vmap_error *err)
{
    return memory_new(256 + 4 * questions->count, 1, err);
}

static void write_country(file_writer *w, const simulation_plan *plan, size_t g,
                          const questionnaire *questions, drawer *d, gsl_rng *filler, char *row)
{
    const human_group *group = &plan->humans[g];
    const model_country *country = &model_countries[g];
    char begin[64], stratum[2][64];

    /* B_COUNTRY, wave 07 and a running number, as the survey numbers its interviews */
    snprintf(begin, sizeof begin, "%d,%d,%s,", country->year, country->number, country->code);
    for (int h = 0; h < 2; h++) {
        unsigned long weight = (unsigned long)(group->weight[h] * 1e9 + 0.5);

        snprintf(stratum[h], sizeof stratum[h], ",%d,%lu.%09lu", h + 1, weight / 1000000000,
                 weight % 1000000000);
    }
    drawer_human(d, g);
    vmap_rng_set(filler, plan->options.seed, filler_stream(g));
    for (size_t i = 0; i < group->n; i++) {
        char *to = put_text(row, begin);
        answer_sheet sheet;

        draw_human(d, g, i, &sheet);
        to = put_number(to, (uint64_t)country->number * 1000000 + 70001 + i);
        to = put_text(to, stratum[i < group->urban ? 0 : 1]);
        to = put_answers(to, questions, &sheet, plan->options.inverted, filler);
        file_add(w, row, (size_t)(to - row));
    }
}

vmap_status vmap_simulation_write_humans(const vmap_simulation *simulation, const char *path,
                                         vmap_error *err)
{
    static const char first[] = "A_YEAR,B_COUNTRY,B_COUNTRY_ALPHA,D_INTERVIEW,H_URBRURAL,W_WEIGHT";
    const simulation_plan *plan = simulation->plan;
    size_t fill = plan->options.columns ? plan->options.columns - COLUMNS - 7 : 0;
    questionnaire questions = {.list = NULL};
    gsl_rng *filler = vmap_rng_new(0, 0);
    char *row = NULL;
    file_writer w;
    drawer d;
    vmap_status status = drawer_open(&d, plan, err);

    if (!filler)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a random generator");
    if (!status)
        status = list_questions(&questions, NULL, plan->options.inverted, fill,
                                plan->options.missing, err);
    if (!status)
        status = (row = new_row(&questions, err)) ? file_begin(&w, path, err) : VMAP_ENOMEM;
    if (!status) {
        add_header(&w, first, &questions);
        for (size_t g = 0; g < simulation->countries && !w.status; g++)
            write_country(&w, plan, g, &questions, &d, filler, row);
        status = file_end(&w, err);
    }
    drawer_close(&d);
    if (filler)
        gsl_rng_free(filler);
    free(questions.list);
    free(row);
    return status;
}

static void write_group(file_writer *w, const vmap_simulation *simulation, size_t g,
                        const questionnaire *questions, drawer *d, char *row)
{
    const simulation_plan *plan = simulation->plan;

    drawer_persona(d, g);
    for (size_t i = 0; i < plan->options.personas; i++) {
        char *to = row;
        answer_sheet sheet;

        draw_persona(d, g, &sheet);
        to = put_text(to, simulation->personas[g].model);
        *to++ = ',';
        to = put_text(to, simulation->personas[g].country);
        *to++ = ',';
        to = put_number(to, i + 1);
        to = put_answers(to, questions, &sheet, plan->options.personas_inverted, NULL);
        file_add(w, row, (size_t)(to - row));
    }
}

vmap_status vmap_simulation_write_personas(const vmap_simulation *simulation, const char *path,
                                           vmap_error *err)
{
    const simulation_plan *plan = simulation->plan;
    size_t groups = simulation->models * simulation->countries;
    questionnaire questions = {.list = NULL};
    char *row = NULL;
    file_writer w;
    drawer d;
    vmap_status status;

    if (groups == 0 || plan->options.personas == 0)
        return vmap_error_set(err, VMAP_EINVAL, "the simulation has no personas");
    status = drawer_open(&d, plan, err);
    if (!status)
        status =
            list_questions(&questions, plan->without, plan->options.personas_inverted, 0, 0, err);
    if (!status)
        status = (row = new_row(&questions, err)) ? file_begin(&w, path, err) : VMAP_ENOMEM;
    if (!status) {
        add_header(&w, "model,B_COUNTRY_ALPHA,persona", &questions);
        for (size_t g = 0; g < groups && !w.status; g++)
            write_group(&w, simulation, g, &questions, &d, row);
        status = file_end(&w, err);
    }
    drawer_close(&d);
    free(questions.list);
    free(row);
    return status;
}

/* ---- the truth ---- */

/* A comma and the number, nothing for NaN. */
static void put_cell(buffer *b, double x)
{
    char text[32] = "";

    if (!isnan(x))
        number_text(text, x, 0);
    buffer_format(b, ",%s", text);
}

static vmap_status finish(buffer *b, const char *path, vmap_error *err)
{
    char *text = NULL;
    size_t n = 0;
    vmap_status status = buffer_take(b, &text, &n, err);

    if (!status)
        status = file_write(path, text, n, err);
    free(text);
    return status;
}

vmap_status vmap_simulation_write_truth(const vmap_simulation *simulation, const char *path,
                                        vmap_error *err)
{
    buffer b = {0};

    buffer_put(&b, "set,B_COUNTRY_ALPHA,survself,tradrat,SIMULATED\n");
    for (size_t g = 0; g < simulation->countries; g++) {
        const vmap_simulated_group *group = &simulation->humans[g];

        buffer_format(&b, "human,%s", group->country);
        for (size_t j = 0; j < 2; j++)
            put_cell(&b, gsl_vector_get(group->at, j));
        buffer_put(&b, ",1\n");
    }
    return finish(&b, path, err);
}

vmap_status vmap_simulation_write_persona_truth(const vmap_simulation *simulation, const char *path,
                                                vmap_error *err)
{
    buffer b = {0};

    buffer_put(&b, "set,model,B_COUNTRY_ALPHA,survself,tradrat,slope,survself_slope,"
                   "tradrat_slope,SIMULATED\n");
    for (size_t g = 0; g < simulation->models * simulation->countries; g++) {
        const vmap_simulated_group *group = &simulation->personas[g];
        size_t model = g / simulation->countries;

        buffer_format(&b, "persona,%s,%s", group->model, group->country);
        for (size_t j = 0; j < 2; j++)
            put_cell(&b, gsl_vector_get(group->at, j));
        put_cell(&b, simulation->plan->models[model].slope);
        for (size_t j = 0; j < 2; j++)
            put_cell(&b, gsl_matrix_get(simulation->slopes, model, j));
        buffer_put(&b, ",1\n");
    }
    return finish(&b, path, err);
}
