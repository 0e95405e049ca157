#include <config.h>

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csv.h>

#include "core/buffer.h"
#include "data/reader_internal.h"
#include "data/transpose.h"
#include "support/check.h"
#include "support/reading.h"
#include "valuemap/read.h"
#include "valuemap/rng.h"

/* ---- reading a text, and writing a table out ---- */

/* Columns to ask for: "x:c y:n z:t" for codes, numbers, texts; "" for none. */
static vmap_status read_bytes(const char *bytes, size_t n, const vmap_read_options *options,
                              const char *wishes, vmap_table **table, vmap_error *err)
{
    return read_columns(scratch_bytes("read.csv", bytes, n), options, wishes, "1..10", table, err);
}

static vmap_status read_text(const char *text, const vmap_read_options *options, const char *wishes,
                             vmap_table **table, vmap_error *err)
{
    return read_bytes(text, strlen(text), options, wishes, table, err);
}

/* "line: cell | cell ..." for each row; a missing cell is its reason in brackets. */
static char *write_lines(const vmap_table *t)
{
    buffer b = {0};
    char *text = NULL;

    for (size_t r = 0; r < vmap_table_rows(t); r++) {
        buffer_format(&b, "%s%zu:", r ? "; " : "", vmap_table_line(t, r));
        for (size_t j = 0; j < vmap_table_columns(t); j++) {
            vmap_reason why = vmap_table_reason(t, j, r);

            buffer_put(&b, j ? "|" : " ");
            if (why != VMAP_PRESENT)
                buffer_format(&b, "[%s]", vmap_reason_name(why));
            else if (vmap_table_kind(t, j) == VMAP_TEXTS)
                buffer_put(&b, vmap_table_text(t, j, r));
            else
                buffer_format(&b, "%.17g", vmap_table_value(t, j, r));
        }
    }
    CHECK_OK(buffer_take(&b, &text, NULL, NULL), NULL);
    return text;
}

static void check_read(const char *text, const vmap_read_options *options, const char *wishes,
                       const char *want)
{
    vmap_table *t = NULL;
    vmap_error err;

    if (CHECK_OK(read_text(text, options, wishes, &t, &err), &err)) {
        char *got = write_lines(t);

        CHECK_TEXT(got, want);
        free(got);
    }
    vmap_table_free(t);
}

static void check_path(const char *path, const char *wishes, const char *want)
{
    vmap_table *t = NULL;
    vmap_error err;

    if (CHECK_OK(read_columns(path, NULL, wishes, NULL, &t, &err), &err)) {
        char *got = write_lines(t);

        CHECK_TEXT(got, want);
        free(got);
    }
    vmap_table_free(t);
}

static void check_path_refused(const char *path, vmap_status status, const char *words)
{
    vmap_table *t = NULL;
    vmap_error err;

    CHECK_FAILS(read_columns(path, NULL, "", NULL, &t, &err), status, &err, words);
    CHECK(t == NULL);
}

static void check_text_refused(const char *text, const vmap_read_options *options, const char *wishes,
                          vmap_status status, const char *words)
{
    vmap_table *t = NULL;
    vmap_error err;

    if (!CHECK_FAILS(read_text(text, options, wishes, &t, &err), status, &err, words))
        fprintf(stderr, "  of\n%s\n", text);
    CHECK(t == NULL);
    vmap_table_free(t);
}

/* ---- known values ---- */

static void a_small_file_is_read(void)
{
    check_read("a,b,c\n1,x,2.5\n-2,\"y, z\",\n", NULL, "a:c b:t c:n",
               "2: 1|x|2.5; 3: -2|y, z|[blank]");
    check_read("a,b,c\n1,x,2.5\n", NULL, "c:n a:n", "2: 2.5|1");
    check_read("a,b,c\n1,x,2.5\n", NULL, "", "2:");
    check_read("a\n7\n", NULL, "a:c", "2: 7");
}

static void cells_that_say_nothing_are_blank(void)
{
    check_read("a;b\n;\nNA;NA\n.;.\n NaN ; x\n;\"\"\n\" \";\"\t\"\n", NULL, "a:c b:t",
               "2: [blank]|[blank]; 3: [blank]|NA; 4: [blank]|.; 5: [blank]|x; 6: [blank]|[blank]; "
               "7: [blank]|[blank]");
}

static void quotes_keep_delimiters_quotes_and_newlines(void)
{
    check_read("a,b\n\"say \"\"x\"\"\",1\n\"two\nlines\",2\n\"\n\",3\nx,4\n", NULL, "a:t b:c",
               "2: say \"x\"|1; 3: two\nlines|2; 5: \n|3; 7: x|4");
}

static void blank_lines_are_skipped_and_lines_counted(void)
{
    check_read("a,b\n\n1,2\n\n  \n\r\n3,4", NULL, "a:c b:c", "3: 1|2; 7: 3|4");
    check_read("a\n\n1\n \n2\n\n", NULL, "a:c", "3: 1; 5: 2");
    check_read("a,b\n\n 1 ,\"2\" \n\n3,4", NULL, "a:c b:c", "3: 1|2; 5: 3|4"); /* the slow way */
}

static void the_last_line_may_lack_its_end(void)
{
    check_read("a,b\n1,2\n3,4", NULL, "a:c b:c", "2: 1|2; 3: 3|4");
    check_read("a,b\n1,2\n3,", NULL, "a:c b:c", "2: 1|2; 3: 3|[blank]");
    check_read("a,b\n1,2\n3,\"4\"", NULL, "a:c b:c", "2: 1|2; 3: 3|4");
    check_read("a,b\r\n1,2\r\n3,4\r", NULL, "a:c b:c", "2: 1|2; 3: 3|4");
}

static void a_column_may_be_asked_for_twice(void)
{
    vmap_reader *reader = NULL;
    vmap_table *t = NULL;
    vmap_error err;
    char *got;

    CHECK_OK(vmap_reader_open(scratch_file("read.csv", "a,b\n1,2\n"), NULL, &reader, &err), &err);
    CHECK_OK(vmap_reader_want(reader, 1, VMAP_TEXTS, "text", NULL, &err), &err);
    CHECK_OK(vmap_reader_want(reader, 0, VMAP_CODES, "a", NULL, &err), &err);
    CHECK_OK(vmap_reader_want(reader, 1, VMAP_CODES, "code", NULL, &err), &err);
    CHECK_OK(vmap_reader_read(reader, &t, &err), &err);
    got = write_lines(t);
    CHECK_TEXT(got, "2: 2|1|2");
    free(got);
    vmap_table_free(t);
    vmap_reader_free(reader);
}

static void names_are_trimmed_and_labels_cut_off(void)
{
    static const char *const want[] = {"Q260", "B_COUNTRY", "a b: c", "note:", "x", ""};
    vmap_reader *reader = NULL;
    vmap_error err;

    CHECK_OK(vmap_reader_open(scratch_file("read.csv", "Q260: Sex, B_COUNTRY: ISO code ,"
                                                       "a b: c,\"note:\",\" x \",\n1,2,3,4,5,6\n"),
                              NULL, &reader, &err),
             &err);
    CHECK_COUNT(vmap_reader_columns(reader), 6);
    for (size_t i = 0; i < 6 && i < vmap_reader_columns(reader); i++)
        CHECK_TEXT(vmap_reader_names(reader)[i], want[i]);
    vmap_reader_free(reader);
}

static void the_dialect_is_told_in_words(void)
{
    static const struct {
        const char *text, *words;
    } known[] = {
        {"a,b\n1,2\n", "delimiter ',', decimal '.'"},
        {"\xEF\xBB\xBF"
         "a;b\r\n1,5;2\r\n",
         "delimiter ';', decimal ',', byte order mark, CRLF"},
        {"a\tb\n,5\t2\n", "delimiter TAB, decimal ','"},
        {"a|b\n1.5|2\n", "delimiter '|', decimal '.'"},
        {"a\n1\n", "delimiter ',', decimal '.'"},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        vmap_reader *reader = NULL;
        vmap_error err;

        CHECK_OK(vmap_reader_open(scratch_file("read.csv", known[i].text), NULL, &reader, &err),
                 &err);
        CHECK_TEXT(vmap_reader_dialect(reader), known[i].words);
        vmap_reader_free(reader);
    }
}

static void the_dialect_can_be_forced(void)
{
    vmap_read_options o;

    vmap_read_defaults(&o);
    CHECK(!o.delimiter && !o.decimal && !o.text_is_missing);
    o.delimiter = ';';
    check_read("a,b;c,d\n1;2\n", &o, "a,b:t c,d:c", "2: 1|2");
    o.delimiter = '-'; /* a strange one */
    check_read("a-b-c\n1-2-3\n", &o, "a:c c:c", "2: 1|3");
    vmap_read_defaults(&o);
    o.decimal = ',';
    check_read("a;b\n1,5;x 2.5\n", &o, "a:n b:t", "2: 1.5|x 2.5");
}

static void standard_input_may_be_a_pipe(void)
{
    int ends[2], kept = dup(STDIN_FILENO);
    vmap_reader *reader = NULL;
    vmap_table *t = NULL;
    vmap_error err;

    CHECK(pipe(ends) == 0);
    CHECK(write(ends[1], "a,b\n1,2\n3,4\n", 12) == 12);
    close(ends[1]);
    CHECK(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
    close(ends[0]);
    CHECK_OK(vmap_reader_open("-", NULL, &reader, &err), &err);
    dup2(kept, STDIN_FILENO);
    close(kept);
    CHECK_OK(vmap_reader_want(reader, 1, VMAP_CODES, "b", NULL, &err), &err);
    if (CHECK_OK(vmap_reader_read(reader, &t, &err), &err)) {
        CHECK_COUNT(vmap_table_rows(t), 2);
        CHECK_NEAR(vmap_table_value(t, 0, 1), 4, 0);
    }
    vmap_table_free(t);
    vmap_reader_free(reader);
}

/* "\xC3\xA9" is e with an acute accent. */
static void every_encoding_gives_the_same_table(void)
{
    static const struct {
        const char *encoding, *bytes;
        size_t n;
    } files[] = {
        {"UTF-8", "a,b\n\xC3\xA9,1\n", 9},
        {"UTF-8", "\xEF\xBB\xBF" "a,b\n\xC3\xA9,1\n", 12},
        {"UTF-16LE", "\xFF\xFE" "a\0,\0b\0\n\0\xE9\0,\0001\0\n\0", 18},
        {"UTF-16LE", "a\0,\0b\0\n\0\xE9\0,\0001\0\n\0", 16},
        {"UTF-16BE", "\xFE\xFF" "\0a\0,\0b\0\n\0\xE9\0,\0001\0\n", 18},
        {"UTF-16BE", "\0a\0,\0b\0\n\0\xE9\0,\0001\0\n", 16},
        {"WINDOWS-1252", "a,b\n\xE9,1\n", 8},
    };

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        for (int forced = 0; forced < 2; forced++) {
            vmap_read_options o = {.encoding = forced ? files[i].encoding : NULL};
            vmap_table *t = NULL;
            vmap_error err;
            char *got;

            if (!CHECK_OK(read_bytes(files[i].bytes, files[i].n, &o, "a:t b:c", &t, &err), &err)) {
                fprintf(stderr, "  file %zu, %s\n", i, files[i].encoding);
                continue;
            }
            got = write_lines(t);
            CHECK_TEXT(got, "2: \xC3\xA9|1");
            free(got);
            vmap_table_free(t);
        }
    }
    check_read("a,b\n\xE8,1\n", &(vmap_read_options){.encoding = "ISO-8859-2"}, "a:t b:c",
               "2: \xC4\x8D|1"); /* c with caron */
}

static void a_preamble_is_passed_over(void)
{
    vmap_read_options o = {.skip = 1};

    check_read("\n\na,b\n1,2\n", NULL, "a:c b:c", "4: 1|2");
    check_read("Title of the file\nexported 2024\n\na;b;c\n1;2;3\n4;5;6\n7;8;9\n", NULL, "a:c c:c",
               "5: 1|3; 6: 4|6; 7: 7|9");
    check_read("x,y\na,b\n1,2\n", &o, "a:c b:c", "3: 1|2");
    check_read("a,b\nx,y\nz,w\n", NULL, "a:t b:t", "2: x|y; 3: z|w"); /* a header that is text */
}

/* Excel's first line. */
static void a_line_that_names_the_delimiter_is_obeyed(void)
{
    check_read("sep=;\na;b\n1;2\n", NULL, "a:c b:c", "3: 1|2");
    check_read("\xEF\xBB\xBF\"sep=;\"\r\na;b\r\n1;2,5\r\n", NULL, "a:c b:n", "3: 1|2.5");
    check_read("SEP=|\na,b|c\n1|2\n", NULL, "a,b:c c:c", "3: 1|2"); /* although the comma is more usual */
    check_read("sep=;\na,b\n1,2\n", &(vmap_read_options){.delimiter = ','}, "a:c b:c", "3: 1|2");
    check_read("sep=,b\n1,2\n", NULL, "sep=:c b:c", "2: 1|2"); /* a column */
}

/* Labels of values: as given, or with other case, blanks, apostrophes; not when two codes share one. */
static void labels_stand_for_their_codes(void)
{
    static const vmap_word words[] = {{"Very important", 1, VMAP_PRESENT},
                                      {"Don\xE2\x80\x99t mind", 2, VMAP_PRESENT},
                                      {"Twice", 3, VMAP_PRESENT},
                                      {"twice", 4, VMAP_PRESENT},
                                      {"Asked not", -4, VMAP_NOT_ASKED}};
    vmap_read_options o = {.text_is_missing = true};
    vmap_reader *reader = NULL;
    vmap_table *t = NULL;
    vmap_error err;
    char *got;

    CHECK_OK(vmap_reader_open(scratch_file("read.csv", "a\nVery important\n very  IMPORTANT \n"
                                                       "don't mind\nTwice\nTWICE\nAsked not\n"
                                                       "Don't know\nNo answer\nelse\n7\n"),
                              &o, &reader, &err), &err);
    CHECK_OK(vmap_reader_want(reader, 0, VMAP_CODES, "a", NULL, &err), &err);
    CHECK_OK(vmap_reader_words(reader, words, 5, &err), &err);
    CHECK_OK(vmap_reader_read(reader, &t, &err), &err);
    got = write_lines(t);
    CHECK_TEXT(got, "2: 1; 3: 1; 4: 2; 5: 3; 6: [unparsable]; 7: [not-asked]; 8: [dont-know]; "
                    "9: [no-answer]; 10: [unparsable]; 11: 7");
    free(got);
    vmap_table_free(t);
    vmap_reader_free(reader);
}

/* All that is wrong is told at once, in the order of the file, up to the number that is allowed. */
/* What pandas and R make of codes in a column with gaps, in a file of text answers. */
static void codes_with_zeros_behind_the_mark_are_text_answers_too(void)
{
    static const vmap_read_options texts = {.text_answers = true};

    check_read("a,W\n2.0,1.5\n3. Yes,2.5\n2.5,1.5\n,1\n-1.0,1\n", &texts, "a:c W:n",
               "2: 2|1.5; 3: 3|2.5; 4: [out-of-range]|1.5; 5: [blank]|1; 6: -1|1");
    check_read("a;W\n2,0;1,5\n3. Yes;2,5\n2,5;1,5\n;1\n-1,0;1\n", &texts, "a:c W:n",
               "2: 2|1.5; 3: 3|2.5; 4: [unparsable]|1.5; 5: [blank]|1; 6: -1|1");
}

static void several_problems_are_told_at_once(void)
{
    static const struct {
        size_t most, want;
    } limits[] = {{0, 1}, {1, 1}, {2, 2}, {3, 3}, {9, 4}};
    static const char text[] = "a,b\n1,x\n2\n3,3\ny,4\n5,5,5\n";
    static const size_t lines[] = {2, 3, 5, 6};

    for (int odd = 0; odd < 2; odd++) {
        for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
            vmap_read_options o = {.max_errors = limits[i].most};
            vmap_reader *reader = NULL;
            vmap_table *t = NULL;
            const vmap_error *problem;
            vmap_error err;
            char bytes[64];
            size_t count = 0;

            snprintf(bytes, sizeof bytes, "%s%s", text, odd ? "6, \"6\" \n" : ""); /* the slow way */
            CHECK_OK(vmap_reader_open(scratch_file("read.csv", bytes), &o, &reader, &err), &err);
            reader->part = 5;
            CHECK_OK(vmap_reader_want(reader, 0, VMAP_CODES, "a", NULL, &err), &err);
            CHECK_OK(vmap_reader_want(reader, 1, VMAP_CODES, "b", NULL, &err), &err);
            CHECK_FAILS(vmap_reader_read(reader, &t, &err), VMAP_EDATA, &err,
                        "read.csv:2: column b: 'x' is not a number");
            problem = vmap_reader_problems(reader, &count);
            CHECK_COUNT(count, limits[i].want);
            for (size_t k = 0; k < count; k++)
                CHECK_COUNT(problem[k].line, lines[k]);
            vmap_reader_free(reader);
        }
    }
}

/* Cases that public collections of difficult CSV files have in common (csv-spectrum, csv-test-data,
 * RFC 4180), written anew. */
static void known_corner_cases_are_read(void)
{
    static const struct {
        const char *text, *wishes, *want;
    } known[] = {
        {"a,b,c\n1,\"ha \"\"ha\"\" ha\",3\n", "b:t c:c", "2: ha \"ha\" ha|3"},
        {"a,b\n1,\"ha\n\"\"ha\"\"\nha\"\n3,4\n", "a:c b:t", "2: 1|ha\n\"ha\"\nha; 5: 3|4"},
        {"k,v\n1,\"{\"\"type\"\": \"\"Point\"\"}\"\n", "v:t", "2: {\"type\": \"Point\"}"},
        {"a,b,c\r\n1,,\"\"\r\n", "a:c b:t c:t", "2: 1|[blank]|[blank]"},
        {"a,b\n\"1\r\n2\",3\n", "a:t b:c", "2: 1\r\n2|3"},
        {"a,b\n1,\xCA\xA4\n", "b:t", "2: \xCA\xA4"},
        {"a\n\"\"\"\"\n\"\"\"\"\"\"\n", "a:t", "2: \"; 3: \"\""},
        {"\"a\",\"b, c\"\n\"1\",\"2\"\n", "a:c", "2: 1"},
        {"a,b\r1,2\r3,4\r", "a:c b:c", "1: 1|2; 1: 3|4"}, /* one line as newlines count */
        {"a;b;c\n1;x,y;2\n3;z;4\n", "a:c b:t", "2: 1|x,y; 3: 3|z"},
        {"a\tb\n1\t\"x\ty\"\n", "b:t", "2: x\ty"},
        {"a,b,c\n1,,\n,,3\n", "a:c b:c c:c", "2: 1|[blank]|[blank]; 3: [blank]|[blank]|3"},
        {"a,b\n,\n\"\",1\n", "a:t b:c", "2: [blank]|[blank]; 3: [blank]|1"},
        {"a,b\n\"x\ny\r\nz\rw\",1\n2,3\n", "a:t b:c", "2: x\ny\r\nz\rw|1; 5: 2|3"},
        {"a,b\n1,\"x\"\"\"", "a:c b:t", "2: 1|x\""},
        {"a,b\n1,2\n\n\n", "a:c b:c", "2: 1|2"},
        {"a,b\r\n1,2\n3,4\r\n", "a:c b:c", "2: 1|2; 3: 3|4"},
        {"a,b\n\",\",\",,\"\n", "a:t b:t", "2: ,|,,"},
        {"\"a \"\"b\"\"\",c\n1,2\n", "c:c", "2: 2"},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        check_read(known[i].text, NULL, known[i].wishes, known[i].want);
}

static void ten_thousand_columns_are_read(void)
{
    buffer b = {0};

    for (int row = 0; row < 3; row++) {
        for (int i = 0; i < 10000; i++)
            buffer_format(&b, "%s%s%d", i ? "," : "", row ? "" : "c", row ? i * row % 100 : i);
        buffer_put(&b, "\n");
    }
    check_read(b.text, NULL, "c9999:c c0:c c5001:c", "2: 99|0|1; 3: 98|0|2");
    buffer_free(&b);
}

static void a_file_of_one_byte_is_a_header(void)
{
    check_text_refused("x", NULL, "x:c", VMAP_EDATA, "the file has a header but no rows");
    check_text_refused("\n", NULL, "", VMAP_EPARSE, "the file is empty");
    check_text_refused("\"", NULL, "", VMAP_EPARSE, "the header has a quote that is not closed");
}

/* ---- properties ---- */

/* One cell of the dialect matrix: quoted when `all` are or when it must be. */
static void put_cell(buffer *b, const char *cell, char delimiter, bool all)
{
    char special[] = {delimiter, '"', '\n', '\0'};

    if (!all && !strpbrk(cell, special)) {
        buffer_put(b, cell);
        return;
    }
    buffer_put(b, "\"");
    for (; *cell; cell++)
        buffer_format(b, "%s%c", *cell == '"' ? "\"" : "", *cell);
    buffer_put(b, "\"");
}

/* The same answers in every dialect: byte order mark x delimiter x quotes x line ends x labelled
 * header x decimal mark x end of the last line. */
static void every_dialect_gives_the_same_table(void)
{
    static const char *const rows[][4] = {{"1", "0*85", "C\xC3\xB4te d'Ivoire", "3"},
                                          {"-2", "*125", "say \"x\", y; z|\tw", ""},
                                          {"12", "1*5", "", "NA"},
                                          {"5", "2", "two\nlines", " "}};
    static const char delimiters[] = ",;\t|", decimals[] = ".,";

    for (int i = 0; i < 2 * 4 * 2 * 2 * 2 * 2 * 2; i++) {
        bool mark = i & 1, all = i & 2, crlf = i & 4, labels = i & 8, last = i & 16;
        char decimal = decimals[i >> 5 & 1], delimiter = delimiters[i >> 6];
        buffer b = {0};

        buffer_put(&b, mark ? "\xEF\xBB\xBF" : "");
        for (size_t r = 0; r <= 4; r++) {
            for (size_t j = 0; j < 4; j++) {
                static const char *const names[] = {"Q1", "weight", "country", "Q2"};
                char cell[64];

                snprintf(cell, sizeof cell, "%s%s", r ? rows[r - 1][j] : names[j],
                         r == 0 && labels ? ": What, where; and | how" : "");
                if (strchr(cell, '*'))
                    *strchr(cell, '*') = decimal;
                buffer_bytes(&b, &delimiter, j > 0);
                put_cell(&b, cell, delimiter, all);
            }
            if (r < 4 || last)
                buffer_put(&b, crlf ? "\r\n" : "\n");
        }
        check_read(b.text, NULL, "Q1:c weight:n country:t Q2:c",
                   "2: 1|0.84999999999999998|C\xC3\xB4te d'Ivoire|3; "
                   "3: -2|0.125|say \"x\", y; z|\tw|[blank]; "
                   "4: 12|1.5|[blank]|[blank]; "
                   "5: 5|2|two\nlines|[blank]");
        buffer_free(&b);
    }
}

/* The reference of the differential tests: every byte of the body shown to libcsv, one at a time,
 * with the line of the first byte of each record. */
typedef struct {
    size_t columns, field, rows, line, bad;
    buffer text;  /* every field ends with a NUL byte */
    size_t *cell; /* offset of each field of whole rows in the text */
    size_t *lines;
    size_t cells, room;
} reference;

static void reference_field(void *bytes, size_t n, void *data)
{
    reference *ref = data;
    const char *text = bytes;

    if (ref->cells == ref->room) {
        ref->room = 2 * ref->room + 1000;
        ref->cell = realloc(ref->cell, ref->room * sizeof *ref->cell);
        ref->lines = realloc(ref->lines, ref->room * sizeof *ref->lines);
    }
    while (n && (*text == ' ' || *text == '\t'))
        text++, n--;
    while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    ref->cell[ref->cells++] = ref->text.n;
    buffer_bytes(&ref->text, text, n);
    buffer_bytes(&ref->text, "", 1);
    ref->field++;
}

static void reference_row(int end, void *data)
{
    reference *ref = data;

    (void)end;
    ref->bad += ref->field != ref->columns;
    ref->lines[ref->rows++] = ref->line;
    ref->field = 0;
}

static void read_reference_text(const char *body, size_t n, size_t columns, reference *ref)
{
    struct csv_parser parser;
    size_t line = 2;

    *ref = (reference){.columns = columns, .line = 2};
    csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
    csv_set_blk_size(&parser, 1 << 18);
    for (size_t i = 0; i < n && !ref->bad; i++) {
        if (parser.pstate == 0) /* no record has begun */
            ref->line = line;
        ref->bad += csv_parse(&parser, body + i, 1, reference_field, reference_row, ref) != 1;
        line += body[i] == '\n';
    }
    if (!ref->bad)
        ref->bad += csv_fini(&parser, reference_field, reference_row, ref) != 0;
    csv_free(&parser);
}

static void free_reference(reference *ref)
{
    buffer_free(&ref->text);
    free(ref->cell);
    free(ref->lines);
}

/* A file in memory where the system has such: 100000 files are not written to a disk. */
static const char *memory_file(const char *text, size_t n)
{
    static char path[64];
    static int fd = -1;

    if (fd < 0)
        fd = memfd_create("unit-test", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, text, n, 0) == (ssize_t)n &&
        access(path, R_OK) == 0)
        return path;
    return scratch_bytes("read.csv", text, n);
}

/* Compare the reader with the reference on a text; `wanted` holds `count` columns. Returns false
 * and shows the text (its beginning) when they differ. */
static bool same_as_reference(const char *text, size_t n, size_t columns, const size_t *wanted,
                              size_t count)
{
    vmap_read_options options = {.delimiter = ',', .decimal = '.'};
    size_t header = (size_t)(strchr(text, '\n') - text) + 1;
    vmap_reader *reader = NULL;
    vmap_table *t = NULL;
    vmap_error err = {.status = VMAP_SUCCESS};
    vmap_status status, want;
    reference ref;
    bool same;

    read_reference_text(text + header, n - header, columns, &ref);
    want = ref.bad ? VMAP_EPARSE : ref.rows ? VMAP_SUCCESS : VMAP_EDATA;
    status = vmap_reader_open(memory_file(text, n), &options, &reader, &err);
    for (size_t i = 0; !status && i < count; i++) {
        char as[] = {(char)('A' + i), '\0'};

        status = vmap_reader_want(reader, wanted[i], VMAP_TEXTS, as, NULL, &err);
    }
    if (!status)
        status = vmap_reader_read(reader, &t, &err);
    same = status == want && (status || vmap_table_rows(t) == ref.rows);
    for (size_t r = 0; same && !status && r < ref.rows; r++) {
        same = vmap_table_line(t, r) == ref.lines[r];
        for (size_t i = 0; same && i < count; i++)
            same = strcmp(vmap_table_text(t, i, r),
                          ref.text.text + ref.cell[r * columns + wanted[i]]) == 0;
    }
    if (!same) {
        char message[1000];

        fprintf(stderr, "  differs: status %d (%s), want %d; text:\n%.500s\n<end>\n", (int)status,
                status ? vmap_error_text(&err, message, sizeof message) : "", (int)want, text);
    }
    vmap_table_free(t);
    vmap_reader_free(reader);
    free_reference(&ref);
    return same;
}

/* A random text: a header of 1..4 names, then fields that are regular but for one in `odd`. */
static size_t random_text(gsl_rng *rng, char *text, size_t room, size_t columns, size_t odd)
{
    static const char *const regular[] = {
        "",     "1", "-2.5", "abc", "\"q\"", "\"\"", "\"x,y\"", "\"l\nm\"", "\"say \"\"z\"\"\"",
        " b c "};
    static const char *const irregular[] = {"\"",       " \"s\"", "\"t\" ", "u\"v", "\"w\"x", "\r",
                                            "\"\r\n\"", ",",      "\n",     "\t",   "\"\"\""};
    size_t n = (size_t)snprintf(text, room, "%.*s\n", (int)(2 * columns - 1), "a,b,c,d");

    for (size_t rows = vmap_rng_below(rng, 12); rows > 0; rows--) {
        for (size_t j = 0; j < columns; j++) {
            const char *cell = vmap_rng_below(rng, odd) ? regular[vmap_rng_below(rng, 10)]
                                                        : irregular[vmap_rng_below(rng, 11)];

            n += (size_t)snprintf(text + n, room - n, "%s%s", j ? "," : "", cell);
        }
        n += (size_t)snprintf(text + n, room - n, "%s",
                              vmap_rng_below(rng, 8) == 0   ? "\n\n"
                              : vmap_rng_below(rng, 3) == 0 ? "\r\n"
                                                            : "\n");
    }
    while (vmap_rng_below(rng, 3) == 0 && text[n - 2] != 'a') /* the end may be cut off */
        n--;
    text[n] = '\0';
    return n;
}

/* The address sanitizer marks a megabyte for every file that is opened: it gets fewer of them. */
#if defined(__SANITIZE_ADDRESS__)
enum { TEXTS = 10000 };
#else
enum { TEXTS = 100000 };
#endif

/* 100000 small texts, most of them with something irregular in them: the reader, which shows libcsv
 * only the wanted fields where it can, must find what libcsv finds in the whole text. */
static void wanted_fields_are_those_of_a_plain_reading(void)
{
    gsl_rng *rng = vmap_rng_new(41, 0);
    size_t wrong = 0, good = 0;

    for (int i = 0; i < TEXTS && wrong < 3; i++) {
        size_t columns = 1 + vmap_rng_below(rng, 4), wanted[4], count = vmap_rng_below(rng, 5);
        char text[2000];
        size_t n = random_text(rng, text, sizeof text, columns, i % 4 ? 60 : 6);

        if (!strchr(text, '\n'))
            continue;
        for (size_t k = 0; k < count; k++)
            wanted[k] = vmap_rng_below(rng, columns);
        wrong += !same_as_reference(text, n, columns, wanted, count);
        good++;
    }
    CHECK_COUNT(wrong, 0);
    CHECK(good > TEXTS / 10 * 9);
    gsl_rng_free(rng);
}

/* Files of some megabytes, which the reader takes in windows: quoted newlines, doubled quotes and
 * line ends fall on every kind of border; an irregular quote may come late. */
static void large_files_are_read_in_windows(void)
{
    static const size_t wanted[] = {3, 0};
    gsl_rng *rng = vmap_rng_new(42, 0);

    for (int i = 0; i < 4; i++) {
        buffer b = {0};

        buffer_put(&b, "a,b,c,d\n");
        while (b.n < 2500000) {
            size_t width = vmap_rng_below(rng, 200);

            buffer_format(&b, "%zu,\"%*s\n\"\"x\",,%s", b.n, (int)width, "",
                          vmap_rng_below(rng, 2) ? "z\r\n" : "\"end\nof it\"\n");
        }
        if (i == 1)
            buffer_put(&b, "1, \"odd\" ,3,4\n");
        if (i == 2)
            buffer_put(&b, "1,2,3,\"never closed\n1,2,3,4\n");
        CHECK(same_as_reference(b.text, b.n, 4, wanted, 2));
        buffer_free(&b);
    }
    gsl_rng_free(rng);
}

/* What reading a text gives, written out: the table, or the message. All columns are read, as texts or
 * as codes; `part` bytes are taken at a time. */
static char *read_in_parts(const char *text, size_t n, size_t part, unsigned threads, vmap_kind kind)
{
    vmap_read_options options = {.delimiter = ',', .decimal = '.', .threads = threads};
    vmap_reader *reader = NULL;
    vmap_table *t = NULL;
    vmap_error err = {.status = VMAP_SUCCESS};
    vmap_status status = vmap_reader_open(memory_file(text, n), &options, &reader, &err);
    char *written;

    for (size_t i = 0; !status && i < vmap_reader_columns(reader); i++) {
        char as[] = {(char)('A' + i), '\0'};

        status = vmap_reader_want(reader, i, kind, as, NULL, &err);
    }
    if (!status) {
        reader->part = part ? part : reader->part;
        status = vmap_reader_read(reader, &t, &err);
    }
    if (status) {
        written = malloc(1600);
        vmap_error_text(&err, written, 1600);
    } else {
        written = write_lines(t);
    }
    vmap_table_free(t);
    vmap_reader_free(reader);
    return written;
}

static bool same_in_parts(const char *text, size_t n, size_t part, unsigned threads, vmap_kind kind,
                          const char *want)
{
    char *got = read_in_parts(text, n, part, threads, kind);
    bool same = strcmp(got, want) == 0;

    if (!same)
        fprintf(stderr, "  parts of %zu bytes, %u threads: got %s\n  want %s\n", part, threads, got,
                want);
    free(got);
    return same;
}

/* ---- cells on their way to the columns ---- */

/* What a cell is in columns of codes or numbers, and of texts. */
typedef struct {
    const char *cell;
    double value;
    vmap_reason why;
    const char *text; /* NULL: blank */
} cell_case;

static void check_cell(const vmap_table *t, size_t row, size_t column, const cell_case *c)
{
    for (size_t kind = 0; kind < 2; kind++) {
        size_t j = 3 * column + kind;

        CHECK(vmap_table_reason(t, j, row) == c->why);
        if (c->why == VMAP_PRESENT)
            CHECK_NEAR(vmap_table_value(t, j, row), c->value, 0);
    }
    CHECK(vmap_table_reason(t, 3 * column + 2, row) == (c->text ? VMAP_PRESENT : VMAP_BLANK));
    CHECK_TEXT(vmap_table_text(t, 3 * column + 2, row), c->text ? c->text : "");
}

/* Every column as codes, as numbers and as texts. */
static vmap_status read_three_ways(const char *path, vmap_table **table, vmap_error *err)
{
    vmap_reader *r = NULL;
    vmap_status status = vmap_reader_open(path, NULL, &r, err);

    for (size_t j = 0; !status && j < 3 * vmap_reader_columns(r); j++) {
        static const vmap_kind kinds[] = {VMAP_CODES, VMAP_NUMBERS, VMAP_TEXTS};
        char as[32];

        snprintf(as, sizeof as, "%zu", j);
        status = vmap_reader_want(r, j / 3, kinds[j % 3], as, NULL, err);
    }
    if (!status)
        status = vmap_reader_read(r, table, err);
    vmap_reader_free(r);
    return status;
}

/* Cells are looked up, wait, and are turned in blocks of rows; others go to their column at once, between them. */
static void cells_of_every_kind_mix_in_a_column(void)
{
    static const cell_case some[] = {
        {"5", 5, VMAP_PRESENT, "5"},      {"10", 10, VMAP_PRESENT, "10"},    {"-3", -3, VMAP_PRESENT, "-3"},
        {"", 0, VMAP_BLANK, NULL},        {"07", 7, VMAP_PRESENT, "07"},     {"-0", 0, VMAP_PRESENT, "-0"},
        {"\"8\"", 8, VMAP_PRESENT, "8"},  {"\"\"", 0, VMAP_BLANK, NULL},     {"NA", 0, VMAP_BLANK, "NA"},
        {" 4", 4, VMAP_PRESENT, "4"},     {"840", 840, VMAP_PRESENT, "840"}, {"2.5", 2.5, VMAP_PRESENT, "2.5"},
        {"-", 0, VMAP_BLANK, "-"},        {"Refused", 0, VMAP_REFUSED, "Refused"}};
    enum { COLUMNS = 37, ROWS = 333, CASES = sizeof some / sizeof *some };
    static unsigned char drawn[ROWS][COLUMNS];
    gsl_rng *rng = vmap_rng_new(11, 0);
    buffer text = {0};
    vmap_table *t = NULL;
    vmap_error err;

    for (size_t j = 0; j < COLUMNS; j++)
        buffer_format(&text, "%sc%zu", j ? "," : "", j);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < COLUMNS; j++) { /* the later the column, the more kinds are in it */
            drawn[i][j] = (unsigned char)vmap_rng_below(rng, j % CASES + 1);
            buffer_format(&text, "%s%s", j ? "," : i % 5 == 4 ? "\r\n" : "\n", some[drawn[i][j]].cell);
        }
    }
    if (CHECK_OK(read_three_ways(scratch_bytes("read.csv", text.text, text.n), &t, &err), &err)) {
        CHECK_COUNT(vmap_table_rows(t), ROWS);
        for (size_t i = 0; i < ROWS; i++) {
            for (size_t j = 0; j < COLUMNS; j++)
                check_cell(t, i, j, &some[drawn[i][j]]);
        }
    }
    vmap_table_free(t);
    buffer_free(&text);
    gsl_rng_free(rng);
}

static void an_empty_cell_may_be_a_word(void)
{
    const vmap_word none = {"", 0, VMAP_NOT_ASKED};
    vmap_reader *r = NULL;
    vmap_table *t = NULL;
    vmap_error err;

    if (CHECK_OK(vmap_reader_open(scratch_bytes("read.csv", "a,b\n1,2\n,3\n", 11), NULL, &r, &err), &err) &&
        CHECK_OK(vmap_reader_want(r, 0, VMAP_CODES, "a", NULL, &err), &err) &&
        CHECK_OK(vmap_reader_words(r, &none, 1, &err), &err) && CHECK_OK(vmap_reader_read(r, &t, &err), &err)) {
        CHECK(vmap_table_reason(t, 0, 0) == VMAP_PRESENT);
        CHECK(vmap_table_reason(t, 0, 1) == VMAP_NOT_ASKED);
    }
    vmap_table_free(t);
    vmap_reader_free(r);
}

/* Some delimiters look like codes. */
static void a_digit_may_be_the_delimiter(void)
{
    vmap_read_options o;

    vmap_read_defaults(&o);
    o.delimiter = '0';
    check_read("a0b0c\n10502\n00-3\n-1090-\n", &o, "a:c b:c c:c", "2: 1|5|2; 3: [blank]|[blank]|-3; 4: -1|9|[blank]");
}

static void turned_bytes_are_those_of_the_rows(void)
{
    int8_t *from = malloc(TRANSPOSE_ROWS * 70), *to = malloc(TRANSPOSE_ROWS * 70);

    for (size_t i = 0; i < TRANSPOSE_ROWS * 70; i++)
        from[i] = (int8_t)(i * 37 % 251);
    for (size_t columns = 0; columns <= 70; columns++) {
        bool same = true;

        transpose_bytes(from, columns, to);
        for (size_t k = 0; k < columns; k++) {
            for (size_t i = 0; i < TRANSPOSE_ROWS; i++)
                same &= to[k * TRANSPOSE_ROWS + i] == from[i * columns + k];
        }
        CHECK(same);
    }
    free(from);
    free(to);
}

/* Parts of 1, 2, 3 ... bytes: every byte of the file is once the border between two parts. The fast way
 * and the plain way, good files and bad ones: always the same table or the same message. */
static void a_file_split_at_every_byte_reads_the_same(void)
{
    static const char *const texts[] = {
        "a,b,c\n1,\"x\"\"y\",3\n4,\"two\nlines, and a \"\"quote\"\"\",6\r\n\n7,,9\n\"\n\",\"\",\"1\n2\"",
        "a,b\n\"1\",\"\n\n\n\"\n\"\"\"\n\"\"\",\",\n,\"\n\"2\",\"3\"\n",
        "a,b\n1,2\n3,4\n5,6,7\n8,9\n1\n",                   /* a wrong number of fields */
        "a,b\n1,\"x\ny\"\n3,\"never closed\n5,6\n7,8\n",     /* an open quote */
        "a,b\n1,2\n 3 , \"4\" \n5,\"\n\"\n6,7",               /* blanks around quotes: plain */
        "a\n1\n\n\n2\n \n3\n", "a,b\r\n1,2\r\n3,4\r\n", "a\n",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t n = strlen(texts[i]);

        for (int kind = VMAP_CODES; kind <= VMAP_TEXTS; kind++) {
            char *want = read_in_parts(texts[i], n, 0, 1, (vmap_kind)kind);

            for (size_t part = 1; part <= n; part++) {
                CHECK(same_in_parts(texts[i], n, part, 1, (vmap_kind)kind, want));
                CHECK(same_in_parts(texts[i], n, part, 3, (vmap_kind)kind, want));
            }
            free(want);
        }
    }
}

/* Random texts, some with numbers that turn codes into numbers, in random parts on several threads. */
static void random_files_in_random_parts_read_the_same(void)
{
    gsl_rng *rng = vmap_rng_new(43, 0);
    size_t wrong = 0;

    for (int i = 0; i < TEXTS / 10 && wrong < 3; i++) {
        char text[2000], *want;
        size_t n = random_text(rng, text, sizeof text, 1 + vmap_rng_below(rng, 4), i % 2 ? 60 : 6);
        vmap_kind kind = i % 3 ? VMAP_TEXTS : VMAP_CODES;

        want = read_in_parts(text, n, 0, 1, kind);
        wrong += !same_in_parts(text, n, 1 + vmap_rng_below(rng, n), 2, kind, want);
        free(want);
    }
    CHECK_COUNT(wrong, 0);
    gsl_rng_free(rng);
}

static void a_record_may_be_longer_than_the_window(void)
{
    static const size_t wanted[] = {1, 2};

    for (int i = 0; i < 3; i++) {
        buffer b = {0};

        buffer_put(&b, "a,b,c\n1,2,3\n4,");
        buffer_put(&b, i ? "\"" : "");
        for (int k = 0; k < 300000; k++)
            buffer_put(&b, i == 0 ? "0123456789" : "01,34\n6\"\"9");
        buffer_put(&b, i ? "\"" : "");
        buffer_put(&b, i == 2 ? " ,x\n5,6,7\n" : ",x\n5,6,7\n");
        CHECK(same_as_reference(b.text, b.n, 3, wanted, 2));
        buffer_free(&b);
    }
}

static void a_header_may_be_longer_than_the_sample(void)
{
    buffer b = {0};
    vmap_reader *reader = NULL;
    vmap_table *t = NULL;
    vmap_error err;

    for (int i = 0; i < 60000; i++)
        buffer_format(&b, "%sname%d", i ? ";" : "", i);
    for (int r = 0; r < 2; r++) {
        for (int i = 0; i < 60000; i++)
            buffer_format(&b, "%s%d", i ? ";" : "\n", i % 100 + r);
    }
    CHECK_OK(vmap_reader_open(scratch_file("read.csv", b.text), NULL, &reader, &err), &err);
    CHECK_COUNT(vmap_reader_columns(reader), 60000);
    CHECK_OK(vmap_reader_want(reader, 59999, VMAP_CODES, "last", NULL, &err), &err);
    if (CHECK_OK(vmap_reader_read(reader, &t, &err), &err))
        CHECK_NEAR(vmap_table_value(t, 0, 1), 100, 0);
    vmap_table_free(t);
    vmap_reader_free(reader);
    buffer_free(&b);
}

/* 2^18 bytes tell the dialect; the last of them is a blank line, and nothing beyond is looked at.
 */
static void a_blank_line_may_end_the_sample(void)
{
    buffer b = {0};

    buffer_put(&b, "a,b\n");
    for (int i = 0; i < 20; i++)
        buffer_format(&b, "%d,%*d\n", i, 13000, 1);
    buffer_format(&b, "7,%*d\n\n", (int)((1 << 18) - b.n - 4), 2);
    CHECK_COUNT(b.n, 1 << 18);
    buffer_put(&b, "8,9\n");
    CHECK(same_as_reference(b.text, b.n, 2, (const size_t[]){1, 0}, 2));
    {
        vmap_reader *reader = NULL;
        vmap_error err;

        CHECK_OK(vmap_reader_open(scratch_file("read.csv", b.text), NULL, &reader, &err), &err);
        CHECK_COUNT(vmap_reader_columns(reader), 2);
        vmap_reader_free(reader);
    }
    buffer_free(&b);
}

/* ---- refusals ---- */

static void text_in_a_numeric_cell_is_an_error_with_its_place(void)
{
    vmap_read_options o = {.text_is_missing = true};

    check_text_refused(
        "a,b\n1,2\n3,agree\n", NULL, "a:c b:c", VMAP_EDATA,
        "unit-scratch/read.csv:3: column b: 'agree' is not a number; allowed are 1..10; to "
        "count text as missing, use --text missing");
    check_text_refused("a,b\n1,2\n\n \"3\" ,x\n", NULL, "a:c b:c", VMAP_EDATA,
                  "read.csv:4: column b: 'x' is not a number");
    check_text_refused("a;b\n1;2,5\n3;4.5x\n", NULL, "b:n", VMAP_EDATA,
                  "read.csv:3: column b: '4.5x' is not a number with decimal comma");
    check_text_refused("a,b\n1,0x10\n", NULL, "b:n", VMAP_EDATA, "'0x10' is not a number");
    check_text_refused("a,b\n1,1e999\n", NULL, "b:n", VMAP_EDATA, "'1e999' is not a number");
    check_read("a,b\n1,2\n3,agree\n", NULL, "a:c", "2: 1; 3: 3"); /* nobody wants the column */
    check_read("a,b\n1,2\n3,agree\n,\n", &o, "a:c b:c",
               "2: 1|2; 3: 3|[unparsable]; 4: [blank]|[blank]");
}

static void records_need_as_many_fields_as_the_header(void)
{
    check_text_refused("a,b,c\n1,2,3\n4,5\n", NULL, "a:c", VMAP_EPARSE,
                  "unit-scratch/read.csv:3: 2 fields, but the header names 3 columns");
    check_text_refused("a,b,c\n\"1\n\",2,3\n4,5,6,7\n", NULL, "a:t", VMAP_EPARSE,
                  "read.csv:4: 4 fields, but the header names 3 columns");
    check_text_refused("a,b,c\n\n1\n", NULL, "", VMAP_EPARSE, "read.csv:3: 1 field, but");
    check_text_refused("a,b,c\n \"1\" ,2,3\n4,5\n", NULL, "a:c", VMAP_EPARSE,
                  "read.csv:3: 2 fields, but the header names 3 columns"); /* the slow way */
}

static void a_quote_that_is_not_closed_is_reported_where_it_opens(void)
{
    check_text_refused("a,b\n1,2\n3,\"x\n4,5\n6,7\n", NULL, "a:c", VMAP_EPARSE,
                  "unit-scratch/read.csv:3: column b: a quote is not closed");
    check_text_refused("a,b\n1,2\n\"x\n4,5\n6,7", NULL, "a:t", VMAP_EPARSE, "read.csv:3: column a: a quote");
    check_text_refused("a,b\n1,2\n\"two\nlines\",\"x\n4,5\n", NULL, "a:t", VMAP_EPARSE,
                  "read.csv:4: column b: a quote"); /* the record begins on line 3, the quote on line 4 */
    check_text_refused("a,b\n1,2\n3,x\"y\n4,5\n", NULL, "a:c", VMAP_EPARSE, "read.csv:3: column b: a quote");
    check_text_refused("a,b\n1,2\n3,\"x\"y\n4,5\n", NULL, "a:c", VMAP_EPARSE, "read.csv:3: column b: a quote");
}

static void a_wanted_column_must_be_there_once(void)
{
    check_text_refused(
        "a,b,a\n1,2,3\n", NULL, "a:c", VMAP_EDATA,
        "unit-scratch/read.csv:1: column a: the file has two columns of this name (1 and 3)");
    check_read("a,b,a\n1,2,3\n", NULL, "b:c", "2: 2");
}

static void a_file_without_rows_or_header_is_refused(void)
{
    check_text_refused("", NULL, "", VMAP_EPARSE, "unit-scratch/read.csv: the file is empty");
    check_text_refused("  \n\r\n\n", NULL, "", VMAP_EPARSE, "the file is empty");
    check_text_refused("\xEF\xBB\xBF", NULL, "", VMAP_EPARSE, "the file is empty");
    check_text_refused("\xEF\xBB\xBF\r\n", NULL, "", VMAP_EPARSE, "the file is empty");
    check_text_refused("a,b\n", NULL, "a:c", VMAP_EDATA, "the file has a header but no rows");
    check_text_refused("a,b", NULL, "a:c", VMAP_EDATA, "the file has a header but no rows");
    check_text_refused("a,b\n\n  \n", NULL, "a:c", VMAP_EDATA, "the file has a header but no rows");
    check_text_refused("a\n\n1\n", &(vmap_read_options){.skip = 1}, "", VMAP_EPARSE,
                  "read.csv: the header has no column names");
    check_text_refused("a,\"b\n1,2\n", NULL, "", VMAP_EPARSE, "read.csv:1: the header has a quote");
    check_text_refused("a,b\"c\n1,2\n", NULL, "", VMAP_EPARSE, "read.csv:1: the header has a quote");
}

static void files_that_are_no_text_are_refused(void)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *words;
    } bad[] = {
        {"a,b\n1,\0\n", 8, "NUL"},
        {"PK\3\4xxxx", 8, "the zip file is damaged or encrypted"},
        {"$FL2@(#)", 8, "the SPSS file cannot be read"},
        {"\xD0\xCF\x11\xE0xxxx", 8, "spreadsheet"},
    };
    vmap_table *t = NULL;
    vmap_error err;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_FAILS(read_bytes(bad[i].bytes, bad[i].n, NULL, "", &t, &err), VMAP_EPARSE, &err,
                    bad[i].words);
}

/* Beyond the bytes that tell the dialect a NUL byte is met only while the cells are read. */
static void a_nul_byte_in_a_wanted_cell_is_refused(void)
{
    for (int odd = 0; odd < 2; odd++) {
        buffer b = {0};
        vmap_table *t = NULL;
        vmap_error err;

        buffer_put(&b, odd ? "a,b\n \"1\" ,2\n" : "a,b\n1,2\n");
        for (int i = 0; i < 70000; i++)
            buffer_put(&b, "1,2\n");
        buffer_bytes(&b, "1,2\0003\n", 6);
        CHECK_FAILS(read_bytes(b.text, b.n, NULL, "b:t", &t, &err), VMAP_EPARSE, &err,
                    "read.csv:70003: column b: the cell holds a NUL byte");
        buffer_free(&b);
    }
}

static void bytes_that_are_no_characters_are_refused(void)
{
    for (int odd = 0; odd < 2; odd++) {
        buffer b = {0};

        buffer_put(&b, odd ? "a,b\n \"1\" ,2\n" : "a,b\n1,2\n");
        for (int i = 0; i < 70000; i++)
            buffer_put(&b, "1,2\n");
        buffer_put(&b, "\xE9,2\n");
        check_text_refused(b.text, NULL, "a:t", VMAP_EPARSE, "read.csv:70003: column a: the cell is not UTF-8");
        check_text_refused(b.text, NULL, "a:c", VMAP_EDATA, "read.csv:70003: column a:");
        check_text_refused(b.text, &(vmap_read_options){.encoding = "ASCII"}, "a:t", VMAP_EPARSE,
                      "read.csv:70003: bytes that are no characters of ASCII");
        buffer_free(&b);
    }
    check_text_refused("a\n1\n", &(vmap_read_options){.encoding = "klingon"}, "a:c", VMAP_EINVAL,
                  "encoding 'klingon' is not known");
}

static void one_file_has_one_decimal_mark(void)
{
    vmap_read_options o = {.decimal = '.'};

    check_text_refused("a;b\n1,5;2\n1.5;2\n", NULL, "b:c", VMAP_EDATA,
                  "numbers with decimal point (1 cells) and with decimal comma (1 cells)");
    check_read("a;b\n1,5;2\n1.5;2\n", &o, "b:c", "2: 2; 3: 2");
}

/* Where commas divide the cells a quoted "1,2" may be two answers or a thousand. */
static void a_quoted_comma_is_decimal_only_when_it_must_be(void)
{
    check_read("a,b\n\"1,2\",0.5\n", NULL, "b:n", "2: 0.5");
    check_read("a,b\n\"0,5\",2\n", NULL, "a:n", "2: 0.5");
    check_text_refused("a,b\n\"1,250\",2\n", NULL, "a:n", VMAP_EDATA,
                  "if the decimal mark was not recognised, force it with --decimal");
}

static void a_file_that_cannot_be_opened_is_an_error(void)
{
    vmap_reader *reader = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_reader_open("unit-scratch/none.csv", NULL, &reader, &err), VMAP_ENOENT, &err,
                "unit-scratch/none.csv: cannot open the file");
    CHECK_FAILS(vmap_reader_open("/", NULL, &reader, &err), VMAP_EIO, &err,
                "/: cannot read the file");
    CHECK(reader == NULL);
    vmap_reader_free(NULL);
}

/* Cut off, grown or rewritten between opening and reading: what was read is no file that ever was. */
static void a_file_that_changes_is_refused(void)
{
    static const char text[] = "a,b\n1,2\n3,4\n5,6\n";
    static const char *const after[] = {"a,b\n1,2\n", "a,b\n1,2\n3,4\n5,6\n7,8\n", "a,b\n1,2\n3,4\n5,9\n"};

    for (size_t i = 0; i < sizeof after / sizeof *after; i++) {
        const char *path = scratch_file("changing.csv", text);
        vmap_reader *r = NULL;
        vmap_table *t = NULL;
        vmap_error err;
        struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};

        CHECK(utimensat(AT_FDCWD, path, old, 0) == 0);
        CHECK_OK(vmap_reader_open(path, NULL, &r, &err), &err);
        CHECK_OK(vmap_reader_want(r, 1, VMAP_CODES, "b", NULL, &err), &err);
        scratch_file("changing.csv", after[i]);
        CHECK_FAILS(vmap_reader_read(r, &t, &err), VMAP_EIO, &err, "changing.csv: the file was changed while it was read");
        CHECK(t == NULL);
        vmap_reader_free(r);
    }
}

/* A pipe with a name is read like standard input; an empty device is an empty file. */
static void pipes_and_devices_are_read(void)
{
    pid_t writer;

    unlink("unit-scratch/pipe");
    CHECK(mkfifo("unit-scratch/pipe", 0600) == 0);
    writer = fork();
    if (writer == 0) {
        FILE *f = fopen("unit-scratch/pipe", "w");

        _exit(!f || fputs("a,b\n1,2\n", f) < 0 || fclose(f));
    }
    check_path("unit-scratch/pipe", "a:c b:c", "2: 1|2");
    CHECK(waitpid(writer, NULL, 0) == writer);
    unlink("unit-scratch/pipe");
    check_path_refused("/dev/null", VMAP_EPARSE, "/dev/null: the file is empty");
}

/* What others do about these differs (the pollutions of the Pollock benchmark, cases of PapaParse, written anew): a row is
 * never mended. */
static void polluted_files_are_refused_with_their_place(void)
{
    static const struct {
        const char *text, *words;
    } bad[] = {
        {"a,b\n1,2\n3\n", "read.csv:3: 1 field, but the header names 2 columns"},
        {"a,b\n1,2\n3,4,\n", "read.csv:3: 3 fields, but the header names 2 columns"},
        {"a,b\n1,2\n3;4\n", "read.csv:3: 1 field, but the header names 2 columns"},
        {"a,b\n1,2\n'x, y',4\n", "read.csv:3: 3 fields, but the header names 2 columns"},
        {"a,b\n1,2\n\nc,d,e\n3,4,5\n", "read.csv:4: 3 fields, but the header names 2 columns"},
        {"a,b\n1,\"x \\\"y\\\" z\"\n", "read.csv:2: column b: a quote is not closed"},
        {"a,b\n1,2\n3,\"x\" \"y\"\n", "read.csv:3: column b: a quote is not closed"},
        {"a,b\n\"1,2\n3,4\n", "read.csv:2: column a: a quote is not closed"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_text_refused(bad[i].text, NULL, "a:t b:t", VMAP_EPARSE, bad[i].words);
}

static void a_delimiter_must_not_be_a_quote_or_a_line_end(void)
{
    static const char bad[] = {'"', '\n', '\r'};
    vmap_reader *reader = NULL;
    vmap_error err;

    for (size_t i = 0; i < sizeof bad; i++) {
        vmap_read_options o = {.delimiter = bad[i]};

        CHECK_FAILS(vmap_reader_open(scratch_file("read.csv", "a,b\n1,2\n"), &o, &reader, &err),
                    VMAP_EINVAL, &err, "delimiter");
    }
    CHECK_FAILS(vmap_reader_open(scratch_file("read.csv", "a,b\n1,2\n"),
                                 &(vmap_read_options){.decimal = '1'}, &reader, &err),
                VMAP_EINVAL, &err, "decimal mark");
    CHECK(reader == NULL);
}

static const test_case cases[] = {
    TEST(a_small_file_is_read),
    TEST(cells_that_say_nothing_are_blank),
    TEST(quotes_keep_delimiters_quotes_and_newlines),
    TEST(blank_lines_are_skipped_and_lines_counted),
    TEST(the_last_line_may_lack_its_end),
    TEST(a_column_may_be_asked_for_twice),
    TEST(names_are_trimmed_and_labels_cut_off),
    TEST(the_dialect_is_told_in_words),
    TEST(the_dialect_can_be_forced),
    TEST(standard_input_may_be_a_pipe),
    TEST(every_encoding_gives_the_same_table),
    TEST(a_preamble_is_passed_over),
    TEST(a_line_that_names_the_delimiter_is_obeyed),
    TEST(labels_stand_for_their_codes),
    TEST(codes_with_zeros_behind_the_mark_are_text_answers_too),
    TEST(several_problems_are_told_at_once),
    TEST(known_corner_cases_are_read),
    TEST(ten_thousand_columns_are_read),
    TEST(a_file_of_one_byte_is_a_header),
    TEST(every_dialect_gives_the_same_table),
    TEST(wanted_fields_are_those_of_a_plain_reading),
    TEST(large_files_are_read_in_windows),
    TEST(cells_of_every_kind_mix_in_a_column),
    TEST(an_empty_cell_may_be_a_word),
    TEST(a_digit_may_be_the_delimiter),
    TEST(turned_bytes_are_those_of_the_rows),
    TEST(a_file_split_at_every_byte_reads_the_same),
    TEST(random_files_in_random_parts_read_the_same),
    TEST(a_record_may_be_longer_than_the_window),
    TEST(a_header_may_be_longer_than_the_sample),
    TEST(a_blank_line_may_end_the_sample),
    TEST(text_in_a_numeric_cell_is_an_error_with_its_place),
    TEST(records_need_as_many_fields_as_the_header),
    TEST(a_quote_that_is_not_closed_is_reported_where_it_opens),
    TEST(a_wanted_column_must_be_there_once),
    TEST(a_file_without_rows_or_header_is_refused),
    TEST(files_that_are_no_text_are_refused),
    TEST(a_nul_byte_in_a_wanted_cell_is_refused),
    TEST(bytes_that_are_no_characters_are_refused),
    TEST(one_file_has_one_decimal_mark),
    TEST(a_quoted_comma_is_decimal_only_when_it_must_be),
    TEST(a_file_that_cannot_be_opened_is_an_error),
    TEST(a_file_that_changes_is_refused),
    TEST(pipes_and_devices_are_read),
    TEST(polluted_files_are_refused_with_their_place),
    TEST(a_delimiter_must_not_be_a_quote_or_a_line_end),
};
SUITE(data_read_suite, cases);
