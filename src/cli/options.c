#include <config.h>
#include "cli/options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

bool word_list_add(word_list *list, const char *word, size_t n)
{
    char **more = reallocarray(list->words, list->count + 1, sizeof *more);

    if (!more)
        return false;
    list->words = more;
    more[list->count] = text_copy(word, n);
    if (!more[list->count])
        return false;
    list->count++;
    return true;
}

bool word_list_split(word_list *list, const char *text)
{
    for (;;) {
        size_t n = strcspn(text, ",");

        if (n && !word_list_add(list, text, n))
            return false;
        if (!text[n])
            return true;
        text += n + 1;
    }
}

void word_list_free(word_list *list)
{
    for (unsigned i = 0; i < list->count; i++)
        free(list->words[i]);
    free(list->words);
    *list = (word_list){0};
}

static vmap_status no_memory(vmap_error *err)
{
    return vmap_error_set(err, VMAP_ENOMEM, "no memory for the options");
}

static vmap_status unknown(const option_spec *specs, const char *word, vmap_error *err)
{
    const char *names[64], *nearest;
    size_t count = 0;

    for (const option_spec *s = specs; s->name && count < 64; s++)
        names[count++] = s->name;
    nearest = text_nearest(word, names, count);
    return vmap_error_set(err, VMAP_EINVAL, "there is no option --%s%s%s%s", word,
                          nearest ? "; did you mean --" : "", nearest ? nearest : "",
                          nearest ? "?" : "");
}

static vmap_status store_number(const option_spec *spec, const char *value, void *at,
                                vmap_error *err)
{
    double x;
    bool whole = spec->kind == OPTION_COUNT;

    if (!text_number(value, strlen(value), '.', &x) || (whole && x != floor(x)) ||
        x < spec->least || x > spec->most)
        return vmap_error_set(err, VMAP_EINVAL, "option --%s: '%s' is not a %snumber in %.15g..%.15g",
                              spec->name, value, whole ? "whole " : "", spec->least, spec->most);
    if (whole)
        *(int *)at = (int)x;
    else
        *(double *)at = x;
    return VMAP_SUCCESS;
}

static vmap_status no_word(const option_spec *spec, vmap_error *err)
{
    return vmap_error_set(err, VMAP_EINVAL, "option --%s needs a word, not nothing", spec->name);
}

/* A list without words, as an unset variable of a shell gives it, must not pass for no option. */
static vmap_status store_list(const option_spec *spec, const char *value, word_list *list,
                              vmap_error *err)
{
    unsigned before = list->count;

    if (!word_list_split(list, value))
        return no_memory(err);
    return list->count > before ? VMAP_SUCCESS : no_word(spec, err);
}

/* How files are read: options of many commands that take one of a few words, whatever the command makes of them. */
static const struct {
    const char *name, *words[5];
} closed[] = {{"delimiter", {",", ";", "tab", "|"}}, {"decimal", {".", ","}}, {"text", {"error", "missing"}},
              {"answers", {"codes", "text"}},        {"layout", {"wide", "long"}}};

static vmap_status check_words(const option_spec *spec, const char *value, vmap_error *err)
{
    char known[64] = "";
    size_t i = 0;

    while (i < sizeof closed / sizeof *closed && strcmp(closed[i].name, spec->name) != 0)
        i++;
    if (spec->kind != OPTION_WORD || i == sizeof closed / sizeof *closed)
        return VMAP_SUCCESS;
    for (const char *const *word = closed[i].words; *word; word++) {
        if (strcmp(*word, value) == 0)
            return VMAP_SUCCESS;
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s'%s'", *known ? ", " : "", *word);
    }
    return vmap_error_set(err, VMAP_EINVAL, "option --%s: '%s' is not allowed; it is one of %s", spec->name, value, known);
}

static vmap_status store_text(const option_spec *spec, const char *value, char **at, vmap_error *err)
{
    vmap_status status = *value ? check_words(spec, value, err) : no_word(spec, err);

    if (status)
        return status;
    free(*at);
    *at = text_copy(value, strlen(value));
    return *at ? VMAP_SUCCESS : no_memory(err);
}

static vmap_status store(const option_spec *spec, const char *value, void *settings, vmap_error *err)
{
    void *at = (char *)settings + spec->offset;

    switch (spec->kind) {
    case OPTION_FLAG:
        *(bool *)at = true;
        return VMAP_SUCCESS;
    case OPTION_TEXT:
    case OPTION_WORD:
        return store_text(spec, value, at, err);
    case OPTION_LIST:
        return store_list(spec, value, at, err);
    case OPTION_TEXTS:
        if (!*value)
            return no_word(spec, err);
        return word_list_add(at, value, strlen(value)) ? VMAP_SUCCESS : no_memory(err);
    case OPTION_COUNT:
    case OPTION_REAL:
        return store_number(spec, value, at, err);
    case OPTION_END:
        break;
    }
    return VMAP_SUCCESS;
}

static const option_spec *find_long(const option_spec *specs, const char *word, size_t n)
{
    for (; specs->name; specs++) {
        if (strlen(specs->name) == n && strncmp(specs->name, word, n) == 0)
            return specs;
    }
    return NULL;
}

static const option_spec *find_letter(const option_spec *specs, char letter)
{
    for (; specs->name; specs++) {
        if (specs->letter == letter)
            return specs;
    }
    return NULL;
}

/* One option at argv[*i]; moves *i over a value that stands apart. */
static vmap_status take_option(const option_spec *specs, int argc, char **argv, int *i,
                               void *settings, vmap_error *err)
{
    const char *word = argv[*i], *value = NULL;
    const option_spec *spec;

    if (word[1] == '-') {
        size_t n = strcspn(word + 2, "=");
        char name[64];

        spec = find_long(specs, word + 2, n);
        if (!spec) {
            text_clean(name, sizeof name, word + 2);
            name[strcspn(name, "=")] = '\0';
            return unknown(specs, name, err);
        }
        value = word[2 + n] == '=' ? word + 3 + n : NULL;
        if (value && spec->kind == OPTION_FLAG)
            return vmap_error_set(err, VMAP_EINVAL, "option --%s takes no value", spec->name);
    } else {
        spec = find_letter(specs, word[1]);
        if (!spec)
            return vmap_error_set(err, VMAP_EINVAL, "there is no option -%c", word[1]);
        value = word[2] ? word + 2 : NULL;
        if (value && spec->kind == OPTION_FLAG)
            return vmap_error_set(err, VMAP_EINVAL, "option -%c takes no value", word[1]);
    }
    if (spec->kind == OPTION_FLAG)
        return store(spec, "", settings, err);
    if (!value && *i + 1 >= argc)
        return vmap_error_set(err, VMAP_EINVAL, "option --%s needs a value: %s", spec->name,
                              spec->argument);
    return store(spec, value ? value : argv[++*i], settings, err);
}

vmap_status options_parse(const option_spec *specs, int argc, char **argv, void *settings,
                          word_list *operands, bool *help, vmap_error *err)
{
    bool only_operands = false;
    vmap_status status = VMAP_SUCCESS;

    for (int i = 1; !status && i < argc; i++) {
        const char *word = argv[i];

        if (only_operands || word[0] != '-' || !word[1]) {
            if (!word_list_add(operands, word, strlen(word)))
                status = no_memory(err);
        } else if (strcmp(word, "--") == 0) {
            only_operands = true;
        } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            *help = true;
            return VMAP_SUCCESS;
        } else {
            status = take_option(specs, argc, argv, &i, settings, err);
        }
    }
    return status;
}

void options_free(const option_spec *specs, void *settings)
{
    for (; specs->name; specs++) {
        void *at = (char *)settings + specs->offset;

        if (specs->kind == OPTION_TEXT || specs->kind == OPTION_WORD) {
            free(*(char **)at);
            *(char **)at = NULL;
        } else if (specs->kind == OPTION_LIST || specs->kind == OPTION_TEXTS) {
            word_list_free(at);
        }
    }
}
