#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "support/check.h"
#include "valuemap/codebook.h"

static vmap_status parse(const char *text, vmap_codebook **codebook, vmap_error *err)
{
    return vmap_codebook_parse("book.yaml", text, strlen(text), codebook, err);
}

/* A codebook with the given lines as its items' part. */
#define HEAD "version: 1\nname: small\ntitle: A small one\nitems:\n"
#define ITEM_X "  - {name: x, label: X, valid: 1..4, columns: [{name: Q1}]}\n"
#define ITEM_Y "  - {name: y, label: Y, valid: 1..10, columns: [{name: Q2}]}\n"

static void the_shipped_codebooks_define_the_ten_items(void)
{
    static const char *const names[] = {"F063", "Y003", "F120", "G006", "E018",
                                        "Y002", "A008", "F118", "E025", "A165"};
    static const double low[] = {1, -2, 1, 1, 1, 1, 1, 1, 1, 1};
    static const double high[] = {10, 2, 10, 4, 3, 3, 4, 10, 3, 2};
    static const char *const files[] = {"codebooks/iw-ivs.yaml", "codebooks/iw-wvs7.yaml"};

    for (size_t f = 0; f < 2; f++) {
        vmap_codebook *c = NULL;
        vmap_error err;

        if (!CHECK_OK(vmap_codebook_load(source_path(files[f]), &c, &err), &err))
            return;
        CHECK_COUNT(vmap_codebook_items(c), 10);
        for (size_t i = 0; i < 10; i++) {
            const vmap_item *item = &c->items[vmap_codebook_item(c, i)];

            CHECK_TEXT(item->name, names[i]);
            CHECK_NEAR(item->low, low[i], 0);
            CHECK_NEAR(item->high, high[i], 0);
            CHECK(!item->part && item->type == VMAP_ORDINAL);
        }
        CHECK_COUNT(vmap_codebook_item(c, 10), c->items_count);
        CHECK_COUNT(vmap_codebook_find(c, "nothing"), c->items_count);
        CHECK(c->items[vmap_codebook_find(c, "aim_first")].type == VMAP_NOMINAL);
        CHECK_COUNT(c->axes_count, 2);
        CHECK_TEXT(c->axes[0].name, "survself");
        CHECK_TEXT(c->axes[1].official, "TradAgg");
        vmap_codebook_free(c);
    }
}

static void judge_all(const vmap_codebook *c, const char *name, const double *values,
                      const vmap_reason *reasons, size_t n)
{
    const vmap_item *item = &c->items[vmap_codebook_find(c, name)];

    for (size_t i = 0; i < n; i++) {
        vmap_reason got = vmap_codebook_judge(c, item, values[i]);
        char what[64];

        snprintf(what, sizeof what, "%s = %g", name, values[i]);
        check_text(vmap_reason_name(got), vmap_reason_name(reasons[i]), what, __FILE__, __LINE__);
    }
}

/* Source: World Values Survey, codebooks of wave 7 and of the integrated file: -1 don't know, -2 no
 * answer, -3 not applicable, -4 not asked, -5 missing; -1 and -2 are values of Y003. */
static void codes_are_judged_item_by_item(void)
{
    static const double f063[] = {1,  10,  5.5,  -1,   -2, -3, -4,  -5,
                                  -9, -99, -999, 9999, 0,  11, -10, .9};
    static const vmap_reason f063_why[] = {
        VMAP_PRESENT,       VMAP_PRESENT,        VMAP_PRESENT,       VMAP_DONT_KNOW,
        VMAP_NO_ANSWER,     VMAP_NOT_APPLICABLE, VMAP_NOT_ASKED,     VMAP_OTHER_MISSING,
        VMAP_OTHER_MISSING, VMAP_OTHER_MISSING,  VMAP_OTHER_MISSING, VMAP_OTHER_MISSING,
        VMAP_OUT_OF_RANGE,  VMAP_OUT_OF_RANGE,   VMAP_OUT_OF_RANGE,  VMAP_OUT_OF_RANGE};
    static const double y003[] = {-2, -1, 0, 1, 2, -5, -3, -4, -2.5, 3};
    static const vmap_reason y003_why[] = {
        VMAP_PRESENT,      VMAP_PRESENT,       VMAP_PRESENT,       VMAP_PRESENT,
        VMAP_PRESENT,      VMAP_OTHER_MISSING, VMAP_OTHER_MISSING, VMAP_OTHER_MISSING,
        VMAP_OUT_OF_RANGE, VMAP_OUT_OF_RANGE};
    static const double g006[] = {1, 4, 5, -3, -1, 6};
    static const vmap_reason g006_why[] = {VMAP_PRESENT,        VMAP_PRESENT,   VMAP_NOT_APPLICABLE,
                                           VMAP_NOT_APPLICABLE, VMAP_DONT_KNOW, VMAP_OUT_OF_RANGE};
    static const double aim[] = {1, 4, 2.5, 5, -1};
    static const vmap_reason aim_why[] = {VMAP_PRESENT, VMAP_PRESENT, VMAP_OUT_OF_RANGE,
                                          VMAP_OUT_OF_RANGE, VMAP_DONT_KNOW};
    static const char *const files[] = {"codebooks/iw-ivs.yaml", "codebooks/iw-wvs7.yaml"};

    for (size_t f = 0; f < 2; f++) {
        vmap_codebook *c = NULL;

        if (!CHECK_OK(vmap_codebook_load(source_path(files[f]), &c, NULL), NULL))
            return;
        judge_all(c, "F063", f063, f063_why, sizeof f063 / sizeof *f063);
        judge_all(c, "Y003", y003, y003_why, sizeof y003 / sizeof *y003);
        judge_all(c, "G006", g006, g006_why, sizeof g006 / sizeof *g006);
        judge_all(c, "aim_first", aim, aim_why, sizeof aim / sizeof *aim);
        vmap_codebook_free(c);
    }
}

#define LIKES "version: 1\nname: n\ntitle: T\ninverted: P\n" \
              "scales:\n" \
              "  - {name: four, valid: 1..4, labels: [{code: 1, label: Low}], missing: [{codes: '9', reason: refused}]}\n" \
              "  - {name: yes, valid: '1, 2', scale: nominal, inverted: ['1=1, 0=2']}\n" \
              "items:\n"

/* An item is complete: with the codes of what it is like, and with the column of its name. */
static void items_are_like_scales_and_have_the_column_of_their_name(void)
{
    vmap_codebook *c = NULL, *again = NULL;
    vmap_error err;
    const vmap_item *x;
    char *json;

    if (!CHECK_OK(parse(LIKES "  - {name: Q1, label: X, like: four}\n"
                              "  - {name: Q2, label: Y, like: yes}\n"
                              "  - {name: Q3, label: Z, like: four, valid: 1..5, labels: [{code: 5, label: High}]}\n"
                              "  - {name: z, label: Z, valid: 1..3, columns: [{name: Q4}]}\n"
                              "  - {name: Q5, label: V, valid: 1..3}\n",
                        &c, &err),
                  &err))
        return;
    x = c->items;
    CHECK_TEXT(x[0].valid, "1..4");
    CHECK_TEXT(x[0].labels[0].label, "Low");
    CHECK(vmap_codebook_judge(c, &x[0], 9) == VMAP_REFUSED);
    CHECK_COUNT(x[0].columns_count, 2);
    CHECK_TEXT(x[0].columns[0].name, "Q1");
    CHECK_TEXT(x[0].columns[1].name, "Q1P");
    CHECK(!x[0].columns[0].reverse && x[0].columns[1].reverse);
    CHECK(x[1].type == VMAP_NOMINAL);
    CHECK(!x[1].columns[1].reverse);
    CHECK_TEXT(x[1].columns[1].codings[0], "1=1, 0=2");
    CHECK_TEXT(x[2].valid, "1..5");
    CHECK_TEXT(x[2].labels[0].label, "High");
    CHECK(vmap_codebook_judge(c, &x[2], 9) == VMAP_REFUSED);
    CHECK_COUNT(x[3].columns_count, 1);
    CHECK_TEXT(x[4].columns[1].name, "Q5P");
    json = vmap_codebook_json(c, &err);
    CHECK_OK(parse(json, &again, &err), &err); /* complete items need no scales */
    CHECK_COUNT(again->items[1].columns_count, 2);
    CHECK_COUNT(again->likes_count, 0);
    free(json);
    vmap_codebook_free(again);
    vmap_codebook_free(c);
}

static void short_notations_are_understood(void)
{
    vmap_codebook *c = NULL;
    vmap_error err;
    const vmap_item *x;

    if (!CHECK_OK(parse(HEAD "  - name: x\n"
                             "    label: X\n"
                             "    valid: ' 1 .. 2 , 5,7.5..8.25 '\n"
                             "    missing: [{codes: '-9..-6, 9999', reason: refused}]\n"
                             "    columns: [{name: Q1, codings: ['1=2, 2 = 1', '0=1,1=2']}]\n",
                        &c, &err),
                  &err))
        return;
    x = &c->items[0];
    CHECK_COUNT(x->ranges, 3);
    CHECK_NEAR(x->range[0].low, 1, 0);
    CHECK_NEAR(x->range[0].high, 2, 0);
    CHECK_NEAR(x->range[1].low, 5, 0);
    CHECK_NEAR(x->range[1].high, 5, 0);
    CHECK_NEAR(x->range[2].low, 7.5, 0);
    CHECK_NEAR(x->range[2].high, 8.25, 0);
    CHECK_NEAR(x->low, 1, 0);
    CHECK_NEAR(x->high, 8.25, 0);
    CHECK(vmap_codebook_judge(c, x, 3) == VMAP_OUT_OF_RANGE);
    CHECK(vmap_codebook_judge(c, x, 5) == VMAP_PRESENT);
    CHECK(vmap_codebook_judge(c, x, -7) == VMAP_REFUSED);
    CHECK_COUNT(x->columns[0].codings_count, 2);
    CHECK_COUNT(x->columns[0].coding[0].pairs, 2);
    CHECK_NEAR(x->columns[0].coding[0].to[0], 2, 0);
    CHECK_NEAR(x->columns[0].coding[1].from[0], 0, 0);
    vmap_codebook_free(c);
}

/* Parsing what vmap_codebook_json() writes gives a codebook that writes the same. */
static void codebooks_survive_the_way_through_json(void)
{
    static const char *const files[] = {"codebooks/iw-ivs.yaml", "codebooks/iw-wvs7.yaml"};

    for (size_t f = 0; f < 2; f++) {
        vmap_codebook *c = NULL, *again = NULL;
        char *json, *json_again;
        vmap_error err;

        if (!CHECK_OK(vmap_codebook_load(source_path(files[f]), &c, &err), &err))
            return;
        json = vmap_codebook_json(c, &err);
        CHECK(json != NULL);
        if (!CHECK_OK(vmap_codebook_parse("json", json, strlen(json), &again, &err), &err))
            return;
        json_again = vmap_codebook_json(again, &err);
        CHECK_TEXT(json_again, json);
        CHECK_COUNT(again->items_count, c->items_count);
        CHECK_COUNT(again->items[1].sum->plus_count, 2);
        CHECK_NEAR(again->items[5].pairs->otherwise, 2, 0);
        CHECK_COUNT(again->items[3].missing_count, 5);
        CHECK_TEXT(again->items[4].labels[1].label, "Don't mind");
        CHECK(f == 0 || again->items[0].columns[1].reverse);
        free(json);
        free(json_again);
        vmap_codebook_free(c);
        vmap_codebook_free(again);
    }
}

static void strange_texts_survive_the_way_through_json(void)
{
    vmap_codebook *c = NULL, *again = NULL;
    vmap_error err;
    char *json;

    if (!CHECK_OK(parse("version: 1\nname: odd\ntitle: \"say \\\"x\\\" \\\\ \\n </script> "
                        "\xE6\x97\xA5 \xF0\x9F\x98\x80: # [\"\nitems:\n" ITEM_X,
                        &c, &err),
                  &err))
        return;
    json = vmap_codebook_json(c, &err);
    if (CHECK_OK(vmap_codebook_parse("json", json, strlen(json), &again, &err), &err)) {
        CHECK_TEXT(again->title, c->title);
        vmap_codebook_free(again);
    }
    free(json);
    vmap_codebook_free(c);
}

/* Every refusal: what stands in the file, the status, the words of the message. Lines count from 1;
 * the items begin on line 5. */
static void broken_codebooks_are_refused_with_their_place(void)
{
    static const struct {
        const char *text;
        vmap_status status;
        const char *words;
    } bad[] = {
        {"", VMAP_EPARSE, "book.yaml: "},
        {"version: 1\nname: [unclosed\n", VMAP_EPARSE, "book.yaml:"},
        {"version: 1\nname: a\ntitle: b\nitems: none\n", VMAP_EPARSE, "book.yaml:4:"},
        {"version: one\nname: a\ntitle: b\nitems:\n" ITEM_X, VMAP_EPARSE, "book.yaml:1:"},
        {HEAD "  - {name: x, label: X, valid: 1..4, colour: red, columns: [{name: Q1}]}\n",
         VMAP_EPARSE, "book.yaml:5:"},
        {HEAD ITEM_X "  - {name: y, valid: 1..4, columns: [{name: Q1}]}\n", VMAP_EPARSE,
         "book.yaml:6:"},
        {HEAD "  - {name: x, label: X, valid: 1..4, part: perhaps, columns: [{name: Q1}]}\n",
         VMAP_EPARSE, "book.yaml:5:"},
        {"version: 2\nname: a\ntitle: b\nitems:\n" ITEM_X, VMAP_EDATA, "version 2"},
        {HEAD ITEM_X ITEM_X, VMAP_EDATA, "column x: there are two items of this name"},
        {HEAD "  - {name: x, label: X, valid: 1-4, columns: [{name: Q1}]}\n", VMAP_EDATA,
         "column x: '1-4' is no list of codes"},
        {HEAD "  - {name: x, label: X, valid: 4..1, columns: [{name: Q1}]}\n", VMAP_EDATA,
         "'4..1' is no list"},
        {HEAD "  - {name: x, label: X, valid: '1,,2', columns: [{name: Q1}]}\n", VMAP_EDATA,
         "'1,,2' is no list"},
        {HEAD "  - {name: x, label: X, valid: '1, 2,', columns: [{name: Q1}]}\n", VMAP_EDATA,
         "is no list"},
        {HEAD "  - {name: x, label: X, valid: 1..4, scale: ratio, columns: [{name: Q1}]}\n",
         VMAP_EDATA, "scale 'ratio' is not known"},
        {HEAD "  - {name: x, label: X}\n", VMAP_EDATA, "column x: it needs 'valid', or 'like' and a scale"},
        {HEAD "  - {name: x, label: X, like: other}\n", VMAP_EDATA, "column x: it is like 'other', which is no scale"},
        {HEAD "  - {name: x, label: X, valid: 1..4, missing: [{codes: '-1', reason: gone}], "
              "columns: [{name: Q1}]}\n",
         VMAP_EDATA, "'gone' is no reason"},
        {HEAD "  - {name: x, label: X, valid: 1..4, missing: [{codes: 'x', reason: refused}], "
              "columns: [{name: Q1}]}\n",
         VMAP_EDATA, "column x: 'x' is no list of codes"},
        {HEAD "  - {name: x, label: X, valid: 1..2, columns: [{name: Q1, codings: ['1:1']}]}\n",
         VMAP_EDATA, "'1:1' is no coding"},
        {HEAD "  - {name: x, label: X, valid: 1..2, columns: [{name: Q1, reverse: yes, codings: "
              "['1=2, 2=1']}]}\n",
         VMAP_EDATA, "column Q1 has both 'reverse' and 'codings'"},
        {HEAD
         "  - {name: x, label: X, valid: 1..2, columns: [{name: Q1, codings: ['1=1, 2=3']}]}\n",
         VMAP_EDATA, "column Q1: coding '1=1, 2=3' makes 3, which is outside 1..2"},
        {HEAD "  - {name: x, label: X, valid: '1, 2, 5', columns: [{name: Q1, reverse: yes}]}\n",
         VMAP_EDATA, "column Q1 is reversed, which makes 4, which is outside 1, 2, 5"},
        {HEAD ITEM_X "  - {name: s, label: S, valid: 0..4, sum: {plus: [z]}}\n", VMAP_EDATA,
         "column s: it is made from 'z', which is no item here"},
        {HEAD ITEM_X "  - {name: s, label: S, valid: 0..4, sum: {plus: [s]}}\n", VMAP_EDATA,
         "'s', which is itself made"},
        {HEAD ITEM_X "  - {name: s, label: S, valid: 0..4, sum: {}}\n", VMAP_EDATA,
         "column s: 'sum' needs 'plus' or 'minus'"},
        {HEAD ITEM_X ITEM_Y "  - {name: s, label: S, valid: 0..4, sum: {plus: [x]}, "
                            "pairs: {first: x, second: y, map: '1+1=1', otherwise: 2}}\n",
         VMAP_EDATA, "both 'sum' and 'pairs'"},
        {HEAD ITEM_X ITEM_Y "  - {name: s, label: S, valid: 0..4, "
                            "pairs: {first: x, second: y, map: '1+1', otherwise: 2}}\n",
         VMAP_EDATA, "'1+1' is no table of pairs"},
        {HEAD ITEM_X ITEM_Y "  - {name: s, label: S, valid: 1..4, "
                            "pairs: {first: x, second: y, map: '1+1=5', otherwise: 2}}\n",
         VMAP_EDATA, "column s: 'pairs' makes 5, which is outside 1..4"},
        {HEAD ITEM_X ITEM_Y "  - {name: s, label: S, valid: 1..4, "
                            "pairs: {first: x, second: y, map: '1+1=1', otherwise: 0}}\n",
         VMAP_EDATA, "column s: 'pairs' makes 0, which is outside 1..4"},
        {HEAD ITEM_X ITEM_Y "  - {name: s, label: S, valid: 0..4, "
                            "pairs: {first: x, second: q, map: '1+1=1', otherwise: 2}}\n",
         VMAP_EDATA, "'q', which is no item here"},
        {HEAD "  - {name: x, label: X, valid: 1..4, part: yes, columns: [{name: Q1}]}\n",
         VMAP_EDATA, "only parts"},
        {HEAD "  - {name: 'x y', label: X, valid: 1..4, columns: [{name: Q1}]}\n", VMAP_EDATA,
         "column x y: a name has only letters, digits and _"},
        {HEAD ITEM_X "axes: [{name: a, label: A, low: l, high: h, anchor: [z], sign: [+x]}]\n",
         VMAP_EDATA, "axis a: anchor 'z' is no item"},
        {HEAD ITEM_X "axes: [{name: a, label: A, low: l, high: h, anchor: [x], sign: [x]}]\n",
         VMAP_EDATA, "axis a: 'x' is no signed item"},
        {HEAD ITEM_X "axes: [{name: a, label: A, low: l, high: h, anchor: [x], sign: [-z]}]\n",
         VMAP_EDATA, "axis a: '-z' is no signed item"},
        {HEAD ITEM_X "axes: [{name: a b, label: A, low: l, high: h, anchor: [x], sign: [+x]}]\n",
         VMAP_EDATA, "axis a b: a name has only letters, digits and _"},
        {HEAD ITEM_X
         "axes: [{name: a, label: A, low: l, high: h, anchor: [x], sign: [+x]}, {name: a, "
         "label: A, low: l, high: h, anchor: [x], sign: [+x]}]\n",
         VMAP_EDATA, "two axes named a"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        vmap_codebook *c = NULL;
        vmap_error err;

        if (!CHECK_FAILS(parse(bad[i].text, &c, &err), bad[i].status, &err, bad[i].words)) {
            fprintf(stderr, "  of\n%s", bad[i].text);
            vmap_codebook_free(c);
        } else {
            CHECK(c == NULL);
        }
    }
}

static void a_codebook_that_is_not_there_is_an_error(void)
{
    vmap_codebook *c = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_codebook_load("unit-scratch/none.yaml", &c, &err), VMAP_ENOENT, &err,
                "unit-scratch/none.yaml");
    CHECK_FAILS(
        vmap_codebook_load(scratch_file("bad.yaml", "version: 1\nname: x\n\tbad: 1\n"), &c, &err),
        VMAP_EPARSE, &err, "unit-scratch/bad.yaml:");
    CHECK(c == NULL);
    vmap_codebook_free(NULL);
}

/* Whatever allocation fails while the JSON text is made: the whole text or none, never one that
 * lacks a key (a codebook without its missing codes would take -1 for an answer). */
static size_t allocations_left;

static void *failing_malloc(size_t n)
{
    return allocations_left-- > 0 ? malloc(n) : NULL;
}

static void json_is_whole_or_none_when_memory_is_short(void)
{
    vmap_codebook *c = NULL;
    char *whole, *json = NULL;
    vmap_error err;
    size_t incomplete = 0, failed = 0;

    if (!CHECK_OK(vmap_codebook_load(source_path("codebooks/iw-wvs7.yaml"), &c, &err), &err))
        return;
    whole = vmap_codebook_json(c, &err);
    for (size_t n = 0; !json; n++) {
        allocations_left = n;
        json_set_alloc_funcs(failing_malloc, free);
        json = vmap_codebook_json(c, &err);
        json_set_alloc_funcs(malloc, free);
        failed += !json && err.status == VMAP_ENOMEM;
        if (json && strcmp(json, whole) != 0) {
            incomplete++;
            free(json);
            json = NULL;
        }
    }
    CHECK_COUNT(incomplete, 0);
    CHECK(failed > 500);
    free(json);
    free(whole);
    vmap_codebook_free(c);
}

static const test_case cases[] = {
    TEST(the_shipped_codebooks_define_the_ten_items),
    TEST(codes_are_judged_item_by_item),
    TEST(items_are_like_scales_and_have_the_column_of_their_name),
    TEST(short_notations_are_understood),
    TEST(codebooks_survive_the_way_through_json),
    TEST(strange_texts_survive_the_way_through_json),
    TEST(broken_codebooks_are_refused_with_their_place),
    TEST(a_codebook_that_is_not_there_is_an_error),
    TEST(json_is_whole_or_none_when_memory_is_short),
};
SUITE(data_codebook_suite, cases);
