#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "valuemap/report.h"

static const char evil[] = "</title><script>alert('x')</script>\"onload=\"x";
static const char escaped[] =
    "&lt;/title&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;onload=&quot;x";

/* A page with one table of `rows` rows. */
static vmap_report *report_of(size_t rows)
{
    vmap_error err;
    vmap_report *r = vmap_report_new(&err);
    vmap_report_table *t = vmap_report_add(r, "first", "The first");

    vmap_report_provenance(r, "from %s", evil);
    vmap_report_column(t, "c", VMAP_CELL_COUNT, 0);
    for (size_t i = 0; i < rows; i++)
        vmap_report_count(t, i);
    return r;
}

static char *page_of(const vmap_report *r, const vmap_page *page)
{
    char *text = NULL;
    size_t n = 0;
    vmap_error err;

    CHECK_OK(vmap_report_page(r, page, &text, &n, &err), &err);
    CHECK(text && strlen(text) == n);
    return text ? text : calloc(1, 1);
}

static size_t times(const char *text, const char *part)
{
    size_t n = 0;

    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        n++;
    return n;
}

static void nothing_from_outside_becomes_markup(void)
{
    const char *warnings[] = {evil, "second"}, *notes[] = {evil};
    vmap_page_figure figures[] = {
        {"<?xml version=\"1.0\"?><!DOCTYPE svg><svg><path d=\"M0 0\"/></svg>", evil, evil},
        {NULL, "map.gp", evil}};
    vmap_page page = {.title = evil,
                      .lead = evil,
                      .figures = figures,
                      .figures_count = 2,
                      .warnings = warnings,
                      .warnings_count = 2,
                      .notes = notes,
                      .notes_count = 1};
    vmap_report *r = report_of(3);
    char *text = page_of(r, &page);

    CHECK_COUNT(times(text, "<script"), 0);
    CHECK_COUNT(times(text, "\"onload"), 0);
    /* title twice, lead, warning, note, two captions, one alternative text, file and its link, provenance */
    CHECK_COUNT(times(text, escaped), 11);
    CHECK_COUNT(times(text, "<?xml"), 0); /* the svg element alone */
    CHECK_COUNT(times(text, "<!DOCTYPE"), 1);
    CHECK_COUNT(times(text, "<svg><path d=\"M0 0\"/></svg>"), 1);
    CHECK_COUNT(times(text, "<figure id="), 2);
    CHECK_COUNT(times(text, "To draw it, run gnuplot on <a href=\"figures/map.gp\">figures/map.gp</a>"), 1);
    CHECK_COUNT(times(text, "<aside"), 1);
    CHECK_COUNT(times(text, "<details>"), 1);
    free(text);
    vmap_report_free(r);
}

static void the_page_stands_alone(void)
{
    vmap_page page = {.title = "T"};
    vmap_report *r = report_of(1);
    char *text = page_of(r, &page);

    CHECK(strncmp(text, "<!DOCTYPE html>\n<html lang=\"en\">", 32) == 0);
    CHECK_COUNT(times(text, "default-src 'none'"), 1);
    CHECK_COUNT(times(text, "http:"), 0);
    CHECK_COUNT(times(text, "https:"), 0);
    CHECK_COUNT(times(text, "<table>"), 1);
    CHECK_COUNT(times(text, "</html>\n"), 1);
    CHECK_COUNT(times(text, "<aside"), 0); /* nothing to warn of, nothing folded away */
    CHECK_COUNT(times(text, "<details"), 0);
    CHECK_COUNT(times(text, "class=\"lead\""), 0);
    free(text);
    vmap_report_free(r);
}

static void long_tables_are_cut_and_say_so(void)
{
    vmap_page page = {.title = "T"};
    vmap_report *r = report_of(41);
    char *text = page_of(r, &page);

    CHECK_COUNT(times(text, "<tr><td"), 40);
    CHECK_COUNT(times(text, "40 of 41 rows are shown; all are in <a href=\"tables/first.tsv\">tables/first.tsv</a>."), 1);
    free(text);
    page.max_rows = 5;
    text = page_of(r, &page);
    CHECK_COUNT(times(text, "<tr><td"), 5);
    free(text);
    page.max_rows = 41;
    text = page_of(r, &page);
    CHECK_COUNT(times(text, "rows are shown"), 0);
    free(text);
    vmap_report_free(r);
}

/* A figure for one column of a journal has letters as large as one for the whole page: it is shown at its share of the width,
 * 240.94 of 510.24 points. One that does not say how wide it is fills the page. */
static void figures_have_letters_of_one_size(void)
{
    vmap_page_figure figures[] = {{"<svg\n width=\"510.24\" height=\"300\"></svg>", "a.gp", "A"},
                                  {"<svg\n width=\"240.94\" height=\"300\"></svg>", "b.gp", "B"},
                                  {"<svg></svg>", "c.gp", "C"}};
    vmap_page page = {.title = "T", .figures = figures, .figures_count = 3};
    vmap_report *r = report_of(1);
    char *text = page_of(r, &page);

    CHECK_COUNT(times(text, "style=\"max-width:62.0rem\""), 1);
    CHECK_COUNT(times(text, "style=\"max-width:29.3rem\""), 1);
    CHECK_COUNT(times(text, "style=\"max-width"), 2);
    free(text);
    vmap_report_free(r);
}

/* One table needs no list of contents; two have one, whose links lead to places that are there. */
static void contents_lead_to_tables_and_figures(void)
{
    vmap_page_figure figure = {NULL, "map.gp", "A map"};
    vmap_page page = {.title = "T", .figures = &figure, .figures_count = 1};
    vmap_report *r = report_of(1);
    vmap_report_table *t;
    char *text = page_of(r, &page);

    CHECK_COUNT(times(text, "<nav"), 0);
    free(text);
    t = vmap_report_add(r, "second", "<Second>");
    vmap_report_column(t, "c", VMAP_CELL_COUNT, 0);
    text = page_of(r, &page);
    CHECK_COUNT(times(text, "<nav"), 1);
    CHECK_COUNT(times(text, "<a href=\"#table-2\">&lt;Second&gt;</a>"), 1);
    CHECK_COUNT(times(text, "<section id=\"table-2\">"), 1);
    CHECK_COUNT(times(text, "<a href=\"#figure-1\">1</a>"), 1);
    CHECK_COUNT(times(text, "<figure id=\"figure-1\">"), 1);
    CHECK_COUNT(times(text, "A map. To draw it"), 1); /* a caption is a sentence */
    free(text);
    vmap_report_free(r);
}

static void a_page_may_have_no_tables(void)
{
    vmap_page page = {.title = ""};
    vmap_error err;
    vmap_report *r = vmap_report_new(&err);
    char *text = page_of(r, &page);

    CHECK_COUNT(times(text, "<table"), 0);
    CHECK_COUNT(times(text, "</main>"), 1);
    free(text);
    vmap_report_free(r);
}

/* A table that lost a cell makes no page. */
static void a_spoilt_table_spoils_the_page(void)
{
    vmap_page page = {.title = "T"};
    vmap_report *r = report_of(1);
    char *text = NULL;
    size_t n = 0;
    vmap_error err;

    vmap_report_text(vmap_report_get(r, 0), "not a count");
    CHECK(vmap_report_page(r, &page, &text, &n, &err) != VMAP_SUCCESS);
    CHECK(text == NULL);
    vmap_report_free(r);
}

static const test_case cases[] = {
    TEST(nothing_from_outside_becomes_markup), TEST(the_page_stands_alone),
    TEST(long_tables_are_cut_and_say_so),      TEST(a_page_may_have_no_tables),
    TEST(a_spoilt_table_spoils_the_page),      TEST(figures_have_letters_of_one_size),
    TEST(contents_lead_to_tables_and_figures),
};
SUITE(report_page_suite, cases);
