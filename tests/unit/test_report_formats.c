#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/text.h"
#include "support/check.h"
#include "valuemap/report.h"

/* A label for every way in which a cell can break out of its place. */
static const char *const hostile[] = {
    "plain",
    "tab\there",
    "line\nbreak",
    "comma, \"quote\"",
    "pipe | star * under_score",
    "<script>alert(1)</script>",
    "&amp; 'apostrophe'",
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "+5",
    "-1",
    "-1.5e3",
    "+5x",
    "-cmd",
    "+",
    "-",
    "\xEF\xBC\x9Dwide",
    " leading",
    "",
    "NA",
    "\\backslash`",
    "emoji \xF0\x9F\x98\x80",
    "\xE6\x97\xA5\xE6\x9C\xAC",
    "caf\xC3\xA9",
    "cafe\xCC\x81",
    "bad \xFF byte",
    "bell \a",
    "escape \x1b[31m",
    "\xE2\x80\xAEright to left",
    "quote \" inside",
    "\"quote before",
    "# no comment",
};
enum { HOSTILE = sizeof hostile / sizeof *hostile };

static vmap_report *new_report(void)
{
    vmap_error err;
    vmap_report *r = vmap_report_new(&err);

    CHECK(r != NULL);
    return r;
}

/* Three columns, two rows, a note and a line of provenance. */
static vmap_report *small(vmap_report_table **table)
{
    vmap_report *r = new_report();
    vmap_report_table *t = vmap_report_add(r, "small", "A small table");

    vmap_report_provenance(r, "made by %s", "hand");
    vmap_report_column(t, "who", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "n", VMAP_CELL_COUNT, 0);
    vmap_report_column(t, "mean_x", VMAP_CELL_NUMBER, 2);
    vmap_report_text(t, "a");
    vmap_report_count(t, 12);
    vmap_report_number(t, 1.0 / 3);
    vmap_report_text(t, "bb");
    vmap_report_missing(t);
    vmap_report_number(t, NAN);
    vmap_report_note(t, "n of %d groups.", 2);
    *table = t;
    return r;
}

static vmap_report *hostile_table(vmap_report_table **table)
{
    vmap_report *r = new_report();
    vmap_report_table *t = vmap_report_add(r, "hostile", "Title <b> | \n =1");

    vmap_report_column(t, "label", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "i", VMAP_CELL_COUNT, 0);
    for (size_t i = 0; i < HOSTILE; i++) {
        vmap_report_text(t, hostile[i]);
        vmap_report_count(t, i);
    }
    *table = t;
    return r;
}

/* The table in a format; the caller frees it. */
static char *write(const vmap_report *r, const vmap_report_table *t, const char *format,
                   const vmap_write_options *options)
{
    char *text = NULL;
    size_t n = 0;
    vmap_error err;

    CHECK_OK(vmap_report_write(r, t, format, options, &text, &n, &err), &err);
    if (!text)
        return calloc(1, 1);
    CHECK_COUNT(n, strlen(text));
    return text;
}

static void check_small(const char *format, const char *want)
{
    vmap_report_table *t;
    vmap_report *r = small(&t);
    char *text = write(r, t, format, NULL);

    CHECK_TEXT(text, want);
    free(text);
    vmap_report_free(r);
}

/* ---- known values ---- */

static void every_format_by_hand(void)
{
    check_small("tsv", "# A small table\n# made by hand\n# note: n of 2 groups.\n"
                       "who\tn\tmean_x\na\t12\t0.333333333333333\nbb\tNA\tNA\n");
    check_small("csv", "who,n,mean_x\na,12,0.333333333333333\nbb,NA,NA\n");
    check_small("json", "{\"table\": \"small\",\n \"title\": \"A small table\",\n"
                        " \"provenance\": [\"made by hand\"],\n \"notes\": [\"n of 2 groups.\"],\n"
                        " \"rows\": [\n"
                        "  {\"who\": \"a\", \"n\": 12, \"mean_x\": 0.3333333333333333},\n"
                        "  {\"who\": \"bb\", \"n\": null, \"mean_x\": null}\n]}\n");
    check_small("md", "**A small table**\n\n| who | n | mean\\_x |\n| :--- | ---: | ---: |\n"
                      "| a | 12 | 0.33 |\n| bb | NA | NA |\n\n*Note.* n of 2 groups.\n");
    check_small("latex", "% needs \\usepackage[T1]{fontenc} and \\usepackage{booktabs}\n% made by hand\n"
                         "\\begin{table}\n\\caption{A small table}\\label{tab:small}\n\\begin{tabular}{@{}lrr@{}}\n\\toprule\n"
                         "who & n & mean\\_x \\\\\n\\midrule\na & 12 & 0.33 \\\\\nbb & NA & NA \\\\\n"
                         "\\bottomrule\n\\end{tabular}\n\n"
                         "\\smallskip\\footnotesize\\textit{Note.} n of 2 groups.\n\\end{table}\n");
    check_small("text", "A small table\n\nwho   n  mean_x\na    12    0.33\nbb   NA      NA\n\n"
                        "note: n of 2 groups.\n");
    check_small(
        "html",
        "<div class=\"wide\"><table>\n<caption>A small table</caption>\n<thead><tr>"
        "<th scope=\"col\">who</th><th scope=\"col\" class=\"n\">n</th>"
        "<th scope=\"col\" class=\"n\">mean_x</th></tr></thead>\n<tbody>\n"
        "<tr><td>a</td><td class=\"n\">12</td><td class=\"n\">0.33</td></tr>\n"
        "<tr><td>bb</td><td class=\"n\"><span title=\"not available\">\xE2\x80\x93</span></td>"
        "<td class=\"n\"><span title=\"not available\">\xE2\x80\x93</span></td></tr>\n"
        "</tbody></table></div>\n<p class=\"note\"><i>Note.</i> n of 2 groups.</p>\n");
}

/* Publication Manual of the APA, section 6.36: .52, not 0.52, for what cannot exceed 1. */
static void a_paper_has_no_zero_before_the_point(void)
{
    vmap_report *r = new_report();
    vmap_report_table *t = vmap_report_add(r, "apa", "Loadings");
    char *md, *text, *tsv, *latex;

    vmap_report_column(t, "r", VMAP_CELL_NUMBER, 2);
    vmap_report_bounded(t);
    vmap_report_blank(t, .3);
    vmap_report_column(t, "x", VMAP_CELL_NUMBER, 2);
    vmap_report_number(t, -.52);
    vmap_report_number(t, -.52);
    vmap_report_number(t, .299);
    vmap_report_number(t, .1);
    vmap_report_number(t, 1);
    vmap_report_number(t, NAN);
    md = write(r, t, "md", NULL);
    text = write(r, t, "text", NULL);
    tsv = write(r, t, "tsv", NULL);
    latex = write(r, t, "latex", NULL);
    CHECK(strstr(md, "| -.52 | -0.52 |\n|  | 0.10 |\n| 1.00 | NA |\n") != NULL);
    CHECK(strstr(latex, "$-$.52 & $-$0.52 \\\\\n & 0.10 \\\\\n1.00 & NA \\\\\n") != NULL);
    CHECK(strstr(text, "-0.52  -0.52\n        0.10\n 1.00     NA\n") != NULL);
    CHECK(strstr(tsv, "-0.52\t-0.52\n0.299\t0.1\n1\tNA\n") != NULL);
    free(md);
    free(text);
    free(tsv);
    free(latex);
    vmap_report_free(r);
}

/* Large loadings are bold and small ones blank, and a note says from where; programs get all numbers and no such note. */
static void large_numbers_are_bold_and_a_note_says_so(void)
{
    vmap_report *r = new_report();
    vmap_report_table *t = vmap_report_add(r, "bold", "Loadings");
    char *text[5];
    static const char *const formats[] = {"md", "latex", "html", "text", "tsv"};
    static const char *const want[] = {"| **-.52** |\n| .30 |\n|  |\n\n*Note.* One. Blank: below .1 in size. Bold: from .4 in size.\n",
                                       "\\textbf{$-$.52} \\\\\n.30 \\\\\n \\\\\n", "<td class=\"n\"><b>-.52</b></td>",
                                       "-0.52\n 0.30\n     \n\nnote: One.\nnote: Blank: below .1 in size.\n",
                                       "# note: One.\nr\n-0.52\n0.3\n-0.05\n"};

    vmap_report_column(t, "r", VMAP_CELL_NUMBER, 2);
    vmap_report_bounded(t);
    vmap_report_blank(t, .1);
    vmap_report_strong(t, .4);
    vmap_report_number(t, -.52);
    vmap_report_number(t, .3);
    vmap_report_number(t, -.05);
    vmap_report_note(t, "One.");
    for (size_t f = 0; f < 5; f++) {
        text[f] = write(r, t, formats[f], NULL);
        CHECK(strstr(text[f], want[f]) != NULL);
        CHECK((strstr(text[f], "Bold") != NULL) == (f < 3));
        CHECK((strstr(text[f], "Blank") != NULL) == (f < 4));
        free(text[f]);
    }
    vmap_report_free(r);
}

/* A column of remarks without a remark is not shown to people; one remark brings it back. */
static void an_optional_column_without_content_is_left_out(void)
{
    static const char *const formats[] = {"md", "latex", "html", "text", "tsv", "csv", "json"};

    for (int remark = 0; remark < 2; remark++) {
        vmap_report *r = new_report();
        vmap_report_table *t = vmap_report_add(r, "optional", "T");

        vmap_report_column(t, "remark", VMAP_CELL_TEXT, 0);
        vmap_report_optional(t);
        vmap_report_column(t, "x", VMAP_CELL_NUMBER, 2);
        vmap_report_text(t, "");
        vmap_report_number(t, 1);
        vmap_report_text(t, remark ? "odd" : "");
        vmap_report_number(t, 2);
        for (size_t f = 0; f < 7; f++) {
            char *text = write(r, t, formats[f], NULL);

            CHECK((strstr(text, "remark") != NULL) == (f > 3 || remark));
            CHECK((strstr(text, "odd") != NULL) == (remark == 1));
            CHECK(strstr(text, f > 3 ? "2" : "2.00") != NULL);
            free(text);
        }
        vmap_report_free(r);
    }
}

/* A column whose rows are different measures: each has its own decimals. Programs see no difference. */
static void a_number_has_its_own_form(void)
{
    vmap_report *r = new_report();
    vmap_report_table *t = vmap_report_add(r, "forms", "T");
    char *md, *tsv;

    vmap_report_column(t, "value", VMAP_CELL_NUMBER, 4);
    vmap_report_heading(t, "Value");
    vmap_report_number(t, 33);
    vmap_report_form(t, 0, false);
    vmap_report_number(t, .03125);
    vmap_report_form(t, 3, true);
    vmap_report_number(t, .5);
    vmap_report_missing(t);
    vmap_report_form(t, 0, false);
    md = write(r, t, "md", NULL);
    tsv = write(r, t, "tsv", NULL);
    CHECK(strstr(md, "| Value |\n| ---: |\n| 33 |\n| .031 |\n| 0.5000 |\n| NA |\n") != NULL);
    CHECK(strstr(tsv, "value\n33\n0.03125\n0.5\nNA\n") != NULL);
    free(md);
    free(tsv);
    vmap_report_free(r);
}

/* A probability is never shown as 0. */
static void a_small_probability_is_not_nothing(void)
{
    vmap_report *r = new_report();
    vmap_report_table *t = vmap_report_add(r, "p", "T");
    char *md, *text, *tsv;

    vmap_report_column(t, "p", VMAP_CELL_NUMBER, 4);
    vmap_report_probability(t, 2e-9);
    vmap_report_probability(t, 0);
    vmap_report_probability(t, .00005);
    vmap_report_probability(t, .25);
    vmap_report_probability(t, NAN);
    md = write(r, t, "md", NULL);
    text = write(r, t, "text", NULL);
    tsv = write(r, t, "tsv", NULL);
    CHECK(strstr(md, "| \\<.0001 |\n| \\<.0001 |\n| .0001 |\n| .2500 |\n| NA |\n") != NULL);
    CHECK(strstr(text, "<0.0001\n<0.0001\n 0.0001\n 0.2500\n     NA\n") != NULL);
    CHECK(strstr(tsv, "p\n2e-09\n0\n5e-05\n0.25\nNA\n") != NULL);
    free(md);
    free(text);
    free(tsv);
    vmap_report_free(r);
}

/* More rows than a page has: LaTeX breaks the table and repeats its head. A column of long texts wraps. */
static void a_long_table_breaks_over_pages(void)
{
    vmap_report *r = new_report();
    vmap_report_table *t = vmap_report_add(r, "long", "T");
    char *latex;

    vmap_report_column(t, "wording", VMAP_CELL_TEXT, 0);
    vmap_report_column(t, "x", VMAP_CELL_NUMBER, 2);
    for (size_t i = 0; i < 60; i++) {
        vmap_report_text(t, i ? "short" : "How much of the time do you trust the government to do right?");
        vmap_report_number(t, 1);
    }
    vmap_report_note(t, "One.");
    latex = write(r, t, "latex", NULL);
    CHECK(strstr(latex, "booktabs,longtable}") != NULL);
    CHECK(strstr(latex, "\\begin{longtable}{@{}p{0.34\\linewidth}r@{}}\n\\caption{T}\\label{tab:long}\\\\\n") != NULL);
    CHECK(strstr(latex, "\\end{longtable}}\n") != NULL && strstr(latex, "{table}") == NULL);
    CHECK(strstr(latex, "\\textit{Note.} One.\n\\par}\n") != NULL);
    free(latex);
    vmap_report_free(r);
}

/* Nothing in a label can be a command of TeX: every special character stands behind a backslash or is a word. */
static void latex_obeys_no_label(void)
{
    vmap_report *r = new_report();
    vmap_report_table *t = vmap_report_add(r, "tex", "T");
    char *latex;

    vmap_report_column(t, "x", VMAP_CELL_TEXT, 0);
    vmap_report_text(t, "\\input{/etc/passwd} 50% of $x_1^2 & #3 ~ <b> [c]");
    latex = write(r, t, "latex", NULL);
    CHECK(strstr(latex, "\n\\textbackslash{}input\\{/etc/passwd\\} 50\\% of \\$x\\_1\\textasciicircum{}2 \\& \\#3 "
                        "\\textasciitilde{} \\textless{}b\\textgreater{} {[}c{]} \\\\\n") != NULL);
    free(latex);
    vmap_report_free(r);
}

static void numbers_by_hand(void)
{
    static const struct {
        double x;
        const char *programs, *people; /* with two decimals */
    } known[] = {{0, "0", "0.00"},
                 {-0.0, "0", "0.00"},
                 {-0.001, "-0.001", "0.00"},
                 {-0.006, "-0.006", "-0.01"},
                 {0.1, "0.1", "0.10"},
                 {1e-300, "1e-300", "0.00"},
                 {123456789.125, "123456789.125", "123456789.12"},
                 {1e15, "1e+15", "1e+15"},
                 {-2e9, "-2000000000", "-2e+09"},
                 {INFINITY, "NA", "NA"},
                 {-INFINITY, "NA", "NA"}};
    vmap_report *r = new_report();
    vmap_report_table *t = vmap_report_add(r, "numbers", "Numbers");
    vmap_write_options options;
    char *tsv, *md, *programs, *people;

    vmap_write_defaults(&options);
    CHECK(options.comments && options.formula_guard && options.max_rows == 0);
    options.comments = false;
    vmap_report_column(t, "x", VMAP_CELL_NUMBER, 2);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        vmap_report_number(t, known[i].x);
    tsv = write(r, t, "tsv", &options);
    md = write(r, t, "md", &options);
    programs = strtok(tsv, "\n"); /* the column's name */
    for (size_t i = 0; programs && i < sizeof known / sizeof *known; i++)
        CHECK_TEXT(programs = strtok(NULL, "\n"), known[i].programs);
    people = strstr(md, "---: |\n");
    for (size_t i = 0; people && i < sizeof known / sizeof *known; i++) {
        char want[64];

        people = strchr(people, '\n') + 1;
        strcpy(want, "| ");
        strcat(strcat(want, known[i].people), " |\n");
        CHECK(strncmp(people, want, strlen(want)) == 0);
    }
    free(tsv);
    free(md);
    vmap_report_free(r);
}

/* ---- properties ---- */

static size_t count_of(const char *text, char c)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == c;
    return n;
}

/* What a hostile label may become at most: cleaned, with nothing that drives a terminal. */
static void clean(const char *label, char *out, size_t size)
{
    text_clean(out, size, label);
}

/* Only = @ + - and their full-width forms begin a formula; a number is none. */
static void formulas_are_guarded(void)
{
    static const struct {
        const char *label, *want;
    } known[] = {{"=1+1", "'=1+1"},
                 {"@A", "'@A"},
                 {"+5", "+5"},
                 {"-1", "-1"},
                 {"-1.5e3", "-1.5e3"},
                 {"+5x", "'+5x"},
                 {"-cmd", "'-cmd"},
                 {"+", "+"},
                 {"-", "-"},
                 {"=", "'="},
                 {"-1,5", "'-1,5"},
                 {"\xEF\xBC\x9D"
                  "1",
                  "'\xEF\xBC\x9D"
                  "1"},
                 {"\xEF\xBC\x8B"
                  "1",
                  "'\xEF\xBC\x8B"
                  "1"},
                 {"\xEF\xBC\x8D"
                  "1",
                  "'\xEF\xBC\x8D"
                  "1"},
                 {"\xEF\xBC\xA0"
                  "A",
                  "'\xEF\xBC\xA0"
                  "A"},
                 {"\xEF\xBC\xA1"
                  "A",
                  "\xEF\xBC\xA1"
                  "A"},
                 {"a=1", "a=1"},
                 {"", ""},
                 {"'=1", "'=1"}};
    static const char *const formats[] = {"tsv", "csv"};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        for (size_t f = 0; f < 2; f++) {
            vmap_report *r = new_report();
            vmap_report_table *t = vmap_report_add(r, "t", "T");
            vmap_write_options options = {.formula_guard = true};
            char want[64], *text;

            vmap_report_column(t, known[i].label, VMAP_CELL_TEXT, 0); /* a column of the file */
            vmap_report_column(t, "x", VMAP_CELL_NUMBER, 0);
            vmap_report_text(t, known[i].label);
            vmap_report_number(t, -2);
            strcpy(want, known[i].want);
            if (f == 1 && strchr(want, ','))
                strcpy(want, "\"'-1,5\"");
            text = write(r, t, formats[f], &options);
            CHECK(strncmp(text, want, strlen(want)) == 0);
            CHECK(strncmp(strchr(text, '\n') + 1, want, strlen(want)) == 0);
            CHECK(strstr(text, f == 0 ? "\t-2\n" : ",-2\n") != NULL); /* numbers never */
            free(text);
            options.formula_guard = false;
            text = write(r, t, formats[f], &options);
            CHECK(f == 1 || strncmp(text, known[i].label, strlen(known[i].label)) == 0);
            free(text);
            vmap_report_free(r);
        }
    }
}

/* A reader of separated text as RFC 4180 has it: the next cell of *at, which moves on. */
static void next_cell(const char **at, char separator, char *cell)
{
    const char *c = *at;

    if (*c == '"') {
        for (c++; *c && (*c != '"' || c[1] == '"'); c++) {
            c += *c == '"';
            *cell++ = *c;
        }
        c++;
    } else {
        while (*c && *c != separator && *c != '\n')
            *cell++ = *c++;
    }
    *cell = '\0';
    CHECK(*c == separator || *c == '\n');
    *at = c + 1;
}

static void check_reads_back(const char *format, char separator)
{
    vmap_report_table *t;
    vmap_report *r = hostile_table(&t);
    vmap_write_options options = {.formula_guard = false};
    char *text = write(r, t, format, &options), cell[256];
    const char *at = text;

    CHECK(strpbrk(text, "\r\a\x1b") == NULL);
    next_cell(&at, separator, cell);
    CHECK_TEXT(cell, "label");
    next_cell(&at, separator, cell);
    for (size_t i = 0; i < HOSTILE; i++) {
        char want[128];

        clean(hostile[i], want, sizeof want);
        next_cell(&at, separator, cell);
        CHECK_TEXT(cell, want);
        next_cell(&at, separator, cell);
        CHECK_COUNT((size_t)atoi(cell), i);
    }
    CHECK(*at == '\0');
    free(text);
    vmap_report_free(r);
}

static void csv_reads_back(void)
{
    check_reads_back("csv", ',');
}

static void tsv_reads_back(void)
{
    check_reads_back("tsv", '\t');
}

/* read.delim(comment.char = "#") of R cuts a line at a # that is not quoted. */
static void a_number_sign_is_quoted(void)
{
    vmap_report *r = new_report();
    vmap_report_table *t = vmap_report_add(r, "t", "T");
    char *text;

    vmap_report_column(t, "label", VMAP_CELL_TEXT, 0);
    vmap_report_text(t, "prompt #2");
    text = write(r, t, "tsv", NULL);
    CHECK_TEXT(text, "# T\nlabel\n\"prompt #2\"\n");
    free(text);
    vmap_report_free(r);
}

static void json_reads_back(void)
{
    vmap_report_table *t;
    vmap_report *r = hostile_table(&t);
    char *text = write(r, t, "json", NULL), title[64];
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *rows;

    CHECK(root != NULL);
    CHECK(strchr(text, '<') == NULL); /* it may stand inside a script element */
    clean("Title <b> | \n =1", title, sizeof title);
    CHECK_TEXT(json_string_value(json_object_get(root, "title")), title);
    CHECK_TEXT(json_string_value(json_object_get(root, "table")), "hostile");
    rows = json_object_get(root, "rows");
    CHECK_COUNT(json_array_size(rows), HOSTILE);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        char want[128];

        clean(hostile[i], want, sizeof want);
        CHECK_TEXT(json_string_value(json_object_get(row, "label")), want);
        CHECK(json_integer_value(json_object_get(row, "i")) == (json_int_t)i);
    }
    json_decref(root);
    free(text);
    vmap_report_free(r);
}

/* Numbers of JSON read back as the same doubles. */
static void json_numbers_read_back(void)
{
    static const double known[] = {1.0 / 3,   0.1, -1e-300, 4.9e-324, 1.7976931348623157e308,
                                   12345678.9};
    vmap_report *r = new_report();
    vmap_report_table *t = vmap_report_add(r, "t", "T");
    char *text;
    json_t *root;

    vmap_report_column(t, "x", VMAP_CELL_NUMBER, 1);
    for (size_t i = 0; i < 6; i++)
        vmap_report_number(t, known[i]);
    text = write(r, t, "json", NULL);
    root = json_loads(text, 0, NULL);
    for (size_t i = 0; i < 6; i++) {
        json_t *row = json_array_get(json_object_get(root, "rows"), i);

        CHECK(json_number_value(json_object_get(row, "x")) == known[i]);
    }
    json_decref(root);
    free(text);
    vmap_report_free(r);
}

static void markdown_escapes_what_it_would_read(void)
{
    vmap_report_table *t;
    vmap_report *r = hostile_table(&t);
    char *text = write(r, t, "md", NULL);

    CHECK(strstr(text, "| pipe \\| star \\* under\\_score |") != NULL);
    CHECK(strstr(text, "| \\<script\\>alert(1)\\</script\\> |") != NULL);
    CHECK(strstr(text, "| \\&amp; 'apostrophe' |") != NULL); /* not turned into & */
    CHECK(strstr(text, "| \\\\backslash\\` |") != NULL);
    CHECK_COUNT(count_of(text, '\n'), 4 + HOSTILE);
    free(text);
    vmap_report_free(r);
}

static void html_has_no_markup_from_labels(void)
{
    vmap_report_table *t;
    vmap_report *r = hostile_table(&t);
    char *text = write(r, t, "html", NULL);

    CHECK(strstr(text, "<script") == NULL && strstr(text, "<b>") == NULL);
    CHECK(strstr(text, "<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>") != NULL);
    CHECK(strstr(text, "<td>&amp;amp; &#39;apostrophe&#39;</td>") != NULL);
    CHECK(strstr(text, "<td>comma, &quot;quote&quot;</td>") != NULL);
    free(text);
    vmap_report_free(r);
}

/* Columns of a terminal line up, whatever is in the cells: wide characters, emoji, accents. */
static void text_lines_up(void)
{
    vmap_report_table *t;
    vmap_report *r = hostile_table(&t);
    char *text = write(r, t, "text", NULL), *line = strstr(text, "label");
    size_t width = 0, lines = 0;

    for (char *end; line && (end = strchr(line, '\n')) != NULL; line = end + 1, lines++) {
        *end = '\0';
        width = width ? width : text_width(line);
        CHECK_COUNT(text_width(line), width);
    }
    CHECK_COUNT(lines, 1 + HOSTILE);
    CHECK_COUNT(text_width("\xF0\x9F\x98\x80"), 2); /* an emoji is as wide as two letters */
    free(text);
    vmap_report_free(r);
}

static void rows_beyond_the_most_are_counted(void)
{
    vmap_report_table *t;
    vmap_report *r = hostile_table(&t);
    vmap_write_options options = {.max_rows = 2};
    char *text = write(r, t, "md", &options);

    CHECK(strstr(text, "| tab here | 1 |\n\n... and 30 more rows\n") != NULL); /* not a table row */
    free(text);
    text = write(r, t, "text", &options);
    CHECK(strstr(text, "\n... and 30 more rows\n") != NULL);
    free(text);
    text = write(r, t, "html", &options);
    CHECK(strstr(text, "2 of 32 rows are shown; all are in tables/hostile.tsv.") != NULL);
    CHECK_COUNT(count_of(text, '\n'), 8);
    free(text);
    text = write(r, t, "tsv", &options); /* programs get everything */
    CHECK_COUNT(count_of(text, '\n'), 1 + HOSTILE);
    free(text);
    options.max_rows = HOSTILE;
    text = write(r, t, "text", &options);
    CHECK(strstr(text, "more rows") == NULL);
    free(text);
    vmap_report_free(r);
}

static void tables_are_found_by_name(void)
{
    vmap_report_table *t, *other;
    vmap_report *r = small(&t);

    other = vmap_report_add(r, "other", "Other");
    CHECK_COUNT(vmap_report_tables(r), 2);
    CHECK(vmap_report_get(r, 0) == t && vmap_report_find(r, "other") == other);
    CHECK(vmap_report_find(r, "none") == NULL);
    CHECK_TEXT(vmap_report_name(t), "small");
    CHECK_TEXT(vmap_report_title(t), "A small table");
    CHECK_COUNT(vmap_report_rows(t), 2);
    CHECK_COUNT(vmap_report_rows(other), 0);
    vmap_report_free(r);
}

/* ---- refusals ---- */

static void unknown_formats_are_refused(void)
{
    vmap_report_table *t;
    vmap_report *r = small(&t);
    char *text = NULL;
    size_t n = 7;
    vmap_error err;

    CHECK_FAILS(vmap_report_write(r, t, "xml", NULL, &text, &n, &err), VMAP_ENOENT, &err,
                "format 'xml' is not known; it is one of tsv, csv, json, md, latex, html, text");
    CHECK_FAILS(vmap_report_write(r, t, "", NULL, &text, &n, &err), VMAP_ENOENT, &err, "format ''");
    CHECK(text == NULL && n == 7);
    for (size_t i = 0; i < vmap_formats_count; i++) {
        CHECK_OK(vmap_report_write(r, t, vmap_formats[i].name, NULL, &text, &n, &err), &err);
        free(text);
        text = NULL;
    }
    vmap_report_free(r);
}

/* A cell of the wrong kind would move all others: nothing is written then. */
static void a_cell_of_the_wrong_kind_spoils_the_table(void)
{
    vmap_report *r = new_report();
    vmap_report_table *t = vmap_report_add(r, "t", "T");
    char *text = NULL;
    size_t n = 0;
    vmap_error err;

    vmap_report_column(t, "x", VMAP_CELL_NUMBER, 1);
    vmap_report_text(t, "1");
    CHECK(vmap_report_write(r, t, "tsv", NULL, &text, &n, &err) != VMAP_SUCCESS);
    CHECK(text == NULL);
    vmap_report_free(r);
}

/* ---- edges ---- */

static void a_table_may_be_empty(void)
{
    vmap_report *r = new_report();
    vmap_report_table *t = vmap_report_add(r, "t", "T");

    for (int columns = 0; columns < 2; columns++) {
        for (size_t i = 0; i < vmap_formats_count; i++)
            free(write(r, t, vmap_formats[i].name, NULL));
        vmap_report_column(t, "x", VMAP_CELL_NUMBER, 1);
    }
    CHECK_COUNT(vmap_report_rows(t), 0);
    vmap_report_text(NULL, "nothing happens without a table");
    vmap_report_column(NULL, "x", VMAP_CELL_TEXT, 0);
    vmap_report_number(NULL, 1);
    vmap_report_free(r);
    vmap_report_free(NULL);
}

static void a_long_text_is_kept_whole(void)
{
    vmap_report *r = new_report();
    vmap_report_table *t = vmap_report_add(r, "t", "T");
    char *text, *x = malloc(100001);

    memset(x, 'x', 100000);
    x[100000] = '\0';
    vmap_report_column(t, "c", VMAP_CELL_TEXT, 0);
    vmap_report_text(t, x);
    vmap_report_note(t, "%s", x);
    text = write(r, t, "tsv", NULL);
    CHECK_COUNT(strlen(text), 2 * 100000 + strlen("# T\n# note: \nc\n\n"));
    free(text);
    free(x);
    vmap_report_free(r);
}

static const test_case cases[] = {
    TEST(every_format_by_hand),
    TEST(a_paper_has_no_zero_before_the_point),
    TEST(large_numbers_are_bold_and_a_note_says_so),
    TEST(an_optional_column_without_content_is_left_out),
    TEST(a_number_has_its_own_form),
    TEST(a_small_probability_is_not_nothing),
    TEST(a_long_table_breaks_over_pages),
    TEST(latex_obeys_no_label),
    TEST(numbers_by_hand),
    TEST(tsv_reads_back),
    TEST(a_number_sign_is_quoted),
    TEST(formulas_are_guarded),
    TEST(csv_reads_back),
    TEST(json_reads_back),
    TEST(json_numbers_read_back),
    TEST(markdown_escapes_what_it_would_read),
    TEST(html_has_no_markup_from_labels),
    TEST(text_lines_up),
    TEST(rows_beyond_the_most_are_counted),
    TEST(tables_are_found_by_name),
    TEST(unknown_formats_are_refused),
    TEST(a_cell_of_the_wrong_kind_spoils_the_table),
    TEST(a_table_may_be_empty),
    TEST(a_long_text_is_kept_whole),
};
SUITE(report_formats_suite, cases);
