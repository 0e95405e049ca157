#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "valuemap/codebook.h"

/* A file of a few columns, and what a codebook makes of it. NaN in a column is a blank cell; rows
 * stand on the lines 2, 3, ... */
enum { COLUMNS_MAX = 16 };

typedef struct {
    vmap_codebook *codebook;
    vmap_table *raw;
    vmap_binding *binding;
    size_t rows, p;
    double *values;
    unsigned char *reasons;
    vmap_item_count *counts;
} made;

static vmap_codebook *load(const char *name)
{
    vmap_codebook *c = NULL;
    vmap_error err;

    CHECK_OK(vmap_codebook_load(source_path(name), &c, &err), &err);
    return c;
}

static vmap_codebook *parse(const char *text)
{
    vmap_codebook *c = NULL;
    vmap_error err;

    CHECK_OK(vmap_codebook_parse("test", text, strlen(text), &c, &err), &err);
    return c;
}

/* `names` is a list separated by blanks; `data` holds the rows. The codebook is taken over. */
static made make(vmap_codebook *codebook, const char *names, size_t rows, const double *data)
{
    made m = {.codebook = codebook, .rows = rows};
    char list[256];
    const char *name[COLUMNS_MAX];
    size_t count = 0;
    vmap_error err;

    snprintf(list, sizeof list, "%s", names);
    m.raw = vmap_table_new(NULL);
    for (char *s = strtok(list, " "); s; s = strtok(NULL, " ")) {
        name[count++] = s;
        CHECK_OK(vmap_table_add(m.raw, s, VMAP_CODES, NULL, &err), &err);
    }
    for (size_t r = 0; r < rows; r++) {
        for (size_t j = 0; j < count; j++) {
            double x = data[r * count + j];

            CHECK_OK(isnan(x) ? vmap_table_push_missing(m.raw, j, VMAP_BLANK, &err)
                              : vmap_table_push_number(m.raw, j, x, &err),
                     &err);
        }
        CHECK_OK(vmap_table_end_row(m.raw, r + 2, &err), &err);
    }
    m.p = vmap_codebook_items(codebook);
    m.values = calloc(rows * m.p + 1, sizeof *m.values);
    m.reasons = calloc(rows * m.p + 1, 1);
    m.counts = calloc(codebook->items_count, sizeof *m.counts);
    CHECK_OK(vmap_codebook_bind(codebook, name, count, &m.binding, &err), &err);
    CHECK_OK(vmap_codebook_apply(codebook, m.binding, m.raw, m.values, m.reasons, m.counts, &err),
             &err);
    return m;
}

static void unmake(made *m)
{
    vmap_binding_free(m->binding);
    vmap_table_free(m->raw);
    vmap_codebook_free(m->codebook);
    free(m->values);
    free(m->reasons);
    free(m->counts);
}

static size_t column_of(const made *m, const char *item)
{
    for (size_t i = 0; i < m->p; i++) {
        if (strcmp(m->codebook->items[vmap_codebook_item(m->codebook, i)].name, item) == 0)
            return i;
    }
    CHECK_TEXT("no item", item);
    return 0;
}

static const vmap_item_count *count_of(const made *m, const char *item)
{
    return &m->counts[vmap_codebook_find(m->codebook, item)];
}

/* Value `want` of an item in a row, or for NaN the reason. */
static void check_cell(const made *m, const char *item, size_t row, double want, vmap_reason why)
{
    size_t at = row * m->p + column_of(m, item);
    char what[64];

    snprintf(what, sizeof what, "%s in row %zu", item, row);
    check_near(m->values[at], want, 0, what, __FILE__, __LINE__);
    check_text(vmap_reason_name((vmap_reason)m->reasons[at]), vmap_reason_name(why), what, __FILE__,
               __LINE__);
}

/* ---- the autonomy index ---- */

/* Source: MAP recipe of the World Values Survey Association: Y003 is missing only outside -2..2;
 * the file says -5, rows merged from the European Values Study say -3. */
static void minus_one_and_minus_two_are_values_of_the_autonomy_index(void)
{
    static const double data[] = {-2, -1, 0, 1, 2, -5, -3, -4, NAN};
    static const char *const books[] = {"codebooks/iw-ivs.yaml", "codebooks/iw-wvs7.yaml"};

    for (size_t b = 0; b < 2; b++) {
        made m = make(load(books[b]), "Y003", 9, data);

        for (size_t r = 0; r < 5; r++)
            check_cell(&m, "Y003", r, data[r], VMAP_PRESENT);
        for (size_t r = 5; r < 8; r++)
            check_cell(&m, "Y003", r, NAN, VMAP_OTHER_MISSING);
        check_cell(&m, "Y003", 8, NAN, VMAP_BLANK);
        CHECK_COUNT(count_of(&m, "Y003")->reason[VMAP_PRESENT], 5);
        CHECK_COUNT(count_of(&m, "Y003")->reason[VMAP_OTHER_MISSING], 3);
        CHECK_COUNT(m.binding->usable, 1);
        unmake(&m);
    }
}

/* All 16 answers to the four child qualities, in one file that says 1 = mentioned, `no` = not:
 * independence + determination - faith - obedience. */
static void check_child_qualities(const char *book, const char *names, double no)
{
    double data[16 * 4];
    made m;

    for (int r = 0; r < 16; r++) {
        for (int j = 0; j < 4; j++)
            data[4 * r + j] = r >> j & 1 ? 1 : no;
    }
    m = make(load(book), names, 16, data);
    for (int r = 0; r < 16; r++)
        check_cell(&m, "Y003", (size_t)r, (r & 1) + (r >> 1 & 1) - (r >> 2 & 1) - (r >> 3 & 1),
                   VMAP_PRESENT);
    CHECK_COUNT(m.binding->usable, 1);
    unmake(&m);
}

static void the_autonomy_index_is_made_from_four_child_qualities(void)
{
    check_child_qualities("codebooks/iw-wvs7.yaml", "Q8 Q14 Q15 Q17", 2);
    check_child_qualities("codebooks/iw-wvs7.yaml", "Q8 Q14 Q15 Q17", 0);
    check_child_qualities("codebooks/iw-wvs7.yaml", "Q8P Q14P Q15P Q17P", 0);
    check_child_qualities("codebooks/iw-wvs7.yaml", "Q8P Q14P Q15P Q17P", 2);
    check_child_qualities("codebooks/iw-ivs.yaml", "A029 A039 A040 A042", 0);
    check_child_qualities("codebooks/iw-ivs.yaml", "A029 A039 A040 A042", 2);
}

/* One file may code one quality 1/2 and the next 0/1: each column is looked at alone. */
static void each_column_has_its_own_coding(void)
{
    static const double data[] = {1, 1, 2, 2, /**/ 2, 0, 1, 1, /**/ 1, 0, 2, 1};
    made m = make(load("codebooks/iw-wvs7.yaml"), "Q8 Q14 Q15P Q17P", 3, data);

    check_cell(&m, "Y003", 0, 2, VMAP_PRESENT);
    check_cell(&m, "Y003", 1, -2, VMAP_PRESENT);
    check_cell(&m, "Y003", 2, 0, VMAP_PRESENT);
    CHECK_COUNT(m.binding->coding[vmap_codebook_find(m.codebook, "child_independence")], 0);
    CHECK_COUNT(m.binding->coding[vmap_codebook_find(m.codebook, "child_determination")], 1);
    CHECK_COUNT(m.binding->coding[vmap_codebook_find(m.codebook, "child_faith")], 1);
    unmake(&m);
}

/* The coding that leaves fewest cells out of range is taken, on a tie the first; what it cannot
 * read is counted, never made to fit. */
static void the_coding_that_fits_most_cells_is_taken(void)
{
    static const double mostly_12[] = {1, 2, 2, 0, -1}, mostly_01[] = {0, 0, 1, 2, -1};
    static const double tie[] = {1, 1, 0, 2, -1};
    static const double *const data[] = {mostly_12, mostly_01, tie};
    static const size_t coding[] = {0, 1, 0};
    static const double stray[] = {0, 2, 0};
    static const size_t line[] = {5, 5, 4};

    for (size_t i = 0; i < 3; i++) {
        made m = make(load("codebooks/iw-wvs7.yaml"), "Q8", 5, data[i]);
        size_t item = vmap_codebook_find(m.codebook, "child_independence");

        CHECK_COUNT(m.binding->coding[item], coding[i]);
        CHECK_COUNT(m.counts[item].reason[VMAP_OUT_OF_RANGE], 1);
        CHECK_COUNT(m.counts[item].reason[VMAP_DONT_KNOW], 1);
        CHECK_COUNT(m.counts[item].reason[VMAP_PRESENT], 3);
        CHECK_NEAR(m.counts[item].bad_value, stray[i], 0);
        CHECK_COUNT(m.counts[item].bad_line, line[i]);
        unmake(&m);
    }
}

static void a_column_goes_before_its_parts_and_the_parts_fill_its_gaps(void)
{
    /* Y003, then independence, determination, faith, obedience */
    static const double data[] = {
        -5, 1,  1,  2,  2,  /* made: 2 */
        -3, 2,  2,  1,  2,  /* made: -1 */
        1,  1,  1,  2,  2,  /* the column says 1, the parts 2 */
        0,  1,  2,  2,  1,  /* both say 0 */
        -5, 1,  -1, 2,  2,  /* a part is missing: the column's reason stays */
        2,  -1, -1, -1, -1, /* the column alone */
    };
    made m = make(load("codebooks/iw-wvs7.yaml"), "Y003 Q8 Q14 Q15 Q17", 6, data);

    check_cell(&m, "Y003", 0, 2, VMAP_PRESENT);
    check_cell(&m, "Y003", 1, -1, VMAP_PRESENT);
    check_cell(&m, "Y003", 2, 1, VMAP_PRESENT);
    check_cell(&m, "Y003", 3, 0, VMAP_PRESENT);
    check_cell(&m, "Y003", 4, NAN, VMAP_OTHER_MISSING);
    check_cell(&m, "Y003", 5, 2, VMAP_PRESENT);
    CHECK_COUNT(count_of(&m, "Y003")->disagree, 1);
    unmake(&m);
}

static void a_made_item_tells_why_its_parts_are_missing(void)
{
    static const double data[] = {
        -1, 1,  1, 2, /* don't know */
        -1, -1, 1, 2, /* twice don't know */
        -1, -2, 1, 2, /* two different reasons */
        1,  1,  7, 2, /* a code that is none */
    };
    made m = make(load("codebooks/iw-wvs7.yaml"), "Q8 Q14 Q15 Q17", 4, data);

    check_cell(&m, "Y003", 0, NAN, VMAP_DONT_KNOW);
    check_cell(&m, "Y003", 1, NAN, VMAP_DONT_KNOW);
    check_cell(&m, "Y003", 2, NAN, VMAP_PART_MISSING);
    check_cell(&m, "Y003", 3, NAN, VMAP_OUT_OF_RANGE);
    unmake(&m);
}

/* Three of the four child qualities, as in some files of language models, do not make the index. */
static void an_index_with_a_part_too_few_has_no_column(void)
{
    static const double data[] = {1, 0, 1, 1, 1, 0};
    made m = make(load("codebooks/iw-wvs7.yaml"), "Q8P Q15P Q17P", 2, data);

    check_cell(&m, "Y003", 0, NAN, VMAP_NO_COLUMN);
    CHECK_COUNT(m.binding->usable, 0);
    unmake(&m);
}

/* ---- the post-materialist index ---- */

/* Source: World Values Survey Association, construction of Y002: {1, 3} materialist, {2, 4}
 * postmaterialist, every other pair mixed; the same choice twice is mixed too. */
static void the_postmaterialist_index_is_made_from_two_choices(void)
{
    static const double known[4][4] = {{2, 2, 1, 2}, {2, 2, 2, 3}, {1, 2, 2, 2}, {2, 3, 2, 2}};
    double data[18 * 2];
    made m;

    for (int r = 0; r < 16; r++) {
        data[2 * r] = r / 4 + 1;
        data[2 * r + 1] = r % 4 + 1;
    }
    data[32] = -1, data[33] = 3;
    data[34] = 2, data[35] = -2;
    for (int file = 0; file < 2; file++) {
        m = make(load(file ? "codebooks/iw-ivs.yaml" : "codebooks/iw-wvs7.yaml"),
                 file ? "E003 E004" : "Q154 Q155", 18, data);
        for (size_t r = 0; r < 16; r++)
            check_cell(&m, "Y002", r, known[r / 4][r % 4], VMAP_PRESENT);
        check_cell(&m, "Y002", 16, NAN, VMAP_DONT_KNOW);
        check_cell(&m, "Y002", 17, NAN, VMAP_NO_ANSWER);
        unmake(&m);
    }
}

/* ---- recoding ---- */

static void no_nationality_is_no_pride(void)
{
    static const double data[] = {1, 4, 5, -1, -3, -5};
    made m = make(load("codebooks/iw-wvs7.yaml"), "Q254", 6, data);

    check_cell(&m, "G006", 0, 1, VMAP_PRESENT);
    check_cell(&m, "G006", 1, 4, VMAP_PRESENT);
    check_cell(&m, "G006", 2, NAN, VMAP_NOT_APPLICABLE);
    check_cell(&m, "G006", 3, NAN, VMAP_DONT_KNOW);
    check_cell(&m, "G006", 4, NAN, VMAP_NOT_APPLICABLE);
    check_cell(&m, "G006", 5, NAN, VMAP_OTHER_MISSING);
    unmake(&m);
}

/* Source: World Values Survey, inverted file of wave 7: Q254P = 5 - Q254 with code 5 staying 5,
 * Q45P = 4 - Q45, Q46P = 5 - Q46, Q57P = 3 - Q57, Q209P = 4 - Q209. */
static void inverted_columns_are_turned_back(void)
{
    static const struct {
        const char *column, *item;
        double low, high;
    } known[] = {
        {"Q164P", "F063", 1, 10}, {"Q184P", "F120", 1, 10}, {"Q254P", "G006", 1, 4},
        {"Q45P", "E018", 1, 3},   {"Q46P", "A008", 1, 4},   {"Q182P", "F118", 1, 10},
        {"Q209P", "E025", 1, 3},  {"Q57P", "A165", 1, 2},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double data[13];
        size_t n = 0;
        made m;

        for (double x = known[i].low; x <= known[i].high; x++)
            data[n++] = x;
        data[n] = -1;
        data[n + 1] = -5;
        data[n + 2] = known[i].high + 1;
        m = make(load("codebooks/iw-wvs7.yaml"), known[i].column, n + 3, data);
        for (size_t r = 0; r < n; r++)
            check_cell(&m, known[i].item, r, known[i].low + known[i].high - data[r], VMAP_PRESENT);
        check_cell(&m, known[i].item, n, NAN, VMAP_DONT_KNOW);
        check_cell(&m, known[i].item, n + 1, NAN, VMAP_OTHER_MISSING);
        check_cell(&m, known[i].item, n + 2, NAN,
                   strcmp(known[i].item, "G006") == 0 ? VMAP_NOT_APPLICABLE : VMAP_OUT_OF_RANGE);
        unmake(&m);
    }
}

static void the_first_column_of_the_codebook_is_used(void)
{
    static const double data[] = {3, 4};
    made m = make(load("codebooks/iw-wvs7.yaml"), "Q164P Q164", 1, data);

    check_cell(&m, "F063", 0, 4, VMAP_PRESENT);
    unmake(&m);
}

/* Answers of language models: 0, 11, 5.5 and worse. */
static void codes_out_of_range_are_counted_and_never_clamped(void)
{
    static const double data[] = {10, 11, 0, 5.5, 100000, -7.5, 1, NAN, .99};
    made m = make(load("codebooks/iw-wvs7.yaml"), "Q164", 9, data);
    const vmap_item_count *count = count_of(&m, "F063");

    check_cell(&m, "F063", 0, 10, VMAP_PRESENT);
    check_cell(&m, "F063", 1, NAN, VMAP_OUT_OF_RANGE);
    check_cell(&m, "F063", 2, NAN, VMAP_OUT_OF_RANGE);
    check_cell(&m, "F063", 3, 5.5, VMAP_PRESENT);
    check_cell(&m, "F063", 4, NAN, VMAP_OUT_OF_RANGE);
    check_cell(&m, "F063", 5, NAN, VMAP_OTHER_MISSING); /* within -9..-5 */
    check_cell(&m, "F063", 7, NAN, VMAP_BLANK);
    check_cell(&m, "F063", 8, NAN, VMAP_OUT_OF_RANGE);
    CHECK_COUNT(count->reason[VMAP_OUT_OF_RANGE], 4);
    CHECK_COUNT(count->reason[VMAP_PRESENT], 3);
    CHECK_COUNT(count->reason[VMAP_BLANK], 1);
    CHECK_COUNT(count->fractions, 1);
    CHECK_COUNT(count->bad_line, 3);
    CHECK_NEAR(count->bad_value, 11, 0);
    unmake(&m);
}

/* A sum that leaves the valid range is no answer. The codebook allows two of three. */
static void a_sum_out_of_range_is_counted_as_such(void)
{
    static const double data[] = {1, 1, 0, /**/ 1, 1, 1, /**/ 0, 0, 0};
    made m = make(parse("version: 1\nname: t\ntitle: t\nitems:\n"
                        "- {name: s, label: S, valid: 0..2, sum: {plus: [a, b, c]}}\n"
                        "- {name: a, label: A, part: yes, valid: 0..1, columns: [{name: A}]}\n"
                        "- {name: b, label: B, part: yes, valid: 0..1, columns: [{name: B}]}\n"
                        "- {name: c, label: C, part: yes, valid: 0..1, columns: [{name: C}]}\n"),
                  "A B C", 3, data);

    check_cell(&m, "s", 0, 2, VMAP_PRESENT);
    check_cell(&m, "s", 1, NAN, VMAP_OUT_OF_RANGE);
    check_cell(&m, "s", 2, 0, VMAP_PRESENT);
    CHECK_COUNT(count_of(&m, "s")->reason[VMAP_OUT_OF_RANGE], 1);
    unmake(&m);
}

/* ---- properties and edges ---- */

static void every_cell_of_every_item_is_counted_once(void)
{
    static const double data[] = {
        1, 2, 1, 2, 5, 1, 3, -1, /**/ -2, 2, 1, 1, 0, 2, 4, NAN, /**/ 7, 1, 1, 1, 3, 3, 3, -5,
    };
    made m = make(load("codebooks/iw-wvs7.yaml"), "Q8 Q14 Q15 Q17 Q45 Q154 Q155 Q164", 3, data);

    for (size_t i = 0; i < m.codebook->items_count; i++) {
        size_t total = 0;

        for (int why = 0; why < VMAP_REASONS; why++)
            total += m.counts[i].reason[why];
        CHECK_COUNT(total, 3);
    }
    for (size_t i = 0; i < m.rows * m.p; i++)
        CHECK(isnan(m.values[i]) == (m.reasons[i] != VMAP_PRESENT));
    CHECK_COUNT(m.binding->usable, 4);
    unmake(&m);
}

static void a_file_without_any_column_has_no_answers(void)
{
    static const double data[] = {1, 2};
    made m = make(load("codebooks/iw-wvs7.yaml"), "something", 2, data);

    CHECK_COUNT(m.binding->usable, 0);
    for (size_t i = 0; i < m.rows * m.p; i++)
        CHECK(isnan(m.values[i]) && m.reasons[i] == VMAP_NO_COLUMN);
    unmake(&m);
    m = make(load("codebooks/iw-wvs7.yaml"), "Q164", 0, NULL);
    CHECK_COUNT(m.binding->usable, 1);
    CHECK_COUNT(count_of(&m, "F063")->reason[VMAP_PRESENT], 0);
    unmake(&m);
    vmap_binding_free(NULL);
}

/* ---- codes in which the files of the surveys differ ---- */

/* Sources: codebook of wave 6 as transcribed in nprapps/worldvalues: health 1..4, 1 yes and 5 no, 3 and 4
 * neither and both; national questionnaires of EVS 2017: 1 good, 2 bad, 3 does not mind, 4 not allowed to
 * vote; WVS-7 codebook as transcribed in WorldValuesBench: 1 not an immigrant, 3 other answer. */
static void each_survey_keeps_its_own_codes(void)
{
    static const struct {
        const char *book, *item;
        double code, want;
        vmap_reason why;
    } known[] = {
        {"codebooks/wvs6.yaml", "V11", 4, 4, VMAP_PRESENT},
        {"codebooks/wvs6.yaml", "V11", 5, NAN, VMAP_OUT_OF_RANGE},
        {"codebooks/wvs7.yaml", "Q47", 5, 5, VMAP_PRESENT},
        {"codebooks/wvs6.yaml", "V176", 5, 2, VMAP_PRESENT},
        {"codebooks/wvs6.yaml", "V176", 1, 1, VMAP_PRESENT},
        {"codebooks/wvs6.yaml", "V150", 4, NAN, VMAP_NOT_APPLICABLE},
        {"codebooks/wvs6.yaml", "V81", 3, NAN, VMAP_NOT_APPLICABLE},
        {"codebooks/wvs6.yaml", "V211", 5, NAN, VMAP_NOT_APPLICABLE},
        {"codebooks/wvs6.yaml", "V161", 0, 0, VMAP_PRESENT},
        {"codebooks/wvs6.yaml", "V4", -4, NAN, VMAP_NOT_ASKED},
        {"codebooks/wvs5.yaml", "V10", 4, 4, VMAP_PRESENT},
        {"codebooks/wvs5.yaml", "V23", 2, 2, VMAP_PRESENT},
        {"codebooks/wvs5.yaml", "V104", 3, NAN, VMAP_NOT_APPLICABLE},
        {"codebooks/wvs7.yaml", "Q105", 0, 0, VMAP_PRESENT},
        {"codebooks/evs2017.yaml", "v114", 1, 1, VMAP_PRESENT},
        {"codebooks/evs2017.yaml", "v114", 3, 2, VMAP_PRESENT},
        {"codebooks/evs2017.yaml", "v114", 2, 3, VMAP_PRESENT},
        {"codebooks/evs2017.yaml", "v171", 4, NAN, VMAP_NOT_APPLICABLE},
        {"codebooks/evs2017.yaml", "v8", -10, NAN, VMAP_OTHER_MISSING},
        {"codebooks/evs2017.yaml", "v63", 10, 10, VMAP_PRESENT},
        {"codebooks/evs2017.yaml", "v133", 0, NAN, VMAP_OUT_OF_RANGE},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        made m = make(load(known[i].book), known[i].item, 1, &known[i].code);

        check_cell(&m, known[i].item, 0, known[i].want, known[i].why);
        unmake(&m);
    }
}

static const test_case cases[] = {
    TEST(minus_one_and_minus_two_are_values_of_the_autonomy_index),
    TEST(the_autonomy_index_is_made_from_four_child_qualities),
    TEST(each_column_has_its_own_coding),
    TEST(the_coding_that_fits_most_cells_is_taken),
    TEST(a_column_goes_before_its_parts_and_the_parts_fill_its_gaps),
    TEST(a_made_item_tells_why_its_parts_are_missing),
    TEST(an_index_with_a_part_too_few_has_no_column),
    TEST(the_postmaterialist_index_is_made_from_two_choices),
    TEST(no_nationality_is_no_pride),
    TEST(inverted_columns_are_turned_back),
    TEST(the_first_column_of_the_codebook_is_used),
    TEST(codes_out_of_range_are_counted_and_never_clamped),
    TEST(a_sum_out_of_range_is_counted_as_such),
    TEST(every_cell_of_every_item_is_counted_once),
    TEST(a_file_without_any_column_has_no_answers),
    TEST(each_survey_keeps_its_own_codes),
};
SUITE(data_codebook_apply_suite, cases);
