#include <config.h>

#include <math.h>
#include <string.h>

#include "support/check.h"
#include "support/made_up.h"

static void add_position(vmap_space *s, const char *group, int year, double x, double y)
{
    double at[] = {x, y};
    gsl_vector_const_view v = gsl_vector_const_view_array(at, 2);
    vmap_error err;

    CHECK_OK(vmap_space_add_position(s, group, year, 10, NAN, &v.vector, NULL, NULL, &err), &err);
}

static vmap_countries *countries(const char *edition)
{
    vmap_countries *c = NULL;
    vmap_error err;

    CHECK_OK(vmap_countries_read(source_path("datasets/map2023/countries.csv"), edition, &c, &err),
             &err);
    return c;
}

static vmap_references *references(const vmap_space *s, const vmap_countries *c)
{
    vmap_references *r = NULL;
    vmap_error err;

    CHECK_OK(vmap_references_new(s, c, &r, &err), &err);
    return r;
}

/* Sweden in three years and Germany, Denmark (all Protestant Europe), Japan without a year, a place
 * that is no country, one without a position. */
static vmap_space *space_with_positions(void)
{
    vmap_space *s = made_up_space();

    add_position(s, "SWE", 2000, 7, 7);
    add_position(s, "XYZ", 0, -1, -1);
    add_position(s, "SWE", 2017, 3, 2);
    add_position(s, "SWE", 2011, 8, 8);
    add_position(s, "DEU", 2018, 2, 1);
    add_position(s, "JPN", 0, 0, 4);
    add_position(s, "DNK", 2017, 4, 0);
    add_position(s, "NOR", 2017, NAN, NAN);
    return s;
}

/* ---- known values ---- */

static void the_latest_position_counts(void)
{
    static const char *const labels[] = {"XYZ", "SWE", "DEU", "JPN", "DNK"};
    static const char *const names[] = {"XYZ", "Sweden", "Germany", "Japan", "Denmark"};
    static const int years[] = {0, 2017, 2018, 0, 2017};
    vmap_space *s = space_with_positions();
    vmap_countries *c = countries("2023");
    vmap_references *r = references(s, c);

    CHECK_COUNT(r->countries, 5);
    for (size_t i = 0; i < 5 && r->countries == 5; i++) {
        CHECK_TEXT(r->country[i].label, labels[i]);
        CHECK_TEXT(r->country[i].name, names[i]);
        CHECK(r->country[i].year == years[i]);
        CHECK_COUNT(r->country[i].n, 10);
        CHECK(r->country[i].items == NULL);
    }
    CHECK_NEAR(gsl_vector_get(r->country[1].at, 0), 3, 0);
    CHECK_TEXT(r->country[0].zone, "");
    CHECK_TEXT(r->country[3].zone, "Confucian");
    vmap_references_free(r);
    vmap_countries_free(c);
    vmap_space_free(s);
}

/* By hand: Sweden (3, 2), Germany (2, 1), Denmark (4, 0): mean (3, 1). */
static void zones_are_unweighted_means(void)
{
    vmap_space *s = space_with_positions();
    vmap_countries *c = countries("2023");
    vmap_references *r = references(s, c);

    CHECK_COUNT(r->zones, 2);
    if (r->zones == 2) {
        CHECK_TEXT(r->zone[0].label, "Confucian"); /* in alphabetical order */
        CHECK_TEXT(r->zone[1].label, "Protestant Europe");
        CHECK_COUNT(r->zone[0].n, 1);
        CHECK_COUNT(r->zone[1].n, 3);
        CHECK_NEAR(gsl_vector_get(r->zone[0].at, 0), 0, 0);
        CHECK_NEAR(gsl_vector_get(r->zone[0].at, 1), 4, 0);
        CHECK_NEAR(gsl_vector_get(r->zone[1].at, 0), 3, 1e-15);
        CHECK_NEAR(gsl_vector_get(r->zone[1].at, 1), 1, 1e-15);
    }
    CHECK_NEAR(gsl_vector_get(r->country[1].at, 0), 3, 0); /* the countries stay where they are */
    vmap_references_free(r);
    vmap_countries_free(c);
    vmap_space_free(s);
}

/* [2 1; 1 2] has the inverse [2 -1; -1 2] / 3. */
static void the_inverse_of_the_covariance_within(void)
{
    vmap_space *s = space_with_positions();
    vmap_references *r;

    s->within = gsl_matrix_alloc(2, 2);
    gsl_matrix_set_all(s->within, 1);
    gsl_matrix_set(s->within, 0, 0, 2);
    gsl_matrix_set(s->within, 1, 1, 2);
    r = references(s, NULL);
    CHECK(r->within_inverse != NULL);
    if (r->within_inverse) {
        CHECK_NEAR(gsl_matrix_get(r->within_inverse, 0, 0), 2.0 / 3, 1e-15);
        CHECK_NEAR(gsl_matrix_get(r->within_inverse, 1, 0), -1.0 / 3, 1e-15);
        CHECK_NEAR(gsl_matrix_get(r->within_inverse, 0, 1), -1.0 / 3, 1e-15);
    }
    vmap_references_free(r);
    gsl_matrix_set_all(s->within, 0); /* people who do not differ */
    r = references(s, NULL);
    CHECK(r->within_inverse == NULL);
    vmap_references_free(r);
    vmap_space_free(s);
}

static void labels_of_every_kind_find_their_country(void)
{
    static const struct {
        const char *label;
        size_t index; /* 5: none */
    } known[] = {{"SWE", 1}, {"swe", 1},      {"752", 1}, {"Sweden", 1}, {"SWEDEN", 1},
                 {"XYZ", 0}, {"xyz", 5},      {"NOR", 5}, {"Norway", 5}, {"FRA", 5},
                 {"", 5},    {"Atlantis", 5}, {"392", 3}, {"Japan", 3}};
    vmap_space *s = space_with_positions();
    vmap_countries *c = countries("none");
    vmap_references *r = references(s, c);

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        CHECK_COUNT(vmap_references_find(r, c, known[i].label), known[i].index);
    CHECK_COUNT(r->zones, 0);
    vmap_references_free(r);
    vmap_countries_free(c);
    vmap_space_free(s);
}

/* A space fitted on a file with numeric country codes is found by all other labels too. */
static void positions_may_be_labelled_by_number(void)
{
    vmap_space *s = made_up_space();
    vmap_countries *c = countries("2023");
    vmap_references *r;

    add_position(s, "752", 0, 1, 1);
    r = references(s, c);
    CHECK_COUNT(vmap_references_find(r, c, "SWE"), 0);
    CHECK_COUNT(vmap_references_find(r, c, "752"), 0);
    CHECK_TEXT(r->country[0].name, "Sweden");
    CHECK_TEXT(r->country[0].zone, "Protestant Europe");
    vmap_references_free(r);
    vmap_countries_free(c);
    vmap_space_free(s);
}

/* A space fitted by country-year S025 has each country once, in its latest year. */
static void country_years_are_one_country(void)
{
    vmap_space *s = made_up_space();
    vmap_countries *c = countries("2023");
    vmap_references *r;

    add_position(s, "7522006", 2006, 1, 1);
    add_position(s, "7522017", 2017, 2, 2);
    add_position(s, "7522011", 2011, 3, 3);
    add_position(s, "3922019", 2019, 4, 4);
    r = references(s, c);
    CHECK_COUNT(r->countries, 2);
    CHECK_TEXT(r->country[0].label, "7522017");
    CHECK_TEXT(r->country[0].name, "Sweden");
    CHECK(r->country[0].year == 2017);
    CHECK_COUNT(r->zones, 2);
    CHECK_COUNT(vmap_references_find(r, c, "SWE"), 0);
    CHECK_COUNT(vmap_references_find(r, c, "7522006"), 0);
    CHECK_COUNT(vmap_references_find(r, c, "Japan"), 1);
    vmap_references_free(r);
    r = references(s, NULL); /* without a list the labels are just labels */
    CHECK_COUNT(r->countries, 4);
    vmap_references_free(r);
    vmap_countries_free(c);
    vmap_space_free(s);
}

/* A year in which a country has no position does not hide the one before. */
static void the_latest_position_that_is_known_counts(void)
{
    vmap_space *s = made_up_space();
    vmap_references *r;

    add_position(s, "A", 2000, 1, 1);
    add_position(s, "A", 2010, NAN, NAN);
    r = references(s, NULL);
    CHECK_COUNT(r->countries, 1);
    CHECK(r->country[0].year == 2000);
    vmap_references_free(r);
    vmap_space_free(s);
}

/* ---- edges ---- */

static void without_a_list_labels_are_names(void)
{
    vmap_space *s = space_with_positions();
    vmap_references *r = references(s, NULL);

    CHECK_COUNT(r->countries, 5);
    CHECK_COUNT(r->zones, 0);
    CHECK_TEXT(r->country[1].name, "SWE");
    CHECK_TEXT(r->country[1].zone, "");
    CHECK(r->within_inverse == NULL);
    CHECK_COUNT(vmap_references_find(r, NULL, "SWE"), 1);
    CHECK_COUNT(vmap_references_find(r, NULL, "Sweden"), 5);
    vmap_references_free(r);
    vmap_space_free(s);
}

static void of_two_positions_of_one_year_the_first_counts(void)
{
    vmap_space *s = made_up_space();
    vmap_references *r;

    add_position(s, "A", 2000, 1, 1);
    add_position(s, "A", 2000, 2, 2);
    r = references(s, NULL);
    CHECK_COUNT(r->countries, 1);
    CHECK_NEAR(gsl_vector_get(r->country[0].at, 0), 1, 0);
    vmap_references_free(r);
    vmap_space_free(s);
}

static void a_space_without_positions_has_no_references(void)
{
    vmap_space *s = made_up_space();
    vmap_countries *c = countries("2023");
    vmap_references *r = references(s, c);

    CHECK_COUNT(r->countries, 0);
    CHECK_COUNT(r->zones, 0);
    CHECK_COUNT(vmap_references_find(r, c, "SWE"), 0);
    vmap_references_free(r);
    vmap_references_free(NULL);
    vmap_countries_free(c);
    vmap_space_free(s);
}

static const test_case cases[] = {
    TEST(the_latest_position_counts),
    TEST(zones_are_unweighted_means),
    TEST(the_inverse_of_the_covariance_within),
    TEST(labels_of_every_kind_find_their_country),
    TEST(positions_may_be_labelled_by_number),
    TEST(country_years_are_one_country),
    TEST(the_latest_position_that_is_known_counts),
    TEST(without_a_list_labels_are_names),
    TEST(of_two_positions_of_one_year_the_first_counts),
    TEST(a_space_without_positions_has_no_references),
};
SUITE(map_references_suite, cases);
