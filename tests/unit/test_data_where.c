#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "valuemap/subset.h"

/* A row: names and cells in turn, NULL for a missing cell. */
typedef struct {
    const vmap_where *where;
    const char *const *cells;
} row;

static const char *cell(void *context, size_t i)
{
    const row *r = context;

    for (size_t k = 0; r->cells[k]; k += 2) {
        if (strcmp(r->cells[k], vmap_where_column(r->where, i)) == 0)
            return strcmp(r->cells[k + 1], "?") == 0 ? NULL : r->cells[k + 1];
    }
    return NULL;
}

static const char *const person[] = {"age", "29.5", "country", "SWE", "edu", "3.0", "god", "?", "name", "O'Hara", "text", "abc",
                                     NULL};

static void check(const char *condition, vmap_truth want)
{
    static const char *const words[] = {"false", "true", "unknown"};
    vmap_where *w = NULL;
    vmap_error err;
    row r = {.cells = person};
    vmap_truth got;

    if (!CHECK_OK(vmap_where_parse(condition, &w, &err), &err))
        return;
    r.where = w;
    got = vmap_where_judge(w, cell, &r);
    if (got != want)
        printf("\n    %s\n", condition);
    CHECK_TEXT(words[got], words[want]);
    CHECK_TEXT(vmap_where_text(w), condition);
    vmap_where_free(w);
}

static void comparisons_are_of_numbers_with_numbers_and_of_texts_with_texts(void)
{
    check("age > 29", VMAP_TRUE);
    check("age >= 29.5", VMAP_TRUE);
    check("age < 29.5", VMAP_FALSE);
    check("age<=30", VMAP_TRUE);
    check("edu = 3", VMAP_TRUE);
    check("edu == 3.00", VMAP_TRUE);
    check("edu <> 3", VMAP_FALSE);
    check("edu != 4", VMAP_TRUE);
    check("country = SWE", VMAP_TRUE);
    check("country = swe", VMAP_FALSE);
    check("country = 'SWE'", VMAP_TRUE);
    check("\"country\" = SWE", VMAP_TRUE);
    check("name = 'O''Hara'", VMAP_TRUE);
    check("edu = '3'", VMAP_FALSE); /* a text in quotes is compared as a text */
    check("age > -1", VMAP_TRUE);
    check("text = 3", VMAP_FALSE);
    check("text > 3", VMAP_UNKNOWN); /* no number, so nothing is known */
}

static void lists_and_ranges_hold_both_ends(void)
{
    check("country in (DEU, SWE)", VMAP_TRUE);
    check("country not in (DEU, SWE)", VMAP_FALSE);
    check("edu in (1..2, 3, 5..8)", VMAP_TRUE);
    check("edu in 3..4", VMAP_TRUE);
    check("edu in 1..3", VMAP_TRUE);
    check("edu not in 4..8", VMAP_TRUE);
    check("age in 18..29", VMAP_FALSE);
    check("age in -5..-1", VMAP_FALSE);
    check("country in (SWE, 'South Korea', 3)", VMAP_TRUE);
}

/* Kleene's tables. */
static void what_is_missing_is_unknown(void)
{
    check("god = 3", VMAP_UNKNOWN);
    check("god != 3", VMAP_UNKNOWN);
    check("not god = 3", VMAP_UNKNOWN);
    check("god in (1, 2)", VMAP_UNKNOWN);
    check("god not in (1, 2)", VMAP_UNKNOWN);
    check("god is missing", VMAP_TRUE);
    check("god is not missing", VMAP_FALSE);
    check("age is not missing", VMAP_TRUE);
    check("god = 3 and edu = 4", VMAP_FALSE);
    check("edu = 4 and god = 3", VMAP_FALSE);
    check("god = 3 and edu = 3", VMAP_UNKNOWN);
    check("god = 3 or edu = 3", VMAP_TRUE);
    check("edu = 3 or god = 3", VMAP_TRUE);
    check("god = 3 or edu = 4", VMAP_UNKNOWN);
    check("edu = 4 or god = 3", VMAP_UNKNOWN);
    check("god = 3 or god is missing", VMAP_TRUE);
}

static void and_binds_stronger_than_or_and_not_stronger_than_both(void)
{
    check("edu = 3 or edu = 9 and edu = 8", VMAP_TRUE);
    check("(edu = 3 or edu = 9) and edu = 8", VMAP_FALSE);
    check("not edu = 8 and edu = 3", VMAP_TRUE);
    check("not (edu = 8 and edu = 3)", VMAP_TRUE);
    check("not edu = 3 or edu = 3", VMAP_TRUE);
    check("NOT edu = 3 Or EDU is Missing", VMAP_TRUE); /* names keep their case: there is no column EDU */
    check("not not edu = 3", VMAP_TRUE);
}

static void columns_are_named_once(void)
{
    vmap_where *w = NULL;
    vmap_error err;

    CHECK_OK(vmap_where_parse("a = 1 or b = 2 and a = 3 or \"a b\" = 1", &w, &err), &err);
    CHECK_COUNT(vmap_where_columns(w), 3);
    CHECK_TEXT(vmap_where_column(w, 0), "a");
    CHECK_TEXT(vmap_where_column(w, 1), "b");
    CHECK_TEXT(vmap_where_column(w, 2), "a b");
    vmap_where_free(w);
}

static void refuse(const char *condition, const char *words)
{
    vmap_where *w = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_where_parse(condition, &w, &err), VMAP_EINVAL, &err, words);
    CHECK(w == NULL);
}

static void a_fault_is_named_with_its_place(void)
{
    refuse("", "character 1: the name of a column must stand here, but it ends");
    refuse("age", "character 4: a comparison, 'in' or 'is'");
    refuse("age 3", "character 5");
    refuse("age > abc", "character 7: a number must stand here, but there is 'abc'");
    refuse("age >", "character 6: a number must stand here, but it ends");
    refuse("\xC3\xA4ge = 1 x", "character 9: 'and', 'or' or the end"); /* characters, not bytes */
    refuse("age in 18", "'..' and the upper end");
    refuse("age in 9..3", "character 11: the upper end of the range");
    refuse("age in (1, 2", "',' or ')'");
    refuse("age in ()", "a number, a word or a text");
    refuse("(age = 1", "'and', 'or' or ')'");
    refuse("age = 'x", "character 7");
    refuse("age is 3", "'missing'");
    refuse("age not 3", "'in'");
    refuse("age = 1 and", "the name of a column");
    refuse("age = and", "a number, a word");
    refuse("age = 1 & sex = 2", "character 9: 'and', 'or' or the end must stand here, but there is '&'");
    refuse("3 = age", "character 1: the name of a column");
    refuse("age = 2nd", "character 7");
    refuse("age = 1..3", "'and', 'or' or the end");
    refuse("\"\" = 1", "character 1");
}

static void deep_nesting_is_refused_not_a_crash(void)
{
    char *text = malloc(200002);

    memset(text, '(', 200000);
    strcpy(text + 200000, "a");
    refuse(text, "fewer parentheses");
    free(text);
}

static const test_case cases[] = {
    TEST(comparisons_are_of_numbers_with_numbers_and_of_texts_with_texts),
    TEST(lists_and_ranges_hold_both_ends),
    TEST(what_is_missing_is_unknown),
    TEST(and_binds_stronger_than_or_and_not_stronger_than_both),
    TEST(columns_are_named_once),
    TEST(a_fault_is_named_with_its_place),
    TEST(deep_nesting_is_refused_not_a_crash),
};
SUITE(data_where_suite, cases);
