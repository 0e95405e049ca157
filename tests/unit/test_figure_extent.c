#include <config.h>

#include <string.h>

#include "figure/layout.h"
#include "support/check.h"

/* ---- known values ---- */

/* Source: Adobe core font metrics of Helvetica and Helvetica-Bold: S 667, w 722, e 556, d 556, n
 * 556; bold S 667, w 778, e 556, d 611, n 611. */
static void widths_are_those_of_helvetica(void)
{
    CHECK_NEAR(extent_of("Sweden", 1000, false).width, 667 + 722 + 556 + 556 + 556 + 556, 1e-9);
    CHECK_NEAR(extent_of("Sweden", 10, true).width, 6.67 + 7.78 + 5.56 + 6.11 + 5.56 + 6.11, 1e-9);
    CHECK_NEAR(extent_of("", 10, false).width, 0, 0);
}

/* Accented letters count as their base letter, East Asian ones as 1 em, combining marks as nothing.
 */
static void other_scripts_have_their_stated_widths(void)
{
    CHECK_NEAR(extent_of("T\xC3\xBCrkiye", 1000, false).width,
               extent_of("Turkiye", 1000, false).width, 0);
    CHECK_NEAR(extent_of("\xC5\x9A\xC4\x8C\xC5\xBE", 1000, false).width, 667 + 722 + 500, 0);
    CHECK_NEAR(extent_of("\xE6\x97\xA5\xE6\x9C\xAC", 1000, false).width, 2000, 0);
    CHECK_NEAR(extent_of("e\xCC\x81", 1000, false).width, 556, 0);
    CHECK_NEAR(extent_of("\xD0\xA0\xD0\xBE", 1000, false).width, 1200, 0);
}

/* ---- properties ---- */

static void descenders_and_accents_take_more_room(void)
{
    extent plain = extent_of("Sweden", 10, false), low = extent_of("Egypt", 10, false);
    extent high = extent_of("\xC3\x85land", 10, false);

    CHECK(low.down > plain.down && low.up == plain.up);
    CHECK(high.up > plain.up && high.down == plain.down);
}

static void a_cut_text_fits_and_ends_in_an_ellipsis(void)
{
    char text[64];

    for (double width = 12; width < 90; width += 3) {
        strcpy(text, "Bosnia and Herzegovina");
        CHECK(extent_fit(text, 8, false, width) ==
              (extent_of("Bosnia and Herzegovina", 8, false).width > width));
        CHECK(extent_of(text, 8, false).width <= width);
    }
    strcpy(text, "Bosnia and Herzegovina");
    CHECK(extent_fit(text, 8, false,
                     36)); /* Bosnia 24.5, blank 2.2, ellipsis 8: no blank before it */
    CHECK_TEXT(text, "Bosnia\xE2\x80\xA6");
    strcpy(text, "\xC3\x96\xC3\x96\xC3\x96\xC3\x96");
    CHECK(extent_fit(text, 10, false, 20));
    CHECK_TEXT(text, "\xC3\x96\xE2\x80\xA6");
}

static void lines_break_at_blanks(void)
{
    const char *text = "one two  three";

    CHECK_COUNT(extent_line(text, 10, false, 1000), strlen(text));
    CHECK_COUNT(extent_line(text, 10, false, extent_of("one two", 10, false).width + .1), 7);
    CHECK_COUNT(extent_line(text, 10, false, 5), 3);
    CHECK_COUNT(extent_line("unbreakable", 10, false, 5), strlen("unbreakable"));
}

static void texts_that_need_another_font_are_told(void)
{
    static const char *const usual[] = {"Bosnia and Herzegovina",
                                        "C\xC3\xB4te d'Ivoire",
                                        "\xD0\xA0\xD0\xBE\xD1\x81\xD1\x81\xD0\xB8\xD1\x8F",
                                        "\xCE\x95\xCE\xBB\xCE\xBB\xCE\xAC\xCE\xB4\xCE\xB1",
                                        "\xE2\x86\x90 a\xE2\x80\xA6 \xE2\x88\x92 x \xE2\x80\x93",
                                        ""};
    static const char *const unusual[] = {"\xE6\x97\xA5\xE6\x9C\xAC", "a\xEF\xBF\xBD",
                                          "\xE0\xB9\x84\xE0\xB8\x97\xE0\xB8\xA2",
                                          "\xF0\x9F\x98\x80", "\xD9\x85\xD8\xB5\xD8\xB1"};

    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        check_true(!extent_is_unusual(usual[i]), usual[i], __FILE__, __LINE__);
    for (size_t i = 0; i < sizeof unusual / sizeof *unusual; i++)
        check_true(extent_is_unusual(unusual[i]), unusual[i], __FILE__, __LINE__);
}

/* ---- edges ---- */

static void a_width_of_nothing_leaves_the_ellipsis(void)
{
    char text[16] = "Chad";

    CHECK(extent_fit(text, 8, false, 0));
    CHECK_TEXT(text, "\xE2\x80\xA6");
}

static const test_case cases[] = {
    TEST(widths_are_those_of_helvetica),
    TEST(other_scripts_have_their_stated_widths),
    TEST(descenders_and_accents_take_more_room),
    TEST(a_cut_text_fits_and_ends_in_an_ellipsis),
    TEST(lines_break_at_blanks),
    TEST(texts_that_need_another_font_are_told),
    TEST(a_width_of_nothing_leaves_the_ellipsis),
};
SUITE(figure_extent_suite, cases);
