#include <config.h>

#include <string.h>

#include "support/check.h"
#include "valuemap/error.h"

static void an_error_says_its_place(void)
{
    vmap_error err;
    char text[200];

    CHECK(vmap_error_set(&err, VMAP_EDATA, "%d is outside %s", 11, "1..10") == VMAP_EDATA);
    CHECK_TEXT(vmap_error_text(&err, text, sizeof text), "11 is outside 1..10");
    vmap_error_place(&err, "answers.csv", 412, 0, "Q164");
    CHECK_TEXT(vmap_error_text(&err, text, sizeof text),
               "answers.csv:412: column Q164: 11 is outside 1..10");
    vmap_error_place(&err, NULL, 0, 7, NULL);
    CHECK_TEXT(vmap_error_text(&err, text, sizeof text),
               "answers.csv:412:7: column Q164: 11 is outside 1..10");
}

static void a_new_error_forgets_the_old_place(void)
{
    vmap_error err;

    vmap_error_set(&err, VMAP_EDATA, "first");
    vmap_error_place(&err, "a.csv", 3, 4, "x");
    vmap_error_set(&err, VMAP_EIO, "second");
    CHECK_TEXT(err.file, "");
    CHECK_TEXT(err.column, "");
    CHECK_COUNT(err.line, 0);
    CHECK_COUNT(err.position, 0);
    CHECK(err.status == VMAP_EIO);
}

static void no_message_can_drive_a_terminal(void)
{
    vmap_error err;

    vmap_error_set(&err, VMAP_EDATA, "'%s'", "\033]0;x\a\n");
    CHECK_TEXT(err.message, "'\xEF\xBF\xBD]0;x\xEF\xBF\xBD '");
    vmap_error_place(&err, "a\nb.csv", 0, 0, "\033[2J");
    CHECK_TEXT(err.file, "a b.csv");
    CHECK_TEXT(err.column, "\xEF\xBF\xBD[2J");
}

static void long_messages_and_buffers_are_cut(void)
{
    vmap_error err;
    char longer[2000], text[10];

    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    vmap_error_set(&err, VMAP_EDATA, "%s", longer);
    CHECK_COUNT(strlen(err.message), sizeof err.message - 1);
    vmap_error_place(&err, longer, 0, 0, longer);
    CHECK(strcmp(err.file + strlen(err.file) - 3, "...") == 0);
    CHECK_TEXT(vmap_error_text(&err, text, sizeof text), "xxxxxxxxx");
}

static void an_error_may_be_null(void)
{
    CHECK(vmap_error_set(NULL, VMAP_ENOENT, "%s", "x") == VMAP_ENOENT);
    vmap_error_place(NULL, "a", 1, 1, "b");
}

static void every_status_has_words(void)
{
    for (int s = VMAP_SUCCESS; s <= VMAP_ESINGULAR; s++) {
        CHECK(strcmp(vmap_status_text((vmap_status)s), "unknown status") != 0);
        for (int other = 0; other < s; other++)
            CHECK(strcmp(vmap_status_text((vmap_status)s), vmap_status_text((vmap_status)other)));
    }
    CHECK_TEXT(vmap_status_text((vmap_status)99), "unknown status");
}

static const test_case cases[] = {
    TEST(an_error_says_its_place),           TEST(a_new_error_forgets_the_old_place),
    TEST(no_message_can_drive_a_terminal),   TEST(every_status_has_words),
    TEST(long_messages_and_buffers_are_cut), TEST(an_error_may_be_null),
};
SUITE(core_error_suite, cases);
