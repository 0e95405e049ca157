#include <config.h>

#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/buffer.h"
#include "core/text.h"
#include "support/check.h"
#include "valuemap/rng.h"

static char *json_of(const char *text)
{
    buffer b = {0};
    char *out = NULL;

    buffer_json_text(&b, text);
    CHECK_OK(buffer_take(&b, &out, NULL, NULL), NULL);
    return out;
}

static void json_texts_are_escaped(void)
{
    static const struct {
        const char *from, *to;
    } known[] = {
        {"", "\"\""},
        {"plain \xC3\xA9", "\"plain \xC3\xA9\""},
        {"say \"x\" \\ y", "\"say \\\"x\\\" \\\\ y\""},
        {"</script>", "\"\\u003c/script>\""},
        {"a\nb\tc\x01\x7F", "\"a\\u000ab\\u0009c\\u0001\\u007f\""},
        {"\xE2\x80\xA8", "\"\\u2028\""},
        {"\xFFx", "\"\xEF\xBF\xBDx\""},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char *out = json_of(known[i].from);

        CHECK_TEXT(out, known[i].to);
        free(out);
    }
}

static void numbers_have_as_few_digits_as_read_back(void)
{
    static const struct {
        double x;
        const char *text;
    } known[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-2.5, "-2.5"},
        {0.1, "0.1"},
        {1. / 3, "0.3333333333333333"},
        {2. / 3, "0.6666666666666666"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e21, "1e+21"},
        {1e-7, "1e-07"},
        {123456789, "123456789"},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char out[32];

        number_text(out, known[i].x, 0);
        CHECK_TEXT(out, known[i].text);
    }
}

static void numbers_can_have_a_given_number_of_digits(void)
{
    char out[32];

    number_text(out, 1234.5, 3);
    CHECK_TEXT(out, "1.23e+03");
    number_text(out, 0.12345, 4);
    CHECK_TEXT(out, "0.1235");
    number_text(out, 2, 1);
    CHECK_TEXT(out, "2");
    number_text(out, 0.1, 17);
    CHECK_TEXT(out, "0.10000000000000001");
    number_text(out, -1.7976931348623157e308, 17);
    CHECK_TEXT(out, "-1.7976931348623157e+308");
}

static void numbers_that_are_none_are_null_in_json(void)
{
    static const double none[] = {NAN, INFINITY, -INFINITY};

    for (size_t i = 0; i < 3; i++) {
        buffer b = {0};

        buffer_json_number(&b, none[i]);
        CHECK_TEXT(b.text, "null");
        buffer_free(&b);
    }
}

/* Whatever double: our own parser and a JSON parser read the same bits. */
static void written_numbers_read_back_as_the_same_double(void)
{
    gsl_rng *rng = vmap_rng_new(11, 0);
    size_t wrong = 0;

    for (int i = 0; i < 50000; i++) {
        uint64_t bits = (uint64_t)gsl_rng_get(rng) << 32 | gsl_rng_get(rng);
        double x, back = NAN;
        char out[32];
        json_t *parsed;

        memcpy(&x, &bits, sizeof x);
        if (!isfinite(x))
            continue;
        number_text(out, x, 0);
        wrong += !text_number(out, strlen(out), '.', &back) || back != x;
        parsed = json_loads(out, JSON_DECODE_ANY, NULL);
        wrong += !json_is_number(parsed) || json_number_value(parsed) != x;
        json_decref(parsed);
    }
    CHECK_COUNT(wrong, 0);
    gsl_rng_free(rng);
}

/* Where the machine has a locale with a decimal comma, numbers must not care. */
static void a_decimal_comma_in_the_locale_changes_nothing(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "it_IT.UTF-8"};
    char out[32];
    double back;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!setlocale(LC_NUMERIC, names[i]))
            continue;
        number_text(out, 1. / 3, 0);
        CHECK_TEXT(out, "0.3333333333333333");
        CHECK(text_number(out, strlen(out), '.', &back) && back == 1. / 3);
        CHECK(text_number("12345678901234567.5", 19, '.', &back) && back == 12345678901234567.5);
    }
    setlocale(LC_NUMERIC, "C");
}

static void json_texts_read_back_as_they_were(void)
{
    gsl_rng *rng = vmap_rng_new(12, 0);
    size_t wrong = 0;

    for (int i = 0; i < 20000; i++) {
        static const char *const parts[] = {"a",  "\"", "\\",       "\n",           "<",
                                            "\t", "/",  "\xC3\xA9", "\xE2\x80\xA9", "\x7F"};
        char text[64] = "";
        char *out;
        json_t *parsed;

        for (size_t k = vmap_rng_below(rng, 12); k > 0; k--)
            strcat(text, parts[vmap_rng_below(rng, sizeof parts / sizeof *parts)]);
        out = json_of(text);
        parsed = json_loads(out, JSON_DECODE_ANY, NULL);
        wrong += !parsed || strcmp(json_string_value(parsed), text) != 0;
        json_decref(parsed);
        free(out);
    }
    CHECK_COUNT(wrong, 0);
    gsl_rng_free(rng);
}

static void an_empty_buffer_gives_an_empty_text(void)
{
    buffer b = {0};
    char *text = NULL;
    size_t n = 9;

    CHECK_OK(buffer_take(&b, &text, &n, NULL), NULL);
    CHECK_TEXT(text, "");
    CHECK_COUNT(n, 0);
    free(text);
}

static void a_buffer_grows_and_keeps_bytes_that_are_zero(void)
{
    buffer b = {0};
    char *text = NULL;
    size_t n = 0;

    for (int i = 0; i < 100000; i++)
        buffer_bytes(&b, "a\0b", 3);
    buffer_format(&b, "%d%%", 50);
    CHECK_OK(buffer_take(&b, &text, &n, NULL), NULL);
    CHECK_COUNT(n, 300003);
    CHECK(memcmp(text + 299997, "a\0b50%", 7) == 0);
    free(text);
}

static void a_freed_buffer_can_be_used_again(void)
{
    buffer b = {0};

    buffer_put(&b, "first");
    buffer_free(&b);
    buffer_put(&b, "second");
    CHECK_TEXT(b.text, "second");
    CHECK_COUNT(b.n, 6);
    buffer_free(&b);
}

static const test_case cases[] = {
    TEST(json_texts_are_escaped),
    TEST(numbers_have_as_few_digits_as_read_back),
    TEST(numbers_can_have_a_given_number_of_digits),
    TEST(numbers_that_are_none_are_null_in_json),
    TEST(written_numbers_read_back_as_the_same_double),
    TEST(a_decimal_comma_in_the_locale_changes_nothing),
    TEST(json_texts_read_back_as_they_were),
    TEST(an_empty_buffer_gives_an_empty_text),
    TEST(a_buffer_grows_and_keeps_bytes_that_are_zero),
    TEST(a_freed_buffer_can_be_used_again),
};
SUITE(core_buffer_suite, cases);
