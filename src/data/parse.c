#include <config.h>
#include "valuemap/parse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/text.h"
#include "data/parse.h"
#include "data/reader_internal.h"

enum { DIGITS_MAX = 9, DEPTH_MAX = 2 };

typedef struct {
    answer_lookup *lookup;
    const void *context;
    int depth; /* of JSON in JSON */
} parser;

static vmap_reason parse_text(const parser *p, const char *text, size_t n, double *value);

/* ---- what stands around an answer ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void trim(const char **s, size_t *n)
{
    while (*n && is_space(**s))
        ++*s, --*n;
    while (*n && is_space((*s)[*n - 1]))
        --*n;
}

/* Take off ``` fences with the word that may follow the first. */
static bool strip_fence(const char **s, size_t *n)
{
    const char *line;

    if (*n < 7 || memcmp(*s, "```", 3) != 0 || memcmp(*s + *n - 3, "```", 3) != 0)
        return false;
    line = memchr(*s, '\n', *n - 3);
    if (!line)
        line = *s + 2;
    *n -= (size_t)(line + 1 - *s) + 3;
    *s = line + 1;
    return true;
}

/* Take off one pair of quotes or marks of emphasis. */
static bool strip_pair(const char **s, size_t *n)
{
    static const char *const pairs[][2] = {{"**", "**"},
                                           {"\"", "\""},
                                           {"'", "'"},
                                           {"`", "`"},
                                           {"*", "*"},
                                           {"_", "_"},
                                           {"\xE2\x80\x9C", "\xE2\x80\x9D"},
                                           {"\xE2\x80\x98", "\xE2\x80\x99"},
                                           {"\xC2\xAB", "\xC2\xBB"},
                                           {"\xE2\x80\x9E", "\xE2\x80\x9C"}};

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t a = strlen(pairs[i][0]), b = strlen(pairs[i][1]);

        if (*n > a + b && memcmp(*s, pairs[i][0], a) == 0 && memcmp(*s + *n - b, pairs[i][1], b) == 0) {
            *s += a;
            *n -= a + b;
            return true;
        }
    }
    return false;
}

static void unwrap(const char **s, size_t *n)
{
    trim(s, n);
    while (strip_fence(s, n) || strip_pair(s, n))
        trim(s, n);
}

/* ---- numbers ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The whole number that s[0..n) begins with; returns its length, 0 when there is none. */
static size_t leading_number(const char *s, size_t n, double *value)
{
    size_t i = n && (s[0] == '-' || s[0] == '+'), digits = i;

    while (i < n && is_digit(s[i]))
        i++;
    return i > digits && i - digits <= DIGITS_MAX && text_number(s, i, '.', value) ? i : 0;
}

/* Length of a punctuation mark at s; 0 when there is none. */
static size_t punctuation(const char *s, size_t n)
{
    static const char *const wide[] = {"\xE2\x80\x93", "\xE2\x80\x94", "\xEF\xBC\x8E", "\xE3\x80\x82",
                                       "\xE3\x80\x81", "\xEF\xBC\x9A", "\xEF\xBC\x8C", "\xEF\xBC\x89"};

    if (n && strchr(".,:;!?)]}-(/", *s) && *s)
        return 1;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        if (n >= 3 && memcmp(s, wide[i], 3) == 0)
            return 3;
    }
    return 0;
}

/* ---- labels ---- */

static bool look_up(const parser *p, const char *text, size_t n, double *value, vmap_reason *why)
{
    char *folded = text_fold(text, n);
    size_t length = folded ? strlen(folded) : 0;
    bool found = folded && p->lookup(p->context, folded, value, why);

    if (folded && !found && length && (folded[length - 1] == '.' || folded[length - 1] == '!')) {
        folded[length - 1] = '\0';
        found = p->lookup(p->context, folded, value, why);
    }
    free(folded);
    return found;
}

/* ---- the forms ---- */

/* "7. I think so" */
static vmap_reason parse_leading(const parser *p, const char *s, size_t n, double *value)
{
    double number, other = NAN;
    vmap_reason why = VMAP_PRESENT;
    size_t i = leading_number(s, n, &number), mark, blanks = 0;

    if (!i)
        return VMAP_UNPARSABLE;
    while (i + blanks < n && (s[i + blanks] == ' ' || s[i + blanks] == '\t'))
        blanks++;
    i += blanks;
    mark = punctuation(s + i, n - i);
    if (!mark && !(i < n && (s[i] == '\n' || s[i] == '\r')))
        return VMAP_UNPARSABLE;
    i += mark;
    s += i, n -= i;
    trim(&s, &n);
    if (n && is_digit(*s))
        return VMAP_UNPARSABLE; /* 7.5, 7-8, 7/10, 1, 2 */
    if (n && s[n - 1] == ')' && !memchr(s, '(', n))
        n--; /* 7 (agree) */
    if (n && look_up(p, s, n, &other, &why) && (why != VMAP_PRESENT || other != number))
        return VMAP_UNPARSABLE; /* it contradicts itself */
    *value = number;
    return VMAP_PRESENT;
}

static vmap_reason parse_field(const parser *p, const json_t *field, double *value)
{
    parser deeper = *p;

    deeper.depth++;
    if (json_is_integer(field)) {
        *value = (double)json_integer_value(field);
        return VMAP_PRESENT;
    }
    if (json_is_real(field)) {
        *value = json_real_value(field);
        return *value == floor(*value) ? VMAP_PRESENT : VMAP_OUT_OF_RANGE;
    }
    if (json_is_string(field))
        return parse_text(&deeper, json_string_value(field), json_string_length(field), value);
    return json_is_null(field) ? VMAP_BLANK : VMAP_UNPARSABLE;
}

/* {"answer": 7} */
static vmap_reason parse_object(const parser *p, const char *s, size_t n, double *value)
{
    static const char *const fields[] = {"answer", "value", "code", "response", "rating", "score", "choice",
                                         "option"};
    json_t *object = json_loadb(s, n, JSON_REJECT_DUPLICATES, NULL), *field = NULL, *refusal;
    vmap_reason why = VMAP_UNPARSABLE;
    size_t found = 0;

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        json_t *here = json_object_get(object, fields[i]);

        field = here ? here : field;
        found += here != NULL;
    }
    refusal = json_object_get(object, "refusal");
    if (refusal && !json_is_null(refusal))
        why = VMAP_REFUSED;
    else if (found == 1)
        why = parse_field(p, field, value);
    json_decref(object);
    return why;
}

static vmap_reason parse_text(const parser *p, const char *text, size_t n, double *value)
{
    vmap_reason why = VMAP_PRESENT;
    double number;

    *value = NAN;
    unwrap(&text, &n);
    if (n == 0)
        return VMAP_BLANK;
    if (text[0] == '{')
        return p->depth < DEPTH_MAX ? parse_object(p, text, n, value) : VMAP_UNPARSABLE;
    if (leading_number(text, n, &number) == n) {
        *value = number;
        return VMAP_PRESENT;
    }
    if (look_up(p, text, n, &number, &why)) {
        *value = why == VMAP_PRESENT ? number : NAN;
        return why;
    }
    why = parse_leading(p, text, n, value);
    if (why != VMAP_UNPARSABLE || !text_number(text, n, '.', &number))
        return why;
    *value = number; /* 2.0, as pandas writes a code in a column with gaps, is a code; 2.5 and 2e0 are none */
    return number == floor(number) && !memchr(text, 'e', n) && !memchr(text, 'E', n) ? VMAP_PRESENT : VMAP_OUT_OF_RANGE;
}

vmap_reason answer_parse(const char *text, size_t n, answer_lookup *lookup, const void *context, double *value)
{
    parser p = {.lookup = lookup, .context = context};

    return parse_text(&p, text, n, value);
}

/* ---- with rules ---- */

static bool is_valid(const vmap_answer_rules *rules, double value)
{
    for (size_t i = 0; i < rules->ranges_count; i++) {
        if (value >= rules->ranges[i].low && value <= rules->ranges[i].high)
            return true;
    }
    return !rules->ranges;
}

/* A text that two codes share is no label. */
static bool find_word(const void *context, const char *folded, double *value, vmap_reason *why)
{
    const vmap_answer_rules *rules = context;
    const vmap_word *found = NULL;

    for (size_t i = 0; i < rules->words_count; i++) {
        const vmap_word *word = &rules->words[i];
        char *text = text_fold(word->text, strlen(word->text));
        bool same = text && strcmp(text, folded) == 0;

        free(text);
        if (same && found && (found->value != word->value || found->why != word->why))
            return false;
        found = same ? word : found;
    }
    if (!found)
        return reader_phrase(folded, why);
    *value = found->value;
    *why = found->why;
    return true;
}

vmap_reason vmap_answer_parse(const vmap_answer_rules *rules, const char *text, size_t n, double *value)
{
    vmap_reason why = answer_parse(text, n, find_word, rules, value);

    return why == VMAP_PRESENT && !is_valid(rules, *value) ? VMAP_OUT_OF_RANGE : why;
}
