#include <config.h>

#include <stddef.h>
#include <string.h>

#include "cli/options.h"
#include "support/check.h"

typedef struct {
    bool flag, loud;
    char *text, *other;
    word_list list;
    int count, year;
    double real;
} settings;

#define AT(member) offsetof(settings, member)

static const option_spec specs[] = {
    {"flag", 'q', OPTION_FLAG, NULL, "a flag", AT(flag), 0, 0},
    {"loud", 0, OPTION_FLAG, NULL, "another", AT(loud), 0, 0},
    {"text", 'o', OPTION_TEXT, "WORD", "a word", AT(text), 0, 0},
    {"text-other", 0, OPTION_TEXT, "WORD", "another", AT(other), 0, 0},
    {"list", 'g', OPTION_LIST, "WORD,...", "words", AT(list), 0, 0},
    {"count", 'n', OPTION_COUNT, "N", "a whole number", AT(count), 1, 1000000},
    {"year", 0, OPTION_COUNT, "N", "a large one", AT(year), -5, 2147483647},
    {"real", 0, OPTION_REAL, "X", "a number", AT(real), 0, 0.9},
    {NULL, 0, OPTION_END, NULL, NULL, 0, 0, 0},
};

enum { MAX = 16 };

/* Everything that one parse has to do with. */
typedef struct {
    settings s;
    word_list operands;
    bool help;
    vmap_error err;
    vmap_status status;
} parse;

/* Parse words that single blanks separate; the first is the program's name. '~' stands for a word
 * of nothing. */
static void parse_words(parse *p, const char *words)
{
    char copy[256], *argv[MAX], *word;
    int argc = 0;

    memset(p, 0, sizeof *p);
    strcpy(copy, words);
    for (word = strtok(copy, " "); word && argc < MAX; word = strtok(NULL, " "))
        argv[argc++] = strcmp(word, "~") == 0 ? word + 1 : word;
    p->status = options_parse(specs, argc, argv, &p->s, &p->operands, &p->help, &p->err);
}

static void clear(parse *p)
{
    options_free(specs, &p->s);
    word_list_free(&p->operands);
}

static void refuse(const char *words, const char *message)
{
    parse p;

    parse_words(&p, words);
    CHECK_FAILS(p.status, VMAP_EINVAL, &p.err, message);
    clear(&p);
}

/* ---- known values ---- */

static void every_kind_is_stored(void)
{
    parse p;

    parse_words(&p, "x --flag --text word --list a,b --count 7 --year -5 --real .25");
    CHECK_OK(p.status, &p.err);
    CHECK(p.s.flag && !p.s.loud && !p.help);
    CHECK_TEXT(p.s.text, "word");
    CHECK(p.s.other == NULL);
    CHECK_COUNT(p.s.list.count, 2);
    CHECK_TEXT(p.s.list.words[0], "a");
    CHECK_TEXT(p.s.list.words[1], "b");
    CHECK(p.s.count == 7 && p.s.year == -5);
    CHECK_NEAR(p.s.real, 0.25, 0);
    CHECK_COUNT(p.operands.count, 0);
    clear(&p);
    CHECK(p.s.text == NULL && p.s.list.count == 0);
}

static void values_may_be_glued_on(void)
{
    parse p;

    parse_words(&p, "x --text=a=b --list=a,,b, -gc -ofile -n3 --real=1e-1 --year=2147483647");
    CHECK_OK(p.status, &p.err);
    CHECK_TEXT(p.s.text, "file");   /* the last one counts */
    CHECK_COUNT(p.s.list.count, 3); /* lists add up; nothing between commas is no word */
    CHECK_TEXT(p.s.list.words[2], "c");
    CHECK(p.s.count == 3 && p.s.year == 2147483647);
    CHECK_NEAR(p.s.real, 0.1, 0);
    clear(&p);
    parse_words(&p, "x --text=a=b");
    CHECK_TEXT(p.s.text, "a=b");
    clear(&p);
    parse_words(&p, "x -o -q --text --flag"); /* a value may look like an option */
    CHECK_OK(p.status, &p.err);
    CHECK_TEXT(p.s.text, "--flag");
    CHECK(!p.s.flag);
    clear(&p);
}

static void operands_and_options_may_be_mixed(void)
{
    parse p;

    parse_words(&p, "x a --flag b -n 2 - c -- --count -q");
    CHECK_OK(p.status, &p.err);
    CHECK_COUNT(p.operands.count, 6);
    CHECK_TEXT(p.operands.words[2], "-");       /* standard input */
    CHECK_TEXT(p.operands.words[4], "--count"); /* after -- nothing is an option */
    CHECK_TEXT(p.operands.words[5], "-q");
    CHECK(p.s.flag && p.s.count == 2);
    clear(&p);
    parse_words(&p, "x");
    CHECK_OK(p.status, &p.err);
    CHECK_COUNT(p.operands.count, 0);
    clear(&p);
}

static void help_ends_the_parsing(void)
{
    parse p;

    parse_words(&p, "x a --help --nonsense");
    CHECK_OK(p.status, &p.err);
    CHECK(p.help);
    clear(&p);
    parse_words(&p, "x -h");
    CHECK(p.help);
    clear(&p);
    parse_words(&p, "x -- --help");
    CHECK(!p.help);
    CHECK_COUNT(p.operands.count, 1);
    clear(&p);
    parse_words(&p, "x --text --help"); /* a value */
    CHECK(!p.help);
    clear(&p);
}

/* ---- refusals ---- */

static void abbreviations_and_unknown_options_are_refused(void)
{
    refuse("x --cou 3", "there is no option --cou");
    refuse("x --coutn 3", "there is no option --coutn; did you mean --count?");
    refuse("x --text-othr=3", "there is no option --text-othr; did you mean --text-other?");
    refuse("x --Flag", "there is no option --Flag; did you mean --flag?");
    refuse("x --zebra", "there is no option --zebra");
    refuse("x --=3", "there is no option --");
    refuse("x -z", "there is no option -z");
    refuse("x -\xC3\xA9", "there is no option -");
    refuse("x ---", "there is no option ---");
    refuse(
        "x --a-name-that-is-longer-than-the-sixty-three-bytes-that-are-shown-of-it-in-a-message=1",
        "there is no option --a-name-that-is-longer");
}

static void values_that_are_missing_or_too_many_are_refused(void)
{
    refuse("x --text", "option --text needs a value: WORD");
    refuse("x -n", "option --count needs a value: N");
    refuse("x --flag=yes", "option --flag takes no value");
    refuse("x -qo", "option -q takes no value");
    refuse("x --text ~", "option --text needs a word, not nothing");
    refuse("x --text=", "option --text needs a word, not nothing");
    refuse("x --list ~", "option --list needs a word, not nothing");
    refuse("x --list=,", "option --list needs a word, not nothing");
}

static void numbers_outside_their_range_are_refused(void)
{
    refuse("x --count 0", "option --count: '0' is not a whole number in 1..1000000");
    refuse("x --count 1000001", "option --count: '1000001' is not a whole number in 1..1000000");
    refuse("x --count 2.5", "'2.5' is not a whole number");
    refuse("x --count seven", "'seven' is not a whole number");
    refuse("x --count ~", "'' is not a whole number");
    refuse("x --count 0x10", "'0x10' is not a whole number");
    refuse("x --count 1e400", "'1e400' is not a whole number");
    refuse("x --count nan", "'nan' is not a whole number");
    refuse("x --count=7x", "'7x' is not a whole number");
    refuse("x --year 2147483648", "'2147483648' is not a whole number in -5..2147483647");
    refuse("x --real 0.91", "option --real: '0.91' is not a number in 0..0.9");
    refuse("x --real 0,5", "'0,5' is not a number");
    refuse("x --real inf", "'inf' is not a number");
}

/* ---- edges ---- */

static void nothing_is_lost_of_what_stood_before_a_mistake(void)
{
    parse p;

    parse_words(&p, "x --text word a --bad"); /* freed like any other: the sanitizer watches */
    CHECK(p.status == VMAP_EINVAL);
    CHECK_TEXT(p.s.text, "word");
    clear(&p);
}

static void lists_of_words(void)
{
    word_list list = {0};

    CHECK(word_list_split(&list, ""));
    CHECK(word_list_split(&list, ",,"));
    CHECK_COUNT(list.count, 0);
    CHECK(word_list_split(&list, "one"));
    CHECK(word_list_add(&list, "two, or", 7));
    CHECK_COUNT(list.count, 2);
    CHECK_TEXT(list.words[1], "two, or");
    word_list_free(&list);
    CHECK(list.words == NULL && list.count == 0);
    word_list_free(&list);
}

static const test_case cases[] = {
    TEST(every_kind_is_stored),
    TEST(values_may_be_glued_on),
    TEST(operands_and_options_may_be_mixed),
    TEST(help_ends_the_parsing),
    TEST(abbreviations_and_unknown_options_are_refused),
    TEST(values_that_are_missing_or_too_many_are_refused),
    TEST(numbers_outside_their_range_are_refused),
    TEST(nothing_is_lost_of_what_stood_before_a_mistake),
    TEST(lists_of_words),
};
SUITE(cli_options_suite, cases);
