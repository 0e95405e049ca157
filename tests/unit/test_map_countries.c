#include <config.h>

#include <string.h>

#include "support/check.h"
#include "valuemap/map.h"

static vmap_countries *read_list(const char *edition)
{
    vmap_countries *c = NULL;
    vmap_error err;

    CHECK_OK(vmap_countries_read(source_path("datasets/map2023/countries.csv"), edition, &c, &err),
             &err);
    return c;
}

/* What a label means, by alpha-3 code; "" for nothing. */
static const char *meaning(const vmap_countries *c, const char *label)
{
    const vmap_country *found = vmap_countries_find(c, label);

    return found ? found->alpha3 : "";
}

/* ---- known values: ISO 3166-1 and the picture of 2023 (datasets/map2023/countries.csv) ---- */

static void countries_are_found_by_code_number_and_name(void)
{
    vmap_countries *c = read_list("2023");

    CHECK_TEXT(meaning(c, "SWE"), "SWE");
    CHECK_TEXT(meaning(c, "swe"), "SWE");
    CHECK_TEXT(meaning(c, "752"), "SWE");
    CHECK_TEXT(meaning(c, "Sweden"), "SWE");
    CHECK_TEXT(meaning(c, "sWEDEN"), "SWE");
    CHECK_TEXT(meaning(c, "8"), "ALB");
    CHECK_TEXT(meaning(c, "008"), "ALB"); /* as ISO writes it */
    CHECK_TEXT(meaning(c, "8.0"), "ALB"); /* as a table of numbers writes it */
    CHECK_TEXT(meaning(c, "United States"), "USA");
    CHECK_TEXT(c->edition, "2023");
    vmap_countries_free(c);
}

static void zones_depend_on_the_edition(void)
{
    vmap_countries *now = read_list("2023"), *tao = read_list("tao2024"), *none = read_list("none");
    size_t differ = 0;

    CHECK_TEXT(vmap_countries_find(now, "SWE")->zone, "Protestant Europe");
    CHECK_TEXT(vmap_countries_find(now, "JPN")->zone, "Confucian");
    CHECK_COUNT(now->count, tao->count);
    CHECK_COUNT(now->count, none->count);
    for (size_t i = 0; i < now->count && i < tao->count; i++) {
        differ += strcmp(now->country[i].zone, tao->country[i].zone) != 0;
        CHECK_TEXT(none->country[i].zone, "");
        CHECK_TEXT(now->country[i].name, tao->country[i].name);
    }
    CHECK(differ > 0);
    vmap_countries_free(now);
    vmap_countries_free(tao);
    vmap_countries_free(none);
}

/* S025 of the time series: numeric code x 10^4 + year; surveys began in 1981. */
static void a_country_year_is_a_country_in_a_year(void)
{
    vmap_countries *c = read_list("2023");

    CHECK_TEXT(meaning(c, "7522017"), "SWE");
    CHECK_TEXT(meaning(c, "81998"), "ALB");
    CHECK_TEXT(meaning(c, "7521980"), "");
    CHECK_TEXT(meaning(c, "7522017.5"), "");
    CHECK_TEXT(meaning(c, "9992017"), "");
    CHECK(vmap_country_year("7522017") == 2017);
    CHECK(vmap_country_year("81998") == 1998);
    CHECK(vmap_country_year("752") == 0 && vmap_country_year("SWE") == 0);
    CHECK(vmap_country_year("") == 0 && vmap_country_year("2017") == 0);
    vmap_countries_free(c);
}

/* ---- properties ---- */

static void no_two_countries_share_a_label(void)
{
    vmap_countries *c = read_list("2023");

    CHECK(c->count > 100);
    for (size_t i = 0; i < c->count; i++) {
        CHECK(strlen(c->country[i].alpha3) == 3);
        CHECK(c->country[i].s003 > 0 && c->country[i].s003 < 1000);
        CHECK(vmap_countries_find(c, c->country[i].alpha3) == &c->country[i]);
        CHECK(vmap_countries_find(c, c->country[i].name) == &c->country[i]);
        for (size_t j = 0; j < i; j++)
            CHECK(c->country[i].s003 != c->country[j].s003);
    }
    vmap_countries_free(c);
}

/* ---- refusals ---- */

static void an_unknown_edition_is_refused_with_the_known_ones(void)
{
    const char *path = source_path("datasets/map2023/countries.csv");
    vmap_countries *c = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_countries_read(path, "1999", &c, &err), VMAP_ENOENT, &err,
                "zones have no edition '1999'; there are 2023, tao2024, none");
    CHECK_FAILS(vmap_countries_read(path, "", &c, &err), VMAP_ENOENT, &err, "no edition ''");
    CHECK_FAILS(vmap_countries_read(source_path("no/such.csv"), "2023", &c, &err), VMAP_ENOENT,
                &err, "such.csv");
    CHECK_FAILS(vmap_countries_read(scratch_file("countries.csv", "alpha3,s003\nSWE,752\n"), "none",
                                    &c, &err),
                VMAP_EDATA, &err, "the list of countries has no column 'country'");
    CHECK(c == NULL);
}

/* ---- edges ---- */

static void what_is_no_country_is_not_found(void)
{
    static const char *const labels[] = {"",     " ",    "0",   "-752", "7520",  "752.5", "SW",
                                         "SWED", "SWE ", "all", "nan",  "1e400", "gemma"};
    vmap_countries *c = read_list("2023");

    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        CHECK_TEXT(meaning(c, labels[i]), "");
    vmap_countries_free(c);
}

/* A list may lack a code or a number: what is missing must not match the label 0 or "". */
static void a_country_without_a_number_is_not_number_zero(void)
{
    vmap_countries *c = NULL;
    vmap_error err;

    CHECK_OK(vmap_countries_read(scratch_file("countries.csv",
                                              "alpha3,s003,country,zone_mine\n"
                                              "AAA,,Aland,North\n,12,Bland,\nCCC,-3,Cland,South\n"),
                                 "mine", &c, &err),
             &err);
    if (c) {
        CHECK_COUNT(c->count, 3);
        CHECK_TEXT(meaning(c, "aland"), "AAA");
        CHECK(vmap_countries_find(c, "0") == NULL);
        CHECK(vmap_countries_find(c, "-3") == NULL);
        CHECK(vmap_countries_find(c, "") == NULL);
        CHECK(vmap_countries_find(c, "12") == &c->country[1]);
        CHECK_TEXT(c->country[1].zone, "");
    }
    vmap_countries_free(c);
    vmap_countries_free(NULL);
}

static const test_case cases[] = {
    TEST(countries_are_found_by_code_number_and_name),
    TEST(zones_depend_on_the_edition),
    TEST(a_country_year_is_a_country_in_a_year),
    TEST(no_two_countries_share_a_label),
    TEST(an_unknown_edition_is_refused_with_the_known_ones),
    TEST(what_is_no_country_is_not_found),
    TEST(a_country_without_a_number_is_not_number_zero),
};
SUITE(map_countries_suite, cases);
