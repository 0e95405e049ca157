#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/sheets.h"

/* A key of seven items: two scales that share an item, a reversed item, a check and a contrast. */
static const char KEY[] =
    "version: 1\nname: small\ntitle: A small questionnaire\nitems: 7\ncolumns: [\"S*\"]\n"
    "names: [one, two, three, four, five, six, seven]\n"
    "scales: [\"1..5\", \"0..4\"]\nleast: 2\nmissing: [{codes: \"-1\", reason: refused}]\n"
    "foundations:\n  - {name: a, label: A, items: [1, 2, 3], reverse: [2]}\n"
    "  - {name: b, label: B, items: [3, 4, 5]}\n"
    "checks: [{name: attention, item: 6, pass: \"3\"}]\n"
    "contrasts: [{name: ab, label: A minus B, plus: [a], minus: [b]}]\n";

static vmap_status parse(const char *text, vmap_questionnaire **q, vmap_error *err)
{
    return vmap_questionnaire_parse("key.yaml", text, strlen(text), q, err);
}

/* The key with one piece of its text replaced. */
static vmap_status parse_changed(const char *from, const char *to, vmap_error *err)
{
    vmap_questionnaire *q = NULL;
    const char *at = strstr(KEY, from);
    char text[1200];
    vmap_status status;

    CHECK(at != NULL);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - KEY), KEY, to, at + strlen(from));
    status = parse(text, &q, err);
    CHECK((q != NULL) == (status == VMAP_SUCCESS));
    vmap_questionnaire_free(q);
    return status;
}

static vmap_status read_text(sheets *s, const char *text, vmap_error *err)
{
    static const char *const none[] = {NULL};

    CHECK_OK(parse(KEY, &s->questionnaire, err), err);
    return sheets_read(s, scratch_file("sheets.csv", text), none, err);
}

/* ---- columns of other names ---- */

static void items_are_found_in_columns_of_another_pattern(void)
{
    vmap_questionnaire *q = NULL;
    vmap_codebook *book = NULL;
    vmap_error err;

    CHECK_OK(parse(KEY, &q, &err), &err);
    CHECK(vmap_questionnaire_set_columns(q, "q", &err) == VMAP_EINVAL);
    CHECK(vmap_questionnaire_set_columns(q, "q*x*", &err) == VMAP_EINVAL);
    CHECK(q->columns_count == 1 && strcmp(q->columns[0], "S*") == 0); /* as before */
    CHECK_OK(vmap_questionnaire_set_columns(q, "q*_r", &err), &err);
    CHECK_OK(vmap_questionnaire_codebook(q, &book, &err), &err);
    CHECK(strcmp(book->items[6].columns[0].name, "q7_r") == 0);
    CHECK(strcmp(book->items[6].columns[1].name, "q07_r") == 0);
    CHECK(strcmp(book->items[6].columns[2].name, "seven") == 0);
    vmap_codebook_free(book);
    vmap_questionnaire_free(q);
}

/* ---- known values ---- */

/* Item keys of July 2008 (moralfoundations.org) and of Atari et al. (2023). */
static void the_built_in_keys_have_the_published_items(void)
{
    static const struct {
        const char *key, *scale;
        int items[6];
        unsigned count;
    } known[] = {
        {"mfq2", "care", {1, 7, 13, 19, 25, 31}, 6},
        {"mfq2", "purity", {6, 12, 18, 24, 30, 36}, 6},
        {"mfq2-blocked", "equality", {7, 8, 9, 10, 11, 12}, 6},
        {"mfq30", "harm", {1, 7, 12, 17, 23, 28}, 6},
        {"mfq30", "fairness", {2, 8, 13, 18, 24, 29}, 6},
        {"mfq30", "ingroup", {3, 9, 14, 19, 25, 30}, 6},
        {"mfq30", "authority", {4, 10, 15, 20, 26, 31}, 6},
        {"mfq30", "purity", {5, 11, 16, 21, 27, 32}, 6},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        vmap_questionnaire *q = sheets_key(known[i].key);
        size_t f = vmap_questionnaire_find(q, known[i].scale);

        CHECK(f < q->foundations_count);
        CHECK_COUNT(q->foundations[f].items_count, known[i].count);
        for (unsigned k = 0; k < known[i].count; k++)
            CHECK_COUNT((size_t)q->foundations[f].items[k], (size_t)known[i].items[k]);
        vmap_questionnaire_free(q);
    }
}

/* The short form is the long one without the third item of each half, by the variables' names. */
static void the_short_form_is_part_of_the_long_one(void)
{
    vmap_questionnaire *q = sheets_key("mfq20"), *l = sheets_key("mfq30");

    for (unsigned f = 0; f < q->foundations_count; f++) {
        static const unsigned kept[] = {0, 1, 3, 4};

        CHECK_TEXT(q->foundations[f].name, l->foundations[f].name);
        CHECK_COUNT(q->foundations[f].items_count, 4);
        for (unsigned i = 0; i < 4; i++)
            CHECK_TEXT(q->names[q->foundations[f].items[i] - 1],
                       l->names[l->foundations[f].items[kept[i]] - 1]);
    }
    for (unsigned c = 0; c < 2; c++)
        CHECK_TEXT(q->names[q->checks[c].item - 1], l->names[l->checks[c].item - 1]);
    vmap_questionnaire_free(q);
    vmap_questionnaire_free(l);
}

/* By hand. */
static void scores_follow_the_key(void)
{
    sheets s = {.questionnaire = NULL};
    vmap_error err;

    CHECK_OK(read_text(&s,
                       "S1,S2,S3,S4,S5,S6,S7\n"
                       "5,1,4,2,3,3,1\n" /* a (5 + 5 + 4)/3, b (4 + 2 + 3)/3 */
                       "5,,,2,,3,1\n"    /* one answer each */
                       "2,4,,1,5,4,1\n"  /* fails the check */
                       "-1,7,3,3,3,,\n", /* refused, out of range; a has one answer */
                       &err),
             &err);
    CHECK_OK(vmap_questionnaire_rescale(s.questionnaire, s.answers, NULL, s.ledger, &err), &err);
    CHECK_OK(vmap_questionnaire_score(s.questionnaire, s.answers, NULL, &s.scores, &err), &err);
    CHECK_NEAR(s.scores->score[0], 14. / 3, 1e-15);
    CHECK_NEAR(s.scores->score[1], 3, 1e-15);
    CHECK_NEAR(s.scores->contrast[0], 5. / 3, 1e-15);
    CHECK_COUNT(s.scores->scored_items, 5);
    CHECK_COUNT(s.scores->used[0], 3);
    CHECK_COUNT(s.scores->used[2], 1);
    CHECK(isnan(s.scores->score[2]) && isnan(s.scores->score[3]) && isnan(s.scores->contrast[1]));
    CHECK(s.scores->failed[2] && !s.scores->used_sheet[2] && isnan(s.scores->score[4]));
    CHECK(!s.scores->failed[1] && !s.scores->failed[3]);
    CHECK(isnan(s.scores->score[6]));
    CHECK_NEAR(s.scores->score[7], 3, 0);
    CHECK_COUNT(s.answers->reasons[3 * 7 + 1], VMAP_OUT_OF_RANGE);
    CHECK_COUNT(s.answers->counts[1].out_of_range, 1);
    CHECK_COUNT(s.scores->run[0], 1);
    CHECK_COUNT(s.scores->run[3], 3);
    /* answers 5 1 4 2 3: mean 3, squares 10 / 5 */
    CHECK_NEAR(s.scores->spread[0], sqrt(2), 1e-15);
    sheets_free(&s);
}

static void failed_sheets_can_be_kept_and_the_least_number_changed(void)
{
    const vmap_score_options o = {.least = 1, .keep_failed = true};
    sheets s = {.questionnaire = NULL};
    vmap_error err;

    CHECK_OK(read_text(&s, "S1,S2,S3,S4,S5,S6\n2,4,,1,5,4\n,,,3,,3\n", &err), &err);
    CHECK_OK(vmap_questionnaire_score(s.questionnaire, s.answers, &o, &s.scores, &err), &err);
    CHECK(s.scores->failed[0] && s.scores->used_sheet[0]);
    CHECK_NEAR(s.scores->score[0], 2, 0); /* (2 + 2)/2: item 2 is reversed */
    CHECK_NEAR(s.scores->score[1], 3, 0);
    CHECK(isnan(s.scores->score[2]));
    CHECK_NEAR(s.scores->score[3], 3, 0);
    sheets_free(&s);
}

static void items_are_found_by_number_and_by_name(void)
{
    sheets s = {.questionnaire = NULL};
    vmap_error err;

    CHECK_OK(read_text(&s, "S01,two,S3,FOUR,S5\n1,2,3,4,5\n", &err), &err);
    CHECK_NEAR(s.answers->values[0], 1, 0);
    CHECK_NEAR(s.answers->values[1], 2, 0);
    CHECK_NEAR(s.answers->values[4], 5, 0);
    CHECK(!s.answers->present[5] && !s.answers->present[6]);
    sheets_free(&s);
}

static void the_other_coding_is_found_and_shifted(void)
{
    sheets s = {.questionnaire = NULL};
    vmap_error err;

    CHECK_OK(read_text(&s, "S1,S2,S3,S4,S5,S6,S7\n0,4,0,4,3,2,1\n1,2,3,4,0,2,0\n", &err), &err);
    CHECK_OK(vmap_questionnaire_rescale(s.questionnaire, s.answers, NULL, s.ledger, &err), &err);
    CHECK_NEAR(s.answers->values[0], 1, 0);
    CHECK_NEAR(s.answers->values[1], 5, 0);
    CHECK_OK(vmap_questionnaire_score(s.questionnaire, s.answers, NULL, &s.scores, &err), &err);
    CHECK(!s.scores->failed[0]); /* 2 is the 3 of the key */
    CHECK_NEAR(s.scores->score[0], 1, 0);
    sheets_free(&s);
}

static void answers_that_fit_two_codings_give_a_warning(void)
{
    sheets s = {.questionnaire = NULL};
    vmap_error err;
    bool warned = false;

    CHECK_OK(read_text(&s, "S1,S2,S3,S4,S5,S6\n1,2,3,4,3,2\n", &err), &err);
    CHECK_OK(vmap_questionnaire_rescale(s.questionnaire, s.answers, NULL, s.ledger, &err), &err);
    for (size_t i = 0; i < s.ledger->notes_count; i++)
        warned |= s.ledger->notes[i].warning &&
                  strstr(s.ledger->notes[i].text, "more than one scale") != NULL;
    CHECK(warned);
    CHECK_NEAR(s.answers->values[0], 1, 0);
    sheets_free(&s);
    CHECK_OK(read_text(&s, "S1,S2,S3,S4,S5,S6\n1,2,3,4,3,2\n", &err), &err);
    CHECK_OK(vmap_questionnaire_rescale(s.questionnaire, s.answers, "0..4", s.ledger, &err), &err);
    CHECK_NEAR(s.answers->values[0], 2, 0);
    sheets_free(&s);
}

static void straight_lines_are_seen(void)
{
    sheets s = {.questionnaire = sheets_key("mfq20")};
    static const char *const none[] = {NULL};
    vmap_error err;

    CHECK_OK(sheets_read(&s,
                         scratch_file("straight.csv",
                                      "MFQ_1,MFQ_2,MFQ_3,MFQ_4,MFQ_5,MFQ_6,MFQ_7,MFQ_8,MFQ_12,MFQ_"
                                      "13,MFQ_14,MFQ_15,MFQ_16\n"
                                      "3,3,3,3,3,0,3,3,3,3,3,3,3\n"
                                      "3,3,3,3,3,0,3,3,3,4,3,3,3\n"
                                      "3,3,3,3,3,0,,,,,,,\n"
                                      "5,4,3,2,1,0,0,1,2,3,4,5,4\n"),
                         none, &err),
             &err);
    CHECK_OK(vmap_questionnaire_score(s.questionnaire, s.answers, NULL, &s.scores, &err), &err);
    CHECK(s.scores->straight[0] && !s.scores->straight[1]);
    CHECK(!s.scores->straight[2]); /* five answers are too few to tell */
    CHECK(!s.scores->straight[3]);
    CHECK_COUNT(s.scores->run[1], 8); /* the check between them is not counted */
    sheets_free(&s);
}

/* ---- refusals ---- */

static void a_key_with_a_mistake_is_refused(void)
{
    static const struct {
        const char *from, *to, *words;
    } wrong[] = {
        {"items: [3, 4, 5]", "items: [3, 4, 8]", "foundation b: item 8 is outside 1..7"},
        {"items: [3, 4, 5]", "items: [3, 4, 4]", "foundation b has item 4 twice"},
        {"items: [3, 4, 5]", "items: []", "foundation b has no items"},
        {"reverse: [2]", "reverse: [4]", "item 4 is reversed but not one of its items"},
        {"reverse: [2]", "reverse: [3]",
         "item 3 is reversed in one of the foundations a and b only"},
        {"name: b,", "name: a,", "two foundations named a"},
        {"name: b,", "name: b c,", "only letters, digits and _"},
        {"minus: [b]", "minus: [c]", "'c' is no foundation here"},
        {"minus: [b]", "minus: []", "needs foundations on both sides"},
        {"name: ab,", "name: a,", "has the name of a foundation"},
        {"item: 6", "item: 3", "item 3 also belongs to a foundation"},
        {"pass: \"3\"", "pass: \"3..7\"", "outside the scale 1..5"},
        {"pass: \"3\"", "pass: yes", "is no range of answers"},
        {"\"0..4\"", "\"0..5\"", "not as many steps"},
        {"\"1..5\"", "\"five\"", "is no scale"},
        {"\"1..5\", \"0..4\"", "", "'scales' is empty"},
        {"columns: [\"S*\"]", "columns: [S]", "needs one '*'"},
        {", seven]", "]", "6 names for 7 items"},
        {"least: 2", "least: 0", "at least one"},
        {"items: 7", "items: 0", "1..10000"},
        {"version: 1", "version: 2", "reads version 1"},
    };
    vmap_error err;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_FAILS(parse_changed(wrong[i].from, wrong[i].to, &err), VMAP_EDATA, &err,
                    wrong[i].words);
    CHECK_FAILS(parse_changed("items: 7", "itmes: 7", &err), VMAP_EPARSE, &err, "itmes");
    CHECK_FAILS(parse_changed("items: 7", "items: seven", &err), VMAP_EPARSE, &err, "");
}

static void sheets_of_another_scale_are_refused(void)
{
    sheets s = {.questionnaire = NULL};
    vmap_error err;

    CHECK_OK(read_text(&s, "S1,S2,S3,S4,S5,S6\n1,7,6,4,9,7\n6,7,5,7,2,1\n", &err), &err);
    CHECK_FAILS(vmap_questionnaire_rescale(s.questionnaire, s.answers, NULL, s.ledger, &err),
                VMAP_EDATA, &err, "fit no scale of questionnaire small (1..5 or 0..4)");
    CHECK_FAILS(vmap_questionnaire_rescale(s.questionnaire, s.answers, "0..7", s.ledger, &err),
                VMAP_ENOENT, &err, "no scale '0..7'");
    sheets_free(&s);
}

static void a_foundation_without_a_column_is_refused(void)
{
    sheets s = {.questionnaire = NULL};
    vmap_error err;

    CHECK_OK(read_text(&s, "S1,S2,S6\n1,2,3\n", &err), &err);
    CHECK_FAILS(vmap_questionnaire_rescale(s.questionnaire, s.answers, NULL, s.ledger, &err),
                VMAP_EDATA, &err, "no item of foundation b");
    sheets_free(&s);
}

static void a_score_cannot_need_more_items_than_there_are(void)
{
    const vmap_score_options o = {.least = 4};
    sheets s = {.questionnaire = NULL};
    vmap_error err;

    CHECK_OK(read_text(&s, "S1,S2,S3,S4\n1,2,3,4\n", &err), &err);
    CHECK_FAILS(vmap_questionnaire_score(s.questionnaire, s.answers, &o, &s.scores, &err),
                VMAP_EINVAL, &err, "cannot need 4");
    CHECK(s.scores == NULL);
    sheets_free(&s);
}

static const test_case cases[] = {
    TEST(the_built_in_keys_have_the_published_items),
    TEST(the_short_form_is_part_of_the_long_one),
    TEST(scores_follow_the_key),
    TEST(items_are_found_in_columns_of_another_pattern),
    TEST(failed_sheets_can_be_kept_and_the_least_number_changed),
    TEST(items_are_found_by_number_and_by_name),
    TEST(the_other_coding_is_found_and_shifted),
    TEST(answers_that_fit_two_codings_give_a_warning),
    TEST(straight_lines_are_seen),
    TEST(a_key_with_a_mistake_is_refused),
    TEST(sheets_of_another_scale_are_refused),
    TEST(a_foundation_without_a_column_is_refused),
    TEST(a_score_cannot_need_more_items_than_there_are),
};
SUITE(morality_questionnaire_suite, cases);
