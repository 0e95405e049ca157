#include <config.h>
#include "core/document.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"

/* What libcyaml logs about one load: the first complaint and the innermost place. */
typedef struct {
    char message[256];
    unsigned line, position;
} complaint;

__attribute__((format(printf, 3, 0)))
static void listen(cyaml_log_t level, void *context, const char *format, va_list args)
{
    complaint *c = context;
    char text[256];
    const char *place;

    (void)level;
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = '\0';
    place = strstr(text, "(line: ");
    if (place && !c->line)
        sscanf(place, "(line: %u, column: %u)", &c->line, &c->position);
    if (!c->message[0] && !place)
        snprintf(c->message, sizeof c->message, "%s",
                 strncmp(text, "Load: ", 6) == 0 ? text + 6 : text);
}

static cyaml_config_t config(complaint *c)
{
    cyaml_config_t settings = {.log_fn = listen,
                               .log_ctx = c,
                               .mem_fn = cyaml_mem,
                               .log_level = CYAML_LOG_ERROR};
    return settings;
}

static bool is_name(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Does the key stand at text[at], with its colon? */
static bool is_key(const char *text, size_t n, size_t at, const char *key)
{
    size_t after = at + strlen(key);

    if (after >= n || memcmp(text + at, key, strlen(key)) != 0 || (at > 0 && is_name(text[at - 1])))
        return false;
    while (after < n && strchr(" \"'", text[after]) && text[after])
        after++;
    return after < n && text[after] == ':';
}

/* libcyaml names the place of the value before an unexpected key: look for the key from there on. */
static void find_key(complaint *c, const char *text, size_t n)
{
    static const char words[] = "Unexpected key: ";
    const char *key = c->message + strlen(words);
    unsigned line = 1, position = 1;

    if (strncmp(c->message, words, strlen(words)) != 0)
        return;
    for (size_t at = 0; at < n; at++) {
        if ((line > c->line || (line == c->line && position >= c->position)) &&
            is_key(text, n, at, key)) {
            c->line = line;
            c->position = position;
            return;
        }
        position++;
        if (text[at] == '\n') {
            line++;
            position = 1;
        }
    }
}

/* What libcyaml says of a value of the wrong kind, in words of this manual instead of its parser's. */
static void explain_kind(complaint *c)
{
    static const struct {
        const char *event, *plain;
    } kinds[] = {{"MAPPING", "keys with values (key: value)"}, {"SEQUENCE", "a list"}, {"SCALAR", "a single value"},
                 {"STRING", "a single value"}};
    const char *found = strstr(c->message, ", got event: "), *wanted = c->message + strlen("Expecting ");
    const char *expected = NULL, *got = NULL;

    if (!found || strncmp(c->message, "Expecting ", strlen("Expecting ")) != 0)
        return;
    found += strlen(", got event: ");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!expected && strncmp(wanted, kinds[i].event, strlen(kinds[i].event)) == 0)
            expected = kinds[i].plain;
        if (!got && strncmp(found, kinds[i].event, strlen(kinds[i].event)) == 0)
            got = kinds[i].plain;
    }
    if (expected && got)
        snprintf(c->message, sizeof c->message, "%s must stand here, not %s", expected, got);
}

vmap_status document_parse(const char *name, const char *text, size_t n,
                       const cyaml_schema_value_t *schema, void *data, vmap_error *err)
{
    complaint c = {.message = ""};
    cyaml_config_t settings = config(&c);
    cyaml_data_t *loaded = NULL;
    cyaml_err_t failed =
        cyaml_load_data((const uint8_t *)text, n, &settings, schema, &loaded, NULL);

    if (failed || !loaded) {
        find_key(&c, text, n);
        explain_kind(&c);
        vmap_error_set(err, failed == CYAML_ERR_OOM ? VMAP_ENOMEM : VMAP_EPARSE, "%s",
                       c.message[0] ? c.message
                       : failed     ? cyaml_strerror(failed)
                                    : "the file is empty");
        vmap_error_place(err, name, c.line, c.position, NULL);
        return failed == CYAML_ERR_OOM ? VMAP_ENOMEM : VMAP_EPARSE;
    }
    memcpy(data, &loaded, sizeof loaded);
    return VMAP_SUCCESS;
}

vmap_status document_load(const char *path, const cyaml_schema_value_t *schema, void *data,
                      vmap_error *err)
{
    char *text = NULL;
    size_t n = 0;
    vmap_status status = file_read(path, &text, &n, err);

    if (!status)
        status = document_parse(path, text, n, schema, data, err);
    free(text);
    return status;
}

void document_free(const cyaml_schema_value_t *schema, void *data)
{
    cyaml_config_t settings = config(NULL);

    settings.log_fn = NULL;
    cyaml_free(&settings, schema, data, 0);
}
