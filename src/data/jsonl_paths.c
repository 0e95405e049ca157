#include <config.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/memory.h"
#include "core/text.h"
#include "data/jsonl_internal.h"

/* Columns of JSON Lines: paths that lead to their values, pieces of an id, keys. */

/* ---- paths ---- */

static bool add_step(json_rule *to, const char *key, size_t n, vmap_error *err)
{
    json_step *s = &to->steps[to->count];
    char *end;

    if (to->count == JSON_STEPS_MAX)
        return vmap_error_set(err, VMAP_EINVAL, "a path has at most %d steps", JSON_STEPS_MAX), false;
    s->key = text_copy(key, n);
    if (!s->key)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a path"), false;
    if (n && strspn(s->key, "0123456789") == n && n < 9) {
        s->index = strtoul(s->key, &end, 10);
        free(s->key);
        s->key = NULL;
    }
    to->count++;
    return true;
}

/* "response.body.choices[].message.content" */
static vmap_status parse_path(json_rule *to, const char *path, vmap_error *err)
{
    to->piece = JSON_WHOLE;
    to->steps = memory_new(JSON_STEPS_MAX, sizeof *to->steps, err);
    if (!to->steps)
        return VMAP_ENOMEM;
    while (*path) {
        size_t n = strcspn(path, ".[");

        if (n && !add_step(to, path, n, err))
            return err ? err->status : VMAP_EINVAL;
        if (n == 0 && *path != '[')
            break;
        path += n;
        if (strncmp(path, "[]", 2) == 0 && to->count < JSON_STEPS_MAX) {
            to->steps[to->count++].index = JSON_EACH;
            path += 2;
        } else if (*path == '[') {
            break;
        }
        if (*path == '.' && path[1])
            path++;
        else if (*path)
            break;
    }
    if (*path || to->count == 0)
        return vmap_error_set(err, VMAP_EINVAL,
                              "'%s' is no path; it is keys and numbers with dots between them, and [] for every "
                              "element: response.body.choices[].message.content",
                              path);
    return VMAP_SUCCESS;
}

const json_t *jsonl_follow(const json_t *at, const json_step *steps, size_t count, size_t element)
{
    for (size_t i = 0; at && i < count; i++) {
        if (steps[i].key)
            at = json_object_get(at, steps[i].key);
        else if (json_is_object(at)) { /* a key of digits */
            char key[16];

            snprintf(key, sizeof key, "%zu", steps[i].index);
            at = json_object_get(at, key);
        } else {
            at = json_array_get(at, steps[i].index == JSON_EACH ? element : steps[i].index);
        }
    }
    return at;
}

/* ---- columns ---- */

static vmap_status add_rule(vmap_reader *r, const char *name, size_t n, json_rule **added, vmap_error *err)
{
    json_state *s = r->state;
    vmap_status status = memory_grow(&s->rules, &s->rules_room, r->count + 1, sizeof *s->rules, err);

    if (status)
        return status;
    *added = &s->rules[r->count];
    memset(*added, 0, sizeof **added);
    (*added)->piece = JSON_WHOLE;
    return reader_add_column(r, name, n, NULL, 0, err);
}

vmap_status jsonl_add_path(json_rule *to, const char *path, json_rule **added, vmap_error *err)
{
    while (to->next)
        to = to->next;
    to->next = memory_new(1, sizeof *to->next, err);
    if (!to->next)
        return VMAP_ENOMEM;
    *added = to->next;
    return parse_path(to->next, path, err);
}

void jsonl_free_rule(json_rule *of)
{
    for (json_rule *at = of, *next; at; at = next) {
        next = at->next;
        for (size_t k = 0; k < at->count; k++)
            free(at->steps[k].key);
        free(at->steps);
        if (at != of)
            free(at);
    }
}

vmap_status jsonl_add_key(vmap_reader *r, const char *key, size_t n, vmap_error *err)
{
    json_rule *to = NULL;
    vmap_status status = add_rule(r, key, n, &to, err);

    if (status)
        return status;
    to->steps = memory_new(1, sizeof *to->steps, err);
    if (!to->steps)
        return VMAP_ENOMEM;
    to->steps[0].key = text_copy(key, n);
    to->count = 1;
    return to->steps[0].key ? VMAP_SUCCESS : vmap_error_set(err, VMAP_ENOMEM, "no memory for a column name");
}

bool jsonl_has_column(const vmap_reader *r, const char *name, size_t n)
{
    for (size_t i = 0; i < r->count; i++) {
        if (strlen(r->names[i]) == n && memcmp(r->names[i], name, n) == 0)
            return true;
    }
    return false;
}

/* "COLUMN=path" */
vmap_status jsonl_add_mapping(vmap_reader *r, const char *text, vmap_error *err)
{
    const char *equals = strchr(text, '=');
    json_rule *to = NULL;
    vmap_status status;

    if (!equals || equals == text || !equals[1])
        return vmap_error_set(err, VMAP_EINVAL, "'%s' maps nothing; write COLUMN=path.to.field", text);
    if (jsonl_has_column(r, text, (size_t)(equals - text)))
        return VMAP_SUCCESS; /* the first one counts: a piece of the id, what the user says */
    status = add_rule(r, text, (size_t)(equals - text), &to, err);
    return status ? status : parse_path(to, equals + 1, err);
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* "custom_id=model|persona|item|rep" */
vmap_status jsonl_add_pieces(vmap_reader *r, const char *text, vmap_error *err)
{
    json_state *s = r->state;
    const char *at = strchr(text, '=');
    char *path = at ? text_copy(text, (size_t)(at - text)) : NULL;
    vmap_status status = VMAP_SUCCESS;

    while (path && !status && at && *at && s->pieces < JSON_PIECES_MAX) {
        size_t n = 0, gap = 0;
        json_rule *to = NULL;

        at++;
        while (is_word(at[n]))
            n++;
        while (at[n + gap] && !is_word(at[n + gap]))
            gap++;
        if (n == 0)
            break;
        status = add_rule(r, at, n, &to, err);
        if (!status)
            status = parse_path(to, path, err);
        if (!status)
            to->piece = s->pieces;
        at += n + gap - 1;
        s->separators[s->pieces++] = at[1] ? text_copy(at - gap + 1, gap) : NULL;
        if (!at[1])
            at = NULL;
    }
    free(path);
    if (!status && (!path || at || s->pieces < 2))
        status = vmap_error_set(err, VMAP_EINVAL,
                                "'%s' divides nothing; write COLUMN=NAME|NAME|NAME with the separators that the file "
                                "has",
                                text);
    return status;
}

/* All paths with [] must lead through the same array. */
vmap_status jsonl_find_array(vmap_reader *r, vmap_error *err)
{
    json_state *s = r->state;

    for (size_t i = 0; i < r->count; i++) {
        for (size_t k = 0; k < s->rules[i].count; k++) {
            if (s->rules[i].steps[k].key || s->rules[i].steps[k].index != JSON_EACH)
                continue;
            for (size_t m = 0; s->array && m < k; m++) {
                const char *one = s->array->steps[m].key, *other = s->rules[i].steps[m].key;

                if (s->each != k || !one != !other || (one && strcmp(one, other) != 0))
                    return vmap_error_set(err, VMAP_EINVAL, "the paths go through two different arrays with []");
            }
            if (s->array && s->each != k)
                return vmap_error_set(err, VMAP_EINVAL, "the paths go through two different arrays with []");
            s->each = k;
            s->array = &s->rules[i];
        }
    }
    return VMAP_SUCCESS;
}

/* Is every column a key of the object itself, with all of its text? */
bool jsonl_is_plain(const vmap_reader *r)
{
    const json_state *s = r->state;

    for (size_t i = 0; i < r->count; i++) {
        const json_rule *of = &s->rules[i];

        if (of->count != 1 || !of->steps[0].key || of->piece != JSON_WHOLE || of->otherwise || of->next)
            return false;
    }
    return true;
}

void jsonl_forget_columns(vmap_reader *r, size_t kept)
{
    json_state *s = r->state;

    while (r->count > kept) {
        r->count--;
        free(r->names[r->count]);
        free(r->labels[r->count]);
        jsonl_free_rule(&s->rules[r->count]);
    }
}
