#include <config.h>

#include <stdint.h>
#include <string.h>

#include <jansson.h>

#include "core/hash.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/text.h"
#include "data/jsonl_internal.h"

/* The keys of flat objects, which are the columns of a file of JSON Lines: a plain scan of all lines. */

enum { COLUMNS_MAX = 20000 }; /* different keys */

static vmap_status note_key(json_part *p, const char *key, size_t n)
{
    uint32_t h = hash_text(key, n);
    vmap_status status;

    for (size_t k = 0; k < p->names_count; k++) {
        size_t i = p->hint + k < p->names_count ? p->hint + k : p->hint + k - p->names_count;

        if (p->hashes[i] == h && strncmp(p->names[i], key, n) == 0 && p->names[i][n] == '\0') {
            p->hint = i + 1 < p->names_count ? i + 1 : 0;
            return VMAP_SUCCESS;
        }
    }
    if (p->names_count == COLUMNS_MAX)
        return vmap_error_set(&p->err, VMAP_EDATA,
                              "the objects have more than %d different keys; this is no table", COLUMNS_MAX);
    status = memory_grow(&p->names, &p->names_room, p->names_count + 1, sizeof *p->names, &p->err);
    if (!status)
        status = memory_grow(&p->hashes, &p->hashes_room, p->names_count + 1, sizeof *p->hashes, &p->err);
    if (status)
        return status;
    p->hashes[p->names_count] = h;
    p->names[p->names_count] = text_copy(key, n);
    return p->names[p->names_count++] ? VMAP_SUCCESS
                                      : vmap_error_set(&p->err, VMAP_ENOMEM, "no memory for a column name");
}

/* Keys with escapes are jansson's work; what is no object fails when it is read. */
static vmap_status note_keys_plainly(json_part *p, const char *text, size_t n)
{
    json_t *object = json_loadb(text, n, 0, NULL), *value;
    const char *key;
    vmap_status status = VMAP_SUCCESS;

    json_object_foreach(object, key, value) {
        if (!status)
            status = note_key(p, key, strlen(key));
    }
    json_decref(object);
    return status;
}

/* The place after the string that begins at s[i]; n when it does not end. */
static size_t after_string(const char *s, size_t n, size_t i, bool *escapes)
{
    for (i++; i < n && s[i] != '"'; i++) {
        if (s[i] == '\\') {
            *escapes = true;
            i++;
        }
    }
    return i < n ? i + 1 : n;
}

static vmap_status note_keys(json_part *p, const char *s, size_t n)
{
    int depth = 0;
    bool key = true, escapes = false;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; i < n && !status;) {
        size_t from = i + 1;

        switch (s[i]) {
        case '"':
            escapes = false;
            i = after_string(s, n, i, &escapes);
            if (depth == 1 && key && i - from >= 1) {
                if (escapes)
                    return note_keys_plainly(p, s, n);
                status = note_key(p, s + from, i - 1 - from);
                key = false;
            }
            continue;
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            depth--;
            break;
        case ',':
            key = key || depth == 1;
            break;
        default:
            break;
        }
        i++;
    }
    return status;
}

vmap_status jsonl_find_keys(vmap_reader *r, vmap_error *err)
{
    size_t count = 0;
    json_part *parts = jsonl_make_parts(r, note_keys, &count, err);
    json_part all = {.reader = r};
    vmap_status status = parts ? VMAP_SUCCESS : VMAP_ENOMEM;

    if (parts)
        parallel_for(count, r->options.threads, jsonl_read_task, parts);
    for (size_t i = 0; !status && i < count; i++) {
        status = parts[i].status;
        if (status && err)
            *err = parts[i].err;
        for (size_t k = 0; !status && k < parts[i].names_count; k++) {
            status = note_key(&all, parts[i].names[k], strlen(parts[i].names[k]));
            if (status && err)
                *err = all.err;
        }
    }
    for (size_t k = 0; k < all.names_count; k++) {
        if (!status && !jsonl_has_column(r, all.names[k], strlen(all.names[k])))
            status = jsonl_add_key(r, all.names[k], strlen(all.names[k]), err);
        free(all.names[k]);
    }
    free(all.names);
    free(all.hashes);
    jsonl_free_parts(parts, count);
    return status;
}
