#include <config.h>

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "data/jsonl_internal.h"

/* The output of batches of requests to language models, as two services write it: which paths hold what. */

/* A path of a column; of several of one name the first that leads to something counts. */
typedef struct {
    const char *column, *path;
    json_filter filter;
    const char *word, *otherwise;
} batch_path;

/* OpenAI: the body of the response is a chat completion, whose message may be one text or blocks, or a response, whose output
 * is messages of blocks. */
static const batch_path openai[] = {
    {"custom_id", "custom_id", JSON_ALL, NULL, NULL},
    {"model", "response.body.model", JSON_ALL, NULL, NULL},
    {"choice", "response.body.choices[].index", JSON_ALL, NULL, "0"}, /* a request that failed has none */
    {"raw", "response.body.choices[].message.content", JSON_TEXTS, NULL, NULL},
    {"raw", "response.body.output", JSON_TEXTS, NULL, NULL},
    {"refusal", "response.body.choices[].message.refusal", JSON_ALL, NULL, NULL},
    {"refusal", "response.body.output", JSON_REFUSALS, NULL, NULL},
    {"status", "response.status_code", JSON_ALL, NULL, NULL},
    {"error", "error.message", JSON_ALL, NULL, NULL},
    {"error", "response.body.error.message", JSON_ALL, NULL, NULL},
    {"error", "response.status_code", JSON_UNLESS, "200", NULL}};

/* Anthropic: message batches. */
static const batch_path anthropic[] = {{"custom_id", "custom_id", JSON_ALL, NULL, NULL},
                                       {"model", "result.message.model", JSON_ALL, NULL, NULL},
                                       {"raw", "result.message.content", JSON_TEXTS, NULL, NULL},
                                       {"refusal", "result.message.stop_reason", JSON_ONLY, "refusal", NULL},
                                       {"status", "result.type", JSON_ALL, NULL, NULL},
                                       {"error", "result.error.error.message", JSON_ALL, NULL, NULL},
                                       {"error", "result.type", JSON_UNLESS, "succeeded", NULL}};

/* Two keys of every line tell which it is. */
static const struct {
    const char *name, *key;
    const batch_path *paths;
    size_t count;
} batches[] = {{"OpenAI batch output", "response", openai, sizeof openai / sizeof *openai},
               {"Anthropic batch output", "result", anthropic, sizeof anthropic / sizeof *anthropic}};

static size_t find_column(const vmap_reader *r, const char *name)
{
    size_t i = 0;

    while (i < r->count && strcmp(r->names[i], name) != 0)
        i++;
    return i;
}

static vmap_status add_path(vmap_reader *r, const batch_path *of, size_t kept, vmap_error *err)
{
    json_state *s = r->state;
    size_t i = find_column(r, of->column);
    json_rule *rule = NULL;
    char mapping[128];
    vmap_status status;

    if (i < kept)
        return VMAP_SUCCESS; /* a piece of the id has the name */
    if (i < r->count) {
        status = jsonl_add_path(&s->rules[i], of->path, &rule, err);
    } else {
        snprintf(mapping, sizeof mapping, "%s=%s", of->column, of->path);
        status = jsonl_add_mapping(r, mapping, err);
        rule = &s->rules[i];
    }
    if (status)
        return status;
    rule->filter = of->filter;
    rule->word = of->word;
    rule->otherwise = of->otherwise;
    return VMAP_SUCCESS;
}

vmap_status jsonl_know_batch(vmap_reader *r, size_t kept, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;
    size_t b = 0;

    while (b < sizeof batches / sizeof *batches &&
           !(jsonl_has_column(r, "custom_id", 9) && jsonl_has_column(r, batches[b].key, strlen(batches[b].key))))
        b++;
    if (b == sizeof batches / sizeof *batches)
        return VMAP_SUCCESS;
    jsonl_forget_columns(r, kept);
    reader_describe(r, "%s", batches[b].name);
    r->options.text_answers = true; /* a message is never anything else */
    for (size_t i = 0; !status && i < batches[b].count; i++)
        status = add_path(r, &batches[b].paths[i], kept, err);
    return status;
}

/* ---- what counts of a value ---- */

static bool is_type(const json_t *block, const char *type)
{
    const char *of = json_string_value(json_object_get(block, "type"));

    return of && strcmp(of, type) == 0;
}

/* The texts (or refusals) of the blocks, one after the other; a message among them has blocks of its own. */
static void gather(const json_t *blocks, bool refusals, buffer *to, bool *any)
{
    for (size_t i = 0; i < json_array_size(blocks); i++) {
        const json_t *block = json_array_get(blocks, i);
        const char *text = NULL;

        if (is_type(block, "message")) {
            gather(json_object_get(block, "content"), refusals, to, any);
            continue;
        }
        if (refusals && is_type(block, "refusal"))
            text = json_string_value(json_object_get(block, "refusal"));
        else if (!refusals && (is_type(block, "text") || is_type(block, "output_text")))
            text = json_string_value(json_object_get(block, "text"));
        if (text)
            buffer_put(to, text);
        *any = *any || text;
    }
}

static const json_t *gathered(const json_t *blocks, bool refusals, json_t **text)
{
    buffer b = {0};
    bool any = false;

    gather(blocks, refusals, &b, &any);
    json_decref(*text);
    *text = any ? json_string(b.text ? b.text : "") : NULL;
    buffer_free(&b);
    return *text;
}

static bool is_word(const json_t *value, const char *word)
{
    char number[32] = "";

    if (json_is_integer(value))
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    return strcmp(json_is_string(value) ? json_string_value(value) : number, word) == 0;
}

const json_t *jsonl_filter(const json_rule *of, const json_t *value, json_t **text)
{
    switch (of->filter) {
    case JSON_ALL:
        break;
    case JSON_TEXTS:
        return json_is_array(value) ? gathered(value, false, text) : value;
    case JSON_REFUSALS:
        return json_is_array(value) ? gathered(value, true, text) : NULL;
    case JSON_ONLY:
        return value && is_word(value, of->word) ? value : NULL;
    case JSON_UNLESS:
        return value && !is_word(value, of->word) ? value : NULL;
    }
    return value;
}
