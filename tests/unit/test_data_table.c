#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/table_internal.h"
#include "support/check.h"
#include "valuemap/rng.h"
#include "valuemap/table.h"

static vmap_table *table_of(vmap_kind kind)
{
    vmap_table *t = vmap_table_new(NULL);

    CHECK_OK(vmap_table_add(t, "x", kind, NULL, NULL), NULL);
    return t;
}

static void push(vmap_table *t, double value)
{
    CHECK_OK(vmap_table_push_number(t, 0, value, NULL), NULL);
    CHECK_OK(vmap_table_end_row(t, 0, NULL), NULL);
}

static void push_text(vmap_table *t, const char *text)
{
    CHECK_OK(vmap_table_push_text(t, 0, text, strlen(text), NULL), NULL);
    CHECK_OK(vmap_table_end_row(t, 0, NULL), NULL);
}

static void push_missing(vmap_table *t, vmap_reason reason)
{
    CHECK_OK(vmap_table_push_missing(t, 0, reason, NULL), NULL);
    CHECK_OK(vmap_table_end_row(t, 0, NULL), NULL);
}

static void cells_hold_what_was_pushed(void)
{
    vmap_table *t = vmap_table_new(NULL);
    size_t code, number, text;

    CHECK_OK(vmap_table_add(t, "code", VMAP_CODES, &code, NULL), NULL);
    CHECK_OK(vmap_table_add(t, "number", VMAP_NUMBERS, &number, NULL), NULL);
    CHECK_OK(vmap_table_add(t, "text", VMAP_TEXTS, &text, NULL), NULL);
    CHECK_OK(vmap_table_push_number(t, code, -2, NULL), NULL);
    CHECK_OK(vmap_table_push_number(t, number, .25, NULL), NULL);
    CHECK_OK(vmap_table_push_text(t, text, "Japan!", 5, NULL), NULL);
    CHECK_OK(vmap_table_end_row(t, 17, NULL), NULL);
    CHECK_OK(vmap_table_push_missing(t, code, VMAP_DONT_KNOW, NULL), NULL);
    CHECK_OK(vmap_table_push_missing(t, number, VMAP_BLANK, NULL), NULL);
    CHECK_OK(vmap_table_push_missing(t, text, VMAP_REFUSED, NULL), NULL);
    CHECK_OK(vmap_table_end_row(t, 18, NULL), NULL);

    CHECK_COUNT(vmap_table_rows(t), 2);
    CHECK_COUNT(vmap_table_columns(t), 3);
    CHECK_TEXT(vmap_table_name(t, number), "number");
    CHECK_COUNT(vmap_table_find(t, "text"), text);
    CHECK_COUNT(vmap_table_find(t, "none"), 3);
    CHECK_COUNT(vmap_table_line(t, 0), 17);
    CHECK_NEAR(vmap_table_value(t, code, 0), -2, 0);
    CHECK_NEAR(vmap_table_value(t, number, 0), .25, 0);
    CHECK_TEXT(vmap_table_text(t, text, 0), "Japan");
    CHECK(vmap_table_reason(t, code, 0) == VMAP_PRESENT);
    CHECK(vmap_table_reason(t, text, 0) == VMAP_PRESENT);
    CHECK(isnan(vmap_table_value(t, text, 0)));
    CHECK(isnan(vmap_table_value(t, code, 1)));
    CHECK(isnan(vmap_table_value(t, number, 1)));
    CHECK_TEXT(vmap_table_text(t, text, 1), "");
    CHECK(vmap_table_reason(t, code, 1) == VMAP_DONT_KNOW);
    CHECK(vmap_table_reason(t, number, 1) == VMAP_BLANK);
    CHECK(vmap_table_reason(t, text, 1) == VMAP_REFUSED);
    vmap_table_free(t);
}

/* The header says: codes are whole numbers -32000 .. 32767. */
static void codes_stay_codes_at_their_limits(void)
{
    vmap_table *t = table_of(VMAP_CODES);

    push(t, -32000);
    push(t, 32767);
    push(t, -0.0);
    CHECK(vmap_table_kind(t, 0) == VMAP_CODES);
    CHECK_NEAR(vmap_table_value(t, 0, 0), -32000, 0);
    CHECK_NEAR(vmap_table_value(t, 0, 1), 32767, 0);
    CHECK_NEAR(vmap_table_value(t, 0, 2), 0, 0);
    vmap_table_free(t);
}

static void a_code_column_widens_when_a_value_does_not_fit(void)
{
    static const double misfits[] = {-32001, -32768, 32768, 1.5, 1e10, -.001, 1e300};

    for (size_t i = 0; i < sizeof misfits / sizeof *misfits; i++) {
        vmap_table *t = table_of(VMAP_CODES);

        push(t, 3);
        push_missing(t, VMAP_NOT_ASKED);
        push(t, misfits[i]);
        push_missing(t, VMAP_OUT_OF_RANGE);
        for (int k = 0; k < 40; k++)
            push(t, k);
        CHECK(vmap_table_kind(t, 0) == VMAP_NUMBERS);
        CHECK_NEAR(vmap_table_value(t, 0, 0), 3, 0);
        CHECK(isnan(vmap_table_value(t, 0, 1)));
        CHECK(vmap_table_reason(t, 0, 1) == VMAP_NOT_ASKED);
        CHECK_NEAR(vmap_table_value(t, 0, 2), misfits[i], 0);
        CHECK(vmap_table_reason(t, 0, 2) == VMAP_PRESENT);
        CHECK(vmap_table_reason(t, 0, 3) == VMAP_OUT_OF_RANGE);
        CHECK_NEAR(vmap_table_value(t, 0, 43), 39, 0);
        vmap_table_free(t);
    }
}

static void the_first_value_may_widen_an_empty_column(void)
{
    vmap_table *t = table_of(VMAP_CODES);

    push(t, .5);
    push(t, 7);
    CHECK_NEAR(vmap_table_value(t, 0, 0), .5, 0);
    CHECK_NEAR(vmap_table_value(t, 0, 1), 7, 0);
    vmap_table_free(t);
}

static void every_reason_survives_in_every_kind_of_column(void)
{
    for (int kind = VMAP_CODES; kind <= VMAP_TEXTS; kind++) {
        vmap_table *t = table_of((vmap_kind)kind);

        for (int r = 1; r < VMAP_REASONS; r++)
            push_missing(t, (vmap_reason)r);
        for (int r = 1; r < VMAP_REASONS; r++)
            CHECK(vmap_table_reason(t, 0, (size_t)r - 1) == (vmap_reason)r);
        vmap_table_free(t);
    }
}

static void each_distinct_text_is_a_level(void)
{
    vmap_table *t = table_of(VMAP_TEXTS);

    push_text(t, "b");
    push_text(t, "a");
    push_missing(t, VMAP_BLANK);
    push_text(t, "b");
    push_text(t, "");
    push_text(t, "ab");
    CHECK_COUNT(vmap_table_levels(t, 0), 4);
    CHECK_TEXT(vmap_table_level_text(t, 0, 0), "b");
    CHECK_TEXT(vmap_table_level_text(t, 0, 1), "a");
    CHECK_TEXT(vmap_table_level_text(t, 0, 2), "");
    CHECK_COUNT(vmap_table_level(t, 0, 3), 0);
    CHECK_COUNT(vmap_table_level(t, 0, 2), 4);
    CHECK_COUNT(vmap_table_level(t, 0, 5), 3);
    vmap_table_free(t);
}

/* 5000 texts, many of them in one bucket of a small hash table, in two rounds. */
static void many_texts_keep_their_levels(void)
{
    vmap_table *t = table_of(VMAP_TEXTS);
    size_t wrong = 0;

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5000; i++) {
            char text[16];

            snprintf(text, sizeof text, "%d", i * 7919 % 5000);
            push_text(t, text);
        }
    }
    CHECK_COUNT(vmap_table_levels(t, 0), 5000);
    for (size_t r = 0; r < 5000; r++) {
        wrong += vmap_table_level(t, 0, r) != r || vmap_table_level(t, 0, r + 5000) != r;
        wrong += strcmp(vmap_table_text(t, 0, r), vmap_table_text(t, 0, r + 5000)) != 0;
    }
    CHECK_COUNT(wrong, 0);
    vmap_table_free(t);
}

static void reasons_have_names_that_are_found(void)
{
    for (int r = 1; r < VMAP_REASONS; r++) {
        vmap_reason found = VMAP_PRESENT;

        CHECK_OK(vmap_reason_find(vmap_reason_name((vmap_reason)r), &found, NULL), NULL);
        CHECK(found == (vmap_reason)r);
    }
    CHECK_TEXT(vmap_reason_name(VMAP_PRESENT), "present");
    CHECK_TEXT(vmap_reason_name(VMAP_DONT_KNOW), "dont-know");
    CHECK_TEXT(vmap_reason_name(VMAP_OUT_OF_RANGE), "out-of-range");
    CHECK_TEXT(vmap_reason_name(VMAP_NO_COLUMN), "no-column");
}

static void an_unknown_reason_is_refused(void)
{
    vmap_reason reason = VMAP_BLANK;
    vmap_error err;

    CHECK_FAILS(vmap_reason_find("don't know", &reason, &err), VMAP_ENOENT, &err, "use dont-know");
    CHECK_FAILS(vmap_reason_find("present", &reason, &err), VMAP_ENOENT, &err, "'present'");
    CHECK(reason == VMAP_BLANK);
}

static void columns_have_one_name_and_come_before_rows(void)
{
    vmap_table *t = table_of(VMAP_CODES);
    size_t column = 99;
    vmap_error err;

    CHECK_FAILS(vmap_table_add(t, "x", VMAP_TEXTS, &column, &err), VMAP_EINVAL, &err,
                "two columns named 'x'");
    push(t, 1);
    CHECK_FAILS(vmap_table_add(t, "y", VMAP_TEXTS, &column, &err), VMAP_EINVAL, &err,
                "after the first row");
    CHECK_COUNT(column, 99);
    CHECK_COUNT(vmap_table_columns(t), 1);
    vmap_table_free(t);
}

static void a_row_needs_exactly_one_cell_in_every_column(void)
{
    vmap_table *t = table_of(VMAP_CODES);
    vmap_error err;

    CHECK_FAILS(vmap_table_end_row(t, 1, &err), VMAP_EINVAL, &err, "column x has 0 cells in row 1");
    CHECK_OK(vmap_table_push_number(t, 0, 1, &err), &err);
    CHECK_OK(vmap_table_push_number(t, 0, 1, &err), &err);
    CHECK_FAILS(vmap_table_end_row(t, 1, &err), VMAP_EINVAL, &err, "column x has 2 cells in row 1");
    CHECK_COUNT(vmap_table_rows(t), 0);
    vmap_table_free(t);
}

static void cells_of_the_wrong_kind_are_refused(void)
{
    vmap_table *texts = table_of(VMAP_TEXTS), *codes = table_of(VMAP_CODES);
    vmap_error err;

    CHECK_FAILS(vmap_table_push_number(texts, 0, 1, &err), VMAP_EINVAL, &err, "holds texts");
    CHECK_FAILS(vmap_table_push_text(codes, 0, "a", 1, &err), VMAP_EINVAL, &err, "holds no texts");
    vmap_table_free(texts);
    vmap_table_free(codes);
}

/* The table's texts are strings: a NUL inside would cut one, and make two different ones look
 * alike. */
static void a_text_with_a_nul_byte_is_refused(void)
{
    vmap_table *t = table_of(VMAP_TEXTS);
    vmap_error err;

    push_text(t, "a");
    CHECK_FAILS(vmap_table_push_text(t, 0, "a\0bcdefghijklmnopqrstuvwxyz", 27, &err), VMAP_EINVAL,
                &err, "NUL");
    push_text(t, "a");
    CHECK_COUNT(vmap_table_rows(t), 2);
    CHECK_COUNT(vmap_table_levels(t, 0), 1);
    vmap_table_free(t);
}

static void numbers_that_are_not_finite_are_refused(void)
{
    static const double bad[] = {NAN, INFINITY, -INFINITY};

    for (int kind = VMAP_CODES; kind <= VMAP_NUMBERS; kind++) {
        vmap_table *t = table_of((vmap_kind)kind);
        vmap_error err;

        for (size_t i = 0; i < 3; i++)
            CHECK_FAILS(vmap_table_push_number(t, 0, bad[i], &err), VMAP_EINVAL, &err, "finite");
        CHECK(vmap_table_kind(t, 0) == (vmap_kind)kind);
        vmap_table_free(t);
    }
}

/* A cell of any kind: mostly small codes, with every reason, the limits of a byte and of two, and what fits in neither. */
static void push_any(gsl_rng *rng, vmap_table *t, size_t column, size_t spread)
{
    static const double values[] = {1,   2,   -2,  9,     -100,   127,   0,     -101, 128,
                                    400, 840, 999, 32767, -32000, 32768, -32001, 2.5, 1e6};
    size_t i = vmap_rng_below(rng, spread);

    if (vmap_rng_below(rng, 4) == 0)
        CHECK_OK(vmap_table_push_missing(t, column, (vmap_reason)(1 + vmap_rng_below(rng, VMAP_REASONS - 1)), NULL), NULL);
    else if (vmap_table_kind(t, column) == VMAP_TEXTS)
        CHECK_OK(vmap_table_push_text(t, column, "abcdefghijklmnopqrstuvwxyz" + i, 1 + i % 3, NULL), NULL);
    else
        CHECK_OK(vmap_table_push_number(t, column, values[i], NULL), NULL);
}

static vmap_table *three_columns(void)
{
    vmap_table *t = vmap_table_new(NULL);

    for (int kind = VMAP_CODES; kind <= VMAP_TEXTS; kind++)
        CHECK_OK(vmap_table_add(t, (const char *const[]){"codes", "numbers", "texts"}[kind], (vmap_kind)kind, NULL, NULL),
                 NULL);
    return t;
}

static size_t differences(const vmap_table *a, const vmap_table *b)
{
    size_t wrong = vmap_table_rows(a) != vmap_table_rows(b);

    for (size_t j = 0; !wrong && j < 3; j++) {
        wrong += vmap_table_kind(a, j) != vmap_table_kind(b, j);
        for (size_t i = 0; !wrong && i < vmap_table_rows(a); i++) {
            double x = vmap_table_value(a, j, i), y = vmap_table_value(b, j, i);

            wrong += vmap_table_line(a, i) != vmap_table_line(b, i);
            wrong += vmap_table_reason(a, j, i) != vmap_table_reason(b, j, i) || isnan(x) != isnan(y) || (x == x && x != y);
            wrong += j == 2 && (vmap_table_level(a, j, i) != vmap_table_level(b, j, i) ||
                                strcmp(vmap_table_text(a, j, i), vmap_table_text(b, j, i)) != 0);
        }
    }
    return wrong;
}

/* Tables of any number of rows, the next one often with larger codes; one block is used again after table_clear(). */
static void appended_rows_are_as_if_pushed(void)
{
    gsl_rng *rng = vmap_rng_new(71, 0);
    size_t wrong = 0;

    for (int round = 0; round < 400; round++) {
        vmap_table *pushed = three_columns(), *joined = three_columns(), *block = three_columns();
        gsl_rng *again = NULL;

        for (size_t spread = 1 + vmap_rng_below(rng, 7), row = 0; spread <= 18; spread += vmap_rng_below(rng, 9)) {
            size_t rows = vmap_rng_below(rng, 40), expected = vmap_rng_below(rng, 200);

            again = gsl_rng_clone(rng);
            for (size_t i = 0; i < rows; i++, row++) {
                for (size_t j = 0; j < 3; j++) {
                    push_any(rng, block, j, spread);
                    push_any(again, pushed, j, spread);
                }
                CHECK_OK(vmap_table_end_row(block, row, NULL), NULL);
                CHECK_OK(vmap_table_end_row(pushed, row, NULL), NULL);
            }
            gsl_rng_free(again);
            CHECK_OK(table_append(joined, block, expected, 2, NULL), NULL);
            table_clear(block);
        }
        wrong += differences(joined, pushed);
        vmap_table_free(pushed);
        vmap_table_free(joined);
        vmap_table_free(block);
    }
    CHECK_COUNT(wrong, 0);
    gsl_rng_free(rng);
}

static void an_empty_table_is_empty(void)
{
    vmap_table *t = vmap_table_new(NULL);

    CHECK_COUNT(vmap_table_rows(t), 0);
    CHECK_COUNT(vmap_table_columns(t), 0);
    CHECK_COUNT(vmap_table_find(t, "x"), 0);
    vmap_table_free(t);
    vmap_table_free(NULL);
}

static const test_case cases[] = {
    TEST(cells_hold_what_was_pushed),
    TEST(codes_stay_codes_at_their_limits),
    TEST(a_code_column_widens_when_a_value_does_not_fit),
    TEST(the_first_value_may_widen_an_empty_column),
    TEST(every_reason_survives_in_every_kind_of_column),
    TEST(each_distinct_text_is_a_level),
    TEST(many_texts_keep_their_levels),
    TEST(reasons_have_names_that_are_found),
    TEST(an_unknown_reason_is_refused),
    TEST(columns_have_one_name_and_come_before_rows),
    TEST(a_row_needs_exactly_one_cell_in_every_column),
    TEST(cells_of_the_wrong_kind_are_refused),
    TEST(a_text_with_a_nul_byte_is_refused),
    TEST(numbers_that_are_not_finite_are_refused),
    TEST(appended_rows_are_as_if_pushed),
    TEST(an_empty_table_is_empty),
};
SUITE(data_table_suite, cases);
