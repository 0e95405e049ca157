#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/buffer.h"
#include "core/text.h"
#include "data/jsonl_scan.h"
#include "support/check.h"
#include "support/pack.h"
#include "support/reading.h"
#include "valuemap/rng.h"

/* ---- objects ---- */

static void an_object_is_a_row(void)
{
    static const char text[] = "{\"id\":\"a\",\"Q1\":3,\"W\":2.5}\n"
                               "{\"Q1\":\"4\",\"id\":\"b, \\\"c\\\"\\n\\u00e9\"}\n"
                               "\n"
                               "{\"id\":null,\"Q1\":-1,\"W\":1e2,\"extra\":true}\r\n"
                               "{}";

    check_file(scratch_file("a.jsonl", text), NULL, "id:t Q1:c W:n extra:t",
               "a|3|2.5|[blank]; b, \"c\"\n\xC3\xA9|4|[blank]|[blank]; [blank]|-1|100|true; "
               "[blank]|[blank]|[blank]|[blank]");
    check_file(pack_file("a.jsonl.gz", "gzip", "", text, strlen(text)), NULL, "Q1:c", "3; 4; -1; [blank]");
}

static void columns_stand_in_the_order_of_their_first_line(void)
{
    vmap_reader *r = NULL;
    vmap_error err;

    CHECK_OK(vmap_reader_open(scratch_file("a.jsonl", "\xEF\xBB\xBF{\"b\":1,\"a\":{\"x\":[{\"y\":2}]}}\n"
                                                      "{\"c\\u0064\":1,\"b\":\"{\\\"z\\\":1}\"}\n"),
                              NULL, &r, &err), &err);
    CHECK_COUNT(vmap_reader_columns(r), 3);
    CHECK_TEXT(vmap_reader_names(r)[0], "b");
    CHECK_TEXT(vmap_reader_names(r)[1], "a");
    CHECK_TEXT(vmap_reader_names(r)[2], "cd");
    CHECK_TEXT(vmap_reader_format(r), "JSON Lines");
    CHECK_TEXT(vmap_reader_dialect(r), "3 columns");
    vmap_reader_free(r);
}

static void texts_keep_what_stands_there(void)
{
    check_file(scratch_file("a.jsonl", "{\"a\":7,\"b\":2.50,\"c\":[1,{\"x\":2}],\"d\":\"\\ud83d\\ude00\"}\n"), NULL,
               "a:t b:t c:t d:t", "7|2.5|[1,{\"x\":2}]|\xF0\x9F\x98\x80");
}

/* ---- paths ---- */

static const char batch_text[] =
    "{\"id\":\"b1\",\"custom_id\":\"gpt|p1|Q1|1\",\"response\":{\"status_code\":200,\"body\":{\"model\":\"m-2025\","
    "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"3. Because\",\"refusal\":null}}]}},"
    "\"error\":null}\n"
    "{\"id\":\"b2\",\"custom_id\":\"gpt|p1|Q2|1\",\"response\":{\"status_code\":200,\"body\":{\"model\":\"m-2025\","
    "\"choices\":[{\"index\":0,\"message\":{\"content\":null,\"refusal\":\"I can't\"}},"
    "{\"index\":1,\"message\":{\"content\":\"2\",\"refusal\":null}}]}},\"error\":null}\n"
    "{\"id\":\"b3\",\"custom_id\":\"gpt|p2|Q1|1\",\"response\":null,\"error\":{\"code\":\"x\",\"message\":\"expired\"}}\n";

static void batch_output_is_known(void)
{
    vmap_read_options o = {.id = "custom_id=model|persona|item|rep"};

    scratch_file("batch.jsonl", batch_text);
    check_file("unit-scratch/batch.jsonl", NULL, "custom_id:t model:t choice:c raw:t refusal:t error:t status:c",
               "gpt|p1|Q1|1|m-2025|0|3. Because|[blank]|[blank]|200; "
               "gpt|p1|Q2|1|m-2025|0|[blank]|I can't|[blank]|200; "
               "gpt|p1|Q2|1|m-2025|1|2|[blank]|[blank]|200; "
               "gpt|p2|Q1|1|[blank]|0|[blank]|[blank]|expired|[blank]");
    check_file("unit-scratch/batch.jsonl", &o, "model:t persona:t item:t rep:t raw:t",
               "gpt|p1|Q1|1|3. Because; gpt|p1|Q2|1|[blank]; gpt|p1|Q2|1|2; gpt|p2|Q1|1|[blank]");
}

/* OpenAI's responses: a reasoning block before the message, two texts, a refusal; requests that failed by their status. */
static void responses_of_a_batch_are_known(void)
{
    static const char text[] =
        "{\"custom_id\":\"a\",\"response\":{\"status_code\":200,\"body\":{\"model\":\"m\",\"output\":[{\"type\":\"reasoning\","
        "\"summary\":[]},{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"3.\"},{\"type\":\"output_text\","
        "\"text\":\" Yes\"}]}]}},\"error\":null}\n"
        "{\"custom_id\":\"b\",\"response\":{\"status_code\":200,\"body\":{\"model\":\"m\",\"output\":[{\"type\":\"message\","
        "\"content\":[{\"type\":\"refusal\",\"refusal\":\"No\"}]}]}},\"error\":null}\n"
        "{\"custom_id\":\"c\",\"response\":{\"status_code\":429,\"body\":{\"error\":{\"message\":\"too many\"}}},\"error\":null}\n"
        "{\"custom_id\":\"d\",\"response\":{\"status_code\":500,\"body\":null},\"error\":null}\n"
        "{\"custom_id\":\"e\",\"response\":{\"status_code\":200,\"body\":{\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{"
        "\"content\":[{\"type\":\"text\",\"text\":\"4\"}]}}]}},\"error\":null}\n";

    check_file(scratch_file("batch.jsonl", text), NULL, "custom_id:t model:t choice:c raw:t refusal:t error:t",
               "a|m|0|3. Yes|[blank]|[blank]; b|m|0|[blank]|No|[blank]; c|[blank]|0|[blank]|[blank]|too many; "
               "d|[blank]|0|[blank]|[blank]|500; e|m|0|4|[blank]|[blank]");
}

static void message_batches_of_anthropic_are_known(void)
{
    static const char text[] =
        "{\"custom_id\":\"x|p1\",\"result\":{\"type\":\"succeeded\",\"message\":{\"model\":\"m\",\"content\":[{\"type\":"
        "\"thinking\",\"thinking\":\"9\"},{\"type\":\"text\",\"text\":\"7\"}],\"stop_reason\":\"end_turn\"}}}\n"
        "{\"custom_id\":\"x|p2\",\"result\":{\"type\":\"succeeded\",\"message\":{\"model\":\"m\",\"content\":[],"
        "\"stop_reason\":\"refusal\"}}}\n"
        "{\"custom_id\":\"x|p3\",\"result\":{\"type\":\"errored\",\"error\":{\"type\":\"error\",\"error\":{\"message\":\"bad\"}}}}\n"
        "{\"custom_id\":\"x|p4\",\"result\":{\"type\":\"expired\"}}\n";
    vmap_read_options o = {.id = "custom_id=item|persona"};

    check_file(scratch_file("batch.jsonl", text), &o, "item:t persona:t model:t raw:t refusal:t status:t error:t",
               "x|p1|m|7|[blank]|succeeded|[blank]; x|p2|m|[blank]|refusal|succeeded|[blank]; "
               "x|p3|[blank]|[blank]|[blank]|errored|bad; x|p4|[blank]|[blank]|[blank]|expired|expired");
}

static void fields_are_named_by_paths(void)
{
    static const char *const map[] = {"model=response.body.model", "text=response.body.choices.0.message.content",
                                      "code=response.status_code"};
    vmap_read_options o = {.map = map, .map_count = 3};

    check_file(scratch_file("batch.jsonl", batch_text), &o, "text:t model:t code:c",
               "3. Because|m-2025|200; [blank]|m-2025|200; [blank]|[blank]|[blank]");
}

static void text_answers_are_parsed_on_request(void)
{
    vmap_read_options o = {.text_answers = true};

    check_file(scratch_file("a.jsonl", "{\"a\":\"3. Because\"}\n{\"a\":\"I would say 7\"}\n{\"a\":\"refused\"}\n"
                                       "{\"a\":4}\n{\"a\":\"2.5\"}\n{\"a\":\"\"}\n{\"a\":\"{\\\"answer\\\": 9}\"}\n"),
               &o, "a:c", "3; [unparsable]; [refused]; 4; [out-of-range]; [blank]; 9");
}

/* ---- properties ---- */

static void a_file_split_at_every_byte_reads_the_same(void)
{
    static const char text[] = "{\"a\":1,\"b\":\"x\\ny\"}\n\n{\"b\":\"\",\"a\":40000}\r\n  {\"a\":\"5\"}  \n{\"c\":[1]}";

    for (size_t part = 0; part <= sizeof text; part++) {
        reading_part = part;
        check_file(scratch_file("a.jsonl", text), &(vmap_read_options){.threads = part % 3}, "a:c b:t c:t",
                   "1|x\ny|[blank]; 40000|[blank]|[blank]; 5|[blank]|[blank]; [blank]|[blank]|[1]");
    }
    reading_part = 0;
}

static void lines_may_be_longer_than_the_window(void)
{
    buffer b = {0};
    vmap_table *t = NULL;
    vmap_error err;

    for (int i = 0; i < 3; i++)
        buffer_format(&b, "{\"a\":\"%*d\",\"b\":%d}\n", 300000 * (i + 1), i, i);
    scratch_file("a.jsonl", b.text);
    if (CHECK_OK(read_columns("unit-scratch/a.jsonl", NULL, "b:c a:t", NULL, &t, &err), &err)) {
        CHECK_COUNT(vmap_table_rows(t), 3);
        CHECK_NEAR(vmap_table_value(t, 0, 2), 2, 0);
        CHECK_COUNT(vmap_table_line(t, 2), 3);
    }
    vmap_table_free(t);
    buffer_free(&b);
}

/* ---- refusals ---- */

static void what_python_writes_and_json_is_not_is_refused_with_its_place(void)
{
    static const struct {
        const char *text, *words;
    } bad[] = {
        {"{\"a\":1}\n{\"a\":NaN}\n", "a.jsonl:2:8: invalid token near 'NaN'"},
        {"{\"a\":1}\n{\"a\":Infinity}\n", "a.jsonl:2:13: invalid token near 'Infinity'"},
        {"{\"a\":1}\n{\"a\":1,\"a\":2}\n", "a.jsonl:2:10: duplicate object key"},
        {"{\"a\":1}\n{\"a\":\"\\ud83d\"}\n", "a.jsonl:2:13: invalid Unicode"},
        {"{\"a\":1}\n\n{\"a\":\"tru", "a.jsonl:3:9: "},
        {"{\"a\":1}\n{\"a\":1", "a.jsonl:2:6: '}' expected near end of file"},
        {"{\"a\":1}\n[1]\n", "a.jsonl:2:1: the line is no JSON object"},
        {"{\"a\":1} {\"a\":2}\n", "a.jsonl:1:9: end of file expected"},
        {"{\"a\":\"\\u0000\"}\n", "a.jsonl:1:"},
        {"{\"a\":\"\xFF\"}\n", "a.jsonl:1:"},
        {"{'a':1}\n", "a.jsonl: the objects have no keys"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        for (size_t part = 0; part < 20; part += 3) {
            reading_part = part;
            check_refused(scratch_file("a.jsonl", bad[i].text), NULL, "", VMAP_EPARSE, bad[i].words);
        }
        reading_part = 0;
    }
    check_refused(scratch_file("a.json", "[\n {\"a\":1}\n]\n"), NULL, "", VMAP_EPARSE, "jq -c '.[]' FILE");
}

static void several_problems_are_told_at_once(void)
{
    vmap_read_options o = {.max_errors = 9};

    for (size_t part = 0; part < 30; part += 7) {
        vmap_reader *r = NULL;
        vmap_table *t = NULL;
        vmap_error err;
        const vmap_error *problems;
        size_t count = 0;

        reading_part = part;
        CHECK_OK(vmap_reader_open(scratch_file("a.jsonl", "{\"a\":1}\n{\"a\":x}\n{\"a\":\"y\"}\n{\"a\":[]}\n{\"a\":2}\n"), &o,
                                  &r, &err), &err);
        CHECK_OK(vmap_reader_want(r, 0, VMAP_CODES, "a", NULL, &err), &err);
        CHECK_FAILS(vmap_reader_read(r, &t, &err), VMAP_EPARSE, &err, "a.jsonl:2:");
        problems = vmap_reader_problems(r, &count);
        CHECK_COUNT(count, 3);
        for (size_t i = 0; i < count; i++)
            CHECK_COUNT(problems[i].line, i + 2);
        vmap_reader_free(r);
    }
    reading_part = 0;
}

static void wrong_paths_are_refused(void)
{
    static const char *const bad[] = {"a", "=b", "a=", "a=b..c", "a=b[0]", "a=b.", "a=[x]"};
    static const char *const two[] = {"a=x[].y", "b=z[].y"};
    vmap_read_options o = {.map_count = 1};

    scratch_file("a.jsonl", "{\"a\":\"1|2\"}\n");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        o.map = &bad[i];
        check_refused("unit-scratch/a.jsonl", &o, "", VMAP_EINVAL, i < 3 ? "maps nothing" : "is no path");
    }
    o = (vmap_read_options){.map = two, .map_count = 2};
    check_refused("unit-scratch/a.jsonl", &o, "", VMAP_EINVAL, "two different arrays");
    o = (vmap_read_options){.id = "a=b"};
    check_refused("unit-scratch/a.jsonl", &o, "", VMAP_EINVAL, "divides nothing");
    o.id = "a=x|y|z";
    check_refused("unit-scratch/a.jsonl", &o, "x:t", VMAP_EDATA, "a.jsonl:1: column x: the id has not as many pieces");
    o.id = "a=x|y";
    check_file("unit-scratch/a.jsonl", &o, "y:t x:c", "2|1");
    check_refused(scratch_file("a.csv", "a,b\n1,2\n"), &o, "", VMAP_EINVAL, "the file is no JSON Lines");
}

static void too_many_keys_are_refused(void)
{
    buffer b = {0};

    for (int i = 0; i < 20001; i++)
        buffer_format(&b, "%s\"k%d\":1", i ? "," : "{", i);
    buffer_put(&b, "}\n");
    check_refused(scratch_file("a.jsonl", b.text), NULL, "", VMAP_EDATA, "more than 20000 different keys");
    buffer_free(&b);
}

/* ---- the plain scan beside jansson ---- */

static bool count_field(void *context, const jsonl_field *field)
{
    (void)field;
    ++*(size_t *)context;
    return true;
}

/* Is the field what jansson reads under its key? A key that stands twice ends the comparison. */
static bool is_of_object(void *context, const jsonl_field *f)
{
    const json_t *value = json_object_getn(context, f->key, f->key_length);

    switch (f->kind) {
    case JSONL_STRING:
        return CHECK(json_is_string(value) && json_string_length(value) == f->length &&
                     memcmp(json_string_value(value), f->text, f->length) == 0);
    case JSONL_NUMBER:
        return CHECK(json_is_number(value) && json_number_value(value) == f->number);
    case JSONL_TRUE:
        return CHECK(json_is_true(value));
    case JSONL_FALSE:
        return CHECK(json_is_false(value));
    default:
        return CHECK(json_is_null(value));
    }
}

/* Whatever the scan takes jansson takes, too, with the same fields. */
static bool check_scan(const char *text, size_t n)
{
    size_t fields = 0;
    json_error_t error;
    json_t *object;
    bool scanned = jsonl_scan(text, n, count_field, &fields);

    if (!scanned)
        return false;
    object = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
    if (!object)
        CHECK(strstr(error.text, "duplicate object key") != NULL);
    if (object && (!CHECK(json_is_object(object)) || !CHECK_COUNT(fields, json_object_size(object)) ||
                   !CHECK(jsonl_scan(text, n, is_of_object, object))))
        fprintf(stderr, "  in %.*s\n", (int)n, text);
    json_decref(object);
    return true;
}

static void plain_objects_are_scanned(void)
{
    static const char *const plain[] = {"{}", " { } \r", "{\"a\":1,\"b\":\"x, {y}\",\"\":null}",
                                        "\t{ \"a\" : -0 , \"b\" : true , \"c\":false }",
                                        "{\"a\":-0.0,\"b\":1e-400,\"c\":0.1E+2,\"d\":123456789012345678}",
                                        "{\"\xC3\xA9\":\"\xF0\x9F\x98\x80\"}", "{\"a\":9007199254740993,\"b\":999999999}"};
    static const char *const other[] = {"", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":01}", "{\"a\":1.}",
                                        "{\"a\":.5}", "{\"a\":+1}", "{\"a\":-}", "{\"a\":1e}", "{\"a\":NaN}", "{\"a\":1}x",
                                        "{\"a\":1}{}", "[1]", "1", "{\"a\":\"\\n\"}", "{\"a\":[]}", "{\"a\":{}}", "{'a':1}",
                                        "{\"a\":\"\t\"}", "{\"a\":\"\xC3\"}", "{\"a\":\"\xED\xA0\x80\"}", "{\"a\":\"x}",
                                        "{\"a\":1e400}", "{\"a\":1234567890123456789}", "{\"a\":tru}", "{a:1}", "{\"a\" 1}",
                                        "{\"a\":\"\xC0\x80\"}", "{\"a\":1 \"b\":2}"};

    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (!CHECK(check_scan(plain[i], strlen(plain[i]))))
            fprintf(stderr, "  in %s\n", plain[i]);
    }
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        if (!CHECK(!check_scan(other[i], strlen(other[i]))))
            fprintf(stderr, "  in %s\n", other[i]);
    }
}

static void random_objects_are_scanned_as_jansson_reads_them(void)
{
    static const char *const tokens[] = {"{", "}", ",", ":", "\"a\"", "\"b\"", "\"c d\"", "\"", "\\", "\\u0041", "[", "]",
                                         "1", "0", "-", "+", ".", "e", "E", "23456789", "true", "false", "null", " ",
                                         "\xC3\xA9", "\xC3", "\t", "\x01", "\xED\xA0\x80", "NaN", "0.1"};
    gsl_rng *rng = vmap_rng_new(17, 0);
    size_t scanned = 0;

    for (int turn = 0; turn < 40000; turn++) {
        buffer b = {0};
        size_t fields = vmap_rng_below(rng, 4);

        buffer_put(&b, "{");
        for (size_t i = 0; i < fields; i++)
            buffer_format(&b, "%s\"%c\":%s", i ? "," : "", "abcd"[i], tokens[4 + vmap_rng_below(rng, 27)]);
        buffer_put(&b, "}");
        for (size_t k = vmap_rng_below(rng, 3); k > 0; k--) { /* some token in some place */
            const char *token = tokens[vmap_rng_below(rng, sizeof tokens / sizeof *tokens)];
            size_t at = vmap_rng_below(rng, b.n + 1);
            char *text = text_format("%.*s%s%s", (int)at, b.text, token, b.text + at);

            buffer_free(&b);
            b = (buffer){0};
            buffer_put(&b, text);
            free(text);
        }
        scanned += check_scan(b.text, b.n);
        buffer_free(&b);
    }
    CHECK(scanned > 4000);
    gsl_rng_free(rng);
}

/* A line that the scan leaves to jansson stands among lines that it takes. */
static void plain_and_other_lines_make_one_table(void)
{
    check_file(scratch_file("a.jsonl", "{\"a\":1,\"b\":\"x\"}\n{\"b\":\"\\u0079\",\"a\":2}\n{\"b\":true}\n"
                                       "{\"a\":[3],\"b\":0.50}\n{\"a\":null,\"b\":\"\"}\n"), NULL, "b:t a:t",
               "x|1; y|2; true|[blank]; 0.5|[3]; [blank]|[blank]");
}

static const test_case cases[] = {
    TEST(an_object_is_a_row),
    TEST(columns_stand_in_the_order_of_their_first_line),
    TEST(texts_keep_what_stands_there),
    TEST(batch_output_is_known),
    TEST(responses_of_a_batch_are_known),
    TEST(message_batches_of_anthropic_are_known),
    TEST(fields_are_named_by_paths),
    TEST(text_answers_are_parsed_on_request),
    TEST(a_file_split_at_every_byte_reads_the_same),
    TEST(lines_may_be_longer_than_the_window),
    TEST(what_python_writes_and_json_is_not_is_refused_with_its_place),
    TEST(several_problems_are_told_at_once),
    TEST(wrong_paths_are_refused),
    TEST(too_many_keys_are_refused),
    TEST(plain_objects_are_scanned),
    TEST(random_objects_are_scanned_as_jansson_reads_them),
    TEST(plain_and_other_lines_make_one_table),
};
SUITE(data_jsonl_suite, cases);
