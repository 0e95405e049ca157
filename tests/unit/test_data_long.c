#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "data/reader_internal.h"
#include "support/check.h"
#include "support/reading.h"

static const vmap_read_options detect = {.layout = "detect"}, forced = {.layout = "long"};
static const vmap_read_options texts = {.layout = "detect", .text_answers = true};

/* ---- a row per answer ---- */

static const char canonical[] = "source,model,persona,variant,rep,lang,item,raw,value,why\n"
                                "a,m1,p1,v,1,en,Q1,3. Yes,3,\n"
                                "a,m1,p1,v,1,en,Q2,no idea,,unparsable\n"
                                "a,m1,p1,v,2,en,Q1,4,4,present\n"
                                "a,m2,p1,v,1,en,Q2,7,7,\n"
                                "a,m2,p1,v,1,en,Q1,,,refused\n";

static void a_long_file_becomes_a_row_per_respondent(void)
{
    check_file(scratch_file("long.csv", canonical), &detect, "model:t rep:c Q1:c Q2:c",
               "m1|1|3|[unparsable]; m1|2|4|[blank]; m2|1|[refused]|7");
    check_file("unit-scratch/long.csv", &forced, "Q2:c", "[unparsable]; [blank]; 7");
    check_file("unit-scratch/long.csv", NULL, "item:t value:c", /* as it stands */
               "Q1|3; Q2|[blank]; Q1|4; Q2|7; Q1|[blank]");
    check_file("unit-scratch/long.csv", &(vmap_read_options){.layout = "wide"}, "rep:c", "1; 1; 2; 1; 1");
}

static void the_layout_is_told_in_words(void)
{
    vmap_reader *r = NULL;
    vmap_error err;

    CHECK_OK(vmap_reader_open(scratch_file("long.csv", canonical), &detect, &r, &err), &err);
    CHECK_TEXT(vmap_reader_format(r), "CSV");
    CHECK_TEXT(vmap_reader_dialect(r), "delimiter ',', decimal '.', long layout, 2 items, key source model persona variant "
                                       "rep lang");
    CHECK_COUNT(vmap_reader_columns(r), 8);
    CHECK(vmap_reader_weight(r) == NULL);
    vmap_reader_free(r);
}

static void a_wide_file_stays_as_it_is(void)
{
    check_file(scratch_file("wide.csv", "item,Q1,Q2\n1,2,3\n"), &detect, "Q1:c item:t", "2|1");
    check_file(scratch_file("wide.csv", "value,Q1\n1,2\n"), &detect, "value:c", "1");
}

static void text_answers_are_parsed(void)
{
    check_file(scratch_file("long.csv", "model,item,answer\nm,Q1,\"2) Agree\"\nm,Q2,I would say 7\nm,Q3,Refused\nm,Q4,\n"),
               &texts, "Q1:c Q2:c Q3:c Q4:c", "2|[unparsable]|[refused]|[blank]");
}

static void names_of_other_projects_are_known(void)
{
    check_file(scratch_file("long.tsv", "QUESTION_ID\tPARTICIPANT_ID\tSCORE\nQ1\t7\t3\nQ2\t7\t\nQ1\t8\t0\n"), &detect,
               "PARTICIPANT_ID:t Q1:c Q2:c", "7|3|[blank]; 8|0|[blank]");
}

static void without_known_names_all_other_columns_are_the_key(void)
{
    check_file(scratch_file("long.csv", "town,year,item,value\nA,1,Q1,3\nB,1,Q1,4\nA,2,Q1,5\n"), &detect,
               "town:t year:c Q1:c", "A|1|3; B|1|4; A|2|5");
}

static void the_key_can_be_named(void)
{
    static const char *const key[] = {"town"};
    vmap_read_options o = {.layout = "long", .key = key, .key_count = 1};

    check_file(scratch_file("long.csv", "model,town,question,answer\nm,A,Q1,3\nm,B,Q1,4\nm,B,Q2,1\n"), &o, "model:t Q1:c Q2:c",
               "m|3|[blank]; m|4|1");
}

/* The same answers from an OpenAI batch, whose text is parsed because it is never anything else. */
static void batch_output_becomes_rows(void)
{
    static const char line[] = "{\"custom_id\":\"gpt|p%d|Q%d|1\",\"response\":{\"status_code\":200,\"body\":{\"model\":\"m\","
                               "\"choices\":[{\"index\":0,\"message\":{\"content\":%s,\"refusal\":%s}}]}},\"error\":null}\n";
    vmap_read_options o = {.layout = "detect", .id = "custom_id=model|persona|item|rep"};
    buffer b = {0};
    char text[400];

    snprintf(text, sizeof text, line, 1, 1, "\"3. Because\"", "null");
    buffer_put(&b, text);
    snprintf(text, sizeof text, line, 1, 2, "null", "\"I cannot\"");
    buffer_put(&b, text);
    snprintf(text, sizeof text, line, 2, 2, "\"it depends\"", "null");
    buffer_put(&b, text);
    buffer_put(&b, "{\"custom_id\":\"gpt|p2|Q1|1\",\"response\":null,\"error\":{\"message\":\"expired\"}}\n");
    check_file(scratch_file("batch.jsonl", b.text), &o, "model:t persona:t Q1:c Q2:c",
               "gpt|p1|3|[refused]; gpt|p2|[missing]|[unparsable]");
    buffer_free(&b);
}

/* ---- distributions ---- */

static void counts_become_weighted_rows(void)
{
    vmap_reader *r = NULL;
    vmap_error err;

    check_file(scratch_file("d.csv", "country,item,option,count\nA,Q1,1,10\nA,Q1,2,0\nA,Q1,3,5\nA,Q1,refused,2\nA,Q2,7,17\n"),
               &detect, "country:t Q1:c Q2:c weight:n",
               "A|1|[not-asked]|10; A|3|[not-asked]|5; A|[refused]|[not-asked]|2; A|[not-asked]|7|17");
    CHECK_OK(vmap_reader_open("unit-scratch/d.csv", &detect, &r, &err), &err);
    CHECK_TEXT(vmap_reader_weight(r), "weight");
    vmap_reader_free(r);
}

static void shares_with_a_column_per_option_become_weighted_rows(void)
{
    check_file(scratch_file("d.csv", "model,item,pmf_1,pmf_2,pmf_refused,n_respondents\nm,Q1,.25,.5,.25,40\nm,Q2,1,0,,10\n"),
               &detect, "model:t Q1:c Q2:c weight:n",
               "m|1|[not-asked]|10; m|2|[not-asked]|20; m|[refused]|[not-asked]|10; m|[not-asked]|1|10");
}

/* ---- refusals ---- */

static void an_item_answered_twice_is_refused_with_both_lines(void)
{
    check_refused(scratch_file("long.csv", "model,persona,item,value\nm,p,Q1,1\nm,q,Q1,2\nm,p,Q1,1\n"), &detect, "Q1:c",
                  VMAP_EDATA, "unit-scratch/long.csv:4: column Q1: model m, persona p: the item is answered here and in "
                              "line 2; repeated answers are kept apart by a column 'rep'");
    check_file("unit-scratch/long.csv", &detect, "persona:t", "p; q"); /* nobody wants the item */
}

static void a_column_that_is_not_constant_is_refused(void)
{
    scratch_file("long.csv", "model,town,item,value\nm,A,Q1,1\nm,A,Q2,1\nm,B,Q3,2\n");
    check_refused("unit-scratch/long.csv", &detect, "town:t", VMAP_EDATA,
                  "long.csv:4: column town: model m: the column says different things here and in line 2");
    check_file("unit-scratch/long.csv", &detect, "Q3:c", "2");
}

static void bad_cells_are_refused_where_they_stand(void)
{
    check_refused(scratch_file("long.csv", "model,item,value\nm,Q1,1\nm,Q2,agree\n"), &detect, "Q2:c Q1:c", VMAP_EDATA,
                  "long.csv:3: column Q2: 'agree' is not a number");
    check_refused(scratch_file("long.csv", "model,item,value\nm,Q1,1\nm,,2\n"), &detect, "Q1:c", VMAP_EDATA,
                  "long.csv:3: column item: the row names no item");
    check_refused(scratch_file("long.csv", "model,item,value,why\nm,Q1,,because\n"), &detect, "Q1:c", VMAP_EDATA,
                  "long.csv:2: column why: 'because' is no reason");
    check_refused(scratch_file("d.csv", "item,option,count\nQ1,1,-3\n"), &detect, "Q1:c", VMAP_EDATA,
                  "d.csv:2: column count: a count or share is a number from 0 up");
    check_refused(scratch_file("d.csv", "item,option,count\nQ1,1,\n"), &detect, "Q1:c", VMAP_EDATA, "d.csv:2: column count");
}

static void what_is_not_long_cannot_be_forced(void)
{
    static const char *const key[] = {"modle"};

    check_refused(scratch_file("wide.csv", "a,Q1\n1,2\n"), &forced, "", VMAP_EDATA, "wide.csv: no long layout: the file needs");
    check_refused(scratch_file("long.csv", "model,item,value\nm,Q1,1\n"),
                  &(vmap_read_options){.layout = "long", .key = key, .key_count = 1}, "", VMAP_ENOENT,
                  "the file has no key column 'modle'; did you mean 'model'?");
    check_refused("unit-scratch/long.csv", &(vmap_read_options){.layout = "tall"}, "", VMAP_EINVAL, "the layout is 'tall'");
}

/* ---- properties ---- */

/* The rows of a long file in any order give the same respondents. */
static void the_order_of_the_rows_of_an_item_does_not_matter(void)
{
    for (int shift = 0; shift < 7; shift++) {
        buffer b = {0};

        buffer_put(&b, "persona,item,value\n");
        for (int k = 0; k < 21; k++) {
            int i = (k * 5 + shift * 3) % 21;

            buffer_format(&b, "p%d,Q%d,%d\n", i / 7, i % 7, i);
        }
        {
            vmap_table *t = NULL;
            vmap_error err;

            scratch_file("long.csv", b.text);
            if (CHECK_OK(read_columns("unit-scratch/long.csv", &detect, "persona:t Q0:c Q3:c Q6:c", NULL, &t, &err), &err)) {
                CHECK_COUNT(vmap_table_rows(t), 3);
                for (size_t row = 0; row < 3; row++) {
                    int p = atoi(vmap_table_text(t, 0, row) + 1);

                    CHECK_NEAR(vmap_table_value(t, 1, row), 7 * p, 0);
                    CHECK_NEAR(vmap_table_value(t, 2, row), 7 * p + 3, 0);
                    CHECK_NEAR(vmap_table_value(t, 3, row), 7 * p + 6, 0);
                }
            }
            vmap_table_free(t);
        }
        buffer_free(&b);
    }
}

/* Whatever the size of the blocks: respondents whose rows lie far apart, a quoted line end on the way (the rest is then
 * read the plain way), the same text with other levels in other blocks, a number that is no code. */
static void blocks_do_not_matter(void)
{
    static const char by_item[] = "model,item,persona,value,land\nm,Q1,p1,3,X\nm,Q1,p2,4,Y\nn,Q1,p1,5,Z\nm,Q2,p2,2.5,Y\n"
                                  "n,Q2,p1,6,Z\n\"n\n2\",Q2,p1,1,Y\nm,Q2,p1,7,X\nm,Q3,p2,,Y\nm,Q3,p1,1,X\n";
    static const char twice[] = "model,item,value\nm,Q1,3\nn,Q1,4\no,Q1,4\nm,Q2,4\nn,Q1,4\n";

    for (size_t part = 1; part < 120; part += part < 20 ? 1 : 13) {
        reading_part = part;
        check_file(scratch_file("long.csv", by_item), &detect, "model:t persona:t land:t Q1:c Q2:c Q3:c",
                   "m|p1|X|3|7|1; m|p2|Y|4|2.5|[blank]; n|p1|Z|5|6|[blank]; n\n2|p1|Y|[blank]|1|[blank]");
        check_refused(scratch_file("long.csv", twice), &detect, "model:t Q1:c Q2:c", VMAP_EDATA,
                      "long.csv:6: column Q1: model n: the item is answered here and in line 3");
    }
    reading_part = 0;
}

/* Where the answers of respondents stand together rows are handed on as soon as they are complete: no block has all of them,
 * and what goes over the end of a block (answers, a column that changes, an item answered twice) is found all the same. */
typedef struct {
    buffer text;
    size_t blocks, most;
} handed;

static vmap_status take_rows(void *context, vmap_table *block, vmap_error *err)
{
    handed *h = context;

    (void)err;
    h->blocks++;
    h->most = vmap_table_rows(block) > h->most ? vmap_table_rows(block) : h->most;
    for (size_t row = 0; row < vmap_table_rows(block); row++)
        buffer_format(&h->text, "%s:%s/%g/%g ", vmap_table_text(block, 0, row), vmap_table_text(block, 1, row),
                      vmap_table_value(block, 2, row), vmap_table_value(block, 3, row));
    return VMAP_SUCCESS;
}

static void respondents_who_stand_together_are_handed_on(void)
{
    static const char *const wanted[] = {"persona", "land", "Q1", "Q2"};
    static const char twice[] = "model,item,value\nm,Q1,3\nm,Q2,4\nn,Q1,4\nn,Q2,4\nn,Q1,4\n";
    static const char changed[] = "model,town,item,value\nm,A,Q1,1\nm,A,Q2,1\nm,B,Q3,2\n";
    buffer file = {0}, expected = {0};
    vmap_error err;

    buffer_put(&file, "model,persona,item,land,value\n");
    for (int i = 0; i < 40; i++) {
        for (int q = 1; q <= 2; q++)
            buffer_format(&file, "m%d,p%d,Q%d,l%d,%d\n", i / 20, i % 20, q, i % 3, i + q);
        buffer_format(&expected, "p%d:l%d/%d/%d ", i % 20, i % 3, i + 1, i + 2);
    }
    scratch_file("long.csv", file.text);
    for (size_t part = 1; part < 3000; part += part < 60 ? 1 : 173) {
        handed h = {.blocks = 0};
        vmap_reader *r = NULL;

        CHECK_OK(vmap_reader_open("unit-scratch/long.csv", &detect, &r, &err), &err);
        r->part = part;
        for (size_t k = 0; k < 4; k++) {
            size_t field = 0;

            while (strcmp(r->names[field], wanted[k]) != 0)
                field++;
            CHECK_OK(vmap_reader_want(r, field, k < 2 ? VMAP_TEXTS : VMAP_CODES, wanted[k], NULL, &err), &err);
        }
        CHECK(reader_streams(r));
        CHECK_OK(reader_stream(r, take_rows, &h, &err), &err);
        CHECK_TEXT(h.text.text, expected.text);
        CHECK(part > 300 || (h.blocks > 5 && h.most < 20));
        buffer_free(&h.text);
        vmap_reader_free(r);
        reading_part = part;
        check_refused(scratch_file("twice.csv", twice), &detect, "model:t Q1:c Q2:c", VMAP_EDATA,
                      "twice.csv:6: column Q1: model n: the item is answered here and in line 4");
        check_refused(scratch_file("changed.csv", changed), &detect, "town:t", VMAP_EDATA,
                      "changed.csv:4: column town: model m: the column says different things here and in line 2");
        reading_part = 0;
    }
    buffer_free(&file);
    buffer_free(&expected);
}

/* One answer of the first respondent comes after the second one: he is not complete before the end. */
static void respondents_who_come_back_are_read_as_a_whole(void)
{
    vmap_reader *r = NULL;
    vmap_error err;

    scratch_file("long.csv", "persona,item,value\np,Q1,1\nq,Q1,2\nq,Q2,3\np,Q2,4\n");
    CHECK_OK(vmap_reader_open("unit-scratch/long.csv", &detect, &r, &err), &err);
    CHECK(!reader_streams(r));
    vmap_reader_free(r);
    check_file("unit-scratch/long.csv", &detect, "persona:t Q1:c Q2:c", "p|1|4; q|2|3");
}

static const test_case cases[] = {
    TEST(respondents_who_stand_together_are_handed_on),
    TEST(respondents_who_come_back_are_read_as_a_whole),
    TEST(blocks_do_not_matter),
    TEST(a_long_file_becomes_a_row_per_respondent),
    TEST(the_layout_is_told_in_words),
    TEST(a_wide_file_stays_as_it_is),
    TEST(text_answers_are_parsed),
    TEST(names_of_other_projects_are_known),
    TEST(without_known_names_all_other_columns_are_the_key),
    TEST(the_key_can_be_named),
    TEST(batch_output_becomes_rows),
    TEST(counts_become_weighted_rows),
    TEST(shares_with_a_column_per_option_become_weighted_rows),
    TEST(an_item_answered_twice_is_refused_with_both_lines),
    TEST(a_column_that_is_not_constant_is_refused),
    TEST(bad_cells_are_refused_where_they_stand),
    TEST(what_is_not_long_cannot_be_forced),
    TEST(the_order_of_the_rows_of_an_item_does_not_matter),
};
SUITE(data_long_suite, cases);
