#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/csv_scan.h"
#include "support/check.h"
#include "valuemap/rng.h"

/* What a scan reported, written out: "line:fields[field|field]" for each record. */
typedef struct {
    const char *text;
    size_t count, stop_after, records;
    char seen[4096];
} notes;

static bool take(void *context, const csv_record *record)
{
    notes *n = context;
    size_t used = strlen(n->seen);

    used += (size_t)snprintf(n->seen + used, sizeof n->seen - used, "%zu:%zu[", record->line,
                             record->fields);
    for (size_t i = 0; i < n->count && record->fields > 0; i++) {
        const csv_field *f = &record->wanted[i];

        used += (size_t)snprintf(n->seen + used, sizeof n->seen - used, "%s%.*s", i ? "|" : "",
                                 (int)(f->to - f->from), n->text + f->from);
    }
    snprintf(n->seen + used, sizeof n->seen - used, "]");
    return ++n->records != n->stop_after;
}

/* Scan n bytes; the text is copied to the end of a block of its own, so that reading more than 64
 * bytes beyond it is noticed by the address sanitizer. */
static csv_scan_result run(const char *text, size_t n, const size_t *wanted, size_t count,
                           notes *seen, size_t *done, size_t *lines)
{
    char *copy = calloc(n + 64, 1);
    notes other;
    csv_field fields[8];
    csv_scan_result result;

    memcpy(copy, text, n);
    seen->text = copy;
    seen->count = count;
    other = *seen;
    result = csv_scan_anywhere(copy, n, ',', wanted, count, fields, take, &other, done, lines);
    CHECK(csv_scan(copy, n, ',', wanted, count, fields, take, seen, done, lines) == result);
    CHECK_TEXT(seen->seen, other.seen);
    free(copy);
    return result;
}

static void records_lines_and_wanted_fields_are_found(void)
{
    static const char text[] = "a,b,c\r\n\"x,\"\"\ny\",,\"z\"\n\n1,2,3,4\n";
    static const size_t wanted[] = {0, 2};
    size_t done, lines;
    notes seen = {.seen = ""};

    CHECK(run(text, strlen(text), wanted, 1, &seen, &done, &lines) == CSV_SCANNED);
    CHECK_TEXT(seen.seen, "0:3[a]1:3[\"x,\"\"\ny\"]3:1[]4:4[1]");
    CHECK_COUNT(done, strlen(text));
    CHECK_COUNT(lines, 5);
    seen = (notes){.seen = ""};
    CHECK(run("a,b,c\r\n\"x,\"\"\ny\",,\"z\"\n1,2,3\n", 28, wanted, 2, &seen, &done, &lines) ==
          CSV_SCANNED);
    CHECK_TEXT(seen.seen, "0:3[a|c]1:3[\"x,\"\"\ny\"|\"z\"]3:3[1|3]");
    seen = (notes){.seen = ""};
    CHECK(run("a,b\nc\n", 6, NULL, 0, &seen, &done, &lines) == CSV_SCANNED);
    CHECK_TEXT(seen.seen, "0:2[]1:1[]");
}

static void an_unfinished_record_is_left(void)
{
    static const size_t wanted[] = {1};
    size_t done, lines;
    notes seen = {.seen = ""};

    CHECK(run("a,b\nc,\"d\ne", 10, wanted, 1, &seen, &done, &lines) == CSV_SCANNED);
    CHECK_TEXT(seen.seen, "0:2[b]");
    CHECK_COUNT(done, 4);
    CHECK_COUNT(lines, 1);
    CHECK(run("", 0, wanted, 1, &seen, &done, &lines) == CSV_SCANNED);
    CHECK_COUNT(done, 0);
}

static void a_scan_stops_when_it_is_told_to(void)
{
    size_t done, lines;
    notes seen = {.stop_after = 2};

    CHECK(run("a\nb\nc\n", 6, NULL, 0, &seen, &done, &lines) == CSV_STOPPED);
    CHECK_COUNT(seen.records, 2);
}

/* Quotes and carriage returns that only libcsv knows how to read. */
static void irregular_text_is_reported_wherever_it_stands(void)
{
    static const char *const irregular[] = {
        "a\"b,c\n",   " \"a\",b\n", "\"a\"x,b\n",      "\"a\" ,b\n",
        "a,b\rc,d\n", "\"a\"\rb\n", "a,\"b\"\"c\"d\n", "a\r\r\n",
    };
    static const char *const regular[] = {"\"\",\"\"\"\"\r\n", "\"a\rb\",c\n", "\"\"\n", ",\n",
                                          "\"a\",b\r\n"};
    char text[300];
    size_t done, lines;

    for (size_t pad = 0; pad < 140; pad++) {
        memset(text, 'x', pad);
        if (pad)
            text[pad - 1] = pad % 2 ? ',' : '\n';
        for (size_t i = 0; i < sizeof irregular / sizeof *irregular; i++) {
            notes seen = {.seen = ""};

            strcpy(text + pad, irregular[i]);
            CHECK(run(text, strlen(text), NULL, 0, &seen, &done, &lines) == CSV_IRREGULAR);
        }
        for (size_t i = 0; i < sizeof regular / sizeof *regular; i++) {
            notes seen = {.seen = ""};

            strcpy(text + pad, regular[i]);
            CHECK(run(text, strlen(text), NULL, 0, &seen, &done, &lines) == CSV_SCANNED);
            CHECK_COUNT(done, strlen(text));
        }
    }
}

/* The same record at every place of a 64-byte block. */
static void blocks_may_end_anywhere(void)
{
    static const char tail[] = ",\"a\"\"b\n,c\"\r\ny,\"z\"\n";
    static const size_t wanted[] = {1};

    for (size_t pad = 0; pad < 200; pad++) {
        char text[300], want[100];
        size_t done, lines;
        notes seen = {.seen = ""};

        memset(text, 'x', pad);
        strcpy(text + pad, tail);
        CHECK(run(text, strlen(text), wanted, 1, &seen, &done, &lines) == CSV_SCANNED);
        snprintf(want, sizeof want, "0:2[\"a\"\"b\n,c\"]2:2[\"z\"]");
        CHECK_TEXT(seen.seen, want);
        CHECK_COUNT(lines, 3);
    }
}

/* A regular text in two pieces, cut anywhere: what the first scan leaves, the second one finds. */
static void a_text_may_be_scanned_in_pieces(void)
{
    static const char *const parts[] = {"a",        "bc",   ",",        "\n",    "\"q\"",
                                        "\"x,\n\"", "\r\n", "\"\"\"\"", "12345", ","};
    static const size_t wanted[] = {0, 1, 4};
    gsl_rng *rng = vmap_rng_new(31, 0);
    size_t wrong = 0;

    for (int i = 0; i < 3000; i++) {
        char text[400] = "";
        notes whole = {.seen = ""}, pieces = {.seen = ""};
        size_t n, cut, done, lines, rest, more;
        bool after = true; /* a quoted field stands only between separators */

        for (size_t k = 5 + vmap_rng_below(rng, 40); k > 0; k--) {
            const char *part = parts[vmap_rng_below(rng, 10)];
            bool separates = strchr(",\r\n", *part) != NULL;

            if (!separates && !after)
                continue;
            strcat(text, part);
            after = separates;
        }
        strcat(text, "\n");
        n = strlen(text);
        if (run(text, n, wanted, 0, &whole, &done, &lines) != CSV_SCANNED || done != n)
            wrong++;
        cut = vmap_rng_below(rng, n);
        if (run(text, cut, wanted, 0, &pieces, &done, &lines) != CSV_SCANNED)
            wrong++;
        pieces.text = text;
        if (run(text + done, n - done, wanted, 0, &pieces, &rest, &more) != CSV_SCANNED)
            wrong++;
        wrong += done + rest != n || pieces.records != whole.records;
    }
    CHECK_COUNT(wrong, 0);
    gsl_rng_free(rng);
}

/* Where the wanted fields of the records stand, found byte by byte. */
typedef struct {
    const char *text;
    const size_t *wanted;
    size_t at, count, wrong, records;
} walk;

static bool follow(void *context, const csv_record *record)
{
    walk *w = context;
    size_t field = 0, k = 0;

    w->wrong += record->from != w->at;
    for (size_t from = w->at;; w->at++) {
        if (w->text[w->at] != ',' && w->text[w->at] != '\n')
            continue;
        if (k < w->count && w->wanted[k] == field) {
            w->wrong += record->wanted[k].from != from || record->wanted[k].to != w->at;
            k++;
        }
        from = w->at + 1;
        field++;
        if (w->text[w->at] == '\n')
            break;
    }
    w->at++;
    w->wrong += record->fields != field;
    w->records++;
    return true;
}

/* Every `gap`-th field or so is wanted; 1: all of the first ones, where each separator ends one. The way for any
 * processor and that for newer ones must find the same. */
static void check_found(gsl_rng *rng, const char *text, size_t n, size_t records, size_t gap)
{
    size_t wanted[200], count = 0, done, lines, last = vmap_rng_below(rng, 200);
    csv_field fields[200];

    for (size_t field = 0; field <= last; field++) {
        if (vmap_rng_below(rng, gap) == 0)
            wanted[count++] = field;
    }
    for (int newer = 0; newer < 2; newer++) {
        walk w = {.text = text, .wanted = wanted, .count = count};

        CHECK((newer ? csv_scan : csv_scan_anywhere)(text, n, ',', wanted, count, fields, follow, &w, &done, &lines) ==
              CSV_SCANNED);
        CHECK_COUNT(w.wrong, 0);
        CHECK_COUNT(done, n);
        CHECK_COUNT(w.records, records);
        CHECK_COUNT(lines, records);
    }
}

static void wanted_fields_are_found_in_records_of_any_length(void)
{
    gsl_rng *rng = vmap_rng_new(32, 0);

    for (int i = 0; i < 2000; i++) {
        char text[4000 + 64] = "";
        size_t n = 0, records = 1, commas = 1 + vmap_rng_below(rng, 12), rare = 20 + vmap_rng_below(rng, 200);

        while (n < 3900) {
            text[n] = vmap_rng_below(rng, rare) == 0 ? '\n' : vmap_rng_below(rng, commas) == 0 ? ',' : 'x';
            records += text[n++] == '\n';
        }
        text[n++] = '\n';
        check_found(rng, text, n, records, i % 2 ? 1 : 1 + vmap_rng_below(rng, 50));
    }
    gsl_rng_free(rng);
}

static const test_case cases[] = {
    TEST(records_lines_and_wanted_fields_are_found),
    TEST(an_unfinished_record_is_left),
    TEST(a_scan_stops_when_it_is_told_to),
    TEST(irregular_text_is_reported_wherever_it_stands),
    TEST(blocks_may_end_anywhere),
    TEST(a_text_may_be_scanned_in_pieces),
    TEST(wanted_fields_are_found_in_records_of_any_length),
};
SUITE(data_csv_scan_suite, cases);
