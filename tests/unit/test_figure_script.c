#include <config.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "figure/script.h"
#include "support/check.h"
#include "support/hostile.h"
#include "valuemap/rng.h"

static void string_is(const char *text, const char *want)
{
    buffer b = {.text = NULL};

    script_string(&b, text);
    CHECK_TEXT(b.text, want);
    buffer_free(&b);
}

static void cleaned_is(const char *text, const char *want)
{
    char clean[SCRIPT_TEXT];

    script_clean(clean, text);
    CHECK_TEXT(clean, want);
}

/* Read a gnuplot string as gnuplot does: \ooo takes as many octal digits as follow, at most 3 here
 * because none may follow. Returns false when the string is not one that the emitter may write. */
static bool read_string(const char *s, char *out)
{
    size_t n = strlen(s);

    if (n < 2 || s[0] != '"' || s[n - 1] != '"')
        return false;
    for (size_t i = 1; i + 1 < n;) {
        if (s[i] == '\\') {
            int value = 0, digits = 0;

            for (i++; s[i] >= '0' && s[i] <= '7'; i++, digits++)
                value = 8 * value + (s[i] - '0');
            if (digits != 3 || value == 0 || value > 255 || isdigit((unsigned char)s[i]))
                return false;
            *out++ = (char)value;
        } else if (isalnum((unsigned char)s[i]) || strchr(" .,-():;=/+", s[i])) {
            *out++ = s[i++];
        } else {
            return false;
        }
    }
    *out = '\0';
    return true;
}

static bool survives(const char *text)
{
    char clean[SCRIPT_TEXT], back[4 * SCRIPT_TEXT];
    buffer b = {.text = NULL};
    bool same;

    script_clean(clean, text);
    script_string(&b, text);
    same = read_string(b.text, back) && strcmp(back, clean) == 0;
    buffer_free(&b);
    return same;
}

/* ---- known values: by hand ---- */

static void readable_text_stays_readable(void)
{
    string_is("Bosnia and Herzegovina", "\"Bosnia and Herzegovina\"");
    string_is("n = 1,234 (S017); a/b: 50.5-60", "\"n = 1,234 (S017); a/b: 50.5-60\"");
    string_is("", "\"\"");
    string_is(NULL, "\"\"");
}

static void every_other_byte_becomes_octal(void)
{
    string_is("T\xC3\xBCrkiye", "\"T\\303\\274rkiye\"");
    string_is("a`b", "\"a\\140b\"");
    string_is("a\"b\\c'd", "\"a\\042b\\134c\\047d\"");
    string_is("50% {x} @y $z #", "\"50\\045 \\173x\\175 \\100y \\044z \\043\"");
    string_is("%12", "\"\\045\\061\\062\"");
    string_is("%a12", "\"\\045a12\"");
}

static void cleaning_takes_out_what_harms(void)
{
    cleaned_is("a\nb\tc\rd", "a b c d");
    cleaned_is("a\x01\x1B[31mb\x7F", "a[31mb");
    cleaned_is("x\xC2\x85y\xE2\x80\xAEz\xE2\x81\xA6w\xE2\x80\xA8v\xEF\xBB\xBF", "xyzwv");
    cleaned_is("\xFF\xC3(\xED\xA0\x80",
               "\xEF\xBF\xBD\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    cleaned_is("\xEF\xBF\xBE\xEF\xBF\xBF!", "!");
    cleaned_is("&#60;", "& #60;");
    cleaned_is("a]]>b", "a]] >b");
    cleaned_is("&\x02#1", "& #1");
    cleaned_is("]\x02]\x03>", "]] >");
    cleaned_is("\xE2\x80\x8D\xE2\x80\x8C", "\xE2\x80\x8D\xE2\x80\x8C");
}

static void long_text_is_cut_at_200_characters(void)
{
    char text[1300] = "", clean[SCRIPT_TEXT];

    for (int i = 0; i < 300; i++)
        strcat(text, "\xF0\x9F\x98\x80");
    script_clean(clean, text);
    CHECK_COUNT(strlen(clean), 200 * 4 + 3);
    CHECK_TEXT(clean + 800, "\xE2\x80\xA6");
    text[200 * 4] = '\0';
    script_clean(clean, text);
    CHECK_COUNT(strlen(clean), 800);
    for (int i = 0; i < 600; i++)
        text[i] = "&#"[i % 2];
    text[600] = '\0';
    script_clean(clean, text);
    CHECK(strlen(clean) <= 203);
}

static void comments_stay_one_line_and_harmless(void)
{
    buffer b = {.text = NULL};

    script_comment(&b, "input \\");
    script_comment(&b, "a\nsystem('x')");
    script_comment(&b, "`date` $HOME @x");
    CHECK_TEXT(b.text, "# input ?\n# a system('x')\n# ?date? ?HOME ?x\n");
    buffer_free(&b);
}

static void numbers_have_six_digits(void)
{
    buffer b = {.text = NULL};

    script_row(&b, 1. / 3, -0.0);
    script_row(&b, 123456789, 1e-20);
    CHECK_TEXT(b.text, "0.333333 0\n1.23457e+08 0\n");
    buffer_free(&b);
}

/* ---- properties ---- */

static void hostile_strings_survive_quoting(void)
{
    for (size_t i = 0; i < hostile_count; i++)
        check_true(survives(hostile_strings[i]), hostile_strings[i], __FILE__, __LINE__);
}

static void random_bytes_survive_quoting(void)
{
    gsl_rng *rng = vmap_rng_new(1, 0);
    char text[400];
    size_t failed = 0;

    for (int trial = 0; trial < 20000; trial++) {
        hostile_random(rng, text, sizeof text);
        failed += !survives(text);
    }
    CHECK_COUNT(failed, 0);
    gsl_rng_free(rng);
}

/* Relative luminance and contrast: Web Content Accessibility Guidelines 2.1, section 1.4.3. */
static double luminance(const double rgb[3])
{
    static const double weight[3] = {.2126, .7152, .0722};
    double sum = 0;

    for (int i = 0; i < 3; i++)
        sum += weight[i] * (rgb[i] <= .03928 ? rgb[i] / 12.92 : pow((rgb[i] + .055) / 1.055, 2.4));
    return sum;
}

static double contrast(const double a[3], const double b[3])
{
    double x = luminance(a) + .05, y = luminance(b) + .05;

    return x > y ? x / y : y / x;
}

static void read_colours(const char *array, double colours[8][3])
{
    const char *at = strstr(figure_style, array);

    for (int i = 0; at && i < 8; i++) {
        unsigned r = 0, g = 0, b = 0;

        at = strchr(at + 1, '#');
        CHECK(at && sscanf(at, "#%2x%2x%2x", &r, &g, &b) == 3);
        colours[i][0] = r / 255.;
        colours[i][1] = g / 255.;
        colours[i][2] = b / 255.;
    }
    CHECK(at != NULL);
}

/* On white, and on white under two hulls of 12 % of any two zones. */
static void the_text_colours_of_the_house_style_can_be_read(void)
{
    double fill[8][3], text[8][3];

    read_colours("array ZC[8]", fill);
    read_colours("array ZT[8]", text);
    for (int t = 0; t < 8; t++) {
        CHECK(contrast(text[t], (const double[]){1, 1, 1}) >= 4.5);
        for (int a = 0; a < 8; a++) {
            for (int b = 0; b < 8; b++) {
                double ground[3];

                for (int i = 0; i < 3; i++)
                    ground[i] = .88 * (.88 + .12 * fill[a][i]) + .12 * fill[b][i];
                CHECK(contrast(text[t], ground) >= 4.5);
            }
        }
    }
}

/* ---- refusals ---- */

static void names_of_files_are_whitelisted(void)
{
    static const char *const good[] = {"map", "map-2.svg", "A_b.9"};
    static const char *const bad[] = {"",   "|cmd", "a b",       "a/b", "..",  ".hidden",
                                      "-d", "a'b",  "m\xC3\xBC", "a\n", "a;b", "$x"};

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        check_true(script_name_fits(good[i]), good[i], __FILE__, __LINE__);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_true(!script_name_fits(bad[i]), bad[i], __FILE__, __LINE__);
}

static const test_case cases[] = {
    TEST(readable_text_stays_readable),
    TEST(every_other_byte_becomes_octal),
    TEST(cleaning_takes_out_what_harms),
    TEST(long_text_is_cut_at_200_characters),
    TEST(comments_stay_one_line_and_harmless),
    TEST(numbers_have_six_digits),
    TEST(hostile_strings_survive_quoting),
    TEST(random_bytes_survive_quoting),
    TEST(the_text_colours_of_the_house_style_can_be_read),
    TEST(names_of_files_are_whitelisted),
};
SUITE(figure_script_suite, cases);
