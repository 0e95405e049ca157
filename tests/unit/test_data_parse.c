#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "valuemap/parse.h"

/* A four-point item with the labels of its codes. */
static const vmap_range ranges[] = {{1, 4}};
static const vmap_word words[] = {{"Very important", 1, VMAP_PRESENT},    {"Rather important", 2, VMAP_PRESENT},
                                  {"Not very important", 3, VMAP_PRESENT}, {"Not at all important", 4, VMAP_PRESENT},
                                  {"N\xC3\xA3o sei", -1, VMAP_DONT_KNOW},  {"Twice", 1, VMAP_PRESENT},
                                  {"twice", 2, VMAP_PRESENT}};
static const vmap_answer_rules rules = {ranges, 1, words, sizeof words / sizeof *words};

/* NAN: no number. */
static void check_answer(const char *text, vmap_reason why, double value)
{
    double got = -99;
    vmap_reason reason = vmap_answer_parse(&rules, text, strlen(text), &got);

    if (!CHECK_TEXT(vmap_reason_name(reason), vmap_reason_name(why)) ||
        !CHECK(isnan(value) ? isnan(got) : got == value))
        fprintf(stderr, "  of <%s>: %g\n", text, got);
}

static void exact_codes_are_answers(void)
{
    static const char *const texts[] = {"3", " 3 ", "3\n", "+3", "\"3\"", "**3**", "`3`", "'3'", "03", "3.0", "3.00",
                                        ("\xE2\x80\x9C" "3\xE2\x80\x9D"), "```\n3\n```", "```text\n3\n```"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_answer(texts[i], VMAP_PRESENT, 3);
}

static void exact_labels_are_answers(void)
{
    static const char *const texts[] = {"Rather important", "rather important", " RATHER  IMPORTANT ",
                                        "Rather important.", "**Rather important**", "\"Rather important\"!",
                                        "Rather\nimportant"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (i != 5) /* quotes inside punctuation are not taken off */
            check_answer(texts[i], VMAP_PRESENT, 2);
    }
    check_answer("\xEF\xBC\xB6\xEF\xBD\x85ry important", VMAP_PRESENT, 1); /* full-width letters */
    check_answer("Twice", VMAP_UNPARSABLE, NAN); /* two codes share it */
    check_answer("important", VMAP_UNPARSABLE, NAN);
    check_answer("It is rather important", VMAP_UNPARSABLE, NAN);
}

static void a_leading_number_before_punctuation_is_an_answer(void)
{
    static const char *const texts[] = {"3.", "3. Because of that.", "3) Not very important", "3: hm", "3, I think",
                                        "3 - rather not", "3 \xE2\x80\x94 no", "3\nBecause", "3!", "3 (Not very important)",
                                        "3; done", "3.\nLong text with 10 numbers"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_answer(texts[i], VMAP_PRESENT, 3);
}

static void json_fields_are_answers(void)
{
    check_answer("{\"answer\": 3}", VMAP_PRESENT, 3);
    check_answer("{\"answer\": \"3\", \"reason\": \"I have 4 of them\"}", VMAP_PRESENT, 3);
    check_answer("```json\n{\"code\": 3.0}\n```", VMAP_PRESENT, 3);
    check_answer("{\"answer\": \"very important\"}", VMAP_PRESENT, 1);
    check_answer("{\"answer\": null}", VMAP_BLANK, NAN);
    check_answer("{\"answer\": \"\", \"refusal\": \"I cannot\"}", VMAP_REFUSED, NAN);
    check_answer("{\"answer\": 3, \"refusal\": null}", VMAP_PRESENT, 3);
    check_answer("{\"answer\": 3, \"score\": 2}", VMAP_UNPARSABLE, NAN); /* which? */
    check_answer("{\"answer\": 3, \"answer\": 2}", VMAP_UNPARSABLE, NAN);
    check_answer("{\"thought\": 3}", VMAP_UNPARSABLE, NAN);
    check_answer("{\"answer\": 3", VMAP_UNPARSABLE, NAN);
    check_answer("{\"answer\": [3]}", VMAP_UNPARSABLE, NAN);
    check_answer("{\"answer\": 2.5}", VMAP_OUT_OF_RANGE, 2.5);
    check_answer("{\"answer\": \"{\\\"answer\\\": \\\"{}\\\"}\"}", VMAP_UNPARSABLE, NAN);
}

static void what_is_no_code_is_out_of_range(void)
{
    check_answer("5", VMAP_OUT_OF_RANGE, 5);
    check_answer("0", VMAP_OUT_OF_RANGE, 0);
    check_answer("-3", VMAP_OUT_OF_RANGE, -3);
    check_answer("11. Everything", VMAP_OUT_OF_RANGE, 11);
    check_answer("2.5", VMAP_OUT_OF_RANGE, 2.5);
    check_answer("1e1", VMAP_OUT_OF_RANGE, 10);
    check_answer("2e0", VMAP_OUT_OF_RANGE, 2);
    check_answer("9.0", VMAP_OUT_OF_RANGE, 9);
    check_answer("2.000001", VMAP_OUT_OF_RANGE, 2.000001);
    check_answer("{\"answer\": 7}", VMAP_OUT_OF_RANGE, 7);
}

static void refusals_and_phrases_have_their_reason(void)
{
    check_answer("Refused", VMAP_REFUSED, NAN);
    check_answer("I prefer not to answer.", VMAP_REFUSED, NAN);
    check_answer("I don\xE2\x80\x99t know", VMAP_DONT_KNOW, NAN);
    check_answer("n\xC3\x83o SEI", VMAP_DONT_KNOW, NAN);
    check_answer("No answer", VMAP_NO_ANSWER, NAN);
    check_answer("", VMAP_BLANK, NAN);
    check_answer(" \n ", VMAP_BLANK, NAN);
}

/* Every one of these has been read as a number by some published pipeline. */
static void nothing_is_guessed(void)
{
    static const char *const texts[] = {
        "I would say 3", "The answer is 3.", "3 out of 10", "3/10", "3-4", "3 - 4", "3.5 or so", "3,5", "1, 2", "1. 2.",
        "3 or 4", "3rd", "3%", "between 3 and 4", "three", "Option 3", "(3)", "3 because", "As an AI, I have no opinion.",
        "1. Not at all important", "2) Don't know", "\xC2\xBD", "\xD9\xA3", "99999999999999999999", "--3", "3\n4\n1", "NaN",
        "inf", "0x3", "\xFF\xFE", "[3]", "3 4", "\"3\" and \"4\""};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double value;
        vmap_reason why = vmap_answer_parse(&rules, texts[i], strlen(texts[i]), &value);

        if (!CHECK(why == VMAP_UNPARSABLE || why == VMAP_OUT_OF_RANGE) || !CHECK(value != 3))
            fprintf(stderr, "  of <%s>: %s %g\n", texts[i], vmap_reason_name(why), value);
    }
}

static void without_ranges_every_whole_number_is_a_code(void)
{
    vmap_answer_rules none = {NULL, 0, NULL, 0};
    double value = 0;

    CHECK(vmap_answer_parse(&none, "12345", 5, &value) == VMAP_PRESENT && value == 12345);
    CHECK(vmap_answer_parse(&none, "7x", 1, &value) == VMAP_PRESENT && value == 7); /* the length counts */
    CHECK(vmap_answer_parse(&none, "Very important", 14, &value) == VMAP_UNPARSABLE);
}

static const test_case cases[] = {
    TEST(exact_codes_are_answers),
    TEST(exact_labels_are_answers),
    TEST(a_leading_number_before_punctuation_is_an_answer),
    TEST(json_fields_are_answers),
    TEST(what_is_no_code_is_out_of_range),
    TEST(refusals_and_phrases_have_their_reason),
    TEST(nothing_is_guessed),
    TEST(without_ranges_every_whole_number_is_a_code),
};
SUITE(data_parse_suite, cases);
