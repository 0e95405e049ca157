#include <config.h>

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/file.h"
#include "core/sandbox.h"
#include "support/check.h"
#include "support/pack.h"
#include "support/reading.h"
#include "valuemap/read.h"

/* Packed files and files of statistical packages through the one reader. */

/* ---- packed files ---- */

static const char text[] = "id,Q1,W\na,1,2.5\n\"b, c\",-1,\nd,x,3\n";
static const char text_wishes[] = "id:t W:n";
static const char text_read[] = "a|2.5; b, c|[blank]; d|3";

static void every_packing_gives_the_same_table(void)
{
    for (size_t i = 0; i < pack_kinds_count; i++)
        check_file(pack_file("packed", pack_kinds[i], "a.csv", text, strlen(text)), NULL, text_wishes, text_read);
}

static void what_is_packed_twice_is_unpacked_twice(void)
{
    char *bytes = NULL;
    size_t n = 0;

    for (size_t i = 0; i < pack_kinds_count; i++) {
        pack_file("inner", pack_kinds[i], "a.csv", text, strlen(text));
        CHECK_OK(file_read("unit-scratch/inner", &bytes, &n, NULL), NULL);
        check_file(pack_file("outer.zip", "zip", "a.csv.gz", bytes, n), NULL, text_wishes, text_read);
        free(bytes);
    }
}

/* Standard input that is a pipe. */
static void packed_standard_input_is_read(void)
{
    for (size_t i = 0; i < pack_kinds_count; i++) {
        int ends[2], kept = dup(STDIN_FILENO);
        char *bytes = NULL;
        size_t n = 0;

        pack_file("packed", pack_kinds[i], "a.csv", text, strlen(text));
        CHECK_OK(file_read("unit-scratch/packed", &bytes, &n, NULL), NULL);
        CHECK(pipe(ends) == 0 && write(ends[1], bytes, n) == (ssize_t)n);
        close(ends[1]);
        CHECK(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
        close(ends[0]);
        check_file("-", NULL, text_wishes, text_read);
        dup2(kept, STDIN_FILENO);
        close(kept);
        free(bytes);
    }
}

static void the_only_data_file_of_an_archive_is_taken(void)
{
    static const pack_member members[] = {
        {"README.txt", "about"}, {"docs/codebook.pdf", "%PDF-"}, {"data/a.csv", text}, {"__MACOSX/._a.csv", "x"}};

    check_file(pack_zip("one.zip", members, 4), NULL, text_wishes, text_read);
    check_file(pack_zip("one.zip", &members[2], 1), NULL, text_wishes, text_read);
}

static void a_member_is_named_after_a_colon(void)
{
    static const pack_member members[] = {{"a.csv", "id\nx\n"}, {"data/b.csv", text}, {"c:d.csv", "id\ny\n"}};

    pack_zip("many.zip", members, 3);
    check_refused("unit-scratch/many.zip", NULL, "", VMAP_EDATA,
                  "unit-scratch/many.zip: the archive holds several data files: a.csv, data/b.csv, c:d.csv; name one "
                  "as 'unit-scratch/many.zip:MEMBER'");
    check_file("unit-scratch/many.zip:data/b.csv", NULL, text_wishes, text_read);
    check_file("unit-scratch/many.zip:a.csv", NULL, "id:t", "x");
    check_file("unit-scratch/many.zip:c:d.csv", NULL, "id:t", "y");
    check_refused("unit-scratch/many.zip:z.csv", NULL, "", VMAP_ENOENT, "the archive has no such member; it holds: a.csv");
    check_refused("unit-scratch/none.zip:z.csv", NULL, "", VMAP_ENOENT, "cannot open the file");
    scratch_file("plain.csv", text);
    check_refused("unit-scratch/plain.csv:z.csv", NULL, "", VMAP_ENOENT, "the file is no archive");
    pack_file("plain.gz", "gzip", "", text, strlen(text));
    check_refused("unit-scratch/plain.gz:z.csv", NULL, "", VMAP_ENOENT, "the file is no archive");
    scratch_file("a:b.csv", text); /* a colon in the name of a file is only that */
    check_file("unit-scratch/a:b.csv", NULL, text_wishes, text_read);
}

static void messages_name_the_member(void)
{
    static const pack_member members[] = {{"data/a.csv", "a,b\n1\n"}};

    check_refused(pack_zip("bad.zip", members, 1), NULL, "", VMAP_EPARSE, "unit-scratch/bad.zip:data/a.csv:2: 1 field");
}

static void a_packed_file_that_is_cut_off_is_refused(void)
{
    buffer long_text = {0};

    buffer_put(&long_text, "a,b\n");
    for (int i = 0; i < 20000; i++)
        buffer_format(&long_text, "%d,%d\n", i * 7919 % 10007, i * 104729 % 65537);
    for (size_t i = 0; i < pack_kinds_count; i++) {
        const char *path = pack_file("cut", pack_kinds[i], "a.csv", long_text.text, long_text.n);
        vmap_table *t = NULL;
        char *bytes = NULL;
        size_t n = 0;
        vmap_error err;

        CHECK_OK(file_read(path, &bytes, &n, NULL), NULL);
        scratch_bytes("cut", bytes, n / 2);
        CHECK_FAILS(read_columns("unit-scratch/cut", NULL, "", NULL, &t, &err), VMAP_EPARSE, &err,
                    "unit-scratch/cut: the ");
        CHECK(strstr(err.message, "is damaged or encrypted") != NULL);
        bytes[n / 2] = (char)(bytes[n / 2] ^ 0x55); /* all of them but tar notice a wrong byte */
        scratch_bytes("cut", bytes, n);
        if (strcmp(pack_kinds[i], "tar") != 0)
            CHECK_FAILS(read_columns("unit-scratch/cut", NULL, "", NULL, &t, &err), VMAP_EPARSE, &err, "is damaged");
        free(bytes);
    }
    buffer_free(&long_text);
}

/* 128 MB of blanks in less than a megabyte: more than 64 MB and 250 times its size. */
static void a_bomb_is_refused(void)
{
    size_t n = (size_t)128 << 20;
    char *blanks = malloc(n);

    memset(blanks, ' ', n);
    check_refused(pack_file("bomb.zst", "zstd", "a.csv", blanks, n), NULL, "", VMAP_EPARSE,
                  "the zstd file unpacks to more than ");
    free(blanks);
}

static void spreadsheets_and_empty_archives_are_refused(void)
{
    static const pack_member sheet[] = {{"[Content_Types].xml", "x"}, {"xl/workbook.xml", "x"}};
    static const pack_member texts[] = {{"a.pdf", "x"}, {"b.pdf", "y"}};

    check_refused(pack_zip("sheet.xlsx", sheet, 2), NULL, "", VMAP_EPARSE, "the file is a spreadsheet; save the sheet as CSV");
    check_refused(pack_zip("empty.zip", sheet, 0), NULL, "", VMAP_EPARSE, "the archive is empty");
    check_refused(pack_zip("texts.zip", texts, 2), NULL, "", VMAP_EDATA, "several files and none is known as data: a.pdf, b.pdf");
    check_refused(pack_file("empty.gz", "gzip", "", "", 0), NULL, "", VMAP_EPARSE, "the file is empty");
    check_refused(pack_file("r.rds", "gzip", "", "X\n\0\0\0\3", 6), NULL, "", VMAP_EPARSE, "the file is R's own");
}

/* ---- files of statistical packages ---- */

static const char *const answer_labels[] = {"1=Very important", "10=Not at all", "-1=Don't know", "99=Odd",
                                            "a=Don't know",     "b=Odd",         NULL};

static const stat_column columns[] = {{.name = "ID", .label = "Number", .width = 4},
                                      {.name = "Q1",
                                       .label = "Importance",
                                       .missing = {-5, -1},
                                       .single = 99,
                                       .labels = answer_labels},
                                      {.name = "W", .label = ""},
                                      {.name = "T", .label = "Town", .width = 20}};
enum { COLUMNS = 4, ROWS = 5 };

/* What SPSS declares missing has a tag in Stata and SAS. */
static const stat_cell *cells(bool tags, bool upper)
{
    static stat_cell cell[ROWS * COLUMNS];
    static const char *const ids[] = {"a", "b", "c", "d", "e"};
    static const char *const towns[] = {"Z\xC3\xBCrich", "", "x y", "z", "Ath\xC3\xA8nes"};
    static const double answers[] = {1, -1, 0, 99, 10}, weights[] = {2.5, 3, 70000, -0.125, 0};
    static const char tag[] = {0, 'a', '.', 'b', 0};

    for (size_t r = 0; r < ROWS; r++) {
        cell[r * COLUMNS] = (stat_cell){.text = ids[r]};
        cell[r * COLUMNS + 1] = (stat_cell){.number = answers[r], .tag = tags || tag[r] == '.' ? tag[r] : 0};
        if (upper && cell[r * COLUMNS + 1].tag >= 'a')
            cell[r * COLUMNS + 1].tag -= 'a' - 'A';
        cell[r * COLUMNS + 2] = (stat_cell){.number = weights[r], .tag = r == 4 ? '.' : 0};
        cell[r * COLUMNS + 3] = (stat_cell){.text = towns[r]};
    }
    return cell;
}

static const char *const stat_kinds[] = {"sav", "sav-plain", "zsav", "por", "dta", "dta-113", "sas7bdat", "xpt"};
enum { KINDS = sizeof stat_kinds / sizeof *stat_kinds };

static bool is_spss(const char *kind)
{
    return strstr(kind, "sav") || strcmp(kind, "por") == 0;
}

static bool has_labels(const char *kind)
{
    return strcmp(kind, "sas7bdat") != 0 && strcmp(kind, "xpt") != 0;
}

static const char *make_file(const char *kind)
{
    return stat_file("table.stat", kind, columns, COLUMNS, cells(!is_spss(kind), !has_labels(kind)), ROWS);
}

static void every_package_gives_the_same_table(void)
{
    for (size_t i = 0; i < KINDS; i++) {
        char want[200];
        bool utf8 = strcmp(stat_kinds[i], "por") != 0; /* which has only its own characters */

        if (!utf8)
            continue;
        snprintf(want, sizeof want, "1|a|2.5|Z\xC3\xBCrich; [%s]|b|3|[blank]; [blank]|c|70000|x y; "
                 "[missing]|d|-0.125|z; 10|e|[blank]|Ath\xC3\xA8nes",
                 has_labels(stat_kinds[i]) ? "dont-know" : "missing");
        check_file(make_file(stat_kinds[i]), &(vmap_read_options){.encoding = "UTF-8"},
                   "Q1:c ID:t W:n T:t", want);
        check_file(make_file(stat_kinds[i]), NULL, "Q1:c", has_labels(stat_kinds[i])
                       ? "1; [dont-know]; [blank]; [missing]; 10" : "1; [missing]; [blank]; [missing]; 10");
    }
}

static void a_portable_file_is_read(void)
{
    static const stat_column two[] = {{.name = "A", .label = "x", .missing = {-5, -1}, .labels = answer_labels},
                                      {.name = "B", .label = "y", .width = 3}};
    static const stat_cell cell[] = {{.number = 1}, {.text = "ab"}, {.number = -1}, {.text = ""},
                                     {.tag = '.'},  {.text = "c"},  {.number = 2.5}, {.text = "d"}};

    check_file(stat_file("t.por", "por", two, 2, cell, 4), NULL, "B:t A:c",
               "ab|1; [blank]|[dont-know]; c|[blank]; d|2.5");
}

static void the_description_of_a_file_is_kept(void)
{
    for (size_t i = 0; i < KINDS; i++) {
        vmap_reader *r = NULL;
        vmap_error err;
        size_t n = 0;

        if (strcmp(stat_kinds[i], "por") == 0 ||
            !CHECK_OK(vmap_reader_open(make_file(stat_kinds[i]), NULL, &r, &err), &err))
            continue;
        CHECK_COUNT(vmap_reader_columns(r), COLUMNS);
        CHECK_TEXT(vmap_reader_names(r)[1], "Q1");
        CHECK_TEXT(vmap_reader_label(r, 1), "Importance");
        CHECK(vmap_reader_is_text(r, 0) && !vmap_reader_is_text(r, 1));
        vmap_reader_value_labels(r, 1, &n);
        CHECK_COUNT(n, has_labels(stat_kinds[i]) ? is_spss(stat_kinds[i]) ? 4 : 6 : 0);
        vmap_reader_missing(r, 1, &n);
        CHECK_COUNT(n, is_spss(stat_kinds[i]) ? 2 : 0);
        if (n == 2) {
            CHECK_NEAR(vmap_reader_missing(r, 1, &n)[0].low, -5, 0);
            CHECK_NEAR(vmap_reader_missing(r, 1, &n)[0].high, -1, 0);
            CHECK_NEAR(vmap_reader_missing(r, 1, &n)[1].low, 99, 0);
        }
        vmap_reader_free(r);
    }
}

/* ---- portable files ---- */

static const char pspp_por[] = "tests/data/synthetic-pspp.por", pspp_por_wishes[] = "ID:t Q164:c Q182_A_L:c W:n TOWN:t",
                  pspp_por_read[] = "a|1|10|2.5|Zurich; b|[dont-know]|[blank]|3|[blank]; c|[blank]|[not-asked]|70000|x y; "
                                    "d|[missing]|2|-0.125|say z; e|10|5|[blank]|1234567890 abcdefghij";

static void a_portable_file_of_pspp_is_read(void)
{
    vmap_reader *r = NULL;
    vmap_error err;
    size_t n = 0;

    check_file(source_path(pspp_por), NULL, pspp_por_wishes, pspp_por_read);
    CHECK_OK(vmap_reader_open(source_path(pspp_por), NULL, &r, &err), &err);
    CHECK_TEXT(vmap_reader_label(r, 2), "Justifiable: a long label with a comma, and \"quotes\"");
    CHECK_TEXT(vmap_reader_value_labels(r, 1, &n)[0].label, "Don't know");
    CHECK_COUNT(n, 4);
    CHECK_NEAR(vmap_reader_missing(r, 1, &n)[0].low, -5, 0);
    CHECK_COUNT(n, 2);
    vmap_reader_free(r);
}

/* A portable file with the records after the signature. */
static const char *portable_file(const char *records, const char *line_end)
{
    buffer b = {0};
    size_t n = 0, greeting = 200 + 256;
    char *bytes = NULL;
    const char *path;

    for (size_t i = 0; i < greeting + strlen(records); i++) {
        char c = i < greeting ? '0' : records[i - greeting];

        if (n == 80 || c == '\n') { /* a line may end before its blanks */
            buffer_put(&b, line_end);
            n = 0;
        }
        if (c != '\n') {
            buffer_bytes(&b, &c, 1);
            n++;
        }
    }
    CHECK_OK(buffer_take(&b, &bytes, &n, NULL), NULL);
    path = scratch_bytes("hand.por", bytes, n);
    free(bytes);
    return path;
}

#define POR_BEGIN "SPSSPORTA8/202001016/10000042/5B/70/1/A5/8/0/5/8/0/"
#define POR_TEXT "7D/1/B1/D/0/1/D/0/"

/* Base 30: A = 10, T = 29, "1+2" = 900, ".F" = 1/2, ".3" = 1/10; worked out by hand. */
static void numbers_of_portable_files_are_in_base_30(void)
{
    static const char *const ends[] = {"\n", "\r\n"};

    for (size_t i = 0; i < 2; i++)
        check_file(portable_file(POR_BEGIN POR_TEXT "FT/1/x10/1/y-A/0/1+2/1/z.F/1/x.3/1/x-1.F/1/x*.1/xA-1/1/xZZZ", ends[i]),
                   NULL, "A:n B:t", "29|x; 30|y; -10|[blank]; 900|z; 0.5|x; 0.10000000000000001|x; -1.5|x; [blank]|x; 0.33333333333333331|x");
}

static void portable_texts_have_any_bytes_and_lines_may_end_early(void)
{
    check_file(portable_file(POR_BEGIN POR_TEXT "F1/7/Z\xC3\xBCrich2/3/a bZ", "\n"), NULL, "A:c B:t", "1|Z\xC3\xBCrich; 2|a b");
    check_file(portable_file(POR_BEGIN POR_TEXT "F1/1/x1/P/a\n2/1/cZ", "\r\n"), NULL, "A:c B:t",
               "1|x; 1|a; 2|c"); /* the text goes on with the blanks that the line lacks */
}

/* 8 a value, 9 x and less, A x and more; B, from x to y, is in the file of PSPP. */
static void all_kinds_of_missing_values_are_known(void)
{
    check_file(portable_file(POR_BEGIN "9-3/87/" POR_TEXT "D1/1/A2/-3/7/refused7/A/Don't knowF-4/1/x-3/1/x-2/1/x7/1/x8/1/xZ", "\n"),
               NULL, "A:c", "[missing]; [refused]; -2; [dont-know]; 8");
    check_file(portable_file(POR_BEGIN "A8/" POR_TEXT "F7/1/x8/1/x9/1/xZ", "\n"), NULL, "A:c", "7; [missing]; [missing]");
}

static void what_is_no_portable_file_is_refused(void)
{
    static const char *const bad[] = {
        POR_BEGIN "F1/Z",            /* two variables are declared, one is there */
        POR_BEGIN POR_TEXT "F1/1/x", /* no end */
        POR_BEGIN POR_TEXT "F1/1/x2/Z", POR_BEGIN POR_TEXT "F1/x/1Z", POR_BEGIN POR_TEXT "Fu/1/xZ", POR_BEGIN POR_TEXT "F1/-1/xZ",
        POR_BEGIN POR_TEXT "F1/1.F/xZ", POR_BEGIN POR_TEXT "QF1/1/xZ", POR_BEGIN POR_TEXT "D1/1/C1/1/1/xF1/1/xZ",
        "SPSSPORTA8/202001016/10000082/F1/Z"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_refused(portable_file(bad[i], "\n"), NULL, "", VMAP_EPARSE, "hand.por: the SPSS portable file cannot be read");
}

static void a_portable_file_that_is_cut_off_or_damaged_is_refused(void)
{
    char *bytes = NULL;
    size_t n = 0;
    unsigned seed = 4711;

    CHECK_OK(file_read(source_path(pspp_por), &bytes, &n, NULL), NULL);
    while (n && (bytes[n - 1] == 'Z' || bytes[n - 1] == '\r' || bytes[n - 1] == '\n'))
        n--;
    for (size_t cut = 700; cut <= n; cut += cut < n - 60 ? 11 : 1)
        check_refused(scratch_bytes("cut.por", bytes, cut), NULL, "", VMAP_EPARSE, "cut.por: the SPSS portable file cannot be read");
    for (int round = 0; round < 60; round++) {
        vmap_table *t = NULL;
        char *copy = malloc(n + 1);
        vmap_error err;
        vmap_status status;

        memcpy(copy, bytes, n);
        copy[n] = 'Z';
        for (int k = 0; k < 4; k++) {
            seed = seed * 1103515245 + 12345;
            copy[480 + (seed >> 8) % (n - 480)] = (char)(seed >> 16);
        }
        status = read_columns(scratch_bytes("damaged.por", copy, n + 1), NULL, "", NULL, &t, &err);
        CHECK(status == VMAP_SUCCESS || status == VMAP_EPARSE || status == VMAP_EDATA || status == VMAP_EINVAL);
        vmap_table_free(t);
        free(copy);
    }
    free(bytes);
}

/* Files that PSPP wrote, not ReadStat (tests/data/synthetic-pspp.sps): the wanted values are those of the syntax. */
static void files_of_another_program_are_read(void)
{
    static const char *const names[] = {"tests/data/synthetic-pspp.sav", "tests/data/synthetic-pspp.zsav"};

    for (size_t i = 0; i < 2; i++) {
        vmap_reader *r = NULL;
        vmap_error err;
        size_t n = 0;

        check_file(source_path(names[i]), NULL, "ID:t Q164:c Q182_a_long_name:c W:n TOWN:t",
                   "a|1|10|2.5|Zurich; b|[dont-know]|[blank]|3|[blank]; c|[blank]|[not-asked]|70000|x y; "
                   "d|[missing]|2|-0.125|say z; e|10|5|[blank]|1234567890 abcdefghij");
        CHECK_OK(vmap_reader_open(source_path(names[i]), NULL, &r, &err), &err);
        CHECK_TEXT(vmap_reader_label(r, 2), "Justifiable: a long label with a comma, and \"quotes\"");
        CHECK_TEXT(vmap_reader_value_labels(r, 1, &n)[0].label, "Don't know");
        CHECK_COUNT(n, 4);
        CHECK_NEAR(vmap_reader_missing(r, 1, &n)[0].low, -5, 0);
        CHECK_COUNT(n, 2);
        vmap_reader_free(r);
    }
}

static vmap_reason by_codebook(void *context, double value)
{
    CHECK(context == NULL);
    return value == 99 ? VMAP_NOT_ASKED : value == -1 ? VMAP_PRESENT : VMAP_OUT_OF_RANGE;
}

/* Who judges comes before the label; a value that the judge would take stays missing. */
static void what_a_file_declares_missing_is_explained(void)
{
    vmap_reader *r = NULL;
    vmap_table *t = NULL;
    vmap_error err;
    char *got;

    CHECK_OK(vmap_reader_open(make_file("sav"), NULL, &r, &err), &err);
    CHECK_OK(vmap_reader_want(r, 1, VMAP_CODES, "Q1", NULL, &err), &err);
    vmap_reader_judge(r, by_codebook, NULL);
    CHECK_OK(vmap_reader_want(r, 1, VMAP_TEXTS, "text", NULL, &err), &err);
    CHECK_OK(vmap_reader_read(r, &t, &err), &err);
    got = write_out(t);
    CHECK_TEXT(got, "1|1; [dont-know]|-1; [blank]|[blank]; [not-asked]|99; 10|10");
    free(got);
    vmap_table_free(t);
    vmap_reader_free(r);
}

static vmap_reason by_range(void *context, double value)
{
    (void)context;
    return value >= 1 && value <= 5 ? VMAP_PRESENT : VMAP_OUT_OF_RANGE;
}

/* 8 and 9 are not declared missing, but labelled so and no codes; 5 is labelled so, too, but a code. */
static void a_label_explains_what_is_no_code(void)
{
    static const char *const labels[] = {"5=No answer", "7=Other", "8=Don't know", "9=refused", NULL};
    static const stat_column one[] = {{.name = "A", .label = "", .labels = labels}};
    static const stat_cell cell[] = {{.number = 1}, {.number = 5}, {.number = 7}, {.number = 8}, {.number = 9}, {.number = 4}};

    for (size_t i = 0; i < KINDS; i++) {
        vmap_reader *r = NULL;
        vmap_table *t = NULL;
        vmap_error err;
        char *got;

        if (!has_labels(stat_kinds[i]))
            continue;
        CHECK_OK(vmap_reader_open(stat_file("label.stat", stat_kinds[i], one, 1, cell, 6), NULL, &r, &err), &err);
        CHECK_OK(vmap_reader_want(r, 0, VMAP_CODES, "A", NULL, &err), &err);
        vmap_reader_judge(r, by_range, NULL);
        CHECK_OK(vmap_reader_read(r, &t, &err), &err);
        got = write_out(t);
        CHECK_TEXT(got, "1; 5; 7; [dont-know]; [refused]; 4");
        free(got);
        vmap_table_free(t);
        vmap_reader_free(r);
    }
}

/* Stata before 14 does not tell the encoding: haven writes UTF-8 there, Stata wrote Windows-1252. */
static void old_stata_files_may_hold_either_encoding(void)
{
    static const stat_column one[] = {{.name = "A", .label = "", .width = 9}};
    static const stat_cell cell[] = {{.text = "Z\xC3\xBCrich"}, {.text = "Z\xFCrich"}, {.text = "Bern"}};

    check_file(stat_file("old.dta", "dta-113", one, 1, cell, 3), NULL, "A:t", "Z\xC3\xBCrich; Z\xC3\xBCrich; Bern");
}

static void packed_files_of_packages_are_read(void)
{
    for (size_t i = 0; i < pack_kinds_count; i++) {
        char *bytes = NULL;
        size_t n = 0;

        CHECK_OK(file_read(make_file("sav"), &bytes, &n, NULL), NULL);
        check_file(pack_file("packed", pack_kinds[i], "wave.sav", bytes, n), NULL, "Q1:c",
                   "1; [dont-know]; [blank]; [missing]; 10");
        free(bytes);
    }
}

/* Cut off at every byte: a message, never a table with fewer rows, never an end of the process. */
static void a_file_of_a_package_that_is_cut_off_is_refused(void)
{
    for (size_t i = 0; i < KINDS; i++) {
        char *bytes = NULL;
        size_t n = 0, step;
        bool counted = strcmp(stat_kinds[i], "xpt") && strcmp(stat_kinds[i], "dta-113");
        /* .xpt does not tell how many rows it has, and old .dta files end in labels that may be lost */

        if (strcmp(stat_kinds[i], "por") == 0)
            continue;
        CHECK_OK(file_read(make_file(stat_kinds[i]), &bytes, &n, NULL), NULL);
        step = n / 23 + 1;
        for (size_t cut = 16; cut + 1 < n; cut += step) {
            vmap_table *t = NULL;
            vmap_error err;
            vmap_status status = read_columns(scratch_bytes("cut.stat", bytes, cut), NULL, "", NULL, &t, &err);

            if (status) {
                bool rows_unknown = strcmp(stat_kinds[i], "xpt") == 0 && status == VMAP_EDATA;

                if (!CHECK(status == VMAP_EPARSE || rows_unknown))
                    fprintf(stderr, "  %s cut at %zu of %zu: %s\n", stat_kinds[i], cut, n, err.message);
            } else if (counted) {
                CHECK_COUNT(cut, n);
            }
            vmap_table_free(t);
        }
        free(bytes);
    }
}

/* Random bytes changed: any outcome but a crash of the parent. */
static void damaged_files_of_packages_do_no_harm(void)
{
    unsigned seed = 12345;

    for (size_t i = 0; i < KINDS; i++) {
        char *bytes = NULL;
        size_t n = 0;

        if (strcmp(stat_kinds[i], "por") == 0)
            continue;
        CHECK_OK(file_read(make_file(stat_kinds[i]), &bytes, &n, NULL), NULL);
        for (int round = 0; round < 12; round++) {
            char *copy = malloc(n);
            vmap_table *t = NULL;
            vmap_error err;
            vmap_status status;

            memcpy(copy, bytes, n);
            for (int k = 0; k < 4; k++) {
                seed = seed * 1103515245 + 12345;
                copy[16 + (seed >> 8) % (n - 16)] = (char)(seed >> 16);
            }
            status = read_columns(scratch_bytes("damaged.stat", copy, n), NULL, "", NULL, &t, &err);
            CHECK(status == VMAP_SUCCESS || status == VMAP_EPARSE || status == VMAP_EDATA || status == VMAP_EINVAL);
            vmap_table_free(t);
            free(copy);
        }
        free(bytes);
    }
}

/* 0xE9 is e with an acute accent in Windows-1252 and nothing in UTF-8. */
static void bad_bytes_in_labels_are_repaired_and_counted(void)
{
    static const char *const labels[] = {"1=\xE9t\xE9", NULL};
    static const stat_column one[] = {{.name = "A", .label = "caf\xE9", .labels = labels}};
    static const stat_cell cell[] = {{.number = 1}};
    vmap_reader *r = NULL;
    vmap_error err;
    size_t n;

    CHECK_OK(vmap_reader_open(stat_file("bad.sav", "sav", one, 1, cell, 1), NULL, &r, &err), &err);
    CHECK_TEXT(vmap_reader_label(r, 0), "caf\xEF\xBF\xBD");
    CHECK(strstr(vmap_reader_dialect(r), "3 bytes in names and labels are no characters") != NULL);
    vmap_reader_free(r);
    r = NULL;
    CHECK_OK(vmap_reader_open("unit-scratch/bad.sav", &(vmap_read_options){.encoding = "WINDOWS-1252"}, &r, &err),
             &err);
    CHECK_TEXT(vmap_reader_label(r, 0), "caf\xC3\xA9");
    CHECK_TEXT(vmap_reader_value_labels(r, 0, &n)[0].label, "\xC3\xA9t\xC3\xA9");
    vmap_reader_free(r);
}

/* Two variables whose long names are the same, which no program writes but a damaged file may hold. */
static void a_wanted_variable_must_be_there_once(void)
{
    static const stat_column three[] = {{.name = "AA1", .label = ""}, {.name = "AA2", .label = ""}, {.name = "B", .label = ""}};
    static const stat_cell cell[] = {{.number = 1}, {.number = 2}, {.number = 3}};
    static const char written[] = "AA2=AA2", doubled[] = "AA2=AA1";
    vmap_reader *r = NULL;
    vmap_error err;
    char *bytes = NULL, *at;
    size_t n = 0;

    CHECK_OK(file_read(stat_file("t.sav", "sav", three, 3, cell, 1), &bytes, &n, NULL), NULL);
    at = memmem(bytes, n, written, strlen(written));
    if (!CHECK(at != NULL)) {
        free(bytes);
        return;
    }
    memcpy(at, doubled, strlen(doubled));
    check_file(scratch_bytes("twice.sav", bytes, n), NULL, "B:c", "3");
    free(bytes);
    CHECK_OK(vmap_reader_open("unit-scratch/twice.sav", NULL, &r, &err), &err);
    CHECK_FAILS(vmap_reader_want(r, 1, VMAP_CODES, "AA1", NULL, &err), VMAP_EDATA, &err,
                "unit-scratch/twice.sav: column AA1: the file has two columns of this name (1 and 2)");
    vmap_reader_free(r);
}

/* ---- the sandbox ---- */

static int try_crash(void *context, int out)
{
    (void)context;
    (void)out;
    abort(); /* not SIGSEGV, which the address sanitizer takes for itself */
}

static int try_spin(void *context, int out)
{
    volatile unsigned long turns = 0;

    (void)context;
    (void)out;
    while (turns + 1 > 0)
        turns++;
    return 0;
}

/* Everything that a captured parser would like to do. */
static int try_escape(void *context, int out)
{
    char done[6] = {0};

    done[0] = open("/etc/passwd", O_RDONLY) >= 0;
    done[1] = open("unit-scratch/escaped", O_WRONLY | O_CREAT, 0666) >= 0;
    done[2] = socket(AF_INET, SOCK_STREAM, 0) >= 0;
    done[3] = fork() >= 0;
    done[4] = kill(*(pid_t *)context, 0) == 0;
    done[5] = execl("/bin/true", "true", (char *)NULL) == 0;
    sandbox_write(out, done, sizeof done);
    return 0;
}

static void a_crash_or_an_endless_loop_costs_a_message(void)
{
    static const int keep[2] = {-1, -1};
    sandbox_limits limits = {.memory = 1 << 28, .seconds = 1};
    sandbox s;
    vmap_error err;
    int how;

    CHECK_OK(sandbox_start(&s, &limits, keep, try_crash, NULL, &err), &err);
    CHECK_FAILS(sandbox_end(&s, "parsing the file", &how, &err), VMAP_EPARSE, &err,
                "parsing the file broke off");
    CHECK_OK(sandbox_start(&s, &limits, keep, try_spin, NULL, &err), &err);
    sandbox_read(&s, &how, 1); /* waits for the end */
    CHECK_FAILS(sandbox_end(&s, "parsing the file", &how, &err), VMAP_EPARSE, &err,
                "parsing the file took too long and was stopped");
}

static void the_sandbox_holds(void)
{
    static const int keep[2] = {-1, -1};
    sandbox_limits limits = {.memory = 1 << 28, .seconds = 10};
    pid_t self = getpid();
    char done[6] = {1, 1, 1, 1, 1, 1};
    sandbox s;
    vmap_error err;
    int how = -1;
    unsigned fences;

    CHECK_OK(sandbox_start(&s, &limits, keep, try_escape, &self, &err), &err);
    fences = s.fences;
    CHECK(sandbox_read(&s, done, sizeof done));
    CHECK_OK(sandbox_end(&s, "", &how, &err), &err);
    CHECK_COUNT((size_t)how, 0);
    if (fences == SANDBOX_ALL) { /* what this kernel has */
        for (size_t i = 0; i < sizeof done; i++)
            CHECK_COUNT((size_t)done[i], 0);
    }
    CHECK_TEXT(sandbox_missing(0), "without Landlock and seccomp");
    CHECK_TEXT(sandbox_missing(SANDBOX_LANDLOCK), "without seccomp");
    CHECK_TEXT(sandbox_missing(SANDBOX_SECCOMP), "without Landlock");
    CHECK_TEXT(sandbox_missing(SANDBOX_ALL), "");
}

/* ---- the input stays as it is ---- */

/* Not a byte or a time of the file changes, it may be read only, and a lock of somebody else does not matter. */
static void check_untouched(const char *path)
{
    struct stat before, after;
    char hash[2][65];
    vmap_table *t = NULL;
    vmap_error err;
    int locked = open(path, O_RDWR);

    CHECK(flock(locked, LOCK_EX | LOCK_NB) == 0);
    CHECK(chmod(path, 0444) == 0 && stat(path, &before) == 0);
    CHECK_OK(file_hash(path, hash[0], NULL), NULL);
    CHECK_OK(read_columns(path, NULL, "", NULL, &t, &err), &err);
    CHECK(stat(path, &after) == 0);
    CHECK_OK(file_hash(path, hash[1], NULL), NULL);
    CHECK_TEXT(hash[1], hash[0]);
    CHECK(before.st_mtim.tv_sec == after.st_mtim.tv_sec && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec &&
          before.st_ctim.tv_sec == after.st_ctim.tv_sec && before.st_ctim.tv_nsec == after.st_ctim.tv_nsec);
    vmap_table_free(t);
    chmod(path, 0644);
    close(locked);
}

/* Nor does reading lock the file: while a reader is open, another may lock and replace it. */
static void check_unlocked(const char *path)
{
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    vmap_reader *r = NULL;
    vmap_error err;
    int other;

    CHECK_OK(vmap_reader_open(path, NULL, &r, &err), &err);
    other = open(path, O_RDWR);
    CHECK(other >= 0 && flock(other, LOCK_EX | LOCK_NB) == 0);
    CHECK(fcntl(other, F_OFD_SETLK, &all) == 0);
    close(other);
    vmap_reader_free(r);
}

static void reading_does_not_alter_or_lock_the_input(void)
{
    const char *paths[] = {"unit-scratch/plain.csv", "unit-scratch/plain.jsonl", "unit-scratch/packed",
                           "unit-scratch/table.stat"};

    scratch_file("plain.csv", text);
    scratch_file("plain.jsonl", "{\"id\":\"a\",\"Q1\":1}\n");
    pack_file("packed", "gzip", "", text, strlen(text));
    make_file("sav");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        check_untouched(paths[i]);
        check_unlocked(paths[i]);
    }
}

static const test_case cases[] = {
    TEST(every_packing_gives_the_same_table),
    TEST(what_is_packed_twice_is_unpacked_twice),
    TEST(packed_standard_input_is_read),
    TEST(the_only_data_file_of_an_archive_is_taken),
    TEST(a_member_is_named_after_a_colon),
    TEST(messages_name_the_member),
    TEST(a_packed_file_that_is_cut_off_is_refused),
    TEST(a_bomb_is_refused),
    TEST(spreadsheets_and_empty_archives_are_refused),
    TEST(every_package_gives_the_same_table),
    TEST(a_portable_file_is_read),
    TEST(a_portable_file_of_pspp_is_read),
    TEST(numbers_of_portable_files_are_in_base_30),
    TEST(portable_texts_have_any_bytes_and_lines_may_end_early),
    TEST(all_kinds_of_missing_values_are_known),
    TEST(what_is_no_portable_file_is_refused),
    TEST(a_portable_file_that_is_cut_off_or_damaged_is_refused),
    TEST(the_description_of_a_file_is_kept),
    TEST(files_of_another_program_are_read),
    TEST(what_a_file_declares_missing_is_explained),
    TEST(a_label_explains_what_is_no_code),
    TEST(old_stata_files_may_hold_either_encoding),
    TEST(packed_files_of_packages_are_read),
    TEST(a_file_of_a_package_that_is_cut_off_is_refused),
    TEST(damaged_files_of_packages_do_no_harm),
    TEST(bad_bytes_in_labels_are_repaired_and_counted),
    TEST(a_wanted_variable_must_be_there_once),
    TEST(a_crash_or_an_endless_loop_costs_a_message),
    TEST(the_sandbox_holds),
    TEST(reading_does_not_alter_or_lock_the_input),
};
SUITE(data_formats_suite, cases);
