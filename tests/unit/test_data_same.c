#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/file.h"
#include "support/check.h"
#include "support/pack.h"
#include "valuemap/answers.h"

/* One table of answers, written in every dialect, format, packing and layout, reads back as the same respondents,
 * cell by cell and reason by reason. */

enum { ROWS = 5, ITEMS = 3 };

static const char *const items[ITEMS] = {"F063", "F118", "A008"};
static const char *const columns[ITEMS] = {"Q164", "Q182", "Q46"};
static const char *const personas[ROWS] = {"p1", "p2", "p3", "p4", "p5"};
static const char *const countries[ROWS] = {"Cote d'Ivoire", "Korea; South", "A, \"B\"", "JPN", "JPN"};
static const double weights[ROWS] = {1.5, 0.875, 2, 0.125, 1}; /* .por counts in base 30 */
enum { NONE = -1000 }; /* an empty cell */
static const int codes[ROWS][ITEMS] = {{3, 10, 1}, {-1, 1, 4}, {NONE, -2, 2}, {99, 5, -5}, {10, NONE, 3}};

/* What the table is, by hand. */
static const double want_value[ROWS][ITEMS] = {{3, 10, 1}, {NAN, 1, 4}, {NAN, NAN, 2}, {NAN, 5, NAN}, {10, NAN, 3}};
static const vmap_reason want_reason[ROWS][ITEMS] = {
    {VMAP_PRESENT, VMAP_PRESENT, VMAP_PRESENT},
    {VMAP_DONT_KNOW, VMAP_PRESENT, VMAP_PRESENT},
    {VMAP_BLANK, VMAP_NO_ANSWER, VMAP_PRESENT},
    {VMAP_OUT_OF_RANGE, VMAP_PRESENT, VMAP_OTHER_MISSING},
    {VMAP_PRESENT, VMAP_BLANK, VMAP_PRESENT}};

static const vmap_codebook *book(void)
{
    static vmap_codebook *loaded;
    vmap_error err;

    if (!loaded)
        CHECK_OK(vmap_codebook_load(source_path("codebooks/iw-wvs7.yaml"), &loaded, &err), &err);
    return loaded;
}

static void check_set(const vmap_answers *a, const char *what)
{
    bool good = CHECK_COUNT(a->n, ROWS);

    for (size_t r = 0; good && r < ROWS; r++) {
        good &= CHECK_TEXT(vmap_table_text(a->groups, 0, r), personas[r]);
        good &= CHECK_TEXT(vmap_table_text(a->groups, 1, r), countries[r]);
        good &= CHECK_NEAR(a->weights[r], weights[r], 0);
        for (size_t i = 0; i < ITEMS; i++) {
            double got = a->values[r * ITEMS + i];

            good &= CHECK(isnan(want_value[r][i]) ? isnan(got) : got == want_value[r][i]);
            good &= CHECK_TEXT(vmap_reason_name((vmap_reason)a->reasons[r * ITEMS + i]),
                               vmap_reason_name(want_reason[r][i]));
        }
    }
    if (!good)
        fprintf(stderr, "  in %s\n", what);
}

static void check_same(const char *path, const vmap_read_options *read, const char *what)
{
    static const char *const groups[] = {"PERSONA", "COUNTRY"};
    const vmap_codebook *codebook = book();
    vmap_answers_options o = {.set = "same", .codebooks = &codebook, .codebooks_count = 1, .items = items,
                              .items_count = ITEMS, .weight = "W", .groups = groups, .groups_count = 2};
    vmap_ledger *ledger = vmap_ledger_new(NULL);
    vmap_answers *a;
    vmap_error err;

    if (read)
        o.read = *read;
    else
        o.read.layout = "detect";
    a = vmap_answers_new(&o, &err);
    if (CHECK_OK(vmap_answers_read(a, &o, path, NULL, 0, ledger, &err), &err))
        check_set(a, what);
    else
        fprintf(stderr, "  in %s\n", what);
    vmap_answers_free(a);
    vmap_ledger_free(ledger);
}

static void put_quoted(buffer *b, const char *text, bool all, char delimiter)
{
    const char special[] = {delimiter, '"', '\n', '\0'};

    if (!all && !strpbrk(text, special)) {
        buffer_put(b, text);
        return;
    }
    buffer_put(b, "\"");
    for (; *text; text++)
        buffer_format(b, *text == '"' ? "\"\"" : "%c", *text);
    buffer_put(b, "\"");
}

static void put_number(buffer *b, double x, char decimal, bool all)
{
    char text[32];

    number_text(text, x, 0);
    if (strchr(text, '.'))
        *strchr(text, '.') = decimal;
    put_quoted(b, text, all || decimal == ',', ',');
}

static void put_code(buffer *b, int code, bool all)
{
    if (code == NONE)
        buffer_put(b, all ? "\"\"" : "");
    else
        buffer_format(b, all ? "\"%d\"" : "%d", code);
}

/* ---- wide text ---- */

typedef struct {
    char delimiter, decimal;
    bool mark, all, crlf, labels, last, preamble;
} dialect;

static char *write_csv(const dialect *d)
{
    buffer b = {0};
    const char *end = d->crlf ? "\r\n" : "\n";
    char *text = NULL;

    buffer_put(&b, d->mark ? "\xEF\xBB\xBF" : "");
    if (d->preamble)
        buffer_format(&b, "Some survey%sexported today%s%s", end, end, end);
    for (size_t j = 0; j < 3 + ITEMS; j++) {
        static const char *const names[] = {"PERSONA", "COUNTRY", "W"};
        char name[64];

        snprintf(name, sizeof name, "%s%s", j < 3 ? names[j] : columns[j - 3], d->labels ? ": What it asks" : "");
        buffer_bytes(&b, &d->delimiter, j > 0);
        put_quoted(&b, name, d->all, d->delimiter);
    }
    for (size_t r = 0; r < ROWS; r++) {
        buffer_put(&b, end);
        put_quoted(&b, personas[r], d->all, d->delimiter);
        buffer_bytes(&b, &d->delimiter, 1);
        put_quoted(&b, countries[r], d->all, d->delimiter);
        buffer_bytes(&b, &d->delimiter, 1);
        put_number(&b, weights[r], d->decimal, d->all);
        for (size_t i = 0; i < ITEMS; i++) {
            buffer_bytes(&b, &d->delimiter, 1);
            put_code(&b, codes[r][i], d->all);
        }
    }
    buffer_put(&b, d->last ? end : "");
    CHECK_OK(buffer_take(&b, &text, NULL, NULL), NULL);
    return text;
}

static void every_dialect_is_the_same(void)
{
    static const char delimiters[] = ",;\t|", decimals[] = ".,";

    for (int i = 0; i < 1 << 9; i++) {
        dialect d = {.delimiter = delimiters[i & 3], .decimal = decimals[i >> 2 & 1], .mark = i >> 3 & 1, .all = i >> 4 & 1,
                     .crlf = i >> 5 & 1, .labels = i >> 6 & 1, .last = i >> 7 & 1, .preamble = i >> 8 & 1};
        char *text, what[100];

        if (d.delimiter == ',' && d.decimal == ',')
            d.all = true;
        text = write_csv(&d);
        snprintf(what, sizeof what, "dialect %d: delimiter %c, decimal %c", i, d.delimiter, d.decimal);
        check_same(scratch_file("same.csv", text), NULL, what);
        free(text);
    }
}

static void every_packing_is_the_same(void)
{
    dialect d = {.delimiter = ',', .decimal = '.', .last = true};
    char *text = write_csv(&d);

    for (size_t i = 0; i < pack_kinds_count; i++)
        check_same(pack_file("same.packed", pack_kinds[i], "same.csv", text, strlen(text)), NULL, pack_kinds[i]);
    free(text);
}

/* ---- statistical packages ---- */

static void every_package_is_the_same(void)
{
    static const char *const kinds[] = {"sav", "sav-plain", "zsav", "por", "dta", "dta-113", "sas7bdat", "xpt"};

    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        for (int declared = 0; declared < 2; declared++) {
            stat_column column[3 + ITEMS] = {{.name = "PERSONA", .label = "", .width = 8},
                                             {.name = "COUNTRY", .label = "", .width = 20},
                                             {.name = "W", .label = ""}};
            stat_cell cell[ROWS * (3 + ITEMS)] = {{.number = 0}};
            char *bytes = NULL;
            size_t n = 0;
            const char *path;

            for (size_t i = 0; i < ITEMS; i++)
                column[3 + i] = (stat_column){.name = columns[i], .label = "x",
                                              .missing = {declared ? -5 : 0, declared ? -1 : 0}};
            for (size_t r = 0; r < ROWS; r++) {
                stat_cell *row = &cell[r * (3 + ITEMS)];

                row[0].text = personas[r];
                row[1].text = countries[r];
                row[2].number = weights[r];
                for (size_t i = 0; i < ITEMS; i++)
                    row[3 + i] = (stat_cell){.number = codes[r][i], .tag = codes[r][i] == NONE ? '.' : 0};
            }
            path = stat_file("same.stat", kinds[k], column, 3 + ITEMS, cell, ROWS);
            check_same(path, NULL, kinds[k]);
            CHECK_OK(file_read("unit-scratch/same.stat", &bytes, &n, NULL), NULL);
            for (size_t i = 0; i < pack_kinds_count; i++)
                check_same(pack_file("same.packed", pack_kinds[i], "same.sav", bytes, n), NULL, kinds[k]);
            free(bytes);
        }
    }
}

/* ---- JSON Lines, long files, batches ---- */

static void json_lines_are_the_same(void)
{
    for (int strings = 0; strings < 2; strings++) {
        buffer b = {0};
        const char *quote = strings ? "\"" : "";

        for (size_t r = 0; r < ROWS; r++) {
            buffer_format(&b, "{\"PERSONA\":\"%s\",\"W\":%s", personas[r], quote);
            buffer_format(&b, "%g%s,\"COUNTRY\":", weights[r], quote);
            buffer_json_text(&b, countries[r]);
            for (size_t i = 0; i < ITEMS; i++) {
                if (codes[r][i] != NONE)
                    buffer_format(&b, ",\"%s\":%s%d%s", columns[i], quote, codes[r][i], quote);
                else if (i == 0)
                    buffer_format(&b, ",\"%s\":%s", columns[i], strings ? "\"\"" : "null"); /* else without the key */
            }
            buffer_put(&b, "}\n");
        }
        check_same(scratch_file("same.jsonl", b.text), NULL, "JSON Lines");
        for (size_t i = 0; i < pack_kinds_count; i++)
            check_same(pack_file("same.packed", pack_kinds[i], "same.jsonl", b.text, strlen(b.text)), NULL, "JSON Lines");
        buffer_free(&b);
    }
}

/* Rows of a long file in the order `way`: bit 0, blank cells as rows or not; bit 1, all answers of a respondent
 * together or all of an item. False: the row is left out. */
static bool long_row(int way, size_t k, size_t *r, size_t *i)
{
    *r = way & 2 ? k % ROWS : k / ITEMS;
    *i = way & 2 ? k / ROWS : k % ITEMS;
    return codes[*r][*i] != NONE || !(way & 1) || (*r == 2 && way & 2); /* the first row of a respondent gives the order */
}

static char *write_long_csv(const dialect *d, int way)
{
    static const char *const names[] = {"PERSONA", "COUNTRY", "W", "item", "answer"};
    buffer b = {0};
    const char *end = d->crlf ? "\r\n" : "\n";
    char *text = NULL;
    size_t r, i;

    buffer_put(&b, d->mark ? "\xEF\xBB\xBF" : "");
    for (size_t j = 0; j < sizeof names / sizeof *names; j++) {
        buffer_bytes(&b, &d->delimiter, j > 0);
        put_quoted(&b, names[j], d->all, d->delimiter);
    }
    for (size_t k = 0; k < ROWS * ITEMS; k++) {
        if (!long_row(way, k, &r, &i))
            continue;
        buffer_put(&b, end);
        put_quoted(&b, personas[r], d->all, d->delimiter);
        buffer_bytes(&b, &d->delimiter, 1);
        put_quoted(&b, countries[r], d->all, d->delimiter);
        buffer_bytes(&b, &d->delimiter, 1);
        put_number(&b, weights[r], d->decimal, d->all);
        buffer_bytes(&b, &d->delimiter, 1);
        put_quoted(&b, columns[i], d->all, d->delimiter);
        buffer_bytes(&b, &d->delimiter, 1);
        put_code(&b, codes[r][i], d->all);
    }
    buffer_put(&b, d->last ? end : "");
    CHECK_OK(buffer_take(&b, &text, NULL, NULL), NULL);
    return text;
}

static void long_files_are_the_same(void)
{
    static const char delimiters[] = ",;\t|", decimals[] = ".,";

    for (int n = 0; n < 1 << 9; n++) {
        dialect d = {.delimiter = delimiters[n & 3], .decimal = decimals[n >> 2 & 1], .mark = n >> 3 & 1, .all = n >> 4 & 1,
                     .crlf = n >> 5 & 1, .last = n >> 6 & 1};
        char *text, what[100];

        if (d.delimiter == ',' && d.decimal == ',')
            d.all = true;
        text = write_long_csv(&d, n >> 7);
        snprintf(what, sizeof what, "long dialect %d: delimiter %c, decimal %c", n, d.delimiter, d.decimal);
        check_same(scratch_file("same.csv", text), NULL, what);
        if (n % 128 == 64) {
            for (size_t i = 0; i < pack_kinds_count; i++)
                check_same(pack_file("same.packed", pack_kinds[i], "same.csv", text, strlen(text)), NULL, "a packed long file");
        }
        free(text);
    }
}

static void long_json_lines_are_the_same(void)
{
    for (int way = 0; way < 4; way++) {
        buffer b = {0};
        size_t r, i;

        for (size_t k = 0; k < ROWS * ITEMS; k++) {
            if (!long_row(way, k, &r, &i))
                continue;
            buffer_format(&b, "{\"PERSONA\":\"%s\",\"W\":%g,\"COUNTRY\":", personas[r], weights[r]);
            buffer_json_text(&b, countries[r]);
            buffer_format(&b, ",\"item\":\"%s\",\"answer\":", columns[i]);
            if (codes[r][i] == NONE)
                buffer_put(&b, "null}\n");
            else
                buffer_format(&b, "%d}\n", codes[r][i]);
        }
        check_same(scratch_file("same.jsonl", b.text), NULL, "long JSON Lines");
        for (size_t p = 0; p < pack_kinds_count; p++)
            check_same(pack_file("same.packed", pack_kinds[p], "same.jsonl", b.text, strlen(b.text)), NULL,
                       "packed long JSON Lines");
        buffer_free(&b);
    }
}

static void long_files_of_packages_are_the_same(void)
{
    static const char *const kinds[] = {"sav", "sav-plain", "zsav", "por", "dta", "dta-113", "sas7bdat", "xpt"};
    static const stat_column column[] = {{.name = "PERSONA", .label = "", .width = 8},
                                         {.name = "COUNTRY", .label = "", .width = 20},
                                         {.name = "W", .label = ""},
                                         {.name = "ITEM", .label = "", .width = 8},
                                         {.name = "ANSWER", .label = ""}};
    enum { COLUMNS = sizeof column / sizeof *column };

    for (size_t f = 0; f < sizeof kinds / sizeof *kinds; f++) {
        for (int way = 0; way < 4; way++) {
            stat_cell cell[ROWS * ITEMS * COLUMNS] = {{.number = 0}};
            size_t rows = 0, r, i;

            for (size_t k = 0; k < ROWS * ITEMS; k++) {
                stat_cell *row = &cell[rows * COLUMNS];

                if (!long_row(way, k, &r, &i))
                    continue;
                row[0].text = personas[r];
                row[1].text = countries[r];
                row[2].number = weights[r];
                row[3].text = columns[i];
                row[4] = (stat_cell){.number = codes[r][i], .tag = codes[r][i] == NONE ? '.' : 0};
                rows++;
            }
            check_same(stat_file("same.stat", kinds[f], column, COLUMNS, cell, rows), NULL, kinds[f]);
        }
    }
}

/* What the file itself says: SPSS declares codes missing, Stata has tags with labels. */
static void long_files_keep_the_reasons_that_the_file_gives(void)
{
    static const char *const kinds[] = {"sav", "zsav", "por", "dta", "dta-113"};
    static const char *const labels[] = {"-1=x", "-2=y", "a=Don't know", "b=No answer", "c=Missing", NULL};
    stat_column column[] = {{.name = "PERSONA", .label = "", .width = 8}, {.name = "COUNTRY", .label = "", .width = 20},
                            {.name = "W", .label = ""}, {.name = "ITEM", .label = "", .width = 8},
                            {.name = "VALUE", .label = "", .missing = {-5, -1}, .labels = labels}};

    for (size_t f = 0; f < sizeof kinds / sizeof *kinds; f++) {
        stat_cell cell[ROWS * ITEMS * 5] = {{.number = 0}};
        bool tags = strncmp(kinds[f], "dta", 3) == 0;

        for (size_t k = 0; k < ROWS * ITEMS; k++) {
            int code = codes[k / ITEMS][k % ITEMS];
            stat_cell *row = &cell[k * 5];

            row[0].text = personas[k / ITEMS];
            row[1].text = countries[k / ITEMS];
            row[2].number = weights[k / ITEMS];
            row[3].text = columns[k % ITEMS];
            row[4].number = code;
            row[4].tag = code == NONE ? '.' : !tags ? 0 : code == -1 ? 'a' : code == -2 ? 'b' : code == -5 ? 'c' : 0;
        }
        check_same(stat_file("same.stat", kinds[f], column, 5, cell, ROWS * ITEMS), NULL, kinds[f]);
    }
}

static void a_batch_is_the_same(void)
{
    vmap_read_options o = {.layout = "detect", .id = "custom_id=PERSONA|COUNTRY|W|item"};
    buffer b = {0};

    for (size_t k = 0; k < ROWS * ITEMS; k++) {
        size_t r = k / ITEMS, i = k % ITEMS;
        char id[100], answer[40] = "";

        snprintf(id, sizeof id, "%s|%s|%g|%s", personas[r], countries[r], weights[r], columns[i]);
        if (codes[r][i] != NONE)
            snprintf(answer, sizeof answer, k % 2 ? "%d" : "{\"answer\": %d}", codes[r][i]);
        buffer_put(&b, "{\"custom_id\":");
        buffer_json_text(&b, id);
        buffer_put(&b, ",\"response\":{\"status_code\":200,\"body\":{\"model\":\"m\",\"choices\":[{\"index\":0,"
                       "\"message\":{\"content\":");
        buffer_json_text(&b, answer);
        buffer_put(&b, ",\"refusal\":null}}]}}}\n");
    }
    check_same(scratch_file("same.jsonl", b.text), &o, "batch output");
    buffer_free(&b);
}

/* ---- other ways of writing a cell ---- */

static void labels_are_the_same_as_codes(void)
{
    check_same(scratch_file("same.csv", "PERSONA,COUNTRY,W,Q164,Q182,Q46\n"
                                        "p1,Cote d'Ivoire,1.5,3,Always justifiable,Very happy\n"
                                        "p2,Korea; South,.875,Don't know,never JUSTIFIABLE,Not at all happy\n"
                                        "p3,\"A, \"\"B\"\"\",2,NA,No answer,quite happy\n"
                                        "p4,JPN,.125,99,5,Missing; Unknown\n"
                                        "p5,JPN,1e0,Very important,.,3\n"),
               NULL, "labels");
}

static const test_case cases[] = {
    TEST(every_dialect_is_the_same),
    TEST(every_packing_is_the_same),
    TEST(every_package_is_the_same),
    TEST(json_lines_are_the_same),
    TEST(long_files_are_the_same),
    TEST(long_json_lines_are_the_same),
    TEST(long_files_of_packages_are_the_same),
    TEST(long_files_keep_the_reasons_that_the_file_gives),
    TEST(a_batch_is_the_same),
    TEST(labels_are_the_same_as_codes),
};
SUITE(data_same_suite, cases);
