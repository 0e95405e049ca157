#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "valuemap/answers.h"

/* ---- a set with two codebooks, read from texts ---- */

static const char *const map_items[] = {"F063", "Y003", "F120", "G006", "E018",
                                        "Y002", "A008", "F118", "E025", "A165"};
static const char *const official_columns[] = {"SurvSAgg", "TradAgg"};

typedef struct {
    vmap_codebook *codebooks[2];
    vmap_answers_options options;
    vmap_answers *answers;
    vmap_ledger *ledger;
    vmap_error err;
} set;

static void open_set(set *s, const char *const *items, size_t count, const char *weight,
                     const char *const *groups, size_t groups_count)
{
    static const char *const books[] = {"codebooks/iw-wvs7.yaml", "codebooks/iw-ivs.yaml"};

    *s = (set){.options = {.set = "human",
                           .codebooks = (const vmap_codebook *const *)s->codebooks,
                           .codebooks_count = 2,
                           .items = items,
                           .items_count = count,
                           .weight = weight,
                           .groups = groups,
                           .groups_count = groups_count}};
    for (size_t i = 0; i < 2; i++)
        CHECK_OK(vmap_codebook_load(source_path(books[i]), &s->codebooks[i], &s->err), &s->err);
}

static void begin(set *s)
{
    s->ledger = vmap_ledger_new(NULL);
    s->answers = vmap_answers_new(&s->options, &s->err);
    CHECK(s->answers != NULL);
}

static void close_set(set *s)
{
    vmap_answers_free(s->answers);
    vmap_ledger_free(s->ledger);
    vmap_codebook_free(s->codebooks[0]);
    vmap_codebook_free(s->codebooks[1]);
}

static vmap_status add(set *s, const char *name, const char *text)
{
    return vmap_answers_read(s->answers, &s->options, scratch_file(name, text), NULL, 0, s->ledger,
                             &s->err);
}

static double value(const set *s, size_t row, size_t item)
{
    return s->answers->values[row * s->answers->p + item];
}

static vmap_reason reason(const set *s, size_t row, size_t item)
{
    return (vmap_reason)s->answers->reasons[row * s->answers->p + item];
}

/* Sum of the ledger's counts; NULL matches everything. */
static size_t tally(const vmap_ledger *l, const char *file, const char *step, const char *item,
                    const char *why)
{
    size_t total = 0;

    for (size_t i = 0; i < l->count; i++) {
        const vmap_ledger_entry *e = &l->entries[i];

        if ((!file || strcmp(e->file, file) == 0) && (!step || strcmp(e->step, step) == 0) &&
            (!item || strcmp(e->item, item) == 0) && (!why || strcmp(e->reason, why) == 0))
            total += e->count;
    }
    return total;
}

static bool has_note(const vmap_ledger *l, const char *words)
{
    for (size_t i = 0; i < l->notes_count; i++) {
        if (strstr(l->notes[i].text, words))
            return true;
    }
    for (size_t i = 0; i < l->notes_count; i++)
        fprintf(stderr, "  note: %s\n", l->notes[i].text);
    return false;
}

/* ---- known values ---- */

static const char standard_file[] =
    "W_WEIGHT,B_COUNTRY_ALPHA,Q164,Q8,Q14,Q15,Q17,Q184,Q254,Q45,Q154,Q155,Q46,Q182,Q209,Q57\n"
    "1.5,JPN,3,1,1,2,2,7,3,3,2,4,2,8,1,1\n"
    "0.5,USA,10,2,2,1,1,1,5,1,1,1,1,11,-1,2\n";

static void answers_are_brought_into_the_codes_of_the_items(void)
{
    static const char *const groups[] = {"B_COUNTRY_ALPHA"};
    static const double want[2][10] = {{3, 2, 7, 3, 3, 3, 2, 8, 1, 1},
                                       {10, -2, 1, NAN, 1, 2, 1, NAN, NAN, 2}};
    set s;
    const vmap_answers *a;

    open_set(&s, map_items, 10, "W_WEIGHT", groups, 1);
    begin(&s);
    CHECK_OK(add(&s, "standard.csv", standard_file), &s.err);
    CHECK_OK(vmap_answers_finish(s.answers, s.ledger, &s.err), &s.err);
    a = s.answers;
    CHECK_COUNT(a->n, 2);
    CHECK_COUNT(a->p, 10);
    for (size_t r = 0; r < 2 && r < a->n; r++) {
        for (size_t i = 0; i < 10; i++)
            CHECK_NEAR(value(&s, r, i), want[r][i], 0);
        CHECK_COUNT(a->rows[r], r + 1);
        CHECK_COUNT(a->lines[r], r + 2);
        CHECK_COUNT(a->file[r], 0);
    }
    CHECK(reason(&s, 1, 3) == VMAP_NOT_APPLICABLE);
    CHECK(reason(&s, 1, 7) == VMAP_OUT_OF_RANGE);
    CHECK(reason(&s, 1, 8) == VMAP_DONT_KNOW);
    CHECK_NEAR(a->weights[0], 1.5, 0);
    CHECK_NEAR(a->weights[1], .5, 0);
    CHECK_TEXT(vmap_table_text(a->groups, 0, 0), "JPN");
    CHECK_TEXT(vmap_table_name(a->groups, 0), "B_COUNTRY_ALPHA");
    CHECK_TEXT(a->columns[0], "Q164");
    CHECK_TEXT(a->columns[1], "Q8, Q14, Q15, Q17");
    CHECK_TEXT(a->columns[5], "Q154, Q155");
    CHECK_TEXT(a->files[0], "standard.csv");
    CHECK(a->present[0] && a->present[1] && a->official == NULL);
    CHECK(has_note(s.ledger, "line 3: column Q182: 11 is outside 1..10 (1)"));
    CHECK(has_note(s.ledger,
                   "standard.csv: CSV, delimiter ',', decimal '.'; 2 rows; codebook iw-wvs7"));
    close_set(&s);
}

/* Some exports write labels instead of codes; in an inverted column a label has the inverted code. */
static void labels_in_cells_are_answers(void)
{
    static const char *const items[] = {"F063", "G006"};
    set s;

    open_set(&s, items, 2, NULL, NULL, 0);
    begin(&s);
    CHECK_OK(add(&s, "a.csv", "Q164: Importance of God,Q254: Pride\n"
                              "Not at all important,Very proud\n9,NOT  AT ALL proud\nDon't know,No answer\n"),
             &s.err);
    CHECK_OK(add(&s, "b.csv", "Q164P,Q254P\nVery important,Quite proud\n1,3\n"), &s.err);
    CHECK_NEAR(value(&s, 0, 0), 1, 0);
    CHECK_NEAR(value(&s, 0, 1), 1, 0);
    CHECK_NEAR(value(&s, 1, 0), 9, 0);
    CHECK_NEAR(value(&s, 1, 1), 4, 0);
    CHECK(reason(&s, 2, 0) == VMAP_DONT_KNOW && reason(&s, 2, 1) == VMAP_NO_ANSWER);
    CHECK_NEAR(value(&s, 3, 0), 10, 0);
    CHECK_NEAR(value(&s, 3, 1), 2, 0);
    CHECK_NEAR(value(&s, 4, 0), 10, 0); /* code 1 of the inverted column */
    CHECK_NEAR(value(&s, 4, 1), 2, 0);
    CHECK_FAILS(add(&s, "c.csv", "Q164,Q254\n1,Rather proud\n"), VMAP_EDATA, &s.err,
                "c.csv:2: column Q254: 'Rather proud' is not a number");
    close_set(&s);
}

/* One standard file, one inverted one, one of the integrated surveys: the same three answers. */
static void files_of_different_variants_make_one_set(void)
{
    static const char *const items[] = {"E018", "F063", "A165"};
    static const char *const groups[] = {"model"};
    static const char *const names[] = {"a.csv", "b.csv", "c.csv"};
    static const char *const texts[] = {"Q164,Q45,Q57\n10,1,2\n-1,3,1\n",
                                        "Q57P;Q45P;Q164P;x\n1;3;1;\n2;1;-1;\n",
                                        "F063,E018,A165\n10,1,2\n-1,3,1\n"};
    set s;

    open_set(&s, items, 3, NULL, groups, 1);
    begin(&s);
    for (size_t f = 0; f < 3; f++) {
        vmap_constant constant = {"model", names[f]};

        CHECK_OK(vmap_answers_read(s.answers, &s.options, scratch_file(names[f], texts[f]),
                                   &constant, 1, s.ledger, &s.err),
                 &s.err);
    }
    CHECK_OK(vmap_answers_finish(s.answers, s.ledger, &s.err), &s.err);
    CHECK_COUNT(s.answers->n, 6);
    CHECK_COUNT(s.answers->files_count, 3);
    CHECK(s.answers->weights == NULL);
    for (size_t f = 0; f < 3; f++) {
        CHECK_NEAR(value(&s, 2 * f, 0), 1, 0);
        CHECK_NEAR(value(&s, 2 * f, 1), 10, 0);
        CHECK_NEAR(value(&s, 2 * f, 2), 2, 0);
        CHECK_NEAR(value(&s, 2 * f + 1, 0), 3, 0);
        CHECK(isnan(value(&s, 2 * f + 1, 1)) && reason(&s, 2 * f + 1, 1) == VMAP_DONT_KNOW);
        CHECK_NEAR(value(&s, 2 * f + 1, 2), 1, 0);
        CHECK_TEXT(vmap_table_text(s.answers->groups, 0, 2 * f), names[f]);
        CHECK_COUNT(s.answers->rows[2 * f + 1], 2);
        CHECK_COUNT(s.answers->file[2 * f + 1], f);
    }
    CHECK(has_note(s.ledger, "b.csv: CSV, delimiter ';'"));
    CHECK(has_note(s.ledger, "c.csv: CSV, delimiter ',', decimal '.'; 2 rows; codebook iw-ivs"));
    close_set(&s);
}

/* 3000 rows in three files: arrays grow, and nothing moves. */
static void many_rows_keep_their_places(void)
{
    static const char *const items[] = {"F063", "F118"};
    static const char *const groups[] = {"id"};
    static char text[40000];
    set s;
    size_t wrong = 0;

    open_set(&s, items, 2, "w", groups, 1);
    s.options.official = official_columns;
    s.options.official_count = 2;
    begin(&s);
    for (int f = 0; f < 3; f++) {
        size_t used = (size_t)snprintf(text, sizeof text, "id,Q164,Q182,w,TradAgg\n");

        for (int r = 0; r < 1000; r++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%d,%d,%d,%d,%d\n",
                                     1000 * f + r, r % 10 + 1, r % 7 + 1, r % 5, r);
        CHECK_OK(add(&s, "many.csv", text), &s.err);
    }
    CHECK_COUNT(s.answers->n, 3000);
    for (size_t i = 0; i < 3000; i++) {
        char id[16];
        size_t r = i % 1000;

        snprintf(id, sizeof id, "%zu", i);
        wrong +=
            value(&s, i, 0) != (double)(r % 10 + 1) || value(&s, i, 1) != (double)(r % 7 + 1) ||
            s.answers->weights[i] != (double)(r % 5) ||
            s.answers->official[2 * i + 1] != (double)r || !isnan(s.answers->official[2 * i]) ||
            strcmp(vmap_table_text(s.answers->groups, 0, i), id) != 0 ||
            s.answers->lines[i] != r + 2;
    }
    CHECK_COUNT(wrong, 0);
    close_set(&s);
}

static void an_item_that_one_file_lacks_is_missing_there(void)
{
    static const char *const items[] = {"F063", "E018", "F118"};
    set s;

    open_set(&s, items, 3, NULL, NULL, 0);
    begin(&s);
    CHECK_OK(add(&s, "a.csv", "Q164,Q45,Q182\n1,2,3\n"), &s.err);
    CHECK_OK(add(&s, "b.csv", "Q164,Q45\n4,3\n5,1\n"), &s.err);
    CHECK_OK(vmap_answers_finish(s.answers, s.ledger, &s.err), &s.err);
    CHECK_NEAR(value(&s, 0, 2), 3, 0);
    CHECK(isnan(value(&s, 1, 2)) && reason(&s, 1, 2) == VMAP_NO_COLUMN);
    CHECK_COUNT(s.answers->counts[2].reason[VMAP_NO_COLUMN], 2);
    CHECK(s.answers->present[2]);
    CHECK(has_note(s.ledger, "b.csv: 1 of 3 items are not in the file: F118"));
    close_set(&s);
}

static void official_scores_are_read_along(void)
{
    static const char *const items[] = {"F063", "E018"};
    set s;

    open_set(&s, items, 2, NULL, NULL, 0);
    s.options.official = official_columns;
    s.options.official_count = 2;
    begin(&s);
    CHECK_OK(add(&s, "a.csv", "Q164,Q45\n1,2\n"), &s.err);
    CHECK_OK(add(&s, "b.csv", "Q164,Q45,TradAgg,SurvSAgg\n4,3,-1.25,\n"), &s.err);
    CHECK_OK(vmap_answers_finish(s.answers, s.ledger, &s.err), &s.err);
    if (CHECK(s.answers->official != NULL)) {
        CHECK(isnan(s.answers->official[0]) && isnan(s.answers->official[1]));
        CHECK(isnan(s.answers->official[2]));
        CHECK_NEAR(s.answers->official[3], -1.25, 0);
    }
    close_set(&s);
    open_set(&s, items, 2, NULL, NULL, 0);
    s.options.official = official_columns;
    s.options.official_count = 2;
    begin(&s);
    CHECK_OK(add(&s, "a.csv", "Q164,Q45\n1,2\n"), &s.err);
    CHECK_OK(vmap_answers_finish(s.answers, s.ledger, &s.err), &s.err);
    CHECK(s.answers->official == NULL && s.answers->official_count == 0); /* none has any */
    close_set(&s);
}

/* ---- groups and constants ---- */

static void a_column_may_be_an_item_and_a_group(void)
{
    static const char *const items[] = {"F063", "E018"};
    static const char *const groups[] = {"Q45", "where"};
    set s;

    open_set(&s, items, 2, NULL, groups, 2);
    begin(&s);
    CHECK_OK(add(&s, "a.csv", "where,Q164,Q45\nNA,1,2\n,2,3\n"), &s.err);
    CHECK_TEXT(vmap_table_text(s.answers->groups, 0, 1), "3");
    CHECK_NEAR(value(&s, 1, 1), 3, 0);
    CHECK_TEXT(vmap_table_text(s.answers->groups, 1, 0), "NA"); /* Namibia is a country */
    CHECK(vmap_table_reason(s.answers->groups, 1, 1) == VMAP_BLANK);
    close_set(&s);
}

static void a_grouping_column_must_be_there_or_be_given(void)
{
    static const char *const items[] = {"F063", "E018"};
    static const char *const groups[] = {"B_COUNTRY"};
    vmap_constant constant = {"B_COUNTRY", "JPN"};
    set s;

    open_set(&s, items, 2, NULL, groups, 1);
    begin(&s);
    CHECK_OK(vmap_answers_read(s.answers, &s.options, scratch_file("a.csv", "Q164,Q45\n1,2\n"),
                               &constant, 1, s.ledger, &s.err),
             &s.err);
    CHECK_TEXT(vmap_table_text(s.answers->groups, 0, 0), "JPN");
    CHECK_FAILS(add(&s, "b.csv", "B_CUONTRY,Q164,Q45\nUSA,1,2\n"), VMAP_ENOENT, &s.err,
                "unit-scratch/b.csv:1: the file has no grouping column 'B_COUNTRY'; did you mean "
                "'B_CUONTRY'?");
    close_set(&s);
}

static void a_group_asked_for_twice_is_refused(void)
{
    static const char *const items[] = {"F063", "E018"};
    static const char *const groups[] = {"c", "c"};
    set s;

    open_set(&s, items, 2, NULL, groups, 2);
    memset(&s.err, 0xAA, sizeof s.err); /* an error needs no initialisation */
    s.answers = vmap_answers_new(&s.options, &s.err);
    CHECK(s.answers == NULL);
    CHECK(s.err.status == VMAP_EINVAL);
    CHECK(strstr(s.err.message, "two columns named 'c'") != NULL);
    close_set(&s);
}

/* ---- weights ---- */

static void rows_without_a_weight_are_left_out_and_counted(void)
{
    static const char *const items[] = {"F063", "E018"};
    set s;

    open_set(&s, items, 2, "W", NULL, 0);
    begin(&s);
    CHECK_OK(add(&s, "a.csv", "W,Q164,Q45\n1,1,2\n,2,3\n0,3,1\nNA,4,-1\n2,-1,7\n"), &s.err);
    CHECK_OK(vmap_answers_finish(s.answers, s.ledger, &s.err), &s.err);
    CHECK_COUNT(s.answers->n, 3);
    CHECK_NEAR(value(&s, 1, 0), 3, 0);
    CHECK_NEAR(s.answers->weights[1], 0, 0);
    CHECK_COUNT(s.answers->rows[2], 5);
    CHECK_COUNT(s.answers->lines[2], 6);
    CHECK_COUNT(tally(s.ledger, "a.csv", "read", "", "rows read"), 5);
    CHECK_COUNT(tally(s.ledger, "a.csv", "weight", "", "weight missing"), 2);
    CHECK_COUNT(tally(s.ledger, "a.csv", "read", "", "rows used"), 3);
    CHECK_COUNT(tally(s.ledger, "", "weight", "", "weight zero"), 1);
    close_set(&s);
}

/* Cells are counted in the rows that are in the set: for each item they add up to n. */
static void the_ledger_sums_up(void)
{
    set s;

    open_set(&s, map_items, 10, "W_WEIGHT", NULL, 0);
    begin(&s);
    CHECK_OK(add(&s, "a.csv", standard_file), &s.err);
    CHECK_OK(add(&s, "b.csv", "W_WEIGHT,Q164,Q45,Q182\n1,1,2,3\n,4,9,-1\n,11,0,5.5\n2,99,3,-2\n"),
             &s.err);
    CHECK_OK(vmap_answers_finish(s.answers, s.ledger, &s.err), &s.err);
    CHECK_COUNT(s.answers->n, 4);
    CHECK_COUNT(tally(s.ledger, NULL, "read", "", "rows read"), 6);
    CHECK_COUNT(tally(s.ledger, NULL, "read", "", "rows used") +
                    tally(s.ledger, NULL, "weight", "", "weight missing"),
                6);
    for (size_t i = 0; i < 10; i++) {
        size_t total = 0, present = 0;

        for (int why = 0; why < VMAP_REASONS; why++)
            total += s.answers->counts[i].reason[why];
        CHECK_COUNT(total, s.answers->n);
        CHECK_COUNT(tally(s.ledger, NULL, "item", map_items[i], NULL), s.answers->n);
        for (size_t r = 0; r < s.answers->n; r++)
            present += !isnan(value(&s, r, i));
        CHECK_COUNT(s.answers->counts[i].reason[VMAP_PRESENT], present);
        CHECK_COUNT(tally(s.ledger, NULL, "item", map_items[i], "present"), present);
    }
    close_set(&s);
}

static void bad_weights_are_refused(void)
{
    static const char *const items[] = {"F063", "E018"};
    set s;

    open_set(&s, items, 2, "weight", NULL, 0);
    begin(&s);
    CHECK_FAILS(add(&s, "a.csv", "weight,Q164,Q45\n1,1,2\n\n-0.5,2,3\n"), VMAP_EDATA, &s.err,
                "unit-scratch/a.csv:4: column weight: weight -0.5 is negative");
    close_set(&s);
    open_set(&s, items, 2, "weight", NULL, 0);
    begin(&s);
    CHECK_FAILS(add(&s, "a.csv", "weight,Q164,Q45\nheavy,2,3\n"), VMAP_EDATA, &s.err,
                "a.csv:2: column weight: 'heavy' is not a number; allowed are numbers from 0 up");
    close_set(&s);
    open_set(&s, items, 2, "weight", NULL, 0);
    begin(&s);
    CHECK_FAILS(add(&s, "a.csv", "Weight,Q164,Q45\n1,2,3\n"), VMAP_ENOENT, &s.err,
                "the file has no weight column 'weight'; did you mean 'Weight'?");
    close_set(&s);
    open_set(&s, items, 2, "weight", NULL, 0);
    begin(&s);
    CHECK_OK(add(&s, "a.csv", "weight,Q164,Q45\n0,1,2\n,2,3\n"), &s.err);
    CHECK_FAILS(vmap_answers_finish(s.answers, s.ledger, &s.err), VMAP_EDATA, &s.err,
                "no respondent of set human has a positive weight");
    close_set(&s);
}

/* ---- what the reader should know ---- */

static void odd_answers_are_noted(void)
{
    static const char *const items[] = {"F063", "Y003"};
    set s;

    open_set(&s, items, 2, NULL, NULL, 0);
    begin(&s);
    CHECK_OK(add(&s, "a.csv", "Q164,Y003,Q8,Q14,Q15,Q17\n5.5,2,0,0,1,1\n2.5,-2,0,0,1,1\n"), &s.err);
    CHECK(has_note(s.ledger, "a.csv: item F063: 2 answers lie between two codes"));
    CHECK(has_note(s.ledger, "a.csv: item Y003: in 1 rows the column and the items that it is made "
                             "from disagree; the column is used"));
    CHECK(has_note(s.ledger, "a.csv: column Q8 is read with the coding 1=1, 0=0"));
    close_set(&s);
}

/* ---- refusals ---- */

static void a_file_needs_two_of_the_items(void)
{
    set s;

    open_set(&s, map_items, 10, NULL, NULL, 0);
    begin(&s);
    CHECK_FAILS(add(&s, "a.csv", "Q164,x\n1,2\n"), VMAP_EDATA, &s.err,
                "unit-scratch/a.csv:1: 1 of the 10 items of codebook iw-wvs7 is found");
    CHECK_FAILS(add(&s, "b.csv", "x,y\n1,2\n"), VMAP_EDATA, &s.err, "0 of the 10 items");
    CHECK_FAILS(vmap_answers_read(s.answers, &s.options, "unit-scratch/none.csv", NULL, 0, s.ledger,
                                  &s.err),
                VMAP_ENOENT, &s.err, "unit-scratch/none.csv");
    CHECK_FAILS(add(&s, "c.csv", "Q164,Q45\n1,agree\n"), VMAP_EDATA, &s.err,
                "unit-scratch/c.csv:2: column Q45: 'agree' is not a number; allowed are 1..3");
    close_set(&s);
}

static void two_items_may_come_from_one_column(void)
{
    static const char book[] = "version: 1\nname: twice\ntitle: T\nitems:\n"
                               "- {name: full, label: F, valid: 1..4, columns: [{name: Q}]}\n"
                               "- {name: high, label: H, valid: 0..1, columns: [{name: Q, codings: "
                               "['1=0, 2=0, 3=1, 4=1']}]}\n";
    static const char *const items[] = {"full", "high"};
    set s;

    open_set(&s, items, 2, NULL, NULL, 0);
    vmap_codebook_free(s.codebooks[0]);
    CHECK_OK(vmap_codebook_parse("twice", book, strlen(book), &s.codebooks[0], &s.err), &s.err);
    s.options.codebooks_count = 1;
    begin(&s);
    if (CHECK_OK(add(&s, "a.csv", "Q\n1\n4\n"), &s.err)) {
        CHECK_NEAR(value(&s, 1, 0), 4, 0);
        CHECK_NEAR(value(&s, 0, 1), 0, 0);
        CHECK_NEAR(value(&s, 1, 1), 1, 0);
    }
    close_set(&s);
}

static void nothing_is_freed_twice(void)
{
    vmap_answers_free(NULL);
}

/* A space of few items must not stumble over text in the columns of the others. */
static void columns_of_items_outside_the_set_are_not_read(void)
{
    static const char *const two[] = {"F063", "Y003"};
    static const char text[] = "Q164,Q8,Q14,Q15,Q17,Q184\n5,1,2,2,1,no idea\n";
    set s;

    open_set(&s, two, 2, NULL, NULL, 0);
    begin(&s);
    CHECK_OK(add(&s, "answers.csv", text), &s.err);
    CHECK_NEAR(value(&s, 0, 0), 5, 0);
    CHECK_NEAR(value(&s, 0, 1), 0, 0); /* independence and obedience */
    close_set(&s);
}

/* ---- subsets and weights ---- */

static const char *const two_items[] = {"F063", "F120"};
static const char people[] = "Q164,Q184,Q262,land,w\n"
                             "1,2,17,A,1\n"
                             "3,4,25,A,2\n"
                             "5,6,-1,B,3\n" /* age not known */
                             "-1,8,40,B,4\n"
                             "9,10,70,,5\n";

/* Read the people under a condition and a recode of their age. */
static void read_people(set *s, const char *condition, const char *weight, vmap_where **where, vmap_recode **age)
{
    static const char *const by[] = {"age", "land"};

    open_set(s, two_items, 2, weight, by, 2);
    CHECK_OK(vmap_recode_parse("age=Q262:<30,30-59,60+,rest=else", age, &s->err), &s->err);
    s->options.recodes = (const vmap_recode *const *)age;
    s->options.recodes_count = 1;
    if (condition) {
        CHECK_OK(vmap_where_parse(condition, where, &s->err), &s->err);
        s->options.where = (const vmap_where *const *)where;
        s->options.where_count = 1;
    }
}

static void rows_count_when_the_condition_is_true(void)
{
    static const struct {
        const char *condition;
        size_t n, first_row;
    } all[] = {
        {"Q262 >= 18", 3, 2},                     /* not the one of unknown age */
        {"Q262 < 30", 2, 1},                      /* -1 is no age */
        {"Q262 is missing", 1, 3},
        {"Q164 is missing and land = B", 1, 4},   /* a missing code of the item itself */
        {"land in (A, B)", 4, 1},
        {"land is missing", 1, 5},
        {"age = '30-59'", 1, 4},                  /* of the recoded column */
        {"age is missing", 1, 3},
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        vmap_where *where = NULL;
        vmap_recode *age = NULL;
        set s;

        read_people(&s, all[i].condition, NULL, &where, &age);
        begin(&s);
        CHECK_OK(add(&s, "people.csv", people), &s.err);
        CHECK_OK(vmap_answers_finish(s.answers, s.ledger, &s.err), &s.err);
        CHECK_COUNT(s.answers->n, all[i].n);
        CHECK_COUNT(s.answers->rows[0], all[i].first_row);
        CHECK_COUNT(s.answers->counts[1].reason[VMAP_PRESENT], all[i].n);
        vmap_where_free(where);
        vmap_recode_free(age);
        close_set(&s);
    }
}

/* A column of an item that also has a coding of its own, such as an index with missing codes of its own, has the missing
 * codes of that item in conditions, not those of the codebook: 99 is a value of V, and -1 is one of X. */
static void conditions_know_the_missing_codes_of_their_column(void)
{
    static const char book[] = "version: 1\nname: own\ntitle: T\nmissing: [{codes: '99', reason: missing}]\nitems:\n"
                               "- {name: X, label: X, valid: -2..2, missing: [{codes: '-5', reason: missing}], "
                               "columns: [{name: X}]}\n"
                               "- {name: Y, label: Y, valid: 1..4, columns: [{name: Y}]}\n";
    static const char *const items[] = {"X", "Y"};
    static const char text[] = "X,Y,V\n-1,1,-5\n-5,2,1\n2,3,99\n0,4,2\n";
    static const struct {
        const char *condition;
        size_t n, first_row;
    } all[] = {
        {"X < 0", 1, 1},          /* -5 is missing here, -1 is not */
        {"X is missing", 1, 2},
        {"X is not missing", 3, 1},
        {"Y > 1", 3, 2},          /* the codebook's own list counts for Y */
        {"V is missing", 1, 3},   /* and for a column of no item */
        {"V < 0", 1, 1},          /* where -5 is a number as any other */
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        vmap_where *where = NULL;
        set s;

        open_set(&s, items, 2, NULL, NULL, 0);
        vmap_codebook_free(s.codebooks[0]);
        CHECK_OK(vmap_codebook_parse("own", book, strlen(book), &s.codebooks[0], &s.err), &s.err);
        s.options.codebooks_count = 1;
        CHECK_OK(vmap_where_parse(all[i].condition, &where, &s.err), &s.err);
        s.options.where = (const vmap_where *const *)&where;
        s.options.where_count = 1;
        begin(&s);
        if (CHECK_OK(add(&s, "own.csv", text), &s.err)) {
            CHECK_COUNT(s.answers->n, all[i].n);
            CHECK_COUNT(s.answers->rows[0], all[i].first_row);
        }
        vmap_where_free(where);
        close_set(&s);
    }
}

static void recoded_columns_are_groups(void)
{
    static const char *const want[] = {"<30", "<30", "", "30-59", "60+"};
    vmap_where *where = NULL;
    vmap_recode *age = NULL;
    set s;

    read_people(&s, NULL, NULL, &where, &age);
    begin(&s);
    CHECK_OK(add(&s, "people.csv", people), &s.err);
    for (size_t r = 0; r < 5; r++)
        CHECK_TEXT(vmap_table_text(s.answers->groups, 0, r), want[r]);
    vmap_recode_free(age);
    close_set(&s);
}

/* By hand: A has 1 + 2, B 3 + 4, the last nobody's; 4 respondents have a country, so each country counts 2. */
static void countries_count_the_same_when_asked_to(void)
{
    static const double want[] = {2.0 / 3, 4.0 / 3, 6.0 / 7, 8.0 / 7, 0};
    vmap_where *where = NULL;
    vmap_recode *age = NULL;
    set s;

    read_people(&s, NULL, "w", &where, &age);
    s.options.weighting = VMAP_WEIGHTS_EQUAL;
    s.options.weight_by = "land";
    begin(&s);
    CHECK_OK(add(&s, "people.csv", people), &s.err);
    CHECK_OK(vmap_answers_finish(s.answers, s.ledger, &s.err), &s.err);
    for (size_t r = 0; r < 5; r++)
        CHECK_NEAR(s.answers->weights[r], want[r], 1e-12);
    CHECK_COUNT(s.answers->effect.n, 4);
    vmap_recode_free(age);
    close_set(&s);
}

static void subsets_that_cannot_be_are_refused(void)
{
    static const char *const lands[] = {"A"};
    static const double population[] = {5};
    vmap_where *where = NULL;
    vmap_recode *age = NULL;
    set s;

    read_people(&s, "Q262 > 200", NULL, &where, &age);
    begin(&s);
    CHECK_OK(add(&s, "people.csv", people), &s.err);
    CHECK_FAILS(vmap_answers_finish(s.answers, s.ledger, &s.err), VMAP_EDATA, &s.err, "true for no row of set human");
    vmap_where_free(where);
    vmap_recode_free(age);
    close_set(&s);

    read_people(&s, "Q263 > 2", NULL, &where, &age);
    begin(&s);
    CHECK_FAILS(add(&s, "people.csv", people), VMAP_ENOENT, &s.err, "no condition column 'Q263'; did you mean 'Q262'?");
    vmap_where_free(where);
    vmap_recode_free(age);
    close_set(&s);

    read_people(&s, NULL, NULL, &where, &age);
    s.options.weighting = VMAP_WEIGHTS_EQUAL;
    CHECK(vmap_answers_new(&s.options, &s.err) == NULL);
    s.options.weighting = VMAP_WEIGHTS_POPULATION;
    s.options.weight_by = "land";
    s.options.population_groups = lands;
    s.options.population = population;
    s.options.population_count = 1;
    begin(&s);
    CHECK_OK(add(&s, "people.csv", people), &s.err);
    CHECK_FAILS(vmap_answers_finish(s.answers, s.ledger, &s.err), VMAP_EDATA, &s.err, "no population of 'B'");
    vmap_recode_free(age);
    close_set(&s);
}

/* ---- respondents that are handed on ---- */

typedef struct {
    size_t row[8], n;
    double value[8][2], weight[8];
    unsigned char reason[8][2];
} received;

static vmap_status receive(void *context, size_t row, const double *values, const unsigned char *reasons, double weight,
                           vmap_error *err)
{
    received *r = context;

    if (r->n == 8)
        return vmap_error_set(err, VMAP_ENOMEM, "full");
    r->row[r->n] = row;
    memcpy(r->value[r->n], values, sizeof r->value[0]);
    memcpy(r->reason[r->n], reasons, sizeof r->reason[0]);
    r->weight[r->n++] = weight;
    return VMAP_SUCCESS;
}

/* Two files; SWE of the second is another combination than SWE of the first, and a missing label is one too. */
static void a_sink_takes_the_respondents(void)
{
    static const char *const items[] = {"F063", "A165"}, *const groups[] = {"B_COUNTRY_ALPHA"};
    static const size_t rows[] = {0, 1, 0, 2, 3}, stands[] = {2, 1, 1, 1};
    received got = {.n = 0};
    set s;

    open_set(&s, items, 2, "W_WEIGHT", groups, 1);
    s.options.sink = receive;
    s.options.sink_context = &got;
    begin(&s);
    CHECK_OK(add(&s, "one.csv", "B_COUNTRY_ALPHA,Q164,Q57,W_WEIGHT\nSWE,10,1,2\nJOR,-2,2,0\nSWE,3,2,1\n,4,1,1\nJOR,4,1,\n"),
             &s.err);
    CHECK_OK(add(&s, "two.csv", "B_COUNTRY_ALPHA,Q164,Q57,W_WEIGHT\nSWE,5,1,1\n"), &s.err);
    CHECK_OK(vmap_answers_finish(s.answers, s.ledger, &s.err), &s.err);
    CHECK_COUNT(got.n, 5);
    CHECK_COUNT(s.answers->n, 4);
    for (size_t i = 0; i < 5; i++)
        CHECK_COUNT(got.row[i], rows[i]);
    for (size_t i = 0; i < 4; i++)
        CHECK_COUNT(s.answers->stands[i], stands[i]);
    CHECK_NEAR(got.value[0][0], 10, 0);
    CHECK_NEAR(got.weight[0], 2, 0);
    CHECK_COUNT(got.reason[1][0], VMAP_NO_ANSWER);
    CHECK_TEXT(vmap_table_text(s.answers->groups, 0, 1), "JOR");
    CHECK_TEXT(vmap_table_text(s.answers->groups, 0, 2), "");
    CHECK_TEXT(vmap_table_text(s.answers->groups, 0, 3), "SWE");
    CHECK_COUNT(s.answers->file[3], 1);
    CHECK_COUNT(tally(s.ledger, "", "weight", "", "weight zero"), 1);
    CHECK(s.answers->values == NULL && s.answers->weights == NULL);
    close_set(&s);
    s.options.trim = 3;
    CHECK(vmap_answers_new(&s.options, &s.err) == NULL);
    CHECK_COUNT(s.err.status, VMAP_EINVAL);
}

static const test_case cases[] = {
    TEST(a_sink_takes_the_respondents),
    TEST(rows_count_when_the_condition_is_true),
    TEST(conditions_know_the_missing_codes_of_their_column),
    TEST(recoded_columns_are_groups),
    TEST(countries_count_the_same_when_asked_to),
    TEST(subsets_that_cannot_be_are_refused),
    TEST(answers_are_brought_into_the_codes_of_the_items),
    TEST(labels_in_cells_are_answers),
    TEST(files_of_different_variants_make_one_set),
    TEST(many_rows_keep_their_places),
    TEST(an_item_that_one_file_lacks_is_missing_there),
    TEST(official_scores_are_read_along),
    TEST(a_column_may_be_an_item_and_a_group),
    TEST(a_grouping_column_must_be_there_or_be_given),
    TEST(a_group_asked_for_twice_is_refused),
    TEST(rows_without_a_weight_are_left_out_and_counted),
    TEST(the_ledger_sums_up),
    TEST(bad_weights_are_refused),
    TEST(odd_answers_are_noted),
    TEST(a_file_needs_two_of_the_items),
    TEST(two_items_may_come_from_one_column),
    TEST(nothing_is_freed_twice),
    TEST(columns_of_items_outside_the_set_are_not_read),
};
SUITE(data_answers_suite, cases);
