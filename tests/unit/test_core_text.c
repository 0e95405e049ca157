#include <config.h>

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "support/check.h"
#include "valuemap/rng.h"

static bool parse(const char *s, char mark, double *value)
{
    return text_number(s, strlen(s), mark, value);
}

/* ---- numbers ---- */

/* Source: the nearest double to each decimal number, written as a C constant. */
static void numbers_have_their_known_values(void)
{
    static const struct {
        const char *text;
        double value;
    } known[] = {
        {"0", 0},
        {"-1", -1},
        {"+5", 5},
        {"3.14", 3.14},
        {".85", .85},
        {"-.85", -.85},
        {"5.", 5},
        {"007", 7},
        {"1e3", 1000},
        {"1E-3", 1e-3},
        {"2e+2", 200},
        {"0.1", 0.1},
        {"1e22", 1e22},
        {"1e23", 1e23},
        {"8.5e-23", 8.5e-23},
        {"9007199254740993", 9007199254740992.0},
        {"9007199254740995", 9007199254740996.0},
        {"123456789012345678901234567890", 123456789012345678901234567890.0},
        {"0.000000000000000000000000000000000000000000001", 1e-45},
        {"1.7976931348623157e308", DBL_MAX},
        {"2.2250738585072014e-308", DBL_MIN},
        {"4.9e-324", 0x1p-1074},
        {"1e-400", 0},
        {"0e999999999999", 0},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double value = NAN;

        CHECK(parse(known[i].text, '.', &value));
        CHECK_NEAR(value, known[i].value, 0);
    }
}

static void only_the_given_bytes_are_read(void)
{
    double value = NAN;

    CHECK(text_number("12x", 2, '.', &value));
    CHECK_NEAR(value, 12, 0);
    CHECK(text_number("1.25", 3, '.', &value));
    CHECK_NEAR(value, 1.2, 0);
}

static void decimal_commas_are_read_when_they_are_the_mark(void)
{
    double value = NAN;

    CHECK(parse(",85", ',', &value));
    CHECK_NEAR(value, .85, 0);
    CHECK(parse("-1,125", ',', &value));
    CHECK_NEAR(value, -1.125, 0);
    CHECK(parse("12345678901234567,25", ',', &value)); /* the slow path */
    CHECK_NEAR(value, 12345678901234567.25, 0);
    CHECK(!parse("1.5", ',', &value));
    CHECK(!parse("1,5", '.', &value));
}

static double random_double(gsl_rng *rng)
{
    uint64_t bits = (uint64_t)gsl_rng_get(rng) << 32 | gsl_rng_get(rng);
    double x;

    memcpy(&x, &bits, sizeof x);
    return isfinite(x) ? x : 1;
}

static void every_double_comes_back_from_its_seventeen_digits(void)
{
    gsl_rng *rng = vmap_rng_new(1, 0);
    size_t wrong = 0;

    for (int i = 0; i < 100000; i++) {
        double x = random_double(rng), back = NAN;
        char text[64];

        snprintf(text, sizeof text, "%.17g", x);
        wrong += !parse(text, '.', &back) || back != x;
    }
    CHECK_COUNT(wrong, 0);
    gsl_rng_free(rng);
}

/* The C library's strtod is correctly rounding. */
static void random_decimal_texts_round_as_strtod_rounds(void)
{
    gsl_rng *rng = vmap_rng_new(2, 0);
    size_t wrong = 0;

    for (int i = 0; i < 100000; i++) {
        char text[64];
        size_t n = 1 + vmap_rng_below(rng, 24), point = vmap_rng_below(rng, n + 1);
        int exponent = (int)vmap_rng_below(rng, 61) - 30;
        double value = NAN;
        size_t used = 0;

        for (size_t k = 0; k < n; k++) {
            if (k == point)
                text[used++] = '.';
            text[used++] = (char)('0' + vmap_rng_below(rng, 10));
        }
        text[used] = '\0';
        if (vmap_rng_below(rng, 2))
            snprintf(text + used, sizeof text - used, "e%d", exponent);
        wrong += !parse(text, '.', &value) || value != strtod(text, NULL);
    }
    CHECK_COUNT(wrong, 0);
    gsl_rng_free(rng);
}

static void whatever_is_no_plain_decimal_number_is_refused(void)
{
    static const char *const refused[] = {
        "",    "-",    "+",     ".",        "-.",  "1 ", " 1",     "1,5",    "1.2.3", "0x10",
        "inf", "nan",  "Inf",   "1e",       "1e+", "e5", "--1",    "+-1",    "1_000", "1'000",
        "1f",  "1e5.", "1e5e5", "\xD9\xA1", "1\n", "1-", "1e1000", "-1e400", "2e308",
    };
    double value;

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (parse(refused[i], '.', &value))
            CHECK_TEXT("read as a number", refused[i]);
    }
}

/* ---- making text harmless ---- */

#define LOST "\xEF\xBF\xBD"

static void what_drives_a_terminal_is_replaced(void)
{
    static const struct {
        const char *from, *to;
    } known[] = {
        {"plain \xC3\xA9 \xE6\x97\xA5", "plain \xC3\xA9 \xE6\x97\xA5"},
        {"a\tb\nc", "a b c"},
        {"\033[31mred", LOST "[31mred"},
        {"a\rb", "a" LOST "b"},
        {"\x7F", LOST},
        {"\xC2\x85", LOST},               /* C1: next line */
        {"\xE2\x80\xAE", LOST},           /* right-to-left override */
        {"\xE2\x80\xA8", LOST},           /* line separator */
        {"\xEF\xBB\xBF", LOST},           /* byte order mark */
        {"\xD8\x9C", LOST},               /* Arabic letter mark */
        {"\xC3", LOST},                   /* cut short */
        {"\xFF\xFE", LOST LOST},          /* no UTF-8 at all */
        {"\xC0\x80", LOST LOST},          /* overlong */
        {"\xED\xA0\x80", LOST LOST LOST}, /* surrogate */
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char out[64];

        text_clean(out, sizeof out, known[i].from);
        CHECK_TEXT(out, known[i].to);
    }
}

static void text_that_does_not_fit_ends_in_dots_between_characters(void)
{
    char out[16];

    text_clean(out, 8, "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9");
    CHECK_TEXT(out, "\xC3\xA9\xC3\xA9...");
    text_clean(out, 8, "1234567");
    CHECK_TEXT(out, "1234567");
    text_clean(out, 8, "12345678");
    CHECK_TEXT(out, "1234...");
    text_clean(out, 4, "abcd");
    CHECK_TEXT(out, "...");
    text_clean(out, 3, "abcd");
    CHECK_TEXT(out, "");
    out[0] = 'x';
    text_clean(out, 0, "abcd");
    CHECK(out[0] == 'x');
}

/* Random bytes, every size: the result is terminated, valid UTF-8 and free of controls. */
static void cleaned_text_is_always_valid_and_harmless(void)
{
    gsl_rng *rng = vmap_rng_new(3, 0);
    size_t wrong = 0;

    for (int i = 0; i < 50000; i++) {
        char from[40], to[40];
        size_t n = vmap_rng_below(rng, sizeof from), size = 4 + vmap_rng_below(rng, 36);

        for (size_t k = 0; k < n; k++)
            from[k] = (char)(1 + vmap_rng_below(rng, 255));
        from[n] = '\0';
        memset(to, 'x', sizeof to);
        text_clean(to, size, from);
        n = strnlen(to, size);
        wrong += n == size;
        for (size_t k = 0; k < n;) {
            unsigned code = 0;
            size_t length = text_utf8(to + k, n - k, &code);

            wrong += length == 0 || code < 0x20 || (code >= 0x7F && code < 0xA0);
            k += length ? length : 1;
        }
    }
    CHECK_COUNT(wrong, 0);
    gsl_rng_free(rng);
}

/* ---- UTF-8 ---- */

static size_t encode(unsigned c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

static void every_character_is_decoded_and_no_surrogate(void)
{
    size_t wrong = 0;

    for (unsigned c = 0; c < 0x110000; c++) {
        char bytes[4];
        unsigned code = 0;
        size_t n = encode(c, bytes), length = text_utf8(bytes, n, &code);

        if (c >= 0xD800 && c <= 0xDFFF)
            wrong += length != 0;
        else
            wrong += length != n || code != c || (n > 1 && text_utf8(bytes, n - 1, &code) != 0);
    }
    CHECK_COUNT(wrong, 0);
}

static void overlong_and_too_large_bytes_are_no_characters(void)
{
    static const char *const bad[] = {"\x80",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xE0\x80\x80",
                                      "\xE0\x9F\xBF",
                                      "\xF0\x80\x80\x80",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xC3(",
                                      "\xE2\x28\xA1",
                                      "\xFF"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        unsigned code = 12345;

        CHECK_COUNT(text_utf8(bad[i], strlen(bad[i]), &code), 0);
        CHECK_COUNT(code, 12345);
    }
    CHECK_COUNT(text_utf8("", 0, &(unsigned){0}), 0);
}

static void widths_are_those_of_a_terminal(void)
{
    CHECK_COUNT(text_width(""), 0);
    CHECK_COUNT(text_width("abc"), 3);
    CHECK_COUNT(text_width("\xC3\xA9"), 1);
    CHECK_COUNT(text_width("e\xCC\x81"), 1);                /* with a combining accent */
    CHECK_COUNT(text_width("\xE6\x97\xA5\xE6\x9C\xAC"), 4); /* two Han characters */
    CHECK_COUNT(text_width("\xFF"), 1);
}

/* By hand: case, blanks, apostrophes, composed and decomposed letters, full-width letters, a ligature. */
static void spellings_of_the_same_words_fold_to_the_same(void)
{
    static const char *const same[][2] = {
        {"Don't Know", "don't know"},
        {"DON\xE2\x80\x99T KNOW", "don't know"},
        {"  Very \t important\n", "very important"},
        {"\xC3\x89t\xC3\xA9", "\xC3\xA9t\xC3\xA9"},
        {"E\xCC\x81te\xCC\x81", "\xC3\xA9t\xC3\xA9"},
        {"\xEF\xBC\xA1\xEF\xBC\xA2", "ab"},
        {"stra\xC3\x9F" "e", "strasse"},
        {"o\xEF\xAC\x83" "ce", "office"},
        {"", ""},
    };

    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        char *folded = text_fold(same[i][0], strlen(same[i][0]));

        CHECK_TEXT(folded, same[i][1]);
        free(folded);
    }
    CHECK(text_fold("\xFF", 1) == NULL);
}

/* ---- the nearest name ---- */

static void the_nearest_name_is_found(void)
{
    static const char *const names[] = {"W_WEIGHT", "weight", "B_COUNTRY", "Q164", "Q165"};

    CHECK_TEXT(text_nearest("weigth", names, 5), "weight");
    CHECK_TEXT(text_nearest("W_WEIGT", names, 5), "W_WEIGHT");
    CHECK_TEXT(text_nearest("B_COUNTR", names, 5), "B_COUNTRY");
    CHECK_TEXT(text_nearest("Q166", names, 5), "Q164"); /* a tie: the first */
    CHECK_TEXT(text_nearest("weight", names, 5), "weight");
}

static void a_far_name_is_not_offered(void)
{
    static const char *const names[] = {"weight", "Q1"};
    static const char longer[] =
        "a_very_long_name_of_more_than_sixty_three_characters_as_some_files_"
        "have";
    const char *const lengthy[] = {longer};

    CHECK(text_nearest("country", names, 2) == NULL);
    CHECK(text_nearest("Q2", names, 2) == NULL); /* half of the word is wrong */
    CHECK(text_nearest("", names, 2) == NULL);
    CHECK(text_nearest("weight", names, 0) == NULL);
    CHECK(text_nearest("a_very_long_name", lengthy, 1) == NULL);
}

static void copies_and_formats_are_terminated(void)
{
    char *copy = text_copy("abcdef", 3), *made = text_format("%d %s", 7, "x");

    CHECK_TEXT(copy, "abc");
    CHECK_TEXT(made, "7 x");
    free(copy);
    free(made);
}

static const test_case cases[] = {
    TEST(numbers_have_their_known_values),
    TEST(only_the_given_bytes_are_read),
    TEST(decimal_commas_are_read_when_they_are_the_mark),
    TEST(what_drives_a_terminal_is_replaced),
    TEST(text_that_does_not_fit_ends_in_dots_between_characters),
    TEST(widths_are_those_of_a_terminal),
    TEST(spellings_of_the_same_words_fold_to_the_same),
    TEST(the_nearest_name_is_found),
    TEST(copies_and_formats_are_terminated),
    TEST(every_double_comes_back_from_its_seventeen_digits),
    TEST(random_decimal_texts_round_as_strtod_rounds),
    TEST(cleaned_text_is_always_valid_and_harmless),
    TEST(every_character_is_decoded_and_no_surrogate),
    TEST(whatever_is_no_plain_decimal_number_is_refused),
    TEST(overlong_and_too_large_bytes_are_no_characters),
    TEST(a_far_name_is_not_offered),
};
SUITE(core_text_suite, cases);
