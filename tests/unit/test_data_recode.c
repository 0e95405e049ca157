#include <config.h>

#include "support/check.h"
#include "valuemap/subset.h"

static vmap_recode *parse(const char *text)
{
    vmap_recode *r = NULL;
    vmap_error err;

    CHECK_OK(vmap_recode_parse(text, &r, &err), &err);
    return r;
}

/* The label of the band of a cell, "-" for none. */
static const char *band(const vmap_recode *r, const char *cell)
{
    size_t b = vmap_recode_find(r, cell);

    return b < vmap_recode_bands(r) ? vmap_recode_label(r, b) : "-";
}

static void bands_of_numbers_hold_both_ends(void)
{
    vmap_recode *r = parse("age=Q262:<18,18-29,30..49,50+");

    CHECK_TEXT(vmap_recode_name(r), "age");
    CHECK_TEXT(vmap_recode_column(r), "Q262");
    CHECK_COUNT(vmap_recode_bands(r), 4);
    CHECK_TEXT(band(r, "17.9"), "<18");
    CHECK_TEXT(band(r, "18"), "18-29");
    CHECK_TEXT(band(r, "29"), "18-29");
    CHECK_TEXT(band(r, "29.5"), "-"); /* between two bands */
    CHECK_TEXT(band(r, "30"), "30..49");
    CHECK_TEXT(band(r, "50"), "50+");
    CHECK_TEXT(band(r, "103"), "50+");
    CHECK_TEXT(band(r, "old"), "-");
    CHECK_TEXT(band(r, NULL), "-");
    vmap_recode_free(r);
}

static void bands_have_labels_parts_texts_and_a_rest(void)
{
    vmap_recode *r = parse("edu=Q275:low=0-2,middle=3/4,high=5+,refused=-5--2/none,other=else");

    CHECK_TEXT(band(r, "2"), "low");
    CHECK_TEXT(band(r, "4"), "middle");
    CHECK_TEXT(band(r, "8"), "high");
    CHECK_TEXT(band(r, "-3"), "refused");
    CHECK_TEXT(band(r, "none"), "refused");
    CHECK_TEXT(band(r, "-1"), "other");
    CHECK_TEXT(band(r, "anything"), "other");
    CHECK_TEXT(band(r, NULL), "-");
    vmap_recode_free(r);
}

static void refuse(const char *text, const char *words)
{
    vmap_recode *r = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_recode_parse(text, &r, &err), VMAP_EINVAL, &err, words);
    CHECK(r == NULL);
}

static void what_makes_no_sense_is_refused(void)
{
    refuse("age", "write it like");
    refuse("age=Q262", "write it like");
    refuse("age=:1", "write it like");
    refuse("=Q262:1", "write it like");
    refuse("age=Q262:", "write it like");
    refuse("age=Q262:18-29,29-49", "'29-49' overlaps with band '18-29'");
    refuse("age=Q262:50+,60-70", "overlaps");
    refuse("age=Q262:a=x,b=x", "overlaps");
    refuse("age=Q262:29-18", "ends before it begins");
    refuse("age=Q262:a=1,a=2", "two bands are called 'a'");
    refuse("age=Q262:1,,2", "band 2 is empty");
    refuse("age=Q262:a=1/", "without a value");
}

static const test_case cases[] = {
    TEST(bands_of_numbers_hold_both_ends),
    TEST(bands_have_labels_parts_texts_and_a_rest),
    TEST(what_makes_no_sense_is_refused),
};
SUITE(data_recode_suite, cases);
