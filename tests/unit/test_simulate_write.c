#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "support/check.h"
#include "valuemap/answers.h"
#include "valuemap/read.h"
#include "valuemap/simulate.h"

static vmap_codebook *load(void)
{
    vmap_codebook *codebook = NULL;
    vmap_error err;

    CHECK_OK(vmap_codebook_load(source_path("codebooks/iw-wvs7.yaml"), &codebook, &err), &err);
    return codebook;
}

static vmap_simulation *simulate(const vmap_simulate_options *options)
{
    vmap_simulate_options o = *options;
    vmap_simulation *s = NULL;
    vmap_codebook *codebook = load();
    vmap_error err;

    o.codebook = codebook;
    CHECK_OK(vmap_simulate(&o, &s, &err), &err);
    CHECK_OK(file_folder("unit-scratch", &err), &err);
    vmap_codebook_free(codebook);
    return s;
}

/* Read a simulated file with the library: all items of the space, in its order. */
static vmap_answers *read_answers(const vmap_simulation *s, const char *path, const char *weight,
                                  const char *const *groups, size_t groups_count,
                                  vmap_ledger *ledger)
{
    vmap_codebook *codebook = load();
    const vmap_codebook *codebooks[] = {codebook};
    vmap_answers_options o = {.set = "simulated",
                              .codebooks = codebooks,
                              .codebooks_count = 1,
                              .items = (const char *const *)s->space->items,
                              .items_count = s->space->p,
                              .weight = weight,
                              .groups = groups,
                              .groups_count = groups_count};
    vmap_error err;
    vmap_answers *a = vmap_answers_new(&o, &err);

    CHECK_OK(vmap_answers_read(a, &o, path, NULL, 0, ledger, &err), &err);
    CHECK_OK(vmap_answers_finish(a, ledger, &err), &err);
    vmap_codebook_free(codebook);
    return a;
}

/* The cells that differ between what was read and what was drawn. */
static size_t differences(const vmap_answers *a, const vmap_sample *sample)
{
    size_t n = 0;

    CHECK_COUNT(a->n, sample->n);
    for (size_t i = 0; i < a->n * a->p; i++)
        n += isnan(a->values[i]) != isnan(sample->values[i]) ||
             (!isnan(a->values[i]) && a->values[i] != sample->values[i]);
    return n;
}

static void check_humans(bool inverted, size_t columns)
{
    static const char *const groups[] = {"B_COUNTRY_ALPHA", "H_URBRURAL"};
    vmap_simulate_options o;
    vmap_simulation *s;
    vmap_sample *sample = NULL;
    vmap_ledger *ledger = vmap_ledger_new(NULL);
    vmap_answers *a;
    vmap_error err;

    vmap_simulate_defaults(&o);
    o.inverted = inverted;
    o.columns = columns;
    o.countries = 5;
    o.respondents = 301;
    o.missing = 0.2;
    o.foreign = 0.1;
    s = simulate(&o);
    CHECK_OK(vmap_simulation_write_humans(s, "unit-scratch/human.csv", &err), &err);
    CHECK_OK(vmap_simulation_draw_humans(s, &sample, &err), &err);
    a = read_answers(s, "unit-scratch/human.csv", "W_WEIGHT", groups, 2, ledger);
    CHECK_COUNT(differences(a, sample), 0);
    for (size_t r = 0; r < a->n; r++) {
        size_t g = sample->group[r];

        CHECK_NEAR(a->weights[r], sample->weights[r], 6e-10);
        CHECK(strcmp(vmap_table_text(a->groups, 0, r), s->humans[g].country) == 0);
        CHECK(*vmap_table_text(a->groups, 1, r) == '0' + sample->urban[r]);
    }
    for (size_t i = 0; i < a->p; i++) {
        CHECK(a->present[i]);
        CHECK_COUNT(a->counts[i].reason[VMAP_OUT_OF_RANGE], 0);
    }
    vmap_answers_free(a);
    vmap_ledger_free(ledger);
    vmap_sample_free(sample);
    vmap_simulation_free(s);
    unlink("unit-scratch/human.csv");
}

static void reading_the_file_of_people_gives_what_was_drawn(void)
{
    check_humans(false, 0);
}

static void the_inverted_variant_gives_the_same(void)
{
    check_humans(true, 0);
}

static void filling_columns_change_no_answer(void)
{
    check_humans(false, 60);
    check_humans(true, 333);
}

/* ---- personas ---- */

static void check_personas(bool inverted)
{
    static const char *const groups[] = {"model", "B_COUNTRY_ALPHA", "persona"};
    vmap_simulate_options o;
    vmap_simulation *s;
    vmap_sample *sample = NULL;
    vmap_ledger *ledger = vmap_ledger_new(NULL);
    vmap_answers *a;
    vmap_error err;

    vmap_simulate_defaults(&o);
    o.personas_inverted = inverted;
    o.refused = 0.1;
    o.out_of_range = 0.05;
    o.personas = 250;
    s = simulate(&o);
    CHECK_OK(vmap_simulation_write_personas(s, "unit-scratch/personas.csv", &err), &err);
    CHECK_OK(vmap_simulation_draw_personas(s, &sample, &err), &err);
    a = read_answers(s, "unit-scratch/personas.csv", NULL, groups, 3, ledger);
    CHECK_COUNT(differences(a, sample), 0);
    for (size_t r = 0; r < a->n; r++) {
        const vmap_simulated_group *group = &s->personas[sample->group[r]];

        CHECK(strcmp(vmap_table_text(a->groups, 0, r), group->model) == 0);
        CHECK(strcmp(vmap_table_text(a->groups, 1, r), group->country) == 0);
        CHECK((size_t)atoi(vmap_table_text(a->groups, 2, r)) == r % 250 + 1);
    }
    /* binomial: 4 standard errors of a share among 9000 */
    for (size_t i = 0; i < a->p; i++) {
        const size_t *count = a->counts[i].reason;
        size_t part = count[VMAP_PART_MISSING]; /* of Y003 and Y002: refused and out of range */

        CHECK_NEAR((double)(count[VMAP_NO_ANSWER] + count[VMAP_OUT_OF_RANGE] + part) / 9000, 0.15,
                   4 * sqrt(.15 * .85 / 9000));
        if (part == 0)
            CHECK_NEAR((double)count[VMAP_OUT_OF_RANGE] / 9000, 0.05, 4 * sqrt(.05 * .95 / 9000));
    }
    vmap_answers_free(a);
    vmap_ledger_free(ledger);
    vmap_sample_free(sample);
    vmap_simulation_free(s);
    unlink("unit-scratch/personas.csv");
}

static void reading_the_file_of_personas_gives_what_was_drawn(void)
{
    check_personas(false);
}

static void personas_can_be_inverted(void)
{
    check_personas(true);
}

static void items_and_columns_can_be_left_out(void)
{
    static const char *const without[] = {"E018", "Q14", "Q57P"};
    static const char want[] = "model,B_COUNTRY_ALPHA,persona,Q8,Q15,Q17,Q46,Q154,Q155,Q164,Q182,"
                               "Q184,Q209,Q254,SIMULATED\nsimA,NLD,1,";
    vmap_simulate_options o;
    vmap_simulation *s;
    vmap_ledger *ledger = vmap_ledger_new(NULL);
    vmap_answers *a;
    vmap_error err;
    char *text = NULL;
    size_t n;

    vmap_simulate_defaults(&o);
    o.without = without;
    o.without_count = 3;
    s = simulate(&o);
    CHECK_OK(vmap_simulation_write_personas(s, "unit-scratch/personas.csv", &err), &err);
    CHECK_OK(file_read("unit-scratch/personas.csv", &text, &n, &err), &err);
    CHECK(text && strncmp(text, want, strlen(want)) == 0);
    free(text);
    a = read_answers(s, "unit-scratch/personas.csv", NULL, NULL, 0, ledger);
    for (size_t i = 0; i < a->p; i++)
        CHECK(a->present[i] ==
              (strcmp(a->items[i], "E018") != 0 && strcmp(a->items[i], "Y003") != 0 &&
               strcmp(a->items[i], "A165") != 0));
    vmap_answers_free(a);
    vmap_ledger_free(ledger);
    vmap_simulation_free(s);
    unlink("unit-scratch/personas.csv");
}

/* ---- the layout ---- */

static void the_layout_is_the_official_one(void)
{
    static const char want[] =
        "A_YEAR,B_COUNTRY,B_COUNTRY_ALPHA,D_INTERVIEW,H_URBRURAL,W_WEIGHT,Q8,Q14,Q15,Q17,Q45,Q46,"
        "Q57,Q154,Q155,Q164,Q182,Q184,Q209,Q254,SIMULATED\n2022,528,NLD,528070001,1,";
    static const char inverted[] =
        "A_YEAR,B_COUNTRY,B_COUNTRY_ALPHA,D_INTERVIEW,H_URBRURAL,W_WEIGHT,Q8P,Q14P,Q15P,Q17P,Q45P,"
        "Q46P,Q57P,Q154,Q155,Q164,Q182,Q184,Q209P,Q254P,SIMULATED\n";
    vmap_simulate_options o;
    vmap_error err;
    char *text = NULL;
    size_t n;

    vmap_simulate_defaults(&o);
    for (int variant = 0; variant < 2; variant++) {
        vmap_simulation *s;

        o.inverted = variant;
        s = simulate(&o);
        CHECK_OK(vmap_simulation_write_humans(s, "unit-scratch/human.csv", &err), &err);
        CHECK_OK(file_read("unit-scratch/human.csv", &text, &n, &err), &err);
        CHECK(text &&
              strncmp(text, variant ? inverted : want, strlen(variant ? inverted : want)) == 0);
        CHECK(text && strcmp(text + n - 3, ",1\n") == 0);
        free(text);
        vmap_simulation_free(s);
    }
    unlink("unit-scratch/human.csv");
}

/* Codes by hand from one row: what the standard file has as Q, the inverted one has as QP. */
static void inverted_codes_are_those_of_the_survey(void)
{
    static const struct {
        const char *name;
        int sum; /* of both codes; 0: 1 stays, 2 becomes 0 */
    } known[] = {{"Q45", 4}, {"Q46", 5}, {"Q57", 3}, {"Q209", 4}, {"Q254", 5},
                 {"Q8", 0},  {"Q14", 0}, {"Q15", 0}, {"Q17", 0}};
    vmap_table *table[2] = {NULL, NULL};
    vmap_simulate_options o;
    vmap_error err;

    vmap_simulate_defaults(&o);
    o.foreign = 0.2;
    for (int variant = 0; variant < 2; variant++) {
        vmap_simulation *s;
        vmap_reader *reader = NULL;

        o.inverted = variant;
        s = simulate(&o);
        CHECK_OK(vmap_simulation_write_humans(s, "unit-scratch/human.csv", &err), &err);
        CHECK_OK(vmap_reader_open("unit-scratch/human.csv", NULL, &reader, &err), &err);
        for (size_t c = 0; c < vmap_reader_columns(reader); c++) {
            const char *name = vmap_reader_names(reader)[c];

            if (*name == 'Q')
                CHECK_OK(vmap_reader_want(reader, c, VMAP_CODES, name, NULL, &err), &err);
        }
        CHECK_OK(vmap_reader_read(reader, &table[variant], &err), &err);
        vmap_reader_free(reader);
        vmap_simulation_free(s);
    }
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        char name[16] = "";
        size_t wrong = 0, c = vmap_table_find(table[0], known[k].name), cp;

        strcat(strcpy(name, known[k].name), "P");
        cp = vmap_table_find(table[1], name);
        for (size_t r = 0; r < vmap_table_rows(table[0]); r++) {
            double x = vmap_table_value(table[0], c, r), y = vmap_table_value(table[1], cp, r);
            double want = x < 0 || x == 5 ? x : known[k].sum ? known[k].sum - x : x == 1;

            wrong += y != want;
        }
        CHECK_COUNT(wrong, 0);
    }
    vmap_table_free(table[0]);
    vmap_table_free(table[1]);
    unlink("unit-scratch/human.csv");
}

/* Every row has as many fields as the header; names are Q1, Q2 ... once each, in order. */
static void a_file_can_be_filled_with_other_questions(void)
{
    vmap_simulate_options o;
    vmap_simulation *s;
    vmap_reader *reader = NULL;
    vmap_table *table = NULL;
    vmap_error err;
    int last = 0;

    vmap_simulate_defaults(&o);
    o.columns = 600;
    o.respondents = 50;
    s = simulate(&o);
    CHECK_OK(vmap_simulation_write_humans(s, "unit-scratch/human.csv", &err), &err);
    CHECK_OK(vmap_reader_open("unit-scratch/human.csv", NULL, &reader, &err), &err);
    CHECK_COUNT(vmap_reader_columns(reader), 600);
    CHECK_TEXT(vmap_reader_names(reader)[599], "SIMULATED");
    for (size_t c = 6; c < 599; c++) {
        const char *name = vmap_reader_names(reader)[c];

        CHECK(*name == 'Q' && atoi(name + 1) == last + 1);
        last = atoi(name + 1);
        CHECK_OK(vmap_reader_want(reader, c, VMAP_CODES, name, NULL, &err), &err);
    }
    CHECK_OK(vmap_reader_read(reader, &table, &err), &err);
    CHECK_COUNT(vmap_table_rows(table), 600);
    for (size_t c = 0; c < vmap_table_columns(table); c++) {
        double low = 99, high = -99;

        for (size_t r = 0; r < 600; r++) {
            double x = vmap_table_value(table, c, r);

            low = fmin(low, x);
            high = fmax(high, x);
        }
        CHECK(low >= -2 && high >= 2 && high <= 10);
    }
    vmap_table_free(table);
    vmap_reader_free(reader);
    vmap_simulation_free(s);
    unlink("unit-scratch/human.csv");
}

/* ---- one seed, one file ---- */

static void hash_files(uint64_t seed, size_t columns, char human[65], char personas[65])
{
    vmap_simulate_options o;
    vmap_simulation *s;
    vmap_error err;

    vmap_simulate_defaults(&o);
    o.seed = seed;
    o.columns = columns;
    s = simulate(&o);
    CHECK_OK(vmap_simulation_write_humans(s, "unit-scratch/human.csv", &err), &err);
    CHECK_OK(vmap_simulation_write_personas(s, "unit-scratch/personas.csv", &err), &err);
    CHECK_OK(file_hash("unit-scratch/human.csv", human, &err), &err);
    CHECK_OK(file_hash("unit-scratch/personas.csv", personas, &err), &err);
    vmap_simulation_free(s);
    unlink("unit-scratch/human.csv");
    unlink("unit-scratch/personas.csv");
}

static void the_same_seed_gives_the_same_bytes(void)
{
    char first[2][65], again[2][65], other[2][65];

    hash_files(5, 40, first[0], first[1]);
    hash_files(5, 40, again[0], again[1]);
    hash_files(6, 40, other[0], other[1]);
    for (int i = 0; i < 2; i++) {
        CHECK_TEXT(again[i], first[i]);
        CHECK(strcmp(other[i], first[i]) != 0);
    }
}

/* The draws of a country do not hang on how many countries, gaps, models or personas there are.
 * (Its personas' answers do: their home is the average country.) */
static void a_country_keeps_its_answers_among_others(void)
{
    vmap_simulate_options o;
    vmap_simulation *few, *many;
    vmap_sample *a = NULL, *b = NULL;
    vmap_error err;
    size_t different = 0, compared = 0;

    vmap_simulate_defaults(&o);
    o.missing = 0;
    o.countries = 3;
    few = simulate(&o);
    o.countries = 20;
    o.missing = 0.3;
    o.models_count = 1;
    many = simulate(&o);
    CHECK_OK(vmap_simulation_draw_humans(few, &a, &err), &err);
    CHECK_OK(vmap_simulation_draw_humans(many, &b, &err), &err);
    for (size_t i = 0; i < a->n * a->p; i++) {
        if (isnan(a->values[i]) || isnan(b->values[i]))
            continue;
        compared++;
        different += a->values[i] != b->values[i];
    }
    CHECK((double)compared > 3000 * 10 * 0.65);
    CHECK_COUNT(different, 0);
    vmap_sample_free(a);
    vmap_sample_free(b);
    vmap_simulation_free(few);
    vmap_simulation_free(many);
}

/* Countries, models and gaps have streams of their own: no two groups get the same draws. */
static void groups_have_their_own_draws(void)
{
    vmap_simulate_options o;
    vmap_simulation *s;
    vmap_sample *a = NULL;
    vmap_error err;
    size_t same = 0;

    vmap_simulate_defaults(&o);
    o.spread = 0; /* so that equal draws would be equal answers */
    o.missing = o.foreign = 0;
    o.countries = 6;
    s = simulate(&o);
    CHECK_OK(vmap_simulation_draw_humans(s, &a, &err), &err);
    for (size_t g = 1; g < 6; g++)
        same += memcmp(a->values, a->values + g * 10000, 50 * sizeof *a->values) == 0;
    CHECK_COUNT(same, 0);
    vmap_sample_free(a);
    vmap_simulation_free(s);
}

/* ---- from file to map ---- */

/* The whole way: write, read, fit, compare with the truth. Loadings of 24,000 such respondents have
 * standard errors of at most .014 (the study tests/bench/coverage.c prints .0198 for 12,000): 4 of
 * them. */
static void fitting_the_file_recovers_the_truth(void)
{
    static const char *const groups[] = {"B_COUNTRY_ALPHA"};
    vmap_simulate_options o;
    vmap_simulation *s;
    vmap_ledger *ledger = vmap_ledger_new(NULL);
    vmap_codebook *codebook = load();
    vmap_space *space = NULL;
    vmap_answers *a;
    vmap_error err;

    vmap_simulate_defaults(&o);
    o.respondents = 2000;
    s = simulate(&o);
    CHECK_OK(vmap_simulation_write_humans(s, "unit-scratch/human.csv", &err), &err);
    a = read_answers(s, "unit-scratch/human.csv", "W_WEIGHT", groups, 1, ledger);
    CHECK_OK(vmap_space_fit(codebook, a->present, a->values, a->n, a->weights, NULL, &space, &err),
             &err);
    for (size_t j = 0; j < 2; j++) {
        CHECK_TEXT(space->axes[j].name, s->space->axes[j].name);
        for (size_t i = 0; i < 10; i++) {
            CHECK_TEXT(space->items[i], s->space->items[i]);
            CHECK_NEAR(gsl_matrix_get(space->loadings, i, j),
                       gsl_matrix_get(s->space->loadings, i, j), 0.056);
        }
    }
    vmap_space_free(space);
    vmap_answers_free(a);
    vmap_ledger_free(ledger);
    vmap_codebook_free(codebook);
    vmap_simulation_free(s);
    unlink("unit-scratch/human.csv");
}

/* The true space is a space like any other: it is written, read and projects. */
static void the_true_space_projects(void)
{
    vmap_simulate_options o;
    vmap_simulation *s;
    vmap_space *space = NULL;
    vmap_error err;

    vmap_simulate_defaults(&o);
    s = simulate(&o);
    CHECK_OK(vmap_space_write(s->space, "unit-scratch/true.json", &err), &err);
    CHECK_OK(vmap_space_read("unit-scratch/true.json", &space, &err), &err);
    CHECK_COUNT(space->positions_count, 12);
    for (size_t g = 0; g < 12; g++) {
        vmap_projection *pr = NULL;

        CHECK_TEXT(space->positions[g].group, s->humans[g].country);
        CHECK_OK(vmap_space_project(space, s->humans[g].items->data, 1, 10, &pr, &err), &err);
        for (size_t j = 0; pr && j < 2; j++) {
            CHECK_NEAR(pr->at[j], gsl_vector_get(s->humans[g].at, j), 1e-12);
            CHECK_NEAR(gsl_vector_get(space->positions[g].at, j), pr->at[j], 1e-12);
        }
        vmap_projection_free(pr);
    }
    vmap_space_free(space);
    vmap_simulation_free(s);
    unlink("unit-scratch/true.json");
}

/* Read the named numeric columns of a table of truths. */
static vmap_table *read_numbers(const char *path, const char *const *names, size_t count)
{
    vmap_reader *reader = NULL;
    vmap_table *table = NULL;
    vmap_error err;

    CHECK_OK(vmap_reader_open(path, NULL, &reader, &err), &err);
    for (size_t i = 0; i < count; i++) {
        size_t c = 0;

        while (c < vmap_reader_columns(reader) &&
               strcmp(vmap_reader_names(reader)[c], names[i]) != 0)
            c++;
        CHECK_OK(vmap_reader_want(reader, c, VMAP_NUMBERS, names[i], NULL, &err), &err);
    }
    CHECK_OK(vmap_reader_read(reader, &table, &err), &err);
    vmap_reader_free(reader);
    return table;
}

static void the_truth_is_written_to_the_last_bit(void)
{
    static const char *const names[] = {"survself", "tradrat",        "SIMULATED",
                                        "slope",    "survself_slope", "tradrat_slope"};
    vmap_simulate_options o;
    vmap_simulation *s;
    vmap_table *humans, *personas;
    vmap_error err;

    vmap_simulate_defaults(&o);
    s = simulate(&o);
    CHECK_OK(vmap_simulation_write_truth(s, "unit-scratch/truth.csv", &err), &err);
    CHECK_OK(vmap_simulation_write_persona_truth(s, "unit-scratch/truth-p.csv", &err), &err);
    humans = read_numbers("unit-scratch/truth.csv", names, 3);
    personas = read_numbers("unit-scratch/truth-p.csv", names, 6);
    CHECK_COUNT(vmap_table_rows(humans), 12);
    CHECK_COUNT(vmap_table_rows(personas), 36);
    for (size_t r = 0; r < 36; r++) {
        for (size_t j = 0; j < 2; j++) {
            if (r < 12)
                CHECK_NEAR(vmap_table_value(humans, j, r), gsl_vector_get(s->humans[r].at, j), 0);
            CHECK_NEAR(vmap_table_value(personas, j, r), gsl_vector_get(s->personas[r].at, j), 0);
            CHECK_NEAR(vmap_table_value(personas, 4 + j, r), gsl_matrix_get(s->slopes, r / 12, j),
                       0);
        }
        CHECK_NEAR(vmap_table_value(personas, 3, r), r < 12 ? 0.9 : r < 24 ? 0.5 : 0.2, 0);
    }
    vmap_table_free(humans);
    vmap_table_free(personas);
    vmap_simulation_free(s);
    unlink("unit-scratch/truth.csv");
    unlink("unit-scratch/truth-p.csv");
}

/* ---- refusals and edges ---- */

static void what_cannot_be_written_is_an_error(void)
{
    vmap_simulate_options o;
    vmap_simulation *s;
    vmap_error err;

    vmap_simulate_defaults(&o);
    o.countries = 1;
    o.personas = 0;
    s = simulate(&o);
    CHECK_FAILS(vmap_simulation_write_humans(s, "unit-scratch/no/human.csv", &err), VMAP_ENOENT,
                &err, "unit-scratch/no/human.csv: cannot create the file");
    CHECK_FAILS(vmap_simulation_write_truth(s, "unit-scratch/no/truth.csv", &err), VMAP_ENOENT,
                &err, "cannot create the file");
    CHECK_FAILS(vmap_simulation_write_personas(s, "unit-scratch/p.csv", &err), VMAP_EINVAL, &err,
                "no personas");
    CHECK(access("unit-scratch/p.csv", F_OK) != 0);
    vmap_simulation_free(s);
}

static void the_smallest_simulation(void)
{
    vmap_simulate_options o;
    vmap_simulation *s;
    vmap_error err;
    char *text = NULL;
    size_t n = 0, lines = 0;

    vmap_simulate_defaults(&o);
    o.countries = 1;
    o.respondents = 2; /* one urban, one rural */
    o.personas = 1;
    s = simulate(&o);
    CHECK_OK(vmap_simulation_write_humans(s, "unit-scratch/human.csv", &err), &err);
    CHECK_OK(vmap_simulation_write_personas(s, "unit-scratch/personas.csv", &err), &err);
    CHECK_OK(vmap_simulation_write_persona_truth(s, "unit-scratch/truth.csv", &err), &err);
    CHECK_OK(file_read("unit-scratch/human.csv", &text, &n, &err), &err);
    for (size_t i = 0; i < n; i++)
        lines += text[i] == '\n';
    CHECK_COUNT(lines, 3);
    /* shares .4 and .6 in the population, one respondent each: by hand, .4 x 2 and .6 x 2 */
    CHECK(text && strstr(text, "528070001,1,0.800000000,") &&
          strstr(text, "528070002,2,1.200000000,"));
    free(text);
    CHECK_OK(file_read("unit-scratch/truth.csv", &text, &n, &err), &err);
    CHECK(text && strstr(text, ",0.9,,,1\n")); /* slopes that are not known */
    free(text);
    vmap_simulation_free(s);
    unlink("unit-scratch/human.csv");
    unlink("unit-scratch/personas.csv");
    unlink("unit-scratch/truth.csv");
}

static const test_case cases[] = {
    TEST(reading_the_file_of_people_gives_what_was_drawn),
    TEST(the_inverted_variant_gives_the_same),
    TEST(filling_columns_change_no_answer),
    TEST(reading_the_file_of_personas_gives_what_was_drawn),
    TEST(personas_can_be_inverted),
    TEST(items_and_columns_can_be_left_out),
    TEST(the_layout_is_the_official_one),
    TEST(inverted_codes_are_those_of_the_survey),
    TEST(a_file_can_be_filled_with_other_questions),
    TEST(the_same_seed_gives_the_same_bytes),
    TEST(a_country_keeps_its_answers_among_others),
    TEST(groups_have_their_own_draws),
    TEST(fitting_the_file_recovers_the_truth),
    TEST(the_true_space_projects),
    TEST(the_truth_is_written_to_the_last_bit),
    TEST(what_cannot_be_written_is_an_error),
    TEST(the_smallest_simulation),
};
SUITE(simulate_write_suite, cases);
