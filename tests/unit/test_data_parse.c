#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "data/reader_internal.h"
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
        "1. Not at all important", "2) Don't know", "\xC2\xBD", "\xC2\xB3", "\xE2\x91\xA2", "99999999999999999999", "--3", "3\n4\n1", "NaN",
        "inf", "0x3", "\xFF\xFE", "[3]", "3 4", "\"3\" and \"4\""};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double value;
        vmap_reason why = vmap_answer_parse(&rules, texts[i], strlen(texts[i]), &value);

        if (!CHECK(why == VMAP_UNPARSABLE || why == VMAP_OUT_OF_RANGE) || !CHECK(value != 3))
            fprintf(stderr, "  of <%s>: %s %g\n", texts[i], vmap_reason_name(why), value);
    }
}

/* Digits of other scripts are digits; blanks of Unicode are blanks. */
static void digits_and_blanks_of_other_scripts_are_known(void)
{
    static const char *const texts[] = {
        "\xEF\xBC\x93",             /* full-width */
        "\xEF\xBC\x93\xEF\xBC\x8E", /* with its full stop */
        "\xD9\xA3",                 /* Arabic */
        "\xDB\xB3",                 /* Persian */
        "\xE0\xA5\xA9",             /* Devanagari */
        "\xE0\xA7\xA9",             /* Bengali */
        "\xE0\xB9\x93",             /* Thai */
        "3\xC2\xA0", "\xE2\x80\x8B" "3", "\xEF\xBB\xBF" "3", "\xE3\x80\x80" "3", "3\xE3\x80\x82", "3\xE2\x80\xA6"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_answer(texts[i], VMAP_PRESENT, 3);
    check_answer("3-\xEF\xBC\x94", VMAP_UNPARSABLE, NAN); /* a range stays one */
    check_answer("\xEF\xBC\x97", VMAP_OUT_OF_RANGE, 7);
}

static void a_number_before_its_own_label_is_an_answer(void)
{
    static const char *const texts[] = {"3 = Not very important", "3=not very important", "3 Not very important",
                                        "3 | Not very important", "3 / Not very important", "3\tnot very important.",
                                        "3-Not very important",   "3. (Not very important)", "**3** Not very important",
                                        "**3.** Not very important", "**3** - because", "_3_, because"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_answer(texts[i], VMAP_PRESENT, 3);
    check_answer("3 = Rather important", VMAP_UNPARSABLE, NAN);
    check_answer("3 Rather important", VMAP_UNPARSABLE, NAN);
    check_answer("3 Important", VMAP_UNPARSABLE, NAN);
    check_answer("**3** Rather important", VMAP_UNPARSABLE, NAN);
    check_answer("**3** or 4", VMAP_UNPARSABLE, NAN);
    check_answer("**Answer:** 3", VMAP_UNPARSABLE, NAN);
}

/* A model that repeats the question has not answered; one that counts its reasons has. */
static void a_repeated_list_of_options_is_no_answer(void)
{
    static const char *const lists[] = {
        "1. Very important 2. Rather important", "1. Very important\n2. Rather important\n3. Not very important",
        "1) Very\n2) Rather", "1 - Very\n2 - Rather", "4: Not at all; 3: Not very", "1. Very important, 2. Rather important",
        "3-to-4", "3-ish", "3, or 4", "3 (or 4)", "3 - maybe 4", "3. Or 2?", "3/four"};

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        check_answer(lists[i], VMAP_UNPARSABLE, NAN);
    check_answer("3.\n\n1. I was raised so.\n2. I like it.", VMAP_UNPARSABLE, NAN); /* 2 is next to 3: may be the list */
    check_answer("4.\n\n1. I was raised so.", VMAP_UNPARSABLE, NAN); /* a digit follows */
    check_answer("4. Because:\n1. I was raised so.\n2. I like it.", VMAP_PRESENT, 4);
    check_answer("3 (on a scale from 1 to 4)", VMAP_PRESENT, 3);
    check_answer("3 - I have had 2 children", VMAP_PRESENT, 3);
}

static void fields_are_found_in_any_case_and_an_empty_refusal_is_none(void)
{
    check_answer("{\"Answer\": 3}", VMAP_PRESENT, 3);
    check_answer("{\"RATING\": \"3. Not very important\"}", VMAP_PRESENT, 3);
    check_answer("{\"Answer\": 3, \"answer\": 4}", VMAP_UNPARSABLE, NAN);
    check_answer("{\"answer\": 3, \"refusal\": false}", VMAP_PRESENT, 3);
    check_answer("{\"answer\": 3, \"refusal\": \"\"}", VMAP_PRESENT, 3);
    check_answer("{\"answer\": 3, \"refusal\": true}", VMAP_REFUSED, NAN);
    check_answer("{\"answer\": true}", VMAP_UNPARSABLE, NAN);
    check_answer("{'answer': 3}", VMAP_UNPARSABLE, NAN);
    check_answer("{\"answer\": 3} Thank you", VMAP_UNPARSABLE, NAN);
}

/* Whole answers in the languages of the surveys; in a sentence they are none. */
static void phrases_are_known_in_other_languages(void)
{
    vmap_reason why;

    check_answer("Wei\xC3\x9F nicht", VMAP_DONT_KNOW, NAN);
    check_answer("KEINE ANGABE.", VMAP_NO_ANSWER, NAN);
    check_answer("Je ne sais pas", VMAP_DONT_KNOW, NAN);
    check_answer("No s\xC3\xA9", VMAP_DONT_KNOW, NAN);
    check_answer("No se\xCC\x81", VMAP_DONT_KNOW, NAN); /* the accent apart */
    check_answer("\xE4\xB8\x8D\xE7\x9F\xA5\xE9\x81\x93\xE3\x80\x82", VMAP_DONT_KNOW, NAN); /* with its full stop */
    check_answer("Ich wei\xC3\x9F nicht, vielleicht 3", VMAP_UNPARSABLE, NAN);
    check_answer("NS/NC", VMAP_UNPARSABLE, NAN); /* two reasons at once */
    for (size_t i = 0; reader_phrase_text(i); i++) {
        const char *text = reader_phrase_text(i);
        char *folded = text_fold(text, strlen(text));

        CHECK_TEXT(folded, text); /* else it would never be found */
        CHECK(reader_phrase(text, &why) && why != VMAP_PRESENT);
        free(folded);
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
    TEST(digits_and_blanks_of_other_scripts_are_known),
    TEST(a_number_before_its_own_label_is_an_answer),
    TEST(a_repeated_list_of_options_is_no_answer),
    TEST(fields_are_found_in_any_case_and_an_empty_refusal_is_none),
    TEST(phrases_are_known_in_other_languages),
    TEST(without_ranges_every_whole_number_is_a_code),
};
SUITE(data_parse_suite, cases);
